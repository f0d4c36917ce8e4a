"""The court before which the attacks of one file are tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlkit.grading.sandbox import Sandbox
from tests.attacks.court import Court


@pytest.fixture
def court(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Court:
    """Tries submissions; around it lies what nobody may read or change."""
    monkeypatch.setenv("DLKIT_CANARY", Court.SECRET)
    return Court(box, tmp_path)
