"""Many submissions: which of them wait, running them in workers, and handing each outcome to the one writer.

Workers put outcomes into files; this process, and no other, writes gradebook and feedback from them. Whatever is
interrupted, at any moment, is picked up by the next run: an outcome that is there is not made again, and one that was
not written yet is written then.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType

from dlkit.course.errors import UserError
from dlkit.course.files import write_atomic
from dlkit.course.units import Course, Unit
from dlkit.grading import results
from dlkit.grading.cluster import Outcomes
from dlkit.grading.engine import Engine
from dlkit.grading.gradebook import has_gradebook
from dlkit.grading.paths import submission_of
from dlkit.grading.report import Report
from dlkit.grading.writer import Writer

__all__ = ["Task", "grade_all", "grade_one", "waiting", "work"]

Task = tuple[Unit, str]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
TRIES = 3

_engine: Engine | None = None


def waiting(course: Course, units: list[Unit], student: str | None, force: bool, boxed: bool = True) -> list[Task]:
    """The submissions that are not graded yet in their present version; all of them with `force`."""
    root = course.root / "submitted"
    students = sorted(path.name for path in root.glob("*") if path.is_dir()) if root.is_dir() else []
    if student is not None and student not in students:
        raise UserError(f"Nothing of {student} is here: there is no folder {root / student}.")
    chosen = [(unit, name) for unit in units for name in ([student] if student else students)]
    there = [(unit, name) for unit, name in chosen if submission_of(unit, name).parent.is_dir()]
    if not there:
        raise UserError(f"There is nothing to grade: {root} has no submission of these units.")
    fresh = [task for task in there if force or _written(task) != results.key_of(*task, boxed)]
    # A new gradebook wants every row. To look for it takes a second: only if something is thought to be in it.
    return fresh if len(fresh) == len(there) or has_gradebook(course.root) else there


def _receipt(task: Task) -> Path:
    unit, student = task
    return unit.root / ".dlkit" / "graded" / student / unit.name


def _written(task: Task) -> str:
    """The key of the outcome that was written last."""
    path = _receipt(task)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def work(task: Task, boxed: bool, force: bool) -> str:
    """In a worker: run one submission, unless its outcome is there already; the outcome's key."""
    global _engine
    unit, student = task
    key = results.key_of(unit, student, boxed)
    if force or results.load(unit.root, key) is None:
        if _engine is None:
            _engine = Engine(boxed)
            Finalize(None, _engine.close, exitpriority=0)  # a pool's workers run no atexit handlers
        report, notebook = _engine.grade(unit, student, submission_of(unit, student))
        results.save(unit.root, key, report, notebook)
    return key


def grade_one(task: Task, boxed: bool = True) -> Report:
    """Grade one submission here and now."""
    unit, student = task
    with Writer(unit.root) as writer, Engine(boxed) as engine:
        key = results.key_of(unit, student, boxed)
        report, notebook = engine.grade(unit, student, submission_of(unit, student))
        results.save(unit.root, key, report, notebook)
        return _finish(writer, task, key)


def grade_all(
    tasks: list[Task],
    jobs: int | None = None,
    boxed: bool = True,
    force: bool = False,
    elsewhere: Outcomes | None = None,
) -> Iterator[Report]:
    """Grade the submissions, each in a worker process, and give the reports in the tasks' order.

    elsewhere: where outcomes come from, in place of processes of this machine; see `cluster`.
    """
    if not tasks:
        return
    jobs = min(jobs or os.cpu_count() or 1, len(tasks))
    with _Workers(tasks, boxed, force, 0 if elsewhere else jobs) as workers, Writer(tasks[0][0].root) as writer:
        for task, key in elsewhere(tasks, boxed, force) if elsewhere else workers.keys():
            yield _finish(writer, task, key)


class _Workers:
    """Processes that run submissions from the moment they are entered: while the gradebook opens, they are at it.

    jobs: how many; with fewer than two the work is done here, when it is asked for.
    """

    def __init__(self, tasks: list[Task], boxed: bool, force: bool, jobs: int) -> None:
        self._left, self._boxed, self._force, self._jobs = list(tasks), boxed, force, jobs
        self._starting: Future[None] | None = None

    def __enter__(self) -> _Workers:
        os.environ.update(dict.fromkeys(THREADS, "1"))  # a worker per core, so one thread each
        if self._jobs > 1:  # in a thread, for the process that workers are forked from takes a while to import
            self._starting = ThreadPoolExecutor(1).submit(self._start)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._starting:
            self._starting.result()
            self._pool.shutdown(cancel_futures=True)

    def _start(self) -> None:
        self._pool = ProcessPoolExecutor(self._jobs, mp_context=_context())
        self._futures = [self._pool.submit(work, task, self._boxed, self._force) for task in self._left]

    def keys(self) -> Iterator[tuple[Task, str]]:
        """Each task with its outcome's key, in order. A worker that dies takes only its task's try with it."""
        if not self._starting:
            yield from ((task, work(task, self._boxed, self._force)) for task in self._left)
            return
        self._starting.result()
        for attempt in range(TRIES):
            try:
                for task, future in zip(tuple(self._left), self._futures, strict=True):
                    yield task, future.result()
                    self._left.remove(task)
                return
            except BrokenProcessPool:
                self._pool.shutdown(cancel_futures=True)
                if attempt == TRIES - 1:
                    raise UserError(
                        "A grading process was killed again and again. What is graded is kept; try --jobs 1."
                    ) from None
                self._start()


def _context() -> multiprocessing.context.BaseContext:
    """Workers are forked from a process that has everything imported and does nothing; on Windows each imports it."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dlkit.grading.batch"])
    return context


def _finish(writer: Writer, task: Task, key: str) -> Report:
    """Write an outcome everywhere, and note that it is written."""
    unit, student = task
    kept = results.load(unit.root, key)
    if kept is None:
        raise UserError(f"The outcome of {student} vanished before it was written: run this again.")
    report, notebook = kept
    writer.write(unit, student, report, notebook)
    if report.error is None:
        write_atomic(_receipt(task), key.encode())
    return report
