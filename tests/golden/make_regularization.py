"""Writes regularization.npz: what the unit's functions return, as PyTorch, SciPy and scikit-learn compute it.

    python tests/golden/make_regularization.py

writing.py says how the file is laid out; here scikit-learn is needed too, and there are two laws of what is random:

    kfold_indices/7 in 3/law/sizes     how many samples are in each fold, falling; stratified: class by class, and all
    mixup/alpha 0.2/law/below          two rows, places and the probability that λ is below each of them
"""

from typing import Any

import numpy as np
import scipy.optimize
import scipy.stats
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from sklearn.linear_model import Lasso, Ridge, enet_path
from sklearn.model_selection import KFold, StratifiedKFold
from writing import add, store, write

rng = np.random.default_rng(20240606)


def with_zeros(*shape: int) -> np.ndarray:
    a = rng.normal(size=shape)
    a.flat[::3] = 0.0
    return a


def norms() -> None:
    def sizes(W: torch.Tensor) -> dict[str, torch.Tensor]:
        return {
            "l0": torch.linalg.vector_norm(W, 0),
            "l1": torch.linalg.vector_norm(W, 1),
            "frobenius": torch.linalg.matrix_norm(W, "fro"),
            "nuclear": torch.linalg.matrix_norm(W, "nuc"),
            "spectral": torch.linalg.matrix_norm(W, 2),
        }

    column = rng.normal(size=(4, 1))
    cases = {
        "tall": rng.normal(size=(5, 3)),
        "wide": rng.normal(size=(2, 6)),
        "one": np.array([[-3.0]]),
        "column": column,
        "rank 1, zeros": column @ np.array([[1.0, 0.0, -2.0]]),
        "zero": np.zeros((3, 2)),
        "large": 1e4 * with_zeros(3, 3),
    }
    for case, W in cases.items():
        add("matrix_norms", case, sizes, {"W": W})


def penalties() -> None:
    def l2(W: torch.Tensor, lam: float) -> torch.Tensor:
        return lam * F.mse_loss(W, torch.zeros_like(W), reduction="sum") / 2

    def l1(W: torch.Tensor, lam: float) -> torch.Tensor:
        return lam * torch.linalg.vector_norm(W, 1)  # whose gradient at 0 is 0 in torch too

    def elastic(W: torch.Tensor, lam: float, l1_ratio: float) -> torch.Tensor:
        return l1(W, lam * l1_ratio) + l2(W, lam * (1 - l1_ratio))

    cases = {
        "dense": rng.normal(size=(4, 3)),
        "zeros": with_zeros(3, 4),
        "conv": with_zeros(2, 3, 2, 2),
        "vector": rng.normal(size=5),
        "large": np.array([[1e4, -1e4], [0.0, 1e4]]),
    }
    for case, W in cases.items():
        for lam in (0.3, 2.0):
            add("l2_penalty", f"{case}, lam {lam}", l2, {"W": W}, ["W"], lam=lam)
            add("l1_penalty", f"{case}, lam {lam}", l1, {"W": W}, ["W"], lam=lam)
        for ratio in (0.0, 0.25, 1.0):
            add("elastic_net_penalty", f"{case}, ratio {ratio}", elastic, {"W": W}, ["W"], lam=0.7, l1_ratio=ratio)


def thresholds() -> None:
    cases = {
        "matrix": rng.normal(size=(5, 4)),
        "around the limits": np.array([-2, -1, -0.5, -0.5 + 1e-9, -0.5 - 1e-9, 0, 0.5, 0.5 - 1e-9, 0.5 + 1e-9, 1, 2]),
        "large": np.array([-1e4, 1e4, 0.0]),
    }
    for case, w in cases.items():
        for t in (0.0, 0.5, 1.0):
            given: dict[str, Any] = {"in_": {"w": w}, "option": {"t": t}}
            store("soft_threshold", f"{case}, t {t}", **given, out={"out": F.softshrink(torch.tensor(w), t)})
            store("hard_threshold", f"{case}, t {t}", **given, out={"out": F.hardshrink(torch.tensor(w), t)})


def problems() -> dict[str, dict[str, np.ndarray]]:
    tall, wide = rng.normal(size=(12, 4)), rng.normal(size=(5, 8))
    alike = np.column_stack([tall[:, :2], tall[:, 0] + 0.2 * rng.normal(size=12)])
    return {
        "tall": {"X": tall, "y": tall @ [2.0, 0.0, -1.0, 0.0] + 0.1 * rng.normal(size=12)},
        "wide": {"X": wide, "y": rng.normal(size=5)},
        "alike": {"X": alike, "y": rng.normal(size=12)},
        "one feature": {"X": rng.normal(size=(6, 1)), "y": rng.normal(size=6)},
        "one sample": {"X": rng.normal(size=(1, 3)), "y": rng.normal(size=1)},
    }


def regressions() -> None:
    def condition(X: torch.Tensor, lam: float) -> torch.Tensor:
        return torch.linalg.cond(X.T @ X + lam * torch.eye(X.shape[1], dtype=X.dtype))

    def ista(X: torch.Tensor, y: torch.Tensor, lam: float, steps: int) -> torch.Tensor:
        """The gradient by autograd, and the largest curvature as that of the Hessian."""
        w = torch.zeros(X.shape[1], dtype=X.dtype)
        step = 1 / torch.linalg.eigvalsh(X.T @ X)[-1]
        for _ in range(steps):
            w.requires_grad_()
            (gradient,) = torch.autograd.grad(F.mse_loss(X @ w, y, reduction="sum") / 2, w)
            w = F.softshrink((w - step * gradient).detach(), float(step * lam))
        return w

    for case, data in problems().items():
        X, y = data["X"], data["y"]
        for lam in (0.0, 1e-3, 0.5, 20.0):
            if lam == 0 and len(X) < X.shape[1]:
                continue
            add("condition_number", f"{case}, lam {lam}", condition, {"X": X}, lam=lam)
            w = Ridge(alpha=lam, fit_intercept=False, solver="svd").fit(X, y).coef_
            store("ridge", f"{case}, lam {lam}", in_=data, option={"lam": lam}, out={"out": w})
        for lam in (0.1, 1.0):
            for steps in (0, 1, 2, 25):
                add("lasso_ista", f"{case}, lam {lam}, {steps} steps", ista, data, lam=lam, steps=steps)
            w = Lasso(alpha=lam / len(X), fit_intercept=False, tol=1e-14, max_iter=10**7).fit(X, y).coef_
            _, path, _ = enet_path(X, y, l1_ratio=1.0, alphas=[lam / len(X)], tol=1e-14, max_iter=10**7)
            assert np.allclose(path[:, 0], w, atol=1e-12)
            option = {"lam": lam, "steps": 3000}
            store("lasso_ista", f"{case}, lam {lam}, converged", in_=data, option=option, out={"out": w})


def constrained() -> None:
    """By the pseudoinverse, x = a + B⁺ (c − Ba), and held against SciPy's general optimizer."""
    for case, (k, d) in {"one": (1, 3), "two": (2, 5), "as many": (3, 3), "a number": (1, 1)}.items():
        data = {"a": rng.normal(size=d), "B": rng.normal(size=(k, d)), "c": rng.normal(size=k)}
        a, B, c = (torch.tensor(value) for value in data.values())
        x = a + torch.linalg.pinv(B) @ (c - B @ a)
        m = torch.linalg.pinv(B.T) @ (a - x)
        constraint = scipy.optimize.LinearConstraint(data["B"], data["c"], data["c"])
        found = scipy.optimize.minimize(
            lambda x, a=data["a"]: ((x - a) ** 2).sum() / 2,
            np.zeros(d),
            jac=lambda x, a=data["a"]: x - a,
            hess=lambda x: np.eye(len(x)),
            method="trust-constr",
            constraints=[constraint],
            options={"gtol": 1e-10},
        )
        assert np.allclose(found.x, x, atol=1e-6)
        assert np.allclose(found.v[0], m, atol=1e-6)  # of the Lagrangian f + v'(Bx − c)
        store("lagrange_minimize", case, in_=data, out={"x": x, "multipliers": m})


def dropping() -> None:
    for case, shape in {"dense": (4, 5), "images": (2, 3, 2, 2)}.items():
        dout, mask = rng.normal(size=shape), rng.random(shape) < 0.6
        for p in (0.0, 0.4, 0.9):
            x = torch.tensor(rng.normal(size=shape), requires_grad=True)
            kept = torch.tensor(mask)
            (dx,) = torch.autograd.grad((x * kept / (1 - p) * torch.tensor(dout)).sum(), x)
            given = {"dout": dout, "mask": mask}
            store("dropout_backward", f"{case}, p {p}", in_=given, option={"p": p}, out={"out": dx})
        x = torch.tensor(rng.normal(size=shape), requires_grad=True)
        (dx,) = torch.autograd.grad((F.dropout(x, 1.0, training=True) * torch.tensor(dout)).sum(), x)
        given = {"dout": dout, "mask": np.zeros(shape, dtype=bool)}
        store("dropout_backward", f"{case}, p 1", in_=given, option={"p": 1.0}, out={"out": dx})


def ensembles() -> None:
    cases = {
        "probabilities": rng.dirichlet(np.ones(3), size=(5, 7)),
        "scores, an even number": rng.normal(size=(4, 30, 3)),
        "one member": rng.normal(size=(1, 4, 3)),
        "ties of scores": rng.integers(3, size=(6, 30, 4)).astype(float),
    }
    for case, predictions in cases.items():
        given = {"predictions": predictions}
        store("ensemble_predict", f"{case}, soft", in_=given, out={"out": torch.tensor(predictions).mean(0)})
        # torch's argmax and SciPy's mode both take the lowest of equal ones
        majority = scipy.stats.mode(torch.tensor(predictions).argmax(2).numpy(), axis=0).mode
        store("ensemble_predict", f"{case}, hard", in_=given, option={"vote": "hard"}, out={"out": majority})


def constraints() -> None:
    W = rng.normal(size=(5, 4)) * [0.1, 1.0, 10.0, 0.0]
    for case, array in {"dense": W, "one row": W[:1], "large": 1e4 * W, "zero": np.zeros((3, 2))}.items():
        for c in (0.5, 3.0):
            norms = torch.linalg.vector_norm(torch.tensor(array), dim=0)
            out = torch.tensor(array) * torch.clamp(c / norms, max=1.0)
            torch.testing.assert_close(torch.renorm(torch.tensor(array), 2, 1, c), out, rtol=1e-6, atol=1e-6)
            store("max_norm", f"{case}, c {c}", in_={"W": array}, option={"c": c}, out={"out": out})


def laws() -> None:
    for n, k in [(2, 2), (7, 3), (10, 5), (11, 10), (23, 4)]:
        sizes = [len(val) for _, val in KFold(k, shuffle=True, random_state=0).split(np.zeros(n))]
        store("kfold_indices", f"{n} in {k}", option={"n": n, "k": k}, law={"sizes": sorted(sizes, reverse=True)})
    for case, counts, k in [("even", [10, 20, 5], 5), ("leftovers", [7, 8, 11], 3), ("four", [5, 5, 5, 5], 4)]:
        y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        folds = [val for _, val in StratifiedKFold(k, shuffle=True, random_state=0).split(np.zeros(len(y)), y)]
        table = np.array([[(y[val] == c).sum() for val in folds] for c in range(len(counts))])
        sizes = -np.sort(-np.vstack([table, table.sum(axis=0)]), axis=1)
        store("stratified_kfold_indices", case, in_={"y": y}, option={"k": k}, law={"sizes": sizes})
    points = np.linspace(0.01, 0.99, 50)
    for alpha in (0.2, 1.0, 4.0):
        below = np.array([points, scipy.stats.beta(alpha, alpha).cdf(points)])
        store("mixup", f"alpha {alpha}", option={"alpha": alpha}, law={"below": below})


if __name__ == "__main__":
    norms()
    penalties()
    thresholds()
    regressions()
    constrained()
    dropping()
    ensembles()
    constraints()
    laws()
    write(__file__)
