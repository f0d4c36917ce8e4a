"""The judge's end of the connection: a learner's names as proxies that check cells call like functions.

The clock is the judge's. A learner's process that hangs, dies or says something malformed is ended; the call that it
was busy with has failed, and the next exercise gets a new process that has run the cells before it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlkit.check.call import PRINT_LIMIT, Behaviour, Remote
from dlkit.learner.wire import Malformed, decode, encode, receive, send

__all__ = ["Learner", "Limits", "Lost", "RunResult"]


@dataclass(frozen=True)
class Limits:
    """Seconds: for one call, for one cell, for a whole notebook; and how often its process may be lost."""

    call: float = 7.0
    cell: float = 10.0
    notebook: float = 120.0
    losses: int = 12


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
    """A learner's function, class or method."""

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
        return self._learner.call(self._number, args, kwargs)


class Learner:
    """One learner's process, from its first cell until it is stopped or lost."""

    def __init__(self, connection: socket.socket, limits: Limits, deadline: float) -> None:
        self._connection, self._limits, self._deadline = connection, limits, deadline
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self.lost = ""

    def run(self, id: str, source: str) -> RunResult:
        """Run a cell."""
        reply, _ = self._ask(
            {"do": "run", "id": id, "source": source, "seconds": self._limits.cell}, [], 3 + self._limits.cell
        )
        error = reply.get("error")
        parts = [str(part)[:5000] for part in error[:3]] if isinstance(error, list) else []
        return RunResult(
            _text(reply.get("printed"), PRINT_LIMIT * 5), (parts[0], parts[1], parts[2]) if len(parts) == 3 else None
        )

    def look(self, name: str) -> Any:
        """What a name stands for; NameError where the learner's notebook does not define it."""
        reply, buffers = self._ask({"do": "look", "name": name}, [], self._limits.call)
        if reply.get("found") is not True:
            raise NameError(f"name {name!r} is not defined", name=name)
        return self._value(reply.get("value"), buffers)

    def call(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Behaviour:
        """Call a function of the learner's; what it did, or how it was lost."""
        if self.lost:
            return Behaviour(error="Stopped", text=self.lost)
        try:
            tree, buffers = encode(args, self._refer)
            named, more = encode(kwargs, self._refer)
            message = {"do": "call", "object": number, "args": tree, "kwargs": named}
            reply, out = self._ask(message, buffers + more, self._limits.call)
            return self._behaviour(reply, out)
        except Lost as error:
            return Behaviour(error="Stopped", text=str(error))

    def _behaviour(self, reply: dict[str, Any], buffers: list[bytes]) -> Behaviour:
        warnings = reply.get("warnings")
        changed = reply.get("changed")
        return Behaviour(
            value=self._value(reply.get("value"), buffers),
            error=_text(reply.get("error"), 100),
            text=_text(reply.get("text"), 500),
            warnings=tuple(_text(item, 500) for item in warnings[:20]) if isinstance(warnings, list) else (),
            changed=tuple(item for item in changed[:20] if type(item) in (int, str))
            if isinstance(changed, list)
            else (),
            printed=_text(reply.get("printed"), PRINT_LIMIT),
        )

    def _value(self, tree: Any, buffers: list[bytes]) -> Any:
        try:
            return decode(tree, buffers, self._follow)
        except (Malformed, RecursionError) as error:
            raise self._lose(f"it returned something that cannot be read: {error}") from None

    def _ask(self, message: dict[str, Any], buffers: list[bytes], seconds: float) -> tuple[dict[str, Any], list[bytes]]:
        """Send a request and wait for its reply, answering callbacks on the way, all within the time."""
        if self.lost:
            raise Lost(self.lost)
        end = min(time.monotonic() + seconds, self._deadline)
        try:
            send(self._connection, message, buffers)
            while True:
                reply, out = receive(self._connection, end)
                if "back" not in reply:
                    return reply, out
                self._answer_callback(reply, out)
        except TimeoutError:
            limit = f"it ran for more than {seconds:g} seconds: a loop that never ends?"
            used_up = time.monotonic() >= self._deadline
            raise self._lose("the notebook's time is used up" if used_up else limit) from None
        except (EOFError, ConnectionError, BrokenPipeError):
            raise self._lose("it ended its process: by an exit, a crash, or for want of memory") from None
        except (Malformed, OSError) as error:
            raise self._lose(f"it broke the connection: {error}") from None

    def _answer_callback(self, reply: dict[str, Any], buffers: list[bytes]) -> None:
        function = self._callbacks.get(reply["back"]) if type(reply["back"]) is int else None
        args = self._value(reply.get("args"), buffers)
        try:
            if function is None or not isinstance(args, tuple):
                raise TypeError("no such function")
            tree, out = encode(function(*args), self._refer)
            send(self._connection, {"value": tree}, out)
        except Exception as error:  # the learner called it with what it cannot take
            send(self._connection, {"error": f"{type(error).__name__}: {error}"[:500]}, [])

    def _lose(self, reason: str) -> Lost:
        self.lost = reason
        self._connection.close()
        return Lost(reason)

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
        kind = RemoteFunction if tree.get("callable") is True else Opaque
        return kind(self, number, _text(tree.get("name"), 80))


def _text(value: Any, limit: int) -> str:
    return value[:limit] if isinstance(value, str) else ""
