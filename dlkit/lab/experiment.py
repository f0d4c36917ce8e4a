"""`with experiment():` runs on the learner's own functions, and says in one line which of them is still missing.

So "Run all" in an untouched notebook shows friendly lines instead of tracebacks. Real errors pass through.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from types import FrameType

__all__ = ["experiment"]


@contextmanager
def experiment() -> Iterator[None]:
    """A block that stops, with one printed line, at the first of the learner's functions that is not there yet."""
    try:
        yield
    except (NotImplementedError, NameError) as error:
        frames = [frame for frame, _ in walk_tb(error.__traceback__)]
        line = _missing(error, cell=frames[1], raised_in=frames[-1])  # frames[0] is this function's own
        if line is None:
            raise
        print(line)


def _missing(error: NotImplementedError | NameError, cell: FrameType, raised_in: FrameType) -> str | None:
    """What to tell the learner; None where the error is a real one."""
    if isinstance(error, NotImplementedError):
        if raised_in is cell or raised_in.f_globals is not cell.f_globals:
            return None  # raised by the experiment itself, or inside a library
        exercise = raised_in.f_code.co_qualname.partition(".")[0]  # a method's class
        return f"This experiment runs on your own `{exercise}`: solve that exercise first."
    # A name that the experiment's own lines lack. One that is missing inside an answer is that answer's error.
    if isinstance(error, UnboundLocalError) or raised_in.f_code.co_filename != cell.f_code.co_filename:
        return None
    return f"This experiment needs `{error.name}`: run the cell that defines it first, and mend its error if any."
