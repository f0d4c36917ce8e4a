"""`with figure(title, columns=2) as (left, right):` draws panels in one style, and shows them once.

The figure belongs to no window and no pyplot state: a notebook gets a picture when the block ends, a plain script has
nothing to draw or to wait for, and nothing stays open.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # matplotlib takes half a second, which only those who draw should pay
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["PALETTE", "figure"]

# Okabe and Ito's colours, which colour-blind readers tell apart; their yellow is too pale for a line on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

STYLE: dict[str, Any] = {
    "figure.dpi": 90,
    "figure.facecolor": "white",  # white in a dark JupyterLab too, where the black text must stay readable
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10.5,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "legend.edgecolor": "#d9d9d9",
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
}


@contextmanager
def figure(
    title: str,
    columns: int = 1,
    rows: int = 1,
    width: float | None = None,
    height: float | None = None,
    **subplots: Any,
) -> Iterator[list[Axes]]:
    """A figure of rows × columns panels under a title that says the point.

    title: also the picture's alternative text; width, height: of the whole, in inches;
    subplots: options of matplotlib's `Figure.subplots`, such as `sharey=True`.
    The block gets the panels as a list, row by row: `as (left, right)`, `as [panel]`.
    """
    import matplotlib
    from cycler import cycler
    from matplotlib.figure import Figure

    size = (width or (6.0 if columns == 1 else 9.0), height or 0.6 + 2.9 * rows)
    with matplotlib.rc_context({**STYLE, "axes.prop_cycle": cycler(color=PALETTE)}):
        made = Figure(figsize=size, layout="constrained")
        made.suptitle(title, x=0.01, horizontalalignment="left")
        yield list(made.subplots(rows, columns, squeeze=False, **subplots).flat)
        if _in_notebook():
            _show(made, title)


def _show(made: Figure, title: str) -> None:
    from IPython.display import display

    buffer = io.BytesIO()
    made.savefig(buffer, format="png", metadata={"Software": None})  # no version: the same bytes everywhere
    picture = {"image/png": base64.b64encode(buffer.getvalue()).decode(), "text/plain": title}
    display(picture, raw=True, metadata={"image/png": {"alt": title}})


def _in_notebook() -> bool:
    """Whether a Jupyter kernel shows what the cell displays."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and hasattr(shell, "kernel")
