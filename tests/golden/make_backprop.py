"""Writes backprop.npz: inputs, outputs and gradients of the unit's functions as PyTorch computes them.

    python tests/golden/make_backprop.py

writing.py says how the file is laid out.
A function to differentiate is kept as text (option/text) that means the same to torch and to numpy, as xp. "Value" has
one case, whose arrays have an entry for each expression.
"""

import itertools

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - everybody's name for it
from writing import gradients, store, tensors, write

rng = np.random.default_rng(20240103)


def affine() -> None:
    shapes = {"2-D": (5, 3), "4-D": (2, 3, 2, 2), "one sample": (1, 4), "one feature": (3, 1, 1), "large": (4, 2, 3)}
    for case, shape in shapes.items():
        d, m = int(np.prod(shape[1:])), 1 if case == "one feature" else 4
        scale = 1e4 if case == "large" else 1.0
        arrays = {"x": scale * rng.normal(size=shape), "W": rng.normal(size=(d, m)), "b": scale * rng.normal(size=m)}
        t = tensors(arrays, arrays)
        out = F.linear(t["x"].flatten(1), t["W"].T, t["b"])
        dout = rng.normal(size=(shape[0], m))
        grad = gradients(out, t, dout)
        store("affine", case, in_=arrays, out={"out": out}, cotangent={"dout": dout}, grad=grad)


def broadcasting() -> None:
    pairs = [((3,), (4, 3)), ((4, 1), (4, 3)), ((1, 3), (4, 3)), ((1, 1), (4, 3)), ((), (4, 3)), ((), ()), ((1,), (5,))]
    pairs += [((2, 1, 4), (5, 2, 3, 4)), ((3, 1), (2, 3, 1)), ((1, 3), (1, 3)), ((1, 1, 2), (3, 1, 4, 2)), ((1,), (0,))]
    for small, large in pairs:
        x = torch.zeros(small, dtype=torch.float64, requires_grad=True)
        grad = rng.normal(size=large)
        found = gradients(x.expand(large), {"x": x}, grad)
        store(
            "unbroadcast", f"{small} to {large}", in_={"grad": grad}, option={"shape": small}, out={"out": found["x"]}
        )


def by_hand() -> None:
    """A net of two layers under C = ½ Σ (a − y)²: the gradients by z are the errors of BP1 and BP2."""
    for name, activation in {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}.items():
        shapes = {"x": (6, 4), "W1": (4, 5), "b1": (5,), "W2": (5, 3), "b2": (3,), "y": (6, 3)}
        arrays = {key: rng.normal(size=shape) for key, shape in shapes.items()}
        t = tensors(arrays, arrays)
        z1 = t["x"] @ t["W1"] + t["b1"]
        a1 = activation(z1)
        z2 = a1 @ t["W2"] + t["b2"]
        a2 = activation(z2)
        cost = 0.5 * ((a2 - t["y"]) ** 2).sum()
        wrt = {"z1": z1, "z2": z2} | {key: t[key] for key in ("W1", "b1", "W2", "b2")}
        store("bp", name, in_=arrays, out={"z1": z1, "a1": a1, "z2": z2, "a2": a2}, grad=gradients(cost, wrt))


def mlp() -> None:
    cases: dict[str, tuple[list[int], int, float, float]] = {  # sizes, N, reg, size of the weights
        "1 layer": ([4, 3], 5, 0.0, 1.0),
        "1 layer, reg": ([4, 3], 5, 0.7, 1.0),
        "2 layers": ([4, 6, 3], 7, 0.0, 1.0),
        "3 layers": ([5, 4, 6, 3], 6, 0.1, 1.0),
        "12 layers": ([3, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 4], 8, 0.05, 0.8),
        "one sample": ([3, 4, 2], 1, 0.2, 1.0),
        "one class": ([3, 4, 1], 3, 0.2, 1.0),
        "logits of 1e4": ([3, 4, 5], 6, 0.0, 70.0),
    }
    for case, (sizes, n, reg, scale) in cases.items():
        arrays = {"X": rng.normal(size=(n, sizes[0])), "y": rng.integers(sizes[-1], size=n)}
        for i in range(1, len(sizes)):
            arrays[f"W{i}"] = scale * rng.normal(size=(sizes[i - 1], sizes[i]))
            arrays[f"b{i}"] = scale * rng.uniform(0.0, 0.5, size=sizes[i])  # so that few units are dead in a deep net
        t = tensors(arrays, set(arrays) - {"y"})
        out = t["X"]
        for i in range(1, len(sizes)):
            out = F.linear(out if i == 1 else F.relu(out), t[f"W{i}"].T, t[f"b{i}"])
        loss = F.cross_entropy(out, t["y"])
        loss = loss + 0.5 * reg * sum((t[f"W{i}"] ** 2).sum() for i in range(1, len(sizes)))
        grad = gradients(loss, {name: value for name, value in t.items() if name not in "Xy"})
        print(f"mlp_loss, {case}: logits to {abs(out).max():.3g}, |dW1| {grad['W1'].norm():.3g}")
        store("mlp_loss", case, in_=arrays, option={"reg": reg}, out={"out": loss}, grad=grad)


EXPRESSIONS = """
a + b | a - b | a * b | a / b | -a | a + 2 | 2 + a | a - 2 | 2 - a | a * 3 | 3 * a | a / 3 | 3 / a | -a - -b
a**2 | a**3 | a**-1 | a**-2.5 | a**0.5 | a**1 | a**0 | b**2 | b**3 | b**-3
a.exp() | b.exp() | a.log() | a.tanh() | b.tanh() | a.relu() | b.relu() | (10 * b).tanh() | (a - a).relu() | (a - a)**2
a + a | a * a | a / a | a - a | a * a * a | (a + b) * (a + b) | (a * b + a) * (a * b - b)
(2 - a) * b / (3 / a) + (a * a).log() - (-b).exp() * a.tanh() + b.relu() + a**-2 + 5 - a / 7 + 1.5 * b
1 / (1 + (-(a * 0.5 + b * 0.25 - 1)).exp()) | ((a.exp() + b.exp()).log() - a)**2 | (a * b).tanh() / (1 + (a * b)**2)
(a.relu() - b.relu()).tanh() * (a - b).relu()**0.5 | (a.log() * b).exp() / a**2
"""


def expressions() -> None:
    """One array for each role, with an entry for each expression at each point: a thousand tiny ones would be large."""
    rows: list[tuple[str, float, float, float, float, float]] = []
    for text in (text.strip() for line in EXPRESSIONS.strip().splitlines() for text in line.split(" | ")):
        for a, b in [(1.7, -0.6), (0.3, 2.0)]:
            if ".relu()**0.5" in text and a < b:
                continue  # an infinite slope times 0
            t = tensors({"a": np.array(a), "b": np.array(b)}, "ab")
            out = eval(text, {}, t)
            found = torch.autograd.grad(out, list(t.values()), allow_unused=True)
            da, db = (0.0 if g is None else g.item() for g in found)
            rows.append((text, a, b, out.item(), da, db))
    texts, a, b, out, da, db = zip(*rows, strict=True)
    grad = {"a": da, "b": db}
    store("Value", "expressions", in_={"a": a, "b": b}, option={"text": texts}, out={"out": out}, grad=grad)


SCALAR = [  # analytic, for complex steps too
    "(A * x**2).sum() + (x**3).sum()",
    "xp.exp(A * x).sum() * xp.sin(x).sum()",
    "xp.tanh(x * A).prod() + 1 / (2 + x**2).sum()",
    "xp.sqrt(1 + (x * x).sum()) * xp.log(3 + xp.cos(A * x)).sum()",
]
VECTOR = ["xp.tanh(A @ x)", "xp.sin(A @ x) * (A @ x)**2", "xp.exp(A @ x - (x**2).sum())", "xp.cumsum(x**3, 0)"]


def measured() -> None:
    for text in SCALAR:
        for shape in [(3,), (2, 3), ()]:
            arrays = {name: np.asarray(rng.normal(size=shape)) for name in "xA"}
            t = tensors(arrays, arrays)
            grad = gradients(eval(text, {"xp": torch}, t), {"x": t["x"]})
            case = f"{text}, {shape}".replace("/", "÷")
            store("gradient", case, in_=arrays, option={"text": text}, grad=grad)
    for text in VECTOR:
        for m, n in [(4, 3), (3, 5), (1, 4), (3, 1)]:
            arrays = {"x": rng.normal(size=n), "A": rng.normal(size=(m, n))}
            t = tensors(arrays, arrays)

            def f(x: torch.Tensor, text: str = text, t: dict[str, torch.Tensor] = t) -> torch.Tensor:
                out: torch.Tensor = eval(text, {"xp": torch, "x": x, "A": t["A"]})
                return out

            J = torch.autograd.functional.jacobian(f, t["x"])
            left, right = torch.tensor(rng.normal(size=len(J))), torch.tensor(rng.normal(size=n))
            products = {
                "vjp": torch.autograd.functional.vjp(f, t["x"], left)[1],
                "jvp": torch.autograd.functional.jvp(f, t["x"], right)[1],
            }
            arrays |= {"left": left.numpy(), "right": right.numpy()}
            store("jacobian", f"{text}, {m} {n}", in_=arrays, option={"text": text}, out={"jacobian": J, **products})


def chains() -> None:
    for length in (1, 2, 5, 9):
        arrays = {"x": rng.normal(size=3), "w": rng.normal(size=(length, 3)), "b": rng.normal(size=(length, 3))}
        t = tensors(arrays, arrays)
        out = t["x"]
        for w, b in zip(t["w"], t["b"], strict=True):
            out = torch.tanh(w * out + b)
        dout = rng.normal(size=3)
        grad = gradients(out, {"x": t["x"]}, dout)
        store("chain", f"{length} layers", in_=arrays, cotangent={"dout": dout}, grad=grad)
    for sizes in [(3, 4), (3, 4, 2), (2, 5, 1, 4), (3, 3, 3, 3, 3)]:
        weights = {f"W{i}": rng.normal(size=pair) for i, pair in enumerate(itertools.pairwise(sizes), 1)}
        many = [torch.tensor(W) for W in weights.values()]
        out = torch.linalg.multi_dot(many) if len(many) > 1 else many[0]
        store("linear_collapse", str(sizes), in_=weights, out={"out": out})


if __name__ == "__main__":
    affine()
    broadcasting()
    by_hand()
    mlp()
    expressions()
    measured()
    chains()
    write(__file__)
