"""Stock nbgrader, with none of this course's settings: what the isolated grader is held to, and measured against."""

from __future__ import annotations

from dlkit.course.units import Unit
from dlkit.grading.gradebook import course_directory, register, run, safe, scores

__all__ = ["KERNELS_WARN", "rows", "stock_autograde"]

KERNELS_WARN = (
    # jupyter_client and nbconvert, not ours, warn when a kernel is started and stopped in one process
    "ignore::DeprecationWarning",
    "ignore::PendingDeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::UserWarning",
)


def stock_autograde(unit: Unit, student: str) -> dict[str, float | None]:
    """Run nbgrader's autograder as it comes, one kernel for answers and tests; the scores it put into the gradebook."""
    from nbgrader.converters import Autograde

    directory = course_directory(unit.root, assignment_id=unit.name, student_id=student)
    directory.config.pop("Autograde", None)
    with safe(directory):
        register(unit, directory)
        run(Autograde(coursedir=directory, config=directory.config, force=True), f"{student} was not graded")
        return scores(unit, student, directory)


def rows(unit: Unit, student: str) -> dict[str, dict[str, object]]:
    """What the gradebook says of every cell of a submission: scores, marks to give, automatic comments."""
    from nbgrader.api import Gradebook

    directory = course_directory(unit.root)
    with Gradebook(directory.db_url, directory.course_id) as book:
        notebook = book.find_submission_notebook(unit.name, unit.name, student)
        grades = {
            grade.name: (grade.auto_score, grade.needs_manual_grade, grade.max_score) for grade in notebook.grades
        }
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
        whole = {"score": (notebook.score, notebook.late_submission_penalty, notebook.needs_manual_grade)}
        return {"grades": dict(grades), "comments": dict(comments), "whole": dict(whole)}
