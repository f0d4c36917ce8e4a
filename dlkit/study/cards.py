"""The concept questions as a deck for Anki. Every id follows from a question's id, so that a second import updates."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.units import Unit
from dlkit.study.asking import draw, lot
from dlkit.study.quiz import pool

if TYPE_CHECKING:
    from dlkit.questions.bank import Question

__all__ = ["write_cards"]

SEED = 0
"""Draws numbers and the order of the options: other ones than in the notebooks, and always the same."""

OURS = b"written by dlkit"

CSS = """
.card { font: 1.1em/1.5 system-ui, sans-serif; max-width: 42em; margin: 1em auto; text-align: left; }
.source { opacity: .6; font-size: .8em; }
ol { list-style: lower-alpha; }
li p { margin: .4em 0; }
code { font-size: .92em; }
"""


def write_cards(path: Path, units: Sequence[Unit]) -> int:
    """Write the deck; returns the number of cards. A file that is not an earlier export is left alone."""
    import genanki

    if path.suffix != ".apkg":
        raise UserError(f"{path} is no name for a deck: Anki imports files that end in .apkg.")
    if path.exists() and not _ours(path):
        raise UserError(f"{path} is there and is not an export of dlkit. Choose another name, or move it away.")
    questions = pool(units)
    if not questions:
        raise UserError("These units have no concept questions.")
    model = _model()
    decks = {unit.name: genanki.Deck(_id("deck", unit.name), f"dlkit::{unit.name}") for unit in units}
    for (unit, id), question in questions.items():
        front, back = _sides(question)
        tags = [f"unit::{unit}", f"topic::{question.topic}", f"level::{question.level}"]
        source = f"{unit} · {question.topic} · {'★' * question.level}"
        note = genanki.Note(model, [front, back, source, id], guid=genanki.guid_for("dlkit", id), tags=tags)
        decks[unit].add_note(note)
    package = genanki.Package([deck for deck in decks.values() if deck.notes])
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "cards.apkg"
        package.write_to_file(made)
        with zipfile.ZipFile(made, "a") as archive:
            archive.comment = OURS
        write_atomic(path, made.read_bytes())
    return len(questions)


def _ours(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == OURS
    except (OSError, zipfile.BadZipFile):
        return False


def _id(*names: str) -> int:
    """A number in the range that genanki's documentation asks for."""
    return 2**30 + lot(0, *names) % 2**30


def _model() -> Any:
    import genanki

    return genanki.Model(
        _id("model"),
        "dlkit question",
        fields=[{"name": name} for name in ("Question", "Answer", "Source", "Id")],
        templates=[
            {
                "name": "Question",
                "qfmt": '{{Question}}<p class="source">{{Source}}</p>',
                "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}",
            }
        ],
        css=CSS,
        sort_field_index=3,
    )


def _sides(question: Question) -> tuple[str, str]:
    """A card's front and back, as HTML."""
    from dlkit.questions.bank import Choice, Open, short

    drawn = draw(question, SEED)
    if isinstance(drawn, Choice):
        options = _list("ol", [option.text for option in drawn.options])
        reasons = _list("ol", [f"{'✓' if option.right else '✗'} {option.reason}" for option in drawn.options])
        return _html(drawn.text) + options, _html(f"**{drawn.right}**") + reasons
    if isinstance(drawn, Open):
        return _html(drawn.text), _html(f"{drawn.answer}\n\nWhat earns marks:") + _list("ul", drawn.rubric)
    return _html(drawn.text), _html(f"**{short(drawn.answer)}**\n\n{drawn.explanation}")


def _list(tag: str, texts: Sequence[str]) -> str:
    items = "".join(f"<li>{_html(text)}</li>" for text in texts)
    return f"<{tag}>{items}</{tag}>"


def _html(markdown: str) -> str:
    """The text as HTML, its formulas as Anki's MathJax."""
    return str(_renderer()(markdown)).strip()


@cache
def _renderer() -> Any:
    import mistune

    renderer = mistune.HTMLRenderer(escape=True)
    render = mistune.create_markdown(renderer=renderer, plugins=["math"])
    # mistune's own, before 3.2.1, leaves < in a formula as it is
    renderer.register("inline_math", lambda _, formula: f"\\({escape(formula, quote=False)}\\)")
    return render
