"""Beside the tables of `dlkit watch`: the exercise that the learner is at, its hints, and what comes next."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from dlkit.course.outline import Item, outline
from dlkit.course.progress import progress_of
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from dlkit.grading.report import Report
from dlkit.study.hints import hints
from dlkit.study.welcome import up_next

__all__ = ["Guide"]

STANDING = {
    "not_attempted": "not attempted yet",
    "answered": "answered, not handed in",
    "error": "raised an error so far",
    "failed": "fell short so far",
    "passed": "passes its checks, not handed in",
}


class Guide:
    """At first the learner is where their attempts so far lead."""

    def __init__(self, home: Workspace, units: list[Unit], console: Console) -> None:
        self._home, self._units, self._console = home, units, console
        self._hinted: dict[tuple[str, str], int] = {}
        self._item: Item | None = None

    @property
    def unit(self) -> Unit:
        """The unit that the learner is in."""
        return next((unit for unit in self._units if self._item and unit.name == self._item.unit), self._units[0])

    def see(self, unit: Unit, report: Report) -> None:
        """After a check: the learner is at the first exercise that fell short, or goes on to the next."""
        short = next((exercise.id for exercise in report.exercises if exercise.status != "passed"), None)
        if short is None:
            self.next()
        else:
            self._item = next((item for item in outline(unit) if item.id == short), None)

    def next(self) -> None:
        """Name the exercise that comes next, and where it stands."""
        entries = self._home.journal.entries()
        self._item = up_next(self._units, entries)
        if self._item is None:
            self._console.print("Everything here is handed in and passed.")
            return
        item, ids = self._item, [item.id for item in outline(self.unit)]
        standing = next(each.status for each in progress_of(self.unit, entries).items if each.id == item.id)
        points = f"{item.points:g} point{'' if item.points == 1 else 's'}"
        about = " · ".join(filter(None, (item.stars, f"{item.minutes} min" if item.minutes else "", points)))
        self._console.print(Text.assemble("Next: ", (item.title, "bold"), f" {about}"))
        place = f"{ids.index(item.id) + 1} of {len(ids)} in {item.unit}"
        self._console.print(Text(f"`{item.id}`, {place}; {STANDING[standing]}", "dim"))

    def hint(self) -> None:
        """Give one more hint for the exercise that the learner is at; after the last, begin again."""
        if self._item is None:
            self._console.print("There is nothing left to hint at.")
            return
        item = self._item
        found = hints(item.statement, self._console.encoding)
        given = self._hinted.get((item.unit, item.id), 0)
        if not found:
            text = f"{item.title} comes without hints."
        elif given == len(found):
            text = f"That was the last hint for {item.title}. h shows the first again."
            given = -1
        else:
            text = f"{item.title}. {found[given]}"
        self._hinted[item.unit, item.id] = given + 1
        self._console.print(Text(text))
