"""A course of one small unit, cut from the first real one, and the `dlkit` command run on it in this process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbformat import NotebookNode

from dlkit.cli import main
from dlkit.course.units import Unit
from tests.lessons import UNITS

__all__ = ["NAME", "POINTS", "Run", "dlkit", "files", "small_course", "solved", "write"]

NAME = UNITS[0].name
KEPT = ("setup", "sigmoid", "sigmoid-check", "sigmoid_backward", "sigmoid_backward-check", "a-relu-three-advantages")
POINTS = 4.0
"""The points that a program gives in the small unit: two for each of its two exercises."""


def small_course(root: Path) -> Unit:
    """Write source and release of the small unit below `root`: two exercises and a written answer."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(UNITS[0].root / "nbgrader_config.py", root)
    unit = Unit(root, NAME)
    for folder in ("source", "notebooks"):
        notebook = nbformat.read(UNITS[0].notebook(folder), 4)
        notebook.cells = [cell for cell in notebook.cells if cell.id in KEPT]
        assert [cell.id for cell in notebook.cells] == list(KEPT), f"{folder}/{NAME} no longer has these cells"
        write(unit.notebook(folder), notebook)
    return unit


def write(path: Path, notebook: NotebookNode) -> Path:
    """Save a notebook as the course's own are saved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook, nbformat.NO_CONVERT) + "\n", encoding="utf-8")
    return path


def solved(unit: Unit, *ids: str) -> NotebookNode:
    """The release with the reference answers in these cells."""
    notebook = nbformat.read(unit.notebook("notebooks"), 4)
    answers = {cell.id: cell.source for cell in nbformat.read(unit.notebook("source"), 4).cells}
    for cell in notebook.cells:
        if cell.id in ids:
            cell.source = answers[cell.id]
    return notebook


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes: two of these are equal when nothing was touched."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Run(NamedTuple):
    """What a command did: its exit status, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What `--json` printed, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def dlkit(capsys: pytest.CaptureFixture[str], *arguments: object) -> Run:
    """Run `dlkit` as its entry point does. Whatever it was given: no traceback, and status 2 means one line."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    run = Run(int(ended.value.code or 0), *capsys.readouterr())
    assert "Traceback" not in run.out + run.err
    if run.status == 2:
        assert run.err.startswith("dlkit: "), f"an error begins with the program's name: {run.err!r}"
        assert run.err.count("\n") == 1, f"an error is one line: {run.err!r}"
    else:
        assert run.err == "", f"only an error goes to stderr: {run.err!r}"
    return run
