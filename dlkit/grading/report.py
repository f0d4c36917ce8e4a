"""What grading tells: one report per notebook, as `--json` and as a page in the terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dlkit.check.result import MIME, CheckResult, ExerciseResult

__all__ = ["Report", "collect", "print_report"]

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "error": "[red]✗[/]", "not_attempted": "[dim]○[/]"}
WORDS = {"passed": "passed", "failed": "not yet", "error": "error", "not_attempted": "not attempted"}


@dataclass(frozen=True)
class Report:
    """One graded notebook. `manual` lists the answers that a person marks: their ids, points and whether written."""

    unit: str
    student: str
    exercises: tuple[ExerciseResult, ...] = ()
    manual: tuple[dict[str, Any], ...] = ()
    error: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def points(self) -> float:
        return round(sum(exercise.points for exercise in self.exercises), 3)

    @property
    def max_points(self) -> float:
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def full(self) -> bool:
        """Every point that a program can give was earned."""
        return self.error is None and bool(self.exercises) and all(e.status == "passed" for e in self.exercises)

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            "unit": self.unit,
            "student": self.student,
            "points": self.points,
            "max_points": self.max_points,
            "exercises": [exercise.to_json() for exercise in self.exercises],
            "manual": list(self.manual),
            "error": self.error,
        }


def collect(notebook: NotebookNode, unit: str, student: str) -> Report:
    """The report of an executed notebook, read from the outputs of its check cells.

    An exercise without a result has failed: its check cell raised, or was stopped. Where the answer's own cell raised,
    every check that it left undefined says so.
    """
    exercises, manual = [], []
    errors: dict[str, str] = {}
    for cell in notebook.cells:
        grader = cell.metadata.get("nbgrader", {})
        id = grader.get("grade_id", "")
        if cell.cell_type == "code" and grader.get("solution"):
            errors[id] = _error(cell)
        elif grader.get("grade") and grader.get("solution"):
            written = cell.source.strip() not in ("", "*Your answer here.*")
            manual.append(
                {"id": id, "max_points": grader["points"], "status": "written" if written else "not_attempted"}
            )
        elif cell.cell_type == "code" and grader.get("grade"):
            name = id.removesuffix("-check")
            result = _result(cell, name, float(grader["points"]))
            exercises.append(explain(result, errors.get(name, "")))
    return Report(unit, student, tuple(exercises), tuple(manual))


def _error(cell: NotebookNode) -> str:
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            # IPython names the cell by a number that changes from run to run: "(123.py, line 4)".
            text = re.sub(r"\((?:<.*?>|\d+\.py), line (\d+)\)", r"(line \1)", output.evalue.partition("\n")[0])
            return f"{output.ename}: {text[:200]}"
    return ""


def _result(cell: NotebookNode, id: str, points: float) -> ExerciseResult:
    for output in cell.get("outputs", ()):
        data = output.get("data", {}).get(MIME)
        if output.output_type == "execute_result" and data is not None:
            return ExerciseResult.from_mime(data)
    reason = _error(cell) or "the check cell did not run to its end"
    check = CheckResult("the checks ran", hidden=False, status="error", message=reason)
    return ExerciseResult(id, 0.0, points, "error", (check,))


def explain(result: ExerciseResult, error: str) -> ExerciseResult:
    """Say in the checks of an exercise that its answer's cell raised, where they only know that a name is missing."""
    if not error:
        return result
    text = f"the answer's cell raised {error}"
    checks = tuple(
        replace(check, message=text) if check.status == "error" and "is not defined" in check.message else check
        for check in result.checks
    )
    return replace(result, checks=checks)


def print_report(report: Report, console: Console, where: str = "") -> None:
    """The report for a person: a line per exercise, and what is wrong in words under each that falls short."""
    if report.error:
        text = f"[red]{escape(report.unit)} · {escape(report.student)}: {escape(report.error)}[/]"
        console.print(text, soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for exercise in report.exercises:
        points = f"{exercise.points:g} / {exercise.max_points:g}"
        if exercise.hidden_left:
            points = f"{sum(c.status == 'passed' for c in exercise.checks)} of {len(exercise.checks)}"
        table.add_row(MARKS[exercise.status], escape(exercise.id), points, _words(exercise))
    console.print(table)
    console.print(f"\n[bold]{escape(report.unit)} · {report.points:g} of {report.max_points:g} points[/]")
    waiting = [item for item in report.manual if item["status"] == "written"]
    if report.manual:
        console.print(f"{len(waiting)} of {len(report.manual)} written answers wait for a person to mark them.")
    for note in (*report.notes, where):
        if note:
            console.print(note, soft_wrap=True, markup=False, highlight=False)


def _words(exercise: ExerciseResult) -> str:
    """What to say of an exercise in a table cell: the mistake if it was recognised, else the first failure."""
    if exercise.status in ("passed", "not_attempted"):
        return f"[dim]{WORDS[exercise.status]}[/]" if exercise.status != "passed" else ""
    wrong = [check for check in exercise.checks if check.status in ("failed", "error")]
    mistakes = list(dict.fromkeys(check.mistake for check in wrong if check.mistake))
    names = ", ".join(f"{check.name}{' (hidden)' if check.hidden else ''}" for check in wrong[:3])
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    lines = [f"[dim]fails:[/] {escape(names)}{more}"]
    lines += [f"[yellow]{escape(sentence)}[/]" for sentence in mistakes]
    if not mistakes:
        lines += [escape(line) for line in wrong[0].message.splitlines()[:4]]
    return "\n".join(lines)
