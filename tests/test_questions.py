"""The question banks: enough of each kind, every topic, true to their own rules for any seed."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pytest

from dlkit.course.units import Unit
from dlkit.questions.bank import Bank, Choice, Number, Open, Option, load
from tests.lessons import UNITS, exercises

BANKS = [(unit, load(unit.topic)) for unit in UNITS]
QUESTIONS = [(bank, question) for _, bank in BANKS for question in bank.questions.values()]
CHOICES = [question for _, question in QUESTIONS if isinstance(question, Choice)]
NUMBERS = [question for _, question in QUESTIONS if isinstance(question, Number)]
OPEN = [question for _, question in QUESTIONS if isinstance(question, Open)]


def by_id(value: object) -> str:
    return str(getattr(value, "id", "") or getattr(value, "name", ""))


@pytest.mark.parametrize(("unit", "bank"), BANKS, ids=by_id)
def test_a_bank_is_large_enough_and_mostly_graded_by_a_program(unit: Unit, bank: Bank) -> None:
    kinds = Counter(type(question) for question in bank.questions.values())
    assert sum(kinds.values()) >= 30
    assert kinds[Choice] + kinds[Number] >= 0.6 * sum(kinds.values())
    graded = [exercise for exercise in exercises(unit) if exercise.id.startswith("q-")]
    assert 8 <= len(graded) <= 12


@pytest.mark.parametrize(("unit", "bank"), BANKS, ids=by_id)
def test_every_topic_is_asked_about_more_than_once(unit: Unit, bank: Bank) -> None:
    topics = __import__(f"dlkit.questions.{unit.topic}", fromlist=["TOPICS"]).TOPICS
    asked = Counter(question.topic for question in bank.questions.values())
    assert set(asked) == set(topics)
    assert min(asked.values()) >= 2


@pytest.mark.parametrize("question", CHOICES, ids=by_id)
def test_a_choice_gives_a_reason_for_every_option(question: Choice) -> None:
    assert len(question.options) == 4
    texts = [option.text for option in question.options]
    assert len(set(texts)) == 4
    assert all(len(option.reason) > 20 for option in question.options)


@pytest.mark.parametrize(("unit", "bank"), BANKS, ids=by_id)
def test_neither_place_nor_length_gives_the_right_option_away(unit: Unit, bank: Bank) -> None:
    choices = [question for question in bank.questions.values() if isinstance(question, Choice)]
    places = Counter(question.right for question in choices)
    assert max(places.values()) <= 0.4 * len(choices)
    longest = sum(max(question.options, key=lambda option: len(option.text)).right for question in choices)
    assert longest <= 0.45 * len(choices)


@pytest.mark.parametrize("question", NUMBERS, ids=by_id)
def test_a_number_question_is_sound_for_any_seed(question: Number) -> None:
    tasks = [question.task(seed) for seed in range(60)]
    assert all(math.isfinite(task.answer) and 0 < task.rtol <= 0.05 for task in tasks)
    assert len({round(task.answer, 9) for task in tasks}) >= 10
    assert all(task.text.count("$") % 2 == 0 and not re.search(r"\de[+-]\d", task.text) for task in tasks)
    assert question.task() == question.task()


@pytest.mark.parametrize("question", OPEN, ids=by_id)
def test_an_open_question_has_a_model_answer_and_a_rubric(question: Open) -> None:
    assert len(question.answer) > 150
    assert len(question.rubric) >= 3


@pytest.mark.parametrize("question", [question for _, question in QUESTIONS], ids=by_id)
def test_formulas_are_balanced(question: Choice | Number | Open) -> None:
    texts = [question.task().text, question.task().explanation] if isinstance(question, Number) else [question.text]
    if isinstance(question, Choice):
        texts += [part for option in question.options for part in (option.text, option.reason)]
    for text in texts:
        assert text.count("$") % 2 == 0, text
        assert r"\"" not in text


def test_a_bank_refuses_what_would_break_it() -> None:
    bank = Bank()
    right, wrong = Option("a", "because", right=True), Option("b", "because not")
    bank.choice("one", "topic", "?", [right, wrong])
    with pytest.raises(ValueError, match="two questions"):
        bank.open("one", "topic", "?", "answer", ["point"])
    with pytest.raises(ValueError, match="exactly one"):
        bank.choice("two", "topic", "?", [right, right])
    with pytest.raises(KeyError, match="no question"):
        bank["three"]
    assert np.isscalar(bank["one"].level)
