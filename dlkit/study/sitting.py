"""Holding an interview: item by item, against the clock, everything kept as soon as it is said."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dlkit.check.table import text as table
from dlkit.course.units import Unit
from dlkit.course.workspace import Workspace
from dlkit.study.asking import Person, Stopped, draw, points_met, pose, reveal, show
from dlkit.study.coding import Broken, Exam, Exercise, engine_for_own_work, exercises
from dlkit.study.debrief import clock_time
from dlkit.study.interview import Clock, Interview, Record
from dlkit.study.plan import CODING, Slot
from dlkit.study.quiz import pool
from dlkit.study.shelf import Shelf

if TYPE_CHECKING:
    from dlkit.check.result import ExerciseResult
    from dlkit.grading.engine import Engine

__all__ = ["Sitting"]

GIVE_UP = "s"


class Sitting:
    """One person at one interview, until its end or until they stop. `units` are those of the course."""

    def __init__(
        self,
        interview: Interview,
        units: Iterable[Unit],
        home: Workspace,
        shelf: Shelf[Interview],
        person: Person,
        clock: Clock | None = None,
    ) -> None:
        self._interview, self._home, self._shelf, self._person = interview, home, shelf, person
        names = {slot.unit for slot in interview.slots}
        self._units = {unit.name: unit for unit in units if unit.name in names}
        self._questions = pool(self._units.values())
        self._exercises = {
            (unit.name, id): exercise for unit in self._units.values() for id, exercise in exercises(unit).items()
        }
        self._clock = clock or Clock(interview.spent)

    @property
    def left(self) -> str:
        """The time left, in words."""
        seconds = self._interview.seconds - self._clock.spent
        return f"{clock_time(math.ceil(seconds))} left" if seconds > 0 else "time is up"

    @property
    def _late(self) -> bool:
        return self._clock.spent >= self._interview.seconds

    def hold(self) -> None:
        """Ask what is left; `Stopped` where the person stops. What was said is kept, and where the clock stood."""
        try:
            self._leave_out()
            while not self._interview.over:
                self._next()
        except KeyboardInterrupt:
            raise Stopped from None
        finally:
            self._keep()

    def _keep(self) -> None:
        self._interview.spent = self._clock.spent
        self._shelf.save(self._interview)

    def _leave_out(self) -> None:
        """Items that the course no longer has are not asked."""
        interview = self._interview
        done, left = interview.slots[: interview.done], interview.slots[interview.done :]
        there = [
            slot
            for slot in left
            if (slot.unit, slot.id) in (self._exercises if slot.kind == CODING else self._questions)
        ]
        if there != left:
            print("Some items of this interview are no longer in the course: they are left out.")
            if there[:1] != left[:1]:
                del interview.records[interview.done :]
            interview.slots = [*done, *there]

    def _next(self) -> None:
        interview = self._interview
        number = interview.done
        slot = interview.slots[number]
        if len(interview.records) == number:
            interview.records.append(Record(started=self._clock.spent))
        record = interview.records[number]
        self._keep()
        about = f"{slot.unit} · {slot.title} {slot.stars} · {slot.minutes} min"
        print(f"\n── {number + 1} of {len(interview.slots)} · {slot.kind} · {about} · {self.left}\n")
        if slot.kind == CODING:
            self._coding(slot, record)
        else:
            self._question(slot, record)
        share = record.share or 0.0
        points = {"points": round(share * slot.points, 3), "max_points": slot.points}
        exercise = {"id": slot.cell, "status": "passed" if share == 1 else "failed", **points}
        self._home.journal.add("interview", {"unit": slot.unit, **points, "exercises": [exercise]})
        record.seconds = self._clock.spent - record.started
        self._keep()

    def _question(self, slot: Slot, record: Record) -> None:
        from dlkit.questions.bank import Choice, Open

        drawn = draw(self._questions[slot.unit, slot.id], self._interview.seed)
        record.asked = drawn.text
        if record.typed is None:
            record.typed = self._lines_of(record, lambda: pose(drawn, self._person, record.begun))
            record.late = self._late
            self._keep()
            print()
        else:
            show(drawn, self._person)
            print(f"Your answer was:\n{record.typed}\n")
        if isinstance(drawn, Open):
            met = points_met(drawn, record.typed, self._person)
            record.share = sum(met) / len(met)
            record.faults = [point for point, has in zip(drawn.rubric, met, strict=True) if not has]
            return
        record.share = reveal(drawn, record.typed, self._person)
        if isinstance(drawn, Choice):
            why = next(option.reason for option in drawn.options if option.right)
        else:
            why = drawn.explanation
        record.faults = [why] if record.share < 1 else []

    def _coding(self, slot: Slot, record: Record) -> None:
        exercise = self._exercises[slot.unit, slot.id]
        if record.share is None:
            self._person.say(exercise.task)  # which takes longer to read than what follows takes to load
            path = self._home.folder / "interview" / self._interview.began / f"{slot.id}.py"
            exam = Exam(self._units[slot.unit], exercise, path)
            new = exam.lay_out()
            print(f"\nYour answer goes into {path}, {'where a stub is' if new else 'which is as you left it'}.")
            with engine_for_own_work() as engine:
                while record.share is None:
                    self._try(exam, record, engine)
                    self._keep()
        self._follow_ups(exercise, record)

    def _try(self, exam: Exam, record: Record, engine: Engine) -> None:
        """One line from the person, and what follows from it."""
        typed = self._person.line(f"Save it and press Enter to run all checks ({GIVE_UP} gives up, {self.left}): ")
        if typed.lower() == GIVE_UP:
            record.share, record.late = record.best, self._late
            record.faults = record.faults or ["You gave up before the first try."]
            if exam.reference:
                print(f"The course's answer:\n\n{exam.reference}\n")
        elif typed:
            print(f"{typed!r} is neither Enter nor {GIVE_UP}.")
        elif exam.lay_out():
            print(f"{exam.path} was gone: a stub is there again.")
        else:
            try:
                answer = exam.read()
            except Broken as broken:
                record.tries += 1
                record.faults = [str(broken)]
                print(broken)
                return
            self._judge(exam.grade(answer, engine), record)

    def _judge(self, result: ExerciseResult, record: Record) -> None:
        print(f"\n{table(result)}\n")
        if result.status == "not_attempted":
            return  # no try: the stub is as it was
        record.tries += 1
        record.best = max(record.best, result.points / result.max_points)
        short = [check for check in result.checks if check.status != "passed"]
        if not short:
            record.share, record.late, record.faults = 1.0, self._late, []
            return
        named = list(dict.fromkeys(check.mistake for check in short if check.mistake))
        first = f"{short[0].name}: {short[0].message.partition(chr(10))[0] or 'not attempted'}"
        record.faults = named or [first]
        if self._late:
            print("The time is up. You may finish this.")

    def _follow_ups(self, exercise: Exercise, record: Record) -> None:
        """The questions that an interviewer would go on with: answered aloud, here in lines, without marks."""
        if exercise.after and not record.said:
            self._person.say(f"What the interviewer is after: {exercise.after}")
        number = len(exercise.follow_ups)
        print("\nThink aloud, without marks; an empty line ends an answer." if number else "")
        while len(record.said) < number:
            if self._late:
                print("\nThe time is up, so no more is asked about this.")
                return
            question = exercise.follow_ups[len(record.said)]
            print(f"\nFollow-up {len(record.said) + 1} of {number} ({self.left}):")
            self._person.say(question)
            if record.begun:
                print("".join(f"> {line}\n" for line in record.begun.splitlines()), end="")
            answer = self._lines_of(record, lambda: self._person.lines(record.begun))
            record.said.append((question, answer))
            record.begun = ""
            self._keep()

    def _lines_of(self, record: Record, read: Callable[[], str]) -> str:
        """An answer; of one that is not finished, the beginning is kept."""
        try:
            return read()
        except Stopped as stopped:
            record.begun = stopped.typed or record.begun
            raise
