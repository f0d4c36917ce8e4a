"""The reference answers of unit 04: right values, right laws, and the course's conventions, for all 22 functions.

Values and laws come from PyTorch and SciPy (golden/make_initialization.py), gradients from complex steps. What is random
is drawn from fixed seeds, so that a run cannot fail by chance. One row of a table per operation.
"""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
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

Array = np.ndarray
Named = dict[str, Any]

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)  # for the tables; a test has its own, so that the order of tests changes nothing

RESULTS = {
    "standardize": ["X_train", "X_test"],
    "min_max_scale": ["X_train", "X_test"],
    "subtract_mean_image": ["centred", "mean"],
    "subtract_channel_mean": ["centred", "mean"],
    "pca": ["Z", "components", "explained"],
    "fan_in_fan_out": ["fan_in", "fan_out"],
    "clip_gradient_norm": ["clipped", "norm"],
}
SINGLE = {"distinct_units": "units", "forward_gain": "gain", "prior_bias": "bias", "clip_gradient_value": "clipped"}
SINGLE |= {"lsuv_scale": "weights"}
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


@dataclass(frozen=True)
class Row:
    """One operation with arguments that suit it."""

    operation: str
    inputs: Named = field(default_factory=dict)
    options: Named = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.operation, *(f"{name}={value}" for name, value in self.options.items())])


X, TEST, IMAGES = rng.normal(size=(9, 3)) * [1, 2, 4], rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 2, 5))
GRADS = {"grads": [rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(2, 3, 2, 2))]}
NET = {"weights": [rng.normal(size=shape) for shape in [(3, 5), (5, 4), (4, 4)]], "x": rng.normal(size=(7, 3))}
DOUT = {"dout": rng.normal(size=(7, 4))}
MODEL = {"W1": np.ones((3, 4)), "W2": rng.normal(size=(4, 2)), "X": X / 4, "y": rng.normal(size=(9, 2))}
MODEL["W2"][2] = MODEL["W2"][0]

ROWS = [
    Row("standardize", {"X_train": X, "X_test": TEST}),
    Row("standardize", {"X_train": X, "X_test": TEST}, {"eps": 0.5}),
    Row("min_max_scale", {"X_train": X, "X_test": TEST}),
    Row("subtract_mean_image", {"X": IMAGES}),
    Row("subtract_channel_mean", {"X": IMAGES}),
    Row("pca", {"X": X}, {"k": 2}),
    Row("pca", {"X": X[:2]}, {"k": 1}),
    Row("pca_whiten", {"X": X}),
    Row("pca_whiten", {"X": X}, {"eps": 0.5}),
    Row("zca_whiten", {"X": X}),
    Row("zca_whiten", {"X": X}, {"eps": 0.5}),
    *[Row("activation_std_by_depth", NET, {"activation": name}) for name in ACTIVATIONS],
    *[Row("gradient_norm_by_depth", NET | DOUT, {"activation": name}) for name in ACTIVATIONS],
    *[Row("lsuv_scale", NET, {"activation": name}) for name in ACTIVATIONS],
    Row("distinct_units", MODEL, {"lr": 0.01, "steps": 5}),
    Row("clip_gradient_norm", GRADS, {"max_norm": 0.5}),
    Row("clip_gradient_norm", GRADS, {"max_norm": 1e6}),
    Row("clip_gradient_value", GRADS, {"limit": 0.5}),
    Row("forward_gain", {"f": np.tanh}),
    Row("prior_bias", {}, {"pi": 0.2}),
    Row("fan_in_fan_out", {}, {"shape": (4, 3, 2, 5)}),
    *[Row(name, {}, {"shape": (5, 3)}) for name in RANDOM if name != "truncated_normal"],
    Row("orthogonal", {}, {"shape": (3, 5), "gain": 2.0}),
    Row("truncated_normal", {}, {"shape": (5, 3), "std": 0.5}),
    *[Row(f"xavier_{law}", {}, {"shape": (4, 3, 2, 5), "gain": 0.5}) for law in ("uniform", "normal")],
    *[Row(f"kaiming_{law}", {}, {"shape": (4, 3, 2, 5), "mode": "fan_out"}) for law in ("uniform", "normal")],
]
WITH_ARRAYS = [row for row in ROWS if row.inputs and row.operation != "forward_gain"]


# --- one way to call everything -------------------------------------------------------------------------------------


def run(
    operation: str, inputs: Named, options: Named | None = None, code: Any = initialization, seed: int = 3
) -> Named:
    """What the function returns, by name; a list item by item."""
    random = {"rng": np.random.default_rng(seed)} if operation in RANDOM else {}
    result = getattr(code, operation)(**inputs, **(options or {}), **random)
    names = RESULTS.get(operation, [SINGLE.get(operation, "out")])
    named: Named = {}
    for name, value in zip(names, result if len(names) > 1 else [result], strict=True):
        named |= {f"{name}.{i}": item for i, item in enumerate(value)} if isinstance(value, list) else {name: value}
    return named


def changed(inputs: Named, change: Callable[[Array], Array]) -> Named:
    return {k: [change(a) for a in v] if isinstance(v, list) else change(v) for k, v in inputs.items()}


def same(got: Any, expected: Any, rtol: float = 1e-12, atol: float = 1e-13, where: str = "") -> None:
    """Equal shape and nearly equal values; assert_allclose alone would let a scalar stand for an array."""
    assert np.shape(got) == np.shape(expected), f"{where}: shape {np.shape(got)}, expected {np.shape(expected)}"
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=where)


def all_same(got: Named, expected: Named, **tolerance: float) -> None:
    assert list(got) == list(expected)
    for name in got:
        same(got[name], expected[name], where=name, **tolerance)


every_row = pytest.mark.parametrize("row", ROWS, ids=str)
every_row_with_arrays = pytest.mark.parametrize("row", WITH_ARRAYS, ids=str)


def test_every_function_has_a_row() -> None:
    assert {row.operation for row in ROWS} == set(initialization.__all__)
    assert len(initialization.__all__) == 22


# --- values and laws from PyTorch and SciPy -------------------------------------------------------------------------


def golden() -> dict[tuple[str, str], dict[str, Named]]:
    """(operation, case) -> role -> name -> value; make_initialization.py describes the file."""
    cases: dict[tuple[str, str], dict[str, Named]] = {}
    with np.load(Path(__file__).parent / "golden" / "initialization.npz") as table:
        for key in table.files:
            operation, case, role, name = key.split("/")
            value = table[key].tolist() if role == "option" else table[key]
            cases.setdefault((operation, case), {"in": {}, "option": {}}).setdefault(role, {})[name] = value
    for data in cases.values():
        for name in [name for name in data["in"] if "." in name]:
            data["in"].setdefault(name.split(".")[0], []).append(data["in"].pop(name))
        if "shape" in data["option"]:
            data["option"]["shape"] = tuple(data["option"]["shape"])
    return cases


GOLDEN = golden()
VALUES = [key for key, data in GOLDEN.items() if "out" in data and key[0] != "forward_gain"]
LAWS = [key for key, data in GOLDEN.items() if "law" in data]


@pytest.mark.parametrize(("operation", "case"), VALUES, ids=map(" ".join, VALUES))
def test_equals_pytorch(operation: str, case: str) -> None:
    data = GOLDEN[operation, case]
    digits = 1e-8 if "mean 1e4" in case or "whiten" in operation else 1e-11  # the covariance's digits are squared
    all_same(run(operation, data["in"], data["option"]), data["out"], rtol=digits, atol=digits / 10)


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
    W = run(operation, {}, data["option"])["out"]
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


def test_every_function_is_in_the_golden_data() -> None:
    assert {operation for operation, _ in GOLDEN} | {"orthogonal"} == set(initialization.__all__)
    assert {operation for operation, _ in LAWS} == set(RANDOM) - {"orthogonal"}
    assert {name for operation, name in GOLDEN if operation == "forward_gain"} == set(FUNCTIONS)


# --- gradients ------------------------------------------------------------------------------------------------------


def complex_step(f: Callable[[Array], Any], x: Array) -> Array:
    """The gradient of f at x to the last digit; f must be analytic."""
    steps = 1e-30j * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([f(x + step).imag for step in steps]).reshape(x.shape) * 1e30


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_norms_equal_those_of_complex_steps(activation: str) -> None:
    f = {**ACTIVATIONS, "relu": lambda z: np.where(z.real > 0, z, 0)}[activation]
    weights, x, dout = NET["weights"], NET["x"], DOUT["dout"]

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


# --- the course's conventions ---------------------------------------------------------------------------------------


@every_row_with_arrays
def test_float32_stays_float32(row: Row) -> None:
    single = run(row.operation, changed(row.inputs, np.float32), row.options)
    exact = run(row.operation, row.inputs, row.options)
    arrays = {name: value for name, value in single.items() if name not in ("units", "norm")}
    assert {name: value.dtype for name, value in arrays.items()} == dict.fromkeys(arrays, np.dtype(np.float32))
    all_same(single, exact, rtol=2e-4, atol=2e-5)


@every_row_with_arrays
def test_arguments_are_left_alone(row: Row) -> None:
    def locked(value: Array) -> Array:
        value = value.copy()
        value.flags.writeable = False
        return value

    run(row.operation, changed(row.inputs, locked), row.options)
    copies = changed(row.inputs, np.copy)
    lists = {name: list(value) for name, value in copies.items() if isinstance(value, list)}
    run(row.operation, copies, row.options)
    for name, before in row.inputs.items():
        items = copies[name] if name in lists else [copies[name]]
        assert all(map(np.array_equal, items, before if name in lists else [before])), f"{row} changed {name}"
        assert name not in lists or list(map(id, items)) == list(map(id, lists[name]))


@pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8])
@every_row_with_arrays
def test_integers_give_the_values_of_floats(row: Row, kind: type) -> None:
    low, high = max(np.iinfo(kind).min, -200), min(np.iinfo(kind).max, 200)
    whole = changed(row.inputs, lambda value: np.clip(np.rint(60 * value), low, high).astype(kind))
    options = {"limit": 200} if "limit" in row.options else row.options  # which does not fit into int8
    found = run(row.operation, whole, options)
    all_same(found, run(row.operation, changed(whole, np.float64), options), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_row_with_arrays
def test_large_arguments_give_finite_results_without_warning(row: Row, dtype: type) -> None:
    random = np.random.default_rng(4)
    large = changed(row.inputs, lambda a: random.choice([-1e4, 1e4], a.shape) * random.uniform(0.5, 1, a.shape))
    if "weights" in large:
        large["weights"] = row.inputs["weights"]
    for name, value in run(row.operation, changed(large, lambda a: a.astype(dtype)), row.options).items():
        assert np.isfinite(value).all(), name


@every_row
def test_each_function_stands_alone(row: Row) -> None:
    """The builder pastes a function into a notebook that has only math and np."""
    notebook: Named = {"math": math, "np": np}
    source = inspect.getsource(getattr(initialization, row.operation))
    exec(compile(source, row.operation, "exec", dont_inherit=True), notebook)
    code = type("Notebook", (), {row.operation: staticmethod(notebook[row.operation])})
    found = run(row.operation, row.inputs, row.options, code=code)
    all_same(found, run(row.operation, row.inputs, row.options), rtol=0, atol=0)


@pytest.mark.parametrize("row", [row for row in ROWS if row.operation in RANDOM], ids=str)
def test_only_rng_is_random(row: Row) -> None:
    state = np.random.get_state()[1].copy()
    first, again, other = (run(row.operation, {}, row.options, seed=seed)["out"] for seed in (3, 3, 4))
    assert first.shape == row.options["shape"]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(np.random.get_state()[1], state)
    generator = np.random.default_rng(3)
    function = getattr(initialization, row.operation)
    twice = [function(**row.options, rng=generator) for _ in range(2)]
    assert not np.array_equal(*twice)


# --- errors and edges -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["xavier", "fan_avg", "FAN_IN", "", None])
def test_unknown_mode(name: Any) -> None:
    for operation in ("kaiming_uniform", "kaiming_normal"):
        with pytest.raises(ValueError, match=f'mode must be "fan_in" or "fan_out", not {name!r}'):
            run(operation, {}, {"shape": (3, 4), "mode": name})


@pytest.mark.parametrize("weights", [NET["weights"], []])
@pytest.mark.parametrize("name", ["gelu", "ReLU", "", None])
def test_unknown_activation(name: Any, weights: list[Array]) -> None:
    for operation in BY_DEPTH:
        arrays = {"weights": weights, "x": NET["x"]} | (DOUT if operation.startswith("gradient") else {})
        with pytest.raises(ValueError, match=f'"linear", "sigmoid", "tanh" or "relu", not {name!r}'):
            run(operation, arrays, {"activation": name})


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
    W1, W2, inputs, y = MODEL.values()
    assert [distinct_units(W1, W2, inputs, y, 0.1, steps) for steps in (0, 1, 9)] == [1, 3, 3]
    near = np.array([[0.0, 0.5e-9, 1.0, 1.0 + 2e-9], [3.0, 3.0, 3.0, 3.0]])
    assert distinct_units(near, W2, inputs[:, :2], y, 0.1, 0) == 3
    assert type(distinct_units(near, W2, inputs[:, :2], y, 0.1, 0)) is int
    assert distinct_units(np.ones((3, 4)), np.ones((4, 2)), inputs, y, 0.1, 50) == 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_scaled_weights_give_unit_variance(activation: str) -> None:
    weights, a = NET["weights"], NET["x"]
    scaled = lsuv_scale(weights, a, activation)
    for before, after in zip(weights, scaled, strict=True):
        same(after / before, np.full(before.shape, after[0, 0] / before[0, 0]))
        assert after[0, 0] / before[0, 0] > 0
        same((a @ after).std(), 1.0)
        a = ACTIVATIONS[activation](a @ after)
    same(activation_std_by_depth(scaled, NET["x"], activation)[-1], a.std())
    same(lsuv_scale([3 * W for W in weights], NET["x"], activation)[1], scaled[1])


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
