"""The sandbox that the attacks of one file share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlkit.grading.sandbox import MISSING, Sandbox, available
from tests.attacks.court import Court


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """One sandbox for all submissions of a file, as a worker has it. In CI it must be there."""
    if not available():
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    box = Sandbox()
    yield box
    box.close()


@pytest.fixture
def court(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Court:
    """Tries submissions; around it lies what nobody may read or change."""
    monkeypatch.setenv("DLKIT_CANARY", Court.SECRET)
    return Court(box, tmp_path)
