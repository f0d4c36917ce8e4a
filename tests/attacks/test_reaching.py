"""Reaching out of the sandbox: network, sockets, other processes, the judge."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

import pytest

from tests.attacks.court import Attack, Court

LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ndef call(n, *args):\n    if libc.syscall(n, *args) >= 0: print('FOUND', n)\n"

ATTACKS = [
    Attack("a connection out", before="import socket\nfor kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):\n    try: print('FOUND', socket.socket(kind, socket.SOCK_STREAM))\n    except OSError: pass"),
    Attack("a name and a page", before="import socket, urllib.request\ntry: print('FOUND', socket.gethostbyname('example.com'), urllib.request.urlopen('http://1.1.1.1', timeout=1))\nexcept OSError: pass"),
    Attack("a listener", before="import socket, asyncio\nfor f in (lambda: socket.create_server(('', 0)), lambda: socket.socketpair(), lambda: asyncio.new_event_loop()):\n    try: print('FOUND', f())\n    except OSError: pass"),
    Attack("its own channel, connected elsewhere", before="import socket, os\nfor n in range(3, 10):\n    try: channel = socket.socket(fileno=os.dup(n))\n    except OSError: continue\n    for f in (lambda: channel.connect('/tmp/x'), lambda: channel.listen(), lambda: channel.bind(b'\\0x')):\n        try: print('FOUND', f())\n        except OSError: pass"),
    Attack("descriptors sent to the judge", {"sigmoid": "import socket, os, array\ndef sigmoid(x):\n    for n in range(3, 10):\n        try:\n            channel = socket.socket(fileno=os.dup(n))\n            for _ in range(100): socket.send_fds(channel, [b'x'], [0, 0, 0])\n        except OSError: pass\n    return x"}),
    Attack("signals to others", before="import os, signal\nfor p in (0, -1, 1, 2, os.getppid(), os.getpgrp()):\n    for f in (os.kill, os.killpg):\n        try:\n            f(p, 0)\n            print('FOUND', p)\n        except OSError: pass\nimport ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfor p in list(range(2, 300)) + [@PIDS@]:\n    if libc.syscall(200, p, 9) == 0 or libc.syscall(129, p, 9, 0) == 0 or libc.syscall(424, p, 9, 0, 0) == 0: print('FOUND', p)"),
    Attack("ptrace and the memory of others", before=LIBC + "call(101, 16, 1, 0, 0)\ncall(101, 0, 0, 0, 0)\ncall(310, 1, 0, 0, 0, 0, 0)\ncall(311, 1, 0, 0, 0, 0, 0)\ncall(312, 1, 2, 0, 0, 0)\ncall(434, 2, 0)\ncall(438, 3, 0, 0)"),
    Attack("new kinds of system call", before=LIBC + "for n in (425, 428, 429, 430, 431, 432, 433, 442): call(n, -1, 0, 0, 0, 0)\ncall(321, 0, 0, 0)\ncall(298, 0, 0, 0, 0, 0)\ncall(323, 0)\ncall(319, b'x', 0)\ncall(248, b'user', b'x', b'x', 1, -3)\ncall(250, 0, -3, 0)\ncall(304, -100, 0, 0)"),
    Attack("the terminal", before="import fcntl, os\nfor p in ('/dev/tty', '/dev/console', '/dev/tty0', '/dev/pts/0'):\n    try: fcntl.ioctl(os.open(p, os.O_RDWR), 0x5412, b'x'); print('FOUND', p)\n    except OSError: pass"),
    Attack("a system call of another architecture's table", before=LIBC + "libc.syscall(0x40000000 + 39)"),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_is_reached(court: Court, attack: Attack) -> None:
    pids = f"{os.getpid()}, {court.box._process.pid}"
    court.try_(replace(attack, before=attack.before.replace("@PIDS@", pids)))


def test_a_listener_outside_hears_nothing(court: Court, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("socket") / "s"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(path))
        unix.listen()
        for listener in (tcp, unix):
            listener.setblocking(False)
        port = tcp.getsockname()[1]
        court.try_(Attack("listener", before=f"import socket\nfor kind, to in ((2, ('127.0.0.1', {port})), (1, {str(path)!r})):\n    try: socket.socket(kind).connect(to)\n    except OSError: pass"))  # fmt: skip
        for listener in (tcp, unix):
            with pytest.raises(BlockingIOError):
                listener.accept()
