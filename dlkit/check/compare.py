"""Comparing what came out with what was expected: values, structure, and where they differ most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from dlkit.check.show import kind_of, show, show_index, show_two

__all__ = ["Difference", "compare", "swapped_results"]


@dataclass(frozen=True)
class Difference:
    """The first leaf of a result that is wrong: where it sits, both values, and one line that says how they differ."""

    place: str
    got: Any
    want: Any
    line: str


def _place(path: tuple[Any, ...]) -> str:
    if not path:
        return "the result"
    return ", ".join(f"[{step!r}]" if isinstance(step, str) else f"result {step + 1}" for step in path)


def _numeric(value: Any) -> np.ndarray | None:
    """The value as a numeric array; None where it is something else."""
    if isinstance(value, (bool, int, float, complex, np.ndarray, np.generic, list, tuple)):
        try:
            array = np.asarray(value)
        except (ValueError, TypeError, OverflowError):
            return None
        return array if array.dtype.kind in "biufc" else None
    return None


def _leaf(got: Any, want: Any, rtol: float, atol: float, place: str) -> Difference | None:
    if want is None or isinstance(want, str):
        same = type(got) is type(want) and got == want
        return None if same else Difference(place, got, want, f"{show(got)} is not {show(want)}")
    if got is None:
        return Difference(place, got, want, "it is None")
    expected = np.asarray(want)
    if isinstance(got, tuple):
        return Difference(place, got, want, f"it is a tuple of {len(got)} results, expected one")
    array = _numeric(got)
    if array is None:
        return Difference(place, got, want, f"it is {show(got)}, not numbers")
    if array.shape != expected.shape:
        return Difference(place, array, expected, f"its shape is {array.shape}, expected {expected.shape}")
    if array.dtype.kind == "c" and expected.dtype.kind != "c":
        return Difference(place, array, expected, "it is complex, expected real numbers")
    if expected.dtype.kind in "biuf" and (array == expected).all():  # most often, and a third of the work
        return None
    with np.errstate(all="ignore"):  # np.isclose by hand: there are thousands of these, of a few numbers each
        gap = np.abs(array - expected.astype(np.result_type(expected, np.float64)))
        close = (gap <= atol + rtol * np.abs(expected)) & np.isfinite(expected)
        close |= (array == expected) | ((array != array) & (expected != expected))
    if close.all():
        return None
    gap = np.where(close, -1.0, np.where(np.isnan(gap), np.inf, gap))
    worst = np.unravel_index(int(gap.argmax()), gap.shape)
    ours, theirs = array[worst], expected[worst]
    at = f" at {show_index(worst)}" if worst else ""
    size = f"largest difference {gap[worst]:.4g}{at}" if np.isfinite(gap[worst]) else f"differs{at}"
    mine, right = show_two(ours, theirs)
    line = f"{size}: yours is {mine}, expected {right}"
    if theirs != 0 and ours == 0:
        line += " — yours is 0 where the answer is not"
    if (~close).sum() > 1 or close.size > 1:
        line += f"; {int((~close).sum())} of {close.size} values differ"
    return Difference(place, array, expected, line)


def compare(got: Any, want: Any, rtol: float, atol: float, path: tuple[Any, ...] = ()) -> Difference | None:
    """The first difference between a result and what was expected, or None; NaN equals NaN, lists equal tuples."""
    place = _place(path)
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return Difference(place, got, want, f"it is {kind_of(got)}, not a dictionary")
        missing = [key for key in want if key not in got]
        if missing:
            return Difference(place, got, want, f"it has no key {missing[0]!r}")
        pairs = [(key, got[key], want[key]) for key in want]
    elif isinstance(want, tuple) or (isinstance(want, list) and any(map(_holds_arrays, want))):
        if not isinstance(got, (tuple, list)):
            return Difference(place, got, want, f"it is {kind_of(got)}, not {len(want)} results")
        if len(got) != len(want):
            return Difference(place, got, want, f"it has {len(got)} results, expected {len(want)}")
        pairs = [(index, got[index], want[index]) for index in range(len(want))]
    else:
        return _leaf(got, want, rtol, atol, place)
    for step, ours, theirs in pairs:
        difference = compare(ours, theirs, rtol, atol, (*path, step))
        if difference:
            return difference
    return None


def _holds_arrays(item: Any) -> bool:
    """Whether an item of a list is an array, or a pair such as (train, val): such a list is compared item by item."""
    return any(isinstance(part, np.ndarray) for part in (item if isinstance(item, (tuple, list)) else (item,)))


def swapped_results(got: Any, want: Any, rtol: float, atol: float) -> str | None:
    """A sentence where several results are right but for their order."""
    if not isinstance(want, tuple) or not isinstance(got, (tuple, list)) or not 1 < len(want) == len(got) < 6:
        return None
    if any(compare(tuple(order), want, rtol, atol) is None for order in permutations(got)):
        return "Your results are right, their order is not."
    return None
