"""Assignments in plain nbgrader style, with asserts and without dlkit, graded as the course's own units are.

Tests run in the judge, the rest in the learner's prison. Whether an assignment's tests can work through calls alone is
found out from the teacher's notebook: from its text, and by running it with the reference answers in it. Where they
cannot, every submission runs in a stock kernel inside the sandbox instead. A learner has no say in that when the
teacher's notebook is handed over as `source`. Without it, a test that meets what cannot cross sends the notebook to
the kernel, and so whoever makes it meet that chooses where the tests run.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import io
import json
import linecache
import os
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from dlkit.check.call import Limited, TimeUp, time_limit
from dlkit.grading import boxed_kernel
from dlkit.grading.forked import Connect, Tell, in_child
from dlkit.grading.names import Names, Plan, name_of, obstacle, plan, role
from dlkit.grading.outputs import answer_outputs, clean
from dlkit.grading.proxies import CannotCross, PlainLearner
from dlkit.grading.remote import Limits, Lost, RunResult

__all__ = ["judge_plain", "score"]

PRINTED = 100_000
TEST_SECONDS = 30.0
"""nbgrader's own limit for a cell. A learner's calls have a shorter one; this is for what the test does with them."""


class _Judge:
    def __init__(self, connect: Connect, limits: Limits, plan: Plan) -> None:
        self.connect, self.limits = connect, limits
        self.deadline = time.monotonic() + limits.notebook
        self.done: list[tuple[str, str]] = []
        self.losses, self.plan = 0, plan
        self.learner = PlainLearner(connect(), limits, self.deadline)
        self.names = Names(lambda: self.learner, plan)

    def run(self, id: str, source: str) -> RunResult:
        """Run a cell in the learner's process, in a new one if the one before was lost."""
        self._revive()
        try:
            result = self.learner.run(id, source)
        except Lost as error:
            return RunResult("", ("Stopped", str(error), ""))
        self.done.append((id, source))
        return result

    def _revive(self) -> None:
        while self.learner.lost and self.losses < self.limits.losses and time.monotonic() < self.deadline:
            self.losses += 1
            self.learner = PlainLearner(self.connect(), self.limits, self.deadline)
            for id, source in list(self.done):
                try:
                    self.learner.run(id, source)
                except Lost:
                    self.done.remove((id, source))
                    break

    def learner_cell(self, cell: NotebookNode, id: str) -> list[NotebookNode]:
        """Run any other cell in the learner's process; what the teacher's imports and defines is known here too."""
        shown = self.run(id, cell.source)
        quiet, left = Limited(PRINTED), max(self.deadline - time.monotonic(), 0.01)
        with (
            contextlib.redirect_stdout(quiet),
            contextlib.redirect_stderr(quiet),
            contextlib.suppress(SyntaxError, TimeUp),
            time_limit(min(TEST_SECONDS, left)),
        ):
            if role(cell) == "answer":
                self.names.answer(cell.metadata.nbgrader.grade_id, cell.source)
            elif role(cell) == "given" and self.plan.knows(cell):
                self.names.given(cell.source)
        return answer_outputs(shown.printed, shown.error)

    def test_cell(self, source: str, id: str, count: int) -> list[NotebookNode]:
        """Run a test here: what it printed, its value, its error."""
        self._revive()
        self.names.new_cell()
        printed, complained = Limited(PRINTED), Limited(PRINTED)
        value, outputs = None, []
        file = f"<{id}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(complained):
            try:
                tree = ast.parse(source, file)
                last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
                with time_limit(min(TEST_SECONDS, max(self.deadline - time.monotonic(), 0.01))):
                    exec(compile(tree, file, "exec", dont_inherit=True), self.names)
                    if isinstance(last, ast.Expr):
                        code = compile(ast.Expression(last.value), file, "eval", dont_inherit=True)
                        value = eval(code, self.names)
                    if value is not None and not source.rstrip().endswith(";"):
                        data = {"text/plain": repr(value)[:PRINTED]}
                        outputs.append(new_output("execute_result", data, execution_count=count))
            except TimeUp:
                outputs += _error("TimeoutError", f"the test ran for more than {TEST_SECONDS:g} seconds")
            except (Exception, SystemExit) as error:
                outputs += _raised(error, file)
        streams = (("stdout", printed.getvalue()), ("stderr", complained.getvalue()))
        return [new_output("stream", name=name, text=clean(text)) for name, text in streams if text] + outputs


def _error(name: str, text: str, trace: str = "") -> list[NotebookNode]:
    return answer_outputs("", (name, text, trace))


def _raised(error: BaseException, file: str) -> list[NotebookNode]:
    """An error output whose traceback shows the test's lines, and the answer's behind them, not the judge's."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)]
    trace = "".join(lines + traceback.format_exception_only(error))
    return _error(type(error).__name__, str(error)[:5000], trace[:20_000])


def _judge(notebook: NotebookNode, limits: Limits, plan: Plan, strict: bool, tell: Tell, connect: Connect) -> None:
    """Run a notebook's cells and tell each one's outputs; in the judge's own process.

    strict: what cannot cross fails the test that wants it. Otherwise it ends the run, with the reason.
    """
    os.environ["MPLBACKEND"] = "agg"
    sys.stdin = io.StringIO()
    warnings.resetwarnings()  # to what Python, and so a kernel, does when it is told nothing
    for quiet in (ResourceWarning, ImportWarning, PendingDeprecationWarning, DeprecationWarning):
        warnings.simplefilter("ignore", quiet)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
    court = _Judge(connect, limits, plan)
    count = 0
    for index, cell in enumerate(notebook.cells):
        if not role(cell) or not cell.source.strip():
            continue
        count += 1
        id = f"cell-{count}"
        try:
            outputs = court.test_cell(cell.source, id, count) if role(cell) == "test" else court.learner_cell(cell, id)
        except CannotCross as error:
            if not strict:
                tell({"obstacle": f"{name_of(cell, index)}: {error}"})
                return
            outputs = _raised(error, f"<{id}>")
        tell({"index": index, "count": count, "outputs": outputs})


def score(cell: NotebookNode) -> float:
    """The points that nbgrader reads off a test cell's outputs."""
    points = float(cell.metadata.nbgrader.points)
    for output in cell.outputs:
        if output.output_type == "error" or (output.output_type == "stream" and output.name == "stderr"):
            return 0.0
        if output.output_type == "execute_result":
            try:
                value = float(output.data["text/plain"])
            except (KeyError, ValueError, TypeError):
                return points
            return value if 0 <= value <= points else points  # as nbgrader has it
    return points


def _isolated(
    notebook: NotebookNode, connect: Connect, limits: Limits, plan: Plan, strict: bool
) -> tuple[NotebookNode, str | None]:
    """The notebook with the outputs of the isolated engine, or the reason why it gave up."""
    work = functools.partial(_judge, notebook, limits, plan, strict)
    told = in_child(work, connect, limits.notebook + 2 * TEST_SECONDS)
    reports = {message["index"]: message for message in told if "index" in message}
    failed = next(
        (message["failed"] for message in told if "failed" in message), "the time for this notebook is used up"
    )
    for message in told:
        if "obstacle" in message:
            return notebook, message["obstacle"]
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if index in reports:
            cell.outputs = [nbformat.from_dict(output) for output in reports[index]["outputs"]]
            cell.execution_count = reports[index]["count"]
        elif role(cell) and cell.source.strip():
            cell.outputs = _error("Stopped", failed)
    return notebook, None


_known: dict[str, str | None] = {}


def _why_not(source: NotebookNode, connect: Connect, limits: Limits) -> str | None:
    """Why an assignment needs a kernel: what its text shows, or what its own answers met; tried once a process."""
    key = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()
    if key not in _known:
        _known[key] = obstacle(source) or _trial(source, connect, limits)
    return _known[key]


def _trial(source: NotebookNode, connect: Connect, limits: Limits) -> str | None:
    done, reason = _isolated(nbformat.from_dict(json.loads(json.dumps(source))), connect, limits, plan(source), False)
    if reason:
        return reason
    for index, cell in enumerate(done.cells):
        if role(cell) == "test" and score(cell) < float(cell.metadata.nbgrader.points):
            errors = [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
            told = (errors or ["less than its points"])[0].partition("\n")[0][:200]
            return f"{name_of(cell, index)}: the course's own answer does not pass it through calls alone ({told})"
    return None


def _same_tests(notebook: NotebookNode, source: NotebookNode) -> None:
    """Tests run here, as the teacher's. ValueError where one of them is not: the notebook was not merged."""
    known = {(cell.metadata.nbgrader.grade_id, cell.source) for cell in source.cells if role(cell) == "test"}
    for index, cell in enumerate(notebook.cells):
        if role(cell) == "test" and (cell.metadata.nbgrader.grade_id, cell.source) not in known:
            raise ValueError(f"{name_of(cell, index)} is not the test of the teacher's notebook")


def judge_plain(
    notebook: NotebookNode,
    connect: Callable[[], socket.socket],
    limits: Limits | None = None,
    source: NotebookNode | None = None,
) -> tuple[NotebookNode, str | None]:
    """Run a merged notebook, and fill in its outputs as nbgrader's execution would leave them.

    connect: gives the connection to a new learner's process, ending the one before.
    source: the teacher's notebook, with the reference answers in its answer cells; without it, see above.
    Returns the notebook, and None or the reason for which it ran in a kernel: which cell, and why.
    """
    limits = limits or Limits()
    if source is not None:
        _same_tests(notebook, source)
    reason = _why_not(source, connect, limits) if source is not None else obstacle(notebook)
    if reason is None:
        notebook, reason = _isolated(notebook, connect, limits, plan(source), source is not None)
    if reason is not None:
        notebook = boxed_kernel.run(notebook, limits)
    return notebook, reason
