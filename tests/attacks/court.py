"""Trying one submission: a small notebook with a few honest answers and an attack, and what must hold after each.

The notebook is cut from the release of the first unit. After every attack its points are those of its honest answers,
a file beside it is as it was, nothing secret stands in an output, every output is short and clean, and the next
submission in the same sandbox gets what it would have got without.
"""

from __future__ import annotations

import copy
import functools
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from dlkit.grading.ahead import Plan
from dlkit.grading.ingest import merge
from dlkit.grading.judge import judge
from dlkit.grading.remote import Limits
from dlkit.grading.report import Report, collect
from dlkit.grading.sandbox import Sandbox
from dlkit.grading.skeleton import with_stubs
from tests.lessons import UNITS
from tests.submissions import answered, solutions

__all__ = ["HONEST", "MARGIN", "POINTS", "QUICK", "Attack", "Court", "Outcome", "submission"]

UNIT = UNITS[0]
HONEST = ("relu", "q-kink-descent")
"""Answered rightly in every submission, after the attack: 2 points and 1."""
POINTS = 3.0
IDS = ("sigmoid", "tanh", "relu", "relu_interpolator", "q-kink-descent")
KEPT = {"setup", *IDS, *(f"{id}-check" for id in IDS)}
QUICK = Limits(call=0.3, cell=0.3, notebook=10, losses=8)
MARGIN = 6.0
"""Seconds that a submission may take, where its notebook's limit is not what stops it."""
UNCLEAN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
ALIVE = re.compile(r"<(?:script|img|iframe|svg|style|object|form|a)\b|javascript:", re.IGNORECASE)


def _cut(notebook: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if cell.id in KEPT]
    assert {cell.id for cell in notebook.cells} == KEPT
    return notebook


@functools.cache
def _skeleton() -> NotebookNode:
    source, release = (nbformat.read(UNIT.notebook(folder), 4) for folder in ("source", "notebooks"))
    return _cut(with_stubs(source, release))


@functools.cache
def _release() -> NotebookNode:
    right = solutions(UNIT)
    return _cut(answered(UNIT, {id: right[id] for id in HONEST}))


def submission(answers: dict[str, str], before: str = "", after: str = "") -> NotebookNode:
    """The honest answers, others on top, and cells added before the first exercise or at the end."""
    notebook = copy.deepcopy(_release())
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    if before:
        notebook.cells.insert(1, new_code_cell(before))
    if after:
        notebook.cells.append(new_code_cell(after))
    return notebook


@dataclass(frozen=True)
class Outcome:
    """What came of a submission."""

    report: Report
    notebook: NotebookNode
    seconds: float

    @property
    def points(self) -> dict[str, float]:
        return {exercise.id: exercise.points for exercise in self.report.exercises if exercise.points}

    @property
    def text(self) -> str:
        """Everything that the outputs say."""
        return json.dumps([cell.get("outputs", []) for cell in self.notebook.cells], ensure_ascii=False)

    def shown(self, word: str) -> bool:
        return word in self.text


Check = Callable[[Outcome], Any]


@dataclass(frozen=True)
class Attack:
    """One row: an attack, the points it must get beyond the honest ones, and what else must be true."""

    name: str
    answers: dict[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    extra: float = 0.0
    holds: Check | None = None
    limits: Limits = QUICK
    honest: float = POINTS
    at_most: bool = False
    """Whether it may get less than that, as one that wrecks its own process at a moment of chance."""
    make: Callable[[NotebookNode], NotebookNode] | None = None
    """What is done to the notebook as a whole."""

    def __str__(self) -> str:
        return self.name


class Court:
    """Tries submissions in one sandbox."""

    SECRET = "canary-7f3a91"
    plans: ClassVar[dict[str, Plan]] = {}
    """As a worker has them after its first submissions: calls are made ahead."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.box, self.folder = box, folder
        self.canary = folder / "gradebook.db"
        self.canary.write_text(self.SECRET, encoding="utf-8")
        if not self.plans:
            right = solutions(UNIT)
            judge(merge(_skeleton(), submission({id: right[id] for id in IDS})), box.fresh, plans=self.plans)
            assert len(self.plans) == len(IDS)

    def judge(self, notebook: NotebookNode, limits: Limits = QUICK) -> Outcome:
        start = time.monotonic()
        done = judge(merge(_skeleton(), notebook), self.box.fresh, limits, self.plans)
        return Outcome(collect(done, UNIT.name, "mallory"), done, time.monotonic() - start)

    def try_(self, attack: Attack) -> Outcome:
        """Judge the attack, and see that it gained and harmed nothing."""
        place = {"CANARY": str(self.canary), "FOLDER": str(self.folder)}

        def filled(text: str) -> str:
            for word, path in place.items():
                text = text.replace(f"@{word}@", path)
            return text

        answers = {id: filled(source) for id, source in attack.answers.items()}
        notebook = submission(answers, filled(attack.before), filled(attack.after))
        if attack.make:
            notebook = attack.make(notebook)
        outcome = self.judge(notebook, attack.limits)
        want, got = round(attack.honest + attack.extra, 3), outcome.report.points
        assert got == want or (attack.at_most and got < want), (outcome.points, outcome.text[:3000])
        assert outcome.report.max_points == 13, "the course's points are the course's"
        assert outcome.seconds < max(attack.limits.notebook * 0.3, MARGIN), f"it took {outcome.seconds:.1f} s"
        self.unharmed(outcome)
        if attack.holds:
            result = attack.holds(outcome)
            assert result is not False, outcome.text[:3000]
        return outcome

    def unharmed(self, outcome: Outcome) -> None:
        """What holds after any submission."""
        assert self.canary.read_text(encoding="utf-8") == self.SECRET
        assert sorted(path.name for path in self.folder.iterdir()) == ["gradebook.db"]
        assert self.SECRET not in outcome.text
        assert "FOUND" not in outcome.text
        assert len(outcome.text) < 400_000
        assert "harness.py" not in outcome.text
        for cell in outcome.notebook.cells:
            for output in cell.get("outputs", []):
                html = output.get("data", {}).get("text/html", "")
                assert not ALIVE.search(html), html
                words = [output.get("text", ""), output.get("ename", ""), output.get("evalue", ""), html]
                assert not UNCLEAN.search("".join([*words, *output.get("traceback", [])]))
        nbformat.writes(outcome.notebook).encode()
        following = self.judge(submission({}, before="import os\nprint(sorted(os.listdir('/scratch')), 2 + 2)"))
        assert following.points == {"relu": 2.0, "q-kink-descent": 1.0}, following.text[:2000]
        assert following.shown("[] 4")
