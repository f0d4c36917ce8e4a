"""Writes cnn.npz: inputs, outputs and gradients of the unit's functions as PyTorch computes them.

    python tests/golden/make_cnn.py

writing.py says how the file is laid out. Sizes, fields and costs are not computed here but seen: PyTorch's layers say
what shape comes out and how many weights there are, its gradients which pixels an output sees.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from torch import nn
from writing import add, store, tensors, write

rng = np.random.default_rng(20240109)


def normal(*shape: int) -> np.ndarray:
    return np.rint(64 * rng.normal(size=shape)) / 64  # few digits make a small file


# --- convolution ----------------------------------------------------------------------------------------------------

# case: x, w, options. Every option alone and with the others, odd and even sizes, what is left over at the end.
CONVOLUTIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, int]]] = {
    "plain": ((2, 3, 5, 6), (4, 3, 3, 3), {}),
    "1x1": ((2, 3, 4, 3), (5, 3, 1, 1), {}),
    "3x2 on 7x4": ((2, 2, 7, 4), (3, 2, 3, 2), {"stride": 2}),
    "1x4": ((1, 2, 3, 7), (2, 2, 1, 4), {"padding": 1}),
    "5x1, stride 3": ((1, 1, 9, 4), (2, 1, 5, 1), {"stride": 3, "padding": 2}),
    "one pixel": ((3, 2, 1, 1), (4, 2, 1, 1), {}),
    "kernel of the image's size": ((2, 2, 3, 4), (3, 2, 3, 4), {}),
    "kernel larger than the image": ((1, 2, 2, 3), (2, 2, 4, 3), {"padding": 1}),
    "stride over the kernel": ((1, 2, 7, 8), (2, 2, 2, 2), {"stride": 3}),
    "left over": ((2, 2, 6, 7), (3, 2, 3, 3), {"stride": 2}),
    "padding 1": ((2, 2, 5, 4), (3, 2, 3, 3), {"padding": 1}),
    "padding over the kernel": ((1, 1, 2, 3), (2, 1, 2, 2), {"padding": 3}),
    "stride 2, padding 1": ((2, 3, 6, 5), (4, 3, 3, 3), {"stride": 2, "padding": 1}),
    "stride 3, padding 2": ((1, 2, 7, 8), (2, 2, 4, 3), {"stride": 3, "padding": 2}),
}
ONLY_FAST: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, int]]] = {
    "dilation 2": ((2, 2, 7, 6), (3, 2, 3, 3), {"dilation": 2}),
    "dilation 3, 2x3": ((1, 2, 5, 8), (2, 2, 2, 3), {"dilation": 3}),
    "dilation 2, stride 2, padding 2": ((2, 2, 6, 7), (3, 2, 3, 3), {"dilation": 2, "stride": 2, "padding": 2}),
    "groups 2": ((2, 4, 5, 4), (6, 2, 3, 3), {"groups": 2}),
    "groups 3, 1x1": ((2, 6, 3, 2), (3, 2, 1, 1), {"groups": 3}),
    "depthwise": ((2, 3, 5, 5), (3, 1, 3, 3), {"groups": 3, "padding": 1}),
    "depthwise, two filters each": ((1, 3, 4, 5), (6, 1, 3, 2), {"groups": 3, "stride": 2}),
    "everything": ((2, 4, 9, 8), (6, 2, 3, 2), {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}),
    "everything, 2x3": ((1, 6, 8, 9), (3, 2, 2, 3), {"stride": 3, "padding": 2, "dilation": 3, "groups": 3}),
}


def convolutions() -> None:
    for case, (x, w, options) in (CONVOLUTIONS | ONLY_FAST).items():
        arrays = {"x": normal(*x), "w": normal(*w), "b": normal(w[0])}
        add("conv2d_forward", case, F.conv2d, arrays, ("x", "w", "b"), rng, **options)
    for case in ("plain", "3x2 on 7x4", "kernel larger than the image", "stride 3, padding 2"):
        x, w, options = CONVOLUTIONS[case]
        add("conv2d_naive", case, F.conv2d, {"x": normal(*x), "w": normal(*w), "b": normal(w[0])}, **options)

    def unfold(x: torch.Tensor, kh: int, kw: int, **options: int) -> torch.Tensor:
        return F.unfold(x, (kh, kw), **options).mT.reshape(-1, x.shape[1] * kh * kw)  # from (N, C·KH·KW, OH·OW)

    unfolded = ["plain", "1x1", "3x2 on 7x4", "1x4", "stride over the kernel", "left over", "padding over the kernel"]
    for case in [*unfolded, "kernel larger than the image", "stride 2, padding 1", "stride 3, padding 2"]:
        x, (_, _, kh, kw), options = CONVOLUTIONS[case]
        image = normal(*x)
        add("im2col", case, unfold, {"x": image}, kh=kh, kw=kw, **options)
        cols = torch.tensor(normal(*unfold(torch.tensor(image), kh, kw, **options).shape))
        back = F.fold(cols.reshape(x[0], -1, cols.shape[1]).mT, x[2:], (kh, kw), **options)
        given = {"kh": kh, "kw": kw} | options
        store("col2im", case, in_={"cols": cols, "x_shape": np.array(x)}, option=given, out={"out": back})


def relatives() -> None:
    def separable(x: Any, w_depth: Any, w_point: Any, **options: int) -> torch.Tensor:
        return F.conv2d(F.conv2d(x, w_depth, groups=x.shape[1], **options), w_point)

    for case, x, kernel, f, options in [
        ("plain", (2, 3, 5, 6), (3, 3), 4, {}),
        ("stride 2, padding 1", (1, 4, 6, 5), (3, 2), 2, {"stride": 2, "padding": 1}),
        ("one channel", (2, 1, 4, 4), (2, 2), 3, {"padding": 2}),
        ("one filter", (2, 3, 4, 4), (1, 4), 1, {"stride": 3}),
    ]:
        arrays = {"x": normal(*x), "w_depth": normal(x[1], 1, *kernel), "w_point": normal(f, x[1], 1, 1)}
        add("depthwise_separable_conv", case, separable, arrays, **options)

    for case, w, size, options in [
        ("plain", (2, 3, 3, 2), (4, 5), {}),
        ("stride 2, padding 1", (3, 2, 3, 3), (5, 4), {"stride": 2, "padding": 1}),
        ("stride 2, left over", (1, 1, 2, 2), (5, 5), {"stride": 2}),
        ("padding 2", (2, 1, 2, 3), (2, 2), {"padding": 2}),
        ("whole image", (2, 2, 3, 3), (3, 3), {}),
    ]:
        filters = torch.tensor(normal(*w))
        x = torch.zeros(1, w[1], *size, dtype=torch.float64)
        jacobian = torch.func.jacrev(lambda x, w=filters, o=options: F.conv2d(x, w, **o).ravel())(x)
        matrix = jacobian.reshape(len(jacobian), -1)
        given = {"h_in": size[0], "w_in": size[1]} | options
        store("conv_as_matrix", case, in_={"w": filters}, option=given, out={"out": matrix})

    for x, f in [((2, 3, 4, 5), 4), ((1, 1, 2, 2), 3), ((3, 4, 1, 1), 1)]:
        add("conv1x1", f"{x} {f}", F.conv2d, {"x": normal(*x), "w": normal(f, x[1], 1, 1), "b": normal(f)})

    for m, c, h, w in [(4, 2, 3, 2), (1, 3, 2, 2), (3, 1, 1, 1)]:
        dense = normal(c * h * w, m)
        x = torch.tensor(normal(5, c, h, w))
        filters = torch.tensor(dense).mT.unflatten(1, (c, h, w))
        assert torch.allclose(F.conv2d(x, filters).flatten(1), F.linear(x.flatten(1), torch.tensor(dense).mT))
        store("fc_as_conv", f"{m} {c} {h} {w}", in_={"W": dense}, option={"c": c, "h": h, "w": w}, out={"out": filters})

    for case, x, w, options in [
        ("plain", (2, 3, 4, 5), (3, 2, 3, 3), {}),
        ("stride 2", (1, 2, 3, 4), (2, 3, 3, 2), {"stride": 2}),
        ("stride 2, padding 1", (2, 2, 3, 3), (2, 4, 4, 4), {"stride": 2, "padding": 1}),
        ("stride over the kernel", (1, 1, 3, 2), (1, 2, 2, 2), {"stride": 3}),
        ("padding 2", (2, 3, 4, 4), (3, 2, 3, 4), {"padding": 2}),
        ("1x1", (2, 3, 2, 3), (3, 4, 1, 1), {}),
        ("one pixel", (1, 2, 1, 1), (2, 3, 4, 3), {"stride": 5, "padding": 1}),
    ]:
        arrays = {"x": normal(*x), "w": normal(*w), "b": normal(w[1])}
        add("transposed_conv2d", case, F.conv_transpose2d, arrays, **options)


# --- pooling --------------------------------------------------------------------------------------------------------


def pooling() -> None:
    cases: dict[str, tuple[np.ndarray, dict[str, int]]] = {
        "2 on 4x6": (normal(2, 3, 4, 6), {"kernel": 2}),
        "2 on 5x7": (normal(2, 2, 5, 7), {"kernel": 2}),
        "3, stride 2": (normal(2, 2, 7, 7), {"kernel": 3, "stride": 2}),
        "3, stride 2, left over": (normal(1, 2, 8, 6), {"kernel": 3, "stride": 2}),
        "3, stride 1": (normal(2, 1, 5, 4), {"kernel": 3, "stride": 1}),
        "2, stride 3": (normal(1, 2, 7, 8), {"kernel": 2, "stride": 3}),
        "1": (normal(2, 2, 3, 2), {"kernel": 1}),
        "1, stride 2": (normal(1, 2, 4, 5), {"kernel": 1, "stride": 2}),
        "whole image": (normal(2, 3, 3, 3), {"kernel": 3}),
        "all negative": (-1 - normal(2, 2, 4, 4) ** 2, {"kernel": 3, "stride": 1}),
        "ties": (rng.integers(0, 3, (3, 2, 6, 7)).astype(float), {"kernel": 3, "stride": 2}),
        "ties, overlapping": (rng.integers(0, 2, (3, 2, 5, 5)).astype(float), {"kernel": 2, "stride": 1}),
        "constant": (np.full((1, 2, 4, 4), -3.0), {"kernel": 2, "stride": 1}),
    }
    for case, (x, options) in cases.items():

        def pool(function: Any, x: torch.Tensor, kernel: int, stride: int | None = None) -> torch.Tensor:
            return function(x, kernel, stride)  # ties: the first, row by row, in torch too

        add("maxpool2d_forward", case, lambda *a, **o: pool(F.max_pool2d, *a, **o), {"x": x}, ("x",), rng, **options)
        if case not in ("ties", "ties, overlapping", "constant", "all negative"):
            add(
                "avgpool2d_forward", case, lambda *a, **o: pool(F.avg_pool2d, *a, **o), {"x": x}, ("x",), rng, **options
            )

    for shape in [(2, 3, 4, 5), (1, 1, 1, 1), (3, 2, 1, 4)]:
        arrays = {"x": normal(*shape)}
        add("global_avg_pool", str(shape), lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1), arrays)
        dout, x = normal(*shape[:2]), tensors(arrays, ("x",))["x"]
        (dx,) = torch.autograd.grad(F.adaptive_avg_pool2d(x, 1).flatten(1), x, torch.tensor(dout))
        given = {"dout": dout, "x_shape": np.array(shape)}
        store("global_avg_pool_backward", str(shape), in_=given, out={"out": dx})


# --- arithmetic -----------------------------------------------------------------------------------------------------


def sizes() -> None:
    for n, kernel, stride, padding, dilation in [
        (5, 3, 1, 0, 1),
        (7, 3, 2, 1, 1),
        (8, 3, 2, 1, 1),
        (227, 11, 4, 0, 1),
        (224, 7, 2, 3, 1),
        (10, 3, 1, 2, 2),
        (11, 4, 3, 2, 3),
        (1, 1, 5, 0, 9),
        (2, 5, 1, 2, 1),
        (6, 2, 5, 0, 3),
    ]:
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        given = {"n": n, "kernel": kernel} | {key: o for key, o in options.items() if o != (key != "padding")}
        out = F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, kernel), None, stride, padding, dilation)
        store("conv_output_size", str(given), option=given, out={"out": out.shape[2]})
    for n, kernel, dilation in [(5, 3, 1), (5, 4, 1), (1, 6, 1), (9, 3, 2), (6, 2, 3), (4, 1, 2), (7, 4, 3)]:
        weights = torch.arange(1.0, kernel + 1)[None, None]
        for at in range(n):  # torch knows "same" at stride 1; which tap of the first output sees which pixel says how
            impulse = torch.zeros(1, 1, n)
            impulse[..., at] = 1
            tap = int(F.conv1d(impulse, weights, padding="same", dilation=dilation)[0, 0, 0])
            if tap:
                before = dilation * (tap - 1) - at
        given = {"n": n, "kernel": kernel, "dilation": dilation}
        padded = {"before": before, "after": dilation * (kernel - 1) - before}
        store("same_padding", str(tuple(given.values())), option=given, out=padded)


def fields() -> None:
    """What one output sees: the pixels with a gradient, where weights and pixels are positive."""
    for layers in [
        [(3, 1, 0, 1)],
        [(3, 1, 1, 1), (3, 1, 1, 1)],
        [(5, 1, 0, 1), (2, 2, 0, 1), (5, 1, 0, 1), (2, 2, 0, 1)],
        [(7, 2, 3, 1), (3, 2, 1, 1), (3, 1, 1, 1)],
        [(3, 1, 2, 2), (3, 2, 1, 1), (2, 1, 0, 3)],
        [(4, 3, 1, 1), (1, 2, 0, 1), (3, 1, 4, 4)],
        [(2, 2, 0, 1)] * 4,
        [(1, 1, 0, 1)],
        [],
    ]:
        x = torch.ones(1, 1, 400, dtype=torch.float64, requires_grad=True)
        out = x
        for kernel, stride, padding, dilation in layers:
            out = F.conv1d(out, torch.ones(1, 1, kernel, dtype=torch.float64), None, stride, padding, dilation)
        middle = out.shape[2] // 2  # far from the padding
        seen = []
        for i in (middle, middle + 1):
            (gradient,) = torch.autograd.grad(out[0, 0, i], x, retain_graph=True)
            pixels = torch.nonzero(gradient[0, 0])
            seen.append((int(pixels[0]), int(pixels[-1]) + 1))
        (first, last), (following, _) = seen
        jump = following - first
        start = (first + last) / 2 - middle * jump
        given = {"layers": np.array(layers).reshape(-1, 4)}
        store("receptive_field", str(layers), in_=given, out={"size": last - first, "jump": jump, "start": start})


def costs() -> None:
    for c_in, c_out, k, h, w, groups in [
        (3, 64, 3, 8, 6, 1),
        (8, 12, 5, 1, 2, 4),
        (6, 6, 3, 4, 4, 6),
        (4, 2, 1, 3, 3, 1),
    ]:
        layer = nn.Conv2d(c_in, c_out, k, groups=groups, bias=False, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.fill_(1)
            out = layer(torch.ones(1, c_in, h + k - 1, w + k - 1, dtype=torch.float64))
        given = {"c_in": c_in, "c_out": c_out, "k": k, "h": h, "w": w, "groups": groups}
        found = {"params": layer.weight.numel(), "macs": int(out.sum())}  # each multiply-add added 1 · 1
        store("conv_cost", str(tuple(given.values())), option=given, out=found)
    for c_in, c_out, k in [(32, 64, 3), (3, 8, 5), (7, 1, 3), (4, 6, 1)]:
        parts = nn.Conv2d(c_in, c_in, k, groups=c_in, bias=False), nn.Conv2d(c_in, c_out, 1, bias=False)
        whole = nn.Conv2d(c_in, c_out, k, bias=False)
        ratio = sum(part.weight.numel() for part in parts) / whole.weight.numel()
        given = {"c_in": c_in, "c_out": c_out, "k": k}
        store("separable_saving", str(tuple(given.values())), option=given, out={"out": ratio})


def networks() -> None:
    for size, classes in [(32, 10), (37, 26)]:
        stages: dict[str, nn.Module] = {
            "C1": nn.LazyConv2d(6, 5),
            "S2": nn.AvgPool2d(2),
            "C3": nn.LazyConv2d(16, 5),
            "S4": nn.AvgPool2d(2),
            "C5": nn.LazyConv2d(120, 5),
            "F6": nn.Sequential(nn.Flatten(), nn.LazyLinear(84)),
            "output": nn.LazyLinear(classes),
        }
        x = torch.zeros(1, 1, size, size)
        found = {"input": np.array(x.shape[1:])}
        for name, stage in stages.items():
            x = stage(x)
            found[name] = np.array(x.shape[1:])
        store("lenet5_shapes", f"{size} {classes}", option={"size": size, "classes": classes}, out=found)

    def conv(filters: int, kernel: int, padding: int = 0, **options: int) -> nn.Module:
        return nn.LazyConv2d(filters, kernel, padding=padding, **options)

    def dense(*units: int) -> list[nn.Module]:
        return [nn.Flatten(), *map(nn.LazyLinear, units)]

    lenet = [conv(6, 5), nn.AvgPool2d(2), conv(16, 5), nn.AvgPool2d(2), conv(120, 5), *dense(84, 10)]
    alexnet = [conv(96, 11, stride=4), nn.MaxPool2d(3, 2), conv(256, 5, 2, groups=2), nn.MaxPool2d(3, 2)]
    alexnet += [conv(384, 3, 1), conv(384, 3, 1, groups=2), conv(256, 3, 1, groups=2), nn.MaxPool2d(3, 2)]
    vgg: list[nn.Module] = []
    for widths in ([64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3):
        vgg += [*(conv(filters, 3, 1) for filters in widths), nn.MaxPool2d(2)]
    models = {
        "lenet5": ((1, 32), lenet),
        "alexnet": ((3, 227), alexnet + dense(4096, 4096, 1000)),
        "vgg16": ((3, 224), vgg + dense(4096, 4096, 1000)),
    }
    for name, ((channels, size), modules) in models.items():
        nn.Sequential(*modules)(torch.zeros(1, channels, size, size))
        per_layer = [sum(p.numel() for p in module.parameters()) for module in modules]
        counts = np.array([count for count in per_layer if count])
        option = {"name": np.array(name)}
        store("count_parameters", name, option=option, out={"per_layer": counts, "total": counts.sum()})


if __name__ == "__main__":
    convolutions()
    relatives()
    pooling()
    sizes()
    fields()
    costs()
    networks()
    write(__file__)
