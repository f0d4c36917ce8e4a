"""Moments in words, by the learner's own calendar: "3 hours ago", "yesterday", "in 11 days"."""

from __future__ import annotations

from datetime import datetime

__all__ = ["again", "day", "in_words"]

UNITS = (("year", 365), ("month", 30), ("day", 1))  # from two of them on


def in_words(moment: datetime, now: datetime) -> str:
    """How far a moment is from now."""
    days = (moment.astimezone().date() - now.astimezone().date()).days
    if days == 0:
        minutes = int((moment - now).total_seconds() / 60)
        if minutes == 0:
            return "just now" if moment <= now else "in a minute"
        hours = int(minutes / 60)
        return _away(hours, "hour") if hours else _away(minutes, "minute")
    if abs(days) == 1:
        return "tomorrow" if days == 1 else "yesterday"
    return next(_away(int(days / size), unit) for unit, size in UNITS if abs(days) >= 2 * size)


def _away(count: int, unit: str) -> str:
    size = f"{abs(count)} {unit}{'' if abs(count) == 1 else 's'}"
    return f"in {size}" if count > 0 else f"{size} ago"


def day(moment: datetime) -> str:
    """The date of a moment where the learner is."""
    return f"{moment.astimezone():%Y-%m-%d}"


def again(due: datetime | None, now: datetime) -> str:
    """When something is due: "now" where it is, "–" where it never will be."""
    if due is None:
        return "–"
    return "now" if due <= now else in_words(due, now)
