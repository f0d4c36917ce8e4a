"""`dlkit interview`: a mock interview against the clock."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dlkit.commands.common import course_option, workspace_option
from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.units import Course, Unit
from dlkit.course.workspace import Workspace

if TYPE_CHECKING:
    from dlkit.study.interview import Interview

__all__ = ["interview"]

MINUTES = 30
LEAST = 5


@click.command()
@click.option("--minutes", type=click.IntRange(LEAST), metavar="M", help=f"How long; {MINUTES} if not said.")
@click.option("--seed", type=int, metavar="S", help="Ask the same again.")
@click.option("--units", metavar="U,U…", help="Only of these units, as 1,5,normalization.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object; all else goes to stderr.")
@workspace_option
@course_option
def interview(
    minutes: int | None, seed: int | None, units: str | None, as_json: bool, workspace: Path | None, course: Path | None
) -> int:
    """A mock interview against the clock, with a report.

    Concept questions and coding exercises by turns; the report says what to study. An interview that was stopped goes
    on where it was, and its clock stood still.
    """
    from dlkit.study.asking import Person, Stopped, fresh_seed
    from dlkit.study.debrief import report, report_page
    from dlkit.study.interview import Interview, read_interview
    from dlkit.study.plan import candidates
    from dlkit.study.shelf import Shelf
    from dlkit.study.sitting import Sitting

    home, found = Workspace(workspace), Course.find(course)
    home.require()
    chosen = _units(found, units) if units is not None else None
    names = [unit.name for unit in chosen] if chosen is not None else None
    folder = home.folder / "interview"
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        shelf = Shelf(home.records, "interview", "interviews", read_interview)
        present = shelf.load()
        if shelf.notice:
            print(shelf.notice)
        if present is not None and present.fits(minutes, seed, names):
            print(f"Your interview goes on: {present.title}. `dlkit interview --seed N` with another begins a new one.")
        else:
            drawn = candidates(found.released if chosen is None else chosen)
            wanted = fresh_seed() if seed is None else seed
            made = Interview.begin(folder, drawn, minutes or MINUTES, wanted, names or [])
            if present is not None:
                shelf.put_away()
                if present.done and not _page(folder, present).exists():
                    print(f"What came of the one before is in {_write(folder, present)}")
            present = made
            print(f"A new interview: {present.title}.")
        print("Ctrl-C stops it, and its clock; what you have answered is kept.")
        person = Person()
        sitting = Sitting(present, found.released, home, shelf, person)
        try:
            sitting.hold()
        except Stopped:
            print(f"Stopped, {sitting.left}; go on with `dlkit interview`.")
            return 1
        print()
        person.say(report_page(present, terminal=True))
        print(f"\nKept in {_write(folder, present)}")
    told = report(present)
    if as_json:
        print(json.dumps(told))
    return 0 if (told["points"], told["asked"]) == (told["max_points"], told["planned"]) else 1


def _page(folder: Path, interview: Interview) -> Path:
    return folder / interview.began / "report.md"


def _write(folder: Path, interview: Interview) -> Path:
    """Write the report beside the answers; its place."""
    from dlkit.study.debrief import report_page

    path = _page(folder, interview)
    write_atomic(path, report_page(interview).encode())
    return path


def _units(course: Course, text: str) -> list[Unit]:
    """The units in "1,5,normalization", each once, in the course's order."""
    units = {course.unit(name) for name in text.split(",") if name.strip()}
    if not units:
        raise UserError("--units names no unit. Write it as --units 1,5,normalization.")
    return sorted(units, key=lambda unit: unit.name)
