"""What was solved comes back after growing intervals, blank in a copy, and only memory moves the intervals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from dlkit.course.attempts import attempts_in
from dlkit.course.journal import Entry
from dlkit.course.schedule import recalls
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from dlkit.study.moments import in_words
from dlkit.study.review import due
from tests.lessons import UNITS
from tests.small import NAME, dlkit, files, small_course, solved, write

Capture = pytest.CaptureFixture[str]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OTHER = "02_losses"
BOTH = {"sigmoid": "passed", "sigmoid_backward": "passed"}


def entry(time: datetime | str, kind: str, unit: str = NAME, **statuses: str) -> Entry:
    """A line of the log: an exercise that passed has its 2 points."""
    values = {id: [status, 2.0 if status == "passed" else 0.0, 2.0] for id, status in statuses.items()}
    points = sum(value[1] for value in values.values())
    moment = time if isinstance(time, str) else time.isoformat()
    return {"time": moment, "kind": kind, "unit": unit, "points": points, "max_points": 4.0, "exercises": values}


# --- when an exercise is due ----------------------------------------------------------------------------------------

P, F, E, N = "passed", "failed", "error", "not_attempted"

# attempts (day, kind, status) → the day on which it is due again, and whether a failed review waits to be mended
SCHEDULES: dict[str, tuple[list[tuple[float, str, str]], tuple[int, bool] | None]] = {
    "never tried": ([], None),
    "never solved": ([(0, "check", F), (1, "submit", E), (2, "check", N)], None),
    "solved in a check": ([(0, "check", F), (1, "check", P)], (3, False)),
    "solved on handing in": ([(0, "submit", P)], (2, False)),
    "solved while it was watched": ([(0, "watch", P)], (2, False)),
    "a quiz solves no exercise": ([(0, "quiz", P)], None),
    "the same answer checked ten times a day": ([(0, "check", P)] + [(n / 10, "check", P) for n in range(200)], (2, False)),
    "the same answer handed in when it was due": ([(0, "check", P), (2, "submit", P), (9, "submit", P)], (2, False)),
    "an answer that broke in the notebook": ([(0, "check", P), (2, "check", F)], (2, False)),
    "a review": ([(0, "check", P), (2, "review", P)], (13, False)),
    "two reviews": ([(0, "check", P), (2, "review", P), (13, "review", P)], (59, False)),
    "an interview asks from a blank too": ([(0, "check", P), (2, "interview", P)], (13, False)),
    "a review late": ([(0, "check", P), (9, "review", P)], (33, False)),
    "a review on the morning of its day": ([(0, "check", P), (1.8, "review", P)], (13, False)),
    "a review a day too early": ([(0, "check", P), (1, "review", P)], (2, False)),
    "a review that is checked ten times": ([(0, "check", P)] + [(2 + n / 100, "review", P) for n in range(10)], (13, False)),
    "a review that was not begun": ([(0, "check", P), (2, "review", N)], (2, False)),
    "a review that failed": ([(0, "check", P), (2, "review", F)], (3, True)),
    "a review that raised": ([(0, "check", P), (2, "review", E), (2.1, "review", E)], (3, True)),
    "a review that was mended": ([(0, "check", P), (2, "review", F), (2.01, "review", P)], (10, False)),
    "a review that was mended when it was due again": ([(0, "check", P), (2, "review", F), (3, "review", P)], (5, False)),
}  # fmt: skip


@pytest.mark.parametrize(("attempts", "expected"), SCHEDULES.values(), ids=SCHEDULES)
def test_only_what_was_written_from_a_blank_moves_what_is_due(
    attempts: list[tuple[float, str, str]], expected: tuple[int, bool] | None
) -> None:
    log = [entry(NOON + timedelta(days=day), kind, sigmoid=status) for day, kind, status in attempts]
    found = recalls(attempts_in(NAME, log, NOON + timedelta(days=1000)))
    if expected is None:
        assert found == {}
        return
    day, failed = expected
    recall = found["sigmoid"]
    assert (recall.due - NOON) / timedelta(days=1) == pytest.approx(day - 0.25, abs=0.05), "due from the morning on"
    assert recall.failed is failed


def test_questions_are_not_reviewed_and_an_unmarked_answer_is_not_solved() -> None:
    """`dlkit check` says "passed" of 0 points where it only knows that there is an answer."""
    log = [entry(NOON, "submit", **{"q-depth": P}), entry(NOON, "check", sigmoid=P)]
    log[1]["exercises"]["sigmoid"][1] = 0.0
    assert recalls(attempts_in(NAME, log, NOON)) == {}


# times in the log → the days at which they count; the clock says day 10
CLOCKS: dict[str, tuple[list[float | str], list[float]]] = {
    "in order": ([1, 2, 3], [1, 2, 3]),
    "set back once": ([5, 1, 6], [5, 5, 6]),
    "set back for good": ([5, 1, 2, 3], [5, 5, 5, 5]),
    "ahead for a while": ([1, 300, 2, 3], [1, 1, 2, 3]),
    "ahead from the beginning": ([300, 2], [2, 2]),
    "ahead all the time": ([300, 301], [10, 10]),
    "no times": (["", "yesterday", "2026-99-99"], [10, 10, 10]),
    "a time among none": (["", 4.0, "9999-12-31T23:59:59-14:00"], [4, 4, 4]),
    "without a zone": (["2026-03-03T12:00:00"], [1]),
    "in another zone": (["2026-03-03T14:00:00+02:00"], [1]),
}


@pytest.mark.parametrize(("times", "expected"), CLOCKS.values(), ids=CLOCKS)
def test_a_clock_that_was_wrong_does_not_confuse(times: list[float | str], expected: list[float]) -> None:
    log = [entry(time if isinstance(time, str) else NOON + timedelta(days=time), "check") for time in times]
    found = attempts_in(NAME, log, NOON + timedelta(days=10))
    assert [(attempt.time - NOON) / timedelta(days=1) for attempt in found] == expected


STRANGE = {
    "only a status": ["passed"],
    "numbers for words": [5, "x", None],
    "endless points": ["failed", float("inf"), float("nan")],
}


@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE)
def test_a_strange_line_confuses_nobody(values: list[Any], tmp_path: Path) -> None:
    unit = small_course(tmp_path)
    line = entry(NOON, "submit", sigmoid=P)
    line["exercises"] = {"sigmoid": values, "gone": ["passed", 2, 2]}
    found = progress_json(unit, [line], NOON)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def progress_json(unit: Unit, log: list[Entry], now: datetime) -> dict[str, Any]:
    from dlkit.course.progress import progress_of

    return progress_of(unit, log, now).to_json()


WORDS = {
    timedelta(0): "just now",
    timedelta(seconds=-59): "just now",
    timedelta(seconds=59): "in a minute",
    timedelta(minutes=-1): "1 minute ago",
    timedelta(minutes=59): "in 59 minutes",
    timedelta(hours=-3.9): "3 hours ago",
    timedelta(days=-1, hours=3): "yesterday",
    timedelta(days=1): "tomorrow",
    timedelta(days=-29): "29 days ago",
    timedelta(days=45): "in 45 days",
    timedelta(days=61): "in 2 months",
    timedelta(days=-364): "12 months ago",
    timedelta(days=800): "in 2 years",
}


@pytest.mark.parametrize(("away", "words"), WORDS.items(), ids=WORDS.values())
def test_moments_in_words(away: timedelta, words: str) -> None:
    noon = datetime(2026, 3, 2, 12).astimezone()  # the learner's own noon: words go by their calendar
    assert in_words(noon + away, noon) == words


# --- the command ----------------------------------------------------------------------------------------------------


def with_statements(root: Path, name: str = NAME) -> Unit:
    """The small unit with the text above each exercise, under a name."""
    unit = Unit(root, name)
    small = small_course(root)
    for folder in ("source", "notebooks"):
        whole = nbformat.read(UNITS[0].notebook(folder), 4).cells
        texts = {cell.id: text for text, cell in pairwise(whole) if text.cell_type == "markdown"}
        notebook = nbformat.read(small.notebook(folder), 4)
        notebook.cells = [c for cell in notebook.cells for c in (texts.get(cell.id), cell) if c]
        notebook.metadata.dlkit["unit"] = name
        write(unit.notebook(folder), notebook)
    return unit


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A course of one unit, with the current folder in it."""
    made = with_statements(tmp_path / "course")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("DLKIT_WORKSPACE", str(tmp_path / "work"))
    return made


@pytest.fixture
def home(unit: Unit, tmp_path: Path) -> Workspace:
    """A workspace in which both exercises of the unit were answered."""
    home = Workspace(tmp_path / "work")
    home.records.mkdir(parents=True)
    notebook = answered(unit)
    notebook.cells.insert(2, nbformat.v4.new_code_cell("my = 'notes'", id="mine"))
    write(home.notebook(unit), notebook)
    return home


def answered(unit: Unit) -> NotebookNode:
    return solved(unit, "sigmoid", "sigmoid_backward")


def log(home: Workspace, *lines: Entry) -> None:
    """Add lines to the log as of now, with their own times."""
    with home.journal.log.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def ago(**much: float) -> datetime:
    return datetime.now(UTC) - timedelta(**much)


def sources(path: Path) -> dict[str, str]:
    return {cell.id: cell.source for cell in nbformat.read(path, 4).cells}


def copy_in(home: Workspace, name: str = NAME) -> Path:
    return home.folder / "review" / f"{name}.ipynb"


def test_the_most_overdue_comes_first(unit: Unit) -> None:
    lines = [entry(ago(days=3), "check", sigmoid_backward=P), entry(ago(days=2), "check", sigmoid=P)]
    assert [item.id for item in due([unit], lines)] == ["sigmoid_backward", "sigmoid"]
    assert [item.id for item in due([unit], lines, ago(hours=12))] == ["sigmoid_backward"]
    assert due([unit], []) == []


def test_review_blanks_what_is_due_in_a_copy(unit: Unit, home: Workspace, capsys: Capture) -> None:
    notebook = nbformat.read(home.notebook(unit), 4)
    notebook.cells[-1].source = "An answer in words"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text="old")], 5
    mine = write(home.notebook(unit), notebook).read_bytes()
    log(home, entry(ago(days=5), "check", sigmoid=P), entry(ago(hours=1), "check", **BOTH))
    before = files(home.folder)
    run = dlkit(capsys, "review")
    assert run.status == 0
    first, last = run.out.splitlines()
    assert first == f"{NAME}: sigmoid (about 8 min): blank in a copy of your notebook"
    assert f'`dlkit check "{copy_in(home)}"`' in last
    assert {name for name in files(home.folder) if name not in before} == {f"review/{NAME}.ipynb"}
    assert home.notebook(unit).read_bytes() == mine, "the learner's own notebook is not touched"

    copy = nbformat.read(copy_in(home), 4)
    nbformat.validate(copy)
    assert copy.metadata.dlkit == {"unit": NAME, "review": ["sigmoid"]}
    assert not [cell for cell in copy.cells if cell.get("outputs") or cell.get("execution_count")]
    stubs = {cell.id: cell.source for cell in unit.read("notebooks").cells}
    assert sources(copy_in(home)) == {
        **{cell.id: cell.source for cell in notebook.cells},
        "sigmoid": stubs["sigmoid"],
        "dlkit-review": copy.cells[0].source,
    }
    place = re.search(r"\[Sigmoid\]\(#cell-id=(.*?)\)", copy.cells[0].source)
    assert place, f"the first cell leads to the blanks: {copy.cells[0].source}"
    assert place[1] in [cell.id for cell in copy.cells]

    written = copy_in(home).read_bytes()
    assert "still blank" in dlkit(capsys, "review", "1").out
    assert copy_in(home).read_bytes() == written, "a copy that is still blank is not written again"


def test_with_nothing_due_it_says_when(unit: Unit, home: Workspace, capsys: Capture) -> None:
    assert (
        dlkit(capsys, "review").out
        == "Nothing to solve again yet: an exercise comes back some days after you pass it.\n"
    )
    log(home, entry(ago(minutes=1), "submit", **BOTH))
    run = dlkit(capsys, "review", "activations")
    assert run.status == 0
    assert re.fullmatch(r"Nothing is due\. Next: sigmoid, (tomorrow|in 2 days)\.\n", run.out), run.out
    assert not copy_in(home).exists()


def test_checking_the_copy_is_a_review_and_handing_it_in_is_refused(
    unit: Unit, home: Workspace, capsys: Capture
) -> None:
    """One story: blank, checked, solved again."""
    log(home, entry(ago(days=5), "check", sigmoid=P))
    dlkit(capsys, "review")
    copy = copy_in(home)
    (report,) = dlkit(capsys, "check", copy, "--json").objects
    assert [(e["id"], e["status"]) for e in report["exercises"]] == [("sigmoid", N)], "only what was blanked is asked"
    assert report["manual"] == []

    notebook = nbformat.read(copy, 4)
    for cell in notebook.cells:
        if cell.id == "sigmoid":
            cell.source = next(c.source for c in answered(unit).cells if c.id == "sigmoid")
    write(copy, notebook)
    run = dlkit(capsys, "check", copy)
    assert run.status == 0
    assert f"{NAME} · 2 of 2 points" in run.out
    assert re.search(r"^Due again in \d+ days: sigmoid\.$", run.out, re.MULTILINE), run.out
    assert "dlkit submit" not in run.out
    assert [(e["kind"], list(e["exercises"])) for e in home.journal.entries()] == [
        ("check", ["sigmoid"]), ("review", ["sigmoid"]), ("review", ["sigmoid"]),
    ]  # fmt: skip
    assert due([unit], home.journal.entries()) == []

    before = files(unit.root)
    run = dlkit(capsys, "submit", copy)
    assert run.status == 2
    assert f"{copy} is a review copy: it would replace what you handed in." in run.err
    assert files(unit.root) == before


def begin(home: Workspace, text: str = "def sigmoid(x):\n    return half an ans") -> bytes:
    """Write something into the blank of the copy, as JupyterLab saves it."""
    notebook = nbformat.read(copy_in(home), 4)
    next(cell for cell in notebook.cells if cell.id == "sigmoid").source = text
    return write(copy_in(home), notebook).read_bytes()


def history(home: Workspace) -> list[bytes]:
    return [path.read_bytes() for path in sorted((home.records / "history" / NAME).glob("*.ipynb"))]


@pytest.mark.parametrize("failed", [False, True], ids=["not checked yet", "checked, and failed"])
def test_a_copy_with_unfinished_work_stays(failed: bool, unit: Unit, home: Workspace, capsys: Capture) -> None:
    log(home, entry(ago(days=5), "check", sigmoid=P), entry(ago(days=3), "check", **BOTH))
    dlkit(capsys, "review")
    work = begin(home)
    if failed:
        log(home, entry(ago(minutes=1), "review", sigmoid=F))
    run = dlkit(capsys, "review")
    assert run.status == 0
    assert "you have begun sigmoid; finish that, or delete the copy" in run.out
    assert copy_in(home).read_bytes() == work
    assert history(home) == []
    copy_in(home).unlink()
    dlkit(capsys, "review")
    assert nbformat.read(copy_in(home), 4).metadata.dlkit["review"][-1] == "sigmoid_backward", "and a new one is there"


def test_a_finished_copy_is_kept_and_makes_way(unit: Unit, home: Workspace, capsys: Capture) -> None:
    log(home, entry(ago(days=5), "check", sigmoid=P), entry(ago(days=1), "check", **BOTH))
    dlkit(capsys, "review")
    done = begin(home, "def sigmoid(x):\n    return my_answer")
    log(home, entry(ago(minutes=1), "review", sigmoid=P))
    assert "Next: sigmoid_backward" in dlkit(capsys, "review").out
    assert copy_in(home).read_bytes() == done, "with nothing due the copy is as it was"
    home.journal.log.unlink()
    log(home, entry(ago(days=5), "check", **BOTH), entry(ago(minutes=1), "review", sigmoid=P))
    run = dlkit(capsys, "review")
    assert history(home) == [done]
    kept = re.search(r"kept at (\S+\.ipynb)$", run.out, re.MULTILINE)
    assert kept, run.out
    assert Path(kept[1]).read_bytes() == done
    assert nbformat.read(copy_in(home), 4).metadata.dlkit["review"] == ["sigmoid_backward"]


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}"], ids=["empty", "not text", "no notebook"])
def test_a_copy_that_cannot_be_read_is_kept(data: bytes, unit: Unit, home: Workspace, capsys: Capture) -> None:
    log(home, entry(ago(days=5), "check", sigmoid=P))
    dlkit(capsys, "review")
    good = copy_in(home).read_bytes()
    copy_in(home).write_bytes(data)
    assert dlkit(capsys, "review").status == 0
    assert (copy_in(home).read_bytes(), history(home)) == (good, [data])


Change = Callable[[NotebookNode], Any]


def without_answer(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell.id != "sigmoid"]


def doubled(notebook: NotebookNode) -> None:
    twin = nbformat.from_dict({**next(cell for cell in notebook.cells if cell.id == "sigmoid"), "id": "twin"})
    notebook.cells.append(twin)


def of_format_4_4(notebook: NotebookNode) -> None:
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]


NOTEBOOKS: dict[str, Change] = {
    "its cell was deleted": without_answer,
    "its cell stands twice": doubled,
    "saved by an old Jupyter": of_format_4_4,
    "strange metadata": lambda notebook: notebook.metadata.update(kernelspec={"name": "x", "display_name": "y"}),
}


@pytest.mark.parametrize("change", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_whatever_became_of_the_notebook_the_copy_is_blank_and_can_be_checked(
    change: Change, unit: Unit, home: Workspace, capsys: Capture
) -> None:
    notebook = nbformat.read(home.notebook(unit), 4)
    change(notebook)
    write(home.notebook(unit), notebook)
    log(home, entry(ago(days=5), "check", sigmoid=P))
    before = home.notebook(unit).read_bytes()
    assert dlkit(capsys, "review").status == 0
    copy = nbformat.read(copy_in(home), 4)
    nbformat.validate(copy)
    answer = next(cell.source for cell in answered(unit).cells if cell.id == "sigmoid")
    assert answer not in [cell.source for cell in copy.cells]
    assert "my = 'notes'" in [cell.source for cell in copy.cells]
    stub = next(cell.source for cell in unit.read("notebooks").cells if cell.id == "sigmoid")
    assert stub in [cell.source for cell in copy.cells]
    assert home.notebook(unit).read_bytes() == before


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "renamed": (lambda path: path.rename(path.with_name("mine.ipynb")), f"There is no file .*{NAME}.ipynb"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "damaged": (lambda path: path.write_bytes(b"{"), "is not JSON"),
    "of another unit": (
        lambda path: path.write_bytes(path.read_bytes().replace(b'"unit": "01_', b'"unit": "77_')),
        "is a notebook of unit 77_",
    ),
}


@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_notebook_is_one_line_and_the_other_units_still_work(
    damage: Callable[[Path], object], message: str, unit: Unit, home: Workspace, capsys: Capture
) -> None:
    other = with_statements(unit.root, OTHER)
    write(home.notebook(other), answered(other))
    log(home, *(entry(ago(days=5), "check", name, sigmoid=P) for name in (NAME, OTHER)))
    damage(home.notebook(unit))
    run = dlkit(capsys, "review")
    assert run.status == 1
    assert re.match(rf"{NAME}: .*{message}.*\n{OTHER}: sigmoid .*blank in a copy", run.out), run.out
    assert copy_in(home, OTHER).is_file()
    assert not copy_in(home).exists()
    run = dlkit(capsys, "review", "1")
    assert run.status == 2, "asked for this unit alone, it is an error"
    assert re.search(message, run.err)
    assert len(dlkit(capsys, "progress", "--json").objects) == 2, "progress follows from the log"


def test_a_full_disk_costs_nothing(
    unit: Unit, home: Workspace, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(home, entry(ago(days=5), "check", **BOTH))
    dlkit(capsys, "review")
    log(home, entry(ago(minutes=1), "review", sigmoid=P))
    begin(home, "def sigmoid(x):\n    return my_answer")
    before = {name: data for name, data in files(home.folder).items() if "history" not in name}

    def refuse(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    run = dlkit(capsys, "review", "1")
    assert run.status == 2
    assert f"{copy_in(home)} cannot be written: No space left on device. Nothing was changed." in run.err
    assert {name: data for name, data in files(home.folder).items() if "history" not in name} == before


def test_a_copy_of_exercises_that_are_gone_says_so(unit: Unit, home: Workspace, capsys: Capture) -> None:
    notebook = answered(unit)
    notebook.metadata.dlkit["review"] = ["retired"]
    path = write(home.folder / "review" / "old.ipynb", notebook)
    run = dlkit(capsys, "check", path)
    assert run.status == 2
    assert "no longer has the exercises of this review copy. `dlkit review` makes a new one" in run.err
    notebook.metadata.dlkit["review"] = 5
    write(path, notebook)
    assert dlkit(capsys, "check", path, "--json").objects[0]["points"] == 4.0, "what names no exercises is no copy"


def test_a_log_that_had_to_be_put_aside_is_told(unit: Unit, home: Workspace, capsys: Capture) -> None:
    log(home, entry(ago(days=5), "check", sigmoid=P))
    with home.journal.log.open("ab") as file:
        file.write(b"half a li")
    run = dlkit(capsys, "review")
    assert run.out.startswith(f"{NAME}: sigmoid"), "what can be read counts"
    assert "Your log of attempts is damaged in places: it is kept as" in run.out
