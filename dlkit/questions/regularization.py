"""Concept questions on regularization: what a penalty, a mask or an early stop does to the weights, and when it helps.

They test whether the geometry, the prior and the arithmetic behind each method are understood well enough to choose
one, to read a pair of curves, and to trust or distrust a validation figure.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "l1-sparsity",
    "l0-and-envelope",
    "l2-conditioning",
    "l2-prior",
    "l1-or-l2",
    "dropout-modes",
    "dropout-and-bagging",
    "dropout-family",
    "batchnorm-or-dropout",
    "data-and-model-size",
    "early-stopping",
    "curves",
    "cross-validation",
    "underfitting",
)

bank = Bank()


def sigmoid(z: float) -> float:
    """The logistic function of a number of moderate size."""
    return 1 / (1 + math.exp(-z))


def row(values: np.ndarray) -> str:
    """A vector as it is written in a formula."""
    return f"({', '.join(f'{value:g}' for value in values)})"


# ---- l1-sparsity: a kink holds a weight at 0, a parabola does not

bank.choice(
    "lasso_at_zero",
    "l1-sparsity",
    r"A weight is $w = 0$, and there the derivative of the data loss is $-0.3$. You add the penalty (A) $0.5\,\lvert "
    r"w\rvert$ or (B) $0.5\,w^2$. Where does the total loss send $w$?",
    [
        wrong(
            r"Above 0 with both, though less far with A than B.",
            r"With A, a step to $w > 0$ gains $0.3\,w$ and costs $0.5\,w$. There is no reason to leave 0.",
        ),
        right(
            r"With A it stays at 0, with B it rises above 0.",
            r"The slope of A jumps from $-0.5$ to $0.5$, so it can hold any pull up to $0.5$. The slope of B at 0 is "
            r"0, so it holds none.",
        ),
        wrong(
            r"With A it rises above 0, with B it stays at 0.",
            r"$\mathrm{sign}(0) = 0$ does not mean that A is without effect at 0: just above 0 its slope is $0.5$.",
        ),
        wrong(
            r"It stays at 0 with both, since $0.5 > 0.3$.",
            r"$0.5$ is B's coefficient, not its slope. The slope of $0.5\,w^2$ is $w$, which is 0 here.",
        ),
    ],
)

bank.choice(
    "lasso_without_zeros",
    "l1-sparsity",
    r"You add $\lambda \cdot \mathrm{sign}(w)$ to the gradient and train with SGD at a small, fixed learning rate. "
    r"Many weights end near 0, but not a single one is exactly 0. Why?",
    [
        wrong(
            r"$\lambda$ is too small: sparsity begins above a certain value of it.",
            r"A larger $\lambda$ brings more weights *near* 0. They still do not stop at it.",
        ),
        wrong(
            r"The batches are random; with the full gradient the zeros would be exact.",
            r"Noise is not needed for it. The full gradient, too, makes steps of a length that does not fade near 0.",
        ),
        wrong(
            r"Zeros come with convex losses only, and a network's loss is not convex.",
            r"The kink acts in each coordinate, whether the data loss is convex or not. Linear models trained in this "
            r"way have no exact zeros either.",
        ),
        right(
            r"Each step jumps over 0; one needs a step that can end *at* it.",
            r"The proximal step does: soft thresholding sets a weight to 0 if the gradient step took it to within "
            r"$\eta\lambda$. Or set small weights to 0 afterwards.",
        ),
    ],
    level=2,
)

bank.choice(
    "lasso_mode_not_mean",
    "l1-sparsity",
    r"A linear model with a Laplace prior: the weights of highest posterior density have 80 % exact zeros. You then "
    r"sample from the same posterior. No sample has a zero, and no mean of the samples has one. Is this a "
    r"contradiction?",
    [
        right(
            r"No: the zeros belong to the mode, which lies in a kink.",
            r"The Laplace density is continuous, so the event $w_j = 0$ has probability 0. A prior that believes in "
            r"zeros needs a point mass at 0 (spike and slab).",
        ),
        wrong(
            r"No: with enough samples these weights' means become exactly 0.",
            r"They converge to the posterior mean, which is near 0 for useless features but is not 0.",
        ),
        wrong(
            r"Yes: the posterior is log-concave, so that its mean and mode agree.",
            r"Log-concave gives a single mode. Mean and mode agree if it is symmetric too, as with a Gaussian.",
        ),
        wrong(
            r"Yes: the sampler has not converged, or it would visit the zeros.",
            r"A perfect sampler of a continuous density does not hit a given value either.",
        ),
    ],
    level=3,
)


@bank.number("lasso_ridge_same_shrink", "l1-sparsity", level=2)
def _lasso_ridge_same_shrink(rng: np.random.Generator) -> Task:
    lam, first = int(rng.integers(2, 6)), int(rng.integers(7, 25))
    second = int(rng.integers(2, 2 * lam)) / 2
    answer = second * (first - lam) / first
    return Task(
        rf"The columns of $X$ are orthonormal and $X^\top y = ({first}, {second:g})$. Model A minimizes "
        rf"$\tfrac12\lVert Xw - y\rVert^2 + {lam}\lVert w\rVert_1$; model B has $\tfrac\mu2\lVert w\rVert^2$ as its "
        rf"penalty, with $\mu$ chosen so that both have the same first weight. What is B's *second* weight? (within "
        rf"1 %)",
        answer,
        rf"L1 subtracts: A's weights are ${first} - {lam} = {first - lam}$ and, because ${second:g} \le {lam}$, "
        rf"exactly 0. L2 multiplies all by $1/(1 + \mu)$, here ${first - lam}/{first} = "
        rf"{short((first - lam) / first)}$, so B's second weight is ${short(answer)}$: smaller, never 0.",
        rtol=1e-2,
    )


@bank.number("lasso_all_zero", "l1-sparsity", level=2)
def _lasso_all_zero(rng: np.random.Generator) -> Task:
    pulls = np.zeros(2)
    while abs(pulls[0]) == abs(pulls[1]):
        x, y = rng.integers(-3, 4, size=(5, 2)), rng.integers(-6, 7, size=5)
        pulls = x.T @ y / 5
    answer = float(np.abs(pulls).max())
    return Task(
        rf"Five rows, two features $x_1 = {row(x[:, 0])}$ and $x_2 = {row(x[:, 1])}$, targets $y = {row(y)}$, no "
        rf"intercept. From which $\lambda$ on is $w = 0$ the minimum of $\frac{{1}}{{2 \cdot 5}}\lVert Xw - y\rVert^2 "
        rf"+ \lambda\lVert w\rVert_1$?",
        answer,
        rf"At $w = 0$ the data loss has the gradient $-\tfrac15 X^\top y = ({short(-pulls[0] + 0.0)}, "
        rf"{short(-pulls[1] + 0.0)})$. 0 is the minimum as long as no component is larger than $\lambda$ in size, so "
        rf"from $\lambda = {short(answer)}$ on. A path of lasso solutions starts at this value and goes down; with a "
        rf"sum in place of the mean it would be ${short(5 * answer)}$.",
    )


bank.open(
    "lasso_why_sparse",
    "l1-sparsity",
    r"Why does an L1 penalty give weights that are exactly 0, and L2 does not? Give the explanation by geometry, by "
    r"the gradient and by a prior, and say what is loose about each.",
    r"Geometry: minimizing with a penalty is minimizing the data loss within a ball of the norm. The contours of the "
    r"loss touch the L1 ball often at a corner or an edge, where some coordinates are 0, as these stick out; the L2 "
    r"ball is round, and touching it where a coordinate is exactly 0 is a coincidence. It is a picture of what is "
    r"likely: contours may also touch a flat side. Gradient: L2's slope $\lambda w$ fades as $w \to 0$, so any pull "
    r"of the data moves the weight off 0. L1's slope keeps the size $\lambda$, and at 0 its subgradients fill "
    r"$[-\lambda, \lambda]$: the weight stays at 0 if the data loss pulls with at most $\lambda$. This is exact; for "
    r"orthonormal features it gives soft thresholding against a mere division. But plain subgradient steps jump over "
    r"0; one needs a proximal step or coordinate descent. Prior: L1 is the negative log of a Laplace prior, peaked at "
    r"0, L2 that of a Gaussian, flat there. Loose: only the mode has zeros; the Laplace density gives no probability "
    r"to $w = 0$, so posterior samples and mean have none.",
    [
        r"geometry: corners of the L1 ball on the axes against the round L2 ball",
        r"slope near 0: constant against fading",
        r"optimality at 0: the data gradient is at most lambda in size (subgradient)",
        r"Laplace against Gaussian prior, and that it is about the mode",
        r"a limit, such as: plain SGD gives no exact zeros",
    ],
)

# ---- l0-and-envelope: counting weights, and the nearest convex thing to it

bank.choice(
    "count_penalty_gradient",
    "l0-and-envelope",
    r"For a sparse network, why not add $\lambda\lVert w\rVert_0$, the number of non-zero weights, to the loss and "
    r"train as usual?",
    [
        wrong(
            r"Each weight costs the same, so all of them would be driven to 0 together.",
            r"A weight that lowers the data loss by more than $\lambda$ is worth its price.",
        ),
        wrong(
            r"It has a kink, where gradient descent can get no further.",
            r"Kinks are no obstacle (ReLU, L1). This penalty has a *jump* at 0.",
        ),
        right(
            r"Its derivative is 0 wherever no weight is 0: training does not feel it.",
            r"Moving a weight from $0.3$ to $0.1$ changes no count. Which weights to drop is a search over subsets, "
            r"NP-hard in general.",
        ),
        wrong(
            r"It is no norm, so the total loss would have no minimum.",
            r"It is no norm, true, but the minimum exists: among finitely many subsets of weights one is best.",
        ),
    ],
)

bank.choice(
    "count_envelope",
    "l0-and-envelope",
    r"“L1 is the convex envelope of L0”: the largest convex function that is nowhere above it. On which set of "
    r"$w \in \mathbb R^n$, $n \ge 2$, is that true?",
    [
        wrong(
            r"On all of $\mathbb R^n$",
            r"$\lVert w\rVert_0 \le n$, but $\lVert w\rVert_1$ grows without bound and so is not below it. There the "
            r"envelope is the constant 0.",
        ),
        wrong(
            r"On the ball $\lVert w\rVert_2 \le 1$",
            r"At its boundary point $(1, 1)/\sqrt2$ the envelope has the value 2 of L0, since the ball is round there. "
            r"L1 is only $\sqrt2$.",
        ),
        wrong(
            r"Near 0 only, to first order",
            r"An envelope is no local approximation: L0 jumps at 0, and L1 does not follow it.",
        ),
        right(
            r"On the box $\lVert w\rVert_\infty \le 1$",
            r"In one dimension it is the line from $(0, 0)$ to $(\pm1, 1)$, that is $\lvert w\rvert$; on a box the "
            r"coordinates add up. For weights up to $M$ it is $\lVert w\rVert_1/M$.",
        ),
    ],
    level=3,
)


@bank.number("count_same_cutoff", "l0-and-envelope", level=2)
def _count_same_cutoff(rng: np.random.Generator) -> Task:
    cut = int(rng.integers(5, 11)) / 5
    z = np.zeros(5)
    while not 1 <= (np.abs(z) > cut).sum() <= 4 or np.any(np.abs(np.abs(z) - cut) < 0.05) or np.any(z == 0):
        z = rng.integers(-40, 41, size=5) / 10
    kept = int((np.abs(z) > cut).sum())
    answer = kept * cut
    total = float(np.abs(z)[np.abs(z) > cut].sum())
    return Task(
        rf"Five weights are fitted by $\tfrac12\sum(w_i - z_i)^2$ plus a penalty, with $z = {row(z)}$. L0 with the "
        rf"price ${cut * cut / 2:g}$ per non-zero weight, and L1 with the $\lambda$ that keeps a weight from the same "
        rf"$\lvert z_i\rvert$ on. By how much is $\sum\lvert w_i\rvert$ smaller with L1 than with L0?",
        answer,
        rf"L0 keeps $z_i$ whole if $\tfrac12 z_i^2 > {cut * cut / 2:g}$, that is $\lvert z_i\rvert > {cut:g}$, so "
        rf"L1's $\lambda$ is ${cut:g}$. Both keep {kept}; L0 leaves them a sum of ${short(total)}$, L1 takes ${cut:g}$ "
        rf"off each: ${kept} \cdot {cut:g} = {short(answer)}$. The bias of large weights is the price of convexity; "
        rf"fitting the kept weights again without a penalty removes it.",
    )


bank.open(
    "count_why_not",
    "l0-and-envelope",
    r"If you want few non-zero weights, L0 counts just that. Why is it not used directly, in which sense does L1 stand "
    r"in for it, what does L1 do that L0 does not, and what do people do when they need sparse networks?",
    r"L0 is not convex, not continuous, and its gradient is 0 wherever it exists, so descent does not feel it; an "
    r"exact solution means comparing subsets, $2^n$ of them, NP-hard in general. (Forward selection or hard "
    r"thresholding are approximations.) L1 is the largest convex function below L0 on the box $\lVert w\rVert_\infty "
    r"\le 1$, its convex envelope there, so it is the tightest convex stand-in; with features that are not too "
    r"correlated and a truly sparse solution it even finds the same support. The difference: L1 charges by size. It "
    r"shrinks the large, important weights by $\lambda$ as well (bias), so $\lambda$ must serve both for selection "
    r"and for shrinking; among correlated features it picks rather by chance. Remedies: refit the kept weights "
    r"without penalty, reweighted L1, non-convex penalties. For networks: train, remove the weights of smallest size, "
    r"train on, in rounds; remove whole channels where speed matters, as single zeros seldom help hardware; or learn "
    r"random gates whose expected number is a differentiable L0 (hard concrete).",
    [
        r"no useful gradient, not convex, a search over subsets",
        r"L1 as the convex envelope, with the box or in words",
        r"L1 also shrinks the large weights; bias",
        r"a practical way: pruning by magnitude and refitting, gates, structured sparsity",
    ],
    level=2,
)

# ---- l2-conditioning: every eigenvalue is raised by lambda

bank.choice(
    "ridge_direction",
    "l2-conditioning",
    r"Ridge regression, centred columns of very different variances and correlations, $\lambda > 0$. Which part of "
    r"the least-squares solution is shrunk by the largest factor?",
    [
        right(
            r"the part along the direction in which the data vary least",
            r"Along a singular vector with singular value $\sigma$ the factor is $\sigma^2/(\sigma^2 + \lambda)$: "
            r"near 1 where the data say much, near 0 where they say little and least squares fits noise.",
        ),
        wrong(
            r"the part along the direction in which the data vary most",
            r"There the data fix the weight well, and moving it would cost much loss. The penalty loses.",
        ),
        wrong(
            r"the largest component, since the penalty is quadratic",
            r"The pull does grow with the component, but so does its value; the *factor* depends on the data only.",
        ),
        wrong(
            r"none: all are divided by $1 + \lambda$",
            r"That holds if $X^\top X = I$, so for data that vary equally in all directions.",
        ),
    ],
    level=2,
)


@bank.number("ridge_condition_target", "l2-conditioning")
def _ridge_condition_target(rng: np.random.Generator) -> Task:
    large, small = 50 * int(rng.integers(4, 61)), int(rng.integers(1, 50)) / 100
    target = int(rng.choice([20, 50, 100, 200]))
    answer = (large - target * small) / (target - 1)
    return Task(
        rf"The eigenvalues of $X^\top X$ lie between ${small:g}$ and ${large}$. Which $\lambda$ gives $X^\top X + "
        rf"\lambda I$ the condition number ${target}$? (within 1 %)",
        answer,
        rf"Every eigenvalue is raised by $\lambda$. From $({large} + \lambda)/({small:g} + \lambda) = {target}$ "
        rf"follows $\lambda = ({large} - {target} \cdot {small:g})/({target} - 1) = {short(answer)}$. Without it the "
        rf"condition number is ${short(large / small)}$; gradient descent takes a number of steps in proportion to "
        rf"it, and errors in $y$ are magnified less too.",
        rtol=1e-2,
    )


@bank.number("ridge_degrees", "l2-conditioning", level=2)
def _ridge_degrees(rng: np.random.Generator) -> Task:
    sigma = np.sort(rng.choice(np.arange(1, 16), size=3, replace=False))[::-1]
    lam = int(rng.choice([2, 4, 5, 8, 10, 20, 25, 30, 40]))
    parts = sigma**2 / (sigma**2 + lam)
    answer = float(parts.sum())
    terms = " + ".join(rf"\tfrac{{{s * s}}}{{{s * s + lam}}}" for s in sigma.tolist())
    return Task(
        rf"$X$ has the singular values ${sigma[0]}$, ${sigma[1]}$ and ${sigma[2]}$. Ridge regression minimizes $\lVert "
        rf"Xw - y\rVert^2 + {lam}\lVert w\rVert^2$; its fitted values are $\hat y = Hy$. What is the trace of $H$, "
        rf"the effective number of parameters? (within 1 %)",
        answer,
        rf"$H = X(X^\top X + \lambda I)^{{-1}}X^\top$ has the eigenvalues $\sigma^2/(\sigma^2 + \lambda)$, so the "
        rf"trace is ${terms} = {short(answer)}$ in place of 3. All three weights are non-zero; the model is smaller "
        rf"because it can follow $y$ less freely, most of all along the smallest $\sigma$.",
        rtol=1e-2,
    )


# ---- l2-prior: the penalty is a belief, and lambda its strength against the data

bank.choice(
    "map_ten_times_the_data",
    "l2-prior",
    r"Your loss is the *mean* over the examples plus $\tfrac\lambda2\lVert w\rVert^2$, and $\lambda$ was right for "
    r"1,000 examples. You get 10,000 of the same kind. By the Gaussian prior that the penalty stands for, which "
    r"value is right now?",
    [
        wrong(
            r"$\lambda$, since a mean does not grow with the number of examples",
            r"The log-likelihood does: it is a *sum*. A mean with the same $\lambda$ means a prior that became ten "
            r"times as strong.",
        ),
        wrong(
            r"$\lambda/\sqrt{10}$, since errors of estimates fall like $1/\sqrt n$",
            r"They do, but that follows from adding up log-likelihoods. It is not a second correction.",
        ),
        right(
            r"$\lambda/10$, since the data now say ten times as much",
            r"$-\log$ posterior $= \sum_i \ell_i + \lVert w\rVert^2/(2\tau^2)$. Divided by $n$, the coefficient of the "
            r"penalty is $1/(n\tau^2)$.",
        ),
        wrong(
            r"$10\lambda$, since the penalty must keep up with the data",
            r"That is for a loss that is a sum, *if* one wants the penalty to count as much as before. The prior does "
            r"not ask for this.",
        ),
    ],
    level=2,
)

bank.choice(
    "map_kelvin_intercept",
    "l2-prior",
    r"Ridge regression predicts temperatures. $X$ has a column of ones, whose weight is penalized like the others. "
    r"You change the targets from °C to K by adding 273.15. What happens to the predictions?",
    [
        wrong(
            r"All rise by 273.15: the intercept takes up the shift.",
            r"It would if it were free. Here a large intercept costs $\lambda b^2$, so it takes up only a part.",
        ),
        right(
            r"They rise by less, as the penalty pulls the intercept towards 0.",
            r"A prior around 0 for the intercept makes the answer depend on where the scale begins. Leave biases out "
            r"of the penalty, or centre the targets.",
        ),
        wrong(
            r"They rise by 273.15 once $\lambda$ has been tuned again.",
            r"Only $\lambda = 0$ gives this. Each other value pulls the intercept and the slopes alike.",
        ),
        wrong(
            r"They fit better than before, as large targets outweigh the penalty.",
            r"The shift adds nothing to be learnt, and it makes the penalized part of the fit larger.",
        ),
    ],
)


@bank.number("map_one_weight", "l2-prior")
def _map_one_weight(rng: np.random.Generator) -> Task:
    xx, xy = int(rng.integers(4, 41)), int(rng.integers(10, 100))
    noise, prior = int(rng.choice([2, 3, 4, 5, 6])), int(rng.choice([5, 10, 15, 20, 25])) / 10
    lam = noise**2 / prior**2
    answer = xy / (xx + lam)
    return Task(
        rf"$y_i = wx_i + $ Gaussian noise of standard deviation ${noise}$; the prior of $w$ is $N(0, {prior:g}^2)$. "
        rf"The data have $\sum x_i^2 = {xx}$ and $\sum x_iy_i = {xy}$. Which $w$ is the most probable one? (within 1 "
        rf"%)",
        answer,
        rf"$-\log$ posterior is $\frac{{1}}{{2 \cdot {noise}^2}}\sum(y_i - wx_i)^2 + \frac{{1}}{{2 \cdot "
        rf"{prior:g}^2}}w^2$ plus a constant: ridge with $\lambda = {noise}^2/{prior:g}^2 = {short(lam)}$. So $w = "
        rf"{xy}/({xx} + {short(lam)}) = {short(answer)}$; least squares would say ${short(xy / xx)}$. Much noise or a "
        rf"narrow prior means a large $\lambda$.",
        rtol=1e-2,
    )


bank.open(
    "map_gaussian_derived",
    "l2-prior",
    r"Derive the L2 penalty from a Gaussian prior on the weights. What is $\lambda$ then, what happens to it with more "
    r"noise and with more data, which weights should not get such a prior, and what is the picture silent about?",
    r"By Bayes $p(w \mid D) \propto p(D \mid w)\,p(w)$; maximizing it means minimizing $-\log p(D \mid w) - \log "
    r"p(w)$. For $w \sim N(0, \tau^2 I)$ the second term is $\lVert w\rVert^2/(2\tau^2)$ plus a constant. With "
    r"Gaussian noise of variance $\sigma^2$ the first is $\sum(y_i - \hat y_i)^2/(2\sigma^2)$. Times $2\sigma^2$ "
    r"this is ridge regression with $\lambda = \sigma^2/\tau^2$: more noise or a narrower prior means more "
    r"shrinking. The likelihood grows with $n$, the prior does not, so the penalty matters less with more data; with "
    r"a *mean* loss its coefficient should fall like $1/n$. Biases and normalization scales are usually left out: "
    r"there is no reason to believe them near 0, and a penalized intercept makes the fit depend on the origin of "
    r"$y$. One $\tau$ for all weights presumes comparable scales, so standardize. When fine-tuning, a prior around the "
    r"pretrained weights is more fitting than one around 0. The picture is silent about uncertainty, as only the mode "
    r"is kept; about how to choose $\tau$ (one uses validation); and in networks with normalization, or with Adam, "
    r"weight decay works by other ways than a prior.",
    [
        r"log posterior = log likelihood + log prior; Gaussian gives the squared norm",
        r"lambda = noise variance over prior variance",
        r"more data: the penalty counts less, 1/n for a mean loss",
        r"biases left out, or features standardized, with the reason",
        r"a limit: only the mode, tau chosen by validation, or normalized layers",
    ],
    level=2,
)

# ---- l1-or-l2: which one, and what both need

bank.choice(
    "penalty_other_units",
    "l1-or-l2",
    r"A linear model of house prices with an L2 penalty, features not standardized. The area is changed from m² to "
    r"cm², so its numbers are 10,000 times as large; $\lambda$ stays. What happens?",
    [
        wrong(
            r"Nothing: a weight 10,000 times smaller makes up for it.",
            r"Without a penalty that is so. With it, this smaller weight costs $10^8$ times less than before.",
        ),
        wrong(
            r"The area is penalized harder, because its values are larger.",
            r"Weights are penalized, not values, and large values need small weights.",
        ),
        wrong(
            r"Nothing with L2; but with L1 the predictions would change.",
            r"Both penalties are sums over weights, and neither is invariant when one weight is rescaled.",
        ),
        right(
            r"The area now escapes the penalty almost entirely.",
            r"Its weight may be tiny and still do its work. Standardize before any penalty, L1 or L2, or the units "
            r"decide what is shrunk.",
        ),
    ],
)

bank.choice(
    "penalty_twin_columns",
    "l1-or-l2",
    r"By accident a useful column is in the table twice. You fit a linear model with an L1 or an L2 penalty. What "
    r"becomes of the two weights?",
    [
        right(
            r"L2 makes them equal; with L1 the split between them is arbitrary.",
            r"With $a + b$ fixed, $a^2 + b^2$ is smallest at $a = b$, while $\lvert a\rvert + \lvert b\rvert$ is the "
            r"same for any split without opposite signs. The elastic net has L2's part decide.",
        ),
        wrong(
            r"L1 makes them equal; L2 keeps one and sets the other to 0.",
            r"The reverse is nearer the truth: two halves cost half as much under L2 as one whole.",
        ),
        wrong(
            r"Both penalties fail, because $X^\top X$ is singular.",
            r"Least squares fails. $X^\top X + \lambda I$ can be inverted, and the lasso has a solution, though not "
            r"just one.",
        ),
        wrong(
            r"Both set the second one to 0, since it adds nothing.",
            r"L2 sets nothing to exactly 0, and for L1 the second column is as good as the first.",
        ),
    ],
    level=2,
)

bank.choice(
    "penalty_gene_groups",
    "l1-or-l2",
    r"200 patients, 20,000 genes; some 500 of them matter, in groups whose members are strongly correlated. You want "
    r"a linear model that names them, and with stable lists from resample to resample. Which penalty?",
    [
        wrong(
            r"L1 alone: it is made for sparse solutions when there are more features than rows.",
            r"It names about 200 genes at most, as many as there are rows, and of a correlated group it takes one or "
            r"another, changing with the sample.",
        ),
        wrong(
            r"L2 alone: it handles correlated features well.",
            r"It does, and the list would be stable: all 20,000 genes, since no weight is 0.",
        ),
        right(
            r"Both: L1 for zeros, with some L2 so that groups stay together.",
            r"This is the elastic net. Its L2 part makes correlated features share the weight, and lifts the limit of "
            r"$n$ features.",
        ),
        wrong(
            r"None: pick the genes by single correlations first, then least squares.",
            r"500 genes and 200 rows leave least squares undetermined, and picking on all rows spoils the validation.",
        ),
    ],
    level=2,
)

bank.open(
    "penalty_choice",
    "l1-or-l2",
    r"When do you take L1, when L2, when both? Answer for a linear model with many features and for a deep network, "
    r"and say what you have to do to the data first and how you choose the strength.",
    r"L2 if many features each matter a little, if they are correlated, or if only prediction counts: it shrinks "
    r"smoothly, has a closed form, is stable, and improves the conditioning. L1 if few features matter, or if zeros "
    r"are worth something by themselves: a readable model, features that need not be measured, storage. Its weak "
    r"points: arbitrary choice among correlated features, at most $n$ of them, bias of the large weights, no closed "
    r"form. The elastic net, for groups of correlated features with many useless ones. In deep networks L2, usually "
    r"as weight decay, is the default; single weights have no meaning to be selected, and scattered zeros save little "
    r"time on a GPU. L1 is used there on whole channels or on batch normalization's scales to remove channels, or on "
    r"activations. Biases and normalization parameters are left out. Before either: standardize the features by the "
    r"training set's figures, since the penalty depends on units, and centre or leave the intercept free. Strength: "
    r"cross-validation over powers of 10, for L1 from the $\lambda$ at which all weights are 0 downwards; with the "
    r"one-standard-error rule if a small model is wanted.",
    [
        r"L2: many small effects, correlation, prediction only",
        r"L1: few effects, selection wanted; its weak points",
        r"elastic net for correlated groups",
        r"networks: weight decay as default, L1 for structured pruning at best",
        r"standardize first; strength by cross-validation",
    ],
)

# ---- dropout-modes: what differs between training and test

bank.choice(
    "drop_two_answers",
    "dropout-modes",
    r"A deployed classifier with dropout and layer normalization is sent the same image twice and answers 0.91, then "
    r"0.78. What do you check first?",
    [
        wrong(
            r"Whether layer normalization takes its statistics from other requests' examples.",
            r"It normalizes each example by itself. Batch normalization in training mode would do so.",
        ),
        right(
            r"Whether the model was put into evaluation mode.",
            r"With dropout active each call draws a new mask. In evaluation mode it does nothing, and the answers "
            r"agree.",
        ),
        wrong(
            r"Whether the GPU adds up numbers in a changing order.",
            r"That gives differences of the order of rounding, some $10^{-6}$ in float32, not of 0.13.",
        ),
        wrong(
            r"Whether a seed was set before the weights were initialized.",
            r"It decides which weights training ended with. In deployment they are fixed.",
        ),
    ],
)


@bank.number("drop_forgotten_scaling", "dropout-modes", level=2)
def _drop_forgotten_scaling(rng: np.random.Generator) -> Task:
    logit = 99.0
    while logit > 3.2:
        z, p, layers = int(rng.integers(3, 13)) / 10, int(rng.choice([1, 2, 3, 4, 5])), int(rng.integers(2, 6))
        logit = z / (1 - p / 10) ** layers
    answer = sigmoid(logit)
    return Task(
        rf"A ReLU network without biases ends in a sigmoid. Its {layers} hidden layers were trained with plain "
        rf"dropout: each unit dropped with probability ${p / 10:g}$, the kept ones *not* scaled. At test time, with "
        rf"the weights scaled as they should be, an example gets the logit ${z:g}$. Which probability does it get if "
        rf"the scaling is forgotten? (within 0.5 %)",
        answer,
        rf"Each layer's output is then too large by $1/(1 - {p / 10:g})$. A ReLU passes a factor on, so the logit is "
        rf"${z:g}/{1 - p / 10:g}^{layers} = {short(logit)}$ and the probability ${short(answer)}$ instead of "
        rf"${short(sigmoid(z))}$. The decision at one half stays, the confidence is wrong. Inverted dropout scales "
        rf"while training, so nothing can be forgotten.",
        rtol=5e-3,
    )


@bank.number("drop_added_noise", "dropout-modes", level=2)
def _drop_added_noise(rng: np.random.Generator) -> Task:
    terms, p = rng.integers(1, 8, size=3) * rng.choice([-1, 1], size=3), int(rng.choice([1, 2, 3, 4, 5, 6]))
    square = int((terms**2).sum())
    answer = math.sqrt(p / (10 - p) * square)
    return Task(
        rf"A linear unit adds three contributions $w_ix_i = {row(terms)}$. Inverted dropout with drop probability "
        rf"${p / 10:g}$ acts on the inputs $x_i$. What is the standard deviation of the unit's pre-activation over the "
        rf"masks? (within 1 %)",
        answer,
        rf"A kept contribution becomes $w_ix_i/{1 - p / 10:g}$, so each has the mean $w_ix_i$ and the variance "
        rf"$\frac{{p}}{{1-p}}(w_ix_i)^2$. The masks are independent: $\sqrt{{\frac{{{p / 10:g}}}{{{1 - p / 10:g}}} "
        rf"\cdot {square}}} = {short(answer)}$, around the mean ${int(terms.sum())}$. The expected squared error of a "
        rf"linear model grows by just this variance, an L2 penalty that weighs each $w_i^2$ by $x_i^2$.",
        rtol=1e-2,
    )


bank.open(
    "drop_train_and_test",
    "dropout-modes",
    r"Write down dropout's forward and backward pass, plain and inverted, for training and test. Why is scaling "
    r"needed, why is one pass without masks enough at test time, and which mistakes do people make in code?",
    r"Training: draw a mask $m$ of independent entries, 1 with probability $1 - p$, anew for each example and step, "
    r"and output $m \odot x$. The next layer then sees on average $(1-p)x$, so at test time, when all units are "
    r"present, one must multiply by $1 - p$ (or scale the weights so); otherwise pre-activations are too large. "
    r"Inverted dropout moves this into training: output $m \odot x/(1-p)$, and nothing at test, which leaves the "
    r"test code and the stored weights alone. Backward: the *same* mask and the same factor, $dx = m \odot "
    r"dout/(1-p)$; at test $dx = dout$. The true test answer would be an average over all masks; one pass with the "
    r"mean of the masks is exact for linear layers, and for one softmax layer if the geometric mean is meant; for "
    r"deep networks it is an approximation that works well. Averaging many random passes (MC dropout) also gives a "
    r"spread. Mistakes: $p$ taken for the keep probability; scaling forgotten or done twice; training mode left on, "
    r"so predictions fluctuate; a new mask in the backward pass; one mask for the whole batch; a gradient check with "
    r"masks that change.",
    [
        r"training: random mask; plain scales at test by 1 - p, inverted divides in training",
        r"why: the expected input of the next layer must be the same",
        r"backward uses the same mask and factor",
        r"one pass approximates the average over masks; exact only in the linear case",
        r"at least two mistakes: mode left on, keep or drop probability, scaling twice, new mask",
    ],
)

# ---- dropout-and-bagging: an ensemble that shares its weights

bank.choice(
    "bag_what_differs",
    "dropout-and-bagging",
    r"Dropout is called bagging over $2^n$ sub-networks. What is true of them, but not of bagging's members?",
    [
        wrong(
            r"At test time their answers are averaged.",
            r"This is what both have in common, though dropout's average is taken by one scaled pass.",
        ),
        wrong(
            r"Each one sees only a random part of the data.",
            r"Bagging's members do, too: each gets a bootstrap sample, with about 63 % of the rows.",
        ),
        wrong(
            r"Each one is trained by itself, until it has converged.",
            r"That is bagging. Of dropout's sub-networks most are never drawn at all, the others for a step or so.",
        ),
        right(
            r"They share weights, so training one changes others.",
            r"That is why $2^n$ of them can be had for the price of one network, and why their errors are not "
            r"independent. Sharing is itself a strong regularizer.",
        ),
    ],
)

bank.choice(
    "bag_weight_scaling_exact",
    "dropout-and-bagging",
    r"At test time a single pass with scaled weights replaces the average over all dropout masks. In which case is "
    r"this *exact*?",
    [
        wrong(
            r"Softmax regression, dropout on its inputs; the arithmetic mean of the probabilities.",
            r"Softmax is not linear, so the mean of its values is not its value at the mean logits.",
        ),
        right(
            r"Softmax regression, dropout on its inputs; the normalized geometric mean of the probabilities.",
            r"Logarithms of softmax are the logits up to a constant, the logits are linear in the mask, and so their "
            r"mean is that at the mean mask.",
        ),
        wrong(
            r"A ReLU network without biases, since $\mathrm{relu}(cz) = c\,\mathrm{relu}(z)$; the mean of the logits.",
            r"A common factor passes through a ReLU. A mask changes the sum inside it, even its sign, and the mean of "
            r"$\mathrm{relu}$ is not $\mathrm{relu}$ of the mean.",
        ),
        wrong(
            r"Any network, if the average is over enough masks; expectations are linear.",
            r"Expectations go through linear maps only. More masks bring the average nearer to its expectation, not to "
            r"the single pass.",
        ),
    ],
    level=3,
)


@bank.number("bag_members_needed", "dropout-and-bagging", level=2)
def _bag_members_needed(rng: np.random.Generator) -> Task:
    rho = 5 * int(rng.integers(2, 11))
    allowed = rho + int(rng.integers(3, 16))
    answer = -(-(100 - rho) // (allowed - rho))
    return Task(
        rf"The predictions of an ensemble's members all have the same variance, and any two of them have the "
        rf"correlation ${rho / 100:g}$. How many members are needed so that the variance of their mean is at most "
        rf"${allowed}\,\%$ of that of one member? (a whole number, exact)",
        answer,
        rf"The mean of $B$ members has the share $\rho + (1 - \rho)/B$. ${rho / 100:g} + {1 - rho / 100:g}/B \le "
        rf"{allowed / 100:g}$ means $B \ge {1 - rho / 100:g}/{(allowed - rho) / 100:g} = "
        rf"{short((100 - rho) / (allowed - rho))}$, so {answer}. Below ${rho}\,\%$ no number of members helps: they "
        rf"must be made less alike, which is what resampling, random features and dropout's masks are for.",
        rtol=1e-6,
    )


bank.open(
    "bag_dropout_compared",
    "dropout-and-bagging",
    r"In what sense is dropout bagging, and where does the comparison fail? Include how members are made, trained and "
    r"combined, what each costs, and another explanation of why dropout works.",
    r"Bagging trains $B$ models, each on a bootstrap sample (about 63 % distinct rows), independently and to the end, "
    r"and averages their answers; it lowers variance as far as the members' errors are not correlated. Dropout draws a "
    r"sub-network for each example and step, out of $2^n$; each sees its own random data. At test time one pass with "
    r"all units and scaled activations stands for the average. Where it fails: the sub-networks share their weights, "
    r"so a step for one changes all; most are never drawn and none is trained to convergence; the members' errors "
    r"are correlated; the combination is nearer to a geometric than to an arithmetic mean, and exact only for simple "
    r"models. Cost: bagging $B$ times training and prediction, dropout one network, one pass, and a longer training. "
    r"Real ensembles of whole networks usually still win if one can pay for them. Other explanations: units cannot "
    r"rely on particular partners being there (co-adaptation), so each must be useful by itself; multiplicative noise "
    r"on the activations, for linear models an adaptive L2 penalty; an approximation to Bayesian averaging.",
    [
        r"common: random sub-models on random data, averaged",
        r"dropout's members share weights and are not trained to convergence",
        r"test: one scaled pass, an approximation, against averaging B outputs",
        r"cost: one network against B",
        r"another explanation: co-adaptation, noise as penalty, Bayesian",
    ],
)

# ---- dropout-family: what to drop

bank.choice(
    "family_feature_maps",
    "dropout-family",
    r"In an early convolutional layer, dropout of single values with $p = 0.3$ hardly regularizes. Dropping whole "
    r"channels with the same $p$ does. Why?",
    [
        right(
            r"What is dropped at a pixel can be read from its neighbours.",
            r"Maps are smooth, and a 3×3 filter sees nine values that say nearly the same. To take information away "
            r"one must drop a channel or a whole block (DropBlock).",
        ),
        wrong(
            r"Dropping single values removes fewer values on average than dropping channels.",
            r"Both remove 30 %. What differs is where the removed values lie.",
        ),
        wrong(
            r"The filter's weights are shared, so each dropped value's gradient is lost for all positions.",
            r"A weight's gradient is a sum over positions. It loses some terms and keeps the others.",
        ),
        wrong(
            r"The factor $1/(1-p)$ makes up for the dropped values, but not for dropped channels.",
            r"The factor is used in both, and keeps the mean in both.",
        ),
    ],
)

bank.choice(
    "family_memory_cell",
    "dropout-family",
    r"On the cell state of an LSTM you put inverted dropout with $p = 0.2$, with a new mask at every step. Over "
    r"sequences of 50 steps it no longer remembers the beginning. Why, and what is better?",
    [
        wrong(
            r"20 % of the cells are missing; make the layer 25 % wider.",
            r"At any single step, yes. But the masks change, so over the steps it is almost every cell that is lost.",
        ),
        wrong(
            r"The gates saturate; start the forget gate's bias at 1.",
            r"A forget gate that is wide open does not help if the mask then sets the cell to 0.",
        ),
        wrong(
            r"Masks have no derivative, so no gradient reaches the beginning; use a smooth mask.",
            r"A mask is a constant factor. Gradients pass where it is not 0.",
        ),
        right(
            rf"A value survives with probability $0.8^{{50}} \approx {short(0.8**50)}$; keep one mask per sequence.",
            rf"And the few survivors are scaled by $1.25^{{50}} \approx {short(1.25**50)}$. One mask for the sequence "
            rf"leaves the other cells' memory intact; or drop only the inputs and outputs, not the recurrent path.",
        ),
    ],
    level=2,
)


@bank.number("family_expected_depth", "dropout-family")
def _family_expected_depth(rng: np.random.Generator) -> Task:
    blocks, last = int(rng.integers(8, 61)), int(rng.choice([5, 6, 7, 8]))
    answer = blocks - (10 - last) * (blocks + 1) / 20
    return Task(
        rf"Stochastic depth: of ${blocks}$ residual blocks, block $l = 1, \dots, {blocks}$ is kept in a training step "
        rf"with probability $1 - \frac{{l}}{{{blocks}}}(1 - {last / 10:g})$. How many blocks are kept on average?",
        answer,
        rf"$\sum_l 1 - \frac{{l}}{{{blocks}}} \cdot {1 - last / 10:g} = {blocks} - {1 - last / 10:g} \cdot "
        rf"\frac{{{blocks} + 1}}{{2}} = {short(answer)}$, because $\sum l = {blocks} \cdot {blocks + 1}/2$. A skipped "
        rf"block costs no time, so a step takes about $1 - {short(answer)}/{blocks} = "
        rf"{short(100 * (1 - answer / blocks))}\,\%$ less. Early blocks, on which all others build, are dropped least.",
    )


# ---- batchnorm-or-dropout: two kinds of noise, two purposes

bank.choice(
    "noise_batch_2048",
    "batchnorm-or-dropout",
    r"Network A has batch normalization, network B layer normalization and dropout. From batches of 64 to 2048, with "
    r"the learning rate tuned again, both reach the same training accuracy as before (evaluation mode). On "
    r"validation A has become clearly worse, B only slightly. A likely reason?",
    [
        wrong(
            r"The running averages of A get too few updates.",
            r"Then A in evaluation mode would be worse on training data, too, and it is not.",
        ),
        wrong(
            r"With larger batches dropout's noise grows and makes up for the lost noise.",
            r"Dropout draws a mask per example, with a variance that depends on $p$ only.",
        ),
        right(
            r"A was regularized by the noise of its batch statistics, which is smaller now.",
            rf"Their relative error is of the order $1/\sqrt m$, here smaller by the factor $\sqrt{{2048/64}} = "
            rf"{math.sqrt(2048 / 64):.3g}$ (in a dense layer). Dropout's noise does not depend on the batch.",
        ),
        wrong(
            r"A larger batch averages away the gradient's noise, which had helped A.",
            r"It had helped B as much. The question is in what the two differ.",
        ),
    ],
    level=2,
)

bank.choice(
    "noise_for_underfit",
    "batchnorm-or-dropout",
    r"A plain deep network has 12 % training error and 12.5 % validation error, its loss still falls slowly, and "
    r"people make 3 % errors. You may add batch normalization or dropout. Which, and why?",
    [
        wrong(
            r"Dropout: its ensemble of sub-networks lowers every kind of error.",
            r"It narrows the gap between training and validation, which is half a point here, and slows the training "
            r"down.",
        ),
        wrong(
            r"Both, since they regularize in different ways.",
            r"The network does not overfit. What it lacks is optimization.",
        ),
        wrong(
            r"Neither: both are regularizers, and these only act on the gap.",
            r"Regularizing is a side effect of batch normalization. It is there to make training fast and stable.",
        ),
        right(
            r"Batch normalization: the training error has to fall.",
            r"It allows larger learning rates and keeps signals in scale, which may get the loss down. Dropout is for "
            r"afterwards, if a gap opens.",
        ),
    ],
)

bank.open(
    "noise_drop_or_batchnorm",
    "batchnorm-or-dropout",
    r"Compare dropout and batch normalization as regularizers: purpose, source and size of the noise, what is done at "
    r"test time, where each is used, and what to expect if both are present.",
    r"Dropout is made to regularize: it sets units to 0 at random and so makes training harder; batch normalization "
    r"is made to ease optimization, and regularizes by the way. Dropout's noise is multiplicative, independent "
    r"between units and examples, of a size set by $p$; batch normalization's comes from the random company in the "
    r"batch, is shared by all positions of a channel, and shrinks like $1/\sqrt m$, so it cannot be set apart from the "
    r"batch size. At test time dropout is switched off (with inverted scaling nothing remains), batch normalization "
    r"uses running averages: both behave differently in the two modes, and forgetting to switch is the commonest bug. "
    r"Dropout: large dense layers, Transformers (with layer normalization), small data. Batch normalization: "
    r"convolutional networks with batches that are not small. Together: dropout in front of batch normalization "
    r"changes the variance in training but not at test, so the running variance is too large; place dropout behind "
    r"the last normalization and take a smaller $p$. In an underfitting network batch normalization may help, "
    r"dropout as a rule does not. Neither replaces augmentation or more data.",
    [
        r"purpose: regularizing against easing optimization",
        r"noise: set by p, per unit, against set by the batch, falling like 1/sqrt(m)",
        r"test time: off against running averages",
        r"where: dense layers and Transformers against convolutional networks",
        r"together: variance shift, order, smaller p",
    ],
    level=2,
)

# ---- data-and-model-size: more data, made-up data, fewer weights

bank.choice(
    "data_mirrored_signs",
    "data-and-model-size",
    r"You add random left–right flips to the training of a traffic-sign classifier. Overall accuracy rises a little, "
    r"but of “turn left” and “turn right” only about half are now recognized. Why?",
    [
        wrong(
            r"They are rare, and augmentation moves the weight to the frequent classes.",
            r"Each class gets the same share of flips, and their share of the data stays.",
        ),
        right(
            r"A flip turns each of the two into the other but keeps its label.",
            r"Half of their examples lie. Augmentation encodes an invariance, and it must be one: turn the label with "
            r"the image, or leave flips out.",
        ),
        wrong(
            r"Training saw flips and the test does not; average over both views at test.",
            r"The average is the same for a sign and its mirror image, so it cannot tell them apart at all.",
        ),
        wrong(
            r"Flips change the pixels' mean and variance, so the inputs are scaled wrongly.",
            r"A flip only moves pixels; no channel's mean or variance changes.",
        ),
    ],
)

bank.choice(
    "data_halve_the_width",
    "data-and-model-size",
    r"Training error 0 %, validation error 9 %. A colleague: “We have 40 times more weights than examples, so the "
    r"network must overfit. Make it narrower until it has fewer.” Your answer?",
    [
        wrong(
            r"Right: with more weights than examples a network cannot generalize.",
            r"Most networks in use have more. Which functions training finds depends on more than the count.",
        ),
        wrong(
            r"Wrong: a wider network is never worse on validation data.",
            r"Often it is better, but not always, least of all with little, noisy data and no regularization.",
        ),
        right(
            r"Try it, but against the full width with more regularization; the count alone decides nothing.",
            r"Augmentation, decay and stopping limit what a large network does, and such a network often beats a "
            r"smaller one. Validation decides.",
        ),
        wrong(
            r"Wrong: with a training error of 0 only more data can still help.",
            r"A training error of 0 says that there is room for regularization, which costs less than data.",
        ),
    ],
    level=2,
)


@bank.number("data_how_much_more", "data-and-model-size", level=2)
def _data_how_much_more(rng: np.random.Generator) -> Task:
    n, floor = int(rng.integers(1, 11)), int(rng.integers(1, 7))
    gap, rest = 2 * int(rng.integers(4, 9)), int(rng.integers(2, 7)) / 2
    answer = 1000 * n * (gap / rest) ** 2
    return Task(
        rf"Validation error is ${floor + gap}\,\%$ with ${1000 * n}$ training examples and ${floor + gap / 2:g}\,\%$ "
        rf"with ${4000 * n}$. Suppose it follows $e_\infty + b/\sqrt n$. How many examples does it take for "
        rf"${floor + rest:g}\,\%$? (within 1 %)",
        answer,
        rf"Four times the data halve the second term, so this term was twice the drop of ${gap / 2:g}$ points: "
        rf"${gap}$ at ${1000 * n}$, and $e_\infty = {floor}\,\%$. It has to become ${rest:g}$, smaller "
        rf"by the factor ${short(gap / rest)}$, which takes ${short(gap / rest)}^2 = {short((gap / rest) ** 2)}$ "
        rf"times as many: ${short(answer)}$. Below ${floor}\,\%$ data of this kind do not lead, whatever their number.",
        rtol=1e-2,
    )


@bank.number("data_mixup_floor", "data-and-model-size", level=3)
def _data_mixup_floor(rng: np.random.Generator) -> Task:
    classes = int(rng.integers(2, 41))
    answer = 0.5 * (1 - 1 / classes)
    return Task(
        rf"Mixup with $\lambda$ uniform on $[0, 1]$ (that is $\alpha = 1$): labels are mixed with the same $\lambda$ "
        rf"as the images, partners are drawn at random, and there are ${classes}$ equally frequent classes. Suppose "
        rf"the network sees both images and $\lambda$ perfectly. Which mean training cross-entropy remains? (in nats; "
        rf"$\int_0^1 -\lambda\ln\lambda\,d\lambda = \tfrac14$; within 1 %)",
        answer,
        rf"Cross-entropy is at least the target's entropy $-\lambda\ln\lambda - (1-\lambda)\ln(1-\lambda)$, on average "
        rf"$\tfrac14 + \tfrac14 = \tfrac12$. Two images of one class, probability $1/{classes}$, mix to a hard label "
        rf"with entropy 0. So $\tfrac12(1 - \tfrac{{1}}{{{classes}}}) = {short(answer)}$. A training loss that stays "
        rf"above this, and above the validation loss, is no sign of underfitting.",
        rtol=1e-2,
    )


bank.open(
    "data_overfit_plan",
    "data-and-model-size",
    r"You have 2,000 labelled images, 10 classes, and a network with 0 % training and 30 % validation error. In which "
    r"order do you try what, and why? How do you know that a measure has worked, and when do you stop?",
    r"First make sure that the figure is real: the split is by source (patient, camera), labels of the validation "
    r"errors are right, both sets are of the same kind, and the validation set is large enough (with 400 images an "
    r"error of 30 % has a standard error of 2.3 points). Then by gain per effort. (1) Pretrained weights: with 2,000 "
    r"images usually the largest gain. (2) Augmentation that keeps labels: crops, flips where allowed, colours, "
    r"mixup or cutout; it adds what is known about invariances. (3) Early stopping, which costs nothing. (4) Weight "
    r"decay, dropout in the dense layers, label smoothing, tuned over powers of 10. (5) A smaller network, or fewer "
    r"layers trained; compared with the large one under regularization. (6) More data: the surest cure, usually the "
    r"dearest; train on 500, 1,000 and 2,000 to see whether the curve still falls; unlabelled data may do. (7) An "
    r"ensemble at the end. One change at a time, on the same split or by cross-validation, several seeds, training "
    r"error watched as well: it should rise a little. If training and validation error meet far above the goal, it is "
    r"underfitting, and the direction changes. The test set is used once.",
    [
        r"check first: split, labels, size of the validation set",
        r"pretraining and augmentation before penalties, with reasons",
        r"weight decay, dropout, early stopping, smaller model as further means",
        r"more data, and a learning curve over n to judge it",
        r"one change at a time, seeds or cross-validation; stop when the gap has closed or underfitting starts",
    ],
    level=2,
)

# ---- early-stopping: a penalty paid in steps

bank.choice(
    "stop_within_a_schedule",
    "early-stopping",
    r"A run with a cosine schedule over 100 epochs is stopped at epoch 47, since validation loss has been flat for 8 "
    r"epochs. Without the stop it falls well below from epoch 75 on. What was going on at 47?",
    [
        wrong(
            r"Overfitting had begun, but later it went away by double descent.",
            r"The loss was flat, it did not rise, and a simpler cause is at hand.",
        ),
        right(
            r"The learning rate was still high; the loss falls when the rate does.",
            r"With large steps it hovers at a level set by the noise. Early stopping cuts off the part of the schedule "
            r"that pays: let it run out, or shorten the schedule.",
        ),
        wrong(
            r"The validation loss was flat, so training loss should have been watched.",
            r"Training loss hovers as well at a high rate, and it is no measure for when to stop.",
        ),
        wrong(
            r"Nothing special: gains after so many flat epochs are chance.",
            r"A fall well below the flat part, and just when the rate decays, is no chance; a second seed will show it "
            r"again.",
        ),
    ],
    level=2,
)


@bank.number("stop_equal_decay", "early-stopping", level=2)
def _stop_equal_decay(rng: np.random.Generator) -> Task:
    h, eta, steps = int(rng.integers(2, 21)) / 10, int(rng.integers(1, 6)) / 100, 5 * int(rng.integers(4, 17))
    q = (1 - eta * h) ** steps
    answer = h * q / (1 - q)
    return Task(
        rf"A quadratic loss has the curvature ${h:g}$ along one axis. Gradient descent from $w = 0$ with the learning "
        rf"rate ${eta:g}$ is stopped after ${steps}$ steps. Which $\lambda$ in a penalty $\tfrac\lambda2 w^2$ would "
        rf"give the same $w$ if trained to the end? (within 1 %)",
        answer,
        rf"Stopped: $w = (1 - q)\,w^*$ with $q = (1 - {eta:g} \cdot {h:g})^{{{steps}}} = {short(q)}$. Penalized: $w = "
        rf"\frac{{{h:g}}}{{{h:g} + \lambda}}w^*$. They agree at $\lambda = {h:g}\,q/(1 - q) = {short(answer)}$. Where "
        rf"$\eta h$ times steps is far below 1, this is near $1/(\eta \cdot \text{{steps}}) = "
        rf"{short(1 / (eta * steps))}$: more steps mean a weaker penalty.",
        rtol=1e-2,
    )


bank.open(
    "stop_explained",
    "early-stopping",
    r"Explain early stopping: the procedure with its settings, why it regularizes, its relation to an L2 penalty, its "
    r"advantages, and at least three ways in which it goes wrong.",
    r"After every epoch (or every so many steps) evaluate on validation data; keep a copy of the best weights; stop "
    r"when `patience` evaluations in a row brought no gain above `min_delta`, and restore the *best* weights, not the "
    r"last. It regularizes because weights start small and only get so far in the given number of steps: directions "
    r"of high curvature, where the data say much, are learnt first, the flat ones, where noise is fitted, last. On a "
    r"quadratic, along curvature $h$, the stopped weight is $(1 - (1-\eta h)^t)w^*$, the penalized one "
    r"$\frac{h}{h+\lambda}w^*$: similar, with $\lambda$ about $1/(\eta t)$. Advantages: one run tries all strengths, "
    r"it saves time, and it leaves the loss as it is. Goes wrong: patience too short for a noisy validation curve; "
    r"stopping while the learning rate is still high, before the decay that would bring the gain; a measure that is "
    r"not the aim (loss against accuracy); reporting the best validation value as the result, which is optimistic, "
    r"so a test set is needed; it costs training data: afterwards one may train anew on all data for the same number "
    r"of steps; NaN that counts as neither better nor worse.",
    [
        r"procedure: validation, patience, minimal gain, best weights restored",
        r"why: limited distance from the start; well-determined directions first",
        r"relation to L2: 1/(rate times steps) plays the role of lambda",
        r"advantages: no extra runs, saves time",
        r"three pitfalls: noise and patience, schedule, optimistic best value, wrong measure, lost data",
    ],
)

# ---- curves: what a pair of lines says

bank.choice(
    "curve_twice_the_data",
    "curves",
    r"You double the training set with data of the same kind. Training error goes from 3 % to 4 %, validation error "
    r"from 9 % to 7 %. How do you read it?",
    [
        wrong(
            r"The network underfits now: a larger one is the next step.",
            r"The same network fits as well as before; there is more to fit. A gap that shrinks with data is the "
            r"mark of overfitting, and what shrinks it should go on.",
        ),
        wrong(
            r"The new data are worse: with good ones training error would not rise.",
            r"Twice as many examples are harder to fit with the same weights. This rise is what one expects.",
        ),
        wrong(
            r"Overfitting has increased, because the training error went up.",
            r"Overfitting is the gap. It has shrunk from 6 points to 3.",
        ),
        right(
            r"As hoped for: more data to memorize, more to learn from. Go on.",
            r"The two curves approach each other from both sides. When they have met, data are no longer what is "
            r"missing.",
        ),
    ],
)

bank.choice(
    "curve_staircase",
    "curves",
    r"A large language model is fine-tuned for 3 epochs on few texts at a constant learning rate. The loss of each "
    r"training step, plotted, drops sharply when epochs 2 and 3 begin and is nearly flat in between. Validation loss "
    r"rises from epoch 2 on. What is this?",
    [
        right(
            r"Memorizing: from epoch 2 on, each text was seen before.",
            r"The loss on a text is lower because the network has been trained on this very text, while little that is "
            r"general is learnt. Fewer epochs, a lower rate, or more data.",
        ),
        wrong(
            r"The shuffle: each epoch begins with texts that are easy.",
            r"Then the loss would rise again within the epoch. Besides, the order is new each time.",
        ),
        wrong(
            r"The logger: it shows averages that are reset at the start of an epoch.",
            r"The loss of single steps is plotted here. With running averages a staircase can be an artefact, so the "
            r"suspicion is good.",
        ),
        wrong(
            r"The optimizer: its moments are cleared when an epoch begins.",
            r"They are not, in the usual loops; and if so, a step or two would be odd, not a whole epoch lower.",
        ),
    ],
    level=2,
)

bank.open(
    "curve_read_aloud",
    "curves",
    r"Read four pictures aloud, training and validation loss over epochs, and give for each the diagnosis, a check and "
    r"a next step: (a) both level off high, close together; (b) training falls to 0, validation turns up; (c) "
    r"validation lies below training; (d) both fall, then training jumps up and does not come back.",
    r"(a) Underfitting, or optimization that is stuck. Check: can it fit 20 examples to loss 0 without "
    r"regularization? If so: larger network, longer training, higher learning rate, less regularization; if not, it "
    r"is a bug or the learning rate. Check too whether the level is that of noise in the labels. (b) Overfitting. "
    r"Check: accuracy as well as loss (it may just be growing overconfident), and that the split is sound. Next: stop "
    r"at the minimum, then augmentation, weight decay, dropout, more data. (c) Training loss is measured under harder "
    r"conditions (dropout, augmentation, mixup, penalty added in, average over an epoch of improving weights), or "
    r"validation is easier, small, or leaked. Check: evaluate training data in evaluation mode, without augmentation; "
    r"look for duplicates. If that explains it, nothing needs to be done. (d) Divergence: step too large, a bad batch, "
    r"overflow of half precision, Adam's small denominators. Check: gradient norm and learning rate at the jump, the "
    r"data of that batch, inf or NaN. Next: go back to a checkpoint, lower rate or warm-up, clipping.",
    [
        r"(a) underfitting; test on few examples, then capacity, rate, less regularization",
        r"(b) overfitting; stop at the minimum, more regularization or data; loss against accuracy",
        r"(c) different conditions of measurement; evaluate both alike; rule out a leak",
        r"(d) divergence; gradient norm, learning rate, batch, precision; clip or lower the rate",
    ],
)

# ---- cross-validation: which figure may be believed

bank.choice(
    "cv_picked_genes",
    "cross-validation",
    r"60 patients, 5,000 measured values each. You keep the 20 values that correlate most with the diagnosis, then "
    r"estimate a classifier on these by 5-fold cross-validation: over 90 % right. What could it be with values that "
    r"are pure noise?",
    [
        wrong(
            r"About 50 %, since each fold's model is tested on patients that it has not seen.",
            r"The model has not seen them, but the *selection* has: it used the labels of all 60.",
        ),
        wrong(
            r"About 60 %: 20 chosen features are few enough to overfit only a little.",
            r"They are the best of 5,000. With 60 patients chance alone gives these correlations of "
            r"about $0.35$ to $0.5$.",
        ),
        right(
            r"Over 90 % as well: the selection has seen the labels of the held-out patients.",
            r"In a simulation with such noise the estimate is about 94 %. Everything that looks at labels belongs "
            r"inside the loop: select anew in each fold, on its training part.",
        ),
        wrong(
            r"Below 50 %, as features chosen on one part of the data mislead on another.",
            r"They were not chosen on one part but on all of it, and that is the mistake.",
        ),
    ],
    level=2,
)

bank.choice(
    "cv_which_model",
    "cross-validation",
    r"Five-fold cross-validation of a network over ten settings has found the best weight decay. Which model do you "
    r"hand over?",
    [
        wrong(
            r"Of this setting's five networks, the one with the best score.",
            r"Its fold was the easiest, that is all, and a fifth of the data was left out.",
        ),
        right(
            r"A new one, trained with this setting on all five folds.",
            r"Cross-validation compares procedures. The procedure is then run on all the data; the score, slightly "
            r"optimistic as the best of ten, is its estimate.",
        ),
        wrong(
            r"One network whose weights are the means of the five networks' weights.",
            r"Hidden units have no fixed order, so means of weights of separately trained networks mean nothing. "
            r"Averaging their *outputs* would be sound.",
        ),
        wrong(
            r"The network of the last fold, as the setting was known by then.",
            r"Folds have no order, and each is trained from scratch.",
        ),
    ],
)

bank.choice(
    "cv_same_patient",
    "cross-validation",
    r"A skin-lesion classifier, ten photos per patient. Photos split at random: 96 % on validation. Patients split at "
    r"random, with equally many photos on each side: 84 %. Where do the 12 points come from?",
    [
        wrong(
            r"Splitting by patient leaves less variety for training; the 96 % are right.",
            r"The first figure answers a question that nobody asks: new photos of patients already diagnosed.",
        ),
        wrong(
            r"From chance: one of the two splits was a lucky one.",
            r"12 points would be possible with a few dozen photos. But there is a cause that always acts in this "
            r"direction.",
        ),
        wrong(
            r"The classes are unbalanced when patients are split; stratifying repairs it.",
            r"Stratify by all means, by patient. It does not bring back what was a leak.",
        ),
        right(
            r"From photos of the same patient on both sides: it recognizes the patient.",
            r"Skin, camera and light tell who it is, and the training set told the label. Split by whatever will be "
            r"new in use: patient, site, time.",
        ),
    ],
)


@bank.number("cv_lucky_guess", "cross-validation", level=2)
def _cv_lucky_guess(rng: np.random.Generator) -> Task:
    answer = 0.0
    while not 0.1 < answer < 0.95:
        n, models = 10 * int(rng.integers(2, 11)), 10 * int(rng.integers(1, 21))
        hits = n // 2 + int(rng.integers(3, 16))
        tail = sum(math.comb(n, i) for i in range(hits, n + 1)) / 2**n if hits <= n else 0.0
        answer = 1 - (1 - tail) ** models
    return Task(
        rf"${models}$ models are compared on ${n}$ test rows of two balanced classes. All of them are useless: each "
        rf"answer is right with probability $\tfrac12$, independently. A single one gets at least {hits} of the {n} "
        rf"right with probability ${tail:.4g}$. What is the probability that the *best* of them does? (within 1 %)",
        answer,
        rf"$1 - (1 - {tail:.4g})^{{{models}}} = {short(answer)}$. So a best score of {short(100 * hits / n)} % "
        rf"has to be read with the {models} tries in mind. Each look at a test set uses it up a bit: choose on "
        rf"validation data, and use the test set once, for the model that was chosen.",
        rtol=1e-2,
    )


@bank.number("cv_nested_fits", "cross-validation")
def _cv_nested_fits(rng: np.random.Generator) -> Task:
    outer, inner, grid = int(rng.choice([3, 4, 5, 10])), int(rng.choice([3, 4, 5])), int(rng.integers(6, 41))
    answer = outer * (grid * inner + 1)
    return Task(
        rf"Nested cross-validation: {outer} outer folds for the estimate; within each, a grid of {grid} settings is "
        rf"compared by {inner}-fold cross-validation, and the best setting is trained once more on the whole outer "
        rf"training part. How many trainings are that in all? (a whole number, exact)",
        answer,
        rf"Each outer fold takes ${grid} \cdot {inner} + 1 = {grid * inner + 1}$ trainings, so ${outer} \cdot "
        rf"{grid * inner + 1} = {answer}$. It estimates the *whole* procedure, choice included, without optimism. "
        rf"Networks that train for days get one validation set and one test set instead, and random search in place "
        rf"of the grid.",
        rtol=1e-6,
    )


bank.open(
    "cv_explained",
    "cross-validation",
    r"What are training, validation and test set for, and when do you use cross-validation in place of one split? Name "
    r"the ways in which information leaks, and say what is wrong with choosing by test scores.",
    r"The training set fits weights; the validation set chooses all else (architecture, $\lambda$, epoch, threshold); "
    r"the test set estimates once, at the end, what the chosen model will do. The best of many validation scores is "
    r"optimistic, since part of its lead is luck, hence the third set; choosing by test scores turns the test set "
    r"into a validation set and leaves nothing to report. $k$-fold cross-validation trains $k$ times on $k-1$ parts "
    r"and validates on the rest: every row is validated once, which is worth $k$ times the cost when data are few. "
    r"With millions of rows or days of training one split does. Typically $k = 5$ or 10; larger $k$ means larger "
    r"training sets (less pessimism) and more cost; stratify rare classes. Afterwards the model is trained on all "
    r"data. To estimate the choice too: nested cross-validation. Leaks: scaling, imputation or selection of features "
    r"fitted on all rows; augmented copies or duplicates across the split; several rows of one person; future data in "
    r"training for time series (split by time); features that are consequences of the label; repeated looks at the "
    r"test set.",
    [
        r"the three sets: fit, choose, report once",
        r"the best validation score is optimistic; choosing on test destroys it",
        r"k-fold: when data are few; cost; stratified; retrain on all",
        r"leaks: preprocessing on all rows, groups, duplicates, time",
    ],
)

# ---- underfitting: when less is needed, not more

bank.choice(
    "under_strong_regularization",
    "underfitting",
    r"Dropout 0.5 in every layer, weight decay, strong augmentation. Measured without dropout and augmentation, the "
    r"training error is 15 %, the validation error 15.5 %; people make 2 %. What first?",
    [
        right(
            r"Turn the regularization down and see whether training error falls.",
            r"It costs one run and tells which of two cases it is: held back by regularization, or short of capacity "
            r"or optimization.",
        ),
        wrong(
            r"Label more data, which is the surest way to a lower validation error.",
            r"It narrows a gap of half a point. A training error of 15 % does not fall by more data.",
        ),
        wrong(
            r"Average several such networks, which lowers the error of each.",
            r"An ensemble takes off variance, and there is little: the gap is small. What is left is bias.",
        ),
        wrong(
            r"Stop earlier, as training and validation error have met.",
            r"That they are close is no sign of having trained too long; both would be higher.",
        ),
    ],
)

bank.choice(
    "under_more_layers_worse",
    "underfitting",
    r"A plain network with 40 layers ends with a higher *training* error than one with 20 layers of the same width, "
    r"trained as long and with the same data. What is the matter?",
    [
        wrong(
            r"It overfits: twice as many weights for the same data.",
            r"Overfitting would show as a *lower* training error and a higher validation error.",
        ),
        wrong(
            r"It lacks capacity: narrow layers lose information, and more layers lose more.",
            r"It can do all that the smaller one can: 20 of its layers need only pass their input on.",
        ),
        right(
            r"It is harder to optimize: skip connections, normalization or a better start are needed.",
            r"A solution as good as the smaller network's exists, and descent does not find it. So this underfitting "
            r"is not cured by size.",
        ),
        wrong(
            r"It needs less weight decay: the penalty adds up over twice as many weights.",
            r"The pull on each weight, $\lambda w$, does not depend on how many others there are.",
        ),
    ],
    level=2,
)


@bank.number("under_bias_share", "underfitting", level=2)
def _under_bias_share(rng: np.random.Generator) -> Task:
    truth, noise = int(rng.integers(10, 21)), int(rng.integers(1, 4))
    fits = np.full(4, truth)
    while fits.mean() == truth or fits.var() == 0:
        fits = truth + int(rng.integers(-5, 6)) + rng.integers(-3, 4, size=4)
    bias2, variance = float((fits.mean() - truth) ** 2), float(fits.var())
    answer = 100 * bias2 / (bias2 + variance + noise**2)
    return Task(
        rf"At one point $x$ the true mean of $y$ is ${truth}$, with noise of standard deviation ${noise}$. Trained on "
        rf"four training sets, taken as all there are and equally likely, a model predicts ${row(fits)}$ there. Which "
        rf"percentage of its expected squared error on a new $y$ is due to bias? (in percent, within 1 %)",
        answer,
        rf"The mean prediction is ${fits.mean():g}$, so bias² is ${short(bias2)}$; the variance of the four is "
        rf"${short(variance)}$; the noise has ${noise**2}$. The error is their sum, "
        rf"${short(bias2 + variance + noise**2)}$, and bias makes up ${short(answer)}\,\%$. A larger model or less "
        rf"regularization lowers bias, more data or an ensemble variance, and nothing the noise.",
        rtol=1e-2,
    )
