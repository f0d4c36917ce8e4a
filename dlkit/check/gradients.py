"""A backward against finite differences, along random directions and with a random upstream gradient.

For a forward y = f(x) and its vector-Jacobian product g = backward(dout), every direction v must satisfy
<g, v> = d/dh <dout, f(x + h v)> at h = 0. Two evaluations a direction, however large x is. Random dout and v leave
no room for a backward that is right only when dout is all ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import numpy as np

from dlkit.check.call import Behaviour, call
from dlkit.check.compare import compare
from dlkit.check.diagnosis import diagnose
from dlkit.check.expectation import Expectation, expect
from dlkit.check.problem import Mismatch, Problem
from dlkit.check.show import show, show_call

__all__ = ["gradients"]

FULL = 400
"""Up to this many input elements a failure computes the whole numerical gradient, to say what is wrong with ours."""


def gradients(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *args: Any,
    given: Literal["inputs", "output", "cache", "loss"] = "inputs",
    wrt: int = 1,
    seed: int = 0,
    limit: float = 1e-6,
    h: float = 1e-5,
    **options: Any,
) -> Expectation:
    """The backward agrees with central differences of the forward.

    forward(*args, **options) -> out, or (out, cache) with `given="cache"`; backward(dout, *args, **options),
    backward(dout, out, **options) or backward(dout, cache), returning one gradient per array argument, a single one
    bare. Every array in `args` must be float64 and away from kinks. `limit` bounds the relative error.

    With `given="loss"`, backward is a loss: backward(*args, **options) -> (loss, one gradient for each of the first
    `wrt` arguments), and forward(*args, **options) -> loss is its formula. A loss of many parts has all-ones for dout.
    """
    rng = np.random.default_rng(seed)
    name = getattr(forward, "__name__", "forward")
    ours_name = getattr(backward, "__name__", "backward")
    arrays = [i for i, arg in enumerate(args) if isinstance(arg, np.ndarray)]
    if given == "loss":
        arrays = list(range(wrt))
        name, first = ours_name, forward(*args, **options)
    else:
        first = expect(forward, *args, **options).value
    out, kept = first if given == "cache" else (first, None)
    dout = np.ones(np.shape(out)) if given == "loss" else rng.standard_normal(np.shape(out))
    if given == "loss":
        called = expect(backward, *args, **options)
    elif given == "inputs":
        called = expect(backward, dout, *args, **options)
    elif given == "output":
        called = expect(backward, dout, out, **options)
    else:
        called = expect(backward, dout, kept)

    def along(index: int, step: np.ndarray) -> float:
        values = []
        for sign in (1, -1):
            moved = list(args)
            moved[index] = args[index] + sign * step
            behaviour = call(forward, tuple(moved), options)
            if behaviour.error:
                raise Mismatch(Problem(f"{show_call(name, tuple(moved), options)} raised {behaviour.error}", "error"))
            result = behaviour.value[0] if given == "cache" else behaviour.value
            values.append(np.asarray(result, dtype=np.float64))
        return float((dout * (values[0] - values[1])).sum() / (2 * h))

    directions = {i: [rng.standard_normal(np.shape(args[i])) for _ in range(3)] for i in arrays}
    slopes = {i: [along(i, h * direction) for direction in directions[i]] for i in arrays}

    @cache
    def whole(index: int) -> np.ndarray | None:
        if np.size(args[index]) > FULL:
            return None
        gradient = np.empty(np.shape(args[index]))
        for place in np.ndindex(gradient.shape):
            step = np.zeros(gradient.shape)
            step[place] = h
            gradient[place] = along(index, step)
        return gradient

    def demand(behaviour: Behaviour) -> Problem | None:
        value = behaviour.value
        if given == "loss":
            parts = value[1:] if isinstance(value, (list, tuple)) else None
        else:
            parts = [value] if len(arrays) == 1 else value
        if not isinstance(parts, (list, tuple)) or len(parts) != len(arrays):
            text = f"{ours_name} must return {len(arrays)} gradients, one per array argument"
            if given == "loss":
                text = f"{ours_name} must return the loss and {len(arrays)} gradient{'s' * (len(arrays) > 1)}"
            return Problem(f"{text}; it returned {show(value)}", "value")
        for i, part in zip(arrays, parts, strict=True):
            wrong = compare(part, np.zeros(np.shape(args[i])), 0.0, np.inf)
            if wrong:
                return Problem(
                    f"{ours_name}: {wrong.line}",
                    "value",
                    None if isinstance(part, tuple) else diagnose(part, np.asarray(args[i]), args),
                )
            for direction, slope in zip(directions[i], slopes[i], strict=True):
                ours = float((np.asarray(part) * direction).sum())
                error = abs(ours - slope) / max(abs(ours), abs(slope), 1e-3)
                if not error <= limit:
                    return report(i, part, ours, slope, error)
        return None

    def report(index: int, part: Any, ours: float, slope: float, error: float) -> Problem:
        which = f"gradient {arrays.index(index) + 1} of {ours_name}" if len(arrays) > 1 else f"gradient of {ours_name}"

        def said() -> str:
            text = (
                f"{which} along a random direction: yours gives {ours:.6g}, finite differences give {slope:.6g}"
                f"\nrelative error {error:.2g} (limit {limit:g})"
            )
            numeric = whole(index)
            difference = None if numeric is None else compare(part, numeric, 1e-5, 1e-7)
            return f"{text}\n{difference.line}" if difference else text

        def why() -> str | None:
            numeric = whole(index)
            return None if numeric is None else diagnose(part, numeric, args if given == "loss" else (dout, *args))

        return Problem(said, "value", why)

    return called.meets(demand)
