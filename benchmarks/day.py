"""How long a learner waits, in a real JupyterLab and a real Chromium: start to page, check cell, handing in.

    python benchmarks/day.py [ROUNDS]

Unit 01 with every answer filled in. `dlkit submit` in a terminal stands beside handing in from the notebook, which adds
the saving and the showing. `benchmarks/watch.py` measures `dlkit watch`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import NOTEBOOK, jupyterlab, opened  # noqa: E402
from tests.lessons import UNITS, course_in  # noqa: E402

UNIT = UNITS[0]
Waits = dict[str, list[float]]


def fill_in(work: Path) -> None:
    """Put the reference answers into the learner's notebook."""
    path = work / UNIT.name / f"{UNIT.name}.ipynb"
    answers = {cell.id: cell.source for cell in UNIT.read("source").cells}
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    nbformat.write(notebook, path)


def submit(folder: Path) -> float:
    """The seconds that `dlkit submit` takes."""
    begun = time.perf_counter()
    places = ["--workspace", str(folder / "work"), "--course", str(folder / "course")]
    command = [sys.executable, "-m", "dlkit.cli", "submit", UNIT.name, "--json", *places]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begun


def one_day(folder: Path, waits: Waits) -> None:
    """Start, open the unit, run a check, hand in; each wait is added to `waits`."""
    clock = time.perf_counter
    begun = clock()
    with jupyterlab(folder, folder / "course") as address:
        waits["dlkit start until JupyterLab listens"].append(clock() - begun)
        fill_in(folder / "work")
        waits["the first dlkit submit, which makes the gradebook"].append(submit(folder))
        begun = clock()
        with opened(address) as lab:
            lab.page.get_by_role("heading", name="Deep learning, as interviews ask for it").wait_for()
            waits["until the welcome page stands, browser started too"].append(clock() - begun)
            lab.kernel()
            begun = clock()
            lab.page.locator(f"{NOTEBOOK} a", has_text="Sigmoid").first.click()
            lab.page.locator(f"{NOTEBOOK} h3", has_text="Sigmoid ★").wait_for()
            waits["from the link to the exercise"].append(clock() - begun)
            lab.kernel()
            lab.run("from dlkit.check import check")
            lab.run("def sigmoid(x")
            lab.kernel()
            begun = clock()
            table = lab.run('check.exercise("activations", "sigmoid",')
            table.get_by_text("more checks run when you hand in").wait_for()
            waits["a check cell until its table"].append(clock() - begun)
            lab.to_the_end()
            begun = clock()
            lab.run("dlkit.submit()").get_by_text("Full feedback").wait_for()
            waits["handing in from the notebook until the report"].append(clock() - begun)
        waits["dlkit submit in a terminal"].append(submit(folder))


def main() -> None:
    waits: Waits = {name: [] for name in (
        "dlkit start until JupyterLab listens", "until the welcome page stands, browser started too",
        "from the link to the exercise", "a check cell until its table",
        "the first dlkit submit, which makes the gradebook", "handing in from the notebook until the report",
        "dlkit submit in a terminal",
    )}  # fmt: skip
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            course_in(Path(folder, "course"), UNIT)
            one_day(Path(folder), waits)
    for name, times in waits.items():
        print(f"{name:52} median {statistics.median(times):5.2f} s   worst {max(times):5.2f} s   of {len(times)}")


if __name__ == "__main__":
    main()
