"""Rules about how an answer is written: banned functions, no Python loop over the batch.

Values cannot tell `np.tanh(x)` from a formula that equals it; only the source can. This module is the one interface
through which checks see source: `sources_of` returns the cells that were run, and `use_sources` replaces it where the
answers live elsewhere. An answer is judged together with everything of its author's that it reaches by name.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dlkit.check.call import NotAttempted
from dlkit.check.expectation import Mismatch, Problem

__all__ = ["BrokenRule", "forbid", "forbid_loops", "sources_of", "use_sources"]

LOOPS_INSIDE = ("numpy.vectorize", "numpy.apply_along_axis", "numpy.frompyfunc", "numpy.fromiter")
ESCAPES = ("eval", "exec", "__import__")

Rule = Callable[[str, list[str]], str | None]

_given_sources: list[str] | None = None


class BrokenRule(Mismatch):
    """An answer is written in a way that its exercise rules out."""

    def __init__(self, function: str, text: str, rule: Rule) -> None:
        super().__init__(Problem(text, "rule"))
        self.function = function
        self.rule = rule


@contextmanager
def use_sources(sources: list[str]) -> Iterator[None]:
    """While the body runs, these are the sources of every answer, in the order in which they were run."""
    global _given_sources
    before, _given_sources = _given_sources, sources
    try:
        yield
    finally:
        _given_sources = before


def sources_of(function: Callable[..., Any]) -> list[str]:
    """The sources among which an answer's definition stands: the notebook's cells, or its module."""
    if _given_sources is not None:
        return _given_sources
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        return [cell for cell in shell.user_ns.get("In", ()) if "check.exercise(" not in cell]
    module = inspect.getmodule(function)
    return [inspect.getsource(module)] if module else []


class _Reach:
    """Every top-level statement that a name depends on, and what its names stand for."""

    def __init__(self, name: str, sources: list[str]) -> None:
        self.aliases: dict[str, str] = {}
        definitions: dict[str, ast.stmt] = {}
        for statement in _statements(sources):
            for bound in _bound(statement):
                definitions[bound] = statement
            self._learn(statement)
        self.nodes: list[ast.stmt] = []
        wanted, seen = [name], {name}
        while wanted:
            node = definitions.get(wanted.pop())
            if node is None or node in self.nodes:
                continue
            self.nodes.append(node)
            self._learn(node)
            used = _free(node) - seen
            seen |= used
            wanted += sorted(used)

    def _learn(self, statement: ast.stmt) -> None:
        """Imports and plain renamings, wherever they stand."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.aliases[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                dotted = self.dotted(node.value)
                if "." in dotted or dotted in self.aliases.values():
                    self.aliases[node.targets[0].id] = dotted

    def dotted(self, node: ast.expr) -> str:
        """`np.linalg.inv` → "numpy.linalg.inv"; "" where the expression is no plain path."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    def walk(self) -> Iterator[ast.AST]:
        for node in self.nodes:
            yield from ast.walk(node)


def _statements(sources: list[str]) -> Iterator[ast.stmt]:
    for source in sources:
        try:
            yield from ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError):
            continue


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds in its own scope."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.name for node in ast.walk(statement) if isinstance(node, ast.FunctionDef)}


def _free(statement: ast.stmt) -> set[str]:
    """The names that a statement takes from outside: what it loads, less a function's own parameters and locals."""
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    used = {node.id for node in names}
    if isinstance(statement, ast.FunctionDef):
        used -= {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
        used -= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return used


def _is_stub(reach: _Reach, name: str) -> bool:
    own = [node for node in reach.nodes if isinstance(node, ast.FunctionDef) and node.name == name]
    raised = [inner.exc for node in own for inner in ast.walk(node) if isinstance(inner, ast.Raise)]
    return any(isinstance(exc, ast.Call) and reach.dotted(exc.func) == "NotImplementedError" for exc in raised)


def _judge(function: Callable[..., Any], rule: Rule) -> None:
    name = getattr(function, "__name__", "")
    sources = sources_of(function)
    if _is_stub(_Reach(name, sources), name):
        raise NotAttempted
    text = rule(name, sources)
    if text:
        raise BrokenRule(name, text, rule)


def forbid(function: Callable[..., Any], *banned: str) -> None:
    """The answer uses none of these functions, given by full name ("numpy.tanh"), under whatever name it knows them."""
    ends = {name.rpartition(".")[2]: name for name in banned}
    roots = {name.partition(".")[0] for name in banned}

    def rule(name: str, sources: list[str]) -> str | None:
        reach = _Reach(name, sources)
        for node in reach.walk():
            used = reach.dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
            root, _, end = used.partition(".")[0], *used.rpartition(".")[1:]
            if root in roots and "." in used and end in ends:
                return f"{name} uses {ends[end]}, which this exercise rules out"
            if used in ESCAPES:
                return f"{name} uses {used}, which this exercise rules out"
            if isinstance(node, ast.Constant) and node.value in ends:
                return f"{name} reaches {ends[node.value]} through its name, which this exercise rules out"
        return None

    _judge(function, rule)


def forbid_loops(function: Callable[..., Any], over: str) -> None:
    """The answer has no Python loop along the first axis of its parameter `over`; other loops are allowed."""

    def rule(name: str, sources: list[str]) -> str | None:
        reach = _Reach(name, sources)
        long = _lengths(reach, over)
        for node in reach.walk():
            loops: list[ast.expr] = []
            if isinstance(node, (ast.For, ast.comprehension)):
                loops = [node.iter]
            elif isinstance(node, ast.While):
                loops = [node.test]
            elif isinstance(node, ast.Call) and reach.dotted(node.func) == "map":
                loops = node.args
            hidden = isinstance(node, ast.Attribute) and reach.dotted(node) in LOOPS_INSIDE
            if hidden or any(_follows(expression, long) for expression in loops):
                line = ast.unparse(node).partition("\n")[0]
                return f"{name} loops over the first axis of {over} in Python: `{line}`"
        return None

    _judge(function, rule)


def _follows(node: ast.AST, long: set[str]) -> bool:
    """Whether an expression has the length of the batch: it names something long, other than for its later axes."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        return isinstance(node.slice, ast.Constant) and node.slice.value == 0 and _follows(node.value.value, long)
    if isinstance(node, ast.Attribute) and node.attr in ("shape", "dtype", "ndim", "T"):
        return False
    if isinstance(node, ast.Name):
        return node.id in long
    return any(_follows(child, long) for child in ast.iter_child_nodes(node))


def _lengths(reach: _Reach, over: str) -> set[str]:
    """The names whose first axis, or whose value, is the batch's length."""
    long = {over}
    assigns = [node for node in reach.walk() if isinstance(node, ast.Assign)]
    for _ in assigns:
        before = len(long)
        for node in assigns:
            for target in node.targets:
                shape = isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
                if isinstance(target, ast.Tuple) and shape and _follows(node.value.value, long):  # type: ignore[attr-defined]
                    first = target.elts[0]
                    long |= {first.id} if isinstance(first, ast.Name) else set()
                elif isinstance(target, ast.Name) and _follows(node.value, long):
                    long.add(target.id)
        if len(long) == before:
            break
    return long
