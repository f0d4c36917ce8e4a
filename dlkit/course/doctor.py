"""What is installed here, and what of the course works with it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dlkit.course.errors import UserError
from dlkit.course.units import Course
from dlkit.course.workspace import Workspace

__all__ = ["Row", "examine"]

PACKAGES = ("numpy", "jupyterlab", "nbgrader", "nbconvert", "jupytext", "matplotlib", "scikit-learn")


@dataclass(frozen=True)
class Row:
    """One finding. Where `needed` is not fine, the course does not work; otherwise only the part that it names."""

    name: str
    fine: bool
    text: str
    needed: bool = True


def examine(workspace: Workspace, course: Path | None) -> list[Row]:
    """Look at Python, packages, the course, the workspace, the gradebook tools and the sandbox."""
    rows = [Row("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.system()}")]
    rows += [_package(name) for name in PACKAGES]
    try:
        found = Course.find(course)
        units = [unit.name for unit in found.units]
        rows.append(Row("course", bool(units), f"{found.root}: {len(units)} unit{'s' * (len(units) != 1)}"))
        writable = os.access(found.root, os.W_OK)
        rows.append(
            Row("gradebook folder", writable, "can be written" if writable else "read-only: nothing can be handed in")
        )
    except UserError as error:
        rows.append(Row("course", False, str(error)))
    there = workspace.exists
    rows.append(Row("workspace", there, str(workspace.folder) + ("" if there else ": run `dlkit start`"), False))
    alembic = shutil.which(
        "alembic", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    )
    rows.append(Row("alembic", alembic is not None, "nbgrader makes its gradebook with it"))
    bwrap = shutil.which("bwrap")
    rows.append(
        Row("sandbox", bwrap is not None, bwrap or "bubblewrap is missing: `apt install bubblewrap` (Linux)", False)
    )
    return rows


def _package(name: str) -> Row:
    try:
        return Row(name, True, version(name))
    except PackageNotFoundError:
        return Row(name, False, f"missing: pip install {name}")
