"""`dlkit interview`: the seed fixes what is asked, the clock runs only while it is held, and nothing said is lost."""

from __future__ import annotations

import ast
import functools
import io
import json
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dlkit.check.result import CheckResult, ExerciseResult
from dlkit.cli import main
from dlkit.course.errors import UserError
from dlkit.course.inline import defined_names, free_names
from dlkit.course.units import Unit
from dlkit.grading import engine as engines
from dlkit.questions.bank import Choice, Number, Open, load
from dlkit.study import coding, sitting
from dlkit.study.asking import draw
from dlkit.study.coding import Exam, engine_for_own_work, exercises
from dlkit.study.debrief import clock_time
from dlkit.study.interview import Clock
from dlkit.study.plan import CODING, Candidate, Slot, candidates, draw_plan
from tests.lessons import COURSE, ROOT, course_in
from tests.small import Run, dlkit, files

Capture = pytest.CaptureFixture[str]
UNIT = next(unit for unit in COURSE.released if unit.topic == "losses")
MINUTES = 30
CTRL_C = KeyboardInterrupt
Typed = str | float | Callable[[], object] | type[KeyboardInterrupt]
STOPPED = re.compile(r"^Stopped, (?P<left>\S+ left|time is up); go on with `dlkit interview`\.$", re.MULTILINE)


# --- the plan -------------------------------------------------------------------------------------------------------


def made_up(units: int, weights: tuple[int, ...] = (1, 2, 3)) -> list[Candidate]:
    """Per unit, five topics with a question and an exercise of each weight."""
    found = []
    for unit in range(units):
        for topic in range(5):
            for weight in weights:
                for kind, minutes in (("choice", 2), (CODING, 5 * weight)):
                    id = f"{kind}{topic}{weight}"
                    slot = Slot(f"u{unit}", kind, id, id, id, "★" * weight, f"t{topic}", minutes, float(weight), "")
                    found.append((slot, weight))
    return found


def test_a_seed_gives_the_same_plan_on_every_machine() -> None:
    """Values written down once: another order on another machine, or after an upgrade, would show here."""
    plan = draw_plan(made_up(3), 30, 7)
    asked = [(slot.unit, slot.id) for slot in plan]
    assert asked == [("u1", "choice43"), ("u0", "coding13"), ("u1", "choice33"), ("u0", "coding02")]
    assert draw_plan(made_up(3)[::-1], 30, 7) == plan, "the order in which units are named does not matter"
    assert draw_plan(made_up(3), 30, 8) != plan


@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("minutes", [5, 13, 30, 90])
def test_a_plan_fills_the_minutes_by_turns_without_a_topic_twice_in_a_row(units: int, minutes: int) -> None:
    found = made_up(units)
    for seed in range(20):
        plan = draw_plan(found, minutes, seed)
        assert minutes - 1 <= sum(slot.minutes for slot in plan) <= minutes, "a question takes two minutes"
        assert len(set(plan)) == len(plan)
        for before, after in pairwise(plan):
            assert (before.unit, before.topic) != (after.unit, after.topic)
            assert units < 3 or before.unit != after.unit
        turns = [slot.kind == CODING for slot in plan]
        short = next((n for n in range(len(turns)) if turns[n : n + 2] == [False, False]), len(turns))
        assert turns[:short] == [n % 2 == 1 for n in range(short)], "a question first, then by turns while they fit"


def test_what_weighs_more_is_asked_more_often() -> None:
    firsts = Counter(draw_plan(made_up(1), 5, seed)[0].points for seed in range(1200))
    assert 150 < firsts[1.0] < 250, firsts
    assert 340 < firsts[2.0] < 460, firsts
    assert 530 < firsts[3.0] < 670, firsts


def test_the_course_gives_questions_and_exercises_their_time_and_place() -> None:
    found = {slot.id: (slot, weight) for slot, weight in candidates([UNIT])}
    (huber, weight), exercise = found["huber_loss"], exercises(UNIT)["huber_loss"]
    assert (huber.kind, huber.title, huber.stars, huber.points, weight) == (CODING, "Huber loss", "★★", 4.0, 4)
    assert (huber.topic, huber.minutes) == ("Regression losses", 8 + len(exercise.follow_ups))
    bank = load(UNIT.topic).questions
    for id, question in bank.items():
        slot, weight = found[id]
        assert slot.kind == type(question).__name__.lower()
        assert slot.minutes == (4 if isinstance(question, Open) else 2)
        assert weight == question.level
    places = {cell.id for cell in UNIT.read("notebooks").cells}
    assert {slot.place for slot, _ in found.values()} - {""} <= places
    assert len(found) == len(bank) + len(exercises(UNIT))


# --- one exercise ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", COURSE.released, ids=lambda unit: unit.name)
def test_every_statement_comes_apart(unit: Unit) -> None:
    found = exercises(unit)
    assert found
    for id, exercise in found.items():
        told = [exercise.task, exercise.after, *exercise.follow_ups]
        assert all(told), f"{id}: a part is empty"
        assert len(exercise.follow_ups) >= 2, f"{id}: {exercise.follow_ups}"
        for text in told:
            assert not re.search(r"<details>|Hint|\*\*Follow-ups|\$\$|begin\{cases|^#|★", text, re.MULTILINE), (
                f"{id}: {text}"
            )
        for question in exercise.follow_ups:
            assert re.fullmatch(r"[^a-z].{5,}[?.]", question, re.DOTALL), f"{id}: {question!r}"


@pytest.mark.parametrize(
    ("statement", "task", "after", "follow_ups"),
    [
        ("### T ★ · 5 min\n\nDo.", "Do.", "", ()),
        ("### T ★★\n\nDo.\n\n**What the interviewer is after**: all.", "Do.", "all.", ()),
        ("### T ★\n\nDo. **Follow-ups**: why? Say how. And\nwhen?\n\n<details>no</details>", "Do.", "", ("Why?", "Say how. And\nwhen?")),
        ("## S\n\nAll of it.\n\n### T ★\n\nDo.", "All of it.\n\nDo.", "", ()),
        ("## S\n### T ★★ + ★★★ · 5 min\nIt is $$ a\n+ b $$ so.", "It is \n\n$a + b$\n\n so.", "", ()),
        (
            "### T ★\n$$ f(x) = \\begin{cases} x & x > 0 \\\\ 0 & \\text{else} \\end{cases}, \\quad x = 1 $$",
            "\n\n$f(x) =$\n\n- $x \\quad x > 0$\n- $0 \\quad \\text{else}$\n\n$, \\quad x = 1$\n\n",
            "",
            (),
        ),
    ],
)  # fmt: skip
def test_a_statement_comes_apart(
    statement: str, task: str, after: str, follow_ups: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    item = next(iter(exercises(UNIT).values())).item
    told = coding.Item(**{**vars(item), "statement": statement})
    monkeypatch.setattr(coding, "outline", lambda unit: [told])
    (found,) = exercises(UNIT).values()
    assert (found.task, found.after, found.follow_ups) == (task, after, follow_ups)


@pytest.mark.parametrize("unit", COURSE.released, ids=lambda unit: unit.name)
def test_the_file_has_all_that_the_answer_needs(unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without running it: every name that the course's answer uses is imported in the file or given by the course."""
    monkeypatch.setattr(Unit, "read", functools.cache(Unit.read))
    for id, exercise in exercises(unit).items():
        exam = Exam(unit, exercise, tmp_path / f"{id}.py")
        assert exam.lay_out()
        stub = exam.read()
        assert "raise NotImplementedError" in stub
        assert "SOLUTION" not in exam.reference
        assert defined_names(exam.reference) <= defined_names(stub), f"{id}: the stub is another one"
        given = re.search(r"^# Of this unit you have: (.*)\.$", stub, re.MULTILINE)
        names = set(given[1].split(", ")) if given else set()
        assert free_names(exam.reference) <= defined_names(stub) | names, f"{id}: {stub}"
        ast.parse(exam.reference)


def answer_of(exam: Exam) -> str:
    return "import math\nimport numpy as np\n" + exam.reference


@pytest.fixture
def huber(tmp_path: Path) -> Exam:
    return Exam(UNIT, exercises(UNIT)["huber_loss"], tmp_path / "huber_loss.py")


@pytest.mark.parametrize("boxed", [True, False], ids=["sandbox", "process"])
def test_all_checks_run_on_the_file(
    boxed: bool, huber: Exam, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if boxed:
        request.getfixturevalue("sandboxed")
    else:  # a sandbox that is there and does not start

        def refuse() -> None:
            raise UserError("The sandbox does not start.")

        monkeypatch.setattr(engines, "Sandbox", refuse)
    huber.lay_out()
    right = answer_of(huber)
    with engine_for_own_work() as engine:
        assert huber.grade(huber.read(), engine).status == "not_attempted"
        passed = huber.grade(right, engine)
        wrong = huber.grade(right.replace("delta * (np.abs(d) - delta / 2)", "delta * np.abs(d)"), engine)
        broken = huber.grade("import nowhere\n" + right, engine)
    assert (passed.status, passed.points) == ("passed", 4.0)
    assert any(check.hidden for check in passed.checks)
    assert not any(check.hidden for check in passed.checks[:1])
    assert wrong.status == "failed"
    assert 0 < wrong.points < 4
    assert any(check.mistake for check in wrong.checks)
    assert broken.points == 0
    assert "No module named 'nowhere'" in broken.checks[0].message


def test_without_the_answers_the_visible_checks_run(tmp_path: Path) -> None:
    unit = course_in(tmp_path, UNIT)
    shutil.rmtree(tmp_path / "source")
    exam = Exam(unit, exercises(unit)["huber_loss"], tmp_path / "huber_loss.py")
    right = answer_of(Exam(UNIT, exercises(UNIT)["huber_loss"], tmp_path / "x.py"))
    assert exam.reference == ""
    with engines.Engine(boxed=False) as engine:
        result = exam.grade(right, engine)
    assert result.hidden_left > 0
    assert {check.status for check in result.checks} == {"passed"}


def test_a_source_that_lacks_the_exercise_is_told_of(tmp_path: Path) -> None:
    unit = course_in(tmp_path, UNIT)
    path = unit.notebook("source")
    path.write_text(path.read_text(encoding="utf-8").replace("huber_loss-check", "hubert_loss-check"), encoding="utf-8")
    with pytest.raises(UserError, match="The source of 02_losses has no huber_loss: run `dlkit build 02_losses`"):
        Exam(unit, exercises(unit)["huber_loss"], tmp_path / "huber_loss.py")


# --- whole interviews -----------------------------------------------------------------------------------------------


class Hand(io.StringIO):
    """Standard input in a learner's hand: lines are typed, numbers are seconds that pass, functions are called.

    What follows the last of them is the end of the input, or Ctrl-C.
    """

    def __init__(self, typed: list[Typed], pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._typed, self._pass_time = iter(typed), pass_time

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        for typed in self._typed:
            if isinstance(typed, str):
                return f"{typed}\n"
            if typed is CTRL_C:
                raise KeyboardInterrupt
            if callable(typed):
                typed()
            else:
                self._pass_time(typed)
        return ""


class Desk:
    """A learner's workspace and the command on it, with a clock that only moves when it is told to."""

    def __init__(self, home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self._capsys, self._monkeypatch = home, capsys, monkeypatch
        self.records = home / ".dlkit"
        self.records.mkdir(parents=True)
        self.now = 1000.0
        monkeypatch.setattr(sitting, "Clock", lambda spent: Clock(spent, lambda: self.now))

    def _pass(self, seconds: float) -> None:
        self.now += seconds

    def hand(self, typed: list[Typed]) -> None:
        self._monkeypatch.setattr(sys, "stdin", Hand(typed, self._pass))

    def run(self, typed: list[Typed], *arguments: object) -> Run:
        self.hand(typed)
        return dlkit(self._capsys, "interview", *arguments)

    def json(self, typed: list[Typed], *arguments: object) -> dict[str, Any]:
        """The report of an interview that comes to its end."""
        self.hand(typed)
        self._capsys.readouterr()
        with pytest.raises(SystemExit):
            main(["interview", "--json", *map(str, arguments)])
        told = self._capsys.readouterr()
        assert told.out.count("\n") == 1, told.err
        report = json.loads(told.out)
        assert isinstance(report, dict)
        return report

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads((self.records / "interview.json").read_bytes()))

    @property
    def folder(self) -> Path:
        """Where the last interview keeps its files."""
        return self.home / "interview" / str(self.state["began"])

    def file(self, slot: Slot) -> Path:
        return self.folder / f"{slot.id}.py"

    def write(self, slot: Slot, text: str) -> Callable[[], object]:
        return lambda: self.file(slot).write_text(text, encoding="utf-8")

    @property
    def attempts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.records / "attempts.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one unit, with questions and exercises; nobody writes into it."""
    root = tmp_path_factory.mktemp("course")
    course_in(root, UNIT)
    return root


@pytest.fixture
def desk(course: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(course)
    monkeypatch.setenv("DLKIT_WORKSPACE", str(tmp_path / "work"))
    monkeypatch.setenv("COLUMNS", "100")
    return Desk(tmp_path / "work", capsys, monkeypatch)


MISTAKE = "The *mean* over $N$ is missing."


def verdict(exam: Exam, answer: str, engine: object) -> ExerciseResult:
    """In place of the checks: an answer that says "right" is, one that says "half" has half of the points."""
    passed = CheckResult(
        "first", False, "passed" if "right" in answer or "half" in answer else "failed", "no\nnot at all"
    )
    second = CheckResult("second", True, "passed" if "right" in answer else "failed", "no", MISTAKE)
    if "NotImplementedError" in answer:
        passed, second = (CheckResult(name, False, "not_attempted") for name in ("first", "second"))
    return ExerciseResult.of("x", 4.0, (passed, second))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that take no time: the real ones run above, and through the terminal below."""
    monkeypatch.setattr(sitting, "engine_for_own_work", nullcontext)
    monkeypatch.setattr(Exam, "grade", verdict)


FOUND = candidates([UNIT])


def planned(seed: int, minutes: int = MINUTES) -> list[Slot]:
    return draw_plan(FOUND, minutes, seed)


def seed_of(*kinds: str, minutes: int = MINUTES) -> int:
    """The first seed whose interview asks these kinds and no more."""
    return next(seed for seed in range(5000) if tuple(slot.kind for slot in planned(seed, minutes)) == kinds)


def right(slot: Slot, seed: int) -> list[Typed]:
    """What to type for full marks on a question."""
    question = load(UNIT.topic)[slot.id]
    drawn = draw(question, seed)
    if isinstance(drawn, Open):
        return ["because", "", *["y"] * len(drawn.rubric)]
    return [drawn.right if isinstance(drawn, Choice) else repr(drawn.answer)]


def aloud(slot: Slot) -> list[Typed]:
    """An answer in two lines to each follow-up."""
    return [
        line for number in range(len(exercises(UNIT)[slot.id].follow_ups)) for line in (f"I think {number}", "so", "")
    ]


SEED = seed_of("choice", CODING, "open", CODING)
PLAN = planned(SEED)


def script(desk: Desk) -> list[Typed]:
    """An interview in which a program fails, then passes, an open answer lacks a point, and one program is given up."""
    first, program, essay, other = PLAN
    rubric = load(UNIT.topic)[essay.id]
    assert isinstance(rubric, Open)
    return [
        30.0, *right(first, SEED),
        100.0, desk.write(program, "half"), "", 200.0, desk.write(program, "right"), "", 60.0, *aloud(program),
        90.0, "because", "it *is*", "", "n", *["y"] * (len(rubric.rubric) - 1),
        45.0, desk.write(other, "half"), "", "S", *aloud(other),
    ]  # fmt: skip


@pytest.mark.usefixtures("quick")
def test_an_interview_from_the_first_item_to_the_report(desk: Desk) -> None:
    run = desk.run(script(desk), "--seed", SEED)
    first, program, essay, other = PLAN
    assert run.status == 1, "points are missing"
    assert run.out.startswith(f"A new interview: 30 minutes, 4 items on all units, seed {SEED}.\n")
    heads = re.findall(r"^── (\d) of 4 · (\w+) · 02_losses · (.*) ★+ · (\d+) min · (.*)$", run.out, re.MULTILINE)
    assert heads == [
        (str(number), slot.kind, slot.title, str(slot.minutes), left)
        for number, (slot, left) in enumerate(
            zip(PLAN, ("30:00 left", "29:30 left", "23:30 left", "22:00 left"), strict=True), 1
        )
    ]
    for slot in (program, other):
        exercise = exercises(UNIT)[slot.id]
        assert f"Your answer goes into {desk.file(slot)}, where a stub is." in run.out
        assert run.out.count("What the interviewer is after: ") == 2
        assert f"Follow-up {len(exercise.follow_ups)} of {len(exercise.follow_ups)} (" in run.out
    assert not re.search("<details>|Hint", run.out)
    assert "✗ second (hidden)" in run.out
    assert run.out.count("The course's answer:") == 1, "only who gives up is shown it"
    assert Exam(UNIT, exercises(UNIT)[other.id], desk.file(other)).reference in run.out
    entries = desk.attempts
    assert [(entry["kind"], entry["unit"], entry["exercises"]) for entry in entries] == [
        ("interview", UNIT.name, {f"q-{first.id.replace('_', '-')}": ["passed", 1.0, 1.0]}),
        ("interview", UNIT.name, {program.id: ["passed", program.points, program.points]}),
        ("interview", UNIT.name, {f"a-{essay.id.replace('_', '-')}": ["failed", entries[2]["points"], 1.0]}),
        ("interview", UNIT.name, {other.id: ["failed", other.points / 2, other.points]}),
    ]
    assert 0 < entries[2]["points"] < 1
    assert run.out.endswith(f"\nKept in {desk.folder / 'report.md'}\n")
    assert desk.run([]).out.startswith("A new interview"), "one that is over does not go on"


@pytest.mark.usefixtures("quick")
def test_the_report_says_what_was_lacking_and_where(desk: Desk) -> None:
    run = desk.run(script(desk), "--seed", SEED)
    page = (desk.folder / "report.md").read_text(encoding="utf-8")
    first, program, essay, other = PLAN
    rows = [
        f"| 1 | {first.title} {first.stars} | choice | 1 of 1 | 0:30 | 2:00 |",
        f"| 2 | {program.title} {program.stars} | coding, 2 tries | {program.points:g} of {program.points:g} | 6:00 | {program.minutes}:00 |",
        f"| 4 | {other.title} {other.stars} | coding, 1 try | {other.points / 2:g} of {other.points:g} | 0:45 | {other.minutes}:00 |",
        f"| coding | {program.points + other.points / 2:g} of {program.points + other.points:g} |",
        "| choice | 1 of 1 |",
        f"`dlkit interview --minutes 30 --seed {SEED}` asks the same again.",
        f"- **[{other.title}](../../02_losses/02_losses.ipynb#cell-id={other.place})** {other.stars} · 02_losses · `{other.id}`",
        r"    - The \*mean\* over &dollar;N&dollar; is missing.",
    ]
    for row in rows:
        assert row in page, f"{row}\n{page}"
    question = load(UNIT.topic)[essay.id]
    assert isinstance(question, Open)
    assert f"    - missing: {' '.join(question.rubric[0].split())}\n" in page
    assert not any(" ".join(point.split()) in page for point in question.rubric[1:])
    assert first.title not in page.partition("## What to study")[2], "what was right need not be studied"
    assert "> because  \n> it \\*is\\*  \n" in page
    assert "> I think 0  \n> so  \n" in page
    told = run.out.partition("Mock interview, ")[2]
    assert "The *mean* over $N$ is missing." in told
    assert "I think 0" not in told
    assert "ipynb" not in told, "a terminal cannot open a cell"


@pytest.mark.usefixtures("quick")
def test_json_is_one_object_and_the_talk_goes_to_stderr(desk: Desk) -> None:
    report = desk.json(script(desk), "--seed", SEED)
    assert {key: report[key] for key in ("seed", "minutes", "units", "seconds", "asked", "planned")} == {
        "seed": SEED, "minutes": 30, "units": [], "seconds": 525, "asked": 4, "planned": 4,
    }  # fmt: skip
    assert report["max_points"] == sum(slot.points for slot in PLAN)
    assert sum(report["kinds"][kind]["points"] for kind in report["kinds"]) == pytest.approx(report["points"], abs=1e-3)
    assert sum(report["topics"][topic]["max_points"] for topic in report["topics"]) == report["max_points"]
    program = report["items"][1]
    assert (program["tries"], program["seconds"], program["late"], program["faults"]) == (2, 360, False, [])
    assert program["budget"] == 60 * PLAN[1].minutes
    assert program["follow_ups"][0]["answer"] == "I think 0\nso"
    assert report["items"][3]["faults"] == [MISTAKE]


@pytest.mark.usefixtures("quick")
def test_it_may_be_stopped_anywhere_and_loses_nothing(desk: Desk) -> None:
    """Ctrl-C before every single line: what comes of the interview is what comes of it in one go."""
    arguments = ("--seed", SEED)
    whole = desk.json(script(desk), *arguments)
    log = len(desk.attempts)
    lines = script(desk)
    parts: list[list[Typed]] = [[]]
    for typed, following in zip(lines, [*lines[1:], ""], strict=True):
        parts[-1].append(typed)
        if isinstance(typed, str) and not (typed in ("y", "n") and following == "y"):  # the marks are given in one go
            parts.append([])
    for number, part in enumerate(parts[:-2]):
        run = desk.run([*part, CTRL_C], *(() if number else arguments))
        assert run.status == 1
        assert len(STOPPED.findall(run.out)) == 1, run.out
        desk.now += 10_000  # the clock stands still meanwhile
    assert desk.json(parts[-2]) == whole
    assert len(desk.attempts) == 2 * log, "each item is in the log once"
    texts = sorted(path.read_text(encoding="utf-8") for path in desk.home.glob("interview/*/report.md"))
    assert len(texts) == 2
    assert texts[0] == texts[1]


@pytest.mark.usefixtures("quick")
def test_the_end_of_the_input_stops_it_as_well(desk: Desk) -> None:
    first, program = PLAN[:2]
    run = desk.run([61.0], "--seed", SEED)
    assert run.out.endswith("Stopped, 28:59 left; go on with `dlkit interview`.\n")
    run = desk.run(right(first, SEED))
    assert run.out.startswith(
        f"Your interview goes on: 30 minutes, 4 items on all units, seed {SEED}. `dlkit interview --seed N` "
    )
    assert "· 28:59 left\n" in run.out
    assert run.out.endswith("gives up, 28:59 left): \nStopped, 28:59 left; go on with `dlkit interview`.\n")
    run = desk.run(["s", "first", "", "second"], "--minutes", 30)
    assert [record["said"] and [said[1] for said in record["said"]] for record in desk.state["records"]] == [
        [], ["first", "second"],
    ]  # fmt: skip
    assert program.title in run.out


@pytest.mark.usefixtures("quick")
def test_a_learners_file_is_never_written_over(desk: Desk) -> None:
    first, program = PLAN[:2]
    desk.run(right(first, SEED), "--seed", SEED)
    path = desk.file(program)
    assert path.read_text(encoding="utf-8").startswith(f"# {program.title} · 02_losses · ")
    path.write_text("half", encoding="utf-8")
    before = files(desk.folder)
    run = desk.run([""])
    assert f"Your answer goes into {path}, which is as you left it." in run.out
    assert "✗ second" in run.out
    desk.run([], "--seed", SEED, "--minutes", 31)
    assert desk.folder != path.parent, "another interview has another folder"
    assert files(path.parent).items() >= before.items()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("put", "said", "tries"),
    [
        (lambda path: path.write_text("def f(:\n"), "{name}, line 1: invalid syntax.", 1),
        (lambda path: path.write_text("x = 1\ny = (2\n"), "{name}, line 2: '(' was never closed.", 1),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "{name} is not UTF-8 text: save it as UTF-8.", 1),
        (lambda path: path.write_text("x = 1\0"), "source code ", 1),
        (lambda path: path.write_text("(" * 5000), "{name}, line 1: too many nested parentheses.", 1),
        (lambda path: path.write_text("-" * 100_000 + "1"), "{name} is no Python that can be read (MemoryError).", 1),
        (lambda path: (path.unlink(), path.mkdir()), "{name} cannot be read: Is a directory.", 1),
        (lambda path: path.unlink(), "{path} was gone: a stub is there again.", 0),
        (lambda path: None, "○ not attempted yet", 0),
        (lambda path: path.write_text(""), "✗ first", 1),
        (lambda path: path.write_text("\ufeffright"), "✓ second", 1),
    ],
)
def test_a_broken_answer_is_an_answer(put: Callable[[Path], object], said: str, tries: int, desk: Desk) -> None:
    first, program = PLAN[:2]
    run = desk.run([*right(first, SEED), lambda: put(desk.file(program)), "", "what?"], "--seed", SEED)
    path = desk.file(program)
    assert said.format(path=path, name=path.name) in run.out
    record = desk.state["records"][1]
    assert record["tries"] == tries
    if record["share"] is None:
        assert "'what?' is neither Enter nor s." in run.out
        assert desk.run(["s"]).out.count("The course's answer:") == 1
        assert desk.state["records"][1]["share"] == 0


@pytest.mark.usefixtures("quick")
def test_when_the_time_is_up_the_item_at_hand_is_late_and_the_last(desk: Desk) -> None:
    first, program = PLAN[:2]
    run = desk.run(
        [*right(first, SEED), 1800.0, desk.write(program, "half"), "", 7.0, desk.write(program, "right"), ""],
        "--seed",
        SEED,
    )
    assert "The time is up. You may finish this." in run.out
    assert "(s gives up, time is up): " in run.out
    assert "The time is up, so no more is asked about this." in run.out
    assert "── 3 of 4" not in run.out
    assert "2 of 4 items were not reached." in run.out
    assert "30:07 late" in run.out
    assert run.status == 1, "all that was asked was right, but not all was asked"
    assert [record["late"] for record in desk.state["records"]] == [False, True]
    assert desk.run([]).out.startswith("A new interview")


@pytest.mark.usefixtures("quick")
def test_time_that_is_up_while_it_is_interrupted_in_an_item_lets_it_be_finished(desk: Desk) -> None:
    first = PLAN[0]
    run = desk.run([1900.0], "--seed", SEED)
    assert run.out.endswith("Stopped, time is up; go on with `dlkit interview`.\n")
    run = desk.run(right(first, SEED))
    assert "· time is up\n" in run.out
    assert "3 of 4 items were not reached." in run.out
    assert "31:40 late" in run.out


@pytest.mark.usefixtures("quick")
def test_a_follow_up_that_the_time_does_not_allow_is_not_asked(desk: Desk) -> None:
    first, program = PLAN[:2]
    run = desk.run([*right(first, SEED), desk.write(program, "right"), "", 1800.0, "thinking", ""], "--seed", SEED)
    assert run.out.count("\nFollow-up ") == 1
    assert [record["late"] for record in desk.state["records"]] == [False, False], "the answer itself was in time"


@pytest.mark.usefixtures("quick")
def test_all_right_is_status_0(desk: Desk) -> None:
    seed = seed_of("choice", "number", minutes=5)
    lines = [line for slot in planned(seed, 5) for line in right(slot, seed)]
    run = desk.run(lines, "--minutes", 5, "--seed", seed)
    assert run.status == 0
    assert "2 of 2 points in 0:00 of 5:00." in run.out
    assert "All of it was right." in run.out
    assert "What to study" not in run.out


@pytest.mark.usefixtures("quick")
def test_a_wrong_choice_or_number_is_told_why(desk: Desk) -> None:
    seed = seed_of("choice", "number", minutes=5)
    report = desk.json(["?", "?"], "--minutes", 5, "--seed", seed)
    choice, number = (load(UNIT.topic)[slot.id] for slot in planned(seed, 5))
    assert isinstance(choice, Choice)
    assert isinstance(number, Number)
    drawn = draw(number, seed)
    assert not isinstance(drawn, Open | Choice)
    why = next(option.reason for option in choice.options if option.right)
    assert [item["faults"] for item in report["items"]] == [[why], [drawn.explanation]]
    assert report["points"] == 0
    page = (desk.folder / "report.md").read_text(encoding="utf-8")
    for asked, fault in ((choice.text, why), (drawn.text, drawn.explanation)):
        assert f"    - asked: {' '.join(asked.split())}\n    - {' '.join(fault.split())}" in page


@pytest.mark.usefixtures("quick")
def test_an_answer_that_waits_to_be_marked_is_not_asked_for_again(desk: Desk) -> None:
    seed = seed_of("open", minutes=5)
    (slot,) = planned(seed, 5)
    question = load(UNIT.topic)[slot.id]
    assert isinstance(question, Open)
    desk.run(["one", 3.0, "two", CTRL_C], "--minutes", 5, "--seed", seed)
    assert desk.state["records"][0]["begun"] == "one\ntwo"
    desk.run(["three", "", CTRL_C])
    assert desk.state["records"][0]["typed"] == "one\ntwo\nthree"
    run = desk.run(["y"] * len(question.rubric))
    assert "Your answer was:\none\ntwo\nthree\n" in run.out
    assert run.status == 0


def test_without_a_seed_one_is_drawn_and_repeats_the_interview(desk: Desk) -> None:
    first = desk.run([])
    seed = re.search(r"seed (\d+)\.", first.out)
    assert seed
    plan = desk.state["slots"]
    desk.run([], "--seed", int(seed[1]) + 1)
    assert desk.state["slots"] != plan
    desk.run([], "--seed", seed[1])
    assert desk.state["slots"] == plan == [asdict(slot) for slot in planned(int(seed[1]))]


@pytest.mark.usefixtures("quick")
def test_ctrl_c_while_the_checks_run_is_no_try(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(exam: Exam, answer: str, engine: object) -> ExerciseResult:
        raise KeyboardInterrupt

    monkeypatch.setattr(Exam, "grade", interrupted)
    run = desk.run([*right(PLAN[0], SEED), desk.write(PLAN[1], "right"), 60.0, ""], "--seed", SEED)
    assert run.out.endswith("Stopped, 29:00 left; go on with `dlkit interview`.\n")
    assert desk.state["records"][1]["tries"] == 0
    assert desk.file(PLAN[1]).read_text(encoding="utf-8") == "right"


@pytest.mark.usefixtures("quick")
def test_a_full_disk_is_one_line_and_the_interview_goes_on_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.run([], "--seed", SEED)
    before = files(desk.home)

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        run = desk.run(right(PLAN[0], SEED))
    assert run.status == 2
    assert run.err.endswith("interview.json cannot be written: No space left on device. Nothing was changed.\n")
    assert files(desk.home) == before
    assert "Right." in desk.run(right(PLAN[0], SEED)).out


def test_units_are_named_as_everywhere(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for units in ("7,1,5,losses,3", "02_losses, 05,5,activations,optimizers,3,"):
        run = desk.run([], "--units", units, "--seed", 3, "--minutes", 60)
        assert " on 01_activations, 02_losses, 03_backprop, 05_normalization, 07_optimizers, seed 3." in run.out
        assert {int(slot["unit"][:2]) for slot in desk.state["slots"]} <= {1, 2, 3, 5, 7}
    assert run.out.startswith("Your interview goes on"), "the same units, written otherwise"
    assert len({slot["unit"] for slot in desk.state["slots"]}) > 2
    desk.run([], "--seed", 3, "--minutes", 120, "--units", "4,losses")
    assert {slot["unit"] for slot in desk.state["slots"]} == {"02_losses", "04_initialization"}


@pytest.mark.usefixtures("quick")
def test_another_interview_begins_where_something_else_is_asked_for(desk: Desk) -> None:
    desk.run(right(PLAN[0], SEED), "--seed", SEED)
    before, folder = (desk.records / "interview.json").read_bytes(), desk.folder
    run = desk.run([], "--seed", SEED, "--minutes", 40)
    report = folder / "report.md"
    assert run.out.startswith(f"What came of the one before is in {report}\nA new interview: 40 minutes, ")
    assert "3 of 4 items were not reached." in report.read_text(encoding="utf-8")
    (kept,) = (desk.records / "interviews").iterdir()
    assert kept.read_bytes() == before
    assert desk.run([], "--units", "losses").out.startswith("A new interview: 30 minutes, "), "nothing was answered"


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


SLOT = asdict(PLAN[0])
RECORD = {
    "started": 0.0, "asked": "", "typed": None, "begun": "", "share": None, "late": False, "tries": 0, "best": 0.0, "faults": [],
    "said": [], "seconds": None,
}  # fmt: skip
GOOD: dict[str, Any] = {
    "version": 1, "began": "2026-01-01-000000", "minutes": 30, "seed": 1, "units": [], "slots": [SLOT], "records": [RECORD],
    "spent": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b'{"version": 1, "mi',
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        {**GOOD, "version": 2},
        {**GOOD, "version": "one"},
        without(GOOD, "slots"),
        {**GOOD, "slots": [1]},
        {**GOOD, "slots": [without(SLOT, "place")]},
        {**GOOD, "slots": [{**SLOT, "minutes": "2"}]},
        {**GOOD, "slots": [{**SLOT, "points": -1}]},
        {**GOOD, "slots": []},
        {**GOOD, "records": [RECORD, RECORD]},
        {**GOOD, "slots": [SLOT, SLOT], "records": [RECORD, RECORD]},
        {**GOOD, "records": [{**RECORD, "said": [1]}]},
        {**GOOD, "records": [{**RECORD, "share": "all"}]},
        {**GOOD, "records": [{**RECORD, "started": float("nan")}]},
        {**GOOD, "spent": float("inf")},
        {**GOOD, "spent": None},
        {**GOOD, "minutes": "many"},
        {**GOOD, "began": "../../elsewhere"},
    ],
    ids=str,
)
def test_an_interview_that_cannot_be_read_is_kept_aside(state: bytes | dict[str, Any], desk: Desk) -> None:
    data = state if isinstance(state, bytes) else json.dumps(state).encode()
    (desk.records / "interview.json").write_bytes(data)
    run = desk.run([], "--minutes", 5)
    why = "newer" if isinstance(state, dict) and state["version"] == 2 else "damaged"
    (aside,) = desk.records.glob(f"interview.{why}-*.json")
    said = "was written by a newer dlkit" if why == "newer" else "is damaged"
    assert run.out.startswith(
        f"Your last interview {said}: it is kept as {aside}, and a new one begins.\nA new interview: "
    )
    assert aside.read_bytes() == data
    assert desk.run([]).out.startswith("Your interview goes on: "), "the new one can be read"


def test_the_state_that_those_were_made_from_is_good(desk: Desk) -> None:
    (desk.records / "interview.json").write_text(json.dumps(GOOD), encoding="utf-8")
    assert desk.run([]).out.startswith("Your interview goes on: 30 minutes, 1 item on all units, seed 1. ")


def test_a_report_is_made_of_whatever_the_state_holds(desk: Desk) -> None:
    record = {**RECORD, "typed": "a", "share": 0.0, "faults": [1, None], "said": [[1, 2]], "seconds": 1.0}
    slots = [{**SLOT, "kind": kind} for kind in ("open", CODING, "choice")]
    state = {**GOOD, "slots": slots, "records": [record, record, record]}
    (desk.records / "interview.json").write_text(json.dumps(state), encoding="utf-8")
    run = desk.run([])
    assert run.out.startswith(
        f"What came of the one before is in {desk.home / 'interview' / GOOD['began'] / 'report.md'}\n"
    )


def test_an_item_that_left_the_course_is_left_out(desk: Desk) -> None:
    gone = [{**SLOT, "id": "gone"}, {**SLOT, "unit": "77_gone"}, {**SLOT, "kind": CODING}]
    state = {**GOOD, "slots": [*gone, SLOT], "records": [{**RECORD, "typed": "an answer to what is gone"}]}
    (desk.records / "interview.json").write_text(json.dumps(state), encoding="utf-8")
    run = desk.run(right(PLAN[0], 1))
    assert "Some items of this interview are no longer in the course: they are left out.\n" in run.out
    assert "1 of 1 points" in run.out
    (desk.records / "interview.json").write_text(json.dumps({**state, "slots": gone}), encoding="utf-8")
    assert "0 of 0 points" in desk.run([]).out
    assert desk.run([]).out.startswith("A new interview")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--minutes", "4"), "4 is not in the range x>=5"),
        (("--minutes", "soon"), "'soon' is not a valid integer"),
        (("--seed", "x"), "'x' is not a valid integer"),
        (("--units", "losses,99"), "There is no unit '99'"),
        (("--units", "loses"), "Did you mean 02_losses?"),
        (("--units", " , "), "--units names no unit. Write it as --units 1,5,normalization."),
        (("1",), "unexpected extra argument"),
        (("--workspace", "/nowhere"), "There is no workspace at /nowhere yet"),
        (("--course", "/nowhere"), "/nowhere is no course"),
    ],
    ids=str,
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...], error: str, desk: Desk) -> None:
    run = desk.run([], *arguments)
    assert run.status == 2
    assert error in run.err
    assert files(desk.home) == {}, "and nothing begins"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (605, "10:05"), (3600, "1:00:00"), (-3, "0:00")]
)
def test_a_time_on_the_clock(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


# --- through a terminal ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_an_interview_in_a_terminal(tmp_path: Path, course: Path) -> None:
    """A question, Ctrl-C, the file edited with another program, a try that fails, one that passes."""
    import pexpect

    home = tmp_path / "work"
    (home / ".dlkit").mkdir(parents=True)
    seed = next(s for s in range(5000) if [slot.kind for slot in planned(s, 12)][:2] == ["choice", CODING])
    choice, program = planned(seed, 12)[:2]
    command = ["-m", "dlkit.cli", "interview", "--workspace", str(home), "--course", str(course)]
    environment = {**os.environ, "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}

    def start(*arguments: str) -> Any:
        return pexpect.spawn(
            sys.executable, [*command, *arguments], env=environment, encoding="utf-8", timeout=60, dimensions=(50, 200)
        )

    child = start("--minutes", "12", "--seed", str(seed))
    child.expect_exact("1 of ")
    child.expect(r"12:00 left")
    child.expect_exact("Your answer (a, b, c or d")
    child.sendline(str(right(choice, seed)[0]))
    child.expect_exact("Right.")
    child.expect(r"Your answer goes into (\S+), where a stub is")
    path = Path(child.match[1])
    child.expect(r"gives up, (1?\d:\d\d) left\): ")
    child.sendintr()
    child.expect_exact("go on with `dlkit interview`.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    exam = Exam(Unit(course, UNIT.name), exercises(UNIT)[program.id], path)
    stub = path.read_text(encoding="utf-8")
    path.write_text(stub.replace("raise NotImplementedError", "return 7"), encoding="utf-8")
    child = start()
    child.expect_exact("Your interview goes on: 12 minutes")
    child.expect_exact("which is as you left it")
    child.expect(r"left\): ")
    child.sendline("")
    child.expect("✗ ")
    child.expect(r"left\): ")
    path.write_text(f"{stub}\n\n{exam.reference}\n", encoding="utf-8")
    child.sendline("")
    child.expect(rf"{program.id} +{program.points:g} / {program.points:g} points")
    child.expect("What the interviewer is after: ")
    child.expect("Follow-up 1 of ")
    child.expect_exact("> ")
    child.sendline("aloud")
    child.sendeof()
    child.expect("Follow-up 2 of ")
    child.sendintr()
    child.expect(r"Stopped, 1?\d:\d\d left; go on with `dlkit interview`\.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    state = json.loads((home / ".dlkit" / "interview.json").read_bytes())
    assert [(record["share"], record["tries"]) for record in state["records"]] == [(1.0, 0), (1.0, 2)]
    assert [said[1] for said in state["records"][1]["said"]] == ["aloud"]
