"""`dlkit check`: the visible checks of a notebook, run in a fresh process without a Jupyter kernel.

A cell that hangs, exits or crashes costs itself; another process runs the others without it, so that every other
exercise still counts.
"""

from __future__ import annotations

import builtins
import copy
from collections.abc import Callable, Collection, Mapping
from typing import Any

from nbformat import NotebookNode

from dlkit.check.result import ExerciseResult
from dlkit.course.cells import grade_id_of, role_of
from dlkit.course.inline import defined_names, free_names
from dlkit.grading.fresh import Fresh
from dlkit.grading.outputs import answer_outputs, check_outputs
from dlkit.grading.report import Report, collect

__all__ = ["names_in", "narrowed", "practice", "practise"]

RUN = ("given", "solve", "added", "check")


def practice(notebook: NotebookNode, unit: str, student: str) -> Report:
    """Run a notebook's answers and checks in a fresh process and report them."""
    return collect(practise(notebook), unit, student)


def practise(
    notebook: NotebookNode, start: Callable[[], Fresh] = Fresh, known: Mapping[str, str] | None = None
) -> NotebookNode:
    """Run a notebook's answers and checks in a process that `start` gives, and fill in its outputs.

    known: by their source, the errors of cells that need not be run again to learn that they hang or crash.
    """
    cells = [_plain(cell) for cell in notebook.cells if cell.cell_type == "code" and role_of(cell) in RUN]
    dropped = {cell["id"]: known[cell["source"]] for cell in cells if known and cell["source"] in known}
    while True:
        with start() as process:
            lines, stopped = process.run([cell for cell in cells if cell["id"] not in dropped])
        if stopped is None:
            break
        dropped[stopped[0]] = stopped[1]
    results = {line["id"]: ExerciseResult.from_mime(line["result"]) for line in lines if "result" in line}
    errors = {line["id"]: line["error"] for line in lines if line.get("error")} | dropped
    count = 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and role_of(cell) in RUN:
            count += 1
            id = _plain(cell)["id"]
            cell.execution_count = count
            if id in results:
                cell.outputs = check_outputs(results[id], count)
            elif id in errors:
                name, _, text = errors[id].partition(": ")
                cell.outputs = answer_outputs("", (name, text, ""))
    return notebook


def narrowed(notebook: NotebookNode, exercises: Collection[str]) -> NotebookNode:
    """The notebook up to the last check of these exercises, less the checks of others and what no answer uses.

    That is a cell of the learner's own whose names nothing else knows: an experiment, which may take long.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and role_of(cell) in RUN]
    cells = [cell for cell in cells if role_of(cell) != "check" or _exercise(cell) in exercises]
    while cells and role_of(cells[-1]) != "check":
        cells.pop()
    idle = {cell.id: cell.source for cell in cells if role_of(cell) == "added"}
    used = set(dir(builtins)).union(*(names_in(cell.source)[1] for cell in cells if cell.id not in idle))
    while needed := [id for id, source in idle.items() if _may_matter(source, used)]:
        used.update(*(names_in(idle.pop(id))[1] for id in needed))
    part = copy.copy(notebook)
    part.cells = [cell for cell in cells if cell.id not in idle]
    return part


def _may_matter(source: str, used: set[str]) -> bool:
    """Whether a cell defines what is used, or nobody knows what: IPython's own syntax hides the names."""
    defined, uses = names_in(source)
    return bool(defined & used) or not defined | uses or "import *" in source


def names_in(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that a cell defines, and those that it uses; none where it does not parse as plain Python."""
    try:
        return defined_names(source), free_names(source)
    except (SyntaxError, ValueError):
        return frozenset(), frozenset()


def _exercise(cell: NotebookNode) -> str:
    return grade_id_of(cell).removesuffix("-check")


def _plain(cell: NotebookNode) -> dict[str, Any]:
    grader = cell.metadata.get("nbgrader", {})
    id = grader.get("grade_id") or cell.id
    return {"id": id, "role": role_of(cell), "source": cell.source, "points": float(grader.get("points", 0))}
