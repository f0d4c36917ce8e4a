"""A run of `dlkit grade` that is killed outright goes on where it was: nothing lost, nothing done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dlkit.grading.paths import feedback_of
from tests.class_of_students import hand_in_all
from tests.lessons import ROOT, UNITS, course_in

UNIT = UNITS[0]
COUNT = 6


def outcomes(root: Path) -> dict[str, int]:
    """The kept outcomes and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in (root / ".dlkit" / "results").glob("*/*.json")}


@pytest.mark.usefixtures("sandboxed")
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    unit = course_in(tmp_path, UNIT)
    hand_in_all(unit, COUNT)
    command = [sys.executable, "-m", "dlkit.cli", "grade", "--json", "--course", str(tmp_path)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, cwd=ROOT)
    assert first.stdout is not None
    told = json.loads(first.stdout.readline())  # one is graded and written, the others are under way
    os.killpg(first.pid, signal.SIGKILL)
    first.stdout.close()
    assert first.wait() == -signal.SIGKILL
    kept = outcomes(tmp_path)
    assert kept

    again = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    reports = {report["student"]: report for report in map(json.loads, again.stdout.splitlines())}
    assert again.stderr == ""
    assert set(reports) | {told["student"]} == {f"s{number:04}" for number in range(COUNT)}
    assert told["student"] not in reports or reports[told["student"]] == told
    now = outcomes(tmp_path)
    assert len(now) == COUNT
    assert {name: now[name] for name in kept} == kept, "an outcome that was kept was made again"
    assert all(feedback_of(unit, f"s{number:04}").is_file() for number in range(COUNT))
    third = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (third.returncode, third.stdout) == (0, "")
