"""The reference answers of unit 02: right values, right gradients, and the course's conventions, for all 25 functions.

Values come from PyTorch and SciPy (golden/make_losses.py), gradients from finite differences, and what neither library
has from a definition in plain loops. One row of a table per operation; every call turns warnings into errors.
"""

import copy
import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
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

Array = np.ndarray

# What a function differentiates: its first argument, unless it is named here.
VALUES_ONLY = {"predict_from_logits", "kl_divergence", "entropy", "distribution_cross_entropy", "iou"}
VALUES_ONLY |= {"expected_calibration_error", "output_delta", "outlier_influence"}
SEVERAL = {"logistic_regression_loss": (0, 1), "triplet_loss": (0, 1, 2), "info_nce_loss": (0, 1)}

# The arguments that are logits, scores or features, which may be as large as 1e4.
LARGE_ARGUMENTS = {"logistic_regression_loss": (2,), "output_delta": (1,), "outlier_influence": (1,)}
LARGE_ARGUMENTS |= {"predict_from_logits": (1,), "info_nce_loss": (0, 1), "triplet_loss": (0, 1, 2)}
LARGE_ARGUMENTS |= dict.fromkeys(["mse_loss", "mae_loss", "smooth_l1_loss", "huber_loss", "distillation_loss"], (0, 1))
LARGE_ARGUMENTS |= dict.fromkeys(["cross_entropy_loss", "soft_cross_entropy", "label_smoothing_loss"], (0,))
LARGE_ARGUMENTS |= dict.fromkeys(["bce_with_logits", "multilabel_loss", "focal_loss", "hinge_loss", "nll_loss"], (0,))

rng = np.random.default_rng(1)


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One operation with arguments that suit it and lie on no kink."""

    operation: str
    inputs: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def differentiated(self) -> tuple[int, ...]:
        return () if self.operation in VALUES_ONLY else SEVERAL.get(self.operation, (0,))

    def __str__(self) -> str:
        values = [str(np.shape(value)) if np.ndim(value) else str(value) for value in self.inputs]
        return " ".join([self.operation, *values, *(f"{name}={value}" for name, value in self.options.items())])


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
REDUCED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
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


# --- one way to call everything -------------------------------------------------------------------------------------

Change = Callable[[Array], Array]


def changed(values: tuple[Any, ...], change: Change) -> tuple[Any, ...]:
    """The arguments with `change` applied to every array of floats; labels and plain numbers stay."""
    return tuple(change(v) if isinstance(v, np.ndarray) and v.dtype.kind == "f" else v for v in values)


def run(row: Row, args: tuple[Any, ...] | None = None, function: Callable[..., Any] | None = None) -> list[Any]:
    """Call the row's function (or a stand-in for it), perhaps on other arguments; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = (function or getattr(losses, row.operation))(*(row.inputs if args is None else args), **row.options)
    results = list(result) if isinstance(result, tuple) else [result]
    assert len(results) == 1 + len(row.differentiated), f"{row} returns {len(results)} things"
    return results


def same(got: Any, expected: Any, rtol: float = 1e-12, atol: float = 1e-13, where: str = "") -> None:
    """Equal shape and nearly equal values; assert_allclose alone would let a scalar stand for an array."""
    assert np.shape(got) == np.shape(expected), f"{where}: shape {np.shape(got)}, expected {np.shape(expected)}"
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=where)


def all_same(got: list[Any], expected: list[Any], **keywords: Any) -> None:
    for a, b in zip(got, expected, strict=True):
        same(a, b, **keywords)


every_row = pytest.mark.parametrize("row", ROWS, ids=str)


def test_every_function_has_a_row() -> None:
    assert {row.operation for row in ROWS} == set(losses.__all__)
    assert len(losses.__all__) == 25


# --- values from other libraries ------------------------------------------------------------------------------------


def golden() -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    """(operation, case) -> role -> name -> value; make_losses.py describes the file."""
    cases: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    with np.load(Path(__file__).parent / "golden" / "losses.npz") as table:
        for key in table.files:
            operation, case, role, name = key.split("/")
            value = table[key] if table[key].ndim or role in ("out", "grad") else table[key].item()
            cases.setdefault((operation, case), {}).setdefault(role, {})[name] = value
    return cases


GOLDEN = golden()


@pytest.mark.parametrize(("operation", "case"), GOLDEN, ids=map(" ".join, GOLDEN))
def test_equals_pytorch_and_scipy(operation: str, case: str) -> None:
    data = GOLDEN[operation, case]
    results = run(Row(operation, tuple(data["in"].values()), data.get("option", {})))
    expected = [data["out"]["out"], *data.get("grad", {}).values()]
    all_same(results, expected, where=f"{operation}, {case}")


def test_every_function_and_gradient_is_in_the_golden_data() -> None:
    assert {operation for operation, _ in GOLDEN} == set(losses.__all__)
    assert {operation for operation, _ in GOLDEN if "grad" not in GOLDEN[operation, _]} == VALUES_ONLY
    for name, *_ in REDUCED:
        found = {data.get("option", {}).get("reduction", "mean") for (op, _), data in GOLDEN.items() if op == name}
        assert found == set(REDUCTIONS), name


# --- gradients ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [row for row in ROWS if row.differentiated], ids=str)
def test_gradient_equals_finite_differences(row: Row) -> None:
    h, random = 1e-5, np.random.default_rng(3)
    for i, gradient in zip(row.differentiated, run(row)[1:], strict=True):
        assert np.shape(gradient) == np.shape(row.inputs[i])
        for _ in range(3):
            direction = random.normal(size=np.shape(row.inputs[i]))

            def loss(step: float, i: int = i, direction: Any = direction) -> float:
                moved = [value + step * direction if j == i else value for j, value in enumerate(row.inputs)]
                return float(np.sum(run(row, tuple(moved))[0]))

            slope = (loss(h) - loss(-h)) / (2 * h)
            same(np.sum(gradient * direction), slope, rtol=1e-7, atol=1e-8, where=f"gradient {i}, {row}")


@pytest.mark.parametrize(("name", "args", "options"), REDUCED, ids=[row[0] for row in REDUCED])
def test_reductions_agree(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    each, own = run(Row(name, args, {**options, "reduction": "none"}))
    per_class = name in ("cross_entropy_loss", "soft_cross_entropy", "label_smoothing_loss")
    assert each.shape == (args[0].shape[:1] if per_class else args[0].shape)
    same(own, run(Row(name, args, {**options, "reduction": "sum"}))[1], where=f"{name}: gradient of the sum")
    all_same(run(Row(name, args, {**options, "reduction": "sum"})), [each.sum(), own], where=f"{name}: sum")
    for mean in ({"reduction": "mean"}, {}):
        all_same(run(Row(name, args, {**options, **mean})), [each.mean(), own / each.size], where=f"{name}: mean")
    assert list(inspect.signature(getattr(losses, name)).parameters)[-1] == "reduction"


# --- the course's conventions ---------------------------------------------------------------------------------------


@every_row
def test_float32_stays_float32(row: Row) -> None:
    options = dict(zip(row.options, changed(tuple(row.options.values()), np.float32), strict=True))
    single = Row(row.operation, changed(row.inputs, np.float32), options)
    results, exact = run(single), run(row)
    for got, expected in zip(results, exact, strict=True):
        same(got, expected, rtol=2e-4, atol=1e-5, where=f"{row} in float32")
    kept = results if row.operation in ("iou", "output_delta", "outlier_influence") else results[1:]
    assert all(result.dtype == np.float32 for result in kept), f"{row}: {[result.dtype for result in kept]}"
    if row.options.get("reduction") == "none" or row.operation in ("kl_divergence", "entropy"):
        assert results[0].dtype == np.float32, row


@pytest.mark.parametrize("kind", [np.int64, np.uint8, bool])
def test_labels_of_any_kind_leave_float32_alone(kind: type) -> None:
    logits, t = X.astype(np.float32), HARD.astype(kind)
    for function in (bce_with_logits, multilabel_loss, focal_loss, dice_loss):
        loss, grad = function(logits, t)
        all_same([loss, grad], list(function(X, HARD)), rtol=2e-4, atol=1e-5, where=function.__name__)
        assert grad.dtype == np.float32, function.__name__
    loss, dw, db = logistic_regression_loss(logits[0], 0.5, logits, t[:, 0])
    same(loss, logistic_regression_loss(X[0], 0.5, X, HARD[:, 0])[0], rtol=1e-5)
    assert dw.dtype == db.dtype == np.float32


@every_row
def test_arguments_are_left_alone(row: Row) -> None:
    def read_only(a: Any) -> Any:
        a = a.copy() if isinstance(a, np.ndarray) else a
        if isinstance(a, np.ndarray):
            a.flags.writeable = False
        return a

    for guard in (copy.copy, read_only):
        args, options = [guard(a) for a in row.inputs], {k: guard(a) for k, a in row.options.items()}
        run(Row(row.operation, tuple(args), options))
        for now, before in zip([*args, *options.values()], [*row.inputs, *row.options.values()], strict=True):
            assert np.array_equal(now, before), f"{row} changed an argument"


@pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8])
@every_row
def test_integers_give_the_values_of_floats(row: Row, kind: type) -> None:
    low, high = (-9, 9) if kind is np.int64 else (np.iinfo(kind).min, np.iinfo(kind).max)
    given = (*row.inputs, *row.options.values())
    whole = changed(given, lambda a: np.clip(np.rint(60 * a), low, high).astype(kind))
    floats = tuple(w.astype(float) if np.ndim(w) and w is not v else w for w, v in zip(whole, given, strict=True))

    def results(values: tuple[Any, ...]) -> list[Any]:
        n = len(row.inputs)
        return run(Row(row.operation, values[:n], dict(zip(row.options, values[n:], strict=True))))

    all_same(results(whole), results(floats), where=f"{row} of {kind.__name__}")


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32])
def test_labels_may_be_integers_of_any_size(kind: type) -> None:
    for row in ROWS:
        small = tuple(v.astype(kind) if np.ndim(v) and v.dtype.kind == "i" else v for v in row.inputs)
        if np.iinfo(kind).min < 0 or row.inputs[-1] is not IGNORING:
            all_same(run(row, small), run(row), where=f"{row} with labels of {kind.__name__}")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@every_row
def test_large_arguments_give_finite_results_without_warning(row: Row, dtype: type) -> None:
    random = np.random.default_rng(4)
    large = LARGE_ARGUMENTS.get(row.operation, ())
    for _ in range(3):
        args = [random.choice([-1e4, 0.0, 1e4], size=v.shape) if i in large else v for i, v in enumerate(row.inputs)]
        for result in run(row, changed(tuple(args), lambda a: a.astype(dtype))):
            assert np.isfinite(result).all(), f"{row} at 1e4: {result}"


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


@every_row
def test_each_function_stands_alone(row: Row) -> None:
    """The builder pastes a function into a notebook that has nothing but math and np."""
    notebook: dict[str, Any] = {"math": math, "np": np}
    source = inspect.getsource(getattr(losses, row.operation))
    exec(compile(source, row.operation, "exec", dont_inherit=True), notebook)
    all_same(run(row, function=notebook[row.operation]), run(row), rtol=0, atol=0, where=f"{row}, pasted")


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
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got, expected = PROPERTIES[claim]()
    pairs = zip(got, expected, strict=True) if isinstance(got, tuple) else [(got, expected)]
    for a, b in pairs:
        loose = "hot" in claim  # a limit, not an identity
        same(a, b, rtol=1e-2 if loose else 1e-12, where=claim)


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
