"""What a check finds wrong with a call, and the error that ends a check with it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from dlkit.check.call import Behaviour
from dlkit.check.record import Record

__all__ = ["Demand", "Mismatch", "Problem"]

Told = str | Callable[[], str | None] | None


class Problem:
    """What is wrong with a behaviour, and in which aspect of it.

    Message and cause may be functions: known mistakes are put to the same demands by the dozen, and nobody reads what
    would be said of them.
    """

    def __init__(self, message: Told, aspect: str, cause: Told = None) -> None:
        self.aspect = aspect
        self.part: int | None = None  # which of several results the demand looked at
        self.keys: tuple[Any, ...] | None = None  # and which keys of a dictionary
        self._message, self._cause = message, cause

    @functools.cached_property
    def message(self) -> str:
        return (self._message() if callable(self._message) else self._message) or ""

    @functools.cached_property
    def cause(self) -> str | None:
        return self._cause() if callable(self._cause) else self._cause


Demand = Callable[[Behaviour], Problem | None]


class Mismatch(AssertionError):
    """An answer does not do what a check demands."""

    def __init__(self, problem: Problem, record: Record | None = None) -> None:
        super().__init__(problem.aspect)
        self.problem = problem
        self.record = record
