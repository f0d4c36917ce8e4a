"""Grading over a real scheduler and two real workers on this machine, one of them killed while it works."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import nbformat
import pytest

from dlkit.course.errors import UserError
from dlkit.course.units import Course, Unit
from dlkit.grading.batch import grade_all, waiting
from dlkit.grading.cluster import cluster, outcome, validated
from dlkit.grading.paths import submission_of
from dlkit.grading.sandbox import available
from tests.class_of_students import students
from tests.lessons import ROOT, UNITS

UNIT = UNITS[0]
COUNT = 6

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Unit:
    """A course with a few distinct submissions."""
    root = tmp_path_factory.mktemp("course")
    for part in ("source", "notebooks"):
        shutil.copytree(ROOT / part / UNIT.name, root / part / UNIT.name)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    unit = Unit(root, UNIT.name)
    for number, notebook in enumerate(students(UNIT, COUNT)):
        path = submission_of(unit, f"s{number}")
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return unit


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address and its two workers."""
    folder = tmp_path_factory.mktemp("dask")
    contact = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": str(ROOT)}

    def start(*words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(contact)]
        log = (folder / f"{words[0]}.log").open("ab")
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder, start_new_session=True)

    scheduler = start("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1")
    workers = [start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name) for name in "ab"]
    from distributed import Client

    client = Client(scheduler_file=str(contact), timeout="60s")  # waits until the scheduler has written it
    client.wait_for_workers(2, timeout=60)
    address = client.scheduler.address
    yield address, workers
    client.close()
    for process in (*workers, scheduler):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_worker_that_dies_costs_nothing(unit: Unit, running: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    address, workers = running
    tasks = waiting(Course(unit.root), [unit], None, force=False, boxed=available())
    reports = []
    with cluster(address) as elsewhere:
        assert elsewhere is not None
        for report in grade_all(tasks, boxed=available(), elsewhere=elsewhere):
            if not reports:  # the first is back, so the others are under way
                os.killpg(workers[0].pid, signal.SIGKILL)
            reports.append(report)
    here = {report.student: report.points for report in grade_all(tasks, jobs=1, boxed=available(), force=True)}
    assert {report.student: report.points for report in reports} == here
    assert [report.error for report in reports] == [None] * COUNT
    assert here["s0"] == 115
    assert here["s1"] == 0


def test_no_scheduler_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlkit.grading.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(UserError, match="There is no scheduler at"), cluster("tcp://127.0.0.1:1"):
        pass


def test_only_valid_outcomes_are_taken(unit: Unit) -> None:
    files = {part: unit.notebook(part).read_bytes() for part in ("source", "notebooks")}
    files["submission"] = submission_of(unit, "s1").read_bytes()
    honest = json.loads(outcome(unit.name, "s1", files, available()))
    report, _ = validated(json.dumps(honest).encode(), unit, "s1")
    assert report.points == 0

    def changed(**changes: object) -> bytes:
        first = {**honest["report"]["exercises"][0], **changes}
        body = {**honest["report"], "exercises": [first, *honest["report"]["exercises"][1:]]}
        return json.dumps({**honest, "report": body}).encode()

    forged = {
        "not JSON": b"no",
        "not an outcome": b"[]",
        "another student's": json.dumps({**honest, "report": {**honest["report"], "student": "s2"}}).encode(),
        "more points than there are": changed(points=100.0),
        "negative points": changed(points=-1.0),
        "another maximum": changed(max_points=100.0),
        "an unknown exercise": changed(id="extra"),
        "a missing exercise": json.dumps(
            {**honest, "report": {**honest["report"], "exercises": honest["report"]["exercises"][1:]}}
        ).encode(),
    }
    for data in forged.values():
        with pytest.raises(UserError, match="no outcome"):
            validated(data, unit, "s1")
