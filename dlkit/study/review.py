"""Solving again what was solved: which exercises are due, and a copy of the learner's notebook with those blanked.

<workspace>/review/01_activations.ipynb   the copy; its metadata names the exercises that were blanked in it
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from dlkit.course.cells import grade_id_of
from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.journal import Entry
from dlkit.course.outline import Item, outline
from dlkit.course.progress import progress_of
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from dlkit.grading.ingest import belongs, merge, read_notebook
from dlkit.grading.practice import narrowed
from dlkit.study.moments import in_words

__all__ = ["coming", "copy_of", "due", "only", "outlook", "prepare", "reviewed"]

CELL = "dlkit-review"
NAMED = 6


def due(units: list[Unit], entries: list[Entry], now: datetime | None = None) -> list[Item]:
    """The exercises to solve again, the most overdue first."""
    now = now or datetime.now(UTC)
    found = []
    for unit in units:
        standings = {item.id: item for item in progress_of(unit, entries, now).items}
        for item in outline(unit):
            time = standings[item.id].due if item.id in standings else None
            if time and time <= now:
                found.append((time, item))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def coming(units: list[Unit], entries: list[Entry], now: datetime) -> list[tuple[datetime, str]]:
    """The exercises that will be due, the next first, with the moment."""
    found = [item for unit in units for item in progress_of(unit, entries, now).items]
    return sorted((item.due, item.id) for item in found if item.due and item.due > now)


def outlook(unit: Unit, entries: list[Entry], ids: list[str]) -> str:
    """When those of these exercises that are not due any more will be due again; "" where there are none."""
    now = datetime.now(UTC)
    groups: dict[str, list[str]] = {}
    for time, id in coming([unit], entries, now):
        if id in ids:
            groups.setdefault(in_words(time, now), []).append(id)
    words = "; ".join(f"{when}: {_names(group)}" for when, group in groups.items())
    return f"Due again {words}." if words else ""


def copy_of(home: Workspace, unit: Unit) -> Path:
    """Where a unit's review copy is written."""
    return home.folder / "review" / f"{unit.name}.ipynb"


def reviewed(notebook: NotebookNode) -> list[str]:
    """The exercises that were blanked in a review copy; none in any other notebook."""
    metadata = notebook.metadata.get("dlkit")
    ids = metadata.get("review") if isinstance(metadata, dict) else None
    return [id for id in ids if isinstance(id, str)] if isinstance(ids, list) else []


def only(notebook: NotebookNode, ids: list[str]) -> NotebookNode:
    """A notebook of the course without the checks of all other exercises; UserError where none is left."""
    if not {f"{id}-check" for id in ids} & {grade_id_of(cell) for cell in notebook.cells}:
        raise UserError("The unit no longer has the exercises of this review copy. `dlkit review` makes a new one.")
    return narrowed(notebook, ids)


def prepare(home: Workspace, unit: Unit, items: list[Item], entries: list[Entry]) -> str:
    """Write the copy of a unit in which these exercises are blank. Returns a line that says so.

    An older copy with work that is not finished stays as it is; any other is kept in the history first.
    """
    mine, path = home.notebook(unit), copy_of(home, unit)
    notebook = read_notebook(mine)
    belongs(notebook, unit, mine)
    release = unit.read("notebooks")
    blanked = _blanked(notebook, release, items)
    blanked.metadata["dlkit"] = {"unit": unit.name, "review": [item.id for item in items]}
    minutes = sum(item.minutes for item in items)
    line = f"{unit.name}: {_names([item.id for item in items])}{f' (about {minutes} min)' if minutes else ''}"
    kept = ""
    if path.exists():
        before = _read(path)
        if before and [cell.source for cell in before.cells] == [cell.source for cell in blanked.cells]:
            return f"{line}: the blank copy of before is still blank"
        begun = _begun(before, _answers(release), unit, entries) if before else []
        if begun:
            return f"{unit.name}: you have begun {_names(begun)}; finish that, or delete the copy to get a new one"
        kept = f"; the copy of before is kept at {home.keep(unit, path)}"
    write_atomic(path, (nbformat.writes(blanked) + "\n").encode())
    return f"{line}: blank in a copy of your notebook{kept}"


def _read(path: Path) -> NotebookNode | None:
    try:
        return read_notebook(path)
    except UserError:
        return None  # whatever it is, it will be kept


def _names(ids: list[str]) -> str:
    more = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _blanked(notebook: NotebookNode, release: NotebookNode, items: list[Item]) -> NotebookNode:
    """The learner's notebook with the release's stubs for these exercises, and no outputs."""
    stubs = {id: source for id, source in _answers(release).items() if id in [item.id for item in items]}
    if not set(stubs) <= set(_answers(notebook)):  # a cell was deleted: it comes back at its place
        metadata = notebook.metadata
        notebook = merge(release, notebook)
        notebook.metadata = metadata
    elif notebook.nbformat_minor < 5:
        notebook = nbformat.v4.upgrade(notebook, from_minor=notebook.nbformat_minor)
    for cell in notebook.cells:
        cell.source = stubs.get(_id(cell), cell.source)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    links = "\n".join(f"- [{item.title}](#cell-id={item.place}) {item.stars}" for item in items)
    text = f"# Once more, from a blank\n\nYou have solved these before. All else is as you left it.\n\n{links}"
    notebook.cells = [new_markdown_cell(text, id=CELL), *(cell for cell in notebook.cells if cell.get("id") != CELL)]
    return notebook


def _begun(copy: NotebookNode, stubs: dict[str, str], unit: Unit, entries: list[Entry]) -> list[str]:
    """The exercises of an older copy in which something was written that has not passed."""
    now = datetime.now(UTC)
    recalls = {item.id: item.recall for item in progress_of(unit, entries, now).items if item.recall}
    waiting = [id for id in reviewed(copy) if id in recalls and (recalls[id].failed or recalls[id].due <= now)]
    answers = _answers(copy)
    return [id for id in waiting if answers.get(id, "").strip() not in ("", stubs[id].strip())]


def _answers(notebook: NotebookNode) -> dict[str, str]:
    return {_id(cell): cell.source for cell in notebook.cells if _id(cell)}


def _id(cell: NotebookNode) -> str:
    """The exercise that a cell answers, or ""."""
    grader = cell.metadata.get("nbgrader")
    id = grader.get("grade_id") if isinstance(grader, dict) and grader.get("solution") else None
    return id if isinstance(id, str) else ""
