"""Unit 01: wrong answers to the activations and their gradients."""

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.activations import sigmoid


@mistake(sigmoid)
def overflows_for_negative_x(x):
    """Your formula takes exp of a large positive number when x is very negative: right values, but it overflows."""
    return 1 / (1 + np.exp(-x))


@mistake(sigmoid)
def has_the_exponents_sign_wrong(x):
    """Your curve falls where it should rise: look at the sign in the exponent."""
    z = np.exp(-np.abs(1.0 * x))
    return np.where(x >= 0, z, 1.0) / (1 + z)


@mistake(sigmoid)
def gives_nan_for_large_x(x):
    """Your formula divides one overflowed exponential by another: for large x that is inf / inf, which is NaN."""
    return np.exp(x) / (1 + np.exp(x))


@mistake(sigmoid)
def works_in_place(x):
    """Your function writes into x: the caller's array is not the same afterwards."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return sigmoid(x)
    x[...] = sigmoid(x)
    return x
