"""The reference answers of unit 02: right values, right gradients, and the course's conventions, for all 25 functions.

Values come from PyTorch and SciPy (golden/make_losses.py), and what neither library has from a definition in plain
loops. What holds of every function, one row of a table each, is proved by Proofs.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlkit.reference import losses
from dlkit.reference.losses import (
    bce_with_logits,
    cross_entropy_loss,
    dice_loss,
    distillation_loss,
    distribution_cross_entropy,
    entropy,
    expected_calibration_error,
    focal_loss,
    hinge_loss,
    huber_loss,
    info_nce_loss,
    iou,
    kl_divergence,
    label_smoothing_loss,
    logistic_regression_loss,
    mae_loss,
    mse_loss,
    multilabel_loss,
    nll_loss,
    outlier_influence,
    output_delta,
    predict_from_logits,
    smooth_l1_loss,
    soft_cross_entropy,
    triplet_loss,
)
from tests.proofs import Proofs
from tests.rows import Array, Named, Row, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)


# --- the table ------------------------------------------------------------------------------------------------------


def boxes(n: int) -> Array:
    corners = rng.uniform(-2, 2, size=(n, 2))
    return np.concatenate([corners, corners + rng.uniform(0.5, 3, size=(n, 2))], axis=1)


X, X1, X3, ZERO = rng.normal(size=(4, 3)), rng.normal(size=5), rng.normal(size=(2, 3, 2)), np.zeros((4, 3))
PRED = rng.choice([-2.7, -0.6, 0.4, 1.6], size=(4, 3)) + rng.uniform(-0.2, 0.2, size=(4, 3))  # away from kinks
Y = np.array([2, 0, 1, 2])
P, Q = rng.dirichlet(np.ones(3), size=4), rng.dirichlet(np.ones(3), size=4)
HARD, SOFT = (rng.random((4, 3)) < 0.5).astype(float), rng.random((4, 3))
WEIGHT, POS_WEIGHT, IGNORING = np.array([0.5, 2.0, 1.3]), np.array([3.0, 1.0, 0.2]), np.array([2, -100, 1, 2])
A, B, C = rng.normal(size=(3, 4, 5))

REDUCTIONS = ("mean", "sum", "none")
REDUCED: list[tuple[str, tuple[Any, ...], Named]] = [
    ("mse_loss", (PRED, ZERO), {}),
    ("mse_loss", (X3, X3[::-1]), {}),
    ("mae_loss", (PRED, ZERO), {}),
    ("smooth_l1_loss", (PRED, ZERO), {}),
    ("smooth_l1_loss", (PRED, ZERO), {"beta": 2.0}),
    ("huber_loss", (PRED, ZERO), {}),
    ("huber_loss", (PRED, ZERO), {"delta": 2.0}),
    ("cross_entropy_loss", (X, Y), {}),
    ("soft_cross_entropy", (X, P), {}),
    ("label_smoothing_loss", (X, Y, 0.1), {}),
    ("bce_with_logits", (X, HARD), {}),
    ("bce_with_logits", (X1, np.array([0.0, 1, 1, 0, 1])), {"pos_weight": 3.0}),
    ("bce_with_logits", (X, SOFT), {"pos_weight": POS_WEIGHT}),
]

ROWS = [Row(name, args, {**options, "reduction": r}) for name, args, options in REDUCED for r in REDUCTIONS]
ROWS += [
    Row("multilabel_loss", (X, HARD)),
    Row("predict_from_logits", ("binary", X1)),
    Row("predict_from_logits", ("multiclass", X)),
    Row("predict_from_logits", ("multilabel", X)),
    Row("nll_loss", (np.log(P), Y)),
    Row("nll_loss", (np.log(P), IGNORING), {"weight": WEIGHT}),
    Row("nll_loss", (np.log(P), Y), {"weight": WEIGHT, "ignore_index": 2}),
    Row("kl_divergence", (P, Q)),
    Row("entropy", (P,)),
    Row("distribution_cross_entropy", (P[0], Q[0])),
    Row("logistic_regression_loss", (X[0], 0.5, X, HARD[:, 0])),
    Row("logistic_regression_loss", (X[0], 0.5, X, HARD[:, 0]), {"l2": 0.7}),
    Row("hinge_loss", (X, Y)),
    Row("hinge_loss", (X, Y), {"margin": 0.3}),
    Row("focal_loss", (X, HARD)),
    Row("focal_loss", (X1, np.array([0.0, 1, 1, 0, 1])), {"gamma": 0.5, "alpha": 0.9}),
    Row("dice_loss", (P, HARD)),
    Row("dice_loss", (P, HARD), {"eps": 1.0}),
    Row("iou", (boxes(4), boxes(5))),
    Row("triplet_loss", (A, B, C)),
    Row("triplet_loss", (A, B, C), {"margin": 9.0}),
    Row("info_nce_loss", (A, B)),
    Row("info_nce_loss", (A, B), {"temperature": 2.0}),
    Row("distillation_loss", (X, X[::-1], 3.0)),
    Row("expected_calibration_error", (P, Y)),
    Row("expected_calibration_error", (P, Y), {"bins": 4}),
    *[Row("output_delta", (loss, X, SOFT)) for loss in ("mse", "cross_entropy")],
    *[Row("outlier_influence", (loss, X)) for loss in ("l1", "l2", "smooth_l1")],
]
VALUES_ONLY = {"predict_from_logits", "kl_divergence", "entropy", "distribution_cross_entropy", "iou"}
VALUES_ONLY |= {"expected_calibration_error", "output_delta", "outlier_influence"}


class TestLosses(Proofs):
    module, rows, golden = losses, ROWS, read_golden("losses")
    count = 25
    value_and_gradients = set(losses.__all__) - VALUES_ONLY
    dtypes = {"predict_from_logits": np.int64}  # noqa: RUF012
    large = (
        "pred",
        "target",
        "logits",
        "student_logits",
        "teacher_logits",
        "log_probs",
        "scores",
        "z",
        "residuals",
        "X",
    )
    large += ("anchor", "positive", "negative", "queries", "keys")


run, GOLDEN = TestLosses().run, TestLosses.golden


# --- what not every function has ------------------------------------------------------------------------------------


def test_every_reduction_is_golden() -> None:
    for name, *_ in REDUCED:
        found = {data["option"].get("reduction", "mean") for (op, _), data in GOLDEN.items() if op == name}
        assert found == set(REDUCTIONS), name


@pytest.mark.parametrize(("name", "args", "options"), REDUCED, ids=[row[0] for row in REDUCED])
def test_reductions_agree(name: str, args: tuple[Any, ...], options: Named) -> None:
    each, own = run(Row(name, args, {**options, "reduction": "none"}))
    per_class = name in ("cross_entropy_loss", "soft_cross_entropy", "label_smoothing_loss")
    assert each.shape == (args[0].shape[:1] if per_class else args[0].shape)
    same(own, run(Row(name, args, {**options, "reduction": "sum"}))[1], where=f"{name}: gradient of the sum")
    same(run(Row(name, args, {**options, "reduction": "sum"})), (each.sum(), own), where=f"{name}: sum")
    for mean in ({"reduction": "mean"}, {}):
        same(run(Row(name, args, {**options, **mean})), (each.mean(), own / each.size), where=f"{name}: mean")
    assert list(inspect.signature(getattr(losses, name)).parameters)[-1] == "reduction"


@pytest.mark.parametrize("kind", [np.int64, np.uint8, bool])
def test_labels_of_any_kind_leave_float32_alone(kind: type) -> None:
    logits, t = X.astype(np.float32), HARD.astype(kind)
    for function in (bce_with_logits, multilabel_loss, focal_loss, dice_loss):
        loss, grad = function(logits, t)
        same((loss, grad), function(X, HARD), rtol=2e-4, atol=1e-5, where=function.__name__)
        assert grad.dtype == np.float32, function.__name__
    loss, dw, db = logistic_regression_loss(logits[0], 0.5, logits, t[:, 0])
    same(loss, logistic_regression_loss(X[0], 0.5, X, HARD[:, 0])[0], rtol=1e-5)
    assert dw.dtype == db.dtype == np.float32


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32])
def test_labels_may_be_integers_of_any_size(kind: type) -> None:
    for row in ROWS:
        small = tuple(v.astype(kind) if np.ndim(v) and v.dtype.kind == "i" else v for v in row.inputs)
        if np.iinfo(kind).min < 0 or row.inputs[-1] is not IGNORING:
            same(run(Row(row.operation, small, row.options)), run(row), where=f"{row} with labels of {kind.__name__}")


N0, Y0 = X[:0], Y[:0]
EMPTY: list[tuple[Row, list[tuple[int, ...]]]] = [
    (Row("iou", (boxes(0), boxes(2))), [(0, 2)]),
    (Row("iou", (boxes(3), boxes(0))), [(3, 0)]),
    (Row("iou", (boxes(0), boxes(0))), [(0, 0)]),
    (Row("nll_loss", (N0, Y0)), [(), (0, 3)]),
    (Row("mse_loss", (N0, N0), {"reduction": "sum"}), [(), (0, 3)]),
    (Row("huber_loss", (N0, N0), {"reduction": "none"}), [(0, 3), (0, 3)]),
    (Row("cross_entropy_loss", (N0, Y0), {"reduction": "none"}), [(0,), (0, 3)]),
    (Row("soft_cross_entropy", (N0, N0), {"reduction": "sum"}), [(), (0, 3)]),
    (Row("label_smoothing_loss", (N0, Y0, 0.1), {"reduction": "none"}), [(0,), (0, 3)]),
    (Row("bce_with_logits", (N0, N0), {"reduction": "none"}), [(0, 3), (0, 3)]),
    (Row("dice_loss", (N0, N0)), [(), (0, 3)]),
    (Row("kl_divergence", (N0, N0)), [(0,)]),
    (Row("predict_from_logits", ("multiclass", N0)), [(0,)]),
    (Row("outlier_influence", ("l2", N0)), [(0, 3)]),
]


@pytest.mark.parametrize(("row", "shapes"), EMPTY, ids=[str(row) for row, _ in EMPTY])
def test_a_batch_of_nothing(row: Row, shapes: list[tuple[int, ...]]) -> None:
    assert [np.shape(result) for result in run(row)] == shapes


@pytest.mark.parametrize(
    ("function", "second"), [(predict_from_logits, ()), (output_delta, (X,)), (outlier_influence, ())]
)
@pytest.mark.parametrize("option", ["", "MSE", "l3", None])
def test_an_unknown_option_is_refused(function: Callable[..., Any], second: tuple[Array, ...], option: Any) -> None:
    with pytest.raises(ValueError, match=r'(task|loss) must be ".*" or ".*", not ' + repr(option)):
        function(option, X, *second)


# --- properties, and definitions in plain loops ---------------------------------------------------------------------


def sigma(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def hinge_by_loops(scores: Array, y: Array, margin: float) -> tuple[float, Array]:
    loss, grad = 0.0, np.zeros(scores.shape)
    for n, row in enumerate(scores):
        for j in range(len(row)):
            excess = row[j] - row[y[n]] + margin
            if j != y[n] and excess > 0:
                loss += excess / len(y)
                grad[n, j] += 1 / len(y)
                grad[n, y[n]] -= 1 / len(y)
    return loss, grad


def nll_by_loops(log_probs: Array, y: Array, weight: Array, ignored: int) -> tuple[float, Array]:
    total = sum(weight[c] for c in y if c != ignored)
    loss, grad = 0.0, np.zeros(log_probs.shape)
    for n, c in enumerate(y):
        if c != ignored:
            loss -= weight[c] * log_probs[n, c] / total
            grad[n, c] = -weight[c] / total
    return loss, grad


def iou_by_cells(a: Array, b: Array) -> Array:
    """Boxes with whole corners, as sets of the unit cells they cover."""

    def cells(box: Array) -> set[tuple[int, int]]:
        return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}

    return np.array([[len(cells(u) & cells(v)) / max(len(cells(u) | cells(v)), 1) for v in b] for u in a])


def ece_by_loops(probs: Array, y: Array, bins: int) -> float:
    error = 0.0
    for b in range(bins):
        rows = [n for n in range(len(y)) if b / bins < max(probs[n]) <= (b + 1) / bins]
        if rows:
            accuracy = sum(int(np.argmax(probs[n])) == y[n] for n in rows) / len(rows)
            error += len(rows) / len(y) * abs(accuracy - sum(max(probs[n]) for n in rows) / len(rows))
    return error


INF = math.inf
FAR, SIDES = np.array([[1e4, -1e4], [1e4, -1e4]]), np.array([[1.0, 1.0], [0.0, 0.0]])
WHOLE_A = np.array([[0, 0, 4, 4], [1, 1, 3, 2], [2, 2, 2, 5], [-3, -3, 1, 9], [7, 7, 9, 9]])
WHOLE_B = np.array([[0, 0, 4, 4], [4, 0, 6, 4], [2, 2, 2, 5], [3, 3, 8, 8]])
TIE = np.array([[1.0, 0.0, 0.0], [2.0, 1.0, 3.0]])  # scores where a wrong class stands exactly at the margin
SCORES, LABELS = rng.normal(size=(50, 4)), rng.integers(4, size=50)
CONFIDENT = rng.dirichlet(np.full(4, 0.4), size=50)
STEP = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]])  # confidences on the edges of 4 bins

# What is claimed -> (what the reference gives, what it must be). A pair of tuples is compared item by item.
PROPERTIES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "mse has no half": lambda: (mse_loss(np.array([3.0]), np.array([1.0])), (4.0, [4.0])),
    "mse: mean over elements, not rows": lambda: (mse_loss(np.full((2, 3), 2.0), np.zeros((2, 3)))[1], np.full((2, 3), 2 / 3)),
    "mae's slope at 0 is 0": lambda: (mae_loss(np.array([1.0, 2.0]), np.array([1.0, 5.0])), (1.5, [0.0, -0.5])),
    "huber is delta times smooth L1": lambda: (huber_loss(PRED, ZERO, 2.0, "none"), tuple(2.0 * each for each in smooth_l1_loss(PRED, ZERO, 2.0, "none"))),
    "smooth L1 at its joint": lambda: (smooth_l1_loss(np.array([2.0]), np.zeros(1), 2.0), (1.0, [1.0])),
    "huber at its joint": lambda: (huber_loss(np.array([-2.0]), np.zeros(1), 2.0), (2.0, [-2.0])),
    "cross-entropy of equal logits is ln C": lambda: (cross_entropy_loss(ZERO, Y)[0], math.log(3)),
    "cross-entropy ignores a shift of a row": lambda: (cross_entropy_loss(X + 100 * X[:, :1], Y)[1], cross_entropy_loss(X, Y)[1]),
    "cross-entropy far out": lambda: (cross_entropy_loss(np.array([[1e4, -1e4, 0.0]] * 2), np.array([1, 0]), "none"), ([2e4, 0.0], [[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]])),
    "gradients of a row sum to 0": lambda: ((cross_entropy_loss(X, Y)[1] + soft_cross_entropy(X, P)[1] + label_smoothing_loss(X, Y, 0.3)[1]).sum(axis=1), np.zeros(4)),
    "cross-entropy is soft cross-entropy with one-hot": lambda: (cross_entropy_loss(X, Y), soft_cross_entropy(X, np.eye(3)[Y])),
    "no smoothing is cross-entropy": lambda: (label_smoothing_loss(X, Y, 0.0), cross_entropy_loss(X, Y)),
    "smoothing mixes with the uniform": lambda: (label_smoothing_loss(X, Y, 0.3), soft_cross_entropy(X, 0.7 * np.eye(3)[Y] + 0.1)),
    "cross-entropy of two classes is binary": lambda: (
        cross_entropy_loss(np.stack([0 * X1, X1], axis=1), np.array([0, 1, 1, 0, 1]), "none")[0],
        bce_with_logits(X1, np.array([0, 1, 1, 0, 1]), reduction="none")[0],
    ),
    "bce by its definition": lambda: (
        bce_with_logits(X, SOFT, 3.0, "none")[0],
        [[-3 * t * math.log(sigma(x)) - (1 - t) * math.log(sigma(-x)) for x, t in zip(*rows, strict=True)] for rows in zip(X, SOFT, strict=True)],
    ),
    "bce far out": lambda: (bce_with_logits(FAR, SIDES, None, "none"), ([[0, 1e4], [1e4, 0]], [[0, -1], [1, 0]])),
    "bce far out, weighted": lambda: (bce_with_logits(FAR, SIDES, 5.0, "none"), ([[0, 5e4], [1e4, 0]], [[0, -5], [1, 0]])),
    "pos_weight belongs to the last axis": lambda: (bce_with_logits(np.zeros((2, 2)), SIDES, np.array([1.0, 3.0]), "none")[1], [[-0.5, -1.5], [0.5, 0.5]]),
    "multilabel is the mean of bce": lambda: (multilabel_loss(X, HARD), bce_with_logits(X, HARD)),
    "multilabel far out": lambda: (multilabel_loss(FAR, SIDES), (5e3, [[0.0, -0.25], [0.25, 0.0]])),
    "logit 0 is a yes": lambda: (predict_from_logits("binary", np.array([0.0, -1e-9, 1e-9, -1e4, 1e4])), [1, 0, 1, 0, 1]),
    "the first of equal classes": lambda: (predict_from_logits("multiclass", np.array([[1.0, 3.0, 3.0]])), [1]),
    "nll of log-softmax is cross-entropy": lambda: (nll_loss(np.log(P), Y)[0], cross_entropy_loss(np.log(P), Y)[0]),
    "nll by loops": lambda: (nll_loss(SCORES, LABELS, CONFIDENT[0], 2), nll_by_loops(SCORES, LABELS, CONFIDENT[0], 2)),
    "nll with nothing left": lambda: (nll_loss(np.log(P), np.full(4, -100)), (0.0, ZERO)),
    "nll with nothing left, weighted": lambda: (nll_loss(np.log(P), np.full(4, 1), WEIGHT, 1), (0.0, ZERO)),
    "nll with no weight left": lambda: (nll_loss(np.log(P), Y, np.zeros(3)), (0.0, ZERO)),
    "nll is not touched by other rows": lambda: (nll_loss(np.array([[-INF, -1.0], [-INF, -3.0]]), np.array([1, -100])), (1.0, [[0.0, -1.0], [0.0, 0.0]])),
    "kl of itself is 0": lambda: (kl_divergence(P, P), np.zeros(4)),
    "kl is not negative": lambda: (kl_divergence(P, Q) > 0, np.ones(4, bool)),
    "cross-entropy is entropy and kl": lambda: (distribution_cross_entropy(P, Q), entropy(P) + kl_divergence(P, Q)),
    "entropy of the uniform is ln C": lambda: (entropy(np.full(8, 1 / 8)), math.log(8)),
    "entropy of certainty is 0": lambda: (entropy(np.array([[0.0, 1.0, 0.0], [0, 0, 1]])), np.zeros(2)),
    "0 · ln 0 is 0": lambda: ((kl_divergence(np.array([0.0, 1.0]), np.array([0.0, 1.0])), distribution_cross_entropy(np.array([0, 1]), np.array([0, 1]))), (0.0, 0.0)),
    "p = 0 < q adds nothing": lambda: (kl_divergence(np.array([0.0, 1.0]), np.array([0.5, 0.5])), math.log(2)),
    "q = 0 < p is infinite": lambda: (
        (kl_divergence(np.array([[0.5, 0.5], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.5, 0.5]])), distribution_cross_entropy(np.array([0.5, 0.5]), np.array([0.0, 1.0]))),
        ([INF, math.log(2)], INF),
    ),
    "kl of the tiniest numbers": lambda: (kl_divergence(np.array([1.0, 5e-324]), np.array([5e-324, 1.0])), -math.log(5e-324)),
    "logistic regression is bce, with a free bias": lambda: (
        logistic_regression_loss(X[0], 2.0, X, HARD[:, 0], 0.6)[0],
        bce_with_logits(X @ X[0] + 2.0, HARD[:, 0])[0] + 0.3 * (X[0] ** 2).sum(),
    ),
    "logistic regression far out": lambda: (logistic_regression_loss(np.array([1.0]), 0.0, np.array([[1e4], [-1e4]]), np.array([0, 0])), (5e3, [5e3], 0.5)),
    "hinge by loops": lambda: (hinge_loss(SCORES, LABELS, 0.7), hinge_by_loops(SCORES, LABELS, 0.7)),
    "hinge with a negative margin": lambda: (hinge_loss(SCORES, LABELS, -0.5), hinge_by_loops(SCORES, LABELS, -0.5)),
    "hinge's slope at the kink is 0": lambda: (hinge_loss(TIE, np.array([0, 2])), (0.0, np.zeros((2, 3)))),
    "hinge of equal scores is C - 1": lambda: (hinge_loss(ZERO, Y)[0], 2.0),
    "focal by its definition": lambda: (
        focal_loss(X1, np.array([0, 1, 1, 0, 1]), 3.0, 0.1)[0],
        sum(-(0.1 if t else 0.9) * (1 - p) ** 3 * math.log(p) for x, t in zip(X1, [0, 1, 1, 0, 1], strict=True) for p in [sigma(x if t else -x)]) / 5,
    ),
    "focal with gamma 0 is half bce": lambda: (focal_loss(X, HARD, 0.0, 0.5), tuple(v / 2 for v in bce_with_logits(X, HARD))),
    "focal far out": lambda: (focal_loss(FAR, SIDES), (2500 * (0.25 + 0.75), [[0.0, -0.0625], [0.1875, 0.0]])),
    "focal far out, gamma 0.5": lambda: (focal_loss(FAR, SIDES, 0.5)[1], [[0.0, -0.0625], [0.1875, 0.0]]),
    "dice of a perfect mask is 0": lambda: (dice_loss(HARD, HARD)[0], 0.0),
    "dice of nothing at all is 0": lambda: (dice_loss(ZERO, ZERO), (0.0, np.full((4, 3), 1e6))),
    "dice of the opposite is 1": lambda: (dice_loss(1 - HARD, HARD, 0.0)[0], 1.0),
    "dice by hand": lambda: (dice_loss(np.array([0.5, 0.5]), np.array([1.0, 0.0]), 1.0), (1 / 3, [-4 / 9, 2 / 9])),
    "iou by counting cells": lambda: (iou(WHOLE_A, WHOLE_B), iou_by_cells(WHOLE_A, WHOLE_B)),
    "iou the other way round": lambda: (iou(WHOLE_B, WHOLE_A).T, iou(WHOLE_A, WHOLE_B)),
    "iou of two points is 0": lambda: (iou(np.ones((1, 4)), np.ones((1, 4))), [[0.0]]),
    "triplet by hand": lambda: (
        triplet_loss(np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [9.0, 0.0]])),
        (0.5, [[-1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]], [[0.0, -1.0], [0.0, 0.0]]),
    ),
    "triplet's slope at the kink is 0": lambda: (triplet_loss(np.zeros((1, 1)), np.zeros((1, 1)), np.ones((1, 1))), (0.0, [[0.0]], [[0.0]], [[0.0]])),
    "triplet's gradients cancel": lambda: (sum(triplet_loss(A, B, C)[1:]), np.zeros((4, 5))),
    "info NCE is cross-entropy": lambda: (info_nce_loss(A, B, 0.5)[0], cross_entropy_loss(A @ B.T / 0.5, np.arange(4))[0]),
    "info NCE of one pair is 0": lambda: (info_nce_loss(A[:1], B[:1]), (0.0, 0 * A[:1], 0 * A[:1])),
    "info NCE of equal keys is ln N": lambda: (info_nce_loss(A, np.ones((4, 5)))[0], math.log(4)),
    "distillation from oneself is 0": lambda: (distillation_loss(X, X + 3.0, 2.0), (0.0, ZERO)),
    "distillation at T = 1 is cross-entropy less entropy": lambda: (distillation_loss(X, np.log(P), 1.0), (soft_cross_entropy(X, P)[0] - entropy(P).mean(), soft_cross_entropy(X, P)[1])),
    "distillation when hot is a squared error": lambda: (
        distillation_loss(X, X[::-1], 1e3)[1] / ((X - X[::-1]) - (X - X[::-1]).mean(axis=1, keepdims=True)),
        np.full((4, 3), 1 / 12) * np.ones((4, 3)),
    ),
    "calibration by loops": lambda: (
        tuple(expected_calibration_error(CONFIDENT, LABELS, bins) for bins in (1, 2, 7, 10, 100)),
        tuple(ece_by_loops(CONFIDENT, LABELS, bins) for bins in (1, 2, 7, 10, 100)),
    ),
    "an edge belongs to the bin below": lambda: (expected_calibration_error(STEP, np.array([0, 0, 0]), 4), (0.75 + 0.5) / 3),
    "on the edges, by loops": lambda: (
        tuple(expected_calibration_error(np.array([[k / b, 1 - k / b] for k in range(b // 2 + 1, b + 1)] * 2), np.arange(2 * (b - b // 2)) % 2, b) for b in (3, 10, 15)),
        tuple(ece_by_loops(np.array([[k / b, 1 - k / b] for k in range(b // 2 + 1, b + 1)] * 2), np.arange(2 * (b - b // 2)) % 2, b) for b in (3, 10, 15)),
    ),
    "certain and right is calibrated": lambda: (expected_calibration_error(np.eye(3)[Y], Y), 0.0),
    "certain and wrong is not": lambda: (expected_calibration_error(np.eye(3)[Y], (Y + 1) % 3), 1.0),
    "cross-entropy's delta is the gradient of bce": lambda: (output_delta("cross_entropy", X, SOFT), bce_with_logits(X, SOFT, None, "sum")[1]),
    "mse's delta vanishes where most wrong": lambda: (output_delta("mse", FAR, SIDES), np.zeros((2, 2))),
    "cross-entropy's delta does not": lambda: (output_delta("cross_entropy", FAR, SIDES), [[0.0, -1.0], [1.0, 0.0]]),
    "mse's delta at 0": lambda: (output_delta("mse", np.zeros(2), np.array([0.0, 1.0])), [0.125, -0.125]),
    "influence is the gradient of the loss": lambda: (
        tuple(outlier_influence(name, PRED) for name in ("l1", "l2", "smooth_l1")),
        tuple(function(PRED, ZERO, reduction="none")[1] for function in (mae_loss, mse_loss, smooth_l1_loss)),
    ),
    "influence of far points": lambda: (
        tuple(outlier_influence(name, np.array([-1e4, 0.0, 0.5, 1e4])) for name in ("l1", "l2", "smooth_l1")),
        ([-1, 0, 1, 1], [-2e4, 0, 1, 2e4], [-1, 0, 0.5, 1]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("claim", PROPERTIES)
def test_property(claim: str) -> None:
    got, expected = PROPERTIES[claim]()
    limit = "hot" in claim  # not an identity
    same(got, expected, rtol=1e-2 if limit else 1e-12, where=claim)


def test_predictions_are_integers() -> None:
    for task, logits in [("binary", X1), ("multiclass", X), ("multilabel", X)]:
        assert predict_from_logits(task, logits).dtype.kind == "i"


def test_the_examples_have_both_sides() -> None:
    """Losses that are 0 in places prove little where every place, or none, is 0."""
    active = [np.abs(gradient).sum(axis=1) > 0 for gradient in triplet_loss(A, B, C)[1:]]
    active += [hinge_loss(X, Y, margin)[1] != 0 for margin in (0.3, 1.0)]
    assert all(0 < each.mean() < 1 for each in active)
    assert 0 < (np.abs(PRED) < 1).mean() < 1
    assert 0 < HARD.mean() < 1
