"""What a cell of the course says of itself in its metadata, which in a learner's notebook may be anything."""

from __future__ import annotations

from typing import Any

__all__ = ["grade_id_of", "role_of"]


def role_of(cell: Any) -> str:
    """The cell's role in the lesson ("solve", "check", "demo", …), or ""."""
    return _field(cell, "dlkit", "role")


def grade_id_of(cell: Any) -> str:
    """The id by which nbgrader knows the cell, or ""."""
    return _field(cell, "nbgrader", "grade_id")


def _field(cell: Any, tool: str, name: str) -> str:
    metadata = cell.metadata.get(tool)
    value = metadata.get(name) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else ""
