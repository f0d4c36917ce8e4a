"""Handing in: a learner's notebook becomes a submission in the course, whole, with the time of its receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dlkit.course.files import write_atomic
from dlkit.course.units import Unit
from dlkit.grading.paths import receipt_of, submission_of

__all__ = ["hand_in"]


def hand_in(unit: Unit, student: str, path: Path) -> None:
    """Copy the notebook to submitted/, with nbgrader's timestamp beside it, and the receipt that late rules go by."""
    there = submission_of(unit, student)
    stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
    write_atomic(there, path.read_bytes())
    write_atomic(there.with_name("timestamp.txt"), stamp)
    write_atomic(receipt_of(unit, student), stamp)
