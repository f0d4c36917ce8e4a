"""The reference answers of unit 01: right values, right gradients, and the course's conventions, for all 33 functions.

Values come from PyTorch and SciPy (golden/make_activations.py), and what neither library has from a definition in plain
loops. What holds of every function, one row of a table each, is proved by Proofs.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit.reference import activations
from dlkit.reference.activations import (
    dead_relu_fraction,
    gelu,
    gelu_backward,
    gradient_scale_by_depth,
    hard_tanh,
    leaky_relu,
    log_softmax,
    logsumexp,
    masked_softmax,
    maxout,
    maxout_backward,
    prelu,
    prelu_backward,
    rbf,
    relu,
    relu_interpolator,
    sigmoid,
    sigmoid_backward,
    softmax,
    softmax_backward,
    softplus,
    swish,
    tanh,
)
from tests.proofs import Proofs
from tests.rows import Array, Named, Row, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)


# --- the table ------------------------------------------------------------------------------------------------------


def between_kinks(*shape: int) -> Array:
    """Random numbers of either sign, at least 0.2 away from -1, 0 and 1, so that finite differences cross no kink."""
    return rng.choice([-1.7, -0.6, 0.4, 1.6], size=shape) + rng.uniform(-0.2, 0.2, size=shape)


X, X3, X4 = between_kinks(4, 3), between_kinks(2, 3, 4), between_kinks(2, 3, 2, 4)
MASK = np.array([[True, False, True], [False, False, False], [True, True, True], [False, True, False]])
ALPHA = np.array([0.25, -1.5, 2.0])
KNOTS, VALUES = np.array([-2.0, -0.5, 1.0, 1.5, 4.0]), np.array([1.0, -1.5, 2.0, 2.0, 0.5])

# Operations that act on each element alone, with options other than the defaults too.
ELEMENTWISE: list[tuple[str, Named]] = [
    ("sigmoid", {}),
    ("tanh", {}),
    ("relu", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"slope": 3.0}),
    ("leaky_relu", {"slope": -1.0}),
    ("elu", {}),
    ("elu", {"alpha": 0.3}),
    ("selu", {}),
    ("softplus", {}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("swish", {}),
    ("swish", {"beta": -2.5}),
    ("hard_tanh", {}),
    ("hard_tanh", {"low": -2.5, "high": 0.1}),
]

ROWS = [Row(name, (X,), options) for name, options in ELEMENTWISE] + [
    Row("sigmoid", (X4,)),
    Row("prelu", (X, ALPHA)),
    Row("prelu", (X4, ALPHA)),
    Row("maxout", (X, rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 2)))),
    Row("rbf", (X, rng.normal(size=(5, 3))), {"gamma": 0.5}),
    Row("logsumexp", (X,)),
    Row("logsumexp", (X3,), {"axis": 1}),
    Row("softmax", (X,)),
    Row("softmax", (X3,), {"axis": 1}),
    Row("log_softmax", (X,)),
    Row("log_softmax", (X3,), {"axis": 0}),
    Row("masked_softmax", (X, MASK)),
    Row("masked_softmax", (X, MASK), {"axis": 0}),
    Row("dead_relu_fraction", (X, rng.normal(size=(3, 6)), np.full(6, -1.5))),
    Row("gradient_scale_by_depth", (np.cos, [X, X3, X4])),
    Row("relu_interpolator", (KNOTS, VALUES)),
]


class TestActivations(Proofs):
    module, rows, golden = activations, ROWS, read_golden("activations")
    count = 33
    not_golden = ("dead_relu_fraction", "gradient_scale_by_depth", "relu_interpolator")
    from_output = ("softmax", "log_softmax")
    large = ("x", "alpha", "W", "b", "centers", "pre_activations", "values", "dout")
    not_bytes = ("alpha", "W", "b", "dout", "knots", "pre_activations")

    def call(self, function: Callable[..., Any], arguments: Named) -> Any:
        """relu_interpolator: what the network answers at the knots and half way between."""
        result = function(**arguments)
        if not callable(result):
            return result
        knots = arguments["knots"]
        query = np.concatenate([knots, (knots[1:] + knots[:-1]) / 2])
        return result(query.astype(np.result_type(knots, np.float32)))


run = TestActivations().run


# --- what not every function has ------------------------------------------------------------------------------------


# dout = 3 throughout; the left branch's derivative at a kink, 0 at a clipping limit.
KINKS: list[tuple[str, float, Named, float]] = [
    ("relu_backward", 0.0, {}, 0.0),
    ("leaky_relu_backward", 0.0, {}, 0.03),
    ("leaky_relu_backward", 0.0, {"slope": 2.0}, 6.0),
    ("elu_backward", 0.0, {}, 3.0),
    ("elu_backward", 0.0, {"alpha": 0.5}, 1.5),
    ("hard_tanh_backward", 1.0, {}, 0.0),
    ("hard_tanh_backward", -1.0, {}, 0.0),
    ("hard_tanh_backward", -2.0, {"low": -2.0, "high": 0.5}, 0.0),
    ("hard_tanh_backward", 0.5, {"low": -2.0, "high": 0.5}, 0.0),
]


@pytest.mark.parametrize(("name", "x", "options", "expected"), KINKS)
def test_derivative_at_a_kink(name: str, x: float, options: Named, expected: float) -> None:
    dx = getattr(activations, name)(np.array([3.0]), np.array([x]), **options)
    same(dx, [expected], where=f"{name} at {x}, {options}")


@pytest.mark.parametrize(("operation", "options"), ELEMENTWISE)
def test_elementwise_takes_any_shape(operation: str, options: Named) -> None:
    for x in (2.5, -2.5, 0, np.float32(0.7), np.array(-0.7), np.zeros(0), np.zeros((0, 3)), X3[:, :, :1]):
        flat = run(Row(operation, (np.ravel(x),), options))
        expected = tuple(result.reshape(np.shape(x)) for result in flat)
        same(run(Row(operation, (x,), options)), expected, rtol=1e-6, where=f"{operation}, {options}, {np.shape(x)}")


EMPTY: list[tuple[Row, list[tuple[int, ...]]]] = [
    (Row("prelu", (X[:0], ALPHA)), [(0, 3), (0, 3), (3,)]),
    (Row("maxout", (X[:0], np.ones((2, 3, 5)), np.ones((2, 5)))), [(0, 5), (0, 3), (2, 3, 5), (2, 5)]),
    (Row("rbf", (X[:0], X), {"gamma": 1.0}), [(0, 4)]),
    (Row("logsumexp", (X[:0],)), [(0,)]),
    (Row("softmax", (X[:0],)), [(0, 3), (0, 3)]),
    (Row("log_softmax", (X[:0],)), [(0, 3), (0, 3)]),
    (Row("masked_softmax", (X[:0], MASK[:0])), [(0, 3)]),
]


@pytest.mark.parametrize(("row", "shapes"), EMPTY, ids=str)
def test_a_batch_of_nothing(row: Row, shapes: list[tuple[int, ...]]) -> None:
    assert [result.shape for result in run(row)] == shapes


@pytest.mark.parametrize("name", [name for name in activations.__all__ if name.endswith("_backward")])
def test_backward_has_the_options_of_its_forward(name: str) -> None:
    def options(function: Callable[..., Any]) -> dict[str, Any]:
        parameters = inspect.signature(function).parameters.values()
        return {each.name: each.default for each in parameters if each.default is not each.empty}

    assert options(getattr(activations, name)) == options(getattr(activations, name.removesuffix("_backward")))


def test_tanh_does_without_numpys() -> None:
    for name in ("tanh", "tanh_backward"):
        code = inspect.getsource(getattr(activations, name)).split('"""')[2]
        assert "np.tanh" not in code
        assert "math.tanh" not in code


@pytest.mark.parametrize("approximate", ["erf", "", None, "Tanh"])
def test_gelu_refuses_an_unknown_form(approximate: Any) -> None:
    with pytest.raises(ValueError, match=r'approximate must be "none" or "tanh", not'):
        gelu(X, approximate)
    with pytest.raises(ValueError, match=r'approximate must be "none" or "tanh", not'):
        gelu_backward(X, X, approximate)


# --- properties, and definitions in plain loops ---------------------------------------------------------------------

FAR = np.array([-1e4, -750.0, -40.0, -1e-9, 0.0, 1e-9, 40.0, 750.0, 1e4])
FAR_ROWS = np.array([[1e4, -1e4, 0.0], [1e4, 1e4, 1e4], [-1e4, -1e4, 5.0]])


def maxout_by_loops(x: Array, W: Array, b: Array, dout: Array) -> tuple[Array, Array, Array, Array]:
    out, dx, dW, db = np.zeros(dout.shape), np.zeros(x.shape), np.zeros(W.shape), np.zeros(b.shape)
    for n, m in np.ndindex(out.shape):
        pieces = [float(x[n] @ W[i, :, m] + b[i, m]) for i in range(len(W))]
        i = pieces.index(max(pieces))  # the first of equal ones
        out[n, m] = pieces[i]
        dx[n] += dout[n, m] * W[i, :, m]
        dW[i, :, m] += dout[n, m] * x[n]
        db[i, m] += dout[n, m]
    return out, dx, dW, db


def maxout_by_reference(x: Array, W: Array, b: Array, dout: Array) -> tuple[Array, Array, Array, Array]:
    return maxout(x, W, b), *maxout_backward(dout, x, W, b)


def prelu_by_loops(x: Array, alpha: Array, dout: Array) -> tuple[Array, Array, Array]:
    out, dx, dalpha = np.zeros(x.shape), np.zeros(x.shape), np.zeros(alpha.shape)
    for place in np.ndindex(x.shape):
        c, positive = place[1], x[place] > 0
        out[place] = x[place] if positive else alpha[c] * x[place]
        dx[place] = dout[place] if positive else alpha[c] * dout[place]
        dalpha[c] += 0 if positive else dout[place] * x[place]
    return out, dx, dalpha


def masked_softmax_by_loops(x: Array, mask: Array) -> Array:
    out = np.zeros(x.shape)
    for row, kept, y in zip(x, mask, out, strict=True):
        total = sum(math.exp(v - max(row)) for v, keep in zip(row, kept, strict=True) if keep)
        for j in range(len(row)):
            y[j] = math.exp(row[j] - max(row)) / total if kept[j] else 0.0
    return out


def dead_fraction_by_loops(x: Array, W: Array, b: Array) -> float:
    dead = [all(sum(x_n * W[:, m]) + b[m] <= 0 for x_n in x) for m in range(W.shape[1])]
    return sum(dead) / len(dead)


def scale_by_loops(derivative: Callable[[Array], Array], layers: list[Array]) -> list[float]:
    scales: list[float] = []
    for z in layers:
        absolute = [abs(float(d)) for d in derivative(z).flat]
        scales.append((scales[-1] if scales else 1.0) * sum(absolute) / len(absolute))
    return scales


def softmax_jacobian(y: Array) -> Array:
    return np.diag(y) - np.outer(y, y)


W1, B1, DOUT1 = rng.normal(size=(3, 3, 2)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
TIED_W, TIED_B = np.stack([W1[0], W1[1], W1[1], W1[0]]), np.stack([B1[0], B1[1], B1[1], B1[0]])
DOUT4 = rng.normal(size=X4.shape)
DEAD = (rng.normal(size=(6, 3)), rng.normal(size=(3, 9)), rng.normal(size=9) - 1.5)
LAYERS = [rng.normal(size=shape) for shape in [(5,), (4, 3), (2, 3, 2)]]
QUERY = rng.uniform(-2, 4, size=50)

# What is claimed -> (what the reference gives, what it must be). A pair of tuples is compared item by item.
PROPERTIES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "sigmoid(x) + sigmoid(-x) = 1": lambda: (sigmoid(FAR) + sigmoid(-FAR), np.ones(9)),
    "sigmoid keeps its relative accuracy far left": lambda: (sigmoid(np.array([-40.0])) / math.exp(-40), [1.0]),
    "sigmoid_backward is even": lambda: (sigmoid_backward(np.ones(9), FAR), sigmoid_backward(np.ones(9), -FAR)),
    "tanh is odd": lambda: (tanh(-FAR), -tanh(FAR)),
    "tanh is x near 0": lambda: (tanh(np.array([1e-9, -1e-300])) / np.array([1e-9, -1e-300]), [1.0, 1.0]),
    "tanh(x) = 2 sigmoid(2x) - 1": lambda: (tanh(X), 2 * sigmoid(2 * X) - 1),
    "relu keeps NaN": lambda: (relu(np.array([np.nan, -1.0])), [np.nan, 0.0]),
    "leaky_relu with slope -1 is |x|": lambda: (leaky_relu(FAR, -1.0), abs(FAR)),
    "leaky_relu with slope 1 is x": lambda: (leaky_relu(FAR, 1.0), FAR),
    "leaky_relu with slope 3": lambda: (leaky_relu(np.array([-2.0, 2.0]), 3.0), [-6.0, 2.0]),
    "prelu by loops": lambda: ((prelu(X4, ALPHA), *prelu_backward(DOUT4, X4, ALPHA)), prelu_by_loops(X4, ALPHA, DOUT4)),
    "prelu at the kink": lambda: (prelu_backward(np.ones((1, 2)), np.zeros((1, 2)), ALPHA[:2]), ([ALPHA[:2]], [0, 0])),
    "softplus(x) - softplus(-x) = x": lambda: (softplus(FAR) - softplus(-FAR), FAR),
    "gelu(x) - gelu(-x) = x": lambda: (gelu(FAR) + -gelu(-FAR), FAR),
    "gelu(1)": lambda: (gelu(np.array([1.0])), [0.8413447460685429]),
    "swish(x) - swish(-x) = x": lambda: (swish(FAR) - swish(-FAR), FAR),
    "swish with beta 0 is x / 2": lambda: (swish(FAR, 0.0), FAR / 2),
    "maxout by loops": lambda: (maxout_by_reference(X, W1, B1, DOUT1), maxout_by_loops(X, W1, B1, DOUT1)),
    "maxout with ties": lambda: (
        maxout_by_reference(X, TIED_W, TIED_B, DOUT1),
        maxout_by_loops(X, TIED_W, TIED_B, DOUT1),
    ),
    "maxout of x and -x is |x|": lambda: (maxout(X, np.stack([np.eye(3), -np.eye(3)]), np.zeros((2, 3))), abs(X)),
    "hard_tanh stays within its limits": lambda: (hard_tanh(FAR, -0.5, 2.0), [max(-0.5, min(2.0, v)) for v in FAR]),
    "rbf is 1 at its center": lambda: (np.diag(rbf(X, X, 7.0)), np.ones(4)),
    "rbf by loops": lambda: (rbf(X, DEAD[0], 0.3), [[math.exp(-0.3 * sum((a - c) ** 2)) for c in DEAD[0]] for a in X]),
    "rbf of bytes does not wrap around": lambda: (
        rbf(np.array([[0]], np.uint8), np.array([[1], [255]], np.uint8), 1.0),
        [[math.exp(-1), 0.0]],
    ),
    "logsumexp of one element is it": lambda: (logsumexp(FAR[:, None]), FAR),
    "logsumexp is at least the maximum": lambda: (logsumexp(FAR_ROWS) >= FAR_ROWS.max(axis=-1), np.ones(3, bool)),
    "logsumexp shifts with x": lambda: (logsumexp(X + 1e4), logsumexp(X) + 1e4),
    "logsumexp of minus infinities": lambda: (logsumexp(np.full((2, 3), -np.inf)), [-np.inf, -np.inf]),
    "logsumexp of a plus infinity": lambda: (logsumexp(np.array([np.inf, 1.0])), np.inf),
    "softmax sums to 1": lambda: (softmax(X3, axis=1).sum(axis=1), np.ones((2, 4))),
    "softmax ignores a shift": lambda: (softmax(X + 100.0), softmax(X)),
    "softmax far out": lambda: (softmax(FAR_ROWS), [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0, 0, 1]]),
    "softmax of two is a sigmoid": lambda: (softmax(np.stack([FAR, 0 * FAR], axis=-1))[:, 0], sigmoid(FAR)),
    "softmax_backward by the Jacobian": lambda: (
        softmax_backward(X, softmax(X)),
        np.stack([softmax_jacobian(y) @ dout for y, dout in zip(softmax(X), X, strict=True)]),
    ),
    "softmax_backward sums to 0": lambda: (softmax_backward(X3, softmax(X3, 1), 1).sum(axis=1), np.zeros((2, 4))),
    "log_softmax is the logarithm of softmax": lambda: (log_softmax(X3, axis=0), np.log(softmax(X3, axis=0))),
    "log_softmax where softmax underflows": lambda: (log_softmax(FAR_ROWS[0]), [0.0, -2e4, -1e4]),
    "masked_softmax by loops": lambda: (
        masked_softmax(X[[0, 2, 3]], MASK[[0, 2, 3]]),
        masked_softmax_by_loops(X[[0, 2, 3]], MASK[[0, 2, 3]]),
    ),
    "masked_softmax of nothing is 0": lambda: (masked_softmax(X, np.zeros_like(MASK)), np.zeros((4, 3))),
    "masked_softmax of everything is softmax": lambda: (masked_softmax(X3, X3 < 9, axis=1), softmax(X3, axis=1)),
    "masked_softmax is exactly 0 where masked": lambda: (masked_softmax(X, MASK)[~MASK] == 0, np.ones(6, bool)),
    "masked_softmax does not see what is masked": lambda: (
        masked_softmax(np.array([1e4, np.nan, 0.0, -1e4]), np.array([False, False, True, False])),
        [0, 0, 1, 0],
    ),
    "dead_relu_fraction by loops": lambda: (dead_relu_fraction(*DEAD), dead_fraction_by_loops(*DEAD)),
    "dead_relu_fraction: z = 0 is dead": lambda: (
        dead_relu_fraction(np.zeros((2, 3)), np.ones((3, 4)), np.zeros(4)),
        1.0,
    ),
    "dead_relu_fraction: one row is enough": lambda: (
        dead_relu_fraction(np.array([[-1.0], [1.0]]), np.array([[1.0, -1.0, 0.0]]), np.array([0.0, 0.0, -1.0])),
        1 / 3,
    ),
    "gradient_scale_by_depth by loops": lambda: (
        gradient_scale_by_depth(np.cos, LAYERS),
        scale_by_loops(np.cos, LAYERS),
    ),
    "gradient_scale_by_depth of sigmoid at 0": lambda: (
        gradient_scale_by_depth(lambda z: sigmoid_backward(np.ones(3), z), [np.zeros(3)] * 4),
        [1 / 4, 1 / 16, 1 / 64, 1 / 256],
    ),
    "relu_interpolator at its knots": lambda: (relu_interpolator(KNOTS, VALUES)(KNOTS), VALUES),
    "relu_interpolator between them, in any order": lambda: (
        relu_interpolator(KNOTS, VALUES)(QUERY),
        np.interp(QUERY, KNOTS, VALUES),
    ),
    "relu_interpolator with two knots": lambda: (
        relu_interpolator(np.array([0, 2]), np.array([5, 1]))(np.array([0.5, 1.0])),
        [4.0, 3.0],
    ),
}


@pytest.mark.parametrize("claim", PROPERTIES)
def test_property(claim: str) -> None:
    same(*PROPERTIES[claim](), where=claim)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_relu_interpolator_far_out(dtype: type) -> None:
    knots, values = (1e4 * KNOTS).astype(dtype), (1e4 * VALUES).astype(dtype)
    same(relu_interpolator(knots, values)(knots), values, rtol=1e-5, atol=1e-1)


def test_dead_relu_fraction_is_a_number() -> None:
    assert type(dead_relu_fraction(*DEAD)) is float
    assert type(dead_relu_fraction(*(a.astype(np.float32) for a in DEAD))) is float


def test_the_dead_example_has_both_kinds_of_unit() -> None:
    assert 0 < dead_relu_fraction(*DEAD) < 1, "an example where nothing or everything is dead proves little"


def test_relu_interpolator_keeps_its_points() -> None:
    knots, values = KNOTS.copy(), VALUES.copy()
    f = relu_interpolator(knots, values)
    knots += 1
    values[:] = 0
    same(f(KNOTS), VALUES, where="relu_interpolator after its arguments changed")
