"""The three submissions that go the whole way: full, untouched, and a learner's with everything that goes wrong."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode

from dlkit.course.units import Unit

__all__ = ["LEARNER", "RECOGNISED", "answered", "full", "learner", "solutions", "untouched"]

LEARNER = {
    # eight slips, each with a sentence of its own
    "sigmoid": "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))",
    "sigmoid_backward": "def sigmoid_backward(dout, x):\n    s = 1 / (1 + np.exp(-x))\n    return s * (1 - s)",
    "tanh": "def tanh(x):\n    return np.tanh(x)",
    "relu": "def relu(x):\n    return np.abs(x)",
    "leaky_relu": "def leaky_relu(x, slope=0.01):\n    return np.maximum(x, slope * x)",
    "softmax": (
        "def softmax(x, axis=-1):\n    e = np.exp(x - x.max(axis=axis, keepdims=True))\n"
        "    return e / e.sum(axis=-1, keepdims=True)"
    ),
    "logsumexp": "def logsumexp(x, axis=-1):\n    m = np.max(x)\n    return m + np.log(np.exp(x - m).sum(axis=axis))",
    "softmax_backward": "def softmax_backward(dout, y, axis=-1):\n    return y * (1 - y) * dout",
    "dead_relu_fraction": (
        "def dead_relu_fraction(x, W, b):\n    alive = (x @ W + b > 0).any(axis=0)\n    return alive.mean()"
    ),
    # two cells that do not even parse
    "elu": "def elu(x, alpha=1.0):\n    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))",
    "gelu": "def gelu(x, approximate='none')\n    return x",
    # a loop without end, and ten megabytes of output
    "swish": "def swish(x, beta=1.0):\n    while True:\n        pass",
    "softplus": "for _ in range(10_000):\n    print('x' * 1000)\n\ndef softplus(x):\n    return np.logaddexp(0, 1.0 * x)",
    # right, in another style: one number at a time, with the math module
    "relu_backward": (
        "def relu_backward(dout, x):\n    dout, x = np.asarray(dout), np.asarray(x)\n    dx = np.zeros_like(dout)\n"
        "    for place in np.ndindex(x.shape):\n        if x[place] > 0:\n            dx[place] = dout[place]\n    return dx"
    ),
    # questions: one right, one wrong
    "q-kink-descent": None,
    "q-zigzag-minibatch": "def q_zigzag_minibatch():\n    return 'd'",
}
"""What the learner typed, by cell; None stands for the right answer."""

RECOGNISED = (
    "sigmoid", "sigmoid_backward", "tanh", "relu", "leaky_relu", "softmax", "logsumexp", "softmax_backward",
    "dead_relu_fraction",
)  # fmt: skip
"""The exercises whose feedback must name the mistake in the words of dlkit/mistakes."""


def answered(unit: Unit, answers: dict[str, str]) -> NotebookNode:
    """The release with some answer cells filled in."""
    notebook = nbformat.read(unit.notebook("notebooks"), 4)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for id, source in answers.items():
        cells[id].source = source
    return notebook


def full(unit: Unit) -> NotebookNode:
    """The release with every reference answer."""
    return answered(unit, solutions(unit))


def untouched(unit: Unit) -> NotebookNode:
    """The release as it is."""
    return answered(unit, {})


def learner(unit: Unit) -> NotebookNode:
    """The release with what `LEARNER` says."""
    right = solutions(unit)
    return answered(unit, {id: source or right[id] for id, source in LEARNER.items()})


def solutions(unit: Unit) -> dict[str, str]:
    """The reference answers, by cell."""
    cells = nbformat.read(unit.notebook("source"), 4).cells
    graders = ((cell.metadata.get("nbgrader", {}), cell.source) for cell in cells)
    return {grader["grade_id"]: source for grader, source in graders if grader.get("solution")}
