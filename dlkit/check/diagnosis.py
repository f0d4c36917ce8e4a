"""The likeliest cause of a wrong value, from the numbers alone: shape, sign, factor, transpose, NaN, …

Each detector looks at what came out, what was expected and what went in, and returns a sentence or nothing. They are
ordered from the most to the least certain; the first that speaks is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlkit.check.show import show, show_index

__all__ = ["diagnose"]

Arguments = tuple[Any, ...]
Detector = Callable[[np.ndarray, np.ndarray, Arguments], str | None]

RTOL = 1e-6


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.allclose(a, b, rtol=RTOL, atol=1e-9, equal_nan=True))


def _arrays(arguments: Arguments) -> list[tuple[int, np.ndarray]]:
    """The numeric array arguments with their positions, counted from 1."""
    pairs = [(number, np.asarray(value)) for number, value in enumerate(arguments, 1) if isinstance(value, np.ndarray)]
    return [(number, array) for number, array in pairs if array.dtype.kind in "biuf"]


def _shape(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    if got.shape == want.shape:
        return None
    if got.shape == want.shape[::-1]:
        return "Your result is transposed."
    if got.size == want.size and np.squeeze(got).shape == np.squeeze(want).shape:
        if got.ndim > want.ndim:
            axis = next((i for i in range(got.ndim) if i >= want.ndim or got.shape[i] != want.shape[i]), 0)
            return f"Your result keeps axis {axis} with length 1: is there a keepdims too many?"
        if got.ndim == want.ndim:
            return "Your result has an axis of length 1 in another place."
        return "Your result lost an axis of length 1: is a keepdims missing?"
    if got.size == want.size:
        return "The number of values is right, their arrangement is not: look at your reshape."
    if got.ndim == 0:
        return "Your result is one number for the whole input: reduce over fewer axes."
    for axis in range(want.ndim):
        if got.shape == want.shape[:axis] + want.shape[axis + 1 :]:
            return f"Axis {axis} is gone: did you sum or average over it?"
    for axis in range(got.ndim):
        if want.shape == got.shape[:axis] + got.shape[axis + 1 :]:
            return f"Axis {axis} is still there: a sum or mean over it is missing."
    if want.ndim == 0:
        return "One number is asked for the whole input: reduce over every axis."
    if got.ndim == 2 and len(set(got.shape)) == 1 and want.size == len(got):
        return "An (N, 1) array and an (N,) array broadcast to (N, N): look at the shapes you combine."
    return "Look at the axes you reduce over and at the shapes you combine."


def _nan(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    bad = ~np.isfinite(got) & np.isfinite(want)
    if not bad.any():
        return None
    index = tuple(np.argwhere(bad)[0])
    kind = "NaN" if np.isnan(got[index]) else "infinite"
    below = got[index] == -np.inf
    where = f" at {show_index(index)}" if index else ""
    beside = [(number, array[index]) for number, array in _arrays(arguments) if array.shape == got.shape]
    number, value = max(beside, key=lambda pair: abs(pair[1]), default=(0, 0.0))  # the largest is to blame most often
    source = f", where argument {number} is {show(value)}" if beside else ""
    cause = (
        "the logarithm of 0, or a division by 0"
        if below
        else "an exp that overflows, a logarithm of 0 or a division by 0"
    )
    if kind == "NaN":
        cause = "inf − inf, 0 · inf, 0/0 or a logarithm of a negative number"
    if bad.size == 1:
        return f"Your result is {kind}. Usual cause: {cause}."
    return f"{int(bad.sum())} of {bad.size} values are {kind}, the first{where}{source}. Usual cause: {cause}."


def _finite(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    missed = np.isfinite(got) & np.isinf(want)
    if not missed.any() or not _close(got[~missed], want[~missed]):
        return None
    return "Right but where infinity is expected: is a small number added, or a value clipped?"


def _sign(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    return "Your result has the wrong sign." if _close(-got, want) else None


def _zero(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    return "Your result is zero everywhere." if got.size > 1 and not got.any() else None


def _integers(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    if got.dtype.kind in "iu" and _close(got, np.trunc(want)):
        return "Your result is made of integers: the values were cut off. Work in floating point."
    return None


def _factor(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    nonzero = np.abs(want) > 1e-9
    if np.unique(np.abs(want[nonzero]).round(12)).size < 2:
        return None  # any two numbers have some ratio
    ratios = got[nonzero] / want[nonzero]
    factor = float(np.median(ratios))
    if abs(factor) < 1e-9 or abs(factor - 1) < 1e-3 or not _close(got, factor * want):
        return None
    for number, array in _arrays(arguments):
        lengths = [(size, f"the length of axis {axis}") for axis, size in enumerate(array.shape)]
        for size, what in (*lengths, (array.size, "the number of elements")):
            for name, value in ((f"{size}", size), (f"1/{size}", 1 / size)):
                if size > 2 and np.isclose(factor, value):
                    perhaps = "a sum where a mean is asked" if value > 1 else "a mean where a sum is asked"
                    return (
                        f"Every value is {name} times the expected one, and {size} is {what} of argument {number}: "
                        f"perhaps {perhaps}."
                    )
    return f"Every value is {show(factor)} times the expected one: a constant factor is wrong."


def _transposed(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    if want.ndim >= 2 and max(want.shape) > 2 and got.shape == want.T.shape and _close(got.T, want):
        return "Your result is transposed."
    return None


def _argument(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    for number, array in _arrays(arguments):
        if array.shape == got.shape and _close(got, array):
            return f"Your result is argument {number}, unchanged."
    return None


def _related(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    relations = (
        ("one minus the expected value", lambda v: 1 - v),
        ("the exponential of the expected value", np.exp),
        ("the logarithm of the expected value", np.log),
        ("the square of the expected value", np.square),
        ("the square root of the expected value", np.sqrt),
        ("one over the expected value", lambda v: 1 / v),
    )
    if np.unique(want).size < 3:
        return None  # a few values fit some relation by chance
    for words, relation in relations:
        expected = relation(want)
        if not np.allclose(expected, want) and _close(got, expected):
            return f"Your result is {words}."
    return None


def _offset(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    offset = float(np.median(got - want))
    if want.size > 1 and abs(offset) < 1e6 and _close(got, want + offset):
        size = f"{abs(offset):.4g} too {'large' if offset > 0 else 'small'}"
        return f"Every value is {size}: a constant is missing or too many."
    return None


def _order(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    if want.size > 2 and _close(np.sort(got, axis=None), np.sort(want, axis=None)):
        return "The right numbers stand in the wrong places."
    return None


def _precision(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    if np.allclose(got, want, rtol=1e-3, atol=1e-6 * np.abs(want[np.isfinite(want)]).max(initial=0)):
        return "Nearly right: only the last digits differ. Is a constant rounded, or an approximation too coarse?"
    return None


def _region(got: np.ndarray, want: np.ndarray, arguments: Arguments) -> str | None:
    """Wrong exactly where some argument is negative, positive or zero."""
    wrong = ~np.isclose(got, want, rtol=RTOL, atol=1e-9)
    if wrong.all():
        return None
    for number, array in reversed(_arrays(arguments)):
        if array.shape != wrong.shape or array.size < 6 or not ((array < 0).any() and (array > 0).any()):
            continue  # chance, or an argument whose sign says nothing
        for words, region in (("negative", array < 0), ("positive", array > 0), ("zero", array == 0)):
            if not want[~region].any():
                continue  # 0 there, however wrong the formula
            if (wrong == region).all():
                return f"Wrong exactly where argument {number} is {words}; right elsewhere."
        for words, region in (("negative", array < 0), ("positive", array > 0)):
            if wrong.sum() > 1 and (wrong <= region).all():
                return f"Wrong only where argument {number} is {words}."
    return None


_SAME_SHAPE: tuple[Detector, ...] = (
    _nan, _finite, _integers, _zero, _sign, _argument, _factor, _transposed, _related, _precision, _offset, _order,
    _region,
)  # fmt: skip


def diagnose(got: Any, want: Any, arguments: Arguments) -> str | None:
    """The likeliest cause in one sentence, or None where the numbers do not tell."""
    if got is None:
        return "Your function returned None: is there a `return`?"
    if isinstance(want, (str, dict, tuple)) or want is None:
        return None
    try:
        ours, theirs = np.asarray(got), np.asarray(want)
    except ValueError:  # lists of arrays of several shapes
        return None
    if ours.dtype.kind not in "biuf" or theirs.dtype.kind not in "biuf":
        return None
    if ours.shape != theirs.shape:
        return _shape(ours, theirs, arguments)
    if theirs.size == 0:
        return None
    with np.errstate(all="ignore"):
        if ours.dtype.kind == "b":
            ours = ours.astype(float)
        for detector in _SAME_SHAPE:
            sentence = detector(ours, theirs, arguments)
            if sentence:
                return sentence
    return None
