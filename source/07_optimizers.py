# %% [markdown]
r"""
# 07 · Optimizers

An optimizer turns a gradient into a step. All of them answer the same three questions: how far to go, what to remember
of past gradients, and whether every weight gets a step size of its own. Whoever can write the updates from memory, say
what each part buys, and read a wrong learning rate off a loss curve, has most of what an interviewer asks about
training.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit optimizers`, which runs about as many checks again. Concept questions are marked when you hand in.
Before each experiment there is a question: answer it before you run the cell.

The exercises take about four hours, the experiments and questions one more. Do a family at a sitting: momentum; step
sizes of each weight's own, up to Adam; Adam's relatives; schedules; batches, stability and the training loop.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| a step | `w, state = step(w, grad, state, lr, …)`, for one array of any shape | PyTorch: an object that holds all parameters and changes them in place |
| `state` | `{}` at the start; after that what the step before returned. Its keys are your own, nobody else reads them | |
| purity | `w`, `grad` and the old `state` are not changed, and neither is any array in them | `w -= …` and `state["v"] += …` change the caller's |
| momentum | `v = momentum * v + grad`, then `w = w - lr * v`: no lr in v | cs231n: `v = mu * v - lr * grad; w = w + v` |
| `eps` | added outside the root: `sqrt(v) + eps` (Adadelta: inside both roots, as in its paper) | TensorFlow 1: Adam's is added to the root of the *uncorrected* v; RMSProp's is inside the root |
| Adam's t | 1 in the first step | |
| a schedule's t | 0 in the first update; it counts updates, not epochs | |
| dtype | float32 stays float32. A Python number leaves it alone, but `np.sqrt(1 - beta2**t)` is a float64 scalar of NumPy's, and makes float64 of everything it meets: write `math.sqrt` or `** 0.5` | |
| gradients | of the batch's *mean* loss | |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, gradients

# %% [markdown]
r"""
## Descent

### Minibatches ★ · 6 min

**Given** the number of samples `n`, a `batch_size` and a random generator `rng`, **return** one epoch of minibatches:
the indices 0 … n − 1 in random order, each exactly once, cut into batches. The result is a list of integer arrays of
indices; a generator function that yields them is fine too.

With b for `batch_size`, the number of batches is

$$ \Bigl\lceil \frac{n}{b} \Bigr\rceil \quad\text{or, if a small one is dropped,}\quad
\Bigl\lfloor \frac{n}{b} \Bigr\rfloor $$

Every batch has exactly `batch_size` indices, but for the last one: it holds what is left over and may be smaller. With
`drop_last=True` a batch that is too small is left out; a last batch that is full stays. There is no empty batch: n = 0
gives none at all, and so does n < `batch_size` with `drop_last`. n ≥ 0 and `batch_size` ≥ 1.

The whole epoch is shuffled, not just its batches, and every order is equally likely. All chance comes from `rng`, an
`np.random.Generator`: the same seed gives the same batches, another seed gives others, and the next call with the same
`rng` gives a new order. NumPy's global generator (`np.random.permutation`, `np.random.shuffle`, `np.random.seed`, …)
and the module `random` are banned, and so is a generator of your own.

*Worked number.* n = 10 and `batch_size` = 4 give batches of 4, 4 and 2 indices. With `drop_last` there are two of 4,
and two samples are not seen in this epoch.

**What the interviewer is after**: an epoch is drawn without replacement, and you know what becomes of the last batch.
**Follow-ups**: why shuffle again in every epoch? What does the small last batch do to batch norm, and to the weight of
its samples in the mean? Is the gradient of such a batch still unbiased? When would you sample with replacement?

<details><summary>Hint 1</summary>Shuffle once, then cut. Which method of <code>rng</code> gives 0 … n − 1 in random
order?</details>
<details><summary>Hint 2</summary>Batches start at 0, batch_size, 2 · batch_size, …: that is a <code>range</code> with a
step. A slice that runs past the end is simply shorter.</details>
<details><summary>Hint 3</summary>With <code>drop_last</code> the starts end earlier: at n minus its remainder modulo
batch_size.</details>
"""

# %% role="solve" id="minibatches"
from dlkit.reference.optimizers import minibatches

# %% role="check" id="minibatches-check" points=2
with check("10 indices in batches of 4: sizes 4, 4 and 2, each index once"):
    expect(minibatches, 10, 4, np.random.default_rng(0)).satisfies(
        lambda value: [len(batch) for batch in value] == [4, 4, 2], "batches of 4, 4 and 2 indices"
    )
    expect(minibatches, 10, 4, np.random.default_rng(0)).satisfies(
        lambda value: sorted(i for batch in value for i in batch) == list(range(10)), "each index from 0 to 9 once"
    )
with check("n is a multiple of batch_size: no small batch, and no empty one"):
    expect(minibatches, 12, 4, np.random.default_rng(1)).satisfies(
        lambda value: [len(batch) for batch in value] == [4, 4, 4], "three batches of 4 indices"
    )
with check("drop_last leaves out a small last batch, and keeps a full one"):
    for n in (10, 8):
        expect(minibatches, n, 4, np.random.default_rng(2), drop_last=True).satisfies(
            lambda value: [len(batch) for batch in value] == [4, 4], "two batches of 4 indices"
        )
with check("the order is random"):
    expect(minibatches, 30, 7, np.random.default_rng(3)).satisfies(
        lambda value: [i for batch in value for i in batch] != list(range(30)), "not 0 … 29 in order"
    )
### BEGIN HIDDEN TESTS
with check("all chance comes from rng: no global generator, none of your own; the same seed gives the same batches"):
    forbid(
        minibatches, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.default_rng",
        "numpy.random.RandomState", "random.shuffle", "random.sample",
    )  # fmt: skip
    first = [int(i) for batch in expect(minibatches, 20, 6, np.random.default_rng(4)).value for i in batch]
    expect(minibatches, 20, 6, np.random.default_rng(4)).satisfies(
        lambda value, first=tuple(first): tuple(i for batch in value for i in batch) == first, "the same batches again"
    )
with check("another seed gives another order"):
    first = [int(i) for batch in expect(minibatches, 20, 6, np.random.default_rng(5)).value for i in batch]
    expect(minibatches, 20, 6, np.random.default_rng(6)).satisfies(
        lambda value, first=tuple(first): tuple(i for batch in value for i in batch) != first, "another order"
    )
with check("every order is equally likely: 1000 samples are well mixed, and of 3 samples all six orders come up"):
    # A right answer is refused in one of 10⁸ streams or fewer: |r| < 0.2 is 6.3 standard deviations, a step that occurs
    # 16 times in 1000 has probability 4e-11, and one of six orders is missing after 120 draws with 2e-9.
    expect(minibatches, 1000, 32, np.random.default_rng(7)).satisfies(
        lambda value: abs(np.corrcoef([i for batch in value for i in batch], np.arange(1000))[0, 1]) < 0.2,
        "where an index stands has nothing to do with how large it is",
    )
    expect(minibatches, 1000, 32, np.random.default_rng(7)).satisfies(
        lambda value: np.unique(np.diff([i for batch in value for i in batch]), return_counts=True)[1].max() < 16,
        "no runs: neighbours in the order are not neighbours in the data",
    )
    orders = set()
    for seed in range(120):
        found = expect(minibatches, 3, 2, np.random.default_rng(seed))
        orders.add(tuple(int(i) for batch in found.value for i in batch))
    expect(minibatches, 3, 2, np.random.default_rng(0)).satisfies(
        lambda value, orders=frozenset(orders): len(orders) == 6, "all six orders of 0, 1, 2 in 120 calls"
    )
with check("edges: no sample, one sample, one large batch, batches of one"):
    for n, size, drop, sizes in [
        (0, 4, False, []), (0, 4, True, []), (3, 4, True, []), (3, 4, False, [3]), (4, 4, True, [4]), (1, 1, True, [1]),
        (5, 1, False, [1] * 5), (5, 100, False, [5]), (23, 5, True, [5] * 4), (23, 5, False, [5] * 4 + [3]),
    ]:  # fmt: skip
        expect(minibatches, n, size, np.random.default_rng(n), drop_last=drop).satisfies(
            lambda value, sizes=tuple(sizes): tuple(len(batch) for batch in value) == sizes,
            f"batches of {sizes} indices" if sizes else "no batch",
        )
with check("indices are integers from 0 to n − 1 that differ, with drop_last too"):
    for n, size in [(23, 5), (9, 2), (64, 16)]:
        expect(minibatches, n, size, np.random.default_rng(8), drop_last=True).satisfies(
            lambda value, n=n, size=size: (
                len({int(i) for batch in value for i in np.arange(n)[np.asarray(batch)]}) == n - n % size
            ),
            f"{n - n % size} different indices, fit to index an array of {n}",
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: an order that nobody shuffled

Each question cell asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="batch_sorted_by_class" points=1

# %% [markdown]
r"""
### Gradient descent ★ · 5 min

**Given** a function `grad`, weights `w`, a learning rate `lr` and a number of `steps`, **return** the weights after
that many steps of

$$ w \leftarrow w - \eta\,\nabla f(w) $$

where η is `lr` and `grad(w)` gives ∇f(w), an array of w's shape. Only the last w is returned, with w's shape.

`w` is a float array of any shape, `()` included. `steps` ≥ 0; with 0 steps the result has w's values. `grad` is called
exactly once a step, at the current weights, and not at all for 0 steps. float32 stays float32 (`lr` is a Python float,
and `grad` keeps the dtype it is given). `w` is not changed.

*Worked number.* f(w) = w² has the gradient 2w. From w = 1 with `lr` = 0.1 each step multiplies w by 0.8: after 3 steps
w = 0.512. With `lr` = 1.1 the factor is −1.2, and w is −1.728 after 3 steps: it diverges.

**What the interviewer is after**: four correct lines, and that you can say for which learning rates they converge.
**Follow-ups**: which learning rate is best on ½ a w², and which is the largest that converges? What if the curvature is
different along two axes? Full batch, one sample, minibatch: what changes in this code, what in its path?

<details><summary>Hint 1</summary>A loop that runs <code>steps</code> times and does not need its counter.</details>
<details><summary>Hint 2</summary>The gradient moves with w: ask for it inside the loop. And mind that
<code>w -= …</code> writes into the array that the caller handed you.</details>
"""

# %% role="solve" id="gradient_descent"
from dlkit.reference.optimizers import gradient_descent

# %% role="check" id="gradient_descent-check" points=2
with check("f(w) = w²: 3 steps worked by hand, a converging and a diverging learning rate"):
    expect(gradient_descent, lambda w: 2 * w, np.array([1.0, -2.0]), 0.1, 3).close([0.512, -1.024])
    expect(gradient_descent, lambda w: 2 * w, np.array([1.0, -2.0]), 1.1, 3).close([-1.728, 3.456])
with check("a ravine, 25 steps: each axis shrinks by its own factor"):
    w, curvature = np.array([3.0, -1.0]), np.array([1.0, 18.0])
    found = expect(gradient_descent, lambda w: np.array([1.0, 18.0]) * w, w, 0.1, 25)
    found.close(w * (1 - 0.1 * curvature) ** 25)
with check("grad is called once a step, at the current weights"):
    found = expect(gradient_descent, lambda w: w**3, np.array([1.0, 0.5]), 0.1, 2)
    found.close([0.8271, 0.4759142578125])
    found.asked(lambda calls: len(calls) == 2, "2 calls of grad")
with check("w is left alone"):
    expect(gradient_descent, lambda w: w - 3.0, np.array([[1.0, 5.0]]), 0.5, 2).close([[2.5, 3.5]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("0 steps give w's values, without a call of grad; 1 step gives one step"):
    found = expect(gradient_descent, lambda w: 2 * w - 7.0, np.array([1.5, -2.0]), 0.1, 1)
    found.close([1.9, -0.9])
    found = expect(gradient_descent, lambda w: 2 * w, np.array([1.5, -2.0]), 0.1, 0)
    found.close([1.5, -2.0]).asked(lambda calls: len(calls) == 0, "no call of grad")
with check("float32 stays float32"):
    w = np.array([[1.0, -2.0], [0.5, 3.0]], dtype=np.float32)
    found = expect(gradient_descent, lambda w: 2 * w - 1, w, 0.1, 5)
    found.close(0.5 + (w - 0.5) * 0.8**5, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(1)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = np.array(rng.normal(size=shape))
        found = expect(gradient_descent, lambda w: np.sin(w) + 0.5, w, 0.2, 4)
        found.close(reference.gradient_descent(lambda w: np.sin(w) + 0.5, w, 0.2, 4))
with check("no early stop: it goes on where the gradient is tiny or exactly 0"):
    found = expect(gradient_descent, lambda w: 1e-7 * w, np.array([1e4]), 0.5, 8)
    found.close(1e4 * np.array([1 - 5e-8]) ** 8, rtol=1e-12)
    found.asked(lambda calls: len(calls) == 8, "8 calls of grad")
    found = expect(gradient_descent, lambda w: np.maximum(w, 0.0), np.array([-1.0, -2.0]), 0.5, 3)
    found.close([-1.0, -2.0]).asked(lambda calls: len(calls) == 3, "3 calls of grad")
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Momentum

### SGD with momentum ★ · 6 min

From here on an optimizer is a function that takes *one* step. What it must remember from step to step lives in `state`.

**Given** weights `w`, their gradient `grad`, the `state`, a learning rate `lr` and `momentum`, **return** the tuple
`(w, state)` after one step:

$$ v \leftarrow \mu\, v + g, \qquad w \leftarrow w - \eta\, v $$

with g = `grad`, μ = `momentum`, η = `lr`, and v = 0 before the first step.

The learning rate stands outside the velocity v, as in PyTorch. The other convention, v ← μ v − η g and w ← w + v, walks
the same path only while `lr` is constant: there a new `lr` acts on the new gradient alone, here on the old ones too.
The checks change `lr` midway. There is no factor (1 − μ) at g either: v is a sum, not a mean.

`state` is yours: it is `{}` before the first step, and afterwards the dictionary that your function returned. What is
in it, and under which names, nobody asks. `w` and `grad` are float arrays of one shape, any shape, `()` included.
Nothing that comes in is changed: neither `w` nor `grad` nor the old `state` and the arrays in it. float32 weights and
gradients give float32 weights, over ten steps too: `np.zeros(w.shape)` is float64, `np.zeros_like(w)` is not.

*Worked number.* w = 1, g = 2, `lr` = 0.1: v = 2 and w = 0.8. Then g = −1: v = 1.8 − 1 = 0.8. With `lr` = 0.1 again
w = 0.72; with `lr` = 0.01 it is 0.792, where the other convention has 0.63.

**What the interviewer is after**: the two lines, and what v is: a sum of all past gradients, the older the smaller.
**Follow-ups**: how long is a step when the gradient stays the same (g / (1 − μ))? Why does momentum help in a ravine?
In which way do the two conventions differ when the learning rate decays? What does μ = 0.99 ask of the learning rate?

<details><summary>Hint 1</summary><code>state.get("v", 0.0)</code> is the velocity, or 0 in the first step.</details>
<details><summary>Hint 2</summary>Compute a new v; do not write <code>v *= momentum</code>, which changes the array in
the caller's old state.</details>
<details><summary>Hint 3</summary>Move w by the new v, and return the new w with a new dictionary that holds the new
v.</details>
"""

# %% role="solve" id="sgd_momentum"
from dlkit.reference.optimizers import sgd_momentum

# %% role="check" id="sgd_momentum-check" points=2
with check("first step: plain gradient descent"):
    expect(sgd_momentum, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1).part(0).close([0.8, -1.95])
with check("second step, worked by hand, at the same learning rate"):
    first = expect(sgd_momentum, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite()
    w, state = first.value
    expect(sgd_momentum, w, np.array([-1.0, 1.0]), state, 0.1).part(0).close([0.72, -2.005])
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.900000000, -2.084147098], [0.827984885, -2.129069293], [0.798647377, -2.124058468],
        [0.818435355, -2.176227898], [0.860022126, -2.220310066], [0.875518783, -2.213426360],
        [0.821342727, -2.236857057], [0.759268389, -2.279915263], [0.726873787, -2.273703604],
        [0.730521389, -2.271919844],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(sgd_momentum, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("w, grad and state are left alone"):
    first = expect(sgd_momentum, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(sgd_momentum, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.72, -2.005]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("other momenta: 0 is plain gradient descent"):
    for mu in (0.0, 0.5, 0.99):
        rng = np.random.default_rng(1)
        w, state, v = rng.normal(size=3), {}, np.zeros(3)
        for lr in (0.1, 0.1, 0.02, 0.5):
            g = rng.normal(size=3)
            v = mu * v + g
            step = expect(sgd_momentum, w, g, state, lr, momentum=mu)
            step.part(0).close(w - lr * v)
            w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.sgd_momentum(right, g, kept, lr)
        step = expect(sgd_momentum, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.sgd_momentum(right, g, kept, lr)
            step = expect(sgd_momentum, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("two parameters that take turns, each with its own state"):
    rng = np.random.default_rng(4)
    ours = [(rng.normal(size=2), {}), (rng.normal(size=2), {})]
    right = list(ours)
    for t in range(8):
        g, lr, turn = rng.normal(size=2), 0.1 / (1 + t), t % 2
        right[turn] = reference.sgd_momentum(right[turn][0], g, right[turn][1], lr)
        step = expect(sgd_momentum, ours[turn][0], g, ours[turn][1], lr)
        step.part(0).close(right[turn][0])
        ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: where the learning rate stands
"""

# %% role="question" id="momentum_two_forms" points=1

# %% [markdown]
r"""
### Nesterov's momentum ★★ · 10 min

Momentum carries the weights on before the gradient has a say. Nesterov's idea: look where it carries them, and ask for
the gradient *there*.

**Given** weights `w`, a *function* `grad`, the `state`, a learning rate `lr` and `momentum`, **return** the tuple
`(w, state)` after one step:

$$ v \leftarrow \mu\, v + \nabla f(w - \eta\,\mu\, v), \qquad w \leftarrow w - \eta\, v $$

with μ = `momentum`, η = `lr` (this step's), and v = 0 before the first step. On the right of the first arrow both v are
the old velocity. The step starts from w itself, not from the point looked at.

`grad` takes an array of w's shape and returns the gradient there. It is called exactly once a step. As in SGD with
momentum, the learning rate stands outside v (the paper has it inside; that differs when `lr` changes, and it does
here).

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` is a float
array of any shape, `()` included. Neither `w` nor the old `state` and its arrays are changed. float32 weights stay
float32 over many steps (`grad` keeps the dtype it is given).

*Worked number.* f(w) = w², w = 1, `lr` = 0.1, μ = 0.9. Step 1: v = 2, w = 0.8. Step 2 looks at
0.8 − 0.1 · 0.9 · 2 = 0.62, where the gradient is 1.24, not 1.6: v = 1.8 + 1.24 = 3.04 and w = 0.496. Plain momentum has
v = 3.4 and w = 0.46: it brakes later.

**What the interviewer is after**: where is the gradient taken, and from where is the step made? **Follow-ups**: why is
this a correction and not just a trick? What does it bring on a convex function (1/t² instead of 1/t)? Why does a
framework, which has the gradient only at the current weights, need another form? Does it help when gradients are noisy?

<details><summary>Hint 1</summary>Before the gradient is known, you know part of the coming step already: the part that
the old velocity makes.</details>
<details><summary>Hint 2</summary>Compute the point ahead first, call <code>grad</code> there, then update v.</details>
<details><summary>Hint 3</summary>The last line is that of SGD with momentum: w moves by lr times the new v, starting
from w.</details>
"""

# %% role="solve" id="nesterov"
from dlkit.reference.optimizers import nesterov

# %% role="check" id="nesterov-check" points=4
with check("f(w) = w²: two steps worked by hand"):
    step = expect(nesterov, np.array([1.0, -2.0]), lambda w: 2 * w, {}, 0.1)
    step.part(0).close([0.8, -1.6])
    w, state = step.value
    expect(nesterov, w, lambda w: 2 * w, state, 0.1).part(0).close([0.496, -0.992])
with check("grad is called once a step, at the point ahead"):
    first = expect(nesterov, np.array([1.0, -2.0]), lambda w: 2 * w, {}, 0.1)
    first.part(0).finite()
    w, state = first.value
    step = expect(nesterov, w, lambda w: 2 * w, state, 0.1)
    step.part(0).close([0.496, -0.992])
    step.asked(lambda calls: len(calls) == 1, "1 call of grad")
    step.asked(lambda calls: np.allclose(calls[0].args[0], [0.62, -1.24]), "grad called at [0.62, -1.24]")
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.950000000, -1.300000000], [0.906125000, -0.834375000], [0.867140000, -0.510326667],
        [0.735692450, 0.142574250], [0.667714000, 0.315276677], [0.622696032, 0.342147485],
        [0.501032767, 0.198704447], [0.448970083, 0.085009849], [0.420474724, 0.000629596],
        [0.359183528, -0.170671978],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        step = expect(nesterov, w, lambda w: np.array([w[0] - 0.5, 4 * w[1] + w[0]]), state, 0.1 / (1 + t % 3))
        step.part(0).close(point)
        w, state = step.value
with check("w and state are left alone"):
    first = expect(nesterov, np.array([1.0, -2.0]), lambda w: 2 * w, {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    expect(nesterov, w, lambda w: 2 * w, state, 0.1).part(0).close([0.496, -0.992]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("at constant lr: Nesterov's own two sequences, x ← y − lr · ∇f(y) and y ← x + momentum · (x − last x)"):
    w, state = np.array([2.0, -1.0, 0.5]), {}
    x = y = w
    for _ in range(8):
        x, last = y - 0.05 * (np.sin(y) + 2 * y), x
        y = x + 0.8 * (x - last)
        step = expect(nesterov, w, lambda w: np.sin(w) + 2 * w, state, 0.05, momentum=0.8)
        step.part(0).close(x)
        w, state = step.value
with check("other momenta, with a changing learning rate: 0 is plain gradient descent"):
    for mu in (0.0, 0.5, 0.99):
        w = right = np.random.default_rng(1).normal(size=3)
        state, kept = {}, {}
        for lr in (0.1, 0.1, 0.02, 0.3):
            right, kept = reference.nesterov(right, lambda w: np.tanh(w) - 0.1, kept, lr, momentum=mu)
            step = expect(nesterov, w, lambda w: np.tanh(w) - 0.1, state, lr, momentum=mu)
            step.part(0).close(right)
            w, state = step.value
with check("float32 stays float32 over ten steps"):
    w = right = np.random.default_rng(2).normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        lr = 0.1 / (1 + t % 3)
        right, kept = reference.nesterov(right, lambda w: 3 * w - 1, kept, lr)
        step = expect(nesterov, w, lambda w: 3 * w - 1, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            right, kept = reference.nesterov(right, lambda w: np.sin(w) + 0.5, kept, lr)
            step = expect(nesterov, w, lambda w: np.sin(w) + 0.5, state, lr)
            step.part(0).close(right)
            w, state = step.value
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Nesterov's momentum, rewritten ★★ · 12 min

A training loop has the gradient at the current weights, and no function to ask for another. So frameworks let the
*point ahead* be the weights. Call Nesterov's weights x. Of the point

$$ w = x - \eta\,\mu\, v $$

and its gradient g = ∇f(w) alone one can write the same algorithm:

$$ v \leftarrow \mu\, v + g, \qquad w \leftarrow w - \eta\,(g + \mu\, v) $$

In the second formula v is the new velocity.

**Given** `w` (the point ahead), `grad` = g, an *array*, the `state`, `lr` = η and `momentum` = μ, **return** the tuple
`(w, state)`: the next point ahead and the next state. v = 0 before the first step, so the two forms start at the same
point. While `lr` is constant your w is x − η μ v of Nesterov's x and v in every step. When `lr` changes, the formula
above is what counts (it is PyTorch's `nesterov=True`): the learning rate stands outside v.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too.

*Worked number.* f(w) = w², `lr` = 0.1, μ = 0.9, w = 1. g = 2, so v = 2 and w = 1 − 0.1 · (2 + 1.8) = 0.62: the point at
which the other form asks for its second gradient. There g = 1.24, so v = 3.04 and w = 0.2224. The other form is at
x = 0.496 then, and 0.496 − 0.09 · 3.04 = 0.2224.

**What the interviewer is after**: derive it. Put x = w + η μ v into the two lines of Nesterov's momentum and cancel.
**Follow-ups**: where does the algebra need a constant learning rate? Which of the two points should you evaluate after
training, and does it matter? How does the step differ from plain momentum's? What is the effective step on a constant
gradient?

<details><summary>Hint 1</summary>Write the next point ahead with the new x and the new v, then replace the new x by the
old x and the old x by w.</details>
<details><summary>Hint 2</summary>What remains has the old v in it. The first formula says what μ times the old v
is.</details>
<details><summary>Hint 3</summary>In code: one line makes the new v; the other uses it and <code>grad</code> again, so
the fresh gradient counts 1 + momentum times.</details>
"""

# %% role="solve" id="nesterov_rewritten"
from dlkit.reference.optimizers import nesterov_rewritten

# %% role="check" id="nesterov_rewritten-check" points=4
with check("two steps worked by hand"):
    step = expect(nesterov_rewritten, np.array([1.0, -2.0]), np.array([2.0, -4.0]), {}, 0.1)
    step.part(0).close([0.62, -1.24])
    w, state = step.value
    expect(nesterov_rewritten, w, np.array([1.24, -2.48]), state, 0.1).part(0).close([0.2224, -0.4448])
with check("at constant lr: Nesterov's own two sequences, x ← y − lr · ∇f(y) and y ← x + momentum · (x − last x)"):
    w, state = np.array([2.0, -1.0, 0.5]), {}
    x = y = w
    for _ in range(8):
        x, last = y - 0.05 * (np.sin(y) + 2 * y), x
        y = x + 0.8 * (x - last)
        step = expect(nesterov_rewritten, w, np.sin(w) + 2 * w, state, 0.05, momentum=0.8)
        step.part(0).close(y)
        w, state = step.value
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.810000000, -2.159879487], [0.718171281, -2.207365463], [0.705639085, -2.170891577],
        [0.822447515, -2.283542725], [0.892557790, -2.343822600], [0.897049375, -2.304294258],
        [0.752273896, -2.367398589], [0.658711879, -2.438665366], [0.634406739, -2.401028290],
        [0.728802606, -2.414410627],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(nesterov_rewritten, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("w, grad and state are left alone"):
    first = expect(nesterov_rewritten, np.array([1.0, -2.0]), np.array([2.0, -4.0]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(nesterov_rewritten, w, np.array([1.24, -2.48]), state, 0.1)
    second.part(0).close([0.2224, -0.4448]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("the change of variable: w is x − lr · momentum · v of Nesterov's x and v, step by step"):
    x, kept = np.array([1.0, -2.0]), {}
    w, state = x, {}
    for _ in range(8):
        g = np.array([w[0] - 0.5, 4 * w[1] + w[0]])
        x, kept = reference.nesterov(x, lambda y: np.array([y[0] - 0.5, 4 * y[1] + y[0]]), kept, 0.05)
        step = expect(nesterov_rewritten, w, g, state, 0.05)
        step.part(0).close(x - 0.05 * 0.9 * kept["v"])
        w, state = step.value
with check("other momenta, with a changing learning rate: 0 is plain gradient descent"):
    for mu in (0.0, 0.5, 0.99):
        rng = np.random.default_rng(1)
        w = right = rng.normal(size=3)
        state, kept = {}, {}
        for lr in (0.1, 0.1, 0.02, 0.5):
            g = rng.normal(size=3)
            right, kept = reference.nesterov_rewritten(right, g, kept, lr, momentum=mu)
            step = expect(nesterov_rewritten, w, g, state, lr, momentum=mu)
            step.part(0).close(right)
            w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.nesterov_rewritten(right, g, kept, lr)
        step = expect(nesterov_rewritten, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.nesterov_rewritten(right, g, kept, lr)
            step = expect(nesterov_rewritten, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the form in the frameworks
"""

# %% role="question" id="nesterov_without_second_point" points=1

# %% [markdown]
r"""
## Adaptive rates

### Adagrad ★ · 6 min

One learning rate for all weights is too large for some and too small for others. Adagrad divides each weight's step by
what its own gradients have been so far.

**Given** `w`, `grad`, the `state`, `lr` and `eps`, **return** the tuple `(w, state)` after one step:

$$ s \leftarrow s + g^2, \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \varepsilon} $$

with g = `grad`, η = `lr`, ε = `eps`, all elementwise, and s = 0 before the first step. The step uses the new s. It is a
sum over all steps, nothing is forgotten. ε stands outside the root (some libraries have it inside; the checks use a
large ε to see it). A weight whose gradients were all 0 stays where it is, with no NaN and no warning.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too: `np.zeros(w.shape)` is float64.

*Worked number.* w = 1, `lr` = 0.1, g = 2: s = 4 and w = 1 − 0.1 · 2/2 = 0.9. Then g = −1: s = 5 and
w = 0.9 + 0.1/√5 = 0.944721.

**What the interviewer is after**: why each weight gets a rate of its own, and why the steps die out. **Follow-ups**:
how long is the first step, whatever the gradient? On a constant gradient, how does the step fall with t (as 1/√t)? Why
does that suit sparse features such as rare words? What did RMSProp change?

<details><summary>Hint 1</summary>The state holds one array of w's shape. In the first step
<code>state.get("s", 0.0)</code> does.</details>
<details><summary>Hint 2</summary>Add the squared gradient first, then divide: by the root, plus eps, both taken element
by element.</details>
"""

# %% role="solve" id="adagrad"
from dlkit.reference.optimizers import adagrad

# %% role="check" id="adagrad-check" points=2
with check("first step: every weight moves by lr, whatever its gradient"):
    expect(adagrad, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1).part(0).close([0.9000000005, -1.900000002])
with check("two steps worked by hand, with a large eps: it stands outside the root"):
    step = expect(adagrad, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, eps=0.5)
    step.part(0).close([0.92, -1.95])
    w, state = step.value
    expect(adagrad, w, np.array([-1.0, 1.0]), state, 0.1, eps=0.5).part(0).close([0.9565487995, -2.0118033989])
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.900000001, -2.099999999], [0.876232260, -2.108269825], [0.887692428, -2.083367083],
        [0.951002908, -2.128930158], [0.970286394, -2.142670504], [0.964783952, -2.124177769],
        [0.916006190, -2.146879494], [0.898123323, -2.163453824], [0.900418741, -2.148784818],
        [0.940016156, -2.155629211],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(adagrad, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("w, grad and state are left alone"):
    first = expect(adagrad, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(adagrad, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.9447213598, -1.9894427203]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("gradients that are 0: such a weight stays, without NaN or warning, and starts when they come"):
    w = right = np.array([1.0, -2.0, 3.0])
    state, kept = {}, {}
    for g in [[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]:
        right, kept = reference.adagrad(right, np.array(g), kept, 0.1)
        step = expect(adagrad, w, np.array(g), state, 0.1)
        step.part(0).close(right).no_warning()
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.adagrad(right, g, kept, lr)
        step = expect(adagrad, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.adagrad(right, g, kept, lr)
            step = expect(adagrad, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [{"eps": 0.1}, {"eps": 1e-3}, {}]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.adagrad(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(adagrad, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Adadelta ★★ · 10 min

In plain descent w and η g have different units: with w in metres, g is in 1/metres. Adadelta lets the size of its own
past steps set the scale, so that the units agree and no learning rate is needed.

**Given** `w`, `grad`, the `state`, `lr`, `rho` and `eps`, **return** the tuple `(w, state)` after one step:

$$ \begin{aligned}
s &\leftarrow \rho\, s + (1 - \rho)\, g^2 \\
d &= \frac{\sqrt{u + \varepsilon}}{\sqrt{s + \varepsilon}}\; g \\
u &\leftarrow \rho\, u + (1 - \rho)\, d^2 \\
w &\leftarrow w - \eta\, d
\end{aligned} $$

in this order: d uses the new s and the old u. g = `grad`, ρ = `rho`, ε = `eps`, η = `lr`; s and u are 0 before the
first step. ε stands *inside both roots*, as in the paper, unlike in the other optimizers here: without it u would stay
0 for ever. The paper has no learning rate; `lr` is 1 by default, and it scales the step only, not what goes into u. A
weight whose gradients were all 0 stays where it is, with no NaN and no warning.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too. Mind that in NumPy 2 `np.sqrt` of a Python
number is a float64 *scalar*, and float32 arrays times it become float64: `np.sqrt(0.0 + eps)` in the first step is
enough. `math.sqrt` or an array of w's dtype is safe.

*Worked number.* w = 1, g = 2, ρ = 0.9, ε = 1e−6: s = 0.4, d = 0.001/0.632456 · 2 = 0.00316227, w = 0.996838 and
u = 1.0e−6. Then g = −1: s = 0.46 and w = 0.998923. The first steps are tiny: they grow from √ε.

**What the interviewer is after**: the order of the four lines, and where ε is and why. **Follow-ups**: check the units
of d. What does a larger ε do to the first hundred steps? What is left of the method if you replace √(u + ε) by a
constant? Why is it seldom used today?

<details><summary>Hint 1</summary>Two running averages: of squared gradients and of squared steps. The step stands
between their two updates.</details>
<details><summary>Hint 2</summary>In the first step let both start as <code>np.zeros_like(w)</code>: that keeps the
dtype through the root.</details>
<details><summary>Hint 3</summary>The last line scales d by lr, and u is made from d without it.</details>
"""

# %% role="solve" id="adadelta"
from dlkit.reference.optimizers import adadelta

# %% role="check" id="adadelta-check" points=4
with check("first step: the square root of eps gets it going"):
    expect(adadelta, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1).part(0).close([0.9996837726, -1.9996837786])
with check("two steps worked by hand, with a large eps: it stands inside both roots"):
    step = expect(adadelta, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, eps=0.5)
    step.part(0).close([0.8509288015, -1.9512049964])
    w, state = step.value
    expect(adadelta, w, np.array([-1.0, 1.0]), state, 0.1, eps=0.5).part(0).close([0.9376648848, -2.0429361842])
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.996837738, -2.003162255], [0.995731129, -2.003551503], [0.996338652, -2.002400111],
        [0.999809532, -2.005114289], [1.001102607, -2.006038927], [1.000694593, -2.004787260],
        [0.997164922, -2.006623746], [0.995688263, -2.007992718], [0.995897614, -2.006736360],
        [0.999366788, -2.007411101],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 1.0 / (1 + t % 3)
        step = expect(adadelta, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("lr is 1 by default, and does not enter the state"):
    first = expect(adadelta, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {})
    first.part(0).finite()
    w, state = first.value
    expect(adadelta, w, np.array([-1.0, 1.0]), state).part(0).close([0.9989228669, -2.0008783389])
    first = expect(adadelta, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 100.0)
    first.part(0).finite()
    w, state = first.value
    expect(adadelta, w, np.array([-1.0, 1.0]), state, 1.0).part(0).close([0.6858577698, -1.6878191116])
with check("w, grad and state are left alone"):
    first = expect(adadelta, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(adadelta, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.9998922867, -2.0000878339]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("gradients that are 0: such a weight stays, without NaN or warning, and starts when they come"):
    w = right = np.array([1.0, -2.0, 3.0])
    state, kept = {}, {}
    for g in [[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]:
        right, kept = reference.adadelta(right, np.array(g), kept, 0.1)
        step = expect(adadelta, w, np.array(g), state, 0.1)
        step.part(0).close(right).no_warning()
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 1.0 / (1 + t % 3)
        right, kept = reference.adadelta(right, g, kept, lr)
        step = expect(adadelta, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (1.0, 0.5, 2.0):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.adadelta(right, g, kept, lr)
            step = expect(adadelta, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [{"rho": 0.5}, {"rho": 0.95, "eps": 0.1}, {"eps": 1e-3}]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.adadelta(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(adadelta, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### RMSProp ★ · 6 min

Adagrad's sum only grows, so its steps die. RMSProp replaces the sum by a running average that forgets.

**Given** `w`, `grad`, the `state`, `lr`, `decay` and `eps`, **return** the tuple `(w, state)` after one step:

$$ s \leftarrow \rho\, s + (1 - \rho)\, g^2, \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s} + \varepsilon} $$

with g = `grad`, ρ = `decay` (the weight of the *old* average), η = `lr`, ε = `eps`, all elementwise, and s = 0 before
the first step. The step uses the new s. ε stands outside the root, as in PyTorch (others have it inside). There is no
bias correction: the first step is longer than later ones. A weight whose gradients were all 0 stays where it is, with
no NaN and no warning.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too.

*Worked number.* w = 1, `lr` = 0.1, g = 2, ρ = 0.9: s = 0.4 and w = 1 − 0.2/0.632456 = 0.683772. Then g = −1: s = 0.46
and w = 0.831214. The first step is 1/√0.1 = 3.16 times `lr`.

**What the interviewer is after**: the difference from Adagrad in one symbol, and what it changes. **Follow-ups**: how
many past steps does the average see at 0.9? Why is the first step too long, and what does Adam do about it? How long is
a step on a constant gradient, late? What does the centred version subtract?

<details><summary>Hint 1</summary>Only the line for s differs from Adagrad's.</details>
<details><summary>Hint 2</summary>The old average keeps the share <code>decay</code>, the new squared gradient gets the
rest.</details>
"""

# %% role="solve" id="rmsprop"
from dlkit.reference.optimizers import rmsprop

# %% role="check" id="rmsprop-check" points=2
with check("first step: 3.16 times lr at decay 0.9, whatever the gradient"):
    expect(rmsprop, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1).part(0).close([0.683772239, -1.683772254])
with check("two steps worked by hand, with a large eps: it stands outside the root"):
    step = expect(rmsprop, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, eps=0.5)
    step.part(0).close([0.823392624, -1.9240253073])
    w, state = step.value
    expect(rmsprop, w, np.array([-1.0, 1.0]), state, 0.1, eps=0.5).part(0).close([0.9082654803, -2.0416723662])
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.683772244, -2.316227754], [0.605522656, -2.343752043], [0.644821667, -2.261521905],
        [0.860783451, -2.416740748], [0.928657854, -2.465551060], [0.908346547, -2.400229600],
        [0.729191041, -2.483926884], [0.662065125, -2.546605618], [0.671135224, -2.491205871],
        [0.827311772, -2.518415756],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(rmsprop, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("w, grad and state are left alone"):
    first = expect(rmsprop, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(rmsprop, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.831214193, -1.9694865315]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("gradients that are 0: such a weight stays, without NaN or warning, and starts when they come"):
    w = right = np.array([1.0, -2.0, 3.0])
    state, kept = {}, {}
    for g in [[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]:
        right, kept = reference.rmsprop(right, np.array(g), kept, 0.1)
        step = expect(rmsprop, w, np.array(g), state, 0.1)
        step.part(0).close(right).no_warning()
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.rmsprop(right, g, kept, lr)
        step = expect(rmsprop, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.rmsprop(right, g, kept, lr)
            step = expect(rmsprop, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [{"decay": 0.5}, {"decay": 0.99, "eps": 0.1}, {"decay": 0.0}]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.rmsprop(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(rmsprop, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what is remembered of a burst
"""

# %% role="question" id="adagrad_after_burst" points=1

# %% [markdown]
r"""
### Adam ★★ · 12 min

Momentum smooths the direction, RMSProp sets each weight's scale. Adam does both, and corrects the start of both
averages.

**Given** `w`, `grad`, the `state`, `lr`, `beta1`, `beta2` and `eps`, **return** the tuple `(w, state)` after step
t = 1, 2, 3, …:

$$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 $$

$$ \hat m = \frac{m}{1 - \beta_1^{\,t}}, \qquad \hat v = \frac{v}{1 - \beta_2^{\,t}}, \qquad
w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon} $$

with g = `grad`, η = `lr`, ε = `eps`, all elementwise. m and v are 0 before the first step, and t is 1 *in* it. m and v
go into the state uncorrected. ε stands outside the root and is added to the root of the *corrected* v (TensorFlow 1
added its "epsilon hat" to that of the uncorrected one; the checks use a large ε to see it). A weight whose gradients
were all 0 stays where it is, with no NaN and no warning.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
t belongs in the state too, so that two parameters do not share one count.

float32 weights and gradients give float32 weights, over ten steps too. Mind NumPy 2: `np.sqrt(1 - beta2**t)` is a
float64 *scalar*, and every float32 array that meets it becomes float64. `math.sqrt(1 - beta2**t)`, a Python float, does
not do that; nor does `np.sqrt` of an array.

*Worked number.* w = 1, `lr` = 0.1, g = 2: m = 0.2 and v = 0.004, corrected 2 and 4, so w = 1 − 0.1 · 2/2 = 0.9. Then
g = −1: m = 0.08, v = 0.004996, corrected 0.421053 and 2.499250, and w = 0.873366. Without the correction the first step
would be 0.316 long instead of 0.1.

**What the interviewer is after**: both averages, both corrections, t from 1; and why the correction is there.
**Follow-ups**: how long is the first step, and is there a bound for later ones? Derive 1 − β₂ᵗ. Why is β₂ nearer to 1
than β₁? What happens with ε = 1e−8 in half precision? When does SGD with momentum generalize better?

<details><summary>Hint 1</summary>Three things to remember: m, v and the number of steps.</details>
<details><summary>Hint 2</summary>Raise t first: <code>t = state.get("t", 0) + 1</code>. With t = 0 you would divide by
0.</details>
<details><summary>Hint 3</summary>Keep m and v as they are for the next step; divide copies of them by
<code>1 - beta1**t</code> and <code>1 - beta2**t</code>.</details>
"""

# %% role="solve" id="adam"
from dlkit.reference.optimizers import adam

# %% role="check" id="adam-check" points=4
with check("first step: every weight moves by lr, for gradients from 0.01 to 1000"):
    w, g = np.array([1.0, -2.0, 0.5]), np.array([0.01, -5.0, 1000.0])
    expect(adam, w, g, {}, 0.1).part(0).close([0.9, -1.9, 0.4], rtol=1e-5)
with check("bias correction: on a constant gradient every step is lr long"):
    g = np.array([2.0, -0.3])
    w, state = np.array([1.0, -2.0]), {}
    for t in range(1, 5):
        step = expect(adam, w, g, state, 0.1)
        step.part(0).close([1.0 - 0.1 * t, -2.0 + 0.1 * t])
        w, state = step.value
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.900000001, -2.099999999], [0.852834367, -2.139197905], [0.837338965, -2.136702984],
        [0.844698507, -2.157744002], [0.858097889, -2.173796892], [0.862813622, -2.171800653],
        [0.848855433, -2.178221200], [0.834230041, -2.189122477], [0.826719479, -2.187730178],
        [0.827489209, -2.187334637],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(adam, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("a large eps, added to the root of the corrected v"):
    step = expect(adam, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, beta2=0.99, eps=0.5)
    step.part(0).close([0.92, -1.95])
    w, state = step.value
    expect(adam, w, np.array([-1.0, 1.0]), state, 0.1, beta2=0.99, eps=0.5).part(0).close([0.8997449457, -1.9724092409])
with check("w, grad and state are left alone"):
    first = expect(adam, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(adam, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.8733662967, -1.9366103542]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("gradients that are 0: such a weight stays, without NaN or warning, and starts when they come"):
    w = right = np.array([1.0, -2.0, 3.0])
    state, kept = {}, {}
    for g in [[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]:
        right, kept = reference.adam(right, np.array(g), kept, 0.1)
        step = expect(adam, w, np.array(g), state, 0.1)
        step.part(0).close(right).no_warning()
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.adam(right, g, kept, lr)
        step = expect(adam, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.adam(right, g, kept, lr)
            step = expect(adam, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [
        {"beta1": 0.5, "beta2": 0.9},
        {"beta1": 0.0, "eps": 0.1},
        {"beta1": 0.95, "beta2": 0.8, "eps": 1e-3},
    ]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.adam(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(adam, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the corrections left out
"""

# %% role="question" id="adam_without_correction" points=1

# %% [markdown]
r"""
### Experiment: four landscapes

Two weights, four losses, four of your optimizers: gradient descent (momentum 0), momentum, Adagrad and Adam. Each one
tries seven learning rates from 0.001 to 1 and keeps the one with which the loss gets below 0.001, and stays there, in
the fewest steps; where none gets there, the one that ends lowest.

- **Ravine**: $\tfrac12 (x^2 + 50 y^2)$, 50 times as steep across as along.
- **The same, turned** by 45 degrees: the same walls, but no longer along the axes.
- **Saddle**: $\tfrac52 x^2 + \tfrac1{50}(y^2 - 2)^2$, from a start only 0.001 beside the ridge. At (0, 0) the gradient
  is 0 without being a minimum; the minima are at $(0, \pm\sqrt 2)$.
- **Rosenbrock**: $(1 - x)^2 + 100 (y - x^2)^2$, a bent valley with a flat floor. The minimum is at (1, 1).

Above, the paths over contours, from the black dot to the star. Below, the loss at each step.

*Make a prediction*: for which of the optimizers does it matter that the ravine is turned? Who leaves the saddle first,
and why?
"""

# %% role="demo" id="experiment-landscapes"
from dlkit.lab import experiment, figure


def plain(w, grad, state, lr):
    return sgd_momentum(w, grad, state, lr, momentum=0.0)


def quadratic(H):
    return lambda w: 0.5 * np.sum(w * np.tensordot(H, w, 1), axis=0), lambda w: H @ w


def walk(step, f, grad, start, lr, steps):
    """The path, (steps + 1, 2), the loss along it, and how many steps it takes to get below 0.001 and stay there."""
    w, state, path = np.array(start), {}, [np.array(start)]
    for _ in range(steps):
        w, state = step(w, grad(w), state, lr)
        path.append(w)
        if not np.abs(w).max() < 100:  # it runs away
            return np.array(path), np.full(1, np.inf), math.inf
    values = f(np.array(path).T)
    last_above = np.nonzero(values >= 1e-3)[0][-1]
    return np.array(path), values, last_above + 1


turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / math.sqrt(2)
steep = np.diag([1.0, 50.0])
landscapes = [  # name, loss and gradient, start, goal, steps, the window drawn, contours
    ("ravine", quadratic(steep), (-4.0, 0.9), (0, 0), 120, (-4.5, 2, -1.3, 1.3), np.logspace(-1, 2, 10)),
    (
        "the same, turned",
        quadratic(turn @ steep @ turn.T),
        tuple(turn @ np.array([-4.0, 0.9])),
        (0, 0),
        120,
        (-4.1, 1.5, -3.9, 1.4),
        np.logspace(-1, 2.3, 11),
    ),
    (
        "saddle",
        (
            lambda w: 2.5 * w[0] ** 2 + 0.02 * (w[1] ** 2 - 2) ** 2,
            lambda w: np.array([5 * w[0], 0.08 * w[1] * (w[1] ** 2 - 2)]),
        ),
        (-0.9, 0.001),
        (0, math.sqrt(2)),
        220,
        (-1.1, 1.1, -0.5, 2.1),
        np.concatenate([np.linspace(0.005, 0.05, 5), np.logspace(-1, 0.5, 6)]),
    ),
    (
        "Rosenbrock",
        (
            lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2,
            lambda w: np.array([-2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)]),
        ),
        (-1.2, 1.0),
        (1, 1),
        600,
        (-1.7, 1.5, -0.6, 1.8),
        np.logspace(-1, 3, 9),
    ),
]
optimizers = [("gradient descent", plain), ("momentum", sgd_momentum), ("Adagrad", adagrad), ("Adam", adam)]

with (
    experiment(),
    figure(
        "Adagrad wins along the axes only, momentum in the bent valley", columns=4, rows=2, width=13, height=6.4
    ) as panels,
):
    for column, (name, (f, grad), start, goal, steps, window, levels) in enumerate(landscapes):
        above, below = panels[column], panels[column + 4]
        x, y = np.meshgrid(np.linspace(*window[:2], 120), np.linspace(*window[2:], 120))
        above.contour(x, y, f(np.stack([x, y])), levels=levels, colors="0.75", linewidths=0.7)
        for (who, step), line in zip(optimizers, ("-", "--", ":", "-."), strict=True):
            runs = [(walk(step, f, grad, start, lr, steps), lr) for lr in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)]
            (path, values, arrived), lr = min(runs, key=lambda run: (run[0][2], run[0][1][-1]))
            above.plot(*path.T, line, linewidth=1.3, label=who)
            below.semilogy(np.maximum(values, 1e-6), line, label=who)
            said = f"{arrived:4d} steps" if arrived <= steps else f"not in {steps} steps"
            print(f"{name:17s} {who:17s} rate {lr:<6g} {said}")
        above.plot(*start, "ko", markersize=6)
        above.plot(*goal, "k*", markersize=12)
        above.set(title=name, xlim=window[:2], ylim=window[2:], xlabel="first weight")
        above.grid(False)
        below.axhline(1e-3, color="0.5", linewidth=1)
        below.set(xlabel="steps", ylim=(1e-6, None))
    panels[0].set_ylabel("second weight")
    panels[4].set_ylabel("loss (cut off at 10⁻⁶)")
    panels[5].legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.** *Ravine*: the steep direction limits gradient descent to rates below 2/50 = 0.04. With 0.03 the loss
then falls by only 6 % a step along the floor, and 120 steps are not enough. Momentum takes 94, and Adam 91. Both swing
past the goal and back: with momentum 0.9 the swings lose about 10 % of their loss a step, which makes about 97 steps
from 28 to 0.001. Less momentum would be better here; `momentum_optimum`, later in this lesson, says 0.57. Adagrad
needs only 26, since dividing each coordinate by its own gradients makes the ravine round. It would like even longer
steps than the largest rate tried: with 2 it takes 8.

*Turned*, Adagrad is no longer among those that arrive. A step size for every coordinate sees axes, not valleys.
Gradient descent and momentum do not notice the turn at all. Adam takes 91 again: at its best rate, 1, momentum carries
it. But with the rate 0.1 it took 98 on the ravine along the axes, and now it does not arrive in 120.

*Saddle*: gradient descent sits beside the ridge at a loss of 0.08 for more than 100 steps and needs 176 in all. The
gradient there is tiny, and so is its step. Momentum takes 81. Adagrad and Adam divide by the gradient's size: their
first step along y is as long as the learning rate, however flat the ridge. They take 5 and 64.

*Rosenbrock*: momentum wins with 205 steps, Adam takes 412. Gradient descent and Adagrad are not there after 600.
Adagrad's sum never forgets the first gradient, (−216, −88), and makes every later step small.

Do not take the ranking home: two weights, no noise, one starting point. Take the reasons.

**What to say in an interview.** “Momentum remembers a direction: it averages the zig-zag away and adds up what is
steady. Adagrad and its heirs remember sizes: they even out scales along the axes and walk off flat places, but they
cannot see a valley that runs diagonally. Adam has both.”
"""

# %% [markdown]
r"""
### AdaMax ★★ · 10 min

Adam divides by a 2-norm of past gradients. Take the p-norm and let p grow: the average becomes a maximum.

**Given** `w`, `grad`, the `state`, `lr`, `beta1`, `beta2` and `eps`, **return** the tuple `(w, state)` after step
t = 1, 2, 3, …:

$$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad u \leftarrow \max(\beta_2\, u, \lvert g \rvert), \qquad
w \leftarrow w - \eta\,\frac{\hat m}{u + \varepsilon}, \qquad \hat m = \frac{m}{1 - \beta_1^{\,t}} $$

with g = `grad`, η = `lr`, ε = `eps`. The maximum is elementwise: each weight has its own u. m and u are 0 before the
first step, and t is 1 in it. u gets no correction, and there is no root.

Conventions differ in ε. The paper has none, which is 0/0 where all gradients were 0. PyTorch has it inside the maximum,
max(β₂ u, |g| + ε). Here it is added to u, and not kept in it; the checks use a large ε to see it. A weight whose
gradients were all 0 stays where it is, with no NaN and no warning.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too.

*Worked number.* w = 1, `lr` = 0.1, g = 2: m = 0.2, corrected 2, u = 2, so w = 0.9. Then g = −1: m = 0.08, corrected
0.421053, u = max(1.998, 1) = 1.998 and w = 0.878926.

**What the interviewer is after**: where the maximum comes from, and why u needs no bias correction. **Follow-ups**:
what is the bound on a step's length? (The paper says lr; for late t it is 1.009 lr at the defaults. Which gradients get
there?) How long does one outlier gradient slow a weight down, at β₂ = 0.999? Where would you rather have the infinity
norm than the 2-norm?

<details><summary>Hint 1</summary>Of Adam only the second average changes. <code>np.maximum</code> compares two arrays
element by element; <code>np.max</code> does not.</details>
<details><summary>Hint 2</summary>The old maximum fades before it is compared: beta2 times u, against the gradient's
absolute value.</details>
<details><summary>Hint 3</summary>Correct m as in Adam, leave u as it is, and divide by u + eps.</details>
"""

# %% role="solve" id="adamax"
from dlkit.reference.optimizers import adamax

# %% role="check" id="adamax-check" points=4
with check("first step: every weight moves by lr, for gradients from 0.01 to 1000"):
    w, g = np.array([1.0, -2.0, 0.5]), np.array([0.01, -5.0, 1000.0])
    expect(adamax, w, g, {}, 0.1).part(0).close([0.9, -1.9, 0.4], rtol=1e-5)
with check("bias correction of m, none of u: on a constant gradient every step is lr long"):
    g = np.array([2.0, -0.3])
    w, state = np.array([1.0, -2.0]), {}
    for t in range(1, 5):
        step = expect(adamax, w, g, state, 0.1)
        step.part(0).close([1.0 - 0.1 * t, -2.0 + 0.1 * t])
        w, state = step.value
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.900000001, -2.099999999], [0.862059368, -2.128125659], [0.851212036, -2.126197443],
        [0.856983324, -2.142033028], [0.867179299, -2.153281231], [0.870503186, -2.151812094],
        [0.860056200, -2.156307828], [0.849080431, -2.163883313], [0.843749706, -2.162866238],
        [0.844314803, -2.162591269],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(adamax, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("a large eps, added to u and not kept in it"):
    step = expect(adamax, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, beta2=0.9, eps=0.5)
    step.part(0).close([0.92, -1.95])
    w, state = step.value
    expect(adamax, w, np.array([-1.0, 1.0]), state, 0.1, beta2=0.9, eps=0.5).part(0).close(
        [0.9016933638, -1.9692982456]
    )
with check("w, grad and state are left alone"):
    first = expect(adamax, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(adamax, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.8789262953, -1.9289473701]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("gradients that are 0: such a weight stays, without NaN or warning, and starts when they come"):
    w = right = np.array([1.0, -2.0, 3.0])
    state, kept = {}, {}
    for g in [[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]:
        right, kept = reference.adamax(right, np.array(g), kept, 0.1)
        step = expect(adamax, w, np.array(g), state, 0.1)
        step.part(0).close(right).no_warning()
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.adamax(right, g, kept, lr)
        step = expect(adamax, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.adamax(right, g, kept, lr)
            step = expect(adamax, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [
        {"beta1": 0.5, "beta2": 0.9},
        {"beta1": 0.0, "beta2": 0.5, "eps": 0.1},
        {"beta1": 0.95, "eps": 1e-3},
    ]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.adamax(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(adamax, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Nadam ★★ · 12 min

Nadam is Adam with Nesterov's look ahead: the step uses what the average will be in the next step, as far as it is
known.

**Given** `w`, `grad`, the `state`, `lr`, `beta1`, `beta2` and `eps`, **return** the tuple `(w, state)` after step
t = 1, 2, 3, …:

$$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \qquad
\hat v = \frac{v}{1 - \beta_2^{\,t}} $$

$$ \hat m = \frac{\beta_1\, m}{1 - \beta_1^{\,t+1}} + \frac{(1 - \beta_1)\, g}{1 - \beta_1^{\,t}}, \qquad
w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon} $$

with g = `grad`, η = `lr`, ε = `eps` outside the root, all elementwise. In m̂ stands the *new* m; its divisor is the one
of step t + 1, that of g is the one of step t. m and v are 0 before the first step, and t is 1 in it. m and v go into
the state uncorrected.

β₁ is constant here, as in Dozat's basic form. PyTorch's `NAdam` (and Keras) let it grow from step to step,
μₜ = β₁ (1 − ½ · 0.96^(0.004 t)), and so walk another path.

A weight whose gradients were all 0 stays where it is, with no NaN and no warning.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too (no `np.sqrt` of a Python number: in NumPy 2 that
is a float64 scalar).

*Worked number.* w = 1, `lr` = 0.1, g = 2: m = 0.2, m̂ = 0.18/0.19 + 0.2/0.1 = 2.947368, v̂ = 4, so w = 0.852632. Adam
is at 0.9. Then g = −1: m = 0.08, m̂ = −0.260633 and w = 0.869118: Nadam has turned round already, Adam (0.873366) still
goes on.

**What the interviewer is after**: see Nesterov's trick in it: the fresh gradient counts more than in Adam.
**Follow-ups**: which terms of m̂ are Adam's, which are new? How much longer than Adam's is the first step, and why?
Show that with β₁ = 0 it is RMSProp with a corrected v. Why may the divisors differ (t + 1 and t)?

<details><summary>Hint 1</summary>Start from your Adam. Only m̂ changes.</details>
<details><summary>Hint 2</summary>Two terms with two divisors: <code>1 - beta1 ** (t + 1)</code> under the average,
<code>1 - beta1**t</code> under the gradient.</details>
<details><summary>Hint 3</summary>The average in the first term has this step's gradient in it already, and is
multiplied by beta1 once more.</details>
"""

# %% role="solve" id="nadam"
from dlkit.reference.optimizers import nadam

# %% role="check" id="nadam-check" points=4
with check("first step worked by hand: 1.47 times lr, whatever the gradient"):
    expect(nadam, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1).part(0).close([0.8526315797, -1.8526315819])
with check("on a constant gradient: the step falls from 1.47 times lr towards lr"):
    g = np.array([2.0, -0.3])
    w, state = np.array([1.0, -2.0]), {}
    for length in [0.147368421, 0.115731210, 0.107822149, 0.104658792, 0.103077399]:
        step = expect(nadam, w, g, state, 0.1)
        step.part(0).close(w - length * np.sign(g))
        w, state = step.value
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.852631580, -2.147368419], [0.805176939, -2.178259031], [0.801513966, -2.160574444],
        [0.843896138, -2.202975004], [0.864966116, -2.223105701], [0.865900597, -2.211825697],
        [0.829654915, -2.228632448], [0.808535653, -2.245985999], [0.803302671, -2.237624450],
        [0.823187232, -2.240610014],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(nadam, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("a large eps, added to the root of the corrected v"):
    step = expect(nadam, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, beta2=0.99, eps=0.5)
    step.part(0).close([0.8821052632, -1.9263157895])
    w, state = step.value
    expect(nadam, w, np.array([-1.0, 1.0]), state, 0.1, beta2=0.99, eps=0.5).part(0).close(
        [0.8946432165, -1.9812000121]
    )
with check("w, grad and state are left alone"):
    first = expect(nadam, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(nadam, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.8691179406, -1.9422968559]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("gradients that are 0: such a weight stays, without NaN or warning, and starts when they come"):
    w = right = np.array([1.0, -2.0, 3.0])
    state, kept = {}, {}
    for g in [[0.0, 0.5, 0.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]:
        right, kept = reference.nadam(right, np.array(g), kept, 0.1)
        step = expect(nadam, w, np.array(g), state, 0.1)
        step.part(0).close(right).no_warning()
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.nadam(right, g, kept, lr)
        step = expect(nadam, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.nadam(right, g, kept, lr)
            step = expect(nadam, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [
        {"beta1": 0.5, "beta2": 0.9},
        {"beta1": 0.0, "eps": 0.1},
        {"beta1": 0.95, "beta2": 0.8, "eps": 1e-3},
    ]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.nadam(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(nadam, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### AdamW ★★ · 10 min

L2 regularization adds λ w to the gradient. In Adam that gradient is then divided by √v̂, so the weights with large
gradients are hardly decayed at all. AdamW takes the decay out of the gradient.

**Given** `w`, `grad`, the `state`, `lr`, `beta1`, `beta2`, `eps` and `weight_decay`, **return** the tuple `(w, state)`
after step t = 1, 2, 3, …:

$$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \qquad
\hat m = \frac{m}{1 - \beta_1^{\,t}}, \qquad \hat v = \frac{v}{1 - \beta_2^{\,t}} $$

$$ w \leftarrow w - \eta\,\Bigl(\frac{\hat m}{\sqrt{\hat v} + \varepsilon} + \lambda\, w\Bigr) $$

with g = `grad`, η = `lr`, ε = `eps` outside the root, λ = `weight_decay`, all elementwise. The w on the right is the
old one. The decay is multiplied by `lr`, as in PyTorch, and it enters neither m nor v. m and v are 0 before the first
step, and t is 1 in it.

`state` is yours: `{}` before the first step, afterwards the dictionary that your function returned. `w` and `grad` are
float arrays of one shape, any shape, `()` included. None of `w`, `grad`, the old `state` and its arrays is changed.
float32 weights and gradients give float32 weights, over ten steps too (no `np.sqrt` of a Python number: in NumPy 2 that
is a float64 scalar). Where all gradients were 0 only the decay is left, with no NaN and no warning.

*Worked number.* w = 1, `lr` = 0.1, g = 2, λ = 0.01: Adam's step is 0.1 and the decay 0.1 · 0.01 · 1 = 0.001, so
w = 0.899. Then g = −1: w = 0.871467. With λ = 0.5 and g = 0 the first step gives w = 0.95.

**What the interviewer is after**: where exactly decoupled decay differs from L2, and for which optimizers it does not
(plain SGD). **Follow-ups**: which weights does L2 in Adam decay least? Why is the default 0.01 here and 0 in Adam?
Which parameters do you not decay at all (biases, norms' gains)? What becomes of the decay when the learning rate is
scheduled?

<details><summary>Hint 1</summary>Take Adam's step of the plain gradient, and add one term at the very end.</details>
<details><summary>Hint 2</summary>Shrinking w first, w · (1 − lr · weight_decay), and then taking Adam's step is the
same. Taking the step first and shrinking then is not.</details>
"""

# %% role="solve" id="adamw"
from dlkit.reference.optimizers import adamw

# %% role="check" id="adamw-check" points=4
with check("two steps worked by hand: Adam's step and the decay of the old w"):
    step = expect(adamw, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1, weight_decay=0.5)
    step.part(0).close([0.8500000005, -1.800000002])
    w, state = step.value
    expect(adamw, w, np.array([-1.0, 1.0]), state, 0.1, weight_decay=0.5).part(0).close([0.7808662967, -1.7466103541])
with check("gradients of 0: only the decay is left, and it is multiplied by lr"):
    w, state = np.array([1.0, -2.0]), {}
    for t in range(1, 5):
        step = expect(adamw, w, np.zeros(2), state, 0.1, weight_decay=0.5)
        step.part(0).close([0.95**t, -2 * 0.95**t]).no_warning()
        w, state = step.value
with check("no decay: Adam, with every step lr long on a constant gradient"):
    g = np.array([2.0, -0.3])
    w, state = np.array([1.0, -2.0]), {}
    for t in range(1, 5):
        step = expect(adamw, w, g, state, 0.1, weight_decay=0.0)
        step.part(0).close([1.0 - 0.1 * t, -2.0 + 0.1 * t])
        w, state = step.value
with check("ten steps with a changing learning rate: every point of the path", weight=2):
    path = [
        [0.899000001, -2.097999999], [0.851384867, -2.136148905], [0.835605670, -2.132941935],
        [0.842129607, -2.151850011], [0.855107924, -2.166826976], [0.859538621, -2.164108460],
        [0.844720893, -2.168364900], [0.829673141, -2.178181994], [0.821886021, -2.176063634],
        [0.821833865, -2.173492029],
    ]  # fmt: skip
    w, state = np.array([1.0, -2.0]), {}
    for t, point in enumerate(path):
        g, lr = np.array([np.cos(t), np.sin(2 * t + 1)]), 0.1 / (1 + t % 3)
        step = expect(adamw, w, g, state, lr)
        step.part(0).close(point)
        w, state = step.value
with check("w, grad and state are left alone"):
    first = expect(adamw, np.array([1.0, -2.0]), np.array([2.0, -0.5]), {}, 0.1)
    first.part(0).finite().unchanged()
    w, state = first.value
    second = expect(adamw, w, np.array([-1.0, 1.0]), state, 0.1)
    second.part(0).close([0.8714672967, -1.9327123542]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("the decay is as strong for weights with large gradients as for those with small ones"):
    # The same signs, so the same steps of Adam: what differs between the columns is w.
    w = np.array([[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]])
    g = np.array([0.01, 1.0, 1000.0]) * np.ones((2, 3))
    step = expect(adamw, w, g, {}, 0.1, weight_decay=0.2)
    step.part(0).close(w - 0.1 - 0.02 * w, rtol=1e-5)
with check("a large eps, added to the root of the corrected v"):
    w = right = np.array([1.0, -2.0])
    state, kept = {}, {}
    for g in ([2.0, -0.5], [-1.0, 1.0], [0.0, 3.0]):
        right, kept = reference.adamw(right, np.array(g), kept, 0.1, beta2=0.99, eps=0.5, weight_decay=0.3)
        step = expect(adamw, w, np.array(g), state, 0.1, beta2=0.99, eps=0.5, weight_decay=0.3)
        step.part(0).close(right)
        w, state = step.value
with check("float32 stays float32 over ten steps"):
    rng = np.random.default_rng(2)
    w = right = rng.normal(size=(3, 2)).astype(np.float32)
    state, kept = {}, {}
    for t in range(10):
        g, lr = rng.normal(size=(3, 2)).astype(np.float32), 0.1 / (1 + t % 3)
        right, kept = reference.adamw(right, g, kept, lr)
        step = expect(adamw, w, g, state, lr)
        step.part(0).close(right, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("any shape: (), (4,), (2, 1, 3), and no weight at all"):
    rng = np.random.default_rng(3)
    for shape in [(), (4,), (2, 1, 3), (0, 3)]:
        w = right = np.array(rng.normal(size=shape))
        state, kept = {}, {}
        for lr in (0.1, 0.3, 0.05):
            g = np.array(rng.normal(size=shape))
            right, kept = reference.adamw(right, g, kept, lr)
            step = expect(adamw, w, g, state, lr)
            step.part(0).close(right)
            w, state = step.value
with check("other options, gradients from 0.001 to 1000, two parameters that take turns"):
    for options in [
        {"beta1": 0.5, "beta2": 0.9},
        {"beta1": 0.0, "weight_decay": 0.0},
        {"beta2": 0.8, "weight_decay": 1.0},
    ]:
        rng = np.random.default_rng(4)
        ours = [(rng.normal(size=3), {}), (rng.normal(size=3), {})]
        right = list(ours)
        for t in range(8):
            g, lr, turn = rng.normal(size=3) * np.array([1e-3, 1.0, 1e3]), 0.1 / (1 + t), t % 2
            right[turn] = reference.adamw(right[turn][0], g, right[turn][1], lr, **options)
            step = expect(adamw, ours[turn][0], g, ours[turn][1], lr, **options)
            step.part(0).close(right[turn][0])
            ours[turn] = tuple(step.value)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: which weights decay
"""

# %% role="question" id="adamw_who_is_decayed" points=1

# %% [markdown]
r"""
## Beyond Adam

### Lion ★★ · 10 min

**Given** the weights `w`, their gradient `grad`, the `state` and `lr`, **return** `w` and the state after one step of
Lion. Without weight decay every weight moves by lr, up or down (or not at all); the sign of an average decides:

$$ \begin{aligned}
w &\leftarrow w - \mathrm{lr} \cdot \bigl(\mathrm{sign}(\beta_1 m + (1 - \beta_1)\, g) + \lambda\, w\bigr) \\
m &\leftarrow \beta_2 m + (1 - \beta_2)\, g
\end{aligned} $$

Mind the order: the sign looks at the *old* m, mixed with the gradient by beta1; only then is m brought up to date, with
beta2. m is 0 at the start, sign(0) is 0, and λ is `weight_decay`, which pulls the old w. The defaults are
`beta1=0.9`, `beta2=0.99` and `weight_decay=0.0`.

`w` and `grad` have the same shape, any shape, an empty one too. `state` is `{}` at first; after that you are handed
what your last step returned, and nobody else looks inside. `lr` may change from step to step. float32 stays float32 (an
array from `np.zeros(shape)` is float64), integers give the right floats. No argument is changed, `state` included.

*Worked number.* lr = 0.1 and w = 1. The first gradient 0.5 gives w = 0.9 and m = 0.005. The second gradient is −0.044:
0.9 · 0.005 − 0.1 · 0.044 = 0.0001 is still positive, so w = 0.8; then m = 0.00451.

**What the interviewer is after**: what a sign throws away, and why two betas are not one. **Follow-ups**: how much
memory does Lion save against Adam? Why is its learning rate three to ten times smaller than Adam's, and its weight
decay larger? What does it do near a minimum, when gradients are noise? How is it related to signSGD?

<details><summary>Hint 1</summary>A missing m is 0: <code>state.get("m", 0.0)</code> serves the first step
too.</details>
<details><summary>Hint 2</summary>Two different mixtures of m and grad are needed. One decides the direction and is then
forgotten, the other is kept.</details>
<details><summary>Hint 3</summary>direction = np.sign of the beta1 mixture. Then the step, with weight_decay · w
added to the direction, and a new dictionary with the beta2 mixture.</details>
"""

# %% role="solve" id="lion"
from dlkit.reference.optimizers import lion

# %% role="check" id="lion-check" points=4
with check("two steps worked by hand"):
    w, state = np.array([1.0, -2.0]), {}
    for grad, expected in [([0.5, -1.0], [0.9, -1.9]), ([-0.044, -1.0], [0.8, -1.8])]:
        step = expect(lion, w, np.array(grad), state, 0.1)
        step.part(0).close(expected)
        w, state = step.value
with check("ten steps with a falling learning rate and betas 0.8 and 0.9"):
    w, state = np.array([2.0]), {}
    grads = [0.5, -0.3, -0.3, 0.4, 0.1, -0.9, 0.2, 0.3, -0.1, 0.6]
    ends = [1.9, 1.95, 1.983333333, 1.958333333, 1.938333333, 1.955, 1.969285714, 1.956785714, 1.967896825, 1.957896825]
    for t, (grad, end) in enumerate(zip(grads, ends, strict=True)):
        step = expect(lion, w, np.array([grad]), state, 0.1 / (1 + t), 0.8, 0.9)
        step.part(0).close([end])
        w, state = step.value
with check("weight decay: the old w shrinks, and the sign does not see it"):
    step = expect(lion, np.array([2.0, -4.0]), np.array([0.5, 0.1]), {}, 0.1, weight_decay=0.5)
    step.part(0).close([1.8, -3.9])
    w, state = step.value
    expect(lion, w, np.array([0.5, 0.1]), state, 0.1, weight_decay=0.5).part(0).close([1.61, -3.805])
with check("sign(0) = 0: a weight whose gradients are 0 stays"):
    w, state = np.array([1.0, 3.0, -2.0]), {}
    for expected in [[1.0, 2.9, -1.9], [1.0, 2.8, -1.8], [1.0, 2.7, -1.7]]:
        step = expect(lion, w, np.array([0.0, 1.0, -1e-6]), state, 0.1)
        step.part(0).close(expected)
        w, state = step.value
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("w, grad and state are left alone"):
    w, state = np.array([1.0, -2.0]), {}
    for grad, expected in [([0.5, -1.0], [0.9, -1.9]), ([2.0, 3.0], [0.8, -2.0]), ([-1.0, 1.0], [0.9, -2.1])]:
        step = expect(lion, w, np.array(grad), state, 0.1)
        step.part(0).close(expected)
        step.unchanged()
        w, state = step.value
with check("float32 stays float32, integers give floats"):
    rng = np.random.default_rng(1)
    w, state, theirs = rng.normal(size=(2, 3)).astype(np.float32), {}, {}
    for t in range(5):
        grad, lr = rng.normal(size=(2, 3)).astype(np.float32), 0.1 / (1 + t)
        expected, theirs = reference.lion(w, grad, theirs, lr, weight_decay=0.1)
        step = expect(lion, w, grad, state, lr, weight_decay=0.1)
        step.part(0).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
    expect(lion, np.array([1, -2]), np.array([3, -1]), {}, 0.25).part(0).close([0.75, -1.75])
with check("gradients of very different size: every weight moves by lr"):
    w, state = np.zeros(4), {}
    for t in range(1, 4):
        step = expect(lion, w, np.array([1e4, -1e4, 1e-8, -3.0]), state, 0.5)
        step.part(0).close(np.array([-0.5, 0.5, -0.5, 0.5]) * t)
        w, state = step.value
with check("equals the reference along ten steps of random shapes and options, an empty array among them"):
    rng = np.random.default_rng(2)
    for shape in [(5,), (2, 3, 4), (0, 3)]:
        w, state, theirs = rng.normal(size=shape), {}, {}
        options = {"beta1": rng.uniform(0.5, 0.95), "beta2": rng.uniform(0.5, 0.99), "weight_decay": rng.uniform(0, 1)}
        for _ in range(10):
            grad, lr = rng.normal(size=shape), float(rng.uniform(0.01, 0.3))
            expected, theirs = reference.lion(w, grad, theirs, lr, **options)
            step = expect(lion, w, grad, state, lr, **options)
            step.part(0).close(expected)
            w, state = step.value
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Lookahead ★★ · 12 min

Lookahead wraps another optimizer. *Fast* weights walk with it; every k steps the *slow* weights follow part of the way,
and the fast ones start again from there.

**Given** the fast weights `w`, `grad`, the `state`, `lr`, a step function `inner`, `k` ≥ 1 and `alpha`, **return** the
fast weights and the state after one step:

$$ w \leftarrow \mathrm{inner}(w), \qquad \text{and after steps } k, 2k, 3k, \dots \qquad
\begin{cases} s \leftarrow s + \alpha\,(w - s) \\ w \leftarrow s \end{cases} $$

- The slow weights s start at the w of the very first call, before inner has moved it.
- Call `inner(w, grad, inner_state, lr)` exactly once a step. It returns new weights and its new state; its first state
  is `{}`. This state is *kept* when the weights go back to s, not reset.
- `grad` goes to inner as it is. It may be anything that inner understands, an array or not.

`w` has any shape. `state` is `{}` at first, and then what your last step returned. The defaults are `k=5` and
`alpha=0.5`. float32 stays float32. No argument is changed, `state` included.

*Worked number.* inner is plain SGD with lr = 0.1, all gradients are 1, k = 2, alpha = 0.5. From w = 1 the first step
gives 0.9. The second goes to 0.8 and half of the way back: 0.9. The next two give 0.8 and again 0.8, since
0.9 + 0.5 · (0.7 − 0.9) = 0.8.

**What the interviewer is after**: can you keep one state inside another without mixing them up? **Follow-ups**: why
does this lower the variance of the iterates? What do alpha = 1 and alpha = 0 do? How does it differ from averaging the
weights at the end? Would you reset the momentum at a synchronization, and what speaks for it?

<details><summary>Hint 1</summary>Your state needs three things: a count of steps, the slow weights, and inner's state,
a dictionary in the dictionary.</details>
<details><summary>Hint 2</summary>In the first call there is no slow entry yet. Which w belongs there: the one that came
in, or the one that inner returned?</details>
<details><summary>Hint 3</summary>Raise the count first, call inner, then look whether the count is a multiple of k. If
so, move slow, and return slow as the new w.</details>
"""

# %% role="solve" id="lookahead"
from dlkit.reference.optimizers import lookahead

# %% role="check" id="lookahead-check" points=4
with check("four steps of plain SGD with k = 2, worked by hand"):

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    w, state = np.array([1.0, 0.0]), {}
    for expected in [[0.9, -0.2], [0.9, -0.2], [0.8, -0.4], [0.8, -0.4]]:
        step = expect(lookahead, w, np.array([1.0, 2.0]), state, 0.1, sgd, 2, 0.5)
        step.part(0).close(expected)
        w, state = step.value
with check("seven steps with momentum inside, k = 3: its velocity is kept when the weights go back"):

    def momentum(w, grad, state, lr, mu=0.9):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    w, state = np.array([1.0, 0.0]), {}
    ends = [
        [0.9, 0.05],
        [0.805, 0.0975],
        [0.945333333, 0.027333333],
        [0.954358333, 0.022820833],
        [0.940856333, 0.029571833],
        [0.937515792, 0.031242104],
        [0.931132491, 0.034433754],
    ]
    for t, expected in enumerate(ends):
        grad = np.array([1.0, -0.5]) * (-1) ** (t // 2)
        step = expect(lookahead, w, grad, state, 0.1 / (1 + t), momentum, 3, 0.25)
        step.part(0).close(expected, atol=1e-8)
        w, state = step.value
with check("k = 5 and alpha = 0.5 by default; inner is called once a step"):

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    w, state = np.array([2.0]), {}
    for expected in [1.9, 1.8, 1.7, 1.6, 1.75, 1.65]:
        step = expect(lookahead, w, np.array([1.0]), state, 0.1, sgd)
        step.part(0).close([expected])
        step.asked(lambda calls: len(calls) == 1, "one call of inner")
        w, state = step.value
with check("alpha = 1 is inner alone; alpha = 0 goes back to the start"):

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    for alpha, ends in [(1.0, [2.5, 2.0, 1.5, 1.0]), (0.0, [2.5, 3.0, 2.5, 3.0])]:
        w, state = np.array([3.0]), {}
        for expected in ends:
            step = expect(lookahead, w, np.array([1.0]), state, 0.5, sgd, 2, alpha)
            step.part(0).close([expected])
            w, state = step.value
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("w, grad and state are left alone, at a synchronization too"):

    def momentum(w, grad, state, lr, mu=0.5):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v, "name": "momentum", "t": state.get("t", 0) + 1}

    w, state, theirs = np.array([1.0, 0.0]), {}, {}
    for _ in range(5):
        grad = np.array([1.0, -0.5])
        expected, theirs = reference.lookahead(w, grad, theirs, 0.1, momentum, 2)
        step = expect(lookahead, w, grad, state, 0.1, momentum, 2)
        step.part(0).close(expected)
        step.unchanged()
        w, state = step.value
with check("float32 stays float32"):

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    w, state, theirs = np.array([[1.0, -2.0, 0.5]], dtype=np.float32), {}, {}
    for t in range(4):
        grad = np.array([[0.5, 1.0, -t]], dtype=np.float32)
        expected, theirs = reference.lookahead(w, grad, theirs, 0.1, sgd, 2, 0.25)
        step = expect(lookahead, w, grad, state, 0.1, sgd, 2, 0.25)
        step.part(0).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
        w, state = step.value
with check("grad is handed on as it is: here a batch (X, y)"):

    def batch_step(w, batch, state, lr):
        X, y = batch
        return w - lr * X.T @ (X @ w - y) / len(X), {}

    w, state, theirs = np.zeros(2), {}, {}
    for t in range(4):
        batch = (np.array([[1.0, t], [0.5, -1.0], [2.0, 0.0]]), np.array([1.0, 2.0, -t]))
        expected, theirs = reference.lookahead(w, batch, theirs, 0.2, batch_step, 3)
        step = expect(lookahead, w, batch, state, 0.2, batch_step, 3)
        step.part(0).close(expected)
        w, state = step.value
with check("two arrays of weights in turn, each with its own state"):

    def momentum(w, grad, state, lr, mu=0.9):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    sides = [[np.array([1.0]), {}, {}], [np.array([[-2.0, 5.0]]), {}, {}]]
    for t in range(7):
        for i in range(2):
            w, state, theirs = sides[i]
            grad = np.cos(t + np.arange(float(w.size))).reshape(w.shape)
            expected, theirs = reference.lookahead(w, grad, theirs, 0.1, momentum, 2 + i)
            step = expect(lookahead, w, grad, state, 0.1, momentum, 2 + i)
            step.part(0).close(expected)
            sides[i] = [*step.value, theirs]
with check("equals the reference along ten steps for several k and alpha, k = 1 among them"):

    def momentum(w, grad, state, lr, mu=0.9):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    rng = np.random.default_rng(3)
    for k, alpha, shape in [(1, 0.3, (4,)), (3, 0.8, (2, 3)), (4, 0.5, (1,)), (20, 0.5, (2,))]:
        w, state, theirs = rng.normal(size=shape), {}, {}
        for _ in range(10):
            grad, lr = rng.normal(size=shape), float(rng.uniform(0.01, 0.3))
            expected, theirs = reference.lookahead(w, grad, theirs, lr, momentum, k, alpha)
            step = expect(lookahead, w, grad, state, lr, momentum, k, alpha)
            step.part(0).close(expected)
            w, state = step.value
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### A moving average of the weights ★★ · 6 min

**Given** `ema`, the average so far, the weights `w` after an update, and `decay` (0.999 by default), **return** the
next exponential moving average:

$$ \mathrm{ema} \leftarrow d \cdot \mathrm{ema} + (1 - d) \cdot w $$

Training goes on with w; the averaged weights are kept beside it and used for validation. `ema` and `w` have the same
shape, any shape, an empty one too. Return a new array: neither `ema` nor `w` is changed. float32 stays float32,
integers give the right floats. There is no correction of the start here: the caller starts with ema = w.

*Worked number.* ema = [1, 2], w = [3, 0] and decay = 0.9 give [1.2, 1.8].

**What the interviewer is after**: which of the two gets the large weight, and over how many updates does 0.999 average?
**Follow-ups**: why do averaged weights often generalize better, and how does this act like a smaller learning rate?
What do you do with batch norm's running statistics? Why do people raise the decay slowly at the start? How does Adam
correct the start of its averages, and why is it not needed here?

<details><summary>Hint 1</summary>With decay near 1 the average hardly moves in one update. Which term gets the small
factor?</details>
<details><summary>Hint 2</summary><code>ema *= decay</code> would be quick, but whose array is that?</details>
"""

# %% role="solve" id="ema_weights"
from dlkit.reference.optimizers import ema_weights

# %% role="check" id="ema_weights-check" points=4
with check("two weights worked by hand"):
    expect(ema_weights, np.array([1.0, 2.0]), np.array([3.0, 0.0]), 0.9).close([1.2, 1.8])
with check("three updates with decay 0.5, each from the average before"):
    ema = np.array([8.0])
    for w, expected in [(4.0, 6.0), (-2.0, 2.0), (0.0, 1.0)]:
        ema = expect(ema_weights, ema, np.array([w]), 0.5).close([expected]).value
with check("the default decay is 0.999"):
    expect(ema_weights, np.array([[0.0, 1000.0]]), np.array([[1000.0, 0.0]])).close([[1.0, 999.0]])
with check("ema and w are left alone"):
    expect(ema_weights, np.array([1.0, -1.0]), np.array([2.0, 3.0]), 0.75).close([1.25, 0.0]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("decay 1 keeps ema, decay 0 takes w"):
    expect(ema_weights, np.array([1.0, -4.0]), np.array([2.0, 3.0]), 1.0).close([1.0, -4.0])
    expect(ema_weights, np.array([1.0, -4.0]), np.array([2.0, 3.0]), 0.0).close([2.0, 3.0])
with check("float32 stays float32"):
    ema, w = np.array([[1.0, -2.0]], dtype=np.float32), np.array([[3.0, 5.0]], dtype=np.float32)
    expect(ema_weights, ema, w, 0.9).close([[1.2, -1.3]], rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give floats"):
    expect(ema_weights, np.array([1, 2]), np.array([4, -3]), 0.9).close([1.3, 1.5])
with check("equals the reference on random shapes and decays, an empty array among them"):
    rng = np.random.default_rng(4)
    for shape in [(5,), (2, 3), (2, 1, 4), (0, 3)]:
        ema, w, decay = rng.normal(size=shape), rng.normal(size=shape), float(rng.uniform(0.1, 0.99))
        expect(ema_weights, ema, w, decay).close(reference.ema_weights(ema, w, decay)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Schedules

A schedule is a function of t, the number of updates already made: t = 0 is the first update. Off-by-one errors hide at
the ends, so the checks look there: at the first update, at the last one, at every boundary, and beyond.

### Step decay ★ · 5 min

**Given** `t` = 0, 1, … and the first learning rate `lr0`, **return** the learning rate of update t. It is multiplied by
`factor` after every `every` updates:

$$ \mathrm{lr}(t) = \mathrm{lr}_0 \cdot \text{factor}^{\lfloor t / \text{every} \rfloor} $$

So updates 0 to every − 1 have lr0, and update `every` is the first with a smaller one. The defaults are `factor=0.5`
and `every=10`. Return a plain number. lr0 may be an integer, every ≥ 1, and t may be large.

*Worked number.* lr0 = 0.1: updates 0 and 9 have 0.1, updates 10 and 19 have 0.05, update 35 has 0.0125.

**What the interviewer is after**: which update is the first with the new learning rate? **Follow-ups**: why does the
training loss often fall steeply right after a drop? What can go wrong when you drop too early? How would you choose the
moment without a schedule?

<details><summary>Hint 1</summary>How many drops lie behind update t? Count them for t = 9 and t = 10.</details>
<details><summary>Hint 2</summary>Whole-number division <code>//</code> counts the drops, a power applies
them.</details>
"""

# %% role="solve" id="step_decay"
from dlkit.reference.optimizers import step_decay

# %% role="check" id="step_decay-check" points=2
with check("the first update, and one worked by hand"):
    expect(step_decay, 0, 0.1).close(0.1)
    expect(step_decay, 35, 0.1).close(0.0125)
with check("the updates just before and just after a drop"):
    for t, expected in [(9, 8.0), (10, 4.0), (19, 4.0), (20, 2.0), (29, 2.0), (30, 1.0)]:
        expect(step_decay, t, 8.0).close(expected)
with check("factor 0.1 after every 3 updates"):
    for t, expected in enumerate([2.0, 2.0, 2.0, 0.2, 0.2, 0.2, 0.02, 0.02, 0.02, 0.002]):
        expect(step_decay, t, 2.0, 0.1, 3).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("every = 1 drops at each update, factor 1 never"):
    for t, expected in enumerate([16.0, 8.0, 4.0, 2.0, 1.0]):
        expect(step_decay, t, 16.0, every=1).close(expected)
        expect(step_decay, t, 16.0, 1.0, 2).close(16.0)
with check("lr0 may be an integer, t may be large"):
    expect(step_decay, 10, 1).close(0.5)
    expect(step_decay, 10_000, 1, 0.99, 100).close(0.3660323413)
with check("equals the reference on random schedules"):
    rng = np.random.default_rng(5)
    for _ in range(8):
        lr0, factor, every = float(rng.uniform(0.01, 2)), float(rng.uniform(0.1, 1)), int(rng.integers(1, 8))
        for t in [0, every - 1, every, int(rng.integers(0, 50))]:
            expect(step_decay, t, lr0, factor, every).close(reference.step_decay(t, lr0, factor, every))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Exponential decay ★ · 4 min

**Given** `t` = 0, 1, …, the first learning rate `lr0` and a rate `k` ≥ 0, **return** the learning rate of update t:

$$ \mathrm{lr}(t) = \mathrm{lr}_0 \cdot e^{-kt} $$

Return a plain number. Where e^(−kt) is too small for a float, the answer is 0, not an error: k · t may be 10 000.

*Worked number.* lr0 = 0.1, k = 0.05: update 0 has 0.1, update 10 has 0.060653.

**What the interviewer is after**: what k means: after 1/k updates the learning rate has fallen to 37 %. **Follow-ups**:
which k halves it every 1000 updates? How far can the weights travel in all, however long you train? Which step decay
follows the same curve?

<details><summary>Hint 1</summary>Of two ways to write it, <code>lr0 / math.exp(k * t)</code> and a product, one raises
an error for large t.</details>
<details><summary>Hint 2</summary><code>math.exp</code> of a very negative number is quietly 0.</details>
"""

# %% role="solve" id="exponential_decay"
from dlkit.reference.optimizers import exponential_decay

# %% role="check" id="exponential_decay-check" points=2
with check("three updates worked by hand"):
    for t, expected in [(0, 0.1), (10, 0.0606530660), (40, 0.0135335283)]:
        expect(exponential_decay, t, 0.1, 0.05).close(expected)
with check("k = 0 leaves lr0 as it is"):
    for t in [0, 1, 500]:
        expect(exponential_decay, t, 0.3, 0.0).close(0.3)
with check("k = ln 2 halves it at every update"):
    for t, expected in enumerate([8.0, 4.0, 2.0, 1.0, 0.5]):
        expect(exponential_decay, t, 8.0, math.log(2)).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("k · t = 10 000 gives 0, not an error"):
    expect(exponential_decay, 1000, 0.1, 10.0).close(0.0)
    expect(exponential_decay, 8000, 5.0, 0.1).close(0.0)
    expect(exponential_decay, 1, 0.1, 10.0).close(4.539992976e-06)
with check("large k: update 0 still has lr0"):
    for t, expected in [(0, 2.0), (1, 0.0995741367), (2, 0.0049575044)]:
        expect(exponential_decay, t, 2, 3).close(expected)
with check("equals the reference on random schedules"):
    rng = np.random.default_rng(6)
    for _ in range(8):
        t, lr0, k = int(rng.integers(0, 100)), float(rng.uniform(0.01, 2)), float(rng.uniform(0, 0.1))
        expect(exponential_decay, t, lr0, k).close(reference.exponential_decay(t, lr0, k))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Inverse-time decay ★ · 4 min

**Given** `t` = 0, 1, …, the first learning rate `lr0` and a rate `k` ≥ 0, **return** the learning rate of update t, a
plain number:

$$ \mathrm{lr}(t) = \frac{\mathrm{lr}_0}{1 + kt} $$

*Worked number.* lr0 = 0.1, k = 0.05: update 0 has 0.1, update 10 has 0.066667, update 20 has 0.05.

**What the interviewer is after**: its learning rates add up to infinity, their squares do not. Why does stochastic
gradient descent want both? **Follow-ups**: what happens with exponential decay, whose sum is finite? Why is a decay
this slow seldom used for deep networks? What does 1/√t do?

<details><summary>Hint 1</summary>Check your formula at t = 0: nothing has decayed yet.</details>
<details><summary>Hint 2</summary>The whole sum 1 + k t stands below the fraction bar. Does Python know?</details>
"""

# %% role="solve" id="inverse_time_decay"
from dlkit.reference.optimizers import inverse_time_decay

# %% role="check" id="inverse_time_decay-check" points=2
with check("four updates worked by hand"):
    for t, expected in [(0, 0.1), (1, 0.0952380952), (10, 0.0666666667), (20, 0.05)]:
        expect(inverse_time_decay, t, 0.1, 0.05).close(expected)
with check("k = 1: the half, the third, the quarter"):
    for t, expected in enumerate([12.0, 6.0, 4.0, 3.0]):
        expect(inverse_time_decay, t, 12.0, 1.0).close(expected)
with check("k = 0 leaves lr0 as it is"):
    for t in [0, 1, 500]:
        expect(inverse_time_decay, t, 0.3, 0.0).close(0.3)
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("late updates are still above 0"):
    for t, expected in [(10_000, 1.99800199800e-4), (1_000_000, 1.99998000e-6)]:
        expect(inverse_time_decay, t, 0.2, 0.1).close(expected)
with check("integers give floats"):
    for t, expected in [(0, 3.0), (1, 1.0), (2, 0.6), (4, 1 / 3)]:
        expect(inverse_time_decay, t, 3, 2).close(expected)
with check("equals the reference on random schedules"):
    rng = np.random.default_rng(7)
    for _ in range(8):
        t, lr0, k = int(rng.integers(0, 100)), float(rng.uniform(0.01, 2)), float(rng.uniform(0, 0.5))
        expect(inverse_time_decay, t, lr0, k).close(reference.inverse_time_decay(t, lr0, k))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Cosine with warm-up ★★ · 10 min

**Given** `t` = 0, 1, …, the peak `lr0`, the lengths `warmup` and `total` and the end `lr_min` (0 by default),
**return** the learning rate of update t: a straight line up from 0, then half a cosine down.

$$ \mathrm{lr}(t) = \begin{cases}
\mathrm{lr}_0 \cdot t / \text{warmup} & t < \text{warmup} \\
\mathrm{lr}_{\min} + \tfrac12 (\mathrm{lr}_0 - \mathrm{lr}_{\min}) (1 + \cos \pi p) & \text{warmup} \le t <
\text{total}, \quad p = \dfrac{t - \text{warmup}}{\text{total} - \text{warmup}} \\
\mathrm{lr}_{\min} & t \ge \text{total}
\end{cases} $$

`total` counts the warm-up too, so the descent is total − warmup updates long. The line starts at 0, whatever lr_min is.
From t = total on it stays at lr_min. 0 ≤ warmup ≤ total; without warm-up (0) update 0 has lr0. If warmup equals total,
there is no descent, and lr_min follows the line at once. Return a plain number.

*Worked number.* lr0 = 0.1, warmup = 5, total = 25, lr_min = 0.01: updates 0, 3, 5 have 0, 0.06, 0.1; update 10 has
0.086820, update 15, the middle of the descent, 0.055; from update 25 on it is 0.01.

**What the interviewer is after**: the boundaries, and no division by 0. **Follow-ups**: why warm up at all: what is
wrong with Adam's second moment in the first steps, and with large batches? Why does the cosine stay high for so long?
What must you know in advance that step decay need not? What are warm restarts?

<details><summary>Hint 1</summary>Treat the three cases in an order that never divides by 0. Which one comes
first?</details>
<details><summary>Hint 2</summary>How much of the descent is done? This share must be 0 at t = warmup and 1 at
t = total.</details>
<details><summary>Hint 3</summary>(1 + cos(π · share)) / 2 falls from 1 to 0. Stretch it to the range from lr0 down to
lr_min.</details>
"""

# %% role="solve" id="cosine_with_warmup"
from dlkit.reference.optimizers import cosine_with_warmup

# %% role="check" id="cosine_with_warmup-check" points=4
with check("the warm-up line: 0 at first, lr0 at t = warmup"):
    for t, expected in [(0, 0.0), (1, 0.25), (2, 0.5), (3, 0.75), (4, 1.0)]:
        expect(cosine_with_warmup, t, 1.0, 4, 12).close(expected)
with check("the descent: half-way in its middle, 0 at t = total"):
    for t, expected in [(4, 1.0), (6, 0.8535533906), (8, 0.5), (10, 0.1464466094), (12, 0.0)]:
        expect(cosine_with_warmup, t, 1.0, 4, 12).close(expected)
with check("down to lr_min, which does not lift the warm-up"):
    for t, expected in [(0, 0.0), (3, 0.06), (5, 0.1), (10, 0.0868198052), (15, 0.055), (25, 0.01)]:
        expect(cosine_with_warmup, t, 0.1, 5, 25, 0.01).close(expected)
with check("after the end it stays at lr_min"):
    for t in [10, 11, 15, 20, 1000]:
        expect(cosine_with_warmup, t, 1.0, 2, 10, 0.25).close(0.25)
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("warmup 0: update 0 has lr0"):
    for t, expected in [(0, 2.0), (1, 1.7071067812), (2, 1.0), (4, 0.0), (5, 0.0)]:
        expect(cosine_with_warmup, t, 2.0, 0, 4).close(expected)
with check("warmup = total: the line, then lr_min at once"):
    for t, expected in [(1, 0.5), (3, 1.5), (4, 0.1), (5, 0.1)]:
        expect(cosine_with_warmup, t, 2.0, 4, 4, 0.1).close(expected)
    expect(cosine_with_warmup, 0, 2.0, 0, 0, 0.1).close(0.1)
with check("the updates next to each boundary"):
    for t in [0, 1, 6, 7, 8, 29, 30, 31]:
        expect(cosine_with_warmup, t, 3, 7, 30, 1).close(reference.cosine_with_warmup(t, 3, 7, 30, 1))
with check("equals the reference on random schedules"):
    rng = np.random.default_rng(8)
    for _ in range(10):
        warmup = int(rng.integers(0, 10))
        total = warmup + int(rng.integers(1, 20))
        lr0 = float(rng.uniform(0.1, 2))
        for t in [warmup, int(rng.integers(0, 30)), total - 1]:
            expected = reference.cosine_with_warmup(t, lr0, warmup, total, lr0 / 7)
            expect(cosine_with_warmup, t, lr0, warmup, total, lr0 / 7).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: half of a cosine
"""

# %% role="question" id="schedule_cosine_cut_short" points=1

# %% [markdown]
r"""
### One cycle ★★ · 12 min

**Given** `t` = 0, 1, …, total − 1, the peak `lr_max` and the number of updates `total`, **return** the learning rate of
update t as PyTorch's `OneCycleLR` has it, with two phases of half a cosine each:

$$ \mathrm{lr}(t) = \begin{cases}
c\bigl(\text{first},\, \mathrm{lr}_{\max},\, t / \text{peak}\bigr) & t < \text{peak} \\
c\bigl(\mathrm{lr}_{\max},\, \text{final},\, (t - \text{peak}) / (\text{total} - 1 - \text{peak})\bigr) &
t \ge \text{peak}
\end{cases} $$

- c(a, b, p) is half a cosine from a at p = 0 to b at p = 1: $c(a, b, p) = b + \tfrac12 (a - b)(1 + \cos \pi p)$.
- first = lr_max / `div_factor`, and final = first / `final_div_factor`.
- peak = `pct_start` · total − 1.

The last update is t = total − 1, and it has exactly `final`. The peak need not be a whole number: then lr_max lies
between two updates; do not round. If the peak is at 0 or below, there is no first phase: the second formula holds from
t = 0 on. Mind the division by 0 at peak = 0. 0 ≤ pct_start < 1; the defaults are `pct_start=0.3`, `div_factor=25` and
`final_div_factor=1e4`. Return a plain number.

*Worked number.* lr_max = 1, total = 10: the peak is at t = 2. Updates 0, 1, 2 have 0.04, 0.52, 1; update 3 has
0.950485; update 9, the last, has 0.000004.

**What the interviewer is after**: is the end lr_max / final_div_factor or first / final_div_factor, and is the last
update total or total − 1? **Follow-ups**: why may the peak be higher than a constant learning rate that still
converges? How do you find lr_max with a range test? What does momentum do in the opposite direction, and why? What if
training stops half-way?

<details><summary>Hint 1</summary>Write the half cosine once, as a function of start, end and the share that is
done.</details>
<details><summary>Hint 2</summary>Compute peak as a float, and ask whether t lies before it.</details>
<details><summary>Hint 3</summary>t &lt; peak is never true for t ≥ 0 when peak is 0 or negative, so the division by
peak is safe inside that branch; with ≤ it is not.</details>
"""

# %% role="solve" id="one_cycle"
from dlkit.reference.optimizers import one_cycle

# %% role="check" id="one_cycle-check" points=4
with check("first update, peak and last update of ten"):
    for t, expected in [(0, 0.04), (2, 1.0), (9, 0.000004)]:
        expect(one_cycle, t, 1.0, 10).close(expected)
with check("between them: half a cosine up, half a cosine down"):
    for t, expected in [(1, 0.52), (3, 0.950484632), (5, 0.611262022), (8, 0.0495193680)]:
        expect(one_cycle, t, 1.0, 10).close(expected)
with check("other options: the peak of nine updates lies between two, at t = 4.4"):
    ends = [0.06, 0.125947615, 0.291574994, 0.475973021, 0.589063103, 0.560812431, 0.358292092, 0.119484624, 0.015]
    for t, expected in enumerate(ends):
        expect(one_cycle, t, 0.6, 9, 0.6, 10, 4).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("the peak at update 0: no first phase, no division by 0"):
    for t, expected in enumerate([2.0, 1.5125, 0.5375, 0.05]):
        expect(one_cycle, t, 2.0, 4, 0.25, 10, 4).close(expected)
with check("the peak before update 0: lr_max is never reached"):
    for t, expected in enumerate([1.714429112, 1.025, 0.335570888, 0.05]):
        expect(one_cycle, t, 2.0, 4, 0.0, 10, 4).close(expected)
    expect(one_cycle, 0, 2.0, 1, 0.5, 10, 4).close(0.05)
with check("every update of 20 equals the reference, by the default options"):
    for t in range(20):
        expect(one_cycle, t, 3, 20).close(reference.one_cycle(t, 3, 20))
with check("equals the reference on random options"):
    rng = np.random.default_rng(9)
    for _ in range(8):
        total, pct = int(rng.integers(5, 60)), float(rng.uniform(0.05, 0.9))
        options = {"pct_start": pct, "div_factor": float(rng.uniform(2, 30)), "final_div_factor": 10.0}
        for t in [0, int(pct * total), int(rng.integers(total)), total - 1]:
            expect(one_cycle, t, 0.8, total, **options).close(reference.one_cycle(t, 0.8, total, **options))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Reduce on plateau ★★ · 12 min

This schedule looks at the loss. **Given** `losses`, the validation losses so far, oldest first, and the first learning
rate `lr0`, **return** a list with the learning rate after each loss: entry i is what losses 0 to i lead to.

Go through the losses with the best one so far and a count of bad ones, 0 at the start:

- A loss is *better* if it is < best − `min_delta`, strictly. Then it becomes the best, and the count goes back to 0.
  Before the first loss best is ∞, so a finite first loss is always better; one that is NaN or ∞ is bad.
- Any other loss is *bad*, also NaN: the count goes up by 1.
- When the count is *greater* than `patience`, the learning rate is cut and the count goes back to 0; best stays:

$$ \mathrm{lr} \leftarrow \max(\mathrm{lr} \cdot \text{factor},\, \mathrm{lr}_{\min}) \qquad \text{if bad} >
\text{patience} $$

lr_min is the argument `min_lr`. The defaults are `factor=0.1`, `patience=10`, `min_delta=0.0`, `min_lr=0.0`; patience
may be 0, and min_lr is at most lr0. `losses` is a list or an array and is left alone; an empty one gives an empty list.

*Worked number.* lr0 = 1, factor = 0.5, patience = 1, losses 1, 0.9, 0.9, 0.95, 0.9, 0.9: the learning rates are 1, 1,
1, 0.5, 0.5, 0.25.

**What the interviewer is after**: careful reading of a rule: better than what, how many, and what is reset?
**Follow-ups**: why validation loss and not training loss? What does noise in the loss do, and how do min_delta and
patience help? Why does PyTorch compare relatively by default, and when is that a bad idea? How does it differ from
early stopping?

<details><summary>Hint 1</summary>Three variables change along the way: lr, best, bad.</details>
<details><summary>Hint 2</summary>Comparisons with NaN are all false. Ask whether the loss is better, and let
<code>else</code> be bad.</details>
<details><summary>Hint 3</summary>In each round: compare, update best or bad; if bad exceeds patience, cut lr and set
bad to 0; append lr last.</details>
"""

# %% role="solve" id="reduce_on_plateau"
from dlkit.reference.optimizers import reduce_on_plateau

# %% role="check" id="reduce_on_plateau-check" points=4
with check("six losses worked by hand, patience 1"):
    losses = [1.0, 0.9, 0.9, 0.95, 0.9, 0.9]
    expect(reduce_on_plateau, losses, 1.0, 0.5, 1).close([1.0, 1.0, 1.0, 0.5, 0.5, 0.25])
with check("bad means: not better than the best, and in a row"):
    losses = [5.0, 3.0, 4.0, 3.5, 2.0, 3.0, 2.5, 2.25, 1.0]
    expected = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5]
    expect(reduce_on_plateau, losses, 1.0, 0.5, 2).close(expected).unchanged()
with check("an improvement of min_delta or less is bad"):
    losses = [4.0, 3.75, 3.25, 3.0, 2.75, 2.0]
    expect(reduce_on_plateau, losses, 8.0, 0.5, 0, 0.5).close([8.0, 4.0, 4.0, 2.0, 1.0, 1.0])
    expect(reduce_on_plateau, losses, 8.0, 0.5, 1, 0.5).close([8.0, 8.0, 8.0, 8.0, 4.0, 4.0])
with check("patience 0 cuts at every bad loss, down to min_lr and no further"):
    losses = [1.0, 2.0, 2.0, 0.5, 1.0, 1.0]
    expect(reduce_on_plateau, losses, 1.0, 0.25, 0, min_lr=0.03).close([1.0, 0.25, 0.0625, 0.0625, 0.03, 0.03])
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("a loss of NaN is bad, and does not become the best"):
    losses = [2.0, math.nan, math.nan, 1.5, math.nan, 1.75, 1.0]
    expect(reduce_on_plateau, losses, 1.0, 0.5, 1).close([1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25])
with check("the best loss stays after a cut: only a lower one counts"):
    losses = [1.0, 3.0, 3.0, 2.0, 2.0, 1.5, 0.5]
    expect(reduce_on_plateau, losses, 1.0, 0.5, 1).close([1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.25])
with check("the defaults: the eleventh bad loss in a row cuts lr to a tenth"):
    expect(reduce_on_plateau, [1.0] * 24, 0.5).close([0.5] * 11 + [0.05] * 11 + [0.005] * 2)
with check("an array of losses, an empty list, losses below 0"):
    expect(reduce_on_plateau, np.array([1.0, 2.0, 2.0]), 1, 0.5, 0).close([1.0, 0.5, 0.25]).unchanged()
    expect(reduce_on_plateau, [-1.0, -2.0, -2.0, -2.25, -3.0], 1.0, 0.5, 0, 0.5).close([1.0, 1.0, 0.5, 0.25, 0.25])
    expect(reduce_on_plateau, [], 1.0).close([])
with check("equals the reference on random losses and options"):
    rng = np.random.default_rng(10)
    for patience in [0, 1, 2, 3]:
        losses = (rng.integers(0, 64, 40) / 16 + np.linspace(2, 0, 40).round(1)).tolist()
        options = {"patience": patience, "min_delta": patience / 4 + 0.01, "min_lr": 0.01}
        expected = reference.reduce_on_plateau(losses, 1.0, 0.5, **options)
        expect(reduce_on_plateau, losses, 1.0, 0.5, **options).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: schedules, and what a decay buys

Left and middle: your six schedules over 300 updates. Right: what they do to a loss whose gradients are noisy, as those
of mini-batches are. The loss is $\tfrac12 w^2$ and starts at 50; each gradient has noise of standard deviation 1 added
to it. The curves are averages over 1,000 runs. One keeps the rate 0.3, one keeps 0.03, one follows the cosine, and one
starts at 0.3 and lets `reduce_on_plateau` watch that averaged loss, with patience 20; its rates are the ones drawn in
the middle.

*Make a prediction*: the rate 0.3 gets stuck at some loss above 0, though the minimum is 0. How much lower does 0.03
get, and what does it pay?
"""

# %% role="demo" id="experiment-schedules"
from dlkit.lab import experiment, figure

total = 300
decays = [
    ("step: half every 60", lambda t: step_decay(t, 0.3, factor=0.5, every=60), "-"),
    ("exponential, k = 0.01", lambda t: exponential_decay(t, 0.3, k=0.01), "--"),
    ("inverse time, k = 0.03", lambda t: inverse_time_decay(t, 0.3, k=0.03), "-."),
]
warm = [
    ("cosine, 30 of warm-up", lambda t: cosine_with_warmup(t, 0.3, warmup=30, total=total), "-"),
    ("one cycle", lambda t: one_cycle(t, 0.3, total), "C3--"),
]


def noisy_descent(rate, runs=1000):
    """The loss at each update, averaged over all runs, and the rates. rate: called with t and the losses so far."""
    rng = np.random.default_rng(0)
    w, losses, used = np.full(runs, 10.0), [], []
    for t in range(total):
        losses.append(float(np.mean(w**2) / 2))
        used.append(rate(t, losses))
        w = w - used[-1] * (w + rng.standard_normal(runs))
    return losses, used


with (
    experiment(),
    figure("A large rate gets down fast, a small one gets lower: a schedule does both", columns=3, width=12) as panels,
):
    left, middle, right = panels
    for panel, group in ((left, decays), (middle, warm)):
        for name, schedule, line in group:
            panel.plot([schedule(t) for t in range(total)], line, label=name)
    contestants = [
        ("0.3 throughout", lambda t, losses: 0.3, "k:"),
        ("0.03 throughout", lambda t, losses: 0.03, "C1--"),
        ("cosine", lambda t, losses: cosine_with_warmup(t, 0.3, warmup=30, total=total), "C0-"),
        ("on plateau", lambda t, losses: reduce_on_plateau(losses, 0.3, factor=0.3, patience=20)[-1], "C2-."),
    ]
    for name, rate, line in contestants:
        losses, used = noisy_descent(rate)
        right.semilogy(losses, line, label=name)
        if name == "on plateau":
            middle.step(range(total), used, "C2-.", where="post", label="on plateau: × 0.3")
        early = next(t for t, loss in enumerate(losses) if loss < 1)
        print(f"{name:16s} loss below 1 after {early:3d} updates, at the end {np.mean(losses[-5:]):.1g}")
    left.set(xlabel="updates", ylabel="learning rate", ylim=(0, 0.38), title="decays")
    middle.set(xlabel="updates", ylim=(0, 0.38), title="up first, and by need")
    right.set(xlabel="updates", ylabel="loss, mean of 1,000 runs", title="with noisy gradients")
    for panel in panels:
        panel.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** With rate η the loss ends at $\eta / (2(2 - \eta))$ and no lower, because every step brings in new
noise. That is 0.088 for 0.3 and 0.0076 for 0.03; measured are 0.09 and 0.007. The price of the small rate is time: it
takes 65 updates to get below 1, the large one 6.

A schedule has both. The cosine, with 30 updates of warm-up, is below 1 after 20 and ends at 0.006. The plateau rule is
as fast as the large rate, 6, cuts three times and ends at 0.004. It had it easy, with a loss that is an average of 1,000
runs. A single run's loss jumps about, so give the rule a validation loss once an epoch, or more patience.

The schedules differ in when the rate is large: after 150 of 300 updates the cosine still has more than half of its
peak, the inverse-time decay less than a fifth. One cycle starts at 0.012, has its peak at update 89, and ends at nearly
0.

**What to say in an interview.** “At a constant rate SGD does not converge, it hovers, at a loss in proportion to the
rate. Keep the rate large as long as it makes progress, then bring it down. Cosine with warm-up is my default when the
number of updates is known, reduce-on-plateau when it is not.”
"""

# %% [markdown]
r"""
## Batches and steps

### Accumulate gradients ★★ · 8 min

A large batch may not fit into memory; its gradient can be had from small batches, one at a time.

**Given** `grad`, a function, and `batches`, a list of pairs `(X, y)`, **return** the gradient of the mean loss over all
samples of all batches together. `grad(X, y)` returns the gradient of the *mean* loss of the samples it is given, an
array of any shape. With $n_b$ samples in batch b, `len(X)` of them:

$$ \nabla L = \frac{\sum_b n_b\, \nabla L_b}{\sum_b n_b} $$

The result must equal the gradient of the one large batch, though the batches have different sizes. There is at least
one batch, and each has at least one sample. Call grad once for each batch, with its X and y as they are: putting
batches together would need the memory that you have not got. No batch is changed, and float32 gradients stay float32 (a
NumPy integer such as `sizes.sum()` makes float64 of them, a Python integer does not).

*Worked number.* One weight w = 0, loss (w x − y)². The batch X = [1, 2], y = [1, 2] has gradient −5; the batch X = [3],
y = [2] has −12. Together: (2 · (−5) + 1 · (−12)) / 3 = −7.3333. The plain mean of the two, −8.5, is wrong.

**What the interviewer is after**: the mean of means is not the mean. Where does a training loop meet batches of
different sizes? **Follow-ups**: in a language model the loss is a mean over tokens: by what do you weight then? Does a
network with batch norm give the same gradient? In PyTorch one divides each loss by the number of batches: when is that
right? Which learning rate goes with the larger batch?

<details><summary>Hint 1</summary>grad divides by the number of samples. What do you get when you multiply by it
again?</details>
<details><summary>Hint 2</summary>Keep two running sums: one of gradients, one of samples.</details>
<details><summary>Hint 3</summary>total = total + len(X) · grad(X, y), starting at the number 0.0; divide once, at the
end.</details>
"""

# %% role="solve" id="accumulate_gradients"
from dlkit.reference.optimizers import accumulate_gradients

# %% role="check" id="accumulate_gradients-check" points=4
with check("a batch of two and a batch of one, worked by hand"):

    def grad(X, y):
        return np.array([-2 * (X * y).mean()])

    batches = [(np.array([1.0, 2.0]), np.array([1.0, 2.0])), (np.array([3.0]), np.array([2.0]))]
    expect(accumulate_gradients, grad, batches).close([-22 / 3])
with check("batches of 1, 5, 2 and 4 give the gradient of all 12 samples"):

    def grad(X, y, w=(0.5, -1.0, 2.0)):
        return 2 * X.T @ (X @ np.array(w) - y) / len(X)

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(12, 3)), rng.normal(size=12)
    batches = [(X[a:b], y[a:b]) for a, b in [(0, 1), (1, 6), (6, 8), (8, 12)]]
    expect(accumulate_gradients, grad, batches).close(grad(X, y)).unchanged()
with check("grad is called once for each batch, with this batch alone"):

    def grad(X, y):
        return X.mean(axis=0) * y.mean() + len(X)

    batches = [(np.full((size, 2), float(size)), np.ones(size)) for size in [3, 1, 2]]
    met = expect(accumulate_gradients, grad, batches).close([14 / 3, 14 / 3])
    met.asked(
        lambda calls: sorted(len(call.args[0]) for call in calls) == [1, 2, 3], "three calls, with 3, 1 and 2 samples"
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("equal batches: the mean of the gradients; a single batch: its own"):

    def grad(X, y):
        return X.T @ y / len(X)

    X, y = np.array([[1.0, 2.0], [3.0, -1.0], [0.0, 4.0], [2.0, 2.0]]), np.array([1.0, -1.0, 2.0, 3.0])
    expect(accumulate_gradients, grad, [(X[:2], y[:2]), (X[2:], y[2:])]).close([1.0, 4.25])
    expect(accumulate_gradients, grad, [(X, y)]).close([1.0, 4.25])
with check("gradients of another shape: a weight matrix, images as samples"):

    def grad(X, y):
        return np.einsum("nchw,nk->chk", X, y) / len(X)

    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(7, 2, 3, 3)), rng.normal(size=(7, 4))
    batches = [(X[:4], y[:4]), (X[4:5], y[4:5]), (X[5:], y[5:])]
    expect(accumulate_gradients, grad, batches).close(grad(X, y)).unchanged()
with check("float32 gradients stay float32"):

    def grad(X, y):
        return X.T @ y / len(X)

    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(6, 2)).astype(np.float32), rng.normal(size=6).astype(np.float32)
    met = expect(accumulate_gradients, grad, [(X[:1], y[:1]), (X[1:4], y[1:4]), (X[4:], y[4:])])
    met.close(grad(X, y), rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("equals the large batch on random splits"):

    def grad(X, y):
        return X.T @ np.tanh(y) / len(X)

    rng = np.random.default_rng(3)
    for count in [2, 3, 6]:
        X, y = rng.normal(size=(30, 4)), rng.normal(size=30)
        cuts = [0, *sorted(rng.choice(np.arange(1, 30), count - 1, replace=False).tolist()), 30]
        batches = [(X[cuts[i] : cuts[i + 1]], y[cuts[i] : cuts[i + 1]]) for i in range(count)]
        expect(accumulate_gradients, grad, batches).close(reference.accumulate_gradients(grad, batches))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: larger batches, larger steps
"""

# %% role="question" id="scaling_linear_reason" points=1

# %% [markdown]
r"""
### Effective step size ★★ · 8 min

How far does an optimizer really move each weight? **Given** a step function `optimizer`, the gradients `grads` of T
steps, shape `(T, D)`, and `lr`, **return** the distances, shape `(T, D)`:

$$ \mathrm{sizes}_t = \lvert w_{t+1} - w_t \rvert, \qquad w_0 = 0, \qquad
w_{t+1}, \mathrm{state}_{t+1} = \mathrm{optimizer}(w_t, \mathrm{grads}_t, \mathrm{state}_t, \mathrm{lr}) $$

The first state is `{}`; afterwards hand back the state that the step before returned, and the weights too: an optimizer
with weight decay looks at them. Call optimizer once a step, with these four arguments in this order. T may be 0, which
gives an empty `(0, D)` array. float32 gradients give float32 (w must start as float32 then), integers give the right
floats. `grads` is left alone.

*Worked number.* Momentum 0.9, lr = 0.1 and the gradients 1, 1, −1: the velocity is 1, 1.9, 0.71, so the steps are 0.1,
0.19, 0.071. Adam with the same lr makes a first step of 0.1, whether the gradient is 1 or 1000.

**What the interviewer is after**: what lr means for each optimizer: SGD's step grows with the gradient, Adam's is about
lr or less. **Follow-ups**: by how much can Adam exceed lr? The paper names lr · (1 − β₁) / √(1 − β₂), which is 3.2 lr
at the defaults. That is the step of a single gradient after long silence, no bound: a run of equal gradients after
silence reaches 6.6 lr, and the true bound is 7.3 lr. Which gradients come near it? What is the limit for momentum when
all gradients are equal? Why is a learning rate for Adam so much easier to guess?

<details><summary>Hint 1</summary>Keep the w from before the step beside the new one.</details>
<details><summary>Hint 2</summary>Let w start as zeros with the dtype of the result, so that float32 stays and integers
become floats.</details>
<details><summary>Hint 3</summary>Prepare the (T, D) result first and fill its rows. Then T = 0 needs no case of its
own.</details>
"""

# %% role="solve" id="effective_step_size"
from dlkit.reference.optimizers import effective_step_size

# %% role="check" id="effective_step_size-check" points=4
with check("plain SGD: lr times the gradient's size"):

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    grads = np.array([[1.0, -2.0], [0.5, 0.0], [-3.0, 4.0]])
    expect(effective_step_size, sgd, grads, 0.1).close([[0.1, 0.2], [0.05, 0.0], [0.3, 0.4]]).unchanged()
with check("momentum: the state goes from step to step"):

    def momentum(w, grad, state, lr, mu=0.9):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    grads = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    met = expect(effective_step_size, momentum, grads, 0.1).close([[0.1], [0.19], [0.071], [0.0361]])
    met.asked(lambda calls: len(calls) == 4, "one call of optimizer for each of the 4 steps")
with check("Adam: the first step is lr, however large the gradient"):

    def adaptive(w, grad, state, lr, beta1=0.9, beta2=0.999):
        t, m, v = state.get("t", 0) + 1, state.get("m", 0.0), state.get("v", 0.0)
        m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
        return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + 1e-12), {"t": t, "m": m, "v": v}

    grads = np.array([[1.0, 1000.0, -0.001], [1.0, -1000.0, 0.0]])
    expected = [[0.1, 0.1, 0.1], [0.1, 0.005263158, 0.067005825]]
    expect(effective_step_size, adaptive, grads, 0.1).close(expected, rtol=1e-5)
with check("the weights move on from 0: with weight decay a step depends on them"):

    def decaying(w, grad, state, lr):
        return w - lr * (grad + 0.5 * w), {}

    expect(effective_step_size, decaying, np.ones((3, 2)), 1.0).close([[1.0, 1.0], [0.5, 0.5], [0.25, 0.25]])
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("no steps give an empty (0, D) array; one step, one weight"):

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    expect(effective_step_size, sgd, np.array([[-4.0]]), 0.5).close([[2.0]])
    expect(effective_step_size, sgd, np.zeros((0, 3)), 0.5).close(np.zeros((0, 3)))
with check("float32 stays float32, integers give floats"):

    def momentum(w, grad, state, lr, mu=0.9):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    grads = np.array([[1, -2], [3, 0], [-1, 2]])
    expected = [[0.1, 0.2], [0.39, 0.18], [0.251, 0.038]]
    met = expect(effective_step_size, momentum, grads.astype(np.float32), 0.1)
    met.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(effective_step_size, momentum, grads, 0.1).close(expected)
with check("equals the reference on random gradients"):

    def scaled(w, grad, state, lr):
        s = 0.9 * state.get("s", 0.0) + 0.1 * grad**2
        return w - lr * (grad / (np.sqrt(s) + 1e-8) + 0.1 * w), {"s": s, "name": "rmsprop with decay"}

    rng = np.random.default_rng(4)
    for shape in [(6, 3), (1, 4), (9, 1)]:
        grads = rng.normal(size=shape)
        expected = reference.effective_step_size(scaled, grads, 0.2)
        expect(effective_step_size, scaled, grads, 0.2).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: what Adagrad, RMSProp and Adam remember

Your `effective_step_size` on two made-up gradients of one weight over 300 steps. Left: the gradient is always 1, but
for a burst of five steps with 20, at steps 100 to 104. Right: a rare feature, whose gradient is 1 at every 30th step
and 0 otherwise. Only the steps at which there is a gradient are drawn.

*Make a prediction*: who has recovered from the burst 60 steps later? Whose steps never grow again?
"""

# %% role="demo" id="experiment-memory"
from dlkit.lab import experiment, figure

with experiment(), figure("Adagrad never forgets, RMSProp does soon, Adam late", columns=2) as (left, right):
    burst = np.ones((300, 1))
    burst[100:105] = 20
    rare = np.zeros((300, 1))
    rare[::30] = 1
    seen = np.nonzero(rare[:, 0])[0]
    for name, step, line in [("Adagrad", adagrad, "-"), ("RMSProp", rmsprop, "--"), ("Adam", adam, "-.")]:
        after_burst = effective_step_size(step, burst, lr=1.0)[:, 0]
        on_rare = effective_step_size(step, rare, lr=1.0)[:, 0]
        left.semilogy(after_burst, line, label=name)
        right.semilogy(seen, on_rare[seen], line, marker="o", markersize=4, label=name)
        shown = "  ".join(f"{t}: {after_burst[t]:.2f}" for t in (0, 99, 100, 110, 160, 299))
        print(f"{name:8s} burst, step / lr at {shown}   rare, last: {on_rare[seen[-1]]:.2f}")
    left.axvspan(100, 105, color="0.88")
    left.text(108, 4, "burst", color="0.35", fontsize=9)
    left.set(xlabel="steps", ylabel="length of the step / learning rate", ylim=(0.01, 8), title="one burst")
    right.set(xlabel="steps", ylim=(0.01, 8), title="a gradient at every 30th step")
    left.legend(loc="lower left")
    right.legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.** *Adagrad*: after 100 equal gradients a step is a tenth of the learning rate, $1/\sqrt{100}$. After
the burst it is 0.02, and at the end still 0.02. While gradients stay alike, its steps can only get shorter.

*RMSProp* starts with a step of 3.16, as $1/\sqrt{1 - 0.9}$, because it has no bias correction. After the burst it is
down to 0.08, and 63 steps later it has 90 % of its length again.

*Adam* with $\beta_2 = 0.999$ has a long memory: 1.9 learning rates during the burst, as m follows at once and v does
not, then down to 0.28, and after 200 more steps only 0.37. This is why $\beta_2 = 0.95$ or 0.98 is common where
gradients come in bursts.

*A rare gradient*: Adagrad's tenth step is $1/\sqrt{10} = 0.32$. RMSProp has forgotten the gradient before and steps 3.09
each time. Adam steps 0.54; unlike the two others it also goes on moving between the gradients, since m fades slowly.

**What to say in an interview.** “Adagrad sums squares and so its steps die; RMSProp averages them over about ten steps,
Adam over about a thousand. The window is a choice between forgetting a burst and being thrown by a rare
gradient.”
"""

# %% [markdown]
r"""
### Concept question: one gradient, then silence
"""

# %% role="question" id="sparse_single_gradient_drift" points=1

# %% [markdown]
r"""
## On a quadratic

Near a minimum every smooth loss looks like ½ wᵀHw. There everything can be computed, and most folklore about learning
rates and momentum comes from there.

### The largest stable learning rate ★★ · 8 min

**Given** a symmetric positive definite matrix `H`, shape `(D, D)`, **return** the bound on the learning rate of plain
gradient descent on $f(w) = \tfrac12 w^\top H w$: it converges to 0 from every start exactly if 0 < lr < bound.

$$ w \leftarrow w - \mathrm{lr} \cdot H w = (I - \mathrm{lr} \cdot H)\, w $$

Derive the bound from this step: look along one eigenvector of H, with eigenvalue λ > 0. What is the error multiplied
by, and when does it shrink? Then ask which λ is the strictest. D ≥ 1; H may be an integer array, is not changed, and
need not be diagonal. Return a plain number, to the usual relative 1e-6. Everything in `np.linalg` is allowed.

*Worked number.* For H = [[2, 1], [1, 2]] the eigenvalues are 1 and 3, and the bound is 0.666667.

**What the interviewer is after**: the steepest direction limits the learning rate, the flattest one then has to wait.
**Follow-ups**: what happens exactly at the bound? Which lr is the fastest, and what is the rate then, in terms of the
condition number? Why does a loss that jumps to and fro between two values point at a learning rate near the bound? What
is the "edge of stability"? How do you find λmax of a network without its Hessian?

<details><summary>Hint 1</summary>Along an eigenvector the error is multiplied by 1 − lr · λ. Its absolute value must be
below 1.</details>
<details><summary>Hint 2</summary>1 − lr · λ must stay above −1. Solve for lr.</details>
<details><summary>Hint 3</summary><code>np.linalg.eigvalsh</code> gives the eigenvalues of a symmetric matrix in
ascending order.</details>
"""

# %% role="solve" id="stable_learning_rate"
from dlkit.reference.optimizers import stable_learning_rate

# %% role="check" id="stable_learning_rate-check" points=4
with check("two matrices worked by hand"):
    expect(stable_learning_rate, np.array([[2.0, 1.0], [1.0, 2.0]])).close(2 / 3)
    expect(stable_learning_rate, np.array([[4.0, 0.0], [0.0, 0.5]])).close(0.5)
with check("one weight: two over the curvature"):
    for curvature in [0.1, 1.0, 8.0]:
        expect(stable_learning_rate, np.array([[curvature]])).close(2 / curvature)
with check("1 % below it descent converges, 1 % above it does not"):
    H = np.array([[3.0, -1.0, 0.5], [-1.0, 2.0, 0.0], [0.5, 0.0, 1.0]])

    def length_after(lr, H=H):
        with np.errstate(all="ignore"):
            return np.linalg.norm(np.linalg.matrix_power(np.eye(3) - lr * H, 2000) @ np.ones(3))

    met = expect(stable_learning_rate, H).satisfies(
        lambda lr: length_after(0.99 * lr) < 1e-6, "with 0.99 of it, 2000 steps go to 0; a smaller lr is still stable"
    )
    met.satisfies(lambda lr: length_after(1.01 * lr) > 1e6, "with 1.01 of it, 2000 steps blow up; a larger lr does too")
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("H is left alone, and may hold integers"):
    expect(stable_learning_rate, np.array([[5.0, 2.0], [2.0, 2.0]])).close(1 / 3).unchanged()
    expect(stable_learning_rate, np.array([[5, 2], [2, 2]])).close(1 / 3)
with check("eigenvalues from 0.001 to 1000, turned"):
    Q = np.linalg.qr(np.random.default_rng(5).normal(size=(4, 4)))[0]
    H = Q @ np.diag([10.0, 1e-3, 1e3, 1.0]) @ Q.T
    expect(stable_learning_rate, (H + H.T) / 2).close(0.002)
with check("equals the reference on random matrices"):
    rng = np.random.default_rng(6)
    for size in [2, 3, 6]:
        Q = np.linalg.qr(rng.normal(size=(size, size)))[0]
        H = Q @ np.diag(np.arange(1.0, size + 1) ** 2) @ Q.T
        H = (H + H.T) / 2
        expect(stable_learning_rate, H).close(reference.stable_learning_rate(H))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### The best momentum ★★ · 6 min

**Given** the condition number `kappa` = λmax / λmin ≥ 1 of a quadratic, **return** the pair `(mu, factor)`: the
momentum with which gradient descent converges fastest, and the factor by which a step then multiplies the error, in the
long run and with the learning rate that is best too.

$$ \text{factor} = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}, \qquad \mu = \text{factor}^2 $$

This is heavy-ball momentum, v ← mu · v + grad, w ← w − lr · v. `kappa` may be an integer. Return plain numbers; at
kappa = 1 both are 0.

*Worked number.* kappa = 100: mu = 0.669421 and factor = 0.818182. Without momentum the best factor is
(kappa − 1) / (kappa + 1) = 0.980198, so momentum does in 10 steps what takes about 100 without.

**What the interviewer is after**: momentum replaces κ by √κ. Where do you see that in this formula? **Follow-ups**: how
many steps per digit, with and without momentum, at κ = 10 000? Why is 0.9 a good guess for mu, and to which κ does it
belong? Which learning rate goes with it? What does Nesterov's momentum guarantee that this one does not?

<details><summary>Hint 1</summary>Take the square root of kappa once; everything else is made of it.</details>
<details><summary>Hint 2</summary>At the best mu each direction shrinks by √mu a step. So which of the two
results is the square of the other?</details>
"""

# %% role="solve" id="momentum_optimum"
from dlkit.reference.optimizers import momentum_optimum

# %% role="check" id="momentum_optimum-check" points=4
with check("kappa 9 and 100, worked by hand"):
    expect(momentum_optimum, 9.0).close((0.25, 0.5))
    expect(momentum_optimum, 100.0).close((0.6694214876, 0.8181818182))
with check("kappa 1: a single step is enough, both are 0"):
    expect(momentum_optimum, 4.0).close((1 / 9, 1 / 3))
    expect(momentum_optimum, 1.0).close((0.0, 0.0))
with check("mu = 0.81 belongs to kappa = 361"):
    expect(momentum_optimum, 361.0).close((0.81, 0.9))
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("kappa may be an integer, and very large"):
    expect(momentum_optimum, 25).close((4 / 9, 2 / 3))
    expect(momentum_optimum, 10**8).close((0.99960008, 0.9998000200))
with check("400 steps of heavy-ball momentum on a quadratic shrink the error by it"):
    kappa = 16.0
    met = expect(momentum_optimum, kappa)
    met.satisfies(lambda found: abs(found[1] - 0.6) < 1e-6, "the factor 0.6 for kappa = 16")

    def rate(mu, lr):
        steps = [np.array([[1 - lr * h, -lr * mu], [h, mu]]) for h in (1.0, 16.0)]
        with np.errstate(all="ignore"):
            return max(np.linalg.norm(np.linalg.matrix_power(step, 400)) ** (1 / 400) for step in steps)

    met.satisfies(
        lambda found: abs(rate(found[0], (1 + math.sqrt(found[0])) ** 2 / 16) - 0.6) < 0.02,
        "a mu with which 400 steps shrink the error by 0.6 each",
    )
    met.close((0.36, 0.6))
with check("equals the reference on random condition numbers"):
    for kappa in [1.5, 2.0, 37.0, 5000.0, 123456.0]:
        expect(momentum_optimum, kappa).close(reference.momentum_optimum(kappa))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the limit with momentum

`stable_learning_rate` gives the limit of gradient descent. Momentum moves it, and the direction surprises many.
"""

# %% role="question" id="rate_limit_with_momentum" points=1

# %% [markdown]
r"""
## The loop

### Train ★★★ · 30 min

Here everything comes together: a training loop for any model, loss, optimizer and schedule.

**Given** the parameters, a loss, the data, an optimizer, a schedule and a generator, **return** the history, a
dictionary with three keys. For update t = 0, 1, …, counted through *all* epochs, with the batch B of that update and
for each parameter p:

$$ L_t,\, \nabla L_t = \mathrm{loss}(\text{params}_t,\, X_B,\, y_B), \qquad
p_{t+1},\, s_p = \mathrm{optimizer}(p_t,\, \nabla_p L_t,\, s_p,\, \mathrm{schedule}(t)) $$

What goes in:

- `params`: a dictionary of arrays, `{"W": …, "b": …}` for instance; any names. Neither the dictionary nor its arrays
  are changed: the caller may want to start again from there.
- `loss(params, X, y)`: returns the mean loss of a batch, and a dictionary of gradients with the keys of params. Call it
  once an update, with these three arguments in this order, and take all gradients from this one call.
- `X`, `y`: N ≥ 1 samples each, along axis 0; further axes are possible. They are left alone.
- `optimizer(w, grad, state, lr)`: returns new weights and a new state. Each parameter has a state of its own, `{}` at
  first, kept through all epochs.
- `schedule(t)`: the learning rate of update t. It may return a NumPy scalar. Make it a Python float, or float32
  parameters become float64.
- `epochs`, `batch_size`, `rng`: each epoch takes every sample exactly once, in a new random order drawn from rng. It is
  cut into batches of batch_size; the last one is smaller where N is no multiple, and it counts as an update too.
  batch_size may be larger than N: then each epoch is one update.

What comes out: `{"loss": …, "lr": …, "params": …}`. The first two are lists of floats with one entry an update: the
loss of the update's batch *before* the update, and its learning rate. The last is a dictionary of the final parameters.
float32 parameters stay float32. With epochs = 0 the lists are empty, and the parameters are those given.

Which order you draw is up to you; the checks look at which samples your calls of loss get. A row of X stays with its
entry of y, the order changes from epoch to epoch, and so do the batches: it is not enough to shuffle the order of the
same batches. Another rng gives another order, an rng in the same state the same. The functions of `np.random` itself
(`np.random.permutation`, `np.random.shuffle`, `np.random.seed`, `np.random.default_rng`, …) are **banned**: all chance
comes from `rng`. Chance refuses a right answer less than once in a million.

*Worked number.* One weight W = 0, X = [[1], [2]], y = [2, 4], loss the mean of (W x − y)², plain SGD,
schedule(t) = 0.1 / (1 + t), batch_size 2, two epochs: the losses are 10 and 2.5, the learning rates 0.1 and 0.05, and
W ends at 1.25.

**What the interviewer is after**: a loop without the small slips that cost days: a shared state, a stale order, a
schedule by epoch, a loss after the step. **Follow-ups**: where do validation, checkpoints and early stopping go? What
must be stored to resume in the middle of an epoch? Why is the smaller last batch noisier, and what do people do about
it? Which changes make it ready for accumulated gradients, for mixed precision, for several machines?

<details><summary>Hint 1</summary>Before the loops: a copy of the dictionary, one empty state for each name, two empty
lists. The number of the update is the length of such a list.</details>
<details><summary>Hint 2</summary>In each epoch draw <code>order = rng.permutation(len(X))</code>, and cut it by
<code>range(0, len(X), batch_size)</code>. Index X and y with the same piece.</details>
<details><summary>Hint 3</summary>In each update: one call of loss, lr = float(schedule(t)), then a loop over the names
that replaces params[name] and states[name]. Append the loss and lr.</details>
"""

# %% role="solve" id="train"
from dlkit.reference.optimizers import train

# %% role="check" id="train-check" points=6
with check("two updates with the whole batch, worked by hand"):

    def loss(params, X, y):
        error = X @ params["W"] - y
        return (error**2).mean(), {"W": 2 * X.T @ error / len(X)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    def schedule(t):
        return 0.1 / (1 + t)

    X, y, rng = np.array([[1.0], [2.0]]), np.array([2.0, 4.0]), np.random.default_rng(0)
    expected = {"loss": [10.0, 2.5], "lr": [0.1, 0.05], "params": {"W": np.array([1.25])}}
    expect(train, {"W": np.zeros(1)}, loss, X, y, sgd, schedule, 2, 2, rng).close(expected)
with check("each epoch takes every sample once, with its own y, the smaller last batch too"):

    def loss(params, X, y):
        return float(params["w"].sum()), {"w": np.ones(2)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    X, y, rng = np.arange(10.0).reshape(10, 1), 100 + np.arange(10.0), np.random.default_rng(1)
    met = expect(train, {"w": np.zeros(2)}, loss, X, y, sgd, lambda t: 0.5, 3, 4, rng)
    met.asked(
        lambda calls: [len(call.args[1]) for call in calls if call.function == "loss"] == [4, 4, 2] * 3,
        "nine calls of loss, with 4, 4 and 2 samples in each of the three epochs",
    )
    met.asked(
        lambda calls: all(
            np.array_equal(np.ravel(call.args[1]) + 100, call.args[2]) for call in calls if call.function == "loss"
        ),
        "in every batch each row of X together with its own entry of y",
    )
    met.asked(
        lambda calls: all(
            sorted(
                number
                for call in [call for call in calls if call.function == "loss"][3 * epoch : 3 * epoch + 3]
                for number in np.ravel(call.args[1])
            )
            == list(range(10))
            for epoch in range(3)
        ),
        "each of the ten samples once in every epoch",
    )
    met.close({"loss": [-float(t) for t in range(9)], "lr": [0.5] * 9, "params": {"w": np.full(2, -4.5)}})
with check("every epoch has an order and batches of its own"):

    def loss(params, X, y):
        return float(params["w"].sum()), {"w": np.ones(1)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    def batches(calls, epoch):
        return [tuple(call.args[1].astype(int)) for call in calls if call.function == "loss"][5 * epoch : 5 * epoch + 5]

    X, y, rng = np.arange(40.0), np.zeros(40), np.random.default_rng(2)
    met = expect(train, {"w": np.zeros(1)}, loss, X, y, sgd, lambda t: 1.0, 2, 8, rng)
    met.close({"loss": [-float(t) for t in range(10)], "lr": [1.0] * 10, "params": {"w": np.array([-10.0])}})
    met.asked(
        lambda calls: np.concatenate(batches(calls, 0)).tolist() != list(range(40)),
        "the samples in random order, not in the data's",
    )
    met.asked(lambda calls: batches(calls, 0) != batches(calls, 1), "a new order in the second epoch")
    met.asked(
        lambda calls: {frozenset(batch) for batch in batches(calls, 0)} != {frozenset(b) for b in batches(calls, 1)},
        "new batches in the second epoch, not the same ones in another order",
    )
with check("update t, counted through all epochs from 0, has lr = schedule(t)"):

    def loss(params, X, y):
        return float(params["w"].sum()), {"w": np.ones(1)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    def schedule(t):
        return 1 / (2 + t)

    X, y, rng = np.zeros((5, 1)), np.zeros(5), np.random.default_rng(3)
    rates = [1 / (2 + t) for t in range(6)]
    losses = [-sum(rates[:t]) for t in range(6)]
    expected = {"loss": losses, "lr": rates, "params": {"w": np.array([-sum(rates)])}}
    expect(train, {"w": np.zeros(1)}, loss, X, y, sgd, schedule, 2, 2, rng).close(expected)
with check("with momentum each parameter has a state of its own, kept from update to update"):

    def loss(params, X, y):
        value = float(params["a"].sum() + params["b"].sum())
        return value, {"a": np.array([1.0, 2.0]), "b": np.array([-3.0, 0.5])}

    def momentum(w, grad, state, lr, mu=0.5):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    params = {"a": np.zeros(2), "b": np.array([1.0, 2.0])}
    X, y, rng = np.zeros((4, 1)), np.zeros(4), np.random.default_rng(4)
    expected = {
        "loss": [3.0, 2.95, 2.875, 2.7875],
        "lr": [0.1] * 4,
        "params": {"a": np.array([-0.6125, -1.225]), "b": np.array([2.8375, 1.69375])},
    }
    expect(train, params, loss, X, y, momentum, lambda t: 0.1, 2, 2, rng).close(expected)
with check("params, X and y are left alone"):

    def loss(params, X, y):
        error = X @ params["W"] + params["b"] - y
        return float((error**2).mean()), {"W": 2 * X.T @ error / len(X), "b": np.array([2 * error.mean()])}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    X, y = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [-1.0, 2.0]]), np.array([1.0, 2.0, 0.5, 3.0])
    W, b, losses = np.zeros(2), np.zeros(1), []
    for _ in range(5):
        error = X @ W + b - y
        losses.append((error**2).mean())
        W, b = W - 0.1 * 2 * X.T @ error / 4, b - 0.1 * 2 * error.mean()
    params = {"W": np.zeros(2), "b": np.zeros(1)}
    met = expect(train, params, loss, X, y, sgd, lambda t: 0.1, 5, 4, np.random.default_rng(5))
    met.unchanged().close({"loss": losses, "lr": [0.1] * 5, "params": {"W": W, "b": b}})
### BEGIN HIDDEN TESTS
from dlkit.reference import optimizers as reference

with check("the order is drawn from rng, and from nothing else"):

    def loss(params, X, y):
        return float(X[0]), {"w": np.ones(1)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    forbid(
        train,
        "numpy.random.seed",
        "numpy.random.rand",
        "numpy.random.randn",
        "numpy.random.normal",
        "numpy.random.uniform",
        "numpy.random.standard_normal",
        "numpy.random.shuffle",
        "numpy.random.permutation",
        "numpy.random.choice",
        "numpy.random.randint",
    )
    forbid(train, "numpy.random.default_rng", "numpy.random.RandomState")
    X, y = np.arange(40.0), np.zeros(40)
    end = {"lr": [1.0] * 40, "params": {"w": np.array([-40.0])}}
    met = expect(train, {"w": np.zeros(1)}, loss, X, y, sgd, lambda t: 1.0, 1, 1, np.random.default_rng(6)).close(end)
    met.satisfies(lambda history: sorted(history["loss"]) == list(range(40)), "each of 40 samples once")
    first = list(met.value["loss"])
    met = expect(train, {"w": np.zeros(1)}, loss, X, y, sgd, lambda t: 1.0, 1, 1, np.random.default_rng(6)).close(end)
    met.satisfies(lambda history: list(history["loss"]) == first, "the same order for an rng in the same state")
    met = expect(train, {"w": np.zeros(1)}, loss, X, y, sgd, lambda t: 1.0, 1, 1, np.random.default_rng(7)).close(end)
    met.satisfies(lambda history: list(history["loss"]) != first, "another order for an rng in another state")
with check("30 full-batch epochs with momentum and a falling lr equal plain descent"):

    def loss(params, X, y):
        error = X @ params["V"] + np.sin(X) @ params["W"] - y
        return float((error**2).mean()), {"V": 2 * X.T @ error / len(X), "W": 2 * np.sin(X).T @ error / len(X)}

    def momentum(w, grad, state, lr, mu=0.9):
        v = mu * state.get("v", 0.0) + grad
        return w - lr * v, {"v": v}

    def schedule(t):
        return 0.05 / (1 + 0.1 * t)

    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(12, 3)), rng.normal(size=12)
    params = {"V": np.zeros(3), "W": rng.normal(size=3)}
    now, states, losses = dict(params), {"V": {}, "W": {}}, []
    for t in range(30):
        value, grads = loss(now, X, y)
        for name in now:
            now[name], states[name] = momentum(now[name], grads[name], states[name], schedule(t))
        losses.append(value)
    expected = {"loss": losses, "lr": [schedule(t) for t in range(30)], "params": now}
    expect(train, params, loss, X, y, momentum, schedule, 30, 12, np.random.default_rng(9)).close(expected)
with check("loss is called once an update, optimizer once for each parameter"):

    def loss(params, X, y):
        error = X @ params["W"] + params["b"] - y
        return float((error**2).mean()), {"b": np.array([2 * error.mean()]), "W": 2 * X.T @ error / len(X)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    X, y = np.array([[2.0], [2.0], [2.0]]), np.array([1.0, 1.0, 1.0])
    W, b, losses = 0.0, 0.0, []
    for _ in range(6):
        error = 2 * W + b - 1
        losses.append(error**2)
        W, b = W - 0.1 * 4 * error, b - 0.1 * 2 * error
    params = {"W": np.zeros(1), "b": np.zeros(1)}
    met = expect(train, params, loss, X, y, sgd, lambda t: 0.1, 3, 2, np.random.default_rng(10))
    met.close({"loss": losses, "lr": [0.1] * 6, "params": {"W": np.array([W]), "b": np.array([b])}})
    met.asked(
        lambda calls: [call.function for call in calls if call.function != "<lambda>"] == ["loss", "sgd", "sgd"] * 6,
        "six times: one call of loss, then one of optimizer for each of the two parameters",
    )
with check("float32 parameters stay float32, also where schedule returns a NumPy number"):

    def loss(params, X, y):
        error = X @ params["W"] - y
        return (error**2).mean(), {"W": (2 / len(X)) * X.T @ error}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    def schedule(t):
        return np.float64(0.1) * (1 + np.cos(np.pi * t / 4))

    X, y = np.array([[1.0], [2.0]], dtype=np.float32), np.array([2.0, 4.0], dtype=np.float32)
    rates = [0.2, 0.1 * (1 + math.cos(math.pi / 4))]
    params, rng = {"W": np.zeros(1, dtype=np.float32)}, np.random.default_rng(11)
    met = expect(train, params, loss, X, y, sgd, schedule, 2, 2, rng)
    met.close({"loss": [10.0, 0.0], "lr": rates, "params": {"W": np.array([2.0])}}, rtol=1e-5, atol=1e-6)
    met.satisfies(lambda history: history["params"]["W"].dtype == np.float32, "params['W'] with dtype float32")
with check("no epochs; a batch larger than the data; a single sample"):

    def loss(params, X, y):
        error = X @ params["W"] - y
        return float((error**2).mean()), {"W": 2 * X.T @ error / len(X)}

    def sgd(w, grad, state, lr):
        return w - lr * grad, {}

    X, y, W = np.array([[1.0], [2.0]]), np.array([2.0, 4.0]), np.zeros(1)
    more = {"loss": [10.0, 2.5], "lr": [0.1, 0.1], "params": {"W": np.array([1.5])}}
    expect(train, {"W": W}, loss, X, y, sgd, lambda t: 0.1, 2, 7, np.random.default_rng(12)).close(more)
    none = {"loss": [], "lr": [], "params": {"W": np.array([0.0])}}
    expect(train, {"W": W}, loss, X, y, sgd, lambda t: 0.1, 0, 2, np.random.default_rng(12)).close(none).unchanged()
    one = {"loss": [4.0, 2.56], "lr": [0.1, 0.1], "params": {"W": np.array([0.72])}}
    expect(train, {"W": W}, loss, X[:1], y[:1], sgd, lambda t: 0.1, 2, 3, np.random.default_rng(12)).close(one)
with check("softmax regression on images: more axes, three classes, the full batch in any order"):

    def loss(params, X, y):
        flat = X.reshape(len(X), -1)
        z = flat @ params["weights"] + params["bias"]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        value = float(-np.log((p * y).sum(axis=1)).mean())
        dz = (p - y) / len(X)
        return value, {"weights": flat.T @ dz, "bias": dz.sum(axis=0)}

    def adaptive(w, grad, state, lr, beta1=0.9, beta2=0.999):
        t, m, v = state.get("t", 0) + 1, state.get("m", 0.0), state.get("v", 0.0)
        m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
        return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + 1e-8), {"t": t, "m": m, "v": v}

    rng = np.random.default_rng(13)
    X, y = rng.normal(size=(15, 2, 2)), np.eye(3)[rng.integers(3, size=15)]
    params = {"weights": 0.1 * rng.normal(size=(4, 3)), "bias": np.zeros(3)}
    expected = reference.train(params, loss, X, y, adaptive, lambda t: 0.1, 8, 15, np.random.default_rng(14))
    met = expect(train, params, loss, X, y, adaptive, lambda t: 0.1, 8, 15, np.random.default_rng(15))
    met.close(expected, rtol=1e-5).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: Adam, part by part

This one is to be answered in words and formulas, as you would at a whiteboard.
"""

# %% role="answer" id="adam_parts_explained" points=2

# %% [markdown]
r"""
### The network of the experiments

The last three experiments use your `train` on scikit-learn's digits, 8 by 8 pixels, ten classes. The network has one
hidden layer of 32 ReLUs; you have written each part of it in earlier units. `start_network` draws its parameters,
`network_loss` is the `loss` that `train` wants. 1,024 digits are for training, 373 to choose learning rates with, 400
for the test. `trained` calls your `train` so that even a rate that is far too large gives no warning.
"""


# %% role="given" id="network"
def start_network(rng):
    """The parameters of a 64-32-10 network, drawn as He et al. do."""
    W1, W2 = rng.normal(0, math.sqrt(2 / 64), (64, 32)), rng.normal(0, math.sqrt(2 / 32), (32, 10))
    return {"W1": W1, "b1": np.zeros(32), "W2": W2, "b2": np.zeros(10)}


def network_logits(params, X):
    """The hidden layer (N, 32) and the outputs (N, 10)."""
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    return hidden, hidden @ params["W2"] + params["b2"]


def network_loss(params, X, y):
    """Mean softmax cross-entropy, and its gradients."""
    hidden, logits = network_logits(params, X)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    row = np.arange(len(y))
    d = np.exp(log_p)  # (N, 10), to become the gradient with respect to the logits
    d[row, y] -= 1
    d /= len(y)
    dz = (d @ params["W2"].T) * (hidden > 0)  # (N, 32)
    grads = {"W1": X.T @ dz, "b1": dz.sum(axis=0), "W2": hidden.T @ d, "b2": d.sum(axis=0)}
    return float(-log_p[row, y].mean()), grads


def trained(X, y, optimizer, schedule, epochs, batch_size, seed=0):
    """What your `train` makes of a new network. A rate that is far too large gives inf and NaN, but no warning."""
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        return train(start_network(rng), network_loss, X, y, optimizer, schedule, epochs, batch_size, rng)


def final_loss(params, X, y):
    """The loss on all of X, 9 where it is not finite."""
    with np.errstate(all="ignore"):
        loss = network_loss(params, X, y)[0]
    return loss if math.isfinite(loss) else 9.0


# %% [markdown]
r"""
### Experiment: a sweep over batch sizes

SGD without momentum, four epochs, batches of 32, 128 and 512: that is 128, 32 and 8 updates. Nine learning
rates from 0.02 to 5, each twice the one before.

- Left: how far a batch's gradient is from the full one, at the start: the root of the mean squared distance over four
  epochs of your `minibatches`, divided by the length of the full gradient.
- Middle: the training loss after four epochs, against the learning rate.
- Right: the same numbers against rate / batch size.

*Make a prediction*: by what factor does the noise fall from batch 32 to 128? Which rate does the batch of 128 need,
to get as far as 32 does with 0.08?
"""

# %% role="demo" id="experiment-batch-size"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]
X_train, y_train = images[:1024], labels[:1024]


def sgd(w, grad, state, lr):
    return sgd_momentum(w, grad, state, lr, momentum=0.0)


def flat(params, X, y):
    return np.concatenate([grad.ravel() for grad in network_loss(params, X, y)[1].values()])


with (
    experiment(),
    figure("k times the batch needs k times the rate, until the rate is too large", columns=3, width=12) as panels,
):
    left, middle, right = panels
    sizes, rates = [32, 128, 512], 0.02 * 2.0 ** np.arange(9)
    rng = np.random.default_rng(0)
    params = start_network(rng)
    full = flat(params, X_train, y_train)
    noise = []
    for size in sizes:
        batches = [batch for _ in range(4) for batch in minibatches(1024, size, rng)]
        distance = [np.sum((flat(params, X_train[batch], y_train[batch]) - full) ** 2) for batch in batches]
        noise.append(math.sqrt(np.mean(distance)) / np.linalg.norm(full))
    left.loglog(sizes, noise, "o-", label="measured")
    left.loglog(sizes, noise[0] * np.sqrt(32 / np.array(sizes)), "k:", label="1 / √batch")
    print("noise of a batch's gradient:", "   ".join(f"{s}: {n:.1f}" for s, n in zip(sizes, noise, strict=True)))
    for size, line in zip(sizes, ("o-", "s--", "^-."), strict=True):
        curve = []
        for rate in rates:
            found = trained(X_train, y_train, sgd, lambda t, rate=rate: rate, epochs=4, batch_size=size)
            curve.append(final_loss(found["params"], X_train, y_train))
        for panel, x in ((middle, rates), (right, rates / size)):
            panel.semilogx(x, np.minimum(curve, 2.6), line, markersize=5, label=f"batch {size}")
        print(f"batch {size:4d}, {4 * 1024 // size:3d} updates:", " ".join(f"{loss:.2f}" for loss in curve))
    left.set(xlabel="batch size", ylabel="noise / full gradient", title="the noise of a gradient")
    left.set_xticks(sizes, [str(size) for size in sizes])
    left.set_yticks([0.25, 0.5, 1], ["0.25", "0.5", "1"])
    left.minorticks_off()
    middle.set(xlabel="learning rate", ylabel="training loss after 4 epochs", ylim=(0, 2.7), title="loss against rate")
    right.set(xlabel="learning rate / batch size", ylim=(0, 2.7), title="the same, against rate / batch")
    left.legend()
    right.legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.** *Noise*: with 32 examples a batch's gradient is off by 1.2 times the full gradient's length, with 128
by 0.6, with 512 by 0.2. Four times the work for half the noise. At 512 it falls by more than half, since half of all
1,024 examples, drawn without repetition, leave less to chance.

*Rate*: a batch of 32 gets to 0.72 with the rate 0.08, a batch of 128 to the same 0.72 with 0.32: four times the batch,
four times the rate, a quarter of the updates, the same progress. On the right the curves lie on top of each other
wherever the rate is small. This is the linear scaling rule.

*The wall*: at the rate 5 all three fail, whatever the batch. Stability is a matter of the curvature, and that does not
shrink with the batch. So the best loss gets worse: 0.07, 0.24, 1.09. The batch of 512 has only eight updates, and no
rate can make them long enough. Four epochs are a small budget; with more epochs large batches lose less.

**What to say in an interview.** “At equal epochs I scale SGD's rate with the batch, with warm-up. It works until the
scaled rate reaches the limit of stability. Beyond that a larger batch only costs updates. For Adam I would start from
the square root.”
"""

# %% [markdown]
r"""
### Experiment: a learning-rate range test

Which learning rate? One short run can tell: raise the rate at every update, from 0.001 to 10 within 160 updates, and
watch the loss. Here with momentum 0.9 and batches of 32. The curve is smoothed by your `ema_weights` (decay 0.8,
divided by $1 - 0.8^t$ as in Adam).

Right: the proof. Eight fresh runs of five epochs, each at one constant rate.

*Make a prediction* from the left panel alone: at which rates will training fail, at which will it be too slow, which
one would you take?
"""

# %% role="demo" id="experiment-range-test"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]
X_train, y_train = images[:1024], labels[:1024]

with experiment(), figure("One short run with a rising rate finds the range", columns=2, sharex=True) as (left, right):
    steps = 160
    found = trained(X_train, y_train, sgd_momentum, lambda t: 1e-3 * 1e4 ** (t / (steps - 1)), 5, 32)
    rates, losses = np.array(found["lr"]), np.array(found["loss"])
    ema, smooth = np.zeros(1), []
    for t, loss in enumerate(np.nan_to_num(losses, nan=9.0, posinf=9.0), 1):
        ema = ema_weights(ema, np.array([loss]), decay=0.8)
        smooth.append(ema[0] / (1 - 0.8**t))
    smooth = np.array(smooth)
    lowest = int(np.argmin(smooth))
    burst = lowest + int(np.argmax(smooth[lowest:] > smooth[0]))
    left.semilogx(rates, np.minimum(losses, 6), ".", color="0.7", label="each batch")
    left.semilogx(rates, np.minimum(smooth, 6), "-", label="smoothed")
    constant = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
    curve = [
        final_loss(trained(X_train, y_train, sgd_momentum, lambda t, r=r: r, 5, 32)["params"], X_train, y_train)
        for r in constant
    ]
    right.semilogx(constant, np.minimum(curve, 6), "o-", color="C1", label="after 5 epochs")
    for panel in (left, right):
        panel.axvline(rates[lowest], color="C2", linestyle="--", linewidth=1.4, label="lowest on the left")
        panel.axvline(rates[lowest] / 3, color="C2", linestyle="-", linewidth=1.4, label="a third of it")
        panel.axvline(rates[burst], color="C3", linestyle=":", linewidth=1.8, label="above the start again")
        panel.set(xlabel="learning rate")
    left.set(ylabel="training loss", ylim=(0, 5), title="the rate rises at every update")
    right.set(ylim=(0, 5), title="eight runs at a constant rate")
    left.legend(handles=left.lines[:2], loc="upper left")
    right.legend(loc="upper left")
    print(f"range test: lowest at {rates[lowest]:.2g}, above its start from {rates[burst]:.2g}")
    print("constant:  ", "   ".join(f"{r:g}: {loss:.2f}" for r, loss in zip(constant, curve, strict=True)))

# %% [markdown]
r"""
**What it shows.** Below 0.003 hardly anything happens. The smoothed loss is lowest at 0.26, and back above its start
from 4.2 on. A third of 0.26 is about 0.09.

The constant runs agree: 0.1 ends lowest, at a loss of 0.07. At 0.001 five epochs are not enough (1.99). At 1 the loss
is still 0.84, and at 3 it is 2.47: worse than guessing, ln 10 = 2.30.

At the lowest point itself training still works here (0.08 with the rate 0.3), but a factor of about 3 above it does not
(0.84). So the lowest point of a range test leaves no margin. Go to a third or a tenth of it.

**What to say in an interview.** “I raise the rate exponentially over a few hundred updates and plot the smoothed loss
against the rate. I take a third to a tenth of the rate where it is lowest, then try a factor of 3 up and down. Too
small: a straight slow line. Too large: it drops, then levels off high, or jumps, or is NaN.”
"""

# %% [markdown]
r"""
### Experiment: Adam against SGD with momentum

Which one is better can be answered only if each has its own best rate. Both get six rates, a factor of about 3 apart,
two seeds, six epochs with batches of 32, and the rate with the lowest loss on the 373 *held-out* digits wins. Only then
are the 400 test digits looked at.

Left: the digits as they are. Middle: the same, but each pixel is multiplied by its own factor, between 0.01 and 1 and
equally likely on a logarithmic scale. So the inputs have very different scales, as rare words or raw measurements do.
Right: the training loss at the best rates.

*Make a prediction*: who wins on the left, by how much? Who in the middle?
"""

# %% role="demo" id="experiment-adam-sgd"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]
factors = 10 ** np.random.default_rng(1).uniform(-2, 0, 64)

with (
    experiment(),
    figure("Tuned, both are equal on plain digits; bad scales hurt SGD more", columns=3, width=12) as panels,
):
    left, middle, right = panels
    grids = {
        "momentum": (sgd_momentum, [0.003, 0.01, 0.03, 0.1, 0.3, 1], "o-"),
        "Adam": (adam, [0.001, 0.003, 0.01, 0.03, 0.1, 0.3], "s--"),
    }
    for panel, data, inputs in ((left, "plain", images), (middle, "scaled", images * factors)):
        for color, (name, (step, rates, line)) in enumerate(grids.items()):
            held_out, runs = [], []
            for rate in rates:
                both = [
                    trained(inputs[:1024], labels[:1024], step, lambda t, rate=rate: rate, 6, 32, seed)
                    for seed in range(2)
                ]
                held_out.append(
                    np.mean([final_loss(run["params"], inputs[1024:1397], labels[1024:1397]) for run in both])
                )
                runs.append(both)
            panel.semilogx(rates, np.minimum(held_out, 2.5), line, markersize=5, label=name)
            best = int(np.argmin(held_out))
            panel.plot(rates[best], held_out[best], "*", color=f"C{color}", markersize=15)
            smooth = np.mean([run["loss"] for run in runs[best]], axis=0).reshape(-1, 16).mean(axis=1)
            right.semilogy(np.arange(8, 192, 16), smooth, "-" if data == "plain" else ":", color=f"C{color}")
            right.text(188, smooth[-1], f"{name}, {data}", fontsize=8, color=f"C{color}", va=("bottom", "top")[color])
            test = np.mean(
                [network_logits(run["params"], inputs[1397:])[1].argmax(axis=1) == labels[1397:] for run in runs[best]]
            )
            shown = " ".join(f"{loss:.2f}" if loss < 1 else " > 1" for loss in held_out)
            print(f"{data:6s} {name:8s} held-out losses {shown}   ", end="")
            print(f"best {held_out[best]:.2f} at {rates[best]:g}, test {test:.1%}")
        panel.set(xlabel="learning rate", ylim=(0, 2.6), title=f"{data} digits")
        panel.legend(loc="upper right")
    left.set_ylabel("held-out loss after 6 epochs")
    right.set(xlabel="updates", ylabel="training loss", xlim=(0, 270), title="at the best rates")

# %% [markdown]
r"""
**What it shows.** *Plain digits*: a tie. The best held-out losses are 0.13 and 0.13, the test accuracies 97.5 % and
96.8 %. With 400 test digits one standard error is 0.9 %, so the difference says nothing. What differs is the best rate,
0.1 against 0.03, and how much it matters: momentum stays below 0.3 from 0.03 to 0.3, Adam from 0.003 to 0.1, a range
three times as wide. Compare the two at *one* rate and you can prove what you like: at 0.003 Adam wins by far, at 0.3
momentum does.

*Scaled digits*: Adam wins, 0.21 against 0.45 and 94.0 % against 85.5 %, each at its best rate. A pixel times c gives a
gradient times c, and the weight's effect on the output is times c again. So SGD learns from this pixel at a speed of c²,
Adam, which divides the gradient's scale away, at a speed of c. Better, but not immune: plain digits are still easier.
The real cure is to standardize the inputs.

**What to say in an interview.** “With tuned rates and well-scaled inputs, Adam and SGD with momentum often end up
equal, and in vision SGD is sometimes a little better on the test set. Adam is the default where gradients have very
different scales: embeddings, transformers, rare features. And it forgives a badly chosen rate. In a comparison I would
ask first how each side's rate was tuned, and on which data.”
"""

# %% [markdown]
r"""
## Summary: the evening before

**The updates**, with gradient g, learning rate η, all averages 0 at the start

| optimizer | remembers | step: w ← w − … | memory per weight | good for | beware |
|---|---|---|---|---|---|
| SGD | – | η g | 0 | the baseline | ravines, saddles |
| momentum | v ← μ v + g | η v | 1 | vision, with a schedule | total weight of a gradient: η/(1 − μ) |
| Nesterov | v ← μ v + g | η (g + μ v), at the look-ahead point | 1 | as momentum, a little steadier | two forms, one path |
| Adagrad | s ← s + g² | η g / (√s + ε) | 1 | sparse features, convex losses | steps die |
| RMSProp | s ← ρ s + (1 − ρ) g² | η g / (√s + ε) | 1 | recurrent nets, reinforcement learning | no bias correction: long first step |
| Adadelta | s, and u ← ρ u + (1 − ρ) d² | d = $\sqrt{u + \varepsilon} / \sqrt{s + \varepsilon} \cdot g$ | 2 | no rate to choose | slow start, rests on ε |
| Adam | m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g² | η m̂ / (√v̂ + ε) | 2 | the default | L2 in g is not weight decay |
| AdaMax | m, u ← max(β₂ u, abs(g)) | η m̂ / (u + ε) | 2 | as Adam; needs no correction of u | hardly used |
| Nadam | m, v as Adam | Adam's, m̂ one step ahead | 2 | as Adam | β₁^(t+1) in it |
| AdamW | m, v as Adam | η (m̂ / (√v̂ + ε) + λ w) | 2 | transformers | decay weights, not biases and norms |
| Lion | m | η (sign(β₁ m + (1 − β₁) g) + λ w) | 1 | large batches | a third to a tenth of Adam's rate |

m̂ = m / (1 − β₁^t) and v̂ = v / (1 − β₂^t), with t = 1 in the first step. Defaults: μ = 0.9, β₁ = 0.9, β₂ = 0.999,
ε = 1e-8, η = 0.001 for Adam.

**On a quadratic** with eigenvalues from λmin to λmax and κ = λmax/λmin

| | stable for | best factor per step | κ = 50 |
|---|---|---|---|
| gradient descent | η < 2/λmax | (κ − 1)/(κ + 1) | 0.961: 58 steps for a digit |
| momentum | η < 2(1 + μ)/λmax | (√κ − 1)/(√κ + 1), μ its square | 0.752: 8 steps for a digit |

**Reading a loss curve**

| it looks so | likely | do |
|---|---|---|
| falls slowly, in a straight line | rate too small | × 3 |
| falls fast, then level too high | rate too large for the end | decay it |
| jumps, spikes | rate at the limit, bad batches | lower, clip, warm up, smaller β₂ |
| NaN or above its start | rate beyond the limit | ÷ 10, look for a bug |
| near 0, with regular spikes | data not shuffled | shuffle every epoch |

**Ten sentences to be able to say**

1. A batch's gradient is unbiased, and its noise falls with the root of the batch size while its cost grows in
   proportion.
2. k times the batch needs k times the rate with SGD, about √k with Adam, with warm-up, and only until the rate meets
   the limit of stability.
3. Momentum lets steady directions add up, to 1/(1 − μ) times the step, and alternating ones cancel; it turns κ into √κ.
4. Nesterov takes the gradient at the point where momentum is about to carry the weights, so it brakes before it is too
   late.
5. Adagrad divides by the root of a sum, which only grows; RMSProp makes it a moving average, which forgets.
6. Adam is momentum divided by RMSProp, both bias-corrected, and for steady gradients its step is about η whatever
   their scale.
7. Without both corrections Adam's first step is too long, 3.2 η, not too short.
8. L2 inside Adam is divided by √v̂ and decays busy weights least; AdamW shrinks all by the same factor.
9. At a constant rate SGD hovers at a loss in proportion to the rate: so decay. Early steps rest on few statistics and a
   steep loss: so warm up.
10. In many dimensions saddles are common and bad local minima rare: what slows training is flatness, not being trapped.

**Finger exercises**: write Adam from memory in two minutes; derive 2/λmax and the condition number's factor; show that
Nesterov's two forms walk the same path; say what changes in float32; sketch cosine with warm-up and give its value
half-way down.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| optimizer | 优化器 | turns gradients into steps |
| gradient descent | 梯度下降 | a step against the gradient |
| stochastic gradient descent (SGD) | 随机梯度下降 | the same with the gradient of a sample |
| mini-batch | 小批量 | the examples of one step |
| epoch, update (iteration) | 轮次（周期）、更新（迭代） | once through the data; one step |
| learning rate | 学习率 | how far a step goes |
| momentum | 动量 | a decaying sum of past gradients |
| Nesterov accelerated gradient | Nesterov 加速梯度 | momentum with the gradient at the look-ahead point |
| adaptive learning rate | 自适应学习率 | a step size for each weight from its own gradients |
| exponential moving average (EMA) | 指数移动平均 | β · old + (1 − β) · new |
| first, second moment | 一阶矩、二阶矩 | mean of g; mean of g² |
| bias correction | 偏差修正 | dividing by 1 − β^t, since averages start at 0 |
| weight decay | 权重衰减 | shrinking weights a little at every step |
| decoupled weight decay | 解耦权重衰减 | not through the gradient: AdamW |
| L2 regularization | L2 正则化 | a penalty ½ λ‖w‖² in the loss |
| learning-rate schedule | 学习率调度 | the rate as a function of the update |
| learning-rate decay | 学习率衰减 | lowering it during training |
| warm-up | 学习率预热 | raising it during the first updates |
| cosine annealing | 余弦退火 | lowering it along half a cosine |
| one-cycle policy | 单周期策略 | up, then down to almost 0 |
| plateau | 平台期 | the loss no longer falls |
| patience | 容忍次数（耐心值） | how many bad losses are allowed |
| learning-rate range test | 学习率范围测试 | a short run with a rising rate |
| gradient accumulation | 梯度累积 | a large batch from several small ones |
| linear scaling rule | 线性缩放规则 | k times the batch, k times the rate |
| gradient noise | 梯度噪声 | what differs between a batch's gradient and the full one |
| Hessian matrix | 海森矩阵（黑塞矩阵） | second derivatives of the loss |
| curvature | 曲率 | how fast the slope changes: the Hessian's eigenvalues |
| condition number | 条件数 | largest eigenvalue over smallest |
| ill-conditioned | 病态的 | the condition number is large: a ravine |
| saddle point | 鞍点 | gradient 0, uphill one way, downhill another |
| local, global minimum | 局部极小值、全局最小值 | lowest nearby; lowest of all |
| convergence, divergence | 收敛、发散 | settles; runs away |
| oscillation | 振荡 | swinging to and fro across a valley |
| sparse gradient | 稀疏梯度 | 0 at most steps, as for rare words |
"""
