"""What a learner types: start, check, submit, reset."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click

from dlkit.commands.common import (
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
from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.units import VARIABLE as COURSE
from dlkit.course.units import Course
from dlkit.course.workspace import VARIABLE, Workspace

__all__ = ["check", "reset", "start", "submit"]


@click.command()
@workspace_option
@course_option
@click.option("--no-browser", is_flag=True, help="Start JupyterLab without opening a browser.")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="JupyterLab's port; the next free one if busy."
)
def start(workspace: Path | None, course: Path | None, no_browser: bool, port: int | None) -> int:
    """Fetch new units and open JupyterLab on the welcome page.

    Work that is there is never touched: a new version of a unit is put beside it.
    """
    from dlkit.study.jupyterlab import options
    from dlkit.study.welcome import write_welcome

    home, found = Workspace(workspace), Course.find(course)
    for line in home.fetch(found):
        print(line)
    print(f"Your workspace: {home.folder}")
    page = write_welcome(home, found)
    if home.journal.notice:
        print(home.journal.notice)
    command = [sys.executable, "-m", "jupyter", "lab", *options(home, page), *(["--no-browser"] if no_browser else [])]
    command += [f"--port={port}"] if port else []
    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is JupyterLab's, which asks whether to stop
    try:
        # JupyterLab's own terminal, and a notebook that is handed in, find the workspace and the course too
        environment = {**os.environ, VARIABLE: str(home.folder), COURSE: str(found.root)}
        return subprocess.call(command, cwd=home.folder, env=environment)
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
    from dlkit.study.review import only, outlook, reviewed

    home = Workspace(workspace)
    unit, path = target_of(target, Course.find(course), home)
    mine = read_notebook(path)
    notebook, again = merge(unit.read("notebooks"), mine), reviewed(mine)
    report = practice(only(notebook, again) if again else notebook, unit.name, me())
    if as_json:
        print(json.dumps(report.to_json()))
    else:
        hidden = f"These are the visible checks. `dlkit submit {unit.topic}` runs the hidden ones too."
        print_report(report, console, "" if again else hidden)
    if home.exists:
        home.journal.add("review" if again else "check", report.to_json())
        if again and not as_json:
            for line in (outlook(unit, home.journal.entries(), again), home.journal.notice):
                if line:
                    print(line)
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
    from dlkit.grading.ingest import read_notebook
    from dlkit.grading.paths import feedback_of
    from dlkit.grading.report import print_report
    from dlkit.grading.sandbox import available
    from dlkit.grading.submit import hand_in
    from dlkit.study.review import reviewed

    home = Workspace(workspace)
    unit, path = target_of(target, Course.find(course), home)
    if reviewed(read_notebook(path)):
        raise UserError(
            f"{path} is a review copy: it would replace what you handed in. `dlkit check` checks it; "
            f"`dlkit submit {unit.topic}` hands in your own notebook."
        )
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
        page = feedback_of(unit, name)
        if page.is_file():  # JupyterLab shows what lies in the workspace
            write_atomic(home.folder / "feedback" / f"{unit.name}.html", page.read_bytes())
    return 0 if report.full else 1


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
