"""Writes optimizers.npz: where torch.optim's optimizers and schedulers lead in ten steps or more.

    python tests/golden/make_optimizers.py

writing.py says how the file is laid out. A step function's arguments are here w, the gradients of all steps (T, …) and
the learning rates of all steps (T,), and its result is w after each step (T, …). Where torch has another formula than
the course the path is walked in decimals, one number at a time.
"""

from collections.abc import Callable
from decimal import Decimal, getcontext
from typing import Any

import numpy as np
import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import get_ema_avg_fn
from writing import add, store, table, write

rng = np.random.default_rng(20240107)
torch.set_default_dtype(torch.float64)  # NAdam's product of betas has the default one
getcontext().prec = 50

T = 12
LRS = 0.1 * np.resize([1.0, 1.5, 0.3, 0.8], T)  # by turns, so that a learning rate inside the velocity shows
GRADS = rng.normal(size=(T, 3, 2))
SCALED = GRADS * np.array([[1e-4, 1.0], [1e3, 1.0], [1.0, 30.0]])
SPARSE = np.where(rng.random((T, 3, 2)) < 0.6, 0.0, GRADS)
SPARSE[:, 0, 0] = 0.0
CASES = {"usual": GRADS, "scaled": SCALED, "sparse": SPARSE}
W = rng.normal(size=(3, 2))
LESS, OURS = {"betas": (0.5, 0.8), "eps": 0.1}, {"beta1": 0.5, "beta2": 0.8, "eps": 0.1}  # torch's names and ours


def torch_path(make: Callable[..., Any]) -> Callable[..., torch.Tensor]:
    """(w, grad, lr) -> w after each step of the torch optimizer that make(params, lr) makes."""

    def path(start: torch.Tensor, grad: torch.Tensor, lr: torch.Tensor, **_: Any) -> torch.Tensor:
        w, points = start.clone().requires_grad_(), []
        optimizer = make([w], lr=1.0)
        for g, rate in zip(grad, lr, strict=True):
            optimizer.param_groups[0]["lr"] = rate.item()
            w.grad = g.clone()
            optimizer.step()
            points.append(w.detach().clone())
        return torch.stack(points)

    return path


def optimizers() -> None:
    o = torch.optim
    rows: list[tuple[str, type, dict[str, Any], dict[str, Any]]] = [  # the defaults of torch are not all the course's
        ("sgd_momentum", o.SGD, {"momentum": 0.9}, {}),
        ("sgd_momentum", o.SGD, {"momentum": 0.0}, {"momentum": 0.0}),
        ("sgd_momentum", o.SGD, {"momentum": 0.5}, {"momentum": 0.5}),
        ("nesterov_rewritten", o.SGD, {"momentum": 0.9, "nesterov": True}, {}),
        ("nesterov_rewritten", o.SGD, {"momentum": 0.5, "nesterov": True}, {"momentum": 0.5}),
        ("adagrad", o.Adagrad, {"eps": 1e-8}, {}),
        ("adagrad", o.Adagrad, {"eps": 0.1}, {"eps": 0.1}),
        ("adadelta", o.Adadelta, {"rho": 0.9, "eps": 1e-6}, {}),
        ("adadelta", o.Adadelta, {"rho": 0.5, "eps": 0.1}, {"rho": 0.5, "eps": 0.1}),
        ("rmsprop", o.RMSprop, {"alpha": 0.9, "eps": 1e-8}, {}),
        ("rmsprop", o.RMSprop, {"alpha": 0.5, "eps": 0.1}, {"decay": 0.5, "eps": 0.1}),
        ("adam", o.Adam, {}, {}),
        ("adam", o.Adam, LESS, OURS),
        ("adam", o.Adam, {"betas": (0.0, 0.8)}, {"beta1": 0.0, "beta2": 0.8}),
        # torch's beta1 grows, beta1 · (1 − 0.96^(t · momentum_decay) / 2): here it is beta1 from the start, as Dozat's.
        ("nadam", o.NAdam, {"momentum_decay": 1e9}, {}),
        ("nadam", o.NAdam, {"momentum_decay": 1e9} | LESS, OURS),
        ("adamw", o.AdamW, {"weight_decay": 0.01}, {}),
        ("adamw", o.AdamW, {"weight_decay": 0.3} | LESS, {"weight_decay": 0.3} | OURS),
    ]
    for operation, kind, theirs, ours in rows:

        def make(params: Any, lr: float, kind: type = kind, theirs: dict[str, Any] = theirs) -> Any:
            return kind(params, lr=lr, **theirs)

        for case in ("scaled",) if ours else CASES:
            name = " ".join([case, *(f"{key} {value}" for key, value in ours.items())])
            add(operation, name, torch_path(make), {"w": W, "grad": CASES[case], "lr": LRS}, **ours)

    # torch's eps is in the maximum: u = max(beta2 · u, abs(grad) + eps). Without eps, and no gradient 0, they are one.
    for betas in ((0.9, 0.999), (0.5, 0.8)):
        path = torch_path(lambda params, lr, b=betas: o.Adamax(params, lr=lr, betas=b, eps=0.0))
        options = {"beta1": betas[0], "beta2": betas[1], "eps": 0.0}
        add("adamax", f"without eps {betas}", path, {"w": W, "grad": GRADS, "lr": LRS}, **options)


def decimal_path(step: Callable[..., Any], w: np.ndarray, grads: np.ndarray, lrs: np.ndarray) -> np.ndarray:
    """The path by step(w, g, lr, t, m, v) -> w, m, v, which gets Decimals."""
    out = np.zeros((len(grads), w.size))
    for i in range(w.size):
        x, m, v = Decimal(w.flat[i]), Decimal(0), Decimal(0)
        for t, (g, lr) in enumerate(zip(grads, lrs, strict=True), start=1):
            x, m, v = step(x, Decimal(g.flat[i]), Decimal(lr), t, m, v)
            out[t - 1, i] = float(x)
    return out.reshape(grads.shape)


def in_decimals() -> None:
    def adamax(x: Any, g: Any, lr: Any, t: int, m: Any, u: Any, b1: Any, b2: Any, eps: Any) -> Any:
        m, u = b1 * m + (1 - b1) * g, max(b2 * u, abs(g))
        return x - lr * m / (1 - b1**t) / (u + eps), m, u

    def nadam(x: Any, g: Any, lr: Any, t: int, m: Any, v: Any, b1: Any, b2: Any, eps: Any) -> Any:
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        ahead = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)
        return x - lr * ahead / ((v / (1 - b2**t)).sqrt() + eps), m, v

    def lion(x: Any, g: Any, lr: Any, _: int, m: Any, v: Any, b1: Any, b2: Any, decay: Any) -> Any:
        c = b1 * m + (1 - b1) * g
        return x - lr * ((c > 0) - (c < 0) + decay * x), b2 * m + (1 - b2) * g, v

    settings: list[tuple[str, Any, tuple[str, ...], list[tuple[float, ...]]]] = [
        ("adamax", adamax, ("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.5, 0.8, 0.1)]),
        ("nadam", nadam, ("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.5, 0.8, 0.1)]),
        ("lion", lion, ("beta1", "beta2", "weight_decay"), [(0.9, 0.99, 0.0), (0.9, 0.99, 0.3), (0.5, 0.8, 0.1)]),
    ]
    for operation, step, names, choices in settings:
        for case, grads in CASES.items():
            for i, choice in enumerate(choices):
                numbers = [Decimal(value) for value in choice]
                path = decimal_path(lambda *a, s=step, n=numbers: s(*a, *n), W, grads, LRS)
                options = dict(zip(names, choice, strict=True)) if i else {}  # the first are the defaults
                inputs = {"w": W, "grad": grads, "lr": LRS}
                store(operation, f"decimals {case} {choice}", in_=inputs, option=options, out={"out": path})
    path = torch_path(lambda params, lr: torch.optim.Adamax(params, lr=lr, eps=0.0))(
        *map(torch.tensor, (W, GRADS, LRS))
    )
    same = decimal_path(lambda *a: adamax(*a, Decimal("0.9"), Decimal("0.999"), Decimal(0)), W, GRADS, LRS)
    np.testing.assert_allclose(same, path.numpy(), rtol=1e-13)
    for case in CASES:
        ours, theirs = table[f"nadam/decimals {case} (0.9, 0.999, 1e-08)/out/out"], table[f"nadam/{case}/out/out"]
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def looking_ahead() -> None:
    """The gradient of nesterov is w − c, another c each step. torch walks the look-ahead points u = w − lr · mu · v."""
    for lr, momentum in ((0.1, 0.9), (0.3, 0.5)):
        u = torch.tensor(W, requires_grad=True)
        optimizer = torch.optim.SGD([u], lr=lr, momentum=momentum, nesterov=True)
        points = []
        for c in torch.tensor(GRADS):
            u.grad = u.detach() - c
            optimizer.step()
            points.append(u.detach() + lr * momentum * optimizer.state[u]["momentum_buffer"])
        inputs = {"w": W, "grad": GRADS, "lr": np.full(T, lr)}
        options = {"momentum": momentum}
        store("nesterov", f"{lr} {momentum}", in_=inputs, option=options, out={"out": torch.stack(points)})

    makers: dict[str, Callable[..., Any]] = {
        "sgd_momentum": lambda params, lr: torch.optim.SGD(params, lr=lr, momentum=0.9),
        "adam": lambda params, lr: torch.optim.Adam(params, lr=lr),
    }
    for inner, make in makers.items():
        for options in ({}, {"k": 3, "alpha": 0.8}, {"k": 1, "alpha": 0.3}):
            fast = torch.tensor(W, requires_grad=True)
            slow, optimizer, points = fast.detach().clone(), make([fast], lr=1.0), []
            for t, (g, lr) in enumerate(zip(torch.tensor(GRADS), LRS, strict=True), start=1):
                optimizer.param_groups[0]["lr"] = float(lr)
                fast.grad = g.clone()
                optimizer.step()
                if t % options.get("k", 5) == 0:
                    slow.lerp_(fast.detach(), options.get("alpha", 0.5))
                    with torch.no_grad():
                        fast.copy_(slow)
                points.append(fast.detach().clone())
            inputs = {"w": W, "grad": GRADS, "lr": LRS, "inner": inner}
            store("lookahead", f"{inner} {options}", in_=inputs, option=options, out={"out": torch.stack(points)})


def schedules() -> None:
    def rates(make: Callable[[Any], Any], lr0: float, count: int) -> list[float]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
        scheduler, found = make(optimizer), []
        for t in range(count):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if t < count - 1:
                scheduler.step()
        return found

    def keep(operation: str, make: Callable[[Any], Any], count: int, lr0: float, *given: Any, **options: Any) -> None:
        names = {"one_cycle": ("total",), "cosine_with_warmup": ("warmup", "total"), "step_decay": ()}
        inputs = {"t": np.arange(count), "lr_max" if operation == "one_cycle" else "lr0": lr0}
        inputs |= dict(zip(names.get(operation, ("k",)), given, strict=True))
        case = " ".join(map(str, [lr0, *given, *options.values()]))
        store(operation, case, in_=inputs, option=options, out={"out": rates(make, lr0, count)})

    s = lr_scheduler
    keep("step_decay", lambda o: s.StepLR(o, 10, 0.5), 45, 0.3)
    keep("step_decay", lambda o: s.StepLR(o, 3, 0.1), 20, 2.0, factor=0.1, every=3)
    for lr0, k in ((0.3, 0.1), (2.0, 1.5), (1.0, 0.0)):
        keep("exponential_decay", lambda o, k=k: s.ExponentialLR(o, np.exp(-k)), 30, lr0, k)
        keep("inverse_time_decay", lambda o, k=k: s.LambdaLR(o, lambda t: 1 / (1 + k * t)), 30, lr0, k)
    for warmup, total, lr_min in ((0, 20, 0.0), (5, 20, 0.0), (5, 20, 0.1), (1, 2, 0.1), (9, 30, 0.0)):

        def cosine(o: Any, warmup: int = warmup, total: int = total, lr_min: float = lr_min) -> Any:
            down = s.CosineAnnealingLR(o, T_max=total - warmup, eta_min=lr_min)
            return s.SequentialLR(o, [s.LambdaLR(o, lambda t: t / warmup), down], [warmup]) if warmup else down

        options = {"lr_min": lr_min} if lr_min else {}
        keep("cosine_with_warmup", cosine, total + 1, 0.7, warmup, total, **options)
    for total, options in (
        (20, {}),
        (50, {"pct_start": 0.25, "div_factor": 10.0}),
        (7, {"pct_start": 0.5, "final_div_factor": 100.0}),
        (3, {"pct_start": 0.0}),
        (1, {}),
        (11, {"pct_start": 0.99}),
    ):
        keep(
            "one_cycle",
            lambda o, n=total, k=options: s.OneCycleLR(o, 0.7, total_steps=n, **k),
            total,
            0.7,
            total,
            **options,
        )

    falling = np.concatenate([np.linspace(3, 1, 15), np.ones(40)])
    for case, losses in {"noise": falling + 0.05 * rng.normal(size=55), "flat": falling, "rising": -falling}.items():
        for options in (
            {},
            {"factor": 0.5, "patience": 2},
            {"patience": 0, "min_delta": 0.05, "min_lr": 1e-4},
            {"factor": 0.3, "patience": 3, "min_delta": 0.2, "min_lr": 0.01},
        ):
            theirs = {"threshold" if key == "min_delta" else key: value for key, value in options.items()}
            theirs = {"factor": 0.1, "patience": 10, "threshold": 0.0} | theirs
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
            scheduler = s.ReduceLROnPlateau(optimizer, threshold_mode="abs", eps=0.0, **theirs)
            found = []
            for loss in losses:
                scheduler.step(loss)
                found.append(optimizer.param_groups[0]["lr"])
            inputs = {"losses": losses, "lr0": 0.3}
            store("reduce_on_plateau", f"{case} {options}", in_=inputs, option=options, out={"out": found})


def the_rest() -> None:
    for decay in (0.999, 0.3):
        average = get_ema_avg_fn(decay)
        add("ema_weights", f"{decay}", lambda a, w, f=average, **_: f(a, w, 1), {"ema": W, "w": GRADS[0]}, decay=decay)

    makers: dict[str, Callable[..., Any]] = {
        "sgd_momentum": lambda params, lr: torch.optim.SGD(params, lr=lr, momentum=0.9),
        "rmsprop": lambda params, lr: torch.optim.RMSprop(params, lr=lr, alpha=0.9),
        "adam": lambda params, lr: torch.optim.Adam(params, lr=lr),
    }
    for name, make in makers.items():
        for case, grads in {"usual": GRADS[:, 0], "sparse": SPARSE[:, 1]}.items():
            path = torch_path(make)(torch.zeros(2), torch.tensor(grads), torch.full((T,), 0.1)).numpy()
            out = np.abs(np.diff(path, axis=0, prepend=0.0))
            inputs = {"optimizer": name, "grads": grads, "lr": 0.1}
            store("effective_step_size", f"{name} {case}", in_=inputs, out={"out": out})

    def descent(grad: torch.Tensor, w: torch.Tensor, lr: float, steps: int) -> torch.Tensor:
        """On ½ |w − c|², whose c is handed over as grad."""
        w = w.clone().requires_grad_()
        optimizer = torch.optim.SGD([w], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            (((w - grad) ** 2).sum() / 2).backward()
            optimizer.step()
        return w

    for steps in (0, 1, 10):
        add("gradient_descent", f"{steps}", descent, {"grad": GRADS[0], "w": W, "lr": 0.3, "steps": steps})

    def pooled(w: torch.Tensor, batches: list[torch.Tensor]) -> torch.Tensor:
        """The gradient of the mean of (Xw − y)²; y is the last column of a batch."""
        w = w.clone().requires_grad_()
        rows = torch.cat(batches)
        ((rows[:, :-1] @ w - rows[:, -1]) ** 2).mean().backward()
        assert w.grad is not None
        return w.grad

    for sizes in ((4, 4), (5, 1, 3), (2,)):
        batches = [rng.normal(size=(n, 4)) for n in sizes]
        add("accumulate_gradients", str(sizes), pooled, {"grad": rng.normal(size=3), "batches": batches})

    for d in (1, 2, 5):
        a = rng.normal(size=(d, d))
        bound = lambda h: 2 / torch.linalg.svdvals(h).max()  # noqa: E731
        add("stable_learning_rate", f"{d}", bound, {"H": a @ a.T + 0.1 * np.eye(d)})


def training() -> None:
    """A dense layer with squared loss, every batch the whole of the data, so that the order does not matter."""
    n, epochs = 7, 10
    given = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}
    X, y, lrs = rng.normal(size=(n, 3)), rng.normal(size=(n, 2)), 0.1 * np.resize([1.0, 1.5, 0.3], epochs)
    makers: dict[str, Callable[..., Any]] = {
        "sgd_momentum": lambda params: torch.optim.SGD(params, lr=1.0, momentum=0.9),
        "adam": lambda params: torch.optim.Adam(params),
    }
    for name, make in makers.items():
        params = {key: torch.tensor(value, requires_grad=True) for key, value in given.items()}
        optimizer, losses = make(list(params.values())), []
        for lr in lrs:
            optimizer.param_groups[0]["lr"] = float(lr)
            optimizer.zero_grad()
            loss = ((torch.tensor(X) @ params["W"] + params["b"] - torch.tensor(y)) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        inputs = {"params": list(given.values()), "loss": "squared", "X": X, "y": y, "optimizer": name}
        inputs |= {"schedule": lrs, "epochs": epochs, "batch_size": n}
        store("train", name, in_=inputs, out={"loss": losses, "lr": lrs} | params)


if __name__ == "__main__":
    optimizers()
    in_decimals()
    looking_ahead()
    schedules()
    the_rest()
    training()
    write(__file__)
