"""A learner's objects as the asserts of a plain nbgrader notebook see them, from another process.

What a test reads from an object (its attributes, items, length, text) comes as data and is compared here. What would
let an object judge itself does not cross: `f(2) == 4` is only asked of data, because a learner's `__eq__` may say yes
to everything. `CannotCross` is raised for it; so is anything else that a call cannot do.
"""

from __future__ import annotations

import builtins
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dlkit.grading import crossing
from dlkit.grading.crossing import BadValue, pack, unpack
from dlkit.grading.remote import Learner, Limits, Lost, Opaque, text_of
from dlkit.learner.wire import Malformed

__all__ = ["CannotCross", "PlainLearner", "Proxy"]

TOOLS = "__dlkit_tools__"
TEXT = Path(crossing.__file__).read_text(encoding="utf-8")
BOOT = f"""
{TOOLS} = dict(__name__="dlkit_tools")
exec({TEXT!r}, {TOOLS})
{TOOLS} = {TOOLS}["tools"](globals())
"""
READABLE = ("__name__", "__doc__", "__dict__", "__annotations__", "__qualname__", "__wrapped__")
PRINTED = 20_000
KNOWN_ERRORS = {"LinAlgError": np.linalg.LinAlgError, "AxisError": np.exceptions.AxisError}


class CannotCross(BaseException):
    """A test wants what cannot work through calls alone. No Exception, so that no test's `except` hides it."""


class PlainLearner(Learner):
    """A learner's process with the tools of `crossing` in it."""

    def __init__(self, connection: socket.socket, limits: Limits, deadline: float) -> None:
        super().__init__(connection, limits, deadline)
        self.run("tools", BOOT, plain=True)
        self._tools = self.look(TOOLS)
        self.run("tools", f"del {TOOLS}", plain=True)
        if not isinstance(self._tools, Proxy):
            raise Lost("its process did not start")

    def do(self, operation: str, *operands: Any) -> Any:
        """An operation on the learner's objects, there; prints what it printed, raises what it raised."""
        for value in _parts(operands):
            if isinstance(value, Proxy) and _of(value) is not self:
                raise RuntimeError("the test holds an object of a process that has ended")
        try:
            behaviour = self.call(_number(self._tools), (operation, *map(pack, operands)), {})
        except Malformed as error:
            raise CannotCross(str(error).replace("an answer", "a process of its own")) from None
        except BadValue as error:
            raise CannotCross(str(error)) from None
        except CannotCross:  # in a function of the test that the learner's code called
            self._lose("a function of the test gave up")
            raise
        reply = behaviour.value
        if behaviour.error or type(reply) is not dict:
            raise RuntimeError(behaviour.text or "the answer gave nothing back")
        for name, stream in (("out", sys.stdout), ("err", sys.stderr)):
            if text := text_of(reply.get(name), PRINTED):
                stream.write(text)
        try:
            if operation == "call":
                self._change(operands[1], operands[2], reply.get("changed"))
            if "error" in reply:
                raise _error(reply)
            return unpack(reply.get("value"))
        except BadValue as error:
            raise RuntimeError(f"the answer gave back {error}") from None

    def _change(self, args: tuple[Any, ...], kwargs: dict[str, Any], changed: Any) -> None:
        """Do to the arguments what the learner's function did to its copies of them."""
        mine: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
        for item in changed if type(changed) is list else []:
            if type(item) is list and len(item) == 2 and type(item[0]) in (int, str) and item[0] in mine:
                _become(mine[item[0]], unpack(item[1]))

    def _follow(self, tree: dict[str, Any]) -> Opaque:
        number = tree.get("r")
        if type(number) is not int:
            raise Malformed("not a reference")
        kind = CallableProxy if tree.get("callable") is True else Proxy
        name = text_of(tree.get("name"), 80)
        return kind(self, number, name if name.isidentifier() else "object")


def _become(old: Any, new: Any) -> None:
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray) and old.shape == new.shape:
        old[...] = new
    elif type(old) is list and type(new) is list:
        for index, (a, b) in enumerate(zip(old, new, strict=False)):  # keep the parts that are the same objects
            if type(a) is type(b) and isinstance(a, (list, dict, np.ndarray)):
                _become(a, b)
                new[index] = a
        old[:] = new
    elif (isinstance(old, dict) and isinstance(new, dict)) or (isinstance(old, set) and isinstance(new, set)):
        old.clear()
        old.update(new)
    elif isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        old.bit_generator.state = new.bit_generator.state


def _error(reply: dict[str, Any]) -> Exception:
    """The learner's exception as the nearest builtin one, so that `assert_raises(ValueError, f, x)` works."""
    names = [name for item in reply["error"] if (name := text_of(item, 80))] if type(reply["error"]) is list else []
    text = text_of(reply.get("text"), 2000)
    for name in names:
        kind = KNOWN_ERRORS.get(name) or getattr(builtins, name, None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            continue
        if name != names[0]:
            text = f"{names[0]}: {text}" if kind is Exception else text
        try:
            error = kind(unpack(reply.get("plain"))) if reply.get("key") is True else kind(text)
        except TypeError:
            continue  # UnicodeDecodeError and its like want more than a text
        break
    else:
        error = RuntimeError(f"{names[0] if names else 'an error'}: {text}")
    if trace := text_of(reply.get("trace"), 4000):
        error.add_note(f"In the answer:\n{trace}")
    return error


def _of(value: Proxy) -> PlainLearner:
    return object.__getattribute__(value, "_learner")  # type: ignore[no-any-return]


def _number(value: Proxy) -> int:
    return object.__getattribute__(value, "_number")  # type: ignore[no-any-return]


def _parts(value: Any, depth: int = 0) -> Iterator[Any]:
    yield value
    if depth < 8 and type(value) in (list, tuple, dict, set):
        for part in value.values() if type(value) is dict else value:
            yield from _parts(part, depth + 1)


def _ask(operation: str) -> Callable[..., Any]:
    """A method that asks the learner's process and gets data."""

    def method(self: Proxy, *operands: Any) -> Any:
        return _of(self).do(operation, self, *operands)

    return method


def _data(operation: str, *kinds: type) -> Callable[..., Any]:
    def method(self: Proxy, *operands: Any) -> Any:
        value = _of(self).do(operation, self, *operands)
        if type(value) not in kinds:
            raise TypeError(f"__{operation}__ gave back a {type(value).__name__}")
        return value

    return method


def _between(operation: str, symbol: str) -> Callable[..., Any]:
    """An operator that is only asked between two objects of the learner's: neither learns what the test expects."""

    def method(self: Proxy, other: Any) -> Any:
        if isinstance(other, Proxy):
            return _of(self).do(operation, self, other)
        if other is None and operation in ("eq", "ne"):
            return operation == "ne"
        raise CannotCross(f"it takes {symbol} of {self._kind()} and a {type(other).__name__}")

    return method


class Proxy(Opaque):
    """An object in a learner's process."""

    __array_ufunc__ = None  # numpy leaves operators to this class

    def __init__(self, learner: Learner, number: int, name: str) -> None:
        for key, value in (("_learner", learner), ("_number", number), ("_name", name)):
            object.__setattr__(self, key, value)

    def _kind(self) -> str:
        return f"a {object.__getattribute__(self, '_name')} of the answer's"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__") and name not in READABLE:
            raise AttributeError(name)
        return _of(self).do("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _of(self).do("set", self, name, value)

    def __hash__(self) -> int:
        return hash((id(_of(self)), _number(self)))

    def __iter__(self) -> Iterator[Any]:
        iterator = _of(self).do("iter", self)
        if not isinstance(iterator, Proxy):
            raise TypeError("__iter__ gave back no iterator")
        while True:
            try:
                item = _of(self).do("next", iterator)
            except StopIteration:
                return
            yield item

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, Proxy) and _of(self).do("isinstance", instance, self) is True

    def __subclasscheck__(self, kind: Any) -> bool:
        return isinstance(kind, Proxy) and _of(self).do("issubclass", kind, self) is True

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        raise CannotCross(f"it makes a subclass of {self._kind()}")

    def __deepcopy__(self, memo: Any) -> Any:
        raise CannotCross(f"it copies {self._kind()}")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise CannotCross(f"it copies {self._kind()}")

    __next__, __getitem__, __setitem__ = _ask("next"), _ask("item"), _ask("put")
    __neg__, __abs__ = _ask("neg"), _ask("abs")
    __len__, __bool__, __int__, __float__ = _data("len", int), _data("bool", bool), _data("int", int), _data("float", float)  # fmt: skip  # noqa: E501
    __repr__, __str__, __format__ = _data("repr", str), _data("str", str), _data("format", str)
    __eq__, __ne__ = _between("eq", "=="), _between("ne", "!=")
    __lt__, __le__, __gt__, __ge__ = _between("lt", "<"), _between("le", "<="), _between("gt", ">"), _between("ge", ">=")  # fmt: skip  # noqa: E501
    __add__, __sub__, __mul__ = _between("add", "+"), _between("sub", "-"), _between("mul", "*")
    __truediv__, __matmul__ = _between("truediv", "/"), _between("matmul", "@")
    __radd__, __rsub__, __rmul__ = __add__, __sub__, __mul__
    __rtruediv__, __rmatmul__ = __truediv__, __matmul__


class CallableProxy(Proxy):
    """A learner's function, class or method."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _of(self).do("call", self, args, kwargs)
