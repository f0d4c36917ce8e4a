"""What the judge of a plain nbgrader notebook asks of a learner's process, and how values look on the way.

This text runs on both sides: the judge imports it, and sends it as the first cell to the learner's process, whose
`tools` then answer. dlkit's own checks need none of it; a teacher's asserts look at sets, attributes, iterators and
changed arguments, and tell exceptions apart. Values that the wire knows cross as they are; the others as a tuple that
begins with a tag. Whatever comes back is data: a learner who rewrites these tools only chooses what is sent.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import io
import linecache
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["NAMED", "BadValue", "pack", "tools", "unpack"]

TEXT = 100_000
MANY = 64
SMALL_INT = 512
KEPT = 20_000
DICTS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
TYPES = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, object,
         np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_, np.complex128)  # fmt: skip
NAMED = {f"{kind.__module__}.{kind.__name__}": kind for kind in TYPES}
NAMES = {kind: name for name, kind in NAMED.items()}


class Held:
    """A list, tuple or dict of a class of its own, kept with its owner: as plain data it would lose what it can do."""

    def __init__(self, value: Any) -> None:
        self.value, self.__name__ = value, type(value).__name__


class BadValue(Exception):
    """Something on the way that is no packed value, or a value too large for the way."""


def pack(value: Any) -> Any:
    """A value as the wire can carry it; what has no such form is left as it is, and the wire makes a reference."""
    kind = type(value)
    if kind is str and len(value) > TEXT:
        raise BadValue("the text is longer than 100 000 characters")
    if kind is int and value.bit_length() > SMALL_INT:
        digits = format(abs(value), "x")
        return ("int", *(digits[i : i + TEXT] for i in range(0, len(digits), TEXT)), value < 0)
    if kind is bytes:
        return ("bytes", np.frombuffer(value, np.uint8))
    if kind is range:
        return ("range", value.start, value.stop, value.step)
    if kind is list:
        return _pack_list(value)
    if kind is tuple:
        return ("tuple", *map(pack, value))
    if kind in (set, frozenset):
        return (kind.__name__, *map(pack, value))
    if kind in DICTS:
        return ("dict", *(pack(part) for item in value.items() for part in item))
    if isinstance(value, type) and value in NAMES:
        return ("type", NAMES[value])
    return Held(value) if isinstance(value, (list, tuple, dict)) else value


def _pack_list(value: list[Any]) -> Any:
    if len(value) > MANY:  # thousands of numbers cross as one array
        kinds = set(map(type, value))
        if kinds == {float}:
            return ("numbers", np.array(value, np.float64))
        if kinds == {int} and all(-(2**62) < item < 2**62 for item in value):
            return ("numbers", np.array(value, np.int64))
    return [pack(item) for item in value]


def unpack(value: Any) -> Any:
    """The value again. It believes nothing: BadValue for anything that `pack` does not make."""
    if type(value) is list:
        return [unpack(item) for item in value]
    if type(value) is not tuple:
        return value.value if type(value) is Held else value
    if not value or type(value[0]) is not str:
        raise BadValue("no tag")
    tag, rest = value[0], value[1:]
    try:
        if tag in ("tuple", "set", "frozenset"):
            return getattr(builtins, tag)(unpack(item) for item in rest)
        if tag == "dict":
            parts = [unpack(item) for item in rest]
            return dict(zip(parts[::2], parts[1::2], strict=True))
        if tag == "numbers" and isinstance(rest[0], np.ndarray) and rest[0].dtype in (np.int64, np.float64):
            return rest[0].reshape(-1).tolist()
        if tag == "bytes" and isinstance(rest[0], np.ndarray) and rest[0].dtype == np.uint8:
            return rest[0].tobytes()
        if tag == "range" and all(type(part) is int for part in rest):
            return range(*rest)
        if tag == "int":
            number = int("".join(rest[:-1]), 16)
            return -number if rest[-1] else number
        if tag == "type":
            return NAMED[rest[0]]
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        pass
    raise BadValue(f"no {tag[:20]}")


def _quiet(category: type[Warning]) -> bool:
    """Whether Python, left alone, keeps such a warning to itself."""
    return issubclass(category, (PendingDeprecationWarning, ImportWarning, ResourceWarning))


class _Buffer(io.StringIO):
    """Keeps the beginning of what is printed, so that a flood costs no memory."""

    def write(self, text: str) -> int:
        super().write(text[: max(KEPT - self.tell(), 0)])
        return len(text)


def tools(names: dict[str, Any]) -> Callable[..., Any]:
    """The one function that the judge calls: does an operation on the learner's objects and tells everything."""
    from dlkit.check.call import copied

    shown: set[tuple[str, str, int]] = set()

    def look(name: str) -> Any:
        if name not in names:
            raise NameError(f"name {name!r} is not defined")
        return names[name]

    def bind(name: str, value: Any) -> None:
        names[name] = value

    def module_of(value: Any) -> str:
        return value.__name__ if isinstance(value, type(builtins)) else ""

    operations: dict[str, Callable[..., Any]] = {
        "look": look, "bind": bind, "unbind": lambda name: names.pop(name), "module": module_of,
        "get": getattr, "set": setattr, "iter": iter, "next": next, "len": len, "bool": bool, "repr": repr, "str": str,
        "int": int, "float": float, "format": format, "isinstance": isinstance, "issubclass": issubclass,
        "item": lambda value, key: value[key], "put": lambda value, key, item: value.__setitem__(key, item),
        "call": lambda function, args, named: function(*args, **named),
        "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
        "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "add": lambda a, b: a + b, "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b, "truediv": lambda a, b: a / b, "matmul": lambda a, b: a @ b,
        "neg": lambda a: -a, "abs": abs,
    }  # fmt: skip

    def told(caught: list[warnings.WarningMessage]) -> str:
        """What Python would have written on stderr: each place once, as in a kernel that lives on."""
        text = ""
        for item in caught:
            place = (str(item.message), item.filename, item.lineno)
            if place in shown or _quiet(item.category):
                continue
            if item.category is DeprecationWarning and not item.filename.startswith("<"):
                continue
            shown.add(place)
            text += warnings.formatwarning(item.message, item.category, item.filename, item.lineno)
        return text

    def answer(operation: str, *packed: Any) -> dict[str, Any]:
        out, err = _Buffer(), _Buffer()
        operands = [unpack(item) for item in packed]
        before = copied([unpack(item) for item in packed[1:]]) if operation == "call" else None
        reply: dict[str, Any] = {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    reply["value"] = pack(operations[operation](*operands))
                except (Exception, SystemExit) as error:
                    reply["error"] = [kind.__name__ for kind in type(error).__mro__]
                    reply["text"] = str(error)[:2000]
                    reply["key"] = bool(isinstance(error, KeyError) and len(error.args) == 1)
                    reply["plain"] = pack(error.args[0]) if reply["key"] else None
                    linecache.checkcache()
                    reply["trace"] = "".join(traceback.format_exception(error)[3:])[-4000:]
        if before is not None:
            after = {**dict(enumerate(operands[1])), **operands[2]}
            earlier = {**dict(enumerate(before[0])), **before[1]}
            reply["changed"] = [[key, pack(item)] for key, item in after.items() if _changed(earlier[key], item)]
        return {**reply, "out": out.getvalue(), "err": err.getvalue() + told(caught)}

    return answer


def _changed(before: Any, after: Any) -> bool:
    if type(before) is not type(after):
        return True
    if isinstance(before, np.ndarray):
        return bool(before.shape != after.shape or before.tobytes() != after.tobytes())
    if type(before) in (list, tuple):
        return len(before) != len(after) or any(map(_changed, before, after))
    if type(before) is dict:
        return list(before) != list(after) or any(_changed(before[key], after[key]) for key in before)
    if type(before) in (str, int, float, set):
        return bool(before != after) and before == before
    return False
