"""The judge: runs a notebook's check cells here, and its answers in a prison; it alone writes outcomes.

Cells go in the notebook's order. Answers, given code and added cells run in the learner's process; check cells run
here, with the names that they use bound to proxies. What the learner's process cannot survive costs the exercise that
it was busy with. What goes wrong here (a check cell that raises, a diagnosis that cannot cope, time that is used up)
costs the exercise too, and never the notebook.
"""

from __future__ import annotations

import functools
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from types import CodeType
from typing import Any

from nbformat import NotebookNode

from dlkit.check.call import Behaviour, Remote, TimeUp, time_limit
from dlkit.check.expectation import current
from dlkit.check.result import ExerciseResult
from dlkit.check.rules import use_sources
from dlkit.check.session import check
from dlkit.course.inline import defined_names, free_names
from dlkit.grading.ahead import Plan
from dlkit.grading.outputs import answer_outputs, check_outputs
from dlkit.grading.readable import Reader, Unreadable
from dlkit.grading.remote import Learner, Limits, Lost, RunResult, text_of

__all__ = ["judge"]

SCORE = "check.score()"
ANSWERS = ("solve", "given", "added")
MESSAGE = 3000


class _Stopped(Exception):
    """A check cell could not run, or not to its end."""


class _Dead(Remote):
    """A name that cannot be looked up any more."""

    def __init__(self, name: str, reason: str) -> None:
        self.__name__, self.reason = name, reason

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(self.reason)

    def behave(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Behaviour:
        return Behaviour(error="Stopped", text=self.reason)

    def graph(self) -> Remote:
        return self


class _Judge:
    def __init__(self, connect: Callable[[], Any], limits: Limits, private: set[str], plans: dict[str, Plan]) -> None:
        self.connect, self.limits, self.private, self.plans = connect, limits, private, plans
        self.deadline = time.monotonic() + limits.notebook
        self.done: list[tuple[str, str]] = []
        self.skipped: set[str] = set()
        self.losses = 0
        self.trusted: dict[str, Any] = {"__name__": "judge"}
        self.reader = Reader()
        self.learner = Learner(connect(), limits, self.deadline)

    def run(self, id: str, source: str) -> RunResult:
        """Run a learner's cell, in a new process if it lost the one before."""
        try:
            source = self.reader.read(source)
        except Unreadable as error:  # a rule could not look at it, so it does not count
            return RunResult("", (error.name, str(error), ""))
        self._revive()
        try:
            result = self.learner.run(id, source, plain=True)
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
                    self.learner.run(id, source, plain=True)
                except Lost:
                    self.skipped.add(id)
                    break

    def _begin(self, names: list[str], plan: Plan) -> dict[str, Any]:
        try:
            return self.learner.begin(names, plan)
        except Lost as error:
            return {name: _Dead(name, str(error)) for name in names}

    def check(self, source: str) -> ExerciseResult:
        """Run a check cell, with calls made ahead as long as the learner's process bears it."""
        plan = self.plans.get(source, ()) if not self.losses else ()
        result = self._check(source, plan)
        if self.learner.lost_ahead:  # which call it was that ended the process is known when each is made in its turn
            return self._check(source, ())
        if result.status == "passed" and not plan:
            self.plans[source] = tuple(self.learner.calls)
        return result

    def _check(self, source: str, plan: Plan) -> ExerciseResult:
        """Run a check cell. The learner's names are those that neither Python nor the course defines."""
        self._revive()
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise _Stopped("the notebook's time is used up")
        body = source.removesuffix(SCORE)
        namespace = dict(self.trusted)
        names = sorted(free_names(body) - set(namespace) - self.private)
        namespace |= self._begin(names, plan)  # the checks that use another say that it is not defined
        try:
            with use_sources(self.reader.sources), warnings.catch_warnings(), time_limit(left + 1):
                warnings.simplefilter("ignore")  # of values that an answer gave back
                exec(_compiled(body, "<check>"), namespace)
                return _result()
        except TimeUp:
            raise _Stopped("the notebook's time is used up") from None
        except Exception as error:
            raise _Stopped(f"the check cell raised {type(error).__name__}: {error}") from None
        finally:
            check.reset()


@functools.lru_cache(maxsize=1024)
def _compiled(source: str, name: str) -> CodeType:
    """A trusted cell's code: the same for every submission."""
    return compile(source, name, "exec", dont_inherit=True)


def _result() -> ExerciseResult:
    """The outcome of the checks that ran; without a diagnosis where a learner's values are too much for it."""
    try:
        result = check.result()
    except Exception:
        current.demands, check.broken = [], []
        for outcome in check.outcomes:
            outcome.problem = None
        result = check.result()
    checks = tuple(replace(one, message=text_of(one.message, MESSAGE)) for one in result.checks)
    return replace(result, checks=checks)


def _private(notebook: NotebookNode) -> set[str]:
    """The names that check cells define for themselves: never looked for among the learner's, in no check cell.

    Unless an exercise bears the name: a check cell may have a helper that is called as another exercise's function.
    """
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells if _role(cell) == "solve"}
    names = [defined_names(cell.source) for cell in notebook.cells if _role(cell) == "check"]
    return set().union(*names) - {id.replace("-", "_") for id in ids}


def _role(cell: NotebookNode) -> str:
    return str(cell.metadata.get("dlkit", {}).get("role", "")) if cell.cell_type == "code" else ""


def judge(
    notebook: NotebookNode,
    connect: Callable[[], Any],
    limits: Limits | None = None,
    plans: dict[str, Plan] | None = None,
) -> NotebookNode:
    """Run a merged notebook, with the teacher's checks and the learner's answers, and fill in its outputs.

    connect: gives the connection to a new learner's process, ending the one before. plans: the check cells' plans, from
    one notebook to the next.
    """
    court = _Judge(connect, limits or Limits(), _private(notebook), {} if plans is None else plans)
    try:
        cells = [cell for cell in notebook.cells if _role(cell) in (*ANSWERS, "check")]
        for count, cell in enumerate(cells, 1):
            cell.execution_count = count
            cell.outputs = _outputs(court, cell, count)
    finally:
        court.learner.close()
    return notebook


def _outputs(court: _Judge, cell: NotebookNode, count: int) -> list[NotebookNode]:
    if _role(cell) == "check":
        try:
            return check_outputs(court.check(cell.source), count)
        except _Stopped as error:
            return answer_outputs("", ("Stopped", text_of(str(error), MESSAGE), ""))
    if _role(cell) == "given":
        exec(_compiled(cell.source, "<given>"), court.trusted)
    shown = court.run(cell.id, cell.source)
    return answer_outputs(shown.printed, shown.error)
