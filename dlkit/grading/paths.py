"""Where a submission, its autograded notebook and its feedback stand in a course: nbgrader's folders."""

from __future__ import annotations

from pathlib import Path

from dlkit.course.units import Unit

__all__ = ["autograded_of", "feedback_of", "receipt_of", "result_of", "submission_of"]


def submission_of(unit: Unit, student: str) -> Path:
    """Where a student's notebook of a unit is handed in."""
    return unit.root / "submitted" / student / unit.name / f"{unit.name}.ipynb"


def autograded_of(unit: Unit, student: str) -> Path:
    """Where the executed notebook is written, for nbgrader's feedback and formgrader."""
    return unit.root / "autograded" / student / unit.name / f"{unit.name}.ipynb"


def receipt_of(unit: Unit, student: str) -> Path:
    """Where the time of handing in is kept, out of reach of what was handed in."""
    return unit.root / ".dlkit" / "receipts" / student / unit.name / "timestamp.txt"


def feedback_of(unit: Unit, student: str) -> Path:
    """Where a student's feedback on a unit is written."""
    return unit.root / "feedback" / student / unit.name / f"{unit.name}.html"


def result_of(root: Path, key: str) -> Path:
    """Where the outcome of one version of a submission is kept."""
    return root / ".dlkit" / "results" / key[:2] / f"{key}.json"
