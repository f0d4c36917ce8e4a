"""Writes activations.npz: inputs, outputs and gradients of the unit's functions as PyTorch and SciPy compute them.

Run by hand, from anywhere, where torch and scipy are installed (neither is needed to run the tests):

    python tests/golden/make_activations.py

The file is a flat table of float64 arrays (a mask is boolean). A key reads operation/case/role/name:

    gelu/tanh form/in/x            an array argument
    gelu/tanh form/option/approximate
    gelu/tanh form/out/out         the forward's result
    gelu/tanh form/cotangent/dout  random, so that a gradient of the wrong sign or scale cannot pass
    gelu/tanh form/grad/x          the gradient of sum(dout · out) with respect to x, by torch.autograd
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.spatial.distance
import scipy.special
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it

rng = np.random.default_rng(20240101)
table: dict[str, np.ndarray] = {}

# Kinks, values where a naive formula overflows or cancels, and values far out.
SPECIAL = np.array([0.0, 1.0, -1.0, 1e-8, -1e-8, 0.5, -0.5, 5.0, -5.0, 30.0, -30.0, 750.0, -750.0, 1e4, -1e4])
INPUTS = {"special": SPECIAL, "2-D": 2 * rng.normal(size=(4, 5)), "4-D": 3 * rng.normal(size=(2, 3, 2, 2))}


def add(
    operation: str,
    case: str,
    function: Callable[..., torch.Tensor],
    inputs: dict[str, np.ndarray],
    gradients: bool = True,
    fixed: tuple[str, ...] = (),
    **options: Any,
) -> None:
    """Store one case: call function(*inputs, **options) in torch and, if asked, differentiate it by its inputs.

    Inputs named in `fixed` (a mask) get no gradient.
    """
    tensors = {name: torch.tensor(value, requires_grad=name not in fixed) for name, value in inputs.items()}
    out = function(*tensors.values(), **options)
    stored: dict[str, Any] = {f"in/{name}": value for name, value in inputs.items()}
    stored |= {f"option/{name}": value for name, value in options.items()}
    stored["out/out"] = out.detach().numpy()
    if gradients:
        dout = rng.normal(size=tuple(out.shape))
        wanted = {name: tensor for name, tensor in tensors.items() if name not in fixed}
        found = torch.autograd.grad(out, list(wanted.values()), torch.tensor(dout))
        stored["cotangent/dout"] = dout
        stored |= {f"grad/{name}": gradient.numpy() for name, gradient in zip(wanted, found, strict=True)}
    table.update({f"{operation}/{case}/{key}": np.asarray(value) for key, value in stored.items()})


def elementwise() -> None:
    rows: list[tuple[str, str, Callable[..., torch.Tensor], dict[str, Any]]] = [
        ("sigmoid", "", torch.sigmoid, {}),
        ("tanh", "", torch.tanh, {}),
        ("relu", "", torch.relu, {}),
        ("leaky_relu", "default", lambda x: F.leaky_relu(x), {}),
        ("leaky_relu", "slope 0.2", lambda x, slope: F.leaky_relu(x, slope), {"slope": 0.2}),
        ("leaky_relu", "slope 3", lambda x, slope: F.leaky_relu(x, slope), {"slope": 3.0}),
        ("leaky_relu", "slope -1", lambda x, slope: F.leaky_relu(x, slope), {"slope": -1.0}),
        ("elu", "default", lambda x: F.elu(x), {}),
        ("elu", "alpha 0.3", lambda x, alpha: F.elu(x, alpha), {"alpha": 0.3}),
        # By default torch's softplus is the identity above 20, which is wrong by 2e-9 there.
        ("softplus", "", lambda x: F.softplus(x, threshold=700), {}),
        ("gelu", "default", lambda x: F.gelu(x), {}),
        ("gelu", "exact form", lambda x, approximate: F.gelu(x, approximate=approximate), {"approximate": "none"}),
        ("gelu", "tanh form", lambda x, approximate: F.gelu(x, approximate=approximate), {"approximate": "tanh"}),
        ("swish", "default", lambda x: F.silu(x), {}),
        ("swish", "beta 2.5", lambda x, beta: x * torch.sigmoid(beta * x), {"beta": 2.5}),
        ("swish", "beta -0.7", lambda x, beta: x * torch.sigmoid(beta * x), {"beta": -0.7}),
        ("hard_tanh", "default", lambda x: F.hardtanh(x), {}),
        ("hard_tanh", "limits", lambda x, low, high: F.hardtanh(x, low, high), {"low": -0.5, "high": 5.0}),
    ]
    for operation, variant, function, options in rows:
        for name, x in INPUTS.items():
            if name == "4-D" and options:
                continue  # once for each operation is enough
            add(operation, f"{variant} {name}".strip(), function, {"x": x}, **options)
    for name, x in INPUTS.items():
        add("selu", name, F.selu, {"x": x}, gradients=False)


def channels_and_pieces() -> None:
    for name, shape in {"(N, C)": (5, 3), "(N, C, H, W)": (2, 3, 2, 4), "C = 1": (4, 1), "N = 1": (1, 4)}.items():
        alpha = np.resize([0.25, -1.5, 2.0, 0.0], shape[1])
        x = 2 * rng.normal(size=shape)
        x.flat[0] = 0.0  # the kink
        x.flat[1:3] = -1e4, 1e4
        add("prelu", name, F.prelu, {"x": x, "alpha": alpha})

    def maxout(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (torch.einsum("nd,kdm->nkm", x, W) + b).max(dim=1).values

    for n, d, k, m in [(5, 4, 3, 2), (3, 2, 1, 4), (1, 3, 5, 1)]:
        inputs = {"x": rng.normal(size=(n, d)), "W": rng.normal(size=(k, d, m)), "b": rng.normal(size=(k, m))}
        add("maxout", f"N {n}, D {d}, k {k}, M {m}", maxout, inputs)
    inputs = {"x": 1e4 * rng.normal(size=(3, 2)), "W": rng.normal(size=(4, 2, 3)), "b": rng.normal(size=(4, 3))}
    add("maxout", "large", maxout, inputs)


def radial() -> None:
    for case, scale, gamma in [("usual", 1.0, 0.5), ("narrow", 1.0, 8.0), ("far apart", 1e4, 1.0)]:
        x, centers = scale * rng.normal(size=(5, 3)), scale * rng.normal(size=(4, 3))
        x[0] = centers[0]
        out = np.exp(-gamma * scipy.spatial.distance.cdist(x, centers, "sqeuclidean"))
        stored = {"in/x": x, "in/centers": centers, "option/gamma": np.asarray(gamma), "out/out": out}
        table.update({f"rbf/{case}/{key}": value for key, value in stored.items()})


def along_an_axis() -> None:
    x2, x3 = 2 * rng.normal(size=(4, 5)), 3 * rng.normal(size=(2, 3, 4))
    large = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4 - 1, 1e4 - 40], [1e-8, -1e-8, 0.0]])
    cases = {"default": (x2, {}), "large": (large, {}), "large, axis 0": (large, {"axis": 0})}
    cases |= {f"3-D, axis {axis}": (x3, {"axis": axis}) for axis in (0, 1, 2, -2)}
    cases |= {"1-D": (x2[0], {}), "one element": (x2[:, :1], {})}

    def masked(x: torch.Tensor, mask: torch.Tensor, axis: int = -1) -> torch.Tensor:
        return torch.softmax(x.masked_fill(~mask, -torch.inf), dim=axis)

    for case, (x, options) in cases.items():
        add("softmax", case, lambda x, axis=-1: torch.softmax(x, dim=axis), {"x": x}, **options)
        add("log_softmax", case, lambda x, axis=-1: torch.log_softmax(x, dim=axis), {"x": x}, **options)
        add("logsumexp", case, lambda x, axis=-1: torch.logsumexp(x, dim=axis), {"x": x}, gradients=False, **options)
        # Keep at least one place along every axis: torch answers NaN where nothing is left.
        mask = (rng.random(x.shape) < 0.6) | (np.indices(x.shape).sum(axis=0) % min(x.shape) == 0)
        inputs = {"x": x, "mask": mask}
        add("masked_softmax", case, masked, inputs, gradients=False, fixed=("mask",), **options)

    infinite = np.array([[-np.inf, -np.inf], [-np.inf, 1.0], [2.0, 3.0]])
    add("logsumexp", "minus infinity", lambda x: torch.logsumexp(x, dim=-1), {"x": infinite}, gradients=False)


def compare_with_scipy() -> None:
    """A second opinion on torch, so that the golden values are not one library's word."""
    second: dict[str, Callable[..., Any]] = {
        "sigmoid": lambda x, axis: scipy.special.expit(x),
        "softplus": lambda x, axis: scipy.special.softplus(x),
        "logsumexp": lambda x, axis: scipy.special.logsumexp(x, axis=axis),
        "softmax": lambda x, axis: scipy.special.softmax(x, axis=axis),
        "log_softmax": lambda x, axis: scipy.special.log_softmax(x, axis=axis),
    }
    for key in [key for key in table if key.endswith("/in/x")]:
        operation, case, *_ = key.split("/")
        if operation in second:
            axis = int(table.get(f"{operation}/{case}/option/axis", -1))
            expected = second[operation](table[key], axis)
            np.testing.assert_allclose(table[f"{operation}/{case}/out/out"], expected, rtol=1e-13, atol=1e-15)


if __name__ == "__main__":
    elementwise()
    channels_and_pieces()
    radial()
    along_an_axis()
    compare_with_scipy()
    path = Path(__file__).with_name("activations.npz")
    np.savez_compressed(path, **table)  # type: ignore[arg-type]
    print(f"{len(table)} arrays, {path.stat().st_size} bytes")
