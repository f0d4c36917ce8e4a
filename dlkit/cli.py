"""The `dlkit` command. Exit status: 0 done, 1 the work falls short, 2 wrong use; an error is one line on stderr."""

from __future__ import annotations

import difflib
import getpass
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from dlkit import __version__
from dlkit.course.errors import UserError
from dlkit.course.units import Course, Unit
from dlkit.course.workspace import VARIABLE, Workspace

__all__ = ["main"]

console = Console(highlight=False)
Command = Callable[..., Any]


class Commands(click.Group):
    """Commands in the order in which one meets them; a mistyped one is told the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.commands, n=1)
            hint = f"Did you mean `dlkit {near[0]}`?" if near else f"There are: {', '.join(self.commands)}."
            raise UserError(f"There is no command {name!r}. {hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dlkit")
@click.pass_context
def cli(context: click.Context) -> None:
    """Deep-learning interviews, learnt by doing: lessons whose exercises grade themselves.

    UNIT may be 5, 05, normalization or 05_normalization.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: nothing that a user may do wrong ends in a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    try:
        status = cli.main(arguments, prog_name="dlkit", standalone_mode=False)
        sys.stdout.flush()
    except UserError as error:
        _fail(str(error))
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" Try `{context.command_path} --help`." if context else ""
        _fail(f"{error.format_message()}{hint}")
    except (click.Abort, KeyboardInterrupt):
        _fail("Stopped.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}.")
    sys.exit(status if isinstance(status, int) else 0)


def _fail(text: str) -> None:
    print(f"dlkit: {' '.join(text.split())}", file=sys.stderr)
    sys.exit(2)


def _columns(lines: Sequence[tuple[str, ...]]) -> None:
    """Lines in columns as wide as they need: a path stays whole, in a narrow terminal and in a pipe."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _course_option(command: Command) -> Command:
    return click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The course's root.")(command)


def _workspace_option(command: Command) -> Command:
    option = click.option("--workspace", type=click.Path(path_type=Path), metavar="DIR", help="Your workspace.")
    return option(command)


def _json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")(command)


def _student_option(command: Command) -> Command:
    return click.option("--student", metavar="S", callback=_student, help="The student's id.")(command)


def _student(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", value):
        raise UserError(f"{value!r} is no student id: use letters, digits and . _ @ - only.")
    return value


def _no_sandbox_option(command: Command) -> Command:
    text = "Run without a sandbox: for notebooks that you wrote yourself."
    return click.option("--no-sandbox", is_flag=True, help=text)(command)


def _me() -> str:
    """This user's name, as a student id."""
    try:
        name = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under a number that has no name
        name = ""
    return re.sub(r"[^A-Za-z0-9._@-]", "-", name).lstrip("-._@")[:64] or "learner"


def _target(text: str, course: Course, workspace: Workspace) -> tuple[Unit, Path]:
    """The unit and the notebook that UNIT or FILE means."""
    from dlkit.grading.ingest import belongs, read_notebook, unit_name

    path = Path(text)
    if path.suffix == ".ipynb" or path.is_file() or len(path.parts) > 1:
        name = unit_name(read_notebook(path))
        if not name:
            raise UserError(f"{path} is not a notebook of this course: it does not say which unit it is of.")
        if name not in [unit.name for unit in course.units]:
            raise UserError(
                f"{path} is a notebook of unit {name}, which {course.root} does not have: name --course DIR."
            )
        return course.unit(name), path
    unit = course.unit(text)
    workspace.require()
    mine = workspace.notebook(unit)
    belongs(read_notebook(mine), unit, mine)
    return unit, mine


def _gradable(units: Iterable[Unit]) -> None:
    """UserError, before anything is started or handed in, where the course's own notebooks are missing or damaged."""
    for unit in units:
        unit.read("source")
        unit.read("notebooks")


@cli.command()
@_workspace_option
@_course_option
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


@cli.command()
@click.argument("target", metavar="UNIT|FILE")
@_json_option
@_workspace_option
@_course_option
def check(target: str, as_json: bool, workspace: Path | None, course: Path | None) -> int:
    """Run the visible checks in a fresh process."""
    from dlkit.grading.ingest import merge, read_notebook
    from dlkit.grading.practice import practice
    from dlkit.grading.report import print_report

    home = Workspace(workspace)
    unit, path = _target(target, Course.find(course), home)
    notebook = merge(unit.read("notebooks"), read_notebook(path))
    report = practice(notebook, unit.name, _me())
    if as_json:
        print(json.dumps(report.to_json()))
    else:
        print_report(
            report, console, f"These are the visible checks. `dlkit submit {unit.topic}` runs the hidden ones too."
        )
    if home.exists:
        home.log("check", report.to_json())
    return 0 if report.full else 1


@cli.command()
@click.argument("target", metavar="UNIT|FILE")
@_json_option
@_workspace_option
@_course_option
@_student_option
@_no_sandbox_option
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
    unit, path = _target(target, Course.find(course), home)
    name = student or _me()
    _gradable([unit])
    if home.exists:
        home.keep(unit, path)
    hand_in(unit, name, path)
    report = grade_one((unit, name), boxed=available() and not no_sandbox)  # one's own work may do without
    if as_json:
        print(json.dumps(report.to_json()))
    else:
        print_report(report, console, f"Full feedback: {feedback_of(unit, name)}")
    if home.exists:
        home.log("submit", report.to_json())
    return 0 if report.full else 1


@cli.command()
@_json_option
@_workspace_option
@_course_option
def progress(as_json: bool, workspace: Path | None, course: Path | None) -> int:
    """Units, points, attempts, and what to do next."""
    from dlkit.course.progress import progress_of

    home = Workspace(workspace)
    home.require()
    attempts = home.attempts()
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
    _columns(lines)
    return 0


@cli.command()
@click.argument("unit")
@click.argument("exercise", required=False)
@_workspace_option
@_course_option
def reset(unit: str, exercise: str | None, workspace: Path | None, course: Path | None) -> int:
    """Blank a unit or an exercise again.

    The old answer is kept in the workspace's history, and the command says where.
    """
    from dlkit.course.reset import reset as blank

    home = Workspace(workspace)
    home.require()
    print(blank(home, Course.find(course).unit(unit), exercise))
    return 0


@cli.command()
@click.argument("units", nargs=-1, metavar="[UNIT]...")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; say which files differ.")
@_course_option
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


@cli.command()
@click.argument("units", nargs=-1, metavar="[UNIT]...")
@_student_option
@click.option("--jobs", type=click.IntRange(1), default=None, metavar="N", help="Worker processes; one per core.")
@click.option("--scheduler", metavar="ADDR", help="Run on the dask.distributed cluster with this scheduler.")
@click.option("--force", is_flag=True, help="Grade again what is graded already.")
@_no_sandbox_option
@_json_option
@_course_option
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
    _gradable(dict.fromkeys(unit for unit, _ in tasks))
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


@cli.command()
@_workspace_option
@_course_option
def doctor(workspace: Path | None, course: Path | None) -> int:
    """Versions, sandbox, and what works here."""
    from dlkit.course.doctor import examine

    rows = examine(Workspace(workspace), course)
    _columns([("✓" if row.fine else "✗" if row.needed else "–", row.name, row.text) for row in rows])
    return 0 if all(row.fine or not row.needed for row in rows) else 1


if __name__ == "__main__":
    main()
