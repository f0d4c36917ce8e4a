"""How long a learner waits from saving a notebook to seeing the table: `dlkit watch` itself, in a pseudo-terminal.

    python benchmarks/watch.py              units 01_activations and 09_cnn, the heaviest
    python benchmarks/watch.py UNIT…        others

Every answer of the unit is filled in. A save changes one exercise, twenty saves go through the unit from top to bottom.
The clock runs from the moment before the file is written until the table's last line is read from the terminal. Three
watches take turns, so that a slow moment of the machine meets all of them: one as it is, one whose answers become wrong
in value (each number's sign is changed, and the unit's known mistakes are searched), and one that starts a cold process
for every check. Between two saves of one watch the others have theirs, and all rest a second.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pexpect

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dlkit.course.inline import defined_names
from dlkit.course.units import Course, Unit
from dlkit.course.workspace import VARIABLE, Workspace
from dlkit.study.watch import KEYS
from tests.small import write
from tests.submissions import answered, solutions

ROOT = Path(__file__).resolve().parents[1]
SAVES, REST = 20, 1.0
COLD = """
from dlkit.grading import fresh

def prepare(self, modules):
    self._modules, self._halted = modules, False

fresh.Warm.prepare = prepare
"""
NEGATIVE = """

def _negative(value):
    if isinstance(value, (tuple, list)):
        return type(value)(map(_negative, value))
    if isinstance(value, dict):
        return {{key: _negative(part) for key, part in value.items()}}
    return -value if isinstance(value, (float, np.ndarray)) else value

_right = {name}

def {name}(*args, **kwargs):
    return _negative(_right(*args, **kwargs))
"""


class Watched:
    """One `dlkit watch` on a workspace of its own."""

    def __init__(self, unit: Unit, folder: Path, answers: dict[str, str], before: str = "") -> None:
        self.times: list[float] = []
        self._unit, self._answers = unit, answers
        home = Workspace(folder)
        home.records.mkdir(parents=True)
        self._path = home.notebook(unit)
        write(self._path, answered(unit, answers))
        command = f"{before}\nfrom dlkit.cli import main\nmain(['watch', {unit.topic!r}])"
        environment = {**os.environ, "TERM": "dumb", VARIABLE: str(folder)}
        self._child = pexpect.spawn(
            sys.executable, ["-c", command], cwd=str(ROOT), env=environment, dimensions=(50, 120), timeout=120
        )
        self._child.delayafterread = None
        self._child.expect_exact(KEYS.encode())

    def save(self, id: str, source: str) -> None:
        """Save one changed answer, and the others as they were."""
        notebook = answered(self._unit, self._answers | {id: source})
        begun = time.perf_counter()
        write(self._path, notebook)
        self._child.expect_exact([b"when you hand in.", KEYS.encode()])  # most tables end with the first
        self.times.append(time.perf_counter() - begun)
        shown = self._child.before.decode()
        if KEYS.encode() not in self._child.after:
            self._child.expect_exact(KEYS.encode())
        assert f" {id} " in shown, f"the table of {id} was to come, and this came:\n{shown}"
        self._answers[id] = source

    def close(self) -> None:
        self._child.send("q")
        self._child.expect(pexpect.EOF)
        self._child.close()

    def __str__(self) -> str:
        return f"median {statistics.median(self.times):.2f} s, worst {max(self.times):.2f} s"


def measure(unit: Unit, folder: Path) -> None:
    right = solutions(unit)
    exercises = [id for id, source in right.items() if not id.startswith(("q-", "a-")) and id in defined_names(source)]
    chosen = [exercises[round(k * (len(exercises) - 1) / (SAVES - 1))] for k in range(SAVES)]
    watches = {
        "right answers": Watched(unit, folder / "right", dict(right)),
        "wrong answers": Watched(unit, folder / "wrong", dict(right)),
        "right answers, cold": Watched(unit, folder / "cold", dict(right), COLD),
    }
    for number, id in enumerate(chosen):
        for name, watched in watches.items():
            time.sleep(REST / len(watches))
            wrong = NEGATIVE.format(name=id) if name.startswith("wrong") else ""
            watched.save(id, f"{right[id]}{wrong}\n# {number}")
    print(f"{unit.name}, {SAVES} saves of {len(set(chosen))} exercises")
    for name, watched in watches.items():
        print(f"  {name:22}{watched}")
        watched.close()


def main() -> None:
    load = os.getloadavg()[0]
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} before it began")
    for text in sys.argv[1:] or ("1", "9"):
        with tempfile.TemporaryDirectory() as folder:
            measure(Course(ROOT).unit(text), Path(folder))


if __name__ == "__main__":
    main()
