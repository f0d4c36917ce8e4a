"""The table under a check cell: HTML for Jupyter, plain text elsewhere. Readable on light and on dark."""

from __future__ import annotations

from html import escape

from dlkit.check.result import CheckResult, ExerciseResult

__all__ = ["html", "text"]

MARKS = {"passed": "✓", "failed": "✗", "error": "✗", "not_attempted": "○"}
COLOURS = {"passed": "#2da44e", "failed": "#e5534b", "error": "#e5534b", "not_attempted": "#8b949e"}
MONO = "white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em"
PRINTED = 500


def _points(result: ExerciseResult) -> str:
    if result.unmarked:
        return "answered; marked when you hand in"
    if result.hidden_left:
        passed = sum(check.status == "passed" for check in result.checks)
        return f"{passed} of {len(result.checks)} checks here"
    return f"{result.points:g} / {result.max_points:g} points"


def _notes(result: ExerciseResult) -> list[str]:
    """The recognised mistakes, each once, in the order of the checks that met them."""
    return list(dict.fromkeys(check.mistake for check in result.checks if check.mistake))


def _footer(result: ExerciseResult) -> str:
    if not result.hidden_left or result.unmarked:
        return ""
    return f"{result.hidden_left} more {'check runs' if result.hidden_left == 1 else 'checks run'} when you hand in."


def _label(check: CheckResult) -> str:
    return f"{check.name} (hidden)" if check.hidden else check.name


def text(result: ExerciseResult) -> str:
    """The table as plain text."""
    head, points = f" {result.id}", _points(result)
    lines = [f"{head}{points:>{max(79 - len(head), len(points) + 2)}}"]
    if result.status == "not_attempted":
        lines.append(f" {MARKS['not_attempted']} not attempted yet")
    else:
        for check in result.checks:
            lines.append(f" {MARKS[check.status]} {_label(check)}")
            if check.status == "not_attempted":
                lines[-1] += ": not attempted"
            lines += [f"     {line}" for line in check.message.splitlines()]
            if check.printed and check.status != "passed":
                lines += [f"     printed: {line}" for line in check.printed[:PRINTED].splitlines()]
        lines += [f" ! {note}" for note in _notes(result)]
    footer = _footer(result)
    return "\n".join([*lines, f" {footer}"] if footer else lines)


def _row(check: CheckResult) -> str:
    mark = f'<span style="color:{COLOURS[check.status]};font-weight:bold">{MARKS[check.status]}</span>'
    body = escape(_label(check))
    if check.status == "not_attempted":
        body += ' <span style="opacity:.7">not attempted</span>'
    if check.message:
        body += f'<div style="{MONO};margin:.2em 0 .3em .2em">{escape(check.message)}</div>'
    if check.printed and check.status != "passed":
        body += f'<div style="{MONO};opacity:.7">printed: {escape(check.printed[:PRINTED])}</div>'
    cell = "text-align:left;vertical-align:top;padding:.15em .5em;border:0"
    # JupyterLab fixes a table's columns by its first row, so the mark's column needs a width of its own.
    first, second = f'<td style="{cell};width:1em">{mark}</td>', f'<td style="{cell}">{body}</td>'
    return f'<tr style="background:none">{first}{second}</tr>'


def html(result: ExerciseResult) -> str:
    """The table as HTML, with styles of its own and nothing that a theme would have to know."""
    colour = COLOURS[result.status]
    head = (
        '<div style="display:flex;justify-content:space-between;flex-wrap:wrap;gap:0 1em">'
        f'<strong style="font-family:ui-monospace,Menlo,Consolas,monospace">{escape(result.id)}</strong>'
        f"<strong>{_points(result)}</strong></div>"
    )
    if result.status == "not_attempted":
        body = f'<div style="color:{COLOURS["not_attempted"]}">{MARKS["not_attempted"]} not attempted yet</div>'
    else:
        rows = "".join(map(_row, result.checks))
        style = "border-collapse:collapse;width:100%;margin:.3em 0;font-size:inherit"
        body = f'<table style="{style}"><tbody>{rows}</tbody></table>'
        for note in _notes(result):
            body += (
                '<div style="border-left:3px solid #d29922;padding:.2em .6em;margin:.3em 0">'
                f"<strong>Likely cause.</strong> {escape(note)}</div>"
            )
    if _footer(result):
        body += f'<div style="opacity:.7;font-size:.92em">{_footer(result)}</div>'
    return f'<div style="border-left:4px solid {colour};padding:.2em .8em;max-width:60em">{head}{body}</div>'
