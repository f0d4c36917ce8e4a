"""The log of attempts as progress and reviews read it: one unit's, each at a moment that can be believed.

A log is plain text that outlives clocks and releases. An attempt that seems to lie before the one before it (the clock
was set back), in the future, or at no time that can be read, counts as made at the moment of the one before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dlkit.course.journal import Entry

__all__ = ["Attempt", "Outcome", "attempts_in"]


@dataclass(frozen=True)
class Outcome:
    """What came of one exercise: "passed", "answered", "failed", "error" or "not_attempted"."""

    status: str
    points: float
    max_points: float


@dataclass(frozen=True)
class Attempt:
    """One line of the log: `kind` is "submit", "check", "watch", "review", "quiz" or "interview"."""

    time: datetime
    kind: str
    points: float
    exercises: dict[str, Outcome]


def attempts_in(unit: str, entries: Iterable[Entry], now: datetime) -> list[Attempt]:
    """A unit's attempts, in the order of the log."""
    entries = list(entries)
    moments = _moments([entry["time"] for entry in entries], now)
    return [
        Attempt(
            time=moment,
            kind=entry["kind"],
            points=_number(entry["points"]),
            exercises={id: _outcome(values) for id, values in entry["exercises"].items()},
        )
        for moment, entry in zip(moments, entries, strict=True)
        if entry["unit"] == unit
    ]


def _moments(times: list[str], now: datetime) -> list[datetime]:
    read = [_moment(time) for time in times]
    last = next((time for time in read if time and time <= now), now)
    found = []
    for time in read:
        if time and last <= time <= now:
            last = time
        found.append(last)
    return found


def _moment(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _outcome(values: list[Any]) -> Outcome:
    status, points, max_points = [*values, 0, 0][:3]
    outcome = Outcome(str(status), _number(points), _number(max_points))
    if outcome.status == "passed" and outcome.points < outcome.max_points:
        # a question whose answer is only looked at on handing in: `dlkit check` knows no more than that there is one
        return Outcome("answered", 0.0, outcome.max_points)
    return outcome


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
