"""Stock nbgrader, with none of this course's settings: what the isolated grader is held to, and measured against."""

from __future__ import annotations

from dlkit.course.units import Unit
from dlkit.grading.gradebook import course_directory, register, run, safe, scores

__all__ = ["KERNELS_WARN", "stock_autograde"]

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
