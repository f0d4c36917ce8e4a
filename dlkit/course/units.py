"""The units of a course and the places where their files are."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlkit.course.errors import UserError

__all__ = ["VARIABLE", "Course", "Unit"]

VARIABLE = "DLKIT_COURSE"

NAME = re.compile(r"(\d\d)_([a-z0-9_]+)")


@dataclass(frozen=True)
class Unit:
    """One unit: `name` is "01_activations", `topic` is "activations"."""

    root: Path
    name: str

    @property
    def topic(self) -> str:
        return self.name.partition("_")[2]

    @property
    def lesson(self) -> Path:
        """The percent-format source."""
        return self.root / "source" / f"{self.name}.py"

    def notebook(self, folder: str) -> Path:
        """The unit's notebook in "source", "notebooks" or "solutions"."""
        return self.root / folder / self.name / f"{self.name}.ipynb"

    def read(self, folder: str) -> Any:
        """That notebook; UserError where it was not built or is damaged."""
        import nbformat

        path = self.notebook(folder)
        try:
            return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        except FileNotFoundError:
            problem = "is missing"
        except OSError as error:
            problem = f"cannot be read ({error.strerror})"
        except Exception:  # nbformat lets many kinds through
            problem = "is damaged"
        raise UserError(f"The course's {path} {problem}: run `dlkit build {self.name}`, or get the course again.")


class Course:
    """A course root: the folder that holds `notebooks/` and, for teachers, `source/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        if not (root / "notebooks").is_dir() and not (root / "source").is_dir():
            raise UserError(
                f"{root} is no course: it has neither notebooks/ nor source/. Name another with --course DIR."
            )

    @classmethod
    def find(cls, root: Path | None = None) -> Course:
        """The course at `root`; else the nearest above the current folder, else $DLKIT_COURSE, else this package's."""
        if root is not None:
            return cls(root.resolve())
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "nbgrader_config.py").is_file() and (folder / "notebooks").is_dir():
                return cls(folder)
        if os.environ.get(VARIABLE):
            return cls(Path(os.environ[VARIABLE]))
        return cls(Path(__file__).resolve().parents[2])

    @property
    def units(self) -> list[Unit]:
        """Every unit that has a lesson or a release, in order."""
        lessons = {path.stem for path in (self.root / "source").glob("*.py")}
        releases = {path.parent.name for path in (self.root / "notebooks").glob("*/*.ipynb")}
        return [Unit(self.root, name) for name in sorted(lessons | releases) if NAME.fullmatch(name)]

    @property
    def released(self) -> list[Unit]:
        """The units that learners can have; UserError where there is none."""
        found = [unit for unit in self.units if unit.notebook("notebooks").is_file()]
        if not found:
            raise UserError(f"{self.root} has no unit in notebooks/ yet: run `dlkit build`.")
        return found

    def unit(self, text: str) -> Unit:
        """The unit meant by "5", "05", "normalization" or "05_normalization"."""
        wanted = text.strip().rstrip("/").lower()
        for unit in self.units:
            number = unit.name[:2]
            if wanted in (unit.name, unit.topic, number) or (wanted.isdigit() and int(wanted) == int(number)):
                return unit
        names = [unit.name for unit in self.units]
        topics = {unit.topic: unit.name for unit in self.units}
        near = difflib.get_close_matches(wanted, [*names, *topics], n=1, cutoff=0.4)
        hint = f"Did you mean {topics.get(near[0], near[0])}?" if near else f"There are: {', '.join(names) or 'none'}."
        raise UserError(f"There is no unit {text!r}. {hint}")
