"""Writes activations.npz: inputs, outputs and gradients of the unit's functions as PyTorch and SciPy compute them.

    python tests/golden/make_activations.py

writing.py says how the file is laid out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.spatial.distance
import scipy.special
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from writing import add, store, table, write

rng = np.random.default_rng(20240101)

# Kinks, values where a naive formula overflows or cancels, and values far out.
SPECIAL = np.array([0.0, 1.0, -1.0, 1e-8, -1e-8, 0.5, -0.5, 5.0, -5.0, 30.0, -30.0, 750.0, -750.0, 1e4, -1e4])
INPUTS = {"special": SPECIAL, "2-D": 2 * rng.normal(size=(4, 5)), "4-D": 3 * rng.normal(size=(2, 3, 2, 2))}


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
            add(operation, f"{variant} {name}".strip(), function, {"x": x}, ("x",), rng, **options)
    for name, x in INPUTS.items():
        add("selu", name, F.selu, {"x": x})


def channels_and_pieces() -> None:
    for name, shape in {"(N, C)": (5, 3), "(N, C, H, W)": (2, 3, 2, 4), "C = 1": (4, 1), "N = 1": (1, 4)}.items():
        alpha = np.resize([0.25, -1.5, 2.0, 0.0], shape[1])
        x = 2 * rng.normal(size=shape)
        x.flat[0] = 0.0  # the kink
        x.flat[1:3] = -1e4, 1e4
        add("prelu", name, F.prelu, {"x": x, "alpha": alpha}, ("x", "alpha"), rng)

    def maxout(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (torch.einsum("nd,kdm->nkm", x, W) + b).max(dim=1).values

    for n, d, k, m in [(5, 4, 3, 2), (3, 2, 1, 4), (1, 3, 5, 1)]:
        inputs = {"x": rng.normal(size=(n, d)), "W": rng.normal(size=(k, d, m)), "b": rng.normal(size=(k, m))}
        add("maxout", f"N {n}, D {d}, k {k}, M {m}", maxout, inputs, inputs, rng)
    inputs = {"x": 1e4 * rng.normal(size=(3, 2)), "W": rng.normal(size=(4, 2, 3)), "b": rng.normal(size=(4, 3))}
    add("maxout", "large", maxout, inputs, inputs, rng)


def radial() -> None:
    for case, scale, gamma in [("usual", 1.0, 0.5), ("narrow", 1.0, 8.0), ("far apart", 1e4, 1.0)]:
        x, centers = scale * rng.normal(size=(5, 3)), scale * rng.normal(size=(4, 3))
        x[0] = centers[0]
        out = np.exp(-gamma * scipy.spatial.distance.cdist(x, centers, "sqeuclidean"))
        store("rbf", case, in_={"x": x, "centers": centers}, option={"gamma": gamma}, out={"out": out})


def along_an_axis() -> None:
    x2, x3 = 2 * rng.normal(size=(4, 5)), 3 * rng.normal(size=(2, 3, 4))
    large = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4 - 1, 1e4 - 40], [1e-8, -1e-8, 0.0]])
    cases = {"default": (x2, {}), "large": (large, {}), "large, axis 0": (large, {"axis": 0})}
    cases |= {f"3-D, axis {axis}": (x3, {"axis": axis}) for axis in (0, 1, 2, -2)}
    cases |= {"1-D": (x2[0], {}), "one element": (x2[:, :1], {})}

    def masked(x: torch.Tensor, mask: torch.Tensor, axis: int = -1) -> torch.Tensor:
        return torch.softmax(x.masked_fill(~mask, -torch.inf), dim=axis)

    for case, (x, options) in cases.items():
        add("softmax", case, lambda x, axis=-1: torch.softmax(x, dim=axis), {"x": x}, ("x",), rng, **options)
        add("log_softmax", case, lambda x, axis=-1: torch.log_softmax(x, dim=axis), {"x": x}, ("x",), rng, **options)
        add("logsumexp", case, lambda x, axis=-1: torch.logsumexp(x, dim=axis), {"x": x}, **options)
        # Keep at least one place along every axis: torch answers NaN where nothing is left.
        mask = (rng.random(x.shape) < 0.6) | (np.indices(x.shape).sum(axis=0) % min(x.shape) == 0)
        inputs = {"x": x, "mask": mask}
        add("masked_softmax", case, masked, inputs, **options)

    infinite = np.array([[-np.inf, -np.inf], [-np.inf, 1.0], [2.0, 3.0]])
    add("logsumexp", "minus infinity", lambda x: torch.logsumexp(x, dim=-1), {"x": infinite})


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
    write(__file__)
