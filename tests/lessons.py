"""Putting answers, right and wrong, to a lesson's own check cells, without a kernel."""

from __future__ import annotations

import functools
import inspect
import shutil
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from dlkit.check.result import ExerciseResult
from dlkit.check.rules import use_sources
from dlkit.check.session import check
from dlkit.course.build import source_of
from dlkit.course.inline import defined_names, free_names
from dlkit.course.units import Course, Unit

ROOT = Path(__file__).resolve().parents[1]
COURSE = Course(ROOT)
UNITS = [unit for unit in COURSE.units if unit.lesson.is_file()]


def course_in(folder: Path, unit: Unit) -> Unit:
    """A course of one unit in a folder of its own, as a teacher has it; nothing is handed in yet."""
    for part in ("source", "notebooks"):
        shutil.copytree(ROOT / part / unit.name, folder / part / unit.name)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return Unit(folder, unit.name)


class Exercise:
    """One exercise of a lesson: its answer's names, and its check cell."""

    def __init__(self, given: str, solution: str, cell: NotebookNode) -> None:
        self.id = cell.metadata.nbgrader.grade_id.removesuffix("-check")
        self.points = cell.metadata.nbgrader.points
        self.source = cell.source
        self._given, self._solution = given, solution

    @functools.cached_property
    def names(self) -> list[str]:
        """The functions that the exercise asks for."""
        before = _run(self._given)
        return [name for name in _run(self._given, self._solution) if name not in before]

    def grade(self, *answers: tuple[str, Callable[..., Any]]) -> ExerciseResult:
        """The result of the check cell with the reference answers, some of them replaced."""
        namespace = _run(self._given, self._solution)
        sources = [self._given, self._solution]
        for name, answer in answers:
            namespace[name] = renamed(answer, name)
            module = inspect.getmodule(answer)
            sources += [inspect.getsource(module)] if module else []
            sources += [f"{name} = {answer.__name__}"] if answer.__name__ != name else []
        scored: list[ExerciseResult] = []
        with use_sources(sources):
            source, _, last = self.source.rpartition("\n")
            assert last == "check.score()"
            exec(source, namespace)
            scored.append(check.result())
        return scored[0]


def renamed(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The same function under another name, as if the learner had typed it."""
    if not isinstance(function, types.FunctionType):
        return function
    copy = types.FunctionType(
        function.__code__, function.__globals__, name, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _run(*sources: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "lesson"}
    for source in sources:
        exec(compile(source, "<lesson>", "exec"), namespace)
    return namespace


@functools.cache
def exercises(unit: Unit) -> list[Exercise]:
    """The exercises of a unit, questions included, in order; each knows the earlier answers that its own calls."""
    return list(_exercises(source_of(unit)))


def _exercises(notebook: NotebookNode) -> Iterator[Exercise]:
    given, solution = "", ""
    solved: dict[str, str] = {}
    for cell in notebook.cells:
        role = cell.metadata.get("dlkit", {}).get("role")
        if role == "given":
            given += cell.source + "\n"
        elif role == "solve":
            solution = cell.source
        elif role == "check":
            calls = {solved[name]: None for name in sorted(free_names(solution) & set(solved))}
            yield Exercise("\n".join([given, *calls]), solution, cell)
            solved |= dict.fromkeys(defined_names(solution), solution)
