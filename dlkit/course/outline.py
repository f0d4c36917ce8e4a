"""What a unit consists of, read from its release: its exercises in order, each with level, time and place."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any

from dlkit.course.units import Unit

__all__ = ["Item", "outline"]

HEADING = re.compile(r"^#{2,4} (?P<title>.+?)(?: (?P<stars>★[★ +]*?))?(?: · (?P<minutes>\d+) min)?$", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """One exercise or question: `place` is the id of the Markdown cell that states it, `statement` its text.

    title, stars ("★★", "" for questions) and minutes (0 where the heading names none) are those of its heading.
    chapter: the unit's heading, "01 · Activations". kind: "exercise", "question" or "written", which a person marks.
    """

    unit: str
    chapter: str
    id: str
    kind: str
    title: str
    stars: str
    minutes: int
    points: float
    place: str
    statement: str


def outline(unit: Unit) -> list[Item]:
    """The exercises and questions of a unit, in the order of its notebook."""
    return list(_read(unit, _written(unit)))


def _written(unit: Unit) -> int:
    try:
        return unit.notebook("notebooks").stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=64)
def _read(unit: Unit, written: int) -> tuple[Item, ...]:
    """The items of a release that was written then. Plain JSON: a hundred times as fast as nbformat."""
    try:
        cells = json.loads(unit.notebook("notebooks").read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        cells = unit.read("notebooks").cells  # says what is wrong with it
    items: list[Item] = []
    title, place, statement = unit.name, "", ""
    for cell in cells:
        grader, source = cell["metadata"].get("nbgrader", {}), "".join(cell["source"])
        if cell["cell_type"] == "markdown" and not grader:
            place, statement = cell.get("id", ""), source
            if source.startswith("# "):
                title = source.partition("\n")[0].removeprefix("# ")
        elif grader.get("grade"):
            items.append(_item((unit.name, title), grader, cell["cell_type"], place, statement))
    return tuple(items)


def _item(unit: tuple[str, str], grader: Any, cell_type: str, place: str, statement: str) -> Item:
    id = str(grader["grade_id"]).removesuffix("-check")
    kind = "written" if cell_type == "markdown" else "question" if id.startswith("q-") else "exercise"
    heading = next(reversed([*HEADING.finditer(statement)]), None) if kind == "exercise" else None
    return Item(
        unit=unit[0],
        chapter=unit[1],
        id=id,
        kind=kind,
        title=heading["title"] if heading else id.removeprefix("q-").removeprefix("a-").replace("-", " "),
        stars=(heading["stars"] or "").strip() if heading else "",
        minutes=int(heading["minutes"] or 0) if heading else 0,
        points=float(grader["points"]),
        place=place,
        statement=statement,
    )
