"""What a learner saved: which answers of a notebook changed since it was last looked at.

Looking at files again and again works the same on every system, on network drives, and with every way of saving:
JupyterLab empties the file and writes it anew, editors put another file in its place. So a notebook that is missing or
cannot be read is given some time before anything is said of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from dlkit.course.cells import role_of
from dlkit.course.errors import UserError
from dlkit.course.units import Unit
from dlkit.grading.ingest import belongs, merge, read_notebook
from dlkit.grading.practice import names_in
from dlkit.study.review import reviewed

__all__ = ["Save", "Saves"]

PATIENCE = 0.5
"""Seconds for which a file may be away or half written before somebody is told."""


@dataclass(frozen=True)
class Save:
    """A notebook as it was saved, in the course's own cells; its exercises, and those whose answers changed.

    Of a review copy, the exercises are those that were blanked in it.
    """

    unit: Unit
    path: Path
    review: bool
    notebook: NotebookNode
    exercises: tuple[str, ...]
    changed: tuple[str, ...]


class Saves:
    """One notebook of the learner's, looked at from time to time. Until it is there for the first time, all is well."""

    def __init__(self, unit: Unit, path: Path) -> None:
        self.unit, self.path = unit, path
        self.trouble = ""
        self._stamp: tuple[int, ...] | None = None
        self._since, self._settled = time.monotonic(), False
        self._answers: dict[str, str] | None = None
        self._own: frozenset[str] = frozenset()

    def look(self) -> Save | str | None:
        """What a save changed, or one line about a notebook that cannot be read or can be again; mostly None."""
        stamp = _stamp(self.path)
        if stamp != self._stamp:
            self._stamp, self._since, self._settled = stamp, time.monotonic(), False
        elif self._settled:
            return None
        if stamp is None and self._answers is None:
            return None
        try:
            if stamp is None:
                raise UserError(f"{self.path} is gone: was it renamed or deleted? Once it is back, the watch goes on.")
            save = self.read()
        except UserError as error:
            if time.monotonic() - self._since < PATIENCE:
                return None
            self._settled = True
            before, self.trouble = self.trouble, str(error)
            return self.trouble if self.trouble != before else None
        self._settled = True
        before, self.trouble = self.trouble, ""
        changed = self._changed(save.notebook)
        if changed & set(save.exercises):
            return replace(save, changed=tuple(id for id in save.exercises if id in changed))
        return f"{self.path} can be read again." if before else None

    def read(self) -> Save:
        """The notebook as it is, as if all of it had changed; UserError where it cannot be read."""
        mine = read_notebook(self.path)
        belongs(mine, self.unit, self.path)
        notebook, again = merge(self.unit.read("notebooks"), mine), reviewed(mine)
        exercises = tuple(id for id in _answers(notebook) if id in again or not again)
        return Save(self.unit, self.path, bool(again), notebook, exercises, exercises)

    def _changed(self, notebook: NotebookNode) -> set[str]:
        """The exercises whose answers changed, or whose answers use what changed in a cell of the learner's own."""
        before, own = self._answers, self._own
        self._answers = _answers(notebook)
        self._own = frozenset(cell.source for cell in notebook.cells if role_of(cell) == "added")
        if before is None:
            return set()
        names = {name for source in own ^ self._own for name in names_in(source)[0]}
        return {
            id
            for id, source in self._answers.items()
            if source != before.get(id) or any(names & used for used in names_in(source))
        }


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _answers(notebook: NotebookNode) -> dict[str, str]:
    """The source of every answer that a program checks, by the exercise's id, in order."""
    answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells if role_of(cell) == "solve"}
    checked = {cell.metadata.nbgrader.grade_id for cell in notebook.cells if role_of(cell) == "check"}
    return {id: source for id, source in answers.items() if f"{id}-check" in checked}
