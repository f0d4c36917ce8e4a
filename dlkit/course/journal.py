"""What a learner did, a line per attempt: lines are only ever added, and what cannot be read is kept aside.

<records>/attempts.jsonl                         what progress follows from
<records>/history/01_activations/<time>.json     the same line again, beside the version that was handed in

A log that is damaged, or that a newer dlkit wrote, is put aside under another name, and the log is made again from its
good lines and from the history. Two commands at once may both add: a line is one write at the end of the file.
"""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic, writing

__all__ = ["VERSION", "Entry", "Journal"]

VERSION = 1
Entry = dict[str, Any]
KINDS: dict[str, Any] = {"time": str, "kind": str, "unit": str, "points": (int, float), "exercises": dict}


class Journal:
    """The attempts of one workspace. `notice` is one line about a log that had to be put aside, or empty."""

    def __init__(self, records: Path) -> None:
        self.log = records / "attempts.jsonl"
        self.history = records / "history"
        self.notice = ""

    def add(self, kind: str, report: dict[str, Any], version: Path | None = None) -> None:
        """Add an attempt ("check", "submit", …) from its report; `version` is the notebook that was kept for it."""
        line = {
            "version": VERSION,
            "time": datetime.now(UTC).isoformat(timespec="microseconds"),
            "kind": kind,
            "unit": report["unit"],
            "points": report["points"],
            "max_points": report["max_points"],
            "exercises": {e["id"]: [e["status"], e["points"], e["max_points"]] for e in report["exercises"]},
        }
        data = json.dumps(line).encode() + b"\n"
        if version is not None:
            write_atomic(version.with_suffix(".json"), data)
        self._append(data)

    def entries(self) -> list[Entry]:
        """Every attempt, in the order in which they were added."""
        try:
            lines = self.log.read_bytes().splitlines()
        except OSError:
            lines = []
        read = [_read(line) for line in lines if line.strip()]
        good = [entry for entry in read if entry is not None and entry.get("version", 1) <= VERSION]
        if good and len(good) == len(read):
            return _once(good)
        newer = any(entry is not None and entry not in good for entry in read)
        found = _once(sorted([*good, *self._kept()], key=lambda entry: entry["time"]))
        if read or found:
            self._make_again("newer" if newer else "damaged", found)
        return found

    def _kept(self) -> list[Entry]:
        """The attempts that the history holds."""
        found = []
        for path in sorted(self.history.glob("*/*.json")):
            try:
                entry = _read(path.read_bytes())
            except OSError:
                continue
            if entry is not None and entry.get("version", 1) <= VERSION:
                found.append(entry)
        return found

    def _make_again(self, why: str, found: list[Entry]) -> None:
        aside = self.log.with_name(f"attempts.{why}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl")
        reason = "was written by a newer dlkit" if why == "newer" else "is damaged in places"
        kept = f"Your log of attempts {reason}: it is kept as {aside}."
        try:
            if self.log.exists():
                self.log.rename(aside)
            else:
                kept = "Your log of attempts is gone."
            self._append(b"".join(json.dumps(entry).encode() + b"\n" for entry in found))
        except (OSError, UserError):
            return  # a folder that cannot be written: the log is read as well as it can be, every time
        self.notice = f"{kept} {len(found)} attempts could be read there and in your history."

    def _append(self, data: bytes) -> None:
        with writing(self.log, "This attempt is not in your progress."):
            file = os.open(self.log, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            try:
                size = os.fstat(file).st_size
                if size:
                    os.lseek(file, size - 1, os.SEEK_SET)
                    if os.read(file, 1) != b"\n":  # a line that was cut short by a crash loses itself only
                        data = b"\n" + data
                if os.write(file, data) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            finally:
                os.close(file)


def _read(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("version", 1), int):
        return None
    if entry.get("version", 1) > VERSION:
        return entry
    if not all(isinstance(entry.get(key), kind) for key, kind in KINDS.items()):
        return None
    sound = all(isinstance(value, list) and value for value in entry["exercises"].values())
    return entry if sound else None


def _once(entries: list[Entry]) -> list[Entry]:
    """Each attempt once: a rebuilt log and one that was added to meanwhile may hold it twice."""
    return list({json.dumps(entry, sort_keys=True): entry for entry in entries}.values())
