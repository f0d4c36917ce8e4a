"""The judge: runs a notebook's check cells here, and its answers in a prison; it alone writes outcomes.

Cells go in the notebook's order. Answers, given code and added cells run in the learner's process; check cells run
here, with the names that they use bound to proxies. What the learner's process cannot survive costs the exercise that
it was busy with.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from dlkit.check.result import ExerciseResult
from dlkit.check.rules import use_sources
from dlkit.check.session import Score, check
from dlkit.course.inline import free_names
from dlkit.grading.remote import Learner, Limits, Lost, RunResult

__all__ = ["judge"]

SCORE = "check.score()"
ANSWERS = ("solve", "given", "added")
ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


class _Judge:
    def __init__(self, connect: Callable[[], Any], limits: Limits) -> None:
        self.connect, self.limits = connect, limits
        self.deadline = time.monotonic() + limits.notebook
        self.done: list[tuple[str, str]] = []
        self.skipped: set[str] = set()
        self.losses = 0
        self.trusted: dict[str, Any] = {"__name__": "judge"}
        self.learner = Learner(connect(), limits, self.deadline)

    def run(self, id: str, source: str) -> RunResult:
        """Run a learner's cell, in a new process if it lost the one before."""
        self._revive()
        try:
            result = self.learner.run(id, source)
        except Lost as error:
            self.skipped.add(id)
            result = RunResult("", ("Stopped", str(error), ""))
        self.done.append((id, source))
        return result

    def _revive(self) -> None:
        """A new process that has run the cells so far, where the one before was lost."""
        while self.learner.lost and self.losses < self.limits.losses and time.monotonic() < self.deadline:
            self.losses += 1
            self.learner = Learner(self.connect(), self.limits, self.deadline)
            for id, source in self.done:
                if id in self.skipped:
                    continue
                try:
                    self.learner.run(id, source)
                except Lost:
                    self.skipped.add(id)
                    break

    def check(self, source: str, sources: list[str]) -> ExerciseResult:
        """Run a check cell."""
        self._revive()
        body = source.removesuffix(SCORE)
        namespace = dict(self.trusted)
        for name in free_names(body) - set(namespace):
            try:
                namespace[name] = self.learner.look(name)
            except (NameError, Lost):
                continue  # the checks that use it say that it is not defined
        with use_sources(sources):
            exec(compile(body, "<check>", "exec", dont_inherit=True), namespace)
            return check.result()


def judge(notebook: NotebookNode, connect: Callable[[], Any], limits: Limits | None = None) -> NotebookNode:
    """Run a merged notebook, with the teacher's checks and the learner's answers, and fill in its outputs.

    connect: gives the connection to a new learner's process, ending the one before.
    """
    court = _Judge(connect, limits or Limits())
    sources: list[str] = []
    count = 0
    for cell in notebook.cells:
        role = cell.metadata.get("dlkit", {}).get("role")
        if cell.cell_type != "code" or role not in (*ANSWERS, "check"):
            continue
        count += 1
        cell.execution_count = count
        if role == "check":
            result = court.check(cell.source, sources)
            cell.outputs = [_scored(result, count)]
        else:
            if role == "given":
                exec(compile(cell.source, "<given>", "exec", dont_inherit=True), court.trusted)
            shown = court.run(cell.id, cell.source)
            sources.append(cell.source)
            cell.outputs = _outputs(shown)
    return notebook


def _scored(result: ExerciseResult, count: int) -> NotebookNode:
    score = Score(result.points)
    score.result = result
    return new_output("execute_result", score._repr_mimebundle_(), execution_count=count)


def _outputs(shown: RunResult) -> list[NotebookNode]:
    outputs = []
    if shown.printed:
        outputs.append(new_output("stream", name="stdout", text=ANSI.sub("", shown.printed)))
    if shown.error:
        name, text, trace = (ANSI.sub("", part) for part in shown.error)
        outputs.append(
            new_output("error", ename=name, evalue=text, traceback=trace.splitlines() or [f"{name}: {text}"])
        )
    return outputs
