"""What check cells must not do with a learner's names and values, whatever the check cells themselves are like."""

from __future__ import annotations

import time

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from dlkit.check import session
from dlkit.course.errors import UserError
from dlkit.grading import sandbox
from dlkit.grading.judge import judge
from dlkit.grading.remote import Limits
from dlkit.grading.report import Report, collect
from dlkit.grading.sandbox import Sandbox

GIVEN = "import numpy as np\nfrom dlkit.check import check, expect, forbid"
QUICK = Limits(call=0.3, cell=0.3, notebook=3)


def _notebook(*cells: tuple[str, str]) -> NotebookNode:
    """Cells as (role, source); a check is of the exercise `f`, worth 2 points."""
    made = []
    for number, (role, source) in enumerate([("given", GIVEN), *cells]):
        grader = {"grade_id": "f" if role == "solve" else f"cell{number}", "grade": role == "check", "locked": role != "solve", "solution": role == "solve", "schema_version": 3, "task": False, "points": 2}  # fmt: skip
        if role == "check":
            source = f'check.exercise("activations", "f", points=2)\n{source}\ncheck.score()'
        made.append(new_code_cell(source, id=f"cell{number}", metadata={"dlkit": {"role": role}, "nbgrader": grader}))
    return new_notebook(cells=made)


def _judge(box: Sandbox, *cells: tuple[str, str]) -> Report:
    done = judge(_notebook(*cells), box.fresh, QUICK)
    nbformat.validate(done)
    return collect(done, "u", "mallory")


def test_a_name_of_one_check_cell_is_not_taken_from_the_learner_in_another(box: Sandbox) -> None:
    report = _judge(
        box,
        ("check", "oracle = lambda x: x + 1"),
        ("solve", "def f(x):\n    return 5\ndef oracle(x):\n    return 5"),
        ("check", 'with check("equals the oracle"):\n    expect(f, 1).close(oracle(1))'),
    )
    assert report.points == 0
    assert "`oracle` is not defined" in report.exercises[1].checks[0].message


@pytest.mark.parametrize(
    "name", ["np", "expect", "check", "abs", "len", "round", "isinstance", "ValueError", "__name__"]
)
def test_trusted_names_are_never_the_learners(box: Sandbox, name: str) -> None:
    report = _judge(
        box,
        ("solve", f"def f(x):\n    return 5\n{name} = lambda *a, **k: 6"),
        (
            "check",
            f'with check("it is the course\'s own"):\n    expect(f, 1).close(5 if not hasattr({name}, "_learner") else 7)',
        ),
    )
    assert report.points == 2


def test_a_check_cell_that_raises_costs_its_exercise_and_no_other(box: Sandbox) -> None:
    right = ("check", 'with check("five"):\n    expect(f, 1).close(5)')
    report = _judge(box, ("solve", "def f(x):\n    return 5"), right, ("check", "y = f(1) @ np.zeros(2)"), right)
    assert [exercise.points for exercise in report.exercises] == [2, 0, 2]
    assert report.exercises[1].status == "error"


def test_a_diagnosis_that_fails_costs_no_points(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def recognise(unit: str, trials: list[object], broken: list[object]) -> dict[str, str]:
        if trials:
            raise RuntimeError("too much for me")
        return {}

    monkeypatch.setattr(session, "recognise", recognise)
    checks = 'with check("five"):\n    expect(f, 1).close(5)\nwith check("six"):\n    expect(f, 1).close(6)'
    assert _judge(box, ("solve", "def f(x):\n    return 5"), ("check", checks)).points == 1


def test_time_in_the_judge_is_bounded(box: Sandbox) -> None:
    """A check cell that a learner's values make run long ends with the notebook's time."""
    start = time.monotonic()
    report = _judge(
        box,
        ("solve", "def f(x):\n    return [1.0] * 10_000"),
        ("check", 'with check("pairs"):\n    v = expect(f, 1).value\n    all(a + b for a in v for b in v for c in v)'),
        ("check", 'with check("one"):\n    expect(f, 1).close(1)'),
    )
    assert time.monotonic() - start < QUICK.notebook + 3
    assert report.points == 0
    assert "time is used up" in report.exercises[1].checks[0].message


def test_what_is_lost_is_said_to_be_lost(box: Sandbox) -> None:
    """Not that the learner never defined it."""
    done = judge(
        _notebook(
            ("solve", "import os\ndef f(x):\n    os._exit(1)"),
            *[("check", 'with check("x"):\n    expect(f, 1).close(1)')] * 2,
        ),
        box.fresh,
        Limits(call=0.3, losses=0),
    )
    for exercise in collect(done, "u", "mallory").exercises:
        assert "it ended its process" in exercise.checks[0].message


def test_a_function_handed_to_an_answer_is_called_here_and_only_called(box: Sandbox) -> None:
    report = _judge(
        box,
        ("solve", "def f(g):\n    try:\n        g(*[1] * 50)\n    except RuntimeError: pass\n    return g(2) + len(str(getattr(g, '__globals__', {}).get('secret', '')))"),
        ("check", 'secret = "x" * 100\nwith check("calls"):\n    expect(f, lambda x: x * 2).close(4)'),
    )  # fmt: skip
    assert report.points == 2


def test_a_function_handed_to_an_answer_moves_the_answers_generator(box: Sandbox) -> None:
    report = _judge(
        box,
        ("solve", "def f(draw, rng):\n    return [draw(rng) for _ in range(3)] + [rng.random()]"),
        (
            "check",
            'with check("one stream"):\n'
            "    stream = np.random.default_rng(1).random(4)\n"
            "    expect(f, lambda rng: rng.random(), np.random.default_rng(1)).close(list(stream))",
        ),
    )
    assert report.points == 2


def test_a_prison_that_cannot_be_made_is_no_learners_fault(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Sandbox, what: str, *descriptors: int) -> None:
        raise sandbox._Gone("mount /proc: Operation not permitted")

    monkeypatch.setattr(Sandbox, "_ask", fails)
    monkeypatch.setattr(Sandbox, "_start", lambda self: None)
    with pytest.raises(UserError, match="mount /proc"):
        box.fresh()
