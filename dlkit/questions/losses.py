"""Concept questions on losses: what each one makes a model aim at, how it pulls, and what its value tells.

They test the reasons behind a choice of loss and the reading of a number in a log; a number question works out what a
claim such as "robust", "well below ln C" or "weighted" amounts to.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "l1-l2",
    "outliers",
    "smooth-l1",
    "ce-not-mse",
    "ce-kl-likelihood",
    "output-and-loss",
    "logistic-regression",
    "class-imbalance",
    "perplexity",
    "loss-at-start",
)

bank = Bank()


def sigmoid(z: float) -> float:
    """The logistic function of a number of moderate size."""
    return 1 / (1 + math.exp(-z))


# ---- l1-l2: what the two aim at, and how fast they get there

bank.choice(
    "l1_skewed_targets",
    "l1-l2",
    r"Delivery times are skewed: most parcels take two days, a few take weeks. You retrain the same network with L1 "
    r"loss instead of L2. What happens to its predictions?",
    [
        wrong(
            r"They stay about the same, since both losses are smallest where prediction and target agree.",
            r"With noise no prediction agrees with every target. The two losses settle that conflict differently: one "
            r"by the median, the other by the mean.",
        ),
        right(
            r"They fall: the network now aims at the conditional median, which for such data lies below the mean.",
            r"The mean absolute error is smallest at the median, the mean squared error at the mean; a long tail to "
            r"the right lifts the mean only.",
        ),
        wrong(
            r"They rise, because L1 gives the long delays more weight, relative to the short ones, than L2 does.",
            r"The reverse: squaring is what makes large residuals count more than in proportion.",
        ),
        wrong(
            r"They fluctuate more from parcel to parcel, but their sum over all parcels stays as good as before.",
            r"Medians do not add up to the total: for such skewed data their sum is too small. If totals matter, train "
            r"for the mean.",
        ),
    ],
)

bank.choice(
    "l1_fixed_step",
    "l1-l2",
    r"Gradient descent with the fixed learning rate $0.1$ minimizes $\lvert w - 3\rvert$ from $w = 0.05$, in exact "
    r"arithmetic. Where is $w$ after many steps?",
    [
        wrong(
            r"At 3 in the limit, because the function is convex and has only one minimum.",
            r"Convexity is not enough for a fixed step where the slope does not fade; a subgradient method needs steps "
            r"that shrink.",
        ),
        wrong(
            r"At 3 exactly, because the derivative there is taken to be 0 and the descent stops.",
            r"It would stop there, but it never lands there: from $2.95$ the next step goes to $3.05$.",
        ),
        wrong(
            r"Still on its way, because the steps become shorter and shorter as it comes near to 3.",
            r"That is L2, whose slope falls with the distance. The slope of L1 has size 1 everywhere, so every step is "
            r"$0.1$ long.",
        ),
        right(
            r"Jumping between $2.95$ and $3.05$ for ever, never any nearer to 3.",
            r"L1 keeps its full slope to the end, so it needs a learning rate that decays. With $(w-3)^2$ the distance "
            r"would shrink by the factor $1 - 2 \cdot 0.1 = 0.8$ a step.",
        ),
    ],
    level=2,
)


@bank.number("l1_l2_step_count", "l1-l2", level=2)
def _l1_l2_step_count(rng: np.random.Generator) -> Task:
    start, rate = int(rng.integers(5, 41)), int(rng.choice([3, 4, 6, 7, 8, 9, 11, 12, 13, 14]))  # rate in hundredths
    while (100 * start - 10) % rate == 0:  # a quotient that is whole would hang on the rounding of the last step
        start += 1
    l1 = -(-(100 * start - 10) // rate)
    l2, residual = 0, float(start)
    while residual > 0.1:
        residual, l2 = residual * (1 - 2 * rate / 100), l2 + 1
    return Task(
        rf"One weight has the residual $r = {start}$. Gradient descent with the learning rate ${rate / 100:g}$ brings "
        rf"it to $\lvert r\rvert \le 0.1$, once on $\lvert r\rvert$, once on $r^2$ (no factor one half). How many "
        rf"steps more does L1 take than L2? (a whole number, exact)",
        l1 - l2,
        rf"L1 moves ${rate / 100:g}$ a step, so it takes the smallest whole number not below "
        rf"$({start} - 0.1)/{rate / 100:g} = {short((100 * start - 10) / rate)}$, that is ${l1}$. L2 multiplies $r$ by "
        rf"$1 - 2 \cdot {rate / 100:g} = {1 - 2 * rate / 100:g}$ a step, so it takes ${l2}$ steps. The difference is "
        rf"${l1 - l2}$: far from the minimum the slope $2r$ of L2 makes long steps. Close to it the picture turns.",
        rtol=1e-6,
    )


bank.open(
    "l1_against_l2",
    "l1-l2",
    r"Compare L1 and L2 as regression losses: their gradients far from the target, near it and at it; what each makes "
    r"a model predict; how each treats outliers; and the noise for which each is the likelihood.",
    r"The gradient of $r^2$ is $2r$: large far away, so L2 starts fast, and fading near the target, so it settles at a "
    r"fixed learning rate. The gradient of $\lvert r\rvert$ is $\mathrm{sign}(r)$: the same pull at every distance, so "
    r"L1 is slow for large residuals, and near the target it keeps jumping over it unless the learning rate decays. At "
    r"0 L1 has a kink; any value in $[-1, 1]$ is a subgradient, usually 0 is taken, and least squares' closed form is "
    r"lost. The best constant is the mean for L2, the median for L1, so for skewed data they predict different things. "
    r"An outlier pulls L2 in proportion to its size, L1 only by its sign, which makes L1 robust. L2 is the negative "
    r"log-likelihood of Gaussian noise of fixed variance, L1 that of Laplace noise, with its heavier tails. Smooth L1 "
    r"joins L2's behaviour near 0 to L1's far away.",
    [
        r"gradients: 2r against sign(r), with the speed far away",
        r"near and at 0: L2 settles, L1 has a kink and jumps at a fixed rate",
        r"mean against median",
        r"outliers pull in proportion against by sign only",
        r"Gaussian against Laplace noise",
    ],
)

# ---- outliers: how much one bad row counts

bank.choice(
    "outlier_moved_farther",
    "outliers",
    r"A line is fitted to 50 points by L1 loss; one point lies far above it. Then you learn that this point is really "
    r"ten times as far above. How does the best L1 line change?",
    [
        right(
            r"Not at all: only the sign of this residual counts, and it stays.",
            r"The gradient contains $\mathrm{sign}(r)$ alone, so a line that was optimal remains so. The point pulls, "
            r"but never harder than any other.",
        ),
        wrong(
            r"It is pulled towards the point ten times as far as before.",
            r"That describes L2: its best line depends linearly on each $y$.",
        ),
        wrong(
            r"It is pulled towards the point, though less than the line fitted by L2 would be.",
            r"The loss grows with the residual, its slope does not; and only the slope moves a line.",
        ),
        wrong(
            r"It moves back, away from the point, since L1 gives up on points that are too far off.",
            r"Losses whose slope falls to 0 again, such as Tukey's biweight, do that. The slope of L1 stays 1.",
        ),
    ],
)

bank.choice(
    "outlier_in_the_input",
    "outliers",
    r"To be safe from bad rows you fit $wx + b$ by L1 loss. In one of the 50 rows the **input** $x$ was entered 1000 "
    r"times too large. Are you safe?",
    [
        wrong(
            r"Yes: L1 bounds the pull of every row, since its gradient with respect to the prediction is $\pm 1$.",
            r"With respect to the prediction it is. The chain rule then multiplies by $x$, and that is not bounded.",
        ),
        wrong(
            r"Yes: L1 fits a median, and one wrong row among 50 cannot move a median far.",
            r"This is so for a constant. For a slope, rows count by their $\lvert x\rvert$, so one of them can have "
            r"most of the votes.",
        ),
        right(
            r"No: the gradient for $w$ is $\mathrm{sign}(r) \cdot x$, so this row can outvote the others.",
            r"L1 is robust to outliers in $y$, not to such leverage points in $x$: the line will pass close to "
            r"the wrong point. Clip or check the inputs.",
        ),
        wrong(
            r"No, but with Huber's loss you would be, because it was made for outliers.",
            r"Its gradient for $w$ is $\mathrm{clip}(r, -\delta, \delta) \cdot x$, which also grows with $x$ without "
            r"bound.",
        ),
    ],
    level=3,
)


@bank.number("outlier_gradient_share", "outliers")
def _outlier_gradient_share(rng: np.random.Generator) -> Task:
    n, size, factor = 10 * int(rng.integers(2, 21)), int(rng.integers(1, 10)) / 10, int(rng.integers(10, 101))
    answer = 100 * factor / (factor + n - 1)
    return Task(
        rf"Of ${n}$ residuals one is an outlier of size ${size * factor:g}$; all others have size ${size:g}$. Take the "
        rf"sum of the absolute values of the gradients with respect to the predictions. Which percentage of it comes "
        rf"from the outlier under L2 loss? (in percent, within 1 %)",
        answer,
        rf"L2's gradients are $2r$, so the share is ${size * factor:g} / ({size * factor:g} + {n - 1} \cdot {size:g}) "
        rf"= {answer:.4g}$ %. Under L1 each row has a gradient of size 1, so it would be $1/{n} = {100 / n:.4g}$ %.",
        rtol=1e-2,
    )


bank.open(
    "outlier_policy",
    "outliers",
    r"About 2 % of the targets of your regression data are far off the rest. How do you decide what to do with them, "
    r"which losses could you use, and what does a robust loss cost you?",
    r"First look at them: are they errors (units, typing, sensor), or rare true events? True events that must be "
    r"predicted, or whose totals are paid for, are signal; a robust loss would teach the model to ignore them. Errors "
    r"are best repaired or removed at the source. If they remain, bound their pull: L1 or Huber, whose gradient with "
    r"respect to the prediction is at most a constant, or a redescending loss, whose gradient goes back to 0, at the "
    r"price of not being convex. The threshold of Huber's loss belongs at the scale of the ordinary residuals, so it "
    r"depends on the targets' units. Other ways: a log transform for skewed positive targets, heavy-tailed likelihoods "
    r"such as Student's $t$, clipped gradients. The price: a robust loss estimates something nearer to the median than "
    r"to the mean, so predictions are biased in sum for skewed noise; it is less efficient if the noise is really "
    r"Gaussian; and it does not help against outliers in the inputs. Judge on clean validation data by the measure "
    r"that counts.",
    [
        r"look first: error or rare true event",
        r"L1 or Huber bound the gradient; optionally heavy tails, transform, clipping",
        r"the threshold belongs at the scale of ordinary residuals",
        r"the price: median-like predictions, biased totals, or lost efficiency",
        r"no help against outliers in the inputs, or: evaluate on clean data",
    ],
    level=2,
)

# ---- smooth-l1: why detectors use it

bank.choice(
    "smooth_l1_in_detectors",
    "smooth-l1",
    r"Fast R-CNN replaced the L2 loss on box offsets by smooth L1. What did that solve?",
    [
        wrong(
            r"It made training optimize the overlap of the boxes, by which detectors are judged.",
            r"Smooth L1 treats the four offsets one by one. Losses built on IoU came later.",
        ),
        right(
            r"Offsets far off give no huge gradients any more, and near the target they still fade.",
            r"The slope is $\mathrm{clip}(r, -1, 1)$. With L2 an unbounded offset can make the gradient explode unless "
            r"the learning rate is tuned with care.",
        ),
        wrong(
            r"It made many of the offsets' errors exactly 0, as L1 makes many weights exactly 0.",
            r"That is an effect of L1's kink at 0. Smooth L1 is quadratic there, which favours no exact zeros.",
        ),
        wrong(
            r"It put a ceiling on the loss, so that a hopeless box cannot cost more than 1.",
            r"The *slope* has the ceiling 1; the loss itself grows without bound, along a straight line.",
        ),
    ],
)

bank.choice(
    "huber_small_threshold",
    "smooth-l1",
    r"With the learning rate unchanged you lower the threshold from 1 to 0.01, once in smooth L1 (its beta), once in "
    r"Huber's loss (its delta). Most residuals are around 1. What happens?",
    [
        wrong(
            r"Both become L1: the gradients of nearly all residuals have size 1.",
            r"That holds for smooth L1. Huber's loss is delta times smooth L1, and so is its gradient.",
        ),
        wrong(
            r"Both become L2: the quadratic zone now covers nearly all residuals.",
            r"A smaller threshold shrinks the quadratic zone, here to $\lvert r\rvert < 0.01$.",
        ),
        right(
            r"Smooth L1 becomes L1; Huber's gradients shrink to 0.01, and plain gradient descent crawls.",
            r"Smooth L1 divides by beta, $r^2/(2\beta)$ near 0, which leaves the slope 1 outside. Huber's slope "
            r"outside is delta. (Adam, which divides by the gradient's size, would hardly notice.)",
        ),
        wrong(
            r"Smooth L1's gradients grow a hundredfold, since it divides by beta; Huber's are unchanged.",
            r"Inside the zone the slope is $r/\beta$, steeper than before, but it ends at 1 where "
            r"$\lvert r\rvert = \beta$.",
        ),
    ],
    level=2,
)

bank.choice(
    "iou_of_distant_boxes",
    "smooth-l1",
    r"Detectors are judged by IoU. Why not train the boxes on $1 - \mathrm{IoU}$ alone, right from the start?",
    [
        wrong(
            r"Its maxima and minima have no derivative, so it cannot be used for descent at all.",
            r"Like ReLU they have kinks, and a derivative almost everywhere.",
        ),
        wrong(
            r"It depends on the scale: the same relative error counts less for a small box than for a large one.",
            r"IoU is a ratio of areas, so scale drops out. It is a merit, and one that offsets in pixels lack.",
        ),
        wrong(
            r"It is smallest for boxes that are too large, because these cover the object for certain.",
            r"A larger box also makes the union larger; only the exact box has IoU 1.",
        ),
        right(
            r"For boxes that do not touch it is 1 at any distance, so no gradient brings them any closer.",
            r"Smooth L1 on offsets pulls from anywhere. Successors such as GIoU add a term that sees the distance.",
        ),
    ],
    level=2,
)


@bank.number("smooth_l1_best_constant", "smooth-l1", level=2)
def _smooth_l1_best_constant(rng: np.random.Generator) -> Task:
    n, beta, far = int(rng.integers(5, 41)), int(rng.integers(2, 21)) / 10, int(rng.integers(10, 101))
    level = int(rng.integers(2, 10))
    answer = beta / (n - 1)
    return Task(
        rf"Of ${n}$ targets all but one equal ${level}$; the other one is ${level + far}$. How far above ${level}$ is "
        rf"the constant with the smallest smooth L1 loss, with beta ${beta:g}$? (within 1 %)",
        answer,
        rf"At ${level} + c$ the gradients balance: ${n - 1}$ residuals pull down with $c/{beta:g}$ each, the far one "
        rf"pulls up with 1. So $c = {beta:g}/{n - 1} = {short(answer)}$, wherever the outlier lies. The mean (L2) "
        rf"would be ${far}/{n} = {short(far / n)}$ above, the median (L1) 0.",
        rtol=1e-2,
    )


bank.open(
    "smooth_l1_explained",
    "smooth-l1",
    r"Why is smooth L1 the usual loss for box regression in detectors? Give the formula and its gradient, say what L1 "
    r"and L2 would each do wrong, what beta means, and why the offsets are scaled by the anchor's size first.",
    r"With $r$ the residual, the loss is $r^2/(2\beta)$ for $\lvert r\rvert < \beta$ and $\lvert r\rvert - \beta/2$ "
    r"beyond; its gradient is $r/\beta$ clipped to $[-1, 1]$, so loss and gradient are continuous. Early in training, "
    r"and for badly matched anchors, offsets are far off: L2's gradient grows with them and one box can dominate or "
    r"blow up the step. L1 bounds the gradient, but keeps size 1 next to the target, so boxes jitter at a fixed "
    r"learning rate, and it has a kink at 0. Smooth L1 takes the good half of each. Beta is where an error stops "
    r"being fine tuning and is treated as an outlier, so it is in the units of the offsets; a smaller beta is closer "
    r"to L1. Ten pixels are a lot for a small object and nothing for a large one, therefore centres are divided by the "
    r"anchor's width and height and sizes enter as logarithms of ratios: the same loss then means the same relative "
    r"error. What it ignores is that the four numbers make one box; IoU-type losses address that.",
    [
        r"formula, or gradient r/beta clipped to [-1, 1]",
        r"L2: gradients of far-off boxes explode or dominate",
        r"L1: full gradient at the target, kink at 0",
        r"beta is the border between the two regimes, in the units of the residual",
        r"scaling by the anchor makes the loss relative to the object's size",
    ],
    level=2,
)

# ---- ce-not-mse: why classifiers are not trained with squared error

bank.choice(
    "mse_saturated_start",
    "ce-not-mse",
    r"A binary classifier with a sigmoid output $a$ starts at $a \approx 0.999$ on every example, because of a bad "
    r"bias; half of the labels are 0. With the loss $\frac12(a-y)^2$ it hardly moves for a long time, with "
    r"cross-entropy it recovers at once. Why?",
    [
        right(
            r"The squared error's gradient at the logit has the factor $a(1-a) \approx 0.001$; the other has not.",
            r"They are $(a-y) \cdot a(1-a)$ and $a-y$. Cross-entropy's $1/(a(1-a))$ cancels the slope of the sigmoid, "
            r"so "
            r"the largest error gets the largest gradient.",
        ),
        wrong(
            r"The squared error of the wrong half is close to 0 at this point, so there is nothing for it to reduce.",
            r"$(a-y)^2$ is about 1 for them, nearly the largest value possible. What is close to 0 is its slope.",
        ),
        wrong(
            r"Cross-entropy's gradient is a fixed multiple of the other, so that it acts like a higher learning rate.",
            r"The ratio is $1/(a(1-a))$: 4 at $a = 0.5$ and about 1000 here. No single learning rate makes up for "
            r"that.",
        ),
        wrong(
            r"The squared error has a local minimum at this point, in which the bias is trapped.",
            r"It is a plateau: the gradient is tiny, but it points the right way, and descent does get out in time.",
        ),
    ],
)

bank.choice(
    "mse_unsound_argument",
    "ce-not-mse",
    r"Which of these arguments against squared error on a classifier's probabilities is **unsound**?",
    [
        wrong(
            r"It is not convex in the weights, not even for a single sigmoid unit.",
            r"Sound: as a function of the logit it flattens out where the unit is most wrong, so it cannot be convex; "
            r"cross-entropy is.",
        ),
        right(
            r"Its expected value is not smallest where the outputs are the true class probabilities.",
            r"It is: $\mathbb E(q - y)^2 = (q - p)^2 + p(1-p)$ is smallest at $q = p$. This is the Brier score, a "
            r"proper one. The trouble is on the way there, not at the goal.",
        ),
        wrong(
            r"A confident mistake costs at most 1 per output, little more than an unsure one.",
            r"Sound: $(a-y)^2$ is $0.25$ at $a = \frac12$ and at most 1, whereas $-\ln a$ has no bound.",
        ),
        wrong(
            r"Read as a likelihood, it takes a label of 0 or 1 for a real number with Gaussian noise.",
            r"Sound: squared error is the likelihood for noise of fixed variance; that of a label is Bernoulli or "
            r"categorical.",
        ),
    ],
    level=3,
)


@bank.number("mse_slope_deficit", "ce-not-mse")
def _mse_slope_deficit(rng: np.random.Generator) -> Task:
    z = -int(rng.integers(20, 81)) / 10
    a = sigmoid(z)
    answer = 1 / (a * (1 - a))
    return Task(
        rf"A sigmoid output has the logit $z = {z:g}$, while the label is 1. By what factor is the gradient of the "
        rf"cross-entropy with respect to $z$ larger than that of $\frac12(a-y)^2$? (within 1 %)",
        answer,
        rf"$a = \sigma({z:g}) = {short(a)}$. Cross-entropy gives $a - y = {a - 1:.4f}$, squared error gives "
        rf"$(a-y) \cdot a(1-a)$, so the factor is $1/(a(1-a)) = {short(answer)}$. It grows like $e^{{\lvert "
        rf"z\rvert}}$: the "
        rf"more wrong the unit is, the more slowly squared error corrects it.",
        rtol=1e-2,
    )


bank.open(
    "ce_over_mse",
    "ce-not-mse",
    r"Why are classifiers trained with cross-entropy rather than squared error? Argue by the gradient, by the shape of "
    r"the loss, and by likelihood. When could squared error, or another bounded loss, be the better choice?",
    r"Gradient: at a sigmoid output $\frac12(a-y)^2$ gives $(a-y) \cdot a(1-a)$, which vanishes where the unit is "
    r"confidently wrong; cross-entropy gives $a - y$ (with softmax $p - y$), largest where the error is largest. "
    r"Shape: for a linear model cross-entropy is convex in the weights, squared error after a sigmoid has plateaus. It "
    r"also punishes a confident mistake without bound, $-\ln p$, whereas squared error charges at most 1. Likelihood: "
    r"labels are Bernoulli or categorical, and their negative log-likelihood is the cross-entropy; squared error "
    r"belongs to Gaussian noise of fixed variance. Not an argument: that squared error would aim at wrong "
    r"probabilities. The Brier score is proper, and has its minimum at the true ones. Bounded losses have a use where "
    r"labels are wrong: cross-entropy is driven hard by examples whose label contradicts the model, a bounded loss is "
    r"not, though it learns more slowly. For the same reason squared error is fine as a measure of calibration.",
    [
        r"gradient a - y against (a - y) times the sigmoid's slope, with what follows when confidently wrong",
        r"convex for a linear model, or: plateaus of squared error",
        r"cross-entropy is the likelihood of labels",
        r"a case for a bounded loss: wrong labels (or Brier score as a proper measure)",
    ],
)

# ---- ce-kl-likelihood: three names for one thing, and where they part

bank.choice(
    "smoothed_loss_stops",
    "ce-kl-likelihood",
    r"Ten classes, label smoothing 0.1. The training accuracy is 100 %, yet the training loss settles at 0.50. A "
    r"colleague looks for a bug. What do you say?",
    [
        wrong(
            r"There must be one: at an accuracy of 100 % the cross-entropy tends to 0.",
            r"Accuracy looks only at the arg max; and with smoothed targets, 0 is out of reach for any prediction.",
        ),
        wrong(
            r"The optimizer is stuck in a local minimum, so try other learning rates first.",
            r"0.50 is the *global* minimum of this loss, reached where the prediction equals the smoothed target.",
        ),
        right(
            r"No bug: the loss cannot be less than the entropy of the targets, 0.50 here.",
            r"Cross-entropy is entropy plus KL. The target is 0.91 on one class and 0.01 on nine, whose entropy is "
            r"0.50; so the KL is about 0.",
        ),
        wrong(
            r"The model underfits: 0.50 is the KL divergence that is left between targets and predictions.",
            r"KL is what remains after the targets' entropy has been subtracted, and here that is nearly nothing.",
        ),
    ],
    level=2,
)

bank.choice(
    "kl_two_clusters",
    "ce-kl-likelihood",
    r"A single Gaussian is fitted by maximum likelihood to data with two narrow, distant clusters. What does it look "
    r"like, and which divergence has been minimized?",
    [
        wrong(
            r"Narrow, on one of the clusters: KL(model ‖ data) has been minimized.",
            r"The two belong together, as in variational inference. Maximum likelihood averages over the data instead.",
        ),
        wrong(
            r"Narrow, on one of the clusters: KL(data ‖ model) has been minimized.",
            r"Then the other cluster would have next to no probability, and $-\ln q$ would be huge on half the data.",
        ),
        wrong(
            r"Broad, covering both clusters: KL(model ‖ data) has been minimized.",
            r"That divergence averages over the model, so it punishes mass in the empty middle; it prefers one "
            r"cluster.",
        ),
        right(
            r"Broad, covering both clusters: KL(data ‖ model) has been minimized.",
            r"Up to the data's own entropy it is the mean of $-\ln q$ over the data, which is the negative "
            r"log-likelihood. No cluster may be left out, at the price of mass in the empty middle.",
        ),
    ],
    level=2,
)

bank.choice(
    "loss_that_is_no_likelihood",
    "ce-kl-likelihood",
    r"Most losses are negative log-likelihoods of the target, up to constants. Which of these is **not** one?",
    [
        right(
            r"the hinge loss of a support vector machine",
            r"For labels $\pm 1$ and score $s$, $e^{-\max(0, 1-s)} + e^{-\max(0, 1+s)}$ depends on $s$ (0.74 at 0, "
            r"1.14 at 1), so no constant turns it into probabilities. Its scores are not probabilities either.",
        ),
        wrong(
            r"the squared error of a regression network",
            r"It is: Gaussian noise of fixed variance around the prediction.",
        ),
        wrong(
            r"the absolute error of a regression network",
            r"It is: Laplace noise of fixed scale around the prediction.",
        ),
        wrong(
            r"the cross-entropy of a network with a softmax output",
            r"It is: a categorical distribution, $-\ln p_y$ for the observed class.",
        ),
    ],
    level=2,
)


@bank.number("smoothed_target_floor", "ce-kl-likelihood", level=2)
def _smoothed_target_floor(rng: np.random.Generator) -> Task:
    classes, percent = int(rng.choice([2, 5, 10, 20, 50, 100, 1000])), int(rng.integers(2, 31))
    s = percent / 100
    top, rest = 1 - s + s / classes, s / classes
    answer = -top * math.log(top) - (classes - 1) * rest * math.log(rest)
    return Task(
        rf"What is the smallest value that the cross-entropy can reach with ${classes}$ classes and label smoothing "
        rf"$s = {s:g}$, that is with the target $1 - s + s/C$ for the right class and $s/C$ for each other one? (in "
        rf"nats, within 1 %)",
        answer,
        rf"It is reached where the prediction equals the target, and equals the target's entropy. The right class has "
        rf"$1 - {s:g} + {s:g}/{classes} = {short(top)}$, each other one ${short(rest)}$. So "
        rf"$-{short(top)} \ln {short(top)} - {classes - 1} \cdot {short(rest)} \ln {short(rest)} = {short(answer)}$. "
        rf"Compare the training loss with this number, not with 0.",
        rtol=1e-2,
    )


bank.open(
    "ce_kl_likelihood_link",
    "ce-kl-likelihood",
    r"How are cross-entropy, KL divergence and maximum likelihood related? When does it matter which of the first two "
    r"one minimizes, and what changes if the arguments of KL are swapped?",
    r"$H(p, q) = -\sum p \ln q = H(p) + D(p \Vert q)$. If the target $p$ is fixed, $H(p)$ is a constant, so "
    r"cross-entropy and KL have the same gradient with respect to $q$ and the same minimum, $q = p$. With $p$ the "
    r"empirical distribution of the labels, cross-entropy is the mean of $-\ln q(y)$, the negative log-likelihood per "
    r"example: so maximum likelihood minimizes $D(\text{data} \Vert \text{model})$. With one-hot targets $H(p) = 0$ "
    r"and the two are equal. With soft targets, from smoothing or a teacher, cross-entropy has the floor $H(p)$ while "
    r"KL goes to 0, so KL is easier to read. It matters for the gradient if $p$ itself depends on parameters. KL is "
    r"not symmetric: $D(p \Vert q)$ is infinite where $q = 0 < p$, so $q$ must cover all of $p$; $D(q \Vert p)$ "
    r"punishes mass where $p$ has none, so it picks one mode, as in variational inference.",
    [
        r"cross-entropy = entropy + KL, with the formula",
        r"fixed target: same gradient and same minimum",
        r"mean negative log-likelihood is the cross-entropy with the empirical distribution",
        r"soft targets: floor H(p) for cross-entropy, 0 for KL; or p depends on parameters",
        r"asymmetry: covering against mode seeking",
    ],
    level=2,
)

# ---- output-and-loss: which pair belongs to which task

bank.choice(
    "double_softmax_plateau",
    "output-and-loss",
    r"A 20-class network reaches a training accuracy of 99 %, but its loss goes from 3.00 down to about 2.09 and stays "
    r"there. Its last layer is a softmax, the loss is PyTorch's `CrossEntropyLoss`. What is wrong?",
    [
        wrong(
            r"Nothing is: with 20 classes a loss of 2.09 and an accuracy of 99 % go together.",
            r"$e^{-2.09} = 0.12$ would be the typical probability of the right class. A network that is right 99 % of "
            r"the time normally gives far more.",
        ),
        right(
            r"The loss takes the probabilities for logits, and on such inputs it cannot fall below 2.08.",
            r"It applies log-softmax itself. Its inputs are confined to $[0, 1]$, and at best one is 1 and "
            r"nineteen are 0: $\ln(e + 19) - 1 = 2.08$.",
        ),
        wrong(
            r"The learning rate is too high for the bottom of the valley; it has to decay.",
            r"No step size gets below a floor that is in the formula itself.",
        ),
        wrong(
            r"The labels are one-hot vectors, whereas the loss expects the indices of the classes.",
            r"It accepts class probabilities too; one-hot rows of floats give the same value as indices.",
        ),
    ],
    level=2,
)

bank.choice(
    "logits_cut_at_half",
    "output-and-loss",
    r"A model was trained with binary cross-entropy on logits. For the evaluation somebody writes "
    r"`pred = logits > 0.5`. What is the effect?",
    [
        wrong(
            r"None: 0.5 is the threshold of any binary classifier.",
            r"Of the *probability*. The probability $\frac12$ belongs to the logit 0.",
        ),
        wrong(
            r"Too many positives are predicted, since logits are larger than probabilities.",
            r"The cut is stricter than it should be: only examples with a probability above 0.62 pass.",
        ),
        wrong(
            r"The predictions are no better than chance, since logits are not confined to $[0, 1]$.",
            r"The sigmoid keeps the order, so the ranking is as good as ever; only the cut has moved.",
        ),
        right(
            r"The cut is at a probability of 0.62, so some positives are missed.",
            r"$\sigma(0.5) = 0.62$. Recall falls, precision usually rises; `logits > 0` is meant.",
        ),
    ],
)


@bank.number("double_softmax_floor", "output-and-loss", level=2)
def _double_softmax_floor(rng: np.random.Generator) -> Task:
    classes = int(rng.integers(3, 201))
    answer = math.log(math.e + classes - 1) - 1
    return Task(
        rf"By mistake a classifier with ${classes}$ classes feeds its softmax *probabilities* to a cross-entropy that "
        rf"expects logits. Below which value can the loss then never fall? (in nats, within 1 %)",
        answer,
        rf"At best the probabilities are 1 for the right class and 0 for the other ${classes - 1}$. Taken as logits "
        rf"these give $-\ln\frac{{e}}{{e + {classes - 1}}} = \ln(e + {classes - 1}) - 1 = {short(answer)}$, against "
        rf"$\ln {classes} = {short(math.log(classes))}$ for a uniform guess: training works, with feeble gradients, "
        rf"and nothing crashes.",
        rtol=1e-2,
    )


bank.open(
    "head_and_loss_by_task",
    "output-and-loss",
    r"For binary, multi-class and multi-label classification and for regression: which output function and loss do you "
    r"use, what does the model predict at the end, and what is the gradient of one example's loss with respect to the "
    r"network's last linear outputs? Why should the loss take logits?",
    r"Binary: one logit, sigmoid, binary cross-entropy; predict 1 where $p \ge \frac12$, that is $z \ge 0$, or at a "
    r"threshold that fits the costs. Multi-class, exactly one label: $C$ logits, softmax, cross-entropy; predict the "
    r"arg max. Multi-label, any number of labels: $L$ logits, a sigmoid each, binary cross-entropy for each; decide "
    r"each label by itself, perhaps with its own threshold. Regression: linear output, squared error for the mean, L1 "
    r"or Huber if there are outliers. In all the cross-entropy cases the gradient at the logits is $p - y$; for "
    r"$\frac12(a-y)^2$ on a linear output it is $a - y$, too: output function and loss are matched. The loss takes "
    r"logits because $\ln\sigma(z)$ and $\ln\mathrm{softmax}(z)$ can be computed without overflow or $\ln 0$ only "
    r"when both steps are done together, by log-sum-exp or $\max(z, 0) - zy + \ln(1 + e^{-\lvert z\rvert})$. So one "
    r"must not apply the softmax before such a loss as well.",
    [
        r"the four pairs of output and loss",
        r"exclusive classes need softmax, independent labels one sigmoid each",
        r"prediction rule: threshold 1/2 (logit 0), arg max, per label",
        r"gradient p - y (or a - y)",
        r"logits: numerical stability; no softmax twice",
    ],
)

# ---- logistic-regression: its loss, its derivative, and what regularization changes

bank.choice(
    "separable_trained_on",
    "logistic-regression",
    r"Logistic regression without regularization, full-batch gradient descent with a small step: the training accuracy "
    r"has reached 100 %. You go on for ten times as many steps. What do you see?",
    [
        right(
            r"The weights keep growing, the training loss keeps falling, probabilities go to 0 and 1.",
            r"On separable data longer weights always lower the loss, and no finite minimum exists. An L2 penalty "
            r"or early stopping sets an end to it.",
        ),
        wrong(
            r"Nothing more: once every example is on its right side all gradients are 0.",
            r"This is the perceptron's rule. Here the gradient has the factor $a - y$, which is never exactly 0.",
        ),
        wrong(
            r"The training loss rises slowly, as the weights have moved past the minimum.",
            r"There is no minimum to move past; with a small step this convex loss falls at every step.",
        ),
        wrong(
            r"The weights converge, to the finite vector that a hard-margin support vector machine would find.",
            r"Their *direction* tends to that of the largest margin, but very slowly, and their length grows without "
            r"end.",
        ),
    ],
    level=2,
)

bank.choice(
    "logreg_huge_penalty",
    "logistic-regression",
    r"Logistic regression with mean binary cross-entropy plus $\frac{\lambda}{2}\lVert w\rVert^2$, bias not penalized; "
    r"20 % of the labels are 1. You make $\lambda$ enormous and train to the optimum. What does the model say?",
    [
        wrong(
            r"A probability of 0.5 for every example, because all parameters have become 0.",
            r"It would be so if the bias were penalized as well, which is why it is left out.",
        ),
        wrong(
            r"A probability of 0 for every example, because the majority class has won.",
            r"Thresholded at one half, yes. But a probability of 0 would cost an infinite loss on the positives.",
        ),
        right(
            r"A probability of 0.2 for every example: $w$ is about 0, the bias fits the base rate.",
            r"With $w = 0$ the bias's gradient is the mean of $\sigma(b) - y$, which is 0 at $\sigma(b) = 0.2$.",
        ),
        wrong(
            r"Much the same as without penalty: shrinking all weights alike keeps the order of the examples.",
            r"Probabilities depend on the size of $w^\top x$, not on the order alone; nor does L2 shrink all weights "
            r"by the same factor.",
        ),
    ],
    level=2,
)


@bank.number("logreg_odds_shift", "logistic-regression", level=2)
def _logreg_odds_shift(rng: np.random.Generator) -> Task:
    percent, w, step = int(rng.integers(2, 61)), int(rng.integers(2, 16)) / 10, int(rng.integers(1, 4))
    p = percent / 100
    factor = math.exp(w * step)
    odds = p / (1 - p) * factor
    answer = 100 * odds / (1 + odds)
    return Task(
        rf"A logistic regression gives an example the probability ${percent}$ %. One of its features has the weight "
        rf"${w:g}$ and is now raised by ${step}$, the others stay. What is the new probability? (in percent, within 1 "
        rf"%)",
        answer,
        rf"The logit rises by ${w:g} \cdot {step} = {w * step:g}$, so the odds are multiplied by "
        rf"$e^{{{w * step:g}}} = {short(factor)}$: from ${short(p / (1 - p))}$ to ${short(odds)}$. The probability is "
        rf"${short(odds)}/(1 + {short(odds)})$, that is ${answer:.4g}$ %. A weight acts on the odds by a fixed "
        rf"factor; what that means for the probability depends on where one starts.",
        rtol=1e-2,
    )


@bank.number("logreg_weight_gradient", "logistic-regression")
def _logreg_weight_gradient(rng: np.random.Generator) -> Task:
    w, lam = int(rng.integers(3, 16)) / 10, int(rng.integers(1, 6)) / 10
    x = [int(rng.integers(1, 4)), -int(rng.integers(1, 4))]
    y = [int(rng.integers(0, 2)), 1]
    a = [sigmoid(w * value) for value in x]
    data = sum((p - t) * value for p, t, value in zip(a, y, x, strict=True)) / 2
    answer = data + lam * w
    return Task(
        rf"A logistic regression with one feature and bias 0 has the weight $w = {w:g}$. Its loss is the mean binary "
        rf"cross-entropy over two examples, $x = {x[0]}$ with $y = {y[0]}$ and $x = {x[1]}$ with $y = {y[1]}$, plus "
        rf"$\frac{{\lambda}}{{2}} w^2$ with $\lambda = {lam:g}$. What is its derivative with respect to $w$? (within 1 "
        rf"%)",
        answer,
        rf"The predictions are $\sigma({w * x[0]:g}) = {a[0]:.4f}$ and $\sigma({w * x[1]:g}) = {a[1]:.4f}$. The mean "
        rf"of $(a - y)x$ is $\frac12\bigl(({a[0] - y[0]:.4f}) \cdot {x[0]} + ({a[1] - y[1]:.4f}) \cdot "
        rf"({x[1]})\bigr) = {data:.4f}$; the penalty adds $\lambda w = {lam * w:.4g}$. Together ${answer:.4f}$.",
        rtol=1e-2,
    )


bank.open(
    "logreg_derivation",
    "logistic-regression",
    r"Derive the loss of logistic regression from the likelihood, then its gradient with respect to $w$ and $b$ with "
    r"an L2 penalty. Is it convex? Why is the bias not penalized, and what goes wrong without a penalty when the data "
    r"are separable?",
    r"With $a = \sigma(w^\top x + b)$ a label has the probability $a^y(1-a)^{1-y}$. The mean negative logarithm is "
    r"$-\frac1N\sum [y \ln a + (1-y)\ln(1-a)]$. Since $\sigma' = a(1-a)$, the derivative of one term with respect to "
    r"$z$ is $-\bigl(\frac{y}{a} - \frac{1-y}{1-a}\bigr)a(1-a) = a - y$. Hence $\nabla_w = \frac1N X^\top(a - y) + "
    r"\lambda w$ for the penalty $\frac{\lambda}{2}\lVert w\rVert^2$, and $\partial_b$ is the mean of $a - y$. The "
    r"Hessian in $w$ is $\frac1N X^\top \mathrm{diag}(a(1-a)) X + \lambda I$, positive semidefinite, so the loss is "
    r"convex, in $w$ strictly for $\lambda > 0$; there is no closed solution, one iterates. The bias only shifts the "
    r"base rate; penalizing it would pull the mean prediction towards one half and make the result depend on how the "
    r"labels are coded or the features centred. On separable data every scaling up of $w$ lowers the loss, so the "
    r"weights grow without limit and probabilities become overconfident; the penalty, which is a Gaussian prior on "
    r"$w$, makes the optimum finite.",
    [
        r"Bernoulli likelihood to binary cross-entropy",
        r"derivative a - y with respect to z, with the cancellation shown",
        r"gradients for w (with lambda w) and b (without)",
        r"convex, by the Hessian or as a sum of convex functions",
        r"bias sets the base rate; separable data: weights grow without bound",
    ],
    level=2,
)

# ---- class-imbalance: weights, focal loss, Dice, and what they do to probabilities

bank.choice(
    "pos_weight_says_half",
    "class-imbalance",
    r"1 % of the examples are positive, and you train with a positive weight of 99. For a new example the model, well "
    r"fitted, says 0.5. About how probable is it that this one is positive?",
    [
        wrong(
            r"50 %, because a model trained with cross-entropy is calibrated.",
            r"It is calibrated for the weighted data, in which positives are 99 times as frequent relative to the "
            r"negatives.",
        ),
        wrong(
            r"0.5 %, because the output has to be multiplied by the base rate.",
            r"The weight acts on the odds, not on the probability: $1 : 1$ becomes $1 : 99$.",
        ),
        wrong(
            r"Nobody can say, because a weight destroys the meaning of the outputs.",
            r"What it does to them is known and can be undone: divide the odds by the weight, or subtract its "
            r"logarithm from the logit.",
        ),
        right(
            r"1 %, because the weight multiplies the odds of every example by 99.",
            r"The weighted loss is smallest at $q/(1-q) = 99 \cdot p/(1-p)$; with $q = \frac12$ this gives $p = "
            r"0.01$. The "
            r"ranking is fine, the probabilities need the correction.",
        ),
    ],
    level=2,
)

bank.choice(
    "focal_beyond_weights",
    "class-imbalance",
    r"A one-stage detector sees 100,000 background boxes, nearly all of them easy, for a few objects. What does the "
    r"focal loss factor $(1 - p_t)^\gamma$ do that a weight per class does not?",
    [
        wrong(
            r"It raises the weight of the rare class in inverse proportion to its frequency.",
            r"This is what a class weight does; in focal loss it is the part of $\alpha$.",
        ),
        right(
            r"It takes weight away from the examples that the model already gets right, of either class.",
            r"$p_t$ is the probability of the true class: at 0.9 and $\gamma = 2$ the factor is 0.01. A class weight "
            r"would treat easy and hard background boxes alike.",
        ),
        wrong(
            r"It raises the loss of hard examples above their cross-entropy, so that they lead.",
            r"The factor never exceeds 1. Hard examples lead because the easy ones lose nearly all their weight.",
        ),
        wrong(
            r"It drops the easy boxes from the batch, which saves the work of their backward pass.",
            r"This is mining of hard examples. Here all boxes stay, most of them with tiny weights.",
        ),
    ],
)

bank.choice(
    "dice_rare_foreground",
    "class-imbalance",
    r"0.5 % of the pixels are foreground. With binary cross-entropy the network first settles for “all background”. "
    r"With Dice loss this is no comfortable place. Why?",
    [
        wrong(
            r"Dice weighs every pixel by the inverse frequency of its class, as a weighted cross-entropy would.",
            r"It has no weights for pixels: it is one ratio over all of them.",
        ),
        wrong(
            r"Dice thresholds the probabilities at one half first, so being unsure about a pixel brings nothing.",
            r"The loss uses probabilities as they are; with a threshold it would have no gradient.",
        ),
        right(
            r"True negatives do not enter it: “all background” has the worst loss, about 1.",
            r"$1 - 2\sum pt/(\sum p + \sum t)$ with all $p$ near 0 is about 1. Cross-entropy at the base rate is only "
            r"0.03, so the many right background pixels hide the failure.",
        ),
        wrong(
            r"Dice is convex in the probabilities, so it has no place to settle but the right one.",
            r"It is a ratio and not convex in general; its gradients are noisy for small objects, and it is often "
            r"added to cross-entropy for that reason.",
        ),
    ],
    level=2,
)


@bank.number("pos_weight_correction", "class-imbalance", level=2)
def _pos_weight_correction(rng: np.random.Generator) -> Task:
    weight, percent = int(rng.integers(4, 100)), int(rng.integers(20, 96))
    q = percent / 100
    odds = q / (1 - q) / weight
    answer = 100 * odds / (1 + odds)
    return Task(
        rf"A binary classifier was trained with a positive weight of ${weight}$ in the cross-entropy and fits well. "
        rf"For an example it says ${q:g}$. What is the probability that it is positive? (in percent, within 1 %)",
        answer,
        rf"The weighted loss is smallest where the model's odds are ${weight}$ times the true ones. The true odds are "
        rf"$\frac{{{q:g}}}{{{1 - q:.2g}}} / {weight} = {short(odds)}$, so the probability is "
        rf"${short(odds)}/(1 + {short(odds)})$, that is ${answer:.4g}$ %. In logits: subtract "
        rf"$\ln {weight} = {short(math.log(weight))}$.",
        rtol=1e-2,
    )


@bank.number("focal_easy_against_hard", "class-imbalance")
def _focal_easy_against_hard(rng: np.random.Generator) -> Task:
    gamma, easy, hard = int(rng.integers(1, 3)), int(rng.integers(90, 98)) / 100, int(rng.integers(10, 41)) / 100
    one = math.log(easy) / math.log(hard) * ((1 - easy) / (1 - hard)) ** gamma
    count = 1000 * math.ceil(rng.uniform(1.5, 20) / one / 1000)  # so many that the easy ones still outweigh the hard
    plain, answer = count * math.log(easy) / math.log(hard), count * one
    return Task(
        rf"A batch has ${count}$ easy examples, whose true class gets the probability ${easy:g}$, and one hard "
        rf"example, whose true class gets ${hard:g}$. Under focal loss with $\gamma = {gamma}$ (no $\alpha$), what is "
        rf"the total loss of the easy ones divided by the loss of the hard one? (within 1 %)",
        answer,
        rf"Under plain cross-entropy it is ${count} \cdot \ln {easy:g} / \ln {hard:g} = {short(plain)}$. The focal "
        rf"factors multiply this by $\bigl(\frac{{1 - {easy:g}}}{{1 - {hard:g}}}\bigr)^{{{gamma}}} = "
        rf"{short(answer / plain)}$, so "
        rf"the answer is ${short(answer)}$. A swarm of easy examples no longer drowns the hard one so easily.",
        rtol=1e-2,
    )


bank.open(
    "fraud_imbalance_plan",
    "class-imbalance",
    r"You build a fraud detector; 0.2 % of the transactions are fraud. What do you do about the imbalance in the loss, "
    r"the sampling, the threshold and the evaluation, and what do you have to correct afterwards?",
    r"Evaluation first: accuracy is useless, since “never fraud” has 99.8 %. I would use precision and recall at the "
    r"number of alerts that can be handled, the area under the precision-recall curve, and the cost in money, all on "
    r"data with the true base rate and split by time. A plain cross-entropy model with a chosen threshold is the "
    r"baseline: imbalance alone does not bias the probabilities, and the threshold follows from the costs of a miss "
    r"and of a false alarm, so it need not be one half. If the rare class learns too slowly: class weights, "
    r"oversampling of frauds or undersampling of the others (in the training split only), batches with some positives "
    r"in each, or focal loss where easy negatives swamp the gradient. The final bias may start at the logit of the "
    r"base rate. Weights and resampling multiply the odds, so the probabilities must be corrected by the same factor "
    r"or calibrated on untouched data; focal loss changes them as well. More labelled frauds and better features "
    r"usually bring more than any of these.",
    [
        r"accuracy is useless; precision-recall or costs, at the true base rate",
        r"threshold from the costs, not one half; plain cross-entropy as baseline",
        r"weights, resampling (training data only) or focal loss, with what each does",
        r"weights and resampling shift the probabilities; correct or calibrate",
    ],
    level=2,
)

# ---- perplexity: the loss of a language model in words

bank.choice(
    "perplexity_of_twenty",
    "perplexity",
    r"A language model has a perplexity of 20 on a test text. What does that say?",
    [
        wrong(
            r"One in twenty of its most probable tokens is the right one.",
            r"Perplexity is about the probability of the right token, not about how often it has the first place.",
        ),
        wrong(
            r"On average twenty tokens are ranked ahead of the right one.",
            r"It does not look at ranks. A few tokens with tiny probabilities can make most of a perplexity.",
        ),
        wrong(
            r"The arithmetic mean of the probabilities of the right tokens is 1/20.",
            r"The *geometric* mean is. The arithmetic one is larger, unless all of them are equal.",
        ),
        right(
            r"It is as unsure as if each token were drawn from 20 equally likely ones.",
            r"Perplexity is $e^{\text{mean cross-entropy}}$, and a uniform choice among 20 has cross-entropy $\ln 20$.",
        ),
    ],
)

bank.choice(
    "perplexity_other_tokenizer",
    "perplexity",
    r"On the same text, model A with 32,000 subwords has perplexity 12, and model B, on 100 characters, has 2.5. Which "
    r"is the better model of the text?",
    [
        wrong(
            r"B, because the text is the same, and on the same text the lower perplexity wins.",
            r"Perplexity is per token, and B has several tokens for each one of A's. It is asked more often, and each "
            r"time something easier.",
        ),
        right(
            r"This does not tell, as their units differ: compare bits per character or per byte.",
            r"With 4 characters a subword, A needs $\log_2 12 / 4 = 0.90$ bits a character and B "
            r"$\log_2 2.5 = 1.32$; the length of the subwords decides.",
        ),
        wrong(
            r"A, because 12 out of 32,000 is a far smaller share of the vocabulary than 2.5 out of 100.",
            r"The vocabulary's size is no measure of how hard a token is: most of the 32,000 are ruled out at once.",
        ),
        wrong(
            r"B, because $\ln 2.5/\ln 100 = 0.20$ is less than $\ln 12/\ln 32000 = 0.24$.",
            r"The share of the largest possible entropy still depends on how the text was cut up.",
        ),
    ],
    level=2,
)


@bank.number("perplexity_to_bits", "perplexity", level=2)
def _perplexity_to_bits(rng: np.random.Generator) -> Task:
    perplexity, length = int(rng.integers(5, 61)), int(rng.integers(25, 51)) / 10
    answer = math.log2(perplexity) / length
    return Task(
        rf"A language model on subwords of ${length:g}$ characters on average has a perplexity of ${perplexity}$ per "
        rf"subword. How many bits per character is that? (within 1 %)",
        answer,
        rf"$\log_2 {perplexity} = {short(math.log2(perplexity))}$ bits per subword, divided by ${length:g}$ characters "
        rf"gives ${short(answer)}$. In this unit, models with different tokenizers can be compared: a model on single "
        rf"characters would match it with a perplexity of $2^{{{short(answer)}}} = {short(2**answer)}$.",
        rtol=1e-2,
    )


bank.open(
    "perplexity_explained",
    "perplexity",
    r"What is perplexity, how does it follow from the training loss, and what does a perplexity of 1, or one as large "
    r"as the vocabulary, mean? What has to be the same before two perplexities may be compared? How must it be "
    r"averaged over a test set?",
    r"It is $\exp$ of the mean negative log-likelihood per token (with base-2 logarithms, 2 to that power): the "
    r"inverse of the geometric mean of the probabilities given to the right tokens. It is the number of equally likely "
    r"tokens among which the model is as unsure. 1 means certain and right each time, the size $V$ of the vocabulary "
    r"is what a uniform guess has, as with a loss of $\ln V$ at the start; worse than that is possible for a model "
    r"that is confidently wrong. It is comparable only with the same text, the same tokenizer (or after conversion to "
    r"bits per byte), the same treatment of unknown words and the same context length. Average the losses over all "
    r"tokens and take the exponential once: the mean of the batches' perplexities is larger by Jensen's inequality, "
    r"and padding must not count. A lower loss by 0.1 is a perplexity lower by about 10 %, at any level; and a better "
    r"perplexity does not promise better answers on a task.",
    [
        r"exp of the mean cross-entropy per token",
        r"number of equally likely choices; 1 and V as the marks",
        r"comparable only with the same text and tokenizer; else bits per character or byte",
        r"average the loss over tokens first, then the exponential",
    ],
)

# ---- loss-at-start: reading the first number in the log

bank.choice(
    "first_loss_too_high",
    "loss-at-start",
    r"Ten balanced classes, random weights, cross-entropy. Before the first update the loss is 10 instead of 2.3. What "
    r"do you look at first?",
    [
        right(
            r"The scale of the logits: unscaled inputs or too large weights in the last layer.",
            r"Logits near 0 give $\ln 10$. Random logits with a standard deviation of 6 to 7 give 10: confident "
            r"guesses, most of them wrong.",
        ),
        wrong(
            r"The learning rate: with one this high, the first steps overshoot and the loss goes up.",
            r"No step has been made yet.",
        ),
        wrong(
            r"The labels: they are probably shuffled, so that they do not belong to their images.",
            r"An untrained network knows nothing of either; shuffled labels give it the same loss.",
        ),
        wrong(
            r"The sampling: some batches have only one class, and for these the loss is higher.",
            r"With nearly equal logits each example costs $\ln 10$ whatever its class, so the mix does not matter.",
        ),
    ],
)

bank.choice(
    "first_loss_ln_two",
    "loss-at-start",
    r"Ten balanced classes, nothing pretrained, all logits near 0. The first loss in the log is 0.69, not 2.30. What "
    r"is the likely cause?",
    [
        wrong(
            r"The loss is in bits and not in nats.",
            r"In bits it would be more: $\log_2 10 = 3.32$.",
        ),
        wrong(
            r"The labels have leaked into the inputs, which makes the task easier than it ought to be.",
            r"A network that has not been trained cannot make use of a leak; its logits are near 0 all the same.",
        ),
        right(
            r"Binary cross-entropy of ten sigmoids, averaged over the outputs.",
            r"Each sigmoid at logit 0 costs $\ln 2 = 0.69$, whatever its target, and so does their mean.",
        ),
        wrong(
            r"Label smoothing, which lowers the loss because the targets are less extreme than before.",
            r"With equal logits any target distribution costs $\ln 10$; later on, smoothing makes the loss higher.",
        ),
    ],
    level=2,
)

bank.choice(
    "infonce_two_batches",
    "loss-at-start",
    r"Contrastive training with InfoNCE, the negatives taken from the batch. With batches of 256 the loss goes from "
    r"about 5.5 to 0.9, with batches of 1024 from about 6.9 to 1.3. Is the second model worse?",
    [
        wrong(
            r"Yes: both have the same task in the end, and 1.3 is higher than 0.9.",
            r"The tasks differ: to find the right key among 256, or among 1024.",
        ),
        wrong(
            r"Yes: divided by the start values, 0.19 of the loss is left instead of 0.16.",
            r"The same model, evaluated with more negatives, does not keep a fixed share of $\ln N$ either.",
        ),
        wrong(
            r"No: it is better, since its loss has fallen by more, 5.6 against 4.6 nats.",
            r"It also had more room to fall. A larger drop in a harder task does not make the embeddings better.",
        ),
        right(
            r"This does not tell: the loss is that of picking among $N$ keys and starts at $\ln N$.",
            r"More negatives make the task harder. Evaluate both with the same number of keys, or on the task "
            r"that the embeddings are for.",
        ),
    ],
    level=2,
)


@bank.number("first_plateau_at_prior", "loss-at-start", level=2)
def _first_plateau_at_prior(rng: np.random.Generator) -> Task:
    first, second = 5 * int(rng.integers(10, 16)), int(rng.integers(8, 21))
    shares = [first, second, 100 - first - second]
    answer = -sum(share / 100 * math.log(share / 100) for share in shares)
    terms = " + ".join(rf"{share / 100:g} \ln {share / 100:g}" for share in shares)
    return Task(
        rf"Three classes make up ${shares[0]}$ %, ${shares[1]}$ % and ${shares[2]}$ % of the data. The loss starts at "
        rf"$\ln 3$, falls fast, and then rests for a while although the network gives every input the same output. At "
        rf"which value does it rest? (in nats, within 1 %)",
        answer,
        rf"The best constant output is the vector of class frequencies, and its cross-entropy is their entropy: "
        rf"$-({terms}) = {short(answer)}$, down from $\ln 3 = {short(math.log(3))}$. So far only the last bias has "
        rf"learnt something. A loss must fall below this number before one may say that the inputs are being used.",
        rtol=1e-2,
    )


bank.open(
    "first_loss_checks",
    "loss-at-start",
    r"You start to train a classifier with $C$ classes. Which value should the loss have before the first update, and "
    r"why? Say what you conclude if it is much higher, if it is lower, and if it stays there. Which further quick "
    r"checks do you make before a long run?",
    r"With small initial weights all logits are about equal, so each class gets $1/C$ and the loss is $\ln C$: 2.30 "
    r"for 10 classes, 6.91 for 1000, however the classes are distributed. An L2 penalty comes on top. Much higher "
    r"means confident wrong guesses: inputs not scaled, last layer's weights or temperature off, or a sum instead of a "
    r"mean. Lower means a different loss or count than assumed (binary cross-entropy starts at $\ln 2$ an output, "
    r"padding counted in, wrong number of classes), a bias set to the class frequencies, or a pretrained head. If it "
    r"stays at $\ln C$, nothing is learnt: gradient not reaching the weights, dead units, too small a learning rate, "
    r"labels that do not belong to the inputs. If it stops at the entropy of the class frequencies, only the bias has "
    r"learnt. Further checks: overfit one small batch to a loss near 0; train with zeroed inputs, which must be worse; "
    r"look at the very tensors that enter the network with their labels; check that every parameter gets a gradient.",
    [
        r"ln C, because equal logits give each class 1/C",
        r"higher: scale of logits or inputs, or sum in place of mean",
        r"lower: another loss or averaging than assumed, prior bias, pretrained head",
        r"stays: no gradient, learning rate, labels not matching; or plateau at the prior's entropy",
        r"further check such as overfitting one small batch",
    ],
)
