"""Every unit goes the whole way: a full submission, an empty one and a mixed one, in isolation and in stock nbgrader."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from dlkit.course.units import Course, Unit
from dlkit.grading.batch import grade_all, waiting
from dlkit.grading.paths import submission_of
from dlkit.grading.report import Report
from tests.class_of_students import hand_in_all
from tests.lessons import UNITS, course_in
from tests.small import write
from tests.stock import KERNELS_WARN, rows, stock_autograde

FULL, EMPTY, MIXED = "s0000", "s0001", "s0002"
LATER = UNITS[1:]
"""The first unit has its own, in test_submissions."""

pytestmark = pytest.mark.filterwarnings(*KERNELS_WARN)


@pytest.fixture(scope="module", params=LATER, ids=lambda unit: unit.name)
def graded(sandboxed: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return Graded(request.param, tmp_path_factory.mktemp("course"))


class Graded:
    """Three submissions of a unit, graded by the command."""

    def __init__(self, home: Unit, root: Path) -> None:
        self.home, self.unit = home, course_in(root, home)
        hand_in_all(self.unit, 3)
        tasks = waiting(Course(root), [self.unit], None, force=False)
        self.reports: dict[str, Report] = {report.student: report for report in grade_all(tasks, jobs=1)}


def without_experiments(path: Path) -> None:
    """As a learner may delete them: they give no points, and stock nbgrader would run them for a minute in all."""
    notebook = nbformat.read(path, 4)
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("dlkit", {}).get("role") != "demo"]
    write(path, notebook)


def test_a_full_submission_gets_all_points(graded: Graded) -> None:
    report = graded.reports[FULL]
    lost = {e.id: [check.message for check in e.checks] for e in report.exercises if e.status != "passed"}
    assert report.error is None
    assert not lost
    assert report.points == report.max_points > 50


def test_an_empty_submission_is_not_attempted(graded: Graded) -> None:
    report = graded.reports[EMPTY]
    assert report.points == 0
    assert {exercise.status for exercise in report.exercises} == {"not_attempted"}
    assert {item["status"] for item in report.manual} == {"not_attempted"}


def test_stock_nbgrader_agrees_on_a_mixed_submission(graded: Graded, tmp_path: Path) -> None:
    report = graded.reports[MIXED]
    assert 0 < report.points < report.max_points
    assert {"passed", "not_attempted"} < {exercise.status for exercise in report.exercises}
    unit = course_in(tmp_path, graded.home)
    hand_in_all(unit, 3)
    without_experiments(submission_of(unit, MIXED))
    stock = stock_autograde(unit, MIXED)
    assert {e.id: stock[f"{e.id}-check"] for e in report.exercises} == {e.id: e.points for e in report.exercises}
    assert rows(graded.unit, MIXED) == rows(unit, MIXED), "the gradebook has other rows than nbgrader's own"
