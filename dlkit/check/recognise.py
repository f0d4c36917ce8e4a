"""Which known mistake an answer makes: the one that behaves the same on the calls that failed.

The wrong answers live in `dlkit.mistakes`, which knows the reference; a learner's installation may lack both, and then
nothing is recognised. A mistake is put to the same demands as the answer: it must fail where the answer failed, in the
same way, and pass where it passed.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from dlkit.check.call import Behaviour
from dlkit.check.compare import compare
from dlkit.check.expectation import arrays_in
from dlkit.check.problem import Demand, Mismatch, Problem
from dlkit.check.record import Record
from dlkit.check.rules import BrokenRule

if TYPE_CHECKING:  # a class may be given a wheel without them
    from dlkit.mistakes import Mistake

__all__ = ["recognise"]

Trial = tuple[Record, Demand, Problem | None]


def _alike(problem: Problem, ours: Behaviour, other: Behaviour, loosely: bool = False) -> bool:
    """Whether two behaviours that fail the same demand fail it in the same way; `loosely`, errors of any words."""
    if problem.aspect == "error" or ours.error or other.error:
        if loosely:
            return ours.error == other.error  # or neither raises, where an error is asked for
        same = (ours.error, ours.text) == (other.error, other.text)
        return same and (bool(ours.error) or _equal(ours.value, other.value))
    if problem.aspect == "warning":
        return set(ours.warnings) == set(other.warnings)
    if problem.aspect == "change":
        return ours.changed == other.changed
    if problem.aspect == "calls":
        return [call.function for call in ours.asked] == [call.function for call in other.asked]
    mine, theirs = (_seen(problem, behaviour.value) for behaviour in (ours, other))
    if problem.aspect == "dtype":
        return _dtypes(mine) == _dtypes(theirs)
    return _equal(mine, theirs)


def _seen(problem: Problem, value: Any) -> Any:
    """The result that the demand looked at: what else came out may be a cache, which everybody fills in another way."""
    if isinstance(value, (tuple, list)) and problem.part is not None and problem.part < len(value):
        value = value[problem.part]
    if isinstance(value, dict) and problem.keys is not None:
        value = {key: value[key] for key in problem.keys if key in value}
    return value


def _dtypes(value: Any) -> list[str]:
    return [str(part.dtype) for part in arrays_in(value)] or [str(np.asarray(value).dtype)]


def _equal(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    try:
        return compare(a, b, 1e-6, 1e-12) is None
    except (TypeError, ValueError):
        return False


def _score(answer: Callable[..., Any], trials: list[Trial], answers: dict[str, Any], best: int, loosely: bool) -> int:
    """How many failures a mistake explains, less how many outcomes it contradicts; 0 where that cannot exceed `best`.

    trials: the failures first, so that most mistakes are dismissed after a call or two.
    """
    explained = contradicted = 0
    left = sum(problem is not None for _, _, problem in trials)
    replayed: dict[int, Behaviour] = {}
    for record, demand, problem in trials:
        if explained + left - contradicted <= best or not (problem or explained):
            return 0
        left -= problem is not None
        try:
            if id(record) not in replayed:
                replayed[id(record)] = record.replay(answers)
            behaviour = replayed[id(record)]
            theirs = demand(behaviour)
        except (KeyError, TypeError, IndexError, ValueError, Mismatch):
            continue
        if problem and theirs and _alike(problem, record.behaviour, behaviour, loosely):
            explained += 1
        elif problem or theirs:
            contradicted += 1
    return explained - contradicted if explained else 0


def _parts(answer: Callable[..., Any], trials: list[Trial], answers: dict[str, Any]) -> list[int]:
    """The failed calls that a mistake explains, if whatever it breaks is broken in the same way; else none."""
    explained = []
    for record, demand, problem in trials:
        try:
            behaviour = record.replay(answers)
            theirs = demand(behaviour)
        except (KeyError, TypeError, IndexError, ValueError, Mismatch):
            continue
        if theirs and not (problem and _alike(problem, record.behaviour, behaviour)):
            return []
        if theirs:
            explained.append(id(record))
    return explained


def _spoils(trials: list[Trial], answers: dict[str, Any]) -> bool:
    """Whether a mistake fails a demand that the answer met: a loop that gives right values is not its loop."""
    for record, demand, problem in trials:
        if problem is None:
            try:
                theirs = demand(record.replay(answers))
            except (KeyError, TypeError, IndexError, ValueError, Mismatch):
                return True
            if theirs:
                return True
    return False


def _several(mistakes: list[Mistake], trials: list[Trial], reference: dict[str, Any]) -> dict[str | int, str]:
    """Of an answer with several slips that no mistake explains as a whole: the sentence for each failed call."""
    found = [
        (_parts(mistake.answer, trials, {**reference, mistake.function: mistake.answer}), mistake.sentence)
        for mistake in mistakes
    ]
    found.sort(key=lambda pair: len(pair[0]))  # the one that explains most is written last
    return {record: sentence for records, sentence in found for record in records}


def recognise(unit: str, trials: list[Trial], broken: list[BrokenRule]) -> dict[str | int, str]:
    """The sentence of the mistake that an answer makes, by function; by failed call's id, where it makes several."""
    wrong = {record.answer for record, _, problem in trials if problem} | {rule.function for rule in broken}
    if not wrong:
        return {}
    try:
        mistakes = importlib.import_module("dlkit.mistakes").load(unit)
        module = importlib.import_module(f"dlkit.reference.{unit}")
    except ImportError:
        return {}
    reference = {name: getattr(module, name) for name in module.__all__}
    sentences: dict[str | int, str] = {}
    for function in wrong:
        own = sorted((trial for trial in trials if trial[0].answer == function), key=lambda trial: trial[2] is None)
        rules = [rule for rule in broken if rule.function == function]
        known = [mistake for mistake in mistakes if mistake.function == function]
        best = 0
        for loosely in (False, True):
            if best:
                break
            for mistake in known:
                answers = {**reference, function: mistake.answer}
                score = _score(mistake.answer, own, answers, best - len(rules), loosely)
                source = inspect.getsource(inspect.getmodule(mistake.answer) or mistake.answer) if rules else ""
                same = sum(rule.rule(mistake.name, [source]) is not None for rule in rules)
                if same and (score or not _spoils(own, answers)):
                    score += same
                if score > best:
                    best, sentences[function] = score, mistake.sentence
        if not best and sum(trial[2] is not None for trial in own) > 1:
            sentences |= _several(known, own, reference)
    return sentences
