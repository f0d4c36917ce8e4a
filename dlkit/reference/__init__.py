"""The answers, one module a unit. Nothing that a learner's process loads imports this package."""
