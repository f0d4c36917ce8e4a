"""The reference answers of unit 05: right values, right gradients, and the course's conventions, for all 21 functions.

Values and gradients come from PyTorch (golden/make_normalization.py), and the family from one function of axes. What
holds of every function, one row of a table each, is proved by Proofs.
"""

import inspect
import math
from typing import Any

import numpy as np
import pytest

from dlkit.reference import normalization
from dlkit.reference.normalization import (
    batch_renorm_forward,
    batchnorm_backward,
    batchnorm_backward_steps,
    batchnorm_forward,
    bn_scale_gradients,
    fold_batchnorm,
    groupnorm_backward,
    groupnorm_forward,
    instancenorm_forward,
    layernorm_backward,
    layernorm_forward,
    merge_batch_statistics,
    norm_parameter_count,
    population_statistics,
    rmsnorm_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    weight_norm,
    weight_norm_backward,
)
from tests.proofs import Proofs
from tests.rows import Array, Row, check_gradient, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")


# --- the table ------------------------------------------------------------------------------------------------------

POSITIVE = {"running_var", "running_std", "var", "variances", "batch_vars", "counts"}


def shaped(operation: str, shapes: dict[str, tuple[int, ...]], **options: Any) -> Row:
    """A row with random arrays of these shapes, in the function's order."""
    random = np.random.default_rng(5)
    made = {name: random.normal(size=shape) for name, shape in shapes.items()}
    arrays = {name: 0.5 + value**2 if name in POSITIVE else value for name, value in made.items()}
    assert list(arrays) == list(inspect.signature(getattr(normalization, operation)).parameters)[: len(arrays)]
    return Row(operation, tuple(arrays.values()), options)


def row(operation: str, x: tuple[int, ...], c: int, *names: str, **options: Any) -> Row:
    return shaped(operation, {"x": x} | dict.fromkeys(("gamma", "beta", *names), (c,)), **options)


MOVING, RENORM = ("running_mean", "running_var"), ("running_mean", "running_std")
AFTER = dict.fromkeys(("b", "gamma", "beta", "mean", "var"), (3,))
CLIPPED = {"r_max": 1.0, "d_max": 0.0}
ROWS = [
    row("batchnorm_forward", (5, 3), 3, *MOVING),
    row("batchnorm_forward", (2, 1), 1, *MOVING, momentum=0.3, eps=0.2),
    row("batchnorm_forward", (5, 3), 3, *MOVING, training=False),
    row("batchnorm_forward", (1, 3), 3, *MOVING, training=False, eps=0.2),
    row("spatial_batchnorm_forward", (2, 3, 2, 4), 3, *MOVING),
    row("spatial_batchnorm_forward", (1, 3, 2, 2), 3, *MOVING, momentum=0.3, eps=0.2),
    row("spatial_batchnorm_forward", (2, 3, 2, 4), 3, *MOVING, training=False),
    row("layernorm_forward", (4, 5), 5),
    row("layernorm_forward", (5,), 5, eps=0.2),
    row("layernorm_forward", (2, 3, 2, 4), 4),
    row("groupnorm_forward", (2, 6, 2, 3), 6, groups=2),
    row("groupnorm_forward", (2, 6, 2, 3), 6, groups=6, eps=0.2),
    row("groupnorm_forward", (1, 4, 1, 1), 4, groups=1),
    row("instancenorm_forward", (2, 3, 2, 4), 3),
    row("instancenorm_forward", (2, 3, 2, 4), 3, eps=0.2),
    shaped("rmsnorm_forward", {"x": (4, 5), "gamma": (5,)}),
    shaped("rmsnorm_forward", {"x": (5,), "gamma": (5,)}, eps=0.2),
    shaped("rmsnorm_forward", {"x": (2, 3, 4), "gamma": (4,)}),
    shaped("weight_norm", {"v": (4, 3), "g": (3,)}),
    shaped("weight_norm", {"v": (1, 2), "g": (2,)}),
    row("batch_renorm_forward", (5, 3), 3, *RENORM, **CLIPPED),
    row("batch_renorm_forward", (5, 3), 3, *RENORM, **CLIPPED, momentum=0.3, eps=0.2),
    row("batch_renorm_forward", (5, 3), 3, *RENORM, r_max=1.5, d_max=0.5, training=False),
    shaped("batchnorm_backward_steps", {"dout": (5, 3), "x": (5, 3), "gamma": (3,)}),
    shaped("batchnorm_backward_steps", {"dout": (5, 3), "x": (5, 3), "gamma": (3,)}, eps=0.2),
    shaped("population_statistics", {"batch_means": (4, 3), "batch_vars": (4, 3)}, m=5),
    shaped("merge_batch_statistics", {"means": (4, 3), "variances": (4, 3), "counts": (4,)}),
    shaped("fold_batchnorm", {"W": (4, 3)} | AFTER),
    shaped("fold_batchnorm", {"W": (3, 3, 2, 2)} | AFTER, eps=0.2),
    shaped("bn_scale_gradients", {"W": (4, 3), "x": (6, 4), "dout": (6, 3)}, scale=3.0),
]
ROWS += [Row("merge_batch_statistics", (*ROWS[-4].inputs[:2], np.array([3, 1, 4, 2])))]
ROWS += [Row("norm_parameter_count", (), {"kind": "batch", "channels": 32})]


class TestNormalization(Proofs):
    module, rows, golden = normalization, ROWS, read_golden("normalization")
    count = 21
    large = ("x", "v", "g", "mean", "means", "batch_means", "W", "b")
    extremes = (-1e4, 1e4)  # a weight of length 0 has no direction

    def digits(self, operation: str, case: str) -> float:
        return 1e-9 if "mean 1e4" in case or "mean 10000" in case else 1e-11  # the last digit of 1e4 is 2e-12

    def whole(self, a: Array, kind: type) -> Array:
        """No count, length or variance of 0."""
        value = super().whole(a, kind)
        return np.where(value == 0, 1, value)


run, GOLDEN = TestNormalization().run, TestNormalization.golden


def test_every_mode_is_golden() -> None:
    for operation in ("batchnorm_forward", "spatial_batchnorm_forward", "batch_renorm_forward"):
        modes = {data["option"].get("training", True) for (name, _), data in GOLDEN.items() if name == operation}
        assert modes == {True, False}


# --- gradients ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [1.0, 3.0, 0.2])
def test_scale_gradients_equal_finite_differences(at: float) -> None:
    W, x, dout = next(row.inputs for row in ROWS if row.operation == "bn_scale_gradients")

    def bn(W: Array) -> Array:
        z = x @ W
        return (z - z.mean(0)) / z.std(0)

    found = bn_scale_gradients(W, x, dout, at)
    same(found[1] * at, found[0], rtol=1e-9)
    same(bn(at * W), bn(W))
    check_gradient(bn, W, found[0], dout, rtol=1e-6)
    check_gradient(bn, at * W, found[1], dout, rtol=1e-6)


STEPS = {"dbeta": 1, "dgammax": 2, "dgamma": 1, "dxhat": 2, "divar": 1, "dxmu1": 2, "dsqrtvar": 1, "dvar": 1}
STEPS |= {"dsq": 2, "dxmu2": 2, "dx1": 2, "dmu": 1, "dx2": 2, "dx": 2}  # key -> rank


@pytest.mark.parametrize(("shape", "eps"), [((5, 3), 1e-5), ((2, 1), 1e-5), ((6, 4), 0.4)])
def test_steps_lead_to_the_compact_gradient(shape: tuple[int, int], eps: float) -> None:
    random = np.random.default_rng(8)
    dout, x, gamma = random.normal(size=shape), random.normal(size=shape), random.normal(size=shape[1])
    found = batchnorm_backward_steps(dout, x, gamma, eps)
    assert {key: value.ndim for key, value in found.items()} == STEPS
    assert {value.shape for value in found.values()} == {shape, shape[1:]}
    zeros = np.zeros_like(gamma)
    cache = batchnorm_forward(x, gamma, zeros, zeros, zeros, eps=eps)[-1]
    for key, expected in zip(("dx", "dgamma", "dbeta"), batchnorm_backward(dout, cache), strict=True):
        same(found[key], expected, rtol=1e-10, atol=1e-12, where=key)
    assert np.array_equal(found["dx"], found["dx1"] + found["dx2"])
    assert np.array_equal(found["dx1"], found["dxmu1"] + found["dxmu2"])
    assert (found["dsq"] == found["dsq"][0]).all()
    assert (found["dx2"] == found["dx2"][0]).all()
    found["dx2"][0] = 0  # an array of its own, not a view of one row
    assert found["dx2"][1].any()


# --- the course's conventions ---------------------------------------------------------------------------------------


def test_eps_is_the_last_argument() -> None:
    functions = [getattr(normalization, name) for name in normalization.__all__]
    with_eps = [list(p.values())[-1] for f in functions if "eps" in (p := inspect.signature(f).parameters)]
    assert {(p.name, p.default) for p in with_eps} == {("eps", 1e-5)}
    assert len(with_eps) == 9


# --- edges ----------------------------------------------------------------------------------------------------------


def four(c: int) -> list[Array]:
    """gamma, beta, running mean and variance."""
    return [1.5 + np.arange(c), np.arange(c) - 0.5, np.arange(c) + 0.3, 1.0 + np.arange(c)]


@pytest.mark.parametrize("shape", [(1, 3), (0, 3)])
def test_training_needs_two_samples(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"at least 2 samples to have a variance, not {len(np.zeros(shape))}"):
        batchnorm_forward(np.ones(shape), *four(3))
    gamma, beta, mean, var = four(3)
    out, new_mean, new_var, cache = batchnorm_forward(np.ones(shape), gamma, beta, mean, var, training=False)
    same(out, np.broadcast_to(gamma * (1 - mean) / np.sqrt(var + 1e-5) + beta, shape))
    assert np.array_equal(new_mean, mean)
    assert np.array_equal(new_var, var)
    dx, _, dbeta = batchnorm_backward(np.ones(shape), cache)
    same(dx, np.broadcast_to(gamma / np.sqrt(var + 1e-5), shape))
    same(dbeta, np.full(3, float(shape[0])))


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (0, 3, 2, 2)])
def test_spatial_training_needs_two_values(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"at least 2 values in a channel to have a variance, not [01]"):
        spatial_batchnorm_forward(np.ones(shape), *four(3))
    out, *_, cache = spatial_batchnorm_forward(np.ones(shape), *four(3), training=False)
    assert out.shape == spatial_batchnorm_backward(out, cache)[0].shape == shape


@pytest.mark.parametrize("groups", [4, 5, 12])
def test_groups_must_divide_the_channels(groups: int) -> None:
    with pytest.raises(ValueError, match=f"{groups} groups do not divide 6 channels"):
        groupnorm_forward(np.ones((2, 6, 2, 2)), *four(6)[:2], groups)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("value", [0.0, 3.0, -1e4])
def test_what_is_constant_gives_beta_and_a_finite_gradient(value: float, dtype: type) -> None:
    x = np.full((2, 4, 3, 2), value, dtype)
    gamma, beta, *running = (a.astype(dtype) for a in four(4))
    flat, image = np.broadcast_to(beta, (2, 4)), np.broadcast_to(beta[:, None, None], x.shape)
    for operation, given, expected in [
        ("batchnorm_forward", [x[:, :, 0, 0], gamma, beta, *running], flat),
        ("spatial_batchnorm_forward", [x, gamma, beta, *running], image),
        ("layernorm_forward", [x[:, :, 0, 0], gamma, beta], flat),
        ("groupnorm_forward", [x, gamma, beta, 2], image),
        ("groupnorm_forward", [x[..., :1, :1], gamma, beta, 4], image[..., :1, :1]),
        ("instancenorm_forward", [x, gamma, beta], image),
        ("instancenorm_forward", [x[..., :1, :1], gamma, beta], image[..., :1, :1]),
    ]:
        out, *others = run(Row(operation, tuple(given)))
        same(out, expected, rtol=0, atol=0, where=operation)
        assert all(np.isfinite(result).all() for result in others), operation
    steps = batchnorm_backward_steps(np.random.default_rng(6).normal(size=(2, 4)).astype(dtype), x[:, :, 0, 0], gamma)
    assert all(np.isfinite(value).all() for value in steps.values())
    same(rmsnorm_forward(np.zeros((2, 4)), gamma)[0], np.zeros((2, 4)))


def test_a_batch_of_nothing() -> None:
    for operation, shape in [
        ("layernorm_forward", (0, 4)),
        ("rmsnorm_forward", (2, 0, 4)),
        ("groupnorm_forward", (0, 4, 2, 2)),
    ]:
        inputs = (np.zeros(shape), np.ones(4)) if "rms" in operation else (np.zeros(shape), np.ones(4), np.ones(4))
        out, dx, dgamma, *_ = run(Row(operation, inputs, {"groups": 2} if "group" in operation else {}))
        assert out.shape == dx.shape == shape
        same(dgamma, np.zeros(4))
    assert instancenorm_forward(np.zeros((0, 4, 2, 2)), np.ones(4), np.ones(4)).shape == (0, 4, 2, 2)


@pytest.mark.parametrize("offset", [1e4, -1e4])
def test_float32_with_a_large_mean(offset: float) -> None:
    """x² is a multiple of 8 here, and E[x²] − E[x]² nothing but noise; two passes are off by the mean's last digit."""
    random = np.random.default_rng(10)
    x = (random.normal(size=(64, 8)) + offset).astype(np.float32)
    gamma, beta = np.ones(8, np.float32), np.zeros(8, np.float32)
    for values in (x, x.T):
        exact = values.astype(float) - values.mean(axis=0, dtype=float)
        exact /= np.sqrt((exact**2).mean(axis=0) + 1e-5)
        ones, zeros = np.ones(len(exact[0]), np.float32), np.zeros(len(exact[0]), np.float32)
        same(batchnorm_forward(values, ones, zeros, zeros, ones)[0], exact, atol=5e-3)
        image = np.stack([values, values], axis=2)[..., None]
        same(spatial_batchnorm_forward(image, ones, zeros, zeros, ones)[0][:, :, 0, 0], exact, atol=5e-3)
    exact = x - x.mean(axis=1, dtype=float, keepdims=True)
    exact /= np.sqrt((exact**2).mean(axis=1, keepdims=True) + 1e-5)
    same(layernorm_forward(x, gamma, beta)[0], exact, atol=5e-3)
    same(groupnorm_forward(x[:, :, None, None], gamma, beta, 1)[0][:, :, 0, 0], exact, atol=5e-3)


# --- properties -----------------------------------------------------------------------------------------------------


def test_the_family_is_one_function_of_axes() -> None:
    x, dout = np.random.default_rng(11).normal(size=(2, 3, 6, 2, 2))
    gamma, beta, mean, var = four(6)

    def normalized(x: Array, axes: tuple[int, ...]) -> Array:
        xhat = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
        return gamma[:, None, None] * xhat.reshape(dout.shape) + beta[:, None, None]

    same(spatial_batchnorm_forward(x, gamma, beta, mean, var)[0], normalized(x, (0, 2, 3)))
    same(instancenorm_forward(x, gamma, beta), normalized(x, (2, 3)))
    same(groupnorm_forward(x, gamma, beta, 6)[0], normalized(x, (2, 3)))
    same(groupnorm_forward(x, gamma, beta, 1)[0], normalized(x, (1, 2, 3)))
    same(groupnorm_forward(x, gamma, beta, 2)[0], normalized(x.reshape(3, 2, 3, 2, 2), (2, 3, 4)))
    parts = [groupnorm_forward(x[:, i : i + 3], gamma[i : i + 3], beta[i : i + 3], 1) for i in (0, 3)]
    same(groupnorm_forward(x, gamma, beta, 2)[0], np.concatenate([out for out, _ in parts], axis=1))

    rows, drows = (a.transpose(0, 2, 3, 1).reshape(-1, 6) for a in (x, dout))
    for training in (True, False):
        *found, cache = spatial_batchnorm_forward(x, gamma, beta, mean, var, training)
        *expected, row_cache = batchnorm_forward(rows, gamma, beta, mean, var, training)
        expected[0] = expected[0].reshape(3, 2, 2, 6).transpose(0, 3, 1, 2)
        dx, *gradients = batchnorm_backward(drows, row_cache)
        expected += [dx.reshape(3, 2, 2, 6).transpose(0, 3, 1, 2), *gradients]
        for a, b in zip([*found, *spatial_batchnorm_backward(dout, cache)], expected, strict=True):
            same(a, b, rtol=1e-11)

    pixel, ones, zeros = x[:, :, :1, :1], np.ones(6), np.zeros(6)
    out, cache = groupnorm_forward(pixel, ones, zeros, 1)
    flat, flat_cache = layernorm_forward(pixel[..., 0, 0], ones, zeros)
    same(out[..., 0, 0], flat)
    same(groupnorm_backward(out, cache)[0][..., 0, 0], layernorm_backward(flat, flat_cache)[0], atol=1e-12)


def test_running_statistics_reach_those_of_the_data() -> None:
    random = np.random.default_rng(12)
    x, ones = random.normal(size=(8, 2)), np.ones(2)
    mean, var = np.zeros(2), ones
    for _ in range(400):
        _, mean, var, _ = batchnorm_forward(x, ones, ones, mean, var)
    same(mean, x.mean(0), rtol=1e-9)
    same(var, x.var(0, ddof=1), rtol=1e-9)
    _, mean, var, _ = batchnorm_forward(np.array([[1.0], [3.0]]), *four(1)[:2], np.array([10.0]), np.array([20.0]))
    same([mean[0], var[0]], [0.9 * 10 + 0.1 * 2, 0.9 * 20 + 0.1 * 2])


def test_renormalization_between_batch_norm_and_test_time() -> None:
    x = np.random.default_rng(13).normal(size=(6, 3))
    gamma, beta, mean, std = four(3)
    same(batch_renorm_forward(x, gamma, beta, mean, std, 1.0, 0.0)[0], batchnorm_forward(x, gamma, beta, mean, std)[0])
    at_test_time = gamma * (x - mean) / std + beta
    for r_max, d_max in [(1e6, 1e6), (math.inf, math.inf)]:
        same(batch_renorm_forward(x, gamma, beta, mean, std, r_max, d_max)[0], at_test_time, rtol=1e-11)
    out, same_mean, same_std, _ = batch_renorm_forward(x, gamma, beta, mean, std, 2.0, 1.0, training=False, eps=0.5)
    same((out, same_mean, same_std), (at_test_time, mean, std))


def test_folding_is_exact() -> None:
    random = np.random.default_rng(14)
    gamma, beta, mean, var = four(4)
    b, x, W = random.normal(size=4), random.normal(size=(5, 4)), random.normal(size=(4, 4))
    folded, bias = fold_batchnorm(W, b, gamma, beta, mean, var)
    same(x @ folded + bias, batchnorm_forward(x @ W + b, gamma, beta, mean, var, training=False)[0], rtol=1e-10)

    def conv(x: Array, W: Array, b: Array) -> Array:
        windows = np.lib.stride_tricks.sliding_window_view(x, W.shape[2:], axis=(2, 3))
        return np.einsum("nchwij,fcij->nfhw", windows, W) + b[:, None, None]

    images, W = random.normal(size=(2, 4, 5, 5)), random.normal(size=(4, 4, 3, 3))
    folded, bias = fold_batchnorm(W, b, gamma, beta, mean, var)
    out = spatial_batchnorm_forward(conv(images, W, b), gamma, beta, mean, var, training=False)[0]
    same(conv(images, folded, bias), out, rtol=1e-10)


def test_statistics_of_parts() -> None:
    random = np.random.default_rng(15)
    parts = [random.normal(loc=i, scale=1 + i, size=(n, 2)) for i, n in enumerate([3, 1, 6, 2])]
    counts = np.array([len(part) for part in parts])
    means, variances = np.stack([p.mean(0) for p in parts]), np.stack([p.var(0) for p in parts])
    whole = np.concatenate(parts)
    mean, var = merge_batch_statistics(means, variances, counts)
    same(mean, whole.mean(0))
    same(var, whole.var(0))
    halves = [merge_batch_statistics(means[i : i + 2], variances[i : i + 2], counts[i : i + 2]) for i in (0, 2)]
    same(merge_batch_statistics(*map(np.stack, zip(*halves, strict=True)), np.array([4, 8]))[1], var)
    empty = merge_batch_statistics(np.stack([means[0], [9e9, 9]]), np.stack([variances[0], [9, 9]]), np.array([3, 0]))
    same(empty[1], variances[0])
    same(population_statistics(means[:1], variances[:1], 3)[1], parts[0].var(0, ddof=1))


def test_weight_norm_separates_length_and_direction() -> None:
    random = np.random.default_rng(16)
    v, g, dout = random.normal(size=(5, 3)), np.array([2.0, -0.5, 0.0]), random.normal(size=(5, 3))
    same(np.linalg.norm(weight_norm(v, g), axis=0), abs(g))
    same(weight_norm(7 * v, g), weight_norm(v, g))
    dv, dg = weight_norm_backward(dout, v, g)
    same((dv * v).sum(axis=0), np.zeros(3), atol=1e-12)
    same(weight_norm_backward(dout, 7 * v, g)[0], dv / 7)
    same(dg, (dout * v).sum(axis=0) / np.linalg.norm(v, axis=0))


def test_parameters_are_counted() -> None:
    for kind, expected in {
        "batch": (64, 64),
        "layer": (64, 0),
        "group": (64, 0),
        "instance": (64, 0),
        "rms": (32, 0),
    }.items():
        assert norm_parameter_count(kind, 32) == norm_parameter_count(kind, 32, groups=8) == expected
