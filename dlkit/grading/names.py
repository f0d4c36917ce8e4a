"""The names that the tests of a plain nbgrader notebook see, and what in its cells needs a kernel.

A name is the test's own, or a teacher's import or definition, run here as well; only then is it looked for in the
learner's process. What a test rebinds or deletes there, as in `del squares`, is rebound or deleted there.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from dlkit.course.inline import defined_names, free_names
from dlkit.grading.proxies import CallableProxy, CannotCross, PlainLearner, Proxy

__all__ = ["Names", "Plan", "name_of", "obstacle", "plan", "role"]

MAGIC = re.compile(r"^\s*[%!?]\w*.*$|^\s*%%.*$|\?\s*$", re.MULTILINE)
HARMLESS = re.compile(r"^\s*%(matplotlib|config|load_ext|autoreload|precision|pylab)\b")
SHELL = {
    "get_ipython": "it talks to the kernel", "In": "it looks at the kernel's history",
    "Out": "it looks at the kernel's history", "globals": "it looks at the notebook's namespace",
    "locals": "it looks at the notebook's namespace", "vars": "it looks at the notebook's namespace",
    "dir": "it looks at the notebook's namespace",
}  # fmt: skip
SOURCE_READERS = {"inspect", "dis", "gc", "__main__", "IPython"}
ALIASES = {"np": "numpy", "plt": "matplotlib.pyplot", "pd": "pandas", "sp": "scipy", "npt": "numpy.testing"}
SETTINGS = {"seed", "set_printoptions", "seterr", "simplefilter", "filterwarnings"}


def _grader(cell: NotebookNode) -> dict[str, Any]:
    metadata = cell.metadata.get("nbgrader")
    return metadata if isinstance(metadata, dict) else {}


def role(cell: NotebookNode) -> str:
    """What a code cell is: "test", "answer", "given" by the teacher, "added" by the learner; "" for all else."""
    if cell.cell_type != "code" or "skip-execution" in cell.metadata.get("tags", ()):
        return ""
    grader = _grader(cell)
    if grader.get("solution"):
        return "answer"
    if grader.get("grade"):
        return "test"
    return "added" if cell.metadata.get("dlkit", {}).get("role") == "added" else "given"


@dataclass
class Plan:
    """What a teacher's own notebook says of its names; empty where it is not at hand."""

    answers: dict[str, set[str]] = field(default_factory=dict)
    """What each answer cell defines, by its grade id."""
    imports: dict[str, list[ast.stmt]] = field(default_factory=dict)
    """What each answer cell imports: the tests' `np` must not be the learner's."""
    shared: set[str] = field(default_factory=set)
    """What the learner's side uses: a test's value of that name is visible there, as it is in one kernel."""

    given: set[str] | None = None
    """The teacher's plain cells; None where every cell that is not marked as added is taken for one."""

    def knows(self, cell: NotebookNode) -> bool:
        """Whether a plain cell is the teacher's."""
        return self.given is None or cell.source in self.given

    @property
    def asked(self) -> set[str]:
        return set().union(*self.answers.values())


def plan(source: NotebookNode | None) -> Plan:
    """Read a teacher's notebook, with the reference answers in it."""
    found = Plan()
    if source is None:
        return found
    found.given = {cell.source for cell in source.cells if role(cell) == "given"}
    for cell in source.cells:
        if role(cell) not in ("answer", "given"):
            continue
        try:
            names, used = defined_names(cell.source), free_names(cell.source)
            body = ast.parse(cell.source).body
        except SyntaxError:
            continue
        found.shared |= used | names
        if role(cell) == "answer":
            imports: list[ast.stmt] = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
            found.imports[_grader(cell)["grade_id"]] = imports
            found.answers[_grader(cell)["grade_id"]] = set(names - defined_names("\n".join(map(ast.unparse, imports))))
    return found


def obstacle(notebook: NotebookNode) -> str | None:
    """The first cell of the teacher's that cannot work through calls alone, as far as its text shows, and why."""
    for index, cell in enumerate(notebook.cells):
        kind = role(cell)
        reason = None
        if kind == "test":
            reason = _obstacle_in_test(cell.source)
        elif kind == "given":
            magics = [found.group() for found in MAGIC.finditer(cell.source)]
            if any(not HARMLESS.match(line) for line in magics) and _broken(cell.source):
                reason = "it uses magics"
        if reason:
            return f"{name_of(cell, index)}: {reason}"
    return None


def name_of(cell: NotebookNode, index: int) -> str:
    """How a reason names a cell."""
    return f"cell {_grader(cell).get('grade_id') or index + 1}"


def _broken(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return True
    return False


def _obstacle_in_test(source: str) -> str | None:
    if _broken(source):
        return "it uses magics" if MAGIC.search(source) else "it is not Python"
    for node in ast.walk(ast.parse(source)):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.partition(".")[0] in SOURCE_READERS for name in modules):
            return f"it imports {modules[0]}"
        if isinstance(node, ast.Attribute) and node.attr in ("__code__", "__class__", "__globals__", "__closure__"):
            return f"it looks at {node.attr}"
        if isinstance(node, ast.Name) and node.id in SHELL and isinstance(node.ctx, ast.Load):
            return SHELL[node.id]
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return "it awaits"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("__main__"):
            return "it looks at the notebook's namespace"
    return None


class Names(dict[str, Any]):
    """The namespace of the tests. Not a plain dict, so that Python asks it for names that it has not got."""

    def __init__(self, learner: Callable[[], PlainLearner], plan: Plan) -> None:
        super().__init__(__name__="__main__", display=lambda *args, **kwargs: None)
        self._learner, self._plan = learner, plan
        self._seen: dict[str, Any] = {}
        self._asked = plan.asked
        self._theirs = plan.asked | plan.shared
        self._answered: set[str] = set()

    def new_cell(self) -> None:
        """Forget what names stood for in the learner's process."""
        self._seen.clear()

    def given(self, source: str) -> None:
        """Take over what a teacher's plain cell imports, defines and sets without an answer's help."""
        try:
            body = ast.parse("\n".join(line for line in source.split("\n") if not HARMLESS.match(line))).body
        except SyntaxError:
            return
        for statement in body:
            text = ast.unparse(statement)
            names = defined_names(text)
            for name in names:
                self.pop(name, None)
            needs = free_names(text) if not isinstance(statement, ast.FunctionDef | ast.ClassDef) else set()
            if _repeatable(statement) and not needs & self._answered:
                self._execute([statement])

    def answer(self, id: str, source: str) -> None:
        """An answer cell has run: what it is asked to define is the learner's, what it is to import is known here too.

        Which names those are is the teacher's to say. Without his notebook, all but the imports and functions here.
        """
        if self._plan.given is not None:
            names = self._plan.answers.get(id, set())
        else:
            mine = {name for name, value in self.items() if callable(value) or isinstance(value, types.ModuleType)}
            names = set(defined_names(source) - mine)
        self._answered |= names
        for name in names:
            self.pop(name, None)
        self._execute(self._plan.imports.get(id, []))

    def _execute(self, body: list[ast.stmt]) -> None:
        new: dict[str, Any] = {}
        for statement in body:
            try:  # definitions keep this namespace as their globals; setting a name here does not tell the learner
                code = compile(ast.Module([statement], []), "<given>", "exec", dont_inherit=True)
                exec(code, self, new)
            except (
                Exception,
                CannotCross,
            ):  # it failed there too, or its names are looked for there
                continue
            self.update(new)

    def __missing__(self, name: str) -> Any:
        if name.startswith("__") or (hasattr(builtins, name) and name not in self._asked):
            raise KeyError(name)
        if name not in self._seen:
            try:
                value = self._learner().do("look", name)
            except NameError:
                raise KeyError(name) from None
            self._seen[name] = self._checked(name, value)
            self._theirs.add(name)
        return self._seen[name]

    def _checked(self, name: str, value: Any) -> Any:
        """A module is the judge's own, of a name that says which; a learner's assert_equal is no test."""
        if isinstance(value, CallableProxy):
            if name.startswith("assert") and name not in self._asked:
                raise CannotCross(f"it takes {name} from an answer's cell; import it in a cell of the teacher's")
            return value
        module = self._learner().do("module", value) if isinstance(value, Proxy) else ""
        if not module:
            return value
        if module not in (name, ALIASES.get(name)):
            raise CannotCross(f"it takes the module {name} from an answer's cell; import it in a cell of the teacher's")
        return importlib.import_module(module)

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, Proxy) and name in self._theirs:
            self.pop(name, None)
            self._seen[name] = value
            self._learner().do("bind", name, value)
            return
        super().__setitem__(name, value)
        if name not in self._plan.shared:
            return
        if isinstance(value, types.ModuleType):
            self._learner().run("import", f"import {value.__name__} as {name}")
        elif not callable(value):
            try:
                self._learner().do("bind", name, value)
            except CannotCross:
                return  # the learner's side does without, which the trial of the teacher's answers shows

    def __delitem__(self, name: str) -> None:
        if name in self:
            super().__delitem__(name)
            return
        self._seen.pop(name, None)
        self._learner().do("unbind", name)
        self._theirs.add(name)


def _repeatable(statement: ast.stmt) -> bool:
    """Whether a statement may run here as well as in the learner's process."""
    if isinstance(statement, ast.If | ast.Try | ast.For | ast.With):
        parts = [*statement.body, *getattr(statement, "orelse", []), *getattr(statement, "finalbody", [])]
        parts += [part for handler in getattr(statement, "handlers", []) for part in handler.body]
        return all(map(_repeatable, parts))
    if isinstance(statement, ast.Expr):
        call = statement.value
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SETTINGS
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign | ast.AugAssign
    return isinstance(statement, kinds | ast.Pass)
