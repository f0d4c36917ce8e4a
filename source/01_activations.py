# %% [markdown]
r"""
# 01 · Activations

Between two linear layers stands a function that is applied to every number on its own. Without it a deep network is
one matrix. Which function you choose decides how gradients travel, which units die, and what the output means.

**How to work.** Read a statement, write your answer where it says so, run the check cell below it. The table tells you
what is right, what is wrong, and often why. Hints open one by one. When you are done, hand in with
`dlkit submit activations`; a few more checks run then.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| upstream gradient | `dout` = ∂L/∂(output), with the output's shape; a backward returns ∂L/∂(input), one gradient per array argument, a single one bare | `dy`, `grad_output` |
| shapes | features `(N, D)`, images `(N, C, H, W)`, dense weights `(D, M)` with `x @ W + b` | PyTorch stores `(M, D)` |
| dtype | float32 in, float32 out; integers must give right values | |
| purity | no argument is changed | |
| kinks | the derivative at a kink is the left branch's: ReLU 0, leaky ReLU `slope` | some take ½ |
| extremes | finite, and no `RuntimeWarning`, at ±10 000 (`np.errstate` is fine where the values are right) | |

Every exercise states its own rules; what is not ruled out is allowed. The levels: ★ easy, ★★ medium, ★★★ hard.
"""

# %% role="given" id="setup"
import math

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, gradients

# %% [markdown]
r"""
## Sigmoid and its family

### Sigmoid ★ · 8 min

**Given** `x`, any shape, **return** σ(x) with x's shape:

$$ \sigma(x) = \frac{1}{1 + e^{-x}} $$

The formula is not the hard part. At x = −10 000 it asks for $e^{10000}$, which no float holds: NumPy warns, and in
other formulas the overflow turns into NaN. Your function must be right, finite and silent from −10 000 to 10 000.
float32 stays float32, integers give the right floats, `x` itself stays as it is.

*Worked number.* σ(0) = 0.5 and σ(2) = 0.880797. Since σ(−x) = 1 − σ(x), σ(−2) = 0.119203.

**What the interviewer is after**: do you notice the overflow before your code does, and can you rewrite a formula so
that it never happens? **Follow-ups**: why does `1 - sigmoid(x)` lose all digits for large x, and what would you compute
instead? Where does the naive formula overflow in float32? Why does PyTorch offer `logsigmoid`?

<details><summary>Hint 1</summary>Multiply numerator and denominator by $e^{x}$. When is the new form safe?</details>
<details><summary>Hint 2</summary>One form is safe for x ≥ 0, the other for x < 0. Both use $e^{-|x|}$.</details>
<details><summary>Hint 3</summary>Compute z = exp(−|x|), which lies in (0, 1]. The denominator is 1 + z for both signs; only
the numerator differs, and <code>np.where</code> picks it.</details>
"""

# %% role="solve" id="sigmoid"
from dlkit.reference.activations import sigmoid

# %% role="check" id="sigmoid-check" points=2
with check("three values worked by hand"):
    expect(sigmoid, np.array([0.0, 2.0, -2.0])).close([0.5, 0.880797078, 0.119202922])
with check("σ(−x) = 1 − σ(x)"):
    x = np.linspace(-4, 4, 9).reshape(3, 3)
    expect(sigmoid, -x).close(1 - 1 / (1 + np.exp(-x)))
with check("right and silent at ±10 000"):
    expect(sigmoid, np.array([-1e4, -710.0, 710.0, 1e4])).close([0.0, 0.0, 1.0, 1.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    expect(sigmoid, 1.5).close(reference.sigmoid(1.5))
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(1).normal(0, 3, shape)
        expect(sigmoid, x).close(reference.sigmoid(x))
with check("float32 stays float32, integers give floats"):
    x = np.array([-3, -1, 0, 2], dtype=np.float32)
    expect(sigmoid, x).close(reference.sigmoid(x), rtol=1e-5, atol=1e-7).dtype(np.float32)
    expect(sigmoid, np.array([-3, 0, 4])).close(reference.sigmoid(np.array([-3.0, 0.0, 4.0])))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5], [3.0, -20.0]])
    expect(sigmoid, x).close(reference.sigmoid(x)).unchanged()
### END HIDDEN TESTS
check.score()
