"""From a lesson's cells to a notebook with nbgrader's metadata: the version that teachers have, answers included."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from dlkit.course.inline import defined_names, free_names, inline
from dlkit.course.lesson import Cell
from dlkit.course.questions import choice_or_number, open_question
from dlkit.questions.bank import Bank, Open

__all__ = ["compile_lesson"]

HIDDEN, HIDDEN_END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
SCORE = "check.score()"
HAND_IN = """## Hand in

The next cell saves the notebook and hands it in: the hidden checks run, and the report appears below it. In a terminal,
`dlkit submit {topic}` does the same. Hand in as often as you like; every version is kept."""
TAKES_ANSWERS = ("expect", "gradients", "graph", "forbid", "forbid_loops", "forbid_numbers")


def compile_lesson(cells: list[Cell], name: str, reference: Path, bank: Bank) -> NotebookNode:
    """The source notebook of the unit `name`; UserError with file and line where a cell cannot be compiled."""
    topic = name.partition("_")[2]
    out: list[NotebookNode] = []
    known: set[str] = set()
    answers: set[str] = set()
    for number, cell in enumerate(cells, 1):
        if cell.role == "text":
            out.append(_markdown(_text_id(cell, number), cell.source))
        elif cell.role == "solve":
            source = inline(cell, reference, markers=True)
            _defined(cell, source, known)
            answers |= defined_names(source)
            out.append(_code(cell.id, source, "solve", solution=True))
        elif cell.role == "given":
            source = inline(cell, reference, markers=False)
            _defined(cell, source, known)
            out.append(_code(cell.id, source, "given", locked=True))
        elif cell.role == "demo":
            out.append(_demo(cell))
        elif cell.role == "check":
            source = _check(cell.source, topic, cell.id.removesuffix("-check"), known, cell)
            _only_called(cell, answers)
            out.append(_code(cell.id, source, "check", points=cell.points))
        elif cell.role == "question":
            out += _question(cell, bank, topic, known)
        else:
            out += _answer(cell, bank)
    out += _hand_in(topic) if out else []
    metadata = {
        "dlkit": {"unit": name},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook: NotebookNode = new_notebook(cells=out, metadata=metadata)
    return notebook


def _hand_in(topic: str) -> list[NotebookNode]:
    """The end of every notebook. Graders run it as little as an experiment."""
    code = new_code_cell(
        "import dlkit\n\ndlkit.submit()",
        id="hand-in",
        metadata={"deletable": False, "editable": False, "dlkit": {"role": "demo"}},
    )
    return [_markdown("hand-in-text", HAND_IN.format(topic=topic)), code]


def _text_id(cell: Cell, number: int) -> str:
    heading = re.search(r"^#+ (.+)$", cell.source, re.MULTILINE)
    slug = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:40] if heading else ""
    return f"text-{number:03}-{slug}".rstrip("-")


def _markdown(id: str, source: str) -> NotebookNode:
    metadata = {"deletable": False, "editable": False, "dlkit": {"role": "text"}}
    cell: NotebookNode = new_markdown_cell(source, id=id, metadata=metadata)
    return cell


def _metadata(id: str, role: str, **flags: Any) -> dict[str, Any]:
    points = flags.get("points", 0)
    grade = {
        "grade": bool(points),
        "grade_id": id,
        "locked": not flags.get("solution", False),
        "schema_version": 3,
        "solution": flags.get("solution", False),
        "task": False,
    }
    return {"dlkit": {"role": role}, "nbgrader": grade | ({"points": points} if points else {})}


def _code(id: str, source: str, role: str, **flags: Any) -> NotebookNode:
    cell: NotebookNode = new_code_cell(source, id=id, metadata=_metadata(id, role, **flags))
    return cell


def _demo(cell: Cell) -> NotebookNode:
    """An experiment: the learner may change it, grading skips it."""
    made: NotebookNode = new_code_cell(cell.source, id=cell.id, metadata={"dlkit": {"role": "demo"}})
    return made


def _defined(cell: Cell, source: str, known: set[str]) -> None:
    """Every name that the cell uses must have been defined above it; `known` grows by what it defines."""
    missing = sorted(free_names(source) - known)
    if missing:
        raise cell.error(f"`{missing[0]}` is not defined in the notebook above this cell")
    known |= defined_names(source)


def _check(source: str, topic: str, id: str, known: set[str], cell: Cell) -> str:
    """The check cell with its exercise announced at the top and its hidden part announced in it."""
    lines = source.split("\n")
    if lines.count(HIDDEN) != 1 or lines.count(HIDDEN_END) != 1 or lines.index(HIDDEN) > lines.index(HIDDEN_END):
        raise cell.error(f"a check cell has one {HIDDEN!r} and, below it, one {HIDDEN_END!r}")
    if lines[-1] != SCORE or lines[-2] != HIDDEN_END:
        raise cell.error(f"a check cell ends with {HIDDEN_END!r} and then {SCORE!r}")
    begin, end = lines.index(HIDDEN), lines.index(HIDDEN_END)
    for statement in ast.parse(source).body[:-1]:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            known = known | defined_names(ast.unparse(statement))
        elif not _is_check(statement):
            text = "outside `with check(…):` a check cell may only import; what raises there would end the cell"
            raise cell.error(text, statement.lineno)
        elif missing := sorted(free_names(ast.unparse(statement)) - known):
            text = f"`{missing[0]}` is not defined in this check or above the cell; each check stands alone"
            raise cell.error(text, statement.lineno)
    hidden = sum(line.startswith("with check(") for line in lines[begin:end])
    head = f'check.exercise("{topic}", "{id}", points={cell.points:g}, hidden={hidden})'
    return "\n".join([head, *lines[: begin + 1], "check.hidden()", *lines[begin + 1 :]])


def _only_called(cell: Cell, answers: set[str]) -> None:
    """An answer may live in another process: a check hands it to the vocabulary and does nothing else with it."""
    tree = ast.parse(cell.source)
    handed = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TAKES_ANSWERS
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in answers and id(node) not in handed:
            text = f"`{node.id}` may only be handed to {', '.join(TAKES_ANSWERS)}: answers are reached by calls alone"
            raise cell.error(text, node.lineno)


def _is_check(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.With):
        return False
    context = statement.items[0].context_expr
    return isinstance(context, ast.Call) and isinstance(context.func, ast.Name) and context.func.id == "check"


def _question(cell: Cell, bank: Bank, topic: str, known: set[str]) -> list[NotebookNode]:
    question = _from_bank(cell, bank)
    if isinstance(question, Open):
        raise cell.error(f'{cell.id!r} is an open question: give it role="answer"')
    text, answer, checks = choice_or_number(question)
    name = cell.id.replace("_", "-")
    checks = _check(checks, topic, f"q-{name}", known | defined_names(answer), cell)
    return [
        _markdown(f"{name}-text", text),
        _code(f"q-{name}", answer, "solve", solution=True),
        _code(f"q-{name}-check", checks, "check", points=cell.points),
    ]


def _answer(cell: Cell, bank: Bank) -> list[NotebookNode]:
    question = _from_bank(cell, bank)
    if not isinstance(question, Open):
        raise cell.error(f'{cell.id!r} is graded by a program: give it role="question"')
    text, answer = open_question(question)
    name = cell.id.replace("_", "-")
    metadata = _metadata(f"a-{name}", "answer", solution=True, points=cell.points)
    return [_markdown(f"{name}-text", text), new_markdown_cell(answer, id=f"a-{name}", metadata=metadata)]


def _from_bank(cell: Cell, bank: Bank) -> Any:
    try:
        return bank[cell.id]
    except KeyError as error:
        raise cell.error(str(error.args[0])) from None
