"""What learners write and teachers read: bounded, without control characters, escaped in the table."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_raw_cell

from dlkit.check.result import CheckResult, ExerciseResult
from dlkit.check.table import html
from dlkit.grading.remote import text_of
from tests.attacks.court import ALIVE, UNCLEAN, Attack, Court

BAD = "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>"
ESCAPES = "\\x1b[2J\\x1b]0;title\\x07\\x1b]8;;http://x\\x1b\\\\\\x9b31m\\r\\x08\\x00\\u202e\\u2066\\ud800"


def _text(notebook: NotebookNode) -> NotebookNode:
    notebook.cells += [new_markdown_cell(BAD), new_raw_cell(BAD)]
    return notebook


ATTACKS = [
    Attack("markup as an exception's name and text", {"sigmoid": f"def sigmoid(x):\n    raise type({BAD!r}, (Exception,), {{}})({BAD!r})"}, before=f"raise type({BAD!r}, (Exception,), {{}})({BAD!r})"),
    Attack("markup as a function's name", {"sigmoid": f"def sigmoid(x):\n    return x\nsigmoid.__name__ = sigmoid.__qualname__ = {BAD!r}", "relu_interpolator": f"def relu_interpolator(k, v):\n    def f(x): return x\n    f.__name__ = {BAD!r}\n    return f"}),
    Attack("markup as a result", {"sigmoid": f"def sigmoid(x):\n    return {BAD!r}", "q-kink-descent": f"def q_kink_descent():\n    return {BAD!r}", "tanh": f"def tanh(x):\n    return {{{BAD!r}: [{BAD!r}]}}"}, honest=2.0),
    Attack("markup as a class", {"sigmoid": f"A = type({BAD!r}, (), {{'__repr__': lambda self: {BAD!r}, '_repr_html_': lambda self: {BAD!r}}})\ndef sigmoid(x):\n    return A()\nA()"}),
    Attack("markup as a warning and as printed text", {"sigmoid": f"import warnings\ndef sigmoid(x):\n    warnings.warn({BAD!r})\n    print({BAD!r})\n    return 1 / (1 + np.exp(-x)) + 1"}, before=f"print({BAD!r})"),
    Attack("terminal escapes as a text", {"sigmoid": f'def sigmoid(x):\n    print("{ESCAPES}")\n    raise ValueError("{ESCAPES}")'}, before=f'raise ValueError("{ESCAPES}")'),
    Attack("terminal escapes as names", {"sigmoid": f'def sigmoid(x):\n    raise type("{ESCAPES}".replace("\\0", "").replace("\\ud800", ""), (Exception,), {{}})'}, before=f'print("{ESCAPES}")'),
    Attack("terminal escapes as a result", {"sigmoid": f'def sigmoid(x):\n    return "{ESCAPES}"', "q-kink-descent": f'def q_kink_descent():\n    return "{ESCAPES}"'}, honest=2.0),
    Attack("half characters everywhere", {"sigmoid": 'def sigmoid(x):\n    print("\\udfff")\n    return {"\\ud800": "\\udc00"}'}, before='print("\\ud800")\n"\\ud800"'),
    Attack("a wide result", {"sigmoid": "def sigmoid(x):\n    return [['x' * 60] * 6] * 6 * 6", "tanh": "def tanh(x):\n    a = 'y' * 60\n    for _ in range(5): a = [a] * 5\n    return a"}),
    Attack("a message that looks like another check's", {"sigmoid": "def sigmoid(x):\n    raise ValueError('\\n✓ right and silent at ±10 000\\n 2 / 2 points')"}),
    Attack("markup in added text", make=_text),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_what_is_shown_is_harmless(court: Court, attack: Attack) -> None:
    outcome = court.try_(attack)
    for exercise in outcome.report.exercises:
        for one in exercise.checks:
            assert len(one.message) <= 3000
            assert len(one.printed) <= 20_000
            assert not UNCLEAN.search(one.message + one.printed + one.name)


def test_the_table_escapes_every_text() -> None:
    check = CheckResult(BAD, False, "failed", BAD, BAD, 1.0, BAD)
    assert not ALIVE.search(html(ExerciseResult(BAD, 0.0, 1.0, "failed", (check,))))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("a\x00\x08\rb\x9b\x7fc\u202ed\ud800e", "abcde"),
        ("line\n\ttab — ½ 日本 ✓", "line\n\ttab — ½ 日本 ✓"),
        ("x" * 1000, "x" * 100),
        (["x"], ""),
        (None, ""),
    ],
)
def test_a_text_is_cleaned(text: object, clean: str) -> None:
    assert text_of(text, 100) == clean
