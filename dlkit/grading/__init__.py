"""Grading: reading what was handed in, running it, and writing down what came of it."""

import dlkit.course  # noqa: F401 - before anything of grading imports nbformat
