"""What a learner types: start, check, submit, progress, reset."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click

from dlkit.commands.common import (
    columns,
    console,
    course_option,
    gradable,
    json_option,
    me,
    no_sandbox_option,
    student_option,
    target_of,
    workspace_option,
)  # fmt: skip
from dlkit.course.units import Course
from dlkit.course.workspace import VARIABLE, Workspace

__all__ = ["check", "progress", "reset", "start", "submit"]


@click.command()
@workspace_option
@course_option
@click.option("--no-browser", is_flag=True, help="Start JupyterLab without opening a browser.")
def start(workspace: Path | None, course: Path | None, no_browser: bool) -> int:
    """Fetch new units and open JupyterLab.

    Work that is there is never touched: a new version of a unit is put beside it.
    """
    home, found = Workspace(workspace), Course.find(course)
    for line in home.fetch(found):
        print(line)
    print(f"Your workspace: {home.folder}")
    first = next((unit for unit in found.units if home.notebook(unit).exists()), None)
    options = [f"--ServerApp.root_dir={home.folder}"]
    if first:
        options.append(f"--LabApp.default_url=/lab/tree/{home.notebook(first).relative_to(home.folder).as_posix()}")
    sys.stdout.flush()
    if no_browser:
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # in a container there is often no other user
    before = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is JupyterLab's, which asks whether to stop
    try:
        # JupyterLab's own terminal finds the workspace too
        environment = {**os.environ, VARIABLE: str(home.folder)}
        return subprocess.call([sys.executable, "-m", "jupyter", "lab", *options], cwd=home.folder, env=environment)
    finally:
        signal.signal(signal.SIGINT, before)


@click.command()
@click.argument("target", metavar="UNIT|FILE")
@json_option
@workspace_option
@course_option
def check(target: str, as_json: bool, workspace: Path | None, course: Path | None) -> int:
    """Run the visible checks in a fresh process."""
    from dlkit.grading.ingest import merge, read_notebook
    from dlkit.grading.practice import practice
    from dlkit.grading.report import print_report

    home = Workspace(workspace)
    unit, path = target_of(target, Course.find(course), home)
    notebook = merge(unit.read("notebooks"), read_notebook(path))
    report = practice(notebook, unit.name, me())
    if as_json:
        print(json.dumps(report.to_json()))
    else:
        print_report(
            report, console, f"These are the visible checks. `dlkit submit {unit.topic}` runs the hidden ones too."
        )
    if home.exists:
        home.journal.add("check", report.to_json())
    return 0 if report.full else 1


@click.command()
@click.argument("target", metavar="UNIT|FILE")
@json_option
@workspace_option
@course_option
@student_option
@no_sandbox_option
def submit(
    target: str, as_json: bool, workspace: Path | None, course: Path | None, student: str | None, no_sandbox: bool
) -> int:
    """Hand in: grade with the hidden checks.

    Writes gradebook and feedback, keeps this version in the history, and prints the report.
    """
    from dlkit.grading.batch import grade_one
    from dlkit.grading.paths import feedback_of
    from dlkit.grading.report import print_report
    from dlkit.grading.sandbox import available
    from dlkit.grading.submit import hand_in

    home = Workspace(workspace)
    unit, path = target_of(target, Course.find(course), home)
    name = student or me()
    gradable([unit])
    kept = home.keep(unit, path) if home.exists else None
    hand_in(unit, name, path)
    report = grade_one((unit, name), boxed=available() and not no_sandbox)  # one's own work may do without
    if as_json:
        print(json.dumps(report.to_json()))
    else:
        print_report(report, console, f"Full feedback: {feedback_of(unit, name)}")
    if kept:
        home.journal.add("submit", report.to_json(), kept)
    return 0 if report.full else 1


@click.command()
@json_option
@workspace_option
@course_option
def progress(as_json: bool, workspace: Path | None, course: Path | None) -> int:
    """Units, points, attempts, and what to do next."""
    from dlkit.course.progress import progress_of

    home = Workspace(workspace)
    home.require()
    attempts = home.journal.entries()
    rows = [progress_of(unit, attempts) for unit in Course.find(course).released]
    if as_json:
        for row in rows:
            print(json.dumps(row.to_json()))
        return 0
    lines = [("unit", "points", "passed", "handed in", "checked", "last", "next")]
    for row in rows:
        cells = (row.unit, f"{row.points:g}/{row.max_points:g}", f"{row.passed}/{row.exercises}")
        last = row.last[:10] if row.last else "–"
        lines.append((*cells, str(row.submissions), str(row.checks), last, row.next or "done"))
    columns(lines)
    if home.journal.notice:
        print(home.journal.notice)
    return 0


@click.command()
@click.argument("unit")
@click.argument("exercise", required=False)
@workspace_option
@course_option
def reset(unit: str, exercise: str | None, workspace: Path | None, course: Path | None) -> int:
    """Blank a unit or an exercise again.

    The old answer is kept in the workspace's history, and the command says where.
    """
    from dlkit.course.reset import reset as blank

    home = Workspace(workspace)
    home.require()
    print(blank(home, Course.find(course).unit(unit), exercise))
    return 0
