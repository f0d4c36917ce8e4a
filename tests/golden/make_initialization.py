"""Writes initialization.npz: what the unit's functions return, as PyTorch and SciPy compute it.

    python tests/golden/make_initialization.py

writing.py says how the file is laid out. Two roles more are here:

    xavier_normal/dense/law/below      of what is random: two rows, places and the probability to be below each of them
    xavier_normal/dense/law/moments    the mean square of an entry, the mean fourth power, and the largest value
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from torch.nn import init
from writing import store, table, tensors, write

rng = np.random.default_rng(20240104)
ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


# --- data -----------------------------------------------------------------------------------------------------------


def scaling() -> None:
    constant = rng.normal(size=(6, 3))
    constant[:, 1] = 3.0
    cases = {
        "usual": (rng.normal(loc=2, scale=3, size=(8, 4)), rng.normal(loc=5, size=(5, 4))),
        "constant feature": (constant, rng.normal(size=(3, 3))),
        "mean 1e4": (rng.normal(loc=[1e4, -1e4], size=(7, 2)), rng.normal(loc=1e4, size=(2, 2))),
        "one row": (rng.normal(size=(1, 3)), rng.normal(size=(2, 3))),
    }
    for case, (train, test) in cases.items():
        a, b = torch.tensor(train), torch.tensor(test)
        arrays = {"X_train": train, "X_test": test}
        for options in ({}, {"eps": 0.5}):
            var, mean = torch.var_mean(a, dim=0, correction=0)
            scale = var.sqrt() + options.get("eps", 1e-8)
            out = {"X_train": (a - mean) / scale, "X_test": (b - mean) / scale}
            store("standardize", f"{case} {options}", in_=arrays, option=options, out=out)
        low, high = torch.aminmax(a, dim=0)
        width = torch.where(high == low, torch.ones_like(low), high - low)
        out = {"X_train": (a - low) / width, "X_test": (b - low) / width}
        store("min_max_scale", case, in_=arrays, out=out)


def means() -> None:
    cases = {
        "floats": rng.normal(size=(4, 3, 2, 5)),
        "one image": rng.normal(size=(1, 2, 3, 3)),
        "bytes": rng.integers(0, 256, size=(5, 3, 4, 2)).astype(np.uint8),
    }
    for case, X in cases.items():
        t = torch.tensor(X).double()
        image, channel = t.mean(0), F.adaptive_avg_pool2d(t, 1).mean((0, 2, 3))
        store("subtract_mean_image", case, in_={"X": X}, out={"centred": t - image, "mean": image})
        out = {"centred": t - channel.view(1, -1, 1, 1), "mean": channel}
        store("subtract_channel_mean", case, in_={"X": X}, out=out)


def components() -> None:
    """By the eigenvectors of the covariance, which is another way than the singular value decomposition."""
    cases = {
        "tall": (rng.normal(size=(9, 4)) @ rng.normal(size=(4, 4)) + 5, [1, 2, 4]),
        "wide": (rng.normal(size=(4, 7)), [1, 3]),
        "square": (rng.normal(size=(3, 3)), [2]),
        "one feature": (rng.normal(size=(5, 1)), [1]),
        "mean 1e4": (rng.normal(size=(12, 3)) * [1, 2, 4] + 1e4, [3]),
    }
    for case, (X, ks) in cases.items():
        t = torch.tensor(X)
        cov = torch.atleast_2d(torch.cov(t.T, correction=0))
        values, vectors = torch.linalg.eigh(cov)
        values, V = values.flip(0), vectors.flip(1)  # falling
        V = V * V.gather(0, V.abs().argmax(0, keepdim=True)).sign()
        Z = (t - t.mean(0)) @ V
        for k in ks:
            out = {"Z": Z[:, :k], "components": V.T[:k], "explained": values[:k] / torch.trace(cov)}
            store("pca", f"{case}, k {k}", in_={"X": X}, option={"k": k}, out=out)
        if len(X) > X.shape[1]:
            for options in ({}, {"eps": 0.3}):
                wide = cov.numpy() + options.get("eps", 1e-5) * np.eye(len(V))
                root = torch.tensor(np.linalg.inv(scipy.linalg.sqrtm(wide)))
                scale = 1 / torch.sqrt(values + options.get("eps", 1e-5))
                store("pca_whiten", f"{case} {options}", in_={"X": X}, option=options, out={"out": Z * scale})
                store(
                    "zca_whiten", f"{case} {options}", in_={"X": X}, option=options, out={"out": (t - t.mean(0)) @ root}
                )


# --- weights --------------------------------------------------------------------------------------------------------


def in_torch(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape in which torch keeps such weights: dense ones are the other way round."""
    return shape[::-1] if len(shape) == 2 else shape


def fans() -> None:
    for shape in [(3, 5), (1, 4), (7, 1), (4, 3, 2, 5), (8, 3, 3, 3), (1, 6, 1, 1)]:
        fan_in, fan_out = init._calculate_fan_in_and_fan_out(torch.empty(in_torch(shape)))
        store("fan_in_fan_out", f"{shape}", option={"shape": shape}, out={"fan_in": fan_in, "fan_out": fan_out})


def laws() -> None:
    """The law from SciPy with torch's gain and fans; torch's own initializer is then held against it."""
    shapes = {
        "dense": (60, 180),
        "dense, narrowing": (180, 60),
        "conv": (48, 16, 3, 5),
    }
    points = np.linspace(-3.2, 3.2, 33)  # in units of the standard deviation
    torch.manual_seed(4)

    def add(operation: str, case: str, law: Any, sample: torch.Tensor, **options: Any) -> None:
        assert scipy.stats.kstest(sample.flatten().numpy(), law.cdf).pvalue > 1e-3, (operation, case)
        low, high = law.support()
        where = points * law.std()
        moments = [law.moment(2), law.moment(4), high]
        found = {"below": np.array([where, law.cdf(where)]), "moments": np.array(moments)}
        assert low == -high
        store(operation, case, option=options, law=found)

    for name, shape in shapes.items():
        empty = torch.empty(in_torch(shape), dtype=torch.float64)
        fan_in, fan_out = init._calculate_fan_in_and_fan_out(empty)
        for more in ({}, {"gain": init.calculate_gain("tanh")}):
            std = more.get("gain", 1.0) * math.sqrt(2 / (fan_in + fan_out))
            uniform = scipy.stats.uniform(-math.sqrt(3) * std, 2 * math.sqrt(3) * std)
            case = f"{name} {more}"
            add("xavier_uniform", case, uniform, init.xavier_uniform_(empty.clone(), **more), shape=shape, **more)
            normal = scipy.stats.norm(0, std)
            add("xavier_normal", case, normal, init.xavier_normal_(empty.clone(), **more), shape=shape, **more)
        for more in ({}, {"mode": "fan_out"}, {"slope": 1.0}, {"mode": "fan_out", "slope": -0.5}):
            slope, mode = more.get("slope", 0.0), more.get("mode", "fan_in")
            std = init.calculate_gain("leaky_relu", slope) / math.sqrt({"fan_in": fan_in, "fan_out": fan_out}[mode])
            uniform = scipy.stats.uniform(-math.sqrt(3) * std, 2 * math.sqrt(3) * std)
            case = f"{name} {more}"
            sample = init.kaiming_uniform_(empty.clone(), a=slope, mode=mode)
            add("kaiming_uniform", case, uniform, sample, shape=shape, **more)
            sample = init.kaiming_normal_(empty.clone(), a=slope, mode=mode)
            add("kaiming_normal", case, scipy.stats.norm(0, std), sample, shape=shape, **more)
    for std, more in [
        (1.0, {}),
        (0.02, {"bound": 2.0}),
        (0.5, {"bound": 1.0}),
        (3.0, {"bound": 0.1}),
        (2.0, {"bound": 9}),
    ]:
        bound = more.get("bound", 2.0)
        sample = init.trunc_normal_(torch.empty(20_000, dtype=torch.float64), 0, std, -bound * std, bound * std)
        law = scipy.stats.truncnorm(-bound, bound, scale=std)
        add("truncated_normal", f"{std} {more}", law, sample, shape=(100, 200), std=std, **more)


# --- networks -------------------------------------------------------------------------------------------------------


def network(*widths: int, scale: float = 1.0, n: int = 6) -> dict[str, Any]:
    return {
        "weights": [scale * rng.normal(size=(d, m)) / math.sqrt(d) for d, m in pairwise(widths)],
        "x": rng.normal(size=(n, widths[0])),
    }


def depth() -> None:
    networks = {
        "square": network(4, 4, 4, 4),
        "one layer": network(4, 3),
        "large": network(3, 7, 4, scale=3),
        "small": network(4, 6, 4, scale=0.1, n=1),
    }
    for name, arrays in networks.items():
        for activation, function in ACTIVATIONS.items():
            t = tensors(arrays)
            weights, a, stds = [W.requires_grad_() for W in t["weights"]], t["x"], []
            for W in weights:
                a = function(a @ W)
                stds.append(torch.std(a, correction=0))
            case = f"{name}, {activation}"
            option = {"activation": activation}
            out = {"out": torch.stack(stds)}
            store("activation_std_by_depth", case, in_=arrays, option=option, out=out)
            dout = rng.normal(size=a.shape)
            grads = torch.autograd.grad(a, weights, torch.tensor(dout))
            out = {"out": torch.stack([torch.linalg.matrix_norm(g) for g in grads])}
            store("gradient_norm_by_depth", case, in_=arrays | {"dout": dout}, option=option, out=out)
            if name == "small" and activation == "relu":
                continue  # one sample, where a layer may be dead
            scaled, a = [], t["x"]
            for W in weights:
                scaled.append(W / torch.std(a @ W, correction=0))
                a = function(a @ scaled[-1])
            store("lsuv_scale", case, in_=arrays, option=option, out={"weights": scaled})


def symmetry() -> None:
    def count(W1: torch.Tensor, W2: torch.Tensor, X: torch.Tensor, y: torch.Tensor, lr: float, steps: int) -> int:
        model = [W1.clone().requires_grad_(), W2.clone().requires_grad_()]
        optimizer = torch.optim.SGD(model, lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            loss = (torch.tanh(X @ model[0]) @ model[1] - y).square().sum(1).mean() / 2
            loss.backward()
            optimizer.step()
        far = torch.cdist(model[0].T.detach(), model[0].T.detach(), p=torch.inf) > 1e-9
        return len({tuple(row) for row in far.tolist()})  # units that are equal are far from the same others

    X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    same, row = rng.normal(size=(3, 1)) * np.ones(5), rng.normal(size=(1, 2))
    pairs = np.array([row[0], row[0], 2 * row[0], row[0], 2 * row[0]])
    free = rng.normal(size=(5, 2))
    cases = {
        "zeros": (np.zeros((3, 5)), np.zeros((5, 2))),
        "W1 zero": (np.zeros((3, 5)), free),
        "W1 zero, W2 one row": (np.zeros((3, 5)), np.repeat(row, 5, axis=0)),
        "W2 zero": (rng.normal(size=(3, 5)), np.zeros((5, 2))),
        "constants": (same, np.repeat(row, 5, axis=0)),
        "W2 free": (same, free),
        "W2 in two groups": (same, pairs),
        "W1 free": (rng.normal(size=(3, 5)), np.repeat(row, 5, axis=0)),
        "one unit": (rng.normal(size=(3, 1)), row),
    }
    for case, (W1, W2) in cases.items():
        for lr, steps in [(0.1, 0), (0.1, 30)] if "W2" in case else [(0.1, 30)]:
            arrays, option = {"W1": W1, "W2": W2, "X": X, "y": y}, {"lr": lr, "steps": steps}
            out = {"units": count(**tensors(arrays), **option)}
            store("distinct_units", f"{case}, {steps} steps of {lr}", in_=arrays, option=option, out=out)


GAINS: dict[str, Callable[[float], float]] = {  # names that the test module knows too
    "linear": lambda z: z,
    "relu": lambda z: max(z, 0.0),
    "leaky relu 0.01": lambda z: z if z > 0 else 0.01 * z,
    "leaky relu 0.2": lambda z: z if z > 0 else 0.2 * z,
    "tanh": math.tanh,
    "sigmoid": lambda z: float(scipy.special.expit(z)),
    "gelu": lambda z: z * float(scipy.special.ndtr(z)),
    "softplus": lambda z: float(scipy.special.softplus(z)),
    "swish": lambda z: z * float(scipy.special.expit(z)),
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "abs": abs,
    "sign": lambda z: math.copysign(1.0, z),
    "hard tanh": lambda z: min(max(z, -1.0), 1.0),
    "relu above 1": lambda z: max(z - 1.0, 0.0),
    "step at 0.7": lambda z: float(z > 0.7),
    "exp": math.exp,
    "cube": lambda z: z**3,
    "constant": lambda z: 0.3,
}


def gains() -> None:
    kinks = [-20.0, -1.0, 0.0, 0.7, 1.0, 20.0]
    for name, f in GAINS.items():
        integrand = lambda z, f=f: f(z) ** 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)  # noqa: E731
        pieces = [
            scipy.integrate.quad(integrand, a, b, epsabs=1e-14, epsrel=1e-12, limit=200)[0] for a, b in pairwise(kinks)
        ]
        store("forward_gain", name, out={"gain": 1 / math.sqrt(sum(pieces))})
    for name, parameter in [
        ("relu", None),
        ("leaky_relu", 0.01),
        ("leaky_relu", 0.2),
    ]:  # tanh's in torch is a 5/3 of old
        key = " ".join(str(part).replace("_", " ") for part in (name, parameter) if part is not None)
        assert math.isclose(
            init.calculate_gain(name, parameter), float(table[f"forward_gain/{key}/out/gain"]), rel_tol=1e-9
        )


def biases() -> None:
    for pi in [0.01, 0.5, 0.9, 0.25, 1e-6, 0.999]:
        bias = torch.logit(torch.tensor(pi, dtype=torch.float64))
        store("prior_bias", f"{pi}", option={"pi": pi}, out={"bias": bias})


def clipping() -> None:
    lists = {
        "usual": [rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(2, 3, 2, 2))],
        "one": [rng.normal(size=5)],
        "zeros": [np.zeros((2, 2)), np.zeros(3)],
        "large": [1e4 * rng.normal(size=(3, 2)), 1e4 * rng.normal(size=2)],
    }
    for name, grads in lists.items():
        for limit in (0.5, 1e5) if name != "one" else (0.0, 2.0):
            parameters = [torch.zeros(g.shape, dtype=torch.float64) for g in grads]
            for p, g in zip(parameters, grads, strict=True):
                p.grad = torch.tensor(g)
            norm = torch.nn.utils.get_total_norm([torch.tensor(g) for g in grads])
            # torch's own clipping divides by norm + 1e-6, so that it is right only to 1e-6 / norm.
            factor = min(1.0, limit / float(norm)) if norm > 0 else 1.0
            out = {"clipped": [factor * torch.tensor(g) for g in grads], "norm": norm}
            torch.nn.utils.clip_grad_norm_(parameters, limit)
            for p, clipped in zip(parameters, out["clipped"], strict=True):
                assert p.grad is not None
                assert torch.allclose(p.grad, clipped, rtol=0, atol=2e-6)
            case = f"{name}, {limit}"
            store("clip_gradient_norm", case, in_={"grads": grads}, option={"max_norm": limit}, out=out)
            for p, g in zip(parameters, grads, strict=True):
                p.grad = torch.tensor(g)
            torch.nn.utils.clip_grad_value_(parameters, limit)
            out = {"clipped": [p.grad for p in parameters]}
            store("clip_gradient_value", case, in_={"grads": grads}, option={"limit": limit}, out=out)


if __name__ == "__main__":
    scaling()
    means()
    components()
    fans()
    laws()
    depth()
    symmetry()
    gains()
    biases()
    clipping()
    write(__file__)
