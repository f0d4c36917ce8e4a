"""Three submissions go the whole way: handed in, graded in isolation, in nbgrader's gradebook and export, with feedback.

Expected points are kept in tests/fixtures/expected.json. Stock nbgrader, in one kernel, must give the same, and so must
the run beside this process that serves where there is no sandbox.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from dlkit import mistakes
from dlkit.course.units import Course
from dlkit.grading.batch import grade_all, waiting
from dlkit.grading.gradebook import course_directory, run, scores
from dlkit.grading.ingest import merge
from dlkit.grading.paths import feedback_of, submission_of
from dlkit.grading.practice import practice
from dlkit.grading.report import Report
from dlkit.grading.skeleton import Skeletons
from tests.lessons import ROOT, UNITS, course_in
from tests.stock import KERNELS_WARN, rows, stock_autograde
from tests.submissions import LEARNER, RECOGNISED, full, learner, untouched

UNIT = UNITS[0]
SUBMISSIONS = {"full": full, "learner": learner, "untouched": untouched}
EXPECTED = json.loads((ROOT / "tests" / "fixtures" / "expected.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.filterwarnings(*KERNELS_WARN)


class Graded:
    """A course in a folder of its own with the three submissions, graded by the command."""

    def __init__(self, root: Path) -> None:
        self.unit = course_in(root, UNIT)
        for student, make in SUBMISSIONS.items():
            path = submission_of(self.unit, student)
            path.parent.mkdir(parents=True)
            nbformat.write(make(UNIT), path)
        tasks = waiting(Course(root), [self.unit], None, force=False)
        self.reports = {report.student: report for report in grade_all(tasks, jobs=1)}


@pytest.fixture(scope="module")
def graded(sandboxed: None, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return Graded(tmp_path_factory.mktemp("course"))


def points(report: Report) -> dict[str, float]:
    return {exercise.id: exercise.points for exercise in report.exercises if exercise.points}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_points_are_as_expected(graded: Graded, student: str) -> None:
    report = graded.reports[student]
    assert report.error is None
    expected = points(graded.reports["full"]) if student == "full" else EXPECTED[student]
    assert points(report) == expected
    assert report.full == (student == "full")


def test_full_is_full_and_untouched_is_not_attempted(graded: Graded) -> None:
    full, untouched = graded.reports["full"], graded.reports["untouched"]
    assert full.points == full.max_points == EXPECTED["max_points"]
    assert untouched.points == 0
    assert {exercise.status for exercise in untouched.exercises} == {"not_attempted"}
    assert [item["status"] for item in untouched.manual] == ["not_attempted"]
    assert [item["status"] for item in full.manual] == ["written"]


@pytest.mark.parametrize("exercise", RECOGNISED)
def test_every_planted_mistake_is_named_in_words(graded: Graded, exercise: str) -> None:
    known = {mistake.sentence for mistake in mistakes.load(UNIT.topic) if mistake.function == exercise}
    found = next(e for e in graded.reports["learner"].exercises if e.id == exercise)
    assert {check.mistake for check in found.checks if check.mistake} & known, found


def test_errors_loops_and_floods_cost_only_themselves(graded: Graded) -> None:
    found = {exercise.id: exercise for exercise in graded.reports["learner"].exercises}
    for broken in ("elu", "gelu"):
        assert found[broken].status == "error"
        assert "SyntaxError" in found[broken].checks[0].message
    assert "a loop that never ends" in found["swish"].checks[0].message
    for right in ("softplus", "relu_backward", "q-kink-descent"):
        assert found[right].status == "passed", right
    untouched = set(found) - set(LEARNER)
    assert {found[id].status for id in untouched} == {"not_attempted"}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_the_gradebook_holds_the_same_points(graded: Graded, student: str) -> None:
    recorded = scores(graded.unit, student, course_directory(graded.unit.root))
    for exercise in graded.reports[student].exercises:
        assert recorded[f"{exercise.id}-check"] == exercise.points, exercise.id


def test_nbgrader_exports_them(graded: Graded, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("nbgrader")), "export", "--to", str(tmp_path / "grades.csv")]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(command, cwd=graded.unit.root, check=True, capture_output=True, env={**os.environ, "PATH": path})
    with (tmp_path / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == pytest.approx({student: report.points for student, report in graded.reports.items()})


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_feedback_tells_what_is_wrong_and_shows_no_hidden_check(graded: Graded, student: str) -> None:
    page = feedback_of(graded.unit, student).read_text(encoding="utf-8")
    plain = re.sub(r"<[^>]+>", "", page)
    assert "HIDDEN TESTS" not in plain
    assert "dlkit.reference" not in plain
    assert len(page) < 3_000_000
    if student == "learner":
        for exercise in ("sigmoid", "softmax"):
            found = next(e for e in graded.reports[student].exercises if e.id == exercise)
            assert any(check.mistake and check.mistake[:40] in plain for check in found.checks)
            assert "(hidden)" in plain


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_running_the_cells_without_a_kernel_gives_the_same_points(graded: Graded, student: str) -> None:
    report = practice(merge(Skeletons().of(UNIT), SUBMISSIONS[student](UNIT)), UNIT.name, student)
    assert points(report) == points(graded.reports[student])
    statuses = [(e.id, e.status) for e in report.exercises]
    assert statuses == [(e.id, e.status) for e in graded.reports[student].exercises]


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_stock_nbgrader_gives_the_same_points(graded: Graded, student: str, tmp_path: Path) -> None:
    unit = course_in(tmp_path, UNIT)
    path = submission_of(unit, student)
    path.parent.mkdir(parents=True)
    nbformat.write(SUBMISSIONS[student](UNIT), path)
    stock = stock_autograde(unit, student)
    for exercise in graded.reports[student].exercises:
        assert stock[f"{exercise.id}-check"] == exercise.points, exercise.id
    assert rows(graded.unit, student) == rows(unit, student), "the gradebook has other rows than nbgrader's own"


def test_nbgraders_command_uses_the_same_executor(graded: Graded) -> None:
    """`nbgrader autograde`, by the course's settings: the learner's loops, floods and errors cost the same."""
    from nbgrader.converters import Autograde

    before = rows(graded.unit, "learner")
    directory = course_directory(graded.unit.root, assignment_id=UNIT.name, student_id="learner")
    run(Autograde(coursedir=directory, config=directory.config, force=True), "not graded")
    assert rows(graded.unit, "learner") == before


def test_grading_again_costs_nothing_until_something_changes(graded: Graded) -> None:
    course = Course(graded.unit.root)
    assert waiting(course, [graded.unit], None, force=False) == []
    assert len(waiting(course, [graded.unit], None, force=True)) == 3
    path = submission_of(graded.unit, "untouched")
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"\n")
        assert waiting(course, [graded.unit], None, force=False) == [(graded.unit, "untouched")]
    finally:
        path.write_bytes(before)
