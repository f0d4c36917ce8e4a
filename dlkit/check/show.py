"""How values are written in messages: short, one line, the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["show", "show_call", "show_index"]

SIZE = 8


def _number(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return f"{complex(value):.4g}"
    text = f"{float(value):.4g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def _nested(value: np.ndarray) -> str:
    if value.ndim == 0:
        return _number(value[()])
    return "[" + ", ".join(_nested(item) for item in value) + "]"


def show(value: Any) -> str:
    """One line for any value: small arrays in full, large ones by shape, range and dtype."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biufc":
            return f"an array of dtype {value.dtype}"
        if value.size == 0:
            return f"an empty array of shape {value.shape}"
        if value.size <= SIZE:
            return _nested(value)
        flat = value.ravel()
        return f"{value.shape} array [{', '.join(map(_number, flat[:3]))}, …, {_number(flat[-1])}]"
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return _number(value) if not isinstance(value, (np.str_, np.bytes_)) else repr(str(value))[:60]
    if isinstance(value, str):
        return repr(value[:60])
    if value is None:
        return "None"
    if isinstance(value, (list, tuple)):
        items = [show(item) for item in value[:6]] + ["…"] * (len(value) > 6)
        inner = ", ".join(items)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        inner = ", ".join(f"{str(key)[:30]!r}: {show(item)}" for key, item in list(value.items())[:6])
        return "{" + inner + ", …" * (len(value) > 6) + "}"
    if isinstance(value, np.random.Generator):
        return "rng"
    if callable(value):
        return getattr(value, "__name__", "a function")
    return f"a {type(value).__name__}"


def show_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call as one would type it, with long arrays shortened."""
    inner = [show(argument) for argument in args] + [f"{key}={show(value)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(inner)})"


def show_index(index: tuple[Any, ...]) -> str:
    """A position as one would type it: [1] or [0, 2]."""
    return "[" + ", ".join(str(int(i)) for i in index) + "]"
