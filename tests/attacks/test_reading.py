"""Looking for what is hidden: answers, hidden tests, other people's files. An attack says FOUND where it succeeds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from dlkit.check import check, expectation
from dlkit.grading import remote
from dlkit.grading.ingest import merge
from dlkit.grading.judge import judge
from dlkit.grading.sandbox import Sandbox, _interpreter_paths
from tests.attacks.court import Attack, Court, submission
from tests.lessons import ROOT, UNITS
from tests.submissions import full

SECRETS = "\n".join([
    "import os, sys",
    "def look(path):",
    "    try:",
    "        print('FOUND' if os.path.isdir(path) and os.listdir(path) or open(path).read(1) else '')",
    "    except OSError: pass",
    "",
])  # fmt: skip
# The needle stands in the source and in memory one letter on, so that the search does not find itself.
MEMORY = """
shift = bytes((n + 1) % 256 for n in range(256))
for line in open('/proc/self/maps'):
    span, mode, *rest = line.split()
    start, end = (int(part, 16) for part in span.split('-'))
    if 'rw' in mode and end - start < 1 << 28:
        try:
            with open('/proc/self/mem', 'rb', 0) as memory:
                memory.seek(start)
                if @NEEDLE@ in memory.read(end - start).translate(shift): print('FOUND', line)
        except (OSError, ValueError, OverflowError): pass
"""
HIDDEN = "".join(chr(ord(letter) + 1) for letter in "equals the reference on random knots")
"""The name of a hidden check of relu_interpolator, one letter on."""

ATTACKS = [
    Attack("imports", before="import importlib\nfor n in ('reference', 'reference.activations', 'mistakes', 'mistakes.activations', 'questions', 'questions.activations', 'questions.bank', 'course', 'grading', 'grading.judge', 'cli'):\n    try:\n        importlib.import_module('dlkit.' + n)\n        print('FOUND', n)\n    except ImportError: pass\nfor n in ('tests', 'tests.lessons', 'nbgrader.dlkit'):\n    try: print('FOUND', importlib.import_module(n))\n    except ImportError: pass"),
    Attack("the course's files", before=SECRETS + f"for part in ('source', 'solutions', 'notebooks', 'tests', 'submitted', 'autograded', 'feedback', 'gradebook.db', 'nbgrader_config.py', '.git', 'dlkit/reference', 'dlkit/mistakes', 'dlkit/questions', 'dlkit/grading'):\n    look('{ROOT}/' + part)\n    look('/course/' + part)"),
    Attack("the gradebook and what lies beside it", before=SECRETS + "look('@CANARY@')\nlook('@FOLDER@')\nfor p in ('/etc/passwd', '/etc/shadow', '/' 'root/.ssh', '/home', '/var/lib', '/sys', '/run', '/proc/1/root/etc/passwd', '/proc/self/cwd/../gradebook.db', '/mnt', '/media', '/srv', '/opt'):\n    look(p)"),
    Attack("every file by name", before="import os, sys\nskip = ('/proc', '/usr', '/lib', '/lib64', '/bin', sys.base_prefix)\nfor at, folders, files in os.walk('/'):\n    folders[:] = [f for f in folders if os.path.join(at, f) not in skip]\n    for f in files:\n        if (f == 'gradebook.db' and 'site-packages' not in at) or '01_activations' in f or (f == 'activations.py' and 'dlkit' in at): print('FOUND', at, f)"),
    Attack("the installed packages", before="import os, sys\nfor top in {p for p in sys.path if 'site-packages' in p}:\n    for n in os.listdir(top):\n        p = os.path.join(top, n)\n        if n == 'dlkit' and os.listdir(p): print('FOUND', p)"),
    Attack("frames", before="import sys, inspect\nframe = sys._getframe()\nwhile frame:\n    for n, v in {**frame.f_locals, **frame.f_globals}.items():\n        if 'reference' in getattr(v, '__module__', '') or '' : print('FOUND', n)\n    frame = frame.f_back\nfor f in inspect.stack():\n    if 'grading' in f.filename: print('FOUND')", answers={"sigmoid": "def sigmoid(x):\n    import inspect\n    for f in inspect.stack():\n        if 'reference' in str(f.code_context): print('FOUND')\n    return x"}),
    Attack("gc", before="import gc\nfor o in gc.get_objects():\n    m = getattr(o, '__module__', None)\n    if isinstance(m, str) and m.startswith(('dlkit.reference', 'dlkit.mistakes', 'dlkit.grading', 'nbgrader')): print('FOUND', o)"),
    Attack("memory, for a hidden test", after=MEMORY.replace("@NEEDLE@", repr(HIDDEN.encode())), answers={"relu_interpolator": "def relu_interpolator(k, v):\n    return lambda x: x"}),
    Attack("history and the kernel", before="ip = get_ipython()\nfor n in ('In', 'Out', '_ih', '_oh', '_i', '__file__', '__loader__', '__spec__'):\n    if n in globals(): print('FOUND', n)\nif ip.history_manager(): print('FOUND')"),
    Attack("the environment", before="import os\nprint(os.environ, open('/proc/self/environ').read())\nif 'DLKIT_CANARY' in os.environ: print('FOUND')"),
    Attack("other processes", before="import os\nfor n in os.listdir('/proc'):\n    if n.isdigit() and int(n) != os.getpid(): print('FOUND', n)\nif os.getppid(): print('FOUND', os.getppid())"),
    Attack("the machine, by /proc and /sys", before="for p in ('/proc/cpuinfo', '/proc/kallsyms', '/proc/kcore', '/proc/kmsg', '/proc/keys', '/proc/sys/kernel/core_pattern', '/proc/net/unix', '/sys/kernel', '/dev/kmsg', '/dev/mem', '/dev/sda', '/dev/vda'):\n    try:\n        with open(p, 'rb') as f: print('FOUND' if f.read(10) else '', p)\n    except OSError: pass"),
    Attack("open descriptors", before="import os\nfor n in os.listdir('/proc/self/fd'):\n    try: to = os.readlink('/proc/self/fd/' + n)\n    except OSError: continue\n    if to != '/dev/null' and not to.startswith(('socket:', '/proc/')): print('FOUND', to)"),
    Attack("its own traceback", before="1 / 0", holds=lambda o: "ZeroDivisionError" in o.text and "do_run" not in o.text),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nothing_hidden_is_found(court: Court, attack: Attack) -> None:
    court.try_(attack)


def test_the_search_of_memory_finds_what_is_there(court: Court) -> None:
    """So that it proves something where it finds nothing."""
    there = "there = 'equals the reference on' + ' random knots'\n"
    outcome = court.judge(submission({}, before=there + MEMORY.replace("@NEEDLE@", repr(HIDDEN.encode()))))
    assert "FOUND" in outcome.text


def test_no_expected_value_is_sent_to_the_learner(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a whole notebook: what hidden checks compare with is never among what crosses before it is compared."""
    sent: list[bytes] = []
    wanted: list[tuple[int, np.ndarray]] = []
    send, compare = remote.send, expectation.compare

    def recorded_send(connection: Any, message: dict[str, Any], buffers: list[bytes], end: float | None = None) -> None:
        sent.extend(buffers)
        assert "reference" not in json.dumps({**message, "source": ""})
        send(connection, message, buffers, end)

    def recorded_compare(got: Any, want: Any, *args: Any) -> Any:
        parts = () if not check.in_hidden else want if isinstance(want, tuple) else (want,)
        wanted.extend((len(sent), np.asarray(part)) for part in parts if isinstance(part, np.ndarray))
        return compare(got, want, *args)

    monkeypatch.setattr(remote, "send", recorded_send)
    monkeypatch.setattr(expectation, "compare", recorded_compare)
    judge(merge(nbformat.read(UNITS[0].notebook("source"), 4), full(UNITS[0])), box.fresh)
    assert len(sent) > 300
    assert len(wanted) > 100
    told = [want for count, want in wanted if np.unique(want).size > 4 and want.tobytes() in sent[:count]]
    assert told == []


def test_a_course_in_its_own_environment_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m venv .` makes the course's folder Python's prefix."""
    for folder in ("lib", "bin", "submitted"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    shown = _interpreter_paths()
    assert str(tmp_path / "lib") in shown
    assert not {str(tmp_path), str(tmp_path / "submitted")} & set(shown)
