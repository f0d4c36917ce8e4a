"""Grading over a real scheduler and two real workers on this machine, one of them killed while it works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dlkit.course.errors import UserError
from dlkit.course.units import Course, Unit
from dlkit.grading.batch import grade_all, waiting
from dlkit.grading.cluster import cluster, outcome, validated
from dlkit.grading.paths import submission_of
from dlkit.grading.sandbox import available
from tests.class_of_students import hand_in_all
from tests.lessons import ROOT, UNITS, course_in

UNIT = UNITS[0]
COUNT = 6

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Unit:
    """A course with a few distinct submissions."""
    root = tmp_path_factory.mktemp("course")
    unit = course_in(root, UNIT)
    hand_in_all(unit, COUNT)
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
    assert here["s0000"] == 115
    assert here["s0001"] == 0


def test_no_scheduler_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlkit.grading.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(UserError, match="There is no scheduler at"), cluster("tcp://127.0.0.1:1"):
        pass


def test_only_valid_outcomes_are_taken(unit: Unit) -> None:
    files = {part: unit.notebook(part).read_bytes() for part in ("source", "notebooks")}
    files["submission"] = submission_of(unit, "s0001").read_bytes()
    honest = json.loads(outcome(unit.name, "s0001", files, available()))
    report, _ = validated(json.dumps(honest).encode(), unit, "s0001")
    assert report.points == 0

    def changed(**changes: object) -> bytes:
        first = {**honest["report"]["exercises"][0], **changes}
        body = {**honest["report"], "exercises": [first, *honest["report"]["exercises"][1:]]}
        return json.dumps({**honest, "report": body}).encode()

    forged = {
        "not JSON": b"no",
        "not an outcome": b"[]",
        "another student's": json.dumps({**honest, "report": {**honest["report"], "student": "s0002"}}).encode(),
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
            validated(data, unit, "s0001")
