"""nbgrader's gradebook: is it there, is it ours to write, does it know the assignment; and a zero where grading died.

Everything here imports nbgrader late: it takes seconds, and most commands do not need it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dlkit.course.errors import GradebookError, UserError
from dlkit.course.units import Unit
from dlkit.grading.skeleton import with_stubs

__all__ = ["course_directory", "has_gradebook", "register", "run", "safe", "scores"]

PATIENCE = 30
"""Seconds to wait for a gradebook that another program is writing to."""


def course_directory(root: Path, **settings: str) -> Any:
    """nbgrader's CourseDirectory for a course root, with the course's own nbgrader_config.py."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config, PyFileConfigLoader

    file = root / "nbgrader_config.py"
    try:
        config = PyFileConfigLoader(file.name, str(root)).load_config() if file.is_file() else Config()
    except Exception as error:  # it is a program, and may raise anything
        raise UserError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from None
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.update(settings)
    directory = CourseDirectory(config=config)
    url = directory.db_url
    if url.startswith("sqlite:") and "?" not in url:
        directory.db_url = f"{url}?timeout={PATIENCE}"
    return directory


def has_gradebook(root: Path) -> bool:
    """Whether the course's gradebook is there already: SQLite's file; of a database server it is taken for granted."""
    url = course_directory(root).db_url.partition("?")[0]
    return not url.startswith("sqlite:") or Path(url.removeprefix("sqlite:///")).is_file()


@contextmanager
def safe(directory: Any) -> Iterator[None]:
    """Turn what a gradebook may raise into one clear line; a gradebook of another version is left as it is."""
    from sqlalchemy.exc import DatabaseError, OperationalError, SAWarning

    name = _shown(directory.db_url)
    try:
        _new_or_same_version(directory.db_url, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, about the order in which it adds rows
            yield
    except OperationalError as error:
        text = str(error.orig)
        if "locked" in text:
            hint = "another program is using it: close that and run this again"
        elif "readonly" in text or "unable to open" in text:
            hint = "it cannot be written: look at the permissions of the file and its folder"
        else:
            hint = text
        raise GradebookError(f"The gradebook {name}: {hint}.") from None
    except DatabaseError as error:
        raise GradebookError(
            f"The gradebook {name} is damaged: {error.orig}. Move it away; a new one is made."
        ) from None


def _shown(url: str) -> str:
    """A database's address as messages may show it: a file's path, or a server without the password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        shown: str = make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        raise GradebookError(f"{url!r} is no address of a gradebook: look at db_url in nbgrader_config.py.") from None
    return shown.partition("?")[0].removeprefix("sqlite:///")


def _new_or_same_version(url: str, name: str) -> None:
    """Make a gradebook where there is none: nbgrader would start `alembic`, seconds, to ask for the schema's number."""
    import nbgrader
    from alembic.script import ScriptDirectory
    from nbgrader.api import Base
    from sqlalchemy import create_engine, inspect, text
    from sqlalchemy.exc import ArgumentError

    try:
        engine = create_engine(url)
    except ImportError as error:
        raise GradebookError(
            f"The gradebook {name} needs a driver that is missing: pip install {error.name}."
        ) from None
    except ArgumentError as error:
        raise GradebookError(f"The gradebook {name}: {error}. Look at db_url in nbgrader_config.py.") from None
    head = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()
    try:
        with engine.begin() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                Base.metadata.create_all(connection)
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
                return
            rows = (
                connection.execute(text("SELECT version_num FROM alembic_version")).all()
                if ("alembic_version" in tables)
                else []
            )
    finally:
        engine.dispose()
    found = rows[0][0] if rows else "none"
    if found != head:
        raise GradebookError(
            f"The gradebook {name} is from another version of nbgrader (schema {found}, expected {head}): "
            "run `nbgrader db upgrade`, or move it away."
        )


def register(unit: Unit, directory: Any) -> None:
    """Make the gradebook know the unit's cells as they are now, as `nbgrader generate_assignment` would.

    Only the step of it that writes them: the release in the course is as `dlkit build` wrote it, and stays.
    """
    from nbgrader.api import Gradebook, MissingEntry
    from nbgrader.preprocessors import SaveCells
    from nbgrader.utils import is_grade, is_locked, is_solution

    skeleton = with_stubs(unit.read("source"), unit.read("notebooks"))
    cells = [c for c in skeleton.cells if is_grade(c) or is_solution(c) or is_locked(c)]
    wanted = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.checksum for c in cells}
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        try:
            known = gradebook.find_notebook(unit.name, unit.name).source_cells
            if {cell.name: cell.checksum for cell in known} == wanted:
                return
        except MissingEntry:
            gradebook.update_or_create_assignment(unit.name)
    names = {"notebook": unit.name, "assignment": unit.name, "db_url": directory.db_url}
    try:
        SaveCells(config=directory.config).preprocess(skeleton, {"nbgrader": names})
    except RuntimeError as error:  # cells were added or removed, and there are submissions already
        raise UserError(f"{unit.name} cannot be registered: {error}.") from None


def run(converter: Any, failure: str) -> str:
    """Start an nbgrader converter quietly and return its log; UserError with its last line where it fails."""
    from nbgrader.utils import capture_log

    converter.log.handlers = []
    converter.log.propagate = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbformat's, about cell ids that are missing or stand twice
        result = capture_log(converter)
    if not result["success"]:
        told = [
            line.strip() for line in result.get("log", "").splitlines() if re.match(r"\s+\w+(Error|Exception)\b", line)
        ]
        lines = [*result.get("error", "").strip().splitlines(), *told] or ["no reason given"]
        if "OperationalError" in result.get("error", "") and "locked" in result["error"]:
            raise GradebookError("The gradebook is locked by another program: close that and run this again.")
        raise UserError(f"{failure}: {lines[-1][:300]}")
    return str(result.get("log", ""))


def scores(unit: Unit, student: str, directory: Any) -> dict[str, float | None]:
    """The automatic scores in the gradebook, by grade id."""
    from nbgrader.api import Gradebook

    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        notebook = gradebook.find_submission_notebook(unit.name, unit.name, student)
        return {grade.name: grade.auto_score for grade in notebook.grades}
