"""Unit 01: what stands between two linear layers, and the softmax that ends them, each with its gradient.

Throughout, `dout` is the gradient of the loss with respect to the output. Every exponential is taken of a number that
cannot be positive, so nothing overflows. Each function uses only np, math and builtins: its body is pasted on its own
into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise:
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable, Sequence

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "sigmoid",
    "sigmoid_backward",
    "tanh",
    "tanh_backward",
    "relu",
    "relu_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "prelu",
    "prelu_backward",
    "elu",
    "elu_backward",
    "selu",
    "softplus",
    "softplus_backward",
    "gelu",
    "gelu_backward",
    "swish",
    "swish_backward",
    "maxout",
    "maxout_backward",
    "hard_tanh",
    "hard_tanh_backward",
    "rbf",
    "logsumexp",
    "softmax",
    "softmax_backward",
    "log_softmax",
    "log_softmax_backward",
    "masked_softmax",
    "dead_relu_fraction",
    "gradient_scale_by_depth",
    "relu_interpolator",
]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The logistic sigmoid σ(x) = 1 / (1 + e^(−x)) of every element, without overflow however large |x| is.

    x: any shape, or a plain number. Returns x's shape; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.10.
    """
    z = np.exp(-np.abs(1.0 * x))  # e^(−|x|); the 1.0 makes integers float
    # Where x < 0, multiply numerator and denominator of 1 / (1 + e^(−x)) by e^x.
    return np.where(x >= 0, 1.0, z) / (1 + z)


def sigmoid_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gradient of `sigmoid` with respect to its input.

    dout: x's shape; x: the forward's input, any shape or a plain number. Returns dx, x's shape.
    Stable like the forward: at |x| = 1e4 the gradient is 0, with no warning.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.10.
    """
    z = np.exp(-np.abs(1.0 * x))
    return dout * z / (1 + z) ** 2  # σ' = σ(x) σ(−x): even in x, and no 1 − σ that would cancel


def tanh(x: np.ndarray) -> np.ndarray:
    """The hyperbolic tangent (e^x − e^(−x)) / (e^x + e^(−x)) of every element, without overflow.

    Do it without `np.tanh` and `math.tanh`.

    x: any shape, or a plain number. Returns x's shape; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.3.2.
    """
    # tanh(x) = 2σ(2x) − 1 = (1 − z) / (1 + z) with z = e^(−2x). Taken at |x| it cannot overflow, expm1 keeps the
    # digits that 1 − z would lose near 0, and tanh is odd.
    t = np.expm1(-2.0 * np.abs(x))  # z − 1, in [−1, 0]
    return np.copysign(t / (2 + t), x)


def tanh_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gradient of `tanh` with respect to its input. `np.tanh` and `math.tanh` are banned here too.

    dout: x's shape; x: the forward's input (not its output), any shape or a plain number. Returns dx, x's shape.
    Stable like the forward: at |x| = 1e4 the gradient is 0, with no warning.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.3.2.
    """
    z = np.exp(-2.0 * np.abs(x))
    return dout * 4 * z / (1 + z) ** 2  # from 2σ(2x) − 1: tanh'(x) = 4σ'(2x)


def relu(x: np.ndarray) -> np.ndarray:
    """The rectified linear unit max(0, x) of every element. NaN stays NaN, so that a broken input is not hidden.

    x: any shape, or a plain number. Returns x's shape; float32 stays float32.
    Source: Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
    """
    return np.maximum(x, 0)


def relu_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gradient of `relu` with respect to its input. At the kink, x = 0, the derivative is the left branch's: 0.

    dout: x's shape; x: the forward's input, any shape or a plain number. Returns dx, x's shape.
    Source: Glorot, Bordes and Bengio, "Deep Sparse Rectifier Neural Networks", 2011.
    """
    return np.where(x > 0, dout, 0.0)


def leaky_relu(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    """x where x > 0, and slope · x elsewhere.

    x: any shape, or a plain number; slope: any real number, above 1 and below 0 too (−1 gives |x|).
    Returns x's shape; float32 stays float32.
    Source: Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013.
    """
    return np.where(x > 0, x, slope * x)  # max(x, slope · x) is right only for slope ≤ 1


def leaky_relu_backward(dout: np.ndarray, x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    """Gradient of `leaky_relu` with respect to its input. At x = 0 the derivative is the left branch's: slope.

    dout: x's shape; x: the forward's input, any shape or a plain number; slope: any real number, as in the forward.
    Returns dx, x's shape.
    Source: Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013.
    """
    return np.where(x > 0, dout, slope * dout)


def prelu(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Leaky ReLU with a learnt slope per channel: x where x > 0, and alpha_c · x elsewhere in channel c.

    x: (N, C) or (N, C, H, W); alpha: (C,), any real numbers. The channel is axis 1 in both.
    Returns x's shape; float32 stays float32.
    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, eq. 1.
    """
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))  # (C,) or (C, 1, 1)
    return np.where(x > 0, x, a * x)


def prelu_backward(dout: np.ndarray, x: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of `prelu` with respect to its input and to its slopes. At x = 0, dx has the left branch's slope.

    dout: x's shape; x: (N, C) or (N, C, H, W); alpha: (C,). Returns dx, x's shape, and dalpha (C,), summed over the
    batch and over all places.
    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, section 2.1.
    """
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))  # (C,) or (C, 1, 1)
    dx = np.where(x > 0, dout, a * dout)
    # alpha_c meets every non-positive x of its channel; each adds dout · x.
    dalpha = (dout * np.minimum(x, 0)).sum(axis=(0, *range(2, x.ndim)))  # (C,)
    return dx, dalpha


def elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """The exponential linear unit: x where x > 0, and alpha · (e^x − 1) elsewhere.

    x: any shape, or a plain number. Returns x's shape; float32 stays float32. A large positive x neither overflows
    nor warns, although the other branch would.
    Source: Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units
    (ELUs)", 2016.
    """
    # np.where computes both branches, so the exponential must not see a positive x.
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def elu_backward(dout: np.ndarray, x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Gradient of `elu` with respect to its input. At x = 0 the derivative is the left branch's: alpha.

    dout: x's shape; x: the forward's input, any shape or a plain number. Returns dx, x's shape.
    Stable like the forward.
    Source: Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units
    (ELUs)", 2016.
    """
    return dout * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


def selu(x: np.ndarray) -> np.ndarray:
    """The self-normalizing ELU: scale · x where x > 0, and scale · alpha · (e^x − 1) elsewhere.

    scale = 1.0507009873554805 and alpha = 1.6732632423543772 make mean 0 and variance 1 a fixed point.

    x: any shape, or a plain number. Returns x's shape; float32 stays float32; no overflow and no warning.
    Source: Klambauer, Unterthiner, Mayr and Hochreiter, "Self-Normalizing Neural Networks", 2017, eq. 2.
    """
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def softplus(x: np.ndarray) -> np.ndarray:
    """The smooth ReLU ln(1 + e^x) of every element, without overflow however large x is. `np.logaddexp` is allowed.

    x: any shape, or a plain number. Returns x's shape; float32 stays float32.
    Source: Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating Second-Order Functional Knowledge for Better
    Option Pricing", 2001.
    """
    return np.logaddexp(0.0, x)  # ln(e^0 + e^x)


def softplus_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gradient of `softplus` with respect to its input.

    dout: x's shape; x: the forward's input, any shape or a plain number. Returns dx, x's shape.
    Stable like the forward.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.10.
    """
    z = np.exp(-np.abs(1.0 * x))
    return dout * np.where(x >= 0, 1.0, z) / (1 + z)  # e^x / (1 + e^x): the sigmoid, computed stably


def gelu(x: np.ndarray, approximate: str = "none") -> np.ndarray:
    """The Gaussian error linear unit: x times the probability that a standard normal variable is below x.

    "none": x · Φ(x) = x/2 · (1 + erf(x / √2)); "tanh": x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))).

    x: any shape, or a plain number. Returns x's shape; float32 stays float32.
    Raises ValueError for any other `approximate`. `math.erf` through `np.vectorize` is fine, and so is `np.tanh`.
    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    """
    x = 1.0 * np.asarray(x)  # integers become float, float32 stays
    if approximate == "none":
        erfc = np.vectorize(math.erfc, otypes=[x.dtype])
        return x * erfc(-x / math.sqrt(2)) / 2  # erfc(−u) = 1 + erf(u), without cancelling at large −x
    if approximate == "tanh":
        return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    raise ValueError(f'approximate must be "none" or "tanh", not {approximate!r}')


def gelu_backward(dout: np.ndarray, x: np.ndarray, approximate: str = "none") -> np.ndarray:
    """Gradient of `gelu` with respect to its input, of the exact form or of the tanh form, each its own derivative.

    dout: x's shape; x: the forward's input, any shape or a plain number. Returns dx, x's shape.
    Raises ValueError for an `approximate` other than "none" and "tanh".
    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
    """
    x = 1.0 * np.asarray(x)
    if approximate == "none":
        erfc = np.vectorize(math.erfc, otypes=[x.dtype])
        cdf = erfc(-x / math.sqrt(2)) / 2
        pdf = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
        return dout * (cdf + x * pdf)  # (x Φ)' = Φ + x φ
    if approximate == "tanh":
        c = math.sqrt(2 / math.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        du = c * (1 + 3 * 0.044715 * x**2)  # derivative of the argument of tanh
        return dout * (1 + t + x * (1 - t**2) * du) / 2
    raise ValueError(f'approximate must be "none" or "tanh", not {approximate!r}')


def swish(x: np.ndarray, beta: float = 1.0) -> np.ndarray:
    """x · σ(beta · x) of every element, σ the logistic sigmoid. At beta = 1 it is called SiLU.

    x: any shape, or a plain number; beta: any real number. Returns x's shape; float32 stays float32; no overflow.
    Source: Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    u = beta * x
    z = np.exp(-np.abs(u))
    return x * np.where(u >= 0, 1.0, z) / (1 + z)  # x · σ(u), σ computed stably


def swish_backward(dout: np.ndarray, x: np.ndarray, beta: float = 1.0) -> np.ndarray:
    """Gradient of `swish` with respect to its input; beta is an option and gets none.

    dout: x's shape; x: the forward's input, any shape or a plain number; beta as in the forward. Returns dx, x's
    shape. Stable like the forward.
    Source: Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    u = beta * x
    z = np.exp(-np.abs(u))
    s = np.where(u >= 0, 1.0, z) / (1 + z)  # σ(u)
    return dout * (s + u * z / (1 + z) ** 2)  # (x σ(βx))' = σ + βx σ', and σ'(u) = z / (1 + z)²


def maxout(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The largest of k linear pieces: out[n, m] = max over i of (x[n] @ W[i] + b[i])[m].

    x: (N, D); W: (k, D, M); b: (k, M). Returns (N, M); float32 stays float32.
    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, "Maxout Networks", 2013.
    """
    pieces = x @ W + b[:, None, :]  # (k, N, M)
    return pieces.max(axis=0)  # (N, M)


def maxout_backward(
    dout: np.ndarray, x: np.ndarray, W: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `maxout`, which flow through the winning piece only; of equal pieces the first one wins.

    dout: (N, M); x: (N, D); W: (k, D, M); b: (k, M). Returns dx (N, D), dW (k, D, M), db (k, M).
    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio, "Maxout Networks", 2013.
    """
    winner = (x @ W + b[:, None, :]).argmax(axis=0)  # (N, M)
    won = winner == np.arange(len(W))[:, None, None]  # (k, N, M)
    dpieces = np.where(won, dout, 0.0)  # (k, N, M)
    dx = (dpieces @ W.transpose(0, 2, 1)).sum(axis=0)  # (k, N, D) summed to (N, D)
    dW = x.T @ dpieces  # (k, D, M)
    db = dpieces.sum(axis=1)  # (k, M)
    return dx, dW, db


def hard_tanh(x: np.ndarray, low: float = -1.0, high: float = 1.0) -> np.ndarray:
    """x held between two limits: low where x < low, high where x > high, x itself between.

    x: any shape, or a plain number; low < high. Returns x's shape; float32 stays float32.
    Source: Collobert, "Large Scale Machine Learning", 2004; "Deep Learning", 2016, section 6.3.3.
    """
    return np.clip(x, low, high)


def hard_tanh_backward(dout: np.ndarray, x: np.ndarray, low: float = -1.0, high: float = 1.0) -> np.ndarray:
    """Gradient of `hard_tanh` with respect to its input. At the limits themselves the derivative is 0.

    dout: x's shape; x: the forward's input, any shape or a plain number. Returns dx, x's shape.
    Source: Collobert, "Large Scale Machine Learning", 2004; "Deep Learning", 2016, section 6.3.3.
    """
    return np.where((low < x) & (x < high), dout, 0.0)


def rbf(x: np.ndarray, centers: np.ndarray, gamma: float) -> np.ndarray:
    """Radial basis functions: out[n, k] = exp(−gamma · ‖x[n] − centers[k]‖²), with no loop over N.

    x: (N, D); centers: (K, D); gamma: one positive number. Returns (N, K); float32 stays float32.
    Source: Broomhead and Lowe, "Multivariable Functional Interpolation and Adaptive Networks", 1988.
    """
    difference = 1.0 * x[:, None, :] - centers  # (N, K, D)
    return np.exp(-gamma * (difference**2).sum(axis=-1))  # (N, K)


def logsumexp(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """ln Σ e^x along one axis, which the result no longer has. Neither overflows nor underflows.

    x: at least 1-D; axis: any of its axes. Returns x's shape without `axis`; float32 stays float32.
    A row of all −inf gives −inf.
    Source: Blanchard, Higham and Higham, "Accurately Computing the Log-Sum-Exp and Softmax Functions", 2021.
    """
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)  # −inf − (−inf) would be NaN
    # ln Σ e^x = top + ln Σ e^(x − top): every power is at most 1, and the largest is exactly 1.
    total = np.exp(x - top).sum(axis=axis)
    with np.errstate(divide="ignore"):  # ln 0 = −inf is right for a row of all −inf
        return np.log(total) + top.squeeze(axis=axis)


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """y_i = e^(x_i) / Σ_j e^(x_j) along one axis: positive numbers that sum to 1 there. Stable for any finite x.

    x: at least 1-D; axis: any of its axes. Returns x's shape; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 4.1 and 6.2.2.3.
    """
    # A shift of the whole row cancels in the fraction; with the maximum taken off every power is at most 1.
    e = np.exp(1.0 * x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_backward(dout: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Gradient of `softmax` with respect to its input, with no Jacobian matrix built.

    dout: y's shape; y: the forward's output, not its input; axis: the forward's. Returns dx, y's shape.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.3.
    """
    # ∂y_i/∂x_j = y_i (δ_ij − y_j), so dx_j = dout_j y_j − y_j Σ_i dout_i y_i.
    return y * (dout - (dout * y).sum(axis=axis, keepdims=True))


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """The logarithm of softmax along one axis, finite also where softmax itself underflows to 0.

    x: at least 1-D; axis: any of its axes. Returns x's shape; float32 stays float32.
    Source: Blanchard, Higham and Higham, "Accurately Computing the Log-Sum-Exp and Softmax Functions", 2021.
    """
    shifted = 1.0 * x - x.max(axis=axis, keepdims=True)
    # ln(e^x_i / Σ e^x_j) = x_i − ln Σ e^x_j: no quotient is ever formed that could underflow.
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_backward(dout: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Gradient of `log_softmax` with respect to its input.

    dout: y's shape; y: the forward's output, the log-probabilities; axis: the forward's. Returns dx, y's shape.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.3.
    """
    # ∂y_i/∂x_j = δ_ij − softmax_j, and softmax = e^y.
    return dout - np.exp(y) * dout.sum(axis=axis, keepdims=True)


def masked_softmax(x: np.ndarray, mask: np.ndarray, axis: int = -1) -> np.ndarray:
    """Softmax along one axis over the places that the mask keeps; the others get exactly 0.

    x: at least 1-D; mask: boolean, x's shape, True keeps a place; axis: any axis of x. Returns x's shape; float32
    stays float32. Where the mask keeps nothing along the axis, the row is all 0, not NaN. No warning either way.
    Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.3.
    """
    kept = np.where(mask, x, -np.inf)
    top = kept.max(axis=axis, keepdims=True)  # −inf where nothing is kept
    e = np.exp(kept - np.where(top > -np.inf, top, 0.0))  # e^(−inf) = 0 exactly
    total = e.sum(axis=axis, keepdims=True)  # at least 1, or 0 where nothing is kept
    return e / np.maximum(total, 1)


def dead_relu_fraction(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> float:
    """The fraction of a ReLU layer's units that are silent on the whole batch: z = x @ W + b is > 0 for no row of x.

    x: (N, D) with N ≥ 1; W: (D, M) with M ≥ 1; b: (M,). Returns a number from 0 to 1.
    Source: Lu, Shin, Su and Karniadakis, "Dying ReLU and Initialization: Theory and Numerical Examples", 2019.
    """
    fires = (x @ W + b > 0).any(axis=0)  # (M,)
    return float(np.mean(~fires))


def gradient_scale_by_depth(
    derivative: "Callable[[np.ndarray], np.ndarray]", pre_activations: "Sequence[np.ndarray]"
) -> np.ndarray:
    """How much of a gradient the activations of the first l + 1 layers let through, on average, for every l.

    Entry l is the product over layers 0..l of mean(|derivative(z)|); the weights' share is left to unit 04.

    derivative: maps an array of pre-activations z to the activation's derivative there, same shape;
    pre_activations: L arrays, the first layer's first, each of any shape. Returns (L,).
    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010.
    """
    return np.cumprod([np.mean(np.abs(derivative(z))) for z in pre_activations])  # (L,)


def relu_interpolator(knots: np.ndarray, values: np.ndarray) -> "Callable[[np.ndarray], np.ndarray]":
    """A network with one hidden ReLU layer that passes through every point (knots[i], values[i]), linear between.

    `np.interp` and polynomial fits are banned.

    knots: (K,), strictly increasing, K ≥ 2; values: (K,). Returns f, which maps x of shape (N,) to (N,); what f does
    outside the knots is up to you.
    Source: Arora, Basu, Mianjy and Mukherjee, "Understanding Deep Neural Networks with Rectified Linear Units", 2018.
    """
    knots, values = 1.0 * np.asarray(knots), 1.0 * np.asarray(values)  # copies: later changes do not reach f
    slopes = np.diff(values) / np.diff(knots)  # (K − 1,), one a segment
    # The hidden unit relu(x − knot) bends the curve at its knot and nowhere else, so its output weight is the change
    # of slope there; the first one starts from a flat line at values[0].
    weights = np.concatenate([slopes[:1], np.diff(slopes)])  # (K − 1,)

    def f(x: np.ndarray) -> np.ndarray:
        hidden = np.maximum(x[:, None] - knots[:-1], 0)  # (N, K − 1)
        return values[0] + hidden @ weights  # (N,)

    return f
