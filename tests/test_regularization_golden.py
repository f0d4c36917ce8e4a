"""The reference answers of unit 06: right values, right laws, and the course's conventions, for all 32 functions.

Values come from PyTorch, SciPy and scikit-learn (golden/make_regularization.py), and what no library has from a
definition in plain loops. What holds of every function, one row of a table each, is proved by Proofs. What is random is
drawn from fixed seeds, so that a run cannot fail by chance.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit.reference import regularization
from dlkit.reference.regularization import (
    bootstrap_indices,
    condition_number,
    cross_validate,
    cutout,
    dropblock_mask,
    dropconnect_forward,
    dropout_backward,
    dropout_forward,
    dropout_weight_scaling,
    early_stopping,
    elastic_net_penalty,
    ensemble_predict,
    hard_threshold,
    kfold_indices,
    l1_penalty,
    l2_penalty,
    lagrange_minimize,
    lasso_ista,
    matrix_norms,
    max_norm,
    mc_dropout,
    mixup,
    out_of_bag_indices,
    random_crop,
    random_flip,
    random_shift,
    ridge,
    soft_threshold,
    spatial_dropout,
    stochastic_depth,
    stratified_kfold_indices,
    train_val_test_split,
)
from tests.proofs import Proofs
from tests.rows import Array, Named, Row, check_gradient, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)


# --- the table ------------------------------------------------------------------------------------------------------


def fit(X: Array, y: Array) -> Array:
    return X.mean(axis=0) + y.mean()


def score(model: Array, X: Array, y: Array) -> Any:
    return (X - model).std() + y.mean()


def noisy(x: Array, rng: np.random.Generator) -> Array:
    return np.where(rng.random(x.shape) < 0.5, 2.0 * x, 0.0)[:, :2]


def branch(x: Array) -> Array:
    return 0.5 * x + 1


X = rng.choice([-1.7, -0.6, 0.4, 1.6], size=(6, 4)) + rng.uniform(-0.2, 0.2, size=(6, 4))  # away from kinks
X3 = rng.normal(size=(2, 3, 2))
Y, W, B = rng.normal(size=6), rng.normal(size=(4, 3)), rng.normal(size=3)
IMAGES, ONE_HOT, MASK = rng.normal(size=(5, 3, 6, 4)), np.eye(3)[[0, 2, 1, 1, 0, 2]], rng.random((6, 4)) < 0.6
CONSTRAINTS = np.array([[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 1.0, 3.0]])
LABELS = np.array([2, 0, 1, 1, 0, 2, 2, 2, 0, 0, 1])

ROWS = [
    Row("matrix_norms", (X,)),
    *[Row(f"l{i}_penalty", (x,), {"lam": 0.3}) for i in (1, 2) for x in (X, X3)],
    *[Row("elastic_net_penalty", (X,), {"lam": 0.7, "l1_ratio": ratio}) for ratio in (0.0, 0.25, 1.0)],
    Row("soft_threshold", (X,), {"t": 0.5}),
    Row("hard_threshold", (X,), {"t": 0.5}),
    Row("ridge", (X, Y), {"lam": 0.5}),
    Row("ridge", (X[:3], Y[:3]), {"lam": 2.0}),
    Row("condition_number", (X,), {"lam": 0.5}),
    Row("lasso_ista", (X, Y), {"lam": 0.5, "steps": 20}),
    Row("lagrange_minimize", (X[0], CONSTRAINTS, Y[:2])),
    *[Row("dropout_forward", (x,), {"p": p, "training": True}) for x in (X, X3) for p in (0.0, 0.3, 1.0)],
    Row("dropout_forward", (X,), {"p": 0.3, "training": False}),
    Row("dropout_backward", (X, MASK), {"p": 0.3}),
    Row("dropout_backward", (X, np.zeros_like(MASK)), {"p": 1.0}),
    Row("dropout_backward", (X, None), {"p": 0.3}),
    Row("dropout_weight_scaling", (X,), {"p": 0.3, "training": True}),
    Row("dropout_weight_scaling", (X,), {"p": 0.3, "training": False}),
    Row("mc_dropout", (noisy, X), {"samples": 5}),
    Row("dropconnect_forward", (X, W, B), {"p": 0.3}),
    Row("spatial_dropout", (IMAGES,), {"p": 0.3}),
    *[Row("stochastic_depth", (X, branch), {"p": p, "training": t}) for p in (0.0, 0.2) for t in (True, False)],
    Row("stochastic_depth", (X, branch), {"p": 0.999, "training": True}),
    Row("cutout", (IMAGES,), {"size": 3}),
    Row("dropblock_mask", (), {"shape": (2, 3, 6, 4), "p": 0.3, "size": 3}),
    Row("mixup", (X, ONE_HOT), {"alpha": 0.4}),
    Row("mixup", (IMAGES[:3], np.eye(3)), {"alpha": 0.0}),
    Row("random_flip", (IMAGES,)),
    Row("random_shift", (IMAGES,), {"limit": 2}),
    Row("random_crop", (IMAGES,), {"side": 3}),
    Row("early_stopping", (Y,), {"patience": 2}),
    Row("kfold_indices", (), {"n": 7, "k": 3}),
    Row("stratified_kfold_indices", (LABELS,), {"k": 3}),
    Row("cross_validate", (fit, score, X, Y), {"k": 3}),
    Row("train_val_test_split", (), {"n": 10, "val_fraction": 0.2, "test_fraction": 0.3}),
    Row("bootstrap_indices", (), {"n": 10}),
    Row("out_of_bag_indices", (), {"n": 5, "sample": np.array([3, 3, 0, 1])}),
    Row("ensemble_predict", (X3,)),
    Row("max_norm", (W,), {"c": 1.0}),
]
RANDOM = ["dropout_weight_scaling", "dropconnect_forward", "spatial_dropout", "cutout", "dropblock_mask", "mixup"]
RANDOM += ["dropout_forward", "mc_dropout", "random_flip", "random_shift", "random_crop", "kfold_indices"]
RANDOM += ["stratified_kfold_indices", "cross_validate", "train_val_test_split", "bootstrap_indices"]


class TestRegularization(Proofs):
    module, rows = regularization, ROWS
    golden = {key: data for key, data in read_golden("regularization").items() if "law" not in data}  # noqa: RUF012
    count = 32
    not_golden = (*RANDOM, "stochastic_depth", "early_stopping", "out_of_bag_indices")
    value_and_gradients = ("l2_penalty", "l1_penalty", "elastic_net_penalty")
    dtypes = dict.fromkeys(["stratified_kfold_indices", "out_of_bag_indices"], np.int64)
    large = ("W", "w", "X", "y", "a", "c", "x", "b", "dout", "images", "val_losses", "predictions")

    def digits(self, operation: str, case: str) -> float:
        return 1e-9 if operation in ("ridge", "condition_number") or "converged" in case else 1e-11

    def backward(self, operation: str) -> str | None:
        return None  # dropout's takes a mask and p, not a cache: a row and a test of its own

    def call(self, function: Callable[..., Any], arguments: Named) -> Any:
        """Without the masks, which are of another dtype."""
        result = function(**arguments)
        return result[0] if function.__name__ in ("dropout_forward", "dropconnect_forward") else result


LAWS = {key: data for key, data in read_golden("regularization").items() if "law" in data}


def law(*operations: str) -> pytest.MarkDecorator:
    cases = [key for key in LAWS if key[0] in operations]
    return pytest.mark.parametrize("case", cases, ids=map(" ".join, cases))


@pytest.mark.parametrize("row", [row for row in ROWS if row.operation in RANDOM], ids=str)
def test_only_rng_is_random(row: Row) -> None:
    state = np.random.get_state()[1].copy()
    arguments = TestRegularization().arguments(row)
    function = getattr(regularization, row.operation)
    first, again, *others = (function(**arguments | {"rng": np.random.default_rng(s)}) for s in (3, 3, *range(4, 9)))
    assert repr(again) == repr(first)
    assert np.array_equal(np.random.get_state()[1], state)
    if row.options.get("p") not in (0.0, 1.0) and row.options.get("training", True) and row.options.get("alpha") != 0:
        assert len({repr(each) for each in (first, *others)}) > 1


# --- penalties and constraints --------------------------------------------------------------------------------------


def test_norms() -> None:
    found = matrix_norms(np.array([[3, 0], [-4, 0]]))
    assert found == pytest.approx({"l0": 2, "l1": 7, "frobenius": 5, "nuclear": 5, "spectral": 5})
    assert [type(value) for value in found.values()] == [int, float, float, float, float]
    assert matrix_norms(np.array([[-128]], dtype=np.int8))["l1"] == 128
    sizes = matrix_norms(W)
    assert sizes["spectral"] <= sizes["frobenius"] <= sizes["nuclear"] <= math.sqrt(3) * sizes["frobenius"]


def test_penalties() -> None:
    for lam in (0.0, 0.3, 2):
        same(elastic_net_penalty(X, lam, 1.0), l1_penalty(X, lam))
        same(elastic_net_penalty(X, lam, 0.0), l2_penalty(X, lam))
        for name in ("l1_penalty", "l2_penalty"):
            loss, grad = getattr(regularization, name)(np.zeros((0, 3)), lam)
            assert loss == 0
            assert grad.shape == (0, 3)
    same(l1_penalty(np.array([0.0, -0.0, -3.0]), 2.0), (6.0, [0, 0, -2]))
    same(elastic_net_penalty(np.array([0.0, 2.0]), 2.0, 0.25), (2 * (0.5 + 0.75 * 2), [0, 3.5]))


@pytest.mark.parametrize("t", [0.0, 0.3, 1.5])
def test_thresholds_are_proximal_operators(t: float) -> None:
    w = np.random.default_rng(2).normal(size=40)
    z = np.linspace(-4, 4, 8001)[:, None]  # a grid, 0 and every limit in it
    soft = z[((z - w) ** 2 / 2 + t * abs(z)).argmin(axis=0), 0]
    same(soft_threshold(w, t), soft, atol=6e-4, rtol=0)
    hard = z[((z - w) ** 2 / 2 + t**2 / 2 * (abs(z) > 1e-9)).argmin(axis=0), 0]
    same(hard_threshold(w, t), hard, atol=6e-4, rtol=0)
    small = abs(w) <= t
    for found in (soft_threshold(w, t), hard_threshold(w, t)):
        assert (found[small] == 0).all()
        assert not np.signbit(found[small]).any()
    assert (hard_threshold(w, t)[~small] == w[~small]).all()
    assert soft_threshold(w, t).shape == soft_threshold(w.reshape(2, 4, 5), t).reshape(-1).shape == (40,)


@pytest.mark.parametrize("lam", [1e-8, 0.1, 30.0])
@pytest.mark.parametrize("shape", [(9, 4), (3, 7), (1, 1), (5, 5)])
def test_ridge(shape: tuple[int, int], lam: float) -> None:
    random = np.random.default_rng(5)
    data, y = random.normal(size=shape), random.normal(size=shape[0])
    w = ridge(data, y, lam)
    same(data.T @ (data @ w - y) + lam * w, np.zeros(shape[1]), atol=1e-9)
    values = np.linalg.eigvalsh(data.T @ data + lam * np.eye(shape[1]))
    if lam > 1e-3:
        same(condition_number(data, lam), values[-1] / values[0], rtol=1e-9)
    assert type(condition_number(data, lam)) is float


def test_ridge_where_columns_are_alike() -> None:
    twice = np.column_stack([Y, Y])
    same(ridge(twice, Y, 0.5), np.full(2, (Y @ Y) / (2 * Y @ Y + 0.5)))
    same(ridge(X, Y, 0.0), np.linalg.lstsq(X, Y)[0], rtol=1e-10)
    same(condition_number(twice, 0.5), (2 * Y @ Y + 0.5) / 0.5)
    same(condition_number(X[:2], 1e-6), np.linalg.norm(X[:2], 2) ** 2 / 1e-6 + 1, rtol=1e-9)
    same(condition_number(np.diag([1e6, 1.0]), 0.0), 1e12, rtol=1e-9)
    same(ridge(np.diag([1e5, 1e-5]), np.array([1e5, 1e-5]), 0.0), [1, 1], rtol=1e-9)


@pytest.mark.parametrize("lam", [0.0, 0.1, 1.0])
def test_lasso(lam: float) -> None:
    def objective(w: Array) -> Any:
        return ((X @ w - Y) ** 2).sum() / 2 + lam * abs(w).sum()

    path = [lasso_ista(X, Y, lam, steps) for steps in range(60)]
    assert (path[0] == 0).all()
    assert (np.diff([objective(w) for w in path]) <= 1e-14).all()
    w = lasso_ista(X, Y, lam, 5000)
    pull = X.T @ (Y - X @ w)  # the optimality conditions
    same(pull[w != 0], lam * np.sign(w[w != 0]), atol=1e-10)
    assert (abs(pull[w == 0]) <= lam + 1e-12).all()
    largest = abs(X.T @ Y).max()
    assert (lasso_ista(X, Y, largest * (1 + 1e-9), 50) == 0).all()
    assert np.count_nonzero(lasso_ista(X, Y, largest * 0.99, 50)) == 1


@pytest.mark.parametrize(("k", "d"), [(0, 3), (1, 1), (2, 5), (4, 4)])
def test_lagrange(k: int, d: int) -> None:
    random = np.random.default_rng(7)
    a, constraints, c = random.normal(size=d), random.normal(size=(k, d)), random.normal(size=k)
    x, m = lagrange_minimize(a, constraints, c)
    assert (x.shape, m.shape) == ((d,), (k,))
    same(constraints @ x, c, atol=1e-12)
    same(x - a + constraints.T @ m, np.zeros(d), atol=1e-12)
    for i in range(k):  # what a constraint costs: d(least value)/dc = −m
        e = 1e-5 * np.eye(k)[i]
        up, down = (((lagrange_minimize(a, constraints, c + s * e)[0] - a) ** 2).sum() / 2 for s in (1, -1))
        same((up - down) / 2e-5, -m[i], rtol=1e-6, atol=1e-8)
    same(lagrange_minimize(np.array([3, 1]), np.array([[1, 1]]), np.array([2])), ([2, 0], [1]))


def test_max_norm() -> None:
    found = max_norm(np.array([[3, 0, 0.3], [4, 0, 0.4]]), 1.0)
    same(found, [[0.6, 0, 0.3], [0.8, 0, 0.4]])
    for dtype in (np.float64, np.float32):
        columns = np.array([[0.1, 0.0, 1e-30, 0.06], [0.0, 0.0, 0.0, 0.08]], dtype)
        assert np.array_equal(max_norm(columns, 0.1), columns)
    assert max_norm(np.zeros((3, 0)), 1.0).shape == (3, 0)


# --- laws -----------------------------------------------------------------------------------------------------------


def fair(counts: Any, expected: Any, what: str = "") -> None:
    """Counts of independent events within 5 standard deviations of a Poisson law's."""
    counts, expected = np.asarray(counts, float), np.asarray(expected, float)
    assert (abs(counts - expected) <= 5 * np.sqrt(expected)).all(), f"{what}: {counts}, expected {expected}"


def independent(mask: Array, p: float) -> None:
    """Kept with probability 1 − p, and neighbours along any axis have nothing to do with one another."""
    z = (mask - (1 - p)) / math.sqrt(p * (1 - p))
    assert abs(z.mean()) < 5 / math.sqrt(z.size), "the share that is kept"
    for axis in range(z.ndim):
        pairs = np.delete(z, 0, axis) * np.delete(z, -1, axis)
        if pairs.size:
            assert abs(pairs.mean()) < 5 / math.sqrt(pairs.size), f"neighbours along axis {axis}"


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_what_is_dropped(p: float) -> None:
    x = np.random.default_rng(2).uniform(1, 2, size=(20, 30, 4, 5))
    out, mask = dropout_forward(x, p, True, np.random.default_rng(3))
    assert mask is not None
    assert (mask.dtype, mask.shape) == (np.dtype(bool), x.shape)
    same(out, x * mask / (1 - p))
    independent(mask, p)
    out = dropout_weight_scaling(x, p, True, np.random.default_rng(4))
    same(out, x * (out != 0))
    independent(out != 0, p)
    same(dropout_weight_scaling(x, p, False, np.random.default_rng(4)), (1 - p) * x)
    out = spatial_dropout(x.reshape(-1, 6, 4, 5), p, np.random.default_rng(5))
    kept = (out != 0).all(axis=(2, 3))
    same(out, x.reshape(-1, 6, 4, 5) * kept[:, :, None, None] / (1 - p))
    independent(kept, p)
    W, b = x[0, :, :, 0], x[1, 0, :, 0]
    for n in (1, 7):
        inputs = np.random.default_rng(6).normal(size=(n, 30))
        masks = []
        for seed in range(40):
            out, mask = dropconnect_forward(inputs, W, b, p, np.random.default_rng(seed))
            assert (mask.dtype, mask.shape) == (np.dtype(bool), W.shape)
            same(out, inputs @ (W * mask) / (1 - p) + b)
            masks.append(mask)
        independent(np.array(masks), p)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_dropout_at_its_ends(dtype: type) -> None:
    x = np.array([[1, -2, 3], [0, 5, 10000]]).astype(dtype)
    for p in (0, 0.0, 0.4, 1, 1.0):
        out, mask = dropout_forward(x, p, False, np.random.default_rng(3))
        assert mask is None
        assert out.dtype == x.dtype
        assert (out == x).all()
        assert (dropout_backward(x, None, p) == x).all()
        same(dropout_weight_scaling(x, p, False, np.random.default_rng(3)), (1 - p) * x, rtol=1e-6)
        if p in (0, 1):
            out, mask = dropout_forward(x, p, True, np.random.default_rng(3))
            assert mask is not None
            assert mask.dtype == bool
            assert (mask == (p == 0)).all()
            for each in (
                out,
                dropout_backward(x, mask, p),
                dropout_weight_scaling(x, p, True, np.random.default_rng(3)),
            ):
                assert (each == (1 - p) * x).all()
    assert dropout_forward(x[:0], 0.5, True, np.random.default_rng(3))[0].shape == (0, 3)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("training", [True, False])
def test_gradient_of_dropout(p: float, training: bool) -> None:
    def forward(x: Array) -> Any:
        return dropout_forward(x, p, training, np.random.default_rng(3))

    dout = np.random.default_rng(4).normal(size=X.shape)
    check_gradient(lambda x: forward(x)[0], X, dropout_backward(dout, forward(X)[1], p), dout)


def test_many_predictions() -> None:
    seen = []

    def predict(x: Array, rng: np.random.Generator) -> Array:
        seen.append((x, rng, rng.normal(size=(3, 2))))
        return seen[-1][2]

    generator = np.random.default_rng(2)
    mean, std = mc_dropout(predict, X, 9, generator)
    assert len(seen) == 9
    assert all(x is X and each is generator for x, each, _ in seen)
    same((mean, std), (np.mean([p for *_, p in seen], axis=0), np.std([p for *_, p in seen], axis=0)))
    same(mc_dropout(predict, X, 1, generator), (seen[-1][2], np.zeros((3, 2))))


@pytest.mark.parametrize("p", [0.0, 0.25, 0.7])
def test_a_branch_is_dropped_as_a_whole(p: float) -> None:
    generator, calls, kept = np.random.default_rng(4), [], []

    def f(x: Array) -> Array:
        calls.append(x)
        return np.cos(x)

    for _ in range(2000):
        out = stochastic_depth(X, f, p, True, generator)
        kept.append(not np.array_equal(out, X))
        assert np.allclose(out, X + kept[-1] * np.cos(X) / (1 - p), rtol=0, atol=1e-14)
    assert len(calls) == sum(kept)
    if p:
        independent(np.array(kept), p)
    else:
        assert all(kept)
    same(stochastic_depth(X, f, p, False, generator), X + np.cos(X))


@pytest.mark.parametrize(("size", "h", "w"), [(1, 3, 4), (2, 4, 3), (3, 5, 4), (9, 3, 3), (0, 3, 3)])
def test_a_square_is_cut(size: int, h: int, w: int) -> None:
    n = 4000
    images = np.random.default_rng(2).integers(1, 255, size=(n, 2, h, w), dtype=np.uint8)
    out = cutout(images, size, np.random.default_rng(3))
    assert out.dtype == np.uint8
    cut = out[:, 0] == 0  # (N, H, W)
    assert np.array_equal(out, images * ~cut[:, None])
    squares = np.zeros((h, w, h, w), bool)
    for i, j in np.ndindex(h, w):
        squares[i, j, max(0, i - size // 2) : i - size // 2 + size, max(0, j - size // 2) : j - size // 2 + size] = True
    patterns, times = np.unique(squares.reshape(h * w, -1), axis=0, return_counts=True)
    found = (cut.reshape(n, 1, -1) == patterns).all(axis=2)  # (N, patterns)
    assert found.any(axis=1).all()
    fair(found.sum(axis=0), n * times / (h * w))
    fair((found[1:] & found[:-1]).sum(axis=0), (n - 1) * (times / (h * w)) ** 2)


@pytest.mark.parametrize(("p", "size", "h", "w"), [(0.1, 3, 7, 5), (0.3, 2, 4, 4), (0.5, 1, 3, 3), (0.4, 3, 3, 3)])
def test_blocks_are_dropped(p: float, size: int, h: int, w: int) -> None:
    n = 3000
    mask = dropblock_mask((n, 2, h, w), p, size, np.random.default_rng(3))
    assert mask.shape == (n, 2, h, w)
    dropped = mask == 0
    places = list(np.ndindex(h - size + 1, w - size + 1))
    gamma = p / size**2 * h * w / len(places)
    assert 0 < gamma <= p
    covered, over = np.zeros_like(dropped), np.zeros((h, w))
    for i, j in places:
        block = dropped[:, :, i : i + size, j : j + size]
        covered[:, :, i : i + size, j : j + size] |= block.all(axis=(2, 3), keepdims=True)
        over[i : i + size, j : j + size] += 1
    assert np.array_equal(covered, dropped), "what is dropped is made of whole blocks"
    share = 1 - (1 - gamma) ** over
    fair(dropped.sum(axis=(0, 1)), 2 * n * share)
    fair((dropped[:, 0] & dropped[:, 1]).sum(axis=0), n * share**2)
    fair((dropped[1:, 0] & dropped[:-1, 0]).sum(axis=0), n * share**2)
    assert dropblock_mask((2, 3, h, w), 0.0, size, np.random.default_rng(3)).all()
    corners = dropped[..., 0, 0] & dropped[..., -1, -1]
    if min(h, w) >= 2 * size:
        fair(corners.sum(), 2 * n * gamma**2)


@law("mixup")
def test_mixtures(case: tuple[str, str]) -> None:
    alpha, (points, below) = LAWS[case]["option"]["alpha"], LAWS[case]["law"]["below"]
    generator, n, orders = np.random.default_rng(3), 2000, dict.fromkeys(itertools.permutations(range(3)), 0)
    x, y, found = np.random.default_rng(4).normal(size=(3, 2, 2)), np.eye(3), []
    for _ in range(n):
        mixed, labels = mixup(x, y, alpha, generator)
        lam = labels.diagonal().min()
        order = tuple(next((j for j in range(3) if j != i and labels[i, j] > 0), i) for i in range(3))
        orders[order] += 1
        assert np.allclose(labels, lam * y + (1 - lam) * y[list(order)], rtol=0, atol=1e-14)
        assert np.allclose(mixed, np.tensordot(labels, x, 1), rtol=0, atol=1e-12)
        if order != (0, 1, 2):
            found.append(lam)
    assert len(orders) == 6
    if alpha >= 1:  # a smaller one often gives a λ that is 1 to all digits
        fair(list(orders.values()), [n / 6] * 6)
    share = (np.array(found)[:, None] <= points).mean(axis=0)
    assert abs(share - below).max() < math.sqrt(math.log(2e7) / (2 * len(found)))  # Massart's bound


def test_nothing_is_mixed() -> None:
    same(mixup(X, ONE_HOT, 0, np.random.default_rng(3)), (X, ONE_HOT), rtol=0, atol=0)
    same(mixup(X[:1], ONE_HOT[:1], 0.4, np.random.default_rng(3)), (X[:1], ONE_HOT[:1]))


def test_flips() -> None:
    images = np.random.default_rng(2).integers(0, 255, size=(3000, 2, 2, 3), dtype=np.uint8)
    images[:, 0, 0, 0], images[:, 0, 0, 2] = 0, 255
    out = random_flip(images, np.random.default_rng(3))
    assert out.dtype == np.uint8
    flipped = out[:, 0, 0, 0] == 255
    assert np.array_equal(out[flipped], images[flipped][..., ::-1])
    assert np.array_equal(out[~flipped], images[~flipped])
    independent(flipped, 0.5)


def moved(image: Array, down: int, right: int) -> Array:
    out = np.zeros_like(image)
    _, h, w = image.shape
    for i, j in np.ndindex(h, w):
        if 0 <= i - down < h and 0 <= j - right < w:
            out[:, i, j] = image[:, i - down, j - right]
    return out


@pytest.mark.parametrize(("limit", "h", "w"), [(0, 2, 3), (1, 3, 2), (2, 4, 5), (3, 3, 2)])
def test_shifts(limit: int, h: int, w: int) -> None:
    n, image = 4000, np.arange(1, 1 + 2 * h * w, dtype=np.uint8).reshape(2, h, w)
    out = random_shift(np.stack([image] * n), limit, np.random.default_rng(3))
    assert out.dtype == np.uint8
    counts: dict[bytes, int] = {}
    for down, right in itertools.product(range(-limit, limit + 1), repeat=2):
        key = moved(image, down, right).tobytes()
        counts[key] = counts.get(key, 0) + 1
    found = [each.tobytes() for each in np.ascontiguousarray(out)]
    assert set(found) == set(counts)
    fair([found.count(key) for key in counts], [n * times / (2 * limit + 1) ** 2 for times in counts.values()])
    alike = sum(times**2 for times in counts.values()) / (2 * limit + 1) ** 4
    fair(sum(a == b for a, b in itertools.pairwise(found)), (n - 1) * alike)


@pytest.mark.parametrize(("side", "h", "w"), [(1, 2, 2), (2, 3, 5), (3, 3, 4), (3, 3, 3)])
def test_crops(side: int, h: int, w: int) -> None:
    n, image = 4000, np.arange(1, 1 + 2 * h * w, dtype=np.uint8).reshape(2, h, w)
    out = random_crop(np.stack([image] * n), side, np.random.default_rng(3))
    assert (out.dtype, out.shape) == (np.dtype(np.uint8), (n, 2, side, side))
    places = list(np.ndindex(h - side + 1, w - side + 1))
    found = np.array([(out == image[:, i : i + side, j : j + side]).all(axis=(1, 2, 3)) for i, j in places])
    assert found.any(axis=0).all()
    fair(found.sum(axis=1), n / len(places))
    fair((found[:, 1:] & found[:, :-1]).sum(), (n - 1) / len(places))


@pytest.mark.parametrize("operation", ["cutout", "random_flip", "random_shift", "random_crop", "spatial_dropout"])
def test_no_images(operation: str) -> None:
    options = {"cutout": {"size": 2}, "random_shift": {"limit": 1}, "random_crop": {"side": 2}}.get(operation, {})
    options |= {"p": 0.5} if operation == "spatial_dropout" else {}
    out = getattr(regularization, operation)(IMAGES[:0], rng=np.random.default_rng(3), **options)
    assert out.shape == ((0, 3, 2, 2) if operation == "random_crop" else (0, 3, 6, 4))


# --- measuring, stopping and averaging ------------------------------------------------------------------------------

NAN = math.nan
STOPS: list[tuple[list[float], int, float, tuple[int, int]]] = [
    ([3, 2, 1], 1, 0.0, (2, 2)),
    ([3, 2, 2, 1], 1, 0.0, (2, 1)),
    ([3, 2, 2, 1], 2, 0.0, (3, 3)),
    ([1, 2, 3, 4, 5], 3, 0.0, (3, 0)),
    ([1, 2, 3], 3, 0.0, (2, 0)),
    ([5, 4.5, 4.0, 3.9], 2, 0.5, (3, 2)),
    ([5, 4.6, 4.2, 3.9], 2, 0.5, (3, 2)),
    ([5, 4.5, 4.5], 2, 0.5, (2, 0)),
    ([NAN, NAN, NAN], 5, 0.0, (2, 0)),
    ([NAN, NAN, NAN], 2, 0.0, (1, 0)),
    ([NAN, 2, NAN, 1, NAN, NAN, 0], 2, 0.0, (5, 3)),
    ([NAN, 7], 1, 0.0, (0, 0)),
    ([math.inf, 7, -math.inf, NAN], 2, 0.1, (3, 2)),
    ([7], 1, 0.0, (0, 0)),
]


@pytest.mark.parametrize(("losses", "patience", "min_delta", "expected"), STOPS)
def test_stops(losses: list[float], patience: int, min_delta: float, expected: tuple[int, int]) -> None:
    assert early_stopping(losses, patience, min_delta) == expected
    found = early_stopping(np.array(losses), patience, min_delta)
    assert found == expected
    assert [type(each) for each in found] == [int, int]


def partition(folds: list[tuple[Array, Array]], n: int) -> None:
    for train, val in folds:
        assert train.dtype.kind == val.dtype.kind == "i"
        assert sorted([*train, *val]) == list(range(n))
    assert sorted(np.concatenate([val for _, val in folds])) == list(range(n))


@law("kfold_indices")
def test_folds(case: tuple[str, str]) -> None:
    n, k = LAWS[case]["option"].values()
    folds = kfold_indices(n, k, np.random.default_rng(3))
    assert type(folds) is list
    partition(folds, n)
    assert sorted((len(val) for _, val in folds), reverse=True) == list(LAWS[case]["law"]["sizes"])
    together, generator = np.zeros((n, n)), np.random.default_rng(4)
    for _ in range(2000):
        for _, val in kfold_indices(n, k, generator):
            together[np.ix_(val, val)] += 1
    sizes = LAWS[case]["law"]["sizes"]
    expected = 2000 * (sizes * (sizes - 1)).sum() / (n * (n - 1))
    fair(together[~np.eye(n, dtype=bool)], expected)


@law("stratified_kfold_indices")
@pytest.mark.parametrize("kind", [np.int64, np.float64, str])
def test_stratified_folds(case: tuple[str, str], kind: type) -> None:
    y, k, sizes = LAWS[case]["in"]["y"], LAWS[case]["option"]["k"], LAWS[case]["law"]["sizes"]
    folds = stratified_kfold_indices((3 - y).astype(kind), k, np.random.default_rng(3))
    assert type(folds) is list
    partition(folds, len(y))
    table = np.array([[(y[val] == c).sum() for _, val in folds] for c in range(max(y) + 1)])
    assert np.array_equal(-np.sort(-np.vstack([table, table.sum(axis=0)]), axis=1), sizes)
    together, generator = np.zeros((len(y), len(y))), np.random.default_rng(4)
    for _ in range(1000):
        for _, val in stratified_kfold_indices(y, k, generator):
            together[np.ix_(val, val)] += 1
    for c, row in enumerate(sizes[:-1]):
        m = (y == c).sum()
        pairs = together[np.ix_(y == c, y == c)][~np.eye(m, dtype=bool)]
        fair(pairs, 1000 * (row * (row - 1)).sum() / (m * (m - 1)))


def test_stratified_folds_of_any_counts() -> None:
    random = np.random.default_rng(5)
    for _ in range(300):
        y = random.choice([-3, 0, 7, 8], p=[0.6, 0.3, 0.08, 0.02], size=random.integers(2, 40))
        k = int(random.integers(2, len(y) + 1))
        folds = stratified_kfold_indices(y, k, random)
        assert len(folds) == k
        partition(folds, len(y))
        for chosen in [np.ones(len(y), bool), *(y == c for c in np.unique(y))]:
            assert np.ptp([chosen[val].sum() for _, val in folds]) <= 1


@pytest.mark.parametrize("k", [-1, 0, 1, 7, 100])
def test_impossible_folds(k: int) -> None:
    generator = np.random.default_rng(3)
    for call in (
        lambda: kfold_indices(6, k, generator),
        lambda: stratified_kfold_indices(np.zeros(6, int), k, generator),
        lambda: cross_validate(fit, score, X, Y, k, generator),
    ):
        with pytest.raises(ValueError, match=f"k must be from 2 to the number of samples, 6, not {k}"):
            call()


@pytest.mark.parametrize(("n", "k"), [(6, 2), (7, 3), (5, 5)])
def test_cross_validation_keeps_folds_apart(n: int, k: int) -> None:
    data, y, log = np.arange(n)[:, None] * 1.0, -np.arange(n) * 1.0, []

    def fit(X: Array, y: Array) -> Any:
        assert np.array_equal(X[:, 0], -y)
        return tuple(X[:, 0])

    def score(model: Any, X: Array, y: Array) -> float:
        assert np.array_equal(X[:, 0], -y)
        assert sorted([*model, *X[:, 0]]) == list(range(n))
        log.append(list(X[:, 0]))
        return 0.5 + len(log)

    scores = cross_validate(fit, score, data, y, k, np.random.default_rng(3))
    same(scores, 0.5 + np.arange(1, k + 1))
    assert sorted(itertools.chain(*log)) == list(range(n))
    assert max(map(len, log)) - min(map(len, log)) <= 1


def test_split() -> None:
    for n, val, test, sizes in [(10, 0.2, 0.3, (5, 2, 3)), (7, 0.2, 0.2, (5, 1, 1)), (100, 0.07, 0.29, (64, 7, 29))]:
        parts = train_val_test_split(n, val, test, np.random.default_rng(3))
        assert type(parts) is tuple
        assert tuple(map(len, parts)) == sizes
        assert sorted(np.concatenate(parts)) == list(range(n))
    assert list(map(len, train_val_test_split(4, 0.0, 0, np.random.default_rng(3)))) == [4, 0, 0]
    generator, where = np.random.default_rng(4), np.zeros((3, 10))
    for _ in range(3000):
        for part, members in enumerate(train_val_test_split(10, 0.2, 0.3, generator)):
            where[part, members] += 1
    fair(where, np.array([[1500], [600], [900]]) + np.zeros(10))


def test_bootstrap() -> None:
    generator, n = np.random.default_rng(3), 200
    samples = np.array([bootstrap_indices(n, generator) for _ in range(500)])
    assert samples.shape == (500, n)
    assert samples.dtype.kind == "i"
    fair(np.bincount(samples.reshape(-1), minlength=n), np.full(n, 500))
    distinct = np.array([len(set(sample)) for sample in samples])
    q, r = (1 - 1 / n) ** n, (1 - 2 / n) ** n
    variance = n * q + n * (n - 1) * r - (n * q) ** 2
    assert abs(distinct.mean() - n * (1 - q)) < 5 * math.sqrt(variance / 500)
    assert abs(distinct.var() / variance - 1) < 0.4
    assert bootstrap_indices(1, generator).tolist() == [0]
    for sample in (*samples[:5], np.arange(n), np.array([3]), np.array([], int)):
        missing = out_of_bag_indices(n, sample)
        assert missing.dtype.kind == "i"
        assert missing.tolist() == [i for i in range(n) if i not in set(sample)]


def test_votes() -> None:
    predictions = np.array([[[0.9, 0.1], [0.4, 0.6]], [[0.45, 0.55], [0.4, 0.6]], [[0.45, 0.55], [0.9, 0.1]]])
    same(ensemble_predict(predictions), [[0.6, 0.4], [1.7 / 3, 1.3 / 3]])
    assert ensemble_predict(predictions, "hard").tolist() == [1, 1]
    assert ensemble_predict(predictions[:2], vote="hard").tolist() == [0, 1]  # one vote each
    votes = np.eye(4)[[[3, 0, 2], [1, 2, 2], [3, 2, 1], [1, 0, 1]]]  # (4, 3, 4)
    assert ensemble_predict(votes, "hard").tolist() == [1, 0, 1]
    hard = ensemble_predict(votes.astype(np.float32), "hard")
    assert (hard.shape, hard.dtype.kind) == ((3,), "i")
    assert ensemble_predict(votes[:, :0], "hard").shape == (0,)
    assert ensemble_predict(votes[:, :0]).shape == (0, 4)
