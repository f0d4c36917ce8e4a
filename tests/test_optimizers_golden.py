"""The reference answers of unit 07: right paths, right schedules, and the course's conventions, for all 26 functions.

Paths of many steps come from torch.optim and from decimals (golden/make_optimizers.py). What holds of every function,
one row of a table each, is proved by Proofs; a step function's row is w, the gradients of all steps and the learning
rates of all steps, and its result is w after each step.
"""

import copy
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit.reference import optimizers
from dlkit.reference.optimizers import (
    accumulate_gradients,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    cosine_with_warmup,
    effective_step_size,
    ema_weights,
    exponential_decay,
    gradient_descent,
    inverse_time_decay,
    lion,
    lookahead,
    minibatches,
    momentum_optimum,
    nadam,
    nesterov,
    nesterov_rewritten,
    one_cycle,
    reduce_on_plateau,
    rmsprop,
    sgd_momentum,
    stable_learning_rate,
    step_decay,
    train,
)
from tests.proofs import Proofs
from tests.rows import Array, Named, Row, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)


# --- the table ------------------------------------------------------------------------------------------------------

STEPS = {"sgd_momentum", "nesterov", "nesterov_rewritten", "adagrad", "adadelta", "rmsprop", "adam", "adamax", "nadam"}
STEPS |= {"adamw", "lion", "lookahead"}

T = 10
W, GRADS, SMALL = rng.normal(size=(3, 2)), rng.normal(size=(T, 3, 2)), rng.normal(size=(T, 4))
LRS = tuple(0.05 + 0.02 * (t * 7 % 10) for t in range(T))  # up and down; Python floats, which stay in any dtype
BATCHES = [rng.normal(size=(n, 4)) for n in (5, 1, 3)]
H = np.array([[3.0, 1.0], [1.0, 2.0]])
LOSSES = np.array([3.0, 2.0, 2.0, 1.9, 1.9, 1.9, 2.5, 1.0, 1.0, 0.9, 1.2])
UPDATES = np.arange(25)

OTHER_BETAS = {"beta1": 0.5, "beta2": 0.8}
OPTIONS: list[tuple[str, Named]] = [
    ("sgd_momentum", {"momentum": 0.5}),
    ("nesterov", {"momentum": 0.5}),
    ("nesterov_rewritten", {"momentum": 0.5}),
    ("adagrad", {"eps": 0.1}),
    ("adadelta", {"rho": 0.5, "eps": 0.1}),
    ("rmsprop", {"decay": 0.5, "eps": 0.1}),
    ("adam", {**OTHER_BETAS, "eps": 0.1}),
    ("adamax", {**OTHER_BETAS, "eps": 0.1}),
    ("nadam", {**OTHER_BETAS, "eps": 0.1}),
    ("adamw", {**OTHER_BETAS, "eps": 0.1, "weight_decay": 0.5}),
    ("lion", {**OTHER_BETAS, "weight_decay": 0.5}),
    ("lookahead", {"inner": "sgd_momentum", "k": 3, "alpha": 0.8}),
]
WALKS = [(name, {"inner": "adam"} if name == "lookahead" else {}) for name, _ in OPTIONS] + OPTIONS
ROWS = [Row(name, (W, GRADS, LRS), options) for name, options in WALKS] + [
    Row("gradient_descent", (GRADS[0], W, 0.3, 5)),
    Row("ema_weights", (W, GRADS[0])),
    Row("ema_weights", (W, GRADS[0]), {"decay": 0.3}),
    Row("step_decay", (UPDATES, 0.3)),
    Row("exponential_decay", (UPDATES, 0.3, 0.1)),
    Row("inverse_time_decay", (UPDATES, 0.3, 0.1)),
    Row("cosine_with_warmup", (UPDATES, 0.3, 5, 20)),
    Row("one_cycle", (UPDATES, 0.3, 25)),
    Row("reduce_on_plateau", (LOSSES, 0.3), {"patience": 1, "min_delta": 0.2}),
    Row("accumulate_gradients", (W[:, 0], BATCHES)),
    Row("effective_step_size", ("adam", SMALL, 0.1)),
    Row("effective_step_size", ("sgd_momentum", SMALL, 0.1)),
    Row("stable_learning_rate", (H,)),
    Row("momentum_optimum", (9.0,)),
    Row("train", ([W, W[0]], "squared", BATCHES[0][:, :3], BATCHES[0][:, :2], "adam", LRS, 2, 2)),
]


class TestOptimizers(Proofs):
    module, rows, golden = optimizers, ROWS, read_golden("optimizers")
    count = 26
    elsewhere = ("minibatches",)
    not_golden = ("momentum_optimum",)
    large = ("w", "grad", "grads", "ema", "losses")
    not_bytes = ("w", "grad", "grads", "ema", "params")
    test_gradient_equals_finite_differences = None  # type: ignore[assignment]  # no function of this unit has a gradient

    def arguments(self, row: Row) -> Named:
        """Without a step function's state: a path begins with {}."""
        if row.operation not in STEPS:
            return super().arguments(row)
        given = super().arguments(Row(row.operation, row.inputs, {"state": {}} | row.options))
        return {name: value for name, value in given.items() if name != "state"}

    def call(self, function: Callable[..., Any], arguments: Named) -> Any:
        """Names as functions, a gradient that is asked for as that of ½ |w − c|² with the row's gradient as c, …"""
        name, given = function.__name__, dict(arguments)
        for role in {"inner", "optimizer"} & set(given):
            given[role] = getattr(optimizers, given[role])
        if name in STEPS:
            return walk(function, **given)
        if "t" in given:
            return [function(**(given | {"t": int(t)})) for t in given["t"]]
        if name == "gradient_descent":
            given["grad"] = lambda w: w - arguments["grad"]
        if name == "accumulate_gradients":
            given["batches"] = [(batch[:, :-1], batch[:, -1]) for batch in given["batches"]]
            given["grad"] = lambda X, y: 2.0 * X.T @ (X @ arguments["grad"] - y) / len(X)
        if name == "train":
            given |= {"params": dict(zip("Wb", given["params"], strict=True)), "loss": squared}
            given["schedule"] = given["schedule"].__getitem__
            history = function(**given)
            assert list(history) == ["loss", "lr", "params"]
            return history["loss"], history["lr"], *history["params"].values()
        return function(**given)


def walk(step: Callable[..., Any], w: Any, grad: Any, lr: Any, **options: Any) -> Array:
    """w after each step, nesterov's gradient asked for at a point."""
    state: Named = {}
    points = []
    for g, rate in zip(grad, lr, strict=True):
        w, state = step(w, (lambda x, g=g: x - g) if step.__name__ == "nesterov" else g, state, float(rate), **options)
        points.append(w)
    return np.stack(points)


def squared(params: Named, X: Array, y: Array) -> tuple[float, Named]:
    """The mean over all entries of (X @ W + b − y)², and its gradients."""
    error = X @ params["W"] + params["b"] - y
    return float(np.mean(error**2)), {"W": 2.0 * X.T @ error / error.size, "b": 2 * error.sum(axis=0) / error.size}


every_step = pytest.mark.parametrize("step", [getattr(optimizers, name) for name in sorted(STEPS)])
NEEDED = {lookahead: {"inner": adam}}


# --- step functions -------------------------------------------------------------------------------------------------


@every_step
def test_a_step_is_a_function_of_its_arguments_alone(step: Any) -> None:
    """The state given is not changed, the next shares no memory with anything given, and an old one can be reused."""
    w, history = W.copy(), []
    state: Named = {}
    for g, lr in zip(GRADS.copy(), LRS, strict=True):
        given = (lambda x, g=g: x - g) if step is nesterov else g
        before = copy.deepcopy(state)
        new_w, new_state = step(w, given, state, lr, **NEEDED.get(step, {}))
        history.append((w, given, before, state, lr, new_w))
        for a in arrays(new_state):
            assert not any(np.shares_memory(a, b) for b in (w, g, new_w)), step.__name__
        assert new_state is not state
        assert not np.shares_memory(new_w, w)
        w, state = new_w, new_state
    for w, given, before, state, lr, new_w in history:
        same(state, before, rtol=0, atol=0, where=f"{step.__name__} changed its state")
        same(step(w, given, state, lr, **NEEDED.get(step, {}))[0], new_w, rtol=0, atol=0, where=step.__name__)


def arrays(state: Any) -> list[Array]:
    values = state.values() if isinstance(state, dict) else [state]
    return [a for value in values for a in (arrays(value) if isinstance(value, dict) else [value]) if np.ndim(a)]


@every_step
def test_weights_of_any_shape(step: Any) -> None:
    for shape in ((), (0,), (1,), (2, 0), (2, 3, 4)):
        w, grads = rng.normal(size=shape), rng.normal(size=(T, *shape))
        path = walk(step, w, grads, LRS, **NEEDED.get(step, {}))
        assert path.shape == (T, *shape)
        flat = walk(step, w.reshape(-1), grads.reshape(T, -1), LRS, **NEEDED.get(step, {}))
        same(path, flat.reshape(path.shape), where=f"{step.__name__}, {shape}")
        single = walk(step, np.asarray(w, np.float32), grads.astype(np.float32), LRS, **NEEDED.get(step, {}))
        assert single.dtype == np.float32, shape


@every_step
def test_no_gradient_no_step(step: Any) -> None:
    """Nor a warning. AdamW decays, and nesterov's gradient here is 0 only at c."""
    path = walk(step, W, np.zeros((T, 3, 2)) + (W if step is nesterov else 0), LRS, **NEEDED.get(step, {}))
    decay = np.cumprod([1 - 0.01 * lr for lr in LRS]) if step is adamw else np.ones(T)
    same(path, W * decay[:, None, None], where=step.__name__)


def test_defaults() -> None:
    expected = {"momentum": 0.9, "rho": 0.9, "decay": 0.9, "beta1": 0.9, "beta2": 0.999, "k": 5, "alpha": 0.5}
    special = {("adadelta", "lr"): 1.0, ("adadelta", "eps"): 1e-6, ("lion", "beta2"): 0.99}
    special |= {("lion", "weight_decay"): 0.0, ("adamw", "weight_decay"): 0.01}
    for name in STEPS:
        parameters = inspect.signature(getattr(optimizers, name)).parameters
        assert list(parameters)[:4] == ["w", "grad", "state", "lr"], name
        for option, parameter in parameters.items():
            default = special.get((name, option), (expected | {"eps": 1e-8}).get(option, inspect.Parameter.empty))
            assert parameter.default == default, f"{name}, {option}"


def classical_and_rewritten(lrs: Any, momentum: float) -> tuple[Array, Array]:
    """nesterov's path moved to its look-ahead points, and nesterov_rewritten's."""
    x, u = W, W
    state_x: Named = {}
    state_u: Named = {}
    ahead, points = [], []
    for c, lr in zip(GRADS, lrs, strict=True):
        before = x
        x, state_x = nesterov(x, lambda p, c=c: np.sin(p) - c, state_x, lr, momentum)
        u, state_u = nesterov_rewritten(u, np.sin(u) - c, state_u, lr, momentum)
        ahead.append(x + momentum * (x - before))  # x − before is −lr · v
        points.append(u)
    return np.array(ahead), np.array(points)


def test_nesterov_rewritten_is_nesterov_after_the_change_of_variable() -> None:
    for momentum in (0.0, 0.5, 0.9, 0.99):
        same(*classical_and_rewritten([0.1] * T, momentum), where=f"momentum {momentum}")
    x, u = classical_and_rewritten(LRS, 0.9)
    assert np.abs(x - u).max() > 1e-3  # a look-ahead point knows the lr of its own step only


def test_nesterov_looks_with_the_learning_rate_of_this_step() -> None:
    points: list[float] = []

    def grad(x: Array) -> Array:
        points.append(float(x[0]))
        return np.array([2.0])

    w, state = nesterov(np.array([1.0]), grad, {}, 0.1, 0.5)  # v = 2, w = 1 − 0.2
    w, state = nesterov(w, grad, state, 0.3, 0.5)  # looks at 0.8 − 0.3 · 0.5 · 2; v = 3, w = 0.8 − 0.9
    same(points, [1.0, 0.5])
    same(w, [-0.1])


def test_worked_by_hand() -> None:
    """w = 1, gradients 1 then −2, learning rates 0.1 then 0.2."""
    s, u = math.sqrt, np.array
    d = s(1e-6) / s(0.1 + 1e-6)  # adadelta's first step
    second = s(0.1 * d**2 + 1e-6) / s(0.09 + 0.4 + 1e-6) * -2
    m, v = (0.09 - 0.2) / 0.19, (0.000999 + 0.004) / (1 - 0.998001)  # adam's, corrected; 0.999² = 0.998001
    ahead = 1 - 0.1 * (0.09 / 0.19 + 1)  # nadam's first
    cases: list[tuple[Any, float, float]] = [
        (sgd_momentum, 0.9, 0.9 - 0.2 * (0.9 - 2)),
        (nesterov_rewritten, 1 - 0.1 * 1.9, 0.81 - 0.2 * (-2 - 0.99)),
        (adagrad, 0.9, 0.9 + 0.2 * 2 / s(5)),
        (adadelta, 1 - 0.1 * d, 1 - 0.1 * d - 0.2 * second),
        (rmsprop, 1 - 0.1 / s(0.1), 1 - 0.1 / s(0.1) + 0.2 * 2 / s(0.49)),
        (adam, 0.9, 0.9 - 0.2 * m / s(v)),
        (adamax, 0.9, 0.9 - 0.2 * m / 2),
        (nadam, ahead, ahead - 0.2 * (0.9 * -0.11 / (1 - 0.729) + 0.1 * -2 / 0.19) / s(v)),
        (adamw, 0.9 - 0.001, 0.899 - 0.2 * (m / s(v) + 0.00899)),
        (lion, 0.9, 0.9 + 0.2),
    ]
    for step, one, two in cases:
        same(walk(step, u([1.0]), u([[1.0], [-2.0]]), (0.1, 0.2)), u([[one], [two]]), 1e-7, where=step.__name__)


def test_what_an_optimizer_is_known_for() -> None:
    """Scale, its parts, and its limits."""
    for factor in (1e-3, 1e3):  # without eps the scale of the gradients does not matter
        for step in (adagrad, rmsprop, adam, adamax, nadam):
            scaled = walk(step, W, factor * GRADS, LRS, eps=0.0)
            same(scaled, walk(step, W, GRADS, LRS, eps=0.0), 1e-10, where=step.__name__)
        same(walk(lion, W, factor * GRADS, LRS), walk(lion, W, GRADS, LRS))
    same(walk(adamw, W, GRADS, LRS, weight_decay=0.0), walk(adam, W, GRADS, LRS))
    same(walk(sgd_momentum, W, GRADS, LRS, momentum=0.0), W - np.cumsum(GRADS * np.array(LRS)[:, None, None], axis=0))
    same(walk(rmsprop, W, GRADS, LRS, decay=0.0, eps=0.0), walk(lion, W, GRADS, LRS, beta1=0.0))  # both the sign
    same(walk(adam, W, GRADS, LRS, beta1=0.0, beta2=0.0, eps=0.0), walk(lion, W, GRADS, LRS, beta1=0.0))
    l2 = adamw(W, GRADS[0], {}, 0.1, weight_decay=0.5)[0] - adam(W, GRADS[0] + 0.5 * W, {}, 0.1)[0]
    assert np.abs(l2).max() > 1e-3  # decoupled decay is not L2


def test_lookahead() -> None:
    fast = walk(sgd_momentum, W, GRADS, LRS)
    same(walk(lookahead, W, GRADS, LRS, inner=sgd_momentum, k=1, alpha=1.0), fast)
    same(walk(lookahead, W, GRADS, LRS, inner=sgd_momentum, k=T + 1), fast)
    back = walk(lookahead, W, GRADS, LRS, inner=adam, k=3, alpha=0.0)
    same(back[2::3], np.stack([W] * 3))  # the slow weights never leave
    w = W
    state: Named = {}
    for t, (c, lr) in enumerate(zip(GRADS, LRS, strict=True), start=1):
        w, state = lookahead(w, lambda x, c=c: x - c, state, lr, nesterov, k=2)
        if t == 1:
            same(w, nesterov(W, lambda x: x - GRADS[0], {}, LRS[0])[0])
    assert w.shape == W.shape


def test_moving_average() -> None:
    same(ema_weights(W, GRADS[0], 0.25), 0.25 * W + 0.75 * GRADS[0])
    average = W
    for _ in range(3):
        average = ema_weights(average, np.zeros((3, 2)), 0.9)
    same(average, 0.729 * W)


# --- schedules ------------------------------------------------------------------------------------------------------

AT = [
    (step_decay, (0, 0.8), 0.8),
    (step_decay, (9, 0.8), 0.8),
    (step_decay, (10, 0.8), 0.4),
    (step_decay, (29, 0.8), 0.2),
    (step_decay, (7, 0.8, 0.1, 3), 0.008),
    (exponential_decay, (0, 0.8, 0.1), 0.8),
    (exponential_decay, (10, 0.8, 0.1), 0.8 / math.e),
    (exponential_decay, (10_000, 0.8, 1.0), 0.0),
    (inverse_time_decay, (0, 0.8, 0.5), 0.8),
    (inverse_time_decay, (2, 0.8, 0.5), 0.4),
    (cosine_with_warmup, (0, 0.8, 4, 12), 0.0),
    (cosine_with_warmup, (1, 0.8, 4, 12), 0.2),
    (cosine_with_warmup, (4, 0.8, 4, 12), 0.8),
    (cosine_with_warmup, (8, 0.8, 4, 12), 0.4),
    (cosine_with_warmup, (8, 0.8, 4, 12, 0.2), 0.5),
    (cosine_with_warmup, (1, 0.8, 4, 12, 0.2), 0.2),
    (cosine_with_warmup, (12, 0.8, 4, 12, 0.2), 0.2),
    (cosine_with_warmup, (13, 0.8, 4, 12, 0.2), 0.2),
    (cosine_with_warmup, (1000, 0.8, 4, 12), 0.0),
    (cosine_with_warmup, (0, 0.8, 0, 12), 0.8),
    (cosine_with_warmup, (12, 0.8, 0, 12), 0.0),
    (cosine_with_warmup, (3, 0.8, 4, 4), 0.6),
    (cosine_with_warmup, (4, 0.8, 4, 4, 0.1), 0.1),
    (cosine_with_warmup, (0, 0.8, 0, 0, 0.1), 0.1),
    (one_cycle, (0, 1.0, 10), 0.04),
    (one_cycle, (1, 1.0, 10), 0.52),
    (one_cycle, (2, 1.0, 10), 1.0),
    (one_cycle, (9, 1.0, 10), 4e-6),
    (one_cycle, (0, 1.0, 10, 0.1), 1.0),
    (one_cycle, (0, 1.0, 5, 0.4, 10, 100), 0.1),
    (one_cycle, (4, 1.0, 5, 0.4, 10, 100), 0.001),
]


@pytest.mark.parametrize(("schedule", "arguments", "expected"), AT)
def test_schedule_at(schedule: Callable[..., Any], arguments: tuple[Any, ...], expected: float) -> None:
    rate = schedule(*arguments)
    assert type(rate) is float  # a float64 scalar of numpy's would make float32 weights float64
    same(rate, expected)


def plain_plateau(losses: Any, lr: float, factor: float, patience: int, min_delta: float, min_lr: float) -> list[float]:
    """By the definition, backwards: how many losses in a row, since the best or the last cut, are not better."""
    rates, start, best = [], 0, math.inf
    for i, loss in enumerate(losses):
        if loss < best - min_delta:
            best, start = loss, i + 1
        if i + 1 - start > patience:
            lr, start = max(lr * factor, min_lr), i + 1
        rates.append(lr)
    return rates


def test_plateau() -> None:
    same(reduce_on_plateau([3, 2, 2, 2, 2, 2], 0.8, 0.5, 1), [0.8, 0.8, 0.8, 0.4, 0.4, 0.2])
    same(reduce_on_plateau([2, 2, 2], 1.0, 0.1, 0), [1.0, 0.1, 0.01])
    same(reduce_on_plateau([2.0, 1.95, 1.9, 1.8], 1.0, 0.5, 0, 0.1), [1.0, 0.5, 0.25, 0.25])  # best stays 2
    same(reduce_on_plateau([1, 1, 1, 1], 1.0, 0.5, 0, min_lr=0.3), [1.0, 0.5, 0.3, 0.3])
    assert reduce_on_plateau([], 0.5) == []
    assert reduce_on_plateau([1.0] * 11, 0.5) == [0.5] * 11
    assert reduce_on_plateau([1.0] * 12, 0.5)[-1] == 0.05
    for _ in range(50):
        losses = rng.integers(0, 6, size=30) / 2
        options = (0.5, int(rng.integers(4)), float(rng.choice([0.0, 0.3, 0.5])), 0.05)
        rates = reduce_on_plateau(losses, 1.0, *options)
        assert all(type(rate) is float for rate in rates)
        same(rates, plain_plateau(losses, 1.0, *options))


# --- batches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop_last", [False, True])
def test_minibatches(drop_last: bool) -> None:
    random = np.random.default_rng(0)
    for n, size in ((10, 3), (9, 3), (2, 5), (1, 1), (0, 4), (5, 5), (6, 1)):
        batches = minibatches(n, size, random, drop_last)
        count = n // size if drop_last else math.ceil(n / size)
        sizes = [min(size, n - i * size) for i in range(count)]
        assert [len(batch) for batch in batches] == sizes
        seen = [int(i) for batch in batches for i in batch]
        assert len(set(seen)) == sum(sizes)
        assert all(0 <= i < n for i in seen)
        assert all(batch.dtype.kind == "i" for batch in batches)
    assert minibatches(7, 3, np.random.default_rng(0))[-1].size == 1


def test_every_order_is_alike_likely_and_new() -> None:
    random = np.random.default_rng(2)
    orders = [tuple(int(i) for i in np.concatenate(minibatches(4, 3, random))) for _ in range(4800)]
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24
    assert ((counts - 200) ** 2 / 200).sum() < 55  # chi-squared with 23 degrees of freedom: one in 5,000
    left = [int(i) for _ in range(2000) for i in np.concatenate(minibatches(5, 3, random, drop_last=True))]
    assert np.abs(np.bincount(left) / 6000 - 0.2).max() < 0.03  # no sample is always the one dropped
    again = [np.concatenate(minibatches(20, 6, np.random.default_rng(5))) for _ in range(2)]
    assert (again[0] == again[1]).all()


def test_gradient_descent() -> None:
    points: list[Array] = []

    def grad(w: Array) -> Array:
        points.append(w.copy())
        return H @ w

    start = np.array([1.0, -2.0])
    end = gradient_descent(grad, start, 0.1, 4)
    same(end, np.linalg.matrix_power(np.eye(2) - 0.1 * H, 4) @ start)
    same(points, [np.linalg.matrix_power(np.eye(2) - 0.1 * H, i) @ start for i in range(4)])  # and at no point more
    same(gradient_descent(grad, start, 0.1, 0), start)
    assert len(points) == 4


def test_accumulated_gradients_are_those_of_the_large_batch() -> None:
    X, y, w = rng.normal(size=(9, 3)), rng.normal(size=9), rng.normal(size=3)
    calls: list[int] = []

    def grad(X: Array, y: Array) -> Array:
        calls.append(len(X))
        return 2 * X.T @ (X @ w - y) / len(X)

    for cuts in ([], [3, 6], [1, 8], [4, 5, 7]):
        batches = list(zip(np.split(X, cuts), np.split(y, cuts), strict=True))
        expected = grad(X, y)
        calls.clear()
        same(accumulate_gradients(grad, batches), expected)
        assert calls == [len(part) for part, _ in batches]
    kept = np.ones(2)
    accumulate_gradients(lambda X, y: kept, [(X, y), (X, y)])
    assert (kept == 1).all()


# --- steps and rates ------------------------------------------------------------------------------------------------


def test_effective_step_size() -> None:
    constant = np.outer(np.ones(T), [1e-3, 1.0, -1e3])
    same(effective_step_size(adam, constant, 0.1), np.full((T, 3), 0.1), 1e-4)  # whatever the scale
    sparse = np.zeros((2000, 1))
    sparse[-1] = -7.0  # the paper's larger bound, lr · (1 − beta1) / sqrt(1 − beta2), where gradients are rare
    same(effective_step_size(adam, sparse, 0.1)[-1], [0.1 * 0.1 / math.sqrt(0.001) * math.sqrt(1 - 0.999**2000)], 1e-6)
    same(effective_step_size(lion, SMALL, 0.1), np.full((T, 4), 0.1))
    assert effective_step_size(adam, np.zeros((0, 3)), 0.1).shape == (0, 3)
    same(effective_step_size(lambda w, g, s, lr: (w + 1, s), SMALL, 0.1), np.ones((T, 4)))

    def seen(w: Array, g: Array, s: Named, lr: float) -> tuple[Array, Named]:
        assert (w == s.get("w", np.zeros(4))).all()
        return w - lr * g, {"w": w - lr * g}

    same(effective_step_size(seen, SMALL, 0.1), np.abs(0.1 * SMALL))


def test_stable_learning_rate() -> None:
    for d in (1, 2, 5):
        a = rng.normal(size=(d, d))
        h = a @ a.T + 0.1 * np.eye(d)
        bound, w = stable_learning_rate(h), rng.normal(size=d)
        assert type(bound) is float
        radius = [np.abs(np.linalg.eigvals(np.eye(d) - lr * h)).max() for lr in (0.99 * bound, 1.01 * bound)]
        assert radius[0] < 1 < radius[1]
        assert np.abs(gradient_descent(lambda w, h=h: h @ w, w, 1.02 * bound, 2000)).max() > 1e3
    assert stable_learning_rate(np.diag([4, 1])) == 0.5


def contraction(lr: float, mu: float, curvatures: Any) -> float:
    """The spectral radius of a step of sgd_momentum on ½ λ w², as a matrix on (w, v), over the λs."""
    matrices = [np.array([[1 - lr * h, -lr * mu], [h, mu]]) for h in curvatures]
    return max(float(np.abs(np.linalg.eigvals(matrix)).max()) for matrix in matrices)


def test_momentum_optimum() -> None:
    assert momentum_optimum(1) == (0.0, 0.0)
    same(momentum_optimum(9), (0.25, 0.5))
    for kappa in (1.5, 9.0, 100.0):
        mu, factor = momentum_optimum(kappa)
        assert type(mu) is type(factor) is float
        curvatures = np.linspace(1.0, kappa, 30)
        best = (2 / (1 + math.sqrt(kappa))) ** 2
        same(contraction(best, mu, curvatures), factor, 1e-6)  # a double root is known to half the digits
        for _ in range(300):
            other = contraction(best * rng.uniform(0.7, 1.4), mu * rng.uniform(0.7, 1.3), curvatures)
            assert other > factor - 1e-6


# --- training -------------------------------------------------------------------------------------------------------


def test_training_step_by_step() -> None:
    """A loss that writes down what it is given, and the same walk by hand."""
    X, y, given = rng.normal(size=(7, 3)), np.arange(7), {"W": rng.normal(size=3), "b": rng.normal(size=())}
    seen: list[tuple[Named, Array, Array]] = []

    def loss(params: Named, X: Array, y: Array) -> tuple[Any, Named]:
        seen.append((dict(params), X, y))
        return np.float64(len(seen)), {"b": params["b"] + y.sum(), "W": params["W"] * X.sum()}  # in another order

    times: list[int] = []

    def schedule(t: int) -> Any:
        times.append(t)
        return np.float64(0.1 / (1 + t))

    history = train(given, loss, X, y, adam, schedule, 3, 3, np.random.default_rng(0))
    assert times == list(range(9))
    assert [len(X) for _, X, _ in seen] == [3, 3, 1] * 3
    epochs = [np.concatenate([y for _, _, y in seen[i : i + 3]]) for i in (0, 3, 6)]
    assert all(sorted(order) == list(range(7)) for order in epochs)
    assert len({tuple(order) for order in epochs}) == 3  # a new order each epoch
    for _, batch, labels in seen:
        same(batch, X[labels])
    assert history["loss"] == [float(i) for i in range(1, 10)]
    same(history["lr"], [0.1 / (1 + t) for t in range(9)])
    assert all(type(number) is float for number in history["loss"] + history["lr"])

    params: Named = dict(given)
    states: Named = {"W": {}, "b": {}}
    for t, (before, batch, labels) in enumerate(seen):
        same(before, params)
        grads = {"W": params["W"] * batch.sum(), "b": params["b"] + labels.sum()}
        for name in params:
            params[name], states[name] = adam(params[name], grads[name], states[name], 0.1 / (1 + t))
    same(history["params"], params)


def test_training_other_than_usual() -> None:
    X, y, given = np.ones((4, 3)), np.ones((4, 2)), {"W": W, "b": W[0]}
    nothing = train(given, squared, X, y, adam, lambda t: 0.1, 0, 2, np.random.default_rng(0))
    same(nothing, {"loss": [], "lr": [], "params": given})
    assert nothing["params"] is not given
    assert train(given, squared, X, y, lion, lambda t: 0.1, 2, 9, np.random.default_rng(0))["lr"] == [0.1, 0.1]
    single = {name: value.astype(np.float32) for name, value in given.items()}
    X32, y32 = X.astype(np.float32), y.astype(np.float32)
    history = train(single, squared, X32, y32, adam, lambda t: np.float64(0.1), 2, 3, np.random.default_rng(0))
    assert {value.dtype for value in history["params"].values()} == {np.dtype(np.float32)}
    same(single["W"], W.astype(np.float32))


@pytest.mark.parametrize(
    ("step", "lr"), [(sgd_momentum, 0.03), (rmsprop, 0.03), (adam, 0.1), (adamw, 0.1), (nadam, 0.1)]
)
def test_training_learns(step: Any, lr: float) -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(64, 3))
    target = {"W": random.normal(size=(3, 2)), "b": random.normal(size=2)}
    y = X @ target["W"] + target["b"]
    start = {"W": np.zeros((3, 2)), "b": np.zeros(2)}
    schedule: Callable[[int], float] = lambda t: cosine_with_warmup(t, lr, 20, 400)  # noqa: E731
    history = train(start, squared, X, y, step, schedule, 50, 8, random)
    assert history["loss"][-1] < 1e-3 * history["loss"][0]
