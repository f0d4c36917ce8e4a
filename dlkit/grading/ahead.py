"""Calls made ahead: what a check cell asked of one right answer, it will ask of the next, so it is asked at once.

A call of a learner's function costs two switches between processes, more than most answers take to run. A check cell
makes the same calls for every answer that passes: those of its last passing run are its plan. The learner's process
makes the planned calls in one go, in their order; where the cell then asks for one of them, its outcome is there. A
call that is not in the plan is made when it is asked for, so a plan changes nothing but the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Ahead", "Call", "Plan"]

Reply = tuple[dict[str, Any], list[bytes]]


@dataclass(frozen=True)
class Call:
    """A call as it crosses: the object's number, the arguments as trees, their buffers. Equal only bit by bit."""

    object: int
    graph: bool
    args: Any = field(compare=False)
    kwargs: Any = field(compare=False)
    buffers: tuple[bytes, ...]
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", repr((self.args, self.kwargs)))  # 1, 1.0 and True are not the same here

    def message(self) -> dict[str, Any]:
        """What the learner's process is told of it, beside the buffers."""
        return {"object": self.object, "graph": self.graph, "args": self.args, "kwargs": self.kwargs}


Plan = tuple[Call | None, ...]
"""Calls in order; None stands for one that cannot be made ahead, as its arguments call back."""


class Ahead:
    """A plan as one run of its check cell goes through it."""

    def __init__(self, plan: Plan = ()) -> None:
        self._plan, self._next = plan, 0
        self._made: dict[int, Reply] = {}

    def wanted(self, call: Call) -> list[Call]:
        """The calls to make now so that the outcome of this one is there; none where it is, or is not planned."""
        place = self._find(call)
        return [] if place is None or place in self._made else self.segment(place)

    def segment(self, start: int = 0) -> list[Call]:
        """The planned calls from there up to one that cannot be made ahead."""
        found: list[Call] = []
        for call in self._plan[start:]:
            if call is None:
                break
            found.append(call)
        return found

    def keep(self, replies: list[Reply], first: Call | None = None) -> None:
        """The outcomes of the calls that begin with this one, or with the plan; the last ones may be missing."""
        start = 0 if first is None else self._find(first)
        if start is not None:
            self._made.update(enumerate(replies, start))

    def take(self, call: Call) -> Reply | None:
        """The outcome of a planned call; None where there is none. What was planned before it is passed over."""
        place = self._find(call)
        if place is None or place not in self._made:
            return None
        self._next = place + 1
        return self._made.pop(place)

    def _find(self, call: Call) -> int | None:
        return next((i for i in range(self._next, len(self._plan)) if self._plan[i] == call), None)
