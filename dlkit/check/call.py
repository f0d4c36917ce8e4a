"""Calling an answer: on copies, with a clock, and with everything it says and does written down.

This is the only place where a check touches an answer, so that the answer may live in another process.
"""

from __future__ import annotations

import copy
import functools
import io
import itertools
import signal
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

import numpy as np

__all__ = [
    "Asked",
    "Behaviour",
    "Limited",
    "NotAttempted",
    "Remote",
    "TimeUp",
    "call",
    "copied",
    "is_plain",
    "time_limit",
]

SECONDS = 5.0
PRINT_LIMIT = 2000
MANY_ITEMS = 10_000
MANY_NUMBERS = 1_000_000
"""Of the calls of a function handed to an answer, arguments and results are kept up to this many numbers in all."""


class NotAttempted(Exception):
    """The answer is still the stub."""


class TimeUp(BaseException):
    """Raised inside an answer that runs too long; not an Exception, so that `except Exception` lets it through."""


@dataclass(frozen=True)
class Asked:
    """A call that an answer made of a function that it was handed: the function's name, the arguments, the result."""

    function: str
    args: tuple[Any, ...]
    result: Any


@dataclass(frozen=True)
class Behaviour:
    """Everything that one call showed."""

    value: Any = None
    error: str = ""
    text: str = ""
    warnings: tuple[str, ...] = ()
    changed: tuple[int | str, ...] = ()
    printed: str = ""
    asked: tuple[Asked, ...] = ()

    @property
    def not_attempted(self) -> bool:
        return self.error == "NotImplementedError"

    @property
    def timed_out(self) -> bool:
        return self.error == "TimeUp"


class Limited(io.StringIO):
    """Keeps the beginning of what is printed; a flood costs no memory."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, text: str) -> int:
        if self.tell() < self.limit:
            super().write(text[: self.limit - self.tell()])
        return len(text)


class Remote:
    """An answer that lives in another process, which makes the call and tells how it went."""

    def behave(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Behaviour:
        raise NotImplementedError

    def graph(self) -> Remote:
        """What `graph` makes of a class that lives there."""
        raise NotImplementedError


def copied(value: Any) -> Any:
    """A deep copy of what checks pass in: arrays, generators and containers. Opaque objects are handed on."""
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if isinstance(value, np.random.Generator):
        return copy.deepcopy(value)
    if type(value) in (list, tuple):
        return type(value)(copied(item) for item in value)
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    return value


def _watched(value: Any, asked: list[Asked]) -> Any:
    """The value with every function in it replaced by one that writes down its calls."""
    if type(value) in (list, tuple):
        return type(value)(_watched(item, asked) for item in value)
    if not isinstance(value, (types.FunctionType, types.BuiltinFunctionType, np.ufunc)):
        return value
    function, left = value, MANY_NUMBERS

    @functools.wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1 + sum(np.size(arg) for arg in args if isinstance(arg, np.ndarray))
        before = copied(args) if left > 0 else ()
        result = function(*args, **kwargs)
        asked.append(Asked(getattr(function, "__name__", ""), before, copied(result) if left > 0 else None))
        return result

    return watched


def is_plain(value: Any) -> bool:
    """Whether a value is an array, a number, a string or None, rather than a container or something opaque."""
    return value is None or isinstance(value, (np.ndarray, np.generic, bool, int, float, complex, str))


def _base(value: Any) -> Any:
    """The value with array subclasses taken off, so that nothing overrides what comparison means."""
    if isinstance(value, np.ndarray) and type(value) is not np.ndarray:
        return np.array(value, subok=False)
    if type(value) in (list, tuple):
        return type(value)(_base(item) for item in value)
    if type(value) is dict:
        return {key: _base(item) for key, item in value.items()}
    return value


def _listed(value: Any) -> Any:
    """A generator's items as a list: it can be looked at only once, and does not cross between processes."""
    if not isinstance(value, types.GeneratorType) and type(value) not in (map, filter, zip, enumerate):
        return value
    items = list(itertools.islice(value, MANY_ITEMS + 1))
    if len(items) > MANY_ITEMS:
        raise ValueError(f"it yields more than {MANY_ITEMS} items")
    return items


def _same(before: Any, after: Any) -> bool:
    """Bit-identical, NaN equal to NaN; opaque objects count as unchanged."""
    if isinstance(before, np.ndarray):
        if not isinstance(after, np.ndarray) or before.shape != after.shape or before.dtype != after.dtype:
            return False
        return before.tobytes() == after.tobytes() if before.dtype != object else True
    if type(before) in (list, tuple):
        return len(before) == len(after) and all(map(_same, before, after))
    if type(before) is dict:
        return before.keys() == after.keys() and all(_same(item, after[key]) for key, item in before.items())
    return True


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeUp in the main thread when the body runs longer. Elsewhere the caller keeps the clock."""
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _alarm(seconds):
            yield
    else:
        with _timer(seconds):
            yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """By the system's interval timer: cheap, and it wakes a sleeping thread. Not on Windows."""
    outer, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    before = None if outer else signal.signal(signal.SIGALRM, _time_up)  # a limit around this one has set it already
    start = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if outer:  # a limit around this one goes on
            signal.setitimer(signal.ITIMER_REAL, max(outer - (time.monotonic() - start), 1e-3))
        else:
            signal.signal(signal.SIGALRM, before)


def _time_up(number: int, frame: FrameType | None) -> None:
    raise TimeUp


@contextmanager
def _timer(seconds: float) -> Iterator[None]:
    """By a thread that raises SIGINT in the main thread."""
    lock, state = threading.Lock(), {"running": True, "fired": False}

    def fire() -> None:
        with lock:
            if state["running"]:
                state["fired"] = True
                signal.raise_signal(signal.SIGINT)

    def on_signal(number: int, frame: FrameType | None) -> None:
        raise TimeUp if state["fired"] else KeyboardInterrupt

    timer = threading.Timer(seconds, fire)
    timer.daemon = True
    before = signal.signal(signal.SIGINT, on_signal)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            state["running"] = False
        signal.signal(signal.SIGINT, before)


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Behaviour:
    """Call an answer on copies of its arguments and write down what it returned, raised, warned, printed, changed."""
    asked: list[Asked] = []
    args = _watched(args, asked)
    if isinstance(function, Remote):
        behaviour = function.behave(args, kwargs)
        return replace(behaviour, asked=tuple(asked)) if asked else behaviour
    passed, named = copied(args), copied(kwargs)
    value, error, text = None, "", ""
    printed = Limited(PRINT_LIMIT)
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        warnings.simplefilter("always")
        try:
            with time_limit(SECONDS):
                value = _base(_listed(function(*passed, **named)))
        except TimeUp:
            error, text = "TimeUp", f"it ran for more than {SECONDS:g} seconds: a loop that never ends?"
        except KeyboardInterrupt:
            raise
        except RecursionError:
            error, text = (
                "RecursionError",
                "it calls itself without end, or once for every step of a long chain",
            )
        except (Exception, SystemExit) as exception:
            error, text = type(exception).__name__, str(exception)[:500]
    before = (*args, *kwargs.values())
    after = (*passed, *named.values())
    names = (*range(1, len(args) + 1), *kwargs)
    changed = tuple(name for name, a, b in zip(names, before, after, strict=True) if not _same(a, b))
    told = tuple(f"{warning.category.__name__}: {warning.message}" for warning in caught)
    return Behaviour(value, error, text, told, changed, printed.getvalue(), tuple(asked))
