"""Concept questions on normalization: what batch norm computes, why it helps, and where another norm must replace it.

They test whether the layer's two modes, its gradient and its coupling of examples are understood well enough to explain
a symptom, and to choose between batch, layer, group, instance and RMS normalization by what each one averages over.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "what-bn-does",
    "backward",
    "why-it-works",
    "train-and-test",
    "moving-averages",
    "gamma-and-beta",
    "parameters-and-buffers",
    "before-or-after",
    "bias-before-bn",
    "batch-of-one",
    "dropout",
    "sequences",
    "pre-and-post-norm",
    "regularizer",
    "folding",
    "small-batch-distributed",
    "which-norm",
)

bank = Bank()


# ---- what-bn-does: one mean and one variance per feature, over the batch

bank.choice(
    "bn_shape_of_distribution",
    "what-bn-does",
    r"Over a batch of 256 examples a feature has a strongly skewed distribution. Batch normalization with $\gamma = "
    r"1$, $\beta = 0$ is applied in training. What do you know about the feature's outputs on this batch?",
    [
        wrong(
            r"They are close to a normal distribution, by the central limit theorem.",
            r"The theorem is about sums of many independent terms. Here each value is shifted and scaled by itself.",
        ),
        wrong(
            r"They lie within $[-3, 3]$, but for a few values in a thousand.",
            r"That is a rule for normal distributions. One of 256 values can be as large as $\sqrt{255} \approx 16$.",
        ),
        wrong(
            r"They are uncorrelated with the outputs of the other features.",
            r"Each feature is standardized alone. Removing correlations is whitening, which needs the covariance "
            r"matrix.",
        ),
        right(
            r"Mean 0 and variance about 1; they are as skewed as before.",
            r"An affine map $x \mapsto (x - \mu)/\sqrt{\sigma^2 + \varepsilon}$ moves and scales a distribution but "
            r"keeps its shape.",
        ),
    ],
)

bank.choice(
    "bn_per_pixel_statistics",
    "what-bn-does",
    r"A home-made batch normalization for activations of shape $(32, 64, 14, 14)$ takes mean and variance over axis 0 "
    r"only, with $\gamma$ and $\beta$ of shape $(64, 14, 14)$. What is lost against the usual layer after a "
    r"convolution?",
    [
        wrong(
            r"Only speed: averaging also over height and width gives the same statistics with fewer numbers to store.",
            r"They are different statistics: here each position is standardized by itself, and differences between "
            r"the positions' means vanish.",
        ),
        right(
            rf"Positions are no longer treated alike, and each statistic rests on 32 values and not on {32 * 14 * 14}.",
            r"A convolution applies one filter everywhere; one mean and one variance per channel, over $N$, $H$ and "
            r"$W$, keep a shifted image a shifted map. Per-position statistics also tie the layer to one image size.",
        ),
        wrong(
            r"The channels get mixed, so a channel with large values suppresses the other ones.",
            r"Axis 1 is not averaged over, here or in the usual layer. Layer and group normalization mix channels.",
        ),
        wrong(
            r"The coupling within the batch: each example is now normalized on its own.",
            r"Axis 0 *is* the batch. Leaving it out of the average, as instance normalization does, would uncouple "
            r"the examples.",
        ),
    ],
)


@bank.number("bn_rare_unit", "what-bn-does", level=2)
def _bn_rare_unit(rng: np.random.Generator) -> Task:
    m, k = int(rng.choice([32, 48, 64, 96, 128])), int(rng.integers(1, 8))
    answer = math.sqrt((m - k) / k)
    return Task(
        rf"Batch normalization follows a ReLU. On a batch of ${m}$ examples one unit is 0 except on ${k}$ of them, "
        rf"where it has one and the same value $v > 0$. With $\gamma = 1$, $\beta = 0$ and $\varepsilon$ ignored, "
        rf"which output does the layer give where the unit is active? (within 1 %)",
        answer,
        rf"With the share $p = {k}/{m}$ of active examples the mean is $pv$ and the variance $p(1-p)v^2$, so $\hat x "
        rf"= \frac{{v - pv}}{{v\sqrt{{p(1-p)}}}} = \sqrt{{(1-p)/p}} = \sqrt{{{m - k}/{k}}} = {short(answer)}$. The "
        rf"size of $v$ has gone, and a rare feature becomes a large one; $\sqrt{{m-1}}$ is the largest value a batch "
        rf"of $m$ can produce.",
        rtol=1e-2,
    )


bank.open(
    "bn_whiteboard_forward",
    "what-bn-does",
    r"Write the forward pass of batch normalization on the whiteboard, for a dense layer $(N, D)$ and for a "
    r"convolution $(N, C, H, W)$, in training and at test time. Say what each quantity's shape is and what the layer "
    r"must remember.",
    r"In training, per feature over the batch: $\mu = \frac1m\sum x_i$, $\sigma^2 = \frac1m\sum (x_i - \mu)^2$, $\hat "
    r"x_i = (x_i - \mu)/\sqrt{\sigma^2 + \varepsilon}$, $y_i = \gamma\hat x_i + \beta$. For $(N, D)$ the average runs "
    r"over axis 0, $m = N$, and all of $\mu, \sigma^2, \gamma, \beta$ have shape $(D,)$; for $(N, C, H, W)$ it runs "
    r"over axes 0, 2, 3, $m = NHW$, and they have shape $(C,)$. $\varepsilon$ inside the root keeps a constant "
    r"feature finite. The running statistics move: new = 0.9 · old + 0.1 · batch, with the variance usually times "
    r"$m/(m-1)$. At test time the running mean and variance take the place of the batch's, so the layer is a fixed "
    r"affine map per feature, $N = 1$ works, and an example no longer depends on the others. To be learnt: $\gamma, "
    r"\beta$. To be stored with the model: the running statistics. To be cached for the backward pass: $\hat x$, "
    r"$1/\sqrt{\sigma^2 + \varepsilon}$ and $\gamma$.",
    [
        r"the four formulas, with the biased variance and eps inside the root",
        r"axes and shapes: axis 0 and (D,) for dense, axes 0, 2, 3 and (C,) for convolutions",
        r"running statistics: how they are updated, and that they are used at test time",
        r"at test time a fixed affine map, independent of the other examples",
        r"what is learnt, what is stored, what is cached",
    ],
)

# ---- backward: the mean and the variance are functions of the batch too

bank.choice(
    "bn_constant_upstream",
    "backward",
    r"In training mode a feature's upstream gradient is the same number $d \ne 0$ for every example of the batch. "
    r"What is the gradient `dx` of this feature?",
    [
        right(
            r"0 for every example",
            r"The outputs add up to $m\beta$ whatever $x$ is, and a constant $d$ asks only for their sum. $\beta$ "
            r"gets it all: `dbeta` is $md$.",
        ),
        wrong(
            r"$\gamma d/\sqrt{\sigma^2 + \varepsilon}$ for every example",
            r"That is right in evaluation mode. In training, raising every $x_i$ raises $\mu$ by the same amount, and "
            r"nothing changes.",
        ),
        wrong(
            r"$\gamma d\,\hat x_i/\sqrt{\sigma^2 + \varepsilon}$ for example $i$",
            r"$\hat x_i$ enters through the variance, with the factor $\frac1m\sum_j d\,\hat x_j$, which is 0 here.",
        ),
        wrong(
            r"$d/m$ for every example, since the mean shares the gradient out",
            r"The path through the mean carries $-\frac1m\sum$ of the gradients, which cancels the direct path; it "
            r"does not replace it.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_dx_sums",
    "backward",
    r"You test a hand-written backward pass of batch normalization ($\varepsilon$ negligible, random upstream "
    r"gradient). For each feature `dx` sums to 0 over the batch, but `(dx * xhat).sum(0)` is far from 0, and finite "
    r"differences disagree. What is missing?",
    [
        wrong(
            r"the path from $x$ through the mean into $x - \mu$",
            r"Without it `dx` would not sum to 0: that path subtracts the batch average.",
        ),
        wrong(
            r"the dependence of the variance on the mean, $\partial\sigma^2/\partial\mu$",
            r"It equals $-\frac2m\sum(x_i - \mu) = 0$, so leaving it out changes nothing.",
        ),
        right(
            r"the path from $x$ through the variance",
            r"$dx = \frac{\gamma}{\sigma}\left(d - \bar d - \hat x\,\overline{d\,\hat x}\right)$: the second term "
            r"makes the sum 0, the third, from the variance, makes `dx` orthogonal to $\hat x$.",
        ),
        wrong(
            r"the factor $\gamma$ in the gradient of $\hat x$",
            r"It scales all of `dx` alike, so it could not break one of two orthogonality relations.",
        ),
    ],
    level=3,
)

bank.choice(
    "bn_backward_cache",
    "backward",
    r"A training-mode backward pass of batch normalization is given `dout` and $\gamma$, and it may not compute the "
    r"statistics again. What suffices as its cache?",
    [
        wrong(
            r"the input $x$, the batch mean and the running variance",
            r"The running variance is not what this batch was divided by. In training it plays no part in the output.",
        ),
        wrong(
            r"the output $y$ and $\beta$",
            r"$\hat x = (y - \beta)/\gamma$ fails where $\gamma = 0$, and the scale $1/\sqrt{\sigma^2 + \varepsilon}$ "
            r"cannot be had from $y$ at all.",
        ),
        wrong(
            r"nothing less than $x$, $x - \mu$, its square, $\sigma^2$ and $\hat x$",
            r"That is the cache of a backward pass which walks the graph node by node. The closed form needs much "
            r"less.",
        ),
        right(
            r"$\hat x$, and one number $1/\sqrt{\sigma^2 + \varepsilon}$ per feature",
            r"`dbeta` is the sum of `dout`, `dgamma` that of `dout * xhat`, and $dx = "
            r"\frac{\gamma}{\sqrt{\sigma^2+\varepsilon}}(d - \bar d - \hat x\,\overline{d\,\hat x})$ uses nothing "
            r"else.",
        ),
    ],
    level=2,
)


@bank.number("bn_dx_of_four", "backward", level=2)
def _bn_dx_of_four(rng: np.random.Generator) -> Task:
    answer = 0.0
    while abs(answer) < 0.05:
        centre, gamma = int(rng.integers(2, 10)), int(rng.integers(2, 6))
        x = centre + rng.permutation([-3, -1, 1, 3])
        d = rng.integers(-4, 5, size=4)
        xhat = (x - centre) / math.sqrt(5)
        dx = gamma / math.sqrt(5) * (d - d.mean() - xhat * (d * xhat).mean())
        answer = float(dx[0])
    mean, product = float(d.mean()), float((d * xhat).mean())
    return Task(
        rf"A feature takes the values $x = ({', '.join(map(str, x))})$ on a batch of 4. Batch normalization in "
        rf"training mode, $\gamma = {gamma}$, $\varepsilon = 0$; the upstream gradient is $d = "
        rf"({', '.join(map(str, d))})$. What is the gradient with respect to the *first* value of $x$? (within 1 %)",
        answer,
        rf"$\mu = {centre}$ and $\sigma^2 = 5$, so $\hat x_1 = {short(float(xhat[0]))}$. The averages are $\bar d = "
        rf"{mean:g}$ and $\overline{{d\hat x}} = {short(round(product, 6))}$. $dx_1 = \frac{{\gamma}}{{\sigma}}(d_1 - "
        rf"\bar d - \hat x_1\,\overline{{d\hat x}}) = {short(gamma / math.sqrt(5))} \cdot ({d[0]} - ({mean:g}) - "
        rf"({short(round(float(xhat[0]) * product, 6))})) = {short(answer)}$. With the statistics taken as constants "
        rf"it would be ${short(gamma / math.sqrt(5) * int(d[0]))}$.",
        rtol=1e-2,
    )


@bank.number("bn_jacobian_rank", "backward", level=3)
def _bn_jacobian_rank(rng: np.random.Generator) -> Task:
    m, features = 4 * int(rng.integers(2, 17)), int(rng.integers(3, 33))
    answer = features * (m - 2)
    return Task(
        rf"Batch normalization in training mode maps a batch of ${m}$ examples with ${features}$ features to an "
        rf"output of the same shape; all $\gamma \ne 0$, $\varepsilon = 0$, no feature is constant. What is the rank "
        rf"of the Jacobian of all ${m * features}$ outputs with respect to all ${m * features}$ inputs? (a whole "
        rf"number, exact)",
        answer,
        rf"Features do not mix, so count one: adding a constant to its ${m}$ values, or stretching them about their "
        rf"mean, leaves its outputs as they are. That takes away 2 directions, and only these: rank ${m} - 2 = "
        rf"{m - 2}$. Together ${features} \cdot {m - 2} = {answer}$. With $m = 2$ nothing is left: `dx` is always 0.",
        rtol=1e-6,
    )


bank.open(
    "bn_derive_backward",
    "backward",
    r"Derive `dgamma`, `dbeta` and `dx` of batch normalization in training mode for one feature and a batch of $m$. "
    r"Bring `dx` to a form with two averages, explain what the two subtracted terms do, and say what changes in "
    r"evaluation mode.",
    r"Let $s = \sqrt{\sigma^2 + \varepsilon}$, $\hat x_i = (x_i - \mu)/s$, $y_i = \gamma\hat x_i + \beta$ and $d_i = "
    r"\partial L/\partial y_i$. Then $d\beta = \sum d_i$, $d\gamma = \sum d_i\hat x_i$ and $g_i = \partial "
    r"L/\partial\hat x_i = \gamma d_i$. Three paths lead to $x_i$: directly $g_i/s$; through the variance, "
    r"$\frac{\partial L}{\partial\sigma^2} = -\frac{1}{2s^3}\sum g_j(x_j - \mu)$ times $\frac2m(x_i - \mu)$; through "
    r"the mean, $\frac{\partial L}{\partial\mu} = -\frac1s\sum g_j$ times $\frac1m$ (the mean inside the variance "
    r"adds nothing, since $\sum(x_j - \mu) = 0$). Together $dx_i = \frac{\gamma}{s}\left(d_i - \frac1m\sum_j d_j - "
    r"\hat x_i\frac1m\sum_j d_j\hat x_j\right)$. The first subtracted term removes the part of the gradient that "
    r"would shift all $x_i$ together, the second the part that would stretch them; the forward pass is blind to both. "
    r"So $\sum dx_i = 0$, and $\sum dx_i\hat x_i = 0$ for $\varepsilon = 0$, which makes a good test. In evaluation "
    r"mode the statistics are constants, only the direct path remains, and $dx_i = \gamma d_i/\sqrt{\text{running "
    r"var} + \varepsilon}$.",
    [
        r"dbeta is the sum of dout, dgamma the sum of dout times xhat",
        r"three paths to x: direct, through the variance, through the mean",
        r"the closed form with the two averages, correct to the factor gamma/s",
        r"the subtracted terms are projections: shift and stretch do not change the output",
        r"in evaluation mode only the direct term, with the running variance",
    ],
    level=3,
)

# ---- why-it-works: three accounts, and what the evidence says

bank.choice(
    "bn_noise_after",
    "why-it-works",
    r"Experiment: random shifts and scales, new at every step, are put after each batch normalization, so the layers' "
    r"inputs change more from step to step than in the same network without it. It still trains nearly as fast as "
    r"with plain batch normalization, and much faster than without. What follows?",
    [
        wrong(
            r"Batch normalization works because it reduces internal covariate shift, even under noise.",
            r"In this network the shift is larger than without the layer, and the speed is there all the same.",
        ),
        right(
            r"Steadier input distributions are not needed for the speed-up; look for another mechanism.",
            r"This is the experiment of Santurkar et al. (2018). They found a smoother loss instead: gradients that "
            r"change less along a step and so predict it better.",
        ),
        wrong(
            r"Batch normalization does nothing for optimization; its effect is regularization by noise.",
            r"Both noisy and plain versions train much faster than the network without it, which is an effect on "
            r"optimization.",
        ),
        wrong(
            r"The noise helps: random shifts act like a larger learning rate.",
            r"The noisy network was not faster than the plain one. The point is how little the noise hurts.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_tenfold_weights",
    "why-it-works",
    r"The weights $W$ of a layer followed by batch normalization are multiplied by 10; $\varepsilon$ is negligible. "
    r"How do the layer's output and the gradient with respect to $W$ change, and what does that mean for SGD?",
    [
        wrong(
            r"Output as before, gradient as before; a step of SGD turns $W$ just as far.",
            r"If $L(10W) = L(W)$ for all $W$, the chain rule gives $10\,\nabla L(10W) = \nabla L(W)$: the gradient "
            r"cannot stay the same.",
        ),
        wrong(
            r"Output as before, gradient 10 times as large; training becomes unstable once the weights are large.",
            r"The other way round. A change of a given size matters less to large weights, so the gradient is smaller.",
        ),
        wrong(
            r"Output 10 times as large, gradient as before, until $\gamma$ has adapted.",
            r"Mean and standard deviation of $xW$ grow by 10 as well, and the factor cancels in the same forward pass.",
        ),
        right(
            r"Output as before, gradient a tenth; a step of SGD turns $W$ by a hundredth of the angle.",
            r"The step is a tenth as long on a vector ten times as long. Too large a step makes $W$ grow and so damps "
            r"the next ones: one reason why large learning rates are survived.",
        ),
    ],
    level=2,
)


@bank.number("bn_rotation_per_step", "why-it-works", level=3)
def _bn_rotation_per_step(rng: np.random.Generator) -> Task:
    rate = int(rng.integers(2, 31)) / 100
    decay = int(rng.integers(1, 11)) / 10000
    answer = math.degrees(math.acos(1 - rate * decay))
    return Task(
        rf"The weight vector $w$ of a unit followed by batch normalization is trained by plain SGD with learning rate "
        rf"${rate:g}$ and weight decay ${decay:g}$, so $w \leftarrow (1 - \eta\lambda)\,w - \eta\,g$, where $g$ is "
        rf"the gradient of the loss without the decay. Growth by $g$ and shrinking by decay have come to balance: "
        rf"$\lVert w\rVert$ stays as it is. By which angle does a step turn $w$? (in degrees, within 2 %)",
        answer,
        rf"$L$ does not depend on the length of $w$, so $g$ is orthogonal to $w$. The old $w$ shrunk by $1 - "
        rf"\eta\lambda$, the step $\eta g$ and the new $w$ form a right triangle with the new $w$, as long as the old "
        rf"one, as hypotenuse: $\cos\theta = 1 - \eta\lambda$, $\theta = {short(answer)}^\circ$, about "
        rf"$\sqrt{{2\eta\lambda}}$ in radians. The size of the gradient has dropped out: with batch normalization "
        rf"$\eta$ and $\lambda$ act through their product.",
        rtol=2e-2,
    )


bank.open(
    "bn_accounts",
    "why-it-works",
    r"Why does batch normalization speed up training? Give at least three accounts that have been put forward, with "
    r"the evidence for or against each, and say which you would defend in front of a sceptic.",
    r"(1) Internal covariate shift, the 2015 paper's: layers need not chase the changing distributions of their "
    r"inputs. Against it: Santurkar et al. (2018) put random shifts and scales after the layer, and training stayed "
    r"fast. (2) A smoother loss: the same authors measured that the loss and the gradient change less along the step "
    r"direction, so a larger step can be trusted. (3) Scale invariance: after normalization the length of $W$ does "
    r"not matter to the output, $\nabla L(cW) = \nabla L(W)/c$, so too large steps make the weights grow and reduce "
    r"the effective learning rate $\eta/\lVert W\rVert^2$ by themselves. (4) Better conditioning: activations stay "
    r"centred and at scale 1 through the depth, so neither signal nor gradient vanishes or saturates at the start, "
    r"and training depends less on initialization; without it Bjorck et al. (2018) saw activations explode at large "
    r"rates. In residual networks it also makes the branches small at the start beside the shortcut. (5) Noise of the "
    r"batch statistics regularizes; that explains generalization, not speed. I would defend (2) to (4): they are "
    r"properties one can compute or measure. No single one is the proven cause.",
    [
        r"internal covariate shift, as the original claim",
        r"the evidence against it: noise injected after the layer",
        r"a smoother loss, or gradients that stay valid over longer steps: larger learning rates",
        r"scale invariance: gradient falls as the weights grow, effective learning rate",
        r"well-scaled activations through depth, less dependence on initialization; or noise as regularizer, kept "
        r"apart from speed",
    ],
    level=2,
)

# ---- train-and-test: two modes, and what goes wrong between them

bank.choice(
    "bn_neighbours_change",
    "train-and-test",
    r"A deployed classifier gives the same image clearly different probabilities, depending on which other images are "
    r"in the request. Sending exactly the same request twice gives the same answer. What is the most likely cause?",
    [
        wrong(
            r"Dropout is still active.",
            r"Then the same request would give a different answer each time, because the masks are drawn anew.",
        ),
        right(
            r"Batch normalization runs in training mode.",
            r"Then the other images' activations enter the mean and the variance. Nothing is random, but an answer "
            r"depends on its neighbours.",
        ),
        wrong(
            r"The running statistics come from too few batches.",
            r"Poor running statistics make every answer worse, but they are constants: the neighbours would not "
            r"matter.",
        ),
        wrong(
            r"The order of floating-point sums depends on the batch size.",
            r"That is real, but it shows in the sixth or seventh digit, not in clearly different probabilities.",
        ),
    ],
)

bank.choice(
    "bn_good_in_train_mode",
    "train-and-test",
    r"After 60 steps with batches of 64 the validation loss is 0.4 if batch normalization uses batch statistics, but "
    r"3.1 in evaluation mode: same data, same weights, no dropout. The running averages keep 99 % of the old value at "
    r"each step. Which explanation do you check first?",
    [
        wrong(
            r"Overfitting: evaluation mode shows the true gap, which batch statistics hide.",
            r"Both numbers are from validation data with the same weights. Only the statistics differ.",
        ),
        wrong(
            r"The batch variance is biased and the running one unbiased, so the scales do not match.",
            rf"With 64 values per feature the two differ by the factor 64/63, {100 / 63:.1f} %, and with convolutions "
            rf"by far less.",
        ),
        wrong(
            r"The momentum is too low: averages this short follow the last batch and are very noisy.",
            r"Keeping 99 % is a *long* memory, of about 100 steps. The trouble is that there have been only 60.",
        ),
        right(
            rf"The running averages are still about {100 * 0.99**60:.0f} % their initial values, mean 0 and variance "
            rf"1.",
            rf"$0.99^{{60}} = {0.99**60:.2f}$. Train longer, average faster, or recompute the statistics with a pass "
            rf"over training data and plain averages. Watch the convention: 0.99 means the opposite in PyTorch.",
        ),
    ],
    level=2,
)


@bank.number("bn_warm_statistics", "train-and-test")
def _bn_warm_statistics(rng: np.random.Generator) -> Task:
    momentum = int(rng.choice([1, 2, 5, 10, 20])) / 100
    percent = int(rng.integers(1, 21))
    exact = math.log(percent / 100) / math.log(1 - momentum)
    answer = math.ceil(exact - 1e-9)
    return Task(
        rf"A running mean starts at 0 and is updated by new = (1 − m) · old + m · batch mean, with momentum $m = "
        rf"{momentum:g}$. The batch mean is the same at every step. After how many steps is the running mean first "
        rf"within ${percent}\,\%$ of it? (a whole number, exact)",
        answer,
        rf"After $n$ steps the share of the initial value is $(1 - m)^n$, and so is the relative error. "
        rf"${1 - momentum:g}^n \le {percent / 100:g}$ needs $n \ge \ln {percent / 100:g} / \ln {1 - momentum:g} = "
        rf"{short(exact)}$, so $n = {answer}$. Before that, evaluation mode is wrong even if training goes well.",
        rtol=1e-6,
    )


@bank.number("bn_eval_one_value", "train-and-test")
def _bn_eval_one_value(rng: np.random.Generator) -> Task:
    m, old_mean, old_var = int(rng.integers(5, 21)), int(rng.integers(0, 4)), int(rng.integers(1, 5))
    batch_mean, biased, x = int(rng.integers(5, 12)), int(rng.integers(6, 21)), int(rng.integers(15, 31))
    mean = 0.9 * old_mean + 0.1 * batch_mean
    unbiased = biased * m / (m - 1)
    var = 0.9 * old_var + 0.1 * unbiased
    answer = (x - mean) / math.sqrt(var)
    return Task(
        rf"A batch normalization layer ($\gamma = 1$, $\beta = 0$, $\varepsilon$ ignored) has running mean "
        rf"${old_mean}$ and running variance ${old_var}$ for a feature. One training step with momentum 0.1 sees a "
        rf"batch of ${m}$ values with mean ${batch_mean}$ and mean squared deviation ${biased}$; as in PyTorch, the "
        rf"running variance averages the *unbiased* variance. Then, in evaluation mode, comes the value ${x}$. What "
        rf"is the output? (within 0.5 %)",
        answer,
        rf"Running mean: $0.9 \cdot {old_mean} + 0.1 \cdot {batch_mean} = {mean:.4g}$. The unbiased variance is "
        rf"${biased} \cdot {m}/{m - 1} = {unbiased:.4g}$, so the running variance is $0.9 \cdot {old_var} + 0.1 \cdot "
        rf"{unbiased:.4g} = {var:.4g}$. Output: $({x} - {mean:.4g})/\sqrt{{{var:.4g}}} = {short(answer)}$. The "
        rf"training step itself divided by the biased variance of the batch alone.",
        rtol=5e-3,
    )


bank.open(
    "bn_mode_gap",
    "train-and-test",
    r"A model with batch normalization trains well, but in evaluation mode its results on the *training* data are "
    r"poor. List the possible causes, and describe the cheapest experiments that tell them apart.",
    r"First experiment: the same data and weights once with batch statistics and once with running statistics, "
    r"dropout off. If only the second is poor, it is the running statistics; if both are, look at the data pipeline "
    r"or the weights. Causes: too few updates, or a momentum in another library's convention (0.99 of the old against "
    r"0.99 of the new); small batches, so that training saw noisy statistics of its own; batches that are not a fair "
    r"sample (sorted by class, one domain or one class per batch), so that the average over batches is not what any "
    r"batch looked like; activations that still move fast, so that the average lags; buffers not saved, not loaded, "
    r"or of one replica only; statistics updated by other data, such as a forward pass in training mode on test or "
    r"generated data, or a layer shared between two inputs; dropout before the layer, which changes the variance. "
    r"Second experiment: leave the weights, reset the statistics and recompute them with one pass over shuffled "
    r"training data in training mode; if that repairs evaluation, the weights are fine. Also compare the running and "
    r"batch statistics layer by layer, and find the first layer that differs. Cures follow: recompute, larger or "
    r"synchronized batches, shuffling, separate statistics per domain, another norm.",
    [
        r"compares batch and running statistics on the same data, so isolates the layer",
        r"too few updates or a wrong momentum convention",
        r"small or unrepresentative batches (sorted, per domain)",
        r"buffers lost or polluted, or a variance shift by dropout",
        r"recomputing the statistics on training data as test and as cure",
    ],
    level=2,
)

# ---- moving-averages: why training does not use them

bank.choice(
    "bn_mean_outside_gradient",
    "moving-averages",
    r"A layer adds a bias $b$ to $u$ and then subtracts the batch mean, $\hat x = u + b - \mathrm{mean}(u + b)$. "
    r"Back-propagation treats this mean as a constant. $u$ is fixed, $\hat x$ feeds a loss, and $b$ is trained by "
    r"gradient descent. What happens?",
    [
        wrong(
            r"$b$ stays where it is: its gradient is 0, because the mean takes it out again.",
            r"That is the *true* gradient, found by differentiating through the mean. The one used here has lost that "
            r"path.",
        ),
        wrong(
            r"$b$ converges to minus the batch mean of $u$, where nothing needs to be subtracted.",
            r"Nothing pulls it there: the loss does not depend on $b$ at all.",
        ),
        right(
            r"$b$ moves by the same amount at every step, for ever, and the loss does not change.",
            r"The computed gradient $\sum_i\partial L/\partial\hat x_i$ depends on $\hat x$ only, which $b$ cannot "
            r"change. Ioffe and Szegedy (2015) give this example for why statistics must be part of the gradient; "
            r"running averages are such constants.",
        ),
        wrong(
            r"$b$ oscillates: each step overshoots, and the mean corrects it at the next one.",
            r"The correction takes place within the same forward pass, so no sign ever changes.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_running_in_training",
    "moving-averages",
    r"“Moving averages are less noisy than the statistics of one batch, so let us normalize by them in training too.” "
    r"What is the decisive objection?",
    [
        right(
            r"Steps then ignore how they change the statistics, and weights can grow unchecked.",
            r"The averages are constants for the gradient and lag behind the weights, so a step may grow the very "
            r"mean and scale that should be removed. Frozen statistics do work for gentle fine-tuning, where the "
            r"weights hardly move.",
        ),
        wrong(
            r"The averages need memory for one mean and variance per feature and training step.",
            r"An exponential average keeps one number per statistic, and the layer has it anyway for evaluation.",
        ),
        wrong(
            r"Without noise in the statistics the gradient with respect to $\gamma$ and $\beta$ is zero.",
            r"`dgamma` and `dbeta` are sums of `dout * xhat` and `dout`; they exist in evaluation mode as well.",
        ),
        wrong(
            r"Gradients through an average over 1000 steps would have to be stored and would vanish.",
            r"Nobody differentiates through old batches, and could not, as their weights were others. That is exactly "
            r"why the averages are constants.",
        ),
    ],
)


@bank.number("bn_running_lag", "moving-averages", level=2)
def _bn_running_lag(rng: np.random.Generator) -> Task:
    drift, momentum = int(rng.integers(1, 21)) / 100, int(rng.choice([1, 2, 4, 5, 10, 20])) / 100
    answer = drift * (1 - momentum) / momentum
    return Task(
        rf"Early in training the batch mean of a feature rises by ${drift:g}$ per step. The running mean is updated "
        rf"by new = (1 − m) · old + m · batch mean with $m = {momentum:g}$. After many steps, how far behind the "
        rf"latest batch mean is the running mean just after its update? (within 1 %)",
        answer,
        rf"Let the lag after an update be $e$. The batch mean then rises by $\delta = {drift:g}$, and the update "
        rf"leaves $(1-m)(e + \delta)$. At balance $e = (1-m)(e + \delta)$, so $e = \delta(1-m)/m = {drift:g} \cdot "
        rf"{1 - momentum:g}/{momentum:g} = {short(answer)}$. If the feature's standard deviation is of the order of "
        rf"1, such a lag is what normalizing by running averages would leave in the activations.",
        rtol=1e-2,
    )


bank.open(
    "bn_train_with_running",
    "moving-averages",
    r"Why does batch normalization use the batch's own statistics in training and running averages at test time? "
    r"Explain what breaks if running averages are used in training, when it is harmless, and how batch "
    r"renormalization makes use of them after all.",
    r"At test time an example's output should not depend on its neighbours, and there may be only one, so fixed "
    r"statistics are needed. In training the batch statistics are functions of the present weights, and the gradient "
    r"passes through them: it has no component along a common shift or stretch of the feature, which the layer "
    r"removes anyway. Running averages are constants for the gradient and come from older weights. A step that raises "
    r"a bias or scales the weights then looks useful although the average will later cancel it; in the extreme the "
    r"parameter grows for ever while the loss stays. They also lag, so activations are not really normalized when the "
    r"weights move fast. It is harmless where the weights hardly move: fine-tuning with frozen statistics at a small "
    r"rate, as in detectors. Batch renormalization normalizes by the batch, then corrects with $r = \sigma_B/\sigma$ "
    r"and $d = (\mu_B - \mu)/\sigma$ from the running values, so the output equals that of evaluation mode; $r$ and "
    r"$d$ are clipped and treated as constants, while the gradient still passes through $\mu_B$ and $\sigma_B$. Its "
    r"limits start at $r = 1, d = 0$, which is plain batch normalization, and are loosened as training goes on.",
    [
        r"test time: fixed statistics, no dependence on neighbours, batch of one",
        r"training: the gradient must pass through the statistics; averages are constants for it",
        r"the consequence: steps that the normalization undoes, parameters that drift or grow",
        r"harmless when the weights hardly move, such as frozen batch norm in fine-tuning",
        r"batch renormalization: r and d, clipped, constant in the gradient",
    ],
    level=3,
)

# ---- gamma-and-beta: why normalize and then scale again

bank.choice(
    "bn_what_gamma_buys",
    "gamma-and-beta",
    r"With $\gamma = \sqrt{\sigma^2 + \varepsilon}$ and $\beta = \mu$ batch normalization would give back its input. "
    r"What then has been gained?",
    [
        wrong(
            r"Nothing in the end: training converges to this identity, and only the first epochs profit.",
            r"There is no pull towards the identity. $\gamma$ and $\beta$ go where the loss is low.",
        ),
        wrong(
            r"$\gamma$ and $\beta$ are kept near 1 and 0, so the identity is a case that does not occur.",
            r"They are ordinary parameters without bounds; many recipes do not even decay them.",
        ),
        right(
            r"Mean and scale are now two parameters, learnt directly, and no longer a result of all weights below.",
            r"Without the layer, changing a unit's mean means changing weights in many layers together. The functions "
            r"are the same, the path of gradient descent is not.",
        ),
        wrong(
            r"The identity holds for one batch, and the next one is normalized as $\gamma$ and $\beta$ are used only "
            r"at test time.",
            r"They are used in both modes; only mean and variance differ between the modes.",
        ),
    ],
)

bank.choice(
    "bn_gamma_before_relu",
    "gamma-and-beta",
    r"In a stack of convolution → batch normalization → ReLU → convolution (with bias), which parameter of the "
    r"normalization can be fixed, at $\gamma = 1$ or $\beta = 0$, without losing functions with $\gamma \ne 0$?",
    [
        wrong(
            r"$\beta$: the bias of the next convolution can take its place.",
            r"$\beta$ acts before the bend. It decides on which share of the examples the ReLU is active; a bias "
            r"behind the ReLU cannot.",
        ),
        right(
            r"$\gamma$: its size can move into the next weights, its sign into the previous ones.",
            r"$\mathrm{relu}(c\,z) = c\,\mathrm{relu}(z)$ for $c > 0$, and turning the sign of a filter turns that of "
            r"$\hat x$. So frameworks allow `scale=False`; as a convenience of optimization $\gamma$ is mostly kept.",
        ),
        wrong(
            r"Both: convolutions on either side can represent any scale and shift.",
            r"The convolution *before* cannot: its scale and shift are normalized away. And the one behind comes "
            r"after the bend.",
        ),
        wrong(
            r"Neither: without $\gamma$ the ReLU would be active on half of the examples in every channel.",
            r"The active share depends on $\beta/\gamma$, so with $\gamma = 1$ a suitable $\beta$ gives any share.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_zero_gamma_block",
    "gamma-and-beta",
    r"In every residual block $x + F(x)$ the last layer of $F$ is a batch normalization whose $\gamma$ starts at 0 "
    r"(and $\beta$ at 0). What happens at the first backward pass?",
    [
        right(
            r"The convolutions in $F$ get no gradient yet, but the last $\gamma$ does, so the branch opens from there.",
            r"`dgamma` is $\sum d\,\hat x$, which does not contain $\gamma$; what goes further back is multiplied by "
            r"$\gamma = 0$. Each block starts as the identity, which helps at large learning rates.",
        ),
        wrong(
            r"$F$ is never trained: a factor of 0 stops the gradient for all its parameters.",
            r"The derivative of $\gamma\hat x$ with respect to $\gamma$ is $\hat x$, not $\gamma$.",
        ),
        wrong(
            r"All channels of $\gamma$ get the same gradient, so they stay equal, as with weights that start at 0.",
            r"The $\hat x$ of the channels differ, since the convolutions started at random. There is no symmetry.",
        ),
        wrong(
            r"No gradient gets past the block, so only the layers behind the last block learn at first.",
            r"The shortcut passes the gradient on unchanged to everything below.",
        ),
    ],
    level=2,
)

bank.open(
    "bn_why_reconstruct",
    "gamma-and-beta",
    r"Why does batch normalization scale and shift its output by $\gamma$ and $\beta$ after it has just removed scale "
    r"and shift? What would be lost without them, for sigmoid and for ReLU, and which of the two is redundant where?",
    r"Fixing mean 0 and variance 1 restricts what a layer can do. With a sigmoid behind, most pre-activations would "
    r"lie in the nearly linear middle; with a ReLU behind, a unit with a roughly symmetric distribution would be "
    r"active on about half of the examples and could not become selective. $\gamma$ and $\beta$ give the freedom "
    r"back: with $\gamma = \sqrt{\sigma^2+\varepsilon}$, $\beta = \mu$ the layer is even the identity, so nothing is "
    r"lost in expressiveness. It isn't pointless, because the parametrization has changed: mean and scale, before a "
    r"complicated result of all lower layers, are now two numbers with gradients of their own, and the weights below "
    r"determine only the direction. $\beta$ takes over the bias of the layer before, which may be dropped. $\gamma$ "
    r"is redundant before a ReLU followed by a linear layer, since a positive factor passes through; $\beta$ is not, "
    r"since it sets the threshold. Starting values are $\gamma = 1$, $\beta = 0$, or $\gamma = 0$ in the last "
    r"normalization of a residual branch.",
    [
        r"mean 0 and variance 1 alone restrict the layer (sigmoid in its linear part, ReLU active on half)",
        r"gamma and beta can restore the identity, so no function is lost",
        r"the gain: scale and mean are learnt directly, decoupled from the weights below",
        r"beta replaces the bias; gamma is redundant before ReLU and a linear layer",
    ],
)

# ---- parameters-and-buffers: what the optimizer sees and what it does not

bank.choice(
    "bn_parameters_only_checkpoint",
    "parameters-and-buffers",
    r"A checkpoint is loaded into a fresh model. Training goes on with the loss at which it stopped, but an "
    r"evaluation right after loading is at chance level; after some hundred more training steps evaluation is fine "
    r"again. What was wrong with the checkpoint?",
    [
        wrong(
            r"The optimizer's momentum was not saved, so the weights are off for some hundred steps.",
            r"The optimizer plays no part in an evaluation before the first step, and the training loss would show a "
            r"jump.",
        ),
        wrong(
            r"$\gamma$ and $\beta$ were not saved and had to be learnt again.",
            r"They act in training mode as well, so the training loss would have jumped too.",
        ),
        wrong(
            r"It was saved in training mode, and the mode is restored with the weights.",
            r"The mode is not part of the saved state, and it would be set by the evaluation code in any case.",
        ),
        right(
            r"It holds the parameters only; the running means and variances started anew.",
            r"In training mode they are not used, so nothing shows. In evaluation the fresh 0 and 1 are wrong, until "
            r"the updates of training have filled them. Save the buffers as well: the whole state dictionary.",
        ),
    ],
)

bank.choice(
    "bn_frozen_but_moving",
    "parameters-and-buffers",
    r"A pretrained backbone is frozen with `requires_grad = False` on all its parameters; only a new head is trained, "
    r"in training mode. Yet the backbone's features of a fixed image, computed in evaluation mode, drift from epoch "
    r"to epoch. Why?",
    [
        right(
            r"Its batch normalization layers go on updating their running statistics.",
            r"These are buffers, changed by the forward pass and not by a gradient. Put the frozen layers into "
            r"evaluation mode, and do so again after every call of `model.train()`.",
        ),
        wrong(
            r"Weight decay shrinks the frozen weights although their gradients are 0.",
            r"Parameters without a gradient are skipped by the optimizer, decay included, and it is the whole "
            r"parameter that is frozen here.",
        ),
        wrong(
            r"$\gamma$ and $\beta$ are updated in the forward pass, like the statistics.",
            r"They are ordinary parameters, which only the optimizer changes, and they are frozen.",
        ),
        wrong(
            r"The head's gradient flows into the backbone because dropout unfreezes it.",
            r"Dropout has no influence on what is trained, and it is switched off in evaluation mode.",
        ),
    ],
)


@bank.number("bn_stored_numbers", "parameters-and-buffers")
def _bn_stored_numbers(rng: np.random.Generator) -> Task:
    c0, c1 = int(rng.choice([1, 3, 4])), 8 * int(rng.integers(1, 9))
    c2 = c1 * int(rng.choice([1, 2]))
    weights, affine = 9 * (c0 * c1 + c1 * c2), 2 * (c1 + c2)
    answer = weights + 2 * affine
    return Task(
        rf"Two $3 \times 3$ convolutions without bias, ${c0} \to {c1} \to {c2}$ channels, are each followed by batch "
        rf"normalization with $\gamma$ and $\beta$. How many numbers must a file hold so that another machine can run "
        rf"the network in evaluation mode? (a whole number, exact; unfolded, no step counters)",
        answer,
        rf"Filters: $9 \cdot ({c0} \cdot {c1} + {c1} \cdot {c2}) = {weights}$. Learnable $\gamma, \beta$: $2 \cdot "
        rf"({c1} + {c2}) = {affine}$. Buffers, running mean and variance: ${affine}$ more. Together ${answer}$, of "
        rf"which the optimizer sees only ${weights + affine}$. Folded into the convolutions it would be "
        rf"${weights + c1 + c2}$.",
        rtol=1e-6,
    )


# ---- before-or-after: where the layer stands beside the activation

bank.choice(
    "bn_before_relu_alive",
    "before-or-after",
    r"Convolution → batch normalization with $\gamma = 1$, $\beta = 0$ → ReLU, in training mode. When is a channel 0 "
    r"after the ReLU on the *whole* batch, at every position?",
    [
        wrong(
            r"When a large step has driven the convolution's bias far below 0, just as without normalization.",
            r"The bias is subtracted with the mean. This common cause of dead units is gone.",
        ),
        wrong(
            r"Never: half of the values of a normalized channel are positive.",
            r"The *mean* is 0, not the median, so the share may be small. And there is one exception.",
        ),
        wrong(
            r"When the filter's weights are tiny, since then all its outputs are near 0 or below.",
            r"The variance is normalized as well; tiny weights give the same $\hat x$ until $\varepsilon$ matters, "
            r"and then still positive values.",
        ),
        right(
            r"Only if its values are constant over the batch; otherwise some lie above the mean.",
            r"Values with mean 0 that are not all 0 include positive ones. With a learnt $\beta$ far below 0, "
            r"relative to $\gamma$, a unit can die all the same.",
        ),
    ],
    level=2,
)


@bank.number("bn_mean_after_relu", "before-or-after", level=2)
def _bn_mean_after_relu(rng: np.random.Generator) -> Task:
    gamma, beta = int(rng.integers(5, 21)) / 10, int(rng.integers(-10, 11)) / 10
    t = beta / gamma
    density, below = math.exp(-t * t / 2) / math.sqrt(2 * math.pi), 0.5 * (1 + math.erf(t / math.sqrt(2)))
    answer = gamma * density + beta * below
    return Task(
        rf"Batch normalization with $\gamma = {gamma:g}$, $\beta = {beta:g}$ stands *before* a ReLU, and $\hat x$ is "
        rf"normally distributed with mean 0 and variance 1. Which mean do the activations behind the ReLU have, that "
        rf"is, the inputs of the next layer? (within 1 %; with $\phi$ and $\Phi$ the density and the distribution "
        rf"function of the normal distribution, $\int_{{-t}}^\infty z\,\phi(z)\,dz = \phi(t)$)",
        answer,
        rf"$\gamma z + \beta > 0$ for $z > -t$ with $t = \beta/\gamma = {t:.4g}$. The mean is $\gamma\,\phi(t) + "
        rf"\beta\,\Phi(t) = {gamma:g} \cdot {density:.4g} + ({beta:g}) \cdot {below:.4g} = {short(answer)}$. So with "
        rf"the layer before the ReLU the next layer's inputs are not centred; with the layer behind it they would "
        rf"have mean $\beta$.",
        rtol=1e-2,
    )


bank.open(
    "bn_placement",
    "before-or-after",
    r"Should batch normalization stand before or after the activation? Give the arguments for both, say what each "
    r"order means for the next layer, for dead units, for the bias and for folding, and how you would decide in a "
    r"project.",
    r"Before, as in the 2015 paper: the pre-activation is a sum of many terms and so closer to a symmetric, normal "
    r"shape, which mean and variance describe well; $\beta$ and $\gamma$ set which share of examples is active, "
    r"saturation is avoided, and with $\gamma = 1$, $\beta = 0$ no ReLU can be off on a whole batch. The "
    r"convolution's bias is redundant, and at inference the layer folds exactly into the convolution before it. But "
    r"the next layer sees activations behind the ReLU, which are neither centred nor of variance 1. After: the next "
    r"layer's inputs do have the chosen mean and variance, which was the aim; but the statistics are those of a "
    r"clipped, skewed distribution, rarely active units are blown up, a dead unit stays dead, since a constant is "
    r"mapped to $\beta$ with no gradient to it, the convolution's bias is needed, and folding goes into the *next* "
    r"layer, which is not exact at zero-padded borders. Experiments have favoured either, with small differences; "
    r"standard networks use convolution → normalization → ReLU, and pre-activation residual networks normalization → "
    r"ReLU → convolution. I would keep the order of the recipe or of the pretrained weights, and otherwise compare "
    r"both on validation data.",
    [
        r"before: nearly symmetric pre-activations, control of the active share",
        r"after: the next layer's inputs are really normalized",
        r"bias redundant before, needed after; or dead units differ",
        r"folding is easy when it directly follows the linear layer",
        r"the evidence is mixed and small: follow the recipe or measure",
    ],
    level=2,
)

# ---- bias-before-bn: what the mean takes away

bank.choice(
    "bn_idle_biases",
    "bias-before-bn",
    r"In a network of convolution (with bias) → batch normalization → ReLU someone plots gradient norms in training. "
    r"Those of the convolutions' biases are about a millionth of the others', in every layer. What do you answer?",
    [
        wrong(
            r"The gradients vanish; a better initialization or residual connections will help.",
            r"The weights of the same layers receive normal gradients through the same path, so nothing has vanished "
            r"on the way.",
        ),
        right(
            r"The exact value is 0: the mean takes the bias out. Use `bias=False`; $\beta$ does its work.",
            r"$db = \sum_i dx_i = 0$ in training mode, and what is plotted is rounding error. An optimizer that "
            r"divides by the gradient's size, such as Adam, may even turn it into steps.",
        ),
        wrong(
            r"The biases have converged already, as a bias is the easiest parameter to learn.",
            r"They would have the same gradient at any value, right from the first step.",
        ),
        wrong(
            r"$\varepsilon$ is too large: it swamps the variance and with it the biases.",
            r"$\varepsilon$ touches the scale. The shift is removed exactly whatever $\varepsilon$ is.",
        ),
    ],
)

bank.choice(
    "ln_keeps_bias",
    "bias-before-bn",
    r"The bias of a linear layer is redundant before batch normalization. Is it also redundant before *layer* "
    r"normalization over the same features?",
    [
        wrong(
            r"Yes: each norm subtracts a mean, and the bias goes with it.",
            r"The means are over different axes. Only a part that is constant over the averaged axis goes.",
        ),
        wrong(
            r"Yes, since layer normalization has its own $\beta$ for each feature.",
            r"$\beta$ acts after the division by the example's own standard deviation, which the bias before it "
            r"influences. They are not the same function.",
        ),
        right(
            r"No: only the average of the bias over the features is taken out.",
            r"Layer normalization subtracts one number per example. The differences between the features' biases "
            r"stay, and they also enter the variance.",
        ),
        wrong(
            r"No: layer normalization subtracts no mean, it only divides.",
            r"That is RMS normalization, before which the whole bias counts.",
        ),
    ],
    level=2,
)


@bank.number("bn_bias_left_behind", "bias-before-bn", level=2)
def _bn_bias_left_behind(rng: np.random.Generator) -> Task:
    b, gamma = int(rng.integers(2, 21)) / 10, int(rng.integers(5, 16)) / 10
    root = int(rng.integers(2, 11)) / 4
    answer = -gamma * b / root
    return Task(
        rf"A pretrained convolution has the bias ${b:g}$ in some channel and is followed by batch normalization with "
        rf"$\gamma = {gamma:g}$ and running variance ${root * root:g}$ ($\varepsilon$ ignored). Since a bias is "
        rf"redundant before batch normalization, a colleague deletes it and changes nothing else. By how much do this "
        rf"channel's outputs change in evaluation mode? (with sign, within 1 %)",
        answer,
        rf"The running mean still contains the bias: it was $\mathrm{{mean}}(w \cdot x) + {b:g}$. Without the bias "
        rf"each value is ${b:g}$ lower and the running mean is not, so the output changes by $-\gamma\,b/\sigma = "
        rf"-{gamma:g} \cdot {b:g}/{root:g} = {short(answer)}$. Subtract $b$ from the running mean too, and nothing "
        rf"changes. In training mode nothing would have been noticed.",
        rtol=1e-2,
    )


# ---- batch-of-one: when there is nothing to average over

bank.choice(
    "bn_pooled_to_one",
    "batch-of-one",
    r"A segmentation network is trained with one image per step. Its batch normalization layers run, except one, "
    r"which stops with “expected more than 1 value per channel when training”. Where is it, most likely?",
    [
        wrong(
            r"Behind the first convolution, whose input is a single image.",
            r"There each channel has $H \cdot W$ values, many thousands. Batch normalization of maps averages over "
            r"positions as well.",
        ),
        wrong(
            r"Behind the last convolution, because there it finds only one output channel for each class.",
            r"The number of channels does not matter: each channel has a value at every pixel.",
        ),
        wrong(
            r"Behind a convolution with stride, which leaves an odd number of pixels.",
            r"Any number above 1 will do; odd sizes are as good as even ones.",
        ),
        right(
            r"Behind a global average pooling, where maps have size $1 \times 1$.",
            r"There $N \cdot H \cdot W = 1$: the variance is 0 and the output would be $\beta$ for any input. Use no "
            r"norm or another one in that branch, or two images. The same error appears for dense layers when the "
            r"last batch of an epoch has one example.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_lone_example",
    "batch-of-one",
    r"A dense network with batch normalization is trained with batch size 1, in a home-made framework that raises no "
    r"error. What does it learn?",
    [
        wrong(
            r"The same as with larger batches, only with noisier statistics.",
            r"With one value, the value *is* the mean. That is not noise but the loss of all information.",
        ),
        right(
            r"One constant prediction: the layer gives $\beta$ and passes no gradient.",
            r"$x - \mu = 0$ for every input, so $\hat x = 0$ and `dx` is 0; only $\beta$ and the layers behind still "
            r"learn. Hence the error message of real frameworks.",
        ),
        wrong(
            r"Nothing at all: the output is NaN, since the variance is 0.",
            r"$\varepsilon$ prevents that: $0/\sqrt{0 + \varepsilon} = 0$. The *unbiased* running variance would be "
            r"$0/0$.",
        ),
        wrong(
            r"What a network with layer normalization learns, as one example is left.",
            r"The average is over the batch, for each feature alone. Layer normalization averages over the features.",
        ),
    ],
)


@bank.number("bn_two_examples", "batch-of-one", level=2)
def _bn_two_examples(rng: np.random.Generator) -> Task:
    thousandths, base = int(rng.integers(2, 31)), int(rng.integers(1, 9))
    gap = thousandths / 1000
    answer = (gap / 2) / math.sqrt(gap * gap / 4 + 1e-5)
    return Task(
        rf"A batch has two examples, and a feature has the values ${base}$ and ${base + gap:.3f}$. Batch "
        rf"normalization in training mode, $\gamma = 1$, $\beta = 0$, $\varepsilon = 0.00001$. What is the output for "
        rf"the *second*? (within 1 %)",
        answer,
        rf"The mean lies halfway, so the deviation is ${gap / 2:g}$ and the variance its square. The output is "
        rf"${gap / 2:g}/\sqrt{{{gap / 2:g}^2 + 0.00001}} = {answer:.4g}$. Without $\varepsilon$ it would be exactly "
        rf"1, however small the gap: from two examples only the information which value is larger survives, and the "
        rf"gradient is 0. $\varepsilon$ alone leaves a little more.",
        rtol=1e-2,
    )


# ---- dropout: noise whose variance the running statistics remember

bank.choice(
    "bn_dropout_first",
    "dropout",
    r"Dropout (inverted, $p = 0.5$) is put *before* a batch normalization layer. Training looks fine, validation in "
    r"evaluation mode is worse than without dropout. What is the specific problem of this order?",
    [
        right(
            r"Dropout raises the variance in training; at test it is smaller than the running variance says.",
            r"Inverted dropout keeps the mean, not the variance, which becomes $(\sigma^2 + \mu^2)/(1-p) - \mu^2$. At "
            r"test time the layer divides by too large a number: a variance shift (Li et al., 2019).",
        ),
        wrong(
            r"Dropout halves the mean in training, so the running mean is too small at test time.",
            r"*Inverted* dropout divides the kept values by $1 - p$, so the mean is the same in both modes.",
        ),
        wrong(
            r"Batch normalization fills dropped values up with the batch mean and so undoes the dropout.",
            r"Dropped values become $-\mu/\sigma$ in place of 0; which ones were dropped is still random and still "
            r"noise.",
        ),
        wrong(
            r"Two kinds of noise add up, so the gradient is too noisy for the weights to converge.",
            r"Training looks fine. The symptom is a gap between the modes.",
        ),
    ],
    level=2,
)


@bank.number("bn_dropout_deviation", "dropout", level=2)
def _bn_dropout_deviation(rng: np.random.Generator) -> Task:
    mu, sigma = int(rng.integers(0, 5)) / 2, int(rng.integers(2, 7)) / 2
    p = int(rng.integers(1, 6)) / 10
    trained = (sigma**2 + mu**2) / (1 - p) - mu**2
    answer = sigma / math.sqrt(trained)
    return Task(
        rf"A feature with mean ${mu:g}$ and standard deviation ${sigma:g}$ passes inverted dropout with drop "
        rf"probability ${p:g}$ and then batch normalization ($\gamma = 1$, $\beta = 0$), whose running statistics "
        rf"have converged in training. Which standard deviation does the layer's output have in evaluation mode? "
        rf"(within 1 %)",
        answer,
        rf"In training the second moment is $({sigma:g}^2 + {mu:g}^2)/{1 - p:g} = "
        rf"{short((sigma**2 + mu**2) / (1 - p))}$ and the mean still ${mu:g}$, so the running variance is "
        rf"${short(trained)}$. In evaluation the feature's own variance is ${sigma**2:g}$, and the output's standard "
        rf"deviation is $\sqrt{{{sigma**2:g}/{short(trained)}}} = {short(answer)}$ and not 1. Over several such "
        rf"layers the mismatch can build up.",
        rtol=1e-2,
    )


bank.open(
    "bn_with_dropout",
    "dropout",
    r"Can batch normalization and dropout be used together? Explain what can go wrong when dropout stands before a "
    r"batch normalization layer, what to do about it, and why many convolutional networks have no dropout at all.",
    r"They can, but the order matters. Inverted dropout with drop probability $p$ keeps the mean and changes the "
    r"variance to $(\sigma^2 + \mu^2)/(1-p) - \mu^2$. A batch normalization behind it stores this larger variance, "
    r"and at test time, with dropout off, it divides by too large a number, so activations come out too small; over "
    r"several layers the mismatch grows (the variance shift of Li et al., 2019). Remedies: put dropout behind the "
    r"last batch normalization, usually just before the classifier; use a small $p$; recompute the running statistics "
    r"with dropout off after training; or use multiplicative Gaussian noise of small variance, or a norm without "
    r"running statistics, such as layer normalization, for which this mismatch does not exist: Transformers use it "
    r"together with dropout. Convolutional networks often do without dropout, because the noise of the batch "
    r"statistics, data augmentation and weight decay already regularize, few weights are in dense layers, and "
    r"dropping single pixels of a map removes little, as the neighbours say the same; there one drops channels or "
    r"whole branches.",
    [
        r"dropout before it changes the variance between training and test, the mean stays",
        r"running variance too large at test time, activations too small",
        r"remedies: dropout behind the last batch norm, small p, recompute the statistics",
        r"batch noise, augmentation and weight decay regularize already; or layer norm has no such mismatch",
    ],
    level=2,
)

# ---- sequences: recurrent networks and Transformers

bank.choice(
    "bn_over_time_leak",
    "sequences",
    r"In a causal language model somebody replaces layer normalization by batch normalization, with statistics over "
    r"batch *and* time. Which property does the model lose in training?",
    [
        wrong(
            r"None: attention is still masked, and all other layers work position by position.",
            r"The new layer does not work position by position. That is the point.",
        ),
        wrong(
            r"The order of the tokens: the statistics are the same for any order, so positions become alike.",
            r"All positions get the same shift and scale, but they stay different vectors with their position "
            r"information.",
        ),
        right(
            r"Causality: the output at $t$ depends on later tokens, through mean and variance.",
            r"The model can profit from hints that do not exist in generation, where only running statistics are "
            r"left. Layer normalization uses only the token's own features.",
        ),
        wrong(
            r"Differentiability: a gradient would have to pass from one sequence to the others.",
            r"It does pass, as in any batch normalization. That is unpleasant but well defined.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_recurrent_steps",
    "sequences",
    r"Batch normalization is to be used on the hidden-to-hidden path of a recurrent network. Which difficulty does "
    r"layer normalization *not* have?",
    [
        right(
            r"The statistics differ from step to step, and steps later than any in training have none.",
            r"One average for all steps fits the first ones badly; one per step needs a longest length, and few "
            r"sequences reach the late steps. Layer normalization computes its own at any step.",
        ),
        wrong(
            r"Gain and shift would have to be shared by all time steps, like the weights.",
            r"Layer normalization shares them as well; sharing over time is what makes the network recurrent.",
        ),
        wrong(
            r"A normalization in the recurrence makes the gradient vanish by its factor $1/\sigma$ per step.",
            r"Both norms have that factor, and it compensates for the scale of the weights.",
        ),
        wrong(
            r"It needs a backward pass through the statistics, which back-propagation through time forbids.",
            r"Nothing forbids it; the unrolled network is an ordinary graph. Layer normalization has such a path too.",
        ),
    ],
)


@bank.number("rms_from_layer", "sequences", level=2)
def _rms_from_layer(rng: np.random.Generator) -> Task:
    m, s = int(rng.integers(1, 9)) / 2, int(rng.integers(2, 9)) / 2
    z = int(rng.choice([-15, -10, -5, 5, 10, 15, 20])) / 10
    value = m + s * z
    if abs(value) < 0.1:
        m += 0.5
        value = m + s * z
    rms = math.sqrt(m * m + s * s)
    answer = value / rms
    return Task(
        rf"The features of a token have mean ${m:g}$ and standard deviation ${s:g}$ (over the features). Layer "
        rf"normalization gives one of them the value ${z:g}$. Which value does RMS normalization give it? ($\gamma = "
        rf"1$, $\beta = 0$, $\varepsilon$ ignored; within 1 %)",
        answer,
        rf"The feature itself is ${m:g} + {s:g} \cdot ({z:g}) = {short(value)}$. The mean square is mean² plus "
        rf"variance, so the root mean square is $\sqrt{{{m * m:g} + {s * s:g}}} = {short(rms)}$ and the result "
        rf"${short(value)}/{short(rms)} = {short(answer)}$. The two norms agree when the mean is 0; RMS normalization "
        rf"saves the subtraction and $\beta$.",
        rtol=1e-2,
    )


bank.open(
    "ln_in_transformers",
    "sequences",
    r"Why do Transformers and recurrent networks use layer normalization and not batch normalization? Give the "
    r"reasons in order of weight, say what exactly is averaged over, and why many recent language models take RMS "
    r"normalization.",
    r"Layer normalization takes, for each token alone, mean and variance over its $D$ features, then scales and "
    r"shifts by $\gamma, \beta$ of shape $(D,)$. It is the same computation in training and in generation, for any "
    r"batch size and length. Batch normalization would take statistics per feature over batch and time. Then (1) a "
    r"token's output depends on other sequences and, in a causal model, on later tokens, which is a leak; (2) "
    r"generation works on one sequence and one token at a time, so only running statistics are left, and statistics "
    r"of text vary much between batches, so train and test differ; (3) sequences have different lengths: padding must "
    r"be kept out of the statistics, and late positions are rare; (4) memory limits allow few long sequences per "
    r"device, whose tokens are correlated, so statistics are noisy or need communication; (5) in a recurrent network "
    r"each time step has its own distribution, and steps beyond the longest in training have none. RMS normalization "
    r"divides by the root mean square over the features without subtracting the mean and without $\beta$. It is "
    r"cheaper and gave equal quality in published comparisons, which suggests that control of the scale matters more "
    r"than centring.",
    [
        r"layer norm: statistics over one token's features; the same in training and test",
        r"batch norm couples sequences; with time in the average it leaks the future",
        r"generation with batch 1 relies on running statistics; these vary much for text",
        r"variable length and padding, or separate statistics per time step",
        r"RMS norm: no mean, no beta; cheaper at equal quality",
    ],
    level=2,
)

# ---- pre-and-post-norm: on the main path or inside the branch

bank.choice(
    "prenorm_late_blocks",
    "pre-and-post-norm",
    r"In a pre-norm Transformer, $x \leftarrow x + F(\mathrm{LN}(x))$, with 60 blocks you remove a single block and "
    r"measure the loss. Removing one of the later blocks often does little harm. Which property of pre-norm "
    r"contributes to this?",
    [
        wrong(
            r"The gradient vanishes on its way up, so later blocks have been trained least.",
            r"Back-propagation starts at the top; the later blocks are the nearest to the loss, and the shortcut "
            r"passes the gradient on.",
        ),
        right(
            r"The stream $x$ grows with depth, so a branch of usual size is a smaller share of it.",
            r"Nothing on the main path scales it down, and each branch sees a normalized input. After $l$ blocks with "
            r"independent outputs of equal variance the share of the variance falls like $1/l$.",
        ),
        wrong(
            r"The normalization at the start of a block takes out of the stream what the block before it has added.",
            r"It normalizes a copy for the branch. The stream keeps what was added.",
        ),
        wrong(
            r"The last normalization before the output removes what the later blocks wrote.",
            r"It rescales the whole stream by one number per token; nobody's contribution is singled out.",
        ),
    ],
    level=3,
)

bank.choice(
    "prenorm_no_warmup",
    "pre-and-post-norm",
    r"A deep Transformer with post-norm, $x \leftarrow \mathrm{LN}(x + F(x))$, diverges in the first steps unless the "
    r"learning rate is warmed up. With pre-norm, $x \leftarrow x + F(\mathrm{LN}(x))$, it trains without. What is the "
    r"main difference?",
    [
        wrong(
            r"Pre-norm bounds the activations of the stream, post-norm lets them grow with depth.",
            r"Just the opposite: post-norm resets the stream after each block, pre-norm never does.",
        ),
        wrong(
            r"Pre-norm has twice as many normalizations per block, so each of them can be gentler than before.",
            r"The number is the same, one per branch, and one more at the end of a pre-norm stack.",
        ),
        wrong(
            r"Post-norm's normalization has no gradient with respect to $x$ where $F(x)$ is small.",
            r"It has one; for small $F$ it is nearly a projection, divided by the standard deviation of $x$.",
        ),
        right(
            r"Pre-norm keeps an identity path from the loss to each block; post-norm has norms on it.",
            r"With post-norm the gradient at the start is uneven over the depth: large in the last blocks, small in "
            r"the first. With pre-norm it reaches every block through the shortcut alone (Xiong et al., 2020).",
        ),
    ],
    level=2,
)


@bank.number("prenorm_input_share", "pre-and-post-norm", level=3)
def _prenorm_input_share(rng: np.random.Generator) -> Task:
    depth, v = 2 * int(rng.integers(3, 13)), int(rng.integers(2, 21)) / 20
    pre, post = 1 / math.sqrt(1 + depth * v), (1 + v) ** (-depth / 2)
    answer = pre / post
    return Task(
        rf"An input of variance 1 passes ${depth}$ residual branches; each branch's output has mean 0, variance "
        rf"${v:g}$, and is uncorrelated with the stream. Post-norm rescales the stream to variance 1 after every "
        rf"addition, pre-norm only once, at the very end. How many times as large is the input's coefficient in the "
        rf"final stream with pre-norm as with post-norm? (within 2 %)",
        answer,
        rf"Pre-norm: the stream ends with variance $1 + {depth} \cdot {v:g} = {short(1 + depth * v)}$, so the "
        rf"coefficient is $1/\sqrt{{{short(1 + depth * v)}}} = {pre:.4f}$. Post-norm divides by $\sqrt{{{1 + v:g}}}$ "
        rf"each of the ${depth}$ times: ${1 + v:g}^{{-{depth // 2}}} = {post:.3g}$. The ratio is ${short(answer)}$. "
        rf"The same factors apply to the gradient along the main path.",
        rtol=2e-2,
    )


bank.open(
    "prenorm_postnorm",
    "pre-and-post-norm",
    r"Compare pre-norm and post-norm in Transformers: formulas, behaviour of the signal and of the gradient with "
    r"depth, warm-up, final quality, and what else has to be added to each. Which would you take for 48 blocks?",
    r"Post-norm (the original): $x \leftarrow \mathrm{LN}(x + F(x))$. The stream has variance 1 after every block, "
    r"and the norm stands on the main path, so the input's share and the gradient to early blocks shrink by a factor "
    r"per block; at the start the last blocks get much larger gradients than the first, so training needs warm-up or "
    r"special initialization and often fails for deep stacks. Pre-norm: $x \leftarrow x + F(\mathrm{LN}(x))$. The "
    r"main path is an identity, the gradient reaches every block, warm-up matters less, and stacks of 100 blocks "
    r"train. In return the stream's variance grows about linearly with depth, later blocks change it by ever smaller "
    r"shares, so the effective depth is smaller, and large activations can build up; a last normalization before the "
    r"output layer is needed. Where post-norm trains at all, its final quality has often been reported as equal or "
    r"slightly better. In between: branches scaled down by depth or started at 0, residual scaling as in DeepNorm, "
    r"norms before and behind the branch. For 48 blocks: pre-norm with RMS normalization, final norm, output "
    r"projections initialized with a factor $1/\sqrt{2 \cdot 48}$, and still a short warm-up for Adam's sake.",
    [
        r"both formulas",
        r"post-norm: norm on the main path, uneven gradients at the start, needs warm-up",
        r"pre-norm: identity path, stable at depth",
        r"pre-norm: growing stream, weak late blocks, final norm needed",
        r"a reasoned choice, with a remedy such as branch scaling",
    ],
    level=2,
)

# ---- regularizer: noise of the statistics, and what decay does without a scale

bank.choice(
    "bn_ghost_batches",
    "regularizer",
    r"Training with batches of 4096, statistics over all 4096, generalizes worse than hoped. You compute the "
    r"statistics within groups of 64, and keep the gradient's average over all 4096. Validation improves, training "
    r"loss does not. What does this show?",
    [
        wrong(
            r"Statistics of 64 examples are more accurate than those of 4096.",
            r"They are noisier, by the factor $\sqrt{4096/64} = 8$ in the mean.",
        ),
        wrong(
            r"The gradient noise of small batches is back, which finds flat minima.",
            r"Each step still averages over 4096 examples. Only the statistics are from small groups.",
        ),
        right(
            r"The noise of the batch statistics itself regularizes.",
            r"An example's activations now depend on 63 random companions, anew at every step. This is “ghost” batch "
            r"normalization (Hoffer et al., 2017).",
        ),
        wrong(
            r"The running averages get more updates, so evaluation is no longer off.",
            r"If they had been the trouble, evaluation on *training* data would have shown it; and at 4096 they are "
            r"very accurate after few steps.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_decay_without_scale",
    "regularizer",
    r"L2 weight decay is applied to a convolution's weights $W$ that are followed by batch normalization. What does "
    r"it do?",
    [
        right(
            r"It does not limit the function; it keeps $W$ small and so the effective learning rate up.",
            r"Outputs do not depend on the scale of $W$, and the effective rate is $\eta/\lVert W\rVert^2$. Without "
            r"decay, $\lVert W\rVert$ grows by every step and training slows down by itself; with it, steps go on "
            r"turning the weights by a steady angle.",
        ),
        wrong(
            r"It limits the function as in any layer: smaller weights give smaller outputs and a smoother network.",
            r"The normalization divides by the standard deviation, which shrinks with $W$. Only $\gamma$ sets the "
            r"scale of the output.",
        ),
        wrong(
            r"Nothing whatsoever; setting it to 0 gives the same training.",
            r"The functions are the same, the training is not, since gradients scale like $1/\lVert W\rVert$.",
        ),
        wrong(
            r"It drives $\gamma$ to 0, because $\gamma$ must compensate for the shrinking $W$.",
            r"$\gamma$ has nothing to compensate for: $\hat x$ keeps variance 1 as $W$ shrinks.",
        ),
    ],
    level=3,
)


@bank.number("bn_variance_noise", "regularizer", level=2)
def _bn_variance_noise(rng: np.random.Generator) -> Task:
    percent = int(rng.integers(2, 31))
    answer = -(-20000 // percent**2) + 1
    return Task(
        rf"A feature is normally distributed over the data, independently between examples. The unbiased variance "
        rf"estimate from $m$ values then has the standard deviation $\sigma^2\sqrt{{2/(m-1)}}$. What is the smallest "
        rf"batch for which it is at most ${percent}\,\%$ of $\sigma^2$? (a whole number, exact)",
        answer,
        rf"$\sqrt{{2/(m-1)}} \le {percent / 100:g}$ means $m - 1 \ge 2/{percent / 100:g}^2 = "
        rf"{20000 / percent**2:.6g}$, so $m = {answer}$. The mean's error is $\sigma/\sqrt{{m}}$. Both fall like "
        rf"$1/\sqrt m$, so the noise that regularizes at 32 has nearly gone at 4096; in a convolution each of the "
        rf"$NHW$ values counts, but neighbours are correlated.",
        rtol=1e-6,
    )


bank.open(
    "bn_as_regularizer",
    "regularizer",
    r"In which sense is batch normalization a regularizer? Explain the mechanism, how it depends on the batch size, "
    r"how you would show it in an experiment, and whether it can replace dropout and weight decay.",
    r"In training an example is normalized by the mean and variance of the random batch it is in, so its activations "
    r"carry noise: the mean's error is about $\sigma/\sqrt m$, the relative error of the variance about $\sqrt{2/m}$. "
    r"The same image looks a little different in every epoch, in every layer, which works like a small additive and "
    r"multiplicative noise and punishes solutions that rely on exact values. The effect falls with the batch size and "
    r"is gone in evaluation mode. Experiment: keep gradient batch, rate and data, and compute the statistics within "
    r"groups of 16, 64, 256 or all; if validation improves with smaller groups while the training loss rises, the "
    r"noise regularizes, until groups are so small that the gap between batch and running statistics dominates. Or "
    r"compare with a batch-free norm at equal training loss. It is weak, and it cannot be tuned apart from the batch "
    r"size, so for large batches or small data other regularization is still needed; often dropout can be reduced or "
    r"left out in convolutional networks, as the 2015 paper reports. It does not replace weight decay, which in front "
    r"of the layer acts on the effective learning rate rather than on capacity.",
    [
        r"noise: each example's activations depend on random companions",
        r"falls with the batch size, about one over its square root",
        r"an experiment that changes the statistics' group and not the gradient batch",
        r"a weak effect that cannot be tuned freely; reduces the need for dropout, does not replace everything",
    ],
    level=2,
)

# ---- folding: an affine map at inference

bank.choice(
    "bn_fold_across_relu",
    "folding",
    r"At inference a network has conv1 → ReLU → batch normalization → conv2, where conv2 pads with zeros. Into which "
    r"convolution can the normalization be folded?",
    [
        wrong(
            r"Into conv1, by scaling its filters and bias as usual.",
            r"The ReLU is between. A positive scale could pass it, a negative one and the shift cannot.",
        ),
        wrong(
            r"Into neither, since the ReLU separates it from conv1 and conv2 comes too late.",
            r"conv2 is linear in its input, so it can absorb an affine map of that input just as well.",
        ),
        wrong(
            r"Into conv2, and the result is exact everywhere.",
            r"Inside the image it is. At the border conv2 saw zeros *after* the shift; folded, the shift is added "
            r"there as well.",
        ),
        right(
            r"Into conv2, but at the zero-padded border the result is not exact.",
            r"$W_2' = W_2 s$, $b_2' = b_2 + \sum W_2 t$ for the layer $s\,r + t$. A padded position gave 0 and now "
            r"contributes $W_2 t$. Padding with $-t/s$ repairs it.",
        ),
    ],
    level=3,
)

bank.choice(
    "ln_not_foldable",
    "folding",
    r"For deployment you fold normalization layers into the matrices next to them. A colleague wants the same for the "
    r"layer normalizations of a Transformer. What can be folded there?",
    [
        wrong(
            r"All of it, once mean and variance have been averaged over a calibration set.",
            r"That would replace statistics of each token by constants: another function, which the network was not "
            r"trained for.",
        ),
        right(
            r"Only $\gamma$ and $\beta$, into the linear layer behind; the division depends on the token.",
            r"$(\hat x \odot \gamma + \beta)W = \hat x\,(\mathrm{diag}(\gamma)W) + \beta W$. Subtracting the mean is "
            r"linear too; the standard deviation has to be computed at run time.",
        ),
        wrong(
            r"Nothing, because $\gamma$ and $\beta$ act before the matrix and not behind it.",
            r"A matrix absorbs a diagonal scale and a shift of its input just as well as of its output.",
        ),
        wrong(
            r"All of it, as with batch normalization: in evaluation mode both norms are affine maps of their input.",
            r"Layer normalization has no evaluation mode; it divides by the token's own standard deviation, always.",
        ),
    ],
    level=2,
)


@bank.number("bn_folded_bias", "folding")
def _bn_folded_bias(rng: np.random.Generator) -> Task:
    b, mean = int(rng.integers(-10, 11)) / 10, int(rng.integers(-20, 21)) / 10
    gamma, beta = int(rng.integers(5, 21)) / 10, int(rng.integers(-10, 11)) / 10
    root = int(rng.integers(2, 9)) / 4
    answer = beta + gamma * (b - mean) / root
    if abs(answer) < 0.05:
        beta += 1
        answer += 1
    return Task(
        rf"A convolution's channel has bias ${b:g}$; the batch normalization behind it has $\gamma = {gamma:g}$, "
        rf"$\beta = {beta:g}$, running mean ${mean:g}$ and running variance ${root * root:g}$ ($\varepsilon$ "
        rf"ignored). Both are folded into one convolution for inference. What is its bias? (within 1 %)",
        answer,
        rf"$\gamma\,(w \cdot x + b - \mu)/\sigma + \beta$, so the filter is multiplied by $\gamma/\sigma = "
        rf"{gamma:g}/{root:g} = {short(gamma / root)}$ and the bias becomes $\beta + \gamma(b - \mu)/\sigma = "
        rf"{beta:g} + {short(gamma / root)} \cdot ({b:g} - ({mean:g})) = {short(answer)}$. The old bias must be "
        rf"scaled as well; forgetting that is the usual bug.",
        rtol=1e-2,
    )


bank.open(
    "bn_fold_recipe",
    "folding",
    r"How and why is batch normalization folded for inference? Give the formulas for a convolution, the conditions, "
    r"the way to test the result, and at least two things that go wrong in practice.",
    r"In evaluation mode the layer is a fixed affine map per channel, $y = \gamma(z - \mu)/s + \beta$ with $s = "
    r"\sqrt{\text{var} + \varepsilon}$ from the running statistics. Behind a convolution $z = W * x + b$ it merges: "
    r"$W'_f = W_f\,\gamma_f/s_f$ for each filter $f$, $b' = \beta + \gamma(b - \mu)/s$. One layer less means less "
    r"memory traffic and latency; the arithmetic saved is small. Conditions: the normalization follows the linear "
    r"layer directly, nothing non-linear between, the convolution's output is used nowhere else, and statistics are "
    r"fixed, so not in training mode and not for layer or group normalization. Test: same input through both, in "
    r"evaluation mode, with statistics and $\gamma$ that are *not* at their initial values; differences only of "
    r"rounding size. What goes wrong: forgetting $b$ or not scaling it; $\varepsilon$ left out or outside the root; "
    r"scaling the wrong axis of $W$ (output channels; transposed convolutions store them elsewhere); folding a model "
    r"that is then trained on; zero padding when folding into a following convolution; per-tensor quantization "
    r"afterwards, since $\gamma/s$ differs much between channels and widens the weights' range, so use per-channel "
    r"scales or fold before quantization-aware training.",
    [
        r"formulas for filter and bias, with eps inside the root",
        r"only with fixed statistics and directly behind a linear layer",
        r"gain: less memory traffic and latency",
        r"a test on equal outputs with statistics that are not trivial",
        r"two pitfalls (old bias, axis, eps, padding, quantization range, later training)",
    ],
    level=2,
)

# ---- small-batch-distributed: which examples the statistics see

bank.choice(
    "bn_accumulated_microbatches",
    "small-batch-distributed",
    r"Memory allows only 4 images, so gradients are accumulated over 8 micro-batches before each step. A colleague "
    r"says that this equals training with batches of 32. What about a network with batch normalization?",
    [
        wrong(
            r"It is equal, since sums of gradients do not care how the examples were grouped.",
            r"They do care as soon as one example's loss depends on which others are in its forward pass.",
        ),
        right(
            r"The gradient averages over 32 images, but each is normalized with the statistics of only 4.",
            r"Accumulation makes up for the noise of the gradient, not for that of the statistics. Use a norm without "
            r"batch statistics, frozen ones, or synchronize over devices.",
        ),
        wrong(
            r"It is equal in training too, if only the running statistics are updated at every 8th micro-batch.",
            r"How often they are updated matters little. In training the outputs do not use them.",
        ),
        wrong(
            r"The gradient is 8 times as noisy, because statistics of micro-batches add up.",
            r"The statistics are not added up; each micro-batch uses its own.",
        ),
    ],
)

bank.choice(
    "bn_sync_what",
    "small-batch-distributed",
    r"Training runs on 8 GPUs with 2 images each; gradients are averaged over the GPUs. You turn on *synchronized* "
    r"batch normalization. What is exchanged between the GPUs in addition?",
    [
        wrong(
            r"Only the running statistics, averaged at the end of each epoch.",
            r"That makes the replicas agree at test time, but in training each would still normalize by its 2 images.",
        ),
        wrong(
            r"The activations of all 16 images, so that each GPU can normalize by all of them.",
            r"Far too much, and not needed: sums are enough to get mean and variance.",
        ),
        right(
            r"In each such layer, per-channel sums: of values and squares forward, and two more sums backward.",
            r"The backward pass needs $\sum d$ and $\sum d\,\hat x$ over all 16 images, since the shared statistics "
            r"depend on all of them. It is little data, but a point of waiting in every layer, in both directions.",
        ),
        wrong(
            r"The means and variances in the forward pass; the backward pass needs nothing more than the averaged "
            r"gradients.",
            r"The gradient with respect to $x$ contains batch averages of $d$ and $d\,\hat x$. Taken over the local "
            r"images alone they would be wrong.",
        ),
    ],
    level=3,
)


@bank.number("bn_merged_variance", "small-batch-distributed", level=2)
def _bn_merged_variance(rng: np.random.Generator) -> Task:
    n1, n2 = 4 * int(rng.integers(1, 7)), 4 * int(rng.integers(1, 7))
    m1, m2 = int(rng.integers(0, 6)), int(rng.integers(6, 12))
    v1, v2 = int(rng.integers(1, 10)), int(rng.integers(1, 10))
    n = n1 + n2
    within, between = (n1 * v1 + n2 * v2) / n, n1 * n2 * (m1 - m2) ** 2 / n**2
    answer = within + between
    return Task(
        rf"For one channel GPU 1 has ${n1}$ values with mean ${m1}$ and variance ${v1}$, GPU 2 has ${n2}$ values with "
        rf"mean ${m2}$ and variance ${v2}$ (both variances divided by the number of values). What is the variance of "
        rf"all ${n}$ values, again divided by their number? (within 0.5 %)",
        answer,
        rf"Variance within plus variance between: $\frac{{{n1} \cdot {v1} + {n2} \cdot {v2}}}{{{n}}} + \frac{{{n1} "
        rf"\cdot {n2}}}{{{n}^2}}({m1} - {m2})^2 = {short(within)} + {short(between)} = {short(answer)}$. Averaging "
        rf"the variances alone forgets that the means differ. Sums of squares would do as well, but lose digits where "
        rf"the mean is large against the deviation.",
        rtol=5e-3,
    )


bank.open(
    "bn_detector_two_per_gpu",
    "small-batch-distributed",
    r"A detector with an ImageNet-pretrained backbone fits 2 large images per GPU, on 8 GPUs. With batch "
    r"normalization as it is, results are poor. What happens, which remedies are there, and which would you choose "
    r"when fine-tuning and when training from scratch?",
    r"Ordinary data-parallel training normalizes each GPU's 2 images by themselves. The statistics are noisy, and "
    r"since neighbouring pixels are correlated the large maps help only in part; the running statistics are averages "
    r"over such batches, so training and evaluation see different functions. Accumulating gradients does not help. "
    r"Remedies: (1) Freeze the backbone's batch normalization: running statistics in both modes, $\gamma, \beta$ "
    r"fixed, an affine map that can be folded. It is cheap, saves memory and works because the statistics come from "
    r"pretraining; but it cannot adapt to a very different domain. (2) Synchronize: statistics over 16 images; costs "
    r"communication at every layer and ties the GPUs together. (3) Group normalization: independent of the batch, the "
    r"same in both modes; needs weights pretrained with it or long training. (4) Layer normalization in backbones "
    r"built for it, or batch renormalization. Fine-tuning: frozen, or synchronized if the domain is far away. From "
    r"scratch: synchronized or group normalization, since frozen initial statistics of 0 and 1 would normalize "
    r"nothing. In all cases evaluate in evaluation mode early, and compare with batch statistics.",
    [
        r"statistics over 2 images per GPU: noisy, and different from the running ones; accumulation does not help",
        r"frozen batch norm: how it works, why it needs pretrained statistics",
        r"synchronized batch norm: 16 images, communication",
        r"group norm: independent of the batch, the same in training and test",
        r"a reasoned choice for fine-tuning and another for training from scratch",
    ],
    level=2,
)

# ---- which-norm: the family, by what is averaged over

bank.choice(
    "gn_extreme_groups",
    "which-norm",
    r"Group normalization on $(N, C, H, W)$ with $G$ groups. Which statement about its extremes is right?",
    [
        wrong(
            r"$G = C$ with $N = 1$ is batch normalization in evaluation mode.",
            r"In *training* mode with $N = 1$ the statistics would agree. Evaluation uses stored ones.",
        ),
        wrong(
            r"$G = 1$ is what a vision Transformer's layer normalization does to a map of tokens.",
            r"That one averages over the channels of *one* token, at one position; $G = 1$ averages over all "
            r"positions too.",
        ),
        wrong(
            r"$G = 1$ is batch normalization with one $\gamma$ and one $\beta$ shared by all channels.",
            r"No group norm averages over $N$, whatever $G$ is, and $\gamma, \beta$ stay per channel.",
        ),
        right(
            r"$G = C$ is instance normalization; $G = 1$ averages over $C$, $H$, $W$ of each image.",
            r"$G$ sets only how many channels share a mean and a variance. In between, related channels keep their "
            r"relative sizes and no batch is needed.",
        ),
    ],
    level=2,
)

bank.choice(
    "bn_contrastive_cheat",
    "which-norm",
    r"Contrastive learning on several GPUs: each query and its positive key are on the same GPU, the negatives come "
    r"from everywhere, and batch statistics are per GPU. The pretext accuracy shoots up, but the features are poor. "
    r"What is the likely cause?",
    [
        right(
            r"The statistics mark which examples share a GPU, so the positive is found without looking at content.",
            r"Batch normalization leaves a trace of the batch in each output. Shuffling the keys over the GPUs "
            r"(MoCo), synchronized statistics (SimCLR) or a norm without batch statistics stop the leak.",
        ),
        wrong(
            r"Normalization gives all features the same variance, so no direction is better than another.",
            r"Equal variance per feature leaves all differences between examples; and per-GPU grouping would not "
            r"matter.",
        ),
        wrong(
            r"The negatives are too easy, because normalization pushes different images apart.",
            r"It shifts and scales all examples of a batch alike and has no way to push single ones apart.",
        ),
        wrong(
            r"The running statistics differ between the GPUs, so the features are evaluated with the wrong ones.",
            r"Then the pretext accuracy in evaluation mode would suffer too, and recomputing them would repair the "
            r"features.",
        ),
    ],
    level=3,
)


bank.open(
    "norm_for_what",
    "which-norm",
    r"Batch, layer, instance, group and RMS normalization: say for each what it averages over on $(N, C, H, W)$ or "
    r"$(N, T, D)$, whether training and test differ, and where you would use it. Add two tasks in which batch "
    r"normalization is wrong in principle.",
    r"Batch: over $N, H, W$, per channel; running statistics at test time. For convolutional classifiers with at "
    r"least about 16 to 32 images per group of statistics; it folds away at inference. All others are the same in "
    r"training and test and independent of the batch. Layer: over the $D$ features of one token (or over $C, H, W$ of "
    r"an image); Transformers, recurrent networks, reinforcement learning. RMS: as layer, without mean and $\beta$; "
    r"large language models. Instance: over $H, W$ per image and channel; it removes each image's own contrast and "
    r"channel means, which is style, so it suits style transfer and image translation, and harms classification where "
    r"these carry information. Group: over $H, W$ and $C/G$ channels of one image; detection, segmentation, video, "
    r"diffusion U-Nets, wherever batches are small. Wrong in principle: a gradient penalty per example in a WGAN "
    r"critic, since with batch normalization the output of one example depends on all; contrastive learning with "
    r"statistics per device, which leaks who belongs together; causal models with statistics over time; online "
    r"learning or reinforcement learning, where data change as the policy does and batches aren't samples of one "
    r"distribution; batches of one.",
    [
        r"axes of batch and layer norm right, and that only batch norm has two modes",
        r"instance: per image and channel; style",
        r"group: groups of channels of one image; small batches in vision",
        r"RMS: no mean; language models",
        r"two cases where coupling of examples is wrong, with the reason",
    ],
    level=2,
)
