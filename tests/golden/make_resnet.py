"""Writes resnet.npz: inputs, outputs and gradients of the unit's functions and of its given layers, by PyTorch.

    python tests/golden/make_resnet.py

writing.py says how the file is laid out. An array of a dictionary is named after both, "params w1", and one of a list
of dictionaries "layers 0 w".
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from torch import nn
from writing import add, gradients, store, tensors, write

rng = np.random.default_rng(20240110)
Arrays = dict[str, np.ndarray]
Tensor = torch.Tensor


def normalization(c: int, suffix: str = "") -> Arrays:
    """What a batch normalization learns, and a mean and a positive variance."""
    gamma, beta, mean, log_var = rng.normal(size=(4, c))
    return {f"gamma{suffix}": gamma, f"beta{suffix}": beta, f"mean{suffix}": mean, f"var{suffix}": np.exp(log_var)}


def bn(x: Tensor, p: dict[str, Tensor], i: str, training: bool) -> Tensor:
    mean, var = p[f"mean{i}"].clone(), p[f"var{i}"].clone()  # torch changes them in place
    return F.batch_norm(x, mean, var, p[f"gamma{i}"], p[f"beta{i}"], training=training, eps=1e-5)


def add_block(
    operation: str,
    case: str,
    block: Callable[..., Any],
    x: np.ndarray,
    params: Arrays,
    learnt: Iterable[str] = (),
    **options: Any,
) -> None:
    """A case of block(x, params, …), differentiated with respect to x and what is learnt."""
    inputs = {"x": x} | {f"params {key}": value for key, value in params.items()}
    wrt = [f"params {key}" for key in learnt]

    def function(x: Tensor, *values: Tensor, **options: Any) -> Any:
        return block(x, dict(zip(params, values, strict=True)), **options)

    add(operation, case, function, inputs, ("x", *wrt) if wrt else (), rng, **options)


# --- the given layers -----------------------------------------------------------------------------------------------


def layers() -> None:
    def convolution(x: Tensor, w: Tensor, stride: int = 1, padding: int = 0, groups: int = 1) -> Tensor:
        return F.conv2d(x, w, stride=stride, padding=padding, groups=groups)

    cases: dict[str, tuple[tuple[int, ...], tuple[int, ...], dict[str, int]]] = {
        "3x3": ((2, 3, 5, 4), (4, 3, 3, 3), {"padding": 1}),
        "1x1": ((2, 3, 3, 2), (4, 3, 1, 1), {}),
        "1x1, padded": ((1, 2, 2, 3), (2, 2, 1, 1), {"stride": 2, "padding": 2}),
        "stride 2": ((2, 2, 7, 6), (3, 2, 3, 3), {"stride": 2, "padding": 1}),
        "stride 3, a row left over": ((1, 2, 7, 8), (2, 2, 3, 3), {"stride": 3}),
        "not square": ((2, 2, 6, 7), (3, 2, 3, 2), {"stride": 2, "padding": 2}),
        "kernel as large as x": ((2, 2, 3, 4), (3, 2, 3, 4), {}),
        "groups": ((2, 4, 3, 4), (6, 2, 3, 3), {"padding": 1, "groups": 2}),
        "depthwise": ((2, 2, 4, 5), (4, 1, 3, 3), {"stride": 2, "padding": 1, "groups": 2}),
    }
    for case, (shape, filters, options) in cases.items():
        arrays = {"x": rng.normal(size=shape), "w": rng.normal(size=filters)}
        add("conv", case, convolution, arrays, ("x", "w"), rng, **options)

    def batchnorm(x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor, training: bool) -> Tensor:
        return bn(x, {"gamma": gamma, "beta": beta, "mean": mean, "var": var}, "", training)

    for shape in [(2, 2, 3, 2), (4, 2, 1, 1)]:
        for training in (True, False):
            arrays = {"x": rng.normal(size=shape) + 2} | normalization(shape[1])
            add("batchnorm", f"{shape} {training}", batchnorm, arrays, ("x", "gamma", "beta"), rng, training=training)


# --- blocks ---------------------------------------------------------------------------------------------------------


def residual_block(x: Tensor, p: dict[str, Tensor], stride: int = 1, training: bool = True) -> Tensor:
    h = F.relu(bn(F.conv2d(x, p["w1"], stride=stride, padding=1), p, "1", training))
    h = bn(F.conv2d(h, p["w2"], padding=1), p, "2", training)
    shortcut = bn(F.conv2d(x, p["ws"], stride=stride), p, "s", training) if "ws" in p else x
    return F.relu(h + shortcut)


def bottleneck(x: Tensor, p: dict[str, Tensor], stride: int = 1, training: bool = True) -> Tensor:
    h = F.relu(bn(F.conv2d(x, p["w1"]), p, "1", training))
    h = F.relu(bn(F.conv2d(h, p["w2"], stride=stride, padding=1), p, "2", training))
    h = bn(F.conv2d(h, p["w3"]), p, "3", training)
    shortcut = bn(F.conv2d(x, p["ws"], stride=stride), p, "s", training) if "ws" in p else x
    return F.relu(h + shortcut)


def preact_block(x: Tensor, p: dict[str, Tensor], stride: int = 1, training: bool = True) -> Tensor:
    a = F.relu(bn(x, p, "1", training))
    h = F.relu(bn(F.conv2d(a, p["w1"], stride=stride, padding=1), p, "2", training))
    shortcut = F.conv2d(a, p["ws"], stride=stride) if "ws" in p else x
    return shortcut + F.conv2d(h, p["w2"], padding=1)


def resnext(x: Tensor, p: dict[str, Tensor], cardinality: int) -> Tensor:
    """Split, transform, merge: a sum of paths, each a bottleneck of its own."""
    d = len(p["w1"]) // cardinality
    total = x
    for g in range(cardinality):
        own = slice(g * d, (g + 1) * d)
        h = F.relu(F.conv2d(x, p["w1"][own]))
        h = F.relu(F.conv2d(h, p["w2"][own], padding=1))
        total = total + F.conv2d(h, p["w3"][:, own])
    return F.relu(total)


def weights(*shapes: tuple[str, tuple[int, ...]]) -> Arrays:
    return {name: rng.normal(size=shape) / np.sqrt(np.prod(shape[1:])) for name, shape in shapes}


def blocks() -> None:
    for shape, f, stride in [
        ((2, 3, 4, 3), 3, 1),  # the shortcut is x
        ((2, 3, 5, 4), 2, 2),
        ((2, 2, 3, 3), 3, 1),
        ((1, 2, 7, 5), 1, 3),
    ]:
        c, projected = shape[1], stride > 1 or f != shape[1]
        for training in (True, False):
            case = f"{c} to {f}, stride {stride}" + ("" if training else ", evaluation")
            options = ({"stride": stride} if stride > 1 else {}) | ({} if training else {"training": False})
            x = rng.normal(size=shape)
            ws = weights(("ws", (f, c, 1, 1))) if projected else {}
            s = normalization(f, "s") if projected else {}
            params = weights(("w1", (f, c, 3, 3)), ("w2", (f, f, 3, 3)))
            params |= normalization(f, "1") | normalization(f, "2") | ws | s
            learnt = [key for key in params if not key.startswith(("mean", "var"))]
            add_block("residual_block_forward", case, residual_block, x, params, learnt, **options)

            if len(x) == 1 or (stride == 1 and projected):
                continue
            m = 2
            params = weights(("w1", (m, c, 1, 1)), ("w2", (m, m, 3, 3)), ("w3", (f, m, 1, 1)))
            params |= normalization(m, "1") | normalization(m, "2") | normalization(f, "3") | ws | s
            add_block("bottleneck_forward", case, bottleneck, x, params, **options)

            params = weights(("w1", (f, c, 3, 3)), ("w2", (f, f, 3, 3)))
            params |= normalization(c, "1") | normalization(f, "2") | ws
            add_block("preact_block_forward", case, preact_block, x, params, **options)

    for shape, d, cardinality in [
        ((2, 3, 4, 5), 8, 4),
        ((1, 2, 3, 3), 6, 2),
        ((2, 2, 3, 4), 4, 4),
        ((2, 3, 4, 4), 2, 1),
    ]:
        c = shape[1]
        params = weights(("w1", (d, c, 1, 1)), ("w2", (d, d // cardinality, 3, 3)), ("w3", (c, d, 1, 1)))
        x = rng.normal(size=shape)
        add_block("resnext_block", f"{shape} {d} {cardinality}", resnext, x, params, cardinality=cardinality)


def inception(x: Tensor, p: dict[str, Tensor]) -> Tensor:
    one = F.relu(F.conv2d(x, p["w1"], p["b1"]))
    three = F.relu(F.conv2d(F.relu(F.conv2d(x, p["w3r"], p["b3r"])), p["w3"], p["b3"], padding=1))
    five = F.relu(F.conv2d(F.relu(F.conv2d(x, p["w5r"], p["b5r"])), p["w5"], p["b5"], padding=2))
    pool = F.relu(F.conv2d(F.max_pool2d(x, 3, stride=1, padding=1), p["wp"], p["bp"]))
    return torch.cat([one, three, five, pool], dim=1)


def transition(x: Tensor, p: dict[str, Tensor]) -> Tensor:
    h = F.relu(F.batch_norm(x, None, None, p["gamma"], p["beta"], training=True))
    return F.avg_pool2d(F.conv2d(h, p["w"]), 2)


def families() -> None:
    for shape, (f1, r3, f3, r5, f5, fp) in [
        ((2, 3, 5, 4), (2, 3, 4, 2, 3, 1)),
        ((1, 2, 1, 1), (1, 2, 2, 1, 1, 2)),
        ((2, 2, 2, 6), (3, 1, 1, 2, 2, 2)),
    ]:
        c = shape[1]
        params = weights(("w1", (f1, c, 1, 1)), ("w3r", (r3, c, 1, 1)), ("w3", (f3, r3, 3, 3)))
        params |= weights(("w5r", (r5, c, 1, 1)), ("w5", (f5, r5, 5, 5)), ("wp", (fp, c, 1, 1)))
        params |= {f"b{key[1:]}": rng.normal(size=len(w)) for key, w in params.items()}
        add_block("inception_v1", str(shape), inception, rng.normal(size=shape), params)
    params = {f"w{key}": np.ones((1, 1, k, k)) for key, k in {"1": 1, "3r": 1, "3": 3, "5r": 1, "5": 5, "p": 1}.items()}
    params |= {f"b{key[1:]}": np.full(1, 9.0) for key in params}
    x = rng.normal(size=(2, 1, 3, 4)) - 5  # where padding with zeros would win every maximum at the edge
    add_block("inception_v1", "negative x", inception, x, params)

    for shape, growth, count in [((2, 3, 4, 3), 2, 3), ((3, 2, 2, 2), 1, 1), ((2, 1, 1, 1), 3, 2)]:
        arrays = {"x": rng.normal(size=shape) + 1}
        for i in range(count):
            c = shape[1] + i * growth
            gamma, beta = rng.normal(size=(2, c))
            w = rng.normal(size=(growth, c, 3, 3))
            arrays |= {f"layers {i} gamma": gamma, f"layers {i} beta": beta, f"layers {i} w": w}

        def dense(x: Tensor, *values: Tensor) -> Tensor:
            for gamma, beta, w in zip(values[::3], values[1::3], values[2::3], strict=True):
                h = F.relu(F.batch_norm(x, None, None, gamma, beta, training=True))
                x = torch.cat([x, F.conv2d(h, w, padding=1)], dim=1)
            return x

        add("dense_block", f"{shape} {growth} {count}", dense, arrays)
    for shape, f in [((2, 4, 4, 6), 2), ((2, 3, 5, 3), 4), ((3, 2, 2, 2), 1)]:
        gamma, beta = rng.normal(size=(2, shape[1]))
        params = {"gamma": gamma, "beta": beta, "w": rng.normal(size=(f, shape[1], 1, 1))}
        add_block("transition", f"{shape} to {f}", transition, rng.normal(size=shape) + 1, params)
    for shape, r in [((2, 4, 3, 2), 2), ((3, 2, 1, 1), 1), ((1, 6, 2, 5), 3)]:
        c = shape[1]
        arrays = {"x": rng.normal(size=shape), "W1": rng.normal(size=(c, r)), "b1": rng.normal(size=r)}
        arrays |= {"W2": rng.normal(size=(r, c)), "b2": rng.normal(size=c)}

        def squeeze_excite(x: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
            s = F.adaptive_avg_pool2d(x, 1).flatten(1)
            return x * torch.sigmoid(F.linear(F.relu(F.linear(s, W1.T, b1)), W2.T, b2))[:, :, None, None]

        add("se_block", f"{shape} {r}", squeeze_excite, arrays)


# --- counts ---------------------------------------------------------------------------------------------------------


def conv_bn(c_in: int, c_out: int, k: int, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(c_in, c_out, k, groups=groups, bias=False), nn.BatchNorm2d(c_out))


def trunk(stages: Iterable[int], expansion: int, groups: int = 1, base: int = 64) -> nn.Module:
    """A ResNet's modules, as torchvision parametrizes them: the width per group is base for 64 planes."""
    modules: list[nn.Module] = [conv_bn(3, 64, 7)]
    c = 64
    for stage, count in enumerate(stages):
        planes = 64 * 2**stage
        width = planes * base // 64 * groups if expansion == 4 else planes
        for block in range(count):
            if expansion == 1:
                modules += [conv_bn(c, planes, 3), conv_bn(planes, planes, 3)]
            else:
                modules += [conv_bn(c, width, 1), conv_bn(width, width, 3, groups), conv_bn(width, 4 * planes, 1)]
            if block == 0 and (stage > 0 or expansion == 4):
                modules += [conv_bn(c, expansion * planes, 1)]
            c = expansion * planes
    return nn.Sequential(*modules, nn.Linear(c, 1000))


def densenet121() -> nn.Module:
    modules: list[nn.Module] = [conv_bn(3, 64, 7)]
    c = 64
    for i, count in enumerate((6, 12, 24, 16)):
        for _ in range(count):
            modules += [nn.BatchNorm2d(c), conv_bn(c, 128, 1), nn.Conv2d(128, 32, 3, bias=False)]
            c += 32
        modules += [nn.BatchNorm2d(c)]
        if i < 3:
            modules += [nn.Conv2d(c, c // 2, 1, bias=False)]
            c //= 2
    return nn.Sequential(*modules, nn.Linear(c, 1000))


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def counts() -> None:
    stages = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
    with torch.device("meta"):
        for depth, blocks in stages.items():
            total = count(trunk(blocks, 1 if depth < 50 else 4))
            store("resnet_parameters", str(depth), option={"depth": depth}, out={"total": total})
        store("densenet121_parameters", "total", out={"total": count(densenet121())})
        store("resnext50_parameters", "total", out={"total": count(trunk((3, 4, 6, 3), 4, groups=32, base=4))})
        for k in (3, 5, 7, 11):
            stack = nn.ModuleList(nn.Conv2d(1, 1, 3, bias=False) for _ in range(k // 2))
            pair = nn.ModuleList(nn.Conv2d(1, 1, shape, bias=False) for shape in ((1, k), (k, 1)))
            out = {"one": count(nn.Conv2d(1, 1, k, bias=False)), "stack": count(stack), "pair": count(pair)}
            store("factorized_cost", str(k), option={"k": k}, out=out)


# --- gradients through many blocks ----------------------------------------------------------------------------------


def chains() -> None:
    for depth, d in [(1, 3), (2, 3), (5, 4), (3, 1)]:
        jacobians = [rng.normal(size=(d, d)) for _ in range(depth)]

        def chain(x: Tensor, jacobians: list[np.ndarray] = jacobians) -> Tensor:
            for J in jacobians:
                x = x + torch.tensor(J) @ x
            return x

        found = torch.autograd.functional.jacobian(chain, torch.tensor(rng.normal(size=d)))
        store("identity_gradient", f"{depth} of {d}", in_={"branch_jacobians": jacobians}, out={"gradient": found})
    for depth, width in [(0, 4), (1, 5), (3, 8), (10, 16), (30, 6)]:
        draw = np.random.default_rng(3)  # the generator that the tests give where a row names none
        start = draw.standard_normal(width)
        layers = [torch.tensor(draw.standard_normal((width, width)) / np.sqrt(width)) for _ in range(depth)]
        norms: dict[str, Tensor] = {}
        for name in ("plain", "residual"):
            x = tensors({"x": start}, ["x"])["x"]
            h = x
            for W in layers:
                h = F.relu(W @ h) + (h if name == "residual" else 0)
            norms[name] = torch.linalg.vector_norm(gradients(h.sum(), {"x": x})["x"])
        store("gradient_norm_plain_vs_residual", f"{depth} {width}", option={"depth": depth, "width": width}, out=norms)


if __name__ == "__main__":
    layers()
    blocks()
    families()
    counts()
    chains()
    write(__file__)
