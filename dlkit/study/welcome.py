"""The page that `dlkit start` opens: the units in order, how far the learner is, and one link to what comes next.

It is a notebook of one cell whose output is the page. Running the cell brings the page up to date. Cells that the
learner adds stay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlkit.course.files import write_atomic
from dlkit.course.journal import Entry
from dlkit.course.outline import Item, outline
from dlkit.course.progress import Progress, progress_of
from dlkit.course.units import Course, Unit
from dlkit.course.workspace import Workspace
from dlkit.study.review import due

__all__ = ["FILE", "show", "up_next", "welcome_page", "write_welcome"]

FILE = "Welcome.ipynb"
CELL = "dlkit-welcome"
SOURCE = "import dlkit\n\ndlkit.welcome()"
BAR = 10


def up_next(units: list[Unit], entries: list[Entry]) -> Item | None:
    """The exercise to go on with: the next one of the unit in which the learner was last, else of the first unit."""
    names = [unit.name for unit in units]
    last = next((entry["unit"] for entry in reversed(entries) if entry["unit"] in names), None)
    for unit in sorted(units, key=lambda unit: unit.name != last):
        id = progress_of(unit, entries).next
        if id:
            return next(item for item in outline(unit) if item.id == id)
    return None


def welcome_page(home: Workspace, course: Course) -> str:
    """The page as Markdown. Links lead to the learner's notebooks."""
    entries = home.journal.entries()
    units = [unit for unit in course.released if home.notebook(unit).exists()]
    lines = ["# Deep learning, as interviews ask for it", "", _next_line(units, entries), ""]
    again = due(units, entries)
    if again:
        titles = ", ".join(f"`{item.id}`" for item in again[:4]) + (" and more" if len(again) > 4 else "")
        lines += [f"Due again: {titles}. `dlkit review` in a terminal gives you blank copies.", ""]
    lines += ["| unit | level | hours | solved | points | next |", "|:--|:--|--:|:--|--:|:--|"]
    lines += [_row(unit, outline(unit), progress_of(unit, entries)) for unit in units]
    lines += [
        "",
        "Run this cell (Shift+Enter) to bring the page up to date. In a terminal (File, New, Terminal): `dlkit quiz`, "
        "`dlkit interview`, `dlkit progress`.",
    ]
    return "\n".join(lines)


def _next_line(units: list[Unit], entries: list[Entry]) -> str:
    item = up_next(units, entries)
    if item is None:
        return "**Everything is handed in and passed.** `dlkit interview` asks for it under time pressure."
    word = "Go on" if entries else "Begin"
    about = " · ".join(part for part in (item.stars, f"{item.minutes} min" if item.minutes else "") if part)
    return f"**{word}: [{item.title}]({_link(item)})** {about} · in {item.chapter}"


def _row(unit: Unit, items: list[Item], progress: Progress) -> str:
    stars = [item.stars for item in items if item.kind == "exercise"]
    level = " ".join(f"{stars.count(mark)} {mark}" for mark in ("★", "★★", "★★★") if mark in stars)
    hours = sum(item.minutes for item in items) / 60
    filled = BAR * progress.passed // progress.exercises if progress.exercises else 0
    bar = "▰" * filled + "▱" * (BAR - filled)
    following = next((item for item in items if item.id == progress.next), None)
    link = f"[{following.title}]({_link(following)})" if following else "done"
    cells = [
        f"[{items[0].chapter}]({unit.name}/{unit.name}.ipynb)", level, f"{hours:.0f}",
        f"{bar} {progress.passed} of {progress.exercises}", f"{progress.points:g} / {progress.max_points:g}", link,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _link(item: Item) -> str:
    """JupyterLab opens the notebook at this cell; elsewhere it just opens."""
    return f"{item.unit}/{item.unit}.ipynb#cell-id={item.place}"


def write_welcome(home: Workspace, course: Course) -> Path:
    """Write the page into the workspace. A file there that cannot be read stays, and the page goes beside it."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    page = new_output("execute_result", data={"text/markdown": welcome_page(home, course)}, execution_count=1)
    hidden: dict[str, Any] = {"jupyter": {"source_hidden": True}, "deletable": False, "editable": False}
    cell = new_code_cell(SOURCE, id=CELL, metadata=hidden, outputs=[page], execution_count=1)
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    path = home.folder / FILE
    notebook = new_notebook(cells=[], metadata=kernel)
    if path.exists():
        try:
            notebook = nbformat.reads(path.read_text(encoding="utf-8"), 4)
        except Exception:  # nbformat lets many kinds through
            path = home.folder / "Welcome-2.ipynb"
    own = [other for other in notebook.cells if other.get("id") != CELL and other.source.strip()]
    notebook.cells = [cell, *own]
    write_atomic(path, (nbformat.writes(notebook) + "\n").encode())
    return path


def show() -> None:
    """Show the page below the cell that is run."""
    from IPython.display import Markdown, display

    display(Markdown(welcome_page(Workspace(), Course.find())))
