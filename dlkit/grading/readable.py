"""What a learner typed, as the plain Python that both runs and is judged.

Rules about how an answer is written look at its source. So nothing runs that they could not look at: magics are
resolved first, and what does not parse, or is too long or too deep to be looked at in reasonable time, is not run.
"""

from __future__ import annotations

import ast
import time
import warnings

from dlkit.check.call import TimeUp, time_limit
from dlkit.learner.harness import transform

__all__ = ["Reader", "Unreadable"]

MAX_SOURCE = 300_000
"""Characters in all of a notebook's cells. The solutions of a unit have about 60 000."""
MAX_DEPTH = 150
SECONDS = 5.0
"""For reading all of a notebook's cells: IPython looks at the whole cell again for each magic."""


class Unreadable(Exception):
    """A cell that does not run, with the name of the error that the learner sees."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Reader:
    """The sources of one notebook's cells, in their order."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self._left, self._seconds = MAX_SOURCE, SECONDS

    def read(self, source: str) -> str:
        """A cell's source as plain Python; Unreadable where it will not be run."""
        self._left -= len(source)
        if self._left < 0:
            raise Unreadable("TooLong", f"the notebook holds more than {MAX_SOURCE // 1000} 000 characters of code")
        start = time.monotonic()
        try:
            with time_limit(max(self._seconds, 1e-3)), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                plain = transform(source)
                tree = ast.parse(plain)
        except TimeUp:
            raise Unreadable("TooLong", "it takes too long to read") from None
        except SyntaxError as error:
            raise Unreadable("SyntaxError", f"{error.msg} (line {error.lineno})") from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable("SyntaxError", str(error) or "it is nested too deeply") from None
        finally:
            self._seconds -= time.monotonic() - start
        if len(plain) > 2 * len(source) + 1000 or _depth(tree) > MAX_DEPTH:
            raise Unreadable("SyntaxError", "it is nested too deeply")
        self.sources.append(plain)
        return plain


def _depth(tree: ast.AST) -> int:
    """How deep a tree is, without recursion."""
    level, depth = [tree], 0
    while level and depth <= MAX_DEPTH:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth
