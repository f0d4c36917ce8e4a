"""What a check cell calls. It knows no answers: it looks at what functions return, raise, warn and change.

with check("two equal logits share the mass"):
    expect(softmax, np.zeros(2)).close([0.5, 0.5])
check.score()
"""

from dlkit.check.expectation import Expectation, expect
from dlkit.check.gradients import gradients
from dlkit.check.graph import graph
from dlkit.check.rules import forbid, forbid_loops, forbid_numbers
from dlkit.check.session import check

__all__ = ["Expectation", "check", "expect", "forbid", "forbid_loops", "forbid_numbers", "gradients", "graph"]
