"""Finding a Python loop along some axes of an argument, by following what surely has those axes.

A name is *long* when its axes are the argument's (x, 2 * x, x[:, None]), a *count* when it is the size of one of the
axes in question or made from one (len(x), x.shape[0], (H - KH) // stride + 1), a *shape* when it is the shape or the
end of it. Only what surely keeps the axes is followed, so that a loop over centres, features or kernel positions is
never taken for one over the batch.
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
        "pad",
    ]
}
METHODS = {"copy", "astype", "tolist"}
MAKERS = {"numpy.zeros", "numpy.empty", "numpy.ones", "numpy.full"}
ROUNDED = {"int", "math.floor", "math.ceil"}
WALKS = {
    "enumerate", "zip", "list", "tuple", "iter", "reversed", "sorted", "map", "filter", "range", "numpy.arange",
    "itertools.product",
}  # fmt: skip

Dotted = Callable[[ast.AST], str]


class _Scope:
    """What the names of one function stand for."""

    def __init__(self, long: set[str], dotted: Dotted, axes: tuple[int, ...]) -> None:
        self.long, self.counts = long, set[str]()
        self.shapes: dict[str, int] = {}  # with the axis at which each begins
        self.made: dict[str, list[bool]] = {}  # arrays made here: which of their sizes are counts
        self.walks: set[str] = set()  # ranges and the like that have a name
        self.dotted, self.axes = dotted, axes

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
            return self.dotted(node.func) in ELEMENTWISE and any(map(self.is_long, node.args))
        return isinstance(node, ast.Attribute) and node.attr == "T" and self._is_transposed(node.value)

    def _is_transposed(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "T" and self.is_long(node.value)

    def shape(self, node: ast.AST) -> int | None:
        """The axis at which this shape, or end of a shape, begins; None where it is none."""
        if isinstance(node, ast.Name):
            return self.shapes.get(node.id)
        if isinstance(node, ast.Call):
            return 0 if self.dotted(node.func) == "numpy.shape" and any(map(self.is_long, node.args)) else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.upper is None:
            first, lower = self.shape(node.value), _integer(node.slice.lower)
            return None if first is None or lower is None else self._axis(first, lower)
        return 0 if isinstance(node, ast.Attribute) and node.attr == "shape" and self.is_long(node.value) else None

    def is_shape(self, node: ast.AST) -> bool:
        return self.shape(node) is not None

    def _axis(self, first: int, index: int) -> int:
        """The axis that an index means in a shape that begins at axis `first`; −1 where that cannot be known."""
        if index >= 0:
            return first + index
        return self.axes[-1] + 1 + index if len(self.axes) > 1 else -1

    def sizes(self, node: ast.AST) -> list[bool]:
        """Which entries are counts, for a written shape, the shape of an array made here, or such an array."""
        if isinstance(node, ast.Attribute) and node.attr == "shape":
            return self.sizes(node.value)
        if isinstance(node, ast.Name):
            return self.made.get(node.id, [])
        if isinstance(node, ast.Starred):
            return self.sizes(node.value)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            lower, upper = _integer(node.slice.lower), _integer(node.slice.upper)
            return self.sizes(node.value)[lower:upper]
        return [self.is_count(part) for part in node.elts] if isinstance(node, ast.Tuple) else []

    def is_count(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.counts
        if isinstance(node, ast.Subscript):
            first, index = self.shape(node.value), _integer(node.slice)
            if first is None and index is not None:
                return any(self.sizes(node.value)[index : index + 1 or None])
            return first is not None and index is not None and self._axis(first, index) in self.axes
        if isinstance(node, ast.Call):
            name = self.dotted(node.func)
            if name == "len":
                return 0 in self.axes and any(map(self.is_long, node.args))
            return (name in ROUNDED or name.endswith("output_size")) and any(map(self.is_count, node.args))
        if not isinstance(node, ast.BinOp):
            return False
        left, right = self.is_count(node.left), self.is_count(node.right)
        # a size less a size may be anything: H − OH + 1 is the kernel's
        return left != right or (left and not isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv)))

    def learn(self, target: ast.AST, value: ast.AST) -> None:
        """Follow one assignment."""
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for inner, part in zip(target.elts, value.elts, strict=True):
                self.learn(inner, part)
        elif isinstance(target, ast.Tuple) and (first := self.shape(value)) is not None:
            starred = False
            for index, inner in enumerate(target.elts):
                starred = starred or isinstance(inner, ast.Starred)
                axis = self._axis(first, index - len(target.elts) if starred else index)
                if isinstance(inner, ast.Name) and axis in self.axes:
                    self.counts.add(inner.id)
        elif isinstance(target, ast.Name):
            if self.is_long(value):
                self.long.add(target.id)
            if (first := self.shape(value)) is not None:
                self.shapes[target.id] = first
            if self.is_count(value):
                self.counts.add(target.id)
            if isinstance(value, ast.Call) and self.dotted(value.func) in MAKERS and value.args:
                self.made[target.id] = self.sizes(value.args[0])
            if isinstance(value, ast.Call) and self.walks_along(value):
                self.walks.add(target.id)

    def walks_along(self, node: ast.AST) -> bool:
        """Whether running through this expression means running along one of the axes."""
        if self.is_long(node) or self.is_shape(node):
            return self.is_long(node) and 0 in self.axes
        if isinstance(node, ast.Name):
            return node.id in self.walks or any(self.sizes(node)[:1])
        if not isinstance(node, ast.Call):
            return False
        name = self.dotted(node.func)
        if name == "numpy.ndindex":
            parts = [part.value if isinstance(part, ast.Starred) else part for part in node.args]
            return any(self.is_shape(part) or self.is_count(part) or any(self.sizes(part)) for part in parts)
        if name == "numpy.ndenumerate":
            return any(map(self.is_long, node.args))
        return name in WALKS and any(self.walks_along(part) or self.is_count(part) for part in node.args)


def _integer(node: ast.AST | None) -> int | None:
    """The integer that is written there, −1 too."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _integer(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def find_loop(
    functions: dict[str, ast.FunctionDef], dotted: Dotted, name: str, over: str, axes: tuple[int, ...]
) -> str | None:
    """The first line of a loop along one of the axes of `over`, a parameter of `name`; None where there is none.

    axes: in rising order; if there are more than the first, the last of them is the array's last. A parameter whose
    name ends in "shape" is the shape itself.
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
        shapes = {parameter: 0 for parameter in task[1] if parameter.endswith("shape")}
        scope = _Scope(set(task[1]) - set(shapes), dotted, axes)
        scope.shapes |= shapes
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
