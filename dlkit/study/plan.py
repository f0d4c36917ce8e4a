"""The plan of a mock interview: what is asked, in which order, drawn from the seed before it starts.

Only whole numbers are drawn and compared, so that a seed gives the same plan on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dlkit.course.outline import outline
from dlkit.course.units import Unit
from dlkit.study.asking import cell_id, lot
from dlkit.study.coding import Exercise, exercises
from dlkit.study.quiz import pool

__all__ = ["CODING", "Slot", "candidates", "draw_plan"]

CODING = "coding"
MINUTES = {"choice": 2, "number": 2, "open": 4}
UNKNOWN = 10
"""Minutes for an exercise whose heading names none."""


@dataclass(frozen=True)
class Slot:
    """One item: `kind` is "choice", "number", "open" or CODING, `cell` the id that the log and the notebooks know.

    `place` is the cell of the unit's notebook that states it, "" where it is not in the notebook.
    """

    unit: str
    kind: str
    id: str
    cell: str
    title: str
    stars: str
    topic: str
    minutes: int
    points: float
    place: str


Candidate = tuple[Slot, int]
"""A slot and its weight: twice the weight, twice as likely to come before another."""


def candidates(units: Iterable[Unit]) -> list[Candidate]:
    """What may be asked: a question weighs its level, an exercise its points, which grow with the level.

    Each question after an exercise is given a minute.
    """
    found: list[Candidate] = []
    for unit in units:
        places = {item.id: item.place for item in outline(unit)}
        for (_, id), question in pool([unit]).items():
            slot = Slot(
                unit=unit.name,
                kind=(kind := type(question).__name__.lower()),
                id=id,
                cell=cell_id(question),
                title=question.topic.replace("-", " "),
                stars="★" * question.level,
                topic=question.topic,
                minutes=MINUTES[kind],
                points=1.0,
                place=places.get(cell_id(question), ""),
            )
            found.append((slot, question.level))
        found += [(_slot(exercise), max(1, round(exercise.item.points))) for exercise in exercises(unit).values()]
    return found


def _slot(exercise: Exercise) -> Slot:
    item = exercise.item
    return Slot(
        unit=item.unit,
        kind=CODING,
        id=item.id,
        cell=item.id,
        title=item.title,
        stars=item.stars,
        topic=exercise.section,
        minutes=(item.minutes or UNKNOWN) + len(exercise.follow_ups),
        points=item.points,
        place=item.place,
    )


def draw_plan(found: Sequence[Candidate], minutes: int, seed: int) -> list[Slot]:
    """Questions and exercises by turns, a question first, until the minutes are filled.

    No two of the same topic in a row, and none twice where others are left; with three units or more, no two of the
    same unit in a row.
    """

    def rank(candidate: Candidate) -> int:
        slot, weight = candidate
        return max(lot(seed, slot.unit, slot.id, draw) for draw in range(weight))

    ranked = [slot for slot, _ in sorted(found, key=rank, reverse=True)]
    many = len({slot.unit for slot in ranked}) > 2
    plan: list[Slot] = []
    left = minutes
    while True:
        last = plan[-1] if plan else None
        topics = {(slot.unit, slot.topic) for slot in plan}
        apart = [
            slot
            for slot in ranked
            if slot.minutes <= left
            and slot not in plan
            and not (last and slot.unit == last.unit and (many or slot.topic == last.topic))
        ]
        turn = [slot for slot in apart if (slot.kind == CODING) == bool(last and last.kind != CODING)] or apart
        new = [slot for slot in turn if (slot.unit, slot.topic) not in topics] or turn
        if not new:
            return plan
        plan.append(new[0])
        left -= new[0].minutes
