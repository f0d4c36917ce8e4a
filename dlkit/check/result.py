"""What came of an exercise: plain data that tables, reports and gradebooks are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["MIME", "CheckResult", "ExerciseResult", "Status"]

Status = Literal["passed", "failed", "not_attempted", "error"]

MIME = "application/vnd.dlkit.result+json"
"""The output of a check cell carries its result under this MIME type, beside the table."""


@dataclass(frozen=True)
class CheckResult:
    """One named check: its outcome, what it says, and the mistake it recognised, in words."""

    name: str
    hidden: bool
    status: Status
    message: str = ""
    mistake: str | None = None
    weight: float = 1.0
    printed: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields that `--json` documents."""
        return {key: getattr(self, key) for key in ("name", "hidden", "status", "message", "mistake")}


@dataclass(frozen=True)
class ExerciseResult:
    """One check cell: its points and its checks. `hidden_left` counts checks that only run on handing in."""

    id: str
    points: float
    max_points: float
    status: Status
    checks: tuple[CheckResult, ...] = ()
    hidden_left: int = 0

    @classmethod
    def of(cls, id: str, max_points: float, checks: tuple[CheckResult, ...], hidden_left: int = 0) -> ExerciseResult:
        """Points are the share of the passed weight, to a thousandth; full only when every check passed."""
        total = sum(check.weight for check in checks)
        passed = sum(check.weight for check in checks if check.status == "passed")
        statuses = {check.status for check in checks}
        points = round(max_points * passed / total, 3) if total else 0.0
        status: Status
        if statuses == {"passed"}:
            status = "passed"
        elif not statuses or statuses == {"not_attempted"}:
            status = "not_attempted"
        elif "error" in statuses and "failed" not in statuses and "passed" not in statuses:
            status = "error"
        else:
            status = "failed"
        return cls(id, points, max_points, status, checks, hidden_left)

    @property
    def unmarked(self) -> bool:
        """A question that is answered, but whose answer is only looked at on handing in."""
        return bool(self.hidden_left and self.status == "passed" and not any(check.weight for check in self.checks))

    def to_json(self) -> dict[str, Any]:
        """The fields that `--json` documents."""
        head = {key: getattr(self, key) for key in ("id", "status", "points", "max_points")}
        return head | {"checks": [check.to_json() for check in self.checks]}

    def to_mime(self) -> dict[str, Any]:
        """Everything, for the output of a check cell; `from_mime` reads it back."""
        return {**vars(self), "checks": [dict(vars(check)) for check in self.checks]}

    @classmethod
    def from_mime(cls, data: Mapping[str, Any]) -> ExerciseResult:
        """Rebuild a result from the output of a check cell."""
        checks = tuple(CheckResult(**check) for check in data["checks"])
        return cls(**{**data, "checks": checks})
