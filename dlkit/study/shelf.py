"""Where a workspace keeps what can be left and gone on with: the quiz and the interview that were begun last.

<records>/quiz.json            written after every answer
<records>/quizzes/<time>.json  those before it
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dlkit.course.files import write_atomic, writing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Shelf"]

VERSION = 1
T = TypeVar("T", bound="DataclassInstance")


class Shelf(Generic[T]):
    """Keeps one kind of thing: `name` is "quiz", `folder` is where those before the last go.

    read: makes the thing from its JSON; ValueError, TypeError or KeyError where that is none. `notice` is one line
    about a thing that had to be put aside, or empty.
    """

    def __init__(self, records: Path, name: str, folder: str, read: Callable[[Any], T]) -> None:
        self._path, self._name, self._folder, self._read = records / f"{name}.json", name, folder, read
        self.notice = ""

    def load(self) -> T | None:
        """The thing that was begun last, if it can be read."""
        newer = False
        try:
            data = json.loads(self._path.read_bytes())
            newer = isinstance(data, dict) and data.get("version", 0) > VERSION
            if not newer:
                return self._read(data)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            pass
        aside = self._path.with_name(f"{self._name}.{'newer' if newer else 'damaged'}-{_now()}.json")
        with writing(self._path):
            self._path.rename(aside)
        why = "was written by a newer dlkit" if newer else "is damaged"
        self.notice = f"Your last {self._name} {why}: it is kept as {aside}, and a new one begins."
        return None

    def save(self, thing: T) -> None:
        write_atomic(self._path, json.dumps({"version": VERSION, **asdict(thing)}, indent=1).encode())

    def put_away(self) -> None:
        """Keep the thing that was begun last among those before it."""
        folder = self._path.with_name(self._folder)
        with writing(folder), suppress(FileNotFoundError):
            folder.mkdir(exist_ok=True)
            self._path.rename(folder / f"{_now()}.json")


def _now() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
