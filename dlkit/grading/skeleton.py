"""The course's own notebook of a unit, into which a submission's answers are put."""

from __future__ import annotations

from nbformat import NotebookNode

from dlkit.course.cells import grade_id_of
from dlkit.course.units import Unit

__all__ = ["Skeletons", "with_stubs"]


def with_stubs(source: NotebookNode, release: NotebookNode) -> NotebookNode:
    """The source notebook with the release's stubs in place of its answers.

    An answer cell that a learner deleted is then one that was not attempted, and nbgrader, which knows a blank answer
    by the stub's checksum, knows it here too.
    """
    stubs = {grade_id_of(cell): cell for cell in release.cells}
    for cell in source.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            stub = stubs.get(grade_id_of(cell))
            cell.source = stub.source if stub else ""
            if stub and "checksum" in stub.metadata.nbgrader:
                cell.metadata.nbgrader["checksum"] = stub.metadata.nbgrader["checksum"]
    return source


class Skeletons:
    """The skeletons of a course's units, read once and again when a file changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[int, ...], NotebookNode]] = {}

    def of(self, unit: Unit) -> NotebookNode:
        """The skeleton of a unit; UserError where the course has no source notebook."""
        paths = [unit.notebook("source"), unit.notebook("notebooks")]
        state = tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in paths)
        kept = self._kept.get(str(paths[0]))
        if kept is None or kept[0] != state:
            kept = (state, with_stubs(unit.read("source"), unit.read("notebooks")))
            self._kept[str(paths[0])] = kept
        return kept[1]
