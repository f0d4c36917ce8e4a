"""How far a learner has come, from the log of their attempts, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dlkit.course.attempts import Attempt, Outcome, attempts_in
from dlkit.course.journal import Entry
from dlkit.course.outline import outline
from dlkit.course.schedule import Recall, recalls
from dlkit.course.units import Unit

__all__ = ["Progress", "Standing", "progress_of"]

CHECKED = ("check", "watch", "review")
ASKED = ("quiz", "interview")
STATUSES = ("not_attempted", "answered", "error", "failed", "passed")


@dataclass(frozen=True)
class Standing:
    """One exercise: its best status, the best points handed in (None: never handed in), when it is due again.

    `attempts` counts the tries up to the first that passed, and each review: what is checked again along with others
    is no further try. "answered" is a question whose answer waits to be handed in, and so to be marked.
    """

    id: str
    status: str
    points: float | None
    max_points: float
    attempts: int
    passed: datetime | None
    last: datetime | None
    recall: Recall | None

    @property
    def due(self) -> datetime | None:
        """When it is to be solved again."""
        return self.recall.due if self.recall else None

    def to_json(self) -> dict[str, Any]:
        times = {"passed": self.passed, "last": self.last, "due": self.due}
        head = {key: getattr(self, key) for key in ("id", "status", "points", "max_points", "attempts")}
        return head | {key: time and time.isoformat() for key, time in times.items()}


@dataclass(frozen=True)
class Progress:
    """One unit: points handed in first and best, the number of submissions and checks, and the next exercise.

    `due`: the exercises to solve again now, most overdue first. `asked`: the concept questions that a quiz or an
    interview asked; `known`: those of them that were answered right the last time.
    """

    unit: str
    points: float
    max_points: float
    first: float | None
    best: float | None
    submissions: int
    checks: int
    passed: int
    exercises: int
    next: str | None
    last: datetime | None
    due: tuple[str, ...]
    asked: int
    known: int
    items: tuple[Standing, ...]

    def to_json(self) -> dict[str, Any]:
        items = [item.to_json() for item in self.items]
        return {**vars(self), "last": self.last and self.last.isoformat(), "due": list(self.due), "items": items}


def progress_of(unit: Unit, entries: Iterable[Entry], now: datetime | None = None) -> Progress:
    """The progress in one unit. An exercise counts as passed when any submission passed it, else when a check did."""
    now = now or datetime.now(UTC)
    points = {item.id: item.points for item in outline(unit) if item.kind != "written"}
    visits = attempts_in(unit.name, entries, now)
    handed = [attempt for attempt in visits if attempt.kind == "submit"]
    tried = [attempt for attempt in visits if attempt.kind in ("submit", *CHECKED)]
    again = recalls(visits)
    items = tuple(_standing(id, worth, tried, again.get(id)) for id, worth in points.items())
    due = sorted((item.due, item.id) for item in items if item.due and item.due <= now)
    passed = _reached(handed, "passed")
    checked = _reached(tried, "passed", "answered")
    todo = [id for id in points if id not in checked] or [id for id in points if id not in passed]
    totals = [attempt.points for attempt in handed]
    answers = {
        id: outcome.status == "passed"
        for attempt in visits
        if attempt.kind in ASKED
        for id, outcome in attempt.exercises.items()
        if id.startswith(("q-", "a-"))
    }
    return Progress(
        unit=unit.name,
        points=max(totals, default=0.0),
        max_points=sum(points.values()),
        first=totals[0] if totals else None,
        best=max(totals, default=None),
        submissions=len(handed),
        checks=len(tried) - len(handed),
        passed=len(passed & set(points)),
        exercises=len(points),
        next=todo[0] if todo else None,
        last=visits[-1].time if visits else None,
        due=tuple(id for _, id in due),
        asked=len(answers),
        known=sum(answers.values()),
        items=items,
    )


def _reached(attempts: list[Attempt], *statuses: str) -> set[str]:
    return {id for attempt in attempts for id, outcome in attempt.exercises.items() if outcome.status in statuses}


def _standing(id: str, worth: float, attempts: list[Attempt], recall: Recall | None) -> Standing:
    tries = [(attempt, attempt.exercises[id]) for attempt in attempts if _was_tried(attempt.exercises.get(id))]
    marked = [(attempt, outcome) for attempt, outcome in tries if outcome.status != "answered"]
    passes = [number for number, (_, outcome) in enumerate(marked) if outcome.status == "passed"]
    until = passes[0] if passes else len(marked)
    return Standing(
        id=id,
        status=max((outcome.status for _, outcome in tries), key=STATUSES.index, default="not_attempted"),
        points=max((outcome.points for attempt, outcome in tries if attempt.kind == "submit"), default=None),
        max_points=worth,
        attempts=sum(number <= until or attempt.kind == "review" for number, (attempt, _) in enumerate(marked)),
        passed=marked[until][0].time if passes else None,
        last=tries[-1][0].time if tries else None,
        recall=recall,
    )


def _was_tried(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status in STATUSES[1:]
