"""Concept questions on preparing data and starting weights: what each scale is for, and how a wrong one shows.

They test the reasons behind a start and the reading of its traces in a log; a number question works out what a wrong
factor per layer, an unscaled feature or a whitening amounts to.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "zero-start",
    "he-scale",
    "xavier-fans",
    "mean-subtraction",
    "standardizing",
    "pca-whitening",
    "orthogonal-start",
    "exploding-signs",
    "biases",
)

bank = Bank()


# ---- zero-start: why not zeros, and where zeros are fine

bank.choice(
    "zeros_everywhere",
    "zero-start",
    r"A tanh MLP for classification starts with all weights **and** biases 0 and is trained by SGD on cross-entropy. "
    r"What does it learn?",
    [
        wrong(
            r"Nothing: at 0 every gradient is 0, so no parameter ever moves.",
            r"All but one group. The gradient of the output bias is the mean of $p - y$, which is 0 only when "
            r"the classes are balanced.",
        ),
        wrong(
            r"As much as a network with one unit per hidden layer, since the units stay alike.",
            r"That is what equal weights *other than 0* give. Here the hidden outputs are $\tanh 0 = 0$, and the "
            r"weights do not move at all.",
        ),
        right(
            r"The class frequencies, through the output bias, and nothing about the input.",
            r"$\partial L/\partial W_{\text{out}} = h^\top\delta$ with $h = 0$, and below it $\delta W^\top$ with "
            r"$W = 0$. Both stay 0 for ever; only the output bias has a gradient.",
        ),
        wrong(
            r"The usual things, a little later, once mini-batch noise has broken the symmetry.",
            r"The noise of a batch is the same for all units of a layer. It changes the output bias and cannot make "
            r"$0 \cdot \delta$ other than 0.",
        ),
    ],
)

bank.choice(
    "constant_first_layer",
    "zero-start",
    r"In $\tanh(xW_1)\,W_2$ with 8 hidden units and 3 outputs, every entry of $W_1$ starts at $0.5$, while $W_2$ is "
    r"drawn at random. After a few steps of full-batch gradient descent, how many different columns has $W_1$?",
    [
        wrong(
            r"1: equal columns get equal gradients, so they remain equal.",
            r"They would if $W_2$ had equal rows too. The gradient of column $j$ contains row $j$ of $W_2$.",
        ),
        wrong(
            r"3: one for each output, since only outputs can tell units apart.",
            r"Each unit has its own row of three random weights, so there are as many different errors as units.",
        ),
        wrong(
            r"1 with full batches; 8 only when mini-batches add their noise.",
            r"Noise in the batch reaches all units alike; it neither makes nor breaks a symmetry between them.",
        ),
        right(
            r"8: the random rows of $W_2$ send a different error to every unit.",
            r"Units are interchangeable only if incoming *and* outgoing weights agree. One random side is enough to "
            r"break the symmetry.",
        ),
    ],
    level=2,
)

bank.choice(
    "harmless_zero_start",
    "zero-start",
    r"Which of these may start at exactly 0 (all else random), and the network still learns?",
    [
        right(
            r"the last matrix of every residual branch",
            r"Each block starts as the identity. The matrix itself gets the gradient $h^\top\delta \neq 0$ at once; "
            r"when it has moved, the rest of the branch learns too.",
        ),
        wrong(
            r"both factors $A$ and $B$ of a LoRA update $AB$",
            r"The gradient of each factor contains the other one, so both stay 0. One is random, the other 0.",
        ),
        wrong(
            r"the query and the key matrix of an attention head",
            r"The scores are a product of the two, so each gradient has the other as a factor. At 0 neither moves.",
        ),
        wrong(
            r"weights and biases of a hidden ReLU layer",
            r"All $z$ are 0, where the slope of ReLU is taken to be 0: no gradient in, and no activation out.",
        ),
    ],
    level=3,
)


@bank.number("tied_start_values", "zero-start", level=2)
def _tied_start_values(rng: np.random.Generator) -> Task:
    d, k = int(rng.integers(10, 101)), int(rng.integers(2, 21))
    h1, h2 = 16 * int(rng.integers(2, 17)), 16 * int(rng.integers(2, 17))
    total = d * h1 + h1 + h1 * h2 + h2 + h2 * k + k
    answer = d + 1 + 1 + 1 + k + k
    return Task(
        rf"A tanh MLP has ${d}$ inputs, hidden layers of ${h1}$ and ${h2}$ units, and ${k}$ outputs. Within each layer "
        rf"all weights start at the same number (not 0), and the biases at 0. During training by gradient descent, how "
        rf"many different numbers can its ${total}$ parameters hold at most? (a whole number, exact)",
        answer,
        rf"The units of a hidden layer stay copies of each other. First weights: one per input, ${d}$. First bias: 1. "
        rf"Second weights: 1, since copies feed copies; its bias: 1. Last weights: one per output, ${k}$, and ${k}$ "
        rf"output biases. Sum: ${d} + 3 + 2 \cdot {k} = {answer}$, whatever the widths. It learns as a network of "
        rf"width 1 would.",
        rtol=1e-6,
    )


bank.open(
    "symmetry_at_the_start",
    "zero-start",
    r"Why must the weights of a hidden layer not all start at 0, or all at the same number? Tell the two cases apart. "
    r"Does noise from mini-batches, or dropout, help? Name a place where 0 is right.",
    r"Equal numbers: units with the same incoming and the same outgoing weights compute the same output and get the "
    r"same gradient, so they stay copies, and a layer of any width acts like one unit. Zeros are worse: with tanh or "
    r"ReLU the hidden outputs are 0, so the weights above get no gradient, and because those are 0 no error reaches "
    r"the weights below. Only the output bias learns, that is the class frequencies. (A sigmoid gives one half at 0, "
    r"so there it does move, but symmetrically.) It needs randomness on one side only: random outgoing weights "
    r"distinguish units whose incoming weights are equal. Mini-batches do not help, since all units see the same "
    r"batch; dropout does break ties, since every unit has its own mask, but not a 0 that multiplies everything. Zero "
    r"is right for biases, for a linear or logistic regression without a hidden layer, for the last layer of a "
    r"residual branch (or its BN gamma), and for one of the two factors of LoRA.",
    [
        r"equal start: same output, same gradient, copies for ever",
        r"zero start: no gradient for the weights at all (tanh, ReLU), only the output bias learns",
        r"mini-batch noise does not break it; one random side, or dropout masks, can",
        r"a place for 0: biases, regression without hidden layer, end of a residual branch, one LoRA factor",
    ],
)

# ---- he-scale: where the 2 in 2/n comes from

bank.choice(
    "he_second_moment",
    "he-scale",
    r"Pre-activations $z \sim N(0, \sigma^2)$ pass ReLU and then a dense layer with $n$ inputs and independent weights "
    r"of mean 0 and variance $v$. What is the variance of the next pre-activations?",
    [
        wrong(
            r"$0.34\,n v \sigma^2$, since the variance of $\mathrm{relu}(z)$ is $0.34\,\sigma^2$",
            r"It is, but the sum $\sum_i w_i a_i$ has variance "
            r"$n v\,\mathbb E[a^2]$, and the mean of $a$ counts too.",
        ),
        right(
            r"$\tfrac12\,n v \sigma^2$, since $\mathbb E[\mathrm{relu}(z)^2] = \tfrac12\sigma^2$",
            r"With weights of mean 0, it is the second moment that counts. ReLU keeps exactly half of it, by symmetry, "
            r"so $v = 2/n$ keeps the scale.",
        ),
        wrong(
            r"$\tfrac14\,n v \sigma^2$, since half the units and half the spread go",
            r"This counts one effect twice: setting half of the values to 0 is what halves the second moment.",
        ),
        wrong(
            r"$n v \sigma^2$, since the units that are active pass unchanged",
            r"They do, but the others add nothing to the sum, which has half as many terms on average.",
        ),
    ],
)

bank.choice(
    "fan_mode_telescopes",
    "he-scale",
    r"A ReLU MLP of widths 64, 128, 256, 512, 1024, 512, 2048 is started with variance $2/\text{fan\_in}$. How does "
    r"the mean square of the gradient with respect to the activations change from the last layer to the first?",
    [
        wrong(
            r"Not at all: the same mask acts in both passes, so both keep their scale.",
            r"The mask gives the factor $\tfrac12$ in both; but the backward sum runs over fan_out terms, not over "
            r"fan_in.",
        ),
        wrong(
            r"It halves per layer, since the 2 has been used up by the forward pass.",
            r"Nothing is used up: the factor 2 in the variance serves the backward sum as well.",
        ),
        wrong(
            r"It changes exponentially with depth, as only the forward scale is kept.",
            r"The factors are $n_{l+1}/n_l$, above and below 1, and in a product they cancel but for the ends.",
        ),
        right(
            r"By the factor $2048/64 = 32$ in all, whatever lies between.",
            r"Layer $l$ multiplies it by $n_{l+1} \cdot \frac{2}{n_l} \cdot \frac12 = n_{l+1}/n_l$, and the product "
            r"telescopes. This is why either mode will do.",
        ),
    ],
    level=3,
)


@bank.number("uniform_bound_depth", "he-scale", level=2)
def _uniform_bound_depth(rng: np.random.Generator) -> Task:
    tenths, depth = int(rng.choice([10, 12, 14, 15, 16, 18, 20, 30, 35, 40])), int(rng.integers(10, 51))
    c = tenths / 10
    factor = c * c / 6
    answer = depth / 2 * math.log10(factor)
    return Task(
        rf"Each weight of a ReLU MLP of constant width $n$ is drawn from the uniform distribution on "
        rf"$[-{c:g}/\sqrt n, {c:g}/\sqrt n]$; biases are 0. Let $r_l$ be the root of the expected mean square of the "
        rf"activations after layer $l$, and $r_0$ that of the inputs. What is $\log_{{10}}(r_{{{depth}}}/r_0)$? "
        rf"(negative if they shrink, within 1 %)",
        answer,
        rf"A uniform distribution on $[-b, b]$ has variance $b^2/3$, here ${short(c * c / 3)}/n$. ReLU halves the mean "
        rf"square, so a layer multiplies it by ${short(factor)}$, and the root by ${short(math.sqrt(factor))}$. "
        rf"${depth}/2 \cdot \log_{{10}} {short(factor)} = {short(answer)}$. He's uniform bound is $\sqrt{{6/n}}$; the "
        rf"weights of PyTorch's `nn.Linear` start with the bound $1/\sqrt n$.",
        rtol=1e-2,
    )


@bank.number("dropout_changes_the_gain", "he-scale", level=3)
def _dropout_changes_the_gain(rng: np.random.Generator) -> Task:
    percent, n = 5 * int(rng.integers(2, 15)), 32 * int(rng.integers(2, 65))
    p = percent / 100
    answer = math.sqrt(2 * (1 - p) / n)
    return Task(
        rf"A ReLU network drops every hidden output with probability ${p:g}$ and divides those it keeps by "
        rf"${1 - p:g}$. A layer has ${n}$ such inputs. Which standard deviation of its weights keeps the variance of "
        rf"the pre-activations from layer to layer during training? (within 1 %)",
        answer,
        rf"Dropout keeps the mean but multiplies the second moment by $1/(1-p)$: with probability ${1 - p:g}$ it is "
        rf"$a^2/{1 - p:g}^2$. Together with ReLU's one half, $n v/(2 \cdot {1 - p:g}) = 1$, so the standard deviation "
        rf"is $\sqrt{{2 \cdot {1 - p:g}/{n}}} = {short(answer)}$, against ${short(math.sqrt(2 / n))}$ without dropout.",
        rtol=1e-2,
    )


bank.open(
    "he_derivation",
    "he-scale",
    r"Derive the standard deviation $\sqrt{2/n}$ of He initialization. State every assumption, say where the 2 comes "
    r"from, and what becomes of it for leaky ReLU with slope $\alpha$.",
    r"$z = \sum_{i=1}^n w_i a_i$ with weights that are independent of each other and of $a$, of mean 0 and variance "
    r"$v$: $\mathrm{Var}\,z = n v\,\mathbb E[a^2]$. It is the second moment of $a$ that enters, not the variance, "
    r"because $a$ has a mean. With $a = \mathrm{relu}(z')$ and $z'$ symmetric about 0, which holds for symmetric "
    r"weights and biases 0, half of $\mathbb E[z'^2]$ survives: $\mathbb E[a^2] = \tfrac12 \mathrm{Var}\,z'$. So "
    r"$\mathrm{Var}\,z = \tfrac12 n v\,\mathrm{Var}\,z'$, and it is kept for $v = 2/n$, $n$ the fan-in: without the 2 "
    r"the signal would lose the factor $\sqrt2$ per layer. No Gaussian is needed. Backward, the sum runs over the "
    r"fan-out and the slope is 1 or 0 with probability one half, which gives $2/n_{\text{out}}$; using either keeps "
    r"the other up to a ratio of the first and last widths. Leaky ReLU keeps $(1 + \alpha^2)/2$ of the second moment, "
    r"so $v = 2/((1 + \alpha^2)n)$: 2 for ReLU, 1 for a linear layer.",
    [
        r"variance of the sum: n v times the second moment of the activations, weights of mean 0 and independent",
        r"symmetric pre-activations: ReLU halves the second moment (not: the variance)",
        r"v = 2/n with n the fan-in; otherwise a factor per layer, exponential in depth",
        r"backward pass with fan-out",
        r"leaky ReLU: 2/((1 + slope²) n)",
    ],
    level=2,
)

# ---- xavier-fans: two wishes and their average

bank.choice(
    "xavier_unequal_fans",
    "xavier-fans",
    r"A linear layer $100 \to 400$ starts with Xavier's variance $2/(n_{\text{in}} + n_{\text{out}})$. By what factors "
    r"does it multiply the variance of the signal forward, and of the gradient backward?",
    [
        right(
            r"forward by $0.4$, backward by $1.6$",
            r"Forward it is $n_{\text{in}}v = 100 \cdot 2/500$, backward $n_{\text{out}}v = 400 \cdot 2/500$. The "
            r"average keeps neither; it shares the error between the two.",
        ),
        wrong(
            r"forward by $1.6$, backward by $0.4$",
            r"Swapped: the forward sum runs over the 100 inputs, the backward sum over the 400 outputs.",
        ),
        wrong(
            r"forward by $1$, backward by $4$",
            r"So it is for $v = 1/n_{\text{in}}$, which serves the forward pass alone.",
        ),
        wrong(
            r"forward by $1$, backward by $1$",
            r"Both at once would need $v = 1/100$ and $v = 1/400$. It is possible only for equal fans.",
        ),
    ],
)

bank.choice(
    "xavier_with_logistic_units",
    "xavier-fans",
    r"Ten hidden layers of equal width with the logistic sigmoid, Xavier initialization, inputs of unit variance. What "
    r"do you find before the first step?",
    [
        wrong(
            r"Signal and gradient keep their scale, as Xavier was made for sigmoids.",
            r"It was derived for units that are symmetric with slope 1 at 0, as tanh is. The logistic sigmoid has "
            r"slope $\tfrac14$ and value $\tfrac12$ there.",
        ),
        wrong(
            r"The activations tend to 0 from layer to layer, with the slope of $\tfrac14$.",
            r"The sigmoid of something small is $\tfrac12$, not 0. The activations settle around $\tfrac12$.",
        ),
        right(
            r"The gradient shrinks by a factor of 4 or a little more in each layer.",
            r"With variance $1/n$ the weights keep the gradient's scale, and the slope multiplies it by at most "
            r"$\tfrac14$. Ten layers cost a factor above $4^{10} \approx 10^6$.",
        ),
        wrong(
            r"The gradient explodes, since outputs of mean $\tfrac12$ add up to a large $z$.",
            r"The weights have mean 0 and variance $1/n$, so the outputs add up to a $z$ of standard deviation about "
            r"$\tfrac12$. Nothing grows.",
        ),
    ],
    level=2,
)

bank.choice(
    "conv_fan_without_kernel",
    "xavier-fans",
    r"In a stack of $3 \times 3$ convolutions, 64 channels to 64, with ReLU and no normalization, the author sets the "
    r"standard deviation to $\sqrt{2/64}$, “64 inputs”. What follows?",
    [
        wrong(
            r"It is right: shared weights count once, however many positions they serve.",
            r"Fan-in counts the terms that are summed into *one* output, $3 \cdot 3 \cdot 64 = 576$. How many "
            r"positions share the weights does not enter.",
        ),
        right(
            r"It is too large by a factor of 3, and so is the signal's growth per layer.",
            r"$\sqrt{2/64}$ against $\sqrt{2/576}$. After ten layers the activations are $3^{10} \approx 59{,}000$ "
            r"times too large.",
        ),
        wrong(
            r"It is too large by a factor of 9, so the activations grow ninefold per layer.",
            r"The *variance* is 9 times too large; the activations grow by the root of it.",
        ),
        wrong(
            r"It is too small by a factor of 3, and the signal dies out with depth.",
            r"The true fan-in, 576, is larger than 64, so the weights should be smaller than they are.",
        ),
    ],
    level=2,
)


@bank.number("xavier_autoencoder", "xavier-fans", level=2)
def _xavier_autoencoder(rng: np.random.Generator) -> Task:
    d, m = 64 * int(rng.integers(8, 33)), 8 * int(rng.integers(2, 33))
    answer = 4 * d * m / (d + m) ** 2
    return Task(
        rf"A linear autoencoder ${d} \to {m} \to {d}$ starts with Xavier's variance. By what factor does the variance "
        rf"of its outputs differ from that of its inputs (mean 0, uncorrelated), on average over the draw of the "
        rf"weights? (within 1 %)",
        answer,
        rf"Both matrices have variance $v = 2/({d} + {m})$. The first sums ${d}$ terms, the second ${m}$: "
        rf"${d}v \cdot {m}v = {short(d * 2 / (d + m))} \cdot {short(m * 2 / (d + m))} = {short(answer)}$. The gradient "
        rf"shrinks by the same factor. For equal widths it would be 1, and it is below 1 for all others.",
        rtol=1e-2,
    )


bank.open(
    "xavier_average_explained",
    "xavier-fans",
    r"Why does Xavier initialization use the average of fan-in and fan-out? Derive both conditions, say what is lost "
    r"by the compromise, what is assumed about the activation, and give the bound of the uniform version.",
    r"Forward, $z = \sum w_i a_i$ over $n_{\text{in}}$ terms multiplies the variance by $n_{\text{in}}v$. Backward, "
    r"$\partial L/\partial a_i$ is a sum over the $n_{\text{out}}$ outputs and multiplies the gradient's variance by "
    r"$n_{\text{out}}v$. Keeping both would need $v = 1/n_{\text{in}}$ and $v = 1/n_{\text{out}}$, which contradict "
    r"each other unless the fans are equal; so $v = 2/(n_{\text{in}} + n_{\text{out}})$. With unequal fans neither is "
    r"kept: the factors are $2n_{\text{in}}/(n_{\text{in}} + n_{\text{out}})$ and the same with fan-out, between 0 and "
    r"2, with the sum 2. It matters little if widths change rarely, more where each layer is a bottleneck. Assumed: "
    r"independent weights of mean 0, and an activation that is about the identity near 0, such as tanh. Logistic units "
    r"(slope a quarter, mean one half) and ReLU (half of the second moment lost) do not fit; a gain corrects for it. A "
    r"uniform distribution on $[-b, b]$ has variance $b^2/3$, so $b = \sqrt{6/(n_{\text{in}} + n_{\text{out}})}$. In a "
    r"convolution both fans include the kernel's area.",
    [
        r"forward: fan-in times v should be 1",
        r"backward: fan-out times v should be 1",
        r"both only for equal fans; the average is a compromise that keeps neither exactly",
        r"activation linear with slope 1 near 0 (tanh), not logistic or ReLU",
        r"uniform bound: root of 6/(fan-in + fan-out)",
    ],
)

# ---- mean-subtraction: a mean image or a mean per channel

bank.choice(
    "image_mean_other_size",
    "mean-subtraction",
    r"Two CNNs with global average pooling were trained on $256 \times 256$ images: P minus the mean image, Q minus "
    r"the channel means. Now both are to classify images of $320 \times 320$. What about the means?",
    [
        wrong(
            r"Compute both anew from the larger images, so that their mean is 0 again.",
            r"The weights are used to the *training* means. New ones would also hide a shift of the data.",
        ),
        wrong(
            r"Both can be dropped: the biases of the first layer have absorbed them.",
            r"They have not: the biases were learnt for centred inputs. Without subtraction every input is shifted.",
        ),
        wrong(
            r"Both fit: a convolution does not depend on the size of its input.",
            r"Convolution does not, but subtracting an array of $3 \times 256 \times 256$ numbers does.",
        ),
        right(
            r"Q's fit as they are; P's image must be resized, or averaged.",
            r"A channel mean is the same at all positions, as a convolution's weights are. A mean image assumes one "
            r"size and one alignment.",
        ),
    ],
)

bank.choice(
    "dark_pixels_turn_bright",
    "mean-subtraction",
    r"Images are uint8. After `X -= mean.astype(np.uint8)`, the mean about 120, a network trains badly, and in plots "
    r"dark areas have become bright. What happened?",
    [
        right(
            r"Negative results wrapped around modulo 256: $10 - 120$ became 146.",
            r"uint8 cannot be negative, and NumPy does not warn for arrays. Convert to float before subtracting.",
        ),
        wrong(
            r"Negative results were clipped to 0, so that all dark details were lost.",
            r"Clipping would leave dark areas black. OpenCV clips on subtraction; NumPy wraps.",
        ),
        wrong(
            r"The mean was taken over the wrong axes, so that it was too large.",
            r"A wrong mean shifts all values alike; it does not exchange dark and bright.",
        ),
        wrong(
            r"Nothing: a plot of centred data is rescaled, and training fails for other reasons.",
            r"Rescaling a plot keeps the order of the values. Here dark pixels have overtaken bright ones.",
        ),
    ],
)

bank.choice(
    "padding_before_centring",
    "mean-subtraction",
    r"In training, images are normalized, $(x - 0.485)/0.229$, and then padded with 0 to a square. The service pads "
    r"first and normalizes afterwards. What does the network see in the service?",
    [
        wrong(
            r"The same as in training: padding and normalizing commute.",
            r"They would if 0 were mapped to 0, that is without the subtraction.",
        ),
        wrong(
            r"Borders of the mean colour, where training had black ones.",
            r"The other way round: a 0 that is added *after* centring is the mean colour.",
        ),
        right(
            r"Black borders of $-2.1$, where training had the mean colour, 0.",
            r"$(0 - 0.485)/0.229 = -2.12$. The service thus shows edges that never occurred in training, and accuracy "
            r"falls with the amount of padding.",
        ),
        wrong(
            r"Another scale of all pixels, which batch normalization evens out.",
            r"The picture's own pixels are the same. And in evaluation batch normalization uses stored statistics.",
        ),
    ],
    level=2,
)


@bank.number("forgot_the_255", "mean-subtraction")
def _forgot_the_255(rng: np.random.Generator) -> Task:
    m, s = int(rng.integers(380, 560)) / 1000, int(rng.integers(200, 300)) / 1000
    answer = 254 * m / s
    return Task(
        rf"A model expects pixels divided by 255 and then normalized with mean ${m:g}$ and standard deviation ${s:g}$. "
        rf"A service normalizes with the same two numbers but forgets the division. What is then the mean of the "
        rf"inputs, for images like those of the training set? (within 1 %)",
        answer,
        rf"The raw mean is $255 \cdot {m:g} = {short(255 * m)}$, so the inputs average "
        rf"$({short(255 * m)} - {m:g})/{s:g} = {short(answer)}$ instead of 0; and their standard deviation is 255 "
        rf"instead of 1. The program runs without an error; print mean and standard deviation of the first batch.",
        rtol=1e-2,
    )


bank.open(
    "image_or_channel_mean",
    "mean-subtraction",
    r"Compare subtracting the mean image with subtracting the mean of each channel: what is stored, what is assumed, "
    r"and which one suits a CNN on natural images? Where would the mean image be right? And why not each image's own "
    r"mean?",
    r"The mean image has a number per channel and pixel, $(C, H, W)$; the channel mean has $C$ numbers, averaged over "
    r"images and positions. Both come from the training set and are applied unchanged to test data. The mean image "
    r"assumes that position $(i, j)$ means the same in all images, and one fixed size; it also removes a fixed pattern "
    r"such as vignetting. A CNN applies the same filters everywhere, and natural images after random crops and flips "
    r"have nearly the same statistics at all positions, so the mean image is almost constant and brings nothing that "
    r"the channel mean does not; the latter fits any size and crop. AlexNet used the mean image, VGG and later "
    r"networks the channel mean, often with a division by the channel's standard deviation. The mean image is right "
    r"for aligned data: faces or digits at a fixed place, a fixed camera, sensors with a fixed pattern. Each image's "
    r"own mean removes its brightness: welcome if lighting is a nuisance, harmful if it tells something, such as day "
    r"or night.",
    [
        r"shapes: (C, H, W) against (C,)",
        r"mean image assumes alignment and a fixed size; channel mean does not",
        r"CNN: same filters at all positions, crops and flips, so the channel mean is enough",
        r"a case for the mean image: aligned faces, fixed camera or sensor pattern",
        r"statistics from training data; own mean loses brightness",
    ],
)

# ---- standardizing: why, and whose statistics

bank.choice(
    "nearly_constant_feature",
    "standardizing",
    r"A sensor read exactly 20 in every training row; features are standardized by $(x - \mu)/(s + 10^{-8})$. In "
    r"service it reads 20.01 once. What does the network get?",
    [
        wrong(
            r"NaN, and this already in training, as the standard deviation is 0.",
            r"That is what the $10^{-8}$ prevents: $0/10^{-8} = 0$ in every training row, and nobody notices.",
        ),
        wrong(
            r"0 as before, because a constant feature carries no information.",
            r"Nothing in the formula knows that. It was 0 only because the numerator was.",
        ),
        wrong(
            r"0.01, because a feature without spread is left unscaled.",
            r"Some libraries do so on purpose, with a scale of 1 in place of 0. The formula here does not.",
        ),
        right(
            r"One million, on weights that were never trained on this feature.",
            r"$0.01/10^{-8} = 10^6$, times weights still at their random start. Drop such features, or floor the scale "
            r"at something physical.",
        ),
    ],
    level=2,
)

bank.choice(
    "whose_predictions_change",
    "standardizing",
    r"You standardize the features and fit again. For which model do the predictions change?",
    [
        wrong(
            r"linear least squares with an intercept, solved exactly",
            r"The weights change so as to undo the scaling; the fitted function is the same.",
        ),
        right(
            r"ridge regression with an intercept, same penalty, solved exactly",
            r"The penalty compares the sizes of the weights, and these depend on the units: in millimetres a length "
            r"has large values, needs a small weight, and is hardly penalized.",
        ),
        wrong(
            r"a decision tree without pruning",
            r"Splits depend on the order of the values only, and that stays.",
        ),
        wrong(
            r"logistic regression without penalty, run to convergence (classes overlap)",
            r"The likelihood's maximum is the same function, as with least squares. Scaling only makes it quicker to "
            r"reach.",
        ),
    ],
    level=2,
)

bank.choice(
    "test_scaled_by_itself",
    "standardizing",
    r"In a pipeline each test batch is standardized by its **own** mean and standard deviation. What is the main "
    r"objection?",
    [
        wrong(
            r"It leaks test labels into the model, so the accuracy is too high.",
            r"No label is used, and the model is not trained on it.",
        ),
        wrong(
            r"None: the model expects mean 0 and variance 1, and it does get both of them.",
            r"The model expects the *map* that it was trained with. A batch that truly differs is made to look as if "
            r"it did not.",
        ),
        right(
            r"The same row gets other inputs, and another answer, in other company.",
            r"A batch of one becomes all zeros; a batch from a hot day looks average. Store the training mean and "
            r"deviation with the model.",
        ),
        wrong(
            r"A small batch needs $n - 1$ in the variance, or its scale is biased.",
            r"A detail beside the real fault: even a perfect estimate of the batch's own scale is the wrong map.",
        ),
    ],
)


@bank.number("unscaled_feature_steps", "standardizing", level=2)
def _unscaled_feature_steps(rng: np.random.Generator) -> Task:
    small = int(rng.integers(1, 10)) / 10
    ratio = int(rng.integers(3, 41))
    large = small * ratio
    factor = 1 - 1 / ratio**2
    answer = math.ceil(math.log(0.01) / math.log(factor))
    return Task(
        rf"Linear regression on two uncorrelated features of mean 0, with standard deviations ${large:g}$ and "
        rf"${small:g}$. Gradient descent on $\tfrac12$ mean squared error uses the rate with which the first weight is "
        rf"right after a single step. After how many steps is the error of the second weight at most 1 % of its start? "
        rf"(a whole number, exact)",
        answer,
        rf"The curvatures are the variances, ${short(large**2)}$ and ${short(small**2)}$, and the rate is one over the "
        rf"first. A step multiplies the second error by $1 - ({small:g}/{large:g})^2 = 1 - 1/{ratio**2}$, so "
        rf"$\ln 0.01/\ln(1 - 1/{ratio**2}) = {math.log(0.01) / math.log(factor):.6g}$, rounded up ${answer}$. With "
        rf"standardized features a single step would do for both.",
        rtol=1e-6,
    )


bank.open(
    "standardize_why_and_from_where",
    "standardizing",
    r"Why are inputs standardized before training a network, and why are mean and standard deviation taken from the "
    r"training part alone? When does it not matter, and when would you not do it?",
    r"Gradient descent: the Hessian of a linear layer is the second-moment matrix of its inputs, so features of very "
    r"different scale, or with a large mean, make it ill-conditioned; the rate is set by the largest, and the others "
    r"crawl. Initialization assumes inputs of mean square about 1; otherwise units saturate or logits are huge. "
    r"Penalties and distances compare features in their units, so scale decides what counts. Statistics come from "
    r"training data only, since test data stand for data not seen yet: using them leaks information and flatters the "
    r"estimate (a little here, more with feature selection or target encoding); in cross-validation they belong inside "
    r"each fold. The stored numbers are part of the model: with own statistics per test batch the same row would get "
    r"other inputs, and a real shift would be hidden. It does not matter for trees, and not for the exact solution of "
    r"least squares without penalty. I would not use it blindly for sparse data, where centring destroys zeros, for "
    r"heavy tails (log or robust scale first), for one-hot columns, or for features whose common unit means something.",
    [
        r"conditioning: curvature follows the features' scale, one rate for all",
        r"initialization and saturation, or penalties and distances, depend on the scale",
        r"test statistics would leak; inside each fold; estimate flattered",
        r"training statistics are stored with the model and used for every later row",
        r"a case where it does not matter or harms: trees, sparse data, heavy tails",
    ],
)

# ---- pca-whitening: when it pays

bank.choice(
    "pca_kept_99_percent",
    "pca-whitening",
    r"10 of 300 principal components hold 99 % of the variance. A linear classifier with 95 % accuracy falls to 60 % "
    r"when it gets these ten only. What explains it?",
    [
        right(
            r"The classes differ mainly along directions of little variance.",
            r"PCA never sees the labels. A strong common factor, such as brightness, can fill the first components, "
            r"and the difference between the classes is in the last percent.",
        ),
        wrong(
            r"A bug: a loss of 1 % of variance costs about 1 % of accuracy.",
            r"There is no such link. Variance measures size in the given units, not use for a task.",
        ),
        wrong(
            r"The ten components are correlated, which confuses the classifier.",
            r"Principal components are uncorrelated on the data from which they were computed.",
        ),
        wrong(
            r"A classifier on ten features overfits more than one on 300.",
            r"Fewer features leave less room to overfit. This one cannot fit.",
        ),
    ],
)

bank.choice(
    "zca_or_pca_rotation",
    "pca-whitening",
    r"PCA whitening and ZCA whitening both make the covariance the identity. When does it matter which one you take?",
    [
        wrong(
            r"For correlated data: PCA whitening decorrelates, ZCA only rescales.",
            r"Both decorrelate; a covariance equal to the identity says just that.",
        ),
        wrong(
            r"For small data sets: ZCA drops no component, so it keeps more information.",
            r"Neither drops any. They differ by an invertible map, so they hold the same information.",
        ),
        wrong(
            r"Never: whitened data are unique up to the sign of each column.",
            r"They are unique up to a *rotation*: with $x$ also $xR$ is white, for every orthogonal $R$.",
        ),
        right(
            r"In front of a convolution, not in front of a dense layer.",
            r"They differ by a rotation, which a dense layer can absorb. A convolution needs neighbouring pixels, and "
            r"only ZCA, the whitening nearest to the original, still looks like an image.",
        ),
    ],
    level=3,
)


@bank.number("whitening_amplifies", "pca-whitening", level=2)
def _whitening_amplifies(rng: np.random.Generator) -> Task:
    d, percent = int(rng.integers(5, 61)), int(rng.integers(50, 99))
    rho = percent / 100
    first, others = 1 + (d - 1) * rho, 1 - rho
    answer = math.sqrt(first / others)
    return Task(
        rf"${d}$ standardized features have the correlation ${rho:g}$ for every pair. PCA whitening (no eps) "
        rf"raises the standard deviation (the amplitude) of the weakest direction relative to that of the strongest. "
        rf"By what factor? (within 1 %)",
        answer,
        rf"The covariance has the eigenvalue $1 + {d - 1} \cdot {rho:g} = {short(first)}$ for the common direction and "
        rf"$1 - {rho:g} = {others:.2g}$ for all others. Whitening divides by the roots, so the ratio is "
        rf"$\sqrt{{{short(first)}/{others:.2g}}} = {short(answer)}$. If the weak directions are mostly noise, "
        rf"noise is what grows; an eps under the root limits it.",
        rtol=1e-2,
    )


@bank.number("covariance_of_pixels", "pca-whitening")
def _covariance_of_pixels(rng: np.random.Generator) -> Task:
    side = 4 * int(rng.integers(8, 65))
    d = 3 * side * side
    answer = 4 * d * d / 1e9
    return Task(
        rf"You want to whiten colour images of ${side} \times {side}$ pixels. How large is their covariance matrix in "
        rf"float32, stored in full? (in GB of $10^9$ bytes, within 1 %)",
        answer,
        rf"$D = 3 \cdot {side}^2 = {d}$ numbers per image, and the matrix has $D^2$ entries of 4 bytes: "
        rf"${short(answer)}$ GB. Its eigenvectors cost time of order $D^3$, and with fewer than $D$ images it is "
        rf"singular. So whitening was used on small images or patches; the memory grows with the side's 4th power.",
        rtol=1e-2,
    )


bank.open(
    "when_to_whiten",
    "pca-whitening",
    r"What do PCA and whitening do to data, step by step? When do they help before a model, what can go wrong, and why "
    r"are they rarely seen before a modern CNN?",
    r"Centre with the training mean; take the eigenvectors of the covariance; rotate onto them, which decorrelates; "
    r"keep the first $k$ for PCA, the best linear reconstruction from $k$ numbers. Whitening also divides each "
    r"component by $\sqrt{\lambda + \epsilon}$, so that the covariance becomes the identity; ZCA rotates back. They "
    r"help with many correlated features and little data, for distances and linear models, for speed and storage, for "
    r"pictures in two dimensions; whitening removes the ill-conditioning that second moments cause for gradient "
    r"descent, and it is a step in ICA. What can go wrong: variance is not relevance, so classes may sit in dropped "
    r"directions; scale decides, so standardize features with different units first; small eigenvalues are mostly "
    r"noise and are blown up, hence eps or dropping them; fitting on test data leaks; only linear structure is seen. "
    r"Before a CNN: the covariance of $150{,}528$ inputs ($224 \times 224 \times 3$) does not fit into memory, a "
    r"rotation destroys the spatial layout (ZCA apart), the network learns such filters itself, and normalization "
    r"layers repair conditioning inside. Channel means and deviations are enough.",
    [
        r"centre, rotate onto eigenvectors, (whitening) divide by the root of the eigenvalue plus eps",
        r"helps: correlated features, little data, conditioning, compression or pictures",
        r"variance is not relevance, or depends on units",
        r"small eigenvalues: noise is amplified, eps",
        r"CNN: too large a covariance, layout lost, learnt filters and normalization layers instead",
    ],
    level=2,
)

# ---- orthogonal-start: every direction, not only the average

bank.choice(
    "orthogonal_deep_product",
    "orthogonal-start",
    r"50 linear layers, $100 \times 100$, start either with Gaussian entries of variance $1/100$ or with orthogonal "
    r"matrices. Both keep the expected squared length of a vector. What do orthogonal ones have in addition?",
    [
        wrong(
            r"Nothing that counts: by the law of large numbers, both act as isometries.",
            r"One Gaussian matrix has singular values from about 0 to 2. In a product such differences multiply.",
        ),
        right(
            r"They keep every direction; the Gaussian product loses nearly all.",
            r"In a simulation the median singular value of the 50 Gaussian factors was of order $10^{-8}$, the largest "
            r"4 to 9: the average is kept by a few directions.",
        ),
        wrong(
            r"They stop the growth: the Gaussian product lengthens vectors by about $2^{50}$.",
            r"2 is the largest singular value of one factor, but the next factor's strongest direction lies elsewhere. "
            r"The product's largest one is of the order of a few units.",
        ),
        wrong(
            r"Their entries are smaller, so that units stay away from saturation.",
            r"The rows of a $100 \times 100$ orthogonal matrix have length 1, so the entries' mean square is $1/100$ "
            r"here too.",
        ),
    ],
    level=2,
)

bank.choice(
    "orthogonal_tall_matrix",
    "orthogonal-start",
    r"$W$ of shape $256 \times 64$ has orthonormal columns, and the layer is $xW$. Inputs and gradients point in "
    r"random directions. What happens to their lengths?",
    [
        wrong(
            r"Both are kept: orthogonal initialization is an isometry.",
            r"It can be one in one direction only. 256 numbers cannot pass through 64 without a loss.",
        ),
        wrong(
            r"Both shrink, on average to about half of the length that they had before.",
            r"The gradient is mapped from 64 to 256 numbers by $W^\top$, and $\lVert\delta W^\top\rVert = "
            r"\lVert\delta\rVert$.",
        ),
        right(
            r"Every gradient keeps its length; inputs shrink to about half of theirs.",
            r"$W^\top W = I$ keeps $\delta W^\top$. Forward only the part of $x$ in a 64-dimensional subspace is left: "
            r"$\sqrt{64/256} = \tfrac12$ of the length.",
        ),
        wrong(
            r"Every input keeps its length; gradients double on average.",
            r"For $xW$ to keep all lengths, $WW^\top = I$ would be needed, a matrix of rank 256 from one of rank 64.",
        ),
    ],
    level=3,
)


@bank.number("gaussian_spread_of_stretch", "orthogonal-start", level=2)
def _gaussian_spread_of_stretch(rng: np.random.Generator) -> Task:
    n = 400 * int(rng.integers(1, 11))
    m = n * int(rng.integers(10, 86)) // 100
    root = math.sqrt(m / n)
    answer = (1 + root) / (1 - root)
    return Task(
        rf"A Gaussian matrix ${n} \times {m}$ with entries of variance $1/{n}$ has singular values that, for large "
        rf"sizes, fill the interval from $1 - \sqrt{{{m}/{n}}}$ to $1 + \sqrt{{{m}/{n}}}$. How many times as much as "
        rf"its weakest direction does it stretch its strongest one? (within 1 %)",
        answer,
        rf"$\sqrt{{{m}/{n}}} = {short(root)}$, so the quotient is ${short(1 + root)}/{short(1 - root)} = "
        rf"{short(answer)}$. For an orthonormal matrix it is 1. For square Gaussian matrices the lower end goes to 0, "
        rf"and some directions are lost in a single layer.",
        rtol=1e-2,
    )


bank.open(
    "orthogonal_explained",
    "orthogonal-start",
    r"What is orthogonal initialization, how do you draw such a matrix, and what does it give beyond the right "
    r"variance? Where does it matter most, and what limits it (shape, activation, training)?",
    r"Rows or columns of each matrix are orthonormal, times a gain. Draw a Gaussian matrix, take $Q$ of its QR "
    r"decomposition and multiply its columns by the signs of $R$'s diagonal, so that all orthogonal matrices are "
    r"equally likely; for a wide matrix do it with the transpose. Xavier and He keep the *mean* squared length; the "
    r"single directions are stretched unequally, and over many layers nearly all singular values of the product go to "
    r"0 while a few carry everything. With orthogonal factors every singular value is 1 (times the gain), so in a deep "
    r"linear network no direction of the signal or the gradient vanishes (dynamical isometry). It matters most in "
    r"recurrent networks, where one matrix is applied at every step, and in very deep plain networks without skips or "
    r"normalization. Limits: a matrix that is not square is an isometry in one direction only; ReLU cuts half of the "
    r"space away, so a gain of $\sqrt2$ keeps the mean square but not isometry, and tanh works only near 0; training "
    r"soon leaves the orthogonal set unless a constraint holds it; with residuals and normalization the gain is small; "
    r"QR costs time for large matrices.",
    [
        r"orthonormal rows or columns times a gain; QR of a Gaussian (signs)",
        r"all singular values 1: every direction is kept, not only the average",
        r"Gaussian products: most singular values vanish with depth",
        r"matters for recurrent or very deep plain networks",
        r"limits: not square, ReLU and gain, only at the start",
    ],
    level=2,
)

# ---- exploding-signs: reading the traces

bank.choice(
    "healthy_at_step_zero",
    "exploding-signs",
    r"Ten classes. Loss and gradient norm per step: $2.31$ and $0.9$; $2.9$ and $6$; $11$ and $140$; $900$ and "
    r"$20{,}000$; NaN. The first pair is from before any update. What do you suspect first?",
    [
        wrong(
            r"The initialization: the weights were drawn much too large.",
            r"That would show before the first update: a loss far above $\ln 10 = 2.30$ and a large gradient.",
        ),
        wrong(
            r"The inputs: they were not scaled and are of the order of 255.",
            r"Then the first layer's gradient, proportional to its input, would be large at once.",
        ),
        wrong(
            r"The labels: wrong ones make the loss grow with every step.",
            r"With wrong labels the loss stays near $\ln 10$, or falls by memorizing. It does not run away.",
        ),
        right(
            r"The step: a learning rate too large, or a missing warm-up.",
            r"The state before the updates is sound, so it is the updates that ruin it. A rate ten times smaller "
            r"tells.",
        ),
    ],
)

bank.choice(
    "unit_weights_in_tanh",
    "exploding-signs",
    r"Ten tanh layers of width 500; all weights are drawn from $N(0, 1)$. About nine of ten units have $|a| > 0.99$. "
    r"How does the norm of the activations' gradient change on the way from the output to the input?",
    [
        wrong(
            r"It falls by orders of magnitude per layer: saturated units have no slope.",
            r"Nine of ten hardly pass anything. But the tenth has a slope, up to 1, and it meets weights about 22 "
            r"times as large as Xavier's.",
        ),
        right(
            r"It grows several-fold per layer, though most slopes are about 0.",
            r"Per layer the mean square is multiplied by $500\,\mathbb E[\tanh'(z)^2] \approx 12$ with $z$ of standard "
            r"deviation about 22, so the norm by 3.5. What arrives is large and erratic.",
        ),
        wrong(
            r"It stays about the same: saturation bounds the outputs and the gradients.",
            r"Outputs are bounded by 1, gradients are not: nothing in the backward pass limits products of weights.",
        ),
        wrong(
            r"It is exactly 0 below the last layer, as if all the units were dead.",
            r"A derivative of tanh is never exactly 0 but for rounding, and some units are not saturated at all.",
        ),
    ],
    level=3,
)

bank.choice(
    "flat_gradient_profile",
    "exploding-signs",
    r"A 20-layer ReLU MLP of constant width, without biases, starts with **twice** He's standard deviation. For a "
    r"fixed gradient at the output, the gradient norms of the 20 weight matrices are about equal. “So nothing "
    r"explodes.” Right?",
    [
        right(
            r"No: all are about $2^{19}$ times too large; the profile is flat at any scale.",
            r"The signal grows by 2 per layer upwards, the error by 2 per layer downwards. Each weight's gradient is "
            r"the product of both: $2^{l-1} \cdot 2^{20-l}$.",
        ),
        wrong(
            r"Yes: an explosion shows as weight gradients that grow towards the input.",
            r"The gradients of the *activations* grow so. Those of the weights also contain the signal, which is small "
            r"where the error is large.",
        ),
        wrong(
            r"Yes: what counts for the explosion is the ratio of the first to the last layer.",
            r"It is telling for saturating units. In a ReLU network without biases the ratio is near 1 whatever the "
            r"scale of the weights.",
        ),
        wrong(
            r"No: equal norms mean that the symmetry between the layers is not broken.",
            r"Symmetry is a matter of units within a layer. Equal norms of layers are no sign of it.",
        ),
    ],
    level=3,
)


@bank.number("layers_until_overflow", "exploding-signs")
def _layers_until_overflow(rng: np.random.Generator) -> Task:
    n = int(rng.choice([128, 200, 256, 400, 512, 800, 1024]))
    thousandths = round(1000 * rng.uniform(1.25, 4) * math.sqrt(2 / n))
    factor = thousandths / 1000 * math.sqrt(n / 2)
    exact = math.log(65504) / math.log(factor)
    while abs(exact - round(exact)) < 0.02:  # not so near a whole number that rounding would decide
        thousandths += 1
        factor = thousandths / 1000 * math.sqrt(n / 2)
        exact = math.log(65504) / math.log(factor)
    answer = math.ceil(exact)
    return Task(
        rf"A deep ReLU MLP of width ${n}$ has weights of standard deviation ${thousandths / 1000:g}$ and no biases. "
        rf"Inputs have root mean square 1. After which layer does the expected root mean square of the activations "
        rf"first exceed 65504, the largest number of float16? (a whole number, exact)",
        answer,
        rf"A layer multiplies the mean square by $\tfrac12 \cdot {n} \cdot {thousandths / 1000:g}^2$, so the root by "
        rf"${factor:.5g}$. $\ln 65504/\ln {factor:.5g} = {exact:.4g}$, so it is layer ${answer}$. He's standard "
        rf"deviation would be ${short(math.sqrt(2 / n))}$, with a factor of 1. Single large activations overflow "
        rf"somewhat earlier.",
        rtol=1e-6,
    )


@bank.number("clipped_layer_norm", "exploding-signs")
def _clipped_layer_norm(rng: np.random.Generator) -> Task:
    small, middle, large = int(rng.integers(1, 10)) / 10, int(rng.integers(2, 20)), int(rng.integers(20, 200))
    limit = int(rng.choice([1, 2, 5]))
    norm = math.sqrt(small**2 + middle**2 + large**2)
    answer = small * limit / norm
    return Task(
        rf"The gradients of three layers have the norms ${small:g}$, ${middle}$ and ${large}$. They are clipped "
        rf"together to a global norm of ${limit}$. What is the norm of the first layer's gradient afterwards? "
        rf"(within 1 %)",
        answer,
        rf"The global norm is $\sqrt{{{small:g}^2 + {middle}^2 + {large}^2}} = {short(norm)}$, and all gradients are "
        rf"multiplied by ${limit}/{short(norm)} = {short(limit / norm)}$, the small one too: ${short(answer)}$. "
        rf"Clipping each layer on its own would leave it at ${small:g}$, but turn the direction of the whole.",
        rtol=1e-2,
    )


bank.open(
    "start_or_step",
    "exploding-signs",
    r"By which signs do you recognize exploding gradients in the first hundred steps? How do you tell a bad "
    r"initialization from unscaled data and from too large a learning rate, and what does clipping do for each?",
    r"Signs: the loss jumps, oscillates or becomes inf or NaN; the gradient norm grows by orders of magnitude or has "
    r"spikes; weights change by a large share of their size in one step; activations grow with depth, or saturate. "
    r"Look before the first update, since the learning rate has no effect yet. Loss far above $\ln C$, activations "
    r"whose standard deviation grows by a factor per layer, large gradients: with inputs of order 1 this is the "
    r"initialization (wrong fan, wrong gain). If the inputs have mean 100 and the ratio from layer to layer is near 1, "
    r"it is the data. If loss and norms are sound at step 0 and grow from step to step, it is the step: a rate ten "
    r"times smaller, or warm-up, cures it. Log standard deviations per layer, forward and backward: weight gradients "
    r"alone can have a flat profile in ReLU networks at any scale. Clipping bounds each step. It helps against rare "
    r"spikes and steep regions, as in recurrent networks; with a bad start it only makes every step a clipped one, "
    r"whose size no longer depends on the gradient's; repair the scale instead. It does not repair inf or NaN.",
    [
        r"signs: loss jumps or NaN, gradient norm grows or spikes, activations grow with depth",
        r"look before the first update, to separate start and data from the learning rate",
        r"initialization: factor per layer; data: already at the input; rate: sound at step 0, then growing",
        r"clipping bounds the step, against spikes; it does not cure a wrong scale or NaN",
    ],
    level=2,
)

# ---- biases: mostly zero, and where not

bank.choice(
    "biases_need_no_noise",
    "biases",
    r"Equal weights are a trap, yet all biases are started at 0. Why is that harmless?",
    [
        wrong(
            r"Biases get no gradient in the first step, so their start does not matter.",
            r"They do: $\partial L/\partial b$ is the sum of $\delta$ over the batch, whatever $b$ is.",
        ),
        wrong(
            r"With standardized inputs, the best biases are 0 anyway.",
            r"Hidden units need thresholds other than 0 even then. A bias that is free to move finds them.",
        ),
        right(
            r"Random weights already make the units, and their gradients, differ.",
            r"Symmetry needs *everything* about two units to be equal. Besides, $b$ does not scale the error that is "
            r"sent down, as a weight of 0 does.",
        ),
        wrong(
            r"It is not: small random biases train better, but 0 is the custom.",
            r"There is no such general advantage; random biases add variance to $z$ on which the derivations of the "
            r"weights' scale do not count.",
        ),
    ],
)

bank.choice(
    "rare_object_prior",
    "biases",
    r"A detector has one sigmoid per anchor, and one anchor in 100 holds an object. The output bias is started at "
    r"$-\ln 99 \approx -4.6$. What is that good for?",
    [
        right(
            r"At first, the background no longer swamps the gradient.",
            r"At $b = 0$ each background anchor pulls with $0.5$, and there are 99 per object; at $-4.6$ with $0.01$, "
            r"together as much as one object.",
        ),
        wrong(
            r"It ties the share of detections to 1 % for the rest of the training.",
            r"It is only a start. Weights and bias move away from it as the loss demands.",
        ),
        wrong(
            r"An object's own gradient becomes 100 times as large as at $b = 0$.",
            r"It goes from $0.5$ to $0.99$. What shrinks is the pull of the background, fiftyfold.",
        ),
        wrong(
            r"It allows a lower final loss, as descent from 0 cannot get down to $-4.6$.",
            r"It can, in a number of steps: the gradient of $b$ points there. These first, wild steps are what is "
            r"avoided.",
        ),
    ],
    level=2,
)

bank.choice(
    "bias_in_front_of_batchnorm",
    "biases",
    r"A convolution with a bias is followed by batch normalization, in training mode. What is the gradient of that "
    r"bias?",
    [
        wrong(
            r"The same as that of BN's $\beta$, so the two share the work.",
            r"$\beta$ comes after the normalization and has an effect; the bias comes before it and has none.",
        ),
        wrong(
            r"Small but useful: it centres the values before they are normalized.",
            r"The normalization subtracts the mean of the batch, whatever it is.",
        ),
        wrong(
            r"0 in evaluation mode; in training it is like any other bias's.",
            r"The reverse: in evaluation a fixed running mean is subtracted, and a bias would shift the output.",
        ),
        right(
            r"0 up to rounding: subtracting the batch mean removes it again.",
            r"The output does not depend on the bias, so neither does the loss. Leave it out (`bias=False`); $\beta$ "
            r"takes its place.",
        ),
    ],
)


@bank.number("prior_bias_first_loss", "biases")
def _prior_bias_first_loss(rng: np.random.Generator) -> Task:
    permille = int(rng.integers(2, 101))
    p = permille / 1000
    entropy = -p * math.log(p) - (1 - p) * math.log(1 - p)
    answer = math.log(2) / entropy
    return Task(
        rf"A sigmoid classifier has a fraction of ${p:g}$ positives; its weights start so small that the logit is the "
        rf"output bias. How many times as large is the first mean cross-entropy with bias 0 as with the bias that "
        rf"matches the prior? (within 1 %)",
        answer,
        rf"Bias 0 gives $\ln 2 = {short(math.log(2))}$. The prior's bias is $\ln({p:g}/{1 - p:g}) = "
        rf"{short(math.log(p / (1 - p)))}$, with the loss $-{p:g}\ln {p:g} - {1 - p:g}\ln {1 - p:g} = "
        rf"{short(entropy)}$. The quotient is ${short(answer)}$. It saves the steps in which the network would learn "
        rf"nothing but the base rate.",
        rtol=1e-2,
    )


bank.open(
    "starting_the_biases",
    "biases",
    r"How do you start the biases of a network? Give the rule and its reason, and at least three cases in which "
    r"another start is better, with the number you would take.",
    r"The rule is 0. Random weights already break the symmetry, the gradient of a bias does not depend on its own "
    r"value, and the derivations of Xavier and He assume pre-activations symmetric about 0. Exceptions: the output "
    r"layer, where the bias should give the base rate at the start: $\ln(\pi/(1-\pi))$ for a sigmoid with prior $\pi$ "
    r"($-4.6$ for 1 %), $\ln p_c$ for softmax, the targets' mean for regression; this saves the first steps and, with "
    r"rare positives, keeps the many negatives from swamping the gradient. The forget gate of an LSTM starts at 1 or "
    r"more, so that memory and gradient are kept at first; a highway gate starts negative, so that the layer starts "
    r"near the identity. In front of batch normalization a bias is useless, since the mean is subtracted; leave it "
    r"out, BN's beta starts at 0. A small positive bias such as 0.01 for ReLU is an old custom: a few more units are "
    r"active at the start, with no reliable gain. PyTorch draws the biases of linear layers from a small uniform "
    r"distribution; it works too. Biases usually have no weight decay.",
    [
        r"0, since random weights break the symmetry and a bias gets its gradient anyway",
        r"output bias from the prior (logit, log frequency, or target mean), with its reason",
        r"gates: forget gate at 1 or more, or highway gate negative",
        r"none before batch normalization, or: 0.01 for ReLU is of doubtful use",
    ],
)
