"""`dlkit check`: the visible checks of a notebook, run in a fresh process without a Jupyter kernel.

The parent keeps the clock: a cell that hangs, exits or crashes costs itself; the process is started again without it,
so every other exercise still counts.
"""

from __future__ import annotations

import json
import linecache
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from dlkit.check.call import TimeUp, time_limit
from dlkit.check.result import ExerciseResult
from dlkit.grading.outputs import answer_outputs, check_outputs
from dlkit.grading.report import Report, collect

__all__ = ["practice", "practise"]

CELL_SECONDS = 10.0
GRACE = 5.0
RUN = ("given", "solve", "added", "check")


def practice(notebook: NotebookNode, unit: str, student: str) -> Report:
    """Run a notebook's answers and checks in a fresh process and report them."""
    return collect(practise(notebook), unit, student)


def practise(notebook: NotebookNode) -> NotebookNode:
    """Run a notebook's answers and checks in a fresh process and fill in its outputs."""
    cells = [_plain(cell) for cell in notebook.cells if cell.cell_type == "code" and _role(cell) in RUN]
    dropped: dict[str, str] = {}
    while True:
        lines, stopped = _attempt([cell for cell in cells if cell["id"] not in dropped])
        if stopped is None:
            break
        dropped[stopped[0]] = stopped[1]
    results = {line["id"]: ExerciseResult.from_mime(line["result"]) for line in lines if "result" in line}
    errors = {line["id"]: line["error"] for line in lines if line.get("error")} | dropped
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and _role(cell) in RUN:
            count += 1
            id = _plain(cell)["id"]
            cell.execution_count = count
            if id in results:
                cell.outputs = check_outputs(results[id], count)
            elif id in errors:
                name, _, text = errors[id].partition(": ")
                cell.outputs = answer_outputs("", (name, text, ""))
    return notebook


def _role(cell: NotebookNode) -> str:
    return str(cell.metadata.get("dlkit", {}).get("role", ""))


def _plain(cell: NotebookNode) -> dict[str, Any]:
    grader = cell.metadata.get("nbgrader", {})
    id = grader.get("grade_id") or cell.id
    return {"id": id, "role": _role(cell), "source": cell.source, "points": float(grader.get("points", 0))}


def _attempt(cells: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], tuple[str, str] | None]:
    """Run the cells in one process. Its lines, and the cell that stopped it with the reason, if one did."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "results")
        out.touch()
        process = subprocess.Popen(
            [sys.executable, "-m", "dlkit.grading.practice", str(out)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(cells).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass
        size, reason = -1, "Stopped: it ended its process"
        while True:
            try:
                process.wait(timeout=CELL_SECONDS + GRACE)
                break
            except subprocess.TimeoutExpired:
                if out.stat().st_size == size:
                    process.kill()
                    process.wait()
                    reason = "TimeUp: it ran without end and could not be interrupted"
                    break
                size = out.stat().st_size
        lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    begun = [line["id"] for line in lines if line.get("begin")]
    done = {line["id"] for line in lines if not line.get("begin")}
    unfinished = [id for id in begun if id not in done]
    if unfinished:
        return lines, (unfinished[-1], reason)
    return lines, None


def _main(out: Path) -> None:
    """In the fresh process: run the cells read from standard input, one JSON line when each begins and ends."""
    from IPython.core.inputtransformer2 import TransformerManager

    from dlkit.check.rules import use_sources
    from dlkit.check.session import check

    cells = json.load(sys.stdin)
    transform = TransformerManager().transform_cell
    namespace: dict[str, Any] = {"__name__": "__main__"}
    sources: list[str] = []
    with out.open("a", encoding="utf-8") as file, use_sources(sources):

        def tell(**line: Any) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()

        for cell in cells:
            tell(id=cell["id"], begin=True)
            checking = cell["role"] == "check"
            source = cell["source"].removesuffix("check.score()") if checking else transform(cell["source"])
            name = f"<{cell['id']}>"
            linecache.cache[name] = (len(source), None, source.splitlines(True), name)
            try:
                if not checking:
                    sources.append(source)
                code = compile(source, name, "exec", dont_inherit=True)
                with nullcontext() if checking else time_limit(CELL_SECONDS):  # checks keep their own clocks
                    exec(code, namespace)
            except TimeUp:
                tell(id=cell["id"], error=f"TimeUp: the cell ran for more than {CELL_SECONDS:g} seconds")
            except SyntaxError as error:
                tell(id=cell["id"], error=f"SyntaxError: {error.msg} (line {error.lineno})")
            except BaseException as error:
                tell(id=cell["id"], error=f"{type(error).__name__}: {error}")
            else:
                tell(id=cell["id"], **({"result": check.result().to_mime()} if checking else {}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
