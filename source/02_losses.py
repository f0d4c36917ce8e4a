# %% [markdown]
r"""
# 02 · Losses

A network does what its loss rewards, and nothing else. The loss decides what a prediction means (a mean, a median, a
probability), how hard one wrong row may pull, and whether a badly wrong unit still learns. Interviewers like losses
because formula, gradient and numerical care all fit into ten lines.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit losses`, which runs about as many checks again. Concept questions are marked when you hand in.
Before each experiment there is a question: answer it before you run the cell.

The exercises take about five hours. Do a section or two at a sitting: regression losses, classification losses, which
output and which loss, information, linear classifiers, imbalance and detection, learning by comparison, soft targets
and calibration, and last why cross-entropy.

An answer may call your answers from cells **above** it, and none from below: the notebook runs from top to bottom, so
a function that comes later does not exist yet.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| what a loss returns | `(loss, gradient with respect to the first argument)`; an exercise that returns more gradients names them. One result only: the information functions, `iou`, the calibration error and `predict_from_logits` have no gradient, `output_delta` and `outlier_influence` return nothing else | PyTorch returns the loss only |
| `reduction` | the last argument, where an exercise has one: `"mean"` (default), `"sum"`, or `"none"`: a loss per element or per row, and each one's own gradient, undivided | |
| mean | over every element for regression and binary losses, over the N rows for classes; NLL divides by the weights of the rows that count, Dice has no mean | |
| squared error | (pred − target)², without ½; only `output_delta` has the ½, and says so | some books: ½ |
| logits | softmax and sigmoid stand inside the loss; both loss and gradient are finite and silent at ±10 000 | Keras: probabilities, unless `from_logits=True` |
| class labels | `y`, integers `(N,)`; logits `(N, C)` | |
| logarithm | natural, so entropies and losses are in nats | base 2: bits |
| kinks | the derivative at a kink is 0: MAE at 0, hinge and triplet loss at the margin | |
| dtype | float32 stays float32; integers must give right values; a scalar loss may be any float | |
| accuracy | float64 to a relative 1e-6 or an absolute 1e-9, float32 to 1e-5 or 1e-6, whichever is easier | |
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
## Regression losses

### Mean squared error ★ · 8 min

**Given** `pred` and `target`, two arrays of the same shape (any shape with at least one axis and one element),
**return** the tuple `(loss, grad)`, where `grad` = ∂loss/∂pred has pred's shape. Element by element, with
$d_i = \text{pred}_i - \text{target}_i$,

$$ \ell_i = d_i^2, \qquad \frac{\partial \ell_i}{\partial \text{pred}_i} = 2\, d_i $$

There is **no ½** in front. `reduction` says what becomes of the losses of the elements:

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over *every* element, one number | divided by the number of elements |
| `"sum"` | the sum, one number | not divided |
| `"none"` | the losses themselves, pred's shape | each element's own, not divided |

For a batch `(N, D)` the mean divides by N·D, not by N. No other reduction is asked.

If both arrays are float32, so are the gradient and the losses of `"none"`; a loss that is one number may be any float.
Integers give the right values, unsigned ones too: as `uint8`, the pixel 3 minus the pixel 5 is 254. No argument is
changed.

*Worked number.* pred = [3, −1, 0.5, 2] and target = [1, 0, 0.5, −1] differ by [2, −1, 0, 3]. Their losses are
[4, 1, 0, 9]: `"mean"` gives 3.5 with gradient [1, −0.5, 0, 1.5], `"sum"` gives 14 with gradient [4, −2, 0, 6].

**What the interviewer is after**: are value and gradient reduced by the same number, and do you know which number?
**Follow-ups**: which noise makes squared error the maximum-likelihood loss? What does one outlier do to the fit? What
changes in training when the mean becomes a sum, and which other setting undoes it? Why do some texts keep a ½?

<details><summary>Hint 1</summary>Compute the losses and the gradient of every element first, as if the reduction were
"none".</details>
<details><summary>Hint 2</summary>Then reduce. The mean is the sum over a constant: what does that do to the
gradient?</details>
<details><summary>Hint 3</summary>The constant is <code>pred.size</code>. Make the difference float before you
subtract, for instance with <code>1.0 * pred</code>.</details>
"""

# %% role="solve" id="mse_loss"
from dlkit.reference.losses import mse_loss

# %% role="check" id="mse_loss-check" points=2
with check('reduction "mean", the default: loss and gradient worked by hand'):
    pred, target = np.array([3.0, -1.0, 0.5, 2.0]), np.array([1.0, 0.0, 0.5, -1.0])
    expect(mse_loss, pred, target).close((3.5, np.array([1.0, -0.5, 0.0, 1.5])))
    pred, target = np.array([[3.0, -1.0, 0.5], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.5], [-1.0, 0.5, 3.0]])
    expected = (18.25 / 6, np.array([[4.0, -2.0, 0.0], [6.0, -1.0, -4.0]]) / 6)
    expect(mse_loss, pred, target, reduction="mean").close(expected)
with check('reduction "sum": loss and gradient worked by hand'):
    pred, target = np.array([[3.0, -1.0, 0.5], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.5], [-1.0, 0.5, 3.0]])
    expected = (18.25, np.array([[4.0, -2.0, 0.0], [6.0, -1.0, -4.0]]))
    expect(mse_loss, pred, target, reduction="sum").close(expected)
with check('reduction "none": a loss per element, the gradient not divided'):
    pred, target = np.array([[3.0, -1.0, 0.5], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.5], [-1.0, 0.5, 3.0]])
    expected = (np.array([[4.0, 1.0, 0.0], [9.0, 0.25, 4.0]]), np.array([[4.0, -2.0, 0.0], [6.0, -1.0, -4.0]]))
    expect(mse_loss, pred, target, reduction="none").close(expected)
with check("gradient along random directions, all three reductions"):
    rng = np.random.default_rng(0)
    pred, target = rng.normal(0, 2, (3, 4)), rng.normal(0, 2, (3, 4))

    def plain(pred, target, reduction):
        losses = (pred - target) ** 2
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for reduction in ("mean", "sum", "none"):
        gradients(plain, mse_loss, pred, target, given="loss", reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("random shapes from (1,) to (N, C, H, W), all three reductions"):
    rng = np.random.default_rng(1)
    for shape in [(1,), (5,), (1, 4), (4, 1), (3, 3), (2, 3, 4, 5)]:
        pred, target = rng.normal(0, 3, shape), rng.normal(0, 3, shape)
        for reduction in ("mean", "sum", "none"):
            expected = reference.mse_loss(pred, target, reduction)
            expect(mse_loss, pred, target, reduction=reduction).close(expected)
with check('float32 stays float32: the gradient, and the losses of "none"'):
    pred = np.array([[3, -1, 0.5], [2, 0, 1]], dtype=np.float32)
    target = np.array([[1, 0, 0.5], [-1, 0.5, 3]], dtype=np.float32)
    expected = reference.mse_loss(pred.astype(float), target.astype(float), "none")
    expect(mse_loss, pred, target, reduction="none").close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.mse_loss(pred.astype(float), target.astype(float))
    expect(mse_loss, pred, target).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integers give the right values"):
    pred, target = np.array([[3, -2, 7], [0, 4, 1]]), np.array([[1, 0, 7], [-5, 5, 2]])
    expect(mse_loss, pred, target).close((35 / 6, np.array([[2, -2, 0], [5, -1, -1]]) / 3))
with check("unsigned pixels do not wrap around"):
    pred, target = np.array([[3, 200], [0, 255]], dtype=np.uint8), np.array([[5, 100], [255, 0]], dtype=np.uint8)
    expected = (140054.0, np.array([[-4.0, 200.0], [-510.0, 510.0]]))
    expect(mse_loss, pred, target, reduction="sum").close(expected)
with check("pred and target are left alone"):
    rng = np.random.default_rng(2)
    pred, target = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 3))
    for reduction in ("mean", "sum", "none"):
        expected = reference.mse_loss(pred, target, reduction)
        expect(mse_loss, pred, target, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Mean absolute error ★ · 8 min

**Given** `pred` and `target`, two arrays of the same shape (any shape with at least one axis and one element),
**return** the tuple `(loss, grad)`, where `grad` = ∂loss/∂pred has pred's shape. With
$d_i = \text{pred}_i - \text{target}_i$,

$$ \ell_i = \lvert d_i \rvert, \qquad
\frac{\partial \ell_i}{\partial \text{pred}_i} = \begin{cases} 1 & d_i > 0 \\ 0 & d_i = 0 \\ -1 & d_i < 0 \end{cases} $$

Mind the kink: where prediction and target are equal, the gradient is **0**, without a warning. Any number from −1 to 1
is a subgradient there, and 0 is the one that leaves a perfect prediction where it is.

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over *every* element, one number | divided by the number of elements |
| `"sum"` | the sum, one number | not divided |
| `"none"` | the losses themselves, pred's shape | each element's own, not divided |

If both arrays are float32, so are the gradient and the losses of `"none"`; a loss that is one number may be any float.
Integers (signed) give the right values. No argument is changed.

*Worked number.* pred = [3, −1, 0.5, 2] and target = [1, 0, 0.5, −1] differ by [2, −1, 0, 3]: `"mean"` gives 1.5 with
gradient [0.25, −0.25, 0, 0.25].

**What the interviewer is after**: do you see that the gradient's size says nothing about the error's size, and what
follows from it? **Follow-ups**: which statistic of the data does a constant prediction converge to under L1, and which
under L2? Why does L1 training jitter near the optimum with a fixed learning rate? Which noise model is behind it?

<details><summary>Hint 1</summary>The gradient depends on the sign of the difference alone.</details>
<details><summary>Hint 2</summary><code>np.sign</code> has three values, and keeps the dtype of a float
array. Dividing d by |d| has a problem at one place.</details>
<details><summary>Hint 3</summary>Loss and gradient of every element first, then the reduction: only "mean" divides the
gradient, by <code>pred.size</code>.</details>
"""

# %% role="solve" id="mae_loss"
from dlkit.reference.losses import mae_loss

# %% role="check" id="mae_loss-check" points=2
with check('reduction "mean", the default: loss and gradient worked by hand'):
    pred, target = np.array([3.0, -1.0, 0.5, 2.0]), np.array([1.0, 0.0, 1.5, -1.0])
    expect(mae_loss, pred, target).close((1.75, np.array([0.25, -0.25, -0.25, 0.25])))
    pred, target = np.array([[3.0, -1.0, 0.5], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 1.5], [-1.0, 0.5, 3.0]])
    expected = (9.5 / 6, np.array([[1.0, -1.0, -1.0], [1.0, -1.0, -1.0]]) / 6)
    expect(mae_loss, pred, target, reduction="mean").close(expected)
with check('reduction "sum": loss and gradient worked by hand'):
    pred, target = np.array([[3.0, -1.0, 0.5], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 1.5], [-1.0, 0.5, 3.0]])
    expected = (9.5, np.array([[1.0, -1.0, -1.0], [1.0, -1.0, -1.0]]))
    expect(mae_loss, pred, target, reduction="sum").close(expected)
with check('reduction "none": a loss per element, the gradient not divided'):
    pred, target = np.array([[3.0, -1.0, 0.5], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 1.5], [-1.0, 0.5, 3.0]])
    expected = (np.array([[2.0, 1.0, 1.0], [3.0, 0.5, 2.0]]), np.array([[1.0, -1.0, -1.0], [1.0, -1.0, -1.0]]))
    expect(mae_loss, pred, target, reduction="none").close(expected)
with check("the kink: where pred equals target the gradient is 0, with no warning", weight=3):
    pred, target = np.array([1.0, 2.0, -3.0, 0.0]), np.array([1.0, 0.0, -3.0, 4.0])
    expect(mae_loss, pred, target).close((1.5, np.array([0.0, 0.25, 0.0, -0.25]))).no_warning()
with check("gradient along random directions, all three reductions"):
    rng = np.random.default_rng(0)
    target = rng.normal(0, 2, (3, 4))
    pred = target + rng.uniform(0.2, 2, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))

    def plain(pred, target, reduction):
        losses = np.abs(pred - target)
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for reduction in ("mean", "sum", "none"):
        gradients(plain, mae_loss, pred, target, given="loss", reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("random shapes from (1,) to (N, C, H, W), all three reductions"):
    rng = np.random.default_rng(1)
    for shape in [(1,), (5,), (1, 4), (4, 1), (3, 3), (2, 3, 4, 5)]:
        pred, target = rng.normal(0, 3, shape), rng.normal(0, 3, shape)
        for reduction in ("mean", "sum", "none"):
            expected = reference.mae_loss(pred, target, reduction)
            expect(mae_loss, pred, target, reduction=reduction).close(expected)
with check('float32 stays float32: the gradient, and the losses of "none"'):
    pred = np.array([[3, -1, 0.5], [2, 0, 1]], dtype=np.float32)
    target = np.array([[1, 0, 1.5], [-1, 0.25, 3]], dtype=np.float32)
    expected = reference.mae_loss(pred.astype(float), target.astype(float), "none")
    expect(mae_loss, pred, target, reduction="none").close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.mae_loss(pred.astype(float), target.astype(float))
    expect(mae_loss, pred, target).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integers give the right values"):
    pred, target = np.array([[3, -2, 7], [0, 4, 1]]), np.array([[1, 0, 6], [-5, 5, 3]])
    expect(mae_loss, pred, target).close((13 / 6, np.array([[1, -1, 1], [1, -1, -1]]) / 6))
with check("pred and target are left alone"):
    rng = np.random.default_rng(2)
    pred, target = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 3))
    for reduction in ("mean", "sum", "none"):
        expected = reference.mae_loss(pred, target, reduction)
        expect(mae_loss, pred, target, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: skewed targets

Each question cell asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="l1_skewed_targets" points=1

# %% [markdown]
r"""
### Smooth L1 loss ★★ · 10 min

**Given** `pred` and `target`, two arrays of the same shape (any shape with at least one axis and one element), and
`beta` > 0 (default 1.0), **return** the tuple `(loss, grad)`, where `grad` = ∂loss/∂pred has pred's shape. With
$d_i = \text{pred}_i - \text{target}_i$,

$$ \ell_i = \begin{cases} \frac{d_i^2}{2 \beta} & \lvert d_i \rvert < \beta \\
\lvert d_i \rvert - \frac{\beta}{2} & \text{otherwise} \end{cases} $$

The slope is yours to find. It grows from −1 to 1 inside the parabola and stays ±1 outside, **whatever beta is**; where
$\lvert d_i \rvert = \beta$ both pieces meet with the same value and the same slope.

Huber's loss is a close relative that differs by a factor. It is the next exercise, and it is not this one.

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over *every* element, one number | divided by the number of elements |
| `"sum"` | the sum, one number | not divided |
| `"none"` | the losses themselves, pred's shape | each element's own, not divided |

If both arrays are float32, so are the gradient and the losses of `"none"`; a loss that is one number may be any float.
Integers (signed) give the right values. Errors of ±10 000 give no warning. No argument is changed.

*Worked number.* Differences [1, −2, 5] with beta = 2 have the losses [0.25, 1, 4]: `"sum"` gives 5.25 with gradient
[0.5, −1, 1], `"mean"` gives 1.75 with gradient [0.166667, −0.333333, 0.333333].

**What the interviewer is after**: can you join two pieces so that value and slope agree, and say what each piece is
for? **Follow-ups**: why do box regressors (Fast R-CNN, SSD) use it rather than L1 or L2? What is left of it as beta
goes to 0, and as it grows? Which of the two, smooth L1 or Huber, keeps its outer slope when you tune the threshold?

<details><summary>Hint 1</summary>Differentiate both pieces. What is the slope of each at d = beta?</details>
<details><summary>Hint 2</summary>The slope inside is d / beta. Outside it is the sign of d.</details>
<details><summary>Hint 3</summary>So the slope is d / beta, clipped: <code>np.clip</code>. For the value,
<code>np.where</code> on <code>np.abs(d) &lt; beta</code>; then reduce.</details>
"""

# %% role="solve" id="smooth_l1_loss"
from dlkit.reference.losses import smooth_l1_loss

# %% role="check" id="smooth_l1_loss-check" points=4
with check('reduction "mean" and beta 1, the defaults: worked by hand'):
    pred, target = np.array([[1.5, 1.5, 1.0], [-0.25, 0.5, 1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 4.0]])
    expected = (4.28125 / 6, np.array([[0.5, -0.5, 1.0], [-0.25, 0.0, -1.0]]) / 6)
    expect(smooth_l1_loss, pred, target).close(expected)
with check('reduction "sum", beta 0.5: loss and gradient worked by hand'):
    pred, target = np.array([[1.25, 1.5, 1.0], [-0.125, 0.5, 1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 4.0]])
    expected = (4.828125, np.array([[0.5, -1.0, 1.0], [-0.25, 0.0, -1.0]]))
    expect(smooth_l1_loss, pred, target, beta=0.5, reduction="sum").close(expected)
with check('reduction "none", beta 2: a loss per element, the gradient not divided'):
    pred, target = np.array([[2.0, 0.0, 4.0], [-0.5, 0.5, 1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 4.0]])
    expected = (np.array([[0.25, 1.0, 4.0], [0.0625, 0.0, 2.0]]), np.array([[0.5, -1.0, 1.0], [-0.25, 0.0, -1.0]]))
    expect(smooth_l1_loss, pred, target, beta=2.0, reduction="none").close(expected)
with check("where the pieces meet, at a difference of ±beta: value beta/2, slope ±1"):
    for beta in (0.25, 4.0):
        target = np.array([2.0, 2.0, -1.0])
        pred = target + beta * np.array([1.0, -1.0, 3.0])
        expected = (beta * np.array([0.5, 0.5, 2.5]), np.array([1.0, -1.0, 1.0]))
        expect(smooth_l1_loss, pred, target, beta=beta, reduction="none").close(expected)
with check("gradient along random directions, all three reductions"):
    rng = np.random.default_rng(0)
    target = rng.normal(0, 2, (3, 4))
    pred = target + np.array([[0.1, -0.4, 0.9, -2.0], [1.2, -1.4, 0.6, -0.2], [3.0, -5.0, 1.0, -1.1]])

    def plain(pred, target, beta, reduction):
        distance = np.abs(pred - target)
        losses = np.where(distance < beta, distance**2 / (2 * beta), distance - beta / 2)
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for beta, reduction in [(0.7, "mean"), (1.3, "sum"), (2.5, "none")]:
        gradients(plain, smooth_l1_loss, pred, target, given="loss", beta=beta, reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("random shapes, several beta, all three reductions"):
    rng = np.random.default_rng(1)
    for shape, beta in [((1,), 0.3), ((5,), 1.0), ((1, 4), 2.0), ((4, 1), 0.5), ((3, 3), 3.0), ((2, 3, 4, 5), 0.8)]:
        pred, target = rng.normal(0, 2, shape), rng.normal(0, 2, shape)
        for reduction in ("mean", "sum", "none"):
            expected = reference.smooth_l1_loss(pred, target, beta, reduction)
            expect(smooth_l1_loss, pred, target, beta=beta, reduction=reduction).close(expected)
with check("an error of ±10 000 pulls no harder than one of beta, with no warning"):
    pred, target = np.array([1e4, -1e4, 0.1, 0.2]), np.array([0.0, 0.0, 0.0, 0.0])
    expected = (np.array([9999.9, 9999.9, 0.025, 0.1]), np.array([1.0, -1.0, 0.5, 1.0]))
    expect(smooth_l1_loss, pred, target, beta=0.2, reduction="none").close(expected).no_warning()
with check('float32 stays float32: the gradient, and the losses of "none"'):
    pred = np.array([[1.25, 1.5, 1], [-0.125, 0.5, 1]], dtype=np.float32)
    target = np.array([[1, 2, -1], [0, 0.25, 4]], dtype=np.float32)
    expected = reference.smooth_l1_loss(pred.astype(float), target.astype(float), 0.75, "none")
    got = expect(smooth_l1_loss, pred, target, beta=0.75, reduction="none")
    got.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.smooth_l1_loss(pred.astype(float), target.astype(float))
    expect(smooth_l1_loss, pred, target).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integers give the right values; pred and target are left alone"):
    pred, target = np.array([[3, -2, 7], [0, 4, 1]]), np.array([[1, 0, 6], [-5, 5, 1]])
    expected = (4.25 / 6, np.array([[0.5, -0.5, 0.25], [1, -0.25, 0]]) / 6)
    expect(smooth_l1_loss, pred, target, beta=4.0).close(expected).unchanged()
    rng = np.random.default_rng(2)
    pred, target = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 3))
    for reduction in ("mean", "sum", "none"):
        expected = reference.smooth_l1_loss(pred, target, 0.6, reduction)
        expect(smooth_l1_loss, pred, target, beta=0.6, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Huber loss ★★ · 8 min

**Given** `pred` and `target`, two arrays of the same shape (any shape with at least one axis and one element), and
`delta` > 0 (default 1.0), **return** the tuple `(loss, grad)`, where `grad` = ∂loss/∂pred has pred's shape. With
$d_i = \text{pred}_i - \text{target}_i$,

$$ \ell_i = \begin{cases} \frac{d_i^2}{2} & \lvert d_i \rvert \le \delta \\
\delta \left( \lvert d_i \rvert - \frac{\delta}{2} \right) & \text{otherwise} \end{cases} $$

Near 0 this is the same parabola **whatever delta is**, and the slope outside is ±delta. Smooth L1 with beta = delta has
the same threshold, and Huber's loss is delta times it: smaller if delta is below 1, the same for delta = 1.

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over *every* element, one number | divided by the number of elements |
| `"sum"` | the sum, one number | not divided |
| `"none"` | the losses themselves, pred's shape | each element's own, not divided |

If both arrays are float32, so are the gradient and the losses of `"none"`; a loss that is one number may be any float.
Integers (signed) give the right values. Errors of ±10 000 give no warning. No argument is changed.

*Worked number.* Differences [1, −2, 5] with delta = 2 have the losses [0.5, 2, 8]: `"sum"` gives 10.5 with gradient
[1, −2, 2], `"mean"` gives 3.5 with gradient [0.333333, −0.666667, 0.666667].

**What the interviewer is after**: do you know the family by its pictures, or only one formula by heart, and can you
derive the constant that joins the pieces? **Follow-ups**: how would you choose delta from the residuals? What does it
tend to as delta grows, and what is left when you divide by delta and let it go to 0? Why does clipping the gradient of
a squared error amount to this loss? Where is its second derivative not continuous, and does it matter?

<details><summary>Hint 1</summary>The slope of the parabola is d. What is it at d = delta, and so what must it stay
outside?</details>
<details><summary>Hint 2</summary>The gradient is d, clipped to the interval from −delta to delta.</details>
<details><summary>Hint 3</summary>For the value use <code>np.where</code> on <code>np.abs(d) &lt;= delta</code> with the
two pieces above, then reduce; only "mean" divides the gradient.</details>
"""

# %% role="solve" id="huber_loss"
from dlkit.reference.losses import huber_loss

# %% role="check" id="huber_loss-check" points=4
with check('reduction "mean" and delta 1, the defaults: worked by hand'):
    pred, target = np.array([[1.5, 1.5, 1.0], [-0.25, 0.5, 1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 4.0]])
    expected = (4.28125 / 6, np.array([[0.5, -0.5, 1.0], [-0.25, 0.0, -1.0]]) / 6)
    expect(huber_loss, pred, target).close(expected)
with check('reduction "sum", delta 0.5: loss and gradient worked by hand'):
    pred, target = np.array([[1.25, 1.5, 1.0], [-0.125, 0.5, 1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 4.0]])
    expected = (2.4140625, np.array([[0.25, -0.5, 0.5], [-0.125, 0.0, -0.5]]))
    expect(huber_loss, pred, target, delta=0.5, reduction="sum").close(expected)
with check('reduction "none", delta 2: a loss per element, the gradient not divided'):
    pred, target = np.array([[2.0, 0.0, 4.0], [-0.5, 0.5, 1.0]]), np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 4.0]])
    expected = (np.array([[0.5, 2.0, 8.0], [0.125, 0.0, 4.0]]), np.array([[1.0, -2.0, 2.0], [-0.5, 0.0, -2.0]]))
    expect(huber_loss, pred, target, delta=2.0, reduction="none").close(expected)
with check("where the pieces meet, at a difference of ±delta: value delta²/2, slope ±delta"):
    for delta in (0.25, 4.0):
        target = np.array([2.0, 2.0, -1.0])
        pred = target + delta * np.array([1.0, -1.0, 3.0])
        expected = (delta**2 * np.array([0.5, 0.5, 2.5]), delta * np.array([1.0, -1.0, 1.0]))
        expect(huber_loss, pred, target, delta=delta, reduction="none").close(expected)
with check("gradient along random directions, all three reductions"):
    rng = np.random.default_rng(0)
    target = rng.normal(0, 2, (3, 4))
    pred = target + np.array([[0.1, -0.4, 0.9, -2.0], [1.2, -1.4, 0.6, -0.2], [3.0, -5.0, 1.0, -1.1]])

    def plain(pred, target, delta, reduction):
        distance = np.abs(pred - target)
        losses = np.where(distance <= delta, distance**2 / 2, delta * (distance - delta / 2))
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for delta, reduction in [(0.7, "mean"), (1.3, "sum"), (2.5, "none")]:
        gradients(plain, huber_loss, pred, target, given="loss", delta=delta, reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("random shapes, several delta, all three reductions"):
    rng = np.random.default_rng(1)
    for shape, delta in [((1,), 0.3), ((5,), 1.0), ((1, 4), 2.0), ((4, 1), 0.5), ((3, 3), 3.0), ((2, 3, 4, 5), 0.8)]:
        pred, target = rng.normal(0, 2, shape), rng.normal(0, 2, shape)
        for reduction in ("mean", "sum", "none"):
            expected = reference.huber_loss(pred, target, delta, reduction)
            expect(huber_loss, pred, target, delta=delta, reduction=reduction).close(expected)
with check("an error of ±10 000 pulls no harder than one of delta, with no warning"):
    pred, target = np.array([1e4, -1e4, 0.1, 0.2]), np.array([0.0, 0.0, 0.0, 0.0])
    expected = (np.array([1999.98, 1999.98, 0.005, 0.02]), np.array([0.2, -0.2, 0.1, 0.2]))
    expect(huber_loss, pred, target, delta=0.2, reduction="none").close(expected).no_warning()
with check('float32 stays float32: the gradient, and the losses of "none"'):
    pred = np.array([[1.25, 1.5, 1], [-0.125, 0.5, 1]], dtype=np.float32)
    target = np.array([[1, 2, -1], [0, 0.25, 4]], dtype=np.float32)
    expected = reference.huber_loss(pred.astype(float), target.astype(float), 0.75, "none")
    got = expect(huber_loss, pred, target, delta=0.75, reduction="none")
    got.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.huber_loss(pred.astype(float), target.astype(float))
    expect(huber_loss, pred, target).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integers give the right values; pred and target are left alone"):
    pred, target = np.array([[3, -2, 7], [0, 4, 1]]), np.array([[1, 0, 6], [-5, 5, 1]])
    expect(huber_loss, pred, target, delta=4.0).close((17 / 6, np.array([[2, -2, 1], [4, -1, 0]]) / 6)).unchanged()
    rng = np.random.default_rng(2)
    pred, target = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (4, 3))
    for reduction in ("mean", "sum", "none"):
        expected = reference.huber_loss(pred, target, 0.6, reduction)
        expect(huber_loss, pred, target, delta=0.6, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: four regression losses and their slopes

A residual is pred − target. The left panel draws your four losses over it, the middle one their slopes. Both
thresholds are ½: `beta` of smooth L1, `delta` of Huber. On the right, gradient descent with the fixed learning rate
0.15 moves one prediction from 20 to the target 0.

*Make a prediction*: one of the four never arrives. Which one? Which one arrives first, and which one is slowest among
those that do?
"""

# %% role="demo" id="experiment-regression-losses"
from dlkit.lab import experiment, figure

with (
    experiment(),
    figure("The slope of a loss decides how it learns", columns=3, width=11.5) as (left, middle, right),
):
    losses = [
        ("MSE", "-", lambda pred, target: mse_loss(pred, target, "none")),
        ("MAE", "-", lambda pred, target: mae_loss(pred, target, "none")),
        ("smooth L1, beta ½", "--", lambda pred, target: smooth_l1_loss(pred, target, 0.5, "none")),
        ("Huber, delta ½", "-.", lambda pred, target: huber_loss(pred, target, 0.5, "none")),
    ]
    residual = np.linspace(-3, 3, 601)
    for name, line, f in losses:
        value, slope = f(residual, np.zeros_like(residual))
        left.plot(residual, value, line, label=name)
        middle.plot(residual, slope, line)
        path = [np.array([20.0])]
        for _ in range(400):
            path.append(path[-1] - 0.15 * f(path[-1], np.zeros(1))[1])
        distance = np.abs(np.array(path)[:, 0])
        right.semilogy(distance, line)
        jumps = f"never, at last it jumps between {distance[-2:].min():.2f} and {distance[-2:].max():.2f}"
        arrived = f"after {np.argmax(distance < 0.01)} steps" if distance.min() < 0.01 else jumps
        print(f"{name:18s} slope at 0.1: {slope[310]:4.2f}, at 3: {slope[-1]:4.2f}   ", end="")
        print(f"nearer than 0.01: {arrived}")
    left.set(xlabel="residual", ylabel="loss", ylim=(0, 5), title="the loss")
    middle.set(xlabel="residual", ylabel="slope", ylim=(-3.2, 3.2), title="its slope")
    right.set(xlabel="steps", ylabel="distance (logarithmic)", ylim=(1e-3, 40), title="descent from 20, rate 0.15")
    right.text(400, 0.14, "MAE keeps\njumping", ha="right")
    left.legend(loc="upper center")

# %% [markdown]
r"""
**What it shows.** MSE is nearer than 0.01 after 22 steps: far away it takes huge strides, and its slope fades as it
comes near, so it settles. MAE walks with the same stride for ever; from step 133 on it jumps between 0.05 and −0.10 and
never arrives, unless the learning rate decays. Smooth L1 walks like MAE from afar and settles like MSE, after 141
steps. Huber's slope is `delta` times that of smooth L1, here half, so it takes about twice as long: 285 steps.

MSE wins this race because nothing is wrong with the target. What its long stride costs when a target *is* wrong, the
last experiment of this lesson shows.

**What to say in an interview.** “L2 starts fast and settles; L1 pulls equally hard at every distance, so it is robust
but needs a decaying learning rate; smooth L1 takes the far half of L1 and the near half of L2.”
"""

# %% [markdown]
r"""
### Concept question: one threshold, two losses
"""

# %% role="question" id="huber_small_threshold" points=1

# %% [markdown]
r"""
## Classification losses

### Softmax cross-entropy ★★ · 12 min

**Given** `logits` of shape `(N, C)` and `y` of shape `(N,)`, the right classes as integers from 0 to C − 1, **return**
the tuple `(loss, grad)`, where `grad` = ∂loss/∂logits has shape `(N, C)`. Row by row, with natural logarithms,

$$ p_{nc} = \frac{e^{x_{nc}}}{\sum_k e^{x_{nk}}}, \qquad \ell_n = -\ln p_{n, y_n}, \qquad
\frac{\partial \ell_n}{\partial x_{nc}} = p_{nc} - \begin{cases} 1 & c = y_n \\ 0 & \text{otherwise} \end{cases} $$

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over the **N rows**, one number | divided by N |
| `"sum"` | the sum over the rows, one number | not divided |
| `"none"` | a loss per row, shape `(N,)` | each row's own, not divided |

The classes are no elements to average over: nothing is ever divided by C.

Loss and gradient are right, finite and silent (no `RuntimeWarning`) for logits of ±10 000, row by row: a row near
10 000 must not spoil its neighbour near −10 000. A hopeless row, as far off as logits (10 000, −10 000) with y = 1, has
a loss of 20 000, not infinity and not a ceiling.

N and C are at least 1. If the logits are float32, so are the gradient and the losses of `"none"`; a loss that is one
number may be any float. Integer logits give the right floats. No argument is changed.

*Worked number.* logits [[1, 2, 3], [0, 0, ln 2]] with y = [2, 0] have the losses 0.407606 and ln 4 = 1.386294, mean
0.896950. The rows of the undivided gradient are [0.090031, 0.244728, −0.334759] and [−0.75, 0.25, 0.5]; each sums to 0.

**What the interviewer is after**: why do softmax and logarithm belong into one function, and can you derive p − onehot
in two lines? **Follow-ups**: what loss do you expect at the start with C classes? Why not squared error on the
probabilities? What is the gradient of a row that is right and sure? What would a mean over N·C change in training?

<details><summary>Hint 1</summary>Write −ln p as a logarithm of a sum minus one logit. What does subtracting the row's
maximum from every logit change?</details>
<details><summary>Hint 2</summary>Never take the logarithm of a probability: it may have underflowed to 0. After the
shift the sum of the exponentials is at least 1.</details>
<details><summary>Hint 3</summary><code>shifted[np.arange(N), y]</code> picks one logit a row. Use the same pair of
indices to subtract 1 from the softmax.</details>
"""

# %% role="solve" id="cross_entropy_loss"
from dlkit.reference.losses import cross_entropy_loss

# %% role="check" id="cross_entropy_loss-check" points=4
with check('reduction "mean", the default: loss and gradient worked by hand'):
    logits, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]]), np.array([2, 0])
    grad = np.array([[0.0900305732, 0.2447284711, -0.3347590442], [-0.75, 0.25, 0.5]])
    expect(cross_entropy_loss, logits, y).close((0.8969501628, grad / 2))
    expect(cross_entropy_loss, logits, y, reduction="mean").close((0.8969501628, grad / 2))
with check('reduction "sum": loss and gradient worked by hand'):
    logits, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]]), np.array([2, 0])
    grad = np.array([[0.0900305732, 0.2447284711, -0.3347590442], [-0.75, 0.25, 0.5]])
    expect(cross_entropy_loss, logits, y, reduction="sum").close((1.7939003256, grad))
with check('reduction "none": a loss per row, (N,), the gradient not divided'):
    logits, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]]), np.array([2, 0])
    grad = np.array([[0.0900305732, 0.2447284711, -0.3347590442], [-0.75, 0.25, 0.5]])
    expect(cross_entropy_loss, logits, y, reduction="none").close((np.array([0.4076059644, 1.3862943611]), grad))
with check("right and silent at ±10 000, gradient too", weight=3):
    logits, y = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [-1e4, -1e4, -1e4]]), np.array([1, 2, 0])
    grad = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0], [-2 / 3, 1 / 3, 1 / 3]])
    expected = (np.array([2e4, 0.0, np.log(3)]), grad)
    expect(cross_entropy_loss, logits, y, reduction="none").close(expected).no_warning()
    expect(cross_entropy_loss, logits, y).close(((2e4 + np.log(3)) / 3, grad / 3)).no_warning()
with check("gradient along random directions, all three reductions"):
    logits, y = np.random.default_rng(0).normal(0, 2, (5, 3)), np.array([2, 0, 0, 1, 2])

    def plain(logits, y, reduction):
        losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for reduction in ("mean", "sum", "none"):
        gradients(plain, cross_entropy_loss, logits, y, given="loss", reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("a row near 10 000 next to a row near −10 000"):
    logits = np.array([[1e4, 1e4 - np.log(3)], [-1e4, -1e4 - np.log(3)], [0.0, -np.log(3)]])
    grad = np.array([[0.75, -0.75], [-0.25, 0.25], [0.75, -0.75]])
    expected = (np.array([np.log(4), np.log(4 / 3), np.log(4)]), grad)
    expect(cross_entropy_loss, logits, np.array([1, 0, 1]), reduction="none").close(expected).no_warning()
with check("equal logits: the loss is ln C, whatever the class"):
    grad = np.full((3, 10), 0.1)
    grad[[0, 1, 2], [0, 9, 9]] -= 1
    expect(cross_entropy_loss, np.full((3, 10), 7.0), np.array([0, 9, 9])).close((np.log(10), grad / 3))
with check("one row, one class, N = C: random shapes, all three reductions"):
    rng = np.random.default_rng(1)
    for shape in [(1, 4), (4, 1), (4, 4), (7, 3), (3, 7), (1, 1)]:
        logits, y = rng.normal(0, 3, shape), rng.integers(0, shape[1], shape[0])
        for reduction in ("mean", "sum", "none"):
            expected = reference.cross_entropy_loss(logits, y, reduction)
            expect(cross_entropy_loss, logits, y, reduction=reduction).close(expected)
with check('float32 stays float32: the gradient, and the losses of "none"'):
    logits, y = np.array([[1, 2, 3], [0.5, -1, 0]], dtype=np.float32), np.array([2, 1])
    expected = reference.cross_entropy_loss(logits.astype(float), y, "none")
    got = expect(cross_entropy_loss, logits, y, reduction="none")
    got.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.cross_entropy_loss(logits.astype(float), y)
    expect(cross_entropy_loss, logits, y).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integer logits give the right floats"):
    logits, y = np.array([[3, -1, 0], [2, 2, 5]]), np.array([1, 0])
    expect(cross_entropy_loss, logits, y).close(reference.cross_entropy_loss(1.0 * logits, y))
with check("logits and y are left alone"):
    logits, y = np.random.default_rng(2).normal(0, 2, (4, 3)), np.array([1, 1, 0, 2])
    for reduction in ("mean", "sum", "none"):
        expected = reference.cross_entropy_loss(logits, y, reduction)
        expect(cross_entropy_loss, logits, y, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the first number in the log
"""

# %% role="question" id="first_loss_ln_two" points=1

# %% [markdown]
r"""
### Cross-entropy with soft targets ★★ · 10 min

**Given** `logits` of shape `(N, C)` and `probs` of shape `(N, C)`, a target distribution in each row (not negative,
summing to 1, zeros allowed), **return** the tuple `(loss, grad)`, where `grad` = ∂loss/∂logits has shape `(N, C)`. Row
by row,

$$ \ell_n = - \sum_c \text{probs}_{nc}\, \ln \mathrm{softmax}(x_n)_c, \qquad
\frac{\partial \ell_n}{\partial x_{nc}} = \mathrm{softmax}(x_n)_c - \text{probs}_{nc} $$

The target is outside the logarithm, the prediction inside. No entropy of the target is subtracted: this is
cross-entropy, not KL divergence. The target is a distribution already, so no softmax is applied to it.

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over the **N rows**, one number | divided by N |
| `"sum"` | the sum over the rows, one number | not divided |
| `"none"` | a loss per row, shape `(N,)` | each row's own, not divided |

Within a row the classes are *summed*, whatever the reduction: nothing is ever divided by C.

Loss and gradient are right, finite and silent (no `RuntimeWarning`) for logits of ±10 000, row by row, and where
`probs` is exactly 0 or 1 as well: 0 · (−∞) is not 0 in floating point.

N and C are at least 1. If both arrays are float32, so are the gradient and the losses of `"none"`; a loss that is one
number may be any float. Integer logits give the right floats. No argument is changed.

*Worked number.* logits [[1, 2, 3], [0, 0, ln 2]] with probs [[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]] have the losses
1.107606 and 1.039721, mean 1.073663. The rows of the undivided gradient are [−0.109969, −0.055272, 0.165241] and
[0, 0, 0]: the second prediction is right, and its loss is still not 0.

**What the interviewer is after**: do you see that nothing in softmax minus target needs a one-hot target, and that the
least possible loss is now the target's entropy? **Follow-ups**: where do soft targets come from (mixup, distillation,
several annotators)? Why has KL divergence the same gradient? Where in your derivation do the probs have to sum to 1?

<details><summary>Hint 1</summary>Compute the log-softmax directly; the logarithm and the exponential cancel in
it.</details>
<details><summary>Hint 2</summary>ln softmax(x) = x − m − ln Σ exp(x − m), with m the row's maximum. It is never −∞, so
a zero in <code>probs</code> does no harm.</details>
<details><summary>Hint 3</summary>Multiply by <code>probs</code>, sum over axis 1, change the sign: (N,). The
gradient is <code>np.exp(log_probs) - probs</code>. Only then reduce.</details>
"""

# %% role="solve" id="soft_cross_entropy"
from dlkit.reference.losses import soft_cross_entropy

# %% role="check" id="soft_cross_entropy-check" points=4
with check('reduction "mean", the default: loss and gradient worked by hand'):
    logits = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]])
    probs = np.array([[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]])
    grad = np.array([[-0.1099694268, -0.0552715289, 0.1652409558], [0.0, 0.0, 0.0]])
    expect(soft_cross_entropy, logits, probs).close((1.0736633674, grad / 2))
    expect(soft_cross_entropy, logits, probs, reduction="mean").close((1.0736633674, grad / 2))
with check('reduction "sum": loss and gradient worked by hand'):
    logits = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]])
    probs = np.array([[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]])
    grad = np.array([[-0.1099694268, -0.0552715289, 0.1652409558], [0.0, 0.0, 0.0]])
    expect(soft_cross_entropy, logits, probs, reduction="sum").close((2.1473267353, grad))
with check('reduction "none": a loss per row, (N,), the gradient not divided'):
    logits = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]])
    probs = np.array([[0.2, 0.3, 0.5], [0.25, 0.25, 0.5]])
    grad = np.array([[-0.1099694268, -0.0552715289, 0.1652409558], [0.0, 0.0, 0.0]])
    expected = (np.array([1.1076059644, 1.0397207708]), grad)
    expect(soft_cross_entropy, logits, probs, reduction="none").close(expected)
with check("right and silent at ±10 000, with zeros in probs, gradient too", weight=3):
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [-1e4, -1e4, -1e4]])
    probs = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    grad = np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 0.0], [-2 / 3, 1 / 3, 1 / 3]])
    expected = (np.array([1e4, 0.0, np.log(3)]), grad)
    expect(soft_cross_entropy, logits, probs, reduction="none").close(expected).no_warning()
    expect(soft_cross_entropy, logits, probs).close(((1e4 + np.log(3)) / 3, grad / 3)).no_warning()
with check("gradient along random directions, all three reductions"):
    rng = np.random.default_rng(0)
    logits, probs = rng.normal(0, 2, (5, 3)), rng.dirichlet(np.ones(3), 5)

    def plain(logits, probs, reduction):
        losses = -(probs * np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))).sum(axis=1)
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for reduction in ("mean", "sum", "none"):
        gradients(plain, soft_cross_entropy, logits, probs, given="loss", reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("a row near 10 000 next to a row near −10 000"):
    logits = np.array([[1e4, 1e4 - np.log(3)], [-1e4, -1e4 - np.log(3)], [0.0, -np.log(3)]])
    probs = np.array([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]])
    losses = np.array([np.log(4 / 3) + np.log(3) / 2, np.log(4 / 3) + np.log(3) * 3 / 4, np.log(4 / 3)])
    expected = (losses, np.array([[0.25, -0.25], [0.5, -0.5], [-0.25, 0.25]]))
    expect(soft_cross_entropy, logits, probs, reduction="none").close(expected).no_warning()
with check("one-hot probs: the cross-entropy of that class"):
    logits, y = np.random.default_rng(3).normal(0, 2, (6, 4)), np.array([3, 0, 1, 1, 2, 3])
    expect(soft_cross_entropy, logits, np.eye(4)[y]).close(reference.cross_entropy_loss(logits, y))
with check("one row, one class, N = C: random shapes, all three reductions"):
    rng = np.random.default_rng(1)
    for shape in [(1, 4), (4, 1), (4, 4), (7, 3), (3, 7)]:
        logits, probs = rng.normal(0, 3, shape), rng.dirichlet(np.ones(shape[1]), shape[0])
        for reduction in ("mean", "sum", "none"):
            expected = reference.soft_cross_entropy(logits, probs, reduction)
            expect(soft_cross_entropy, logits, probs, reduction=reduction).close(expected)
with check('float32 stays float32: the gradient, and the losses of "none"'):
    logits = np.array([[1, 2, 3], [0.5, -1, 0]], dtype=np.float32)
    probs = np.array([[0.25, 0.25, 0.5], [0.125, 0.75, 0.125]], dtype=np.float32)
    expected = reference.soft_cross_entropy(logits.astype(float), probs.astype(float), "none")
    got = expect(soft_cross_entropy, logits, probs, reduction="none")
    got.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.soft_cross_entropy(logits.astype(float), probs.astype(float))
    expect(soft_cross_entropy, logits, probs).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integer logits give the right floats"):
    logits, probs = np.array([[3, -1, 0], [2, 2, 5]]), np.array([[0.1, 0.6, 0.3], [0.5, 0.0, 0.5]])
    expect(soft_cross_entropy, logits, probs).close(reference.soft_cross_entropy(1.0 * logits, probs))
with check("logits and probs are left alone"):
    rng = np.random.default_rng(2)
    logits, probs = rng.normal(0, 2, (4, 3)), rng.dirichlet(np.ones(3), 4)
    for reduction in ("mean", "sum", "none"):
        expected = reference.soft_cross_entropy(logits, probs, reduction)
        expect(soft_cross_entropy, logits, probs, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Label smoothing ★★ · 10 min

**Given** `logits` of shape `(N, C)`, `y` of shape `(N,)`, the right classes as integers from 0 to C − 1, and
`smoothing` = s, a number from 0 to 1, **return** the tuple `(loss, grad)`, where `grad` = ∂loss/∂logits has shape
`(N, C)`. It is cross-entropy with a softened target: with natural logarithms,

$$ t_{nc} = (1 - s)\, [c = y_n] + \frac{s}{C}, \qquad
\ell_n = - \sum_c t_{nc}\, \ln \mathrm{softmax}(x_n)_c, \qquad
\frac{\partial \ell_n}{\partial x_{nc}} = \mathrm{softmax}(x_n)_c - t_{nc} $$

The amount s is spread over **all C classes, the right one too**: it keeps 1 − s + s/C, each other class gets s/C. Some
codebases give s/(C − 1) to the wrong classes only. This one does not. s = 0 is plain cross-entropy.

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over the **N rows**, one number | divided by N |
| `"sum"` | the sum over the rows, one number | not divided |
| `"none"` | a loss per row, shape `(N,)` | each row's own, not divided |

Within a row the classes are *summed*; the only division by C is the one in the target.

Loss and gradient are right, finite and silent (no `RuntimeWarning`) for logits of ±10 000, row by row.

N and C are at least 1. If the logits are float32, so are the gradient and the losses of `"none"`; a loss that is one
number may be any float. Integer logits give the right floats. No argument is changed.

*Worked number.* logits [[1, 2, 3], [0, 0, ln 2]] with y = [2, 0] and s = 0.3 have the targets [0.1, 0.1, 0.8] and
[0.8, 0.1, 0.1]. The losses are 0.707606 and 1.316980, mean 1.012293; the rows of the undivided gradient are
[−0.009969, 0.144728, −0.134759] and [−0.55, 0.15, 0.4].

**What the interviewer is after**: which target do you smooth towards, exactly, and what does the network's best logit
gap become once certainty costs something? **Follow-ups**: what does it do to calibration? Why can a teacher trained
with it be worse for distillation? With C = 10 and s = 0.1, what is the least possible loss? Why not smooth the logits?

<details><summary>Hint 1</summary>Build the target <code>(N, C)</code> first. Its rows must sum to 1: check
that.</details>
<details><summary>Hint 2</summary>Fill it with s/C, then add to one place in each row. Mind the dtype of what you fill:
that of integer logits would cut s/C to 0.</details>
<details><summary>Hint 3</summary>The rest is cross-entropy with soft targets: log-softmax with the row's maximum taken
off, product with the target, sum over axis 1; gradient softmax minus target.</details>
"""

# %% role="solve" id="label_smoothing_loss"
from dlkit.reference.losses import label_smoothing_loss

# %% role="check" id="label_smoothing_loss-check" points=4
with check('reduction "mean", the default: loss and gradient worked by hand'):
    logits, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]]), np.array([2, 0])
    grad = np.array([[-0.0099694268, 0.1447284711, -0.1347590442], [-0.55, 0.15, 0.4]])
    expect(label_smoothing_loss, logits, y, 0.3).close((1.0122928038, grad / 2))
    expect(label_smoothing_loss, logits, y, 0.3, reduction="mean").close((1.0122928038, grad / 2))
with check('reduction "sum": loss and gradient worked by hand'):
    logits, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]]), np.array([2, 0])
    grad = np.array([[-0.0099694268, 0.1447284711, -0.1347590442], [-0.55, 0.15, 0.4]])
    expect(label_smoothing_loss, logits, y, 0.3, reduction="sum").close((2.0245856075, grad))
with check('reduction "none": a loss per row, (N,), the gradient not divided'):
    logits, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, np.log(2)]]), np.array([2, 0])
    grad = np.array([[-0.0099694268, 0.1447284711, -0.1347590442], [-0.55, 0.15, 0.4]])
    expected = (np.array([0.7076059644, 1.3169796430]), grad)
    expect(label_smoothing_loss, logits, y, 0.3, reduction="none").close(expected)
with check("right and silent at ±10 000, gradient too", weight=3):
    logits, y = np.array([[1e4, -1e4], [-1e4, 1e4], [-1e4, -1e4]]), np.array([1, 1, 0])
    grad = np.array([[0.9, -0.9], [-0.1, 0.1], [-0.4, 0.4]])
    expected = (np.array([18000.0, 2000.0, np.log(2)]), grad)
    expect(label_smoothing_loss, logits, y, 0.2, reduction="none").close(expected).no_warning()
    expect(label_smoothing_loss, logits, y, 0.2).close(((2e4 + np.log(2)) / 3, grad / 3)).no_warning()
with check("gradient along random directions, all three reductions"):
    logits, y = np.random.default_rng(0).normal(0, 2, (5, 3)), np.array([2, 0, 0, 1, 2])

    def plain(logits, y, smoothing, reduction):
        log_probs = np.log(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))
        target = (1 - smoothing) * np.eye(logits.shape[1])[y] + smoothing / logits.shape[1]
        losses = -(target * log_probs).sum(axis=1)
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for reduction in ("mean", "sum", "none"):
        gradients(plain, label_smoothing_loss, logits, y, 0.1, given="loss", reduction=reduction)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("smoothing 0 is plain cross-entropy, smoothing 1 a uniform target"):
    logits, y = np.random.default_rng(3).normal(0, 2, (6, 4)), np.array([3, 0, 1, 1, 2, 3])
    expect(label_smoothing_loss, logits, y, 0.0).close(reference.cross_entropy_loss(logits, y))
    expected = reference.soft_cross_entropy(logits, np.full((6, 4), 0.25))
    expect(label_smoothing_loss, logits, y, 1.0).close(expected)
with check("a row near 10 000 next to a row near −10 000"):
    logits = np.array([[1e4, 1e4 - np.log(3)], [-1e4, -1e4 - np.log(3)], [0.0, -np.log(3)]])
    losses = np.log(4 / 3) + np.log(3) * np.array([0.8, 0.2, 0.8])
    expected = (losses, np.array([[0.55, -0.55], [-0.05, 0.05], [0.55, -0.55]]))
    expect(label_smoothing_loss, logits, np.array([1, 0, 1]), 0.4, reduction="none").close(expected).no_warning()
with check("one row, one class, N = C: random shapes and smoothings, all three reductions"):
    rng = np.random.default_rng(1)
    for shape, smoothing in [((1, 4), 0.1), ((4, 1), 0.2), ((4, 4), 0.3), ((7, 3), 0.05), ((3, 7), 0.6)]:
        logits, y = rng.normal(0, 3, shape), rng.integers(0, shape[1], shape[0])
        for reduction in ("mean", "sum", "none"):
            expected = reference.label_smoothing_loss(logits, y, smoothing, reduction)
            expect(label_smoothing_loss, logits, y, smoothing, reduction=reduction).close(expected)
with check('float32 stays float32: the gradient, and the losses of "none"'):
    logits, y = np.array([[1, 2, 3], [0.5, -1, 0]], dtype=np.float32), np.array([2, 1])
    expected = reference.label_smoothing_loss(logits.astype(float), y, 0.1, "none")
    got = expect(label_smoothing_loss, logits, y, 0.1, reduction="none")
    got.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    expected = reference.label_smoothing_loss(logits.astype(float), y, 0.1)
    expect(label_smoothing_loss, logits, y, 0.1).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
    )
with check("integer logits give the right floats"):
    logits, y = np.array([[3, -1, 0], [2, 2, 5]]), np.array([1, 0])
    expected = reference.label_smoothing_loss(1.0 * logits, y, 0.2)
    expect(label_smoothing_loss, logits, y, 0.2).close(expected)
with check("logits and y are left alone"):
    logits, y = np.random.default_rng(2).normal(0, 2, (4, 3)), np.array([1, 1, 0, 2])
    for reduction in ("mean", "sum", "none"):
        expected = reference.label_smoothing_loss(logits, y, 0.1, reduction)
        expect(label_smoothing_loss, logits, y, 0.1, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a loss that does not go to 0
"""

# %% role="question" id="smoothed_target_floor" points=1

# %% [markdown]
r"""
### Binary cross-entropy with logits ★★ · 15 min

**Given** `logits` and `targets`, two arrays of the same shape (any shape with at least one axis and one element), and
`pos_weight` (None, a number, or an array `(L,)`, L being the length of the last axis), **return** the tuple
`(loss, grad)`, where `grad` = ∂loss/∂logits has the logits' shape. For an element x with target t and weight w,

$$ \ell = -\, w\, t \ln \sigma(x) - (1 - t) \ln (1 - \sigma(x)), \qquad
\frac{\partial \ell}{\partial x} = (1 - t)\, \sigma(x) - w\, t\, (1 - \sigma(x)) $$

where $\sigma(x) = 1 / (1 + e^{-x})$. `None` means w = 1, and then the gradient is σ(x) − t. An array `(L,)` holds one
weight for each place of the **last** axis.

A target is any number from 0 to 1: soft targets are not rounded. `pos_weight` multiplies the part with t, and that part
only; the mean is *not* divided by the weights.

| `reduction` | loss | gradient |
|---|---|---|
| `"mean"` (default) | the mean over *every* element, one number | divided by the number of elements |
| `"sum"` | the sum, one number | not divided |
| `"none"` | a loss per element, the logits' shape | each element's own, not divided |

Loss and gradient are right, finite and silent (no `RuntimeWarning`) for logits of ±10 000. The loss of x = −10 000 with
t = 1 is 10 000: no infinity, and no ceiling from a clipped probability.

The gradient has the logits' dtype, if that is a float one: float32 logits give a float32 gradient also when the targets
are integers or booleans, or `pos_weight` is float64. If everything is float32, so are the losses of `"none"`. Integer
logits give the right floats. No argument is changed.

*Worked number.* logits = [0, 2, −1] and targets = [1, 0, 0.3] have the losses [0.693147, 2.126928, 0.613262], mean
1.144446, with the undivided gradient [−0.5, 0.880797, −0.031059]. With `pos_weight` = 3 the losses are
[2.079442, 2.126928, 1.401219], the undivided gradient is [−1.5, 0.880797, −0.469694].

**What the interviewer is after**: can you rewrite −ln σ(x) so that no probability is ever formed, and do you keep
pos_weight in the gradient as well? **Follow-ups**: why does a framework prefer logits to probabilities here? With 1 %
positives, what pos_weight would you start from, and what does it do to calibration? Where is the loss smallest for a
soft target of 0.3? Why is this the two-class softmax loss in disguise?

<details><summary>Hint 1</summary>−ln σ(x) = ln(1 + e^(−x)) is softplus(−x). What is −ln(1 − σ(x))?</details>
<details><summary>Hint 2</summary>A softplus without overflow is <code>np.logaddexp(0, x)</code>, or
max(x, 0) + ln(1 + e^(−|x|)).</details>
<details><summary>Hint 3</summary>For σ put z = exp(−|x|), which cannot overflow: σ(x) is 1 / (1 + z) where x ≥ 0 and
z / (1 + z) elsewhere. <code>pos_weight</code> broadcasts along the last axis by itself; cast it and the targets to the
logits' float dtype.</details>
"""

# %% role="solve" id="bce_with_logits"
from dlkit.reference.losses import bce_with_logits

# %% role="check" id="bce_with_logits-check" points=4
with check('reduction "mean", the default: loss and gradient worked by hand'):
    logits, targets = np.array([[0.0, 2.0, -1.0], [1.0, -2.0, 0.0]]), np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    grad = np.array([[-0.5, 0.8807970780, -0.7310585786], [-0.2689414214, 0.1192029220, 0.5]])
    expect(bce_with_logits, logits, targets).close((5.2666737582 / 6, grad / 6))
    expect(bce_with_logits, logits, targets, reduction="mean").close((5.2666737582 / 6, grad / 6))
with check('reduction "sum": loss and gradient worked by hand'):
    logits, targets = np.array([[0.0, 2.0, -1.0], [1.0, -2.0, 0.0]]), np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    grad = np.array([[-0.5, 0.8807970780, -0.7310585786], [-0.2689414214, 0.1192029220, 0.5]])
    expect(bce_with_logits, logits, targets, reduction="sum").close((5.2666737582, grad))
with check('reduction "none": a loss per element, the gradient not divided'):
    logits, targets = np.array([[0.0, 2.0, -1.0], [1.0, -2.0, 0.0]]), np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    losses = np.array([[0.6931471806, 2.1269280110, 1.3132616875], [0.3132616875, 0.1269280110, 0.6931471806]])
    grad = np.array([[-0.5, 0.8807970780, -0.7310585786], [-0.2689414214, 0.1192029220, 0.5]])
    expect(bce_with_logits, logits, targets, reduction="none").close((losses, grad))
with check("soft targets, from 0 to 1"):
    logits, targets = np.array([0.0, 2.0, -1.0, 3.0]), np.array([0.5, 0.9, 0.3, 0.25])
    losses = np.array([0.6931471806, 0.3269280110, 0.6132616875, 2.2985873516])
    grad = np.array([0.0, -0.0192029220, -0.0310585786, 0.7025741268])
    expect(bce_with_logits, logits, targets, reduction="none").close((losses, grad))
with check("pos_weight, a number: on the part with t only, in the gradient too"):
    logits, targets = np.array([0.0, 2.0, -1.0]), np.array([1.0, 0.0, 0.3])
    losses = np.array([2.0794415417, 2.1269280110, 1.4012187000])
    grad = np.array([-1.5, 0.8807970780, -0.4696937258])
    expect(bce_with_logits, logits, targets, pos_weight=3.0, reduction="none").close((losses, grad))
    expect(bce_with_logits, logits, targets, pos_weight=3.0).close((losses.sum() / 3, grad / 3))
with check("right and silent at ±10 000, gradient too", weight=3):
    logits, targets = np.array([1e4, -1e4, 1e4, -1e4, -1e4, 710.0]), np.array([0.0, 1.0, 1.0, 0.0, 0.25, 0.0])
    grad = np.array([1.0, -1.0, 0.0, 0.0, -0.25, 1.0])
    expected = (np.array([1e4, 1e4, 0.0, 0.0, 2500.0, 710.0]), grad)
    expect(bce_with_logits, logits, targets, reduction="none").close(expected).no_warning()
    expect(bce_with_logits, logits, targets).close((23210 / 6, grad / 6)).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("gradient along random directions: all three reductions, with and without pos_weight"):
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(0, 2, (3, 4)), rng.uniform(0, 1, (3, 4))

    def plain(logits, targets, pos_weight, reduction):
        p, w = 1 / (1 + np.exp(-logits)), 1.0 if pos_weight is None else pos_weight
        losses = -w * targets * np.log(p) - (1 - targets) * np.log(1 - p)
        return {"mean": losses.mean(), "sum": losses.sum(), "none": losses}[reduction]

    for reduction in ("mean", "sum", "none"):
        for w in (None, 2.5, np.array([0.5, 1.0, 3.0, 10.0])):
            gradients(plain, bce_with_logits, logits, targets, given="loss", pos_weight=w, reduction=reduction)
with check("pos_weight of shape (L,): one for each place of the last axis"):
    logits, targets = np.array([[0.0, 2.0, -1.0], [1.0, -2.0, 0.0]]), np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    w = np.array([2.0, 5.0, 0.5])
    for reduction in ("none", "mean", "sum"):
        expected = reference.bce_with_logits(logits, targets, w, reduction)
        expect(bce_with_logits, logits, targets, pos_weight=w, reduction=reduction).close(expected)
    rng = np.random.default_rng(3)
    for shape in [(3, 3), (4, 1), (2, 3, 4)]:
        logits, targets, w = rng.normal(0, 2, shape), rng.uniform(0, 1, shape), rng.uniform(0.5, 4, shape[-1])
        expected = reference.bce_with_logits(logits, targets, w)
        expect(bce_with_logits, logits, targets, pos_weight=w).close(expected)
with check("logits of 50 and 700, where σ(x) has rounded to 1"):
    logits, targets = np.array([50.0, 700.0, -50.0, -700.0]), np.array([0.0, 0.5, 1.0, 0.25])
    expected = (np.array([50.0, 350.0, 50.0, 175.0]), np.array([1.0, 0.5, -1.0, -0.25]))
    expect(bce_with_logits, logits, targets, reduction="none").close(expected).no_warning()
with check("right and silent at ±10 000 with pos_weight"):
    logits = np.array([[1e4, -1e4], [-1e4, 1e4], [-1e4, -1e4]])
    targets = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.5]])
    losses = np.array([[1e4, 3e4], [5e3, 0.0], [0.0, 1.5e4]])
    expected = (losses, np.array([[1.0, -3.0], [-0.5, 0.0], [0.0, -1.5]]))
    w = np.array([0.5, 3.0])
    expect(bce_with_logits, logits, targets, pos_weight=w, reduction="none").close(expected).no_warning()
with check("random shapes from (1,) to (2, 3, 4), all three reductions"):
    rng = np.random.default_rng(1)
    for shape in [(1,), (5,), (1, 4), (4, 1), (3, 3), (2, 3, 4)]:
        logits, targets = rng.normal(0, 4, shape), rng.uniform(0, 1, shape)
        for reduction in ("mean", "sum", "none"):
            expected = reference.bce_with_logits(logits, targets, 1.7, reduction)
            expect(bce_with_logits, logits, targets, pos_weight=1.7, reduction=reduction).close(expected)
with check('all float32: the gradient and the losses of "none" are float32'):
    logits = np.array([[0, 2, -1], [1, -2, 0.5]], dtype=np.float32)
    targets = np.array([[1, 0, 0.25], [1, 0, 0.5]], dtype=np.float32)
    w = np.array([2, 1, 4], dtype=np.float32)
    expected = reference.bce_with_logits(logits.astype(float), targets.astype(float), w.astype(float), "none")
    got = expect(bce_with_logits, logits, targets, pos_weight=w, reduction="none")
    got.close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("float32 logits with integer or boolean targets and float64 weights: a float32 gradient"):
    logits, targets = np.array([[0, 2, -1], [1, -2, 0.5]], dtype=np.float32), np.array([[1, 0, 1], [1, 0, 0]])
    for given, w in [(targets, None), (targets == 1, 2.0), (targets, np.array([2.0, 1.0, 4.0]))]:
        expected = reference.bce_with_logits(logits.astype(float), targets, w)
        expect(bce_with_logits, logits, given, pos_weight=w).close(expected, rtol=1e-5, atol=1e-6).satisfies(
            lambda result: np.asarray(result[1]).dtype == np.float32, "a gradient of dtype float32"
        )
with check("integer logits, integer and boolean targets give the right floats"):
    logits, targets = np.array([[3, -1, 0], [2, -2, 5]]), np.array([[1, 0, 1], [0, 1, 0]])
    expected = reference.bce_with_logits(1.0 * logits, 1.0 * targets, 2.0)
    expect(bce_with_logits, logits, targets, pos_weight=2.0).close(expected)
    expected = reference.bce_with_logits(1.0 * logits, 1.0 * targets)
    expect(bce_with_logits, logits, targets == 1).close(expected)
with check("logits, targets and pos_weight are left alone"):
    rng = np.random.default_rng(2)
    logits, targets, w = rng.normal(0, 2, (4, 3)), rng.uniform(0, 1, (4, 3)), np.array([0.5, 2.0, 3.0])
    for reduction in ("mean", "sum", "none"):
        expected = reference.bce_with_logits(logits, targets, w, reduction)
        expect(bce_with_logits, logits, targets, pos_weight=w, reduction=reduction).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what a weight does to a probability
"""

# %% role="question" id="pos_weight_correction" points=1

# %% [markdown]
r"""
## Which output and which loss

Three tasks look alike in code and differ in what they ask of a row of scores:

| task | target of a row | output | loss |
|---|---|---|---|
| binary | one 0 or 1 | one sigmoid | binary cross-entropy, mean over N |
| multi-class | one class of C | softmax over C | cross-entropy, mean over N |
| multi-label | L times 0 or 1 | L sigmoids | binary cross-entropy, mean over N · L |

### Multi-label loss ★★ · 10 min

A picture may show a dog, a beach and no car. Each label is a question of its own, so no label takes probability from
another.

**Given** `logits` of shape `(N, L)` and `targets` of shape `(N, L)`, 1 where a label is present and 0 where it is not,
**return** the tuple `(loss, grad)`: the mean binary cross-entropy of σ(logits), and its gradient with respect to
`logits`, shape `(N, L)`.

$$ L = -\frac{1}{N L} \sum_{n,\,l}
\Bigl[ t_{nl} \ln \sigma(x_{nl}) + (1 - t_{nl}) \ln\bigl(1 - \sigma(x_{nl})\bigr) \Bigr],
\qquad \sigma(x) = \frac{1}{1 + e^{-x}} $$

The mean is over all N · L elements, and the gradient is the gradient of that mean. N and L are at least 1. A row may
have no ones, one, or many.

Value and gradient are right, finite and without a `RuntimeWarning` at ±10 000: a logit of −10 000 with target 1 costs
10 000. Targets may be floats, integers or booleans. float32 logits give a float32 gradient, whatever the targets'
dtype; integer logits give the right floats. No argument is changed.

*Worked number.* logits [[0, 2, −1]] with targets [[1, 1, 0]] cost 0.693147, 0.126928 and 0.313262, so the loss is
0.377779 and the gradient [[−0.166667, −0.039734, 0.089647]].

**What the interviewer is after**: why L sigmoids and not one softmax? And can you write binary cross-entropy so that no
logarithm ever meets a 0? **Follow-ups**: what would a softmax do to a row with two true labels, or none? One label is
present in 1 % of the rows: what would you change? When would you sum over the labels and average over N only, and what
does that do to the learning rate? Are the labels assumed to be independent?

<details><summary>Hint 1</summary>−ln σ(x) = ln(1 + e<sup>−x</sup>) is softplus(−x). What is −ln(1 − σ(x))?</details>
<details><summary>Hint 2</summary>softplus is <code>np.logaddexp(0, x)</code>, which cannot overflow. With it the loss
of an element is t · softplus(−x) + (1 − t) · softplus(x).</details>
<details><summary>Hint 3</summary>The gradient of an element is σ(x) − t, then divided by the number of elements. Take σ
from z = exp(−|x|): 1/(1 + z) for x ≥ 0 and z/(1 + z) below.</details>
"""

# %% role="solve" id="multilabel_loss"
from dlkit.reference.losses import multilabel_loss

# %% role="check" id="multilabel_loss-check" points=4
with check("one row worked by hand: loss and gradient"):
    logits, targets = np.array([[0.0, 2.0, -1.0]]), np.array([[1.0, 1.0, 0.0]])
    expected = (0.3777789597, np.array([[-0.1666666667, -0.0397343073, 0.0896471405]]))
    expect(multilabel_loss, logits, targets).close(expected)
with check("the mean is over N · L elements, not over N"):
    logits, targets = np.zeros((2, 4)), np.array([[1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    expected = (np.log(2), (0.5 - targets) / 8)
    expect(multilabel_loss, logits, targets).close(expected)
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(0, 2, (3, 4)), rng.integers(0, 2, (3, 4)).astype(float)
    gradients(
        lambda x, t: -(t * np.log(1 / (1 + np.exp(-x))) + (1 - t) * np.log(1 / (1 + np.exp(x)))).mean(),
        multilabel_loss,
        logits,
        targets,
        given="loss",
    )
with check("right and silent at ±10 000", weight=3):
    logits, targets = np.array([[1e4, 1e4], [-1e4, -1e4]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    expected = (5000.0, np.array([[0.0, 0.25], [-0.25, 0.0]]))
    expect(multilabel_loss, logits, targets).close(expected).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("a row without a one, a row of ones, integers and booleans as targets"):
    logits = np.array([[0.5, -1.5, 2.0], [1.0, -0.5, 3.0], [-2.0, 0.25, 0.0]])
    for dtype in (int, bool):
        targets = np.array([[0, 0, 0], [1, 1, 1], [0, 1, 0]], dtype=dtype)
        expected = reference.multilabel_loss(logits, targets)
        expect(multilabel_loss, logits, targets).close(expected)
with check("float32 logits give a float32 gradient, with integer targets too"):
    rng = np.random.default_rng(2)
    logits, targets = rng.normal(0, 2, (4, 3)).astype(np.float32), rng.integers(0, 2, (4, 3))
    for t in (targets.astype(np.float32), targets):
        call = expect(multilabel_loss, logits, t).close(reference.multilabel_loss(logits, t), rtol=1e-5, atol=1e-6)
        call.satisfies(lambda out: np.asarray(out[1]).dtype == np.float32, "a float32 gradient for float32 logits")
with check("integer logits give the right floats"):
    logits, targets = np.array([[-3, 0, 4], [1, -1, 2]]), np.array([[1, 0, 1], [0, 1, 0]])
    expect(multilabel_loss, logits, targets).close(reference.multilabel_loss(1.0 * logits, targets))
with check("random shapes; logits and targets are left alone"):
    rng = np.random.default_rng(3)
    for shape in [(1, 1), (5, 1), (1, 6), (4, 4)]:
        logits, targets = rng.normal(0, 3, shape), rng.integers(0, 2, shape).astype(float)
        expect(multilabel_loss, logits, targets).close(reference.multilabel_loss(logits, targets)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### From logits to a decision ★★ · 8 min

Training ends with logits; a user wants an answer. Which answer makes the fewest errors depends on the task.

**Given** `task`, a string, and an array `logits`, **return** the decisions as an array of integers:

| task | logits | decision | shape |
|---|---|---|---|
| `"binary"` | `(N,)` | 1 where σ(logit) ≥ ½, else 0 | `(N,)` |
| `"multiclass"` | `(N, C)` | the class with the largest logit, the first of equal ones | `(N,)` |
| `"multilabel"` | `(N, L)` | each label as in `"binary"` | `(N, L)` |

$$ \sigma(x) \ge \tfrac12 \iff x \ge 0, \qquad \arg\max_c \mathrm{softmax}(\mathbf{x})_c = \arg\max_c x_c $$

Both rise with their argument, so no probability need be computed. Where it makes a difference it is better not to:
σ(−10⁻²⁰) rounds to ½, which would turn a no into a yes. (The checks ask for nothing that close to a tie.)

A logit of exactly 0 gives 1. The result has an integer dtype (such as int64), not booleans and not floats: used as an
index, `[True, False]` would be a mask. Any other `task` raises `ValueError`. N may be 0. Nothing warns at ±10 000.
`logits` may be float64, float32 or integers, and is left as it is.

*Worked number.* The logits [[2, −1, 0.3], [−3, −1, −2]] as `"multiclass"` give [0, 1]; as `"multilabel"` they give
[[1, 0, 1], [0, 0, 0]].

**What the interviewer is after**: do you know that the threshold ½ on the probability is the threshold 0 on the logit,
and that softmax is not needed to decide? **Follow-ups**: a missed tumour costs 20 times a false alarm: where is the
threshold then? When do you need the probabilities after all? Why might each label get its own threshold? Does a
temperature change any of the three decisions?

<details><summary>Hint 1</summary>Where does the sigmoid cross ½? Compare the logit with that place.</details>
<details><summary>Hint 2</summary>A comparison gives booleans; <code>astype(int)</code> makes them integers.</details>
<details><summary>Hint 3</summary><code>argmax</code> over the axis of the classes already takes the first of equal
ones. Let the last branch of your <code>if</code> raise.</details>
"""

# %% role="solve" id="predict_from_logits"
from dlkit.reference.losses import predict_from_logits

# %% role="check" id="predict_from_logits-check" points=4
with check("binary: four decisions, and a logit of exactly 0 gives 1"):
    expect(predict_from_logits, "binary", np.array([2.0, -0.1, 0.0, 0.3])).close([1, 0, 1, 1])
with check("multiclass: one class for each row, by the largest logit"):
    logits = np.array([[2.0, -1.0, 0.3], [-3.0, -1.0, -2.0]])
    expect(predict_from_logits, "multiclass", logits).close([0, 1])
with check("multilabel: a 0 or 1 for each label, several in a row or none"):
    logits = np.array([[2.0, -1.0, 0.3], [-3.0, -1.0, -2.0], [0.0, 0.1, 0.2]])
    expect(predict_from_logits, "multilabel", logits).close([[1, 0, 1], [0, 0, 0], [1, 1, 1]])
with check("the decisions are integers, not booleans and not floats"):
    x = np.array([[1.0, -1.0]])
    for task, logits, expected in [("binary", x[0], [1, 0]), ("multilabel", x, [[1, 0]]), ("multiclass", x, [0])]:
        call = expect(predict_from_logits, task, logits).close(expected)
        call.satisfies(lambda out: np.asarray(out).dtype.kind != "b", "integers, not booleans")
        call.satisfies(lambda out: np.asarray(out).dtype.kind in "iu", "integers, not floats")
with check("an unknown task raises ValueError"):
    expect(predict_from_logits, "regression", np.array([[1.0, 2.0]])).raises(ValueError)
    expect(predict_from_logits, "multiclass", np.array([[1.0, 2.0]])).close([1])
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("of equal logits the first class wins"):
    logits = np.array([[1.0, 3.0, 3.0], [0.0, 0.0, 0.0], [-2.0, -5.0, -2.0]])
    expect(predict_from_logits, "multiclass", logits).close([1, 0, 0])
with check("right and silent at ±10 000"):
    expect(predict_from_logits, "binary", np.array([-1e4, 1e4])).close([0, 1]).no_warning()
    logits = np.array([[-1e4, 1e4, 9999.0], [-1e4, -9999.0, -1e4]])
    expect(predict_from_logits, "multiclass", logits).close([1, 1]).no_warning()
    expect(predict_from_logits, "multilabel", logits).close([[0, 1, 1], [0, 0, 0]]).no_warning()
with check("other wrong tasks: an empty string, capitals, a hyphen"):
    for task in ["", "Binary", "multi-label"]:
        expect(predict_from_logits, task, np.array([[1.0, -2.0]])).raises(ValueError)
    expect(predict_from_logits, "multilabel", np.array([[1.0, -2.0]])).close([[1, 0]])
with check("no rows, square logits, float32 and integer logits; logits are left alone"):
    expect(predict_from_logits, "binary", np.zeros(0)).close(np.zeros(0))
    expect(predict_from_logits, "multiclass", np.zeros((0, 3))).close(np.zeros(0))
    expect(predict_from_logits, "multilabel", np.zeros((0, 3))).close(np.zeros((0, 3)))
    rng = np.random.default_rng(1)
    for task, shape in [("binary", (6,)), ("multiclass", (4, 4)), ("multilabel", (4, 4)), ("multiclass", (3, 1))]:
        for logits in (rng.normal(0, 2, shape).astype(np.float32), rng.integers(-2, 3, shape)):
            expect(predict_from_logits, task, logits).close(reference.predict_from_logits(task, logits)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: right answers, high loss
"""

# %% role="question" id="double_softmax_plateau" points=1

# %% [markdown]
r"""
### Negative log-likelihood with weights ★★ · 12 min

The second half of cross-entropy, for networks that end in log-softmax. It carries two things that every text model
needs: classes that count more than others, and rows (padding) that do not count at all.

**Given** `log_probs` of shape `(N, C)`, labels `y`, integers of shape `(N,)`, each a class or `ignore_index`,
`weight`, shape `(C,)` and not negative, or `None` for all 1, and `ignore_index`, an integer, **return** the tuple
`(loss, grad)`: the weighted mean over the rows that count, and its gradient with respect to `log_probs`, `(N, C)`.

$$ L = -\,\frac{\sum_{n} w_{y_n} \, \ell_{n,\,y_n}}{\sum_{n} w_{y_n}} $$

Here ℓ are the `log_probs` and w the `weight`. Both sums are over the rows that count: those whose label is not
`ignore_index`. The denominator is the sum of those rows' weights: neither N, nor the number of rows, nor the sum of the
C entries of `weight`. The `log_probs` are free variables: differentiate this formula, and not the softmax that may
stand before it.

`ignore_index` may be any integer: −100, −1, 255, or even a class such as 0, whose rows are then left out. An ignored
row has a zero gradient. Where the weights that count sum to 0 (every row ignored, N = 0, or only classes of weight 0),
the loss is 0 and the gradient all 0, without a warning.

The `log_probs` are finite numbers. If they and `weight` are float32, so is the gradient. Integers in either give the
right floats. No argument is changed, `y` neither.

*Worked number.* Take the log-probabilities ln [0.5, 0.25, 0.25], ln [0.1, 0.8, 0.1] and ln [0.2, 0.2, 0.6], and
y = [0, 1, −100]. Without weights the loss is 0.458145, the mean of two rows. With weight = [1, 3, 1] it is 0.340644,
and the gradient is −0.25 at [0, 0], −0.75 at [1, 1] and 0 elsewhere.

**What the interviewer is after**: what do you divide by, and what happens to a batch of nothing but padding?
**Follow-ups**: why is averaging such losses over batches or devices not the loss of the whole, and what would you keep
instead? Why is −100 a safer mark than −1 in Python? What does weighting do to the probabilities that the model learns?
Why is log-softmax followed by this loss better than the log of a softmax?

<details><summary>Hint 1</summary>Find the rows that count first, and index with <code>y</code> only there: −100 is no
column.</details>
<details><summary>Hint 2</summary>A row that counts has one number w = weight[y]. The loss is a weighted mean of
−log_probs[row, y] with those numbers.</details>
<details><summary>Hint 3</summary>Each row that counts has a single nonzero gradient entry, at its class: −w divided by
the sum of all the w. Return zeros before you divide if that sum is 0.</details>
"""

# %% role="solve" id="nll_loss"
from dlkit.reference.losses import nll_loss

# %% role="check" id="nll_loss-check" points=4
with check("three rows worked by hand: loss and gradient"):
    log_probs = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]))
    grad = np.array([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]) / 3
    expect(nll_loss, log_probs, np.array([0, 1, 2])).close((0.4757054519, grad))
with check("weights: the loss is divided by the sum of the weights of the rows"):
    log_probs = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]))
    grad = np.array([[-0.2, 0.0, 0.0], [0.0, -0.6, 0.0], [0.0, 0.0, -0.2]])
    expect(nll_loss, log_probs, np.array([0, 1, 2]), weight=np.array([1.0, 3.0, 1.0])).close((0.3746806917, grad))
with check("ignored rows: no loss, no gradient, no part in the mean"):
    log_probs = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]))
    y = np.array([0, 1, -100])
    grad = np.array([[-0.5, 0.0, 0.0], [0.0, -0.5, 0.0], [0.0, 0.0, 0.0]])
    expect(nll_loss, log_probs, y).close((0.4581453659, grad))
    grad = np.array([[-0.25, 0.0, 0.0], [0.0, -0.75, 0.0], [0.0, 0.0, 0.0]])
    expect(nll_loss, log_probs, y, weight=np.array([1.0, 3.0, 1.0])).close((0.3406444586, grad))
with check("gradient along random directions, the log-probabilities as free variables"):
    rng = np.random.default_rng(0)
    log_probs, y = rng.normal(-2, 1, (5, 3)), np.array([2, 0, -100, 1, 2])
    kept = np.array([0, 1, 3, 4])

    def formula(log_probs, y, weight):
        w = weight[y[kept]]
        return -(w * log_probs[kept, y[kept]]).sum() / w.sum()

    gradients(formula, nll_loss, log_probs, y, given="loss", weight=np.array([0.5, 2.0, 1.5]))
with check("every row ignored: loss 0, gradient 0, no warning"):
    y = np.array([-100, -100])
    expect(nll_loss, np.full((2, 3), -1.5), y).close((0.0, np.zeros((2, 3)))).no_warning()
    expect(nll_loss, np.full((1, 3), -1.5), np.array([1])).close((1.5, np.array([[0.0, -1.0, 0.0]])))
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("ignore_index is −1 or 255"):
    log_probs = np.random.default_rng(4).normal(-2, 1, (4, 3))
    for mark in (-1, 255):
        y = np.array([2, mark, 0, mark])
        expected = reference.nll_loss(log_probs, y, None, mark)
        expect(nll_loss, log_probs, y, ignore_index=mark).close(expected)
with check("ignore_index is one of the classes"):
    log_probs, weight = np.random.default_rng(5).normal(-2, 1, (5, 3)), np.array([4.0, 1.0, 2.5])
    for mark in (0, 2):
        y = np.array([0, 2, 1, 0, 2])
        expected = reference.nll_loss(log_probs, y, weight, mark)
        expect(nll_loss, log_probs, y, weight=weight, ignore_index=mark).close(expected)
with check("the weights that count sum to 0, or there is no row: 0 without a warning"):
    log_probs, weight = np.full((3, 3), -2.0), np.array([0.0, 0.0, 5.0])
    expected = (0.0, np.zeros((3, 3)))
    expect(nll_loss, log_probs, np.array([0, 1, -100]), weight=weight).close(expected).no_warning()
    none = (np.zeros((0, 3)), np.zeros(0, dtype=int))
    expect(nll_loss, *none).close((0.0, np.zeros((0, 3)))).no_warning()
    grad = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]])
    expect(nll_loss, log_probs, np.array([0, 2, -100]), weight=weight).close((2.0, grad)).no_warning()
with check("float32 log-probabilities and weights give a float32 gradient"):
    rng = np.random.default_rng(6)
    log_probs, y = rng.normal(-2, 1, (4, 3)).astype(np.float32), np.array([1, 2, -100, 0])
    for weight in (None, np.array([0.5, 2, 1], dtype=np.float32)):
        expected = reference.nll_loss(log_probs, y, weight)
        call = expect(nll_loss, log_probs, y, weight=weight).close(expected, rtol=1e-5, atol=1e-6)
        call.satisfies(lambda out: np.asarray(out[1]).dtype == np.float32, "a float32 gradient for float32 input")
with check("integers in log_probs and in weight give the right floats"):
    log_probs, y = np.array([[-1, -2, -3], [-4, -1, -2], [-3, -1, -5]]), np.array([0, 2, 2])
    weight = np.array([2, 1, 3])
    expect(nll_loss, log_probs, y).close(reference.nll_loss(1.0 * log_probs, y))
    expect(nll_loss, 1.0 * log_probs, y, weight=weight).close(reference.nll_loss(1.0 * log_probs, y, 1.0 * weight))
with check("random shapes and options; log_probs, y and weight are left alone"):
    rng = np.random.default_rng(7)
    for n, c in [(1, 1), (6, 2), (1, 5), (4, 4)]:
        log_probs, y, weight = rng.normal(-2, 1, (n, c)), rng.integers(0, c, n), rng.uniform(0.5, 3, c)
        y[1::3] = -100
        expected = reference.nll_loss(log_probs, y, weight)
        expect(nll_loss, log_probs, y, weight=weight).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Information

Three numbers about distributions, tied by one line: H(p, q) = H(p) + KL(p ‖ q). With natural logarithms they are in
nats. A bit, the unit of log₂, is ln 2 = 0.693147 nats.

### KL divergence ★★ · 10 min

**Given** probabilities `p` and `q` of the same shape, `(C,)` or `(N, C)`, **return** KL(p ‖ q), the
Kullback-Leibler divergence in which p weighs the terms, along the last axis: one number for `(C,)`, shape `(N,)` for
`(N, C)`.

$$ \mathrm{KL}(p \,\|\, q) = \sum_c p_c \ln \frac{p_c}{q_c} $$

Use the natural logarithm. Two limits belong to the definition:

- where $p_c = 0$ the term is 0, whatever $q_c$ is, 0 too;
- where $q_c = 0$ and $p_c > 0$ the result is `inf`: q rules out what p allows.

Neither gives a `RuntimeWarning`. So do not add a small number to q, which would make the infinity finite. N may be 0.
Probabilities may be integers too, as in [1, 0], or float32 (no dtype is asked of the result). No argument is changed.

*Worked number.* p = [0.5, 0.5] and q = [0.9, 0.1]: KL(p ‖ q) = 0.510826, but KL(q ‖ p) = 0.368064.

**What the interviewer is after**: that KL is no distance (not symmetric), never negative, 0 only for p = q, and
infinite where q misses something. **Follow-ups**: which direction does maximum likelihood minimize? Which one fits one
peak of two, and which one covers both? Why is minimizing cross-entropy over q the same as minimizing KL? What does
Jensen-Shannon repair?

<details><summary>Hint 1</summary>Both limits are about which terms the logarithm is allowed to see. Pick them before
you take the logarithm, not after.</details>
<details><summary>Hint 2</summary><code>np.where(p &gt; 0, p, 1.0)</code> is safe to take the logarithm of. Do the same
with q, and the term is 0 where p is 0.</details>
<details><summary>Hint 3</summary>ln 0 = −inf is what you want where q = 0 &lt; p: let it happen inside
<code>with np.errstate(divide="ignore")</code>.</details>
"""

# %% role="solve" id="kl_divergence"
from dlkit.reference.losses import kl_divergence

# %% role="check" id="kl_divergence-check" points=4
with check("two numbers worked by hand, in nats: the direction matters"):
    p, q = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    expect(kl_divergence, p, q).close(0.5108256238)
    expect(kl_divergence, q, p).close(0.3680642072)
with check("(N, C) gives (N,): a number for each row"):
    p = np.array([[0.5, 0.25, 0.25], [0.2, 0.5, 0.3]])
    q = np.array([[0.25, 0.5, 0.25], [0.2, 0.5, 0.3]])
    expect(kl_divergence, p, q).close([0.25 * np.log(2), 0.0])
with check("0 · ln 0 = 0, without a warning, where q is 0 as well"):
    p, q = np.array([0.0, 0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])
    expect(kl_divergence, p, q).close(0.5 * np.log(2)).no_warning()
with check("q = 0 where p is not: inf, without a warning"):
    p = np.array([[0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])
    q = np.array([[1.0, 0.0, 0.0], [0.25, 0.25, 0.5]])
    expect(kl_divergence, p, q).close([np.inf, 0.25 * np.log(2)]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("never negative, and 0 only for p = q"):
    p, q = np.array([0.2, 0.5, 0.3]), np.array([[0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.01, 0.01, 0.98]])
    expected = [0.0, 0.3 * np.log(2.5), 0.2 * np.log(20) + 0.5 * np.log(50) + 0.3 * np.log(0.3 / 0.98)]
    expect(kl_divergence, np.tile(p, (3, 1)), q).close(expected)
with check("integers are probabilities too, and float32"):
    expect(kl_divergence, np.array([1, 0]), np.array([0.25, 0.75])).close(np.log(4)).no_warning()
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], dtype=np.float32)
    q = np.array([[0.1, 0.6, 0.3], [0.3, 0.3, 0.4]], dtype=np.float32)
    expect(kl_divergence, p, q).close(reference.kl_divergence(p.astype(float), q.astype(float)), rtol=1e-5, atol=1e-6)
with check("one class, no rows, square and random shapes; p and q are left alone"):
    expect(kl_divergence, np.zeros((0, 3)), np.zeros((0, 3))).close(np.zeros(0))
    rng = np.random.default_rng(1)
    for shape in [(1,), (6,), (4, 4), (2, 3), (1, 5), (3, 1)]:
        p, q = rng.uniform(0.1, 1, shape), rng.uniform(0.1, 1, shape)
        p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
        expect(kl_divergence, p, q).close(reference.kl_divergence(p, q)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Entropy ★★ · 6 min

**Given** probabilities `p`, shape `(C,)` or `(N, C)`, **return** the entropy along the last axis: one number for
`(C,)`, shape `(N,)` for `(N, C)`.

$$ H(p) = -\sum_c p_c \ln p_c $$

Use the natural logarithm: the unit is the nat. Where $p_c = 0$ the term is 0, with no `RuntimeWarning`. So the entropy
goes from 0 (all is certain) to ln C (all is equally likely). N may be 0, C may be 1. Probabilities may be integers, as
in [0, 1], or float32 (no dtype is asked of the result). `p` is left as it is.

*Worked number.* H([0.5, 0.25, 0.25]) = 1.039721 nats, which is 1.5 bits. For three equally likely classes it is
ln 3 = 1.098612.

**What the interviewer is after**: the limit at 0, the two extremes, and the unit. **Follow-ups**: a ten-class
classifier starts at a loss of 2.303: why? What is perplexity, and what is it for a uniform guess over 50 000 tokens?
Where is entropy added to a loss, and with which sign? Why does it not depend on the order of the classes?

<details><summary>Hint 1</summary>p ln p goes to 0 as p does, but NumPy computes 0 · (−inf), which is NaN.</details>
<details><summary>Hint 2</summary>Give the logarithm something harmless to work on where p is 0. Which number has the
logarithm 0?</details>
<details><summary>Hint 3</summary><code>np.where(p &gt; 0, p, 1.0)</code> inside the logarithm, p outside, a minus in
front, and the sum over <code>axis=-1</code>.</details>
"""

# %% role="solve" id="entropy"
from dlkit.reference.losses import entropy

# %% role="check" id="entropy-check" points=4
with check("two numbers worked by hand, in nats"):
    expect(entropy, np.array([0.5, 0.25, 0.25])).close(1.0397207708)
    expect(entropy, np.array([0.9, 0.1])).close(0.3250829734)
with check("equally likely classes: ln C"):
    expect(entropy, np.full(3, 1 / 3)).close(np.log(3))
    expect(entropy, np.full(10, 0.1)).close(np.log(10))
with check("(N, C) gives (N,): a number for each row"):
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]])
    expect(entropy, p).close([1.0397207708, -0.1 * np.log(0.1) - 0.2 * np.log(0.2) - 0.7 * np.log(0.7)])
with check("0 · ln 0 = 0, without a warning"):
    p = np.array([[0.0, 1.0, 0.0], [0.5, 0.0, 0.5]])
    expect(entropy, p).close([0.0, np.log(2)]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("integers are probabilities too, and float32"):
    expect(entropy, np.array([[0, 1], [1, 0]])).close([0.0, 0.0]).no_warning()
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], dtype=np.float32)
    expect(entropy, p).close(reference.entropy(p.astype(float)), rtol=1e-5, atol=1e-6)
with check("one class, no rows, a tiny probability"):
    expect(entropy, np.array([1.0])).close(0.0).no_warning()
    expect(entropy, np.array([[1.0], [1.0]])).close([0.0, 0.0]).no_warning()
    expect(entropy, np.zeros((0, 3))).close(np.zeros(0))
    expect(entropy, np.array([1 - 1e-6, 1e-6])).close(1e-6 * np.log(1e6) - (1 - 1e-6) * np.log(1 - 1e-6))
with check("random shapes, square too; p is left alone"):
    rng = np.random.default_rng(1)
    for shape in [(6,), (4, 4), (2, 3), (1, 5)]:
        p = rng.uniform(0.1, 1, shape)
        p = p / p.sum(axis=-1, keepdims=True)
        expect(entropy, p).close(reference.entropy(p)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Cross-entropy of two distributions ★★ · 6 min

What a message costs on average if it comes from p and the code was made for q.

**Given** probabilities `p` and `q` of the same shape, `(C,)` or `(N, C)`, **return** their cross-entropy along the last
axis: one number for `(C,)`, shape `(N,)` for `(N, C)`.

$$ H(p, q) = -\sum_c p_c \ln q_c = H(p) + \mathrm{KL}(p \,\|\, q) $$

Mind the order: p weighs, q stands in the logarithm, which is the natural one. Where $p_c = 0$ the term is 0, whatever
$q_c$ is, 0 too. Where $q_c = 0$ and $p_c > 0$ the result is `inf`. Neither gives a `RuntimeWarning`, and no small
number is added to q. N may be 0. Probabilities may be integers, as in the one-hot [0, 1, 0], or float32 (no
dtype is asked of the result). No argument is changed.

*Worked number.* p = [0.5, 0.5] and q = [0.9, 0.1]: H(p, q) = 1.203973, which is 0.693147 + 0.510826.
The other way round, H(q, p) = 0.693147.

**What the interviewer is after**: how cross-entropy, entropy and KL hang together, and why the training loss of a
classifier does not go to 0 when its labels are noisy. **Follow-ups**: what is left of the formula when p is one-hot?
When do KL and cross-entropy have the same gradient, and when not (distillation, a learned target)? What is H(p, p)?

<details><summary>Hint 1</summary>It is entropy's formula with another distribution inside the logarithm. What happens
to its two limits?</details>
<details><summary>Hint 2</summary>Only classes with p &gt; 0 may show q to the logarithm; elsewhere show it a
1.</details>
<details><summary>Hint 3</summary>Where q = 0 &lt; p the logarithm is −inf, and that is right:
<code>np.errstate(divide="ignore")</code> keeps it silent.</details>
"""

# %% role="solve" id="distribution_cross_entropy"
from dlkit.reference.losses import distribution_cross_entropy

# %% role="check" id="distribution_cross_entropy-check" points=4
with check("two numbers worked by hand, in nats: the order matters"):
    p, q = np.array([0.5, 0.5]), np.array([0.9, 0.1])
    expect(distribution_cross_entropy, p, q).close(1.2039728043)
    expect(distribution_cross_entropy, q, p).close(0.6931471806)
with check("(N, C) gives (N,), and a one-hot row gives −ln q of its class"):
    p = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])
    q = np.array([[0.25, 0.5, 0.25], [0.2, 0.5, 0.3]])
    expect(distribution_cross_entropy, p, q).close([1.75 * np.log(2), np.log(2)])
with check("p = 0: the term is 0, without a warning, where q is 0 as well"):
    p, q = np.array([0.0, 0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])
    expect(distribution_cross_entropy, p, q).close(1.5 * np.log(2)).no_warning()
with check("q = 0 where p is not: inf, without a warning"):
    p = np.array([[0.5, 0.5, 0.0], [0.5, 0.25, 0.25]])
    q = np.array([[1.0, 0.0, 0.0], [0.25, 0.25, 0.5]])
    expect(distribution_cross_entropy, p, q).close([np.inf, 1.75 * np.log(2)]).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("H(p, p) is the entropy of p"):
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    expect(distribution_cross_entropy, p, p).close([1.5 * np.log(2), -0.2 * np.log(0.1) - 0.8 * np.log(0.8)])
with check("integers are probabilities too, and float32"):
    expect(distribution_cross_entropy, np.array([1, 0]), np.array([0.25, 0.75])).close(np.log(4)).no_warning()
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]], dtype=np.float32)
    q = np.array([[0.1, 0.6, 0.3], [0.3, 0.3, 0.4]], dtype=np.float32)
    expected = reference.distribution_cross_entropy(p.astype(float), q.astype(float))
    expect(distribution_cross_entropy, p, q).close(expected, rtol=1e-5, atol=1e-6)
with check("one class, no rows, square and random shapes; p and q are left alone"):
    expect(distribution_cross_entropy, np.zeros((0, 3)), np.zeros((0, 3))).close(np.zeros(0))
    rng = np.random.default_rng(1)
    for shape in [(1,), (6,), (4, 4), (2, 3), (1, 5), (3, 1)]:
        p, q = rng.uniform(0.1, 1, shape), rng.uniform(0.1, 1, shape)
        p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
        expected = reference.distribution_cross_entropy(p, q)
        expect(distribution_cross_entropy, p, q).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: KL is not symmetric

The data $p$ have two narrow, distant clusters; the model $q$ is one Gaussian. Among 4,000 Gaussians (100 means, 40
widths) the experiment picks the one with the smallest KL(p ‖ q), and the one with the smallest KL(q ‖ p).

*Make a prediction*: KL(p ‖ q) averages over the data, KL(q ‖ p) over the model. Which of the two dares to leave a
cluster out?
"""

# %% role="demo" id="experiment-kl-direction"
from dlkit.lab import experiment, figure

with experiment(), figure("KL(p ‖ q) covers, KL(q ‖ p) chooses", columns=2, sharey=True) as (left, right):
    grid = np.linspace(-6, 6, 121)

    def gaussian(mean, width):
        """Probabilities on the grid; mean, width: (K,) or numbers. Returns (K, 121) or (121,)."""
        density = np.exp(-(((grid - np.asarray(mean)[..., None]) / np.asarray(width)[..., None]) ** 2) / 2)
        return (density + 1e-30) / (density + 1e-30).sum(axis=-1, keepdims=True)  # never 0, so KL stays finite

    p = 0.55 * gaussian(-2.0, 0.5) + 0.45 * gaussian(2.0, 0.5)
    means, widths = (a.ravel() for a in np.meshgrid(np.linspace(-4, 4, 100), np.linspace(0.3, 3, 40)))
    q = gaussian(means, widths)  # (4000, 121)
    data = np.broadcast_to(p, q.shape)
    directions = [("KL(p ‖ q)", left, kl_divergence(data, q)), ("KL(q ‖ p)", right, kl_divergence(q, data))]
    for name, panel, divergence in directions:
        best = np.argmin(divergence)
        panel.fill_between(grid, p, color="0.85", label="p, the data")
        panel.plot(grid, q[best], label="q, the best Gaussian")
        panel.set(xlabel="x", title=f"smallest {name}")
        there, back = kl_divergence(p, q[best]), kl_divergence(q[best], p)
        print(f"smallest {name}: mean {means[best]:5.2f}, width {widths[best]:.2f}   ", end="")
        print(f"KL(p ‖ q) = {there:.2f}, KL(q ‖ p) = {back:.2f}   ", end="")
        print(f"H(p) + KL(p ‖ q) = {entropy(p) + there:.3f}, H(p, q) = {distribution_cross_entropy(p, q[best]):.3f}")
    left.set(ylabel="probability")
    left.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** The smallest KL(p ‖ q) belongs to a broad Gaussian in the middle, with mean −0.20, which is the mean
of the data. It wastes probability on the empty gap, because leaving a cluster out would cost far more: the narrow one
of the right panel, on the cluster at −2, has KL(p ‖ q) = 13.14 instead of 0.72. The smallest KL(q ‖ p) belongs to that
narrow one. Its 0.60 is $\ln(1/0.55)$, the price of the cluster it ignores.

The last columns show how your three functions hang together: H(p) + KL(p ‖ q) and H(p, q) are equal. H(p) does not
depend on the model, so whoever minimizes cross-entropy minimizes KL(data ‖ model): **maximum likelihood covers**.

**What to say in an interview.** “Cross-entropy is entropy plus KL. Forward KL, which maximum likelihood minimizes, must
cover all the data; reverse KL, as in variational inference, picks one mode.”
"""

# %% [markdown]
r"""
### Concept question: two perplexities
"""

# %% role="question" id="perplexity_other_tokenizer" points=1

# %% [markdown]
r"""
## Linear classifiers

### Logistic regression ★★ · 15 min

The smallest network: one linear unit, a sigmoid, binary cross-entropy, and a penalty on the weights.

**Given** weights `w` of shape `(D,)`, a number `b`, data `X` of shape `(N, D)`, labels `y` of shape `(N,)`, each 0 or
1, and the penalty `l2` ≥ 0, **return** the tuple `(loss, dw, db)`: the loss, its gradient with respect to `w`, shape
`(D,)`, and with respect to `b`, a number.

$$ L = \frac1N \sum_n \Bigl[ -y_n \ln \sigma(z_n) - (1 - y_n) \ln\bigl(1 - \sigma(z_n)\bigr) \Bigr] +
\frac{\text{l2}}{2} \sum_d w_d^2,
\qquad \mathbf{z} = X \mathbf{w} + b, \quad \sigma(z) = \frac{1}{1 + e^{-z}} $$

The cross-entropy is a mean over N; the penalty is not divided by N. It carries the factor ½, and the bias goes free:
`b` is in no penalty. N and D are at least 1.

Everything is right, finite and without a `RuntimeWarning` at logits z of ±10 000: on the wrong side such a row costs
10 000. `y` may be floats, integers or booleans. If `w` and `X` are float32 (and `b` is a plain number), so is dw,
whatever y's dtype. Integers in `w`, `b` and `X` give the right floats. No argument is changed.

*Worked number.* w = [1, −1], b = 0.5, X = [[1, 2], [3, 1]], y = [1, 0]: z = [−0.5, 2.5]. With l2 = 0 the loss is
1.776483, dw = [1.074983, −0.160388] and db = 0.150841. With l2 = 0.1 the loss is 1.876483, dw = [1.174983, −0.260388],
and db is the same.

**What the interviewer is after**: loss and gradient from memory, σ′ cancelling, and a bias without penalty.
**Follow-ups**: why is the loss convex, and what happens to w on separable data without a penalty? Why not squared
error? Which prior is the L2 penalty, and what would L1 do? Why does penalizing the bias do harm? What is the Hessian?

<details><summary>Hint 1</summary>Write the cross-entropy as a function of z alone. Its derivative is σ(z) − y: the
sigmoid's own derivative cancels.</details>
<details><summary>Hint 2</summary>z = X w + b, so dw collects X<sup>T</sup> dz and db the sum of dz, where dz already
carries the 1/N.</details>
<details><summary>Hint 3</summary>Loss of a row: y · softplus(−z) + (1 − y) · softplus(z), with
<code>np.logaddexp(0, z)</code> for softplus. The penalty adds l2 · w to dw and nothing to db.</details>
"""

# %% role="solve" id="logistic_regression_loss"
from dlkit.reference.losses import logistic_regression_loss

# %% role="check" id="logistic_regression_loss-check" points=4
with check("two rows worked by hand, without a penalty"):
    w, X, y = np.array([1.0, -1.0]), np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([1.0, 0.0])
    expected = (1.7764833592, np.array([1.0749830639, -0.1603884209]), 0.1508412444)
    expect(logistic_regression_loss, w, 0.5, X, y).close(expected)
with check("the penalty is (l2/2) · ‖w‖², and the bias goes free"):
    w, X, y = np.array([1.0, -1.0]), np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([1.0, 0.0])
    expected = (1.8764833592, np.array([1.1749830639, -0.2603884209]), 0.1508412444)
    expect(logistic_regression_loss, w, 0.5, X, y, l2=0.1).close(expected)
with check("gradients along random directions, with a penalty"):
    rng = np.random.default_rng(0)
    w, X, y = rng.normal(0, 1, 3), rng.normal(0, 1, (5, 3)), np.array([1.0, 0.0, 0.0, 1.0, 1.0])

    def formula(w, b, X, y, l2):
        z = X @ w + b
        return (y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z))).mean() + l2 / 2 * (w**2).sum()

    gradients(formula, logistic_regression_loss, w, 0.7, X, y, given="loss", wrt=2, l2=0.3)
with check("right and silent at logits of ±10 000", weight=3):
    w, X = np.array([1.0]), np.array([[1e4], [1e4], [-1e4], [-1e4]])
    y = np.array([1.0, 0.0, 0.0, 1.0])
    expect(logistic_regression_loss, w, 0.0, X, y).close((5000.0, np.array([5000.0]), 0.0)).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("doubling the data changes nothing, with a penalty too"):
    rng = np.random.default_rng(3)
    w, X, y = rng.normal(0, 1, 4), rng.normal(0, 1, (3, 4)), np.array([0.0, 1.0, 1.0])
    expected = reference.logistic_regression_loss(w, -1.5, X, y, 0.8)
    expect(logistic_regression_loss, w, -1.5, np.vstack([X, X]), np.hstack([y, y]), l2=0.8).close(expected)
with check("integers and booleans in y"):
    rng = np.random.default_rng(4)
    w, X = rng.normal(0, 1, 2), rng.normal(0, 2, (4, 2))
    for dtype in (int, bool):
        y = np.array([1, 0, 0, 1], dtype=dtype)
        expected = reference.logistic_regression_loss(w, 0.25, X, y, 0.5)
        expect(logistic_regression_loss, w, 0.25, X, y, l2=0.5).close(expected)
with check("float32 w and X give a float32 dw, with integers in y too"):
    rng = np.random.default_rng(5)
    w, X = rng.normal(0, 1, 3).astype(np.float32), rng.normal(0, 1, (4, 3)).astype(np.float32)
    for y in (np.array([1, 0, 1, 1], dtype=np.float32), np.array([1, 0, 1, 1])):
        expected = reference.logistic_regression_loss(w, 0.25, X, y, 0.5)
        call = expect(logistic_regression_loss, w, 0.25, X, y, l2=0.5).close(expected, rtol=1e-5, atol=1e-6)
        call.satisfies(lambda out: np.asarray(out[1]).dtype == np.float32, "a float32 dw for float32 w and X")
with check("integers in w, b and X give the right floats"):
    w, X, y = np.array([1, -2]), np.array([[1, 2], [3, 1], [0, -1]]), np.array([1, 0, 1])
    expected = reference.logistic_regression_loss(1.0 * w, 1.0, 1.0 * X, y, 0.5)
    expect(logistic_regression_loss, w, 1, X, y, l2=0.5).close(expected)
with check("random shapes, one row, one feature; no argument is changed"):
    rng = np.random.default_rng(6)
    for n, d in [(1, 1), (1, 4), (6, 1), (4, 4), (5, 3)]:
        w, X, y = rng.normal(0, 1, d), rng.normal(0, 1, (n, d)), rng.integers(0, 2, n).astype(float)
        expected = reference.logistic_regression_loss(w, -0.5, X, y, 0.2)
        expect(logistic_regression_loss, w, -0.5, X, y, l2=0.2).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: one gradient by hand
"""

# %% role="question" id="logreg_weight_gradient" points=1

# %% [markdown]
r"""
### Hinge loss ★★ · 12 min

The support vector machine's loss. It asks for no probabilities: the right class must lead every other one by a margin,
and what leads by more costs nothing.

**Given** `scores` of shape `(N, C)`, the right classes `y`, integers of shape `(N,)`, and `margin`, any real number,
**return** the tuple `(loss, grad)`: the multi-class hinge loss and its gradient with respect to `scores`, `(N, C)`.

$$ L = \frac1N \sum_n \sum_{j \ne y_n} \max\bigl(0,\; s_{n,j} - s_{n,\,y_n} + \text{margin}\bigr) $$

Sum over the wrong classes, mean over N. The right class is not compared with itself: that would add the constant
max(0, margin) to every row. The sum is over all wrong classes that come too near, not only the worst of them, and the
terms are not squared. At the kink, where a term is exactly 0, its derivative is 0.

N is at least 1; with C = 1 there is no wrong class, so loss and gradient are 0. Value and gradient are finite and
without a `RuntimeWarning` at ±10 000. float32 scores give a float32 gradient, integer scores the right floats. No
argument is changed.

*Worked number.* scores = [[2, 1.5, −1], [0.5, 3, 1]], y = [0, 2], margin 1: the rows cost 0.5 and 0.5 + 3, so the loss
is 2. The gradient is [[−0.5, 0.5, 0], [0.5, 0.5, −1]].

**What the interviewer is after**: the gradient of the right class, which collects one −1 for each class that comes too
near. **Follow-ups**: what is the loss at the start, when all scores are about 0? How does it differ from cross-entropy
once every row is right? Does a larger margin change what can be learned if the weights are free to grow? What changes
if you take only the worst class, or square the terms?

<details><summary>Hint 1</summary>Build the (N, C) array of s<sub>j</sub> − s<sub>y</sub> + margin. Which of its entries
must not count?</details>
<details><summary>Hint 2</summary><code>scores[np.arange(N), y][:, None]</code> has shape (N, 1), which broadcasts over
the classes. Set the entries of the right classes to 0.</details>
<details><summary>Hint 3</summary>The gradient is 1 where an entry is above 0. The right class of a row gets minus their
number. All is divided by N.</details>
"""

# %% role="solve" id="hinge_loss"
from dlkit.reference.losses import hinge_loss

# %% role="check" id="hinge_loss-check" points=4
with check("two rows worked by hand: loss and gradient"):
    scores, y = np.array([[2.0, 1.5, -1.0], [0.5, 3.0, 1.0]]), np.array([0, 2])
    expect(hinge_loss, scores, y).close((2.0, np.array([[-0.5, 0.5, 0.0], [0.5, 0.5, -1.0]])))
with check("the right class is not compared with itself: a clear lead costs 0"):
    scores, y = np.array([[5.0, 1.0, 0.0], [-2.0, -9.0, 3.0]]), np.array([0, 2])
    expect(hinge_loss, scores, y).close((0.0, np.zeros((2, 3))))
    expect(hinge_loss, scores, np.array([0, 0])).close((3.0, np.array([[0.0, 0.0, 0.0], [-0.5, 0.0, 0.5]])))
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    scores, y = rng.normal(0, 1, (5, 4)), np.array([3, 0, 1, 1, 2])

    def formula(scores, y, margin):
        excess = np.maximum(0, scores - scores[np.arange(5), y][:, None] + margin)
        return (excess.sum() - 5 * margin) / 5  # less what the right classes add

    gradients(formula, hinge_loss, scores, y, given="loss", margin=1.3)
with check("at the kink the derivative is 0"):
    scores, y = np.array([[2.0, 1.0, 0.0], [1.0, 2.5, 1.5], [1.0, 0.0, 0.5]]), np.array([0, 1, 0])
    expected = (0.5 / 3, np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 0.0, 1.0]]) / 3)
    expect(hinge_loss, scores, y).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("margins 0.5, 0 and −1"):
    rng = np.random.default_rng(1)
    scores, y = rng.normal(0, 2, (4, 3)), np.array([2, 0, 1, 1])
    for margin in (0.5, 0.0, -1.0):
        expect(hinge_loss, scores, y, margin=margin).close(reference.hinge_loss(scores, y, margin))
with check("right and silent at ±10 000"):
    scores, y = np.array([[1e4, -1e4, 1e4], [-1e4, 1e4, 0.0]]), np.array([1, 1])
    expected = (20001.0, np.array([[0.5, -1.0, 0.5], [0.0, 0.0, 0.0]]))
    expect(hinge_loss, scores, y).close(expected).no_warning()
with check("float32 stays float32 in the gradient"):
    scores, y = np.random.default_rng(2).normal(0, 1, (4, 3)).astype(np.float32), np.array([2, 0, 1, 1])
    call = expect(hinge_loss, scores, y).close(reference.hinge_loss(scores, y), rtol=1e-5, atol=1e-6)
    call.satisfies(lambda out: np.asarray(out[1]).dtype == np.float32, "a float32 gradient for float32 scores")
with check("integer scores give the right floats"):
    scores, y = np.array([[3, 1, 3], [0, 2, 5], [-1, 4, 4]]), np.array([0, 1, 2])
    expect(hinge_loss, scores, y).close(reference.hinge_loss(1.0 * scores, y))
    expect(hinge_loss, scores, y, margin=0.5).close(reference.hinge_loss(1.0 * scores, y, 0.5))
with check("random shapes, as many rows as classes, one class; scores and y are left alone"):
    rng = np.random.default_rng(3)
    for n, c in [(1, 1), (3, 1), (1, 5), (4, 4), (6, 3)]:
        scores, y = rng.normal(0, 1, (n, c)), rng.integers(0, c, n)
        expect(hinge_loss, scores, y).close(reference.hinge_loss(scores, y)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: three losses of a classifier, and their slopes

Two classes. The **margin** is the right class's score minus the other's: below 0 the answer is wrong. Your
`cross_entropy_loss` and `hinge_loss` are drawn over the margin, and beside them the squared error of the probability
σ(margin), by your `mse_loss`.

*Make a prediction*: at margin −5 the answer is badly wrong. Which of the three losses hardly pulls there? Which one
stops pulling altogether when the margin exceeds 1?
"""

# %% role="demo" id="experiment-margin-losses"
from dlkit.lab import experiment, figure

with experiment(), figure("Badly wrong, and squared error hardly pulls", columns=2) as (left, right):
    margin = np.linspace(-6, 4, 201)
    scores, y = np.stack([margin, np.zeros_like(margin)], axis=1), np.zeros(201, dtype=int)  # (201, 2), class 0
    probability = 1 / (1 + np.exp(-margin))
    cross_entropy, dscores = cross_entropy_loss(scores, y, "none")
    squared, dprobability = mse_loss(probability, np.ones(201), "none")
    hinge = np.array([hinge_loss(row[None], y[:1])[0] for row in scores])
    losses = [
        ("cross-entropy", "-", cross_entropy, dscores[:, 0]),
        ("hinge", "--", hinge, hinge_loss(scores, y)[1][:, 0] * 201),  # times N: each row's own
        ("squared error of σ", "-.", squared, dprobability * probability * (1 - probability)),
    ]
    for name, line, value, slope in losses:
        left.plot(margin, value, line, label=name)
        right.plot(margin, -slope, line, label=name)
        pulls = [f"{-np.interp(m, margin, slope):.3f} at {m}" for m in (-5, 0, 3)]
        print(f"{name:18s} loss at −5: {np.interp(-5, margin, value):.2f}   pull: {', '.join(pulls)}")
    for panel in (left, right):
        panel.axvspan(-6, 0, color="0.94", zorder=0)
        panel.set_xlabel("margin (grey: wrong answer)")
    left.set(ylabel="loss", title="the loss")
    right.set(ylabel="− slope", title="the pull towards a larger margin")
    left.legend()

# %% [markdown]
r"""
**What it shows.** At margin −5 hinge pulls with 1 and cross-entropy with 0.993. The squared error pulls with 0.013:
there the sigmoid is flat, and moving the score hardly changes the probability. It pulls hardest, with 0.30, at margin
−0.69, where the answer is only a little wrong.

Hinge stops at margin 1: such examples have no say any more, and those that still have one are the *support vectors*.
Cross-entropy never stops; at margin 3 it still pulls with 0.047, so on separable data the weights grow without end.

**What to say in an interview.** “Cross-entropy and hinge punish a wrong margin about linearly. Squared error after a
sigmoid saturates at 1, so its gradient vanishes exactly where the answer is most wrong.”
"""

# %% [markdown]
r"""
## Imbalance and detection

### Focal loss ★★★ · 20 min

A detector looks at 100 000 places of an image, and a dozen hold an object. With plain cross-entropy the easy background
wins by sheer number: each place costs next to nothing, all together they drown the objects. Focal loss turns down what
is already right.

**Given** `logits` x and `targets` t (0 or 1, of the same shape), **return** `(loss, gradient)`, the gradient with
respect to `logits`. With $p_t = \sigma(x)$ where t = 1 and $p_t = 1 - \sigma(x)$ where t = 0, and
$\alpha_t = \alpha$ where t = 1 and $\alpha_t = 1 - \alpha$ where t = 0,

$$ L = \frac{1}{n} \sum_{\text{elements}} -\alpha_t \, (1 - p_t)^{\gamma} \, \ln p_t $$

over all n elements, whatever the shape: `(N,)`, `(N, L)` or more axes. The divisor is n, not the number of positives,
by which the paper normalizes. The factor $(1 - p_t)^\gamma$ depends on the logit too: the gradient has a part for it.

Right, finite and silent (no `RuntimeWarning`) for logits from −10 000 to 10 000 and for every `gamma` ≥ 0, also 0 and
0.5. `alpha` is anything from 0 to 1. The targets may be floats, integers or booleans. float32 logits give a float32
gradient, whatever the targets' dtype; the loss may be any float. Integer logits give the right values. No argument is
changed.

*Worked number.* For γ = 2, α = 0.25: x = 2, t = 1 costs 0.000450891 with gradient −0.00121774; x = 2, t = 0 costs
1.23756 with gradient 0.807535. For γ = 0 and α = 0.5 all is half of plain binary cross-entropy.

**What the interviewer is after**: can you differentiate a product in which both factors depend on the logit, and keep
it stable? **Follow-ups**: what do γ and α each cure, and why does the paper choose α = 0.25, which favours the
*negatives*? Which bias would you give the last layer at the start? When does focal loss hurt, label noise for example?

<details><summary>Hint 1</summary>Let s = x where t = 1 and s = −x where t = 0. Then p<sub>t</sub> = σ(s) on both sides
and there is one formula to differentiate. What is ds/dx?</details>
<details><summary>Hint 2</summary>−ln σ(s) is softplus(−s), which <code>np.logaddexp(0, -s)</code> computes without
overflow. Compute 1 − p<sub>t</sub> = σ(−s) with e<sup>−|s|</sup>.</details>
<details><summary>Hint 3</summary>With q = 1 − p: dq/ds = −p q and d(−ln p)/ds = −q. In the product rule
q<sup>γ − 1</sup> meets another q: join them, so that no power of 0 is negative.</details>
"""

# %% role="solve" id="focal_loss"
from dlkit.reference.losses import focal_loss

# %% role="check" id="focal_loss-check" points=6
with check("a positive and a negative worked by hand"):
    expect(focal_loss, np.array([2.0]), np.array([1])).close((0.00045089071, np.array([-0.00121773496])))
    expect(focal_loss, np.array([2.0]), np.array([0])).close((1.23755863457, np.array([0.80753529775])))
with check("alpha weighs the positives, 1 − alpha the negatives"):
    logits, targets = np.array([0.0, 0.0, 0.0, 0.0]), np.array([1, 0, 0, 0])
    expected = (0.22527283368, np.array([-0.021164339757, 0.084657359028, 0.084657359028, 0.084657359028]))
    expect(focal_loss, logits, targets, gamma=1.0, alpha=0.2).close(expected)
with check("gamma 0 and alpha 0.5: half the binary cross-entropy"):
    logits, targets = np.array([2.0, -1.0, 0.5]), np.array([1.0, 1.0, 0.0])
    s = 1 / (1 + np.exp(-logits))
    half = -(targets * np.log(s) + (1 - targets) * np.log(1 - s)).mean() / 2
    expect(focal_loss, logits, targets, gamma=0.0, alpha=0.5).close((half, (s - targets) / 6))
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(0, 2, (4, 3)), rng.integers(0, 2, (4, 3))

    def focal_formula(x, t, gamma=2.0, alpha=0.25):
        p = np.where(t == 1, 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x)))
        return (-np.where(t == 1, alpha, 1 - alpha) * (1 - p) ** gamma * np.log(p)).mean()

    gradients(focal_formula, focal_loss, logits, targets, given="loss")
    gradients(focal_formula, focal_loss, logits, targets, given="loss", gamma=3.5, alpha=0.6)
with check("right and silent at ±10 000", weight=3):
    logits, targets = np.array([-1e4, -1e4, 1e4, 1e4]), np.array([1, 0, 1, 0])
    expect(focal_loss, logits, targets).close((2500.0, np.array([-0.0625, 0.0, 0.0, 0.1875]))).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("right and silent at ±10 000 with gamma 0, 0.5 and 1 too"):
    logits, targets = np.array([-1e4, -1e4, 1e4, 1e4, 40.0]), np.array([1, 0, 1, 0, 1])
    for gamma in [0.0, 0.5, 1.0]:
        expected = (2000.0, np.array([-0.05, 0.0, 0.0, 0.15, 0.0]))
        expect(focal_loss, logits, targets, gamma=gamma).close(expected).no_warning()
with check("the mean is over all elements, whatever the shape"):
    for shape in [(1,), (6,), (4, 3), (2, 3, 4)]:
        rng = np.random.default_rng(1)
        logits, targets = rng.normal(0, 2, shape), rng.integers(0, 2, shape)
        expect(focal_loss, logits, targets).close(reference.focal_loss(logits, targets))
with check("other gamma and alpha, alpha 0 and 1 too"):
    rng = np.random.default_rng(2)
    logits, targets = rng.normal(0, 3, (5, 2)), rng.integers(0, 2, (5, 2))
    for gamma, alpha in [(0.5, 0.25), (1.0, 0.0), (2.0, 1.0), (5.0, 0.75)]:
        expected = reference.focal_loss(logits, targets, gamma, alpha)
        expect(focal_loss, logits, targets, gamma=gamma, alpha=alpha).close(expected)
with check("float32 logits give a float32 gradient"):
    logits = np.array([[-2.0, 0.5], [1.5, -0.25]], dtype=np.float32)
    for dtype in [np.float32, np.int64]:
        targets = np.array([[1, 0], [0, 1]], dtype=dtype)
        expect(focal_loss, logits, targets).close(
            reference.focal_loss(logits, targets), rtol=1e-5, atol=1e-6
        ).satisfies(lambda result: result[1].dtype == np.float32, "a float32 gradient")
with check("integer logits and boolean targets; no argument is changed"):
    logits, targets = np.array([-3, 0, 2, 1]), np.array([True, False, True, False])
    expected = reference.focal_loss(1.0 * logits, 1.0 * targets)
    expect(focal_loss, logits, 1.0 * targets).close(expected).unchanged()
    expect(focal_loss, 1.0 * logits, targets).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: ten thousand easy examples against twenty hard ones

A detector looks at 10,000 background boxes and 20 objects. It is already good: most background boxes have a probability
$p_t$ above 0.95 for their true class, and most objects are still missed. The left panel shows how hard one example
pulls on its logit, by its $p_t$. The right panel adds up the pulls of the batch: which share of the whole comes from
the objects?

α is ½ throughout, so that only γ acts. With γ = 0 your `focal_loss` is then half of the plain cross-entropy; the
pictures undo the half.

*Make a prediction*: there are 500 background boxes for each object. Under plain cross-entropy, do the few hard objects
or the many easy boxes decide the step?
"""

# %% role="demo" id="experiment-focal"
from dlkit.lab import experiment, figure

with experiment(), figure("Focal loss: easy examples no longer drown the hard ones", columns=2) as (left, right):
    gammas = [0.0, 1.0, 2.0, 5.0]
    rng = np.random.default_rng(0)
    background, objects = rng.normal(-4.0, 1.0, 10000), rng.normal(-1.5, 1.0, 20)
    logits = np.concatenate([background, objects])
    targets = np.concatenate([np.zeros(10000, dtype=int), np.ones(20, dtype=int)])
    axis = np.linspace(-5, 6, 400)
    p_t = 1 / (1 + np.exp(-axis))  # of an example whose target is 1
    shares = []
    for gamma, line in zip(gammas, ["-", "--", "-.", ":"], strict=True):
        one = -focal_loss(axis, np.ones(400, dtype=int), gamma, 0.5)[1] * 400 * 2  # undo the mean and alpha
        left.plot(p_t, one, line, label=f"γ = {gamma:g}")
        pull = np.abs(focal_loss(logits, targets, gamma, 0.5)[1])
        shares.append(pull[targets == 1].sum() / pull.sum())
        at_95 = np.interp(0.95, p_t, one)
        print(f"gamma {gamma:g}: pull of one example at p_t = 0.95: {at_95:.2g}, ", end="")
        print(f"at 0.2: {np.interp(0.2, p_t, one):.2f}   share of the 20 objects {shares[-1]:.0%}")
    print(f"median p_t: background {np.median(1 / (1 + np.exp(background))):.3f}, ", end="")
    print(f"objects {np.median(1 / (1 + np.exp(-objects))):.3f}")
    right.bar(range(4), shares, label="20 objects")
    right.bar(range(4), 1 - np.array(shares), bottom=shares, color="0.8", label="10,000 background boxes")
    for place, share in enumerate(shares):
        inside = share > 0.2
        height, color = (share - 0.07, "white") if inside else (share + 0.06, "black")
        right.text(place, height, f"{share:.0%}", ha="center", va="center", color=color, weight="bold")
    left.set(xlabel="p_t, the probability of the true class", ylabel="pull on the logit", title="one example")
    right.set(xticks=range(4), xticklabels=[f"γ = {g:g}" for g in gammas], ylim=(0, 1.3))
    right.set(ylabel="share of the total pull", title="the whole batch")
    left.legend()
    right.legend(loc="upper center", ncols=2)

# %% [markdown]
r"""
**What it shows.** The typical background box has $p_t = 0.982$, the typical object 0.134. Under plain cross-entropy (γ
= 0) each easy box pulls only a little, but there are ten thousand of them, and the 20 objects have 5 % of the total
pull. With γ = 1 they have 34 %, with γ = 2, the usual choice, 77 %, and with γ = 5 nearly all.

How? At $p_t = 0.95$, γ = 2 cuts the pull from 0.05 to 0.00037, to less than a hundredth. At $p_t = 0.2$ it is 0.92
instead of 0.80. So the *loss* of a hard example is never above its cross-entropy, but its *slope* may be: the factor
$(1 - p_t)^\gamma$ falls as $p_t$ rises, and that adds to the slope.

**What to say in an interview.** “α balances the classes, γ balances easy against hard. Focal loss cures a swamp of easy
examples. Its price: the probabilities are no longer calibrated, and wrong labels count as hard examples.”
"""

# %% [markdown]
r"""
### Concept question: a swarm of easy examples
"""

# %% role="question" id="focal_easy_against_hard" points=1

# %% [markdown]
r"""
### Dice loss ★★ · 10 min

In a scan of a million voxels a tumour fills a few hundred. "No tumour anywhere" is then right almost everywhere, and
useless. The Dice coefficient measures overlap, so the empty background does not count.

**Given** `probs` p and `targets` t (0 or 1), of the same shape, **return** `(loss, gradient)`, the gradient with
respect to `probs`:

$$ L = 1 - \frac{2 \sum p \, t + \varepsilon}{\sum p + \sum t + \varepsilon} $$

Each sum is over **all** elements, the batch too: one coefficient for the whole array, not one per sample. There are no
squares in the denominator. ε stands above and below, so that two empty masks overlap perfectly: loss 0. `eps` is above
0, and may be large.

The shape is any, from `(N,)` to `(N, C, H, W)`. The targets may be floats, integers or booleans. float32 probs give a
float32 gradient, whatever the targets' dtype; the loss may be any float. Integer probs (0 or 1) give the right values.
No argument is changed.

*Worked number.* p = [0.9, 0.6, 0.2, 0.1], t = [1, 1, 0, 0]: L = 1 − 3/3.8 = 0.210526 (ε of 1e-6 hardly shows), with
gradient [−0.318559, −0.318559, 0.207756, 0.207756].

**What the interviewer is after**: do you see that p stands in the denominator too, so that every pixel's gradient
depends on all others? **Follow-ups**: how are Dice and IoU related, and can they rank two masks differently? What
happens to the gradient when a mask is tiny? Dice per sample or per batch: what changes? Why is Dice often added to
cross-entropy?

<details><summary>Hint 1</summary>Name the numerator I and the denominator S. What are dI/dp and dS/dp for one
element?</details>
<details><summary>Hint 2</summary>Quotient rule: (I/S)′ = (I′ − (I/S) S′) / S, where S′ = 1.</details>
<details><summary>Hint 3</summary>The gradient of the loss is (D − 2t)/S with D = I/S: positive where t = 0, negative
where t = 1.</details>
"""

# %% role="solve" id="dice_loss"
from dlkit.reference.losses import dice_loss

# %% role="check" id="dice_loss-check" points=4
with check("four pixels worked by hand"):
    probs, targets = np.array([0.9, 0.6, 0.2, 0.1]), np.array([1, 1, 0, 0])
    expected = (0.2105262604, np.array([-0.3185594584, -0.3185594584, 0.2077561926, 0.2077561926]))
    expect(dice_loss, probs, targets).close(expected)
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    probs, targets = rng.uniform(0.05, 0.95, (3, 4)), rng.integers(0, 2, (3, 4))

    def dice_formula(p, t, eps=1e-6):
        return 1 - (2 * (p * t).sum() + eps) / (p.sum() + t.sum() + eps)

    gradients(dice_formula, dice_loss, probs, targets, given="loss")
    gradients(dice_formula, dice_loss, probs, targets, given="loss", eps=1.0)
with check("one coefficient for the whole batch"):
    probs, targets = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([[1.0, 0.0], [1.0, 1.0]])
    expect(dice_loss, probs, targets, eps=1.0).close((1 / 3, np.array([[-2 / 9, 1 / 9], [-2 / 9, -2 / 9]])))
with check("two empty masks: loss 0; a missed one: nearly 1"):
    expect(dice_loss, np.zeros(3), np.zeros(3), eps=0.5).close((0.0, np.array([2.0, 2.0, 2.0])))
    expect(dice_loss, np.zeros(2), np.array([1, 0]), eps=0.5).close((2 / 3, np.array([-10 / 9, 2 / 9])))
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("any shape, any eps"):
    for shape, eps in [((1,), 1e-6), ((7,), 1.0), ((2, 3), 0.1), ((2, 1, 3, 4), 10.0)]:
        rng = np.random.default_rng(1)
        probs, targets = rng.uniform(0, 1, shape), rng.integers(0, 2, shape)
        expect(dice_loss, probs, targets, eps=eps).close(reference.dice_loss(probs, targets, eps))
with check("float32 probs give a float32 gradient"):
    probs = np.array([[0.9, 0.25], [0.5, 0.125]], dtype=np.float32)
    for dtype in [np.float32, np.int64]:
        targets = np.array([[1, 0], [1, 1]], dtype=dtype)
        expect(dice_loss, probs, targets, eps=0.5).close(
            reference.dice_loss(probs, targets, eps=0.5), rtol=1e-5, atol=1e-6
        ).satisfies(lambda result: result[1].dtype == np.float32, "a float32 gradient")
with check("boolean targets, integer probs"):
    probs, targets = np.array([0.75, 0.5, 0.25]), np.array([True, False, True])
    expect(dice_loss, probs, targets).close(reference.dice_loss(probs, 1.0 * targets))
    probs, targets = np.array([1, 1, 0, 1]), np.array([1, 0, 0, 1])
    expect(dice_loss, probs, targets).close(reference.dice_loss(1.0 * probs, targets))
with check("probs and targets are left alone"):
    rng = np.random.default_rng(2)
    probs, targets = rng.uniform(0, 1, (3, 5)), 1.0 * rng.integers(0, 2, (3, 5))
    expect(dice_loss, probs, targets).close(reference.dice_loss(probs, targets)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Intersection over union ★★ · 12 min

**Given** `boxes_a` of shape `(A, 4)` and `boxes_b` of shape `(B, 4)`, **return** an array of shape `(A, B)`: entry
[i, j] is the IoU of box i of the one set with box j of the other.

$$ \mathrm{IoU} = \frac{\text{area of the intersection}}{\text{area}_a + \text{area}_b - \text{area of the
intersection}} $$

A box is its two corners $(x_1, y_1, x_2, y_2)$ with $x_1 \le x_2$ and $y_1 \le y_2$. Coordinates are points, not pixel
counts: the width is $x_2 - x_1$, with no + 1. Boxes that only touch share no area, so their IoU is 0. Boxes may have no
area at all; where even the union has none, the result is 0.

A or B may be 0: the result is then an empty array, still of shape `(A, B)`. A and B may differ. float32 stays float32;
integer boxes give the right fractions. No argument is changed. Loops are allowed, and broadcasting is shorter.

*Worked number.* [0, 0, 2, 2] and [1, 1, 3, 3] overlap in a square of area 1, so IoU = 1/(4 + 4 − 1) = 0.142857.

**What the interviewer is after**: what do you do with boxes that miss each other, in x, in y, or in both? Can you
compare all pairs without a loop? **Follow-ups**: what gradient does 1 − IoU give to boxes that do not meet, and how
does GIoU help? How are IoU and Dice related? Where in a detector is IoU used, before, in and after the loss?

<details><summary>Hint 1</summary>The intersection of two boxes is a box. Its lower corner is the larger of the two
lower corners, coordinate by coordinate; and its upper corner?</details>
<details><summary>Hint 2</summary>If they miss each other, a side comes out negative. Two negative sides make a positive
product, so look at each side before you multiply.</details>
<details><summary>Hint 3</summary><code>boxes_a[:, None, :]</code> has shape <code>(A, 1, 4)</code> and broadcasts
against <code>(B, 4)</code>. This works for A = 0 too.</details>
"""

# %% role="solve" id="iou"
from dlkit.reference.losses import iou

# %% role="check" id="iou-check" points=4
with check("overlapping, nested and equal boxes worked by hand"):
    a = np.array([[0.0, 0.0, 2.0, 2.0]])
    b = np.array([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 2.0, 1.0], [0.0, 0.0, 2.0, 2.0]])
    expect(iou, a, b).close([[1 / 7, 1 / 2, 1.0]])
with check("boxes that miss each other in x, in y or in both"):
    a = np.array([[0.0, 0.0, 2.0, 2.0]])
    b = np.array([[3.0, 0.0, 5.0, 2.0], [0.0, -4.0, 2.0, -1.0], [3.0, 3.0, 5.0, 6.0], [-1.0, -1.0, 1.0, 1.0]])
    expect(iou, a, b).close([[0.0, 0.0, 0.0, 1 / 7]])
with check("boxes that touch share no area"):
    a = np.array([[0.0, 0.0, 2.0, 2.0]])
    b = np.array([[2.0, 0.0, 4.0, 2.0], [2.0, 2.0, 3.0, 3.0], [1.0, 0.0, 3.0, 2.0]])
    expect(iou, a, b).close([[0.0, 0.0, 1 / 3]])
with check("every box of the one set with every box of the other"):
    a = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 4.0, 3.0]])
    b = np.array([[1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 1.0, 4.0]])
    expect(iou, a, b).close([[1 / 7, 1 / 3], [4 / 9, 0.0]])
    expect(iou, a, b[:1]).close([[1 / 7], [4 / 9]])
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("A = 0, B = 0 or both: an empty array of shape (A, B)"):
    boxes = np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0], [0.0, 1.0, 4.0, 2.0]])
    expect(iou, boxes, boxes[1:]).close([[0.25, 1 / 3], [1.0, 0.25], [0.25, 1.0]])
    expect(iou, boxes[:0], boxes).close(np.zeros((0, 3)))
    expect(iou, boxes, boxes[:0]).close(np.zeros((3, 0)))
    expect(iou, boxes[:0], boxes[:0]).close(np.zeros((0, 0)))
with check("boxes without area: 0, also where the union is empty"):
    a = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 2.0, 2.0]])
    expect(iou, a, a).close([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
with check("random boxes, A and B from 1 to 6"):
    for A, B in [(1, 1), (4, 4), (5, 2), (1, 6)]:
        rng = np.random.default_rng(3)
        a, b = rng.uniform(-5, 5, (A, 4)), rng.uniform(-5, 5, (B, 4))
        a[:, 2:], b[:, 2:] = a[:, :2] + rng.uniform(0.5, 6, (A, 2)), b[:, :2] + rng.uniform(0.5, 6, (B, 2))
        expect(iou, a, b).close(reference.iou(a, b)).unchanged()
with check("integer boxes give fractions, float32 stays float32"):
    a, b = np.array([[0, 0, 2, 2], [0, 0, 4, 4]]), np.array([[1, 1, 3, 3], [0, 0, 2, 4], [6, 7, 8, 9]])
    expect(iou, a, b).close([[1 / 7, 1 / 2, 0.0], [1 / 4, 1 / 2, 0.0]])
    expected = np.array([[1 / 7, 1 / 2, 0.0], [1 / 4, 1 / 2, 0.0]])
    expect(iou, a.astype(np.float32), b.astype(np.float32)).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Learning by comparison

### Triplet loss ★★★ · 15 min

To recognize a million faces nobody trains a million classes. One learns a map in which two photos of one person lie
closer than photos of two people, and compares distances.

**Given** `anchor` a, `positive` p and `negative` n, each of shape `(N, D)`, N and D at least 1, **return** the tuple
`(loss, da, dp, dn)`: the loss and its gradients with respect to all three, each `(N, D)`.

$$ L = \frac{1}{N} \sum_{i=1}^{N} \max\bigl(0,\; \lVert a_i - p_i \rVert^2 - \lVert a_i - n_i \rVert^2 +
\text{margin}\bigr) $$

The distances are **squared**: no root. Each triplet has its own hinge, the mean comes after. The mean is over all N
triplets, also those that cost nothing. At the kink, where the bracket is exactly 0, the gradient is 0. `margin` is any
number ≥ 0.

float32 arrays give float32 gradients; the loss may be any float. Integers give the right values. No argument is
changed.

*Worked number.* a = [1, 0], p = [0, 1], n = [2, 1], margin 1: both squared distances are 2, so L = 1. da = [4, 0],
dp = [−2, 2], dn = [−2, −2]: a step against the gradients takes p to a, and n away from it.

**What the interviewer is after**: do the three gradients add up to 0, and can you say why they must? **Follow-ups**:
what happens if most triplets cost nothing, and which would you choose (hard, semi-hard)? Why may training collapse to
one point, and what is L then? Why are the vectors usually normalized? What changes with plain distances at a = p?

<details><summary>Hint 1</summary>Write e for the bracket. Where e > 0, differentiate it three times; elsewhere all
gradients are 0.</details>
<details><summary>Hint 2</summary>a stands in both distances. Expand both squares: does ‖a‖² remain?</details>
<details><summary>Hint 3</summary>Per active triplet dp = −2(a − p)/N and dn = 2(a − n)/N. Moving all three points
together changes nothing, which gives da for free.</details>
"""

# %% role="solve" id="triplet_loss"
from dlkit.reference.losses import triplet_loss

# %% role="check" id="triplet_loss-check" points=6
with check("one triplet worked by hand: loss and three gradients"):
    anchor, positive, negative = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[2.0, 1.0]])
    expected = (1.0, np.array([[4.0, 0.0]]), np.array([[-2.0, 2.0]]), np.array([[-2.0, -2.0]]))
    expect(triplet_loss, anchor, positive, negative).close(expected)
with check("a triplet that is far enough costs nothing, and counts in N"):
    anchor, positive = np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[2.0, 0.0], [1.0, 0.0]])
    negative = np.array([[1.0, 1.0], [3.0, 0.0]])
    expected = (
        2.0,
        np.array([[-1.0, 1.0], [0.0, 0.0]]),
        np.array([[2.0, 0.0], [0.0, 0.0]]),
        np.array([[-1.0, -1.0], [0.0, 0.0]]),
    )
    expect(triplet_loss, anchor, positive, negative, margin=2.0).close(expected)
with check("gradients along random directions"):
    rng = np.random.default_rng(0)
    anchor, positive, negative = rng.standard_normal((3, 6, 4))

    def triplet_formula(a, p, n, margin=1.0):
        return np.maximum(0, ((a - p) ** 2).sum(axis=1) - ((a - n) ** 2).sum(axis=1) + margin).mean()

    gradients(triplet_formula, triplet_loss, anchor, positive, negative, given="loss", wrt=3)
    gradients(triplet_formula, triplet_loss, anchor, positive, negative, given="loss", wrt=3, margin=3.0)
with check("at the kink the gradient is 0"):
    anchor, positive = np.zeros((2, 2)), np.array([[1.0, 0.0], [1.0, 0.0]])
    negative = np.array([[1.0, 1.0], [0.0, 1.0]])
    expected = (
        0.5,
        np.array([[0.0, 0.0], [-1.0, 1.0]]),
        np.array([[0.0, 0.0], [1.0, 0.0]]),
        np.array([[0.0, 0.0], [0.0, -1.0]]),
    )
    expect(triplet_loss, anchor, positive, negative).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("any N and D, also 1, and any margin, also 0"):
    for N, D, margin in [(1, 1, 3.0), (5, 1, 1.0), (3, 3, 0.0), (8, 2, 0.5), (4, 6, 20.0)]:
        rng = np.random.default_rng(4)
        anchor, positive, negative = rng.standard_normal((3, N, D))
        expected = reference.triplet_loss(anchor, positive, negative, margin)
        expect(triplet_loss, anchor, positive, negative, margin=margin).close(expected)
with check("anchor equal to positive, and all three equal"):
    anchor, negative = np.array([[1.0, 2.0], [1.0, 1.0]]), np.array([[1.0, 2.5], [1.0, 1.0]])
    zeros, gradient = np.zeros((2, 2)), np.array([[0.0, 0.5], [0.0, 0.0]])
    expect(triplet_loss, anchor, anchor, negative).close((0.875, gradient, zeros, -gradient))
with check("float32 arrays give float32 gradients"):
    rng = np.random.default_rng(5)
    arrays = rng.standard_normal((3, 5, 3)).astype(np.float32)
    expected = reference.triplet_loss(*arrays)
    expect(triplet_loss, *arrays).close(expected, rtol=1e-5, atol=1e-6).satisfies(
        lambda result: [part.dtype for part in result[1:]] == [np.float32] * 3, "three float32 gradients"
    )
with check("integers give the right values; no argument is changed"):
    rng = np.random.default_rng(6)
    arrays = rng.integers(-3, 4, (3, 4, 2))
    expect(triplet_loss, *arrays).close(reference.triplet_loss(*(1.0 * arrays)))
    expect(triplet_loss, *(1.0 * arrays)).close(reference.triplet_loss(*(1.0 * arrays))).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### InfoNCE ★★★ · 20 min

One negative per anchor teaches slowly. In a batch of N pairs every other key can serve as a negative: N − 1 of them, at
the price of one matrix product. Contrastive pretraining rests on this loss.

**Given** `queries` q and `keys` k, each `(N, D)`, where key i belongs to query i, **return** the tuple
`(loss, dq, dk)`: the loss and its gradients with respect to both, each `(N, D)`. With τ = `temperature` > 0,

$$ L = -\frac{1}{N} \sum_{i=1}^{N} \ln \frac{e^{q_i \cdot k_i / \tau}}{\sum_{j=1}^{N} e^{q_i \cdot k_j / \tau}} $$

It is cross-entropy with logits $q_i \cdot k_j / \tau$ of shape `(N, N)`, where row i has the right class i. The sum
over j contains the positive. The loss is **one-sided**: queries look for keys, not keys for queries. The vectors are
used as given: do **not** normalize them.

N and D are at least 1 (for N = 1 the loss is 0). Right, finite and silent for logits from −10 000 to 10 000. float32
arrays give float32 gradients; the loss may be any float. Integers give the right values. No argument is changed.

*Worked number.* q = [[1, 0], [0, 1]], k = [[1, 0], [0.5, 0.5]], τ = 0.5: the logits are [[2, 1], [0, 1]], both rows
cost ln(1 + e⁻¹) and L = 0.313262. dq = [[−0.134471, 0.134471], [0.134471, −0.134471]] and dk = [[−0.268941, 0.268941],
[0.268941, −0.268941]].

**What the interviewer is after**: do you recognize cross-entropy, so that the gradient is softmax − identity and two
matrix products? **Follow-ups**: what does a small τ do to the hard negatives? Why does the batch size matter so much,
and what is L at random, before training? What does the symmetric loss of CLIP add? What does normalizing the vectors
add to the backward?

<details><summary>Hint 1</summary>Which softmax, along which axis? Subtract each row's largest logit first.</details>
<details><summary>Hint 2</summary>The gradient with respect to the logits is (softmax − identity)/N, of shape
<code>(N, N)</code>.</details>
<details><summary>Hint 3</summary>logits = q kᵀ/τ. For G = ∂L/∂logits: dq = G k/τ. A key stands in a <em>column</em> of
logits: what does that make dk?</details>
"""

# %% role="solve" id="info_nce_loss"
from dlkit.reference.losses import info_nce_loss

# %% role="check" id="info_nce_loss-check" points=6
with check("two pairs worked by hand: loss and both gradients"):
    queries, keys = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    dq = np.array([[-0.1344707107, 0.1344707107], [0.1344707107, -0.1344707107]])
    expect(info_nce_loss, queries, keys, temperature=0.5).close((0.3132616875, dq, 2 * dq))
with check("gradients along random directions"):
    rng = np.random.default_rng(0)
    queries, keys = rng.normal(0, 0.5, (2, 4, 3))

    def nce_formula(q, k, temperature=0.1):
        powers = np.exp(q @ k.T / temperature)
        return -np.log(np.diag(powers) / powers.sum(axis=1)).mean()

    gradients(nce_formula, info_nce_loss, queries, keys, given="loss", wrt=2)
    gradients(nce_formula, info_nce_loss, queries, keys, given="loss", wrt=2, temperature=2.0)
with check("queries look for keys, not keys for queries"):
    queries, keys = np.array([[2.0], [1.0]]), np.array([[1.0], [3.0]])
    loss = (np.log1p(np.exp(4.0)) + np.log1p(np.exp(-2.0))) / 2
    p, r = 1 / (1 + np.exp(-4.0)), 1 / (1 + np.exp(2.0))
    dq, dk = np.array([[p], [-r]]), np.array([[r / 2 - p], [p - r / 2]])
    expect(info_nce_loss, queries, keys, temperature=1.0).close((loss, dq, dk))
with check("right and silent for logits of ±10 000", weight=3):
    queries, keys = np.array([[100.0, 0.0], [0.0, 100.0]]), np.array([[100.0, 0.0], [0.0, -100.0]])
    expected = (5000.0, np.array([[0.0, 0.0], [50.0, 50.0]]), np.array([[0.0, 50.0], [0.0, -50.0]]))
    expect(info_nce_loss, queries, keys, temperature=1.0).close(expected).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("any N and D, also 1, and any temperature"):
    for N, D, temperature in [(5, 3, 0.1), (3, 3, 1.0), (2, 6, 0.5), (6, 1, 2.0), (1, 4, 0.1)]:
        rng = np.random.default_rng(7)
        queries, keys = rng.normal(0, 1, (2, N, D))
        expected = reference.info_nce_loss(queries, keys, temperature)
        expect(info_nce_loss, queries, keys, temperature=temperature).close(expected)
with check("the default temperature is 0.1, and vectors are used as given"):
    queries, keys = np.array([[0.3, 0.4], [0.0, 0.5]]), np.array([[0.5, 0.0], [0.3, 0.3]])
    expect(info_nce_loss, queries, keys).close(reference.info_nce_loss(queries, keys, 0.1))
with check("float32 arrays give float32 gradients"):
    rng = np.random.default_rng(8)
    queries, keys = rng.standard_normal((2, 4, 3)).astype(np.float32)
    expected = reference.info_nce_loss(queries, keys, 0.5)
    expect(info_nce_loss, queries, keys, temperature=0.5).close(expected, rtol=1e-5, atol=1e-5).satisfies(
        lambda result: result[1].dtype == result[2].dtype == np.float32, "two float32 gradients"
    )
with check("integers give the right values; no argument is changed"):
    queries, keys = np.array([[1, -2], [0, 1], [2, 2]]), np.array([[0, -1], [1, 1], [1, 0]])
    expected = reference.info_nce_loss(1.0 * queries, 1.0 * keys, 1.0)
    expect(info_nce_loss, queries, keys, temperature=1.0).close(expected)
    expect(info_nce_loss, 1.0 * queries, 1.0 * keys, temperature=1.0).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Soft targets and calibration

### Distillation ★★ · 12 min

A large teacher knows more than the right class: it finds a cat more like a dog than like a truck. A small student that
imitates the teacher's whole distribution learns this too. A temperature T above 1 makes the small probabilities
visible.

**Given** `student_logits` s and `teacher_logits` t, both `(N, C)`, and `temperature` T > 0, **return**
`(loss, gradient)`, the gradient with respect to the **student's** logits, `(N, C)`; the teacher is not trained.

$$ L = \frac{T^2}{N} \sum_{n=1}^{N} \mathrm{KL}\bigl(P_n \,\Vert\, Q_n\bigr) = \frac{T^2}{N} \sum_{n=1}^{N}
\sum_{c=1}^{C} P_{n,c} \ln \frac{P_{n,c}}{Q_{n,c}}, \qquad P = \mathrm{softmax}(t/T), \quad Q = \mathrm{softmax}(s/T) $$

P is the teacher, and stands first. The sum is over the classes, the mean over the N rows only. A student equal to its
teacher has loss 0.

Right, finite and silent at logits of ±10 000, whoever has them. float32 logits give a float32 gradient; the loss may be
any float. Integer logits give the right values. No argument is changed.

*Worked number.* s = [0, 0, 0], t = [2, 1, 0], T = 2: P = [0.506480, 0.307196, 0.186324], the loss is 4 · 0.0784210 =
0.313684, and the gradient [−0.346294, 0.0522749, 0.294019].

**What the interviewer is after**: why T², and which of the two KL directions? **Follow-ups**: what does the loss become
as T goes to infinity? Why is the gradient the same as that of cross-entropy with the teacher's probabilities? How would
you mix in the true labels? What does PyTorch's `kl_div` average over by default?

<details><summary>Hint 1</summary>Work with log-softmax throughout: it is finite where softmax has become 0.</details>
<details><summary>Hint 2</summary>P does not depend on s. What remains of the KL divergence is a cross-entropy, whose
gradient with respect to s/T you know.</details>
<details><summary>Hint 3</summary>T² from the loss and 1/T from s/T: the gradient is T (Q − P)/N.</details>
"""

# %% role="solve" id="distillation_loss"
from dlkit.reference.losses import distillation_loss

# %% role="check" id="distillation_loss-check" points=4
with check("one row worked by hand"):
    expected = (0.3136838078, np.array([[-0.3462941154, 0.0522748952, 0.2940192202]]))
    expect(distillation_loss, np.array([[0.0, 0.0, 0.0]]), np.array([[2.0, 1.0, 0.0]]), 2.0).close(expected)
with check("the mean is over rows; an equal row costs nothing"):
    student, teacher = np.array([[0.0, 0.0, 0.0], [3.0, 1.0, -1.0]]), np.array([[2.0, 1.0, 0.0], [3.0, 1.0, -1.0]])
    expected = (0.1568419039, np.array([[-0.1731470577, 0.0261374476, 0.1470096101], [0.0, 0.0, 0.0]]))
    expect(distillation_loss, student, teacher, 2.0).close(expected)
with check("gradient along random directions"):
    rng = np.random.default_rng(0)
    student, teacher = rng.normal(0, 2, (2, 3, 4))

    def distillation_formula(s, t, T):
        P, Q = np.exp(t / T), np.exp(s / T)
        P, Q = P / P.sum(axis=1, keepdims=True), Q / Q.sum(axis=1, keepdims=True)
        return T**2 * (P * np.log(P / Q)).sum(axis=1).mean()

    gradients(distillation_formula, distillation_loss, student, teacher, 1.0, given="loss")
    gradients(distillation_formula, distillation_loss, student, teacher, 2.5, given="loss")
with check("right and silent at ±10 000", weight=3):
    student, teacher = np.array([[1e4, -1e4], [1.0, 1.0]]), np.array([[-1e4, 1e4], [1e4, -1e4]])
    expected = (2e4 + 2 * np.log(2), np.array([[1.0, -1.0], [-0.5, 0.5]]))
    expect(distillation_loss, student, teacher, 2.0).close(expected).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("any N, C and T, N = C too"):
    for N, C, T in [(1, 2, 1.0), (3, 3, 2.0), (5, 4, 0.5), (2, 7, 10.0)]:
        rng = np.random.default_rng(9)
        student, teacher = rng.normal(0, 2, (2, N, C))
        expect(distillation_loss, student, teacher, T).close(reference.distillation_loss(student, teacher, T))
with check("a sharp teacher, and large equal logits"):
    student, teacher = np.array([[1.0, 2.0, 3.0], [1e4, 1e4, 1e4]]), np.array([[0.0, 5e3, 0.0], [9e3, 9e3, 9e3]])
    expected = (0.7038029820, np.array([[0.0450152866, -0.3776357645, 0.3326204779], [0.0, 0.0, 0.0]]))
    expect(distillation_loss, student, teacher, 1.0).close(expected).no_warning()
with check("float32 logits give a float32 gradient"):
    rng = np.random.default_rng(10)
    student, teacher = rng.normal(0, 2, (2, 4, 3)).astype(np.float32)
    expected = reference.distillation_loss(student, teacher, 1.5)
    expect(distillation_loss, student, teacher, 1.5).close(expected, rtol=1e-5, atol=1e-5).satisfies(
        lambda result: result[1].dtype == np.float32, "a float32 gradient"
    )
with check("integers give the right values; no argument is changed"):
    student, teacher = np.array([[1, 0, -2], [0, 3, 1]]), np.array([[0, 2, 1], [1, 1, -1]])
    expected = reference.distillation_loss(1.0 * student, 1.0 * teacher, 2.0)
    expect(distillation_loss, student, teacher, 2.0).close(expected)
    expect(distillation_loss, 1.0 * student, 1.0 * teacher, 2.0).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Expected calibration error ★★ · 12 min

A classifier that says 90 % should be right nine times in ten. Modern networks often say 99 % and are right nine times
in ten. This number tells how far the two are apart.

**Given** `probs` of shape `(N, C)`, N ≥ 1, and the right classes `y`, integers of shape `(N,)`, **return** one number,
the expected calibration error. There is no gradient.

$$ \mathrm{ECE} = \sum_{b} \frac{n_b}{N} \, \bigl\lvert \text{accuracy}_b - \text{confidence}_b \bigr\rvert $$

The *confidence* of a row is its largest probability. The row is *right* if the class of that probability, the first of
equal ones, is y. The rows are sorted by confidence into `bins` bins of equal width: bin b = 0, 1, … holds the
confidences in (b/bins, (b + 1)/bins]. An edge belongs to the bin **below** it, so 0.5 with 10 bins lies in (0.4, 0.5],
and 1 in the last bin. $n_b$ rows fall into bin b, $\text{accuracy}_b$ is the fraction of them that is right, and
$\text{confidence}_b$ their mean confidence. An empty bin adds nothing: no NaN. `bins` is at least 1.

float32 probabilities are fine, and the result may be any float. No argument is changed. Loops are allowed.

*Worked number.* Confidences 0.95, 0.92, 0.65, 0.62, the last row wrong, 10 bins. (0.9, 1]: accuracy 1, confidence
0.935. (0.6, 0.7]: accuracy 0.5, confidence 0.635. ECE = ½ · 0.065 + ½ · 0.135 = 0.1.

**What the interviewer is after**: can you say what calibration means, and that accuracy says nothing about it?
**Follow-ups**: how does a constant classifier get an ECE of 0? What do too many or too few bins do? What does
temperature scaling change, and what does it leave as it is? How does label smoothing act on ECE?

<details><summary>Hint 1</summary>Two arrays of shape <code>(N,)</code> hold all you need: the confidences, and whether
each row is right.</details>
<details><summary>Hint 2</summary>A loop over the bins with the mask (confidence &gt; low) &amp; (confidence ≤ high) is
good enough. Skip the empty ones.</details>
<details><summary>Hint 3</summary>n_b · (accuracy − confidence) is the sum of (right − confidence) over the bin, so you
need not divide by n_b at all.</details>
"""

# %% role="solve" id="expected_calibration_error"
from dlkit.reference.losses import expected_calibration_error

# %% role="check" id="expected_calibration_error-check" points=4
with check("four rows worked by hand"):
    probs, y = np.array([[0.95, 0.05], [0.08, 0.92], [0.65, 0.35], [0.62, 0.38]]), np.array([0, 1, 0, 1])
    expect(expected_calibration_error, probs, y).close(0.1)
with check("a bin counts by its rows, and over- and underconfidence do not cancel"):
    probs = np.array([[0.75, 0.25], [0.75, 0.25], [0.25, 0.75], [0.9375, 0.0625]])
    expect(expected_calibration_error, probs, np.array([0, 0, 1, 1])).close((3 * 0.25 + 0.9375) / 4)
with check("an edge belongs to the bin below it"):
    probs, y = np.array([[0.5, 0.25, 0.25], [0.3, 0.45, 0.25], [0.2, 0.25, 0.55]]), np.array([0, 0, 2])
    expect(expected_calibration_error, probs, y).close((0.05 + 0.45) / 3)
with check("a confidence of 1 belongs to the last bin"):
    probs, y = np.array([[1.0, 0.0], [0.0, 1.0], [0.03125, 0.96875]]), np.array([1, 1, 1])
    expect(expected_calibration_error, probs, y).close(0.96875 / 3)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("other numbers of bins, with edges that are floats exactly"):
    probs = np.array([[2, 2, 2, 2], [4, 2, 1, 1], [1, 6, 1, 0], [0, 0, 5, 3], [2.5, 2, 1.5, 2]]) / 8
    y = np.array([0, 1, 1, 0, 0])
    for bins in [1, 2, 4, 8]:
        expected = reference.expected_calibration_error(probs, y, bins)
        expect(expected_calibration_error, probs, y, bins=bins).close(expected)
with check("of equal probabilities the first is the answer"):
    probs = np.array([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.25, 0.75]])
    expect(expected_calibration_error, probs, np.array([1, 1, 0, 1])).close((0.5 + 0.25) / 4)
with check("one row, and many in one bin: no NaN from empty bins"):
    expect(expected_calibration_error, np.array([[0.25, 0.75]]), np.array([0])).close(0.75)
    probs, y = np.array([[0.9375, 0.0625]] * 3), np.array([0, 0, 1])
    expect(expected_calibration_error, probs, y).close(0.9375 - 2 / 3)
with check("random probabilities, float32 ones too, which are left alone"):
    for N, C, bins in [(50, 3, 10), (200, 5, 15), (40, 2, 5), (7, 10, 10)]:
        rng = np.random.default_rng(11)
        probs, y = rng.dirichlet(np.full(C, 0.5), N), rng.integers(0, C, N)
        expected = reference.expected_calibration_error(probs, y, bins)
        expect(expected_calibration_error, probs, y, bins=bins).close(expected).unchanged()
    probs = probs.astype(np.float32)
    expect(expected_calibration_error, probs, y).close(expected, rtol=1e-5, atol=1e-6).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: label smoothing and calibration

A network with 50 hidden ReLU units learns 300 of scikit-learn's handwritten digits until it knows them by heart. One
label in five was redrawn at random, in the training set as in the 1,497 test digits, so nobody can be right much more
often than 82 % of the time. A calibrated network would know that. The network is trained with your
`label_smoothing_loss`, for five amounts of smoothing from 0 to 0.4.

The left panel is a **reliability diagram**: test digits are sorted by confidence into ten bins, and the accuracy of
each bin is drawn over its mean confidence. On the diagonal a classifier is as often right as it says; below it, it is
overconfident. The size of a dot shows how many digits are in its bin.

*Make a prediction*: where does the network without smoothing lie? Is more smoothing always better?
"""

# %% role="demo" id="experiment-calibration"
from dlkit.lab import digits, experiment, figure

rng = np.random.default_rng(0)
images, labels = digits()
order = rng.permutation(len(labels))
images, labels = images[order] - 0.3, labels[order]
redrawn = rng.random(len(labels)) < 0.2
labels[redrawn] = rng.integers(0, 10, redrawn.sum())
seen, unseen = slice(0, 300), slice(300, None)


def trained(smoothing, steps=150, rate=0.3, units=50):
    """Full-batch descent with momentum 0.9 on the seen digits. Returns the logits of all digits, (1797, 10)."""
    rng = np.random.default_rng(1)
    x, y = images[seen], labels[seen]
    weights = [rng.normal(0, (2 / 64) ** 0.5, (64, units)), np.zeros(units), rng.normal(0, units**-0.5, (units, 10))]
    velocity = [np.zeros_like(w) for w in weights]
    for _ in range(steps):
        W, b, V = weights
        h = np.maximum(x @ W + b, 0)  # (300, units)
        dlogits = label_smoothing_loss(h @ V, y, smoothing)[1]
        dz = (dlogits @ V.T) * (h > 0)
        velocity = [0.9 * v + g for v, g in zip(velocity, [x.T @ dz, dz.sum(axis=0), h.T @ dlogits], strict=True)]
        weights = [w - rate * v for w, v in zip(weights, velocity, strict=True)]
    W, b, V = weights
    return np.maximum(images @ W + b, 0) @ V


def softmax_of(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


with experiment(), figure("Some smoothing tells the truth, more is too modest", columns=2) as (left, right):
    smoothings, rows, y = [0.0, 0.05, 0.1, 0.2, 0.4], [], labels[unseen]
    markers = {0.0: "o-", 0.1: "s--", 0.4: "^-."}
    for smoothing in smoothings:
        logits = trained(smoothing)
        probs = softmax_of(logits[unseen])
        confidence, correct = probs.max(axis=1), probs.argmax(axis=1) == y
        error = expected_calibration_error(probs, y)
        rows.append([correct.mean(), confidence.mean(), error])
        known = np.mean(logits[seen].argmax(axis=1) == labels[seen])
        print(f"smoothing {smoothing:<4g}   training accuracy {known:4.0%}   test: ", end="")
        print(f"accuracy {correct.mean():.0%}, confidence {confidence.mean():.0%}, calibration error {error:.2f}")
        if smoothing in markers:
            bins = np.ceil(confidence * 10).astype(int) - 1  # as in the calibration error: (0.9, 1] is bin 9
            points = np.array(
                [
                    [confidence[bins == b].mean(), correct[bins == b].mean(), np.sum(bins == b)]
                    for b in range(10)
                    if np.sum(bins == b) >= 20  # fewer say nothing
                ]
            )
            (line,) = left.plot(points[:, 0], points[:, 1], markers[smoothing][1:], label=f"smoothing {smoothing:g}")
            left.scatter(*points[:, :2].T, s=points[:, 2] / 3 + 8, marker=markers[smoothing][0], color=line.get_color())
    left.plot([0, 1], [0, 1], color="0.5", linewidth=1, label="calibrated")
    left.set(xlabel="confidence", ylabel="accuracy", title="reliability diagram", xlim=(0, 1.02), ylim=(0, 1.02))
    left.text(0.33, 0.03, "overconfident", color="0.35")
    left.text(0.05, 0.85, "too modest", color="0.35")
    for column, name in enumerate(["accuracy", "mean confidence", "calibration error"]):
        right.plot(smoothings, [row[column] for row in rows], "ods"[column] + "-", label=name)
    right.set(xlabel="smoothing", ylim=(0, 1.02), title="1,497 test digits")
    left.legend(loc="lower right")
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** Without smoothing the network is overconfident in every bin drawn: its mean confidence is 83 %, its
accuracy 59 %, its calibration error 0.24. It was rewarded for knowing even the wrong labels for certain. Smoothing of
0.1 or 0.2 brings the error down to 0.08, and the accuracy even rises a little.

With 0.4 the error is back at 0.21, now with the other sign: 45 % confidence, 66 % accuracy. Smoothing is a fixed dose
of doubt, not a measurement, and a network that needs none is harmed by it. Take the line with `redrawn` and 0.2 and put
0 there: with clean labels the error is 0.02 without smoothing and 0.15 with 0.1. **Check calibration on held-out
data**; do not assume it.

Note also what calibration is not. A network that gives every digit the class frequencies is calibrated, and useless.

**What to say in an interview.** “Calibrated means: of the answers given with 80 % confidence, 80 % are right. Networks
trained to zero error tend to be overconfident. Label smoothing counters it during training, temperature scaling
afterwards, with one number fitted on validation data and no change to the arg max.”
"""

# %% [markdown]
r"""
## Why cross-entropy

### The error at a sigmoid output ★★ · 10 min

A unit that says 0.0001 where 1 is right should learn fast. With the squared error it hardly learns at all; with
cross-entropy it learns fastest. This exercise is the whole reason.

**Given** the name `loss` and arrays `z` and `y` of the same shape, any, **return** the gradient with respect to z of
each element's own loss, with a = σ(z), in z's shape. Nothing is summed or averaged.

$$ \frac{\partial}{\partial z} \, \tfrac12 (a - y)^2 = (a - y) \, \sigma'(z), \qquad
\frac{\partial}{\partial z} \bigl[ -y \ln a - (1 - y) \ln(1 - a) \bigr] = a - y $$

The first is `"mse"`, the second `"cross_entropy"`.

Mind the ½ of `"mse"` here. y is anything from 0 to 1. Any other name raises `ValueError`.

Right, finite and silent (no `RuntimeWarning`) for z from −10 000 to 10 000. If z and y are float32, so is the result;
integers give the right values. No argument is changed.

*Worked number.* z = −4 with y = 1: a = 0.0179862. `"mse"` gives −0.0173450, `"cross_entropy"` −0.982014, 57 times as
much.

**What the interviewer is after**: can you show how σ′ cancels, and say what its absence means for a saturated unit?
**Follow-ups**: what cancels in the same way for softmax, and for a linear output with squared error? Which common cause
lies behind this? Does cross-entropy also help hidden sigmoid units? When would you still use MSE on probabilities (the
Brier score)?

<details><summary>Hint 1</summary>First a stable sigmoid: both of its forms use e<sup>−|z|</sup>.</details>
<details><summary>Hint 2</summary>∂L/∂a for cross-entropy is (a − y) / (a (1 − a)). What is σ′ in terms of a?</details>
<details><summary>Hint 3</summary>Do not compute the quotient: at a = 1 it divides by 0. Use the formula after
cancelling.</details>
"""

# %% role="solve" id="output_delta"
from dlkit.reference.losses import output_delta

# %% role="check" id="output_delta-check" points=4
with check("squared error: three gradients worked by hand"):
    z, y = np.array([-4.0, 0.0, 2.0]), np.array([1.0, 1.0, 0.0])
    expect(output_delta, "mse", z, y).close([-0.0173450211, -0.125, 0.0924780432])
with check("cross-entropy: three gradients worked by hand"):
    z, y = np.array([-4.0, 0.0, 2.0]), np.array([1.0, 1.0, 0.0])
    expect(output_delta, "cross_entropy", z, y).close([-0.9820137900, -0.5, 0.8807970780])
with check("saturated and wrong, at ±10 000: one learns, the other does not; silent"):
    z, y = np.array([-1e4, -1e4, 1e4, 1e4]), np.array([1.0, 0.0, 1.0, 0.0])
    expect(output_delta, "cross_entropy", z, y).close([-1.0, 0.0, 0.0, 1.0]).no_warning()
    expect(output_delta, "mse", z, y).close([0.0, 0.0, 0.0, 0.0]).no_warning()
with check("any other name raises ValueError"):
    expect(output_delta, "cross_entropy", np.array([0.0]), np.array([0.25])).close([0.25])
    expect(output_delta, "hinge", np.array([0.0]), np.array([1.0])).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("both agree with finite differences"):
    rng = np.random.default_rng(12)
    z, y, h = rng.normal(0, 2, 6), rng.uniform(0, 1, 6), 1e-5
    ahead, behind = 1 / (1 + np.exp(-z - h)), 1 / (1 + np.exp(-z + h))
    slope = ((ahead - y) ** 2 - (behind - y) ** 2) / (4 * h)
    expect(output_delta, "mse", z, y).close(slope, rtol=1e-6, atol=1e-8)
    slope = -(y * np.log(ahead / behind) + (1 - y) * np.log((1 - ahead) / (1 - behind))) / (2 * h)
    expect(output_delta, "cross_entropy", z, y).close(slope, rtol=1e-6, atol=1e-8)
with check("any shape: (1,), (2, 3), (2, 3, 4) and empty"):
    for shape in [(1,), (2, 3), (2, 3, 4), (0,)]:
        rng = np.random.default_rng(13)
        z, y = rng.normal(0, 3, shape), 1.0 * rng.integers(0, 2, shape)
        for loss in ["mse", "cross_entropy"]:
            expect(output_delta, loss, z, y).close(reference.output_delta(loss, z, y))
with check("float32 stays float32"):
    z, y = np.array([-3, -0.5, 0, 2], dtype=np.float32), np.array([1, 0, 0.5, 0], dtype=np.float32)
    for loss in ["mse", "cross_entropy"]:
        expected = reference.output_delta(loss, z, y)
        expect(output_delta, loss, z, y).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right values; z and y are left alone"):
    z, y = np.array([-2, 0, 3]), np.array([1, 0, 1])
    for loss in ["mse", "cross_entropy"]:
        expected = reference.output_delta(loss, 1.0 * z, 1.0 * y)
        expect(output_delta, loss, z, y).close(expected)
        expect(output_delta, loss, 1.0 * z, 1.0 * y).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: a saturated start, with squared error and with cross-entropy

Three looks at one formula, your `output_delta`. The learning rate of the squared error is always **four times** that of
the cross-entropy: σ′(0) = ¼, so at z = 0 the two pull equally hard, and no one can say that the rates decided the race.

- Left: the pull on the logit z of an output whose label is 0.
- Middle: Nielsen's neuron. One input, x = 1; the label is 0. Weight and bias start at 0.6 and 0.9 (output 0.82, an easy
  start) or at 2 and 2 (output 0.98, a bad one).
- Right: a network of 20 tanh units learns to tell two half moons apart. Its output bias starts at 0 or, for the bad
  start, at 8, where it says “1” with about 99.97 % to every point, right or wrong.

*Make a prediction*: for which loss does the bad start look like the easy one, only a little later?
"""

# %% role="demo" id="experiment-saturated-start"
from dlkit.lab import experiment, figure, two_moons

kinds = [("cross_entropy", "cross-entropy", 1.0, "C0"), ("mse", "squared error", 4.0, "C1")]


def neuron(loss, rate, w, b, steps=300):
    """Nielsen's neuron with x = 1 and label 0; its output before every step, (steps + 1,)."""
    outputs = [1 / (1 + math.exp(-(w + b)))]
    for _ in range(steps):
        delta = output_delta(loss, np.array([w + b]), np.zeros(1))[0]
        w, b = w - rate * delta, b - rate * delta  # x = 1: both get the same gradient
        outputs.append(1 / (1 + math.exp(-(w + b))))
    return np.array(outputs)


def network(loss, rate, c, steps=1000, units=20):
    """A layer of tanh units and a sigmoid output, whose bias starts at c; the mean |a − y| before every step."""
    rng = np.random.default_rng(0)
    X, y = two_moons(100, rng)
    W, b, v = rng.normal(0, 1, (2, units)), np.zeros(units), rng.normal(0, units**-0.5, units)
    errors = []
    for _ in range(steps + 1):
        h = np.tanh(X @ W + b)  # (N, units)
        z = h @ v + c  # (N,)
        errors.append(np.abs(1 / (1 + np.exp(-z)) - y).mean())
        delta = output_delta(loss, z, y) / len(y)
        dh = np.outer(delta, v) * (1 - h**2)
        v, c = v - rate * h.T @ delta, c - rate * delta.sum()
        W, b = W - rate * X.T @ dh, b - rate * dh.sum(axis=0)
    return np.array(errors)


with (
    experiment(),
    figure("Badly wrong: cross-entropy pulls hardest, squared error hardly", columns=3, width=11.5) as panels,
):
    left, middle, right = panels
    z = np.linspace(-4, 10, 281)
    for loss, name, factor, color in kinds:
        pull = factor * output_delta(loss, z, np.zeros(281))
        left.plot(z, pull, color=color, label=name if factor == 1 else f"{name}, times {factor:g}")
        pulls = [factor * output_delta(loss, np.array([at]), np.zeros(1))[0] for at in (0.0, 4.0, 8.0)]
        print(f"{name:14s} pull at z = 0, 4, 8: {pulls[0]:.2f}, {pulls[1]:.3f}, {pulls[2]:.4f}   neuron, ", end="")
        for start, (w, b), line in [("easy", (0.6, 0.9), "--"), ("bad", (2.0, 2.0), "-")]:
            output = neuron(loss, 0.05 * factor, w, b)
            middle.plot(output, line, color=color)
            print(f"{start} start: below ½ after {np.argmax(output < 0.5)} steps   ", end="")
        print()
    for loss, name, factor, color in kinds:
        for start, c, line in [("easy", 0.0, "--"), ("bad", 8.0, "-")]:
            errors = network(loss, 0.5 * factor, c)
            right.semilogx(range(1, len(errors)), errors[1:], line, color=color)
            print(f"network, {name:14s} {start:4s} start: mean |a − y| below 0.3 after {np.argmax(errors < 0.3)} steps")
    left.axvspan(0, 10, color="0.94", zorder=0)
    left.set(xlabel="z (grey: wrong answer)", ylabel="pull on z", ylim=(-0.05, 1.4), title="label 0: the pull by z")
    middle.set(xlabel="steps", ylabel="output (should be 0)", ylim=(0, 1), title="Nielsen's neuron")
    right.set(xlabel="steps (logarithmic)", ylabel="mean of |a − y|", ylim=(0, 0.55), title="a network on two moons")
    left.legend(loc="upper left")
    for line, start in [("--", "easy start"), ("-", "bad start")]:
        middle.plot([], [], line, color="0.3", label=start)
    middle.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** On the left, both pull with 0.50 at z = 0. At z = 8, where the output is 99.97 % wrong, cross-entropy
pulls with 0.9997 and the squared error with 0.0013, even times four. The more wrong, the **less** it learns.

In the middle, the bad start costs cross-entropy 27 steps more, 50 instead of 23. It costs the squared error 147 more,
174 instead of 27. On the right, the squared error stands on a plateau for more than 400 steps: its mean error falls
below 0.3 after 440 steps, with cross-entropy after 6. From the easy start it takes 3 steps against 2. So the
squared error is not slow as such. **It is slow where it is badly wrong.** Nor is it trapped: the gradient is tiny but
points the right way, and in the end the curve falls off a cliff.

The reason is one factor. The chain rule multiplies by σ′(z) = a(1 − a). Cross-entropy's own derivative,
(a − y)/(a(1 − a)), cancels it and leaves a − y. The squared error's derivative a − y cancels nothing. And mind the
limit: this cures saturation at the *output* only. A saturated hidden sigmoid keeps its σ′ under any loss.

**What to say in an interview.** “At the logit, cross-entropy gives a − y and squared error gives (a − y)·a(1 − a). When
a unit is confidently wrong, the first is near 1 and the second near 0.”
"""

# %% [markdown]
r"""
### Concept question: why cross-entropy

Write a few sentences, as you would say them to an interviewer.
"""

# %% role="answer" id="ce_over_mse" points=2

# %% [markdown]
r"""
### How hard an outlier pulls ★★ · 6 min

Fit a line to a hundred points, then move one of them far away. How much the line follows is decided by the derivative
of the loss: it is the force with which each point pulls.

**Given** the name `loss` and `residuals` r = prediction − target, of any shape, **return** the derivative of each
residual's loss, in the same shape. Nothing is summed or averaged.

$$ \ell_1 = \lvert r \rvert, \qquad \ell_2 = r^2, \qquad \text{smooth } \ell_1 = \begin{cases} \tfrac12 r^2 & \text{where } \lvert r \rvert < 1 \\ \lvert r \rvert - \tfrac12 & \text{elsewhere} \end{cases} $$

The names are `"l1"`, `"l2"` (without a ½) and `"smooth_l1"`. The derivative of `"l1"` is 0 at r = 0; that of
`"smooth_l1"` is r, held between −1 and 1.

Any other name raises `ValueError`. The signs stay: a point above pulls one way, a point below the other. The shape may
be empty. Right and silent at ±10 000. float32 stays float32; integers give the right values. `residuals` is not
changed.

*Worked number.* r = [0.3, 1, −8]: `"l1"` gives [1, 1, −1], `"l2"` [0.6, 2, −16] and `"smooth_l1"` [0.3, 1, −1]. Under
L2 the outlier at −8 pulls 8 times as hard as the point at 1, under the others no harder.

**What the interviewer is after**: can you explain robustness by a derivative and not by a slogan? **Follow-ups**: why
does L2 fit the mean and L1 the median? Why is L1 awkward near 0, for a fixed step size? Why do detectors regress boxes
with smooth L1? Which loss pulls less the farther away a point is, and what does it cost?

<details><summary>Hint 1</summary>Three derivatives, three lines. <code>np.sign</code> is 0 at 0.</details>
<details><summary>Hint 2</summary>Both pieces of smooth L1 have slope ±1 where they meet, so one <code>np.clip</code> is
enough.</details>
"""

# %% role="solve" id="outlier_influence"
from dlkit.reference.losses import outlier_influence

# %% role="check" id="outlier_influence-check" points=4
with check("l1: the sign, and 0 at 0"):
    expect(outlier_influence, "l1", np.array([0.3, 1.0, -8.0, 0.0])).close([1.0, 1.0, -1.0, 0.0])
with check("l2: twice the residual"):
    expect(outlier_influence, "l2", np.array([0.3, 1.0, -8.0, 0.0])).close([0.6, 2.0, -16.0, 0.0])
with check("smooth_l1: gentle near 0, bounded far out"):
    r = np.array([0.3, 1.0, -8.0, 0.0, -0.75, 1.5])
    expect(outlier_influence, "smooth_l1", r).close([0.3, 1.0, -1.0, 0.0, -0.75, 1.0])
with check("any other name raises ValueError"):
    expect(outlier_influence, "l2", np.array([-0.5])).close([-1.0])
    expect(outlier_influence, "huber", np.array([1.0])).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import losses as reference

with check("right and silent at 0 and ±10 000; residuals are left alone"):
    r = np.array([-1e4, -1.0, 0.0, 1.0, 1e4])
    expect(outlier_influence, "l1", r).close([-1.0, -1.0, 0.0, 1.0, 1.0]).no_warning().unchanged()
    expect(outlier_influence, "l2", r).close([-2e4, -2.0, 0.0, 2.0, 2e4]).no_warning().unchanged()
    expect(outlier_influence, "smooth_l1", r).close([-1.0, -1.0, 0.0, 1.0, 1.0]).no_warning().unchanged()
with check("any shape: (1,), (3, 4), (2, 3, 4) and empty"):
    for shape in [(1,), (3, 4), (2, 3, 4), (0,)]:
        r = np.random.default_rng(14).normal(0.1, 2, shape)
        for loss in ["l1", "l2", "smooth_l1"]:
            expect(outlier_influence, loss, r).close(reference.outlier_influence(loss, r))
with check("float32 stays float32, integers give the right values"):
    r = np.array([-2.5, -0.5, 0.0, 0.25, 3.0], dtype=np.float32)
    for loss in ["l1", "l2", "smooth_l1"]:
        expected = reference.outlier_influence(loss, r)
        expect(outlier_influence, loss, r).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
        expect(outlier_influence, loss, np.array([-3, 0, 1, 2])).close(
            reference.outlier_influence(loss, np.array([-3.0, 0.0, 1.0, 2.0]))
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: a line and five outliers

Fifty points lie near the line 2x + 1. Then the five rightmost are lifted by 15, as if somebody had slipped a decimal
point. A line is fitted by gradient descent, with your `outlier_influence` as the gradient at each point. The right
panel repeats the fit for lifts from 0 to 30 and shows the slope that comes out.

*Make a prediction*: as the outliers move farther and farther away, what does each slope do on the right?
"""

# %% role="demo" id="experiment-outliers"
from dlkit.lab import experiment, figure


def fitted_lines(loss, x, y, steps=1500):
    """Gradient descent for the S lines w x + b through y (S, N); the rate decays, as L1 needs. Returns w, b (S, 1)."""
    w, b = np.zeros((len(y), 1)), np.zeros((len(y), 1))
    for step in range(steps):
        pull = outlier_influence(loss, w * x + b - y)  # (S, N)
        rate = 0.5 / (1 + step / 20)
        w, b = w - rate * (pull * x).mean(axis=1, keepdims=True), b - rate * pull.mean(axis=1, keepdims=True)
    return w, b


with experiment(), figure("Squared error follows the outliers, bounded pulls do not", columns=2) as (left, right):
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(-2, 2, 50))
    clean, outlier = 2 * x + 1 + rng.normal(0, 0.4, 50), np.arange(50) >= 45
    lifts = np.linspace(0, 30, 13)  # among them 15, at place 6
    y = clean + lifts[:, None] * outlier  # (13, 50)
    left.plot(x[~outlier], y[6][~outlier], ".", color="0.5", label="45 points")
    left.plot(x[outlier], y[6][outlier], "kx", label="5 outliers")
    for loss, name, line in [("l2", "L2", "-"), ("l1", "L1", "--"), ("smooth_l1", "smooth L1", "-.")]:
        w, b = fitted_lines(loss, x, y)
        left.plot(x, w[6] * x + b[6], line, label=name)
        right.plot(lifts, w[:, 0], line, label=name)
        pull = np.abs(outlier_influence(loss, 2 * x + 1 - y[6]))
        print(f"{name:9s} slope {w[0, 0]:.2f} without lift, {w[6, 0]:.2f} with 15, {w[-1, 0]:.2f} with 30   ", end="")
        print(f"the outliers' share of all pulls on the true line: {pull[outlier].sum() / pull.sum():.0%}")
    right.axhline(2, color="0.5", linewidth=1)
    left.set(xlabel="x", ylabel="y", title="lifted by 15")
    right.set(xlabel="lift of the five outliers", ylabel="fitted slope (true: 2)", title="and by 0 to 30")
    left.legend(loc="upper left")
    right.legend(loc="upper left")

# %% [markdown]
r"""
**What it shows.** Without lift all three slopes are close to 2. A lift of 15 turns the L2 line to 3.88 and a lift of 30
to 5.76: its slope rises in proportion, without limit. L1 has 2.08 and smooth L1 2.22 at a lift of 15, and exactly the
same at 30. Once a residual's sign is settled (or, for smooth L1, once it is beyond 1), going farther changes nothing.

On the true line the five outliers, a tenth of the points, have 83 % of the pull under L2, 10 % under L1, 25 % under
smooth L1. They have more than a tenth in the last case because the other points, near the line, pull gently. Without
lift, L2 and smooth L1 agree, as all residuals are below 1, while L1's slope is 1.94: on clean data it throws
information away.

The pull of a point on the slope is its influence **times x**. No loss of this kind protects against an outlier in x.

**What to say in an interview.** “An outlier pulls L2 in proportion to its residual and L1 by its sign only. Smooth L1
bounds the pull without giving up the parabola near 0. Before choosing, I would ask whether the outliers are errors or
rare truths.”
"""

# %% [markdown]
r"""
## Summary: the evening before

With $d$ = pred − target, $p$ = softmax(logits) or σ(logit), $t$ the target. Of the true side, $p_t$ is the probability
and $\alpha_t$ the weight (α for t = 1, 1 − α for t = 0). Gradients are per element or row, before the mean.

| loss | formula | gradient | where it is used | pitfall |
|---|---|---|---|---|
| MSE (L2) | d² | 2d | regression; predicts the mean | outliers pull without bound; after a sigmoid it saturates |
| MAE (L1) | $\lvert d \rvert$ | sign(d) | robust regression; predicts the median | kink at 0, never settles at a fixed rate |
| smooth L1 | d²/(2β), from β on $\lvert d \rvert - \beta/2$ | d/β clipped to [−1, 1] | box regression | β is in the units of d |
| Huber | d²/2, beyond δ: $\delta (\lvert d \rvert - \delta/2)$ | d clipped to [−δ, δ] | robust regression | δ times smooth L1: a small δ slows learning |
| cross-entropy | −ln p of the right class | p − onehot | one of C classes | takes logits, so no softmax before it |
| label smoothing | cross-entropy with (1 − s)·onehot + s/C | p − target | large classifiers | its minimum is not 0; too much makes a network too modest |
| BCE with logits | softplus(x) − t·x | σ(x) − t | yes or no; one per label | `pos_weight` multiplies the odds |
| NLL | −log-probability of the right class | −1 there, 0 elsewhere | after a log-softmax | weighted mean: divides by the weights, not by N |
| KL(p ‖ q) | Σ p ln(p/q) | on logits of q: q − p | distillation, variational inference | not symmetric; infinite where q = 0 < p |
| logistic regression | mean BCE + (λ/2)‖w‖² | Xᵀ(a − y)/N + λw | the baseline | separable data without a penalty: weights grow without end |
| hinge | Σ max(0, wrong − right + margin) | 1 for each violation, minus their count for the right class | SVMs | no probabilities; 0 gradient beyond the margin |
| focal | $-\alpha_t (1 - p_t)^\gamma \ln p_t$ | fades fast for easy examples | one-stage detectors | calibration; wrong labels |
| Dice | 1 − D, with D = 2Σpt/S and S = Σp + Σt | (D − 2t)/S | segmentation with little foreground | noisy for small objects; needs eps |
| IoU | intersection / union | 0 where boxes do not touch | judging boxes | as a loss it needs GIoU or the like |
| triplet | max(0, ‖a − p‖² − ‖a − n‖² + margin) | 0 once satisfied | face recognition, retrieval | easy triplets teach nothing: mine hard ones |
| InfoNCE | cross-entropy over similarities / τ | (softmax − identity) on the similarities | CLIP, SimCLR | starts at about ln N when similarities are small beside τ; depends on the batch size |
| distillation | T²·KL at temperature T | T·(student − teacher) | small models from large ones | without T² the gradient shrinks like 1/T² |

**Ten sentences to be able to say**

1. L2 aims at the mean and L1 at the median; L2 is the likelihood of Gaussian noise, L1 that of Laplace noise.
2. An outlier's pull is 2d under L2, ±1 under L1, and at most 1 under smooth L1, which still settles near 0.
3. Softmax with cross-entropy has the gradient p − onehot, sigmoid with binary cross-entropy has σ − t: the logarithm
   cancels the exponential.
4. Squared error after a sigmoid keeps the factor a(1 − a), so a confidently wrong unit hardly learns.
5. Cross-entropy is entropy plus KL, so with fixed targets the two have the same gradient; averaged over the data it is
   the negative log-likelihood.
6. Compute the loss from the logits: subtract the maximum, or use softplus; never take the logarithm of a softmax.
7. Before the first step a C-class loss should be ln C, 2.30 for 10 classes and 6.91 for 1000; binary cross-entropy ln 2
   = 0.69.
8. One of C classes: softmax and arg max. Any number of labels: one sigmoid each, cut at logit 0, which is probability
   ½.
9. A positive weight w multiplies the predicted odds by w; divide it out before you read them as probabilities. Focal
   loss acts on easy against hard, not on rare against frequent.
10. Perplexity is e to the mean cross-entropy per token, comparable only for the same tokenizer; calibration asks
    whether 80 % confident answers are right 80 % of the time.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| loss function | 损失函数 | the number that training makes small |
| residual | 残差 | prediction minus target |
| mean squared error (MSE, L2) | 均方误差 | the mean of the squared residuals |
| mean absolute error (MAE, L1) | 平均绝对误差 | the mean of the residuals' absolute values |
| Huber loss, smooth L1 | Huber 损失、平滑 L1 损失 | a parabola near 0, straight lines outside |
| outlier | 离群点（异常值） | a point far off the rest |
| robustness | 鲁棒性（稳健性） | a few bad points change the result only a little |
| leverage point | 高杠杆点 | an outlier in the input, which no bound on the residual's pull tames |
| logit | 对数几率（未归一化得分） | what goes into the output's sigmoid or softmax |
| one-hot vector | 独热向量 | 1 for the right class, 0 for the others |
| cross-entropy | 交叉熵 | the mean of −ln q under p; with labels, −ln of the right class's probability |
| binary cross-entropy (BCE) | 二元交叉熵 | cross-entropy for yes or no |
| soft target | 软目标（软标签） | a distribution in place of one right class |
| label smoothing | 标签平滑 | gives a share s of the target to all classes equally |
| multi-class, multi-label | 多分类、多标签分类 | exactly one of C classes; any number of L labels |
| likelihood | 似然 | the probability of the data, seen as a function of the parameters |
| negative log-likelihood (NLL) | 负对数似然 | minus the logarithm of the likelihood |
| maximum likelihood estimation | 最大似然估计（极大似然估计） | the parameters that make the data most probable |
| entropy | 熵 | the mean of −ln p under p itself: how uncertain a distribution is |
| KL divergence | KL 散度（相对熵） | cross-entropy minus entropy: what the wrong distribution costs |
| perplexity | 困惑度 | e to the mean cross-entropy per token |
| logistic regression | 逻辑回归（对数几率回归） | a linear model, a sigmoid and binary cross-entropy |
| hinge loss | 合页损失（铰链损失） | 0 beyond the margin, linear before it |
| margin | 间隔 | by how much the right score exceeds a wrong one |
| support vector machine (SVM) | 支持向量机 | a linear model with hinge loss and an L2 penalty |
| class imbalance | 类别不平衡 | one class is much rarer than another |
| focal loss | 焦点损失（Focal Loss） | cross-entropy that fades for easy examples |
| Dice coefficient | Dice 系数 | twice the overlap over the sum of both sizes |
| intersection over union (IoU) | 交并比 | the overlap of two boxes over their union |
| triplet loss | 三元组损失 | nearer to the positive than to the negative, by a margin |
| contrastive learning | 对比学习 | pulls matching pairs together and pushes others apart |
| negative sample | 负样本 | an example that does not match the query |
| knowledge distillation | 知识蒸馏 | a small student learns a large teacher's probabilities |
| calibration | 校准 | stated confidence equals the frequency of being right |
| reliability diagram | 可靠性图 | accuracy over confidence, bin by bin |
"""
