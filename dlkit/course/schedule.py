"""When an exercise that was solved is offered again: after growing intervals, replayed from the log of attempts.

The first pass starts an exercise's card. After that, only what was written from a blank (a review copy, an interview)
says anything about memory, and only when it was due: a check of the notebook in which the answer still stands may be
run ten times a day and moves nothing. Nothing is stored but the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dlkit.course.attempts import Attempt

__all__ = ["Recall", "recalls"]

SOLVING = ("submit", "check", "watch", "review")
FROM_BLANK = ("review", "interview")
EARLY = timedelta(hours=6)
"""What was solved in the evening is due all of its day, not from that evening on."""


@dataclass(frozen=True)
class Recall:
    """An exercise that was solved: when it is due again, and whether the last review fell short and was not mended."""

    due: datetime
    failed: bool


def recalls(attempts: Iterable[Attempt]) -> dict[str, Recall]:
    """The exercises of one unit that were solved. Questions come back in the quiz, so they are not among them.

    A review that passes at once is rated good; one that fails, again; one that is mended before the next, hard.
    """
    from fsrs import Card, Rating, Scheduler

    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    cards: dict[str, Card] = {}
    failed: dict[str, Card] = {}  # the card before a review that failed and is not mended
    for attempt in attempts:
        for id, outcome in attempt.exercises.items():
            if id.startswith("q-") or outcome.status not in ("passed", "failed", "error"):
                continue
            passed = outcome.status == "passed"
            card = cards.get(id)
            if card is None:
                if not passed or attempt.kind not in SOLVING:
                    continue
                card, rating = Card(card_id=0, due=attempt.time), Rating.Good
            elif attempt.kind not in FROM_BLANK:
                continue
            elif attempt.time >= card.due - EARLY:
                rating = Rating.Good if passed else Rating.Again
            elif passed and id in failed:
                card, rating = failed[id], Rating.Hard
            else:
                continue
            failed.pop(id, None)
            if rating == Rating.Again:
                failed[id] = card
            # one that is a few hours early counts as on time
            cards[id], _ = scheduler.review_card(card, rating, max(attempt.time, card.due))
    return {id: Recall(card.due - EARLY, id in failed) for id, card in cards.items()}
