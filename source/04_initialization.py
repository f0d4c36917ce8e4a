# %% [markdown]
r"""
# 04 · Initialization

Before the first step three scales have been decided: that of the data, that of the weights, and with them that of every
gradient. A layer that multiplies the signal by 0.9 leaves half a percent of it after 50 layers, one that multiplies it
by 1.1 makes it 117 times as large. Interviewers ask where the 2 in He's formula comes from, why weights may not start
at 0, and what you look at first when a deep network does not learn.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit initialization`, which runs about as many checks again. Concept questions are marked when you hand
in. Before each experiment there is a question: answer it before you run the cell.

The exercises take about three and a half hours, with questions and experiments about five. Do a family at a sitting:
scaling and rotating the data, drawing the weights, symmetry and signals through depth, and last the small things that
matter and LSUV.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| fit on train | what is measured on the training data is applied to both parts | |
| standard deviation, covariance | divide by N | `torch.std`, pandas: by N − 1 |
| `eps` | `standardize` adds it to the std; whitening adds it to the variance λ, inside the root | |
| shapes | rows are samples: features `(N, D)`, images `(N, C, H, W)`; dense weights `(D, M)` with `x @ W`, filters `(F, C, KH, KW)` | PyTorch stores `(M, D)` |
| randomness | random functions take `rng`, an `np.random.Generator`, and use no other source; checks judge the law, not one stream | global seed |
| `gain` | multiplies the standard deviation, not the variance | |
| `slope` | that of the leaky ReLU that follows: 0 for ReLU | PyTorch's `nn.Linear` takes √5 by default |
| `activation` | a name: `"linear"`, `"sigmoid"`, `"tanh"` or `"relu"`; anything else is a `ValueError` | |
| networks | a list of weights, no biases; the activation follows every layer, the last one too | |
| kinks | ReLU's derivative at 0 is 0 | |
| dtype | functions of data keep float32; integers, bytes too, must give right values; random weights may have any float dtype | |
| purity | no argument is changed (`rng` moves on) | PyTorch's initializers write into the tensor |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math
from collections.abc import Callable, Sequence

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, gradients

# %% [markdown]
r"""
## Scaling the data

### Standardize ★ · 8 min

**Given** `X_train` of shape `(N, D)` and `X_test` of shape `(M, D)`, **return** the tuple of both, standardized feature
by feature (a feature is a column):

$$ x' = \frac{x - \mu}{s + \varepsilon}, \qquad
\mu_d = \frac1N \sum_n x_{nd}, \qquad s_d = \sqrt{\frac1N \sum_n (x_{nd} - \mu_d)^2} $$

The sums run over the rows of **X_train alone**, for both results. The test part plays the role of data that do not
exist yet: whoever uses its mean or std, alone or together with the training part, peeks. So X_test may well come out
with another mean than 0.

The std divides by N, not N − 1. `eps` is added to the std, outside the root. A feature constant in X_train comes out 0
there, and large in X_test where it differs: that is wanted, so do not put 1 in the place of a std of 0. (In float32 it
comes out 0 only where the mean is not rounded: eps is much smaller than the rounding.)

N may be 1, M may be 1 or 0. No warning. If both parts are float32, so are both results; integers, `uint8` too, give
the right floats. The arguments stay as they are.

*Worked number.* X_train = [[1, 10], [3, 30]] has μ = [2, 20] and s = [1, 10], and becomes [[−1, −1], [1, 1]].
X_test = [[4, 0]] becomes [[2, −2]].

**What the interviewer is after**: fit on train, apply to both, said without being asked. **Follow-ups**: what goes
wrong in a report when the test part was scaled with its own statistics? What do you keep to serve the model later? In
cross-validation, where does the scaling go? Which models do not care about it?

<details><summary>Hint 1</summary>Which axis disappears when every feature gets a mean of its own?</details>
<details><summary>Hint 2</summary>Compute one mean and one std, each of shape <code>(D,)</code>, before you touch
either part.</details>
<details><summary>Hint 3</summary>The same expression then serves both parts. <code>np.std</code> divides by N unless
told otherwise; where does eps go?</details>
"""

# %% role="solve" id="standardize"
from dlkit.reference.initialization import standardize

# %% role="check" id="standardize-check" points=2
with check("two features worked by hand"):
    X_train, X_test = np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[4.0, 0.0]])
    expect(standardize, X_train, X_test).close((np.array([[-1.0, -1.0], [1.0, 1.0]]), np.array([[2.0, -2.0]])))
with check("the test part is scaled by the statistics of the training part alone", weight=2):
    X_train = np.array([[0.0, 2.0], [2.0, 6.0], [4.0, 2.0], [6.0, 6.0]])
    X_test = np.array([[13.0, 4.0], [-7.0, 0.0], [3.0, 11.0]])
    s = np.sqrt(5.0)
    train = np.array([[-3 / s, -1.0], [-1 / s, 1.0], [1 / s, -1.0], [3 / s, 1.0]])
    expect(standardize, X_train, X_test).close((train, np.array([[10 / s, 0.0], [-10 / s, -2.0], [0.0, 3.5]])))
with check("eps is added to the std"):
    X_train, X_test = np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([[5.0, 0.0]])
    train = np.array([[-2 / 3, -20 / 21], [2 / 3, 20 / 21]])
    expect(standardize, X_train, X_test, eps=0.5).close((train, np.array([[2.0, -40 / 21]])))
with check("both arguments are left alone"):
    X_train, X_test = np.array([[1.0, -2.0, 0.5], [3.0, 4.0, 2.5]]), np.array([[0.0, 1.0, 1.5], [2.0, 7.0, 4.5]])
    train, test = np.array([[-1.0] * 3, [1.0] * 3]), np.array([[-2.0, 0.0, 0.0], [0.0, 2.0, 3.0]])
    expect(standardize, X_train, X_test).close((train, test)).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("no peeking: other test rows change neither the training part's result nor a test row's"):
    rng = np.random.default_rng(4)
    X_train, X_test = rng.normal(2, 3, (6, 2)), rng.normal(-1, 1, (5, 2))
    train, test = reference.standardize(X_train, X_test)
    for rows in (slice(0, 5), slice(0, 1), slice(1, 4)):
        found = expect(standardize, X_train, X_test[rows])
        found.part(0).close(train)
        found.part(1).close(test[rows])
with check("a feature constant in the training part: 0 there, large in the test part, no warning"):
    X_train, X_test = np.array([[3.0, 1.0], [3.0, 5.0]]), np.array([[3.0, 3.0], [5.0, 3.0]])
    train, test = np.array([[0.0, -1.0], [0.0, 1.0]]), np.array([[0.0, 0.0], [2e8, 0.0]])
    expect(standardize, X_train, X_test).close((train, test)).no_warning()
with check("one row to learn from; one test row, and none"):
    X_train = np.array([[2.0, -1.0, 4.0]])
    expected = (np.zeros((1, 3)), np.array([[1e8, 0.0, -2e8]]))
    expect(standardize, X_train, np.array([[3.0, -1.0, 2.0]])).close(expected).no_warning()
    X_train = np.array([[1.0, -2.0], [3.0, 4.0]])
    expected = (np.array([[-1.0, -1.0], [1.0, 1.0]]), np.zeros((0, 2)))
    expect(standardize, X_train, np.zeros((0, 2))).close(expected).no_warning()
with check("float32 stays float32"):
    X_train = np.random.default_rng(1).normal(1, 2, (6, 3)).astype(np.float32)
    X_test = np.random.default_rng(2).normal(0, 3, (4, 3)).astype(np.float32)
    expected = reference.standardize(X_train.astype(float), X_test.astype(float))
    expect(standardize, X_train, X_test).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right floats, bytes (uint8) too"):
    X_train, X_test = np.array([[1, -7], [4, 3], [6, 0]]), np.array([[0, 9], [-3, 2]])
    expect(standardize, X_train, X_test).close(reference.standardize(1.0 * X_train, 1.0 * X_test))
    X_train = np.array([[200, 0], [100, 255], [250, 7]], dtype=np.uint8)
    X_test = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    expect(standardize, X_train, X_test).close(reference.standardize(1.0 * X_train, 1.0 * X_test))
with check("equals the reference on random shapes, square ones too"):
    rng = np.random.default_rng(3)
    for N, M, D in [(5, 5, 5), (7, 2, 1), (3, 8, 4), (40, 10, 6)]:
        X_train, X_test = rng.normal(2, 3, (N, D)), rng.normal(-1, 1, (M, D))
        expect(standardize, X_train, X_test).close(reference.standardize(X_train, X_test))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: who notices?

Each question cell asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="whose_predictions_change" points=1

# %% [markdown]
r"""
### Min-max scaling ★ · 8 min

**Given** `X_train` of shape `(N, D)` and `X_test` of shape `(M, D)`, **return** the tuple of both, scaled feature by
feature (column by column) so that X_train just fills [0, 1]:

$$ x' = \frac{x - \min_d}{\max_d - \min_d} $$

Minimum and maximum are those of **X_train alone**, for both results. Where X_test leaves the range of X_train, it
leaves [0, 1]: nothing is clipped. Whoever looks at X_test's own range, alone or together with X_train's, peeks.

A feature constant in X_train has no range to divide by. It becomes $x - \min_d$, in both parts, without a warning. Add
no eps to the range: it would change all values a little, and blow up constant features in X_test.

N is at least 1, M may be 0. If both parts are float32, so are both results. Integers give the right floats, and so do
bytes: mind that `uint8` cannot go below 0, and that the range of `int8` data may not fit into `int8`. The arguments
stay as they are.

*Worked number.* X_train = [[1, 10], [3, 50], [2, 20]] becomes [[0, 0], [1, 1], [0.5, 0.25]], and X_test = [[4, 0]]
becomes [[1.5, −0.25]].

**What the interviewer is after**: the same rule, fit on train, and what you do about the edge cases. **Follow-ups**:
what does one outlier in X_train do to all the other values? When would you clip in production, and what would that
hide? When min-max, when standardizing? Why does a value beyond 1 not hurt a network much?

<details><summary>Hint 1</summary>Two vectors of shape <code>(D,)</code> are all that the training part has to
tell.</details>
<details><summary>Hint 2</summary>For a constant feature the numerator is already what is asked for. What must the
denominator be there?</details>
<details><summary>Hint 3</summary><code>np.where</code> builds a denominator without zeros. Turn integers into floats
before you subtract.</details>
"""

# %% role="solve" id="min_max_scale"
from dlkit.reference.initialization import min_max_scale

# %% role="check" id="min_max_scale-check" points=2
with check("two features worked by hand"):
    X_train, X_test = np.array([[1.0, 10.0], [3.0, 50.0], [2.0, 20.0]]), np.array([[2.0, 40.0]])
    train = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.25]])
    expect(min_max_scale, X_train, X_test).close((train, np.array([[0.5, 0.75]])))
with check("the test part by the training part's range, outside [0, 1] where it leaves it", weight=2):
    X_train, X_test = np.array([[1.0, 10.0], [3.0, 50.0]]), np.array([[4.0, 0.0], [0.0, 70.0], [2.0, 30.0]])
    train, test = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.5, -0.25], [-0.5, 1.5], [0.5, 0.5]])
    expect(min_max_scale, X_train, X_test).close((train, test))
with check("a constant feature becomes x − min, in both parts, no warning"):
    X_train, X_test = np.array([[5.0, 0.0], [5.0, 4.0]]), np.array([[5.0, 1.0], [8.0, 2.0], [1.0, 3.0]])
    train, test = np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 0.25], [3.0, 0.5], [-4.0, 0.75]])
    found = expect(min_max_scale, X_train, X_test)
    found.part(1).shape((3, 2)).satisfies(
        lambda out: not 1e3 < abs(out[:, 0]).max() < 1e300, "x − min: is a small number added to max − min?"
    )
    found.close((train, test)).no_warning()
with check("both arguments are left alone"):
    X_train, X_test = np.array([[-1.0, 2.0], [3.0, -2.0]]), np.array([[1.0, 0.0]])
    expect(min_max_scale, X_train, X_test).close(
        (np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.5, 0.5]]))
    ).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("bytes: uint8 does not wrap around below 0, int8 not beyond 127"):
    X_train = np.array([[100, 10], [200, 50]], dtype=np.uint8)
    X_test = np.array([[50, 0], [255, 60]], dtype=np.uint8)
    train, test = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[-0.5, -0.25], [1.55, 1.25]])
    expect(min_max_scale, X_train, X_test).close((train, test))
    X_train, X_test = np.array([[-100], [100], [0]], dtype=np.int8), np.array([[127], [-120]], dtype=np.int8)
    expect(min_max_scale, X_train, X_test).close((np.array([[0.0], [1.0], [0.5]]), np.array([[1.135], [-0.1]])))
with check("no peeking: other test rows change neither the training part's result nor a test row's"):
    rng = np.random.default_rng(4)
    X_train, X_test = rng.normal(2, 3, (6, 2)), rng.normal(-1, 4, (5, 2))
    train, test = reference.min_max_scale(X_train, X_test)
    for rows in (slice(0, 5), slice(0, 2), slice(1, 4)):
        found = expect(min_max_scale, X_train, X_test[rows])
        found.part(0).close(train)
        found.part(1).close(test[rows])
with check("integers give the right floats"):
    X_train, X_test = np.array([[1, -7], [4, 3], [6, 0]]), np.array([[0, 9], [-3, 2]])
    expect(min_max_scale, X_train, X_test).close(reference.min_max_scale(1.0 * X_train, 1.0 * X_test))
with check("float32 stays float32"):
    X_train = np.random.default_rng(1).normal(1, 2, (6, 3)).astype(np.float32)
    X_test = np.random.default_rng(2).normal(0, 3, (4, 3)).astype(np.float32)
    X_train[:, 1] = 2
    expected = reference.min_max_scale(X_train.astype(float), X_test.astype(float))
    expect(min_max_scale, X_train, X_test).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("random shapes: one row to learn from, no test row, one feature, square"):
    rng = np.random.default_rng(3)
    for N, M, D in [(4, 4, 4), (7, 2, 1), (1, 3, 2), (40, 10, 6), (3, 0, 2)]:
        X_train, X_test = rng.normal(2, 3, (N, D)), rng.normal(-1, 4, (M, D))
        expect(min_max_scale, X_train, X_test).close(reference.min_max_scale(X_train, X_test)).no_warning()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what gradient descent pays for a missing scale
"""

# %% role="question" id="unscaled_feature_steps" points=1

# %% [markdown]
r"""
### The mean image ★ · 6 min

**Given** images `X` of shape `(N, C, H, W)`, **return** the tuple `(centred, mean)`: the mean image, of shape
`(C, H, W)`, and the images without it, of X's shape.

$$ \text{mean}_{chw} = \frac1N \sum_n x_{nchw}, \qquad \text{centred}_{nchw} = x_{nchw} - \text{mean}_{chw} $$

Every place of every channel has its own mean, over the N images. It is returned because test images must have the same
one subtracted, not their own.

X may hold bytes (`uint8`): both results are then floats, unrounded, and no difference wraps around below 0. float32
stays float32 in both results. N is at least 1. X itself stays as it is.

*Worked number.* Two images of one channel, [[0, 10]] and [[100, 30]], have the mean image [[50, 20]] and become
[[−50, −10]] and [[50, 10]].

**What the interviewer is after**: which axis disappears, and that bytes do not go below 0. **Follow-ups**: AlexNet
subtracted the mean image, later networks three numbers: why? What becomes of the mean image when test images have
another size? Why centre inputs at all: what do all-positive inputs do to the gradients of a first layer's weights?

<details><summary>Hint 1</summary>The mean over images keeps <code>(C, H, W)</code>: only one axis goes.</details>
<details><summary>Hint 2</summary><code>(N, C, H, W) − (C, H, W)</code> broadcasts as it stands.</details>
<details><summary>Hint 3</summary>The mean of bytes is already a float in NumPy. Leave it one.</details>
"""

# %% role="solve" id="subtract_mean_image"
from dlkit.reference.initialization import subtract_mean_image

# %% role="check" id="subtract_mean_image-check" points=2
with check("two tiny images worked by hand"):
    X = np.array([[[[0.0, 10.0]]], [[[100.0, 30.0]]]])
    expect(subtract_mean_image, X).close((np.array([[[[-50.0, -10.0]]], [[[50.0, 10.0]]]]), np.array([[[50.0, 20.0]]])))
with check("every channel and every place has its own mean"):
    first, second = np.arange(12.0).reshape(3, 2, 2), np.arange(12.0).reshape(3, 2, 2)[::-1] * 2
    mean, half = (first + second) / 2, (first - second) / 2
    expect(subtract_mean_image, np.array([first, second])).close((np.array([half, -half]), mean))
with check("bytes (uint8) become floats: below 0, and not rounded"):
    X = np.array([[[[0, 255], [3, 7]]], [[[255, 0], [4, 7]]]], dtype=np.uint8)
    half = np.array([[[-127.5, 127.5], [-0.5, 0.0]]])
    expect(subtract_mean_image, X).close((np.array([half, -half]), np.array([[[127.5, 127.5], [3.5, 7.0]]])))
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("X is left alone"):
    X = np.random.default_rng(0).normal(3, 2, (4, 3, 2, 5))
    expect(subtract_mean_image, X).close(reference.subtract_mean_image(X)).unchanged()
with check("float32 stays float32, in both results"):
    X = np.random.default_rng(1).normal(1, 2, (5, 3, 2, 2)).astype(np.float32)
    expected = reference.subtract_mean_image(X.astype(float))
    expect(subtract_mean_image, X).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("random shapes: one image, one channel, as many images as channels and rows"):
    rng = np.random.default_rng(2)
    for shape in [(1, 2, 3, 4), (6, 1, 2, 3), (3, 3, 3, 3), (2, 3, 1, 1)]:
        X = rng.normal(1, 2, shape)
        expect(subtract_mean_image, X).close(reference.subtract_mean_image(X))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### The channel means ★ · 6 min

**Given** images `X` of shape `(N, C, H, W)`, **return** the tuple `(centred, mean)`: the mean of each channel, of shape
`(C,)`, and the images without it, of X's shape.

$$ \text{mean}_{c} = \frac1{NHW} \sum_{n,\,h,\,w} x_{nchw}, \qquad \text{centred}_{nchw} = x_{nchw} - \text{mean}_{c} $$

For colour images that makes three numbers, whatever their size; test images must have the same ones subtracted.

X may hold bytes (`uint8`): both results are then floats, unrounded, and no difference wraps around below 0. float32
stays float32 in both results. X is not empty, and stays as it is. Mind images that are as wide as they have channels:
NumPy would subtract along the wrong axis without a word.

*Worked number.* One image of two channels, [[0, 10]] and [[100, 140]], has the means [5, 120] and becomes [[−5, 5]] and
[[−20, 20]].

**What the interviewer is after**: reducing over three axes and broadcasting back along the second. **Follow-ups**: why
does this suit convolutions better than a mean image? What does batch norm right after the first layer make of it? Which
numbers do you ship with a model trained on ImageNet? Is dividing by the std needed for pixels?

<details><summary>Hint 1</summary>Which three axes disappear? <code>mean</code> takes a tuple of axes.</details>
<details><summary>Hint 2</summary>NumPy lines up shapes from the right. Which axis of <code>(N, C, H, W)</code> would
<code>(C,)</code> meet?</details>
<details><summary>Hint 3</summary>Subtract it with the shape <code>(C, 1, 1)</code>, and return it with
<code>(C,)</code>.</details>
"""

# %% role="solve" id="subtract_channel_mean"
from dlkit.reference.initialization import subtract_channel_mean

# %% role="check" id="subtract_channel_mean-check" points=2
with check("one image of two channels worked by hand"):
    X = np.array([[[[0.0, 10.0]], [[100.0, 140.0]]]])
    expect(subtract_channel_mean, X).close((np.array([[[[-5.0, 5.0]], [[-20.0, 20.0]]]]), np.array([5.0, 120.0])))
with check("one mean for all images and all places of a channel"):
    X = np.array([[[[1.0, 3.0, 2.0]], [[10.0, 10.0, 10.0]]], [[[6.0, 0.0, 0.0]], [[40.0, 10.0, 10.0]]]])
    centred = np.array([[[[-1.0, 1.0, 0.0]], [[-5.0, -5.0, -5.0]]], [[[4.0, -2.0, -2.0]], [[25.0, -5.0, -5.0]]]])
    expect(subtract_channel_mean, X).close((centred, np.array([2.0, 15.0])))
with check("bytes (uint8) become floats: below 0, and not rounded"):
    X = np.array([[[[0, 255], [3, 8]]], [[[255, 0], [4, 1]]]], dtype=np.uint8)
    expect(subtract_channel_mean, X).close((X - 65.75, np.array([65.75])))
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("images as wide as they have channels"):
    X = np.random.default_rng(0).normal(0, 1, (2, 3, 3, 3)) + np.array([10.0, 20.0, 30.0]).reshape(3, 1, 1)
    expect(subtract_channel_mean, X).close(reference.subtract_channel_mean(X))
with check("X is left alone"):
    X = np.random.default_rng(1).normal(3, 2, (4, 3, 2, 5))
    expect(subtract_channel_mean, X).close(reference.subtract_channel_mean(X)).unchanged()
with check("float32 stays float32, in both results"):
    X = np.random.default_rng(2).normal(1, 2, (5, 3, 2, 2)).astype(np.float32)
    expected = reference.subtract_channel_mean(X.astype(float))
    expect(subtract_channel_mean, X).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("random shapes: one image, one channel, one pixel"):
    rng = np.random.default_rng(3)
    for shape in [(1, 2, 3, 4), (6, 1, 2, 3), (2, 2, 2, 2), (5, 3, 1, 1)]:
        X = rng.normal(1, 2, shape)
        expect(subtract_channel_mean, X).close(reference.subtract_channel_mean(X))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a mean that does harm
"""

# %% role="question" id="dark_pixels_turn_bright" points=1

# %% [markdown]
r"""
## Rotating the data

### Principal component analysis ★★ · 15 min

**Given** `X` of shape `(N, D)` and `k`, with 1 ≤ k ≤ min(N, D), **return** the tuple `(Z, components, explained)`. Let
$X_c$ be X with each column's mean taken away, and

$$ \tfrac1N X_c^\top X_c \, \mathbf{v}_i = \lambda_i \mathbf{v}_i, \qquad \lVert \mathbf{v}_i \rVert = 1, \qquad
\lambda_1 \ge \lambda_2 \ge \dots $$

the eigenvalues of its covariance with their unit eigenvectors. Then

| result | shape | what |
|---|---|---|
| `components` | `(k, D)` | the first k eigenvectors, one in each **row** |
| `Z` | `(N, k)` | the centred data along them: $X_c$ times the transpose of `components` |
| `explained` | `(k,)` | $\lambda_i / \sum_j \lambda_j$, the share of the **total** variance of all D features, falling |

**Sign.** With $\mathbf{v}$, $-\mathbf{v}$ is an eigenvector too. Here each component is turned so that its entry of
largest magnitude is positive (of equal ones the first), and its column of Z turns with it.

N may be smaller than D, and D may be 1. The features are centred, not divided by their std. float32 stays float32,
integers give the right floats, X stays as it is. Eigenvalues, singular values, what you like is allowed; the checks use
data whose eigenvalues lie well apart.

*Worked number.* X = [[9, 8], [−7, −4], [−2, 6], [4, −2]] has the mean [1, 2]. The components are [0.8, 0.6] and
[−0.6, 0.8], with λ = 50 and 12.5, so explained = [0.8, 0.2]; Z = [[10, 0], [−10, 0], [0, 5], [0, −5]].

**What the interviewer is after**: centre, order, rows or columns, and why the singular values of $X_c$ do it without
ever forming the covariance. **Follow-ups**: what does PCA find when you forget to centre? When would you divide by the
std first? How do you choose k? How would you apply a fitted PCA to test data, and what has a linear autoencoder to do
with it?

<details><summary>Hint 1</summary>Either <code>np.linalg.eigh</code> of the covariance, or <code>np.linalg.svd</code> of
the centred data with <code>full_matrices=False</code>. Look up in which order, and as rows or columns, each gives its
vectors.</details>
<details><summary>Hint 2</summary>eigh: eigenvalues rise, eigenvectors are columns. svd: singular values fall, the rows
of the third result are the components, and λ is S² / N.</details>
<details><summary>Hint 3</summary>For the sign find, row by row, the <code>argmax</code> of the absolute values, and
multiply each row by the sign of the entry that stands there. Compute Z afterwards.</details>
"""

# %% role="solve" id="pca"
from dlkit.reference.initialization import pca

# %% role="check" id="pca-check" points=4
with check("four points worked by hand, k = 2"):
    X = np.array([[9.0, 8.0], [-7.0, -4.0], [-2.0, 6.0], [4.0, -2.0]])
    Z, components = np.array([[10.0, 0.0], [-10.0, 0.0], [0.0, 5.0], [0.0, -5.0]]), np.array([[0.8, 0.6], [-0.6, 0.8]])
    found = expect(pca, X, 2)
    found.part(1).shape((2, 2)).satisfies(
        lambda rows, v=components: np.allclose(rows, v) or not np.allclose(abs((rows * v).sum(axis=1)), 1),
        "your components are right up to sign: turn each so that its entry of largest magnitude is positive",
    )
    found.close((Z, components, np.array([0.8, 0.2])))
with check("k = 1: the larger one, and its share of the total variance"):
    X = np.array([[9.0, 8.0], [-7.0, -4.0], [-2.0, 6.0], [4.0, -2.0]])
    Z, components = np.array([[10.0], [-10.0], [0.0], [0.0]]), np.array([[0.8, 0.6]])
    found = expect(pca, X, 1)
    found.part(2).shape((1,)).satisfies(lambda share: share[0] < 1.01, "a share of the total, and not the eigenvalue")
    found.part(2).satisfies(lambda share: share[0] < 0.99, "a share of the variance of all features, kept or not")
    found.close((Z, components, np.array([0.8])))
with check("the sign: the entry of largest magnitude is positive, and Z turns with it"):
    told = "your components are right up to sign: turn each so that its entry of largest magnitude is positive"
    for seed in (2, 8, 12, 13):
        X = np.random.default_rng(seed).normal(0, 1, (12, 3)) @ np.random.default_rng(seed).normal(0, 1, (3, 3)) + 3
        vectors = np.linalg.eigh(np.cov(X.T))[1].T[::-1]
        vectors = vectors * np.sign([row[abs(row).argmax()] for row in vectors])[:, None]
        found = expect(pca, X, 3)
        found.part(1).shape((3, 3)).satisfies(
            lambda rows, v=vectors: np.allclose(rows, v) or not np.allclose(abs((rows * v).sum(axis=1)), 1), told
        )
        found.part(1).close(vectors)
        found.part(0).close((X - X.mean(axis=0)) @ vectors.T)
with check("fewer samples than features"):
    X = np.array([[4.0, 7.0, -1.0, 2.0, 5.0], [-2.0, -1.0, -1.0, 2.0, 5.0]])
    Z, components = np.array([[5.0], [-5.0]]), np.array([[0.6, 0.8, 0.0, 0.0, 0.0]])
    expect(pca, X, 1).close((Z, components, np.array([1.0])))
with check("X is left alone"):
    X = np.array([[7.0, 2.0], [-1.0, 2.0], [3.0, 3.0], [3.0, 1.0]])
    expect(pca, X, 1).close((X[:, :1] - 3, np.array([[1.0, 0.0]]), np.array([16 / 17]))).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("random data: any N, D and k, also N < D"):
    for seed, N, D, k in [(14, 9, 4, 4), (15, 9, 4, 2), (4, 4, 7, 3), (1, 7, 5, 3), (154, 8, 8, 4), (5, 2, 3, 1)]:
        rng = np.random.default_rng(seed)
        X = rng.normal(0, 1, (N, D)) @ rng.normal(0, 1, (D, D)) + 3
        Z, components, explained = reference.pca(X, k)
        found = expect(pca, X, k)
        found.part(1).shape((k, D)).satisfies(
            lambda rows, v=components: np.allclose(rows, v) or not np.allclose(abs((rows * v).sum(axis=1)), 1),
            "your components are right up to sign: turn each so that its entry of largest magnitude is positive",
        )
        found.close((Z, components, explained))
with check("features of very different size, a mean far from 0: centred, but not standardized"):
    rng = np.random.default_rng(3)
    X = rng.normal(0, 1, (30, 3)) * np.array([0.1, 4.0, 1.0]) + np.array([50.0, -20.0, 7.0])
    components = reference.pca(X, 2)[1]
    found = expect(pca, X, 2)
    found.part(1).shape((2, 3)).satisfies(
        lambda rows, v=components: np.allclose(rows, v) or not np.allclose(abs((rows * v).sum(axis=1)), 1),
        "your components are right up to sign: turn each so that its entry of largest magnitude is positive",
    )
    found.close(reference.pca(X, 2))
with check("a single feature"):
    X = np.array([[1.0], [4.0], [-2.0]])
    expect(pca, X, 1).close((np.array([[0.0], [3.0], [-3.0]]), np.array([[1.0]]), np.array([1.0])))
with check("float32 stays float32"):
    rng = np.random.default_rng(6)
    X = (rng.normal(0, 1, (40, 4)) @ rng.normal(0, 1, (4, 4)) + 3).astype(np.float32)
    expect(pca, X, 3).close(reference.pca(X.astype(float), 3), rtol=1e-3, atol=1e-4).dtype(np.float32)
with check("integers give the right floats, bytes (uint8) too"):
    X = np.array([[9, 8], [-7, -4], [-2, 6], [4, -2]])
    expect(pca, X, 2).close(reference.pca(1.0 * X, 2))
    X = np.array([[255, 0, 9], [3, 200, 4], [90, 30, 200], [0, 0, 0], [120, 250, 60]], dtype=np.uint8)
    expect(pca, X, 2).close(reference.pca(1.0 * X, 2))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### PCA whitening ★★ · 12 min

**Given** `X` of shape `(N, D)` with N ≥ D, **return** the data, centred, in the axes of their principal components, and
each axis divided by its standard deviation. The shape stays `(N, D)`:

$$ X' = X_c\, V\, \mathrm{diag}\!\left(\frac1{\sqrt{\lambda_i + \varepsilon}}\right), \qquad
\frac1N X_c^\top X_c = V \mathrm{diag}(\lambda_i)\, V^\top $$

The covariance divides by N, not N − 1. `eps` > 0 stands **inside** the root: an axis without variance then stays near
0 instead of becoming noise of variance 1. Column i has variance $\lambda_i / (\lambda_i + \varepsilon)$, nearly 1, and
no two columns are correlated.

The columns come by falling λ. The sign of each is that of `pca`: in the eigenvector the entry of largest magnitude (of
equal ones the first) is positive.

A feature may be constant or a multiple of another, D may be 1, N may equal D. No NaN and no warning, in float32 too:
there `np.linalg.eigh` may give a λ below −eps for one that is 0, so cut λ at 0 if you use it. What comes out along
directions without variance is not judged then. float32 stays float32, integers give the right floats, X stays as it is.
The checks use data whose other eigenvalues lie well apart.

*Worked number.* X = [[9, 8], [−7, −4], [−2, 6], [4, −2]] has the components [0.8, 0.6] and [−0.6, 0.8] with λ = 50 and
12.5. With eps = 14 the first axis is divided by 8: its values 10 and −10 become 1.25 and −1.25. With the eps of 1e−5
they become ±1.414213, and the second axis's ±5 become ±1.414213 too.

**What the interviewer is after**: rotate, then scale, and what eps is for. **Follow-ups**: why do people rarely whiten
images for convolutional networks? What does whitening do to the noise in the last components? What would whitening cost
for 224 × 224 images? How is it applied to test data? What does batch norm do of it, and what not?

<details><summary>Hint 1</summary>Centre, find eigenvalues and eigenvectors, rotate. What is the variance of column i
then?</details>
<details><summary>Hint 2</summary>With the singular values S of the centred data, λ is S² / N. Compute it before you
add eps.</details>
<details><summary>Hint 3</summary>Fix the signs of the eigenvectors before you rotate, then divide column i by the root
of λ<sub>i</sub> + eps.</details>
"""

# %% role="solve" id="pca_whiten"
from dlkit.reference.initialization import pca_whiten

# %% role="check" id="pca_whiten-check" points=4
with check("four points worked by hand"):
    X = np.array([[9.0, 8.0], [-7.0, -4.0], [-2.0, 6.0], [4.0, -2.0]])
    a, b = 10 / np.sqrt(50.00001), 5 / np.sqrt(12.50001)
    expect(pca_whiten, X).shape((4, 2)).satisfies(
        lambda out, a=a, b=b: (
            (out[0, 0] > 0 and out[2, 1] > 0) or not np.allclose(abs(out), [[a, 0], [a, 0], [0, b], [0, b]])
        ),
        "your columns are right up to sign: in each eigenvector the entry of largest magnitude is to be positive",
    ).close([[a, 0.0], [-a, 0.0], [0.0, b], [0.0, -b]])
with check("eps stands inside the root, next to λ"):
    X = np.array([[9.0, 8.0], [-7.0, -4.0], [-2.0, 6.0], [4.0, -2.0]])
    b = 5 / np.sqrt(26.5)
    expect(pca_whiten, X, eps=14.0).close([[1.25, 0.0], [-1.25, 0.0], [0.0, b], [0.0, -b]])
with check("the columns have variance λ / (λ + eps) and are uncorrelated"):
    rng = np.random.default_rng(14)
    X = rng.normal(0, 1, (9, 4)) @ rng.normal(0, 1, (4, 4)) + 3
    values = np.linalg.eigvalsh(np.cov(X.T, ddof=0))[::-1]
    expect(pca_whiten, X, eps=0.25).shape((9, 4)).satisfies(
        lambda out, v=values: np.allclose(out.T @ out / len(out), np.diag(v / (v + 0.25))),
        "out.T @ out / N is diagonal, with λ / (λ + eps) on the diagonal, falling",
    )
with check("the sign: that of pca"):
    told = "your columns are right up to sign: in each eigenvector the entry of largest magnitude is to be positive"
    for seed in (2, 8, 12, 13):
        X = np.random.default_rng(seed).normal(0, 1, (12, 3)) @ np.random.default_rng(seed).normal(0, 1, (3, 3)) + 3
        values, vectors = (part[..., ::-1] for part in np.linalg.eigh(np.cov(X.T, ddof=0)))
        vectors = vectors * np.sign([column[abs(column).argmax()] for column in vectors.T])
        expected = (X - X.mean(axis=0)) @ vectors / np.sqrt(values + 1e-5)
        expect(pca_whiten, X).shape((12, 3)).satisfies(
            lambda out, w=expected: (
                np.allclose(out, w) or not np.allclose(abs((out * w).mean(axis=0)), (w * w).mean(axis=0))
            ),
            told,
        ).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("random data, a single feature, N = D"):
    for seed, N, D, eps in [(14, 9, 4, 1e-5), (2, 12, 3, 0.3), (0, 20, 2, 1e-3), (0, 6, 1, 0.5), (1, 3, 3, 0.1)]:
        rng = np.random.default_rng(seed)
        X = rng.normal(0, 1, (N, D)) @ rng.normal(0, 1, (D, D)) + 3
        expected = reference.pca_whiten(X, eps)
        expect(pca_whiten, X, eps=eps).shape((N, D)).satisfies(
            lambda out, w=expected: (
                np.allclose(out, w) or not np.allclose(abs((out * w).mean(axis=0)), (w * w).mean(axis=0))
            ),
            "your columns are right up to sign: in each eigenvector the entry of largest magnitude is to be positive",
        ).close(expected)
with check("a constant feature: its axis comes last and is 0, no warning"):
    X = np.array([[3.0, 9.0, 8.0], [3.0, -7.0, -4.0], [3.0, -2.0, 6.0], [3.0, 4.0, -2.0]])
    expect(pca_whiten, X).close(reference.pca_whiten(X)).no_warning()
with check("float32, all features multiples of one: no NaN, no warning"):
    t = np.array([41, -97, 6, 80, -33, 57, -12, 94, -68, 23], dtype=np.float32)
    for multiples in [(3, 4), (2, -1, 2), (1, 2, 2, 4), (1, 1, 3, 5, 8), (7, 1, -3, 2, 5, -4, 6, 2)]:
        expected = (t - t.mean(dtype=float)) / t.std(dtype=float)
        found = expect(pca_whiten, np.outer(t, np.array(multiples, dtype=np.float32)))
        found.shape((10, len(multiples))).finite().no_warning().satisfies(
            lambda out, w=expected: np.allclose(out[:, 0], w, atol=0.05), "the first column right to 0.05"
        )
with check("float32 stays float32"):
    rng = np.random.default_rng(6)
    X = (rng.normal(0, 1, (40, 4)) @ rng.normal(0, 1, (4, 4)) + 3).astype(np.float32)
    expect(pca_whiten, X).close(reference.pca_whiten(X.astype(float)), rtol=1e-3, atol=1e-3).dtype(np.float32)
with check("integers give the right floats, bytes (uint8) too"):
    X = np.array([[9, 8], [-7, -4], [-2, 6], [4, -2]])
    expect(pca_whiten, X).close(reference.pca_whiten(1.0 * X))
    X = np.array([[255, 0], [3, 200], [90, 30], [0, 0], [120, 250]], dtype=np.uint8)
    expect(pca_whiten, X).close(reference.pca_whiten(1.0 * X))
with check("X is left alone"):
    X = np.array([[7.0, 2.0], [-1.0, 2.0], [3.0, 3.0], [3.0, 1.0]])
    expect(pca_whiten, X, eps=0.5).close((X - [3.0, 2.0]) / np.sqrt([8.5, 1.0])).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### ZCA whitening ★★ · 12 min

**Given** `X` of shape `(N, D)` with N ≥ D, **return** the data, centred, whitened and turned back into their own axes.
The shape stays `(N, D)`:

$$ X' = X_c\, V\, \mathrm{diag}\!\left(\frac1{\sqrt{\lambda_i + \varepsilon}}\right) V^\top, \qquad
\frac1N X_c^\top X_c = V \mathrm{diag}(\lambda_i)\, V^\top $$

The covariance divides by N, not N − 1. `eps` > 0 stands **inside** the root. As after PCA whitening, the covariance of
the result is nearly the identity. A rotation changes nothing about that, so there are many whitenings; this one
multiplies by a *symmetric* matrix, the inverse root of the covariance, and changes the data least. V appears twice, so
no sign and no order is left to choose.

A feature may be constant or a multiple of another, D may be 1, N may equal D. No NaN and no warning, in float32 too:
there `np.linalg.eigh` may give a λ below −eps for one that is 0, so cut λ at 0 if you use it. What comes out along
directions without variance is not judged then. float32 stays float32, integers give the right floats, X stays as it is.

*Worked number.* X = [[9, 8], [−7, −4], [−2, 6], [4, −2]] has the components [0.8, 0.6] and [−0.6, 0.8] with λ = 50 and
12.5. The first row, 10 along the first component, becomes 1.414213 · [0.8, 0.6] = [1.131371, 0.848528]. The third
becomes 1.414213 · [−0.6, 0.8] = [−0.848528, 1.131370].

**What the interviewer is after**: what the last rotation changes, and what it leaves. **Follow-ups**: why do ZCA images
still look like images, and PCA-whitened ones not? Why is a symmetric matrix the nearest to doing nothing? Which
rotation does a Cholesky factor choose? Compare ZCA with local contrast normalization, and with decorrelated batch norm.

<details><summary>Hint 1</summary>Whiten in the axes of the components first. Then undo the rotation.</details>
<details><summary>Hint 2</summary>V is orthogonal, so its transpose undoes it. With
<code>np.linalg.svd</code> the third result is already the transpose of V: mind which of the two comes last.</details>
<details><summary>Hint 3</summary>Or build the matrix first: the eigenvectors, each column divided by the root of its
λ + eps, times the transpose of the eigenvectors. It is symmetric: check that.</details>
"""

# %% role="solve" id="zca_whiten"
from dlkit.reference.initialization import zca_whiten

# %% role="check" id="zca_whiten-check" points=4
with check("four points worked by hand"):
    X = np.array([[9.0, 8.0], [-7.0, -4.0], [-2.0, 6.0], [4.0, -2.0]])
    a, b = 10 / np.sqrt(50.00001), 5 / np.sqrt(12.50001)
    first, third = np.array([0.8 * a, 0.6 * a]), np.array([-0.6 * b, 0.8 * b])
    expect(zca_whiten, X).close(np.array([first, -first, third, -third]))
with check("six points in three dimensions worked by hand: V, and not its transpose"):
    # The components are [2, 2, −1] / 3, [−1, 2, 2] / 3 and [2, −1, 2] / 3, whatever their signs not a symmetric V.
    mean, ends = np.array([1.0, 0.0, 2.0]), np.array([[6.0, 6.0, -3.0], [-2.0, 4.0, 4.0], [2.0, -1.0, 2.0]])
    out = ends / np.sqrt(np.array([[27.0], [12.0], [3.0]]) + 1e-5)
    expect(zca_whiten, np.concatenate([mean + ends, mean - ends])).close(np.concatenate([out, -out]))
with check("eps stands inside the root, next to λ"):
    X = np.array([[9.0, 8.0], [-7.0, -4.0], [-2.0, 6.0], [4.0, -2.0]])
    first, third = np.array([1.0, 0.75]), np.array([-3.0, 4.0]) / np.sqrt(26.5)
    expect(zca_whiten, X, eps=14.0).close(np.array([first, -first, third, -third]))
with check("the covariance of the result is the identity"):
    rng = np.random.default_rng(14)
    X = rng.normal(0, 1, (9, 4)) @ rng.normal(0, 1, (4, 4)) + 3
    expect(zca_whiten, X, eps=1e-9).shape((9, 4)).satisfies(
        lambda out: np.allclose(out.T @ out / len(out), np.eye(4), atol=1e-6), "out.T @ out / N is the identity"
    )
with check("the data are multiplied by a symmetric matrix: of all whitenings the nearest to the data"):
    rng = np.random.default_rng(2)
    X = rng.normal(0, 1, (12, 3)) @ rng.normal(0, 1, (3, 3)) + 3
    inverse = np.linalg.pinv(X - X.mean(axis=0))
    expect(zca_whiten, X, eps=1e-9).shape((12, 3)).satisfies(
        lambda out: np.allclose(out.T @ out / len(out), np.eye(3), atol=1e-6), "out.T @ out / N is the identity"
    ).satisfies(
        lambda out, i=inverse: np.allclose(i @ out, (i @ out).T) and np.linalg.eigvalsh(i @ out).min() > 0,
        "the matrix A in out = centred X @ A is symmetric, with positive eigenvalues; another whitening is not ZCA",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("random data, a single feature, N = D"):
    for seed, N, D, eps in [(14, 9, 4, 1e-5), (2, 12, 3, 0.3), (0, 20, 2, 1e-3), (0, 6, 1, 0.5), (1, 3, 3, 0.1)]:
        rng = np.random.default_rng(seed)
        X = rng.normal(0, 1, (N, D)) @ rng.normal(0, 1, (D, D)) + 3
        expect(zca_whiten, X, eps=eps).close(reference.zca_whiten(X, eps))
with check("a constant feature comes out 0, no warning"):
    X = np.array([[3.0, 9.0, 8.0], [3.0, -7.0, -4.0], [3.0, -2.0, 6.0], [3.0, 4.0, -2.0]])
    expect(zca_whiten, X).close(reference.zca_whiten(X)).no_warning()
with check("float32, all features multiples of one: no NaN, no warning"):
    t = np.array([41, -97, 6, 80, -33, 57, -12, 94, -68, 23], dtype=np.float32)
    for multiples in [(3, 4), (2, -1, 2), (1, 2, 2, 4), (1, 1, 3, 5, 8), (7, 1, -3, 2, 5, -4, 6, 2)]:
        direction = np.array(multiples) / np.linalg.norm(multiples)
        expected = (t - t.mean(dtype=float)) / t.std(dtype=float)
        found = expect(zca_whiten, np.outer(t, np.array(multiples, dtype=np.float32)))
        found.shape((10, len(multiples))).finite().no_warning().satisfies(
            lambda out, v=direction, w=expected: np.allclose(out @ v, w, atol=0.1),
            "right to 0.1 along the one direction that varies",
        )
with check("float32 stays float32"):
    rng = np.random.default_rng(6)
    X = (rng.normal(0, 1, (40, 4)) @ rng.normal(0, 1, (4, 4)) + 3).astype(np.float32)
    expect(zca_whiten, X).close(reference.zca_whiten(X.astype(float)), rtol=1e-3, atol=1e-3).dtype(np.float32)
with check("integers give the right floats, bytes (uint8) too"):
    X = np.array([[9, 8], [-7, -4], [-2, 6], [4, -2]])
    expect(zca_whiten, X).close(reference.zca_whiten(1.0 * X))
    X = np.array([[255, 0], [3, 200], [90, 30], [0, 0], [120, 250]], dtype=np.uint8)
    expect(zca_whiten, X).close(reference.zca_whiten(1.0 * X))
with check("X is left alone"):
    X = np.array([[7.0, 2.0], [-1.0, 2.0], [3.0, 3.0], [3.0, 1.0]])
    expect(zca_whiten, X, eps=0.5).close((X - [3.0, 2.0]) / np.sqrt([8.5, 1.0])).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: one cloud, five stages

400 points with two correlated features go through your functions: raw, centred, turned by `pca`, whitened by
`pca_whiten`, whitened by `zca_whiten`. A point's colour says in which quarter of the plane it was when the cloud had
been centred, and it keeps that colour.

*Make a prediction*: both whitened clouds are round. By what can you tell them apart? Which of the two moves the points
less?
"""

# %% role="demo" id="experiment-whitening"
from dlkit.lab import experiment, figure

title = "Whitening makes the cloud round; ZCA leaves each point about where it was"
with experiment(), figure(title, columns=5, width=12.5, height=3.5, sharey=True) as panels:
    along, across = np.array([0.5, math.sqrt(0.75)]), np.array([-math.sqrt(0.75), 0.5])  # tilted by 60 degrees
    t, u = np.random.default_rng(0).normal(0, 1, (2, 400, 1))
    X = 2 * t * along + 0.6 * u * across + [4, 2]  # (400, 2), long, thin and off centre
    centred = X - X.mean(axis=0)
    stages = [
        ("raw", X),
        ("centred", centred),
        ("PCA: turned", pca(X, 2)[0]),
        ("PCA-whitened", pca_whiten(X)),
        ("ZCA-whitened", zca_whiten(X)),
    ]
    quarter = 2 * (centred[:, 1] > 0) + (centred[:, 0] > 0)  # where the point was when the cloud had been centred
    colors = np.array(["#56B4E9", "#000000", "#E69F00", "#0072B2"])[quarter]
    for panel, (name, Z) in zip(panels, stages, strict=True):
        panel.axhline(0, color="0.6", linewidth=1)
        panel.axvline(0, color="0.6", linewidth=1)
        panel.scatter(*Z.T, s=7, c=colors)
        panel.set(title=name, xlim=(-5.5, 7.5), ylim=(-6, 7), aspect="equal", xticks=[-5, 0, 5], yticks=[-5, 0, 5])
        panel.set_xlabel("along the first component" if name.startswith("PCA") else "first feature")
        (a, c), (_, b) = np.cov(Z.T, bias=True)
        print(f"{name:13s} variances {a:.2f} and {b:.2f}, correlation {abs(c) / math.sqrt(a * b):.2f}", end="")
        moved = math.sqrt(np.mean(np.sum((Z - centred) ** 2, axis=1)))
        print("" if name in ("raw", "centred") else f", points moved by {moved:.2f} (root mean square)")
    panels[0].set_ylabel("second feature or component")

# %% [markdown]
r"""
**What it shows.** Centring moves the cloud to 0 and leaves its shape: variances 1.17 and 3.15, correlation 0.78. PCA
turns it until the correlation is 0; the long axis, with variance 3.96, lies along the first component, the short one,
0.36, along the second. PCA whitening divides each by its standard deviation, and the cloud is round.

ZCA whitening has the same covariance, the identity. The difference is in the colours: after PCA the dark blue points,
once at the upper right, are on the right, and orange and black have changed places; after ZCA every colour is about
where it was. The points have moved by 1.07 on average (root mean square), with PCA whitening by 2.24. A whitened cloud
may be turned in any way and stays white; of all these turns, ZCA's changes the data least.

**What to say in an interview.** “Centre, rotate, divide by the standard deviations: that is PCA whitening. Rotate back,
and it is ZCA. The covariance is the identity for both; ZCA stays closest to the data, so an image stays an image.”
"""

# %% [markdown]
r"""
### Experiment: whitened digits

The same for images: scikit-learn's 1,797 digits of 8 × 8 pixels, as 64 features each. The cell whitens all of them and
shows ten. Grey is 0 in the three lower rows.

For the raw and the ZCA-whitened images it also prints the correlation between neighbouring pixels, and how much of the
variance lies in the 32 weaker ones of the 64 principal components.

*Make a prediction*: in the raw images the weaker half holds 3 % of the variance. What does whitening with a tiny eps
make of it?
"""

# %% role="demo" id="experiment-whitened-digits"
from dlkit.lab import digits, experiment, figure

with experiment(), figure("A ZCA-whitened digit is still a digit", rows=4, height=4.6, width=8) as panels:
    X, labels = digits()
    ten = [np.flatnonzero(labels == digit)[3] for digit in range(10)]  # one image of each
    weak = pca(X, 64)[1][32:]  # (32, 64): the weaker half of the components
    stages = [
        ("raw", X),
        ("PCA-whitened, eps = 0.1: the 64 numbers are no pixels any more", pca_whiten(X, 0.1)),
        ("ZCA-whitened, eps = 0.1: still strokes, with sharper edges", zca_whiten(X, 0.1)),
        ("ZCA-whitened, eps = 1e-5: weak directions are as strong as strong ones", zca_whiten(X)),
    ]
    for panel, (name, Z) in zip(panels, stages, strict=True):
        images = Z.reshape(-1, 8, 8) - Z.mean(axis=0).reshape(8, 8)
        near, far = images[:, :, 2:5], images[:, :, 3:6]  # pixels and their right neighbours, where there is ink
        correlation = np.sum(near * far) / math.sqrt(np.sum(near**2) * np.sum(far**2))
        values = f"from {Z.min():.1f} to {Z.max():.1f}"
        print(f"{name.partition(':')[0]:25s} values {values:20s}", end="")
        if not name.startswith("PCA"):  # whose columns are no pixels
            share = np.var(Z @ weak.T, axis=0).sum() / np.var(Z, axis=0).sum()
            print(f" neighbours' correlation {correlation:.2f}   weaker half: {share:.0%} of the variance", end="")
        print()
        pictures = np.pad(Z[ten].reshape(10, 8, 8), ((0, 0), (0, 0), (0, 1)), constant_values=np.nan)
        strip = np.hstack(list(pictures))  # (8, 90), with a gap after each image
        limit = np.nanquantile(np.abs(strip), 0.99)
        panel.imshow(strip, cmap="gray", vmin=0 if name == "raw" else -limit, vmax=limit)
        panel.set_title(name, loc="left")
        panel.axis("off")

# %% [markdown]
r"""
**What it shows.** After PCA whitening the 64 numbers are coefficients of 64 components. Drawn as pixels they mean
nothing, and a convolution, which relies on neighbours, has nothing to work with. After ZCA whitening they are pixels
again: a digit is still a digit, with dark seams along its strokes, since what neighbours have in common is taken away.
Their correlation falls from 0.23 to 0.16 with eps = 0.1, and to 0.00 with eps = 1e-5.

The price is in the last line. With eps = 1e-5 the weaker half of the components, which held 3 % of the variance, has
45 %: whitening cannot tell fine detail from noise, and raises both. (It is not 50 %: three pixels are 0 in all images,
so three components have no variance, and eps keeps them at 0. A few more are almost as weak.) The largest value is
36.3, in a pixel that has ink in 4 of the 1,797 images. eps = 0.1 leaves the weaker half at 9 %.

**What to say in an interview.** “Whitening gives every direction the same variance, those that hold mostly noise too.
eps inside the root is the brake. For images people stop at centring and one scale per channel: the covariance of
224 × 224 × 3 pixels is a matrix of 150,528 rows, and batch norm does much of the scaling, though none of the
decorrelating.”
"""

# %% [markdown]
r"""
### Concept question: what whitening turns up
"""

# %% role="question" id="whitening_amplifies" points=1

# %% [markdown]
r"""
## Scaling the weights

### Fan-in and fan-out ★ · 5 min

**Given** the `shape` of a layer's weights, a tuple, **return** the tuple `(fan_in, fan_out)` of integers: over how many
inputs each output unit sums, and to how many output units each input goes.

| layer | shape | fan_in | fan_out |
|---|---|---|---|
| dense, x @ W | `(D, M)` | D | M |
| convolution | `(F, C, KH, KW)` | C · KH · KW | F · KH · KW |

What the two numbers are for: with independent weights and inputs of mean 0,

$$ \mathrm{Var}(\text{output}) = \text{fan}_\text{in} \cdot \mathrm{Var}(w) \cdot \mathrm{Var}(\text{input}), $$

and backwards the same with fan_out.

One filter sees C · KH · KW numbers at one place. Seen from the input, one pixel lies below KH · KW places of each of
the F filters (edges and strides are not counted). Kernels need not be square.

Mind the two layouts: a dense layer's inputs come first here (PyTorch keeps `(M, D)`), a convolution's filters come
first.

*Worked number.* `(784, 100)` gives (784, 100). `(64, 3, 7, 7)` gives (147, 3136).

**What the interviewer is after**: does the kernel's area count, and on both sides? **Follow-ups**: which of the two
does He's rule take, and why? What is the fan_in of a depthwise convolution? What becomes of fan_out with a stride of 2?
Which fans has a 1 × 1 convolution?

<details><summary>Hint 1</summary>Write down the sum that makes one output number. How many terms has it?</details>
<details><summary>Hint 2</summary>The number of axes tells the two layers apart.</details>
<details><summary>Hint 3</summary>For a convolution the area KH · KW multiplies both channel counts; only which of them
is the input's is left to decide.</details>
"""

# %% role="solve" id="fan_in_fan_out"
from dlkit.reference.initialization import fan_in_fan_out

# %% role="check" id="fan_in_fan_out-check" points=2
with check("a dense layer and a convolution worked by hand"):
    expect(fan_in_fan_out, (784, 100)).close((784, 100))
    expect(fan_in_fan_out, (64, 3, 7, 7)).close((147, 3136))
with check("a kernel that is not square"):
    expect(fan_in_fan_out, (4, 3, 2, 5)).close((30, 40))
with check("dense layers that widen and narrow, next to a 1 × 1 convolution"):
    expect(fan_in_fan_out, (16, 32, 1, 1)).close((32, 16))
    expect(fan_in_fan_out, (3, 5)).close((3, 5))
    expect(fan_in_fan_out, (5, 3)).close((5, 3))
### BEGIN HIDDEN TESTS
with check("one filter, one channel, kernels of one row or one column"):
    for shape, fans in [
        ((1, 6, 3, 3), (54, 9)),
        ((8, 1, 1, 5), (5, 40)),
        ((2, 3, 4, 1), (12, 8)),
        ((1, 1, 1, 1), (1, 1)),
    ]:
        expect(fan_in_fan_out, shape).close(fans)
with check("dense layers of one input or one output, next to a large convolution"):
    for shape, fans in [((512, 256, 3, 3), (2304, 4608)), ((1, 4), (1, 4)), ((7, 1), (7, 1))]:
        expect(fan_in_fan_out, shape).close(fans)
with check("the results are whole numbers, as numbers and not as an array"):
    for shape, fans in [((6, 5, 3, 2), (30, 36)), ((40, 30), (40, 30))]:
        expect(fan_in_fan_out, shape).close(fans).satisfies(
            lambda found: all(np.shape(fan) == () and fan == int(fan) for fan in found), "two whole numbers"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a fan without its kernel
"""

# %% role="question" id="conv_fan_without_kernel" points=1

# %% [markdown]
r"""
### Xavier, uniform ★★ · 10 min

**Given** `shape`, a generator `rng` and `gain`, **return** weights of this shape, each drawn on its own from the
uniform law on $[-b, b]$:

$$ \sigma = \text{gain} \cdot \sqrt{\frac{2}{\text{fan}_\text{in} + \text{fan}_\text{out}}}, \qquad
b = \sqrt3\, \sigma $$

so that their standard deviation is σ: a uniform variable on $[-b, b]$ has variance $b^2 / 3$. The gain multiplies σ
(not the variance). Dense weights `(D, M)` have fan_in = D and fan_out = M; filters `(F, C, KH, KW)` have
fan_in = C · KH · KW and fan_out = F · KH · KW, as above.

Every number comes from `rng`: the same seed gives the same weights, another seed others. The functions of `np.random`
itself (`np.random.uniform`, `np.random.seed`, …) and generators of your own are **banned**.

The checks judge the law, not the stream: on 20 000 weights at a time they look at the shape, the mean, the variance (to
8 %), the largest entry (it must come within 0.2 % of b and not exceed it) and at whether entries repeat or depend on
their neighbours. In which order you draw is up to you, and any float dtype is right; chance refuses a right answer less
than once in a million.

*Worked number.* shape (80, 250): σ = √(2 / 330) = 0.077850 and b = 0.134840. Filters (50, 8, 5, 10): the fans are 400
and 2500, so σ = 0.026261 and b = 0.045486.

**What the interviewer is after**: derive the 6 in √(6 / (n + m)), and say whose variance which fan keeps.
**Follow-ups**: why the mean of the two fans, and not their product? Why does the derivation assume a linear activation,
and what gain does tanh get? Does it matter whether the law is uniform or normal? What of the biases?

<details><summary>Hint 1</summary>Which bound gives a uniform law the variance 2 / (fan_in + fan_out)?</details>
<details><summary>Hint 2</summary>Fans first: two numbers for <code>(D, M)</code>, and with the kernel's area for
filters.</details>
<details><summary>Hint 3</summary><code>rng.uniform(low, high, size=shape)</code> draws them all; the bound is √3 · gain
times a root.</details>
"""

# %% role="solve" id="xavier_uniform"
from dlkit.reference.initialization import xavier_uniform

# %% role="check" id="xavier_uniform-check" points=4
with check("(80, 250): mean 0 and variance 2 / (fan_in + fan_out)"):
    found = expect(xavier_uniform, (80, 250), np.random.default_rng(1)).shape((80, 250))
    told = "variance 2 / (80 + 250) = 0.00606; yours is "
    for other, named in [
        (1 / 80, "1 / fan_in"),
        (2 / 80, "2 / fan_in"),
        (2 / 250, "2 / fan_out"),
        (1 / 330, "1 / (fan_in + fan_out): the 2 is missing"),
        ((2 / 330) ** 2, "the square of it: is σ² given where σ is asked?"),
        (2 / 330 / 3, "a third of it: is σ taken for the bound?"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.mean()) < 0.05 * np.sqrt(2 / 330), "mean 0, to 5 % of the standard deviation")
    found.satisfies(lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %")
with check("(50, 8, 5, 10): the fans of filters include the kernel's area"):
    found = expect(xavier_uniform, (50, 8, 5, 10), np.random.default_rng(2)).shape((50, 8, 5, 10))
    told = "variance 2 / (400 + 2500) = 0.00069; yours is "
    for other, named in [
        (2 / 58, "2 / (C + F)"),
        (2 / 450, "2 / (C · KH · KW + F)"),
        (2 / 2010, "that of the layout (KH, KW, C, F)"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.var() / (2 / 2900) - 1) < 0.08, "variance 2 / (400 + 2500) = 0.00069, to 8 %")
with check("the law is uniform on [−b, b]", weight=2):
    b = np.sqrt(6 / 330)
    found = expect(xavier_uniform, (80, 250), np.random.default_rng(3)).shape((80, 250))
    found.satisfies(
        lambda W: abs((abs(W) < W.std()).mean() - 0.683) > 0.03 or abs(W).max() < 3 * W.std(),
        "a uniform law, with no entry beyond b = √(6 / (80 + 250)) = 0.1348; yours is a normal one",
    )
    found.satisfies(lambda W, b=b: abs(W).max() < 1.001 * b, "no entry beyond b = √(6 / (80 + 250)) = 0.1348")
    found.satisfies(
        lambda W, b=b: abs(W).max() > 0.998 * b, "the largest within 0.2 % of b = √(6 / (80 + 250)) = 0.1348"
    )
    found.satisfies(lambda W, b=b: abs(W.mean()) < 0.03 * b, "mean 0: as many entries below 0 as above")
    found.satisfies(lambda W, b=b: abs((abs(W) < b / 2).mean() - 0.5) < 0.03, "half of them between −b/2 and b/2")
with check("gain multiplies the standard deviation"):
    found = expect(xavier_uniform, (80, 250), np.random.default_rng(4), gain=3.0).shape((80, 250))
    for times, named in [(1, "the gain is left out"), (3, "the gain multiplies the variance")]:
        found.satisfies(
            lambda W, v=times * 2 / 330: abs(W.var() / v - 1) > 0.08, f"variance 9 · 2 / (80 + 250); yours: {named}"
        )
    found.satisfies(lambda W: abs(W.var() / (9 * 2 / 330) - 1) < 0.08, "variance 9 · 2 / (80 + 250) = 0.0545, to 8 %")
with check("every number comes from rng: no np.random function, no generator of your own", weight=2):
    expect(xavier_uniform, (80, 250), np.random.default_rng(6)).shape((80, 250)).satisfies(
        lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %"
    )
    forbid(
        xavier_uniform, "numpy.random.seed", "numpy.random.normal", "numpy.random.uniform", "numpy.random.rand",
        "numpy.random.randn", "numpy.random.standard_normal", "numpy.random.random_sample", "numpy.random.default_rng",
        "numpy.random.RandomState", "numpy.random.PCG64",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("the same seed gives the same weights, another seed gives others", weight=2):
    first = expect(xavier_uniform, (80, 250), np.random.default_rng(7)).value
    again = expect(xavier_uniform, (80, 250), np.random.default_rng(7)).shape((80, 250))
    again.satisfies(lambda W, first=first: np.allclose(W, first), "the same weights again: every number comes from rng")
    again.satisfies(lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %")
    expect(xavier_uniform, (80, 250), np.random.default_rng(8)).shape((80, 250)).satisfies(
        lambda W, first=first: not np.allclose(W, first), "other weights from another seed"
    )
with check("each weight is drawn on its own: no repeats, and nothing to do with its neighbours"):
    found = expect(xavier_uniform, (80, 250), np.random.default_rng(9)).shape((80, 250))
    found.satisfies(lambda W: np.unique(W).size > W.size / 10, "20 000 entries that do not repeat")
    for ahead, behind in [(np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])]:
        found.satisfies(
            lambda W, a=ahead, b=behind: abs((W[a] * W[b]).mean()) < 0.08 * 2 / 330, "neighbours that are independent"
        )
    found.satisfies(lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %")
with check("narrow layers, 1 × 1 filters and 3 × 3 filters"):
    for shape, fans in [((250, 80), 330), ((1, 20_000), 20_001), ((20_000, 1), 20_001), ((2000, 10, 1, 1), 2010),
                        ((60, 40, 3, 3), 900)]:  # fmt: skip
        expect(xavier_uniform, shape, np.random.default_rng(10)).shape(shape).satisfies(
            lambda W, v=2 / fans: abs(W.var() / v - 1) < 0.08, f"variance 2 / {fans}, to 8 %"
        )
with check("gain below 1, and the gain of tanh, 5/3, for filters"):
    for gain in (0.5, 5 / 3):
        expect(xavier_uniform, (50, 8, 5, 10), np.random.default_rng(11), gain=gain).shape((50, 8, 5, 10)).satisfies(
            lambda W, v=gain**2 * 2 / 2900: abs(W.var() / v - 1) < 0.08, f"variance {gain**2 * 2 / 2900:.6f}, to 8 %"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Xavier, normal ★★ · 8 min

**Given** `shape`, a generator `rng` and `gain`, **return** weights of this shape, each drawn on its own from the normal
law with mean 0 and standard deviation

$$ \sigma = \text{gain} \cdot \sqrt{\frac{2}{\text{fan}_\text{in} + \text{fan}_\text{out}}} $$

The gain multiplies σ (not the variance). Nothing is cut off or drawn again. Dense weights `(D, M)` have fan_in = D and
fan_out = M; filters `(F, C, KH, KW)` have fan_in = C · KH · KW and fan_out = F · KH · KW, as above.

Every number comes from `rng`: the same seed gives the same weights, another seed others. The functions of `np.random`
itself (`np.random.randn`, `np.random.seed`, …) and generators of your own are **banned**.

The checks judge the law, not the stream: on 20 000 weights at a time they look at the shape, the mean, the variance (to
8 %), the share within one standard deviation (68 %, to 3 points), the largest entry and at whether entries repeat or
depend on their neighbours. In which order you draw is up to you, and any float dtype is right; chance refuses a right
answer less than once in a million.

*Worked number.* shape (80, 250): σ = √(2 / 330) = 0.077850. Filters (50, 8, 5, 10): the fans are 400 and 2500, so
σ = 0.026261.

**What the interviewer is after**: 1 / fan_in keeps the variance forwards, 1 / fan_out backwards; this is the
compromise. Can you show where each comes from? **Follow-ups**: what happens over 50 layers when σ² is off by a factor
of 2? Which assumptions about inputs and activation does the derivation need? Why do Transformers often start smaller?

<details><summary>Hint 1</summary>The variance of a sum of fan_in independent products is fan_in times that of
one.</details>
<details><summary>Hint 2</summary><code>rng.normal</code> takes the standard deviation, not the variance.</details>
<details><summary>Hint 3</summary>σ is gain times the root of 2 over the sum of both fans; for filters each fan includes
the kernel's area.</details>
"""

# %% role="solve" id="xavier_normal"
from dlkit.reference.initialization import xavier_normal

# %% role="check" id="xavier_normal-check" points=4
with check("(80, 250): mean 0 and variance 2 / (fan_in + fan_out)"):
    found = expect(xavier_normal, (80, 250), np.random.default_rng(1)).shape((80, 250))
    told = "variance 2 / (80 + 250) = 0.00606; yours is "
    for other, named in [
        (1 / 80, "1 / fan_in"),
        (2 / 80, "2 / fan_in"),
        (2 / 250, "2 / fan_out"),
        (1 / 330, "1 / (fan_in + fan_out): the 2 is missing"),
        ((2 / 330) ** 2, "the square of it: is σ² given where σ is asked?"),
        (2 / 330 * 3, "three times it: is a uniform law's bound taken for σ?"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.mean()) < 0.05 * np.sqrt(2 / 330), "mean 0, to 5 % of the standard deviation")
    found.satisfies(lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %")
with check("(50, 8, 5, 10): the fans of filters include the kernel's area"):
    found = expect(xavier_normal, (50, 8, 5, 10), np.random.default_rng(2)).shape((50, 8, 5, 10))
    told = "variance 2 / (400 + 2500) = 0.00069; yours is "
    for other, named in [
        (2 / 58, "2 / (C + F)"),
        (2 / 450, "2 / (C · KH · KW + F)"),
        (2 / 2010, "that of the layout (KH, KW, C, F)"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.var() / (2 / 2900) - 1) < 0.08, "variance 2 / (400 + 2500) = 0.00069, to 8 %")
with check("the law is normal: 68 % of the entries lie within one standard deviation", weight=2):
    s = np.sqrt(2 / 330)
    found = expect(xavier_normal, (80, 250), np.random.default_rng(3)).shape((80, 250))
    found.satisfies(
        lambda W: abs((abs(W) < W.std()).mean() - 0.577) > 0.03 or abs(W).max() > 2 * W.std(),
        "a normal law, 68 % of it within one standard deviation; yours is a uniform one",
    )
    found.satisfies(lambda W, s=s: abs((abs(W) < s).mean() - 0.683) < 0.03, "68 % within one standard deviation")
    found.satisfies(lambda W, s=s: 3 * s < abs(W).max() < 8 * s, "the largest of 20 000 is 3 to 8 standard deviations")
with check("gain multiplies the standard deviation"):
    found = expect(xavier_normal, (80, 250), np.random.default_rng(4), gain=3.0).shape((80, 250))
    for times, named in [(1, "the gain is left out"), (3, "the gain multiplies the variance")]:
        found.satisfies(
            lambda W, v=times * 2 / 330: abs(W.var() / v - 1) > 0.08, f"variance 9 · 2 / (80 + 250); yours: {named}"
        )
    found.satisfies(lambda W: abs(W.var() / (9 * 2 / 330) - 1) < 0.08, "variance 9 · 2 / (80 + 250) = 0.0545, to 8 %")
with check("every number comes from rng: no np.random function, no generator of your own", weight=2):
    expect(xavier_normal, (80, 250), np.random.default_rng(6)).shape((80, 250)).satisfies(
        lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %"
    )
    forbid(
        xavier_normal, "numpy.random.seed", "numpy.random.normal", "numpy.random.uniform", "numpy.random.rand",
        "numpy.random.randn", "numpy.random.standard_normal", "numpy.random.random_sample", "numpy.random.default_rng",
        "numpy.random.RandomState", "numpy.random.PCG64",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("the same seed gives the same weights, another seed gives others", weight=2):
    first = expect(xavier_normal, (80, 250), np.random.default_rng(7)).value
    again = expect(xavier_normal, (80, 250), np.random.default_rng(7)).shape((80, 250))
    again.satisfies(lambda W, first=first: np.allclose(W, first), "the same weights again: every number comes from rng")
    again.satisfies(lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %")
    expect(xavier_normal, (80, 250), np.random.default_rng(8)).shape((80, 250)).satisfies(
        lambda W, first=first: not np.allclose(W, first), "other weights from another seed"
    )
with check("each weight is drawn on its own: no repeats, and nothing to do with its neighbours"):
    found = expect(xavier_normal, (80, 250), np.random.default_rng(9)).shape((80, 250))
    found.satisfies(lambda W: np.unique(W).size > W.size / 10, "20 000 entries that do not repeat")
    for ahead, behind in [(np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])]:
        found.satisfies(
            lambda W, a=ahead, b=behind: abs((W[a] * W[b]).mean()) < 0.08 * 2 / 330, "neighbours that are independent"
        )
    found.satisfies(lambda W: abs(W.var() / (2 / 330) - 1) < 0.08, "variance 2 / (80 + 250) = 0.00606, to 8 %")
with check("narrow layers, 1 × 1 filters and 3 × 3 filters"):
    for shape, fans in [((250, 80), 330), ((1, 20_000), 20_001), ((20_000, 1), 20_001), ((2000, 10, 1, 1), 2010),
                        ((60, 40, 3, 3), 900)]:  # fmt: skip
        expect(xavier_normal, shape, np.random.default_rng(10)).shape(shape).satisfies(
            lambda W, v=2 / fans: abs(W.var() / v - 1) < 0.08, f"variance 2 / {fans}, to 8 %"
        )
with check("gain below 1, and the gain of tanh, 5/3, for filters"):
    for gain in (0.5, 5 / 3):
        expect(xavier_normal, (50, 8, 5, 10), np.random.default_rng(11), gain=gain).shape((50, 8, 5, 10)).satisfies(
            lambda W, v=gain**2 * 2 / 2900: abs(W.var() / v - 1) < 0.08, f"variance {gain**2 * 2 / 2900:.6f}, to 8 %"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Kaiming, uniform ★★ · 10 min

**Given** `shape`, a generator `rng`, `mode` and `slope`, **return** weights of this shape, each drawn on its own from
the uniform law on $[-b, b]$:

$$ \sigma = \frac{\text{gain}}{\sqrt{\text{fan}}}, \qquad \text{gain} = \sqrt{\frac{2}{1 + \text{slope}^2}}, \qquad
b = \sqrt3\, \sigma $$

`mode` says which fan: `"fan_in"` (the default) or `"fan_out"`; any other word raises `ValueError`. `slope` is that of
the leaky ReLU that follows: 0 is ReLU, 1 no activation at all. It may be negative.

Dense weights `(D, M)` have fan_in = D and fan_out = M; filters `(F, C, KH, KW)` have fan_in = C · KH · KW and
fan_out = F · KH · KW, as above.

Every number comes from `rng`: the same seed gives the same weights, another seed others. The functions of `np.random`
itself (`np.random.uniform`, `np.random.seed`, …) and generators of your own are **banned**.

The checks judge the law, not the stream: on 20 000 weights at a time they look at the shape, the mean, the variance (to
8 %), the largest entry (it must come within 0.2 % of b and not exceed it) and at whether entries repeat or depend on
their neighbours. In which order you draw is up to you, and any float dtype is right; chance refuses a right answer less
than once in a million.

*Worked number.* shape (80, 250): σ = √(2 / 80) = 0.158114 and b = 0.273861; with mode "fan_out" b = 0.154919. Filters
(50, 8, 5, 10) have fan_in 400, so b = 0.122474.

**What the interviewer is after**: ReLU throws half of the signal's power away, and the 2 brings it back.
**Follow-ups**: what does slope 1 give, and why is it 1 / fan? When does fan_out matter? PyTorch's `nn.Linear` calls
this with slope √5: which bound comes out, and is it He's rule? What do residual blocks ask of it?

<details><summary>Hint 1</summary>A uniform law on [−b, b] has variance b² / 3.</details>
<details><summary>Hint 2</summary>Compute both fans, then pick one by <code>mode</code>. What do you do with a word that
is neither?</details>
<details><summary>Hint 3</summary>b is the root of 6 / ((1 + slope²) · fan).</details>
"""

# %% role="solve" id="kaiming_uniform"
from dlkit.reference.initialization import kaiming_uniform

# %% role="check" id="kaiming_uniform-check" points=4
with check("(80, 250): mean 0 and variance 2 / fan_in"):
    found = expect(kaiming_uniform, (80, 250), np.random.default_rng(1)).shape((80, 250))
    told = "variance 2 / 80 = 0.025; yours is "
    for other, named in [
        (1 / 80, "1 / fan_in: the 2 for ReLU is missing"),
        (2 / 250, "2 / fan_out"),
        (2 / 330, "Xavier's, 2 / (fan_in + fan_out)"),
        ((2 / 80) ** 2, "the square of it: is σ² given where σ is asked?"),
        (2 / 80 / 3, "a third of it: is σ taken for the bound?"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.mean()) < 0.05 * np.sqrt(2 / 80), "mean 0, to 5 % of the standard deviation")
    found.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %")
with check("(50, 8, 5, 10): the fans of filters include the kernel's area"):
    found = expect(kaiming_uniform, (50, 8, 5, 10), np.random.default_rng(2)).shape((50, 8, 5, 10))
    told = "variance 2 / 400 = 0.005; yours is "
    for other, named in [
        (2 / 8, "2 / C"),
        (2 / 50, "2 / F"),
        (2 / 2500, "2 / (F · KH · KW): that is fan_out"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.var() / (2 / 400) - 1) < 0.08, "variance 2 / 400 = 0.005, to 8 %")
with check("the law is uniform on [−b, b]", weight=2):
    b = np.sqrt(6 / 80)
    found = expect(kaiming_uniform, (80, 250), np.random.default_rng(3)).shape((80, 250))
    found.satisfies(
        lambda W: abs((abs(W) < W.std()).mean() - 0.683) > 0.03 or abs(W).max() < 3 * W.std(),
        "a uniform law, with no entry beyond b = √(6 / 80) = 0.2739; yours is a normal one",
    )
    found.satisfies(lambda W, b=b: abs(W).max() < 1.001 * b, "no entry beyond b = √(6 / 80) = 0.2739")
    found.satisfies(lambda W, b=b: abs(W).max() > 0.998 * b, "the largest within 0.2 % of b = √(6 / 80) = 0.2739")
    found.satisfies(lambda W, b=b: abs(W.mean()) < 0.03 * b, "mean 0: as many entries below 0 as above")
    found.satisfies(lambda W, b=b: abs((abs(W) < b / 2).mean() - 0.5) < 0.03, "half of them between −b/2 and b/2")
with check("mode: fan_out divides by the other fan"):
    found = expect(kaiming_uniform, (80, 250), np.random.default_rng(4), mode="fan_out").shape((80, 250))
    found.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) > 0.08, "variance 2 / 250 = 0.008; yours is 2 / fan_in")
    found.satisfies(lambda W: abs(W.var() / (2 / 250) - 1) < 0.08, "variance 2 / 250 = 0.008, to 8 %")
with check("slope 1: variance 1 / fan_in; slope −0.5: 1.6 / fan_in"):
    for slope, variance in [(1.0, 1 / 80), (-0.5, 1.6 / 80)]:
        found = expect(kaiming_uniform, (80, 250), np.random.default_rng(5), slope=slope).shape((80, 250))
        for other, named in [
            (2 / 80, "the slope is left out"),
            (2 / (1 + slope) / 80, "the slope is not squared"),
            (2 * (1 + slope**2) / 80, "1 + slope² multiplies"),
        ]:
            if abs(other / variance - 1) > 0.2:
                told = f"variance {variance:.4f}; yours is that of a mistake: {named}"
                found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told)
        found.satisfies(lambda W, v=variance: abs(W.var() / v - 1) < 0.08, f"variance {variance:.4f}, to 8 %")
with check("every number comes from rng: no np.random function, no generator of your own", weight=2):
    expect(kaiming_uniform, (80, 250), np.random.default_rng(6)).shape((80, 250)).satisfies(
        lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %"
    )
    forbid(
        kaiming_uniform, "numpy.random.seed", "numpy.random.normal", "numpy.random.uniform", "numpy.random.rand",
        "numpy.random.randn", "numpy.random.standard_normal", "numpy.random.random_sample", "numpy.random.default_rng",
        "numpy.random.RandomState", "numpy.random.PCG64",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("the same seed gives the same weights, another seed gives others", weight=2):
    first = expect(kaiming_uniform, (80, 250), np.random.default_rng(7)).value
    again = expect(kaiming_uniform, (80, 250), np.random.default_rng(7)).shape((80, 250))
    again.satisfies(lambda W, first=first: np.allclose(W, first), "the same weights again: every number comes from rng")
    again.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %")
    expect(kaiming_uniform, (80, 250), np.random.default_rng(8)).shape((80, 250)).satisfies(
        lambda W, first=first: not np.allclose(W, first), "other weights from another seed"
    )
with check("each weight is drawn on its own: no repeats, and nothing to do with its neighbours"):
    found = expect(kaiming_uniform, (80, 250), np.random.default_rng(9)).shape((80, 250))
    found.satisfies(lambda W: np.unique(W).size > W.size / 10, "20 000 entries that do not repeat")
    for ahead, behind in [(np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])]:
        found.satisfies(
            lambda W, a=ahead, b=behind: abs((W[a] * W[b]).mean()) < 0.08 * 2 / 80, "neighbours that are independent"
        )
    found.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %")
with check("narrow layers and 1 × 1 filters, in both modes"):
    for shape, mode, fan in [
        ((250, 80), "fan_in", 250), ((250, 80), "fan_out", 80), ((1, 20_000), "fan_in", 1), ((20_000, 1), "fan_out", 1),
        ((2000, 10, 1, 1), "fan_in", 10), ((2000, 10, 1, 1), "fan_out", 2000), ((50, 8, 5, 10), "fan_out", 2500),
    ]:  # fmt: skip
        expect(kaiming_uniform, shape, np.random.default_rng(10), mode=mode).shape(shape).satisfies(
            lambda W, v=2 / fan: abs(W.var() / v - 1) < 0.08, f"variance {2 / fan:.5f}, to 8 %"
        )
with check("slope and mode together"):
    for mode, fan in [("fan_in", 400), ("fan_out", 2500)]:
        expect(kaiming_uniform, (50, 8, 5, 10), np.random.default_rng(11), mode=mode, slope=2.0).shape(
            (50, 8, 5, 10)
        ).satisfies(lambda W, v=0.4 / fan: abs(W.var() / v - 1) < 0.08, f"variance {0.4 / fan:.5f}, to 8 %")
with check("an unknown mode raises ValueError, after a known one has worked"):
    expect(kaiming_uniform, (80, 250), np.random.default_rng(12), mode="fan_in").shape((80, 250)).satisfies(
        lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %"
    )
    for mode in ("fan_avg", "fanout", ""):
        expect(kaiming_uniform, (4, 5), np.random.default_rng(13), mode=mode).raises(ValueError)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Kaiming, normal ★★ · 8 min

**Given** `shape`, a generator `rng`, `mode` and `slope`, **return** weights of this shape, each drawn on its own from
the normal law with mean 0 and standard deviation

$$ \sigma = \frac{\text{gain}}{\sqrt{\text{fan}}}, \qquad \text{gain} = \sqrt{\frac{2}{1 + \text{slope}^2}} $$

`mode` says which fan: `"fan_in"` (the default) or `"fan_out"`; any other word raises `ValueError`. `slope` is that of
the leaky ReLU that follows: 0 is ReLU, 1 no activation at all. It may be negative. Nothing is cut off or drawn again.

Dense weights `(D, M)` have fan_in = D and fan_out = M; filters `(F, C, KH, KW)` have fan_in = C · KH · KW and
fan_out = F · KH · KW, as above.

Every number comes from `rng`: the same seed gives the same weights, another seed others. The functions of `np.random`
itself (`np.random.randn`, `np.random.seed`, …) and generators of your own are **banned**.

The checks judge the law, not the stream: on 20 000 weights at a time they look at the shape, the mean, the variance (to
8 %), the share within one standard deviation (68 %, to 3 points), the largest entry and at whether entries repeat or
depend on their neighbours. In which order you draw is up to you, and any float dtype is right; chance refuses a right
answer less than once in a million.

*Worked number.* shape (80, 250): σ = √(2 / 80) = 0.158114; with mode "fan_out" 0.089443. Filters (50, 8, 5, 10) have
fan_in 400, so σ = 0.070711.

**What the interviewer is after**: derive the 2 from E[relu(z)²] = ½ E[z²], and know when it is wrong. **Follow-ups**:
what happens to a 30-layer ReLU network under Xavier? Which gain has a leaky ReLU of slope 0.2? Why does either fan do,
if all layers take the same one? Does batch norm make the choice pointless?

<details><summary>Hint 1</summary>The variance is gain² / fan; <code>rng.normal</code> wants its root.</details>
<details><summary>Hint 2</summary>Compute both fans, then pick one by <code>mode</code>. What do you do with a word that
is neither?</details>
<details><summary>Hint 3</summary>For filters fan_in is C · KH · KW: everything but the first axis.</details>
"""

# %% role="solve" id="kaiming_normal"
from dlkit.reference.initialization import kaiming_normal

# %% role="check" id="kaiming_normal-check" points=4
with check("(80, 250): mean 0 and variance 2 / fan_in"):
    found = expect(kaiming_normal, (80, 250), np.random.default_rng(1)).shape((80, 250))
    told = "variance 2 / 80 = 0.025; yours is "
    for other, named in [
        (1 / 80, "1 / fan_in: the 2 for ReLU is missing"),
        (2 / 250, "2 / fan_out"),
        (2 / 330, "Xavier's, 2 / (fan_in + fan_out)"),
        ((2 / 80) ** 2, "the square of it: is σ² given where σ is asked?"),
        (2 / 80 * 3, "three times it: is a uniform law's bound taken for σ?"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.mean()) < 0.05 * np.sqrt(2 / 80), "mean 0, to 5 % of the standard deviation")
    found.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %")
with check("(50, 8, 5, 10): the fans of filters include the kernel's area"):
    found = expect(kaiming_normal, (50, 8, 5, 10), np.random.default_rng(2)).shape((50, 8, 5, 10))
    told = "variance 2 / 400 = 0.005; yours is "
    for other, named in [
        (2 / 8, "2 / C"),
        (2 / 50, "2 / F"),
        (2 / 2500, "2 / (F · KH · KW): that is fan_out"),
    ]:
        found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told + named)
    found.satisfies(lambda W: abs(W.var() / (2 / 400) - 1) < 0.08, "variance 2 / 400 = 0.005, to 8 %")
with check("the law is normal: 68 % of the entries lie within one standard deviation", weight=2):
    s = np.sqrt(2 / 80)
    found = expect(kaiming_normal, (80, 250), np.random.default_rng(3)).shape((80, 250))
    found.satisfies(
        lambda W: abs((abs(W) < W.std()).mean() - 0.577) > 0.03 or abs(W).max() > 2 * W.std(),
        "a normal law, 68 % of it within one standard deviation; yours is a uniform one",
    )
    found.satisfies(lambda W, s=s: abs((abs(W) < s).mean() - 0.683) < 0.03, "68 % within one standard deviation")
    found.satisfies(lambda W, s=s: 3 * s < abs(W).max() < 8 * s, "the largest of 20 000 is 3 to 8 standard deviations")
with check("mode: fan_out divides by the other fan"):
    found = expect(kaiming_normal, (80, 250), np.random.default_rng(4), mode="fan_out").shape((80, 250))
    found.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) > 0.08, "variance 2 / 250 = 0.008; yours is 2 / fan_in")
    found.satisfies(lambda W: abs(W.var() / (2 / 250) - 1) < 0.08, "variance 2 / 250 = 0.008, to 8 %")
with check("slope 1: variance 1 / fan_in; slope −0.5: 1.6 / fan_in"):
    for slope, variance in [(1.0, 1 / 80), (-0.5, 1.6 / 80)]:
        found = expect(kaiming_normal, (80, 250), np.random.default_rng(5), slope=slope).shape((80, 250))
        for other, named in [
            (2 / 80, "the slope is left out"),
            (2 / (1 + slope) / 80, "the slope is not squared"),
            (2 * (1 + slope**2) / 80, "1 + slope² multiplies"),
        ]:
            if abs(other / variance - 1) > 0.2:
                told = f"variance {variance:.4f}; yours is that of a mistake: {named}"
                found.satisfies(lambda W, v=other: abs(W.var() / v - 1) > 0.08, told)
        found.satisfies(lambda W, v=variance: abs(W.var() / v - 1) < 0.08, f"variance {variance:.4f}, to 8 %")
with check("every number comes from rng: no np.random function, no generator of your own", weight=2):
    expect(kaiming_normal, (80, 250), np.random.default_rng(6)).shape((80, 250)).satisfies(
        lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %"
    )
    forbid(
        kaiming_normal, "numpy.random.seed", "numpy.random.normal", "numpy.random.uniform", "numpy.random.rand",
        "numpy.random.randn", "numpy.random.standard_normal", "numpy.random.random_sample", "numpy.random.default_rng",
        "numpy.random.RandomState", "numpy.random.PCG64",
    )  # fmt: skip
### BEGIN HIDDEN TESTS
with check("the same seed gives the same weights, another seed gives others", weight=2):
    first = expect(kaiming_normal, (80, 250), np.random.default_rng(7)).value
    again = expect(kaiming_normal, (80, 250), np.random.default_rng(7)).shape((80, 250))
    again.satisfies(lambda W, first=first: np.allclose(W, first), "the same weights again: every number comes from rng")
    again.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %")
    expect(kaiming_normal, (80, 250), np.random.default_rng(8)).shape((80, 250)).satisfies(
        lambda W, first=first: not np.allclose(W, first), "other weights from another seed"
    )
with check("each weight is drawn on its own: no repeats, and nothing to do with its neighbours"):
    found = expect(kaiming_normal, (80, 250), np.random.default_rng(9)).shape((80, 250))
    found.satisfies(lambda W: np.unique(W).size > W.size / 10, "20 000 entries that do not repeat")
    for ahead, behind in [(np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])]:
        found.satisfies(
            lambda W, a=ahead, b=behind: abs((W[a] * W[b]).mean()) < 0.08 * 2 / 80, "neighbours that are independent"
        )
    found.satisfies(lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %")
with check("narrow layers and 1 × 1 filters, in both modes"):
    for shape, mode, fan in [
        ((250, 80), "fan_in", 250), ((250, 80), "fan_out", 80), ((1, 20_000), "fan_in", 1), ((20_000, 1), "fan_out", 1),
        ((2000, 10, 1, 1), "fan_in", 10), ((2000, 10, 1, 1), "fan_out", 2000), ((50, 8, 5, 10), "fan_out", 2500),
    ]:  # fmt: skip
        expect(kaiming_normal, shape, np.random.default_rng(10), mode=mode).shape(shape).satisfies(
            lambda W, v=2 / fan: abs(W.var() / v - 1) < 0.08, f"variance {2 / fan:.5f}, to 8 %"
        )
with check("slope and mode together"):
    for mode, fan in [("fan_in", 400), ("fan_out", 2500)]:
        expect(kaiming_normal, (50, 8, 5, 10), np.random.default_rng(11), mode=mode, slope=2.0).shape(
            (50, 8, 5, 10)
        ).satisfies(lambda W, v=0.4 / fan: abs(W.var() / v - 1) < 0.08, f"variance {0.4 / fan:.5f}, to 8 %")
with check("an unknown mode raises ValueError, after a known one has worked"):
    expect(kaiming_normal, (80, 250), np.random.default_rng(12), mode="fan_in").shape((80, 250)).satisfies(
        lambda W: abs(W.var() / (2 / 80) - 1) < 0.08, "variance 2 / 80 = 0.025, to 8 %"
    )
    for mode in ("fan_avg", "fanout", ""):
        expect(kaiming_normal, (4, 5), np.random.default_rng(13), mode=mode).raises(ValueError)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: two wishes, one variance

He picks one of the two fans, Xavier the mean of both. What does the mean do in a layer that is not square?
"""

# %% role="question" id="xavier_unequal_fans" points=1

# %% [markdown]
r"""
### Truncated normal ★★ · 10 min

**Given** a `shape`, a standard deviation `std`, a generator `rng` (an `np.random.Generator`) and a `bound` (default 2),
**return** an array of this shape, its entries drawn independently from the normal law with mean 0 and standard
deviation `std`, *given that they lie within* ±`bound · std`:

$$ w = \text{std} \cdot z, \qquad z \sim \mathcal N(0, 1) \;\text{ given that }\; \lvert z \rvert \le \text{bound} $$

What falls outside is drawn again, as often as needed. Clipping is another law: it piles up 4.6 % of the weights at the
two bounds. `bound` counts in units of `std`: with std = 0.02 and bound = 2 nothing lies beyond ±0.04.

`std` is that of the normal law *before* it is cut. Afterwards it is smaller, and you leave it so:

$$ \text{std after} = \text{std} \cdot \sqrt{1 - \frac{2\,b\,\varphi(b)}{2\,\Phi(b) - 1}}, \qquad b = \text{bound} $$

Here φ and Φ are the standard normal density and distribution function.

Any shape is allowed, with an axis of length 0 too. All randomness comes from `rng`: the same seed gives the same
weights, another seed others. Numpy's global generator is ruled out (`np.random.seed`, `np.random.normal`,
`np.random.randn`, `np.random.standard_normal`, `np.random.uniform`, `np.random.rand`). Checks look at the law, not at
one stream: use the generator as you like. Loops are allowed, but fifty thousand weights must not take seconds.

*Worked number.* std = 0.02, bound = 2: every weight is in [−0.04, 0.04], and their standard deviation is
0.879626 · 0.02 = 0.0175925. With bound = 1 it is 0.539560 · 0.02 = 0.0107912.

**What the interviewer is after**: do you know the difference between truncating and clipping, and which standard
deviation the parameter means? **Follow-ups**: why cut the tails at all, and what does one weight of 4 · std do to a
unit? How would you correct `std` so that the result has the one you planned? How many draws does a weight need on
average at bound = 2, and at bound = 0.1? What would you do instead for a bound that small?

<details><summary>Hint 1</summary>Draw the whole array from N(0, 1) first. Which entries may not
stay?</details>
<details><summary>Hint 2</summary>A boolean mask picks them: <code>outside = np.abs(z) &gt; bound</code>. Assign new
draws to <code>z[outside]</code>. How many do you need, and are they all inside now?</details>
<details><summary>Hint 3</summary>A <code>while</code> loop that runs as long as <code>outside.any()</code>, and one
multiplication by std at the very end.</details>
"""

# %% role="solve" id="truncated_normal"
from dlkit.reference.initialization import truncated_normal

# %% role="check" id="truncated_normal-check" points=4
# All tolerances are at least six standard errors: one stream in a hundred million would fail a right answer.
with check("std 0.02, bound 2: shape (250, 200), nothing beyond ±0.04"):
    W = expect(truncated_normal, (250, 200), 0.02, np.random.default_rng(0)).shape((250, 200))
    W.satisfies(lambda W: np.abs(W).max() <= 0.04 * (1 + 1e-6), "no entry beyond 2 · 0.02 = 0.04, not a single one")
    W.satisfies(lambda W: np.abs(W).max() > 0.036, "entries all the way up to 0.04, on either side of 0")
with check("what is beyond the bound is drawn again: nothing piles up there", weight=2):
    W = expect(truncated_normal, (250, 200), 1.0, np.random.default_rng(1)).shape((250, 200))
    words = "no pile of entries at ±2: values beyond the bound are drawn again, not clipped"
    W.satisfies(lambda W: (np.abs(W) > 2 * (1 - 1e-6)).sum() < 30 and np.std(W) > 0.8, words)
with check("std is that before the cut: afterwards it is 0.8796 · std"):
    W = expect(truncated_normal, (250, 200), 0.02, np.random.default_rng(2)).shape((250, 200))
    words = "the normal law's middle, std 0.8796 · 0.02; yours looks uniform on ±0.04, where every value is as likely"
    W.satisfies(lambda W: abs(np.mean(np.abs(W) < 0.02) - 0.5) > 0.03, words)
    words = "a standard deviation within 1.6 % of 0.8796 · 0.02 = 0.01759: std is the normal law's before it is cut"
    W.satisfies(lambda W: abs(np.std(W) / 0.0175925 - 1) < 0.016, words)
    W.satisfies(lambda W: abs(np.mean(W)) < 0.0005, "a mean of 0, to within 0.0005")
with check("the same seed gives the same weights, another seed others"):
    call = expect(truncated_normal, (20, 30), 0.5, np.random.default_rng(3)).shape((20, 30))
    W = call.value
    expect(truncated_normal, (20, 30), 0.5, np.random.default_rng(3)).close(W)
    words = "other weights than those from another seed: draw them from rng"
    expect(truncated_normal, (20, 30), 0.5, np.random.default_rng(4)).shape((20, 30)).satisfies(
        lambda V, W=W: not np.allclose(V, W), words
    )
### BEGIN HIDDEN TESTS
with check("other bounds: 0.5, 1 and 3 times std, whatever std is"):
    # Bound, std, the truncated law's standard deviation in units of std, and six standard errors of it (n = 50 000).
    cases = [(1.0, 0.1, 0.539560, 0.0072), (3.0, 5.0, 0.986578, 0.018), (0.5, 2.0, 0.283882, 0.0036)]
    for bound, std, after, error in cases:
        W = expect(truncated_normal, (100, 500), std, np.random.default_rng(5), bound=bound).shape((100, 500))
        words = f"no entry beyond bound · std = {bound * std:g}"
        W.satisfies(lambda W, b=bound * std: np.abs(W).max() <= b * (1 + 1e-6), words)
        words = f"a standard deviation within {error:g} · std of {after:g} · std = {after * std:g}"
        W.satisfies(lambda W, a=after, e=error, s=std: abs(np.std(W) / s - a) < e, words)
with check("between the bounds the law is the normal one"):
    W = expect(truncated_normal, (50_000,), 3.0, np.random.default_rng(6)).shape((50_000,))
    W.satisfies(lambda W: abs(np.mean(np.abs(W) < 3.0) - 0.71523) < 0.0125, "71.5 % of the entries within one std")
    W.satisfies(lambda W: abs(np.mean(np.abs(W) < 1.5) - 0.40119) < 0.0135, "40.1 % of the entries within half a std")
    W.satisfies(lambda W: abs(np.mean(W > 0) - 0.5) < 0.0138, "half of the entries above 0")
with check("any shape: (7,), (1, 1), (3, 4, 5, 2), and (0, 3) too"):
    for shape in [(7,), (1, 1), (3, 4, 5, 2), (0, 3)]:
        W = expect(truncated_normal, shape, 0.1, np.random.default_rng(7), bound=0.7).shape(shape)
        W.satisfies(lambda W: (np.abs(W) <= 0.07 * (1 + 1e-6)).all(), "no entry beyond 0.7 · 0.1")
        W.satisfies(lambda W: np.unique(W).size >= np.size(W) - 1, "no equal entries: each is a draw of its own")
with check("numpy's global generator plays no part"):
    forbid(
        truncated_normal, "numpy.random.seed", "numpy.random.normal", "numpy.random.randn",
        "numpy.random.standard_normal", "numpy.random.uniform", "numpy.random.rand",
    )  # fmt: skip
    W = expect(truncated_normal, (40, 50), 1.0, np.random.default_rng(8), bound=1.0).shape((40, 50))
    W.satisfies(lambda W: np.abs(W).max() <= 1 + 1e-6 and np.std(W) > 0.4, "a spread of about 0.54, within ±1")
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Other starts

### Orthogonal weights ★★ · 10 min

**Given** a 2-D `shape` (rows, columns), a generator `rng` and a number `gain` (default 1), **return** `gain` times a
random matrix Q of this shape with orthonormal columns, or, where it is wider than high, orthonormal rows:

$$ W = \text{gain} \cdot Q, \qquad
\begin{cases} Q^\top Q = I & \text{rows} \ge \text{columns} \\ Q\, Q^\top = I & \text{rows} \le \text{columns}
\end{cases} $$

A square Q satisfies both. It turns and mirrors vectors, and changes no length: neither does a product of a hundred of
them. So a deep linear network of such layers keeps signal and gradient exactly, and not only on average.

Any orthonormal matrix drawn at random is right. Signs are free, and it need not be uniform over all orthogonal matrices
(Mezzadri's paper in the docstring tells what that takes). But it must come from `rng`: the same seed gives the same
matrix, another seed another. Numpy's global generator is ruled out (`np.random.seed`, `np.random.normal`,
`np.random.randn`, `np.random.standard_normal`, `np.random.uniform`, `np.random.rand`). Everything else is allowed,
`np.linalg.qr` and `np.linalg.svd` too. rows and columns are at least 1. $Q^\top Q$ is judged to 1e-6.

*Worked number.* Q = [[0.6, −0.8], [0.8, 0.6]] is one possible answer for (2, 2): [3, 4] @ Q = [5, 0], and both have
length 5. With gain = 2 the product is [10, 0], and WᵀW = 4 · I.

**What the interviewer is after**: can you say why all singular values 1 beats singular values that are 1 on average,
and what to do where the matrix is not square? **Follow-ups**: what are the singular values of a square normal matrix
with variance 1/n, and what do ten of them do to a gradient? Why do recurrent networks profit most? Which gain would you
take with ReLU, and does orthogonality still hold behind it? How do you start a convolution this way?

<details><summary>Hint 1</summary>Start from a matrix of independent normal numbers. Which decompositions have an
orthogonal factor?</details>
<details><summary>Hint 2</summary><code>np.linalg.qr</code> of an (m, n) matrix with m ≥ n gives a Q of shape (m, n)
with orthonormal columns. What does it give for m &lt; n?</details>
<details><summary>Hint 3</summary>For a wide matrix decompose one of the transposed shape, and transpose its Q. Multiply
by the gain only at the end: before the decomposition it is normalized away.</details>
"""

# %% role="solve" id="orthogonal"
from dlkit.reference.initialization import orthogonal

# %% role="check" id="orthogonal-check" points=4
with check("a tall matrix, (6, 4): its columns are orthonormal"):
    W = expect(orthogonal, (6, 4), np.random.default_rng(0)).shape((6, 4))
    W.satisfies(lambda W: np.allclose((W * W).sum(axis=0), 1, atol=1e-6), "columns of length 1")
    W.satisfies(lambda W: np.allclose(W.T @ W, np.eye(4), atol=1e-6), "columns at right angles: WᵀW = I")
with check("a wide matrix, (3, 7): its rows are orthonormal"):
    W = expect(orthogonal, (3, 7), np.random.default_rng(1)).shape((3, 7))
    W.satisfies(lambda W: np.allclose((W * W).sum(axis=1), 1, atol=1e-6), "rows of length 1")
    W.satisfies(lambda W: np.allclose(W @ W.T, np.eye(3), atol=1e-6), "rows at right angles: WWᵀ = I")
with check("a square matrix, (5, 5), keeps the length of every vector"):
    W = expect(orthogonal, (5, 5), np.random.default_rng(2)).shape((5, 5))
    v = np.random.default_rng(3).normal(size=(8, 5))
    W.satisfies(
        lambda W, v=v: np.allclose(np.linalg.norm(v @ W, axis=1), np.linalg.norm(v, axis=1), rtol=1e-5),
        "‖v @ W‖ = ‖v‖ for each of 8 vectors",
    )
with check("gain multiplies: with gain 3, WᵀW = 9 · I"):
    W = expect(orthogonal, (6, 4), np.random.default_rng(4), gain=3.0).shape((6, 4))
    W.satisfies(lambda W: np.allclose(W.T @ W, 9 * np.eye(4), atol=1e-5), "WᵀW = 9 · I")
with check("the same seed gives the same matrix, another seed another"):
    call = expect(orthogonal, (12, 12), np.random.default_rng(5)).shape((12, 12))
    W = call.value
    expect(orthogonal, (12, 12), np.random.default_rng(5)).close(W)
    expect(orthogonal, (12, 12), np.random.default_rng(6)).shape((12, 12)).satisfies(
        lambda V, W=W: not np.allclose(V, W), "another matrix than that from another seed: draw it from rng"
    )
### BEGIN HIDDEN TESTS
with check("gains other than 1 for a wide and for a square matrix"):
    for shape, gain in [((2, 9), 0.5), ((4, 4), math.sqrt(2)), ((9, 2), 0.1), ((5, 6), 2.0)]:
        W = expect(orthogonal, shape, np.random.default_rng(7), gain=gain).shape(shape)
        W.satisfies(
            lambda W, g=gain: np.allclose(np.linalg.svd(W / g, compute_uv=False), 1, atol=1e-6),
            f"every singular value equal to the gain, {gain:.4g}",
        )
with check("one row, one column, a single number"):
    for shape in [(1, 5), (5, 1), (1, 1)]:
        W = expect(orthogonal, shape, np.random.default_rng(8), gain=2.0).shape(shape)
        W.satisfies(lambda W: abs(np.linalg.norm(W) - 2) < 1e-6, "length 2, the gain")
with check("many shapes: the shorter side is orthonormal"):
    for rows, columns in [(2, 3), (3, 2), (8, 8), (20, 4), (4, 20), (7, 6)]:
        W = expect(orthogonal, (rows, columns), np.random.default_rng(9)).shape((rows, columns))
        W.satisfies(
            lambda W: np.allclose(W.T @ W if len(W) >= len(W[0]) else W @ W.T, np.eye(min(W.shape)), atol=1e-6),
            "WᵀW = I if rows ≥ columns, WWᵀ = I if rows ≤ columns",
        )
with check("numpy's global generator plays no part"):
    forbid(
        orthogonal, "numpy.random.seed", "numpy.random.normal", "numpy.random.randn",
        "numpy.random.standard_normal", "numpy.random.uniform", "numpy.random.rand",
    )  # fmt: skip
    W = expect(orthogonal, (4, 6), np.random.default_rng(10)).shape((4, 6))
    W.satisfies(lambda W: np.allclose(W @ W.T, np.eye(4), atol=1e-6), "orthonormal rows")
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: right on average, or in every direction
"""

# %% role="question" id="orthogonal_deep_product" points=1

# %% [markdown]
r"""
### Experiment: fifty linear layers

Answer the question above first: this picture bears on it. Fifty layers of 60 × 60 without any activation, once with
Gaussian weights of variance 1/60, once with your `orthogonal`. On the left are the singular values of the product of
the first layers, from the largest to the smallest. On the right 50 random inputs pass through the layers, and the
curve says how alike two of them have become: the mean of the cosine's absolute value, over all pairs.

*Make a prediction*: both keep the mean square of the signal. Two random inputs of 60 numbers start with a cosine of
about ±0.10. What is it after 50 layers?
"""

# %% role="demo" id="experiment-orthogonal"
from dlkit.lab import experiment, figure

with experiment(), figure("Fifty Gaussian layers forget nearly every direction", columns=2) as (left, right):
    kinds = [
        ("orthogonal", "o-", "C0", lambda rng: orthogonal((60, 60), rng)),
        ("Gaussian", "s-", "C1", lambda rng: rng.normal(0, 60**-0.5, (60, 60))),
    ]
    for name, style, color, make in kinds:
        rng = np.random.default_rng(0)
        inputs = rng.normal(0, 1, (50, 60))
        product, alike = np.eye(60), []
        for depth in range(51):
            if depth > 0:
                product = product @ make(rng)
            out = inputs @ product
            out = out / np.linalg.norm(out, axis=1, keepdims=True)
            cosines = np.abs(out @ out.T)[np.triu_indices(50, 1)]
            alike.append(np.mean(cosines))
            if depth in ((1, 10, 50) if name == "Gaussian" else (50,)):
                values = np.linalg.svd(product, compute_uv=False)
                shade = {1: 0.35, 10: 0.65, 50: 1.0}[depth]
                label = f"{name}, {depth} layer" + "s" * (depth > 1)
                left.semilogy(range(1, 61), values, color=color, alpha=shade, label=label)
                print(f"{label:22s} singular values: largest {values[0]:.1f}, ", end="")
                print(f"median {np.median(values):.1g}, above 0.1: {np.sum(values > 0.1):2d} of 60   ", end="")
                print(f"mean |cosine| {alike[-1]:.2f}")
        right.plot(alike, style, color=color, markersize=4, markevery=5, label=name)
    left.set(xlabel="number, by size", ylabel="value (logarithmic)", ylim=(1e-13, 50))
    left.set_title("singular values of the layers' product")
    right.set(xlabel="layers", ylabel="mean |cosine| of two inputs", ylim=(0, 1.03))
    right.set_title("how alike unrelated inputs have become")
    left.legend(loc="lower left")
    right.legend(loc="upper left")

# %% [markdown]
r"""
**What it shows.** One Gaussian layer has singular values from about 0 to 2: their mean square is 1, but they are not
all 1. In a product such differences multiply. After 10 layers 25 of the 60 directions are left with more than a tenth
of their length, after 50 layers 8; the median is $2 \cdot 10^{-8}$, while the largest is 5.7. So nearly all that comes
out lies in a few directions, whatever went in: the mean cosine of two unrelated inputs has risen from 0.10 to 0.55, and
the layers above find it harder to tell them apart. The gradient goes through the same product on its way back.

The orthogonal product has 60 singular values of 1. Lengths and angles stay, at any depth.

**What to say in an interview.** “A Gaussian start with the right variance is right on average. An orthogonal one is
right in every direction. That matters for recurrent and very deep plain networks. A ReLU behind each layer breaks the
guarantee, and with residual connections or normalization it matters little.”
"""

# %% [markdown]
r"""
## Symmetry

### How many different hidden units ★★ · 15 min

**Given** the weights `W1` (D, M) and `W2` (M, K) of a network without biases, all its data `X` (N, D) and `y` (N, K), a
learning rate `lr` and a number of `steps`, train it and **return** how many *different* hidden units it then has, an
integer from 1 to M.

$$ \text{out} = \tanh(X W_1)\, W_2, \qquad L = \frac{1}{2N} \sum_{n=1}^{N} \lVert \text{out}_n - y_n \rVert^2, \qquad
W_i \leftarrow W_i - \text{lr} \cdot \frac{\partial L}{\partial W_i} $$

Each step uses all N samples and moves both matrices at once: both gradients belong to the weights before the step.
‖·‖² sums over the K outputs, the mean is over the N samples.

A hidden unit is a column of `W1`. Two units are the same if no entry of their columns differs by more than 1e-9; their
rows of `W2` do not count. The checks leave no doubt: columns are either closer than 1e-10 or further apart than 1e-8.

`steps` may be 0: then you count what you were given. Compute in float64 whatever the dtypes are, float32 and integers
too. The arrays given are not changed. Loops are allowed.

*Worked number.* X = [[1]], y = [[1]], W1 = [[0.5, 0.5]], lr = 0.1, one step. With W2 = [[0.2], [0.2]] both units get
the same gradient: 1. With W2 = [[0.2], [0.3]] the output is 0.231059, ∂L/∂W1 = [[−0.120946, −0.181420]], and W1
becomes [[0.512095, 0.518142]]: 2.

**What the interviewer is after**: why may weights not start at 0, or all at one value? Say it with the gradient.
**Follow-ups**: what happens if W1 = 0 and W2 is random, if W2 = 0 and W1 is random, if both are 0? Does it help to make
only the biases different? Does momentum, Adam or dropout break the symmetry? Is the learning rate's size of any help?

<details><summary>Hint 1</summary>With h = tanh(X W1) and δ = (out − y) / N, write down both gradients. Where does
tanh′ come in, and how do you get it from h?</details>
<details><summary>Hint 2</summary><code>dW2 = h.T @ δ</code> and <code>dW1 = X.T @ (δ @ W2.T * (1 - h**2))</code>.
Compute both before you move either.</details>
<details><summary>Hint 3</summary>To count, keep a list of the different columns so far, and add a column of
<code>W1</code> only if it is further than 1e-9, in some entry, from each one in the list.</details>
"""

# %% role="solve" id="distinct_units"
from dlkit.reference.initialization import distinct_units

# %% role="check" id="distinct_units-check" points=4
with check("worked by hand: equal weights out leave two equal units, different ones part them"):
    X, y, W1 = np.array([[1.0]]), np.array([[1.0]]), np.array([[0.5, 0.5]])
    expect(distinct_units, W1, np.array([[0.2], [0.2]]), X, y, 0.1, 1).close(1)
    expect(distinct_units, W1, np.array([[0.2], [0.3]]), X, y, 0.1, 1).close(2)
with check("no step: the units as given, whatever their weights out"):
    X, y, W2 = np.array([[1.0, 2.0]]), np.array([[1.0]]), np.array([[0.1], [0.2], [0.3], [0.4]])
    expect(distinct_units, np.array([[1.0, 2.0, 1.0, 2.0], [0.0, 0.5, 0.0, 0.6]]), W2, X, y, 0.1, 0).close(3)
    expect(distinct_units, np.ones((2, 4)), W2, X, y, 0.1, 0).close(1)
with check("all weights start at one value: 1 after 100 steps; at random: all of them"):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
    expect(distinct_units, np.full((3, 5), 0.3), np.full((5, 2), 0.3), X, y, 0.1, 100).close(1)
    expect(distinct_units, rng.normal(size=(3, 5)), rng.normal(size=(5, 2)), X, y, 0.1, 100).close(5)
with check("one step moves W1 by exactly lr times the gradient of ½ · mean of ‖out − y‖²", weight=3):
    # Unit 0 has no weights out and rests at 0.5; unit 1 starts at 1. Only a step of the right length in the right
    # direction takes it onto unit 0: in the last case it does, and in the others only steps of some other rule would.
    X, W1, lr = np.array([[0.5], [-1.0], [1.5], [2.0]]), np.array([[0.5, 1.0]]), 0.5
    residual = np.array([[1.0, -0.5, 0.5], [0.5, 1.0, -1.0], [-1.0, 0.5, 1.0], [0.5, 0.5, 0.5]])
    h, V = np.tanh(X @ W1), np.array([[0.0, 0.0, 0.0], [1.0, -1.0, 2.0]])
    slope = (X.T @ (residual @ V.T * (1 - h**2)) / 4)[0, 1]
    no_tanh = (X.T @ (residual @ V.T) / 4)[0, 1]
    reach = 0.5 / (lr * slope) * V
    for W2, count in [
        (reach / 4, 2),
        (reach / 2, 2),
        (reach * 3, 2),
        (reach * 1.5, 2),
        (reach * slope / no_tanh, 2),
        (reach + lr * h.T @ residual / 4, 2),
        (reach, 1),
    ]:
        expect(distinct_units, W1, W2, X, h @ W2 - residual, lr, 1).close(count)
with check("four steps move both matrices", weight=3):
    # Two units that meet after exactly four steps: here only if W2 stands still, and then if W2 moves as it should.
    X, y, W1 = np.array([[1.0], [-2.0]]), np.array([[1.0], [0.5]]), np.array([[0.2, 0.6]])
    expect(distinct_units, W1, np.array([[0.25], [-0.4144687241964477]]), X, y, 0.5, 4).close(2)
    expect(distinct_units, W1, np.array([[0.25], [-0.5719180461727551]]), X, y, 0.5, 4).close(1)
### BEGIN HIDDEN TESTS
with check("three steps with two inputs and three outputs", weight=3):
    # The units differ along the one direction of all samples. They meet after three steps of another rule (W2 stands
    # still; W1 gets the moved W2; no 1/N; K in the mean; 2 / (N · K)), and in the last case of the right one.
    X, y = np.array([[0.5, 1.0], [-1.0, -2.0]]), np.array([[1.0, -0.5, 0.25], [0.5, 1.0, -1.0]])
    for w, count in [
        (3.1201468258389, 2),
        (-1.2034363162542345, 2),
        (2.409309468894835, 2),
        (-1.4090273513659988, 2),
        (1.9403282211634887, 2),
        (1.6030387519046154, 1),
    ]:
        W1, W2 = np.array([[0.2, 0.7], [-0.3, 0.7]]), np.array([[0.25, -0.5, 0.5], [w, 0.5, -0.25]])
        expect(distinct_units, W1, W2, X, y, 0.5, 3).close(count)
with check("the same means: no entry differs by more than 1e-9"):
    X, y, W2 = np.array([[1.0, 2.0]]), np.array([[1.0]]), np.array([[0.1], [0.2], [0.3]])
    expect(distinct_units, np.array([[0.3, 0.3, 0.3 + 1e-11], [0.7, 0.7 + 2e-11, 0.7]]), W2, X, y, 0.1, 0).close(1)
    expect(distinct_units, np.array([[0.3, 0.3, 0.3 + 1e-7], [0.7, 0.7 + 5e-7, 0.7]]), W2, X, y, 0.1, 0).close(3)
    expect(distinct_units, np.array([[0.5, -0.5, 0.5], [-1.0, 1.0, 1.0]]), W2, X, y, 0.1, 0).close(3)
with check("groups stay together: as many units as there are different starts (in and out)"):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(12, 4)), rng.normal(size=(12, 2))
    columns, rows = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
    W1 = columns[:, [0, 1, 0, 2, 1, 0]]
    expect(distinct_units, W1, rows[[0, 1, 0, 2, 1, 0]], X, y, 0.05, 30).close(3)
    expect(distinct_units, W1, rows[[0, 1, 0, 2, 1, 1]], X, y, 0.05, 30).close(4)
    expect(distinct_units, W1, rows[[0, 1, 2, 2, 2, 1]], X, y, 0.05, 30).close(6)
with check("zeros: W2 = 0 parts no equal units, W1 = 0 with different weights out does"):
    rng = np.random.default_rng(2)
    X, y = rng.normal(size=(6, 2)), rng.normal(size=(6, 1))
    expect(distinct_units, np.zeros((2, 3)), np.zeros((3, 1)), X, y, 0.1, 10).close(1)
    expect(distinct_units, np.ones((2, 3)), np.zeros((3, 1)), X, y, 0.1, 10).close(1)
    expect(distinct_units, np.zeros((2, 3)), np.array([[1.0], [2.0], [3.0]]), X, y, 0.1, 10).close(3)
with check("float32 and integers are computed in float64; W1, W2, X and y are left alone"):
    X, y = np.array([[1.0], [0.5]]), np.array([[1.0], [-1.0]])
    W1, W2 = np.ones((1, 2), dtype=np.float32), np.array([[0.5], [0.500001]], dtype=np.float32)
    expect(distinct_units, W1, W2, X.astype(np.float32), y.astype(np.float32), 0.1, 1).close(2).unchanged()
    expect(distinct_units, np.array([[1, 1, 2]]), np.array([[1], [2], [1]]), X, y, 0.1, 3).close(3).unchanged()
    W1, W2 = np.array([[1.0, 1.0, 2.0]]), np.array([[1.0], [1.0], [3.0]])
    expect(distinct_units, W1, W2, X, y, 0.1, 3).close(2).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: half a symmetry
"""

# %% role="question" id="constant_first_layer" points=1

# %% [markdown]
r"""
## Signals through depth

### Activations by depth ★★ · 10 min

**Given** a list `weights` of L arrays $W_1, \dots, W_L$ of shapes $(D_0, D_1), (D_1, D_2), \dots$, an input `x` of
shape $(N, D_0)$ and the name of an `activation`, **return** an array of shape `(L,)`: the standard deviation of each
layer's activations, the first layer's first.

$$ a_0 = x, \qquad a_i = f(a_{i-1} W_i), \qquad s_i = \mathrm{std}(a_i) $$

std is that of *all* entries of $a_i$ together, as the root of their mean squared deviation from their mean (ddof 0).
It is taken after the activation. The input's own is not counted. There are no biases.

`activation` is `"linear"` (f(z) = z), `"sigmoid"`, `"tanh"` or `"relu"`; anything else raises `ValueError`. L and N are
at least 1. Nothing overflows or warns at inputs of ±10 000. If all arrays are float32, so is the result. Integers give
the right values. No argument is changed.

*Worked number.* x = [[1], [3]], W₁ = [[2]], W₂ = [[0.5, −1]], relu: a₁ = [[2], [6]] with std 2, and
a₂ = [[1, 0], [3, 0]] with std 1.224745. Linear gives [2, 3.391165].

**What the interviewer is after**: this is the first plot to draw when a deep network does not learn. What do you expect
for tanh with weights of std 0.01, of std 1, of std 1/√D? **Follow-ups**: what becomes of 100 layers that each multiply
the std by 0.9? Why does sigmoid's std tell less than tanh's (what is its mean)? Which start keeps the std with ReLU? Is
a std of 0 always dead?

<details><summary>Hint 1</summary>One variable holds the current activations and is overwritten by each layer. One list
collects the standard deviations.</details>
<details><summary>Hint 2</summary>A dictionary from names to functions keeps the loop free of <code>if</code>s, and
tells you at once whether the name is known.</details>
<details><summary>Hint 3</summary><code>a.std()</code> without an axis takes all entries. For a silent sigmoid remember
σ(z) = ½ (1 + tanh(z/2)).</details>
"""

# %% role="solve" id="activation_std_by_depth"
from dlkit.reference.initialization import activation_std_by_depth

# %% role="check" id="activation_std_by_depth-check" points=4
with check("two layers worked by hand: relu and linear"):
    weights, x = [np.array([[2.0]]), np.array([[0.5, -1.0]])], np.array([[1.0], [3.0]])
    expect(activation_std_by_depth, weights, x, "relu").close([2.0, 1.2247448714])
    expect(activation_std_by_depth, weights, x, "linear").close([2.0, 3.3911649916])
with check("tanh and sigmoid: all entries after the activation, from layer to layer"):
    rng = np.random.default_rng(0)
    weights, x = [rng.normal(size=shape) for shape in [(3, 5), (5, 4), (4, 2)]], rng.normal(size=(6, 3))
    for name, f in [("tanh", np.tanh), ("sigmoid", lambda z: 1 / (1 + np.exp(-z)))]:
        a = f(x @ weights[0])
        b = f(a @ weights[1])
        c = f(b @ weights[2])
        expect(activation_std_by_depth, weights, x, name).close([a.std(), b.std(), c.std()])
with check("one layer gives one number, twenty give twenty"):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 3))
    expect(activation_std_by_depth, [2 * np.eye(3)], x, "linear").close([2 * x.std()])
    expected = [x.std() * 0.5**layer for layer in range(1, 21)]
    expect(activation_std_by_depth, [0.5 * np.eye(3)] * 20, x, "linear").close(expected).shape((20,))
with check("a name that is not known raises ValueError"):
    weights, x = [np.array([[2.0]])], np.array([[1.0], [-3.0]])
    expect(activation_std_by_depth, weights, x, "linear").close([4.0])
    for name in ["gelu", "Linear", ""]:
        expect(activation_std_by_depth, weights, x, name).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("right and silent at ±10 000"):
    weights, x = [np.array([[1.0, -1.0]]), np.array([[1.0, 0.5], [-1.0, 0.5]])], np.array([[1e4], [-1e4], [0.0]])
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.activation_std_by_depth(weights, x, name)
        expect(activation_std_by_depth, weights, x, name).close(expected).no_warning()
with check("a dead layer has std 0, and all after it"):
    weights, x = [np.array([[1.0, 2.0]]), -np.eye(2), np.ones((2, 3))], np.array([[1.0], [2.0]])
    expect(activation_std_by_depth, weights, x, "relu").close([1.0897247359, 0.0, 0.0]).no_warning()
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in [(4, 6), (6, 6), (6, 3)]]
    x = rng.normal(size=(5, 4)).astype(np.float32)
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.activation_std_by_depth(weights, x, name)
        expect(activation_std_by_depth, weights, x, name).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right values, and weights and x are left alone"):
    weights, x = [np.array([[1, -2], [0, 1]]), np.array([[1], [3]])], np.array([[1, 2], [-1, 0], [3, -1]])
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.activation_std_by_depth([1.0 * W for W in weights], 1.0 * x, name)
        expect(activation_std_by_depth, weights, x, name).close(expected).unchanged()
with check("random widths and depths, a single sample too"):
    rng = np.random.default_rng(3)
    for N, widths in [(1, (3, 4)), (7, (2, 5, 1, 3)), (4, (6, 6, 6, 6, 6)), (2, (1, 1, 1))]:
        weights = [rng.normal(size=widths[i : i + 2]) for i in range(len(widths) - 1)]
        x = rng.normal(1, 2, (N, widths[0]))
        for name in ["sigmoid", "tanh", "relu", "linear"]:
            expected = reference.activation_std_by_depth(weights, x, name)
            expect(activation_std_by_depth, weights, x, name).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Gradients by depth ★★ · 15 min

**Given** a list `weights` of L arrays $W_1, \dots, W_L$ of shapes $(D_0, D_1), (D_1, D_2), \dots$, an input `x` of
shape $(N, D_0)$, the name of an `activation`, and `dout` = ∂L/∂a_L of shape $(N, D_L)$, **return** an array of shape
`(L,)`: the Frobenius norm of each weight gradient, input side first.

$$ a_0 = x, \qquad z_i = a_{i-1} W_i, \qquad a_i = f(z_i), \qquad
g_i = \Bigl\lVert \frac{\partial L}{\partial W_i} \Bigr\rVert_F
= \sqrt{\textstyle\sum_{jk} (\partial L / \partial W_i)_{jk}^2} $$

Backwards, with δ = dout at first, for i = L, …, 1:

$$ \delta \leftarrow \delta \odot f'(z_i), \qquad \frac{\partial L}{\partial W_i} = a_{i-1}^\top\, \delta, \qquad
\delta \leftarrow \delta\, W_i^\top $$

`dout` is the gradient with respect to the *output* of the last activation, so that f′ enters at the last layer too. It
already contains whatever mean the loss takes: divide by nothing.

`activation` is `"linear"` (f(z) = z), `"sigmoid"`, `"tanh"` or `"relu"` (with f′(0) = 0); anything else raises
`ValueError`. L and N are at least 1. Nothing overflows or warns at inputs of ±10 000. If all arrays are float32, so is
the result. Integers give the right values. No argument is changed.

*Worked number.* x = [[3, 4]], W₁ = [[1, 0], [0, 1]], W₂ = [[1], [2]], linear, dout = [[2]]. ∂L/∂W₂ = [[6], [8]] with
norm 10. δ behind layer 1 is [[2, 4]], so ∂L/∂W₁ = [[6, 12], [8, 16]] with norm 22.36068. The answer is
[22.36068, 10].

**What the interviewer is after**: a backward pass written from memory, and what its norms tell about vanishing and
exploding gradients. **Follow-ups**: by what factor does a sigmoid layer shrink δ at best? Which of the two, activations
or δ, makes the early layers' gradient small? Can you keep both sizes at once in a layer that is not square? How does a
residual connection change the product?

<details><summary>Hint 1</summary>Go forward once and keep every a<sub>i</sub>, the input included. Which of them do you need
for layer i's gradient, and which for its f′?</details>
<details><summary>Hint 2</summary>f′ can be had from the output: 1, a(1 − a), 1 − a², a &gt; 0. Then no
pre-activation need be kept.</details>
<details><summary>Hint 3</summary>Three lines a layer: δ times f′; norm of <code>outputs[i-1].T @ delta</code>; δ times
<code>W.T</code>. You meet the last layer first: mind the order of what you return.</details>
"""

# %% role="solve" id="gradient_norm_by_depth"
from dlkit.reference.initialization import gradient_norm_by_depth

# %% role="check" id="gradient_norm_by_depth-check" points=4
with check("two linear layers worked by hand"):
    weights = [np.eye(2), np.array([[1.0], [2.0]])]
    expected = [22.360679775, 10.0]
    expect(gradient_norm_by_depth, weights, np.array([[3.0, 4.0]]), "linear", np.array([[2.0]])).close(expected)
with check("tanh and sigmoid: agrees with finite differences"):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in [(3, 4), (4, 4), (4, 2)]]
    x, dout = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))

    def loss(f, layer, step, weights=weights, x=x, dout=dout):
        for i, W in enumerate(weights):
            x = f(x @ (W + step if i == layer else W))
        return (dout * x).sum()

    for name, f in [("tanh", np.tanh), ("sigmoid", lambda z: 1 / (1 + np.exp(-z)))]:
        norms = []
        for i, W in enumerate(weights):
            steps = 1e-5 * np.eye(W.size).reshape(W.size, *W.shape)
            norms.append(np.linalg.norm([(loss(f, i, step) - loss(f, i, -step)) / 2e-5 for step in steps]))
        expect(gradient_norm_by_depth, weights, x, name, dout).close(norms)
with check("relu: nothing passes a unit at or below 0"):
    weights, x = [np.array([[1.0, 2.0], [-1.0, 1.0]]), np.ones((2, 1))], np.array([[1.0, 1.0]])
    expect(gradient_norm_by_depth, weights, x, "relu", np.array([[1.0]])).close([1.4142135624, 3.0])
    weights, x = [np.array([[1.0, -2.0]]), np.array([[3.0], [4.0]])], np.array([[1.0], [-1.0]])
    expect(gradient_norm_by_depth, weights, x, "relu", np.array([[1.0], [2.0]])).close([8.5440037453, 4.1231056256])
with check("a name that is not known raises ValueError"):
    weights, x, dout = [np.array([[2.0]])], np.array([[1.0], [-3.0]]), np.array([[1.0], [1.0]])
    expect(gradient_norm_by_depth, weights, x, "linear", dout).close([2.0])
    for name in ["gelu", "Linear", ""]:
        expect(gradient_norm_by_depth, weights, x, name, dout).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("relu and linear, layers of many widths: agrees with finite differences"):
    rng = np.random.default_rng(1)
    widths = (3, 6, 2, 5, 1)
    weights = [rng.normal(size=widths[i : i + 2]) for i in range(len(widths) - 1)]
    x, dout = rng.normal(size=(7, 3)), rng.normal(size=(7, 1))

    def loss(f, layer, step, weights=weights, x=x, dout=dout):
        for i, W in enumerate(weights):
            x = f(x @ (W + step if i == layer else W))
        return (dout * x).sum()

    for name, f in [("linear", lambda z: z), ("relu", lambda z: np.maximum(z, 0))]:
        norms = []
        for i, W in enumerate(weights):
            steps = 1e-5 * np.eye(W.size).reshape(W.size, *W.shape)
            norms.append(np.linalg.norm([(loss(f, i, step) - loss(f, i, -step)) / 2e-5 for step in steps]))
        expect(gradient_norm_by_depth, weights, x, name, dout).close(norms)
with check("right and silent at ±10 000"):
    weights, x = [np.array([[1.0, -1.0]]), np.array([[1.0, 0.5], [-1.0, 0.5]])], np.array([[1e4], [-1e4], [0.5]])
    dout = np.array([[1.0, -2.0], [0.5, 1.0], [2.0, 3.0]])
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.gradient_norm_by_depth(weights, x, name, dout)
        expect(gradient_norm_by_depth, weights, x, name, dout).close(expected).no_warning()
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in [(4, 6), (6, 6), (6, 3)]]
    x, dout = rng.normal(size=(5, 4)).astype(np.float32), rng.normal(size=(5, 3)).astype(np.float32)
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.gradient_norm_by_depth(weights, x, name, dout)
        expect(gradient_norm_by_depth, weights, x, name, dout).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right values, and no argument is changed"):
    weights, x = [np.array([[1, -2], [0, 1]]), np.array([[1], [3]])], np.array([[1, 2], [-1, 0], [3, -1]])
    dout = np.array([[1], [-2], [3]])
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.gradient_norm_by_depth([1.0 * W for W in weights], 1.0 * x, name, 1.0 * dout)
        expect(gradient_norm_by_depth, weights, x, name, dout).close(expected).unchanged()
with check("random widths and depths, a single layer and a single sample too"):
    rng = np.random.default_rng(3)
    for N, widths in [(1, (3, 4)), (7, (2, 5, 4, 3)), (4, (6, 6, 6, 6, 6)), (2, (1, 1, 1))]:
        weights = [rng.normal(size=widths[i : i + 2]) for i in range(len(widths) - 1)]
        x, dout = rng.normal(0, 2, (N, widths[0])), rng.normal(size=(N, widths[-1]))
        for name in ["sigmoid", "tanh", "relu", "linear"]:
            expected = reference.gradient_norm_by_depth(weights, x, name, dout)
            expect(gradient_norm_by_depth, weights, x, name, dout).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: ten layers, five starts, histograms

A network of ten layers with 100 units each, before any training, gets 25 rows of standard normal inputs. The weights
start at 0, with a standard deviation of 0.01, with 1, with your `xavier_normal` or your `kaiming_normal`. Each small
histogram lies on its side and shows the activations of one layer: first those of tanh, then those of ReLU that are
greater than 0. Mind the lower row's axis: it is logarithmic, and from one line of the grid to the next is a factor of
10,000.

*Make a prediction*: which of the ten pictures keep their shape from the first to the last layer? With n = 100 inputs,
by what factor does a ReLU layer with weights of standard deviation 1 multiply the signal?
"""

# %% role="demo" id="experiment-histograms"
from dlkit.lab import experiment, figure

depth, n = 10, 100
starts = {
    "zeros": lambda shape, rng: np.zeros(shape),
    "N(0, 0.01²)": lambda shape, rng: rng.normal(0, 0.01, shape),
    "N(0, 1)": lambda shape, rng: rng.normal(0, 1, shape),
    "Xavier": lambda shape, rng: xavier_normal(shape, rng),
    "He": lambda shape, rng: kaiming_normal(shape, rng),
}


def draw(start):
    """Weights for `depth` layers of n units, from the same random numbers for every start."""
    rng = np.random.default_rng(0)
    return [starts[start]((n, n), rng) for _ in range(depth)]


title = "The start decides what is left of the signal in layer 10"
shared = {"sharex": True, "sharey": "row"}
with experiment(), figure(title, columns=5, rows=2, width=12.5, height=6, **shared) as panels:
    x = np.random.default_rng(1).normal(0, 1, (25, n))
    rows = [
        ("tanh", np.tanh, np.linspace(-1, 1, 28)),
        ("relu", lambda z: np.maximum(z, 0), 10.0 ** np.arange(-14, 11, 0.25)),  # a logarithmic axis, without the zeros
    ]
    for row, (name, f, edges) in zip([panels[:5], panels[5:]], rows, strict=True):
        row[0].set_ylabel("activation, tanh" if name == "tanh" else "activation > 0, ReLU (logarithmic)")
        for panel, start in zip(row, starts, strict=True):
            weights, a = draw(start), x
            last = activation_std_by_depth(weights, x, name)[-1]
            for layer, W in enumerate(weights, start=1):
                a = f(a @ W)
                counts, _ = np.histogram(a, edges)
                if counts.any():
                    shape = layer - 0.45 + 0.9 * counts / counts.max()
                    bars = {"baseline": layer - 0.45, "orientation": "horizontal", "fill": True, "linewidth": 0}
                    panel.stairs(shape, edges, color="C0", **bars)
            size = f"std in layer 10: {last:.2g}" if last else "all outputs are 0"
            panel.set_title(f"{start}\n{size}" if name == "tanh" else size)
            if name == "tanh":
                print(f"tanh, {start:12s} std of layer 10: {last:7.2g}   ", end="")
                print(f"saturated, |a| > 0.99: {np.mean(np.abs(a) > 0.99):.0%}")
            else:
                print(f"ReLU, {start:12s} std of layer 10: {last:7.2g}   exactly 0: {np.mean(a == 0):.0%}")
                panel.set(yscale="log", xlabel="layer", xticks=range(1, depth + 1))
                if not last:
                    panel.text(5.5, 1, "nothing to draw", ha="center")

# %% [markdown]
r"""
**What it shows.** If your functions draw in another order, your numbers are a little different.

| start | tanh, layer 10 | ReLU, layer 10 |
|---|---|---|
| zeros | all 0 | all 0 |
| N(0, 0.01²) | std $10^{-10}$: a factor of 0.1 per layer | std $2 \cdot 10^{-12}$: a factor of 0.07 |
| N(0, 1) | std 0.96: 79 % of the activations are beyond ±0.99 | std $2 \cdot 10^{8}$: a factor of 7 |
| Xavier | std 0.23, sinking slowly | std 0.023: a factor of 0.71 |
| He | std 0.56, level | std 0.74, level |

As long as tanh is near 0 it is nearly linear, and the factor is $\sigma \sqrt n$: $0.01 \cdot \sqrt{100} = 0.1$. ReLU
keeps half of the mean square, hence $\sigma \sqrt{n/2}$: 0.07 for σ = 0.01, 7.1 for σ = 1, $\sqrt{1/2} = 0.71$ for
Xavier and 1 for He. With ReLU that is the whole difference between the last two, and ten layers make it a factor of 32.

A standard deviation near 1 need not be a good sign. tanh with N(0, 1) has 0.96, because nearly all of its units are at
one end or the other. A std says how large the signal is, a histogram whether the units still work.
"""

# %% [markdown]
r"""
### Experiment: the same network, forwards and backwards in numbers

The networks of the last experiment again, through your `activation_std_by_depth` and your `gradient_norm_by_depth`. The
gradient at the output is random, with norm 1, the same for all. Zeros do not appear on a logarithmic axis; the printed
table has them.

*Make a prediction*: in the tanh network with N(0, 1), 79 % of the activations are saturated, with hardly any slope.
Does the gradient shrink or grow on its way from layer 10 to layer 1?
"""

# %% role="demo" id="experiment-depth"
from dlkit.lab import experiment, figure

# `starts`, `draw`, `depth` and `n` are those of the experiment above.
title = "Forwards and backwards, a good start keeps the size"
with experiment(), figure(title, columns=2, rows=2, height=6.5, sharex=True) as panels:
    x = np.random.default_rng(1).normal(0, 1, (25, n))
    dout = np.random.default_rng(2).normal(0, 1, (25, n))
    dout = dout / np.linalg.norm(dout)
    for (left, right), name in zip([panels[:2], panels[2:]], ["tanh", "relu"], strict=True):
        shown = {"tanh": "tanh", "relu": "ReLU"}[name]
        for start, style in zip(starts, ["", "s-C1", "^-C3", "D-C2", "o-C0"], strict=True):
            weights = draw(start)
            std = activation_std_by_depth(weights, x, name)
            norm = gradient_norm_by_depth(weights, x, name, dout)
            print(f"{shown}, {start:12s} activations {std[0]:7.2g} in layer 1, {std[-1]:7.2g} in layer 10   ", end="")
            print(f"gradients {norm[0]:7.2g} in layer 1, {norm[-1]:7.2g} in layer 10")
            if start != "zeros":  # a logarithm has no place for them
                left.semilogy(range(1, depth + 1), std, style, markersize=5, label=start)
                right.semilogy(range(1, depth + 1), norm, style, markersize=5, label=start)
        left.set(title=f"{shown}: activations", ylabel="standard deviation")
        right.set(title=f"{shown}: weight gradients", ylabel="norm")
    for panel in panels[2:]:
        panel.set(xlabel="layer", xticks=range(1, depth + 1))
    panels[0].legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.** *tanh with N(0, 1)*: the gradient **grows** towards the input, 2.3 times per layer, from 2.3 in layer
10 to 3,500 in layer 1. Most units pass nearly nothing, but the few that are not saturated have slopes up to 1, and then
come weights 10 times as large as Xavier's. Per layer the mean square is multiplied by about n times the mean of tanh′²,
which is 5 to 6 here, and $\sqrt{5.5} = 2.3$. So “saturated, hence vanishing” is wrong here: it depends on what
saturates the units. Large weights make gradients large and erratic.

*N(0, 0.01²)*: the gradient is as small in layer 10 as in layer 1, $9 \cdot 10^{-9}$ with tanh. It is a product of the
signal from below, which shrinks on the way up, and of the error from above, which shrinks on the way down. Layer i has
been through i − 1 shrinking layers forwards and is through 10 − i backwards, so the product is about the same
everywhere. **A flat profile of weight gradients is no proof of health**: in a ReLU network without biases it is flat at
any scale, at $3 \cdot 10^{-10}$ as at $3 \cdot 10^{8}$. Look at its level, and at the activations.

*Zeros*: layer 1 already puts out 0, and no error gets below layer 10. All gradients are 0, and they stay so.

*Xavier and He*: with tanh both keep signal and gradient within a factor of 3 over ten layers. With ReLU only He keeps
the signal.

**What to say in an interview.** “When a deep network does not learn I plot two curves over its layers, before the first
step: the activations' standard deviation and the gradient's norm. Straight slopes on a logarithmic axis mean a factor
per layer, and the start is the first suspect.”
"""

# %% [markdown]
r"""
### Concept question: a bound instead of a standard deviation
"""

# %% role="question" id="uniform_bound_depth" points=1

# %% [markdown]
r"""
### The gain of an activation ★★ · 12 min

**Given** a function `f`, the activation, **return** one number, its gain:

$$ \text{gain}(f) = \frac{1}{\sqrt{\mathbb E\,[f(z)^2]}}, \qquad z \sim \mathcal N(0, 1), \qquad
\mathbb E\,[f(z)^2] = \int_{-\infty}^{\infty} f(z)^2\, \frac{e^{-z^2/2}}{\sqrt{2\pi}}\, dz $$

Weights of variance gain² / fan_in then keep the size of the signal: a layer whose inputs are f of unit pre-activations
has unit pre-activations itself. That is where the √2 of He's initialization comes from: you derive it instead of
remembering it, and get it for any other activation as well.

It is the second moment, not the variance: what f adds to the mean goes through the weights as well.

`f` works element by element on numpy arrays: call it with a 1-D float array. The answer must be right to 1e-4
(relative). The checks use smooth activations and those with a kink at 0, such as leaky ReLU. Those that grow fastest
are $z^3$ and $e^z$: mind how far out you integrate. Compute the integral, do not sample it: random numbers are ruled
out (`np.random`, `random.gauss`, `random.normalvariate`), for a million of them still err by about 1e-3. Everything
else is allowed: a grid, Simpson's rule, Gauss–Hermite.

*Worked number.* ReLU: E = ½, the gain is √2 = 1.414214. tanh: 1.592537 (PyTorch says 5/3, a rule of thumb). |z|: 1.
Sigmoid: 1.846229.

**What the interviewer is after**: where does the 2 in 2 / fan_in come from? Two lines, by symmetry. **Follow-ups**:
what is the gain of leaky ReLU with slope s, in closed form? Why E[f²] and not Var[f], where the mean of f is not 0? Is
the gain for the backward pass the same, and what would its formula be (E[f′²])? What assumption of these lines fails
first in a trained network?

<details><summary>Hint 1</summary>An expectation is a weighted mean. On a fine grid of z the weights are proportional to
the density.</details>
<details><summary>Hint 2</summary>With weights w = e<sup>−z²/2</sup>, E ≈ Σ w f² / Σ w: the constant √(2π) and the
grid's spacing cancel. A grid from −12 to 12 is wide enough for every f asked about.</details>
<details><summary>Hint 3</summary>With Gauss–Hermite look up which weight function it is made for:
<code>hermgauss</code> integrates against e<sup>−x²</sup>, which is not yet the density of z; <code>hermegauss</code>
against e<sup>−x²/2</sup>, still without 1/√(2π). Take many points: a kink slows it down, and for e<sup>|z|</sup> a grid
is better.</details>
"""

# %% role="solve" id="forward_gain"
from dlkit.reference.initialization import forward_gain

# %% role="check" id="forward_gain-check" points=4
with check("linear gives 1, ReLU √2, |z| again 1"):
    expect(forward_gain, lambda z: z).close(1.0, rtol=1e-4)
    expect(forward_gain, lambda z: np.maximum(z, 0)).close(1.4142135624, rtol=1e-4)
    expect(forward_gain, lambda z: np.abs(z)).close(1.0, rtol=1e-4)
with check("leaky ReLU, slope 0.2: √(2 / 1.04)"):
    expect(forward_gain, lambda z: np.where(z > 0, z, 0.2 * z)).close(1.3867504906, rtol=1e-4)
with check("tanh and sigmoid, to 1e-4"):
    expect(forward_gain, np.tanh).close(1.5925374197, rtol=1e-4)
    expect(forward_gain, lambda z: 1 / (1 + np.exp(-z))).close(1.8462285453, rtol=1e-4)
with check("the second moment, not the variance: a constant 2 has gain ½"):
    expect(forward_gain, lambda z: 2.0 + 0 * z).close(0.5, rtol=1e-4)
    expect(forward_gain, lambda z: z + 1).close(0.7071067812, rtol=1e-4)
### BEGIN HIDDEN TESTS
with check("softplus and cosine, to 1e-4"):
    expect(forward_gain, lambda z: np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)).close(1.0418668355, rtol=1e-4)
    expect(forward_gain, lambda z: np.cos(z)).close(1.3272506006, rtol=1e-4)
with check("f that grows fast: z³ and e^z"):
    expect(forward_gain, lambda z: z**3).close(0.2581988897, rtol=1e-4)
    found = expect(forward_gain, lambda z: np.exp(z)).shape(())
    found.satisfies(
        lambda gain: not 0.36792 < gain < 0.42,
        "e^z has gain 0.367879; more means that tails are missing: go further out",
    )
    found.close(0.3678794412, rtol=1e-4)
with check("twice the activation, half the gain; a mirrored one has the same"):
    expect(forward_gain, lambda z: 2 * np.tanh(z)).close(0.7962687099, rtol=1e-4)
    expect(forward_gain, lambda z: np.maximum(-z, 0)).close(1.4142135624, rtol=1e-4)
    expect(forward_gain, lambda z: np.where(z > 0, z, -3 * z)).close(0.4472135955, rtol=1e-4)
with check("the integral is computed, not sampled"):
    forbid(forward_gain, "numpy.random", "random.gauss", "random.normalvariate")
    expect(forward_gain, lambda z: 0.1 * z).close(10.0, rtol=1e-4)
    expect(forward_gain, lambda z: np.where(z > 0, z, 0.01 * z)).close(1.4141428569, rtol=1e-4)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the 2 in He's formula, in your own words

Write a few sentences, as you would say them to an interviewer.
"""

# %% role="answer" id="he_derivation" points=2

# %% [markdown]
r"""
## Small things that matter

### The bias of a rare class ★ · 4 min

**Given** a probability `pi`, 0 < pi < 1, **return** the bias b with which a sigmoid output starts at pi, where the
weights add nothing yet:

$$ \sigma(b) = \pi \quad\Longleftrightarrow\quad b = \ln \frac{\pi}{1 - \pi} $$

One number; it is negative for pi < ½. Probabilities such as 1e-6 and 1 − 1e-6 are as good as any other: clip nothing.

*Worked number.* pi = 0.01, the value of the focal-loss paper: b = −4.595120. pi = 0.75: b = 1.098612.

**What the interviewer is after**: what does a detector with one object among 10 000 places do in its first steps if the
bias is 0? **Follow-ups**: how large is the mean loss at the start for b = 0, and for this b, if pi is the true share?
Why do the first gradients spoil the weights otherwise? What is the counterpart for softmax? Which bias belongs into an
LSTM's forget gate, and why?

<details><summary>Hint 1</summary>Solve σ(b) = 1 / (1 + e^(−b)) = pi for b.</details>
<details><summary>Hint 2</summary>1/pi = 1 + e^(−b): subtract 1, take the logarithm, and mind the minus.</details>
"""

# %% role="solve" id="prior_bias"
from dlkit.reference.initialization import prior_bias

# %% role="check" id="prior_bias-check" points=2
with check("pi = 0.01, 0.2 and 0.75, worked by hand"):
    expect(prior_bias, 0.01).close(-4.5951198501)
    expect(prior_bias, 0.2).close(-1.3862943611)
    expect(prior_bias, 0.75).close(1.0986122887)
with check("pi = ½ needs no bias, pi and 1 − pi opposite ones"):
    expect(prior_bias, 0.9).close(2.1972245773)
    expect(prior_bias, 0.1).close(-2.1972245773)
    expect(prior_bias, 0.5).close(0.0)
### BEGIN HIDDEN TESTS
with check("very rare and nearly certain: 1e-6, 1e-9, 1 − 1e-6"):
    expect(prior_bias, 1e-6).close(-13.8155095580)
    found = expect(prior_bias, 1e-9).shape(())
    found.satisfies(
        lambda b: not -20.7232 < b < -9.1, "−20.723266; yours is nearer to 0: is pi clipped, or a small number added?"
    )
    found.close(-20.7232658359)
    expect(prior_bias, 1 - 1e-6).close(13.8155095580)
with check("the sigmoid of the bias is pi"):
    for pi in np.random.default_rng(0).uniform(0.001, 0.999, 10).tolist():
        expect(prior_bias, pi).satisfies(lambda b, pi=pi: abs(1 / (1 + math.exp(-b)) - pi) < 1e-7, f"σ(b) = {pi:.6g}")
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what the right bias saves
"""

# %% role="question" id="prior_bias_first_loss" points=1

# %% [markdown]
r"""
### Clipping by the global norm ★ · 8 min

**Given** a list `grads` of gradients, arrays of any shapes, and a number `max_norm` ≥ 0, **return** the tuple
`(clipped, norm)`: a list of arrays of the same shapes, scaled together so that their norm is at most `max_norm`, and
the norm *before* that.

$$ \text{norm} = \sqrt{\sum_{g} \sum_{j} g_j^2}, \qquad
\text{clipped} = \begin{cases} g \cdot \dfrac{m}{\text{norm}} & \text{norm} > m \\
g & \text{otherwise} \end{cases} $$

Here m is `max_norm`. The norm is that of all entries of all arrays, taken as one long vector. So one factor serves
all, and the direction of the step stays.

No ε is added anywhere. Below `max_norm` everything stays as it is, so zeros stay zeros: nothing is divided by 0, and
nothing warns. With `max_norm` = 0 everything becomes 0. If the arrays are float32, so are the clipped ones; the norm
may be any float. Integers give the right values. The arrays given are not changed. The list has at least one array; an
array may have shape `()` or no entries.

*Worked number.* grads = [[3, 0], [[4]]]: the norm is 5. With max_norm = 1: [[0.6, 0], [[0.8]]] and 5. With
max_norm = 10: [[3, 0], [[4]]] and 5.

**What the interviewer is after**: why the global norm, and not one per layer? **Follow-ups**: why do recurrent networks
and transformers need it most? Which norm would you log, before or after, and what do you learn from it? Where does it
belong with gradient accumulation and with mixed precision? How does clipping interact with Adam, which divides by the
gradient's size anyway?

<details><summary>Hint 1</summary>Squares add up over arrays, norms do not.</details>
<details><summary>Hint 2</summary>Compute the norm first, as one number. Only where it is greater than max_norm do you
need the quotient.</details>
<details><summary>Hint 3</summary>A Python <code>float</code> times a float32 array is float32; an
<code>np.float64</code> times it is not. <code>math.sqrt</code> returns the former, <code>np.sqrt</code> of a float64
the latter.</details>
"""

# %% role="solve" id="clip_gradient_norm"
from dlkit.reference.initialization import clip_gradient_norm

# %% role="check" id="clip_gradient_norm-check" points=2
with check("[3, 0] and [[4]]: norm 5, clipped to 1 and to 2.5"):
    grads = [np.array([3.0, 0.0]), np.array([[4.0]])]
    expect(clip_gradient_norm, grads, 1.0).close(([np.array([0.6, 0.0]), np.array([[0.8]])], 5.0))
    expect(clip_gradient_norm, grads, 2.5).close(([np.array([1.5, 0.0]), np.array([[2.0]])], 5.0))
with check("at or below max_norm all stays as it is"):
    grads = [np.array([3.0, 0.0]), np.array([[-4.0]])]
    expect(clip_gradient_norm, grads, 10.0).close((grads, 5.0)).unchanged()
    expect(clip_gradient_norm, grads, 5.0).close((grads, 5.0)).unchanged()
with check("no ε: small gradients are clipped exactly"):
    grads = [np.array([3e-6]), np.array([-4e-6, 0.0])]
    expect(clip_gradient_norm, grads, 1e-6).close(([np.array([6e-7]), np.array([-8e-7, 0.0])], 5e-6), atol=1e-15)
with check("zeros stay zeros, and nothing warns"):
    grads = [np.zeros((2, 3)), np.zeros(4)]
    expect(clip_gradient_norm, grads, 1.0).close((grads, 0.0)).no_warning()
    expect(clip_gradient_norm, grads, 0.0).close((grads, 0.0)).no_warning()
with check("the arrays given are left alone"):
    grads = [np.array([[6.0, -8.0]]), np.array([0.0])]
    expect(clip_gradient_norm, grads, 5.0).close(([np.array([[3.0, -4.0]]), np.array([0.0])], 10.0)).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("many arrays of many shapes, () and (0, 3) among them"):
    rng = np.random.default_rng(0)
    grads = [rng.normal(size=shape) for shape in [(3, 4), (5,), (2, 1, 3, 3), (1,), (0, 3)]] + [np.array(-1.5)]
    for max_norm in [0.1, 1.0, 3.0, 100.0]:
        expect(clip_gradient_norm, grads, max_norm).close(reference.clip_gradient_norm(grads, max_norm))
with check("max_norm = 0: everything becomes 0"):
    grads = [np.array([1.0, -2.0]), np.array([[2.0]])]
    expect(clip_gradient_norm, grads, 0.0).close(([np.zeros(2), np.zeros((1, 1))], 3.0)).no_warning()
with check("float32 stays float32, clipped or not"):
    rng = np.random.default_rng(1)
    grads = [rng.normal(size=shape).astype(np.float32) for shape in [(3, 4), (5,)]]
    for max_norm in [0.5, 50.0]:
        expected = reference.clip_gradient_norm(grads, max_norm)
        call = expect(clip_gradient_norm, grads, max_norm).close(expected, rtol=1e-5, atol=1e-6)
        call.part(0).dtype(np.float32)
with check("integers give the right values; the list is left alone"):
    grads = [np.array([6, -8]), np.array([[0, 24]])]
    expected = ([np.array([1.5, -2.0]), np.array([[0.0, 6.0]])], 26.0)
    expect(clip_gradient_norm, grads, 6.5).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the innocent layer
"""

# %% role="question" id="clipped_layer_norm" points=1

# %% [markdown]
r"""
### Clipping by value ★ · 4 min

**Given** a list `grads` of gradients, arrays of any shapes, and a number `limit` ≥ 0, **return** a list of arrays of
the same shapes with every entry cut to [−limit, limit]:

$$ g_j \leftarrow \min\bigl(\max(g_j, -\text{limit}),\; \text{limit}\bigr) $$

Each entry is cut on its own, the others stay: unlike clipping by the norm, this may change the direction of the step.
`limit` = 0 makes everything 0. float32 stays float32. Integers give the right values (2 cut to 0.5 is 0.5). The arrays
given are not changed. The list has at least one array; an array may have shape `()` or no entries.

*Worked number.* grads = [[3, −0.5], [[−4]]] with limit = 1 gives [[1, −0.5], [[−1]]].

**What the interviewer is after**: what does clipping by value do to the direction, and when does that matter?
**Follow-ups**: how far can a direction in D dimensions turn? What is left if every entry is above the limit? Which of
the two ways of clipping goes with one exploding output, which with one exploding layer? What is the gradient through
`clip` itself?

<details><summary>Hint 1</summary>One numpy function cuts an array on both sides.</details>
<details><summary>Hint 2</summary>The arrays have different shapes: go through the list, do not make one array of it. Do
not write into what you were given.</details>
"""

# %% role="solve" id="clip_gradient_value"
from dlkit.reference.initialization import clip_gradient_value

# %% role="check" id="clip_gradient_value-check" points=2
with check("[3, −0.5] and [[−4]] cut to ±1"):
    expect(clip_gradient_value, [np.array([3.0, -0.5]), np.array([[-4.0]])], 1.0).close(
        [np.array([1.0, -0.5]), np.array([[-1.0]])]
    )
with check("entries within the limit stay, the limit itself too"):
    grads = [np.array([0.5, -2.0, 2.0, 0.0]), np.array([[1.9], [-1.9]])]
    expect(clip_gradient_value, grads, 2.0).close(grads)
    expected = [np.array([0.5, -1.5, 1.5, 0.0]), np.array([[1.5], [-1.5]])]
    expect(clip_gradient_value, grads, 1.5).close(expected)
with check("the arrays given are left alone"):
    grads = [np.array([[5.0, -0.1], [0.2, -6.0]]), np.array([7.0])]
    expected = [np.array([[0.25, -0.1], [0.2, -0.25]]), np.array([0.25])]
    expect(clip_gradient_value, grads, 0.25).close(expected).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("many arrays of many shapes, () and (0, 3) among them, and limit 0"):
    rng = np.random.default_rng(0)
    grads = [rng.normal(size=shape) for shape in [(3, 4), (5,), (2, 1, 3, 3), (1,), (0, 3)]] + [np.array(-1.5)]
    for limit in [0.3, 1.0, 0.0, 10.0]:
        expect(clip_gradient_value, grads, limit).close(reference.clip_gradient_value(grads, limit))
with check("float32 stays float32"):
    grads = [np.array([[3, -0.5], [0.25, -8]], dtype=np.float32), np.array([0.75], dtype=np.float32)]
    expected = [np.array([[0.5, -0.5], [0.25, -0.5]]), np.array([0.5])]
    expect(clip_gradient_value, grads, 0.5).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers give the right values"):
    expect(clip_gradient_value, [np.array([2, -3, 0]), np.array([[1]])], 1.5).close(
        [np.array([1.5, -1.5, 0.0]), np.array([[1.0]])]
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Measured starts

### Layer-sequential unit variance (LSUV) ★★★ · 15 min

**Given** a list `weights` of L arrays $W_1, \dots, W_L$ of shapes $(D_0, D_1), (D_1, D_2), \dots$, data `x` of shape
$(N, D_0)$ and the name of an `activation`, **return** a list of L new weight arrays, each a multiple of the one given,
with which every layer's *pre-activations* have standard deviation 1 on this data.

$$ a_0 = x, \qquad z_i = a_{i-1} W_i, \qquad s_i = \mathrm{std}(z_i), \qquad W_i \leftarrow \frac{W_i}{s_i},
\qquad a_i = f\Bigl(\frac{z_i}{s_i}\Bigr) $$

std is that of *all* entries of $z_i$ together, the root of their mean squared deviation from their mean (ddof 0),
before the activation. The order matters: layer i is measured on what the layers before it give *after they were
scaled*. No formula for the variance is needed, and none of its assumptions: the data itself says what each layer does.
There are no biases.

`activation` is `"linear"` (f(z) = z), `"sigmoid"`, `"tanh"` or `"relu"`; anything else raises `ValueError`. L is at
least 1, and no $z_i$ is constant in the checks, so $s_i > 0$. If all arrays are float32, so are the new weights.
Integers give the right values. No argument is changed.

*Worked number.* x = [[1], [3]], W₁ = [[2]], W₂ = [[0.5, −1]], relu. z₁ = [[2], [6]] has std 2, so W₁ becomes [[1]] and
a₁ = [[1], [3]]. Now z₂ = [[0.5, −1], [1.5, −3]] has std 1.695582, so W₂ becomes [[0.294884, −0.589768]].

**What the interviewer is after**: initialization by measurement, and why it must go from the input to the output.
**Follow-ups**: what do you need for a layer with a bias, or for one whose activation comes first? How does it relate to
batch normalization, which measures at every step? The paper starts from orthogonal matrices: why not from any? Why does
the paper iterate where one division does it here? What if the batch you measure on is small?

<details><summary>Hint 1</summary>It is a forward pass with one more line: measure z before you let it through the
activation.</details>
<details><summary>Hint 2</summary>z is linear in W, so scaling W by 1/s scales z by 1/s. There is no need to multiply
again.</details>
<details><summary>Hint 3</summary>In the loop: z, its std over everything, append W / std, then a = f(z / std) for the
next layer. If you pass f(z) on instead, the next layer is measured on a network that you do not return.</details>
"""

# %% role="solve" id="lsuv_scale"
from dlkit.reference.initialization import lsuv_scale

# %% role="check" id="lsuv_scale-check" points=6
with check("two layers worked by hand"):
    weights, x = [np.array([[2.0]]), np.array([[0.5, -1.0]])], np.array([[1.0], [3.0]])
    expect(lsuv_scale, weights, x, "relu").close([np.array([[1.0]]), np.array([[0.2948839123, -0.5897678246]])])
    expect(lsuv_scale, weights, x, "tanh").close([np.array([[1.0]]), np.array([[0.7516808389, -1.5033616778]])])
with check("afterwards every pre-activation has std 1: tanh, four layers"):
    rng = np.random.default_rng(0)
    widths = (5, 8, 8, 6, 3)
    weights = [rng.normal(0, 3, widths[i : i + 2]) for i in range(len(widths) - 1)]
    x = rng.normal(1, 2, (20, 5))

    def stds(weights, x=x):
        out = []
        for W in weights:
            out.append(np.std(x @ W))
            x = np.tanh(x @ W)
        return out

    words = "std(z) = 1 in each of 4 layers, when x runs through the weights returned"
    expect(lsuv_scale, weights, x, "tanh").satisfies(
        lambda new, stds=stds: len(new) == 4 and np.allclose(stds(new), 1, atol=1e-6), words
    )
with check("each array is a positive multiple of the one given"):
    rng = np.random.default_rng(1)
    weights, x = [rng.normal(size=pair) for pair in [(3, 6), (6, 2)]], rng.normal(size=(9, 3))
    first = x @ weights[0]
    second = np.maximum(first / first.std(), 0) @ weights[1]
    expect(lsuv_scale, weights, x, "relu").close([weights[0] / first.std(), weights[1] / second.std()])
with check("a name that is not known raises ValueError"):
    weights, x = [np.array([[2.0]])], np.array([[1.0], [3.0]])
    expect(lsuv_scale, weights, x, "linear").close([np.array([[1.0]])])
    for name in ["gelu", "Linear", ""]:
        expect(lsuv_scale, weights, x, name).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import initialization as reference

with check("every activation, random widths and depths"):
    rng = np.random.default_rng(2)
    for N, widths in [(3, (3, 4)), (7, (2, 5, 4, 3)), (8, (6, 6, 6, 6, 6)), (1, (3, 5))]:
        weights = [rng.normal(size=widths[i : i + 2]) for i in range(len(widths) - 1)]
        x = rng.normal(1, 2, (N, widths[0]))
        for name in ["sigmoid", "tanh", "linear", "relu"]:
            expect(lsuv_scale, weights, x, name).close(reference.lsuv_scale(weights, x, name))
with check("thirty layers that start far too small or far too large"):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(16, 8))
    for scale in [0.001, 30.0]:
        weights = [rng.normal(0, scale, (8, 8)) for _ in range(30)]
        expect(lsuv_scale, weights, x, "tanh").close(reference.lsuv_scale(weights, x, "tanh")).no_warning()
with check("float32 stays float32"):
    rng = np.random.default_rng(4)
    weights = [rng.normal(size=shape).astype(np.float32) for shape in [(4, 6), (6, 6), (6, 3)]]
    x = rng.normal(size=(10, 4)).astype(np.float32)
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.lsuv_scale(weights, x, name)
        expect(lsuv_scale, weights, x, name).close(expected, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("integers give the right values, and weights and x are left alone"):
    weights, x = [np.array([[1, -2], [0, 1]]), np.array([[1, 4], [3, 1]])], np.array([[1, 2], [-1, 0], [3, -1]])
    for name in ["sigmoid", "tanh", "relu", "linear"]:
        expected = reference.lsuv_scale([1.0 * W for W in weights], 1.0 * x, name)
        expect(lsuv_scale, weights, x, name).close(expected).unchanged()
    weights, x = [np.array([[1.0, 2.0]]), np.array([[1.0], [3.0]])], np.array([[1.0], [2.0]])
    expect(lsuv_scale, weights, x, "linear").close(reference.lsuv_scale(weights, x, "linear")).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: which start trains?

15 layers of 50 units learn 800 digits, standardized by your function: plain SGD, 20 epochs, batches of 80, learning
rate 0.02 for all. There are no biases and no normalization, nothing that could make up for a bad start. Besides the
five starts there is a sixth: N(0, 1), but scaled by your `lsuv_scale` before the first step.

*Make a prediction*: which of the twelve runs learn? Where does the loss of the others stay?
"""

# %% role="demo" id="experiment-training"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
order = np.random.default_rng(0).permutation(len(labels))[:800]
shapes = [(64, 50)] + 13 * [(50, 50)] + [(50, 10)]  # 15 layers, no biases


def train(weights, X, y, relu, rate=0.02, epochs=20):
    """The loss of every step of plain SGD on cross-entropy; it stops where the loss exceeds 1e6."""
    rng, losses, rows = np.random.default_rng(1), [], np.arange(80)  # 80 rows: products small enough for one thread
    for batch in np.concatenate([rng.permutation(len(X)).reshape(-1, 80) for _ in range(epochs)]):
        a = [X[batch]]
        for W in weights[:-1]:
            a.append(np.maximum(a[-1] @ W, 0) if relu else np.tanh(a[-1] @ W))
        logits = a[-1] @ weights[-1]
        logits = logits - logits.max(axis=1, keepdims=True)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        losses.append(-np.mean(log_p[rows, y[batch]]))
        if losses[-1] > 1e6:
            break
        delta, moved = np.exp(log_p), []
        delta[rows, y[batch]] -= 1
        delta /= len(batch)
        for W, into in zip(weights[::-1], a[::-1], strict=True):
            moved.append(W - rate * into.T @ delta)
            delta = (delta @ W.T) * ((into > 0) if relu else 1 - into**2)  # at the input it is not used any more
        weights = moved[::-1]
    return losses


title = "tanh learns from Xavier and from He, ReLU from He but not from Xavier"
with experiment(), figure(title, columns=2, height=4.2, sharey=True) as panels:
    X, _ = standardize(images[order], images[:0])
    y = labels[order]
    kinds = {
        "zeros": ("-", "C4", 5, lambda shape, rng: np.zeros(shape)),
        "Xavier": ("D-", "C2", 1.8, lambda shape, rng: xavier_normal(shape, rng)),
        "N(0, 0.01²)": ("--", "C1", 1.8, lambda shape, rng: rng.normal(0, 0.01, shape)),
        "N(0, 1)": ("^-", "C3", 1.8, lambda shape, rng: rng.normal(0, 1, shape)),
        "He": ("o-", "C0", 1.8, lambda shape, rng: kaiming_normal(shape, rng)),
        "N(0, 1), then LSUV": ("--", "C6", 1.8, lambda shape, rng: rng.normal(0, 1, shape)),
    }
    for panel, name, shown in zip(panels, ["tanh", "relu"], ["tanh", "ReLU"], strict=True):
        for start, (style, color, width, make) in kinds.items():
            rng = np.random.default_rng(2)
            weights = [make(shape, rng) for shape in shapes]
            if start.endswith("LSUV"):
                weights = lsuv_scale(weights, X, name)
            losses = train(weights, X, y, relu=name == "relu")
            print(f"{shown}, {start:18s} first loss {losses[0]:7.2g}   ", end="")
            if losses[0] > 1e6:
                print("out of range: the next step would overflow")
                panel.text(1, 14, f"N(0, 1): first loss {losses[0]:.0e}, far above the picture", color=color)
                continue
            curve = np.mean(np.reshape(losses, (-1, 10)), axis=1)  # one number an epoch
            off = curve[-1] - math.log(10)
            verdict = "below 1" if curve[-1] < 1 else "still ln 10" if abs(off) < 0.02 else "not below 1"
            print(f"after 20 epochs {verdict}")
            panel.semilogy(range(1, 21), curve, style, color=color, linewidth=width, markersize=4, label=start)
        panel.set(ylim=(0.03, 20), xlabel="epoch", xticks=range(0, 21, 5), title=f"{shown}, 15 layers")
    panels[0].set_ylabel("loss (logarithmic)")
    panels[0].legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.** Guessing costs ln 10 = 2.30.

| start | tanh | ReLU |
|---|---|---|
| zeros | stays at 2.30 | stays at 2.30 |
| N(0, 0.01²) | stays at 2.30 | stays at 2.30 |
| N(0, 1) | starts at 9.7, is still above 2.30 after 20 epochs | starts at $3 \cdot 10^{10}$, overflows |
| Xavier | learns, to 0.65 | stays at 2.30 |
| He | learns, to 0.29 | learns, to about 0.24 |
| N(0, 1), then LSUV | learns, to 0.17 | learns, to about 0.18 |

With Xavier each ReLU costs a factor of $\sqrt2$, and the 14 of them make that 128. It is not hopeless, but slow: with
this seed the loss leaves 2.30 after some 80 epochs. With tanh He is faster than Xavier, because tanh too takes
something away: your `forward_gain` says 1.59, and He's √2 is nearer to that than Xavier's 1. LSUV needs no formula at
all. It measures, and makes of N(0, 1), the worst start with ReLU, one as good as any here.

Is it only the learning rate? We tried ten, from 0.005 to 10, for 20 epochs each. N(0, 0.01²) stays at 2.30 with every
one, and tanh with N(0, 1) ends above 2 with every one. Xavier with ReLU reaches about 1.7 at best; He with ReLU reaches
0.16. Clipping is no cure either: ReLU with N(0, 1) and gradients clipped to norm 1 does not overflow, but after 20
epochs its loss is $4 \cdot 10^9$. It bounds the step, it does not repair the scale.

**What to say in an interview.** “He for ReLU, Xavier for linear layers, and for tanh with a gain of 5/3 (exactly
1.59). I look at the loss before the first step: ln C or a little more. If it is far above, some weights are too large;
if it is ln C and does not move, the signal may have died on the way. Residual connections and normalization make
networks forgiving, so with them the exact start matters less.”
"""

# %% [markdown]
r"""
## Summary: the evening before

**The weights** (n is fan_in, m is fan_out; a convolution counts its kernel: n = C · KH · KW, m = F · KH · KW)

| start | standard deviation | uniform bound | for | pitfall |
|---|---|---|---|---|
| zeros | 0 | | biases, the last layer of a residual branch | a whole network of them (tanh, ReLU): no gradient for any weight |
| equal numbers | 0 | | nothing | a layer of any width acts like one unit |
| Xavier (Glorot) | √(2 / (n + m)) | √(6 / (n + m)) | linear; tanh with gain 5/3 (exactly 1.59) | with ReLU the signal shrinks by √2 per layer |
| He (Kaiming) | √(2 / n) | √(6 / n) | ReLU; leaky: √(2 / ((1 + slope²) n)) | fan_in keeps the signal, fan_out the gradient |
| LeCun | √(1 / n) | √(3 / n) | SELU, linear | with ReLU as Xavier |
| truncated normal | 0.88 · σ if cut at 2σ | | transformers, often with σ = 0.02 | σ means the law before the cut |
| orthogonal | gain / √n if square | | recurrent and deep plain networks | rows or columns only, where not square |
| LSUV | measured: z has std 1 | | any activation | from the input upwards, each layer after those below |

**The data**

| step | formula | for | pitfall |
|---|---|---|---|
| standardize | (x − μ) / s | the default for features | μ and s from the training part only |
| min-max | (x − min) / (max − min) | bounded inputs | one outlier squeezes all the rest |
| mean image | x − mean over N | AlexNet | fixed to one image size |
| channel mean | x − mean over N, H, W | images today, with a std per channel | bytes wrap below 0: floats first |
| PCA whitening | Xc V / √(λ + eps) | decorrelated features | noise is raised with the rest |
| ZCA whitening | Xc V / √(λ + eps) · Vᵀ | small images | the same |

**Ten sentences to be able to say**

1. Layers that each multiply the signal by c make it $c^L$ after L of them, so c must be 1; the same holds for the
   gradient on its way back.
2. Equal weights, zeros among them, get equal gradients and stay equal; with tanh or ReLU an all-zero network gets no
   weight gradient at all. Random weights on one side break the symmetry, so one layer alone may start at 0, and so may
   the biases.
3. The variance of a sum of n products is n · Var(w) · E[a²]: the second moment, because a has a mean.
4. ReLU keeps half of the second moment of a symmetric z, so Var(w) = 2 / n; for any other activation the gain is
   1/√E[f(z)²].
5. 1 / fan_in keeps the signal, 1 / fan_out the gradient; Xavier takes the mean of the two fans, and He picks one.
6. Scale with the training data's statistics alone, and keep them: test data and the served model need the same ones.
7. Centring and scaling make the loss rounder, so that one learning rate suits all weights; whitening goes further, and
   raises noise.
8. A Gaussian start is right on average, an orthogonal one in every direction; products of many layers show the
   difference.
9. With a rare class, start the output bias at ln(π / (1 − π)), −4.6 for 1 %: it saves the steps in which the network
   would learn only how rare the class is.
10. Look before the first step: loss near ln C, activations level over depth, gradients neither tiny nor huge. Clipping
    by the global norm keeps the direction and bounds a bad step; it does not repair a bad start.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| weight initialization | 权重初始化（参数初始化） | what the weights are before the first step |
| symmetry breaking | 打破对称性 | making units differ, so that they can learn different things |
| standardization (z-score) | 标准化（z-score 标准化） | mean 0 and standard deviation 1 for each feature |
| min-max scaling | 最小-最大归一化（极差归一化） | minimum to 0, maximum to 1, for each feature |
| mean subtraction, centring | 去均值（零中心化） | taking away the mean of the training data |
| data leakage | 数据泄露 | something of the test data has got into the training |
| outlier | 离群点（异常值） | a point far off the rest |
| covariance matrix | 协方差矩阵 | the mean products of centred features, two at a time |
| eigenvalue, eigenvector | 特征值、特征向量 | of a covariance: a direction, and the variance along it |
| singular value decomposition (SVD) | 奇异值分解 | X = U S Vᵀ; of centred data, V holds the components and S²/N the variances |
| principal component analysis (PCA) | 主成分分析 | the directions of largest variance, and the data along them |
| explained variance ratio | 方差解释率（方差贡献率） | a component's share of the total variance |
| decorrelation | 去相关 | turning the data until its features are uncorrelated |
| whitening | 白化 | decorrelated, and each direction with variance 1 |
| ZCA whitening | ZCA 白化（零相位成分分析） | whitening that leaves the data nearest to where it was |
| fan-in, fan-out | 扇入、扇出 | over how many inputs a unit sums; to how many units an input goes |
| variance | 方差 | the mean squared deviation from the mean |
| second moment | 二阶矩 | the mean square, with the mean left in |
| Xavier (Glorot) initialization | Xavier 初始化（Glorot 初始化） | variance 2 / (fan_in + fan_out) |
| Kaiming (He) initialization | Kaiming 初始化（He 初始化） | variance 2 / fan_in, for ReLU |
| gain | 增益 | what the activation takes away and the weights give back |
| uniform distribution | 均匀分布 | all values of an interval alike; variance b²/3 on [−b, b] |
| normal (Gaussian) distribution | 正态分布（高斯分布） | the bell curve |
| truncated normal distribution | 截断正态分布 | a normal law without its tails |
| orthogonal matrix | 正交矩阵 | turns and mirrors, keeps all lengths |
| singular value | 奇异值 | the factor by which a matrix stretches one of its special directions |
| saturation | 饱和 | a unit works where its activation is flat |
| vanishing gradient | 梯度消失 | factors below 1, multiplied over the layers |
| exploding gradient | 梯度爆炸 | factors above 1, multiplied over the layers |
| gradient clipping | 梯度裁剪 | shortening a gradient that is too long |
| global norm | 全局范数 | the length of all gradients taken as one vector |
| Frobenius norm | 弗罗贝尼乌斯范数（F 范数） | the root of the sum of a matrix's squared entries |
| prior probability | 先验概率 | how frequent a class is before one looks at the input |
| layer-sequential unit variance (LSUV) | 逐层单位方差初始化 | weights scaled by what each layer really does to the data |
| learning-rate warm-up | 学习率预热 | small steps at first, until the network has settled |
"""
