"""The gradebook's writer: late penalties by the receipt, marks that a person gave, and times that nobody can read."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

from dlkit.course.errors import GradebookError
from dlkit.course.units import Unit
from dlkit.grading.batch import grade_one
from dlkit.grading.gradebook import course_directory
from dlkit.grading.paths import receipt_of, submission_of
from dlkit.grading.sandbox import available
from dlkit.grading.submit import hand_in
from tests.lessons import ROOT, UNITS, course_in
from tests.submissions import answered, solutions

UNIT = UNITS[0]
DUE = datetime.datetime(2000, 1, 1)
LATE = """
from nbgrader.plugins import BasePlugin


class Late(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.0


c.AssignLatePenalties.plugin_class = Late
"""


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    """A course in which a point is lost for being late, and the first exercise is answered."""
    unit = course_in(tmp_path, UNIT)
    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_text(text + LATE, encoding="utf-8")
    mine = tmp_path / "mine.ipynb"
    nbformat.write(answered(UNIT, {"sigmoid": solutions(UNIT)["sigmoid"]}), mine)
    hand_in(unit, "ann", mine)
    return unit


def row(unit: Unit, student: str = "ann") -> Any:
    """What the gradebook says of a submission: score, penalty, and the mark of the written answer."""
    from nbgrader.api import Gradebook

    directory = course_directory(unit.root)
    with Gradebook(directory.db_url, directory.course_id) as book:
        found = book.find_submission_notebook(unit.name, unit.name, student)
        written = book.find_grade("a-relu-three-advantages", unit.name, unit.name, student)
        return found.score, found.late_submission_penalty, written.needs_manual_grade


def due(unit: Unit) -> None:
    from nbgrader.api import Gradebook

    directory = course_directory(unit.root)
    with Gradebook(directory.db_url, directory.course_id) as book:
        book.find_assignment(unit.name).duedate = DUE
        book.db.commit()


def test_a_penalty_goes_by_the_receipt_and_not_by_what_was_handed_in(unit: Unit) -> None:
    grade_one((unit, "ann"), available())
    assert row(unit) == (2.0, None, False)
    due(unit)
    forged = submission_of(unit, "ann").with_name("timestamp.txt")
    forged.write_text("1999-01-01 00:00:00 UTC\n", encoding="utf-8")
    grade_one((unit, "ann"), available())
    assert row(unit) == (2.0, 1.0, False)


@pytest.mark.parametrize("text", ["no time at all", "", "9" * 100_000, "\x00"])
def test_a_time_that_cannot_be_read_is_no_time(unit: Unit, text: str) -> None:
    receipt_of(unit, "ann").unlink()
    submission_of(unit, "ann").with_name("timestamp.txt").write_text(text, encoding="utf-8")
    report = grade_one((unit, "ann"), available())
    assert report.error is None
    assert row(unit)[0] == 2.0


def test_a_mark_that_a_person_gave_stays(unit: Unit) -> None:
    from nbgrader.api import Gradebook

    grade_one((unit, "ann"), available())
    directory = course_directory(unit.root)
    with Gradebook(directory.db_url, directory.course_id) as book:
        book.find_grade("a-relu-three-advantages", unit.name, unit.name, "ann").manual_score = 1.5
        book.db.commit()
    grade_one((unit, "ann"), available())
    assert row(unit) == (3.5, None, True)  # and a person is asked to look again, as nbgrader does


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("no address", "is no address of a gradebook"),
        ("mysql+no_such_driver://ann:secret@host/book", "Can't load plugin|driver that is missing"),
        ("oracle+cx_oracle://ann:secret@host/book", "driver that is missing: pip install cx_Oracle"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(unit: Unit, url: str, told: str) -> None:
    config = unit.root / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8") + f"c.CourseDirectory.db_url = {url!r}\n", encoding="utf-8")
    with pytest.raises(GradebookError, match=told) as caught:
        grade_one((unit, "ann"), available())
    assert "secret" not in str(caught.value)
