"""What tests share: the sandbox, which in CI must be there and elsewhere may be missing."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from dlkit.grading.sandbox import MISSING, Sandbox, available


@pytest.fixture(scope="session")
def sandboxed() -> None:
    """For tests that run somebody's notebook in isolation."""
    if not available():
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def box(sandboxed: None) -> Iterator[Sandbox]:
    """One sandbox for all submissions of a file, as a worker has it."""
    box = Sandbox()
    yield box
    box.close()
