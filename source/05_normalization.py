# %% [markdown]
r"""
# 05 · Normalization

A normalization layer gives its inputs mean 0 and variance 1, then lets the network choose another mean and scale. Which
numbers share a mean decides everything else: whether training and test differ, whether a batch of two is enough,
whether one example can see another. Batch normalization is the layer that interviewers ask for most, because ten lines
of it show whether you can derive a gradient, keep axes apart, and tell training from test.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit normalization`, which runs about as many checks again. Concept questions are marked when you hand
in. Before each experiment there is a question: answer it before you run the cell.

The exercises take about four and a half hours, the experiments and questions one more. Do a family at a sitting: batch
normalization and its gradient, its use at test time, the other axes, the relatives.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| upstream gradient | `dout` = ∂L/∂(output), with the output's shape; a backward returns one gradient per array argument that is learnt or passed on: `dx`, `dgamma`, `dbeta` | `dy`, `grad_output` |
| cache | a forward with a backward returns it last; what is in it is your own affair | |
| shapes | features `(N, D)`, images `(N, C, H, W)`, sequences `(N, T, D)` | Keras: channels last |
| variance | biased: divided by the number of values in it | |
| `eps` | 1e-5, the last argument, inside the root: $\sqrt{\text{var} + \varepsilon}$ | Keras: 1e-3; some put it outside |
| `momentum` | weighs the **new**: running = (1 − momentum) · running + momentum · batch, 0.1 | Keras, cs231n: weighs the old, 0.99 and 0.9 |
| running variance | averages the **unbiased** variance, divided by N − 1 | Keras, cs231n: the biased one |
| mode | `training=True`: the batch's statistics; `training=False`: the running ones | a state of the layer: `model.eval()` |
| dtype | float32 stays float32; integers must give right values | |
| purity | no argument is changed; running statistics come back as new arrays | PyTorch updates them in place |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math

import numpy as np

from dlkit.check import check, expect, forbid_loops, gradients

# %% [markdown]
r"""
## Batch normalization

### Batch normalization, forwards and backwards ★★ + ★★★ · 45 min

If you prepare one derivation for an interview, prepare this one. Write both functions here; the next exercise walks
the same backward one node at a time, so take that one first if you get stuck on dx.

**Given** `x` of shape `(N, D)`, N samples of D features, and `gamma`, `beta`, `running_mean` and `running_var`, all of
shape `(D,)`, `batchnorm_forward` **returns** `(out, running_mean, running_var, cache)`. Every feature is a column of
x, and has statistics of its own:

$$ \mu_d = \frac1N \sum_{n=1}^{N} x_{nd} \qquad \sigma_d^2 = \frac1N \sum_{n=1}^{N} (x_{nd} - \mu_d)^2 $$

$$ \hat x_{nd} = \frac{x_{nd} - \text{mean}_d}{\sqrt{\text{var}_d + \varepsilon}} \qquad
\text{out}_{nd} = \gamma_d\, \hat x_{nd} + \beta_d $$

Which mean and variance stand in the second line depends on the mode:

| | `training=True` (default) | `training=False` |
|---|---|---|
| mean, var | the batch's, μ and σ² | `running_mean` and `running_var` as given |
| the running statistics returned | moved a little towards the batch's | as given |
| N | at least 2; otherwise raise `ValueError` | at least 1 |

$$ \text{running mean} \leftarrow (1 - m) \cdot \text{running mean} + m\, \mu \qquad
\text{running var} \leftarrow (1 - m) \cdot \text{running var} + m\, \frac{N}{N-1}\, \sigma^2 $$

with m = `momentum`. Two divisors, then: the batch is normalized with its variance divided by N, and the running
variance collects the *unbiased* one, divided by N − 1. This is PyTorch's convention. (cs231n's momentum is 0.9 and
weighs the old value, Keras's is 0.99 and does too, and both keep the biased variance.) ε stands inside the root, and
has no part in the running variance.

**Given** `dout` = ∂L/∂out, of shape `(N, D)`, and the `cache` of either mode, `batchnorm_backward` **returns** the
tuple `(dx, dgamma, dbeta)`, of shapes `(N, D)`, `(D,)` and `(D,)`. In training $x_{nd}$ reaches the output by three
ways: by itself, through μ, and through σ². In evaluation the running statistics are constants, and one way is left.

What the cache holds is yours to choose; nobody but your backward looks inside. Get the forward right first: the checks
of the backward hand it the cache of your forward.

The rest of what is asked:

- A feature that is constant over the batch gives β, and finite gradients.
- A large mean does no harm: for some tens of rows, float32 features around 10 000 with a spread of about 1 come out
  right to 0.01, gradients and running statistics too.
- If all that is given is float32, so are out, both running statistics and all three gradients. Integers in x give the
  right floats.
- No argument is changed: the moved running statistics are *new* arrays. The same cache may be used twice.

*Worked number.* Take x = [[0, 4], [0, 1], [3, −5]], γ = [4, 8], β = [1, −1] and ε = 2 (large, so that the roots come
out even). Then μ = [1, 0], σ² = [2, 14], the roots are [2, 4], $\hat x$ = [[−0.5, 1], [−0.5, 0.25], [1, −1.25]] and
out = [[−1, 7], [−1, 1], [5, −11]]. Running statistics [0, 10] and [1, 1] move to [0.1, 9] and [1.2, 3].

Backwards, dout = [[6, 3], [0, 12], [0, 0]] gives dβ = [6, 15], dγ = [−3, 6] and dx = [[7, −8], [−5, 13], [−2, −5]].
The third sample gets a gradient although its own dout is 0: it has moved the statistics of the others.

*Two tests of your own.* In training, each column of dx adds up to 0, because a shift of the whole column changes no
output. And $\sum_n dx_{nd}\, \hat x_{nd}$ is 0 when ε = 0, because stretching the column changes none either.

**What the interviewer is after**: do you see all three ways from x to the output, and do you know what is different at
test time? Forgetting the ways through μ and σ² is the most frequent wrong answer to this question. **Follow-ups**:
what is x̂ when N = 2, whatever the data, and what is dx then? Why not normalize with the running statistics in
training? Why does the running variance get N − 1 and the batch N? Which of the cached arrays is the large one, and
could you do without it? Why is the bias of the layer before superfluous?

<details><summary>Hint 1</summary>Forward: everything is along axis 0. Compute the variance from x − μ, not as the mean
of x² less μ²: for a large mean that difference cancels. Never write <code>running_mean *= …</code>: it changes the
caller's array.</details>
<details><summary>Hint 2</summary>γ and β meet every sample, so their gradients are sums over axis 0: of dout · x̂, and
of dout. What arrives at x̂ is g = γ · dout. In evaluation dx is g over the root, and you are done.</details>
<details><summary>Hint 3</summary>Training: with s the root, differentiate x̂ᵢ = (xᵢ − μ)/s by xⱼ. You need ∂μ/∂xⱼ =
1/N and ∂s/∂xⱼ = x̂ⱼ/N (in ∂σ²/∂xⱼ the part through μ vanishes, because the xᵢ − μ add up to 0). Then sum over i with
the weights gᵢ. Before g is divided by s, two things are taken away from it: its own mean over the batch, and x̂ⱼ times
another mean over the batch. Which one?</details>
"""

# %% role="solve" id="batchnorm_forward"
from dlkit.reference.normalization import batchnorm_forward, batchnorm_backward

# %% role="check" id="batchnorm_forward-check" points=10
with check("forward: three samples worked by hand"):
    x, gamma, beta = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0]), np.array([1.0, -1.0])
    out = np.array([[-1.0, 7.0], [-1.0, 1.0], [5.0, -11.0]])
    expect(batchnorm_forward, x, gamma, beta, np.zeros(2), np.ones(2), eps=2.0).part(0).close(out)
with check("running statistics: a tenth of the way to the batch's, whose variance is divided by N − 1"):
    x, gamma, beta = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0]), np.array([1.0, -1.0])
    result = expect(batchnorm_forward, x, gamma, beta, np.array([0.0, 10.0]), np.array([1.0, 1.0]), eps=2.0)
    result.part(1).close(np.array([0.1, 9.0]))
    result.part(2).close(np.array([1.2, 3.0]))
with check("evaluation: the running statistics normalize, and come back as they were"):
    x, gamma, beta = np.array([[5.0, 2.0], [1.0, -6.0]]), np.array([4.0, -2.0]), np.array([0.0, 10.0])
    mean, var = np.array([1.0, -2.0]), np.array([2.0, 14.0])
    result = expect(batchnorm_forward, x, gamma, beta, mean, var, training=False, eps=2.0)
    result.part(0).close(np.array([[8.0, 8.0], [0.0, 12.0]]))
    result.part(1).close(mean)
    result.part(2).close(var)
with check("one sample: ValueError in training, fine in evaluation"):
    x, gamma, beta = np.array([[2.0, -6.0]]), np.array([4.0, 8.0]), np.array([1.0, -1.0])
    mean, var = np.array([1.0, -2.0]), np.array([2.0, 14.0])
    result = expect(batchnorm_forward, x, gamma, beta, mean, var, training=False, eps=2.0)
    result.part(0).close(np.array([[3.0, -9.0]]))
    expect(batchnorm_forward, x, gamma, beta, mean, var, eps=2.0).raises(ValueError)
with check("backward: dbeta worked by hand"):
    x, gamma, beta = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0]), np.array([1.0, -1.0])
    out, mean, var, cache = expect(batchnorm_forward, x, gamma, beta, np.zeros(2), np.ones(2), eps=2.0).value
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward, dout, cache).part(2).close(np.array([6.0, 15.0]))
with check("backward: dgamma worked by hand"):
    x, gamma, beta = np.array([[-1.0, 4.0], [-1.0, 1.0], [2.0, -5.0]]), np.array([4.0, 8.0]), np.array([1.0, -1.0])
    out, mean, var, cache = expect(batchnorm_forward, x, gamma, beta, np.zeros(2), np.ones(2), eps=2.0).value
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward, dout, cache).part(1).close(np.array([-3.0, 6.0]))
with check("backward: dx worked by hand; the sample whose dout is 0 gets a gradient too"):
    x, gamma, beta = np.array([[-1.0, 4.0], [-1.0, 1.0], [2.0, -5.0]]), np.array([4.0, 8.0]), np.array([1.0, -1.0])
    out, mean, var, cache = expect(batchnorm_forward, x, gamma, beta, np.zeros(2), np.ones(2), eps=2.0).value
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward, dout, cache).part(0).close(np.array([[7.0, -8.0], [-5.0, 13.0], [-2.0, -5.0]]))
with check("backward: dx agrees with finite differences of the formula"):
    rng = np.random.default_rng(0)
    x, dout = rng.normal(2, 3, (6, 3)), rng.normal(0, 1, (6, 3))
    gamma, beta, numeric = np.array([1.5, -0.5, 2.0]), np.array([0.0, 1.0, -2.0]), np.zeros((6, 3))

    def loss(x, dout=dout, gamma=gamma, beta=beta):
        return (dout * (gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5) + beta)).sum()

    for place in np.ndindex(6, 3):
        step = np.zeros((6, 3))
        step[place] = 1e-5
        numeric[place] = (loss(x + step) - loss(x - step)) / 2e-5
    out, mean, var, cache = expect(batchnorm_forward, x, gamma, beta, np.zeros(3), np.ones(3)).value
    expect(batchnorm_backward, dout, cache).part(0).close(numeric, rtol=1e-6, atol=1e-8)
with check("backward in evaluation: dx, dgamma and dbeta worked by hand"):
    x, gamma, beta = np.array([[4.0, 4.0], [0.0, -8.0]]), np.array([4.0, -2.0]), np.array([0.0, 10.0])
    out, mean, var, cache = expect(
        batchnorm_forward, x, gamma, beta, np.zeros(2), np.array([2.0, 14.0]), training=False, eps=2.0
    ).value
    dx, dgamma, dbeta = np.array([[2.0, -1.0], [6.0, 0.5]]), np.array([2.0, 4.0]), np.array([4.0, 1.0])
    expect(batchnorm_backward, np.array([[1.0, 2.0], [3.0, -1.0]]), cache).close((dx, dgamma, dbeta))
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("forward: other shapes, N = D, N = 2, one feature, the default eps"):
    rng = np.random.default_rng(1)
    for N, D in [(3, 4), (4, 4), (2, 1), (2, 3), (64, 5)]:
        x, gamma, beta = rng.normal(-3, 2, (N, D)), rng.normal(0, 1, D), rng.normal(0, 1, D)
        mean, var = rng.normal(0, 1, D), rng.uniform(0.5, 2, D)
        want = reference.batchnorm_forward(x, gamma, beta, mean, var)[0]
        expect(batchnorm_forward, x, gamma, beta, mean, var).part(0).close(want)
with check("running statistics: other momenta and batch sizes; eps, gamma and beta have no part in them"):
    rng = np.random.default_rng(2)
    for N, momentum, eps in [(2, 0.1, 1e-5), (5, 0.3, 0.5), (40, 1.0, 1e-5), (4, 0.01, 1.0)]:
        x, gamma, beta = rng.normal(-3, 2, (N, 4)), rng.normal(0, 1, 4), rng.normal(0, 1, 4)
        mean, var = rng.normal(0, 1, 4), rng.uniform(0.5, 2, 4)
        want = reference.batchnorm_forward(x, gamma, beta, mean, var, momentum=momentum, eps=eps)
        result = expect(batchnorm_forward, x, gamma, beta, mean, var, momentum=momentum, eps=eps)
        result.part(1).close(want[1])
        result.part(2).close(want[2])
with check("three training steps in a row, then evaluation with what they leave"):
    rng = np.random.default_rng(3)
    gamma, beta, mean, var = np.array([1.5, -2.0]), np.array([0.5, 0.0]), np.zeros(2), np.ones(2)
    wanted_mean, wanted_var = mean, var
    for _ in range(3):
        x = rng.normal(4, 3, (6, 2))
        result = expect(batchnorm_forward, x, gamma, beta, mean, var, momentum=0.5)
        out, mean, var, cache = result.value
        wanted_mean, wanted_var = reference.batchnorm_forward(x, gamma, beta, wanted_mean, wanted_var, momentum=0.5)[
            1:3
        ]
    result.part(1).close(wanted_mean)
    result.part(2).close(wanted_var)
    # with the right statistics: from wrong ones, whatever hands them on as they are would look like this answer
    result = expect(batchnorm_forward, x, gamma, beta, wanted_mean, wanted_var, training=False)
    result.part(0).close(gamma * (x - wanted_mean) / np.sqrt(wanted_var + 1e-5) + beta)
    result.part(1).close(wanted_mean)
    result.part(2).close(wanted_var)
with check("evaluation: each sample's output depends on that sample alone"):
    rng = np.random.default_rng(4)
    x, gamma, beta = rng.normal(1, 2, (5, 3)), rng.normal(0, 1, 3), rng.normal(0, 1, 3)
    mean, var = rng.normal(0, 1, 3), rng.uniform(0.5, 2, 3)
    for rows in (slice(0, 5), slice(0, 2), slice(3, 4)):
        want = gamma * (x[rows] - mean) / np.sqrt(var + 1e-5) + beta
        expect(batchnorm_forward, x[rows], gamma, beta, mean, var, training=False).part(0).close(want)
with check("backward: dx on other shapes, N = D, N = 2, one feature, gammas of either sign"):
    rng = np.random.default_rng(5)
    for i, (N, D, eps) in enumerate([(5, 3, 1e-5), (4, 4, 1e-5), (2, 1, 0.5), (2, 3, 1e-5), (33, 2, 1.0)]):
        x, dout = rng.normal(-3, 2, (N, D)), rng.normal(0.5, 1, (N, D))
        x = x - x.mean(axis=0) if i == 0 else x  # where x is x − mean, taking it for x̂ is recognised
        gamma, beta = rng.normal(0, 1, D), rng.normal(0, 1, D)
        *_, kept = reference.batchnorm_forward(x, gamma, beta, np.zeros(D), np.ones(D), eps=eps)
        out, mean, var, cache = expect(batchnorm_forward, x, gamma, beta, np.zeros(D), np.ones(D), eps=eps).value
        expect(batchnorm_backward, dout, cache).part(0).close(reference.batchnorm_backward(dout, kept)[0])
with check("backward: dgamma on other shapes, for features centred at 0"):
    rng = np.random.default_rng(6)
    for N, D in [(5, 3), (4, 4), (2, 1), (33, 2)]:
        x, dout, gamma = rng.normal(0, 2, (N, D)), rng.normal(0.5, 1, (N, D)), rng.normal(0, 1, D)
        x = x - x.mean(axis=0)
        out, mean, var, cache = expect(batchnorm_forward, x, gamma, np.ones(D), np.zeros(D), np.ones(D)).value
        want = (dout * x / np.sqrt((x**2).mean(axis=0) + 1e-5)).sum(axis=0)
        expect(batchnorm_backward, dout, cache).part(1).close(want)
with check("backward: dgamma and dbeta for features far from 0, in both modes"):
    rng = np.random.default_rng(7)
    for N, D, training in [(6, 3, True), (3, 3, True), (20, 1, True), (4, 3, False), (1, 2, False)]:
        x, dout, gamma = rng.normal(7, 2, (N, D)), rng.normal(0.5, 1, (N, D)), rng.normal(0, 1, D)
        mean, var = rng.normal(5, 1, D), rng.uniform(0.5, 2, D)
        *_, kept = reference.batchnorm_forward(x, gamma, np.ones(D), mean, var, training=training)
        out, _, _, cache = expect(batchnorm_forward, x, gamma, np.ones(D), mean, var, training=training).value
        want = reference.batchnorm_backward(dout, kept)
        result = expect(batchnorm_backward, dout, cache)
        result.part(2).close(want[2])
        result.part(1).close(want[1])
with check("backward in evaluation: other shapes, one sample too"):
    rng = np.random.default_rng(8)
    for N, D, eps in [(5, 3, 1e-5), (1, 4, 0.5), (4, 4, 1e-5), (3, 1, 1.0)]:
        x, dout, gamma = rng.normal(3, 2, (N, D)), rng.normal(0.5, 1, (N, D)), rng.normal(0, 1, D)
        mean, var = np.zeros(D), rng.uniform(0.5, 2, D)
        result = expect(batchnorm_forward, x, gamma, np.ones(D), mean, var, training=False, eps=eps)
        out, same_mean, same_var, cache = result.value
        root = np.sqrt(var + eps)
        want = (dout * gamma / root, (dout * x / root).sum(axis=0), dout.sum(axis=0))
        expect(batchnorm_backward, dout, cache).close(want)
with check("a feature that is constant over the batch gives beta, and a finite gradient"):
    x = np.array([[3.0, 1.0], [3.0, 2.0], [3.0, 5.0], [3.0, 0.0]])
    gamma, beta, dout = (
        np.array([2.0, 0.5]),
        np.array([-7.0, 1.0]),
        np.array([[1.0, 2.0], [0.0, 1.0], [2.0, 0.0], [5.0, 3]]),
    )
    want = reference.batchnorm_forward(x, gamma, beta, np.zeros(2), np.ones(2))
    result = expect(batchnorm_forward, x, gamma, beta, np.zeros(2), np.ones(2))
    result.part(0).close(want[0])
    result.part(2).close(want[2])
    gradient = reference.batchnorm_backward(dout, want[3])
    for i in (0, 2):
        expect(batchnorm_backward, dout, result.value[3]).part(i).close(gradient[i])
with check("float32 around 10 000: out, running statistics and dx right to 0.01"):
    rng = np.random.default_rng(9)
    x = rng.normal(10_000, 1, (16, 3)).astype(np.float32)
    gamma, beta = np.array([1.0, 2.0, -0.5], dtype=np.float32), np.array([0.0, 1.0, -1.0], dtype=np.float32)
    dout, zeros, ones = rng.normal(0, 1, (16, 3)).astype(np.float32), np.zeros(3, np.float32), np.ones(3, np.float32)
    want = reference.batchnorm_forward(x.astype(np.float64), gamma, beta, np.zeros(3), np.ones(3))
    result = expect(batchnorm_forward, x, gamma, beta, zeros, ones)
    for i in range(3):
        result.part(i).close(want[i], rtol=1e-3, atol=2e-2)
    dx = reference.batchnorm_backward(dout.astype(np.float64), want[3])[0]
    expect(batchnorm_backward, dout, result.value[3]).part(0).close(dx, rtol=1e-3, atol=2e-2)
with check("float32 in, float32 out: all results of the forward, in both modes"):
    rng = np.random.default_rng(10)
    x, gamma, beta, mean = (rng.normal(1, 1, shape).astype(np.float32) for shape in [(8, 3), (3,), (3,), (3,)])
    var = np.array([0.5, 1.0, 2.0], dtype=np.float32)
    for training in (True, False):
        want = reference.batchnorm_forward(x, gamma, beta, mean, var, training=training)
        result = expect(batchnorm_forward, x, gamma, beta, mean, var, training=training)
        for i in range(3):
            part = result.part(i).close(want[i], rtol=1e-4, atol=1e-5)
            part.satisfies(lambda array: array.dtype == np.float32, "a float32 array")
with check("float32 in, float32 out: all gradients, in both modes"):
    rng = np.random.default_rng(11)
    x, dout, gamma, beta = (rng.normal(1, 1, shape).astype(np.float32) for shape in [(8, 3), (8, 3), (3,), (3,)])
    mean, var = np.array([1.0, 0.0, 2.0], dtype=np.float32), np.array([0.5, 1.0, 2.0], dtype=np.float32)
    for training in (True, False):
        *_, kept = reference.batchnorm_forward(x, gamma, beta, mean, var, training=training)
        out, _, _, cache = expect(batchnorm_forward, x, gamma, beta, mean, var, training=training).value
        want = reference.batchnorm_backward(dout, kept)
        expect(batchnorm_backward, dout, cache).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("forward: integers in x, and no argument is changed, the running statistics included"):
    x, gamma, beta = np.array([[1, 7], [-2, 0], [4, 3], [2, 2]]), np.array([1.0, 2.0]), np.array([0.5, 0.0])
    mean, var = np.array([1.0, -1.0]), np.array([2.0, 0.5])
    for data in (x, x.astype(np.float64)):
        for training in (True, False):
            want = reference.batchnorm_forward(x, gamma, beta, mean, var, training=training)
            result = expect(batchnorm_forward, data, gamma, beta, mean, var, training=training)
            for i in range(3):
                result.part(i).close(want[i])
            result.unchanged()
with check("backward: dout is left alone, and the same cache serves twice"):
    rng = np.random.default_rng(12)
    x, dout, gamma = rng.normal(1, 2, (5, 3)), rng.normal(0, 1, (5, 3)), np.array([1.0, -2.0, 0.5])
    x = x - x.mean(axis=0)
    for training in (True, False):
        *_, kept = reference.batchnorm_forward(x, gamma, np.ones(3), np.zeros(3), np.ones(3), training=training)
        result = expect(batchnorm_forward, x, gamma, np.ones(3), np.zeros(3), np.ones(3), training=training)
        *_, cache = result.value
        for upstream in (dout, 2 * dout):
            want = reference.batchnorm_backward(upstream, kept)
            expect(batchnorm_backward, upstream, cache).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### What γ and β are for

A layer that could only put out mean 0 and variance 1 would force every sigmoid into its straight part and every ReLU to
be off half of the time. With γ and β the network may choose any other mean and scale: γ = σ and β = μ give the input
back. So nothing is lost in what the layer can express. What changes is *how* it is learnt. The scale of a feature was
an interplay of all weights below, and is now one number with a gradient of its own.
"""

# %% [markdown]
r"""
### Concept questions: one example, and its neighbours
"""

# %% role="question" id="bn_neighbours_change" points=1

# %% role="question" id="bn_dx_of_four" points=1

# %% [markdown]
r"""
### The backward pass, node by node ★★★ · 30 min

The same gradient once more, in training mode, without any cleverness: the forward is cut into steps so small that each
has an obvious derivative, and you go back through them one by one. Nobody forgets a path this way, and an interviewer
can follow you at the whiteboard.

**Given** `dout` = ∂L/∂out and the forward's input `x`, both `(N, D)`, `gamma` of shape `(D,)` and `eps`, **return** a
dictionary with the gradient of L at every node. Here is the graph; recompute what you need of it from x:

| step | node | formula | shape |
|---|---|---|---|
| 1 | `mu` | mean of x over the batch | `(D,)` |
| 2 | `xmu` | x − mu | `(N, D)` |
| 3 | `sq` | xmu² | `(N, D)` |
| 4 | `var` | mean of sq over the batch | `(D,)` |
| 5 | `sqrtvar` | $\sqrt{\text{var} + \varepsilon}$ | `(D,)` |
| 6 | `ivar` | 1 / sqrtvar | `(D,)` |
| 7 | `xhat` | xmu · ivar | `(N, D)` |
| 8 | `gammax` | gamma · xhat | `(N, D)` |
| 9 | `out` | gammax + beta | `(N, D)` |

Two nodes are used twice: x by steps 1 and 2, xmu by steps 3 and 7. Their gradients arrive in two parts, which have
keys of their own. These are the 14 keys, from the output back to the input:

| key | the gradient of L with respect to … | shape |
|---|---|---|
| `dbeta` | beta, which step 9 adds to every row | `(D,)` |
| `dgammax` | gammax | `(N, D)` |
| `dgamma` | gamma, by which step 8 multiplies every row | `(D,)` |
| `dxhat` | xhat | `(N, D)` |
| `divar` | ivar, by which step 7 multiplies every row | `(D,)` |
| `dxmu1` | xmu, the part that comes back through step 7 | `(N, D)` |
| `dsqrtvar` | sqrtvar | `(D,)` |
| `dvar` | var | `(D,)` |
| `dsq` | sq; all its rows are equal | `(N, D)` |
| `dxmu2` | xmu, the part that comes back through step 3 | `(N, D)` |
| `dx1` | xmu, both parts together; this is also x's part through step 2, whose slope is 1 | `(N, D)` |
| `dmu` | mu, which step 2 subtracts from every row | `(D,)` |
| `dx2` | x, the part that comes back through step 1; all its rows are equal | `(N, D)` |
| `dx` | x, both parts together | `(N, D)` |

Three rules are enough for all of it. Behind $b = f(a)$, with f taken element by element, the gradient is multiplied by
the slope:

$$ \frac{\partial L}{\partial a} = \frac{\partial L}{\partial b} \cdot f'(a) $$

An array of shape `(D,)` that meets every row gets the *sum* over the batch of what the rows send back. And where a
mean was taken over the batch, every row gets the same gradient: that of the mean, divided by N.

N is at least 2. Each key is checked by itself, so a part of them earns a part of the points. An error runs on into the
keys below it: mend the first that is wrong. Other keys may be in the dictionary too. If dout, x and gamma are float32,
so are all gradients. No argument is changed.

*Worked number.* x = [[0, 4], [0, 1], [3, −5]], γ = [4, 8], ε = 2 and dout = [[6, 3], [0, 12], [0, 0]], as in the
exercise before: xmu = [[−1, 4], [−1, 1], [2, −5]], sqrtvar = [2, 4]. Then dxhat = [[24, 24], [0, 96], [0, 0]], divar =
[−24, 192], dsqrtvar = [6, −12], dvar = [1.5, −1.5], dmu = [−12, −30] and dx = [[7, −8], [−5, 13], [−2, −5]].

**What the interviewer is after**: order, shapes, and no lost path. **Follow-ups**: Σ dxmu2 over the batch is always 0;
why, and what does that save in dmu? Which of the steps would you fuse, and what memory does that save? How do you get
from these 14 lines to the one line for dx? Which keys change in evaluation mode?

<details><summary>Hint 1</summary>Write the forward first, one line a step. Then go through the lines from the last to
the first, and ask of each operand: what is the slope, and was it repeated over the rows?</details>
<details><summary>Hint 2</summary>Check by shape: a key of shape (D,) whose node met (N, D) arrays needs a sum over
axis 0. The slope of 1/s is −1/s², that of √v is 1/(2√v), and in step 5 the root is sqrtvar itself.</details>
<details><summary>Hint 3</summary>divar is the sum of dxhat · xmu, dxmu1 is dxhat · ivar. dsq is dvar / N in every row,
dxmu2 is 2 · xmu · dsq. dmu is minus the sum of dx1, dx2 is dmu / N in every row; <code>np.full_like(x, …)</code> or
<code>np.ones_like(x) * …</code> makes the rows.</details>
"""

# %% role="solve" id="batchnorm_backward_steps"
from dlkit.reference.normalization import batchnorm_backward_steps

# %% role="check" id="batchnorm_backward_steps-check" points=6
with check("dbeta: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dbeta": np.array([6.0, 15.0])})
with check("dgammax: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dgammax": dout})
with check("dgamma: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dgamma": np.array([-3.0, 6.0])})
with check("dxhat: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    dxhat = np.array([[24.0, 24.0], [0.0, 96.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dxhat": dxhat})
with check("divar: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"divar": np.array([-24.0, 192.0])})
with check("dxmu1: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    dxmu1 = np.array([[12.0, 6.0], [0.0, 24.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dxmu1": dxmu1})
with check("dsqrtvar: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dsqrtvar": np.array([6.0, -12.0])})
with check("dvar: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dvar": np.array([1.5, -1.5])})
with check("dmu: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dmu": np.array([-12.0, -30.0])})
with check("dx: three samples by hand"):
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    dx = np.array([[7.0, -8.0], [-5.0, 13.0], [-2.0, -5.0]])
    expect(batchnorm_backward_steps, dout, x, gamma, eps=2.0).close({"dx": dx})
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("dsq: (N, D), every row the same, for several N"):
    rng = np.random.default_rng(1)
    for N in (2, 5, 12):
        dout, x, gamma = rng.normal(0, 1, (N, 3)), rng.normal(1, 2, (N, 3)), rng.normal(0, 1, 3)
        want = reference.batchnorm_backward_steps(dout, x, gamma)
        expect(batchnorm_backward_steps, dout, x, gamma).close({"dsq": want["dsq"]})
with check("dxmu2: random data"):
    rng = np.random.default_rng(2)
    dout, x, gamma = rng.normal(0, 1, (6, 4)), rng.normal(1, 2, (6, 4)), rng.normal(0, 1, 4)
    want = reference.batchnorm_backward_steps(dout, x, gamma, eps=0.1)
    expect(batchnorm_backward_steps, dout, x, gamma, eps=0.1).close({"dxmu2": want["dxmu2"]})
with check("dx1: random data"):
    rng = np.random.default_rng(3)
    dout, x, gamma = rng.normal(0, 1, (6, 4)), rng.normal(1, 2, (6, 4)), rng.normal(0, 1, 4)
    want = reference.batchnorm_backward_steps(dout, x, gamma)
    expect(batchnorm_backward_steps, dout, x, gamma).close({"dx1": want["dx1"]})
with check("dx2: (N, D), every row the same, for several N"):
    rng = np.random.default_rng(4)
    for N in (2, 5, 12):
        dout, x, gamma = rng.normal(0, 1, (N, 3)), rng.normal(1, 2, (N, 3)), rng.normal(0, 1, 3)
        want = reference.batchnorm_backward_steps(dout, x, gamma)
        expect(batchnorm_backward_steps, dout, x, gamma).close({"dx2": want["dx2"]})
with check("dx agrees with finite differences of the formula"):
    rng = np.random.default_rng(5)
    dout, x, gamma = rng.normal(0, 1, (5, 3)), rng.normal(1, 2, (5, 3)), np.array([2.0, -1.0, 0.5])
    numeric = np.zeros((5, 3))

    def loss(x, dout=dout, gamma=gamma):
        return (dout * gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)).sum()

    for place in np.ndindex(5, 3):
        step = np.zeros((5, 3))
        step[place] = 1e-5
        numeric[place] = (loss(x + step) - loss(x - step)) / 2e-5
    expect(batchnorm_backward_steps, dout, x, gamma).close({"dx": numeric}, rtol=1e-6, atol=1e-8)
with check("the gradients of beta, gamma, ivar, sqrtvar, var and mu on other shapes: N = D, N = 2, one feature"):
    rng = np.random.default_rng(6)
    keys = ("dbeta", "dgamma", "divar", "dsqrtvar", "dvar", "dmu")
    for N, D, eps in [(4, 4, 1e-5), (2, 3, 0.5), (7, 1, 1e-5)]:
        dout, x, gamma = rng.normal(0, 1, (N, D)), rng.normal(-3, 2, (N, D)), rng.normal(0, 1, D)
        want = reference.batchnorm_backward_steps(dout, x, gamma, eps=eps)
        expect(batchnorm_backward_steps, dout, x, gamma, eps=eps).close({key: want[key] for key in keys})
with check("the gradients of gammax, xhat, xmu, sq and x on other shapes: N = D, N = 2, one feature"):
    rng = np.random.default_rng(7)
    keys = ("dgammax", "dxhat", "dxmu1", "dsq", "dxmu2", "dx1", "dx2", "dx")
    for N, D, eps in [(4, 4, 1e-5), (2, 3, 0.5), (7, 1, 1e-5)]:
        dout, x, gamma = rng.normal(0, 1, (N, D)), rng.normal(-3, 2, (N, D)), rng.normal(0, 1, D)
        want = reference.batchnorm_backward_steps(dout, x, gamma, eps=eps)
        expect(batchnorm_backward_steps, dout, x, gamma, eps=eps).close({key: want[key] for key in keys})
with check("float32 stays float32 in every gradient, and no argument is changed"):
    rng = np.random.default_rng(8)
    dout, x, gamma = (rng.normal(1, 1, shape).astype(np.float32) for shape in [(6, 3), (6, 3), (3,)])
    want = reference.batchnorm_backward_steps(dout.astype(float), x.astype(float), gamma.astype(float))
    result = expect(batchnorm_backward_steps, dout, x, gamma).close(want, rtol=1e-4, atol=2e-5).unchanged()
    result.satisfies(
        lambda grads, keys=tuple(want): all(grads[key].dtype == np.float32 for key in keys),
        "float32 in all 14 gradients",
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept questions: the backward pass

The second one is to be answered in words and formulas, as you would write it on a whiteboard.
"""

# %% role="question" id="bn_dx_sums" points=1

# %% role="answer" id="bn_derive_backward" points=2

# %% [markdown]
r"""
### Experiment: the graph, with shapes

This is the picture to be able to draw at a whiteboard. Values flow to the right along the black arrows: thick ones
carry `(N, D)`, thin ones `(D,)`. The orange names are the gradients that come back along the same arrows. Their shapes
are read off the dictionary that your `batchnorm_backward_steps` returns for the worked number of the exercise, N = 3
and D = 2.

*Make a prediction*: where must a gradient be summed over the batch (Σ), and where is it handed to every row, divided by
N (1/N)? Of the three ways by which dx comes together, how many reach the third sample, whose own dout is 0?
"""

# %% role="demo" id="experiment-graph"
from dlkit.lab import experiment, figure

with experiment(), figure("Batch norm, forwards and back: a broadcast becomes a sum", width=12, height=4.6) as [panel]:
    x, gamma = np.array([[0.0, 4.0], [0.0, 1.0], [3.0, -5.0]]), np.array([4.0, 8.0])
    dout = np.array([[6.0, 3.0], [0.0, 12.0], [0.0, 0.0]])
    grads = batchnorm_backward_steps(dout, x, gamma, eps=2.0)

    places = {"x": (0, 2), "xmu": (2.2, 2), "xhat": (6, 2), "gammax": (8, 2), "out": (10, 2), "mu": (1.1, 0.8)}
    places |= {"sq": (3.1, 0), "var": (4.1, 0), "sqrtvar": (5.2, 0), "ivar": (6, 0.9)}
    places |= {"gamma": (8, 0.9), "beta": (10, 0.9)}
    formulas = {"mu": "mean(x)", "xmu": "x − mu", "sq": "xmu²", "var": "mean(sq)", "sqrtvar": "√(var + ε)"}
    formulas |= {"ivar": "1 / sqrtvar", "xhat": "xmu · ivar", "gammax": "gamma · xhat", "out": "gammax + beta"}
    edges = [  # from, to, the gradient that comes back and what happens to it, where its label stands
        ("x", "mu", "dx2", "↖ dx2  1/N", (-0.62, 0)),
        ("x", "xmu", "dx1", "← dx1", (0, 0.24)),
        ("mu", "xmu", "dmu", "↙ dmu  Σ", (0.35, -0.25)),
        ("xmu", "sq", "dxmu2", "↖ dxmu2", (0.55, 0)),
        ("xmu", "xhat", "dxmu1", "← dxmu1", (0, 0.24)),
        ("sq", "var", "dsq", "← dsq  1/N", (0, -0.42)),
        ("var", "sqrtvar", "dvar", "← dvar", (0, 0.24)),
        ("sqrtvar", "ivar", "dsqrtvar", "↙ dsqrtvar", (0.67, -0.05)),
        ("ivar", "xhat", "divar", "↓ divar  Σ", (0.56, 0)),
        ("xhat", "gammax", "dxhat", "← dxhat", (0, 0.24)),
        ("gamma", "gammax", "dgamma", "↓ dgamma  Σ", (0.68, 0)),
        ("gammax", "out", "dgammax", "← dgammax", (0, 0.24)),
        ("beta", "out", "dbeta", "↓ dbeta  Σ", (0.6, 0)),
    ]
    symbols = {(3, 2): "(N, D)", (2,): "(D,)"}
    orange = {"color": "#D55E00", "weight": "bold", "ha": "center", "va": "bottom", "fontsize": 9.5}
    boxes = {}
    for name, place in places.items():
        color = "white" if name in formulas else "#e6f0f7"
        style = {"boxstyle": "round,pad=0.35", "facecolor": color, "edgecolor": "0.4"}
        text = f"{name}\n{formulas[name]}" if name in formulas else name
        boxes[name] = panel.text(*place, text, ha="center", va="center", fontsize=9, bbox=style).get_bbox_patch()
    for start, end, key, back, (right, up) in edges:
        wide = np.shape(grads[key]) == x.shape
        arrow = {"arrowstyle": "-|>", "color": "0.15", "linewidth": 2.6 if wide else 1.0, "shrinkA": 0, "shrinkB": 0}
        arrow |= {"patchA": boxes[start], "patchB": boxes[end], "mutation_scale": 14}
        panel.annotate("", places[end], places[start], arrowprops=arrow, zorder=4)
        middle = [(a + b) / 2 + shift for a, b, shift in zip(places[start], places[end], (right, up), strict=True)]
        shape = symbols.get(np.shape(grads[key]), str(np.shape(grads[key])))
        panel.text(*middle, back, **orange)
        panel.text(*middle, shape, color="0.25", ha="center", va="top", fontsize=8.5)
    panel.text(0, 2.24, "dx = dx1 + dx2", **orange)
    panel.text(10, 2.24, "dout", **orange)
    panel.set(xlim=(-0.8, 11), ylim=(-0.65, 2.55))
    panel.axis("off")

    for name, key in [("directly", "dxmu1"), ("through var", "dxmu2"), ("through mu", "dx2"), ("together, dx", "dx")]:
        rows = "   ".join(f"[{row[0]:5.1f} {row[1]:6.1f}]" for row in grads[key])
        print(f"{name:13s} {rows}   column sums {np.sum(grads[key][:, 0]):5.1f} {np.sum(grads[key][:, 1]):6.1f}")

# %% [markdown]
r"""
**What it shows.** Two rules explain every shape. A `(D,)` array that meets every row was *broadcast*, so its gradient
is a **sum** over the batch: dbeta, dgamma, divar, dmu. A mean over the batch gives every row the same share, so its
gradient is **spread with 1/N**: dsq and dx2. The rest is elementwise.

The printed rows add up. The third sample gets nothing directly, [2, 5] through the variance and [−4, −10] through the
mean, together [−2, −5]: it is to blame for the statistics of the others. The columns say more. What comes through the
variance sums to 0, because xmu does, so it adds nothing to dmu. What comes through the mean sums to minus what came
directly. So dx sums to 0: batch norm passes no gradient that would move a whole column.

**What to say in an interview.** “x reaches the output by three paths: itself, the mean, the variance. Written out and
simplified, dx = γ/s · (dout − mean(dout) − x̂ · mean(dout · x̂)). The first mean is the path through μ, the second the
path through σ².”
"""

# %% [markdown]
r"""
### Experiment: activations by depth, with and without

A fresh ReLU network of 20 layers, 100 units each, on 100 random inputs. Its weights have He's standard deviation
$\sqrt{2/n}$, or half of it, or twice it. Then the same weights once more, with your `batchnorm_forward` in training
mode before each ReLU (γ = 1, β = 0).

- Left and middle: the standard deviation of the activations, layer by layer.
- Right: a random gradient at the top walks back through your `batchnorm_backward`; its norm, relative to the top.

*Make a prediction*: how far apart are the three lines in the middle? And on the right, does normalizing the activations
keep the gradient level too?
"""

# %% role="demo" id="experiment-depth"
from dlkit.lab import experiment, figure

depth, n = 20, 100


def down_and_up(scale, normalized):
    """Std of the activations after each layer (L,), and the gradient's norm after each layer walked back (L + 1,)."""
    rng = np.random.default_rng(0)
    x, one, zero = rng.normal(0, 1, (100, n)), np.ones(n), np.zeros(n)
    stds, kept = [], []
    for _ in range(depth):
        W = scale * rng.normal(0, np.sqrt(2 / n), (n, n))
        z, cache = x @ W, None
        if normalized:
            z, _, _, cache = batchnorm_forward(z, one, zero, zero, one)
        x = np.maximum(z, 0)
        stds.append(x.std())
        kept.append((W, cache, z > 0))
    gradient = rng.normal(0, 1, x.shape)
    norms = [np.linalg.norm(gradient)]
    for W, cache, active in reversed(kept):
        gradient = gradient * active
        if normalized:
            gradient, _, _ = batchnorm_backward(gradient, cache)
        gradient = gradient @ W.T
        norms.append(np.linalg.norm(gradient))
    return np.array(stds), np.array(norms) / norms[0]


with (
    experiment(),
    figure("Batch norm holds the activations, not the gradient", columns=3, width=11.5) as (left, middle, right),
):
    layers = np.arange(1, depth + 1)
    for scale, marker, size in [(0.5, "v-", 8), (1.0, "o-", 5), (2.0, "^-", 2.5)]:
        for normalized, panel, name in [(True, middle, "with BN"), (False, left, "without")]:
            stds, norms = down_and_up(scale, normalized)
            panel.semilogy(layers, stds, marker, markersize=size, label=f"{scale:g} · He")
            print(f"weights {scale:g} · He, {name:8s} std after 1 layer: {stds[0]:.1g}, ", end="")
            print(f"after 20: {stds[-1]:.1g}   gradient norm: times {norms[-2] ** (1 / (depth - 1)):.2f} a layer")
            if scale == 1:
                right.semilogy(range(depth + 1), norms, "s-" if normalized else marker, markersize=4, label=name)
    for panel, title in [(left, "without"), (middle, "with BN: three lines in one place")]:
        panel.set(xlabel="layer", ylabel="std of the activations", ylim=(1e-7, 1e7), title=title)
        panel.legend(loc="lower left")
        panel.set_xticks(range(0, depth + 1, 5))
    right.set(xlabel="layers walked back, from the top", ylabel="gradient norm, top = 1", ylim=(0.1, 100))
    right.set(title="the gradient, He weights", xticks=range(0, depth + 1, 5))
    right.legend(loc="upper left")

# %% [markdown]
r"""
**What it shows.** Without batch norm, half of He's weights leave a std of $10^{-6}$ after 20 layers, and twice He's
make it $10^6$: a factor of ½ or 2 in each layer. With batch norm all three are the same network, with a std of about
0.6 in every layer, because BN(2z) = BN(z). The starting scale has ceased to matter.

The right panel is less well known. Batch norm does **not** hold the gradient: it grows by 1.21 a layer on its way down,
whatever the scale of the weights. A ReLU's outputs have a mean above 0, so a part of the next z is the same for all
examples. Batch norm takes this part away and divides by the smaller standard deviation that is left, and the gradient
is divided by it too. For a wide network the factor is $\sqrt{\pi / (\pi - 1)} = 1.21$ (Yang et al., 2019), so 50 layers
make it 14,000. (The last step, into the first layer, falls: its inputs come from no ReLU.) That is why a deep network
with batch norm still wants shortcuts past the layers.

**What to say in an interview.** “Batch norm makes each layer's scale independent of its weights, so signals neither
vanish nor explode on the way forward. On the way back a plain deep BN–ReLU net has gradients that explode mildly;
residual connections deal with that.”
"""

# %% [markdown]
r"""
## Batch normalization in use

### Population statistics ★★ · 8 min

The paper itself knows no running averages. After training it sends K batches of m samples each through the network,
keeps their statistics, and makes of them the mean and variance that are used at test time.

**Given** `batch_means` and `batch_vars`, both `(K, D)`, one row per batch, and the batch size `m`, an int ≥ 2 and the
same for every batch, **return** the tuple `(mean, var)`, both `(D,)`. The batch variances are the *biased* ones,
divided by m, as batch normalization computes them in training.

$$ \text{mean} = \frac1K \sum_{k=1}^{K} \mu_k \qquad\qquad
\text{var} = \frac{m}{m-1} \cdot \frac1K \sum_{k=1}^{K} \sigma_k^2 $$

The factor makes the estimate unbiased. A batch's own mean lies closer to its samples than the true mean does, so that
$\sigma_k^2$ is too small: on average it is (m − 1)/m times the true variance.

The variance *between* the batch means has no part in this formula. (That would be the variance of all K·m samples put
together, another exercise: `merge_batch_statistics`.)

K and D are at least 1. float32 stays float32; integers in the arrays give the right floats. No argument is changed.

*Worked number.* Means [[1, 0], [3, 2]] and variances [[2, 6], [4, 2]] of two batches of m = 5: the mean is [2, 1], and
the variance 5/4 · [3, 4] = [3.75, 5].

**What the interviewer is after**: whether you know that test time needs *fixed* statistics, and which m is in m/(m −
1). **Follow-ups**: what do running averages save compared with this, and when are they worse? How large is the factor
for m = 2, and for m = 256? Why may the statistics be recomputed after training, for instance after averaging weights?
Why is an unbiased variance's root still a biased standard deviation?

<details><summary>Hint 1</summary>Both results are means over the batches, which are the rows. One of them needs a
factor.</details>
<details><summary>Hint 2</summary>The factor corrects each batch for its own size, m. How many batches there are plays
no part in it.</details>
"""

# %% role="solve" id="population_statistics"
from dlkit.reference.normalization import population_statistics

# %% role="check" id="population_statistics-check" points=4
with check("two batches of five, worked by hand: the mean"):
    means, variances = np.array([[1.0, 0.0], [3.0, 2.0]]), np.array([[2.0, 6.0], [4.0, 2.0]])
    expect(population_statistics, means, variances, 5).part(0).close(np.array([2.0, 1.0]))
with check("two batches of five, worked by hand: the variance"):
    means, variances = np.array([[1.0, 0.0], [3.0, 2.0]]), np.array([[2.0, 6.0], [4.0, 2.0]])
    expect(population_statistics, means, variances, 5).part(1).close(np.array([3.75, 5.0]))
with check("one batch: its own mean, and its variance divided by m − 1"):
    means, variances = np.array([[1.0, -2.0, 0.5]]), np.array([[3.0, 6.0, 0.0]])
    expect(population_statistics, means, variances, 4).close((np.array([1.0, -2.0, 0.5]), np.array([4.0, 8.0, 0.0])))
with check("20 000 batches of m = 2 from a normal law: its mean and variance come out"):
    rng = np.random.default_rng(0)
    batches = rng.normal([3.0, -1.0], [2.0, 0.5], (20_000, 2, 2))
    means, variances = batches.mean(axis=1), batches.var(axis=1)
    result = expect(population_statistics, means, variances, 2)
    result.part(0).close(np.array([3.0, -1.0]), rtol=0.03)
    result.part(1).close(np.array([4.0, 0.25]), rtol=0.05)
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("other numbers of batches, features and samples: K = D = m too"):
    rng = np.random.default_rng(1)
    for K, D, m in [(3, 4, 8), (5, 5, 5), (7, 1, 2), (1, 1, 3), (4, 3, 256)]:
        means, variances = rng.normal(0, 3, (K, D)), rng.uniform(0.1, 5, (K, D))
        expect(population_statistics, means, variances, m).close(reference.population_statistics(means, variances, m))
with check("batch means far apart leave the variance as it is"):
    means, variances = (
        np.array([[-100.0, 5.0], [0.0, 5.0], [100.0, 8.0]]),
        np.array([[1.0, 2.0], [1.0, 4.0], [4.0, 0.0]]),
    )
    expect(population_statistics, means, variances, 3).close((np.array([0.0, 6.0]), np.array([3.0, 3.0])))
with check("float32 stays float32, and the arguments are left alone"):
    rng = np.random.default_rng(2)
    means, variances = rng.normal(0, 1, (6, 3)).astype(np.float32), rng.uniform(0.1, 2, (6, 3)).astype(np.float32)
    want = reference.population_statistics(means.astype(float), variances.astype(float), 7)
    result = expect(population_statistics, means, variances, 7)
    result.close(want, rtol=1e-5, atol=1e-6).unchanged().dtype(np.float32)
with check("integers give the right floats"):
    means, variances = np.array([[1, 2], [2, 4]]), np.array([[3, 0], [4, 1]])
    expect(population_statistics, means, variances, 3).close((np.array([1.5, 3.0]), np.array([5.25, 0.75])))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### The network of the experiments

The next experiments train small networks on scikit-learn's digits, and here is all their code. You have written each
part of it in earlier units; what is worth reading is where a normalization enters. `order` says what follows a dense
layer: `("norm", "relu")`, `("relu", "norm")`, `("relu",)`, or the same with `"sigmoid"`. `forward` and `backward` are
yours, brought to one form by each experiment.
"""

# %% role="given" id="network"
from itertools import pairwise


class Network:
    """Dense layers; after each but the last come the steps of `order`. The loss is the mean softmax cross-entropy.

    widths: units per layer, inputs first. scale multiplies He's standard deviation of the weights.
    forward(x, gamma, beta, running, training) -> out, running, cache and backward(dout, cache) -> dx, dgamma, dbeta
    are the normalization; running is whatever it keeps between batches, at first means 0 and variances 1.
    """

    def __init__(self, widths, rng, order=("relu",), forward=None, backward=None, scale=1.0):
        self.order, self.forward, self.backward = order, forward, backward
        self.weights = [scale * rng.normal(0, np.sqrt(2 / n), (n, m)) for n, m in pairwise(widths)]
        self.biases = [np.zeros(m) for m in widths[1:]]
        self.gammas, self.betas = [np.ones(m) for m in widths[1:-1]], [np.zeros(m) for m in widths[1:-1]]
        self.running = [(np.zeros(m), np.ones(m)) for m in widths[1:-1]]

    def logits(self, x, training=False):
        """The last layer's outputs (N, classes). In training the running statistics move."""
        self.tape = []  # what the way back needs: step, layer, kept array
        for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            self.tape.append(("dense", i, x))
            x = x @ W + b  # (N, M)
            for step in self.order if i < len(self.gammas) else ():
                if step == "norm":
                    parts = self.gammas[i], self.betas[i], self.running[i]
                    x, self.running[i], kept = self.forward(x, *parts, training)
                elif step == "relu":
                    x = np.maximum(x, 0)
                    kept = x > 0  # the slope
                else:
                    x = 1 / (1 + np.exp(-x))
                    kept = x * (1 - x)
                self.tape.append((step, i, kept))
        return x

    def descend(self, x, y, rate):
        """One step of gradient descent; returns the loss before it. A rate may be too large: nothing warns."""
        with np.errstate(all="ignore"):
            loss, d = cross_entropy(self.logits(x, training=True), y)
            for step, i, kept in reversed(self.tape):
                if step == "dense":
                    dW, db = kept.T @ d, d.sum(axis=0)
                    d = d @ self.weights[i].T  # before the weights move
                    self.weights[i] = self.weights[i] - rate * dW
                    self.biases[i] = self.biases[i] - rate * db
                elif step == "norm":
                    d, dgamma, dbeta = self.backward(d, kept)
                    self.gammas[i] = self.gammas[i] - rate * dgamma
                    self.betas[i] = self.betas[i] - rate * dbeta
                else:
                    d = d * kept
        return loss


def cross_entropy(logits, y):
    """Mean cross-entropy of the softmax, and its gradient (N, C)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    chosen = np.arange(logits.shape[1]) == y[:, None]
    return float(-log_p[chosen].mean()), (np.exp(log_p) - chosen) / len(y)


# %% [markdown]
r"""
### Concept question: good in one mode only
"""

# %% role="question" id="bn_good_in_train_mode" points=1

# %% [markdown]
r"""
### Experiment: the gap between training and test mode

A network with two hidden layers of 32 units, batch norm and ReLU learns 1,000 digits with batches of 32 or of 4. The
797 other digits are the test: once with all 797 as one batch and its own statistics, once in evaluation mode with
running statistics. These do not influence training, so one run can keep six of them at the same time, with momentum
from 0.003 to 1. (With momentum = 1, your `batchnorm_forward` hands out the batch's own statistics.)

- Left: batches of 32, test loss step by step.
- Right: the test loss after 100 steps, by momentum. Dotted: evaluation with your `population_statistics` of 30 training
  batches, collected after training.

*Make a prediction*: what is wrong with a very small momentum, what with a large one, and for which of the two does the
batch size matter?
"""

# %% role="demo" id="experiment-train-eval-gap"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]
momenta = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0]


def batch_statistics(x, gamma, beta, running, training):
    """Training mode; running is a list of (mean, var), one for each momentum."""
    out, mean, var, cache = batchnorm_forward(x, gamma, beta, 0 * beta, 0 * beta, momentum=1.0)
    moved = [((1 - m) * old[0] + m * mean, (1 - m) * old[1] + m * var) for m, old in zip(momenta, running, strict=True)]
    return out, moved, cache


def test_loss(net, forward, running):
    """Loss on the 797 other digits, with this normalization and these statistics; the network stays as it is."""
    kept = net.forward, net.running
    net.forward, net.running = forward, list(running)
    loss, _ = cross_entropy(net.logits(images[1000:]), labels[1000:])
    net.forward, net.running = kept
    return loss


def evaluation(x, gamma, beta, running, training):
    return batchnorm_forward(x, gamma, beta, *running, training=False)[0], running, None


def gap(size, steps=100):
    """The trained network; test losses before every step: a row of one per momentum, and with the batch's own."""
    rng = np.random.default_rng(1)
    net = Network([64, 32, 32, 10], rng, ("norm", "relu"), batch_statistics, batchnorm_backward)
    net.running = [[(np.zeros(32), np.ones(32))] * len(momenta) for _ in range(2)]
    rows, own = [], []
    for step in range(steps + 1):
        if step % 10 == 0:
            rows.append([test_loss(net, evaluation, [r[k] for r in net.running]) for k in range(len(momenta))])
            own.append(test_loss(net, batch_statistics, net.running))
        if step < steps:
            batch = rng.choice(1000, size, replace=False)
            net.descend(images[batch], labels[batch], rate=0.1)
    return net, np.array(rows), np.array(own)


def with_population(net, size, batches=30):
    """Test loss with the statistics of many training batches, collected when training is over."""
    rng, seen = np.random.default_rng(2), []

    def collect(x, gamma, beta, running, training):
        out, mean, var, _ = batchnorm_forward(x, gamma, beta, 0 * beta, 0 * beta, momentum=1.0)
        seen.append((mean, var * (size - 1) / size))  # the biased variance, as population_statistics wants it
        return out, running, None

    net.forward = collect
    for _ in range(batches):
        net.logits(images[rng.choice(1000, size, replace=False)])
    layers = [seen[0::2], seen[1::2]]  # the two normalizations take turns
    found = [population_statistics(np.array([m for m, _ in a]), np.array([v for _, v in a]), size) for a in layers]
    return test_loss(net, evaluation, found)


with experiment(), figure("Running statistics lag, or they are noisy", columns=2) as (left, right):
    for size, marker, color in [(32, "o-", "C0"), (4, "s--", "C1")]:
        net, rows, own = gap(size)
        population = with_population(net, size)
        if size == 32:
            steps = np.arange(0, 101, 10)
            for k, line, name in [(1, "-", "0.01"), (3, "--", "0.1")]:
                left.plot(steps, rows[:, k], line, label=f"evaluation mode, momentum {name}")
            left.plot(steps, own, "k:", label="the test batch's own statistics")
            for at in [2, 5, 10]:
                print(f"batches of 32, after {steps[at]:3d} steps: evaluation with momentum 0.01: ", end="")
                print(f"{rows[at, 1]:.1f}, with 0.1: {rows[at, 3]:.1f}; test batch's own statistics: {own[at]:.1f}")
        right.semilogx(momenta, rows[-1], marker, color=color, label=f"batches of {size}")
        right.axhline(population, color=color, linestyle=":", linewidth=1.3)
        losses = ", ".join(f"{loss:.2f}" for loss in rows[-1])
        print(f"batches of {size:2d}, after 100 steps: momenta 0.003 to 1: {losses}; population {population:.2f}")
    left.set(xlabel="steps", ylabel="test loss", ylim=(0, 3.4), title="batches of 32")
    right.set(xlabel="momentum (weight of the new batch)", ylabel="test loss")
    right.set(title="after 100 steps (dotted: population)", ylim=(0, 2), xticks=momenta, xticklabels=momenta)
    right.minorticks_off()
    left.legend(loc="upper right")
    right.legend(loc="upper center")

# %% [markdown]
r"""
**What it shows.** *Too small a momentum lags.* After 50 steps the loss is 0.7 with the test batch's own statistics, and
with momentum 0.1 too. With 0.01 it is 1.2: the same weights, the wrong statistics. They still consist of the starting
values 0 and 1 to $0.99^{50} = 61$ %. What looks like a network that generalizes badly is one whose averages have not
arrived.

*Too large a momentum is noisy*, and here the batch size matters. With momentum 1, the statistics are those of the last
batch: 0.41 instead of 0.36 for batches of 32, but 1.75 instead of 0.90 for batches of 4. (Do not compare the two curves
with each other: the small batches have seen an eighth of the examples.)

*Population statistics*, collected when training is over, give 0.38 and 0.94, close to the best momentum in both cases,
and there is nothing to tune. It is the cure when a model is good in training mode and bad in evaluation mode.

**What to say in an interview.** “If evaluation is much worse than training mode on the same data, I suspect the running
statistics: too few steps for the momentum, batches too small, a shift between training and test data, or buffers that
were not loaded. I recompute them with a pass over training data and see whether the gap closes.”
"""

# %% [markdown]
r"""
### Folding into the layer before ★★ · 12 min

At test time batch normalization multiplies each feature by a constant and adds another. A dense or convolutional layer
in front of it can do that itself: fold the constants into its weights, and the normalization is gone from the deployed
network, at no change in the output.

**Given** the layer's `W` and `b`, the normalization's `gamma` and `beta`, and its running `mean` and `var`, **return**
the tuple `(W, b)` of *one* layer that computes what both did:

$$ z = \text{layer}(x;\, W, b), \qquad \gamma\, \frac{z - \text{mean}}{\sqrt{\text{var} + \varepsilon}} + \beta
\;=\; \text{layer}(x;\, W', b') $$

The layer is of one of two kinds, which `W.ndim` tells apart:

| layer | `W` | output features | b, gamma, beta, mean, var |
|---|---|---|---|
| dense, x @ W + b | `(D, M)` | the *columns* of W | `(M,)` |
| convolution | `(F, C, KH, KW)` | the filters, *axis 0* of W | `(F,)` |

The new W and b have the shapes of the old. The result is exact but for rounding. float32 stays float32; integers in W
and b give the right floats. No argument is changed. All sizes are at least 1, and may be equal: a square W is no
reason to scale its rows.

*Worked number.* W = [[1, 2], [3, 4]], b = [5, 6], γ = [4, 2], β = [1, −1], mean = [1, −2], var = [2, 14] and ε = 2:
the roots are [2, 4], so each output is multiplied by [2, 0.5]. W becomes [[2, 1], [6, 2]], and b becomes [9, 3].

**What the interviewer is after**: that evaluation mode is an affine map, and which axis of the weights is the
output's. **Follow-ups**: why is this impossible in training? Can the normalization be folded into the layer *after*
it, and what breaks at zero padding? What if a ReLU stands between layer and normalization? What becomes of b when the
layer had no bias? Why fold before quantizing to 8 bits, and not after?

<details><summary>Hint 1</summary>Put z = x @ W + b into the normalization and collect what multiplies x, and what does
not.</details>
<details><summary>Hint 2</summary>With scale = γ / √(var + ε): the weights of output j are multiplied by scale[j]. The
old bias has the mean subtracted, is scaled as well, and then β is added.</details>
<details><summary>Hint 3</summary>Broadcasting lines a (M,) array up with the last axis. That is right for columns; for
filters give scale three more axes of length 1.</details>
"""

# %% role="solve" id="fold_batchnorm"
from dlkit.reference.normalization import fold_batchnorm

# %% role="check" id="fold_batchnorm-check" points=4
with check("a square dense layer worked by hand: W"):
    W, b, gamma, beta = (
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([5.0, 6.0]),
        np.array([4.0, 2.0]),
        np.array([1.0, -1.0]),
    )
    result = expect(fold_batchnorm, W, b, gamma, beta, np.array([1.0, -2.0]), np.array([2.0, 14.0]), eps=2.0)
    result.part(0).close(np.array([[2.0, 1.0], [6.0, 2.0]]))
with check("a square dense layer worked by hand: b"):
    W, b, gamma, beta = (
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([5.0, 6.0]),
        np.array([4.0, 2.0]),
        np.array([1.0, -1.0]),
    )
    result = expect(fold_batchnorm, W, b, gamma, beta, np.array([1.0, -2.0]), np.array([2.0, 14.0]), eps=2.0)
    result.part(1).close(np.array([9.0, 3.0]))
with check("dense: one layer does what layer and normalization did"):
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(0, 1, (5, 3)), rng.normal(0, 1, (3, 4)), rng.normal(0, 1, 4)
    gamma, beta, mean, var = rng.normal(0, 1, 4), rng.normal(0, 1, 4), rng.normal(0, 1, 4), rng.uniform(0.5, 2, 4)
    both = gamma * (x @ W + b - mean) / np.sqrt(var + 1e-5) + beta
    expect(fold_batchnorm, W, b, gamma, beta, mean, var).satisfies(
        lambda new, x=x, both=both: np.shape(new[0]) == (3, 4) and np.allclose(x @ new[0] + new[1], both, 1e-6, 1e-9),
        "x @ W + b with the new W and b equals the normalization of x @ W + b with the old",
    )
with check("convolution: two filters of two channels worked by hand"):
    W = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]], [[[5.0, 6.0]], [[7.0, 8.0]]]])  # (2, 2, 1, 2)
    b, gamma, beta = np.array([5.0, 6.0]), np.array([4.0, 2.0]), np.array([1.0, -1.0])
    folded = np.array([[[[2.0, 4.0]], [[6.0, 8.0]]], [[[2.5, 3.0]], [[3.5, 4.0]]]])
    result = expect(fold_batchnorm, W, b, gamma, beta, np.array([1.0, -2.0]), np.array([2.0, 14.0]), eps=2.0)
    result.close((folded, np.array([9.0, 3.0])))
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("convolution: one layer does what layer and normalization did, at every place of an image"):
    rng = np.random.default_rng(1)
    places, W, b = rng.normal(0, 1, (6, 4, 3, 3)), rng.normal(0, 1, (4, 4, 3, 3)), rng.normal(0, 1, 4)
    gamma, beta, mean, var = rng.normal(0, 1, 4), rng.normal(0, 1, 4), rng.normal(0, 1, 4), rng.uniform(0.5, 2, 4)
    both = gamma * (np.einsum("pchw,fchw->pf", places, W) + b - mean) / np.sqrt(var + 1e-5) + beta
    expect(fold_batchnorm, W, b, gamma, beta, mean, var).satisfies(
        lambda new, x=places, both=both: (
            np.shape(new[0]) == (4, 4, 3, 3)
            and np.allclose(np.einsum("pchw,fchw->pf", x, new[0]) + new[1], both, 1e-6, 1e-9)
        ),
        "the convolution with the new W and b equals the normalization of that with the old",
    )
with check("dense: other shapes, D = M, D = 1, M = 1, other eps"):
    rng = np.random.default_rng(2)
    for shape, eps in [((4, 4), 1e-5), ((5, 2), 0.5), ((1, 3), 1e-5), ((3, 1), 1e-3), ((1, 1), 1.0)]:
        W, b, M = rng.normal(0, 1, shape), rng.normal(0, 1, shape[1]), shape[1]
        rest = (rng.normal(0, 1, M), rng.normal(0, 1, M), rng.normal(0, 1, M), rng.uniform(0.1, 2, M))
        expect(fold_batchnorm, W, b, *rest, eps=eps).close(reference.fold_batchnorm(W, b, *rest, eps=eps))
with check("convolution: other shapes, all axes equal, 1 × 1, one filter, other eps"):
    rng = np.random.default_rng(3)
    for shape, eps in [((3, 3, 3, 3), 1e-5), ((4, 2, 1, 1), 0.5), ((1, 3, 2, 2), 1e-5), ((2, 1, 3, 2), 1e-3)]:
        W, b, F = rng.normal(0, 1, shape), rng.normal(0, 1, shape[0]), shape[0]
        rest = (rng.normal(0, 1, F), rng.normal(0, 1, F), rng.normal(0, 1, F), rng.uniform(0.1, 2, F))
        expect(fold_batchnorm, W, b, *rest, eps=eps).close(reference.fold_batchnorm(W, b, *rest, eps=eps))
with check("a feature whose running variance is 0"):
    W, b, gamma, beta = np.array([[1.0, 2.0]]), np.array([0.5, -1.0]), np.array([1.0, 3.0]), np.array([0.0, 2.0])
    mean, var = np.array([0.25, 1.0]), np.array([0.0, 1.25])
    want = reference.fold_batchnorm(W, b, gamma, beta, mean, var)
    expect(fold_batchnorm, W, b, gamma, beta, mean, var).close(want)
with check("float32 stays float32, integers in W and b give floats, and no argument is changed"):
    rng = np.random.default_rng(4)
    for shape in [(3, 3), (3, 3, 2, 2)]:
        W, b = rng.integers(-4, 5, shape), rng.integers(-4, 5, 3)
        rest = (rng.normal(0, 1, 3), rng.normal(0, 1, 3), rng.normal(0, 1, 3), rng.uniform(0.5, 2, 3))
        want = reference.fold_batchnorm(W, b, *rest)
        expect(fold_batchnorm, 1.0 * W, 1.0 * b, *rest).close(want).unchanged()
        expect(fold_batchnorm, W, b, *rest).close(want).unchanged()
        small = [array.astype(np.float32) for array in (W, b, *rest)]
        expect(fold_batchnorm, *small).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the bias before the normalization
"""

# %% role="question" id="bn_bias_left_behind" points=1

# %% [markdown]
r"""
### Experiment: before or after the ReLU?

The paper puts batch norm **before** the activation. Many have tried it behind, and both camps report victories. Here is
a trial of your own: three hidden layers of 32 units, 300 digits, 100 steps with batches of 50, test accuracy in
evaluation mode on the 1,497 others. Each setting is run from four seeds, a dot each, at three learning rates.

*Make a prediction*: which order wins, and by how much compared with the spread between seeds? And what do the numbers
that the next layer receives look like in both cases?
"""

# %% role="demo" id="experiment-before-after"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]


def batchnorm(x, gamma, beta, running, training):
    out, *running, cache = batchnorm_forward(x, gamma, beta, *running, training)
    return out, running, cache


def trained(order, rate, seed):
    rng = np.random.default_rng(seed)
    net = Network([64, 32, 32, 32, 10], rng, order, batchnorm, batchnorm_backward)
    losses = []
    for _ in range(100):
        batch = rng.choice(300, 50, replace=False)
        losses.append(net.descend(images[batch], labels[batch], rate))
    return net, np.mean(losses[-10:])


def accuracy_of(net):
    return np.mean(net.logits(images[300:]).argmax(axis=1) == labels[300:])


def what_arrives(net):
    """All numbers that the third dense layer receives from the training digits."""
    net.logits(images[:300], training=True)
    return next(kept for step, i, kept in net.tape if step == "dense" and i == 2).ravel()


with experiment(), figure("Before or after ReLU: less than the luck of the seed", columns=2) as (left, right):
    orders = [("none", ("relu",), "^"), ("before ReLU", ("norm", "relu"), "o"), ("after ReLU", ("relu", "norm"), "s")]
    rates = [0.1, 0.3, 1.0]
    runs = [[[trained(order, rate, seed) for seed in range(4)] for rate in rates] for _, order, _ in orders]
    for place, (name, _, marker) in enumerate(orders):
        for column, rate in enumerate(rates):
            found = np.array([accuracy_of(net) for net, _ in runs[place][column]])
            loss = np.mean([loss for _, loss in runs[place][column]])
            side_by_side = column + 0.25 * (place - 1) + np.linspace(-0.06, 0.06, 4)
            left.plot(side_by_side, found, marker, color=f"C{place}", markersize=5)
            print(f"rate {rate:<4g} {name:12s} test accuracy {found.min():.0%} to {found.max():.0%}, ", end="")
            print(f"mean {found.mean():.0%}   training loss {loss:.2f}")
        left.plot([], [], marker, color=f"C{place}", label=f"BN {name}" if place else "no BN")
        if place > 0:
            received = what_arrives(runs[place][1][0][0])
            style = {"density": True, "alpha": 0.55, "color": f"C{place}", "label": f"BN {name}"}
            right.hist(received, np.arange(-1.5, 4, 0.25), **style)
            print(f"BN {name}: the third dense layer receives mean {received.mean():.1f}, std {received.std():.1f}")
    left.set(xticks=range(3), xticklabels=[f"rate {rate:g}" for rate in rates])
    left.set(ylabel="test accuracy", ylim=(0.78, 0.98), title="a dot for each seed")
    left.text(1.75, 0.79, "three more below", ha="center", color="0.35", fontsize=8.5)
    right.set(xlabel="value", ylabel="density", title="what the next layer receives")
    left.legend(loc="lower left")
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** No winner. Before the ReLU the mean accuracies are 90, 93 and 95 % at the three rates, behind it 89,
92 and 94 %, while the seeds of one and the same setting differ by up to 3 points. Behind it the training loss is
*lower* at the two smaller rates, 0.09 against 0.20 and 0.02 against 0.04. And add one more hidden layer (another 32 in
the list): the means become 88.8, 92.3 and 93.6 % before, 89.2, 92.2 and 94.1 % behind. A paper with one seed and one
depth could have claimed either. What is far outside the luck of the seed: at rate 1 both train, and the network without
batch norm does not (50 % on average, 18 % at worst).

The right panel shows what does differ. Before the ReLU, the next layer receives numbers with mean 0.4 and standard
deviation 0.6, none of them negative. Behind it they have mean 0 and deviation 1, as they were meant to, but a skewed
distribution with a spike where the ReLU was off.

**What to say in an interview.** “Before the activation is the paper's order and the usual one: the bias below becomes
superfluous, a ReLU unit cannot be off on the whole batch at the start, and the layer folds into the convolution before
it. Behind it, the next layer's inputs are really centred. Measured differences are small and go both ways; I would keep
the order of the recipe or of the pretrained weights.”
"""

# %% [markdown]
r"""
## Other axes

Batch normalization of features takes its mean and its variance down a column. The rest of the family is the same
formula over other axes. Here are images of shape `(N, C, H, W)`:

| layer | one mean is taken over | how many means | depends on the other samples |
|---|---|---|---|
| batch norm, spatial | N, H, W | C | yes, in training |
| instance norm | H, W | N · C | no |
| group norm with G groups | C/G consecutive channels, H, W | N · G | no |
| layer norm (here: last axis, as in a Transformer) | the last axis | one per vector | no |
| RMSNorm | the last axis, and no mean is subtracted | one root mean square per vector | no |

Three things are the same in all of them. ε stands **inside** the root, $\sqrt{\mathrm{var} + \varepsilon}$. The
variance is biased, divided by the number of values in it. And γ and β have one number for each channel, or for each
place of the last axis, whatever the mean was taken over. (RMSNorm has the mean square in place of the variance, and no
β.)

### Spatial batch normalization, forwards and backwards ★★ · 20 min

A convolution uses the same weights at every pixel, so its output is normalized in the same way at every pixel: a
channel has one mean and one variance, over all its m = N·H·W values. Everything else is as for features, so get
`batchnorm_forward` and `batchnorm_backward` right first: what is wrong there will be wrong here once more.

**Given** `x` of shape `(N, C, H, W)`, and `gamma`, `beta`, `running_mean` and `running_var` of shape `(C,)`,
`spatial_batchnorm_forward` **returns** the four results `(out, running_mean, running_var, cache)`. For channel c,

$$ \hat x_{nchw} = \frac{x_{nchw} - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}}, \qquad
\text{out}_{nchw} = \gamma_c \, \hat x_{nchw} + \beta_c $$

- `training=True`: $\mu_c$ and $\sigma_c^2$ are the channel's mean and biased variance (divided by m). The running
  statistics move: new = (1 − `momentum`) · old + `momentum` · batch, where the batch's variance is the unbiased one,
  $\sigma_c^2 \cdot m / (m - 1)$. With m < 2 raise `ValueError`. One image is fine as long as it has two pixels.
- `training=False`: $\mu_c$ and $\sigma_c^2$ are the running ones, which are returned as they came. m = 1 is fine.

**Given** `dout` of out's shape and that cache, `spatial_batchnorm_backward` **returns** `(dx, dgamma, dbeta)`, with
`dgamma` and `dbeta` of shape `(C,)`. It is right in both modes: in training μ and σ² depend on x, in evaluation they
are constants.

$$ d\beta_c = \sum_{n,h,w} \text{dout}, \qquad d\gamma_c = \sum_{n,h,w} \text{dout} \cdot \hat x $$

dx is found as for features, channel by channel, with the m values of a channel as its samples.

**Banned**: a Python loop over the N images, in both functions.

float32 in all arguments gives float32 in all results and gradients. Integers in `x` give the right floats. A constant
channel gives β. No argument is changed: the new running statistics are new arrays. What the cache holds is up to you.

*Worked number.* One channel, two images of one row: [1, 3] and [5, 7]. With ε = 0, γ = 1 and β = 0: μ = 4, σ² = 5, and
out is [−1.341641, −0.447214] and [0.447214, 1.341641]. From 0 and 1 the running statistics move to 0.4 and
0.9 + 0.1 · 5 · 4/3 = 1.566667. If dout is 1 at the first pixel and 0 elsewhere, dβ = 1, dγ = −1.341641 and dx is
[0.134164, −0.178885] and [−0.044721, 0.089443].

**What the interviewer is after**: which axes, and why those; and do you see that m is N·H·W in every place where N
stood? **Follow-ups**: why is it harmless that N = 1 here, and when is it not? How would you get both functions from
the ones for features? How many parameters and buffers has this layer? What would one mean per pixel do to a
convolution's shift equivariance?

<details><summary>Hint 1</summary>NumPy takes several axes at once: <code>x.mean(axis=(0, 2, 3))</code> has shape
<code>(C,)</code>.</details>
<details><summary>Hint 2</summary>A <code>(C,)</code> array must stand on axis 1 of four before it meets x. It needs two
axes of length 1 after it: <code>a[:, None, None]</code>, or <code>keepdims=True</code> from the start.</details>
<details><summary>Hint 3</summary>Another way: move the channels last, <code>x.transpose(0, 2, 3, 1)</code>, reshape to
<code>(m, C)</code>, do as for features, and undo both steps in the opposite order. Reshaping without the transpose
mixes the channels.</details>
"""

# %% role="solve" id="spatial_batchnorm_forward"
from dlkit.reference.normalization import spatial_batchnorm_forward, spatial_batchnorm_backward

# %% role="check" id="spatial_batchnorm_forward-check" points=4
with check("two channels worked by hand: out, the running statistics, and three gradients"):
    x = np.array([[[[1.0, 3.0]], [[10.0, 10.0]]], [[[5.0, 7.0]], [[30.0, 30.0]]]])
    gamma, beta = np.array([1.0, 2.0]), np.array([0.0, 5.0])
    forward = expect(spatial_batchnorm_forward, x, gamma, beta, np.zeros(2), np.ones(2), eps=0.0)
    a, b = 3 / np.sqrt(5), 1 / np.sqrt(5)
    forward.part(0).close([[[[-a, -b]], [[3.0, 3.0]]], [[[b, a]], [[7.0, 7.0]]]])
    forward.part(1).close([0.4, 2.0])
    forward.part(2).close([0.9 + 2 / 3, 0.9 + 40 / 3])
    out, mean, var, cache = forward.value
    dout = np.array([[[[1.0, 0.0]], [[1.0, 0.0]]], [[[0.0, 0.0]], [[0.0, 0.0]]]])
    dx = [[[[0.3 * b, -0.4 * b]], [[0.1, -0.1]]], [[[-0.1 * b, 0.2 * b]], [[0.0, 0.0]]]]
    expect(spatial_batchnorm_backward, dout, cache).close((np.array(dx), np.array([-a, -1.0]), np.array([1.0, 1.0])))
with check("mean 0 and variance 1 in every channel, over N, H and W together; not in every image or pixel"):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (4, 3, 2, 5)) * np.array([1.0, 2, 5, 9]).reshape(4, 1, 1, 1) + rng.normal(0, 9, (4, 3, 1, 5))
    forward = expect(spatial_batchnorm_forward, x, np.ones(3), np.zeros(3), np.zeros(3), np.ones(3), eps=1e-12)
    forward.part(0).satisfies(
        lambda out: (
            np.shape(out) == (4, 3, 2, 5)
            and np.allclose(np.mean(out, axis=(0, 2, 3)), 0, atol=1e-6)
            and np.allclose(np.var(out, axis=(0, 2, 3)), 1, atol=1e-6)
            and not np.allclose(np.mean(out, axis=(2, 3)), 0, atol=1e-2)
            and not np.allclose(np.mean(out, axis=0), 0, atol=1e-2)
        ),
        "each channel has mean 0 and variance 1 over N, H and W; its images and pixels keep their differences",
    )
with check("evaluation: the running statistics alone, in out and in the gradients"):
    x = np.array([[[[3.0, 5.0]], [[-1.0, 0.0]]]])
    gamma, beta, mean, var = np.array([2.0, 3.0]), np.array([0.0, 1.0]), np.array([1.0, -1.0]), np.array([4.0, 0.25])
    forward = expect(spatial_batchnorm_forward, x, gamma, beta, mean, var, training=False, eps=0.0)
    forward.part(0).close([[[[2.0, 4.0]], [[1.0, 7.0]]]])
    forward.part(1).close([1.0, -1.0])
    forward.part(2).close([4.0, 0.25])
    dout = np.array([[[[10.0, 1.0]], [[1.0, 2.0]]]])
    dx = np.array([[[[10.0, 1.0]], [[6.0, 12.0]]]])
    cache = forward.value[3]
    expect(spatial_batchnorm_backward, dout, cache).close((dx, np.array([12.0, 4.0]), np.array([11.0, 3.0])))
with check("one image is enough to train on, and no Python loop runs over the images", weight=2):
    x = np.array([[[[1.0, 3.0], [5.0, 7.0]]]])
    forward = expect(spatial_batchnorm_forward, x, np.ones(1), np.zeros(1), np.zeros(1), np.ones(1), eps=0.0)
    forward.part(0).close(np.array([[[[-3.0, -1.0], [1.0, 3.0]]]]) / np.sqrt(5))
    forward.part(2).close([0.9 + 2 / 3])
    forbid_loops(spatial_batchnorm_forward, over="x")
    forbid_loops(spatial_batchnorm_backward, over="dout")
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("the gradients in training equal differences of the formula, number by number"):
    rng = np.random.default_rng(1)
    args = [rng.normal(1, 2, (2, 3, 2, 2)), np.array([1.5, -0.5, 2.0]), np.array([0.5, 1.0, -2.0])]
    dout = rng.normal(0, 1, (2, 3, 2, 2))

    def loss(x, gamma, beta, dout=dout):
        centered = x - x.mean(axis=(0, 2, 3), keepdims=True)
        std = np.sqrt((centered**2).mean(axis=(0, 2, 3), keepdims=True) + 0.1)
        return (dout * (gamma.reshape(3, 1, 1) * centered / std + beta.reshape(3, 1, 1))).sum()

    differences = [np.empty_like(arg) for arg in args]
    for i, difference in enumerate(differences):
        for place in np.ndindex(difference.shape):
            up, down = [arg.copy() for arg in args], [arg.copy() for arg in args]
            up[i][place] += 1e-5
            down[i][place] -= 1e-5
            difference[place] = (loss(*up) - loss(*down)) / 2e-5
    cache = expect(spatial_batchnorm_forward, *args, np.zeros(3), np.ones(3), eps=0.1).value[3]
    expect(spatial_batchnorm_backward, dout, cache).close(tuple(differences), rtol=1e-5, atol=1e-8)
with check("any N, C, H, W, momentum and eps, in both modes: also 1, also all equal"):
    rng = np.random.default_rng(2)
    for shape, training in [((5, 2, 3, 4), True), ((3, 3, 3, 3), True), ((1, 4, 1, 2), True), ((6, 1, 1, 1), True),
                            ((2, 3, 3, 2), False), ((1, 2, 1, 1), False), ((3, 3, 3, 3), False)]:  # fmt: skip
        c, options = shape[1], {"training": training, "momentum": 0.3, "eps": 0.5}
        x, dout = rng.normal(2, 3, shape), rng.normal(0, 1, shape)
        rest = [rng.normal(0, 1, c), rng.normal(0, 1, c), rng.normal(0, 1, c), rng.uniform(0.5, 2, c)]
        want = reference.spatial_batchnorm_forward(x, *rest, **options)
        forward = expect(spatial_batchnorm_forward, x, *rest, **options)
        for i in range(3):
            forward.part(i).close(want[i])
        gradient = reference.spatial_batchnorm_backward(dout, want[3])
        expect(spatial_batchnorm_backward, dout, forward.value[3]).close(gradient)
with check("fewer than two values in a channel: ValueError in training, fine in evaluation"):
    x, rest = np.array([[[[3.0]], [[5.0]]]]), [np.ones(2), np.zeros(2), np.ones(2), np.full(2, 4.0)]
    expect(spatial_batchnorm_forward, x, *rest, training=False, eps=0.0).part(0).close([[[[1.0]], [[2.0]]]])
    expect(spatial_batchnorm_forward, x, *rest).raises(ValueError)
with check("float32 stays float32: out, running statistics, gradients"):
    rng = np.random.default_rng(3)
    x, dout, *rest = (
        a.astype(np.float32)
        for a in [rng.normal(1, 2, (3, 2, 2, 3)), rng.normal(0, 1, (3, 2, 2, 3)), *rng.uniform(0.5, 2, (4, 2))]
    )
    for training in (True, False):
        want = reference.spatial_batchnorm_forward(x, *rest, training=training)
        forward = expect(spatial_batchnorm_forward, x, *rest, training=training)
        for i in range(3):
            forward.part(i).close(want[i], rtol=1e-4, atol=1e-5).dtype(np.float32)
        gradient = reference.spatial_batchnorm_backward(dout, want[3])
        backward = expect(spatial_batchnorm_backward, dout, forward.value[3])
        backward.close(gradient, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x, a constant channel gives beta, and no argument is changed"):
    x = np.array([[[[1, 3]], [[7, 7]]], [[[5, 8]], [[7, 7]]]])
    gamma, beta, mean, var = np.array([2.0, -1.0]), np.array([0.5, 4.0]), np.array([1.0, 2.0]), np.array([3.0, 4.0])
    want = reference.spatial_batchnorm_forward(1.0 * x, gamma, beta, mean, var)
    forward = expect(spatial_batchnorm_forward, x, gamma, beta, mean, var)
    forward.part(0).close(want[0]).unchanged()
    forward.part(1).close(want[1])
    forward.part(2).close(want[2])
    dout = np.array([[[[1.0, -2.0]], [[0.5, 3.0]]], [[[2.0, 0.0]], [[1.0, -1.0]]]])
    gradient = reference.spatial_batchnorm_backward(dout, want[3])
    expect(spatial_batchnorm_backward, dout, forward.value[3]).close(gradient, rtol=1e-6, atol=1e-8).unchanged()
    forward = expect(spatial_batchnorm_forward, x, gamma, beta, mean, var, training=False)
    forward.part(0).close(reference.spatial_batchnorm_forward(1.0 * x, gamma, beta, mean, var, False)[0]).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: one layer too many
"""

# %% role="question" id="bn_pooled_to_one" points=1

# %% [markdown]
r"""
### Layer normalization, forwards and backwards ★★ · 20 min

**Given** `x` of shape `(…, D)`, any rank from 1, and `gamma` and `beta` of shape `(D,)`, `layernorm_forward`
**returns** `(out, cache)`. Every vector of the last axis is normalized on its own, with its own mean and its own biased
variance (divided by D):

$$ \hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \quad
\mu = \frac1D \sum_{j} x_j, \quad \sigma^2 = \frac1D \sum_{j} (x_j - \mu)^2, \qquad
\text{out}_i = \gamma_i \, \hat x_i + \beta_i $$

**Given** `dout` of out's shape and that cache, `layernorm_backward` **returns** `(dx, dgamma, dbeta)`: `dx` with x's
shape, `dgamma` and `dbeta` of shape `(D,)`, which sum over **all axes but the last**:

$$ d\gamma_i = \sum \text{dout}_i \, \hat x_i, \qquad d\beta_i = \sum \text{dout}_i $$

dx is for you to derive: $x_i$ reaches the outputs of its vector by itself, through μ and through σ².

`eps` is 1e-5 unless given. A constant vector gives β, and so does D = 1. Where the mean is large, about 10⁸ with a
spread of a few units, out is as accurate as elsewhere: $\sigma^2$ is the mean of the centred squares, because
$\mathrm{mean}(x^2) - \mu^2$ loses all its digits there. float32 in all arguments gives float32 in out and in the
gradients. Integers in `x` give the right floats. No argument is changed. What the cache holds is up to you.

*Worked number.* x = [1, 1, 1, 5], γ = 1, β = 0, ε = 0: μ = 2, σ² = 3, and out = [−0.577350, −0.577350, −0.577350,
1.732051]. For dout = [1, 0, 0, 0], dx = [0.384900, −0.192450, −0.192450, 0], dγ = [−0.577350, 0, 0, 0] and
dβ = [1, 0, 0, 0]. dx sums to 0, and with ε = 0 it is orthogonal to x̂: use both as checks of your own.

**What the interviewer is after**: the last axis and nothing else; and do you see that γ, which was one constant for a
whole mean in batch normalization, now differs inside it? **Follow-ups**: why do Transformers use this and not batch
normalization? Why are there no running statistics? What is lost if the mean is dropped as in RMSNorm? Where does it
stand in a pre-norm block, and why is that easier to train?

<details><summary>Hint 1</summary><code>axis=-1, keepdims=True</code> works for every rank, and the result broadcasts
against x.</details>
<details><summary>Hint 2</summary>Backwards, first go through γ and β to get g = γ · dout at x̂. From there the way is
batch normalization's with γ = 1, along the last axis. For dγ and dβ, <code>tuple(range(dout.ndim - 1))</code> are all
axes but the last, or reshape to <code>(-1, D)</code> and sum over axis 0. Try both on one vector of shape
<code>(D,)</code>.</details>
<details><summary>Hint 3</summary>With s the root and means along the last axis, dx = (g − mean(g) − x̂ · mean(g · x̂)) /
s. γ differs along that axis, so it stays inside the means.</details>
"""

# %% role="solve" id="layernorm_forward"
from dlkit.reference.normalization import layernorm_forward, layernorm_backward

# %% role="check" id="layernorm_forward-check" points=4
with check("two vectors worked by hand: out, dx, dgamma, dbeta"):
    x, gamma, beta = np.array([[1.0, 1, 1, 5], [4.0, 2, 4, 2]]), np.array([1.0, 2, 1, 1]), np.array([0.0, 0, 10, 0])
    r = 1 / np.sqrt(3)
    forward = expect(layernorm_forward, x, gamma, beta, eps=0.0)
    forward.part(0).close([[-r, -2 * r, 10 - r, 3 * r], [1.0, -2.0, 11.0, -1.0]])
    dout = np.array([[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    dx = np.array([[-2 / 3 * r, 4 / 3 * r, -2 / 3 * r, 0.0], [0.5, 0.0, -0.5, 0.0]])
    dgamma, dbeta = np.array([1.0, -r, 0.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0])
    expect(layernorm_backward, dout, forward.value[1]).close((dx, dgamma, dbeta))
with check("mean 0 and variance 1 in every vector of the last axis, whatever the scale of the others"):
    rng = np.random.default_rng(0)
    scales = np.array([1.0, 20.0]).reshape(2, 1, 1) * np.array([1.0, 3.0, 0.5]).reshape(3, 1)
    x = rng.normal(0, 1, (2, 3, 5)) * scales + np.array([0.0, 5.0, -9.0]).reshape(3, 1) + np.arange(5) * scales
    expect(layernorm_forward, x, np.ones(5), np.zeros(5), eps=1e-12).part(0).satisfies(
        lambda out: (
            np.shape(out) == (2, 3, 5)
            and np.allclose(np.mean(out, axis=-1), 0, atol=1e-6)
            and np.allclose(np.var(out, axis=-1), 1, atol=1e-6)
            and not np.allclose(np.mean(out, axis=(0, 1)), 0, atol=1e-2)
        ),
        "each out[i, j] has mean 0 and variance 1; the columns keep their differences",
    )
with check("gradients along random directions, with a gamma that is not constant"):
    rng = np.random.default_rng(1)
    x, gamma, beta = rng.normal(1, 2, (4, 5)), np.array([1.5, -0.5, 2.0, 0.3, 1.0]), rng.normal(0, 1, 5)
    gradients(layernorm_forward, layernorm_backward, x, gamma, beta, given="cache")
with check("one vector of shape (D,): dgamma and dbeta are (D,) too"):
    x, r = np.array([1.0, 1.0, 1.0, 5.0]), 1 / np.sqrt(3)
    forward = expect(layernorm_forward, x, np.ones(4), np.zeros(4), eps=0.0)
    forward.part(0).close([-r, -r, -r, 3 * r])
    dx = np.array([2 / 3 * r, -r / 3, -r / 3, 0.0])
    expect(layernorm_backward, np.array([1.0, 0, 0, 0]), forward.value[1]).close(
        (dx, np.array([-r, 0, 0, 0]), np.array([1.0, 0, 0, 0]))
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("gradients along random directions: x is (2, 3, 4) and eps is 0.5"):
    rng = np.random.default_rng(2)
    x, gamma, beta = rng.normal(0, 2, (2, 3, 4)), rng.normal(0, 1, 4), rng.normal(0, 1, 4)
    gradients(layernorm_forward, layernorm_backward, x, gamma, beta, given="cache", eps=0.5)
with check("any rank and any size: one sample, D = 1, all axes equal"):
    rng = np.random.default_rng(3)
    for shape in [(6, 4), (1, 5), (3, 3), (4, 1), (2, 3, 5), (3, 3, 3), (2, 1, 3, 4), (7,)]:
        d, eps = shape[-1], rng.uniform(0.01, 1)
        x, dout, gamma, beta = rng.normal(2, 3, shape), rng.normal(0, 1, shape), *rng.normal(0, 1, (2, d))
        want, kept = reference.layernorm_forward(x, gamma, beta, eps)
        forward = expect(layernorm_forward, x, gamma, beta, eps)
        forward.part(0).close(want)
        expect(layernorm_backward, dout, forward.value[1]).close(reference.layernorm_backward(dout, kept))
with check("a large mean costs no digits: 10⁸ and a spread of a few units"):
    x = np.array([[0.0, 2.0, 4.0, 10.0], [1.0, 1.0, 1.0, 5.0]])
    want = reference.layernorm_forward(x, np.ones(4), np.zeros(4))[0]
    expect(layernorm_forward, x + 1e8, np.ones(4), np.zeros(4)).part(0).close(want)
    expect(layernorm_forward, x - 1e8, np.ones(4), np.zeros(4)).part(0).close(want)
with check("a constant vector gives beta, and other samples have no say"):
    beta = np.array([1.0, -2.0, 0.5])
    x = np.array([[7.0, 7.0, 7.0], [0.0, 3.0, -3.0], [100.0, 0.0, 1000.0]])
    want = reference.layernorm_forward(x[1:2], np.ones(3), beta)[0]
    expect(layernorm_forward, x[:2], np.ones(3), beta).part(0).close(np.concatenate([beta[None], want])).no_warning()
    expect(layernorm_forward, x[1:], np.ones(3), beta).part(0).satisfies(
        lambda out, want=want: np.allclose(out[:1], want), "the same row 0 as it has beside any other row"
    )
with check("float32 stays float32, in out and in the gradients"):
    rng = np.random.default_rng(4)
    shapes = [(2, 3, 4), (2, 3, 4), (4,), (4,)]
    x, dout, gamma, beta = (rng.normal(0, 1, shape).astype(np.float32) for shape in shapes)
    want, kept = reference.layernorm_forward(x, gamma, beta)
    forward = expect(layernorm_forward, x, gamma, beta)
    forward.part(0).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
    backward = expect(layernorm_backward, dout, forward.value[1])
    backward.close(reference.layernorm_backward(dout, kept), rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x, and no argument is changed"):
    x, gamma, beta = np.array([[1, -2, 4], [0, 5, 6]]), np.array([1.0, 0.5, -2.0]), np.array([0.25, 0.0, 1.0])
    want, kept = reference.layernorm_forward(1.0 * x, gamma, beta)
    expect(layernorm_forward, 1.0 * x, gamma, beta).part(0).close(want).unchanged()
    forward = expect(layernorm_forward, x, gamma, beta)
    forward.part(0).close(want).unchanged()
    dout = np.array([[1.0, -1.0, 2.0], [0.5, 3.0, 0.0]])
    expect(layernorm_backward, dout, forward.value[1]).close(reference.layernorm_backward(dout, kept)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: statistics over time
"""

# %% role="question" id="bn_over_time_leak" points=1

# %% [markdown]
r"""
### Where layer norm stands in a Transformer

With f for attention or the dense part of a block:

- **post-norm** (the paper of 2017): x ← LN(x + f(x)). Every block normalizes the sum, so the way back to the input
  leads through every norm. It needs warm-up, and very deep stacks are hard to train.
- **pre-norm** (GPT-2 and most since): x ← x + f(LN(x)). The shortcut is left alone, so gradients reach every block
  undiminished. The sum grows with depth, so later blocks change it less and less, and a last norm stands before the
  output.

Why not batch norm here? Sequences differ in length, so late positions would have statistics from few examples, padding
would count, a batch is often small, generation works token by token, and in a causal model a mean over time looks
ahead.
"""

# %% [markdown]
r"""
### Group normalization, forwards and backwards ★★★ · 25 min

**Given** `x` of shape `(N, C, H, W)`, `gamma` and `beta` of shape `(C,)`, and an integer `groups` ≥ 1,
`groupnorm_forward` **returns** `(out, cache)`. The C channels are cut into `groups` runs of C / groups **consecutive**
channels. Each run of each image is normalized on its own, with the mean and the biased variance of all its
K = C/groups · H · W values:

$$ \hat x = \frac{x - \mu_{n,\text{group}(c)}}{\sqrt{\sigma^2_{n,\text{group}(c)} + \varepsilon}}, \qquad
\text{out}_{nchw} = \gamma_c \, \hat x_{nchw} + \beta_c, \qquad
\text{group}(c) = \Bigl\lfloor \frac{c}{C/\text{groups}} \Bigr\rfloor $$

γ and β have one number for each **channel**, not for each group. If `groups` does not divide C, raise `ValueError`.
With `groups=1` a whole image has one mean, with `groups=C` each channel has its own.

**Given** `dout` of out's shape and that cache, `groupnorm_backward` **returns** `(dx, dgamma, dbeta)`, `dgamma` and
`dbeta` of shape `(C,)`:

$$ d\gamma_c = \sum_{n,h,w} \text{dout} \cdot \hat x, \qquad d\beta_c = \sum_{n,h,w} \text{dout} $$

dx is found as in layer norm, with the K values of each group of each image where a vector's stood.

`eps` is 1e-5 unless given. A group whose values are all equal gives β, also one of a single value. No other image has a
say in an image's output. float32 in all arrays gives float32 in out and in the gradients. Integers in `x` give the
right floats. No argument is changed. What the cache holds is up to you.

*Worked number.* One image of one row, four channels [1, 1], [1, 5], [0, 10], [0, 10], two groups, ε = 0. The first
group has mean 2 and variance 3, the second 5 and 25. With γ = [1, 2, 1, 1] and β = [0, 0, 0, 10], out is
[−0.577350, −0.577350], [−1.154701, 3.464102], [−1, 1], [9, 11]. If dout is 1 at the first pixel of the second channel
and 0 elsewhere, dx is [−0.384900, −0.384900], [0.769800, 0], and 0 in the second group; dγ = [0, −0.577350, 0, 0].

**What the interviewer is after**: one reshape that cuts the channels in the right place, and a γ that stays inside the
means because it varies within a group. **Follow-ups**: why does its error not grow at batch size 2, where batch
normalization's does? Why groups of channels at all, and why 32? What are the two extremes called, and what does each
throw away? Does it need running statistics?

<details><summary>Hint 1</summary>Consecutive channels lie side by side in memory:
<code>x.reshape(N, groups, -1)</code> has one group of one image in each row. Test the division first, since this
reshape may succeed where it should not.</details>
<details><summary>Hint 2</summary>γ belongs to channels, so go back to <code>(N, C, H, W)</code> before you multiply by
<code>gamma[:, None, None]</code>.</details>
<details><summary>Hint 3</summary>Backwards in the opposite order: dγ and dβ and g = γ · dout in
<code>(N, C, H, W)</code>, then reshape g to <code>(N, groups, -1)</code>, take both means along axis 2, and reshape
back.</details>
"""

# %% role="solve" id="groupnorm_forward"
from dlkit.reference.normalization import groupnorm_forward, groupnorm_backward

# %% role="check" id="groupnorm_forward-check" points=6
with check("four channels in two groups worked by hand: out, dx, dgamma, dbeta"):
    x = np.array([[[[1.0, 1.0]], [[1.0, 5.0]], [[0.0, 10.0]], [[0.0, 10.0]]]])
    gamma, beta, r = np.array([1.0, 2.0, 1.0, 1.0]), np.array([0.0, 0.0, 0.0, 10.0]), 1 / np.sqrt(3)
    forward = expect(groupnorm_forward, x, gamma, beta, 2, eps=0.0)
    forward.part(0).close([[[[-r, -r]], [[-2 * r, 6 * r]], [[-1.0, 1.0]], [[9.0, 11.0]]]])
    dout = np.array([[[[0.0, 0.0]], [[1.0, 0.0]], [[0.0, 0.0]], [[0.0, 10.0]]]])
    dx = np.array([[[[-2 / 3 * r, -2 / 3 * r]], [[4 / 3 * r, 0.0]], [[0.0, -1.0]], [[0.0, 1.0]]]])
    dgamma, dbeta = np.array([0.0, -r, 0.0, 10.0]), np.array([0.0, 1.0, 0.0, 10.0])
    expect(groupnorm_backward, dout, forward.value[1]).close((dx, dgamma, dbeta))
with check("mean 0 and variance 1 in every run of consecutive channels; not in every channel"):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (2, 6, 2, 3)) * np.array([1.0, 7.0, 3.0, 0.5, 2.0, 9.0]).reshape(6, 1, 1)
    x = (x + np.array([0.0, 5.0, -9.0, 3.0, 20.0, 1.0]).reshape(6, 1, 1)) * np.array([1.0, 30.0]).reshape(2, 1, 1, 1)
    expect(groupnorm_forward, x, np.ones(6), np.zeros(6), 2, eps=1e-12).part(0).satisfies(
        lambda out: (
            np.shape(out) == (2, 6, 2, 3)
            and np.allclose(np.reshape(out, (2, 2, 18)).mean(axis=2), 0, atol=1e-6)
            and np.allclose(np.reshape(out, (2, 2, 18)).var(axis=2), 1, atol=1e-6)
            and not np.allclose(np.mean(out, axis=(2, 3)), 0, atol=1e-2)
        ),
        "channels 0 to 2 together, and 3 to 5, have mean 0 and variance 1 in each image; single channels have not",
    )
with check("gradients along random directions: 6 channels in 2 groups"):
    rng = np.random.default_rng(1)
    x, gamma, beta = rng.normal(1, 2, (2, 6, 2, 2)), np.array([1.5, -0.5, 2.0, 0.3, 1.0, -2.0]), rng.normal(0, 1, 6)
    gradients(groupnorm_forward, groupnorm_backward, x, gamma, beta, 2, given="cache")
with check("groups that do not divide the channels raise ValueError, also where the reshape would fit"):
    x = np.arange(12.0).reshape(1, 3, 2, 2)
    row = (np.arange(12.0) - 5.5) / np.sqrt(143 / 12)
    expect(groupnorm_forward, x, np.ones(3), np.zeros(3), 1, eps=0.0).part(0).close(row.reshape(1, 3, 2, 2))
    expect(groupnorm_forward, x, np.ones(3), np.zeros(3), 2).raises(ValueError)
    expect(groupnorm_forward, x[:, :, :, :1], np.ones(3), np.zeros(3), 4).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("gradients along random directions: 1 group, C groups, 3 groups, and eps = 0.5"):
    for groups in (1, 6, 3):
        rng = np.random.default_rng(groups)
        x, gamma, beta = rng.normal(0, 2, (2, 6, 1, 3)), rng.normal(0, 1, 6), rng.normal(0, 1, 6)
        gradients(groupnorm_forward, groupnorm_backward, x, gamma, beta, groups, given="cache", eps=0.5)
with check("any N, C, H, W and groups: also one pixel, one image, one channel, all equal"):
    rng = np.random.default_rng(2)
    for shape, groups in [((3, 4, 2, 5), 2), ((1, 6, 3, 2), 3), ((2, 4, 4, 4), 4), ((4, 4, 4, 4), 2), ((3, 1, 2, 2), 1),
                          ((2, 6, 1, 1), 2), ((2, 3, 1, 1), 3), ((2, 5, 3, 1), 1)]:  # fmt: skip
        x, dout, eps = rng.normal(2, 3, shape), rng.normal(0, 1, shape), rng.uniform(0.01, 1)
        gamma, beta = rng.normal(0, 1, (2, shape[1]))
        want, kept = reference.groupnorm_forward(x, gamma, beta, groups, eps)
        forward = expect(groupnorm_forward, x, gamma, beta, groups, eps)
        forward.part(0).close(want)
        expect(groupnorm_backward, dout, forward.value[1]).close(reference.groupnorm_backward(dout, kept))
with check("one image alone gives what it gives in a batch; a constant group gives beta"):
    x = np.array([[[[1.0, 1.0]], [[1.0, 5.0]]], [[[40.0, 10.0]], [[-90.0, 0.0]]], [[[7.0, 7.0]], [[7.0, 7.0]]]])
    beta = np.array([3.0, -1.0])
    want = reference.groupnorm_forward(x, np.array([1.0, 2.0]), beta, 1)[0]
    expect(groupnorm_forward, x, np.array([1.0, 2.0]), beta, 1).part(0).close(want).no_warning()
    expect(groupnorm_forward, x[:1], np.array([1.0, 2.0]), beta, 1).part(0).close(want[:1])
    expect(groupnorm_forward, x[2:], np.array([1.0, 2.0]), beta, 2).part(0).close([[[[3.0, 3.0]], [[-1.0, -1.0]]]])
with check("float32 stays float32, in out and in the gradients"):
    rng = np.random.default_rng(3)
    shapes = [(2, 4, 2, 3), (2, 4, 2, 3), (4,), (4,)]
    x, dout, gamma, beta = (rng.normal(0, 1, shape).astype(np.float32) for shape in shapes)
    want, kept = reference.groupnorm_forward(x, gamma, beta, 2)
    forward = expect(groupnorm_forward, x, gamma, beta, 2)
    forward.part(0).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
    backward = expect(groupnorm_backward, dout, forward.value[1])
    backward.close(reference.groupnorm_backward(dout, kept), rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x, and no argument is changed"):
    rng = np.random.default_rng(4)
    x, dout = rng.integers(-9, 10, (2, 4, 1, 3)), rng.normal(0, 1, (2, 4, 1, 3))
    gamma, beta = np.array([1.0, 0.5, -2.0, 3.0]), np.array([0.25, 0.0, 1.0, -1.0])
    want, kept = reference.groupnorm_forward(1.0 * x, gamma, beta, 2)
    expect(groupnorm_forward, 1.0 * x, gamma, beta, 2).part(0).close(want).unchanged()
    forward = expect(groupnorm_forward, x, gamma, beta, 2)
    forward.part(0).close(want).unchanged()
    expect(groupnorm_backward, dout, forward.value[1]).close(reference.groupnorm_backward(dout, kept)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the two ends of group normalization
"""

# %% role="question" id="gn_extreme_groups" points=1

# %% [markdown]
r"""
### Experiment: batches of 2 against batches of 32

A network with two hidden layers of 32 units learns 640 digits for three epochs, with batches of 2, 4, 8 or 32. The
learning rate goes with the batch size (0.3 for 32), so a batch of 2 takes sixteen times as many steps, each a sixteenth
as long. The norms are your batch norm, your layer norm, and your group norm with 4 groups of 8 features. All are tested
in evaluation mode, on 797 other digits.

On the right, one digit is put into 200 random batches: what does one unit of the first layer hand on? A fresh network;
each dot is a batch.

*Make a prediction*: batch norm with N = 2. Which numbers can come out? And which gradient goes back?
"""

# %% role="demo" id="experiment-batch-size"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]


def batch_norm(x, gamma, beta, running, training):
    out, *running, cache = batchnorm_forward(x, gamma, beta, *running, training)
    return out, running, cache


def layer_norm(x, gamma, beta, running, training):
    out, cache = layernorm_forward(x, gamma, beta)
    return out, running, cache


def group_norm(x, gamma, beta, running, training):
    out, cache = groupnorm_forward(x[:, :, None, None], gamma, beta, 4)  # images of one pixel
    return out[:, :, 0, 0], running, cache


def group_norm_backward(dout, cache):
    dx, dgamma, dbeta = groupnorm_backward(dout[:, :, None, None], cache)
    return dx[:, :, 0, 0], dgamma, dbeta


def accuracy(forward, backward, size, epochs=3):
    rng = np.random.default_rng(0)
    net = Network([64, 32, 32, 10], rng, ("norm", "relu"), forward, backward)
    for _ in range(epochs):
        for batch in rng.permutation(640).reshape(-1, size):
            net.descend(images[batch], labels[batch], 0.3 * size / 32)
    return np.mean(net.logits(images[1000:]).argmax(axis=1) == labels[1000:])


with experiment(), figure("From two examples, batch norm keeps only which is larger", columns=2) as (left, right):
    sizes = [2, 4, 8, 32]
    norms = [
        ("batch norm", "o-", batch_norm, batchnorm_backward),
        ("layer norm", "s--", layer_norm, layernorm_backward),
        ("group norm", "^-.", group_norm, group_norm_backward),
    ]
    for name, line, forward, backward in norms:
        found = [accuracy(forward, backward, size) for size in sizes]
        left.semilogx(sizes, found, line, label=name)
        # The network that has learnt hardly anything is chaotic: its accuracy depends on the last bit of a sum.
        shown = ", ".join(f"{a:.0%}" if a > 0.6 else "below 60%" for a in found)
        print(f"{name:11s} accuracy with batches of 2, 4, 8, 32: {shown}")
    rng = np.random.default_rng(1)
    z = images @ rng.normal(0, np.sqrt(2 / 64), (64, 32))  # the first layer of a fresh network
    one, zero = np.ones(32), np.zeros(32)
    for place, size in enumerate(sizes):
        outs, shares = [], []
        for _ in range(200):
            batch = np.append(0, 1 + rng.choice(len(z) - 1, size - 1, replace=False))
            out, _, _, cache = batchnorm_forward(z[batch], one, zero, zero, one)
            dout = rng.normal(0, 1, out.shape)
            dx, _, _ = batchnorm_backward(dout, cache)
            dx = dx * np.sqrt(z[batch].var(axis=0) + 1e-5)  # without the factor 1 / std
            outs.append(out[0, 0])
            shares.append(np.sum(dx**2) / np.sum(dout**2))
        right.plot(place + rng.uniform(-0.25, 0.25, 200), outs, ".", color="C0", markersize=3)
        print(f"batches of {size:2d}: the same digit comes out with std {np.std(outs):.2f}   ", end="")
        print(f"of the squared gradient {np.mean(shares):.2f} passes")
    alone, _ = layernorm_forward(z[:1], one, zero)
    right.axhline(alone[0, 0], color="C1", linestyle="--", label="layer norm, whatever the batch")
    right.plot([], [], "o", color="C0", markersize=4, label="batch norm, 200 batches each")
    left.set(xlabel="batch size", ylabel="test accuracy", ylim=(0, 1.02), title="after three epochs")
    left.set_xticks(sizes, sizes)
    left.minorticks_off()
    right.set(xlabel="batch size", ylabel="output", title="one digit, one unit", ylim=(-2.2, 2.8))
    right.set_xticks(range(4), sizes)
    left.legend(loc="lower right")
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** With batches of 32 all three are close together: 94, 94 and 92 %. With batches of 2, layer and group
norm are where they were, 95 and 91 %, and batch norm stays below 60 %. (How far below depends on the machine: where
nearly nothing is learnt, the last bit of a sum decides.)

Why? On the right, from two examples the output is +1 or −1: all that is left is which of them is larger. (Eps spares
the few pairs that nearly coincide.) Even at 32 the same digit comes out with a standard deviation of 0.19, depending on
its neighbours. That noise regularizes a little; at 4 it is 0.46. And the way back is closed: batch norm removes two of
the N directions of a gradient, the shift and the stretch, so (N − 2)/N of its squared length passes. That is 0.94 at
32, a half at 4, and nothing at 2.

**What to say in an interview.** “Batch norm's statistics are estimates, with an error of about $1/\sqrt{N}$. Below 16
or so values I would freeze it, synchronize it over devices, or take group norm; layer norm for sequences. For
convolutions N·H·W counts, but neighbouring pixels are correlated.”
"""

# %% [markdown]
r"""
### Instance normalization ★★★ · 12 min

Style transfer asks for a painting's strokes and not for its lighting: how bright a photograph is, and how strong its
contrast, should not matter at all. Instance normalization takes both out of every channel of every image.

**Given** `x` of shape `(N, C, H, W)`, and `gamma` and `beta` of shape `(C,)`, **return** `out` of x's shape, with the
mean and the biased variance of the H·W pixels of each channel of each image:

$$ \text{out}_{nchw} = \gamma_c \, \frac{x_{nchw} - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \varepsilon}} + \beta_c, \qquad
\mu_{nc} = \frac{1}{HW} \sum_{h,w} x_{nchw}, \quad \sigma_{nc}^2 = \frac{1}{HW} \sum_{h,w} (x_{nchw} - \mu_{nc})^2 $$

There are no running statistics, no cache and no training mode: out is one array. Your function must hold out in these
cases:

- **one image alone** gives exactly what it gives in a batch;
- **a constant channel** gives $\beta_c$, also where it is a single pixel (H = W = 1), and nothing warns;
- **C may equal H or W**, and γ and β still go by channel;
- **bytes**: images often come as `uint8` or other integers, and give the right floats;
- **a large mean**: 10⁸ and a spread of a few units is as accurate as elsewhere, so $\sigma^2$ is not
  $\mathrm{mean}(x^2) - \mu^2$.

It is group normalization with C groups. `eps` is 1e-5 unless given. float32 in all arguments gives float32. No argument
is changed.

*Worked number.* One image of two channels, [[1, 1], [1, 5]] and [[0, 10], [0, 10]], with γ = [2, 0.5], β = [0, 3] and
ε = 0. Means and variances are 2 and 3, 5 and 25. out is [[−1.154701, −1.154701], [−1.154701, 3.464102]] and
[[2.5, 3.5], [2.5, 3.5]].

**What the interviewer is after**: which axes are left when batch and channels are taken away, and which property of the
image disappears with them. **Follow-ups**: why is this good for style transfer and bad for classification? Which norm
is it when H = W = 1, and why is that useless? How does adaptive instance normalization turn γ and β into a style? Why
is training the same as testing?

<details><summary>Hint 1</summary>Each of the N·C maps has its own mean: over which two axes?</details>
<details><summary>Hint 2</summary><code>keepdims=True</code> gives shape <code>(N, C, 1, 1)</code>, which broadcasts
against x. γ of shape <code>(C,)</code> does not: NumPy would line it up with W.</details>
<details><summary>Hint 3</summary>Centre first, and square what is centred. <code>gamma[:, None, None]</code> has shape
<code>(C, 1, 1)</code>.</details>
"""

# %% role="solve" id="instancenorm_forward"
from dlkit.reference.normalization import instancenorm_forward

# %% role="check" id="instancenorm_forward-check" points=6
with check("two channels worked by hand"):
    x = np.array([[[[1.0, 1.0], [1.0, 5.0]], [[0.0, 10.0], [0.0, 10.0]]]])
    r, gamma, beta = 1 / np.sqrt(3), np.array([2.0, 0.5]), np.array([0.0, 3.0])
    want = [[[[-2 * r, -2 * r], [-2 * r, 6 * r]], [[2.5, 3.5], [2.5, 3.5]]]]
    expect(instancenorm_forward, x, gamma, beta, eps=0.0).close(want)
with check("mean 0 and variance 1 in every channel of every image; rows and columns keep their differences"):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (3, 2, 4, 5)) + 3 * np.arange(4).reshape(4, 1) + rng.normal(0, 20, (3, 2, 1, 1))
    x = x * np.array([1.0, 9.0, 30.0]).reshape(3, 1, 1, 1)
    expect(instancenorm_forward, x, np.ones(2), np.zeros(2), eps=1e-12).satisfies(
        lambda out: (
            np.shape(out) == (3, 2, 4, 5)
            and np.allclose(np.mean(out, axis=(2, 3)), 0, atol=1e-6)
            and np.allclose(np.var(out, axis=(2, 3)), 1, atol=1e-6)
            and not np.allclose(np.mean(out, axis=3), 0, atol=1e-2)
        ),
        "each out[n, c] has mean 0 and variance 1, its single rows have not",
    )
with check("one image alone gives what it gives in a batch"):
    one, other = [[[0.0, 10.0]], [[2.0, 6.0]]], [[[500.0, -300.0]], [[70.0, 90.0]]]
    gamma, beta = np.array([1.0, 3.0]), np.array([0.0, 10.0])
    want = [[[-1.0, 1.0]], [[7.0, 13.0]]]
    expect(instancenorm_forward, np.array([one]), gamma, beta, eps=0.0).close([want])
    expect(instancenorm_forward, np.array([other, one]), gamma, beta, eps=0.0).close(
        [[[[1.0, -1.0]], [[7.0, 13.0]]], want]
    )
with check("gamma and beta go by channel, also where C = H = W"):
    x = np.array([[[[1.0, 3.0], [3.0, 1.0]], [[5.0, 9.0], [5.0, 9.0]]]])
    expect(instancenorm_forward, x, np.array([1.0, 10.0]), np.array([0.0, 100.0]), eps=0.0).close(
        [[[[-1.0, 1.0], [1.0, -1.0]], [[90.0, 110.0], [90.0, 110.0]]]]
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("a constant channel gives beta, one of a single pixel too, and nothing warns"):
    x = np.array([[[[7.0, 7.0, 7.0]], [[1.0, 4.0, 7.0]]], [[[0.1, 0.1, 0.1]], [[-1e4, -1e4, -1e4]]]])
    gamma, beta = np.array([2.0, -1.0]), np.array([0.5, 3.0])
    want = reference.groupnorm_forward(x, gamma, beta, 2)[0]
    expect(instancenorm_forward, x, gamma, beta).close(want).no_warning()
    expect(instancenorm_forward, x[:, :, :, :1], gamma, beta).close(
        np.array([[[[0.5]], [[3.0]]], [[[0.5]], [[3.0]]]])
    ).no_warning()
with check("it is group normalization with C groups, on any N, C, H, W and eps"):
    rng = np.random.default_rng(1)
    for shape in [(2, 3, 4, 5), (3, 3, 3, 3), (1, 1, 2, 2), (4, 1, 1, 6), (1, 5, 3, 1), (2, 4, 4, 2)]:
        x, eps, (gamma, beta) = rng.normal(2, 3, shape), rng.uniform(0.01, 1), rng.normal(0, 1, (2, shape[1]))
        expect(instancenorm_forward, x, gamma, beta, eps).close(
            reference.groupnorm_forward(x, gamma, beta, shape[1], eps)[0]
        )
with check("brightness and contrast of each channel do not matter"):
    rng = np.random.default_rng(2)
    x, gamma, beta = rng.normal(0, 1, (2, 3, 3, 2)), rng.normal(0, 1, 3), rng.normal(0, 1, 3)
    want = reference.groupnorm_forward(x, gamma, beta, 3, 0.0)[0]
    changed = x * rng.uniform(0.5, 9, (2, 3, 1, 1)) + rng.normal(0, 50, (2, 3, 1, 1))
    expect(instancenorm_forward, changed, gamma, beta, eps=0.0).close(want)
with check("a large mean costs no digits: 10⁸ and a spread of a few units"):
    x = np.array([[[[0.0, 2.0], [4.0, 10.0]], [[1.0, 1.0], [1.0, 5.0]]]])
    want = reference.groupnorm_forward(x, np.ones(2), np.zeros(2), 2)[0]
    expect(instancenorm_forward, x + 1e8, np.ones(2), np.zeros(2)).close(want)
    expect(instancenorm_forward, x - 1e8, np.ones(2), np.zeros(2)).close(want)
with check("float32 stays float32"):
    rng = np.random.default_rng(3)
    x, gamma, beta = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(2, 3, 4, 2), (3,), (3,)])
    want = reference.groupnorm_forward(x, gamma, beta, 3)[0]
    expect(instancenorm_forward, x, gamma, beta).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers and bytes give the right floats"):
    rng = np.random.default_rng(4)
    gamma, beta = np.array([2.0, -1.0]), np.array([0.5, 3.0])
    for x in [rng.integers(-9, 10, (2, 2, 3, 2)), rng.integers(0, 256, (2, 2, 3, 2)).astype(np.uint8)]:
        want = reference.groupnorm_forward(1.0 * x, gamma, beta, 2)[0]
        expect(instancenorm_forward, x, gamma, beta).close(want)
with check("no argument is changed"):
    x = np.random.default_rng(5).normal(1, 2, (2, 2, 2, 3))
    gamma, beta = np.array([2.0, -1.0]), np.array([0.5, 3.0])
    want = reference.groupnorm_forward(x, gamma, beta, 2)[0]
    expect(instancenorm_forward, x, gamma, beta).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### RMSNorm, forwards and backwards ★★ · 15 min

Layer normalization without the mean: a vector is divided by the root of its mean square, and nothing is subtracted. It
is what LLaMA uses.

**Given** `x` of shape `(…, D)`, any rank from 1, and `gamma` of shape `(D,)`, `rmsnorm_forward` **returns**
`(out, cache)`. Every vector of the last axis is scaled on its own:

$$ \hat x = x \, r, \qquad r = \Bigl(\frac1D \sum_j x_j^2 + \varepsilon\Bigr)^{-1/2}, \qquad
\text{out} = \gamma \odot \hat x $$

**Given** `dout` = ∂L/∂out and that cache, `rmsnorm_backward` **returns** `(dx, dgamma)`: `dx` with x's shape, `dgamma`
of shape `(D,)`, summed over **all axes but the last**:

$$ d\gamma_i = \sum \text{dout}_i \, \hat x_i $$

dx is for you to derive: $x_j$ reaches every output of its vector, once by itself and once through r.

`eps` is 1e-5 unless given, and stands inside the root. A vector of zeros gives zeros. There is no β. float32 in all
arguments gives float32 in out and in the gradients. Integers in `x` give the right floats, bytes (`uint8`) too. No
argument is changed. What the cache holds is up to you.

*Worked number.* x = [3, 4], γ = [1, 1], ε = 0: the mean square is 12.5, r = 0.282843 and out = [0.848528, 1.131371].
For dout = [1, 0], dx = [0.181019, −0.135765] and dγ = [0.848528, 0]. Note that dx ⟂ x: scaling x changes nothing, so
the gradient has no part along x. Use that as a check of your own.

**What the interviewer is after**: do you see the second path, and can you say why dx is orthogonal to x?
**Follow-ups**: what does ε do to that orthogonality? Why did LLaMA drop the mean? What does layer normalization ignore
that RMSNorm does not? What would you keep in the cache to save memory?

<details><summary>Hint 1</summary>Write out as a product of two functions of x, and use the product rule.</details>
<details><summary>Hint 2</summary>Show first that ∂r/∂xⱼ = −r³ xⱼ / D. With g = γ · dout, the second term is the same
number for a whole vector, times x̂. Which mean is it?</details>
<details><summary>Hint 3</summary>dx = r · (g − x̂ · mean(g · x̂)), with the mean along the last axis. γ differs within the
vector, so it stands inside that mean.</details>
"""

# %% role="solve" id="rmsnorm_forward"
from dlkit.reference.normalization import rmsnorm_forward, rmsnorm_backward

# %% role="check" id="rmsnorm_forward-check" points=4
with check("two vectors worked by hand: out, dx, dgamma"):
    x, gamma, r = np.array([[3.0, 4.0], [1.0, -1.0]]), np.array([1.0, 2.0]), 1 / np.sqrt(12.5)
    forward = expect(rmsnorm_forward, x, gamma, eps=0.0)
    forward.part(0).close([[3 * r, 8 * r], [1.0, -2.0]])
    dout = np.array([[1.0, 0.0], [0.0, 3.0]])
    dx = np.array([[0.64 * r, -0.48 * r], [3.0, 3.0]])
    expect(rmsnorm_backward, dout, forward.value[1]).close((dx, np.array([3 * r, -3.0])))
with check("mean square 1 in every vector of the last axis, and the mean is not taken out"):
    rng = np.random.default_rng(0)
    x = (rng.normal(0, 1, (2, 3, 5)) + 2) * np.array([1.0, 20.0, 0.3]).reshape(3, 1) * (1 + np.arange(5))
    expect(rmsnorm_forward, x, np.ones(5), eps=1e-12).part(0).satisfies(
        lambda out, x=x: (
            np.shape(out) == (2, 3, 5)
            and np.allclose(np.mean(np.square(out), axis=-1), 1, atol=1e-6)
            and np.allclose(out / out[..., :1], x / x[..., :1])
        ),
        "each out[i, j] has mean square 1 and the direction of x[i, j]",
    )
with check("gradients along random directions, with a gamma that is not constant"):
    rng = np.random.default_rng(1)
    x, gamma = rng.normal(1, 2, (4, 5)), np.array([1.5, -0.5, 2.0, 0.3, 1.0])
    gradients(rmsnorm_forward, rmsnorm_backward, x, gamma, given="cache")
with check("dx is orthogonal to x when eps is 0: one vector of shape (D,)"):
    x, dout = np.array([1.0, -2.0, 4.0]), np.array([2.0, 1.0, -3.0])
    forward = expect(rmsnorm_forward, x, np.array([1.0, 2.0, 0.5]), eps=0.0)
    forward.part(0).close(np.array([1.0, -4.0, 2.0]) / np.sqrt(7))
    expect(rmsnorm_backward, dout, forward.value[1]).satisfies(
        lambda result, x=x: (
            np.shape(result[0]) == (3,)
            and abs(np.dot(result[0], x)) < 1e-9
            and np.allclose(result[1] * np.sqrt(7), [2.0, -2.0, -12.0])
        ),
        "dx · x = 0, and dgamma = dout · x̂",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("gradients along random directions: x is (2, 3, 4) and eps is 0.5"):
    rng = np.random.default_rng(2)
    x, gamma = rng.normal(0, 2, (2, 3, 4)), rng.normal(0, 1, 4)
    gradients(rmsnorm_forward, rmsnorm_backward, x, gamma, given="cache", eps=0.5)
with check("any rank and any size: one sample, D = 1, all axes equal"):
    rng = np.random.default_rng(3)
    for shape in [(6, 4), (1, 5), (3, 3), (4, 1), (2, 3, 5), (3, 3, 3), (2, 1, 3, 4), (7,)]:
        x, dout, eps = rng.normal(2, 3, shape), rng.normal(0, 1, shape), rng.uniform(0.01, 1)
        gamma = rng.normal(0, 1, shape[-1])
        want, kept = reference.rmsnorm_forward(x, gamma, eps)
        forward = expect(rmsnorm_forward, x, gamma, eps)
        forward.part(0).close(want)
        expect(rmsnorm_backward, dout, forward.value[1]).close(reference.rmsnorm_backward(dout, kept))
with check("a vector of zeros gives zeros, and nothing warns"):
    x, gamma = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, -2.0]]), np.array([1.0, 3.0, -1.0])
    want = np.array([[0.0, 0.0, 0.0], [1.0, 6.0, 2.0]]) / np.sqrt(np.array([[1.0], [3 + 1e-5]]))
    expect(rmsnorm_forward, x, gamma).part(0).close(want).no_warning()
with check("float32 stays float32, in out and in the gradients"):
    rng = np.random.default_rng(4)
    x, dout, gamma = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(2, 3, 4), (2, 3, 4), (4,)])
    want, kept = reference.rmsnorm_forward(x, gamma)
    forward = expect(rmsnorm_forward, x, gamma)
    forward.part(0).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
    backward = expect(rmsnorm_backward, dout, forward.value[1])
    backward.close(reference.rmsnorm_backward(dout, kept), rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x, and no argument is changed"):
    x, gamma = np.array([[1, -2, 4], [0, 5, 6]]), np.array([1.0, 0.5, -2.0])
    want, kept = reference.rmsnorm_forward(1.0 * x, gamma)
    expect(rmsnorm_forward, 1.0 * x, gamma).part(0).close(want).unchanged()
    forward = expect(rmsnorm_forward, x, gamma)
    forward.part(0).close(want).unchanged()
    dout = np.array([[1.0, -1.0, 2.0], [0.5, 3.0, 0.0]])
    expect(rmsnorm_backward, dout, forward.value[1]).close(reference.rmsnorm_backward(dout, kept)).unchanged()
with check("bytes in x: their squares need more room than a byte"):
    x, gamma = np.array([[100, 3, 200], [7, 255, 16]], dtype=np.uint8), np.array([1.0, 0.5, -2.0])
    want, kept = reference.rmsnorm_forward(x.astype(np.float64), gamma)
    forward = expect(rmsnorm_forward, x, gamma)
    forward.part(0).close(want).unchanged()
    dout = np.array([[1.0, -1.0, 2.0], [0.5, 3.0, 0.0]])
    expect(rmsnorm_backward, dout, forward.value[1]).close(reference.rmsnorm_backward(dout, kept))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: one function of axes

All of the family is one function and a choice of axes:

```python
def normalize(x, axes, eps=1e-5):
    centered = x - x.mean(axis=axes, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=axes, keepdims=True) + eps)
```

Each picture is a block of 3 images with 6 channels of 3 × 3 pixels. The cell with the cross is one output. Shaded are
all inputs **that can change it**, and nobody has drawn this by hand: the experiment moves one input after the other and
watches your functions. Then it compares each of them with `normalize`.

*Make a prediction*: sketch the six pictures before you run the cell. Which two are alike?
"""

# %% role="demo" id="experiment-family"
from dlkit.lab import experiment, figure


def normalize(x, axes, eps=1e-5):
    """Mean 0 and variance 1 over these axes."""
    centered = x - x.mean(axis=axes, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=axes, keepdims=True) + eps)


def channels_last(f):
    """For functions of the last axis: the channels of a pixel are its vector."""
    return lambda x: f(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


with (
    experiment(),
    figure("One formula, other axes: what one output depends on", columns=3, rows=2, width=11, height=5) as panels,
):
    n, c, h, w, groups = 3, 6, 3, 3, 3
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (n, c, h, w))
    gamma, beta = rng.normal(1, 0.3, c), rng.normal(0, 1, c)
    affine = (gamma[:, None, None], beta[:, None, None])

    def grouped(x):
        return normalize(x.reshape(n, groups, c // groups, h, w), (2, 3, 4)).reshape(x.shape)

    family = {  # the learner's function, the same by normalize, how many statistics
        "batch norm: N, H, W": (
            lambda x: spatial_batchnorm_forward(x, gamma, beta, np.zeros(c), np.ones(c))[0],
            lambda x: normalize(x, (0, 2, 3)),
        ),
        "instance norm: H, W": (lambda x: instancenorm_forward(x, gamma, beta), lambda x: normalize(x, (2, 3))),
        "group norm, 3 groups: C/3, H, W": (lambda x: groupnorm_forward(x, gamma, beta, groups)[0], grouped),
        "group norm, 1 group: C, H, W": (
            lambda x: groupnorm_forward(x, gamma, beta, 1)[0],
            lambda x: normalize(x, (1, 2, 3)),
        ),
        "layer norm of a token: C": (
            channels_last(lambda x: layernorm_forward(x, gamma, beta)[0]),
            lambda x: normalize(x, 1),
        ),
        "RMSNorm of a token: C, no mean": (
            channels_last(lambda x: rmsnorm_forward(x, gamma)[0] + beta),  # RMSNorm itself has no beta
            lambda x: x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5),
        ),
    }
    for panel, (name, (yours, by_axes)) in zip(panels, family.items(), strict=True):
        out, same = yours(x), np.allclose(yours(x), affine[0] * by_axes(x) + affine[1], rtol=1e-9, atol=1e-9)
        reached = np.zeros(x.shape, dtype=bool)
        for place in np.ndindex(x.shape):
            moved = x.copy()
            moved[place] += 0.5
            reached[place] = abs(yours(moved)[0, 0, 0, 0] - out[0, 0, 0, 0]) > 1e-9
        i, j, a, b = np.indices(x.shape)  # image, channel, row, column
        for cells, color in [(reached, "C0"), (~reached, "0.9")]:
            panel.plot(3.6 * j[cells] + b[cells], 3.6 * i[cells] + a[cells], "s", color=color, markersize=9)
        panel.plot(0, 0, "x", color="white", markersize=6, markeredgewidth=1.8)
        panel.set(title=name, xlim=(-0.9, 3.6 * c - 0.7), ylim=(3.6 * n - 0.7, -0.9), aspect="equal")
        panel.set_xticks(3.6 * np.arange(c) + 1, [f"c{j}" for j in range(c)])
        panel.set_yticks(3.6 * np.arange(n) + 1, [f"n{i}" for i in range(n)])
        panel.grid(visible=False)
        panel.tick_params(length=0)
        for side in panel.spines.values():
            side.set_visible(False)
        print(f"{name:33s} {np.sum(reached):2d} inputs of {x.size} reach the output; equals normalize: {same}")

# %% [markdown]
r"""
**What it shows.** All six agree with `normalize` to $10^{-9}$. Only batch norm reaches other images: 27 inputs, 9 from
each of three. The others stay within their own image: instance norm with 9 inputs, a group of two channels with 18, all
channels with 54. The two token norms look at the 6 channels of a single pixel, and depend on the same inputs. RMSNorm
divides by the root mean square, and leaves the mean where it is.

Three things can be read off the pictures. With N = 1, batch norm's picture is instance norm's. Group norm runs from
instance norm (as many groups as channels) to the whole image (one group). And a norm needs running statistics exactly
if its shaded cells leave the example: otherwise test time can compute what training did.

γ and β are not in the pictures. They belong to channels in all six.

**What to say in an interview.** “Draw the block N × C × HW and say which cells share a mean. Batch: a channel, over all
images and pixels. Layer: all features of one example or token. Instance: one channel of one image. Group: some channels
of one image. The rest follows: dependence on the batch, running statistics, what information is removed.”
"""

# %% [markdown]
r"""
## Relatives

### Weight normalization ★★ · 8 min

**Given** `v` of shape `(D, M)` and `g` of shape `(M,)`, **return** the weights `w` of shape `(D, M)`. Column m of v
says which way the weights of unit m point, and $g_m$ says how long they are:

$$ \mathbf{w}_m = g_m \, \frac{\mathbf{v}_m}{\lVert \mathbf{v}_m \rVert_2}, \qquad m = 1 \dots M $$

This normalizes weights, not activations: no batch, no mean, no running statistics. Each column is divided by its *own*
Euclidean length.

$g_m$ is any real number. At 0 the column is 0; below 0 it points against v, so its length is $\lvert g_m \rvert$. No
column of v is zero, though its length may be as small as 1e-4, so there is no ε. D and M are at least 1. If v and g are
float32, so is w; integers give the right floats. Neither argument is changed.

*Worked number.* v has the columns [3, 4] and [0, −2], and g = [10, 3]: the lengths are 5 and 2, so the columns of w are
[6, 8] and [0, −3].

**What the interviewer is after**: what a change of parameters can do without touching the data. **Follow-ups**: why
does weight norm suit recurrent networks and reinforcement learning, where batch norm has trouble? Which part of batch
norm does it leave out, and how does the paper make up for it at initialization? What is the norm taken over for a
convolution's filters? Why does ‖v‖ only grow during gradient descent?

<details><summary>Hint 1</summary>Which axis of <code>(D, M)</code> must a sum of squares remove, so that M lengths are
left?</details>
<details><summary>Hint 2</summary><code>np.linalg.norm</code> takes an <code>axis</code>; without it, it gives one
number for the whole matrix.</details>
<details><summary>Hint 3</summary>The lengths and g have shape <code>(M,)</code>, which broadcasts against
<code>(D, M)</code> column by column. Divide v by the lengths and multiply by g.</details>
"""

# %% role="solve" id="weight_norm"
from dlkit.reference.normalization import weight_norm

# %% role="check" id="weight_norm-check" points=4
with check("two columns worked by hand"):
    v, g = np.array([[3.0, 0.0], [4.0, -2.0]]), np.array([10.0, 3.0])
    expect(weight_norm, v, g).close([[6.0, 0.0], [8.0, -3.0]])
with check("each column has its own length: three rows, two columns"):
    v, g = np.array([[1.0, 6.0], [-2.0, 2.0], [2.0, -3.0]]), np.array([6.0, 0.5])
    expect(weight_norm, v, g).close([[2.0, 3 / 7], [-4.0, 1 / 7], [4.0, -1.5 / 7]])
with check("g may be negative or zero"):
    v, g = np.array([[3.0, 5.0, 0.6], [4.0, -12.0, 0.8]]), np.array([-2.0, 0.0, -1.0])
    expect(weight_norm, v, g).close([[-1.2, 0.0, -0.6], [-1.6, 0.0, -0.8]])
with check("v and g are left alone"):
    v, g = np.array([[3.0, 1.0], [4.0, 0.0], [0.0, 0.0]]), np.array([5.0, 2.0])
    expect(weight_norm, v, g).close([[3.0, 2.0], [4.0, 0.0], [0.0, 0.0]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("very short columns reach their full length"):
    v, g = np.array([[6e-5, 0.0], [-8e-5, 1e-3]]), np.array([5.0, 2.0])
    expect(weight_norm, v, g).close([[3.0, 0.0], [-4.0, 2.0]])
with check("float32 stays float32"):
    rng = np.random.default_rng(1)
    v, g = rng.normal(0, 2, (4, 3)).astype(np.float32), rng.normal(0, 2, 3).astype(np.float32)
    expect(weight_norm, v, g).close(reference.weight_norm(v, g), rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right floats"):
    v, g = np.array([[1, 3, 0], [2, -4, 1], [2, 0, 1]]), np.array([2, 1, -3])
    expect(weight_norm, v, g).close(reference.weight_norm(1.0 * v, 1.0 * g))
with check("equals the reference on random sizes: one row, one column, as many rows as columns"):
    rng = np.random.default_rng(2)
    for shape in [(5, 3), (1, 4), (6, 1), (4, 4), (1, 1), (2, 7)]:
        v, g = rng.normal(0, 3, shape), rng.normal(0, 2, shape[1])
        expect(weight_norm, v, g).close(reference.weight_norm(v, g))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Weight normalization, backwards ★★ · 12 min

**Given** `dout` = ∂L/∂w of shape `(D, M)`, and the forward's `v` of shape `(D, M)` and `g` of shape `(M,)`, **return**
the tuple `(dv, dg)`: `dv` with v's shape, `dg` with g's. The forward was

$$ \mathbf{w}_m = g_m \, \mathbf{u}_m, \qquad \mathbf{u}_m = \frac{\mathbf{v}_m}{\lVert \mathbf{v}_m \rVert_2} $$

Column by column, with $\mathbf{d}_m$ for column m of dout:

$$ \frac{\partial L}{\partial g_m} = \mathbf{d}_m \cdot \mathbf{u}_m $$

dv is for you to derive. v reaches w twice: by itself, and through its length. The second path takes away the part of
dout that points along v: a step along v changes no weight, so no gradient may point that way.

$g_m$ is any real number, no column of v is zero, though its length may be as small as 1e-4, and there is no ε. D and M
are at least 1; with D = 1, dv is 0. If all three arguments are float32, so are both results; integers give the right
floats. No argument is changed.

*Worked number.* One column: v = [3, 4], g = [10], dout = [1, 0]. Then u = [0.6, 0.8], dg = [0.6], and
dv = 2 · ([1, 0] − 0.6 · [0.6, 0.8]) = [1.28, −0.96]. Test it: dv · v = 3.84 − 3.84 = 0.

**What the interviewer is after**: the second path, and what it means: dv stands at a right angle to v. **Follow-ups**:
why does ‖v‖ then never shrink under plain gradient descent? What does a growing ‖v‖ do to the effective learning rate?
Does weight decay on v do anything to w? Where else does this projection turn up (layer norm, cosine similarity)?

<details><summary>Hint 1</summary>∂‖v‖/∂vᵢ = vᵢ/‖v‖ = uᵢ. Put that into the quotient rule.</details>
<details><summary>Hint 2</summary>dg is a sum over one axis. Once you have it, dv needs nothing else than dout, u, dg, g
and the lengths.</details>
<details><summary>Hint 3</summary><code>u * dg</code> is the part of dout along v, for all columns at once. Take it
away, and scale what is left by g over the length.</details>
"""

# %% role="solve" id="weight_norm_backward"
from dlkit.reference.normalization import weight_norm_backward

# %% role="check" id="weight_norm_backward-check" points=4
with check("one column worked by hand"):
    dout, v, g = np.array([[1.0], [0.0]]), np.array([[3.0], [4.0]]), np.array([10.0])
    expect(weight_norm_backward, dout, v, g).close((np.array([[1.28], [-0.96]]), np.array([0.6])))
with check("two columns worked by hand, each with its own length, g below zero"):
    dout, v = np.array([[1.0, 2.0], [3.0, 1.0], [-1.0, 3.0]]), np.array([[1.0, 0.0], [2.0, 0.0], [2.0, -4.0]])
    dv, dg = np.array([[8 / 27, -1.0], [34 / 27, -0.5], [-38 / 27, 0.0]]), np.array([5 / 3, -3.0])
    expect(weight_norm_backward, dout, v, np.array([2.0, -2.0])).close((dv, dg))
with check("gradients along random directions"):
    rng = np.random.default_rng(0)
    v, g = rng.normal(0, 1.5, (4, 3)), np.array([2.0, -0.5, 1.5])
    gradients(lambda v, g: g * v / np.sqrt((v**2).sum(axis=0)), weight_norm_backward, v, g)
with check("dv has no part along v, column by column"):
    dout, v = np.array([[5.0, 3.0, 2.0], [10.0, -1.0, 4.0]]), np.array([[3.0, 0.0, 1.0], [4.0, 2.0, 2.0]])
    dv, dg = np.array([[-0.32, 1.5, 0.0], [0.24, 0.0, 0.0]]), np.array([11.0, -1.0, np.sqrt(20)])
    expect(weight_norm_backward, dout, v, np.array([1.0, 1.0, 4.0])).close((dv, dg))
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("gradients along random directions: as many rows as columns, one column, long and short ones"):
    rng = np.random.default_rng(3)
    for shape, scale in [((3, 3), 1.0), ((5, 1), 0.2), ((2, 4), 30.0)]:
        v, g = scale * rng.choice([-1.0, 1.0], shape) * rng.uniform(0.5, 2, shape), rng.normal(0, 2, shape[1])
        gradients(reference.weight_norm, weight_norm_backward, v, g)
with check("one row: only the sign of v counts, so dv is 0 and dg is not"):
    dout, v, g = np.array([[2.0, -3.0, 0.5]]), np.array([[4.0, -0.5, 2.0]]), np.array([3.0, 1.0, -2.0])
    expect(weight_norm_backward, dout, v, g).close((np.zeros((1, 3)), np.array([2.0, 3.0, 0.5])))
with check("float32 stays float32 in both gradients"):
    rng = np.random.default_rng(4)
    dout, v = (rng.normal(0, 1, (4, 3)).astype(np.float32) for _ in range(2))
    g = np.array([2.0, -0.5, 1.5], dtype=np.float32)
    expected = reference.weight_norm_backward(dout, v, g)
    expect(weight_norm_backward, dout, v, g).close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right floats, and no argument is changed"):
    dout, v, g = np.array([[1, -2, 3], [0, 4, 1]]), np.array([[3, 0, 1], [4, -2, -1]]), np.array([5, 1, -2])
    expected = reference.weight_norm_backward(1.0 * dout, 1.0 * v, 1.0 * g)
    expect(weight_norm_backward, dout, v, g).close(expected).unchanged()
    expect(weight_norm_backward, 1.0 * dout, 1.0 * v, 1.0 * g).close(expected).unchanged()
with check("equals the reference on random sizes, and where the columns are as short as 1e-4"):
    rng = np.random.default_rng(5)
    for shape, length in [((5, 3), 3), ((1, 4), 3), ((6, 1), 3), ((4, 4), 3), ((2, 7), 3), ((4, 3), 2e-4)]:
        dout, v, g = rng.normal(0, 1, shape), length * rng.normal(0, 1, shape), rng.normal(0, 2, shape[1])
        expect(weight_norm_backward, dout, v, g).close(reference.weight_norm_backward(dout, v, g))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Batch renormalization, forwards and backwards ★★★ · 30 min

Batch norm trains with the batch's statistics and tests with the running ones. With small batches these two differ, and
so do the two networks. Batch renormalization corrects the training output so that it nearly equals what test time will
compute.

**Given** `x` of shape `(N, D)`, `gamma`, `beta`, `running_mean` and `running_std` of shape `(D,)`, and two numbers
`r_max` ≥ 1 and `d_max` ≥ 0, `batch_renorm_forward` **returns** `(out, running_mean, running_std, cache)`: out
`(N, D)`, the two statistics `(D,)`.

In training, first the batch's mean μ and std σ, for each feature. The variance is biased, and ε is inside the root:

$$ \mu = \frac1N \sum_n x_n, \qquad \sigma = \sqrt{\frac1N \sum_n (x_n - \mu)^2 + \varepsilon} $$

Then the two corrections, from the running statistics *as they were given*, each clipped. Here
$\mathrm{clip}_{[a,\, b]}$ cuts off below a and above b, and $\mu_{\mathrm{run}}$ and $\sigma_{\mathrm{run}}$ are
`running_mean` and `running_std`:

$$ r = \mathrm{clip}_{[1 / r_{\max},\; r_{\max}]} \Bigl( \frac{\sigma}{\sigma_{\mathrm{run}}} \Bigr), \qquad
d = \mathrm{clip}_{[-d_{\max},\; d_{\max}]} \Bigl( \frac{\mu - \mu_{\mathrm{run}}}{\sigma_{\mathrm{run}}} \Bigr) $$

$$ z = \frac{x - \mu}{\sigma}, \qquad \hat{x} = z \cdot r + d, \qquad \text{out} = \gamma\, \hat{x} + \beta $$

Only then the running statistics move: new = (1 − momentum) · old + momentum · batch, with μ for the mean and with the
very σ above for the std: ε inside, and no N/(N − 1).

In evaluation, $\hat{x} = (x - \mu_{\mathrm{run}}) / \sigma_{\mathrm{run}}$ and out = γ x̂ + β. It divides by
`running_std` as it is: the ε is already in it. Both running statistics come back as they were.

Where nothing is clipped, training gives exactly evaluation's output. With r_max = 1 and d_max = 0, it gives batch
norm's.

**Given** `dout` = ∂L/∂out, of shape `(N, D)`, and the cache, `batch_renorm_backward` **returns** `(dx, dgamma, dbeta)`,
for either mode. r and d are **constants** here, although they are computed from x: no gradient flows through them,
clipped or not.

$$ \frac{\partial L}{\partial \beta} = \sum_n \text{dout}_n, \qquad
\frac{\partial L}{\partial \gamma} = \sum_n \text{dout}_n\, \hat{x}_n $$

μ and σ do depend on x in training: from z back to x the way is batch norm's own. In evaluation dgamma and dbeta are the
same sums, and dx = γ · dout / `running_std`.

What the cache holds is yours to choose; nobody but your backward looks inside. N and D are at least 1. N = 1 is no
error: then z = 0, so out = γ d + β in training, and dx = 0. If all arrays are float32, so are all results; integers in
`x` give the right floats. No argument is changed, the running statistics least of all.

*Worked number.* One feature, x = [1, 1, 5, 5], ε = 0: μ = 3 and σ = 2. With running_mean = 1 and running_std = 4, the
ratios are 2/4 = 0.5 and (3 − 1)/4 = 0.5. For r_max = 1.25 and d_max = 0.25 both are clipped: r = 0.8, d = 0.25, and
x̂ = [−0.55, −0.55, 1.05, 1.05]. With γ = 2 and β = 1, out = [−0.1, −0.1, 3.1, 3.1]; the running statistics become 1.2
and 3.8. For dout = [1, 0, 0, 0]: dx = [0.4, −0.4, 0, 0], dgamma = [−0.55], dbeta = [1].

**What the interviewer is after**: do you know why batch norm fails on small batches, and can you hold a value constant
in a gradient on purpose? **Follow-ups**: what would go wrong if gradients did flow through r and d? (Without clipping,
what would dx be?) Why begin training with r_max = 1 and d_max = 0, and relax them slowly? Why does it average σ and not
the variance? What else would you use with two images per device?

<details><summary>Hint 1</summary>Write batch norm first. Then r and d are two more arrays of shape <code>(D,)</code>,
made with <code>np.clip</code> before anything moves.</details>
<details><summary>Hint 2</summary>Backwards, x̂ = z · r + d with r and d constant: dgamma needs x̂, and z gets the
gradient γ · r · dout. From z to x the way is batch norm's own.</details>
<details><summary>Hint 3</summary>Cache x̂, z, γ, the mode, and one array to divide γ by: σ / r in training,
<code>running_std</code> in evaluation. In training dx = γ r / σ · (dout − mean(dout) − z · mean(dout · z)).</details>
"""

# %% role="solve" id="batch_renorm_forward"
from dlkit.reference.normalization import batch_renorm_forward, batch_renorm_backward

# %% role="check" id="batch_renorm_forward-check" points=6
with check("forward in training: four samples worked by hand, r and d both clipped"):
    x, ones = np.array([[1.0], [1.0], [5.0], [5.0]]), np.ones(1)
    called = expect(batch_renorm_forward, x, 2 * ones, ones, ones, 4 * ones, 1.25, 0.25, eps=0.0)
    called.part(0).close([[-0.1], [-0.1], [3.1], [3.1]])
    called.part(1).close([1.2])
    called.part(2).close([3.8])
with check("forward in training: where nothing is clipped, out is what evaluation gives"):
    x = np.array([[1.0, -2.0], [0.5, 3.0], [4.0, 1.5], [-2.0, 0.5], [0.0, 2.0]])
    gamma, beta, mean, std = np.array([2.0, -1.0]), np.array([0.5, 1.0]), np.array([0.3, -0.2]), np.array([1.5, 2.5])
    expected = gamma * (x - mean) / std + beta
    expect(batch_renorm_forward, x, gamma, beta, mean, std, 100.0, 100.0).part(0).close(expected)
with check("evaluation: running_std alone is divided by, and the running statistics stay"):
    x, gamma, beta = np.array([[1.0, 3.0], [2.0, -1.0]]), np.array([3.0, 0.5]), np.array([1.0, 0.0])
    mean, std = np.array([1.0, -1.0]), np.array([0.25, 4.0])
    called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 1.5, 0.5, training=False, eps=0.5)
    called.part(0).close([[1.0, 0.5], [13.0, 0.0]])
    called.part(1).close([1.0, -1.0])
    called.part(2).close([0.25, 4.0])
with check("backward in training: worked by hand"):
    x, ones = np.array([[1.0], [1.0], [5.0], [5.0]]), np.ones(1)
    cache = expect(batch_renorm_forward, x, 2 * ones, ones, ones, 4 * ones, 1.25, 0.25, eps=0.0).value[3]
    dx = np.array([[0.4], [-0.4], [0.0], [0.0]])
    dout = np.array([[1.0], [0.0], [0.0], [0.0]])
    expect(batch_renorm_backward, dout, cache).close((dx, np.array([-0.55]), np.array([1.0])))
with check("backward in training: finite differences with r and d held constant, some clipped, some not"):
    rng = np.random.default_rng(0)
    x, dout = rng.normal(1, [0.4, 1.0, 3.0, 1.1], (6, 4)), rng.normal(0, 1, (6, 4))
    gamma, beta = np.array([1.5, -0.5, 2.0, 0.8]), np.array([0.1, 0.2, -0.3, 0.4])
    mean, std = np.array([1.1, 0.0, 0.8, 2.5]), np.array([1.2, 0.9, 1.1, 1.3])
    r = np.clip(np.sqrt(x.var(axis=0) + 1e-5) / std, 1 / 1.5, 1.5)
    d = np.clip((x.mean(axis=0) - mean) / std, -0.5, 0.5)

    def loss(x, gamma, beta, r=r, d=d, dout=dout):
        z = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
        return (dout * (gamma * (z * r + d) + beta)).sum()

    def differences(f, at, h=1e-5):
        steps = h * np.eye(at.size).reshape(-1, *at.shape)
        return np.array([(f(at + step) - f(at - step)) / (2 * h) for step in steps]).reshape(at.shape)

    dx = differences(lambda x: loss(x, gamma, beta), x)
    dgamma = differences(lambda gamma: loss(x, gamma, beta), gamma)
    dbeta = differences(lambda beta: loss(x, gamma, beta), beta)
    cache = expect(batch_renorm_forward, x, gamma, beta, mean, std, 1.5, 0.5).value[3]
    expect(batch_renorm_backward, dout, cache).close((dx, dgamma, dbeta), rtol=1e-5, atol=1e-7)
with check("backward in training: r and d are constants where nothing is clipped, too"):
    x, dout = np.array([[1.0, 0.0], [2.0, 4.0], [6.0, 5.0]]), np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]])
    gamma, beta, mean, std = np.array([2.0, -1.0]), np.array([0.0, 1.0]), np.array([2.0, 2.5]), np.array([2.5, 2.0])
    sigma = np.sqrt(x.var(axis=0) + 1e-5)
    z = (x - x.mean(axis=0)) / sigma
    dx = gamma / std * (dout - dout.mean(axis=0) - z * (dout * z).mean(axis=0))  # r / sigma = 1 / std
    cache = expect(batch_renorm_forward, x, gamma, beta, mean, std, 10.0, 10.0).value[3]
    expected = (dx, (dout * (x - mean) / std).sum(axis=0), np.array([1.5, 2.0]))
    expect(batch_renorm_backward, dout, cache).close(expected)
with check("r_max = 1 and d_max = 0: batch norm, forwards and backwards"):
    rng = np.random.default_rng(1)
    x, dout, gamma, beta = rng.normal(2, 3, (5, 3)), rng.normal(0, 1, (5, 3)), np.array([1.0, -2.0, 0.5]), np.ones(3)
    mean, std = np.array([0.5, 1.0, 5.0]), np.array([1.0, 2.0, 6.0])
    sigma = np.sqrt(x.var(axis=0) + 1e-5)
    z = (x - x.mean(axis=0)) / sigma
    called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 1.0, 0.0)
    called.part(0).close(gamma * z + beta)
    dx = gamma / sigma * (dout - dout.mean(axis=0) - z * (dout * z).mean(axis=0))
    expected = (dx, (dout * z).sum(axis=0), dout.sum(axis=0))
    expect(batch_renorm_backward, dout, called.value[3]).close(expected)
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("forward in training: r and d from the old statistics, clipped above, below and not at all, any momentum"):
    rng = np.random.default_rng(2)
    x = rng.normal([-3.0, 0.0, 0.5, 4.0, 1.0, 1.0], [0.3, 1.0, 4.0, 1.0, 1.0, 6.0], (7, 6))
    gamma, beta = rng.normal(0, 2, 6), rng.normal(0, 1, 6)
    mean, std = np.array([0.0, 0.1, 0.2, 0.3, 0.9, 1.1]), np.array([1.0, 1.1, 0.9, 1.2, 1.0, 1.5])
    for r_max, d_max, momentum, eps in [(1.5, 0.5, 0.1, 1e-5), (3.0, 0.0, 0.9, 0.3), (1.0, 5.0, 0.5, 1e-3)]:
        out, new_mean, new_std, _ = reference.batch_renorm_forward(
            x, gamma, beta, mean, std, r_max, d_max, True, momentum, eps
        )
        called = expect(batch_renorm_forward, x, gamma, beta, mean, std, r_max, d_max, True, momentum=momentum, eps=eps)
        called.part(0).close(out)
        called.part(1).close(new_mean)
        called.part(2).close(new_std)
with check("training leaves x, gamma, beta and the running statistics alone, and so does the backward"):
    x, dout = np.array([[1.0, 2.0], [3.0, 0.0], [2.0, 7.0]]), np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]])
    gamma, beta, mean, std = np.array([1.5, -2.0]), np.array([0.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0, 2.5])
    out, new_mean, new_std, kept = reference.batch_renorm_forward(x, gamma, beta, mean, std, 2.0, 1.0)
    called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 2.0, 1.0)
    called.part(0).close(out).unchanged()
    called.part(1).close(new_mean)
    called.part(2).close(new_std)
    expected = reference.batch_renorm_backward(dout, kept)
    expect(batch_renorm_backward, dout, called.value[3]).close(expected).unchanged()
with check("backward in evaluation: mean and std are constants"):
    x, dout = np.array([[1.0, 3.0], [2.0, -1.0], [0.5, 1.0]]), np.array([[1.0, 2.0], [-1.0, 0.5], [3.0, -2.0]])
    gamma, beta, mean, std = np.array([3.0, 0.5]), np.array([1.0, 0.0]), np.array([1.0, -1.0]), np.array([0.25, 4.0])
    cache = expect(batch_renorm_forward, x, gamma, beta, mean, std, 1.5, 0.5, training=False).value[3]
    expected = (gamma * dout / std, (dout * (x - mean) / std).sum(axis=0), np.array([3.0, 0.5]))
    expect(batch_renorm_backward, dout, cache).close(expected)
with check("one sample: out is gamma · d + beta, dx is 0, and evaluation works too"):
    x, dout, gamma, beta = np.array([[2.0, -1.0]]), np.array([[3.0, -2.0]]), np.array([2.0, 4.0]), np.array([1.0, 0.5])
    mean, std = np.array([1.0, 3.0]), np.array([4.0, 2.0])
    called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 3.0, 1.0, eps=0.01)
    called.part(0).close([[1.5, -3.5]])
    called.part(1).close([1.1, 2.6])
    called.part(2).close([3.61, 1.81])
    expected = (np.zeros((1, 2)), np.array([0.75, 2.0]), np.array([3.0, -2.0]))
    expect(batch_renorm_backward, dout, called.value[3]).close(expected)
    called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 3.0, 1.0, training=False)
    called.part(0).close([[1.5, -7.5]])
    expected = (np.array([[1.5, -4.0]]), np.array([0.75, 4.0]), np.array([3.0, -2.0]))
    expect(batch_renorm_backward, dout, called.value[3]).close(expected)
with check("float32 stays float32 in both modes, forwards and backwards"):
    rng = np.random.default_rng(3)
    x, dout = (rng.normal(1, 2, (6, 3)).astype(np.float32) for _ in range(2))
    gamma, beta, mean, std = (rng.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4))
    for training in (True, False):
        *wanted, kept = reference.batch_renorm_forward(x, gamma, beta, mean, std, 1.5, 0.5, training)
        called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 1.5, 0.5, training=training)
        for part, want in enumerate(wanted):
            called.part(part).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
        expected = reference.batch_renorm_backward(dout, kept)
        got = expect(batch_renorm_backward, dout, called.value[3])
        got.close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x give the right floats; random sizes and both modes equal the reference"):
    rng = np.random.default_rng(4)
    for shape, training in [((5, 1), True), ((3, 4), False), ((8, 3), True), ((4, 4), True), ((6, 2), False)]:
        x, dout = rng.integers(-5, 6, shape), rng.normal(0, 1, shape)
        gamma, beta, mean = rng.normal(0, 2, (3, shape[1]))
        std = rng.uniform(0.5, 5, shape[1])
        out, new_mean, new_std, kept = reference.batch_renorm_forward(x, gamma, beta, mean, std, 1.8, 0.7, training)
        called = expect(batch_renorm_forward, x, gamma, beta, mean, std, 1.8, 0.7, training)
        called.part(0).close(out)
        called.part(1).close(new_mean)
        called.part(2).close(new_std)
        expect(batch_renorm_backward, dout, called.value[3]).close(reference.batch_renorm_backward(dout, kept))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a mean that is no part of the gradient
"""

# %% role="question" id="bn_mean_outside_gradient" points=1

# %% [markdown]
r"""
### Merging batch statistics ★★ · 10 min

A batch is spread over K devices, and each knows the mean and variance of its own part. Batch norm over all of them
needs those of the whole batch, and nobody wants to send the samples around.

**Given** `means` and `variances` of shape `(K, D)` and `counts` of shape `(K,)`, **return** the tuple `(mean, var)` of
all samples together, each of shape `(D,)`. With $N = \sum_k n_k$:

$$ \mu = \sum_k \frac{n_k}{N} \, \mu_k, \qquad
\sigma^2 = \sum_k \frac{n_k}{N} \Bigl( \sigma_k^2 + (\mu_k - \mu)^2 \Bigr) $$

The variances are biased, going in and coming out: divided by the part's count, and by N. The result is exact, the same
as one pass over the whole batch, up to rounding. The parts may have different sizes.

Large means must cost no digits: samples around one million with a spread of 0.1 must come out right (float64). So
subtract before you square.

counts are integers ≥ 0, at least one of them positive. A part of count 0 has finite numbers for its mean and variance,
and they must not count. K and D are at least 1. If means and variances are float32, so are both results, though counts
are integers. Integer means and variances give the right floats. No argument is changed. Loops are allowed.

*Worked number.* The samples [1, 3] and [6, 7, 8, 11] have means 2 and 8 and variances 1 and 3.5, with counts 2 and 4.
Merged: mean = (2 · 2 + 4 · 8)/6 = 6, and var = (2 · (1 + 16) + 4 · (3.5 + 4))/6 = 64/6 = 10.666667. Without the spread
of the means it would be 2.666667.

**What the interviewer is after**: the law of total variance, and whether you know what synchronized batch norm has to
send. **Follow-ups**: how many numbers does each device send? Why do most implementations send Σx and Σx², and when does
that go wrong? How does the backward pass synchronize? How would you merge parts that arrive one after another?

<details><summary>Hint 1</summary>The mean of a large part must weigh more than that of a small one. What are the
weights, and what do they add up to?</details>
<details><summary>Hint 2</summary>Two parts of variance 0 at different means make a batch whose variance is not 0. Which
term brings that in?</details>
<details><summary>Hint 3</summary>Make the weights an array of shape <code>(K, 1)</code> with the dtype of means. Then
both results are weighted sums over axis 0; the second is of <code>variances + (means - mean)**2</code>.</details>
"""

# %% role="solve" id="merge_batch_statistics"
from dlkit.reference.normalization import merge_batch_statistics

# %% role="check" id="merge_batch_statistics-check" points=4
with check("two parts of unequal size, worked by hand"):
    means, variances, counts = np.array([[2.0], [8.0]]), np.array([[1.0], [3.5]]), np.array([2, 4])
    expect(merge_batch_statistics, means, variances, counts).close((np.array([6.0]), np.array([32 / 3])))
with check("variance 0 in every part: what is left is the spread of the means"):
    means, variances, counts = np.array([[0.0, 1.0], [4.0, 1.0], [4.0, 5.0]]), np.zeros((3, 2)), np.array([3, 1, 4])
    mean, var = np.array([2.5, 3.0]), np.array([3.75, 4.0])
    expect(merge_batch_statistics, means, variances, counts).close((mean, var))
with check("equals the statistics of the whole batch: four parts, three features"):
    rng = np.random.default_rng(0)
    counts = np.array([3, 8, 1, 5])
    parts = [rng.normal(k, 1 + k, (count, 3)) for k, count in enumerate(counts)]
    means, variances = (np.array([f(part, axis=0) for part in parts]) for f in (np.mean, np.var))
    whole = np.concatenate(parts)
    expect(merge_batch_statistics, means, variances, counts).close((whole.mean(axis=0), whole.var(axis=0)))
with check("samples around one million with a spread of 0.1: subtract before you square"):
    means, variances = 1e6 + np.array([[0.1, -0.2], [0.3, 0.2]]), np.array([[0.01, 0.02], [0.03, 0.01]])
    mean, var = 1e6 + np.array([0.25, 0.1]), np.array([0.025 + 0.0075, 0.0125 + 0.03])
    expect(merge_batch_statistics, means, variances, np.array([1, 3])).close((mean, var))
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("a part of count 0 does not count, wherever it stands"):
    means = np.array([[9.0, -9.0], [3.0, 3.0], [2.0, 0.0], [8.0, 1.0], [5.0, 5.0]])
    expected = (np.array([6.0, 2 / 3]), np.array([9.0, 11 / 9]))
    expect(merge_batch_statistics, means, np.ones((5, 2)), np.array([0, 0, 2, 4, 0])).close(expected)
    expect(merge_batch_statistics, means, np.ones((5, 2)), np.array([1, 0, 0, 0, 0])).close((means[0], np.ones(2)))
with check("float32 stays float32, though counts are integers"):
    rng = np.random.default_rng(1)
    means, variances = (rng.uniform(0, 3, (4, 3)).astype(np.float32) for _ in range(2))
    counts = np.array([16, 3, 8, 32])
    expected = reference.merge_batch_statistics(means, variances, counts)
    expect(merge_batch_statistics, means, variances, counts).close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right floats, and no argument is changed"):
    means, variances = np.array([[1, -2], [4, 3], [0, 5]]), np.array([[2, 1], [0, 3], [7, 2]])
    counts = np.array([1, 5, 3])
    expected = reference.merge_batch_statistics(1.0 * means, 1.0 * variances, counts)
    expect(merge_batch_statistics, means, variances, counts).close(expected).unchanged()
    expect(merge_batch_statistics, 1.0 * means, 1.0 * variances, counts).close(expected).unchanged()
with check("random sizes: one part, one feature, as many parts as features, equal counts"):
    rng = np.random.default_rng(2)
    for K, D, high in [(1, 4, 9), (5, 1, 9), (3, 3, 40), (6, 2, 2), (2, 5, 1000)]:
        means, variances, counts = rng.normal(0, 3, (K, D)), rng.uniform(0, 4, (K, D)), rng.integers(1, high, K)
        expected = reference.merge_batch_statistics(means, variances, counts)
        expect(merge_batch_statistics, means, variances, counts).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Scale invariance and the gradient ★★ · 15 min

Multiply the weights in front of a batch norm by 10, and its output does not change. Its gradient does.

**Given** weights `W` of shape `(D, M)`, a batch `x` of shape `(N, D)`, `dout` = ∂L/∂out of shape `(N, M)` and a number
`scale` > 0, **return** a tuple of two arrays of shape `(D, M)`: the gradient with respect to the weights of
BN(x @ weights), once where the weights are W, and once where they are scale · W. `dout` is the same for both.

$$ z = x\,W, \qquad \text{out} = \mathrm{BN}(z) = \frac{z - \mu}{\sigma}, \qquad
\mu = \frac1N \sum_n z_n, \qquad \sigma = \sqrt{\frac1N \sum_n (z_n - \mu)^2} $$

BN works column by column, in training mode, with γ = 1, β = 0 and ε = 0: nothing is added to the variance, which is
biased. Back through BN the way is batch norm's in training, with all three paths; then comes the product:

$$ \frac{\partial L}{\partial W} = x^{\mathsf T}\, \frac{\partial L}{\partial z} $$

The gradient of the weights is a sum over the batch; there is no 1/N.

Two things will hold. The second array is 1/scale times the first. And each column of a gradient is at a right angle to
the same column of W: scaling a column changes nothing, so no gradient points that way. You may use what you can prove.

No column of z is constant, though it may vary very little. N ≥ 2, D and M at least 1; scale may be below 1. If W, x and
dout are float32, so are both results; integers give the right floats. No argument is changed.

*Worked number.* x = [[0, 0], [1, 0], [0, 1]] and W = [[2], [1]]: z = [0, 2, 1], μ = 1, σ = 0.816497, and
out = [−1.224745, 1.224745, 0]. For dout = [[1], [0], [0]] the gradient is [[0.204124], [−0.408248]]. At 10 · W it is
[[0.020412], [−0.040825]]. Test it: 2 · 0.204124 − 1 · 0.408248 = 0.

**What the interviewer is after**: why weights before a batch norm can grow without harm, and what that does to the
learning rate. **Follow-ups**: by which factor does the *relative* step ‖lr · gradient‖/‖W‖ shrink when W doubles? Why
does ‖W‖ only grow without weight decay, and what does weight decay do in a network with batch norm? Does the bias of
such a layer get a gradient? What is the gradient when N = 2?

<details><summary>Hint 1</summary>Write one inner function of the weights that returns the gradient, and call it
twice.</details>
<details><summary>Hint 2</summary>z is <code>(N, M)</code>. Means and variances are over axis 0, in the forward and in
the gradient of z, which is (dout − mean(dout) − out · mean(dout · out)) / σ.</details>
<details><summary>Hint 3</summary>What scales when W does? z, μ and σ all scale with it, out does not. So the only thing
that changes in ∂L/∂z is the 1/σ in front.</details>
"""

# %% role="solve" id="bn_scale_gradients"
from dlkit.reference.normalization import bn_scale_gradients

# %% role="check" id="bn_scale_gradients-check" points=4
with check("three samples worked by hand, scale 10"):
    x, W = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([[2.0], [1.0]])
    dout = np.array([[1.0], [0.0], [0.0]])
    first = np.array([[0.2041241452], [-0.4082482905]])
    expect(bn_scale_gradients, W, x, dout, 10.0).close((first, first / 10))
with check("finite differences, at W and at scale · W"):
    rng = np.random.default_rng(0)
    W, x, dout, scale = rng.normal(0, 1, (3, 2)), rng.normal(1, 2, (6, 3)), rng.normal(0, 1, (6, 2)), 2.5

    def loss(W, x=x, dout=dout):
        z = x @ W
        return (dout * (z - z.mean(axis=0)) / z.std(axis=0)).sum()

    def differences(f, at, h=1e-5):
        steps = h * np.eye(at.size).reshape(-1, *at.shape)
        return np.array([(f(at + step) - f(at - step)) / (2 * h) for step in steps]).reshape(at.shape)

    expected = (differences(loss, W), differences(loss, scale * W))
    expect(bn_scale_gradients, W, x, dout, scale).close(expected, rtol=1e-5, atol=1e-7)
with check("the second gradient is 1/scale times the first, for scales above and below 1"):
    x, W = np.array([[1.0, 0.0], [2.0, 1.0], [6.0, -1.0]]), np.array([[1.0, 1.0], [2.0, 0.0]])
    dout = np.array([[1.0, -1.0], [0.0, 2.0], [0.0, 0.0]])
    z = x @ W
    out = (z - z.mean(axis=0)) / z.std(axis=0)
    first = x.T @ ((dout - dout.mean(axis=0) - out * (dout * out).mean(axis=0)) / z.std(axis=0))
    for scale in (0.5, 1.0, 4.0):
        expect(bn_scale_gradients, W, x, dout, scale).close((first, first / scale)).satisfies(
            lambda result, scale=scale: np.allclose(np.asarray(result[1]) * scale, result[0]), "second · scale = first"
        )
with check("each column of both gradients is at a right angle to that column of W"):
    rng = np.random.default_rng(1)
    W, x, dout = rng.normal(0, 1, (4, 3)), rng.normal(0, 1, (7, 4)), rng.normal(0, 1, (7, 3))
    z = x @ W
    out = (z - z.mean(axis=0)) / z.std(axis=0)
    first = x.T @ ((dout - dout.mean(axis=0) - out * (dout * out).mean(axis=0)) / z.std(axis=0))
    expect(bn_scale_gradients, W, x, dout, 3.0).close((first, first / 3)).satisfies(
        lambda result, W=W: all(np.allclose((W * np.asarray(part)).sum(axis=0), 0, atol=1e-9) for part in result),
        "the sum of W · gradient down each column is 0",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import normalization as reference

with check("columns of z that vary very little: no eps"):
    rng = np.random.default_rng(2)
    W, x, dout = rng.normal(0, 1e-3, (3, 2)), rng.normal(0, 1, (6, 3)), rng.normal(0, 1e-3, (6, 2))
    expect(bn_scale_gradients, W, x, dout, 0.1).close(reference.bn_scale_gradients(W, x, dout, 0.1))
with check("each column has its own statistics: scaling one column of W scales that column's gradient"):
    rng = np.random.default_rng(3)
    W, x, dout = rng.normal(0, 1, (3, 3)), rng.normal(0, 2, (5, 3)), rng.normal(0, 1, (5, 3))
    factors = np.array([1.0, 8.0, 0.25])
    first, second = reference.bn_scale_gradients(W, x, dout, 2.0)
    expect(bn_scale_gradients, factors * W, x, dout, 2.0).close((first / factors, second / factors))
with check("float32 stays float32 in both gradients"):
    rng = np.random.default_rng(4)
    W, x, dout = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(3, 2), (8, 3), (8, 2)])
    expected = reference.bn_scale_gradients(W, x, dout, 5.0)
    expect(bn_scale_gradients, W, x, dout, 5.0).close(expected, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right floats, and no argument is changed"):
    W, x = np.array([[1, -2], [3, 1]]), np.array([[1, 0], [2, -1], [0, 3], [-4, 1]])
    dout = np.array([[1, 2], [0, -1], [3, 0], [1, 1]])
    expected = reference.bn_scale_gradients(1.0 * W, 1.0 * x, 1.0 * dout, 2.5)
    expect(bn_scale_gradients, W, x, dout, 2.5).close(expected).unchanged()
    expect(bn_scale_gradients, 1.0 * W, 1.0 * x, 1.0 * dout, 2.5).close(expected).unchanged()
with check("equals the reference on random sizes and scales: one feature, one unit"):
    rng = np.random.default_rng(5)
    for N, D, M, scale in [(5, 4, 3, 2.0), (6, 1, 4, 0.3), (9, 3, 1, 100.0), (4, 4, 4, 7.0)]:
        W, x, dout = rng.normal(0, 1, (D, M)), rng.normal(1, 2, (N, D)), rng.normal(0, 1, (N, M))
        expect(bn_scale_gradients, W, x, dout, scale).close(reference.bn_scale_gradients(W, x, dout, scale))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: which learning rates train

Four hidden layers of 32 units learn 1,000 digits for 60 steps, with batches of 50.

- Left: ReLU, learning rates from 0.01 to 30. Without batch norm; with it; and with it plus **noise**: behind every
  normalization each feature gets a random scale between 0.5 and 1.5 and a random shift (std 0.5), new at every step.
  So the inputs of the next layer jump about at every step.
- Middle: eight hidden layers of *sigmoids*, 150 steps.
- Right: ReLU again, at one learning rate, with all starting weights multiplied by a factor.

*Make a prediction*: by which factor does batch norm raise the largest rate that trains? Does the noise spoil it? And
what does `bn_scale_gradients` say about starting weights that are ten times too large?
"""

# %% role="demo" id="experiment-learning-rates"
from dlkit.lab import digits, experiment, figure

images, labels = digits()
shuffled = np.random.default_rng(0).permutation(len(labels))
images, labels = images[shuffled] - 0.3, labels[shuffled]


def plain_norm(x, gamma, beta, running, training):
    out, *running, cache = batchnorm_forward(x, gamma, beta, *running, training)
    return out, running, cache


def noisy_norm(rng):
    """Batch norm, then a random scale and shift for each feature, new at every call."""

    def forward(x, gamma, beta, running, training):
        out, running, cache = plain_norm(x, gamma, beta, running, training)
        scale, shift = rng.uniform(0.5, 1.5, len(gamma)), rng.normal(0, 0.5, len(gamma))
        return scale * out + shift, running, (cache, scale)

    return forward, lambda dout, kept: batchnorm_backward(kept[1] * dout, kept[0])


def losses(order, rate, hidden=4, steps=60, seed=0, norm=(None, None), scale=1.0):
    """The training loss at every step, (steps,), and the network."""
    rng = np.random.default_rng(seed)
    net = Network([64] + [32] * hidden + [10], rng, order, *norm, scale)
    batches = [rng.choice(1000, 50, replace=False) for _ in range(steps)]
    return np.array([net.descend(images[batch], labels[batch], rate) for batch in batches]), net


with (
    experiment(),
    figure("Batch norm forgives large rates, sigmoids and bad starts", columns=3, width=11.5) as (left, middle, right),
):
    norm = (plain_norm, batchnorm_backward)
    rates = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]
    for name, order, line in [
        ("BN", ("norm", "relu"), "s-"),
        ("BN + noise", ("norm", "relu"), "^:"),
        ("without", ("relu",), "o-"),
    ]:
        curve = []
        for rate in rates:
            used = noisy_norm(np.random.default_rng(9)) if name == "BN + noise" else norm
            curve.append(np.mean([losses(order, rate, seed=seed, norm=used)[0][-10:].mean() for seed in range(2)]))
        shown = np.nan_to_num(np.array(curve), nan=9.0, posinf=9.0)
        left.semilogx(rates, np.minimum(shown, 3), line, markersize=5, label=name)
        good = [rate for rate, loss in zip(rates, shown, strict=True) if loss < 1]
        best = np.argmin(shown)
        print(f"ReLU, {name:10s} loss below 1 at rates {good[0]:g} to {good[-1]:g}, ", end="")
        print(f"best {shown[best]:.1f} at {rates[best]:g}")
    for name, order, line, rate in [
        ("BN, rate 0.3", ("norm", "sigmoid"), "-", 0.3),
        ("without, rate 0.3", ("sigmoid",), "--", 0.3),
        ("without, rate 3", ("sigmoid",), "-", 3),
    ]:
        curve = losses(order, rate, hidden=8, steps=150, norm=norm)[0].reshape(15, 10).mean(axis=1)
        middle.plot(np.arange(5, 150, 10), curve, line, label=name)
        print(f"8 layers of sigmoids, {name:18s} loss of the last ten steps {curve[-1]:.1f}")
    scales = [0.1, 0.3, 1, 3, 10]
    for name, order, line in [("BN", ("norm", "relu"), "C0s-"), ("without", ("relu",), "C2o-")]:
        runs = [losses(order, 0.3, norm=norm, scale=scale) for scale in scales]
        shown = np.nan_to_num([run[-10:].mean() for run, _ in runs], nan=9.0, posinf=9.0)
        right.semilogx(scales, np.minimum(shown, 3), line, label=name)
        print(f"start scale 0.1 to 10, {name:8s} losses {', '.join(f'{loss:.1f}' for loss in shown)}")
    left.set(xlabel="learning rate", ylabel="training loss (cut off at 3)", ylim=(0, 4), title="ReLU, 60 steps")
    middle.set(xlabel="steps", ylim=(0, 4), title="eight layers of sigmoids")
    right.set(xlabel="factor on the starting weights", ylim=(0, 4), title="ReLU, rate 0.3, 60 steps")
    for panel in (left, middle, right):
        panel.axhline(math.log(10), color="0.5", linewidth=1, linestyle="--", zorder=1)
    middle.text(60, 2.4, "ln 10: has learnt nothing", color="0.35", fontsize=8.5)
    left.legend(loc="upper left")
    middle.legend(loc="upper right")
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** Without batch norm the loss falls below 1 at rates from 0.1 to 0.3, with it from 0.1 to 3: the
largest rate that trains is ten times as large. And it is not only the range: the best loss is 0.1 instead of 0.6, at
rate 1, where the plain network has already broken down. At 10 batch norm fails as well, with noise and without: the
last layer has no batch norm behind it.

*The noise costs much of the loss, but not the large rates.* With random scales and shifts behind every normalization the
best loss is 0.5, where batch norm alone has 0.1 and the plain network 0.6. But it is found at rate 1, and at 3 the loss
is 0.9, just below our limit, where the plain network is above 2. If steady input distributions were what makes large
rates possible, shaking them at every step should have taken these rates away. That speaks against this account, and is
the argument of Santurkar et al. (2018); it is no proof, since the noise also does harm of its own.

*Eight layers of sigmoids* do not move from ln 10 = 2.3 without batch norm, whatever the rate. With it they have reached
0.3 after 150 steps. Normalized, z stays where the sigmoid has a slope.

*Bad starts*: without batch norm only factor 1 trains, the other four stay at ln 10. With it four of the five are below
1 (0.5 at factor 0.1), and factor 10 is on its way, at 1.3. Why is it slow? Your `bn_scale_gradients` says it: a tenth
of the gradient, on weights ten times as long, turns them by a hundredth of the angle. The output is the same, the
learning rate is not.

**What to say in an interview.** “Batch norm raised the largest usable learning rate tenfold in my experiment. The
length of the weights no longer matters to the output, and the gradient is at a right angle to them and shrinks as they
grow. So a step that is too large makes the weights longer, and the next steps smaller: the learning rate adjusts
itself.”
"""

# %% [markdown]
r"""
### Why does it work? Five accounts, and what speaks for them

| account | for it | against it |
|---|---|---|
| **internal covariate shift**: layers need not chase the moving distributions of their inputs (Ioffe and Szegedy, 2015) | the idea that led to the layer | noise put behind the layer brings the shift back, and large rates still train (Santurkar et al., 2018; your left panel) |
| **smoother loss**: gradients change less along a step, so a longer step can be trusted | measured along training runs (Santurkar et al., 2018) | other normalizations smooth as well; it describes more than it explains |
| **scale invariance**: gradient ∝ 1/‖W‖ and orthogonal to W, so too large steps damp themselves | can be computed: `bn_scale_gradients` | says nothing of γ, β and the last layer |
| **scale through depth**: no layer starts saturated, dead or exploding; starts matter less (Bjorck et al., 2018) | your experiments on depth, sigmoids and starts | a careful initialization does part of it too |
| **noise**: the statistics of a random batch regularize | large batches need other regularization | about generalization, not speed |

Defend the third and fourth, which you can derive at a whiteboard, quote the evidence against the first, and add that no
single one is the proven cause.
"""

# %% [markdown]
r"""
### Concept question: weight decay where scale does not count
"""

# %% role="question" id="bn_decay_without_scale" points=1

# %% [markdown]
r"""
## Counting

### What a normalization layer keeps ★ · 4 min

**Given** `kind`, one of the names below, the number of `channels` C, and for `"group"` the number of `groups`,
**return** the tuple `(parameters, buffers)` of two integers: how many numbers the layer *learns*, and how many it
*keeps* without learning them.

Every kind here learns a scale γ and a shift β for each channel; RMS norm has no β. The running mean and running
variance that test time needs are buffers: they are kept and saved, but no gradient reaches them.

| kind | learns | keeps |
|---|---|---|
| `"batch"` | γ and β | a running mean and a running variance for each channel |
| `"layer"` (C is the number of features D) | γ and β | nothing |
| `"group"`, with its `groups` | γ and β, for each *channel* | nothing |
| `"instance"`, here with γ and β | γ and β | nothing |
| `"rms"` (C is D) | γ | nothing |

$$ y_c = \gamma_c \, \hat{x}_c + \beta_c $$

holds for every channel c of every kind, whatever x̂ was averaged over (without β for RMS norm).

`groups` is passed for `"group"` only, and divides C. A counter of batches, which some libraries keep too, is not
counted here.

*Worked number.* Batch norm with 64 channels learns 128 numbers and keeps 128: (128, 128). The 53 batch norms of a
ResNet-50 have 26,560 channels together, so they learn 53,120 numbers of its 25.6 million.

**What the interviewer is after**: the difference between a parameter and a buffer, and which norms need the second.
**Follow-ups**: what happens if buffers are not saved with the model? Why has only batch norm any? What does an
optimizer with weight decay do to γ? How many numbers does the layer norm of a Transformer of width 768 learn?

<details><summary>Hint 1</summary>Over which axes does the layer average has nothing to do with how many γ it
learns.</details>
<details><summary>Hint 2</summary>Two questions decide everything: is there a β, and are there running
statistics?</details>
"""

# %% role="solve" id="norm_parameter_count"
from dlkit.reference.normalization import norm_parameter_count

# %% role="check" id="norm_parameter_count-check" points=2
with check("batch norm of 64 channels: gamma and beta learnt, two running statistics kept"):
    expect(norm_parameter_count, "batch", 64).close((128, 128))
with check("layer norm of 768 features: gamma and beta, nothing kept"):
    expect(norm_parameter_count, "layer", 768).close((1536, 0))
with check("group norm: per channel, whatever the number of groups"):
    expect(norm_parameter_count, "group", 64, 32).close((128, 0))
    expect(norm_parameter_count, "group", 64, groups=4).close((128, 0))
with check("RMS norm has no beta"):
    expect(norm_parameter_count, "rms", 4096).close((4096, 0))
### BEGIN HIDDEN TESTS
with check("instance norm with gamma and beta: nothing kept"):
    expect(norm_parameter_count, "instance", 48).close((96, 0))
with check("group norm of one group, and of one channel a group"):
    expect(norm_parameter_count, "group", 12, 1).close((24, 0))
    expect(norm_parameter_count, "group", 12, 12).close((24, 0))
with check("every kind at 1 channel and at 2048"):
    for channels in (1, 2048):
        expect(norm_parameter_count, "batch", channels).close((2 * channels, 2 * channels))
        expect(norm_parameter_count, "layer", channels).close((2 * channels, 0))
        expect(norm_parameter_count, "group", channels, 1).close((2 * channels, 0))
        expect(norm_parameter_count, "instance", channels).close((2 * channels, 0))
        expect(norm_parameter_count, "rms", channels).close((channels, 0))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what a checkpoint must hold
"""

# %% role="question" id="bn_parameters_only_checkpoint" points=1

# %% [markdown]
r"""
## Summary: the evening before

**Batch norm on one page.** For each feature over N rows (for images over m = N·H·W values of a channel):

| | training | evaluation |
|---|---|---|
| statistics | the batch's μ and σ², biased | running mean and variance, fixed |
| forward | x̂ = (x − μ)/s with s = $\sqrt{\sigma^2 + \varepsilon}$, out = γ x̂ + β | the same formula: an affine map, can be folded |
| running | (1 − m)·old + m·batch, variance with N/(N − 1) | stay as they are |
| dβ, dγ | Σ dout, Σ dout · x̂ | the same |
| dx | γ/s · (dout − mean(dout) − x̂ · mean(dout · x̂)) | γ/s · dout |
| depends on the other rows | yes | no |
| N = 1 | impossible (images: needs H·W > 1) | fine |

**The family on (N, C, H, W)**: (x − mean)/$\sqrt{\text{var} + \varepsilon}$, γ and β per channel, in all of them

| norm | mean over | running statistics | learnt, kept | use it for | it fails when |
|---|---|---|---|---|---|
| batch | N, H, W | yes | 2C, 2C | convolutional classifiers | few examples per device; sequences; statistics that leak |
| layer (token) | C (the last axis) | no | 2D, 0 | Transformers, recurrent nets | a vector's own mean or length carries information |
| RMS | C, no mean, no β | no | D, 0 | large language models | as layer norm |
| instance | H, W | no | 2C, 0 | style transfer | contrast matters; H = W = 1 |
| group | C/G channels, H, W | no | 2C, 0 | detection, segmentation, diffusion | batches are large: batch norm is often a little better |
| batch renorm | N, H, W, corrected by r and d | yes | 2C, 2C | small batches with batch norm's test mode | r, d unclipped too early |
| weight norm | (the weights' columns) | no | one g per unit | recurrent nets, reinforcement learning | activations need centring |

**Ten sentences to be able to say**

1. Batch norm gives each feature mean 0 and variance 1 over the batch, and γ and β let the network choose others.
2. In training the statistics are the batch's and part of the graph; in evaluation they are stored constants.
3. dx has three paths: direct, through the mean, through the variance. It sums to 0 over the batch and, but for ε, is
   orthogonal to x̂.
4. γ and β are parameters, running mean and variance are buffers: no gradient, but they must be saved and loaded.
5. A bias before batch norm is superfluous, since the mean takes it away; β does its work.
6. The output does not depend on the scale of the weights before it, so their gradient falls as they grow: large
   learning rates damp themselves, and weight decay there acts on the effective learning rate, not on the function.
7. Covariate shift was the first explanation; the experiment with noise behind the layer speaks against it. Smoother
   loss, scale invariance and well-scaled activations are what can be measured.
8. Good in training mode and bad in evaluation mode: running statistics. Too few steps, too small batches, shifted data,
   lost buffers, or the mode forgotten.
9. Small batches: the statistics are noise, and with two examples only a sign is left. Group norm, synchronized or
   frozen batch norm.
10. Layer norm looks at one token only, so it needs no batch, no running statistics and no look ahead; RMSNorm drops the
    mean. Pre-norm leaves the shortcut free.

**Finger exercises**: write the forward with its running statistics in five minutes; derive dx on paper in ten; merge
the statistics of two devices; fold batch norm into a convolution; say for each norm which cells of the block share a
mean.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| normalization | 归一化（规范化） | giving numbers mean 0 and variance 1, or length 1 |
| standardization | 标准化 | subtract the mean, divide by the standard deviation |
| batch normalization (BN) | 批量归一化（批归一化） | per feature, over the batch |
| layer normalization (LN) | 层归一化 | per example or token, over its features |
| group normalization (GN) | 组归一化 | per example, over groups of channels and all pixels |
| instance normalization (IN) | 实例归一化 | per example and channel, over the pixels |
| RMS normalization | 均方根归一化 | divide by the root mean square; no mean, no β |
| weight normalization | 权重归一化 | length and direction of a weight vector as separate parameters |
| batch renormalization | 批量重归一化 | batch norm corrected towards its running statistics |
| mini-batch | 小批量 | the examples of one training step |
| mean, variance | 均值、方差 | the first moment; the mean squared distance from it |
| biased, unbiased variance | 有偏方差、无偏方差 | divided by N; divided by N − 1 |
| scale γ, shift β | 缩放参数 γ、平移参数 β | learnt: the scale and mean after normalization |
| affine transformation | 仿射变换 | multiply and add |
| running statistics | 滑动统计量（运行时统计量） | averages of the batches' means and variances |
| exponential moving average | 指数移动平均 | (1 − m) · old + m · new |
| momentum (of BN) | 动量 | the weight in that average; nothing to do with SGD's |
| population statistics | 总体统计量 | those of all the data, estimated from many batches |
| training mode, evaluation mode | 训练模式、推理模式（评估模式） | the batch's statistics; the running ones |
| parameter, buffer | 参数、缓冲区 | learnt by gradient; kept and saved without one |
| internal covariate shift | 内部协变量偏移 | a layer's input distribution moves as the layers below learn |
| loss landscape | 损失曲面（损失地形） | the loss as a function of the weights |
| scale invariance | 尺度不变性 | multiplying the weights does not change the output |
| effective learning rate | 有效学习率 | what the rate does to the direction: ∝ 1/‖W‖² |
| weight decay | 权重衰减 | shrinking the weights a little at every step |
| computational graph | 计算图 | nodes are values, arrows say what was computed from what |
| broadcasting | 广播机制 | one array for all rows; its gradient is summed back |
| folding (fusing) | 折叠（融合） | putting batch norm's constants into the layer before it |
| quantization | 量化 | weights and activations as small integers |
| synchronized batch norm | 同步批归一化 | statistics over the batches of all devices |
| frozen batch norm | 冻结的批归一化 | running statistics and fixed γ, β also in training |
| feature map, channel | 特征图、通道 | the output of a filter at all positions; its index |
| residual connection | 残差连接 | x + f(x) |
| pre-norm, post-norm | 前置归一化、后置归一化 | x + f(LN(x)); LN(x + f(x)) |
| style transfer | 风格迁移 | one picture's content in another's style |
"""
