"""A learner's workspace: their copies of the units, every version they handed in, and what came of it.

<workspace>/01_activations/01_activations.ipynb   the learner's; written once, then only by the learner
<workspace>/.dlkit/history/01_activations/*.ipynb  every version that was handed in or reset
<workspace>/.dlkit/attempts.jsonl                  a line per attempt, see journal.py
<workspace>/.dlkit/given.json                      which release of each unit the learner was given
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_documents_path

from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic, writing
from dlkit.course.journal import Journal
from dlkit.course.units import Course, Unit

__all__ = ["VARIABLE", "Workspace"]

VARIABLE = "DLKIT_WORKSPACE"


class Workspace:
    """The folder that `dlkit start` makes. Named by --workspace, else by $DLKIT_WORKSPACE, else Documents/dlkit."""

    def __init__(self, folder: Path | None = None) -> None:
        named = folder or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
        self.folder = (named or user_documents_path() / "dlkit").expanduser().resolve()
        self.records = self.folder / ".dlkit"
        self.journal = Journal(self.records)

    @property
    def exists(self) -> bool:
        return self.records.is_dir()

    def require(self) -> None:
        """UserError where `dlkit start` has not been run yet."""
        if not self.exists:
            raise UserError(
                f"There is no workspace at {self.folder} yet. Run `dlkit start` first, or name --workspace."
            )

    def notebook(self, unit: Unit) -> Path:
        """The learner's notebook of a unit."""
        return self.folder / unit.name / f"{unit.name}.ipynb"

    def fetch(self, course: Course) -> list[str]:
        """Copy the units that are not there yet; what is there stays. Returns a line for each thing done."""
        with writing(self.folder):
            self.records.mkdir(parents=True, exist_ok=True)
        given, lines = self._given(), []
        try:
            for unit in course.released:
                data = unit.notebook("notebooks").read_bytes()
                line = self._fetch_one(unit, data, given.get(unit.name, ""))
                if line:
                    lines.append(line)
                given[unit.name] = _digest(data)
        finally:
            write_atomic(self.records / "given.json", json.dumps(given, indent=1).encode())
        return lines

    def _fetch_one(self, unit: Unit, data: bytes, given: str) -> str:
        mine = self.notebook(unit)
        if not mine.exists():
            write_atomic(mine, data)
            return f"{unit.name}: fetched"
        try:
            held = _digest(mine.read_bytes())
        except OSError as error:
            raise UserError(f"{mine} cannot be read: {error.strerror}. Move it away and run this again.") from None
        if _digest(data) in (given, held):
            return ""
        if held == given:
            write_atomic(mine, data)
            return f"{unit.name}: updated (it held no work)"
        beside = _free(mine, given)
        write_atomic(beside, data)
        return f"{unit.name}: a new version is beside your work, in {beside.name}; yours is as you left it"

    def _given(self) -> dict[str, str]:
        try:
            data = json.loads((self.records / "given.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def keep(self, unit: Unit, path: Path) -> Path:
        """Keep a version of a notebook in the history, named by the time; returns where."""
        folder = self.records / "history" / unit.name
        kept = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.ipynb"
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)
        return kept


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _free(mine: Path, given: str) -> Path:
    """Where an update goes: a name that is free, or holds the update before, as it was given."""
    number = 1
    while True:
        beside = mine.with_name(f"{mine.stem}.update{'' if number == 1 else f'-{number}'}.ipynb")
        if not beside.exists() or (beside.is_file() and _digest(beside.read_bytes()) == given):
            return beside
        number += 1
