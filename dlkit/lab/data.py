"""Small data sets: drawn from a seeded generator, or read from a file that scikit-learn brings; never from the net."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

__all__ = ["digits", "two_moons"]


def digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's 1,797 handwritten digits, 8 by 8 pixels: what `sklearn.datasets.load_digits` gives, scaled.

    Returns X (1797, 64), each pixel from 0 to 1, and y (1797,), 0 to 9, in the file's order.
    It reads the file itself, since importing sklearn.datasets takes about a second.
    """
    sklearn = find_spec("sklearn")  # finds the package without importing it
    if sklearn is None or sklearn.origin is None:
        raise ModuleNotFoundError("the digits come with scikit-learn: pip install scikit-learn")
    table = np.loadtxt(Path(sklearn.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    return table[:, :-1] / 16, table[:, -1].astype(int)


def two_moons(n: int, rng: np.random.Generator, noise: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles, standardized: a task that no linear classifier solves.

    n: number of points, at least 2; noise: standard deviation of the jitter, in units of the radius.
    Returns X (n, 2) with mean 0 and standard deviation 1 per column, and y (n,), 0 or 1, in random order.
    """
    y = rng.permutation(n) % 2  # (n,)
    angle = rng.uniform(0, np.pi, n)  # (n,)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (n, 2)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)  # (n, 2)
    X = np.where(y[:, None] == 0, upper, lower) + rng.normal(0, noise, (n, 2))
    return (X - X.mean(axis=0)) / X.std(axis=0), y
