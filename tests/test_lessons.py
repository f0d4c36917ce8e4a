"""What every exercise promises, for every unit: the right answers get full points, the wrong ones are named.

A row of a table is an exercise, a mistake or another right answer; a new unit is tested as soon as its lesson is there.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit import mistakes
from dlkit.check.table import text
from dlkit.course.units import Unit
from tests import right
from tests.lessons import UNITS, Exercise, exercises

EXERCISES = [(unit, exercise) for unit in UNITS for exercise in exercises(unit)]
CODE = [(unit, exercise) for unit, exercise in EXERCISES if not exercise.id.startswith("q-")]
MISTAKES = [(unit, mistake) for unit in UNITS for mistake in mistakes.load(unit.topic)]
RIGHT = [(unit, name, answer) for unit in UNITS for name, answer in right.load(unit.topic)]


def ids(rows: list[Any]) -> list[str]:
    return [
        f"{row[0].topic}-{getattr(row[-1], '__name__', None) or getattr(row[-1], 'name', None) or row[-1].id}"
        for row in rows
    ]


def exercise_of(unit: Unit, function: str) -> Exercise:
    found = [exercise for exercise in exercises(unit) if function in exercise.names]
    assert len(found) == 1, f"{function} is asked for by {len(found)} exercises of {unit.name}"
    return found[0]


def stub(*args: Any, **kwargs: Any) -> None:
    raise NotImplementedError  # as in the release


LAZY: dict[str, Callable[..., Any]] = {
    "zeros": lambda *args, **kwargs: np.zeros_like(np.asarray(args[0] if args else 0, dtype=float)),
    "first argument": lambda *args, **kwargs: args[0] if args else 0,
    "None": lambda *args, **kwargs: None,
}


@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=ids(EXERCISES))
def test_the_reference_answer_gets_full_points(unit: Unit, exercise: Exercise) -> None:
    result = exercise.grade()
    assert result.status == "passed", text(result)
    assert result.points == exercise.points


@pytest.mark.parametrize(("unit", "exercise"), EXERCISES, ids=ids(EXERCISES))
def test_a_stub_is_not_attempted(unit: Unit, exercise: Exercise) -> None:
    result = exercise.grade(*((name, stub) for name in exercise.names))
    assert (result.status, result.points) == ("not_attempted", 0), text(result)


@pytest.mark.parametrize(("unit", "exercise"), CODE, ids=ids(CODE))
@pytest.mark.parametrize("answer", LAZY.values(), ids=LAZY)
def test_a_lazy_answer_earns_nothing(unit: Unit, exercise: Exercise, answer: Callable[..., Any]) -> None:
    result = exercise.grade(*((name, answer) for name in exercise.names))
    assert result.points == 0, text(result)


@pytest.mark.parametrize(("unit", "exercise"), CODE, ids=ids(CODE))
def test_an_exercise_has_enough_checks_mistakes_and_right_answers(unit: Unit, exercise: Exercise) -> None:
    checks = exercise.grade().checks
    names = [check.name for check in checks]
    assert len(set(names)) == len(names) >= 4
    assert sum(check.hidden for check in checks) >= 0.4 * len(checks)
    assert sum(mistake.function in exercise.names for _, mistake in MISTAKES) >= 3
    assert any(name in exercise.names for _, name, _ in RIGHT)


@pytest.mark.parametrize(("unit", "mistake"), MISTAKES, ids=ids(MISTAKES))
def test_a_mistake_loses_points_and_is_named(unit: Unit, mistake: mistakes.Mistake) -> None:
    exercise = exercise_of(unit, mistake.function)
    result = exercise.grade((mistake.function, mistake.answer))
    assert result.points < result.max_points, f"{mistake.name} gets full points"
    named = {check.mistake for check in result.checks if check.mistake}
    assert named == {mistake.sentence}, text(result)


@pytest.mark.parametrize(("unit", "name", "answer"), RIGHT, ids=ids(RIGHT))
def test_another_right_answer_gets_full_points(unit: Unit, name: str, answer: Callable[..., Any]) -> None:
    result = exercise_of(unit, name).grade((name, answer))
    assert result.status == "passed", text(result)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_mistakes_and_right_answers_have_names_of_their_own(unit: Unit) -> None:
    for found in (mistakes.load(unit.topic), [answer for _, answer in right.load(unit.topic)]):
        names = [getattr(item, "name", None) or getattr(item, "__name__", "") for item in found]
        assert len(set(names)) == len(names)
    sentences = [(mistake.function, mistake.sentence) for mistake in mistakes.load(unit.topic)]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(("unit", "exercise"), CODE, ids=ids(CODE))
def test_a_check_uses_only_the_answers_of_its_own_exercise(unit: Unit, exercise: Exercise) -> None:
    others = {name for home, other in CODE if home is unit and other is not exercise for name in other.names}
    used = {node.id for node in ast.walk(ast.parse(exercise.source)) if isinstance(node, ast.Name)}
    assert not used & others


@pytest.mark.parametrize(("unit", "exercise"), CODE, ids=ids(CODE))
def test_a_statement_stands_before_its_exercise(unit: Unit, exercise: Exercise) -> None:
    """Level and time, what is given and returned, a worked number, the interviewer, hints."""
    cells = unit.lesson.read_text(encoding="utf-8").split("# %%")
    place = next(i for i, cell in enumerate(cells) if f'role="solve" id="{exercise.id}"' in cell)
    statement = cells[place - 1]
    stars = {2: "★", 4: "★★", 6: "★★★", 10: "★★ + ★★★"}[exercise.points]
    assert re.search(rf"^### .+ {re.escape(stars)} · \d+ min$", statement, re.MULTILINE)
    for piece in (
        "**Given**",
        "**return",
        "$$",
        "*Worked number",
        "**What the interviewer is after**",
        "**Follow-ups**",
    ):
        assert piece in statement, f"{exercise.id}: the statement lacks {piece}"
    assert statement.count("<details>") == statement.count("</details>") >= 2


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_formulas_render_on_github_too(unit: Unit) -> None:
    """GitHub refuses macros that Jupyter knows."""
    bank = inspect.getsource(__import__(f"dlkit.questions.{unit.topic}", fromlist=["bank"]))
    for source in (unit.lesson.read_text(encoding="utf-8"), bank):
        assert not re.findall(r"\\(?:operatorname|bm|newcommand|def|require|mathop)\b", source)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_no_line_turns_into_a_list_by_chance(unit: Unit) -> None:
    """A paragraph's line that begins with "1." or "+" is an item of a list, wherever the line was broken."""
    lines = unit.lesson.read_text(encoding="utf-8").split("\n")
    for before, line in itertools.pairwise(lines):
        begun = re.match(r"\s*(?:\d+\.|[-+*]) ", before) or before.startswith("  ") or not before.strip()
        assert begun or not re.match(r"(?:\d+\.|\+) ", line), f"{before}\n{line}"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_readme_counts_right(unit: Unit) -> None:
    """Exercises, graded questions, experiments, points, and hours from the minutes that the statements name."""
    lesson = unit.lesson.read_text(encoding="utf-8")
    found = exercises(unit)
    questions = sum(exercise.id.startswith("q-") for exercise in found)
    minutes = sum(map(int, re.findall(r"^###.*★ · (\d+) min$", lesson, re.MULTILINE)))
    counts = (
        len(found) - questions,
        questions,
        lesson.count('role="demo"'),
        sum(exercise.points for exercise in found),
    )
    row = " | ".join(str(int(count)) for count in (*counts, round(minutes / 60)))
    assert f"| `{unit.name}` | {row} |" in (unit.root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_reference_answer_is_an_exercise_with_the_docstring_learners_read(unit: Unit) -> None:
    module = __import__(f"dlkit.reference.{unit.topic}", fromlist=["*"])
    asked = {name for exercise in exercises(unit) for name in exercise.names}
    for name in module.__all__:
        assert name in asked, f"no exercise asks for {name}"
        assert len(inspect.getdoc(getattr(module, name)) or "") > 40
