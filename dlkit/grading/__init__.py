"""Grading: reading what was handed in, running it, and writing down what came of it."""
