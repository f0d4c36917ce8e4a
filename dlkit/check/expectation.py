"""`expect(function, *arguments)`: one call of an answer, and what must be true of it.

Every method returns the expectation, so they chain, or raises `Mismatch` with a message that teaches. What a method
demands is kept as a function of the call's behaviour: the same demand can then be put to a known mistake.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from dlkit.check.call import Asked, Behaviour, NotAttempted
from dlkit.check.compare import Difference, compare, swapped_results
from dlkit.check.diagnosis import diagnose
from dlkit.check.problem import Demand, Mismatch, Problem
from dlkit.check.record import Log, Record
from dlkit.check.show import Word, kind_of, show, show_call, show_two

__all__ = ["Expectation", "arrays_in", "current", "expect"]


ALIGNED = 56
"""Up to this length a call is shown on one line with what it returned."""


class _Current:
    """The log that calls are written to, and every demand with its outcome; the session opens a new one per cell."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.log = Log()
        self.demands: list[tuple[Record, Demand, Problem | None]] = []


current = _Current()


def _bound(holds: Callable[..., bool]) -> Callable[..., bool]:
    """The same with the cell's names as they are now: a mistake is put to it later, when they have moved on."""
    if not isinstance(holds, types.FunctionType):
        return holds
    names = dict(holds.__globals__)
    return types.FunctionType(holds.__code__, names, holds.__name__, holds.__defaults__, holds.__closure__)


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    """The arrays in a result of several parts; plain numbers and what is opaque are none."""
    if isinstance(value, np.ndarray) and value.ndim:
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from arrays_in(part)


def _letter(value: Any) -> str:
    return value.strip().strip("().").lower() if isinstance(value, str) else ""


class Expectation:
    """One call of an answer. Make one with `expect`."""

    def __init__(self, record: Record, part: int | None = None) -> None:
        self._record, self._part = record, part

    def part(self, index: int) -> Expectation:
        """The same call, of which only one of several results is looked at: `.part(0)` of `(out, cache)`."""
        return Expectation(self._record, index)

    @property
    def value(self) -> Any:
        """What the call returned: plain data, or an opaque object to hand back to another answer."""
        self.meets(lambda behaviour: None)
        return self._record.behaviour.value

    def close(self, expected: Any, rtol: float = 1e-6, atol: float = 1e-9) -> Expectation:
        """The result has the expected structure, shapes and values; dtype is not looked at."""

        def demand(behaviour: Behaviour) -> Problem | None:
            difference = compare(behaviour.value, expected, rtol, atol)
            if difference is None:
                return None
            problem = Problem(lambda: said(difference), "value", lambda: why(difference, behaviour))
            problem.keys = tuple(expected) if isinstance(expected, dict) else None
            return problem

        def said(difference: Difference) -> str:
            got, want = show_two(difference.got, difference.want)
            call = self._call()
            if difference.place != "the result":
                message = f"{call}: {difference.place}\nis       {got}\nexpected {want}"
            elif len(call) > ALIGNED:
                message = f"{call}\nreturned {got}\nexpected {want}"
            else:
                message = f"{call} returned {got}\n{'expected':<{len(call) + 9}} {want}"
            return f"{message}\n{difference.line}"

        def why(difference: Difference, behaviour: Behaviour) -> str | None:
            swapped = swapped_results(behaviour.value, expected, rtol, atol)
            return swapped or diagnose(difference.got, difference.want, self._record.args)

        return self.meets(demand)

    def shape(self, expected: tuple[int, ...]) -> Expectation:
        """The result is one array of this shape."""

        def demand(behaviour: Behaviour) -> Problem | None:
            value = behaviour.value
            shape = None if value is None else np.shape(value)
            if shape == tuple(expected):
                return None
            what = "None" if value is None else f"shape {shape}"
            cause = None if value is None else diagnose(np.asarray(value), np.empty(expected), self._record.args)
            return Problem(f"{self._call()} returned {what}, expected shape {tuple(expected)}", "value", cause)

        return self.meets(demand)

    def dtype(self, expected: Any) -> Expectation:
        """Every array in the result has this dtype; of several results, the plain numbers may have any."""

        def demand(behaviour: Behaviour) -> Problem | None:
            value = behaviour.value
            parts = list(arrays_in(value)) or [np.asarray(value)]
            wrong = [part.dtype for part in parts if part.dtype != np.dtype(expected)]
            if not wrong:
                return None
            text = f"{self._call()} returned dtype {wrong[0]}, expected {np.dtype(expected)}"
            cause = f"Your result does not keep the input's dtype: a {wrong[0]} array or scalar entered the formula."
            return Problem(text, "dtype", cause)

        return self.meets(demand)

    def finite(self) -> Expectation:
        """Every number in the result is finite."""

        def demand(behaviour: Behaviour) -> Problem | None:
            value = behaviour.value
            for part in value if isinstance(value, (tuple, list)) else (value,):
                array = np.asarray(part)
                if array.dtype.kind not in "biufc" or not np.isfinite(array).all():
                    cause = diagnose(array, np.zeros(array.shape), self._record.args)
                    return Problem(f"{self._call()} returned {show(part)}, expected finite numbers", "value", cause)
            return None

        return self.meets(demand)

    def satisfies(self, holds: Callable[[Any], bool], words: str) -> Expectation:
        """A property of the result, said in words: "each row sums to 1"."""
        holds = _bound(holds)

        def demand(behaviour: Behaviour) -> Problem | None:
            try:
                kept = bool(holds(behaviour.value))
            except (TypeError, ValueError, AttributeError, IndexError, KeyError):
                kept = False
            if kept:
                return None
            return Problem(f"{self._call()} returned {show(behaviour.value)}\nexpected: {words}", "value")

        return self.meets(demand)

    def asked(self, holds: Callable[[tuple[Asked, ...]], bool], words: str) -> Expectation:
        """A property of the calls that the answer made of the functions it was handed: "at most 8 calls of f"."""
        holds = _bound(holds)

        def demand(behaviour: Behaviour) -> Problem | None:
            try:
                kept = bool(holds(behaviour.asked))
            except (TypeError, ValueError, AttributeError, IndexError, KeyError):
                kept = False
            if kept:
                return None
            count = len(behaviour.asked)
            text = f"{self._call()} made {count} call{'s' * (count != 1)} of what it was handed\nexpected: {words}"
            return Problem(text, "calls")

        return self.meets(demand)

    def one_of(self, letters: str) -> Expectation:
        """The result is one of these letters, in upper or lower case."""

        def demand(behaviour: Behaviour) -> Problem | None:
            if _letter(behaviour.value) in set(letters):
                return None
            wanted = ", ".join(letters)
            return Problem(
                f"{self._call()} returned {show(behaviour.value)}, expected one of the letters {wanted}", "value"
            )

        return self.meets(demand)

    def chooses(self, right: str, reasons: dict[str, str]) -> Expectation:
        """The result is the right option of a concept question; each other option has its reason why it is not."""

        def demand(behaviour: Behaviour) -> Problem | None:
            letter = _letter(behaviour.value)
            if letter == right:
                return None
            return Problem(f"{self._call()} returned {show(behaviour.value)}", "value", reasons.get(letter))

        return self.meets(demand)

    def raises(self, error: type[Exception]) -> Expectation:
        """The call raises this error (or one derived from it, told by its name)."""
        names = {error.__name__} | {sub.__name__ for sub in error.__subclasses__()}

        def demand(behaviour: Behaviour) -> Problem | None:
            if behaviour.error in names:
                return None
            did = f"raised {behaviour.error}" if behaviour.error else f"returned {show(behaviour.value)}"
            return Problem(f"{self._call()} {did}, expected {error.__name__}", "error")

        return self.meets(demand, may_raise=True)

    def no_warning(self) -> Expectation:
        """Nothing warned during the call: no overflow, no division by zero, no invalid value."""

        def demand(behaviour: Behaviour) -> Problem | None:
            if not behaviour.warnings:
                return None
            text = f"{self._call()} gave a {behaviour.warnings[0]}"
            return Problem(text, "warning", "The value may be right, but an intermediate result left the float range.")

        return self.meets(demand)

    def unchanged(self) -> Expectation:
        """The call left its arguments as they were, bit for bit."""

        def demand(behaviour: Behaviour) -> Problem | None:
            if not behaviour.changed:
                return None
            which = behaviour.changed[0]
            name = f"argument {which}" if isinstance(which, int) else f"`{which}`"
            return Problem(f"{self._call()} changed {name}", "change", "Your function works in place on its input.")

        return self.meets(demand)

    def _call(self) -> str:
        record = self._record
        args = [
            Word("cache") if i in record.sources and not callable(arg) else arg for i, arg in enumerate(record.args)
        ]
        return show_call(record.shown, tuple(args), record.kwargs)

    def meets(self, demand: Demand, may_raise: bool = False) -> Expectation:
        """Put a demand to the call and write down how it went; an error fails every demand but `raises`."""

        def full(behaviour: Behaviour) -> Problem | None:
            if behaviour.timed_out:
                return Problem(f"{self._call()} was stopped: {behaviour.text}", "error")
            if behaviour.error and not may_raise:
                text = f": {behaviour.text}" if behaviour.text else ""
                return Problem(f"{self._call()} raised {behaviour.error}{text}", "error")
            if self._part is None or behaviour.error:
                return demand(behaviour)
            value = behaviour.value
            if not isinstance(value, (tuple, list)) or len(value) <= self._part:
                text = f"{self._call()} returned {kind_of(value)}, expected at least {self._part + 1} results"
                return Problem(text, "value")
            return demand(replace(behaviour, value=value[self._part]))

        if self._record.behaviour.not_attempted:
            raise NotAttempted
        problem = full(self._record.behaviour)
        current.demands.append((self._record, full, problem))
        if problem:
            problem.part = self._part
            raise Mismatch(problem, self._record)
        return self


def expect(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Expectation:
    """Call an answer on copies of the arguments; the methods of the result say what must be true of the call."""
    if not callable(function):
        problem = Problem(f"expected a function to call, found {show(function)}", "error")
        raise Mismatch(problem)
    return Expectation(current.log.call(function, args, kwargs))
