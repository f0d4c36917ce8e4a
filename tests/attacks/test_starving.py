"""Using up time, memory, disk, processes and the reader's patience."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from dlkit.grading import readable
from dlkit.grading.remote import Limits
from tests.attacks.court import Attack, Court, Outcome

DENIED = "except (OSError, MemoryError, RuntimeError): pass\n"
SLOW = Limits(call=0.5, cell=0.5, notebook=1.2, losses=8)
"""Here the notebook's limit is what stops it."""
CALL = "def sigmoid(x):\n    "


def _stopped(word: str) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.shown(word)


def _many(notebook: NotebookNode) -> NotebookNode:
    notebook.cells[1:1] = [new_code_cell("x = 1") for _ in range(1500)]
    return notebook


def _slow_cells(notebook: NotebookNode) -> NotebookNode:
    notebook.cells[1:1] = [notebook.cells[1].copy() for _ in range(8)]
    return notebook


ATTACKS = [
    Attack("a loop in a cell", before="while True: pass", holds=_stopped("TimeUp")),
    Attack("a loop in a function", {"sigmoid": CALL + "while True: pass"}, holds=_stopped("a loop that never ends")),
    Attack("a loop that catches everything, in a cell", before="while True:\n    try:\n        [0 for _ in iter(int, 1)]\n    except BaseException: pass", holds=_stopped("Stopped")),
    Attack("a loop that catches everything, in a function", {"sigmoid": CALL + "while True:\n        try:\n            [0 for _ in iter(int, 1)]\n        except BaseException: pass"}, holds=_stopped("a loop that never ends")),
    Attack("signals switched off", {"sigmoid": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nfor n in (2, 14, 15): signal.signal(n, signal.SIG_IGN)\n" + CALL + "while True: pass"}, holds=_stopped("a loop that never ends")),
    Attack("a loop in C: a power", {"sigmoid": CALL + "return 10 ** 10 ** 8"}),
    Attack("a loop in C: a sum", {"sigmoid": CALL + "return sum(range(10 ** 12))"}),
    Attack("a loop in C: a regular expression", {"sigmoid": "import re\n" + CALL + "return re.match('(a*)*b', 'a' * 60)"}),
    Attack("a constant that the compiler computes", before="x = 'a' * 4000 * 4000\ny = (9 ** 9 ** 9)"),
    Attack("sleep", {"sigmoid": "import time\n" + CALL + "time.sleep(1000)"}, before="import time\ntime.sleep(1000)"),
    Attack("waiting for input", {"sigmoid": CALL + "input()"}, before="import sys\nsys.stdin.read()\nprint(sys.stdin.buffer.read())"),
    Attack("a deadlock", {"sigmoid": "import threading\nlock = threading.Lock()\n" + CALL + "lock.acquire()\n    lock.acquire()"}),
    Attack("a destructor, an iterator and a __repr__ that never end", before="class D:\n    def __del__(self):\n        while True: pass\n    def __repr__(self):\n        while True: pass\nD()"),
    Attack("a fork bomb", before="import os\nwhile True:\n    try: print('FOUND', os.fork())\n    except OSError: break\nimport subprocess, multiprocessing\nfor f in (lambda: subprocess.run(['true']), lambda: os.system('true') and None, lambda: multiprocessing.Process(target=print).start(), lambda: os.posix_spawn('/bin/true', ['true'], {})):\n    try: f()\n    " + DENIED),
    Attack("a fork by the C library", before="import ctypes\nlibc = ctypes.CDLL(None)\nfor n in (56, 57, 58, 59, 435):\n    if libc.syscall(n, 0, 0, 0, 0, 0) > 0: print('FOUND', n)\nif libc.fork() > 0 or libc.system(b'true') == 0: print('FOUND')"),
    Attack("threads", before="import threading, time\nthreading.stack_size(65536)\ntry:\n    for _ in range(3000): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n" + DENIED, at_most=True),
    Attack("memory at once", {"sigmoid": CALL + "return np.ones(10 ** 10)"}, before="try: x = bytearray(1 << 40)\n" + DENIED),
    Attack("memory in pieces", {"sigmoid": CALL + "a = []\n    while True: a.append(np.ones(1 << 24))"}),
    Attack("memory as address space that is taken", before="import mmap\nm = []\ntry:\n    while True: m.append(mmap.mmap(-1, 1 << 28))\nexcept (OSError, MemoryError): print(len(m) < 9)\ndel m", holds=_stopped("True")),
    Attack("the disk", before="n = 0\ntry:\n    while True:\n        with open(f'/scratch/{n}', 'wb') as f: f.write(bytes(1 << 23))\n        n += 1\nexcept OSError: print(n < 9)", holds=_stopped("True")),
    Attack("one large file", before="try:\n    with open('/scratch/x', 'wb') as f: f.truncate(1 << 40)\n    print('FOUND')\nexcept OSError: pass\nimport signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)"),
    Attack("thousands of files", before="import os\nn = 0\ntry:\n    while True:\n        os.mkdir(f'/scratch/{n}')\n        n += 1\nexcept OSError: print(n < 3000)", holds=_stopped("True")),
    Attack("thousands of open files", before="f = []\ntry:\n    while True: f.append(open('/dev/null'))\nexcept OSError: print(len(f) < 200)\nf.clear()", holds=_stopped("True")),
    Attack("a flood of output in a cell", before="import sys\nfor _ in range(1000):\n    print('x' * 100_000)\n    sys.stderr.write('y' * 100_000)"),
    Attack("a flood of output in a function", {"sigmoid": CALL + "for _ in range(1000): print('x' * 10_000)\n    return x"}),
    Attack("a flood past Python's streams", before="import os\nfor n in (0, 1, 2):\n    for _ in range(300):\n        try: os.write(n, b'x' * 100_000)\n        " + DENIED),
    Attack("a flood of warnings", {"sigmoid": "import warnings\n" + CALL + "for n in range(5000): warnings.warn('w' * 5000 + str(n))\n    return x"}),
    Attack("a huge image", before="print('data:image/png;base64,' + 'A' * 50_000_000)\n'B' * 50_000_000"),
    Attack("a long exception", {"sigmoid": CALL + "raise type('E' * 100_000, (Exception,), {})('t' * 10_000_000)"}, before="raise type('E' * 100_000, (Exception,), {})('t\\n' * 1_000_000)"),
    Attack("a long traceback", before="def f(n):\n    if n: f(n - 1)\n    raise ValueError from Exception('x' * 100_000)\nf(500)"),
    Attack("cells that are longer than anyone types", before="x = '" + "a" * 400_000 + "'", honest=0.0),
    Attack("a cell that is slow to read", before="%time 1\n" * 6000 + "x = [" + "1, " * 30_000 + "]"),
    Attack("a cell that is slow to look through", {"tanh": "\n".join(f"a{n} = a{n + 1}" for n in range(3000)) + "\ntanh = a0\n"}),
    Attack("a deep expression", before="x = " + "(" * 90 + "1" + ")" * 90 + "\ny = " + " + ".join(["1"] * 3000) + "\nz = " + "-" * 3000 + "1"),
    Attack("two thousand added cells", make=_many),
    Attack("every call just below its limit", {id: f"import time\ndef {id}(*a):\n    time.sleep(0.4)\n    return 1.0" for id in ("sigmoid", "tanh")}, limits=SLOW, honest=0.0, holds=_stopped("the notebook's time is used up")),
    Attack("every cell just below its limit", before="import time\ntime.sleep(0.45)", make=_slow_cells, limits=SLOW, honest=0.0, holds=_stopped("the notebook's time is used up")),
    Attack("its process lost again and again", {id: f"import os\ndef {id}(*a):\n    os._exit(1)" for id in ("sigmoid", "tanh", "relu_interpolator")}),
    Attack("its process lost more often than is allowed", {id: f"import os\ndef {id}(*a):\n    os._exit(1)" for id in ("sigmoid", "tanh")}, limits=Limits(call=0.3, cell=0.3, notebook=10, losses=0), honest=0.0),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_it_costs_only_itself(court: Court, attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "SECONDS", 0.5)
    outcome = court.try_(attack)
    assert outcome.seconds < attack.limits.notebook * 1.2 + 1
