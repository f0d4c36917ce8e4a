"""How fast the reference convolution is: beside PyTorch on one thread, and beside the loops of its definition.

    python benchmarks/ops.py

Forward and backward of 32 images of 16 × 32 × 32 with 32 filters of 3 × 3, padding 1, float32. Every way is timed in
turn, round after round, so that a slow moment of the machine meets all of them; the best time of each counts. PyTorch
is measured where it is installed, and its results are compared with ours.
"""

from __future__ import annotations

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}

import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dlkit.reference.cnn import conv2d_backward, conv2d_forward, conv2d_naive

IMAGES, FILTERS, PADDING = (32, 16, 32, 32), (32, 16, 3, 3), 1
ROUNDS = 20
Step = Callable[[], Any]


def naive_backward(dout: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients by the definition: every output hands its gradient to its window and to its filter."""
    p, (kh, kw) = PADDING, w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for n, f, i, j in np.ndindex(dout.shape):
        dxp[n, :, i : i + kh, j : j + kw] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * xp[n, :, i : i + kh, j : j + kw]
    return dxp[:, :, p:-p, p:-p], dw, dout.sum(axis=(0, 2, 3))


def torch_steps(x: np.ndarray, w: np.ndarray, b: np.ndarray, dout: np.ndarray) -> dict[str, Step]:
    """PyTorch's forward and backward; nothing where it is not installed."""
    try:
        import torch
    except ModuleNotFoundError:
        return {}
    torch.set_num_threads(1)
    images, filters, biases, upstream = (torch.from_numpy(a) for a in (x, w, b, dout))

    def forward() -> Any:
        with torch.no_grad():
            return torch.nn.functional.conv2d(images, filters, biases, padding=PADDING).numpy()

    def backward() -> Any:
        options = [1, 1], [PADDING, PADDING], [1, 1], False, [0, 0], 1, [True, True, True]
        gradients = torch.ops.aten.convolution_backward(upstream, images, filters, [len(biases)], *options)
        return tuple(gradient.numpy() for gradient in gradients)

    print(f"PyTorch {torch.__version__}, one thread")
    return {"forward": forward, "backward": backward}


def best(steps: dict[str, Step], rounds: int) -> dict[str, float]:
    """The best of some rounds of each step, in seconds; the steps take turns."""
    times = dict.fromkeys(steps, float("inf"))
    for _ in range(rounds):
        for name, step in steps.items():
            begun = time.perf_counter()
            step()
            times[name] = min(times[name], time.perf_counter() - begun)
    return times


def main() -> None:
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(np.float32) for shape in (IMAGES, FILTERS))
    b = rng.standard_normal(FILTERS[0]).astype(np.float32)
    out, cache = conv2d_forward(x, w, b, padding=PADDING)
    dout = rng.standard_normal(out.shape).astype(np.float32)
    print(f"numpy {np.__version__}, Python {platform.python_version()}, one thread; x {IMAGES}, w {FILTERS}, float32")
    reference: dict[str, Step] = {
        "forward": lambda: conv2d_forward(x, w, b, padding=PADDING)[0],
        "backward": lambda: conv2d_backward(dout, cache),
    }
    loops: dict[str, Step] = {
        "forward": lambda: conv2d_naive(x, w, b, padding=PADDING),
        "backward": lambda: naive_backward(dout, x, w),
    }
    torch = torch_steps(x, w, b, dout)
    for name, step in reference.items():
        for other in (loops, torch):
            if other:
                theirs, ours = other[name](), step()
                for a, c in zip(*(r if isinstance(r, tuple) else (r,) for r in (theirs, ours)), strict=True):
                    np.testing.assert_allclose(a, c, rtol=1e-3, atol=1e-2)
    fast = best({f"ours {k}": v for k, v in reference.items()} | {f"torch {k}": v for k, v in torch.items()}, ROUNDS)
    slow = best(loops, 1)
    for name in reference:
        ours = fast[f"ours {name}"]
        line = f"{name:8}  ours {ours * 1e3:6.1f} ms   loops {slow[name]:5.1f} s, {slow[name] / ours:4.0f} times ours"
        if torch:
            theirs = fast[f"torch {name}"]
            line += f"   PyTorch {theirs * 1e3:6.1f} ms, ours takes {ours / theirs:.1f} times as long"
        print(line)


if __name__ == "__main__":
    main()
