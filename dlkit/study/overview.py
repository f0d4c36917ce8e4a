"""The progress page: points over the days as a picture, each unit, and each exercise with what is due again.

One file that loads nothing and runs nothing; readable on light and on dark.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

from dlkit.course.attempts import attempts_in
from dlkit.course.journal import Entry
from dlkit.course.outline import Item, outline
from dlkit.course.progress import Progress, Standing, progress_of
from dlkit.course.units import Unit
from dlkit.study.moments import again, day, in_words

__all__ = ["overview"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --dim: #59636e; --accent: #0969da; --good: #1a7f37; --bad: #b3261e;
  --due: #9a6700; --empty: #e6eaef }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --dim: #9198a1; --accent: #58a6ff; --good: #3fb950;
  --bad: #f2857b; --due: #d29922; --empty: #2b313a } body { background: #0d1117; color: #e6edf3 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem } p { margin: .2rem 0 }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 1.2rem 0; padding: 0; list-style: none }
.facts strong { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.dim, .facts { color: var(--dim) } .facts strong { color: CanvasText }
.wide { overflow-x: auto } .wide svg { display: block; width: 100%; min-width: 36rem; height: auto }
svg text { font: 12px system-ui, sans-serif; fill: var(--dim) } svg .total { font-weight: 600; fill: var(--accent) }
.grid { stroke: var(--line) } .area, circle { fill: var(--accent) } .area { opacity: .12 }
.rise { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; white-space: nowrap }
td:first-child { white-space: normal; min-width: 11rem } td:last-child { white-space: normal; min-width: 9rem }
dt { font-weight: 600; margin-top: .5rem } dd { margin: 0 }
th { font-weight: 600; color: var(--dim); font-size: .88rem } .n { text-align: right }
.bar { display: block; width: 7rem; height: .55rem; border-radius: .3rem; background: var(--empty) }
.bar i { display: block; height: 100%; border-radius: .3rem; background: var(--accent) }
.passed { color: var(--good) } .failed, .error { color: var(--bad) } .due { color: var(--due); font-weight: 600 }
details { margin: .3rem 0 } summary { cursor: pointer; padding: .2rem 0 }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em }
"""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 230, 44, 46, 14, 28
STATES = {"passed": "✓ passed", "answered": "answered", "failed": "✗ failed", "error": "✗ failed", "not_attempted": "–"}


def overview(units: list[Unit], entries: list[Entry], now: datetime) -> str:
    """A whole HTML page."""
    rows = [progress_of(unit, entries, now) for unit in units]
    titles = {unit.name: {item.id: item for item in outline(unit)} for unit in units}
    parts = [
        f'<h1>Your progress</h1><p class="dim">{now.astimezone():%Y-%m-%d %H:%M}</p>',
        _facts(rows, now),
        "<h2>Points over time</h2>",
        _picture(_totals(rows, entries, now), now),
        "<h2>Units</h2>",
        _units(rows, titles, now),
        _due(rows, titles),
        "<h2>Exercises</h2>",
        *(_exercises(row, titles[row.unit], now) for row in rows),
    ]
    meta = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    )
    head = f"<head>{meta}<title>Your progress</title><style>{STYLE}</style></head>"
    body = "\n".join(part for part in parts if part)
    return f"<!doctype html>\n<html lang=en>{head}\n<body>\n{body}\n</body></html>\n"


def _facts(rows: list[Progress], now: datetime) -> str:
    due = sum(len(row.due) for row in rows)
    last = max((row.last for row in rows if row.last), default=None)
    facts = [
        (f"{sum(row.points for row in rows):g}", f"of {sum(row.max_points for row in rows):g} points"),
        (f"{sum(row.passed for row in rows)}", f"of {sum(row.exercises for row in rows)} exercises and questions"),
        (f"{sum(row.submissions for row in rows)}", "times handed in"),
        (f"{due}", "due again"),
        (in_words(last, now) if last else "–", "last visit"),
    ]
    return f'<ul class="facts">{"".join(f"<li><strong>{fact}</strong>{name}</li>" for fact, name in facts)}</ul>'


def _totals(rows: list[Progress], entries: list[Entry], now: datetime) -> list[tuple[datetime, float, str]]:
    """When the points handed in grew: the moment, the points of all units together from then on, and the unit."""
    handed = [
        (attempt.time, row.unit, attempt.points)
        for row in rows
        for attempt in attempts_in(row.unit, entries, now)
        if attempt.kind == "submit"
    ]
    best: dict[str, float] = {}
    found = []
    for time, unit, points in sorted(handed):
        if points > best.get(unit, 0.0):
            best[unit] = points
            found.append((time, sum(best.values()), unit))
    return found


def _picture(totals: list[tuple[datetime, float, str]], now: datetime) -> str:
    """A line that steps up whenever the points grew."""
    if not totals:
        return '<p class="dim">Nothing has earned points yet: hand in a unit with <code>dlkit submit UNIT</code>.</p>'
    begin = min(totals[0][0], now - timedelta(hours=1))
    step = _step(totals[-1][1])
    top = step * -(-totals[-1][1] // step)

    def x(time: datetime) -> float:
        return round(LEFT + (time - begin) / (now - begin) * (WIDTH - LEFT - RIGHT), 1)

    def y(points: float) -> float:
        return round(HEIGHT - BOTTOM - points / top * (HEIGHT - TOP - BOTTOM), 1)

    line = f"M{x(begin)} {y(0)}" + "".join(f"H{x(time)}V{y(points)}" for time, points, _ in totals) + f"H{x(now)}"
    grid = "".join(
        f'<path d="M{LEFT} {y(level)}H{WIDTH - RIGHT}" class="grid"/>'
        f'<text x="{LEFT - 8}" y="{y(level) + 4}" text-anchor="end">{level:g}</text>'
        for level in (step * count for count in range(round(top / step) + 1))
    )
    marks = "".join(
        f'<text x="{x(time)}" y="{HEIGHT - 8}" text-anchor="middle">{label}</text>'
        for time, label in _marks(begin, now)
    )
    dots = "".join(
        f'<circle cx="{x(time)}" cy="{y(points)}" r="3.5">'
        f"<title>{escape(unit)}: {points:g} points in all, {day(time)}</title></circle>"
        for time, points, unit in totals
    )
    total = f'<text class="total" x="{x(now) + 7}" y="{y(totals[-1][1]) + 4}">{totals[-1][1]:g}</text>'
    return (
        f'<div class="wide"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Points handed in since {day(begin)}, now {totals[-1][1]:g}">{grid}{marks}'
        f'<path d="{line}V{y(0)}Z" class="area"/>'
        f'<path d="{line}" class="rise"/>'
        f"{dots}{total}</svg></div>"
    )


def _step(most: float) -> float:
    """The distance of the lines behind the picture: 1, 2 or 5 times a power of ten, three to six of them."""
    size = 1.0
    while True:
        for factor in (1, 2, 5):
            if most <= 5 * factor * size:
                return factor * size
        size *= 10


def _marks(begin: datetime, now: datetime) -> list[tuple[datetime, str]]:
    """What stands below the picture: hours on the first two days, then days, at most seven."""
    if now - begin < timedelta(days=2):
        times = [begin + (now - begin) * count / 4 for count in range(5)]
        return [(time, f"{time.astimezone():%H:%M}") for time in times]
    first = begin.astimezone().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    days = (now - first).days
    times = [first + timedelta(days=count) for count in range(0, days + 1, days // 7 + 1)]
    return [(time, f"{time.day} {time:%b}" if days < 300 else f"{time:%b %Y}") for time in times]


def _units(rows: list[Progress], titles: dict[str, dict[str, Item]], now: datetime) -> str:
    names = ("unit", "", "points", "first", "passed", "handed in", "checked", "quiz", "due", "last visit", "next")
    lines = [_line(names, "th")]
    for row in rows:
        share = min(row.points / row.max_points, 1.0) if row.max_points else 0.0
        following = titles[row.unit].get(row.next or "")
        cells = (
            f"<strong>{_name(titles[row.unit])}</strong>",
            f'<span class="bar"><i style="width:{share:.0%}"></i></span>',
            f"{row.points:g} / {row.max_points:g}",
            "–" if row.first is None else f"{row.first:g}",
            f"{row.passed} / {row.exercises}",
            str(row.submissions),
            str(row.checks),
            f"{row.known} / {row.asked}" if row.asked else "–",
            f'<span class="due">{len(row.due)}</span>' if row.due else "–",
            in_words(row.last, now) if row.last else "–",
            escape(following.title if following else row.next or "done"),
        )
        lines.append(_line(cells, "td"))
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _line(cells: tuple[str, ...], tag: str) -> str:
    """A row of the table of units; what stands from the third cell to the ninth is numbers."""
    return f"<tr>{''.join(f'<{tag}{_side(n)}>{cell}</{tag}>' for n, cell in enumerate(cells))}</tr>"


def _side(number: int) -> str:
    return ' class="n"' if 2 <= number <= 8 else ""


def _due(rows: list[Progress], titles: dict[str, dict[str, Item]]) -> str:
    lines = []
    for row in rows:
        names = {item.id: _title(item, titles[row.unit]) for item in row.items}
        if row.due:
            lines.append(f"<dt>{_name(titles[row.unit])}</dt><dd>{' · '.join(names[id] for id in row.due)}</dd>")
    if not lines:
        return ""
    text = "<p>You solved these some time ago. <code>dlkit review</code> gives you a copy in which they are blank.</p>"
    return f"<h2>Due again</h2>{text}<dl>{''.join(lines)}</dl>"


def _exercises(row: Progress, titles: dict[str, Item], now: datetime) -> str:
    names = ("exercise", "level", "state", "points", "attempts", "first passed", "last visit", "due again")
    head = "".join(f"<th>{name}</th>" for name in names)
    lines = "".join(_exercise(item, titles, now) for item in row.items)
    summary = f"<summary>{_name(titles)} <span class=dim>{row.passed} of {row.exercises}</span></summary>"
    return f'<details>{summary}<div class="wide"><table><tr>{head}</tr>{lines}</table></div></details>'


def _exercise(item: Standing, titles: dict[str, Item], now: datetime) -> str:
    due = again(item.due, now)
    cells = (
        _title(item, titles),
        titles[item.id].stars if item.id in titles else "",
        f'<span class="{escape(item.status)}">{STATES[item.status]}</span>',
        f"{'–' if item.points is None else f'{item.points:g}'} / {item.max_points:g}",
        str(item.attempts),
        day(item.passed) if item.passed else "–",
        in_words(item.last, now) if item.last else "–",
        f'<span class="due">{due}</span>' if due == "now" else due,
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _title(item: Standing, titles: dict[str, Item]) -> str:
    return escape(titles[item.id].title if item.id in titles else item.id)


def _name(titles: dict[str, Item]) -> str:
    return escape(next(iter(titles.values())).chapter)
