"""dlkit: a Jupyter course for deep-learning interviews whose exercises grade themselves."""

__version__ = "0.1.0"
__all__ = ["__version__"]
