"""The learner's process: runs cells as it is told, then answers calls.

It is honest only as long as the learner's code lets it be; the judge on the other end of the connection believes
nothing but the shape of the frames. What a forged reply can say, a function that was written so could have done: both
only speak for the learner. Written for speed: one process a submission, forked from one that has numpy.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
import re
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from dlkit.check import call as calls
from dlkit.check.call import PRINT_LIMIT, Limited, TimeUp, time_limit
from dlkit.check.graph import graph
from dlkit.learner.wire import Malformed, decode, encode, receive, send

__all__ = ["MAGIC", "serve", "transform"]

TRACEBACK_LINES = 30
AHEAD_SECONDS = 0.3
"""Calls that nobody waits for yet stop after this time: an answer that is slow is called only as often as it must."""
AHEAD_BYTES = 4_000_000
MAGIC = re.compile(r"^\s*[%!?]|\?\s*$", re.MULTILINE)

Reply = tuple[dict[str, Any], list[bytes]]


def transform(source: str) -> str:
    """The source as plain Python: magics and shell lines become calls of `get_ipython()`, as in a kernel."""
    if not MAGIC.search(source):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return str(TransformerManager().transform_cell(source))


class _NoShell:
    """What a cell's magics find in place of IPython: they do nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


class _Harness:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.namespace: dict[str, Any] = {"__name__": "__main__", "get_ipython": _NoShell}
        self.objects: dict[int, Any] = {}
        self.request = ""

    def serve(self) -> None:
        while True:
            try:
                self._answer(*receive(self.connection))
            except (EOFError, ConnectionError):
                return

    def _answer(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """Do what a request asks; the reply carries its number, a new one for each."""
        outer, self.request = self.request, message["n"]
        reply, out = getattr(self, f"do_{message['do']}")(message, buffers)
        try:
            send(self.connection, {**reply, "n": message["n"]}, out)
        except Malformed as error:
            send(self.connection, {"error": "Malformed", "text": str(error), "n": message["n"]}, [])
        self.request = outer

    def do_run(self, message: dict[str, Any], buffers: list[bytes]) -> Reply:
        """Run a cell: what it printed, and its error, if any."""
        printed, error = Limited(PRINT_LIMIT * 5), None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                with time_limit(float(message["seconds"])):
                    source = message["source"] if message["plain"] else transform(message["source"])
                    self._execute(message["id"], source)
            except TimeUp:
                error = ["TimeUp", f"the cell ran for more than {message['seconds']:g} seconds", ""]
            except SyntaxError as caught:
                error = ["SyntaxError", f"{caught.msg} (line {caught.lineno})", ""]
            except BaseException as caught:
                error = [type(caught).__name__, str(caught)[:500], _traceback(caught, f"<{message['id']}>")]
        return {"printed": printed.getvalue(), "error": error}, []

    def _execute(self, id: str, source: str) -> None:
        name = f"<{id}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec", dont_inherit=True), self.namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval", dont_inherit=True), self.namespace)
            if value is not None:
                print(repr(value)[:PRINT_LIMIT])

    def do_look(self, message: dict[str, Any], buffers: list[bytes]) -> Reply:
        """What a name stands for."""
        name = message["name"]
        if name not in self.namespace:
            return {"found": False}, []
        value = self.namespace[name]
        try:
            tree, out = encode(value, self._refer)
        except (Malformed, RecursionError):
            tree, out = self._refer(value), []
        return {"found": True, "value": tree}, out

    def do_call(self, message: dict[str, Any], buffers: list[bytes]) -> Reply:
        """Call a function or a method; what it did."""
        args = decode(message["args"], buffers, self._follow)
        kwargs = decode(message["kwargs"], buffers, self._follow)
        calls.SECONDS = float(message["seconds"])
        function = self.objects[message["object"]]
        behaviour = calls.call(graph(function) if message["graph"] else function, args, kwargs)
        told = {
            "error": behaviour.error,
            "text": behaviour.text,
            "warnings": [text[:500] for text in behaviour.warnings[:20]],
            "changed": list(behaviour.changed),
            "printed": behaviour.printed,
        }
        try:
            tree, out = encode(behaviour.value, self._refer)
        except (Malformed, RecursionError) as error:
            return {**told, "error": "Malformed", "text": str(error), "value": None}, []
        return {**told, "value": tree}, out

    def do_check(self, message: dict[str, Any], buffers: list[bytes]) -> Reply:
        """A check cell begins, if there are names: what they stand for. And the outcomes of calls, until it is enough.

        Objects are numbered afresh, so that the same calls in the same order meet the same numbers.
        """
        if message["names"] is not None:
            self.objects.clear()
        looked = [self.do_look({"name": name}, []) for name in message["names"] or ()]
        called: list[Reply] = []
        size, end = 0, time.monotonic() + AHEAD_SECONDS
        with time_limit(AHEAD_SECONDS + 2 * message["seconds"]):  # a call's own is cheap inside another
            for what in message["calls"]:
                try:
                    called.append(self.do_call({**what, "seconds": message["seconds"]}, buffers))
                except KeyError:  # it uses what a call before it did not return this time
                    break
                size += sum(map(len, called[-1][1]))
                if size > AHEAD_BYTES or time.monotonic() > end:
                    break
        parts = {name: [[reply, len(out)] for reply, out in some] for name, some in (("l", looked), ("c", called))}
        return parts, [data for _, out in (*looked, *called) for data in out]

    def _refer(self, value: Any) -> dict[str, Any]:
        number = len(self.objects) + 1
        self.objects[number] = value
        name = getattr(value, "__name__", type(value).__name__)
        return {"r": number, "callable": callable(value), "name": str(name)[:80]}

    def _follow(self, tree: dict[str, Any]) -> Any:
        if tree.get("back"):
            return self._callback(tree["r"])
        return self.objects[tree["r"]]

    def _callback(self, number: int) -> Callable[..., Any]:
        def back(*args: Any) -> Any:
            tree, out = encode(args, self._refer)
            send(self.connection, {"back": number, "args": tree, "n": self.request}, out)
            while True:
                message, buffers = receive(self.connection)
                if "do" not in message:
                    break
                self._answer(message, buffers)  # the judge's function calls one of ours
            if message.get("error"):
                raise RuntimeError(message["error"])
            generators = [arg for arg in args if isinstance(arg, np.random.Generator)]
            for generator, state in zip(generators, message["drawn"], strict=True):
                generator.bit_generator.state = state
            return decode(message["value"], buffers, self._follow)

        return back


def _traceback(error: BaseException, cell: str) -> str:
    """The traceback from the cell on; what called the cell is none of the learner's."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != cell:
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace)
    return "".join(lines[-TRACEBACK_LINES:])[-4000:]


def serve(connection: socket.socket) -> None:
    """Serve one submission until the judge hangs up."""
    sys.argv = [""]
    _Harness(connection).serve()
