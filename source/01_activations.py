# %% [markdown]
r"""
# 01 · Activations

Between two linear layers stands a function that is applied to every number on its own. Without it a deep network is
one matrix. Which function you choose decides how gradients travel, which units die, and what the output means.

**How to work.** Read a statement, write your answer where it says so, run the check cell below it. The table tells you
what is right, what is wrong, and often why. Hints open one by one. When you are done, hand in with
`dlkit submit activations`: about as many checks again run then, on dtypes, integers, plain numbers, empty batches and
extremes. Try these yourself first. Concept questions are marked when you hand in, not before.

The exercises take five to six hours. Do a family at a sitting: sigmoid and tanh, ReLU and its relatives, GELU and
swish, maxout, softmax, then the experiments on depth and dead units.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| upstream gradient | `dout` = ∂L/∂(output), with the output's shape; a backward returns ∂L/∂(input), one gradient per array argument, a single one bare | `dy`, `grad_output` |
| shapes | features `(N, D)`, images `(N, C, H, W)`, dense weights `(D, M)` with `x @ W + b` | PyTorch stores `(M, D)` |
| dtype | float32 in, float32 out; integers must give right values. Mind that a Python number leaves float32 alone, while a NumPy scalar such as `np.sqrt(2)` makes float64 of it: write `math.sqrt(2)` | |
| accuracy | float64 to a relative 1e-6 or an absolute 1e-9, float32 to 1e-5 or 1e-6, whichever is easier | |
| purity | no argument is changed | |
| kinks | the derivative at a kink is the left branch's: ReLU 0, leaky ReLU `slope`; clipping (hard tanh): 0 at both limits; of equal pieces the first wins | some take ½ |
| extremes | finite, and no `RuntimeWarning`, at ±10 000 (`np.errstate` is fine where the values are right) | |

Every exercise states its own rules; what is not ruled out is allowed. The levels: ★ easy, ★★ medium, ★★★ hard.
"""

# %% role="given" id="setup"
import math
from collections.abc import Callable, Sequence

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, gradients

# %% [markdown]
r"""
## Sigmoid and its family

### Sigmoid ★ · 8 min

**Given** `x`, an array of any shape or a plain number, **return** σ(x) with x's shape:

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

# %% [markdown]
r"""
### Sigmoid, backwards ★ · 6 min

**Given** `dout` = ∂L/∂σ(x), the gradient that arrives from above, and `x`, the *input* of the forward pass (not its
output), **return** `dx` = ∂L/∂x with x's shape:

$$ \frac{d\sigma}{dx} = \sigma(x)\,\bigl(1 - \sigma(x)\bigr) = \frac{e^{-x}}{(1 + e^{-x})^2} $$

Every number has its own derivative, so the chain rule is one product per element: `dout` times the derivative.

`x` and `dout` have the same shape, any shape, or are two plain numbers. The result is right, finite and silent (no
`RuntimeWarning`) from −10 000 to 10 000, where it is 0. If both are float32, so is dx. Integers in `x` give the right
floats. Neither argument is changed.

*Worked number.* At x = 0 the derivative is 0.25, its largest value. At x = 2 and at x = −2 it is 0.104994, so dout = 10
gives 1.049936.

**What the interviewer is after**: can you derive the formula, and do you see that it is never above ¼? **Follow-ups**:
what is left of a gradient after ten sigmoid layers? Why do many frameworks keep σ(x) from the forward pass, and not x?
What happens to a unit that starts saturated? Why does cross-entropy cure this at the output and not in hidden layers?

<details><summary>Hint 1</summary>Differentiate $(1 + e^{-x})^{-1}$. Two minus signs appear; what becomes of
them?</details>
<details><summary>Hint 2</summary>The derivative is the same at x and at −x, so you may compute it at $|x|$, where
$e^{-|x|}$ cannot overflow.</details>
<details><summary>Hint 3</summary>With z = exp(−|x|) the derivative is z over the square of 1 + z. Do not forget
<code>dout</code>.</details>
"""

# %% role="solve" id="sigmoid_backward"
from dlkit.reference.activations import sigmoid_backward

# %% role="check" id="sigmoid_backward-check" points=2
with check("three gradients worked by hand"):
    dout, x = np.array([1.0, 10.0, -1.0]), np.array([0.0, 2.0, -2.0])
    expect(sigmoid_backward, dout, x).close([0.25, 1.0499358540, -0.1049935854])
with check("gradient along random directions"):
    x = np.random.default_rng(0).normal(0, 2, (3, 4))
    gradients(lambda x: 1 / (1 + np.exp(-x)), sigmoid_backward, x)
with check("right and silent at ±10 000"):
    x = np.array([-1e4, -710.0, 0.0, 710.0, 1e4])
    dout = np.array([2.0, -1.0, -3.0, 5.0, -2.0])
    expect(sigmoid_backward, dout, x).close([0.0, 0.0, -0.75, 0.0, 0.0]).no_warning()
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -1.0], [0.5, 4.0]]), np.array([[0.0, 2.0], [-2.0, 0.0]])
    expect(sigmoid_backward, dout, x).close([[0.5, -0.1049935854], [0.0524967927, 1.0]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(1)
        dout, x = rng.normal(0, 1, shape), rng.normal(0, 3, shape)
        expect(sigmoid_backward, dout, x).close(reference.sigmoid_backward(dout, x))
    expect(sigmoid_backward, -2.0, 1.5).close(reference.sigmoid_backward(-2.0, 1.5))
with check("float32 stays float32"):
    x, dout = np.array([-3, -1, 0, 2], dtype=np.float32), np.array([1, -2, 3, 4], dtype=np.float32)
    expected = reference.sigmoid_backward(dout, x)
    expect(sigmoid_backward, dout, x).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers in x give the right floats"):
    dout, x = np.array([0.5, -2.0, 1.5]), np.array([-3, 0, 4])
    expect(sigmoid_backward, dout, x).close(reference.sigmoid_backward(dout, 1.0 * x))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Tanh ★ · 8 min

**Given** `x`, any shape or a plain number, **return** tanh(x) with x's shape:

$$ \tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}} = 2\,\sigma(2x) - 1 $$

**Banned**: `np.tanh`, `math.tanh` and `cmath.tanh`, whatever name you import them under. Everything else is allowed.

The result is right, finite and silent (no `RuntimeWarning`) from −10 000 to 10 000: there the fraction above is ∞/∞.
float32 stays float32, integers give the right floats, `x` itself stays as it is.

*Worked number.* tanh(0) = 0, tanh(0.5) = 0.462117, tanh(1) = 0.761594 and tanh(−1) = −0.761594.

**What the interviewer is after**: do you know that tanh is a sigmoid, stretched and shifted, and can you use that to
get a formula without overflow for free, and what does it cost near 0? **Follow-ups**: why does a zero-centred activation help the layer after it? Does tanh
saturate less than the sigmoid? Why do LSTMs use both? Which digits does $1 - e^{-2x}$ lose near x = 0?

<details><summary>Hint 1</summary>Divide numerator and denominator by $e^{x}$. For which sign of x is the result
safe?</details>
<details><summary>Hint 2</summary>tanh is odd: compute it at |x|, then give it the sign of x.</details>
<details><summary>Hint 3</summary>With z = exp(−2|x|), tanh(|x|) is 1 − z over 1 + z. <code>np.sign</code> or
<code>np.copysign</code> brings the sign back.</details>
"""

# %% role="solve" id="tanh"
from dlkit.reference.activations import tanh

# %% role="check" id="tanh-check" points=2
with check("four values worked by hand"):
    expect(tanh, np.array([0.0, 0.5, 1.0, -1.0])).close([0.0, 0.4621171573, 0.7615941560, -0.7615941560])
with check("neither np.tanh nor math.tanh is used", weight=4):
    expect(tanh, np.array([-0.5, 2.0])).close([-0.4621171573, 0.9640275801])
    forbid(tanh, "numpy.tanh", "math.tanh", "cmath.tanh")
with check("right and silent at ±10 000"):
    x = np.array([-1e4, -710.0, -0.5, 710.0, 1e4])
    expect(tanh, x).close([-1.0, -1.0, -0.4621171573, 1.0, 1.0]).no_warning()
with check("x is left alone"):
    expect(tanh, np.array([[1.0, -0.5], [0.0, 2.0]])).close(
        [[0.7615941560, -0.4621171573], [0.0, 0.9640275801]]
    ).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(1).normal(0, 2, shape)
        expect(tanh, x).close(reference.tanh(x))
    expect(tanh, -1.5).close(reference.tanh(-1.5))
with check("float32 stays float32"):
    x = np.array([-3, -0.5, 0, 0.25, 2], dtype=np.float32)
    expect(tanh, x).close(reference.tanh(x), rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right floats"):
    expect(tanh, np.array([-3, -1, 0, 2])).close(reference.tanh(np.array([-3.0, -1.0, 0.0, 2.0])))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Tanh, backwards ★ · 6 min

**Given** `dout` = ∂L/∂tanh(x) and `x`, the *input* of the forward pass (not its output), **return** `dx` = ∂L/∂x with
x's shape:

$$ \frac{d}{dx}\tanh(x) = 1 - \tanh^2(x) = \frac{4}{(e^{x} + e^{-x})^2} $$

**Banned**: `np.tanh`, `math.tanh` and `cmath.tanh`, here too. If you call your own `tanh`, it must keep to the rule as well.

`x` and `dout` have the same shape, any shape, or are two plain numbers. The result is right, finite and silent (no
`RuntimeWarning`) from −10 000 to 10 000, where it is 0. If both are float32, so is dx. Integers in `x` give the right
floats. Neither argument is changed.

*Worked number.* The derivative is 1 at x = 0, 0.419974 at x = 1 and 0.070651 at x = 2. With dout = −2 at x = 1,
dx = −0.839949.

**What the interviewer is after**: the derivative written with the output, and the remark that it reaches 1 at the
origin, four times the sigmoid's best. **Follow-ups**: why do gradients still vanish through many tanh layers? What
would you store in the forward pass? How large should initial weights be so that tanh starts in its linear part?

<details><summary>Hint 1</summary>Apply the quotient rule to (e^x − e^(−x)) / (e^x + e^(−x)), or differentiate
$2\sigma(2x) - 1$.</details>
<details><summary>Hint 2</summary>The derivative is even in x, so compute it at |x|, with z = exp(−2|x|).</details>
<details><summary>Hint 3</summary>The chain rule on $2\sigma(2x) - 1$ gives $4\,\sigma'(2x)$, and the sigmoid's
derivative is z over the square of 1 + z.</details>
"""

# %% role="solve" id="tanh_backward"
from dlkit.reference.activations import tanh_backward

# %% role="check" id="tanh_backward-check" points=2
with check("three gradients worked by hand"):
    dout, x = np.array([1.0, -2.0, 10.0]), np.array([0.0, 1.0, -2.0])
    expect(tanh_backward, dout, x).close([1.0, -0.8399486832, 0.7065082485])
with check("gradient along random directions"):
    x = np.random.default_rng(0).normal(0, 1, (3, 4))
    gradients(lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), tanh_backward, x)
with check("neither np.tanh nor math.tanh is used", weight=4):
    expect(tanh_backward, np.array([3.0, 1.0]), np.array([1.0, -2.0])).close([1.2599230248, 0.0706508249])
    forbid(tanh_backward, "numpy.tanh", "math.tanh", "cmath.tanh")
with check("right and silent at ±10 000"):
    x = np.array([-1e4, -710.0, 0.0, 710.0, 1e4])
    dout = np.array([2.0, -1.0, -3.0, 5.0, -2.0])
    expect(tanh_backward, dout, x).close([0.0, 0.0, -3.0, 0.0, 0.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(1)
        dout, x = rng.normal(0, 1, shape), rng.normal(0, 2, shape)
        expect(tanh_backward, dout, x).close(reference.tanh_backward(dout, x))
    expect(tanh_backward, -2.0, 0.7).close(reference.tanh_backward(-2.0, 0.7))
with check("float32 stays float32, integers in x give the right floats"):
    dout, x = np.array([1.0, -2.0, 3.0, 4.0]), np.array([-3, -1, 0, 2])
    expected = reference.tanh_backward(dout, 1.0 * x)
    expect(tanh_backward, dout, x).close(expected)
    small = expect(tanh_backward, dout.astype(np.float32), x.astype(np.float32))
    small.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -1.0], [0.5, 4.0]]), np.array([[0.5, 2.0], [-2.0, 0.0]])
    expect(tanh_backward, dout, x).close(reference.tanh_backward(dout, x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: where the slope goes

Both functions that you have just written are flat far from 0, and a flat function passes no gradient back. The
experiment draws each one with its slope and shades the places where less than a tenth of the largest slope is left:
there the unit is **saturated**.

*What to look at*: how high the slope gets, and how narrow the white strip is.

*What you should see*: the sigmoid's slope never exceeds ¼, tanh's reaches 1. In return tanh saturates at half the
distance, $\lvert z \rvert = 1.82$ instead of 3.64, because $\tanh z = 2\sigma(2z) - 1$ is a sigmoid squeezed to half
its width. At z = 5 the slope is 0.0066 for the sigmoid and 0.00018 for tanh.
"""

# %% role="demo" id="experiment-saturation"
from dlkit.lab import experiment, figure

with experiment(), figure("A saturated unit passes hardly any gradient back", columns=2, sharey=True) as panels:
    z = np.linspace(-6, 6, 12001)
    functions = [("sigmoid", sigmoid, sigmoid_backward), ("tanh", tanh, tanh_backward)]
    for panel, (name, f, backward) in zip(panels, functions, strict=True):
        slope = backward(np.ones_like(z), z)
        saturated = slope < 0.1 * slope.max()
        edge = z[~saturated].max()
        panel.plot(z, f(z), label="the function")
        panel.plot(z, slope, "--", label="its slope")
        panel.fill_between(z, -1.1, 1.1, where=saturated, color="0.92", label="saturated: slope < 10 % of its peak")
        panel.set(xlabel="z", ylim=(-1.1, 1.1), title=f"{name}: steepest {slope.max():.2f}, at z = 0")
        at_5 = backward(np.ones(1), np.array([5.0]))[0]
        print(f"{name:8s} largest slope {slope.max():.2f}   saturated beyond |z| = {edge:.2f}   slope at 5: {at_5:.2g}")
    panels[0].set_ylabel("value")
    panels[0].legend(loc="lower right")

# %% [markdown]
r"""
**What to say in an interview.** “A sigmoid multiplies the gradient by at most ¼, and by less than 0.02 once
$\lvert z \rvert$ is above 4. tanh is better near 0, where its slope is 1, but it saturates too.”
"""

# %% [markdown]
r"""
### Experiment: the zig-zag path of all-positive inputs

A linear unit with two weights starts at (0, 0) and should reach (1, −1). Its inputs are the outputs of the layer below.
After a sigmoid they are all positive. The gradient of one example is error · x, so both of its components have the
error's sign: **every step goes up-right or down-left**, and the way to the lower right must be pieced together from
steps that do not point there.

Three kinds of input are made from the same random numbers $a$: $\sigma(a)$; the same centred, $\sigma(a) - \tfrac12$;
and $\tanh(a)$. The learning rate is the same for all. The left panel follows one run, the right one averages 200.

*What you should see*: with $\sigma(a)$, 100 % of the steps go up-right or down-left, centred 50 %. The zig-zag makes
the path 4.7 long, against 1.7.

But look at the right panel. At the same learning rate both are there after about as many steps, 76 and 77. **Centring
alone makes the path straight, not fast.** What it buys is room: one example's step is stable as long as the learning
rate stays below $2 / \lVert x \rVert^2$, and centring lowers the bound on $\lVert x \rVert^2$ from 2 to $\tfrac12$.
One can spend that on a larger learning rate, or on a wider range. tanh does the latter. Its $\lVert x \rVert^2$ is
below 2 again, as the sigmoid's is, and it arrives after 10 steps.
"""

# %% role="demo" id="experiment-zigzag"
from dlkit.lab import experiment, figure

goal = np.array([1.0, -1.0])


def descend(inputs, rate):
    """Paths of R runs: one example per step and run. inputs: (T, R, 2). Returns (T + 1, R, 2)."""
    path = [np.zeros(inputs.shape[1:])]
    for x in inputs:
        error = ((path[-1] - goal) * x).sum(axis=-1, keepdims=True)  # (R, 1)
        path.append(path[-1] - rate * error * x)
    return np.array(path)


with experiment(), figure("All-positive inputs: the weights can only zig-zag", columns=2) as (left, right):
    a = np.random.default_rng(1).normal(0, 1, (100, 200, 2))
    kinds = [("σ(a)", sigmoid(a), "-"), ("σ(a) − ½", sigmoid(a) - 0.5, "--"), ("tanh(a)", tanh(a), "-")]
    for name, inputs, line in kinds:
        path = descend(inputs, rate=0.8)
        steps = np.diff(path, axis=0)
        distance = np.linalg.norm(path - goal, axis=-1).mean(axis=1)
        same_sign = np.mean(steps[:10].prod(axis=-1) > 0)
        length = np.linalg.norm(steps, axis=-1).sum(axis=0).mean()
        arrived = np.argmax(distance < 0.1)
        print(f"{name:9s} up-right or down-left: {same_sign:4.0%} of the first 10 steps   ", end="")
        print(f"path length {length:.1f}   within 0.1 after {arrived} steps")
        if name != "tanh(a)":
            left.plot(*path[:, 0].T, "." + line, linewidth=1.2, label=name)
        right.semilogy(distance, line, label=name)
    left.plot(*goal, "k*", markersize=13, label="goal")
    left.set(xlabel="first weight", ylabel="second weight", title="one run, 100 steps")
    right.axhline(0.1, color="0.5", linewidth=1, linestyle=":")
    right.set(xlabel="steps", ylabel="distance from the goal", ylim=(1e-3, 2), title="average of 200 runs")
    left.legend()
    right.legend()

# %% [markdown]
r"""
**What to say in an interview.** “If all inputs of a unit are positive, one example's gradient has one sign in all
components, so the weights move up together or down together. The cure is to centre: standardized inputs, tanh rather
than sigmoid in hidden layers, and normalization.”
"""

# %% [markdown]
r"""
### Concept questions: saturation and centring

Each of the following cells asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="sigmoid_depth" points=1

# %% role="question" id="zigzag_minibatch" points=1

# %% [markdown]
r"""
## ReLU and its family

### ReLU ★ · 4 min

**Given** `x`, any shape or a plain number, **return** the positive part of every number, with x's shape:

$$ \mathrm{relu}(x) = \max(0, x) $$

NaN stays NaN: an activation that turns NaN into 0 hides a bug further down. Nothing warns, at ±10 000 either. float32
stays float32, integers give the right values (an integer result is fine), `x` itself stays as it is.

*Worked number.* relu([−2, 0, 3.5]) = [0, 0, 3.5].

**What the interviewer is after**: one vectorized line, and three reasons why it replaced the sigmoid (no saturation on
the right, sparse outputs, cheap). **Follow-ups**: what is lost on the left? ReLU is not differentiable at 0: why does
training not care? A smaller learning rate keeps units alive; does a starting bias of 0.01? Why does He initialization
ask for twice the variance?

<details><summary>Hint 1</summary>You need the larger of two numbers, element by element: NumPy has a function for that,
and it is not the one that reduces over an axis.</details>
<details><summary>Hint 2</summary><code>np.maximum</code> hands NaN on; <code>np.fmax</code> and a comparison with
<code>np.where</code> may lose it. Try each on NaN.</details>
"""

# %% role="solve" id="relu"
from dlkit.reference.activations import relu

# %% role="check" id="relu-check" points=2
with check("three values worked by hand"):
    expect(relu, np.array([-2.0, 0.0, 3.5])).close([0.0, 0.0, 3.5])
with check("NaN stays NaN"):
    expect(relu, np.array([np.nan, -1.0, 2.0])).close([np.nan, 0.0, 2.0])
with check("x is left alone"):
    expect(relu, np.array([[-1.0, 0.5], [3.0, -20.0]])).close([[0.0, 0.5], [3.0, 0.0]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(1).normal(0, 3, shape)
        expect(relu, x).close(reference.relu(x))
    expect(relu, 1.5).close(1.5)
    expect(relu, -1.5).close(0.0)
with check("float32 stays float32, integers give the right values"):
    x = np.array([-3, -0.25, 0, 2.5], dtype=np.float32)
    expect(relu, x).close([0.0, 0.0, 0.0, 2.5]).dtype(np.float32)
    expect(relu, np.array([-3, 0, 4])).close([0, 0, 4])
with check("right and silent at ±10 000"):
    expect(relu, np.array([-1e4, -1e-4, 1e-4, 1e4])).close([0.0, 0.0, 1e-4, 1e4]).no_warning()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### ReLU, backwards ★ · 5 min

**Given** `dout` = ∂L/∂relu(x) and `x`, the input of the forward pass, **return** `dx` = ∂L/∂x with x's shape:

$$ \frac{d}{dx}\mathrm{relu}(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases} $$

ReLU is a gate: it lets the gradient through where it let the number through. At the kink, x = 0, take the left branch's
derivative, 0.

`x` and `dout` have the same shape, any shape, or are two plain numbers. If both are float32, so is dx. `x` may hold
integers. Neither argument is changed. NaN is not asked about.

*Worked number.* For x = [−2, 0, 3] and dout = [10, 20, −30], dx = [0, 0, −30].

**What the interviewer is after**: that the gate looks at x, not at dout, and that dout may well be negative where the
gate is open. **Follow-ups**: would relu(x) do in place of x, so that the cache holds only one of them? How many bits
per number must the cache hold? What is the gradient of a unit that is negative on every sample, and who can revive it?

<details><summary>Hint 1</summary>Where x is positive, relu is the identity. What is its derivative there, and what does
the chain rule make of dout?</details>
<details><summary>Hint 2</summary>A boolean mask, multiplied with an array, keeps that array's dtype. An array of 1.0
and 0.0 made by <code>np.where(…, 1.0, 0.0)</code> is float64.</details>
"""

# %% role="solve" id="relu_backward"
from dlkit.reference.activations import relu_backward

# %% role="check" id="relu_backward-check" points=2
with check("three gradients worked by hand, one at the kink"):
    dout, x = np.array([10.0, 20.0, -30.0]), np.array([-2.0, 0.0, 3.0])
    expect(relu_backward, dout, x).close([0.0, 0.0, -30.0])
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    x = rng.uniform(0.2, 2, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))
    gradients(lambda x: np.maximum(x, 0), relu_backward, x)
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -1.0], [0.5, 4.0]]), np.array([[0.5, 2.0], [-2.0, -3.0]])
    expect(relu_backward, dout, x).close([[2.0, -1.0], [0.0, 0.0]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(1)
        dout, x = rng.normal(0, 1, shape), rng.normal(0, 3, shape)
        expect(relu_backward, dout, x).close(reference.relu_backward(dout, x))
    expect(relu_backward, -2.0, 1.5).close(-2.0)
with check("float32 stays float32"):
    x, dout = np.array([-3, -1, 0, 2], dtype=np.float32), np.array([1, -2, 3, -4.5], dtype=np.float32)
    expect(relu_backward, dout, x).close([0.0, 0.0, 0.0, -4.5]).dtype(np.float32)
with check("integers in x give the right values, at ±10 000 too"):
    dout, x = np.array([0.5, -2.5, 1.5, 0.25]), np.array([-10_000, 1, 10_000, 0])
    expect(relu_backward, dout, x).close([0.0, -2.5, 1.5, 0.0]).no_warning()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the kink
"""

# %% role="question" id="kink_descent" points=1

# %% [markdown]
r"""
### Leaky ReLU ★ · 5 min

**Given** `x`, any shape or a plain number, and `slope`, any real number (default 0.01), **return**, with x's shape:

$$ f(x) = \begin{cases} x & x > 0 \\ \text{slope} \cdot x & x \le 0 \end{cases} $$

The slope may be 0 (plain ReLU), above 1, or negative: slope = −1 is the absolute value. Your function follows the cases
above for all of them. Nothing warns, at ±10 000 either. float32 stays float32, integers in `x` give the right floats,
`x` itself stays as it is.

*Worked number.* With the default slope, [−2, 0, 3] becomes [−0.02, 0, 3]. With slope = 2 it becomes [−4, 0, 3], with
slope = −1 it becomes [2, 0, 3].

**What the interviewer is after**: which problem of ReLU does this cure, and when does the well-known shortcut
max(x, slope · x) stop being right? **Follow-ups**: why has leaky ReLU not replaced ReLU everywhere? What does a network
compute if slope = 1? Why do GAN discriminators often use 0.2?

<details><summary>Hint 1</summary>Try the shortcut with slope = 2 at x = −1: which of −1 and −2 is larger, and which one
do you want?</details>
<details><summary>Hint 2</summary><code>np.where</code> writes the two cases down as they stand.</details>
"""

# %% role="solve" id="leaky_relu"
from dlkit.reference.activations import leaky_relu

# %% role="check" id="leaky_relu-check" points=2
with check("three values with the default slope, worked by hand"):
    expect(leaky_relu, np.array([-2.0, 0.0, 3.0])).close([-0.02, 0.0, 3.0])
with check("slopes 0.3, 0 and −1"):
    x = np.array([[-2.0, 0.5], [3.0, -0.1]])
    expect(leaky_relu, x, slope=0.3).close([[-0.6, 0.5], [3.0, -0.03]])
    expect(leaky_relu, x, slope=0.0).close([[0.0, 0.5], [3.0, 0.0]])
    expect(leaky_relu, x, slope=-1.0).close([[2.0, 0.5], [3.0, 0.1]])
with check("a slope above 1"):
    expect(leaky_relu, np.array([-2.0, 0.0, 3.0]), slope=2.0).close([-4.0, 0.0, 3.0])
with check("x is left alone"):
    expect(leaky_relu, np.array([[-1.0, 0.5], [3.0, -20.0]])).close([[-0.01, 0.5], [3.0, -0.2]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(1).normal(0, 3, shape)
        expect(leaky_relu, x, slope=0.2).close(reference.leaky_relu(x, slope=0.2))
    expect(leaky_relu, -1.5).close(-0.015)
with check("float32 stays float32, integers give the right floats"):
    x = np.array([-3, -0.25, 0, 2.5], dtype=np.float32)
    expect(leaky_relu, x).close([-0.03, -0.0025, 0.0, 2.5], rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(leaky_relu, np.array([-3, 0, 4])).close([-0.03, 0.0, 4.0])
with check("right and silent at ±10 000, for five slopes"):
    x = np.array([-1e4, -1.0, 0.5, 1e4])
    for slope in [-2.5, -0.5, 0.01, 1.0, 3.0]:
        expect(leaky_relu, x, slope=slope).close(reference.leaky_relu(x, slope=slope)).no_warning()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Leaky ReLU, backwards ★ · 5 min

**Given** `dout` = ∂L/∂f(x), the forward's input `x`, and the forward's `slope` (any real number, default 0.01),
**return** `dx` = ∂L/∂x with x's shape:

$$ f'(x) = \begin{cases} 1 & x > 0 \\ \text{slope} & x \le 0 \end{cases} $$

At the kink, x = 0, the derivative is the left branch's: `slope`. `slope` is an option, so it gets no gradient.

`x` and `dout` have the same shape, any shape, or are two plain numbers. If both are float32, so is dx. Integers in `x`
give the right floats. Neither argument is changed.

*Worked number.* For x = [−2, 0, 3] and dout = [10, 20, −30], dx = [0.1, 0.2, −30] with the default slope, and
[5, 10, −30] with slope = 0.5.

**What the interviewer is after**: the gate is never quite shut, so a unit that is negative on all data can still come
back. **Follow-ups**: can you compute dx from the output f(x) and not from x, and for which slopes? How much gradient is
left after ten layers that all sit on the negative side?

<details><summary>Hint 1</summary>Each number of dout is multiplied by 1 or by slope. What decides which?</details>
<details><summary>Hint 2</summary><code>np.where(x &gt; 0, 1.0, slope)</code> is float64 even for float32 input. Choose
between two arrays that are made from dout.</details>
"""

# %% role="solve" id="leaky_relu_backward"
from dlkit.reference.activations import leaky_relu_backward

# %% role="check" id="leaky_relu_backward-check" points=2
with check("three gradients worked by hand, one at the kink"):
    dout, x = np.array([10.0, 20.0, -30.0]), np.array([-2.0, 0.0, 3.0])
    expect(leaky_relu_backward, dout, x).close([0.1, 0.2, -30.0])
with check("slopes 0.5, 2 and −1"):
    dout, x = np.array([10.0, -20.0, -30.0]), np.array([-2.0, -1.0, 3.0])
    expect(leaky_relu_backward, dout, x, slope=0.5).close([5.0, -10.0, -30.0])
    expect(leaky_relu_backward, dout, x, slope=2.0).close([20.0, -40.0, -30.0])
    expect(leaky_relu_backward, dout, x, slope=-1.0).close([-10.0, 20.0, -30.0])
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    x = rng.uniform(0.2, 2, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))
    gradients(lambda x, slope: np.where(x > 0, x, slope * x), leaky_relu_backward, x, slope=0.1)
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -1.0], [0.5, 4.0]]), np.array([[0.5, 2.0], [-2.0, -3.0]])
    expect(leaky_relu_backward, dout, x).close([[2.0, -1.0], [0.005, 0.04]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(1)
        dout, x = rng.normal(0, 1, shape), rng.normal(0, 3, shape)
        expect(leaky_relu_backward, dout, x, slope=0.2).close(reference.leaky_relu_backward(dout, x, slope=0.2))
    expect(leaky_relu_backward, -2.0, -1.5).close(-0.02)
with check("float32 stays float32"):
    x, dout = np.array([-3, -1, 0, 2], dtype=np.float32), np.array([1, -2, 3, -4.5], dtype=np.float32)
    expected = [0.01, -0.02, 0.03, -4.5]
    expect(leaky_relu_backward, dout, x).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers in x give the right floats, at ±10 000 too"):
    dout, x = np.array([0.5, -2.5, 1.5, 0.25]), np.array([-10_000, 1, 10_000, 0])
    expect(leaky_relu_backward, dout, x).close([0.005, -2.5, 1.5, 0.0025]).no_warning()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### PReLU ★★ · 10 min

**Given** `x` of shape `(N, C)` or `(N, C, H, W)` and `alpha` of shape `(C,)`, **return**, with x's shape, leaky ReLU
with a slope of its own for each channel c:

$$ f(x) = \begin{cases} x & x > 0 \\ \alpha_c\, x & x \le 0 \end{cases} $$

The channel is axis 1 in both layouts, also when the image is as wide as it has channels. The slopes are learnt, so they
may become any real number: negative and above 1 too. N may be 0, C may be 1.

Nothing warns, at ±10 000 either. If x and alpha are float32, so is the result. Integers in `x` give the right floats.
Neither argument is changed.

*Worked number.* x = [[−2, −2], [3, −1]] and alpha = [0.25, 0.5] give [[−0.5, −1], [3, −0.5]].

**What the interviewer is after**: broadcasting along axis 1, without a loop and without guessing. **Follow-ups**: how
many parameters does PReLU add to a convolution with 64 filters? Why is weight decay on alpha a bad idea? What becomes
of the non-linearity where alpha reaches 1? When would you share one alpha across all channels?

<details><summary>Hint 1</summary>NumPy lines up shapes from the right. Which axis of <code>(N, C, H, W)</code> would
<code>(C,)</code> meet?</details>
<details><summary>Hint 2</summary>Give alpha the shape <code>(C, 1, 1)</code> for images, and leave it
<code>(C,)</code> for features.</details>
<details><summary>Hint 3</summary>The number of ones is <code>x.ndim − 2</code>. Then choose between x and alpha · x by
the sign of x, not by which one is larger.</details>
"""

# %% role="solve" id="prelu"
from dlkit.reference.activations import prelu

# %% role="check" id="prelu-check" points=4
with check("(N, C): four values worked by hand"):
    x, alpha = np.array([[-2.0, -2.0], [3.0, -1.0]]), np.array([0.25, 0.5])
    expect(prelu, x, alpha).close([[-0.5, -1.0], [3.0, -0.5]])
with check("(N, C, H, W): the channel is axis 1"):
    x = np.array([[-1.0, 2.0, -3.0], [-4.0, -5.0, 6.0]]).reshape(1, 2, 1, 3)
    expect(prelu, x, np.array([0.1, 0.5])).close(np.array([[[[-0.1, 2.0, -0.3]], [[-2.0, -2.5, 6.0]]]]))
with check("slopes above 1 and below 0"):
    x = np.array([[-2.0, -2.0, -2.0], [3.0, 1.0, 2.0]])
    expect(prelu, x, np.array([2.0, -1.0, 0.0])).close([[-4.0, 2.0, 0.0], [3.0, 1.0, 2.0]])
with check("x and alpha are left alone"):
    x, alpha = np.array([[-2.0, 1.0], [3.0, -1.0]]), np.array([0.25, 0.5])
    expect(prelu, x, alpha).close([[-0.5, 1.0], [3.0, -0.5]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("random shapes: one channel, one sample, no sample, images as wide as they have channels"):
    rng = np.random.default_rng(1)
    for shape in [(5, 1), (1, 4), (0, 3), (2, 3, 3, 3), (3, 2, 4, 5), (4, 4)]:
        x, alpha = rng.normal(0, 2, shape), rng.normal(0, 1.5, shape[1])
        expect(prelu, x, alpha).close(reference.prelu(x, alpha))
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    x, alpha = rng.normal(0, 2, (2, 3, 2, 2)).astype(np.float32), np.array([0.25, 0.5, 2], dtype=np.float32)
    expect(prelu, x, alpha).close(reference.prelu(x, alpha), rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers in x give the right floats, silent at ±10 000"):
    x = np.array([[-10_000, 3], [5, -3], [0, 10_000]])
    expect(prelu, x, np.array([0.25, 0.5])).close([[-2500.0, 3.0], [5.0, -1.5], [0.0, 10_000.0]]).no_warning()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### PReLU, backwards ★★ · 12 min

**Given** `dout` = ∂L/∂f(x), and the forward's `x` of shape `(N, C)` or `(N, C, H, W)` and `alpha` of shape `(C,)`,
**return** the tuple `(dx, dalpha)`: `dx` with x's shape, `dalpha` with shape `(C,)`.

$$ \frac{\partial f}{\partial x} = \begin{cases} 1 & x > 0 \\ \alpha_c & x \le 0 \end{cases}
\qquad
\frac{\partial L}{\partial \alpha_c} = \sum_{n,\,h,\,w \;:\; x_{nchw} \le 0} \text{dout}_{nchw}\; x_{nchw} $$

One slope serves the whole batch and every place of its channel, so its gradient is a *sum* over all of them (not a
mean). For `(N, C)` the sum runs over n only. At the kink, x = 0, dx takes the left branch's slope $\alpha_c$.

The channel is axis 1 in both layouts. The slopes are any real numbers. N may be 0 (dalpha is then 0), C may be 1. If
all three arguments are float32, so are both results. Integers in `x` give the right floats. Nothing warns, at ±10 000
either. No argument is changed.

*Worked number.* x = [[−2, −2], [3, −1]], alpha = [0.25, 0.5] and dout = [[1, 2], [3, 4]] give
dx = [[0.25, 1], [3, 2]] and dalpha = [−2, −8].

**What the interviewer is after**: the rule that a parameter used many times collects a sum of gradients, over exactly
the axes along which it was broadcast. **Follow-ups**: where else have you seen this sum (bias, γ and β of batch norm)?
Does dalpha depend on alpha? Why may a large image make dalpha large, and what does that ask of its learning rate?

<details><summary>Hint 1</summary>dx is leaky ReLU's gradient with alpha broadcast as in the forward. For dalpha, write
down f for a single x ≤ 0 and differentiate it with respect to alpha.</details>
<details><summary>Hint 2</summary>Build an array of x's shape that holds dout · x where x ≤ 0 and 0 elsewhere.
<code>np.minimum(x, 0)</code> helps.</details>
<details><summary>Hint 3</summary>Sum it over every axis but 1: axis 0 for features, axes 0, 2 and 3 for images.
<code>sum</code> takes a tuple of axes.</details>
"""

# %% role="solve" id="prelu_backward"
from dlkit.reference.activations import prelu_backward

# %% role="check" id="prelu_backward-check" points=4
with check("(N, C): dx and dalpha worked by hand"):
    dout, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[-2.0, -2.0], [3.0, -1.0]])
    expected = (np.array([[0.25, 1.0], [3.0, 2.0]]), np.array([-2.0, -8.0]))
    expect(prelu_backward, dout, x, np.array([0.25, 0.5])).close(expected)
with check("(N, C): gradients along random directions"):
    rng = np.random.default_rng(0)
    x = rng.uniform(0.2, 2, (5, 3)) * rng.choice([-1.0, 1.0], (5, 3))
    gradients(lambda x, alpha: np.where(x > 0, x, alpha * x), prelu_backward, x, np.array([0.25, -0.5, 2.0]))
with check("(N, C, H, W): dalpha sums over the batch and over all places"):
    x = np.array([[-1.0, 2.0, -3.0], [-4.0, -5.0, 6.0]]).reshape(1, 2, 1, 3)
    dout = np.array([[1.0, 10.0, 2.0], [1.0, -1.0, 10.0]]).reshape(1, 2, 1, 3)
    dx = np.array([[0.1, 10.0, 0.2], [0.5, -0.5, 10.0]]).reshape(1, 2, 1, 3)
    expect(prelu_backward, dout, x, np.array([0.1, 0.5])).close((dx, np.array([-7.0, 1.0])))
with check("the kink: at x = 0 dx has the slope alpha"):
    dout, x = np.array([[3.0, -2.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [-1.0, 2.0]])
    expected = (np.array([[0.75, -1.0], [0.25, 1.0]]), np.array([-1.0, 0.0]))
    expect(prelu_backward, dout, x, np.array([0.25, 0.5])).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("(N, C, H, W): gradients along random directions, as wide as it has channels"):
    rng = np.random.default_rng(3)
    x = rng.uniform(0.2, 2, (2, 3, 2, 3)) * rng.choice([-1.0, 1.0], (2, 3, 2, 3))
    gradients(reference.prelu, prelu_backward, x, np.array([0.25, -0.5, 2.0]))
with check("random shapes: one channel, one sample, no sample"):
    rng = np.random.default_rng(1)
    for shape in [(5, 1), (1, 4), (0, 3), (3, 2, 4, 5), (4, 4)]:
        dout, x, alpha = rng.normal(0, 1, shape), rng.normal(0, 2, shape), rng.normal(0, 1.5, shape[1])
        expect(prelu_backward, dout, x, alpha).close(reference.prelu_backward(dout, x, alpha))
with check("float32 stays float32 in both gradients"):
    rng = np.random.default_rng(2)
    dout, x = (rng.normal(0, 2, (2, 3, 2, 2)).astype(np.float32) for _ in range(2))
    alpha = np.array([0.25, 0.5, 2], dtype=np.float32)
    expected = reference.prelu_backward(dout, x, alpha)
    expect(prelu_backward, dout, x, alpha).close(expected, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("integers in x, silent at ±10 000, arguments left alone"):
    x, dout = np.array([[-10_000, 3], [5, -3], [0, 10_000]]), np.array([[0.5, 1.5], [2.5, 1.0], [4.0, -1.0]])
    expected = (np.array([[0.125, 1.5], [2.5, 0.5], [1.0, -1.0]]), np.array([-5000.0, -3.0]))
    expect(prelu_backward, dout, x, np.array([0.25, 0.5])).close(expected).no_warning().unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## ELU and SELU

### ELU ★★ · 8 min

**Given** `x`, any shape or a plain number, and `alpha`, a positive number (default 1.0), **return**, with x's shape:

$$ f(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x \le 0 \end{cases} $$

The trap is that `np.where` computes *both* branches for every number, and then throws one away. At x = 10 000 the
branch that is thrown away overflows and warns. Your function is right, finite and silent (no `RuntimeWarning`) from
−10 000 to 10 000.

float32 stays float32, integers in `x` give the right floats, `x` itself stays as it is.

*Worked number.* f(−1) = −0.632121 and f(2) = 2. With alpha = 0.5, f(−2) = −0.432332.

**What the interviewer is after**: that you know what `np.where` evaluates, and what ELU buys for its exponential: mean
activations near zero, and a smooth step to a floor of −alpha. **Follow-ups**: is ELU differentiable at 0, and for which
alpha? Why may the same `where` produce NaN gradients in an autodiff framework although the values are right? Why
`expm1`?

<details><summary>Hint 1</summary>Whatever enters the exponential must not be positive, also where its result is not
used.</details>
<details><summary>Hint 2</summary><code>np.minimum(x, 0)</code> leaves the negative numbers as they are and makes the
others harmless.</details>
<details><summary>Hint 3</summary>Use <code>np.where(x &gt; 0, x, …)</code>, the second branch being alpha times
<code>np.expm1</code> of that minimum.</details>
"""

# %% role="solve" id="elu"
from dlkit.reference.activations import elu

# %% role="check" id="elu-check" points=4
with check("four values worked by hand"):
    expect(elu, np.array([-1.0, 0.0, 2.0, -0.5])).close([-0.6321205588, 0.0, 2.0, -0.3934693403])
with check("alpha 0.5 and 2"):
    x = np.array([-2.0, 3.0, -1.0])
    expect(elu, x, alpha=0.5).close([-0.4323323584, 3.0, -0.3160602794])
    expect(elu, x, alpha=2.0).close([-1.7293294335, 3.0, -1.2642411177])
with check("right and silent at ±10 000"):
    expect(elu, np.array([-1e4, -710.0, 710.0, 1e4])).close([-1.0, -1.0, 710.0, 1e4]).no_warning()
with check("x is left alone"):
    expect(elu, np.array([[-1.0, 0.5], [3.0, -0.5]])).close([[-0.6321205588, 0.5], [3.0, -0.3934693403]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(1).normal(0, 3, shape)
        expect(elu, x, alpha=1.3).close(reference.elu(x, alpha=1.3))
    expect(elu, -1.5).close(reference.elu(-1.5))
with check("float32 stays float32"):
    x = np.array([-3, -0.25, 0, 2.5], dtype=np.float32)
    expect(elu, x, alpha=0.7).close(reference.elu(x, alpha=0.7), rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right floats"):
    expect(elu, np.array([-3, -1, 0, 4])).close(reference.elu(np.array([-3.0, -1.0, 0.0, 4.0])))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### ELU, backwards ★★ · 8 min

**Given** `dout` = ∂L/∂f(x), the forward's input `x` (not its output), and the forward's `alpha` (a positive number,
default 1.0), **return** `dx` = ∂L/∂x with x's shape:

$$ f'(x) = \begin{cases} 1 & x > 0 \\ \alpha\,e^{x} & x \le 0 \end{cases} $$

At x = 0 the derivative is the left branch's, alpha; for alpha ≠ 1 there is a kink. `alpha` is an option, so it gets no
gradient.

`x` and `dout` have the same shape, any shape, or are two plain numbers. The result is right, finite and silent (no
`RuntimeWarning`) from −10 000 to 10 000. If both are float32, so is dx. Integers in `x` give the right floats. Neither
argument is changed.

*Worked number.* At x = −1 the derivative is 0.367879, and 0.183940 with alpha = 0.5. With dout = −4 at x = −1 and
alpha = 1, dx = −1.471518.

**What the interviewer is after**: each branch differentiated on its own, the same trap with `np.where` as in the
forward, and the kink. **Follow-ups**: write the left derivative with the forward's output, f(x) + alpha: what does that
save? Where does ELU saturate, and is that worse than ReLU's zero? For which alpha is f′ continuous?

<details><summary>Hint 1</summary>Differentiate alpha · (e^x − 1). What becomes of the −1?</details>
<details><summary>Hint 2</summary>As in the forward, let the exponential see <code>np.minimum(x, 0)</code>
only.</details>
<details><summary>Hint 3</summary>Choose between 1 and alpha · exp(min(x, 0)) with <code>x &gt; 0</code>, so that 0
falls to the left, and multiply by dout.</details>
"""

# %% role="solve" id="elu_backward"
from dlkit.reference.activations import elu_backward

# %% role="check" id="elu_backward-check" points=4
with check("three gradients worked by hand"):
    dout, x = np.array([-4.0, 3.0, 10.0]), np.array([-1.0, 2.0, -2.0])
    expect(elu_backward, dout, x).close([-1.4715177647, 3.0, 1.3533528324])
with check("the kink: at x = 0 the derivative is alpha"):
    dout, x = np.array([2.0, 3.0, -1.0]), np.array([0.0, 1.0, -1.0])
    expect(elu_backward, dout, x, alpha=0.5).close([1.0, 3.0, -0.1839397206])
with check("gradient along random directions, alpha 0.7"):
    rng = np.random.default_rng(0)
    x = rng.uniform(0.2, 2, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))
    gradients(lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x) - 1)), elu_backward, x, alpha=0.7)
with check("right and silent at ±10 000"):
    x = np.array([-1e4, -710.0, 710.0, 1e4])
    expect(elu_backward, np.array([2.0, 3.0, -4.0, 5.0]), x).close([0.0, 0.0, -4.0, 5.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (), (5,), (2, 3, 4) and empty"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(1)
        dout, x = rng.normal(0, 1, shape), rng.normal(0, 3, shape)
        expect(elu_backward, dout, x, alpha=1.3).close(reference.elu_backward(dout, x, alpha=1.3))
    expect(elu_backward, -2.0, -1.5).close(reference.elu_backward(-2.0, -1.5))
with check("float32 stays float32, integers in x give the right floats"):
    dout, x = np.array([1.0, -2.0, 3.0, 4.5]), np.array([-3, -1, 0, 2])
    expected = reference.elu_backward(dout, 1.0 * x, alpha=0.7)
    expect(elu_backward, dout, x, alpha=0.7).close(expected)
    small = expect(elu_backward, dout.astype(np.float32), x.astype(np.float32), alpha=0.7)
    small.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -1.0], [0.5, 4.0]]), np.array([[0.5, 2.0], [-2.0, -3.0]])
    expect(elu_backward, dout, x).close(reference.elu_backward(dout, x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### SELU ★★ · 8 min

**Given** `x`, an array of any shape or a plain number, **return** SELU(x) with x's shape:

$$ \mathrm{selu}(x) = s \cdot \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x \le 0 \end{cases}
\qquad s = 1.0507009873554805,\quad \alpha = 1.6732632423543772 $$

It is ELU with two constants that nobody tunes. Feed it numbers with mean 0 and variance 1, drawn from a normal
distribution, and out come numbers with mean 0 and variance 1 again. A deep stack of such layers then keeps its
activations in range with no normalization layer.

Use both constants with all their digits: results are judged to a relative accuracy of $10^{-6}$. Your function must be
right and silent from −10 000 to 10 000: the exponential must not see a large positive x, because `np.where` computes
both branches. float32 stays float32, integers give the right floats, `x` itself stays as it is.

*Worked number.* selu(1) = 1.050701, selu(−1) = −1.111331, selu(0) = 0. For very negative x the curve ends at
−sα = −1.758099.

**What the interviewer is after**: do you know what "self-normalizing" promises, and under which conditions?
**Follow-ups**: which initialization does the promise assume, and which kind of dropout? Why must the slope for positive
x be above 1? Why must an activation with this property have a negative part? What breaks the argument in a network with
skip connections?

<details><summary>Hint 1</summary>Both constants are fixed, so this is one line more than ELU. What does s multiply: one
branch, or both?</details>
<details><summary>Hint 2</summary><code>np.where(x > 0, a, b)</code> computes a and b everywhere. Make b harmless where
it is not chosen.</details>
<details><summary>Hint 3</summary>Cut the exponent's argument off with <code>np.minimum(x, 0.0)</code>, and let
<code>np.expm1</code> compute $e^{x} - 1$.</details>
"""

# %% role="solve" id="selu"
from dlkit.reference.activations import selu

# %% role="check" id="selu-check" points=4
with check("five values worked by hand"):
    expect(selu, np.array([0.0, 1.0, 2.0, -1.0, -2.0])).close(
        [0.0, 1.05070098736, 2.10140197471, -1.11133073783, -1.52016646878]
    )
with check("right and silent at ±10 000"):
    expect(selu, np.array([-1e4, -800.0, 800.0, 1e4])).close(
        [-1.75809934085, -1.75809934085, 840.560789884, 10507.0098736]
    ).no_warning()
with check("a standard normal comes out with mean 0 and variance 1"):
    x = np.linspace(-10, 10, 20001)
    weight = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) * 0.001
    expect(selu, x).satisfies(
        lambda y: (
            abs(np.sum(weight * y)) < 1e-6 and abs(np.sum(weight * y**2) - 1) < 1e-6 and abs(np.min(y) + 1.758) < 1e-3
        ),
        "mean 0 and variance 1 under the normal density, and a smallest value of −1.758",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and a plain number"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(1).normal(0, 3, shape)
        expect(selu, x).close(reference.selu(x))
    expect(selu, -1.5).close(reference.selu(-1.5))
with check("float32 stays float32 and silent, integers give the right floats"):
    x = np.array([-1e4, -3, -0.5, 0, 0.5, 2, 1e4], dtype=np.float32)
    expect(selu, x).close(reference.selu(x), rtol=1e-5, atol=1e-6).dtype(np.float32).no_warning()
    expect(selu, np.array([-3, -1, 0, 4])).close(reference.selu(np.array([-3.0, -1.0, 0.0, 4.0])))
with check("both sides of the kink, close to 0"):
    x = np.array([-0.1, -1e-3, -1e-5, 0.0, 1e-5, 1e-3, 0.1])
    expect(selu, x).close(reference.selu(x))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5], [3.0, -20.0]])
    expect(selu, x).close(reference.selu(x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Smooth relatives of ReLU

### Softplus ★ · 6 min

**Given** `x`, an array of any shape or a plain number, **return** softplus(x) with x's shape:

$$ \mathrm{softplus}(x) = \ln(1 + e^{x}) $$

It is ReLU with its corner rounded off: nearly 0 far to the left, nearly x far to the right. Typed as it stands, the
formula overflows at x = 710 and returns infinity where the answer is simply 710.

Your function must be right, finite and silent from −10 000 to 10 000. `np.logaddexp` is allowed. Do not switch to x too
early: at x = 10 the difference still counts. float32 stays float32, integers give the right floats, `x` itself stays as
it is.

*Worked number.* softplus(0) = ln 2 = 0.693147, softplus(1) = 1.313262, softplus(−2) = 0.126928. Since
softplus(x) − softplus(−x) = x, softplus(−1) = 1.313262 − 1 = 0.313262.

**What the interviewer is after**: can you rewrite a formula so that only harmless exponentials are left?
**Follow-ups**: where do you meet softplus in the binary cross-entropy with logits? How do you make a network's output a
valid standard deviation? Why do hidden layers use ReLU all the same? What is the inverse of softplus, and when do you
need it?

<details><summary>Hint 1</summary>Take $e^{x}$ out of the logarithm for positive x. What is left inside?</details>
<details><summary>Hint 2</summary>For x > 0: $\ln(1 + e^{x}) = x + \ln(1 + e^{-x})$. Now find one expression for both
signs.</details>
<details><summary>Hint 3</summary>Either max(x, 0) plus <code>np.log1p</code> of an exponential of −|x|; or read 1 as
$e^{0}$ and let <code>np.logaddexp</code> do it.</details>
"""

# %% role="solve" id="softplus"
from dlkit.reference.activations import softplus

# %% role="check" id="softplus-check" points=2
with check("four values worked by hand"):
    expect(softplus, np.array([0.0, 1.0, -2.0, 10.0])).close([0.69314718056, 1.31326168752, 0.126928011043, 10.0000453989])
with check("right and silent at ±10 000"):
    expect(softplus, np.array([-1e4, -720.0, 800.0, 1e4])).close([0.0, 0.0, 800.0, 1e4]).no_warning()
    expect(softplus, np.array([0.0, 1e4, 2.0])).close([0.69314718056, 1e4, 2.12692801104]).no_warning()
with check("softplus(x) = x + softplus(−x)"):
    x = np.linspace(-5, 4, 12).reshape(3, 4)
    expect(softplus, x).close(x + np.log(1 + np.exp(-x)))
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and a plain number"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(2).normal(0, 3, shape)
        expect(softplus, x).close(reference.softplus(x))
    expect(softplus, 1.5).close(reference.softplus(1.5))
with check("float32 stays float32 and silent, integers give the right floats"):
    x = np.array([-1e4, -3, -0.5, 0, 0.5, 2, 100, 1e4], dtype=np.float32)
    expect(softplus, x).close(reference.softplus(x), rtol=1e-5, atol=1e-6).dtype(np.float32).no_warning()
    expect(softplus, np.array([-3, 0, 4])).close(reference.softplus(np.array([-3.0, 0.0, 4.0])))
with check("not yet x at 6, not yet 0 at −6"):
    x = np.array([-9.0, -6.0, -4.0, 5.5, 6.0, 10.0])
    expect(softplus, x).close(reference.softplus(x))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5], [3.0, -20.0]])
    expect(softplus, x).close(reference.softplus(x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Softplus, backwards ★ · 5 min

**Given** `dout` = ∂L/∂softplus(x) and the forward's input `x`, both of the same shape (arrays or plain numbers),
**return** `dx` = ∂L/∂x with that shape. Differentiate

$$ y = \ln(1 + e^{x}), \qquad \frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \cdot \frac{dy}{dx} $$

The derivative is a function that you know by name. Like the forward it must be right, finite and silent from −10 000 to
10 000. When both arguments are float32, so is the result; `x` may be made of integers. Neither argument is changed.

*Worked number.* The slope is 0.5 at x = 0, 0.880797 at x = 2 and 0.119203 at x = −2. With dout = [1, 2, −3] at
x = [0, 2, −2], dx = [0.5, 1.761594, −0.357609].

**What the interviewer is after**: do you recognise the derivative, and do you remember to write it stably?
**Follow-ups**: what is the second derivative, and what does it say about softplus? Why does no unit die here, unlike
with ReLU? The step function is to ReLU what … is to softplus?

<details><summary>Hint 1</summary>Chain rule: the derivative of ln u is u'/u. What is u here?</details>
<details><summary>Hint 2</summary>Divide numerator and denominator of $e^{x} / (1 + e^{x})$ by $e^{x}$.</details>
<details><summary>Hint 3</summary>It is the sigmoid. Write it with z = exp(−|x|): the denominator is 1 + z for both
signs, the numerator depends on the sign.</details>
"""

# %% role="solve" id="softplus_backward"
from dlkit.reference.activations import softplus_backward

# %% role="check" id="softplus_backward-check" points=2
with check("three values worked by hand"):
    dout, x = np.array([1.0, 2.0, -3.0]), np.array([0.0, 2.0, -2.0])
    expect(softplus_backward, dout, x).close([0.5, 1.76159415596, -0.357608766066])
with check("gradient along random directions"):
    x = np.random.default_rng(3).normal(0, 2, (3, 4))
    gradients(lambda x: np.log(1 + np.exp(x)), softplus_backward, x)
with check("right and silent at ±10 000"):
    dout, x = np.array([2.0, 5.0, -3.0, 4.0]), np.array([-1e4, -800.0, 800.0, 1e4])
    expect(softplus_backward, dout, x).close([0.0, 0.0, -3.0, 4.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and plain numbers"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(4)
        dout, x = rng.standard_normal(shape), rng.normal(0, 3, shape)
        expect(softplus_backward, dout, x).close(reference.softplus_backward(dout, x))
    expect(softplus_backward, 2.0, -1.5).close(reference.softplus_backward(2.0, -1.5))
with check("float32 stays float32 and silent, integer x gives the right floats"):
    x = np.array([-1e4, -100, -3, 0, 0.5, 2, 1e4], dtype=np.float32)
    dout = np.array([1, -1, 0.5, 2, -2, 3, 0.25], dtype=np.float32)
    expected = reference.softplus_backward(dout, x)
    expect(softplus_backward, dout, x).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32).no_warning()
    dout, x = np.array([0.5, -1.5, 2.0]), np.array([-3, 0, 4])
    expect(softplus_backward, dout, x).close(reference.softplus_backward(dout, 1.0 * x))
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -0.5], [1.0, 3.0]]), np.array([[-1.0, 0.5], [3.0, -20.0]])
    expect(softplus_backward, dout, x).close(reference.softplus_backward(dout, x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### GELU ★★ · 10 min

**Given** `x`, an array of any shape (not empty) or a plain number, **return** GELU(x) with x's shape. The option
`approximate` says which of two forms:

$$ \texttt{"none"}: \quad x\,\Phi(x) = \frac{x}{2}\Bigl(1 + \mathrm{erf}\bigl(x / \sqrt2\,\bigr)\Bigr) $$

$$ \texttt{"tanh"}: \quad
\frac{x}{2}\Bigl(1 + \tanh\bigl(\sqrt{2/\pi}\;(x + 0.044715\,x^{3})\bigr)\Bigr) $$

Φ(x) is the probability that a standard normal variable lies below x. So ReLU multiplies x by 0 or 1, decided by its
sign; GELU multiplies x by that probability: nearly 1 for large x, nearly 0 for very negative x.

The default is `"none"`, the exact form. Any other string is a `ValueError`. NumPy has no erf; `math.erf` through
`np.vectorize` is fine, and so is `np.tanh`. Both forms are right and silent from −10 000 to 10 000, float32 stays
float32 (mind what `np.vectorize` returns), integers give the right floats, `x` itself stays as it is.

*Worked number.* GELU(1) = 0.841345 in the exact form and 0.841192 in the tanh form; GELU(−1) = −0.158655 and −0.158808.
The two forms are never more than 0.00048 apart.

**What the interviewer is after**: can you say what Φ does in words, and do you know that two forms are in use?
**Follow-ups**: where is GELU's minimum, and what does it mean that the curve is not monotonic? What happens to a model
trained with one form and run with the other? Why does a smooth gate suit a transformer? What does the approximation
$x\,\sigma(1.702\,x)$ remind you of?

<details><summary>Hint 1</summary>Φ and erf are the same curve, stretched: Φ(x) runs from 0 to 1, erf from −1 to
1.</details>
<details><summary>Hint 2</summary><code>np.vectorize(math.erf)</code> maps a scalar function over an array. Its option
<code>otypes</code> sets the dtype of what comes out.</details>
<details><summary>Hint 3</summary>Make x a float array first (<code>1.0 * np.asarray(x)</code> keeps float32). Then one
branch a form, and <code>raise ValueError</code> at the end.</details>
"""

# %% role="solve" id="gelu"
from dlkit.reference.activations import gelu

# %% role="check" id="gelu-check" points=4
with check("exact form, the default: values worked by hand"):
    expect(gelu, np.array([0.0, 1.0, -1.0, 2.0])).close([0.0, 0.841344746069, -0.158655253931, 1.9544997361])
with check("tanh form: values worked by hand"):
    x = np.array([0.0, 1.0, -1.0, 2.0])
    expect(gelu, x, approximate="tanh").close([0.0, 0.841191990608, -0.158808009392, 1.95459769401])
with check("any other approximate is a ValueError"):
    expect(gelu, np.array([0.5, -1.0]), approximate="none").close([0.34573123063, -0.158655253931])
    expect(gelu, np.array([0.5, -1.0]), approximate="sigmoid").raises(ValueError)
with check("both forms are right and silent at ±10 000"):
    x = np.array([-1e4, -40.0, 40.0, 1e4])
    expect(gelu, x).close([0.0, 0.0, 40.0, 1e4]).no_warning()
    expect(gelu, x, approximate="tanh").close([0.0, 0.0, 40.0, 1e4]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape, both forms: (5,), (2, 3, 4) and a plain number"):
    for form in ("none", "tanh"):
        for shape in [(5,), (2, 3, 4)]:
            x = np.random.default_rng(5).normal(0, 2, shape)
            expect(gelu, x, approximate=form).close(reference.gelu(x, form))
        expect(gelu, -1.5, approximate=form).close(reference.gelu(-1.5, form))
with check("float32 stays float32, both forms"):
    x = np.array([-1e4, -3, -0.5, 0, 0.5, 2, 1e4], dtype=np.float32)
    expect(gelu, x).close(reference.gelu(x), rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.gelu(x, "tanh")
    expect(gelu, x, approximate="tanh").close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right floats, both forms"):
    x = np.array([-3, -1, 0, 2])
    expect(gelu, x).close(reference.gelu(1.0 * x))
    expect(gelu, x, approximate="tanh").close(reference.gelu(1.0 * x, "tanh"))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5], [3.0, -2.0]])
    expect(gelu, x).close(reference.gelu(x)).unchanged()
    expect(gelu, x, approximate="tanh").close(reference.gelu(x, "tanh")).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### GELU, backwards ★★ · 12 min

**Given** `dout` = ∂L/∂GELU(x) and the forward's input `x`, both of the same shape (arrays that are not empty, or plain
numbers), **return** `dx` = ∂L/∂x with that shape. Each form has its own derivative, so `approximate` says which forward
was run:

$$ \texttt{"none"}: \; y = x\,\Phi(x) = \frac{x}{2}\Bigl(1 + \mathrm{erf}\bigl(x / \sqrt2\,\bigr)\Bigr) \qquad
\texttt{"tanh"}: \; y = \frac{x}{2}\bigl(1 + \tanh u\bigr), \quad u = \sqrt{2/\pi}\;(x + 0.044715\,x^{3}) $$

In both, x acts twice: as a factor, and inside Φ or tanh. The default is `"none"`; any other string is a `ValueError`.
`math.erf` through `np.vectorize` and `np.tanh` are fine.

Both forms are right and silent from −10 000 to 10 000. When both arguments are float32, so is the result; `x` may be
made of integers. Neither argument is changed.

*Worked number.* In the exact form the slope is 0.5 at x = 0, 1.083315 at x = 1 and −0.083315 at x = −1. In the tanh
form it is 0.5, 1.082964 and −0.082964.

**What the interviewer is after**: do you see both paths of x, and do you know that Φ' is the normal density?
**Follow-ups**: where is the slope negative, and can that hurt? How large does the slope get, and why is a value above 1
no problem for one layer? What would you keep from the forward to make the backward cheap?

<details><summary>Hint 1</summary>Product rule: one term is the gate itself, the other is x times the gate's
derivative.</details>
<details><summary>Hint 2</summary>Exact form: Φ'(x) is the standard normal density $e^{-x^2/2} / \sqrt{2\pi}$. Tanh
form: (tanh u)' = (1 − tanh² u) · u'.</details>
<details><summary>Hint 3</summary>Exact: Φ + x · density. Tanh, with t = tanh u: (1 + t + x (1 − t²) u') / 2, where u'
has two terms, the second with a factor 3.</details>
"""

# %% role="solve" id="gelu_backward"
from dlkit.reference.activations import gelu_backward

# %% role="check" id="gelu_backward-check" points=4
with check("exact form, the default: values worked by hand"):
    dout, x = np.array([1.0, 2.0, -3.0]), np.array([0.0, 1.0, -1.0])
    expect(gelu_backward, dout, x).close([0.5, 2.16663094118, 0.249946411765])
with check("exact form: gradient along random directions"):
    x = np.random.default_rng(6).normal(0, 1.5, (3, 4))
    erf = np.vectorize(math.erf)
    gradients(lambda x: x / 2 * (1 + erf(x / np.sqrt(2))), gelu_backward, x)
with check("tanh form: gradient along random directions"):
    x = np.random.default_rng(7).normal(0, 1.5, (3, 4))
    gradients(
        lambda x, approximate: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
        gelu_backward,
        x,
        approximate="tanh",
    )
with check("any other approximate is a ValueError"):
    dout, x = np.array([1.0, -2.0]), np.array([0.0, 1.0])
    expect(gelu_backward, dout, x, approximate="none").close([0.5, -2.16663094118])
    expect(gelu_backward, dout, x, approximate="sigmoid").raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape, both forms: (5,), (2, 3, 4) and plain numbers"):
    for form in ("none", "tanh"):
        for shape in [(5,), (2, 3, 4)]:
            rng = np.random.default_rng(8)
            dout, x = rng.standard_normal(shape), rng.normal(0, 2, shape)
            expect(gelu_backward, dout, x, approximate=form).close(reference.gelu_backward(dout, x, form))
        expect(gelu_backward, 2.0, -1.5, approximate=form).close(reference.gelu_backward(2.0, -1.5, form))
with check("both forms are right and silent at ±10 000"):
    dout, x = np.array([2.0, 5.0, -3.0, 4.0]), np.array([-1e4, -40.0, 40.0, 1e4])
    expect(gelu_backward, dout, x).close([0.0, 0.0, -3.0, 4.0]).no_warning()
    expect(gelu_backward, dout, x, approximate="tanh").close([0.0, 0.0, -3.0, 4.0]).no_warning()
with check("float32 stays float32, integer x gives the right floats"):
    x = np.array([-3, -0.5, 0, 0.5, 2, 1e4], dtype=np.float32)
    dout = np.array([1, -1, 0.5, 2, -2, 3], dtype=np.float32)
    for form in ("none", "tanh"):
        expected = reference.gelu_backward(dout, x, form)
        expect(gelu_backward, dout, x, approximate=form).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
        integers = np.array([-3, -1, 0, 2, 4])
        expected = reference.gelu_backward(np.ones(5), 1.0 * integers, form)
        expect(gelu_backward, np.ones(5), integers, approximate=form).close(expected)
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -0.5], [1.0, 3.0]]), np.array([[-1.0, 0.5], [3.0, -2.0]])
    for form in ("none", "tanh"):
        expected = reference.gelu_backward(dout, x, form)
        expect(gelu_backward, dout, x, approximate=form).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Swish and SiLU ★ · 6 min

**Given** `x`, an array of any shape or a plain number, and `beta`, any real number, **return** swish(x) with x's shape:

$$ \mathrm{swish}(x) = x \, \sigma(\beta x) = \frac{x}{1 + e^{-\beta x}} $$

At β = 1, the default, it is called SiLU. β turns a dial: β = 0 gives the straight line x/2, and a large β gives nearly
ReLU. A negative β mirrors the gate.

Your function must be right, finite and silent for x from −10 000 to 10 000, for a negative β too: what may overflow is
decided by the sign of βx, not of x. float32 stays float32, integers give the right floats, `x` itself stays as it is.

*Worked number.* At β = 1, swish(1) = 0.731059 and swish(−1) = −0.268941. At β = 2, swish(1) = 0.880797.

**What the interviewer is after**: can you place SiLU between a straight line and ReLU, and keep the sigmoid stable?
**Follow-ups**: where is the minimum of SiLU, and how deep is it? How does SiLU compare with GELU? What is SwiGLU, and
why has it three weight matrices? How would you make β learnable?

<details><summary>Hint 1</summary>This is x times a sigmoid. The only difficulty is the sigmoid's argument βx.</details>
<details><summary>Hint 2</summary>Put u = βx and compute σ(u) with z = exp(−|u|), which lies in (0, 1].</details>
<details><summary>Hint 3</summary>σ(u) is 1/(1 + z) for u ≥ 0 and z/(1 + z) for u < 0; then multiply by x, not
by u.</details>
"""

# %% role="solve" id="swish"
from dlkit.reference.activations import swish

# %% role="check" id="swish-check" points=2
with check("SiLU (beta 1, the default): three values worked by hand"):
    expect(swish, np.array([0.0, 1.0, -1.0])).close([0.0, 0.73105857863, -0.26894142137])
with check("beta 2, 0 and −1"):
    x = np.array([1.0, -1.0, 3.0])
    expect(swish, x, beta=2.0).close([0.880797077978, -0.119202922022, 2.99258213895])
    expect(swish, x, beta=0.0).close([0.5, -0.5, 1.5])
    expect(swish, x, beta=-1.0).close([0.26894142137, -0.73105857863, 0.142277620532])
with check("right and silent at ±10 000"):
    x = np.array([-1e4, -800.0, 800.0, 1e4])
    expect(swish, x).close([0.0, 0.0, 800.0, 1e4]).no_warning()
    expect(swish, x, beta=-3.0).close([-1e4, -800.0, 0.0, 0.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and a plain number"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(9).normal(0, 3, shape)
        expect(swish, x, beta=0.7).close(reference.swish(x, 0.7))
    expect(swish, -1.5).close(reference.swish(-1.5))
with check("float32 stays float32 and silent, integers give the right floats"):
    x = np.array([-1e4, -3, -0.5, 0, 0.5, 2, 1e4], dtype=np.float32)
    for beta in (1.0, -1.5):
        expected = reference.swish(x, beta)
        expect(swish, x, beta=beta).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32).no_warning()
    expect(swish, np.array([-3, 0, 4])).close(reference.swish(np.array([-3.0, 0.0, 4.0])))
with check("beta 50 is nearly ReLU"):
    x = np.array([-2.0, -0.5, -0.01, 0.0, 0.01, 0.5, 2.0])
    expect(swish, x, beta=50.0).close(reference.swish(x, 50.0))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5], [3.0, -20.0]])
    expect(swish, x).close(reference.swish(x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Swish and SiLU, backwards ★ · 8 min

**Given** `dout` = ∂L/∂swish(x) and the forward's input `x`, both of the same shape (arrays or plain numbers), and
`beta`, any real number, **return** `dx` = ∂L/∂x with that shape. Differentiate

$$ y = x \, \sigma(\beta x), \qquad \sigma(u) = \frac{1}{1 + e^{-u}} $$

x acts twice: as the factor in front, and inside the sigmoid, where it comes with β. β is an option here and gets no
gradient.

Right, finite and silent for x from −10 000 to 10 000, for negative β too. When both arguments are float32, so is the
result; `x` may be made of integers. Neither argument is changed.

*Worked number.* At β = 1 the slope is 0.5 at x = 0, 0.927671 at x = 1 and 0.072329 at x = −1. At β = 2 and x = 1 it is
1.090784.

**What the interviewer is after**: the product rule with an inner derivative, and a formula that survives large x.
**Follow-ups**: write the derivative with y = swish(x) only once computed. Where does the slope exceed 1, and how far?
If β were learnt per channel, what would ∂L/∂β be, and over which axes would you sum it?

<details><summary>Hint 1</summary>Product rule. The first term is the sigmoid as it stands.</details>
<details><summary>Hint 2</summary>σ'(u) = σ(u)(1 − σ(u)), and the derivative of βx is β.</details>
<details><summary>Hint 3</summary>With s = σ(βx) computed from exp(−|βx|): dx = dout · (s + βx · s(1 − s)). For large
|x| the product s(1 − s) is 0, so nothing overflows.</details>
"""

# %% role="solve" id="swish_backward"
from dlkit.reference.activations import swish_backward

# %% role="check" id="swish_backward-check" points=2
with check("SiLU (beta 1, the default): three values worked by hand"):
    dout, x = np.array([1.0, 2.0, -3.0]), np.array([0.0, 1.0, -1.0])
    expect(swish_backward, dout, x).close([0.5, 1.85534102308, -0.21698846537])
with check("gradient along random directions, beta 1 and beta 1.7"):
    x = np.random.default_rng(10).normal(0, 1.5, (3, 4))
    gradients(lambda x: x / (1 + np.exp(-x)), swish_backward, x)
    gradients(lambda x, beta: x / (1 + np.exp(-beta * x)), swish_backward, x, beta=1.7)
with check("right and silent at ±10 000"):
    dout, x = np.array([2.0, 5.0, -3.0, 4.0]), np.array([-1e4, -800.0, 800.0, 1e4])
    expect(swish_backward, dout, x).close([0.0, 0.0, -3.0, 4.0]).no_warning()
    expect(swish_backward, dout, x, beta=-3.0).close([2.0, 5.0, 0.0, 0.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and plain numbers"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(11)
        dout, x = rng.standard_normal(shape), rng.normal(0, 3, shape)
        expect(swish_backward, dout, x).close(reference.swish_backward(dout, x))
    expect(swish_backward, 2.0, -1.5).close(reference.swish_backward(2.0, -1.5))
with check("beta 0, 0.3 and −2"):
    rng = np.random.default_rng(12)
    dout, x = rng.standard_normal((4, 3)), rng.normal(0, 2, (4, 3))
    for beta in (0.0, 0.3, -2.0):
        expect(swish_backward, dout, x, beta=beta).close(reference.swish_backward(dout, x, beta))
with check("float32 stays float32 and silent, integer x gives the right floats"):
    x = np.array([-1e4, -3, -0.5, 0, 0.5, 2, 1e4], dtype=np.float32)
    dout = np.array([1, -1, 0.5, 2, -2, 3, 0.25], dtype=np.float32)
    for beta in (1.0, -1.5):
        expected = reference.swish_backward(dout, x, beta)
        answer = expect(swish_backward, dout, x, beta=beta)
        answer.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32).no_warning()
    dout, x = np.array([0.5, -1.5, 2.0]), np.array([-3, 0, 4])
    expect(swish_backward, dout, x).close(reference.swish_backward(dout, 1.0 * x))
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -0.5], [1.0, 3.0]]), np.array([[-1.0, 0.5], [3.0, -20.0]])
    expect(swish_backward, dout, x).close(reference.swish_backward(dout, x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: the ReLU family side by side

Six functions that are nearly the same where z is large and positive. They differ in what they do with a negative z, and
so in whether a unit that has slipped there can come back.

*What to look at*: the dashed slope at z = −2, and the lowest point of each curve.

*What you should see*: ReLU's slope is exactly 0 for every negative z. Leaky ReLU keeps its slope of 0.1 for ever
(0.01 by default; 0.1 can be seen). ELU and softplus keep some slope, which fades to 0. GELU and swish bend **below**
zero, to −0.170 at z = −0.75 and to −0.278 at z = −1.28: they are not monotonic, and left of that point their slope is
negative. To the right both exceed a slope of 1 for a while, up to 1.13 and 1.10.
"""

# %% role="demo" id="experiment-relu-family"
from dlkit.lab import experiment, figure

with experiment(), figure("The ReLU family differs at negative z", columns=3, rows=2, sharey=True) as panels:
    family = {
        "ReLU": (relu, relu_backward),
        "leaky ReLU, slope 0.1": (lambda z: leaky_relu(z, 0.1), lambda dout, z: leaky_relu_backward(dout, z, 0.1)),
        "ELU": (elu, elu_backward),
        "softplus": (softplus, softplus_backward),
        "GELU": (gelu, gelu_backward),
        "swish (SiLU)": (swish, swish_backward),
    }
    z = np.linspace(-4, 3, 701)
    for panel, (name, (f, backward)) in zip(panels, family.items(), strict=True):
        value, slope = f(z), backward(np.ones_like(z), z)
        panel.plot(z, value, label="value")
        panel.plot(z, slope, "--", label="slope")
        panel.set(title=name, xlabel="z", ylim=(-1.2, 3))
        low = z[np.argmin(value)]
        lowest = f"lowest {value.min():6.3f} at z = {low:5.2f}" if low > z[0] else "no lowest point"
        print(f"{name:22s} slope at −2: {slope[200]:6.3f}   largest slope {slope.max():.2f}   {lowest}")
    panels[0].legend(loc="upper left")

# %% [markdown]
r"""
### Concept questions: the price of smoothness
"""

# %% role="question" id="why_gelu_now" points=1

# %% role="question" id="exp_on_gpu" points=1

# %% [markdown]
r"""
## Piecewise-linear units: maxout and hard tanh

### Maxout ★★ · 10 min

**Given** `x` of shape `(N, D)`, weights `W` of shape `(k, D, M)` and biases `b` of shape `(k, M)`, **return** `out` of
shape `(N, M)`:

$$ \text{out}_{n,m} = \max_{i = 1 \dots k} \; \Bigl( \sum_{d} x_{n,d} \, W_{i,d,m} + b_{i,m} \Bigr) $$

Each of the M units owns k linear pieces and outputs the largest. The network learns the shape of its activation: with
k = 2 a unit can be ReLU, leaky ReLU or the absolute value. Nothing else is applied, so an output may well be negative.

k, N, D and M may each be 1, and are at least 1. float32 stays float32, integers give the right values, no argument is
changed. Loops are allowed.

*Worked number.* One sample x = [1, 2], one unit, pieces W₁ = [1, 0] and W₂ = [0, 1], b = [0.5, −2]: the pieces are 1.5
and 0, so out = 1.5.

**What the interviewer is after**: can you keep three axes apart, and say what maxout costs? **Follow-ups**: how many
parameters has a maxout layer compared with a dense one? Why is each unit convex in x, and how do two units together
become any continuous function? Why can a maxout unit not die as a ReLU can? Why was it invented to go with dropout?

<details><summary>Hint 1</summary>Compute all pieces first: an array of shape <code>(k, N, M)</code>. Which axis does
the maximum remove?</details>
<details><summary>Hint 2</summary><code>x @ W</code> broadcasts: <code>(N, D) @ (k, D, M)</code> has shape
<code>(k, N, M)</code>.</details>
<details><summary>Hint 3</summary>b has shape <code>(k, M)</code>. It needs an axis of length 1 in the middle before it
can be added to <code>(k, N, M)</code>.</details>
"""

# %% role="solve" id="maxout"
from dlkit.reference.activations import maxout

# %% role="check" id="maxout-check" points=4
with check("one sample, two pieces, worked by hand"):
    x = np.array([[1.0, 2.0]])
    W = np.array([[[1.0], [0.0]], [[0.0], [1.0]]])
    expect(maxout, x, W, np.array([[0.5], [-2.0]])).close([[1.5]])
with check("the pieces x and −x make the absolute value"):
    x = np.array([[-3.0], [-0.5], [0.0], [2.0]])
    expect(maxout, x, np.array([[[1.0]], [[-1.0]]]), np.zeros((2, 1))).close([[3.0], [0.5], [0.0], [2.0]])
with check("three pieces with biases, three samples, two units"):
    x = np.array([[1.0, -1.0], [2.0, 0.5], [-1.0, -2.0]])
    W = np.array([[[1.0, 0.0], [0.0, 1.0]], [[-1.0, 2.0], [1.0, 0.0]], [[0.5, 0.5], [0.5, -1.0]]])
    b = np.array([[0.0, 1.0], [3.0, -2.0], [1.0, 0.25]])
    expect(maxout, x, W, b).close([[1.0, 1.75], [2.25, 2.0], [2.0, 1.75]])
with check("nothing is cut off at 0"):
    x, W = np.array([[1.0], [2.0], [0.5]]), np.array([[[-1.0]], [[-2.0]]])
    expect(maxout, x, W, np.array([[-0.5], [0.25]])).close([[-1.5], [-2.5], [-0.75]])
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("a single piece is a dense layer"):
    rng = np.random.default_rng(13)
    x, W, b = rng.standard_normal((4, 3)), rng.standard_normal((1, 3, 5)), rng.standard_normal((1, 5))
    expect(maxout, x, W, b).close(x @ W[0] + b[0]).shape((4, 5))
with check("any N, D, M, k: also 1, also N = k and M = k"):
    for k, N, D, M in [(2, 3, 4, 5), (3, 3, 2, 3), (4, 1, 1, 2), (2, 6, 3, 1), (5, 2, 1, 5)]:
        rng = np.random.default_rng(14)
        x, W, b = rng.standard_normal((N, D)), rng.standard_normal((k, D, M)), rng.standard_normal((k, M))
        expect(maxout, x, W, b).close(reference.maxout(x, W, b))
with check("float32 stays float32, integers give the right values"):
    rng = np.random.default_rng(15)
    x, W, b = (rng.standard_normal(shape).astype(np.float32) for shape in [(4, 3), (2, 3, 5), (2, 5)])
    expect(maxout, x, W, b).close(reference.maxout(x, W, b), rtol=1e-5, atol=1e-5).dtype(np.float32)
    x, W, b = (rng.integers(-4, 5, shape) for shape in [(4, 3), (2, 3, 5), (2, 5)])
    expect(maxout, x, W, b).close(reference.maxout(1.0 * x, 1.0 * W, 1.0 * b))
with check("x, W and b are left alone"):
    rng = np.random.default_rng(16)
    x, W, b = rng.standard_normal((3, 2)), rng.standard_normal((4, 2, 3)), rng.standard_normal((4, 3))
    expect(maxout, x, W, b).close(reference.maxout(x, W, b)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Maxout, backwards ★★ · 15 min

**Given** `dout` of shape `(N, M)` and the forward's `x (N, D)`, `W (k, D, M)` and `b (k, M)`, **return** the tuple
`(dx, dW, db)` of gradients, each with the shape of its array. The forward was

$$ z_{i,n,m} = \sum_{d} x_{n,d} \, W_{i,d,m} + b_{i,m}, \qquad \text{out}_{n,m} = \max_{i} z_{i,n,m} $$

For each sample n and unit m one piece wins. It alone gets the gradient `dout[n, m]`; the other k − 1 pieces get 0. If
pieces are equal, the first of them (lowest i) wins and gets all of it.

The gradients are those of a loss that is already summed, so sum over the batch and do not divide by N. k, N, D and M
are at least 1. When all four arguments are float32, so are the gradients; integers give the right values. No argument is
changed. Loops are allowed.

*Worked number.* x = [[1, 2]], one unit, W₁ = [1, 0], W₂ = [0, 1], b = 0: the pieces are 1 and 2, so piece 2 wins. With
dout = [[3]], dx = [[0, 3]], the gradient of W₁ is [0, 0], that of W₂ is [3, 6], and db = [[0], [3]].

**What the interviewer is after**: do you route the gradient by who won, unit by unit, before you touch any matrix?
**Follow-ups**: where else does a maximum route gradients in a network? Which pieces never learn, and what would you do
about them? What would you cache in the forward, the pieces or the winners? Is the gradient at a tie right?

<details><summary>Hint 1</summary>First find the gradient of the pieces, an array of shape <code>(k, N, M)</code> with
one nonzero entry for each (n, m).</details>
<details><summary>Hint 2</summary><code>argmax</code> over the pieces gives the winners, ties to the first; compare it
with <code>np.arange(k)</code>, shaped so that it broadcasts.</details>
<details><summary>Hint 3</summary>Then each piece is a dense layer: $dW_i = x^\top dz_i$, $db_i$ sums $dz_i$ over n, and
every piece adds $dz_i W_i^\top$ to dx.</details>
"""

# %% role="solve" id="maxout_backward"
from dlkit.reference.activations import maxout_backward

# %% role="check" id="maxout_backward-check" points=4
with check("one sample, two pieces, worked by hand"):
    dout, x = np.array([[3.0]]), np.array([[1.0, 2.0]])
    W, b = np.array([[[1.0], [0.0]], [[0.0], [1.0]]]), np.zeros((2, 1))
    expect(maxout_backward, dout, x, W, b).close(
        (np.array([[0.0, 3.0]]), np.array([[[0.0], [0.0]], [[3.0], [6.0]]]), np.array([[0.0], [3.0]]))
    )
with check("two pieces: gradient along random directions"):
    rng = np.random.default_rng(17)
    x, W, b = rng.standard_normal((4, 3)), rng.standard_normal((2, 3, 2)), rng.standard_normal((2, 2))

    def larger_of_two(x, W, b):
        p, q = x @ W[0] + b[0], x @ W[1] + b[1]
        return (p + q + abs(p - q)) / 2

    gradients(larger_of_two, maxout_backward, x, W, b)
with check("of equal pieces the first gets the whole gradient"):
    dout, x = np.array([[5.0]]), np.array([[1.0, 1.0]])
    W, b = np.array([[[0.0], [1.0]], [[2.0], [0.0]], [[0.0], [2.0]]]), np.zeros((3, 1))
    expect(maxout_backward, dout, x, W, b).close(
        (
            np.array([[10.0, 0.0]]),
            np.array([[[0.0], [0.0]], [[5.0], [5.0]], [[0.0], [0.0]]]),
            np.array([[0.0], [5.0], [0.0]]),
        )
    )
with check("the bias has a say in who wins"):
    dout, x = np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0]])
    W, b = np.array([[[1.0]], [[-1.0]]]), np.array([[-3.0], [0.5]])
    expect(maxout_backward, dout, x, W, b).close(
        (np.array([[-1.0], [-2.0]]), np.array([[[0.0]], [[-1.0]]]), np.array([[0.0], [3.0]]))
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("three pieces: gradient along random directions"):
    rng = np.random.default_rng(18)
    x, W, b = rng.standard_normal((4, 3)), rng.standard_normal((3, 3, 5)), rng.standard_normal((3, 5))
    gradients(reference.maxout, maxout_backward, x, W, b)
with check("any N, D, M, k: also 1, also N = k and M = k"):
    for k, N, D, M in [(2, 3, 4, 5), (3, 3, 2, 3), (1, 4, 2, 3), (4, 1, 1, 2), (2, 6, 3, 1), (5, 2, 1, 5)]:
        rng = np.random.default_rng(19)
        x, W, b = rng.standard_normal((N, D)), rng.standard_normal((k, D, M)), rng.standard_normal((k, M))
        dout = rng.standard_normal((N, M))
        expect(maxout_backward, dout, x, W, b).close(reference.maxout_backward(dout, x, W, b))
with check("float32 stays float32"):
    rng = np.random.default_rng(20)
    dout, x, W, b = (rng.standard_normal(s).astype(np.float32) for s in [(4, 5), (4, 3), (2, 3, 5), (2, 5)])
    expected = reference.maxout_backward(dout, x, W, b)
    expect(maxout_backward, dout, x, W, b).close(expected, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("dout, x, W and b are left alone"):
    rng = np.random.default_rng(21)
    dout, x, W, b = (rng.standard_normal(s) for s in [(3, 3), (3, 2), (4, 2, 3), (4, 3)])
    expect(maxout_backward, dout, x, W, b).close(reference.maxout_backward(dout, x, W, b)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the price of maxout
"""

# %% role="question" id="maxout_parameters" points=1

# %% [markdown]
r"""
### Hard tanh ★ · 4 min

**Given** `x`, an array of any shape or a plain number, and two limits with `low` < `high`, **return** x held between
them, with x's shape:

$$ \mathrm{hardtanh}(x) = \begin{cases} \text{low} & x < \text{low} \\ x & \text{low} \le x \le \text{high} \\
\text{high} & x > \text{high} \end{cases} $$

It is tanh drawn with a ruler: two flat ends and a straight middle, with no exponential to pay for. The limits are
options, −1 and 1 by default. They need not be symmetric, nor lie on both sides of 0: `low=0, high=6` is ReLU6.

Right and silent from −10 000 to 10 000. float32 stays float32; integer x must give the right values for limits that
are not whole, such as 2.5. `x` itself stays as it is.

*Worked number.* x = [−2, −0.5, 0, 0.3, 5] gives [−1, −0.5, 0, 0.3, 1], and with low = 0, high = 6 it gives
[0, 0, 0, 0.3, 5].

**What the interviewer is after**: a fast answer, and a word on why a cheap bounded unit is worth having.
**Follow-ups**: why do small and quantized networks like ReLU6? What does hard tanh do to gradients that tanh does not?
How would you build a hard sigmoid from it? Write it as a difference of two ReLUs.

<details><summary>Hint 1</summary>Two comparisons, or one minimum and one maximum.</details>
<details><summary>Hint 2</summary><code>np.clip</code> does it in one call; so does <code>np.minimum</code> of
<code>np.maximum</code>. Neither writes into x.</details>
"""

# %% role="solve" id="hard_tanh"
from dlkit.reference.activations import hard_tanh

# %% role="check" id="hard_tanh-check" points=2
with check("five values worked by hand"):
    expect(hard_tanh, np.array([-2.0, -0.5, 0.0, 0.3, 5.0])).close([-1.0, -0.5, 0.0, 0.3, 1.0])
with check("other limits: ReLU6, and both above 0"):
    x = np.array([-2.0, 0.3, 2.5, 5.0, 8.0])
    expect(hard_tanh, x, low=0.0, high=6.0).close([0.0, 0.3, 2.5, 5.0, 6.0])
    expect(hard_tanh, x, low=1.0, high=3.0).close([1.0, 1.0, 2.5, 3.0, 3.0])
with check("at the limits and at ±10 000, silent"):
    x = np.array([-1e4, -1.0, -0.999, 0.999, 1.0, 1e4])
    expect(hard_tanh, x).close([-1.0, -1.0, -0.999, 0.999, 1.0, 1.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and a plain number"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(22).normal(0, 3, shape)
        expect(hard_tanh, x, low=-1.5, high=0.75).close(reference.hard_tanh(x, -1.5, 0.75))
    expect(hard_tanh, 1.5).close(1.0)
with check("float32 stays float32"):
    x = np.array([-3, -1, -0.5, 0, 0.5, 2], dtype=np.float32)
    expect(hard_tanh, x).close(reference.hard_tanh(x), rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers with limits that are not whole"):
    expect(hard_tanh, np.array([-4, -1, 0, 2, 3]), low=-1.5, high=2.5).close([-1.5, -1.0, 0.0, 2.0, 2.5])
with check("x is left alone"):
    x = np.array([[-1.5, 0.5], [3.0, -20.0]])
    expect(hard_tanh, x).close(reference.hard_tanh(x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Hard tanh, backwards ★ · 4 min

**Given** `dout` = ∂L/∂hardtanh(x) and the forward's input `x`, both of the same shape (arrays or plain numbers), and
the limits `low` < `high`, **return** `dx` = ∂L/∂x with that shape. The forward was

$$ y = \min\bigl(\max(x, \text{low}),\, \text{high}\bigr) $$

In the straight middle the slope is 1, on the flat ends it is 0. Exactly at a limit the curve has a kink; here the
derivative is 0 at **both** limits.

Right and silent from −10 000 to 10 000. When both arguments are float32, so is the result; `x` may be made of integers.
Neither argument is changed.

*Worked number.* With dout = [1, 2, 3, 4] at x = [−2, −1, 0.5, 1], dx = [0, 0, 3, 0]. With low = −3 and high = 1 it is
[1, 2, 3, 0].

**What the interviewer is after**: the gradient is a mask of the input, and you know what happens to a unit that sits
on a flat end. **Follow-ups**: what does the straight-through estimator do with this gradient? What is different when
you clip gradients instead of activations? Which derivative does PyTorch choose at the limits?

<details><summary>Hint 1</summary>Multiply dout by 1 or by 0. Which of the two arguments decides?</details>
<details><summary>Hint 2</summary>Two comparisons of x, joined with <code>&amp;</code>; think about <code>&lt;</code>
against <code>&lt;=</code>.</details>
"""

# %% role="solve" id="hard_tanh_backward"
from dlkit.reference.activations import hard_tanh_backward

# %% role="check" id="hard_tanh_backward-check" points=2
with check("values worked by hand, default limits and others"):
    dout, x = np.array([1.0, 2.0, 3.0, 4.0]), np.array([-2.0, -1.5, 0.5, 1.5])
    expect(hard_tanh_backward, dout, x).close([0.0, 0.0, 3.0, 0.0])
    expect(hard_tanh_backward, dout, x, low=-3.0, high=1.0).close([1.0, 2.0, 3.0, 0.0])
with check("0 at both limits"):
    dout, x = np.array([2.0, 3.0, 4.0, 5.0]), np.array([-1.0, -0.999, 0.4, 1.0])
    expect(hard_tanh_backward, dout, x).close([0.0, 3.0, 4.0, 0.0])
with check("gradient along random directions"):
    x = np.array([[-2.5, -1.4, -0.6, 0.1], [0.4, 0.7, 1.3, 4.0]])
    gradients(lambda x: (abs(x + 1) - abs(x - 1)) / 2, hard_tanh_backward, x)
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("any shape: (5,), (2, 3, 4), empty and plain numbers"):
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        rng = np.random.default_rng(23)
        dout, x = rng.normal(0, 3, shape), rng.normal(0, 2, shape)
        expect(hard_tanh_backward, dout, x).close(reference.hard_tanh_backward(dout, x))
    expect(hard_tanh_backward, 2.0, 0.5).close(2.0)
with check("other limits, both above 0 too"):
    rng = np.random.default_rng(24)
    dout, x = rng.standard_normal((4, 5)), rng.uniform(-2, 8, (4, 5))
    for low, high in [(0.0, 6.0), (1.0, 3.0), (-0.5, 4.0)]:
        expected = reference.hard_tanh_backward(dout, x, low, high)
        expect(hard_tanh_backward, dout, x, low=low, high=high).close(expected)
with check("float32 stays float32, integer x gives the right values"):
    x = np.array([-1e4, -3, -0.5, 0, 0.5, 2, 1e4], dtype=np.float32)
    dout = np.array([1, -1, 0.5, 2, -2, 3, 0.25], dtype=np.float32)
    expected = reference.hard_tanh_backward(dout, x)
    expect(hard_tanh_backward, dout, x).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32).no_warning()
    dout, x = np.array([0.5, -1.5, 2.0]), np.array([-3, 0, 2])
    expect(hard_tanh_backward, dout, x, low=-1.5, high=2.5).close([0.0, -1.5, 2.0])
with check("dout and x are left alone"):
    dout, x = np.array([[2.0, -0.5], [1.0, 3.0]]), np.array([[-1.5, 0.5], [0.25, -20.0]])
    expect(hard_tanh_backward, dout, x).close(reference.hard_tanh_backward(dout, x)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Radial basis functions

### Radial basis functions ★★ · 10 min

**Given** a batch `x` of shape `(N, D)`, `centers` of shape `(K, D)` and one number `gamma` > 0, **return** how close
every row of `x` is to every center, shape `(N, K)`:

$$ \mathrm{out}_{nk} = e^{-\gamma \lVert \mathbf{x}_n - \mathbf{c}_k \rVert^2}, \qquad
\lVert \mathbf{v} \rVert^2 = \sum_d v_d^2 $$

A unit of this kind answers 1 at its center and falls to 0 in every direction. A sigmoid splits the space with a plane;
this one marks a region.

**Rule**: no Python loop over the N rows, and none of `np.vectorize`, `np.apply_along_axis`, `np.frompyfunc` and
`np.fromiter`, which are Python loops inside. A loop over the K centers or over the D features is allowed.

N may be 0. float32 stays float32, integers give the right floats, no argument is changed. Features of ±10 000 must
give no warning.

*Worked number.* x = [1, 2], c = [0, 0], γ = 0.5: the squared distance is 5 and the answer 0.082085. For c = [1, 0] the
squared distance is 4 and the answer 0.135335.

**What the interviewer is after**: can you compare all pairs with broadcasting, and say what it costs in memory?
**Follow-ups**: how does ‖x‖² − 2x·c + ‖c‖² save memory, and which digits does it lose? What happens to the gradient
far from every center? How does γ relate to the width of a Gaussian? Where do attention and kernel methods use this?

<details><summary>Hint 1</summary>All pairs at once: give the rows an axis for the centers. Which shapes broadcast to
(N, K, D)?</details>
<details><summary>Hint 2</summary><code>x[:, None, :]</code> has the shape (N, 1, D), and <code>centers</code> (K, D)
fits under it.</details>
<details><summary>Hint 3</summary>Take the difference, square it, sum over the last axis only, then take the exponential
of −γ times that (N, K) array.</details>
"""

# %% role="solve" id="rbf"
from dlkit.reference.activations import rbf

# %% role="check" id="rbf-check" points=4
with check("four distances worked by hand"):
    x, centers = np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])
    expected = [[1.0, 0.60653066], [0.0820849986, 0.135335283]]
    expect(rbf, x, centers, 0.5).close(expected)
with check("(N, D) and (K, D) give (N, K), also for one row, one center, one feature"):
    x, centers = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, 1.0]]), np.array([[0.5, 0.0, 1.0]])
    expect(rbf, x, centers, 2.0).shape((2, 1)).close(np.exp([[-4.0], [-0.5]]))
    expect(rbf, np.array([[1.0]]), np.array([[0.0], [1.0], [3.0]]), 0.25).close(np.exp([[-0.25, 0.0, -1.0]]))
with check("no Python loop over N, and right values", weight=4):
    forbid_loops(rbf, over="x")
    x, centers = np.array([[0.0, 1.0], [2.0, 2.0], [-1.0, 0.5]]), np.array([[1.0, 1.0], [0.0, -1.0]])
    expect(rbf, x, centers, 0.3).close(np.exp(-0.3 * np.array([[1.0, 4.0], [2.0, 13.0], [4.25, 3.25]])))
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("float32 stays float32, integers give floats"):
    rng = np.random.default_rng(1)
    x, centers = rng.normal(0, 1, (4, 3)).astype(np.float32), rng.normal(0, 1, (2, 3)).astype(np.float32)
    expected = reference.rbf(x.astype(float), centers.astype(float), 0.5)
    expect(rbf, x, centers, 0.5).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(rbf, np.array([[1, 2], [0, 1]]), np.array([[0, 2], [1, 1]]), 0.5).close(np.exp([[-0.5, -0.5], [-0.5, -0.5]]))
with check("features of ±10 000: 1 at the center, 0 far away, no warning"):
    x = np.array([[1e4, -1e4], [-1e4, 1e4]])
    expect(rbf, x, x[::-1].copy(), 0.1).close([[0.0, 1.0], [1.0, 0.0]]).no_warning()
with check("x and centers are left alone"):
    x, centers = np.array([[0.5, -1.0], [2.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 1.0], [1.0, -1.0]])
    expect(rbf, x, centers, 0.7).close(reference.rbf(x, centers, 0.7)).unchanged()
with check("equals the reference on random sizes and gammas, an empty batch among them"):
    rng = np.random.default_rng(2)
    for n, k, d, gamma in [(5, 3, 2, 0.2), (3, 3, 3, 1.0), (1, 6, 4, 0.5), (0, 3, 2, 1.0)]:
        x, centers = rng.normal(0, 1, (n, d)), rng.normal(0, 1, (k, d))
        expect(rbf, x, centers, gamma).close(reference.rbf(x, centers, gamma))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Softmax and its family

### Log-sum-exp ★★ · 10 min

**Given** `x` with at least one axis, and `axis` (any of its axes, negative numbers too, the last by default),
**return** the log-sum-exp along that axis. The result no longer has that axis: `(N, C)` gives `(N,)`.

$$ \mathrm{lse}(\mathbf{x}) = \ln \sum_j e^{x_j} $$

It is a soft maximum: never below the largest entry, and at most $\ln n$ above it. Taken literally, the formula is
$\infty$ for x = 10 000 and $\ln 0$ for x = −10 000. The true answers are near ±10 000. Yours must be right and silent
there, row by row: one row near 10 000 and its neighbour near −10 000 must both come out right.

An entry may be −∞, which adds nothing to the sum; when all of them are −∞ the result is −∞, not NaN (a warning is
accepted in that one case). Empty batches such as `(0, 3)` give `(0,)`. float32 stays float32, integers give the right
floats, `x` stays as it is.

*Worked number.* lse([0, ln 3]) = ln 4 = 1.386294, and lse([1, 2, 3]) = 3.407606. Adding 1000 to every entry adds 1000
to the result.

**What the interviewer is after**: do you know the shift by hand, and can you show that it changes nothing?
**Follow-ups**: why is the maximum the right shift, and not the mean? What is the gradient of lse? Where does
cross-entropy hide one? How would you compute it over a stream that you see only once?

<details><summary>Hint 1</summary>$\ln \sum_j e^{x_j} = m + \ln \sum_j e^{x_j - m}$ for every number m. Which m keeps
each power at most 1, and one of them exactly 1?</details>
<details><summary>Hint 2</summary>Take the maximum along <code>axis</code> with <code>keepdims=True</code> for the
subtraction, and without that axis when you add it back.</details>
<details><summary>Hint 3</summary>For a row of −∞ the shift computes −∞ − (−∞), which is NaN. Use 0 as the shift
wherever the maximum is not finite.</details>
"""

# %% role="solve" id="logsumexp"
from dlkit.reference.activations import logsumexp

# %% role="check" id="logsumexp-check" points=4
with check("three sums worked by hand"):
    expect(logsumexp, np.array([1.0, 2.0, 3.0])).close(3.40760596)
    expect(logsumexp, np.array([[0.0, np.log(3)], [5.0, 5.0]])).close([np.log(4), 5 + np.log(2)])
with check("the chosen axis is gone: axis 0, 1, -1 and -2"):
    x = np.array([[0.0, 1.0, -2.0], [3.0, -1.0, 0.5]])
    for axis in (0, 1, -1, -2):
        expect(logsumexp, x, axis=axis).close(np.log(np.exp(x).sum(axis=axis)))
with check("right and silent at ±10 000"):
    expect(logsumexp, np.array([1e4, 1e4])).close(1e4 + np.log(2), rtol=1e-9).no_warning()
    expect(logsumexp, np.array([-1e4, -1e4])).close(-1e4 + np.log(2), rtol=1e-9).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("a row near 10 000 next to a row near −10 000"):
    x = np.array([[1e4, 1e4 - 1], [-1e4, -1e4 - 1], [0.0, -1.0]])
    expected = np.array([1e4, -1e4, 0.0]) + np.log(1 + np.exp(-1))
    expect(logsumexp, x).close(expected, rtol=1e-9).no_warning()
with check("−∞ adds nothing, and a row of −∞ gives −∞"):
    x = np.array([[-np.inf, 1.0, 2.0], [-np.inf, -np.inf, -np.inf], [-np.inf, -np.inf, 3.0]])
    expect(logsumexp, x).close([2 + np.log(1 + np.exp(-1)), -np.inf, 3.0])
with check("float32 stays float32, integers give floats"):
    x = np.array([[-3, -1, 0], [2, 2, 1]], dtype=np.float32)
    expect(logsumexp, x).close(reference.logsumexp(x.astype(float)), rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(logsumexp, np.array([[-3, 0, 4], [1, 1, 1]])).close([4.019045008, 1 + np.log(3)])
with check("equals the reference on random shapes and axes; x is left alone"):
    rng = np.random.default_rng(1)
    for shape, axis in [((2, 3, 4), 1), ((2, 3, 4), -3), ((5,), 0), ((3, 3), 0), ((4, 1), 1), ((0, 3), 1)]:
        x = rng.normal(0, 3, shape)
        expect(logsumexp, x, axis=axis).close(reference.logsumexp(x, axis=axis)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Softmax ★★ · 8 min

**Given** `x` with at least one axis, and `axis` (any of its axes, negative numbers too, the last by default),
**return** the softmax along that axis, with x's shape:

$$ y_i = \frac{e^{x_i}}{\sum_j e^{x_j}} $$

Along the axis the results are positive (far below the maximum they round to 0) and sum to 1. Only differences count: adding the same number to every entry of
a row changes nothing. That freedom is what saves you from overflow.

Be right and silent for entries of ±10 000, row by row: a row near 10 000 must not spoil its neighbour near −10 000.
Empty batches such as `(0, 3)` keep their shape. float32 stays float32, integers give the right floats, `x` stays as it
is.

*Worked number.* softmax([0, ln 3]) = [0.25, 0.75], and softmax([1, 2, 3]) = [0.090031, 0.244728, 0.665241].

**What the interviewer is after**: is the shift there without being asked for, and is the axis kept for broadcasting?
**Follow-ups**: why does the shift change nothing? What do a temperature near 0 and a very large one do? Two classes:
how is softmax a sigmoid? Why does a network for several labels at once use sigmoids instead?

<details><summary>Hint 1</summary>Multiply numerator and denominator by $e^{-m}$. Which m makes overflow
impossible?</details>
<details><summary>Hint 2</summary>Each row needs its own maximum: one maximum of the whole array lets the other rows
underflow to 0/0.</details>
<details><summary>Hint 3</summary>Both the maximum and the sum are taken along <code>axis</code> with
<code>keepdims=True</code>, so that they line up with x again.</details>
"""

# %% role="solve" id="softmax"
from dlkit.reference.activations import softmax

# %% role="check" id="softmax-check" points=4
with check("two rows worked by hand"):
    expect(softmax, np.array([1.0, 2.0, 3.0])).close([0.0900305732, 0.244728471, 0.665240956])
    expect(softmax, np.array([[0.0, np.log(3)], [4.0, 4.0]])).close([[0.25, 0.75], [0.5, 0.5]])
with check("sums to 1 along the chosen axis: axis 0, 1, -1 and -2"):
    x = np.array([[0.0, 1.0, -2.0], [3.0, -1.0, 0.5], [0.3, 0.2, 0.1]])
    for axis in (0, 1, -1, -2):
        expected = np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
        expect(softmax, x, axis=axis).close(expected)
with check("right and silent at ±10 000"):
    expect(softmax, np.array([1e4, 1e4, -1e4])).close([0.5, 0.5, 0.0]).no_warning()
    expect(softmax, np.array([-1e4, -1e4])).close([0.5, 0.5]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("a row near 10 000 next to a row near −10 000"):
    x = np.array([[1e4, 1e4], [-1e4, -1e4 - np.log(3)], [0.0, -2e4]])
    expect(softmax, x).close([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]).no_warning()
with check("adding a number to a whole row changes nothing"):
    x = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -3.0]])
    expected = reference.softmax(x)
    expect(softmax, x + np.array([[100.0], [-300.0]])).close(expected)
with check("float32 stays float32, integers give floats"):
    x = np.array([[-3, -1, 0], [2, 2, 1]], dtype=np.float32)
    expect(softmax, x).close(reference.softmax(x.astype(float)), rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(softmax, np.array([[-3, 0, 4], [1, 1, 1]])).close(reference.softmax(np.array([[-3.0, 0, 4], [1, 1, 1]])))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5, 2.0], [3.0, -20.0, 0.0]])
    expect(softmax, x).close(reference.softmax(x)).unchanged()
with check("equals the reference on random shapes and axes"):
    rng = np.random.default_rng(1)
    for shape, axis in [((2, 3, 4), 1), ((3, 3, 3), 0), ((5,), 0), ((4, 1), 1), ((1, 4), -2), ((0, 3), 1)]:
        x = rng.normal(0, 3, shape)
        expect(softmax, x, axis=axis).close(reference.softmax(x, axis=axis))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Softmax, backwards ★★ · 12 min

**Given** `dout` = ∂L/∂y, `y`, and the forward's `axis` (the last by default), **return** `dx` = ∂L/∂x with y's shape.
Here `y` is the **output** of softmax, not its input: it already sums to 1 along `axis`.

$$ \frac{\partial y_i}{\partial x_j} = y_i (\delta_{ij} - y_j), \qquad
dx_j = \sum_i \mathrm{dout}_i \frac{\partial y_i}{\partial x_j} $$

$\delta_{ij}$ is 1 where i = j and 0 elsewhere. Every input reaches every output of its row through the denominator, so
dx is more than a product element by element.

For C classes the Jacobian has C² entries for every row. You do not need it: write the sum out, and it shrinks to two
element-wise products and one sum along the axis. The checks do not look for it (they see values only), but an
interviewer will.

Entries of `y` may be exactly 0 or 1, as they are after a saturated softmax; no warning then. float32 stays float32,
`dout` may hold integers, no argument is changed.

*Worked number.* y = [0.2, 0.3, 0.5] and dout = [1, 0, 0] give dx = [0.16, −0.06, −0.1]. It sums to 0, because adding
the same number to the whole row does not change y. Use that as a check of your own.

**What the interviewer is after**: can you contract a Jacobian on paper before you write code? **Follow-ups**: why does
dx sum to 0? What is dx when dout is the same everywhere? Which simpler gradient remains when cross-entropy follows?
What happens to learning once y is nearly one-hot?

<details><summary>Hint 1</summary>Split the sum over i into the part with $\delta_{ij}$ and the part without
it.</details>
<details><summary>Hint 2</summary>The first part is $\mathrm{dout}_j y_j$. In the second, $y_j$ can be taken out of the
sum over i.</details>
<details><summary>Hint 3</summary>What remains inside is one number a row: the sum of <code>dout * y</code> along the
axis. Keep that axis, so that it broadcasts.</details>
"""

# %% role="solve" id="softmax_backward"
from dlkit.reference.activations import softmax_backward

# %% role="check" id="softmax_backward-check" points=4
with check("two rows worked by hand"):
    y, dout = np.array([[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]]), np.array([[1.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
    expect(softmax_backward, dout, y).close([[0.16, -0.06, -0.1], [-0.3125, -0.0625, 0.375]])
with check("gradient along random directions"):
    x = np.random.default_rng(1).normal(0, 1, (4, 5))
    gradients(lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True), softmax_backward, x, given="output")
with check("the chosen axis: gradient for axis 0 and -2"):
    x = np.random.default_rng(2).normal(0, 1, (3, 3))
    for axis in (0, -2):
        gradients(
            lambda x, axis: np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True),
            softmax_backward, x, given="output", axis=axis,
        )
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("dx sums to 0 along the axis; a constant dout gives 0"):
    y = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]])
    dout = np.array([[1.0, -2.0, 0.5, 3.0], [4.0, 4.0, 4.0, 4.0]])
    expected = reference.softmax_backward(dout, y)
    expect(softmax_backward, dout, y).close(expected).satisfies(
        lambda dx: np.allclose(np.sum(dx, axis=-1), 0, atol=1e-9), "each row sums to 0"
    )
with check("a saturated y, exactly 0 and 1: dx is 0 there, with no warning"):
    y, dout = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]), np.array([[3.0, -1e4, 2.0], [1.0, -1.0, 1e4]])
    expect(softmax_backward, dout, y).close([[0.0, 0.0, 0.0], [0.5, -0.5, 0.0]]).no_warning()
with check("float32 stays float32, dout of integers gives floats"):
    y = np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]], dtype=np.float32)
    dout = np.array([[1, -1, 2], [0, 3, 1]], dtype=np.float32)
    expected = [[0.1875, -0.625, 0.4375], [-0.5, 0.5, 0.0]]
    expect(softmax_backward, dout, y).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(softmax_backward, dout.astype(int), y.astype(float)).close(expected)
with check("dout and y are left alone"):
    y, dout = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]), np.array([[1.0, 0.5, -1.0], [2.0, 0.0, 0.3]])
    expect(softmax_backward, dout, y).close(reference.softmax_backward(dout, y)).unchanged()
with check("equals the reference on random shapes and axes"):
    rng = np.random.default_rng(3)
    for shape, axis in [((2, 3, 4), 1), ((2, 3, 4), 0), ((3, 3), 1), ((5,), 0), ((0, 3), 1)]:
        y, dout = reference.softmax(rng.normal(0, 2, shape), axis=axis), rng.normal(0, 1, shape)
        expect(softmax_backward, dout, y, axis=axis).close(reference.softmax_backward(dout, y, axis=axis))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: temperature

Dividing the logits by a temperature $T$ before the softmax changes how sure the answer looks, never which answer is
first. The logits here are 2, 1, 0 and −1.

*What to look at*: the two ends of the right panel.

*What you should see*: at T = 1 the top class has probability 0.64. At T = 0.25 it has 0.98 and the softmax is nearly an
arg max; at T = 4 it has 0.35 and all four classes come close to ¼. The lines never cross.
"""

# %% role="demo" id="experiment-temperature"
from dlkit.lab import experiment, figure

with experiment(), figure("Temperature changes how sure, not which", columns=2, sharey=True) as (left, right):
    logits = np.array([2.0, 1.0, 0.0, -1.0])
    for place, temperature in enumerate([0.25, 1.0, 4.0]):
        p = softmax(logits / temperature)
        entropy = -np.sum(p * np.log(p))
        left.bar(np.arange(4) + 0.27 * (place - 1), p, width=0.25, label=f"T = {temperature:g}")
        print(f"T = {temperature:<4g}  top class {p[0]:.2f}   entropy {entropy:.2f} nats, of at most {np.log(4):.2f}")
    temperatures = np.geomspace(0.1, 30, 100)
    for logit, line in zip(logits, softmax(logits / temperatures[:, None]).T, strict=True):
        right.semilogx(temperatures, line, label=f"logit {logit:g}")
    right.axhline(0.25, color="0.5", linewidth=1, linestyle=":")
    left.set(xticks=range(4), xticklabels=["2", "1", "0", "−1"], xlabel="class, by its logit", ylabel="probability")
    right.set(xlabel="temperature T (logarithmic)", title="from arg max to uniform")
    left.set_title("three temperatures")
    right.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    left.legend()
    right.legend()

# %% [markdown]
r"""
### Concept question: temperature
"""

# %% role="question" id="temperature_for_confidence" points=1

# %% [markdown]
r"""
### Log-softmax ★★ · 8 min

**Given** `x` with at least one axis, and `axis` (any of its axes, negative numbers too, the last by default),
**return** the logarithm of the softmax along that axis, with x's shape:

$$ y_i = \ln \frac{e^{x_i}}{\sum_j e^{x_j}} $$

Do not take the two steps one after the other. For x = [0, −1000] the second probability is $e^{-1000}$, which becomes
0, and its logarithm −∞. The true log-probability is −1000, an ordinary number. A loss that reads −∞ there cannot be
trained.

Be right, finite and silent for entries of ±10 000, row by row. Empty batches such as `(0, 3)` keep their shape.
float32 stays float32, integers give the right floats, `x` stays as it is.

*Worked number.* log_softmax([0, ln 3]) = [ln 0.25, ln 0.75] = [−1.386294, −0.287682].

**What the interviewer is after**: do you simplify on paper before you compute? **Follow-ups**: why does PyTorch's
`cross_entropy` take logits? Can a result be above 0? What does log_softmax(log_softmax(x)) give? Where does the
two-step version fail first in float32, and where in float16?

<details><summary>Hint 1</summary>The logarithm of a fraction is a difference. What is the logarithm of
$e^{x_i}$?</details>
<details><summary>Hint 2</summary>$y_i = x_i - \ln \sum_j e^{x_j}$. Now make the second term safe.</details>
<details><summary>Hint 3</summary>Subtract each row's maximum from x first, and use the shifted x in <b>both</b> places.
The logarithm is then taken of a number that is at least 1.</details>
"""

# %% role="solve" id="log_softmax"
from dlkit.reference.activations import log_softmax

# %% role="check" id="log_softmax-check" points=4
with check("two rows worked by hand"):
    x = np.array([[0.0, np.log(3)], [7.0, 7.0]])
    expect(log_softmax, x).close([[-1.38629436, -0.287682072], [-0.693147181, -0.693147181]])
with check("the exponentials sum to 1 along the chosen axis: axis 0, 1, -1 and -2"):
    x = np.array([[0.0, 1.0, -2.0], [3.0, -1.0, 0.5], [0.3, 0.2, 0.1]])
    for axis in (0, 1, -1, -2):
        expected = np.log(np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True))
        expect(log_softmax, x, axis=axis).close(expected)
with check("finite where softmax underflows to 0"):
    expect(log_softmax, np.array([5.0, -995.0, -1995.0])).close([0.0, -1000.0, -2000.0]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("right and silent at ±10 000, row by row"):
    x = np.array([[1e4, -1e4], [-1e4, -1e4], [1e4, 1e4]])
    expect(log_softmax, x).close([[0.0, -2e4], [-np.log(2)] * 2, [-np.log(2)] * 2]).no_warning()
with check("float32 stays float32, integers give floats"):
    x = np.array([[-3, -1, 0], [2, 2, 1]], dtype=np.float32)
    expect(log_softmax, x).close(reference.log_softmax(x.astype(float)), rtol=1e-5, atol=1e-6).dtype(np.float32)
    whole = np.array([[-3, 0, 4], [1, 1, 1]])
    expect(log_softmax, whole).close(reference.log_softmax(whole.astype(float)))
with check("x is left alone"):
    x = np.array([[-1.0, 0.5, 2.0], [3.0, -20.0, 0.0]])
    expect(log_softmax, x).close(reference.log_softmax(x)).unchanged()
with check("equals the reference on random shapes and axes"):
    rng = np.random.default_rng(1)
    for shape, axis in [((2, 3, 4), 1), ((3, 3, 3), 0), ((5,), 0), ((4, 1), 1), ((1, 4), -2), ((0, 3), 1)]:
        x = rng.normal(0, 3, shape)
        expect(log_softmax, x, axis=axis).close(reference.log_softmax(x, axis=axis))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Log-softmax, backwards ★★ · 10 min

**Given** `dout` = ∂L/∂y, `y`, and the forward's `axis` (the last by default), **return** `dx` = ∂L/∂x with y's shape.
Here `y` is the **output** of log-softmax: log-probabilities, all of them finite.

$$ y_i = x_i - \ln \sum_k e^{x_k}, \qquad \frac{\partial y_i}{\partial x_j} = \delta_{ij} - p_j, \qquad p_j = e^{y_j} $$

$\delta_{ij}$ is 1 where i = j and 0 elsewhere. Contract this with dout, and one sum along the axis remains.

Log-probabilities down to −20 000 must give no warning. float32 stays float32, `dout` may hold integers, no argument is
changed.

*Worked number.* y = [ln 0.25, ln 0.75]. For dout = [1, 0], dx = [0.75, −0.75]; for dout = [1, 2], dx = [0.25, −0.25].
Both sum to 0.

**What the interviewer is after**: do you see that the gradient no longer vanishes when p is tiny, and that this is why
the logarithm belongs inside? **Follow-ups**: put dout = −1 at the true class: which famous gradient is that? Compare
with softmax's backward, where y multiplies everything. Why cache y rather than x?

<details><summary>Hint 1</summary>Write $dx_j = \sum_i \mathrm{dout}_i (\delta_{ij} - p_j)$ and split it in
two.</details>
<details><summary>Hint 2</summary>$p_j$ does not depend on i, so the second part is $p_j$ times the sum of all dout in
the row.</details>
<details><summary>Hint 3</summary>Get p from y with one exponential. The sum of dout needs
<code>keepdims=True</code>.</details>
"""

# %% role="solve" id="log_softmax_backward"
from dlkit.reference.activations import log_softmax_backward

# %% role="check" id="log_softmax_backward-check" points=4
with check("three rows worked by hand"):
    y = np.log([[0.25, 0.75], [0.25, 0.75], [0.5, 0.5]])
    dout = np.array([[1.0, 0.0], [1.0, 2.0], [-1.0, 3.0]])
    expect(log_softmax_backward, dout, y).close([[0.75, -0.75], [0.25, -0.25], [-2.0, 2.0]])
with check("gradient along random directions"):
    x = np.random.default_rng(1).normal(0, 1, (4, 5))
    gradients(lambda x: x - np.log(np.exp(x).sum(axis=-1, keepdims=True)), log_softmax_backward, x, given="output")
with check("the chosen axis: gradient for axis 0 and -2"):
    x = np.random.default_rng(2).normal(0, 1, (3, 3))
    for axis in (0, -2):
        gradients(
            lambda x, axis: x - np.log(np.exp(x).sum(axis=axis, keepdims=True)),
            log_softmax_backward, x, given="output", axis=axis,
        )
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("dout = −1 at the true class gives p minus one-hot"):
    p, dout = np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]), np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0]])
    expect(log_softmax_backward, dout, np.log(p)).close([[0.1, -0.8, 0.7], [-0.7, 0.3, 0.4]])
with check("log-probabilities down to −20 000, no warning"):
    y = np.array([[0.0, -2e4, -1e4], [-np.log(2), -2e4, -np.log(2)]])
    dout = np.array([[1.0, 2.0, 3.0], [1.0, 0.0, 1.0]])
    expect(log_softmax_backward, dout, y).close([[-5.0, 2.0, 3.0], [0.0, 0.0, 0.0]]).no_warning()
with check("float32 stays float32, dout of integers gives floats"):
    y = np.log(np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]], dtype=np.float32))
    dout = np.array([[1, -1, 2], [0, 3, 1]], dtype=np.float32)
    expected = [[0.5, -2.0, 1.5], [-2.0, 2.0, 0.0]]
    expect(log_softmax_backward, dout, y).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    y = np.log(np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]]))
    expect(log_softmax_backward, dout.astype(int), y).close(expected)
with check("dout and y are left alone"):
    y, dout = np.log([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]), np.array([[1.0, 0.5, -1.0], [2.0, 0.0, 0.3]])
    expect(log_softmax_backward, dout, y).close(reference.log_softmax_backward(dout, y)).unchanged()
with check("equals the reference on random shapes and axes"):
    rng = np.random.default_rng(3)
    for shape, axis in [((2, 3, 4), 1), ((2, 3, 4), 0), ((3, 3), 1), ((5,), 0), ((0, 3), 1)]:
        y, dout = reference.log_softmax(rng.normal(0, 2, shape), axis=axis), rng.normal(0, 1, shape)
        expect(log_softmax_backward, dout, y, axis=axis).close(reference.log_softmax_backward(dout, y, axis=axis))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Softmax with a mask ★★ · 12 min

**Given** `x`, a boolean `mask` of x's shape, and `axis` (any axis of x, the last by default), **return** the softmax
along that axis over the places where the mask is `True`. All other places are exactly 0.

$$ y_i = \begin{cases} \dfrac{e^{x_i}}{\sum_{j\ \mathrm{kept}} e^{x_j}} & \text{where } i \text{ is kept} \\
0 & \text{elsewhere} \end{cases} $$

Attention needs this: padding must get no weight, and a token must not look ahead. A sequence may be all padding. Where
the mask keeps nothing along the axis, the whole row is 0, not NaN, and that must happen without a warning.

Be right and silent for entries of ±10 000, and mind who is large: a masked-out 10 000 must not push the kept entries
out of range. Empty batches such as `(0, 3)` keep their shape. float32 stays float32, integers give the right floats,
no argument is changed.

*Worked number.* x = [0, ln 3, 5] and mask = [True, True, False] give [0.25, 0.75, 0]. A mask of three times `False`
gives [0, 0, 0].

**What the interviewer is after**: what happens to a row with nothing left, and do you find out before the training run
does? **Follow-ups**: why do libraries add −∞ or −10⁹ to the logits, and what does each do to such a row? Why not
multiply the probabilities by the mask and divide again? Why is −10⁹ no option in float16? Which gradient reaches a
masked-out logit?

<details><summary>Hint 1</summary>Which number, put in place of a masked-out logit, has exactly 0 as its
exponential?</details>
<details><summary>Hint 2</summary>After <code>np.where(mask, x, -np.inf)</code> a stable softmax is almost the answer:
the maximum is now taken over kept places only. Only the rows with nothing left go wrong, twice: in the shift and in the
division.</details>
<details><summary>Hint 3</summary>Where the maximum is −∞, shift by 0 instead. The sum of a row is then either at least
1, or exactly 0; find a divisor that is right in both cases.</details>
"""

# %% role="solve" id="masked_softmax"
from dlkit.reference.activations import masked_softmax

# %% role="check" id="masked_softmax-check" points=4
with check("two rows worked by hand"):
    x = np.array([[0.0, np.log(3), 5.0], [1.0, 2.0, 2.0]])
    mask = np.array([[True, True, False], [False, True, True]])
    expect(masked_softmax, x, mask).close([[0.25, 0.75, 0.0], [0.0, 0.5, 0.5]])
with check("masked-out places are exactly 0, the kept ones sum to 1"):
    x = np.array([[-3.0, 1.0, 2.0, 0.0], [0.5, -1.0, 0.0, 2.0]])
    mask = np.array([[False, True, True, False], [True, True, False, True]])
    kept = np.where(mask, np.exp(x), 0.0)
    expect(masked_softmax, x, mask).close(kept / kept.sum(axis=-1, keepdims=True)).satisfies(
        lambda y, hidden=~mask: (np.asarray(y)[hidden] == 0).all(), "exactly 0 where the mask is False"
    )
with check("a row with nothing left is all 0, with no warning"):
    x = np.array([[1.0, 2.0, 3.0], [0.0, np.log(3), 0.0]])
    mask = np.array([[False, False, False], [True, True, False]])
    expect(masked_softmax, x, mask).close([[0.0, 0.0, 0.0], [0.25, 0.75, 0.0]]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("right and silent at ±10 000, also where a masked-out entry is the largest"):
    x = np.array([[1e4, -1e4, -1e4], [1e4, 1e4, -1e4], [-1e4, 0.0, 1e4]])
    mask = np.array([[False, True, True], [True, True, True], [True, False, False]])
    expect(masked_softmax, x, mask).close([[0.0, 0.5, 0.5], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]).no_warning()
with check("any axis, with one column that keeps nothing"):
    rng = np.random.default_rng(1)
    for shape, axis in [((3, 3), 0), ((2, 3, 4), 1), ((2, 3, 4), -3), ((4,), 0), ((3, 1), 1)]:
        x, mask = rng.normal(0, 2, shape), rng.random(shape) < 0.6
        if mask.ndim > 1:
            np.moveaxis(mask, axis, 0)[(slice(None),) + (0,) * (mask.ndim - 1)] = False
        expect(masked_softmax, x, mask, axis=axis).close(reference.masked_softmax(x, mask, axis=axis))
with check("a mask that keeps everything gives the plain softmax; an empty batch stays empty"):
    x = np.array([[0.5, -1.0, 2.0], [1.0, 0.0, -3.0]])
    expect(masked_softmax, x, np.ones((2, 3), dtype=bool)).close(reference.softmax(x))
    expect(masked_softmax, np.zeros((0, 3)), np.zeros((0, 3), dtype=bool)).close(np.zeros((0, 3)))
with check("float32 stays float32, integers give floats"):
    x = np.array([[-3, -1, 0], [2, 2, 1]], dtype=np.float32)
    mask = np.array([[True, False, True], [True, True, True]])
    expected = reference.masked_softmax(x.astype(float), mask)
    expect(masked_softmax, x, mask).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(masked_softmax, x.astype(int), mask).close(expected)
with check("x and mask are left alone"):
    x = np.array([[-1.0, 0.5, 2.0], [3.0, -2.0, 0.0]])
    mask = np.array([[True, False, True], [False, True, True]])
    expect(masked_softmax, x, mask).close(reference.masked_softmax(x, mask)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Watching a network's activations

### How many ReLUs are dead? ★★ · 8 min

**Given** a batch `x` of shape `(N, D)` with N ≥ 1, weights `W` of shape `(D, M)` with M ≥ 1, and `b` of shape `(M,)`,
**return** the fraction of the layer's M units that are dead on this batch, one number from 0 to 1.

$$ \mathbf{z} = \mathbf{x} W + \mathbf{b}, \qquad
\text{unit } m \text{ is dead when } z_{nm} \le 0 \text{ for every row } n $$

A unit that sits at exactly 0 on every row is dead too: ReLU's derivative there is 0, so no gradient reaches its
weights. One row with z > 0 is enough to keep a unit alive.

Mind the difference between dead units and silent entries. A healthy ReLU layer is silent on about half of all entries,
and not one of its units need be dead.

The result may be a Python float or a NumPy number. Integers give the right fraction. Numbers of ±10 000 give no
warning, and no argument is changed.

*Worked number.* For x = [[1], [−1]], W = [[2, −1, 0, 1]] and b = [0, 0, 0, −3], z is [[2, −1, 0, −2], [−2, 1, 0, −4]].
Four of the eight entries are below 0 and two are 0, but only units 2 and 3 are dead: the fraction is 0.5.

**What the interviewer is after**: do you reduce over the right axis, and do you know why a dead unit stays dead?
**Follow-ups**: can a unit that is dead on this batch be alive on the next? How does one step with a large learning rate
kill a unit? What do leaky ReLU, a small positive bias or He initialization change?

<details><summary>Hint 1</summary>Compute z first, then ask of each column a question with yes or no for an
answer.</details>
<details><summary>Hint 2</summary>Which of <code>any</code> and <code>all</code> fits, and along which axis does the
batch run?</details>
<details><summary>Hint 3</summary>The mean of an array of booleans is the fraction that is True.</details>
"""

# %% role="solve" id="dead_relu_fraction"
from dlkit.reference.activations import dead_relu_fraction

# %% role="check" id="dead_relu_fraction-check" points=4
with check("four units worked by hand, two of them dead"):
    x, W, b = np.array([[1.0], [-1.0]]), np.array([[2.0, -1.0, 0.0, 1.0]]), np.array([0.0, 0.0, 0.0, -3.0])
    expect(dead_relu_fraction, x, W, b).close(0.5)
with check("silent entries are not dead units"):
    x = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    expect(dead_relu_fraction, x, 2 * np.eye(3) - 1, np.zeros(3)).close(0.0)
    expect(dead_relu_fraction, x, np.array([[1.0, -1.0]] + [[-1.0, -1.0]] * 2), np.zeros(2)).close(0.5)
with check("a unit at exactly 0 on every row is dead"):
    x = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]])
    W = np.array([[0.0, 1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, -1.0]])
    expect(dead_relu_fraction, x, W, np.array([0.0, -3.0, 0.0, 0.0, -1.0])).close(0.8)
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("the bias counts: it can kill units and wake them"):
    x, W = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1.0, -1.0, 0.0, -1.0], [1.0, 0.5, 1.0, -1.0]])
    for b, fraction in [([-9.0] * 4, 1.0), ([9.0] * 4, 0.0), ([-9.0, 9.0, 9.0, 9.0], 0.25)]:
        expect(dead_relu_fraction, x, W, np.array(b)).close(fraction)
with check("one row, one unit, integers"):
    x, W, b = np.array([[1, -2]]), np.array([[3, 1, -1, 0], [1, 1, -1, 0]]), np.array([0, 0, 0, 0])
    expect(dead_relu_fraction, x, W, b).close(0.5)
    expect(dead_relu_fraction, np.array([[2.0], [-1.0]]), np.array([[-1.0]]), np.array([-1.5])).close(1.0)
with check("±10 000 without a warning; x, W and b are left alone"):
    x, W = np.array([[1e4, -1e4], [-1e4, -1e4]]), np.array([[1e4, 1.0, -1e4], [1e4, 1.0, 0.0]])
    b = np.array([-1.0, 0.0, 5.0])
    expect(dead_relu_fraction, x, W, b).close(2 / 3).no_warning().unchanged()
with check("equals the reference on random layers"):
    rng = np.random.default_rng(1)
    for n, d, m in [(6, 4, 30), (20, 3, 50), (2, 2, 9), (40, 5, 10)]:
        x, W, b = rng.normal(0, 1, (n, d)), rng.normal(0, 1, (d, m)), rng.normal(-1.5, 1.5, m)
        expect(dead_relu_fraction, x, W, b).close(reference.dead_relu_fraction(x, W, b))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: what kills ReLU units, and does a bias of 0.01 save them?

A layer of 50 ReLU units learns to separate two half moons by full-batch gradient descent. Your `dead_relu_fraction`
counts, after every step, the units that are silent on all 100 points. The left panel varies the learning rate, with all
biases starting at 0 or at 0.01, and averages 5 runs. The right panel follows one run step by step.

*What to look at*: at which learning rate units begin to die, *when* in training they die, and how far the two lines on
the left lie apart.

*What you should see*: up to a learning rate of 3 nobody dies, and 3 learns best. At 10, 32 % of the units die, and at
30 about nine in ten; the accuracy falls from 100 % to 69 % and lower. On the right, most of the deaths come within the
first ten steps. One large step pushes a unit's weights and bias so far that z is negative on every point. From then on
its gradient is exactly 0, so these curves never fall.

The bias of 0.01 makes no difference that counts: 32 % and 91 % instead of 32 % and 88 %. A step that overshoots does
not notice 0.01. The last lines printed show the one case where it helps: weights that start at about 0.01 themselves.
There, a careful learning rate of 0.3 leaves 10 % dead with bias 0 and almost none with bias 0.01, where every unit
starts active on most of the points.
"""

# %% role="demo" id="experiment-dead-units"
from dlkit.lab import experiment, figure, two_moons


def dead_by_step(rate, bias, seed, scale=1.0, steps=60, units=50):
    """Train a layer of ReLU units and a sigmoid output; the dead fraction after every step, and the accuracy."""
    rng = np.random.default_rng(seed)
    X, y = two_moons(100, rng)
    W, b, v = rng.normal(0, scale, (2, units)), np.full(units, bias), rng.normal(0, units**-0.5, units)
    dead = [dead_relu_fraction(X, W, b)]
    for _ in range(steps):
        z = X @ W + b  # (N, units)
        h = relu(z)
        error = (sigmoid(h @ v) - y) / len(y)  # (N,), cross-entropy's gradient
        dz = relu_backward(np.outer(error, v), z)
        v = v - rate * h.T @ error
        W, b = W - rate * X.T @ dz, b - rate * dz.sum(axis=0)
        dead.append(dead_relu_fraction(X, W, b))
    return np.array(dead), np.mean((relu(X @ W + b) @ v > 0) == y)


with experiment(), figure("One step too large, and ReLU units stay dead", columns=2, sharey=True) as (left, right):
    rates = [0.3, 1, 3, 10, 30]
    for bias, marker in [(0.0, "o-"), (0.01, "s--")]:
        runs = [[dead_by_step(rate, bias, seed) for seed in range(5)] for rate in rates]
        died = [np.mean([dead[-1] for dead, _ in row]) for row in runs]
        correct = [np.mean([accuracy for _, accuracy in row]) for row in runs]
        left.semilogx(rates, died, marker, label=f"bias starts at {bias:g}")
        for rate, d, c in zip(rates, died, correct, strict=True):
            print(f"bias {bias:<4g}   learning rate {rate:<3g}   dead {d:4.0%}   accuracy {c:4.0%}")
    for bias in [0.0, 0.01]:
        tiny = np.mean([dead_by_step(0.3, bias, seed, scale=0.01)[0][-1] for seed in range(5)])
        print(f"bias {bias:<4g}   learning rate 0.3   dead {tiny:4.0%}   when the weights start at about 0.01")
    for rate in [3, 10, 30]:
        dead, _ = dead_by_step(rate, 0.0, seed=0)
        right.plot(dead, label=f"learning rate {rate}")
        print(f"learning rate {rate:<2d}   dead after 10 steps {dead[10]:.0%}, after 60 {dead[-1]:.0%}")
    left.set(xlabel="learning rate (logarithmic)", ylabel="fraction of dead units", ylim=(-0.03, 1.03))
    left.set(xticks=rates, xticklabels=rates, title="after 60 steps, average of 5 runs")
    right.set(xlabel="steps", title="one run, bias 0")
    left.legend(loc="upper left")
    right.legend(loc="center right")

# %% [markdown]
r"""
**What to say in an interview.** “A unit is dead when z is negative on all the data: its gradient is 0, so gradient
descent cannot bring it back. The usual cause is a step that was too large. I would lower the learning rate or warm it
up, check the initialization, normalize, and then change the activation, to leaky ReLU or GELU. A starting bias of 0.01
helps only where the weights are so small that 0.01 is large beside them.”
"""

# %% [markdown]
r"""
### Concept question: one fatal step
"""

# %% role="question" id="dead_relu_learning_rate" points=1

# %% [markdown]
r"""
### How fast do gradients fade with depth? ★★ · 10 min

**Given** `derivative`, a function that maps an array of pre-activations z to the activation's derivative there (same
shape), and `pre_activations`, a list of L ≥ 1 arrays, the first layer's first, **return** an array of shape `(L,)`:

$$ s_l = \prod_{k=0}^{l} \mathrm{mean} \lvert \varphi'(\mathbf{z}_k) \rvert $$

Here φ′ is `derivative`, and the mean runs over all entries of the array, whatever its shape; the arrays of two layers
may differ in shape. The first result is the first layer's own mean.

Backpropagation multiplies by φ′ once per layer. $s_l$ says how much of a gradient the activations of the first l + 1
layers let through, on average. The weights have a share too; that comes in unit 04.

A derivative may be negative; its size counts, not its sign. A layer whose derivative is 0 everywhere makes the results
0 from there on. No array is changed.

*Worked number.* Sigmoid's derivative is σ(1 − σ), 0.25 at z = 0 and 0.1875 at z = ln 3. For the layers [0, 0] and
[0, ln 3] the means are 0.25 and 0.21875, so the result is [0.25, 0.0546875]. Ten layers at z = 0 leave 9.54e−7.

**What the interviewer is after**: can you say in numbers why deep sigmoid networks did not learn? **Follow-ups**: what
does the same product look like for tanh near 0, and for ReLU? Why is half of ReLU's entries being 0 less harmful? What
do the weights add, and how does He initialization make up for the lost half?

<details><summary>Hint 1</summary>First get one number per layer, in order. Then ask how each result follows from the
one before it.</details>
<details><summary>Hint 2</summary>Take the absolute value before the mean, or positive and negative entries
cancel.</details>
<details><summary>Hint 3</summary>A running product is <code>np.cumprod</code>.</details>
"""

# %% role="solve" id="gradient_scale_by_depth"
from dlkit.reference.activations import gradient_scale_by_depth

# %% role="check" id="gradient_scale_by_depth-check" points=4
with check("two sigmoid layers worked by hand"):
    def sigmoid_slope(z):
        return np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))) ** 2

    layers = [np.array([0.0, 0.0]), np.array([0.0, np.log(3)])]
    expect(gradient_scale_by_depth, sigmoid_slope, layers).close([0.25, 0.0546875])
with check("three ReLU layers, the first layer's result first"):
    def relu_slope(z):
        return np.where(z > 0, 1.0, 0.0)

    layers = [np.array([1.0, -1.0, 2.0, 3.0]), np.array([1.0, -1.0]), np.array([-1.0, -2.0, -3.0, 4.0, 5.0])]
    expect(gradient_scale_by_depth, relu_slope, layers).close([0.75, 0.375, 0.15])
with check("the size of a negative derivative counts, not its sign"):
    def sine_slope(z):
        return np.cos(z)

    layers = [np.array([np.pi, np.pi / 3]), np.array([np.pi, np.pi / 3, 0.0, np.pi])]
    expect(gradient_scale_by_depth, sine_slope, layers).close([0.75, 0.65625])
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("layers of any shape: (4, 3), (4, 2), (2, 3, 4, 4)"):
    def tanh_slope(z):
        return 1 - np.tanh(z) ** 2

    rng = np.random.default_rng(1)
    layers = [rng.normal(0, 1, shape) for shape in [(4, 3), (4, 2), (2, 3, 4, 4)]]
    expect(gradient_scale_by_depth, tanh_slope, layers).close(reference.gradient_scale_by_depth(tanh_slope, layers))
with check("one layer, and a layer that lets nothing through"):
    def relu_slope(z):
        return np.where(z > 0, 1.0, 0.0)

    expect(gradient_scale_by_depth, relu_slope, [np.array([[1.0, -1.0], [-3.0, -2.0]])]).close([0.25])
    layers = [np.array([2.0, -1.0]), np.array([-1.0, -2.0]), np.array([1.0, 1.0])]
    expect(gradient_scale_by_depth, relu_slope, layers).close([0.5, 0.0, 0.0])
with check("slopes above 1 grow, integers are fine"):
    def steep(z):
        return np.where(z > 0, 1.0, 2.5)

    layers = [np.array([-1, 1]), np.array([[-2, -1], [3, -4]]), np.array([-5])]
    expect(gradient_scale_by_depth, steep, layers).close([1.75, 3.71875, 9.296875])
with check("equals the reference on 8 random layers; no array is changed"):
    def slope(z):
        return np.where(z > 0, 1.0, -0.3) * np.exp(-(z**2) / 8)

    layers = [np.random.default_rng(seed).normal(0.2, 1, (5, seed + 1)) for seed in range(8)]
    expected = reference.gradient_scale_by_depth(slope, layers)
    expect(gradient_scale_by_depth, slope, layers).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: the gradient on its way down 20 layers

A gradient walks back through 20 layers of 100 units. On the left is what the activations let through: your
`gradient_scale_by_depth` on the pre-activations of a real forward pass. On the right is a real backward pass through
the same network, weights included. Their standard deviation is $\sqrt{1/n}$ for sigmoid and tanh, $\sqrt{2/n}$ for
ReLU; unit 04 says why.

*What to look at*: the vertical axes are logarithmic, so a straight line means a constant factor per layer.

*What you should see*: sigmoid multiplies by 0.23 in every layer, and after 20 layers $2 \cdot 10^{-13}$ of the gradient
is left. That is the **vanishing gradient**. tanh keeps 0.2, since its outputs stay near 0, where its slope is near 1.

ReLU may surprise you. On the left it lets only half through, because half of the units are off, and $9 \cdot 10^{-7}$
is left. But where it is on, its slope is exactly 1, whatever the size of z. So weights $\sqrt2$ times as large make up
for the loss: on the right its line stays level.

Does the same trick rescue the sigmoid? Change its `gain` from 1 to 100, which makes the weights ten times as large. The
gradient's norm is then nearly kept, 0.7, but the slopes fall from 0.23 to 0.06 a layer: larger weights push z to where
the sigmoid is flat, and what comes through comes through the few units that are not there.
"""

# %% role="demo" id="experiment-depth"
from dlkit.lab import experiment, figure


def slope_of(backward):
    return lambda z: backward(np.ones_like(z), z)


with experiment(), figure("Sigmoid starves the lower layers, ReLU need not", columns=2) as (left, right):
    depth, n = 20, 100
    for name, f, backward, gain in [
        ("sigmoid", sigmoid, sigmoid_backward, 1),
        ("tanh", tanh, tanh_backward, 1),
        ("ReLU", relu, relu_backward, 2),
    ]:
        rng = np.random.default_rng(0)
        weights = [rng.normal(0, np.sqrt(gain / n), (n, n)) for _ in range(depth)]
        x, pre_activations = rng.normal(0, 1, (64, n)), []
        for W in weights:
            pre_activations.append(x @ W)
            x = f(pre_activations[-1])
        share = gradient_scale_by_depth(slope_of(backward), pre_activations)
        gradient = rng.normal(0, 1, x.shape)
        norms = [np.linalg.norm(gradient)]
        for W, z in zip(weights[::-1], pre_activations[::-1], strict=True):
            gradient = backward(gradient, z) @ W.T
            norms.append(np.linalg.norm(gradient))
        left.semilogy(range(1, depth + 1), share, "o-", markersize=4, label=name)
        right.semilogy(range(depth + 1), np.array(norms) / norms[0], "o-", markersize=4, label=name)
        per_layer = share[-1] ** (1 / depth)
        print(f"{name:8s} slopes: {per_layer:.2f} a layer, {share[-1]:.0e} in all   ", end="")
        print(f"with weights: {norms[-1] / norms[0]:.1g}")
    left.set(xlabel="layers counted, from the first", ylabel="product of mean slopes", title="the activations' share")
    right.set(xlabel="layers passed, from the top", ylabel="norm, relative to the top", title="a real backward pass")
    for panel in (left, right):
        panel.set_xticks(range(0, depth + 1, 5))
        panel.legend(loc="lower left")

# %% [markdown]
r"""
**What to say in an interview.** “Backpropagation multiplies by one slope per layer. Sigmoid's is at most ¼, so the
lower layers starve exponentially fast. ReLU's is 0 or 1: along an active path nothing is lost, whatever the depth, and
He initialization makes up for the half that is off. Residual connections and normalization do the rest.”
"""

# %% [markdown]
r"""
### Concept question: why ReLU

Write as you would say it to an interviewer.
"""

# %% role="answer" id="relu_three_advantages" points=2

# %% [markdown]
r"""
## What ReLUs can build

### A ReLU network through every point ★★★ · 20 min

**Given** `knots`, K ≥ 2 strictly increasing numbers, and `values`, one for each knot, **return a function** `f`: a
network with one hidden ReLU layer that passes through every point, with straight lines between neighbours.

$$ f(x) = c + \sum_{i=0}^{K-2} w_i \max(0, x - t_i) $$

The $t_i$ are places where the curve may bend. You choose c, the weights and the places; there is nothing to train.
`f` maps an array x of shape `(N,)` to an array of shape `(N,)`. The entries of x come in any order and lie between the
first knot and the last, both included; N may be 0. What `f` does outside is up to you.

**Rule**: no `np.interp`, and no polynomial fit: `np.polyfit`, `np.poly1d` and everything in `np.polynomial` are ruled
out. The checks see what `f` returns, not how it is built inside; the network is yours to be proud of.

The knots need not be evenly spaced. Knots, values and x may all be integers, and the results must still be right.
Knots up to ±10 000 give no warning. Neither function changes its arguments, and `f` may be called many times.

*Worked number.* Knots [0, 1, 3] and values [1, 3, 2]: the slopes are 2 and −0.5. f(0.5) = 2, f(1) = 3 and f(2) = 2.5.

**What the interviewer is after**: do you see a hidden ReLU unit as one bend of the curve? It is the constructive half
of universal approximation. **Follow-ups**: how many hidden units does a curve with K points need? How does the error
shrink as you add knots to a smooth function? What does depth buy that width does not? Why does gradient descent rarely
find this solution?

<details><summary>Hint 1</summary>One unit max(0, x − t) is flat left of t and has slope 1 to the right of it. What does
adding w times this unit do to a curve, left and right of t?</details>
<details><summary>Hint 2</summary>At the first knot, start from a flat line at the first value. The first unit gives the
first segment its slope.</details>
<details><summary>Hint 3</summary>At each later knot but the last the slope has to change. All earlier units are still
active there, so the new weight is the new slope minus the old one.</details>
"""

# %% role="solve" id="relu_interpolator"
from dlkit.reference.activations import relu_interpolator

# %% role="check" id="relu_interpolator-check" points=6
with check("two segments worked by hand"):
    f = expect(relu_interpolator, np.array([0.0, 1.0, 3.0]), np.array([1.0, 3.0, 2.0])).value
    expect(f, np.array([0.0, 0.5, 1.0, 2.0, 3.0])).close([1.0, 2.0, 3.0, 2.5, 2.0])
with check("passes through every point, the two ends too"):
    knots, values = np.array([-2.0, -1.5, 0.0, 0.25, 2.0, 5.0]), np.array([3.0, -1.0, 0.5, 2.0, 2.0, -4.0])
    f = expect(relu_interpolator, knots, values).value
    expect(f, knots).close(values)
with check("no np.interp and no polynomial fit, and straight lines between the knots", weight=4):
    forbid(
        relu_interpolator, "numpy.interp", "numpy.polyfit", "numpy.poly1d", "numpy.polynomial",
        "numpy.polynomial.Polynomial", "numpy.polynomial.Chebyshev", "numpy.polynomial.Legendre",
        "numpy.polynomial.Hermite", "numpy.polynomial.HermiteE", "numpy.polynomial.Laguerre",
    )
    knots, values = np.array([0.0, 1.0, 2.0, 4.0]), np.array([0.0, 2.0, 1.0, 5.0])
    f = expect(relu_interpolator, knots, values).value
    expect(f, np.array([0.25, 0.75, 1.5, 3.0, 3.5])).close([0.5, 1.5, 1.5, 3.0, 4.0])
### BEGIN HIDDEN TESTS
from dlkit.reference import activations as reference

with check("two knots are enough: one straight line"):
    f = expect(relu_interpolator, np.array([-1.0, 3.0]), np.array([5.0, -3.0])).value
    expect(f, np.array([-1.0, 0.0, 1.5, 3.0])).close([5.0, 3.0, 0.0, -3.0])
with check("integer knots and values, x of integers and of floats"):
    f = expect(relu_interpolator, np.array([-3, 0, 2, 4]), np.array([1, 2, -1, 4])).value
    expect(f, np.array([-2, -1, 1, 3])).close([4 / 3, 5 / 3, 0.5, 1.5])
    expect(f, np.array([-1.5, 0.5, 3.5])).close([1.5, 1.25, 2.75])
with check("x in any order, empty, and f called again; no argument is changed"):
    knots, values = np.array([0.0, 2.0, 3.0]), np.array([1.0, 2.0, -2.0])
    f = expect(relu_interpolator, knots, values).unchanged().value
    expect(f, np.array([3.0, 0.0, 2.5, 1.0, 2.5])).close([-2.0, 1.0, 0.0, 1.5, 0.0]).unchanged()
    expect(f, np.zeros(0)).close(np.zeros(0))
    expect(f, np.array([2.0])).close([2.0])
with check("knots at ±10 000, without a warning"):
    knots, values = np.array([-1e4, 0.0, 1e4]), np.array([1.0, -1e4, 1e4])
    f = expect(relu_interpolator, knots, values).no_warning().value
    expect(f, np.array([-1e4, -5e3, 0.0, 5e3, 1e4])).close([1.0, -4999.5, -1e4, 0.0, 1e4], atol=1e-6).no_warning()
with check("equals the reference on random knots"):
    rng = np.random.default_rng(1)
    for k in (3, 5, 12):
        knots, values = np.cumsum(rng.uniform(0.2, 2, k)) - 3, rng.normal(0, 2, k)
        x = rng.uniform(knots[0], knots[-1], 20)
        f = expect(relu_interpolator, knots, values).value
        expect(f, x).close(reference.relu_interpolator(knots, values)(x))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: universal approximation, seen

Your `relu_interpolator` is a network with one hidden layer, written down instead of trained. Each hidden unit bends the
curve once, at its knot. So more units mean more bends, and the question is how fast the error falls.

*What you should see*: 4 segments miss the sine by 0.21, 8 by 0.070. From then on, twice as many segments leave about a
**quarter** of the error: 0.019, 0.0048, 0.0012. That is what theory says of straight pieces of width $h$: the error is
at most $\tfrac18 h^2 \max \lvert f'' \rvert$, the dotted line.
"""

# %% role="demo" id="experiment-universal"
from dlkit.lab import experiment, figure

with experiment(), figure("Every hidden ReLU unit is one more bend", columns=2) as (left, right):
    x = np.linspace(0, 2 * np.pi, 2000)
    left.plot(x, np.sin(x), color="0.6", linewidth=4, label="sin x")
    segments, errors = [2, 4, 8, 16, 32, 64], []
    for count in segments:
        knots = np.linspace(0, 2 * np.pi, count + 1)
        fitted = relu_interpolator(knots, np.sin(knots))(x)
        errors.append(np.abs(fitted - np.sin(x)).max())
        print(f"{count:2d} segments   largest error {errors[-1]:.4f}")
        if count in (4, 8):
            left.plot(x, fitted, label=f"{count} segments")
    left.set(xlabel="x", ylabel="value", title="the network against the sine")
    right.loglog(segments, errors, "o-", label="largest error")
    right.loglog(segments, (2 * np.pi / np.array(segments)) ** 2 / 8, "k:", label="h² / 8")
    right.set(xlabel="segments", ylabel="largest error", title="twice the units, a quarter of the error")
    right.set_xticks(segments, segments)
    right.minorticks_off()
    left.legend()
    right.legend()

# %% [markdown]
r"""
**What to say in an interview.** “One hidden layer of ReLU units comes as close as you like to any continuous function
on an interval, because it can be any piecewise linear function there. The theorem says neither how many units it takes
in many dimensions nor whether gradient descent finds them.”
"""

# %% [markdown]
r"""
### Concept question: without any bend
"""

# %% role="question" id="linear_stack_collapse" points=1

# %% [markdown]
r"""
## Summary: the evening before

| function | range | derivative | cost | where it is used | pitfall |
|---|---|---|---|---|---|
| sigmoid σ(z) | (0, 1) | σ(1 − σ), at most ¼ | one exp | yes-or-no outputs, one per label; gates of LSTM and GRU | saturates on both sides; outputs not centred |
| tanh | (−1, 1) | 1 − tanh², at most 1 | one exp | states of recurrent networks; bounded outputs | saturates, earlier than sigmoid |
| ReLU | [0, ∞) | 0 or 1 | one comparison | the default in MLPs and CNNs | dead units; outputs not centred |
| leaky ReLU, PReLU | (−∞, ∞) | 1 or the slope | one comparison and one product | where units die; PReLU learns the slope, C parameters | gain is often small; no weight decay on PReLU's slope |
| ELU | (−α, ∞) | 1, or α·eᶻ for z < 0 | one exp for z < 0 | outputs with a mean nearer 0 | exp of the branch not taken overflows |
| SELU | (−1.758, ∞) | 1.0507, or 1.758·eᶻ for z < 0 | one exp for z < 0 | deep MLPs without normalization | needs its own initialization (variance 1/n) and dropout |
| softplus | (0, ∞) | σ(z) | exp and log | outputs that must be positive: a variance, a rate | no exact zeros; naive form overflows |
| GELU | [−0.170, ∞) | Φ(z) + z·φ(z) | erf, or tanh form | BERT, GPT, ViT | two forms: use the one that the weights were trained with |
| swish, SiLU | [−0.278, ∞) | σ + z·σ(1 − σ) | one exp | EfficientNet; gated (SwiGLU) in LLaMA | not monotonic; keeps its input in memory for the backward |
| maxout | (−∞, ∞) | that of the winning piece | k times the weights | rarely, with dropout | k times the parameters |
| hard tanh | [−1, 1] | 1 inside, 0 outside | two comparisons | quantized and mobile networks | no gradient at all outside |
| RBF | (0, 1] | −2γ(x − c) · output | a distance and one exp | local models, small data | 0 far from every centre, in high dimension nearly everywhere |
| softmax | (0, 1), sum 1 | yᵢ(δᵢⱼ − yⱼ) | exp and a sum per row | one of C classes; attention | subtract the maximum; mask before, not after |
| log-softmax | (−∞, 0) | δᵢⱼ − softmaxⱼ | exp, sum and log | with negative log-likelihood | log of a softmax gives −∞ where it underflows |
| none (identity) | (−∞, ∞) | 1 | nothing | regression outputs, logits, low-rank bottlenecks | stacked without a bend, layers collapse into one |

**Ten sentences to be able to say**

1. Without a non-linearity between them, any number of linear layers is one linear layer.
2. Backpropagation multiplies by one slope per layer; sigmoid's is at most ¼, so ten sigmoid layers leave at most
   $4^{-10} \approx 10^{-6}$ before the weights have their say.
3. tanh is a sigmoid stretched and centred, $\tanh z = 2\sigma(2z) - 1$: steeper at 0, and saturated just the same.
4. If all inputs of a unit are positive, one example moves all its weights up or all down; centring straightens the
   path and permits a larger learning rate.
5. ReLU is cheap, has slope exactly 1 where it is on, and gives sparse outputs; it is not zero-centred, and units can
   die.
6. A dead unit has z ≤ 0 on all data and therefore gradient 0; the usual cause is too large a step, and the first cure
   is a smaller learning rate, not a bias of 0.01.
7. A kink does not hurt gradient descent: z is hardly ever exactly 0, and any slope between the two one-sided ones
   serves there; libraries take 0.
8. GELU and SiLU are smooth, keep some gradient just below 0 and do a little better in transformers; the reason is
   experience, not a theorem.
9. Sigmoid for independent yes-or-no answers, softmax for exactly one of C classes, nothing for regression; and
   compute the loss from the logits.
10. Softmax does not change when a constant is added to all logits, so subtract the maximum; dividing by a temperature
    changes how sure it is and never the order.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| activation function | 激活函数 | the function applied to every number between two linear layers |
| pre-activation | 净输入（预激活值） | z = x @ W + b, what goes into the activation |
| non-linearity | 非线性 | whatever is not affine; without it depth adds nothing that a single layer cannot represent |
| saturation | 饱和 | a unit works where its function is flat, so that almost no gradient passes |
| vanishing gradient | 梯度消失 | the product of many factors below 1 leaves the lower layers without a gradient |
| exploding gradient | 梯度爆炸 | the same with factors above 1: gradients grow exponentially with depth |
| upstream gradient | 上游梯度 | `dout`, the gradient of the loss with respect to a layer's output |
| zero-centred | 零中心化 | with mean 0, so that inputs of the next layer have both signs |
| zig-zag path | 之字形（锯齿形）路径 | what gradient descent walks when the steps it can take do not point at the goal |
| condition number | 条件数 | largest over smallest eigenvalue of the Hessian: how much the best direction and the gradient may differ |
| rectified linear unit (ReLU) | 修正线性单元 | max(0, z) |
| dead ReLU | ReLU 死亡（神经元死亡） | a unit with z ≤ 0 on all the data, which no gradient reaches any more |
| leaky ReLU | 带泄露的修正线性单元 | a small fixed slope on the negative side |
| parametric ReLU (PReLU) | 参数化修正线性单元 | that slope learnt, one per channel |
| exponential linear unit (ELU) | 指数线性单元 | α(eᶻ − 1) on the negative side |
| self-normalizing network | 自归一化网络 | a network whose activations return to mean 0 and variance 1 by themselves, as with SELU |
| Gaussian error linear unit (GELU) | 高斯误差线性单元 | z·Φ(z): z times the probability that a standard normal variable is below z |
| gating | 门控机制 | one number between 0 and 1 decides how much of another passes; swish gates itself (自门控) |
| sparsity | 稀疏性 | many outputs are exactly 0 |
| kink | 不可导点 | a point where left and right slope differ |
| subgradient | 次梯度 | any slope between the two one-sided ones, for a convex function |
| piecewise linear | 分段线性 | straight between knots, as every ReLU network is |
| universal approximation theorem | 通用近似定理（万能近似定理） | one wide enough hidden layer comes as close as you like to any continuous function on a bounded closed set |
| radial basis function | 径向基函数 | a unit that answers to the distance from its centre |
| logit | 对数几率（未归一化得分） | the number that goes into the output's sigmoid or softmax |
| softmax | softmax 函数（归一化指数函数） | exponentials divided by their sum: positive numbers that add up to 1 |
| temperature | 温度系数 | divides the logits before a softmax: below 1 sharper, above 1 flatter |
| log-sum-exp | 对数求和指数（LogSumExp） | the logarithm of a sum of exponentials, the smooth maximum behind softmax |
| mask | 掩码 | says which places a softmax may give weight to |
| overflow, underflow | 上溢、下溢 | a number too large, or too near 0, for its floating-point type |
"""
