"""What a teacher and a maintainer type: build, grade, doctor."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click
from rich.console import Console

from dlkit.commands.common import (
    columns,
    console,
    course_option,
    gradable,
    json_option,
    no_sandbox_option,
    student_option,
    workspace_option,
)  # fmt: skip
from dlkit.course.errors import UserError
from dlkit.course.units import Course
from dlkit.course.workspace import Workspace

__all__ = ["build", "doctor", "grade"]


@click.command()
@click.argument("units", nargs=-1, metavar="[UNIT]...")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; say which files differ.")
@course_option
def build(units: tuple[str, ...], only_check: bool, course: Path | None) -> int:
    """Turn lessons into notebooks.

    One lesson, source/UNIT.py, gives three: source/, notebooks/ (the release) and solutions/.
    """
    from dlkit.course.build import build as make
    from dlkit.course.build import differences

    found = Course.find(course)
    chosen = [found.unit(text) for text in units] or found.units
    wrong = 0
    for unit in chosen:
        if not unit.lesson.is_file():
            raise UserError(f"{unit.name} has no lesson: {unit.lesson} is missing.")
        paths = differences(unit) if only_check else make(unit)
        wrong += len(paths) if only_check else 0
        for path in paths:
            verb = "differs" if only_check else "wrote"
            print(f"{verb} {path.relative_to(found.root)}")
    if only_check and wrong:
        print("Run `dlkit build` and commit what it writes.")
    return 1 if wrong else 0


@click.command()
@click.argument("units", nargs=-1, metavar="[UNIT]...")
@student_option
@click.option("--jobs", type=click.IntRange(1), default=None, metavar="N", help="Worker processes; one per core.")
@click.option("--scheduler", metavar="ADDR", help="Run on the dask.distributed cluster with this scheduler.")
@click.option("--force", is_flag=True, help="Grade again what is graded already.")
@no_sandbox_option
@json_option
@course_option
def grade(
    units: tuple[str, ...],
    student: str | None,
    jobs: int | None,
    scheduler: str | None,
    force: bool,
    no_sandbox: bool,
    as_json: bool,
    course: Path | None,
) -> int:
    """Grade what stands in submitted/.

    Writes gradebook and feedback. What is graded already, and has not changed, is not graded again.
    """
    from dlkit.grading.assignments import grade_assignment, is_assignment, students_of
    from dlkit.grading.batch import grade_all, waiting
    from dlkit.grading.cluster import cluster
    from dlkit.grading.report import print_report
    from dlkit.grading.sandbox import require

    found = Course.find(course)
    own = [name for name in units if is_assignment(found.root, name) and name not in {u.name for u in found.units}]
    chosen = [found.unit(text) for text in units if text not in own] or ([] if own else found.units)
    boxed = not no_sandbox
    handed_in = [(name, who) for name in own for who in ([student] if student else students_of(found.root, name))]
    tasks = waiting(found, chosen, student, force, boxed) if chosen else []
    gradable(dict.fromkeys(unit for unit, _ in tasks))
    full = True
    count = len(tasks) + len(handed_in)
    if not boxed:
        os.environ["DLKIT_NO_SANDBOX"] = "1"  # for nbgrader's own converters
    elif count and scheduler is None:
        require()
    with cluster(scheduler) as outcomes, _bar(count, as_json) as advance:
        graded = (grade_assignment(found.root, name, who) for name, who in handed_in)
        for report in chain(grade_all(tasks, jobs, boxed, force, outcomes), graded):
            full = full and report.full
            advance()
            if as_json:
                print(json.dumps(report.to_json()), flush=True)
            elif count == 1:
                print_report(report, console)
            else:
                told = report.error or f"{report.points:g} of {report.max_points:g} points"
                console.print(f"{report.unit} · {report.student}: {told}", markup=False, soft_wrap=True)
    if not count and not as_json:
        print("Nothing to grade: every submission is graded. --force grades again.")
    return 0 if full else 1


@contextmanager
def _bar(total: int, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar with rate and time left on a terminal's stderr; nothing where a program reads."""
    if quiet or total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.speed:.1f}/s" if total else "")
    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("grading", total=total)
        yield lambda: bar.advance(task)


@click.command()
@workspace_option
@course_option
def doctor(workspace: Path | None, course: Path | None) -> int:
    """Versions, sandbox, and what works here."""
    from dlkit.course.doctor import examine

    rows = examine(Workspace(workspace), course)
    columns([("✓" if row.fine else "✗" if row.needed else "–", row.name, row.text) for row in rows])
    return 0 if all(row.fine or not row.needed for row in rows) else 1
