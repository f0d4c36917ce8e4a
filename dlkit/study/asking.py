"""Putting one question to a person in plain lines, through a terminal or with the answers piped in.

Three steps, so that a caller may keep what was typed, or look at a clock, in between: `draw` fixes a question's numbers
and the order of its options, `pose` prints it (as `show` does) and reads an answer, `reveal` shows what is right and
why, and marks it.
"""

from __future__ import annotations

import hashlib
import io
import math
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from dlkit.study.formulas import readable

if TYPE_CHECKING:
    from dlkit.questions.bank import Choice, Open, Question, Task

__all__ = [
    "PASS", "Drawn", "Person", "Stopped", "cell_id", "draw", "fresh_seed", "lot", "points_met", "pose", "result",
    "reveal", "show",
]  # fmt: skip

PASS = "?"
"""What a person types who does not know."""

WIDEST = 100

Drawn: TypeAlias = "Choice | Task | Open"
"""A question as it is put: `text` says what is asked."""


class Stopped(Exception):
    """The input ended, or Ctrl-C was pressed. `typed` holds the lines of an answer that was not finished."""

    def __init__(self, typed: str = "") -> None:
        super().__init__(typed)
        self.typed = typed


class Person:
    """Whoever sits at the terminal, or the file that plays them."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.theme import Theme

        if sys.stdin is None:  # it was closed: nobody answers
            sys.stdin = io.StringIO()
        for stream in (sys.stdin, sys.stdout):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a file in another encoding is no reason to stop
        if sys.stdin.isatty():
            with suppress(ImportError):  # on Windows the console edits lines by itself
                import readline  # noqa: F401  (lines longer than a terminal's buffer, and arrow keys)
        self._console = Console(highlight=False, theme=Theme({"markdown.code": "bold"}))
        self._console.width = min(self._console.width, WIDEST)

    def say(self, markdown: str = "") -> None:
        """Print a text of the question banks, with its formulas made readable."""
        self.rows([("", markdown)])

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Print texts, each behind its mark."""
        from rich.markdown import Markdown
        from rich.table import Table

        grid = Table.grid(padding=(0, 1) if any(mark for mark, _ in rows) else 0)
        for mark, text in rows:
            grid.add_row(mark, Markdown(readable(text, self._console.encoding)))
        with self._console.capture() as printed:
            self._console.print(grid)
        print("\n".join(line.rstrip() for line in printed.get().splitlines()))

    def line(self, prompt: str) -> str:
        """The next line, without the spaces around it; `Stopped` where there is none."""
        try:
            return _input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            raise Stopped from None

    def lines(self, begun: str = "") -> str:
        """Lines up to an empty one or to the end of the input, after those that were typed before."""
        typed = begun.splitlines()
        before = len(typed)
        while True:
            try:
                line = _input("> ")
            except EOFError:  # Ctrl-D ends an answer, and behind no line the whole
                if len(typed) == before:
                    raise Stopped(begun) from None
                line = ""
            except KeyboardInterrupt:
                raise Stopped("\n".join(typed)) from None
            if not line:
                return "\n".join(typed)
            typed.append(line)

    def yes(self, prompt: str) -> bool:
        """Whether the answer was yes."""
        while True:
            typed = self.line(f"{prompt} (y/n) ").lower()
            if typed in ("y", "yes", "n", "no"):
                return typed[0] == "y"


def _input(prompt: str) -> str:
    try:
        typed = input(prompt).rstrip()
    except (EOFError, KeyboardInterrupt):
        print()  # the prompt's line ends here
        raise
    if not sys.stdin.isatty():
        print(typed)  # what a terminal would have shown
    return typed


def fresh_seed() -> int:
    """A seed that is short enough to be typed again."""
    return secrets.randbelow(10**6)


def lot(seed: int, *names: object) -> int:
    """The number that these names draw: the same on every machine, and untouched by what else is drawn."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, (seed, *names))).encode()).digest()[:8], "big")


def draw(question: Question, seed: int) -> Drawn:
    """The question with its numbers and the order of its options drawn."""
    from dlkit.questions.bank import Choice, Number

    if isinstance(question, Choice):
        order = sorted(question.options, key=lambda option: lot(seed, question.id, option.text))
        return replace(question, options=tuple(order))
    return question.task(lot(seed, question.id)) if isinstance(question, Number) else question


def show(drawn: Drawn, person: Person) -> None:
    """Print the question."""
    from dlkit.questions.bank import Choice

    person.say(drawn.text)
    print()
    if isinstance(drawn, Choice):
        person.rows([(f" {letter}", option.text) for letter, option in zip(drawn.letters, drawn.options, strict=True)])
        print()


def pose(drawn: Drawn, person: Person, begun: str = "") -> str:
    """Print the question and read an answer of a kind that can be marked; `PASS` or "" for none.

    `begun` is the beginning of an answer in lines, from a `Stopped` before.
    """
    from dlkit.questions.bank import Choice, Open

    show(drawn, person)
    if isinstance(drawn, Open):
        print("Your answer in a few sentences; an empty line ends it.")
        if begun:
            print("".join(f"> {line}\n" for line in begun.splitlines()), end="")
        return person.lines(begun)
    letters = drawn.letters if isinstance(drawn, Choice) else ""
    kinds = f"{', '.join(letters[:-1])} or {letters[-1]}" if letters else "a number, as 0.25, 1e-3 or 1/4"
    while True:
        typed = person.line(f"Your answer ({kinds}; {PASS} if you do not know): ")
        if typed == PASS or (_letter(typed, letters) if letters else _number(typed)) is not None:
            return typed
        print(f"{typed!r} is not {kinds}." if typed else f"Type {kinds}, or {PASS} to see the answer.")


def reveal(drawn: Drawn, typed: str, person: Person) -> float:
    """Show what is right and why; returns the share of the marks that the answer earns, from 0 to 1."""
    from dlkit.questions.bank import Choice, Open

    if isinstance(drawn, Open):
        met = points_met(drawn, typed, person)
        return sum(met) / len(met)
    if isinstance(drawn, Choice):
        chosen = _letter(typed, drawn.letters)
        share = float(chosen == drawn.right)
        print("Right." if share else f"The right answer is {drawn.right}.")
        marked = zip(drawn.letters, drawn.options, strict=True)
        person.rows([(f" {letter} {'✓' if option.right else '✗'}", option.reason) for letter, option in marked])
        return share
    from dlkit.questions.bank import short

    value = _number(typed)
    share = float(value is not None and abs(value - drawn.answer) <= 1e-9 + drawn.rtol * abs(drawn.answer))
    print(f"Right: {short(drawn.answer)}." if share else f"The right answer is {short(drawn.answer)}.")
    person.say(drawn.explanation)
    return share


def points_met(drawn: Open, typed: str, person: Person) -> list[bool]:
    """The person marks their own answer: which of the rubric's points it has. One that was not given has none."""
    print("A good answer:")
    person.say(drawn.answer)
    print()
    if typed in ("", PASS):
        print("What earns marks:")
        person.rows([(" ·", point) for point in drawn.rubric])
        return [False] * len(drawn.rubric)
    print("Does your answer have this?")
    met = []
    for point in drawn.rubric:
        person.rows([(" ·", point)])
        met.append(person.yes("  "))
    return met


def cell_id(question: Question) -> str:
    """The id that the question has in notebooks, or would have."""
    from dlkit.questions.bank import Open

    return f"{'a' if isinstance(question, Open) else 'q'}-{question.id.replace('_', '-')}"


def result(question: Question, share: float) -> dict[str, object]:
    """What came of a question, as an exercise of a report for the journal."""
    status = "passed" if share == 1 else "failed"
    return {"id": cell_id(question), "status": status, "points": round(share, 3), "max_points": 1.0}


def _letter(typed: str, letters: str) -> str | None:
    """The letter in "b", "B", "(b)" or "b."."""
    letter = typed.strip("(). ").lower()
    return letter if len(letter) == 1 and letter in letters else None


def _number(typed: str) -> float | None:
    """The number in "0.25", "1e-3", "1/4" or "−2"."""
    top, slash, bottom = typed.replace("−", "-").partition("/")
    try:
        value = float(top) / float(bottom) if slash else float(top)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return value if math.isfinite(value) else None
