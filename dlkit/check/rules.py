"""Rules about how an answer is written: banned functions, no Python loop over the batch, no totals typed in.

Values cannot tell `np.tanh(x)` from a formula that equals it; only the source can. This module is the one interface
through which checks see source: `sources_of` returns the cells that were run, and `use_sources` replaces it where the
answers live elsewhere. An answer is judged together with everything of its author's that it reaches by name.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dlkit.check.call import NotAttempted
from dlkit.check.loops import find_loop
from dlkit.check.problem import Mismatch, Problem

__all__ = ["BrokenRule", "forbid", "forbid_loops", "forbid_numbers", "sources_of", "use_sources"]

ESCAPES = ("eval", "exec", "__import__", "vars", "globals", "importlib.import_module")

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


class _Names:
    """What names stand for in one scope: "np" for "numpy", "t" for "numpy.tanh"."""

    def __init__(self, outer: dict[str, str]) -> None:
        self.aliases = outer

    def learn(self, nodes: Iterable[ast.AST]) -> None:
        """Imports and plain renamings."""
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self.aliases[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                dotted = self.dotted(node.value)
                if "." in dotted or dotted in self.aliases.values():
                    self.aliases[node.targets[0].id] = dotted

    def dotted(self, node: ast.AST) -> str:
        """`np.linalg.inv` → "numpy.linalg.inv"; "" where the expression is no plain path."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""


class _Reach:
    """Every top-level statement that a name depends on, each with what the names in it stand for."""

    def __init__(self, name: str, sources: list[str]) -> None:
        outer = _Names({})
        definitions: dict[str, ast.stmt] = {}
        for source in sources:
            for statement, outside, bound in _parsed(source):
                outer.learn(outside)
                definitions |= dict.fromkeys(bound, statement)
        self.nodes: list[tuple[ast.stmt, _Names]] = []
        wanted, seen = [name], {name}
        while wanted:
            node = definitions.get(wanted.pop())
            if node is None or any(node is known for known, _ in self.nodes):
                continue
            free = _free(node)
            names = _Names({name: path for name, path in outer.aliases.items() if name in free})
            names.learn(ast.walk(node))
            self.nodes.append((node, names))
            wanted += sorted(free - seen)
            seen |= free

    def walk(self) -> Iterator[tuple[ast.AST, _Names]]:
        for node, names in self.nodes:
            yield from ((inner, names) for inner in ast.walk(node))


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """A statement and what it runs at once: not the bodies of the functions it defines."""
    yield node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


@functools.lru_cache(maxsize=256)
def _parsed(source: str) -> tuple[tuple[ast.stmt, tuple[ast.AST, ...], set[str]], ...]:
    """A cell's statements, each with what it runs at once and the names it binds; none where the cell does not parse.

    Kept, for rules look at the same cells again and again.
    """
    try:
        return tuple((node, tuple(_outside_functions(node)), _bound(node)) for node in ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError):
        return ()


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
    """Whether the function's own body, or one of a class's methods, still raises NotImplementedError."""
    own = [node for node, _ in reach.nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name]
    raised = [inner.exc for node in own for inner in ast.walk(node) if isinstance(inner, ast.Raise)]
    names = [exc.func if isinstance(exc, ast.Call) else exc for exc in raised]
    return any(isinstance(exc, ast.Name) and exc.id == "NotImplementedError" for exc in names)


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
    pairs = {(name.partition(".")[0], name.rpartition(".")[2]) for name in banned}
    roots = {root for root, _ in pairs}
    modules = {name[: dot.start()] for name in banned for dot in re.finditer(r"\.", name)}  # not banned as a whole

    def used(node: ast.AST, names: _Names) -> str:
        if isinstance(node, (ast.Name, ast.Attribute)):
            path = names.dotted(node)
            ends = (path.partition(".")[0], path.rpartition(".")[2])
            inside = any(f"{path}.".startswith(f"{name}.") for name in banned)
            other = "." in path and ends in pairs and path not in modules
            return path if inside or other or path in ESCAPES else ""
        if isinstance(node, ast.Call) and names.dotted(node.func) == "getattr" and len(node.args) > 1:
            base, key = names.dotted(node.args[0]), node.args[1]
            found = key.value if isinstance(key, ast.Constant) else None
            if base.partition(".")[0] in roots and (found is None or (base.partition(".")[0], found) in pairs):
                return f"getattr({base}, …)"
        return ""

    def rule(name: str, sources: list[str]) -> str | None:
        for node, names in _Reach(name, sources).walk():
            found = used(node, names)
            if found:
                return f"{name} uses {found}, which this exercise rules out"
        return None

    _judge(function, rule)


def forbid_loops(function: Callable[..., Any], over: str, axes: tuple[int, ...] = (0,)) -> None:
    """The answer has no Python loop along these axes of its parameter `over`; other loops are allowed.

    axes: (0,) for the batch; (0, 2, 3) for the batch, the rows and the columns of images.
    """
    where = "the first axis" if axes == (0,) else f"one of the axes {', '.join(map(str, axes))}"

    def rule(name: str, sources: list[str]) -> str | None:
        reach = _Reach(name, sources)
        functions = {node.name: node for node, _ in reach.nodes if isinstance(node, ast.FunctionDef)}
        alias = [
            node.value.id
            for node, _ in reach.nodes
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        ]
        own = name if name in functions else next((target for target in alias if target in functions), name)
        aliases = _Names({path: full for _, names in reach.nodes for path, full in names.aliases.items()})
        found = find_loop(functions, aliases.dotted, own, over, axes)
        return f"{name} loops over {where} of {over} in Python: `{found}`" if found else None

    _judge(function, rule)


def forbid_numbers(function: Callable[..., Any], above: float) -> None:
    """No number above this one is typed in the answer, nor in a string of it: what is asked for is to be computed."""

    def rule(name: str, sources: list[str]) -> str | None:
        nodes = [node for node, _ in _Reach(name, sources).walk()]
        said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
        for node in nodes:
            for number in _numbers(node) if id(node) not in said else ():
                if number > above:
                    return f"{name} has the number {number:,.15g} typed in: compute it from the structure"
        return None

    _judge(function, rule)


def _numbers(node: ast.AST) -> list[float]:
    """The numbers that a constant holds: itself, or those in a string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return [float(node.value)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [
            float(digits.replace(",", "").replace("_", "")) for digits in re.findall(r"\d+(?:[,_]\d{3})*", node.value)
        ]
    return []
