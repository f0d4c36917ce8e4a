"""The rows of a unit's table, the golden data, and the comparisons that its proofs are made of."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

Array = np.ndarray
Named = dict[str, Any]
Change = Callable[[Array], Array]
Golden = dict[tuple[str, str], dict[str, Named]]


@dataclass(frozen=True)
class Row:
    """One operation with arguments that suit it and lie on no kink.

    inputs are the arguments in the function's order, those among the options left out.
    """

    operation: str
    inputs: tuple[Any, ...] = ()
    options: Named = field(default_factory=dict)
    dout: Any = None  # drawn at random where it is needed and not given

    def __str__(self) -> str:
        shapes = ["x".join(map(str, np.shape(a))) for a in leaves(self.inputs) if np.ndim(a)]
        words = [value for value in self.inputs if isinstance(value, str)]
        return " ".join([self.operation, *words, *shapes, *(f"{k}={v}" for k, v in self.options.items())])


def leaves(value: Any) -> list[Any]:
    """The arrays and numbers in a result or among arguments."""
    if isinstance(value, (dict, list, tuple)):
        return [leaf for item in (value.values() if isinstance(value, dict) else value) for leaf in leaves(item)]
    return [value] if isinstance(value, (np.ndarray, np.generic, int, float)) else []


def changed(value: Any, change: Change) -> Any:
    """The value with `change` applied to every array of floats in it; labels, masks, numbers and functions stay."""
    if isinstance(value, dict):
        return {key: changed(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(changed(item, change) for item in value)
    return change(value) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def same(got: Any, expected: Any, rtol: float = 1e-12, atol: float = 1e-13, where: Any = "") -> None:
    """Equal shape and nearly equal values; two tuples, lists or dictionaries are compared item by item."""
    if isinstance(got, dict) and isinstance(expected, dict):
        assert list(got) == list(expected), f"{where}: {list(got)}, expected {list(expected)}"
        got, expected = list(got.values()), list(expected.values())
    if isinstance(got, (tuple, list)) and type(got) is type(expected):
        assert len(got) == len(expected), f"{where}: {len(got)} things, expected {len(expected)}"
        for i, (a, b) in enumerate(zip(got, expected, strict=True)):
            same(a, b, rtol, atol, f"{where}, item {i}")
        return
    assert np.shape(got) == np.shape(expected), f"{where}: shape {np.shape(got)}, expected {np.shape(expected)}"
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=str(where))


def slope(f: Callable[[Any], Any], x: Any, v: Any, dout: Any = 1.0, h: float = 1e-5) -> float:
    """The derivative of sum(dout · f) at x along v."""
    return float(np.sum(dout * (f(x + h * v) - f(x - h * v)))) / (2 * h)


def check_gradient(
    f: Callable[[Any], Any], x: Any, gradient: Any, dout: Any = 1.0, rtol: float = 1e-7, where: Any = ""
) -> None:
    """The gradient of sum(dout · f) at x equals finite differences along three random directions."""
    assert np.shape(gradient) == np.shape(x), f"{where}: shape {np.shape(gradient)}, expected {np.shape(x)}"
    random = np.random.default_rng(3)
    for v in (random.normal(size=np.shape(x)) for _ in range(3)):
        same(np.sum(gradient * v), slope(f, x, v, dout), rtol=rtol, atol=1e-8, where=where)


def read_golden(unit: str) -> Golden:
    """(operation, case) -> role -> name -> value; golden/writing.py describes the file."""
    cases: Golden = {}
    with np.load(Path(__file__).parent / "golden" / f"{unit}.npz") as table:
        for key in table.files:
            operation, case, role, name = key.split("/")
            named = cases.setdefault((operation, case), {"in": {}, "option": {}}).setdefault(role, {})
            name, item, _ = name.partition(".")
            value = table[key] if table[key].ndim or role not in ("in", "option") else table[key].item()
            if item:
                named.setdefault(name, []).append(value)
            else:
                named[name] = tuple(map(int, value)) if (role, name) == ("option", "shape") else value
    return cases


def cotangent(row: Row, out: Any) -> Any:
    """The row's dout, or a random one, so that a gradient of the wrong sign or scale cannot pass."""
    out = np.asarray(out)
    return np.random.default_rng(6).normal(size=out.shape).astype(out.dtype) if row.dout is None else row.dout


def read_only(a: Array) -> Array:
    a = a.copy()
    a.flags.writeable = False
    return a


def in_another_order(a: Array) -> Array:
    return np.asfortranarray(a)[::-1][::-1]


def pasted(module: ModuleType, name: str) -> Any:
    """The function or class by its source alone."""
    notebook: Named = {"math": math, "np": np}
    exec(compile(inspect.getsource(getattr(module, name)), name, "exec", dont_inherit=True), notebook)
    return notebook[name]
