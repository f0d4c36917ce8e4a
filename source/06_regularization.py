# %% [markdown]
r"""
# 06 · Regularization

A network that is right on its training data is not yet of use; it has to be right on data that it has not seen. What
helps are penalties on the weights, noise in layers and data, stopping in time, and averages of models. Whether it
helped, only an honest split of the data can tell. Interviewers like this unit, for each question has a formula, a
picture and a trap.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit regularization`, which runs about as many checks again. Concept questions are marked when you hand
in. Before each experiment there is a question: answer it before you run the cell.

The exercises take about four and a half hours, the experiments and questions one more. Do a family at a sitting:
penalties and sparse solutions, ridge and lasso, dropout and its relatives, augmentation, splits, ensembles.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| L2 penalty | ½ · lam · ΣW², gradient lam · W | without the ½: gradient 2 · lam · W |
| ridge | ‖Xw − y‖² + lam · ‖w‖²: no ½, no 1/N, no intercept | scikit-learn adds an intercept |
| lasso | ½ ‖Xw − y‖² + lam · ‖w‖₁, no 1/N | scikit-learn divides the square by N |
| L1's slope at 0 | 0, one of the subgradients from −lam to lam | |
| `p` in dropout and its family | the probability of **dropping** | the 2014 paper: of keeping |
| dropout | inverted: what is kept is divided by 1 − p in training, nothing is done at test | first version: scaled at test |
| mask | boolean, True is **kept**; `dropblock_mask` has 1 for kept | |
| randomness | drawn from `rng`, a `np.random.Generator`; the checks judge the law, not the stream | a global seed |
| shapes | features `(N, D)`, images `(N, C, H, W)`, dense weights `(D, M)` | PyTorch: `(M, D)` |
| epochs and indices | counted from 0 | |
| dtype | float32 stays float32; integers must give right values | |
| purity | no argument is changed | |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math
from collections.abc import Callable, Sequence

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, gradients

# %% [markdown]
r"""
## Penalties

### Five sizes of a matrix ★ · 8 min

**Given** a matrix `W` of shape `(D, M)`, D and M at least 1, **return** a dictionary with the keys `"l0"`, `"l1"`,
`"frobenius"`, `"nuclear"` and `"spectral"`, each a plain number. With $\sigma_1 \ge \sigma_2 \ge \dots$ the singular
values of W:

$$ \text{l0} = \#\{\, w_{ij} \ne 0 \,\}, \qquad \text{l1} = \sum_{ij} \lvert w_{ij} \rvert, \qquad
\text{frobenius} = \Bigl(\sum_{ij} w_{ij}^2\Bigr)^{1/2}, \qquad \text{nuclear} = \sum_k \sigma_k, \qquad
\text{spectral} = \sigma_1 $$

The first three look at the entries one by one. The last two look at what W does to vectors: σ₁ is the most by which it
stretches one. The l1 here is that of the entries; the *operator* norm of the same name is the largest column sum.

`l0` is an integer, and no norm: doubling W does not double it. A matrix of zeros has five zeros, and no warning. W need
not be square nor of full rank. Integers give the right numbers, 8-bit ones too, whose squares do not fit into a byte.
W is not changed. Nothing is ruled out: `np.linalg` may help.

*Worked number.* W = [[3, 0], [4, 5]] has l0 = 3, l1 = 12 and frobenius = √50 = 7.07107. The eigenvalues of WᵀW are 45
and 5, so σ = 6.70820 and 2.23607: spectral = 6.70820 and nuclear = 8.94427.

**What the interviewer is after**: do you know which norm favours what, sparse entries, small entries or low rank?
**Follow-ups**: why is the nuclear norm to the rank what l1 is to l0? Which of them bounds how much a layer can amplify
its input, and who divides by it? How are spectral, Frobenius and nuclear ordered for every W? What does
`np.linalg.norm(W, 1)` compute, and why does it surprise people?

<details><summary>Hint 1</summary>Three of the five are one sum over all entries. The other two need the singular
values, once.</details>
<details><summary>Hint 2</summary><code>np.linalg.svd</code> has an option that leaves out the two rotations and returns
the singular values alone, the largest first.</details>
<details><summary>Hint 3</summary>Beware of <code>np.linalg.norm(W, 1)</code> on a matrix, and make W floating point
before you square it.</details>
"""

# %% role="solve" id="matrix_norms"
from dlkit.reference.regularization import matrix_norms

# %% role="check" id="matrix_norms-check" points=2
with check("the worked matrix: all five"):
    W = np.array([[3.0, 0.0], [4.0, 5.0]])
    root = math.sqrt(5)
    expected = {"l0": 3, "l1": 12.0, "frobenius": math.sqrt(50), "nuclear": 4 * root, "spectral": 3 * root}
    expect(matrix_norms, W).close(expected)
with check("negative entries count by their magnitude"):
    W = np.array([[-3.0, 0.0, 0.0], [0.0, 0.0, 2.0]])
    expected = {"l0": 2, "l1": 5.0, "frobenius": math.sqrt(13), "nuclear": 5.0, "spectral": 3.0}
    expect(matrix_norms, W).close(expected, atol=1e-6)
with check("a matrix of rank 1, and W is left alone"):
    W = np.outer([1.0, 2.0, -2.0], [3.0, 4.0])
    expected = {"l0": 6, "l1": 35.0, "frobenius": 15.0, "nuclear": 15.0, "spectral": 15.0}
    expect(matrix_norms, W).close(expected, atol=1e-6).unchanged()
with check("l0 does not change when W is doubled, the four norms double"):
    W = np.array([[6.0, 0.0], [8.0, 10.0]])
    root = math.sqrt(5)
    expected = {"l0": 3, "l1": 24.0, "frobenius": math.sqrt(200), "nuclear": 8 * root, "spectral": 6 * root}
    expect(matrix_norms, W).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("zeros give zeros without a warning; one entry, one row, one column"):
    keys = ("l0", "l1", "frobenius", "nuclear", "spectral")
    for shape in [(2, 3), (1, 1)]:
        expect(matrix_norms, np.zeros(shape)).close(dict.fromkeys(keys, 0.0)).no_warning()
    expected = {"l0": 1, "l1": 2.0, "frobenius": 2.0, "nuclear": 2.0, "spectral": 2.0}
    expect(matrix_norms, np.array([[-2.0]])).close(expected)
    expected = {"l0": 2, "l1": 7.0, "frobenius": 5.0, "nuclear": 5.0, "spectral": 5.0}
    for W in (np.array([[3.0, -4.0, 0.0]]), np.array([[3.0], [0.0], [-4.0]])):
        expect(matrix_norms, W).close(expected, atol=1e-6)
with check("integers, bytes (int8) too"):
    W = np.array([[100, -90, 0], [0, 7, -60]])
    expected = reference.matrix_norms(1.0 * W)
    expect(matrix_norms, W).close(expected)
    expect(matrix_norms, W.astype(np.int8)).close(expected)
with check("a rotation: every singular value is 1"):
    a = math.pi / 6
    W = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    expected = {"l0": 4, "l1": 1 + math.sqrt(3), "frobenius": math.sqrt(2), "nuclear": 2.0, "spectral": 1.0}
    expect(matrix_norms, W).close(expected)
with check("equals the reference on random matrices, wide and tall"):
    rng = np.random.default_rng(3)
    for shape in [(4, 4), (2, 7), (6, 3), (5, 5)]:
        W = rng.normal(0, 2, shape) * (rng.random(shape) < 0.7)
        expect(matrix_norms, W).close(reference.matrix_norms(W), atol=1e-6)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### L2 penalty ★ · 5 min

**Given** an array of weights `W`, any shape, and `lam` ≥ 0, a plain number, **return** the tuple `(loss, grad)`: the
penalty and its gradient with respect to W, an array of W's shape.

$$ \text{loss} = \frac{\lambda}{2} \sum_{i} w_i^2 $$

Mind the ½: it stands here, and some books and libraries leave it out. It is a sum over all entries, not a mean, so the
strength of the penalty does not change when a layer grows.

If W is float32, so is the gradient (the loss may be any float). Integers give the right floats, 8-bit ones too. An
empty W has loss 0 and an empty gradient. W is not changed.

*Worked number.* W = [1, −2, 0, 3], lam = 0.5: Σ w² = 14, so loss = 3.5 and grad = [0.5, −1, 0, 1.5].

**What the interviewer is after**: the gradient, said at once, and why the update it causes is called weight decay.
**Follow-ups**: by what factor does one SGD step of size lr shrink each weight? Why is that no longer the same thing in
Adam? Of which prior on the weights is this the negative logarithm? Why are biases usually left out?

<details><summary>Hint 1</summary>Differentiate one term of the sum. What becomes of the ½ and of the square?</details>
<details><summary>Hint 2</summary>The loss is one number for the whole array, whatever its shape; the gradient is as
large as W and proportional to it.</details>
"""

# %% role="solve" id="l2_penalty"
from dlkit.reference.regularization import l2_penalty

# %% role="check" id="l2_penalty-check" points=2
with check("loss and gradient worked by hand: ½ · lam · the sum of the squares"):
    expect(l2_penalty, np.array([1.0, -2.0, 0.0, 3.0]), 0.5).close((3.5, np.array([0.5, -1.0, 0.0, 1.5])))
with check("any shape: the sum runs over all entries"):
    W = np.array([[1.0, -2.0], [3.0, 0.5], [0.0, 2.0]])
    expect(l2_penalty, W, 2.0).close((18.25, 2 * W))
    expect(l2_penalty, np.array([[[3.0]], [[-1.0]]]), 0.1).close((0.5, np.array([[[0.3]], [[-0.1]]])))
with check("gradient along random directions"):
    W = np.random.default_rng(0).normal(0, 2, (3, 4))
    gradients(lambda W, lam: 0.5 * lam * (W**2).sum(), l2_penalty, W, 0.7, given="loss")
with check("W is left alone"):
    W = np.array([[4.0, -2.0], [1.0, 6.0]])
    expect(l2_penalty, W, 0.5).close((14.25, np.array([[2.0, -1.0], [0.5, 3.0]]))).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("lam = 0 costs nothing, and neither does an empty W"):
    expect(l2_penalty, np.array([1.0, -2.0]), 0.0).close((0.0, np.zeros(2)))
    expect(l2_penalty, np.zeros((0, 3)), 0.5).close((0.0, np.zeros((0, 3)))).no_warning()
    expect(l2_penalty, np.array([2.0]), 3.0).close((6.0, np.array([6.0])))
with check("float32 stays float32"):
    W = np.array([[1, -2, 0.5], [3, 0, -1.25]], dtype=np.float32)
    expected = reference.l2_penalty(W.astype(float), 0.3)
    expect(l2_penalty, W, 0.3).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right floats, bytes (int8) too"):
    W = np.array([[100, -90], [7, 0]])
    expected = (0.25 * 18149, 0.5 * W)
    expect(l2_penalty, W, 0.5).close(expected)
    expect(l2_penalty, W.astype(np.int8), 0.5).close(expected)
with check("equals the reference on random shapes and strengths"):
    rng = np.random.default_rng(1)
    for shape, lam in [((5,), 1e-4), ((2, 3), 10.0), ((2, 3, 4), 0.01), ((3, 1, 2, 2), 1.5)]:
        W = rng.normal(0, 3, shape)
        expect(l2_penalty, W, lam).close(reference.l2_penalty(W, lam))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### L1 penalty ★ · 5 min

**Given** an array of weights `W`, any shape, and `lam` ≥ 0, a plain number, **return** the tuple `(loss, grad)`: the
penalty and its gradient with respect to W, an array of W's shape.

$$ \text{loss} = \lambda \sum_{i} \lvert w_i \rvert, \qquad
\frac{\partial\,\text{loss}}{\partial w_i} = \lambda\, \mathrm{sign}(w_i), \qquad \mathrm{sign}(0) = 0 $$

At 0 the penalty has a kink. Every slope from −lam to lam is a subgradient there; we take the one in the middle, 0, and
no warning is given.

It is a sum over all entries, not a mean. If W is float32, so is the gradient (the loss may be any float). Integers give
the right floats. An empty W has loss 0 and an empty gradient. W is not changed.

*Worked number.* W = [1, −2, 0, 3], lam = 0.5: loss = 0.5 · 6 = 3 and grad = [0.5, −0.5, 0, 0.5].

**What the interviewer is after**: the gradient does not get smaller as a weight does, which is why weights reach 0.
**Follow-ups**: what does L2's gradient do to a weight of 0.001? Why does plain gradient descent on L1 still not stop
*exactly* at 0? Which prior does L1 stand for? What does the ball of this norm look like, and why are its corners
special?

<details><summary>Hint 1</summary>To the right of 0 the slope of the magnitude is 1, to the left it is −1. Which
function says that in one word?</details>
<details><summary>Hint 2</summary>W divided by its magnitude has the right values too, except in one place. There, what
is 0/0?</details>
"""

# %% role="solve" id="l1_penalty"
from dlkit.reference.regularization import l1_penalty

# %% role="check" id="l1_penalty-check" points=2
with check("loss and gradient worked by hand"):
    expect(l1_penalty, np.array([1.0, -2.0, 0.0, 3.0]), 0.5).close((3.0, np.array([0.5, -0.5, 0.0, 0.5])))
with check("any shape: the sum runs over all entries"):
    W = np.array([[1.0, -2.0], [3.0, 0.5], [-0.25, 2.0]])
    expect(l1_penalty, W, 2.0).close((17.5, np.array([[2.0, -2.0], [2.0, 2.0], [-2.0, 2.0]])))
    expect(l1_penalty, np.array([[[3.0]], [[-1.0]]]), 0.1).close((0.4, np.array([[[0.1]], [[-0.1]]])))
with check("where an entry is 0 the gradient is 0, without a warning"):
    W = np.array([[0.0, -0.0, 4.0], [-0.5, 0.0, 0.0]])
    expect(l1_penalty, W, 3.0).close((13.5, np.array([[0.0, 0.0, 3.0], [-3.0, 0.0, 0.0]]))).no_warning()
with check("W is left alone"):
    W = np.array([[4.0, -2.0], [1.0, -6.0]])
    expect(l1_penalty, W, 0.5).close((6.5, np.array([[0.5, -0.5], [0.5, -0.5]]))).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("gradient along random directions, away from 0"):
    W = np.random.default_rng(0).uniform(0.2, 2, (3, 4)) * np.array([1.0, -1.0, -1.0, 1.0])
    gradients(lambda W, lam: lam * np.abs(W).sum(), l1_penalty, W, 0.7, given="loss")
with check("lam = 0 costs nothing, and neither does an empty W"):
    expect(l1_penalty, np.array([1.0, -2.0]), 0.0).close((0.0, np.zeros(2)))
    expect(l1_penalty, np.zeros((0, 3)), 0.5).close((0.0, np.zeros((0, 3)))).no_warning()
    expect(l1_penalty, np.array([-2.0]), 3.0).close((6.0, np.array([-3.0])))
with check("float32 stays float32, integers give the right floats"):
    W = np.array([[1, -2, 0.5], [3, 0, -1.25]], dtype=np.float32)
    expected = reference.l1_penalty(W.astype(float), 0.3)
    expect(l1_penalty, W, 0.3).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    W = np.array([[100, -90], [7, 0]])
    expect(l1_penalty, W, 0.5).close((98.5, np.array([[0.5, -0.5], [0.5, 0.0]])))
with check("equals the reference on random shapes and strengths"):
    rng = np.random.default_rng(1)
    for shape, lam in [((5,), 1e-4), ((2, 3), 10.0), ((2, 3, 4), 0.01), ((3, 1, 2, 2), 1.5)]:
        W = rng.normal(0, 3, shape)
        expect(l1_penalty, W, lam).close(reference.l1_penalty(W, lam))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Elastic net penalty ★ · 7 min

**Given** an array of weights `W`, any shape, the strength `lam` ≥ 0 and the mix `l1_ratio` from 0 to 1, plain numbers,
**return** the tuple `(loss, grad)`: the penalty and its gradient with respect to W, an array of W's shape.

$$ \text{loss} = \lambda \Bigl( r \sum_i \lvert w_i \rvert + \frac{1 - r}{2} \sum_i w_i^2 \Bigr), \qquad
r = \mathrm{l1\_ratio} $$

`lam` stands before both parts. At r = 1 this is the L1 penalty, lam · Σ|w|, at r = 0 the L2 penalty with its ½. As
before, the part of L1 in the gradient is 0 where an entry is 0.

If W is float32, so is the gradient (the loss may be any float). Integers give the right floats. An empty W has loss 0
and an empty gradient. W is not changed.

*Worked number.* W = [1, −2, 0, 3], lam = 0.5, l1_ratio = 0.4: loss = 0.5 · (0.4 · 6 + 0.3 · 14) = 3.3 and
grad = [0.5, −0.8, 0, 1.1].

**What the interviewer is after**: what does each part bring that the other lacks? **Follow-ups**: what does the lasso
do with two equal columns, and what does the elastic net do? Why can the lasso pick at most N features? Where is the
kink of this penalty, and where is it strictly convex? How would you search for lam and the ratio?

<details><summary>Hint 1</summary>Write the L1 penalty and the L2 penalty, each with its own strength. What are the two
strengths?</details>
<details><summary>Hint 2</summary>The ½ belongs to the squares alone, and it is gone after differentiating.</details>
"""

# %% role="solve" id="elastic_net_penalty"
from dlkit.reference.regularization import elastic_net_penalty

# %% role="check" id="elastic_net_penalty-check" points=2
with check("loss and gradient worked by hand"):
    W = np.array([1.0, -2.0, 0.0, 3.0])
    expect(elastic_net_penalty, W, 0.5, 0.4).close((3.3, np.array([0.5, -0.8, 0.0, 1.1])))
with check("l1_ratio 1 is L1, l1_ratio 0 is L2 with its ½"):
    W = np.array([[1.0, -2.0], [3.0, -0.5]])
    expect(elastic_net_penalty, W, 2.0, 1.0).close((13.0, np.array([[2.0, -2.0], [2.0, -2.0]])))
    expect(elastic_net_penalty, W, 2.0, 0.0).close((14.25, 2 * W))
with check("gradient along random directions, away from 0"):
    W = np.random.default_rng(0).uniform(0.2, 2, (3, 4)) * np.array([1.0, -1.0, -1.0, 1.0])

    def plain(W, lam, l1_ratio):
        return lam * (l1_ratio * np.abs(W).sum() + 0.5 * (1 - l1_ratio) * (W**2).sum())

    for l1_ratio in (0.3, 0.8):
        gradients(plain, elastic_net_penalty, W, 0.7, l1_ratio, given="loss")
with check("where an entry is 0 the gradient is 0, without a warning"):
    W = np.array([[0.0, -0.0, 4.0], [-2.0, 0.0, 0.0]])
    expected = (12.0, np.array([[0.0, 0.0, 3.75], [-2.25, 0.0, 0.0]]))
    expect(elastic_net_penalty, W, 1.5, 0.5).close(expected).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("lam stands before both parts: doubling it doubles loss and gradient"):
    W = np.array([1.0, -2.0, 0.0, 3.0])
    for lam in (1.0, 2.0, 0.0):
        expected = (6.6 * lam, lam * np.array([1.0, -1.6, 0.0, 2.2]))
        expect(elastic_net_penalty, W, lam, 0.4).close(expected)
with check("float32 stays float32, integers give the right floats"):
    W = np.array([[1, -2, 0.5], [3, 0, -1.25]], dtype=np.float32)
    expected = reference.elastic_net_penalty(W.astype(float), 0.3, 0.25)
    expect(elastic_net_penalty, W, 0.3, 0.25).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    W = np.array([[10, -9], [7, 0]])
    expect(elastic_net_penalty, W, 0.5, 0.25).close(reference.elastic_net_penalty(1.0 * W, 0.5, 0.25))
with check("W is left alone; an empty W costs nothing"):
    W = np.array([[4.0, -2.0], [1.0, -6.0]])
    expect(elastic_net_penalty, W, 0.5, 0.4).close(reference.elastic_net_penalty(W.copy(), 0.5, 0.4)).unchanged()
    expect(elastic_net_penalty, np.zeros((0, 3)), 0.5, 0.4).close((0.0, np.zeros((0, 3))))
with check("equals the reference on random shapes, strengths and mixes"):
    rng = np.random.default_rng(1)
    for shape, lam, l1_ratio in [((5,), 1e-4, 0.9), ((2, 3), 10.0, 0.15), ((2, 3, 4), 0.01, 0.5), ((3, 1), 1.5, 0.7)]:
        W = rng.normal(0, 3, shape)
        expect(elastic_net_penalty, W, lam, l1_ratio).close(reference.elastic_net_penalty(W, lam, l1_ratio))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a weight at zero
"""

# %% role="question" id="lasso_at_zero" points=1

# %% [markdown]
r"""
## Sparse solutions

### Soft threshold ★★ · 10 min

**Given** an array `w`, any shape, and a threshold `t` ≥ 0, a plain number, **return** an array of w's shape: for each
entry the z that makes this least,

$$ \mathrm{prox}(w) = \arg\min_z \; \tfrac12 (z - w)^2 + t\, \lvert z \rvert $$

This is the proximal operator of t|·|: stay near w, but pay t for each unit of magnitude. It has a closed form, which
you are to find. Think of z > 0, z < 0 and the kink at 0 apart.

The result is **exactly** 0 (0.0 or −0.0) where |w| ≤ t. At t = 0 it is w. It is silent from −10 000 to 10 000. If w is
float32, so is the result; integers give the right floats. An empty w gives an empty result. w is not changed.

*Worked number.* w = [3, −1, 0.5, −2.5], t = 1: the result is [2, 0, 0, −1.5]. For w = 3 the value there is
½ · 1 + 2 = 2.5; staying at z = 3 would cost 3, and z = 0 would cost 4.5.

**What the interviewer is after**: can you minimize a function with a kink, and see where exact zeros come from?
**Follow-ups**: what is the proximal operator of ½ t z², and why does it never give 0? What is w minus the result, and
into which interval does it always fall? How large is the bias on the entries that survive? What is it for several
weights at once, penalized by the length of their vector?

<details><summary>Hint 1</summary>Suppose that the best z is positive. There the function is smooth: set its derivative
to 0. For which w is the z you find really positive?</details>
<details><summary>Hint 2</summary>By symmetry the same happens for negative z. For the w that neither case covers, only
the kink is left.</details>
<details><summary>Hint 3</summary>Every entry moves towards 0 by t, and stops at 0 if it would go past it.</details>
"""

# %% role="solve" id="soft_threshold"
from dlkit.reference.regularization import soft_threshold

# %% role="check" id="soft_threshold-check" points=4
with check("four entries worked by hand"):
    expect(soft_threshold, np.array([3.0, -1.0, 0.5, -2.5]), 1.0).close([2.0, 0.0, 0.0, -1.5])
with check("nothing near the result is better, for either sign"):
    w = np.array([-4.0, -2.1, -1.9, -0.3, 0.0, 0.3, 1.9, 2.1, 4.0])

    def no_better(z, w=w):
        cost = 0.5 * (z - w) ** 2 + 2 * np.abs(z)
        grid = np.linspace(-5, 5, 1001)[:, None]
        return (cost <= 0.5 * (grid - w) ** 2 + 2 * np.abs(grid) + 1e-9).all()

    expect(soft_threshold, w, 2.0).satisfies(no_better, "½ (z − w)² + t·|z| is nowhere less than at the result")
with check("exactly 0 where the magnitude is t or less"):
    w = np.array([0.7, -0.7, 0.69, -0.1, 0.0, 0.71, -1.7])
    found = expect(soft_threshold, w, 0.7).close([0.0, 0.0, 0.0, 0.0, 0.0, 0.01, -1.0])
    found.satisfies(lambda z: (z[:5] == 0).all(), "five exact zeros")
with check("w is left alone, t = 0 changes nothing"):
    w = np.array([[2.0, -0.5], [0.0, -3.0]])
    expect(soft_threshold, w, 0.5).close([[1.5, 0.0], [0.0, -2.5]]).unchanged()
    expect(soft_threshold, w, 0.0).close(w).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("w minus the result is w cut off at −t and t"):
    w = np.random.default_rng(0).normal(0, 3, (6, 5))
    expect(soft_threshold, w, 1.3).close(w - np.clip(w, -1.3, 1.3))
with check("right and silent at ±10 000"):
    w = np.array([-1e4, -710.0, 0.0, 710.0, 1e4])
    expect(soft_threshold, w, 700.0).close([-9300.0, -10.0, 0.0, 10.0, 9300.0]).no_warning()
    expect(soft_threshold, w, 2e4).close(np.zeros(5)).no_warning()
with check("float32 stays float32"):
    w = np.array([[-3, -0.25, 0], [0.5, 2, 1.5]], dtype=np.float32)
    expected = reference.soft_threshold(w.astype(float), 0.6)
    expect(soft_threshold, w, 0.6).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right floats"):
    expect(soft_threshold, np.array([-3, -1, 0, 2, 5]), 1.5).close([-1.5, 0.0, 0.0, 0.5, 3.5])
with check("any shape, empty too: equals the reference"):
    rng = np.random.default_rng(1)
    for shape, t in [((7,), 0.2), ((3, 4), 1.0), ((2, 3, 4), 2.5), ((0, 3), 1.0)]:
        w = rng.normal(0, 2, shape)
        expect(soft_threshold, w, t).close(reference.soft_threshold(w, t)).shape(shape)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Hard threshold ★★ · 8 min

**Given** an array `w`, any shape, and a threshold `t` ≥ 0, a plain number, **return** an array of w's shape:

$$ z_i = \begin{cases} w_i & \text{if } \lvert w_i \rvert > t \\ 0 & \text{otherwise} \end{cases} $$

What survives is not shrunk. An entry of magnitude exactly t becomes 0.

This solves the problem that the soft threshold relaxes: at t = √(2λ) it makes ½ (z − w)² + λ · [z ≠ 0] least for each
entry. Keeping an entry costs λ, dropping it ½ w². (Where both cost the same, we drop.)

If w is float32, so is the result; integers may stay integers or become floats. An empty w gives an empty result. It is
silent from −10 000 to 10 000. w is not changed.

*Worked number.* w = [3, −1, 0.5, −2.5], t = 1: the result is [3, 0, 0, −2.5]. It is what the L0 penalty with λ = ½
would choose: dropping −1 saves ½ and costs ½, and ties are dropped.

**What the interviewer is after**: why magnitude pruning is this operator, and what it does better and worse than the
soft one. **Follow-ups**: which of the two is continuous in w, and why does an optimizer care? Why is minimizing with an
L0 penalty hard, if this is so easy? What happens to the gradient of what was cut off? How would you choose t to keep a
tenth of the weights?

<details><summary>Hint 1</summary>Nothing is computed here, only chosen: which of two values does each entry
get?</details>
<details><summary>Hint 2</summary>A mask of the entries that stay is one comparison. Which side does equality
belong to?</details>
<details><summary>Hint 3</summary>Writing zeros into w changes the caller's array; <code>np.where</code> makes a new
one.</details>
"""

# %% role="solve" id="hard_threshold"
from dlkit.reference.regularization import hard_threshold

# %% role="check" id="hard_threshold-check" points=4
with check("four entries worked by hand"):
    expect(hard_threshold, np.array([3.0, -1.0, 0.5, -2.5]), 1.0).close([3.0, 0.0, 0.0, -2.5])
with check("a magnitude of exactly t becomes 0, for either sign"):
    w = np.array([0.75, -0.75, 0.8, -0.8, 0.7, -0.7])
    expect(hard_threshold, w, 0.75).close([0.0, 0.0, 0.8, -0.8, 0.0, 0.0])
with check("w is left alone, t = 0 changes nothing"):
    w = np.array([[2.0, -0.5], [0.0, -3.0]])
    expect(hard_threshold, w, 0.5).close([[2.0, 0.0], [0.0, -3.0]]).unchanged()
    expect(hard_threshold, w, 0.0).close(w).unchanged()
with check("the L0 penalty's choice at t = √(2λ): keep where λ is less than ½ w²"):
    w = np.array([-3.0, -2.1, -1.9, -1.0, 0.0, 1.0, 1.9, 2.1, 3.0])

    def no_better(z, w=w):
        cost = 0.5 * (z - w) ** 2 + 2 * (z != 0)
        grid = np.linspace(-4, 4, 801)[:, None]
        return (cost <= 0.5 * (grid - w) ** 2 + 2 * (grid != 0) + 1e-9).all()

    found = expect(hard_threshold, w, 2.0).close([-3.0, -2.1, 0.0, 0.0, 0.0, 0.0, 0.0, 2.1, 3.0])
    found.satisfies(no_better, "½ (z − w)² + λ·[z ≠ 0] is nowhere less than at the result, λ = 2")
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("float32 stays float32"):
    w = np.array([[-3, -0.25, 0], [0.5, 2, 1.5]], dtype=np.float32)
    expect(hard_threshold, w, 0.6).close([[-3.0, 0.0, 0.0], [0.0, 2.0, 1.5]]).dtype(np.float32)
with check("integers give the right values"):
    expect(hard_threshold, np.array([-3, -1, 0, 2, 5]), 1.5).close([-3.0, 0.0, 0.0, 2.0, 5.0])
    expect(hard_threshold, np.array([[-3, 2], [-2, 4]]), 2.0).close([[-3.0, 0.0], [0.0, 4.0]])
with check("right and silent at ±10 000"):
    w = np.array([-1e4, -710.0, 0.0, 710.0, 1e4])
    expect(hard_threshold, w, 710.0).close([-1e4, 0.0, 0.0, 0.0, 1e4]).no_warning()
    expect(hard_threshold, w, 1e4).close(np.zeros(5)).no_warning()
with check("applying it twice changes nothing more"):
    w = np.array([3.0, 0.0, 0.0, -2.5, 1.2, 0.9])
    expect(hard_threshold, w, 1.0).close([3.0, 0.0, 0.0, -2.5, 1.2, 0.0])
    expect(hard_threshold, np.array([3.0, 0.0, 0.0, -2.5, 1.2, 0.0]), 1.0).close([3.0, 0.0, 0.0, -2.5, 1.2, 0.0])
with check("any shape, empty too: equals the reference"):
    rng = np.random.default_rng(1)
    for shape, t in [((7,), 0.2), ((3, 4), 1.0), ((2, 3, 4), 2.5), ((0, 3), 1.0)]:
        w = rng.normal(0, 2, shape)
        expect(hard_threshold, w, t).close(reference.hard_threshold(w, t)).shape(shape)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Kept or moved

Both thresholds decide alike which weights are 0. They differ in what they do to the rest: soft thresholding moves every
survivor by t towards 0, which is L1's bias; hard thresholding leaves it alone and pays with a jump at t. L1 is the
convex problem next to counting: on |w| ≤ 1 the function |w| is the largest convex one that is nowhere above the count.
"""

# %% [markdown]
r"""
### Concept question: the same cut, another rest
"""

# %% role="question" id="count_same_cutoff" points=1

# %% [markdown]
r"""
## Solved, not searched

### Ridge regression ★★ · 12 min

**Given** `X` of shape `(N, D)`, `y` of shape `(N,)` and `lam`, a plain number, **return** the weights `w (D,)` that
make this least:

$$ \lVert X w - y \rVert^2 + \lambda \lVert w \rVert^2 $$

No ½ and no 1/N before either part, and no intercept: nothing is centred, every weight is penalized. Setting the
gradient to 0 gives D linear equations.

`lam` > 0, or `lam` = 0 where the columns of X are independent. With lam > 0 there is always one solution, so N < D is
allowed, and columns may be equal.

**Ruled out**: every way to form an inverse: `np.linalg.inv`, `np.linalg.pinv`, `np.linalg.tensorinv`,
`np.linalg.matrix_power`, the class `np.matrix` with its powers and `.I`, and also solving against the identity matrix,
which is an inverse in disguise. Solve for the one right side that you have. This can be seen from outside: on nearly
dependent columns (condition 5·10⁸) a check asks that the gradient at your w, Xᵀ(Xw − y) + λw, be 0 up to 10⁻¹⁰ times
the length of Xᵀy. A solved system is at least ten times better than that, an inverse usually ten times worse.

If X and y are float32, so is w. Integers give the right floats, 8-bit ones too, whose products do not fit into a byte.
X and y are not changed.

*Worked number.* X = [[1, 0], [0, 2], [0, 0]], y = [2, 4, 1]. Least squares gives w = [2, 2]. With lam = 1,
w = [2/2, 8/5] = [1, 1.6]: along a direction of singular value σ the shrinking factor is σ²/(σ² + lam), ½ and ⅘ here.

**What the interviewer is after**: the closed form, and why one says "solve" and not "invert". **Follow-ups**: why is
XᵀX + λI always invertible for λ > 0? Which directions are shrunk most, and why is that what you want? What do you solve
when D is much larger than N? What changes if the loss is a mean?

<details><summary>Hint 1</summary>The gradient is 2Xᵀ(Xw − y) + 2λw. Sort what multiplies w to one side.</details>
<details><summary>Hint 2</summary><code>np.linalg.solve(A, b)</code> takes a vector b. Which matrix is A, and which
vector is b? Mind that <code>np.eye</code> is float64 unless told otherwise.</details>
<details><summary>Hint 3</summary>Another way: λ‖w‖² is the squared error of D more samples, √λ times the identity,
whose targets are 0. Put them below X and y and use least squares. Take √λ with <code>math.sqrt</code>: the result of
<code>np.sqrt</code> is a NumPy float64 and turns float32 into float64.</details>
"""

# %% role="solve" id="ridge"
from dlkit.reference.regularization import ridge

# %% role="check" id="ridge-check" points=4
with check("two directions worked by hand, each with its shrinking factor"):
    X, y = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]), np.array([2.0, 4.0, 1.0])
    expect(ridge, X, y, 1.0).close([1.0, 1.6])
    expect(ridge, X, y, 4.0).close([0.4, 1.0])
    expect(ridge, X, y, 0.0).close([2.0, 2.0])
with check("one feature, and no intercept"):
    X, y = np.array([[1.0], [2.0]]), np.array([2.0, 3.0])
    expect(ridge, X, y, 3.0).close([1.0])
    expect(ridge, X, y, 0.0).close([1.6])
with check("fewer samples than features, and equal columns that share the weight"):
    expect(ridge, np.array([[1.0, 2.0, 2.0]]), np.array([10.0]), 1.0).close([1.0, 2.0, 2.0])
    X, y = np.array([[1.0, 1.0], [2.0, 2.0]]), np.array([3.0, 4.0])
    expect(ridge, X, y, 1.0).close([1.0, 1.0])
with check("X and y are left alone"):
    X, y = np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 1.0]]), np.array([1.0, -1.0, 3.0])
    expect(ridge, X, y, 2.0).close([-20 / 31, 18 / 31]).unchanged()
with check("no function that forms an inverse"):
    forbid(
        ridge,
        "numpy.linalg.inv",
        "numpy.linalg.pinv",
        "numpy.linalg.tensorinv",
        "numpy.linalg.matrix_power",
        "numpy.matrix",
        "numpy.asmatrix",
        "numpy.bmat",
        "scipy.linalg.inv",
        "scipy.linalg.pinv",
    )
    expect(ridge, np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([2.5, 4.0]), 1.0).close([1.0, 2.0])
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("an inverse in disguise loses digits: nearly dependent columns, the gradient at w is 0"):
    s, lam = np.geomspace(1, 3e-5, 6), 1e-9
    for seed in range(8):
        rng = np.random.default_rng(seed)
        U = np.linalg.qr(rng.standard_normal((12, 6)))[0]
        V = np.linalg.qr(rng.standard_normal((6, 6)))[0]
        X, y = (U * s) @ V.T, U[:, 0].copy()

        def flat(w, X=X, y=y, lam=lam):
            return np.linalg.norm(X.T @ (X @ w - y) + lam * w) <= 1e-10 * np.linalg.norm(X.T @ y)

        found = expect(ridge, X, y, lam).close(V[:, 0] / (1 + lam), atol=1e-4)
        found.satisfies(flat, "X'(Xw − y) + lam·w is 0 up to 1e-10 of X'y, as a solved system has it, and no inverse")
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((9, 3)).astype(np.float32), rng.standard_normal(9).astype(np.float32)
    expected = reference.ridge(X.astype(float), y.astype(float), 1.5)
    expect(ridge, X, y, 1.5).close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right floats, bytes (int8) too"):
    X, y = np.array([[100, -3], [90, 40], [-7, 120]]), np.array([50, -60, 100])
    expected = reference.ridge(1.0 * X, 1.0 * y, 2.0)
    expect(ridge, X, y, 2.0).close(expected)
    expect(ridge, X.astype(np.int8), y.astype(np.int8), 2.0).close(expected)
with check("a large lam shrinks all weights, in the end as X'y / lam"):
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((8, 4)), rng.standard_normal(8) + 2
    for lam in (1e-3, 1.0, 1e3):
        expect(ridge, X, y, lam).close(reference.ridge(X, y, lam))
    expect(ridge, X, y, 1e9).close(X.T @ y / 1e9, rtol=1e-6, atol=1e-15)
with check("equals the reference on random shapes: N less than, equal to and above D"):
    rng = np.random.default_rng(4)
    for N, D, lam in [(3, 6, 0.5), (5, 5, 2.0), (20, 4, 0.1), (1, 1, 1.0), (7, 1, 3.0)]:
        X, y = rng.standard_normal((N, D)) + 0.5, rng.standard_normal(N) - 1
        expect(ridge, X, y, lam).close(reference.ridge(X, y, lam))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Ridge's condition number ★★ · 8 min

**Given** `X` of shape `(N, D)` and `lam` ≥ 0, a plain number, **return** one number, the condition number of the matrix
that ridge regression solves with, $X^\top X + \lambda I$, its largest eigenvalue over its smallest:

$$ \kappa = \frac{\lambda_{\max}(X^\top X) + \lambda}{\lambda_{\min}(X^\top X) + \lambda} $$

XᵀX is D × D and has D eigenvalues. If N < D, some of them are 0, and they count: the matrix is then singular but for
lam. The matrix you get is never singular: with lam = 0 the columns of X are independent.

Integers give the right number, 8-bit ones too, whose products do not fit into a byte. X is not changed. Nothing is
ruled out. Where κ is large its last digits are lost to rounding, so the values are judged to six digits, at κ up to
10⁶.

*Worked number.* X = [[1, 0], [0, 2], [0, 0]]: XᵀX has eigenvalues 1 and 4, so κ = 4, 2.5 and 1.3 for lam = 0, 1 and 9.
X = [[1, 2]], N < D: the eigenvalues are 5 and 0, and lam = 0.1 gives κ = 5.1/0.1 = 51.

**What the interviewer is after**: adding lam to every eigenvalue hardly moves the large ones and lifts the small ones.
**Follow-ups**: how is κ of XᵀX related to that of X, and what does it cost to form XᵀX? How fast does gradient descent
converge at a given κ? How many digits does a solver lose? What does κ tend to as lam grows, and what is the price?

<details><summary>Hint 1</summary>Adding λI leaves the eigenvectors alone. What does it do to each eigenvalue?</details>
<details><summary>Hint 2</summary>The eigenvalues of XᵀX are the squares of the singular values of X, and 0 for the rest
if X has fewer rows than columns.</details>
<details><summary>Hint 3</summary><code>np.linalg.cond</code> of the whole matrix is the same thing, as it is
symmetric and positive definite.</details>
"""

# %% role="solve" id="condition_number"
from dlkit.reference.regularization import condition_number

# %% role="check" id="condition_number-check" points=4
with check("three strengths worked by hand"):
    X = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    expect(condition_number, X, 0.0).close(4.0)
    expect(condition_number, X, 1.0).close(2.5)
    expect(condition_number, X, 9.0).close(1.3)
with check("fewer samples than features: the eigenvalues 0 count"):
    expect(condition_number, np.array([[1.0, 2.0]]), 0.1).close(51.0)
    expect(condition_number, np.array([[1.0, 2.0]]), 5.0).close(2.0)
with check("it falls to 1 as lam grows, just as the formula says"):
    X = np.array([[3.0, 3.0], [3.0, 3.0], [1.0, -1.0]])  # eigenvalues 36 and 2
    for lam in (0.0, 0.5, 2.0, 32.0, 1e4):
        expect(condition_number, X, lam).close((36 + lam) / (2 + lam))
with check("X is left alone, one column has condition 1"):
    X = np.array([[2.0, 0.0], [0.0, 1.0]])
    expect(condition_number, X, 0.5).close(3.0).unchanged()
    expect(condition_number, np.array([[2.0], [-1.0]]), 0.0).close(1.0)
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("nearly dependent columns: 10⁶ without lam, and lam cures it"):
    rng = np.random.default_rng(0)
    U, V = np.linalg.qr(rng.standard_normal((8, 3)))[0], np.linalg.qr(rng.standard_normal((3, 3)))[0]
    X = (U * np.array([1.0, 0.1, 1e-3])) @ V.T
    for lam, expected in [(0.0, 1e6), (1e-4, 1.0001 / 1.01e-4), (0.1, 1.1 / 0.100001)]:
        expect(condition_number, X, lam).close(expected, rtol=1e-5)
with check("a row of X, repeated columns, zeros: lam alone holds the matrix up"):
    expect(condition_number, np.array([[1.0, 1.0], [2.0, 2.0]]), 2.0).close(6.0)
    expect(condition_number, np.zeros((2, 3)), 0.7).close(1.0)
    expect(condition_number, np.array([[1.0, 2.0, 2.0]]), 0.01).close(901.0)
with check("integers give the right number, bytes (int8) too"):
    X = np.array([[100, -3], [90, 40], [-7, 120]])
    expected = reference.condition_number(1.0 * X, 2.0)
    expect(condition_number, X, 2.0).close(expected)
    expect(condition_number, X.astype(np.int8), 2.0).close(expected)
with check("equals the reference on random shapes and strengths"):
    rng = np.random.default_rng(4)
    for N, D, lam in [(3, 6, 0.5), (5, 5, 2.0), (20, 4, 0.1), (30, 4, 0.0), (4, 5, 7.0)]:
        X = rng.standard_normal((N, D)) + 0.5
        expect(condition_number, X, lam).close(reference.condition_number(X, lam))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a condition number to order
"""

# %% role="question" id="ridge_condition_target" points=1

# %% [markdown]
r"""
### The lasso by ISTA ★★★ · 18 min

**Given** `X` of shape `(N, D)`, not all 0, `y` of shape `(N,)`, `lam` ≥ 0 and the number `steps` ≥ 0, **return** the
weights `w (D,)` after that many steps of ISTA (iterative shrinkage–thresholding) on

$$ F(w) = \tfrac12 \lVert X w - y \rVert^2 + \lambda \lVert w \rVert_1 $$

The square is smooth, the rest has kinks. One step treats each as it deserves: a gradient step on the square alone, of
size s, then the proximal operator of the rest:

$$ w \leftarrow S_{s\lambda}\bigl(w - s\, X^\top (X w - y)\bigr), \qquad s = \frac{1}{\sigma_{\max}(X)^2}, \qquad
S_t(v) = \mathrm{sign}(v) \max(\lvert v \rvert - t,\, 0) $$

Start at w = 0, so `steps` = 0 returns zeros. $\sigma_{\max}$ is the largest singular value of X. Note the ½ before the
square, the missing 1/N, and that the threshold has the step size in it. Keep to these steps: no momentum, no stopping
early, no other way to the same minimum, for the steps themselves are compared.

Two promises hold, and are checked: a weight that the threshold takes is **exactly** 0, and F never rises from one step
to the next.

N < D is allowed. If X and y are float32, so is w. Integers give the right floats. X and y are not changed. Define
your own soft threshold here, or write it in the line. A Python loop over the steps is what is meant.

*Worked number.* X = [[1, 0], [0, 2]], y = [3, 1], lam = 1: s = ¼. The first gradient is [−3, −2], so v = [0.75, 0.5],
and w = [0.5, 0.25]. After the second step w = [0.875, 0.25]. F falls: 5, 4, 3.50781, towards 2.875 at w = [2, 0.25].

**What the interviewer is after**: split the objective, and say why this step size cannot overshoot. **Follow-ups**: why
is subgradient descent worse, in speed and in zeros? From which lam on are all weights 0? What does FISTA add, and what
does it lose? When is coordinate descent better?

<details><summary>Hint 1</summary>Write one step as two lines: v, by an ordinary gradient step on the square, then w
from v. Only the second knows of lam.</details>
<details><summary>Hint 2</summary>The curvature of the square is largest along the first singular vector of X, where
it is the square of the largest singular value. <code>np.linalg.norm(X, 2)</code> is that singular value.</details>
<details><summary>Hint 3</summary>The proximal step solves ½ (z − v)² + s·lam·|z|, for the whole objective is measured
in units of 1/s: the threshold is s times lam.</details>
"""

# %% role="solve" id="lasso_ista"
from dlkit.reference.regularization import lasso_ista

# %% role="check" id="lasso_ista-check" points=6
with check("the first two steps worked by hand; 0 steps give zeros"):
    X, y = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 1.0])
    expect(lasso_ista, X, y, 1.0, 1).close([0.5, 0.25])
    expect(lasso_ista, X, y, 1.0, 2).close([0.875, 0.25])
    expect(lasso_ista, X, y, 1.0, 0).close([0.0, 0.0])
with check("orthonormal columns: one step arrives at the soft threshold of X'y"):
    X = np.array([[0.6, -0.8], [0.8, 0.6], [0.0, 0.0]])
    for steps in (1, 5):
        expect(lasso_ista, X, np.array([5.0, 1.0, 7.0]), 1.5, steps).close([2.3, -1.9])
    expect(lasso_ista, X, np.array([1.0, 2.0, 3.0]), 0.5, 3).close([1.7, 0.0])
with check("exact zeros where the threshold took a weight, after every step"):
    X, y = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 0.25])
    for steps, first in [(1, 0.5), (2, 0.875), (20, 2 - 2 * 0.75**20)]:
        found = expect(lasso_ista, X, y, 1.0, steps).close([first, 0.0])
        found.satisfies(lambda w: w[1] == 0, "w[1] is exactly 0")
with check("the objective never rises from step to step", weight=2):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((12, 5)) + 0.5, 3 * rng.standard_normal(12)
    F = 0.5 * (y**2).sum()
    for steps in range(1, 13):

        def no_more(w, X=X, y=y, before=F):
            return 0.5 * ((X @ w - y) ** 2).sum() + 2 * np.abs(w).sum() <= before * (1 + 1e-12)

        found = expect(lasso_ista, X, y, 2.0, steps)
        found.satisfies(no_more, f"an objective not above {F:.6g}, what it was a step before")
        w = np.asarray(found.value, dtype=float)
        F = float(0.5 * ((X @ w - y) ** 2).sum() + 2 * np.abs(w).sum())
    found.satisfies(lambda w: (w != 0).any(), "weights that have left 0")
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("X and y are left alone, step after step"):
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((6, 3)), 2 * rng.standard_normal(6)
    for steps in (1, 2, 3, 7):
        expect(lasso_ista, X, y, 0.4, steps).close(reference.lasso_ista(X, y, 0.4, steps)).unchanged()
with check("lam = 0 is plain gradient descent on the square"):
    X, y = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]]), np.array([3.0, 2.0, 1.0])
    expect(lasso_ista, X, y, 0.0, 1).close([4 / 3, 5 / 3])
    expect(lasso_ista, X, y, 0.0, 200).close([1.0, 2.0])
with check("from the largest entry of |X'y| on all weights are 0, below it they are not"):
    X, y = np.array([[2.0, -1.0, 1.0], [1.0, 1.0, 0.0]]), np.array([1.0, -3.0])  # X'y = [−1, −4, 1]
    for lam in (4.01, 100.0):
        expect(lasso_ista, X, y, lam, 10).close(np.zeros(3))
    expect(lasso_ista, X, y, 3.5, 10).close(reference.lasso_ista(X, y, 3.5, 10))
with check("after many steps: the slope of the square is lam where w is not 0, and at most lam where it is"):
    rng = np.random.default_rng(2)
    X = rng.standard_normal((30, 6))
    y = X @ np.array([3.0, 0.0, 0.0, -2.0, 0.0, 0.5]) + 0.3 * rng.standard_normal(30)

    def solves(w, X=X, y=y):
        slope = X.T @ (y - X @ w)
        kept = w != 0
        return np.abs(slope[kept] - 8 * np.sign(w[kept])).max() < 1e-6 and np.abs(slope[~kept]).max() <= 8

    found = expect(lasso_ista, X, y, 8.0, 400).close(reference.lasso_ista(X, y, 8.0, 400))
    found.satisfies(solves, "the conditions for a minimum of the objective, at lam = 8")
with check("float32 stays float32, integers give the right floats"):
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((9, 4)).astype(np.float32), rng.standard_normal(9).astype(np.float32)
    expected = reference.lasso_ista(X.astype(float), y.astype(float), 0.7, 6)
    expect(lasso_ista, X, y, 0.7, 6).close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
    X, y = np.array([[3, -1], [0, 2], [1, 1]]), np.array([4, -5, 2])
    expect(lasso_ista, X, y, 1.5, 4).close(reference.lasso_ista(1.0 * X, 1.0 * y, 1.5, 4))
with check("equals the reference on random shapes, N below D too"):
    rng = np.random.default_rng(4)
    for N, D, lam, steps in [(4, 9, 0.5, 3), (5, 5, 2.0, 8), (20, 3, 0.1, 5), (1, 1, 0.2, 2), (6, 12, 1.0, 30)]:
        X, y = rng.standard_normal((N, D)), 2 * rng.standard_normal(N)
        expect(lasso_ista, X, y, lam, steps).close(reference.lasso_ista(X, y, lam, steps))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: no zero at all
"""

# %% role="question" id="lasso_without_zeros" points=1

# %% [markdown]
r"""
### Experiment: the two balls

To minimize data loss plus a penalty is to minimize the data loss within a ball of the norm; a larger λ means a smaller
ball. Two weights, one data loss with its least point at the star. Your `lasso_ista` and your `ridge` find the solution
for λ = 1.2 (black), and for 41 values of λ from 100 to 0.01 (orange). The shaded ball is the one that has the black
point on its rim; the green line is the contour of the data loss through it.

*Make a prediction*: both orange paths start at 0 and end at the star. Which one runs along an axis? Does L2 set a
weight to exactly 0 anywhere on its way?
"""

# %% role="demo" id="experiment-balls"
from dlkit.lab import experiment, figure

with experiment(), figure("The diamond is met at its corner, the circle anywhere", columns=2, height=4.8) as panels:
    curvature, best = np.array([[1.0, 0.3], [0.3, 1.6]]), np.array([0.6, 1.5])
    X = np.linalg.cholesky(curvature).T  # X'X = curvature, so the data loss is ½ ‖Xw − y‖²
    y = X @ best
    grid = np.stack(np.meshgrid(np.linspace(-1.3, 1.7, 151), np.linspace(-1.3, 2.2, 176)), axis=-1)  # (176, 151, 2)
    bowl = 0.5 * ((grid @ X.T - y) ** 2).sum(axis=-1)
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lambdas = np.geomspace(0.01, 100, 41)
    for panel, name, lam, ball, solve in [
        (panels[0], "L1", 1.2, corners, lambda lam: lasso_ista(X, y, lam, 100)),
        (panels[1], "L2", 1.2, circle, lambda lam: ridge(X, y, lam)),
    ]:
        w = solve(lam)
        size = np.abs(w).sum() if name == "L1" else np.sqrt((w**2).sum())
        touched = 0.5 * ((X @ w - y) ** 2).sum()
        path = np.array([[0.0, 0.0], *[solve(value) for value in lambdas[::-1]], best])
        panel.contour(*grid.T, bowl.T, [0.05, 0.3, 2 * touched, 3.2 * touched], colors="0.75", linewidths=1)
        panel.contour(*grid.T, bowl.T, [touched], colors="C2", linewidths=2)
        panel.fill(*(size * ball).T, facecolor="#e6f0f7", edgecolor="C0", linewidth=2)
        panel.plot(*path.T, "C1", linewidth=2.5, label="solutions, all λ")
        panel.plot(*w, "ko", markersize=8, label=f"solution at λ = {lam:g}", zorder=5)
        panel.plot(*best, "k*", markersize=11, label="least data loss", zorder=5)
        panel.axhline(0, color="0.4", linewidth=0.8)
        panel.axvline(0, color="0.4", linewidth=0.8)
        panel.set(aspect="equal", xlabel="first weight", ylabel="second weight", ylim=(-1.6, 2.2), title=f"{name} ball")
        panel.legend(loc="lower right", fontsize=8)
        on_axis = int((path[1:-1, 0] == 0).sum())
        print(f"{name}: w = [{w[0] + 0:.2f}, {w[1]:.2f}]; first weight exactly 0 at {on_axis} of {len(lambdas)} λ")

    rng, zeros = np.random.default_rng(0), {"L1": 0, "L2": 0}
    for _ in range(50):  # it need not be this bowl: 50 random ones in 10 dimensions
        X, y = rng.normal(0, 1, (20, 10)), rng.normal(0, 1, 20)
        lam = 0.5 * np.abs(X.T @ y).max()  # half of what makes all weights 0
        zeros["L1"] += int((lasso_ista(X, y, lam, 100) == 0).sum())
        zeros["L2"] += int((ridge(X, y, lam) == 0).sum())
    print(f"50 random losses, 10 weights each: exact zeros L1 {zeros['L1'] / 5:.0f} %, L2 {zeros['L2'] / 5:.0f} %")

# %% [markdown]
r"""
**What it shows.** The green contour touches the diamond at its corner, and there the first weight is 0: w = [0, 0.86].
It touches the circle at [0.36, 0.88], a point like any other. As λ falls, the L1 path climbs the axis, and leaves it
only when the pull of the data on the first weight exceeds λ: the weight is exactly 0 at 22 of the 41 values. On the L2
path it is never 0.

That is not luck with one bowl. Over 50 random losses with 10 weights, with λ at half of what makes all weights 0, L1
sets 69 % of the weights to exactly 0, and L2 not one.

**What to say in an interview.** “The L1 ball has corners on the axes, and contours of the loss tend to touch it there;
the L2 ball is round. In formulas: at 0 the slope of λ|w| jumps from −λ to λ, so it holds any pull up to λ. The slope of
L2 fades at 0 and holds nothing.”
"""

# %% [markdown]
r"""
### Concept question: why sparse

To be answered in words, as at a whiteboard. Aim at three explanations, and at what each leaves open.
"""

# %% role="answer" id="lasso_why_sparse" points=2

# %% [markdown]
r"""
### Experiment: the path of the lasso and the path of ridge

40 rows and 20 features, of which 3 count, with weights 3, −2 and 1.5. The second feature is a near copy of the first
(correlation 0.95), and counts for nothing itself. The other 16 are noise. Each panel shows all weights against λ; the
right one shows the error on 2,000 new rows.

*Make a prediction*: what does each method do with the copy? Which has the lower error, and would that be so if all 20
features counted a little?
"""

# %% role="demo" id="experiment-paths"
from dlkit.lab import experiment, figure

with experiment(), figure("Lasso switches features off, ridge shares", columns=3, width=12) as (left, middle, right):
    rng = np.random.default_rng(2)
    true = np.zeros(20)  # 17 of 20 features do not count, and feature 1 is a near copy of feature 0
    true[[0, 3, 6]] = 3, -2, 1.5

    def rows(n, true):
        X = rng.normal(0, 1, (n, 20))
        X[:, 1] = 0.95 * X[:, 0] + math.sqrt(1 - 0.95**2) * X[:, 1]
        return X, X @ true + rng.normal(0, 2, n)

    X, y = rows(40, true)
    X_new, y_new = rows(2000, true)
    lambdas = np.geomspace(0.1, 1000, 33)
    for panel, name, solve in [
        (left, "lasso", lambda lam: lasso_ista(X, y, lam, 300)),
        (middle, "ridge", lambda lam: ridge(X, y, lam)),
    ]:
        path = np.array([solve(lam) for lam in lambdas])  # (33, 20)
        error = ((X_new @ path.T - y_new[:, None]) ** 2).mean(axis=0)
        at = int(error.argmin())
        for j, label, style in [
            (0, "counts (3)", "C0-"),
            (1, "its copy (0)", "C1--"),
            (3, "counts (−2)", "C2-"),
            (6, "counts (1.5)", "C3-"),
        ]:
            panel.semilogx(lambdas, path[:, j], style, label=label)
        noise = [j for j in range(20) if j not in (0, 1, 3, 6)]
        panel.semilogx(lambdas, path[:, noise], color="0.6", linewidth=0.8, label=["noise (0)"] + [None] * 15)
        panel.axvline(lambdas[at], color="0.3", linewidth=1, linestyle=":")
        panel.set(xlabel="λ", ylabel="weight", ylim=(-2.6, 3.6), title=f"{name} (dotted: best λ)")
        right.loglog(lambdas, error, "C0-" if name == "lasso" else "C1--", label=name)
        right.plot(lambdas[at], error[at], "ko", markersize=6)
        w = path[at]
        print(f"{name}: at its best λ = {lambdas[at]:.1f} new error {error[at]:.1f}, ", end="")
        print(f"{np.count_nonzero(w)} of 20 weights not 0; first pair {w[0]:.1f} and {w[1]:.1f}")
    print(f"without a penalty: new error {((X_new @ ridge(X, y, 0.0) - y_new) ** 2).mean():.1f}")
    best = {"lasso": 0.0, "ridge": 0.0}
    for _ in range(6):  # and if all 20 features count a little?
        dense = rng.choice([-0.87, 0.87], 20)  # as long a vector as before
        X, y = rows(40, dense)
        X_new, y_new = rows(2000, dense)
        for name, solve in [("lasso", lasso_ista), ("ridge", ridge)]:
            steps = (200,) if name == "lasso" else ()
            path = np.array([solve(X, y, lam, *steps) for lam in np.geomspace(1, 60, 9)])
            best[name] += ((X_new @ path.T - y_new[:, None]) ** 2).mean(axis=0).min() / 6
    print(f"if all 20 count alike, mean of 6 draws: best lasso {best['lasso']:.1f}, best ridge {best['ridge']:.1f}")
    right.axhline(4, color="0.4", linewidth=1, linestyle=":")
    right.text(0.1, 4.1, "noise in y", color="0.35", fontsize=8.5)
    right.set(xlabel="λ", ylabel="mean squared error, new rows", title="2,000 new rows", yticks=[4, 6, 10, 16])
    right.set_yticks([4, 6, 10, 16], labels=["4", "6", "10", "16"])
    right.minorticks_off()
    left.legend(loc="upper right", fontsize=8)
    right.legend(loc="upper left")

# %% [markdown]
r"""
**What it shows.** The lasso takes features out one by one, until at λ of about 100 none is left. Ridge shrinks them all
and takes out none. At its best λ the lasso has 10 weights that are not 0: the three right ones, and seven of noise. So
the λ that predicts best is not the λ that finds the true features: it keeps too many.

*The copy*: the lasso gives the first feature 2.6 and the copy 0. Ridge shares, 1.5 and 1.1, since of all pairs
with the same sum two equal weights have the least sum of squares. Which of two near copies the lasso keeps may depend
on the noise; the elastic net tends to keep both.

*The error* on new rows is 8.4 without a penalty, 7.2 with the best ridge and 4.9 with the best lasso; 4 is the noise in
y. The lasso wins because the truth is sparse here. Where all 20 features count alike, 0.87 or −0.87 each, a vector of
the same length, ridge is ahead: 6.7 against 7.1, over six draws.

**What to say in an interview.** “L1 when I believe that few features count or want a small model; L2 when many count a
little or features are correlated; elastic net for correlated groups with selection.”
"""

# %% [markdown]
r"""
### A constrained minimum, with its multipliers ★★★ · 15 min

**Given** `a (D,)`, `B (K, D)` and `c (K,)`, where K ≥ 1 and the rows of B are independent (so K ≤ D), **return** the
tuple `(x, m)`: the point `x (D,)` nearest to a among those that meet K linear constraints, and the Lagrange multipliers
`m (K,)`:

$$ \min_x \; \tfrac12 \lVert x - a \rVert^2 \quad \text{with} \quad B x = c $$

The sign of m is a convention. Here the Lagrangian is

$$ L(x, m) = \tfrac12 \lVert x - a \rVert^2 + m^\top (B x - c) $$

with a **plus** before m. At the solution both its derivatives are 0, and these two conditions (with equality
constraints they are the KKT conditions) are what is checked: $x - a + B^\top m = 0$ and $B x = c$.

The rows of B are of any length and at any angle to each other. K may equal D, then the constraints alone fix x. If all
three are float32, so are both results; integers give the right floats. No argument is changed. Nothing is ruled out.

*Worked number.* a = [2, 0], B = [[1, 1]], c = [4]: x = [3, 1] and m = [−1]. Indeed x − a = [1, 1], and adding
Bᵀm = [−1, −1] gives 0. With c = [4 + δ] for a small δ, the minimum would rise by −m δ = δ: −m is the constraint's
price.

**What the interviewer is after**: from a constrained problem to a linear system, by way of the Lagrangian.
**Follow-ups**: what does a multiplier tell you about the constraint? What changes when the constraint is Bx ≤ c? Which
penalty strength in ½‖x − a‖² + λ · (…) gives the same x as a constraint on a norm? Where did you see this in the
support vector machine?

<details><summary>Hint 1</summary>Write down the derivative of L by x and by m. Both are linear in (x, m).</details>
<details><summary>Hint 2</summary>Either solve the D + K equations at once, as one block matrix, or express x by m first
and put it into Bx = c.</details>
<details><summary>Hint 3</summary>With x = a − Bᵀm the constraint becomes a K × K system for m, whose matrix is BBᵀ. Its
right side holds Ba and c; mind the sign.</details>
"""

# %% role="solve" id="lagrange_minimize"
from dlkit.reference.regularization import lagrange_minimize

# %% role="check" id="lagrange_minimize-check" points=6
with check("one constraint worked by hand: the point and the sign of its multiplier"):
    a, B = np.array([2.0, 0.0]), np.array([[1.0, 1.0]])
    expect(lagrange_minimize, a, B, np.array([4.0])).close((np.array([3.0, 1.0]), np.array([-1.0])))
    expect(lagrange_minimize, a, B, np.array([-2.0])).close((np.array([0.0, -2.0]), np.array([2.0])))
with check("the point alone: the nearest on a plane whose normal is not of length 1"):
    found = expect(lagrange_minimize, np.array([1.0, 2.0, 3.0]), np.array([[2.0, 1.0, 2.0]]), np.array([-8.0]))
    found.part(0).close([-3.0, 0.0, -1.0])
    found.part(1).close([2.0])
with check("two constraints at an angle: x − a + B'm = 0 and Bx = c"):
    a, c = np.array([1.0, -2.0, 0.5, 3.0]), np.array([2.0, 1.0])
    B = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, -1.0, 2.0]])

    def stationary(result, a=a, B=B):
        x, m = result
        return np.abs(x - a + B.T @ m).max() < 1e-8

    def met(result, B=B, c=c):
        return np.abs(B @ result[0] - c).max() < 1e-8

    found = expect(lagrange_minimize, a, B, c)
    found.satisfies(met, "Bx = c").satisfies(stationary, "x − a + B'm = 0").unchanged()
with check("a that meets the constraints already stays, its multipliers are 0"):
    B = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]])
    a = np.array([1.0, 2.0, 3.0])
    expect(lagrange_minimize, a, B, np.array([3.0, 7.0])).close((a, np.zeros(2)), atol=1e-8)
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("as many constraints as unknowns: B and c alone decide x"):
    B, c = np.array([[2.0, 1.0], [0.0, 4.0]]), np.array([4.0, 8.0])
    for a in (np.array([0.0, 0.0]), np.array([5.0, -3.0])):
        m = np.linalg.solve(B.T, a - np.array([1.0, 2.0]))
        expect(lagrange_minimize, a, B, c).close((np.array([1.0, 2.0]), m))
    expect(lagrange_minimize, np.array([3.0]), np.array([[2.0]]), np.array([2.0])).close((np.ones(1), np.ones(1)))
with check("orthogonal rows of length 1: every multiplier is its own violation"):
    a, B = np.array([4.0, -1.0, 2.0]), np.array([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    expected = (np.array([4 - 0.6 * 1.1, -1 - 0.8 * 1.1, 5.0]), np.array([1.1, -3.0]))
    expect(lagrange_minimize, a, B, np.array([0.5, 5.0])).close(expected)
with check("float32 stays float32: x and the multipliers"):
    rng = np.random.default_rng(0)
    a, B, c = (rng.standard_normal(shape).astype(np.float32) for shape in [(6,), (2, 6), (2,)])
    expected = reference.lagrange_minimize(a.astype(float), B.astype(float), c.astype(float))
    expect(lagrange_minimize, a, B, c).close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right floats, the arguments are left alone"):
    a, B, c = np.array([3, -1, 4]), np.array([[1, 2, 0], [0, 1, -3]]), np.array([2, 7])
    expected = reference.lagrange_minimize(1.0 * a, 1.0 * B, 1.0 * c)
    expect(lagrange_minimize, a, B, c).close(expected).unchanged()
    expect(lagrange_minimize, 1.0 * a, 1.0 * B, 1.0 * c).close(expected).unchanged()
with check("equals the reference on random sizes"):
    rng = np.random.default_rng(5)
    for K, D in [(1, 5), (2, 3), (3, 8), (4, 6)]:
        a, B, c = rng.standard_normal(D), rng.standard_normal((K, D)) + np.eye(K, D) * 2, rng.standard_normal(K)
        expect(lagrange_minimize, a, B, c).close(reference.lagrange_minimize(a, B, c))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Dropout

### Dropout, forwards and backwards ★★ · 12 min

Two functions. **Given** `x`, the probability `p` of *dropping*, `training` and a generator `rng`, `dropout_forward`
**returns** `(out, mask)`. In training every entry, independently of all others, is dropped with probability p. What is
kept is divided by 1 − p at once; this is called *inverted* dropout:

$$ \text{out}_i = \frac{m_i}{1 - p}\, x_i, \qquad P(m_i = 0) = p, \qquad \frac{\partial L}{\partial x_i} =
\frac{m_i}{1 - p}\, \text{dout}_i $$

`mask` is **boolean**, has x's shape, and is True where an entry is kept (also where x is 0). It is not scaled. At test
(`training` False) nothing is dropped and nothing scaled: the results are x and `None`.

**Given** `dout`, the forward's `mask` and `p`, `dropout_backward` **returns** `dx`: the same entries are dropped, the
same factor applies. With `mask` None (the forward ran at test) it returns dout as it is.

p goes from 0 (nothing is dropped) to 1, where out and dx are zeros, not NaN, and the mask is False everywhere. Any
shape with at least one axis is allowed, an empty one too. float32 stays float32, integers in x give the right floats,
and no argument is changed.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* x = [1, 2, 3, 4], p = 0.2, and the second entry is dropped: out = [1.25, 0, 3.75, 5]. With dout =
[1, 1, 2, −1] the gradient is [1.25, 0, 2.5, −1.25].

**What the interviewer is after**: why divide by 1 − p in training, and why must the backward not draw again?
**Follow-ups**: what does `model.eval()` change here? Is the variance of out kept too? What goes wrong if the mask is
read from out ≠ 0 after a ReLU? Why does a gradient check fail on a network with dropout, and how do you make it pass?

<details><summary>Hint 1</summary><code>rng.random(x.shape)</code> gives a number in [0, 1) for each entry. Which
comparison with p is true with probability 1 − p?</details>
<details><summary>Hint 2</summary>A boolean mask divided by a Python float is a float64 array. To keep float32, scale x
by a Python number and choose with <code>np.where(mask, …, 0.0)</code>.</details>
<details><summary>Hint 3</summary>At p = 1 there is no 1 / (1 − p): take 0 for the factor there. The backward is the
forward's last line with dout for x.</details>
"""

# %% role="solve" id="dropout_forward"
from dlkit.reference.regularization import dropout_backward, dropout_forward

# %% role="check" id="dropout_forward-check" points=4
with check("p is the probability of dropping: about 3000 of 10 000 entries are 0 at p = 0.3"):
    x = np.random.default_rng(0).uniform(1, 2, (100, 100))
    found = expect(dropout_forward, x, 0.3, True, np.random.default_rng(1)).part(0).shape((100, 100))
    found.satisfies(
        lambda out: abs((out == 0).sum() - 7000) > 260,
        "about 3000 of 10 000 entries 0; yours has about 7000: p is the probability of dropping here, not of keeping",
    )
    found.satisfies(lambda out: abs((out == 0).sum() - 3000) <= 260, "2740 to 3260 of 10 000 entries 0 at p = 0.3")
with check("what is kept is divided by 1 − p, once"):
    x = np.random.default_rng(2).uniform(1, 2, (10, 10))
    found = expect(dropout_forward, x, 0.2, True, np.random.default_rng(3)).part(0).shape((10, 10))
    for k, named in [
        (1, "not scaled at all: inverted dropout scales in training"),
        (5, "divided by p"),
        (0.8, "multiplied by 1 − p"),
        (0.2, "multiplied by p"),
        (1.5625, "scaled twice"),
    ]:
        found.satisfies(
            lambda out, x=x, k=k: not (out.any() and np.allclose(out[out != 0], k * x[out != 0])),
            f"what is kept is x / (1 − 0.2) = 1.25 · x; yours is {k} · x: {named}",
        )
    found.satisfies(
        lambda out, x=x: out.any() and np.allclose(out, np.where(out != 0, 1.25 * x, 0)),
        "every entry 0 or x / (1 − 0.2) = 1.25 · x",
    )
with check("the mask is boolean and True where an entry is kept, also where x is 0"):
    x = np.random.default_rng(4).normal(0, 1, (20, 30))
    x[:, :10] = 0
    found = expect(dropout_forward, x, 0.4, True, np.random.default_rng(5))
    found.part(1).shape((20, 30)).satisfies(
        lambda mask: np.asarray(mask).dtype != bool or (np.asarray(mask) == 0)[:, :10].mean() < 0.7,
        "about 60 % True where x is 0 as well: the mask says what was drawn, not where out is 0",
    )
    found.part(1).satisfies(
        lambda mask: mask.dtype == bool and 0.4 < mask[:, :10].mean() < 0.8 and 0.4 < mask[:, 10:].mean() < 0.8,
        "booleans, of which about 60 % are True",
    )
    found.satisfies(
        lambda both, x=x: np.allclose(both[0], np.where(both[1], x / 0.6, 0)), "out = x / 0.6 where mask is True"
    )
with check("at test x comes back, with None for the mask, and dout passes as it is", weight=2):
    x, dout = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[0.5, 1.0], [-1.0, 2.0]])
    expect(dropout_forward, x, 0.6, False, np.random.default_rng(6)).close((x, None)).unchanged()
    expect(dropout_backward, dout, None, 0.6).close(dout).unchanged()
with check("the backward worked by hand: the forward's mask and its factor"):
    mask = np.array([True, False, True, True])
    dout = np.array([1.0, 1.0, 2.0, -1.0])
    expect(dropout_backward, dout, mask, 0.2).close([1.25, 0.0, 2.5, -1.25]).unchanged()
    expect(dropout_backward, dout[:, None], mask[:, None], 0.75).close([[4.0], [0.0], [8.0], [-4.0]])
with check("every draw comes from rng: no np.random function, no generator of your own"):
    x = np.full((40, 50), 3.0)
    expect(dropout_forward, x, 0.5, True, np.random.default_rng(7)).satisfies(
        lambda both: 800 < (both[0] == 0).sum() < 1200 and np.allclose(both[0][both[0] != 0], 6),
        "about 1000 of 2000 entries 0, the others 3 / 0.5 = 6",
    )
    forbid(
        dropout_forward, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("each entry is dropped on its own: whole rows, columns or samples do not fall together"):
    x = np.random.default_rng(8).uniform(1, 2, (100, 100))
    found = expect(dropout_forward, x, 0.3, True, np.random.default_rng(9)).part(0).shape((100, 100))
    found.satisfies(
        lambda out: 2690 < ((out[:, ::2] == 0) == (out[:, 1::2] == 0)).sum() < 3110,
        "two neighbours in a row share their fate in 58 % of the pairs, as independent draws at p = 0.3 do",
    )
    found.satisfies(
        lambda out: 2690 < ((out[::2] == 0) == (out[1::2] == 0)).sum() < 3110,
        "two samples share an entry's fate in 58 % of the cases, as independent draws at p = 0.3 do",
    )
    counts = [(found.value[0] == 0).sum()]
    for seed in (10, 11, 12):
        found = expect(dropout_forward, x, 0.3, True, np.random.default_rng(seed)).part(0).shape((100, 100))
        counts.append((found.value[0] == 0).sum())
    found.satisfies(
        lambda out, counts=counts: abs((out == 0).sum() - 3000) <= 260 and len(set(counts)) > 1,
        "about 3000 entries 0, and not the same number each time: every entry decides for itself",
    )
with check("the same seed gives the same result, another seed another"):
    x = np.random.default_rng(13).uniform(1, 2, (30, 40))
    first = expect(dropout_forward, x, 0.5, True, np.random.default_rng(14)).value
    expect(dropout_forward, x, 0.5, True, np.random.default_rng(14)).close(first).satisfies(
        lambda both, x=x: np.allclose(both[0], np.where(both[1], 2 * x, 0)), "out = x / 0.5 where kept"
    )
    expect(dropout_forward, x, 0.5, True, np.random.default_rng(15)).part(1).shape((30, 40)).satisfies(
        lambda mask, first=first: not np.array_equal(mask, first[1]), "another mask from another seed"
    )
with check("p = 0 keeps everything, p = 1 gives zeros and no NaN, forwards and backwards"):
    x, dout = np.array([[1.0, -2.0, 0.0], [4.0, 5.0, 6.0]]), np.array([[0.5, 1.0, 2.0], [-1.0, 2.0, 3.0]])
    all_true, none_true = np.full((2, 3), True), np.full((2, 3), False)
    expect(dropout_forward, x, 0.0, True, np.random.default_rng(16)).close((x, all_true))
    expect(dropout_backward, dout, all_true, 0.0).close(dout)
    expect(dropout_forward, x, 1.0, True, np.random.default_rng(17)).close((np.zeros((2, 3)), none_true))
    expect(dropout_backward, dout, none_true, 1.0).close(np.zeros((2, 3)))
with check("float32 stays float32, integers in x give the right floats"):
    x = np.random.default_rng(18).integers(1, 9, (20, 30))
    expect(dropout_forward, x, 0.4, True, np.random.default_rng(19)).satisfies(
        lambda both, x=x: both[1].any() and np.allclose(both[0], np.where(both[1], x / 0.6, 0)), "x / 0.6 where kept"
    )
    small = x.astype(np.float32)
    found = expect(dropout_forward, small, 0.4, True, np.random.default_rng(20))
    found.satisfies(
        lambda both, x=x: both[1].any() and np.allclose(both[0], np.where(both[1], x / 0.6, 0), rtol=1e-5),
        "x / 0.6 where kept",
    )
    found.part(0).dtype(np.float32)
    mask = x > 4
    expected = np.where(mask, x / 0.6, 0)
    expect(dropout_backward, small, mask, 0.4).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("x, dout and mask are left alone, whatever their shape: (7,), (2, 3, 4), (0, 3)"):
    for shape in [(7,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(21).uniform(1, 2, shape)
        mask = x > 1.4
        expect(dropout_forward, x, 0.5, True, np.random.default_rng(22)).satisfies(
            lambda both, x=x: (
                both[0].shape == x.shape == both[1].shape and np.allclose(both[0], np.where(both[1], 2 * x, 0))
            ),
            "out and mask of x's shape, out = x / 0.5 where kept",
        ).unchanged()
        expect(dropout_backward, x - 1.5, mask, 0.8).close(np.where(mask, (x - 1.5) / 0.2, 0)).unchanged()
with check("the gradient along a random direction is the slope of the forward with the same mask"):
    rng = np.random.default_rng(23)
    x, v, dout = rng.normal(0, 1, (6, 7)), rng.normal(0, 1, (6, 7)), rng.normal(0, 1, (6, 7))
    values = []
    for moved in (x, x + v):
        found = expect(dropout_forward, moved, 0.3, True, np.random.default_rng(24))
        found.satisfies(
            lambda both, x=moved: both[1].dtype == bool and np.allclose(both[0], np.where(both[1], x / 0.7, 0)),
            "out = x / 0.7 where the boolean mask is True, else 0",
        )
        values.append(found.value)
    (here, mask), (there, _) = values
    slope = float((dout * (there - here)).sum())  # exact: with its mask fixed, the forward is linear
    expect(dropout_backward, dout, mask, 0.3).satisfies(
        lambda dx, v=v, slope=slope: dx.shape == v.shape and np.isclose((dx * v).sum(), slope),
        "the slope of the sum of dout · out along a random direction, the mask being that of the forward",
    ).close(np.where(mask, dout / 0.7, 0))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the same image, twice
"""

# %% role="question" id="drop_two_answers" points=1

# %% [markdown]
r"""
### Dropout by weight scaling ★★ · 6 min

Dropout as it was first published leaves training alone and pays at test. **Given** `x`, the probability `p` of
*dropping*, `training` and `rng`, **return** an array of x's shape:

$$ \text{out}_i = \begin{cases} m_i\, x_i, \quad P(m_i = 0) = p & \text{in training} \\ (1 - p)\, x_i & \text{at test}
\end{cases} $$

In training each entry is dropped on its own, and what is kept is not scaled. At test nothing is dropped. p goes from 0
to 1, both included: at p = 1 both results are zeros.

Any shape with at least one axis. float32 stays float32. Integers in x are allowed; at test they give the right floats.
x is not changed.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* x = [1, 2, 3, 4], p = 0.2: in training perhaps [1, 0, 3, 4], at test always [0.8, 1.6, 2.4, 3.2].

**What the interviewer is after**: the two conventions agree in expectation; why does everybody use the other one?
**Follow-ups**: for which networks is the scaled pass exactly the mean over all masks, and for which only close to it?
What happens if you train one way and deploy the other? The paper's p is the probability of keeping: how do you notice?

<details><summary>Hint 1</summary>What is the expectation of what the next layer sees in training? Test time must give
it the same.</details>
<details><summary>Hint 2</summary>Two branches: one draws and does not scale, one scales and does not draw.</details>
"""

# %% role="solve" id="dropout_weight_scaling"
from dlkit.reference.regularization import dropout_weight_scaling

# %% role="check" id="dropout_weight_scaling-check" points=4
with check("at test every entry is (1 − p) · x, and nothing is dropped", weight=2):
    x = np.array([[1.0, 2.0], [-3.0, 4.0]])
    expect(dropout_weight_scaling, x, 0.2, False, np.random.default_rng(0)).close([[0.8, 1.6], [-2.4, 3.2]])
    expect(dropout_weight_scaling, x, 0.7, False, np.random.default_rng(0)).close([[0.3, 0.6], [-0.9, 1.2]])
with check("in training what is kept is x itself"):
    x = np.random.default_rng(1).uniform(1, 2, (10, 10))
    found = expect(dropout_weight_scaling, x, 0.2, True, np.random.default_rng(2)).shape((10, 10))
    for k, named in [(1.25, "inverted dropout"), (5, "divided by p"), (0.8, "test time's factor"), (0.2, "times p")]:
        found.satisfies(
            lambda out, x=x, k=k: not (out.any() and np.allclose(out[out != 0], k * x[out != 0])),
            f"what is kept is x as it is; yours is {k} · x: {named}",
        )
    found.satisfies(
        lambda out, x=x: out.any() and not out.all() and np.allclose(out, np.where(out != 0, x, 0)),
        "entries that are x or 0, some of either",
    )
with check("p is the probability of dropping: about 3000 of 10 000 entries are 0 at p = 0.3"):
    x = np.random.default_rng(3).uniform(1, 2, (100, 100))
    found = expect(dropout_weight_scaling, x, 0.3, True, np.random.default_rng(4)).shape((100, 100))
    found.satisfies(
        lambda out: abs((out == 0).sum() - 7000) > 260,
        "about 3000 of 10 000 entries 0; yours has about 7000: p is the probability of dropping here, not of keeping",
    )
    found.satisfies(lambda out: abs((out == 0).sum() - 3000) <= 260, "2740 to 3260 of 10 000 entries 0 at p = 0.3")
with check("every draw comes from rng: no np.random function, no generator of your own"):
    expect(dropout_weight_scaling, np.full((40, 50), 3.0), 0.5, True, np.random.default_rng(5)).satisfies(
        lambda out: 800 < (out == 0).sum() < 1200 and (out[out != 0] == 3).all(), "about half of the entries 3, else 0"
    )
    forbid(
        dropout_weight_scaling, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("each entry is dropped on its own"):
    x = np.random.default_rng(6).uniform(1, 2, (100, 100))
    found = expect(dropout_weight_scaling, x, 0.3, True, np.random.default_rng(7)).shape((100, 100))
    found.satisfies(
        lambda out: 2690 < ((out[:, ::2] == 0) == (out[:, 1::2] == 0)).sum() < 3110,
        "two neighbours in a row share their fate in 58 % of the pairs, as independent draws at p = 0.3 do",
    )
    found.satisfies(
        lambda out: 2690 < ((out[::2] == 0) == (out[1::2] == 0)).sum() < 3110,
        "two samples share an entry's fate in 58 % of the cases, as independent draws at p = 0.3 do",
    )
with check("the same seed gives the same result, another seed another; at test all are alike"):
    x = np.random.default_rng(8).uniform(1, 2, (30, 40))
    first = expect(dropout_weight_scaling, x, 0.5, True, np.random.default_rng(9)).value
    expect(dropout_weight_scaling, x, 0.5, True, np.random.default_rng(9)).close(first)
    expect(dropout_weight_scaling, x, 0.5, True, np.random.default_rng(10)).shape((30, 40)).satisfies(
        lambda out, first=first: not np.array_equal(out, first), "another result from another seed"
    )
    for seed in (9, 10):
        expect(dropout_weight_scaling, x, 0.5, False, np.random.default_rng(seed)).close(x / 2)
with check("p = 0 and p = 1, in training and at test"):
    x = np.array([[1.0, -2.0, 3.0]])
    for training in (True, False):
        expect(dropout_weight_scaling, x, 0.0, training, np.random.default_rng(11)).close(x)
        expect(dropout_weight_scaling, x, 1.0, training, np.random.default_rng(11)).close(0 * x)
with check("float32 stays float32, integers are right, x is left alone"):
    x = np.random.default_rng(12).integers(1, 9, (5, 40))
    expect(dropout_weight_scaling, x, 0.4, False, np.random.default_rng(13)).close(0.6 * x).unchanged()
    small = expect(dropout_weight_scaling, x.astype(np.float32), 0.4, False, np.random.default_rng(13))
    small.close(0.6 * x, rtol=1e-5, atol=1e-6).dtype(np.float32)
    for data in (x, x.astype(np.float32)):
        found = expect(dropout_weight_scaling, data, 0.4, True, np.random.default_rng(14)).shape((5, 40)).unchanged()
        found.satisfies(lambda out, x=x: out.any() and ((out == x) | (out == 0)).all(), "x or 0 everywhere, not all 0")
    found.dtype(np.float32)
with check("any shape: (7,), (2, 3, 4), (0, 3)"):
    for shape in [(7,), (2, 3, 4), (0, 3)]:
        x = np.random.default_rng(15).uniform(1, 2, shape)
        expect(dropout_weight_scaling, x, 0.5, True, np.random.default_rng(16)).shape(shape).satisfies(
            lambda out, x=x: ((out == x) | (out == 0)).all(), "x or 0 everywhere"
        )
        expect(dropout_weight_scaling, x, 0.75, False, np.random.default_rng(16)).close(0.25 * x)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Monte Carlo dropout ★★ · 8 min

Leave dropout on at test, predict many times, and the spread says how unsure the network is. **Given** a function
`predict`, an input `x`, the number `samples` ≥ 1 and `rng`, **return** `(mean, std)` over the predictions, entry by
entry:

$$ \bar y = \frac1S \sum_{s=1}^{S} y_s, \qquad \text{std} = \sqrt{\frac1S \sum_{s=1}^{S} (y_s - \bar y)^2}, \qquad
y_s = \text{predict}(x, \text{rng}) $$

The sum of squares is divided by S, not S − 1 (`ddof=0`), so that one sample gives std 0. `predict(x, rng)` is called
exactly `samples` times, each time with x as it is and with the very `rng` you were given: it draws its noise from
there, and goes on where the last call stopped. You draw nothing yourself.

A prediction is an array of any shape, not always x's. Both results have its shape. float32 predictions give float32.
x is not changed.

*Worked number.* Three predictions [1, 5], [2, 5] and [6, 5]: the mean is [3, 5], the standard deviation [2.160247, 0]
(with S − 1 it would be 2.645751).

**What the interviewer is after**: the mean is an ensemble's answer at the price of one network; what is the spread
worth? **Follow-ups**: which kind of uncertainty does it measure, the model's or the data's? Is the mean equal to the
plain pass at test? How does the spread depend on p, and who chose p? Why must batch norm stay in test mode meanwhile?

<details><summary>Hint 1</summary>Collect the predictions in a list.</details>
<details><summary>Hint 2</summary><code>np.stack</code> makes one array of them with the samples as axis 0; mean and std
are then methods, over that axis only.</details>
"""

# %% role="solve" id="mc_dropout"
from dlkit.reference.regularization import mc_dropout

# %% role="check" id="mc_dropout-check" points=4
# What predict draws from rng in another process does not move the answer's rng there: so here the noise of S samples is
# a cycle of S values, of which any S calls in a row use each once.
from itertools import cycle

with check("mean and std of three predictions worked by hand, divided by S, entry by entry"):
    three = cycle([np.array([1.0, 5.0]), np.array([2.0, 5.0]), np.array([6.0, 5.0])])
    met = expect(mc_dropout, lambda x, rng, y=three: next(y), np.zeros(4), 3, np.random.default_rng(1))
    met.asked(lambda calls: len(calls) == 3, "exactly 3 calls of predict")
    met.close(([3.0, 5.0], [2.1602468995, 0.0]), atol=1e-7)
with check("predict is called exactly samples times, with x as it is"):
    x = np.random.default_rng(2).normal(0, 1, (3, 4))
    for samples in (1, 2, 9):
        noise = [np.random.default_rng(seed).normal(1, 1, (3, 4)) for seed in range(samples)]
        y = np.stack([x * e for e in noise])
        turns = cycle(noise)
        met = expect(mc_dropout, lambda x, rng, e=turns: x * next(e), x, samples, np.random.default_rng(3))
        met.asked(lambda calls, n=samples: len(calls) == n, f"exactly {samples} calls of predict")
        met.asked(lambda calls, x=x: all(np.array_equal(call.args[0], x) for call in calls), "x itself in every call")
        met.close((y.mean(axis=0), y.std(axis=0)), atol=1e-7).unchanged()
with check("predict gets the very rng that you were given"):

    def single(x, rng):
        return x + rng.normal(0, 1, x.shape)

    x, given = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.random.default_rng(4).bit_generator.state
    met = expect(mc_dropout, single, x, 1, np.random.default_rng(4))
    met.asked(
        lambda calls, state=given: calls[0].args[1].bit_generator.state == state,
        "rng itself in the call of predict, and nothing drawn from it before",
    )
    met.close((x + np.random.default_rng(4).normal(0, 1, (3, 2)), np.zeros((3, 2))))
    turns = cycle([1.0, 3.0])
    met = expect(mc_dropout, lambda x, rng, e=turns: x * next(e), x, 2, np.random.default_rng(4))
    met.asked(lambda calls: len(calls) == 2, "exactly 2 calls of predict")
    met.asked(
        lambda calls, state=given: calls[0].args[1].bit_generator.state == state,
        "rng itself in the first call of predict",
    )
    met.close((2 * x, x), atol=1e-7)
with check("one sample: the prediction itself, and std 0"):
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    met = expect(mc_dropout, lambda x, rng: 2 * x, x, 1, np.random.default_rng(6))
    met.close((2 * x, np.zeros((3, 2))))
### BEGIN HIDDEN TESTS
with check("a prediction's shape need not be x's: (N, D) in, (N, K) out, and a stack of maps"):
    x = np.random.default_rng(7).normal(0, 1, (5, 3))
    weights = [np.random.default_rng(seed).normal(0, 1, (3, 2)) for seed in range(6)]
    y = np.stack([x @ W for W in weights])
    turns = cycle(weights)
    met = expect(mc_dropout, lambda x, rng, W=turns: x @ next(W), x, 6, np.random.default_rng(8))
    met.asked(lambda calls: len(calls) == 6, "exactly 6 calls of predict")
    met.close((y.mean(axis=0), y.std(axis=0)), atol=1e-7)
    maps = [np.random.default_rng(seed).normal(2, 3, (2, 1, 3, 2)) for seed in range(4)]
    turns = cycle(maps)
    met = expect(mc_dropout, lambda x, rng, m=turns: next(m), x, 4, np.random.default_rng(9))
    met.asked(lambda calls: len(calls) == 4, "exactly 4 calls of predict")
    met.close((np.mean(maps, axis=0), np.std(maps, axis=0)), atol=1e-7)
with check("float32 predictions give float32"):
    x = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
    keep = [np.random.default_rng(seed).integers(0, 2, (2, 3)).astype(np.float32) for seed in range(8)]
    y = np.stack([x * m for m in keep]).astype(float)
    turns = cycle(keep)
    met = expect(mc_dropout, lambda x, rng, m=turns: x * next(m), x, 8, np.random.default_rng(10))
    met.asked(lambda calls: len(calls) == 8, "exactly 8 calls of predict")
    met.close((y.mean(axis=0), y.std(axis=0)), rtol=1e-5, atol=2e-3).dtype(np.float32)
with check("rng moves on from one prediction to the next"):
    x = np.ones(4)
    met = expect(mc_dropout, lambda x, rng: x + rng.normal(size=4), x, 50, np.random.default_rng(12))
    met.part(1).satisfies(lambda std: np.shape(std) == (4,) and np.min(std) > 0.3, "std about 1: 50 predictions differ")
with check("60 samples of dropout: mean and spread of exactly these"):
    x = np.array([1.0, -4.0, 3.0])
    masks = [2.0 * (np.random.default_rng(seed).random(3) < 0.5) for seed in range(60)]
    y = np.stack([x * m for m in masks])
    turns = cycle(masks)
    met = expect(mc_dropout, lambda x, rng, m=turns: x * next(m), x, 60, np.random.default_rng(11))
    met.asked(lambda calls: len(calls) == 60, "exactly 60 calls of predict")
    met.close((y.mean(axis=0), y.std(axis=0)), atol=1e-7)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### The network of the experiments

The next experiments train small networks on scikit-learn's digits, and here is all their code. You wrote each part of
it in earlier units. What is new is one line: behind each hidden ReLU stands your `dropout_forward`, and on the way back
your `dropout_backward`.
"""

# %% role="given" id="network"
from itertools import pairwise


class Network:
    """Dense layers, a ReLU and dropout behind each but the last. The loss is the mean softmax cross-entropy.

    widths: units per layer, inputs first; p: the probability of dropping a hidden unit, 0 for no dropout.
    """

    def __init__(self, widths, rng, p=0.0):
        self.p, self.rng = p, rng
        self.weights = [rng.normal(0, np.sqrt(2 / n), (n, m)) for n, m in pairwise(widths)]
        self.biases = [np.zeros(m) for m in widths[1:]]

    def probabilities(self, x, training=False, rng=None):
        """(N, classes). In training each call draws new masks."""
        self.tape = []  # what the way back needs: each layer's input, the slope and the mask before it
        slope = mask = None
        for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            if i > 0:
                slope, x = x > 0, np.maximum(x, 0)
                if self.p > 0:
                    x, mask = dropout_forward(x, self.p, training, rng or self.rng)
            self.tape.append((x, slope, mask))
            x = x @ W + b  # (N, M)
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def descend(self, x, y, rate):
        """One step of gradient descent; returns the loss before it, measured with the masks of this step."""
        probabilities = self.probabilities(x, training=True)
        d = (probabilities - (np.arange(probabilities.shape[1]) == y[:, None])) / len(y)
        for i in reversed(range(len(self.weights))):
            x, slope, mask = self.tape[i]
            dW, db = x.T @ d, d.sum(axis=0)
            if i > 0:
                d = d @ self.weights[i].T  # before the weights move
                d = slope * (dropout_backward(d, mask, self.p) if self.p > 0 else d)
            self.weights[i] = self.weights[i] - rate * dW
            self.biases[i] = self.biases[i] - rate * db
        return cross_entropy(probabilities, y)


def cross_entropy(probabilities, y):
    """Mean over the rows of −log of the right class's probability."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(y)), y], 1e-12)).mean())


# %% [markdown]
r"""
### Experiment: dropout as an ensemble

A network with 128 hidden units learns 200 digits, with half of its hidden units dropped at every step. Every mask is
another thinned network, and all of them share their weights.

- Left: your `mc_dropout` averages 1 to 32 of these thinned networks on 1,000 new digits. The dashed line is the usual
  way at test time: one pass with nothing dropped.
- Right: the standard deviation over 32 masks of the chosen class's probability, and how many answers are wrong.

*Make a prediction*: is one thinned network much worse than the line? How many have to be averaged to reach it? And can
the spread tell which answers not to trust?
"""

# %% role="demo" id="experiment-dropout-ensemble"
from dlkit.lab import digits, experiment, figure

with experiment(), figure("One pass at test stands for a crowd of thinned networks", columns=2) as (left, right):
    images, labels = digits()
    order = np.random.default_rng(0).permutation(len(labels))
    X, y = images[order[:200]], labels[order[:200]]
    X_new, y_new = images[order[797:]], labels[order[797:]]  # 1,000 others

    def trained(p, seed=0, steps=500):
        rng = np.random.default_rng(seed)
        net = Network([64, 128, 10], rng, p)
        for _ in range(steps):
            batch = rng.choice(len(y), 50, replace=False)
            net.descend(X[batch], y[batch], 0.3)
        return net

    def wrong(probabilities):
        return 100 * (probabilities.argmax(axis=1) != y_new).mean()

    net = trained(p=0.5)
    one_pass = net.probabilities(X_new)

    def predict(x, rng):
        return net.probabilities(x, training=True, rng=rng)

    rng, counts = np.random.default_rng(1), [1, 2, 4, 8, 16, 32]
    errors = [[wrong(mc_dropout(predict, X_new, k, rng)[0]) for _ in range(max(2, 16 // k))] for k in counts]
    left.semilogx(counts, [np.mean(error) for error in errors], "o-", label="mean of so many thinned networks")
    left.axhline(wrong(one_pass), color="C1", linestyle="--", label="one pass, nothing dropped")
    left.set(xlabel="thinned networks averaged", ylabel="new digits misread (%)", title="200 training digits")
    left.set_xticks(counts, labels=[str(k) for k in counts])
    left.minorticks_off()
    left.set(ylim=(0, None))
    left.legend(loc="lower right")

    mean, std = mc_dropout(predict, X_new, 32, rng)
    chosen = mean.argmax(axis=1)
    spread = std[np.arange(len(chosen)), chosen]
    edges = np.array([0, 0.1, 0.2, 0.3])
    groups = np.digitize(spread, edges) - 1
    shares = [100 * (chosen != y_new)[groups == g].mean() for g in range(4)]
    ranges = ["< 0.1", "0.1–0.2", "0.2–0.3", "> 0.3"]
    names = [f"{name}\n({(groups == g).sum()} digits)" for g, name in enumerate(ranges)]
    right.bar(names, shares, width=0.7, color="C2")
    right.set(xlabel="std of the chosen class's probability, 32 masks", ylabel="misread among these (%)")
    right.set(title="where they disagree, the answer is worth less")
    print(f"misread: one thinned network {np.mean(errors[0]):.1f} %, mean of 32 {np.mean(errors[-1]):.1f} %, ", end="")
    print(f"one pass {wrong(one_pass):.1f} %, trained without dropout {wrong(trained(0.0).probabilities(X_new)):.1f} %")
    same = 100 * (one_pass.argmax(axis=1) == chosen).mean()
    print(f"one pass against the mean of 32: {same:.0f} % same answers, ", end="")
    print(f"probabilities {np.abs(one_pass - mean).mean():.3f} apart on average")
    sure, unsure = spread < 0.1, spread > 0.2
    for name, rows in [("below 0.1", sure), ("above 0.2", unsure)]:
        print(f"std {name}: {(chosen != y_new)[rows].sum()} of {rows.sum()} misread")

# %% [markdown]
r"""
**What it shows.** One thinned network misreads 9.8 % of the new digits, the mean of 32 only 5.8 %. One pass with
nothing dropped gets 5.9 %, for the price of one: 99 % of its answers are those of the 32, and its probabilities differ
from theirs by 0.012 on average. The same network trained without dropout misreads 6.5 %, on this seed; on 1,000
digits a difference of this size is no proof.

*Why one pass will do.* For dropout right before a softmax layer, the pass with nothing dropped gives the normalized
*geometric* mean of all thinned networks exactly, weighted by their probabilities (here all equal). It is near the
arithmetic mean, which `mc_dropout` takes. With several hidden layers both statements are approximations.

*The spread is worth something.* Where the thinned networks agree (std below 0.1), 2 of 526 answers are wrong. Where
they do not (std above 0.2), it is 57 of 222, about a quarter. So one can hand the second kind to a person.

**What to say in an interview.** “Dropout trains an exponential number of thinned networks that share weights, and the
test pass approximates their average. It differs from bagging: the members are not independent, and most are never
trained at all. Leaving it on at test gives a spread, which is a rough measure of the model's uncertainty.”
"""

# %% [markdown]
r"""
### Concept question: a forgotten factor
"""

# %% role="question" id="drop_forgotten_scaling" points=1

# %% [markdown]
r"""
## The dropout family

### DropConnect ★★ · 8 min

Dropout removes units; DropConnect removes single weights. **Given** `x` (N, D), `W` (D, M), `b` (M,), the probability
`p` of *dropping* (0 ≤ p < 1) and `rng`, **return** `(out, mask)`: a dense layer in training whose weights are each
dropped on their own, and otherwise divided by 1 − p:

$$ \text{out} = x \left( \frac{M \odot W}{1 - p} \right) + b, \qquad P(M_{ij} = 0) = p $$

`mask` has shape (D, M), is **boolean**, and True where a weight is kept; it is not scaled. `out` has shape (N, M). The
bias is neither dropped nor scaled. One mask is drawn in a call and serves the whole batch: equal rows of x give equal
rows of out. N may be 0 or 1.

float32 stays float32, integers in x and W give the right floats, and no argument is changed.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* x = [[1, 2]], W = [[1, 2], [3, 4]], b = [10, 20], p = 0.2, and only the weight 3 is dropped: out =
[[11.25, 32.5]]. At p = 0 it is [[17, 30]].

**What the interviewer is after**: what does the mask belong to, and what of it is left in the gradient of W?
**Follow-ups**: the paper draws a mask for each sample; what does that cost in memory? How is test time done here, how
in the paper? Is dropout on x a special case? Why is the bias left out?

<details><summary>Hint 1</summary>The mask has the shape of W, not that of x or out.</details>
<details><summary>Hint 2</summary>Scale the weights before the product, so that the bias is not divided.</details>
<details><summary>Hint 3</summary><code>np.where(mask, W, 0.0)</code> keeps float32; a boolean array divided by a float
is float64.</details>
"""

# %% role="solve" id="dropconnect_forward"
from dlkit.reference.regularization import dropconnect_forward

# %% role="check" id="dropconnect_forward-check" points=4
with check("out is x @ (kept weights / (1 − p)) + b, with the mask that is returned"):
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(0, 1, (4, 5)), rng.normal(0, 1, (5, 6)), rng.normal(0, 1, 6)
    found = expect(dropconnect_forward, x, W, b, 0.4, np.random.default_rng(1))
    found.part(0).shape((4, 6))
    found.part(1).shape((5, 6))
    found.satisfies(lambda both: both[1].dtype == bool and 0 < both[1].sum() < 30, "a boolean mask, some weights kept")
    for k, named in [(1, "not scaled"), (2.5, "divided by p"), (0.6, "multiplied by 1 − p")]:
        found.satisfies(
            lambda both, x=x, W=W, b=b, k=k: not np.allclose(both[0], x @ (k * W * both[1]) + b),
            f"kept weights divided by 1 − 0.4; yours are {named}",
        )
    found.satisfies(
        lambda both, x=x, W=W, b=b: (
            not np.allclose(both[0], (x @ (W * both[1]) + b) / 0.6)
            and not np.allclose(both[0], x @ (W * both[1]) / 0.6 + b / 0.6)
        ),
        "the bias as it is; yours is divided by 1 − p too",
    )
    found.satisfies(
        lambda both, x=x, W=W, b=b: np.allclose(both[0], x @ (W * both[1] / 0.6) + b), "x @ (W · mask / 0.6) + b"
    )
with check("p is the probability of dropping: about 3000 of 10 000 weights fall at p = 0.3"):
    W = np.random.default_rng(2).uniform(1, 2, (100, 100))
    found = expect(dropconnect_forward, np.eye(100), W, np.zeros(100), 0.3, np.random.default_rng(3))
    found.part(0).shape((100, 100)).satisfies(
        lambda out: abs((out == 0).sum() - 7000) > 260,
        "about 3000 of 10 000 weights dropped; yours are about 7000: p is the probability of dropping, not of keeping",
    )
    found.part(0).satisfies(
        lambda out, W=W: abs((out == 0).sum() - 3000) <= 260 and np.allclose(out[out != 0], W[out != 0] / 0.7),
        "2740 to 3260 of 10 000 weights 0 at p = 0.3, the others W / 0.7",
    )
with check("one mask for the whole batch: equal rows in, equal rows out"):
    rng = np.random.default_rng(4)
    x, W, b = np.ones((5, 30)), rng.uniform(1, 2, (30, 20)), rng.normal(0, 1, 20)
    found = expect(dropconnect_forward, x, W, b, 0.5, np.random.default_rng(5)).part(0).shape((5, 20))
    found.satisfies(
        lambda out: np.allclose(out, out[0]), "five equal rows; yours differ: every sample has a mask of its own"
    )
    found.satisfies(
        lambda out, W=W, b=b: (out > b).all() and (out <= 2 * W.sum(axis=0) + b + 1e-9).all(),
        "sums of weights that were doubled or dropped, plus b",
    )
with check("p = 0 is the dense layer itself, and the bias is never dropped"):
    rng = np.random.default_rng(6)
    x, W, b = rng.normal(0, 1, (3, 4)), rng.normal(0, 1, (4, 2)), np.array([3.0, -5.0])
    expect(dropconnect_forward, x, W, b, 0.0, np.random.default_rng(7)).close((x @ W + b, np.full((4, 2), True)))
    found = expect(dropconnect_forward, 0 * x, W, b, 0.9, np.random.default_rng(8))
    found.part(0).close(np.array([[3.0, -5.0]] * 3))
with check("every draw comes from rng: no np.random function, no generator of your own"):
    found = expect(dropconnect_forward, np.eye(50), np.ones((50, 40)), np.zeros(40), 0.5, np.random.default_rng(9))
    found.part(0).shape((50, 40)).satisfies(
        lambda out: 800 < (out == 0).sum() < 1200 and np.allclose(out[out != 0], 2), "about half 0, the others 1 / 0.5"
    )
    forbid(
        dropconnect_forward, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("each weight is dropped on its own: units do not fall as a whole", weight=2):
    W = np.random.default_rng(10).uniform(1, 2, (100, 100))
    found = expect(dropconnect_forward, np.eye(100), W, np.zeros(100), 0.3, np.random.default_rng(11)).part(0)
    found.shape((100, 100)).satisfies(
        lambda out: 2690 < ((out[:, ::2] == 0) == (out[:, 1::2] == 0)).sum() < 3110,
        "two weights of an input unit share their fate in 58 % of the pairs, as independent draws at p = 0.3 do",
    )
    found.satisfies(
        lambda out: 2690 < ((out[::2] == 0) == (out[1::2] == 0)).sum() < 3110,
        "two weights into an output unit share their fate in 58 % of the pairs, as independent draws at p = 0.3 do",
    )
with check("the same seed gives the same result, another seed another"):
    rng = np.random.default_rng(12)
    x, W, b = rng.normal(0, 1, (3, 20)), rng.normal(0, 1, (20, 30)), rng.normal(0, 1, 30)
    first = expect(dropconnect_forward, x, W, b, 0.5, np.random.default_rng(13)).value
    expect(dropconnect_forward, x, W, b, 0.5, np.random.default_rng(13)).close(first)
    expect(dropconnect_forward, x, W, b, 0.5, np.random.default_rng(14)).part(1).shape((20, 30)).satisfies(
        lambda mask, first=first: not np.array_equal(mask, first[1]), "another mask from another seed"
    )
with check("float32 stays float32, integers give the right floats, nothing is changed"):
    rng = np.random.default_rng(15)
    x, W, b = rng.integers(-3, 4, (4, 6)), rng.integers(1, 5, (6, 3)), rng.integers(-3, 4, 3)
    for kind in (int, np.float32):
        found = expect(
            dropconnect_forward, x.astype(kind), W.astype(kind), b.astype(kind), 0.3, np.random.default_rng(16)
        ).unchanged()
        found.satisfies(
            lambda both, x=x, W=W, b=b: np.allclose(both[0], x @ (W * both[1] / 0.7) + b, rtol=1e-4, atol=1e-4),
            "x @ (W · mask / 0.7) + b",
        )
    found.part(0).dtype(np.float32)
with check("one sample, one input unit, one output unit, no sample"):
    for N, D, M in [(1, 4, 3), (5, 1, 3), (5, 4, 1), (0, 4, 3)]:
        rng = np.random.default_rng(17)
        x, W, b = rng.normal(0, 1, (N, D)), rng.uniform(1, 2, (D, M)), rng.normal(0, 1, M)
        found = expect(dropconnect_forward, x, W, b, 0.4, np.random.default_rng(18))
        found.part(0).shape((N, M))
        found.part(1).shape((D, M))
        found.satisfies(
            lambda both, x=x, W=W, b=b: np.allclose(both[0], x @ (W * both[1] / 0.6) + b), "x @ (W · mask / 0.6) + b"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Spatial dropout ★★ · 6 min

Neighbouring pixels of a feature map say much the same, so dropping single ones hides little. Spatial dropout drops
whole channels. **Given** `x` (N, C, H, W), the probability `p` of *dropping* (0 ≤ p < 1) and `rng`, **return** an array
of x's shape, as in training:

$$ \text{out}_{nchw} = \frac{m_{nc}}{1 - p}\, x_{nchw}, \qquad P(m_{nc} = 0) = p $$

Each channel of each image is kept or dropped as a whole, independently of the other channels and of the other images,
and what is kept is divided by 1 − p. H and W may be 1 and differ from each other; N may be 0. float32 stays float32,
integers in x give the right floats, and x is not changed.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* A channel [[1, 2], [3, 4]] at p = 0.2 becomes [[1.25, 2.5], [3.75, 5]], or four zeros.

**What the interviewer is after**: which axes share a draw, and why do plain dropout's zeros hardly matter to a
convolution? **Follow-ups**: which shape has the mask? What is `Dropout2d` in PyTorch? What would you share for a
sequence (N, T, D)? How does it differ from DropBlock with a block as large as the map?

<details><summary>Hint 1</summary>How many decisions are there in all? One for each pair of image and channel.</details>
<details><summary>Hint 2</summary>A mask of shape (N, C, 1, 1) broadcasts over the pixels.</details>
"""

# %% role="solve" id="spatial_dropout"
from dlkit.reference.regularization import spatial_dropout

# %% role="check" id="spatial_dropout-check" points=4
with check("channels fall or stay as a whole, and what stays is divided by 1 − p"):
    x = np.random.default_rng(0).uniform(1, 2, (6, 8, 3, 4))
    found = expect(spatial_dropout, x, 0.2, np.random.default_rng(1)).shape((6, 8, 3, 4))
    found.satisfies(
        lambda out: ((out == 0).all(axis=(2, 3)) == (out == 0).any(axis=(2, 3))).all(),
        "channels that are zero everywhere or nowhere; in yours single pixels are dropped",
    )
    for k, named in [(1, "not scaled"), (5, "divided by p"), (0.8, "multiplied by 1 − p"), (1.5625, "scaled twice")]:
        found.satisfies(
            lambda out, x=x, k=k: not (out.any() and np.allclose(out[out != 0], k * x[out != 0])),
            f"what is kept is x / (1 − 0.2) = 1.25 · x; yours is {k} · x: {named}",
        )
    found.satisfies(
        lambda out, x=x: out.any() and np.allclose(out, np.where(out != 0, 1.25 * x, 0)), "0 or 1.25 · x everywhere"
    )
with check("p is the probability of dropping: about 3000 of 10 000 channels fall at p = 0.3"):
    found = expect(spatial_dropout, np.ones((100, 100, 2, 1)), 0.3, np.random.default_rng(2)).shape((100, 100, 2, 1))
    found.satisfies(
        lambda out: abs((out == 0).all(axis=(2, 3)).sum() - 7000) > 260,
        "about 3000 of 10 000 channels 0; yours has about 7000: p is the probability of dropping, not of keeping",
    )
    found.satisfies(
        lambda out: abs((out == 0).all(axis=(2, 3)).sum() - 3000) <= 260 and np.allclose(out[out != 0], 1 / 0.7),
        "2740 to 3260 of 10 000 channels 0 at p = 0.3, the others 1 / 0.7",
    )
with check("p = 0 keeps all, and x is left alone"):
    x = np.random.default_rng(3).normal(0, 1, (2, 3, 2, 2))
    expect(spatial_dropout, x, 0.0, np.random.default_rng(4)).close(x).unchanged()
    expect(spatial_dropout, x, 0.5, np.random.default_rng(5)).satisfies(
        lambda out, x=x: np.allclose(out, np.where(out != 0, 2 * x, 0)), "0 or x / 0.5 everywhere"
    ).unchanged()
with check("every draw comes from rng: no np.random function, no generator of your own"):
    found = expect(spatial_dropout, np.ones((40, 50, 2, 2)), 0.5, np.random.default_rng(6)).shape((40, 50, 2, 2))
    found.satisfies(
        lambda out: 3200 < (out == 0).sum() < 4800 and np.allclose(out[out != 0], 2), "about half 0, the others 1 / 0.5"
    )
    forbid(
        spatial_dropout, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("channels fall independently of each other, and images too", weight=2):
    found = expect(spatial_dropout, np.ones((100, 100, 1, 2)), 0.3, np.random.default_rng(7)).shape((100, 100, 1, 2))
    found.satisfies(
        lambda out: 2690 < ((out[:, ::2, 0, 0] == 0) == (out[:, 1::2, 0, 0] == 0)).sum() < 3110,
        "two channels of an image share their fate in 58 % of the pairs, as independent draws at p = 0.3 do",
    )
    found.satisfies(
        lambda out: 2690 < ((out[::2, :, 0, 0] == 0) == (out[1::2, :, 0, 0] == 0)).sum() < 3110,
        "a channel shares its fate in two images in 58 % of the pairs, as independent draws at p = 0.3 do",
    )
with check("the same seed gives the same result, another seed another"):
    x = np.random.default_rng(8).uniform(1, 2, (10, 20, 2, 2))
    first = expect(spatial_dropout, x, 0.5, np.random.default_rng(9)).value
    expect(spatial_dropout, x, 0.5, np.random.default_rng(9)).close(first)
    expect(spatial_dropout, x, 0.5, np.random.default_rng(10)).shape((10, 20, 2, 2)).satisfies(
        lambda out, first=first: not np.array_equal(out, first), "another result from another seed"
    )
with check("float32 stays float32, integers give the right floats"):
    x = np.random.default_rng(11).integers(1, 9, (8, 10, 2, 3))
    expect(spatial_dropout, x, 0.3, np.random.default_rng(12)).shape((8, 10, 2, 3)).satisfies(
        lambda out, x=x: out.any() and np.allclose(out, np.where(out != 0, x / 0.7, 0)), "0 or x / 0.7 everywhere"
    )
    found = expect(spatial_dropout, x.astype(np.float32), 0.3, np.random.default_rng(12)).shape((8, 10, 2, 3))
    found.satisfies(
        lambda out, x=x: out.any() and np.allclose(out, np.where(out != 0, x / 0.7, 0), rtol=1e-5), "0 or x / 0.7"
    )
    found.dtype(np.float32)
with check("C = H, H ≠ W, single pixels, and no image"):
    for shape in [(30, 3, 3, 5), (5, 40, 40, 1), (200, 2, 1, 1), (0, 3, 2, 2)]:
        x = np.random.default_rng(13).uniform(1, 2, shape)
        expect(spatial_dropout, x, 0.4, np.random.default_rng(14)).shape(shape).satisfies(
            lambda out, x=x: (
                np.allclose(out, np.where((out != 0).any(axis=(2, 3), keepdims=True), x / 0.6, 0))
                and (x.size == 0 or 0.05 < (out != 0).mean() < 0.95)
            ),
            "whole channels 0, the others x / 0.6, some of either",
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Stochastic depth ★★ · 8 min

Dropout for layers: a residual block sometimes skips its branch. **Given** `x`, a function `branch`, the probability `p`
of *dropping* (0 ≤ p < 1), `training` and `rng`, **return** an array of x's shape:

$$ \text{out} = \begin{cases} x & \text{in training, with probability } p \\ x + \dfrac{\text{branch}(x)}{1 - p} &
\text{in training, otherwise} \\ x + \text{branch}(x) & \text{at test} \end{cases} $$

One decision is made in a call, for the whole batch: all rows keep the branch or all skip it. The skip connection itself
is neither dropped nor scaled.

`branch(x)` has x's shape. Any shape. float32 stays float32 (if branch keeps it), and x is not changed. To return x
itself is fine, and so is calling branch where its result is not needed (though it is a pity).

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* x = [1, 2], branch(x) = [3, 6], p = 0.25: in training [1, 2] with probability ¼, else [5, 10]; at test
always [4, 8].

**What the interviewer is after**: what is left of the network if a branch falls, and why does that work for a residual
block only? **Follow-ups**: the paper scales at test instead; which factor? Why do deeper blocks get a larger p there?
What changes when every sample decides for itself (drop path)? What does it do to training time?

<details><summary>Hint 1</summary>One number from <code>rng</code> decides.</details>
<details><summary>Hint 2</summary>Three cases, three returns; the division belongs to the branch alone.</details>
"""

# %% role="solve" id="stochastic_depth"
from dlkit.reference.regularization import stochastic_depth

# %% role="check" id="stochastic_depth-check" points=4
with check("at test it is x + branch(x), always and unscaled", weight=2):

    def triple(x):
        return 3 * x

    x = np.array([[1.0, 2.0], [-3.0, 0.5]])
    for seed in range(5):
        met = expect(stochastic_depth, x, triple, 0.75, False, np.random.default_rng(seed))
        met.satisfies(
            lambda out, x=x: not np.allclose(out, 1.75 * x),
            "x + branch(x) at test; yours scales the branch by 1 − p, which belongs to the paper's convention",
        )
        met.close(4 * x)
with check("in training it is x, or x + branch(x) / (1 − p)"):

    def third(x):
        return 3 * x

    x, seen = np.array([[1.0, 2.0], [-3.0, 0.5]]), []
    for seed in range(30):
        met = expect(stochastic_depth, x, third, 0.5, True, np.random.default_rng(seed)).shape((2, 2))
        for k, named in [
            (4, "x + branch(x): the branch is not scaled"),
            (8, "(x + branch(x)) / (1 − p): x is scaled too"),
            (0, "0: the skip connection is dropped as well"),
            (2.5, "x + (1 − p) · branch(x)"),
        ]:
            met.satisfies(
                lambda out, x=x, k=k: not np.allclose(out, k * x), f"x or x + branch(x) / (1 − p); yours is {named}"
            )
        met.satisfies(
            lambda out, x=x: np.allclose(out, x) or np.allclose(out, 7 * x), "x, or x + branch(x) / 0.5, all rows alike"
        )
        seen.append(float(met.value[0, 0]))
    met.satisfies(lambda out, seen=seen: {round(value) for value in seen} == {1, 7}, "both cases in 30 calls")
with check("p is the probability of dropping: at p = 0.1 the branch falls in about 7 of 70 calls"):

    def double(x):
        return 2 * x

    fallen = 0
    for seed in range(100, 170):
        met = expect(stochastic_depth, np.array([2.7]), double, 0.1, True, np.random.default_rng(seed))
        met.satisfies(
            lambda out: not np.allclose(out, 56.7),
            "the branch divided by 1 − p = 0.9; yours is divided by p: p is the probability of dropping, not of keeping",
        )
        met.satisfies(
            lambda out: out.shape == (1,) and (np.isclose(out[0], 2.7) or np.isclose(out[0], 8.7)),
            "2.7 or 2.7 + 5.4 / 0.9 = 8.7",
        )
        fallen += bool(np.isclose(met.value[0], 2.7))
    met.satisfies(
        lambda out, n=fallen: n <= 24,
        f"the branch dropped in about 7 of 70 calls, not in {fallen}: p is the probability of dropping, not of keeping",
    )
with check("every draw comes from rng: no np.random function, no generator of your own"):

    def same(x):
        return x

    expect(stochastic_depth, np.array([3.0, 4.0]), same, 0.4, False, np.random.default_rng(1)).close([6.0, 8.0])
    forbid(
        stochastic_depth, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("one decision for the whole batch"):

    def half(x):
        return x / 2

    x = np.random.default_rng(2).uniform(1, 2, (20, 3, 2, 2))
    for seed in range(10):
        met = expect(stochastic_depth, x, half, 0.5, True, np.random.default_rng(seed)).shape(x.shape)
        met.satisfies(
            lambda out, x=x: np.allclose(out, x) or np.allclose(out, 2 * x),
            "all of the batch x, or all of it x + branch(x) / 0.5; in yours samples or entries decide alone",
        )
    expect(stochastic_depth, x, half, 0.5, False, np.random.default_rng(0)).close(1.5 * x)
with check("the same seed gives the same result, and x is left alone"):

    def square(x):
        return x**2

    x = np.array([[1.0, -2.0], [3.0, 0.5]])
    for seed in range(8):
        first = expect(stochastic_depth, x, square, 0.5, True, np.random.default_rng(seed)).value
        met = expect(stochastic_depth, x, square, 0.5, True, np.random.default_rng(seed)).close(first)
        met.satisfies(
            lambda out, x=x: np.allclose(out, x) or np.allclose(out, x + 2 * x**2), "x or x + x² / 0.5"
        ).unchanged()
    expect(stochastic_depth, x, square, 0.5, False, np.random.default_rng(0)).close(x + x**2).unchanged()
with check("p = 0 always keeps the branch, p near 1 hardly ever, and then much enlarged"):

    def shifted(x):
        return x + 1

    x = np.array([1.0, 2.0, 4.0])
    for seed in range(5):
        expect(stochastic_depth, x, shifted, 0.0, True, np.random.default_rng(seed)).close(2 * x + 1)
        met = expect(stochastic_depth, x, shifted, 0.9, True, np.random.default_rng(seed)).shape((3,))
        met.satisfies(
            lambda out, x=x: np.allclose(out, x) or np.allclose(out, x + 10 * (x + 1)), "x or x + (x + 1) / 0.1"
        )
with check("float32 stays float32, in all three cases"):

    def tripled(x):
        return x * 3

    x = np.array([[1, -2], [0.5, 4]], dtype=np.float32)
    for seed in range(10):
        met = expect(stochastic_depth, x, tripled, 0.5, True, np.random.default_rng(seed)).shape((2, 2))
        met.satisfies(
            lambda out, x=x: np.allclose(out, x) or np.allclose(out, 7 * x, rtol=1e-5), "x or x + branch(x) / 0.5"
        ).dtype(np.float32)
    expect(stochastic_depth, x, tripled, 0.5, False, np.random.default_rng(0)).close(4 * x, rtol=1e-5).dtype(np.float32)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Cutout ★★ · 10 min

**Given** `images` (N, C, H, W), a `size` from 0 to min(H, W) and `rng`, **return** the images with one square of zeros
each, size × size pixels, at a random place of its own:

$$ \text{out}_{nchw} = \begin{cases} 0 & t_n \le h < t_n + \text{size} \ \text{ and } \ l_n \le w < l_n + \text{size} \\
\text{images}_{nchw} & \text{otherwise} \end{cases} $$

Each image has its own $t_n$ and $l_n$, independent of each other and of other images'; all channels of an image lose
the same pixels. Two laws for the place are accepted:

- the square's **centre** is a pixel drawn uniformly (the paper): a part of the square may lie outside the image, where
  there is nothing to cut, but its centre (for an even size, one of the four middle pixels) is always inside;
- the square lies **inside** as a whole, each of the places where it fits being equally likely.

Size 0 cuts nothing. H and W may differ, N may be 0. The result has the dtype of images (uint8 stays uint8, float32
stays float32), and images is not changed.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* size 3, the centre at the corner pixel (0, 0): $t = l = -1$, and what is cut is rows 0 to 1 and columns
0 to 1: 4 pixels of the 9.

**What the interviewer is after**: index arithmetic at the border, where a negative start must not wrap around.
**Follow-ups**: which pixels are cut more rarely than others? Why the same place in all channels? Zero, or the mean of
the data: when is it the same? How does cutout differ from dropping inputs one by one?

<details><summary>Hint 1</summary>Draw a row and a column for each image. With a loop over images, cut with a slice
whose start is <code>max(top, 0)</code>: a negative one counts from the end.</details>
<details><summary>Hint 2</summary>Without a loop: compare <code>np.arange(H)</code> with top and top + size, where top
has shape (N, 1), and the same for columns.</details>
<details><summary>Hint 3</summary><code>np.where(cut, 0, images)</code> with <code>cut</code> of shape (N, 1, H, W)
keeps the dtype; start with a copy if you assign.</details>
"""

# %% role="solve" id="cutout"
from dlkit.reference.regularization import cutout

# %% role="check" id="cutout-check" points=4
with check("each image loses one rectangle of at most 3 × 3 pixels, and is the same elsewhere"):
    images = np.random.default_rng(0).uniform(1, 2, (50, 2, 8, 8))
    found = expect(cutout, images, 3, np.random.default_rng(1)).shape((50, 2, 8, 8))
    found.satisfies(
        lambda out, x=images: ((out == 0) | (out == x)).all(), "zeros where cut, and the image's own pixels elsewhere"
    )
    found.satisfies(
        lambda out: (out == 0).any(axis=(1, 2, 3)).all(), "at least one pixel cut in each image: the centre is inside"
    )

    def rectangles(out):
        cut = (out == 0).any(axis=1)
        rows, columns = cut.any(axis=2), cut.any(axis=1)
        full = cut == (rows[:, :, None] & columns[:, None, :])
        joined = [(np.diff(np.flatnonzero(line)) == 1).all() for line in (*rows, *columns)]
        return full.all() and all(joined) and rows.sum(axis=1).max() <= 3 and columns.sum(axis=1).max() <= 3

    found.satisfies(rectangles, "one rectangle in each image, at most 3 pixels high and 3 wide")
    found.satisfies(lambda out: ((out == 0).sum(axis=(2, 3)) == 9).any(), "3 × 3 pixels cut in some of 50 images")
    found.satisfies(
        lambda out: not ((out == 0) == (out == 0)[:1]).all(),
        "not all 50 images cut at the same place: each has its own",
    )
with check("all channels of an image lose the same pixels"):
    images = np.random.default_rng(2).uniform(1, 2, (20, 3, 6, 7))
    found = expect(cutout, images, 2, np.random.default_rng(3)).shape((20, 3, 6, 7))
    found.satisfies(
        lambda out, x=images: (
            np.array_equal(out, np.where((out == 0).any(axis=1, keepdims=True), 0, x))
            and (out == 0).any(axis=(1, 2, 3)).all()
            and (out != 0).any()
        ),
        "the same pixels 0 in all three channels, and no other pixel changed",
    )
with check("size 1 cuts one pixel of each image, size 0 none; images is left alone"):
    images = np.random.default_rng(4).uniform(1, 2, (30, 2, 5, 4))
    expect(cutout, images, 1, np.random.default_rng(5)).shape((30, 2, 5, 4)).satisfies(
        lambda out, x=images: ((out == 0).sum(axis=(2, 3)) == 1).all() and np.allclose(out[out != 0], x[out != 0]),
        "exactly one pixel 0 in each channel of each image",
    ).unchanged()
    expect(cutout, images, 0, np.random.default_rng(6)).close(images).unchanged()
with check("every draw comes from rng: no np.random function, no generator of your own"):
    found = expect(cutout, np.ones((20, 1, 8, 8)), 3, np.random.default_rng(7)).shape((20, 1, 8, 8))
    found.satisfies(
        lambda out: ((out == 0).sum(axis=(1, 2, 3)) >= 1).all() and ((out == 0).sum(axis=(1, 2, 3)) <= 9).all(),
        "1 to 9 pixels cut in each image",
    )
    forbid(
        cutout, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("the square comes everywhere: each row and each column is cut in its share of 2000 images"):
    found = expect(cutout, np.ones((2000, 1, 8, 8), dtype=np.uint8), 3, np.random.default_rng(8))
    found.shape((2000, 1, 8, 8))

    def surplus(out, axis):  # how much oftener the last line is cut than the first; right answers: 0 ± 180
        counts = (out == 0).any(axis=axis).sum(axis=(0, 1)).astype(int)
        return counts[-1] - counts[0]

    found.satisfies(
        lambda out, f=surplus: not ((out == 0).any(axis=(1, 2, 3)).all() and f(out, 3) > 180 and f(out, 2) > 180),
        "the drawn pixel is the square's centre; in yours it is the top left corner, so the first row is cut too rarely",
    )
    for axis, lines in [(3, "row"), (2, "column")]:
        found.satisfies(
            lambda out, a=axis, f=surplus: abs(f(out, a)) <= 180,
            f"the first and the last {lines} cut about equally often, at most 180 of 2000 images apart",
        )
        found.satisfies(
            lambda out, a=axis: ((out == 0).any(axis=a).sum(axis=(0, 1)) >= 236).all(),
            f"each {lines} cut in at least 236 of 2000 images, the first and the last one too",
        )
        found.satisfies(
            lambda out, a=axis: ((out == 0).any(axis=a).sum(axis=(0, 1)) <= 1136).all(),
            f"each {lines} cut in at most 1136 of 2000 images: about three eighths",
        )
with check("each image has a place of its own, its row says nothing about its column"):
    found = expect(cutout, np.ones((2000, 1, 8, 8), dtype=np.uint8), 3, np.random.default_rng(9))
    found.shape((2000, 1, 8, 8)).satisfies(
        lambda out: (out == 0).sum() > 0 and (out[::2] == out[1::2]).all(axis=(1, 2, 3)).sum() <= 65,
        "two images cut at the same place in about one of 50 pairs, not in more than 65 of 1000",
    )
    found.satisfies(
        lambda out: (
            ((out[:, 0, :3, -3:] == 0).any(axis=(1, 2)) | (out[:, 0, -3:, :3] == 0).any(axis=(1, 2))).sum() > 400
        ),
        "squares at the top right and at the bottom left as well, in more than 400 of 2000 images",
    )
with check("H ≠ W: every column of a 4 × 9 image is reached, every row of a 9 × 4 image"):
    for shape in [(2000, 1, 4, 9), (2000, 1, 9, 4)]:
        found = expect(cutout, np.ones(shape, dtype=np.uint8), 3, np.random.default_rng(10)).shape(shape)
        for axis in (2, 3):
            found.satisfies(
                lambda out, a=axis: ((out == 0).any(axis=a).sum(axis=(0, 1)) >= 195).all(),
                "each row and column cut in at least 195 of 2000 images",
            )
        found.satisfies(lambda out: (out == 0).sum(axis=(1, 2, 3)).max() == 9, "at most 9 pixels cut, often 9")
with check("even sizes: 2 × 2 and 4 × 4 pixels"):
    for size in (2, 4):
        found = expect(cutout, np.ones((200, 1, 9, 9)), size, np.random.default_rng(11)).shape((200, 1, 9, 9))
        found.satisfies(
            lambda out, s=size: (
                (out == 0).any(axis=(1, 2, 3)).all()
                and (out == 0).any(axis=3).sum(axis=2).max() == s == (out == 0).any(axis=2).sum(axis=2).max()
            ),
            f"squares of {size} × {size} pixels, fewer only at the border",
        )
        found.satisfies(
            lambda out, s=size: ((out == 0).sum(axis=(1, 2, 3)) == s * s).sum() > 20, f"{size**2} pixels cut in many"
        )
with check("uint8 stays uint8, float32 stays float32; no image at all"):
    for kind in (np.uint8, np.float32):
        images = np.random.default_rng(12).integers(1, 9, (5, 3, 6, 6)).astype(kind)
        expect(cutout, images, 3, np.random.default_rng(13)).shape((5, 3, 6, 6)).satisfies(
            lambda out, x=images: ((out == 0) | (out == x)).all() and (out == 0).any(axis=(1, 2, 3)).all(),
            "zeros where cut, and the image's own pixels elsewhere",
        ).dtype(kind)
    expect(cutout, np.ones((0, 3, 6, 6)), 3, np.random.default_rng(14)).shape((0, 3, 6, 6))
with check("the same seed gives the same result, another seed another"):
    images = np.random.default_rng(15).uniform(1, 2, (30, 1, 8, 8))
    first = expect(cutout, images, 3, np.random.default_rng(16)).value
    expect(cutout, images, 3, np.random.default_rng(16)).close(first)
    expect(cutout, images, 3, np.random.default_rng(17)).shape((30, 1, 8, 8)).satisfies(
        lambda out, first=first: not np.array_equal(out, first), "other places from another seed"
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### DropBlock ★★ · 12 min

Dropout for feature maps, in squares. **Given** `shape` = (N, C, H, W), a drop rate `p` (0 ≤ p < 1), the block's `size`
(from 1 to min(H, W)) and `rng`, **return** a keep-mask of this shape: True (or 1) keeps, False (or 0) drops.

A block of size × size pixels may start wherever it fits *as a whole*. At each of these places one starts, independently
of all others, with probability

$$ \gamma = \frac{p}{\text{size}^2} \cdot \frac{H\, W}{(H - \text{size} + 1)(W - \text{size} + 1)} $$

A pixel is dropped if any block covers it. The places are drawn for each channel of each image on its own.

The mask may have any dtype, but only the values 0 and 1: it is **not** scaled. Size 1 is plain dropout of pixels. H and
W may differ. At p = 0 everything is kept.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* 8 × 6 maps, p = 0.2, size 3: there are 6 · 4 = 24 places, and γ = 0.2 / 9 · 48 / 24 = 0.0444444. A
corner pixel is covered by one possible block and is dropped with probability 0.044444; the pixel (4, 3) by all of nine,
so with 1 − (1 − γ)⁹ = 0.335793.

**What the interviewer is after**: where the formula for γ comes from, and why it is only nearly right. **Follow-ups**:
is the share of dropped pixels above or below p? Why is p raised slowly in training? How would you scale what is kept?
What remains of it for size = H = W?

<details><summary>Hint 1</summary>Draw where blocks start: an array (N, C, H − size + 1, W − size + 1) of
booleans.</details>
<details><summary>Hint 2</summary>Each start drops size² pixels: loop over the size² offsets (i, j) and let the starts,
moved by (i, j), drop what they hit.</details>
<details><summary>Hint 3</summary><code>dropped[:, :, i : i + down, j : j + across] |= starts</code>, and in the end the
opposite of <code>dropped</code>.</details>
"""

# %% role="solve" id="dropblock_mask"
from dlkit.reference.regularization import dropblock_mask

# %% role="check" id="dropblock_mask-check" points=4
with check("a mask of zeros and ones, most of them 1; p = 0 keeps everything"):
    found = expect(dropblock_mask, (20, 5, 8, 6), 0.2, 3, np.random.default_rng(0)).shape((20, 5, 8, 6))
    found.satisfies(
        lambda mask: ((np.asarray(mask) == 0) | (np.asarray(mask) == 1)).all(), "only 0 and 1: the mask is not scaled"
    )
    found.satisfies(
        lambda mask: not (np.asarray(mask) == 0).mean() > 0.6, "1 keeps; in yours 1 seems to mean what is dropped"
    )
    found.satisfies(lambda mask: 0.05 < (np.asarray(mask) == 0).mean() < 0.4, "a share of 0.2 dropped, or a bit less")
    expect(dropblock_mask, (2, 3, 5, 4), 0.0, 2, np.random.default_rng(1)).close(np.ones((2, 3, 5, 4)))
with check("what is dropped is made of whole 3 × 3 blocks"):

    def whole_blocks(mask):
        dropped = np.asarray(mask) == 0
        windows = np.lib.stride_tricks.sliding_window_view(dropped, (3, 3), axis=(2, 3))
        starts, covered = windows.all(axis=(4, 5)), np.zeros(dropped.shape, dtype=bool)
        for i in range(3):
            for j in range(3):
                covered[:, :, i : i + starts.shape[2], j : j + starts.shape[3]] |= starts
        return dropped.any() and np.array_equal(dropped, covered)

    def cut_off(mask, whole_blocks=whole_blocks):  # whole blocks only if one may reach beyond the border
        dropped = np.asarray(mask) == 0
        beyond = np.pad(dropped, ((0, 0), (0, 0), (3, 3), (3, 3)), constant_values=True)
        return dropped.any() and not whole_blocks(mask) and whole_blocks(~beyond)

    for shape in [(30, 4, 8, 6), (30, 4, 5, 9), (200, 4, 3, 4)]:
        found = expect(dropblock_mask, shape, 0.2, 3, np.random.default_rng(2)).shape(shape)
        found.satisfies(
            lambda mask, cut_off=cut_off: not cut_off(mask),
            "blocks that lie inside as a whole; in yours they may start at every pixel and are cut off at the border",
        )
        found.satisfies(whole_blocks, "every dropped pixel part of a 3 × 3 block that lies inside and is dropped whole")
with check("gamma: each of the four corners of 8 × 6 maps is dropped with probability 0.0444", weight=2):
    found = expect(dropblock_mask, (1000, 10, 8, 6), 0.2, 3, np.random.default_rng(3)).shape((1000, 10, 8, 6))
    for n, named in [
        (222, "that is p / size², without the second fraction"),
        (2000, "that is p: a block drops size² pixels"),
        (0, "the corners are never dropped: where may a block start?"),
    ]:
        found.satisfies(
            lambda mask, n=n: any(
                abs((np.asarray(mask)[:, :, i, j] == 0).sum() - n) > 100 for i in (0, -1) for j in (0, -1)
            ),
            f"about 444 of 10 000 corners dropped; yours drops about {n}: {named}",
        )
    found.satisfies(
        lambda mask: all(329 <= (np.asarray(mask)[:, :, i, j] == 0).sum() <= 570 for i in (0, -1) for j in (0, -1)),
        "329 to 570 of 10 000 pixels dropped in each corner: gamma = 0.0444",
    )
with check("size 1 is plain dropout of pixels, size = H = W drops whole maps with probability p"):
    found = expect(dropblock_mask, (10, 10, 10, 10), 0.3, 1, np.random.default_rng(4)).shape((10, 10, 10, 10))
    found.satisfies(lambda mask: abs((np.asarray(mask) == 0).sum() - 3000) <= 260, "about 3000 of 10 000 pixels 0")
    found = expect(dropblock_mask, (100, 100, 3, 3), 0.3, 3, np.random.default_rng(5)).shape((100, 100, 3, 3))
    found.satisfies(
        lambda mask: (
            ((np.asarray(mask) == np.asarray(mask)[:, :, :1, :1]).all())
            and abs((np.asarray(mask)[:, :, 0, 0] == 0).sum() - 3000) <= 260
        ),
        "about 3000 of 10 000 maps dropped as a whole, the others kept as a whole",
    )
with check("every draw comes from rng: no np.random function, no generator of your own"):
    found = expect(dropblock_mask, (50, 4, 6, 6), 0.3, 2, np.random.default_rng(6)).shape((50, 4, 6, 6))
    found.satisfies(lambda mask: 0.1 < (np.asarray(mask) == 0).mean() < 0.4, "a share of 0.3 dropped, or a little less")
    forbid(
        dropblock_mask, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("each channel of each image has blocks of its own"):
    found = expect(dropblock_mask, (5000, 2, 3, 3), 0.2, 2, np.random.default_rng(7)).shape((5000, 2, 3, 3))
    # gamma = 0.2 / 4 · 9 / 4 = 0.1125; a corner in both of a pair: 0.01266, 63 of 5000 pairs, at most 115.
    found.satisfies(
        lambda mask: 0 < ((np.asarray(mask)[:, 0, 0, 0] == 0) & (np.asarray(mask)[:, 1, 0, 0] == 0)).sum() <= 115,
        "one corner dropped in both channels of about 63 of 5000 images, not more than 115",
    )
    found.satisfies(
        lambda mask: 0 < ((np.asarray(mask)[::2, 0, 0, 0] == 0) & (np.asarray(mask)[1::2, 0, 0, 0] == 0)).sum() <= 70,
        "one corner dropped in both of about 32 of 2500 pairs of images, not more than 70",
    )
with check("inside, overlapping blocks drop a pixel once: (4, 3) of 8 × 6 with probability 0.336"):
    found = expect(dropblock_mask, (500, 10, 8, 6), 0.2, 3, np.random.default_rng(8)).shape((500, 10, 8, 6))
    found.satisfies(
        lambda mask: 1493 <= (np.asarray(mask)[:, :, 4, 3] == 0).sum() <= 1868, "1493 to 1868 of 5000 pixels 0"
    )
with check("the places of blocks are independent: neighbours, and opposite corners"):
    found = expect(dropblock_mask, (100, 100, 4, 5), 0.4, 2, np.random.default_rng(9)).shape((100, 100, 4, 5))
    # gamma = 0.4 / 4 · 20 / 12 = 1/6 at each corner; both of two corners: 1/36, 278 of 10 000 maps.
    for a, b in [((0, 0), (-1, -1)), ((0, 0), (0, -1)), ((0, -1), (-1, 0))]:
        found.satisfies(
            lambda mask, a=a, b=b: (
                186 <= ((np.asarray(mask)[(..., *a)] == 0) & (np.asarray(mask)[(..., *b)] == 0)).sum() <= 382
            ),
            "two corners dropped together in about 278 of 10 000 maps, as independent blocks are",
        )
with check("the same seed gives the same mask, another seed another"):
    first = expect(dropblock_mask, (20, 5, 8, 6), 0.3, 2, np.random.default_rng(10)).value
    expect(dropblock_mask, (20, 5, 8, 6), 0.3, 2, np.random.default_rng(10)).close(first)
    expect(dropblock_mask, (20, 5, 8, 6), 0.3, 2, np.random.default_rng(11)).shape((20, 5, 8, 6)).satisfies(
        lambda mask, first=first: not np.array_equal(mask, first), "another mask from another seed"
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### What is dropped decides what is learnt

Dropout drops values, DropConnect weights, spatial dropout channels, stochastic depth layers, cutout a square of the
input, DropBlock a square of a feature map. One idea: take away something that its neighbours cannot replace. So ask of
each member which neighbours could.
"""

# %% [markdown]
r"""
### Concept question: single values or whole maps
"""

# %% role="question" id="family_feature_maps" points=1

# %% [markdown]
r"""
## More data from the data

### Mixup ★★ · 10 min

**Given** inputs `x` (N, …), targets `y` (N, K), one-hot or soft, `alpha` ≥ 0 and `rng`, **return** `(x, y)`, in which
every sample is mixed with another one of the batch:

$$ \tilde x_i = \lambda\, x_i + (1 - \lambda)\, x_{\pi(i)}, \qquad \tilde y_i = \lambda\, y_i + (1 - \lambda)\,
y_{\pi(i)}, \qquad \lambda \sim \text{Beta}(\alpha, \alpha) $$

**One** λ and **one** random order π of the batch (a permutation, in which a sample may meet itself) are drawn in a
call, and serve all samples, inputs and targets alike. λ is used as drawn, above or below ½.

alpha = 0 stands for no mixing: both come back as they are (Beta(0, 0) does not exist). x may have any number of axes
after the first. float32 stays float32 in both, integers give the right floats, no argument is changed.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* λ = 0.75, the order swaps two samples, x = [[4], [8]], y = [[1, 0], [0, 1]]: x̃ = [[5], [7]] and ỹ =
[[0.75, 0.25], [0.25, 0.75]].

**What the interviewer is after**: is the same λ and the same partner used for inputs and targets? **Follow-ups**: what
is the loss for a soft target, and why is it the same as mixing two losses? What do small and large alpha do? Does it
help calibration? What would CutMix change? Why may one λ for the batch do?

<details><summary>Hint 1</summary><code>rng.beta</code> with no size gives one Python float, which leaves float32
alone.</details>
<details><summary>Hint 2</summary><code>rng.permutation(len(x))</code> is the order; index both x and y with
it.</details>
"""

# %% role="solve" id="mixup"
from dlkit.reference.regularization import mixup

# %% role="check" id="mixup-check" points=4
# With y the identity, the targets that come back are the matrix that was applied to the batch.
with check("one λ for all samples: every row of a one-hot y is λ of itself and 1 − λ of its partner"):
    x, y = np.random.default_rng(0).normal(0, 1, (40, 3)), np.eye(40)
    found = expect(mixup, x, y, 1.0, np.random.default_rng(1))
    found.part(0).shape((40, 3))
    found.part(1).shape((40, 40)).satisfies(
        lambda m: np.allclose(m.sum(axis=1), 1) and (m > -1e-9).all() and (np.count_nonzero(m, axis=1) <= 2).all(),
        "rows that sum to 1, with one or two entries",
    )
    found.part(1).satisfies(
        lambda m: np.ptp(np.diag(m)[np.diag(m) < 1 - 1e-9]) < 1e-9,
        "the same λ for all 40 samples; in yours the diagonal holds several",
    )
    found.part(1).satisfies(
        lambda m: np.allclose(m.sum(axis=0), 1), "columns that sum to 1: each sample is the partner of exactly one"
    )
    found.part(1).satisfies(lambda m: (np.diag(m) < 1 - 1e-9).sum() > 25, "most of the samples mixed with another one")
with check("inputs and targets are mixed with the same λ and the same partners", weight=2):
    x, y = np.random.default_rng(2).normal(0, 1, (30, 2, 3)), np.eye(30)
    for seed in (3, 4, 5):
        found = expect(mixup, x, y, 2.0, np.random.default_rng(seed))
        found.satisfies(
            lambda both, x=x: (
                both[1].shape == (30, 30)
                and np.allclose(both[0], np.tensordot(both[1], x, axes=1))
                and not np.allclose(both[1], np.eye(30))
            ),
            "x mixed in the very way that y is",
        )
with check("alpha = 0 leaves x and y as they are"):
    x, y = np.random.default_rng(6).normal(0, 1, (5, 4)), np.array([[1.0, 0], [0, 1], [0.5, 0.5], [1, 0], [0.2, 0.8]])
    for seed in (7, 8):
        expect(mixup, x, y, 0.0, np.random.default_rng(seed)).close((x, y)).unchanged()
    expect(mixup, x, y, 1.0, np.random.default_rng(9)).satisfies(
        lambda both: np.allclose(both[1].sum(axis=1), 1) and both[0].shape == (5, 4), "targets that still sum to 1"
    ).unchanged()
with check("every draw comes from rng: no np.random function, no generator of your own"):
    x, y = np.arange(20.0).reshape(20, 1), np.eye(20)
    expect(mixup, x, y, 1.0, np.random.default_rng(10)).satisfies(
        lambda both, x=x: np.allclose(both[0], both[1] @ x) and not np.allclose(both[0], x), "x mixed as y is"
    )
    forbid(
        mixup, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("λ is Beta(alpha, alpha): near 0 or 1 for a small alpha, near ½ for a large one", weight=2):
    x, y, middle, mean = np.arange(8.0)[:, None], np.eye(8), {}, {}
    for alpha in (0.1, 8.0):
        inside, lams = 0, []
        for seed in range(100, 180):
            found = expect(mixup, x, y, alpha, np.random.default_rng(seed))
            found.satisfies(lambda both, x=x: np.allclose(both[0], both[1] @ x), "x mixed in the very way that y is")
            lams.append(float(np.diag(found.value[1]).min()))  # a sample that meets itself has 1 there
        middle[alpha], mean[alpha] = sum(0.25 < lam < 0.75 for lam in lams), float(np.mean(lams))
    found.satisfies(
        lambda both, n=middle[8.0]: n >= 64, f"at alpha = 8, ¼ < λ < ¾ in about 77 of 80 calls, not {middle[8.0]}"
    )
    found.satisfies(
        lambda both, n=middle[0.1]: n <= 26, f"at alpha = 0.1, ¼ < λ < ¾ in about 8 of 80 calls, not {middle[0.1]}"
    )
    found.satisfies(
        lambda both, m=mean[8.0]: abs(m - 0.5) < 0.08,
        f"a λ whose mean is ½; yours is {mean[8.0]:.2f}: not max(λ, 1 − λ), not Beta with two different numbers",
    )
with check("the partners are a random order: other seeds, other partners, and the same seed the same"):
    x, y = np.random.default_rng(11).normal(0, 1, (50, 2)), np.eye(50)
    first = expect(mixup, x, y, 4.0, np.random.default_rng(12)).value
    expect(mixup, x, y, 4.0, np.random.default_rng(12)).close(first)
    found = expect(mixup, x, y, 4.0, np.random.default_rng(13)).part(1).shape((50, 50))
    found.satisfies(
        lambda m, first=first: (
            np.allclose(m.sum(axis=0), 1)
            and not np.array_equal((m - np.diag(np.diag(m))) > 1e-9, (first[1] - np.diag(np.diag(first[1]))) > 1e-9)
        ),
        "other partners from another seed: they are drawn, not always the reversed or rolled batch",
    )
with check("images and soft targets; one sample alone meets itself"):
    rng = np.random.default_rng(14)
    x, y = rng.normal(0, 1, (24, 3, 4, 5)), np.concatenate([np.eye(24) * 0.9, np.full((24, 1), 0.1)], axis=1)
    expect(mixup, x, y, 3.0, np.random.default_rng(15)).satisfies(
        lambda both, x=x: (
            np.allclose(both[0], np.tensordot(both[1][:, :24] / 0.9, x, axes=1))
            and np.allclose(both[1][:, 24], 0.1)
            and not np.allclose(both[0], x)
        ),
        "images mixed as their soft targets are",
    ).unchanged()
    expect(mixup, x[:1], y[:1], 1.0, np.random.default_rng(16)).close((x[:1], y[:1]))
with check("float32 stays float32 in both, integers give the right floats"):
    x, y = np.random.default_rng(17).integers(0, 9, (12, 3)), np.eye(12, dtype=int)
    expect(mixup, x, y, 3.0, np.random.default_rng(18)).satisfies(
        lambda both, x=x: np.allclose(both[0], both[1] @ x) and both[1].max() > 0 and not np.allclose(both[0], x),
        "x mixed in the very way that y is",
    )
    found = expect(mixup, x.astype(np.float32), y.astype(np.float32), 3.0, np.random.default_rng(19))
    found.satisfies(
        lambda both, x=x: np.allclose(both[0], both[1] @ x, rtol=1e-4, atol=1e-5) and not np.allclose(both[0], x),
        "x mixed in the very way that y is",
    ).dtype(np.float32)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Random flips ★ · 5 min

**Given** `images` (N, C, H, W) and `rng`, **return** them with each image mirrored left to right with probability ½:

$$ \text{out}_{nchw} = \begin{cases} \text{images}_{n, c, h, W - 1 - w} & \text{with probability } \tfrac12 \\
\text{images}_{nchw} & \text{otherwise} \end{cases} $$

Each image decides for itself, and all its channels go together. The dtype is kept (uint8 stays uint8), and images is
not changed. N may be 0, W may be 1.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* The image [[1, 2, 3], [4, 5, 6]] stays, or becomes [[3, 2, 1], [6, 5, 4]].

**What the interviewer is after**: which axis is left and right, and is there one decision for each image?
**Follow-ups**: for which data is this flip wrong? What must be flipped along in detection and segmentation? What is the
test-time version? Why do vertical flips rarely help on photographs?

<details><summary>Hint 1</summary>Left to right runs along the last axis; <code>[..., ::-1]</code> mirrors all images at
once.</details>
<details><summary>Hint 2</summary>Draw N booleans, give them shape (N, 1, 1, 1), and choose with
<code>np.where</code>.</details>
"""

# %% role="solve" id="random_flip"
from dlkit.reference.regularization import random_flip

# %% role="check" id="random_flip-check" points=2
with check("an image stays as it is or is mirrored left to right, all channels together"):
    images = np.random.default_rng(0).uniform(1, 2, (60, 3, 4, 4))
    found = expect(random_flip, images, np.random.default_rng(1)).shape((60, 3, 4, 4))
    found.satisfies(
        lambda out, x=images: (
            np.array_equal(out, x)
            or not all(np.array_equal(o, i) or np.array_equal(o, i[:, ::-1]) for o, i in zip(out, x, strict=True))
        ),
        "images mirrored left to right; yours are turned upside down: which axis is the width?",
    )
    found.satisfies(
        lambda out, x=images: all(
            np.array_equal(o, i) or np.array_equal(o, i[:, :, ::-1]) for o, i in zip(out, x, strict=True)
        ),
        "every image as it was or mirrored as a whole",
    )
    found.satisfies(lambda out, x=images: not np.array_equal(out, x), "some of 60 images mirrored; yours never are")
    found.satisfies(lambda out, x=images: 5 < (out == x).all(axis=(1, 2, 3)).sum() < 55, "some mirrored, some not")
with check("about half of 2000 images are mirrored, each on its own"):
    images = np.tile(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), (2000, 1, 1, 1))
    found = expect(random_flip, images, np.random.default_rng(2)).shape((2000, 2, 1, 2))
    found.satisfies(lambda out: 875 <= (out[:, 0, 0, 0] == 2).sum() <= 1125, "875 to 1125 of 2000 images mirrored")
    found.satisfies(
        lambda out: 411 <= (out[::2] == out[1::2]).all(axis=(1, 2, 3)).sum() <= 589,
        "two images decide alike in about 500 of 1000 pairs",
    )
with check("images is left alone, the dtype is kept"):
    for kind in (np.uint8, np.float32, np.int64):
        images = np.random.default_rng(3).integers(1, 200, (30, 2, 3, 5)).astype(kind)
        found = expect(random_flip, images, np.random.default_rng(4)).shape((30, 2, 3, 5)).unchanged()
        found.satisfies(
            lambda out, x=images: (
                all(np.array_equal(o, i) or np.array_equal(o, i[..., ::-1]) for o, i in zip(out, x, strict=True))
                and not np.array_equal(out, x)
            ),
            "every image as it was or mirrored as a whole, some of them mirrored",
        ).dtype(kind)
### BEGIN HIDDEN TESTS
with check("every draw comes from rng; the same seed gives the same flips, another seed others"):
    images = np.random.default_rng(5).uniform(1, 2, (50, 1, 2, 3))
    first = expect(random_flip, images, np.random.default_rng(6)).value
    expect(random_flip, images, np.random.default_rng(6)).close(first)
    expect(random_flip, images, np.random.default_rng(7)).shape((50, 1, 2, 3)).satisfies(
        lambda out, first=first, x=images: (
            not np.array_equal(out, first) and ((out == x) | (out == x[..., ::-1])).all()
        ),
        "other flips from another seed",
    )
    forbid(
        random_flip, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
with check("images one pixel wide are always the same, no image stays no image"):
    images = np.random.default_rng(8).uniform(1, 2, (20, 2, 5, 1))
    expect(random_flip, images, np.random.default_rng(9)).close(images)
    expect(random_flip, np.ones((0, 3, 4, 5)), np.random.default_rng(10)).close(np.ones((0, 3, 4, 5)))
    pairs = np.tile(np.array([[[1.0, 2.0]], [[3.0, 4.0]]]), (80, 1, 1, 1))
    found = expect(random_flip, pairs, np.random.default_rng(11))
    found.shape((80, 2, 1, 2)).satisfies(lambda out: 10 < (out[:, 0, 0, 0] == 2).sum() < 70, "some images mirrored")
with check("a batch is not mirrored in its own order: image n stays image n"):
    images = np.arange(1.0, 41).reshape(40, 1, 1, 1) + np.array([0.0, 0.25, 0.5]).reshape(1, 1, 1, 3)
    found = expect(random_flip, images, np.random.default_rng(12)).shape((40, 1, 1, 3))
    found.satisfies(
        lambda out, x=images: np.array_equal(np.sort(out, axis=3), x), "image n's own pixels, perhaps mirrored"
    )
    found.satisfies(lambda out, x=images: not np.array_equal(out, x), "some of the 40 images mirrored")
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: mirrored signs
"""

# %% role="question" id="data_mirrored_signs" points=1

# %% [markdown]
r"""
### Random shifts ★ · 8 min

**Given** `images` (N, C, H, W), a `limit` ≥ 0 and `rng`, **return** each image moved by whole pixels, by $d_n$ rows
down and $a_n$ columns across, with zeros where nothing comes in:

$$ \text{out}_{nchw} = \begin{cases} \text{images}_{n, c, h - d_n, w - a_n} & \text{if that pixel exists} \\ 0 &
\text{otherwise} \end{cases} \qquad d_n, a_n \text{ uniform on } \{-\text{limit}, \dots, \text{limit}\} $$

Both ends of the range are included. Down and across are independent, every image draws its own two numbers, and all its
channels move together. What leaves on one side does not come back on the other.

limit 0 changes nothing. limit may exceed H or W: an image moved by its whole height or more is all zeros. The dtype is
kept (uint8 stays uint8), images is not changed, and N may be 0.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* The image [[1, 2], [3, 4]], one row down and no column across: [[0, 0], [1, 2]]. With limit = 2 there
are 25 moves, each with probability 0.04.

**What the interviewer is after**: slices at the border without a special case for every sign. **Follow-ups**: what does
`np.roll` do wrong here? A convolution follows a shift: why does shifting still help? What fills in instead of zeros? Is
`rng.integers(-limit, limit)` right?

<details><summary>Hint 1</summary>Put a frame of zeros, limit pixels wide, around the images with
<code>np.pad</code>.</details>
<details><summary>Hint 2</summary>A window of H × W pixels of the framed image, at a start between 0 and 2 · limit, is
the image moved.</details>
<details><summary>Hint 3</summary><code>rng.integers(2 * limit + 1, size=N)</code>, once for rows and once for columns;
a loop over the images is fine.</details>
"""

# %% role="solve" id="random_shift"
from dlkit.reference.regularization import random_shift

# %% role="check" id="random_shift-check" points=2
with check("every image is moved as a whole, zeros come in, and nothing wraps around"):
    images = np.tile(np.arange(1.0, 51).reshape(2, 5, 5), (200, 1, 1, 1))
    found = expect(random_shift, images, 2, np.random.default_rng(0)).shape((200, 2, 5, 5))

    def moved(out, image=images[0]):
        framed = np.pad(image, ((0, 0), (2, 2), (2, 2)))
        source = np.rint(out[:, 0, 2, 2]).astype(int) - 1  # the centre never leaves, and tells where it came from
        return all(
            0 <= s < 25 and np.array_equal(o, framed[:, s // 5 : s // 5 + 5, s % 5 : s % 5 + 5])
            for s, o in zip(source, out, strict=True)
        )

    found.satisfies(
        lambda out: not (out.any() and (out != 0).all()), "zeros where nothing comes in; do yours wrap around?"
    )
    found.satisfies(moved, "both channels moved by the same whole pixels, at most 2, and zeros where nothing comes in")
    found.satisfies(lambda out: np.unique(out[:, 0, 2, 2]).size > 10, "many different moves in 200 images")
with check("limit 0 changes nothing, and images is left alone"):
    images = np.random.default_rng(1).uniform(1, 2, (12, 2, 3, 5))
    expect(random_shift, images, 0, np.random.default_rng(2)).close(images).unchanged()
    found = expect(random_shift, images, 1, np.random.default_rng(3)).shape((12, 2, 3, 5)).unchanged()
    found.satisfies(
        lambda out, x=images: (
            all(np.isin(o[o != 0], i).all() and (o[:, 1, 1:4] != 0).all() for o, i in zip(out, x, strict=True))
            and not np.array_equal(out, x)
        ),
        "each image's own pixels and zeros, no zeros inside, some images moved",
    )
with check("the moves −2, −1, 0, 1 and 2 are equally likely, both ends included", weight=2):
    images = np.tile(np.arange(1.0, 26).reshape(1, 5, 5), (2500, 1, 1, 1))
    found = expect(random_shift, images, 2, np.random.default_rng(4)).shape((2500, 1, 5, 5))
    for divide, axis in [(5, "down"), (1, "across")]:
        found.satisfies(
            lambda out, d=divide: (
                (np.rint(out[:, 0, 2, 2] - 1) // d % 5 == 0).any()
                or not (np.rint(out[:, 0, 2, 2] - 1) // d % 5 == 4).any()
            ),
            f"2 pixels {axis} as often as −2; in yours the upper end of the range never comes: it is included",
        )
        for move in (-2, -1, 0, 1, 2):
            found.satisfies(
                lambda out, d=divide, m=move: 384 <= (np.rint(out[:, 0, 2, 2] - 1) // d % 5 == 2 - m).sum() <= 623,
                f"{move} pixels {axis} in 384 to 623 of 2500 images",
            )
### BEGIN HIDDEN TESTS
with check("down and across are independent, and so are two images"):
    images = np.tile(np.arange(1.0, 26).reshape(1, 5, 5), (2500, 1, 1, 1))
    found = expect(random_shift, images, 2, np.random.default_rng(5)).shape((2500, 1, 5, 5))
    found.satisfies(
        lambda out: (
            (np.bincount(np.rint(out[:, 0, 2, 2]).astype(int), minlength=26)[1:26] >= 46).all()
            and np.bincount(np.rint(out[:, 0, 2, 2]).astype(int)).max() <= 166
        ),
        "each of the 25 moves in 46 to 166 of 2500 images",
    )
    found.satisfies(
        lambda out: 16 <= (out[::2, 0, 2, 2] == out[1::2, 0, 2, 2]).sum() <= 93,
        "two images move alike in about 50 of 1250 pairs",
    )
with check("every draw comes from rng; the same seed gives the same moves, another seed others"):
    images = np.tile(np.arange(1.0, 26).reshape(1, 5, 5), (60, 1, 1, 1))
    first = expect(random_shift, images, 2, np.random.default_rng(6)).value
    expect(random_shift, images, 2, np.random.default_rng(6)).close(first)
    expect(random_shift, images, 2, np.random.default_rng(7)).shape((60, 1, 5, 5)).satisfies(
        lambda out, first=first: not np.array_equal(out, first) and (out[:, 0, 2, 2] > 0).all(), "other moves"
    )
    forbid(
        random_shift, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
with check("uint8 stays uint8, float32 stays float32; H ≠ W; no image"):
    for kind in (np.uint8, np.float32):
        images = np.tile(np.arange(1, 13).reshape(1, 3, 4), (300, 1, 1, 1)).astype(kind)
        found = expect(random_shift, images, 1, np.random.default_rng(8)).shape((300, 1, 3, 4)).dtype(kind)
        framed = np.pad(images[0, 0], 1)
        moves = {framed[i : i + 3, j : j + 4].tobytes() for i in range(3) for j in range(3)}
        found.satisfies(
            lambda out, moves=moves: {np.ascontiguousarray(o[0]).tobytes() for o in out} == moves,
            "all nine moves of a 3 × 4 image, and nothing else",
        )
    expect(random_shift, np.ones((0, 2, 3, 4)), 2, np.random.default_rng(9)).close(np.ones((0, 2, 3, 4)))
with check("a limit beyond the image: moved far enough, it is all zeros"):
    images = np.tile(np.arange(1.0, 7).reshape(1, 2, 3), (600, 1, 1, 1))
    framed = np.pad(images[0, 0], 4)
    moves = {framed[i : i + 2, j : j + 3].tobytes() for i in range(9) for j in range(9)}
    found = expect(random_shift, images, 4, np.random.default_rng(10)).shape((600, 1, 2, 3))
    found.satisfies(
        lambda out, moves=moves: {np.ascontiguousarray(o[0]).tobytes() for o in out} <= moves, "only moves of the image"
    )
    # 9 · 9 moves, of which 3 · 5 leave something to be seen: 66 of 81 images are blank, 489 of 600 on average.
    found.satisfies(
        lambda out: 430 <= (out == 0).all(axis=(1, 2, 3)).sum() <= 542, "about 489 of 600 images without a pixel left"
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Random crops ★ · 6 min

**Given** `images` (N, C, H, W), a `side` from 1 to min(H, W) and `rng`, **return** a square of side × side pixels out
of each image, shape (N, C, side, side):

$$ \text{out}_{nchw} = \text{images}_{n, c, t_n + h, l_n + w}, \qquad t_n \in \{0, \dots, H - \text{side}\}, \quad l_n
\in \{0, \dots, W - \text{side}\} $$

All places where the square fits are equally likely, the last row and the last column too. $t_n$ and $l_n$ are
independent, every image draws its own, and all its channels are cropped alike. H and W may differ.

With side = H = W there is one place, and the images come back. The dtype is kept (uint8 stays uint8), images is not
changed, and N may be 0.

Every draw comes from `rng`: the same seed gives the same result, another seed another one. The functions of `np.random`
itself (`np.random.rand`, `np.random.seed`, …) and generators of your own are **banned**. The checks judge the law, not
the stream, so draw in whatever order you like; chance refuses a right answer less than once in a million.

*Worked number.* A 5 × 5 image and side 3: 3 · 3 = 9 places, each with probability 0.111111. On 5 × 6 pixels there are
12.

**What the interviewer is after**: how many places are there? An off-by-one here never fails, it only never shows the
last row. **Follow-ups**: which crop is taken at test time? Why do CIFAR recipes pad by 4 first, and which exercise is
that? What does a random *resized* crop add? May a crop change the label?

<details><summary>Hint 1</summary><code>rng.integers(n)</code> draws from 0 to n − 1. How many starts are
there?</details>
<details><summary>Hint 2</summary>A loop over the images with a slice is fine; without one,
<code>np.lib.stride_tricks.sliding_window_view</code> shows all windows, and an index picks one for each
image.</details>
"""

# %% role="solve" id="random_crop"
from dlkit.reference.regularization import random_crop

# %% role="check" id="random_crop-check" points=2
with check("every crop is a square piece of its own image, all channels alike"):
    numbers = np.arange(1.0, 61).reshape(2, 5, 6)
    images = numbers + 100 * np.arange(400).reshape(400, 1, 1, 1)
    found = expect(random_crop, images, 3, np.random.default_rng(0)).shape((400, 2, 3, 3))

    def cropped(out, images=images):
        for o, image in zip(out, images, strict=True):
            start = int(np.rint(o[0, 0, 0] - image[0, 0, 0]))
            top, left = start // 6, start % 6
            if not (start >= 0 and np.array_equal(o, image[:, top : top + 3, left : left + 3])):
                return False
        return True

    found.satisfies(cropped, "3 × 3 neighbouring pixels of image n, the same ones in both channels")
    found.satisfies(
        lambda out, x=images: np.unique(out[:, 0, 0, 0] - x[:, 0, 0, 0]).size == 12, "all 12 places met in 400 images"
    )
with check("side = H = W gives the images back, and images is left alone"):
    images = np.random.default_rng(1).uniform(1, 2, (4, 3, 5, 5))
    expect(random_crop, images, 5, np.random.default_rng(2)).close(images).unchanged()
    expect(random_crop, images, 2, np.random.default_rng(3)).shape((4, 3, 2, 2)).satisfies(
        lambda out, x=images: all(np.isin(o, i).all() for o, i in zip(out, x, strict=True)), "pixels of image n"
    ).unchanged()
with check("all nine places of 3 × 3 in 5 × 5 are equally likely, the last ones too", weight=2):
    images = np.tile(np.arange(1.0, 26).reshape(1, 5, 5), (2000, 1, 1, 1))
    found = expect(random_crop, images, 3, np.random.default_rng(4)).shape((2000, 1, 3, 3))
    for top in range(3):
        for left in range(3):
            found.satisfies(
                lambda out, first=1 + 5 * top + left: 143 <= (out[:, 0, 0, 0] == first).sum() <= 311,
                f"the crop at row {top}, column {left} in 143 to 311 of 2000 images",
            )
### BEGIN HIDDEN TESTS
with check("two images have places of their own"):
    images = np.tile(np.arange(1.0, 26).reshape(1, 5, 5), (2000, 1, 1, 1))
    found = expect(random_crop, images, 3, np.random.default_rng(5)).shape((2000, 1, 3, 3))
    found.satisfies(
        lambda out: 60 <= (out[::2, 0, 0, 0] == out[1::2, 0, 0, 0]).sum() <= 171,
        "two images cropped at the same place in about 111 of 1000 pairs",
    )
with check("every draw comes from rng; the same seed gives the same crops, another seed others"):
    images = np.tile(np.arange(1.0, 26).reshape(1, 5, 5), (60, 1, 1, 1))
    first = expect(random_crop, images, 3, np.random.default_rng(6)).value
    expect(random_crop, images, 3, np.random.default_rng(6)).close(first)
    expect(random_crop, images, 3, np.random.default_rng(7)).shape((60, 1, 3, 3)).satisfies(
        lambda out, first=first: not np.array_equal(out, first) and np.allclose(out[..., 1, 1] - out[..., 0, 0], 6),
        "other crops from another seed",
    )
    forbid(
        random_crop, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample", "numpy.random.binomial",
        "numpy.random.beta", "numpy.random.default_rng", "numpy.random.RandomState",
    )  # fmt: skip
with check("H ≠ W: all places of tall and wide images, side = H, and single pixels"):
    for H, W, side in [(3, 8, 2), (8, 3, 2), (4, 7, 4), (7, 4, 4), (3, 2, 1)]:
        images = np.tile(np.arange(1.0, H * W + 1).reshape(1, H, W), (400, 2, 1, 1))
        starts = {1.0 + W * top + left for top in range(H - side + 1) for left in range(W - side + 1)}
        found = expect(random_crop, images, side, np.random.default_rng(8)).shape((400, 2, side, side))
        found.satisfies(
            lambda out, starts=starts: set(out[:, 0, 0, 0].tolist()) == starts, f"all {len(starts)} places, no others"
        )
        found.satisfies(
            lambda out, side=side, W=W: np.array_equal(out[:, 0, -1, -1], out[:, 1, 0, 0] + (side - 1) * (W + 1)),
            "the last pixel of one channel and the first of the other side − 1 rows and columns apart",
        )
with check("uint8 stays uint8, float32 stays float32; no image"):
    for kind in (np.uint8, np.float32):
        images = np.tile(np.arange(1, 13).reshape(1, 3, 4), (50, 1, 1, 1)).astype(kind)
        expect(random_crop, images, 2, np.random.default_rng(9)).shape((50, 1, 2, 2)).satisfies(
            lambda out: (out[:, 0, 1, 1] == out[:, 0, 0, 0] + 5).all() and np.unique(out[:, 0, 0, 0]).size > 2,
            "2 × 2 neighbouring pixels, at several places",
        ).dtype(kind)
    expect(random_crop, np.ones((0, 2, 5, 4)), 3, np.random.default_rng(10)).close(np.ones((0, 2, 3, 3)))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## When to stop

### Early stopping ★ · 10 min

**Given** the validation losses of the epochs 0, 1, 2, … in order, a number `patience` ≥ 1 and a number `min_delta` ≥ 0
(default 0), **return** the tuple `(stop_epoch, best_epoch)`: the epoch after which training ends, and the epoch whose
weights you keep. Both are integers, counted from 0.

An epoch e is *better* if its loss is strictly below the best so far, by more than `min_delta`:

$$ L_e < L_\text{best} - \mathrm{min\_delta}, \qquad L_\text{best} = \infty \;\text{ at the start} $$

The best so far is the loss of the last epoch that was better in this sense; before the first of them it is ∞. So
progress smaller than `min_delta` leaves it where it is, and several small steps together can make a better epoch.

Every epoch that is not better uses up one unit of patience; a better one gives all of it back. Training stops at the
epoch that is the `patience`-th *in a row* to bring nothing better, otherwise at the last one. What comes after the stop
is never looked at.

A tie is not better. NaN and +∞ are never better. All of them use up patience, from epoch 0 on. If no epoch is better,
`best_epoch` is 0.

`val_losses` is a list or an array of at least one number, and is left alone.

*Worked number.* Losses [1.0, 0.8, 0.9, 0.7, 0.75, 0.7, 0.72, 0.6], patience 3: epoch 3 is the best, epochs 4, 5 (a tie)
and 6 bring nothing better, so the answer is (6, 3). Nobody will know about the 0.6.

**What the interviewer is after**: can you keep three variables in order while ties, NaN and the end of the list try to
get in between? **Follow-ups**: why does stopping early act like L2 regularization? How do you use the validation data
once you know the epoch? Is the best validation loss an honest estimate of the test loss? What happens with a learning
rate schedule?

<details><summary>Hint 1</summary>One loop, three variables: the best loss, its epoch, and how many epochs you have
waited.</details>
<details><summary>Hint 2</summary>A comparison with NaN is always False. Ask "is it better?" and leave everything else
to the <code>else</code>.</details>
<details><summary>Hint 3</summary>In the else branch add 1 to the wait, and return at once when it has reached
patience. What is left to return after the loop?</details>
"""

# %% role="solve" id="early_stopping"
from dlkit.reference.regularization import early_stopping

# %% role="check" id="early_stopping-check" points=2
with check("three epochs in a row without a better one end the training"):
    losses = [1.0, 0.8, 0.9, 0.7, 0.75, 0.7, 0.72, 0.6]
    expect(early_stopping, losses, 3).close((6, 3))
with check("otherwise the last epoch is the stop"):
    expect(early_stopping, [3.0, 2.0, 1.5, 1.25], 2).close((3, 3))
    expect(early_stopping, [2.0, 1.0, 1.5], 5).close((2, 1))
    expect(early_stopping, [1.0], 1).close((0, 0))
with check("a tie is not better, and a better epoch gives all the patience back"):
    expect(early_stopping, [1.0, 0.5, 0.5, 0.5, 0.25], 2).close((3, 1))
    expect(early_stopping, [5.0, 6.0, 4.0, 6.0, 3.0, 6.0, 2.0], 2).close((6, 6))
    expect(early_stopping, [3.0, 1.0, 2.0, 1.5, 1.25, 0.5], 3).close((4, 1))
with check("better by more than min_delta"):
    expect(early_stopping, [1.0, 0.75, 0.5, 0.25], 2, min_delta=0.25).close((3, 2))
    expect(early_stopping, [1.0, 0.875, 0.75, 0.625], 4, min_delta=0.25).close((3, 3))
    expect(early_stopping, [1.0, 0.875, 0.9375, 0.25], 2, min_delta=0.25).close((2, 0))
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("NaN is never better and uses up patience"):
    nan = math.nan
    expect(early_stopping, [1.0, nan, nan, nan], 2).close((2, 0))
    expect(early_stopping, [nan, 2.0, nan, 1.0, nan, nan, 0.5], 2).close((5, 3))
with check("all NaN: the best is epoch 0; infinity is never better"):
    expect(early_stopping, [math.nan] * 5, 3).close((2, 0))
    expect(early_stopping, [math.nan], 1).close((0, 0))
    expect(early_stopping, [math.inf, math.inf, 3.0, 4.0], 3).close((3, 2))
with check("an array as well as a list, and it is left alone; the epochs are integers"):
    losses = np.array([4.0, 2.0, 3.0, 1.0, 1.5, 1.25])
    found = expect(early_stopping, losses, 2).close((5, 3)).unchanged()
    found.satisfies(
        lambda epochs: all(isinstance(epoch, (int, np.integer)) for epoch in epochs), "two integers, not floats"
    )
with check("losses going up and down, every patience, with and without min_delta"):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        losses = list(np.maximum(24 - 2 * np.arange(14), 0) / 8 + rng.integers(0, 9, 14) / 8)
        for patience, min_delta in [(1, 0.0), (2, 0.25), (3, 0.0), (4, 0.5)]:
            expect(early_stopping, losses, patience, min_delta=min_delta).close(
                reference.early_stopping(losses, patience, min_delta)
            )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: read six curves aloud

Six runs on digits. The training loss is what most programs log: the mean over the batches of the epoch, as they were
trained on. Your `early_stopping` marks the epoch to keep, and where patience 10 would have ended the run.

*Say it aloud* for each panel, before you run on: what do you see, what is the diagnosis, which check would confirm it,
and what would you do next? One of the six is fine.
"""

# %% role="demo" id="experiment-learning-curves"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
order = np.random.default_rng(0).permutation(len(labels))
X_val = images[order[1200:]]  # 597 digits


def curves(n=1000, widths=(64, 32, 10), p=0.0, rate=0.2, epochs=50, wrong_labels=0.0, bad_batch_at=None):
    """Training loss as it is usually logged, a mean over the epoch; validation loss; the first measured at the end."""
    rng = np.random.default_rng(0)
    net = Network(widths, rng, p)
    given = np.where(rng.random(len(labels)) < wrong_labels, rng.integers(0, 10, len(labels)), labels)
    X, y, y_val = images[order[:n]], given[order[:n]], given[order[1200:]]
    training, validation = [], []
    for epoch in range(epochs):
        shuffled = rng.permutation(n)
        losses = []
        for k, start in enumerate(range(0, n, 50)):
            batch = shuffled[start : start + 50]
            factor = 1000 if epoch == bad_batch_at and k == 0 else 1
            losses.append(net.descend(factor * X[batch], y[batch], rate))
        training.append(np.mean(losses))
        validation.append(cross_entropy(net.probabilities(X_val), y_val))
    return training, validation, cross_entropy(net.probabilities(X), y)


with experiment(), figure("Six runs: what do you see, and what next?", columns=3, rows=2, width=11.5) as panels:
    runs = {
        "A": curves(widths=(64, 2, 10)),
        "B": curves(n=200, widths=(64, 64, 10), wrong_labels=0.2, epochs=100),
        "C": curves(p=0.7),
        "D": curves(widths=(64, 32, 32, 10), bad_batch_at=20),
        "E": curves(rate=0.003),
        "F": curves(),
    }
    for (name, (training, validation, _)), panel in zip(runs.items(), panels, strict=True):
        stop, best = early_stopping(validation, patience=10)
        panel.plot(training, "C0", label="training")
        panel.plot(validation, "C1--", label="validation")
        panel.plot(best, validation[best], "kv", markersize=7, label="kept: best epoch")
        if stop < len(validation) - 1:
            panel.axvline(stop, color="0.3", linestyle=":", linewidth=1.2, label="stop, patience 10")
        panel.set(title=name, xlabel="epoch", ylabel="loss", ylim=(0, 2.6))
        print(f"{name}: at the end training {training[-1]:.2f}, validation {validation[-1]:.2f}; ", end="")
        print(f"least validation {validation[best]:.2f}")
    print(f"C: training loss without dropout, at the end: {runs['C'][2]:.2f}")
    panels[1].legend(loc="upper right", fontsize=8)

# %% [markdown]
r"""
**What it shows.**

| | seen | diagnosis | here | check, then next step |
|---|---|---|---|---|
| A | both high, close together: 0.90 and 0.99 | underfitting | two hidden units | can it fit 20 examples? then a larger network, less regularization |
| B | training falls to 0.34, validation turns at 1.24 and climbs to 1.53 | overfitting | 200 rows, 64 units, a fifth of the labels drawn at random | keep the best epoch; more data, cleaner labels, regularization |
| C | validation 0.20 far below training 0.77 | measured differently | dropout 0.7 | training loss without dropout: 0.17 |
| D | both good, then a jump, and no way back from 2.3 | divergence | one batch in the wrong unit, 1,000 times too large; the ReLUs died | gradient norm and data of that batch; go back to a checkpoint, clip |
| E | a slow, steady fall that has not ended: 1.66 | learning rate too low | 0.003 instead of 0.2 | a range of rates, ten times apart |
| F | both fall and level off: 0.05 and 0.10 | fine | | more data narrows the gap that is left |

The height of 2.3 in D is ln 10: the network says the same for every digit. In B early stopping saves two thirds of the
epochs and has the better network. In E there is nothing to stop: both curves are still falling.

**What to say in an interview.** “First the training loss: is it low enough? If not, I underfit or optimize badly. Then
the gap, with both measured alike. Then the shape over time: still falling, flat, turning, or a jump.”
"""

# %% [markdown]
r"""
### Experiment: early stopping against L2

Descent on ½‖Xw − y‖² from w = 0 with learning rate η = 0.05. Along a direction of curvature h, after t steps the share
$1 - (1 - \eta h)^t$ of the way to the minimum is done. Your `ridge` goes the share $h / (h + \lambda)$. For small ηht
the first is about ηht, and for large λ the second about h/λ: the same if **λ = 1/(ηt)**.

- Left: two weights, curvatures 9 and 0.36. Filled marks: stopped at t. Open marks: ridge with λ = 1/(ηt).
- Middle: both shares against the curvature.
- Right: a regression with 40 rows and 30 weights. Error on 1,000 held-out rows, stopped at t or with λ = 1/(ηt).

*Make a prediction*: which of the two weights is held back, by both methods? Where do the two shares differ most?
"""

# %% role="demo" id="experiment-stopping-and-l2"
from dlkit.lab import experiment, figure

with experiment(), figure("Stopping after t steps acts like L2 with λ = 1/(ηt)", columns=3, width=12) as panels:
    left, middle, right = panels
    rate = 0.05

    def descent(X, y, steps):
        """Gradient descent on ½ ‖Xw − y‖² from 0: all the weights on the way, (steps + 1, D)."""
        w = [np.zeros(X.shape[1])]
        for _ in range(steps):
            w.append(w[-1] - rate * X.T @ (X @ w[-1] - y))
        return np.array(w)

    X, best = np.diag([3.0, 0.6]), np.array([1.0, 1.0])  # curvatures 9 and 0.36
    walk = descent(X, X @ best, 200)
    stops = np.array([2, 10, 50])
    penalized = np.array([ridge(X, X @ best, 1 / (rate * t)) for t in np.geomspace(0.05, 2000, 80)])
    grid = np.stack(np.meshgrid(np.linspace(-0.1, 1.25, 100), np.linspace(-0.1, 1.15, 100)), axis=-1)
    bowl = (((grid - best) @ X) ** 2).sum(axis=-1)
    left.contour(grid[..., 0], grid[..., 1], bowl, [0.01, 0.1, 0.3, 1, 3], colors="0.8", linewidths=1)
    left.plot(*walk.T, "C0-", label="descent from 0")
    left.plot(*penalized.T, "C1--", label="ridge, all λ")
    for t, shape in zip(stops, "o^s", strict=True):
        left.plot(*walk[t], "C0" + shape, markersize=7)
        left.plot(*ridge(X, X @ best, 1 / (rate * t)), "C1" + shape, markersize=7, markerfacecolor="white")
    left.plot(*best, "k*", markersize=11)
    left.set(xlabel="weight of curvature 9", ylabel="weight of curvature 0.36", title="t = 2 ●, 10 ▲, 50 ■")
    left.legend(loc="upper left")

    h = np.geomspace(0.01, 15, 200)
    for t, color in zip(stops, ("C0", "C1", "C2"), strict=True):
        middle.semilogx(h, 1 - (1 - rate * h) ** t, color + "-", label=f"t = {t}")
        middle.semilogx(h, h / (h + 1 / (rate * t)), color + "--")
    middle.set(xlabel="curvature h", ylabel="share of the weight that is learnt", title="stopped —, penalized - -")
    middle.legend(loc="upper left")

    rng = np.random.default_rng(0)
    scales = np.geomspace(2, 0.1, 30)  # thirty features, the last hardly vary
    true = rng.normal(0, 1, 30)

    def rows(n):
        X = scales * rng.normal(0, 1, (n, 30)) / math.sqrt(40)
        return X, X @ true + rng.normal(0, 0.3, n)

    (X, y), (X_new, y_new) = rows(40), rows(1000)
    times = np.unique(np.geomspace(1, 3000, 40).astype(int))
    stopped = ((X_new @ descent(X, y, 3000).T - y_new[:, None]) ** 2).mean(axis=0)
    weights = np.array([ridge(X, y, 1 / (rate * t)) for t in times])
    shrunk = ((X_new @ weights.T - y_new[:, None]) ** 2).mean(axis=0)
    right.semilogx(times, stopped[times], "C0-", label="stopped at t")
    right.semilogx(times, shrunk, "C1--", label="ridge, λ = 1/(ηt)")
    right.set(xlabel="steps t", ylabel="mean squared error, new rows", title="a noisy regression, 30 weights")
    _, kept = early_stopping(list(stopped), patience=20)
    right.plot(kept, stopped[kept], "kv", markersize=7, label="early_stopping keeps")
    right.legend(loc="upper center")
    for t in stops:
        a, b = walk[t], ridge(np.diag([3.0, 0.6]), np.array([3.0, 0.6]), 1 / (rate * t))
        print(f"t = {t:2d}: stopped [{a[0]:.2f}, {a[1]:.2f}], penalized [{b[0]:.2f}, {b[1]:.2f}]")
    print(f"new rows: best stopped {stopped.min():.3f}, best ridge {shrunk.min():.3f}, ", end="")
    print(f"after 3,000 steps {stopped[-1]:.3f}, least squares {((X_new @ ridge(X, y, 0.0) - y_new) ** 2).mean():.3f}")
    print(f"early_stopping, patience 20, keeps step {kept}")

# %% [markdown]
r"""
**What it shows.** Both leave directions of small curvature near 0 and let the others go: at t = 10, stopping gives
[1.00, 0.17], ridge [0.82, 0.15]. The shares agree at small curvature. At large curvature stopping is the more
decided of the two: it has done all of the way where ridge still shrinks. So the paths are neighbours and not the same.

On held-out rows it hardly matters: the best stopped weights have the error 0.137, the best ridge 0.136, against 0.197
after 3,000 steps and 0.398 for least squares. `early_stopping` keeps step 70, all found in one run, where ridge needs a
fit for each λ. (The least of many errors on these rows is a little optimistic for both.)

**What to say in an interview.** “On a quadratic, stopping after t steps from 0 is like L2 with λ = 1/(ηt). Both shrink
directions of low curvature, which the data say least about. The number of steps is a regularizer that needs only one
run; it depends on the start, the learning rate and the optimizer.”
"""

# %% [markdown]
r"""
### Concept question: patience and a schedule
"""

# %% role="question" id="stop_within_a_schedule" points=1

# %% [markdown]
r"""
## Splitting the data

### Folds ★★ · 10 min

**Given** a number of samples `n`, a number of folds `k` and a generator `rng` (an `np.random.Generator`), **return** a
list of k pairs `(train, val)` of integer arrays: k ways to divide the samples 0, …, n − 1.

$$ \bigcup_{i=1}^{k} \text{val}_i = \{0, \dots, n-1\}, \qquad \text{val}_i \cap \text{val}_j = \emptyset \;\; (i \ne j),
\qquad \text{train}_i = \{0, \dots, n-1\} \setminus \text{val}_i $$

So every sample is validated exactly once, and no sample is on both sides of a pair. The folds val differ in size by at
most 1: nobody is left out when k does not divide n.

Which samples come together in a fold is random: every way to put them into folds of these sizes is equally likely.
The order within each array, and which folds are the larger ones, are up to you.

Raise `ValueError` unless 2 ≤ k ≤ n. k = n is allowed: leave one out.

All randomness comes from `rng`: the same seed gives the same folds, another seed others. Numpy's global generator is
**banned** (`np.random.seed`, `rand`, `randn`, `normal`, `uniform`, `standard_normal`, `shuffle`, `permutation`,
`choice`, `randint`); methods of `rng` of such names are fine. The checks judge the law, not the stream: chance refuses
a right answer less than once in a million.

*Worked number.* n = 10, k = 4: the folds have the sizes 3, 3, 2, 2, and their train parts 7, 7, 8, 8.

**What the interviewer is after**: do the remainder, the shuffle and the errors come by themselves? **Follow-ups**: why
shuffle, and when must you not (time series, several rows of one patient)? What does a larger k buy, and what does it
cost? Is leave-one-out's variance really high, as is often said, and for which models? What do you do with the k
models?

<details><summary>Hint 1</summary>Shuffle once, before anything is cut. What would happen to "exactly once" if you
shuffled for every fold?</details>
<details><summary>Hint 2</summary><code>np.array_split</code> cuts an array into k pieces of nearly equal length. So
does <code>order[i::k]</code>.</details>
<details><summary>Hint 3</summary>Fold i is val; the other pieces, put together with <code>np.concatenate</code>, are
train.</details>
"""

# %% role="solve" id="kfold_indices"
from dlkit.reference.regularization import kfold_indices

# %% role="check" id="kfold_indices-check" points=4
with check("six samples in three folds: every sample is validated exactly once"):
    found = expect(kfold_indices, 6, 3, np.random.default_rng(0))
    found.satisfies(lambda folds: len(folds) == 3, "a list of 3 pairs")
    found.satisfies(
        lambda folds: not all(len(train) == 2 and len(val) == 4 for train, val in folds),
        "pairs (train, val); yours seem to be (val, train)",
    )
    found.satisfies(
        lambda folds: sorted(np.concatenate([val for _, val in folds]).tolist()) == list(range(6)),
        "each of 0 … 5 in exactly one val",
    )
    found.satisfies(lambda folds: all(len(val) == 2 for _, val in folds), "2 samples in each val")
with check("train is all that val leaves out: no sample is on both sides"):
    found = expect(kfold_indices, 9, 3, np.random.default_rng(1))
    found.satisfies(
        lambda folds: not any(np.isin(train, val).any() for train, val in folds), "no sample in both train and val"
    )
    found.satisfies(
        lambda folds: len(folds) == 3 and all(sorted([*train, *val]) == list(range(9)) for train, val in folds),
        "each of 0 … 8 once in every pair",
    )
with check("10 samples in 4 folds: sizes 3, 3, 2, 2 in some order"):
    found = expect(kfold_indices, 10, 4, np.random.default_rng(2))
    for sizes, named in [
        ([2, 2, 2, 2], "every fold has n // k samples, and the remainder is never validated"),
        ([2, 2, 2, 4], "one fold takes the whole remainder"),
        ([1, 3, 3, 3], "one fold has what fuller ones leave"),
    ]:
        found.satisfies(
            lambda folds, sizes=sizes: sorted(len(val) for _, val in folds) != sizes,
            f"sizes 3, 3, 2, 2; in yours {named}",
        )
    found.satisfies(
        lambda folds: sum(len(val) for _, val in folds) == 10, "10 samples in all the val together: none is left over"
    )
    found.satisfies(
        lambda folds: sorted(len(val) for _, val in folds) == [2, 2, 3, 3], "val sizes that differ by at most 1"
    )
with check("ValueError unless 2 ≤ k ≤ n; leave one out is allowed"):
    expect(kfold_indices, 5, 5, np.random.default_rng(3)).satisfies(
        lambda folds: sorted(int(sample) for _, val in folds for sample in val) == list(range(5)) and len(folds) == 5,
        "5 folds of one sample each, where k = n = 5",
    )
    for n, k in [(5, 1), (5, 6), (3, 10), (4, 0), (4, -2)]:
        expect(kfold_indices, n, k, np.random.default_rng(4)).raises(ValueError)
with check("which samples come together is left to chance"):
    # Of 500 disjoint pairs of samples, this many are in one fold of two; a right answer misses the band in 1e-7.
    found = expect(kfold_indices, 1000, 2, np.random.default_rng(5))
    for near, other, named in [
        (np.s_[0::2], np.s_[1::2], "(0, 1), (2, 3), …"),
        (np.s_[:500], np.s_[500:], "(0, 500), (1, 501), …"),
    ]:
        found.satisfies(
            lambda folds, a=np.arange(1000)[near], b=np.arange(1000)[other]: (
                190 <= (np.isin(a, folds[0][1]) == np.isin(b, folds[0][1])).sum() <= 308
            ),
            f"a shuffle: of the pairs {named} about 250 of 500 have both in the same fold, not nearly all or none",
        )
### BEGIN HIDDEN TESTS
with check("the same seed gives the same folds, another seed others"):
    first = expect(kfold_indices, 40, 4, np.random.default_rng(6)).value
    again = expect(kfold_indices, 40, 4, np.random.default_rng(6))
    again.satisfies(lambda folds: len(folds) == 4 and len(folds[0][1]) == 10, "4 folds of 10 samples")
    again.satisfies(
        lambda folds, first=first: all(np.array_equal(a[1], b[1]) for a, b in zip(folds, first, strict=True)),
        "the same folds again from the same seed: all chance comes from rng",
    )
    expect(kfold_indices, 40, 4, np.random.default_rng(7)).satisfies(
        lambda folds, first=first: (
            {frozenset(map(int, val)) for _, val in folds} != {frozenset(map(int, val)) for _, val in first}
        ),
        "other folds from another seed",
    )
with check("all chance comes from rng: numpy's global generator plays no part"):
    expect(kfold_indices, 12, 3, np.random.default_rng(8)).satisfies(
        lambda folds: [len(val) for _, val in folds] == [4, 4, 4], "3 folds of 4 samples"
    )
    forbid(
        kfold_indices, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint",
    )  # fmt: skip
with check("any n and k: every pair divides all the samples, sizes within 1"):
    for n, k in [(2, 2), (3, 2), (7, 7), (11, 3), (29, 10), (100, 6), (101, 100)]:
        found = expect(kfold_indices, n, k, np.random.default_rng(9))
        found.satisfies(
            lambda folds, n=n, k=k: sorted(len(val) for _, val in folds) == [(n + i) // k for i in range(k)],
            f"{k} val parts of {n} samples in all, sizes that differ by at most 1",
        )
        found.satisfies(
            lambda folds, n=n: sorted(int(sample) for _, val in folds for sample in val) == list(range(n)),
            "every sample in exactly one val",
        )
        found.satisfies(
            lambda folds, n=n: all(sorted([*train, *val]) == list(range(n)) for train, val in folds),
            "every sample once in every pair",
        )
with check("the parts are integers, fit to index an array"):
    expect(kfold_indices, 7, 3, np.random.default_rng(10)).satisfies(
        lambda folds: len(folds) == 3 and all(np.asarray(part).dtype.kind in "iu" for pair in folds for part in pair),
        "3 pairs of integer arrays",
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Stratified folds ★★ · 15 min

**Given** the classes `y` of shape `(N,)`, a number of folds `k` and a generator `rng`, **return** a list of k pairs
`(train, val)` of integer arrays, as plain folds are: each of the samples 0, …, N − 1 is in exactly one val, and each
train holds all the others. Now two things must be even at the same time. With $n_c$ samples of class c,

$$ \text{class } c \text{ in a fold:} \;\; \Bigl\lfloor \frac{n_c}{k} \Bigr\rfloor \text{ or }
\Bigl\lceil \frac{n_c}{k} \Bigr\rceil, \qquad
\text{a fold's size:} \;\; \Bigl\lfloor \frac{N}{k} \Bigr\rfloor \text{ or } \Bigl\lceil \frac{N}{k} \Bigr\rceil $$

for every class and every fold. So in two folds each class's counts differ by at most 1, and so do the folds' sizes.
Mind the second: where every class gives its leftovers to the first folds, these grow too large.

A class with fewer than k samples is allowed: it is missing in some folds. Labels are any numbers, not only
0, …, C − 1, in any order, and `y` is left alone.

Which samples of a class come together in a fold is random, each way equally likely. Which folds get the leftovers, and
the order within each array, are up to you. Raise `ValueError` unless 2 ≤ k ≤ N.

All randomness comes from `rng`: the same seed gives the same folds, another seed others. Numpy's global generator is
**banned** (`np.random.seed`, `rand`, `randn`, `normal`, `uniform`, `standard_normal`, `shuffle`, `permutation`,
`choice`, `randint`). Chance refuses a right answer less than once in a million.

*Worked number.* Nine samples of class 0 and three of class 1, k = 3: every fold holds three of class 0 and one of
class 1. Three classes of four samples each, k = 3: each class leaves one over, and every fold has four samples, not six
or three.

**What the interviewer is after**: can you spread each class evenly without piling up the leftovers? **Follow-ups**: how
likely is a plain fold without any sample of a rare class? What does stratifying do to the variance of the estimate? How
do you stratify a regression target, or samples with several labels? What about groups?

<details><summary>Hint 1</summary>Deal the samples to the folds like cards, one at a time. In which order must they lie
for each class to be spread evenly?</details>
<details><summary>Hint 2</summary>Class after class, shuffled within each. When a new class begins, go on with the fold
whose turn it is.</details>
<details><summary>Hint 3</summary>Shuffle all the samples, sort them by class with a stable argsort, and give fold i
every k-th of them: <code>by_class[i::k]</code>.</details>
"""

# %% role="solve" id="stratified_kfold_indices"
from dlkit.reference.regularization import stratified_kfold_indices

# %% role="check" id="stratified_kfold_indices-check" points=4
with check("nine of one class and three of the other: three and one in each of three folds"):
    y = np.array([0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0])
    found = expect(stratified_kfold_indices, y, 3, np.random.default_rng(0))
    found.satisfies(lambda folds: len(folds) == 3, "a list of 3 pairs (train, val)")
    found.satisfies(
        lambda folds: sorted(np.concatenate([val for _, val in folds]).tolist()) == list(range(12)),
        "each of 0 … 11 in exactly one val",
    )
    found.satisfies(
        lambda folds, y=y: all((y[val] == 1).sum() == 1 and (y[val] == 0).sum() == 3 for _, val in folds),
        "three samples of class 0 and one of class 1 in each val",
    )
with check("what the classes leave over is spread too: the folds' sizes differ by at most 1"):
    for y, sizes in [(np.repeat([0, 1, 2], 4), [4, 4, 4]), (np.arange(9) // 2, [2, 2, 2, 3])]:
        found = expect(stratified_kfold_indices, y, len(sizes), np.random.default_rng(1))
        found.satisfies(
            lambda folds, y=y: (
                sum(len(val) for _, val in folds) < len(y)
                or np.ptp([len(val) for _, val in folds]) < 2
                or any(np.ptp([(y[val] == c).sum() for _, val in folds]) > 1 for c in y)
            ),
            "folds of equal size, give or take 1; in yours each class is even, but all the leftovers pile up in one fold",
        )
        found.satisfies(
            lambda folds, sizes=sizes: sorted(len(val) for _, val in folds) == sizes,
            f"val sizes {sizes} in some order: the leftovers of the classes must not pile up in the same folds",
        )
        found.satisfies(
            lambda folds, y=y: all(np.ptp([(y[val] == c).sum() for _, val in folds]) <= 1 for c in y),
            "each class's counts in two val differ by at most 1",
        )
with check("train is all that val leaves out"):
    found = expect(stratified_kfold_indices, np.array([0, 1, 1, 0, 1, 0, 1]), 2, np.random.default_rng(2))
    found.satisfies(
        lambda folds: not any(np.isin(train, val).any() for train, val in folds), "no sample in both train and val"
    )
    found.satisfies(
        lambda folds: len(folds) == 2 and all(sorted([*train, *val]) == list(range(7)) for train, val in folds),
        "each of 0 … 6 once in every pair",
    )
with check("which samples of a class come together is left to chance"):
    # 1000 samples of each class, so 500 disjoint pairs; a right answer misses the bands in 1.7e-7.
    found = expect(stratified_kfold_indices, np.arange(2000) % 2, 2, np.random.default_rng(3))
    found.satisfies(
        lambda folds: all((np.asarray(folds[0][1]) % 2 == c).sum() == 500 for c in (0, 1)),
        "500 of each class in a fold",
    )
    for c in (0, 1):
        for near, other in [(np.s_[0::2], np.s_[1::2]), (np.s_[:500], np.s_[500:])]:
            found.satisfies(
                lambda folds, own=np.arange(c, 2000, 2), a=near, b=other: (
                    190 <= (np.isin(own[a], folds[0][1]) == np.isin(own[b], folds[0][1])).sum() <= 310
                ),
                "a shuffle within each class: of 500 pairs of its samples about 250 have both in the same fold",
            )
with check("ValueError unless 2 ≤ k ≤ N; leave one out is allowed"):
    y = np.array([0, 0, 1, 1, 1])
    expect(stratified_kfold_indices, y, 5, np.random.default_rng(4)).satisfies(
        lambda folds: sorted(int(sample) for _, val in folds for sample in val) == list(range(5)) and len(folds) == 5,
        "5 folds of one sample each, where k = N = 5",
    )
    for k in (1, 6, 10, 0, -3):
        expect(stratified_kfold_indices, y, k, np.random.default_rng(5)).raises(ValueError)
### BEGIN HIDDEN TESTS
with check("a class with fewer than k samples is allowed"):
    y = np.array([0] * 7 + [1] * 2 + [2])
    found = expect(stratified_kfold_indices, y, 5, np.random.default_rng(6))
    found.satisfies(lambda folds: [len(val) for _, val in folds] == [2] * 5, "5 folds of 2 samples")
    found.satisfies(
        lambda folds, y=y: all((y[val] == 1).sum() <= 1 for _, val in folds), "the two of class 1 in two folds"
    )
with check("labels are any numbers, sorted or not, and y is left alone"):
    for y in [np.array([40, -3, 7, 7, -3, 40, 40, -3]), np.array([-2, -2, -2, 0, 0, 9, 9, 9]), np.arange(8) // 3 / 2]:
        found = expect(stratified_kfold_indices, y, 3, np.random.default_rng(7)).unchanged()
        found.satisfies(
            lambda folds: sorted(int(sample) for _, val in folds for sample in val) == list(range(8)),
            "each of 0 … 7 in exactly one val",
        )
        found.satisfies(
            lambda folds, y=y: all(np.ptp([(y[val] == c).sum() for _, val in folds]) <= 1 for c in y),
            "each class's counts in two val differ by at most 1",
        )
with check("the same seed gives the same folds, another seed others"):
    y = np.arange(60) % 3
    first = expect(stratified_kfold_indices, y, 4, np.random.default_rng(8)).value
    again = expect(stratified_kfold_indices, y, 4, np.random.default_rng(8))
    again.satisfies(lambda folds: [len(val) for _, val in folds] == [15] * 4, "4 folds of 15 samples")
    again.satisfies(
        lambda folds, first=first: all(np.array_equal(a[1], b[1]) for a, b in zip(folds, first, strict=True)),
        "the same folds again from the same seed: all chance comes from rng",
    )
    expect(stratified_kfold_indices, y, 4, np.random.default_rng(9)).satisfies(
        lambda folds, first=first: (
            {frozenset(map(int, val)) for _, val in folds} != {frozenset(map(int, val)) for _, val in first}
        ),
        "other folds from another seed",
    )
with check("all chance comes from rng: numpy's global generator plays no part"):
    expect(stratified_kfold_indices, np.arange(12) % 2, 3, np.random.default_rng(10)).satisfies(
        lambda folds: [len(val) for _, val in folds] == [4, 4, 4], "3 folds of 4 samples"
    )
    forbid(
        stratified_kfold_indices, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn",
        "numpy.random.normal", "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle",
        "numpy.random.permutation", "numpy.random.choice", "numpy.random.randint",
    )  # fmt: skip
with check("any classes and any k: every pair divides the samples, classes and sizes within 1, integers"):
    for seed, (n, k) in enumerate([(2, 2), (5, 2), (13, 4), (30, 7), (31, 31), (100, 10), (101, 3)]):
        y = np.random.default_rng(seed).choice(5, n, p=[0.5, 0.3, 0.1, 0.05, 0.05])
        found = expect(stratified_kfold_indices, y, k, np.random.default_rng(seed))
        found.satisfies(
            lambda folds, n=n, k=k: sorted(len(val) for _, val in folds) == [(n + i) // k for i in range(k)],
            f"{k} val parts of {n} samples in all, sizes that differ by at most 1",
        )
        found.satisfies(
            lambda folds, y=y: all(np.ptp([(y[val] == c).sum() for _, val in folds]) <= 1 for c in range(5)),
            "each class's counts in two val differ by at most 1",
        )
        found.satisfies(
            lambda folds, n=n: (
                all(sorted([*train, *val]) == list(range(n)) for train, val in folds)
                and all(np.asarray(part).dtype.kind in "iu" for pair in folds for part in pair)
            ),
            "every sample once in every pair, as integers",
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Cross-validation ★★ · 12 min

**Given** two functions `fit` and `score`, data `X` of shape `(N, …)`, targets `y` of shape `(N,)` or `(N, …)`, a number
of folds `k` and a generator `rng`, **return** the k scores as an array of shape `(k,)`.

Cut the N samples at random into k folds $F_1, \dots, F_k$ whose sizes differ by at most 1, every sample in exactly one.
Then

$$ s_i = \mathrm{score}\bigl(m_i,\, X_{F_i},\, y_{F_i}\bigr), \qquad
m_i = \mathrm{fit}\bigl(X_{\setminus F_i},\, y_{\setminus F_i}\bigr) $$

where $\setminus F_i$ stands for all the samples outside of fold i. `fit(X, y)` returns a new model, any object, which
you hand on; `score(model, X, y)` returns a number. Call each exactly k times, with its arguments by position. The order
of the scores and of the rows within a call are free, but X and y must keep together.

**Leakage.** Whatever is computed from data, computed on all of them before they are split, lets the model peek: the
mean and std for scaling, the choice of features, PCA, a target's encoding. It all belongs into `fit`, which you are
handed. So pass on the rows of X and y *as they are*, and nothing else.

All folds are equally likely, and all chance comes from `rng`: the same seed gives the same scores, another seed other
folds. Numpy's global generator is **banned** (`np.random.seed`, `rand`, `randn`, `normal`, `uniform`,
`standard_normal`, `shuffle`, `permutation`, `choice`, `randint`). Raise `ValueError` unless 2 ≤ k ≤ N. X and y are left
alone. The checks write down what `fit` and `score` were given. Chance refuses a right answer less than once in a
million.

*Worked number.* y = [1, 2, 3, 6], the model is the mean of its training targets, the score its squared error, k = 4
(leave one out): without the 1 the mean is 11/3, error 64/9 = 7.11111; the other three are 1.77778, 0 and 16. Fitted on
all four samples, the mean is 3, and the errors would be 4, 1, 0 and 9: too good.

**What the interviewer is after**: does each row stay on one side, and do you know what leaks? **Follow-ups**: scaling
and choosing features before the split, which is worse, and why? You pick the best of 50 settings by these scores: what
is wrong with reporting the best score? Are the k scores independent, and what of their standard error? Which model do
you deploy in the end?

<details><summary>Hint 1</summary>Split the row numbers, not the data: the same row numbers index X and y.</details>
<details><summary>Hint 2</summary>One permutation, cut into k folds. For each fold the others, put together, are the
training rows.</details>
<details><summary>Hint 3</summary>Inside the loop: a new model from <code>fit(X[train], y[train])</code>, then its score
on <code>X[val], y[val]</code>.</details>
"""

# %% role="solve" id="cross_validate"
from dlkit.reference.regularization import cross_validate

# %% role="check" id="cross_validate-check" points=4
with check("leave one out, worked by hand: the model is a mean, the score its squared error"):

    def fit(X, y):
        return float(y.mean())

    def score(model, X, y):
        return float(((y - model) ** 2).mean())

    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 3.0, 6.0])
    found = expect(cross_validate, fit, score, X, y, 4, np.random.default_rng(0)).shape((4,))
    found.satisfies(
        lambda scores: not np.allclose(np.sort(scores), [0, 1, 4, 9]),
        "errors on samples that the model has not seen; yours was fitted on all of them",
    )
    found.satisfies(
        lambda scores: np.allclose(np.sort(scores), [0, 16 / 9, 64 / 9, 16]), "0, 1.7778, 7.1111 and 16, in any order"
    )
with check("a model that remembers what it has seen is asked about new samples only"):

    def fit(X, y):
        return y

    def score(model, X, y):
        return float(np.mean([target not in model for target in y]))  # the share of new ones

    X, y = np.arange(14.0).reshape(7, 2), np.arange(7.0)
    expect(cross_validate, fit, score, X, y, 3, np.random.default_rng(1)).close(np.ones(3))
with check("fit gets the rows outside of a fold, score the fold, X and y together, as they are"):

    def fit(X, y):
        return y

    def score(model, X, y):
        return float(len(model) + len(y))

    y = np.arange(8.0)
    X = np.stack([10 * y, 3 - y], axis=1)
    found = expect(cross_validate, fit, score, X, y, 4, np.random.default_rng(2)).close([8.0, 8.0, 8.0, 8.0])
    found.asked(
        lambda calls: sorted(call.function for call in calls) == ["fit"] * 4 + ["score"] * 4,
        "4 calls of fit and 4 of score",
    )
    found.asked(
        lambda calls: all(len(call.args[-1]) == (6 if call.function == "fit" else 2) for call in calls),
        "6 rows in each call of fit and 2 in each call of score",
    )
    found.asked(
        lambda calls: all(np.isin(call.args[-2][:, 0], 10 * np.arange(8)).all() for call in calls),
        "rows of X as they are: nothing that was computed from all the data, such as their mean",
    )
    found.asked(
        lambda calls: all(np.allclose(call.args[-2], np.stack([10 * t, 3 - t], axis=1)) for call in calls
                          for t in [call.args[-1]]),
        "each row of X with its own y",
    )  # fmt: skip
    found.asked(
        lambda calls: sorted(t for call in calls if call.function == "score" for t in call.args[2]) == list(range(8)),
        "every sample in exactly one call of score",
    )
    found.asked(
        lambda calls: all(sorted([*call.args[0], *call.args[2]]) == list(range(8))
                          for call in calls if call.function == "score"),
        "each fold scored with the model that was fitted to all the other rows",
    )  # fmt: skip
with check("ValueError unless 2 ≤ k ≤ N"):

    def fit(X, y):
        return len(y)

    def score(model, X, y):
        return 10.0 * model + len(y)

    X, y = np.arange(5.0).reshape(5, 1), np.arange(5.0)
    expect(cross_validate, fit, score, X, y, 5, np.random.default_rng(3)).close([41.0] * 5)
    for k in (1, 6, 0, -1):
        expect(cross_validate, fit, score, X, y, k, np.random.default_rng(3)).raises(ValueError)
### BEGIN HIDDEN TESTS
with check("11 samples in 3 folds: three scores, sizes within 1, every sample scored once"):

    def fit(X, y):
        return len(y)

    def score(model, X, y):
        return 100.0 * model + len(y)

    X, y = np.arange(11.0).reshape(11, 1), np.arange(11.0)
    found = expect(cross_validate, fit, score, X, y, 3, np.random.default_rng(4)).shape((3,))
    found.satisfies(
        lambda scores: sorted(np.asarray(scores).tolist()) == [704.0, 704.0, 803.0],
        "one score for each fold: the folds have 4, 4 and 3 samples, their models 7, 7 and 8",
    )
    found.asked(
        lambda calls: sorted(t for call in calls if call.function == "score" for t in call.args[2]) == list(range(11)),
        "every sample in exactly one call of score",
    )
with check("the folds are random"):

    def fit(X, y):
        return len(y)

    def score(model, X, y):
        return 1.0 * model + len(y)

    # 200 disjoint pairs of 400 samples, two folds; a right answer misses the bands in 6.1e-8.
    X, y = np.arange(400.0).reshape(400, 1), np.arange(400.0)
    found = expect(cross_validate, fit, score, X, y, 2, np.random.default_rng(5)).close([400.0, 400.0])
    for near, other, named in [
        (np.s_[0::2], np.s_[1::2], "(0, 1), (2, 3), …"),
        (np.s_[:200], np.s_[200:], "(0, 200), (1, 201), …"),
    ]:
        found.asked(
            lambda calls, a=near, b=other: all(
                62 <= (np.isin(np.arange(400)[a], t) == np.isin(np.arange(400)[b], t)).sum() <= 136
                for t in [call.args[-1] for call in calls]
            ),
            f"a shuffle before the split: of the pairs {named} about 100 of 200 in the same fold",
        )
with check("the same seed gives the same scores, another seed others"):

    def fit(X, y):
        return float(X.sum())

    def score(model, X, y):
        return float((X**2).sum() - model)

    X, y = np.arange(30.0).reshape(30, 1) ** 2, np.arange(30.0)
    first = expect(cross_validate, fit, score, X, y, 3, np.random.default_rng(6)).shape((3,)).value
    again = expect(cross_validate, fit, score, X, y, 3, np.random.default_rng(6)).shape((3,))
    again.satisfies(
        lambda scores: np.isclose(np.sum(scores), (np.arange(30.0) ** 4).sum() - 2 * (np.arange(30.0) ** 2).sum()),
        "scores whose sum counts every sample once",
    )
    again.satisfies(
        lambda scores, first=first: np.allclose(scores, first),
        "the same scores again from the same seed: all chance comes from rng",
    )
    expect(cross_validate, fit, score, X, y, 3, np.random.default_rng(7)).shape((3,)).satisfies(
        lambda scores, first=first: not np.allclose(np.sort(scores), np.sort(first)), "other folds from another seed"
    )
with check("X of shape (N, C, H, W), y of shape (N, 2), both left alone"):

    def fit(X, y):
        return (X.sum(axis=(0, 1, 2, 3)) + y.sum(), len(X))

    def score(model, X, y):
        return float(model[0] + X.sum() + y.sum())

    rng = np.random.default_rng(8)
    X, y = rng.standard_normal((9, 2, 3, 3)), rng.standard_normal((9, 2))
    found = expect(cross_validate, fit, score, X, y, 4, np.random.default_rng(9))
    found.close([X.sum() + y.sum()] * 4, rtol=1e-5, atol=1e-8).unchanged()
    found.asked(
        lambda calls: all(call.args[-2].shape[1:] == (2, 3, 3) and call.args[-1].shape[1:] == (2,) for call in calls),
        "rows of shape (2, 3, 3) and targets of shape (2,)",
    )
with check("all chance comes from rng: numpy's global generator plays no part"):

    def fit(X, y):
        return len(y)

    def score(model, X, y):
        return 10.0 * model + len(y)

    expect(cross_validate, fit, score, np.ones((6, 1)), np.ones(6), 3, np.random.default_rng(10)).close([42.0] * 3)
    forbid(
        cross_validate, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint",
    )  # fmt: skip
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: chosen genes
"""

# %% role="question" id="cv_picked_genes" points=1

# %% [markdown]
r"""
### Train, validation, test ★ · 6 min

**Given** a number of samples `n`, two fractions and a generator `rng`, **return** the tuple `(train, val, test)` of
integer arrays, in this order: the samples 0, …, n − 1 in three random parts that have none in common.

$$ \lvert \text{val} \rvert = \mathrm{round}(n \cdot \mathrm{val\_fraction}), \qquad
\lvert \text{test} \rvert = \mathrm{round}(n \cdot \mathrm{test\_fraction}), \qquad
\lvert \text{train} \rvert = n - \lvert \text{val} \rvert - \lvert \text{test} \rvert $$

Both fractions are fractions of *all* n samples, at least 0 and together below 1. Round to the nearest integer (exact
halves are not asked). A fraction of 0 gives an empty part. The order within each array is free.

Every way to choose the parts is equally likely, and all randomness comes from `rng`: the same seed gives the same
split, another seed another. Numpy's global generator is **banned** (`np.random.seed`, `rand`, `randn`, `normal`,
`uniform`, `standard_normal`, `shuffle`, `permutation`, `choice`, `randint`). Chance refuses a right answer less than
once in a million.

*Worked number.* n = 11, fractions 0.2 and 0.3: 2.2 and 3.3 round to 2 and 3, so train has 6. n = 100 and a fraction of
0.29: 29 samples, although 100 · 0.29 is 28.999999999999996 in floating point.

**What the interviewer is after**: no sample twice, none lost, and no surprise at a fraction of 0. **Follow-ups**: what
is each part for, and how often may you look at the test part? When is a random split wrong? How large should the parts
be with a thousand samples, and with ten million? What if the test data come from elsewhere?

<details><summary>Hint 1</summary>Shuffle the row numbers once, then cut.</details>
<details><summary>Hint 2</summary>Compute both sizes from n first, and cut from the front: a slice that ends at
<code>-0</code> is empty.</details>
<details><summary>Hint 3</summary><code>order[:n_val]</code>, the next <code>n_test</code>, and all that
follow.</details>
"""

# %% role="solve" id="train_val_test_split"
from dlkit.reference.regularization import train_val_test_split

# %% role="check" id="train_val_test_split-check" points=2
with check("10 samples, fractions 0.2 and 0.3: 5 to train, 2 for val, 3 for test, none twice"):
    found = expect(train_val_test_split, 10, 0.2, 0.3, np.random.default_rng(0))
    found.satisfies(lambda parts: len(parts) == 3, "three arrays: train, val, test")
    found.satisfies(
        lambda parts: [len(part) for part in parts] != [5, 3, 2],
        "the order train, val, test; yours is train, test, val",
    )
    found.satisfies(
        lambda parts: [len(part) for part in parts] not in ([6, 1, 3], [6, 2, 2]),
        "both fractions of all 10 samples; in yours the second one is of what the first has left",
    )
    found.satisfies(lambda parts: [len(part) for part in parts] == [5, 2, 3], "sizes 5, 2, 3")
    found.satisfies(
        lambda parts: sorted(np.concatenate(parts).tolist()) == list(range(10)), "each of 0 … 9 in exactly one part"
    )
with check("the sizes are rounded, not cut off, and are fractions of all n"):
    for n, val_fraction, test_fraction, sizes in [
        (11, 0.2, 0.3, [6, 2, 3]), (7, 0.25, 0.4, [2, 2, 3]), (100, 0.29, 0.57, [14, 29, 57]), (9, 0.3, 0.6, [1, 3, 5]),
    ]:  # fmt: skip
        expect(train_val_test_split, n, val_fraction, test_fraction, np.random.default_rng(1)).satisfies(
            lambda parts, sizes=sizes: [len(part) for part in parts] == sizes, f"sizes {sizes} of train, val, test"
        )
with check("chance decides who is where"):
    # Hypergeometric bands: a right answer misses one of the four in 1.7e-7.
    found = expect(train_val_test_split, 1000, 0.2, 0.3, np.random.default_rng(2))
    for part, name, low, high in [(1, "val", 66, 134), (2, "test", 111, 189)]:
        found.satisfies(
            lambda parts, p=part, a=low, b=high: a <= (np.asarray(parts[p]) < 500).sum() <= b,
            f"a shuffle: about half of {name} from the first 500 samples",
        )
        found.satisfies(
            lambda parts, p=part, a=low, b=high: a <= (np.asarray(parts[p]) % 2 == 0).sum() <= b,
            f"a shuffle: about half of {name} from the even samples",
        )
### BEGIN HIDDEN TESTS
with check("a fraction of 0 gives an empty part"):
    for val_fraction, test_fraction, sizes in [(0.0, 0.3, [7, 0, 3]), (0.3, 0.0, [7, 3, 0]), (0.0, 0.0, [10, 0, 0])]:
        found = expect(train_val_test_split, 10, val_fraction, test_fraction, np.random.default_rng(3))
        found.satisfies(
            lambda parts, sizes=sizes: all(len(part) < 3 for part, size in zip(parts, sizes, strict=True) if not size),
            "an empty part where the fraction is 0; yours is not: a slice from −0 on is the whole array",
        )
        found.satisfies(
            lambda parts, sizes=sizes: [len(part) for part in parts] == sizes, f"sizes {sizes} of train, val, test"
        )
        found.satisfies(
            lambda parts: sorted(int(i) for part in parts for i in part) == list(range(10)),
            "each of 0 … 9 in exactly one part",
        )
with check("the same seed gives the same split, another seed another"):
    first = expect(train_val_test_split, 60, 0.25, 0.25, np.random.default_rng(4)).value
    again = expect(train_val_test_split, 60, 0.25, 0.25, np.random.default_rng(4))
    again.satisfies(lambda parts: [len(part) for part in parts] == [30, 15, 15], "sizes 30, 15, 15")
    again.satisfies(
        lambda parts, first=first: all(np.array_equal(a, b) for a, b in zip(parts, first, strict=True)),
        "the same parts again from the same seed: all chance comes from rng",
    )
    expect(train_val_test_split, 60, 0.25, 0.25, np.random.default_rng(5)).satisfies(
        lambda parts, first=first: set(map(int, parts[0])) != set(map(int, first[0])), "other parts from another seed"
    )
with check("all chance comes from rng: numpy's global generator plays no part"):
    expect(train_val_test_split, 20, 0.1, 0.2, np.random.default_rng(6)).satisfies(
        lambda parts: [len(part) for part in parts] == [14, 2, 4], "sizes 14, 2, 4"
    )
    forbid(
        train_val_test_split, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint",
    )  # fmt: skip
with check("any n: no sample twice, none lost, integers"):
    for n, val_fraction, test_fraction, sizes in [
        (1, 0.2, 0.3, [1, 0, 0]), (3, 0.3, 0.3, [1, 1, 1]), (47, 0.1, 0.8, [4, 5, 38]),
        (200, 0.123, 0.456, [84, 25, 91]),
    ]:  # fmt: skip
        found = expect(train_val_test_split, n, val_fraction, test_fraction, np.random.default_rng(7))
        found.satisfies(
            lambda parts, sizes=sizes: [len(part) for part in parts] == sizes, f"sizes {sizes} of train, val, test"
        )
        found.satisfies(
            lambda parts, n=n: sorted(int(i) for part in parts for i in part) == list(range(n)),
            "every sample in exactly one part",
        )
        found.satisfies(
            lambda parts: all(np.asarray(part).dtype.kind in "iu" for part in parts if len(part)), "integer arrays"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Many models

### Bootstrap ★★ · 6 min

**Given** a number of samples `n` ≥ 1 and a generator `rng`, **return** an integer array of shape `(n,)`: n independent
draws, *with* replacement, from 0, …, n − 1, each of them equally likely every time. One member of a bagged ensemble is
trained on the samples with these numbers.

A sample is missed by all n draws with probability

$$ \Bigl( 1 - \frac1n \Bigr)^{n} \;\longrightarrow\; \frac1e = 0.3679 \qquad (n \to \infty) $$

so about 63.2 % of the samples are in, some of them several times; the others are *out of bag*. The order of the draws
is free.

All randomness comes from `rng`: the same seed gives the same draws, another seed others. Numpy's global generator is
**banned** (`np.random.seed`, `rand`, `randn`, `normal`, `uniform`, `standard_normal`, `shuffle`, `permutation`,
`choice`, `randint`); the methods of `rng` are what you need. Checks judge the law, not the stream; chance refuses a
right answer less than once in a million.

*Worked number.* n = 1000: on average 63.23 % of the samples are drawn at least once. n = 5: 67.23 %.

**What the interviewer is after**: where does 1 − 1/e come from, and what are the other 37 % good for? **Follow-ups**:
why does averaging bagged models reduce variance and not bias? Which models gain most from it, and why not linear ones?
What limits the gain (correlation between members), and what does a random forest do about it? Why do deep ensembles
mostly skip the bootstrap? How is dropout like bagging, and how not?

<details><summary>Hint 1</summary>With replacement: every draw is from all n numbers, whatever was drawn
before.</details>
<details><summary>Hint 2</summary>It is one call of a method of <code>rng</code>. Does its upper end
count?</details>
"""

# %% role="solve" id="bootstrap_indices"
from dlkit.reference.regularization import bootstrap_indices

# %% role="check" id="bootstrap_indices-check" points=4
with check("n = 50: fifty integers from 0 … 49"):
    found = expect(bootstrap_indices, 50, np.random.default_rng(0)).shape((50,))
    found.satisfies(lambda sample: np.asarray(sample).dtype.kind in "iu", "integers, fit to index an array")
    found.satisfies(lambda sample: np.min(sample) >= 0 and np.max(sample) < 50, "numbers from 0 to 49")
    found.satisfies(lambda sample: np.unique(sample).size < 50, "draws with replacement: some numbers repeat")
    found.satisfies(lambda sample: np.unique(sample).size > 15, "some 32 different numbers")
with check("n = 1000: about 63.2 % of the samples are in"):
    found = expect(bootstrap_indices, 1000, np.random.default_rng(1)).shape((1000,))
    found.satisfies(
        lambda sample: np.unique(sample).size < 1000, "draws with replacement: yours has every sample exactly once"
    )
    found.satisfies(
        lambda sample: abs(np.unique(sample).size / 1000 - 0.6323) < 0.06, "a share of distinct numbers of 0.632 ± 0.06"
    )
with check("every sample is equally likely, the first and the last too"):
    # 450 draws: each of three counts is binomial with 1/3, in the band but for 5e-8.
    calls = [expect(bootstrap_indices, 3, np.random.default_rng(seed)).shape((3,)) for seed in range(150)]
    draws = np.array([call.value for call in calls])
    counts = [int((draws == value).sum()) for value in range(3)]
    told = f"n = 3, 150 calls: each of 0, 1, 2 about 150 times of 450; yours {counts[0]}, {counts[1]} and {counts[2]}"
    calls[-1].satisfies(lambda sample, counts=counts: sum(counts) == 450, f"{told}, and others {450 - sum(counts)}")
    calls[-1].satisfies(lambda sample, counts=counts: min(counts) >= 96 and max(counts) <= 208, told)
### BEGIN HIDDEN TESTS
with check("the draws do not know of one another"):
    # Of three draws from three all are different with 2/9, all equal with 1/9; both in the bands but for 1e-7.
    calls = [expect(bootstrap_indices, 3, np.random.default_rng(seed)).shape((3,)) for seed in range(200, 260)]
    different = [np.unique(call.value).size for call in calls]
    one, three = different.count(1), different.count(3)
    calls[-1].satisfies(
        lambda sample, three=three: three <= 33,
        f"n = 3: three different draws in about 13 of 60 calls, not {three}",
    )
    calls[-1].satisfies(
        lambda sample, one=one: one <= 23, f"n = 3: three equal draws in about 7 of 60 calls, not {one}"
    )
with check("the same seed gives the same draws, another seed others"):
    first = expect(bootstrap_indices, 100, np.random.default_rng(2)).shape((100,)).value
    again = expect(bootstrap_indices, 100, np.random.default_rng(2)).shape((100,))
    again.satisfies(lambda sample: 45 < np.unique(sample).size < 82, "about 63 different numbers")
    again.satisfies(
        lambda sample, first=first: np.array_equal(sample, first),
        "the same draws again from the same seed: all chance comes from rng",
    )
    expect(bootstrap_indices, 100, np.random.default_rng(3)).shape((100,)).satisfies(
        lambda sample, first=first: not np.array_equal(np.sort(sample), np.sort(first)), "other draws from another seed"
    )
with check("n = 5000: drawn from all over, and n = 1: sample 0"):
    expect(bootstrap_indices, 1, np.random.default_rng(4)).close([0])
    found = expect(bootstrap_indices, 5000, np.random.default_rng(5)).shape((5000,))
    found.satisfies(lambda sample: 2300 <= (np.asarray(sample) < 2500).sum() <= 2700, "half of the draws below 2500")
    found.satisfies(lambda sample: 2300 <= (np.asarray(sample) % 2).sum() <= 2700, "half of the draws odd")
    found.satisfies(
        lambda sample: abs(np.unique(sample).size / 5000 - 0.6321) < 0.03, "a share of distinct numbers of 0.632 ± 0.03"
    )
with check("all chance comes from rng: numpy's global generator plays no part"):
    expect(bootstrap_indices, 200, np.random.default_rng(6)).shape((200,)).satisfies(
        lambda sample: 95 < np.unique(sample).size < 158, "about 126 different numbers"
    )
    forbid(
        bootstrap_indices, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn", "numpy.random.normal",
        "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle", "numpy.random.permutation",
        "numpy.random.choice", "numpy.random.randint",
    )  # fmt: skip
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Out of bag ★★ · 6 min

**Given** a number of samples `n` ≥ 1 and an integer array `sample` of numbers from 0, …, n − 1, with repetitions,
**return** the numbers from 0, …, n − 1 that are not in it, rising, each once, as an integer array:

$$ \text{oob} = \{0, \dots, n-1\} \setminus \{\, \text{sample}_1, \text{sample}_2, \dots \,\} $$

A bagged member has not seen these samples, so they validate it without a split of its own.

`sample` may have any length, not only n, and may be empty; the result may be empty too, and is then still an array of
integers. `sample` is left alone. Loops are allowed.

*Worked number.* n = 6, sample = [2, 0, 2, 5, 5, 0]: missing are [1, 3, 4].

**What the interviewer is after**: an honest error estimate for free, and a line of code without a quadratic loop.
**Follow-ups**: of 100 members, how many vote on one sample's out-of-bag prediction? Is that estimate too bad or too
good? Why must a sample's repetitions not be on both sides? When do you still need a test set?

<details><summary>Hint 1</summary>Make a list of n marks, one for each sample. Which do you cross out?</details>
<details><summary>Hint 2</summary>A boolean array of length n: <code>drawn[sample] = True</code>. Repetitions do no
harm.</details>
<details><summary>Hint 3</summary><code>np.flatnonzero</code> tells where a boolean array is True.</details>
"""

# %% role="solve" id="out_of_bag_indices"
from dlkit.reference.regularization import out_of_bag_indices

# %% role="check" id="out_of_bag_indices-check" points=4
with check("six samples, three of them drawn, worked by hand"):
    expect(out_of_bag_indices, 6, np.array([2, 0, 2, 5, 5, 0])).close([1, 3, 4])
with check("drawn once is in the bag, and so is drawn three times"):
    expect(out_of_bag_indices, 5, np.array([3, 3, 1, 3, 4])).close([0, 2])
    expect(out_of_bag_indices, 5, np.array([4, 4, 0, 4, 0])).close([1, 2, 3])
with check("the last samples can be missing, and the first"):
    expect(out_of_bag_indices, 7, np.array([2, 3, 2, 3, 3, 2, 2])).close([0, 1, 4, 5, 6])
    expect(out_of_bag_indices, 4, np.array([0, 0, 0, 0])).close([1, 2, 3])
with check("a sample longer or shorter than n"):
    expect(out_of_bag_indices, 8, np.array([7, 1])).close([0, 2, 3, 4, 5, 6])
    expect(out_of_bag_indices, 3, np.array([1, 1, 0, 1, 0, 0, 1, 1])).close([2])
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("nothing missing gives an empty array of integers"):
    expect(out_of_bag_indices, 2, np.array([1])).close([0])
    for n, sample in [(4, np.array([3, 1, 0, 2])), (1, np.array([0, 0]))]:
        found = expect(out_of_bag_indices, n, sample).shape((0,))
        found.satisfies(
            lambda missing: isinstance(missing, list) or missing.dtype.kind in "iu",
            "an empty array of integers: floats cannot index an array",
        )
with check("an empty sample leaves all of them out"):
    expect(out_of_bag_indices, 3, np.array([], dtype=int)).close([0, 1, 2])
with check("integers, rising, and the sample is left alone"):
    found = expect(out_of_bag_indices, 9, np.array([8, 2, 2, 7, 5, 8, 5, 2, 7])).close([0, 1, 3, 4, 6]).unchanged()
    found.satisfies(lambda missing: np.asarray(missing).dtype.kind in "iu", "integers")
with check("bootstrap samples of many sizes"):
    for seed, n in enumerate([1, 2, 5, 10, 33, 100, 500]):
        sample = np.random.default_rng(seed).integers(n, size=n)
        expect(out_of_bag_indices, n, sample).close(reference.out_of_bag_indices(n, sample))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### An ensemble's answer ★★ · 10 min

**Given** the `predictions` of several models, an array of shape `(members, N, K)` of probabilities or scores for K
classes, **return** what the ensemble says. With `vote="soft"` (the default) that is the mean over the members, an array
of shape `(N, K)`, and nothing else: no class is chosen, nothing is normalized.

$$ \bar p_{n,k} = \frac1M \sum_{m=1}^{M} p_{m,n,k} $$

With `vote="hard"` it is an integer array of shape `(N,)`: each member chooses the class of its highest prediction, and
for each sample the class that most members chose wins.

$$ c_{m,n} = \arg\max_k \, p_{m,n,k}, \qquad
\hat c_n = \arg\max_k \, \bigl\lvert \{\, m : c_{m,n} = k \,\} \bigr\rvert $$

Ties go to the lowest class, both among a member's equal predictions and among classes with equally many votes. How sure
the members are plays no part in a hard vote.

members, N and K are at least 1. In a soft vote float32 stays float32; integer predictions give the right values. Other
values of `vote` are not asked. `predictions` are left alone. Loops are allowed.

*Worked number.* One sample, three members: [0.9, 0.1, 0], [0.4, 0.6, 0], [0.45, 0.55, 0]. The soft vote is
[0.58333, 0.41667, 0], which prefers class 0. The hard vote is 1, two to one.

**What the interviewer is after**: the difference between averaging and voting, and care with three axes and with ties.
**Follow-ups**: when is soft better, and what does it ask of the members' calibration? Average probabilities or logits?
Why do members that err independently help most, and what is left of the variance when their errors correlate? How do
you get an ensemble for the price of one training (snapshots, dropout)? How would you distil it?

<details><summary>Hint 1</summary>Soft: which of the three axes disappears? Hard: two axes disappear, one after the
other.</details>
<details><summary>Hint 2</summary>First the members' choices, of shape <code>(members, N)</code>; then count, for each
sample and class, how many chose it: an array of shape <code>(N, K)</code>.</details>
<details><summary>Hint 3</summary>Compare the choices with <code>np.arange(K)</code> along a new last axis and sum over
the members. <code>argmax</code> takes the first of equal ones.</details>
"""

# %% role="solve" id="ensemble_predict"
from dlkit.reference.regularization import ensemble_predict

# %% role="check" id="ensemble_predict-check" points=4
with check("soft vote of three members, worked by hand"):
    predictions = np.array([[[0.9, 0.1, 0.0]], [[0.4, 0.6, 0.0]], [[0.45, 0.55, 0.0]]])
    expect(ensemble_predict, predictions).close([[1.75 / 3, 1.25 / 3, 0.0]])
    expect(ensemble_predict, predictions, vote="soft").close([[1.75 / 3, 1.25 / 3, 0.0]])
with check("hard vote of the same members: the majority, however sure the others are"):
    predictions = np.array([[[0.9, 0.1, 0.0]], [[0.4, 0.6, 0.0]], [[0.45, 0.55, 0.0]]])
    expect(ensemble_predict, predictions, vote="hard").close([1])
with check("hard vote: equally many votes go to the lowest class"):
    predictions = np.array(
        [[[0.2, 0.1, 0.7], [0.0, 1.0, 0.0]], [[0.4, 0.3, 0.3], [0.2, 0.2, 0.6]], [[0.2, 0.5, 0.3], [0.1, 0.0, 0.9]],
         [[0.0, 0.1, 0.9], [0.2, 0.6, 0.2]], [[0.4, 0.35, 0.25], [0.6, 0.3, 0.1]]]
    )  # fmt: skip
    expect(ensemble_predict, predictions, vote="hard").close([0, 1])
with check("hard vote: of a member's equal predictions the lowest class is its choice"):
    predictions = np.array([[[0.1, 0.45, 0.45]], [[0.0, 0.5, 0.5]], [[0.1, 0.2, 0.7]]])
    expect(ensemble_predict, predictions, vote="hard").close([1])
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("soft vote on any shape: the mean over the members, also of scores that are no probabilities"):
    for shape in [(4, 3, 5), (3, 3, 3), (1, 6, 2), (7, 1, 4), (2, 5, 1), (1, 1, 1)]:
        predictions = np.random.default_rng(0).normal(1, 3, shape)
        expect(ensemble_predict, predictions).close(predictions.mean(axis=0)).shape(shape[1:])
with check("hard vote on any shape, with many ties and negative scores"):
    for seed, shape in enumerate([(4, 30, 5), (3, 3, 3), (1, 6, 4), (7, 1, 4), (2, 5, 1), (6, 40, 3)]):
        predictions = np.random.default_rng(seed).integers(-3, 2, shape) / 2
        wanted = reference.ensemble_predict(predictions, "hard")
        found = expect(ensemble_predict, predictions, vote="hard").close(wanted)
        found.satisfies(lambda classes: np.asarray(classes).dtype.kind in "iu", "integers, one class for each sample")
with check("float32 stays float32 in a soft vote, integers give the right values"):
    predictions = np.random.default_rng(1).random((4, 3, 5)).astype(np.float32)
    expect(ensemble_predict, predictions).close(predictions.mean(axis=0), rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(ensemble_predict, np.array([[[1, 0], [3, 4]], [[0, 1], [4, 1]]])).close([[0.5, 0.5], [3.5, 2.5]])
with check("the predictions are left alone by both votes"):
    predictions = np.random.default_rng(2).random((5, 4, 3))
    expect(ensemble_predict, predictions).close(predictions.mean(axis=0)).unchanged()
    wanted = reference.ensemble_predict(predictions, "hard")
    expect(ensemble_predict, predictions, vote="hard").close(wanted).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: how many members
"""

# %% role="question" id="bag_members_needed" points=1

# %% [markdown]
r"""
## A bound on the weights

### Max-norm ★★ · 8 min

**Given** weights `W` of shape `(D, M)` and a number `c` > 0, **return** weights of this shape in which no column is
longer than c. With $w_j$ for column j, the D weights into unit j, and its Euclidean length $\lVert w_j \rVert$,

$$ w_j' = \begin{cases} c\, w_j \,/\, \lVert w_j \rVert & \text{if } \lVert w_j \rVert > c \\ w_j & \text{otherwise}
\end{cases} $$

A column that is too long is scaled to length c and keeps its direction. Every other column stays as it is, however
short: a zero column stays zero, one of length 1e-6 stays at 1e-6, one of length c stays too. So no small number is
added to a length.

It is the projection onto the constraint, applied after every update of the weights: the point of the ball that is
nearest to where the update went. Applying it twice changes nothing more.

D and M are at least 1. float32 stays float32, integers give the right values, W is left alone. A warning is no fault.

*Worked number.* c = 2, columns [3, 4], [0.6, 0.8] and [0, 0]: their lengths are 5, 1 and 0. The first becomes
[1.2, 1.6], the others stay.

**What the interviewer is after**: which axis is "the weights into one unit", and what about columns that are short or
zero? **Follow-ups**: how does it differ from weight decay and from clipping gradients? Why does it go well with dropout
and a large learning rate? What would the rows mean? What is the right axis for convolution filters
`(F, C, KH, KW)`, and for PyTorch's `(M, D)`?

<details><summary>Hint 1</summary>M lengths, one for each column: which axis do you sum over?</details>
<details><summary>Hint 2</summary>Each column is multiplied by one number: c over its length if it is too long, else 1.
How do you avoid dividing by 0?</details>
<details><summary>Hint 3</summary>The number is c over the larger of length and c. That is never a division by 0, as c
is above 0.</details>
"""

# %% role="solve" id="max_norm"
from dlkit.reference.regularization import max_norm

# %% role="check" id="max_norm-check" points=4
with check("a column that is too long, one that is not, and a zero column, by hand"):
    W = np.array([[3.0, 0.6, 0.0], [4.0, 0.8, 0.0]])
    expect(max_norm, W, 2.0).close([[1.2, 0.6, 0.0], [1.6, 0.8, 0.0]])
with check("columns within c stay as they are, short ones too"):
    W = np.array([[1.0, 0.3, -2.0, 3e-6, 6.0], [2.0, -0.4, 1.0, 4e-6, 0.0], [2.0, 0.0, -2.0, 0.0, -8.0]])
    expect(max_norm, W, 3.0).close(np.column_stack([W[:, :4], [1.8, 0.0, -2.4]]))
with check("c = 1, c = 0.25: every column on its own"):
    W = np.array([[6.0, 0.0, -0.3], [-8.0, 0.25, 0.4]])
    expect(max_norm, W, 1.0).close([[0.6, 0.0, -0.3], [-0.8, 0.25, 0.4]])
    expect(max_norm, W, 0.25).close([[0.15, 0.0, -0.15], [-0.2, 0.25, 0.2]])
with check("a square matrix: columns, not rows"):
    expect(max_norm, np.array([[3.0, 1.0], [4.0, 0.0]]), 2.5).close([[1.5, 1.0], [2.0, 0.0]])
### BEGIN HIDDEN TESTS
from dlkit.reference import regularization as reference

with check("no column is longer than c, and a second time changes nothing more"):
    W = np.random.default_rng(0).standard_normal((6, 8))
    found = expect(max_norm, W, 1.5).close(reference.max_norm(W, 1.5))
    found.satisfies(lambda V: np.linalg.norm(V, axis=0).max() <= 1.5 * (1 + 1e-6), "no column longer than 1.5")
    expect(max_norm, reference.max_norm(W, 1.5), 1.5).close(reference.max_norm(W, 1.5))
with check("any D and M, any c, also 1"):
    for D, M, c in [(1, 1, 0.5), (1, 6, 1.0), (7, 1, 2.0), (3, 4, 1e-3), (5, 5, 1e3), (20, 10, 4.5)]:
        W = np.random.default_rng(1).standard_normal((D, M)) * np.linspace(0, 2, M)
        expect(max_norm, W, c).close(reference.max_norm(W, c)).shape((D, M))
with check("float32 stays float32, integers give the right values"):
    W = np.random.default_rng(2).standard_normal((4, 5)).astype(np.float32)
    expect(max_norm, W, 1.5).close(reference.max_norm(W, 1.5), rtol=1e-5, atol=1e-6).dtype(np.float32)
    expect(max_norm, np.array([[3, 1, 0], [4, 0, 0]]), 2).close([[1.2, 1.0, 0.0], [1.6, 0.0, 0.0]])
with check("W is left alone"):
    W = np.array([[5.0, 0.1], [12.0, 0.2]])
    expect(max_norm, W, 6.5).close([[2.5, 0.1], [6.0, 0.2]]).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Summary: the evening before

| means | what it does, in a formula | at test | when | trap |
|---|---|---|---|---|
| L2, ridge | ½λΣw²; shares σ²/(σ² + λ) are kept; solve (XᵀX + λI) w = Xᵀy | nothing | default | no penalty on biases; in Adam it is not weight decay |
| L1, lasso | λΣ$\lvert w \rvert$; soft threshold sign(w) · max($\lvert w \rvert$ − t, 0) | nothing | few features count | plain subgradient steps give no exact zero |
| L0 | λ · number of non-zeros; hard threshold at √(2λ) | nothing | counting matters | not convex; the search is combinatorial |
| elastic net | λ(r‖w‖₁ + ½(1 − r)‖w‖²) | nothing | correlated features | two settings to choose |
| max-norm | columns no longer than c | nothing | with dropout, large rates | the right axis |
| dropout | mask · x / (1 − p) | x | dense layers | `eval()` forgotten; p of dropping or of keeping |
| its family | weights, channels, blocks, layers | nothing dropped | maps: channels or blocks | single pixels can be guessed from their neighbours |
| augmentation | flips, shifts, crops, cutout, mixup | the plain image | images | it must not change the label |
| early stopping | t steps from 0 act like λ = 1/(ηt) | the best epoch's weights | always cheap | a schedule that has not run out |
| ensemble | variance ρσ² + (1 − ρ)σ²/M | M passes | the last percent | members that err alike |

**Diagnosis in one table**

| training loss | validation loss | it is | do |
|---|---|---|---|
| high | as high | underfitting | larger, longer, less regularization, higher rate; check with 20 examples |
| low | much higher | overfitting | more data, augmentation, penalty, dropout, stop earlier, simpler model |
| higher than validation | low | measured differently, or a leak | measure both in evaluation mode; look for duplicates |
| jumps up | jumps up | divergence | gradient norm, batch, rate, precision; clip, warm up |

**Ten sentences to be able to say**

1. Regularization is whatever lowers the error on new data and not on the training data; its usual price is bias.
2. L1 gives zeros because its slope at 0 jumps from −λ to λ and holds any pull up to λ; in the picture, the ball has
   corners on the axes.
3. L2 shrinks most where the data say least: along small singular values. It also bounds the condition number,
   (σ²max + λ)/(σ²min + λ).
4. L2 is a Gaussian prior on the weights, L1 a Laplace prior; the solutions are modes, not means, of the posterior.
5. Dropout trains thinned networks that share their weights; dividing by 1 − p keeps the expectation, so that at test
   nothing needs to be done.
6. The backward of dropout uses the forward's mask; a new one would be the gradient of another function.
7. Dropout is like bagging, but its members share weights and most are never trained; bagging's are trained to the end
   on bootstrap samples, each with about 63.2 % of the rows.
8. Early stopping is L2 paid in steps: 1 − (1 − ηh)^t against h/(h + λ).
9. Fit on training, choose on validation, report once on test; whatever looks at labels or at all rows, scaling and
   selection too, belongs inside the folds.
10. More data is the best regularizer, augmentation the second best; both leave a model that underfits where it is.

**Finger exercises**: derive the soft threshold in three lines; write inverted dropout with its backward in three
minutes; draw both balls; write k-fold indices without a library; draw four pairs of curves and have a friend name them.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| regularization | 正则化 | what lowers the error on new data, not that on the training data |
| generalization | 泛化 | being right on data not seen |
| overfitting, underfitting | 过拟合、欠拟合 | good on training data only; good on neither |
| bias, variance | 偏差、方差 | error of the mean prediction; its scatter over training sets |
| capacity | 容量 | how many functions a model can be |
| penalty | 惩罚项 | what is added to the loss to make weights dear |
| norm | 范数 | a size: 0 only for 0, doubled by doubling, obeys the triangle inequality |
| nuclear norm, spectral norm | 核范数、谱范数 | sum of the singular values; the largest of them |
| weight decay | 权重衰减 | shrinking the weights a little at every step |
| ridge regression | 岭回归 | least squares with an L2 penalty |
| lasso | 套索回归（LASSO） | least squares with an L1 penalty |
| elastic net | 弹性网络 | both penalties |
| sparsity | 稀疏性 | many entries are exactly 0 |
| soft, hard threshold | 软阈值、硬阈值 | move towards 0 and cut; cut only |
| proximal operator | 近端算子 | the best compromise between a penalty and staying near |
| subgradient | 次梯度 | the slope of any line below a convex function through the point |
| convex envelope | 凸包络 | the largest convex function that is nowhere above |
| condition number | 条件数 | largest eigenvalue over the smallest |
| Lagrange multiplier | 拉格朗日乘子 | the price of a constraint |
| prior, posterior | 先验、后验 | what is believed before and after the data |
| maximum a posteriori (MAP) | 最大后验估计 | the mode of the posterior: loss plus penalty |
| dropout | 随机失活（丢弃法） | units set to 0 at random in training |
| inverted dropout | 反向随机失活 | scaled in training, so that test needs nothing |
| Monte Carlo dropout | 蒙特卡洛 dropout | dropout left on at test, for mean and spread |
| stochastic depth | 随机深度 | residual branches dropped in training |
| data augmentation | 数据增强 | changed copies of the data that keep their labels |
| mixup | 混合增强（mixup） | blends of two examples and of their labels |
| early stopping, patience | 早停（提前停止）、耐心值 | keep the best epoch; how many worse ones are waited for |
| training, validation, test set | 训练集、验证集、测试集 | to fit, to choose, to report |
| cross-validation | 交叉验证 | every fold is validated once, by a model trained on the others |
| stratified sampling | 分层抽样 | each part has each class in its share |
| data leakage | 数据泄漏 | training knows something that use will not |
| bootstrap, bagging | 自助法、装袋法（Bagging） | drawing n of n with replacement; averaging models on such samples |
| out of bag | 袋外 | the rows a bootstrap sample left out, about 36.8 % |
| ensemble | 集成 | several models, one answer |
| max-norm constraint | 最大范数约束 | the weights into a unit are no longer than c |
"""
