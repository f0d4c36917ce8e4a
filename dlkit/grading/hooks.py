"""nbgrader preprocessors that nbgrader_config.py names, so that nbgrader's own commands grade as `dlkit grade` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from dlkit.grading.ingest import merge

__all__ = ["RestoreSkeleton"]


class RestoreSkeleton(NbGraderPreprocessor):  # type: ignore[misc]
    """Take only answers and added cells from a submission; everything else comes from the course's source notebook.

    Experiments are tagged so that they are not executed. A unit's notebook says which unit it is; a teacher's own
    assignment does not, and passes through as nbgrader treats it.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        names = resources["nbgrader"]
        directory = self.parent.parent.coursedir
        folder = directory.format_path(directory.source_directory, ".", names["assignment"])
        source = Path(directory.root, folder, f"{names['notebook']}.ipynb")
        if not source.is_file():
            return nb, resources
        skeleton = nbformat.read(source, 4)
        if "dlkit" not in skeleton.metadata:
            return nb, resources
        for cell in skeleton.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = ""  # an answer cell that was deleted has no answer
        merged = merge(skeleton, nb)
        for cell in merged.cells:
            if cell.metadata.get("dlkit", {}).get("role") == "demo":
                cell.metadata["tags"] = ["skip-execution"]
        return merged, resources
