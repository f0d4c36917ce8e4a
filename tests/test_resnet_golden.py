"""The reference answers of unit 10: right values, right gradients, and the course's conventions, for all 16 functions.

Values and gradients come from PyTorch (golden/make_resnet.py), those of the given layers too. What holds of every
function, one row of a table each, is proved by Proofs. Parameters are dictionaries here, so a gradient is checked key
by key.
"""

import inspect
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dlkit.lab.data import digits
from dlkit.reference import layers, resnet
from dlkit.reference.layers import batchnorm, batchnorm_backward, conv, conv_backward
from dlkit.reference.resnet import (
    bottleneck_forward,
    dense_block,
    densenet121_parameters,
    factorized_cost,
    gradient_norm_plain_vs_residual,
    identity_gradient,
    inception_v1,
    preact_block_forward,
    residual_block_backward,
    residual_block_forward,
    resnet_parameters,
    resnext50_parameters,
    resnext_block,
    se_block,
    train_resnet,
    transition,
)
from tests.proofs import Proofs
from tests.rows import Array, Golden, Named, Row, check_gradient, cotangent, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")
rng = np.random.default_rng(1)


# --- the table ------------------------------------------------------------------------------------------------------


def nested(named: Named) -> Named:
    """ "params w1" and "layers 0 w" as a dictionary and a list of dictionaries."""
    found: Named = {}
    for name, value in named.items():
        *path, last = name.split()
        inner = found
        for key in path:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return {k: list(v.values()) if isinstance(v, dict) and "0" in v else v for k, v in found.items()}


EVERYTHING = {
    case: {role: nested(named) for role, named in roles.items()} for case, roles in read_golden("resnet").items()
}
LAYERS: Golden = {case: roles for case, roles in EVERYTHING.items() if case[0] in layers.__all__}


def normalization(c: int, suffix: str = "") -> Named:
    gamma, beta, mean, x = rng.normal(size=(4, c))
    return {f"gamma{suffix}": gamma, f"beta{suffix}": beta, f"mean{suffix}": mean, f"var{suffix}": 0.5 + x**2}


def weights(shape: tuple[int, ...]) -> Array:
    return rng.normal(size=shape) / math.sqrt(math.prod(shape[1:]))


def basic(c: int, f: int, projected: bool = False) -> Named:
    params = {"w1": weights((f, c, 3, 3)), "w2": weights((f, f, 3, 3))} | normalization(f, "1") | normalization(f, "2")
    return params | ({"ws": weights((f, c, 1, 1))} | normalization(f, "s") if projected else {})


def bottleneck(c: int, m: int, f: int, projected: bool = False) -> Named:
    params = {"w1": weights((m, c, 1, 1)), "w2": weights((m, m, 3, 3)), "w3": weights((f, m, 1, 1))}
    params |= normalization(m, "1") | normalization(m, "2") | normalization(f, "3")
    return params | ({"ws": weights((f, c, 1, 1))} | normalization(f, "s") if projected else {})


def preact(c: int, f: int, projected: bool = False) -> Named:
    params = {"w1": weights((f, c, 3, 3)), "w2": weights((f, f, 3, 3))} | normalization(c, "1") | normalization(f, "2")
    return params | ({"ws": weights((f, c, 1, 1))} if projected else {})


def aggregated(c: int, d: int, cardinality: int) -> Named:
    shapes = {"w1": (d, c, 1, 1), "w2": (d, d // cardinality, 3, 3), "w3": (c, d, 1, 1)}
    return {key: weights(shape) for key, shape in shapes.items()}


def branches(c: int) -> Named:
    shapes = {"1": (2, c, 1, 1), "3r": (3, c, 1, 1), "3": (4, 3, 3, 3), "5r": (2, c, 1, 1), "5": (1, 2, 5, 5)}
    params = {f"w{key}": weights(shape) for key, shape in (shapes | {"p": (3, c, 1, 1)}).items()}
    return params | {f"b{key[1:]}": rng.normal(size=len(w)) for key, w in params.items()}


def growing(c: int, growth: int, count: int) -> list[Named]:
    widths = [c + i * growth for i in range(count)]
    return [{"gamma": rng.normal(size=i), "beta": rng.normal(size=i), "w": weights((growth, i, 3, 3))} for i in widths]


def image(*shape: int) -> Array:
    return rng.normal(size=shape)


NARROWER: Named = {"gamma": rng.normal(size=4), "beta": rng.normal(size=4), "w": weights((2, 4, 1, 1))}
EXCITE = (weights((4, 2)), rng.normal(size=2), weights((2, 4)), rng.normal(size=4))
ROWS = [
    Row("residual_block_forward", (image(2, 3, 5, 4), basic(3, 3))),
    Row("residual_block_forward", (image(2, 3, 5, 4), basic(3, 3)), {"training": False}),
    Row("residual_block_forward", (image(3, 2, 5, 6), basic(2, 4, True)), {"stride": 2}),
    Row("residual_block_forward", (image(3, 2, 5, 6), basic(2, 4, True)), {"stride": 2, "training": False}),
    Row("residual_block_forward", (image(2, 2, 3, 3), basic(2, 2, True))),
    Row("residual_block_forward", (image(4, 2, 1, 1), basic(2, 2)), {"stride": 1, "training": True}),
    Row("bottleneck_forward", (image(2, 4, 5, 4), bottleneck(4, 2, 4))),
    Row("bottleneck_forward", (image(2, 3, 5, 4), bottleneck(3, 2, 6, True)), {"stride": 2}),
    Row("bottleneck_forward", (image(1, 3, 4, 4), bottleneck(3, 2, 6, True)), {"stride": 2, "training": False}),
    Row("preact_block_forward", (image(2, 3, 4, 5), preact(3, 3))),
    Row("preact_block_forward", (image(2, 3, 4, 5), preact(3, 5, True)), {"stride": 2}),
    Row("preact_block_forward", (image(1, 3, 4, 5), preact(3, 5, True)), {"training": False}),
    Row("resnext_block", (image(2, 3, 4, 5), aggregated(3, 8, 4)), {"cardinality": 4}),
    Row("resnext_block", (image(2, 3, 4, 5), aggregated(3, 6, 1)), {"cardinality": 1}),
    Row("inception_v1", (image(2, 3, 4, 5), branches(3))),
    Row("dense_block", (image(2, 3, 4, 5), growing(3, 2, 3))),
    Row("transition", (image(2, 4, 5, 4), NARROWER)),
    Row("se_block", (image(2, 4, 3, 5), *EXCITE)),
    Row("identity_gradient", ([image(3, 3) for _ in range(4)],)),
    Row("factorized_cost", (), {"k": 5}),
    Row("resnet_parameters", (), {"depth": 50}),
    Row("densenet121_parameters"),
    Row("resnext50_parameters"),
    Row("gradient_norm_plain_vs_residual", (), {"depth": 6, "width": 8}),
]


def in_order(x: Array, grads: Named) -> tuple[Array, ...]:
    """The gradients of x and of the parameters, these by name."""
    return (x, *dict(sorted(grads.items())).values())


def learnt(params: Named) -> set[str]:
    return {key for key in params if not key.startswith(("mean", "var"))}


def with_layers(name: str) -> Any:
    """The function by its source alone, in a notebook that has the given layers."""
    notebook: Named = {"np": np, "math": math} | {layer: getattr(layers, layer) for layer in layers.__all__}
    exec(compile(inspect.getsource(getattr(resnet, name)), name, "exec", dont_inherit=True), notebook)
    return notebook[name]


class TestResnet(Proofs):
    module, rows = resnet, ROWS
    golden: Golden = {case: roles for case, roles in EVERYTHING.items() if case not in LAYERS}  # noqa: RUF012
    count = 16
    elsewhere = ("train_resnet",)
    large = ("x",)
    not_bytes = ("params", "layers", "W1", "b1", "W2", "b2", "dout")

    def digits(self, operation: str, case: str) -> float:
        return 1e-10

    def whole(self, a: Array, kind: type) -> Array:
        """No variance of 0."""
        value = super().whole(a, kind)
        return np.where(value == 0, 1, value)

    def evaluate(self, row: Row, code: Any = None) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The gradients of a block's parameters come in a dictionary, in any order."""
        values, gradients = super().evaluate(row, code)
        if gradients:
            params = row.inputs[1]
            assert set(gradients[1]) == learnt(params), f"{row}: gradients of {set(gradients[1])}"
            assert all(gradient.shape == params[key].shape for key, gradient in gradients[1].items()), str(row)
            gradients = in_order(*gradients)
        return values, gradients

    def test_equals_the_golden_value(self, case: tuple[str, str]) -> None:
        data = self.golden[case]
        row = Row(case[0], tuple(data["in"].values()), data["option"], data.get("cotangent", {}).get("dout"))
        values, gradients = self.evaluate(row)
        same(values, tuple(data["out"].values()), *self.near(case))
        same(gradients, in_order(*data["grad"].values()) if gradients else (), *self.near(case), where="gradients")

    def test_gradient_equals_finite_differences(self, differentiated: Row) -> None:
        row = differentiated
        (x, params), (values, gradients) = row.inputs, self.evaluate(row)
        places: list[tuple[Any, Callable[[Any], tuple[Any, ...]]]] = [(x, lambda value: (value, params))]
        for key in sorted(learnt(params)):
            places.append((params[key], lambda value, key=key: (x, params | {key: value})))
        for (at, inputs), gradient in zip(places, gradients, strict=True):

            def f(value: Any, inputs: Callable[[Any], tuple[Any, ...]] = inputs) -> Any:
                return self.evaluate(Row(row.operation, inputs(value), row.options))[0][0]

            check_gradient(f, at, gradient, cotangent(row, values[0]), where=f"{row}, gradient")

    def test_each_function_stands_alone(self, any_row: Row) -> None:
        """With the given layers in the notebook, and no other function of the unit."""
        names = {any_row.operation, self.backward(any_row.operation) or any_row.operation}
        code = SimpleNamespace(**{name: with_layers(name) for name in names})
        same(self.run(any_row, code), self.run(any_row), rtol=0, atol=0, where=f"{any_row}, pasted")


def test_every_mode_and_shortcut_is_golden() -> None:
    for operation in ("residual_block_forward", "bottleneck_forward", "preact_block_forward"):
        cases = [data for (name, _), data in TestResnet.golden.items() if name == operation]
        seen = {(data["option"].get("training", True), "ws" in data["in"]["params"]) for data in cases}
        assert seen == {(mode, projected) for mode in (True, False) for projected in (True, False)}


# --- the given layers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", list(LAYERS), ids=" ".join)
def test_layers_equal_the_golden_values(case: tuple[str, str]) -> None:
    data = LAYERS[case]
    forward, backward = {"conv": (conv, conv_backward), "batchnorm": (batchnorm, batchnorm_backward)}[case[0]]
    given, dout, before = data["in"] | data["option"], data["cotangent"]["dout"], repr(data)
    out, cache = forward(**given)
    same(out, data["out"]["out"], rtol=1e-10, atol=1e-11)
    for _ in range(2):
        same(backward(dout, cache), tuple(data["grad"].values()), rtol=1e-10, atol=1e-11)
    assert repr(data) == before
    single = {name: np.asarray(a, np.float32) if np.ndim(a) else a for name, a in given.items()}
    out, cache = forward(**single)
    results = (out, *backward(dout.astype(np.float32), cache))
    assert {result.dtype for result in results} == {np.dtype(np.float32)}
    same(results, (data["out"]["out"], *data["grad"].values()), rtol=1e-3, atol=1e-4)


def test_layers_at_the_edges() -> None:
    w = rng.normal(size=(4, 1, 3, 3))
    x = rng.integers(-128, 127, size=(2, 2, 5, 4)).astype(np.int8)
    same(conv(x, w, 2, 1, 2)[0], conv(x.astype(float), w, 2, 1, 2)[0])
    same(batchnorm(x, np.ones(2), np.zeros(2))[0], batchnorm(x.astype(float), np.ones(2), np.zeros(2))[0])
    out, cache = conv(np.zeros((0, 2, 5, 4)), w, groups=2)
    assert out.shape == (0, 4, 3, 2)
    assert [a.shape for a in conv_backward(out, cache)] == [(0, 2, 5, 4), w.shape]
    with pytest.raises(ValueError, match="window"):
        conv(np.zeros((1, 1, 2, 2)), w)
    for value in (0.0, 3.0, -1e4):  # without a variance
        out, cache = batchnorm(np.full((2, 2, 3, 3), value), np.ones(2), np.array([1.0, 2.0]))
        same(out, np.broadcast_to(np.array([1.0, 2.0])[:, None, None], out.shape))
        assert all(np.isfinite(a).all() for a in batchnorm_backward(out, cache))


# --- blocks ---------------------------------------------------------------------------------------------------------


def test_a_block_whose_branch_is_silent_is_its_shortcut() -> None:
    """gamma 0 in the last normalization, which is how many initialize it."""
    x, dout = rng.normal(size=(2, 2, 3, 3, 3))
    zero: Named = {"gamma2": np.zeros(3), "beta2": np.zeros(3)}
    out, cache = residual_block_forward(x, basic(3, 3) | zero)
    same(out, np.maximum(x, 0))
    dx, grads = residual_block_backward(dout, cache)
    same(dx, dout * (x > 0))
    assert np.abs(grads["gamma2"]).min() > 0
    assert not grads["w1"].any()
    params = bottleneck(3, 2, 3) | {"gamma3": np.zeros(3), "beta3": np.zeros(3)}
    same(bottleneck_forward(x, params), np.maximum(x, 0))
    same(preact_block_forward(x, preact(3, 3) | {"w2": np.zeros((3, 3, 3, 3))}), x)
    same(resnext_block(x, aggregated(3, 4, 2) | {"w3": np.zeros((3, 4, 1, 1))}, 2), np.maximum(x, 0))


def test_a_relu_passes_nothing_at_zero() -> None:
    x, params = np.zeros((2, 2, 3, 3)), basic(2, 2) | {"beta2": np.zeros(2)} | {"mean2": np.zeros(2)}
    params |= {"w2": np.zeros((2, 2, 3, 3))}
    for training in (True, False):
        out, cache = residual_block_forward(x, params, training=training)
        same(out, x)
        dx, grads = residual_block_backward(np.ones_like(out), cache)
        assert not any(a.any() for a in (dx, *grads.values()))


def test_modes_differ_only_in_the_statistics() -> None:
    """With the batch's own statistics, evaluation gives training's values, and other gradients."""
    x, params = rng.normal(size=(2, 3, 4, 4)), basic(3, 2, True)
    at: Named = {}
    for key, source, stride, padding in [("1", x, 2, 1), ("s", x, 2, 0)]:
        h, _ = conv(source, params[f"w{key}"], stride, padding)
        at |= {f"mean{key}": h.mean((0, 2, 3)), f"var{key}": h.var((0, 2, 3))}
        if key == "1":
            inner, _ = conv(np.maximum(batchnorm(h, params["gamma1"], params["beta1"])[0], 0), params["w2"], padding=1)
            at |= {"mean2": inner.mean((0, 2, 3)), "var2": inner.var((0, 2, 3))}
    out, cache = residual_block_forward(x, params, stride=2)
    again, fixed = residual_block_forward(x, params | at, stride=2, training=False)
    same(again, out, rtol=1e-9, atol=1e-11)
    dx, dx_fixed = (residual_block_backward(np.ones_like(out), c)[0] for c in (cache, fixed))
    assert np.abs(dx - dx_fixed).max() > 1e-2


@pytest.mark.parametrize("cardinality", [1, 2, 4, 8])
def test_resnext_splits_transforms_and_merges(cardinality: int) -> None:
    x, params = rng.normal(size=(2, 3, 5, 4)), aggregated(3, 8, cardinality)
    total, d = x.copy(), 8 // cardinality
    for g in range(cardinality):
        own = slice(g * d, (g + 1) * d)
        h = np.maximum(conv(x, params["w1"][own])[0], 0)
        h = np.maximum(conv(h, params["w2"][own], padding=1)[0], 0)
        total += conv(h, params["w3"][:, own])[0]
    same(resnext_block(x, params, cardinality), np.maximum(total, 0), rtol=1e-10, atol=1e-12)


def test_a_branch_of_inception_at_a_time() -> None:
    x, params = rng.normal(size=(2, 3, 5, 4)) - 9, branches(3)
    ends = np.cumsum([len(params[f"w{key}"]) for key in ("1", "3", "5", "p")])
    for key, start, end in zip(("1", "3", "5", "p"), [0, *ends], ends, strict=False):
        silent = {k: np.zeros_like(v) if k in (f"w{key}", f"b{key}") else v for k, v in params.items()}
        found, changed = inception_v1(x, params), inception_v1(x, silent)
        assert not changed[:, start:end].any(), key
        same(np.delete(changed, slice(start, end), axis=1), np.delete(found, slice(start, end), axis=1))
    ones = {k: np.ones((1, 1, 1, 1)) if k == "wp" else np.zeros(1) if k == "bp" else v for k, v in branches(1).items()}
    spot = np.zeros((1, 1, 5, 5))
    spot[0, 0, 1, 4] = 2.0
    square = np.zeros((5, 5))
    square[:3, 3:] = 2.0
    same(inception_v1(spot, ones)[0, -1], square)
    uneven = branches(1) | {"wp": -np.ones((1, 1, 1, 1)), "bp": np.zeros(1)}
    same(inception_v1(np.full((1, 1, 3, 2), -4.0), uneven)[0, -1], np.full((3, 2), 4.0))  # zeros never win


def test_a_dense_block_keeps_what_it_was_given() -> None:
    x, block = rng.normal(size=(2, 3, 4, 4)), growing(3, 2, 3)
    out = dense_block(x, block)
    assert out.shape == (2, 9, 4, 4)
    assert np.array_equal(out[:, :3], x)
    assert np.array_equal(out[:, :7], dense_block(x, block[:2]))
    assert np.array_equal(dense_block(x, []), x)


@pytest.mark.parametrize(("size", "half"), [((4, 6), (2, 3)), ((5, 3), (2, 1)), ((1, 4), (0, 2))])
def test_a_transition_halves_and_floors(size: tuple[int, int], half: tuple[int, int]) -> None:
    x = rng.normal(size=(2, 4, *size))
    out = transition(x, NARROWER)
    assert out.shape == (2, 2, *half)
    h = np.maximum(batchnorm(x, NARROWER["gamma"], NARROWER["beta"])[0], 0)
    h = np.einsum("nchw,fc->nfhw", h, NARROWER["w"][:, :, 0, 0])
    for i in range(half[0]):
        for j in range(half[1]):
            same(out[:, :, i, j], h[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean((2, 3)), rtol=1e-11)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_excitation_from_closed_to_open(dtype: type) -> None:
    x, (W1, b1, W2, b2) = rng.normal(size=(2, 4, 3, 3)).astype(dtype), EXCITE
    given = [a.astype(dtype) for a in (W1, b1, 0 * W2)]
    for bias, scale in [(0.0, 0.5), (-1e4, 0.0), (1e4, 1.0)]:
        same(se_block(x, *given, np.full(4, bias, dtype)), scale * x, atol=1e-7)
    out = se_block(np.full((1, 4, 2, 2), 1e4, dtype), *(1e4 * a.astype(dtype) for a in (W1, b1, W2)), b2.astype(dtype))
    assert np.isfinite(out).all()
    assert out.dtype == dtype


def test_counts() -> None:
    found = {depth: resnet_parameters(depth) for depth in (18, 34, 50, 101, 152)}
    assert found == {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
    assert (densenet121_parameters(), resnext50_parameters()) == (7_978_856, 25_028_904)
    assert [factorized_cost(k) for k in (3, 5, 7)] == [(9, 9, 6), (25, 18, 10), (49, 27, 14)]
    numbers = [*found.values(), densenet121_parameters(), resnext50_parameters(), *factorized_cost(9)]
    assert all(type(n) is int for n in numbers)
    for depth in (0, 20, 51):
        with pytest.raises(ValueError, match=rf"depth must be one of \[18, 34, 50, 101, 152\], not {depth}"):
            resnet_parameters(depth)
    for k in (0, 2, 4):
        with pytest.raises(ValueError, match=f"odd receptive field, never {k}"):
            factorized_cost(k)


# --- gradients through many blocks ----------------------------------------------------------------------------------


def test_the_jacobian_is_the_sum_over_paths() -> None:
    a, b, c = rng.normal(size=(3, 4, 4))
    paths = np.eye(4) + a + b + c + b @ a + c @ a + c @ b + c @ b @ a
    same(identity_gradient([a, b, c]), paths)
    same(identity_gradient(np.stack([a, b, c])), paths)  # type: ignore[arg-type]
    assert np.abs(identity_gradient([c, b, a]) - paths).max() > 0.1
    same(identity_gradient([np.zeros((3, 3))] * 50), np.eye(3))


def test_gradient_norms_of_deep_nets() -> None:
    assert gradient_norm_plain_vs_residual(0, 9, np.random.default_rng(0)) == (3.0, 3.0)
    first, again = (gradient_norm_plain_vs_residual(5, 4, np.random.default_rng(0)) for _ in range(2))
    assert first == again
    assert all(type(norm) is float for norm in first)
    # each relu about halves the square of the plain gradient
    norms = [gradient_norm_plain_vs_residual(20, 64, np.random.default_rng(seed)) for seed in range(30)]
    plain = [a / 8 for a, _ in norms]
    assert 2**-11 < np.exp(np.mean(np.log(plain))) < 2**-8
    assert min(b for _, b in norms) > 1e4 * max(a for a, _ in norms)
    generator = np.random.default_rng(0)
    gradient_norm_plain_vs_residual(3, 4, generator)
    expected = np.random.default_rng(0)
    expected.standard_normal(4 + 3 * 16)
    assert generator.bit_generator.state == expected.bit_generator.state


# --- training -------------------------------------------------------------------------------------------------------


def pictures() -> tuple[Array, Array, Array, Array]:
    """Digits in random order, the last 360 for the test."""
    X, y = digits()
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order].reshape(-1, 1, 8, 8), y[order]
    return X[:-360], y[:-360], X[-360:], y[-360:]


def test_a_deep_net_learns_with_skips_and_not_without() -> None:
    data = pictures()
    accuracy, losses = train_resnet(*data, 32, True, 2, np.random.default_rng(0))
    plain_accuracy, plain_losses = train_resnet(*data, 32, False, 2, np.random.default_rng(0))
    assert accuracy > plain_accuracy + 0.3
    assert 2 * losses[-1] < plain_losses[-1]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_ten_digits_are_learnt_by_heart(seed: int) -> None:
    X, y, _, _ = pictures()
    own = np.array([np.flatnonzero(y == k)[seed] for k in range(10)])
    given = [X[own], y[own], X[own], y[own]]
    before = [a.tobytes() for a in given]
    (accuracy, losses), (plain_accuracy, plain_losses) = (
        train_resnet(*given, 42, residual, 12, np.random.default_rng(seed)) for residual in (True, False)
    )
    assert [a.tobytes() for a in given] == before
    assert len(losses) == len(plain_losses) == 12
    assert {type(value) for value in (accuracy, plain_accuracy, *losses)} == {float}
    assert losses[-1] < plain_losses[-1] - 0.1
    assert accuracy > plain_accuracy
    assert (accuracy, losses) == train_resnet(*given, 42, True, 12, np.random.default_rng(seed))


def test_training_at_the_edges() -> None:
    X, y, X_test, y_test = pictures()
    shallow = [train_resnet(X[:70], y[:70], X_test, y_test, 2, r, 1, np.random.default_rng(0)) for r in (True, False)]
    assert shallow[0] == shallow[1]  # no blocks, no skips
    colours = np.repeat(X[:40, :, :7, :5], 3, axis=1)
    for images in (colours, colours.astype(np.float32), (16 * colours).astype(np.int64)):
        accuracy, losses = train_resnet(images, y[:40] % 2, images, y[:40] % 2, 4, True, 2, np.random.default_rng(0))
        assert 0 <= accuracy <= 1
        assert np.isfinite(losses).all()
    for depth in (0, 3, 21):
        with pytest.raises(ValueError, match=f"even and at least 2, not {depth}"):
            train_resnet(X, y, X_test, y_test, depth, True, 1, np.random.default_rng(0))


def test_training_stands_alone() -> None:
    X, y, X_test, y_test = pictures()
    given = [X[:40], y[:40], X_test, y_test, 4, True, 1]
    pasted = with_layers("train_resnet")
    assert pasted(*given, np.random.default_rng(0)) == train_resnet(*given, np.random.default_rng(0))
