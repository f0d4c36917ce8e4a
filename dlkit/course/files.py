"""Writing files so that nothing is lost: whole or not at all, and a failure is one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dlkit.course.errors import UserError

__all__ = ["write_atomic", "writing"]


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; UserError where the folder cannot be written."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            aside.write_bytes(data)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def writing(path: Path, lost: str = "Nothing was changed.") -> Iterator[None]:
    """UserError, in one line, where something cannot be written."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. {lost}") from None
