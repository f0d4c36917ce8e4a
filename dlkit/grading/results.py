"""Outcomes as files: one per version of a submission, written whole or not at all.

The name is a hash of everything that the outcome depends on: the submission, the course's notebook, this package and
its Python. What was interrupted has no file and is done again; what has one is not.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from dlkit.check.result import ExerciseResult
from dlkit.course.files import write_atomic
from dlkit.course.units import Unit
from dlkit.grading.paths import result_of, submission_of
from dlkit.grading.report import Report

__all__ = ["key_of", "load", "parse", "save", "to_bytes"]

PACKAGE = Path(__file__).resolve().parents[1]


@functools.cache
def _engine() -> bytes:
    """A hash of the code that grades: another version may judge otherwise."""
    digest = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.digest()


def key_of(unit: Unit, student: str, boxed: bool) -> str:
    """The hash that names the outcome of a student's present submission."""
    digest = hashlib.sha256(_engine() + bytes([boxed]) + f"{unit.name}\0{student}\0".encode())
    for path in (submission_of(unit, student), unit.notebook("source")):
        digest.update(path.read_bytes() if path.is_file() else b"-")
        digest.update(b"\0")
    return digest.hexdigest()


def save(root: Path, key: str, report: Report, notebook: NotebookNode | None) -> None:
    """Keep an outcome."""
    write_atomic(result_of(root, key), to_bytes(report, notebook))


def to_bytes(report: Report, notebook: NotebookNode | None) -> bytes:
    """An outcome as JSON."""
    exercises = [exercise.to_mime() for exercise in report.exercises]
    return json.dumps({"report": {**vars(report), "exercises": exercises}, "notebook": notebook}).encode()


def load(root: Path, key: str) -> tuple[Report, NotebookNode | None] | None:
    """An outcome that was kept; None where there is none, or it cannot be read."""
    try:
        return parse(result_of(root, key).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def parse(data: bytes) -> tuple[Report, NotebookNode | None]:
    """An outcome from its bytes; ValueError, KeyError or TypeError where they are none."""
    body = json.loads(data)
    notebook = body["notebook"]
    return _report(body["report"]), nbformat.from_dict(notebook) if notebook else None


def _report(data: dict[str, Any]) -> Report:
    exercises = tuple(ExerciseResult.from_mime(exercise) for exercise in data["exercises"])
    manual, notes = tuple(data["manual"]), tuple(data["notes"])
    return Report(data["unit"], data["student"], exercises, manual, data["error"], notes)
