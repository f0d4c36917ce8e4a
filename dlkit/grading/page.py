"""The feedback page: what was earned, what is wrong in words, and the learner's own answers beside it.

Everything that a learner wrote is shown as escaped text; nothing of a hidden check but its name and message. The page
loads nothing from anywhere.
"""

from __future__ import annotations

from html import escape

from nbformat import NotebookNode

from dlkit.check.table import html as table
from dlkit.grading.report import Report

__all__ = ["page"]

ANSWER_LIMIT = 20_000
STYLE = """
:root { color-scheme: light dark; --line: #8885; --dim: #777; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin: 2rem 0 .4rem }
.sum { width: 100%; border-collapse: collapse; margin: 1rem 0 }
.sum td, .sum th { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
.sum td:nth-child(2) { text-align: right; white-space: nowrap }
pre { overflow-x: auto; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; font-size: .85rem }
.dim { color: var(--dim) } a { color: inherit }
"""
WORDS = {"passed": "✓", "failed": "✗", "error": "✗", "not_attempted": "○"}


def page(report: Report, notebook: NotebookNode | None) -> str:
    """A whole HTML page for one graded submission."""
    head = f"{escape(report.unit)} · {escape(report.student)}"
    parts = [f"<h1>{head}</h1>"]
    if report.error or notebook is None:
        parts.append(f"<p><strong>Not graded.</strong> {escape(report.error or 'There is no notebook.')}</p>")
    else:
        parts += [f"<p>{report.points:g} of {report.max_points:g} points</p>", _summary(report)]
        answers = _answers(notebook)
        for exercise in report.exercises:
            answer = escape(answers.get(exercise.id, ""))[:ANSWER_LIMIT]
            parts.append(
                f'<h2 id="{escape(exercise.id)}">{escape(exercise.id)}</h2><pre>{answer}</pre>{table(exercise)}'
            )
        for item in report.manual:
            answer = escape(answers.get(item["id"], ""))[:ANSWER_LIMIT]
            note = f"A person marks this answer ({item['max_points']:g} points)."
            parts.append(f"<h2>{escape(item['id'])}</h2><pre>{answer}</pre><p class=dim>{note}</p>")
    title = f"<title>{head}</title>"
    policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    meta = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">{policy}'
    body = "\n".join(parts)
    head = f"<head>{meta}{title}<style>{STYLE}</style></head>"
    return f"<!doctype html>\n<html lang=en>{head}\n<body>\n{body}\n</body></html>\n"


def _answers(notebook: NotebookNode) -> dict[str, str]:
    graders = ((cell.metadata.get("nbgrader", {}), cell.source) for cell in notebook.cells)
    return {grader["grade_id"]: source for grader, source in graders if grader.get("solution")}


def _summary(report: Report) -> str:
    rows = []
    for exercise in report.exercises:
        said = list(dict.fromkeys(check.mistake for check in exercise.checks if check.mistake))
        link = f'<a href="#{escape(exercise.id)}">{escape(exercise.id)}</a>'
        words = "<br>".join(map(escape, said)) if said else ""
        if exercise.status == "not_attempted":
            words = '<span class="dim">not attempted</span>'
        elif exercise.status != "passed" and not said:
            wrong = [check for check in exercise.checks if check.status in ("failed", "error")]
            names = "; ".join(check.name for check in wrong[:3])
            words = escape(wrong[0].message.partition("\n")[0] if exercise.status == "error" else names)
        points = f"{exercise.points:g} / {exercise.max_points:g}"
        rows.append(f"<tr><td>{WORDS[exercise.status]} {link}</td><td>{points}</td><td>{words}</td></tr>")
    return f'<table class="sum">{"".join(rows)}</table>'
