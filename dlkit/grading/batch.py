"""Many submissions: which of them wait, and grading them in worker processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from dlkit.course.errors import UserError
from dlkit.course.units import Course, Unit
from dlkit.course.workspace import write_atomic
from dlkit.grading.report import Report
from dlkit.grading.stock import grade, submission_of

__all__ = ["grade_all", "grade_one", "waiting"]

Task = tuple[Unit, str]


def waiting(course: Course, units: list[Unit], student: str | None, force: bool) -> list[Task]:
    """The submissions that are not graded yet in their present version; all of them with `force`."""
    root = course.root / "submitted"
    students = sorted(path.name for path in root.glob("*") if path.is_dir()) if root.is_dir() else []
    if student is not None and student not in students:
        raise UserError(f"{student} has handed in nothing: there is no folder {root / student}.")
    chosen = [(unit, name) for unit in units for name in ([student] if student else students)]
    there = [(unit, name) for unit, name in chosen if submission_of(unit, name).parent.is_dir()]
    if not there:
        raise UserError(f"There is nothing to grade: {root} has no submission of these units.")
    return [task for task in there if force or _receipt(task).get() != _state(task)]


class _Receipt:
    """The hash of the version that was graded last, kept beside the autograded notebook's course."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self) -> str:
        return self.path.read_text(encoding="utf-8") if self.path.is_file() else ""

    def put(self, state: str) -> None:
        write_atomic(self.path, state.encode())


def _receipt(task: Task) -> _Receipt:
    unit, student = task
    return _Receipt(unit.root / ".dlkit" / "graded" / student / unit.name)


def _state(task: Task) -> str:
    """A hash of the submission and of the course's notebook: either one's change means grading again."""
    unit, student = task
    digest = hashlib.sha256()
    for path in (submission_of(unit, student), unit.notebook("source")):
        digest.update(path.read_bytes() if path.is_file() else b"-")
    return digest.hexdigest()


def grade_one(task: Task) -> Report:
    """Grade one submission and note its version, so that it does not wait any more; one that failed still waits."""
    unit, student = task
    state = _state(task)
    report = grade(unit, student)
    if report.error is None:
        _receipt(task).put(state)
    return report


def grade_all(tasks: list[Task], jobs: int | None) -> Iterator[Report]:
    """Grade the submissions, each in a worker process, and give the reports in the tasks' order."""
    workers = min(jobs or os.cpu_count() or 1, len(tasks))
    if workers <= 1:
        yield from map(grade_one, tasks)
        return
    yield grade_one(tasks[0])  # the first makes the gradebook and registers the unit, before others write to it
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(grade_one, tasks[1:])
