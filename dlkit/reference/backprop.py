"""Unit 03: derivatives, three ways: measured (differences, complex steps), derived by hand, and by the machine.

Rows are samples throughout, so a dense layer is x @ W + b. Whatever is measured by differences is measured, and
returned, in float64, because float32 has too few digits to subtract. Each function uses only np, math and builtins:
its body is pasted on its own into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise:
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable, Sequence

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "numerical_gradient",
    "relative_error",
    "gradient_check",
    "complex_step_gradient",
    "affine_forward",
    "affine_backward",
    "unbroadcast",
    "output_error",
    "backward_error",
    "layer_gradients",
    "mlp_loss",
    "Value",
    "jacobian",
    "vjp",
    "jvp",
    "checkpointed_backward",
    "linear_collapse",
]


def numerical_gradient(f: "Callable[[np.ndarray], float]", x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The gradient of f at x by central differences: entry i is (f(x + h e_i) − f(x − h e_i)) / 2h.

    f: takes an array of x's shape, here always float64, and returns one number; x: any shape, () too, float or
    integer. Returns float64 of x's shape, whatever x's dtype. x itself is the same to the last bit afterwards.
    Source: Nocedal and Wright, "Numerical Optimization", 2006, section 8.1.
    """
    x = np.array(x, dtype=np.float64)  # a copy: 3 + 1e-5 is lost in an integer array, and mostly so in float32
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        gradient[i] = (float(f(ahead)) - float(f(behind))) / (2 * h)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """How far apart two gradients are: the maximum over entries of |a − b| / max(1e-8, |a| + |b|).

    a and b: the same shape, any, or plain numbers; float or integer. Returns one float: 0 for equal arrays (entries
    that are both 0 count as equal, and so do two empty arrays), at most 1, and NaN where there is a NaN.
    Source: Stanford's CS231n, assignment 1, rel_error. (Its notes, "Gradient checks", divide by the larger of the two.)
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    errors = np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))
    return float(np.max(errors, initial=0.0))  # unlike Python's max, np.max lets no NaN get lost


def gradient_check(
    f: "Callable[[np.ndarray], float]",
    grad: np.ndarray,
    x: np.ndarray,
    rng: np.random.Generator,
    directions: int = 5,
    h: float = 1e-5,
) -> float:
    """The worst relative error of a claimed gradient, along random directions: two calls of f each, however large x is.

    Along a unit vector v the slope of f is Σ grad · v; it is compared with (f(x + h v) − f(x − h v)) / 2h by
    |a − b| / max(1e-8, |a| + |b|).

    f: takes an array of x's shape, here always float64, and returns one number; grad: the claimed gradient of f at x,
    x's shape; x: any shape, float or integer; directions: how many unit vectors to draw from rng, best uniform
    over all directions. Returns one float: near 0 if grad is right, NaN if grad has a NaN, 0 if x is empty.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 11.5.
    """
    x = np.asarray(x, dtype=np.float64)
    errors = []
    for _ in range(directions):
        v = rng.standard_normal(x.shape)
        v = v / np.linalg.norm(v)  # a normal vector's direction is uniform
        claimed = np.sum(grad * v)
        ahead, behind = np.asarray(x + h * v), np.asarray(x - h * v)
        measured = (float(f(ahead)) - float(f(behind))) / (2 * h)
        errors.append(np.abs(claimed - measured) / max(1e-8, np.abs(claimed) + np.abs(measured)))
    return float(np.max(errors, initial=0.0))  # unlike Python's max, np.max lets no NaN get lost


def complex_step_gradient(f: "Callable[[np.ndarray], complex]", x: np.ndarray, h: float = 1e-30) -> np.ndarray:
    """The gradient of f at x by complex steps, to rounding error: entry k is Im f(x + i h e_k) / h.

    f(x + ih) = f(x) + i h f'(x) − h² f''(x) / 2 − …: the derivative is alone in the imaginary part. Nothing is
    subtracted, so h may be so small that h² is nothing.

    f: takes a complex128 array of x's shape and returns one complex number; analytic, so made of + − · /, powers, exp,
    sin, … and not of abs, max, comparisons or conjugates; x: real, any shape, () too, float or integer.
    Returns float64 of x's shape.
    Source: Squire and Trapp, "Using Complex Variables to Estimate Derivatives of Real Functions", 1998.
    """
    x = np.asarray(x)
    gradient = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        moved = x.astype(np.complex128)  # a copy
        moved[k] += 1j * h
        gradient[k] = np.imag(f(moved)) / h
    return gradient


def affine_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> "tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]":
    """A fully connected layer: every sample flattened to a row, then rows @ W + b.

    x: (N, d1, …, dk) with N ≥ 1, k ≥ 1; W: (D, M) with D = d1 · … · dk; b: (M,). Returns out (N, M) and a cache for
    `affine_backward`; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.4.
    """
    rows = 1.0 * x.reshape(len(x), -1)  # (N, D); the 1.0 makes integers float, so that bytes cannot overflow
    return rows @ W + b, (x, W)


def affine_backward(
    dout: np.ndarray, cache: "tuple[np.ndarray, np.ndarray]"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `affine_forward` with respect to x, W and b.

    dout: (N, M); cache: what `affine_forward` returned. Returns dx, x's shape (N, d1, …, dk), dW (D, M), db (M,):
    those of W and b are sums over the batch, with no 1/N. float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.4.
    """
    # out[n, m] = Σ_d x[n, d] W[d, m] + b[m]. So W[d, m] meets every sample and b[m] too: their gradients sum over the
    # batch; x[n, d] meets every output: its gradient sums over m.
    x, W = cache
    rows = x.reshape(len(x), -1)  # (N, D)
    dx = (dout @ W.T).reshape(x.shape)  # (N, D), then (N, d1, …, dk)
    dW = rows.T @ dout  # (D, M)
    db = dout.sum(axis=0)  # (M,)
    return dx, dW, db


def unbroadcast(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient of an array that broadcasting stretched from `shape` to grad's shape: a sum over the repeats.

    Broadcasting copies an entry to many places; each copy's gradient comes back to it, and they add up. Repeated are
    the axes that numpy put in front and those that had size 1.

    grad: the stretched array's gradient; shape: what it was before, () for a plain number, as long as it broadcasts to
    grad's. Returns an array of exactly this shape; float32 stays float32.
    Source: Maclaurin, Duvenaud and Adams, "Autograd: Effortless Gradients in NumPy", 2015.
    """
    new = grad.ndim - len(shape)  # axes put in front
    repeated = tuple(axis for axis in range(grad.ndim) if axis < new or shape[axis - new] == 1)
    return grad.sum(axis=repeated).reshape(shape)


def output_error(
    a: np.ndarray, y: np.ndarray, z: np.ndarray, dactivation: "Callable[[np.ndarray], np.ndarray]"
) -> np.ndarray:
    """The error δ = ∂C/∂z of the last layer under C = ½ Σ (a − y)², summed over samples and units: (a − y) · σ'(z).

    There is no 1/N in C.

    a: the layer's output (N, M); y: its target (N, M); z: its input to the activation (N, M); dactivation: the
    activation's derivative, elementwise. Returns (N, M); float32 stays float32.
    Source: Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2, eq. BP1.
    """
    return (1.0 * a - y) * dactivation(z)  # the 1.0: bytes cannot go below 0


def backward_error(
    W_next: np.ndarray, delta_next: np.ndarray, z: np.ndarray, dactivation: "Callable[[np.ndarray], np.ndarray]"
) -> np.ndarray:
    """The error δ = ∂C/∂z of a layer from the error of the next one: (δ_next @ W_nextᵀ) · σ'(z).

    W_next: the next layer's weights (M, M_next); delta_next: its error (N, M_next); z: this layer's input to the
    activation (N, M); dactivation: the activation's derivative, elementwise. Returns (N, M); float32 stays float32.
    Source: Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2, eq. BP2 (with samples as columns).
    """
    return (delta_next @ W_next.T) * dactivation(z)


def layer_gradients(delta: np.ndarray, a_previous: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of a layer's weights and biases from its error, in this order.

    They are sums over the samples, because C is one; there is no 1/N.

    delta: (N, M); a_previous: the layer's input (N, D). Returns dW (D, M), db (M,); float32 stays float32.
    Source: Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2, eq. BP3 and BP4 (with samples as columns).
    """
    # Sample n gives dW the outer product of its input and its error: the matrix product adds them up over n.
    return a_previous.T @ delta, delta.sum(axis=0)


def mlp_loss(
    params: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray, reg: float = 0.0
) -> tuple[float, dict[str, np.ndarray]]:
    """Loss and gradients of a classifier with any number of layers: dense, ReLU, dense, ReLU, …, dense, softmax.

    loss = mean over samples of −ln softmax(logits)[y] + ½ · reg · (sum of the squares of all weights, not biases).

    params: {"W1", "b1", …, "WL", "bL"}, L ≥ 1, in any order, W_i (D_{i−1}, D_i) and b_i (D_i,); X: (N, D_0) with
    N ≥ 1; y: (N,), integer classes from 0 to D_L − 1. Returns the loss, one number, and a dictionary of gradients with
    the keys of params; float32 stays float32 in the gradients. Finite and without warning at logits of ±1e4. No Python
    loop over N. params is not changed. ReLU's derivative at 0 is 0.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 6.5.4 and 6.5.7.
    """
    L = sum(name.startswith("W") for name in params)
    inputs, out = [], X
    for i in range(1, L + 1):
        inputs.append(out)  # what layer i reads
        out = out @ params[f"W{i}"] + params[f"b{i}"]  # (N, D_i)
        if i < L:
            out = np.maximum(out, 0)

    rows = np.arange(len(X))
    shifted = out - out.max(axis=1, keepdims=True)  # no power above 1
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, C)
    squares = sum(np.sum(params[f"W{i}"] ** 2) for i in range(1, L + 1))
    loss = float(-log_probs[rows, y].mean() + 0.5 * reg * squares)

    dz = np.exp(log_probs)  # softmax minus one-hot, over N
    dz[rows, y] -= 1
    dz = dz / len(X)  # (N, C)
    grads = {}
    for i in range(L, 0, -1):
        W, a = params[f"W{i}"], inputs[i - 1]
        grads[f"W{i}"] = a.T @ dz + reg * W
        grads[f"b{i}"] = dz.sum(axis=0)
        if i > 1:
            dz = np.where(a > 0, dz @ W.T, 0.0)  # (N, D_{i−1}); relu(z) > 0 just where z > 0
    return loss, grads


class Value:
    """A number that remembers how it was computed, so that it can be differentiated: scalar reverse mode.

    Value(data) has `.data`, a float, and `.grad`, 0.0 until a `backward()` reaches it. `+ - * /`, unary minus,
    `** number`, exp(), log(), tanh() and relu() give new Values; in `+ - * /` either side may be a plain number.

    After L.backward() every Value v that L was computed from has dL/dv added to its `.grad`, over all the paths from v
    to L; L itself has 1 added. A second backward() through the same Values is not asked. relu's derivative at 0 is 0;
    x ** 0 has derivative 0 everywhere. Where Python's own arithmetic or math raises (1 / 0, log of 0, exp of 1e4), so
    may this. A chain of 10,000 operations must work without touching the recursion limit.
    Source: Baydin, Pearlmutter, Radul and Siskind, "Automatic Differentiation in Machine Learning: a Survey", 2018,
    section 3.2.
    """

    def __init__(self, data: float, operands: "Sequence[tuple[Value, float]]" = ()) -> None:
        """A number; if computed, from which operands: pairs (Value, derivative of this number with respect to it)."""
        self.data = float(data)
        self.grad = 0.0
        self.operands = operands

    def __add__(self, other: "Value | float") -> "Value":
        """self + other"""
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __radd__(self, other: float) -> "Value":
        """other + self, where other is a plain number"""
        return self + other

    def __mul__(self, other: "Value | float") -> "Value":
        """self * other"""
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __rmul__(self, other: float) -> "Value":
        """other * self, where other is a plain number"""
        return self * other

    def __neg__(self) -> "Value":
        """-self"""
        return self * -1

    def __sub__(self, other: "Value | float") -> "Value":
        """self - other"""
        return self + -other

    def __rsub__(self, other: float) -> "Value":
        """other - self, where other is a plain number"""
        return -self + other

    def __truediv__(self, other: "Value | float") -> "Value":
        """self / other"""
        # Not self * other ** -1, which rounds twice: 49 * (1 / 49) is not 1.
        other = other if isinstance(other, Value) else Value(other)
        quotient = self.data / other.data
        return Value(quotient, [(self, 1 / other.data), (other, -quotient / other.data)])

    def __rtruediv__(self, other: float) -> "Value":
        """other / self, where other is a plain number"""
        return Value(other) / self

    def __pow__(self, exponent: float) -> "Value":
        """self ** exponent, where exponent is a plain number"""
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 0.0  # 0 ** -1 would raise
        return Value(self.data**exponent, [(self, slope)])

    def exp(self) -> "Value":
        """e to the power self"""
        power = math.exp(self.data)
        return Value(power, [(self, power)])

    def log(self) -> "Value":
        """The natural logarithm of self"""
        return Value(math.log(self.data), [(self, 1 / self.data)])

    def tanh(self) -> "Value":
        """The hyperbolic tangent of self"""
        t = math.tanh(self.data)
        return Value(t, [(self, 1 - t**2)])

    def relu(self) -> "Value":
        """max(self, 0), with derivative 0 at 0"""
        return Value(max(self.data, 0.0), [(self, 1.0 if self.data > 0 else 0.0)])

    def backward(self) -> None:
        """Add the derivative of self with respect to v to v.grad, for self and every Value it was computed from."""
        # First an order in which every Value comes after its operands, by depth-first search. The stack is our own:
        # Python's would overflow on a deep graph. A Value is met once to push its operands, once more to be listed.
        order: list[Value] = []
        seen: set[Value] = set()
        stack = [(self, False)]
        while stack:
            value, operands_done = stack.pop()
            if operands_done:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                stack.append((value, True))
                stack.extend((operand, False) for operand, _ in value.operands)
        # Then backwards through it: when a Value's turn comes, all that use it have given it their share.
        gradient = dict.fromkeys(order, 0.0)
        gradient[self] = 1.0
        for value in reversed(order):
            value.grad += gradient[value]
            for operand, slope in value.operands:
                gradient[operand] += slope * gradient[value]


def jacobian(f: "Callable[[np.ndarray], np.ndarray]", x: np.ndarray) -> np.ndarray:
    """The matrix J[i, j] = ∂f_i/∂x_j at x, by central differences: one column for each pair of calls of f.

    f: (n,) to (m,), called with float64; x: (n,), n ≥ 1, float or integer. Returns float64 (m, n), each entry to 1e-5
    for f and x of ordinary size.
    Source: Nocedal and Wright, "Numerical Optimization", 2006, section 8.1.
    """
    h = 1e-5
    x = np.asarray(x, dtype=np.float64)
    steps = h * np.eye(len(x))  # row j moves x_j alone
    return np.stack([(f(x + step) - f(x - step)) / (2 * h) for step in steps], axis=1)  # (m, n)


def vjp(f: "Callable[[np.ndarray], np.ndarray]", x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The vector-Jacobian product vᵀ J at x, by central differences: the gradient of v · f(x).

    Reverse mode gets it for about the price of one f. Differences know no reverse: they pay two calls of f for each of
    the n inputs, as for the whole of J.

    f: (n,) to (m,), called with float64; x: (n,), n ≥ 1; v: (m,); float or integer. Returns float64 (n,), to 1e-5 for
    f, x and v of ordinary size.
    Source: Baydin, Pearlmutter, Radul and Siskind, "Automatic Differentiation in Machine Learning: a Survey", 2018,
    section 3.2.
    """
    h = 1e-5
    x = np.asarray(x, dtype=np.float64)
    steps = h * np.eye(len(x))  # row j moves x_j alone
    return np.array([v @ (f(x + step) - f(x - step)) / (2 * h) for step in steps])  # (n,)


def jvp(f: "Callable[[np.ndarray], np.ndarray]", x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The Jacobian-vector product J v at x, by one central difference along v: two calls of f, whatever n is.

    It is the derivative of f(x + t v) by t at 0, the column of forward mode. At most 8 calls of f are allowed.

    f: (n,) to (m,), called with float64; x: (n,); v: (n,), of any length, 0 too (which gives zeros); float or integer.
    Returns float64 (m,), to 1e-5 for f and x of ordinary size, relative to the length of v where that is above 1.
    Source: Baydin, Pearlmutter, Radul and Siskind, "Automatic Differentiation in Machine Learning: a Survey", 2018,
    section 3.1.
    """
    x, v = np.asarray(x, dtype=np.float64), np.asarray(v, dtype=np.float64)
    h = 1e-5 / (np.linalg.norm(v) or 1.0)  # so x moves by 1e-5, however long v is
    return (f(x + h * v) - f(x - h * v)) / (2 * h)  # (m,)


def checkpointed_backward(
    layers: "Sequence[tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray, np.ndarray], np.ndarray]]]",
    x: np.ndarray,
    dout: np.ndarray,
    every: int,
) -> tuple[np.ndarray, int]:
    """Backpropagation through a chain of layers that keeps few of their inputs and computes the others again.

    The inputs of layers 0, every, 2 · every, … are checkpoints: they are kept on the way forward, and to the end. On
    the way back, one segment of `every` layers at a time (the last may be shorter), the inputs of its other layers are
    computed again from its checkpoint, used, and forgotten before the next segment's turn.

    layers: L ≥ 1 pairs (forward, backward), forward(x) -> out and backward(dout, x) -> dx with x the layer's input;
    x: the first layer's input; dout: gradient of the loss with respect to the last layer's output; every ≥ 1, above L
    too. Returns dx, the gradient with respect to x, and peak, the largest number of layer inputs held at one time:
    checkpoints (x is the first) and the recomputed inputs of one segment. The array just handed from one layer to the
    next on the way forward does not count. peak = ceil(L / every) + min(every, L) − 1. At most 2L calls of forwards.
    Source: Chen, Xu, Zhang and Guestrin, "Training Deep Nets with Sublinear Memory Cost", 2016.
    """
    starts = range(0, len(layers), every)  # the first layer of each segment
    checkpoints = [x]
    for start in starts[:-1]:  # the last segment's output is not needed
        for forward, _ in layers[start : start + every]:
            x = forward(x)
        checkpoints.append(x)

    peak = 0
    for start, checkpoint in zip(reversed(starts), reversed(checkpoints), strict=True):
        segment = layers[start : start + every]
        inputs = [checkpoint]
        for forward, _ in segment[:-1]:
            inputs.append(forward(inputs[-1]))
        peak = max(peak, len(checkpoints) + len(inputs) - 1)  # its first input is one of the checkpoints
        for (_, backward), layer_input in zip(reversed(segment), reversed(inputs), strict=True):
            dout = backward(dout, layer_input)
    return dout, peak


def linear_collapse(weights: "Sequence[np.ndarray]") -> np.ndarray:
    """The one matrix that does what a stack of linear layers does: W_1 @ W_2 @ … @ W_L.

    Without activations between them (and without biases) x @ W_1 @ … @ W_L = x @ (W_1 @ … @ W_L): depth adds nothing.

    weights: a list of L ≥ 1 arrays, (D_0, D_1), (D_1, D_2), …, first layer first. Returns (D_0, D_L); float32 stays
    float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.1.
    """
    product = 1.0 * weights[0]  # the 1.0 makes integers float, so that small ones cannot overflow
    for W in weights[1:]:
        product = product @ W
    return product
