"""What grading tells: one report per notebook, as `--json` and as a page in the terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from nbformat import NotebookNode
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from dlkit.check.result import MIME, CheckResult, ExerciseResult

__all__ = ["Report", "collect", "explain", "print_report", "written_answers"]

BLANK = "*Your answer here.*"

MARKS = {"passed": "[green]✓[/]", "failed": "[red]✗[/]", "error": "[red]✗[/]", "not_attempted": "[dim]○[/]"}


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
        return float(sum(exercise.max_points for exercise in self.exercises))

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
    exercises = []
    errors: dict[str, str] = {}
    for cell in notebook.cells:
        grader = cell.metadata.get("nbgrader", {})
        id = grader.get("grade_id", "")
        if cell.cell_type == "code" and grader.get("solution"):
            errors[id] = _error(cell)
        elif cell.cell_type == "code" and grader.get("grade"):
            name = id.removesuffix("-check")
            result = _result(cell, name, float(grader["points"]))
            exercises.append(explain(result, errors.get(name, "")))
    return Report(unit, student, tuple(exercises), written_answers(notebook))


def written_answers(notebook: NotebookNode) -> tuple[dict[str, Any], ...]:
    """The answers that a person marks: their ids, their points, and whether there is something to mark."""
    found = []
    for cell in notebook.cells:
        grader = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and grader.get("grade") and grader.get("solution"):
            status = "not_attempted" if cell.source.strip() in ("", BLANK) else "written"
            found.append({"id": grader["grade_id"], "max_points": grader["points"], "status": status})
    return tuple(found)


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
    width = max((len(exercise.id) for exercise in report.exercises), default=0)
    for exercise in report.exercises:
        if exercise.status != "not_attempted":
            console.print(f"{MARKS[exercise.status]} [bold]{escape(exercise.id):<{width}}[/]  {_points(exercise)}")
            for text in _words(exercise):
                console.print(Padding(text, (0, 0, 0, 4)))
    idle = [exercise.id for exercise in report.exercises if exercise.status == "not_attempted"]
    if idle:
        console.print(f"{MARKS['not_attempted']} [dim]not attempted ({len(idle)}): {escape(', '.join(idle))}[/]")
    unmarked = [exercise for exercise in report.exercises if exercise.unmarked]
    marked = report.max_points - sum(exercise.max_points for exercise in unmarked)
    console.print(f"\n[bold]{escape(report.unit)} · {report.points:g} of {marked:g} points[/]")
    if unmarked:
        console.print(f"{len(unmarked)} questions are answered and marked when you hand in.")
    waiting = [item for item in report.manual if item["status"] == "written"]
    if waiting:
        points = sum(item["max_points"] for item in waiting)
        console.print(f"{len(waiting)} of {len(report.manual)} written answers wait for a person ({points:g} points).")
    for note in (*report.notes, where):
        if note:
            console.print(note, soft_wrap=True, markup=False, highlight=False)


def _points(exercise: ExerciseResult) -> str:
    if exercise.unmarked:
        return "answered; marked when you hand in"
    if exercise.hidden_left:
        return f"{sum(c.status == 'passed' for c in exercise.checks)} of {len(exercise.checks)} checks"
    return f"{exercise.points:g} / {exercise.max_points:g}"


def _words(exercise: ExerciseResult) -> list[str]:
    """What to say of an exercise that falls short: the mistake if it was recognised, else the first failure."""
    wrong = [check for check in exercise.checks if check.status in ("failed", "error")]
    if not wrong:
        return []
    names = "; ".join(f"{check.name}{' (hidden)' if check.hidden else ''}" for check in wrong[:3])
    more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    mistakes = list(dict.fromkeys(check.mistake for check in wrong if check.mistake))
    told = [f"[yellow]{escape(sentence)}[/]" for sentence in mistakes] or [escape(wrong[0].message)]
    return [f"[dim]fails: {escape(names)}{more}[/]", *told]
