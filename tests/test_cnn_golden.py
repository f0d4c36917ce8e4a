"""The reference answers of unit 09: right values, right gradients, and the course's conventions, for all 25 functions.

Values and gradients come from PyTorch (golden/make_cnn.py), and what a convolution is from six loops over one pixel at
a time. What holds of every function, one row of a table each, is proved by Proofs.
"""

import inspect
import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from dlkit.lab.data import digits
from dlkit.reference import cnn
from dlkit.reference.cnn import (
    avgpool2d_forward,
    col2im,
    conv1x1,
    conv2d_backward,
    conv2d_forward,
    conv2d_naive,
    conv_as_matrix,
    conv_cost,
    conv_output_size,
    count_parameters,
    depthwise_separable_conv,
    fc_as_conv,
    global_avg_pool,
    global_avg_pool_backward,
    im2col,
    lenet5_shapes,
    maxpool2d_backward,
    maxpool2d_forward,
    nms,
    receptive_field,
    same_padding,
    separable_saving,
    train_lenet,
    transposed_conv2d,
)
from tests.proofs import Proofs
from tests.rows import Array, Row, check_gradient, read_golden, same

pytestmark = pytest.mark.filterwarnings("error")


# --- the table ------------------------------------------------------------------------------------------------------


def shaped(operation: str, shapes: dict[str, tuple[int, ...]], **options: Any) -> Row:
    """A row with random arrays of these shapes, in the function's order."""
    random = np.random.default_rng(5)
    arrays = {name: random.normal(size=shape) for name, shape in shapes.items()}
    assert list(arrays) == list(inspect.signature(getattr(cnn, operation)).parameters)[: len(arrays)]
    return Row(operation, tuple(arrays.values()), options)


def conv(operation: str, x: tuple[int, ...], w: tuple[int, ...], **options: int) -> Row:
    b = w[1] if operation == "transposed_conv2d" else w[0]
    return shaped(operation, {"x": x, "w": w, "b": (b,)}, **options)


BOXES = np.array([[0, 0, 4, 4], [1, 1, 5, 5], [0, 0, 4, 3], [6, 6, 8, 8], [6, 6, 8, 9], [9, 0, 9, 3]], float)
SCORES = np.array([0.75, 0.5, 1.0, 0.25, 2.0, 1.5])
ROWS = [
    conv("conv2d_naive", (2, 2, 5, 4), (3, 2, 3, 2)),
    conv("conv2d_naive", (1, 3, 4, 6), (2, 3, 2, 3), stride=2, padding=1),
    conv("conv2d_forward", (2, 3, 5, 4), (4, 3, 3, 3)),
    conv("conv2d_forward", (2, 3, 4, 5), (2, 3, 1, 1), stride=2),
    conv("conv2d_forward", (1, 2, 7, 6), (3, 2, 2, 4), stride=3, padding=2),
    conv("conv2d_forward", (2, 2, 6, 7), (3, 2, 3, 2), dilation=2, padding=1),
    conv("conv2d_forward", (2, 4, 4, 5), (6, 2, 3, 3), groups=2, padding=1),
    conv("conv2d_forward", (1, 3, 5, 5), (6, 1, 2, 3), groups=3),
    conv("conv2d_forward", (2, 4, 9, 8), (6, 2, 3, 2), stride=2, padding=1, dilation=2, groups=2),
    shaped("im2col", {"x": (2, 3, 5, 4)}, kh=3, kw=2),
    shaped("im2col", {"x": (2, 1, 4, 5)}, kh=2, kw=3, stride=2, padding=1),
    shaped("im2col", {"x": (2, 1, 3, 3)}, kh=1, kw=1),
    shaped("col2im", {"cols": (2 * 3 * 3, 3 * 3 * 2)}, x_shape=(2, 3, 5, 4), kh=3, kw=2),
    shaped("col2im", {"cols": (2 * 3 * 3, 1 * 2 * 3)}, x_shape=(2, 1, 4, 5), kh=2, kw=3, stride=2, padding=1),
    shaped("maxpool2d_forward", {"x": (2, 3, 4, 6)}, kernel=2),
    shaped("maxpool2d_forward", {"x": (2, 2, 6, 5)}, kernel=3, stride=1),
    shaped("maxpool2d_forward", {"x": (1, 2, 8, 7)}, kernel=3, stride=2),
    shaped("maxpool2d_forward", {"x": (1, 2, 7, 8)}, kernel=2, stride=3),
    shaped("avgpool2d_forward", {"x": (2, 3, 4, 6)}, kernel=2),
    shaped("avgpool2d_forward", {"x": (2, 2, 6, 5)}, kernel=3, stride=1),
    shaped("avgpool2d_forward", {"x": (1, 2, 8, 7)}, kernel=3, stride=2),
    shaped("avgpool2d_forward", {"x": (1, 2, 7, 8)}, kernel=2, stride=3),
    shaped("global_avg_pool", {"x": (2, 3, 4, 5)}),
    shaped("global_avg_pool_backward", {"dout": (2, 3)}, x_shape=(2, 3, 4, 5)),
    shaped("depthwise_separable_conv", {"x": (2, 3, 5, 6), "w_depth": (3, 1, 3, 2), "w_point": (4, 3, 1, 1)}),
    shaped(
        "depthwise_separable_conv",
        {"x": (1, 2, 4, 5), "w_depth": (2, 1, 2, 3), "w_point": (1, 2, 1, 1)},
        stride=2,
        padding=1,
    ),
    shaped("conv_as_matrix", {"w": (2, 3, 3, 2)}, h_in=4, w_in=5),
    shaped("conv_as_matrix", {"w": (2, 1, 2, 3)}, h_in=5, w_in=4, stride=2, padding=1),
    conv("conv1x1", (2, 3, 4, 5), (4, 3, 1, 1)),
    conv("conv1x1", (1, 1, 1, 1), (2, 1, 1, 1)),
    shaped("fc_as_conv", {"W": (12, 5)}, c=2, h=3, w=2),
    conv("transposed_conv2d", (2, 3, 4, 5), (3, 2, 3, 2)),
    conv("transposed_conv2d", (1, 2, 3, 3), (2, 3, 4, 3), stride=2, padding=1),
    Row("nms", (BOXES, SCORES, 0.5)),
    Row("nms", (BOXES, SCORES, 0.0)),
    Row("conv_output_size", (7, 3), {"stride": 2, "padding": 1}),
    Row("same_padding", (7, 4), {"stride": 2}),
    Row("receptive_field", ([(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 2, 2)],)),
    Row("conv_cost", (8, 12, 3, 5, 7), {"groups": 4}),
    Row("separable_saving", (32, 64, 3)),
    Row("lenet5_shapes", (40, 26)),
    Row("count_parameters", ("alexnet",)),
]


class TestCnn(Proofs):
    module, rows, golden = cnn, ROWS, read_golden("cnn")
    count = 25
    elsewhere = ("train_lenet",)
    not_golden = ("nms",)  # PyTorch has it in torchvision alone; below it is held to another way of saying it
    dtypes = {"nms": np.int64}  # noqa: RUF012
    large = ("x", "w", "cols", "W", "w_depth", "w_point", "boxes", "dout")
    not_bytes = ("w", "b", "w_depth", "w_point", "W", "cols", "dout")

    def backward(self, operation: str) -> str | None:
        """The one of global_avg_pool takes a shape in the place of x, and is a row of its own."""
        return None if operation == "global_avg_pool" else super().backward(operation)

    def whole(self, a: Array, kind: type) -> Array:
        """No corner of a box moves past another."""
        return np.rint(2 * a) if a.shape == BOXES.shape else super().whole(a, kind)


run, GOLDEN = TestCnn().run, TestCnn.golden


# --- what a convolution is ------------------------------------------------------------------------------------------


def definition(
    x: Array, w: Array, b: Array, stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1
) -> Array:
    """Every product of a pixel and a weight, added where it belongs; a pixel outside the image is 0."""
    (n, c, height, width), (f, c_group, kh, kw) = x.shape, w.shape
    assert c == c_group * groups
    oh, ow = (len(range(0, size + 2 * padding - dilation * (k - 1), stride)) for size, k in [(height, kh), (width, kw)])
    out = np.zeros((n, f, oh, ow)) + b[:, None, None]
    for m, g, i, j, ci, k, l in product(*map(range, (n, f, oh, ow, c_group, kh, kw))):  # noqa: E741
        row, column = i * stride - padding + k * dilation, j * stride - padding + l * dilation
        if 0 <= row < height and 0 <= column < width:
            out[m, g, i, j] += x[m, g // (f // groups) * c_group + ci, row, column] * w[g, ci, k, l]
    return out


GRID = [
    (size, kernel, stride, padding, dilation, groups)
    for size in [(5, 5), (6, 4), (4, 7)]
    for kernel in [(1, 1), (3, 3), (2, 2), (1, 3), (3, 2)]
    for stride, padding, dilation, groups in product((1, 2, 3), (0, 1, 2), (1, 2), (1, 2, 4))
    if all(n + 2 * padding > dilation * (k - 1) for n, k in zip(size, kernel, strict=True))
]


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 2), (1, 3), (3, 2)])
def test_convolution_is_its_definition(kernel: tuple[int, int], groups: int) -> None:
    random = np.random.default_rng(20)
    for size, _, stride, padding, dilation, _ in (g for g in GRID if (g[1], g[5]) == (kernel, groups)):
        where = f"{size} {stride=} {padding=} {dilation=}"
        x, w, b = (
            random.normal(size=(1, 4, *size)),
            random.normal(size=(4, 4 // groups, *kernel)),
            random.normal(size=4),
        )
        expected = definition(x, w, b, stride, padding, dilation, groups)
        out, cache = conv2d_forward(x, w, b, stride, padding, dilation, groups)
        same(out, expected, rtol=1e-11, atol=1e-12, where=where)
        if (dilation, groups) == (1, 1):
            same(conv2d_naive(x, w, b, stride, padding), expected, rtol=1e-11, atol=1e-12, where=where)
            matrix = conv_as_matrix(w, *size, stride, padding)
            same(matrix @ x.ravel() + np.repeat(b, expected[0, 0].size), expected.ravel(), rtol=1e-11, atol=1e-12)
            rows = im2col(x, *kernel, stride, padding) @ w.reshape(4, -1).T + b
            same(rows, expected.transpose(0, 2, 3, 1).reshape(-1, 4), rtol=1e-11, atol=1e-12)
        assert out.shape[2:] == tuple(
            conv_output_size(n, k, stride, padding, dilation) for n, k in zip(size, kernel, strict=True)
        )

        # out is linear in x, in w and in b: its gradients are the adjoints, to the last digits
        dout = random.normal(size=out.shape)
        dx, dw, db = conv2d_backward(dout, cache)
        linear = np.sum(dout * (out - b[:, None, None]))
        same([np.sum(dx * x), np.sum(dw * w)], [linear, linear], rtol=1e-9, atol=1e-9, where=where)
        same(db, dout.sum((0, 2, 3)))
        other = random.normal(size=x.shape)
        along = np.sum(dout * definition(other, w, 0 * b, stride, padding, dilation, groups))
        same(np.sum(dx * other), along, rtol=1e-9, atol=1e-9, where=where)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize(("kh", "kw"), [(1, 1), (2, 2), (3, 2), (1, 4)])
def test_adjoints(kh: int, kw: int, padding: int, stride: int) -> None:
    """<im2col x, cols> = <x, col2im cols>, and <conv x, y> = <x, transposed y>, whatever x, cols and y."""
    random = np.random.default_rng(21)
    x, w, none = random.normal(size=(2, 3, 7, 6)), random.normal(size=(4, 3, kh, kw)), np.zeros(4)
    cols = im2col(x, kh, kw, stride, padding)
    other = random.normal(size=cols.shape)
    same(np.sum(cols * other), np.sum(x * col2im(other, x.shape, kh, kw, stride, padding)), rtol=1e-10, atol=1e-10)
    windows = col2im(np.ones_like(cols), x.shape, kh, kw, stride, padding)  # how many windows see a pixel
    same(col2im(cols, x.shape, kh, kw, stride, padding), windows * x)

    y = random.normal(size=conv2d_naive(x, w, none, stride, padding).shape)
    back = transposed_conv2d(y, w, np.zeros(3), stride, padding)
    fits = x[:, :, : back.shape[2], : back.shape[3]]  # what a stride left over is not made again
    assert all(0 <= n - m < stride for n, m in zip(x.shape[2:], back.shape[2:], strict=True))
    same(np.sum(conv2d_naive(fits, w, none, stride, padding) * y), np.sum(fits * back), rtol=1e-10, atol=1e-10)
    dx = conv2d_backward(y, conv2d_forward(fits, w, none, stride, padding)[1])[0]
    same(back, dx, rtol=1e-11, atol=1e-12)


def test_worked_by_hand() -> None:
    x = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    w = np.array([[[[1.0, 0], [0, -1]]]])
    for f in (conv2d_naive, lambda *a: conv2d_forward(*a)[0]):
        same(f(x, w, np.array([0.5])), np.full((1, 1, 2, 2), -3.5))  # flipped it would be 4.5
    same(im2col(x, 2, 2), np.array([[1.0, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]))
    same(maxpool2d_forward(x, 2, 1)[0][0, 0], np.array([[5.0, 6], [8, 9]]))
    same(avgpool2d_forward(x, 2)[0], np.full((1, 1, 1, 1), 3.0))
    pair = np.stack([x[0], 10 * x[0]], axis=1)  # rows: n, oh, ow; columns: c, kh, kw
    same(im2col(pair, 1, 3), np.array([[1.0, 2, 3, 10, 20, 30], [4, 5, 6, 40, 50, 60], [7, 8, 9, 70, 80, 90]]))
    stamped = transposed_conv2d(np.array([[[[1.0, 2]]]]), np.array([[[[1.0, 10, 100]]]]), np.zeros(1), 2)
    same(stamped, np.array([[[[1.0, 10, 102, 20, 200]]]]))


def test_relatives_are_convolutions() -> None:
    random = np.random.default_rng(22)
    x, b = random.normal(size=(2, 4, 5, 6)), random.normal(size=3)
    point, depth = random.normal(size=(3, 4, 1, 1)), random.normal(size=(4, 1, 3, 2))
    same(conv1x1(x, point, b), conv2d_naive(x, point, b))
    for options in ({}, {"stride": 2, "padding": 1}, {"stride": 3}):
        middle = conv2d_forward(x, depth, np.zeros(4), groups=4, **options)[0]
        expected = conv2d_naive(middle, point, np.zeros(3))
        same(depthwise_separable_conv(x, depth, point, **options), expected, rtol=1e-11)
    dense = random.normal(size=(4 * 5 * 6, 3))
    same(conv2d_naive(x, fc_as_conv(dense, 4, 5, 6), b)[:, :, 0, 0], x.reshape(2, -1) @ dense + b, rtol=1e-11)
    matrix = conv_as_matrix(depth[:2], 5, 6)
    assert sorted(set(np.abs(matrix).ravel())) == sorted({0.0, *np.abs(depth[:2]).ravel()})  # shared
    assert ((matrix != 0).sum(axis=1) == 6).all()  # local


# --- pooling --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kernel", "stride"), [(1, None), (2, None), (3, None), (2, 1), (3, 2), (3, 1), (2, 3), (1, 2)]
)
def test_pooling_is_its_definition(kernel: int, stride: int | None) -> None:
    random = np.random.default_rng(23)
    step = stride or kernel
    for x in (
        random.normal(size=(2, 3, 7, 6)),
        random.integers(0, 3, (2, 3, 7, 6)).astype(float),
        -np.ones((2, 1, 4, 5)),
    ):
        n, c, height, width = x.shape
        oh, ow = conv_output_size(height, kernel, step), conv_output_size(width, kernel, step)
        dout = random.normal(size=(n, c, oh, ow))
        largest, mean, dmax, dmean = np.empty_like(dout), np.empty_like(dout), np.zeros_like(x), np.zeros_like(x)
        for i, j, k, l in product(range(n), range(c), range(oh), range(ow)):  # noqa: E741
            place = (i, j, slice(k * step, k * step + kernel), slice(l * step, l * step + kernel))
            largest[i, j, k, l], mean[i, j, k, l] = x[place].max(), x[place].sum() / kernel**2
            first = np.unravel_index(x[place].argmax(), (kernel, kernel))
            dmax[i, j, k * step + first[0], l * step + first[1]] += dout[i, j, k, l]
            dmean[place] += dout[i, j, k, l] / kernel**2
        row = Row("", (x,), {"kernel": kernel} | ({} if stride is None else {"stride": stride}), dout)
        same(run(Row("maxpool2d_forward", row.inputs, row.options, dout)), (largest, dmax))
        same(run(Row("avgpool2d_forward", row.inputs, row.options, dout)), (mean, dmean))


def test_ties_go_to_the_first() -> None:
    x = np.array([[[[1.0, 2, 2], [2, 0, 2], [2, 2, 2]]]])
    out, cache = maxpool2d_forward(x, 2, 1)
    dx = maxpool2d_backward(np.array([[[[1.0, 10], [100, 1000]]]]), cache)
    same(out, np.full((1, 1, 2, 2), 2.0))
    same(dx[0, 0], np.array([[0.0, 11, 0], [100, 0, 1000], [0, 0, 0]]))


def test_global_pooling_and_its_gradient() -> None:
    x, dout = np.random.default_rng(24).normal(size=(2, 3, 4, 5)), np.arange(6.0).reshape(2, 3)
    dx = global_avg_pool_backward(dout, x.shape)
    check_gradient(global_avg_pool, x, dx, dout)
    dx[0, 2, 0, 0] = 7  # an array of its own, every pixel of it
    assert (dx[0, 2, 0, 1], dout[0, 2]) == (0.1, 2)


# --- arithmetic -----------------------------------------------------------------------------------------------------

SMALL = list(product(range(1, 9), range(1, 5), range(1, 4), range(3), range(1, 4)))


def test_sizes_are_counted_windows() -> None:
    for n, kernel, stride, padding, dilation in SMALL:
        span = dilation * (kernel - 1) + 1
        windows = len(range(0, n + 2 * padding - span + 1, stride))
        if windows:
            size = conv_output_size(n, kernel, stride, padding, dilation)
            assert (type(size), size) == (int, windows)
        else:
            with pytest.raises(ValueError, match=f"spans {span} does not fit in {n} pixels"):
                conv_output_size(n, kernel, stride, padding, dilation)


def test_same_padding_is_the_least() -> None:
    for n, kernel, stride, padding, dilation in SMALL:
        if padding:
            continue
        before, after = same_padding(n, kernel, stride, dilation)
        assert type(before) is type(after) is int
        assert after - before in (0, 1)
        wanted = math.ceil(Fraction(n, stride))
        assert conv_output_size(n + before + after, kernel, stride, 0, dilation) == wanted
        if after:
            less = n + before + after - 1
            assert less <= dilation * (kernel - 1) or conv_output_size(less, kernel, stride, 0, dilation) < wanted
        else:
            assert before == 0


def test_receptive_fields() -> None:
    assert receptive_field([]) == (1, 1, 0.5)
    assert receptive_field([(3, 1, 1, 1)] * 2)[0] == receptive_field([(5, 1, 2, 1)])[0] == 5
    assert receptive_field([(3, 1, 0, 2)]) == (5, 1, 2.5)
    vgg = [layer for n in (2, 2, 3, 3, 3) for layer in [(3, 1, 1, 1)] * n + [(2, 2, 0, 1)]]
    assert receptive_field(vgg)[:2] == (212, 32)
    size, jump, start = receptive_field([(3, 2, 1, 1)] * 60)  # exact, however large
    assert (size, jump, type(size), type(jump)) == (2**61 - 1, 2**60, int, int)
    assert start == 0.5


def test_costs() -> None:
    assert conv_cost(3, 64, 3, 224, 224) == (1728, 86_704_128)
    assert conv_cost(2**20, 2**20, 3, 2**12, 2**12) == (9 * 2**40, 9 * 2**64)
    assert conv_cost(32, 32, 3, 1, 1, groups=32)[0] == 288
    for c_in, c_out, groups in [(6, 4, 3), (4, 6, 4), (3, 4, 2)]:
        with pytest.raises(ValueError, match=f"{groups} groups do not divide {c_in} channels and {c_out} filters"):
            conv_cost(c_in, c_out, 3, 5, 5, groups)
    for c_in, c_out, k in product((1, 3, 64), (1, 32, 100), (1, 3, 5)):
        parts = conv_cost(c_in, c_in, k, 7, 7, groups=c_in), conv_cost(c_in, c_out, 1, 7, 7)
        for i, whole in enumerate(conv_cost(c_in, c_out, k, 7, 7)):
            same(separable_saving(c_in, c_out, k), sum(part[i] for part in parts) / whole)
        same(separable_saving(c_in, c_out, k), 1 / c_out + 1 / k**2)


def test_networks() -> None:
    totals = {"lenet5": 61_706, "alexnet": 60_965_224, "vgg16": 138_357_544}
    layers = {"lenet5": 5, "alexnet": 8, "vgg16": 16}
    for name, total in totals.items():
        per_layer, found = count_parameters(name)
        assert (found, len(per_layer), sum(per_layer)) == (total, layers[name], total)
        assert all(type(count) is int for count in [found, *per_layer])
    with pytest.raises(ValueError, match="'lenet5', 'alexnet' or 'vgg16', not 'resnet18'"):
        count_parameters("resnet18")
    shapes = lenet5_shapes()
    assert shapes["C5"] == (120, 1, 1)
    assert shapes["S4"] == (16, 5, 5)
    weights = [(shapes[a][0] * 25 + 1) * shapes[b][0] for a, b in [("input", "C1"), ("S2", "C3"), ("S4", "C5")]]
    assert [*weights, 121 * 84, 85 * 10] == count_parameters("lenet5")[0]
    for size in (31, 12, 5, 1):
        with pytest.raises(ValueError, match=f"{size}×{size} is too small for LeNet-5"):
            lenet5_shapes(size)


# --- boxes ----------------------------------------------------------------------------------------------------------


def overlap(a: Array, b: Array) -> Fraction:
    """Intersection over union of two boxes with whole corners, exactly."""
    sides = [max(0, int(min(a[i + 2], b[i + 2]) - max(a[i], b[i]))) for i in (0, 1)]
    union = sum(int((box[2] - box[0]) * (box[3] - box[1])) for box in (a, b)) - math.prod(sides)
    return Fraction(math.prod(sides), union) if union else Fraction(0)


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 1.0])
def test_suppression(threshold: float) -> None:
    """A box stays if and only if no better one that stays overlaps it too much."""
    random = np.random.default_rng(25)
    for n in (1, 2, 3, 12, 40):
        corner = random.integers(0, 6, (n, 2))
        boxes = np.concatenate([corner, corner + random.integers(0, 5, (n, 2))], axis=1)
        scores = random.integers(0, 8, n) / 8
        rank = sorted(range(n), key=lambda i: (-scores[i], i))
        kept: list[int] = []
        for i in rank:
            if all(overlap(boxes[i], boxes[k]) <= threshold for k in kept):
                kept.append(i)
        for given in (boxes, boxes.astype(float), boxes.astype(np.uint8), boxes - 20, boxes.astype(np.float32)):
            assert nms(given, scores, threshold).tolist() == kept
        assert nms(boxes, (8 * scores).astype(np.uint8), threshold).tolist() == kept


def test_suppression_at_its_edges() -> None:
    for empty in (nms(np.zeros((0, 4)), np.zeros(0), 0.5), nms(np.zeros((0, 4), int), np.zeros(0, int), 0.5)):
        assert (empty.shape, empty.dtype.kind) == ((0,), "i")
    twice = np.array([[0.0, 0, 2, 2], [0, 0, 2, 2]])
    assert nms(twice, np.array([1.0, 1.0]), 0.5).tolist() == [0]
    assert nms(twice, np.array([1.0, 1.0]), 1.0).tolist() == [0, 1]
    assert nms(twice, np.array([0.25, 0.75]), 0.99).tolist() == [1]
    half = np.array([[0.0, 0, 2, 2], [0, 0, 2, 1]])
    assert nms(half, np.array([2.0, 1]), 0.5).tolist() == [0, 1]  # with + 1 it would be 6/9
    assert nms(half, np.array([2.0, 1]), 0.49).tolist() == [0]
    chain = np.array([[0.0, 0, 4, 1], [1, 0, 5, 1], [2, 0, 6, 1]])  # the second is dropped and drops nothing
    assert nms(chain, np.array([3.0, 2, 1]), 0.5).tolist() == [0, 2]


# --- edges ----------------------------------------------------------------------------------------------------------


def test_what_does_not_fit() -> None:
    x, w, b = np.ones((1, 2, 3, 5)), np.ones((4, 2, 4, 2)), np.ones(4)
    for f in (conv2d_naive, conv2d_forward):
        for stride in (1, 2, 3):
            with pytest.raises(ValueError, match="4×2 kernel does not fit in 3×5 pixels with padding 0"):
                f(x, w, b, stride)
    with pytest.raises(ValueError, match="does not fit in 3×5"):
        conv2d_forward(x, w[:, :, :2], b, dilation=3)
    with pytest.raises(ValueError, match="does not fit in 3×5"):
        im2col(x, 2, 6, stride=4)
    with pytest.raises(ValueError, match="does not fit in 3×5"):
        depthwise_separable_conv(x, w[:2, :1], np.ones((1, 2, 1, 1)), stride=2)
    with pytest.raises(ValueError, match="does not fit in 5×1"):
        conv_as_matrix(w, 5, 1, stride=2)
    for pool in (maxpool2d_forward, avgpool2d_forward):
        with pytest.raises(ValueError, match="4×4 window does not fit in 3×5"):
            pool(x, 4)
    with pytest.raises(ValueError, match="padding 2 leaves nothing of 6×4 pixels"):
        transposed_conv2d(np.ones((1, 4, 3, 3)), np.ones((4, 2, 4, 2)), np.ones(2), padding=2)
    for filters, groups in [((4, 3, 1, 1), 1), ((4, 2, 1, 1), 2), ((3, 1, 1, 1), 2)]:
        with pytest.raises(ValueError, match=f"2 channels and {filters[0]} filters of {filters[1]} channels"):
            conv2d_forward(x, np.ones(filters), np.ones(filters[0]), groups=groups)


def test_a_batch_of_nothing() -> None:
    x = np.zeros((0, 4, 5, 5))
    for row in ROWS:
        if row.operation in ("conv2d_forward", "maxpool2d_forward", "avgpool2d_forward", "conv2d_naive", "conv1x1"):
            first, *others = row.inputs
            results = run(Row(row.operation, (first[:0], *others), row.options))
            assert results[0].shape[0] == 0
            assert len(results) == 1 or results[1].shape == first[:0].shape
            assert all(not gradient.any() for gradient in results[2:])
    assert global_avg_pool(x).shape == (0, 4)
    assert col2im(im2col(x, 2, 2), x.shape, 2, 2).shape == x.shape


@pytest.mark.parametrize("operation", ["im2col", "col2im", "maxpool2d_forward", "global_avg_pool_backward"])
def test_results_are_new(operation: str) -> None:
    """They may be written to, and no argument changes with them."""
    for row in (row for row in ROWS if row.operation == operation):
        before = row.inputs[0].copy()
        for result in run(row):
            result += 1
        assert np.array_equal(row.inputs[0], before)


# --- training -------------------------------------------------------------------------------------------------------

SHAPES = {"w1": (16, 1, 3, 3), "b1": (16,), "w2": (32, 16, 3, 3), "b2": (32,)}
SHAPES |= {"W3": (128, 64), "b3": (64,), "W4": (64, 10), "b4": (10,)}


def scores_of(params: dict[str, Array], X: Array) -> Array:
    """The documented network, of other functions than the reference's."""
    for w, b in (("w1", "b1"), ("w2", "b2")):
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))
        X = np.maximum(np.einsum("nchwkl,fckl->nfhw", windows, params[w], optimize=True) + params[b][:, None, None], 0)
        n, c, height, width = X.shape
        X = X.reshape(n, c, height // 2, 2, width // 2, 2).max(axis=(3, 5))
    return np.maximum(X.reshape(len(X), 128) @ params["W3"] + params["b3"], 0) @ params["W4"] + params["b4"]


def shuffled(seed: int) -> tuple[Array, Array]:
    X, y = digits()
    order = np.random.default_rng(seed).permutation(len(X))
    return X[order].reshape(-1, 1, 8, 8), y[order]


def test_lenet_learns_the_digits() -> None:
    X, y = shuffled(0)
    before = X.tobytes(), y.tobytes()
    params, accuracy = train_lenet(X[:-360], y[:-360], X[-360:], y[-360:], 15, np.random.default_rng(0))
    assert (X.tobytes(), y.tobytes()) == before
    assert accuracy >= 0.97
    assert {name: value.shape for name, value in params.items()} == SHAPES
    assert accuracy == np.mean(scores_of(params, X[-360:]).argmax(axis=1) == y[-360:])


def test_lenet_learns_a_handful_at_once() -> None:
    X, y = shuffled(1)
    X, y = X[:40], y[:40]
    at_first, _ = train_lenet(X, y, X, y, 0, np.random.default_rng(0))
    assert {name: value.shape for name, value in at_first.items()} == SHAPES
    params, accuracy = train_lenet(X, y, X, y, 30, np.random.default_rng(0))
    assert accuracy == np.mean(scores_of(params, X).argmax(axis=1) == y) > 0.9
    again, _ = train_lenet(X, y, X[:3], y[:3], 30, np.random.default_rng(0))  # the test part teaches nothing
    assert all(np.array_equal(params[name], again[name]) for name in params)
    other, _ = train_lenet(X, y, X, y, 30, np.random.default_rng(1))
    assert not np.allclose(params["w1"], other["w1"])
