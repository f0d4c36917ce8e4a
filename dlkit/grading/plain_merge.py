"""Taking a submission of a plain nbgrader assignment apart: its answers and its own cells, between the teacher's.

Such notebooks are often of an older format without cell ids, so that a teacher's cells are known by grade id, and the
plain ones, which a learner may have edited, by their text.
"""

from __future__ import annotations

import copy
from collections import Counter

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from dlkit.course.cells import grade_id_of

__all__ = ["merge_plain"]


def _text(cell: NotebookNode) -> str:
    return f"{cell.cell_type}:{cell.source.strip()}"


def merge_plain(skeleton: NotebookNode, submission: NotebookNode) -> NotebookNode:
    """The skeleton (tests from the source, stubs in the answer cells) with the submission's answers and added cells.

    An added or edited plain cell stands behind the cell that it followed. A cell that stands twice counts once, and
    its copies are added cells. Text from nbgrader's header and footer is added text.
    """
    merged = copy.deepcopy(skeleton)
    merged.nbformat, merged.nbformat_minor = 4, 5
    by_id = {grade_id_of(cell): index for index, cell in enumerate(merged.cells) if grade_id_of(cell)}
    by_text: dict[str, list[int]] = {}
    for index, cell in enumerate(merged.cells):
        cell.id = f"cell-{index + 1}"
        if not grade_id_of(cell):
            by_text.setdefault(_text(cell), []).append(index)
    added: dict[int, list[NotebookNode]] = {}
    seen: Counter[str] = Counter()
    anchor = -1
    for cell in submission.cells:
        name = grade_id_of(cell)
        if name in by_id:
            index = by_id[name]
            solution = merged.cells[index].metadata.nbgrader.get("solution")
            seen[name] += 1
            if seen[name] == 1:
                anchor = index
                if solution and cell.cell_type == merged.cells[index].cell_type:
                    merged.cells[index].source = cell.source
                continue
            if not solution:
                continue
        elif places := by_text.get(_text(cell)):
            anchor = places.pop(0)
            continue
        added.setdefault(anchor, []).append(_added(cell, sum(map(len, added.values())) + 1))
    cells = list(added.get(-1, []))
    for index, cell in enumerate(merged.cells):
        cells += [cell, *added.get(index, [])]
    merged.cells = cells
    return merged


def _added(cell: NotebookNode, number: int) -> NotebookNode:
    metadata = {"dlkit": {"role": "added"}}
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    return make(cell.source, id=f"added-{number}", metadata=metadata)
