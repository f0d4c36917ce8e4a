# %% [markdown]
r"""
# 10 · Residual networks and their relatives

Add the input of a block to its output, and networks of a hundred layers can be trained. That one plus sign is among the
most asked questions there are: derive why it helps, say what it does *not* guarantee, count a bottleneck's parameters,
tell v1 from v2, and ResNeXt, Inception, DenseNet and SE from each other. Here you write each block, and take networks
made of them apart.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit resnet`, which runs about as many checks again. Concept questions are marked when you hand in.
Before each experiment there is a question: answer it before you run the cell.

The exercises take four to five hours, the experiments and questions one and a half more. Do a family at a sitting:
residual blocks; Inception, DenseNet and SE; why skips help; counting; training.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| images | `(N, C, H, W)`; filters `(F, C, KH, KW)`, with groups `(F, C / groups, KH, KW)` | TensorFlow: `(N, H, W, C)`, `(KH, KW, C, F)` |
| parameters | a dictionary; a suffix says which layer: `w1`, `gamma1`, `beta1`, `mean1`, `var1`; `s` is the shortcut's | PyTorch: a module each |
| shortcut | x itself; a projection if, and only if, there is a key `"ws"` | the paper has three kinds, A, B and C |
| convolutions | no bias, unless one is named | |
| batch normalization | eps 1e-5; training: the batch's mean and biased variance; evaluation: `mean*` and `var*` of the dictionary; nothing is updated | PyTorch moves its running statistics in the forward |
| a bottleneck's stride | on the 3×3 | the paper: on the first 1×1 |
| ReLU | its slope at 0 is 0 | |
| cache | what your forward hands to your backward; nobody else looks inside | |
| a parameter | a number that is learnt, so γ and β count, running statistics do not | |
| dtype, purity | float32 stays float32; no argument is changed | |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, forbid_numbers, gradients

# %% [markdown]
r"""
**Given: the two layers that everything here is made of.** They are the convolution of unit 09 and the batch
normalization of unit 05, each with its backward, brought to one short form: without a bias, without running statistics,
forward returns `(out, cache)`, backward takes that cache. Your answers may call all four.
"""

# %% role="given" id="layers"
from dlkit.reference.layers import conv, conv_backward, batchnorm, batchnorm_backward

# %% [markdown]
r"""
## Residual blocks

### The residual block, forwards and backwards ★★ + ★★★ · 40 min

On CIFAR-10, a plain stack of 56 layers had a higher *training* error than one of 20, so it was no overfitting: the
longer stack did not even learn to pass its input on. A residual block gets that for nothing. Its output is its input
plus something learnt, and passing on is what it does when the learnt part is 0.

**Given** `x` of shape `(N, C, H, W)`, a dictionary `params`, `stride` and `training`, `residual_block_forward`
**returns** `(out, cache)`, out of shape `(N, F, OH, OW)` with OH = (H − 1) // stride + 1, and OW likewise:

$$ \text{out} = \mathrm{relu}\bigl(B(x) + S(x)\bigr), \qquad
B(x) = \mathrm{bn}_2(\mathrm{conv}_2(\mathrm{relu}(\mathrm{bn}_1(\mathrm{conv}_1(x))))) $$

$$ S(x) = \begin{cases} \mathrm{bn}_s(\mathrm{conv}_s(x)) & \text{if params has a key "ws"} \\ x & \text{else}
\end{cases} $$

B is the branch, S the shortcut. There is a ReLU after bn₁ and one after the sum, and no other.

| key in `params` | shape | what it is |
|---|---|---|
| `w1` | `(F, C, 3, 3)` | weights of conv₁: padding 1, and this one has the stride |
| `gamma1`, `beta1` | `(F,)` each | scale and shift of bn₁ |
| `mean1`, `var1` | `(F,)` each | statistics of bn₁ for evaluation; in training they are not looked at |
| `w2` | `(F, F, 3, 3)` | weights of conv₂: padding 1, stride 1 |
| `gamma2`, `beta2`, `mean2`, `var2` | `(F,)` each | the same for bn₂ |
| `ws` | `(F, C, 1, 1)` | weights of conv_s: no padding, and the stride; may be absent |
| `gammas`, `betas`, `means`, `vars` | `(F,)` each | the same for bn_s; there if `ws` is |

Without `ws` the caller sees to it that F = C and stride = 1. The key alone decides: a `ws` is used even where the
shapes would not need it.

The given code has what you need: `conv` and `batchnorm` return their result and a cache, `conv_backward` and
`batchnorm_backward` take that cache. No convolution has a bias. With `training=True` all normalizations use the
batch's statistics, with `training=False` the given ones; eps is 1e-5, and nothing is updated.

**Given** `dout` = ∂L/∂out and the `cache` of either mode, `residual_block_backward` **returns** `(dx, grads)`: dx with
x's shape, and a dictionary with the keys `w1`, `w2`, `gamma1`, `beta1`, `gamma2`, `beta2`, and with a projection also
`ws`, `gammas`, `betas`, each gradient with the shape of what it belongs to. No other keys: means and variances are
not learnt. With s = B(x) + S(x),

$$ \frac{\partial L}{\partial s} = \text{dout} \odot [s > 0], \qquad
dx = \Bigl(\frac{\partial B}{\partial x}\Bigr)^{\!\top} \frac{\partial L}{\partial s} +
\Bigl(\frac{\partial S}{\partial x}\Bigr)^{\!\top} \frac{\partial L}{\partial s} $$

The rest of what is asked:

- A ReLU passes no gradient where its argument is exactly 0.
- If all that is given is float32, so are out and all gradients. Integers in x give the right floats.
- Neither x nor dout nor anything in `params` is changed, and the same cache may be used twice.
- What the cache holds is yours to choose. The checks of the backward hand it the cache of your forward, so get the
  forward right first.

*Worked number.* One image of one row, x = [2, −1, 4]; only the middle rows of the kernels are not 0: [1, 0, 1] in w1
and [0, −1, 2] in w2. Evaluation, all means 0, all variances 0.99999, so that a normalization is γh + β. With γ₁ = 1
and β₁ = −2, conv₁ gives [−1, 6, −1], then bn₁ and ReLU give [0, 4, 0]. conv₂ gives [8, −4, 0], and with γ₂ = 0.5 and
β₂ = 1, B(x) = [5, −1, 1]. The sum is [7, −2, 5] and out = [7, 0, 5].

Backwards, dout = [1, 10, 100] gives ∂L/∂s = [1, 0, 100], dγ₂ = 8, dβ₂ = 101, and [200, 0, 2] for the middle row of w2;
dγ₁ = 6, dβ₁ = 1, and [2, −1, 4] for that of w1. The branch sends [1, 0, 1] back, and dx = [2, 0, 101]. Of the 100 that
arrive at the third pixel, the shortcut hands on all 100, since the sum there is above 0; no weight stands on that way.

**What the interviewer is after**: does the gradient of x have both terms, and does either go through the last ReLU
first? Then: why does the 1 in 1 + ∂B/∂x help? **Follow-ups**: what does the block compute if γ₂ = 0 and β₂ = 0, and
why do people start there? Why is there no ReLU between bn₂ and the sum? What are the other ways to match shapes where
channels double, and what do they cost? Why must the statistics of bn_s be kept too when the net is saved?

<details><summary>Hint 1</summary>Forward: keep x under its own name. If x is overwritten by the first activations, the
shortcut adds those. Keep whatever conv and batchnorm return second, the first activations, and out.</details>
<details><summary>Hint 2</summary>Backward: go through the forward from its last line to its first. A ReLU lets through
what arrives where its output is above 0. The sum is an easy step: what arrives goes to both sides,
unchanged.</details>
<details><summary>Hint 3</summary>Name the gradient behind the last ReLU, ds, and keep it: the branch begins with it,
and so does the shortcut. Without a projection the shortcut's part of dx is ds itself. With one it goes through
batchnorm_backward and conv_backward, which also give the gradients of gammas, betas and ws. Last, add both
parts.</details>
"""

# %% role="solve" id="residual_block_forward"
from dlkit.reference.resnet import residual_block_forward, residual_block_backward

# %% role="check" id="residual_block_forward-check" points=10
with check("forward: three pixels worked by hand, in evaluation"):
    x = np.array([[[[2.0, -1.0, 4.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1], params["w2"][0, 0, 1] = [1, 0, 1], [0, -1, 2]
    params |= {"gamma1": np.array([1.0]), "beta1": np.array([-2.0]), "mean1": np.zeros(1), "var1": np.array([0.99999])}
    params |= {"gamma2": np.array([0.5]), "beta2": np.array([1.0]), "mean2": np.zeros(1), "var2": np.array([0.99999])}
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(np.array([[[[7.0, 0.0, 5.0]]]]))
with check("forward in training: the batch's statistics, with eps; the given ones are not looked at"):
    x = np.array([[[[0.01, 0.05]]], [[[-0.02, 0.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1, 1], params["w2"][0, 0, 1, 1] = 1, -0.02  # each pixel by itself
    params |= {"gamma1": np.array([0.5]), "beta1": np.array([0.1]), "mean1": np.array([7.0]), "var1": np.array([9.0])}
    params |= {"gamma2": np.array([2.0]), "beta2": np.array([-1.0]), "mean2": np.array([3.0]), "var2": np.array([4.0])}
    h = np.maximum(0.5 * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + 0.1, 0) * -0.02
    h = 2 * (h - h.mean()) / np.sqrt(h.var() + 1e-5) - 1
    expect(residual_block_forward, x, params).part(0).close(np.maximum(h + x, 0))
with check("forward with ws and stride 2: every second pixel, 1×1, normalized, without a ReLU of its own"):
    x = np.arange(9.0).reshape(1, 1, 3, 3)
    params = {"w1": np.ones((2, 1, 3, 3)), "w2": np.ones((2, 2, 3, 3)), "ws": np.array([1.0, -2.0]).reshape(2, 1, 1, 1)}
    for i in "12":  # gamma 0: the branch is 3 in the first channel and 5 in the second
        params |= {"gamma" + i: np.zeros(2), "beta" + i: np.array([3.0, 5.0])}
        params |= {"mean" + i: np.zeros(2), "var" + i: np.ones(2)}
    params |= {"gammas": np.array([2.0, 1.0]), "betas": np.array([-1.0, 0.0])}
    params |= {"means": np.array([4.0, 0.0]), "vars": np.array([3.99999, 3.99999])}
    want = [[[[0.0, 0.0], [4.0, 6.0]], [[5.0, 3.0], [0.0, 0.0]]]]
    forward = expect(residual_block_forward, x, params, stride=2, training=False)
    forward.part(0).close(np.array(want))
with check("forward: ws is used whenever it is there, also where F = C and stride = 1"):
    x = np.array([[[[1.0, -2.0, 3.0]]]])
    params = {"w1": np.ones((1, 1, 3, 3)), "w2": np.ones((1, 1, 3, 3))}
    for i in "12":
        params |= {"gamma" + i: np.zeros(1), "beta" + i: np.ones(1), "mean" + i: np.zeros(1), "var" + i: np.ones(1)}
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(np.array([[[[2.0, 0.0, 4.0]]]]))
    projection = {"ws": np.array([[[[-10.0]]]]), "gammas": np.array([0.5]), "betas": np.zeros(1)}
    projection |= {"means": np.array([2.0]), "vars": np.array([0.99999])}
    forward = expect(residual_block_forward, x, params | projection, training=False)
    forward.part(0).close(np.array([[[[0.0, 10.0, 0.0]]]]))
with check("backward: gamma2, beta2 and w2 worked by hand"):
    x, dout = np.array([[[[2.0, -1.0, 4.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1], params["w2"][0, 0, 1] = [1, 0, 1], [0, -1, 2]
    params |= {"gamma1": np.array([1.0]), "beta1": np.array([-2.0]), "mean1": np.zeros(1), "var1": np.array([0.99999])}
    params |= {"gamma2": np.array([0.5]), "beta2": np.array([1.0]), "mean2": np.zeros(1), "var2": np.array([0.99999])}
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(np.array([[[[7.0, 0.0, 5.0]]]]))
    dw2 = np.array([[[[0.0, 0.0, 0.0], [200.0, 0.0, 2.0], [0.0, 0.0, 0.0]]]])
    grads = {"gamma2": np.array([8.0]), "beta2": np.array([101.0]), "w2": dw2}
    expect(residual_block_backward, dout, forward.value[1]).part(1).close(grads)
with check("backward: gamma1, beta1 and w1 worked by hand"):
    x, dout = np.array([[[[2.0, -1.0, 4.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1], params["w2"][0, 0, 1] = [1, 0, 1], [0, -1, 2]
    params |= {"gamma1": np.array([1.0]), "beta1": np.array([-2.0]), "mean1": np.zeros(1), "var1": np.array([0.99999])}
    params |= {"gamma2": np.array([0.5]), "beta2": np.array([1.0]), "mean2": np.zeros(1), "var2": np.array([0.99999])}
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(np.array([[[[7.0, 0.0, 5.0]]]]))
    dw1 = np.array([[[[0.0, 0.0, 0.0], [2.0, -1.0, 4.0], [0.0, 0.0, 0.0]]]])
    grads = {"gamma1": np.array([6.0]), "beta1": np.array([1.0]), "w1": dw1}
    expect(residual_block_backward, dout, forward.value[1]).part(1).close(grads)
with check("backward: dx worked by hand, the shortcut's part and the branch's"):
    x, dout = np.array([[[[2.0, -1.0, 4.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1], params["w2"][0, 0, 1] = [1, 0, 1], [0, -1, 2]
    params |= {"gamma1": np.array([1.0]), "beta1": np.array([-2.0]), "mean1": np.zeros(1), "var1": np.array([0.99999])}
    params |= {"gamma2": np.array([0.5]), "beta2": np.array([1.0]), "mean2": np.zeros(1), "var2": np.array([0.99999])}
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(np.array([[[[7.0, 0.0, 5.0]]]]))
    dx = np.array([[[[2.0, 0.0, 101.0]]]])
    expect(residual_block_backward, dout, forward.value[1]).part(0).close(dx)
with check("backward in training agrees with finite differences, in every number of x and of the parameters"):
    rng = np.random.default_rng(4)
    F, shape = 2, (2, 2, 3, 2)
    dout, p = rng.normal(0, 1, shape), {"x": rng.normal(0, 1, shape)}
    for i in "12":
        p |= {"w" + i: rng.normal(0, 1, (F, F, 3, 3))}
        p |= {"gamma" + i: rng.normal(0, 1, F), "beta" + i: rng.normal(0, 1, F)}

    def blocks(p):  # many at once: their axis comes first, and has length 1 where all are alike
        h = p["x"]
        for i in "12":
            padded = np.pad(h, ((0, 0), (0, 0), (0, 0), (1, 1), (1, 1)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(3, 4))
            h = np.einsum("...nchwij,...fcij->...nfhw", windows, p["w" + i])
            h = h - h.mean(axis=(1, 3, 4), keepdims=True)
            h = h / np.sqrt((h**2).mean(axis=(1, 3, 4), keepdims=True) + 1e-5)
            h = p["gamma" + i][:, None, :, None, None] * h + p["beta" + i][:, None, :, None, None]
            h = np.maximum(h if i == "1" else h + p["x"], 0)
        return h

    same = {key: value[None] for key, value in p.items()}
    numeric = {}
    for key, value in p.items():
        steps = 1e-5 * np.eye(value.size).reshape(-1, *value.shape)
        up, down = np.split(blocks({**same, key: value + np.concatenate([steps, -steps])}), 2)
        numeric[key] = (dout * (up - down) / 2e-5).sum(axis=(1, 2, 3, 4)).reshape(value.shape)
    x, dx = p.pop("x"), numeric.pop("x")
    p |= {"mean1": np.full(F, 3.0), "mean2": np.full(F, 4.0), "var1": np.full(F, 5.0), "var2": np.full(F, 6.0)}
    forward = expect(residual_block_forward, x, p)
    forward.part(0).close(blocks(same)[0])
    expect(residual_block_backward, dout, forward.value[1]).close((dx, numeric), rtol=1e-5, atol=1e-7)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("forward: other sizes, channels and strides, with ws and without, in both modes"):
    rng = np.random.default_rng(1)
    for (N, C, H, W), F, stride, projection in [
        ((3, 2, 5, 4), 2, 1, False), ((2, 3, 4, 5), 4, 2, True), ((2, 4, 7, 6), 2, 3, True),
        ((1, 2, 3, 3), 2, 1, True), ((2, 1, 1, 4), 3, 2, True), ((1, 2, 2, 2), 2, 1, False),
    ]:  # fmt: skip
        x = rng.normal(0.5, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 0.5, (F, C, 3, 3)), "w2": rng.normal(0, 0.5, (F, F, 3, 3))}
        if projection:
            params["ws"] = rng.normal(0, 1, (F, C, 1, 1))
        for i in "12s" if projection else "12":
            params |= {"gamma" + i: rng.normal(0, 1, F), "beta" + i: rng.normal(0, 1, F)}
            params |= {"mean" + i: rng.normal(0, 1, F), "var" + i: rng.uniform(0.5, 2, F)}
        for training in (True, False):
            want = reference.residual_block_forward(x, params, stride, training)[0]
            expect(residual_block_forward, x, params, stride=stride, training=training).part(0).close(want)
with check("backward without ws, in both modes: finite differences of x and of every parameter"):
    rng = np.random.default_rng(17)
    F, shape = 2, (2, 2, 2, 3)
    for training in (True, False):
        dout, p = rng.normal(0, 1, shape), {"x": rng.normal(0, 1, shape)}
        for i in "12":
            p |= {"w" + i: rng.normal(0, 0.7, (F, F, 3, 3)), "gamma" + i: rng.normal(0, 1, F)}
            p |= {"beta" + i: rng.normal(0, 1, F), "mean" + i: rng.normal(0, 1, F), "var" + i: rng.uniform(0.5, 2, F)}

        def blocks(p, training=training):  # many at once: their axis comes first
            h = p["x"]
            for i in "12":
                windows = np.pad(h, ((0, 0), (0, 0), (0, 0), (1, 1), (1, 1)))
                windows = np.lib.stride_tricks.sliding_window_view(windows, (3, 3), axis=(3, 4))
                h = np.einsum("...nchwij,...fcij->...nfhw", windows, p["w" + i])
                names = ("gamma", "beta", "mean", "var")
                gamma, beta, mean, var = (p[name + i][:, None, :, None, None] for name in names)
                if training:
                    mean, var = (f(h, axis=(1, 3, 4), keepdims=True) for f in (np.mean, np.var))
                h = gamma * (h - mean) / np.sqrt(var + 1e-5) + beta
                h = np.maximum(h if i == "1" else h + p["x"], 0)
            return h

        same, numeric = {key: value[None] for key, value in p.items()}, {}
        for key in ("x", "w1", "gamma1", "beta1", "w2", "gamma2", "beta2"):
            steps = 1e-5 * np.eye(p[key].size).reshape(-1, *p[key].shape)
            up, down = np.split(blocks({**same, key: p[key] + np.concatenate([steps, -steps])}), 2)
            numeric[key] = (dout * (up - down) / 2e-5).sum(axis=(1, 2, 3, 4)).reshape(p[key].shape)
        x, dx = p.pop("x"), numeric.pop("x")
        forward = expect(residual_block_forward, x, p, training=training)
        forward.part(0).close(blocks(same)[0])
        expect(residual_block_backward, dout, forward.value[1]).close((dx, numeric), rtol=1e-5, atol=1e-7)
with check("backward with ws in training, strides 1 and 2: finite differences of x and of every parameter"):
    rng = np.random.default_rng(173)
    C, F = 3, 2
    for stride, shape in [(1, (2, F, 2, 3)), (2, (2, F, 2, 2))]:
        dout, p = rng.normal(0, 1, shape), {"x": rng.normal(0, 1, (2, C, 2, 3) if stride == 1 else (2, C, 4, 3))}
        p |= {"w1": rng.normal(0, 0.7, (F, C, 3, 3)), "w2": rng.normal(0, 0.7, (F, F, 3, 3))}
        p |= {"ws": rng.normal(0, 0.7, (F, C, 1, 1))}
        for i in "12s":
            p |= {"gamma" + i: rng.normal(0, 1, F), "beta" + i: rng.normal(0, 1, F)}

        def blocks(p, stride=stride):  # many at once: their axis comes first
            def conv_bn(x, layer, stride, padding):
                w, gamma, beta = p["w" + layer], p["gamma" + layer], p["beta" + layer]
                x = np.pad(x, ((0, 0), (0, 0), (0, 0), (padding, padding), (padding, padding)))
                windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[-2:], axis=(3, 4))
                h = np.einsum("...nchwij,...fcij->...nfhw", windows[:, :, :, ::stride, ::stride], w)
                mean, var = (f(h, axis=(1, 3, 4), keepdims=True) for f in (np.mean, np.var))
                h = (h - mean) / np.sqrt(var + 1e-5)
                return gamma[:, None, :, None, None] * h + beta[:, None, :, None, None]

            h = conv_bn(np.maximum(conv_bn(p["x"], "1", stride, 1), 0), "2", 1, 1)
            return np.maximum(h + conv_bn(p["x"], "s", stride, 0), 0)

        same, numeric = {key: value[None] for key, value in p.items()}, {}
        for key in p:
            steps = 1e-5 * np.eye(p[key].size).reshape(-1, *p[key].shape)
            up, down = np.split(blocks({**same, key: p[key] + np.concatenate([steps, -steps])}), 2)
            numeric[key] = (dout * (up - down) / 2e-5).sum(axis=(1, 2, 3, 4)).reshape(p[key].shape)
        x, dx = p.pop("x"), numeric.pop("x")
        for i in "12s":
            p |= {"mean" + i: rng.normal(0, 1, F), "var" + i: rng.uniform(0.5, 2, F)}
        forward = expect(residual_block_forward, x, p, stride=stride)
        forward.part(0).close(blocks(same)[0])
        expect(residual_block_backward, dout, forward.value[1]).close((dx, numeric), rtol=1e-5, atol=1e-7)
with check("backward with ws in evaluation, strides 1 and 2: finite differences of x and of every parameter"):
    rng = np.random.default_rng(39)
    C, F = 3, 2
    for stride, shape in [(1, (2, F, 2, 3)), (2, (2, F, 2, 2))]:
        dout, p = rng.normal(0, 1, shape), {"x": rng.normal(0, 1, (2, C, 2, 3) if stride == 1 else (2, C, 4, 3))}
        p |= {"w1": rng.normal(0, 0.7, (F, C, 3, 3)), "w2": rng.normal(0, 0.7, (F, F, 3, 3))}
        p |= {"ws": rng.normal(0, 0.7, (F, C, 1, 1))}
        for i in "12s":
            p |= {"gamma" + i: rng.normal(0, 1, F), "beta" + i: rng.normal(0, 1, F)}
            p |= {"mean" + i: rng.normal(0, 1, F), "var" + i: rng.uniform(0.5, 2, F)}

        def blocks(p, stride=stride):  # many at once: their axis comes first
            def conv_bn(x, layer, stride, padding):
                names = ("gamma", "beta", "mean", "var")
                gamma, beta, mean, var = (p[name + layer][:, None, :, None, None] for name in names)
                x = np.pad(x, ((0, 0), (0, 0), (0, 0), (padding, padding), (padding, padding)))
                windows = np.lib.stride_tricks.sliding_window_view(x, p["w" + layer].shape[-2:], axis=(3, 4))
                h = np.einsum("...nchwij,...fcij->...nfhw", windows[:, :, :, ::stride, ::stride], p["w" + layer])
                return gamma * (h - mean) / np.sqrt(var + 1e-5) + beta

            h = conv_bn(np.maximum(conv_bn(p["x"], "1", stride, 1), 0), "2", 1, 1)
            return np.maximum(h + conv_bn(p["x"], "s", stride, 0), 0)

        same, numeric = {key: value[None] for key, value in p.items()}, {}
        for key in (key for key in p if not key.startswith(("mean", "var"))):
            steps = 1e-5 * np.eye(p[key].size).reshape(-1, *p[key].shape)
            up, down = np.split(blocks({**same, key: p[key] + np.concatenate([steps, -steps])}), 2)
            numeric[key] = (dout * (up - down) / 2e-5).sum(axis=(1, 2, 3, 4)).reshape(p[key].shape)
        x, dx = p.pop("x"), numeric.pop("x")
        forward = expect(residual_block_forward, x, p, stride=stride, training=False)
        forward.part(0).close(blocks(same)[0])
        expect(residual_block_backward, dout, forward.value[1]).close((dx, numeric), rtol=1e-5, atol=1e-7)
with check("gamma2 = 0 and beta2 = 0: the block is relu(x), its dx is dout where x > 0, and gamma2 can still learn"):
    rng = np.random.default_rng(6)
    x, dout = rng.normal(0, 1, (2, 2, 3, 3)), rng.normal(0, 1, (2, 2, 3, 3))
    params = {"w1": rng.normal(0, 1, (2, 2, 3, 3)), "w2": rng.normal(0, 1, (2, 2, 3, 3))}
    for i in "12":
        params |= {"gamma" + i: np.zeros(2) if i == "2" else np.ones(2), "beta" + i: np.zeros(2)}
        params |= {"mean" + i: rng.normal(0, 1, 2), "var" + i: rng.uniform(0.5, 2, 2)}
    for training in (True, False):
        _, kept = reference.residual_block_forward(x, params, training=training)
        want = reference.residual_block_backward(dout, kept)[1]
        forward = expect(residual_block_forward, x, params, training=training)
        forward.part(0).close(np.maximum(x, 0))
        backward = expect(residual_block_backward, dout, forward.value[1])
        backward.part(0).close(dout * (x > 0))
        backward.part(1).close({key: want[key] for key in ("gamma2", "beta2", "w2", "w1")})
with check("a ReLU passes no gradient where its argument is exactly 0, neither the first nor the last"):
    x = np.array([[[[3.0, 0.0, -1.0, 0.0, 2.0, 1.0]]]])
    dout = np.array([[[[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1, 1] = params["w2"][0, 0, 1, 1] = 1
    for i in "12":
        params |= {"gamma" + i: np.ones(1), "beta" + i: np.zeros(1)}
        params |= {"mean" + i: np.zeros(1), "var" + i: np.full(1, 3.99999)}
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(np.maximum(1.25 * x, 0) * (x > 0))  # the last ReLU's argument is 0 where x is
    backward = expect(residual_block_backward, dout, forward.value[1])
    backward.part(0).close(np.array([[[[1.25, 0.0, 0.0, 0.0, 20.0, 40.0]]]]))
    backward.part(1).close({"beta2": np.array([49.0]), "beta1": np.array([24.5])})
    for i in "12":  # now the first ReLU's argument is 0 everywhere, and the last one's is x + 5
        params |= {"gamma" + i: np.zeros(1), "beta" + i: np.array([0.0 if i == "1" else 5.0])}
    params["gamma2"] = np.ones(1)
    forward = expect(residual_block_forward, x, params, training=False)
    forward.part(0).close(x + 5)
    backward = expect(residual_block_backward, dout, forward.value[1])
    backward.part(0).close(dout)
    backward.part(1).close({"beta2": np.array([63.0]), "beta1": np.zeros(1), "gamma1": np.zeros(1)})
with check("one image of one pixel, in both modes"):
    rng = np.random.default_rng(7)
    x, dout = np.array([[[[0.5]], [[-4.0]], [[1.0]]]]), np.array([[[[2.0]], [[3.0]], [[5.0]]]])
    params = {"w1": rng.normal(0, 1, (3, 3, 3, 3)), "w2": rng.normal(0, 1, (3, 3, 3, 3))}
    for i in "12":
        params |= {"gamma" + i: np.array([1.0, 2.0, -1.0]), "beta" + i: np.array([1.0, 2.0, 0.5])}
        params |= {"mean" + i: rng.normal(0, 1, 3), "var" + i: rng.uniform(0.5, 2, 3)}
    for training in (True, False):
        want, kept = reference.residual_block_forward(x, params, training=training)
        forward = expect(residual_block_forward, x, params, training=training)
        forward.part(0).close(want)
        gradient = reference.residual_block_backward(dout, kept)
        expect(residual_block_backward, dout, forward.value[1]).close(gradient)
with check("float32 in, float32 out: out and all gradients, in both modes"):
    rng = np.random.default_rng(51)
    x, dout = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(3, 2, 4, 4), (3, 3, 2, 2)])
    params = {"w1": rng.normal(0, 1, (3, 2, 3, 3)), "w2": rng.normal(0, 1, (3, 3, 3, 3))}
    params["ws"] = rng.normal(0, 1, (3, 2, 1, 1))
    for i in "12s":
        params |= {"gamma" + i: rng.uniform(0.5, 1, 3), "beta" + i: rng.normal(0, 1, 3)}
        params |= {"mean" + i: rng.normal(0, 1, 3), "var" + i: rng.uniform(0.5, 2, 3)}
    params = {key: value.astype(np.float32) for key, value in params.items()}
    identity = {key: value for key, value in params.items() if not key.endswith("s")}
    identity["w1"] = params["w2"]
    for images, given, stride in [(x, params, 2), (np.repeat(dout, 2, axis=3), identity, 1)]:
        for training in (True, False):
            want, kept = reference.residual_block_forward(images, given, stride, training)
            forward = expect(residual_block_forward, images, given, stride=stride, training=training)
            forward.part(0).close(want, rtol=1e-3, atol=1e-4).dtype(np.float32)
            upstream = dout if stride == 2 else np.repeat(dout, 2, axis=3)
            gradient = reference.residual_block_backward(upstream, kept)
            backward = expect(residual_block_backward, upstream, forward.value[1])
            backward.close(gradient, rtol=1e-3, atol=1e-3).dtype(np.float32)
with check("integers in x; neither x nor dout nor a parameter is changed, and the same cache serves twice"):
    rng = np.random.default_rng(9)
    whole, dout = rng.integers(-4, 5, (2, 2, 3, 4)), rng.normal(0, 1, (2, 2, 3, 4))
    params = {"w1": rng.normal(0, 1, (2, 2, 3, 3)), "w2": rng.normal(0, 1, (2, 2, 3, 3))}
    for i in "12":
        params |= {"gamma" + i: rng.normal(0, 1, 2), "beta" + i: rng.normal(0, 1, 2)}
        params |= {"mean" + i: rng.normal(0, 1, 2), "var" + i: rng.uniform(0.5, 2, 2)}
    for x in (1.0 * whole, whole):
        for training in (True, False):
            want, kept = reference.residual_block_forward(1.0 * whole, params, training=training)
            forward = expect(residual_block_forward, x, params, training=training)
            forward.part(0).close(want).unchanged()
            cache = forward.value[1]
            for upstream in (dout, -2 * dout):
                gradient = reference.residual_block_backward(upstream, kept)
                expect(residual_block_backward, upstream, cache).close(gradient).unchanged()
with check("the dictionary has the gradients of what is learnt, and those of ws only where there is one"):
    rng = np.random.default_rng(21)
    x, dout = rng.normal(0, 1, (2, 2, 3, 3)), rng.normal(0, 1, (2, 2, 3, 3))
    params = {"w1": rng.normal(0, 1, (2, 2, 3, 3)), "w2": rng.normal(0, 1, (2, 2, 3, 3))}
    params["ws"] = rng.normal(0, 1, (2, 2, 1, 1))
    for i in "12s":
        params |= {"gamma" + i: rng.normal(0, 1, 2), "beta" + i: rng.normal(0, 1, 2)}
        params |= {"mean" + i: rng.normal(0, 1, 2), "var" + i: rng.uniform(0.5, 2, 2)}
    keys = {"w1", "w2", "gamma1", "beta1", "gamma2", "beta2"}
    for given in ({key: value for key, value in params.items() if not key.endswith("s")}, params):
        want, kept = reference.residual_block_forward(x, given)
        forward = expect(residual_block_forward, x, given)
        forward.part(0).close(want)
        gradient = expect(residual_block_backward, dout, forward.value[1]).part(1)
        gradient.close(reference.residual_block_backward(dout, kept)[1])
        wanted = keys | {"ws", "gammas", "betas"} if "ws" in given else keys
        gradient.satisfies(
            lambda grads, wanted=wanted: set(grads) == wanted, f"these keys and no others: {', '.join(sorted(wanted))}"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: what is missing

Each question cell asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="res_backward_symptom" points=1

# %% [markdown]
r"""
**Given: a network of your blocks.** The experiments of this unit train it. The way through the blocks is your
`residual_block_forward`, the way back your `residual_block_backward`. A *plain* network needs no code of its own: it
has your blocks with a projection on the shortcut whose γ and β are 0 and stay 0, so nothing comes through.
"""


# %% role="given" id="network"
class Network:
    """A small net for the digits, made of your residual blocks. What an experiment changes is an option.

    A 3×3 convolution from 1 to 8 channels with stride 2, and a ReLU; `blocks` blocks of 8 channels on 4×4 maps; the
    mean of each channel; a dense layer to 10 classes. Depth in layers: 2 · blocks + 2.

    residual=False: the same blocks without a shortcut. gamma2: where each γ₂ starts. dropped: how often training
    skips the last block; the others are skipped less often, in proportion to their number.
    """

    def __init__(self, blocks, rng, residual=True, gamma2=1.0, dropped=0.0):
        def normal(*shape):
            return rng.normal(0, math.sqrt(2 / math.prod(shape[1:])), shape)  # He's, for ReLU

        zeros, ones = np.zeros(8), np.ones(8)
        self.blocks = []
        for _ in range(blocks):
            block = {"w1": normal(8, 8, 3, 3), "gamma1": ones, "beta1": zeros, "mean1": zeros, "var1": ones}
            block |= {"w2": normal(8, 8, 3, 3), "gamma2": gamma2 * ones, "beta2": zeros, "mean2": zeros, "var2": ones}
            if not residual:  # a shortcut with γ = 0 and β = 0, which training leaves alone, is none
                block |= {"ws": np.zeros((8, 8, 1, 1)), "gammas": zeros, "betas": zeros, "means": zeros, "vars": ones}
            self.blocks.append(block)
        self.ends = {"stem": normal(8, 1, 3, 3), "W": rng.normal(0, math.sqrt(1 / 8), (8, 10)), "b": np.zeros(10)}
        self.kept = 1 - dropped * np.arange(1, blocks + 1) / blocks

    def forward(self, x, used, training=False):
        """Scores (N, 10) with the blocks whose numbers are in `used`, and what the way back needs."""
        h, stem = conv(x, self.ends["stem"], stride=2, padding=1)
        stream, caches = [np.maximum(h, 0)], []  # before the first block and after each, (N, 8, 4, 4)
        for i in used:
            h, cache = residual_block_forward(stream[-1], self.blocks[i], training=training)
            stream.append(h)
            caches.append(cache)
        features = stream[-1].mean(axis=(2, 3))  # (N, 8)
        return features @ self.ends["W"] + self.ends["b"], (stem, stream, caches, features)

    def gradients(self, x, y, used, training=True):
        """Mean cross-entropy; its gradients by block, -1 for both ends; and those of the stream, as in `forward`."""
        scores, (stem, stream, caches, features) = self.forward(x, used, training)
        log_p = scores - scores.max(axis=1, keepdims=True)
        log_p = log_p - np.log(np.exp(log_p).sum(axis=1, keepdims=True))  # (N, 10)
        chosen = np.arange(10) == y[:, None]
        d = (np.exp(log_p) - chosen) / len(y)
        grads = {-1: {"W": features.T @ d, "b": d.sum(axis=0)}}
        pixels = stream[-1][0, 0].size
        dstream = [np.ones_like(stream[-1]) * (d @ self.ends["W"].T)[:, :, None, None] / pixels]
        for i, cache in zip(used[::-1], caches[::-1], strict=True):
            dh, grads[i] = residual_block_backward(dstream[-1], cache)
            dstream.append(dh)
        _, grads[-1]["stem"] = conv_backward(dstream[-1] * (stream[0] > 0), stem)
        return float(-log_p[chosen].mean()), grads, dstream[::-1]

    def train(self, X, y, epochs, rng, rate, batch=32):
        """SGD with momentum 0.9. Returns the loss of each batch before its step, (epochs, batches)."""
        velocity, losses, layers = {}, [], [*self.blocks, self.ends]
        for _ in range(epochs):
            for rows in np.split(rng.permutation(len(X)), range(batch, len(X), batch)):
                used = np.flatnonzero(rng.random(len(self.blocks)) < self.kept)
                loss, grads, _ = self.gradients(X[rows], y[rows], used)
                losses.append(loss)
                for i, of_layer in grads.items():
                    for key in of_layer.keys() - {"ws", "gammas", "betas"}:
                        velocity[i, key] = 0.9 * velocity.get((i, key), 0) + of_layer[key]
                        layers[i][key] = layers[i][key] - rate * velocity[i, key]
        self._get_ready(X)
        return np.array(losses).reshape(epochs, -1)

    def _get_ready(self, X):
        """For evaluation: branches scaled by how often they were kept, and the statistics of all of X."""
        h = np.maximum(conv(X, self.ends["stem"], stride=2, padding=1)[0], 0)
        for block, kept in zip(self.blocks, self.kept, strict=True):
            block["gamma2"], block["beta2"] = kept * block["gamma2"], kept * block["beta2"]
            a = h
            for i in "12":
                a, _ = conv(a, block["w" + i], padding=1)
                block["mean" + i], block["var" + i] = a.mean(axis=(0, 2, 3)), a.var(axis=(0, 2, 3))
                a = np.maximum(batchnorm(a, block["gamma" + i], block["beta" + i])[0], 0)
            h, _ = residual_block_forward(h, block, training=False)

    def accuracy(self, X, y, deleted=()):
        """The share of X that is classified right, with some blocks deleted: what reaches them goes past."""
        used = [i for i in range(len(self.blocks)) if i not in deleted]
        return float(np.mean(self.forward(X, used)[0].argmax(axis=1) == y))


# %% [markdown]
r"""
### Experiment: start as nothing

A block whose γ₂ and β₂ are 0 has a branch that gives 0, so it passes on its input, which comes from a ReLU and is not
negative. If all γ₂ start at 0 (**zero-γ**), the deepest network begins as a stem with a classifier. Its blocks open as
γ₂ and β₂ learn.

- Left: the size (root mean square) of the stream before training, after each of 64 blocks, with γ₂ = 1 and with γ₂ = 0.
- Right: a network of 10 blocks learns 640 digits for five epochs, by SGD with momentum 0.9 and the very large learning
  rate 1.

*Make a prediction*: the branch ends in a normalization, so with γ₂ = 1 each of them has variance 1. How does the stream
grow over 64 blocks: not at all, like the root of their number, or exponentially? And which parameters of a block with
γ₂ = 0 have a gradient that is not 0 in the very first step?
"""

# %% role="demo" id="experiment-zero-gamma"
from dlkit.lab import digits, experiment, figure


def split_digits():
    """768 images to train on and 360 to test, (N, 1, 8, 8), with their labels."""
    images, labels = digits()
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order].reshape(-1, 1, 8, 8), labels[order]
    return images[:768], labels[:768], images[-360:], labels[-360:]


with experiment(), figure("Blocks that start as nothing bear a large learning rate", columns=2) as (left, right):
    X_train, y_train, X_test, y_test = split_digits()
    for gamma2, line in [(1.0, "o-"), (0.0, "s--")]:
        deep = Network(64, np.random.default_rng(0), gamma2=gamma2)
        _, (_, stream, _, _) = deep.forward(X_train[:32], range(64), training=True)
        size = [np.sqrt(np.mean(h**2)) for h in stream]
        left.plot(size, line, markevery=8, label=f"γ₂ = {gamma2:.0f}")
        print(f"γ₂ = {gamma2:.0f}: size of the stream ", end="")
        print(", ".join(f"{size[block]:.2f} after {block} blocks" for block in (0, 4, 16, 64)))

        net = Network(10, np.random.default_rng(0), gamma2=gamma2)
        loss, grads, _ = net.gradients(X_train[:64], y_train[:64], range(10))
        learning = [key for key, gradient in sorted(grads[0].items()) if np.abs(gradient).max() > 0]
        print(f"        first loss {loss:.2f}, gradients in block 1: {', '.join(learning)}")
        losses = net.train(X_train[:640], y_train[:640], 5, np.random.default_rng(1), rate=1.0, batch=64).mean(axis=1)
        right.plot(range(1, 6), losses, line, label=f"γ₂ = {gamma2:.0f} at the start")
        print(f"        loss by epoch with learning rate 1: {'  '.join(f'{loss:.1f}' for loss in losses)}")
    right.axhline(math.log(10), color="black", linewidth=1, linestyle=":", label="guessing: ln 10")
    left.set(xlabel="after block", ylabel="size of the stream", title="before training, 64 blocks", ylim=(-0.2, None))
    right.set(xlabel="epoch", ylabel="training loss", title="10 blocks, learning rate 1", ylim=(1.4, 3.1))
    right.set_xticks(range(1, 6))
    left.legend()
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** With γ₂ = 1 the stream grows from block to block: 1.69 after 4 blocks, 3.47 after 16, 7.74 after 64.
Four times as many blocks double it, for each adds about the same variance: that is a growth like the root. With
γ₂ = 0 nothing is added at any depth, and the first loss is nearly that of guessing.

In the first step only γ₂ and β₂ learn. The gradients of w1, w2, γ₁ and β₁ come through bn₂, which multiplies them by
γ₂ = 0; they start when γ₂ has left 0. (If w2 were 0 too, γ₂ would have no gradient either, and the branch would give a
constant for ever.)

With learning rate 1 the usual start is knocked out in the first epoch, a loss of 2.9, and ends at 2.3, that of
guessing. The zero-γ network goes from 2.3 to 1.7. That is what it buys: a calm beginning, so that large rates, large
batches and great depth can be survived. It does not buy speed where all is well: with rate 0.1 the usual start has a
loss of 0.8 after five epochs and zero-γ one of 1.8, as its branches must open first.

**What to say in an interview.** “Zero-γ starts every block as the identity, so the network is shallow at first and
grows deeper as it learns. It costs nothing, the shortcuts carry the gradient meanwhile, and it helps most with large
batches and rates. Other ways to the same end are warm-up, and a learnt factor per branch that starts at 0.”
"""

# %% [markdown]
r"""
### The bottleneck ★★ · 12 min

In ResNet-50 and deeper, two 3×3 convolutions on 256 channels would cost too much. The bottleneck goes to a quarter of
the channels with a 1×1 convolution, does its 3×3 there, and comes back with another 1×1.

**Given** `x` of shape `(N, C, H, W)`, `params`, `stride` and `training`, **return** out of shape `(N, F, OH, OW)`,
OH = (H − 1) // stride + 1 and OW likewise. With $c_i$ for the convolution by $w_i$ and then $\mathrm{bn}_i$,

$$ \text{out} = \mathrm{relu}\bigl(c_3(\mathrm{relu}(c_2(\mathrm{relu}(c_1(x))))) + S(x)\bigr), \qquad
S(x) = \begin{cases} c_s(x) & \text{if params has a key "ws"} \\ x & \text{else} \end{cases} $$

| key in `params` | shape | what it is |
|---|---|---|
| `w1` | `(M, C, 1, 1)` | 1×1, no padding, stride 1 |
| `w2` | `(M, M, 3, 3)` | 3×3, padding 1, **and this one has the stride** |
| `w3` | `(F, M, 1, 1)` | 1×1, no padding, stride 1 |
| `gamma1`, `beta1`, `mean1`, `var1` and the same with 2 | `(M,)` each | normalizations after w1 and w2 |
| `gamma3`, `beta3`, `mean3`, `var3` | `(F,)` each | normalization after w3 |
| `ws` | `(F, C, 1, 1)` | 1×1, no padding, the stride; may be absent |
| `gammas`, `betas`, `means`, `vars` | `(F,)` each | normalization after ws; there if `ws` is |

Without `ws`, F = C and stride = 1. With `training=True` all normalizations use the batch's statistics, with
`training=False` the given ones, and eps is 1e-5. No bias, nothing is updated. `conv` and `batchnorm` of the given code
are meant to be used; each returns its result and a cache.

There is no backward here, so out comes alone, without a cache. If all that is given is float32, so is out; integers in
x give the right floats; no argument is changed.

*Worked number.* Two channels of one row, x = [1, 2, 3] and [0, −1, 1]; evaluation with means 0 and variances 0.99999.
w1 = [1, −2] gives [1, 4, 1]; with γ₁ = 1, β₁ = −1 and ReLU [0, 3, 0]. w2 has 0 but in its middle row [1, 0, 1]: it
gives [3, 0, 3]; with γ₂ = 1, β₂ = −1 and ReLU [2, 0, 2]. w3 = [1, −1] gives [2, 0, 2] and [−2, 0, −2]; with
γ₃ = [1, 0.5] and β₃ = [−4, 1] that is [−2, −4, −2] and [0, 1, 0]. With x added and the last ReLU, out = [0, 0, 1] and
[0, 0, 1].

**What the interviewer is after**: can you say why there are two 1×1 convolutions, and count? With C = F = 256 and
M = 64 the three have 256·64 + 9·64·64 + 64·256 = 69,632 weights; two 3×3 ones on 256 channels have 1,179,648.
**Follow-ups**: the paper gave the stride to the first 1×1: what does that one do with three of four pixels, and what
did libraries change? Where in the block is most of the memory for activations? Why does MobileNet v2 turn the
bottleneck inside out?

<details><summary>Hint 1</summary>Every convolution here is followed by a normalization with the same suffix. A small
function of the input, the suffix, stride and padding saves you four copies.</details>
<details><summary>Hint 2</summary>The suffix of the shortcut is s, so the same small function serves there, with the
stride. Hand training to each of the four.</details>
<details><summary>Hint 3</summary>There are three ReLUs: after the first and the second normalization, and after the
sum. Keep x under its own name until the shortcut has read it.</details>
"""

# %% role="solve" id="bottleneck_forward"
from dlkit.reference.resnet import bottleneck_forward

# %% role="check" id="bottleneck_forward-check" points=4
with check("three pixels worked by hand, in evaluation"):
    x = np.array([[[[1.0, 2.0, 3.0]], [[0.0, -1.0, 1.0]]]])
    params = {"w1": np.array([[[[1.0]], [[-2.0]]]]), "w3": np.array([[[[1.0]]], [[[-1.0]]]])}
    params["w2"] = np.zeros((1, 1, 3, 3))
    params["w2"][0, 0, 1] = [1, 0, 1]
    for i, gamma, beta in [("1", [1.0], [-1.0]), ("2", [1.0], [-1.0]), ("3", [1.0, 0.5], [-4.0, 1.0])]:
        params |= {"gamma" + i: np.array(gamma), "beta" + i: np.array(beta)}
        params |= {"mean" + i: np.zeros(len(gamma)), "var" + i: np.full(len(gamma), 0.99999)}
    want = np.array([[[[0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0]]]])
    expect(bottleneck_forward, x, params, training=False).close(want)
with check("the stride is the 3×3 convolution's: it sees every pixel"):
    x = np.array([[[[1.0, 2.0, 4.0, 8.0]]]])
    params = {"w1": np.ones((1, 1, 1, 1)), "w2": np.ones((1, 1, 3, 3)), "w3": np.ones((1, 1, 1, 1))}
    params["ws"] = np.full((1, 1, 1, 1), 100.0)
    for i in "123s":
        params |= {"gamma" + i: np.ones(1), "beta" + i: np.zeros(1)}
        params |= {"mean" + i: np.zeros(1), "var" + i: np.full(1, 0.99999)}
    want = np.array([[[[103.0, 414.0]]]])
    expect(bottleneck_forward, x, params, stride=2, training=False).close(want)
with check("training: four normalizations with the batch's statistics and eps; the given ones are not looked at"):
    x = np.array([[[[0.1, 0.5]]], [[[-0.2, 0.0]]]])
    params = {"w1": np.full((1, 1, 1, 1), 0.1), "w2": np.zeros((1, 1, 3, 3)), "w3": np.full((1, 1, 1, 1), -0.01)}
    params["w2"][0, 0, 1, 1], params["ws"] = 0.02, np.full((1, 1, 1, 1), 0.03)  # each pixel by itself
    for i, gamma, beta in [("1", 0.5, 0.1), ("2", 1.0, -0.2), ("3", 2.0, 0.1), ("s", 1.0, 0.3)]:
        params |= {"gamma" + i: np.array([gamma]), "beta" + i: np.array([beta])}
        params |= {"mean" + i: np.array([7.0]), "var" + i: np.array([9.0])}

    def normalized(h):
        return (h - h.mean()) / np.sqrt(h.var() + 1e-5)

    h = np.maximum(0.5 * normalized(0.1 * x) + 0.1, 0)
    h = np.maximum(normalized(0.02 * h) - 0.2, 0)
    h = 2 * normalized(-0.01 * h) + 0.1
    expect(bottleneck_forward, x, params).close(np.maximum(h + normalized(0.03 * x) + 0.3, 0))
with check("ws is used whenever it is there, without a ReLU of its own; without it x is added as it is"):
    x = np.array([[[[1.0, -2.0, 3.0]]]])
    params = {"w1": np.ones((1, 1, 1, 1)), "w2": np.ones((1, 1, 3, 3)), "w3": np.ones((1, 1, 1, 1))}
    for i in "123":  # gamma 0: the branch is 1 everywhere
        params |= {"gamma" + i: np.zeros(1), "beta" + i: np.ones(1), "mean" + i: np.zeros(1), "var" + i: np.ones(1)}
    expect(bottleneck_forward, x, params, training=False).close(np.array([[[[2.0, 0.0, 4.0]]]]))
    projection = {"ws": np.full((1, 1, 1, 1), -0.5), "gammas": np.array([0.5]), "betas": np.zeros(1)}
    projection |= {"means": np.array([1.0]), "vars": np.array([0.99999])}
    want = np.array([[[[0.25, 1.0, 0.0]]]])
    expect(bottleneck_forward, x, params | projection, training=False).close(want)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("without ws: other sizes and channels, in both modes"):
    rng = np.random.default_rng(1)
    for N, C, M, H, W in [(2, 4, 2, 3, 5), (1, 3, 3, 4, 4), (3, 2, 1, 2, 2), (2, 1, 3, 1, 4)]:
        x = rng.normal(0.5, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 1, (M, C, 1, 1)), "w2": rng.normal(0, 0.5, (M, M, 3, 3))}
        params["w3"] = rng.normal(0, 1, (C, M, 1, 1))
        for i, size in [("1", M), ("2", M), ("3", C)]:
            params |= {"gamma" + i: rng.normal(0, 1, size), "beta" + i: rng.normal(0, 1, size)}
            params |= {"mean" + i: rng.normal(0, 1, size), "var" + i: rng.uniform(0.5, 2, size)}
        for training in (True, False):
            want = reference.bottleneck_forward(x, params, 1, training)
            expect(bottleneck_forward, x, params, training=training).close(want)
with check("with ws: other sizes, channels and strides, in both modes"):
    rng = np.random.default_rng(2)
    for (N, C, H, W), M, F, stride in [
        ((2, 4, 5, 4), 2, 3, 2), ((1, 2, 7, 6), 3, 4, 3), ((2, 3, 3, 3), 2, 3, 1), ((3, 1, 4, 1), 1, 2, 2),
    ]:  # fmt: skip
        x = rng.normal(0.5, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 1, (M, C, 1, 1)), "w2": rng.normal(0, 0.5, (M, M, 3, 3))}
        params |= {"w3": rng.normal(0, 1, (F, M, 1, 1)), "ws": rng.normal(0, 1, (F, C, 1, 1))}
        for i, size in [("1", M), ("2", M), ("3", F), ("s", F)]:
            params |= {"gamma" + i: rng.normal(0, 1, size), "beta" + i: rng.normal(0, 1, size)}
            params |= {"mean" + i: rng.normal(0, 1, size), "var" + i: rng.uniform(0.5, 2, size)}
        for training in (True, False):
            want = reference.bottleneck_forward(x, params, stride, training)
            expect(bottleneck_forward, x, params, stride=stride, training=training).close(want)
with check("one image of one pixel, in both modes"):
    x = np.array([[[[0.5]], [[-4.0]], [[1.0]]]])
    params = {"w1": np.full((2, 3, 1, 1), 0.5), "w2": np.ones((2, 2, 3, 3)), "w3": np.ones((3, 2, 1, 1))}
    for i, size in [("1", 2), ("2", 2), ("3", 3)]:
        params |= {"gamma" + i: np.full(size, 2.0), "beta" + i: np.full(size, 1.5)}
        params |= {"mean" + i: np.full(size, -1.0), "var" + i: np.full(size, 2.0)}
    expect(bottleneck_forward, x, params).close(np.array([[[[2.0]], [[0.0]], [[2.5]]]]))
    want = reference.bottleneck_forward(x, params, training=False)
    expect(bottleneck_forward, x, params, training=False).close(want)
with check("float32 stays float32, in both modes"):
    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, (2, 3, 4, 4)).astype(np.float32)
    params = {"w1": rng.normal(0, 1, (2, 3, 1, 1)), "w2": rng.normal(0, 1, (2, 2, 3, 3))}
    params |= {"w3": rng.normal(0, 1, (3, 2, 1, 1)), "ws": rng.normal(0, 1, (3, 3, 1, 1))}
    for i, size in [("1", 2), ("2", 2), ("3", 3), ("s", 3)]:
        params |= {"gamma" + i: rng.uniform(0.5, 1, size), "beta" + i: rng.normal(0, 1, size)}
        params |= {"mean" + i: rng.normal(0, 1, size), "var" + i: rng.uniform(0.5, 2, size)}
    params = {key: value.astype(np.float32) for key, value in params.items()}
    identity = {key: value for key, value in params.items() if not key.endswith("s")}
    for given, stride in [(params, 2), (identity, 1)]:
        for training in (True, False):
            want = reference.bottleneck_forward(x, given, stride, training)
            result = expect(bottleneck_forward, x, given, stride=stride, training=training)
            result.close(want, rtol=1e-3, atol=1e-4).dtype(np.float32)
with check("integers in x; neither x nor a parameter is changed"):
    rng = np.random.default_rng(4)
    whole = rng.integers(-4, 5, (2, 3, 2, 4))
    params = {"w1": rng.normal(0, 1, (2, 3, 1, 1)), "w2": rng.normal(0, 1, (2, 2, 3, 3))}
    params["w3"] = rng.normal(0, 1, (3, 2, 1, 1))
    for i, size in [("1", 2), ("2", 2), ("3", 3)]:
        params |= {"gamma" + i: rng.normal(0, 1, size), "beta" + i: rng.normal(0, 1, size)}
        params |= {"mean" + i: rng.normal(0, 1, size), "var" + i: rng.uniform(0.5, 2, size)}
    for training in (True, False):
        want = reference.bottleneck_forward(1.0 * whole, params, training=training)
        for x in (1.0 * whole, whole):
            expect(bottleneck_forward, x, params, training=training).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the first block of a stage
"""

# %% role="question" id="res_bottleneck_parameters" points=1

# %% [markdown]
r"""
### The pre-activation block ★★ · 10 min

In the first residual block something still stands in the shortcut's way: the ReLU after each sum. ResNet v2 moves
normalization and ReLU before the weights. Then nothing is left on the way, and x is handed from block to block by
additions alone.

**Given** `x` of shape `(N, C, H, W)`, `params`, `stride` and `training`, **return** out of shape `(N, F, OH, OW)`,
OH = (H − 1) // stride + 1 and OW likewise:

$$ a = \mathrm{relu}(\mathrm{bn}_1(x)), \qquad
\text{out} = S + \mathrm{conv}_2\bigl(\mathrm{relu}(\mathrm{bn}_2(\mathrm{conv}_1(a)))\bigr), \qquad
S = \begin{cases} \mathrm{conv}_s(a) & \text{if params has a key "ws"} \\ x & \text{else} \end{cases} $$

| key in `params` | shape | what it is |
|---|---|---|
| `gamma1`, `beta1`, `mean1`, `var1` | `(C,)` each | the normalization of x itself |
| `w1` | `(F, C, 3, 3)` | padding 1, and this one has the stride |
| `gamma2`, `beta2`, `mean2`, `var2` | `(F,)` each | the normalization after w1 |
| `w2` | `(F, F, 3, 3)` | padding 1, stride 1 |
| `ws` | `(F, C, 1, 1)` | no padding, the stride; may be absent |

Three things differ from the first block. Nothing follows the sum, so out may be negative. The identity shortcut adds x
itself, not a. And a projection reads a, not x, with no normalization after it.

Without `ws`, F = C and stride = 1; a `ws` is used whenever it is there. With `training=True` both normalizations use
the batch's statistics, with `training=False` the given ones, and eps is 1e-5. No bias, nothing is updated. `conv` and
`batchnorm` of the given code are meant to be used.

There is no backward here, so out comes alone, without a cache. If all that is given is float32, so is out; integers in
x give the right floats; no argument is changed.

*Worked number.* One image of one row, x = [2, −3, 1]; evaluation with means 0 and variances 0.99999. With γ₁ = 1 and
β₁ = 0, a = [2, 0, 1]. w1 has 0 but in its middle row [1, 0, 1]: it gives [0, 3, 0]. With γ₂ = 1, β₂ = −1 and ReLU that
is [0, 2, 0]. w2's middle row is [0, 1, −2]: it gives [−4, 2, 0]. out = x + that = [−2, −1, 1]. With a projection
ws = 10 instead, out = 10a + that = [16, 2, 10].

**What the interviewer is after**: what is different between v1 and v2, and why does it train at 1,000 layers?
Write the output of L blocks as $x_L = x_0 + \sum_l B_l(x_l)$, differentiate, and look for the 1. **Follow-ups**: why
must the last block be followed by one more normalization and ReLU? What would happen to the mean of x if each branch
ended in a ReLU? Why does a projection read a rather than x? Transformers have the same choice: what are pre-LN and
post-LN?

<details><summary>Hint 1</summary>Write a small function for normalization and ReLU together, of an array and a suffix.
It is used twice, before each of the two 3×3 convolutions.</details>
<details><summary>Hint 2</summary>You need two names: one for x, which the identity shortcut adds, and one for
relu(bn1(x)), which the first convolution and a projection read.</details>
<details><summary>Hint 3</summary>The last line is one sum and nothing around it. Write it as a new array: adding the
branch to x in place changes the caller's array.</details>
"""

# %% role="solve" id="preact_block_forward"
from dlkit.reference.resnet import preact_block_forward

# %% role="check" id="preact_block_forward-check" points=4
with check("three pixels worked by hand, in evaluation: no ReLU after the sum"):
    x = np.array([[[[2.0, -3.0, 1.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1], params["w2"][0, 0, 1] = [1, 0, 1], [0, 1, -2]
    params |= {"gamma1": np.ones(1), "beta1": np.zeros(1), "mean1": np.zeros(1), "var1": np.full(1, 0.99999)}
    params |= {"gamma2": np.ones(1), "beta2": np.array([-1.0]), "mean2": np.zeros(1), "var2": np.full(1, 0.99999)}
    want = np.array([[[[-2.0, -1.0, 1.0]]]])
    expect(preact_block_forward, x, params, training=False).close(want)
with check("ws reads relu(bn1(x)), and what it gives is neither normalized nor cut off"):
    x = np.array([[[[2.0, -3.0, 1.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1], params["w2"][0, 0, 1] = [1, 0, 1], [0, 1, -2]
    params |= {"gamma1": np.ones(1), "beta1": np.zeros(1), "mean1": np.zeros(1), "var1": np.full(1, 0.99999)}
    params |= {"gamma2": np.ones(1), "beta2": np.array([-1.0]), "mean2": np.zeros(1), "var2": np.full(1, 0.99999)}
    for ws, want in [(10.0, [16.0, 2.0, 10.0]), (-10.0, [-24.0, 2.0, -10.0])]:
        given = params | {"ws": np.full((1, 1, 1, 1), ws)}
        expect(preact_block_forward, x, given, training=False).close(np.array([[[want]]]))
with check("stride 2: the first convolution's and the projection's, not the second convolution's"):
    x = np.array([[[[1.0, 2.0, 4.0, 8.0]]]])
    params = {"w1": np.zeros((2, 1, 3, 3)), "w2": np.zeros((2, 2, 3, 3)), "ws": np.array([[[[100.0]]], [[[0.0]]]])}
    params["w1"][0, 0, 1], params["w1"][1, 0, 1] = [1, 1, 1], [0, 1, 0]
    params["w2"][0, 0, 1], params["w2"][1, 1, 1] = [1, 1, 0], [0, 1, 0]
    for i, size in [("1", 1), ("2", 2)]:
        params |= {"gamma" + i: np.ones(size), "beta" + i: np.zeros(size)}
        params |= {"mean" + i: np.zeros(size), "var" + i: np.full(size, 0.99999)}
    want = np.array([[[[103.0, 417.0]], [[1.0, 4.0]]]])
    expect(preact_block_forward, x, params, stride=2, training=False).close(want)
with check("training: both normalizations use the batch's statistics, with eps; the given ones are not looked at"):
    x = np.array([[[[0.01, 0.05]]], [[[-0.02, 0.0]]]])
    params = {"w1": np.zeros((1, 1, 3, 3)), "w2": np.zeros((1, 1, 3, 3))}
    params["w1"][0, 0, 1, 1], params["w2"][0, 0, 1, 1] = 0.01, -0.5  # each pixel by itself
    params |= {"gamma1": np.array([0.5]), "beta1": np.array([0.1]), "mean1": np.array([7.0]), "var1": np.array([9.0])}
    params |= {"gamma2": np.array([2.0]), "beta2": np.array([1.0]), "mean2": np.array([3.0]), "var2": np.array([4.0])}
    h = 0.01 * np.maximum(0.5 * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + 0.1, 0)
    h = -0.5 * np.maximum(2 * (h - h.mean()) / np.sqrt(h.var() + 1e-5) + 1, 0)
    expect(preact_block_forward, x, params).close(x + h)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("without ws: other sizes and channels, in both modes"):
    rng = np.random.default_rng(1)
    for N, C, H, W in [(3, 2, 5, 4), (1, 4, 3, 3), (2, 3, 2, 2), (2, 1, 1, 4)]:
        x = rng.normal(0.5, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 0.5, (C, C, 3, 3)), "w2": rng.normal(0, 0.5, (C, C, 3, 3))}
        for i in "12":
            params |= {"gamma" + i: rng.normal(0, 1, C), "beta" + i: rng.normal(0, 1, C)}
            params |= {"mean" + i: rng.normal(0, 1, C), "var" + i: rng.uniform(0.5, 2, C)}
        for training in (True, False):
            want = reference.preact_block_forward(x, params, 1, training)
            expect(preact_block_forward, x, params, training=training).close(want)
with check("with ws: other sizes, channels and strides, in both modes; also where no projection would be needed"):
    rng = np.random.default_rng(2)
    for (N, C, H, W), F, stride in [
        ((2, 3, 4, 5), 4, 2), ((1, 2, 7, 6), 3, 3), ((2, 2, 3, 3), 2, 1), ((3, 1, 4, 1), 2, 2),
    ]:  # fmt: skip
        x = rng.normal(0.5, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 0.5, (F, C, 3, 3)), "w2": rng.normal(0, 0.5, (F, F, 3, 3))}
        params["ws"] = rng.normal(0, 1, (F, C, 1, 1))
        for i, size in [("1", C), ("2", F)]:
            params |= {"gamma" + i: rng.normal(0, 1, size), "beta" + i: rng.normal(0, 1, size)}
            params |= {"mean" + i: rng.normal(0, 1, size), "var" + i: rng.uniform(0.5, 2, size)}
        for training in (True, False):
            want = reference.preact_block_forward(x, params, stride, training)
            expect(preact_block_forward, x, params, stride=stride, training=training).close(want)
with check("where the branch is 0.5 everywhere, out is x + 0.5, negative numbers too"):
    rng = np.random.default_rng(3)
    x = rng.normal(0, 2, (2, 3, 3, 4))
    params = {"w1": rng.normal(0, 1, (3, 3, 3, 3)), "w2": np.zeros((3, 3, 3, 3))}
    params["w2"][:, :, 1, 1] = 0.5 * np.eye(3)
    for i in "12":
        params |= {"gamma" + i: rng.normal(0, 1, 3), "beta" + i: np.ones(3)}
        params |= {"mean" + i: rng.normal(0, 1, 3), "var" + i: rng.uniform(0.5, 2, 3)}
    params["gamma2"] = np.zeros(3)
    for training in (True, False):
        expect(preact_block_forward, x, params, training=training).close(x + 0.5)
with check("float32 stays float32, in both modes"):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 1, (2, 3, 4, 4)).astype(np.float32)
    params = {"w1": rng.normal(0, 1, (3, 3, 3, 3)), "w2": rng.normal(0, 1, (3, 3, 3, 3))}
    for i in "12":
        params |= {"gamma" + i: rng.uniform(0.5, 1, 3), "beta" + i: rng.normal(0, 1, 3)}
        params |= {"mean" + i: rng.normal(0, 1, 3), "var" + i: rng.uniform(0.5, 2, 3)}
    params = {key: value.astype(np.float32) for key, value in params.items()}
    projected = params | {"ws": rng.normal(0, 1, (3, 3, 1, 1)).astype(np.float32)}
    for given, stride in [(projected, 2), (params, 1)]:
        for training in (True, False):
            want = reference.preact_block_forward(x, given, stride, training)
            result = expect(preact_block_forward, x, given, stride=stride, training=training)
            result.close(want, rtol=1e-3, atol=1e-4).dtype(np.float32)
with check("integers in x; neither x nor a parameter is changed"):
    rng = np.random.default_rng(5)
    whole = rng.integers(-4, 5, (2, 2, 3, 4))
    params = {"w1": rng.normal(0, 1, (2, 2, 3, 3)), "w2": rng.normal(0, 1, (2, 2, 3, 3))}
    for i in "12":
        params |= {"gamma" + i: rng.normal(0, 1, 2), "beta" + i: rng.normal(0, 1, 2)}
        params |= {"mean" + i: rng.normal(0, 1, 2), "var" + i: rng.uniform(0.5, 2, 2)}
    for training in (True, False):
        want = reference.preact_block_forward(1.0 * whole, params, training=training)
        for x in (1.0 * whole, whole):
            expect(preact_block_forward, x, params, training=training).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the end of the stream
"""

# %% role="question" id="res_preact_last_norm" points=1

# %% [markdown]
r"""
### The ResNeXt block ★★★ · 20 min

A bottleneck can be made wider or the net deeper. ResNeXt turns a third knob: it replaces the branch by many small
branches of the same form, and adds up what they say. How many there are is called the **cardinality**, here G.

**Given** `x` of shape `(N, C, H, W)`, `params` and `cardinality`, **return** out of the same shape, `(N, C, H, W)`:

$$ \text{out} = \mathrm{relu}\Bigl(x + \sum_{g=0}^{G-1} T_g(x)\Bigr), \qquad
T_g(x) = W_3^{(g)} \ast \mathrm{relu}\bigl(W_2^{(g)} \ast \mathrm{relu}(W_1^{(g)} \ast x)\bigr) $$

where $\ast$ is a convolution with stride 1, and each path has d = D / G channels inside: split, transform, merge.

| key in `params` | shape | path g has | what it is |
|---|---|---|---|
| `w1` | `(D, C, 1, 1)` | the filters g·d … g·d + d − 1 | 1×1, no padding |
| `w2` | `(D, d, 3, 3)` | the filters g·d … g·d + d − 1 | 3×3, padding 1 |
| `w3` | `(C, D, 1, 1)` | the input channels g·d … g·d + d − 1 of every filter | 1×1, no padding |

The same numbers come out of three convolutions in a row:

$$ \text{out} = \mathrm{relu}\bigl(x + w_3 \ast \mathrm{relu}(w_2 \ast_G \mathrm{relu}(w_1 \ast x))\bigr) $$

where $\ast_G$ is a convolution with G groups: filter number i sees only the d channels of its own group, number i // d.
Write whichever form you like. One of the checks writes out the sum of paths in plain code and compares.

There is no normalization here and no bias. A ReLU follows w1, w2 and the sum, nothing else. `cardinality` divides D;
with 1 the block is an ordinary bottleneck, with D every channel of the 3×3 convolution is alone. `conv` of the given
code takes `groups`, and returns its result and a cache.

There is no backward here, so out comes alone, without a cache. If all that is given is float32, so is out; integers in
x give the right values; no argument is changed.

*Worked number.* One pixel with C = 2 channels, x = [1, −2], D = 4 and G = 2, so d = 2. w1 has the rows [1, 0],
[0, −1], [1, 1] and [−1, −1]: it gives [1, 2, −1, 1], after the ReLU [1, 2, 0, 1]. On one pixel only the middles of w2's
kernels count: [1, 1], [1, −1], [1, 2] and [0, 3]. The first two read [1, 2], the others [0, 1]: [3, −1, 2, 3], after
the ReLU [3, 0, 2, 3]. w3 has the rows [1, 0, −1, 0] and [0, 1, 1, −1], so path 0 gives [3, 0] and path 1 gives
[−2, −1]. x plus both is [2, −3], and out = [2, 0].

**What the interviewer is after**: why are the two forms equal? A 1×1 convolution on channels put side by side is a sum
over the groups of what it does to each. **Follow-ups**: with C = 256, compare the weights of G = 32 and D = 128
(256·128 + 128·4·9 + 128·256 = 70,144) with a plain bottleneck's of width 64 (69,632): what did the groups pay for?
Inception also splits and merges: how does it differ? Why is a grouped convolution often slower than its count of
multiplications promises? What are the paths when G = D, and which other architecture is built on that?

<details><summary>Hint 1</summary>The grouped form is three lines and the sum. Look at the last argument of the given
convolution, and at what it expects of the shape of w.</details>
<details><summary>Hint 2</summary>The other form: for path g, take the slice g·d to (g + 1)·d. On which axis it is taken
differs: the filters stand on axis 0 of w1 and w2, the channels that w3 reads on its axis 1.</details>
<details><summary>Hint 3</summary>A path ends with its 1×1 convolution: no ReLU before the paths are added. x is added
once, not once per path, and the last ReLU comes after everything.</details>
"""

# %% role="solve" id="resnext_block"
from dlkit.reference.resnet import resnext_block

# %% role="check" id="resnext_block-check" points=6
with check("one pixel, two paths, worked by hand"):
    x = np.array([1.0, -2.0]).reshape(1, 2, 1, 1)
    params = {"w1": np.array([[1.0, 0], [0, -1], [1, 1], [-1, -1]]).reshape(4, 2, 1, 1), "w2": np.ones((4, 2, 3, 3))}
    params["w2"][:, :, 1, 1] = [[1, 1], [1, -1], [1, 2], [0, 3]]
    params["w3"] = np.array([[1.0, 0, -1, 0], [0, 1, 1, -1]]).reshape(2, 4, 1, 1)
    expect(resnext_block, x, params, 2).close(np.array([2.0, 0.0]).reshape(1, 2, 1, 1))
with check("equals split, transform, merge: the sum of the paths, written out"):
    rng = np.random.default_rng(0)
    N, C, D, G, H, W = 2, 3, 6, 3, 4, 5
    x, d = rng.normal(0, 1, (N, C, H, W)), D // G
    w1, w2, w3 = rng.normal(0, 1, (D, C, 1, 1)), rng.normal(0, 0.5, (D, d, 3, 3)), rng.normal(0, 0.5, (C, D, 1, 1))
    total = np.zeros((N, C, H, W))
    for g in range(G):
        own = slice(g * d, (g + 1) * d)
        h = np.maximum(np.einsum("nchw,dc->ndhw", x, w1[own, :, 0, 0]), 0)  # split
        padded, h = np.pad(h, ((0, 0), (0, 0), (1, 1), (1, 1))), 0.0
        for i in range(3):
            for j in range(3):
                h = h + np.einsum("nchw,dc->ndhw", padded[:, :, i : i + H, j : j + W], w2[own, :, i, j])  # transform
        total = total + np.einsum("ndhw,cd->nchw", np.maximum(h, 0), w3[:, own, 0, 0])  # merge
    expect(resnext_block, x, {"w1": w1, "w2": w2, "w3": w3}, G).close(np.maximum(x + total, 0))
with check("a row of three pixels: neighbours count, zeros stand around the image, ReLU after w1, w2 and the sum"):
    x = np.array([[[[1.0, 2.0, 5.0]], [[-1.0, 0.0, 2.0]]]])
    params = {"w1": np.eye(2).reshape(2, 2, 1, 1), "w2": np.zeros((2, 1, 3, 3)), "w3": np.eye(2).reshape(2, 2, 1, 1)}
    params["w2"][0, 0, 1], params["w2"][1, 0, 1] = [1, 1, -1], [2, 0, 1]
    want = np.array([[[[1.0, 2.0, 12.0]], [[0.0, 2.0, 2.0]]]])  # the paths give [0, 0, 7] and [0, 2, 0]
    expect(resnext_block, x, params, 2).close(want)
with check("w3 = 0: the block is relu(x), whatever the cardinality"):
    x = np.array([[[[1.0, -2.0]], [[-3.0, 4.0]]]])
    for cardinality in (1, 2, 4):
        params = {"w1": np.ones((4, 2, 1, 1)), "w2": np.ones((4, 4 // cardinality, 3, 3)), "w3": np.zeros((2, 4, 1, 1))}
        want = np.array([[[[1.0, 0.0]], [[0.0, 4.0]]]])
        expect(resnext_block, x, params, cardinality).close(want)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("cardinality 1: an ordinary bottleneck"):
    rng = np.random.default_rng(1)
    for N, C, D, H, W in [(2, 3, 4, 3, 5), (1, 2, 1, 4, 2), (3, 4, 2, 1, 3)]:
        x = rng.normal(0, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 1, (D, C, 1, 1)), "w2": rng.normal(0, 0.5, (D, D, 3, 3))}
        params["w3"] = rng.normal(0, 1, (C, D, 1, 1))
        expect(resnext_block, x, params, 1).close(reference.resnext_block(x, params, 1))
with check("cardinality D: every channel alone in its 3×3 convolution"):
    rng = np.random.default_rng(2)
    for N, C, D, H, W in [(2, 3, 4, 3, 5), (1, 5, 3, 4, 2), (2, 2, 8, 2, 2)]:
        x = rng.normal(0, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 1, (D, C, 1, 1)), "w2": rng.normal(0, 0.7, (D, 1, 3, 3))}
        params["w3"] = rng.normal(0, 1, (C, D, 1, 1))
        expect(resnext_block, x, params, D).close(reference.resnext_block(x, params, D))
with check("other cardinalities, widths and sizes; also 1×1 images, and as many paths as channels in each"):
    rng = np.random.default_rng(3)
    for (N, C, H, W), D, G in [
        ((2, 3, 4, 3), 8, 2), ((1, 2, 3, 3), 9, 3), ((3, 4, 1, 1), 6, 2), ((2, 5, 2, 4), 12, 3), ((1, 1, 3, 2), 8, 4),
    ]:  # fmt: skip
        x = rng.normal(0, 1, (N, C, H, W))
        params = {"w1": rng.normal(0, 1, (D, C, 1, 1)), "w2": rng.normal(0, 0.5, (D, D // G, 3, 3))}
        params["w3"] = rng.normal(0, 1, (C, D, 1, 1))
        expect(resnext_block, x, params, G).close(reference.resnext_block(x, params, G))
with check("float32 stays float32"):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 1, (2, 3, 4, 4)).astype(np.float32)
    params = {"w1": rng.normal(0, 1, (6, 3, 1, 1)), "w2": rng.normal(0, 1, (6, 2, 3, 3))}
    params["w3"] = rng.normal(0, 1, (3, 6, 1, 1))
    params = {key: value.astype(np.float32) for key, value in params.items()}
    want = reference.resnext_block(x, params, 3)
    expect(resnext_block, x, params, 3).close(want, rtol=1e-4, atol=1e-4).dtype(np.float32)
with check("integers in x; neither x nor a parameter is changed"):
    rng = np.random.default_rng(5)
    whole = rng.integers(-4, 5, (2, 2, 3, 4))
    params = {"w1": rng.normal(0, 1, (4, 2, 1, 1)), "w2": rng.normal(0, 1, (4, 2, 3, 3))}
    params["w3"] = rng.normal(0, 1, (2, 4, 1, 1))
    want = reference.resnext_block(1.0 * whole, params, 2)
    for x in (1.0 * whole, whole):
        expect(resnext_block, x, params, 2).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: three ways to write 32 branches
"""

# %% role="question" id="resnext_same_function" points=1

# %% [markdown]
r"""
## Inception

A residual block has one branch and its input. The networks of 2014 and 2015 asked another question: why choose a kernel
size at all? An Inception module runs several and lets the next layer pick.

### The Inception module ★★ · 20 min

**Given** images `x` of shape `(N, C, H, W)` and a dictionary `params`, **return** an array of shape
`(N, F1 + F3 + F5 + FP, H, W)`. Four branches read the same x, and their channels are put side by side, in this order:

1. a 1×1 convolution;
2. a 1×1 convolution to fewer channels, then a 3×3 one;
3. a 1×1 convolution to fewer channels, then a 5×5 one;
4. 3×3 max pooling, then a 1×1 convolution.

Each of the six convolutions adds a bias, one number for each filter, and is followed by a ReLU: also those to fewer
channels, and also the last of each branch. With $r_s$ for convolution, bias and ReLU with the parameters of suffix s:

$$ r_s(x) = \max\bigl(0,\; \mathrm{conv}(x, w_s) + b_s\bigr), \qquad
\mathrm{out} = \bigl[\, r_1(x),\; r_3(r_{3r}(x)),\; r_5(r_{5r}(x)),\; r_p(\mathrm{pool}(x)) \,\bigr] $$

| suffix s | `"w" + s` | `"b" + s` | what it is |
|---|---|---|---|
| `1` | `(F1, C, 1, 1)` | `(F1,)` | the first branch |
| `3r` | `(R3, C, 1, 1)` | `(R3,)` | reduces before the 3×3 |
| `3` | `(F3, R3, 3, 3)` | `(F3,)` | the 3×3 |
| `5r` | `(R5, C, 1, 1)` | `(R5,)` | reduces before the 5×5 |
| `5` | `(F5, R5, 5, 5)` | `(F5,)` | the 5×5 |
| `p` | `(FP, C, 1, 1)` | `(FP,)` | after the pooling |

All strides are 1, the pooling's too, and padding keeps H and W: 1 for 3×3, 2 for 5×5, 1 for the pooling. Convolutions
pad with zeros. The pooling pads with −∞, so that padding never wins: at the border it takes the largest of the pixels
that exist. H and W may be as small as 1.

If x and all parameters are float32, so is the result. Integers in x give the right values. Neither x nor the
parameters are changed. The given `conv` has no bias; you may call it or write your own.

*Worked number.* One channel, x = [[−1, −2], [−3, −4]], and F1 = R3 = F3 = R5 = F5 = FP = 1. Take w1 = −1, b1 = −1;
w3r = −1, b3r = −2, w3 all 1, b3 = 0.5; w5r = 1, b5r = 3, w5 all 0.5, b5 = 1; wp = −2, bp = 1. The four channels are
[[0, 1], [2, 3]], then 3.5 four times, 2.5 four times, 3 four times. In the last, the pooling gives −1 everywhere; with
zeros around the image it would give 0, and the channel would be 1.

*What the reductions save.* In the first module of GoogLeNet 192 channels of 28×28 reach the 5×5 branch with R5 = 16 and
F5 = 32. That costs 192 · 16 + 16 · 32 · 25 = 15,872 multiplications a pixel; a 5×5 convolution straight from 192
channels costs 153,600, nearly ten times as many.

**What the interviewer is after**: what the 1×1 convolutions are for, and can you put their price in numbers?
**Follow-ups**: what does the ReLU after a reduction add, other than cost? Why does the pooling branch need a 1×1
convolution, or: what would happen to the number of channels from module to module without it? The Inception-v3 paper
replaces the 5×5: by what, and what is gained? How did later networks choose between adding branches and
putting them side by side?

<details><summary>Hint 1</summary>Write one helper for "convolution, bias, ReLU" that takes a suffix. The padding that
keeps H and W follows from the kernel: <code>w.shape[2] // 2</code>. A bias of shape <code>(F,)</code> meets
<code>(N, F, H, W)</code> as <code>b[:, None, None]</code>.</details>
<details><summary>Hint 2</summary>Pad x by one pixel of <code>-np.inf</code> on each side of H and W
(<code>np.pad(…, constant_values=-np.inf)</code>; an integer array cannot hold it, so make x float first). The nine
shifted H × W cuts of the padded array hold each pixel's neighbours.</details>
<details><summary>Hint 3</summary>The largest of the nine cuts is the pooled image. Last,
<code>np.concatenate(branches, axis=1)</code>: channels are axis 1.</details>
"""

# %% role="solve" id="inception_v1"
from dlkit.reference.resnet import inception_v1

# %% role="check" id="inception_v1-check" points=4
with check("a 2 × 2 image worked by hand"):
    x, one = np.array([[[[-1.0, -2.0], [-3.0, -4.0]]]]), np.ones((1, 1, 1, 1))
    params = {
        "w1": -one, "b1": np.array([-1.0]), "w3r": -one, "b3r": np.array([-2.0]),
        "w3": np.ones((1, 1, 3, 3)), "b3": np.array([0.5]), "w5r": one, "b5r": np.array([3.0]),
        "w5": np.full((1, 1, 5, 5), 0.5), "b5": np.array([1.0]), "wp": -2 * one, "bp": np.array([1.0]),
    }  # fmt: skip
    channels = [[[0.0, 1.0], [2.0, 3.0]], np.full((2, 2), 3.5), np.full((2, 2), 2.5), np.full((2, 2), 3.0)]
    expect(inception_v1, x, params).close(np.array([channels]))
with check("the order of the branches: 1×1, 3×3, 5×5, pooling, each with its own number of channels"):
    x, zeros = np.zeros((2, 1, 3, 2)), np.zeros
    params = {
        "w1": zeros((1, 1, 1, 1)), "b1": np.array([1.0]), "w3r": zeros((1, 1, 1, 1)), "b3r": np.array([0.0]),
        "w3": zeros((2, 1, 3, 3)), "b3": np.array([2.0, 3.0]), "w5r": zeros((1, 1, 1, 1)), "b5r": np.array([0.0]),
        "w5": zeros((1, 1, 5, 5)), "b5": np.array([4.0]), "wp": zeros((3, 1, 1, 1)), "bp": np.array([5.0, 6.0, 7.0]),
    }  # fmt: skip
    expect(inception_v1, x, params).close(np.ones((2, 7, 3, 2)) * np.arange(1.0, 8.0)[:, None, None])
with check("an image far below zero: the pooling's padding never wins"):
    x, one = -np.array([[[[3.0, 9.0, 4.0], [5.0, 8.0, 6.0]]]]), np.ones((1, 1, 1, 1))
    w3, w5 = np.zeros((1, 1, 3, 3)), np.zeros((1, 1, 5, 5))
    w3[0, 0, 1, 1] = w5[0, 0, 2, 2] = 1.0  # both hand on the pixel itself
    params = {"w1": -one, "w3r": -one, "w3": w3, "w5r": -one, "w5": w5, "wp": -one}
    params |= {"b" + key: np.zeros(1) for key in ("1", "3r", "3", "5r", "5", "p")}
    pooled = -np.array([[[[3.0, 3.0, 4.0], [3.0, 3.0, 4.0]]]])
    expect(inception_v1, x, params).close(np.concatenate([-x, -x, -x, -pooled], axis=1))
with check("one pixel: each branch is a small dense network, with a ReLU after every layer"):
    rng = np.random.default_rng(0)
    x, C, F1, R3, F3, R5, F5, FP = rng.normal(0, 1, (6, 3, 1, 1)), 3, 2, 4, 3, 2, 5, 4
    sizes = {"1": (F1, C, 1), "3r": (R3, C, 1), "3": (F3, R3, 3), "5r": (R5, C, 1), "5": (F5, R5, 5), "p": (FP, C, 1)}
    params = {"w" + key: rng.normal(0, 1, (f, c, k, k)) for key, (f, c, k) in sizes.items()}
    params |= {"b" + key: rng.normal(0, 0.5, f) for key, (f, _, _) in sizes.items()}

    def dense(v, key, params=params):
        w = params["w" + key]
        return np.maximum(v @ w[:, :, w.shape[2] // 2, w.shape[2] // 2].T + params["b" + key], 0)

    v = x[:, :, 0, 0]
    branches = [dense(v, "1"), dense(dense(v, "3r"), "3"), dense(dense(v, "5r"), "5"), dense(v, "p")]
    expect(inception_v1, x, params).close(np.concatenate(branches, axis=1)[:, :, None, None])
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("random images, high and wide and one row high, and random numbers of filters"):
    rng = np.random.default_rng(1)
    cases = [((2, 3, 5, 4), 2, 2, 3, 1, 2, 2), ((1, 2, 3, 7), 1, 3, 1, 2, 1, 4), ((3, 4, 1, 5), 2, 2, 2, 2, 2, 2)]
    for (N, C, H, W), F1, R3, F3, R5, F5, FP in cases:
        sizes = {"1": (F1, C, 1), "3r": (R3, C, 1), "3": (F3, R3, 3), "5r": (R5, C, 1), "5": (F5, R5, 5)}
        sizes["p"] = (FP, C, 1)
        params = {"w" + key: rng.normal(0, 0.5, (f, c, k, k)) for key, (f, c, k) in sizes.items()}
        params |= {"b" + key: rng.normal(0.3, 0.5, f) for key, (f, _, _) in sizes.items()}
        x = rng.normal(-0.5, 1, (N, C, H, W))
        expect(inception_v1, x, params).close(reference.inception_v1(x, params))
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    sizes = {"1": (2, 3, 1), "3r": (2, 3, 1), "3": (3, 2, 3), "5r": (1, 3, 1), "5": (2, 1, 5), "p": (2, 3, 1)}
    params = {"w" + key: rng.normal(0, 0.5, (f, c, k, k)).astype(np.float32) for key, (f, c, k) in sizes.items()}
    params |= {"b" + key: rng.normal(0.3, 0.5, f).astype(np.float32) for key, (f, _, _) in sizes.items()}
    x = rng.normal(-0.5, 1, (2, 3, 4, 3)).astype(np.float32)
    want = reference.inception_v1(x, params)
    expect(inception_v1, x, params).close(want, rtol=1e-5, atol=1e-5).dtype(np.float32)
with check("integers in x give the right values, and neither x nor the parameters are changed"):
    rng = np.random.default_rng(3)
    sizes = {"1": (2, 2, 1), "3r": (2, 2, 1), "3": (1, 2, 3), "5r": (2, 2, 1), "5": (2, 2, 5), "p": (1, 2, 1)}
    params = {"w" + key: rng.normal(0, 0.5, (f, c, k, k)) for key, (f, c, k) in sizes.items()}
    params |= {"b" + key: rng.normal(0.3, 0.5, f) for key, (f, _, _) in sizes.items()}
    x = rng.integers(-6, 3, (2, 2, 3, 4))
    for data in (1.0 * x, x):
        expect(inception_v1, data, params).close(reference.inception_v1(x, params)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### What a factorized convolution costs ★★ · 6 min

A large kernel can be replaced by several small ones, one after the other, that together see as far. **Given** an odd
integer `k` ≥ 3, **return** the tuple `(one, stack, pair)` of three integers: the weights of three ways to see a k × k
square, counted for each pair of an input channel and an output channel.

- `one`: a single k×k convolution.
- `stack`: 3×3 convolutions on top of each other. The first sees 3 pixels in each direction, and every further one
  widens that by 2.
- `pair`: a 1×k convolution, then a k×1 one.

$$ \mathrm{one} = k^2, \qquad \mathrm{stack} = 9 \cdot \frac{k - 1}{2}, \qquad \mathrm{pair} = 2k $$

There are as many channels in between as at the ends, so that with C channels each number is to be multiplied by C².
Biases are not counted. If k is even, raise `ValueError`: stacked 3×3 convolutions see odd squares only. The three
results are whole numbers of an integer type, not 18.0.

*Worked number.* k = 5: (25, 18, 10). So two 3×3 layers save 28 % of a 5×5. At k = 7, VGG's argument, it is
(49, 27, 14).

**What the interviewer is after**: count a receptive field without hesitation, and say what is gained besides weights.
**Follow-ups**: which of the three can represent every k×k filter, and which cannot? (Which matrices are the product of
a column and a row?) How many ReLUs does each have? Why does Inception-v3 use 1×7 and 7×1 on maps of 17×17, and not in
its first layers? For which k is the stack no cheaper than one k×k?

<details><summary>Hint 1</summary>How many 3×3 convolutions see 5×5? How many 7×7? Each has 9 weights per pair of
channels, whatever came before it.</details>
<details><summary>Hint 2</summary>k − 1 is even for every k that passes the test, so <code>//</code> loses nothing, and
keeps the type.</details>
"""

# %% role="solve" id="factorized_cost"
from dlkit.reference.resnet import factorized_cost

# %% role="check" id="factorized_cost-check" points=4
with check("k = 5: one 5×5, two 3×3, and 1×5 with 5×1"):
    expect(factorized_cost, 5).close((25, 18, 10))
with check("k = 3: a single 3×3 is its own stack"):
    expect(factorized_cost, 3).close((9, 9, 6))
with check("k even: ValueError; its odd neighbours are fine"):
    expect(factorized_cost, 7).close((49, 27, 14))
    for k in (4, 6, 8):
        expect(factorized_cost, k).raises(ValueError)
### BEGIN HIDDEN TESTS
with check("k = 7 to 101"):
    for k, want in [(9, (81, 36, 18)), (11, (121, 45, 22)), (31, (961, 135, 62)), (101, (10201, 450, 202))]:
        expect(factorized_cost, k).close(want)
with check("all three are of an integer type"):
    for k, want in [(3, (9, 9, 6)), (5, (25, 18, 10)), (13, (169, 54, 26))]:
        whole = expect(factorized_cost, k).close(want)
        whole.satisfies(lambda costs: all(np.asarray(cost).dtype.kind in "iu" for cost in costs), "three integers")
with check("k = 2 and k = 100: ValueError; k = 99 is fine"):
    expect(factorized_cost, 99).close((9801, 441, 198))
    for k in (2, 100):
        expect(factorized_cost, k).raises(ValueError)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a 1×1 in front
"""

# %% role="question" id="inception_reduction_factor" points=1

# %% [markdown]
r"""
## DenseNet

A residual block adds what it has learnt to its input. A dense block keeps both apart: nothing is added, everything is
kept, and each layer reads all that came before.

### The dense block ★★ · 12 min

**Given** images `x` of shape `(N, C, H, W)` and a list `layers`, one dictionary for each layer, **return** an array of
shape `(N, C + L · growth, H, W)` for L layers. Each layer reads *all* feature maps so far, x among them, makes `growth`
new ones, and appends them:

$$ x_{i+1} = \bigl[\, x_i,\; \mathrm{conv}\bigl(\mathrm{relu}(\mathrm{bn}(x_i))\bigr) \,\bigr], \qquad x_0 = x $$

The brackets put channels side by side, the old ones first. Layer i, the first being 0, reads $C_i = C + i \cdot$ growth
channels. Its dictionary has `gamma` and `beta` of shape $(C_i,)$ and `w` of shape (growth, $C_i$, 3, 3). The
convolution has padding 1, stride 1 and no bias.

Note the order: normalization and ReLU come *before* the convolution. Batch normalization is in training mode: for each
channel the mean and the biased variance over the whole batch, eps 1e-5 inside the root. What is appended is what the
convolution gives, with no normalization or ReLU after it, and the old maps come out exactly as they came in.

No layers give x. A channel that is constant over the batch is normalized to β, without a warning. If all arrays are
float32, so is the result; integers in x give the right values; neither x nor the layers are changed. The given
`batchnorm` and `conv` are yours to call.

*Worked number.* One image of one channel and one row, x = [1000, 3000], and one layer with γ = 2, β = 1 and a kernel
whose middle row is [0.5, 1, 2], 0 elsewhere. Normalized, x is [−1, 1]; scaled and shifted [−1, 3]; after the ReLU
[0, 3]. The convolution gives [6, 3], so the output has the channels [1000, 3000] and [6, 3].

**What the interviewer is after**: concatenation instead of addition, and what that does to the channel count.
**Follow-ups**: how many weights have the 3×3 convolutions of L layers together, and how does that grow with L? Why is a
growth of 12 or 32 enough where ResNet needs hundreds of channels? A plain implementation keeps memory that grows with
L²: where, and how would you avoid it? Why does every layer need a batch normalization of its own, although the old maps
have been normalized before?

<details><summary>Hint 1</summary>One loop. The variable that holds all maps so far is what every layer reads and what
its new maps are appended to.</details>
<details><summary>Hint 2</summary><code>batchnorm</code> and <code>conv</code> both return a pair of an array and a
cache: take the first.</details>
<details><summary>Hint 3</summary>In each turn: <code>h</code> is the normalized x, <code>new</code> the convolution of
<code>np.maximum(h, 0)</code> with padding 1, and x becomes the concatenation of x and new along axis 1.</details>
"""

# %% role="solve" id="dense_block"
from dlkit.reference.resnet import dense_block

# %% role="check" id="dense_block-check" points=4
with check("one layer worked by hand"):
    w = np.zeros((1, 1, 3, 3))
    w[0, 0, 1] = [0.5, 1.0, 2.0]
    layer = {"gamma": np.array([2.0]), "beta": np.array([1.0]), "w": w}
    expect(dense_block, np.array([[[[1000.0, 3000.0]]]]), [layer]).close([[[[1000.0, 3000.0]], [[6.0, 3.0]]]])
with check("the old maps come first and stay as they are; each of three layers appends two"):
    x = np.arange(2 * 3 * 2 * 4.0).reshape(2, 3, 2, 4) - 20
    layers = [{"gamma": np.ones(C), "beta": np.zeros(C), "w": np.zeros((2, C, 3, 3))} for C in (3, 5, 7)]
    expect(dense_block, x, layers).close(np.concatenate([x, np.zeros((2, 6, 2, 4))], axis=1))
with check("two layers on single pixels: the second reads x and what the first has made"):
    rng = np.random.default_rng(0)
    x, layers = rng.normal(1, 2, (5, 2, 1, 1)), []
    for C in (2, 3):  # growth 1
        layers.append(
            {"gamma": rng.normal(1, 0.5, C), "beta": rng.normal(0, 1, C), "w": rng.normal(0, 1, (1, C, 3, 3))}
        )
    maps = x[:, :, 0, 0]
    for layer in layers:
        h = layer["gamma"] * (maps - maps.mean(axis=0)) / np.sqrt(maps.var(axis=0) + 1e-5) + layer["beta"]
        maps = np.concatenate([maps, np.maximum(h, 0) @ layer["w"][:, :, 1, 1].T], axis=1)
    expect(dense_block, x, layers).close(maps[:, :, None, None])
with check("no layers give x; one layer of growth 3 makes 2 channels 5"):
    x = np.array([[[[2.0, 2.0], [2.0, 2.0]], [[7.0, 7.0], [7.0, 7.0]]]])  # constant: normalized to beta
    expect(dense_block, x, []).close(x)
    w = np.zeros((3, 2, 3, 3))
    w[:, 0, 1, 1], w[:, 1, 1, 1] = [1.0, 2.0, 3.0], [10.0, 20.0, 30.0]
    layer = {"gamma": np.array([1.0, 1.0]), "beta": np.array([4.0, -1.0]), "w": w}
    out = np.ones((1, 5, 2, 2)) * np.array([2.0, 7.0, 4.0, 8.0, 12.0])[:, None, None]
    expect(dense_block, x, [layer]).close(out)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("random batches, sizes, growths and numbers of layers"):
    rng = np.random.default_rng(1)
    for (N, C, H, W), growth, L in [
        ((2, 3, 4, 5), 2, 3),
        ((3, 1, 5, 2), 1, 4),
        ((1, 4, 3, 3), 4, 2),
        ((2, 2, 1, 6), 3, 1),
    ]:
        layers = []
        for i in range(L):
            c = C + i * growth
            w = rng.normal(0, 0.5, (growth, c, 3, 3))
            layers.append({"gamma": rng.normal(1, 0.5, c), "beta": rng.normal(0, 0.5, c), "w": w})
        x = rng.normal(1, 2, (N, C, H, W))
        expect(dense_block, x, layers).close(reference.dense_block(x, layers))
with check("the statistics are those of the whole batch: two images of different brightness"):
    rng = np.random.default_rng(2)
    x = rng.normal(0, 1, (2, 2, 3, 3)) + np.array([-5.0, 5.0])[:, None, None, None]
    w = rng.normal(0, 1, (2, 2, 3, 3))
    layers = [{"gamma": np.array([1.0, 2.0]), "beta": np.array([0.5, 0.0]), "w": w}]
    expect(dense_block, x, layers).close(reference.dense_block(x, layers))
with check("a channel that is constant over the batch: finite, and without a warning"):
    rng = np.random.default_rng(3)
    x = np.concatenate([np.full((2, 1, 3, 3), 4.0), rng.normal(0, 1, (2, 1, 3, 3))], axis=1)
    layers = [{"gamma": np.ones(c), "beta": np.full(c, 0.5), "w": rng.normal(0, 1, (1, c, 3, 3))} for c in (2, 3)]
    expect(dense_block, x, layers).close(reference.dense_block(x, layers)).no_warning()
with check("float32 stays float32"):
    rng = np.random.default_rng(4)
    x, layers = rng.normal(0, 1, (2, 2, 4, 3)).astype(np.float32), []
    for c in (2, 4):
        arrays = {"gamma": rng.normal(1, 0.5, c), "beta": rng.normal(0, 0.5, c), "w": rng.normal(0, 0.3, (2, c, 3, 3))}
        layers.append({key: value.astype(np.float32) for key, value in arrays.items()})
    want = reference.dense_block(x.astype(np.float64), layers)
    expect(dense_block, x, layers).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x give the right values, and neither x nor the layers are changed"):
    rng = np.random.default_rng(5)
    x, layers = rng.integers(-5, 6, (2, 2, 3, 4)), []
    for c in (2, 3):
        w = rng.normal(0, 0.5, (1, c, 3, 3))
        layers.append({"gamma": rng.normal(1, 0.5, c), "beta": rng.normal(0, 0.5, c), "w": w})
    for data in (1.0 * x, x):
        expect(dense_block, data, layers).close(reference.dense_block(1.0 * x, layers)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the price of keeping everything
"""

# %% role="question" id="dense_concat_memory" points=1

# %% [markdown]
r"""
### The transition ★★ · 10 min

Dense blocks only ever add channels, and they cannot change H and W, since maps of different sizes do not lie side by
side. What stands between two blocks does both. **Given** images `x` of shape `(N, C, H, W)` and a dictionary `params`
with `gamma` and `beta` of shape `(C,)` and `w` of shape `(C', C, 1, 1)`, **return** an array of shape
`(N, C', H // 2, W // 2)`. In this order:

1. batch normalization in training mode: for each channel the mean and the biased variance over the whole batch, eps
   1e-5 inside the root;
2. ReLU;
3. the 1×1 convolution by `w`, with no bias;
4. the mean of each 2×2 square.

$$ a = \mathrm{conv}\bigl(\mathrm{relu}(\mathrm{bn}(x))\bigr), \qquad
\mathrm{out}_{ncij} = \tfrac14 \bigl( a_{nc,\,2i,\,2j} + a_{nc,\,2i,\,2j+1} + a_{nc,\,2i+1,\,2j} + a_{nc,\,2i+1,\,2j+1}
\bigr) $$

The squares lie side by side and begin at the top left. If H or W is odd, the last row or column is in no square. It
still counts in the mean and the variance of step 1. H and W are at least 2.

C' may be any number ≥ 1; DenseNet takes C/2. If all arrays are float32, so is the result; integers in x give the right
values; neither x nor the parameters are changed.

*Worked number.* One image with the channels [[1000, 3000], [1000, 3000]] and [[5000, 5000], [1000, 1000]], γ = [2, −1],
β = [1, 3]. Normalized, every number is −1 or 1. After scale, shift and ReLU the channels are [[0, 3], [0, 3]] and
[[2, 2], [4, 4]]. With the filters [2, 1] and [0, −1] the convolution gives [[2, 8], [4, 10]] and [[−2, −2], [−4, −4]],
so the output is the two numbers 6 and −3.

**What the interviewer is after**: that "pre-activation" order runs through all of DenseNet, and an average pooling
without a loop over pixels. **Follow-ups**: the convolution and the mean can change places: why, and what does that
save? Why may the mean not move in front of the ReLU? Why an average here and not a maximum, or a stride? What does
halving the channels do to the number of weights of the next block?

<details><summary>Hint 1</summary>The first three steps are one line each with the given <code>batchnorm</code> and
<code>conv</code>. Cut off the odd row and column only after them.</details>
<details><summary>Hint 2</summary>The four pixels of all squares are the four cuts <code>h[:, :, a::2, b::2]</code> of
the even-sized array, a and b from 0 to 1.</details>
<details><summary>Hint 3</summary>Or in one step: reshape H to (H/2, 2) and W to (W/2, 2), and take the mean over the
two new axes, 3 and 5.</details>
"""

# %% role="solve" id="transition"
from dlkit.reference.resnet import transition

# %% role="check" id="transition-check" points=4
with check("a 2 × 2 image of two channels worked by hand"):
    x = np.array([[[[1000.0, 3000.0], [1000.0, 3000.0]], [[5000.0, 5000.0], [1000.0, 1000.0]]]])
    w = np.array([[2.0, 1.0], [0.0, -1.0]])[:, :, None, None]
    params = {"gamma": np.array([2.0, -1.0]), "beta": np.array([1.0, 3.0]), "w": w}
    expect(transition, x, params).close([[[[6.0]], [[-3.0]]]])
with check("the mean of each 2×2 square, and one number for each square: 4 × 6 gives 2 × 3"):
    rows = [[1, 3, 0, 8, 2, 2], [5, 7, 4, 0, 6, 10], [9, 1, 1, 1, 0, 12], [3, 3, 5, 1, 4, 0]]
    x = np.array([[rows]], dtype=np.float64)
    params = {"gamma": np.array([np.sqrt(x.var() + 1e-5)]), "beta": np.array([x.mean()]), "w": np.ones((1, 1, 1, 1))}
    # gamma and beta undo the normalization, and nothing is below 0
    expect(transition, x, params).close([[[[4.0, 3.0, 5.0], [4.0, 2.0, 4.0]]]], atol=1e-8)
with check("odd sizes: the last row and column are in no square, but they count in the statistics"):
    x = np.array([[[[1.0, 5.0, 90.0], [3.0, -2.0, 80.0], [70.0, 60.0, -50.0]]]])
    params = {"gamma": np.array([2.0]), "beta": np.array([1.5]), "w": np.full((1, 1, 1, 1), 3.0)}
    a = 3 * np.maximum(2 * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + 1.5, 0)
    expect(transition, x, params).close([[[[a[0, 0, :2, :2].mean()]]]])
with check("from 3 channels to 2 and to 5, each normalized by itself, over the whole batch"):
    rng = np.random.default_rng(0)
    for C in (2, 5):
        x, w = rng.normal(1, 2, (4, 3, 2, 2)), rng.normal(0, 1, (C, 3, 1, 1))
        gamma, beta = rng.normal(1, 0.5, 3), rng.normal(0, 1, 3)
        h = np.stack([(x[:, c] - x[:, c].mean()) / np.sqrt(x[:, c].var() + 1e-5) for c in range(3)], axis=1)
        a = np.maximum(gamma[:, None, None] * h + beta[:, None, None], 0)
        out = a.mean(axis=(2, 3)) @ w[:, :, 0, 0].T  # a single square: the mean of the image
        expect(transition, x, {"gamma": gamma, "beta": beta, "w": w}).close(out[:, :, None, None])
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("random batches, even and odd sizes"):
    rng = np.random.default_rng(1)
    for (N, C, H, W), c in [
        ((2, 4, 6, 4), 2),
        ((3, 2, 5, 7), 3),
        ((1, 3, 2, 3), 1),
        ((2, 1, 4, 9), 2),
        ((2, 4, 7, 4), 4),
    ]:
        x = rng.normal(-1, 2, (N, C, H, W))
        params = {"gamma": rng.normal(1, 0.5, C), "beta": rng.normal(0, 1, C), "w": rng.normal(0, 1, (c, C, 1, 1))}
        expect(transition, x, params).close(reference.transition(x, params))
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    arrays = {"gamma": rng.normal(1, 0.5, 4), "beta": rng.normal(0, 1, 4), "w": rng.normal(0, 1, (2, 4, 1, 1))}
    params = {key: value.astype(np.float32) for key, value in arrays.items()}
    x = rng.normal(0, 1, (2, 4, 4, 5)).astype(np.float32)
    want = reference.transition(x.astype(np.float64), params)
    expect(transition, x, params).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x give the right values, and neither x nor the parameters are changed"):
    rng = np.random.default_rng(3)
    x = rng.integers(-5, 6, (2, 3, 5, 4))
    params = {"gamma": rng.normal(1, 0.5, 3), "beta": rng.normal(0, 1, 3), "w": rng.normal(0, 1, (2, 3, 1, 1))}
    for data in (1.0 * x, x):
        expect(transition, data, params).close(reference.transition(1.0 * x, params)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Squeeze and excitation

### The squeeze-and-excitation block ★★ · 12 min

A convolution adds up its channels with fixed weights, and sees a few pixels. This block lets the whole image decide how
loud each channel is. **Given** images `x` of shape `(N, C, H, W)`, `W1` of shape `(C, R)`, `b1` of shape `(R,)`, `W2`
of shape `(R, C)` and `b2` of shape `(C,)`, **return** an array of x's shape. R is smaller than C, as a rule C/16.

$$ s_{nc} = \frac{1}{HW} \sum_{h,w} x_{nchw}, \qquad
z = \sigma\bigl(\mathrm{relu}(s W_1 + b_1)\, W_2 + b_2\bigr), \qquad \mathrm{out}_{nchw} = z_{nc}\, x_{nchw} $$

Squeeze: each channel of each image becomes one number, its mean over the pixels. Excite: two dense layers, a ReLU after
the first and a sigmoid after the second, $\sigma(t) = 1 / (1 + e^{-t})$. Scale: channel c of image n, all of it, is
multiplied by its number $z_{nc}$. No image has a say in another's output, and there is no normalization.

H and W may be 1. Entries of ±10 000 give finite, right values and no warning, although $e^{-t}$ overflows there; where
z is nearly 0, an absolute error of 1e-9 in the output is small enough (1e-6 in float32). If all arrays are float32, so
is the result. Integers in x give the right values. No argument is changed.

*Worked number.* One image of one row with the channels [1, 3] and [−2, 0], so s = [2, −1]. With W₁ = [[1], [1]],
b₁ = [1] the hidden number is 2; with W₂ = [[0.5, −1]], b₂ = [0, 1] the sigmoid sees [1, −1], and z = [0.731059,
0.268941]. The output is [0.731059, 2.193176] and [−0.537883, 0].

**What the interviewer is after**: which axes are averaged, what the narrow middle is for, and why a sigmoid.
**Follow-ups**: why not a softmax over the channels? How many weights does it add to a block of C channels with R =
C/16, and what share is that of ResNet-50's 25.6 million (2.5 million, one block in each bottleneck)? Where in a
residual block does it stand, before or after the sum? What would you change to weigh pixels instead of channels?

<details><summary>Hint 1</summary>The mean over axes 2 and 3 leaves an <code>(N, C)</code> array: rows are images, so
the dense layers are plain matrix products.</details>
<details><summary>Hint 2</summary>z has shape <code>(N, C)</code> and must meet <code>(N, C, H, W)</code>: give it two
axes of length 1 at the end. Without them numpy lines it up with H and W.</details>
<details><summary>Hint 3</summary>A sigmoid that never overflows: ½ (1 + tanh(t/2)). Or
<code>np.exp(-np.logaddexp(0, -t))</code>.</details>
"""

# %% role="solve" id="se_block"
from dlkit.reference.resnet import se_block

# %% role="check" id="se_block-check" points=4
with check("one image of two channels worked by hand"):
    x, W1, b1 = np.array([[[[1.0, 3.0]], [[-2.0, 0.0]]]]), np.array([[1.0], [1.0]]), np.array([1.0])
    out = [[[[0.7310585786, 2.1931757359]], [[-0.5378828427, 0.0]]]]
    expect(se_block, x, W1, b1, np.array([[0.5, -1.0]]), np.array([0.0, 1.0])).close(out)
with check("each image decides for itself: two at a time as one by one"):
    rng = np.random.default_rng(0)
    x, W1, b1 = rng.normal(0, 2, (2, 3, 2, 3)), rng.normal(0, 1, (3, 2)), rng.normal(0.5, 1, 2)
    W2, b2, out = rng.normal(0, 1, (2, 3)), rng.normal(0, 1, 3), np.empty((2, 3, 2, 3))
    for n in range(2):
        s = x[n].mean(axis=(1, 2))
        out[n] = x[n] / (1 + np.exp(-(np.maximum(s @ W1 + b1, 0) @ W2 + b2)))[:, None, None]
    expect(se_block, x, W1, b1, W2, b2).close(out)
    expect(se_block, x[:1], W1, b1, W2, b2).close(out[:1])
with check("weights of 0: every channel is halved, or scaled by what b2 says"):
    x = np.arange(-9.0, 11.0).reshape(1, 5, 2, 2)
    W1, b1, W2 = np.zeros((5, 1)), np.zeros(1), np.zeros((1, 5))
    expect(se_block, x, W1, b1, W2, np.zeros(5)).close(x / 2)
    scale = np.array([0.8, 0.25, 0.5, 0.2, 0.75])[:, None, None]
    expect(se_block, x, W1, b1, W2, np.log([4.0, 1 / 3, 1.0, 1 / 4, 3.0])).close(x * scale)
with check("±10 000: right, and without a warning"):
    x = np.array([[[[1e4, 1e4]], [[-1e4, -5e3]]]])
    W1, b1, b2 = np.array([[1.0], [0.0]]), np.zeros(1), np.zeros(2)
    expect(se_block, x, W1, b1, np.array([[1.0, -1.0]]), b2).close(x * np.array([1.0, 0.0])[:, None, None]).no_warning()
    expect(se_block, -x, W1, b1, np.array([[1.0, -1.0]]), b2).close(-x / 2).no_warning()
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("random shapes, one pixel and one image too, and shapes where N = H and C = W"):
    rng = np.random.default_rng(1)
    for (N, C, H, W), R in [
        ((2, 4, 3, 5), 2),
        ((1, 6, 1, 1), 3),
        ((3, 4, 3, 4), 1),
        ((4, 4, 4, 4), 2),
        ((5, 3, 1, 2), 2),
    ]:
        x, W1, b1 = rng.normal(0.5, 2, (N, C, H, W)), rng.normal(0, 1, (C, R)), rng.normal(0.5, 1, R)
        W2, b2 = rng.normal(0, 1, (R, C)), rng.normal(0, 1, C)
        expect(se_block, x, W1, b1, W2, b2).close(reference.se_block(x, W1, b1, W2, b2))
with check("both tails of the sigmoid, in float64 and float32, without a warning"):
    x = np.array([[[[1.0, -2.0]], [[3.0, 5.0]], [[-4.0, 4.0]]], [[[0.0, 2.0]], [[1.0, 1.0]], [[2.0, -6.0]]]])
    W1, b1, W2 = np.zeros((3, 2)), np.zeros(2), np.zeros((2, 3))
    for b2 in (np.array([1e4, -1e4, 0.0]), np.array([-100.0, 40.0, -1e4]), np.array([800.0, -800.0, -30.0])):
        want = reference.se_block(x, W1, b1, W2, b2)
        expect(se_block, x, W1, b1, W2, b2).close(want, rtol=1e-6, atol=1e-9).no_warning()
        floats = [array.astype(np.float32) for array in (x, W1, b1, W2, b2)]
        expect(se_block, *floats).close(want, rtol=1e-5, atol=1e-6).no_warning()
with check("float32 stays float32"):
    rng = np.random.default_rng(2)
    shapes = [(2, 4, 3, 2), (4, 2), (2,), (2, 4), (4,)]
    arrays = [rng.normal(0.3, 1, shape).astype(np.float32) for shape in shapes]
    expect(se_block, *arrays).close(reference.se_block(*arrays), rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("integers in x give the right values, and no argument is changed"):
    rng = np.random.default_rng(3)
    x, W1, b1 = rng.integers(-5, 6, (2, 3, 2, 4)), rng.normal(0, 1, (3, 2)), rng.normal(0.5, 1, 2)
    W2, b2 = rng.normal(0, 1, (2, 3)), rng.normal(0, 1, 3)
    for data in (1.0 * x, x):
        expect(se_block, data, W1, b1, W2, b2).close(reference.se_block(1.0 * x, W1, b1, W2, b2)).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: gates in the wrong place
"""

# %% role="question" id="se_on_the_stream" points=1

# %% [markdown]
r"""
## Why skips help

The answer that interviewers hear most often is "because of vanishing gradients". These two exercises make it precise:
first the algebra, then a measurement, which shows that the sentence is only half of the story.

### The gradient through a chain of residual blocks ★★ · 8 min

Each block computes $x_l = x_{l-1} + f_l(x_{l-1})$. **Given** a list `branch_jacobians` of L ≥ 1 arrays of shape
`(D, D)`, that of the first block first, **return** the Jacobian of the whole chain, of shape `(D, D)`. Entry [i, j] of
$J_l$ is $\partial (f_l)_i / \partial x_j$ at the block's input, and entry [i, j] of the result is
∂(output i)/∂(input j).

$$ \frac{\partial x_L}{\partial x_0} = (I + J_L)\,(I + J_{L-1}) \cdots (I + J_2)\,(I + J_1) $$

Mind the order: the *last* block stands on the left. Matrices do not commute.

Multiplied out, this is a sum of $2^L$ products, one for each choice of the branches that a path goes through. Three
blocks have eight paths: $I + J_1 + J_2 + J_3 + J_2 J_1 + J_3 J_1 + J_3 J_2 + J_3 J_2 J_1$. A plain chain has only the
last of them.

If all arrays are float32, so is the result. Integers give the right values. Neither the list nor its arrays are
changed.

*Worked number.* J₁ = [[0, 1], [0, 0]] and J₂ = [[0, 0], [2, 0]] give [[1, 1], [2, 3]]. The other order would give
[[3, 1], [2, 1]], and a plain chain [[0, 0], [0, 2]].

**What the interviewer is after**: derive where the identity in the product comes from, and say what it does when every
$J_l$ is small. **Follow-ups**: if all $J_l$ have norm 0.1, what is the norm of a plain chain of 50, and what bounds
that of the residual chain from below and above? Which $J_l$ makes even a residual chain lose its gradient? How many of
the $2^L$ paths go through exactly k branches, and which k carry most of the gradient if every $J_l$ is small? What is
on the shortcut in ResNet v1 that spoils the formula, and how does v2 remove it?

<details><summary>Hint 1</summary>What is the Jacobian of one block, x + f(x)?</details>
<details><summary>Hint 2</summary>The chain rule for g(f(x)): the Jacobian of g, evaluated later, stands to the left of
that of f. Start with the identity, and let each block multiply from the left.</details>
<details><summary>Hint 3</summary>A <code>np.eye(D)</code> is float64 and turns everything it meets into float64, unless
you give it the arrays' dtype.</details>
"""

# %% role="solve" id="identity_gradient"
from dlkit.reference.resnet import identity_gradient

# %% role="check" id="identity_gradient-check" points=4
with check("two blocks worked by hand: the last one stands on the left"):
    first, second = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [2.0, 0.0]])
    expect(identity_gradient, [first, second]).close([[1.0, 1.0], [2.0, 3.0]])
    expect(identity_gradient, [second, first]).close([[3.0, 1.0], [2.0, 1.0]])
with check("one block: its branch's Jacobian, and 1 more on the diagonal"):
    expect(identity_gradient, [np.array([[3.0, -2.0], [0.5, 4.0]])]).close([[4.0, -2.0], [0.5, 5.0]])
    expect(identity_gradient, [np.array([[0.5]])]).close([[1.5]])
with check("branches that do nothing leave the identity, however many there are"):
    for L in (1, 4, 30):
        expect(identity_gradient, [np.zeros((3, 3))] * L).close(np.eye(3))
with check("three blocks: the sum over all eight paths"):
    rng = np.random.default_rng(0)
    A, B, C = rng.normal(0, 1, (3, 4, 4))
    expect(identity_gradient, [A, B, C]).close(np.eye(4) + A + B + C + B @ A + C @ A + C @ B + C @ B @ A)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("random chains: 1 to 12 blocks of 1 to 6 features"):
    rng = np.random.default_rng(1)
    for L, D in [(1, 3), (2, 2), (5, 4), (4, 1), (12, 6)]:
        jacobians = [rng.normal(0, 0.5, (D, D)) for _ in range(L)]
        expect(identity_gradient, jacobians).close(reference.identity_gradient(jacobians))
with check("a branch that takes its input away again: no gradient at all passes"):
    rng = np.random.default_rng(2)
    J = rng.normal(0, 1, (3, 3))
    expect(identity_gradient, [J, -np.eye(3), J]).close(np.zeros((3, 3)))
    expect(identity_gradient, [np.diag([-1.0, 0.0, 1.0])] * 5).close(np.diag([0.0, 1.0, 32.0]))
with check("float32 stays float32"):
    rng = np.random.default_rng(3)
    for L in (1, 6):
        jacobians = [rng.normal(0, 0.5, (4, 4)).astype(np.float32) for _ in range(L)]
        want = reference.identity_gradient([J.astype(np.float64) for J in jacobians])
        expect(identity_gradient, jacobians).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right values, and the list and its arrays are left alone"):
    jacobians = [np.array([[1, -2], [0, 3]]), np.array([[0, 1], [4, -1]]), np.array([[2, 0], [1, 1]])]
    for L, expected in [(1, [[2.0, -2.0], [0.0, 4.0]]), (3, [[6.0, 6.0], [18.0, -14.0]])]:
        expect(identity_gradient, jacobians[:L]).close(expected).unchanged()
        expect(identity_gradient, [1.0 * J for J in jacobians[:L]]).close(expected).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: two blocks
"""

# %% role="question" id="res_two_jacobians" points=1

# %% [markdown]
r"""
### Gradient norms, plain against residual ★★ · 20 min

**Given** integers `depth` ≥ 0 and `width` ≥ 1 and a generator `rng`, **return** the pair `(plain, residual)` of two
floats: how much gradient reaches the input of a plain net and of a residual net with the same weights and the same
input.

$$ \text{plain:}\quad h_l = \mathrm{relu}(W_l h_{l-1}), \qquad\qquad
\text{residual:}\quad h_l = h_{l-1} + \mathrm{relu}(W_l h_{l-1}), \qquad\qquad h_0 = x $$

for l = 1 … depth. x and every $h_l$ have shape `(width,)`, and weights stand on the *left*. What is asked for is the
Euclidean norm of the gradient of the sum of all entries of the last layer:

$$ \Bigl\lVert \frac{\partial}{\partial x} \sum_i (h_L)_i \Bigr\rVert_2, \qquad L = \text{depth} $$

Draw in this order, with `rng` and nothing else, so that equal generators give equal numbers:

1. `x = rng.standard_normal(width)`
2. for each layer, the first one first: `W = rng.standard_normal((width, width)) / np.sqrt(width)`

Both nets use these same x and W; nothing is drawn twice. The residual's ReLU is on the branch, *before* the sum. A ReLU
passes nothing on where its argument is 0. Depth 0 gives $\sqrt{\text{width}}$ twice. Use the gradient itself, by the
chain rule, not finite differences.

**Banned**: numpy's global generator (`np.random.seed`, `np.random.randn`, `np.random.standard_normal` and their like)
and generators of your own (`np.random.default_rng`, `np.random.RandomState`).

*Worked number.* If x = [1, 2] and the only W is [[1, −1], [0.5, 1]], then Wx = [−1, 2.5], and only the second unit is
on. The plain gradient is Wᵀ[0, 1] = [0.5, 1] with norm 1.118034; the residual one is [1, 1] + [0.5, 1] = [1.5, 2] with
norm 2.5. With `np.random.default_rng(0)`, depth 3 and width 4 the pair is (0.350095, 7.095316).

*What to expect.* At width 64 both begin at 8. Half of the units are off, so a plain layer about halves the square of
the norm: at depth 20 the median plain norm is 0.017, and at 50 it is 4·10⁻⁷. The residual one does not stay at 8: it is
19,000 at depth 20. Skips keep gradients from vanishing, and do nothing against growth. That is why the branches are
normalized, or scaled down, or start at 0.

**What the interviewer is after**: a backward pass by hand in which the sum sends its gradient both ways.
**Follow-ups**: by how much would you scale the branches of a net with L blocks, so that the norm stays bounded? What
changes in the plain net with He's scale, $\sqrt{2/\text{width}}$? What does zero-γ initialization make of the residual
number? Where does batch normalization act, on the size of $h$ or on the size of the gradient?

<details><summary>Hint 1</summary>Draw x and all W first, then run both nets with one helper. On the way forward keep
<code>z = W @ h</code> of each layer: its sign says which units are on.</details>
<details><summary>Hint 2</summary>On the way back start with d = <code>np.ones(width)</code> and take the layers from
the last to the first. Through a plain layer d becomes <code>W.T @ (d * (z &gt; 0))</code>.</details>
<details><summary>Hint 3</summary>Through a residual layer the same arrives by the branch, and d itself by the skip: add
them. The mask comes from z, not from h: in the residual net h is something else.</details>
"""

# %% role="solve" id="gradient_norm_plain_vs_residual"
from dlkit.reference.resnet import gradient_norm_plain_vs_residual

# %% role="check" id="gradient_norm_plain_vs_residual-check" points=4
with check("no layers: the square root of the width, twice"):
    for width in (1, 4, 9):
        expect(gradient_norm_plain_vs_residual, 0, width, np.random.default_rng(0)).close((width**0.5, width**0.5))
with check("one layer: the units that are on, through the transposed weights"):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x, W = rng.standard_normal(8), rng.standard_normal((8, 8)) / np.sqrt(8)
        d = sum(W[i] for i in range(8) if W[i] @ x > 0)
        want = (np.linalg.norm(d), np.linalg.norm(1 + d))
        expect(gradient_norm_plain_vs_residual, 1, 8, np.random.default_rng(seed)).close(want)
with check("several layers: the product of the layers' Jacobians, drawn in the order that is asked for"):
    for depth, width in [(2, 8), (5, 4), (8, 6)]:
        rng = np.random.default_rng(depth)
        h = g = rng.standard_normal(width)
        plain = residual = np.eye(width)
        for _ in range(depth):
            W = rng.standard_normal((width, width)) / np.sqrt(width)
            plain = (W @ h > 0)[:, None] * W @ plain
            residual = residual + (W @ g > 0)[:, None] * W @ residual
            h, g = np.maximum(W @ h, 0), g + np.maximum(W @ g, 0)
        want = (np.linalg.norm(plain.sum(axis=0)), np.linalg.norm(residual.sum(axis=0)))
        expect(gradient_norm_plain_vs_residual, depth, width, np.random.default_rng(depth)).close(want)
with check("all randomness comes from rng: numpy's global generator is not used"):
    forbid(
        gradient_norm_plain_vs_residual, "numpy.random.seed", "numpy.random.rand", "numpy.random.randn",
        "numpy.random.normal", "numpy.random.uniform", "numpy.random.standard_normal", "numpy.random.shuffle",
        "numpy.random.permutation", "numpy.random.choice", "numpy.random.randint", "numpy.random.random_sample",
    )  # fmt: skip
    want = (0.350095102834, 7.09531556818)
    expect(gradient_norm_plain_vs_residual, 3, 4, np.random.default_rng(0)).close(want, rtol=1e-9)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("all randomness comes from rng: no generator of your own"):
    forbid(gradient_norm_plain_vs_residual, "numpy.random.default_rng", "numpy.random.RandomState")
    want = reference.gradient_norm_plain_vs_residual(2, 8, np.random.default_rng(21))
    expect(gradient_norm_plain_vs_residual, 2, 8, np.random.default_rng(21)).close(want)
with check("other depths and widths, a single unit too"):
    # the widest first: of a single unit, two wrong answers may agree by chance
    for seed, (depth, width) in enumerate([(4, 16), (2, 8), (12, 5), (3, 1), (1, 1)], 31):
        want = reference.gradient_norm_plain_vs_residual(depth, width, np.random.default_rng(seed))
        expect(gradient_norm_plain_vs_residual, depth, width, np.random.default_rng(seed)).close(want)
with check("a deep net: the plain gradient has vanished, the residual one has grown"):
    want = reference.gradient_norm_plain_vs_residual(40, 32, np.random.default_rng(7))
    found = expect(gradient_norm_plain_vs_residual, 40, 32, np.random.default_rng(7)).close(want, atol=0)
    found.satisfies(lambda norms: norms[0] < 1e-3 < 1e3 < norms[1], "the first below 0.001, the second above 1000")
with check("equal generators give equal numbers, other generators others"):
    for seed in (11, 12, 11):
        want = reference.gradient_norm_plain_vs_residual(3, 6, np.random.default_rng(seed))
        expect(gradient_norm_plain_vs_residual, 3, 6, np.random.default_rng(seed)).close(want)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: the gradient against depth

Your `gradient_norm_plain_vs_residual` for nets of width 64 and up to 64 layers, geometric mean over ten draws; 1 is the
norm without layers. The third line is a residual net whose branches are multiplied by $1/\sqrt L$: its Jacobian comes
from your `identity_gradient`, from the branches' Jacobians $J_l = W_l$ with the rows of inactive units set to 0, times
$1/\sqrt L$.

On the right the singular values of the whole Jacobian for 16 layers, the largest set to 1: in how many of the 64
directions does any gradient come through?

*Make a prediction*: ReLU passes half of the variance, so the plain gradient shrinks by $\sqrt{1/2}$ per layer, to
$2^{-32}$ after 64. Where does the residual net end up: near 1, or somewhere else?
"""

# %% role="demo" id="experiment-gradient-depth"
from dlkit.lab import experiment, figure


def jacobians(depth, width, rng, skip, scale):
    """Of each layer's branch scale · relu(W @ h), along the way of h ← skip · h + branch."""
    h, found = rng.standard_normal(width), []
    for _ in range(depth):
        W = rng.standard_normal((width, width)) / math.sqrt(width)
        z = W @ h
        found.append(scale * W * (z > 0)[:, None])  # (D, D)
        h = skip * h + scale * np.maximum(z, 0)
    return found


with experiment(), figure("Skips end the vanishing; without a scale they explode", columns=2) as (left, right):
    depths, width, names = [4, 8, 16, 32, 48, 64], 64, ["plain", "residual", "residual, branches / √L"]
    lines = ["o-", "s-", "^-"]
    rows = [np.ones(3)]  # without layers
    for depth in depths:
        norms = []
        for seed in range(10):
            norms.append(list(gradient_norm_plain_vs_residual(depth, width, np.random.default_rng(seed))))
            chain = jacobians(depth, width, np.random.default_rng(seed), 1, 1 / math.sqrt(depth))
            norms[-1].append(np.linalg.norm(identity_gradient(chain).sum(axis=0)))
        rows.append(np.exp(np.log(norms).mean(axis=0)) / math.sqrt(width))
    for name, norm, line in zip(names, np.array(rows).T, lines, strict=True):
        left.semilogy([0, *depths], norm, line, label=name)
        print(f"{name:24s}" + "".join(f"   {depths[k - 1]:2d} layers: {norm[k]:7.1e}" for k in (3, 4, 6)))
    left.set(xlabel="layers", ylabel="gradient norm (logarithmic)", title="at the input; 1: as without layers")
    left.set_ylim(1e-11, 1e17)
    left.legend(loc="upper left")

    plain = np.linalg.multi_dot(jacobians(16, width, np.random.default_rng(0), 0, 1)[::-1])
    unscaled = identity_gradient(jacobians(16, width, np.random.default_rng(0), 1, 1))
    scaled = identity_gradient(jacobians(16, width, np.random.default_rng(0), 1, 1 / 4))
    for name, jacobian, line in zip(names, (plain, unscaled, scaled), ("-", "--", ":"), strict=True):
        values = np.linalg.svd(jacobian, compute_uv=False)
        alive = int(np.sum(values > 0.01 * values[0]))
        right.semilogy(range(1, 65), np.maximum(values / values[0], 1e-9), line, label=f"{name}: {alive} above 1 %")
        print(f"{name:24s}   16 layers: {alive} of 64 singular values above 1 % of the largest")
    right.set(xlabel="direction, strongest first", ylabel="singular value / largest", title="the Jacobian of 16 layers")
    right.set_ylim(1e-7, 3)
    right.legend(loc="lower left")

# %% [markdown]
r"""
**What it shows.** The plain gradient shrinks as predicted, by 0.71 per layer, to $3 \cdot 10^{-10}$ after 64. The
residual one does not stay near 1 at all. It grows by 1.47 per layer, to $5 \cdot 10^{10}$, as badly wrong as the plain
one, only in the other direction. “Skips keep the gradient at 1” is true of the identity path alone; the other
$2^{64} - 1$ paths are added to it. With branches of $1/\sqrt L$ the norm is 18 after 64 layers.

If branches and stream were uncorrelated, the growth would be $\sqrt{1.5} = 1.22$ per layer. It is more, since the
outputs of ReLU are never negative: all branches push in one common direction. You see that direction on the right. In
the unscaled residual net the largest singular value is 6.7 times the second. And in the plain net the gradient does
not just get smaller: after 16 layers it comes through in 11 of 64 directions, in the scaled residual net in all 64.

**What to say in an interview.** “The sum gives the gradient a path that is exactly the identity, so it does not vanish.
That alone does not stop it from exploding. So branches need a norm, a small factor, or a start at 0.”
"""

# %% [markdown]
r"""
### Concept question: how small must the branches be
"""

# %% role="question" id="res_branch_scale" points=1

# %% [markdown]
r"""
### Concept question: why skips help

Write as you would say it to an interviewer, with the formulas.
"""

# %% role="answer" id="res_derive_gradient" points=2

# %% [markdown]
r"""
## Counting parameters

### The parameters of ResNet ★★ · 15 min

How large is ResNet-50, and where are its parameters? Whoever can add them up knows the architecture.

**Given** `depth`, one of 18, 34, 50, 101 and 152, **return** how many numbers the ResNet of that depth learns, for RGB
images and 1,000 classes: an integer. Another depth raises `ValueError`.

What is counted, for a k×k convolution from c_in to c_out channels with the batch normalization behind it, and for the
dense layer:

$$ \underbrace{k^2\, c_\text{in}\, c_\text{out}}_{\text{weights, no bias}} +
\underbrace{2\, c_\text{out}}_{\gamma,\ \beta},
\qquad \underbrace{c \cdot 1000 + 1000}_{\text{dense layer, with bias}} $$

Running means and variances are not learnt: they do not count. Pooling and ReLU have no parameters.

The net, from the image to the classes:

1. A 7×7 convolution from 3 to 64 channels, with batch normalization; then a pooling.
2. Four stages of blocks. Their widths are 64, 128, 256 and 512, and the number of blocks is

| depth | blocks of the four stages | kind of block |
|---|---|---|
| 18 | 2, 2, 2, 2 | basic |
| 34 | 3, 4, 6, 3 | basic |
| 50 | 3, 4, 6, 3 | bottleneck |
| 101 | 3, 4, 23, 3 | bottleneck |
| 152 | 3, 8, 36, 3 | bottleneck |

3. The mean of each channel over its pixels, and a dense layer with bias from the last channels to 1,000 classes.

The blocks of a stage of width w; every convolution has a batch normalization behind it, and none has a bias:

- *Basic*: 3×3 from the channels that come in to w, then 3×3 from w to w. It gives w channels.
- *Bottleneck*: 1×1 from the channels that come in to w, 3×3 from w to w, 1×1 from w to 4w. It gives 4w channels.
- *Projection*: where a block gives another number of channels than come in, and only there, its shortcut is a 1×1
  convolution from those that come in to those it gives, with a batch normalization of its own.

The first block of a stage reads what the stage before gave, the others what the block before them gave.

No number above 30,000 may stand in your answer, also not in a string or an `assert`: compute it from the structure.

*Worked number.* The first convolution has 3 · 64 · 49 + 2 · 64 = 9,536. A basic block of width 64 that reads 64
channels has 73,984, the first one of width 128 has 230,144, of which 8,448 are its projection. The first bottleneck of
ResNet-50 has 4,224 + 36,992 + 16,896, and 16,896 in its projection: 75,008. In all, ResNet-18 has 11,689,512 and
ResNet-50 has 25,557,032.

**What the interviewer is after**: do you know a bottleneck well enough to count it, with the projections and the batch
normalizations? **Follow-ups**: which stage has most of the parameters, and which takes most of the time? Why has
ResNet-50 only a little more parameters than ResNet-34, with half as many layers again? Why does the first stage of
ResNet-50 need a projection, and that of ResNet-34 not? What is kept in memory besides the parameters while it trains?

<details><summary>Hint 1</summary>Write a small function for one convolution with its batch normalization; everything
but the dense layer is a sum of its values.</details>
<details><summary>Hint 2</summary>Two loops, over stages and over blocks, and one variable for the channels that come
in. Each block ends by setting it to what the block gives.</details>
<details><summary>Hint 3</summary>Ask for a projection by comparing channels, not by the number of the stage: so the
first bottleneck gets one (64 to 256), and the first basic block none (64 to 64).</details>
"""

# %% role="solve" id="resnet_parameters"
from dlkit.reference.resnet import resnet_parameters

# %% role="check" id="resnet_parameters-check" points=4
with check("ResNet-18: basic blocks, and projections where the channels change"):
    expect(resnet_parameters, 18).close(11_689_512)
with check("ResNet-50: bottlenecks give 4 times their width, and the first stage has a projection"):
    expect(resnet_parameters, 50).close(25_557_032)
with check("every depth gives something of the right size, within 5 percent of the paper's"):
    for depth, millions in [(18, 11.7), (34, 21.8), (50, 25.6), (101, 44.5), (152, 60.2)]:
        met = expect(resnet_parameters, depth)
        met.satisfies(
            lambda n, millions=millions: abs(n / 1e6 / millions - 1) < 0.05,
            f"about {millions} million for depth {depth}, to 5 percent",
        )
with check("another depth raises ValueError, also one that lies between"):
    for depth in (20, 0, 51, 110):
        expect(resnet_parameters, depth).raises(ValueError)
    expect(resnet_parameters, 18).satisfies(lambda n: 11e6 < n < 12.5e6, "about 11.7 million for depth 18")
with check("computed from the structure: no number above 30,000 is typed in", weight=4):
    forbid_numbers(resnet_parameters, above=30_000)
    expect(resnet_parameters, 18).close(11_689_512)
    expect(resnet_parameters, 50).close(25_557_032)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("ResNet-34: basic blocks still, with the numbers of blocks of ResNet-50"):
    expect(resnet_parameters, 34).close(21_797_672)
with check("ResNet-101: 23 blocks in the third stage"):
    expect(resnet_parameters, 101).close(44_549_160)
with check("ResNet-152: 8 and 36 blocks in the second and third stage"):
    expect(resnet_parameters, 152).close(60_192_808)
with check("the result is an integer, for every depth"):
    for depth in (34, 18, 101, 50, 152):
        met = expect(resnet_parameters, depth)
        met.satisfies(lambda n: np.asarray(n).dtype.kind in "iu", "an integer, not a float: // divides integers")
        met.close(reference.resnet_parameters(depth))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: half the size, twice the channels
"""

# %% role="question" id="res_cost_per_stage" points=1

# %% [markdown]
r"""
### The parameters of DenseNet-121 ★★ · 15 min

DenseNet-121 has 121 layers and fewer than a third of ResNet-50's parameters, though every layer reads all layers
before it in its block.

**Given** nothing (the function has no arguments), **return** how many numbers DenseNet-121 learns, for RGB images and
1,000 classes: an integer.

A k×k convolution has k² · c_in · c_out weights and no bias. Batch normalization here stands *before* a convolution and
learns 2 numbers, γ and β, for each channel that it reads. A layer of a dense block that reads C channels is

$$ C \;\to\; \text{BN} \;\to\; \text{1×1 to } 128 \;\to\; \text{BN} \;\to\; \text{3×3 to } 32, \qquad
2C + 128\, C + 2 \cdot 128 + 9 \cdot 128 \cdot 32 \text{ parameters,} $$

and its 32 new channels are put beside the C it has read: the next layer reads C + 32.

The net, from the image to the classes:

1. A 7×7 convolution from 3 to 64 channels and a batch normalization; then a pooling.
2. Four dense blocks with 6, 12, 24 and 16 layers, all with growth 32 and 4 · 32 = 128 channels in the middle of each
   layer.
3. After each dense block but the last, a transition: batch normalization of all C channels, a 1×1 convolution from C to
   C / 2, and a pooling. The next block begins with these C / 2 channels.
4. After the last dense block a batch normalization of all channels, the mean of each channel over its pixels, and a
   dense layer from these channels to 1,000 classes, with a bias.

Running means and variances do not count. No number above 30,000 may stand in your answer, also not in a string or an
`assert`: compute it from the structure.

*Worked number.* The first convolution and its normalization have 9,408 + 128. The first layer reads 64 channels and
has 128 + 8,192 + 256 + 36,864 = 45,440, the second reads 96 and has 49,600. The first block ends with
64 + 6 · 32 = 256 channels, and its transition has 2 · 256 + 256 · 128 = 33,280. The total is 7,978,856.

**What the interviewer is after**: can you follow the channels through concatenation, and say where the parameters are?
**Follow-ups**: why does the 1×1 convolution to 128 channels pay, and from how many channels on? Where does the name's
121 come from? Why does DenseNet need much memory in training for so few parameters? What would growth 12 cost?

<details><summary>Hint 1</summary>One variable c for the channels there are now. A layer adds 32 to it, a transition
halves it.</details>
<details><summary>Hint 2</summary>The blocks end with 256, 512, 1024 and 1024 channels. If yours do not, look where the
halving stands: after the first three blocks, not after the last.</details>
<details><summary>Hint 3</summary>Both normalizations of a layer count what they read: the first 2c, the second
2 times 128. After the loop come 2c for the last normalization, and the dense layer.</details>
"""

# %% role="solve" id="densenet121_parameters"
from dlkit.reference.resnet import densenet121_parameters

# %% role="check" id="densenet121_parameters-check" points=4
with check("within 5 percent of 8 million: the blocks, the transitions and the dense layer are there"):
    expect(densenet121_parameters).satisfies(lambda n: 7.58e6 < n < 8.38e6, "about 8 million, to 5 percent")
with check("the exact total"):
    expect(densenet121_parameters).close(7_978_856)
with check("computed from the structure: no number above 30,000 is typed in", weight=4):
    forbid_numbers(densenet121_parameters, above=30_000)
    expect(densenet121_parameters).close(7_978_856)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("the total is an integer"):
    met = expect(densenet121_parameters)
    met.satisfies(lambda n: np.asarray(n).dtype.kind in "iu", "an integer, not a float: // divides integers")
    met.close(reference.densenet121_parameters())
with check("the same total at a second call: nothing is left over from the first"):
    for _ in range(2):
        expect(densenet121_parameters).close(7_978_856)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### The parameters of ResNeXt-50 ★★ · 15 min

ResNeXt-50 (32×4d) has wider blocks than ResNet-50 and yet slightly fewer parameters. The groups pay for it.

**Given** nothing (the function has no arguments), **return** how many numbers ResNeXt-50 (32×4d) learns, for RGB images
and 1,000 classes: an integer.

In a convolution with g groups a filter reads only the channels of its own group, the g-th part of those that come in.
With the batch normalization behind it, and without a bias, a k×k convolution has

$$ k^2 \cdot \frac{c_\text{in}}{g} \cdot c_\text{out} + 2\, c_\text{out} $$

parameters. Running means and variances do not count.

The net, from the image to the classes:

1. A 7×7 convolution from 3 to 64 channels, with batch normalization; then a pooling.
2. Four stages with 3, 4, 6 and 3 blocks; every block of a stage gives 256, 512, 1024 or 2048 channels. With F for the
   channels that a block gives and D = F / 2, it is 1×1 from the channels that come in to D, 3×3 from D to D in
   **32 groups**, 1×1 from D to F. All three have a batch normalization behind them; the 1×1 ones are not grouped.
3. Where a block gives another number of channels than come in (in the first block of each stage, of the first stage
   too) the shortcut is a 1×1 convolution with batch normalization, not grouped.
4. The mean of each channel over its pixels, and a dense layer from 2048 channels to 1,000 classes, with a bias.

The name's 4d is the width of a group in the first stage: D = 128 in 32 groups of 4 channels. In later stages there are
still 32 groups, of 8, 16 and 32 channels.

No number above 30,000 may stand in your answer, also not in a string or an `assert`: compute it from the structure.

*Worked number.* The first block reads 64 channels, D = 128 and F = 256: 8,448 + 4,864 + 33,280, and 16,896 in its
projection, makes 63,488. Without groups the 3×3 convolution alone would have 147,712 instead of 4,864. The second block
reads 256 channels and has 71,168. The total is 25,028,904.

**What the interviewer is after**: what do groups divide, and what not? **Follow-ups**: the 1×1 convolutions now hold
most of a block's parameters, and what follows for its speed? Why can the width be doubled at the same cost? What is
the extreme case with as many groups as channels called, and which nets are made of it? What does the shuffling of
channels in ShuffleNet mend?

<details><summary>Hint 1</summary>Take what counts a ResNet-50, and give the function for one convolution another
parameter: the number of groups, 1 if nothing is said.</details>
<details><summary>Hint 2</summary>A filter of a grouped convolution reads c_in // groups channels. There are still c_out
filters, so divide once.</details>
<details><summary>Hint 3</summary>A loop over the pairs (256, 3), (512, 4), (1024, 6), (2048, 3) of channels and blocks,
with D half of the channels, and one variable for the channels that come in, 64 at first.</details>
"""

# %% role="solve" id="resnext50_parameters"
from dlkit.reference.resnet import resnext50_parameters

# %% role="check" id="resnext50_parameters-check" points=4
with check("within 5 percent of 25 million: the groups, the stages and the dense layer are there"):
    expect(resnext50_parameters).satisfies(lambda n: 23.8e6 < n < 26.3e6, "about 25 million, to 5 percent")
with check("the exact total"):
    expect(resnext50_parameters).close(25_028_904)
with check("computed from the structure: no number above 30,000 is typed in", weight=4):
    forbid_numbers(resnext50_parameters, above=30_000)
    expect(resnext50_parameters).close(25_028_904)
### BEGIN HIDDEN TESTS
from dlkit.reference import resnet as reference

with check("the total is an integer"):
    met = expect(resnext50_parameters)
    met.satisfies(lambda n: np.asarray(n).dtype.kind in "iu", "an integer, not a float: // divides integers")
    met.close(reference.resnext50_parameters())
with check("the same total at a second call: nothing is left over from the first"):
    for _ in range(2):
        expect(resnext50_parameters).close(25_028_904)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Plain against residual

### Train a residual net ★★★ · 45 min

One net, and one line in it that decides whether twenty or more layers can be trained: `h = h + …` or `h = …`.

**Given** training images and labels, test images and labels, a `depth`, a switch `residual`, a number of `epochs` ≥ 1
and a generator `rng`, **return** `(accuracy, losses)`: the share of the test images that the net classifies right after
the last epoch, a number from 0 to 1, and a list of one number per epoch, the mean training loss.

The net is fixed, with (depth − 2) / 2 blocks B that all have weights of their own:

$$ h_0 = \mathrm{conv}_0(x), \qquad
h_{i+1} = \begin{cases} h_i + B_i(h_i) & \text{if residual} \\ B_i(h_i) & \text{else} \end{cases}, \qquad
B_i(h) = \mathrm{conv}(\mathrm{relu}(\mathrm{bn}(\mathrm{conv}(\mathrm{relu}(\mathrm{bn}(h)))))) $$

$$ \text{logits} = \mathrm{pool}(\mathrm{relu}(\mathrm{bn}(h_{\text{last}})))\, W + b, \qquad
L = -\frac1n \sum_{i=1}^{n} \ln \mathrm{softmax}(\text{logits}_i)_{y_i} $$

- Images `(N, C, H, W)`, any C, H and W ≥ 1; pixels from 0 to 1, also 0 and 1 as integers. They go into the net as they
  are. Labels `(N,)`, integers from 0. K is `y_train.max() + 1`, even where some class between has no image. The test
  labels have no say in it: one of K or more is possible, and never right.
- conv₀ is 3×3 from C to 8 channels, stride 2, padding 1. In the blocks all convolutions are 3×3 from 8 to 8 channels,
  stride 1, padding 1. No convolution has a bias.
- Each normalization has its own γ and β, which are learnt. pool is the mean of each channel over its pixels; W is
  `(8, K)`.
- depth counts the convolutions and the dense layer: depth 2 has no block, and then `residual` changes nothing. A depth
  that is odd or below 2 raises `ValueError`.
- In training a normalization uses its batch's statistics. At test time it uses those of the training images: after the
  last epoch send all training images through once, and keep the mean and variance that each normalization sees. The
  last batch's will not do: it may be a single image. What a test image gets may not depend on the images beside it.
- In every epoch each training image is used once, also those of a last batch that is small. The loss of a batch is
  taken before its update; the epoch's is the mean over images (the mean over batches is fine too).

Everything is drawn from `rng`: an `rng` in the same state gives the same result, another gives another one. The
functions of `np.random` itself (`np.random.normal`, `np.random.permutation`, `np.random.seed`,
`np.random.default_rng`, …) are **banned**. No argument is changed.

**Free** are initialization, optimizer, learning rate, batch size, and float32 or float64. They must not depend on
`residual`, or the comparison is unfair. Choose them so that the net learns fast enough for this visible check: 96
images of 4×4 pixels, bright or dark, depth 4, eight epochs. There the loss must fall, and at least three of four test
images must be right. SGD with learning rate 0.1, momentum 0.9 and batches of 32, He's normal initialization, γ = 1 and
β = 0 do that by far. A learning rate of 0.001 without momentum does not, and batches of one image cannot: each would
be normalized by itself, bright and dark alike.

The given `conv`, `conv_backward`, `batchnorm` and `batchnorm_backward` do the heavy work: `conv` and `batchnorm` return
their result and a cache, and their backwards take it. A call that runs for more than five seconds is stopped; with
batches of 32 none of the checks takes half a second.

*Worked number.* Black training images, all pixels 0, make all features 0, and with b = 0 every class gets 1 / K: with
twelve classes the first loss is ln 12 = 2.4849.

**What the checks cannot see.** They see accuracy and losses, not the net. So they miss a backward that lowers the loss,
only slower: without the skip, or past a normalization or a ReLU. They also miss another net that learns as well: blocks
that share weights, conv₀ with stride 1, one ReLU too many, a missing normalization inside a block. And they miss a last
batch that is left out where there are others, or running averages for the test. Full points here do not say that these
are right.

So test yours with finite differences. Then try ten random 4×4 images, each a class of its own, at depth 32 for twelve
epochs, with the settings above, W too drawn by He with standard deviation $\sqrt{2/8} = 0.5$, and b = 0. The last
loss is 0.6 to 1.4 with skips, 1.7 to 2.7 without, and 1.5 to 2.1 where the backward forgets them. (If W begins at 0 or
near it, which is as right, the net with skips ends at 1.8 to 1.9, and this test tells nothing.)

**What the interviewer is after**: a training loop from scratch with the skip in both directions, and evaluation with
the training statistics. **Follow-ups**: the plain net's *training* loss is the higher one, so what is it not? How does
the picture change with depth 8, with depth 56? Which initialization of the last γ of a branch helps, and why? What does
batch normalization already do for the plain net, and what not?

<details><summary>Hint 1</summary>Keep the parameters in one dictionary. Write forward(x, statistics=None), which
returns the logits, what each normalization was given, and the caches; a backward that returns a dictionary of gradients
under the same keys; then the update is one loop over the keys.</details>
<details><summary>Hint 2</summary>In the backward, the gradient that arrives behind a block goes to both sides. Keep it;
send it through conv, relu and bn, twice; add what you kept, if residual. The first gradient is softmax minus one-hot,
divided by the batch's size; the pooling spreads it evenly over the pixels, divided by their number.</details>
<details><summary>Hint 3</summary>After the last epoch run forward on all training images, take mean and var over the
axes 0, 2 and 3 of what each normalization was given, and hand them to batchnorm with training=False for the test
images. The batches of an epoch are pieces of rng.permutation(len(X_train)).</details>
"""

# %% role="solve" id="train_resnet"
from dlkit.reference.resnet import train_resnet

# %% role="check" id="train_resnet-check" points=6
with check("bright or dark: the loss falls in eight epochs, and 3 of 4 test images are right"):
    rng = np.random.default_rng(0)
    y, y_test = np.arange(96) % 2, np.arange(40) % 2
    X = 0.6 * rng.random((96, 1, 4, 4)) + 0.4 * y[:, None, None, None]
    X_test = 0.6 * rng.random((40, 1, 4, 4)) + 0.4 * y_test[:, None, None, None]
    met = expect(train_resnet, X, y, X_test, y_test, 4, True, 8, np.random.default_rng(1))
    met.part(1).satisfies(
        lambda losses: min(losses[1:]) < 0.97 * losses[0], "losses that fall below the first epoch's by 3 percent"
    )
    met.part(0).satisfies(
        lambda accuracy: 0.75 <= accuracy <= 1, "an accuracy of at least 0.75: do images and labels stay together?"
    )
with check("accuracy is a share of the test images, and losses has one number per epoch"):
    rng = np.random.default_rng(2)
    X, y, X_test, y_test = rng.random((35, 1, 4, 4)), np.arange(35) % 3, rng.random((7, 1, 4, 4)), np.arange(7) % 3
    for residual, epochs in [(True, 3), (False, 1)]:
        met = expect(train_resnet, X, y, X_test, y_test, 4, residual, epochs, np.random.default_rng(3))
        met.part(1).satisfies(
            lambda losses, epochs=epochs: np.shape(losses) == (epochs,) and all(0 < loss < 1e6 for loss in losses),
            f"{epochs} finite positive losses, one per epoch",
        )
        met.part(0).satisfies(
            lambda accuracy: 0 <= accuracy <= 1 and abs(7 * accuracy - round(7 * accuracy)) < 1e-4,
            "a share of the 7 test images: 0, 1/7, 2/7, … 1",
        )
with check("depth is even and at least 2: anything else raises ValueError"):
    X, y = np.linspace(0, 1, 96).reshape(6, 1, 4, 4), np.array([0, 1, 0, 1, 0, 1])
    for depth in (3, 7, 1, 0, -2):
        expect(train_resnet, X, y, X, y, depth, True, 1, np.random.default_rng(4)).raises(ValueError)
    for depth in (2, 6):
        met = expect(train_resnet, X, y, X, y, depth, True, 1, np.random.default_rng(4))
        met.part(1).satisfies(
            lambda losses: np.shape(losses) == (1,) and 0 < losses[0] < 5, f"one loss, and no error, at depth {depth}"
        )
with check("black images: the first loss is about ln K, the mean over the images, and K comes from y_train"):
    for labels, K, near, tested in [
        (range(12), 12, 0.8, 0),
        ((0, 2, 0, 2), 3, 0.5, 0),
        ((0, 1) * 80, 2, 0.7, 0),
        ((0, 1) * 8, 2, 0.8, 11),
    ]:
        y = np.array(labels)
        X, y_test = np.zeros((len(y), 1, 2, 2)), np.full(len(y), tested)
        met = expect(train_resnet, X, y, X, y_test, 2, True, 1, np.random.default_rng(5))
        met.part(1).satisfies(
            lambda losses, K=K, near=near: len(losses) == 1 and abs(losses[0] - math.log(K)) < near,
            f"a loss of about ln {K} = {math.log(K):.4f}: black images tell nothing, and K = y_train.max() + 1 = {K}",
        )
with check("an rng in the same state gives the same result, without skips another one; no argument is changed"):
    rng = np.random.default_rng(6)
    X, y = rng.random((20, 1, 4, 4)), np.arange(20) % 4
    met = expect(train_resnet, X, y, X[:5], y[:5], 4, True, 2, np.random.default_rng(7)).unchanged()
    accuracy, losses = met.value
    again = expect(train_resnet, X, y, X[:5], y[:5], 4, True, 2, np.random.default_rng(7))
    again.part(1).close(np.array(losses), rtol=1e-3)
    again.part(0).close(accuracy, rtol=1e-3)
    plain = expect(train_resnet, X, y, X[:5], y[:5], 4, False, 2, np.random.default_rng(7)).unchanged()
    plain.part(1).satisfies(
        lambda found, losses=losses: len(found) == 2 and not np.allclose(found, losses, rtol=1e-6),
        "other losses with residual=False than with residual=True: the skips make a difference",
    )
### BEGIN HIDDEN TESTS
with check("the test labels decide about accuracy alone: swapped, a of two classes becomes 1 − a"):
    rng = np.random.default_rng(8)
    X, y = rng.random((24, 1, 4, 4)), np.arange(24) % 2
    X_test, y_test = rng.random((10, 1, 4, 4)), np.array([0, 0, 0, 1, 1, 0, 1, 0, 0, 0])
    accuracy, losses = expect(train_resnet, X, y, X_test, y_test, 4, True, 4, np.random.default_rng(9)).value
    swapped = expect(train_resnet, X, y, X_test, 1 - y_test, 4, True, 4, np.random.default_rng(9))
    swapped.part(1).close(np.array(losses), rtol=1e-3)
    swapped.part(0).close(1 - accuracy, rtol=1e-3, atol=1e-6)
with check("a test image is judged by the training images' statistics, whichever images stand beside it"):
    rng = np.random.default_rng(10)
    y, y_test = np.arange(32) % 2, np.repeat([0, 1], 8)
    X = 0.6 * rng.random((32, 1, 4, 4)) + 0.4 * y[:, None, None, None]
    X_test = 0.6 * rng.random((16, 1, 4, 4)) + 0.4 * y_test[:, None, None, None]
    together = expect(train_resnet, X, y, X_test, y_test, 4, True, 4, np.random.default_rng(11)).value[0]
    dark = expect(train_resnet, X, y, X_test[:8], y_test[:8], 4, True, 4, np.random.default_rng(11)).value[0]
    bright = expect(train_resnet, X, y, X_test[8:], y_test[8:], 4, True, 4, np.random.default_rng(11))
    bright.part(0).satisfies(
        lambda found, together=together, dark=dark: 0 <= found <= 1 and abs((dark + found) / 2 - together) < 1e-4,
        "as many right of 8 dark and 8 bright images on their own as together: is a test batch normalized by itself?",
    )
with check("the statistics are those of all training images, not of the last batch, which may be a single image"):
    rng = np.random.default_rng(26)
    y, y_test = np.arange(641) % 2, np.arange(40) % 2  # 641 = 5·128 + 1 = 20·32 + 1 = 64·10 + 1
    X = (0.95 * y + 0.05 * rng.random(641))[:, None, None, None]
    X_test = (0.1 + 0.8 * y_test)[:, None, None, None]  # between the two: whoever measures one image sees one side
    others = [
        expect(train_resnet, X, y, X_test, y_test, 2, True, 6, np.random.default_rng(seed)).value[0]
        for seed in (27, 28, 29)  # one net in a hundred has all its kinks on one side, and may fail: not four of four
    ]
    met = expect(train_resnet, X, y, X_test, y_test, 2, True, 6, np.random.default_rng(30))
    met.part(0).satisfies(
        lambda accuracy, others=others: 0 <= accuracy <= 1 and 0.75 <= max(accuracy, *others) <= 1,
        "at least 0.75 in one of four runs: one pixel, training images from 0 to 0.05 and 0.95 to 1, tests 0.1 and 0.9",
    )
with check("chance comes from rng, and from nothing else: another rng gives other losses"):
    forbid(
        train_resnet,
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
    forbid(train_resnet, "numpy.random.default_rng", "numpy.random.RandomState")
    rng = np.random.default_rng(12)
    X, y = rng.random((12, 1, 4, 4)), np.arange(12) % 3
    _, losses = expect(train_resnet, X, y, X, y, 4, True, 2, np.random.default_rng(13)).value
    other = expect(train_resnet, X, y, X, y, 4, True, 2, np.random.default_rng(14))
    other.part(1).satisfies(
        lambda found, losses=losses: len(found) == 2 and not np.allclose(found, losses, rtol=1e-6),
        "other losses for an rng in another state",
    )
with check("three colours, odd sizes, whole numbers as pixels, a single test image"):
    rng = np.random.default_rng(15)
    X, y = rng.integers(0, 2, (33, 3, 5, 7)), np.arange(33) % 2
    _, losses = expect(train_resnet, 1.0 * X, y, 1.0 * X[:1], y[:1], 4, True, 1, np.random.default_rng(16)).value
    whole = expect(train_resnet, X, y, X[:1], y[:1], 4, True, 1, np.random.default_rng(16)).unchanged()
    whole.part(1).close(np.array(losses), rtol=1e-3)
    whole.part(0).satisfies(lambda accuracy: accuracy in (0, 1), "0 or 1: there is one test image")
    dot = X[:, :, :1, :1]
    tiny = expect(train_resnet, dot[:9], y[:9], dot[:2], y[:2], 4, False, 1, np.random.default_rng(17))
    tiny.part(1).satisfies(lambda found: np.isfinite(found).all() and 0 < found[0] < 9, "a finite loss for 1×1 images")
with check("depth 2 has no block: with and without skips, and for images half as bright, the losses are the same"):
    rng = np.random.default_rng(18)
    X, y = 1.0 * rng.integers(0, 2, (16, 1, 4, 4)), np.arange(16) % 4
    losses = expect(train_resnet, X, y, X, y, 2, True, 2, np.random.default_rng(25)).value[1]
    met = expect(train_resnet, X, y, X, y, 2, False, 2, np.random.default_rng(25)).part(1)
    met.close(np.array(losses), rtol=1e-3)
    met = expect(train_resnet, X / 2, y, X, y, 2, True, 2, np.random.default_rng(25)).part(1)
    met.satisfies(
        lambda found, losses=losses: np.allclose(found, losses, rtol=0.1),
        "the same losses to a tenth: a normalization stands before the dense layer, and undoes any change of scale",
    )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: deeper and worse
"""

# %% role="question" id="res_deeper_trains_worse" points=1

# %% [markdown]
r"""
### Experiment: plain against residual, 22 layers

The `Network` from above, so your `residual_block_forward` and `residual_block_backward` in 10 blocks: with shortcuts,
and with the same blocks and the same first weights without. Both learn 768 digits for five epochs, by SGD with momentum
0.9, batches of 32 and learning rate 0.03. The other 360 are the test.

- Left: the training loss, epoch by epoch.
- Right: *before* training, the norm of the gradient at the stream, from the first block's input to the last block's
  output.

*Make a prediction*: which net has the smaller gradient at its first block before training? Remember that here, unlike
in the last experiment, each convolution is followed by batch normalization.
"""

# %% role="demo" id="experiment-plain-residual"
from dlkit.lab import experiment, figure

with experiment(), figure("The plain net learns slowly, but not for want of gradient", columns=2) as (left, right):
    X_train, y_train, X_test, y_test = split_digits()
    trained = {}
    for name, line in [("residual", "o-"), ("plain", "s--")]:
        net = Network(10, np.random.default_rng(0), residual=name == "residual")
        _, _, arriving = net.gradients(X_train[:64], y_train[:64], range(10))
        norms = [np.linalg.norm(gradient) for gradient in arriving]
        losses = net.train(X_train, y_train, 5, np.random.default_rng(1), rate=0.03).mean(axis=1)
        tested = net.accuracy(X_test, y_test)
        left.plot(range(1, 6), losses, line, label=f"{name}: {tested:.0%} of the test right")
        right.semilogy(range(11), norms, line, label=name)
        print(f"{name:9s} loss by epoch: {'  '.join(f'{loss:.2f}' for loss in losses)}   right: ", end="")
        print(f"training {net.accuracy(X_train, y_train):.0%}, test {tested:.0%}")
        print(f"{'':9s} gradient norm before training: {norms[0]:.2f} at the first block, {norms[-1]:.3f} at the end")
        trained[name] = net
    nets = trained  # for the next two experiments
    left.set(xlabel="epoch", ylabel="training loss", title="22 layers, 768 digits", ylim=(0, None))
    left.set_xticks(range(1, 6))
    right.set(xlabel="after block", ylabel="gradient norm (logarithmic)", title="before training")
    left.legend()
    right.legend()

# %% [markdown]
r"""
**What it shows.** After five epochs the residual net has a loss of 0.33 and 92 % of the test digits right, the plain
net 1.20 and 51 %. It is no better on the digits that it was trained on, 51 %, so it does not overfit. And it had the
*larger* gradient at its first block, 0.94 against 0.56. With batch normalization the gradient does not vanish, it grows
on its way down. A long gradient need not be a useful one: each plain layer has to work with what all the others, still
random, make of the signal.

One run proves little, so here are more (not drawn): with three seeds the residual net has 87 to 92 %, the plain one 51
to 67 %, and of the learning rates 0.01, 0.03, 0.05 and 0.1 the one used is the plain net's best on average. With 4
blocks, 10 layers, it is 90.6 against 85.7 % on average: the gap opens with depth. And with 20 epochs the plain net of
22 layers gets to 84 to 93 %, the residual one to 94 to 96 %. At this depth plain nets are slow, not hopeless. He et al.
had plain nets of 34 layers on ImageNet and of 56 on CIFAR-10, and these stayed worse than shallower ones to the end.

Your `train_resnet` asks the same of v2 blocks; try it with depth 22.
"""

# %% [markdown]
r"""
### Experiment: a net of many paths

Multiplied out, ten residual blocks are $2^{10} = 1024$ paths, each through some of the branches. Two looks at the
networks that the previous experiment has trained:

- Left: one block is deleted at test time. In the residual net the shortcut remains, in the plain net what reaches the
  block goes straight on to the next. Nothing is trained again.
- Right: the gradient at the first block's input is the sum of what comes back along all paths. Your
  `residual_block_backward` gives the two parts of each block, so the sum can be sorted by length: how many branches a
  path went through. Beside it the share of the 1024 *paths* with that length.

*Make a prediction*: what does the loss of one block of ten cost the residual net, what does it cost the plain one? Is
it the same whichever block is deleted? And which paths carry the gradient: the short ones, those of length 5, of which
there are most, or the longest?
"""

# %% role="demo" id="experiment-paths"
from itertools import pairwise

from dlkit.lab import experiment, figure


def gradient_by_length(net, x, y):
    """The norm of what arrives at the first block along all paths with 0, 1, 2, … branches; they sum to 1."""
    used = range(len(net.blocks))
    _, _, arriving = net.gradients(x, y, used, training=False)
    _, (_, stream, caches, _) = net.forward(x, used)
    parts = [arriving[-1]]  # at the end no path has been through any branch
    for out, cache in zip(stream[:0:-1], caches[::-1], strict=True):
        past = [part * (out > 0) for part in parts]  # by the shortcut
        through = [residual_block_backward(part, cache)[0] - p for part, p in zip(parts, past, strict=True)]
        none = np.zeros_like(out)
        parts = [p + t for p, t in zip([*past, none], [none, *through], strict=True)]
    norms = np.array([np.linalg.norm(part) for part in parts])
    return norms / norms.sum()


with experiment(), figure("Any block less, and the plain net only guesses", columns=2) as (left, right):
    for (name, net), shift in zip(nets.items(), (-0.2, 0.2), strict=True):
        without = [net.accuracy(X_test, y_test, deleted=[block]) for block in range(10)]
        drawn = left.bar(np.arange(1, 11) + shift, without, 0.38, label=f"{name}, one block deleted")
        whole = net.accuracy(X_test, y_test)
        left.axhline(whole, color=drawn[0].get_facecolor(), linestyle=":", label=f"{name}, whole")
        print(f"{name:9s} without block 1, 2, …, 10: {' '.join(f'{part:4.0%}' for part in without)}", end="")
        print(f"   mean {np.mean(without):.0%}, whole {whole:.0%}")
    _, (_, stream, _, _) = nets["residual"].forward(X_test, range(10))
    change = [np.linalg.norm(after - before) / np.linalg.norm(before) for before, after in pairwise(stream)]
    print(f"a block changes the stream by {change[0]:.0%} (block 1), {change[4]:.0%} (5), {change[9]:.0%} (10)")

    lengths = np.arange(11)
    paths = np.array([math.comb(10, k) for k in lengths]) / 1024
    carried = gradient_by_length(nets["residual"], X_test[:64], y_test[:64])
    right.bar(lengths - 0.2, paths, 0.38, color="#bbbbbb", label="share of the paths")
    right.bar(lengths + 0.2, carried, 0.38, label="share of the gradient")
    print(f"mean length: of the paths {paths @ lengths:.1f}, weighted by the gradient {carried @ lengths:.1f}")
    print(f"paths with 7 or more branches: {paths[7:].sum():.0%} of the paths, {carried[7:].sum():.0%} of the gradient")
    left.set(xlabel="deleted block", ylabel="test accuracy", title="one block deleted at test time", ylim=(0, 1.25))
    left.set_xticks(range(1, 11))
    right.set(xlabel="length of a path: branches on it", ylabel="share", title="residual net: which paths count")
    right.set(xticks=lengths, ylim=(0, 0.32))
    left.legend(loc="upper left", ncols=2)
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** The plain net is at 7 to 18 % without any one of its blocks, which is guessing: each block expects
just what the one before it delivers. (It is not because this net is a poor one: a plain net of 4 blocks that has 87.5 %
right is at 8.5 % on average without one of them.) The residual net still has 71 % on average. But *which* block
matters. Without one of the blocks 5 to 10 it has 81 to 92 %, without the first only 13 %: that one changes the stream
by 155 % of its size, the last by 24 %. “You can delete any block” holds for networks with many blocks, where each is a
small correction. Here the first ones are not.

Paths of four branches carry the most gradient, and the weighted mean length is 4.0, where the mean over all paths is
5.0. Paths with 7 or more branches are 17 % of the paths and carry 6 %. The long ones are weaker, though with
normalized branches and only ten blocks not by much. In Veit et al.'s network of 54 blocks the paths that matter have
10 to 34 layers out of 110.

**What to say in an interview.** “A residual net behaves like a sum of many paths, most of them much shorter than the
network is deep. Deleting a block removes half of the paths, in a plain net the only one.”
"""

# %% [markdown]
r"""
### Experiment: stochastic depth

If blocks can be deleted after training, why not during training? **Stochastic depth** skips, in each batch, block l of
L with probability $\tfrac{l}{2L}$: hardly ever the first, every second time the last. For testing all blocks are there,
and each branch is multiplied by how often it was kept. With ten blocks 72 % of the work is left, so seven epochs cost
as much as five.

- Left: the residual net from before and the new one, with their *last* blocks deleted, one after the other.
- Right: the share of the gradient by the length of the path, as in the previous experiment.

*Make a prediction*: how many of its last blocks can each net lose before its accuracy falls below 80 %?

The cell uses the network and a function of the two previous experiments.
"""

# %% role="demo" id="experiment-stochastic-depth"
from dlkit.lab import experiment, figure

with experiment(), figure("Skipped blocks in training make blocks that can be skipped", columns=2) as (left, right):
    skipping = Network(10, np.random.default_rng(0), dropped=0.5)
    losses = skipping.train(X_train, y_train, 7, np.random.default_rng(1), rate=0.03).mean(axis=1)
    print(f"stochastic depth: blocks kept {skipping.kept.mean():.1%}, loss of the last epoch {losses[-1]:.2f}")
    counts, lengths = range(11), np.arange(11)
    for name, net, shift, line in [
        ("residual, 5 epochs", nets["residual"], -0.2, "o-"),
        ("stochastic depth, 7 epochs", skipping, 0.2, "s--"),
    ]:
        parts = [net.accuracy(X_test, y_test, deleted=range(10 - count, 10)) for count in counts]
        left.plot(counts, parts, line, label=name)
        print(f"{name:27s} last 0, 1, …, 10 deleted: {' '.join(f'{part:4.0%}' for part in parts)}")
        carried = gradient_by_length(net, X_test[:64], y_test[:64])
        right.bar(lengths + shift, carried, 0.38, label=f"{name.split(',')[0]}: mean {carried @ lengths:.1f}")
        print(f"{'':27s} mean length of a path, weighted by the gradient: {carried @ lengths:.1f}")
    left.set(xlabel="last blocks deleted", ylabel="test accuracy", title="at test time", ylim=(0, 1.04), xticks=counts)
    right.set(xlabel="length of a path: branches on it", ylabel="share of the gradient", title="which paths count")
    right.set_xticks(lengths)
    left.legend()
    right.legend()

# %% [markdown]
r"""
**What it shows.** The new net can lose its last six blocks, twelve of 22 layers, and still has 86 %; the residual net
falls below 80 % with the fourth. Its gradient takes shorter paths, of 3.0 branches on average instead of 4.0. It has
learnt to put what matters into the blocks that are always there, and to use the late ones for corrections.

For accuracy it does nothing here: 91 % against 92 %, and over three seeds (not drawn) 88.5 against 89.4 %; with 28
against 20 epochs, again the same work, 96.0 against 95.6 %. That is no difference with 360 test images. Stochastic
depth is a regularizer for networks that are deep and trained long enough to overfit.

**What to say in an interview.** “It drops whole branches in training, late ones more often, and scales by the
probability of keeping at test time: dropout for blocks. Gradients take shorter paths, an epoch costs less, and the
network is an ensemble over depths. It works because x + 0 is a valid layer; in a plain network it would cut the
signal.”
"""

# %% [markdown]
r"""
## Summary: the evening before

**The blocks**, each in a line; the branch is what stands in F

| block | formula | remember |
|---|---|---|
| residual v1, basic | relu(x + bn(conv(relu(bn(conv(x)))))) | the ReLU after the sum stands on the stream |
| bottleneck | relu(x + bn(1×1(relu(bn(3×3(relu(bn(1×1(x))))))))) | the 3×3 works at a quarter of the width, and has the stride |
| pre-activation, v2 | x + conv(relu(bn(conv(relu(bn(x)))))) | a clean stream; one more bn and ReLU after the last sum |
| ResNeXt | relu(x + 1×1(relu(grouped 3×3(relu(1×1(x)))))) | = a sum of g narrow bottlenecks |
| Inception v1 | concat(1×1, 1×1–3×3, 1×1–5×5, pool–1×1) | 1×1 in front of the large kernels, behind the pooling |
| DenseNet | concat(x, conv(relu(bn(x)))) | each layer reads all before it, appends k channels |
| squeeze and excitation | x · sigmoid(W₂ relu(W₁ mean(x))) | on the branch, not on the stream |

**The gradient**

| what | formula |
|---|---|
| one block, s = x + F(x), out = relu(s) | ds = dout · [s > 0]; dx = ds + (∂F/∂x)ᵀ ds |
| a chain of blocks | (I + J_L) … (I + J_1): I and 2^L − 1 more paths |
| a plain chain | J_L … J_1: one path |
| a factor λ on each shortcut | λ^L on the direct path |
| size of the stream, normalized branches | grows like √L |
| size of the stream, branches without norm | exponential in L; with a factor of 1/√L bounded, if they are uncorrelated |

**The counts** (1,000 classes, 224×224; a multiply-add counts as one)

| network | parameters | multiply-adds |
|---|---|---|
| ResNet-18 | 11,689,512 | 1.8 billion |
| ResNet-34 | 21,797,672 | 3.7 billion |
| ResNet-50 | 25,557,032 | 4.1 billion |
| ResNet-101 | 44,549,160 | 7.8 billion |
| ResNet-152 | 60,192,808 | 11.5 billion |
| ResNeXt-50, 32×4d | 25,028,904 | 4.2 billion |
| DenseNet-121 | 7,978,856 | 2.8 billion, but more activations to keep than ResNet-50 |

| on 256 channels | weights |
|---|---|
| two 3×3 | 1,179,648 |
| bottleneck 256–64–64–256 | 69,632, 17 times fewer |
| ResNeXt 32×4d | 70,144 |
| a 1×1 projection | 65,536, nearly as much as the whole bottleneck |
| k×k, stacked 3×3, 1×k and k×1, per pair of channels | 25, 18, 10 for k = 5; 49, 27, 14 for k = 7 |

**Which one when**

| situation | begin with | why |
|---|---|---|
| few labelled images | a pretrained ResNet-18 to -50 | pretraining is worth more than the block |
| hundreds of layers | v2 | no ReLU on the stream |
| same budget, more accuracy | ResNeXt, or SE on top | more paths at the same count; gates cost well under 1 % of the work |
| few parameters allowed | DenseNet | features are read again, not computed again |
| memory or speed is short | ResNet | concatenation and groups are slow for their counts |
| large batches and rates | zero-γ, warm-up | shallow at first |
| deep, long training, overfits | stochastic depth | dropout for blocks |

**Ten sentences to be able to say**

1. The degradation problem: the deeper plain net is worse on the *training* set, so it is optimization, neither
   overfitting nor capacity.
2. A residual block learns the change: identity is F = 0, near which it starts, and not a set of weights to be found.
3. dx = ds + Jᵀ ds: the gradient has a path without any weights on it, so it cannot vanish unless the others cancel it.
4. It can still explode: unscaled branches without a norm multiply the norm by a constant above 1 in each block.
5. Keep the shortcut clean: a factor, gate, dropout or ReLU on it is multiplied up over all blocks.
6. v2 moves norm and ReLU in front of the weights, so the stream is a plain sum; it needs a last norm before the head.
7. A bottleneck gives a stream four times as wide for the same work; its price is memory for the wide maps.
8. Projections only where the shape changes; elsewhere they cost much and break the identity.
9. ResNet adds, DenseNet concatenates: a sum forgets who wrote what, a concatenation keeps it and pays in memory.
10. A residual net is a sum of paths, so a block can be dropped in training and, where it is a small correction, after.

**Finger exercises**: write forward and backward of the basic block, with the projection; derive (I + J_L) … (I + J_1)
and say what it does not promise; count ResNet-18 on paper; show that a grouped 3×3 is a sum of narrow branches; say
for each block above where its last ReLU is.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| residual network (ResNet) | 残差网络 | a network of blocks x + F(x) |
| residual block | 残差块 | a block that adds its input to what it has learnt |
| residual (residual mapping) | 残差（残差映射） | F(x), the change that the block learns |
| shortcut, skip connection | 捷径连接（快捷连接）、跳跃连接 | the way past the branch |
| identity mapping | 恒等映射 | what passes its input on unchanged |
| branch | 分支 | the layers beside the shortcut |
| stream | 残差流 | what runs along the shortcuts through all blocks |
| projection shortcut | 投影捷径 | a 1×1 convolution on the shortcut, where the shape changes |
| zero padding (of channels) | 零填充 | new channels of the shortcut are 0 |
| degradation problem | 退化问题 | deeper plain nets have the higher training error |
| plain network | 普通网络（无捷径连接） | the same layers without shortcuts |
| vanishing, exploding gradient | 梯度消失、梯度爆炸 | it shrinks or grows exponentially with depth |
| bottleneck block | 瓶颈块 | 1×1 to fewer channels, 3×3, 1×1 to more |
| pre-activation | 预激活 | norm and ReLU before the weights: v2 |
| Jacobian | 雅可比矩阵 | all derivatives of outputs by inputs |
| chain rule | 链式法则 | the Jacobian of a chain is the product of Jacobians |
| grouped convolution | 分组卷积 | each group of filters reads its group of channels |
| cardinality | 基数 | how many parallel branches a ResNeXt block has |
| split–transform–merge | 拆分—变换—合并 | narrow branches side by side, then added or concatenated |
| Inception module | Inception 模块 | kernels of several sizes on one input, side by side |
| auxiliary classifier | 辅助分类器 | an additional head in the middle, for training only |
| factorized convolution | 分解卷积 | a large kernel as several small ones |
| label smoothing | 标签平滑 | a little of the target goes to the other classes |
| densely connected network (DenseNet) | 稠密连接网络 | each layer reads all maps before it |
| dense block, transition layer | 稠密块、过渡层 | layers that append; fewer channels and half the size |
| growth rate | 增长率 | how many channels a layer appends |
| concatenation | 拼接（连结） | maps put side by side along the channels |
| feature reuse | 特征重用 | reading old features again instead of computing them again |
| squeeze and excitation | 压缩与激励 | each channel scaled by a number that all of them decide |
| channel attention | 通道注意力 | weights for channels, computed from the image |
| gate, gating | 门、门控 | a factor between 0 and 1 that is computed |
| reduction ratio | 缩减比 | how much narrower the layer inside SE is |
| global average pooling | 全局平均池化 | one mean for each channel |
| zero-γ initialization | 零初始化 γ | γ of the last norm in each branch starts at 0 |
| stochastic depth | 随机深度 | blocks skipped at random in training |
| ensemble | 集成 | many models whose outputs are averaged |
"""
