"""A learner's workspace: work is never overwritten, old answers are kept, and progress follows from what was done."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from dlkit.commands import learner
from dlkit.course.progress import progress_of
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from tests.small import NAME, Run, dlkit, files, small_course, solved, write

Capture = pytest.CaptureFixture[str]
FILE = f"{NAME}/{NAME}.ipynb"
UPDATE = f"{NAME}/{NAME}.update.ipynb"


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A course of one unit, with the current folder in it; $DLKIT_WORKSPACE says where the workspace will be."""
    made = small_course(tmp_path / "course")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("DLKIT_WORKSPACE", str(tmp_path / "work"))
    return made


@pytest.fixture
def work(unit: Unit, tmp_path: Path) -> Path:
    """The workspace's folder, not made yet."""
    return tmp_path / "work"


@pytest.fixture
def start(unit: Unit, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """`dlkit start` with a JupyterLab that ends at once."""
    monkeypatch.setattr(learner.subprocess, "call", lambda command, **options: 0)
    return lambda *arguments: dlkit(capsys, "start", *arguments)


def work_in(folder: Path) -> dict[str, bytes]:
    """What the learner works on in the workspace, without dlkit's own records and its welcome page."""
    return {name: data for name, data in files(folder).items() if not name.startswith((".dlkit", "Welcome"))}


def update(unit: Unit, text: str = "# A new version") -> bytes:
    """Change the course's release; returns its bytes."""
    notebook = unit.read("notebooks")
    notebook.cells[0].source += f"\n{text}"
    return write(unit.notebook("notebooks"), notebook).read_bytes()


# --- start ----------------------------------------------------------------------------------------------------------


def test_start_fetches_the_units_and_opens_jupyterlab_there(
    unit: Unit, work: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Any] = []
    monkeypatch.setattr(learner.subprocess, "call", lambda command, **options: called.append((command, options)) or 0)
    run = dlkit(capsys, "start", "--no-browser")
    assert run == Run(0, f"{NAME}: fetched\nYour workspace: {work}\n", "")
    assert work_in(work) == {FILE: unit.notebook("notebooks").read_bytes()}
    (command, options), = called  # fmt: skip
    assert command[:4] == [sys.executable, "-m", "jupyter", "lab"]
    assert "--no-browser" in command
    assert "--LabApp.default_url=/lab/tree/Welcome.ipynb" in command, "the welcome page is open when JupyterLab is"
    assert options["cwd"] == work
    assert options["env"]["DLKIT_WORKSPACE"] == str(work), "a terminal in JupyterLab finds the workspace too"


def shown(work: Path) -> str:
    """The welcome page, as Markdown."""
    page = nbformat.read(work / "Welcome.ipynb", 4)
    nbformat.validate(page)
    return str(page.cells[0].outputs[0].data["text/markdown"])


def test_the_welcome_page_leads_to_what_comes_next(start: Callable[..., Run], unit: Unit, work: Path) -> None:
    start()
    assert "**Begin: [sigmoid](01_activations/01_activations.ipynb#cell-id=" in shown(work)
    Workspace(work).journal.add("submit", attempt("submit", sigmoid="passed"))
    start()
    page = shown(work)
    assert "**Go on: [sigmoid_backward](01_activations/" in page, "where the learner was"
    assert "1 of 2 | 2 / 4 |" in page
    Workspace(work).journal.add("submit", attempt("submit", sigmoid="passed", sigmoid_backward="passed"))
    start()
    assert "Everything is handed in and passed." in shown(work)


def test_what_a_learner_adds_to_the_welcome_page_stays(start: Callable[..., Run], work: Path) -> None:
    start()
    page = nbformat.read(work / "Welcome.ipynb", 4)
    notes = nbformat.v4.new_markdown_cell("My plan for the week")
    page.cells += [notes, nbformat.v4.new_code_cell("")]
    nbformat.write(page, work / "Welcome.ipynb")
    start()
    assert [cell.source for cell in nbformat.read(work / "Welcome.ipynb", 4).cells[1:]] == [notes.source]
    (work / "Welcome.ipynb").write_text("my own file")
    start()
    assert (work / "Welcome.ipynb").read_text() == "my own file"
    assert nbformat.read(work / "Welcome-2.ipynb", 4).cells[0].id == "dlkit-welcome"


def test_the_port_is_jupyterlabs(unit: Unit, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr(learner.subprocess, "call", lambda command, **options: called.append(command) or 0)
    assert dlkit(capsys, "start", "--port", "8899").status == 0
    assert "--port=8899" in called[0]
    assert dlkit(capsys, "start", "--port", "99999").status == 2


def test_start_ends_as_jupyterlab_ends_and_leaves_ctrl_c_to_it(
    unit: Unit, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JupyterLab asks whether to stop, and stops its kernels; killing it at the first Ctrl-C would not."""

    def interrupted(command: list[str], **options: object) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return 3

    monkeypatch.setattr(learner.subprocess, "call", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        assert dlkit(capsys, "start").status == 3
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_start_again_changes_nothing_and_says_nothing_new(start: Callable[..., Run], work: Path) -> None:
    start()
    before = files(work)
    assert start() == Run(0, f"Your workspace: {work}\n", "")
    assert files(work) == before


def test_the_option_wins_over_the_environment(
    start: Callable[..., Run], unit: Unit, work: Path, tmp_path: Path
) -> None:
    start("--workspace", tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / FILE).is_file()
    assert not work.exists()


def test_work_from_before_the_first_start_stays(start: Callable[..., Run], unit: Unit, work: Path) -> None:
    """A folder with notebooks of an earlier course, or whose .dlkit was deleted."""
    (work / NAME).mkdir(parents=True)
    (work / FILE).write_text("my own notes", encoding="utf-8")
    (work / "thesis.txt").write_text("years", encoding="utf-8")
    run = start()
    assert f"{NAME}: a new version is beside your work, in {NAME}.update.ipynb; yours is as you left it\n" in run.out
    blank = unit.notebook("notebooks").read_bytes()
    assert work_in(work) == {FILE: b"my own notes", "thesis.txt": b"years", UPDATE: blank}


def test_an_update_replaces_a_unit_without_work(start: Callable[..., Run], unit: Unit, work: Path) -> None:
    start()
    new = update(unit)
    assert f"{NAME}: updated (it held no work)\n" in start().out
    assert work_in(work) == {FILE: new}


def test_an_update_is_put_beside_work_once(start: Callable[..., Run], unit: Unit, work: Path) -> None:
    start()
    mine = write(work / FILE, solved(unit, "sigmoid")).read_bytes()
    new = update(unit)
    assert "a new version is beside your work" in start().out
    assert work_in(work) == {FILE: mine, UPDATE: new}
    (work / UPDATE).unlink()
    assert start().out == f"Your workspace: {work}\n", "who deleted the update does not want it again"
    newer = update(unit)
    start()
    assert work_in(work) == {FILE: mine, UPDATE: newer}, "but the next one is offered"
    newest = update(unit)
    start()
    assert work_in(work) == {FILE: mine, UPDATE: newest}, "and takes the place of one that was not touched"


def test_work_in_an_update_is_not_overwritten_by_the_next(start: Callable[..., Run], unit: Unit, work: Path) -> None:
    start()
    mine = write(work / FILE, solved(unit, "sigmoid")).read_bytes()
    update(unit)
    start()
    other = write(work / UPDATE, solved(unit, "sigmoid_backward")).read_bytes()
    newer = update(unit)
    assert f"in {NAME}.update-2.ipynb" in start().out
    assert work_in(work) == {FILE: mine, UPDATE: other, UPDATE.replace("update", "update-2"): newer}


@pytest.mark.parametrize("records", [b"", b"[]", b"\xff", b'{"01_acti', None], ids=repr)
def test_lost_records_cost_no_work(records: bytes | None, start: Callable[..., Run], unit: Unit, work: Path) -> None:
    start()
    mine = write(work / FILE, solved(unit, "sigmoid")).read_bytes()
    given = work / ".dlkit" / "given.json"
    given.unlink() if records is None else given.write_bytes(records)
    assert start().status == 0
    assert work_in(work)[FILE] == mine


def test_start_where_nothing_can_be_written(start: Callable[..., Run], unit: Unit, tmp_path: Path) -> None:
    """Below a file not even root can make a folder."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    before = files(tmp_path)
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        run = start("--workspace", place)
        assert (run.status, run.out) == (2, "")
        assert f"{place} cannot be written: " in run.err
    assert files(tmp_path) == before


def test_a_folder_where_the_notebook_should_be_is_named(start: Callable[..., Run], work: Path) -> None:
    (work / FILE).mkdir(parents=True)
    run = start()
    assert run.status == 2
    assert re.search(rf"{FILE} cannot be read: .* Move it away", run.err), run.err


def test_a_course_without_units_has_nothing_to_start(start: Callable[..., Run], unit: Unit) -> None:
    unit.notebook("notebooks").unlink()
    run = start()
    assert run.status == 2
    assert "has no unit in notebooks/ yet: run `dlkit build`" in run.err


@pytest.mark.parametrize("command", ["start", "reset 1", "reset 1 sigmoid"])
def test_a_write_that_fails_loses_nothing(
    command: str, start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only file system, or a full disk, at the moment when the new file takes the old one's place."""
    start()
    update(unit)
    before = work_in(work)
    replace = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target.suffix == ".ipynb":
            raise OSError(30, "Read-only file system")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    run = dlkit(capsys, *command.split())
    assert run.status == 2
    assert f"{work / FILE} cannot be written: Read-only file system. Nothing was changed.\n" in run.err
    assert work_in(work) == before, "neither changed, nor half a file left beside it"


# --- reset ----------------------------------------------------------------------------------------------------------


def history(work: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((work / ".dlkit" / "history" / NAME).glob("*.ipynb"))]


def test_reset_blanks_a_unit_and_keeps_the_old_version(
    start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    mine = write(work / FILE, solved(unit, "sigmoid")).read_bytes()
    run = dlkit(capsys, "reset", "activations")
    assert run.status == 0
    assert work_in(work) == {FILE: unit.notebook("notebooks").read_bytes()}
    assert history(work) == [mine]
    kept = re.search(r"kept at (\S+\.ipynb)\n$", run.out)
    assert kept, f"the whole path, on one line: {run.out!r}"
    assert Path(kept[1]).read_bytes() == mine


def test_reset_blanks_one_exercise_and_nothing_else(
    start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    notebook = solved(unit, "sigmoid", "sigmoid_backward")
    notebook.cells.insert(2, nbformat.v4.new_code_cell("my = 'notes'", id="mine"))
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="old")]
    mine = write(work / FILE, notebook).read_bytes()
    assert dlkit(capsys, "reset", "1", "sigmoid").status == 0
    now, blank = nbformat.read(work / FILE, 4), unit.read("notebooks")
    assert now.cells[1] == blank.cells[1]
    assert [cell for cell in now.cells if cell.id != "sigmoid"] == [c for c in notebook.cells if c.id != "sigmoid"]
    assert history(work) == [mine]
    again = (work / FILE).read_bytes()
    assert dlkit(capsys, "reset", "1", "a-relu-three-advantages").status == 0
    assert history(work) == [mine, again], "every version is kept"


RESETS = {
    "a mistyped exercise": ("reset 1 sigmiod", None, "has no exercise 'sigmiod'. Did you mean sigmoid"),
    "an exercise of nowhere": ("reset 1 zzzz", None, "There are: sigmoid, sigmoid_backward, a-relu-three-advantages"),
    "a check cell": ("reset 1 sigmoid-check", None, "Did you mean sigmoid"),
    "an exercise of a damaged notebook": ("reset 1 sigmoid", b"{", "cannot be read as a notebook. `dlkit reset"),
    "an exercise whose cell was deleted": (
        "reset 1 sigmoid",
        {"cells": []},
        "has no cell for 'sigmoid': it was deleted",
    ),
}


@pytest.mark.parametrize(("command", "content", "message"), RESETS.values(), ids=RESETS)
def test_a_reset_that_cannot_be_done_changes_nothing(
    command: str, content: Any, message: str, start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    if isinstance(content, bytes):
        (work / FILE).write_bytes(content)
    elif content is not None:
        write(work / FILE, nbformat.from_dict({**solved(unit), **content}))
    before = files(work)
    run = dlkit(capsys, *command.split())
    assert (run.status, run.out) == (2, "")
    assert message in run.err
    assert files(work) == before


def test_a_damaged_notebook_can_be_reset_and_is_kept(
    start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    (work / FILE).write_bytes(b"\xff half a notebook")
    assert dlkit(capsys, "reset", "1").status == 0
    assert history(work) == [b"\xff half a notebook"]
    (work / FILE).unlink()
    assert f"a blank copy is now at {work / FILE}\n" in dlkit(capsys, "reset", "1", "sigmoid").out
    assert (work / FILE).read_bytes() == unit.notebook("notebooks").read_bytes()
    assert "no exercise" in dlkit(capsys, "reset", "1", "nothing").err


# --- progress -------------------------------------------------------------------------------------------------------


def attempt(kind: str, **statuses: str) -> dict[str, Any]:
    """A report of an attempt, as grading gives it: 2 points for each exercise that passed."""
    points = {"passed": 2.0}
    exercises = [
        {"id": id, "status": status, "points": points.get(status, 0.0), "max_points": 2.0}
        for id, status in {"sigmoid": "not_attempted", "sigmoid_backward": "not_attempted", **statuses}.items()
    ]
    total = sum(exercise["points"] for exercise in exercises)
    return {"kind": kind, "unit": NAME, "points": total, "max_points": 4.0, "exercises": exercises}


CHECKED, HANDED = ("check", {"sigmoid": "passed"}), ("submit", {"sigmoid": "passed"})
BOTH = {"sigmoid": "passed", "sigmoid_backward": "passed"}

# attempts → best points, passed, submissions, checks, next
PROGRESS: dict[str, tuple[list[tuple[str, dict[str, str]]], tuple[float, int, int, int, str | None]]] = {
    "nothing yet": ([], (0.0, 0, 0, 0, "sigmoid")),
    "a check earns no points, but the next is next": ([CHECKED], (0.0, 0, 0, 1, "sigmoid_backward")),
    "a submission earns points": ([HANDED], (2.0, 1, 1, 0, "sigmoid_backward")),
    "all checked, none handed in": ([("check", BOTH)], (0.0, 0, 0, 1, "sigmoid")),
    "the best submission counts": ([HANDED, ("submit", {})], (2.0, 1, 2, 0, "sigmoid_backward")),
    "what fails after it passed is passed": ([HANDED, ("submit", {"sigmoid": "failed"})], (2.0, 1, 2, 0, "sigmoid_backward")),
    "done": ([CHECKED, HANDED, ("submit", BOTH)], (4.0, 2, 2, 1, None)),
    "watched and reviewed is checked": ([("watch", BOTH), ("review", BOTH)], (0.0, 0, 0, 2, "sigmoid")),
    "a quiz and an interview are neither": ([("quiz", BOTH), ("interview", BOTH)], (0.0, 0, 0, 0, "sigmoid")),
    "an exercise that the unit no longer has": ([("submit", {"gone": "passed"})], (2.0, 0, 1, 0, "sigmoid")),
}  # fmt: skip


@pytest.mark.parametrize(("attempts", "expected"), PROGRESS.values(), ids=PROGRESS)
def test_progress_follows_from_the_attempts(
    attempts: list[tuple[str, dict[str, str]]],
    expected: tuple[Any, ...],
    start: Callable[..., Run],
    unit: Unit,
    work: Path,
    capsys: Capture,
) -> None:
    start()
    home = Workspace(work)
    for kind, statuses in attempts:
        home.journal.add(kind, attempt(kind, **statuses))
    (row,) = dlkit(capsys, "progress", "--json").objects
    assert set(row) == {
        "unit", "points", "max_points", "first", "best", "submissions", "checks", "passed", "exercises", "next", "last",
        "due", "asked", "known", "items",
    }  # fmt: skip
    assert (row["points"], row["passed"], row["submissions"], row["checks"], row["next"]) == expected
    assert (row["unit"], row["max_points"], row["exercises"]) == (NAME, 4.0, 2)
    table = dlkit(capsys, "progress")
    assert table.status == 0
    assert re.search(rf"^{NAME} +{expected[0]:g}/4 .*{expected[-1] or 'done'}$", table.out, re.MULTILINE), table.out


ATTEMPTS: dict[str, tuple[list[tuple[str, str]], tuple[str, float | None, int, bool]]] = {
    "never tried": ([("check", "not_attempted")], ("not_attempted", None, 0, False)),
    "failed": ([("check", "failed"), ("check", "error")], ("failed", None, 2, False)),
    "solved, not handed in": ([("check", "failed"), ("check", "passed")], ("passed", None, 2, True)),
    "handed in": ([("check", "passed"), ("submit", "passed")], ("passed", 2.0, 1, True)),
    "handed in, and fell short": ([("submit", "failed"), ("submit", "failed")], ("failed", 0.0, 2, False)),
    "checked along with others": ([("check", "passed")] * 5 + [("submit", "failed")], ("passed", 0.0, 1, True)),
    "reviewed": ([("submit", "passed"), ("review", "failed"), ("review", "passed")], ("passed", 2.0, 3, True)),
    "asked in an interview": ([("interview", "passed")], ("not_attempted", None, 0, False)),
    "of a status nobody knows": ([("check", "excellent")], ("not_attempted", None, 0, False)),
}


@pytest.mark.parametrize(("attempts", "expected"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_each_exercise_has_its_best_and_its_attempts(
    attempts: list[tuple[str, str]], expected: tuple[Any, ...], start: Callable[..., Run], work: Path, capsys: Capture
) -> None:
    start()
    home = Workspace(work)
    for kind, status in attempts:
        home.journal.add(kind, attempt(kind, sigmoid=status))
    times = [entry["time"] for entry in home.journal.entries()]
    (row,) = dlkit(capsys, "progress", "1", "--json").objects
    item, other = row["items"]
    assert set(item) == {"id", "status", "points", "max_points", "attempts", "passed", "last", "due"}
    assert (item["id"], item["max_points"], other["attempts"]) == ("sigmoid", 2.0, 0)
    assert (item["status"], item["points"], item["attempts"], item["passed"] is not None) == expected
    assert item["passed"] in [*times, None]
    assert item["last"] == (times[-1] if item["attempts"] else None)
    assert (item["due"] is not None) == expected[3], "what was solved comes back"
    table = dlkit(capsys, "progress", "1")
    points = "–" if expected[1] is None else f"{expected[1]:g}"
    assert re.search(rf"^sigmoid +\S+ +{points}/2 +{expected[2]} ", table.out, re.MULTILINE), table.out


def test_a_question_waits_to_be_handed_in(start: Callable[..., Run], work: Path, capsys: Capture) -> None:
    """`dlkit check` says "passed" of an answer that it cannot mark, and gives it no points."""
    start()
    home = Workspace(work)
    for _ in range(2):
        report = attempt("check", sigmoid="passed")
        report["exercises"][0]["points"] = 0.0
        home.journal.add("check", report)
    (row,) = dlkit(capsys, "progress", "--json").objects
    item = row["items"][0]
    assert (item["status"], item["attempts"], item["due"]) == ("answered", 0, None)
    assert row["next"] == "sigmoid_backward", "it is done for now"


def test_the_first_and_the_best_score(start: Callable[..., Run], work: Path, capsys: Capture) -> None:
    start()
    home = Workspace(work)
    assert re.search(rf"^{NAME} +0/4 +– ", dlkit(capsys, "progress").out, re.MULTILINE)
    for statuses in ({}, BOTH, {"sigmoid": "passed"}):
        home.journal.add("submit", attempt("submit", **statuses))
    (row,) = dlkit(capsys, "progress", "--json").objects
    assert (row["first"], row["best"], row["points"]) == (0.0, 4.0, 4.0)
    assert re.search(rf"^{NAME} +4/4 +0 +2/2 +3 +0 +– +0 +just now +done$", dlkit(capsys, "progress").out, re.MULTILINE)


NOTEBOOKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "renamed": (lambda path: path.rename(path.with_name("mine.ipynb")), "There is no file {}"),
    "broken": (lambda path: path.write_bytes(b"{"), "{} is not a notebook: it is not JSON."),
}


@pytest.mark.parametrize(("damage", "message"), NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_progress_names_a_notebook_that_is_renamed_or_broken_and_is_the_same(
    damage: Callable[[Path], object], message: str, start: Callable[..., Run], work: Path, capsys: Capture
) -> None:
    start()
    damage(work / FILE)
    line = message.format(work / FILE)
    assert line not in dlkit(capsys, "progress").out, "a unit that was not begun may be away"
    Workspace(work).journal.add("check", attempt("check", sigmoid="passed"))
    run = dlkit(capsys, "progress")
    assert run.status == 0
    assert run.out.count(line) == 1
    assert re.search(rf"^{NAME} .* sigmoid_backward$", run.out, re.MULTILINE), run.out


def test_progress_as_a_page(start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture) -> None:
    start()
    home, page = Workspace(work), work / "progress.html"
    run = dlkit(capsys, "progress", "--html", page)
    assert run == Run(0, f"Your progress: {page}\n", "")
    assert "<svg" not in page.read_text(encoding="utf-8"), "before the first points there is nothing to draw"
    home.journal.add("submit", attempt("submit", sigmoid="passed"))
    home.journal.add("submit", attempt("submit", **BOTH))
    home.journal.add("submit", attempt("submit", sigmoid="passed"))
    (row,) = dlkit(capsys, "progress", "--json", "--html", page).objects
    text = page.read_text(encoding="utf-8")
    assert text.count("<circle") == 2, "a mark wherever the points grew"
    assert "4 / 4" in text
    assert "sigmoid_backward" in text or "Sigmoid, backwards" in text
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<img|url\(|@import|https?:", text), "it loads and runs nothing"
    assert row["points"] == 4.0


def test_a_page_shows_markup_as_text(start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture) -> None:
    notebook = unit.read("notebooks")
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("### <script>alert(1)</script> ★", id="text"))
    write(unit.notebook("notebooks"), notebook)
    start()
    Workspace(work).journal.add("check", attempt("check", sigmoid="passed"))
    dlkit(capsys, "progress", "--html", work / "p.html")
    text = (work / "p.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text


@pytest.mark.parametrize("name", [FILE, "progress", "progress.ipynb"])
def test_a_page_replaces_no_notebook(name: str, start: Callable[..., Run], work: Path, capsys: Capture) -> None:
    start()
    before = files(work)
    run = dlkit(capsys, "progress", "--html", work / name)
    assert run.status == 2
    assert "name a file that ends in .html" in run.err
    assert files(work) == before


LOGS = {
    "binary": b"\x00\xff\xfe\n",
    "not JSON": b"hello\n",
    "no object": b"[1]\n5\nnull\n",
    "without a unit": b'{"exercises": {}}\n',
    "of other kinds": b'{"time": 1, "kind": [], "unit": {}, "points": "x", "exercises": {}}\n',
    "exercises of another shape": b'{"time": "", "kind": "check", "unit": "01_activations", "points": 0, "exercises": {"a": 5}}\n',
    "a line cut short": b'{"time": "2026-01-01T00:00:00", "kind": "sub',
}


@pytest.mark.parametrize("damage", LOGS.values(), ids=LOGS)
def test_a_damaged_log_loses_only_the_damaged_line(
    damage: bytes, start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    home, log = Workspace(work), work / ".dlkit" / "attempts.jsonl"
    home.journal.add("check", attempt("check", sigmoid="passed"))
    with log.open("ab") as file:
        file.write(damage)
    home.journal.add("submit", attempt("submit", sigmoid="passed"))
    found = home.journal.entries()
    assert [line["kind"] for line in found] == ["check", "submit"]
    assert progress_of(unit, found).points == 2.0
    (aside,) = log.parent.glob("attempts.damaged-*.jsonl")
    assert str(aside) in home.journal.notice
    assert damage in aside.read_bytes(), "what cannot be read is kept"
    again = Workspace(work).journal
    assert (again.entries(), again.notice) == (found, ""), "the log is whole again"


def test_a_log_of_a_newer_dlkit_is_kept_aside_and_made_again_from_the_history(
    start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    home, log = Workspace(work), work / ".dlkit" / "attempts.jsonl"
    home.journal.add("submit", attempt("submit", sigmoid="passed"), home.keep(unit, work / FILE))
    log.write_bytes(newer := b'{"version": 2, "time": "tomorrow"}\n')
    shown = dlkit(capsys, "progress").out
    (aside,) = log.parent.glob("attempts.newer-*.jsonl")
    assert "written by a newer dlkit" in shown
    assert str(aside) in shown
    assert aside.read_bytes() == newer
    assert [line["points"] for line in home.journal.entries()] == [2.0]


def test_a_question_counts_as_it_was_answered_last(start: Callable[..., Run], work: Path, capsys: Capture) -> None:
    start()
    home = Workspace(work)
    for kind, statuses in (("quiz", "pf"), ("interview", "fp"), ("check", "ff"), ("quiz", "p")):
        words = {f"q-{number}": {"p": "passed", "f": "failed"}[letter] for number, letter in enumerate(statuses)}
        home.journal.add(kind, attempt(kind, **words))
    (row,) = dlkit(capsys, "progress", "--json").objects
    assert (row["asked"], row["known"]) == (2, 2)
    assert " 2/2 " in dlkit(capsys, "progress").out


def test_two_commands_at_once_lose_no_attempt(start: Callable[..., Run], work: Path) -> None:
    start()

    def add(number: int) -> None:
        for _ in range(25):
            Workspace(work).journal.add("check", attempt("check", sigmoid=f"status {number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    journal = Workspace(work).journal
    found = [entry["exercises"]["sigmoid"][0] for entry in journal.entries()]
    assert sorted(found) == sorted(f"status {number}" for number in range(4) for _ in range(25))
    assert journal.notice == ""


def test_a_log_that_is_gone_is_made_again_from_the_history(
    start: Callable[..., Run], unit: Unit, work: Path, capsys: Capture
) -> None:
    start()
    home = Workspace(work)
    for statuses in ({"sigmoid": "failed"}, {"sigmoid": "passed"}):
        home.journal.add("submit", attempt("submit", **statuses), home.keep(unit, work / FILE))
    found = home.journal.entries()
    home.journal.log.unlink()
    assert "Your log of attempts is gone. 2 attempts could be read" in dlkit(capsys, "progress").out
    assert home.journal.entries() == found
    home.journal.add("check", attempt("check", sigmoid="passed"))
    assert [line["kind"] for line in home.journal.entries()] == ["submit", "submit", "check"]


def test_without_a_log_there_is_no_progress_yet(start: Callable[..., Run], capsys: Capture) -> None:
    start()
    (row,) = dlkit(capsys, "progress", "--json").objects
    assert (row["points"], row["last"]) == (0.0, None)
    assert json.loads(json.dumps(row)) == row
