"""Grading one submission with nbgrader's own autograder and feedback, in one kernel.

`grade(unit, student)` is the seam: whatever grades a submission takes the same arguments, leaves the same files and
rows, and returns the same report.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from dlkit.course.errors import GradebookError, UserError
from dlkit.course.units import Unit
from dlkit.grading.gradebook import course_directory, record_zero, register, run, safe
from dlkit.grading.ingest import belongs, read_notebook
from dlkit.grading.report import Report, collect

__all__ = ["feedback_of", "grade", "submission_of"]


def submission_of(unit: Unit, student: str) -> Path:
    """Where a student's notebook of a unit is handed in."""
    return unit.root / "submitted" / student / unit.name / f"{unit.name}.ipynb"


def feedback_of(unit: Unit, student: str) -> Path:
    """Where a student's feedback on a unit is written."""
    return unit.root / "feedback" / student / unit.name / f"{unit.name}.html"


def grade(unit: Unit, student: str) -> Report:
    """Grade what a student handed in: gradebook, autograded notebook, feedback, report.

    What cannot be read or run at all is a zero with a reason; UserError only where the course itself cannot be graded.
    """
    directory = course_directory(unit.root, assignment_id=unit.name, student_id=student)
    with safe(directory):
        register(unit, directory)
        try:
            path = submission_of(unit, student)
            belongs(read_notebook(path), unit, path)
            _autograde(directory, unit, student)
        except GradebookError:
            raise
        except UserError as error:
            record_zero(unit, student, directory)
            return Report(unit.name, student, error=str(error))
        done = unit.root / "autograded" / student / unit.name / f"{unit.name}.ipynb"
        report = collect(nbformat.read(done, 4), unit.name, student)
        _feedback(directory, unit)
        return report


def _autograde(directory: Any, unit: Unit, student: str) -> None:
    from nbgrader.converters import Autograde

    converter = Autograde(coursedir=directory, config=directory.config, force=True)
    run(converter, f"{unit.name} of {student} was not graded")


def _feedback(directory: Any, unit: Unit) -> None:
    from nbgrader.converters import GenerateFeedback

    run(GenerateFeedback(coursedir=directory, config=directory.config, force=True), f"no feedback for {unit.name}")
