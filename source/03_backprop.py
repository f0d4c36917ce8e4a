# %% [markdown]
r"""
# 03 · Backprop

Back-propagation is the chain rule, applied from the loss backwards, with every common factor computed once. In an
interview you derive it on paper, write it in numpy, and are asked how you know that it is right. So this unit has two
halves: three ways to get a gradient, and how to let one of them check the other.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit backprop`, which runs about as many checks again. Concept questions are marked when you hand in.
Before each experiment there is a question: answer it before you run the cell.

The exercises take about three and a quarter hours, with questions and experiments about five. Do a family at a sitting:
measured gradients, the dense layer, the equations of backprop up to a whole network, the autodiff class, Jacobians and
their products; then checkpoints, which trade time for memory, and what depth adds.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| upstream gradient | `dout` = ∂L/∂(output), with the output's shape; a backward returns one gradient per array argument, in argument order | `dy`, `grad_output` |
| cache | a forward with a backward returns `(out, cache)`; what is in the cache is your own affair | |
| shapes | rows are samples: `x` is `(N, D)`, `W` is `(D, M)`, a layer is `x @ W + b` | Nielsen: samples are columns; PyTorch stores `(M, D)` |
| measured gradients | `f` takes an array and returns a number; results are float64 whatever x is | |
| relative error | the largest $\lvert a - b \rvert / \max(10^{-8}, \lvert a \rvert + \lvert b \rvert)$ over the entries | some divide by the larger of the two |
| batch | gradients of parameters are summed over the batch; a 1/N comes from the loss only | |
| Jacobian | `J[i, j]` = ∂f_i/∂x_j, shape `(m, n)` for f from n to m numbers | some books: its transpose |
| kinks | ReLU's derivative at 0 is 0 | |
| dtype | where nothing is measured, float32 stays float32; integers must give right values | |
| purity | no argument is changed | |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math
from collections.abc import Callable, Sequence

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, gradients, graph

# %% [markdown]
r"""
## Measuring a gradient

### The numerical gradient ★ · 8 min

**Given** a function `f` that takes an array of x's shape and returns one number, an array `x`, and a step `h`,
**return** the gradient of f at x by central differences, an array of x's shape. One entry moves at a time:

$$ g_i = \frac{f(x + h\, e_i) - f(x - h\, e_i)}{2h} $$

Here $e_i$ is 1 at entry i and 0 elsewhere. x has any shape with at least one entry: `()`, `(4,)`, `(2, 3)`. f may
return a Python float or an array of shape `()`.

The result is float64 whatever x's dtype, and so is what you pass to f: 3 + 0.00001 is lost in an integer array, and in
float32 most of its digits are. Use the `h` you are given. Afterwards `x` is the same to the last bit. Loops are
allowed.

*Worked number.* f(x) = x³ at x = 2 with h = 0.1: (2.1³ − 1.9³) / 0.2 = 12.01, and the true slope is 12. A forward
difference, (2.1³ − 2³) / 0.1, gives 12.61.

**What the interviewer is after**: a tool that you would trust more than the gradient it tests. **Follow-ups**: why is
the error of a central difference of order h², and of a forward one of order h? Why does a much smaller h make it worse?
How many calls of f does a network with a million weights need? What goes wrong at a ReLU's kink, and with dropout on?

<details><summary>Hint 1</summary><code>np.ndindex(x.shape)</code> gives the index of every entry, whatever the number
of axes.</details>
<details><summary>Hint 2</summary>Work on float64 copies. Adding h, taking 2h away and adding h again does not always
give back the number that you began with: 0.1 with h = 0.00001 is a case.</details>
<details><summary>Hint 3</summary>For each index: two copies of x, one with h added at that entry, one with h taken
away there. The difference of the two values of f, over 2h, is that entry of the gradient.</details>
"""

# %% role="solve" id="numerical_gradient"
from dlkit.reference.backprop import numerical_gradient

# %% role="check" id="numerical_gradient-check" points=2
with check("x³ at 2 with h = 0.1: central, so 12.01"):

    def cube(x):
        return float(np.sum(x**3))

    expect(numerical_gradient, cube, np.array([2.0]), 0.1).close([12.01])
    expect(numerical_gradient, cube, np.array([2.0, -1.0, 0.5])).close([12.0, 3.0, 0.75], atol=1e-7)
with check("one entry moves at a time: f mixes its entries"):

    def mixed(x):
        return float(x[0] ** 2 * x[1] + 3 * x[1] * x[2])

    expect(numerical_gradient, mixed, np.array([3.0, 2.0, -1.0])).close([12.0, 6.0, 6.0], atol=1e-7)
with check("two axes: shape (2, 3)"):

    def weighted(x):
        return float(np.sum(x * x * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])) + x[0, 0] * x[1, 2])

    x = np.array([[1.0, -1.0, 0.5], [2.0, 0.0, -1.5]])
    expect(numerical_gradient, weighted, x).close([[0.5, -4.0, 3.0], [16.0, 0.0, -17.0]], atol=1e-7)
with check("x is the same afterwards, to the last bit"):

    def squares(x):
        return float(np.sum(x**2))

    x = np.array([0.1, 0.7, -1.3, -0.6])
    expect(numerical_gradient, squares, x).close([0.2, 1.4, -2.6, -1.2], atol=1e-7).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("integers in x: float64 comes back, nothing is cut off"):

    def product(x):
        return float(np.prod(x) + np.sum(np.sin(x)))

    x = np.array([[1, 2], [3, -4]])
    expected = reference.numerical_gradient(product, 1.0 * x)
    expect(numerical_gradient, product, x).close(expected, atol=1e-7).dtype(np.float64).unchanged()
with check("float32 x: measured and returned in float64"):

    def curved(x):
        return float(np.sum(np.sin(x) * x))

    x = np.array([0.5, -1.25, 2.0], dtype=np.float32)
    expected = reference.numerical_gradient(curved, x)
    expect(numerical_gradient, curved, x).close(expected, atol=1e-7).dtype(np.float64).unchanged()
with check("x of shape (), and an f that returns arrays of shape ()"):

    def bare(x):
        return np.asarray(np.sum(np.exp(x) * 3))

    expect(numerical_gradient, bare, np.array(0.5)).close(3 * np.exp(0.5)).shape(())
    expect(numerical_gradient, bare, np.array([[0.5], [-1.0]])).close(3 * np.exp([[0.5], [-1.0]])).shape((2, 1))
with check("equals the reference on random shapes and steps"):

    def wavy(x):
        return float(np.sum(np.tanh(x) * np.cos(np.cumsum(x).reshape(x.shape))))

    rng = np.random.default_rng(1)
    for shape, h in [((5,), 1e-4), ((3, 4), 1e-2), ((2, 1, 3), 0.3), ((1,), 1e-5)]:
        x = rng.normal(0, 1, shape)
        expect(numerical_gradient, wavy, x, h).close(reference.numerical_gradient(wavy, x, h), atol=1e-7)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Relative error ★ · 4 min

**Given** two gradients `a` and `b`, arrays of the same shape or two plain numbers, **return** one float that says how
far apart they are: the largest relative error of any entry.

$$ \max_i \; \frac{\lvert a_i - b_i \rvert}{\max\bigl(10^{-8},\; \lvert a_i \rvert + \lvert b_i \rvert\bigr)} $$

Below the line stands the *sum* of the two sizes, so the error lies between 0 and 1, and it is the same when a and b
trade places. The $10^{-8}$ is a floor, not something added: it makes the error 0 where both entries are 0, without a
warning.

Integers give the right float. A NaN anywhere makes the result NaN: a check that loses it calls a broken gradient
perfect. Two empty arrays have error 0. Neither argument is changed.

*Worked number.* a = [1, 2, 0] and b = [1, 3, 0]: the errors are 0, 1/5 and 0, so the result is 0.2. For a = 1 and
b = −1 it is 1, the largest possible.

**What the interviewer is after**: why not the plain difference, and what happens near 0? **Follow-ups**: which error
makes you suspicious in float64, which in float32? Why the maximum and not the mean? Why may a deep network with a right
gradient show a larger error?

<details><summary>Hint 1</summary>Compute an array of errors first, entry by entry, then reduce it.</details>
<details><summary>Hint 2</summary><code>np.maximum</code> compares entry by entry, <code>np.max</code> reduces.
Which one does the floor need?</details>
<details><summary>Hint 3</summary>Python's <code>max(nan, x)</code> depends on the order, <code>np.max</code> keeps
NaN. And <code>np.max(errors, initial=0.0)</code> has an answer for empty arrays.</details>
"""

# %% role="solve" id="relative_error"
from dlkit.reference.backprop import relative_error

# %% role="check" id="relative_error-check" points=2
with check("the largest error of three, worked by hand"):
    expect(relative_error, np.array([1.0, 2.0, 0.5]), np.array([1.0, 3.0, 0.6])).close(0.2)
with check("0 for equal arrays, also where both entries are 0, without a warning"):
    expect(relative_error, np.array([0.0, 2.0, -1.0]), np.array([0.0, 2.0, -1.0])).close(0.0).no_warning()
    expect(relative_error, np.array([0.0, 4.0]), np.array([0.0, 1.0])).close(0.6).no_warning()
with check("opposite signs: 1, in any order"):
    expect(relative_error, np.array([2.0, -3.0]), np.array([2.1, 3.0])).close(1.0)
    expect(relative_error, np.array([-2.0, 1.0]), np.array([-6.0, 1.0])).close(0.5)
    expect(relative_error, np.array([-6.0, 1.0]), np.array([-2.0, 1.0])).close(0.5)
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("tiny entries: the floor is 1e-8, and is not added"):
    expect(relative_error, np.array([1e-9, 2.0]), np.array([0.0, 2.0])).close(0.1)
    expect(relative_error, np.array([3e-8, 2.0]), np.array([1e-8, 2.0])).close(0.5)
with check("a NaN is not lost, wherever it stands"):
    expect(relative_error, np.array([1.0, math.nan, 2.0]), np.array([1.0, 1.0, 3.0])).close(math.nan)
    expect(relative_error, np.array([math.nan, 1.0]), np.array([1.0, 3.0])).close(math.nan)
    expect(relative_error, np.array([[1.0], [3.0]]), np.array([[3.0], [math.nan]])).close(math.nan)
with check("any shape, plain numbers, integers, and two empty arrays"):
    rng = np.random.default_rng(2)
    for shape in [(3, 4), (2, 1, 3)]:
        a, b = rng.normal(0, 1, shape), rng.normal(0, 1, shape)
        expect(relative_error, a, b).close(reference.relative_error(a, b))
    expect(relative_error, 3.0, 1.0).close(0.5)
    expect(relative_error, np.array([[1, 2], [-3, 0]]), np.array([[1, 3], [-2, 0]])).close(0.2)
    expect(relative_error, np.zeros((0, 2)), np.zeros((0, 2))).close(0.0)
with check("a and b are left alone"):
    a, b = np.array([-1.0, 2.0, 5.0]), np.array([-1.5, 2.0, 4.0])
    expect(relative_error, a, b).close(0.2).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a check in float32

Each question cell asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="gradcheck_float32" points=1

# %% [markdown]
r"""
### The gradient check ★★ · 12 min

`numerical_gradient` calls f twice for every entry of x: too slow for a network. A few random directions find the same
mistakes. **Given** `f`, the claimed gradient `grad` at `x` (an array of x's shape), a generator `rng`, the number of
`directions` and a step `h`, **return** one float: the worst relative error along these directions.

Along a unit vector v the gradient claims the slope on the left, and two calls of f measure the one on the right:

$$ \sum_i \text{grad}_i\, v_i \qquad \text{against} \qquad \frac{f(x + h v) - f(x - h v)}{2h} $$

Call them a and b. The error of a direction is
$\lvert a - b \rvert \,/ \max(10^{-8}, \lvert a \rvert + \lvert b \rvert)$, as in `relative_error`, and the
largest one is returned.

- Each direction is drawn anew from `rng`, and moves all entries of x, about half of them up and half down. Best is a
  normal vector divided by its length: it is uniform over all directions.
- Two calls of f for each direction, however large x is, so 10 by default, and no others.
- x has any shape, `()` too, and is float or integer. f is called with float64 arrays of x's shape and returns one
  number, a float or an array of shape `()`.
- f may be flat: if both slopes are 0 the error is 0. A NaN in grad makes the result NaN. No argument is changed.
- You may call your `relative_error`. Get it right first, or its slips are counted here too.

You are judged by outcome: near 0 (below 1e-6) for a right gradient, large for a wrong one, whatever numbers you draw.

*Worked number.* A gradient that is twice the right one has error 1/3 in every direction, one of the wrong sign has
error 1. For f(x) = x³ at x = 2 with grad = 12 and the large step h = 0.1, the slopes are ±12 and ±12.01, and the error
is 0.000416.

**What the interviewer is after**: can you test a gradient of a million entries with ten calls, and say which mistakes
would slip through? **Follow-ups**: why not random coordinates instead of random directions? Why is one direction not
enough, and which wrong gradients does it miss? How do you check in float32? What do kinks, dropout and batch norm do to
this check? When do you turn regularization off first?

<details><summary>Hint 1</summary>The chain rule: the derivative of f(x + t v) by t, at t = 0, is the sum of grad · v.
For any shape, multiply elementwise and sum everything.</details>
<details><summary>Hint 2</summary><code>rng.standard_normal(x.shape)</code> over its <code>np.linalg.norm</code> is a
unit vector of x's shape; draw one inside the loop.</details>
<details><summary>Hint 3</summary>Collect one error for each direction in a list and return
<code>float(np.max(errors))</code>: Python's <code>max</code> can lose a NaN.</details>
"""

# %% role="solve" id="gradient_check"
from dlkit.reference.backprop import gradient_check

# %% role="check" id="gradient_check-check" points=4
with check("a right gradient: below 1e-6; twice as large: 1/3; opposite: 1; zero: 1"):

    def quadratic(x):
        return float(x[0] * x[1] + x[2] ** 2)

    x, grad, rng = np.array([1.0, -2.0, 0.5]), np.array([-2.0, 1.0, 1.0]), np.random.default_rng(0)
    expect(gradient_check, quadratic, grad, x, rng).close(0.0, atol=1e-6)
    expect(gradient_check, quadratic, 2 * grad, x, rng).close(1 / 3, atol=1e-5)
    expect(gradient_check, quadratic, -grad, x, rng).close(1.0, atol=1e-5)
    expect(gradient_check, quadratic, 0 * grad, x, rng).close(1.0, atol=1e-5)
with check("x³ at 2 with h = 0.1: central, along unit vectors, so 0.01 / 24.01"):

    def cube(x):
        return float(np.sum(x**3))

    expect(gradient_check, cube, np.array([12.0]), np.array([2.0]), np.random.default_rng(1), 5, 0.1).close(
        0.01 / 24.01, rtol=1e-5
    )
with check("one wrong entry among 1200 is found"):

    def waves(x):
        return float(np.sum(np.sin(x) * np.cos(np.arange(1200.0)).reshape(30, 40)))

    x, grad = np.zeros((30, 40)), np.cos(np.arange(1200.0)).reshape(30, 40)
    expect(gradient_check, waves, grad, x, np.random.default_rng(2)).close(0.0, atol=1e-6)
    grad[17, 23] += 5
    expect(gradient_check, waves, grad, x, np.random.default_rng(2)).satisfies(
        lambda error: np.ndim(error) == 0 and 1e-3 < error <= 1, "an error above 0.001: grad[17, 23] is wrong by 5"
    )
with check("two calls of f for each direction, however large x is"):

    def half(x):
        return float(np.sum(x) / 2)

    for size, directions in [(3, 5), (200, 5), (200, 3), (2, 8)]:
        x, rng = np.zeros(size), np.random.default_rng(3)
        expect(gradient_check, half, np.ones(size), x, rng, directions).close(1 / 3, atol=1e-5).asked(
            lambda calls, wanted=2 * directions: len(calls) == wanted, f"{2 * directions} calls of f"
        )
### BEGIN HIDDEN TESTS
with check("(4, 4): a transposed gradient is found, and so are two entries that trade places"):

    def product(x):
        return float(np.sum(x**2 * np.arange(16.0).reshape(4, 4)) / 8)

    x = np.random.default_rng(4).normal(0, 1, (4, 4))
    grad = x * np.arange(16.0).reshape(4, 4) / 4
    traded = grad.copy()
    traded[[0, 3], 1] = traded[[3, 0], 1]
    expect(gradient_check, product, grad, x, np.random.default_rng(5)).close(0.0, atol=1e-6)
    for wrong in (grad.T.copy(), traded):
        expect(gradient_check, product, wrong, x, np.random.default_rng(5)).satisfies(
            lambda error: np.ndim(error) == 0 and 1e-3 < error <= 1, "an error above 0.001: the gradient is wrong"
        )
with check("directions are drawn from rng: same state, same error; another state, another error"):

    def plane(x):
        return float(np.sum(x * np.array([1.0, -2.0, 3.0])))

    x, grad = np.zeros(3), np.array([1.0, -1.99, 3.01])
    first = expect(gradient_check, plane, grad, x, np.random.default_rng(6), 1).satisfies(
        lambda error: np.ndim(error) == 0 and 0 < error <= 1, "one number above 0: the gradient is wrong"
    )
    again = first.value
    expect(gradient_check, plane, grad, x, np.random.default_rng(6), 1).close(again)
    expect(gradient_check, plane, grad, x, np.random.default_rng(7), 1).satisfies(
        lambda error, again=again: error != again, "another error, as rng is in another state"
    )
with check("the directions differ, their entries have both signs, all entries move"):

    def tilted(x):
        return float(np.sum(x) / 2)

    x, rng = np.zeros((20, 50)), np.random.default_rng(8)
    expect(gradient_check, tilted, np.ones((20, 50)), x, rng).close(1 / 3, atol=1e-5).asked(
        lambda calls: np.linalg.matrix_rank([np.ravel(call.args[0]) for call in calls], tol=1e-6) == 5,
        "five directions, none of which depends on the others",
    ).asked(
        lambda calls: all(0.3 < np.mean(np.ravel(call.args[0]) > 0) < 0.7 for call in calls),
        "in each direction about half of the entries of x rise and half fall",
    )
with check("of all directions, the worst error counts"):

    def slanted(x):
        return float(x[0] + x[1])

    result = expect(gradient_check, slanted, np.array([1.0, 2.0]), np.zeros(2), np.random.default_rng(9), 20)
    result.satisfies(lambda error: np.ndim(error) == 0 and 0 < error <= 1, "one number above 0, and at most 1")
    result.asked(
        lambda calls, said=result.value: np.isclose(
            said,
            max(abs(u[1]) / max(abs(u[0] + 2 * u[1]) + abs(u[0] + u[1]), 1e-13) for u in (c.args[0] for c in calls)),
            rtol=1e-4,
        ),
        "the largest of the relative errors along the directions in which f was called",
    )
with check("a flat function: error 0 for grad 0, 1 for any other; a NaN in grad is not lost"):

    def flat(x):
        return 0.5

    x, grad, rng = np.array([1.0, -2.0]), np.array([0.5, -1.0]), np.random.default_rng(10)
    expect(gradient_check, flat, 0 * grad, x, rng).close(0.0)
    expect(gradient_check, flat, grad, x, rng).close(1.0)
    expect(gradient_check, flat, np.array([math.nan, 1.0]), x, rng).close(math.nan)
with check("integers and float32 in x, shape (), an f that returns arrays of shape (); arguments left alone"):

    def curved(x):
        return np.asarray(np.sum(x**2 + np.sin(x)))

    rng = np.random.default_rng(11)
    for x in (np.array([[1, 2], [-3, 4]]), np.array([0.5, -1.5, 2.0], dtype=np.float32), np.array(0.75)):
        grad = 2.0 * x + np.cos(np.asarray(x, dtype=np.float64))
        expect(gradient_check, curved, grad, x, rng).close(0.0, atol=1e-6).unchanged()
        expect(gradient_check, curved, 3 * grad, x, rng).close(0.5, atol=1e-5).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a check that never gives the same answer twice
"""

# %% role="question" id="gradcheck_dropout" points=1

# %% [markdown]
r"""
### Experiment: two false alarms, kinks and dropout

Both gradients below are right. The check complains all the same, and you should know why before you look for a bug.

- Left: a layer of 300 ReLU units, 20 rows of data, and the mean of relu(x @ W + b) @ v. Your `numerical_gradient` with
  respect to the biases b, with h = 0.01, is compared with the true one, a mark for each bias. The horizontal axis says
  how far the nearest kink is, in steps of h.
- Right: a unit behind dropout (p = ½), checked by your `gradient_check`. Once each call of f draws a fresh mask, once
  all calls share one mask, because f makes its generator anew from the same seed.

*Make a prediction*: f on the left is a straight line between kinks. How large is the error of a bias whose step crosses
none? And on the right: does a smaller h help against the fresh masks?
"""

# %% role="demo" id="experiment-false-alarms"
from dlkit.lab import experiment, figure

with experiment(), figure("The gradient is right, the check is not: kinks and fresh masks", columns=2) as (left, right):
    rng = np.random.default_rng(0)
    b, v, products = rng.normal(0, 1, 300), rng.normal(0, 1, 300), rng.normal(0, 1, (20, 300))  # products: x @ W
    z = products + b  # (20, 300)
    true = v * np.mean(z > 0, axis=0)  # (300,)
    for h in [1e-2, 1e-3, 1e-5]:
        measured = numerical_gradient(lambda b: np.mean(np.maximum(products + b, 0) @ v), b, h)
        errors = np.array([relative_error(m, t) for m, t in zip(measured, true, strict=True)])
        nearest = np.abs(z).min(axis=0) / h  # how many h until the unit's z changes sign in some row
        crossed = nearest < 1
        print(f"ReLU, h = {h:g}: of {np.sum(crossed)} steps that cross a kink, ", end="")
        print(f"{np.sum(errors[crossed] > 1e-6)} are off by more than 1e-6; ", end="")
        print(f"of {np.sum(~crossed)} that cross none, {np.sum(errors[~crossed] > 1e-6)}")
        if h == 1e-2:
            left.loglog(nearest[crossed], errors[crossed], "x", color="C1", label="crosses a kink")
            left.loglog(nearest[~crossed], np.maximum(errors[~crossed], 1e-16), ".", color="C0", label="crosses none")

    X, y, w = rng.normal(0, 1, (20, 30)), rng.uniform(-1, 1, 20), rng.normal(0, 0.2, 30)

    def loss_and_gradient(w, generator):
        """½·mean of (tanh(dropped @ w) − y)², with a mask from the generator."""
        dropped = X * (generator.random(X.shape) < 0.5) * 2  # (20, 30)
        out = np.tanh(dropped @ w)
        return 0.5 * np.mean((out - y) ** 2), dropped.T @ ((out - y) * (1 - out**2)) / 20

    claimed = loss_and_gradient(w, np.random.default_rng(1))[1]
    fresh = np.random.default_rng(2)
    kinds = [
        ("a fresh mask at each call", "x-", "C1", lambda w: loss_and_gradient(w, fresh)[0]),
        ("one mask for all calls", "o-", "C0", lambda w: loss_and_gradient(w, np.random.default_rng(1))[0]),
    ]
    steps = 10.0 ** -np.arange(1, 9)
    for name, style, color, f in kinds:
        errors = [gradient_check(f, claimed, w, np.random.default_rng(3), h=h) for h in steps]
        right.loglog(steps, errors, style, color=color, label=name)
        slope = (f(w + 1e-5 * np.eye(30)[0]) - f(w - 1e-5 * np.eye(30)[0])) / 2e-5
        verdict = "passes" if errors[4] < 1e-6 else f"fails, error {errors[4]:.2f}"
        print(f"dropout, {name}: slope along the first weight {slope:.4g}, claimed {claimed[0]:.4g}; ", end="")
        print(f"the check with h = 1e-5 {verdict}")
    left.axvline(1, color="0.5", linewidth=1)
    left.set(xlabel="distance to the nearest kink, in h", ylabel="relative error", ylim=(1e-17, 10))
    left.set_title("ReLU: a mark for each of 300 biases")
    right.set(xlabel="h", ylabel="worst relative error", ylim=(1e-13, 10), title="dropout: is f the same at each call?")
    left.legend(loc="center right")
    right.legend(loc="lower right")

# %% [markdown]
r"""
**What it shows.** With h = 0.01, 31 of the 300 steps cross a kink. Those 31 biases are off by 0.0002 to 0.14, which
looks like a bug; the other 269 agree to $10^{-11}$. A step that crosses a kink averages two slopes, and neither is at
fault. A smaller h crosses fewer: 3 biases with h = 0.001, none with h = 0.00001.

Fresh masks are another matter. The check compares two different functions, so the difference does not shrink with h
and is divided by 2h: at h = 0.00001 the measured slope is 7318 where the true one is 0.0763. No h helps. One mask for
all calls makes the check pass, with an error of $10^{-8}$, and tests dropout's own backward too.

**What to say in an interview.** “Before I believe a failed gradient check I look at which entries fail. If a few fail
and a smaller h mends them, it is kinks. If everything changes from run to run, something random is inside f: dropout,
shuffling, augmentation, batch statistics. I freeze it.”
"""

# %% [markdown]
r"""
### The complex step ★★ · 8 min

**Given** an analytic function `f`, a real array `x` and a tiny step `h`, **return** the gradient of f at x, an array of
x's shape, without subtracting anything. Entry k moves along the *imaginary* axis:

$$ g_k = \frac{\mathrm{Im}\, f(x + i h\, e_k)}{h}
\qquad \text{because} \qquad
f(x + ih) = f(x) + i h f'(x) - \tfrac12 h^2 f''(x) - \dots $$

f takes a complex128 array of x's shape and returns one complex number (or an array of shape `()`). Call it with
complex128, also where x is float32 or integer. x is real, of any shape with at least one entry, `()` too.

The result is real, float64, and right to a relative 1e-11: no central difference of two calls gets there. Use the `h`
you are given, which may be as small as 1e-100. `x` is not changed. Loops are allowed.

*Worked number.* f(x) = eˣ / (sin³x + cos³x) at 1.5 (Squire and Trapp's own example): 3.6220337007163. Central
differences with h = 1e-5 give 3.62203370172, which is right to nine digits. With the huge h = 0.1, f(x) = x³ at 2
gives 11.99, where a central difference gives 12.01.

**What the interviewer is after**: do you see where a difference quotient loses its digits, and why this one does not?
**Follow-ups**: why may h be 1e-30 here and not there? Which functions break it (`abs`, `max`, comparisons, `.real`,
conjugates), and how would you write ReLU for it? How is it related to dual numbers and forward-mode differentiation?

<details><summary>Hint 1</summary>A float array cannot hold an imaginary part. Convert a copy of x first.</details>
<details><summary>Hint 2</summary>The step is <code>1j * h</code>, added to one entry at a time. The real part of f is
just f(x): where is the derivative?</details>
<details><summary>Hint 3</summary>For each index k: <code>moved = x.astype(complex)</code>, add the step at k, and take
<code>np.imag(f(moved)) / h</code>.</details>
"""

# %% role="solve" id="complex_step_gradient"
from dlkit.reference.backprop import complex_step_gradient

# %% role="check" id="complex_step_gradient-check" points=4
with check("Squire and Trapp's example at 1.5, to a relative 1e-11"):

    def squire(x):
        return np.sum(np.exp(x) / (np.sin(x) ** 3 + np.cos(x) ** 3))

    expect(complex_step_gradient, squire, np.array([1.5])).close([3.6220337007163], rtol=1e-11, atol=0)
with check("x³ at 2 with h = 0.1: 11.99"):

    def cube(x):
        return np.sum(x**3)

    expect(complex_step_gradient, cube, np.array([2.0]), 0.1).close([11.99], rtol=1e-11)
    expect(complex_step_gradient, cube, np.array([2.0, -1.0])).close([12.0, 3.0], rtol=1e-11)
with check("one entry moves at a time: f mixes its entries"):

    def mixed(x):
        return x[0] ** 2 * x[1] + 3 * x[1] * x[2]

    expect(complex_step_gradient, mixed, np.array([3.0, 2.0, -1.0])).close([12.0, 6.0, 6.0], rtol=1e-11)
with check("two axes, and the result is real float64"):

    def waves(x):
        return np.sum(np.sin(x) * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))

    x = np.array([[1.0, -1.0, 0.5], [2.0, 0.0, -1.5]])
    expected = np.cos(x) * np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expect(complex_step_gradient, waves, x).close(expected, rtol=1e-11).dtype(np.float64).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("integers in x"):

    def sines(x):
        return np.sum(x * np.sin(x))

    x = np.array([1, -2, 3])
    expect(complex_step_gradient, sines, x).close(np.sin(x) + x * np.cos(x), rtol=1e-11).dtype(np.float64).unchanged()
with check("float32 x: computed and returned in double precision"):

    def bells(x):
        return np.sum(np.exp(-x * x) * x)

    x = np.array([0.3, -1.1, 0.7], dtype=np.float32)
    X = x.astype(np.float64)
    expected = np.exp(-X * X) * (1 - 2 * X * X)
    expect(complex_step_gradient, bells, x).close(expected, rtol=1e-11).dtype(np.float64)
with check("x of shape (), and a step of 1e-100"):

    def powers(x):
        return np.asarray(np.sum(x**2 * np.exp(3 * x)))

    for h in (1e-30, 1e-100):
        expected = np.exp(1.5) * 1.75
        expect(complex_step_gradient, powers, np.array(0.5), h).close(expected, rtol=1e-11).shape(())
with check("equals the reference on random shapes"):

    def network(x):
        return np.sum(np.tanh(x) * np.cos(np.cumsum(x).reshape(x.shape))) / (2 + np.sum(x * x))

    rng = np.random.default_rng(1)
    for shape in [(5,), (3, 4), (2, 1, 3), (1,)]:
        x = rng.normal(0, 1, shape)
        expected = reference.complex_step_gradient(network, x)
        expect(complex_step_gradient, network, x).close(expected, rtol=1e-11, atol=1e-13)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: which h?

f(x) = 1 / (1 + Σx²) has an exact gradient to compare with: −2x·f². The experiment measures it at 30 random points, with
h from 1 down to 10⁻¹⁶, and draws the median of your `relative_error`.

Two errors pull in opposite directions. **Truncation**: the difference is not the derivative; a smaller h helps.
**Rounding**: two nearly equal numbers are subtracted and the rest is divided by h; a smaller h hurts.

*Make a prediction*: which h is best for forward differences (f(x + h) − f(x)) / h, which for your central ones? What
does the complex step do at h = 10⁻¹⁶? And what is the best that float32 can reach?
"""

# %% role="demo" id="experiment-step-size"
from dlkit.lab import experiment, figure


def bell(x):
    return 1 / (1 + (x * x).sum())


def bell32(x):
    """The same, computed in float32 as a network would."""
    return bell(x.astype(np.float32))


def forward_difference(f, x, h):
    return np.array([(f(x + step) - f(x)) / h for step in h * np.eye(len(x))])


with experiment(), figure("Too large an h truncates, too small an h rounds", columns=2, sharey=True) as (left, right):
    points = np.random.default_rng(0).uniform(0.5, 1.5, (30, 3)).astype(np.float32).astype(np.float64)
    steps = 10.0 ** -np.arange(0, 16.5, 0.5)

    def errors(gradient, f, h):
        """The median over the points; what is exactly 0 is drawn at 1e-17."""
        each = [relative_error(gradient(f, x, h), -2 * x * bell(x) ** 2) for x in points]
        return max(float(np.median(each)), 1e-17)

    methods = [
        ("forward difference", "s-", "C1", forward_difference, bell, [left]),
        ("central difference", "o-", "C0", numerical_gradient, bell, [left, right]),
        ("complex step", "^-", "C2", complex_step_gradient, bell, [left]),
        ("the same, f in float32", "D-", "C3", numerical_gradient, bell32, [right]),
    ]
    for name, style, color, gradient, f, panels in methods:
        curve = np.array([errors(gradient, f, h) for h in steps])
        for panel in panels:
            panel.loglog(steps, curve, style, color=color, markersize=4, label=name)
        if name == "complex step":
            print(f"{name:24s}error below 1e-14 for every h up to {steps[curve < 1e-14].max():.0e}, ", end="")
            print(f"at h = 1e-30 too: {errors(gradient, f, 1e-30) < 1e-14}")
        else:
            best = curve[::2].argmin()  # among whole powers of ten
            print(f"{name:24s}best h {steps[::2][best]:.0e}, error about 1e{np.log10(curve[::2][best]):.0f}")
    left.set(xlabel="h", ylabel="relative error", title="three methods, f in float64")
    left.set(ylim=(1e-17, 1e5), yticks=10.0 ** np.arange(-16, 1, 4))  # room for the legend above 1
    right.set(xlabel="h", title="central differences, f in float64 and float32")
    left.text(2e-16, 1e-9, "rounding\n∝ 1/h", color="0.35")
    left.text(3e-2, 1e-11, "truncation\n∝ h or h²", color="0.35", ha="center")
    left.legend(loc="upper center")
    right.legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.**

| method | truncation | best h, among powers of ten | relative error there |
|---|---|---|---|
| forward difference | ∝ h | $10^{-8}$, about $\sqrt{\varepsilon}$ | $10^{-8}$ |
| central difference | ∝ h² | $10^{-5}$, about $\sqrt[3]{\varepsilon}$ | $2 \cdot 10^{-11}$ |
| central, f in float32 | ∝ h² | $10^{-2}$ | $2 \cdot 10^{-5}$ |
| complex step | ∝ h² | any from $10^{-8}$ down | $10^{-16}$ |

Here $\varepsilon$ is the spacing of floats near 1, $2 \cdot 10^{-16}$ in float64 and $10^{-7}$ in float32. Rounding
adds an error of about $\varepsilon / h$. The best h is where both errors are equal, which is what the roots say. Below
$h = \varepsilon$, x + h is x again: the measured slope is 0 and the relative error 1. In float32 that happens as early
as at $h = 10^{-8}$, and with the usual $h = 10^{-5}$ the error is 0.005. So check in float64, whatever you train in.

The complex step subtracts nothing, so it has nothing to lose. But f must be analytic: no ReLU, no max, no abs.

**What to say in an interview.** “Central differences, float64, h around 1e-5. I expect relative errors below 1e-7 for
smooth layers. An error that falls with h² is truncation, one that grows as 1/h is rounding. First freeze everything
random; an error that then depends on h no more than on the run is a bug.”
"""

# %% [markdown]
r"""
## A layer by hand

### The affine layer, forwards and backwards ★ · 10 min

**Given** `x` of shape `(N, d1, …, dk)`, weights `W` of shape `(D, M)` with D = d1 · … · dk, and biases `b` of shape
`(M,)`, `affine_forward` **returns** `(out, cache)`. Each sample is flattened to a row, in the order of
`x[n].reshape(-1)`, and `out` has shape `(N, M)`:

$$ \text{out} = X W + b, \qquad X \in \mathbb{R}^{N \times D} \text{ the rows} $$

**Given** `dout` = ∂L/∂out, of shape `(N, M)`, and that `cache`, `affine_backward` **returns** the tuple
`(dx, dW, db)`, each with the shape of what it belongs to: `dx` is `(N, d1, …, dk)` again.

$$ \frac{\partial L}{\partial X} = \text{dout}\; W^{\mathsf T} \qquad
\frac{\partial L}{\partial W} = X^{\mathsf T}\, \text{dout} \qquad
\frac{\partial L}{\partial b_m} = \sum_n \text{dout}_{n,m} $$

A weight meets every sample, so its gradient *sums* over the batch. There is no 1/N: whoever wrote the loss divides.

What the cache holds is yours to choose; nobody but your backward looks inside. k, N, D and M are at least 1. If x, W, b
and dout are float32, so are out and all three gradients. Integers in `x` give the right floats. No argument is changed.

*Worked number.* x = [[1, 2]], W = [[1, 0, 2], [0, 1, −1]], b = [0.5, 0, −0.5] give out = [[1.5, 2, −0.5]]. For
dout = [[1, 10, 100]]: dx = [[201, −90]], dW = [[1, 10, 100], [2, 20, 200]], db = [1, 10, 100].

**What the interviewer is after**: can you find each gradient by its shape, and then say why it is right?
**Follow-ups**: why does db sum over the batch? How many multiplications does the backward cost, compared with the
forward? Why must x be kept, and b not? What changes if the same W is used twice in a network?

<details><summary>Hint 1</summary>Three products, three shapes. Only one way of putting dout <code>(N, M)</code> and W
<code>(D, M)</code> together gives <code>(N, D)</code>.</details>
<details><summary>Hint 2</summary><code>x.reshape(len(x), -1)</code> makes the rows. The backward needs W, the rows
and x's shape.</details>
<details><summary>Hint 3</summary><code>dout @ W.T</code> has shape <code>(N, D)</code>: reshape it to x's shape. b was
added to every row, so its gradient is <code>dout</code> summed over axis 0.</details>
"""

# %% role="solve" id="affine_forward"
from dlkit.reference.backprop import affine_backward, affine_forward

# %% role="check" id="affine_forward-check" points=2
with check("forward: two samples worked by hand"):
    x, W = np.array([[1.0, 2.0], [-1.0, 0.0]]), np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]])
    b = np.array([0.5, 0.0, -0.5])
    expect(affine_forward, x, W, b).part(0).close([[1.5, 2.0, -0.5], [-0.5, 0.0, -2.5]])
with check("backward: dx, dW and db worked by hand"):
    x, W = np.array([[1.0, 2.0], [-1.0, 0.0]]), np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]])
    out, cache = expect(affine_forward, x, W, np.array([0.5, 0.0, -0.5])).value
    dx, dW = np.array([[201.0, -90.0], [0.0, 2.0]]), np.array([[-1.0, 9.0, 101.0], [2.0, 20.0, 200.0]])
    dout = np.array([[1.0, 10.0, 100.0], [2.0, 1.0, -1.0]])
    expect(affine_backward, dout, cache).close((dx, dW, np.array([3.0, 11.0, 99.0])))
with check("gradients along random directions: x is (5, 4)"):
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(0, 1, (5, 4)), rng.normal(0, 1, (4, 3)), rng.normal(0, 1, 3)
    gradients(affine_forward, affine_backward, x, W, b, given="cache")
with check("images: x is (2, 2, 3), flattened row by row, and dx has its shape"):
    x, W = np.arange(12.0).reshape(2, 2, 3), np.array([[1.0], [10.0], [100.0], [1e3], [1e4], [1e5]])
    met = expect(affine_forward, x, W, np.array([1.0]))
    met.part(0).close([[543211.0], [1209877.0]])
    out, cache = met.value
    dx = np.array([1.0, 10, 100, 1e3, 1e4, 1e5]).reshape(1, 2, 3) * np.array([1.0, -2.0]).reshape(2, 1, 1)
    dW = np.array([[-12.0], [-13.0], [-14.0], [-15.0], [-16.0], [-17.0]])
    expect(affine_backward, np.array([[1.0], [-2.0]]), cache).close((dx, dW, np.array([-1.0])))
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("gradients along random directions: x is (3, 2, 3, 2), D = M too"):
    rng = np.random.default_rng(3)
    x, W, b = rng.normal(0, 1, (3, 2, 3, 2)), rng.normal(0, 1, (12, 2)), rng.normal(0, 1, 2)
    gradients(affine_forward, affine_backward, x, W, b, given="cache")
    x, W, b = rng.normal(0, 1, (3, 3)), rng.normal(0, 1, (3, 3)), rng.normal(0, 1, 3)
    gradients(affine_forward, affine_backward, x, W, b, given="cache")
with check("random shapes: one sample, one feature, one output"):
    rng = np.random.default_rng(4)
    for shape, M in [((1, 4), 3), ((3, 1), 2), ((4, 2), 1), ((1, 1), 1), ((2, 3, 2), 4), ((3, 2, 1, 2), 3)]:
        x, W, b = rng.normal(0, 1, shape), rng.normal(0, 1, (math.prod(shape[1:]), M)), rng.normal(0, 1, M)
        dout = rng.normal(0, 1, (shape[0], M))
        want, kept = reference.affine_forward(x, W, b)
        met = expect(affine_forward, x, W, b)
        met.part(0).close(want)
        out, cache = met.value
        expect(affine_backward, dout, cache).close(reference.affine_backward(dout, kept))
with check("float32 stays float32 in out and in all gradients"):
    rng = np.random.default_rng(5)
    x, W, b, dout = (rng.normal(0, 1, s).astype(np.float32) for s in [(4, 2, 3), (6, 2), (2,), (4, 2)])
    want, kept = reference.affine_forward(x, W, b)
    met = expect(affine_forward, x, W, b)
    met.part(0).close(want, rtol=1e-5, atol=1e-5).dtype(np.float32)
    out, cache = met.value
    expected = reference.affine_backward(dout, kept)
    expect(affine_backward, dout, cache).close(expected, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("integers in x, and no argument is changed"):
    x, W, b = np.array([[1, -2, 3], [0, 4, -5]]), np.array([[0.5, 1.0], [-1.0, 2.0], [0.25, -0.5]]), np.array([1.0, -1])
    met = expect(affine_forward, x, W, b)
    met.part(0).close([[4.25, -5.5], [-4.25, 9.5]]).unchanged()
    out, cache = met.value
    dout = np.array([[1.0, -1.0], [2.0, 0.5]])
    expected = reference.affine_backward(dout, reference.affine_forward(1.0 * x, W, b)[1])
    expect(affine_backward, dout, cache).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what a layer must remember
"""

# %% role="question" id="backprop_overwritten_input" points=1

# %% [markdown]
r"""
### Undoing a broadcast ★★ · 10 min

NumPy stretched an array of shape `shape` to fit a larger one. **Given** `grad`, the gradient with respect to the
stretched array, and `shape`, a tuple, **return** the gradient with respect to the array as it was: an array of exactly
that shape.

Broadcasting copies one number to many places. Each place sends its gradient back, and they add up:

$$ g_j = \sum_{i \;:\; i \text{ is a copy of } j} \text{grad}_i $$

Two kinds of axes hold copies: those that NumPy put *in front*, because the array had fewer axes, and those where the
array had size 1. Shapes line up from the right.

`shape` always broadcasts to grad's shape; it may equal it, be `()`, or hold several ones. An axis of length 0 in grad
is a sum of nothing, which is 0. The sum is never a mean. float32 stays float32, integers give the right values, `grad`
is not changed.

*Worked number.* grad = [[1, 2, 3], [4, 5, 6]]: shape `(3,)` gives [5, 7, 9], shape `(2, 1)` gives [[6], [15]], shape
`(1, 3)` gives [[5, 7, 9]], and shape `()` gives 21.

**What the interviewer is after**: the rule that a copy forwards is a sum backwards, for any shapes. **Follow-ups**: why
is a bias's gradient this very function? Which operation is the transpose of summing? Where does an autograd engine call
it, and for which operators? What would a mean do to the effective learning rate of a bias?

<details><summary>Hint 1</summary>Count how many axes grad has more than <code>shape</code>. Which axes of grad are
they?</details>
<details><summary>Hint 2</summary>Sum the extra axes away. Then every axis where <code>shape</code> has a 1 is summed,
but stays.</details>
<details><summary>Hint 3</summary><code>sum</code> takes a tuple of axes. Sum over all repeated axes at once, then
<code>reshape(shape)</code> puts the ones back. Even for <code>(5, 1, 3)</code> → <code>(1, 3)</code> the axes are
counted from the right.</details>
"""

# %% role="solve" id="unbroadcast"
from dlkit.reference.backprop import unbroadcast

# %% role="check" id="unbroadcast-check" points=4
with check("an axis put in front: (2, 3) back to (3,)"):
    expect(unbroadcast, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), (3,)).close([5.0, 7.0, 9.0])
with check("an axis of size 1 stays: (2, 3) back to (2, 1) and (1, 3)"):
    grad = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expect(unbroadcast, grad, (2, 1)).close([[6.0], [15.0]])
    expect(unbroadcast, grad, (1, 3)).close([[5.0, 7.0, 9.0]])
with check("back to (): one sum over everything"):
    expect(unbroadcast, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), ()).close(21.0).shape(())
with check("the same shape: nothing to sum"):
    grad = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expect(unbroadcast, grad, (2, 3)).close([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expect(unbroadcast, grad.reshape(1, 6), (6,)).close([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
with check("both at once: (2, 2, 3) back to (2, 1), copies forwards are a sum backwards"):
    grad = np.arange(12.0).reshape(2, 2, 3) ** 2
    v = np.array([[2.0], [-3.0]])
    expect(unbroadcast, grad, (2, 1)).close([[154.0], [352.0]]).satisfies(
        lambda g, grad=grad, v=v: np.isclose((g * v).sum(), (grad * np.broadcast_to(v, grad.shape)).sum()),
        "Σ result · v equals Σ grad · (v broadcast to grad's shape), for any v",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("axes of equal length: shapes line up from the right"):
    grad = np.random.default_rng(2).normal(0, 1, (3, 3, 3))
    for shape in [(3,), (3, 3), (1, 3), (3, 1), (3, 1, 3), (1, 1, 3), (1, 3, 1)]:
        expect(unbroadcast, grad, shape).close(reference.unbroadcast(grad, shape)).shape(shape)
with check("random shapes, with several ones"):
    rng = np.random.default_rng(3)
    pairs = [
        ((4, 2, 3), (1, 1, 1)), ((4, 2, 3), (1,)), ((5, 4, 2, 3), (2, 1)), ((5, 1, 2), (1, 2)), ((1, 4), (4,)),
        ((2, 3, 4, 5), (3, 1, 5)), ((6,), (1,)), ((6,), ()), ((1, 1), ()), ((2, 3), (1, 1)),
    ]  # fmt: skip
    for large, shape in pairs:
        grad = rng.normal(0, 1, large)
        expect(unbroadcast, grad, shape).close(reference.unbroadcast(grad, shape)).shape(shape)
with check("an axis of length 0: the sum of nothing is 0"):
    expect(unbroadcast, np.zeros((0, 3)), (1, 3)).close([[0.0, 0.0, 0.0]])
    expect(unbroadcast, np.zeros((0, 3)), (3,)).close([0.0, 0.0, 0.0])
    expect(unbroadcast, np.zeros((2, 0)), (2, 1)).close([[0.0], [0.0]])
with check("float32 stays float32, integers add up, grad is left alone"):
    grad = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
    expect(unbroadcast, grad, (3,)).close([5.0, 7.0, 9.0], rtol=1e-5).dtype(np.float32).unchanged()
    expect(unbroadcast, grad, (2, 1)).close([[6.0], [15.0]], rtol=1e-5).dtype(np.float32).unchanged()
    expect(unbroadcast, np.array([[1, 2, 3], [4, 5, 6]]), (1, 3)).close([[5, 7, 9]]).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## The four equations

All of backpropagation in a plain network is four lines, here with samples as *rows*. Layer l computes
$Z_l = A_{l-1} W_l + b_l$ and $A_l = \sigma(Z_l)$, and the cost is $C = \tfrac12 \sum (A_L - Y)^2$, summed over samples
and units, with no 1/N. What travels backwards is the error of a layer, $\delta_l = \partial C / \partial Z_l$.

### BP1: the error of the last layer ★★ · 6 min

**Given** the layer's output `a`, its target `y`, its input to the activation `z`, all of shape `(N, M)`, and
`dactivation`, the derivative σ′ as a function that works elementwise, **return** the error δ of shape `(N, M)`:

$$ \delta = \frac{\partial C}{\partial z} = (a - y) \odot \sigma'(z), \qquad
C = \frac12 \sum_{n,m} (a_{n,m} - y_{n,m})^2 $$

C is a sum: nothing is divided by N or by M. The derivative is taken at z, not at a. `dactivation` takes an array (or a
number) and returns the same shape.

If a, y and z are float32 (and dactivation keeps it), so is δ. Integers in `y`, such as one-hot rows, give the right
floats. No argument is changed.

*Worked number.* One sigmoid unit with z = 0, so a = 0.5, and y = 1: σ′(0) = 0.25 and δ = −0.125. With z = 4,
a = 0.982014 and y = 0: δ = 0.017345. The unit is wrong by almost 1 and hardly learns.

**What the interviewer is after**: where does each factor come from, and which of them can kill learning?
**Follow-ups**: what is left of δ with cross-entropy and a sigmoid, and why is that better? What if the last layer is
linear? Why does Nielsen write δ as a column, and what does that change?

<details><summary>Hint 1</summary>C depends on z only through a: the chain rule has two factors.</details>
<details><summary>Hint 2</summary>∂C/∂a is where the ½ disappears. Its sign: what does δ say if a is too
large?</details>
<details><summary>Hint 3</summary>Call <code>dactivation</code> with z, and multiply elementwise, with
<code>*</code>.</details>
"""

# %% role="solve" id="output_error"
from dlkit.reference.backprop import output_error

# %% role="check" id="output_error-check" points=4
with check("sigmoid units: two samples worked by hand"):

    def dsigmoid(z):
        return 1 / (1 + np.exp(-z)) * (1 - 1 / (1 + np.exp(-z)))

    a, y, z = np.array([[0.5], [0.98201379]]), np.array([[1.0], [0.0]]), np.array([[0.0], [4.0]])
    expect(output_error, a, y, z, dsigmoid).close([[-0.125], [0.01734500977]])
with check("a linear layer: δ = a − y, with no 1/N, no 1/M and no 2"):

    def one(z):
        return 0 * z + 1.0

    a, y = np.array([[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]]), np.array([[0.0, 4.0, 3.0], [1.5, 2.0, 1.0]])
    expect(output_error, a, y, a, one).close([[1.0, -2.0, 0.0], [-1.0, -2.0, -2.0]])
with check("equals finite differences of C with tanh"):

    def dtanh(z):
        return 1 - np.tanh(z) ** 2

    rng = np.random.default_rng(0)
    z, y, h = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 3)), 1e-5
    ahead, behind = 0.5 * (np.tanh(z + h) - y) ** 2, 0.5 * (np.tanh(z - h) - y) ** 2  # each z has its own term of C
    expect(output_error, np.tanh(z), y, z, dtanh).close((ahead - behind) / (2 * h), atol=1e-8)
with check("no argument is changed"):

    def slope(z):
        return 3 * z**2

    a, y, z = np.array([[2.0, -1.0]]), np.array([[1.0, 1.0]]), np.array([[1.0, 2.0]])
    expect(output_error, a, y, z, slope).close([[3.0, -24.0]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("ReLU's dead units get no error"):

    def drelu(z):
        return 1.0 * (z > 0)

    z, y = np.array([[1.5, -2.0], [-0.5, 3.0]]), np.array([[0.5, 1.0], [2.0, 5.0]])
    expect(output_error, np.maximum(z, 0), y, z, drelu).close([[1.0, 0.0], [0.0, -2.0]])
with check("float32 stays float32"):

    def dsquashed(z):
        return 1 - np.tanh(z) ** 2

    rng = np.random.default_rng(1)
    z, y = (rng.normal(0, 1, (3, 4)).astype(np.float32) for _ in range(2))
    expected = reference.output_error(np.tanh(z), y, z, dsquashed)
    expect(output_error, np.tanh(z), y, z, dsquashed).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers in y: one-hot rows"):

    def dbent(z):
        return 1 / np.sqrt(1 + z * z)

    z, y = np.array([[0.2, -1.0, 0.7], [1.5, 0.3, -0.4]]), np.array([[0, 1, 0], [1, 0, 0]])
    expect(output_error, np.arcsinh(z), y, z, dbent).close(reference.output_error(np.arcsinh(z), 1.0 * y, z, dbent))
with check("random shapes: one sample, one unit"):

    def drational(z):
        return 1 / (1 + np.abs(z)) ** 2

    rng = np.random.default_rng(2)
    for shape in [(1, 4), (5, 1), (1, 1), (3, 3), (6, 2)]:
        z, y = rng.normal(0, 2, shape), rng.normal(0, 1, shape)
        a = z / (1 + np.abs(z))
        expect(output_error, a, y, z, drational).close(reference.output_error(a, y, z, drational))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### BP2: the error, one layer back ★★ · 8 min

**Given** the next layer's weights `W_next` of shape `(M, M_next)` and its error `delta_next` of shape `(N, M_next)`,
this layer's `z` of shape `(N, M)`, and `dactivation`, the derivative σ′, elementwise, **return** this layer's error δ
of shape `(N, M)`:

$$ \delta = \frac{\partial C}{\partial z} =
\bigl(\delta_{\text{next}}\, W_{\text{next}}^{\mathsf T}\bigr) \odot \sigma'(z) $$

Rows are samples: the next layer computed $z_{\text{next}} = \sigma(z)\, W_{\text{next}} + b_{\text{next}}$. In a book
with samples as columns, W and δ stand the other way round. Each unit feeds every unit of the next layer, and collects
its blame from all of them. Nothing is divided by N, and no sample meets another.

`dactivation` takes an array (or a number) and returns the same shape. If all arrays are float32 (and dactivation keeps
it), so is δ. M may equal M_next, N may be 1. No argument is changed.

*Worked number.* W_next = [[1, 2], [3, 4], [0, −1]], delta_next = [[1, 10]], z = [[0, 1, 2]] and σ′(z) = 2z: the product
is [[21, 43, −10]], so δ = [[0, 86, −40]].

**What the interviewer is after**: why the transpose, why σ′ *after* the product, and what happens to δ over twenty
layers? **Follow-ups**: which two factors make gradients vanish or explode? Why does a residual connection help here?
What would you have to store during the forward pass? What does a random matrix in W's place still do (feedback
alignment)?

<details><summary>Hint 1</summary>Unit i of this layer reaches unit j of the next one through
<code>W_next[i, j]</code>. Over which index do you sum?</details>
<details><summary>Hint 2</summary>Check the shapes: <code>(N, M_next)</code> times something must be
<code>(N, M)</code>.</details>
<details><summary>Hint 3</summary>First the error of this layer's output: <code>delta_next</code> times the transposed
weights. Then the activation's slope at this layer's z, elementwise.</details>
"""

# %% role="solve" id="backward_error"
from dlkit.reference.backprop import backward_error

# %% role="check" id="backward_error-check" points=4
with check("one sample, three units, worked by hand"):

    def double(z):
        return 2 * z

    W, delta = np.array([[1.0, 2.0], [3.0, 4.0], [0.0, -1.0]]), np.array([[1.0, 10.0]])
    expect(backward_error, W, delta, np.array([[0.0, 1.0, 2.0]]), double).close([[0.0, 86.0, -40.0]])
with check("as many units as in the next layer: W is transposed, samples stay apart"):

    def one(z):
        return 0 * z + 1.0

    W, delta = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 2.0]])
    expect(backward_error, W, delta, np.array([[0.5, -1.0], [2.0, 3.0]]), one).close([[1.0, 3.0], [4.0, 8.0]])
with check("equals finite differences of C through tanh and a linear layer"):

    def dtanh(z):
        return 1 - np.tanh(z) ** 2

    rng = np.random.default_rng(0)
    W, y, z = rng.normal(0, 1, (4, 2)), rng.normal(0, 1, (3, 2)), rng.normal(0, 1, (3, 4))
    measured, h = np.zeros((3, 4)), 1e-5
    for i in np.ndindex(3, 4):
        step = np.zeros((3, 4))
        step[i] = h
        costs = [0.5 * ((np.tanh(z + sign * step) @ W - y) ** 2).sum() for sign in (1, -1)]
        measured[i] = (costs[0] - costs[1]) / (2 * h)
    expect(backward_error, W, np.tanh(z) @ W - y, z, dtanh).close(measured, atol=1e-8)
with check("no argument is changed"):

    def slope(z):
        return z**2

    W, delta = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[2.0, 1.0], [0.0, -1.0]])
    z = np.array([[1.0, -2.0], [3.0, 0.5]])
    expect(backward_error, W, delta, z, slope).close([[1.0, 12.0], [9.0, -0.5]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("ReLU's dead units stop the error"):

    def drelu(z):
        return 1.0 * (z > 0)

    W, delta = np.array([[1.0, 2.0], [3.0, 4.0], [-2.0, 1.0]]), np.array([[1.0, -1.0], [2.0, 0.5]])
    z = np.array([[1.0, -1.0, 0.5], [-2.0, 3.0, -0.1]])
    expect(backward_error, W, delta, z, drelu).close([[-1.0, 0.0, -3.0], [0.0, 8.0, 0.0]])
with check("float32 stays float32"):

    def dsquashed(z):
        return 1 - np.tanh(z) ** 2

    rng = np.random.default_rng(1)
    W, delta, z = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(4, 3), (5, 3), (5, 4)])
    expected = reference.backward_error(W, delta, z, dsquashed)
    expect(backward_error, W, delta, z, dsquashed).close(expected, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("random shapes: one sample, one unit, square"):

    def drational(z):
        return 1 / (1 + np.abs(z)) ** 2

    rng = np.random.default_rng(2)
    for N, M, M_next in [(1, 4, 3), (5, 1, 2), (4, 3, 1), (1, 1, 1), (3, 3, 3), (2, 5, 5), (4, 4, 2)]:
        W, delta, z = (rng.normal(0, 1, shape) for shape in [(M, M_next), (N, M_next), (N, M)])
        expect(backward_error, W, delta, z, drational).close(reference.backward_error(W, delta, z, drational))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### BP3 and BP4: the gradients of weights and biases ★★ · 6 min

**Given** a layer's error `delta` = ∂C/∂Z of shape `(N, M)` and its input `a_previous` of shape `(N, D)`, **return** the
tuple `(dW, db)`: `dW` of shape `(D, M)` and `db` of shape `(M,)`.

$$ \frac{\partial C}{\partial W_{d,m}} = \sum_n a_{n,d}\, \delta_{n,m}
\qquad
\frac{\partial C}{\partial b_m} = \sum_n \delta_{n,m} $$

The layer computed $Z = A_{\text{prev}} W + b$, rows being samples. Both gradients are *sums* over the batch, because C
is one: no 1/N. They come in this order, dW first, and dW has W's shape, not its transpose's.

If both arrays are float32, so are both results. Integers in `a_previous`, such as pixels, give the right values. N, D
and M are at least 1. No argument is changed.

*Worked number.* a_previous = [[1, 2], [3, 4]] and delta = [[1, 0, −1], [2, 1, 0]] give
dW = [[7, 3, −1], [10, 4, −2]] and db = [3, 1, −1].

**What the interviewer is after**: a gradient of a weight is "what came in, times the error that went out", added up
over the batch. **Follow-ups**: what becomes of dW if an input feature is always 0? If all inputs are positive, what do
the signs in a column of dW have in common? How would you get one gradient for each sample? Why can dW be computed in
parallel over devices, and what must they exchange?

<details><summary>Hint 1</summary>For one sample, dW is an outer product of an input row and an error row. What
happens with many samples?</details>
<details><summary>Hint 2</summary>A sum of outer products over n is one matrix product, and n is the index that
disappears.</details>
<details><summary>Hint 3</summary>Which of the two factors must be transposed, so that <code>(D, N) @ (N, M)</code>
comes out? For db, sum over axis 0.</details>
"""

# %% role="solve" id="layer_gradients"
from dlkit.reference.backprop import layer_gradients

# %% role="check" id="layer_gradients-check" points=4
with check("two samples worked by hand: dW first, then db"):
    delta, a = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])
    expected = (np.array([[7.0, 3.0, -1.0], [10.0, 4.0, -2.0]]), np.array([3.0, 1.0, -1.0]))
    expect(layer_gradients, delta, a).close(expected)
with check("one sample: dW is an outer product"):
    delta, a = np.array([[2.0, -1.0]]), np.array([[3.0, 0.0, -0.5]])
    expected = (np.array([[6.0, -3.0], [0.0, 0.0], [-1.0, 0.5]]), np.array([2.0, -1.0]))
    expect(layer_gradients, delta, a).close(expected)
with check("a step along random directions V and c changes C by Σ δ · (a V + c)"):
    rng = np.random.default_rng(0)
    delta, a, V, c = (rng.normal(0, 1, shape) for shape in [(6, 3), (6, 4), (4, 3), (3,)])
    expect(layer_gradients, delta, a).satisfies(
        lambda both, V=V, c=c, rise=(delta * (a @ V + c)).sum(): (
            np.shape(both[0]) == V.shape
            and np.shape(both[1]) == c.shape
            and np.isclose((both[0] * V).sum() + (both[1] * c).sum(), rise)
        ),
        "(dW, db) of shapes (4, 3) and (3,), with Σ dW · V + Σ db · c = Σ δ · (a V + c)",
    )
with check("neither argument is changed"):
    delta, a = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 4.0]]), np.array([[2.0, 1.0], [-2.0, 0.0], [1.0, 3.0]])
    expected = (np.array([[1.0, 10.0], [1.0, 14.0]]), np.array([1.5, 5.0]))
    expect(layer_gradients, delta, a).close(expected).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("random shapes: D = M = N, one input, one unit, one sample"):
    rng = np.random.default_rng(1)
    for N, D, M in [(3, 3, 3), (4, 1, 2), (5, 3, 1), (1, 4, 4), (1, 1, 1), (2, 5, 3), (7, 2, 2)]:
        delta, a = rng.normal(0, 1, (N, M)), rng.normal(0, 1, (N, D))
        expect(layer_gradients, delta, a).close(reference.layer_gradients(delta, a))
with check("float32 stays float32 in both gradients"):
    rng = np.random.default_rng(2)
    delta, a = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(5, 3), (5, 2)])
    expected = reference.layer_gradients(delta, a)
    expect(layer_gradients, delta, a).close(expected, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("integers in a_previous: pixels up to 255"):
    delta, a = np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[255, 0, 3], [200, 128, 1]])
    expect(layer_gradients, delta, a).close(reference.layer_gradients(delta, 1.0 * a))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: which loss at a saturated output
"""

# %% role="question" id="a_minus_y_slope" points=1

# %% [markdown]
r"""
## Any depth

### Loss and gradients of a whole network ★★★ · 30 min

**Given** `params`, a dictionary with the keys "W1", "b1", …, "WL", "bL", inputs `X` of shape `(N, D_0)` and classes
`y` of shape `(N,)`, **return** the pair `(loss, grads)`: one number, and a dictionary with the keys of `params` that
holds, for each array, the gradient of the loss in that array's shape.

The network is dense, ReLU, dense, ReLU, …, dense. There is no ReLU after the last layer: its outputs are the logits.

$$ A_0 = X, \qquad Z_i = A_{i-1} W_i + b_i, \qquad A_i = \max(Z_i, 0) \;\text{ for } i < L $$

$$ \text{loss} = -\frac1N \sum_{n=1}^{N} \ln \mathrm{softmax}(Z_L)_{n,\,y_n} \;+\; \frac{\text{reg}}{2} \sum_{i=1}^{L}
\sum_{j,k} (W_i)_{jk}^2 $$

The cross-entropy is a mean over the N samples. The penalty has the factor ½, and biases are free of it. At the end of
the network the four equations of backpropagation start with the shortest error there is:

$$ \delta_L = \tfrac1N \bigl(\mathrm{softmax}(Z_L) - \text{one-hot}(y)\bigr), \qquad
\delta_{i} = (\delta_{i+1} W_{i+1}^\top) \odot [Z_i > 0] $$

L is any number ≥ 1, and W10 comes after W9. The keys may stand in any order. W_i is `(D_{i-1}, D_i)`, b_i is `(D_i,)`,
N ≥ 1, and y holds integers from 0 to D_L − 1. ReLU's derivative at exactly 0 is 0.

Loss and gradients are right, finite and silent (no `RuntimeWarning`) at logits of ±10 000. If params and X are float32,
so are the gradients; integers in X give the right values. `params`, `X` and `y` are left alone. No Python loop over the
N samples (a loop over layers is what is asked).

*Worked number.* W1 = [[1, −1], [2, 1]], b1 = [0, 0.5], W2 = [[1, 0], [0, 2]], b2 = [0, 0], X = [[1, −1], [2, 1]] and
y = [1, 0]. The first sample closes both ReLUs, the second one of them, so the logits are [[0, 0], [4, 0]]. The loss is
(0.693147 + 0.018150) / 2 = 0.355649, and the gradient of b2 is [0.241007, −0.241007]. The squared weights add up to 12,
so reg = 0.1 makes the loss 0.955649.

**What the interviewer is after**: one loop forward, one loop back, and only what the way back needs kept in between.
**Follow-ups**: what must be kept, and how does that memory grow with N and L? How many multiplications does the way
back cost, compared with the way forward? Why are biases usually left out of the penalty? How would you test this
function if you had no reference?

<details><summary>Hint 1</summary>Find L from the number of keys, and make each key from its number:
<code>f"W{i}"</code>. On the way forward keep what every layer reads.</details>
<details><summary>Hint 2</summary>Subtract each row's maximum from the logits. Compute the <em>log</em> of the softmax
from that, then the loss; its exponential minus the one-hot rows, over N, is the error of the last layer.</details>
<details><summary>Hint 3</summary>Going back at layer i: the gradient of W_i is A<sub>i−1</sub><sup>T</sup> δ plus
reg · W_i, that of b_i is δ summed over the batch. Then δ becomes δ W<sub>i</sub><sup>T</sup>, set to 0 where
A<sub>i−1</sub> is 0.</details>
"""

# %% role="solve" id="mlp_loss"
from dlkit.reference.backprop import mlp_loss

# %% role="check" id="mlp_loss-check" points=6
with check("two layers worked by hand: loss and all four gradients"):
    params = {"W1": np.array([[1.0, -1.0], [2.0, 1.0]]), "b1": np.array([0.0, 0.5])}
    params |= {"W2": np.array([[1.0, 0.0], [0.0, 2.0]]), "b2": np.array([0.0, 0.0])}
    grads = {"W1": np.array([[-0.017986210, 0.0], [-0.008993105, 0.0]]), "b1": np.array([-0.008993105, 0.0])}
    grads |= {"W2": np.array([[-0.035972420, 0.035972420], [0.0, 0.0]]), "b2": np.array([0.241006895, -0.241006895])}
    X, y = np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([1, 0])
    expect(mlp_loss, params, X, y).close((0.355648554, grads), atol=1e-8)
with check("the penalty: half of reg times all squared weights, biases free"):
    params = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([30.0, 30.0])}
    grads = {"W1": np.array([[0.5, -1.0]]), "b1": np.array([0.0, 0.0])}
    expect(mlp_loss, params, np.array([[0.0], [0.0]]), np.array([0, 1]), reg=0.5).close((math.log(2) + 1.25, grads))
with check("two layers: every gradient agrees with finite differences of the formula"):

    def formula(W1, b1, W2, b2):
        logits = np.maximum(X @ W1 + b1, 0) @ W2 + b2
        cross_entropy = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(X)), y]
        return cross_entropy.mean() + 0.3 / 2 * ((W1**2).sum() + (W2**2).sum())

    def slope(name, place, h=1e-5):
        ahead, behind = ({key: array.copy() for key, array in params.items()} for _ in range(2))
        ahead[name][place] += h
        behind[name][place] -= h
        return (formula(**ahead) - formula(**behind)) / (2 * h)

    rng = np.random.default_rng(1)
    X, y = rng.normal(0, 1, (5, 3)), np.array([0, 1, 0, 1, 1])
    params = {"W1": rng.normal(0, 1, (3, 4)), "b1": rng.normal(0, 1, 4)}
    params |= {"W2": rng.normal(0, 1, (4, 2)), "b2": rng.normal(0, 1, 2)}
    grads = {
        name: np.array([slope(name, place) for place in np.ndindex(array.shape)]).reshape(array.shape)
        for name, array in params.items()
    }
    expect(mlp_loss, params, X, y, reg=0.3).close((formula(**params), grads), rtol=1e-5, atol=1e-7)
with check("one layer and one sample: softmax regression"):
    params = {"W1": np.array([[1.0, 0.0], [0.0, 1.0]]), "b1": np.array([0.0, 0.0])}
    grads = {"W1": np.array([[-0.268941421, 0.268941421], [0.0, 0.0]]), "b1": np.array([-0.268941421, 0.268941421])}
    expect(mlp_loss, params, np.array([[1.0, 0.0]]), np.array([0])).close((0.313261688, grads), atol=1e-8)
with check("logits of ±10 000: right and silent"):
    params = {"W1": np.array([[1e4, -1e4]]), "b1": np.array([0.0, 0.0])}
    X, nothing = np.array([[1.0], [-1.0]]), {"W1": np.zeros((1, 2)), "b1": np.zeros(2)}
    expect(mlp_loss, params, X, np.array([1, 0])).close((2e4, nothing | {"W1": np.array([[1.0, -1.0]])})).no_warning()
    expect(mlp_loss, params, X, np.array([0, 1])).close((0.0, nothing)).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("twelve layers, keys in any order: W10 comes after W9"):
    rng = np.random.default_rng(2)
    names = rng.permutation([f"{kind}{i}" for i in range(1, 13) for kind in "Wb"]).tolist()
    params = {name: rng.normal(0, 0.7, (3, 3) if name[0] == "W" else 3) + 0.2 for name in names}
    X, y = rng.normal(0, 1, (6, 3)), rng.integers(0, 3, 6)
    expect(mlp_loss, params, X, y, reg=0.1).close(reference.mlp_loss(params, X, y, reg=0.1))
with check("ReLU's derivative at exactly 0 is 0"):
    params = {"W1": np.array([[1.0, 2.0]]), "b1": np.array([0.0, 1.0])}
    params |= {"W2": np.array([[3.0, -1.0], [0.5, 1.0]]), "b2": np.array([1.0, 0.5])}
    X, y = np.array([[0.0], [1.0]]), np.array([1, 0])
    expect(mlp_loss, params, X, y).close(reference.mlp_loss(params, X, y))
with check("other depths, widths and regs: also N = 1, D = 1, one class"):
    rng = np.random.default_rng(3)
    for N, sizes, reg in [(1, (4, 5, 3), 0.0), (7, (2, 6, 1, 5, 4), 0.5), (3, (1, 2), 2.0), (4, (3, 2, 1), 0.1)]:
        params = {}
        for i, (D, M) in enumerate(zip(sizes, sizes[1:], strict=False), 1):
            params |= {f"b{i}": rng.normal(0.3, 1, M), f"W{i}": rng.normal(0, 1, (D, M))}
        X, y = rng.normal(0, 1, (N, sizes[0])), rng.integers(0, sizes[-1], N)
        expect(mlp_loss, params, X, y, reg=reg).close(reference.mlp_loss(params, X, y, reg=reg))
with check("float32 gradients for float32, the right ones for integers in X"):
    rng = np.random.default_rng(4)
    params = {"W1": rng.normal(0, 1, (4, 5)), "b1": rng.normal(0, 1, 5)}
    params |= {"W2": rng.normal(0, 1, (5, 3)), "b2": rng.normal(0, 1, 3)}
    X, y = rng.integers(-3, 4, (6, 4)), rng.integers(0, 3, 6)
    expect(mlp_loss, params, X, y, reg=0.2).close(reference.mlp_loss(params, 1.0 * X, y, reg=0.2))
    small = {name: array.astype(np.float32) for name, array in params.items()}
    met = expect(mlp_loss, small, X.astype(np.float32), y, reg=0.2)
    met.close(reference.mlp_loss(small, X.astype(np.float32), y, reg=0.2), rtol=1e-4, atol=1e-5)
    met.part(1).dtype(np.float32)
with check("no Python loop over the samples; params, X and y are left alone"):
    rng = np.random.default_rng(5)
    params = {"W1": rng.normal(0, 1, (3, 4)), "b1": rng.normal(0, 1, 4)}
    params |= {"W2": rng.normal(0, 1, (4, 3)), "b2": rng.normal(0, 1, 3)}
    X, y = rng.normal(0, 1, (5, 3)), rng.integers(0, 3, 5)
    expect(mlp_loss, params, X, y, reg=0.7).close(reference.mlp_loss(params, X, y, reg=0.7)).unchanged()
    forbid_loops(mlp_loss, over="X")
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the price of the way back
"""

# %% role="question" id="backward_flop_ratio" points=1

# %% [markdown]
r"""
### Experiment: your backward pass learns to read

Scikit-learn's digits are 1,797 images of 8 × 8 pixels. Your `mlp_loss`, with 64 inputs, 32 ReLU units and 10 classes,
learns from 300 of them and is judged on 500 others. Before that come the two tests that one does before any
training: is the loss of the fresh network what guessing costs, and can it learn ten images by heart?

*Make a prediction*: what is the loss of the fresh network? After the training set is known by heart, which of the four
curves still moves?
"""

# %% role="demo" id="experiment-digits"
from dlkit.lab import digits, experiment, figure

rng = np.random.default_rng(0)
images, labels = digits()
order = rng.permutation(len(labels))
images, labels = images[order], labels[order]
train, validation = (images[:300], labels[:300]), (images[900:1400], labels[900:1400])  # room for 900 to train on


def fresh_network(rng, units=32):
    """Small weights for the last layer, so that the first guesses are nearly uniform."""
    W1, W2 = rng.normal(0, math.sqrt(2 / 64), (64, units)), rng.normal(0, 0.01, (units, 10))
    return {"W1": W1, "b1": np.zeros(units), "W2": W2, "b2": np.zeros(10)}


def descend(params, X, y, rate):
    grads = mlp_loss(params, X, y)[1]
    return {name: params[name] - rate * grads[name] for name in params}


def judge(params, X, y):
    """Loss and accuracy; a hundred rows at a time, which is faster than many threads on so small a product."""
    losses, correct = [], []
    for rows in np.arange(len(y)).reshape(-1, 100):
        losses.append(mlp_loss(params, X[rows], y[rows])[0])
        h = np.maximum(X[rows] @ params["W1"] + params["b1"], 0)
        correct.append(np.mean(np.argmax(h @ params["W2"] + params["b2"], axis=1) == y[rows]))
    return np.mean(losses), np.mean(correct)


with experiment(), figure("New digits are read, old ones learnt by heart", columns=2) as (left, right):
    params = fresh_network(np.random.default_rng(1))
    print(f"fresh network: loss {judge(params, *train)[0]:.2f}, ln 10 = {math.log(10):.2f}")
    memory = params
    for _ in range(300):
        memory = descend(memory, images[:10], labels[:10], rate=0.5)
    print(f"ten images learnt by heart: loss {mlp_loss(memory, images[:10], labels[:10])[0]:.3f} after 300 steps")

    curves = {"training": [], "validation": []}
    for epoch in range(101):
        for name, (X, y) in [("training", train), ("validation", validation)]:
            curves[name].append(judge(params, X, y))
        if epoch in (0, 1, 5, 20, 50, 100):
            (a, b), (c, d) = curves["training"][-1], curves["validation"][-1]
            print(f"epoch {epoch:3d}   loss: training {a:.3f}, validation {c:.3f}   ", end="")
            print(f"accuracy: training {b:.1%}, validation {d:.1%}")
        shuffled = rng.permutation(300)
        for batch in shuffled.reshape(-1, 30):
            params = descend(params, train[0][batch], train[1][batch], rate=0.2)
    for (name, curve), line in zip(curves.items(), ["-", "--"], strict=True):
        loss, correct = np.array(curve).T
        left.semilogy(loss, line, label=name)
        right.plot(correct, line, label=name)
    left.axhline(math.log(10), color="0.5", linewidth=1, linestyle=":", label="ln 10: guessing")
    left.set(xlabel="epoch", ylabel="loss (logarithmic)", title="cross-entropy")
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.03), title="accuracy")
    left.legend(loc="lower left")
    right.legend(loc="lower right")

# %% [markdown]
r"""
**What it shows.** The fresh network's loss is 2.30 = ln 10, as it is for one who knows nothing and says so. Ten images
are learnt by heart, to a loss of 0.001. So loss, gradients and updates work, and the real training may begin.

After 20 epochs 93 % of the unseen digits are read right, after 100 epochs 94 %. From about epoch 40 on the training
accuracy is 100 %, and three of the four curves are nearly flat. Only the training loss goes on falling, from 0.06 to
0.015: the network becomes surer of what it knows. The validation loss stays near 0.18. That gap, 0.015 against 0.18, is
**overfitting**, and longer training does not close it. Two things do, in different ways. With the first 900 images for
training and the same 500 for validation, the validation loss falls to 0.09, and 97 % are read right. With 300 images
and your `reg` set to 0.01 the losses are 0.15 and 0.26: the gap is narrower, but only because training has become
worse. Watch the validation curve, not the gap.

**What to say in an interview.** “Initial loss against ln C, then overfit ten examples, then train. Both losses high
means underfitting, a gap means overfitting, and a training loss that does not move at all means a bug or a wrong
learning rate.”
"""

# %% [markdown]
r"""
### Concept question: ten examples
"""

# %% role="question" id="fitting_ten_examples" points=1

# %% [markdown]
r"""
## A machine that differentiates

### Value: reverse mode in one class ★★★ · 40 min

So far you derived each backward by hand. This exercise is a class that derives for you: a number that remembers how it
was computed, and hands gradients back along the way it came.

**Given** a number, `Value(data)` has `.data`, a float, and `.grad`, which is 0.0 at first. Each of these operations
**returns** a new `Value`:

| written | value | derivative |
|---|---|---|
| `a + b`, `a - b` | sum, difference | 1 and 1, 1 and −1 |
| `a * b` | product | b and a |
| `a / b` | quotient | 1/b and −a/b² |
| `-a` | opposite | −1 |
| `a ** k`, k a plain number | power | $k\,a^{k-1}$; where k = 0, 0 |
| `a.exp()`, `a.log()` | $e^a$, $\ln a$ | $e^a$, 1/a |
| `a.tanh()` | tanh a | 1 − tanh² a |
| `a.relu()` | max(a, 0) | 1 for a > 0, otherwise 0 |

In `+ - * /` either side may be a plain number, an int or a float: `2 - a` as well as `a - 2`.

`L.backward()` then puts into `v.grad` the derivative ∂L/∂v, for every Value v that L was computed from; L itself gets 1.
Where v reaches L along several paths, their contributions add up:

$$ \frac{\partial L}{\partial v} = \sum_{u \,\text{ computed from }\, v} \frac{\partial L}{\partial u}\,
\frac{\partial u}{\partial v} $$

The sum says in which order to go: v may hand its gradient on only after *every* u that uses v has given v its share.

Four more things are asked. A chain of 10,000 operations works, and `sys.setrecursionlimit` is not used. Every Value has
its turn once, so the work grows with the number of operations, not with the number of paths (each call must end within
5 seconds). tanh is right for every number, ±1000 too. Powers of 0 are right: at a = 0, `a ** 2` has derivative 0,
`a ** 1` has 1, `a ** 0` has 0. Where Python itself raises (1 / 0, log of 0, e to the 10,000), so may you. A second
`backward()` through the same Values is not asked.

*How the checks write it.* `graph(Value)("a * b + a", a=2.0, b=3.0)` makes `Value(2.0)` and `Value(3.0)` under these
names, computes the expression with your class, calls `backward()` on the result, and reports the result's `.data` as
"value" and each name's `.grad`. `(c := a * b) + c` gives an inner result a name. With `repeat=10000` the result takes
the place of the first name, again and again: a chain. Only `Value(data)`, `.data`, `.grad`, `.backward()` and the
operations above are used; whatever else your class keeps, and its other parameters, are your own affair.

*Worked number.* a = 2 and b = 3 in a · b + a: the value is 8, the gradient of a is b + 1 = 4, that of b is 2. For
c = a · b in c · c + c: the value is 42, ∂L/∂c = 2c + 1 = 13, so a gets 39 and b gets 26.

**What the interviewer is after**: why an order is needed at all, why gradients are added, and that depth is not
recursion. **Follow-ups**: what does PyTorch store in place of your operands? Why is one backward enough for a million
inputs, and what would forward mode cost? What does `zero_grad` have to do with the word "added"? How would you let
`backward` itself be differentiated?

<details><summary>Hint 1</summary>Let every operation keep its operands, and for each the derivative of the result with
respect to it: two numbers for <code>a * b</code>. Subtraction and negation can be built from others.</details>
<details><summary>Hint 2</summary>List all Values so that each stands after its operands (a topological order, by
depth-first search), and go through the list backwards. <code>2 - a</code> calls <code>a.__rsub__(2)</code>.</details>
<details><summary>Hint 3</summary>Without recursion: a stack of pairs (Value, whether its operands are done). Popped for
the first time, a Value is pushed again as done, and its operands on top of it. Popped as done, it is listed.</details>
"""

# %% role="solve" id="value"
from dlkit.reference.backprop import Value

# %% role="check" id="value-check" points=6
with check("a sum, a product and a quotient worked by hand"):
    expect(graph(Value), "a * b + a", a=2.0, b=3.0).close({"value": 8.0, "a": 4.0, "b": 2.0})
    expect(graph(Value), "a / b - b", a=3.0, b=2.0).close({"value": -0.5, "a": 0.5, "b": -1.75})
with check("a Value used twice gets both shares"):
    expect(graph(Value), "a * a", a=3.0).close({"value": 9.0, "a": 6.0})
    for text in ("(c := a * b) * c + c", "(c := a * b) + c * c"):
        expect(graph(Value), text, a=2.0, b=3.0).close({"value": 42.0, "a": 39.0, "b": 26.0, "c": 13.0})
    expect(graph(Value), "a / a - a", a=2.0).close({"value": -1.0, "a": -1.0})
with check("plain numbers to the right of + - * /"):
    for text, value, slope in [("a + 1", 3.0, 1.0), ("a - 3", -1.0, 1.0), ("a * 2.5", 5.0, 2.5), ("a / 4", 0.5, 0.25)]:
        expect(graph(Value), text, a=2.0).close({"value": value, "a": slope})
with check("plain numbers to the left of + - * /"):
    for text, value, slope in [("1 + a", 3.0, 1.0), ("3 - a", 1.0, -1.0), ("2.5 * a", 5.0, 2.5), ("3 / a", 1.5, -0.75)]:
        expect(graph(Value), text, a=2.0).close({"value": value, "a": slope})
with check("unary minus, powers, exp, log, tanh and relu: value and slope"):
    for text, a, value, slope in [
        ("-a", 1.5, -1.5, -1.0),
        ("a ** 3", -2.0, -8.0, 12.0),
        ("a ** 0.5", 4.0, 2.0, 0.25),
        ("a ** -1", 2.0, 0.5, -0.25),
        ("a.exp()", 1.5, 4.4816890703, 4.4816890703),
        ("a.log()", 4.0, 1.3862943611, 0.25),
        ("a.tanh()", 0.5, 0.4621171573, 0.7864477330),
        ("a.relu()", 1.5, 1.5, 1.0),
        ("a.relu()", -1.5, 0.0, 0.0),
    ]:
        expect(graph(Value), text, a=a).close({"value": value, "a": slope})
with check("before backward every grad is 0.0, after it the result's own is 1"):
    expect(graph(Value), "a + b", backward=False, a=1.0, b=2.0).close({"value": 3.0, "a": 0.0, "b": 0.0})
    expect(graph(Value), "(c := a * b)", a=1.5, b=2.0).close({"value": 3.0, "a": 2.0, "b": 1.5, "c": 1.0})
with check("10 000 operations deep, and the recursion limit is not touched"):
    expect(graph(Value), "a + b", repeat=10_000, a=1.0, b=0.5).close({"value": 5001.0, "a": 1.0, "b": 10_000.0})
    forbid(Value, "sys.setrecursionlimit")
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("a shared Value waits until all that use it have given it their share"):
    for text in [
        "(c := a * b) + (c * 3).tanh() * b",
        "(d := (c := a * b).tanh()) * c + d * a",
        "((c := a + b) * 2 - c) * (d := c * b) + d * (d - a)",
        "(e := (d := (c := a * a) * b) * c) * d + c * e - e",
    ]:
        expect(graph(Value), text, a=0.7, b=-1.2).close(graph(reference.Value)(text, a=0.7, b=-1.2))
with check("random expressions agree with finite differences"):
    steps = [  # as the class writes it, and as math does
        ("({} + b)", "({} + b)"),
        ("(2.5 - {})", "(2.5 - {})"),
        ("(c * {})", "(c * {})"),
        ("({} / c - a)", "({} / c - a)"),
        ("(1.5 / ({} ** 2 + 1))", "(1.5 / ({} ** 2 + 1))"),
        ("((n := {}) * n - b * n)", "((n := {}) * n - b * n)"),
        ("(a - -{} / 3)", "(a - -{} / 3)"),
        ("({} ** 2 + 0.5).log()", "log({} ** 2 + 0.5)"),
        ("{}.tanh()", "tanh({})"),
        ("{}.tanh().exp()", "exp(tanh({}))"),
        ("((n := {}).relu() + 0.25 * n)", "(max(n := {}, 0.0) + 0.25 * n)"),
    ]
    h, rng = 1e-6, np.random.default_rng(6)
    for _ in range(12):
        text = formula = "a"
        for written, meant in [steps[i] for i in rng.integers(0, len(steps), 7)]:
            text, formula = written.format(text), meant.format(formula)
        numbers = {name: float(number) for name, number in zip("abc", rng.uniform(0.5, 2, 3), strict=True)}

        def at(name, step, formula=formula, numbers=numbers):
            known = {"exp": math.exp, "log": math.log, "tanh": math.tanh, "max": max}
            return eval(formula, known, {**numbers, name: numbers[name] + step})

        slopes = {name: (at(name, h) - at(name, -h)) / (2 * h) for name in numbers if name in formula}
        expected = {"value": at("a", 0.0), **slopes}
        expect(graph(Value), text, **numbers).close(expected, rtol=1e-5, atol=1e-6)
with check("relu's slope at 0 is 0; powers of 0 are right"):
    expect(graph(Value), "a.relu() * 3", a=0.0).close({"value": 0.0, "a": 0.0})
    for text, value, slope in [("a ** 2", 0.0, 0.0), ("a ** 1", 0.0, 1.0), ("a ** 0", 1.0, 0.0)]:
        expect(graph(Value), text, a=0.0).close({"value": value, "a": slope})
    expect(graph(Value), "(a ** 0) * b", a=2.0, b=3.0).close({"value": 3.0, "a": 0.0, "b": 1.0})
with check("tanh of ±1000 is ±1, with slope 0"):
    for a in (1000.0, -1000.0):
        expect(graph(Value), "a.tanh() + a", a=a).close({"value": a + math.copysign(1, a), "a": 1.0})
with check("sixty times a + a: every Value has one turn, although there are 2 ** 60 paths"):
    expect(graph(Value), "a + a", repeat=60, a=0.5).close({"value": 2.0**59, "a": 2.0**60})
    text, numbers = "(a * b + a).tanh() + 0.1", {"a": 0.3, "b": 0.5}
    expect(graph(Value), text, repeat=200, **numbers).close(graph(reference.Value)(text, repeat=200, **numbers))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: a computational graph, drawn

The expression is a residual unit with a squared error: $L = (x + \tanh(w x + b) - y)^2$. The cell builds it node by
node with your `Value`, calls `L.backward()` and draws what it finds. Every box shows `data` and `grad`. The blue
number on an arrow is the **local slope**, the derivative of the box at its head with respect to the box at its tail. On
the two arrows that leave x, the orange number is what comes back to x along them: slope times the head's `grad`.

*Make a prediction*: there are two ways from x to L. Work out ∂L/∂x from the numbers in the picture before you look into
its box.
"""

# %% role="demo" id="experiment-graph"
from dlkit.lab import experiment, figure

with experiment(), figure("Gradients of two paths add up at x", width=12, height=3.9) as [panel]:
    nodes = {}  # name: (Value, formula, place, {parent's name: local slope}); your own class may store its graph anyhow

    def node(name, value, formula, place, **slopes):
        nodes[name] = (value, formula, place, slopes)
        return value

    w = node("w", Value(-0.5), "", (0, 2))
    x = node("x", Value(2.0), "", (0, 1))
    b = node("b", Value(1.5), "", (1, 2))
    y = node("y", Value(2.0), "", (4, 2))
    p = node("p", w * x, "w · x", (1, 1), w=x.data, x=w.data)
    z = node("z", p + b, "p + b", (2, 1), p=1, b=1)
    t = node("t", z.tanh(), "tanh(z)", (3, 1), z=1 - math.tanh(z.data) ** 2)
    o = node("o", x + t, "x + t", (4, 1), x=1, t=1)
    e = node("e", o - y, "o − y", (5, 1), o=1, y=-1)
    L = node("L", e**2, "e²", (6, 1), e=2 * e.data)
    L.backward()

    boxes = {}
    for name, (value, formula, place, _) in nodes.items():
        title = f"{name} = {formula}" if formula else name
        color = "#fdeedd" if name == "x" else "white" if formula else "#e6f0f7"
        style = {"boxstyle": "round,pad=0.4", "facecolor": color, "edgecolor": "0.4"}
        text = f"{title}\ndata {value.data:.3f}\ngrad {value.grad:.3f}".replace("-", "−")
        boxes[name] = panel.text(*place, text, ha="center", va="center", fontsize=9, bbox=style).get_bbox_patch()
    for name, (value, _, (column, row), slopes) in nodes.items():
        for parent, slope in slopes.items():
            start = nodes[parent][2]
            around = column - start[0] > 1  # the skip connection passes below the others
            arrow = {"arrowstyle": "-|>", "color": "#0072B2", "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
            arrow |= {"connectionstyle": "arc3,rad=0.3" if around else "arc3"}
            arrow |= {"patchA": boxes[parent], "patchB": boxes[name]}
            # Drawn after the boxes, whose edges it has to know.
            panel.annotate("", (column, row), start, arrowprops=arrow, zorder=4)
            x_middle, y_middle = (column + start[0]) / 2, (row + start[1]) / 2
            y_label = y_middle - 0.66 if around else y_middle + 0.1 if row == start[1] else y_middle
            label = {"color": "#0072B2", "ha": "center", "va": "center", "fontsize": 9.5, "zorder": 5}
            label |= {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1}}
            panel.text(x_middle, y_label, f"{slope:.3g}".replace("-", "−"), **label)
            if parent == "x":
                back = f"← {slope * value.grad:.3f}".replace("-", "−")
                orange = label | {"color": "#D55E00", "weight": "bold"}
                panel.text(x_middle, y_label - 0.21, back, **orange)
    panel.set(xlim=(-0.4, 6.4), ylim=(0.05, 2.3))
    panel.axis("off")
    short, long = o.grad * 1, p.grad * w.data
    print(f"x is used twice. Through o: {o.grad:.3f} · 1 = {short:.3f}. ", end="")
    print(f"Through p: {p.grad:.3f} · ({w.data:g}) = {long:.3f}.")
    print(f"Sum {short + long:.3f}; your x.grad is {x.grad:.3f}.")

# %% [markdown]
r"""
**What it shows.** On its way back a gradient is multiplied by the slope on each arrow; where two arrows leave a box,
what comes back along them is **added**. Through the skip connection x gets 0.924 · 1, through w · x it gets
0.727 · (−0.5) = −0.363, together 0.561. At w · x each factor gets the *other* factor as its slope: w gets 0.727 · 2.
That is why `data` must be kept from the forward pass.

Mind the order: o's gradient must be complete before it is passed on, and x's turn comes only when both p and o have had
theirs. This is what the reverse topological order is for.

**What to say in an interview.** “Multiply along a path, add over the paths. Reverse mode does it from the loss
backwards, so each box is visited once, however many paths there are.”
"""

# %% [markdown]
r"""
### Concept question: = for +=
"""

# %% role="question" id="shared_assignment_bug" points=1

# %% [markdown]
r"""
## Jacobians and their products

### The Jacobian, measured ★★ · 8 min

**Given** a function `f` from `(n,)` to `(m,)` and a point `x` of shape `(n,)`, **return** its Jacobian at x, of shape
`(m, n)` and in float64:

$$ J_{ij} = \frac{\partial f_i}{\partial x_j} \approx \frac{f_i(x + h\, e_j) - f_i(x - h\, e_j)}{2h} $$

Row i belongs to output i, column j to input j. The two calls of f that move $x_j$ give the whole column j at once.

Every entry is right to 1e-5 for f and x of ordinary size, which a central difference with h = 1e-5 easily reaches, and
a one-sided one with the same h does not. f is called with float64 arrays whatever x is: `x` may be integers or float32.
n and m may be 1. `x` itself stays as it is.

*Worked number.* f(x) = (x₀ x₁, sin x₀, x₁²) at x = [2, 3] has J = [[3, 2], [−0.416147, 0], [0, 6]].

**What the interviewer is after**: which axis is which, and the price: 2n calls of f. **Follow-ups**: what does one
column cost with forward mode, and one row with reverse mode? How large is the Jacobian of a dense layer on a batch, and
why is it never built? Which layers have a diagonal Jacobian? Why is h = 1e-5 better here than 1e-12?

<details><summary>Hint 1</summary>Move one input at a time. What you get is a vector of m differences.</details>
<details><summary>Hint 2</summary>Make x float64 first. In an integer array a step of 1e-5 is cut off to
nothing.</details>
<details><summary>Hint 3</summary>The rows of <code>h * np.eye(n)</code> are the steps. Stack the n difference vectors
as columns: <code>np.stack(…, axis=1)</code>.</details>
"""

# %% role="solve" id="jacobian"
from dlkit.reference.backprop import jacobian

# %% role="check" id="jacobian-check" points=4
with check("three outputs, two inputs, worked by hand"):

    def f(x):
        return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2])

    expected = np.array([[3.0, 2.0], [-0.416146837, 0.0], [0.0, 6.0]])
    expect(jacobian, f, np.array([2.0, 3.0])).close(expected, rtol=1e-5, atol=1e-5)
with check("the Jacobian of A @ x is A: wide, tall and square"):
    for shape in [(2, 4), (4, 2), (3, 3)]:
        A = np.arange(1.0, 1 + shape[0] * shape[1]).reshape(shape)

        def linear(x, A=A):
            return A @ x

        expect(jacobian, linear, np.linspace(-1, 1, shape[1])).close(A, rtol=1e-5, atol=1e-5)
with check("one output, one input, or both"):
    expect(jacobian, lambda x: np.array([x @ x]), np.array([1.0, -2.0])).close(np.array([[2.0, -4.0]]), atol=1e-5)
    expect(jacobian, lambda x: np.array([x[0], 3 * x[0]]), np.array([0.5])).close(np.array([[1.0], [3.0]]), atol=1e-5)
    expect(jacobian, np.cos, np.array([0.5])).close(np.array([[-0.479425539]]), atol=1e-5)
with check("right to 1e-5 where f bends"):
    x = np.array([3.0, -2.0, 2.5])
    expected = np.diag(np.exp(x)) + np.outer(np.ones(3), 2 * x)
    expect(jacobian, lambda x: np.exp(x) + (x**2).sum(), x).close(expected, rtol=1e-6, atol=1e-5)
### BEGIN HIDDEN TESTS
with check("integers and float32 in x"):

    def g(x):
        return np.array([x[0] ** 2 * x[1], x[1] / x[0], np.tanh(x[0] - x[1])])

    def exact(x0, x1):
        slope = 1 - np.tanh(x0 - x1) ** 2
        return np.array([[2 * x0 * x1, x0**2], [-x1 / x0**2, 1 / x0], [slope, -slope]])

    expect(jacobian, g, np.array([2, 3])).close(exact(2.0, 3.0), rtol=1e-5, atol=1e-5)
    x = np.array([1.3, 0.7], dtype=np.float32)
    expect(jacobian, g, x).close(exact(*x.astype(np.float64)), rtol=1e-5, atol=1e-5).dtype(np.float64)
with check("random layers tanh(A @ x + b) of any shape"):
    rng = np.random.default_rng(1)
    for m, n in [(1, 5), (5, 1), (4, 4), (3, 7)]:
        A, b, x = rng.standard_normal((m, n)), rng.standard_normal(m), rng.standard_normal(n)

        def layer(x, A=A, b=b):
            return np.tanh(A @ x + b)

        expect(jacobian, layer, x).close((1 - layer(x) ** 2)[:, None] * A, rtol=1e-5, atol=1e-5)
with check("x is left alone"):
    x = np.array([0.1, 0.2, 0.3])
    expect(jacobian, lambda x: x[:2] * x[1:], x).close(
        np.array([[0.2, 0.1, 0.0], [0.0, 0.3, 0.2]]), rtol=1e-5, atol=1e-5
    ).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Vector-Jacobian product ★★ · 6 min

**Given** `f` from `(n,)` to `(m,)`, a point `x` of shape `(n,)` and a vector `v` of shape `(m,)`, one weight for each
*output*, **return** the float64 array of shape `(n,)`

$$ \bigl(v^\top J\bigr)_j = \sum_{i=1}^{m} v_i\, \frac{\partial f_i}{\partial x_j}
= \frac{\partial}{\partial x_j} \bigl(v \cdot f(x)\bigr) $$

by central differences. This is what every backward in this course computes: v is `dout`, and the result is `dx`. It is
a gradient, that of the single number v · f(x).

Every entry is right to 1e-5 for f, x and v of ordinary size. f is called with float64 arrays: `x` and `v` may be
integers or float32. n and m may be 1. `x` and `v` stay as they are. The number of calls of f is free. If you call an
earlier answer of yours, such as `numerical_gradient` or `jacobian`, get that one right first.

*Worked number.* f(x) = (x₀ x₁, sin x₀, x₁²) at x = [2, 3] with v = [1, 2, 0.5] gives
[3 + 2 cos 2, 2 + 3] = [2.167706, 5].

**What the interviewer is after**: that reverse mode never needs J, only its product with one vector from the left, and
gets it for about the price of one f. **Follow-ups**: which v gives row i of J? What is v when f is a loss? Why do
differences need 2n calls for what reverse mode does in one sweep? How is the vjp of a composition made from the vjps of
its parts?

<details><summary>Hint 1</summary>v weighs the outputs. Which index of J is summed over?</details>
<details><summary>Hint 2</summary>For each input j: two calls of f, their difference over 2h, and its dot product with
v.</details>
<details><summary>Hint 3</summary>If you build J of shape <code>(m, n)</code>, the result is <code>v @ J</code>, not
<code>J @ v</code>. Mind integer x: make it float64 before you add a step.</details>
"""

# %% role="solve" id="vjp"
from dlkit.reference.backprop import vjp

# %% role="check" id="vjp-check" points=4
with check("three outputs, two inputs, worked by hand"):

    def f(x):
        return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2])

    x, v = np.array([2.0, 3.0]), np.array([1.0, 2.0, 0.5])
    expect(vjp, f, x, v).close([2.167706327, 5.0], rtol=1e-5, atol=1e-5)
with check("a unit vector picks its row of the Jacobian"):
    A = np.array([[1.0, -2.0, 3.0, 0.5], [4.0, 0.0, -1.0, 2.0]])
    for i in range(2):
        expect(vjp, lambda x, A=A: A @ x, np.array([0.5, 1.0, -1.0, 2.0]), np.eye(2)[i]).close(
            A[i], rtol=1e-5, atol=1e-5
        )
with check("as many outputs as inputs: the vector stands on the left"):
    A, v = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0])
    expect(vjp, lambda x, A=A: A @ x, np.array([0.3, 0.4]), v).close([31.0, 42.0], rtol=1e-5, atol=1e-5)
with check("right to 1e-5 where f bends"):
    x, v = np.array([3.0, -2.0, 2.5]), np.array([1.0, -2.0, 2.0])
    expect(vjp, lambda x: np.exp(x) + (x**2).sum(), x, v).close(v * np.exp(x) + 2 * x, rtol=1e-6, atol=1e-5)
### BEGIN HIDDEN TESTS
with check("integers and float32 in x and v"):

    def g(x):
        return np.array([x[0] ** 2 * x[1], x[1] / x[0], x[0] - 2 * x[1]])

    def exact(x0, x1, v):
        return v @ np.array([[2 * x0 * x1, x0**2], [-x1 / x0**2, 1 / x0], [1.0, -2.0]])

    expect(vjp, g, np.array([2, 3]), np.array([1, -2, 3])).close(
        exact(2.0, 3.0, np.array([1.0, -2.0, 3.0])), rtol=1e-5, atol=1e-5
    )
    x, v = np.array([1.3, 0.7], dtype=np.float32), np.array([0.5, 2, -1], dtype=np.float32)
    expect(vjp, g, x, v).close(exact(*x.astype(np.float64), v), rtol=1e-5, atol=1e-5).dtype(np.float64)
with check("random layers tanh(A @ x + b): one output, one input, any shape"):
    rng = np.random.default_rng(2)
    for m, n in [(1, 5), (5, 1), (1, 1), (4, 4), (3, 7)]:
        A, b = rng.standard_normal((m, n)), rng.standard_normal(m)
        x, v = rng.standard_normal(n), rng.standard_normal(m)

        def layer(x, A=A, b=b):
            return np.tanh(A @ x + b)

        expect(vjp, layer, x, v).close((v * (1 - layer(x) ** 2)) @ A, rtol=1e-5, atol=1e-5)
with check("x and v are left alone"):
    x, v = np.array([0.1, 0.2, 0.3]), np.array([3.0, -1.0])
    expect(vjp, lambda x: x[:2] * x[1:], x, v).close([0.6, 0.0, -0.2], rtol=1e-5, atol=1e-5).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Jacobian-vector product ★★ · 6 min

**Given** `f` from `(n,)` to `(m,)`, a point `x` of shape `(n,)` and a vector `v` of shape `(n,)`, one weight for each
*input*, **return** the float64 array of shape `(m,)`

$$ (J v)_i = \sum_{j=1}^{n} \frac{\partial f_i}{\partial x_j}\, v_j
= \frac{d}{dt}\, f_i(x + t\,v)\,\Big|_{t=0} $$

The right-hand side is the point: it is the derivative of f along *one* direction, so one central difference gives it.
**At most 8 calls of f**, however large n is; building J is too expensive.

Every entry is right to 1e-5, relative to the length of v where that is above 1, for f and x of ordinary size. So v may
be long (a length of a million), and the step must not be: x should move by about 1e-5, not by 1e-5 times that length.
v = 0 gives zeros, silently (no `RuntimeWarning`). f is called with float64 arrays: `x` and `v` may be integers or
float32. n and m may be 1. `x` and `v` stay as they are.

*Worked number.* f(x) = (x₀ x₁, sin x₀, x₁²) at x = [2, 3] with v = [1, −1] gives [3 − 2, cos 2, −6] =
[1, −0.416147, −6].

**What the interviewer is after**: forward mode costs one f per direction of the input, reverse mode one per direction
of the output; which of them does a loss of a million weights call for? **Follow-ups**: when is forward mode the better
choice? How many jvps make a Jacobian, how many vjps? How do you get a Hessian-vector product without the Hessian? What
are dual numbers?

<details><summary>Hint 1</summary>You need not know J to know how f changes when x moves a little along v.</details>
<details><summary>Hint 2</summary>(f(x + h v) − f(x − h v)) / 2h takes two calls of f.</details>
<details><summary>Hint 3</summary>Choose h as 1e-5 over the length of v, so that the step has length 1e-5, and treat
length 0 on its own.</details>
"""

# %% role="solve" id="jvp"
from dlkit.reference.backprop import jvp

# %% role="check" id="jvp-check" points=4
with check("three outputs, two inputs, worked by hand"):

    def f(x):
        return np.array([x[0] * x[1], np.sin(x[0]), x[1] ** 2])

    x, v = np.array([2.0, 3.0]), np.array([1.0, -1.0])
    expect(jvp, f, x, v).close([1.0, -0.416146837, -6.0], rtol=1e-5, atol=1e-5)
with check("at most 8 calls of f, although there are 50 inputs"):
    x, v = np.linspace(-1, 1, 50), np.cos(np.arange(50.0))
    met = expect(jvp, lambda x: np.array([x @ x, np.sin(x).sum()]), x, v)
    met.close([2 * x @ v, np.cos(x) @ v], rtol=1e-5, atol=5e-5)
    met.asked(lambda calls: len(calls) <= 8, "at most 8 calls of f")
with check("as many outputs as inputs: the vector stands on the right"):
    A, v = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0])
    expect(jvp, lambda x, A=A: A @ x, np.array([0.3, 0.4]), v).close([21.0, 43.0], rtol=1e-5, atol=1e-4)
with check("v = 0 gives zeros, silently"):
    expect(jvp, lambda x: np.exp(x[:2]), np.ones(3), np.zeros(3)).close([0.0, 0.0], atol=1e-5).no_warning()
    expect(jvp, lambda x: np.exp(x[:2]), np.ones(3), np.ones(3)).close([math.e, math.e], atol=1e-5)
### BEGIN HIDDEN TESTS
with check("a v of length a million: right to 1e-5 of its length, for f that bends"):
    x, v = np.array([0.5, -1.0, 1.5]), np.array([6e5, 0.0, -8e5])
    expected = (1 - np.tanh(x) ** 2) * v + 2 * x @ v
    expect(jvp, lambda x: np.tanh(x) + (x**2).sum(), x, v).close(expected, rtol=0.0, atol=1e-5 * 1e6)
    expect(jvp, lambda x: np.exp(x), x, 1e-6 * v).close(1e-6 * np.exp(x) * v, rtol=1e-6, atol=1e-5)
with check("right to 1e-5 where f bends, and where v is short"):
    x, v = np.array([3.0, -2.0, 3.5]), np.array([0.6, 0.0, 0.8])
    for length in (1.0, 1e-2):
        expected = length * np.exp(x) * v
        expect(jvp, lambda x: np.exp(x), x, length * v).close(expected, rtol=1e-6, atol=1e-5)
with check("integers and float32 in x and v"):

    def g(x):
        return np.array([x[0] ** 2 * x[1], x[1] / x[0], x[0] - 2 * x[1]])

    def exact(x0, x1, v):
        return np.array([[2 * x0 * x1, x0**2], [-x1 / x0**2, 1 / x0], [1.0, -2.0]]) @ v

    expect(jvp, g, np.array([2, 3]), np.array([1, -2])).close(
        exact(2.0, 3.0, np.array([1.0, -2.0])), rtol=1e-5, atol=2e-5
    )
    x, v = np.array([1.3, 0.7], dtype=np.float32), np.array([0.5, -1], dtype=np.float32)
    expect(jvp, g, x, v).close(exact(*x.astype(np.float64), v), rtol=1e-5, atol=1e-5).dtype(np.float64)
with check("random layers tanh(A @ x + b) of any shape; x and v are left alone"):
    rng = np.random.default_rng(3)
    for m, n in [(1, 5), (5, 1), (1, 1), (4, 4), (3, 7)]:
        A, b = rng.standard_normal((m, n)), rng.standard_normal(m)
        x, v = rng.standard_normal(n), rng.standard_normal(n)

        def layer(x, A=A, b=b):
            return np.tanh(A @ x + b)

        expected = (1 - layer(x) ** 2) * (A @ v)
        expect(jvp, layer, x, v).close(expected, rtol=1e-5, atol=1e-5 * max(1, np.linalg.norm(v))).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: where to put the brackets
"""

# %% role="question" id="reverse_product_order" points=1

# %% [markdown]
r"""
## Memory for time

### Backward with checkpoints ★★★ · 25 min

A backward needs the input of every layer. Keeping them all costs memory for L arrays; keeping only some, and computing
the others again when their turn comes, costs one more forward pass at most.

**Given** `layers`, a list of L ≥ 1 pairs `(forward, backward)`, the first layer's input `x`, the gradient `dout` of the
loss with respect to the last layer's output, and a whole number `every` ≥ 1, **return** the pair `(dx, peak)`: the
gradient with respect to x, and the largest number of layer inputs held at one time.

`forward(x)` returns the layer's output; `backward(dout, x)`, with the layer's *input* x, returns the gradient with
respect to it. Layers may change the shape.

1. On the way forward keep the inputs of layers 0, every, 2 · every, … (counted from 0): the checkpoints. x is the
   first.
2. On the way back take one segment of `every` layers after the other, the last segment first (it may be shorter).
   Compute the inputs of its other layers again from its checkpoint, go back through it, and forget them.

Checkpoints are kept to the end. The array that is just handed from one layer to the next on the way forward does not
count as held. So at most there are, at one time, all checkpoints and the other inputs of one segment:

$$ \text{peak} = \Bigl\lceil \frac{L}{\text{every}} \Bigr\rceil + \min(\text{every}, L) - 1 $$

All forward functions together are called at most 2L times. The checks watch your calls. A layer's input is needed from
the call that produced it (the last one before its use) to the call that uses it; the number of inputs needed at one
time must not exceed this formula, whatever number you return. `every` may be larger than L. `x` and `dout` stay as they
are.

*Worked number.* With L = 9 layers, every = 3 gives 3 + 3 − 1 = 5 held inputs; keeping all takes 9. For the three layers
x², 3x, x² at x = [1, 2] with dout = [1, 1] the gradient is 36 x³ = [36, 288], and every = 2 gives peak 3.

**What the interviewer is after**: the trade of time for memory in numbers: which `every` is best for L layers, and what
is the price? **Follow-ups**: why √L? What does it cost in time if a backward takes twice as long as a forward? How far
down does memory go if you checkpoint inside segments again, and at what price? What goes wrong with dropout or batch
norm in a segment that is computed twice?

<details><summary>Hint 1</summary><code>range(0, L, every)</code> lists where segments begin, and a slice
<code>layers[start : start + every]</code> is one of them, the shorter last one included.</details>
<details><summary>Hint 2</summary>First pass: go through the layers, keeping the current array in a list whenever the
layer's number is a multiple of <code>every</code>. Keep nothing else.</details>
<details><summary>Hint 3</summary>Second pass: for each start, from the last to the first, build the segment's list of
inputs from its checkpoint (its last forward is not needed). Then walk layers and inputs backwards together, replacing
dout.</details>
"""

# %% role="solve" id="checkpointed_backward"
from dlkit.reference.backprop import checkpointed_backward

# %% role="check" id="checkpointed_backward-check" points=6
with check("three layers worked by hand"):
    square = (lambda x: x**2, lambda dout, x: dout * 2 * x)
    triple = (lambda x: 3 * x, lambda dout, x: dout * 3)
    layers, x, dout = [square, triple, square], np.array([1.0, 2.0]), np.ones(2)
    expect(checkpointed_backward, layers, x, dout, 2).close((np.array([36.0, 288.0]), 3))
with check("nine layers: the same dx for every length of segment, and the right peak"):

    def layer(i):
        W = np.array([[math.cos(i), 1.0], [-0.5, math.sin(i)]])
        return (lambda x: np.sin(x @ W), lambda dout, x: (dout * np.cos(x @ W)) @ W.T)

    layers, x, dout = [layer(i) for i in range(9)], np.array([[0.3, -1.2], [2.0, 0.7]]), np.array([[1, 2.5], [-3, 4]])
    dx, out = dout, x
    inputs = [x] + [out := forward(out) for forward, _ in layers]
    for i in reversed(range(9)):
        dx = layers[i][1](dx, inputs[i])
    for every, peak in [(3, 5), (2, 6), (4, 6), (1, 9), (9, 9), (20, 9)]:
        expect(checkpointed_backward, layers, x, dout, every).close((dx, peak))
with check("at most 2 L calls of the forward functions"):

    def power(i):
        def forward(x):
            return x**1.1

        def backward(dout, x):
            return dout * 1.1 * x**0.1

        return forward, backward

    layers, x = [power(i) for i in range(12)], np.array([0.5, 2.0])
    for every, peak in [(4, 6), (6, 7), (12, 12)]:
        met = expect(checkpointed_backward, layers, x, np.ones(2), every)
        met.close((1.1**12 * x ** (1.1**12 - 1), peak))
        met.asked(lambda calls: sum(call.function == "forward" for call in calls) <= 24, "at most 24 calls of forwards")
with check("no more inputs are held at one time than peak says"):

    def numbered(i):
        def forward(x):
            return np.exp(-x)

        def backward(dout, x):
            return -dout * np.exp(-x)

        forward.__name__, backward.__name__ = f"forward {i}", f"backward {i}"
        return forward, backward

    def held(calls):
        made, spans = {0: -1}, []  # when each layer's input was last computed; where each is held, from and to
        for time, call in enumerate(calls):
            kind, number = call.function.split()
            start = made.get(int(number), -1)
            if kind == "backward" or start < time - 1:  # else it is just handed to the next layer
                spans.append((number, start, time))
            if kind == "forward":
                made[int(number) + 1] = time
        return max(len({n for n, start, end in spans if start < time <= end}) for time in range(len(calls)))

    for L, every, peak in [(12, 4, 6), (9, 3, 5), (10, 4, 6), (7, 2, 5)]:
        layers, out, dx = [numbered(i) for i in range(L)], 0.5, 1.0
        for forward, _ in layers:
            out = forward(out)
            dx *= -out
        met = expect(checkpointed_backward, layers, np.array([0.5]), np.array([1.0]), every).close(
            (np.array([dx]), peak)
        )
        met.asked(lambda calls, peak=peak: held(calls) <= peak, f"at most {peak} of the {L} inputs held at one time")
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("layers that change the shape, a shorter last segment"):
    rng = np.random.default_rng(1)

    def dense(D, M):
        W = rng.standard_normal((D, M)) / math.sqrt(D)
        return (lambda x: np.tanh(x @ W), lambda dout, x: (dout * (1 - np.tanh(x @ W) ** 2)) @ W.T)

    sizes = [3, 5, 4, 2, 6, 3, 4, 1]
    layers = [dense(D, M) for D, M in zip(sizes, sizes[1:], strict=False)]
    x, dout = rng.standard_normal((2, 3)), rng.standard_normal((2, 1))
    for every in (1, 2, 3, 4, 5, 6, 7, 8, 100):
        expect(checkpointed_backward, layers, x, dout, every).close(
            reference.checkpointed_backward(layers, x, dout, every)
        )
with check("a single layer, whatever every is"):
    cube = (lambda x: x**3, lambda dout, x: dout * 3 * x**2)
    for every in (1, 2, 5):
        expect(checkpointed_backward, [cube], np.array([2.0, -1.0]), np.array([1.0, 0.5]), every).close(
            (np.array([12.0, 1.5]), 1)
        )
with check("many layers: dx, peak, calls and inputs held, for L up to 25"):

    def wave(i):
        W = np.array([[math.cos(i), 1.0], [-0.5, math.sin(i)]])

        def forward(x):
            return np.sin(x @ W)

        def backward(dout, x):
            return (dout * np.cos(x @ W)) @ W.T

        forward.__name__, backward.__name__ = f"forward {i}", f"backward {i}"
        return forward, backward

    def thrifty(calls):
        made, spans, forwards = {0: -1}, [], 0
        for time, call in enumerate(calls):
            kind, number = call.function.split()
            start = made.get(int(number), -1)
            if kind == "backward" or start < time - 1:
                spans.append((number, start, time))
            if kind == "forward":
                made[int(number) + 1] = time
                forwards += 1
        most = max(len({n for n, start, end in spans if start < time <= end}) for time in range(len(calls)))
        return most <= peak and forwards <= 2 * L

    for L, every in [(25, 5), (25, 7), (16, 8), (13, 12), (11, 2), (6, 6), (2, 1), (5, 50)]:
        layers, x, dout = [wave(i) for i in range(L)], np.array([0.2, -0.4]), np.array([1.0, -2.0])
        dx, peak = reference.checkpointed_backward(layers, x, dout, every)
        met = expect(checkpointed_backward, layers, x, dout, every).close((dx, peak))
        met.asked(thrifty, f"at most {peak} inputs held at one time, at most {2 * L} calls of forwards")
with check("x and dout are left alone"):
    twice = (lambda x: x * 2, lambda dout, x: dout * 2 + 0 * x)
    x, dout = np.array([[1.0, -2.0]]), np.array([[0.5, 3.0]])
    expect(checkpointed_backward, [twice] * 4, x, dout, 2).close((16 * dout, 3)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: reverse against forward mode, time and memory

A chain of dense and tanh layers counts every multiplication by a weight, forwards and backwards. The cell asks for all
derivatives of its outputs with respect to its inputs, in two ways:

- **forward mode**: your `jvp`, once for each input: one column of the Jacobian at a time;
- **reverse mode**: your `checkpointed_backward`, once for each output: one row at a time.

Work is given in forward passes: multiplications divided by those of one pass. On the right, the input arrays that
a chain of L layers holds at its peak, as your `checkpointed_backward` reports it.

*Make a prediction*: a loss has a million inputs and one output. How many passes does each way need? What does the
cheaper way pay for it?
"""

# %% role="demo" id="experiment-reverse-forward"
from itertools import pairwise

from dlkit.lab import experiment, figure

count = {"products": 0, "forwards": 0}  # multiplications by a weight, forward calls of layers


def dense(W):
    """A dense layer as `checkpointed_backward` wants it, which counts."""

    def forward(x):
        count["products"] += W.size
        count["forwards"] += 1
        return x @ W

    def backward(dout, x):
        count["products"] += W.size
        return dout @ W.T

    return forward, backward


def tanh_forward(x):
    count["forwards"] += 1
    return np.tanh(x)


def chain(widths):
    """Dense, tanh, dense, tanh, …, from widths[0] numbers to widths[-1]: the layers, and the function of the whole."""
    rng, layers = np.random.default_rng(0), []
    for n, m in pairwise(widths):
        W = rng.normal(0, n**-0.5, (n, m))
        layers += [dense(W), (tanh_forward, lambda dout, x: dout * (1 - np.tanh(x) ** 2))]

    def f(x):
        for forward, _ in layers:
            x = forward(x)
        return x

    return layers, f


def work(widths):
    """All derivatives in both ways: their work in forward passes, and the relative error between them."""
    layers, f = chain(widths)
    x, inputs, outputs = np.linspace(-1, 1, widths[0]), np.eye(widths[0]), np.eye(widths[-1])
    one_pass = sum(n * m for n, m in pairwise(widths))
    passes, jacobians = [], []
    for way in [
        lambda: np.stack([jvp(f, x, v) for v in inputs], axis=1),
        lambda: np.stack([checkpointed_backward(layers, x, dout, 1)[0] for dout in outputs]),
    ]:
        count.update(products=0)
        jacobians.append(way())
        passes.append(count["products"] / one_pass)
    return *passes, np.max(np.abs(jacobians[0] - jacobians[1]))


with experiment(), figure("The same Jacobian, at very different prices", columns=3, width=11.5) as panels:
    left, middle, right = panels
    sizes = [1, 3, 10, 30, 100, 300]
    for panel, name, widths in [
        (left, "inputs, 1 output", lambda n: [n, 20, 20, 20, 1]),
        (middle, "outputs, 1 input", lambda n: [1, 20, 20, 20, n]),
    ]:
        rows = [work(widths(n)) for n in sizes]
        for way, line, column in [("forward mode", "s-", 0), ("reverse mode", "o-", 1)]:
            panel.loglog(sizes, [row[column] for row in rows], line, label=way)
        forward, reverse, gap = rows[-1]
        print(f"300 {name}: forward mode {forward:.0f} passes, reverse mode {reverse:.0f}; ", end="")
        print(f"the Jacobians agree to 1e-6: {max(row[2] for row in rows) < 1e-6}")
        panel.set(xlabel=f"n {name}", ylabel="work, in forward passes", ylim=(0.7, 1500), title=f"n {name}")
    depths = [4, 16, 36, 64, 100]
    held = {"reverse, all kept": [], "reverse, every √L-th kept": []}
    for depth in depths:
        layers, _ = chain([4] * (depth // 2 + 1))
        for name, every in zip(held, [1, math.isqrt(depth)], strict=True):
            count.update(forwards=0)
            held[name].append(checkpointed_backward(layers, np.ones(4), np.ones(4), every)[1])
            if depth == 100:
                print(f"100 layers, {name}: {held[name][-1]} inputs held, {count['forwards']} forward calls of layers")
    right.plot(depths, held["reverse, all kept"], "o-", color="C1", label="reverse, all kept")
    right.plot(depths, held["reverse, every √L-th kept"], "^--", color="C2", label="reverse, every √L-th kept")
    right.plot(depths, [2] * len(depths), "s-", color="C0", label="forward: value and tangent")
    right.set(xlabel="layers L", ylabel="arrays held at the peak", title="memory")
    left.legend(loc="upper left")
    middle.legend(loc="upper left")
    right.legend(loc="upper left")

# %% [markdown]
r"""
**What it shows.** With 300 inputs and one output forward mode needs 600 passes (300 calls of `jvp`, two passes each),
reverse mode 2: one forwards, one backwards. With one input and 300 outputs it is the other way round, 2 against 600. (A
library would keep the one forward pass, and need 301.) For both, the work depends on *one* end only: forward mode pays
per input, reverse mode per output. A loss has one output, and a network a million inputs and weights. That is the whole
case for back-propagation: 2 passes instead of 2,000,000, or 3 when the weights' gradients are wanted too, since a dense
layer's backward then has two products.

The price is memory. Reverse mode holds the inputs of all 100 layers until it comes back to them; forward mode needs a
value and its tangent, whatever the depth. Checkpoints every √L = 10 layers hold 19 instead of 100. The price in forward
calls of layers: 190 instead of 100, or 180 instead of 99 if the first pass stops at the last checkpoint. That is less
than one more forward pass, for a fifth of the memory.

One caution: your `vjp` returns what reverse mode returns, but it measures, so it costs two calls per *input*. The name
of a product does not make it cheap; the order in which the chain is multiplied does.

**What to say in an interview.** “The Jacobian of a chain is a product of matrices. Forward mode multiplies from the
input side, reverse mode from the output side. With a scalar loss the second one only ever multiplies a vector by a
matrix. It has to remember the activations; checkpointing trades some of that memory for recomputation.”
"""

# %% [markdown]
r"""
### Concept question: the best spacing
"""

# %% role="question" id="backward_checkpoint_peak" points=1

# %% [markdown]
r"""
## What depth adds

### A stack of linear layers ★ · 4 min

**Given** `weights`, a list of L ≥ 1 matrices of shapes `(D_0, D_1)`, `(D_1, D_2)`, …, `(D_{L-1}, D_L)`, first layer
first, **return** the one matrix of shape `(D_0, D_L)` that does what all of them do one after the other:

$$ x\, W_1 W_2 \cdots W_L = x\, W \qquad \text{for every row } x $$

There are no biases and no activations. Samples are rows, so the first layer stands on the left.

If all matrices are float32, so is the result. Integers give the right values, also where they are small types like int8
and the product does not fit into them. The matrices and the list are left alone.

*Worked number.* W₁ = [[1, 2], [0, 1]] and W₂ = [[3, 0], [1, 1]] give [[5, 2], [1, 1]]. The other order would give
[[3, 6], [1, 3]].

**What the interviewer is after**: one sentence on why a network needs its non-linearities. **Follow-ups**: with
biases, what is the one bias? What is the rank of W if a layer in the middle has two units? Does *training* a deep
linear network also behave like training one matrix? In which order would you multiply to save time?

<details><summary>Hint 1</summary>Matrix multiplication is associative: the brackets may stand where you like.</details>
<details><summary>Hint 2</summary>Start with the first matrix and multiply the others on from the right. Do not work in
place.</details>
"""

# %% role="solve" id="linear_collapse"
from dlkit.reference.backprop import linear_collapse

# %% role="check" id="linear_collapse-check" points=2
with check("two layers worked by hand, in the right order"):
    weights = [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[3.0, 0.0], [1.0, 1.0]])]
    expect(linear_collapse, weights).close(np.array([[5.0, 2.0], [1.0, 1.0]]))
with check("one matrix does what four layers do, one after the other"):
    rng = np.random.default_rng(1)
    x, *weights = (rng.standard_normal(shape) for shape in [(5, 3), (3, 4), (4, 2), (2, 6), (6, 3)])
    met = expect(linear_collapse, weights).shape((3, 3))
    out = x
    for W in weights:
        out = out @ W
    met.satisfies(lambda W: np.allclose(x @ W, out, rtol=1e-6, atol=1e-9), "x @ W equals the four layers' output")
with check("a single layer is its own matrix"):
    expect(linear_collapse, [np.array([[1.0, -2.0, 0.5]])]).close(np.array([[1.0, -2.0, 0.5]]))
### BEGIN HIDDEN TESTS
from dlkit.reference import backprop as reference

with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    weights = [rng.standard_normal(shape).astype(np.float32) for shape in [(3, 4), (4, 2), (2, 5)]]
    expect(linear_collapse, weights).close(reference.linear_collapse(weights), rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("integers give the right values, int8 too"):
    rng = np.random.default_rng(3)
    weights = [rng.integers(-9, 10, shape) for shape in [(2, 3), (3, 3), (3, 4)]]
    expect(linear_collapse, weights).close(reference.linear_collapse(weights))
    weights = [np.array([[100, -100], [7, 9]], dtype=np.int8), np.array([[11, 12], [-13, 14]], dtype=np.int8)]
    expect(linear_collapse, weights).close(np.array([[2400.0, -200.0], [-40.0, 210.0]]))
with check("square matrices are left alone, twelve of them"):
    rng = np.random.default_rng(4)
    weights = [rng.standard_normal((3, 3)) for _ in range(12)]
    expect(linear_collapse, weights).close(reference.linear_collapse(weights)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: vanishing and exploding

Your `linear_collapse` shows more than that depth needs non-linearities. With samples as rows, the transpose of the one
matrix that it returns is the Jacobian of the stack, and a gradient that comes back is multiplied by this transpose:
dx = dout @ Wᵀ. Take 50 random matrices of 100 × 100 entries with standard deviation $0.9 / \sqrt{100}$. In one draw the
Frobenius norm of their product, which is its transpose's too, was 0.0044 times that of the identity, near
$0.9^{50} = 0.0052$. The same draw with $1.1 / \sqrt{100}$ gave 100 times. Two settings that differ by a fifth, and after
50 layers the gradients differ by a factor of 20,000.

Write a few sentences, as you would say them to an interviewer.
"""

# %% role="answer" id="vanishing_causes_cures" points=2

# %% [markdown]
r"""
## Summary: the evening before

**What goes forward, what comes back** (G is the upstream gradient)

| forward | backward | remember |
|---|---|---|
| z = x @ W + b | dx = G @ Wᵀ, dW = xᵀ @ G, db = sum of G over the batch | keep x and W; b is not needed |
| z = x + y | G to both | a sum distributes |
| z = x · y, elementwise | dx = G · y, dy = G · x | each factor gets the other one |
| z = φ(x), elementwise | dx = G · φ′(x) | tanh: 1 − z², sigmoid: z(1 − z), ReLU: 1 where x > 0 |
| z = max(x) | G to the winner, 0 to the others | a max is a switch |
| x is used several times | dx = sum over the uses | `+=`, never `=` |
| x is broadcast | sum over the axes that were repeated | back to x's shape |
| z = sum or mean of x | G broadcast to x's shape; for the mean divided by n | the reverse of broadcasting |
| z = reshape or transpose of x | the inverse reshape or transpose of G | |
| softmax, then cross-entropy | (a − y) / N | Jacobian of the softmax never built |

**Four ways to a gradient of n numbers**

| way | work | relative error | use it for |
|---|---|---|---|
| reverse mode (backprop) | about 3 forward passes in all | rounding only | training: one loss, many weights |
| forward mode | about 2 passes per input | rounding only | few inputs; Jacobian-vector products |
| central differences | 2 calls per input, or per random direction | about $10^{-11}$ at h = $10^{-5}$, float64 | checking |
| complex step | 1 complex call per input | $10^{-16}$ | checking analytic code to the last digit |

**Reading a gradient check** (float64, h = $10^{-5}$): below $10^{-7}$ fine; around $10^{-4}$ fine at best where there
are kinks; $10^{-2}$ and above a bug, unless kinks, dropout or float32 are to blame.

**Ten sentences to be able to say**

1. Backprop computes the gradient of a scalar loss by the chain rule, from the loss backwards; what to do with the
   gradient is the optimizer's business.
2. Multiply along a path, add over the paths; a node passes its gradient on when all its consumers have reported.
3. BP1 to BP4: δ = (a − y)·σ′(z) at the output, δ = (δ_next @ W_nextᵀ)·σ′(z) below, dW = a_previousᵀ @ δ, db = the sum
   of δ over the batch.
4. A gradient has its variable's shape. Shapes find the products and transposes, but no sign and no 1/N.
5. The backward pass costs about two forward passes, because each layer has two products there, one for its input and
   one for its weights.
6. Forward mode pays per input, reverse mode per output; a loss is one output.
7. Reverse mode pays in memory: it keeps every activation. Checkpoints every √L layers keep about 2√L of them, for at
   most one more forward pass.
8. I check gradients with central differences in float64, h about $10^{-5}$, along random directions, by the relative
   error, with dropout's mask fixed, and away from kinks.
9. A gradient through depth is a product of weights and slopes, so it vanishes or explodes exponentially;
   initialization, ReLU, normalization and skip connections keep the factor near 1, and clipping helps against explosion
   only.
10. Before training: the loss of the fresh network is ln C, and ten examples can be learnt by heart. Afterwards: both
    losses high is underfitting, a gap between them is overfitting.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| back-propagation | 反向传播 | the chain rule on a graph, from a scalar loss back to all parameters |
| chain rule | 链式法则 | the derivative of a composition is the product of the derivatives |
| computational graph | 计算图 | nodes are values, arrows say what was computed from what |
| forward pass | 前向传播 | computing the values, and keeping what the way back needs |
| upstream gradient | 上游梯度 | the gradient of the loss with respect to an operation's output |
| local gradient | 局部梯度 | the derivative of an operation's output with respect to its input |
| error term δ | 误差项 | ∂C/∂z, the gradient with respect to a layer's pre-activation |
| fully connected (affine) layer | 全连接层（仿射层） | x @ W + b |
| weight sharing | 权重共享 | one parameter used in several places; its gradient is the sum over them |
| broadcasting | 广播机制 | stretching an array to a larger shape; its gradient is summed back |
| topological order | 拓扑排序 | every node after all that it was computed from |
| automatic differentiation | 自动微分 | exact derivatives of a program, operation by operation |
| reverse mode | 反向模式 | from the output backwards: one pass per output |
| forward mode | 前向模式 | from the input onwards: one pass per input |
| symbolic differentiation | 符号微分 | rewriting formulas, which can grow without bound |
| numerical differentiation | 数值微分 | measuring slopes by evaluating the function nearby |
| Jacobian matrix | 雅可比矩阵 | all first derivatives of several outputs with respect to several inputs |
| vector-Jacobian product | 向量-雅可比积 | vᵀJ, what reverse mode computes |
| Jacobian-vector product | 雅可比-向量积 | Jv, what forward mode computes |
| central difference | 中心差分 | (f(x + h) − f(x − h)) / 2h |
| truncation error | 截断误差 | what a difference with finite h leaves out |
| rounding error | 舍入误差 | what floats with finitely many digits leave out |
| complex-step method | 复数步长法 | Im f(x + ih) / h: nothing is subtracted |
| gradient check | 梯度检验 | comparing a derived gradient with a measured one |
| relative error | 相对误差 | the difference divided by the size of what is compared |
| kink | 不可导点 | a point where left and right slope differ |
| dropout | 暂退法（随机失活） | random zeros in training; fix the mask to check gradients |
| gradient checkpointing | 梯度检查点（激活重计算） | keep few activations, recompute the others on the way back |
| vanishing gradient | 梯度消失 | a product of many factors below 1 |
| exploding gradient | 梯度爆炸 | a product of many factors above 1 |
| gradient clipping | 梯度裁剪 | shortening a gradient that is too long |
| residual (skip) connection | 残差连接（跳跃连接） | x + f(x): a path back with slope 1 |
| underfitting | 欠拟合 | the training error is already high |
| overfitting | 过拟合 | the validation error is far above the training error |
| regularization | 正则化 | whatever narrows that gap, such as a penalty on large weights |
"""
