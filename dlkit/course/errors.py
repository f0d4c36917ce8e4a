"""Errors that are the user's to mend: one line that says what is wrong and what to do."""

__all__ = ["GradebookError", "UserError"]


class UserError(Exception):
    """Wrong use or bad input; the command prints it on one line and exits with status 2."""


class GradebookError(UserError):
    """The gradebook is locked, damaged or of another version: no submission's fault, so none gets a zero for it."""
