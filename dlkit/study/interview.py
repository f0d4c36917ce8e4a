"""A mock interview as it is kept: its plan, what came of each item so far, and the time that it has taken.

<workspace>/interview/<began>/sigmoid.py   the answers to coding exercises, the learner's own
<workspace>/interview/<began>/report.md    what came of it
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from dlkit.course.errors import UserError
from dlkit.course.files import writing
from dlkit.study.plan import Candidate, Slot, draw_plan

__all__ = ["Clock", "Interview", "Record", "read_interview"]

TYPES: dict[Any, Any] = {
    "str": str, "str | None": str | None, "int": int, "float": int | float, "float | None": int | float | None,
    "bool": bool, "list[str]": list, "list[tuple[str, str]]": list,
}  # fmt: skip


class Clock:
    """The seconds that an interview has taken: it runs while there is one, and begins where the last one stood."""

    def __init__(self, spent: float = 0.0, tick: Callable[[], float] = time.monotonic) -> None:
        self._tick = tick
        self._zero = tick() - spent

    @property
    def spent(self) -> float:
        return self._tick() - self._zero


@dataclass
class Record:
    """What came of one item that was asked.

    started: where the clock stood. typed: the answer to a question, None before there is one; begun: the first lines of
    an answer. share: of the points, None before it is known; best: the largest of the tries so far. faults: what was
    wrong or missing. said: the follow-ups and what was answered. seconds: how long it took, None before its end.
    """

    started: float
    asked: str = ""
    typed: str | None = None
    begun: str = ""
    share: float | None = None
    late: bool = False
    tries: int = 0
    best: float = 0.0
    faults: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    seconds: float | None = None


@dataclass
class Interview:
    """`units` are the names that were asked for, none for all. The last of the records may be of an item at hand."""

    began: str
    minutes: int
    seed: int
    units: list[str]
    slots: list[Slot]
    records: list[Record] = field(default_factory=list)
    spent: float = 0.0

    @classmethod
    def begin(cls, folder: Path, found: Sequence[Candidate], minutes: int, seed: int, units: list[str]) -> Interview:
        """Draw the plan, and make a folder below this one that bears the present time."""
        slots = draw_plan(found, minutes, seed)
        if not slots:
            raise UserError(f"These units have nothing that takes no more than {minutes} minutes. Name others too.")
        began = name = f"{datetime.now():%Y-%m-%d-%H%M%S}"
        number = 1
        with writing(folder):
            while True:
                try:
                    (folder / name).mkdir(parents=True)
                    return cls(name, minutes, seed, units, slots)
                except FileExistsError:
                    number += 1
                    name = f"{began}-{number}"

    @property
    def seconds(self) -> float:
        """How long it may take."""
        return 60.0 * self.minutes

    @property
    def done(self) -> int:
        """How many items have come to their end."""
        return sum(record.seconds is not None for record in self.records)

    @property
    def over(self) -> bool:
        """All was asked, or the time is up and no item is at hand."""
        at_hand = len(self.records) > self.done
        return self.done == len(self.slots) or (self.spent >= self.seconds and not at_hand)

    def fits(self, minutes: int | None, seed: int | None, units: list[str] | None) -> bool:
        """Whether it can go on, and is what was asked for, where anything was."""
        wanted = ((minutes, self.minutes), (seed, self.seed), (units, self.units))
        return not self.over and all(want in (None, has) for want, has in wanted)

    @property
    def title(self) -> str:
        number = len(self.slots)
        about = ", ".join(self.units) or "all units"
        return f"{self.minutes} minutes, {number} {'item' if number == 1 else 'items'} on {about}, seed {self.seed}"


def read_interview(data: Any) -> Interview:
    """The interview in a file; ValueError, TypeError or KeyError where it is none."""
    slots = [_as(Slot, slot) for slot in data["slots"]]
    records = [_as(Record, record) for record in data["records"]]
    for record in records:
        record.faults = [str(fault) for fault in record.faults]
        record.said = [(str(question), str(answer)) for question, answer in record.said]
    units = [str(unit) for unit in data["units"]]
    made = Interview(str(data["began"]), int(data["minutes"]), int(data["seed"]), units, slots, records, data["spent"])
    numbers = [made.minutes, made.spent, *(slot.minutes for slot in slots), *(slot.points for slot in slots)]
    for record in records:
        numbers += [record.started, record.tries, record.best, record.share or 0.0, record.seconds or 0.0]
    if not all(0 <= number < math.inf for number in numbers):
        raise ValueError("a time or a number of points that cannot be")
    if len(records) > len(slots) or any(record.seconds is None for record in records[:-1]):
        raise ValueError("more answers than items, or one before the last that has not come to its end")
    if not made.began or Path(made.began).name != made.began:
        raise ValueError("not the name of a folder")
    return made


def _as(kind: Any, data: Any) -> Any:
    """A dataclass of plain values; TypeError where one is of another type."""
    for each in fields(kind):
        if not isinstance(data[each.name], TYPES[each.type]):
            raise TypeError(f"{each.name} is no {each.type}")
    return kind(**{each.name: data[each.name] for each in fields(kind)})
