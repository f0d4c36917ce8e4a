"""Concept questions on activation functions: why they bend, where their slopes vanish, and what each one costs.

They test the reasons behind a choice of activation, not the names; a number question works out what a claim such as
"saturated", "dead" or "cheap" amounts to.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "nonlinearity",
    "saturation",
    "zero-centred",
    "relu-advantages",
    "dead-relu",
    "kinks",
    "prelu-maxout",
    "softplus",
    "output-units",
    "cost-of-exp",
    "linear-units",
    "gelu-silu",
)

bank = Bank()


# ---- nonlinearity: why a network needs a bend at all

bank.choice(
    "linear_stack_collapse",
    "nonlinearity",
    r"A colleague removes every activation from a ten-layer MLP (100 inputs, hidden width 512, 3 outputs, biases kept) "
    r"and trains it by gradient descent. Which statement is right?",
    [
        wrong(
            r"It still models curved functions of its input, since a product of ten weight matrices is a non-linear "
            r"map.",
            r"The product is non-linear in the *weights*, and that shapes training; in the input $x$ it is one matrix "
            r"and one offset.",
        ),
        right(
            r"It represents only affine maps of the input, as one $100 \to 3$ layer does, but it trains differently.",
            r"$W_{10}(\cdots(W_1 x + b_1)\cdots) + b_{10} = Wx + b$; the loss is no longer convex in the factors, so "
            r"the path of gradient descent differs although the set of functions does not.",
        ),
        wrong(
            r"With a hidden width of 512 it stays a universal approximator, only a less efficient one.",
            r"Universal approximation needs the non-linearity; width adds nothing to a composition of affine maps.",
        ),
        wrong(
            r"It is one $100 \to 3$ layer in every respect, the steps of gradient descent included.",
            r"The functions are the same, the parameters are not: each factor's gradient is multiplied by the other "
            r"nine, so the effective steps differ.",
        ),
    ],
)

bank.choice(
    "polynomial_activation",
    "nonlinearity",
    r"Networks with one hidden layer of unlimited width, with biases and a linear output, are fitted to continuous "
    r"functions on $[-1, 1]$. With which hidden activation are there functions that **no** width gets close to?",
    [
        wrong(
            r"the step function $\mathbf 1[z > 0]$",
            r"Sums of shifted steps are staircases, and a fine enough staircase comes as near as you like. The step's "
            r"trouble is training: its derivative is 0 almost everywhere.",
        ),
        wrong(
            r"leaky ReLU with slope 0.99",
            r"However slight, the kink is enough: leaky ReLU is a linear part plus $0.01\,\mathrm{relu}$, so sums of "
            r"them still give every piecewise linear function.",
        ),
        wrong(
            r"$\sin z$",
            r"Being periodic and not monotonic is no obstacle; sums of sines and cosines are the classical "
            r"approximators.",
        ),
        right(
            r"the cubic $z^3 - z$",
            r"Every such network is a polynomial of degree at most 3, whatever its width. For reasonable activations "
            r"the rule is exactly this: universal if and only if not a polynomial (Leshno et al., 1993).",
        ),
    ],
    level=3,
)


@bank.number("zigzag_pieces", "nonlinearity", level=3)
def _zigzag_pieces(rng: np.random.Generator) -> Task:
    k, depth = int(rng.integers(2, 6)), int(rng.integers(3, 9))
    units, deep = k * depth, k**depth
    shallow = units + 1
    answer = deep / shallow
    return Task(
        rf"A layer of ${k}$ ReLU units with a linear read-out can build the zigzag that runs between 0 and 1 in "
        rf"${k}$ straight pieces of equal width over $[0, 1]$. Compose this layer with itself, ${depth}$ zigzags in "
        rf"all. By what factor does the number of linear pieces on $[0, 1]$ exceed the most that *one* hidden ReLU "
        rf"layer with the same total of ${units}$ units can have on the real line? (within 1 %)",
        answer,
        rf"Each zigzag maps every one of its ${k}$ pieces onto the whole of $[0, 1]$, so composing multiplies the "
        rf"pieces: ${k}^{{{depth}}} = {deep}$. One hidden layer bends at most once per unit, which gives "
        rf"${units} + 1 = {shallow}$ pieces. The factor is ${deep} / {shallow} = {short(answer)}$: depth makes bends "
        rf"by multiplication, width only by addition.",
        rtol=1e-2,
    )


bank.open(
    "why_nonlinear",
    "nonlinearity",
    r"Why does a deep network need non-linear activations? Show what goes wrong without them on the smallest example "
    r"you can think of, and say what a single hidden ReLU layer gains in one dimension.",
    r"A composition of affine maps is affine: $W_2(W_1 x + b_1) + b_2 = (W_2 W_1)x + (W_2 b_1 + b_2)$, so without "
    r"activations any depth equals one layer. XOR is the smallest failure: an affine $f$ satisfies "
    r"$f(0,0) + f(1,1) = f(0,1) + f(1,0)$, so it cannot be high on one pair and low on the other. One hidden layer "
    r"with ReLU solves it, for example $\mathrm{relu}(x_1 + x_2) - 2\,\mathrm{relu}(x_1 + x_2 - 1)$. In one dimension "
    r"each ReLU unit adds one bend at $-b/w$, so a hidden layer is a piecewise linear function with its bends where "
    r"the data need them; enough bends approximate any continuous function on an interval. The activation must also "
    r"not be a polynomial, since then the degree, not the width, limits the network. Depth composes these functions, "
    r"which can multiply the number of pieces instead of adding to it.",
    [
        r"affine maps compose to an affine map, with the formula",
        r"a concrete failure such as XOR, with the reason why no affine function does it",
        r"in one dimension a ReLU layer is piecewise linear, one bend per unit",
        r"universal approximation is for non-polynomial activations, or: depth can multiply the number of pieces",
    ],
)

# ---- saturation: where sigmoid and tanh stop passing gradient

bank.choice(
    "sigmoid_saturation",
    "saturation",
    r"A hidden sigmoid unit has a pre-activation near $z = 10$ on every training example. What does that do to "
    r"learning?",
    [
        right(
            r"Its slope there is about $5 \cdot 10^{-5}$, so its own weights and the layers below get almost nothing.",
            r"$\sigma' = a(1-a)$ with $a = \sigma(10)$ is $4.5 \cdot 10^{-5}$, against $1/4$ at $z = 0$; every "
            r"gradient through the unit is multiplied by it.",
        ),
        wrong(
            r"The weights from it to the next layer get almost no gradient, while its own incoming ones go on "
            r"learning.",
            r"The other way round: the outgoing gradient is $a\,\delta$ with $a \approx 1$, which is fine; the "
            r"incoming one carries the factor $\sigma'(z)$.",
        ),
        wrong(
            r"Its large output makes the activations of the next layers grow until the gradient explodes.",
            r"The output is bounded by 1. Large outputs are a worry with unbounded activations such as ReLU.",
        ),
        wrong(
            r"It learns faster than the other units, because the gradient is proportional to the unit's own "
            r"activation.",
            r"The gradient of the *outgoing* weights is proportional to $a$; the unit's own gradient is proportional "
            r"to $a(1-a)$, which is nearly 0 here.",
        ),
    ],
)

bank.choice(
    "tanh_versus_sigmoid",
    "saturation",
    r"You replace the hidden sigmoids of a network by tanh and leave everything else alone. What have you changed?",
    [
        wrong(
            r"Saturation is gone, because tanh covers $(-1, 1)$, a range twice as wide.",
            r"tanh flattens at both ends too: its slope at $z = 5$ is $1.8 \cdot 10^{-4}$, below the sigmoid's "
            r"$6.6 \cdot 10^{-3}$.",
        ),
        wrong(
            r"Nothing of substance: $\tanh z = 2\sigma(2z) - 1$, so training takes the same course at half the "
            r"weights.",
            r"The identity means that the two can represent the same functions. For given weights, values, slopes and "
            r"the mean of the outputs differ, and so does the training.",
        ),
        right(
            r"Outputs centre on 0 and the steepest slope is 1, not $1/4$; but units still saturate, at smaller $|z|$.",
            r"$\tanh'(z) = 4\sigma'(2z)$: four times as steep at 0 and twice as narrow. Centring and slope improve, "
            r"saturation stays.",
        ),
        wrong(
            r"The backward pass costs more, since tanh's slope has no formula in terms of its output.",
            r"It has: $\tanh' = 1 - a^2$, as cheap as the sigmoid's $a(1-a)$.",
        ),
    ],
)


@bank.number("sigmoid_tail_width", "saturation", level=2)
def _sigmoid_tail_width(rng: np.random.Generator) -> Task:
    percent = int(rng.integers(1, 41))
    root = math.sqrt(1 - percent / 100)
    a = (1 + root) / 2
    answer = math.log(a / (1 - a))
    return Task(
        rf"Beyond which $|z|$ is the slope of the sigmoid less than ${percent}\,\%$ of its largest value? "
        rf"(within 1 %)",
        answer,
        rf"The largest slope is $1/4$, so $a(1-a) = {percent / 100:g}/4$. The larger root is "
        rf"$a = \tfrac12(1 + \sqrt{{1 - {percent / 100:g}}}) = {a:.5g}$, and "
        rf"$z = \ln\frac{{a}}{{1-a}} = {answer:.4g}$. Pre-activations of that size are common after a careless "
        rf"initialization.",
        rtol=1e-2,
    )


@bank.number("sigmoid_depth", "saturation")
def _sigmoid_depth(rng: np.random.Generator) -> Task:
    w, digits = int(rng.integers(5, 26)) / 10, int(rng.integers(3, 10))
    factor = w / 4
    depth = math.floor(digits / -math.log10(factor)) + 1
    return Task(
        rf"A chain of sigmoid layers has one unit each, all weights equal to ${w:g}$. Even in the best case, with "
        rf"every unit at its steepest point, the gradient is multiplied by $w\,\sigma'$ per layer. What is the "
        rf"smallest number of layers after which it has been multiplied by less than $10^{{-{digits}}}$? (a whole "
        rf"number)",
        depth,
        rf"The best factor per layer is ${w:g} \cdot \tfrac14 = {factor:.4g}$. "
        rf"${factor:.4g}^L < 10^{{-{digits}}}$ needs $L > {digits} / {-math.log10(factor):.4g} = "
        rf"{digits / -math.log10(factor):.4g}$, so $L = {depth}$. With a ReLU on its active side the same chain would "
        rf"have the factor ${w:g}$ per layer.",
    )


bank.open(
    "tanh_in_lstm",
    "saturation",
    r"Sigmoid and tanh were dropped as the default hidden units of deep networks because they saturate. Explain how "
    r"saturation slows learning with depth, and why both are nevertheless still used inside LSTM and GRU cells.",
    r"Back-propagation multiplies by the activation's slope at every layer. The sigmoid's is at most $1/4$ and tanh's "
    r"at most 1, and both tend to 0 exponentially in $|z|$, so with several layers, or a few saturated ones, the first "
    r"layers receive next to nothing. Large initial weights or unscaled inputs make it worse, and a saturated unit "
    r"leaves that state slowly, since its own gradient is what has vanished. In an LSTM the sigmoids are gates: a "
    r"value near 0 or 1 means closed or open, so saturation is the purpose. tanh keeps the values that are written "
    r"bounded and centred, which matters when the same map is applied hundreds of times, where an unbounded activation "
    r"could blow up. The gradient does not rely on these slopes alone, because the cell state has an additive path "
    r"whose factor is the forget gate, which may stay near 1. So the objection is to saturating units in series on the "
    r"only path of the gradient.",
    [
        r"the slope is a factor per layer, at most 1/4 for sigmoid and 1 for tanh, near 0 when saturated",
        r"names what drives units into saturation (large weights, unscaled inputs) or that they leave it slowly",
        r"gates are meant to be open or closed",
        r"bounded values in a recurrence do not explode",
        r"the cell state's additive path carries the gradient",
    ],
    level=2,
)

# ---- zero-centred: what it costs when all inputs of a layer share a sign

bank.choice(
    "positive_inputs",
    "zero-centred",
    r"A neuron $z = w^\top x + b$ follows a sigmoid layer, so all $x_i > 0$. What does that imply for the gradient of "
    r"one example's loss with respect to $w$?",
    [
        wrong(
            r"All its components are positive, so the weights can only shrink under gradient descent.",
            r"The sign is that of $\partial L/\partial z$, which is positive for some examples and negative for "
            r"others.",
        ),
        wrong(
            r"All its components are equal, so the weights of the neuron cannot become different from one another.",
            r"Component $i$ is $x_i\,\partial L/\partial z$: the magnitudes follow the inputs, only the sign is "
            r"shared.",
        ),
        right(
            r"All its components have the same sign, so one step moves every weight up, or every weight down.",
            r"$\partial L/\partial w_i = x_i\,\partial L/\partial z$ with $x_i > 0$. A change that needs some weights "
            r"up and others down takes a zigzag of steps.",
        ),
        wrong(
            r"Nothing for this layer: it is the gradient passed back to $x$ whose components all share one sign.",
            r"That gradient is $w\,\partial L/\partial z$, and its signs are those of the weights, which are mixed.",
        ),
    ],
)

bank.choice(
    "zigzag_minibatch",
    "zero-centred",
    r"With all-positive inputs, one example's gradient on a neuron's weights has components of one sign. What remains "
    r"of this with mini-batches of 128?",
    [
        right(
            r"The sum can have mixed signs, as $\delta$ differs between examples; the poor conditioning remains.",
            r"$\sum_n \delta_n x_n$ with $\delta_n$ of both signs can point into any orthant. The common mean of the "
            r"inputs still adds one large eigenvalue to the Hessian, and that slows descent.",
        ),
        wrong(
            r"It stays in full: a sum of vectors, each of them of one sign throughout, is of one sign throughout "
            r"again.",
            r"That holds only if all have the *same* sign: $(1, 3) - (2, 1) = (-1, 2)$.",
        ),
        wrong(
            r"Nothing remains, so centring the inputs of a layer gains nothing once batches are used.",
            r"The sign restriction is softened, but the mean of the inputs still makes the loss surface a narrow "
            r"valley.",
        ),
        wrong(
            r"Nothing remains, since averaging over the batch centres the activations, just as batch normalization "
            r"does.",
            r"The average is over gradients. The activations that enter the layer keep their positive mean.",
        ),
    ],
    level=2,
)


@bank.number("mean_shift_condition", "zero-centred", level=3)
def _mean_shift_condition(rng: np.random.Generator) -> Task:
    d = 10 * int(rng.integers(1, 51))
    m, s = int(rng.integers(2, 10)) / 10, int(rng.integers(2, 11)) / 20
    answer = 1 + d * m**2 / s**2
    return Task(
        rf"A linear neuron without bias is trained on $\tfrac12\,\mathbb E\,(w^\top x - t)^2$. Its ${d}$ inputs are "
        rf"independent, each with mean ${m}$ and standard deviation ${s}$. What is the condition number (largest over "
        rf"smallest eigenvalue) of the Hessian? (within 1 %)",
        answer,
        rf"The Hessian is $\mathbb E\,xx^\top = s^2 I + m^2\,\mathbf 1\mathbf 1^\top$. Along $\mathbf 1$ its "
        rf"eigenvalue is $s^2 + D m^2 = {short(s**2 + d * m**2)}$, in all other directions $s^2 = {s**2:.4g}$. The "
        rf"ratio is $1 + D m^2 / s^2 = 1 + {d} \cdot {m**2:.4g} / {s**2:.4g} = {short(answer)}$; with centred inputs "
        rf"it would be 1.",
        rtol=1e-2,
    )


bank.open(
    "zero_centred_cost",
    "zero-centred",
    r"People say that an activation should be zero-centred. What does it cost when it is not, how serious is it in "
    r"practice, and why could ReLU, which is not zero-centred either, replace tanh all the same?",
    r"If all inputs of a neuron are positive, then $\partial L/\partial w_i = x_i\,\delta$ has the sign of $\delta$ "
    r"for every $i$: for one example all weights go up together or down together, and a target direction of mixed "
    r"signs is reached only by a zigzag. Seen from second order, the mean of the inputs adds a large eigenvalue to the "
    r"Hessian along $(1, \dots, 1)$, so the learning rate has to be small and the other directions creep. A mini-batch "
    r"mixes signs of $\delta$ and softens the first effect but not the second. So this is a matter of speed, not of "
    r"what can be learnt, and far milder than saturation, which stops the gradient. ReLU is not centred, but its slope "
    r"of 1 where active is worth more than centring. Batch or layer normalization before the activation, centred data, "
    r"per-parameter step sizes as in Adam, or ELU and GELU with their negative values reduce what remains of it.",
    [
        r"all weight gradients of one neuron share a sign for one example, because they are x_i times delta",
        r"the consequence: zigzag, or badly conditioned Hessian, hence slower descent",
        r"a mini-batch softens it; it costs speed and not expressiveness",
        r"it is milder than saturation, which is why ReLU won",
        r"a cure: centred data, normalization, activations with negative values",
    ],
    level=2,
)

# ---- relu-advantages: what ReLU gives, and what it does not

bank.choice(
    "relu_false_advantage",
    "relu-advantages",
    r"Three of these are advantages that ReLU really has. Which one is **not** true of it?",
    [
        wrong(
            r"Forward and backward need a comparison only, and no exponential.",
            r"True: $\max(0, z)$ forward, and a mask of $z > 0$ backward, which is all that has to be kept.",
        ),
        wrong(
            r"On the active side its slope is exactly 1, however large the pre-activation.",
            r"True: on an active path the activation does not shrink the gradient; only the weights scale it.",
        ),
        wrong(
            r"With pre-activations symmetric about 0, about half of its outputs are exactly 0.",
            r"True: sparse activations come for free, and they are exact zeros, not small numbers.",
        ),
        right(
            r"With pre-activations symmetric about 0, its outputs average about 0 as well.",
            r"Its outputs are never negative: for $z \sim \mathcal N(0, s^2)$ their mean is "
            r"$s/\sqrt{2\pi} \approx 0.40\,s$. The next layer gets inputs that are not centred.",
        ),
    ],
)

bank.choice(
    "relu_rescaling",
    "relu-advantages",
    r"In a trained ReLU network you multiply the incoming weights and the bias of one hidden unit by 10 and its "
    r"outgoing weights by $1/10$. What changes?",
    [
        wrong(
            r"Neither the function nor the further course of gradient descent changes.",
            r"The function is the same, but SGD is not invariant to this: it takes smaller steps on weights that have "
            r"become larger.",
        ),
        right(
            r"The function stays, but the unit's incoming gradient falls tenfold and its outgoing one grows tenfold.",
            r"$\mathrm{relu}(cz) = c\,\mathrm{relu}(z)$ for $c > 0$, so the factors cancel; by the chain rule each "
            r"gradient scales by the inverse of its weights' factor.",
        ),
        wrong(
            r"The function changes wherever the unit is active and stays where it outputs 0.",
            r"Where it is active its output is ten times as large, and the outgoing weights take exactly that away.",
        ),
        wrong(
            r"The function stays, and so it would with a sigmoid or a tanh unit, since $10 \cdot \tfrac1{10} = 1$.",
            r"It needs $f(cz) = c f(z)$, which the saturating units lack: $\sigma(10z)$ is a steeper curve, not a "
            r"taller one.",
        ),
    ],
    level=2,
)


@bank.number("relu_sparsity", "relu-advantages", level=2)
def _relu_sparsity(rng: np.random.Generator) -> Task:
    m = int(rng.integers(1, 11)) / 10 * (1 if rng.random() < 0.5 else -1)
    s = int(rng.integers(5, 21)) / 10
    answer = 0.5 * (1 + math.erf(-m / s / math.sqrt(2)))
    return Task(
        rf"The pre-activations of a ReLU layer are normal with mean ${m}$ and standard deviation ${s}$. Which fraction "
        rf"of its outputs is exactly 0? (a number from 0 to 1, within 1 %)",
        answer,
        rf"$P(z \le 0) = \Phi\bigl((0 - ({m}))/{s}\bigr) = \Phi({-m / s:.4g}) = {answer:.4g}$, with "
        rf"$\Phi(u) = \tfrac12(1 + \mathrm{{erf}}(u/\sqrt2))$. A bias of a few tenths moves the sparsity far from one "
        rf"half.",
        rtol=1e-2,
    )


bank.open(
    "relu_three_advantages",
    "relu-advantages",
    r"Give three advantages of ReLU over sigmoid and tanh as a hidden activation, each with its mechanism, and two "
    r"drawbacks. Does ReLU rule out vanishing gradients?",
    r"First, it does not saturate for positive inputs: the slope is 1 there, so an active path multiplies the gradient "
    r"by the weights only. Second, it is cheap: a comparison forward and a mask backward, no exponential. Third, it "
    r"gives exact zeros, so a different subset of units works on each example, and within that subset the network is "
    r"linear and easy to optimize. (Another one: $\mathrm{relu}(cz) = c\,\mathrm{relu}(z)$ for $c > 0$, so scale "
    r"passes through and He initialization is a one-line derivation.) Drawbacks: units can die, outputs are not "
    r"centred, and they are unbounded, so activations can grow. It does not rule out vanishing gradients: the weights' "
    r"product still shrinks the gradient if they are initialized too small, and on inactive paths it is 0. It removes "
    r"the activation's own share of the shrinking.",
    [
        r"slope 1 on the active side: no saturation there",
        r"cheap to compute, forward and backward",
        r"exact zeros, sparse activations (or positive homogeneity)",
        r"two drawbacks among: dead units, not zero-centred, unbounded",
        r"gradients can still vanish or explode through the weights",
    ],
)

# ---- dead-relu: units that are silent on all data

bank.choice(
    "dead_relu_cause",
    "dead-relu",
    r"Soon after the learning rate was raised, 40 % of the units of a ReLU layer output 0 for **every** example of the "
    r"training set, and they still do after it was lowered again. What has happened?",
    [
        wrong(
            r"This is the sparsity ReLU is valued for; each example is served by the other 60 %.",
            r"Useful sparsity means *different* units for different examples. A unit silent on all of them is lost "
            r"capacity.",
        ),
        right(
            r"Large steps left these units with $z < 0$ on all the data; with no gradient, nothing brings them back.",
            r"One step can push bias and weights so far that no example reaches $z > 0$. From then on the gradient "
            r"of the unit's own parameters is exactly 0 at any learning rate.",
        ),
        wrong(
            r"The units have saturated on the positive side, where the gradient of a large activation has all but "
            r"vanished.",
            r"ReLU does not saturate on the positive side: the slope is 1 there. And these units output 0, not a "
            r"large value.",
        ),
        wrong(
            r"The product of many slopes below 1 has vanished on its way back from the loss to this layer.",
            r"That would starve all units of the layer alike and would not set their *outputs* to 0.",
        ),
    ],
)

bank.choice(
    "dead_relu_revival",
    "dead-relu",
    r"A ReLU unit of the **first** layer has $z = w^\top x + b < 0$ on all training examples. Training goes on with "
    r"plain SGD and weight decay on $w$, but none on $b$, always on the same examples. What becomes of the unit?",
    [
        wrong(
            r"It stays dead whatever $b$ is, because its gradient is 0 on every example.",
            r"The gradient of the loss is 0, but the decay still acts: $w$ shrinks by a constant factor a step.",
        ),
        wrong(
            r"It revives whatever $b$ is, because decay takes $z$ to 0, where the gradient comes back.",
            r"Decay acts on $w$ alone, so $z$ tends to $b$ and not to 0.",
        ),
        right(
            r"It revives if $b > 0$ and stays dead if $b < 0$, because decay makes every $z$ tend to $b$.",
            r"With $w$ shrinking by a factor $c \to 0$, $z = c\,w^\top x + b$ moves from its negative start straight "
            r"to $b$: it crosses 0 only if $b$ is positive.",
        ),
        wrong(
            r"It revives sooner or later whatever $b$ is, because mini-batches make its gradient noisy.",
            r"The noise is in which examples are drawn, and each of them gives a gradient of exactly 0.",
        ),
    ],
    level=3,
)


@bank.number("dead_relu_learning_rate", "dead-relu", level=2)
def _dead_relu_learning_rate(rng: np.random.Generator) -> Task:
    x = [int(v) for v in rng.integers(1, 5, size=3)]
    w = [int(v) / 10 for v in rng.integers(1, 10, size=3)]
    b, delta = int(rng.integers(1, 6)) / 10, int(rng.integers(5, 31)) / 10
    z = sum(p * q for p, q in zip(w, x, strict=True)) + b
    reach = sum(v * v for v in x) + 1
    answer = z / (delta * reach)
    return Task(
        rf"A ReLU unit has $w = {w}$, $b = {b}$ and sees the input $x = {x}$ with an upstream gradient "
        rf"$\partial L/\partial a = {delta}$. One plain SGD step updates $w$ and $b$ on this example. Above which "
        rf"learning rate is the unit inactive on this same input afterwards? (within 1 %)",
        answer,
        rf"$z = w^\top x + b = {z:.4g} > 0$, so the slope is 1 and the gradients are ${delta}\,x$ and ${delta}$. After "
        rf"the step $z' = z - \eta \cdot {delta}\,(\lVert x\rVert^2 + 1) = {z:.4g} - \eta \cdot "
        rf"{delta * reach:.4g}$, negative for $\eta > {answer:.4g}$. The squared norm of the input is in it: unscaled "
        rf"inputs kill units at small learning rates.",
        rtol=1e-2,
    )


bank.open(
    "dead_relu_diagnosis",
    "dead-relu",
    r"You suspect that many ReLU units of a network are dead. How do you measure it, what causes it, and what do you "
    r"change, in which order? What do you think of starting all biases at 0.01?",
    r"Measure over a large sample of training data, not one batch: a unit is dead if its pre-activation is positive "
    r"for none of the examples; report the fraction per layer over training time. The usual cause is too large a step, "
    r"by learning rate, unscaled inputs or an outlier's gradient, that drives bias and weights so far that $z < 0$ "
    r"everywhere; a bad initialization or a large negative bias does it from the start. Such a unit has zero gradient "
    r"for its own weights, so it returns only if its inputs change, through the layers below, or by weight decay. "
    r"First remove the cause: smaller learning rate or warm-up, clipped gradients, normalized inputs, He "
    r"initialization; batch or layer normalization keeps pre-activations around 0. Then, if needed, change the "
    r"activation to one with a gradient on the negative side: leaky ReLU, PReLU, ELU, GELU. A bias of 0.01 makes a few "
    r"more units active at the first step, but it is small beside typical pre-activations and does nothing against a "
    r"later step that is too large; reports of its benefit are mixed, so 0 is the usual choice.",
    [
        r"dead means z > 0 on no example of a large sample, not one batch",
        r"cause: too large steps (learning rate, unscaled inputs) or bad initialization; gradient exactly 0 afterwards",
        r"remove the cause: learning rate or warm-up, clipping, initialization, normalization",
        r"or give the negative side a slope: leaky ReLU, PReLU, ELU, GELU",
        r"bias 0.01 helps at the start at best, not against a later bad step",
    ],
    level=2,
)

# ---- kinks: why a point without derivative does no harm

bank.choice(
    "kink_descent",
    "kinks",
    r"ReLU has no derivative at 0. Why does gradient descent work nevertheless?",
    [
        right(
            r"Training seldom depends on that one point, and a one-sided slope used there is a fair stand-in.",
            r"Almost all pre-activations lie off the kink. Where one is exactly 0, any value from 0 to 1 is a "
            r"subgradient of ReLU, and one step with it does no harm.",
        ),
        wrong(
            r"Frameworks replace ReLU near 0 by a narrow smooth bend, so that the derivative exists.",
            r"They compute $\max(0, z)$ exactly and simply define the derivative at 0, usually as 0.",
        ),
        wrong(
            r"The loss of a ReLU network is convex in its weights, and on convex functions subgradients suffice.",
            r"ReLU is convex as a function of $z$; the loss as a function of the weights of two or more layers "
            r"is not.",
        ),
        wrong(
            r"In floating point a pre-activation is never exactly 0, so the case does not come up.",
            r"It does: with a zero bias, a patch of exact zeros, from padding or from the ReLU layer before, gives "
            r"exactly 0.",
        ),
    ],
)

bank.choice(
    "kink_identity",
    "kinks",
    r"Since $\mathrm{relu}(x) - \mathrm{relu}(-x) = x$, this function has derivative 1 everywhere. An autodiff library "
    r"that defines $\mathrm{relu}'(0) = 0$ differentiates the left-hand side at $x = 0$. What does it return?",
    [
        wrong(
            r"1, because the two kinks cancel and automatic differentiation is exact.",
            r"It is exact only where each operation is differentiable. It never sees that the sum is smooth.",
        ),
        wrong(
            r"$\tfrac12$, because at a kink the two one-sided slopes are averaged.",
            r"That is what a central difference of $\mathrm{relu}$ gives at 0. The library uses its fixed value.",
        ),
        wrong(
            r"NaN, because neither term has a derivative at this point.",
            r"The library does not test differentiability; it evaluates a mask, which is 0 here.",
        ),
        right(
            r"0, although the function has derivative 1 there.",
            r"$\mathrm{relu}'(0) + \mathrm{relu}'(-0) = 0 + 0$. Applied branch by branch at a kink, the chain rule may "
            r"return something that is not even a subgradient of the whole; it is harmless because it is rare.",
        ),
    ],
    level=3,
)


@bank.number("kink_central_difference", "kinks", level=2)
def _kink_central_difference(rng: np.random.Generator) -> Task:
    share = int(rng.integers(5, 96)) * (1 if rng.random() < 0.5 else -1)
    power = int(rng.integers(3, 7))
    answer = (share / 100 + 1) / 2
    analytic = 1 if share > 0 else 0
    return Task(
        rf"A gradient check takes the central difference of $\mathrm{{relu}}$ with step $h = 10^{{-{power}}}$ at "
        rf"$x = {share / 100:g}\,h$. Which slope does it return in exact arithmetic? (within 0.1 %)",
        answer,
        rf"$x + h > 0$ and $x - h < 0$, so the quotient is $\frac{{(x + h) - 0}}{{2h}} = \tfrac12({share / 100:g} + 1) "
        rf"= {answer:.4g}$, while the derivative is {analytic}. A step across the kink makes a right gradient look "
        rf"wrong, whatever the size of $h$; keep $|x| > h$ in a check, or test few enough points to look at them.",
    )


bank.open(
    "kink_gradient_check",
    "kinks",
    r"Your gradient check of a two-layer ReLU network passes for 997 of 1000 weights and fails badly for three. How do "
    r"you find out whether it is a bug or the kink, and why is the kink no problem for training itself?",
    r"Suspect the kink if for these weights $w \pm h$ moves some pre-activation across 0: then the central difference "
    r"averages slopes from both sides. Test it by repeating with a smaller $h$ (in float64), with another random "
    r"input, or by comparing the masks $z > 0$ at $w + h$ and $w - h$; the failure goes away where no mask changes. "
    r"Replacing ReLU by a smooth function such as softplus or tanh is another test: a bug in the affine part would "
    r"stay. For training the kink does not matter: the points where the loss is not differentiable have measure zero, "
    r"and where one is hit exactly the library uses some value between the one-sided slopes, such as 0. Steps are "
    r"finite and gradients noisy anyway, so descent needs a direction that is good nearly always, not a derivative at "
    r"every point.",
    [
        r"the difference quotient straddles a kink: masks at w + h and w - h differ",
        r"a test: smaller h in float64, other inputs, or comparing the masks",
        r"non-differentiable points have measure zero",
        r"at the kink any value between the one-sided slopes (such as 0) serves",
    ],
    level=2,
)

# ---- prelu-maxout: what learned activations cost in parameters

bank.choice(
    "prelu_weight_decay",
    "prelu-maxout",
    r"PReLU learns the slope $\alpha$ of its negative side, one per channel. Its authors leave $\alpha$ out of the "
    r"weight decay. Why?",
    [
        wrong(
            r"There are so few of these parameters that decaying them would have no effect.",
            r"A single scalar is decayed as strongly as any weight; that there are few says that *over-fitting* "
            r"through them is no worry.",
        ),
        wrong(
            r"Decay would drive $\alpha$ below 0, where the activation is no longer monotonic.",
            r"Decay pulls towards 0 and not past it. The loss gradient may make $\alpha$ negative, and that is "
            r"allowed.",
        ),
        right(
            r"Decay pulls $\alpha$ to 0, that is to plain ReLU: a bias towards one shape, not a simpler model.",
            r"Small weights mean a smoother function; a small $\alpha$ only means ReLU. The most linear, "
            r"simplest PReLU has $\alpha = 1$.",
        ),
        wrong(
            r"Decay would pull $\alpha$ to 1, and the layer would lose its non-linearity.",
            r"$\alpha = 1$ is indeed linear, but L2 decay pulls towards 0.",
        ),
    ],
    level=2,
)

bank.choice(
    "maxout_special_case",
    "prelu-maxout",
    r"One maxout unit with two pieces computes $\max(w_1^\top x + b_1,\ w_2^\top x + b_2)$. Which of these can it "
    r"**not** represent exactly?",
    [
        wrong(
            r"leaky ReLU of a projection, $\max(v^\top x,\ 0.01\,v^\top x)$",
            r"Take $w_1 = v$ and $w_2 = 0.01\,v$.",
        ),
        right(
            r"the negative absolute value of a projection, $-|v^\top x|$",
            r"A maximum of affine functions is convex, and $-|v^\top x|$ is concave. It takes a negative weight in "
            r"the next layer.",
        ),
        wrong(
            r"the absolute value of a projection, $|v^\top x|$",
            r"Take $w_1 = v$ and $w_2 = -v$.",
        ),
        wrong(
            r"the projection itself, $v^\top x$, with no bend",
            r"Take both pieces equal to $v$: unlike ReLU, maxout can switch its non-linearity off.",
        ),
    ],
    level=2,
)


@bank.number("maxout_parameters", "prelu-maxout")
def _maxout_parameters(rng: np.random.Generator) -> Task:
    d, m = 32 * int(rng.integers(1, 33)), 32 * int(rng.integers(1, 33))
    k = int(rng.integers(2, 6))
    maxout, prelu = k * (d * m + m), d * m + m + m
    return Task(
        rf"A dense layer has ${d}$ inputs and ${m}$ outputs, with biases. How many more parameters does it have with "
        rf"maxout of ${k}$ pieces than with PReLU, one slope per output? (a whole number, exact)",
        maxout - prelu,
        rf"Maxout keeps ${k}$ full copies of the affine map: ${k} \cdot ({d} \cdot {m} + {m}) = {maxout}$. PReLU adds "
        rf"one slope per output: ${d} \cdot {m} + {m} + {m} = {prelu}$. The difference is ${maxout - prelu}$: the "
        rf"PReLU slopes themselves are only ${100 * m / prelu:.2g}\,\%$ of its layer.",
        rtol=1e-9,
    )


bank.open(
    "prelu_maxout_choice",
    "prelu-maxout",
    r"Compare leaky ReLU, PReLU and maxout: what is learned in each, what does each add in parameters and computation, "
    r"and what does each gain over ReLU? For PReLU, give the gradient of the slope.",
    r"All three keep a gradient on the negative side or its equivalent, so no unit dies for good in the way of ReLU. "
    r"Leaky ReLU fixes the slope (say 0.01) and adds no parameters. PReLU learns the slope, one per channel (or one "
    r"per layer), which is negligible beside $C_{in} C_{out} K^2$ filter weights; "
    r"$\partial L/\partial\alpha = \sum_{z < 0} z\,\partial L/\partial y$, summed over batch and positions, because "
    r"the slope is shared. Maxout takes the maximum of $k$ affine maps and so learns a convex piecewise linear "
    r"activation, ReLU and leaky ReLU among them; it multiplies parameters and matrix products by $k$. Its "
    r"gradient flows through the winning piece only. A fair comparison gives a ReLU network the same budget, by more "
    r"width or depth, and that comparison is why maxout is rare.",
    [
        r"leaky: fixed slope, no parameters; PReLU: learned slope per channel, negligible cost",
        r"gradient of the slope: sum of z times the upstream gradient where z < 0, over all that share it",
        r"maxout: k affine maps, k times the parameters and the computation",
        r"maxout is convex piecewise linear and contains ReLU and leaky ReLU",
        r"a fair comparison gives ReLU the same budget",
    ],
    level=2,
)

# ---- softplus: the smooth ReLU, and why it did not replace it

bank.choice(
    "softplus_versus_relu",
    "softplus",
    r"Softplus, $\ln(1 + e^x)$, is a smooth ReLU. Which sentence on the two as hidden units is right?",
    [
        wrong(
            r"Softplus trains deep networks better, since it is smooth; only its price keeps ReLU in use.",
            r"The expectation is natural, and experiments did not confirm it: ReLU did as well or better (Glorot et "
            r"al., 2011).",
        ),
        wrong(
            r"Softplus is zero-centred, because unlike ReLU it has a slope on both sides of 0.",
            r"It is positive everywhere, $\ln 2 \approx 0.69$ at 0, so it is less centred than ReLU.",
        ),
        wrong(
            r"Softplus saturates on both sides, because its derivative is the sigmoid.",
            r"Saturation is a derivative near 0. The sigmoid tends to 0 on the left only; on the right it tends "
            r"to 1.",
        ),
        right(
            r"Softplus never has a slope of exactly 0, but it costs exponentials and gives no exact zeros.",
            r"Its slope is $\sigma(x) > 0$, so no unit is strictly dead; in return one pays $\exp$ and $\log$ and "
            r"loses sparsity, with no gain in accuracy in general.",
        ),
    ],
)

bank.choice(
    "softplus_stable",
    "softplus",
    r"Which line computes softplus correctly, without overflow, for all of $x = -10^4$, $-50$, $0$, $50$, $10^4$?",
    [
        right(
            r"`np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))`",
            r"The exponent is never positive, and `log1p` keeps the small values: at $-50$ it gives "
            r"$1.9 \cdot 10^{-22}$.",
        ),
        wrong(
            r"`np.log(1 + np.exp(np.minimum(x, 700)))`",
            r"No overflow, but it returns 700 at $10^4$; and at $-50$ the sum rounds to 1, so the result is 0.",
        ),
        wrong(
            r"`np.log1p(np.exp(x))`",
            r"Right for negative $x$, but $e^{10000}$ overflows and the result is inf instead of $10^4$.",
        ),
        wrong(
            r"`x + np.log1p(np.exp(-x))`",
            r"The identity is right and good for positive $x$; at $-10^4$ the exponential overflows and "
            r"the result is inf.",
        ),
    ],
    level=2,
)


@bank.number("softplus_sharpness", "softplus", level=2)
def _softplus_sharpness(rng: np.random.Generator) -> Task:
    gap = int(rng.integers(1, 41)) / 400
    answer = math.log(2) / gap
    return Task(
        rf"Softplus with sharpness $\beta$ is $\ln(1 + e^{{\beta x}})/\beta$. From which $\beta$ on does it differ "
        rf"from ReLU by at most ${gap:g}$ at every $x$? (within 1 %)",
        answer,
        rf"The difference is $\ln(1 + e^{{-\beta|x|}})/\beta$, largest at $x = 0$, where it is $\ln 2/\beta$. So "
        rf"$\beta = \ln 2/{gap:g} = {answer:.4g}$. For larger $\beta$ the bend is sharper and softplus tends to ReLU.",
        rtol=1e-2,
    )


bank.open(
    "softplus_uses",
    "softplus",
    r"Softplus lost to ReLU as a hidden unit. Why, although it is smooth? And where would you still use it?",
    r"Smoothness at one point buys little, since gradient descent hardly ever notices the kink of ReLU. Softplus costs "
    r"an exponential and a logarithm, gives no exact zeros, and has a positive mean even for an input of 0 "
    r"($\ln 2$); for negative inputs its slope decays exponentially, so it saturates there much as ReLU does. Its use "
    r"today is at places where a positive, smooth quantity is needed: a standard deviation, a rate, a step size or a "
    r"concentration as output, where $\exp$ would react too violently, for softplus grows only linearly. Another is a "
    r"model whose second derivatives matter, such as physics-informed networks or learned energies and forces, because "
    r"ReLU's second derivative is 0 almost everywhere. It also appears inside other formulas: "
    r"$-\ln\sigma(x) = \mathrm{softplus}(-x)$, the logistic loss. In code one uses the stable form "
    r"$\max(x, 0) + \ln(1 + e^{-|x|})$.",
    [
        r"smoothness at one point gains little; experiments did not favour it",
        r"costs: exp and log, no exact zeros, positive at 0",
        r"use: positive outputs such as a standard deviation or rate, gentler than exp",
        r"use: second derivatives needed, or the logistic loss",
    ],
    level=2,
)

# ---- output-units: sigmoid, softmax and temperature at the end of the network

bank.choice(
    "multilabel_head",
    "output-units",
    r"A photo may carry any number of 20 tags: none, one or several. Which output suits?",
    [
        wrong(
            r"softmax over the 20 logits, accepting every tag with a probability above $1/20$",
            r"Softmax shares out a mass of 1: two certain tags cannot both exceed $\tfrac12$, and no output can say "
            r"that there is none.",
        ),
        right(
            r"20 separate sigmoids, each trained with binary cross-entropy",
            r"Each tag is its own yes-or-no question, so the probabilities need not sum to 1 and may all be low.",
        ),
        wrong(
            r"20 sigmoids, divided by their sum to make them comparable",
            r"That brings the competition between the tags back, with all the faults of softmax here.",
        ),
        wrong(
            r"softmax at a high temperature, so that several tags can come close to 1",
            r"A higher temperature flattens the distribution; the sum stays 1, so all come close to $1/20$.",
        ),
    ],
)

bank.choice(
    "softmax_two_classes",
    "output-units",
    r"For two classes one can use a single sigmoid logit or a softmax over two logits $z_1, z_2$. How are they "
    r"related?",
    [
        wrong(
            r"Softmax is more expressive, as its last layer has twice as many weights.",
            r"Only the difference of the two weight vectors matters to the output, so the set of functions is the "
            r"same.",
        ),
        wrong(
            r"Softmax gives calibrated probabilities, while the sigmoid gives mere scores.",
            r"Both are trained by the same likelihood; calibration depends on the model and the data.",
        ),
        wrong(
            r"They agree only if the two logits are kept opposite, $z_2 = -z_1$.",
            r"No constraint is needed: with $z_2 = -z_1$ one has $\sigma(2z_1)$, which is just a case of the general "
            r"formula.",
        ),
        right(
            r"They are one model: $p_1 = \sigma(z_1 - z_2)$, with a redundant direction in the softmax.",
            r"Dividing by $e^{z_1}$ gives $1/(1 + e^{-(z_1 - z_2)})$; adding a constant to both logits changes "
            r"nothing.",
        ),
    ],
)

bank.choice(
    "temperature_effect",
    "output-units",
    r"At inference you compute $\mathrm{softmax}(z/T)$ with $T = 2$ instead of $T = 1$, for logits that are not all "
    r"equal. What follows for certain?",
    [
        wrong(
            r"The accuracy of the arg max may change, as other classes come closer to the top.",
            r"Dividing by a positive number keeps the order, so the arg max and its accuracy are untouched.",
        ),
        wrong(
            r"Every probability falls, since every exponential is smaller relative to the sum.",
            r"They still sum to 1: the top class falls and the smallest one rises.",
        ),
        right(
            r"The ranking stays and the entropy rises: the distribution moves towards uniform.",
            r"For logits that differ, the entropy grows strictly with $T$; $T \to \infty$ gives the uniform "
            r"distribution, $T \to 0$ the arg max.",
        ),
        wrong(
            r"The distribution is exactly halfway between the old one and the uniform one over the classes.",
            r"That would be a mixture of probabilities. Temperature acts on logits: $p_i \propto p_i^{1/T}$, here the "
            r"square root.",
        ),
    ],
    level=2,
)


@bank.number("temperature_for_confidence", "output-units", level=2)
def _temperature_for_confidence(rng: np.random.Generator) -> Task:
    classes = int(rng.choice([3, 5, 10, 20, 50, 100]))
    lead, p = int(rng.integers(4, 25)) / 2, int(rng.integers(50, 96)) / 100
    ratio = p * (classes - 1) / (1 - p)
    answer = lead / math.log(ratio)
    return Task(
        rf"Of ${classes}$ logits one is larger than the others by ${lead:g}$, and the others are equal. At which "
        rf"temperature does softmax give the top class the probability ${p:g}$? (within 1 %)",
        answer,
        rf"$p = 1/(1 + ({classes} - 1)\,e^{{-{lead:g}/T}})$, so $e^{{{lead:g}/T}} = {classes - 1} \cdot "
        rf"{p:g}/{1 - p:.2g} = {short(ratio)}$ and $T = {lead:g}/\ln {short(ratio)} = {answer:.4g}$. More classes need "
        rf"a lower temperature for the same confidence, since each of them takes its share.",
        rtol=1e-2,
    )


bank.open(
    "output_activation_choice",
    "output-units",
    r"Which output activation do you use for (a) a yes-or-no label, (b) one of $C$ classes, (c) any subset of $C$ "
    r"labels, and why is the sigmoid acceptable there although it is avoided in hidden layers? What does temperature "
    r"do, and name two uses of it.",
    r"(a) One sigmoid, a Bernoulli probability. (b) Softmax, since the classes exclude each other and the "
    r"probabilities must sum to 1; for two classes it equals a sigmoid of the difference of the logits. (c) One "
    r"sigmoid per label, since they are separate questions. At the output the sigmoid meets the cross-entropy loss, "
    r"whose gradient with respect to the logit is $p - y$: the factor $p(1-p)$ cancels, so a confidently wrong output "
    r"still learns; with squared error it would not. Temperature divides the logits: $T > 1$ flattens, $T < 1$ "
    r"sharpens, the ranking stays. Uses: calibrating a trained classifier by fitting $T$ on validation data, choosing "
    r"between diversity and safety when sampling from a language model, soft targets in distillation, sharpness in "
    r"contrastive losses.",
    [
        r"sigmoid, softmax, one sigmoid per label, with the reason: exclusive or independent labels",
        r"with cross-entropy the gradient is p - y, so saturation at the output does no harm",
        r"temperature divides logits: flatter above 1, sharper below, order unchanged",
        r"two uses among calibration, sampling, distillation, contrastive loss",
    ],
)

# ---- cost-of-exp: how much the exponential matters, then and now

bank.choice(
    "exp_on_gpu",
    "cost-of-exp",
    r"In the feed-forward blocks of a transformer of width 4096 you replace ReLU by GELU. What happens to the training "
    r"time on a current GPU?",
    [
        right(
            r"Little: it is elementwise work, limited by memory traffic and dwarfed by the matrix products.",
            r"Each activation belongs to a dot product of 4096 multiply-adds, and reading and writing it costs more "
            r"than its arithmetic, the more so when it is fused into the product.",
        ),
        wrong(
            r"It grows severalfold, since an exponential takes tens of times as long as a comparison.",
            r"Even at 30 operations against 1 the activation stays below 1 % of the arithmetic of the matrix product "
            r"that feeds it.",
        ),
        wrong(
            r"Nothing at all, since processors compute an exponential in the same one cycle as an addition.",
            r"It is several times as expensive; GPUs have special units for it, with a lower rate. It just hardly "
            r"counts here.",
        ),
        wrong(
            r"The forward pass is unchanged, but the backward doubles as the exponentials are computed again.",
            r"The slope is recomputed or cached elementwise, and that too is small beside the two matrix products of "
            r"the backward pass.",
        ),
    ],
    level=2,
)


@bank.number("exp_share", "cost-of-exp", level=2)
def _exp_share(rng: np.random.Generator) -> Task:
    d, cost = 16 * int(rng.integers(4, 65)), int(rng.integers(10, 41))
    answer = 100 * cost / (2 * d + cost)
    depthwise = 100 * cost / (18 + cost)
    return Task(
        rf"A dense layer with ${d}$ inputs applies to each output an activation that costs as much as ${cost}$ "
        rf"floating-point operations. Count a multiplication and an addition as one each and ignore the bias. Which "
        rf"percentage of the layer's forward operations goes into the activation? (in percent, relative error up to 1 "
        rf"%)",
        answer,
        rf"Per output: $2 \cdot {d} = {2 * d}$ operations for the dot product and ${cost}$ for the activation, "
        rf"so ${cost}/({2 * d} + {cost}) = {answer:.4g}\,\%$. After a depthwise $3 \times 3$ convolution, with only 18 "
        rf"operations per output, it would be ${depthwise:.3g}\,\%$, which is why mobile networks care.",
        rtol=1e-2,
    )


bank.open(
    "exp_argument",
    "cost-of-exp",
    r"“ReLU is preferred because it needs no exponential.” How good is this argument today? Say where the cost of "
    r"$\exp$ matters and where it does not, and what is done about it where it does.",
    r"An exponential costs several to some tens of times as much as a comparison, so the argument had weight on CPUs "
    r"and for small layers. In a large dense or convolutional layer each activation comes with a dot product of "
    r"hundreds or thousands of multiply-adds, so even an expensive activation is of the order of a percent of the "
    r"arithmetic. On a GPU elementwise operations are limited by reading and writing memory, so ReLU and GELU take "
    r"nearly the same time, and fusing them into the product hides most of that; what ReLU does save is memory, as its "
    r"backward needs only a mask. The cost matters where little arithmetic surrounds the activation, such as depthwise "
    r"convolutions on phones, and in integer or fixed-point hardware without $\exp$. There one uses piecewise "
    r"approximations: hard sigmoid and hard swish (MobileNetV3), lookup tables, the tanh form of GELU in place of the "
    r"error function. The stronger reason for ReLU was always its gradient, not its price.",
    [
        r"beside a large matrix product the activation's arithmetic is of the order of a percent",
        r"on GPUs elementwise work is limited by memory traffic; fusion hides it",
        r"it matters for depthwise layers, mobile, integer hardware",
        r"remedies: hard sigmoid or hard swish, tables, approximations",
        r"the main reason for ReLU is the gradient",
    ],
    level=2,
)

# ---- linear-units: where leaving the activation out is right

bank.choice(
    "linear_bottleneck",
    "linear-units",
    r"A dense $4096 \to 4096$ layer is replaced by $4096 \to 256 \to 4096$ with no activation in between. What has "
    r"been gained or lost?",
    [
        wrong(
            r"Nothing: two linear layers are one linear layer, so the number of parameters is the same too.",
            r"The product is a $4096 \times 4096$ matrix, but stored as two factors with far fewer entries.",
        ),
        wrong(
            r"The pair is the richer map of the two, since one more layer adds expressive power.",
            r"It is poorer: it is still linear, and confined to matrices of rank 256.",
        ),
        wrong(
            r"It saves weights, but with no activation between, no gradient reaches the first factor.",
            r"The gradient passes a linear layer by its transpose; nothing blocks it.",
        ),
        right(
            r"It has an eighth of the weights, and in return the map has rank 256 at most.",
            r"$2 \cdot 4096 \cdot 256$ is an eighth of $4096^2$. If the useful map is nearly of low rank, the loss is "
            r"small; LoRA updates rest on that.",
        ),
    ],
)

bank.choice(
    "regression_relu_head",
    "linear-units",
    r"A network predicts tomorrow's temperature in °C, from $-30$ to $40$, and ends with a ReLU, trained with squared "
    r"error. What do you say to its author?",
    [
        wrong(
            r"It is harmless: the bias of the last layer can shift the range of the outputs down to $-30$.",
            r"The bias is inside the ReLU. Whatever it is, the output is never below 0.",
        ),
        right(
            r"It cannot predict frost, and where it outputs 0 the example gives no gradient at all.",
            r"For a cold day predicted as 0 the error is large and the slope 0, so nothing is learnt from it. Leave "
            r"the last layer linear.",
        ),
        wrong(
            r"It is fine once the targets are standardized to mean 0 and variance 1.",
            r"That makes it worse: now about half of all targets are negative and out of reach.",
        ),
        wrong(
            r"The only concern is the kink, which leaves the squared error without a derivative at an output of 0.",
            r"The kink is a single point and hardly matters; the flat half-line left of it does.",
        ),
    ],
)


@bank.number("low_rank_break_even", "linear-units")
def _low_rank_break_even(rng: np.random.Generator) -> Task:
    d, m = 64 * int(rng.integers(2, 33)), 64 * int(rng.integers(2, 33))
    rank = -(-d * m // (d + m)) - 1
    return Task(
        rf"A weight matrix ${d} \times {m}$ is factored into ${d} \times r$ and $r \times {m}$ with no activation in "
        rf"between (biases ignored). What is the largest $r$ with fewer parameters than the full matrix? (a whole "
        rf"number, exact)",
        rank,
        rf"The factors have $r\,({d} + {m}) = {d + m}\,r$ entries, the full matrix ${d} \cdot {m} = {d * m}$. "
        rf"So $r < {d * m}/{d + m} = {d * m / (d + m):.6g}$, and the largest is ${rank}$. The rank of the product is "
        rf"at most $r$; a full-rank product would need $r = {min(d, m)}$.",
        rtol=1e-6,
    )


bank.open(
    "linear_units_allowed",
    "linear-units",
    r"Without non-linearities a network collapses. Name at least four places in modern networks where a layer has no "
    r"activation on purpose, with the reason for each.",
    r"The output of a regression must be able to take any real value, so it stays linear. The logits before softmax or "
    r"sigmoid are linear, because the output function is applied with the loss. A linear bottleneck, two factors with "
    r"no activation between, saves parameters and computation at the price of a limited rank: low-rank factorization, "
    r"LoRA, the projection that ends an inverted residual block in MobileNetV2, where a ReLU on few channels would "
    r"destroy information. In attention the query, key, value and output projections are linear, because softmax and "
    r"the block after it supply the non-linearity. Embeddings are linear maps of one-hot vectors. In pre-activation "
    r"residual networks nothing stands on the shortcut or after the addition, so that signal and gradient pass "
    r"unchanged. What all have in common: some non-linearity remains elsewhere on the path, or a range or an identity "
    r"must be kept.",
    [
        r"regression output: unrestricted range",
        r"logits: the output function belongs to the loss",
        r"linear bottleneck or low rank: fewer parameters, limited rank (MobileNetV2, LoRA)",
        r"attention projections or embeddings",
        r"shortcut of a residual block: identity path",
    ],
    level=2,
)

# ---- gelu-silu: the smooth gates of today's networks

bank.choice(
    "gelu_shape",
    "gelu-silu",
    r"Which description of GELU, $x\,\Phi(x)$ with $\Phi$ the normal distribution function, is right?",
    [
        right(
            r"It dips to about $-0.17$ near $x = -0.75$ and returns to 0 for very negative $x$.",
            r"So it is not monotonic, and it has small gradients of both signs on the negative side; for large $|x|$ "
            r"it agrees with ReLU.",
        ),
        wrong(
            r"It rises monotonically from 0 and is positive everywhere, as a smoothed ReLU must be.",
            r"That describes softplus. $x\,\Phi(x)$ has the sign of $x$, so it is negative for $x < 0$.",
        ),
        wrong(
            r"It falls towards a negative constant on the left, which centres the outputs, as with ELU.",
            r"ELU tends to $-\alpha$. GELU tends to 0 on the left, since $\Phi(x)$ falls faster than $|x|$ grows.",
        ),
        wrong(
            r"It has slope 1 at $x = 0$ and the largest slope there, then flattens to both sides.",
            r"Its slope at 0 is $\Phi(0) = \tfrac12$; the largest, about 1.13, is at $x = \sqrt2$, and far to the "
            r"right the slope is 1.",
        ),
    ],
)

bank.choice(
    "why_gelu_now",
    "gelu-silu",
    r"Why do today's transformers use GELU or SiLU, mostly in gated form, rather than ReLU? Choose the reason that the "
    r"evidence supports.",
    [
        wrong(
            r"Smooth activations have been proved to generalize better than those that are piecewise linear.",
            r"There is no such theorem for networks as they are trained; the case is empirical.",
        ),
        wrong(
            r"They are bounded on both sides, so activations cannot explode even in a very deep residual stack.",
            r"Both grow like $x$ for positive inputs. The residual stack is kept in check by normalization.",
        ),
        right(
            r"Mainly experience: somewhat lower loss at equal cost, with some gradient left for $z < 0$.",
            r"The gains are small but consistent in published comparisons, such as those of GLU variants. The "
            r"smoothness and the negative side are plausible explanations, not proofs.",
        ),
        wrong(
            r"ReLU networks cannot approximate the smooth functions that language modelling needs.",
            r"ReLU networks are universal approximators, and good language models have been trained with them.",
        ),
    ],
    level=2,
)


@bank.number("swiglu_width", "gelu-silu", level=2)
def _swiglu_width(rng: np.random.Generator) -> Task:
    d = 256 * int(rng.integers(2, 33))
    multiple = int(rng.choice([64, 128, 256]))
    hidden, exact = 4 * d, 8 * d / 3
    answer = -(-8 * d // (3 * multiple)) * multiple
    return Task(
        rf"A transformer of width ${d}$ has feed-forward blocks with hidden width ${hidden}$ and ReLU. You replace "
        rf"them by SwiGLU, $(\mathrm{{SiLU}}(xW_1) \odot xW_2)\,W_3$, with the same number of parameters (no biases) "
        rf"before rounding, and then round the hidden width up to a multiple of ${multiple}$. Which hidden width do "
        rf"you get? (a whole number, exact)",
        answer,
        rf"Two matrices ${d} \times {hidden}$ become three of ${d} \times h$, so $h = \tfrac23 \cdot {hidden} = "
        rf"{exact:.6g}$. Rounded up to a multiple of ${multiple}$ this is ${answer}$. (With width 4096 and multiples "
        rf"of 256 it gives the 11008 of LLaMA 7B.)",
        rtol=1e-6,
    )


bank.open(
    "gelu_silu_now",
    "gelu-silu",
    r"Define GELU and SiLU, say how they differ from ReLU near 0 and far from it, and explain why they became the "
    r"default in transformers. What do they cost, and when would you stay with ReLU?",
    r"GELU is $x\,\Phi(x)$, with $\Phi$ the normal distribution function; it is the expectation of $x$ times a "
    r"Bernoulli mask that is 1 with probability $\Phi(x)$. SiLU (swish with $\beta = 1$) is $x\,\sigma(x)$. Both gate "
    r"the input by a smooth function of itself: far from 0 they agree with ReLU, near 0 they are smooth with slope "
    r"$\tfrac12$, and for moderately negative inputs they are slightly negative (minimum about $-0.17$ and $-0.28$) "
    r"with a non-zero gradient, so units do not die as easily. They became standard because they gave somewhat lower "
    r"loss in comparisons at equal compute, first in BERT and GPT, then in gated form as GEGLU and SwiGLU; smoothness "
    r"is a plausible explanation, not a proof. The price is an error function or exponential per element and a cached "
    r"input instead of a mask, small beside the matrix products. I would stay with ReLU where exact zeros are used, on "
    r"integer hardware, in cheap depthwise layers, or where a tuned recipe already works.",
    [
        r"both formulas: x times the normal distribution function, x times sigmoid",
        r"smooth, slope 1/2 at 0, slightly negative dip, like ReLU far out",
        r"some gradient for negative inputs, so fewer dead units",
        r"the reason is mainly empirical, and small; gated variants",
        r"cost is small beside matrix products; a case for ReLU (sparsity, hardware)",
    ],
    level=2,
)
