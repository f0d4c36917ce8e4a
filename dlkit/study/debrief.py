"""What an interview comes to: points by topic and by kind, time against its budget, and what to study.

It follows from the interview alone, as Markdown for the terminal and the report, and as one JSON object.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dlkit.study.interview import Interview, Record
from dlkit.study.plan import CODING, Slot

__all__ = ["clock_time", "report", "report_page"]

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")

Asked = list[tuple[Slot, Record]]


def clock_time(seconds: float) -> str:
    """12:05, or 1:12:05."""
    whole = max(0, int(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def report(interview: Interview) -> dict[str, Any]:
    """The object that `--json` prints."""
    asked = _asked(interview)
    return {
        "seed": interview.seed,
        "minutes": interview.minutes,
        "units": interview.units,
        "seconds": round(interview.spent),
        **_points(asked),
        "asked": len(asked),
        "planned": len(interview.slots),
        "topics": {topic: _points(part) for topic, part in _parts(asked, _topic(interview)).items()},
        "kinds": {kind: _points(part) for kind, part in _parts(asked, lambda slot: slot.kind).items()},
        "items": [_item(slot, record) for slot, record in asked],
    }


def _item(slot: Slot, record: Record) -> dict[str, Any]:
    named = {key: getattr(slot, key) for key in ("unit", "kind", "id", "cell", "title", "topic", "place")}
    return {
        **named,
        **_points([(slot, record)]),
        "seconds": round(_seconds(record)),
        "budget": 60 * slot.minutes,
        "late": record.late,
        "tries": record.tries,
        "faults": record.faults,
        "follow_ups": [{"question": question, "answer": answer} for question, answer in record.said],
    }


def _asked(interview: Interview) -> Asked:
    """The items that came to their end."""
    return [pair for pair in zip(interview.slots, interview.records, strict=False) if pair[1].seconds is not None]


def _seconds(record: Record) -> float:
    return record.seconds or 0.0


def _points(asked: Asked) -> dict[str, float]:
    points = sum((record.share or 0.0) * slot.points for slot, record in asked)
    return {"points": round(points, 3), "max_points": sum(slot.points for slot, _ in asked)}


def _topic(interview: Interview) -> Callable[[Slot], str]:
    """What to sum by: units where there are several, else the topics of the one."""
    several = len({slot.unit for slot in interview.slots}) > 1
    return lambda slot: slot.unit if several else slot.topic.replace("-", " ")


def _parts(asked: Asked, name: Callable[[Slot], str]) -> dict[str, Asked]:
    parts: dict[str, Asked] = {}
    for slot, record in asked:
        parts.setdefault(name(slot), []).append((slot, record))
    return dict(sorted(parts.items()))


def report_page(interview: Interview, terminal: bool = False) -> str:
    """The report as Markdown. A terminal is given no links, and not all questions and answers again."""
    asked = _asked(interview)
    total = _points(asked)
    seed = f"--minutes {interview.minutes} --seed {interview.seed}"
    units = f" --units {','.join(interview.units)}" if interview.units else ""
    left = len(interview.slots) - len(asked)
    lines = [
        f"# Mock interview, {interview.began[:10]}",
        "",
        f"**{_of(total)} points** in {clock_time(interview.spent)} of {clock_time(interview.seconds)}. "
        + (f"{left} of {len(interview.slots)} items were not reached. " if left else "")
        + f"`dlkit interview {seed}{units}` asks the same again.",
        "",
        "| | item | kind | points | time | budget |",
        "|--:|:--|:--|--:|--:|--:|",
        *(_row(number, slot, record) for number, (slot, record) in enumerate(asked, 1)),
        "",
        *_sums("topic", _parts(asked, _topic(interview))),
        *_sums("kind", _parts(asked, lambda slot: slot.kind)),
        *_study(asked, not terminal),
        *([] if terminal else _said(asked)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _of(points: dict[str, float]) -> str:
    return f"{points['points']:.4g} of {points['max_points']:g}"


def _row(number: int, slot: Slot, record: Record) -> str:
    tries = f", {record.tries} {'try' if record.tries == 1 else 'tries'}" if slot.kind == CODING else ""
    took = clock_time(_seconds(record)) + (" late" if record.late else "")
    points = _of(_points([(slot, record)]))
    cells = (number, f"{slot.title} {slot.stars}", f"{slot.kind}{tries}", points, took, f"{slot.minutes}:00")
    return f"| {' | '.join(map(str, cells))} |"


def _sums(name: str, parts: dict[str, Asked]) -> list[str]:
    rows = [f"| {key} | {_of(_points(part))} |" for key, part in parts.items()]
    return [f"| {name} | points |", "|:--|--:|", *rows, ""]


def _study(asked: Asked, links: bool) -> list[str]:
    """Each item that fell short, those with the most points missing first."""
    weak = [(slot, record) for slot, record in asked if (record.share or 0.0) < 1]
    if not weak:
        return ["All of it was right. `dlkit progress` says what comes next.", ""] if asked else []
    weak.sort(key=lambda pair: (pair[1].share or 0.0) * pair[0].points - pair[0].points)
    lines = ["## What to study", ""]
    for slot, record in weak:
        place = f"#cell-id={slot.place}" if slot.place else ""
        title = f"[{slot.title}](../../{slot.unit}/{slot.unit}.ipynb{place})" if links else slot.title
        cell = f" · `{slot.cell}`" if slot.place else ""
        lines.append(f"- **{title}** {slot.stars} · {slot.unit}{cell}")
        if links and slot.kind != CODING:
            lines.append(f"    - asked: {_joined(record.asked)}")
        lines += [f"    - {_fault(slot, fault)}" for fault in record.faults]
    return [*lines, ""]


def _fault(slot: Slot, fault: str) -> str:
    """Checks speak plain text; questions and rubrics are Markdown already."""
    if slot.kind == CODING:
        return _escaped(fault)
    return f"missing: {_joined(fault)}" if slot.kind == "open" else _joined(fault)


def _said(asked: Asked) -> list[str]:
    """The answers in lines, which nobody but their author marks."""
    lines: list[str] = []
    for slot, record in asked:
        for question, answer in [(record.asked, record.typed or "")] if slot.kind == "open" else record.said:
            quoted = [f"> {_escaped(line)}  " for line in answer.splitlines()] or ["> –"]
            lines += ["", f"**{slot.title}.** {_joined(question)}", "", *quoted]
    return ["## What you said", *lines, ""] if lines else []


def _joined(markdown: str) -> str:
    return " ".join(markdown.split())


def _escaped(text: str) -> str:
    """Plain text, as Markdown that no formula is looked for in."""
    return MARKUP.sub(r"\\\1", _joined(text).replace("&", "&amp;")).replace("$", "&dollar;")
