"""Small data sets that experiments draw from a seeded generator, never from a file or the net."""

from __future__ import annotations

import numpy as np

__all__ = ["two_moons"]


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
