"""The calls that a check made, and how to make them again on another answer.

A call may use what an earlier one returned: a cache, an instance, a function. Such an argument has no meaning for
another answer, so a replay first makes the earlier call again. That is how a mistake can be recognised in a backward
whose cache only its own forward understands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlkit.check.call import Behaviour, call, copied, is_plain
from dlkit.check.graph import graph

__all__ = ["Log", "Record"]

Answers = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Source:
    """Where an opaque value came from: a part of an earlier call's result."""

    record: Record
    path: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Record:
    """One call: what was called, with what, and what happened."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    behaviour: Behaviour
    callee: Source | None = None
    sources: dict[int, Source] = field(default_factory=dict)
    graphed: bool = False

    def replay(self, answers: Answers) -> Behaviour:
        """The same call on other answers, looked up by name. KeyError where there is none of that name."""
        function = _part(self.callee, answers) if self.callee else answers[self.name]
        function = graph(function) if self.graphed else function
        args = [_part(self.sources[i], answers) if i in self.sources else arg for i, arg in enumerate(self.args)]
        return call(function, tuple(args), self.kwargs)

    @property
    def answer(self) -> str:
        """The name of the exercise's function that this call puts to the test."""
        return self.callee.record.answer if self.callee else self.name

    @property
    def shown(self) -> str:
        """The function as messages name it."""
        return f"graph({self.name})" if self.graphed else self.name


def _part(source: Source, answers: Answers) -> Any:
    value = source.record.replay(answers).value
    for step in source.path:
        value = value[step]
    return value


class Log:
    """The calls of one check cell, in order."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._origins: dict[int, tuple[Any, Source]] = {}

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Record:
        """Make the call, unless this function has already run out of time here, and write it down."""
        callee = self._origin(function)
        name = callee.record.name if callee else getattr(function, "__name__", "the answer")
        sources = {i: origin for i, arg in enumerate(args) if not is_plain(arg) and (origin := self._origin(arg))}
        given = tuple(arg if i in sources else copied(arg) for i, arg in enumerate(args))
        late = any(record.name == name and record.behaviour.timed_out for record in self.records)
        behaviour = (
            Behaviour(error="TimeUp", text="it ran past its time limit above, so it was not called again")
            if late
            else call(function, given, kwargs)
        )
        graphed = getattr(function, "graphed", False) is True
        record = Record(name, given, copied(kwargs), behaviour, callee, sources, graphed)
        self.records.append(record)
        self._remember(behaviour.value, record, ())
        return record

    def _origin(self, value: Any) -> Source | None:
        kept = self._origins.get(id(value))
        return kept[1] if kept else None

    def _remember(self, value: Any, record: Record, path: tuple[Any, ...]) -> None:
        if is_plain(value):
            return
        self._origins[id(value)] = (value, Source(record, path))  # the value is kept, so its id stays its own
        if isinstance(value, (tuple, list)):
            for step, item in enumerate(value):
                self._remember(item, record, (*path, step))
