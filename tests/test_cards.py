"""`dlkit export-cards`: what Anki reads, and that a second import meets the same notes again."""

from __future__ import annotations

import json
import re
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dlkit.course.errors import UserError
from dlkit.course.units import Unit
from dlkit.questions.bank import Choice, Number, Open, Option, Question, Task, load
from dlkit.study import cards
from dlkit.study.quiz import pool
from tests.lessons import UNITS
from tests.small import NAME, dlkit, files, small_course

Capture = pytest.CaptureFixture[str]


class Collection(NamedTuple):
    """What an .apkg holds: its decks and models by id, notes by guid (model, fields, tags, time), cards by deck."""

    decks: dict[str, str]
    models: dict[str, Any]
    notes: dict[str, tuple[str, list[str], list[str], int]]
    cards: dict[str, int]


def read(path: Path, scratch: Path) -> Collection:
    """An .apkg is a zip with an SQLite database, which is Anki's own format."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        database = Path(archive.extract("collection.anki2", scratch))
    with closing(sqlite3.connect(database)) as connection:
        ((decks, models),) = connection.execute("SELECT decks, models FROM col")
        notes = {
            guid: (str(mid), fields.split("\x1f"), tags.split(), mod)
            for guid, mid, fields, tags, mod in connection.execute("SELECT guid, mid, flds, tags, mod FROM notes")
        }
        counts = {str(did): n for did, n in connection.execute("SELECT did, COUNT(*) FROM cards GROUP BY did")}
    named = {id: deck["name"] for id, deck in json.loads(decks).items()}
    return Collection(named, json.loads(models), notes, counts)


@pytest.fixture
def export(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Collection]:
    """`dlkit export-cards` on the whole course, or on a course of one unit, and the collection it wrote."""

    def run(course: Path, name: str = "cards.apkg") -> Collection:
        done = dlkit(capsys, "export-cards", tmp_path / name, "--course", course)
        collection = read(tmp_path / name, tmp_path / "scratch")
        number = len(collection.notes)
        assert done == (0, f"{tmp_path / name}: {number} cards. Import it in Anki; a later export updates them.\n", "")
        return collection

    return run


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """The cards of every unit."""
    folder = tmp_path_factory.mktemp("whole")
    cards.write_cards(folder / "whole.apkg", UNITS)
    return read(folder / "whole.apkg", folder)


class Tags(HTMLParser):
    """Checks that elements are closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def test_every_question_is_a_card_in_its_units_deck_with_its_tags(whole: Collection) -> None:
    questions = pool(UNITS)
    assert len(whole.notes) == len(questions) == sum(whole.cards.values())
    found = {fields[3]: (fields, tags) for _, fields, tags, _ in whole.notes.values()}
    for (unit, id), question in questions.items():
        fields, tags = found[id]
        assert sorted(tags) == [f"level::{question.level}", f"topic::{question.topic}", f"unit::{unit}"]
        assert fields[2].startswith(f"{unit} · {question.topic} · ★")
    decks = {whole.decks[id]: count for id, count in whole.cards.items()}
    assert decks == {f"dlkit::{unit.name}": len(load(unit.topic).questions) for unit in UNITS}


def test_texts_are_html_with_formulas_for_anki(whole: Collection) -> None:
    for _, (front, back, *_), _, _ in whole.notes.values():
        for side in (front, back):
            assert "$" not in side, f"a formula was not taken as one: {side}"
            assert not re.search(r"`|\*\*", re.sub(r"\\\(.*?\\\)", "", side)), f"Markdown is left: {side}"
            assert side.count("\\(") == side.count("\\)")
            parser = Tags()
            parser.feed(side)
            assert not parser.open, f"never closed: {parser.open} in {side}"


OPTIONS = (Option("of $x$", "No: *x*."), Option("of `y`", "Yes, $y < 1$.", right=True))
QUESTIONS: dict[tuple[str, str], Question] = {
    (NAME, "pick"): Choice("pick", "t", r"Is $\frac{a}{b} < b$ & <b>?", OPTIONS),
    (NAME, "count"): Number("count", "t", lambda rng: Task("How many $n$?", 3.0, "**All** three.")),
    (NAME, "why"): Open("why", "t", "Why?", "Because.", ("says so", "in $1$ line")),
}


def of(questions: dict[tuple[str, str], Question], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """The cards of these questions."""
    monkeypatch.setattr(cards, "pool", lambda units: questions)
    cards.write_cards(folder / "some.apkg", [Unit(folder, NAME)])
    return read(folder / "some.apkg", folder)


def test_each_kind_of_question_has_its_two_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = of(QUESTIONS, tmp_path, monkeypatch)
    sides = {
        fields[3]: [re.sub(r"</?(p|span)\b[^>]*>|\n", "", side) for side in fields[:2]]
        for _, fields, *_ in collection.notes.values()
    }
    assert sides == {
        "pick": [
            r"Is \(\frac{a}{b} &lt; b\) &amp; &lt;b&gt;?<ol><li>of <code>y</code></li><li>of \(x\)</li></ol>",
            r"<strong>a</strong><ol><li>✓ Yes, \(y &lt; 1\).</li><li>✗ No: <em>x</em>.</li></ol>",
        ],
        "count": [r"How many \(n\)?", "<strong>3</strong><strong>All</strong> three."],
        "why": ["Why?", r"Because.What earns marks:<ul><li>says so</li><li>in \(1\) line</li></ul>"],
    }  # fmt: skip


def test_ids_are_what_they_were_when_people_first_imported_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values written down once: with other ones, the next import would double every card."""
    collection = of(QUESTIONS, tmp_path, monkeypatch)
    guids = {fields[3]: guid for guid, (_, fields, *_) in collection.notes.items()}
    assert guids == {"pick": "I8P]hrk8#g", "count": "p}/[S40HM(", "why": "z+g~h>X;qF"}
    assert {name: id for id, name in collection.decks.items()}[f"dlkit::{NAME}"] == "1560854742"
    assert {model for model, *_ in collection.notes.values()} == {"1532503129"}
    assert [field["name"] for field in collection.models["1532503129"]["flds"]] == [
        "Question",
        "Answer",
        "Source",
        "Id",
    ]


def test_a_second_import_updates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anki knows a note by its guid and its model, and takes the fields of the one that was changed last."""
    first = of(QUESTIONS, tmp_path, monkeypatch)
    now = time.time() + 100
    monkeypatch.setattr("genanki.package.time.time", lambda: now)
    pick = QUESTIONS[NAME, "pick"]
    assert isinstance(pick, Choice)
    second = of({**QUESTIONS, (NAME, "pick"): replace(pick, text="Reworded", level=3)}, tmp_path, monkeypatch)
    assert second.notes.keys() == first.notes.keys()
    assert (second.decks, second.cards, second.models.keys()) == (first.decks, first.cards, first.models.keys())
    changed = [second.notes[guid] for guid in first.notes if first.notes[guid][:3] != second.notes[guid][:3]]
    ((model, fields, tags, _),) = changed
    assert fields[0] == "<p>Reworded</p>" + first_options(first)
    assert "level::3" in tags
    assert model in {model for model, *_ in first.notes.values()}
    assert all(second.notes[guid][3] == int(now) > first.notes[guid][3] for guid in first.notes)


def first_options(collection: Collection) -> str:
    front = next(fields[0] for _, fields, *_ in collection.notes.values() if fields[3] == "pick")
    return front[front.index("<ol>") :]


def test_an_export_is_written_over_and_nothing_else_is(
    export: Callable[..., Collection], tmp_path: Path, capsys: Capture
) -> None:
    course = small_course(tmp_path / "course").root
    assert len(export(course).notes) == len(load("activations").questions)
    export(course)
    with zipfile.ZipFile(tmp_path / "mine.apkg", "w") as archive:
        archive.writestr("collection.anki2", "years of work")
    (tmp_path / "text.apkg").write_text("years of work", encoding="utf-8")
    (tmp_path / "folder.apkg").mkdir()
    before = files(tmp_path)
    for name, error in {
        "mine.apkg": "is there and is not an export of dlkit",
        "text.apkg": "is there and is not an export of dlkit",
        "folder.apkg": "is there and is not an export of dlkit",
        "thesis.txt": "is no name for a deck",
        "text.apkg/cards.apkg": "cannot be written",
    }.items():
        run = dlkit(capsys, "export-cards", tmp_path / name, "--course", course)
        assert run.status == 2
        assert f"{tmp_path / name} {error}" in run.err
        assert files(tmp_path) == before
    assert dlkit(capsys, "export-cards").err.startswith("dlkit: Missing argument 'FILE.apkg'")


def test_a_course_without_questions_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no concept questions"):
        of({}, tmp_path, monkeypatch)
