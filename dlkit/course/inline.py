"""Putting a reference answer in place of its import: signature and docstring stay, the body gets solution markers."""

from __future__ import annotations

import ast
import builtins
import functools
import symtable
from pathlib import Path

from dlkit.course.lesson import Cell

__all__ = ["defined_names", "free_names", "inline"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PACKAGE = "dlkit.reference."

Definition = ast.FunctionDef | ast.ClassDef


def inline(cell: Cell, reference: Path, markers: bool) -> str:
    """The cell's source with each `from dlkit.reference.<unit> import …` replaced by what it imports.

    `markers` puts each body, a class's methods too, between solution markers.
    """
    lines = cell.source.split("\n")
    out: list[str] = []
    end = 0
    for statement in ast.parse(cell.source).body:
        if not isinstance(statement, ast.ImportFrom) or not (statement.module or "").startswith(PACKAGE):
            continue
        path = reference / f"{(statement.module or '').removeprefix(PACKAGE)}.py"
        if not path.is_file():
            raise cell.error(f"there is no {path.name} among the reference answers", statement.lineno)
        text = path.read_text(encoding="utf-8")
        found = {node.name: node for node in ast.parse(text).body if isinstance(node, Definition)}
        out += lines[end : statement.lineno - 1]
        blocks = []
        for alias in statement.names:
            if alias.name not in found or alias.asname:
                raise cell.error(f"{path.name} defines no function or class {alias.name}", statement.lineno)
            blocks.append(_definition(found[alias.name], text.split("\n"), markers))
        out += "\n\n\n".join(blocks).split("\n")
        end = statement.end_lineno or statement.lineno
    return "\n".join(out + lines[end:]).strip("\n")


def _definition(node: Definition, lines: list[str], markers: bool) -> str:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    marks: dict[int, list[str]] = {}
    if markers:
        functions = (
            [node] if isinstance(node, ast.FunctionDef) else [n for n in node.body if isinstance(n, ast.FunctionDef)]
        )
        for function in functions:
            begin, end = _body(function)
            indent = " " * (function.col_offset + 4)
            marks.setdefault(begin, []).append(indent + BEGIN)
            marks.setdefault(end + 1, []).append(indent + END)
    out: list[str] = []
    last = node.end_lineno or node.lineno
    for number in range(first, last + 2):
        out += marks.get(number, [])
        if number <= last:
            out.append(lines[number - 1])
    return "\n".join(out)


def _body(function: ast.FunctionDef) -> tuple[int, int]:
    """First and last line of the body without the docstring."""
    body = function.body
    documented = ast.get_docstring(function) is not None
    begin = (body[0].end_lineno or body[0].lineno) + 1 if documented else body[0].lineno
    return begin, function.end_lineno or begin


@functools.lru_cache(maxsize=1024)
def free_names(source: str) -> frozenset[str]:
    """The global names that the source uses and neither defines itself nor finds among the builtins."""
    table = symtable.symtable(source, "cell", "exec")
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used: set[str] = set()
    tables = [table]
    while tables:
        scope = tables.pop()
        tables += scope.get_children()
        for symbol in scope.get_symbols():
            outside = symbol.is_global() if scope is not table else symbol.get_name() not in own
            if symbol.is_referenced() and outside:
                used.add(symbol.get_name())
    return frozenset(used - own - set(dir(builtins)))


@functools.lru_cache(maxsize=1024)
def defined_names(source: str) -> frozenset[str]:
    """The names that the source defines at its top level."""
    table = symtable.symtable(source, "cell", "exec")
    found = (s for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace())
    return frozenset(symbol.get_name() for symbol in found)
