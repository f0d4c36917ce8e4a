"""Distinct honest submissions in any number: right answers, blanks and real mistakes, drawn from a seed."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator

import nbformat
import numpy as np
from nbformat import NotebookNode

from dlkit import mistakes
from dlkit.course.inline import defined_names, free_names
from dlkit.course.units import Unit
from dlkit.grading.paths import submission_of
from tests.submissions import answered, solutions

__all__ = ["hand_in_all", "students"]

KNOWN = {"np", "math"}


def _mistakes(unit: Unit) -> dict[str, list[str]]:
    """The mistakes that stand on their own, as a learner's cell would have them, by function."""
    found: dict[str, list[str]] = {}
    for mistake in mistakes.load(unit.topic):
        tree = ast.parse(textwrap.dedent(inspect.getsource(mistake.answer)))
        function = tree.body[0]
        if not isinstance(function, ast.FunctionDef):
            continue  # a class that varies the reference
        function.decorator_list, function.name = [], mistake.function
        function.body = function.body[1:] or function.body
        source = ast.unparse(tree)
        reference = any(isinstance(node, ast.Name) and node.id == mistake.function for node in ast.walk(tree))
        if free_names(source) <= KNOWN and not reference:
            found.setdefault(mistake.function, []).append(source)
    return found


def students(unit: Unit, count: int, seed: int = 0) -> Iterator[NotebookNode]:
    """Submissions: the first full, the second empty, then mixtures of right, wrong and missing answers."""
    rng = np.random.default_rng(seed)
    wrong, right = _mistakes(unit), solutions(unit)
    cells = unit.read("source").cells
    code = {cell.metadata.nbgrader.grade_id for cell in cells if cell.metadata.get("dlkit", {}).get("role") == "solve"}
    for number in range(count):
        chosen: dict[str, str] = {}
        for id, source in right.items():
            names = sorted(defined_names(source)) if id in code else []
            slips = [slip for name in names for slip in wrong.get(name, ())]
            kind = 0.0 if number == 0 else 1.0 if number == 1 else rng.random()
            if kind < 0.6 or (kind < 0.85 and not slips):
                chosen[id] = source
            elif kind < 0.85:  # behind the right answer, which may share its cell
                chosen[id] = f"{source}\n\n\n{slips[rng.integers(len(slips))]}"
        first = next(iter(chosen), None)
        if first:
            chosen[first] += f"\n# submission {number}"
        yield answered(unit, chosen)


def hand_in_all(unit: Unit, count: int) -> None:
    """Put this many distinct submissions into a course, by s0000, s0001, …: the first full, the second empty."""
    for number, notebook in enumerate(students(unit, count)):
        path = submission_of(unit, f"s{number:04}")
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
