"""`check`: the named checks of one cell, each on its own, and their score.

`with check(name):` runs its body; whatever goes wrong in there is that check's outcome and never hides the next one.
`check.score()` shows the table and returns the points, which nbgrader reads as partial credit. The builder puts
`check.exercise(…)` at the top of every check cell and `check.hidden()` where its hidden part begins.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from dlkit.check.call import NotAttempted
from dlkit.check.expectation import current
from dlkit.check.problem import Mismatch, Problem
from dlkit.check.recognise import recognise
from dlkit.check.result import MIME, CheckResult, ExerciseResult, Status
from dlkit.check.rules import BrokenRule
from dlkit.check.table import html, text

__all__ = ["Checks", "Score", "check"]


class Score(float):
    """The points of an exercise, shown as its table in Jupyter; as text it is the number that nbgrader reads."""

    result: ExerciseResult

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": f"{float(self):g}", "text/html": html(self.result), MIME: self.result.to_mime()}


class _Check:
    """One `with check(name):`."""

    def __init__(self, session: Checks, name: str, weight: float) -> None:
        self.session, self.name, self.weight = session, name, weight
        self.hidden = session.in_hidden
        self.status: Status = "passed"
        self.message, self.function, self.printed = "", "", ""
        self.problem: Problem | None = None
        self.record = 0

    def __enter__(self) -> None:
        self._first_record = len(current.log.records)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.printed = "".join(record.behaviour.printed for record in current.log.records[self._first_record :])
        self.session.outcomes.append(self)
        if error is None:
            return True
        if not isinstance(error, Exception):
            self.session.reset()
            return False  # Ctrl-C and the like are not the answer's doing
        if isinstance(error, (NotAttempted, NotImplementedError)):
            self.status = "not_attempted"
        elif isinstance(error, Mismatch):
            self.status, self.message, self.problem = "failed", error.problem.message, error.problem
            if error.record is not None:
                self.function, self.record = error.record.answer, id(error.record)
                self.status = "error" if error.record.behaviour.error and error.problem.aspect == "error" else "failed"
            if isinstance(error, BrokenRule):
                self.function = error.function
                self.session.broken.append(error)
        elif isinstance(error, NameError) and error.name:
            self.status = "error"
            self.message = (
                f"`{error.name}` is not defined: run the answer's cell first, and mend its error if it has one"
            )
        else:
            self.status = "failed"
            self.message = f"the result could not be used here: {type(error).__name__}: {error}"
        return True

    def result(self, sentences: dict[str | int, str]) -> CheckResult:
        mistake = sentences.get(self.function) or sentences.get(self.record)
        cause = self.problem.cause if self.problem and not mistake else None  # a search, which a known mistake spares
        message = f"{self.message}\n{cause}" if cause else self.message
        return CheckResult(self.name, self.hidden, self.status, message, mistake, self.weight, self.printed)


class Checks:
    """The checks of the cell that is running. There is one, `check`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.unit, self.id, self.hidden_count = "", "", 0
        self.points: float | None = None
        self.outcomes: list[_Check] = []
        self.broken: list[BrokenRule] = []
        self.in_hidden = False
        current.reset()

    def exercise(self, unit: str, id: str, points: float, hidden: int = 0) -> None:
        """Begin an exercise; `hidden` says how many of its checks only run on handing in."""
        self.reset()
        self.unit, self.id, self.points, self.hidden_count = unit, id, points, hidden

    def hidden(self) -> None:
        """The checks from here on are hidden ones."""
        self.in_hidden = True

    def __call__(self, name: str, weight: float = 1.0) -> _Check:
        """A check: `with check("two equal logits share the mass"):`."""
        return _Check(self, name, weight)

    def result(self) -> ExerciseResult:
        """The outcome of the checks that ran since the exercise began; the next exercise starts afresh."""
        sentences = recognise(self.unit, current.demands, self.broken) if self.unit else {}
        checks = tuple(outcome.result(sentences) for outcome in self.outcomes)
        names = [record.answer for record in current.log.records]
        id = self.id or (names[0] if names else "checks")
        points = float(sum(check.weight for check in checks)) if self.points is None else self.points
        hidden_left = 0 if self.in_hidden else self.hidden_count
        self.reset()
        return ExerciseResult.of(id, points, checks, hidden_left)

    def score(self) -> Score:
        """Show the table and return the points earned."""
        result = self.result()
        score = Score(result.points)
        score.result = result
        if not _in_notebook():
            print(text(result))
        return score


def _in_notebook() -> bool:
    """Whether a Jupyter kernel shows the value of the cell's last line."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and hasattr(shell, "kernel")


check = Checks()
