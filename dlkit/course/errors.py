"""Errors that are the user's to mend: one line that says what is wrong and what to do."""

__all__ = ["UserError"]


class UserError(Exception):
    """Wrong use or bad input; the command prints it on one line and exits with status 2."""
