"""Building: the same input gives the same files, nothing leaks into the release, a broken lesson says where."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from dlkit import mistakes
from dlkit.course.build import differences, release_of, source_of
from dlkit.course.errors import UserError
from dlkit.course.units import Unit
from dlkit.questions.bank import Choice, load
from tests.lessons import ROOT, UNITS

SETUP = '# %% role="given" id="setup"\nimport math\n\nimport numpy as np\n\nfrom dlkit.check import check, expect\n\n'
SOLVE = '# %% role="solve" id="relu"\nfrom dlkit.reference.activations import relu\n\n'
CHECK = (
    '# %% role="check" id="relu-check" points=2\nwith check("one"):\n    expect(relu, 1.0).close(1.0)\n'
    '### BEGIN HIDDEN TESTS\nwith check("two"):\n    expect(relu, -1.0).close(0.0)\n### END HIDDEN TESTS\ncheck.score()\n'
)


def by_name(unit: Unit) -> str:
    return unit.name


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_what_is_committed_is_what_the_lesson_gives(unit: Unit) -> None:
    wrong = [str(path.relative_to(ROOT)) for path in differences(unit)]
    assert not wrong, f"run `dlkit build {unit.name}` and commit: {wrong}"


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_the_same_lesson_gives_the_same_notebooks(unit: Unit) -> None:
    first, second = source_of(unit), source_of(unit)
    assert nbformat.writes(first) == nbformat.writes(second)
    assert nbformat.writes(release_of(first, unit.root)) == nbformat.writes(release_of(second, unit.root))


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_nothing_of_the_answers_is_left_in_the_release(unit: Unit) -> None:
    release = nbformat.read(unit.notebook("notebooks"), 4)
    source = nbformat.read(unit.notebook("source"), 4)
    text = "\n".join(cell.source for cell in release.cells)
    for word in (
        "BEGIN SOLUTION",
        "END SOLUTION",
        "HIDDEN TESTS",
        "check.hidden()",
        "dlkit.reference",
        "dlkit.mistakes",
    ):
        assert word not in text
    shown = {cell.id: cell.source for cell in release.cells}
    for cell in source.cells:
        for secret in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", cell.source, re.DOTALL):
            assert secret not in text, cell.id
            own = cell.source.replace(secret, "")
            leaked = [
                line for line in secret.splitlines() if len(line) > 20 and line not in own and line in shown[cell.id]
            ]
            assert not leaked, f"{cell.id}: the release shows {leaked[0]!r}"
    assert not any(cell.get("outputs") for cell in release.cells)
    for mistake in mistakes.load(unit.topic):
        assert mistake.sentence not in text
    for question in load(unit.topic).questions.values():
        if isinstance(question, Choice):
            assert not any(option.reason in text for option in question.options)


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_every_answer_cell_of_the_release_is_a_stub(unit: Unit) -> None:
    cells = nbformat.read(unit.notebook("notebooks"), 4).cells
    answers = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")]
    assert answers
    for cell in answers:
        marked = (
            "raise NotImplementedError" in cell.source if cell.cell_type == "code" else "Your answer" in cell.source
        )
        assert marked, cell.id


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_metadata_is_what_nbgrader_expects(unit: Unit) -> None:
    from nbgrader.nbgraderformat import MetadataValidator

    for folder in ("source", "notebooks", "solutions"):
        notebook = nbformat.read(unit.notebook(folder), 4)
        nbformat.validate(notebook)
        MetadataValidator().validate_nb(notebook)
        ids = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_a_solution_shows_no_error_and_full_points(unit: Unit) -> None:
    for cell in nbformat.read(unit.notebook("solutions"), 4).cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", f"{cell.id}: {output.get('text')}"
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            assert float(cell.outputs[-1].data["text/plain"]) == cell.metadata.nbgrader.points, cell.id


@pytest.mark.parametrize("unit", UNITS, ids=by_name)
def test_markdown_renders_on_github_and_in_jupyter(unit: Unit) -> None:
    """Balanced formulas and hints, no macro that either renderer lacks."""
    for cell in nbformat.read(unit.notebook("notebooks"), 4).cells:
        if cell.cell_type != "markdown":
            continue
        prose = re.sub(r"`[^`]*`", "", cell.source)
        assert prose.count("$$") % 2 == 0, cell.id
        assert prose.replace("$$", "").count("$") % 2 == 0, cell.id
        assert prose.count("<details>") == prose.count("</details>"), cell.id
        assert not re.search(r"\\(bm|newcommand|def|mathbbm|operatorname\*)\b", prose), cell.id


BROKEN = {
    "a syntax error": (SETUP + SOLVE + CHECK + '\n# %% role="demo" id="plot"\nx = 1\nif x:\n', r":\d+: syntax error"),
    "no role": (SETUP + '# %% id="x"\nx = 1\n', r":8: a code cell needs role"),
    "an unknown role": (SETUP + '# %% role="sovle" id="x"\nx = 1\n', "found 'sovle'"),
    "no id": (SETUP + '# %% role="demo"\nx = 1\n', "needs id="),
    "the same id twice": (SETUP + SOLVE + SOLVE, "already that of line 8"),
    "a check without points": (SETUP + SOLVE + CHECK.replace(" points=2", ""), "points=… belongs to"),
    "points on a demo": (SETUP + '# %% role="demo" id="x" points=2\nx = 1\n', "points=… belongs to"),
    "an answer that does not exist": (SETUP + SOLVE.replace("import relu", "import rleu"), "no function or class rleu"),
    "an answer module that does not exist": (SETUP + SOLVE.replace("activations", "activation"), "no activation.py"),
    "no hidden checks": (SETUP + SOLVE + re.sub(r"### BEGIN.*END HIDDEN TESTS\n", "", CHECK, flags=re.DOTALL), "HIDDEN"),
    "no score": (SETUP + SOLVE + CHECK.replace("check.score()\n", ""), "ends with"),
    "code outside a check": (SETUP + SOLVE + CHECK.replace("with check(\"one\")", "x = relu(1)\nwith check(\"one\")"), "may only import"),
    "a check that leans on another": (
        SETUP + SOLVE + CHECK.replace("expect(relu, 1.0)", "x = 1.0\n    expect(relu, x)").replace("-1.0", "x"),
        "`x` is not defined in this check",
    ),
    "a name that no cell defines": (SETUP + SOLVE + CHECK.replace("expect(relu, 1.0)", "expect(rleu, 1.0)"), "`rleu` is not defined"),
    "an answer that is called behind expect's back": (SETUP + SOLVE + CHECK.replace("close(1.0)", "close(relu(1.0))"), "may only be handed to"),
    "an answer that is looked into": (SETUP + SOLVE + CHECK.replace("expect(relu, 1.0)", "assert relu.__doc__\n    expect(relu, 1.0)"), "may only be handed to"),
    "an unknown question": (SETUP + '# %% role="question" id="no_such" points=1\n', "no question 'no_such'"),
    "an open question for a program": (SETUP + '# %% role="question" id="relu_three_advantages" points=1\n', 'role="answer"'),
    "a choice for a person": (SETUP + '# %% role="answer" id="kink_descent" points=1\n', 'role="question"'),
    "text before the first cell": ("x = 1\n" + SETUP, "every cell must begin"),
    "nothing": ("", ""),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_lesson_says_where(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    unit = Unit(tmp_path, "01_activations")
    unit.lesson.write_text(text, encoding="utf-8")
    if not message:
        assert source_of(unit).cells == []
        return
    with pytest.raises(UserError, match=message) as caught:
        source_of(unit)
    assert re.match(rf"{re.escape(str(unit.lesson))}:\d+: ", str(caught.value))


def test_nbgraders_own_generate_assignment_gives_the_same_release(tmp_path: Path) -> None:
    """A teacher may use either."""
    from dlkit.grading.gradebook import course_directory, run

    unit = UNITS[0]
    shutil.copytree(ROOT / "source" / unit.name, tmp_path / "source" / unit.name)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    directory = course_directory(tmp_path, assignment_id=unit.name)
    from nbgrader.converters import GenerateAssignment

    run(GenerateAssignment(coursedir=directory, config=directory.config, force=True), "not generated")
    theirs = json.loads((tmp_path / "notebooks" / unit.name / f"{unit.name}.ipynb").read_text(encoding="utf-8"))
    assert theirs == json.loads(unit.notebook("notebooks").read_text(encoding="utf-8"))
