"""Finding a Python loop along the first axis of an argument, by following what surely has that axis.

A name is *long* when its first axis is the batch (x, 2 * x, x[:, None]), a *count* when it is the batch's size
(len(x), x.shape[0]), a *shape* when it is the whole shape. Only what surely keeps the axis is followed, so that a
loop over centres, features or kernel positions is never taken for one over the batch.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

__all__ = ["find_loop"]

LOOPS_INSIDE = ("numpy.vectorize", "numpy.apply_along_axis", "numpy.frompyfunc", "numpy.fromiter")
ELEMENTWISE = {
    f"numpy.{name}"
    for name in [
        "asarray",
        "array",
        "ascontiguousarray",
        "abs",
        "exp",
        "log",
        "sqrt",
        "square",
        "maximum",
        "minimum",
        "where",
        "copy",
        "negative",
        "power",
    ]
}
METHODS = {"copy", "astype", "tolist"}
WALKS = {"enumerate", "zip", "list", "tuple", "iter", "reversed", "sorted", "map", "filter", "range", "numpy.arange"}

Dotted = Callable[[ast.AST], str]


class _Scope:
    """What the names of one function stand for."""

    def __init__(self, long: set[str], dotted: Dotted) -> None:
        self.long, self.counts, self.shapes = long, set[str](), set[str]()
        self.dotted = dotted

    def is_long(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.long
        if isinstance(node, ast.BinOp):
            sides = (node.left,) if isinstance(node.op, ast.MatMult) else (node.left, node.right)
            return any(map(self.is_long, sides))
        if isinstance(node, ast.UnaryOp):
            return self.is_long(node.operand)
        if isinstance(node, ast.Subscript):
            first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            whole = isinstance(first, ast.Slice) and first.lower is None and first.upper is None
            return whole and self.is_long(node.value)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS and self.is_long(node.func.value):
                return True
            return self.dotted(node.func).removeprefix("numpy.") in ELEMENTWISE and any(map(self.is_long, node.args))
        return isinstance(node, ast.Attribute) and node.attr == "T" and self._is_transposed(node.value)

    def _is_transposed(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "T" and self.is_long(node.value)

    def is_shape(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.shapes
        if isinstance(node, ast.Call):
            return self.dotted(node.func) == "numpy.shape" and any(map(self.is_long, node.args))
        return isinstance(node, ast.Attribute) and node.attr == "shape" and self.is_long(node.value)

    def is_count(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.counts
        if isinstance(node, ast.Subscript):
            return self.is_shape(node.value) and isinstance(node.slice, ast.Constant) and node.slice.value == 0
        if isinstance(node, ast.Call):
            return self.dotted(node.func) == "len" and any(map(self.is_long, node.args))
        return isinstance(node, ast.BinOp) and (self.is_count(node.left) or self.is_count(node.right))

    def learn(self, target: ast.AST, value: ast.AST) -> None:
        """Follow one assignment."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for inner, part in zip(target.elts, value.elts, strict=True):
                self.learn(inner, part)
        elif isinstance(target, ast.Tuple) and self.is_shape(value):
            self.counts |= {inner.id for inner in target.elts[:1] if isinstance(inner, ast.Name)}
        elif isinstance(target, ast.Name):
            for kind, names in ((self.is_long, self.long), (self.is_shape, self.shapes), (self.is_count, self.counts)):
                if kind(value):
                    names.add(target.id)

    def walks_along(self, node: ast.AST) -> bool:
        """Whether running through this expression means running through the batch."""
        if self.is_long(node) or self.is_shape(node):
            return self.is_long(node)
        if not isinstance(node, ast.Call):
            return False
        name = self.dotted(node.func)
        if name == "numpy.ndindex":
            return any(self.is_shape(part) or self.is_count(part) for part in node.args)
        if name == "numpy.ndenumerate":
            return any(map(self.is_long, node.args))
        return name in WALKS and any(self.walks_along(part) or self.is_count(part) for part in node.args)


def find_loop(functions: dict[str, ast.FunctionDef], dotted: Dotted, name: str, over: str) -> str | None:
    """The first line of a loop along the first axis of `over`, a parameter of `name`; None where there is none.

    functions: the definitions that may be called, by name. A function that renames its parameters is judged by its
    first one; what is handed on to another function is followed there.
    """
    if name not in functions:
        return None
    own = [argument.arg for argument in functions[name].args.args]
    todo: list[tuple[str, frozenset[str]]] = [(name, frozenset([over if over in own else own[0]] if own else []))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        task = todo.pop()
        if task in seen:
            continue
        seen.add(task)
        function = functions[task[0]]
        scope = _Scope(set(task[1]), dotted)
        for _ in range(3):  # assignments may stand in any order inside loops
            for target, value in _assignments(function):
                scope.learn(target, value)
        for node in ast.walk(function):
            if _loops(node, scope):
                return ast.unparse(node).partition("\n")[0]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
                parameters = [argument.arg for argument in functions[node.func.id].args.args]
                passed = zip(parameters, node.args, strict=False)
                long = frozenset(parameter for parameter, value in passed if scope.is_long(value))
                if long:
                    todo.append((node.func.id, long))
    return None


def _assignments(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.AST]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            yield node.target, node.value


def _loops(node: ast.AST, scope: _Scope) -> bool:
    if isinstance(node, (ast.For, ast.comprehension)):
        return scope.walks_along(node.iter)
    if isinstance(node, ast.While):
        return any(scope.is_count(part) for part in ast.walk(node.test))
    if isinstance(node, ast.Call) and scope.dotted(node.func) == "map":
        return any(map(scope.walks_along, node.args))
    return isinstance(node, ast.Attribute) and scope.dotted(node) in LOOPS_INSIDE
