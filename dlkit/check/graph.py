"""`graph(Value)`: an autodiff class put to the test by expressions, so that a check sees numbers and never instances.

    expect(graph(Value), "a * b + a", a=2.0, b=3.0).close({"value": 8.0, "a": 4.0, "b": 2.0})

The whole expression is built and differentiated where the class lives, in one call, however many operations it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlkit.check.call import Remote

__all__ = ["Graph", "graph"]

OUTCOME = "value"


class Graph:
    """What `graph` returns: called with an expression and its numbers, it gives the value and the gradients."""

    graphed = True

    def __init__(self, cls: Callable[[float], Any]) -> None:
        self.cls = cls
        self.__name__ = getattr(cls, "__name__", "the class")

    def __call__(self, text: str, repeat: int = 1, backward: bool = True, **numbers: float) -> dict[str, Any]:
        """The expression's `.data` as "value", and the `.grad` of every name after its backward().

        text: Python, with the names in `numbers`, each an instance of the class; `(c := a * b) + c` names a node.
        repeat: each time but the first, the result before takes the place of the first name, which makes a chain.
        backward: without it the gradients are those that a new node has.
        """
        names = {name: self.cls(number) for name, number in numbers.items()}
        leaves = dict(names)
        code = compile(text, "<expression>", "eval")
        first = next(iter(names))
        for _ in range(repeat):
            out = eval(code, {"__builtins__": {}}, names)  # a check's own text, never a learner's
            names[first] = out
        if backward:
            out.backward()
        return {OUTCOME: out.data} | {name: node.grad for name, node in {**names, **leaves}.items()}


def graph(cls: Callable[[float], Any]) -> Callable[..., Any]:
    """A class with `.data`, `.grad` and `backward()` as a function of expressions; see `Graph`."""
    return cls.graph() if isinstance(cls, Remote) else Graph(cls)
