"""`dlkit watch`: on every save, the exercises whose answers changed are checked and their tables shown.

One loop looks at the files and serves the keys; a thread follows the process that runs the cells. A save while a check
runs ends that check: it was of an answer that is gone.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from dlkit.check.result import ExerciseResult
from dlkit.check.table import text as table
from dlkit.course.errors import UserError
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from dlkit.grading.fresh import Halted, Warm
from dlkit.grading.practice import narrowed, practise
from dlkit.grading.report import Report, collect, print_report
from dlkit.study.guide import Guide
from dlkit.study.review import copy_of
from dlkit.study.saves import Save, Saves

if TYPE_CHECKING:  # nbformat is imported by dlkit.grading, which keeps it from loading what takes a second
    from nbformat import NotebookNode

__all__ = ["Watch"]

KEYS = "h hint · n next · c check all of the unit · q quit"
LOOK = 0.1
LONG = 2.0
MANY = 4
"""When more exercises than this changed at once, each gets a line or two and not a table."""
STYLES = {"✓": "green", "✗": "red", "!": "yellow", "○": "dim"}


@dataclass
class _Checking:
    """A check that is on."""

    save: Save
    task: asyncio.Task[Report]
    begun: float = field(default_factory=time.monotonic)
    told: bool = False

    def newly_long(self) -> bool:
        """Whether it takes long, said once."""
        long = not self.told and not self.task.done() and time.monotonic() - self.begun > LONG
        self.told = self.told or long
        return long


class Watch:
    """A watch over the learner's notebooks of some units. `keys`: whether there is somebody to press them."""

    def __init__(self, home: Workspace, units: list[Unit], student: str, console: Console, keys: bool) -> None:
        self._home, self._units, self._student, self._console, self._keys = home, units, student, console, keys
        self._guide = Guide(home, units, console)
        self._mine = {unit.name: Saves(unit, home.notebook(unit)) for unit in units}
        self._saves = [*self._mine.values(), *(Saves(unit, copy_of(home, unit)) for unit in units)]
        self._todo: dict[Path, Save] = {}
        self._checking: _Checking | None = None
        self._hanging: dict[str, str] = {}
        self._warm = Warm()
        self._over = asyncio.Event()

    async def follow(self) -> None:
        """Watch until `stop`."""
        over = asyncio.ensure_future(self._over.wait())
        try:
            self._look()
            self._greet()
            while not over.done():
                if self._todo and not self._checking:
                    self._begin(next(iter(self._todo.values())))
                waiting = {over, self._checking.task} if self._checking else {over}
                await asyncio.wait(waiting, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
                self._look()
                self._finish()
        finally:
            over.cancel()
            self._warm.close()
            if self._checking:
                await asyncio.wait({self._checking.task})
                self._checking.task.exception()

    def stop(self) -> None:
        """End the watch, and a check that is on."""
        self._over.set()

    def press(self, key: str) -> None:
        """Do what a key stands for."""
        with self._telling():
            match key.lower():
                case "h":
                    self._guide.hint()
                case "n":
                    self._guide.next()
                case "c":
                    self._hanging.clear()  # a slow moment of the machine may have been to blame
                    self._want(self._mine[self._guide.unit.name].read())
                case "q":
                    self.stop()

    def _greet(self) -> None:
        what = self._units[0].name if len(self._units) == 1 else f"{len(self._units)} units"
        line = f"Watching {what} in {self._home.folder}. Save a notebook, and what changed in it is checked here."
        self._console.print(line, soft_wrap=True, markup=False)
        self._guide.next()
        if self._home.journal.notice:
            self._tell(self._home.journal.notice)
        self._offer()
        self._warm.prepare(_modules(self._guide.unit))

    def _offer(self) -> None:
        if self._keys:
            self._console.print(f"\n[dim]{KEYS}[/]")

    def _tell(self, line: str) -> None:
        self._console.print(Text(line, "yellow"), soft_wrap=True)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What goes wrong is told, and the watch goes on."""
        try:
            yield
        except UserError as error:
            self._tell(str(error))

    # --- what is to be checked ---

    def _look(self) -> None:
        for saves in self._saves:
            found = saves.look()
            if isinstance(found, Save):
                self._want(found)
            elif found:
                self._tell(found)

    def _want(self, save: Save) -> None:
        """Take a save up, with the exercises that an older one of the notebook still asks for."""
        if save.path in self._todo:
            changed = {*save.changed, *self._todo[save.path].changed}
            save = replace(save, changed=tuple(id for id in save.exercises if id in changed))
        self._todo[save.path] = save
        if self._checking and self._checking.save.path == save.path:
            self._warm.halt()

    # --- checking ---

    def _begin(self, save: Save) -> None:
        self._warm.prepare(_modules(save.unit))
        self._checking = _Checking(save, asyncio.create_task(asyncio.to_thread(self._run, save)))

    def _run(self, save: Save) -> Report:
        """In a thread: run what these exercises need, less the cells that are known to hang or to crash."""
        done = practise(narrowed(save.notebook, save.changed), self._warm, self._hanging)
        self._hanging |= {cell.source: error for cell in done.cells if (error := _fatal(cell))}
        return collect(done, save.unit.name, self._student)

    def _finish(self) -> None:
        """Show what a check found, once it is done. One that was ended leaves its exercises to be checked."""
        checking = self._checking
        if not checking or not checking.task.done():
            if checking and checking.newly_long():
                names = ", ".join(checking.save.changed[:MANY])
                self._tell(f"Checking {names} takes long. An endless loop is stopped soon; a new save starts over.")
            return
        save, self._checking = checking.save, None
        try:
            report = checking.task.result()
        except Halted:
            return
        except OSError as error:
            self._tell(f"The check could not run: {error.strerror or error}. Save again to try once more.")
        else:
            if self._todo[save.path] is save:
                self._show(save, report)
        if self._todo[save.path] is save:
            del self._todo[save.path]

    def _show(self, save: Save, report: Report) -> None:
        self._console.print()
        what = f"{report.unit}, review" if save.review else report.unit
        self._console.rule(f"{what} · {datetime.now():%H:%M:%S}", align="left", style="dim")
        if len(save.changed) > MANY:
            hidden = "" if save.review else f"`dlkit submit {save.unit.topic}` runs the hidden checks too."
            print_report(report, self._console, hidden)
        else:
            for exercise in report.exercises:
                _print_table(exercise, self._console)
        with self._telling():
            self._home.journal.add("review" if save.review else "check", report.to_json())
        with self._telling():
            self._guide.see(save.unit, report)
        self._offer()
        with suppress(OSError):  # then the next check says so
            self._warm.prepare(_modules(save.unit))


def _modules(unit: Unit) -> tuple[str, ...]:
    """What the checks of a unit import beside numpy, some of it only where an answer is wrong."""
    return "numpy.random", f"dlkit.reference.{unit.topic}", f"dlkit.mistakes.{unit.topic}"


def _fatal(cell: NotebookNode) -> str:
    """The error of a learner's cell that ran without end or took its process with it, or ""."""
    if cell.metadata.dlkit.role in ("solve", "added"):
        for output in cell.outputs:
            if output.output_type == "error" and output.ename in ("TimeUp", "Stopped"):
                return f"{output.ename}: {output.evalue}"
    return ""


def _print_table(result: ExerciseResult, console: Console) -> None:
    """The table of the check cell, in colours, and as narrow as the terminal."""
    told = ["", *(check.message for check in result.checks)]
    checks = (  # one error may be the end of every check
        replace(check, message="") if check.message == before else check
        for check, before in zip(result.checks, told, strict=False)
    )
    head, *lines = table(replace(result, checks=tuple(checks))).splitlines()
    id, points = head.rsplit("  ", 1) if console.width > len(head) else (re.sub(" +", " ", head), "")
    console.print(Text(f"{id}  {points}".rstrip(), "bold"))
    for line in lines:
        text = line.lstrip()
        mark = text[:1] if len(line) - len(text) == 1 else ""
        console.print(Padding(Text(text, STYLES.get(mark, "")), (0, 0, 0, len(line) - len(text))))
