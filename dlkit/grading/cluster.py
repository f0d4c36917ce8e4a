"""Grading on more than one machine: submissions mapped over a dask.distributed cluster.

A worker is sent the submission's and the course's notebooks as bytes and sends its outcome back as JSON. Nothing of
either is believed before it was checked: the outcome must be of these exercises, with points between zero and theirs.
A worker that dies loses nothing: its submission goes to another.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from dlkit.course.errors import UserError
from dlkit.course.units import Unit
from dlkit.grading import results
from dlkit.grading.paths import submission_of
from dlkit.grading.report import Report

__all__ = ["Outcomes", "cluster", "outcome", "validated"]

Task = tuple[Unit, str]
Outcomes = Callable[[list[Task], bool, bool], Iterator[tuple[Task, str]]]
"""Gives each task with its outcome's key, once the outcome is kept: (tasks, boxed, force)."""

RETRIES = 3
CONNECT_SECONDS = 10
FOLDERS = ("source", "notebooks")


def outcome(name: str, student: str, files: dict[str, bytes], boxed: bool) -> bytes:
    """On a worker: grade one submission in a course of its own that lasts for this call."""
    from dlkit.grading.engine import Engine

    with tempfile.TemporaryDirectory() as folder, Engine(boxed) as engine:
        unit = Unit(Path(folder), name)
        for part in FOLDERS:
            unit.notebook(part).parent.mkdir(parents=True)
            unit.notebook(part).write_bytes(files[part])
        path = submission_of(unit, student)
        path.parent.mkdir(parents=True)
        path.write_bytes(files["submission"])
        report, notebook = engine.grade(unit, student, path)
    return results.to_bytes(report, notebook)


def validated(data: Any, unit: Unit, student: str) -> tuple[Report, nbformat.NotebookNode | None]:
    """An outcome that came back, if it can be one of this submission; UserError otherwise."""
    problem = UserError(
        f"A worker sent back what is no outcome of {student}'s {unit.name}; nothing was written for it."
    )
    try:
        report, notebook = results.parse(data)
    except (ValueError, KeyError, TypeError):
        raise problem from None
    cells = nbformat.read(unit.notebook("source"), 4).cells
    graders = [cell.metadata.get("nbgrader", {}) for cell in cells if cell.cell_type == "code"]
    limits = {g["grade_id"].removesuffix("-check"): g["points"] for g in graders if g.get("grade")}
    found = {exercise.id: exercise for exercise in report.exercises}
    right = (report.unit, report.student) == (unit.name, student) and all(
        exercise.max_points == limits.get(id) and 0 <= exercise.points <= exercise.max_points
        for id, exercise in found.items()
    )
    complete = report.error is not None or set(found) == set(limits)
    if not right or not complete or len(found) != len(report.exercises):
        raise problem
    return report, notebook


@contextmanager
def cluster(address: str | None) -> Iterator[Outcomes | None]:
    """The outcomes of a cluster; None without an address. UserError where it cannot be reached."""
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise UserError("--scheduler needs dask.distributed: pip install 'dlkit[cluster]'.") from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(
            f"There is no scheduler at {address}: {type(error).__name__}. Start one with `dask scheduler`."
        ) from None
    try:
        yield lambda tasks, boxed, force: _outcomes(client, tasks, boxed, force)
    finally:
        client.close()


def _outcomes(client: Any, tasks: list[Task], boxed: bool, force: bool) -> Iterator[tuple[Task, str]]:
    futures = {}
    for task in tasks:
        unit, student = task
        key = results.key_of(unit, student, boxed)
        if force or results.load(unit.root, key) is None:
            files = {part: unit.notebook(part).read_bytes() for part in FOLDERS}
            path = submission_of(unit, student)
            files["submission"] = path.read_bytes() if path.is_file() else b""
            futures[task] = client.submit(
                outcome, unit.name, student, files, boxed, key=f"dlkit-{key}", retries=RETRIES
            )
    for task in tasks:
        unit, student = task
        key = results.key_of(unit, student, boxed)
        if task in futures:
            try:
                data = futures[task].result()
            except UserError:
                raise
            except Exception as error:  # whatever the cluster failed with
                raise UserError(
                    f"The cluster gave up on {student}'s {unit.name}: {type(error).__name__}: {error}"
                ) from None
            results.save(unit.root, key, *validated(data, unit, student))
        yield task, key
