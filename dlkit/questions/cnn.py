"""Concept questions on convolutional networks: what they assume, what each layer is for, and the sums behind a design.

They test whether sizes, receptive fields, weights, work and memory can be worked out, and whether a symptom at a
border, after a port or in a decoder can be traced to its cause.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "weight-sharing",
    "layer-roles",
    "pooling",
    "one-by-one",
    "stacks-of-3x3",
    "padding",
    "dilation",
    "fully-connected",
    "architectures",
    "output-size",
    "receptive-field",
    "cost",
    "convolution-gradients",
    "non-maximum-suppression",
)

bank = Bank()


def side(n: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many windows fit along an axis of n pixels."""
    return (n + 2 * padding - kernel) // stride + 1


def field(layers: Sequence[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """Receptive field and jump after each layer of (kernel, stride, dilation), first layer first."""
    size, jump, path = 1, 1, []
    for kernel, stride, dilation in layers:
        size += dilation * (kernel - 1) * jump
        jump *= stride
        path.append((size, jump))
    return path


def row(values: Sequence[int]) -> str:
    """A vector as text."""
    return f"({', '.join(str(int(value)) for value in values)})"


def million(count: float) -> str:
    """A count in millions with one decimal."""
    return f"{count / 1e6:.1f}"


def bottleneck_weights(c: int, m: int, projected: bool) -> int:
    """Weights of ResNet's bottleneck block, 1×1, 3×3 and 1×1 convolutions and perhaps a projection, without BN."""
    return c * m + 9 * m * m + 4 * m * m + (4 * c * m if projected else 0)


# (input channels, output channels, side of the output) of VGG-16's convolutions on 224 × 224
VGG_CONV = (
    [(3, 64, 224), (64, 64, 224), (64, 128, 112), (128, 128, 112), (128, 256, 56)]
    + [(256, 256, 56)] * 2
    + [(256, 512, 28)]
    + [(512, 512, 28)] * 2
    + [(512, 512, 14)] * 3
)
VGG_DENSE = [(512 * 7 * 7, 4096), (4096, 4096), (4096, 1000)]
VGG_CONV_WEIGHTS = sum(9 * c * f + f for c, f, _ in VGG_CONV)
VGG_DENSE_WEIGHTS = sum(d * m + m for d, m in VGG_DENSE)
VGG_FIRST_DENSE = 512 * 7 * 7 * 4096 + 4096
VGG_WEIGHTS = VGG_CONV_WEIGHTS + VGG_DENSE_WEIGHTS
VGG_CONV_MACS = sum(9 * c * f * s * s for c, f, s in VGG_CONV)
VGG_DENSE_MACS = sum(d * m for d, m in VGG_DENSE)
VGG_MAPS = [f * s * s for _, f, s in VGG_CONV]

RESNET50_CONV_WEIGHTS = 49 * 3 * 64 + sum(
    bottleneck_weights(c, m, True) + (blocks - 1) * bottleneck_weights(4 * m, m, False)
    for c, m, blocks in [(64, 64, 3), (256, 128, 4), (512, 256, 6), (1024, 512, 3)]
)

RESNET50_DENSE_WEIGHTS = 2048 * 1000 + 1000
RESNET50_WEIGHTS = (  # with gamma and beta of every BN
    RESNET50_CONV_WEIGHTS
    + RESNET50_DENSE_WEIGHTS
    + 2 * (64 + sum(4 * m + 6 * m * blocks for m, blocks in [(64, 3), (128, 4), (256, 6), (512, 3)]))
)

ALEXNET_CONV = [(11 * 11 * 3, 96), (25 * 48, 256), (9 * 256, 384), (9 * 192, 384), (9 * 192, 256)]
ALEXNET_DENSE = [(256 * 6 * 6, 4096), (4096, 4096), (4096, 1000)]
ALEXNET_WEIGHTS = sum(fan_in * units + units for fan_in, units in [*ALEXNET_CONV, *ALEXNET_DENSE])


# ---- weight-sharing: local connection, one filter for every place, and what that assumes

bank.choice(
    "cnn_both_assumptions_fail",
    "weight-sharing",
    r"A convolution assumes that neighbouring inputs belong together (local connection) and that a feature worth "
    r"detecting in one place is worth detecting everywhere (weight sharing). For which input do **both** fail?",
    [
        wrong(
            r"Passport photos, all cut so that the eyes lie in the same place.",
            r"Neighbours still belong together. Only sharing is in doubt when each place has its own meaning: DeepFace "
            r"(2014) used local layers with unshared weights for aligned faces.",
        ),
        wrong(
            r"Spectrograms of speech: time runs across, frequency upwards.",
            r"Neighbours belong together, and sharing over time is sound. Sharing over frequency is the doubtful part: "
            r"a pattern an octave higher need not mean the same.",
        ),
        wrong(
            r"Cells under a microscope, where nobody can say which way is up.",
            r"Both hold. Convolution shares over *shifts*; it neither assumes nor provides anything about rotation, "
            r"for which one augments.",
        ),
        right(
            r"A customer's 64 attributes, written as an $8 \times 8$ image.",
            r"The order is arbitrary, so neighbours have nothing in common, and each place has a meaning of its own. A "
            r"dense layer is the honest choice.",
        ),
    ],
)

bank.choice(
    "cnn_shift_by_one_pixel",
    "weight-sharing",
    r"A network consists of convolutions with circular padding (so there are no borders) and ReLUs. Two of its layers "
    r"have stride 2, the others stride 1. You shift the input by one pixel. What does the output map do?",
    [
        wrong(
            r"It moves by a quarter of a position, so each value is interpolated between two neighbours.",
            r"Nothing in the network interpolates. A stride takes every second value and throws the others away.",
        ),
        wrong(
            r"It stays the same, because convolutions and the ReLUs between them are invariant to shifts.",
            r"They are *equivariant*: shift, then convolve, is convolve, then shift. Invariance would need a pooling "
            r"over all positions at the end.",
        ),
        right(
            r"Its values change. Only for shifts by multiples of 4 pixels is it the old map, moved along.",
            r"With stride 2 a shift by one pixel samples the values that were skipped before. Two such layers leave "
            r"equivariance to shifts by 4. Blurring before each stride reduces this aliasing.",
        ),
        wrong(
            r"It moves by one position, because shift equivariance holds for any convolution, whatever its stride.",
            r"With a total stride of 4 one output position stands for 4 pixels, so this cannot hold.",
        ),
    ],
    level=2,
)


@bank.number("cnn_share_of_matrix", "weight-sharing", level=2)
def _cnn_share_of_matrix(rng: np.random.Generator) -> Task:
    k, n = int(rng.choice([3, 5, 7])), 2 * int(rng.integers(5, 33))
    pairs = k * n - (k * k - 1) // 4
    answer = 100 * (pairs / n**2) ** 2
    return Task(
        rf"A ${k} \times {k}$ convolution with stride 1 and zero padding {k // 2} maps one channel of ${n} \times "
        rf"{n}$ to another of the same size. Written as a matrix for the flattened image it has ${n}^2 \times {n}^2$ "
        rf"entries. How many *per cent* of them are not forced to be 0? (within 1 %)",
        answer,
        rf"Along one axis output $i$ reads input $j$ if $|i - j| \le {k // 2}$: ${k} \cdot {n}$ pairs, less the "
        rf"${(k * k - 1) // 4}$ that lie in the padding, {pairs} of ${n}^2 = {n * n}$. The two axes are independent: "
        rf"$({pairs}/{n * n})^2$, which is ${short(answer)}\,\%$. So much for local connection; weight sharing leaves "
        rf"only ${k * k}$ different numbers among these entries.",
        rtol=1e-2,
    )


bank.open(
    "cnn_prior_explained",
    "weight-sharing",
    r"Which two assumptions about images are built into a convolution, what does each save compared with a dense "
    r"layer, and when are they wrong? Why can Transformers for images do without them?",
    r"Local connection: what can be said at a place depends first on its neighbourhood, so an output reads $k \times "
    r"k$ pixels and not all $H \times W$; distant pixels meet in later layers, whose receptive fields are larger. "
    r"Weight sharing (stationarity): a feature worth detecting at one place is worth detecting at any, so all "
    r"positions use one filter. For $C$ channels in and $F$ out a dense layer has $CHW \cdot FHW$ weights, a locally "
    r"connected one $k^2CF \cdot HW$, a convolution $k^2CF$, whatever the size of the image. Sharing also makes the "
    r"layer equivariant to shifts (up to borders and strides), and every image gives $HW$ examples for each weight, "
    r"so far fewer images are needed. Wrong: when places have a meaning of their own (aligned faces, a board with "
    r"fixed positions, the sky always above), when neighbours do not belong together (tables), or when what matters "
    r"are relations over long distances. Remedies: coordinate channels, unshared local layers, attention. A vision "
    r"Transformer keeps some of it (the patch embedding is a shared, strided convolution), but lets every patch look "
    r"at every other; what is not built in must be learnt, so it needs more data, pretraining or strong "
    r"augmentation.",
    [
        r"local connection: neighbours first, with the saving",
        r"weight sharing: the same feature anywhere, with the saving in weights",
        r"equivariance to shifts, or many examples per weight, hence less data",
        r"a case in which an assumption is wrong",
        r"less built in means more data: why Transformers can, and what it costs",
    ],
)

# ---- layer-roles: what each kind of layer is for, and what it takes

bank.choice(
    "cnn_two_convolutions_no_relu",
    "layer-roles",
    r"Between two $3 \times 3$ convolutions, $64 \to 16$ and $16 \to 64$ channels, stride 1 and no padding, somebody "
    r"forgot the activation. What can the pair compute that no $5 \times 5$ convolution $64 \to 64$ can?",
    [
        right(
            r"Nothing; and with 16 channels between it reaches only a part of those convolutions.",
            rf"Linear and shift equivariant maps compose to one of the same kind, here with a $5 \times 5$ kernel. The "
            rf"pair has {2 * 9 * 64 * 16} weights, the full kernel {25 * 64 * 64}; 16 channels are a bottleneck.",
        ),
        wrong(
            r"Features of features: the hierarchy comes from depth itself.",
            r"A linear feature of linear features is a linear feature of the image. The hierarchy needs a "
            r"non-linearity at each step.",
        ),
        wrong(
            r"Functions with bends, since the first layer's bias acts as a threshold.",
            r"A bias shifts; it does not cut anything off. It passes through the second layer and ends up in its bias.",
        ),
        wrong(
            r"Features that extend over more than $5 \times 5$ pixels of its input.",
            r"The second layer adds 2 pixels to the first one's 3: the receptive field is $5 \times 5$.",
        ),
    ],
    level=2,
)

bank.choice(
    "cnn_where_vgg_spends",
    "layer-roles",
    r"VGG-16 on $224 \times 224$ images: thirteen $3 \times 3$ convolutions with 64 to 512 channels, then dense layers "
    r"of 4096, 4096 and 1000 units. Where are most of its weights, of its multiply-adds and of its activations?",
    [
        wrong(
            r"Weights and multiply-adds in the first dense layer, which alone is larger than all convolutions "
            r"together; activations in the early convolutions, whose maps are large.",
            rf"A dense weight is used once per image, a convolution's once per position: "
            rf"{VGG_DENSE_MACS / 1e9:.2f} billion multiply-adds against {VGG_CONV_MACS / 1e9:.1f} billion.",
        ),
        right(
            r"Weights in the first dense layer, multiply-adds in the convolutions, activations in the early "
            r"convolutions.",
            rf"The first dense layer has {100 * VGG_FIRST_DENSE / VGG_WEIGHTS:.0f} % of the {million(VGG_WEIGHTS)} "
            rf"million weights; the convolutions do {100 * VGG_CONV_MACS / (VGG_CONV_MACS + VGG_DENSE_MACS):.0f} % of "
            rf"the work; the first two make {100 * sum(VGG_MAPS[:2]) / sum(VGG_MAPS):.0f} % of all values in the "
            rf"convolutions' outputs.",
        ),
        wrong(
            r"Weights in the last convolutions, which have 512 channels; multiply-adds and activations in the first "
            r"convolution, whose output is largest.",
            rf"A $512 \to 512$ layer has {million(9 * 512 * 512 + 512)} million weights, the first dense one "
            rf"{million(VGG_FIRST_DENSE)} million. And the first convolution reads 3 channels only, which makes it "
            rf"cheap.",
        ),
        wrong(
            r"All three in the convolutions, since there are thirteen of them and only three dense layers.",
            rf"The convolutions together have {million(VGG_CONV_WEIGHTS)} million weights, the three dense layers "
            rf"{million(VGG_DENSE_WEIGHTS)} million.",
        ),
    ],
    level=2,
)

bank.open(
    "cnn_layers_and_their_jobs",
    "layer-roles",
    r"Walk through an image classifier from the pixels to the class probabilities. What is each kind of layer for, "
    r"which of them have weights, and what goes wrong if it is left out?",
    r"Convolution: detects local patterns with shared filters, one map per filter; it holds the weights and does "
    r"most of the work. Without it (dense layers on pixels) there are far too many weights and no equivariance. "
    r"Activation: without it the convolutions collapse to a single linear one. Normalization: keeps scales in check "
    r"so that deep stacks train at high rates; two parameters per channel. Pooling or strides: reduce the map, which "
    r"saves work and memory, lets the receptive field grow faster and gives some tolerance to small shifts; no "
    r"weights (pooling) or those of the convolution; without it everything stays at full resolution and an output "
    r"sees little. Usually channels double where the side halves, so a layer's work stays about the same. The "
    r"features go from edges over textures and parts to objects. Global average pooling or flattening makes a vector; "
    r"dense layers combine what was found anywhere into class scores. In older networks they held most of the "
    r"weights, which is why dropout stood there. Softmax turns scores into probabilities and belongs to the loss; it "
    r"has no weights and does not change which class comes first.",
    [
        r"convolution: local patterns, shared filters, the weights and most of the work",
        r"activation: else the stack collapses to one linear map",
        r"pooling or stride: less work, larger receptive field, some tolerance to shifts",
        r"global pooling and dense layers: from maps to class scores",
        r"which have weights: convolution, normalization, dense; not pooling, activation, softmax",
    ],
)

# ---- pooling: what each kind keeps and what it loses

bank.choice(
    "cnn_relu_and_pool_swapped",
    "pooling",
    r"A network computes convolution → ReLU → $2 \times 2$ max pooling with stride 2. A colleague puts the pooling "
    r"before the ReLU. What changes, and what would change with *average* pooling?",
    [
        wrong(
            r"Nothing in either case, since ReLU acts on single values and pooling within one channel.",
            r"That does not make them commute. The average of $-1$ and 1 is 0; after ReLU it is $\tfrac12$.",
        ),
        right(
            r"Nothing but the ReLU's cost, a quarter as much; with the average the values change.",
            r"ReLU is monotonic, so $\max(\mathrm{relu}(a), \mathrm{relu}(b)) = \mathrm{relu}(\max(a, b))$. An average "
            r"lets negative values cancel positive ones if they have not been cut off before.",
        ),
        wrong(
            r"The values in both cases, since two non-linear operations can never be exchanged.",
            r"A maximum can be exchanged with any non-decreasing function, tanh and sigmoid included.",
        ),
        wrong(
            r"Not max pooling's values, but its gradients: an all-negative window now passes one to its maximum.",
            r"The ReLU behind the pooling then has a negative input and stops the gradient just the same.",
        ),
    ],
)

bank.choice(
    "cnn_global_average_forgets",
    "pooling",
    r"A classifier sees only the global average of each of 512 non-negative feature maps. Which difference between "
    r"two images can it **not** see?",
    [
        wrong(
            r"In one of them channel 3 fires at ten places, in the other at one, each time with the same strength.",
            r"The average is ten times as large. Global *max* pooling is what could not see the number.",
        ),
        wrong(
            r"In one of them channel 3 fires at one place, in the other channel 7 does, at the same place.",
            r"Each channel has its own average: it says what was found, but not where.",
        ),
        right(
            r"In one of them channels 3 and 7 fire at the same place, in the other as strongly, but far apart.",
            r"Each average forgets places separately, so it even forgets which channels fired *together*. If that "
            r"matters, a convolution before must make a channel of it.",
        ),
        wrong(
            r"In one of them channel 3 fires once and strongly, in the other once and weakly.",
            r"The averages have the same ratio as the strengths. But one strong and many weak responses may look "
            r"alike.",
        ),
    ],
    level=2,
)


@bank.number("cnn_overlapping_pool_gradient", "pooling", level=2)
def _cnn_overlapping_pool_gradient(rng: np.random.Generator) -> Task:
    place, share, windows = 0, 0, np.zeros(5, dtype=int)
    while share == 0 or (windows == place).all():
        x = rng.permutation(np.arange(1, 10))[:7]
        dout = rng.choice([-7, -5, -4, -3, -2, 2, 3, 4, 5, 6, 8, 9], size=5, replace=False)
        windows = np.array([start + int(np.argmax(x[start : start + 3])) for start in range(5)])
        place = int(np.argsort(x)[-2])
        hits = [int(value) for value in dout[windows == place]]
        share = sum(hits) if len(hits) >= 2 else 0
    return Task(
        rf"Max pooling with kernel 3 and stride 1, without padding, is applied to the row $x = {row(x.tolist())}$. The "
        rf"upstream gradient is ${row(dout.tolist())}$. What is the gradient at the entry of $x$ whose value is "
        rf"${int(x[place])}$?",
        share,
        rf"The five windows have the maxima ${row(x[windows].tolist())}$. The value ${int(x[place])}$ wins {len(hits)} "
        rf"of them, and what they send back adds up: "
        rf"${' + '.join(str(hit) if hit > 0 else f'({hit})' for hit in hits)} = {share}$. Code that *assigns* the "
        rf"gradient, and does not add it, is right only where windows do not overlap.",
        rtol=1e-6,
    )


bank.open(
    "cnn_pooling_compared",
    "pooling",
    r"Compare max pooling, average pooling, global average pooling and a convolution with stride 2 as ways to make a "
    r"map smaller. What does each keep and lose, how does the gradient flow, and which would you use where?",
    r"Max pooling keeps the strongest response and forgets where in the window it was and what else was there: good "
    r"for “is the feature present”, and unchanged by small shifts as long as the maximum stays in its window. Its "
    r"gradient goes to one place only, so the others learn nothing from it. Average pooling keeps the mean and loses "
    r"peaks: a single strong response among zeros is divided by the window's size; it is a low-pass filter, so it "
    r"aliases less, and the gradient is shared out equally. Global average pooling makes one number per channel: all "
    r"positions are lost, the network takes any image size, it has no weights and so replaces large dense layers. A "
    r"convolution with stride 2 learns what to keep and can mix channels, but costs weights and work, and aliases "
    r"unless it learns to blur. All but global pooling reduce work by about 4 and double the rate at which the "
    r"receptive field grows. Use: max pooling in small classifiers and after the stem; strided convolutions inside "
    r"ResNets and in generators, where the network should learn its own sampling; global average pooling before the "
    r"last layer; none of them, or skip connections and dilation, where positions matter, as in segmentation.",
    [
        r"max: strongest response kept, place lost, gradient to one input",
        r"average: peaks diluted, gradient shared equally",
        r"global average: one number per channel, any size, replaces dense layers",
        r"strided convolution: learnt, with weights and work",
        r"a sensible choice for at least two situations, one of them where positions matter",
    ],
)

# ---- one-by-one: a dense layer at every position

bank.choice(
    "cnn_one_by_one_with_stride",
    "one-by-one",
    r"To halve the side of a map and change its channels at once, a shortcut uses a $1 \times 1$ convolution with "
    r"stride 2. What is its weakness?",
    [
        right(
            r"It reads one position in four; the others do not count for it.",
            r"A $1 \times 1$ window sees a single pixel and the stride skips the next, so three quarters of the input "
            r"have no influence and get no gradient this way. A $2 \times 2$ average pooling before it, with stride 1 "
            r"in the convolution, reads them all.",
        ),
        wrong(
            r"It averages four positions, so that fine detail becomes blurred.",
            r"It averages nothing. A blur would be better: skipping pixels without one aliases.",
        ),
        wrong(
            r"Its windows overlap, so some of the positions count more than the others.",
            r"Windows of side 1 never overlap. Unequal counts come with a kernel larger than the stride and not a "
            r"multiple of it.",
        ),
        wrong(
            r"It cannot raise the number of channels, as it only mixes those that are there.",
            r"It can: its weights are an $F \times C$ matrix with any $F$. The rank is at most $C$, that is all.",
        ),
    ],
    level=2,
)


@bank.number("cnn_one_by_one_before_five", "one-by-one")
def _cnn_one_by_one_before_five(rng: np.random.Generator) -> Task:
    c, f = 32 * int(rng.integers(4, 17)), 16 * int(rng.integers(2, 9))
    r = 8 * int(rng.integers(2, 7))
    direct, reduced = 25 * c * f, c * r + 25 * r * f
    answer = direct / reduced
    return Task(
        rf"A $5 \times 5$ convolution maps {c} channels to {f}, stride 1, same padding. Now a $1 \times 1$ convolution "
        rf"from {c} to {r} channels is put before it, and the $5 \times 5$ one maps these {r} to {f}. By which factor "
        rf"do the multiply-adds fall? (within 1 %)",
        answer,
        rf"Per position $25 \cdot {c} \cdot {f} = {direct}$ before, and ${c} \cdot {r} + 25 \cdot {r} \cdot {f} = "
        rf"{reduced}$ now: the factor is ${short(answer)}$, the same as for the weights. The large kernel works on few "
        rf"channels, and mixing channels costs 1 and not 25 per pair. The price is a bottleneck of {r} channels.",
        rtol=1e-2,
    )


bank.open(
    "cnn_one_by_one_uses",
    "one-by-one",
    r"A $1 \times 1$ convolution looks at a single pixel. What does it compute, how would you implement it in one "
    r"matrix product, and what is it used for? Give at least three uses.",
    r"At each position it applies one and the same dense layer to the vector of $C$ channels: $y_{nfij} = \sum_c "
    r"W_{fc}\,x_{ncij} + b_f$. Move the channels last, reshape to $(NHW, C)$, multiply by $W^\top$ of shape $(C, F)$, "
    r"reshape back: no im2col and no copies of pixels. It has $CF$ weights and does $CFHW$ multiply-adds, a ninth of "
    r"a $3 \times 3$ layer, and mixes channels but not places, so the receptive field does not grow. Uses: to reduce "
    r"channels before an expensive $3 \times 3$ or $5 \times 5$ (Inception, the bottleneck of ResNet) and to raise "
    r"them again; more depth and non-linearity at the same place, if an activation follows (Network in Network: a "
    r"small MLP sliding over the map); to match the channels of a shortcut; the pointwise half of a depthwise "
    r"separable convolution; a dense classifier applied at every position, as in fully convolutional networks for "
    r"segmentation and in detection heads; squeezing after concatenation (DenseNet's transition). Without an "
    r"activation, two in a row are one, of rank limited by the channels between. With stride 2 it skips three "
    r"quarters of the input.",
    [
        r"the same dense layer on the channel vector at every position, with the formula",
        r"as a matrix product: (NHW, C) times (C, F)",
        r"cost CF per position, mixes channels and not places",
        r"three uses, among them reducing channels before a larger kernel",
    ],
)

# ---- stacks-of-3x3: small kernels in a row against one large kernel

bank.choice(
    "cnn_three_threes_not_a_gain",
    "stacks-of-3x3",
    r"Three $3 \times 3$ convolutions, each followed by a ReLU, replace one $7 \times 7$ with a ReLU; $C$ channels all "
    r"the way, stride 1, same padding. Which of these do you **not** gain?",
    [
        wrong(
            r"$27C^2$ weights rather than $49C^2$",
            r"Gained: $3 \cdot 9$ against 49, for the same receptive field of $7 \times 7$.",
        ),
        wrong(
            r"Two further non-linearities on the way to the same receptive field",
            r"Gained: $3 + 2 + 2 = 7$ pixels with three ReLUs and not one, so a richer function of the same pixels.",
        ),
        wrong(
            rf"About {100 * (1 - 27 / 49):.0f} % fewer multiply-adds",
            r"Gained: with equal maps, the multiply-adds are the weights times $HW$, so they fall in the same "
            r"proportion.",
        ),
        right(
            r"Less memory for activations in training",
            r"Not gained: three maps are kept for the backward pass where there was one, and three layers are computed "
            r"one after the other. This is the price of depth.",
        ),
    ],
)


@bank.number("cnn_stack_on_rgb", "stacks-of-3x3", level=2)
def _cnn_stack_on_rgb(rng: np.random.Generator) -> Task:
    f = 4 * int(rng.integers(3, 33))
    stack, large = 9 * 3 * f + 2 * 9 * f * f, 49 * 3 * f
    answer = stack / large
    return Task(
        rf"“Three $3 \times 3$ layers are cheaper than one $7 \times 7$.” Test it on the *first* layer of a network: "
        rf"RGB input, {f} channels out; in the stack all three layers have {f} channels out. The stack's number of "
        rf"weights, divided by that of the $7 \times 7$ layer? (no biases, within 1 %)",
        answer,
        rf"The stack has $9 \cdot 3 \cdot {f} + 2 \cdot 9 \cdot {f}^2 = {stack}$, the large kernel $49 \cdot 3 \cdot "
        rf"{f} = {large}$: {short(answer)} times. The rule $27C^2 < 49C^2$ assumes as many channels in as out. With 3 "
        rf"channels in, a large kernel is cheap, so a $7 \times 7$ stem, as ResNet has, costs little.",
        rtol=1e-2,
    )


bank.open(
    "cnn_kernel_size_choice",
    "stacks-of-3x3",
    r"Why did networks after VGG use $3 \times 3$ kernels almost everywhere? Derive the saving, name the costs, and "
    r"say why larger kernels have come back in some newer networks.",
    r"$n$ stacked $3 \times 3$ layers with stride 1 have a receptive field of $2n + 1$: two give 5, three give 7. With "
    r"$C$ channels everywhere they have $9nC^2$ weights, one layer with $k = 2n + 1$ has $(2n+1)^2C^2$: 18 against 25, "
    r"27 against 49, and the gap grows, linear against quadratic; multiply-adds in the same proportion. In between "
    r"come $n - 1$ further non-linearities, so the function is richer, and the factorization acts as a restriction, "
    r"hence as a regularizer. $3 \times 3$ is the smallest kernel that knows left, right, above and below, and "
    r"libraries are tuned for it (Winograd). Costs: more layers one after the other, more activations to keep for the "
    r"backward pass, harder training of deep stacks (solved by normalization and shortcuts); and the effective "
    r"receptive field grows only like $\sqrt n$, so the $2n + 1$ is not used evenly. The saving fails where few "
    r"channels come in, as in the first layer. Large kernels came back as *depthwise* convolutions (ConvNeXt uses $7 "
    r"\times 7$): there the kernel costs $k^2$ per channel and not $k^2C$, little beside the $1 \times 1$ layers, and "
    r"wide context is had in few layers, as with attention.",
    [
        r"receptive field 2n + 1 of n layers",
        r"9n against (2n+1) squared, with the numbers for 5 or 7",
        r"more non-linearities on the same field",
        r"a cost: activation memory, depth, latency, or the first layer with 3 channels",
        r"large kernels return as depthwise ones, where the kernel is cheap",
    ],
    level=2,
)

# ---- padding: what stands beyond the border

bank.choice(
    "cnn_seams_between_tiles",
    "padding",
    r"A segmentation network with zero padding runs over a huge satellite image in tiles of $512 \times 512$. The "
    r"mosaic of its outputs shows seams. What is the sound remedy?",
    [
        wrong(
            r"Reflection padding, which supplies what lies beyond the border of a tile.",
            r"It invents something plausible. The seams get weaker, but what really lies there is in the next tile and "
            r"is not used.",
        ),
        wrong(
            r"Longer training on random crops, till the network has learnt to ignore the padding.",
            r"It can learn that zeros mean “unknown”. The context that is missing at the border stays missing.",
        ),
        right(
            r"Overlapping tiles, of which only outputs that do not see any padding are kept.",
            r"An output whose receptive field lies within the tile is what the whole image would have given. With a "
            r"receptive field of side $r$ a margin of $(r - 1)/2$ on each side suffices; with strides, shift by "
            r"multiples of the total stride.",
        ),
        wrong(
            r"Smaller tiles with the seams smoothed by a Gaussian filter, so that each error stays local.",
            r"Smaller tiles have more border in relation to their area, and a filter hides errors, correct outputs "
            r"being blurred as well.",
        ),
    ],
    level=2,
)

bank.choice(
    "cnn_same_padding_ported",
    "padding",
    r'A network is ported from TensorFlow (`padding="same"`) to PyTorch (`padding=1` for its $3 \times 3$ layers). '
    r"Weights and all shapes agree, yet accuracy falls. Outputs deviate from the first $3 \times 3$ layer with stride "
    r"2 on, which reads a $224 \times 224$ map. Why?",
    [
        right(
            r"TensorFlow pads 0 before and 1 after there, so PyTorch's windows begin one pixel earlier.",
            rf"112 outputs need $(112 - 1) \cdot 2 + 3 - 224 = {111 * 2 + 3 - 224}$ row of padding, and “same” puts an "
            rf"odd one after. With 1 on both sides all windows shift by a pixel. Pad by hand, 0 before and 1 after.",
        ),
        wrong(
            r"TensorFlow computes a true convolution, so the kernels have to be flipped in both axes.",
            r"Both compute cross-correlation. Flipped kernels would also spoil the layers with stride 1.",
        ),
        wrong(
            r"PyTorch pads by repeating the border pixels unless zeros are asked for, which `same` does by default.",
            r"PyTorch's default is zeros as well. And the layers with stride 1 would deviate at their borders.",
        ),
        wrong(
            r"PyTorch rounds the output size down and TensorFlow up, so a row of outputs is missing.",
            rf"With padding 1 PyTorch has $\lfloor(224 + 2 - 3)/2\rfloor + 1 = {side(224, 3, 2, 1)}$ rows, as many as "
            rf"TensorFlow: that is why the shapes did not show it.",
        ),
    ],
    level=3,
)


@bank.number("cnn_outputs_that_see_padding", "padding", level=2)
def _cnn_outputs_that_see_padding(rng: np.random.Generator) -> Task:
    n, layers = int(rng.choice([28, 32, 48, 56, 64, 96, 112])), int(rng.integers(2, 13))
    inner = n - 2 * layers
    answer = 100 * (1 - (inner / n) ** 2)
    return Task(
        rf"A map of ${n} \times {n}$ goes through {layers} convolutions of $3 \times 3$ with stride 1 and zero padding "
        rf"1. How many *per cent* of the outputs depend on at least one padded zero? (within 1 %)",
        answer,
        rf"Each layer carries the border's influence one pixel inwards, so after {layers} layers a rim of {layers} "
        rf"pixels is touched. ${inner} \times {inner}$ of ${n} \times {n}$ are free of it: $1 - ({inner}/{n})^2$, "
        rf"which is ${short(answer)}\,\%$. So deep networks can read from the zeros how far away the border is, and "
        rf"equivariance to shifts holds in the interior only.",
        rtol=1e-2,
    )


# ---- dilation: a wide kernel with holes

bank.choice(
    "cnn_dilation_holes",
    "dilation",
    r"Three $3 \times 3$ convolutions, *each with dilation 2*, are stacked with stride 1. The receptive field is $13 "
    r"\times 13$. On how many of these 169 pixels does one output depend?",
    [
        wrong(
            r"on all 169, as each layer fills the holes that the one before it has left",
            r"It would with different dilations. Here every step is $-2$, 0 or 2 pixels, and sums of even numbers are "
            r"even.",
        ),
        right(
            r"on 49, those at an even distance in both directions",
            r"Each layer moves by $-2$, 0 or 2, so the reachable offsets are $-6, -4, \dots, 6$: 7 per axis. "
            r"Neighbouring outputs use disjoint pixels (gridding). Dilations 1, 2, 3 have the same field without "
            r"holes.",
        ),
        wrong(
            r"on 27, since each of the three layers reads 9 values",
            r"Each output reads 9 values of the layer *before it*, and each of these reads 9 more. They meet in 49 "
            r"pixels.",
        ),
        wrong(
            r"on 25, the pixels of a single $5 \times 5$ field with dilation 2",
            r"That is the pattern of 2 layers, 5 offsets per axis. The third adds two more.",
        ),
    ],
    level=2,
)

bank.choice(
    "cnn_strides_removed",
    "dilation",
    r"To get finer maps for segmentation, the last two stride-2 convolutions of a pretrained classifier are set to "
    r"stride 1. What must happen to the layers that follow, so that their kernels fit without retraining?",
    [
        wrong(
            r"Nothing: a kernel does not depend on the size of the map it is moved over.",
            r"It runs, but on a denser map: if the total stride was 32, a kernel trained on neighbours 32 pixels apart "
            r"now gets some that are 8 apart.",
        ),
        wrong(
            r"Dilation 2 in all layers after the first of the two, since the map has become twice as dense.",
            r"True up to the second removed stride. After that the map is four times as dense.",
        ),
        wrong(
            r"Kernels interpolated to $5 \times 5$ and $9 \times 9$, so that they cover the old extent.",
            r"The extent would be right, the function another one, with more weights and work. Zeros between the "
            r"weights keep the function.",
        ),
        right(
            r"Dilation 2 in the layers after the first of the two, and dilation 4 in those after the second.",
            r"Then each weight meets pixels as far apart as in training, and every second (or fourth) output is just "
            r"the old one. This is how DeepLab uses “à trous” convolutions.",
        ),
    ],
    level=2,
)


@bank.number("cnn_dilated_audio_field", "dilation", level=2)
def _cnn_dilated_audio_field(rng: np.random.Generator) -> Task:
    n, blocks, k = int(rng.integers(6, 11)), int(rng.integers(2, 6)), int(rng.choice([2, 3]))
    rate = int(rng.choice([8, 16, 24]))
    size = 1 + blocks * (k - 1) * (2**n - 1)
    answer = size / rate
    return Task(
        rf"A network for raw audio, {rate} kHz, stacks one-dimensional convolutions with kernel {k} and stride 1; the "
        rf"dilations are $1, 2, 4, \dots, {2 ** (n - 1)}$, and this block of {n} layers occurs {blocks} "
        rf"times in a row. How many *milliseconds* does its receptive field span? "
        rf"(count the samples, within 1 %)",
        answer,
        rf"With stride 1 a layer adds $d(k - 1)$ samples, a block $(k - 1)(2^{{{n}}} - 1) = "
        rf"{(k - 1) * (2**n - 1)}$. Together $1 + {blocks * (k - 1) * (2**n - 1)} = {size}$ samples, "
        rf"${short(answer)}$ ms. Without dilation the same {n * blocks} layers would see "
        rf"{1 + n * blocks * (k - 1)} samples: within a block the field grows exponentially with depth, the weights "
        rf"linearly.",
        rtol=1e-2,
    )


bank.open(
    "cnn_context_without_losing_places",
    "dilation",
    r"Segmentation needs wide context *and* exact positions. Compare the ways to get both: a plain stack at full "
    r"resolution, dilated convolutions, and an encoder–decoder with skip connections. Include cost and typical "
    r"artefacts.",
    r"Full resolution with $3 \times 3$ layers: positions are kept, but the receptive field grows by 2 pixels a layer "
    r"while every layer pays for all $H \times W$ positions; context of some hundred pixels is out of reach. Strides "
    r"or pooling double the growth each time and make later layers cheap, but positions are lost. Dilated "
    r"convolutions keep the map's size and the number of weights and space the taps out: dilations 1, 2, 4, … let the "
    r"field grow exponentially. Cost: all later maps stay large, so memory and work are high; artefacts: gridding, if "
    r"the dilations have a common factor, and little detail near borders, where wide kernels mostly read padding. "
    r"Usually one keeps an output stride of 8 or 16 and dilates only the last stages. Encoder–decoder (U-Net): go down "
    r"to a small map, cheaply and with wide context, come up again by transposed convolutions or by interpolation and "
    r"a convolution, and add the encoder's fine maps by skip connections, which bring the exact edges back. "
    r"Artefacts: checkerboards where the kernel is not a multiple of the stride; the skips' maps must be kept in "
    r"memory. The two are often combined.",
    [
        r"plain stack: linear growth of the field, full cost at each layer",
        r"dilation: larger field at equal weights and resolution; memory and work stay high",
        r"gridding, and how to avoid it",
        r"encoder–decoder: cheap context, skips restore positions",
        r"upsampling by transposed convolution or interpolation, with its artefact",
    ],
    level=2,
)

# ---- fully-connected: what the dense layers did, and what replaced them

bank.choice(
    "cnn_average_or_classify_first",
    "fully-connected",
    r"A network ends in global average pooling and one linear layer with bias. Instead you apply this linear layer as "
    r"a $1 \times 1$ convolution at every position and average the maps of class scores. What changes?",
    [
        wrong(
            r"The logits: a layer that sees one position at a time is no longer fully connected.",
            r"Fully connected in the *channels* it was, and still is. The positions had been averaged before anyway.",
        ),
        wrong(
            r"The number of weights: the linear layer needs a set of its own for every position.",
            r"All positions share one set, as in any convolution.",
        ),
        right(
            r"Not the logits; but there is now a map for each class that shows where they come from.",
            r"An average and an affine map commute: $\frac1n\sum_i(Wx_i + b) = W\frac1n\sum_i x_i + b$. These maps are "
            r"class activation maps. With a *softmax* before the average the result would differ.",
        ),
        wrong(
            r"The logits' bias: it is now added once for every position, and so $HW$ times.",
            r"It is added $HW$ times and the sum divided by $HW$.",
        ),
    ],
    level=2,
)


@bank.number("cnn_dense_head_as_convolution", "fully-connected")
def _cnn_dense_head_as_convolution(rng: np.random.Generator) -> Task:
    h, w = 32 * int(rng.integers(8, 25)), 32 * int(rng.integers(8, 25))
    answer = (h // 32 - 6) * (w // 32 - 6)
    return Task(
        rf"VGG-16 halves the map five times and was trained on $224 \times 224$. Its first dense layer, which reads "
        rf"$512 \times 7 \times 7$, is rewritten as a $7 \times 7$ convolution without padding, the other two as $1 "
        rf"\times 1$. Now an image of ${h} \times {w}$ goes in. At how many positions does the network give class "
        rf"scores? (a whole number)",
        answer,
        rf"The last map is ${h // 32} \times {w // 32}$, and a $7 \times 7$ window has ${h // 32 - 6} \times "
        rf"{w // 32 - 6} = {answer}$ places in it. The weights are the same numbers, reshaped. It gives what "
        rf"{answer} crops at distances of 32 pixels would give (up to the padding at their borders), with the work on "
        rf"overlaps done once.",
        rtol=1e-6,
    )


bank.open(
    "cnn_what_replaced_dense",
    "fully-connected",
    r"What did the dense layers at the end of LeNet, AlexNet and VGG do, what did they cost, and what has replaced "
    r"them? Would you ever put them back?",
    rf"They took the flattened maps, $512 \cdot 7 \cdot 7 = {512 * 49}$ numbers in VGG-16, and combined features from "
    rf"all places, with non-linear layers, into class scores; each position had its own weights, so they could use "
    rf"where a feature was. Cost: {million(VGG_DENSE_WEIGHTS)} of {million(VGG_WEIGHTS)} million weights, hence "
    rf"overfitting (dropout stood there), memory and traffic, though hardly any multiply-adds; and the input size is "
    rf"fixed, because the flattened length is. Replacements: global average pooling and one linear layer (Network in "
    rf"Network, GoogLeNet, ResNet): one number per channel, $C \cdot K$ weights for $K$ classes, any image size, maps "
    rf"of classes for free; the features' positions are lost, so the convolutions must already have formed parts into "
    rf"objects. For dense prediction: the dense layer as a convolution, i.e. $7 \times 7$ and then $1 \times 1$ (fully "
    rf"convolutional). Others: spatial pyramid pooling to a fixed length, attention pooling or a class token. I would "
    rf"put them back if places have a fixed meaning (boards, aligned faces, small heads for boxes or key points after "
    rf"a crop to fixed size), or as a small trained head on frozen features.",
    [
        r"role: combine features of all places into class scores",
        r"cost: most of the weights, overfitting, fixed input size (not most of the multiply-adds)",
        r"global average pooling with one linear layer, and what that gains",
        r"dense layer as convolution for dense prediction",
        r"what is lost, or when dense layers are still right",
    ],
)

# ---- architectures: from LeNet to DenseNet, each for its reason

bank.choice(
    "cnn_deeper_with_fewer_weights",
    "architectures",
    rf"VGG-16 has {million(VGG_WEIGHTS)} million weights, ResNet-50 has {million(RESNET50_WEIGHTS)} million although "
    rf"it is three times as deep. What is the main reason?",
    [
        wrong(
            r"Its bottleneck blocks, whose convolutions need fewer weights than VGG's.",
            rf"Per layer they do. Altogether ResNet-50's convolutions have {million(RESNET50_CONV_WEIGHTS)} million "
            rf"weights, VGG-16's {million(VGG_CONV_WEIGHTS)} million.",
        ),
        wrong(
            r"Its shortcuts, since a block that only learns a residual needs fewer weights.",
            r"A residual block has as many weights as the same block without its shortcut, or more with a projection.",
        ),
        wrong(
            r"Its early downsampling: smaller maps need fewer weights.",
            r"A convolution's weights do not depend on the size of its map. Smaller maps save work and memory.",
        ),
        right(
            r"Its head: an average over each map and one dense layer, in place of three large ones.",
            rf"VGG's three dense layers hold {million(VGG_DENSE_WEIGHTS)} million, ResNet's one $2048 \cdot 1000 + "
            rf"1000$, which is {million(RESNET50_DENSE_WEIGHTS)} million.",
        ),
    ],
    level=2,
)

bank.choice(
    "cnn_one_line_each",
    "architectures",
    r"Which of these one-line summaries is true?",
    [
        right(
            r"LeNet-5 already had the pattern: convolution and subsampling, twice, and then dense layers.",
            r"AlexNet scaled it up and added ReLU, dropout and augmentation, on GPUs and with a million images.",
        ),
        wrong(
            r"VGG went deeper than AlexNet by replacing its small kernels by fewer, larger ones.",
            r"The reverse: AlexNet's first kernels are $11 \times 11$ and $5 \times 5$; VGG stacks $3 \times 3$ only.",
        ),
        wrong(
            r"GoogLeNet beat AlexNet by spending more weights, in parallel branches of several kernel sizes.",
            r"The branches are right, the weights are not: thanks to $1 \times 1$ reductions and no large dense layers "
            r"its authors count a twelfth of AlexNet's.",
        ),
        wrong(
            r"DenseNet adds all earlier maps of a block to the new one, so that the channels stay as many.",
            r"It *concatenates* them: the channels grow by the growth rate with each layer. ResNet adds.",
        ),
    ],
)


@bank.number("cnn_lenet_like_total", "architectures")
def _cnn_lenet_like_total(rng: np.random.Generator) -> Task:
    n, c = int(rng.choice([28, 32])), int(rng.choice([1, 3]))
    f1, f2 = int(rng.integers(4, 17)), 4 * int(rng.integers(3, 13))
    hidden, classes = 10 * int(rng.integers(6, 16)), int(rng.choice([10, 26, 100]))
    s = side(side(n, 5) // 2, 5) // 2
    parts = [25 * c * f1 + f1, 25 * f1 * f2 + f2, f2 * s * s * hidden + hidden, hidden * classes + classes]
    answer = sum(parts)
    return Task(
        rf"How many parameters, biases included, does this network have? Input ${c} \times {n} \times {n}$; $5 \times "
        rf"5$ convolution to {f1} channels, no padding; $2 \times 2$ max pooling; $5 \times 5$ convolution to {f2} "
        rf"channels, no padding; $2 \times 2$ max pooling; dense layer to {hidden}; dense layer to {classes}. (exact)",
        answer,
        rf"The side goes {n}, {side(n, 5)}, {side(n, 5) // 2}, {side(side(n, 5) // 2, 5)}, {s}. Convolutions: $25 "
        rf"\cdot {c} \cdot {f1} + {f1} = {parts[0]}$ and $25 \cdot {f1} \cdot {f2} + {f2} = {parts[1]}$. Dense: "
        rf"$({f2} \cdot {s} \cdot {s}) \cdot {hidden} + {hidden} = {parts[2]}$ and ${hidden} \cdot {classes} + "
        rf"{classes} = {parts[3]}$. Pooling has none. Sum {answer}; the first dense layer has "
        rf"{100 * parts[2] / answer:.0f} %.",
        rtol=1e-6,
    )


bank.open(
    "cnn_lenet_to_densenet",
    "architectures",
    r"From LeNet-5 through AlexNet, VGG, GoogLeNet and ResNet to DenseNet: say in a line each which problem it met and "
    r"what it brought. What did each leave for the next one to solve?",
    rf"LeNet-5 (1998): digits; convolution, subsampling and dense layers trained together by gradient descent; "
    rf"tanh-like units, small data and slow machines kept it small. AlexNet (2012): the same pattern on ImageNet; ReLU "
    rf"so that it trains faster, dropout and augmentation against overfitting, two GPUs (hence two groups); large "
    rf"kernels and dense layers with most of its {ALEXNET_WEIGHTS / 1e6:.0f} million weights remain. VGG (2014): depth "
    rf"in a uniform design of $3 \times 3$ stacks; {VGG_WEIGHTS / 1e6:.0f} million weights, heavy, and no gain beyond "
    rf"19 layers. GoogLeNet (2014): several kernel sizes in parallel, $1 \times 1$ reductions, average pooling in "
    rf"place of dense layers: a fraction of the weights; complicated, helper losses for the gradient. ResNet (2015): "
    rf"plain networks got worse with depth even in *training* error; shortcuts $x + F(x)$ with batch normalization "
    rf"make 50 to 152 layers trainable. DenseNet (2017): each layer gets the concatenation of all earlier maps of its "
    rf"block; features are reused, few weights, good gradients; memory for the growing concatenations is its price. "
    rf"The thread: deeper with fewer weights, and a shorter way for the gradient.",
    [
        r"LeNet's pattern, and AlexNet's ReLU, dropout, augmentation, GPUs",
        r"VGG: depth by uniform 3×3 stacks, at the price of weights",
        r"GoogLeNet: parallel branches, 1×1 reductions, average pooling",
        r"ResNet: degradation and the additive shortcut",
        r"DenseNet: concatenation, reuse, memory",
    ],
)

# ---- output-size: how many windows fit

bank.choice(
    "cnn_last_column_unread",
    "output-size",
    r"A $3 \times 3$ convolution with stride 2 and *no* padding reads a $224 \times 224$ image (PyTorch's rule). What "
    r"comes out?",
    [
        wrong(
            r"$112 \times 112$; the last windows reach one pixel beyond the image.",
            r"Without padding no window may reach beyond. This is what “same” padding would give.",
        ),
        right(
            rf"${side(224, 3, 2)} \times {side(224, 3, 2)}$; the image's last row and column are never read.",
            rf"$\lfloor(224 - 3)/2\rfloor + 1 = {side(224, 3, 2)}$, and the last window covers the pixels 220 to 222, "
            rf"counted from 0. Pixel 223 has no influence and its gradient is 0.",
        ),
        wrong(
            rf"${side(224, 3, 2)} \times {side(224, 3, 2)}$; each pixel of the image is read at least once.",
            r"The last window begins at 220 and ends at 222; the pixels run to 223.",
        ),
        wrong(
            r"An error, because $224 - 3 = 221$ is not a multiple of the stride.",
            r"The division is rounded down in all common frameworks. An error comes only if not even one window fits.",
        ),
    ],
)

bank.choice(
    "cnn_imagenet_net_on_small_images",
    "output-size",
    r"A ResNet-18 made for $224 \times 224$ images (total stride 32, global average pooling) is trained from scratch "
    r"on $32 \times 32$ ones. It runs without error, but its accuracy is disappointing. What would you change first?",
    [
        wrong(
            r"The channels: 512 of them are too many for images that small.",
            r"The number of channels fits the number of things to tell apart, and small images show no fewer of these.",
        ),
        wrong(
            r"The last pooling: a map smaller than $7 \times 7$ is filled up with zeros, which dilute the average.",
            r"Global pooling averages whatever map there is. No padding takes place.",
        ),
        right(
            r"The first layers: stride 1 and no max pooling there, so that the last maps are $4 \times 4$.",
            r"With total stride 32 the last map has $32/32 = 1$ position and the stem is at $8 \times 8$ before the "
            r"first block. Without the stem's two factors of 2 the total stride is 8.",
        ),
        wrong(
            r"The normalization: batch statistics of $1 \times 1$ maps have variance 0.",
            r"They run over the batch as well as over the positions, so a batch of 128 images still gives 128 values "
            r"per channel.",
        ),
    ],
    level=2,
)


@bank.number("cnn_side_after_four_layers", "output-size")
def _cnn_side_after_four_layers(rng: np.random.Generator) -> Task:
    n = int(rng.integers(90, 330))
    k1, s1 = int(rng.choice([5, 7, 9, 11])), int(rng.choice([2, 3, 4]))
    p1, p3 = int(rng.integers(0, 4)), int(rng.integers(0, 2))
    k3 = int(rng.choice([3, 5]))
    layers = [(k1, s1, p1), (3, 2, 0), (k3, 1, p3), (2, 2, 0)]
    sizes = [n]
    for kernel, stride, padding in layers:
        sizes.append(side(sizes[-1], kernel, stride, padding))
    steps = ", ".join(
        rf"$\lfloor({before} + {2 * p} - {k})/{s}\rfloor + 1 = {after}$"
        for (k, s, p), before, after in zip(layers, sizes, sizes[1:], strict=False)
    )
    return Task(
        rf"An image of ${n} \times {n}$ goes through a convolution with kernel ${k1} \times {k1}$, stride {s1} and "
        rf"padding {p1}, $3 \times 3$ max pooling with stride 2 and no padding, a convolution with kernel ${k3} \times "
        rf"{k3}$, stride 1 and padding {p3}, and $2 \times 2$ max pooling with stride 2. What is the side of the "
        rf"result? (divisions are rounded down; a whole number)",
        sizes[-1],
        rf"One layer after the other: {steps}. Rounding comes at each layer; doing it once at the end gives other "
        rf"results.",
        rtol=1e-6,
    )


# ---- receptive-field: what an output can see, and what it does see

bank.choice(
    "cnn_where_the_stride_counts",
    "receptive-field",
    rf"Ten $3 \times 3$ convolutions with stride 1 have a receptive field of {field([(3, 1, 1)] * 10)[-1][0]} pixels; "
    rf"the objects are about 40 pixels large. Which change brings the field of the last layer closest to that?",
    [
        wrong(
            r"Give the last of the ten layers stride 2.",
            rf"It stays {field([(3, 1, 1)] * 9 + [(3, 2, 1)])[-1][0]}: a stride spreads out what comes *after* it, and "
            rf"nothing does.",
        ),
        wrong(
            r"Put two more $3 \times 3$ layers at the end.",
            rf"Each adds 2 pixels: {field([(3, 1, 1)] * 12)[-1][0]}.",
        ),
        wrong(
            r"Double the channels of every layer.",
            r"The field is a matter of kernels, strides and dilations. More channels see the same pixels.",
        ),
        right(
            r"Give the first of the ten layers stride 2.",
            rf"The nine layers after it then add $2 \cdot 2$ pixels each: $3 + 9 \cdot 4 = "
            rf"{field([(3, 2, 1)] + [(3, 1, 1)] * 9)[-1][0]}$, and work falls to a quarter. The price is resolution.",
        ),
    ],
)


@bank.number("cnn_receptive_field_of_stack", "receptive-field")
def _cnn_receptive_field_of_stack(rng: np.random.Generator) -> Task:
    k1, s1 = int(rng.choice([3, 5, 7])), int(rng.choice([1, 2]))
    pool, k3 = int(rng.choice([2, 3])), int(rng.choice([3, 5]))
    d3, s4 = int(rng.choice([1, 2, 3])), int(rng.choice([1, 2]))
    layers = [(k1, s1, 1), (pool, 2, 1), (k3, 1, d3), (3, s4, 1), (3, 1, 1)]
    path = field(layers)
    answer = path[-1][0]
    jumps = [1] + [jump for _, jump in path[:-1]]
    terms = " + ".join(
        rf"{kernel - 1} \cdot {dilation} \cdot {jump}"
        for (kernel, _, dilation), jump in zip(layers, jumps, strict=True)
    )
    return Task(
        rf"Layers: ${k1} \times {k1}$ convolution, stride {s1}; ${pool} \times {pool}$ pooling, stride 2; ${k3} \times "
        rf"{k3}$ convolution with dilation {d3}; $3 \times 3$ convolution, stride {s4}; $3 \times 3$ convolution. "
        rf"Where nothing is said stride and dilation are 1. What is the side of the last layer's receptive field in "
        rf"the input, in pixels?",
        answer,
        rf"Each layer adds (kernel − 1) · dilation · jump, where the jump is the product of the strides *before* it: "
        rf"here {', '.join(map(str, jumps))}. $1 + {terms} = {answer}$. The stride of a layer itself counts only for "
        rf"those after it, and padding not at all.",
        rtol=1e-6,
    )


@bank.number("cnn_effective_field_spread", "receptive-field", level=3)
def _cnn_effective_field_spread(rng: np.random.Generator) -> Task:
    k, layers = int(rng.choice([3, 5, 7])), int(rng.integers(5, 61))
    full = 1 + layers * (k - 1)
    answer = math.sqrt(layers * (k * k - 1) / 12)
    return Task(
        rf"Along one axis, take {layers} linear convolutions with kernel {k} and stride 1, one channel, all weights "
        rf"$1/{k}$. One output's gradient with respect to the input pixels is then a bump whose values sum to 1. What "
        rf"is its standard deviation in pixels? (within 1 %)",
        answer,
        rf"Each layer spreads the gradient evenly over {k} offsets, so the bump is the distribution of a sum of "
        rf"{layers} independent uniform steps, each with variance $({k}^2 - 1)/12 = {(k * k - 1) / 12:g}$. The "
        rf"standard deviation is $\sqrt{{{layers} \cdot {(k * k - 1) / 12:g}}} = {short(answer)}$, the field's full "
        rf"width {full}. The bump is nearly Gaussian and its width grows like $\sqrt L$, the theoretical field like "
        rf"$L$: most of a deep stack's field hardly counts.",
        rtol=1e-2,
    )


bank.open(
    "cnn_receptive_field_explained",
    "receptive-field",
    r"Define the receptive field of a unit and derive how it grows layer by layer. Which choices enlarge it, why is "
    r"the *effective* field smaller, and how would you notice that it is too small?",
    r"It is the set of input pixels that can influence the unit. Let $r_l$ be its side and $j_l$ the jump, the "
    r"distance in pixels between neighbouring units of layer $l$; $r_0 = j_0 = 1$. A window of kernel $k$ and dilation "
    r"$d$ spans $d(k - 1)$ steps of $j_{l-1}$ pixels, so $r_l = r_{l-1} + d(k-1)\,j_{l-1}$, and $j_l = s\,j_{l-1}$. So "
    r"it grows linearly with depth at stride 1 and exponentially with the number of strides; a stride acts on the "
    r"layers after it only; padding shifts the field but does not change its size. To enlarge it: depth, larger "
    r"kernels, dilation, strides or pooling early, or global operations (attention, squeeze-and-excitation, pooling to "
    r"the whole image). Effective field: the centre is reached by many paths, the rim by few; for random or equal "
    r"weights the influence is about Gaussian with width proportional to $\sqrt L$, while the field grows like $L$; "
    r"training widens it, shortcuts keep short paths strong. Signs that it is too small: large objects are missed or "
    r"cut in pieces while small ones are found; large uniform areas are labelled patchily; occluding distant context "
    r"does not change the output. Measure it by the gradient of one output with respect to the input.",
    [
        r"definition: the input pixels that can influence a unit",
        r"the recurrence for size and jump",
        r"what enlarges it, and that a stride counts for later layers",
        r"effective field: roughly Gaussian, grows like the root of depth, with a reason",
        r"a symptom or a measurement",
    ],
    level=2,
)

# ---- cost: weights, multiply-adds, memory and time are four different things

bank.choice(
    "cnn_wider_or_larger_images",
    "cost",
    r"You can double the channels of all layers of a convolutional network, or the side of its input images. How do "
    r"the two compare for a layer in the middle?",
    [
        right(
            r"Both need 4 times the multiply-adds; the weights grow 4 times with width only, activations 2 and 4 "
            r"times.",
            r"Multiply-adds are $k^2 C F H W$: either $CF$ or $HW$ grows by 4. Weights are $k^2CF$, output values "
            r"$FHW$.",
        ),
        wrong(
            r"Double width needs twice the multiply-adds and twice the weights; double side needs 4 times the "
            r"multiply-adds and 4 times the activations.",
            r"Width enters twice: a layer's output channels double, and so do its input channels, the output of the "
            r"layer before.",
        ),
        wrong(
            r"Both need 4 times the multiply-adds, 4 times the weights, and 4 times the activations.",
            r"A convolution's weights do not know the image's size, and with double width there are twice as many "
            r"values.",
        ),
        wrong(
            r"Double width costs 4 times the multiply-adds; double side costs nothing but memory, as the filters stay "
            r"the same.",
            r"The same filters are applied at 4 times as many positions.",
        ),
    ],
    level=2,
)

bank.choice(
    "cnn_separable_not_as_fast",
    "cost",
    rf"On a GPU, with large maps and large batches, $3 \times 3$ convolutions $256 \to 256$ are replaced by depthwise "
    rf"separable ones. The multiply-adds fall {short(1 / (1 / 256 + 1 / 9))}-fold, the time by half only. What is the "
    rf"likeliest reason?",
    [
        wrong(
            r"The $1 \times 1$ part now does most of the multiply-adds, and it needs as many as the full $3 \times 3$ "
            r"one.",
            r"It does most of what is left, but that is a ninth of the full convolution's.",
        ),
        right(
            r"The depthwise part does so little work per value it moves that memory traffic sets its time.",
            rf"It does 9 multiply-adds per output value, the full convolution {9 * 256}, and both read and write maps "
            rf"of the same size. Besides, there is now a further map to write and to read in between.",
        ),
        wrong(
            r"A library computes a depthwise layer as a full convolution with a block-diagonal kernel of zeros.",
            r"Then it would do *more* than before: that full convolution and the $1 \times 1$ one.",
        ),
        wrong(
            r"Twice as many layers have to be launched, and a launch takes about as long as a convolution.",
            r"A launch takes microseconds. That can matter for tiny maps, not for large ones in large batches.",
        ),
    ],
    level=3,
)


@bank.number("cnn_separable_factor", "cost")
def _cnn_separable_factor(rng: np.random.Generator) -> Task:
    k, f = int(rng.choice([3, 5, 7])), 8 * int(rng.integers(2, 65))
    c, s = 8 * int(rng.integers(2, 33)), int(rng.choice([14, 28, 56]))
    full, separable = k * k * c * f * s * s, (k * k * c + c * f) * s * s
    answer = full / separable
    return Task(
        rf"A ${k} \times {k}$ convolution from {c} to {f} channels with ${s} \times {s}$ outputs is replaced by a "
        rf"depthwise ${k} \times {k}$ and a pointwise $1 \times 1$ convolution. By which factor does the number of "
        rf"multiply-adds fall? (within 1 %)",
        answer,
        rf"Full: ${k * k} \cdot {c} \cdot {f}$ per position; separable: ${k * k} \cdot {c} + {c} \cdot {f}$. The ratio "
        rf"separable / full is $1/{f} + 1/{k * k}$, so the factor is ${short(answer)}$; neither the input channels nor "
        rf"the map's size matter. It cannot exceed $k^2 = {k * k}$, since the pointwise part remains.",
        rtol=1e-2,
    )


# ---- convolution-gradients: the backward pass, its memory, and the transposed convolution

bank.choice(
    "cnn_flipped_or_not",
    "convolution-gradients",
    r"What deep-learning libraries call convolution is cross-correlation: the kernel is not flipped. Suppose a library "
    r"did flip it. What would change?",
    [
        wrong(
            r"Training would fail, because the gradient with respect to the weights would point the wrong way.",
            r"Its backward pass would flip as well. Gradient descent works on whatever the layer computes.",
        ),
        wrong(
            r"Accuracy would change a little, as real images are not symmetric under a rotation by 180 degrees.",
            r"The images are not, and the learnt kernels are not either: they would come out turned, and the maps the "
            r"same.",
        ),
        right(
            r"Nothing for training from scratch; but weights could not be exchanged with others unless turned.",
            r"The flip only renames the weights, so the same functions can be represented. The name matters when "
            r"kernels are loaded, or set by hand.",
        ),
        wrong(
            r"Sharing and equivariance would be lost: only cross-correlation commutes with shifts of its input.",
            r"Both do. Flipping buys commutativity of image and kernel, which a network does not need.",
        ),
    ],
)

bank.choice(
    "cnn_checkerboard_pattern",
    "convolution-gradients",
    r"A decoder doubles its maps by transposed convolutions with kernel 3 and stride 2. Its images show a regular "
    r"pattern with a period of 2 pixels, before training and in flat regions too. What is the cause?",
    [
        wrong(
            r"The zeros that are inserted between the pixels remain as dark points in the output.",
            r"No output value is one of those zeros: each is a sum over the kernel. What matters is how *many* "
            r"products that sum has.",
        ),
        wrong(
            r"The kernel is too small to smooth the output, and so noise of the highest frequency is let through.",
            r"The pattern is there for a constant input without any noise. Kernel 2 with stride 2 has no unequal "
            r"counts.",
        ),
        wrong(
            r"A transposed convolution inverts a convolution, and so amplifies what that had damped.",
            r"It is the transpose of the convolution's matrix, not its inverse; it passes values back to where they "
            r"came from.",
        ),
        right(
            r"The kernel is no multiple of the stride: outputs get 1 or 2 contributions by turns, along each axis.",
            r"In two dimensions 1, 2 or 4. With kernel 4 all interior outputs get 2 per axis. Or enlarge by "
            r"interpolation, followed by an ordinary convolution.",
        ),
    ],
    level=2,
)


@bank.number("cnn_im2col_memory", "convolution-gradients")
def _cnn_im2col_memory(rng: np.random.Generator) -> Task:
    n, c = int(rng.choice([8, 16, 32, 64])), 16 * int(rng.integers(1, 9))
    s, k = int(rng.choice([28, 32, 56, 64])), int(rng.choice([3, 5]))
    stride = int(rng.choice([1, 2]))
    out = side(s, k, stride, k // 2)
    answer = n * out * out * c * k * k * 4 / 2**20
    return Task(
        rf"A convolution layer is computed by `im2col` in float32: a batch of {n} maps of ${c} \times {s} \times {s}$, "
        rf"kernel ${k} \times {k}$, stride {stride}, padding {k // 2}. How many MiB ($2^{{20}}$ bytes) does the matrix "
        rf"of columns take? (within 1 %)",
        answer,
        rf"It has one row for each of the ${n} \cdot {out} \cdot {out}$ windows and ${c} \cdot {k * k}$ columns, 4 "
        rf"bytes each: ${short(answer)}$ MiB, against ${short(n * c * s * s * 4 / 2**20)}$ MiB for the input. With "
        rf"stride 1 each pixel is copied up to $k^2$ times, which is the price for one large matrix product; libraries "
        rf"form such columns tile by tile.",
        rtol=1e-2,
    )


@bank.number("cnn_terms_in_weight_gradient", "convolution-gradients", level=2)
def _cnn_terms_in_weight_gradient(rng: np.random.Generator) -> Task:
    n, h, w = int(rng.integers(2, 17)), int(rng.integers(8, 33)), int(rng.integers(8, 33))
    k = int(rng.choice([3, 5]))
    a, b = int(rng.integers(0, k // 2)), int(rng.integers(0, k // 2 + 1))
    down, across = k // 2 - a, k // 2 - b
    answer = n * (h - down) * (w - across)
    return Task(
        rf"To test a `conv2d_backward` you feed ones: $x$ of shape $({n}, 1, {h}, {w})$ and `dout` of the same shape "
        rf"are all 1; one ${k} \times {k}$ filter, stride 1, zero padding {k // 2}. What must `dw[0, 0, {a}, {b}]` be? "
        rf"(indices from 0, exact)",
        answer,
        rf"$dw_{{ab}} = \sum_{{n,i,j}} dout_{{nij}}\,x_{{n,\,i+a-{k // 2},\,j+b-{k // 2}}}$. This weight looks {down} "
        rf"up and {across} to the left, so it reads a padded 0 at the first {down} along $H$ and the first {across} "
        rf"along $W$: ${n} \cdot ({h} - {down}) \cdot ({w} - {across}) = {answer}$. The weight in the middle gets "
        rf"${n * h * w}$, and so does `db`.",
        rtol=1e-6,
    )


bank.open(
    "cnn_convolution_backward_derived",
    "convolution-gradients",
    r"Derive the three gradients of a convolution, `dx`, `dw` and `db`, by way of im2col. What is `dx` in terms of a "
    r"convolution, and how is the transposed convolution related to it?",
    r"Forward: `cols = im2col(x)` of shape $(N \cdot OH \cdot OW,\ C \cdot KH \cdot KW)$, one window per row; with $w$ "
    r"reshaped to $(F, C \cdot KH \cdot KW)$, the output is `cols @ w.T + b`: a dense layer on windows. So, with "
    r"`dout` moved to $(N \cdot OH \cdot OW,\ F)$: `db` is its sum over the rows, i.e. over $N$, $OH$, $OW$; `dw = "
    r"dout.T @ cols`, reshaped, where sharing shows as a sum over all windows of all images; `dcols = dout @ w`, and "
    r"`dx = col2im(dcols)`, which *adds* each window's part back to where it was read, since a pixel lies in several "
    r"windows, and then cuts the padding off. col2im is the adjoint of im2col: $\langle \mathrm{im2col}(x), c\rangle = "
    r"\langle x, \mathrm{col2im}(c)\rangle$, a good test. For stride 1 `dx` is a correlation of the zero-padded `dout` "
    r"(full, $K - 1$ on each side) with the kernels turned by 180 degrees and the roles of $F$ and $C$ exchanged; with "
    r"stride $s$ one first puts $s - 1$ zeros between the entries of `dout`. The transposed convolution is this map "
    r"$A^\top$ used as a forward pass, with weights of its own; its output side is $(n - 1)s - 2p + k$, and *its* "
    r"backward is an ordinary convolution. `dw` and `dx` each cost about as much as the forward pass, so the backward "
    r"pass takes about twice as long.",
    [
        r"im2col turns it into a matrix product, with the shapes",
        r"db sums over N, OH, OW; dw = dout.T @ cols, a sum over all windows",
        r"dx = col2im(dout @ w), overlaps add up",
        r"dx as full correlation with turned kernels, or zeros inserted for strides",
        r"the transposed convolution is the adjoint used forwards",
    ],
    level=3,
)

# ---- non-maximum-suppression: one box per object

bank.choice(
    "cnn_suppression_in_crowds",
    "non-maximum-suppression",
    r"A pedestrian detector with non-maximum suppression at IoU > 0.5 loses people in dense crowds. At 0.8 they are "
    r"found, but single people get several boxes. What explains both?",
    [
        wrong(
            r"Suppression is done before the boxes of low score are removed and not after, so weak boxes suppress "
            r"strong ones.",
            r"A box is only ever suppressed by one of higher score, so the order of these two steps does not matter.",
        ),
        right(
            r"Overlap alone cannot tell two boxes of one person from the boxes of two people.",
            r"In a crowd boxes of different people overlap by more than 0.5, and those of one person often by less "
            r"than 0.8. Soft-NMS lowers scores and deletes nothing; other ways use more than the boxes.",
        ),
        wrong(
            r"The threshold has to be tuned together with the score threshold; the right pair solves both.",
            r"No pair can: if true neighbours overlap by 0.6 and duplicates by 0.6 too, with equal scores, any "
            r"threshold treats both alike.",
        ),
        wrong(
            r"Suppression is done for all classes together, though each class should have its own.",
            r"That matters for a rider on a horse. Here there is only one class.",
        ),
    ],
    level=2,
)


@bank.number("cnn_boxes_left_in_a_row", "non-maximum-suppression", level=2)
def _cnn_boxes_left_in_a_row(rng: np.random.Generator) -> Task:
    step, tie = 0, True
    while tie or not 2 <= step <= 7:
        w, d, tenths = int(rng.integers(20, 61)), int(rng.integers(2, 12)), int(rng.integers(3, 8))
        shifts = np.arange(1, w // d + 2) * d
        excess = 10 * np.maximum(w - shifts, 0) - tenths * (w + np.minimum(shifts, w))
        step, tie = int(np.argmax(excess <= 0)) + 1, bool((excess == 0).any())
    count = int(rng.integers(25, 91))
    answer = -(-count // step)
    before, after = ((w - m * d) / (w + m * d) if m * d < w else 0.0 for m in (step - 1, step))
    return Task(
        rf"A detector puts {count} boxes of equal size, {w} pixels wide, in a horizontal row, each shifted by {d} "
        rf"pixels to the right of the one before; the scores fall from left to right. Non-maximum suppression drops "
        rf"boxes with IoU > {tenths / 10:g}. How many boxes are left?",
        answer,
        rf"Shifted by $m$ places the IoU is $({w} - {d}m)/({w} + {d}m)$: {short(before)} for $m = {step - 1}$, which "
        rf"is dropped, and {short(after)} for $m = {step}$, which stays. The first box removes the next {step - 1}, "
        rf"the one after them is the best of the rest, and so on: $\lceil {count}/{step} \rceil = {answer}$. Dropped "
        rf"boxes suppress nothing.",
        rtol=1e-6,
    )
