"""Changing what is not theirs, and leaving something behind for the next."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

import pytest

from dlkit.grading.sandbox import Sandbox
from tests.attacks.court import Attack, Court, submission
from tests.lessons import ROOT

WRITE = """
import os, shutil, sys
def attempt(what, *args, **kwargs):
    try:
        what(*args, **kwargs)
        print('FOUND', what, args)
    except (OSError, ImportError, shutil.Error): pass
def write(path):
    with open(path, 'a') as file: file.write('x')
"""

ATTACKS = [
    Attack("the gradebook", before=WRITE + "for p in ('@CANARY@', '/proc/1/root@CANARY@', '/proc/self/root@CANARY@'):\n    attempt(write, p)\n    attempt(os.remove, p)\n    attempt(os.truncate, p, 0)"),
    Attack("the course", before=WRITE + f"for p in ('{ROOT}/x', '{ROOT}/source/x', '/course/x', '/course/dlkit/__init__.py', '/course/dlkit/check/session.py', '/course/dlkit/learner/harness.py'):\n    attempt(write, p)\n    attempt(os.chmod, p, 0o777)\n    attempt(os.rename, p, p + 'x')"),
    Attack("installed packages and the interpreter", before=WRITE + "import numpy\nfor p in (numpy.__file__, os.path.dirname(numpy.__file__) + '/x.py', os.path.dirname(os.path.dirname(numpy.__file__)) + '/x.pth', sys.executable, os.__file__, os.path.dirname(os.__file__) + '/sitecustomize.py', '/usr/lib/x', '/lib/x', '/bin/x'):\n    attempt(write, p)\n    attempt(os.utime, p)"),
    Attack("home, temporary and shared folders", before=WRITE + "for p in ('/' 'root/x', '/home/x', '/tmp/x', '/var/tmp/x', '/dev/shm/x', '/dev/x', '/etc/x', '/x', '/run/x', os.path.dirname(sys.prefix) + '/x'):\n    attempt(write, p)\n    attempt(os.mkdir, p)\n    attempt(os.symlink, '/', p)"),
    Attack("the kernel's settings", before=WRITE + "for p in ('/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname', '/proc/sysrq-trigger', '/proc/self/oom_score_adj', '/proc/self/uid_map', '/proc/sys/vm/drop_caches', '/proc/self/attr/current'):\n    attempt(os.open, p, os.O_WRONLY)"),
    Attack("mounts, namespaces and roots", before=WRITE + "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfor name, args in (('mount', (b'none', b'/scratch', b'tmpfs', 0, None)), ('mount', (b'/', b'/', None, 4096 | 32, None)), ('umount2', (b'/proc', 2)), ('umount2', (b'/scratch', 2)), ('chroot', (b'/scratch',)), ('unshare', (0x10000000,)), ('unshare', (0x20000,)), ('setns', (0, 0)), ('swapoff', (b'/x',)), ('sethostname', (b'x', 1)), ('pivot_root', (b'/', b'/scratch'))):\n    f = getattr(libc, name, None)\n    if f is not None and f(*args) == 0: print('FOUND', name)\nfor n in (428, 429, 430, 432, 442):\n    if libc.syscall(n, -1, b'/', 0, 0, 0) >= 0: print('FOUND', n)"),
    Attack("rights regained", before=WRITE + "import ctypes, resource\nlibc = ctypes.CDLL(None, use_errno=True)\nfor what, args in ((os.setuid, (1,)), (os.setgid, (1,)), (os.setgroups, ([0],)), (os.chown, ('/scratch', 1, 1)), (os.mknod, ('/scratch/d', 0o60666, os.makedev(254, 0))), (os.nice, (-5,))):\n    attempt(what, *args)\nfor name in ('NOFILE', 'AS', 'FSIZE', 'CPU'):\n    try:\n        resource.setrlimit(getattr(resource, 'RLIMIT_' + name), (-1, -1))\n        print('FOUND', name)\n    except (ValueError, OSError): pass\nif 'CapEff:\\t0000000000000000' not in open('/proc/self/status').read() or 'Seccomp:\\t2' not in open('/proc/self/status').read(): print('FOUND')"),
    Attack("files left in the scratch folder", before="import os\nopen('/scratch/numpy.py', 'w').write('print(1)')\nos.makedirs('/scratch/deep/er')\nos.symlink('/course', '/scratch/link')\nprint(len(os.listdir('.')))", holds=lambda o: o.shown("3")),
    Attack("shared memory, queues and semaphores left", before=WRITE + "import ctypes, mmap\nlibc = ctypes.CDLL(None, use_errno=True)\nif libc.shmget(4242, 4096, 0o1666) >= 0: print('FOUND')\nlibc.semget(4242, 1, 0o1666)\nlibc.msgget(4242, 0o1666)\nattempt(write, '/dev/shm/left')\nattempt(write, '/dev/mqueue/left')"),
    Attack("modules and names left", before="import sys, types, builtins, os\nsys.modules['dlkit.reference'] = types.ModuleType('left')\nbuiltins.left = 1\nos.environ['PYTHONPATH'] = '/scratch'\nos.environ['HOME'] = '/'"),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_is_changed(court: Court, attack: Attack) -> None:
    court.try_(attack)


def test_modules_beside_a_submission_are_not_imported(
    court: Court, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "submitted"
    folder.mkdir()
    for name in ("numpy.py", "sitecustomize.py", "usercustomize.py", "dlkit.py", "json.py", "x.pth"):
        (folder / name).write_text(f"import os; open({str(folder / 'ran')!r}, 'w').write('x')", encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONSTARTUP", str(folder / "numpy.py"))
    box = Sandbox()
    try:
        outcome = Court(box, tmp_path).judge(
            submission({}, before="import json, numpy, dlkit.check\nprint(numpy.__file__)")
        )
    finally:
        box.close()
    assert outcome.report.points == 3
    assert not (folder / "ran").exists()
    assert str(folder) not in outcome.text


def test_the_sandbox_leaves_no_process(court: Court) -> None:
    box = Sandbox()
    Court(box, court.folder).judge(
        submission({}, before="import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()")
    )
    children = _children(box._process.pid)
    assert len(children) >= 2
    handles = [os.pidfd_open(child) for child in children]
    box.close()
    for handle in handles:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        assert poll.poll(5000), "a process has outlived its sandbox"
        os.close(handle)


def _children(process: int) -> list[int]:
    found = [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]
    return found + [inner for pid in found for inner in _children(pid)]


def test_a_sandbox_that_died_is_started_again(court: Court) -> None:
    for process in _children(court.box._process.pid):
        with contextlib.suppress(ProcessLookupError):  # the first takes the others with it
            os.kill(process, 9)
    assert court.judge(submission({})).report.points == 3


def test_a_prison_ends_as_soon_as_the_judge_hangs_up(box: Sandbox) -> None:
    with box.fresh():
        prison = os.pidfd_open(_children(box._process.pid)[-1])
        poll = select.poll()
        poll.register(prison, select.POLLIN)
        assert not poll.poll(0)
    assert poll.poll(5000)
    os.close(prison)
