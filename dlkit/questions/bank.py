"""The three kinds of concept question, and how a unit's module collects them.

A unit's module holds one `Bank`; `load(unit)` returns it. Choice and number questions are graded by a program, open
ones by a person with the model answer and the rubric beside them. Texts are Markdown with formulas in `$…$`.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Bank", "Choice", "Number", "Open", "Option", "Question", "Task", "load", "right", "short", "wrong"]


@dataclass(frozen=True)
class Option:
    """One option of a choice question: what it claims, and why that is right or wrong."""

    text: str
    reason: str
    right: bool = False


def right(text: str, reason: str) -> Option:
    """The option that is right."""
    return Option(text, reason, right=True)


def wrong(text: str, reason: str) -> Option:
    """An option that somebody believes, and why it fails."""
    return Option(text, reason)


def short(value: float) -> str:
    """Four significant digits and never an exponent, for the working shown in an explanation."""
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}" if abs(value) >= 1e-3 else f"{value:.7f}".rstrip("0")


@dataclass(frozen=True)
class Choice:
    """Exactly one option is right; every option has its reason."""

    id: str
    topic: str
    text: str
    options: tuple[Option, ...]
    level: int = 1

    def __post_init__(self) -> None:
        if sum(option.right for option in self.options) != 1:
            raise ValueError(f"question {self.id}: exactly one option must be right")

    @property
    def letters(self) -> str:
        """The options' letters, "abcd" for four of them."""
        return "abcdefgh"[: len(self.options)]

    @property
    def right(self) -> str:
        """The letter of the right option."""
        return next(letter for letter, option in zip(self.letters, self.options, strict=True) if option.right)


@dataclass(frozen=True)
class Task:
    """A number question with its parameters drawn: its text, its answer, and how to get there."""

    text: str
    answer: float
    explanation: str
    rtol: float = 1e-3


@dataclass(frozen=True)
class Number:
    """A question whose answer is a number; the parameters come from a generator, the answer is computed."""

    id: str
    topic: str
    make: Callable[[np.random.Generator], Task]
    level: int = 1

    def task(self, seed: int | None = None) -> Task:
        """The question for one seed; without one, the seed that the notebook uses, fixed by the id."""
        return self.make(np.random.default_rng(zlib.crc32(self.id.encode()) if seed is None else seed))


@dataclass(frozen=True)
class Open:
    """Free text, marked by a person: a model answer, and the points of it that earn marks."""

    id: str
    topic: str
    text: str
    answer: str
    rubric: tuple[str, ...]
    level: int = 1


Question = Choice | Number | Open


@dataclass
class Bank:
    """A unit's questions by id, in the order they were written."""

    questions: dict[str, Question] = field(default_factory=dict)

    def _add(self, question: Question) -> None:
        if question.id in self.questions:
            raise ValueError(f"two questions have the id {question.id}")
        self.questions[question.id] = question

    def choice(self, id: str, topic: str, text: str, options: Sequence[Option], level: int = 1) -> None:
        """Add a choice question."""
        self._add(Choice(id, topic, text, tuple(options), level))

    def number(self, id: str, topic: str, level: int = 1) -> Callable[[Callable[[np.random.Generator], Task]], None]:
        """Add a number question: decorates a function that draws the parameters and returns the `Task`."""

        def add(make: Callable[[np.random.Generator], Task]) -> None:
            self._add(Number(id, topic, make, level))

        return add

    def open(self, id: str, topic: str, text: str, answer: str, rubric: Sequence[str], level: int = 1) -> None:
        """Add an open question."""
        self._add(Open(id, topic, text, answer, tuple(rubric), level))

    def __getitem__(self, id: str) -> Question:
        try:
            return self.questions[id]
        except KeyError:
            raise KeyError(f"no question {id!r}; there are: {', '.join(self.questions)}") from None


def load(unit: str) -> Bank:
    """The bank of a unit, by its topic name ("activations")."""
    bank = importlib.import_module(f"dlkit.questions.{unit}").bank
    assert isinstance(bank, Bank)
    return bank
