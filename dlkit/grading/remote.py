"""The judge's end of the connection: a learner's names as proxies that check cells call like functions.

The clock is the judge's. A learner's process that hangs, dies or says something malformed is ended; the call that it
was busy with has failed, and the next exercise gets a new process that has run the cells before it.

Every request has a number that cannot be guessed, and its reply bears it, so that no reply sent early or late is taken
for another's. Whatever a process says is said of the learner's own functions, and is data: texts without control
characters and of limited length, values that the wire has checked, objects that are known by their number alone.
"""

from __future__ import annotations

import re
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlkit.check.call import PRINT_LIMIT, Behaviour, Remote
from dlkit.grading.ahead import Ahead, Call, Plan, Reply
from dlkit.learner.wire import Malformed, decode, encode, receive, send

__all__ = ["Learner", "Limits", "Lost", "RunResult", "text_of"]

PATIENCE = 1.4
"""A loop that can be interrupted ends itself at the limit; what cannot be is killed at this much of it."""
NESTED = 20
CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # what terminals obey
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
    r"\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"  # what turns lines around, half characters
)


@dataclass(frozen=True)
class Limits:
    """Seconds for a call, for a cell, for a whole notebook; how often its process may be lost; bytes it may send."""

    call: float = 5.0
    cell: float = 10.0
    notebook: float = 120.0
    losses: int = 12
    traffic: int = 500_000_000


@dataclass(frozen=True)
class RunResult:
    """What running a cell showed: what it printed, and its error as (name, text, traceback)."""

    printed: str = ""
    error: tuple[str, str, str] | None = None


class Lost(Exception):
    """The learner's process is gone, or has to go."""


class Opaque:
    """Something of the learner's that can only be handed back."""

    def __init__(self, learner: Learner, number: int, name: str) -> None:
        self._learner, self._number, self._name = learner, number, name

    def __repr__(self) -> str:
        return f"a {self._name}"


class RemoteFunction(Opaque, Remote):
    """A learner's function, class or method; `graphed`, as the function of expressions that `graph` makes of it."""

    graphed = False

    @property
    def __name__(self) -> str:
        return self._name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        behaviour = self.behave(args, kwargs)
        if behaviour.error == "NotImplementedError":
            raise NotImplementedError
        if behaviour.error:
            raise RuntimeError(f"{self._name} raised {behaviour.error}: {behaviour.text}")
        return behaviour.value

    def behave(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Behaviour:
        return self._learner.call(self._number, args, kwargs, self.graphed)

    def graph(self) -> RemoteFunction:
        made = RemoteFunction(self._learner, self._number, self._name)
        made.graphed = True
        return made


class Learner:
    """One learner's process, from its first cell until it is stopped or lost."""

    def __init__(self, connection: socket.socket, limits: Limits, deadline: float) -> None:
        self._connection, self._limits, self._deadline = connection, limits, deadline
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._depth = self._received = 0
        self._ahead = Ahead()
        self.calls: list[Call | None] = []
        self.lost = ""
        self.lost_ahead = False

    def run(self, id: str, source: str, plain: bool = False) -> RunResult:
        """Run a cell. `plain`: it is Python as it stands, without magics."""
        message = {"do": "run", "id": id, "source": source, "plain": plain, "seconds": self._limits.cell}
        reply, _ = self._ask(message, [], self._limits.cell)
        error = reply.get("error")
        if not isinstance(error, list) or len(error) != 3:
            return RunResult(text_of(reply.get("printed"), PRINT_LIMIT * 5))
        name, text, trace = (text_of(part, limit) for part, limit in zip(error, (100, 500, 4000), strict=True))
        return RunResult(text_of(reply.get("printed"), PRINT_LIMIT * 5), (name or "Exception", text, trace))

    def begin(self, names: list[str], plan: Plan) -> dict[str, Any]:
        """A check cell begins: what these names stand for, but for those that the learner's notebook does not define.

        The plan's calls are made ahead; `calls` then lists those that the cell makes, as a plan for the next.
        """
        self._ahead, self.calls = Ahead(plan), []
        looked, called = self._go_ahead(self._ahead.segment(), names)
        self._ahead.keep(called)
        if len(looked) != len(names):  # more than may cross at once, say
            looked = [self._ask({"do": "look", "name": name}, [], self._limits.call) for name in names]
        there = zip(names, looked, strict=True)
        return {name: self._seen(name, *found) for name, found in there if found[0].get("found") is True}

    def _go_ahead(self, calls: list[Call], names: list[str] | None = None) -> tuple[list[Reply], list[Reply]]:
        message = {
            "do": "check",
            "names": names,
            "calls": [call.message() for call in calls],
            "seconds": self._limits.call,
        }
        try:
            reply, data = self._ask(message, [part for call in calls for part in call.buffers], self._limits.call + 1)
        except Lost:
            self.lost_ahead = bool(calls)
            raise
        return _parts(reply.get("l"), data), _parts(reply.get("c"), data)[: len(calls)]

    def look(self, name: str) -> Any:
        """What a name stands for; NameError where the learner's notebook does not define it."""
        reply, buffers = self._ask({"do": "look", "name": name}, [], self._limits.call)
        if reply.get("found") is not True:
            raise NameError(f"name {name!r} is not defined", name=name)
        return self._seen(name, reply, buffers)

    def _seen(self, name: str, reply: dict[str, Any], buffers: list[bytes]) -> Any:
        value = self._value(reply.get("value"), buffers)
        if type(value) is RemoteFunction:  # it is what the course calls it, whatever it calls itself
            return RemoteFunction(self, value._number, name)
        return value

    def call(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any], graphed: bool = False) -> Behaviour:
        """Call a function of the learner's; what it did, or how it was lost."""
        if self.lost:
            return Behaviour(error="Stopped", text=self.lost)
        try:
            callbacks = len(self._callbacks)
            tree, buffers = encode(args, self._refer)
            named, more = encode(kwargs, self._refer)
            call = Call(number, graphed, tree, named, (*buffers, *more))
            self.calls.append(call if len(self._callbacks) == callbacks else None)
            return self._behaviour(*(self._made_ahead(call) or self._call(call)))
        except Lost as error:
            return Behaviour(error="Stopped", text=str(error))

    def _call(self, call: Call) -> Reply:
        message = {"do": "call", **call.message(), "seconds": self._limits.call}
        return self._ask(message, list(call.buffers), self._limits.call)

    def _made_ahead(self, call: Call) -> Reply | None:
        wanted = self._ahead.wanted(call)
        if len(wanted) > 1:
            self._ahead.keep(self._go_ahead(wanted)[1], call)
        return self._ahead.take(call)

    def close(self) -> None:
        """End the process; the sandbox sees to it."""
        if not self.lost:
            self._lose("it was stopped")

    def _behaviour(self, reply: dict[str, Any], buffers: list[bytes]) -> Behaviour:
        warnings = reply.get("warnings")
        changed = reply.get("changed")
        return Behaviour(
            value=self._value(reply.get("value"), buffers),
            error=text_of(reply.get("error"), 100),
            text=text_of(reply.get("text"), 500),
            warnings=tuple(text_of(item, 500) for item in warnings[:20]) if isinstance(warnings, list) else (),
            changed=tuple(item if type(item) is int else text_of(item, 80) for item in changed[:20])
            if isinstance(changed, list)
            else (),
            printed=text_of(reply.get("printed"), PRINT_LIMIT),
        )

    def _value(self, tree: Any, buffers: list[bytes]) -> Any:
        try:
            return decode(tree, buffers, self._follow)
        except (Malformed, RecursionError, MemoryError) as error:
            raise self._lose(f"it returned something that cannot be read: {error}") from None

    def _ask(self, message: dict[str, Any], buffers: list[bytes], seconds: float) -> tuple[dict[str, Any], list[bytes]]:
        """Send a request and wait for its reply, answering callbacks on the way, all within the time."""
        if self.lost:
            raise Lost(self.lost)
        number = secrets.token_hex(8)
        end = min(time.monotonic() + seconds * PATIENCE, self._deadline)
        try:
            send(self._connection, {**message, "n": number}, buffers, end)
            while True:
                reply, out = receive(self._connection, end)
                self._received += sum(map(len, out)) + 1000
                if self._received > self._limits.traffic:
                    raise Malformed("it sent more than is allowed")
                if reply.get("n") != number:
                    raise Malformed("it answered what it was not asked")
                if "back" not in reply:
                    return reply, out
                self._answer_callback(reply, out, end)
        except TimeoutError:
            limit = f"it ran for more than {seconds:g} seconds: a loop that never ends?"
            used_up = time.monotonic() >= self._deadline
            raise self._lose("the notebook's time is used up" if used_up else limit) from None
        except (EOFError, ConnectionError, BrokenPipeError):
            raise self._lose("it ended its process: by an exit, a crash, or for want of memory") from None
        except (Malformed, OSError) as error:
            raise self._lose(f"it broke the connection: {error}") from None

    def _answer_callback(self, reply: dict[str, Any], buffers: list[bytes], end: float) -> None:
        function = self._callbacks.get(reply["back"]) if type(reply["back"]) is int else None
        args = self._value(reply.get("args"), buffers)
        self._depth += 1
        try:
            if function is None or not isinstance(args, tuple):
                raise TypeError("no such function")
            if self._depth > NESTED:
                raise RecursionError("functions that call each other without end")
            tree, out = encode(function(*args), self._refer)
            drawn = [arg.bit_generator.state for arg in args if isinstance(arg, np.random.Generator)]
            answer = {"value": tree, "drawn": drawn}  # a generator crosses as a copy: how far it has come goes back
        except Exception as error:  # the learner called it with what it cannot take
            answer, out = {"error": f"{type(error).__name__}: {error}"[:500]}, []
        finally:
            self._depth -= 1
        if self.lost:  # the function called one of the learner's
            raise Lost(self.lost)
        send(self._connection, answer, out, end)

    def _lose(self, reason: str) -> Lost:
        self.lost = self.lost or reason
        self._connection.close()
        return Lost(self.lost)

    def _refer(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Opaque):
            if value._learner is not self:
                raise self._lose("it was handed something of a process that is gone")
            return {"r": value._number}
        if callable(value):
            number = len(self._callbacks) + 1
            self._callbacks[number] = value
            return {"r": number, "back": True}
        raise Malformed(f"a {type(value).__name__} cannot be handed to an answer")

    def _follow(self, tree: dict[str, Any]) -> Opaque:
        number = tree.get("r")
        if type(number) is not int:
            raise Malformed("not a reference")
        name = text_of(tree.get("name"), 80)
        kind = RemoteFunction if tree.get("callable") is True else Opaque
        return kind(self, number, name if name.isidentifier() else "object")


def _parts(parts: Any, data: list[bytes]) -> list[Reply]:
    """The replies that one reply holds, each with its buffers, which are taken off the data; none where it is odd."""
    found: list[Reply] = []
    for part in parts if isinstance(parts, list) else []:
        match part:
            case [dict(reply), int(count)] if 0 <= count <= len(data):
                found.append((reply, data[:count]))
                del data[:count]
            case _:
                return []
    return found


def text_of(value: Any, limit: int) -> str:
    """A learner's text as readers may see it: no control characters, and not longer than this."""
    return CONTROL.sub("", value[: 4 * limit])[:limit] if isinstance(value, str) else ""
