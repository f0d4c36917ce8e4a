"""The commands: what they print, the exit status they promise, and one clear line for whatever is put into them."""

from __future__ import annotations

import copy
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from dlkit.course.units import Unit
from dlkit.grading import gradebook, ingest
from tests.small import NAME, POINTS, Run, dlkit, files, small_course, solved, write

Capture = pytest.CaptureFixture[str]

REPORT = {"unit", "student", "points", "max_points", "exercises", "manual", "error"}
EXERCISE = {"id", "status", "points", "max_points", "checks"}
CHECK = {"name", "hidden", "status", "message", "mistake"}
STATUSES = {"passed", "failed", "not_attempted", "error"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Unit:
    """A course that the tests of this module grade in, so that its gradebook is made once."""
    return small_course(tmp_path_factory.mktemp("graded"))


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A course of its own, with the current folder in it and no workspace yet."""
    made = small_course(tmp_path / "course")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("DLKIT_WORKSPACE", str(tmp_path / "workspace"))
    return made


def start(workspace: Path, unit: Unit, notebook: NotebookNode) -> Path:
    """A workspace whose notebook of the unit is this one."""
    (workspace / ".dlkit").mkdir(parents=True)
    return write(workspace / unit.name / f"{unit.name}.ipynb", notebook)


def documented(report: dict[str, Any]) -> None:
    """The object has exactly the keys that README promises to whoever reads `--json`."""
    assert set(report) == REPORT
    for exercise in report["exercises"]:
        assert set(exercise) == EXERCISE
        assert exercise["status"] in STATUSES
        for check in exercise["checks"]:
            assert set(check) == CHECK
            assert check["status"] in STATUSES


# --- wrong use ------------------------------------------------------------------------------------------------------

WRONG_USE = {
    "an unknown command": ("chek 1", "no command 'chek'. Did you mean `dlkit check`"),
    "an unknown option": ("check --jsn 1", "No such option '--jsn'.*Try `dlkit check --help`"),
    "no unit": ("check", "Missing argument.*Try `dlkit check --help`"),
    "a mistyped unit": ("check actvations", f"no unit 'actvations'. Did you mean {NAME}"),
    "a mistyped unit to submit": ("submit 01_activation", f"Did you mean {NAME}"),
    "a unit number that is not there": ("check 77", f"no unit '77'. There are: {NAME}"),
    "a unit to build that is not there": ("build 77", "no unit '77'"),
    "a unit to grade that is not there": ("grade 77", "no unit '77'"),
    "check before start": ("check 1", "no workspace at .*Run `dlkit start`"),
    "submit before start": ("submit 1", "no workspace at .*Run `dlkit start`"),
    "progress before start": ("progress", "no workspace at .*Run `dlkit start`"),
    "review before start": ("review", "no workspace at .*Run `dlkit start`"),
    "a unit to review that is not there": ("review 77", "no unit '77'"),
    "reset before start": ("reset 1", "no workspace at .*Run `dlkit start`"),
    "a course that is none": ("grade --course /nowhere", "/nowhere is no course.*--course DIR"),
    "a student id that climbs": ("grade --student ../x", "'../x' is no student id"),
    "a student who handed in nothing": ("grade --student ada", "Nothing of ada is here"),
    "nothing handed in": ("grade", "nothing to grade"),
    "no workers": ("grade --jobs 0", "'--jobs': 0 is not in the range"),
    "a unit without a lesson": ("build 1", f"{NAME} has no lesson: .*{NAME}.py is missing"),
}


@pytest.mark.parametrize(("command", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_wrong_use_is_one_line_and_status_2(
    command: str, message: str, unit: Unit, tmp_path: Path, capsys: Capture
) -> None:
    before = files(tmp_path)
    run = dlkit(capsys, *command.split())
    assert run.status == 2
    assert run.out == ""
    assert re.search(message, run.err), run.err
    assert files(tmp_path) == before


Damage = Callable[[NotebookNode], Any]


def text_of(change: Damage) -> Callable[[Unit], bytes]:
    """The bytes of the unit's notebook after a change to it as JSON."""

    def make(unit: Unit) -> bytes:
        notebook = json.loads(unit.notebook("notebooks").read_text(encoding="utf-8"))
        change(notebook)
        return json.dumps(notebook).encode()

    return make


BAD_FILES: dict[str, tuple[bytes | Callable[[Unit], bytes] | None, str]] = {
    "missing": (None, "There is no file .*run `dlkit start`"),
    "empty": (b"", "is empty"),
    "blank": (b" \n", "is empty"),
    "not text": (b"\xff\xfe\x00\x01", "not UTF-8 text"),
    "not JSON": (b"def sigmoid(x): ...", "is not JSON"),
    "cut short": (lambda unit: unit.notebook("notebooks").read_bytes()[:-100], "is not JSON"),
    "nested without end": (b"[" * 100_000, "is not JSON"),
    "a list": (b"[1, 2]", "no list of cells"),
    "JSON of something else": (b'{"cells": 5}', "no list of cells"),
    "a notebook of the future": (text_of(lambda nb: nb.update(nbformat=9)), "is damaged: .*version 9"),
    "a notebook of the past": (text_of(lambda nb: nb.update(nbformat=3)), "is damaged"),
    "cells that are numbers": (text_of(lambda nb: nb["cells"].append(7)), "is damaged"),
    "a cell without a type": (text_of(lambda nb: nb["cells"][0].pop("cell_type")), "is damaged"),
    "half a character": (text_of(lambda nb: nb["cells"][1].update(source="\ud800")), "broken character"),
    "of no course": (text_of(lambda nb: nb["metadata"].pop("dlkit")), "not a notebook of this course"),
    "of strange metadata": (text_of(lambda nb: nb["metadata"].update(dlkit=5)), "not a notebook of this course"),
    "too large": (b" " * 1001, "is larger than"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["check", "submit"])
@pytest.mark.parametrize(("content", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_line_and_nothing_is_handed_in(
    command: str,
    content: Any,
    message: str,
    unit: Unit,
    tmp_path: Path,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the workspace, where the unit is named, and anywhere, where the file is."""
    data = content(unit) if callable(content) else content
    mine = start(tmp_path / "workspace", unit, solved(unit))
    mine.unlink()
    if data is not None:
        mine.write_bytes(data)
    if message == "is larger than":
        monkeypatch.setattr(ingest, "MAX_BYTES", 1000)
    before = files(tmp_path)
    for target in (unit.topic, mine):
        run = dlkit(capsys, command, target)
        assert (run.status, run.out) == (2, "")
        assert re.search(message, run.err), run.err
        assert str(mine) in run.err, "the line names the file"
    assert files(tmp_path) == before


def test_a_folder_is_not_a_notebook(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    mine = start(tmp_path / "workspace", unit, solved(unit))
    assert "is a folder. Name the .ipynb" in dlkit(capsys, "check", mine.parent).err


def test_a_notebook_of_another_unit_says_which(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    other = Unit(unit.root, "02_losses")
    notebook = solved(unit)
    notebook.metadata.dlkit["unit"] = other.name
    write(other.notebook("notebooks"), notebook)
    mine = start(tmp_path / "workspace", unit, notebook)
    run = dlkit(capsys, "submit", "1")
    assert run.status == 2
    assert f"is a notebook of unit 02_losses, not of {NAME}. Hand it in as `dlkit submit 02_losses`" in run.err
    notebook.metadata.dlkit["unit"] = "77_dreams"
    write(mine, notebook)
    run = dlkit(capsys, "submit", mine)
    assert run.status == 2
    assert "is a notebook of unit 77_dreams, which" in run.err


@pytest.mark.parametrize("folder", ["source", "notebooks"])
@pytest.mark.parametrize("data", [None, b"", b"{}"], ids=["missing", "empty", "no notebook"])
def test_a_broken_course_says_so_and_blames_no_one(
    folder: str, data: bytes | None, unit: Unit, tmp_path: Path, capsys: Capture
) -> None:
    """A lesson is there, but was not built, or what was built is damaged."""
    unit.lesson.write_text("# %% [markdown]\n", encoding="utf-8")
    mine = start(tmp_path / "workspace", unit, solved(unit))
    write(unit.root / "submitted" / "ada" / NAME / mine.name, solved(unit))
    unit.notebook(folder).unlink()
    if data is not None:
        unit.notebook(folder).write_bytes(data)
    before = files(tmp_path)
    message = rf"The course's .*{folder}/{NAME}/{NAME}.ipynb is (missing|damaged): run `dlkit build {NAME}`"
    for command in ("submit", "grade", "check", "reset")[: 2 if folder == "source" else 4]:
        run = dlkit(capsys, command, "1")
        assert run.status == 2, command
        assert re.search(message, run.err), run.err
    assert files(tmp_path) == before, "nobody got a zero, and nothing was handed in or blanked"


def test_a_broken_settings_file_is_named(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    mine = start(tmp_path / "workspace", unit, solved(unit))
    (unit.root / "nbgrader_config.py").write_text("c = get_config(\n", encoding="utf-8")
    run = dlkit(capsys, "submit", mine)
    assert run.status == 2
    assert "nbgrader_config.py cannot be loaded: SyntaxError" in run.err


# --- where nothing can be written -----------------------------------------------------------------------------------


def test_a_read_only_course_keeps_the_submission_out_and_says_so(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    """A file stands where a folder must be made: even root cannot write there."""
    mine = start(tmp_path / "workspace", unit, solved(unit, "sigmoid"))
    (unit.root / "submitted").write_text("in the way", encoding="utf-8")
    work = mine.read_bytes()
    run = dlkit(capsys, "submit", "1")
    assert run.status == 2
    assert re.search(r"submitted.* cannot be written: .*Nothing was changed", run.err), run.err
    assert mine.read_bytes() == work
    assert (unit.root / "submitted").read_text(encoding="utf-8") == "in the way"


def test_a_read_only_workspace_still_shows_the_report(
    unit: Unit, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(tmp_path / "workspace", unit, solved(unit))
    (tmp_path / "workspace" / ".dlkit" / "attempts.jsonl").mkdir()
    run = dlkit(capsys, "check", "1", "--json")
    assert run.status == 2
    assert re.search(r"attempts.jsonl cannot be written: .*not in your progress", run.err), run.err
    (report,) = run.objects
    documented(report)


# --- the gradebook --------------------------------------------------------------------------------------------------


def other_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('0123456789ab')")
        database.commit()


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE song (title TEXT)")


def cut_short(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("CREATE TABLE filling AS SELECT randomblob(100000) AS data")
        database.commit()
    path.write_bytes(path.read_bytes()[:5000])


GRADEBOOKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "not a database": (lambda path: path.write_bytes(b"grades: all good\n" * 100), "is damaged: .*Move it away"),
    "cut short": (cut_short, "is damaged: .*Move it away"),
    "of another version": (other_version, "another version of nbgrader .*0123456789ab.*nbgrader db upgrade"),
    "of another program": (other_program, r"another version of nbgrader \(schema none"),
    "a folder": (lambda path: path.mkdir(), "cannot be written"),
}


@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize(("make", "message"), GRADEBOOKS.values(), ids=GRADEBOOKS)
def test_a_gradebook_that_cannot_be_used_is_left_as_it_is(
    make: Callable[[Path], object], message: str, unit: Unit, tmp_path: Path, capsys: Capture
) -> None:
    mine = start(tmp_path / "workspace", unit, solved(unit))
    book = unit.root / "gradebook.db"
    make(book)
    before = book.read_bytes() if book.is_file() else b""
    for command in (("submit", "1", "--student", "ada"), ("grade",)):
        run = dlkit(capsys, *command)
        assert run.status == 2
        assert re.search(rf"The gradebook {re.escape(str(book))}.*{message}", run.err), run.err
    assert (book.read_bytes() if book.is_file() else b"") == before
    handed = unit.root / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    assert handed.read_bytes() == mine.read_bytes(), "what was handed in waits for a gradebook that works"


@pytest.mark.usefixtures("sandboxed")
def test_a_locked_gradebook_says_so(
    unit: Unit, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook, "PATIENCE", 0.1)
    mine = start(tmp_path / "workspace", unit, solved(unit))
    with closing(sqlite3.connect(unit.root / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        run = dlkit(capsys, "submit", mine)
    assert run.status == 2
    assert "another program is using it" in run.err


# --- grading --------------------------------------------------------------------------------------------------------


def tampered(unit: Unit) -> NotebookNode:
    """Every honest answer, among locked cells that were deleted, doubled, edited and moved."""
    notebook = solved(unit, "sigmoid", "sigmoid_backward")
    _, sigmoid, check, backward, _, written = notebook.cells
    worthless = copy.deepcopy(check)
    worthless.id, worthless.source = "another", "1000.0"
    worthless.metadata.nbgrader["points"] = 1000
    again = copy.deepcopy(worthless)
    again.id = "and-another"
    check.source, check.metadata.nbgrader["points"] = "raise SystemExit", 500
    notebook.cells = [worthless, sigmoid, check, again, written, backward]
    return notebook


@pytest.mark.usefixtures("sandboxed")
def test_submitting_and_grading(graded: Unit, tmp_path: Path, capsys: Capture) -> None:
    """One story, since each run of nbgrader takes seconds: hand in, grade again, break it, mend it."""
    workspace = tmp_path / "workspace"
    where = ("--course", graded.root)
    mine = start(workspace, graded, tampered(graded))

    run = dlkit(capsys, "submit", "1", "--json", "--student", "ada", "--workspace", workspace, *where)
    (report,) = run.objects
    documented(report)
    assert run.status == 0
    assert (report["unit"], report["student"], report["error"]) == (NAME, "ada", None)
    assert report["points"] == report["max_points"] == POINTS, "locked cells come from the course's notebook"
    assert [exercise["id"] for exercise in report["exercises"]] == ["sigmoid", "sigmoid_backward"]
    assert any(check["hidden"] for exercise in report["exercises"] for check in exercise["checks"])
    assert [answer["status"] for answer in report["manual"]] == ["not_attempted"]
    assert scores(graded, "ada") == {"sigmoid-check": 2.0, "sigmoid_backward-check": 2.0}
    assert [path.read_bytes() for path in workspace.glob(".dlkit/history/*/*.ipynb")] == [mine.read_bytes()]
    assert (graded.root / "feedback" / "ada" / NAME / f"{NAME}.html").is_file()

    run = dlkit(capsys, "progress", "--json", "--workspace", workspace, *where)
    assert [(row["points"], row["passed"], row["submissions"], row["next"]) for row in run.objects] == [
        (POINTS, 2, 1, None)
    ]

    before = files(graded.root)
    run = dlkit(capsys, "grade", *where)
    assert (run.status, run.out) == (0, "Nothing to grade: every submission is graded. --force grades again.\n")
    assert dlkit(capsys, "grade", "--json", *where) == Run(0, "", "")
    assert files(graded.root) == before, "what is graded costs nothing to grade again"

    handed = graded.root / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    handed.write_text("lost", encoding="utf-8")
    run = dlkit(capsys, "grade", "--json", *where)
    (report,) = run.objects
    documented(report)
    assert run.status == 1
    assert "is not JSON" in report["error"]
    assert (report["points"], report["exercises"]) == (0.0, [])
    assert set(scores(graded, "ada").values()) == {0.0}, "a file that cannot be read keeps no older grade"
    assert dlkit(capsys, "grade", *where).status == 1, "and waits until it can"

    write(handed, solved(graded, "sigmoid"))
    run = dlkit(capsys, "grade", "1", "--student", "ada", *where)
    assert run.status == 1
    assert f"{NAME} · 2 of 4 points" in run.out
    assert "not attempted (1): sigmoid_backward" in run.out
    assert scores(graded, "ada") == {"sigmoid-check": 2.0, "sigmoid_backward-check": 0.0}


def scores(unit: Unit, student: str) -> dict[str, float | None]:
    directory = gradebook.course_directory(unit.root)
    with gradebook.safe(directory):
        found = gradebook.scores(unit, student, directory)
    return {name: points for name, points in found.items() if name.endswith("-check")}


def submissions(unit: Unit) -> dict[str, NotebookNode]:
    """Ways in which locked cells get lost or doubled; the answers are the same in all of them."""
    made = {"as handed out": solved(unit, "sigmoid"), "everything at once": tampered(unit)}
    for name in ("setup", "sigmoid-check", "sigmoid_backward"):
        made[f"without {name}"] = solved(unit, "sigmoid")
        made[f"without {name}"].cells = [cell for cell in made[f"without {name}"].cells if cell.id != name]
    made["no cells"] = solved(unit)
    made["no cells"].cells = []
    made["doubled"] = solved(unit, "sigmoid")
    made["doubled"].cells = [cell for cell in made["doubled"].cells for _ in range(2)]
    made["backwards"] = solved(unit, "sigmoid")
    made["backwards"].cells.reverse()
    made["strange metadata"] = solved(unit, "sigmoid")
    for cell, value in zip(made["strange metadata"].cells, (None, 5, "x", [], {}, {"grade_id": {}}), strict=True):
        cell.metadata["nbgrader"] = value if cell.id != "sigmoid" else cell.metadata.nbgrader
        cell.metadata["dlkit"] = value
    return made


def test_locked_cells_always_come_from_the_course(unit: Unit) -> None:
    """Whatever happened to them: their text, points and order are the course's, and the answers stay."""
    skeleton = unit.read("notebooks")
    locked = [cell for cell in skeleton.cells if cell.metadata.nbgrader.locked]
    answer = solved(unit, "sigmoid").cells[1].source
    for name, submission in submissions(unit).items():
        merged = ingest.merge(skeleton, copy.deepcopy(submission))
        nbformat.validate(merged)
        own = [cell for cell in merged.cells if cell.metadata.dlkit.role != "added"]
        assert [cell.id for cell in own] == [cell.id for cell in skeleton.cells], name
        assert [cell for cell in own if cell.metadata.nbgrader.locked] == locked, name
        if name != "no cells":
            assert own[1].source == answer, name
        added = [cell for cell in merged.cells if cell.metadata.dlkit.role == "added"]
        assert not any("nbgrader" in cell.metadata for cell in added), name
        assert not {cell.source for cell in added} & {"1000.0", *(cell.source for cell in locked)}, name


def test_check_runs_the_visible_checks(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    """Through the real entry point, in a process of its own, on a notebook whose cell ids were lost."""
    mine = start(tmp_path / "workspace", unit, solved(unit, "sigmoid", "sigmoid_backward"))
    notebook = json.loads(mine.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell.pop("id")
    mine.write_text(json.dumps(notebook), encoding="utf-8")
    done = command("check", unit.topic, "--json")
    assert (done.status, done.err) == (0, "")
    (report,) = done.objects
    documented(report)
    assert not any(check["hidden"] for exercise in report["exercises"] for check in exercise["checks"])
    assert report["points"] == POINTS
    write(mine, solved(unit, "sigmoid"))
    run = dlkit(capsys, "check", "01", "--workspace", tmp_path / "workspace")
    assert run.status == 1, "points are missing"
    assert f"{NAME} · 2 of 4 points" in run.out
    (row,) = dlkit(capsys, "progress", "--json").objects
    assert (row["checks"], row["submissions"], row["next"]) == (2, 0, "sigmoid")


# --- build ----------------------------------------------------------------------------------------------------------


def test_building_a_broken_lesson_names_file_and_line_and_writes_nothing(
    unit: Unit, tmp_path: Path, capsys: Capture
) -> None:
    unit.lesson.write_text(
        '# %% role="given" id="setup"\nimport math\n\n# %% role="demo" id="x"\nif math:\n', encoding="utf-8"
    )
    before = files(tmp_path)
    for arguments in (("build",), ("build", "1"), ("build", "--check")):
        run = dlkit(capsys, *arguments)
        assert run.status == 2
        assert re.match(rf"dlkit: {re.escape(str(unit.lesson))}:5: syntax error", run.err), run.err
    assert files(tmp_path) == before


def test_build_check_names_what_differs_and_writes_nothing(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    unit.lesson.write_text("# %% [markdown]\n# A new lesson\n", encoding="utf-8")
    before = files(tmp_path)
    run = dlkit(capsys, "build", "--check")
    assert run.status == 1
    for folder in ("source", "notebooks", "solutions"):
        assert f"differs {folder}/{NAME}/{NAME}.ipynb\n" in run.out
    assert files(tmp_path) == before


# --- the command itself ---------------------------------------------------------------------------------------------


def command(*arguments: str, **environment: str) -> Run:
    """`dlkit` as a process of its own."""
    program = [sys.executable, "-m", "dlkit.cli", *arguments]
    done = subprocess.run(
        program, capture_output=True, text=True, encoding="utf-8", env=os.environ | environment, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr)


def test_help_names_every_command_in_one_line_each(capsys: Capture) -> None:
    run = dlkit(capsys, "--help")
    assert run.status == 0
    listed = run.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == [
        "start",
        "check",
        "watch",
        "submit",
        "progress",
        "review",
        "reset",
        "quiz",
        "interview",
        "export-cards",
        "build",
        "grade",
        "doctor",
    ]
    assert not [line for line in listed if line.endswith("...")], "a summary must fit its line"
    assert dlkit(capsys).out == run.out, "no command at all asks for help"
    for name in [line.split()[0] for line in listed]:
        assert dlkit(capsys, name, "-h").out.startswith(f"Usage: dlkit {name}")
    assert dlkit(capsys, "--version").out.startswith("dlkit, version ")


def test_the_command_starts_without_what_it_does_not_need() -> None:
    """Nobody waits seconds to read the help, or to learn that a unit is unknown."""
    code = "import dlkit.cli, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {"nbgrader", "nbformat", "nbconvert", "numpy", "IPython", "matplotlib", "jupytext", "sqlalchemy", "sklearn"}
    slow |= {"fsrs", "genanki", "mistune", "pylatexenc"}
    assert not slow & set(done.stdout.split())


def test_doctor_keeps_paths_whole_and_speaks_every_encoding(unit: Unit, tmp_path: Path, capsys: Capture) -> None:
    run = dlkit(capsys, "doctor")
    assert run.status == 0, run.out
    assert f"{unit.root}: 1 unit\n" in run.out
    assert f"{tmp_path / 'workspace'}: run `dlkit start`\n" in run.out
    assert dlkit(capsys, "doctor", "--course", "/nowhere").status == 1
    narrow = command("doctor", COLUMNS="30", PYTHONIOENCODING="ascii")
    assert (narrow.status, narrow.err) == (0, "")
    assert narrow.out == run.out.replace("✓", "?").replace("–", "?")


def test_a_reader_that_stops_reading_is_no_error(unit: Unit) -> None:
    """`dlkit doctor | head -0`"""
    process = subprocess.Popen(
        [sys.executable, "-m", "dlkit.cli", "doctor"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait() in (0, 1), "0 where the end was written, 1 where click saw the pipe close"


@pytest.mark.parametrize("error", [KeyError("no user"), OSError("no user"), "_", "Ada Lovelace"], ids=repr)
def test_a_user_without_a_fit_name_is_a_student_still(error: Exception | str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some containers run under a number that has no name."""
    from dlkit.commands import common

    def getuser() -> str:
        if isinstance(error, str):
            return error
        raise error

    monkeypatch.setattr(common.getpass, "getuser", getuser)
    assert common.me() == ("Ada-Lovelace" if error == "Ada Lovelace" else "learner")


def test_an_unexpected_failure_to_write_is_one_line(
    unit: Unit, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk while building, say."""
    from dlkit.course import build

    def full(unit: Unit) -> list[Path]:
        raise OSError(28, "No space left on device", "/somewhere")

    monkeypatch.setattr(build, "build", full)
    unit.lesson.write_text("# %% [markdown]\n", encoding="utf-8")
    assert dlkit(capsys, "build") == Run(2, "", "dlkit: /somewhere: No space left on device.\n")
