"""A judge in a process of its own: whatever a teacher's tests change or use up in it ends with the notebook.

It tells each cell's outputs as they come, and asks for connections to the sandbox, which the parent alone holds.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import time
import warnings
from collections.abc import Callable
from typing import Any

__all__ = ["in_child"]

MEMORY = 3 << 30
MESSAGE = 30_000_000

Tell = Callable[[dict[str, Any]], None]
Connect = Callable[[], socket.socket]


def in_child(work: Callable[[Tell, Connect], None], connect: Connect, seconds: float) -> list[dict[str, Any]]:
    """Run `work` in a forked process and return what it told before it ended, or was ended when its time was up."""
    ours, theirs = socket.socketpair()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside other threads: the child starts none
        child = os.fork()
    if not child:
        ours.close()
        _child(work, theirs)
    theirs.close()
    try:
        return list(_listen(ours, connect, time.monotonic() + seconds))
    finally:
        ours.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _child(work: Callable[[Tell, Connect], None], parent: socket.socket) -> None:
    def tell(message: dict[str, Any]) -> None:
        parent.sendall(json.dumps(message).encode() + b"\n")

    def connect() -> socket.socket:
        tell({"connect": True})
        _, handed, _, _ = socket.recv_fds(parent, 1, 1)
        return socket.socket(fileno=handed[0])

    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, hard))
        work(tell, connect)
    except BaseException as error:  # nothing may run on in the copy of the parent
        with contextlib.suppress(OSError):
            import traceback

            traceback.print_exc()
            tell({"failed": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(0)


def _listen(child: socket.socket, connect: Connect, end: float) -> Any:
    data = b""
    while True:
        line, found, rest = data.partition(b"\n")
        if found:
            data = rest
            message = json.loads(line)
            if "connect" in message:
                with connect() as handed:
                    socket.send_fds(child, [b"c"], [handed.fileno()])
            else:
                yield message
            continue
        child.settimeout(max(end - time.monotonic(), 0.001))
        try:
            more = child.recv(1 << 16)
        except TimeoutError:
            return
        if not more or len(data) > MESSAGE:
            return
        data += more
