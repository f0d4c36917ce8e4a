"""`dlkit quiz`: the same seed asks the same, every reason is shown, and an answer once given is never lost."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlkit.course.units import Course, Unit
from dlkit.questions.bank import Choice, Number, Open, Option, Question, Task, load
from dlkit.study import quiz as quizzes
from dlkit.study.asking import Drawn, Person, Stopped, draw, lot, pose, reveal
from dlkit.study.formulas import readable
from tests.lessons import UNITS
from tests.small import NAME, Run, dlkit, small_course

Capture = pytest.CaptureFixture[str]
STOPPED = "Stopped; go on with `dlkit quiz`.\n"


class Typing(io.StringIO):
    """Standard input that ends with Ctrl-C."""

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        line = super().readline()
        if not line:
            raise KeyboardInterrupt
        return line


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """A course of one unit, with the current folder in it, and a workspace that was started."""
    made = small_course(tmp_path / "course")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("DLKIT_WORKSPACE", str(tmp_path / "work"))
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "work" / ".dlkit").mkdir(parents=True)
    return made


@pytest.fixture
def records(unit: Unit, tmp_path: Path) -> Path:
    return tmp_path / "work" / ".dlkit"


@pytest.fixture
def quiz(unit: Unit, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """`dlkit quiz` with these lines typed."""

    def run(typed: str, *arguments: object, stdin: type[io.StringIO] = io.StringIO) -> Run:
        monkeypatch.setattr(sys, "stdin", stdin(typed))
        return dlkit(capsys, "quiz", *arguments)

    return run


def asked(seed: int, count: int) -> list[Question]:
    """The questions that this seed draws from the first unit."""
    questions = quizzes.pool([Unit(Path(), NAME)])
    return [questions[name] for name in quizzes.Quiz.draw(questions, NAME, count, seed).questions]


def right(question: Question, seed: int) -> str:
    """What to type for full marks."""
    drawn = draw(question, seed)
    if isinstance(drawn, Open):
        return "because\n\n" + "y\n" * len(drawn.rubric)
    return f"{drawn.right}\n" if isinstance(drawn, Choice) else f"{drawn.answer!r}\n"


def all_right(seed: int, count: int) -> str:
    return "".join(right(question, seed) for question in asked(seed, count))


def seed_of(*kinds: type) -> int:
    """The first seed whose quiz begins with questions of these kinds."""
    return next(seed for seed in range(1000) if tuple(map(type, asked(seed, len(kinds)))) == kinds)


# --- one question ---------------------------------------------------------------------------------------------------

CHOICE = Choice("colour", "light", "Which?", tuple(Option(f"option {n}", f"Reason {n}.", n == 2) for n in range(4)))
NUMBER = Number("half", "light", lambda rng: Task("Half of 1?", 0.5, "It is $1/2$.", rtol=1e-2))
OPEN = Open("why", "light", "Why?", "So that it is.", ("says so", "says that"))


def put(drawn: Drawn, typed: str, monkeypatch: pytest.MonkeyPatch, stdin: type[io.StringIO] = io.StringIO) -> float:
    monkeypatch.setattr(sys, "stdin", stdin(typed))
    person = Person()
    return reveal(drawn, pose(drawn, person), person)


@pytest.mark.parametrize(
    ("question", "typed", "share", "said"),
    [
        (CHOICE, "c\n", 1.0, "Right."),
        (CHOICE, " (C). \n", 1.0, "Right."),
        (CHOICE, "a\n", 0.0, "The right answer is c."),
        (CHOICE, "?\n", 0.0, "The right answer is c."),
        (CHOICE, "e\n\n12\nabc\nc\n", 1.0, "'e' is not a, b, c or d."),
        (CHOICE, "\nc\n", 1.0, "Type a, b, c or d, or ? to see the answer."),
        (NUMBER, "0.5\n", 1.0, "Right: 0.5."),
        (NUMBER, "1/2\n", 1.0, "Right: 0.5."),
        (NUMBER, "5e-1\n", 1.0, "Right: 0.5."),
        (NUMBER, ".504\n", 1.0, "Right: 0.5."),
        (NUMBER, "0.51\n", 0.0, "The right answer is 0.5."),
        (NUMBER, "−0.5\n", 0.0, "The right answer is 0.5."),
        (NUMBER, "?\n", 0.0, "It is 1/2."),
        (NUMBER, "0,5\n0.5\n", 1.0, "'0,5' is not a number, as 0.25, 1e-3 or 1/4."),
        (NUMBER, "1/0\nnan\n1e999\n9**9**9\n\n0.5\n", 1.0, "'1/0' is not a number"),
        (OPEN, "I know\nwell\n\ny\nno\n", 0.5, "So that it is."),
        (OPEN, "I know\n\nperhaps\nY\nYES\n", 1.0, "says that"),
        (OPEN, "\n", 0.0, "What earns marks:"),
        (OPEN, "?\n\n", 0.0, "What earns marks:"),
    ],
)
def test_an_answer_is_read_marked_and_explained(
    question: Question, typed: str, share: float, said: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = question.task() if isinstance(question, Number) else question
    assert put(drawn, typed, monkeypatch) == share
    out = capsys.readouterr().out
    assert said in out
    for typed_line in typed.split("\n"):
        assert typed_line.strip() in out, "piped answers stand in the output, as on a terminal"
    if question is CHOICE:
        for letter, mark, number in zip("abcd", "✗✗✓✗", range(4), strict=True):
            assert re.search(rf"^ {letter} {mark} +Reason {number}\.$", out, re.MULTILINE), "every reason is shown"


def test_the_input_may_end_anywhere(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    task = NUMBER.task()
    for drawn, typed in ((CHOICE, ""), (CHOICE, "e\n"), (task, ""), (OPEN, ""), (OPEN, "x\n\ny\n"), (OPEN, "x\n")):
        for stdin in (io.StringIO, Typing):
            with pytest.raises(Stopped) as stopped:
                put(drawn, typed, monkeypatch, stdin)
            lines = "x" if (typed, stdin) == ("x\n", Typing) else ""
            assert stopped.value.typed == lines, "Ctrl-C in an answer keeps its lines; the end of the input ends it"


def test_a_closed_standard_input_is_an_end(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Stopped):
        pose(CHOICE, Person())


def test_drawing_is_the_same_on_every_machine_and_shuffles() -> None:
    """Values written down once: another order on another machine, or after an upgrade, would show here."""
    assert lot(7, "05_normalization", "bn_mode_gap") == 8187029604783718222
    drawn = draw(CHOICE, 7)
    assert isinstance(drawn, Choice)
    assert [option.text[-1] for option in drawn.options] == ["0", "3", "1", "2"]
    assert drawn.options["abcd".index(drawn.right)].text == "option 2", "the right one is found wherever it is"
    orders = {tuple(option.text for option in draw(CHOICE, seed).options) for seed in range(300)}  # type: ignore[union-attr]
    assert len(orders) == 24, "every order comes up"
    question = Number("n", "t", lambda rng: Task(str(rng.integers(1000)), float(rng.normal()), "x"))
    assert draw(question, 7) == draw(question, 7) != draw(question, 8)
    assert draw(question, 7).text == str(np.random.default_rng(lot(7, "n")).integers(1000))


# --- formulas -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\gamma = 1", "γ = 1"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"x\frac1m\sum_{i=1}^m x_i", "x(1/m)∑ᵢ₌₁ᵐ xᵢ"),
        (r"\frac{1}{NHW}", "1/(NHW)"),
        (r"\frac{\partial L}{\partial x}", "∂L/∂x"),
        (r"\frac{1}{1 + \frac{a}{b}}", "1/(1 + a/b)"),
        (r"\tfrac12(b - 300)^2", "½(b - 300)²"),
        (r"\hat x_i = (x_i - \mu)/\sqrt{\sigma^2 + \varepsilon}", "x̂ᵢ = (xᵢ - μ)/√(σ² + ε)"),
        (r"\sqrt2\pi", "√2π"),
        (r"\sqrt{2\pi}", "√(2π)"),
        (r"\sqrt[3]{u}", "³√u"),
        (r"4.5 \cdot 10^{-5}", "4.5 · 10⁻⁵"),
        (r"59{,}000", "59,000"),
        (r"e^{z_i}/\sum_j e^{z_j}", "e^(zᵢ)/∑ⱼ e^(zⱼ)"),
        (r"0.99^{0.5}", "0.99^(0.5)"),
        (r"w^*", "w^*"),
        (r"x_{OH}", "x_OH"),
        (r"\lVert w\rVert_2^2 \le \lvert a\rvert", "‖w‖₂² ≤ |a|"),
        (r"f'' - f'''", "f'' - f'''"),
        (r"-\lambda\ln\lambda - \ln(1-\lambda) + \log_{10} 2", "-λ ln λ - ln(1-λ) + log₁₀ 2"),
        (r"X^\top X = I \neq 0", "XᵀX = I ≠ 0"),
        (r"\mathbb R^n \to \mathbb R^m", "ℝⁿ → ℝᵐ"),
        (r"\begin{pmatrix} 0 & 1 \\ 2 & 3 \end{pmatrix}", "[ 0 1; 2 3 ]"),
        (r"\theta = 0.8^\circ, 69\,\%", "θ = 0.8°, 69 %"),
        (r"\overline{ab}", r"$\overline{ab}$"),
        (r"\nosuchmacro x", r"$\nosuchmacro x$"),
        (r"\frac{1", r"$\frac{1$"),
    ],
)
def test_a_formula_reads_as_text_or_stays_as_it_is(tex: str, text: str, capsys: Capture) -> None:
    Person().say(f"Is **it** ${tex}$ or `a_b`?")
    assert capsys.readouterr().out == f"Is it {text} or a_b?\n"


def test_an_output_without_the_characters_shows_tex() -> None:
    assert readable(r"$2 \times 3$ and $\gamma$", "latin-1") == r"2 × 3 and \$\\gamma\$"


def texts(question: Question) -> Iterator[str]:
    if isinstance(question, Choice):
        yield from (question.text, *(text for option in question.options for text in (option.text, option.reason)))
    elif isinstance(question, Number):
        yield from (question.task().text, question.task().explanation)
    else:
        yield from (question.text, question.answer, *question.rubric)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_formulas_of_the_questions_read_as_text(unit: Unit) -> None:
    """A few that no text can say may stay; a bank full of them would say that the converter has a gap."""
    shown = [readable(text, "utf-8") for question in load(unit.topic).questions.values() for text in texts(question)]
    left = [text for text in shown if "\\$" in text]
    assert len(left) <= len(shown) / 50, f"left as TeX: {left}"
    assert not [text for text in shown if re.search("[\ue000-\ue0ff]", text)]


# --- the quiz -------------------------------------------------------------------------------------------------------


def test_a_quiz_from_the_first_question_to_the_summary(quiz: Callable[..., Run], records: Path) -> None:
    seed = seed_of(Choice, Number, Open, Choice)
    questions = asked(seed, 4)
    wrong = next(letter for letter in "abc" if letter != right(questions[0], seed).strip())
    typed = f"{wrong}\n" + "".join(right(question, seed) for question in questions[1:])
    run = quiz(typed, "1", "--count", 4, "--seed", seed)
    assert run.status == 1, "marks are missing"
    assert run.out.startswith(f"A new quiz: 4 questions on {NAME}, seed {seed}.\n")
    assert re.findall(r"Question (\d) of 4 · 01_activations · (\S+) ★", run.out) == [
        (str(n), question.topic) for n, question in enumerate(questions, 1)
    ]
    assert run.out.endswith(f"\n3 of 4 marks.\nRead again:\n  {NAME}: {questions[0].topic}\n")
    entries = [json.loads(line) for line in (records / "attempts.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds = ["q", "q", "a", "q"]
    assert [(entry["kind"], entry["unit"], entry["exercises"]) for entry in entries] == [
        (
            "quiz",
            NAME,
            {f"{kind}-{question.id.replace('_', '-')}": ["failed" if n == 0 else "passed", float(n > 0), 1.0]},
        )
        for n, (kind, question) in enumerate(zip(kinds, questions, strict=True))
    ]
    again = quiz(all_right(seed, 4), "1", "--count", 4, "--seed", seed)
    assert again.status == 0
    assert again.out.endswith("\n4 of 4 marks.\n")
    assert len([*(records / "quizzes").iterdir()]) == 1, "the finished quiz is kept"


def test_without_a_seed_one_is_drawn_and_repeats_the_quiz(quiz: Callable[..., Run]) -> None:
    first = quiz("", "1")
    seed = re.search(r"10 questions on 01_activations, seed (\d+)\.", first.out)
    assert seed, first.out
    quiz("?\n" * 2, "1", "--seed", int(seed[1]) + 1)
    again = quiz("", "1", "--seed", seed[1])
    assert again.out == first.out


def test_without_a_unit_all_released_units_are_asked(quiz: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[1])
    released = Course(Path(__file__).parents[1]).released
    run = quiz("?\n\n" * 100, "--count", 30, "--seed", 1)
    assert "30 questions on all units, seed 1.\n" in run.out
    assert {unit for unit in re.findall(r"Question \d+ of 30 · (\S+)", run.out)} == {unit.name for unit in released}


def test_more_questions_than_there_are_is_all_of_them(quiz: Callable[..., Run]) -> None:
    number = len(load("activations").questions)
    assert f"A new quiz: {number} questions" in quiz("", "1", "--count", 10_000).out


@pytest.mark.parametrize("stdin", [io.StringIO, Typing], ids=["end", "ctrl-c"])
def test_a_stopped_quiz_goes_on(stdin: type[io.StringIO], quiz: Callable[..., Run], records: Path) -> None:
    seed = seed_of(Choice, Number, Choice)
    lines = all_right(seed, 3).splitlines(keepends=True)
    run = quiz(lines[0], "1", "--seed", seed, "--count", 3, stdin=stdin)
    assert run.status == 1
    assert run.out.endswith(f"\n{STOPPED}")
    assert "Question 2 of 3" in run.out
    same = quiz("", "activations", "--count", 3, stdin=stdin)
    assert same.out.startswith(f"Your quiz goes on: 3 questions on {NAME}, seed {seed}.")
    assert "Question 1 of 3" not in same.out
    rest = quiz("".join(lines[1:]))
    assert "Question 1 of 3" not in rest.out
    assert rest.out.endswith("\n3 of 3 marks.\n")
    assert rest.status == 0
    assert len((records / "attempts.jsonl").read_text(encoding="utf-8").splitlines()) == 3, "each answer once"
    assert quiz("").out.startswith("A new quiz: 10 questions"), "a finished quiz does not go on"


def test_another_quiz_begins_where_something_else_is_asked_for(quiz: Callable[..., Run], records: Path) -> None:
    quiz("", "1", "--seed", 5, "--count", 3)
    before = (records / "quiz.json").read_bytes()
    for arguments in (("1", "--seed", 6), ("1", "--count", 4, "--seed", 6)):
        assert quiz("", *arguments).out.startswith("A new quiz"), arguments
    kept = sorted((records / "quizzes").iterdir())
    assert len(kept) == 2
    assert kept[0].read_bytes() == before


def test_an_answer_in_lines_is_never_lost(quiz: Callable[..., Run], records: Path) -> None:
    """Ctrl-C while it is typed, then the end of the input while it is marked."""
    seed = seed_of(Open)
    (question,) = asked(seed, 1)
    assert isinstance(question, Open)
    quiz("first line\n  second line \n", "1", "--seed", seed, "--count", 1, stdin=Typing)
    quiz("", stdin=Typing)
    assert quiz("").out.endswith(f"> first line\n>   second line\n> \n{STOPPED}"), (
        "nothing was added: not an answer yet"
    )
    assert json.loads((records / "quiz.json").read_bytes())["begun"] == "first line\n  second line"
    run = quiz("third line\n\ny\n")
    assert "> first line\n>   second line\n> third line\n" in run.out
    assert run.out.endswith(STOPPED)
    run = quiz("y\n" * len(question.rubric))
    assert "Your answer was:\nfirst line\n  second line\nthird line\n" in run.out
    assert run.out.endswith("\n1 of 1 marks.\n")
    assert json.loads((records / "quiz.json").read_bytes())["answers"] == [
        ["first line\n  second line\nthird line", 1.0]
    ]


GOOD: dict[str, Any] = {
    "version": 1, "unit": NAME, "count": 1, "seed": 1, "questions": [[NAME, "linear_net_capacity"]],
    "answers": [], "typed": None, "begun": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "damaged"),
        (b'{"version": 1, "unit": "01_act', "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[]", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"null", "damaged"),
        (json.dumps({**GOOD, "version": 2}).encode(), "newer"),
        (json.dumps({**GOOD, "version": "one"}).encode(), "damaged"),
        (json.dumps({**GOOD, "questions": "all"}).encode(), "damaged"),
        (json.dumps({**GOOD, "questions": [1]}).encode(), "damaged"),
        (json.dumps({**GOOD, "answers": [["a", 1], ["b", 1]]}).encode(), "damaged"),
        (json.dumps({**GOOD, "answers": [["a", float("nan")]]}).encode(), "damaged"),
        (json.dumps({**GOOD, "answers": [["a", 7]]}).encode(), "damaged"),
        (json.dumps({**GOOD, "seed": None}).encode(), "damaged"),
        (json.dumps({**GOOD, "seed": float("inf")}).encode(), "damaged"),
        (json.dumps({key: GOOD[key] for key in GOOD if key != "begun"}).encode(), "damaged"),
        (None, "damaged"),
    ],
)
def test_a_quiz_that_cannot_be_read_is_kept_aside(
    data: bytes | None, why: str, quiz: Callable[..., Run], records: Path
) -> None:
    if data is None:
        (records / "quiz.json").mkdir()
    else:
        (records / "quiz.json").write_bytes(data)
    run = quiz("", "1")
    (aside,) = records.glob(f"quiz.{why}-*.json")
    said = "was written by a newer dlkit" if why == "newer" else "is damaged"
    assert run.out.startswith(f"Your last quiz {said}: it is kept as {aside}, and a new one begins.\nA new quiz: ")
    assert data is None or aside.read_bytes() == data
    assert quiz("").out.startswith("Your quiz goes on: "), "the new one can be read"


def test_a_question_that_left_the_course_is_left_out(quiz: Callable[..., Run], records: Path) -> None:
    known = next(question for question in asked(1, 99) if isinstance(question, Open))
    for questions, said in (
        ([[NAME, "gone"], [NAME, known.id], ["77_gone", "x"]], "Your answer in a few sentences"),
        ([[NAME, known.id], [NAME, "gone"]], "Your answer was:\nmy words"),
    ):
        state = json.dumps({**GOOD, "questions": questions, "typed": "my words"}).encode()
        (records / "quiz.json").write_bytes(state)
        run = quiz(right(known, 1).partition("\n\n")[2] if "was" in said else right(known, 1))
        assert "Some questions of this quiz are no longer in the course: they are left out.\n" in run.out
        assert "Question 1 of 1" in run.out
        assert said in run.out, "words belong to the question that they answered"
        assert run.out.endswith("\n1 of 1 marks.\n")
        assert state in [path.read_bytes() for path in (records / "quizzes").iterdir()], "and are kept when it left"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("99",), "There is no unit '99'"),
        (("--count", "0"), "0 is not in the range"),
        (("--seed", "x"), "'x' is not a valid integer"),
        (("1", "2"), "unexpected extra argument"),
        (("--workspace", "/nowhere"), "There is no workspace at /nowhere yet"),
        (("--course", "/nowhere"), "/nowhere is no course"),
    ],
    ids=str,
)
def test_wrong_use_is_one_line(arguments: tuple[str, ...], error: str, quiz: Callable[..., Run]) -> None:
    run = quiz("", *arguments)
    assert run.status == 2
    assert error in run.err


def test_a_unit_without_questions_says_so(quiz: Callable[..., Run], unit: Unit) -> None:
    (unit.root / "source" / "12_poetry.py").write_text("", encoding="utf-8")
    assert quiz("", "poetry").err == "dlkit: There are no concept questions on 12_poetry. Name another unit.\n"


def test_a_full_disk_is_one_line_and_the_quiz_goes_on_later(
    quiz: Callable[..., Run], records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = seed_of(Choice, Choice)
    quiz("", "1", "--seed", seed, "--count", 2)
    before = (records / "quiz.json").read_bytes()

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        run = quiz("a\n")
    assert run.status == 2
    assert run.err.endswith("quiz.json cannot be written: No space left on device. Nothing was changed.\n")
    assert (records / "quiz.json").read_bytes() == before
    assert quiz(all_right(seed, 2)).status == 0


# --- on a terminal --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_on_a_terminal_it_stops_at_ctrl_c_and_goes_on(unit: Unit, records: Path) -> None:
    import pexpect

    seed = seed_of(Choice, Open, Number)
    questions = asked(seed, 3)
    assert isinstance(questions[1], Open)
    program = ["-m", "dlkit.cli", "quiz"]
    environment = {**os.environ, "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}

    def terminal(*arguments: str) -> Any:
        return pexpect.spawn(
            sys.executable, [*program, *arguments], env=environment, encoding="utf-8", timeout=30, dimensions=(24, 100)
        )

    first = terminal("1", "--seed", str(seed), "--count", "3")
    first.expect_exact("Your answer (a, b, c or d; ? if you do not know): ")
    first.sendline("z")
    first.expect_exact("'z' is not a, b, c or d.")
    first.expect_exact("Your answer (")
    first.sendline(right(questions[0], seed).strip())
    first.expect_exact("Right.")
    first.expect_exact("an empty line ends it.")
    first.expect_exact("> ")
    long = "word " * 1000  # longer than what a terminal holds without an editor of lines
    first.sendline(long)
    first.expect_exact("> ")
    first.sendintr()
    first.expect_exact(STOPPED.strip())
    first.expect(pexpect.EOF)
    first.close()
    assert (first.exitstatus, first.signalstatus) == (1, None)
    assert json.loads((records / "quiz.json").read_bytes())["begun"] == long.strip()

    second = terminal()
    second.expect_exact("Your quiz goes on: 3 questions")
    second.expect_exact("Question 2 of 3")
    second.expect(r"\r\n> $")
    second.sendline("and that is why")
    second.expect(r"\r\n> $")
    second.sendeof()  # Ctrl-D ends an answer too
    for _ in questions[1].rubric:
        second.expect_exact("(y/n) ")
        second.sendline("y")
    second.expect_exact("Question 3 of 3")
    second.expect_exact("if you do not know): ")
    second.sendline(right(questions[2], seed).strip())
    second.expect_exact("3 of 3 marks.")
    second.expect(pexpect.EOF)
    second.close()
    assert (second.exitstatus, second.signalstatus) == (0, None)
