"""`dlkit watch` and its terminal: keys come one by one where there is a keyboard, else the end of the input ends it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from dlkit.commands.common import console, course_option, me, workspace_option
from dlkit.course.errors import UserError
from dlkit.course.units import Course
from dlkit.course.workspace import Workspace

__all__ = ["watch"]


@click.command()
@click.argument("unit", required=False)
@workspace_option
@course_option
def watch(unit: str | None, workspace: Path | None, course: Path | None) -> int:
    """Check what you change, whenever you save it.

    Shows the tables of the exercises whose answers changed. Without UNIT it watches all of your notebooks.
    """
    import asyncio

    from dlkit.study.watch import Watch

    home, found = Workspace(workspace), Course.find(course)
    home.require()
    units = [found.unit(unit)] if unit else found.released
    there = [each for each in units if home.notebook(each).is_file()]
    if not there:
        raise UserError(f"There is no file {home.notebook(units[0])}. Run `dlkit start` to fetch the units.")

    async def run() -> None:
        keys = sys.stdin is not None and sys.stdin.isatty()
        watching = Watch(home, there, me(), console, keys)
        with _keyboard(watching.press) if keys else _end_of_input(watching.stop):
            await watching.follow()

    with suppress(KeyboardInterrupt):
        asyncio.run(run())
    return 0


@contextmanager
def _keyboard(press: Callable[[str], None]) -> Iterator[None]:
    """Call `press` with each key as it is pressed; Ctrl-C and Ctrl-D stand for q."""
    from prompt_toolkit.input import create_input
    from prompt_toolkit.keys import Keys

    source = create_input()

    def read() -> None:
        for found in source.read_keys():
            press("q" if found.key in (Keys.ControlC, Keys.ControlD) else found.key)
        if source.closed:  # the terminal's window is gone
            press("q")

    with source.raw_mode(), source.attach(read):
        yield


@contextmanager
def _end_of_input(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` when there is no more to read."""
    from asyncio import get_running_loop

    loop = get_running_loop()

    def read() -> None:
        with suppress(OSError, ValueError, AttributeError):  # closed, or none at all
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with suppress(RuntimeError):  # all is over already
            loop.call_soon_threadsafe(stop)

    threading.Thread(target=read, daemon=True).start()
    yield
