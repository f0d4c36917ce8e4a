"""Options and look-ups that several commands share."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from dlkit.course.errors import UserError
from dlkit.course.units import Course, Unit
from dlkit.course.workspace import Workspace

__all__ = [
    "columns", "console", "course_option", "gradable", "json_option", "me", "no_sandbox_option", "student_option",
    "target_of", "workspace_option",
]  # fmt: skip

console = Console(highlight=False)
Command = Callable[..., Any]


def columns(lines: Sequence[tuple[str, ...]]) -> None:
    """Lines in columns as wide as they need: a path stays whole, in a narrow terminal and in a pipe."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def course_option(command: Command) -> Command:
    return click.option("--course", type=click.Path(path_type=Path), metavar="DIR", help="The course's root.")(command)


def workspace_option(command: Command) -> Command:
    option = click.option("--workspace", type=click.Path(path_type=Path), metavar="DIR", help="Your workspace.")
    return option(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")(command)


def student_option(command: Command) -> Command:
    return click.option("--student", metavar="S", callback=_student, help="The student's id.")(command)


def _student(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", value):
        raise UserError(f"{value!r} is no student id: use letters, digits and . _ @ - only.")
    return value


def no_sandbox_option(command: Command) -> Command:
    text = "Run without a sandbox: for notebooks that you wrote yourself."
    return click.option("--no-sandbox", is_flag=True, help=text)(command)


def me() -> str:
    """This user's name, as a student id."""
    try:
        name = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under a number that has no name
        name = ""
    return re.sub(r"[^A-Za-z0-9._@-]", "-", name).lstrip("-._@")[:64] or "learner"


def target_of(text: str, course: Course, workspace: Workspace) -> tuple[Unit, Path]:
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


def gradable(units: Iterable[Unit]) -> None:
    """UserError, before anything is started or handed in, where the course's own notebooks are missing or damaged."""
    for unit in units:
        unit.read("source")
        unit.read("notebooks")
