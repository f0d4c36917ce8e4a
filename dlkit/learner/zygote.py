"""The sandbox's first process: it has numpy imported and forks a prison for each submission it is handed.

It runs nothing of the learner's. Its control socket carries "start" with the judge's connection attached, and "stop".
"""

from __future__ import annotations

import contextlib
import json
import os
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


def _start(control: socket.socket, handed: socket.socket) -> tuple[int, int]:
    """Fork the prison's keeper; the process ids of the keeper and, in it, of the prison."""
    reader, writer = os.pipe()
    keeper = os.fork()
    if keeper:
        os.close(writer)
        prison = int(os.read(reader, 32) or b"0")
        os.close(reader)
        return keeper, prison
    try:
        control.close()
        inside = enter()
        if inside:
            os.write(writer, str(inside).encode())
            handed.close()
            os.waitpid(inside, 0)
            os._exit(0)
        os.close(writer)
        os.close(reader)
        for name in ("stdin", "stdout", "stderr"):
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115
        main_module = types.ModuleType("__main__")
        sys.modules["__main__"] = main_module
        serve(handed)
    finally:
        os._exit(1)
    raise AssertionError


def _stop(processes: tuple[int, int]) -> None:
    for process in reversed(processes):
        with contextlib.suppress(ProcessLookupError):
            if process:
                os.kill(process, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(processes[0], 0)


def main(descriptor: int) -> None:
    """Serve a worker until it hangs up."""
    control = socket.socket(fileno=descriptor)
    running: tuple[int, int] | None = None
    control.sendall(b"ready\n")
    while True:
        data, handed, _, _ = socket.recv_fds(control, 256, 1)
        if not data:
            return
        if running:
            _stop(running)
            running = None
        if json.loads(data)["do"] == "start":
            connection = socket.socket(fileno=handed[0])
            running = _start(control, connection)
            connection.close()
        control.sendall(b"done\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
