"""Running one submission: in the sandbox, or, for one's own work only, in a process beside this one.

An engine stays with its worker. What it gives back for a submission is an executed notebook and its report.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from nbformat import NotebookNode

from dlkit.course.errors import UserError
from dlkit.course.units import Unit
from dlkit.grading.ahead import Plan
from dlkit.grading.ingest import belongs, merge, read_notebook
from dlkit.grading.judge import judge
from dlkit.grading.practice import practise
from dlkit.grading.report import Report, collect
from dlkit.grading.sandbox import Sandbox
from dlkit.grading.skeleton import Skeletons

__all__ = ["Engine"]


class Engine:
    """Grades submissions one after another. `boxed` puts a sandbox around each; UserError where none can be had."""

    def __init__(self, boxed: bool = True) -> None:
        self._box = Sandbox() if boxed else None
        self._skeletons = Skeletons()
        self._plans: dict[str, Plan] = {}

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox."""
        if self._box:
            self._box.close()

    def grade(self, unit: Unit, student: str, path: Path) -> tuple[Report, NotebookNode | None]:
        """The report on the notebook at `path`, and the notebook executed; none where it cannot be read at all."""
        try:
            if not path.is_file():
                raise UserError(f"{path.parent} holds no {path.name}: was it handed in under another name?")
            notebook = read_notebook(path, within=unit.root / "submitted")
            belongs(notebook, unit, path)
        except UserError as error:
            return Report(unit.name, student, error=str(error)), None
        executed = self.run(merge(self._skeletons.of(unit), notebook))
        return collect(executed, unit.name, student), executed

    def run(self, merged: NotebookNode) -> NotebookNode:
        """Fill in the outputs of a notebook that has the course's cells and a learner's answers."""
        return judge(merged, self._box.fresh, plans=self._plans) if self._box else practise(merged)
