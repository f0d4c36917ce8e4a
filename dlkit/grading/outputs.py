"""What cells leave in a notebook: the table of a check cell, and what an answer's cell printed and raised."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from dlkit.check.result import ExerciseResult
from dlkit.check.session import Score

__all__ = ["answer_outputs", "check_outputs", "clean"]

CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """The text without terminal escapes and control characters."""
    return CONTROL.sub("", text)


def check_outputs(result: ExerciseResult, count: int) -> list[NotebookNode]:
    """A check cell's output, as a kernel would have left it: the points that nbgrader reads, and the table."""
    score = Score(result.points)
    score.result = result
    return [_output("execute_result", data=score._repr_mimebundle_(), metadata={}, execution_count=count)]


def answer_outputs(printed: str, error: tuple[str, str, str] | None) -> list[NotebookNode]:
    """An answer cell's outputs: what it printed, and its error as (name, text, traceback)."""
    outputs = [_output("stream", name="stdout", text=clean(printed))] if printed else []
    if error:
        name, text, trace = map(clean, error)
        outputs.append(_output("error", ename=name, evalue=text, traceback=trace.splitlines() or [f"{name}: {text}"]))
    return outputs


def _output(kind: str, **parts: Any) -> NotebookNode:
    """As nbformat's new_output, which validates each against the schema: a tenth of a submission's time."""
    output = nbformat.from_dict({"output_type": kind, **parts})
    assert isinstance(output, NotebookNode)
    return output
