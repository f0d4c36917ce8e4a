"""The reference answers of unit 04: right values, right laws, and the course's conventions, for all 22 functions.

Values and laws come from PyTorch and SciPy (golden/make_initialization.py), gradients from complex steps. What is random
is drawn from fixed seeds, so that a run cannot fail by chance. What holds of every function is proved by Proofs.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit.reference import initialization
from dlkit.reference.initialization import (
    activation_std_by_depth,
    clip_gradient_norm,
    clip_gradient_value,
    distinct_units,
    forward_gain,
    gradient_norm_by_depth,
    lsuv_scale,
    min_max_scale,
    orthogonal,
    pca,
    pca_whiten,
    prior_bias,
    standardize,
    subtract_channel_mean,
    subtract_mean_image,
    truncated_normal,
    zca_whiten,
)
from tests.proofs import Proofs
from tests.rows import Array, Row, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)

RANDOM = ["xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "truncated_normal", "orthogonal"]
BY_DEPTH = ["activation_std_by_depth", "gradient_norm_by_depth", "lsuv_scale"]

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky relu 0.01": lambda z: np.where(z > 0, z, 0.01 * z),
    "leaky relu 0.2": lambda z: np.where(z > 0, z, 0.2 * z),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "gelu": lambda z: z / 2 * (1 + np.vectorize(math.erf)(z / math.sqrt(2))),
    "softplus": lambda z: np.logaddexp(0, z),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "abs": np.abs,
    "sign": np.sign,
    "hard tanh": lambda z: np.clip(z, -1, 1),
    "relu above 1": lambda z: np.maximum(z - 1, 0),
    "step at 0.7": lambda z: z > 0.7,
    "exp": np.exp,
    "cube": lambda z: z**3,
    "constant": lambda z: np.full(z.shape, 0.3),
}
ACTIVATIONS = {name: FUNCTIONS[name] for name in ("linear", "sigmoid", "tanh", "relu")}


# --- the table ------------------------------------------------------------------------------------------------------

X, TEST, IMAGES = rng.normal(size=(9, 3)) * [1, 2, 4], rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 2, 5))
GRADS = [rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(2, 3, 2, 2))]
NET = ([rng.normal(size=shape) for shape in [(3, 5), (5, 4), (4, 4)]], rng.normal(size=(7, 3)))  # weights, x
DOUT = rng.normal(size=(7, 4))
MODEL = (np.ones((3, 4)), rng.normal(size=(4, 2)), X / 4, rng.normal(size=(9, 2)))  # W1, W2, X, y
MODEL[1][2] = MODEL[1][0]

ROWS = [
    Row("standardize", (X, TEST)),
    Row("standardize", (X, TEST), {"eps": 0.5}),
    Row("min_max_scale", (X, TEST)),
    Row("subtract_mean_image", (IMAGES,)),
    Row("subtract_channel_mean", (IMAGES,)),
    Row("pca", (X,), {"k": 2}),
    Row("pca", (X[:2],), {"k": 1}),
    Row("pca_whiten", (X,)),
    Row("pca_whiten", (X,), {"eps": 0.5}),
    Row("zca_whiten", (X,)),
    Row("zca_whiten", (X,), {"eps": 0.5}),
    *[Row("activation_std_by_depth", NET, {"activation": name}) for name in ACTIVATIONS],
    *[Row("gradient_norm_by_depth", (*NET, DOUT), {"activation": name}) for name in ACTIVATIONS],
    *[Row("lsuv_scale", NET, {"activation": name}) for name in ACTIVATIONS],
    Row("distinct_units", MODEL, {"lr": 0.01, "steps": 5}),
    Row("clip_gradient_norm", (GRADS,), {"max_norm": 0.5}),
    Row("clip_gradient_norm", (GRADS,), {"max_norm": 1e6}),
    Row("clip_gradient_value", (GRADS,), {"limit": 0.5}),
    Row("clip_gradient_value", (GRADS,), {"limit": 200}),  # which does not fit into int8
    Row("forward_gain", (np.tanh,)),
    Row("prior_bias", (), {"pi": 0.2}),
    Row("fan_in_fan_out", (), {"shape": (4, 3, 2, 5)}),
    *[Row(name, (), {"shape": (5, 3)}) for name in RANDOM if name != "truncated_normal"],
    Row("orthogonal", (), {"shape": (3, 5), "gain": 2.0}),
    Row("truncated_normal", (), {"shape": (5, 3), "std": 0.5}),
    *[Row(f"xavier_{law}", (), {"shape": (4, 3, 2, 5), "gain": 0.5}) for law in ("uniform", "normal")],
    *[Row(f"kaiming_{law}", (), {"shape": (4, 3, 2, 5), "mode": "fan_out"}) for law in ("uniform", "normal")],
]
GOLDEN = read_golden("initialization")
LAWS = [key for key, data in GOLDEN.items() if "law" in data]


class TestInitialization(Proofs):
    module, rows = initialization, ROWS
    golden = {key: data for key, data in GOLDEN.items() if "out" in data and key[0] != "forward_gain"}  # noqa: RUF012
    count = 22
    not_golden = (*RANDOM, "forward_gain")
    large = ("X", "X_train", "X_test", "x", "dout", "W1", "W2", "y", "grads")

    test_gradient_equals_finite_differences = None  # nothing here has a backward

    def digits(self, operation: str, case: str) -> float:
        return 1e-8 if "mean 1e4" in case or "whiten" in operation else 1e-11  # the covariance's digits are squared


# --- values and laws from PyTorch and SciPy -------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_forward_gain_equals_quadrature(name: str) -> None:
    asked: list[Array] = []
    gain = forward_gain(lambda z: (asked.append(z), FUNCTIONS[name](z))[1])
    assert type(gain) is float
    assert [(z.dtype, z.ndim) for z in asked] == [(np.dtype(float), 1)]
    rtol = 1e-4 if "step" in name else 1e-8
    same(gain, GOLDEN["forward_gain", name]["out"]["gain"], rtol=rtol)
    same(forward_gain(lambda z: 7 * FUNCTIONS[name](z)), gain / 7)
    same(forward_gain(FUNCTIONS["relu"]), math.sqrt(2))


@pytest.mark.parametrize(("operation", "case"), LAWS, ids=map(" ".join, LAWS))
def test_law_equals_scipy(operation: str, case: str) -> None:
    data = GOLDEN[operation, case]
    (W,) = TestInitialization().run(Row(operation, (), data["option"]))
    assert W.shape == data["option"]["shape"]
    assert W.dtype == np.float64
    n, (points, below), (m2, m4, bound) = W.size, data["law"]["below"], data["law"]["moments"]
    assert abs(W).max() <= bound * (1 + 1e-12)
    assert "uniform" not in operation or abs(W).max() > bound * (1 - 20 / n)
    found = (W.reshape(-1, 1) <= points).mean(axis=0)
    assert abs(found - below).max() < math.sqrt(math.log(2e7) / (2 * n))  # Massart's bound, exceeded once in 1e7
    assert abs(W.mean()) < 5 * math.sqrt(m2 / n)
    assert abs((W**2).mean() - m2) < 5 * math.sqrt((m4 - m2**2) / n)
    same((W**4).mean() / m4, 1.0, rtol=0.1)
    for ahead, behind in [(W[1:], W[:-1]), (W[:, 1:], W[:, :-1])]:  # neighbours have nothing to do with one another
        if ahead.size:
            assert abs((ahead * behind).mean()) < 5 * m2 / math.sqrt(ahead.size)
    assert len(np.unique(W)) == n


def test_every_law_and_gain_is_golden() -> None:
    assert {operation for operation, _ in LAWS} == set(RANDOM) - {"orthogonal"}
    assert {name for operation, name in GOLDEN if operation == "forward_gain"} == set(FUNCTIONS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.operation in RANDOM], ids=str)
def test_only_rng_is_random(row: Row) -> None:
    state = np.random.get_state()[1].copy()
    function = getattr(initialization, row.operation)
    first, again, other = (function(**row.options, rng=np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.shape == row.options["shape"]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(np.random.get_state()[1], state)
    generator = np.random.default_rng(3)
    twice = [function(**row.options, rng=generator) for _ in range(2)]
    assert not np.array_equal(*twice)


# --- gradients ------------------------------------------------------------------------------------------------------


def complex_step(f: Callable[[Array], Any], x: Array) -> Array:
    """The gradient of f at x to the last digit; f must be analytic."""
    steps = 1e-30j * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step).imag for step in steps]).reshape(x.shape) * 1e30


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_norms_equal_those_of_complex_steps(activation: str) -> None:
    f = {**ACTIVATIONS, "relu": lambda z: np.where(z.real > 0, z, 0)}[activation]
    weights, x, dout = *NET, DOUT

    def loss(W: Array, i: int) -> Any:
        a = x
        for layer in [*weights[:i], W, *weights[i + 1 :]]:
            a = f(a @ layer)
        return (a * dout).sum()

    expected = [np.linalg.norm(complex_step(lambda V, i=i: loss(V, i), W)) for i, W in enumerate(weights)]
    same(gradient_norm_by_depth(weights, x, activation, dout), expected, rtol=1e-11)


@pytest.mark.parametrize("steps", [1, 2])
def test_units_meet_where_the_gradient_says_so(steps: int) -> None:
    """At just one learning rate two units fall together; a gradient off by any factor needs another."""
    start = [np.array([[0.875, 0.375]]), np.array([[1.0, 0.625], [-0.25, 0.125]])]  # float32 holds all of these
    data, y = np.array([[1.0], [-0.5], [2.0]]), np.array([[0.25, 0.125], [0.25, -0.375], [0.5, 0.875]])

    def loss(W1: Array, W2: Array) -> Any:
        return ((np.tanh(data @ W1) @ W2 - y) ** 2).sum() / 3 / 2

    def gap(lr: float) -> float:
        W1, W2 = start
        for _ in range(steps):
            d1, d2 = (complex_step(lambda V: loss(V, W2), W1), complex_step(lambda V: loss(W1, V), W2))  # noqa: B023
            W1, W2 = W1 - lr * d1, W2 - lr * d2
        return float(W1[0, 0] - W1[0, 1])

    low, high = 0.0, 0.1
    while gap(high) > 0:
        high *= 1.2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle) > 0 else (low, middle)
    assert distinct_units(*start, data, y, low, steps) == 1
    assert distinct_units(*map(np.float32, (*start, data, y)), low, steps) == 1
    for lr in (low * (1 - 1e-6), low * (1 + 1e-6)):
        assert distinct_units(*start, data, y, lr, steps) == 2


# --- errors and edges -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xavier", "fan_avg", "FAN_IN", "", None])
def test_unknown_mode(name: Any) -> None:
    for operation in ("kaiming_uniform", "kaiming_normal"):
        with pytest.raises(ValueError, match=f'mode must be "fan_in" or "fan_out", not {name!r}'):
            getattr(initialization, operation)((3, 4), rng, name)


@pytest.mark.parametrize("weights", [NET[0], []])
@pytest.mark.parametrize("name", ["gelu", "ReLU", "", None])
def test_unknown_activation(name: Any, weights: list[Array]) -> None:
    for operation in BY_DEPTH:
        more = (DOUT,) if operation.startswith("gradient") else ()
        with pytest.raises(ValueError, match=f'"linear", "sigmoid", "tanh" or "relu", not {name!r}'):
            getattr(initialization, operation)(weights, NET[1], name, *more)


def test_no_layers_and_no_gradients() -> None:
    assert activation_std_by_depth([], X, "tanh").shape == gradient_norm_by_depth([], X, "relu", X).shape == (0,)
    assert lsuv_scale([], X, "linear") == clip_gradient_value([], 1.0) == []
    assert clip_gradient_norm([], 1.0) == ([], 0.0)


def test_constant_features() -> None:
    train, test = np.array([[3.0, 1.0], [3.0, 5.0]]), np.array([[3.0, 9.0], [4.0, -3.0]])
    same(standardize(train, test, eps=0.5), [[[0, -0.8], [0, 0.8]], [[0, 2.4], [2, -2.4]]])
    same(standardize(train, test)[1], [[0, 3 / (1 + 5e-9)], [1e8, -3 / (1 + 5e-9)]])
    same(min_max_scale(train, test), [[[0, 0], [0, 1]], [[0, 2], [1, -1]]])
    for function in (standardize, min_max_scale):
        assert function(train, test[:0])[1].shape == (0, 2)
        same(function(train[:1], test)[0], np.zeros((1, 2)))
        same(function(train, test[:1])[1][0], function(train, test)[1][0])  # a test row does not depend on the others


def test_bytes_may_fall_below_the_mean() -> None:
    images = np.array([[[[0, 255]]], [[[200, 55]]]], np.uint8)  # (2, 1, 1, 2)
    for function, centred, mean in [
        (subtract_mean_image, [[[[-100, 100]]], [[[100, -100]]]], [[[100, 155]]]),
        (subtract_channel_mean, [[[[-127.5, 127.5]]], [[[72.5, -72.5]]]], [127.5]),
    ]:
        found = function(images)
        same(found[0], centred)
        same(found[1], mean)
    same(min_max_scale(np.array([[100], [200]], np.uint8), np.array([[0], [255]], np.uint8))[1], [[-1], [1.55]])
    same(min_max_scale(np.array([[-128], [127]], np.int8), np.array([[0]], np.int8))[1], [[128 / 255]])


# --- properties -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(9, 4), (4, 9), (5, 5), (6, 1), (2, 3)])
def test_components(shape: tuple[int, int]) -> None:
    data = np.random.default_rng(5).normal(size=shape) * np.arange(1, shape[1] + 1) - 3
    k = min(shape)
    Z, components, explained = pca(data, k)
    same(components @ components.T, np.eye(k), atol=1e-12)
    same(Z @ components + data.mean(axis=0), data, atol=1e-12)
    same(explained.sum(), 1.0)
    assert (np.diff(explained) <= 0).all()
    same(Z.var(axis=0) / data.var(axis=0).sum(), explained, atol=1e-14)
    same(Z.T @ Z, np.diag(np.diag(Z.T @ Z)), atol=1e-10)
    assert (components[np.arange(k), abs(components).argmax(axis=1)] > 0).all()
    same(pca(-data, k)[1][: k - 1], components[: k - 1], atol=1e-10)  # the last may be a direction of no variance
    for part, whole in zip(pca(data, 1), (Z[:, :1], components[:1], explained[:1]), strict=True):
        same(part, whole)


@pytest.mark.parametrize("eps", [1e-5, 0.3])
def test_whitening(eps: float) -> None:
    data = np.random.default_rng(6).normal(size=(50, 4)) @ np.random.default_rng(7).normal(size=(4, 4)) + 2
    Z, components, explained = pca(data, 4)
    variances = explained * data.var(axis=0).sum()
    white, zca = pca_whiten(data, eps), zca_whiten(data, eps)
    same(np.cov(white.T, ddof=0), np.diag(variances / (variances + eps)), atol=1e-12)
    same(white, Z / np.sqrt(variances + eps), rtol=1e-10)
    same(zca, white @ components, atol=1e-12)
    turn = np.linalg.lstsq(data - data.mean(axis=0), zca)[0]
    same(turn, turn.T, atol=1e-10)
    assert (np.linalg.eigvalsh(turn) > 0).all()
    same(zca_whiten(data + 5, eps), zca, atol=1e-9)
    flat = np.column_stack([data, data[:, 0], np.ones(50)])  # two directions of no variance
    for function in (pca_whiten, zca_whiten):
        spread = np.linalg.eigvalsh(np.cov(function(flat, eps).T, ddof=0))
        assert abs(spread[:2]).max() < 1e-12
        assert (spread[2:] > 0.1).all()
        assert (spread < 1).all()


@pytest.mark.parametrize("gain", [1.0, 2.5])
@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1), (1, 1), (40, 60)])
def test_orthogonal(shape: tuple[int, int], gain: float) -> None:
    W = orthogonal(shape, np.random.default_rng(8), gain)
    assert W.shape == shape
    gram = W.T @ W if shape[0] >= shape[1] else W @ W.T
    same(gram, gain**2 * np.eye(min(shape)), atol=1e-12)


def test_orthogonal_is_uniform() -> None:
    random = np.random.default_rng(9)
    W = np.array([orthogonal((3, 3), random) for _ in range(4000)])
    assert abs(W.mean(axis=0)).max() < 5 / math.sqrt(3 * 4000)
    assert abs((W**2).mean(axis=0) - 1 / 3).max() < 5 * math.sqrt(4 / 45 / 4000)
    trace = W.trace(axis1=1, axis2=2)  # mean 0 and mean square 1; without the signs it leans to one side
    assert abs(trace.mean()) < 5 / math.sqrt(4000)
    assert abs((trace**2).mean() - 1) < 5 * math.sqrt(2 / 4000)
    assert abs((np.linalg.det(W) > 0).mean() - 0.5) < 2.5 / math.sqrt(4000)
    assert abs((np.array([orthogonal((1, 1), random) for _ in range(4000)]) > 0).mean() - 0.5) < 2.5 / math.sqrt(4000)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0), (3, 4, 5)])
def test_truncated_normal_of_any_shape(shape: tuple[int, ...]) -> None:
    W = truncated_normal(shape, 2.0, np.random.default_rng(10), 0.5)
    assert np.shape(W) == shape
    assert (abs(W) <= 1).all()
    same(truncated_normal(shape, 0.0, np.random.default_rng(10)), np.zeros(shape))


def test_units() -> None:
    W1, W2, inputs, y = MODEL
    assert [distinct_units(W1, W2, inputs, y, 0.1, steps) for steps in (0, 1, 9)] == [1, 3, 3]
    near = np.array([[0.0, 0.5e-9, 1.0, 1.0 + 2e-9], [3.0, 3.0, 3.0, 3.0]])
    assert distinct_units(near, W2, inputs[:, :2], y, 0.1, 0) == 3
    assert type(distinct_units(near, W2, inputs[:, :2], y, 0.1, 0)) is int
    assert distinct_units(np.ones((3, 4)), np.ones((4, 2)), inputs, y, 0.1, 50) == 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_scaled_weights_give_unit_variance(activation: str) -> None:
    weights, a = NET
    scaled = lsuv_scale(weights, a, activation)
    for before, after in zip(weights, scaled, strict=True):
        same(after / before, np.full(before.shape, after[0, 0] / before[0, 0]))
        assert after[0, 0] / before[0, 0] > 0
        same((a @ after).std(), 1.0)
        a = ACTIVATIONS[activation](a @ after)
    same(activation_std_by_depth(scaled, NET[1], activation)[-1], a.std())
    same(lsuv_scale([3 * W for W in weights], NET[1], activation)[1], scaled[1])


@pytest.mark.parametrize("pi", [1e-9, 0.01, 0.3, 0.5, 0.99])
def test_prior_bias(pi: float) -> None:
    assert type(prior_bias(pi)) is float
    same(1 / (1 + math.exp(-prior_bias(pi))), pi)
    same(prior_bias(1 - pi), -prior_bias(pi), rtol=1e-7)


def test_clipping() -> None:
    grads = [np.array([3.0, 0.0]), np.array([[-4.0]])]
    for max_norm, factor in [(5.0, 1), (5.1, 1), (2.5, 0.5), (0.0, 0)]:
        clipped, norm = clip_gradient_norm(grads, max_norm)
        assert type(clipped) is list
        assert type(norm) is float
        assert norm == 5.0
        same(clipped[0], factor * grads[0])
        same(clipped[1], factor * grads[1])
    for zero in (np.zeros(3), np.zeros((2, 2), np.float32), np.zeros((0, 3))):
        for max_norm in (1.0, 0.0):
            (clipped,), norm = clip_gradient_norm([zero], max_norm)
            assert norm == 0
            assert np.array_equal(clipped, zero)
    (clipped,), norm = clip_gradient_norm([np.full(4, 1e30, np.float32)], 1.0)  # whose squares float32 does not hold
    same(norm, 2e30, rtol=1e-6)
    same(clipped, np.full(4, 0.5), rtol=1e-6)
    same(clip_gradient_value(grads, 3.5)[1], [[-3.5]])
    same(clip_gradient_value(grads, 0.0)[0], [0.0, 0.0])
