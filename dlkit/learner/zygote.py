"""The sandbox's first process: it has numpy imported and forks a prison for each submission it is handed.

It runs nothing of the learner's. Its control socket carries "start" with the judge's connection attached, and "stop".
Between it and each prison stands a keeper, which ends the prison as soon as the judge hangs up.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import types

# Imported here, so that every prison has them already: numpy's parts load late, and the given cells import dlkit.check.
import numpy.fft
import numpy.linalg
import numpy.polynomial
import numpy.random  # noqa: F401

import dlkit.check  # noqa: F401
from dlkit.learner.harness import serve
from dlkit.learner.prison import enter

__all__ = ["main"]


class _Running:
    """A keeper and the prison that it watches."""

    def __init__(self, control: socket.socket, handed: socket.socket) -> None:
        reader, writer = os.pipe()
        self.keeper = os.fork()
        if not self.keeper:
            try:
                control.close()
                os.close(reader)
                _keep(writer, handed)
            finally:
                os._exit(1)
        os.close(writer)
        with open(reader, encoding="utf-8") as lines:  # of two writers, in any order
            told = {line[0]: line[1:].strip() for line in lines}
        self.prison = int(told.get("n", 0))
        self.problem = told.get("e", "") if "e" in told or "r" in told else "it ended at once"

    def stop(self) -> None:
        """End the prison and all in it; returns when it is gone, and with it its memory and its files."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.prison or self.keeper, signal.SIGKILL)
        os.waitpid(self.keeper, 0)  # which waits for the prison


def _keep(writer: int, handed: socket.socket) -> None:
    """In the keeper: make the prison, tell its number, and wait until it ends or the judge hangs up."""
    try:
        inside = enter()
        if not inside:
            _become_prison()
    except OSError as error:
        os.write(writer, f"e{error}\n".encode())
        raise
    os.write(writer, f"n{inside}\n".encode() if inside else b"r\n")
    os.close(writer)
    if not inside:
        serve(handed)
        return
    prison = os.pidfd_open(inside)
    poll = select.poll()
    poll.register(prison, select.POLLIN)
    poll.register(handed, select.POLLRDHUP)
    poll.poll()
    with contextlib.suppress(ProcessLookupError):
        os.kill(inside, signal.SIGKILL)
    os.waitpid(inside, 0)


def _become_prison() -> None:
    """Standard streams that lead nowhere; the sandbox's own stderr is none of the learner's."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115  # fmt: skip
    sys.modules["__main__"] = types.ModuleType("__main__")


def main(descriptor: int) -> None:
    """Serve a worker until it hangs up."""
    control = socket.socket(fileno=descriptor)
    running: _Running | None = None
    control.sendall(b"ready\n")
    while True:
        data, handed, _, _ = socket.recv_fds(control, 256, 1)
        if not data:
            return
        if running:
            running.stop()
            running = None
        answer = "done"
        if json.loads(data)["do"] == "start":
            with socket.socket(fileno=handed[0]) as connection:
                running = _Running(control, connection)
            answer = running.problem or answer
        control.sendall(f"{answer}\n".encode())


if __name__ == "__main__":
    main(int(sys.argv[1]))
