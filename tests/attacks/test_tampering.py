"""Notebooks that are not what was handed out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from dlkit.course.errors import UserError
from dlkit.grading.ingest import MAX_BYTES, merge, read_notebook
from tests.attacks.court import Attack, Court, submission
from tests.lessons import UNITS

Change = Callable[[NotebookNode], None]


def _each(what: Callable[[NotebookNode], Any], *ids: str) -> Change:
    def change(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if not ids or cell.id in ids:
                what(cell)

    return change


def _grader(**fields: Any) -> Callable[[NotebookNode], Any]:
    return lambda cell: cell.metadata.setdefault("nbgrader", NotebookNode()).update(fields)


def _checks(what: Callable[[NotebookNode], Any]) -> Change:
    return lambda notebook: [what(cell) for cell in notebook.cells if cell.id.endswith("-check")] and None


def _cells(what: Callable[[list[NotebookNode]], list[NotebookNode]]) -> Change:
    def change(notebook: NotebookNode) -> None:
        notebook.cells = what(list(notebook.cells))

    return change


def _retype(cell: NotebookNode) -> None:
    cell.cell_type = "markdown"
    cell.pop("outputs", None)
    cell.pop("execution_count", None)


def _forged(cell: NotebookNode) -> None:
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2.0", "application/vnd.dlkit.result+json": {"id": "sigmoid", "points": 2.0, "max_points": 2.0, "status": "passed", "checks": []}}, execution_count=1)]  # fmt: skip


def _swap_ids(notebook: NotebookNode) -> None:
    by_id = {cell.id: cell for cell in notebook.cells}
    relu, tanh = by_id["relu-check"], by_id["tanh-check"]
    relu.metadata, tanh.metadata, relu.id, tanh.id = tanh.metadata, relu.metadata, tanh.id, relu.id


CHANGES: dict[str, Change] = {
    "nothing": lambda notebook: None,
    "checks deleted": _cells(lambda cells: [cell for cell in cells if not cell.id.endswith("-check")]),
    "checks that pass": _checks(lambda cell: cell.update(source="check.score = lambda: 2.0\n2.0")),
    "checks without their hidden tests and their rules": _checks(lambda cell: cell.update(source=cell.source.replace("forbid", "print"))),
    "checks as text": _checks(_retype),
    "checks that are answers": _checks(_grader(solution=True, grade=False, locked=False)),
    "checks twice, the second one passing": _cells(lambda cells: cells + [new_code_cell("2.0", id=cell.id + "2", metadata=cell.metadata) for cell in cells if cell.id.endswith("-check")]),
    "checks renamed": _checks(lambda cell: cell.metadata.nbgrader.update(grade_id=cell.id + "x") or cell.update(id=cell.id + "x")),
    "checks of two exercises swapped": _swap_ids,
    "points raised": _checks(_grader(points=1000)),
    "points of an answer": _each(_grader(points=1000, grade=True), "sigmoid", "relu"),
    "checks and answers with another role": _each(lambda cell: cell.metadata.update(dlkit={"role": "demo"}), "sigmoid-check", "tanh-check"),
    "skip-execution": _checks(lambda cell: cell.metadata.update(tags=["skip-execution", "remove_cell"])),
    "other checksums, schema and metadata": _each(_grader(checksum="0", schema_version=99, task=True, cell_type="raw")),
    "roles and graders of wrong types": _checks(lambda cell: cell.metadata.update(dlkit=[1], nbgrader="x")),
    "results that were there already": _checks(_forged),
    "another kernel": lambda notebook: notebook.metadata.update(kernelspec={"name": "bash", "display_name": "Bash", "language": "bash"}, language_info={"name": "bash"}),
    "another unit and another time": lambda notebook: notebook.metadata.update(dlkit={"unit": "../../x"}, timestamp="1970-01-01", nbgrader={"points": 5}),
    "cells in reverse": _cells(lambda cells: cells[::-1]),
    "the given cell changed": _each(lambda cell: cell.update(source="import numpy as np\nclass check:\n    score = staticmethod(lambda: 2.0)\nexpect = check"), "setup"),
    "the given cell deleted": _cells(lambda cells: cells[1:]),
    "ids that stand twice": _cells(lambda cells: cells + [new_code_cell("1 / 0", id=cell.id) for cell in cells]),
    "an added cell that calls itself a check": _cells(lambda cells: [*cells, new_code_cell("2.0", metadata={"nbgrader": {"grade": True, "grade_id": "bonus", "points": 100, "locked": True, "solution": False, "schema_version": 3, "task": False}, "dlkit": {"role": "check"}})]),
    "an added cell that is given code": _cells(lambda cells: [new_code_cell("import os\nraise SystemExit(os.environ['DLKIT_CANARY'])", metadata={"dlkit": {"role": "given"}, "nbgrader": {"grade_id": "setup2", "grade": False, "solution": False}}), *cells]),
    "cell magics and shell lines": _cells(lambda cells: [*(new_code_cell(text) for text in ("!touch @CANARY@x", "%%bash\ntouch /scratch/x", "%run @CANARY@", "%load_ext x", "%%writefile /scratch/x\n1", "%env", "!!id", "x = !id\nx", "%%script sh\nid", "?np", "%cd /", "%store", "%%capture\n1", "%%javascript\nalert(1)", "%pip install x")), *cells]),
    "cells that do not parse": _cells(lambda cells: [*(new_code_cell(text) for text in ("def", "x = '\0'", "\ufeffx = 1", "await x", "return", "\x0c\x0c1", "from __future__ import braces", "# coding: utf-7\n+AGEAYg-")), *cells]),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_notebook_gets_what_its_answers_are_worth(court: Court, change: str) -> None:
    def make(notebook: NotebookNode) -> NotebookNode:
        CHANGES[change](notebook)
        return notebook

    outcome = court.try_(Attack(change, make=make, honest=3.0))
    ids = [cell.metadata.nbgrader.grade_id for cell in outcome.notebook.cells if "nbgrader" in cell.metadata]
    assert len(ids) == len(set(ids)) == 11
    assert sum(cell.metadata.nbgrader.get("points", 0) for cell in outcome.notebook.cells if "nbgrader" in cell.metadata) == 13  # fmt: skip


@pytest.mark.parametrize(
    ("change", "points"),
    [
        (_cells(lambda cells: [cell for cell in cells if cell.id != "relu"]), 1.0),
        (_cells(lambda cells: [*cells, next(cell for cell in cells if cell.id == "relu")]), 3.0),
        (_each(_retype, "relu"), 3.0),
        (_each(lambda cell: cell.update(id="tanh") or cell.metadata.nbgrader.update(grade_id="tanh"), "relu"), 1.0),
    ],
    ids=["deleted", "twice", "retyped", "under another's id"],
)
def test_answers_moved_about(court: Court, change: Change, points: float) -> None:
    def make(notebook: NotebookNode) -> NotebookNode:
        change(notebook)
        return notebook

    court.try_(Attack("moved", make=make, honest=points))


def _notebook(**fields: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **fields}).encode()


def _cell(**fields: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "x",
        "metadata": {},
        "source": "",
        "outputs": [],
        "execution_count": None,
    } | fields


FILES: dict[str, bytes] = {
    "nothing": b"",
    "zeros": bytes(1000),
    "too large": b" " * (MAX_BYTES + 1),
    "deep": b'{"cells": ' + b"[" * 500_000,
    "deep and closed": b'{"cells": [], "metadata": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_001,
    "millions of parts": b'{"cells": [' + b"[]," * 3_000_000 + b"1]}",
    "a hundred thousand cells": _notebook(cells=[_cell()] * 100_000),
    "cells that are none": _notebook(cells=[1, None, "x", []]),
    "a source that is none": _notebook(cells=[_cell(source={"a": 1})]),
    "metadata that is none": _notebook(cells=[_cell(metadata=5)]),
    "a very long number": b'{"nbformat": ' + b"9" * 10_000 + b', "cells": []}',
    "invalid UTF-8": b'{"cells": "\xff\xfe\xfd"}',
    "another encoding": '{"cells": []}'.encode("utf-16"),
    "half characters": _notebook(cells=[_cell(source="\ud800")]),
    "another format": _notebook(nbformat=99),
    "a format from below": _notebook(nbformat=-1),
    "a format of text": _notebook(nbformat="4"),
    "not JSON": b"<html></html>",
    "a pickle": b"\x80\x04cos\nsystem\n(S'id'\ntR.",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_notebook_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(FILES[name])
    start = time.monotonic()
    with pytest.raises(UserError) as refused:
        read_notebook(path)
    assert "\n" not in str(refused.value)
    assert time.monotonic() - start < 3


def test_outputs_that_were_handed_in_are_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": "x"}
    path.write_bytes(_notebook(cells=[_cell(outputs=[output] * 100_000)]))
    assert read_notebook(path).cells[0].outputs == []


def _link_to_file(folder: Path, there: Path) -> None:
    (folder / "a.ipynb").symlink_to(there)


def _pipe(folder: Path, there: Path) -> None:
    os.mkfifo(folder / "a.ipynb")


def _device(folder: Path, there: Path) -> None:
    (folder / "a.ipynb").symlink_to("/dev/zero")


def _loop(folder: Path, there: Path) -> None:
    (folder / "a.ipynb").symlink_to("a.ipynb")


def _folder(folder: Path, there: Path) -> None:
    (folder / "a.ipynb").mkdir()


@pytest.mark.parametrize("make", [_link_to_file, _pipe, _device, _loop, _folder])
def test_only_a_file_is_read(make: Callable[[Path, Path], None], tmp_path: Path) -> None:
    there = tmp_path / "solution.ipynb"
    nbformat.write(submission({}), there)
    (tmp_path / "mallory").mkdir()
    make(tmp_path / "mallory", there)
    with pytest.raises(UserError):
        read_notebook(tmp_path / "mallory" / "a.ipynb")


def test_no_folder_on_the_way_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "submitted" / "alice").mkdir(parents=True)
    nbformat.write(submission({}), tmp_path / "submitted" / "alice" / "a.ipynb")
    (tmp_path / "submitted" / "mallory").symlink_to("alice")
    read_notebook(tmp_path / "submitted" / "alice" / "a.ipynb", within=tmp_path / "submitted")
    with pytest.raises(UserError, match="link"):
        read_notebook(tmp_path / "submitted" / "mallory" / "a.ipynb", within=tmp_path / "submitted")


def test_an_answer_cell_that_was_deleted_has_no_answer() -> None:
    """Whichever skeleton it is put into: the teacher's own notebook holds the answers."""
    source = nbformat.read(UNITS[0].notebook("source"), 4)
    merged = merge(source, nbformat.v4.new_notebook())
    assert not [cell.id for cell in merged.cells if "BEGIN SOLUTION" in cell.source]
    answers = [cell.source for cell in merged.cells if cell.metadata.get("dlkit", {}).get("role") == "answer"]
    assert answers == [""] * len(answers)
