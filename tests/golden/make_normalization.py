"""Writes normalization.npz: inputs, outputs and gradients of the unit's functions as PyTorch computes them.

    python tests/golden/make_normalization.py

writing.py says how the file is laid out.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights
from writing import Tensors, add, store, tensors, write

rng = np.random.default_rng(20240105)


def parameters(c: int, *names: str) -> dict[str, np.ndarray]:
    """gamma and beta, and what else is named; what is divided by is positive."""
    made = {name: rng.normal(size=c) for name in ("gamma", "beta", *names)}
    return {name: np.exp(value) if name in ("running_var", "running_std") else value for name, value in made.items()}


# --- batch normalization --------------------------------------------------------------------------------------------


def batch_norm(x: torch.Tensor, gamma: Any, beta: Any, running_mean: Any, running_var: Any, **options: Any) -> Tensors:
    running_mean, running_var = running_mean.clone(), running_var.clone()  # torch changes them in place
    given = {"training": True, "momentum": 0.1, "eps": 1e-5} | options
    out = F.batch_norm(x, running_mean, running_var, gamma, beta, **given)
    return {"out": out, "running_mean": running_mean, "running_var": running_var}


def batchnorm() -> None:
    constant = rng.normal(size=(5, 3))
    constant[:, 1] = 3.0
    cases: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "training": (rng.normal(size=(7, 4)), {}),
        "two samples": (rng.normal(size=(2, 3)), {}),
        "one feature": (rng.normal(size=(6, 1)), {"training": True}),
        "momentum 0.9": (rng.normal(size=(4, 3)), {"momentum": 0.9}),
        "momentum 0": (rng.normal(size=(4, 3)), {"momentum": 0.0}),
        "momentum 1": (rng.normal(size=(4, 3)), {"momentum": 1.0}),
        "eps 0.5": (rng.normal(size=(4, 3)), {"eps": 0.5, "momentum": 0.3}),
        "small x": (1e-3 * rng.normal(size=(5, 3)), {}),  # where eps is not small
        "mean 1e4": (rng.normal(loc=[1e4, -1e4, 1e4], size=(6, 3)), {}),
        "constant feature": (constant, {}),
        "evaluation": (rng.normal(size=(5, 4)), {"training": False}),
        "evaluation, one sample": (rng.normal(size=(1, 4)), {"training": False, "momentum": 0.5}),
        "evaluation, eps 0.5": (rng.normal(size=(3, 2)), {"training": False, "eps": 0.5}),
    }
    images: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
        "training": ((3, 2, 4, 5), {}),
        "one image": ((1, 3, 2, 2), {}),
        "one image of two pixels": ((1, 2, 1, 2), {}),
        "one pixel": ((4, 3, 1, 1), {}),
        "one channel": ((2, 1, 3, 3), {"momentum": 0.7, "eps": 0.1}),
        "evaluation": ((2, 3, 3, 2), {"training": False}),
        "evaluation, one pixel": ((1, 3, 1, 1), {"training": False, "eps": 0.5}),
    }
    names = ("running_mean", "running_var")
    for case, (x, options) in cases.items():
        inputs = {"x": x} | parameters(x.shape[1], *names)
        add("batchnorm_forward", case, batch_norm, inputs, ("x", "gamma", "beta"), rng, **options)
    for case, (shape, options) in images.items():
        inputs = {"x": rng.normal(size=shape)} | parameters(shape[1], *names)
        add("spatial_batchnorm_forward", case, batch_norm, inputs, ("x", "gamma", "beta"), rng, **options)


ORDER = ["beta", "gammax", "gamma", "xhat", "ivar", "xmu1", "sqrtvar", "var", "sq", "xmu2", "x1", "mu", "x2", "x"]


def steps() -> None:
    """Kratzert's graph; where two paths leave a node, each leaves from a clone, whose gradient is that path's."""
    cases = {
        "default": ((6, 4), {}),
        "two samples": ((2, 3), {}),
        "eps 0.3": ((5, 3), {"eps": 0.3}),
    }
    for case, (shape, options) in cases.items():
        arrays = {"dout": rng.normal(size=shape), "x": rng.normal(size=shape), "gamma": rng.normal(size=shape[1])}
        gamma = torch.tensor(arrays["gamma"], requires_grad=True)
        beta = torch.tensor(rng.normal(size=shape[1]), requires_grad=True)
        x = torch.tensor(arrays["x"], requires_grad=True)
        n: dict[str, torch.Tensor] = {"x1": x.clone(), "x2": x.clone()}
        n["mu"] = n["x2"].mean(0)
        n["xmu"] = n["x1"] - n["mu"]
        n["xmu1"], n["xmu2"] = n["xmu"].clone(), n["xmu"].clone()
        n["sq"] = n["xmu2"] ** 2
        n["var"] = n["sq"].mean(0)
        n["sqrtvar"] = torch.sqrt(n["var"] + options.get("eps", 1e-5))
        n["ivar"] = 1 / n["sqrtvar"]
        n["xhat"] = n["xmu1"] * n["ivar"]
        n["gammax"] = gamma * n["xhat"]
        for node in n.values():
            node.retain_grad()
        out = n["gammax"] + beta
        same = F.batch_norm(x, None, None, gamma, beta, training=True, eps=options.get("eps", 1e-5))
        assert torch.allclose(out, same, rtol=1e-12, atol=1e-12)
        out.backward(torch.tensor(arrays["dout"]))
        n |= {"x": x, "gamma": gamma, "beta": beta}
        grads = {f"d{key}": n[key].grad for key in ORDER}
        store("batchnorm_backward_steps", case, in_=arrays, option=options, out=grads)


def statistics() -> None:
    for k, m, d in [(5, 4, 3), (1, 2, 2), (8, 16, 1)]:
        batches = torch.tensor(rng.normal(size=(k, m, d)))
        var, mean = torch.var_mean(batches, dim=1, correction=0)
        out = {"mean": batches.mean((0, 1)), "var": batches.var(dim=1, correction=1).mean(0)}
        store(
            "population_statistics",
            f"{k} of {m}",
            in_={"batch_means": mean, "batch_vars": var},
            option={"m": m},
            out=out,
        )
    for counts, offset in [((4, 4, 4), 0.0), ((1, 2, 9), 0.0), ((3, 1, 5), 1e4), ((7,), 0.0), ((1, 1, 1, 1), 0.0)]:
        parts = [torch.tensor(rng.normal(loc=offset + i, scale=1 + i, size=(n, 3))) for i, n in enumerate(counts)]
        var, mean = torch.var_mean(torch.cat(parts), dim=0, correction=0)
        each = [torch.var_mean(part, dim=0, correction=0) for part in parts]
        arrays = {"means": torch.stack([m for _, m in each]), "variances": torch.stack([v for v, _ in each])}
        case = f"{counts}, mean {offset:g}"
        store(
            "merge_batch_statistics",
            case,
            in_=arrays | {"counts": torch.tensor(counts)},
            out={"mean": mean, "var": var},
        )


def fold() -> None:
    cases = [("dense", (5, 3), {}), ("dense, square", (4, 4), {"eps": 0.2}), ("dense, one", (3, 1), {})]
    cases += [
        ("conv", (4, 3, 2, 2), {}),
        ("conv, equal axes", (3, 3, 3, 3), {"eps": 0.2}),
        ("conv, 1x1", (2, 5, 1, 1), {}),
    ]
    for case, shape, options in cases:
        dense = len(shape) == 2
        m = shape[1] if dense else shape[0]
        arrays = {"W": rng.normal(size=shape), "b": rng.normal(size=m)} | parameters(m, "mean")
        arrays["var"] = np.exp(rng.normal(size=m))
        t = tensors(arrays)
        fuse = fuse_linear_bn_weights if dense else fuse_conv_bn_weights
        W, b = fuse(
            t["W"].T if dense else t["W"], t["b"], t["mean"], t["var"], options.get("eps", 1e-5), t["gamma"], t["beta"]
        )
        store("fold_batchnorm", case, in_=arrays, option=options, out={"W": W.T if dense else W, "b": b})


# --- the others -----------------------------------------------------------------------------------------------------


def others() -> None:
    for shape in [(5,), (4, 6), (2, 3, 4), (2, 2, 3, 5), (3, 1)]:
        options = {"eps": 0.3} if shape == (2, 2, 3, 5) else {}
        d = shape[-1]
        case = f"{shape} {options}" + (", mean 1e4" if shape == (4, 6) else "")
        x = rng.normal(size=shape) + (1e4 if shape == (4, 6) else 0.7)
        add(
            "layernorm_forward",
            case,
            lambda x, gamma, beta, eps=1e-5: {"out": F.layer_norm(x, x.shape[-1:], gamma, beta, eps)},
            {"x": x} | parameters(d),
            ("x", "gamma", "beta"),
            rng,
            **options,
        )
        add(
            "rmsnorm_forward",
            case,
            lambda x, gamma, eps=1e-5: {"out": F.rms_norm(x, x.shape[-1:], gamma, eps)},
            {"x": rng.normal(size=shape) + 0.7, "gamma": rng.normal(size=d)},
            ("x", "gamma"),
            rng,
            **options,
        )
    for shape, groups, options in [
        ((3, 4, 2, 3), 2, {}),
        ((2, 6, 3, 3), 3, {"eps": 0.3}),
        ((2, 6, 1, 1), 2, {}),
        ((1, 4, 2, 2), 1, {}),
        ((2, 4, 3, 2), 4, {}),
        ((2, 1, 3, 2), 1, {}),
    ]:
        add(
            "groupnorm_forward",
            f"{shape} {groups} {options}",
            lambda x, gamma, beta, groups, eps=1e-5: {"out": F.group_norm(x, groups, gamma, beta, eps)},
            {"x": rng.normal(size=shape) + 0.7} | parameters(shape[1]),
            ("x", "gamma", "beta"),
            rng,
            groups=groups,
            **options,
        )
    for shape, options in [((3, 4, 2, 3), {}), ((1, 2, 5, 1), {}), ((2, 3, 3, 3), {"eps": 0.3})]:
        add(
            "instancenorm_forward",
            f"{shape} {options}",
            lambda x, gamma, beta, eps=1e-5: {"out": F.instance_norm(x, weight=gamma, bias=beta, eps=eps)},
            {"x": rng.normal(size=shape) + 0.7} | parameters(shape[1]),
            **options,
        )
    for d, m in [(4, 3), (1, 3), (5, 1)]:
        add(
            "weight_norm",
            f"{d} {m}",
            lambda v, g: {"out": torch._weight_norm(v, g[None], dim=1)},
            {"v": rng.normal(size=(d, m)), "g": rng.normal(size=m)},
            ("v", "g"),
            rng,
        )


def renorm() -> None:
    def batch_renorm(
        x: torch.Tensor,
        gamma: torch.Tensor,
        beta: torch.Tensor,
        running_mean: torch.Tensor,
        running_std: torch.Tensor,
        r_max: float,
        d_max: float,
        training: bool = True,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Tensors:
        """Ioffe 2017, algorithm 1."""
        mean, std = x.mean(0), torch.sqrt(x.var(0, correction=0) + eps)
        r = torch.clamp(std / running_std, 1 / r_max, r_max).detach()
        d = torch.clamp((mean - running_mean) / running_std, -d_max, d_max).detach()
        xhat = (x - mean) / std * r + d if training else (x - running_mean) / running_std
        moved = {"running_mean": torch.lerp(running_mean, mean, momentum)}
        moved["running_std"] = torch.lerp(running_std, std, momentum)
        if not training:
            moved = {"running_mean": running_mean, "running_std": running_std}
        return {"out": gamma * xhat + beta} | moved

    cases: dict[str, tuple[int, dict[str, Any]]] = {
        "some clipped": (8, {"r_max": 1.3, "d_max": 0.3}),
        "none clipped": (8, {"r_max": 1e3, "d_max": 1e3}),
        "batch norm": (8, {"r_max": 1.0, "d_max": 0.0}),
        "two samples": (2, {"r_max": 3.0, "d_max": 5.0}),
        "one sample": (1, {"r_max": 3.0, "d_max": 5.0}),
        "momentum 0.6, eps 0.4": (5, {"r_max": 1.5, "d_max": 0.5, "momentum": 0.6, "eps": 0.4}),
        "evaluation": (4, {"r_max": 1.5, "d_max": 0.5, "training": False}),
        "evaluation, one sample": (1, {"r_max": 1.5, "d_max": 0.5, "training": False, "eps": 0.4}),
    }
    for case, (n, options) in cases.items():
        inputs = {"x": rng.normal(size=(n, 6))} | parameters(6, "running_mean", "running_std")
        add("batch_renorm_forward", case, batch_renorm, inputs, ("x", "gamma", "beta"), rng, **options)


def scales() -> None:
    for scale in (2.0, 0.1):
        arrays = {"W": rng.normal(size=(4, 3)), "x": rng.normal(size=(6, 4)), "dout": rng.normal(size=(6, 3))}
        t = tensors(arrays)
        out = {}
        for name, factor in {"grad_at_W": 1.0, "grad_at_scaled_W": scale}.items():
            W = (factor * t["W"]).requires_grad_()
            z = t["x"] @ W
            zhat = (z - z.mean(0)) / z.std(0, correction=0)  # F.batch_norm wants a positive eps
            (out[name],) = torch.autograd.grad(zhat, W, t["dout"])
        store("bn_scale_gradients", f"scale {scale}", in_=arrays, option={"scale": scale}, out=out)


def counts() -> None:
    c, groups = 6, 3
    modules = {
        "batch": torch.nn.BatchNorm2d(c),
        "layer": torch.nn.LayerNorm(c),
        "group": torch.nn.GroupNorm(groups, c),
        "instance": torch.nn.InstanceNorm2d(c, affine=True),
        "rms": torch.nn.RMSNorm(c),
    }
    for kind, module in modules.items():
        options: dict[str, Any] = {"kind": kind, "channels": c} | ({"groups": groups} if kind == "group" else {})
        buffers = sum(b.numel() for name, b in module.named_buffers() if name != "num_batches_tracked")
        out = {"parameters": sum(p.numel() for p in module.parameters()), "buffers": buffers}
        store("norm_parameter_count", f"{kind} {c}", option=options, out=out)


if __name__ == "__main__":
    batchnorm()
    steps()
    statistics()
    fold()
    others()
    renorm()
    scales()
    counts()
    write(__file__)
