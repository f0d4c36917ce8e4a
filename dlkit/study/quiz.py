"""A quiz: concept questions in an order that its seed draws, kept in the workspace so that it can go on another day."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlkit.course.errors import UserError
from dlkit.course.journal import Journal
from dlkit.course.units import Unit
from dlkit.study.asking import Person, Stopped, draw, lot, pose, result, reveal, show
from dlkit.study.shelf import Shelf

if TYPE_CHECKING:
    from dlkit.questions.bank import Question

__all__ = ["Pool", "Quiz", "pool", "read_quiz", "run", "summary"]

Pool = dict[tuple[str, str], "Question"]
"""Questions by unit and id."""


def pool(units: Iterable[Unit]) -> Pool:
    """The questions of these units; a unit without a bank has none."""
    from dlkit.questions.bank import load

    with_bank = [unit for unit in units if importlib.util.find_spec(f"dlkit.questions.{unit.topic}")]
    return {(unit.name, id): question for unit in with_bank for id, question in load(unit.topic).questions.items()}


@dataclass
class Quiz:
    """`unit` is "" for all; `questions` are pairs of unit and id; `answers` what was typed and the share it earned.

    `typed` is an answer that is not marked yet, `begun` the first lines of one.
    """

    unit: str
    count: int
    seed: int
    questions: list[tuple[str, str]]
    answers: list[tuple[str, float]] = field(default_factory=list)
    typed: str | None = None
    begun: str = ""

    @classmethod
    def draw(cls, questions: Pool, unit: str, count: int, seed: int) -> Quiz:
        """The first `count` of the questions, in the order that the seed gives them."""
        if not questions:
            raise UserError(f"There are no concept questions on {unit or 'these units'}. Name another unit.")
        return cls(unit, count, seed, sorted(questions, key=lambda name: lot(seed, *name))[:count])

    def fits(self, unit: str | None, count: int | None, seed: int | None) -> bool:
        """Whether it is unfinished, and what was asked for, where anything was."""
        wanted = ((unit, self.unit), (count, self.count), (seed, self.seed))
        return len(self.answers) < len(self.questions) and all(want in (None, has) for want, has in wanted)

    @property
    def title(self) -> str:
        number = len(self.questions)
        return f"{number} {'question' if number == 1 else 'questions'} on {self.unit or 'all units'}, seed {self.seed}"

    @property
    def points(self) -> float:
        return sum(share for _, share in self.answers)


def read_quiz(data: Any) -> Quiz:
    """The quiz in a file; ValueError, TypeError or KeyError where it is none."""
    questions = [(str(unit), str(id)) for unit, id in data["questions"]]
    answers = [(str(typed), float(share)) for typed, share in data["answers"]]
    typed = data["typed"]
    if not all(0 <= share <= 1 for _, share in answers) or len(answers) > len(questions):
        raise ValueError("more answers than questions, or more marks than there are")
    return Quiz(
        unit=str(data["unit"]), count=int(data["count"]), seed=int(data["seed"]), questions=questions, answers=answers,
        typed=None if typed is None else str(typed), begun=str(data["begun"]),
    )  # fmt: skip


def run(quiz: Quiz, questions: Pool, shelf: Shelf[Quiz], journal: Journal, person: Person) -> None:
    """Ask what is left, and keep every answer as soon as it is given; `Stopped` where the person stops."""
    done = len(quiz.answers)
    left = [name for name in quiz.questions[done:] if name in questions]
    if left != quiz.questions[done:]:
        print("Some questions of this quiz are no longer in the course: they are left out.")
        shelf.put_away()  # with what may have been typed to one of them
        if quiz.questions[done] not in questions:
            quiz.typed, quiz.begun = None, ""
        quiz.questions[done:] = left
    shelf.save(quiz)
    for number, (unit, id) in enumerate(left, done + 1):
        question = questions[unit, id]
        stars = "★" * question.level
        print(f"\n── Question {number} of {len(quiz.questions)} · {unit} · {question.topic} {stars}\n")
        share = _ask(quiz, question, shelf, person)
        exercise = result(question, share)
        journal.add("quiz", {**exercise, "unit": unit, "exercises": [exercise]})
        quiz.answers.append((quiz.typed or "", share))
        quiz.typed, quiz.begun = None, ""
        shelf.save(quiz)


def _ask(quiz: Quiz, question: Question, shelf: Shelf[Quiz], person: Person) -> float:
    drawn = draw(question, quiz.seed)
    if quiz.typed is not None:
        show(drawn, person)
        print(f"Your answer was:\n{quiz.typed}\n")
    else:
        try:
            quiz.typed = pose(drawn, person, quiz.begun)
        except Stopped as stopped:
            quiz.begun = stopped.typed
            shelf.save(quiz)
            raise
        shelf.save(quiz)
        print()
    return reveal(drawn, quiz.typed, person)


def summary(quiz: Quiz, questions: Pool) -> str:
    """The marks, and the topics in which some are missing."""
    lines = [f"{quiz.points:.3g} of {len(quiz.answers)} marks."]
    missed: dict[str, list[str]] = {}
    for name, (_, share) in zip(quiz.questions, quiz.answers, strict=False):
        if share < 1 and name in questions:
            missed.setdefault(name[0], []).append(questions[name].topic)
    if missed:
        lines.append("Read again:")
        lines += [f"  {unit}: {', '.join(dict.fromkeys(topics))}" for unit, topics in sorted(missed.items())]
    return "\n".join(lines)
