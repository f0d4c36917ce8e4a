"""Concept questions on optimizers: what each part of an update rule buys, and how a wrong rate or batch size shows.

They test the reasons behind a choice and the reading of a training log; a number question works out what a claim such
as "adaptive", "stable" or "ten times the batch" amounts to.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "batch-or-stochastic",
    "batch-size-and-rate",
    "momentum",
    "nesterov",
    "adagrad-rmsprop",
    "adam-parts",
    "adam-or-sgd",
    "adamw",
    "saddles-and-minima",
    "sparse-data",
    "warm-up",
    "decay",
    "bad-rate",
    "tuning",
)

bank = Bank()


# ---- batch-or-stochastic: how many examples a step should see

bank.choice(
    "batch_sorted_by_class",
    "batch-or-stochastic",
    r"The training files are sorted by class, ten classes in all, and the loader does not shuffle. Batches of 64, SGD. "
    r"In each epoch the loss is near 0 for long stretches, with nine or ten high spikes; validation accuracy is about "
    r"10 %. What is going on?",
    [
        wrong(
            r"The learning rate is too high: each spike is a step across the valley that takes a while to mend.",
            r"Then the spikes would come at irregular places and the loss between them would not be near 0. Ten "
            r"spikes an epoch are the ten changes of class.",
        ),
        right(
            r"Nearly every batch holds one class, and the network learns to answer that one always.",
            r"Such a batch is no sample of the data, so its gradient is far from the full one: the output bias alone "
            r"can fit it. After each change of class the answer is learnt anew.",
        ),
        wrong(
            r"The network has memorized the training set, which shows as a loss near 0 and poor validation.",
            r"A network that knew the whole set would have no spikes when it meets the next class.",
        ),
        wrong(
            r"A batch of 64 is too noisy an estimate for ten classes; with 512 the trouble would go away.",
            r"In sorted data 512 neighbours are of one class as well. The batch has to be a *random* one.",
        ),
    ],
)


@bank.number("batch_without_replacement", "batch-or-stochastic", level=2)
def _batch_without_replacement(rng: np.random.Generator) -> Task:
    n, percent, s = 100 * int(rng.integers(2, 31)), 5 * int(rng.integers(2, 17)), int(rng.integers(2, 10))
    b = n * percent // 100
    independent = s / math.sqrt(b)
    answer = independent * math.sqrt((n - b) / (n - 1))
    return Task(
        rf"Over all ${n}$ training examples, one component of the example's own gradient has the standard deviation "
        rf"${s}$ (divisor ${n}$). A batch of ${b}$ is drawn without replacement. What is the standard deviation of the "
        rf"batch's mean gradient around the full one? (within 1 %)",
        answer,
        rf"With replacement it would be ${s}/\sqrt{{{b}}} = {short(independent)}$. Without, it is multiplied by "
        rf"$\sqrt{{(N - B)/(N - 1)}} = \sqrt{{{n - b}/{n - 1}}} = {short(math.sqrt((n - b) / (n - 1)))}$, so it is "
        rf"${short(answer)}$, and 0 for $B = N$. At usual batch sizes this factor is near 1, and what remains is "
        rf"$1/\sqrt B$: four times the work for half the noise.",
        rtol=1e-2,
    )


bank.open(
    "batch_kinds_compared",
    "batch-or-stochastic",
    r"Compare full-batch gradient descent, SGD on single examples, and mini-batches: cost of a step, noise, "
    r"convergence, use of the hardware. Why did mini-batches win, and what must be right about how they are drawn?",
    r"The full gradient is exact, but a step costs a pass over all $N$ examples, many of which say the same; it can "
    r"use a fixed rate, converges linearly on a strongly convex problem, and gets stuck wherever the gradient is 0. A "
    r"single example gives an unbiased estimate at $1/N$ of the cost, so there are $N$ steps an epoch and fast early "
    r"progress; but near the minimum the noise dominates, so it hovers at a distance set by the rate unless the rate "
    r"decays, and it leaves a GPU idle. A mini-batch of $B$ has noise of standard deviation $\sigma/\sqrt B$: the "
    r"error falls with the root while the work grows in proportion, so very large batches pay little. Up to the size "
    r"that fills the GPU, however, a larger batch costs hardly more time, since it becomes one matrix product; this "
    r"is why mini-batches won. Some noise also helps to leave saddles, and often helps generalization. Batches must be "
    r"random samples: shuffle anew each epoch, or sorted data give biased steps; a smaller last batch of mean losses "
    r"gives its examples more weight, so drop it or weigh it.",
    [
        r"cost of a step N, 1, B, and the number of steps in an epoch",
        r"the estimate is unbiased; its noise falls as one over the root of B",
        r"noise near the minimum needs a decaying rate; the full batch does not",
        r"hardware: a batch is one matrix product, nearly free up to some size",
        r"shuffling in every epoch, or the weight of the smaller last batch",
    ],
)

# ---- batch-size-and-rate: what else changes with the batch

bank.choice(
    "scaling_linear_reason",
    "batch-size-and-rate",
    r"The linear scaling rule says: with $k$ times the batch, use $k$ times the learning rate of SGD. On what does it "
    r"rest?",
    [
        wrong(
            r"The mean gradient over a batch $k$ times as large is $k$ times as small, and the rate makes up for it.",
            r"The mean does not shrink with the number of examples; it is the same in expectation.",
        ),
        wrong(
            r"The standard deviation of the batch gradient falls by the factor $k$, so steps may be $k$ times as long.",
            r"It falls by $\sqrt k$. Keeping the noise of one *step* would lead to a square-root rule.",
        ),
        right(
            r"While the weights hardly move, $k$ small steps have the same gradient and add up to one long step.",
            r"It is a first-order argument: it fails where the gradient changes fast, as early in training (hence "
            r"warm-up), and where the long step would exceed the limit of stability.",
        ),
        wrong(
            r"The largest stable rate, $2/\lambda_{\max}$ on a quadratic, grows in proportion to the batch size.",
            r"$\lambda_{\max}$ of a mean loss does not fall with the batch. This limit is rather what ends linear "
            r"scaling at large batches.",
        ),
    ],
)

bank.choice(
    "scaling_for_adam",
    "batch-size-and-rate",
    r"You train with Adam, and in every gradient component the noise is far larger than the mean. The batch grows by "
    r"16. By what should the learning rate grow, so that an example contributes as much progress as before?",
    [
        wrong(
            r"16: linear scaling holds for every optimizer that steps along a gradient",
            r"Adam divides by $\sqrt{\hat v}$, which changes with the batch, so part of the factor is there already.",
        ),
        wrong(
            r"1: Adam's steps do not depend on the scale of the gradient",
            r"A larger batch does not rescale the gradient: the mean stays and the noise shrinks. That does change "
            r"$\hat m/\sqrt{\hat v}$.",
        ),
        wrong(
            r"$\tfrac14$: the smaller $\sqrt{\hat v}$ makes steps too long",
            r"They become 4 times as long on average, but there are 16 times fewer of them.",
        ),
        right(
            r"4: the noise in $\sqrt{\hat v}$ falls by 4, which gives the other 4",
            r"With $\hat v \approx \sigma^2/B$ the mean step is lr $\mu\sqrt B/\sigma$. It must grow by 16; the batch "
            r"supplies $\sqrt{16}$, the rate the rest. Hence the square-root rule.",
        ),
    ],
    level=3,
)


@bank.number("scaling_critical_batch", "batch-size-and-rate", level=3)
def _scaling_critical_batch(rng: np.random.Generator) -> Task:
    b1, times = 32 * int(rng.integers(1, 9)), int(rng.choice([4, 8, 16, 32]))
    noise, steps = 100 * int(rng.integers(5, 61)), 1000 * int(rng.integers(10, 101))
    b2 = b1 * times
    factor = (1 + noise / b2) / (1 + noise / b1)
    answer = steps * factor
    return Task(
        rf"In a common model the progress of one step, at the best rate for its batch size $B$, is proportional to "
        rf"$1/(1 + B_{{\text{{noise}}}}/B)$, where $B_{{\text{{noise}}}}$ is the variance of the examples' gradients "
        rf"over the squared length of their mean. Here $B_{{\text{{noise}}}} = {noise}$, and with $B = {b1}$ the "
        rf"target loss takes ${steps}$ steps. How many does it take with $B = {b2}$? (within 1 %)",
        answer,
        rf"The progress per step grows from $1/(1 + {noise}/{b1}) = {short(1 / (1 + noise / b1))}$ to "
        rf"$1/(1 + {noise}/{b2}) = {short(1 / (1 + noise / b2))}$, so it takes ${steps} \cdot {short(factor)} = "
        rf"{short(answer)}$ steps: ${times}$ times the batch saves a factor of ${short(1 / factor)}$ in steps, and "
        rf"costs ${short(times * factor)}$ times as many examples. Far below $B_{{\text{{noise}}}}$ scaling is nearly "
        rf"free, far above it nearly useless.",
        rtol=1e-2,
    )


bank.open(
    "scaling_to_sixteen_gpus",
    "batch-size-and-rate",
    r"A recipe for one GPU (SGD with momentum, batch 256, step schedule) is moved to 16 GPUs with 256 examples each. "
    r"What do you change, what do you watch, and how do you notice that the batch has become too large?",
    r"The gradients are averaged over the workers, so the batch is 4096 and an epoch has 16 times fewer updates. With "
    r"the old rate the weights would move too little in the same number of epochs. Linear scaling sets the rate to 16 "
    r"times the old one, because 16 small steps with nearly the same gradient add up to one; since that is false while "
    r"the weights move fast, it starts with some epochs of warm-up. A schedule written in updates must be rewritten in "
    r"epochs; momentum and weight decay stay to begin with. I check that losses are averaged, not summed, that every "
    r"worker shuffles differently, and what batch norm's statistics are taken over (here 256 per GPU, as before). I "
    r"watch training loss per epoch against the old run, and validation. Too large shows in this: twice the batch no "
    r"longer halves the steps to a given loss, the scaled rate becomes unstable, training loss at equal epochs gets "
    r"worse. Then lower the rate, train longer, use LARS or LAMB, or accept a smaller batch. Accumulating gradients on "
    r"one GPU gives the same large batch, and so tests the recipe in advance.",
    [
        r"16 times fewer updates an epoch, so the rate is scaled, with the reason for the linear rule",
        r"warm-up, because the rule fails at the start",
        r"schedule in epochs, or another detail: averaging, shuffling per worker, batch norm",
        r"sign of too large a batch: doubling no longer halves the steps, or instability",
    ],
    level=2,
)

# ---- momentum: a memory of past gradients

bank.choice(
    "momentum_raised_alone",
    "momentum",
    r"SGD with $v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$ works well at $\mu = 0.9$. You set $\mu = 0.99$, "
    r"leave $\eta$, and training becomes unstable. What do you try first?",
    [
        right(
            r"$\eta/10$: a gradient now moves $w$ by $100\,\eta g$ in all, before by $10\,\eta g$.",
            r"A gradient enters with weights $1, \mu, \mu^2, \dots$, whose sum is $1/(1-\mu)$. Compare momenta at "
            r"equal $\eta/(1-\mu)$, not at equal $\eta$.",
        ),
        wrong(
            r"$10\,\eta$: more averaging makes the steps ten times as short, and the run is starved.",
            r"So it would be for the averaged form $v \leftarrow \mu v + (1-\mu)g$, and there shorter steps are no "
            r"cause of instability. In this form $v$ is a sum.",
        ),
        wrong(
            r"Nesterov's form at the same $\eta$, since looking ahead is stable for any $\mu < 1$.",
            r"It damps steep directions better, but the total weight of a gradient is as large as before, and it has "
            r"its own limit on $\eta$.",
        ),
        wrong(
            r"A longer run, since $\mu$ affects only the direction of the steps and not their length.",
            r"Along a steady gradient the length grows to $\eta g/(1-\mu)$.",
        ),
    ],
)

bank.choice(
    "momentum_two_forms",
    "momentum",
    r"Form A: $v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$. Form B: $v \leftarrow \mu v - \eta g$, "
    r"$w \leftarrow w + v$. With $\mu = 0.9$ and a steady gradient, the schedule divides $\eta$ by 10. How do the "
    r"forms differ?",
    [
        wrong(
            r"Not at all: $v_B = -\eta v_A$ turns one into the other.",
            r"Only while $\eta$ is constant. In B each past gradient was multiplied by the rate of *its* time.",
        ),
        right(
            r"A's next step is a tenth of the last one, B's is still 91 % of it.",
            r"A multiplies all of its memory by the new rate; B goes on with $0.9$ of the old velocity plus a tenth of "
            r"the old push: $0.9 + 0.1 \cdot 0.1 = 0.91$. It needs tens of steps to slow down.",
        ),
        wrong(
            r"B's next step is a tenth of the last one, A's is still 91 % of it.",
            r"Swapped: it is B whose velocity holds the old rate.",
        ),
        wrong(
            r"A needs its $v$ reset to 0, since it was summed at the old rate; B does not.",
            r"A's $v$ contains gradients only and no rate, which is why it may simply be kept.",
        ),
    ],
    level=2,
)


@bank.number("momentum_steps_saved", "momentum", level=2)
def _momentum_steps_saved(rng: np.random.Generator) -> Task:
    kappa = 10 * int(rng.integers(2, 301))
    root = math.sqrt(kappa)
    plain, heavy = (kappa - 1) / (kappa + 1), (root - 1) / (root + 1)
    answer = math.log(heavy) / math.log(plain)
    return Task(
        rf"A quadratic has the condition number ${kappa}$. Per step, gradient descent at its best fixed rate "
        rf"multiplies the error by $(\kappa - 1)/(\kappa + 1)$ at worst; with the best momentum and rate the factor "
        rf"tends to $(\sqrt\kappa - 1)/(\sqrt\kappa + 1)$. Going by these factors, how many times as many steps does "
        rf"gradient descent need for the same accuracy? (within 1 %)",
        answer,
        rf"The factors are ${plain:.6f}$ and ${heavy:.6f}$. The number of steps is proportional to "
        rf"$1/\lvert\ln \text{{factor}}\rvert$, so the ratio is $\ln {heavy:.6f} / \ln {plain:.6f} = {short(answer)}$, "
        rf"close to $\sqrt{{{kappa}}} = {short(root)}$. The best momentum is the second factor squared, "
        rf"${short(heavy**2)}$.",
        rtol=1e-2,
    )


bank.open(
    "momentum_explained",
    "momentum",
    r"Explain on a long narrow valley why momentum speeds up gradient descent. What does it do to gradient noise? What "
    r"does $\mu$ mean in steps, and what are the drawbacks?",
    r"In a valley the steep direction limits the rate to below $2/\lambda_{\max}$, and with such a rate the flat one, "
    r"of curvature $\lambda_{\min}$, hardly advances: the error shrinks by about $1 - 2/\kappa$ a step. Momentum keeps "
    r"a sum of past gradients with weights $\mu^j$. Across the valley they alternate in sign and largely cancel; along "
    r"it they agree and add up to $1/(1-\mu)$ times one gradient. On a quadratic the best choice replaces $\kappa$ by "
    r"$\sqrt\kappa$, and the stable rate grows to $2(1+\mu)/\lambda_{\max}$. $1/(1-\mu)$ is the memory in steps: 10 "
    r"for 0.9, 100 for 0.99. Noise is averaged over that window, so the direction is smoother; but since the total "
    r"weight is larger too, the noise of the weights in the long run is not reduced against plain SGD of the rate "
    r"$\eta/(1-\mu)$, and with small rates the two behave nearly alike. Drawbacks: a second array as large as the "
    r"weights, overshooting and ringing when $\mu$ is too large, a slow reaction when the gradient turns, and a "
    r"coupling: when $\mu$ changes, $\eta$ has to change with it.",
    [
        r"alternating components cancel, steady ones add up",
        r"factor 1/(1 - mu), or the memory in steps: 10 for 0.9",
        r"the steep direction limits the rate; the condition number is replaced by its root",
        r"noise is averaged, or: little is gained against plain SGD of the rate lr/(1 - mu) when noise dominates",
        r"a drawback: overshoot, memory, coupling to the rate",
    ],
)

# ---- nesterov: the gradient where momentum is going to

bank.choice(
    "nesterov_on_steep",
    "nesterov",
    r"Nesterov takes the gradient at $w - \eta\mu v$, then $v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$. In a "
    r"direction of curvature $h$ of a quadratic this equals classical momentum with $\mu$ replaced by what?",
    [
        wrong(
            r"$\mu$: only the rate changes, to $\eta(1 + \mu)$",
            r"The factor $1 + \mu$ is that of the *first* step in the rewritten form. The recursion for $v$ has a "
            r"changed momentum.",
        ),
        wrong(
            r"$\mu(1 + \eta h)$: more in steep directions",
            r"The sign: at the point ahead the slope has changed by $-h\,\eta\mu v$, which opposes $v$.",
        ),
        wrong(
            r"$\mu^2$: momentum is applied twice in every step",
            r"The first use only chooses where to take the gradient, and its effect depends on $h$.",
        ),
        right(
            r"$\mu(1 - \eta h)$: less in steep directions",
            r"$v' = \mu v + h(w - \eta\mu v) = \mu(1 - \eta h)v + hw$. Flat directions keep their momentum, steep ones "
            r"ring less: the brake acts before the overshoot.",
        ),
    ],
    level=3,
)

bank.choice(
    "nesterov_without_second_point",
    "nesterov",
    r"Frameworks take $g$ at the stored weights, then $v \leftarrow \mu v + g$, and step by $-\eta(g + \mu v)$. No "
    r"gradient at a point ahead is ever asked for. At constant $\eta$, is this Nesterov's method?",
    [
        right(
            r"Yes, exactly: the stored weights *are* the points ahead of the textbook's form.",
            r"With $\varphi = w - \eta\mu v$, the textbook's update becomes "
            r"$\varphi \leftarrow \varphi - \eta(g(\varphi) + \mu v)$. Losses in the log are those of $\varphi$.",
        ),
        wrong(
            r"Nearly: it replaces the gradient ahead by its first-order Taylor expansion.",
            r"There is no expansion and no Hessian in it. It is a change of variable, and exact for any loss.",
        ),
        wrong(
            r"No: it is classical momentum with the rate $\eta(1 + \mu)$, under another name.",
            r"Only its first step from rest has that length. Later the newest gradient has weight $1 + \mu$ and the "
            r"older ones $\mu^{j+1}$, which no rescaling of the classical weights gives.",
        ),
        wrong(
            r"No: without a second gradient per step it cannot know the slope ahead.",
            r"The textbook's form takes one gradient per step too, only at another point than the one it stores.",
        ),
    ],
    level=2,
)


@bank.number("nesterov_second_step", "nesterov")
def _nesterov_second_step(rng: np.random.Generator) -> Task:
    h, w0 = int(rng.choice([2, 4, 5])), int(rng.integers(2, 10))
    lr, mu = int(rng.integers(2, 9)) / 100, int(rng.choice([5, 8, 9])) / 10
    v1 = h * w0
    w1 = w0 - lr * v1
    ahead = w1 - lr * mu * v1
    v2 = mu * v1 + h * ahead
    w2 = w1 - lr * v2
    classical = w1 - lr * (mu * v1 + h * w1)
    return Task(
        rf"The loss is $\tfrac12 \cdot {h}\,w^2$, the start $w = {w0}$ with $v = 0$, the rate ${lr:g}$, the momentum "
        rf"${mu:g}$. Nesterov: $g$ is the gradient at $w - \eta\mu v$, then $v \leftarrow \mu v + g$ and "
        rf"$w \leftarrow w - \eta v$. What is $w$ after two steps? (within 0.1 %)",
        w2,
        rf"Step 1: $v = g = {short(v1)}$, $w = {short(w1)}$. Step 2: the point ahead is "
        rf"${short(w1)} - {lr:g} \cdot {mu:g} \cdot {short(v1)} = {short(ahead)}$, its gradient ${short(h * ahead)}$, "
        rf"so $v = {short(mu * v1)} + {short(h * ahead)} = {short(v2)}$ and $w = {short(w2)}$. Classical momentum, "
        rf"with the gradient at ${short(w1)}$, would go on to ${short(classical)}$, closer to 0 now but with more "
        rf"speed to overshoot.",
    )


# ---- adagrad-rmsprop: a sum that never forgets, an average that does

bank.choice(
    "adagrad_stalls",
    "adagrad-rmsprop",
    r"A deep network under Adagrad improves fast for some epochs, then hardly at all, though the gradients have kept "
    r"their size. Which change removes the cause?",
    [
        wrong(
            r"A rate ten times as large, to make up for the large denominator.",
            r"It makes every step ten times as long, the first ones too; the $1/\sqrt t$ goes on.",
        ),
        wrong(
            r"A larger $\epsilon$, so that the division cannot become extreme.",
            r"$\epsilon$ guards against a denominator near 0. This one is too *large*, and $\epsilon$ adds to it.",
        ),
        right(
            r"A moving average of the squared gradients in place of their sum.",
            r"For gradients of steady size the sum grows like $t$, so steps fall like $1/\sqrt t$ for good. An average "
            r"forgets, and steps stay near the rate: that is RMSProp.",
        ),
        wrong(
            r"Momentum, to carry the weights across the flat region they have reached.",
            r"The region is not flat, the gradients have their size. Momentum lengthens all steps by a constant "
            r"factor; they shrink all the same.",
        ),
    ],
)


@bank.number("adagrad_after_burst", "adagrad-rmsprop", level=2)
def _adagrad_after_burst(rng: np.random.Generator) -> Task:
    k, big, n = int(rng.integers(5, 51)), int(rng.integers(3, 21)), int(rng.integers(5, 61))
    rho = 0.9
    total = k * big**2 + n
    mean = rho**n * (1 - rho**k) * big**2 + (1 - rho**n)
    answer = math.sqrt(total / mean)
    return Task(
        rf"A weight's gradients have size ${big}$ in the first ${k}$ steps and size 1 in the ${n}$ steps after them. "
        rf"Adagrad and RMSProp (decay ${rho:g}$, $v_0 = 0$, no bias correction) use the same learning rate, and "
        rf"$\epsilon$ is negligible. In the last of these steps, how many times as long is RMSProp's step? (within "
        rf"1 %)",
        answer,
        rf"Adagrad divides by the root of ${k} \cdot {big}^2 + {n} = {total}$, RMSProp by the root of "
        rf"${rho:g}^{{{n}}}(1 - {rho:g}^{{{k}}}) \cdot {big}^2 + (1 - {rho:g}^{{{n}}}) = {short(mean)}$. The ratio is "
        rf"$\sqrt{{{total}/{short(mean)}}} = {short(answer)}$: Adagrad never forgets the burst, RMSProp forgets it "
        rf"with a factor of {rho:g} per step.",
        rtol=1e-2,
    )


bank.open(
    "adagrad_to_rmsprop",
    "adagrad-rmsprop",
    r"Write down Adagrad's update, say what problem it solves and why it fails in long training of deep networks. How "
    r"do RMSProp and Adadelta mend it, and which new weakness does the mending bring?",
    r"Adagrad: $s \leftarrow s + g^2$, $w \leftarrow w - \eta\,g/(\sqrt s + \epsilon)$, elementwise. Each weight has "
    r"its own rate: where gradients were large or frequent it is small, where they were rare or small it stays large. "
    r"So it suits sparse features and badly scaled problems, and a multiple of the loss changes nothing. But $s$ only "
    r"grows: with gradients of steady size the steps fall as $\eta/\sqrt t$, and a burst of large gradients at the "
    r"start slows the weight for ever. For convex problems this decay is what the theory wants; a deep network enters "
    r"regions with quite different gradients, and there it stalls. RMSProp uses an average instead, "
    r"$v \leftarrow \rho v + (1-\rho)g^2$, which forgets in about $1/(1-\rho)$ steps. Adadelta does this too, and "
    r"multiplies by the root of an average of its own squared updates, so the units of $w$ come out right and the rate "
    r"has the default 1. The price: steps no longer shrink by themselves, so near a minimum the weights hover and one "
    r"needs a schedule; as the effective rate may grow again, there are convex examples that do not converge; and "
    r"since $v$ starts at 0 the first RMSProp step is $1/\sqrt{1-\rho}$ times the rate without bias correction.",
    [
        r"Adagrad's formula with the sum of squares and the root",
        r"own rate per weight: sparse or badly scaled data",
        r"the sum only grows: steps fall as one over the root of t, early bursts are never forgotten",
        r"RMSProp: moving average; Adadelta: also the average of squared updates, no rate",
        r"new weakness: no decay of its own, or no guarantee, or the uncorrected start",
    ],
    level=2,
)

# ---- adam-parts: what each piece of Adam does

bank.choice(
    "adam_loss_times_thousand",
    "adam-parts",
    r"By mistake the loss is summed over 1000 examples where it was averaged before. Nothing is clipped, there is no "
    r"weight decay, the learning rate stays. What happens to the steps?",
    [
        wrong(
            r"SGD's and Adam's steps both become 1000 times as long, since both are linear in the gradient.",
            r"Adam's is not: $\hat m$ grows by 1000 and so does $\sqrt{\hat v}$.",
        ),
        right(
            r"SGD's become 1000 times as long; Adam's stay what they were, but for the part of $\epsilon$.",
            r"$\hat m/(\sqrt{\hat v} + \epsilon)$ does not depend on the scale unless $\sqrt{\hat v}$ is near "
            r"$\epsilon$. So the bug goes unseen under Adam, until somebody adds clipping or an L2 term.",
        ),
        wrong(
            r"SGD's become 1000 times as long; Adam's 1000 times as short, since it divides by the square.",
            r"It divides by the *root* of the mean square, which grows by 1000 like the numerator.",
        ),
        wrong(
            r"Adam's first steps are 1000 times as long as before, until $\hat v$ has adapted in some 1000 steps.",
            r"The bias correction makes $\hat v$ right from the first step on, where $\hat m/\sqrt{\hat v} = \pm 1$.",
        ),
    ],
)

bank.choice(
    "adam_without_correction",
    "adam-parts",
    r"In an Adam with $\beta_1 = 0.9$, $\beta_2 = 0.999$, somebody leaves out **both** bias corrections. How long is "
    r"the very first step ($\eta$ is the learning rate)?",
    [
        right(
            r"about $3.2\,\eta$",
            r"$m = 0.1\,g$ and $\sqrt v = \sqrt{0.001}\,\lvert g\rvert = 0.032\,\lvert g\rvert$. For a steady gradient "
            r"the steps even rise to about $6.6\,\eta$ at step 12, before they fall to $\eta$.",
        ),
        wrong(
            r"$0.1\,\eta$, a slow start",
            r"This forgets $v$, which starts at 0 as well and is too small by more, even after the root.",
        ),
        wrong(
            r"$\eta$, as the two errors cancel",
            r"They would for $\beta_2 = 1 - (1 - \beta_1)^2 = 0.99$, and only in the first step.",
        ),
        wrong(
            r"$100\,\eta$, as $0.1/0.001 = 100$",
            r"Adam divides by the root of $v$.",
        ),
    ],
    level=2,
)


@bank.number("adam_training_memory", "adam-parts", level=2)
def _adam_training_memory(rng: np.random.Generator) -> Task:
    tenths, gpus = int(rng.integers(5, 301)), int(rng.choice([2, 4, 8, 16, 32, 64]))
    p = tenths / 10
    answer = p * (4 + 12 / gpus)
    return Task(
        rf"A model of ${p:g}$ billion parameters is trained by Adam in mixed precision on ${gpus}$ GPUs: weights and "
        rf"gradients in 2 bytes each on every GPU; a 4-byte copy of the weights, $m$ and $v$ (4 bytes each) divided "
        rf"evenly among the GPUs. How much memory does one GPU need for these, in GB of $10^9$ bytes? (activations not "
        rf"counted, within 1 %)",
        answer,
        rf"On every GPU $2 + 2 = 4$ bytes per parameter, and of the $4 + 4 + 4 = 12$ bytes of the optimizer one part "
        rf"in ${gpus}$: ${p:g} \cdot (4 + 12/{gpus}) = {short(answer)}$ GB. Undivided it would be "
        rf"${p:g} \cdot 16 = {short(16 * p)}$ GB, three quarters of it for the optimizer: this is why its state is the "
        rf"first thing to be sharded, stored in 8 bits or factored.",
        rtol=1e-2,
    )


bank.open(
    "adam_parts_explained",
    "adam-parts",
    r"Write Adam's update and say what each part is for: $m$, $v$, the bias corrections, $\epsilon$. What are the "
    r"usual values, which would you change, and how long is a step at most?",
    r"$m \leftarrow \beta_1 m + (1-\beta_1)g$, $v \leftarrow \beta_2 v + (1-\beta_2)g^2$, "
    r"$\hat m = m/(1-\beta_1^t)$, $\hat v = v/(1-\beta_2^t)$, "
    r"$w \leftarrow w - \eta\,\hat m/(\sqrt{\hat v} + \epsilon)$, "
    r"with $t$ from 1. $m$ is momentum: it averages out noise and oscillation over about $1/(1-\beta_1)$ steps. $v$ "
    r"estimates the mean square of each gradient, and dividing by its root gives every weight a step of about $\eta$ "
    r"whatever its gradient's scale; where signs change, $\hat m/\sqrt{\hat v}$ is small, like a ratio of signal to "
    r"noise. Both averages start at 0 and are therefore too small at first; dividing by $1-\beta^t$ makes them "
    r"unbiased. Without that the first step would be too *long*, $0.1/\sqrt{0.001} = 3.2$ times $\eta$. $\epsilon$ "
    r"prevents division by 0, and damps weights whose gradients are smaller than it. Defaults: $\eta = 0.001$, "
    r"$\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-8}$. I would tune $\eta$ first; lower $\beta_2$ to 0.95 or "
    r"0.98 against loss spikes in transformers; raise $\epsilon$ when gradients are tiny or noisy. For gradients of "
    r"steady size a step is at most $\eta$; after long silence one gradient gives "
    r"$(1-\beta_1)/\sqrt{1-\beta_2} = 3.2$ times $\eta$ (the number the paper names), a run of equal ones 6.6, and the "
    r"true bound, by Cauchy–Schwarz, is $(1-\beta_1)/\sqrt{(1-\beta_2)(1-\beta_1^2/\beta_2)} = 7.3$ times $\eta$. It "
    r"costs two more arrays.",
    [
        r"the update with both averages and t from 1",
        r"m against noise and oscillation, v for a scale of each weight's own",
        r"bias correction: averages start at 0; without it the first step is too long, not too short",
        r"epsilon; defaults, with one that is worth changing and when",
        r"step of about lr at most, or the exception after rare gradients",
    ],
)

# ---- adam-or-sgd: which one, and what a comparison shows

bank.choice(
    "adam_generalization_gap",
    "adam-or-sgd",
    r"A ResNet: Adam with L2 in the gradient, default rate, gets a lower *training* loss than tuned SGD with momentum, "
    r"but 2 points less test accuracy. What is the soundest conclusion?",
    [
        wrong(
            r"Adam converges to sharp minima by its nature, so no tuning would close the gap.",
            r"There are examples and arguments in this direction, no theorem; well tuned, the gap has often shrunk or "
            r"gone.",
        ),
        wrong(
            r"Adam has not converged yet and needs a smaller rate and more epochs.",
            r"It is ahead in what it minimizes. The gap is one of generalization, so more of the same will not help.",
        ),
        wrong(
            r"Two points are noise, since the lower training loss shows Adam to be the better optimizer here.",
            r"Training loss says nothing about the test gap; and noise would have to be shown with several seeds.",
        ),
        right(
            r"One side was tuned, the other not: give AdamW a search over rate and decay, then compare.",
            r"L2 inside Adam is weakened for weights with large gradients, and the default rate need not fit. "
            r"Rankings of optimizers turn with the tuning budget. For a ResNet SGD may still win.",
        ),
    ],
    level=2,
)

bank.choice(
    "adam_rotated_coordinates",
    "adam-or-sgd",
    r"You write $w = Qu$ with a fixed random orthogonal matrix $Q$ and train $u$ in place of $w$, from the same "
    r"starting function. Which optimizers visit the same functions as before?",
    [
        wrong(
            r"All of them: a rotation leaves lengths and angles alone, so the loss surface has the same shape.",
            r"The surface has; but Adam looks at its slope along each axis, and the axes are now different ones.",
        ),
        wrong(
            r"Adam, but not SGD: rates of each parameter's own adapt to the new coordinates.",
            r"Adaptation along axes undoes a *rescaling* of each axis. A mixture of axes is what it cannot undo.",
        ),
        right(
            r"SGD, with or without momentum, but not Adam: it scales coordinate by coordinate.",
            r"$\nabla_u = Q^\top\nabla_w$, and sums of gradients rotate along with it; elementwise division does not. "
            r"So Adam's gain rests on the axes meaning something, as for embeddings or layers of unequal scale.",
        ),
        wrong(
            r"None of them: every first-order method depends on the coordinates it works in.",
            r"Under general linear maps, yes. Orthogonal maps leave gradient descent as it is, since $QQ^\top = I$.",
        ),
    ],
    level=3,
)


@bank.number("adam_distance_to_travel", "adam-or-sgd")
def _adam_distance_to_travel(rng: np.random.Generator) -> Task:
    target, rate = 10 * int(rng.integers(2, 41)), int(rng.choice([1, 2, 5, 10, 20]))  # rate in ten-thousandths
    answer = 9 * target * 1000 // rate
    sgd = math.ceil(math.log(0.1) / math.log(0.9))
    return Task(
        rf"The targets of a regression were not standardized, so the output bias has to go from 0 to ${target}$. Its "
        rf"loss is $\tfrac12(b - {target})^2$, trained by full-batch Adam with the rate ${rate / 10000:g}$. Here, "
        rf"where gradients never grow, no Adam step is longer than the rate. Going by this bound, how many steps does "
        rf"it take at least to get to 90 % of the target? (a whole number)",
        answer,
        rf"The way is $0.9 \cdot {target} = {short(0.9 * target)}$, at most ${rate / 10000:g}$ a step: ${answer}$ "
        rf"steps, however large the gradient is. Gradient descent with the rate 0.1 multiplies the distance by 0.9 a "
        rf"step and needs ${sgd}$ steps for any target. Adam's rate is a length in units of the weights, so "
        rf"standardize targets or start the bias at their mean.",
    )


bank.open(
    "adam_or_sgd_choice",
    "adam-or-sgd",
    r"When do you choose Adam (or AdamW), when SGD with momentum? Give the reasons on both sides, name models for "
    r"each, and say how you would compare them fairly.",
    r"Adam gives every weight a step of its own scale: it suits models whose layers have gradients of very different "
    r"size, sparse gradients such as embeddings, and heavy-tailed noise as in language, so transformers, large "
    r"language models, most GANs and reinforcement learning use Adam or AdamW. It works over a wide range of rates "
    r"with little tuning and makes fast early progress. SGD with momentum keeps one array less, depends on fewer "
    r"settings, and for convolutional networks on images it has often generalized slightly better with a tuned rate "
    r"and a schedule; there it remains a standard. On transformers plain SGD does clearly worse. The usual reading of "
    r"the gap, sharper minima under Adam, is a hypothesis; part of it came from L2 inside Adam, which AdamW repairs. A "
    r"fair comparison gives both the same budget for tuning rate, decay and schedule, since the best rates differ by "
    r"orders of magnitude; it uses several seeds and compares validation results as well as training loss, at equal "
    r"time. Note that with all its settings tuned, Adam can imitate SGD with momentum (a very large epsilon and "
    r"rate), so it should not lose by much.",
    [
        r"Adam: own scale per weight, transformers, sparse or heavy-tailed gradients, robust to the rate",
        r"SGD: less memory, often a little better on convolutional image models when tuned",
        r"the generalization gap is empirical, and partly L2 inside Adam",
        r"fair comparison: equal tuning budget, seeds, schedule, validation as well as training",
    ],
    level=2,
)

# ---- adamw: decay that is not divided by anything

bank.choice(
    "adamw_who_is_decayed",
    "adamw",
    r"In Adam, an L2 term $\lambda w$ is added to the gradient. Compared with AdamW, which weights of equal size are "
    r"then pulled towards 0 the **least**?",
    [
        wrong(
            r"None less than others: L2 and weight decay are the same, up to a factor of $\eta$ in $\lambda$.",
            r"For plain SGD that is so. Under Adam the L2 term passes through the division as well.",
        ),
        right(
            r"Those with large gradients, since their pull is divided by a large $\sqrt{\hat v}$.",
            r"The pull is about $\eta\lambda w/\sqrt{\hat v}$, so the busiest weights are regularized least. AdamW "
            r"takes $\eta\lambda w$ off each weight directly.",
        ),
        wrong(
            r"Those with small gradients, since L2 is then all there is in $\hat m$ and Adam damps it.",
            r"The reverse: with nothing else in the gradient, $\lambda w$ is normalized to a full step of about "
            r"$\eta$ towards 0, however small $\lambda$ is.",
        ),
        wrong(
            r"Those that are updated most often, since momentum averages the pull away.",
            r"The pull is steady in sign, and an average keeps what is steady.",
        ),
    ],
)


@bank.number("adamw_share_left", "adamw", level=2)
def _adamw_share_left(rng: np.random.Generator) -> Task:
    rate, wd = int(rng.choice([1, 2, 3, 5, 6, 10])), int(rng.choice([1, 5, 10, 20]))  # in 1/10000 and 1/100
    total = 10_000 * int(rng.integers(1, 21))
    while not 0.2 <= total * rate * wd / 2e6 <= 4:  # not so much decay that nothing is left, nor so little
        total = 10_000 * int(rng.integers(1, 101))
    lr0, decay = rate / 10_000, wd / 100
    t = np.arange(total)
    lrs = lr0 / 2 * (1 + np.cos(np.pi * t / total))
    answer = float(np.exp(np.log1p(-lrs * decay).sum()))
    return Task(
        rf"AdamW, $w \leftarrow w - \eta_t(\text{{step}} + \lambda w)$ with $\lambda = {decay:g}$, runs for "
        rf"${total}$ steps; $\eta_t$ falls from ${lr0:g}$ to 0 along half a cosine. A weight gets no gradient at all. "
        rf"Which fraction of it is left at the end? (within 1 %)",
        answer,
        rf"Each step multiplies it by $1 - \eta_t\lambda$. The mean of the cosine schedule is half its peak, so "
        rf"$\sum_t \eta_t\lambda \approx {total} \cdot {lr0:g}/2 \cdot {decay:g} = "
        rf"{short(total * lr0 / 2 * decay)}$, and $e^{{-{short(total * lr0 / 2 * decay)}}} = {short(answer)}$. What "
        rf"counts is the product of rate, decay and steps: at a tenth of the rate the same $\lambda$ would leave "
        rf"${short(answer**0.1)}$.",
        rtol=1e-2,
    )


bank.open(
    "adamw_against_l2",
    "adamw",
    r"Why is weight decay the same as L2 regularization under SGD but not under Adam? Write both updates, say which "
    r"weights are treated differently, and what AdamW makes easier. Which parameters do you leave out of the decay?",
    r"L2 adds $\lambda w$ to the gradient; decay multiplies the weight by $1 - \eta\lambda$. For plain SGD, "
    r"$w - \eta(g + \lambda w) = (1 - \eta\lambda)w - \eta g$, so they agree. Adam puts $g + \lambda w$ through both "
    r"averages and divides: the pull becomes about $\eta\lambda w/(\sqrt{\hat v} + \epsilon)$. Weights with large "
    r"gradients are decayed less, those with small ones more, and where the loss gives no gradient a tiny $\lambda$ "
    r"makes a full step of length $\eta$. That is no longer the penalty one meant. AdamW leaves $\lambda w$ out of $m$ "
    r"and $v$ and subtracts it apart: $w \leftarrow w - \eta(\hat m/(\sqrt{\hat v} + \epsilon) + \lambda w)$; all "
    r"weights shrink by the same factor. So rate and decay are less entangled and can be tuned more nearly "
    r"independently, and a multiple of the loss does not change the decay. In PyTorch's form the rate still multiplies "
    r"the decay, so schedules act on both, and $1/(\eta\lambda)$ is the memory in steps. Values are larger than for "
    r"L2: 0.01 to 0.1. Usually left out: biases and the gains and offsets of normalization layers, often embeddings.",
    [
        r"SGD: the two updates are the same, shown",
        r"Adam divides the L2 term by the root of v: large gradients, less decay",
        r"AdamW subtracts lr times decay times w apart from the averages",
        r"consequence: rate and decay less entangled, or lr·decay as time scale",
        r"no decay on biases and normalization parameters",
    ],
    level=2,
)

# ---- saddles-and-minima: where the gradient is 0

bank.choice(
    "saddle_or_minimum_test",
    "saddles-and-minima",
    r"Full-batch training has stopped at a high loss with a gradient of almost 0. How do you find out whether this is "
    r"a saddle or a local minimum?",
    [
        right(
            r"By the Hessian's smallest eigenvalue, from Hessian-vector products (Lanczos).",
            r"Clearly negative means a saddle, and its eigenvector is a way down. A product costs a few gradients, "
            r"and the matrix is never formed.",
        ),
        wrong(
            r"By the diagonal of the Hessian: if all of it is positive, it is a minimum.",
            r"A saddle can have a positive diagonal: the matrix with rows $(1, 2)$ and $(2, 1)$ has the "
            r"eigenvalues 3 and $-1$.",
        ),
        wrong(
            r"By lowering the learning rate: from a saddle the loss then goes on falling, from a minimum it does not.",
            r"A smaller rate leaves a saddle even more slowly: the distance grows by $1 + \eta\lvert\lambda\rvert$ a "
            r"step.",
        ),
        wrong(
            r"By some more seeds: if they all end at this loss, it is a minimum, and the global one.",
            r"Runs may share a saddle or a plateau, such as that of predicting the class frequencies.",
        ),
    ],
    level=2,
)


@bank.number("saddle_escape_steps", "saddles-and-minima")
def _saddle_escape_steps(rng: np.random.Generator) -> Task:
    digits, lr, b = int(rng.integers(3, 13)), int(rng.integers(1, 21)) / 100, int(rng.integers(1, 6)) / 10
    factor = 1 + lr * b
    exact = digits / math.log10(factor)
    answer = math.ceil(exact)
    return Task(
        rf"Near a saddle the loss is $\tfrac12(x^2 - {b:g}\,y^2)$. Gradient descent with the rate ${lr:g}$ starts at "
        rf"$y = 10^{{-{digits}}}$. After how many steps is $y \ge 1$ for the first time? (a whole number, relative "
        rf"error up to 0.5 %)",
        answer,
        rf"Each step multiplies $y$ by $1 + {lr:g} \cdot {b:g} = {factor:.5g}$. "
        rf"$n \ge {digits}/\log_{{10}} {factor:.5g} = {short(exact)}$, so ${answer}$. It takes only the logarithm of "
        rf"the distance, so noise of any size is enough to leave soon; but with a weak negative curvature, "
        rf"$\eta\lvert\lambda\rvert$ small, the loss looks flat for a long time.",
        rtol=5e-3,
    )


bank.open(
    "saddle_or_local_minimum",
    "saddles-and-minima",
    r"“Training fails because it gets stuck in a bad local minimum.” How good is this explanation for a large network? "
    r"Discuss saddles, plateaus and minima, what gradient descent does near a saddle, and what you check instead.",
    r"A critical point is a minimum only if all curvatures are non-negative. In many dimensions a random one nearly "
    r"always has both signs, and in models of random surfaces the share of negative directions falls with the loss: "
    r"critical points of high loss are saddles, minima lie near the bottom. It is a heuristic, backed by experiments "
    r"on networks; small networks can have bad minima. Symmetry alone makes many saddles and many equivalent minima "
    r"(permuted units). At a strict saddle gradient descent from a random start almost never converges to it, since "
    r"along a negative curvature the distance grows by $1 + \eta\lvert\lambda\rvert$ a step; but passing by can take "
    r"long, above all on a plateau, where gradients and curvatures are small. Gradient noise, momentum and per-weight "
    r"scaling speed this up; Newton's plain step is even attracted to saddles. Often the gradient is not small at all "
    r"when the loss stalls: the rate is too high or too low, the noise floor is reached. So I check the gradient norm "
    r"first, then rates, dead or saturated units, initialization, labels, whether ten examples can be fitted, and the "
    r"smallest Hessian eigenvalue if need be.",
    [
        r"in many dimensions a critical point of high loss is nearly always a saddle (heuristic)",
        r"minima that are found tend to be about equally good, or equivalent by symmetry",
        r"gradient descent leaves strict saddles, exponentially, but can be slow; plateaus",
        r"noise or momentum helps; Newton is attracted to saddles",
        r"check the gradient norm and the more frequent causes first",
    ],
    level=2,
)

# ---- sparse-data: weights that are seldom asked

bank.choice(
    "sparse_row_moves_on",
    "sparse-data",
    r"A rare word occurs in one batch and not in the next thousand. Its embedding row is trained by ordinary (dense) "
    r"Adam without weight decay; in batches without it the gradient of the row is exactly 0. What does the row do "
    r"there?",
    [
        wrong(
            r"It stays where it is, since a gradient of 0 means a step of 0.",
            r"That is plain SGD, or a lazy Adam that skips absent rows. Dense Adam steps by $\hat m$, not by $g$.",
        ),
        wrong(
            r"It moves ever faster, as $\hat v$ fades and less and less is divided by.",
            r"$m$ fades faster: per step $0.9$ against $\sqrt{0.999} = 0.9995$ for the root.",
        ),
        wrong(
            r"It returns step by step to its former place, as the average forgets the gradient.",
            r"Forgetting makes later steps shorter; it does not turn them round.",
        ),
        right(
            r"It drifts on in the same direction for tens of steps, each 0.9 times the last.",
            r"$m$ falls by $0.9$ a step and $\sqrt v$ hardly at all. Nine tenths of the way is made in "
            r"batches without the word; lazy updates avoid it.",
        ),
    ],
    level=2,
)

bank.choice(
    "sparse_rare_features",
    "sparse-data",
    r"Click prediction: a linear model on millions of binary features, most of them rare. Why does Adagrad beat SGD "
    r"with one decaying rate?",
    [
        wrong(
            r"It skips the features that are 0 in an example, which makes a pass much faster.",
            r"SGD can skip them as well: with $x_i = 0$ the gradient of $w_i$ is 0 in both.",
        ),
        right(
            r"Each feature has its own clock: seen 10 times, it still takes steps 100 times those of one seen 100,000 "
            r"times.",
            r"With active gradients of like size the step is $\eta/\sqrt{n_i}$, where $n_i$ counts *occurrences*. A "
            r"common rate is either too small for the rare or too noisy for the frequent ones.",
        ),
        wrong(
            r"When a rare feature occurs its gradient is very small, and the division enlarges it to the size of the "
            r"others.",
            r"When it occurs its gradient is $(p - y)x_i$, as large as anybody's. It is small only on average over "
            r"examples.",
        ),
        wrong(
            r"It drives the weights of features without enough evidence to exactly 0, as an L1 penalty would.",
            r"Adagrad alone sets nothing to 0; that comes from adding L1, as in FTRL.",
        ),
    ],
)


@bank.number("sparse_single_gradient_drift", "sparse-data", level=3)
def _sparse_single_gradient_drift(rng: np.random.Generator) -> Task:
    b1, b2 = int(rng.integers(80, 96)) / 100, int(rng.choice([980, 985, 990, 995, 998, 999])) / 1000
    first = (1 - b1) / math.sqrt(1 - b2)
    ratio = b1 / math.sqrt(b2)
    answer = first / (1 - ratio)
    return Task(
        rf"Late in training by Adam ($\beta_1 = {b1:g}$, $\beta_2 = {b2:g}$, bias corrections already 1, $\epsilon$ "
        rf"negligible, $m = v = 0$ for this weight) a weight gets its first gradient; all its later gradients are 0. "
        rf"How far does it move in all, as a multiple of the learning rate? (within 1 %)",
        answer,
        rf"The first step is $(1-\beta_1)/\sqrt{{1-\beta_2}} = {short(first)}$. Then $m$ falls by $\beta_1$ and "
        rf"$\sqrt v$ by $\sqrt{{\beta_2}}$ a step, so each step is ${short(ratio)}$ of the one before, and the sum is "
        rf"${short(first)}/(1 - {short(ratio)}) = {short(answer)}$. The size of the gradient does not matter. SGD "
        rf"would have made one step, in proportion to it.",
        rtol=1e-2,
    )


# ---- warm-up: why the first steps are small

bank.choice(
    "warmup_first_adam_steps",
    "warm-up",
    r"Adam's steps are bounded by about the learning rate, and its averages are bias-corrected. Why do transformers "
    r"under Adam still want warm-up?",
    [
        wrong(
            r"Bias correction divides by $1 - \beta_2^t$, which makes the first steps some 30 times the rate.",
            r"It divides $v$, which is too small, and so makes steps *shorter*; the corrected first step is $\pm\eta$ "
            r"exactly.",
        ),
        wrong(
            r"At first $\hat v$ is dominated by its start at 0, so it is too large and needs time to fall.",
            r"A start at 0 makes $v$ too small, and the correction removes that bias.",
        ),
        right(
            r"At first $\hat v$ rests on few gradients: every weight moves by about $\eta$, for signal and noise "
            r"alike.",
            r"Step 1 is $\eta\,\mathrm{sign}(g)$: weights with small, noisy gradients move as far as any. With random "
            r"weights and a fast-changing loss, such steps at the full rate do lasting harm.",
        ),
        wrong(
            r"Momentum has not built up yet, so the steps are too short and their direction is not to be trusted.",
            r"$\hat m$ is corrected too. The steps are not too short: the first is a full $\eta$ in each weight.",
        ),
    ],
    level=2,
)

bank.open(
    "warmup_reasons",
    "warm-up",
    r"What is learning-rate warm-up, and why does it help? Give reasons that hold for SGD with a large batch and "
    r"reasons that are Adam's own. What do you see when it is missing, and what can replace it?",
    r"The rate rises, mostly linearly, from near 0 to its peak over the first few hundred to few thousand updates (or "
    r"a few epochs), then decays. For any optimizer: at random weights the loss is often sharply curved and the "
    r"gradients are large and change fast, so the largest stable rate is small at first; during warm-up training moves "
    r"to flatter regions that bear the full rate. Linear scaling for large batches assumes that the weights hardly "
    r"change within the steps that are merged, which is false at the start. Adam's own reason: $\hat v$ rests on few "
    r"gradients, so its estimate is noisy and the first steps are about $\eta$ in every weight, signal or noise; in "
    r"post-norm transformers the large gradients of the upper layers add to it. Missing warm-up shows as a loss that "
    r"spikes or diverges in the first updates, or as a run that settles on a plateau it never leaves, with saturated "
    r"softmaxes or dead units. Replacements or relief: pre-norm blocks, careful initialization (zero-initialized "
    r"residual branches), RAdam, gradient clipping, a lower peak rate. It is cheap, so it is usually kept.",
    [
        r"definition: the rate rises from near 0 to the peak in the first updates",
        r"sharp curvature or fast-changing gradients at the start; the stable rate is smaller there",
        r"large batch: linear scaling does not hold at first",
        r"Adam: second moment from few examples, steps of about lr in every weight",
        r"symptom without it, and an alternative: pre-norm, initialization, RAdam, clipping",
    ],
    level=2,
)

# ---- decay: why the last steps are small

bank.choice(
    "schedule_drop_at_cut",
    "decay",
    r"At epoch 30 the rate is divided by 10, and within a few hundred updates the training loss falls sharply, after "
    r"ten flat epochs. Why was the small rate not used from the start?",
    [
        right(
            r"The small rate removes the bounce across the valley at once; along it, it is ten times as slow.",
            r"At the large rate, noise and overshoot in steep directions held the loss up while the flat directions "
            r"went on improving. One needs the large rate first and the small one afterwards.",
        ),
        wrong(
            r"The large rate had found a poor minimum, and the smaller one let the weights get out of it.",
            r"Shorter steps make it harder to get out of anything.",
        ),
        wrong(
            r"The large rate was simply wrong, as the drop proves: the small one would have got there sooner.",
            r"The drop shows what bounce had hidden, not how fast the small rate would have travelled there.",
        ),
        wrong(
            r"The small rate acts as a regularizer, and its effect needs 30 epochs of fitting to begin with.",
            r"It lowers the *training* loss at once, which no regularizer does. If anything, it is the large rate that "
            r"regularizes.",
        ),
    ],
)

bank.choice(
    "schedule_cosine_cut_short",
    "decay",
    r"To learn what a budget of 50 epochs would give, a colleague reads the validation loss at epoch 50 of a run whose "
    r"cosine schedule is laid out for 100. What do you tell her?",
    [
        wrong(
            r"It is fair: after 50 epochs each, both runs have seen the same examples equally often.",
            r"The data agree, the rates do not: hers has yet to come down.",
        ),
        wrong(
            r"It overrates the budget, since a long cosine lowers its rate sooner than a short one.",
            r"Later: at the same epoch the longer cosine always has the higher rate.",
        ),
        wrong(
            r"It is nearly fair: at half of a cosine most of the decay is already behind you.",
            r"By symmetry exactly half of it is: $\tfrac12(1 + \cos\tfrac\pi2) = \tfrac12$ of the peak.",
        ),
        right(
            r"It underrates the budget: at epoch 50 the rate is still half its peak, not near 0.",
            r"The noise floor of that rate hides part of the progress. A 50-epoch cosine would have removed it; "
            r"compare runs that finish their own schedules.",
        ),
    ],
    level=2,
)


@bank.number("schedule_noise_floor", "decay", level=3)
def _schedule_noise_floor(rng: np.random.Generator) -> Task:
    h, lr, cut = int(rng.integers(2, 11)), int(rng.integers(2, 18)) / 100, int(rng.choice([2, 3, 4, 5, 10]))
    x = lr * h
    before, after = lr / (2 * (2 - x)), lr / cut / (2 * (2 - x / cut))
    answer = before / after
    return Task(
        rf"SGD on $\tfrac12 \cdot {h}\,w^2$ with gradients ${h}w + \xi$, where $\xi$ is fresh noise of mean 0 and "
        rf"constant variance. Once the loss has settled at the rate ${lr:g}$, the rate is divided by ${cut}$. By what "
        rf"factor does the expected loss fall in the long run? (before / after, within 1 %)",
        answer,
        rf"$w \leftarrow (1 - \eta h)w - \eta\xi$ settles where "
        rf"$\mathrm{{Var}}\,w = \eta^2\sigma^2/(1 - (1 - \eta h)^2) = \eta\sigma^2/(h(2 - \eta h))$, so the loss is "
        rf"$\eta\sigma^2/(2(2 - \eta h))$: ${short(before)}\,\sigma^2$ before, ${short(after)}\,\sigma^2$ after, a "
        rf"factor of ${short(answer)}$. For small $\eta h$ it is simply ${cut}$: the floor is proportional to the "
        rf"rate, which is why SGD needs decay.",
        rtol=1e-2,
    )


# ---- bad-rate: what a wrong learning rate looks like

bank.choice(
    "rate_just_above_limit",
    "bad-rate",
    r"Gradient descent on $\tfrac12(100\,x^2 + y^2)$ from $(0.1, 10)$ with the rate $0.0201$; the limit is "
    r"$2/100 = 0.02$. What does the loss do?",
    [
        wrong(
            r"It rises from the first step on, since the rate is above the limit.",
            r"Only one of two directions is unstable, and at the start nearly all of the loss is in the other one.",
        ),
        wrong(
            r"It falls to a small constant, as $x$ jumps for ever between two values and $y$ settles.",
            r"That would be the rate $0.02$ exactly, where the factor is $-1$. Here it is $-1.01$.",
        ),
        right(
            r"It falls at first with $y$, then rises without limit, as $x$ grows by 1 % a step, with alternating sign.",
            r"$x$ is multiplied by $1 - 2.01 = -1.01$, $y$ by $0.98$. The loss falls for nearly ninety "
            r"steps, and the run is unstable all the while in its steepest direction.",
        ),
        wrong(
            r"It falls to 0, if slowly, since the mean curvature of about 50 allows rates up to $0.04$.",
            r"Each eigenvector lives by its own curvature. The largest one sets the limit, and no mean helps.",
        ),
    ],
    level=2,
)


@bank.number("rate_limit_with_momentum", "bad-rate", level=2)
def _rate_limit_with_momentum(rng: np.random.Generator) -> Task:
    a, c, b = int(rng.integers(4, 21)), int(rng.integers(4, 21)), int(rng.integers(1, 4))
    mu = int(rng.choice([0, 50, 80, 90, 95])) / 100
    root = math.hypot((a - c) / 2, b)
    largest, smallest = (a + c) / 2 + root, (a + c) / 2 - root
    answer = 2 * (1 + mu) / largest
    return Task(
        rf"The Hessian of a quadratic loss has the rows $({a}, {b})$ and $({b}, {c})$. SGD without "
        rf"noise, $v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$ with $\mu = {mu:g}$. Below which rate does it "
        rf"converge from every start? (within 1 %)",
        answer,
        rf"The eigenvalues are ${short((a + c) / 2)} \pm {short(root)}$, that is ${short(largest)}$ and "
        rf"${short(smallest)}$. For curvature $\lambda$, $w_{{t+1}} = (1 + \mu - \eta\lambda)w_t - \mu w_{{t-1}}$ "
        rf"becomes unstable when its characteristic root passes $-1$, at $\eta\lambda = 2(1 + \mu)$. The largest "
        rf"$\lambda$ decides: $2 \cdot {1 + mu:g}/{short(largest)} = {short(answer)}$.",
        rtol=1e-2,
    )


bank.open(
    "rate_three_runs",
    "bad-rate",
    r"Describe the loss curves of three runs: rate far too high, somewhat too high, too low. Which other quantities do "
    r"you log to tell them apart from other causes, and what do you do in each case?",
    r"Far too high: the loss rises within some steps to infinity or NaN, or jumps to the level of a constant "
    r"prediction and stays there, because units died or saturated. The limit is about $2/\lambda_{\max}$, above which "
    r"the steepest direction grows with alternating sign. Divide the rate by 3 to 10. Somewhat too high: a fast fall, "
    r"then an early plateau with large fluctuations, since steep directions bounce and noise sets a floor. The test is "
    r"to cut the rate: if the training loss falls at once, it was this. Use decay, or warm-up when it happens only at "
    r"the start. Too low: a smooth, nearly straight slow fall, still going on at the end; twice the rate gives about "
    r"the same curve in half the steps. It may be mistaken for a model that is too small. I log the rate, the gradient "
    r"norm, the size of the update relative to the weight (around $10^{-3}$ as a rough rule), the share of clipped "
    r"steps, dead units. NaN also comes from a log of 0, fp16 overflow or bad data: the rate is not the cause if NaN "
    r"comes for a tiny rate too. A plateau also comes from wrong labels, zero gradients, too strong regularization. A "
    r"range test, or a few rates spaced by 3, decides.",
    [
        r"far too high: divergence, NaN, or constant predictions",
        r"somewhat too high: early noisy plateau; cutting the rate makes the loss fall",
        r"too low: smooth slow fall that has not ended",
        r"logs update size against weight size, or gradient norm",
        r"names another cause of a similar curve and how to exclude it",
    ],
)

# ---- tuning: finding the settings

bank.choice(
    "tuning_range_test",
    "tuning",
    r"In a range test the rate rises from $10^{-6}$ to 1 over 1000 updates. The smoothed loss is flat up to $10^{-4}$, "
    r"falls fastest near $10^{-2}$, is lowest at $10^{-1}$ and explodes at $0.3$. Which peak rate do you try first?",
    [
        wrong(
            r"$10^{-1}$, since the loss is lowest there",
            r"At the lowest point the gain and the harm of the rate just balance; a whole run at that rate is likely "
            r"to be unstable. And the loss is low there thanks to the rates before.",
        ),
        right(
            r"about $10^{-2}$, where the loss falls fastest",
            r"Progress per update is best there, with a factor of 10 or more to the edge. Then try a factor of 3 to "
            r"both sides in real runs: the test sees only the start of training.",
        ),
        wrong(
            r"$10^{-4}$, the last rate that is surely safe",
            r"Flat means that nothing is learnt there in the time of the test; it would be needlessly slow.",
        ),
        wrong(
            r"$0.3$ with gradient clipping, to use all there is",
            r"Clipping bounds single steps and hides the instability; the run would then be driven by the clipping.",
        ),
    ],
)


@bank.number("tuning_random_runs", "tuning")
def _tuning_random_runs(rng: np.random.Generator) -> Task:
    percent, sure = int(rng.integers(2, 21)), int(rng.choice([80, 90, 95, 98, 99]))
    exact = math.log(1 - sure / 100) / math.log(1 - percent / 100)
    answer = math.ceil(exact)
    few = 100 * (1 - (1 - percent / 100) ** 20)
    return Task(
        rf"Rate, decay and warm-up are drawn at random for each run, and ${percent}\,\%$ of this search space give "
        rf"good results. How many independent runs does it take for at least one good result with a probability of "
        rf"${sure}\,\%$ or more? (the smallest whole number, exact)",
        answer,
        rf"All $n$ runs miss with probability ${1 - percent / 100:g}^n \le {1 - sure / 100:g}$, so "
        rf"$n \ge \ln {1 - sure / 100:g} / \ln {1 - percent / 100:g} = {short(exact)}$, that is ${answer}$. (Twenty "
        rf"runs succeed with ${short(few)}\,\%$.) The number of settings does not enter; drawing rates on a "
        rf"logarithmic scale does, since it is what makes the good part of the space large.",
        rtol=1e-6,
    )


bank.open(
    "tuning_twenty_runs",
    "tuning",
    r"A new model, AdamW, and a budget of twenty full runs. Before that you may make short ones. How do you go about "
    r"the learning rate and the other settings? Say what you tune, in which order, on which scale, and what you leave.",
    r"First make sure that there is something to tune: fit a few examples, check the loss at the start, fix seeds and "
    r"the evaluation. Then short runs: a range test or rates spaced by a factor of 3 to find the order of magnitude "
    r"and the edge of divergence; a batch size that fills the GPU, then left alone, since the rate depends on it. The "
    r"learning rate comes first because it matters most; with it a schedule, cosine with a few percent of warm-up. "
    r"Weight decay is next, then warm-up length and $\beta_2$ if there are spikes, regularization such as dropout; "
    r"$\beta_1$ and $\epsilon$ stay at their defaults. Rates and decays are drawn on a logarithmic scale, since "
    r"factors matter. Random search rather than a grid: with two settings that matter out of five, a grid repeats "
    r"their few values, while twenty random draws give twenty values of each; a second round zooms in. If the best "
    r"value lies at the edge of its range, widen the range. Runs must finish their schedule to be comparable, though "
    r"clearly failed ones may be stopped early. Choose by validation, repeat the best two or three with other seeds, "
    r"and look at the test set once.",
    [
        r"sanity checks and short runs to find the order of magnitude of the rate",
        r"the rate first, then decay and so on; batch size fixed, defaults for the rest",
        r"logarithmic scale",
        r"random search over a grid, with the reason; edges are widened",
        r"choice by validation, several seeds, test set once, or: complete schedules",
    ],
    level=2,
)
