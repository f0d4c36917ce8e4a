"""Writes losses.npz: inputs, values and gradients of the unit's functions as PyTorch and SciPy compute them.

    python tests/golden/make_losses.py

writing.py says how the file is laid out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
import writing
from writing import store, table, write

rng = np.random.default_rng(20240202)

REDUCTIONS: list[dict[str, Any]] = [{}, {"reduction": "sum"}, {"reduction": "none"}]  # {}: the default, "mean"
LARGE = np.array([[1e4, -1e4, 0, 3], [-1e4, -1e4, -1e4, -1e4], [1e4, 1e4 - 1, 1e4 - 40, -750], [1e-8, -1e-8, 0, 9]])


def add(
    operation: str,
    case: str,
    function: Callable[..., torch.Tensor],
    inputs: dict[str, Any],
    wrt: tuple[str, ...] = (),
    **options: Any,
) -> None:
    """One case, whose options are part of its name."""
    name = ", ".join([case, *(f"{k} {v}" if np.ndim(v) == 0 else k for k, v in options.items())])
    writing.add(operation, name, function, inputs, wrt, **options)


def distribution(*shape: int) -> np.ndarray:
    return rng.dirichlet(np.full(shape[-1], 0.7), size=shape[:-1])


def regression() -> None:
    pred, target = 2 * rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    pred[0, :3] = target[0, :3] + [0.0, 1e4, -1e4]
    cube, other = rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 2))
    for inputs, case, choices in [
        ({"pred": pred, "target": target}, "2-D", REDUCTIONS),
        ({"pred": pred[1], "target": target[2]}, "1-D", REDUCTIONS[:1]),
        ({"pred": cube, "target": other}, "3-D", REDUCTIONS[:1]),
    ]:
        for options in choices:
            add("mse_loss", case, F.mse_loss, inputs, ("pred",), **options)
            add("mae_loss", case, F.l1_loss, inputs, ("pred",), **options)
            for size in ({}, {"beta": 0.3}, {"beta": 2.5}) if case == "2-D" else ({},):
                add("smooth_l1_loss", case, F.smooth_l1_loss, inputs, ("pred",), **size, **options)
            for size in ({}, {"delta": 0.3}, {"delta": 2.5}) if case == "2-D" else ({},):
                add("huber_loss", case, F.huber_loss, inputs, ("pred",), **size, **options)


def classes() -> None:
    def smoothed(logits: torch.Tensor, y: torch.Tensor, smoothing: float, **options: Any) -> torch.Tensor:
        return F.cross_entropy(logits, y, label_smoothing=smoothing, **options)

    usual = 2 * rng.normal(size=(5, 3))
    cases = {
        "usual": (usual, np.array([2, 0, 1, 1, 2])),
        "large": (LARGE, np.array([0, 3, 2, 1])),
        "large and wrong": (LARGE, np.array([1, 0, 3, 3])),
        "one row": (usual[:1], np.array([1])),
        "one class": (usual[:, :1], np.zeros(5, int)),
    }
    for case, (logits, y) in cases.items():
        inputs = {"logits": logits, "y": y}
        for options in REDUCTIONS if case in ("usual", "large") else REDUCTIONS[:1]:
            add("cross_entropy_loss", case, F.cross_entropy, inputs, ("logits",), **options)
            for s in (0.1, 1.0) if case == "usual" else (0.1,):
                smooth = {**inputs, "smoothing": s}
                add("label_smoothing_loss", f"{case}, s {s}", smoothed, smooth, ("logits",), **options)
            soft = {"logits": logits, "probs": distribution(*logits.shape)}
            add("soft_cross_entropy", case, F.cross_entropy, soft, ("logits",), **options)
        for margin in (1.0, 5.0):
            add(
                "hinge_loss",
                case,
                lambda scores, y, margin: F.multi_margin_loss(scores, y, margin=margin) * scores.shape[1],
                {"scores": logits + 0.01 * rng.normal(size=logits.shape), "y": y},  # no two scores alike: no kink
                ("scores",),
                margin=margin,
            )

    log_probs = np.log(distribution(6, 4))
    y = np.array([3, 0, -100, 1, 1, 2])
    weight = np.array([0.5, 2.0, 0.0, 1.3])
    other = np.array([3, 0, 0, 1, -7, 2])
    add("nll_loss", "default", F.nll_loss, {"log_probs": log_probs, "y": abs(y) % 4}, ("log_probs",))
    add("nll_loss", "ignored", F.nll_loss, {"log_probs": log_probs, "y": y}, ("log_probs",))
    add("nll_loss", "ignored", F.nll_loss, {"log_probs": log_probs, "y": y}, ("log_probs",), weight=weight)
    for index in (0, -7):
        kept = {"log_probs": log_probs, "y": np.where(other == -7, index, other)}
        add("nll_loss", "other", F.nll_loss, kept, ("log_probs",), ignore_index=index)
        add("nll_loss", "other", F.nll_loss, kept, ("log_probs",), weight=weight, ignore_index=index)


def binary() -> None:
    def focal(logits: torch.Tensor, targets: torch.Tensor, gamma: float = 2.0, alpha: float = 0.25) -> torch.Tensor:
        p = torch.where(targets == 1, torch.sigmoid(logits), torch.sigmoid(-logits))
        a = alpha * targets + (1 - alpha) * (1 - targets)
        ce = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return (a * (1 - p) ** gamma * ce).mean()

    def dice(probs: torch.Tensor, targets: torch.Tensor, eps: float = 1e-6) -> torch.Tensor:
        return 1 - (2 * (probs * targets).sum() + eps) / (probs.sum() + targets.sum() + eps)

    def logistic(w: torch.Tensor, b: torch.Tensor, X: torch.Tensor, y: torch.Tensor, l2: float = 0.0) -> torch.Tensor:
        return F.binary_cross_entropy_with_logits(X @ w + b, y) + l2 / 2 * w.dot(w)

    bce = F.binary_cross_entropy_with_logits
    cases = {"usual": 2 * rng.normal(size=(5, 3)), "large": LARGE, "1-D": rng.normal(size=6)}
    for case, logits in cases.items():
        hard = (rng.random(logits.shape) < 0.5).astype(float)
        soft = rng.random(logits.shape)
        for options in REDUCTIONS if logits.ndim == 2 else REDUCTIONS[:1]:
            for kind, targets in {"hard": hard, "soft": soft}.items():
                inputs = {"logits": logits, "targets": targets}
                add("bce_with_logits", f"{case}, {kind}", bce, inputs, ("logits",), **options)
                weight = np.linspace(0.5, 4, logits.shape[-1])
                add("bce_with_logits", f"{case}, {kind}", bce, inputs, ("logits",), pos_weight=weight, **options)
        inputs = {"logits": logits, "targets": hard}
        add("focal_loss", case, focal, inputs, ("logits",))
        add("focal_loss", case, focal, inputs, ("logits",), gamma=5.0, alpha=0.8)
        add("focal_loss", case, focal, inputs, ("logits",), gamma=0.0, alpha=0.5)
        if case != "large":  # the power gamma − 1 is infinite at 0, which autograd does not survive
            add("focal_loss", case, focal, inputs, ("logits",), gamma=0.5)
        if logits.ndim == 2:
            add("multilabel_loss", case, F.multilabel_soft_margin_loss, inputs, ("logits",))
        probs = 1 / (1 + np.exp(-np.clip(logits, -700, 700)))
        for eps in ({}, {"eps": 1.0}):
            add("dice_loss", case, dice, {"probs": probs, "targets": hard}, ("probs",), **eps)
    for case, scale in {"usual": 1.0, "large": 1e4}.items():
        inputs = {"w": rng.normal(size=3), "b": np.array(0.7)}
        inputs |= {"X": scale * rng.normal(size=(6, 3)), "y": np.array([0.0, 1] * 3)}
        add("logistic_regression_loss", case, logistic, inputs, ("w", "b"))
        add("logistic_regression_loss", case, logistic, inputs, ("w", "b"), l2=0.3)


def distributions() -> None:
    def kl(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        return F.kl_div(torch.log(q), p, reduction="none").sum(dim=-1)

    def cross(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        return -torch.special.xlogy(p, q).sum(dim=-1)

    p, q = distribution(4, 5), distribution(4, 5)
    p[0, 1:3] = 0.0
    p[0] /= p[0].sum()
    q[0, 1] = 1e-300
    q[1, 0] = 0.0  # where p is not: inf
    with_zeros = (np.array([0.0, 0.5, 0.5, 0.0]), np.array([0.25, 0.5, 0.25, 0.0]))
    for case, (a, b) in {"(N, C)": (p, q), "(C,)": (p[3], q[3]), "zeros": with_zeros}.items():
        add("entropy", case, lambda p: torch.special.entr(p).sum(dim=-1), {"p": a})
        add("distribution_cross_entropy", case, cross, {"p": a, "q": b})
        if case != "zeros":  # torch gives NaN for 0 · (ln 0 − ln 0)
            add("kl_divergence", case, kl, {"p": a, "q": b})
        second = scipy.special.rel_entr(a, b).sum(axis=-1)
        if case == "zeros":
            store("kl_divergence", case, in_={"p": a, "q": b}, out={"out": second})
        np.testing.assert_allclose(table[f"kl_divergence/{case}/out/out"], second, rtol=1e-13)
        np.testing.assert_allclose(
            table[f"distribution_cross_entropy/{case}/out/out"], second + scipy.stats.entropy(a, axis=-1), rtol=1e-13
        )


def several_inputs() -> None:
    def triplet(a: torch.Tensor, p: torch.Tensor, n: torch.Tensor, margin: float = 1.0) -> torch.Tensor:
        def squared(u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
            return ((u - v) ** 2).sum(dim=1)

        return F.triplet_margin_with_distance_loss(a, p, n, distance_function=squared, margin=margin)

    def info_nce(queries: torch.Tensor, keys: torch.Tensor, temperature: float = 0.1) -> torch.Tensor:
        return F.cross_entropy(queries @ keys.T / temperature, torch.arange(len(queries)))

    def distil(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
        logs = [F.log_softmax(x / temperature, dim=1) for x in (student, teacher)]
        return F.kl_div(*logs, reduction="batchmean", log_target=True) * temperature**2

    for case, scale in {"usual": 1.0, "large": 1e4}.items():
        a, p, n = scale * rng.normal(size=(3, 6, 4))
        inputs = {"anchor": a, "positive": p, "negative": n}
        add("triplet_loss", case, triplet, inputs, tuple(inputs))
        add("triplet_loss", case, triplet, inputs, tuple(inputs), margin=3.5)
        add("info_nce_loss", case, info_nce, {"queries": a, "keys": p}, ("queries", "keys"))
        add("info_nce_loss", case, info_nce, {"queries": a, "keys": p}, ("queries", "keys"), temperature=2.0)
        for t in (1.0, 4.0, 0.5):
            inputs = {"student_logits": a, "teacher_logits": p, "temperature": t}
            add("distillation_loss", f"{case}, T {t}", distil, inputs, ("student_logits",))
    add("distillation_loss", "far", distil, {"s": LARGE, "t": LARGE[::-1].copy(), "temperature": 2.0}, ("s",))


def without_gradient() -> None:
    def overlap(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        out = torch.zeros(len(a), len(b), dtype=torch.float64)
        for i in range(len(a)):
            for j in range(len(b)):
                width = torch.minimum(a[i, 2], b[j, 2]) - torch.maximum(a[i, 0], b[j, 0])
                height = torch.minimum(a[i, 3], b[j, 3]) - torch.maximum(a[i, 1], b[j, 1])
                both = F.relu(width) * F.relu(height)
                out[i, j] = both / (torch.prod(a[i, 2:] - a[i, :2]) + torch.prod(b[j, 2:] - b[j, :2]) - both)
        return out

    def calibration(probs: torch.Tensor, y: torch.Tensor, bins: int = 10) -> torch.Tensor:
        confidence, predicted = probs.max(dim=1)
        error = torch.zeros((), dtype=torch.float64)
        for b in range(bins):
            inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
            if inside.any():
                gap = (predicted == y)[inside].double().mean() - confidence[inside].mean()
                error += inside.double().mean() * gap.abs()
        return error

    def boxes(n: int) -> np.ndarray:
        corners = rng.uniform(-2, 3, size=(n, 2))
        return np.concatenate([corners, corners + rng.uniform(0.5, 3, size=(n, 2))], axis=1)

    add("iou", "random", overlap, {"boxes_a": boxes(6), "boxes_b": boxes(5)})
    for n, c in ((40, 3), (7, 10), (1, 2)):
        inputs = {"probs": distribution(n, c), "y": rng.integers(c, size=n)}
        add("expected_calibration_error", f"N {n}", calibration, inputs)
        add("expected_calibration_error", f"N {n}", calibration, inputs, bins=3)
    for task, rule in {
        "binary": lambda x: (torch.sigmoid(x) >= 0.5).long(),
        "multiclass": lambda x: torch.argmax(torch.softmax(x, dim=1), dim=1),
        "multilabel": lambda x: (torch.sigmoid(x) >= 0.5).long(),
    }.items():
        for case, logits in {"usual": rng.normal(size=(6, 4)), "large": LARGE[:, ::2].round(3)}.items():
            x = logits[0] if task == "binary" else logits
            add("predict_from_logits", f"{task} {case}", lambda _, x, rule=rule: rule(x), {"task": task, "logits": x})

    def derivative(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        def by_autograd(_: str, x: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
            x = x.clone().requires_grad_()
            return torch.autograd.grad(function(x, *rest), x)[0]

        return by_autograd

    for case, z in {"usual": rng.normal(size=(3, 4)), "large": LARGE}.items():
        half = derivative(lambda z, y: F.mse_loss(torch.sigmoid(z), y, reduction="sum") / 2)
        cross = derivative(lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="sum"))
        for kind, y in {"hard": (rng.random(z.shape) < 0.5).astype(float), "soft": rng.random(z.shape)}.items():
            add("output_delta", f"mse, {case}, {kind}", half, {"loss": "mse", "z": z, "y": y})
            add("output_delta", f"CE, {case}, {kind}", cross, {"loss": "cross_entropy", "z": z, "y": y})
        for loss, function in {"l1": F.l1_loss, "l2": F.mse_loss, "smooth_l1": F.smooth_l1_loss}.items():
            pull = derivative(lambda r, function=function: function(r, torch.zeros_like(r), reduction="sum"))
            add("outlier_influence", f"{loss} {case}", pull, {"loss": loss, "residuals": z})


if __name__ == "__main__":
    regression()
    classes()
    binary()
    distributions()
    several_inputs()
    without_gradient()
    write(__file__)
