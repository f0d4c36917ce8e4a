"""Calls made ahead change nothing but the time: the same outcomes, fewer frames, and a crash costs its own check only."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from dlkit.check.result import ExerciseResult
from dlkit.grading import remote
from dlkit.grading.ahead import Ahead, Call, Plan
from dlkit.grading.judge import judge
from dlkit.grading.remote import Limits
from dlkit.grading.report import collect
from dlkit.grading.sandbox import Sandbox

GIVEN = "import numpy as np\nfrom dlkit.check import check, expect, gradients, graph"
CHECKS = """
with check("values"):
    expect(f, 1.0).close(2.0)
    expect(f, -1.0).close(-2.0)
with check("a whole number"):
    expect(f, 3).close(6)
with check("a cache"):
    out, cache = expect(g, np.ones(3)).value
    expect(h, out, cache).close(np.full(3, 4.0))
with check("a function handed over"):
    expect(twice, lambda x: x + 1, 5.0).close(7.0)
with check("after it"):
    expect(f, 8.0).close(16.0)
    expect(f, -0.0).close(0.0)
with check("a graph"):
    expect(graph(V), "a + a", a=3.0).close({"value": 6.0, "a": 2.0})
"""
RIGHT = """
def f(x):
    return 2 * x
def g(x):
    return 2 * x, (x, f)
def h(out, cache):
    return cache[1](out)
def twice(f, x):
    return f(f(x))
class V:
    def __init__(self, data, grad=0.0):
        self.data, self.grad = data, grad
    def __add__(self, other):
        self.grad += 1
        other.grad += 1
        return V(self.data + other.data)
    def backward(self):
        pass
"""
ANSWERS = {
    "right": RIGHT,
    "wrong in one check": RIGHT + "def f(x):\n    return 6 if x == 3 else 2 * x if x > 0 else 0",
    "a missing name": RIGHT.replace("def twice", "def once"),
    "a stub": RIGHT + "def g(x):\n    raise NotImplementedError",
    "a count of its calls": RIGHT + "n = 0\ndef f(x):\n    global n\n    n += 1\n    return 2 * x if n < 4 else n",
    "another cache": RIGHT
    + "def g(x):\n    return 2 * x, [(x, f), f]\ndef h(out, cache):\n    return cache[0][1](out)",
    "slow": RIGHT + "import time\ndef f(x):\n    time.sleep(0.2)\n    return 2 * x",
    "a loop in one call": RIGHT + "def f(x):\n    while x == 8:\n        pass\n    return 2 * x",
    "an exit in one call": RIGHT + "import os\ndef f(x):\n    return os._exit(0) if x == 8 else 2 * x",
    "a crash that no handler sees": RIGHT + "import os, signal\ndef h(out, cache):\n    os.kill(os.getpid(), 9)",
}


def _notebook(answer: str) -> NotebookNode:
    cells = []
    check = f'check.exercise("u", "f", points=6)\n{CHECKS.strip()}\ncheck.score()'
    for number, (role, source) in enumerate((("given", GIVEN), ("solve", answer), ("check", check))):
        grader = {"grade_id": "f" if role == "solve" else f"cell{number}", "grade": role == "check", "locked": role != "solve", "solution": role == "solve", "schema_version": 3, "task": False, "points": 6}  # fmt: skip
        cells.append(new_code_cell(source, id=f"cell{number}", metadata={"dlkit": {"role": role}, "nbgrader": grader}))
    return new_notebook(cells=cells)


def _grade(box: Sandbox, answer: str, plans: dict[str, Plan] | None = None) -> ExerciseResult:
    limits = Limits(call=0.5, cell=0.5, notebook=10)
    done = judge(_notebook(answer), box.fresh, limits, plans)
    return collect(done, "u", "student").exercises[0]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_plan_changes_no_outcome(box: Sandbox, answer: str) -> None:
    plans: dict[str, Plan] = {}
    assert _grade(box, RIGHT, plans).points == 6
    assert len(plans) == 1
    assert _grade(box, answer, plans) == _grade(box, answer)


def test_a_plan_saves_frames(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    real = remote.send

    def send(connection: Any, message: dict[str, Any], *rest: Any) -> None:
        sent.append(str(message.get("do", "reply")))
        real(connection, message, *rest)

    monkeypatch.setattr(remote, "send", send)
    plans: dict[str, Plan] = {}
    _grade(box, RIGHT, plans)
    assert sent.count("call") == 9
    sent.clear()
    _grade(box, RIGHT, plans)
    assert (sent.count("check"), sent.count("call")) == (2, 1)  # before and after the function that is handed over


def _call(*args: Any) -> Call:
    return Call(1, False, list(args), {}, ())


def test_planned_calls_are_told_apart_bit_by_bit() -> None:
    ahead = Ahead((_call(0.0), _call(1), _call(True), None, _call(float("nan"))))
    ahead.keep([({"n": number}, []) for number in range(3)])
    assert ahead.take(_call(-0.0)) is None
    assert ahead.take(_call(1)) == ({"n": 1}, [])
    assert ahead.take(_call(0.0)) is None, "what stands before a call that was made is passed over"
    assert ahead.take(_call(1.0)) is None
    assert ahead.take(_call(True)) == ({"n": 2}, [])
    assert ahead.wanted(_call(float("nan"))) == [_call(float("nan"))]
