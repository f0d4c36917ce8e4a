"""A course of one small unit, cut from the first real one, so that grading it whole takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from dlkit.course.build import release_of
from dlkit.course.units import Unit
from tests.lessons import UNITS

__all__ = ["NAME", "POINTS", "small_course", "write"]

NAME = UNITS[0].name
KEPT = ("setup", "sigmoid", "sigmoid-check", "sigmoid_backward", "sigmoid_backward-check", "a-relu-three-advantages")
POINTS = 4
"""The points that a program gives in the small unit: two for each of its two exercises."""


def small_course(root: Path) -> Unit:
    """Write the source and release of the small unit below `root`: two exercises and a written answer."""
    real = UNITS[0]
    source = nbformat.read(real.notebook("source"), 4)
    source.cells = [cell for cell in source.cells if cell.id in KEPT]
    assert [cell.id for cell in source.cells] == list(KEPT), f"{NAME} no longer begins with these exercises"
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(real.root / "nbgrader_config.py", root)
    unit = Unit(root, NAME)
    for folder, notebook in (("source", source), ("notebooks", release_of(source, root))):
        write(unit.notebook(folder), notebook)
    return unit


def write(path: Path, notebook: NotebookNode) -> Path:
    """Save a notebook as the course's own are saved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook, nbformat.NO_CONVERT) + "\n", encoding="utf-8")
    return path
