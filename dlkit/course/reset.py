"""Blank again: a unit, or one exercise of it. The old answers are kept in the history first."""

from __future__ import annotations

import difflib

import nbformat

from dlkit.course.cells import grade_id_of
from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace

__all__ = ["reset"]

RELOAD = "where JupyterLab has it open, choose File > Reload Notebook from Disk."


def reset(workspace: Workspace, unit: Unit, exercise: str | None = None) -> str:
    """Put the release's stub back; returns one line that says what was done and where the old version is."""
    release = unit.read("notebooks")
    mine = workspace.notebook(unit)
    blank = unit.notebook("notebooks").read_bytes()
    stubs = {
        grade_id_of(cell): cell.source for cell in release.cells if cell.metadata.get("nbgrader", {}).get("solution")
    }
    if exercise is not None and exercise not in stubs:
        near = difflib.get_close_matches(exercise, stubs, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(stubs)}."
        raise UserError(f"{unit.name} has no exercise {exercise!r}. {hint}")
    if not mine.exists():
        write_atomic(mine, blank)
        return f"{unit.name} was not there; a blank copy is now at {mine}"
    if exercise is None:
        kept = workspace.keep(unit, mine)
        write_atomic(mine, blank)
        return f"{unit.name} is blank again; {RELOAD} Your version is kept at {kept}"
    try:
        notebook = nbformat.reads(mine.read_text(encoding="utf-8"), 4)
    except Exception:  # nbformat lets many kinds through
        raise UserError(f"{mine} cannot be read as a notebook. `dlkit reset {unit.name}` blanks all of it.") from None
    cells = [cell for cell in notebook.cells if grade_id_of(cell) == exercise]
    if not cells:
        raise UserError(
            f"{mine} has no cell for {exercise!r}: it was deleted. `dlkit reset {unit.name}` blanks the unit."
        )
    kept = workspace.keep(unit, mine)
    for cell in cells:
        cell.source = stubs[exercise]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    write_atomic(mine, (nbformat.writes(notebook) + "\n").encode())
    return f"{exercise} is blank again; {RELOAD} Your version is kept at {kept}"
