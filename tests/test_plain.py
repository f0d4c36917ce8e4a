"""Assignments in plain nbgrader style get the points that nbgrader gives, from the isolated engine where it can."""

from __future__ import annotations

import copy
import shutil
import time
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from dlkit.course.units import Unit
from dlkit.grading import boxed_kernel
from dlkit.grading.assignments import grade_assignment, is_assignment, students_of
from dlkit.grading.gradebook import course_directory, run, safe
from dlkit.grading.names import role
from dlkit.grading.plain import judge_plain, score
from dlkit.grading.plain_merge import merge_plain
from dlkit.grading.remote import Limits
from dlkit.grading.sandbox import Sandbox
from tests.lessons import ROOT
from tests.stock import KERNELS_WARN

QUICK = Limits(call=0.5, cell=0.7, notebook=20)

pytestmark = pytest.mark.filterwarnings(*KERNELS_WARN)


def cell(kind: str, id: str, source: str, points: float = 1.0) -> NotebookNode:
    """A cell as nbgrader's own toolbar marks it: "answer", "manual", "test" or "plain"."""
    grader: dict[str, Any] = {"grade_id": id, "schema_version": 3, "locked": kind == "test"}
    grader |= {"solution": kind in ("answer", "manual"), "grade": kind in ("test", "manual"), "task": False}
    grader |= {"points": points} if grader["grade"] else {}
    return new_code_cell(source, metadata={} if kind == "plain" else {"nbgrader": grader})


def assignment(answer: str, *tests: str, plain: str = "") -> NotebookNode:
    """An assignment: perhaps a plain cell of the teacher's, one answer, and its tests."""
    cells = [cell("plain", "plain", plain)] if plain else []
    cells += [cell("answer", "answer", answer)]
    return new_notebook(cells=cells + [cell("test", f"test-{n}", text) for n, text in enumerate(tests, 1)])


def answered(source: NotebookNode, *answers: str, before: str = "") -> NotebookNode:
    """A submission: other answers in the answer cells, in order, and perhaps a cell added in front."""
    notebook = copy.deepcopy(source)
    places = [cell for cell in notebook.cells if role(cell) == "answer"]
    for place, answer in zip(places, answers, strict=False):
        place.source = answer
    if before:
        notebook.cells.insert(0, new_code_cell(before, metadata={"dlkit": {"role": "added"}}))
    return notebook


def points(notebook: NotebookNode) -> list[float]:
    return [score(cell) for cell in notebook.cells if role(cell) == "test"]


class Case(NamedTuple):
    """An assignment, with the reference answer in it; other answers, and the points they get."""

    name: str
    source: NotebookNode
    answers: dict[str, list[float]]


NP = "import numpy as np\nfrom numpy.testing import assert_allclose, assert_array_equal\n"
MEAN = "def mean(x):\n    return sum(x) / len(x)"
STACK = """class Stack:
    def __init__(self):
        self.items = []
    def push(self, item):
        self.items.append(item)
        return self
    def __len__(self):
        return len(self.items)
    def __iter__(self):
        return iter(self.items)
"""
STUB = "def f(*args):\n    raise NotImplementedError"

ROUNDED = assignment("def f(x):\n    return x", "assert np.isclose(f(1), 1, atol=eps)")
ROUNDED.cells.insert(1, cell("plain", "plain", "import numpy as np\nfor k in range(3):\n    eps = 10.0 ** -k\nf(3)"))

ISOLATED = [
    Case("asserts", assignment(MEAN, "assert mean([1, 2]) == 1.5", "assert mean([4]) == 4, 'of one'"),
         {"def mean(x): return 4": [0, 1], "def mean(x): raise NotImplementedError()": [0, 0], "": [0, 0]}),
    Case("numpy.testing", assignment("def f(x):\n    return 2 * x", f"{NP}assert_allclose(f(np.ones(3)), [2, 2, 2])\nnp.testing.assert_array_equal(f(np.arange(3)), np.array([0, 2, 4]))"),
         {"def f(x): return x + 1.5": [0], "def f(x): return [2 * i for i in x]": [1], "def f(x): return 'no'": [0]}),
    Case("assert_raises", assignment("def f(n):\n    if n < 0: raise ValueError(f'{n} is negative')\n    return n", "from numpy.testing import assert_raises, assert_raises_regex\nassert_raises(ValueError, f, -1)\nassert_raises_regex(ValueError, 'negative', f, -1)"),
         {"def f(n): return n": [0], "def f(n): raise TypeError('negative')": [0],
          "class Low(ValueError): pass\ndef f(n): raise Low('negative')": [1]}),
    Case("errors", assignment("def f(d):\n    return d['a']", "try:\n    f({})\nexcept KeyError as error:\n    assert error.args == ('a',)\nelse:\n    raise AssertionError('no KeyError')", "import unittest\nwith unittest.TestCase().assertRaises(LookupError):\n    f({})"),
         {"def f(d): return 1": [0, 0], "def f(d): raise IndexError": [0, 1], "def f(d): raise SystemExit": [0, 0]}),
    Case("partial credit", assignment(MEAN, "points = 0\npoints += 0.5 * (mean([1, 3]) == 2)\npoints += 0.25 * (mean([3]) == 3)\npoints + 0.25"),
         {"def mean(x): return 3": [0.5], "def mean(x): return 2": [0.75], "def mean(x): x.y": [0]}),
    Case("sets, dicts, bytes", assignment("from collections import Counter\ndef f(x):\n    return {*x}, Counter(x), {(1, 2): b'ab'}, 3 ** 1000, 1j, range(3)", "assert f('aab') == ({'a', 'b'}, {'a': 2, 'b': 1}, {(1, 2): b'ab'}, 3 ** 1000, 1j, range(3))"),
         {"def f(x): return {'a', 'b'}": [0]}),
    Case("large lists", assignment("def f(n):\n    return list(range(n))", "assert f(50000) == list(range(50000))\nassert type(f(100)[0]) is int"), {STUB: [0]}),
    Case("arguments changed in place", assignment("def f(x):\n    x.sort()", "x = [3, 1, 2]\nassert f(x) is None\nassert x == [1, 2, 3]", "import numpy as np\na = np.array([2, 1])\nf(a)\nassert a.tolist() == [1, 2]"),
         {"def f(x): return sorted(x)": [0, 0]}),
    Case("objects", assignment(STACK, "s = Stack()\ns.push(1).push('b')\nassert s.items == [1, 'b'] and len(s) == 2\nassert list(s) == [1, 'b'] and isinstance(s, Stack) and not isinstance(s, list)", "s = Stack()\ns.items = [7]\nassert s.items[0] == 7 and Stack.__name__ == 'Stack'"),
         {"class Stack: pass": [0, 1], "Stack = list": [0, 0]}),
    Case("generators", assignment("def f(n):\n    yield from range(n)", "assert list(f(3)) == [0, 1, 2]\nassert next(f(1)) == 0"), {"def f(n): return list(range(n))": [0]}),
    Case("variables", assignment("x = 3\ny = np.arange(3)", "assert x == 3", "assert (y == np.array([0, 1, 2])).all()", plain="import numpy as np"), {"x = 4": [0, 0], "x = 3\ny = None": [1, 0]}),
    Case("functions as arguments", assignment("def f(g, x):\n    return g(g(x))", "assert f(lambda x: x + 1, 3) == 5"), {"def f(g, x): return g(x)": [0]}),
    Case("names rebound", assignment("def g(): return 1\ndef f(): return g()", "kept = g\ng = lambda: 2\ndel g\ng = kept\nassert f() == 1", "kept = g\ndel g\ntry:\n    f()\nexcept NameError: pass\nelse: raise AssertionError('no')\nfinally:\n    g = kept", "assert f() == 1"),
         {"def g(): return 1\ndef f(): return 1": [1, 0, 1]}),
    Case("a teacher's helper", assignment("def f(x):\n    return x", "assert close(f(1), 1 + eps / 2)", plain="import math\neps = 1e-6\ndef close(a, b):\n    return math.isclose(a, b, abs_tol=eps)"),
         {"def f(x): return x + 1": [0], "close = lambda *a: True\ndef f(x): return 5": [0], "eps = 1e9\ndef f(x): return 5": [0],
          "math = eps = 1e9\ndef f(x): return 5": [0]}),
    Case("a teacher's cell behind an answer", ROUNDED, {"np = None\neps = 1e9\ndef f(x): return 5": [0]}),
    Case("warnings cost the points, as on stderr", assignment("import numpy as np\ndef f(x):\n    return np.abs(x)", "assert f(-1) == 1"),
         {"import warnings\ndef f(x):\n    warnings.warn('hm')\n    return 1": [0], "import sys\ndef f(x):\n    print('hm', file=sys.stderr)\n    return 1": [0], "def f(x):\n    print('hm')\n    return 1": [1]}),
    Case("an answer named as a builtin", assignment("def sum(x):\n    return 7", "assert sum([1, 2]) == 7"), {"": [0], "def sum(x): return 3": [0]}),
    Case("broken answers", assignment("def f(x):\n    return x", "assert f(1) == 1", "assert 1 + 1 == 2"),
         {"def f(x)\n    return x": [0, 1], "def f(x):\n    while True: pass": [0, 1], "while True: pass": [0, 1],
          "import os\ndef f(x): os._exit(0)": [0, 1], "def f(x): return f(x)": [0, 1], "def f(x): return [0] * 10**7": [0, 1]}),
]  # fmt: skip


@pytest.mark.parametrize("case", ISOLATED, ids=lambda case: case.name)
def test_isolated(box: Sandbox, case: Case) -> None:
    full = [1.0 for cell in case.source.cells if role(cell) == "test"]
    done, reason = judge_plain(copy.deepcopy(case.source), box.fresh, QUICK, case.source)
    assert reason is None
    assert points(done) == full
    for answer, expected in case.answers.items():
        done, reason = judge_plain(answered(case.source, answer), box.fresh, QUICK, case.source)
        assert reason is None
        assert points(done) == expected, answer
        nbformat.validate(done)


ATTACKED = assignment(
    "def f(x):\n    return 2 * x",
    f"{NP}assert_allclose(f(1.0), 2.0)\nassert f(3) == 6",
    "import unittest\nunittest.TestCase().assertEqual(f(2), 4)",
    "expected = 10\nassert f(5) == expected",
    "np.testing.assert_equal(f(4), 8)",
    plain="import numpy as np",
)
ATTACKS = {
    "numpy.testing": "import numpy.testing, numpy as np\nfor n in dir(numpy.testing):\n    if n.startswith('assert'): setattr(numpy.testing, n, lambda *a, **k: None)\nassert_allclose = lambda *a: None\ndef f(x): return 0",
    "AssertionError": "import builtins\nclass AssertionError(BaseException): pass\nbuiltins.AssertionError = None\ndef f(x): return 0",
    "unittest": "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(x): return 0",
    "np": "class np:\n    class testing:\n        assert_equal = staticmethod(lambda *a: None)\ndef f(x): return 0",
    "an object equal to everything": "class Yes:\n    def __eq__(s, o): return True\n    def __sub__(s, o): return 0\n    __rsub__ = __sub__\n    def __array_ufunc__(s, *a, **k): return 0\n    def __array__(s, *a, **k):\n        import numpy as np\n        return np.full((), np.nan)\ndef f(x): return Yes()",
    "a number equal to everything": "class Yes(float):\n    def __eq__(s, o): return True\ndef f(x): return Yes(0)",
    "the tests' own names": "expected = 0\ndef f(x): return expected",
    "the tools": "import gc, sys, types\nfor o in gc.get_objects():\n    if isinstance(o, dict) and o.get('__name__') == 'dlkit_tools': o['pack'] = lambda v: 6\ndef f(x): return 0",
    "exit": "import os, atexit\ndef f(x): os._exit(0)",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", ["answer", "added cell"])
def test_attacks_gain_nothing(box: Sandbox, attack: str, place: str) -> None:
    text = ATTACKS[attack]
    notebook = answered(ATTACKED, text) if place == "answer" else answered(ATTACKED, "", before=text)
    done, reason = judge_plain(notebook, box.fresh, QUICK, ATTACKED)
    assert reason is None, "a learner does not choose where the tests run"
    assert sum(points(done)) <= (1 if attack == "the tools" else 0)  # there, f returned 6: right for one assert of two


KERNEL = [
    ("arithmetic of objects", assignment("from fractions import Fraction\ndef f():\n    return Fraction(1, 2)", "assert f() == 0.5"), "test-1: it takes == of a Fraction of the answer's and a float"),
    ("magics", assignment("def f():\n    return 1", "%timeit -n1 -r1 f()\nassert f() == 1"), "test-1: it uses magics"),
    ("source", assignment("def f():\n    return 1", "assert f() == 1", "import inspect\nassert 'while' not in inspect.getsource(f)"), "test-2: it imports inspect"),
    ("subclasses", assignment(STACK, "class Mine(Stack): pass\nassert len(Mine().push(1)) == 1"), "test-1: it makes a subclass of a Stack"),
    ("the learner's exception", assignment("class Low(Exception): pass\ndef f():\n    raise Low", "import numpy as np\nnp.testing.assert_raises(Low, f)"), "test-1: the course's own answer does not pass it"),
    ("the namespace", assignment("x = 1", "assert 'x' in globals()"), "test-1: it looks at the notebook's namespace"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "reason"), KERNEL, ids=[row[0] for row in KERNEL])
def test_what_needs_a_kernel_is_told(
    box: Sandbox, name: str, source: NotebookNode, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxed_kernel, "run", lambda notebook, limits: notebook)
    _, found = judge_plain(copy.deepcopy(source), box.fresh, QUICK, source)
    assert found is not None
    assert found.startswith(f"cell {reason}")


VECTOR = """class V:
    def __init__(self, x): self.x = x
    def __mul__(self, k): return V(self.x * k)
    def __eq__(self, other): return self.x == other
"""
WALLS = f"""import os, socket
assert not os.path.exists({str(Path(__file__).parents[1] / "source")!r}) and not os.path.exists("/course")
assert "DLKIT_CANARY" not in os.environ
try:
    socket.create_connection(("1.1.1.1", 53), timeout=1)
except OSError: pass
else: raise AssertionError("network")
"""


def test_a_kernel_in_the_sandbox(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLKIT_CANARY", "seen")
    source = assignment(VECTOR, "assert V(2) * 3 == 6", "assert V(0) == 0", WALLS)
    source.cells += [cell("answer", id, "pass") for id in ("flood", "loop", "exit")] + [cell("test", "late", "pass")]
    answers = ("print('x' * 30_000_000)", "while True: pass", "import os; os._exit(1)")
    notebook = answered(source, VECTOR.replace("x * k", "x + k"), *answers)
    done, reason = judge_plain(notebook, box.fresh, QUICK, source)
    assert reason == "cell test-1: it takes * of a V of the answer's and a int"
    assert points(done) == [0, 1, 1, 0]
    flood, loop, _, late = done.cells[-4:]
    assert 0 < len(flood.outputs[0].text) <= 100_000
    assert [output.ename for output in loop.outputs if output.output_type == "error"] == ["KeyboardInterrupt"]
    assert late.outputs[0].evalue.startswith("the kernel died")
    assert [cell.source for cell in done.cells] == [cell.source for cell in notebook.cells]


def test_without_the_teachers_notebook_a_kernel_is_the_way_out(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxed_kernel, "run", lambda notebook, limits: notebook)
    source = assignment("def f():\n    return 1", "assert f() == 1")
    assert judge_plain(copy.deepcopy(source), box.fresh, QUICK)[1] is None
    _, reason = judge_plain(answered(source, "import decimal\ndef f(): return decimal.Decimal(1)"), box.fresh, QUICK)
    assert reason == "cell test-1: it takes == of a Decimal of the answer's and a int"


def test_a_test_that_never_ends_is_ended(box: Sandbox) -> None:
    source = assignment("def f():\n    return 2", "n = 0\nwhile n < f():\n    n += 1", "assert f() == 2")
    start = time.monotonic()
    limits = Limits(call=0.5, cell=0.5, notebook=1.5)
    done, reason = judge_plain(answered(source, "def f(): return float('inf')"), box.fresh, limits, source)
    assert reason is None
    assert points(done) == [0, 0]
    assert time.monotonic() - start < 5


def test_a_failing_test_shows_its_line_and_the_answers(box: Sandbox) -> None:
    source = assignment("def f(x):\n    return x", "y = 1\nassert f(y) == 1")
    done, _ = judge_plain(answered(source, "def f(x):\n    return x / 0"), box.fresh, QUICK, source)
    text = "\n".join(done.cells[-1].outputs[-1].traceback)
    assert done.cells[-1].outputs[-1].ename == "ZeroDivisionError"
    assert "assert f(y) == 1" in text
    assert "return x / 0" in text
    assert "dlkit/grading" not in text


# What nbgrader's quickstart writes -----------------------------------------------------------------------------------

WRONG = {"squares": "def squares(n):\n    return [i * i for i in range(1, n + 1)]",
         "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(1, n + 1))"}  # fmt: skip
CONFIG = "c = get_config()\nc.Autograde.force = True\n"
QUICKSTART = {"right": [1, 1, 0.5, 0.5], "wrong": [1, 0, 0.5, 0], "untouched": [0, 0, 0, 0]}


class Quickstart:
    """The assignment that `nbgrader quickstart` writes, its release and three submissions."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from nbgrader.apps import quickstartapp

        monkeypatch.chdir(root)
        config = root / "course" / "nbgrader_config.py"
        # the command starts nbgrader five times to write its default settings and a few names: seconds each
        monkeypatch.setattr(quickstartapp.subprocess, "call", lambda *args, **kwargs: config.write_text(CONFIG))
        app = quickstartapp.QuickStartApp(extra_args=["course"])
        app.start()
        self.unit = Unit(root / "course", "ps1")
        self.source = nbformat.read(self.unit.root / "source" / "ps1" / "problem1.ipynb", 4)

    def submission(self, student: str) -> NotebookNode:
        """The release, of which this is all that matters: stubs, or answers, in the answer cells."""
        notebook = copy.deepcopy(self.source)
        for place in notebook.cells:
            id = place.metadata.get("nbgrader", {}).get("grade_id", "")
            if id in WRONG and student != "right":
                stub = f"def {id}(n):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
                place.source = WRONG[id] if student == "wrong" else stub
        return notebook


@pytest.fixture
def quickstart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Quickstart:
    return Quickstart(tmp_path, monkeypatch)


def test_quickstart(box: Sandbox, quickstart: Quickstart) -> None:
    for student, expected in QUICKSTART.items():
        merged = merge_plain(quickstart.source, quickstart.submission(student))
        assert len(merged.cells) == len(quickstart.source.cells)
        done, reason = judge_plain(merged, box.fresh, QUICK, quickstart.source)
        assert reason is None
        assert points(done) == expected, student


def test_quickstart_in_stock_nbgrader(box: Sandbox, quickstart: Quickstart) -> None:
    """nbgrader itself gives these points; and what it releases, and takes in, is graded here as it is."""
    from nbgrader.api import Gradebook
    from nbgrader.converters import Autograde, GenerateAssignment

    root = quickstart.unit.root
    directory = course_directory(root, assignment_id="ps1", student_id="*")
    names = [cell.metadata.nbgrader.grade_id for cell in quickstart.source.cells if role(cell) == "test"]
    with safe(directory):
        run(GenerateAssignment(coursedir=directory, config=directory.config), "no release")
        for student in ("wrong", "untouched"):
            handed = nbformat.read(root / "release" / "ps1" / "problem1.ipynb", 4)
            for place in handed.cells if student == "wrong" else ():
                place.source = WRONG.get(place.metadata.get("nbgrader", {}).get("grade_id"), place.source)
            path = root / "submitted" / student / "ps1" / "problem1.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(handed, path)
            done, _ = judge_plain(merge_plain(quickstart.source, handed), box.fresh, QUICK, quickstart.source)
            assert points(done) == QUICKSTART[student]
        run(Autograde(coursedir=directory, config=directory.config), "not graded")
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            for student in ("wrong", "untouched"):
                grades = gradebook.find_submission_notebook("problem1", "ps1", student).grades
                found = {grade.name: grade.auto_score for grade in grades}
                assert [found[name] for name in names] == QUICKSTART[student], student


def test_merging_keeps_the_teachers_tests(quickstart: Quickstart) -> None:
    handed = quickstart.submission("wrong")
    for place in handed.cells:
        if role(place) == "test":
            place.source = "pass"
    handed.cells.insert(5, new_code_cell("mine = 1"))
    handed.cells.append(copy.deepcopy(handed.cells[2]))
    merged = merge_plain(quickstart.source, handed)
    tests = [cell.source for cell in quickstart.source.cells if role(cell) == "test"]
    assert [cell.source for cell in merged.cells if role(cell) == "test"] == tests
    assert [cell.source for cell in merged.cells if role(cell) == "added"] == ["mine = 1", WRONG["squares"]]


def test_dlkit_grade_takes_an_assignment_of_the_teachers_own(
    quickstart: Quickstart, tmp_path: Path, box: Sandbox
) -> None:
    """Beside the course's units, by nbgrader's converters with this course's executor; a fallback is marked."""
    root = tmp_path / "own"
    shutil.copytree(tmp_path / "course" / "source", root / "source")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "submitted" / "ann").mkdir(parents=True)
    shutil.copytree(root / "source" / "ps1", root / "submitted" / "ann" / "ps1")
    assert is_assignment(root, "ps1")
    assert students_of(root, "ps1") == ["ann"]
    report = grade_assignment(root, "ps1", "ann")
    assert (report.error, report.points, report.max_points, report.full) == (None, 3.0, 3.0, True)
    assert (root / "feedback" / "ann" / "ps1" / "problem1.html").is_file()
