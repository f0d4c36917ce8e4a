"""`dlkit.submit()` in a notebook: what it hands in, what it refuses, and the report that it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dlkit
from dlkit.course.units import Unit
from dlkit.study import hand_in
from tests.small import NAME, small_course

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return small_course(tmp_path / "course")


def test_a_grader_that_runs_the_cell_hands_nothing_in(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    dlkit.submit()
    assert capsys.readouterr().out == ""


def test_outside_a_notebook_it_says_what_to_do(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "")
    dlkit.submit()
    assert capsys.readouterr().out.startswith("Nothing was handed in: this is not run from a notebook")


def test_the_courses_own_copy_is_not_handed_in(unit: Unit, capsys: Capture) -> None:
    dlkit.submit(unit.notebook("notebooks"))
    assert "this is the course's own copy" in capsys.readouterr().out


ANSWER = "def sigmoid(x):\n    return x"
CASES: dict[str, tuple[list[str], list[str]]] = {
    "what stands in the file was run": ([ANSWER], []),
    "nothing was run": ([], []),
    "something else was run since": ([ANSWER, ANSWER.replace("return x", "return -x")], ["sigmoid"]),
    "it was run, then changed back": ([ANSWER.replace("return x", "return -x"), ANSWER], []),
    "spaces at the end do not count": ([f"{ANSWER}\n\n"], []),
    "what does not compile counts as little": (["def sigmoid(x:", ANSWER], []),
    "magics count as little": (["%matplotlib inline", ANSWER], []),
}


@pytest.mark.parametrize(("run", "expected"), CASES.values(), ids=CASES)
def test_a_file_that_is_not_what_was_run_is_noticed(
    run: list[str], expected: list[str], unit: Unit, tmp_path: Path
) -> None:
    notebook = json.loads(unit.notebook("notebooks").read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "sigmoid")["source"] = ANSWER
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert hand_in.stale(path, run) == expected


def test_an_untouched_notebook_is_not_handed_in(unit: Unit, tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    release = unit.notebook("notebooks").read_text(encoding="utf-8")
    for change, expected in (("", True), ("sigmoid", False), ("a-relu-three-advantages", False)):
        notebook = json.loads(release)
        for cell in notebook["cells"]:
            if cell["id"] == change:
                cell["source"] = "my answer"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        assert hand_in.untouched(path) is expected, change


def check(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "hidden": False, "status": status, "message": "", "mistake": None, **more}


def report(**changes: Any) -> dict[str, Any]:
    checks = [check("any shape", "failed", hidden=True, message="got <b>x</b>\nmore", mistake="You forget the <sign>.")]
    exercises = [
        {"id": "sigmoid", "status": "failed", "points": 1.0, "max_points": 2.0, "checks": checks},
        {"id": "sigmoid_backward", "status": "not_attempted", "points": 0.0, "max_points": 2.0, "checks": []},
    ]
    whole = {"unit": NAME, "points": 1.0, "max_points": 4.0, "exercises": exercises, "manual": [], "error": None}
    return {**whole, **changes}


def test_the_report_says_what_failed_and_why(unit: Unit) -> None:
    page = hand_in.report_html(report(), unit.notebook("notebooks"))
    for part in (
        f"{NAME} · 1 of 4 points",
        "1 / 2",
        "any shape (hidden)",
        "You forget the &lt;sign&gt;.",
        "1 not attempted",
    ):
        assert part in page, part
    assert "Full feedback" not in page, "there is no page to link to"
    assert "<b>" not in page
    (unit.root / "notebooks" / "feedback").mkdir()
    (unit.root / "notebooks" / "feedback" / f"{NAME}.html").touch()
    assert f'<a href="../feedback/{NAME}.html">Full feedback</a>' in hand_in.report_html(
        report(), unit.notebook("notebooks")
    )


def test_a_notebook_that_was_not_graded_says_why(unit: Unit) -> None:
    page = hand_in.report_html(report(error="it is <damaged>"), unit.notebook("notebooks"))
    assert page == "<p><strong>Not graded.</strong> it is &lt;damaged&gt;</p>"
