"""A teacher's own assignments, beside the course's units: by nbgrader's converters, with this course's executor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from dlkit.check.result import CheckResult, ExerciseResult, Status
from dlkit.course.errors import GradebookError, UserError
from dlkit.grading.gradebook import course_directory, run, safe
from dlkit.grading.plain import score
from dlkit.grading.report import Report

__all__ = ["grade_assignment", "is_assignment", "students_of"]


def is_assignment(root: Path, name: str) -> bool:
    """Whether the course holds an assignment of this name that is no unit."""
    return Path(name).name == name and any((root / "source" / name).glob("*.ipynb"))


def students_of(root: Path, name: str) -> list[str]:
    """Who has handed in something for an assignment."""
    return sorted(path.parent.name for path in (root / "submitted").glob(f"*/{name}") if path.is_dir())


def grade_assignment(root: Path, name: str, student: str) -> Report:
    """Grade one submission of a teacher's own assignment: gradebook, autograded notebooks, feedback, report."""
    from nbgrader.converters import Autograde, GenerateFeedback

    directory = course_directory(root, assignment_id=name, student_id=student)
    with safe(directory):
        _register(root, name, directory)
        try:
            run(
                Autograde(coursedir=directory, config=directory.config, force=True),
                f"{name} of {student} was not graded",
            )
        except GradebookError:
            raise
        except UserError as error:
            return Report(name, student, error=str(error))
        run(GenerateFeedback(coursedir=directory, config=directory.config, force=True), f"no feedback for {name}")
    exercises: list[ExerciseResult] = []
    notes: list[str] = []
    for path in sorted((root / "autograded" / student / name).glob("*.ipynb")):
        notebook = nbformat.read(path, 4)
        exercises += [_exercise(path.stem, cell) for cell in notebook.cells if _is_test(cell)]
        notes += [cell.source for cell in notebook.cells[:1] if cell.source.startswith("*Graded in one kernel")]
    return Report(name, student, tuple(exercises), notes=tuple(notes))


def _register(root: Path, name: str, directory: Any) -> None:
    """Make the gradebook know the assignment, once, as `nbgrader generate_assignment` does."""
    from nbgrader.api import Gradebook, MissingEntry
    from nbgrader.converters import GenerateAssignment

    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        try:
            if gradebook.find_assignment(name).notebooks:
                return
        except MissingEntry:
            pass
    course = course_directory(root, assignment_id=name)
    course.db_url = directory.db_url
    run(GenerateAssignment(coursedir=course, config=course.config, force=True), f"{name} cannot be registered")


def _is_test(cell: NotebookNode) -> bool:
    grader = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and grader.get("grade") and not grader.get("solution"))


def _exercise(notebook: str, cell: NotebookNode) -> ExerciseResult:
    points, most = score(cell), float(cell.metadata.nbgrader.points)
    errors = [output for output in cell.outputs if output.output_type == "error"]
    message = f"{errors[0].ename}: {errors[0].evalue}"[:500] if errors else ""
    status: Status = "passed" if points == most else "failed"
    if errors and errors[0].ename == "NotImplementedError":
        status = "not_attempted"
    check = CheckResult(cell.metadata.nbgrader.grade_id, hidden=False, status=status, message=message)
    return ExerciseResult(f"{notebook}/{cell.metadata.nbgrader.grade_id}", points, most, status, (check,))
