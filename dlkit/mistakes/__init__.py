"""Wrong answers that people really give, one module a unit, each with the sentence that explains it.

A mistake is one slip, as a person would type it; it is called like the reference function it stands for. Its docstring
speaks to the person who made it: what is wrong in their result and where to look, without the repaired line.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["Mistake", "load", "mistake"]

F = TypeVar("F", bound=Callable[..., Any])

_registry: dict[str, list[Mistake]] = {}


@dataclass(frozen=True)
class Mistake:
    """A wrong answer: its name, the function it stands for, its sentence, and the answer itself."""

    name: str
    function: str
    sentence: str
    answer: Callable[..., Any]


def mistake(reference: Callable[..., Any]) -> Callable[[F], F]:
    """Register the decorated function as a wrong answer to `reference`, with its docstring as the sentence."""

    def register(wrong: F) -> F:
        if not wrong.__doc__:
            raise ValueError(f"mistake {wrong.__name__} needs a docstring: the sentence a learner will read")
        sentence = " ".join(wrong.__doc__.split())
        unit = wrong.__module__.rpartition(".")[2]
        _registry.setdefault(unit, []).append(Mistake(wrong.__name__, reference.__name__, sentence, wrong))
        return wrong

    return register


def load(unit: str) -> list[Mistake]:
    """The mistakes of a unit, by its topic name ("activations"), in the order they were written."""
    importlib.import_module(f"dlkit.mistakes.{unit}")
    return list(_registry.get(unit, ()))
