"""A process of its own that runs a learner's cells, once, and ends: it imports ahead, then waits for them.

The parent keeps the clock, and reads a line as each cell begins and ends from a file that nothing a cell prints can
reach.
"""

from __future__ import annotations

import importlib
import json
import linecache
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Fresh", "Halted", "Warm"]

CELL_SECONDS = 10.0
GRACE = 5.0
LOOK = 0.004
"""Seconds between two looks at a running process: far below what a person notices, far above what a look costs."""

END = '{"end": true}\n'

Line = dict[str, Any]


class Halted(Exception):
    """The run was ended from outside: it has no result."""


class Fresh:
    """One process. `modules` are imported ahead where they can be, so that whoever waits for the cells does not."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._out = Path(self._folder.name, "results")
        self._out.touch()
        self._halted = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dlkit.grading.fresh", str(self._out), *modules],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder.name,
        )  # fmt: skip

    def __enter__(self) -> Fresh:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def run(self, cells: list[dict[str, Any]]) -> tuple[list[Line], tuple[str, str] | None]:
        """Run the cells: the lines they left, and the cell that stopped the process with the reason, if one did."""
        assert self._process.stdin is not None
        with suppress(OSError), self._process.stdin as stdin:  # it may have ended already, which is seen below
            stdin.write(json.dumps(cells).encode())
        lines, reason = self._follow()
        if self._halted:
            raise Halted
        done = {line["id"] for line in lines if not line.get("begin")}
        unfinished = [line["id"] for line in lines if line.get("begin") and line["id"] not in done]
        return lines, (unfinished[-1], reason) if unfinished else None

    def _follow(self) -> tuple[list[Line], str]:
        """The lines of the run up to its end, and what to say of a cell that did not come to its own."""
        text, moved, ended = "", time.monotonic(), False
        with self._out.open(encoding="utf-8") as file:
            while not ended and not text.endswith(END) and time.monotonic() - moved < CELL_SECONDS + GRACE:
                time.sleep(LOOK)
                ended = not self.alive
                news = file.read()
                if news:
                    text, moved = text + news, time.monotonic()
        lines = [json.loads(line) for line in text.split("\n")[:-1]]
        reason = "Stopped: it ended its process" if ended else "TimeUp: it ran without end and could not be interrupted"
        return [line for line in lines if "id" in line], reason

    def halt(self) -> None:
        """End the run, from another thread: `run` raises Halted."""
        self._halted = True
        self._process.kill()

    def close(self) -> None:
        """End the process, whatever it does, and remove its files."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()
        self._folder.cleanup()


class Warm:
    """Fresh processes for one run after another: the next one waits with everything imported."""

    def __init__(self) -> None:
        self._modules: Sequence[str] = ()
        self._next: Fresh | None = None
        self._running: Fresh | None = None
        self._halted = False
        self._lock = threading.Lock()

    def prepare(self, modules: Sequence[str]) -> None:
        """Before a run: what it will import; unless a process waits for it already, one is started."""
        self._modules, self._halted = modules, False
        if self._next is None:
            self._next = Fresh(modules)

    def __call__(self) -> Fresh:
        """In the run: the process that waits, or a new one."""
        with self._lock:
            if self._halted:
                raise Halted
            waiting, self._next = self._next, None
            if waiting and not waiting.alive:  # Ctrl-C reaches every process of a terminal
                waiting.close()
                waiting = None
            self._running = waiting or Fresh(self._modules)
            return self._running

    def halt(self) -> None:
        """End the run that is on, from another thread."""
        with self._lock:
            self._halted = True
            if self._running:
                self._running.halt()

    def close(self) -> None:
        """End every process."""
        self.halt()
        if self._next:
            self._next.close()


def _main(out: Path, modules: list[str]) -> None:
    """In the process: run the cells read from standard input, one JSON line when each begins and ends."""
    from IPython.core.inputtransformer2 import TransformerManager

    from dlkit.check.call import TimeUp, time_limit
    from dlkit.check.rules import use_sources
    from dlkit.check.session import check

    for module in modules:
        with suppress(ImportError):  # a class may be given a wheel without mistakes
            importlib.import_module(module)
    given = sys.stdin.read()
    if not given:
        return  # whoever started this has gone
    transform = TransformerManager().transform_cell
    namespace: dict[str, Any] = {"__name__": "__main__"}
    sources: list[str] = []
    with out.open("a", encoding="utf-8") as file, use_sources(sources):

        def tell(**line: Any) -> None:
            file.write(json.dumps(line) + "\n")
            file.flush()

        for cell in json.loads(given):
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
        tell(end=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2:])
