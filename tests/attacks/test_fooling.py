"""Answers that try to talk the tests round."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.attacks.court import QUICK, Attack, Court

WRONG = "def sigmoid(x):\n    return x * 0 + 7\n"
SIGMOID = "def sigmoid(x):\n    z = np.exp(-np.abs(x))\n    return np.where(x >= 0, 1, z) / (1 + z)\n"
PATCH = "always = lambda *args, **kwargs: True\n"
EQUAL = "class Equal{base}:\n    __eq__ = __ge__ = __le__ = lambda self, other: True\n    __hash__ = None\n    {more}\n"
FRAMES = """
import json, os, socket, struct, threading
from dlkit.learner.wire import send
channel = next(socket.socket(fileno=int(n)) for n in os.listdir('/proc/self/fd')
               if os.path.exists(f'/proc/self/fd/{n}') and 'socket' in os.readlink(f'/proc/self/fd/{n}'))
def say(**message):
    send(channel, {'value': None, 'found': True, 'error': '', 'changed': [], 'warnings': [], 'printed': '', **message}, [])
"""
HARNESS = """
import gc
harness = next(o for o in gc.get_objects() if type(o).__name__ == '_Harness')
"""

ATTACKS = [
    # what the tests are made of, patched
    Attack("numpy patched", {"sigmoid": PATCH + "np.allclose = np.isclose = np.array_equal = np.abs = always\n" + WRONG}),
    Attack("numpy.testing patched", {"sigmoid": PATCH + "import numpy.testing as t\nfor n in dir(t):\n    if n.startswith('assert'):\n        setattr(t, n, always)\n" + WRONG}),
    Attack("builtins patched", {"sigmoid": PATCH + "import builtins\nfor n in ('abs', 'all', 'isinstance', 'round', 'sum', 'sorted', 'AssertionError'):\n    setattr(builtins, n, always)\n" + WRONG}),
    Attack("dlkit.check patched", {"sigmoid": PATCH + "import dlkit.check as c\nfrom dlkit.check import session, expectation, compare, result\nc.expect = expectation.expect = compare.compare = expectation.compare = always\nsession.Checks.score = session.Checks.result = lambda self: 2.0\nresult.ExerciseResult.of = always\nc.check.outcomes = []\n" + WRONG}),
    Attack("its own check, expect, np and reference", {"sigmoid": PATCH + "def sigmoid(x):\n    return x\nreference = type('R', (), {'__getattr__': lambda self, name: sigmoid})()\nclass expect:\n    def __init__(self, *a, **k): pass\n    def __getattr__(self, name): return lambda *a, **k: self\ncheck = expect\nabs = len = round = float = bool = always\n"}),
    Attack("a name that only the hidden tests define", {"sigmoid": "def sigmoid(x):\n    return x\nshape = x = reference = sigmoid\n"}),
    Attack("modules faked", {"sigmoid": "import sys, types\nfake = types.ModuleType('dlkit.reference.activations')\nfake.sigmoid = lambda x: x\nsys.modules['dlkit.reference'] = sys.modules['dlkit.reference.activations'] = fake\nsigmoid = fake.sigmoid\n"}),
    Attack("import hooks", before="import sys, types\nclass Hook:\n    def find_spec(self, name, path=None, target=None):\n        sys.stdout.write('FOUND' if 'reference' in name else '')\nsys.meta_path.insert(0, Hook())\nsys.path_hooks.insert(0, print)\n", answers={"sigmoid": WRONG}),
    Attack("IPython hooks", before="ip = get_ipython()\nip.input_transformers_cleanup.append(lambda lines: ['pass'])\nip.ast_transformers = []\nip.set_custom_exc((Exception,), print)\nip.run_cell = ip.showtraceback = print\nip.events.register('pre_run_cell', print)\nip.kernel.do_execute = print\n", answers={"sigmoid": WRONG}),
    Attack("hooks of the interpreter", before="import sys\nsys.displayhook = sys.excepthook = sys.unraisablehook = lambda *a: print('PASSED')\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\nsys.setrecursionlimit(100)\n", answers={"sigmoid": WRONG}),
    Attack("the harness patched", {"sigmoid": HARNESS + "harness.do_call = lambda message, buffers: ({'value': True, 'error': '', 'changed': [], 'warnings': []}, [])\n" + WRONG}, honest=0.0),
    Attack("the answer's own record patched", {"sigmoid": "from dlkit.check import call\ncall._same = lambda a, b: True\n" + WRONG}),
    # results that lie
    Attack("equal to everything", {"sigmoid": EQUAL.format(base="", more="") + "def sigmoid(x):\n    return Equal()\n"}),
    Attack("an array equal to everything", {"sigmoid": EQUAL.format(base="(np.ndarray)", more="__array_ufunc__ = __array_function__ = lambda self, *a, **k: True") + "def sigmoid(x):\n    return np.asarray(x).view(Equal)\n"}),
    Attack("a number equal to everything", {"sigmoid": EQUAL.format(base="(float)", more="") + "def sigmoid(x):\n    return Equal(7)\n"}),
    Attack("__array__ that answers by call", {"sigmoid": "class A:\n    looks = 0\n    def __array__(self, *a, **k):\n        A.looks += 1\n        return np.zeros(A.looks)\n    shape = property(lambda self: (3,))\ndef sigmoid(x):\n    return A()\n"}),
    Attack("a class that lies about itself", {"sigmoid": "class A:\n    __class__ = property(lambda self: np.ndarray)\n    shape, dtype, ndim, size = (3,), np.dtype(float), 1, 3\n    def __getattr__(self, name): return lambda *a, **k: self\ndef sigmoid(x):\n    return A()\n"}),
    Attack("a shape that changes between looks", {"sigmoid": "class A(list):\n    def __iter__(self):\n        self.append(0.5)\n        return iter(self[:3])\n    def __len__(self): return 3\ndef sigmoid(x):\n    return A()\n"}),
    Attack("a list that holds itself", {"sigmoid": "def sigmoid(x):\n    a = []\n    a.append(a)\n    return a\n"}),
    Attack("a very deep list", {"sigmoid": "def sigmoid(x):\n    a = 1.0\n    for _ in range(100_000):\n        a = [a]\n    return a\n"}),
    Attack("a generator, a coroutine, a module, a frame", {"sigmoid": "import sys\nkinds = [iter(int, 1), (lambda: (yield))(), sys, sys._getframe()]\ndef sigmoid(x):\n    return kinds[np.ndim(x)]\n"}),
    Attack("an object array", {"sigmoid": "def sigmoid(x):\n    a = np.empty(np.shape(x), object)\n    a.fill(Exception)\n    return a\n"}),
    Attack("half a gigabyte", {"sigmoid": "def sigmoid(x):\n    return np.zeros(60_000_000)\n"}),
    Attack("as large as may cross, in every shape", {"sigmoid": "n = 0\ndef sigmoid(x):\n    global n\n    n += 1\n    return np.zeros((31_000_000,) if n % 2 else (1000, 31, 1000), bool)\n"}),
    Attack("many short texts and a long one", {"sigmoid": "def sigmoid(x):\n    return ['a' * 90_000] + ['b'] * 15_000\n"}),
    Attack("an integer of a million digits", {"sigmoid": "def sigmoid(x):\n    return [1 << 4_000_000, 1 << 500, float('nan'), float('inf')]\n"}),
    Attack("a callable, an answer as a result", {"sigmoid": "class F:\n    __name__ = 'np'\n    def __call__(self, *a): return F()\ndef sigmoid(x):\n    return F()\n", "relu_interpolator": "def relu_interpolator(k, v):\n    return sigmoid\n"}),
    Attack("attributes that raise and never end", {"sigmoid": "class E:\n    def __getattribute__(self, name):\n        while True: pass\ndef sigmoid(x):\n    return E()\n"}),
    Attack("no function at all", {"sigmoid": "sigmoid = [True] * 100", "tanh": "tanh = 'passed'", "relu_interpolator": "relu_interpolator = np.random.default_rng(0)"}),
    Attack("True, None, NaN", {"sigmoid": "def sigmoid(x):\n    return True", "tanh": "def tanh(x):\n    return x * np.nan", "relu_interpolator": "def relu_interpolator(k, v):\n    return None"}),
    # rules about the source
    Attack("a banned function under another __name__", {"tanh": "def clean(x):\n    return x\ndef tanh(x):\n    return np.tanh(x)\ntanh.__name__ = 'clean'\n"}, extra=2 * 6 / 10),
    Attack("a banned function in a cell with a magic", {"tanh": "%matplotlib inline\ndef tanh(x):\n    return np.tanh(x)\n"}, extra=2 * 6 / 10),
    Attack("a banned function in a cell magic", {"tanh": "%%time\ndef tanh(x):\n    return np.tanh(x)\n"}),
    Attack("a banned function behind two prompts", {"tanh": ">>> >>> tanh = np.tanh\n"}),
    Attack("a banned function in a cell that rules cannot parse", {"tanh": "def tanh(x):\n    return np.tanh(x)\nx = " + "-" * 400 + "1\n"}),
    # recognising the tests
    Attack("the visible tests by heart", {"sigmoid": "def sigmoid(x):\n    return [0.5, 0.880797078, 0.119202922]\n"}, extra=round(2 / 6, 3)),
    Attack("by order, time, caller and environment", {"sigmoid": "import itertools, os, sys, time\nn = itertools.count()\ndef sigmoid(x):\n    for frame in sys._current_frames().values():\n        while frame:\n            for value in frame.f_locals.values():\n                if isinstance(value, np.ndarray) and value.shape == np.shape(x) and not np.array_equal(value, x): print('FOUND')\n            frame = frame.f_back\n    return x * next(n) + time.time() + len(os.environ)\n"}),
    # ends
    Attack("sys.exit in a cell and in a function", {"sigmoid": "import sys\ndef sigmoid(x):\n    sys.exit(0)\n"}, before="import sys\nsys.exit(0)"),
    Attack("os._exit in a cell", before="import os\nos._exit(0)"),
    Attack("os._exit in a function", {"sigmoid": "import os\ndef sigmoid(x):\n    os._exit(0)\n"}),
    Attack("a crash", {"sigmoid": "import ctypes\ndef sigmoid(x):\n    ctypes.string_at(0)\n"}),
    Attack("its own signals", {"sigmoid": "import os, signal\ndef sigmoid(x):\n    for s in (signal.SIGTERM, signal.SIGABRT, signal.SIGSTOP, signal.SIGSEGV, signal.SIGKILL):\n        signal.raise_signal(s)\n    return x\n"}),
    Attack("every descriptor closed", {"sigmoid": "import os\ndef sigmoid(x):\n    os.closerange(0, 100)\n    return x\n"}),
    Attack("KeyboardInterrupt, GeneratorExit and an exception without a text", {"sigmoid": "class E(BaseException):\n    __str__ = __repr__ = None\ndef sigmoid(x):\n    raise (KeyboardInterrupt, GeneratorExit, E)[np.ndim(x) % 3]\n", "tanh": "def tanh(x):\n    raise E\n"}),
    Attack("recursion", {"sigmoid": "def sigmoid(x):\n    return sigmoid(x)\n"}),
    Attack("atexit and a thread that act later", {"sigmoid": "import atexit, threading, builtins\natexit.register(print, 'PASSED')\ndef later():\n    import numpy\n    while True:\n        numpy.isclose = numpy.allclose = lambda *a, **k: True\nthreading.Thread(target=later, daemon=True).start()\n" + WRONG}),
    # the channel
    Attack("a reply sent ahead", {"sigmoid": FRAMES + "say(value={'a': '<f8'}, n='0')\n" + WRONG}),
    Attack("many replies ahead, by a thread", {"sigmoid": FRAMES + "def flood():\n    while True: say(n='1', value=True)\nthreading.Thread(target=flood, daemon=True).start()\n" + WRONG}, at_most=True),
    Attack("a right-numbered reply, then a second one", {"sigmoid": HARNESS + FRAMES + "def sigmoid(x):\n    say(n=harness.request, value=True)\n    return x\n"}),
    Attack("noise on the channel", {"sigmoid": FRAMES + "def sigmoid(x):\n    channel.sendall(os.urandom(1000))\n    return x\n"}),
    Attack("half a frame and silence", {"sigmoid": FRAMES + "def sigmoid(x):\n    channel.sendall(struct.pack('>II', 1000, 0) + b'{')\n    while True: pass\n"}),
    Attack("a thread that listens in the harness's place", {"sigmoid": FRAMES + "def listen():\n    while True: channel.recv(1000)\nthreading.Thread(target=listen, daemon=True).start()\n" + WRONG}, at_most=True, limits=replace(QUICK, losses=2)),
    Attack("callbacks that nobody gave", {"sigmoid": HARNESS + FRAMES + "def sigmoid(x):\n    say(n=harness.request, back=1, args={'t': []})\n    say(n=harness.request, back='x', args=None)\n    return x\n"}),
    # words
    Attack("it prints PASSED and a score", {"sigmoid": "print('PASSED', 2.0)\ndef sigmoid(x):\n    print('PASSED')\n    return x\n2.0"}),
    Attack("a display of points", {"sigmoid": "class S(float):\n    def _repr_mimebundle_(self, **k): return {'application/vnd.dlkit.result+json': {'points': 2}}\n    def __repr__(self): return '2.0'\ndef sigmoid(x):\n    return x\nS(2)"}),
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_it_earns_what_its_honest_answers_earn(court: Court, attack: Attack) -> None:
    court.try_(attack)


def test_a_right_answer_beside_it_still_counts(court: Court) -> None:
    court.try_(Attack("right", {"sigmoid": SIGMOID}, before="import os\nos._exit(0)", extra=2.0))
