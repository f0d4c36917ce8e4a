"""A coding exercise outside its notebook: its statement without the hints, a file for the answer, and all its checks.

The course's own notebook has the hidden checks and the reference answer. Where a class was given the release alone,
the visible checks are all there is.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlkit.course.cells import grade_id_of, role_of
from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.inline import BEGIN, END, defined_names, free_names
from dlkit.course.outline import Item, outline
from dlkit.course.units import Unit

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from dlkit.check.result import ExerciseResult
    from dlkit.grading.engine import Engine

__all__ = ["Broken", "Exam", "Exercise", "engine_for_own_work", "exercises"]

HEADING = re.compile(r"^#{2,4} .*★.*$", re.MULTILINE)
SECTION = re.compile(r"^## (?P<title>[^★\n]+)$(?P<about>.*)", re.MULTILINE | re.DOTALL)
PARTS = re.compile(
    r"(?P<task>.*?)(?:\*\*What the interviewer is after\*\*:\s*(?P<after>.*?))?"
    r"(?:\*\*Follow-ups\*\*:\s*(?P<follow_ups>.*?))?(?:<details>.*)?\Z",
    re.DOTALL,
)
ROWS = re.compile(r"\\begin\{(?P<kind>cases|aligned)\}(?P<rows>.*?)\\end\{(?P=kind)\}")
DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)


class Broken(Exception):
    """An answer that cannot be run, with the reason in words."""


@dataclass(frozen=True)
class Exercise:
    """An exercise with its statement in parts: what is asked, what the interviewer is after, and what comes then."""

    item: Item
    section: str
    task: str
    after: str
    follow_ups: tuple[str, ...]


def exercises(unit: Unit) -> dict[str, Exercise]:
    """The coding exercises of a unit by their ids, in order. A section's own text is part of each of its tasks."""
    found: dict[str, Exercise] = {}
    section, about = unit.topic, ""
    for item in outline(unit):
        if item.kind != "exercise":
            continue
        heading = next(reversed([*HEADING.finditer(item.statement)]), None)
        before, text = _split(item.statement, heading)
        begun = SECTION.search(before)
        if begun:
            section, about = begun["title"].strip(), begun["about"].strip()
        parts = PARTS.fullmatch(text)
        assert parts is not None  # each of them may be missing
        task = _in_lines("\n\n".join(part for part in (about, parts["task"].strip()) if part))
        asked = re.split(r"(?<=\?)\s+", (parts["follow_ups"] or "").strip())
        follow_ups = tuple(question[0].upper() + question[1:] for question in asked if question)
        found[item.id] = Exercise(item, section, task, _in_lines((parts["after"] or "").strip()), follow_ups)
    return found


def _split(statement: str, heading: re.Match[str] | None) -> tuple[str, str]:
    return (statement[: heading.start()], statement[heading.end() :]) if heading else ("", statement)


def _in_lines(markdown: str) -> str:
    """Displayed formulas as paragraphs, and those of several rows as lists: what reads `$…$` reads them so."""
    return DISPLAYED.sub(lambda formula: f"\n\n{_paragraphs(' '.join(formula[1].split()))}\n\n", markdown)


def _paragraphs(formula: str) -> str:
    rows = ROWS.search(formula)
    if not rows:
        return f"${formula}$"
    between = r"\quad" if rows["kind"] == "cases" else ""
    points = "\n".join(f"- ${row.replace('&', between).strip()}$" for row in rows["rows"].split(r"\\"))
    before, after = formula[: rows.start()].strip(), formula[rows.end() :].strip()
    return "\n\n".join([f"${before}$" if before else "", points, f"${after}$" if after else ""])


def engine_for_own_work() -> Engine:
    """What runs the checks: in the sandbox where there is one; one's own work may do without."""
    from dlkit.grading.engine import Engine
    from dlkit.grading.sandbox import available

    try:
        return Engine(boxed=available())
    except UserError:
        return Engine(boxed=False)


class Exam:
    """One exercise, to be answered in the file at `path`."""

    def __init__(self, unit: Unit, exercise: Exercise, path: Path) -> None:
        self._unit, self._item, self.path = unit, exercise.item, path
        self._has_source = unit.notebook("source").is_file()
        self._cells = _alone(unit.read("source" if self._has_source else "notebooks"), self._item.id)
        answers = [cell for cell in self._cells if grade_id_of(cell) == self._item.id]
        if not answers:
            raise UserError(f"The source of {unit.name} has no {self._item.id}: run `dlkit build {unit.name}`.")
        self._answer = answers[0]

    @property
    def reference(self) -> str:
        """The course's answer, or "" where it is not installed."""
        lines = self._answer.source.splitlines() if self._has_source else []
        return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))

    def lay_out(self) -> bool:
        """Write the stub, unless there is a file already; whether it was written."""
        if self.path.exists():
            return False
        about = " · ".join([self._item.title, self._unit.name, f"{self._item.minutes} min"])
        head = [f"# {about}", "# The statement is in the terminal. Save this file, then press Enter there.", ""]
        cells = self._unit.read("notebooks").cells
        stub = next(cell.source for cell in cells if grade_id_of(cell) == self._item.id)
        write_atomic(self.path, "\n".join([*head, *self._there(), "", "", stub, ""]).encode())
        return True

    def _there(self) -> list[str]:
        """The imports above the exercise, and the names that its answer may use and need not define."""
        imports: list[str] = []
        names: list[str] = []
        above = [cell.source for cell in self._cells if cell is not self._answer and role_of(cell) != "check"]
        for statement in ast.parse("\n".join(above)).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                imports.append(ast.unparse(statement))
            else:
                names += sorted(defined_names(ast.unparse(statement)))
        given = f"# Of this unit you have: {', '.join(dict.fromkeys(names))}."
        ours = "from dlkit.check import"  # what the checks speak with
        return [*dict.fromkeys(line for line in imports if not line.startswith(ours)), *(["", given] if names else [])]

    def read(self) -> str:
        """The learner's answer; Broken where there is none that Python could run."""
        try:
            text = self.path.read_text(encoding="utf-8-sig")
            ast.parse(text)
        except UnicodeDecodeError:
            raise Broken(f"{self.path.name} is not UTF-8 text: save it as UTF-8.") from None
        except OSError as error:
            raise Broken(f"{self.path.name} cannot be read: {error.strerror}.") from None
        except SyntaxError as error:
            raise Broken(f"{self.path.name}, line {error.lineno or 1}: {error.msg}.") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Broken(f"{self.path.name} is no Python that can be read ({type(error).__name__}).") from None
        return text

    def grade(self, answer: str, engine: Engine) -> ExerciseResult:
        """Run all checks on an answer."""
        import nbformat

        from dlkit.grading.report import collect

        notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in self._cells])
        for cell in notebook.cells:
            if grade_id_of(cell) == self._item.id:
                cell.source = answer
        return collect(engine.run(notebook), self._unit.name, "").exercises[0]


def _alone(notebook: NotebookNode, id: str) -> list[NotebookNode]:
    """The cells that the checks of one exercise need: what is given above it, and the answers that its own calls."""
    wanted: set[str] = set()
    kept: list[NotebookNode] = []
    for cell in reversed(notebook.cells):
        if not kept and grade_id_of(cell) != f"{id}-check":
            continue
        if grade_id_of(cell) in (id, f"{id}-check") or (
            role_of(cell) == "solve" and defined_names(cell.source) & wanted
        ):
            wanted |= free_names(cell.source)
            kept.append(cell)
        elif role_of(cell) == "given":
            kept.append(cell)
    return kept[::-1]
