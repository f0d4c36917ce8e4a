"""`dlkit watch`: what a save changed is checked and shown, and nothing that a learner saves or types ends the watch."""

from __future__ import annotations

import copy
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from dlkit.course.outline import outline
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from dlkit.grading.fresh import Fresh
from dlkit.grading.ingest import merge
from dlkit.grading.practice import narrowed, practise
from dlkit.study import saves
from dlkit.study.hints import hints
from dlkit.study.review import copy_of
from dlkit.study.saves import Save, Saves
from tests.lessons import COURSE, UNITS, course_in
from tests.small import dlkit, write
from tests.submissions import answered, solutions, untouched

WRONG = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
SENTENCE = "Your formula takes exp of a large positive number when x is very negative"
CRASH = "import os\n\nif os.path.exists({flag!r}):\n    os._exit(1)\n\n"
LOOP = "def sigmoid(x):\n    while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n            pass"
WRITTEN = "a-relu-three-advantages"
KEYS = "h hint · n next · c check all of the unit · q quit"
WAIT = 60

forking = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
"""What Python 3.12 says of a new process with a terminal, or with a line to run first, beside threads."""


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Unit:
    """The first unit up to its relu, in a course of its own; these tests only read it."""
    made = course_in(tmp_path_factory.mktemp("course"), UNITS[0])
    for folder in ("source", "notebooks"):
        notebook = made.read(folder)
        ids = [cell.id for cell in notebook.cells]
        end = ids.index("relu-check") + 1
        notebook.cells = notebook.cells[:end] + [cell for cell in notebook.cells[end:] if cell.id == WRITTEN]
        write(made.notebook(folder), notebook)
    return made


@pytest.fixture(scope="module")
def right(unit: Unit) -> dict[str, str]:
    """The reference answers, by exercise."""
    return solutions(unit)


@pytest.fixture
def home(unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with the unit as it was handed out; $DLKIT_WORKSPACE names it, and the course is where one stands."""
    monkeypatch.chdir(unit.root)
    monkeypatch.setenv("DLKIT_WORKSPACE", str(tmp_path / "work"))
    made = Workspace()
    made.records.mkdir(parents=True)
    write(made.notebook(unit), untouched(unit))
    return made


def logged(home: Workspace) -> list[tuple[str, dict[str, str]]]:
    """What the journal holds: the kind of each attempt, and the exercises' outcomes."""
    return [
        (entry["kind"], {id: outcome[0] for id, outcome in entry["exercises"].items()})
        for entry in home.journal.entries()
    ]


# --- through a terminal ---------------------------------------------------------------------------------------------


@pytest.fixture
def terminal(home: Workspace) -> Iterator[Callable[..., Any]]:
    """Start `dlkit watch` in a terminal of its own and wait for its first line of keys."""
    if sys.platform == "win32":
        pytest.skip("a pseudo-terminal is a thing of Unix")
    import pexpect

    children = []

    def start(*arguments: str) -> Any:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "dlkit.cli", "watch", *arguments],
            env={**os.environ, "TERM": "dumb"},
            dimensions=(50, 200),
            encoding="utf-8",
            timeout=WAIT,
        )
        children.append(child)
        child.expect_exact(KEYS)
        return child

    yield start
    for child in children:
        child.close(force=True)


def press(child: Any, key: str, *expected: str) -> None:
    child.send(key)
    for text in expected:
        child.expect_exact(text)


def ended(child: Any) -> int:
    """The exit status, and nothing that looks like a crash before it."""
    import pexpect

    child.expect(pexpect.EOF)
    assert "Traceback" not in child.before
    child.close()
    return int(child.exitstatus)


@forking
def test_a_wrong_answer_is_named_and_the_right_one_passes(
    terminal: Callable[..., Any], home: Workspace, unit: Unit, right: dict[str, str]
) -> None:
    mine = home.notebook(unit)
    child = terminal("1")
    assert "Next: Sigmoid ★ · 8 min · 2 points" in child.before
    write(mine, answered(unit, {"sigmoid": WRONG}))
    child.expect_exact("2 of 3 checks here")
    child.expect_exact("✗ right and silent at ±10 000")
    child.expect_exact(SENTENCE)
    child.expect_exact(KEYS)
    press(child, "h", "Sigmoid. Hint 1: ")
    press(child, "H", "Sigmoid. Hint 2: One form is safe for x ≥ 0, the other for x < 0.")
    press(child, "h", "Sigmoid. Hint 3: ", "and `np.where` picks it.")
    press(child, "h", "the last hint for Sigmoid")
    press(child, "h", "Sigmoid. Hint 1: ")
    write(mine, answered(unit, {"sigmoid": right["sigmoid"]}))
    child.expect_exact("3 of 3 checks here")
    child.expect_exact("Next: Sigmoid, backwards")
    child.expect_exact(KEYS)
    press(child, "h", "Sigmoid, backwards. Hint 1: ")
    press(child, "n", "Next: Sigmoid, backwards", f"2 of {len(outline(unit))} in {unit.name}; not attempted yet")
    write(mine, answered(unit, {"sigmoid": right["sigmoid"], "sigmoid_backward": "def sigmoid_backward(dout, x): ..."}))
    child.expect_exact("Your function returned None")
    child.expect_exact(KEYS)
    press(child, "n", "Next: Sigmoid, backwards", "; fell short so far")
    press(child, "c", "✓ sigmoid ", "not attempted (5)", "2 of ", "`dlkit submit activations`", KEYS)
    child.send("q")
    assert ended(child) == 0
    first, second, third, whole = logged(home)
    assert first == ("check", {"sigmoid": "failed"})
    assert second == ("check", {"sigmoid": "passed"})
    assert third == ("check", {"sigmoid_backward": "failed"}), "what did not change is not checked again"
    assert (whole[0], len(whole[1]), whole[1]["sigmoid"]) == ("check", 7, "passed")


@forking
def test_nothing_that_is_saved_ends_the_watch(
    terminal: Callable[..., Any], home: Workspace, unit: Unit, right: dict[str, str], tmp_path: Path
) -> None:
    mine = home.notebook(unit)
    again = untouched(unit)
    again.metadata["dlkit"]["review"] = ["relu"]
    write(copy_of(home, unit), again)
    child = terminal()
    write(mine, answered(unit, {"sigmoid": LOOP}))
    child.expect_exact("Checking sigmoid takes long.")
    write(mine, answered(unit, {"sigmoid": right["sigmoid"], "relu": right["relu"]}))
    child.expect_exact(" sigmoid ", timeout=12)  # left to itself, it is ended after fifteen seconds
    child.expect_exact("3 of 3 checks here")
    child.expect_exact(" relu ")
    child.expect_exact(KEYS)
    flag = tmp_path / "crash"
    flag.touch()
    write(mine, answered(unit, {"sigmoid": CRASH.format(flag=str(flag)) + right["sigmoid"], "relu": right["relu"]}))
    child.expect_exact("the answer's cell raised Stopped: it ended its process")
    child.expect_exact(KEYS)
    flag.unlink()
    press(child, "c", "✓ sigmoid ", KEYS)
    mine.write_text(mine.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    child.expect_exact(f"{mine} is not a notebook: it is not JSON.")
    press(child, "c", "is not JSON.")
    mine.rename(mine.with_suffix(".away"))
    child.expect_exact(f"{mine} is gone")
    write(mine, answered(unit, {"sigmoid": "def sigmoid(x)", "relu": right["relu"]}))
    child.expect_exact("the answer's cell raised SyntaxError: expected ':' (line 1)")
    child.expect_exact(KEYS)
    assert child.before.count("SyntaxError") == 0, "an error that ends every check is told once"
    write(copy_of(home, unit), merge(again, answered(unit, {"relu": right["relu"], "tanh": right["tanh"]})))
    child.expect_exact(f"{unit.name}, review")
    child.expect_exact(KEYS)
    child.sendcontrol("c")
    assert ended(child) == 0
    assert [attempt for attempt in logged(home) if len(attempt[1]) < 3] == [
        ("check", {"sigmoid": "passed", "relu": "passed"}),
        ("check", {"sigmoid": "error"}),
        ("check", {"sigmoid": "error"}),
        ("review", {"relu": "passed"}),
    ]


@forking
@pytest.mark.parametrize("end", ["the end of the input", "Ctrl-C"])
def test_without_a_terminal_it_works_without_keys(end: str, home: Workspace, unit: Unit, right: dict[str, str]) -> None:
    if sys.platform == "win32" and end == "Ctrl-C":
        pytest.skip("no signal reaches one process alone there")

    def interruptible() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it

    with subprocess.Popen(
        [sys.executable, "-m", "dlkit.cli", "watch", unit.topic],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        preexec_fn=interruptible if end == "Ctrl-C" else None, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as child:  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        lines = iter(child.stdout)
        assert next(lines).startswith(f"Watching {unit.name} in {home.folder}.")
        next(line for line in lines if "not attempted yet" in line)
        write(home.notebook(unit), answered(unit, {"sigmoid": right["sigmoid"]}))
        assert next(line for line in lines if "checks here" in line).endswith("3 of 3 checks here\n")
        next(line for line in lines if line.startswith("Next: Sigmoid, backwards"))
        if end == "Ctrl-C":
            child.send_signal(signal.SIGINT)
        else:
            child.stdin.close()
        rest = "".join(lines)
        assert child.wait(WAIT) == 0
        assert KEYS not in rest
        assert child.stderr.read() == ""


WRONG_USE = {
    "before start": ("", "", "no workspace at .*Run `dlkit start`"),
    "a unit that is not there": ("77", "work", "no unit '77'"),
    "a unit that was not fetched": ("1", "work", "There is no file .*01_activations.ipynb. Run `dlkit start`"),
    "no unit fetched": ("", "work", "There is no file .*01_activations.ipynb. Run `dlkit start`"),
}


@pytest.mark.parametrize(("arguments", "folder", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_wrong_use_is_one_line(
    arguments: str, folder: str, message: str, unit: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work" / ".dlkit").mkdir(parents=True)
    where = ("--workspace", tmp_path / (folder or "nowhere"), "--course", unit.root)
    run = dlkit(capsys, "watch", *arguments.split(), *where)
    assert run.status == 2
    assert re.search(message, run.err), run.err


# --- what a save changed --------------------------------------------------------------------------------------------

Change = Callable[[NotebookNode], None]


def cell_of(notebook: NotebookNode, id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == id)


def edit(id: str, source: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        cell_of(notebook, id).source = source

    return change


def add(source: str) -> Change:
    return lambda notebook: notebook.cells.insert(2, nbformat.v4.new_code_cell(source, id="mine"))


def twice(notebook: NotebookNode) -> None:
    cell = copy.deepcopy(cell_of(notebook, "sigmoid"))
    cell.id, cell.source = "again", WRONG
    notebook.cells.insert(notebook.cells.index(cell_of(notebook, "sigmoid")) + 1, cell)


def run_all(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = 1, [nbformat.v4.new_output("stream", text="run")]


CHANGES: dict[str, tuple[Change, set[str]]] = {
    "nothing": (lambda notebook: None, set()),
    "outputs only": (run_all, set()),
    "an answer": (edit("relu", "def relu(x): ..."), {"relu"}),
    "an answer to a question": (edit("q-sigmoid-depth", "def q_sigmoid_depth(): return 1"), {"q-sigmoid-depth"}),
    "a locked cell": (edit("sigmoid-check", "check.score()"), set()),
    "a written answer": (edit(WRITTEN, "Three."), set()),
    "a helper that an answer calls": (add("def helper(x):\n    return x"), {"tanh"}),
    "a cell that no answer knows of": (add("plot = 5"), set()),
    "a cell that does not parse": (add("def (:"), set()),
    "an answer's cell copied": (twice, {"sigmoid"}),
    "an answer's cell deleted": (lambda notebook: notebook.cells.remove(cell_of(notebook, "relu")), set()),
    "the order": (lambda notebook: notebook.cells.reverse(), set()),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_checked_again(change: Change, expected: set[str], unit: Unit, home: Workspace) -> None:
    mine = home.notebook(unit)
    notebook = answered(unit, {"tanh": "def tanh(x):\n    return helper(x)"})
    watched = Saves(unit, write(mine, notebook))
    assert watched.look() is None, "what is there at first is no change"
    change(notebook)
    saved(mine, notebook, 1)
    found = watched.look()
    assert (set(found.changed) if isinstance(found, Save) else found) == (expected or None)
    assert watched.look() is None, "it is told once"


def saved(path: Path, notebook: NotebookNode, moment: int) -> None:
    """Save at another moment: two writes may fall into one tick of a file system's clock."""
    write(path, notebook)
    os.utime(path, (moment, moment))


def test_trouble_is_told_once_and_only_when_it_lasts(
    unit: Unit, home: Workspace, right: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(saves.time, "monotonic", lambda: now)
    mine = home.notebook(unit)
    watched = Saves(unit, mine)
    assert watched.look() is None
    for moment, content in enumerate((b"", b'{"cells": [', b"\xff")):
        now += 100
        mine.write_bytes(content)
        os.utime(mine, (moment, moment))
        assert watched.look() is None, "half written: JupyterLab empties a file before it writes it"
    now += saves.PATIENCE
    line = watched.look()
    assert isinstance(line, str)
    assert "not UTF-8 text" in line
    now += 100
    assert watched.look() is None
    mine.unlink()
    assert watched.look() is None
    now += saves.PATIENCE
    assert "is gone: was it renamed or deleted?" in str(watched.look())
    write(mine, untouched(unit))
    assert watched.look() == f"{mine} can be read again."
    saved(mine, untouched(unit), 2)
    assert watched.look() is None
    saved(mine, answered(unit, {"sigmoid": right["sigmoid"]}), 1)
    found = watched.look()
    assert isinstance(found, Save)
    assert found.changed == ("sigmoid",)


def test_a_notebook_of_another_unit_is_named(unit: Unit, home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saves, "PATIENCE", 0.0)
    other = untouched(unit)
    other.metadata["dlkit"]["unit"] = "02_losses"
    assert "is a notebook of unit 02_losses" in str(Saves(unit, write(home.notebook(unit), other)).look())


def test_a_review_copy_is_checked_where_it_was_blanked(
    unit: Unit, home: Workspace, right: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saves, "PATIENCE", 0.0)
    path = copy_of(home, unit)
    watched = Saves(unit, path)
    assert watched.look() is None, "it may not be there"
    again = untouched(unit)
    again.metadata["dlkit"]["review"] = ["relu"]
    write(path, again)
    assert watched.look() is None
    cell_of(again, "tanh").source = right["tanh"]
    saved(path, again, 1)
    assert watched.look() is None, "that was solved before, and is not asked here"
    cell_of(again, "tanh").source = right["sigmoid"]
    cell_of(again, "relu").source = right["relu"]
    saved(path, again, 2)
    found = watched.look()
    assert isinstance(found, Save)
    assert (found.review, found.exercises, found.changed) == (True, ("relu",), ("relu",))


# --- running it -----------------------------------------------------------------------------------------------------


def test_a_cell_that_is_known_to_crash_is_not_run_again(unit: Unit, right: dict[str, str]) -> None:
    started = 0

    def start() -> Fresh:
        nonlocal started
        started += 1
        return Fresh()

    crash = "import os\nos._exit(1)"
    notebook = answered(unit, {"sigmoid": crash, "tanh": right["tanh"]})
    known: dict[str, str] = {}
    for expected in (2, 1):
        started = 0
        done = practise(narrowed(merge(unit.read("notebooks"), notebook), ["tanh"]), start, known)
        assert started == expected
        assert [cell.id for cell in done.cells if cell.id.endswith("-check")] == ["tanh-check"]
        assert done.cells[-1].id == "tanh-check", "what stands below is not run"
        (output,) = cell_of(done, "sigmoid").outputs
        assert (output.ename, output.evalue) == ("Stopped", "it ended its process")
        known[crash] = "Stopped: it ended its process"


OWN = {
    "a helper": ("def helper(x):\n    return x", True),
    "a helper's helper": ("def helper(x):\n    return other(x)\n# ---\ndef other(x):\n    return x", True),
    "an import of everything": ("from math import *\nmine = 5", True),
    "a name of Python's": ("max = None", True),
    "an answer once more": (WRONG, True),
    "what only IPython understands": ("%timeit sigmoid(1.0)", True),
    "an experiment": ("import matplotlib.pyplot as plt\ny = sigmoid(np.ones(3))\nplt.plot(y)", False),
    "a call": ("sigmoid(np.ones(3))", False),
}


@pytest.mark.parametrize(("sources", "needed"), OWN.values(), ids=OWN)
def test_a_learners_own_cells_are_run_where_an_answer_may_need_them(sources: str, needed: bool, unit: Unit) -> None:
    notebook = answered(unit, {"tanh": "def tanh(x):\n    return helper(x)"})
    parts = sources.split("\n# ---\n")
    notebook.cells[2:2] = [nbformat.v4.new_code_cell(part, id=f"mine-{n}") for n, part in enumerate(parts)]
    part = narrowed(merge(unit.read("notebooks"), notebook), ["sigmoid", "tanh"])
    assert [cell.source for cell in part.cells if cell.metadata.dlkit.role == "added"] == (parts if needed else [])


@pytest.mark.parametrize("unit_there", COURSE.released, ids=lambda unit: unit.topic)
def test_hints_are_plain_text(unit_there: Unit) -> None:
    for item in outline(unit_there):
        found = hints(item.statement, "utf-8")
        assert len(found) == item.statement.count("<details>"), item.id
        for number, hint in enumerate(found, 1):
            assert hint.startswith(f"Hint {number}: "), hint
            assert not re.search(r"</?(code|sup|sub|em|b|summary)>|&\w+;|\n|\\[!-/]", hint), hint
            assert hint.count("`") % 2 == 0, hint


def test_formulas_stay_as_typed_where_the_terminal_has_no_letters_for_them() -> None:
    statement = "<details><summary>Hint 1</summary>Divide <code>a * b</code>\nby $e^{x}$, for x &lt; 0.</details>"
    assert hints(statement, "utf-8") == ["Hint 1: Divide `a * b` by eˣ, for x < 0."]
    assert hints(statement, "ascii") == ["Hint 1: Divide `a * b` by $e^{x}$, for x < 0."]
