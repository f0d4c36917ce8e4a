"""`dlkit.submit()`: handing in from the notebook itself, with the report in place.

It does what `dlkit submit` does, in a process of its own. The file on disk is what is handed in, so JupyterLab is
asked to save first; where nothing does, and the file is not what was run, nothing is handed in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from html import escape
from pathlib import Path
from typing import Any

from dlkit.check.table import COLOURS, MARKS
from dlkit.grading.report import BLANK

__all__ = ["hand_in", "notebook_here", "report_html", "stale", "untouched"]

SAVE = "if (Date.now() < %d) window.jupyterapp?.commands.execute('docmanager:save')"
SAVE_SECONDS = 3.0
GIVE_UP = 600.0


def hand_in(path: str | Path | None = None) -> None:
    """Hand in the notebook that this is called in (or the one at `path`) and show the report."""
    if os.environ.get("NBGRADER_EXECUTION"):
        return  # a grader runs every cell; this one is the learner's
    found = Path(path) if path is not None else notebook_here()
    if found is None:
        print("Nothing was handed in: this is not run from a notebook in JupyterLab. In a terminal: dlkit submit UNIT")
        return
    if any((folder / "nbgrader_config.py").is_file() for folder in found.resolve().parents[2:3]):
        print("Nothing was handed in: this is the course's own copy. `dlkit start` gives you yours.")
        return
    saved = _ask_to_save(found)
    differing = [] if saved else stale(found, _cells_run())
    if differing:
        print(
            f"Nothing was handed in: the saved notebook is not what you ran ({', '.join(differing)}). Save it "
            "(Ctrl+S or Cmd+S), run what you changed, then run this cell again."
        )
        return
    if untouched(found):
        print("Nothing was handed in: no exercise is answered yet.")
        return
    _show(found)


def notebook_here() -> Path | None:
    """The notebook whose kernel this is, as Jupyter's server or VS Code name it; None elsewhere."""
    shell = _shell()
    named = os.environ.get("JPY_SESSION_NAME") or (shell.user_ns.get("__vsc_ipynb_file__") if shell else None)
    path = Path(named) if named else None
    return path if shell and path and path.suffix == ".ipynb" and path.is_file() else None


def _shell() -> Any:
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def _cells_run() -> list[str]:
    shell = _shell()
    return list(shell.user_ns.get("In", ())) if shell else []


def _ask_to_save(path: Path) -> bool:
    """Ask JupyterLab to save; whether the file was written anew.

    The request is among the outputs that are saved, and is shown again whenever the notebook is opened: so it expires.
    """
    from IPython.display import Javascript, clear_output, display

    before = path.stat().st_mtime_ns
    display(Javascript(SAVE % ((time.time() + SAVE_SECONDS) * 1000)))
    end = time.monotonic() + SAVE_SECONDS
    while time.monotonic() < end:
        time.sleep(0.05)
        if path.stat().st_mtime_ns != before and _is_whole(path):
            break
    clear_output()
    return path.stat().st_mtime_ns != before


def _is_whole(path: Path) -> bool:
    """Whether the file is a notebook from beginning to end: Jupyter's server writes it in place."""
    try:
        return "cells" in json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False


def stale(path: Path, cells_run: list[str]) -> list[str]:
    """The functions whose definition in the file is not the one that was run last."""
    from dlkit.course.inline import defined_names

    last: dict[str, str] = {}
    for source in cells_run:
        try:
            last |= dict.fromkeys(defined_names(source), source.strip())
        except SyntaxError:
            continue
    found: list[str] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
            source = "".join(cell["source"]).strip()
            try:
                names = defined_names(source)
            except SyntaxError:
                continue
            found += sorted(name for name in names if last.get(name, source) != source)
    return found


def untouched(path: Path) -> bool:
    """Whether every answer is still the release's: "Run all" hands no such notebook in."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    answers = ["".join(cell["source"]) for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    return all("raise NotImplementedError" in answer or answer.strip() in ("", BLANK) for answer in answers)


def _show(path: Path) -> None:
    from IPython.display import HTML, clear_output, display

    print("Handing in: the hidden checks run now …")
    command = [sys.executable, "-m", "dlkit.cli", "submit", str(path), "--json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=GIVE_UP, check=False)
    except subprocess.TimeoutExpired:
        print("The grader took too long and was stopped. `dlkit submit` in a terminal shows what it does.")
        return
    clear_output()
    if not done.stdout.strip():
        print(done.stderr.strip() or "The grader gave no answer.")
        return
    report = json.loads(done.stdout.splitlines()[-1])
    display(HTML(report_html(report, path)))


def report_html(report: dict[str, Any], path: Path) -> str:
    """The report of `dlkit submit --json`, to be shown below a cell of the notebook at `path`."""
    if report["error"]:
        return f"<p><strong>Not graded.</strong> {escape(report['error'])}</p>"
    places = _places(path)
    tried = [e for e in report["exercises"] if e["status"] != "not_attempted"]
    idle = len(report["exercises"]) - len(tried)
    rows = "".join(_row(exercise, f"{path.name}#cell-id={places.get(exercise['id'], '')}") for exercise in tried)
    full = path.parent.parent / "feedback" / f"{report['unit']}.html"
    parts = [
        f"<strong>{escape(report['unit'])} · {report['points']:g} of {report['max_points']:g} points</strong>",
        f'<table style="border-collapse:collapse;margin:.4em 0;font-size:inherit"><tbody>{rows}</tbody></table>',
        f"<div>{idle} not attempted.</div>" if idle else "",
        f"<div>{_written(report)}</div>" if _written(report) else "",
        f'<div><a href="../feedback/{escape(full.name)}">Full feedback</a></div>' if full.is_file() else "",
    ]
    return f'<div style="max-width:60em">{"".join(parts)}</div>'


def _places(path: Path) -> dict[str, str]:
    """The id of the cell that states each exercise."""
    places: dict[str, str] = {}
    text = ""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        grader = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown" and not grader:
            text = cell.get("id", "")
        elif grader.get("grade"):
            places[grader["grade_id"].removesuffix("-check")] = text
    return places


def _written(report: dict[str, Any]) -> str:
    waiting = sum(item["status"] == "written" for item in report["manual"])
    return f"{waiting} of {len(report['manual'])} written answers wait for a person." if waiting else ""


def _row(exercise: dict[str, Any], place: str) -> str:
    id, status = escape(exercise["id"]), exercise["status"]
    wrong = [check for check in exercise["checks"] if check["status"] in ("failed", "error")]
    said = list(dict.fromkeys(check["mistake"] for check in wrong if check["mistake"]))
    words = "".join(f"<div>{escape(sentence)}</div>" for sentence in said)
    if wrong:
        names = "; ".join(check["name"] + (" (hidden)" if check["hidden"] else "") for check in wrong)
        first = "" if said else f"<div>{escape(wrong[0]['message'].partition(chr(10))[0])}</div>"
        link = f'<a href="{escape(place)}">Read the statement again.</a>'
        words = f'<div style="opacity:.75">fails: {escape(names)}</div>{first}{words}<div>{link}</div>'
    cell = "text-align:left;vertical-align:top;padding:.15em .6em;border:0"
    mark = f'<span style="color:{COLOURS[status]};font-weight:bold">{MARKS[status]}</span>'
    points = f"{exercise['points']:g} / {exercise['max_points']:g}"
    return (
        f'<tr style="background:none"><td style="{cell}">{mark}</td><td style="{cell}"><code>{id}</code></td>'
        f'<td style="{cell};white-space:nowrap">{points}</td><td style="{cell}">{words}</td></tr>'
    )
