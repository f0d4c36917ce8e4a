"""The one writer: outcomes become rows of nbgrader's gradebook, autograded notebooks and feedback pages.

The rows are what nbgrader's own autograder writes: scores from the cells' outputs, marks for what a person has to look
at, comments on blank answers, late penalties by the configured plugin. One connection and a few statements a
submission, where nbgrader opens nine.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any

from nbformat import NotebookNode

from dlkit.course.cells import grade_id_of
from dlkit.course.files import write_atomic
from dlkit.course.units import Unit
from dlkit.grading.gradebook import course_directory, register, safe
from dlkit.grading.page import page
from dlkit.grading.paths import autograded_of, feedback_of, receipt_of, submission_of
from dlkit.grading.report import Report

__all__ = ["Writer"]

TIMESTAMP = "timestamp.txt"


class Writer:
    """Writes the outcomes of a course's submissions. Use as a context manager: it holds the gradebook open."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.directory = course_directory(root)
        self._registered: set[str] = set()
        self._names: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Writer:
        self._safe = safe(self.directory)
        self._safe.__enter__()
        from nbgrader.api import Gradebook

        self.gradebook = Gradebook(self.directory.db_url, self.directory.course_id)
        self.gradebook.db().expire_on_commit = False  # nobody else writes while grading
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gradebook.close()
        self._safe.__exit__(kind, error, trace)

    def write(self, unit: Unit, student: str, report: Report, notebook: NotebookNode | None) -> None:
        """Put one outcome everywhere; without a notebook every automatic score becomes a zero."""
        if unit.name not in self._registered:
            register(unit, self.directory)
            self._registered.add(unit.name)
            self.gradebook.db.expire_all()
        self._rows(unit, student, notebook)
        if notebook is not None:
            there = autograded_of(unit, student)
            write_atomic(there, json.dumps(notebook, ensure_ascii=False).encode())  # as nbformat, without its indents
            stamp = _stamp(unit, student)
            if stamp:
                write_atomic(there.with_name(TIMESTAMP), stamp.read_bytes())
        write_atomic(feedback_of(unit, student), page(report, notebook).encode())

    def _rows(self, unit: Unit, student: str, notebook: NotebookNode | None) -> None:
        from nbgrader.api import MissingEntry

        book = self.gradebook
        stamp = _handed_in(unit, student)
        try:
            book.find_student(student)
        except MissingEntry:
            book.add_student(student)
        try:
            submission = book.find_submission(unit.name, student)
            submission.timestamp = stamp or submission.timestamp
        except MissingEntry:
            submission = book.add_submission(unit.name, student, **({"timestamp": stamp} if stamp else {}))
        row = next(one for one in submission.notebooks if one.name == unit.name)
        cells = {} if notebook is None else {grade_id_of(cell): cell for cell in notebook.cells if grade_id_of(cell)}
        with book.db.no_autoflush:
            _grade(row, cells, self._names_of(unit))
        row.late_submission_penalty = self._penalty(submission, row, student)
        book.db.commit()

    def _names_of(self, unit: Unit) -> dict[str, str]:
        """The gradebook's cells by their ids; asked for once, not once per grade."""
        if unit.name not in self._names:
            known = self.gradebook.find_notebook(unit.name, unit.name)
            cells = (*known.grade_cells, *known.solution_cells, *known.task_cells)
            self._names[unit.name] = {cell.id: cell.name for cell in cells}
        return self._names[unit.name]

    def _penalty(self, submission: Any, row: Any, student: str) -> float | None:
        from nbgrader.preprocessors import AssignLatePenalties

        late = submission.total_seconds_late
        if late <= 0:
            return None
        rule = AssignLatePenalties(config=self.directory.config)
        rule.init_plugin()
        self.gradebook.db.flush()
        penalty = rule.plugin_inst.late_submission_penalty(student, row.score, late)
        return None if penalty is None else min(max(penalty, 0), row.score)


def _stamp(unit: Unit, student: str) -> Path | None:
    """The time of handing in: the receipt where there is one, else nbgrader's file, which its exchange wrote."""
    for path in (receipt_of(unit, student), submission_of(unit, student).with_name(TIMESTAMP)):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 200:
            return path
    return None


def _handed_in(unit: Unit, student: str) -> Any:
    """When it was handed in; None where nothing that can be read says so."""
    from nbgrader.utils import parse_utc

    stamp = _stamp(unit, student)
    text = stamp.read_text(encoding="utf-8", errors="replace").strip() if stamp else ""
    try:
        return parse_utc(text) if text else None
    except (ValueError, OverflowError):
        return None


def _grade(row: Any, cells: dict[str, NotebookNode], names: dict[str, str]) -> None:
    """Scores and comments of one notebook, by nbgrader's own rules."""
    from nbgrader.utils import compute_checksum, determine_grade, is_task

    for grade in row.grades:
        cell = cells.get(names[grade.cell_id])
        grade.auto_score = 0 if cell is None else determine_grade(cell)[0]
        grade.needs_manual_grade = cell is not None and (grade.manual_score is not None or grade.auto_score is None)
    for comment in row.comments:
        cell = cells.get(names[comment.cell_id])
        same = cell is None or (cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell))
        comment.auto_comment = "No response." if same else None
