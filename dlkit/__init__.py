"""dlkit: a Jupyter course for deep-learning interviews whose exercises grade themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__version__ = "0.1.0"
__all__ = ["__version__", "submit", "welcome"]


def submit(path: str | Path | None = None) -> None:
    """Hand in the notebook that this is called in, and show the report: what `dlkit submit` does in a terminal."""
    from dlkit.study.hand_in import hand_in

    hand_in(path)


def welcome() -> None:
    """Show the welcome page: the units in order, how far you are, and what comes next."""
    from dlkit.study.welcome import show

    show()
