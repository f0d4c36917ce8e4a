"""How far a learner is, and what to solve again: progress, review."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from dlkit.commands.common import columns, course_option, json_option, workspace_option
from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.progress import Progress, progress_of
from dlkit.course.units import Course
from dlkit.course.workspace import Workspace
from dlkit.study.moments import again, day, in_words

__all__ = ["progress", "review"]

STATES = {"passed": "passed", "answered": "answered", "failed": "failed", "error": "failed", "not_attempted": "–"}


@click.command()
@click.argument("unit", required=False)
@json_option
@click.option("--html", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page with a picture.")
@workspace_option
@course_option
def progress(unit: str | None, as_json: bool, page: Path | None, workspace: Path | None, course: Path | None) -> int:
    """Units, points, attempts, what to do next and again.

    With UNIT: its exercises.
    """
    from dlkit.grading.ingest import belongs, read_notebook

    home, found = Workspace(workspace), Course.find(course)
    units = [found.unit(unit)] if unit else found.released
    home.require()
    if page and page.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"{page} would become a web page: name a file that ends in .html.")
    entries, now = home.journal.entries(), datetime.now(UTC)
    rows = [progress_of(one, entries, now) for one in units]
    if page:
        from dlkit.study.overview import overview

        write_atomic(page, overview(units, entries, now).encode())
    if as_json:
        for row in rows:
            print(json.dumps(row.to_json()))
        return 0
    if page:
        print(f"Your progress: {page.resolve()}")
    else:
        columns(_exercises(rows[0], now) if unit else _units(rows, now))
    for one, row in zip(units, rows, strict=True):
        if row.last:
            try:
                belongs(read_notebook(home.notebook(one)), one, home.notebook(one))
            except UserError as error:  # progress follows from the log; but the learner should know
                print(error)
    if home.journal.notice:
        print(home.journal.notice)
    return 0


def _units(rows: list[Progress], now: datetime) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [
        ("unit", "points", "first", "passed", "handed in", "checked", "quiz", "due", "last visit", "next")
    ]
    for row in rows:
        first = "–" if row.first is None else f"{row.first:g}"
        cells = (row.unit, f"{row.points:g}/{row.max_points:g}", first, f"{row.passed}/{row.exercises}")
        last = in_words(row.last, now) if row.last else "–"
        quiz = f"{row.known}/{row.asked}" if row.asked else "–"
        counts = (str(row.submissions), str(row.checks), quiz, str(len(row.due)))
        lines.append((*cells, *counts, last, row.next or "done"))
    return lines


def _exercises(row: Progress, now: datetime) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = [("exercise", "state", "points", "attempts", "first passed", "last visit", "due")]
    for item in row.items:
        points = f"{'–' if item.points is None else f'{item.points:g}'}/{item.max_points:g}"
        passed = day(item.passed) if item.passed else "–"
        last = in_words(item.last, now) if item.last else "–"
        due = again(item.due, now)
        lines.append((item.id, STATES[item.status], points, str(item.attempts), passed, last, due))
    return lines


@click.command()
@click.argument("unit", required=False)
@workspace_option
@course_option
def review(unit: str | None, workspace: Path | None, course: Path | None) -> int:
    """Solve again what is due, in a copy with blanks.

    Exercises that you solved come back after growing intervals. Your own notebook is not touched.
    """
    from dlkit.study.review import coming, copy_of, due, prepare

    home, found = Workspace(workspace), Course.find(course)
    units = [found.unit(unit)] if unit else found.released
    home.require()
    entries, now = home.journal.entries(), datetime.now(UTC)
    written, status = [], 0
    for one in units:
        items = due([one], entries, now)
        if not items:
            continue
        try:
            print(prepare(home, one, items, entries))
            written.append(copy_of(home, one))
        except UserError as error:
            if unit:
                raise
            print(f"{one.name}: {error}")
            status = 1
    if written:
        print(f'Open what is in {written[0].parent} with JupyterLab, or run `dlkit check "{written[0]}"`.')
    elif not status:
        later = coming(units, entries, now)
        print(
            f"Nothing is due. Next: {later[0][1]}, {in_words(later[0][0], now)}."
            if later
            else "Nothing to solve again yet: an exercise comes back some days after you pass it."
        )
    if home.journal.notice:
        print(home.journal.notice)
    return status
