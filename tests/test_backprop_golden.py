"""The reference answers of unit 03: right values, right gradients, and the course's conventions, for all 17 of them.

Values and gradients come from PyTorch (golden/make_backprop.py), gradients from finite differences written here once
more, and what no library has from a definition in plain loops. What holds of every function is proved by Proofs.
"""

import inspect
import math
import operator
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit.reference import backprop
from dlkit.reference.backprop import (
    Value,
    backward_error,
    checkpointed_backward,
    complex_step_gradient,
    gradient_check,
    jacobian,
    jvp,
    layer_gradients,
    linear_collapse,
    mlp_loss,
    numerical_gradient,
    output_error,
    relative_error,
    unbroadcast,
    vjp,
)
from tests.proofs import Proofs
from tests.rows import Array, Named, Row, check_gradient, pasted, read_golden, same

Case = dict[str, Named]
RECURSION_LIMIT = sys.getrecursionlimit()

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)  # for the tables; a test has its own, so that the order of tests changes nothing


# --- the table ------------------------------------------------------------------------------------------------------

DERIVATIVES: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "relu": lambda z: 1.0 * (z > 0),
}

X, X3, W, B = rng.normal(size=(4, 3)), rng.normal(size=(4, 3, 2)), rng.normal(size=(6, 5)), rng.normal(size=5)
Y = np.array([1, 0, 2, 1])
DELTA = rng.normal(size=(4, 5))
PARAMS = {"W1": W[:3], "b1": B, "W2": rng.normal(size=(5, 3)), "b2": rng.normal(size=3)}
CHAIN = [
    (lambda x: np.sin(1.0 * x), lambda dout, x: dout * np.cos(1.0 * x)),
    (lambda x: np.exp(1.0 * x), lambda dout, x: dout * np.exp(1.0 * x)),
] * 2  # 1.0: of bytes NumPy has sines in float16
DTANH = DERIVATIVES["tanh"]


def sines(x: Array) -> Any:
    return np.sin(x).sum()


def waves(x: Array) -> Any:
    return np.sin(x) * x[0]


ROWS = [
    Row("numerical_gradient", (sines, X)),
    Row("relative_error", (X, X + 0.1)),
    Row("gradient_check", (sines, np.cos(X) + 0.1, X)),
    Row("complex_step_gradient", (sines, X)),
    *[Row("affine_forward", (rng.normal(size=shape), W, B)) for shape in [(4, 6), (4, 2, 3), (1, 6), (3, 1, 2, 3)]],
    Row("unbroadcast", (X3,), {"shape": (3, 1)}),
    Row("output_error", (X, X + 1.5, X - 0.2, DTANH)),
    Row("backward_error", (PARAMS["W2"], X, DELTA, DTANH)),
    Row("layer_gradients", (DELTA, X)),
    Row("mlp_loss", (PARAMS, X, Y, 0.3)),
    Row("jacobian", (waves, B)),
    Row("vjp", (waves, B, B + 1)),
    Row("jvp", (waves, B, B + 1)),
    Row("checkpointed_backward", (CHAIN, X, X + 0.1, 3)),
    Row("linear_collapse", ([W, W.T, W],)),
]
GOLDEN = read_golden("backprop")


def as_called(operation: str, data: Case) -> Case:
    """A golden case with its arguments as the function takes them."""
    given = data["in"]
    if operation == "linear_collapse":
        return data | {"in": {"weights": list(given.values())}}
    return data | {"in": {name: np.asarray(value) for name, value in given.items()}}


class TestBackprop(Proofs):
    module, rows = backprop, ROWS
    golden = {  # noqa: RUF012
        (name.replace("affine", "affine_forward"), case): as_called(name, data)
        for (name, case), data in GOLDEN.items()
        if name in ("affine", "unbroadcast", "linear_collapse")
    }
    count = 17
    elsewhere = ("Value",)
    not_golden = set(backprop.__all__) - {operation for operation, _ in golden}  # other tests have their values
    in_float64 = ("numerical_gradient", "complex_step_gradient", "jacobian", "vjp", "jvp", "relative_error")
    in_float64 += ("gradient_check",)
    not_bytes = ("dout", "delta", "params", "W_next", "delta_next", "z")
    large = ("x", "W", "b", "a", "y", "X", "weights")


# --- values from PyTorch --------------------------------------------------------------------------------------------


def each(operation: str) -> Any:
    cases = {case: data for (name, case), data in GOLDEN.items() if name == operation}
    return pytest.mark.parametrize("data", cases.values(), ids=cases)


def formula(data: Case) -> Callable[[Array], Any]:
    """The function of x that a golden case keeps as text."""
    code = compile(data["option"]["text"], "text", "eval")
    return lambda x: eval(code, {"xp": np, "x": x, "A": data["in"]["A"]})


@each("unbroadcast")
def test_unbroadcast_is_the_adjoint_of_broadcasting(data: Case) -> None:
    grad, shape = np.asarray(data["in"]["grad"]), data["option"]["shape"]
    x = np.random.default_rng(2).normal(size=shape)
    same((unbroadcast(grad, shape) * x).sum(), (grad * x).sum(), rtol=1e-10)


@pytest.mark.parametrize("activation", DERIVATIVES)
def test_the_four_equations_equal_pytorch(activation: str) -> None:
    data, derivative = GOLDEN["bp", activation], DERIVATIVES[activation]
    given, seen, expected = data["in"], data["out"], data["grad"]
    delta2 = output_error(seen["a2"], given["y"], seen["z2"], derivative)
    delta1 = backward_error(given["W2"], delta2, seen["z1"], derivative)
    found = {"z2": delta2, "z1": delta1}
    found["W2"], found["b2"] = layer_gradients(delta2, seen["a1"])
    found["W1"], found["b1"] = layer_gradients(delta1, given["x"])
    assert found.keys() == expected.keys()
    for name, value in found.items():
        same(value, expected[name], where=name)


@each("mlp_loss")
def test_mlp_loss_equals_pytorch(data: Case) -> None:
    given = data["in"]
    params = {name: value for name, value in given.items() if name not in "Xy"}
    for names in (sorted(params), list(params), list(params)[::-1]):  # whatever the order of the keys
        loss, grads = mlp_loss({name: params[name] for name in names}, given["X"], given["y"], data["option"]["reg"])
        same(loss, data["out"]["out"], where="loss")
        assert grads.keys() == params.keys()
        for name, gradient in grads.items():
            same(gradient, data["grad"][name], rtol=1e-11, where=name)


def value_rows() -> list[tuple[str, float, float, float, float, float]]:
    data = GOLDEN["Value", "expressions"]
    columns = data["option"]["text"], *data["in"].values(), data["out"]["out"], *data["grad"].values()
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize(("text", "a", "b", "out", "da", "db"), value_rows())
def test_value_equals_pytorch(text: str, a: float, b: float, out: float, da: float, db: float) -> None:
    va, vb = Value(a), Value(b)
    result = eval(text, {"a": va, "b": vb})
    assert isinstance(result, Value)
    assert (va.grad, vb.grad, result.grad) == (0.0, 0.0, 0.0), "grad is 0.0 until backward"
    assert result.backward() is None
    same([result.data, va.grad, vb.grad, result.grad], [out, da, db, 1.0], where=text)
    for value in (va, vb, result):
        assert type(value.data) is float
        assert type(value.grad) is float
    if "relu" not in text:  # the forward alone, by differences
        f = lambda x: eval(text, {"a": Value(x[0]), "b": Value(x[1])}).data  # noqa: E731
        check_gradient(f, np.array([a, b]), np.array([va.grad, vb.grad]), rtol=1e-6, where=text)


@each("gradient")
def test_measured_gradients_equal_pytorch(data: Case) -> None:
    f, x, expected = formula(data), np.asarray(data["in"]["x"]), data["grad"]["x"]
    same(numerical_gradient(f, x), expected, rtol=1e-6, atol=1e-8)
    same(complex_step_gradient(f, x), expected, rtol=1e-12, atol=1e-14)
    assert gradient_check(f, expected, x, np.random.default_rng(0)) < 1e-6
    assert relative_error(complex_step_gradient(f, x), expected) < 1e-11
    for wrong in (-expected, 2 * expected, expected + 0.01, np.zeros_like(expected)):
        assert gradient_check(f, wrong, x, np.random.default_rng(0)) > 1e-4


@each("jacobian")
def test_jacobian_and_its_products_equal_pytorch(data: Case) -> None:
    f, given = formula(data), data["in"]
    same(jacobian(f, given["x"]), data["out"]["jacobian"], rtol=1e-7, atol=1e-7)
    same(vjp(f, given["x"], given["left"]), data["out"]["vjp"], rtol=1e-7, atol=1e-7)
    same(jvp(f, given["x"], given["right"]), data["out"]["jvp"], rtol=1e-7, atol=1e-7)


@each("chain")
def test_checkpointed_backward_equals_pytorch(data: Case) -> None:
    def layer(w: Array, b: Array) -> tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]:
        return lambda x: np.tanh(w * x + b), lambda dout, x: dout * w / np.cosh(w * x + b) ** 2

    layers = [layer(w, b) for w, b in zip(data["in"]["w"], data["in"]["b"], strict=True)]
    for every in range(1, len(layers) + 3):
        dx, _ = checkpointed_backward(layers, data["in"]["x"], data["cotangent"]["dout"], every)
        same(dx, data["grad"]["x"], where=f"every {every}")


# --- the measuring functions ----------------------------------------------------------------------------------------


class Spy:
    """A function that notes its arguments, and then spoils them."""

    def __init__(self, f: Callable[[Array], Any]) -> None:
        self.f, self.seen = f, list[Array]()

    def __call__(self, x: Array) -> Any:
        assert isinstance(x, np.ndarray)
        self.seen.append(x.copy())
        out = self.f(x.copy())
        x[...] = np.nan
        return out


POINTS = [np.array([-0.0, 5e-324, 1e-9, 3.0]), X3, X[:, ::2].T, np.zeros((0, 3)), np.array(0.7), np.float64(0.3)]
POINTS += [np.array([2, -3]), np.array(4), np.array([200], np.uint8), np.array([[0.1, 7.0]], np.float32)]


@pytest.mark.parametrize("x", POINTS, ids=lambda x: f"{x.dtype} {x.shape}")
def test_numerical_gradient_and_gradient_check_anywhere(x: Array) -> None:
    bits, exact = x.tobytes(), np.cos(x.astype(np.float64)) * np.ones(x.shape)
    f = Spy(lambda x: np.sin(x).sum())
    gradient = numerical_gradient(f, x)
    assert (type(gradient), gradient.dtype) == (np.ndarray, np.float64)
    same(gradient, exact, atol=1e-9, rtol=1e-9)
    assert len(f.seen) == 2 * x.size
    assert {(a.dtype.str, a.shape) for a in f.seen} <= {("<f8", x.shape)}
    found = complex_step_gradient(Spy(lambda x: np.sin(x).sum()), x)
    assert (type(found), found.dtype) == (np.ndarray, np.float64)
    same(found, exact, atol=0, rtol=1e-15)

    f.seen.clear()
    assert gradient_check(f, exact, x, np.random.default_rng(0), directions=7, h=1e-4) < 1e-6
    assert len(f.seen) == 14
    for ahead, behind in zip(f.seen[::2], f.seen[1::2], strict=True):
        assert ahead.shape == behind.shape == x.shape
        same((ahead + behind) / 2, x, rtol=1e-12, atol=1e-12)
        if x.size:
            same(np.linalg.norm(ahead - behind) / 2e-4, 1.0, rtol=1e-8)
    assert x.tobytes() == bits


def test_numerical_gradient_takes_h_and_is_central() -> None:
    same(numerical_gradient(lambda x: (x**3).sum(), np.array([2.0]), h=0.5), [3 * 2.0**2 + 0.5**2])
    same(numerical_gradient(lambda x: abs(x).sum(), np.zeros(2)), [0.0, 0.0])


def test_gradient_check_is_the_worst_of_random_directions() -> None:
    f, grad, x = (lambda x: (x**2).sum()), 2 * X, X
    assert gradient_check(f, grad, x, np.random.default_rng(3)) == gradient_check(f, grad, x, np.random.default_rng(3))
    one_wrong = grad.copy()
    one_wrong[2, 1] += 0.1
    errors = [gradient_check(f, one_wrong, x, np.random.default_rng(4), directions=n) for n in range(1, 8)]
    assert errors == sorted(errors)
    assert errors[-1] > errors[0] > 1e-4
    spy, n = Spy(f), 4000
    gradient_check(spy, grad, x, np.random.default_rng(5), directions=n, h=1.0)
    v = np.stack(spy.seen[::2]).reshape(n, -1) - X.ravel()  # uniform on the sphere: mean 0, covariance I / 12
    assert abs(v.mean(axis=0)).max() < 5 / math.sqrt(12 * n)
    assert abs(v.T @ v / n - np.eye(12) / 12).max() < 0.01


def test_gradient_check_of_nothing_and_of_nan() -> None:
    constant = lambda x: 3.0  # noqa: E731
    assert gradient_check(constant, np.zeros_like(X), X, np.random.default_rng(0)) == 0.0
    assert gradient_check(constant, np.ones_like(X), X, np.random.default_rng(0)) == pytest.approx(1.0)
    assert math.isnan(gradient_check(constant, np.full_like(X, np.nan), X, np.random.default_rng(0)))
    tenth_too_large = gradient_check(lambda x: (x**2).sum(), 2.2 * X, X, np.random.default_rng(1))
    same(tenth_too_large, 0.1 / 2.1, rtol=1e-6)


ERRORS: list[tuple[Any, Any, float]] = [(1.0, 1.0, 0.0), (1.0, -1.0, 1.0), (0.0, 0.0, 0.0), ([], [], 0.0)]
ERRORS += [([0.0, 3.0], [0.0, 1.0], 0.5), ([[3.0, 1.0]], [[1.0, 1.0]], 0.5), ([1e4, 2.0], [1e4, 2.0 + 1e-10], 2.5e-11)]
ERRORS += [(1e-9, 0.0, 0.1), (1e-12, -1e-12, 2e-4), ([1.0, np.nan], [1.0, 2.0], np.nan)]
ERRORS += [(np.array([5], np.uint8), np.array([10], np.uint8), 1 / 3)]


@pytest.mark.parametrize(("a", "b", "expected"), ERRORS)
def test_relative_error(a: Any, b: Any, expected: float) -> None:
    error = relative_error(np.array(a), np.array(b))
    assert type(error) is float
    same(error, expected, rtol=1e-5)
    same(relative_error(np.array(b), np.array(a)), error)
    same(relative_error(a, b), error)


def test_complex_step_is_exact_where_differences_are_not() -> None:
    f = lambda x: (np.exp(x) / (np.cos(x) ** 3 + np.sin(x) ** 3)).sum()  # noqa: E731 - the paper's kind of example
    x = np.array([1.5])
    e, c, s = np.exp(x), np.cos(x), np.sin(x)
    exact = e * (c**3 + s**3 + 3 * c**2 * s - 3 * s**2 * c) / (c**3 + s**3) ** 2
    assert relative_error(complex_step_gradient(f, x), exact) < 1e-14 < relative_error(numerical_gradient(f, x), exact)
    for h in (1e-8, 1e-100, 1e-200):
        same(complex_step_gradient(f, x, h), exact, rtol=1e-13)
    same(complex_step_gradient(lambda x: 2.0, X), np.zeros(X.shape))


def test_products_with_the_jacobian() -> None:
    rng = np.random.default_rng(6)
    A, x = rng.normal(size=(3, 4)), rng.normal(size=4)
    f = Spy(lambda x: np.sin(A @ x))
    J = np.cos(A @ x)[:, None] * A
    same(jacobian(f, x), J, rtol=1e-8, atol=1e-8)
    for v in (*np.eye(4), x, np.array([1, 0, -2, 0])):
        f.seen.clear()
        same(jvp(f, x, v), J @ v, rtol=1e-8, atol=1e-8)
        assert len(f.seen) <= 8
    for scale in (1e-100, 1e-6, 1e6, 1e100):
        same(jvp(f, x, scale * x) / scale, J @ x, rtol=1e-8, atol=1e-8)
    same(jvp(f, x, np.zeros(4)), np.zeros(3))
    same(vjp(f, x, np.zeros(3)), np.zeros(4))
    for v in np.eye(3):
        same(vjp(f, x, v), v @ J, rtol=1e-8, atol=1e-8)
    v, u = rng.normal(size=3), rng.normal(size=4)
    same(vjp(f, x, v) @ u, v @ jvp(f, x, u), rtol=1e-8, atol=1e-8)


# --- layers by hand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "g"), {"tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}.items())
def test_the_four_equations_equal_finite_differences(name: str, g: Callable[[Array], Array]) -> None:
    rng, dg = np.random.default_rng(9), DERIVATIVES[name]
    z1, W2, b2, y = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=(4, 3))
    z2 = g(z1) @ W2 + b2
    cost = lambda z2: float(0.5 * ((g(z2) - y) ** 2).sum())  # noqa: E731
    delta2 = output_error(g(z2), y, z2, dg)
    dW, db = layer_gradients(delta2, g(z1))
    check_gradient(cost, z2, delta2, where="BP1")
    check_gradient(lambda z1: cost(g(z1) @ W2 + b2), z1, backward_error(W2, delta2, z1, dg), where="BP2")
    check_gradient(lambda b2: cost(g(z1) @ W2 + b2), b2, db, where="BP3")
    check_gradient(lambda W2: cost(g(z1) @ W2 + b2), W2, dW, where="BP4")


def test_layers_of_an_empty_batch() -> None:
    assert [a.shape for a in layer_gradients(DELTA[:0], X[:0])] == [(3, 5), (5,)]
    assert output_error(X[:0], X[:0], X[:0], DTANH).shape == (0, 3)
    assert backward_error(PARAMS["W2"], X[:0], DELTA[:0], DTANH).shape == (0, 5)


@pytest.mark.parametrize(
    ("sizes", "reg"), [([3, 4], 0.0), ([3, 4], 0.5), ([3, 6, 4], 0.0), ([3, 5, 6, 2], 0.1), ([3] * 13, 0.2)]
)
def test_mlp_loss_equals_finite_differences(sizes: list[int], reg: float) -> None:
    random = np.random.default_rng(7)
    params = {f"W{i}": random.normal(size=sizes[i - 1 : i + 1]) for i in range(1, len(sizes))}
    params |= {f"b{i}": random.uniform(0.2, 1, size=sizes[i]) for i in range(1, len(sizes))}
    x, y = random.normal(size=(6, 3)), random.integers(sizes[-1], size=6)
    _, grads = mlp_loss(params, x, y, reg)
    assert grads.keys() == params.keys()
    for name, gradient in grads.items():
        check_gradient(
            lambda a, name=name: mlp_loss({**params, name: a}, x, y, reg)[0], params[name], gradient, where=name
        )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_mlp_loss_at_logits_of_1e4(dtype: type) -> None:
    for reg in (0.0, 1.0):
        params = {"W1": np.array([[1e4, -1e4, 0.0]], dtype), "b1": np.zeros(3, dtype)}
        x, y = np.array([[1.0], [-1.0], [1.0]], dtype), np.array([0, 0, 2])
        loss, grads = mlp_loss(params, x, y, reg)
        same(loss, (0 + 2e4 + 1e4) / 3 + reg * 1e8, rtol=1e-6)
        same(grads["b1"], np.array([0 - 1 + 1, 1, -1]) / 3, rtol=1e-6)
        same(grads["W1"], np.array([[0 + 1 + 1, -1, -1]]) / 3 + reg * params["W1"], rtol=1e-6)


def test_mlp_loss_says_ln_c_when_it_knows_nothing_and_relu_is_flat_at_0() -> None:
    params = {"W1": np.zeros((3, 4)), "b1": np.zeros(4), "W2": np.ones((4, 7)), "b2": np.zeros(7)}
    loss, grads = mlp_loss(params, X, Y)
    same(loss, math.log(7))
    same(grads["b1"], np.zeros(4))
    params["W2"] = np.random.default_rng(0).normal(size=(4, 7))
    same(mlp_loss(params, X, Y)[1]["b1"], np.zeros(4), rtol=0, atol=0)


# --- Value ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv"])
@pytest.mark.parametrize(("a", "b"), [(49.0, 49.0), (0.1, 3.0), (-7.3, 1e-300), (1e-310, 1e-310), (5.0, -11.0)])
def test_value_computes_what_python_does(name: str, a: float, b: float) -> None:
    f = getattr(operator, name)
    for result in (f(Value(a), Value(b)), f(a, Value(b)), f(Value(a), b), f(np.float64(a), Value(b))):
        assert result.data == f(a, b)
    assert f(3, Value(2)).data == f(3, 2)
    assert f(Value(3), 2).data == f(3, 2)


def test_value_edges() -> None:
    edges = "a 3 1; a**0 0 0; a**1 0 1; a**2 0 0; a**3 -2 12; a.relu() 0 0; a.tanh() 1e4 0; a.exp() -1e4 0; a-a 5 0; a/a 5 0; a*0 5 0"
    for text, at, expected in (edge.split() for edge in edges.split("; ")):
        a = Value(float(at))
        eval(text, {"a": a}).backward()
        assert a.grad == float(expected), text
    assert math.isnan(Value(math.nan).relu().data)
    with pytest.raises(ZeroDivisionError):
        1 / Value(0)


def test_value_adds_up_over_paths_and_over_backwards() -> None:
    a = b = Value(1.0)
    for _ in range(100):
        b = b + b  # 2^100 paths
    b.backward()
    assert a.grad == 2.0**100
    x = Value(3.0)
    y = x * x
    (2 * y).backward()
    (3 * y).backward()
    assert (x.grad, y.grad) == (5 * 6.0, 5.0)
    p, q = Value(2.0), Value(5.0)
    unused = p * q
    (p + 1).backward()
    assert (p.grad, q.grad, unused.grad) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("step", [lambda v: v + 1, lambda v: 1 - v, lambda v: v.relu(), lambda v: v / v * v])
def test_value_in_depth(step: Callable[[Value], Value]) -> None:
    value = x = Value(0.5)
    for _ in range(20_000):
        value = step(value)
    value.backward()
    same(x.grad, 1.0, rtol=1e-9)
    assert sys.getrecursionlimit() == RECURSION_LIMIT


def test_value_stands_alone() -> None:
    alone = pasted(backprop, "Value")
    for text, a, b, out, da, db in value_rows():
        va, vb = alone(a), alone(b)
        result = eval(text, {"a": va, "b": vb})
        result.backward()
        same([result.data, va.grad, vb.grad], [out, da, db], where=text)
    methods = [method for method in vars(Value).values() if inspect.isfunction(method)]
    assert all(method.__doc__ and "\n" not in method.__doc__ for method in methods)


# --- chains ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", range(1, 11))
@pytest.mark.parametrize("every", range(1, 13))
def test_checkpointed_backward_holds_what_it_says(length: int, every: int) -> None:
    inputs: list[weakref.ref[Array]] = []
    log: list[tuple[str, int]] = []
    most = 0

    def track(a: Array) -> Array:
        inputs.append(weakref.ref(a))
        return a

    def look(what: str, i: int) -> None:
        nonlocal most
        most = max(most, sum(ref() is not None for ref in inputs))
        log.append((what, i))

    def layer(i: int) -> tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]:
        def forward(x: Array) -> Array:
            look("forward", i)
            return track(x + i + 1)  # so layer i's input is i (i + 1) / 2

        def backward(dout: Array, x: Array) -> Array:
            look("backward", i)
            same(x, np.full(2, i * (i + 1) / 2), where=f"input of layer {i}")
            return dout * (i + 2) + x[0]

        return forward, backward

    expected = np.ones(2)
    for i in reversed(range(length)):
        expected = expected * (i + 2) + i * (i + 1) / 2
    dx, peak = checkpointed_backward([layer(i) for i in range(length)], track(np.zeros(2)), np.ones(2), every)
    same(dx, expected)
    assert peak == most == -(-length // every) + min(every, length) - 1
    assert type(peak) is int
    assert [i for what, i in log if what == "backward"] == list(range(length))[::-1]
    assert sum(what == "forward" for what, _ in log) <= 2 * length


def test_linear_collapse() -> None:
    rng = np.random.default_rng(10)
    weights = [rng.normal(size=pair) for pair in [(3, 8), (8, 1), (1, 5)]]
    same(X @ linear_collapse(weights), X @ weights[0] @ weights[1] @ weights[2])
    assert np.linalg.matrix_rank(linear_collapse(weights)) == 1
    same(linear_collapse([X]), X)
