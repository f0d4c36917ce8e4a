"""How far a learner has come, from the log of their attempts, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlkit.course.units import Unit

__all__ = ["Progress", "exercise_ids", "progress_of"]


@dataclass(frozen=True)
class Progress:
    """One unit: the best points handed in, the number of submissions and checks, and the next exercise."""

    unit: str
    points: float
    max_points: float
    submissions: int
    checks: int
    passed: int
    exercises: int
    next: str | None
    last: str | None

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def exercise_ids(unit: Unit) -> dict[str, float]:
    """The ids of a unit's exercises with their points, in order, from its release."""
    cells = unit.read("notebooks").cells
    graders = [cell.metadata.get("nbgrader", {}) for cell in cells if cell.cell_type == "code"]
    return {
        grader["grade_id"].removesuffix("-check"): float(grader["points"]) for grader in graders if grader.get("grade")
    }


def progress_of(unit: Unit, attempts: list[dict[str, Any]]) -> Progress:
    """The progress in one unit. An exercise counts as passed when any submission passed it, else when a check did."""
    points = exercise_ids(unit)
    mine = [attempt for attempt in attempts if attempt["unit"] == unit.name]
    submitted = [attempt for attempt in mine if attempt["kind"] == "submit"]
    handed = _passed(submitted, points)
    checked = handed | _passed(mine, points)
    todo = [id for id in points if id not in checked] or [id for id in points if id not in handed]
    return Progress(
        unit=unit.name,
        points=max((attempt["points"] for attempt in submitted), default=0.0),
        max_points=sum(points.values()),
        submissions=len(submitted),
        checks=len(mine) - len(submitted),
        passed=len(handed),
        exercises=len(points),
        next=todo[0] if todo else None,
        last=mine[-1]["time"] if mine else None,
    )


def _passed(attempts: list[dict[str, Any]], known: dict[str, float]) -> set[str]:
    return {
        id for attempt in attempts for id, (status, *_) in attempt["exercises"].items() if status == "passed"
    } & set(known)
