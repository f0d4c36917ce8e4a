"""What a learner does beside the notebooks: quizzes and cards."""

from __future__ import annotations

from pathlib import Path

import click

from dlkit.commands.common import course_option, workspace_option
from dlkit.course.units import Course
from dlkit.course.workspace import Workspace

__all__ = ["export_cards", "quiz"]

COUNT = 10


@click.command()
@click.argument("unit", required=False)
@click.option("--count", type=click.IntRange(1), metavar="N", help=f"How many questions; {COUNT} if not said.")
@click.option("--seed", type=int, metavar="S", help="Draw the same questions, with the same numbers, again.")
@workspace_option
@course_option
def quiz(unit: str | None, count: int | None, seed: int | None, workspace: Path | None, course: Path | None) -> int:
    """Concept questions, with the reason for each option.

    From all units, or from one. A quiz that was stopped goes on where it was.
    """
    from dlkit.study.asking import Person, Stopped, fresh_seed
    from dlkit.study.quiz import Quiz, pool, read_quiz, run, summary
    from dlkit.study.shelf import Shelf

    home, found = Workspace(workspace), Course.find(course)
    home.require()
    name = found.unit(unit).name if unit else None
    shelf = Shelf(home.records, "quiz", "quizzes", read_quiz)
    present = shelf.load()
    if shelf.notice:
        print(shelf.notice)
    if present is not None and present.fits(name, count, seed):
        questions = pool(found.units)
        print(f"Your quiz goes on: {present.title}. `dlkit quiz --seed N` with another seed begins a new one.")
    else:
        questions = pool([found.unit(name)] if name else found.released)
        drawn = Quiz.draw(questions, name or "", count or COUNT, fresh_seed() if seed is None else seed)
        if present is not None:
            shelf.put_away()
        present = drawn
        print(f"A new quiz: {present.title}.")
    print("Ctrl-D stops it; what you have answered is kept.")
    try:
        run(present, questions, shelf, home.journal, Person())
    except Stopped:
        print("Stopped; go on with `dlkit quiz`.")
        return 1
    print(f"\n{summary(present, questions)}")
    return 0 if present.points == len(present.questions) else 1


@click.command("export-cards")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.apkg")
@course_option
def export_cards(file: Path, course: Path | None) -> int:
    """Write the concept questions as a deck for Anki.

    Imported again, a newer export updates the cards and keeps what Anki knows about you.
    """
    from dlkit.study.cards import write_cards

    number = write_cards(file, Course.find(course).released)
    print(f"{file}: {number} cards. Import it in Anki; a later export updates them.")
    return 0
