"""How fast grading is: stock nbgrader, ours, and the floor, on the same honest submissions, in one run.

    python benchmarks/grading.py            everything: several minutes
    python benchmarks/grading.py --quick    fewer submissions

Stock runs one submission after another, as `nbgrader autograde` does. Ours uses a worker per core and one writer, as
`dlkit grade` does. The floor is the same answers and check cells run bare, in one warm process, with nothing around.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dlkit.check.rules import use_sources  # noqa: E402
from dlkit.check.session import check  # noqa: E402
from dlkit.course.units import Course, Unit  # noqa: E402
from dlkit.grading.batch import grade_all, waiting  # noqa: E402
from dlkit.grading.engine import Engine  # noqa: E402
from dlkit.grading.ingest import merge, read_notebook  # noqa: E402
from dlkit.grading.paths import submission_of  # noqa: E402
from dlkit.grading.results import key_of, save  # noqa: E402
from dlkit.grading.skeleton import Skeletons  # noqa: E402
from dlkit.grading.writer import Writer  # noqa: E402
from tests.class_of_students import hand_in_all  # noqa: E402
from tests.lessons import course_in  # noqa: E402
from tests.stock import stock_autograde  # noqa: E402

TOPIC = "activations"


def course(folder: Path, count: int) -> Unit:
    """A course in a folder of its own, with `count` submissions handed in."""
    home = Course(ROOT).unit(TOPIC)
    unit = course_in(folder, home)
    hand_in_all(unit, count)
    return unit


def names(unit: Unit) -> list[str]:
    return sorted(path.name for path in (unit.root / "submitted").iterdir())


def floor(unit: Unit) -> float:
    """Seconds for all submissions: answers and check cells, bare, in this process, which has all imported."""
    skeletons, total = Skeletons(), 0.0
    for student in names(unit):
        notebook = merge(skeletons.of(unit), read_notebook(submission_of(unit, student)))
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        start = time.perf_counter()
        namespace: dict[str, object] = {"__name__": "floor"}
        sources: list[str] = []
        with use_sources(sources):
            for cell in cells:
                role = cell.metadata.dlkit.role
                if role in ("given", "solve"):
                    sources.append(cell.source)
                    exec(compile(cell.source, "<answer>", "exec"), namespace)
                elif role == "check":
                    exec(compile(cell.source.removesuffix("check.score()"), "<check>", "exec"), namespace)
                    check.result()
        total += time.perf_counter() - start
    return total


def ours(unit: Unit, jobs: int) -> tuple[float, dict[str, dict[str, float]]]:
    """Seconds for all submissions, from nothing to the gradebook and feedback; the points by student."""
    start = time.perf_counter()
    found = {}
    for report in grade_all(waiting(Course(unit.root), [unit], None, force=True), jobs):
        found[report.student] = {exercise.id: exercise.points for exercise in report.exercises}
    return time.perf_counter() - start, found


def phases(unit: Unit) -> dict[str, float]:
    """Seconds a submission spends in each phase, one worker, mean over all."""
    spent: dict[str, float] = {}
    skeletons = Skeletons()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        spent[name] = spent.get(name, 0.0) + now - last
        last = now

    with Engine() as engine, Writer(unit.root) as writer:
        writer.write(unit, *_outcome(engine, unit, names(unit)[0]))  # registers the unit
        last = time.perf_counter()
        for student in names(unit):
            notebook = read_notebook(submission_of(unit, student))
            lap("read and validate")
            merged = merge(skeletons.of(unit), notebook)
            lap("merge")
            engine.run(merged)
            lap("run (prison, learner, judge)")
            outcome = _outcome(engine, unit, student)
            last = time.perf_counter()
            save(unit.root, key_of(unit, student, True), outcome[1], outcome[2])
            lap("keep the outcome")
            writer.write(unit, *outcome)
            lap("gradebook, notebook, feedback")
    return {name: seconds / len(names(unit)) for name, seconds in spent.items()}


def _outcome(engine: Engine, unit: Unit, student: str) -> tuple:  # type: ignore[type-arg]
    report, notebook = engine.grade(unit, student, submission_of(unit, student))
    return student, report, notebook


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    compared, sizes = (6, [20, 60]) if options.quick else (30, [100, 300, 1000])
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, {options.jobs} workers")

    with tempfile.TemporaryDirectory() as folder:
        unit = course(Path(folder), compared)
        start = time.perf_counter()
        stock_points = {student: stock_autograde(unit, student) for student in names(unit)}
        stock = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        unit = course(Path(folder), compared)
        seconds, points = ours(unit, options.jobs)
        bare = floor(unit)
        bare = min(bare, floor(unit))
        spent = phases(unit)
    wrong = [
        (student, id)
        for student, exercises in points.items()
        for id, value in exercises.items()
        if stock_points[student][f"{id}-check"] != value
    ]
    print(f"\n{compared} distinct submissions of {unit.name}")
    print(f"  stock nbgrader     {stock:8.2f} s   {stock / compared:7.3f} s each")
    print(
        f"  ours               {seconds:8.2f} s   {seconds / compared:7.3f} s each, {stock / seconds:5.1f} times faster"
    )
    times = f"ours is {seconds / bare:.2f} times it"
    print(f"  floor, one process {bare:8.2f} s   {bare / compared:7.3f} s each, {times}")
    print(f"  points agree: {'all' if not wrong else f'NOT: {wrong[:5]}'}")
    print("\nwhere the time of one submission goes, one worker")
    for name, value in spent.items():
        print(f"  {name:<32} {value * 1e3:7.1f} ms")
    print("\ngrowth")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            unit = course(Path(folder), size)
            seconds, _ = ours(unit, options.jobs)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        each = seconds / size * 1e3
        print(
            f"  {size:5} submissions {seconds:8.2f} s  {each:6.1f} ms each  peak {own:.0f} MB, workers {workers:.0f} MB"
        )


if __name__ == "__main__":
    main()
