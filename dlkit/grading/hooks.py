"""nbgrader preprocessors that nbgrader_config.py names, so that nbgrader's own commands grade as `dlkit grade` does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

from dlkit.grading.ingest import merge
from dlkit.grading.judge import judge
from dlkit.grading.plain import judge_plain
from dlkit.grading.plain_merge import merge_plain
from dlkit.grading.sandbox import Sandbox
from dlkit.grading.skeleton import with_stubs

__all__ = ["IsolatedExecute", "RestoreSkeleton", "SafeHTMLExporter"]

NO_SANDBOX = "DLKIT_NO_SANDBOX"
"""Set to 1, nbgrader's commands execute as they always did, in a kernel with the rights of whoever runs them."""


def _course_notebook(converter: Any, folder: str, names: dict[str, str]) -> NotebookNode | None:
    """The course's own notebook in one of nbgrader's folders, for the submission that a converter is busy with."""
    directory = converter.coursedir
    there = directory.format_path(folder, ".", names["assignment"])
    path = Path(directory.root, there, f"{names['notebook']}.ipynb")
    return nbformat.read(path, 4) if path.is_file() else None


class RestoreSkeleton(NbGraderPreprocessor):  # type: ignore[misc]
    """Take only answers and added cells from a submission; everything else comes from the course's source notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        converter, names = self.parent.parent, resources["nbgrader"]
        source = _course_notebook(converter, converter.coursedir.source_directory, names)
        if source is None:
            return nb, resources
        release = _course_notebook(converter, converter.coursedir.release_directory, names)
        skeleton = with_stubs(source, release or NotebookNode(cells=[]))
        if "dlkit" not in skeleton.metadata:
            return merge_plain(skeleton, nb), resources
        merged = merge(skeleton, nb)
        for cell in merged.cells:
            if cell.metadata.get("dlkit", {}).get("role") == "demo":
                cell.metadata["tags"] = ["skip-execution"]  # for kernels; the judge does not run them anyway
        return merged, resources


class SafeHTMLExporter(HTMLExporter):  # type: ignore[misc]
    """nbconvert's HTML, sanitized once more after Markdown was rendered: `[x](javascript:…)` is a link only then."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        html = super().markdown2html(context, source)
        clean: str = SanitizeHTML(config=self.config).sanitize_html_tags(html)
        return clean


class IsolatedExecute(Execute):  # type: ignore[misc]
    """In the place of nbgrader's Execute, by the course's config: answers run in the sandbox, checks beside it."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        if os.environ.get(NO_SANDBOX) == "1":
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        box = Sandbox()
        try:
            if "dlkit" in nb.metadata:
                return judge(nb, box.fresh), resources
            converter = self.parent.parent
            source = _course_notebook(converter, converter.coursedir.source_directory, resources["nbgrader"])
            done, reason = judge_plain(nb, box.fresh, source=source)
            if reason:
                self.log.warning("Run in one kernel inside the sandbox: %s", reason)
                done.cells.insert(0, new_markdown_cell(f"*Graded in one kernel inside the sandbox: {reason}.*"))
            return done, resources
        finally:
            box.close()
