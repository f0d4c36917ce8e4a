"""A learner's workspace: their copies of the units, every version they handed in, and what came of it.

<workspace>/01_activations/01_activations.ipynb   the learner's; written once, then only by the learner
<workspace>/.dlkit/history/01_activations/*.ipynb  every version that was handed in or reset
<workspace>/.dlkit/attempts.jsonl                  a line per check and per submission
<workspace>/.dlkit/given.json                      which release of each unit the learner was given
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_documents_path

from dlkit.course.errors import UserError
from dlkit.course.units import Course, Unit

__all__ = ["Workspace", "write_atomic"]

VARIABLE = "DLKIT_WORKSPACE"


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; UserError where the folder cannot be written."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_bytes(data)
        aside.replace(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """UserError, in one line, where something cannot be written."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from None


class Workspace:
    """The folder that `dlkit start` makes. Named by --workspace, else by $DLKIT_WORKSPACE, else Documents/dlkit."""

    def __init__(self, folder: Path | None = None) -> None:
        named = folder or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
        self.folder = (named or user_documents_path() / "dlkit").expanduser().resolve()
        self._records = self.folder / ".dlkit"

    @property
    def exists(self) -> bool:
        return self._records.is_dir()

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
            self._records.mkdir(parents=True, exist_ok=True)
        given, lines = self._given(), []
        for unit in course.units:
            release = unit.notebook("notebooks")
            if not release.is_file():
                continue
            data = release.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            line = self._fetch_one(unit, data, given.get(unit.name, ""), digest)
            if line:
                lines.append(line)
            given[unit.name] = digest
        write_atomic(self._records / "given.json", json.dumps(given, indent=1).encode())
        return lines

    def _fetch_one(self, unit: Unit, data: bytes, given: str, digest: str) -> str:
        mine = self.notebook(unit)
        if not mine.exists():
            write_atomic(mine, data)
            return f"{unit.name}: fetched"
        if given == digest or hashlib.sha256(mine.read_bytes()).hexdigest() == digest:
            return ""
        if hashlib.sha256(mine.read_bytes()).hexdigest() == given:
            write_atomic(mine, data)
            return f"{unit.name}: updated (it held no work)"
        beside = mine.with_name(f"{unit.name}.update.ipynb")
        write_atomic(beside, data)
        return f"{unit.name}: a new version is beside your work, in {beside.name}; yours is as you left it"

    def _given(self) -> dict[str, str]:
        try:
            data = json.loads((self._records / "given.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def keep(self, unit: Unit, path: Path) -> Path:
        """Keep a version of a notebook in the history, named by the time; returns where."""
        folder = self._records / "history" / unit.name
        kept = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.ipynb"
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)
        return kept

    def log(self, kind: str, report: dict[str, Any]) -> None:
        """Add a line to the attempts: "check" or "submit", and each exercise's status and points."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "kind": kind,
            "unit": report["unit"],
            "points": report["points"],
            "max_points": report["max_points"],
            "exercises": {e["id"]: [e["status"], e["points"], e["max_points"]] for e in report["exercises"]},
        }
        path = self._records / "attempts.jsonl"
        with writing(path), path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def attempts(self) -> list[dict[str, Any]]:
        """Every line of the log that can be read, oldest first."""
        try:
            lines = (self._records / "attempts.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a line that was cut short by a crash loses itself only
            if isinstance(entry, dict) and isinstance(entry.get("exercises"), dict):
                found.append(entry)
        return found
