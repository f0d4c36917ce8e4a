"""Reading a notebook that somebody else wrote, and taking from it nothing but answers.

Everything that a learner may not change (statements, given code, checks, metadata, points) comes from the course's own
notebook, the skeleton; the submission gives the source of its answer cells and the cells that were added.
"""

from __future__ import annotations

import copy
import json
import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from dlkit.course.cells import grade_id_of, role_of
from dlkit.course.errors import UserError
from dlkit.course.inline import BEGIN
from dlkit.course.units import Unit
from dlkit.grading.report import BLANK

__all__ = ["belongs", "merge", "read_notebook", "unit_name"]

MAX_BYTES, MAX_PARTS, MAX_CELLS = 20_000_000, 1_000_000, 2000


def read_notebook(path: Path, within: Path | None = None) -> NotebookNode:
    """A notebook from a regular file of sane size, less its outputs; UserError, in one line, where it is anything else.

    A link is not followed: it would let a learner hand in what they cannot read. `within`: no folder below this one is
    a link either.
    """
    if not path.exists():
        raise UserError(f"There is no file {path}. Check the name, or run `dlkit start` to fetch the units.")
    if path.is_dir():
        raise UserError(f"{path} is a folder. Name the .ipynb file in it.")
    try:
        if within and path.resolve() != within.resolve() / path.absolute().relative_to(within.absolute()):
            raise UserError(f"{path} is reached by a link. Hand in the file itself.")
        text = _read(path).decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(
            f"{path} is not a notebook: it is not UTF-8 text. Was another file saved under its name?"
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    if not text.strip():
        raise UserError(f"{path} is empty. `dlkit reset` gives a blank unit; earlier versions are in .dlkit/history.")
    try:
        if text.count("[") + text.count("{") > MAX_PARTS:
            raise ValueError("more parts than a notebook has")
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()  # half a character, as "\\ud800", is no text
    except UnicodeEncodeError:
        raise UserError(f"{path} holds a broken character (a lone surrogate). Delete it and save again.") from None
    except (ValueError, RecursionError):
        raise UserError(f"{path} is not a notebook: it is not JSON. Earlier versions are in .dlkit/history.") from None
    if not isinstance(data, dict) or not isinstance(data.get("cells"), list):
        raise UserError(
            f"{path} is not a notebook of format 4: it has no list of cells. Open and save it in JupyterLab."
        )
    if len(data["cells"]) > MAX_CELLS:
        raise UserError(f"{path} has more than {MAX_CELLS} cells. Delete those that you do not need.")
    for cell in data["cells"]:
        if isinstance(cell, dict) and isinstance(cell.get("outputs"), list):
            cell["outputs"] = []  # nobody looks at them, so nobody need check them
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cell ids that are missing or stand twice, which nbformat mends
            notebook: NotebookNode = nbformat.convert(nbformat.reader.reads(json.dumps(data)), 4)
            nbformat.validate(notebook)
    except Exception as error:  # nbformat lets many kinds through
        detail = str(error).strip().partition("\n")[0][:120]
        raise UserError(
            f"{path} is damaged: {detail}. Open and save it in JupyterLab, or use .dlkit/history."
        ) from None
    return notebook


def _read(path: Path) -> bytes:
    """A regular file's bytes; never those of a link's target, of a pipe or of a device, which may have no end."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if path.is_symlink():
        raise UserError(f"{path} is a link. Hand in the file itself.")
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UserError(f"{path} is no ordinary file. Hand in the notebook itself.")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB. Clear its outputs and try again.")
    return data


def unit_name(notebook: NotebookNode) -> str:
    """The unit that a notebook says it is of: "01_activations", or "" where it does not say."""
    metadata = notebook.metadata.get("dlkit")
    name = metadata.get("unit") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def belongs(notebook: NotebookNode, unit: Unit, path: Path) -> None:
    """UserError where the notebook is of another unit, or of none."""
    name = unit_name(notebook)
    if name == unit.name:
        return
    if not name:
        raise UserError(f"{path} is not a notebook of this course: it does not say which unit it is of.")
    raise UserError(f"{path} is a notebook of unit {name}, not of {unit.name}. Hand it in as `dlkit submit {name}`.")


def merge(skeleton: NotebookNode, submission: NotebookNode) -> NotebookNode:
    """The skeleton with the submission's answers, and its added cells behind the cell that they followed.

    A missing answer cell leaves the stub, or nothing where the skeleton has the answer. Of an answer cell that stands
    twice, the copies follow the first, as added cells, so that the last one counts as it did for the learner.
    """
    merged = copy.copy(skeleton)
    merged.cells = [copy.copy(cell) for cell in skeleton.cells]  # of which source and outputs are set, nothing inside
    answers = {grade_id_of(cell): cell for cell in merged.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    known = {grade_id_of(cell) or cell.id: cell.id for cell in merged.cells}
    ids = {cell.id for cell in merged.cells}
    added: dict[str, list[NotebookNode]] = {}
    seen: set[str] = set()
    anchor = ""
    for cell in submission.cells:
        key = grade_id_of(cell) or cell.get("id", "")
        if key in answers and key not in seen:
            seen.add(key)
            anchor = known[key]
            answers[key].source = cell.source
        elif key in answers or not (key in known or cell.get("id") in ids or role_of(cell) in ("text", "demo")):
            added.setdefault(anchor, []).append(cell)
        elif key in known:
            anchor = known[key]
    for key, cell in answers.items():
        if key not in seen and (BEGIN in cell.source if cell.cell_type == "code" else cell.source != BLANK):
            cell.source = ""
    merged.cells = list(_with_added(merged.cells, added))
    return merged


def _with_added(cells: list[NotebookNode], added: dict[str, list[NotebookNode]]) -> Iterator[NotebookNode]:
    number = 0
    for anchor, cell in [("", None), *((cell.id, cell) for cell in cells)]:
        if cell is not None:
            yield cell
        for extra in added.get(anchor, ()):
            number += 1
            metadata = {"dlkit": {"role": "added"}}
            if extra.cell_type == "code":
                yield new_code_cell(extra.source, id=f"added-{number}", metadata=metadata)
            else:
                yield new_markdown_cell(extra.source, id=f"added-{number}", metadata=metadata)
