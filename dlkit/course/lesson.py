"""Reading a lesson: the percent-format source, parsed by jupytext, as cells that know their role and their line."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from dlkit.course.errors import UserError

__all__ = ["ROLES", "Cell", "read_lesson"]

ROLES = ("solve", "given", "demo", "check", "question", "answer")
POINTED = ("check", "question", "answer")
ID = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson. `role` is "text" for Markdown; `place` is "file:line" of its header, for messages."""

    role: str
    id: str
    source: str
    points: float
    path: Path
    line: int

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"

    def error(self, text: str, line: int = 0) -> UserError:
        """An error in this cell, `line` lines below its header."""
        return UserError(f"{self.path}:{self.line + line}: {text}")


def read_lesson(path: Path) -> list[Cell]:
    """The cells of a lesson, in order, each checked on its own; UserError with file and line where one is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}:1: a lesson is UTF-8 text; byte {error.start} is not.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    import jupytext  # here, since graders need the cells' vocabulary and no lesson: it takes a quarter of a second

    headers = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("# %%")]
    notebook = jupytext.reads(text, fmt="py:percent")
    if len(headers) != len(notebook.cells):
        raise UserError(f"{path}:1: every cell must begin with a `# %%` line, with nothing before the first.")
    cells: list[Cell] = []
    taken: dict[str, int] = {}
    for line, raw in zip(headers, notebook.cells, strict=True):
        cell = _cell(raw, path, line)
        if cell.id:
            if cell.id in taken:
                raise cell.error(f"the id {cell.id!r} is already that of line {taken[cell.id]}")
            taken[cell.id] = line
        cells.append(cell)
    return cells


def _cell(raw: object, path: Path, line: int) -> Cell:
    kind, metadata, source = raw.cell_type, raw.metadata, raw.source  # type: ignore[attr-defined]
    if kind == "markdown":
        return Cell("text", "", source, 0, path, line)
    cell = Cell(metadata.get("role", ""), metadata.get("id", ""), source, metadata.get("points", 0), path, line)
    if cell.role not in ROLES:
        raise cell.error(f'a code cell needs role="…", one of {", ".join(ROLES)}; found {cell.role!r}')
    if not ID.fullmatch(cell.id):
        raise cell.error(f'a cell needs id="…" of lower-case letters, digits, - and _; found {cell.id!r}')
    if (cell.role in POINTED) != (cell.points > 0):
        raise cell.error(f"points=… belongs to {', '.join(POINTED)} cells and to no others")
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise cell.error(f"syntax error: {error.msg}", error.lineno or 0) from None
    return cell
