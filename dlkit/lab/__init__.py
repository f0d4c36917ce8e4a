"""What an experiment calls: patience with unsolved exercises, figures and data.

    with experiment(), figure("Where the slope goes", columns=2) as (left, right):
        left.plot(z, sigmoid(z))

It knows no answers: an experiment runs on the learner's own functions.
"""

from dlkit.lab.data import digits, two_moons
from dlkit.lab.experiment import experiment
from dlkit.lab.figure import figure

__all__ = ["digits", "experiment", "figure", "two_moons"]
