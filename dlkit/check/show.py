"""How values are written in messages: short, one line, the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Word", "kind_of", "show", "show_call", "show_index", "show_two"]

SIZE = 8
DIGITS = 4
CALL = 160
KEYS = 4


def _number(value: Any, digits: int) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return f"{complex(value):.{digits}g}"
    text = f"{float(value):.{digits}g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def _nested(value: np.ndarray, digits: int) -> str:
    if value.ndim == 0:
        return _number(value[()], digits)
    return "[" + ", ".join(_nested(item, digits) for item in value) + "]"


def show(value: Any, digits: int = DIGITS) -> str:
    """One line for any value: small arrays in full, large ones by shape, range and dtype."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biufc":
            return f"an array of dtype {value.dtype}"
        if value.size == 0:
            return f"an empty array of shape {value.shape}"
        if value.size <= SIZE:
            return _nested(value, digits)
        flat = value.ravel()
        first = ", ".join(_number(item, digits) for item in flat[:3])
        return f"{value.shape} array [{first}, …, {_number(flat[-1], digits)}]"
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return _number(value, digits) if not isinstance(value, (np.str_, np.bytes_)) else repr(str(value))[:60]
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, str):
        return repr(value[:60])
    if value is None:
        return "None"
    if isinstance(value, (list, tuple)):
        items = [show(item, digits) for item in value[:6]] + ["…"] * (len(value) > 6)
        inner = ", ".join(items)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        inner = ", ".join(f"{str(key)[:30]!r}: {show(item, digits)}" for key, item in list(value.items())[:6])
        return "{" + inner + ", …" * (len(value) > 6) + "}"
    if isinstance(value, np.random.Generator):
        return "rng"
    if callable(value):
        return getattr(value, "__name__", "a function")
    return f"a {type(value).__name__}"


class Word(str):
    """A word that stands for a value, shown without quotes."""


def show_two(ours: Any, theirs: Any) -> tuple[str, str]:
    """Two values with as many digits as it takes to tell them apart."""
    for digits in (DIGITS, 8, 12):
        pair = show(ours, digits), show(theirs, digits)
        if pair[0] != pair[1]:
            break
    return pair


def kind_of(value: Any) -> str:
    """What a value is, where its numbers do not matter: an array by its shape, several results by their number."""
    if isinstance(value, np.ndarray) and value.size > 1:
        return f"one array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"a dictionary with {len(value)} keys"
    return show(value)


def show_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call as one would type it. Where it gets long, arrays become their shapes and dictionaries their first keys."""
    inner = [show(argument) for argument in args] + [f"{key}={show(value)}" for key, value in kwargs.items()]
    briefly = {i: f"{arg.shape} array" for i, arg in enumerate(args) if isinstance(arg, np.ndarray)}
    keys = {
        i: [*map(repr, [*arg][:KEYS]), *["…"] * (len(arg) > KEYS)]
        for i, arg in enumerate(args)
        if isinstance(arg, dict)
    }
    briefly |= {i: f"{{{', '.join(names)}}}" for i, names in keys.items()}
    while briefly and len(f"{name}({', '.join(inner)})") > CALL:
        longest = max(briefly, key=lambda i: len(inner[i]))
        inner[longest] = briefly.pop(longest)
    text = f"{name}({', '.join(inner)})"
    return text if len(text) <= CALL else f"{text[: CALL - 3]}, …)"


def show_index(index: tuple[Any, ...]) -> str:
    """A position as one would type it: [1] or [0, 2]."""
    return "[" + ", ".join(str(int(i)) for i in index) + "]"
