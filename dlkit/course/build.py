"""`dlkit build`: one lesson becomes three notebooks.

source/<unit>/     answers and hidden checks, with nbgrader's metadata: what nbgrader calls the source
notebooks/<unit>/  the release: stubs, visible checks
solutions/<unit>/  the source, executed, with its tables and plots

The release is made by nbgrader's own preprocessors, with the course's nbgrader_config.py, so that
`nbgrader generate_assignment` on a clone gives the same. The same input gives the same bytes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from dlkit.course.compile import compile_lesson
from dlkit.course.errors import UserError
from dlkit.course.lesson import read_lesson
from dlkit.course.units import Unit
from dlkit.questions.bank import load

__all__ = ["build", "differences", "release_of", "solution_of", "source_of"]

CELL_SECONDS = 120


def source_of(unit: Unit) -> NotebookNode:
    """The source notebook of a unit, compiled from its lesson."""
    try:
        bank = load(unit.topic)
    except ModuleNotFoundError:
        raise UserError(f"{unit.name} has no question bank: write dlkit/questions/{unit.topic}.py.") from None
    reference = Path(__file__).resolve().parents[1] / "reference"
    return _checksummed(compile_lesson(read_lesson(unit.lesson), unit.name, reference, bank), unit.root)


def release_of(source: NotebookNode, root: Path) -> NotebookNode:
    """What learners get: nbgrader's generate_assignment without its gradebook."""
    from nbgrader import preprocessors as steps

    names = (
        "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata", "ComputeChecksums", "ClearHiddenTests",
        "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata",
    )  # fmt: skip
    return _preprocess(source, [getattr(steps, name) for name in names], root)


def solution_of(source: NotebookNode, folder: Path) -> NotebookNode:
    """The source executed in a fresh kernel, without times and versions; UserError where a cell fails."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbconvert.preprocessors import CoalesceStreamsPreprocessor

    notebook = copy.deepcopy(source)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        record_timing=False,
        extra_arguments=["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise UserError(f"a cell of the solution fails: {error.ename}: {error.evalue}") from None
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.pop("transient", None)
        if cell.cell_type == "code":  # how many pieces a print comes in is a matter of time
            CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
    return notebook


def _preprocess(notebook: NotebookNode, steps: Iterable[Any], root: Path) -> NotebookNode:
    from traitlets.config import Config, PyFileConfigLoader

    file = root / "nbgrader_config.py"
    config = PyFileConfigLoader(file.name, str(root)).load_config() if file.is_file() else Config()
    made = copy.deepcopy(notebook)
    resources: dict[str, Any] = {}
    for step in steps:
        made, resources = step(config=config).preprocess(made, resources)
    return made


def _checksummed(notebook: NotebookNode, root: Path) -> NotebookNode:
    from nbgrader.preprocessors import ComputeChecksums

    return _preprocess(notebook, [ComputeChecksums], root)


def _text(notebook: NotebookNode) -> str:
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook, nbformat.NO_CONVERT)
    return text if text.endswith("\n") else text + "\n"


def _write(path: Path, notebook: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(notebook), encoding="utf-8", newline="\n")


def build(unit: Unit) -> list[Path]:
    """Write a unit's three notebooks and return their paths; nothing is written when anything fails."""
    source = source_of(unit)
    made = {
        unit.notebook("source"): source,
        unit.notebook("notebooks"): release_of(source, unit.root),
        unit.notebook("solutions"): solution_of(source, unit.root),
    }
    for path, notebook in made.items():
        _write(path, notebook)
    return list(made)


def differences(unit: Unit) -> list[Path]:
    """The built notebooks that differ from what the lesson gives; a solution's outputs are nbval's to judge."""
    source = source_of(unit)
    expected = {
        unit.notebook("source"): _text(source),
        unit.notebook("notebooks"): _text(release_of(source, unit.root)),
    }
    wrong = [path for path, text in expected.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    solution = unit.notebook("solutions")
    if not solution.is_file() or _text(_without_outputs(nbformat.read(solution, 4))) != _text(source):
        wrong.append(solution)
    return wrong


def _without_outputs(notebook: NotebookNode) -> NotebookNode:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)
    return notebook
