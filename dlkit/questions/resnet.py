"""Concept questions on residual nets and their relatives: why a shortcut helps, and what each design costs.

They test the degradation problem and its explanation, the gradient through a sum, the arithmetic of weights,
multiply-adds and memory, and whether a symptom can be traced to the piece of the architecture that causes it.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "degradation",
    "why-skips-help",
    "v1-and-v2",
    "bottleneck",
    "shortcut-kinds",
    "cardinality",
    "inception",
    "densenet",
    "squeeze-excitation",
    "paths-and-start",
    "counting",
    "which-variant",
)

bank = Bank()

# A convolution: (channels in, channels out, kernel, side of the input map, side of the output map).
Conv = tuple[int, int, int, int, int]
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3)}


def _resnet(depth: int, stride_first: bool = False) -> list[Conv]:
    """The convolutions of a ResNet on 224×224 images; `stride_first` puts a bottleneck's stride on its first 1×1."""
    convs, c, side = [(3, 64, 7, 224, 112)], 64, 56
    for stage, blocks in enumerate(BLOCKS[depth]):
        m = 64 * 2**stage
        out = m if depth < 50 else 4 * m
        for block in range(blocks):
            low = side // 2 if block == 0 and stage > 0 else side
            if depth < 50:
                convs += [(c, m, 3, side, low), (m, m, 3, low, low)]
            else:
                middle = low if stride_first else side
                convs += [(c, m, 1, side, middle), (m, m, 3, middle, low), (m, out, 1, low, low)]
            if c != out or low != side:
                convs.append((c, out, 1, side, low))
            c, side = out, low
    return convs


def _densenet121() -> list[Conv]:
    """The convolutions of DenseNet-121 on 224×224 images."""
    convs, c, side = [(3, 64, 7, 224, 112)], 64, 56
    for block, layers in enumerate((6, 12, 24, 16)):
        for _ in range(layers):
            convs += [(c, 128, 1, side, side), (128, 32, 3, side, side)]
            c += 32
        if block < 3:
            convs.append((c, c // 2, 1, side, side))
            c, side = c // 2, side // 2
    return convs


def _macs(convs: list[Conv]) -> int:
    """The multiply-adds of the convolutions for one image."""
    return sum(c_in * c_out * k**2 * low**2 for c_in, c_out, k, _, low in convs)


def _weights(convs: list[Conv], norm_inputs: bool = False) -> int:
    """The parameters of a net: convolutions, a batch norm after (or before) each, and a head of 1000 classes."""
    total = sum(c_in * c_out * k**2 + 2 * (c_in if norm_inputs else c_out) for c_in, c_out, k, _, _ in convs)
    if norm_inputs:  # the stem's norm comes after it, and the last block has one more
        total += 2 * 64 - 2 * 3 + 2 * 1024
    return total + 1000 * (1024 if norm_inputs else convs[-1][1]) + 1000


RESNET18, RESNET34, RESNET50 = _resnet(18), _resnet(34), _resnet(50)
RESNET50_OLD = _resnet(50, stride_first=True)
SE50 = sum(n * (2 * f * f // 16 + f // 16 + f) for n, f in zip(BLOCKS[50], (256, 512, 1024, 2048), strict=True))


# ---- degradation: deeper and worse, on the training set

bank.choice(
    "res_deeper_trains_worse",
    "degradation",
    r"Two plain convolutional networks with batch normalization, of 20 and of 56 layers, are trained in the same way "
    r"until the loss no longer falls. The deeper one has the higher error on the test set *and on the training set*. "
    r"What does this show?",
    [
        wrong(
            r"Overfitting: it has more parameters than the training set is able to determine.",
            r"A network that overfits is *better* on the training set. Here it is worse on both.",
        ),
        wrong(
            r"Too little capacity: without shortcuts each layer more loses information about the input.",
            r"The deeper network contains the shallower one: 36 of its layers may be identities, since a ReLU leaves "
            r"what is not negative as it is.",
        ),
        right(
            r"A failure of optimization: a solution at least as good exists, and is not found.",
            r"Copy the 20 layers and make the other 36 identities: the training error is that of the shallow network. "
            r"Gradient descent does not get there, and that is the degradation problem.",
        ),
        wrong(
            r"Vanishing gradients: a product of 56 factors is all but 0, so the first layers stand still.",
            r"That is a guess to be measured. He et al. (2016) looked: a plain network of 34 layers with batch "
            r"normalization had gradients of healthy norm, and a higher training error than one of 18.",
        ),
    ],
)

bank.choice(
    "res_plain_identity",
    "degradation",
    r"The input $x \ge 0$ of a plain block comes from a ReLU. The block is two 3×3 convolutions of the same width with "
    r"zero padding and zero biases, each followed by a ReLU. Can it be the identity?",
    [
        wrong(
            r"No: each of the two ReLUs sets about half of the values to 0.",
            r"Only values below 0 are cut off. $x \ge 0$ copied by a filter passes a ReLU unharmed.",
        ),
        wrong(
            r"Only away from the border, since zeros from the padding get mixed in there.",
            r"The filter that copies has a single 1 in its middle and 0 elsewhere, so it never reads the padding.",
        ),
        wrong(
            r"Yes, and weight decay drives it there, because the identity is the simplest map.",
            r"Weight decay drives weights to 0, and a plain block with zero weights outputs 0. For a *residual* block "
            r"zero weights are the identity.",
        ),
        right(
            r"Yes, by filters that copy, far from random ones and from 0.",
            r"Channel $c$ of each filter bank copies channel $c$. The map exists, but nothing leads there; $x + F(x)$ "
            r"makes it the point $F = 0$, near every start with small weights.",
        ),
    ],
    level=2,
)

bank.open(
    "res_degradation_story",
    "degradation",
    r"What is the degradation problem? Tell it apart from overfitting and from vanishing gradients, give the argument "
    r"by construction, say what residual blocks change, and what you would measure on a network of your own.",
    r"Beyond some depth a plain network gets worse when layers are added, on the *training* set as well. It is not "
    r"overfitting, for which the training error would fall. It is not a lack of capacity: let the deeper network copy "
    r"the shallower one and make its other layers identities, and it has the same training error; so the good solution "
    r"exists and the optimizer misses it. It is not simply a vanishing gradient: with batch normalization and He "
    r"initialization the degradation was seen with gradients of healthy norm. The norm alone does not tell whether the "
    r"direction is useful, though. A residual block computes $x + F(x)$, so the layers learn the *change*; the "
    r"identity is $F = 0$, near which a network with small branches starts and to which weight decay pulls. Depth is "
    r"then harmless where it is not needed, and the identity path carries signal and gradient. To measure: training "
    r"error against depth, with and without shortcuts, learning rate tuned for each; gradient norm per layer over the "
    r"first steps; whether a deep network started from a trained shallow one plus identities keeps its error (if so, "
    r"capacity is no issue); and the same at the same number of parameters.",
    [
        r"deeper plain networks have the higher *training* error, so it is not overfitting",
        r"the construction: shallow network plus identity layers, hence optimization and not capacity",
        r"not only vanishing gradients: it occurs with batch norm and healthy gradient norms",
        r"residual blocks make the identity the point $F = 0$, or: layers learn the change",
        r"a sensible measurement: training error against depth, gradient norms per layer",
    ],
)

# ---- why-skips-help: the derivative of a sum

bank.choice(
    "res_backward_symptom",
    "why-skips-help",
    r"A block computes `out = relu(branch(x) + x)`. Your backward pass gives the right gradients for all weights, but "
    r"`dx` is wrong: what finite differences give minus what you computed is `dout` where `out > 0` and 0 elsewhere. "
    r"What is the mistake?",
    [
        right(
            r"The gradient through the shortcut was never added to that through the branch.",
            r"With $d = $ `dout * (out > 0)` the sum hands $d$ to both its terms, and `dx` is $d$ plus what comes back "
            r"through the branch. What is missing is just $d$.",
        ),
        wrong(
            r"The shortcut was given `dout` itself, without the mask of the ReLU behind the sum.",
            r"Then the difference would be $-$`dout` where `out` is 0, and 0 where `out > 0`.",
        ),
        wrong(
            r"The branch was given `dout` itself, without the mask of the ReLU behind the sum.",
            r"Then the gradients of the branch's weights would be wrong as well.",
        ),
        wrong(
            r"The branch's part of `dx` was overwritten by the shortcut's, where it should be added.",
            r"Then the difference would be the branch's part, which goes through its convolutions and is not the "
            r"masked `dout`.",
        ),
    ],
    level=2,
)

bank.choice(
    "res_exploding_without_norm",
    "why-skips-help",
    r"60 residual blocks, no normalization, nothing on the shortcuts; each branch is linear–ReLU–linear, initialized "
    r"so that its output has the variance of its input. At the first step the gradient at the input is about "
    r"$10^9$ times as large as at the last block. What is going on?",
    [
        wrong(
            r"The gradient vanishes towards the output, because the upper blocks hide behind their shortcuts.",
            r"The gradient starts at the output, with a normal size, and grows on its way down.",
        ),
        wrong(
            r"The branches are too weak beside the shortcut, so all of the gradient takes the identity path.",
            r"On the identity path alone it would keep its size. It is the branches that add to it in each block.",
        ),
        right(
            r"Each sum doubles the variance of signal and gradient alike, so the branches have to be scaled down.",
            rf"Stream and branch are uncorrelated at the start, so the norm grows by $\sqrt2$ per block: "
            rf"$2^{{60/2}} \approx {2**30 / 1e9:.1f} \cdot 10^9$. Branches multiplied by $1/\sqrt{{60}}$ or started at "
            rf"0, or a norm at their entry, cure it.",
        ),
        wrong(
            r"A shortcut round two layers is too long; with one round every single layer it would be stable.",
            r"Then there would be 120 sums and 120 doublings. A shortcut helps against loss, not growth.",
        ),
    ],
    level=2,
)


@bank.number("res_two_jacobians", "why-skips-help")
def _res_two_jacobians(rng: np.random.Generator) -> Task:
    answer = 0.0
    while abs(answer) < 0.1:
        j1, j2 = rng.integers(-5, 6, size=(2, 2)) / 10, rng.integers(-5, 6, size=(2, 2)) / 10
        g = rng.integers(-3, 4, size=2)
        upper = np.round(g + j2.T @ g, 6) + 0.0
        answer = float((upper + j1.T @ upper)[0])

    def matrix(j: np.ndarray) -> str:
        return rf"\begin{{pmatrix}} {j[0, 0]:g} & {j[0, 1]:g} \\ {j[1, 0]:g} & {j[1, 1]:g} \end{{pmatrix}}"

    plain = round(float((j1.T @ (j2.T @ g))[0]), 6) + 0.0
    return Task(
        rf"Two residual blocks $x_1 = x_0 + F_1(x_0)$ and $x_2 = x_1 + F_2(x_1)$. At the given point the Jacobians of "
        rf"the branches (row: output, column: input) are $J_1 = {matrix(j1)}$ and $J_2 = {matrix(j2)}$, and the "
        rf"gradient of the loss with respect to $x_2$ is $({g[0]}, {g[1]})$. What is the *first* component of its "
        rf"gradient with respect to $x_0$? (within 1 %)",
        answer,
        rf"$x_2$ depends on $x_0$ by $(I + J_2)(I + J_1)$, so the gradient is multiplied by $(I + J_2)^\top$ first, "
        rf"which gives $({upper[0]:.4g}, {upper[1]:.4g})$, and by $(I + J_1)^\top$ then: the first component is "
        rf"${upper[0]:.4g} + ({j1[0, 0]:g}) \cdot ({upper[0]:.4g}) + ({j1[1, 0]:g}) \cdot ({upper[1]:.4g}) = "
        rf"{short(answer)}$. Without the shortcuts, $J_1^\top J_2^\top$, it would be ${plain:g}$.",
        rtol=1e-2,
    )


@bank.number("res_branch_scale", "why-skips-help", level=2)
def _res_branch_scale(rng: np.random.Generator) -> Task:
    c, blocks, growth = (
        int(rng.choice([2, 4, 6, 8, 12, 15, 18, 20])) / 10,
        4 * int(rng.integers(3, 31)),
        int(rng.integers(2, 6)),
    )
    answer = math.sqrt((growth ** (1 / blocks) - 1) / c)
    return Task(
        rf"A network without normalization has ${blocks}$ blocks $x_{{l+1}} = x_l + \alpha F_l(x_l)$. At the start "
        rf"$F_l(x_l)$ is uncorrelated with $x_l$ and has ${c:g}$ times its variance. Which $\alpha$ makes the "
        rf"variance at the end ${growth}$ times that at the beginning? (within 1 %)",
        answer,
        rf"Each block multiplies the variance by $1 + {c:g}\,\alpha^2$, so $(1 + {c:g}\,\alpha^2)^{{{blocks}}} = "
        rf"{growth}$ and $\alpha = \sqrt{{({growth}^{{1/{blocks}}} - 1)/{c:g}}} = {short(answer)}$. For many blocks "
        rf"this is about $\sqrt{{\ln {growth}/({c:g} \cdot {blocks})}} = "
        rf"{short(math.sqrt(math.log(growth) / (c * blocks)))}$, the rule $\alpha \propto 1/\sqrt L$. With "
        rf"$\alpha = 1$ the variance would grow by a factor of the order of "
        rf"$10^{{{round(blocks * math.log10(1 + c))}}}$.",
        rtol=1e-2,
    )


bank.open(
    "res_derive_gradient",
    "why-skips-help",
    r"Derive the gradient of the loss with respect to the input of block $l$ in a chain of $L$ blocks "
    r"$x_{l+1} = x_l + F_l(x_l)$. Compare with a plain chain, say what the formula does *not* guarantee, and what "
    r"happens if every shortcut is multiplied by a constant $\lambda$.",
    r"Unrolling the sum gives $x_L = x_l + \sum_{i=l}^{L-1} F_i(x_i)$, hence $\frac{\partial L}{\partial x_l} = "
    r"\frac{\partial L}{\partial x_L}\left(I + \frac{\partial}{\partial x_l}\sum_i F_i(x_i)\right)$. As a product it "
    r"is $\frac{\partial L}{\partial x_L}(I + J_{L-1})\cdots(I + J_l)$, which expands into $2^{L-l}$ terms, one per "
    r"choice of branch or shortcut in each block; the one that takes only shortcuts is $I$. A plain chain has only "
    r"the term that takes all branches, $J_{L-1}\cdots J_l$, which shrinks or grows exponentially. With small "
    r"branches the residual gradient stays near $\partial L/\partial x_L$ at any depth. Not guaranteed: that the sum "
    r"does not cancel $I$ (it would need $J \approx -I$, unlikely for a whole batch), and that nothing explodes: if "
    r"$J = 0.5\,I$ the factor is $1.5^{L-l}$, which is why normalization or scaled branches are needed. With a factor "
    r"$\lambda$ on each shortcut the direct term is $\lambda^{L-l}I$: below 1 it vanishes, above 1 it explodes. The "
    r"same holds for a gate, dropout or a 1×1 convolution on each shortcut, so the path should be left clean; a ReLU "
    r"behind each sum (v1) puts a mask on it.",
    [
        r"unrolled sum, or product of $(I + J)$, and from it the term $I$",
        r"the plain chain is a single product of Jacobians, exponential in depth",
        r"no guarantee: cancellation is possible, and the product can explode",
        r"a factor on the shortcut appears as $\lambda^{L-l}$ on the direct path",
        r"conclusion: keep the shortcut clean (no gate, scale, ReLU) where possible",
    ],
    level=2,
)

# ---- v1-and-v2: what stands on the stream

bank.choice(
    "res_relu_before_sum",
    "v1-and-v2",
    r"In the original block a ReLU stands behind the sum. Somebody moves it to the end of the branch, so the block is "
    r"$x + \mathrm{relu}(\mathrm{BN}(\mathrm{conv}(\cdots)))$ with nothing behind the sum. What is the weakness?",
    [
        wrong(
            r"The shortcut is no identity any more, because the gradient on it now passes a mask.",
            r"On the contrary: the mask behind the sum is gone, and the stream is free of non-linearities.",
        ),
        right(
            r"A block can only add something: no channel of the stream ever gets smaller on its way.",
            r"The branch is never negative, so the values rise from block to block, and a correction downwards is "
            r"impossible. A branch should end in something that takes both signs: a convolution or a norm.",
        ),
        wrong(
            r"The stream is never rectified, so all the blocks together are one affine map of their input.",
            r"The branches contain ReLUs, so each block is non-linear. Pre-activation networks do not rectify the "
            r"stream either.",
        ),
        wrong(
            r"The sum is not normalized, so the scale of the stream reaches the norm of the next branch.",
            r"That norm follows a convolution and divides by the scale, whatever it is. The original block does not "
            r"normalize the sum either.",
        ),
    ],
    level=2,
)

bank.choice(
    "res_preact_last_norm",
    "v1-and-v2",
    r"You rewrite a network of 50 blocks in pre-activation form: each branch is BN–ReLU–conv–BN–ReLU–conv, the sum is "
    r"left as it is. The last sum goes to global average pooling and the classifier. What did you forget?",
    [
        wrong(
            r"Nothing, because the branch of the last block begins with a norm of its own.",
            r"That norm acts on the branch's copy of the stream. The stream itself goes past it.",
        ),
        wrong(
            r"A norm on every shortcut, which keeps the variance of the stream the same from block to block.",
            r"It would put a factor on each shortcut, and the direct path would be a product of 50 of them again. The "
            r"growth is harmless as long as each reader normalizes.",
        ),
        wrong(
            r"A ReLU behind every sum, without which the network is linear along the stream.",
            r"The clean stream is the point of the design. The non-linearity is in the branches.",
        ),
        right(
            r"A BN and a ReLU behind the last sum, without which the pooling reads a stream never normalized.",
            r"The stream is a sum of 50 raw branch outputs, whose variance grows with the depth, and nobody has "
            r"normalized or rectified it for the classifier. Every reader of the stream needs its own norm.",
        ),
    ],
    level=2,
)

bank.open(
    "res_v1_against_v2",
    "v1-and-v2",
    r"Draw the residual block of ResNet v1 and the pre-activation block of v2. What differs for the signal and for the "
    r"gradient, what has to be changed at the ends of the network, where does a projection read, and when does the "
    r"difference matter?",
    r"v1: $y = \mathrm{relu}(x + \mathrm{BN}(\mathrm{conv}(\mathrm{relu}(\mathrm{BN}(\mathrm{conv}(x))))))$. v2: $y = "
    r"x + \mathrm{conv}(\mathrm{relu}(\mathrm{BN}(\mathrm{conv}(\mathrm{relu}(\mathrm{BN}(x))))))$. In v1 a ReLU "
    r"stands on the stream: signal and gradient pass one mask per block, so $x_L$ is not a plain sum of branches, and "
    r"the stream is never negative. In v2 the stream is $x_0 + \sum F_i$, and the gradient has a path that is exactly "
    r"the identity. Each branch gets normalized input, which also regularizes: in v1 the normalized branch is added "
    r"to a stream that isn't normalized, and the sum goes on as it is. The stream's variance in v2 grows about "
    r"linearly with the block's number, so later branches change it relatively less. At the ends: behind the last sum "
    r"v2 needs one more BN and ReLU before the pooling; the stem's own norm and ReLU meet the first block's, so one "
    r"of the two pairs can be dropped there. A projection in v2 reads relu(BN(x)), the branch's activated input, and "
    r"has no norm behind it, as the stream is not normalized. At 18 to 50 layers the two differ little; at hundreds "
    r"of layers v1 gets hard to train and v2 does not, and v2's errors are lower. Transformers use the same idea as "
    r"pre-norm.",
    [
        r"both orders right: conv–BN–ReLU–conv–BN, sum, ReLU, against BN–ReLU–conv twice, sum",
        r"v1 has a ReLU on the stream; v2's direct path is an identity for signal and gradient",
        r"v2 needs a norm and ReLU behind the last sum",
        r"the projection in v2 reads the activated input",
        r"it matters for very deep networks, little at 18 to 50 layers",
    ],
    level=2,
)

# ---- bottleneck: narrow where the kernel is large


@bank.number("res_bottleneck_parameters", "bottleneck")
def _res_bottleneck_parameters(rng: np.random.Generator) -> Task:
    c, m = int(rng.choice([64, 96, 128, 192, 256, 320])), int(rng.choice([40, 56, 72, 100, 112, 144]))
    f = 4 * m
    convs, projection, norms = c * m + 9 * m * m + m * f, c * f, 2 * (m + m + f + f)
    answer = convs + projection + norms
    return Task(
        rf"The first bottleneck block of a stage has ${c}$ channels at its entry and ${f}$ at its exit: 1×1 to ${m}$, "
        rf"3×3, 1×1 to ${f}$, and a 1×1 projection on the shortcut. No convolution has a bias, each is followed by "
        rf"batch normalization. How many parameters does the block learn? (a whole number, exact)",
        answer,
        rf"Branch: ${c} \cdot {m} + 9 \cdot {m}^2 + {m} \cdot {f} = {convs}$. Projection: ${c} \cdot {f} = "
        rf"{projection}$. Norms, $\gamma$ and $\beta$ for each output channel: $2({m} + {m} + {f} + {f}) = {norms}$. "
        rf"Together ${answer}$. The running means and variances are stored, not learnt. The projection alone makes "
        rf"${short(100 * projection / answer)}\,\%$ of it.",
        rtol=1e-6,
    )


@bank.number("res_bottleneck_saving", "bottleneck", level=2)
def _res_bottleneck_saving(rng: np.random.Generator) -> Task:
    k, r = int(rng.choice([3, 5, 7])), int(rng.integers(2, 9))
    answer = 2 * k * k * r * r / (2 * r + k * k)
    return Task(
        rf"On a stream of $C$ channels, block A has two ${k}$×${k}$ convolutions of width $C$. Block B has a 1×1 to "
        rf"$C/{r}$ channels, one ${k}$×${k}$ at this width and a 1×1 back to $C$. Stride 1, biases and norms not "
        rf"counted. How many times as many multiply-adds does A need? (within 1 %)",
        answer,
        rf"Per position A needs $2 \cdot {k}^2\,C^2 = {2 * k * k}\,C^2$, B needs $\frac{{2C^2}}{{{r}}} + "
        rf"\frac{{{k}^2\,C^2}}{{{r}^2}} = {short(2 / r + k * k / r**2)}\,C^2$. The ratio is $\frac{{2 \cdot {k * k} "
        rf"\cdot {r}^2}}{{2 \cdot {r} + {k * k}}} = {short(answer)}$, whatever $C$ is. For large $r$ the two 1×1 "
        rf"convolutions are what costs, and the saving grows only like $r$.",
        rtol=1e-2,
    )


bank.choice(
    "res_stride_on_3x3",
    "bottleneck",
    r"In the original ResNet-50 the first block of a stage has its stride of 2 in the first 1×1 convolution of the "
    r"branch, and in the 1×1 projection on the shortcut. Most libraries now put the branch's stride on the 3×3. Why?",
    [
        wrong(
            r"It saves work: the 3×3, which costs most, then gives a map of half the height and width.",
            rf"It did before, too. Now the first 1×1 runs at the full size: {_macs(RESNET50_OLD) / 1e9:.2f} billion "
            rf"multiply-adds become {_macs(RESNET50) / 1e9:.2f}.",
        ),
        right(
            r"A 1×1 with stride 2 never reads three of four positions, and both of the paths began with one.",
            r"So three quarters of the stage's input were computed in vain. A 3×3 with stride 2 has windows that "
            r"cover every position.",
        ),
        wrong(
            r"A 1×1 with stride 2 averages neighbours and blurs the map, which a 3×3 with learnt weights need not.",
            r"It averages nothing: it picks one position of each 2×2 patch and drops the others.",
        ),
        wrong(
            r"The receptive field of the block grows, since the 3×3 now works on the map of higher resolution.",
            r"It shrinks a little: neighbours of the 3×3 are one fine step apart and no longer one coarse step, "
            r"which is two fine ones.",
        ),
    ],
    level=2,
)

bank.choice(
    "res_50_against_34",
    "bottleneck",
    rf"ResNet-34 and ResNet-50 have the same number of blocks in each stage, and ResNet-50's stream has four times as "
    rf"many channels. Yet it needs {_macs(RESNET50) / 1e9:.1f} and not 16 times {_macs(RESNET34) / 1e9:.1f} billion "
    rf"multiply-adds. How is that?",
    [
        wrong(
            r"Its maps have half the height and width of the other's in each of the stages.",
            r"Both have 56, 28, 14 and 7 pixels. Halving would save a factor of 4 only.",
        ),
        wrong(
            r"Its 3×3 convolutions are grouped, so each of them sees a part of the channels.",
            r"That is ResNeXt. In a ResNet the 3×3 is full, only narrow.",
        ),
        right(
            r"Only 1×1 kernels see the wide stream: its 3×3s are as narrow as the other's.",
            r"At 256 channels two 3×3 would need $18 \cdot 256^2$ per position. The bottleneck needs "
            r"$2 \cdot 256 \cdot 64 + 9 \cdot 64^2$, even a little less than two 3×3 at 64, $18 \cdot 64^2$.",
        ),
        wrong(
            r"Most of its blocks are skipped by the shortcut, which carries the wide stream at no cost.",
            r"All branches are computed for every image. The shortcut is an addition, not a choice.",
        ),
    ],
)

bank.open(
    "res_bottleneck_design",
    "bottleneck",
    r"Why does ResNet-50 use bottleneck blocks and ResNet-34 not? Compare weights and multiply-adds of the two blocks "
    r"on a stream of 256 channels, say what the 1×1 convolutions are for, and name a price that is not seen in these "
    r"counts.",
    rf"Two 3×3 at 256 channels: $2 \cdot 9 \cdot 256^2$ = {18 * 256**2:,} weights. Bottleneck 256→64→64→256: $256 "
    rf"\cdot 64 + 9 \cdot 64^2 + 64 \cdot 256$ = {2 * 256 * 64 + 9 * 64**2:,}, about "
    rf"{18 * 256**2 / (2 * 256 * 64 + 9 * 64**2):.0f} times less; at stride 1 the multiply-adds are these numbers "
    rf"times $H \cdot W$, so the ratio is the same. It even costs less than a basic block on 64 channels "
    rf"({18 * 64**2:,}). "
    r"The first 1×1 reduces the channels, so that the kernel with the factor 9 works at a narrow width; the last one "
    r"restores the width of the stream so that the identity can be added. So for the same work the network gets a "
    r"stream four times as wide and three layers per block, hence more non-linearities; at 18 and 34 layers basic "
    r"blocks are affordable. Shortcuts without parameters matter here: a 1×1 projection joins the two *wide* ends, "
    r"256·256, about as much as the whole branch. The price: memory. The wide maps at the ends of each block, for "
    r"sum, norm and ReLU, have to be kept for the backward pass, and four times the channels are four times the "
    r"bytes; 1×1 convolutions, norms and additions are bound by memory traffic, so time falls less than the counts. "
    r"And only one of three layers looks at neighbours: the receptive field grows more slowly per layer.",
    [
        r"the two counts right: 18·256² against 2·256·64 + 9·64²",
        r"1×1 reduce and restore; the 3×3 works at the narrow width",
        r"what is won: a wider stream and more depth for the same work",
        r"a projection would join the wide ends and double the block",
        r"a price: activation memory, memory traffic, or fewer 3×3 per layer",
    ],
)

# ---- shortcut-kinds: identity, projection, padding


@bank.number("res_project_everywhere", "shortcut-kinds", level=2)
def _res_project_everywhere(rng: np.random.Generator) -> Task:
    w = 8 * int(rng.integers(2, 9))
    blocks = [int(n) for n in rng.integers(2, 7, size=3)]
    widths = [w, 2 * w, 4 * w]
    now = [blocks[0], blocks[1] - 1, blocks[2] - 1]
    answer = sum(n * f * f for n, f in zip(now, widths, strict=True))
    return Task(
        rf"A residual net has a stem with ${w}$ channels and three stages of ${blocks[0]}$, ${blocks[1]}$ and "
        rf"${blocks[2]}$ basic blocks with ${w}$, ${2 * w}$ and ${4 * w}$ channels. Where a block changes the shape, "
        rf"its shortcut is a 1×1 convolution already. Now every identity shortcut is replaced by one, too (no bias, no "
        rf"norm). How many weights are added? (a whole number, exact)",
        answer,
        rf"The first stage keeps the stem's shape, so all its ${blocks[0]}$ shortcuts were identities; in the others "
        rf"all but the first block's: ${now[0]} \cdot {w}^2 + {now[1]} \cdot {2 * w}^2 + {now[2]} \cdot {4 * w}^2 = "
        rf"{answer}$. And the direct path is then a product of matrices, which is what the shortcut was to avoid.",
        rtol=1e-6,
    )


bank.choice(
    "res_padding_shortcut",
    "shortcut-kinds",
    r"A stage goes from 16 channels of 32×32 to 32 channels of 16×16. The shortcut of its first block takes every "
    r"second row and column and appends 16 channels of zeros. Which statement is right?",
    [
        right(
            r"It has no weights, and 16 channels of the block's sum are the branch's output alone.",
            r"Zeros add nothing, so in these channels the first block of the stage is a plain one. That is the "
            r"drawback of padding; a 1×1 projection fills all 32.",
        ),
        wrong(
            r"It passes no gradient, because the derivative of what is padded with constants is 0.",
            r"Only the 16 constant channels have none. Through the others it reaches the positions that were taken.",
        ),
        wrong(
            r"It sees the whole map, because each of the values it takes is the mean of its 2×2 patch.",
            r"It takes one value of each four and drops the rest; average pooling before it would give the mean.",
        ),
        wrong(
            r"It doubles the values in the 16 old channels, since both paths write to them and not to the new ones.",
            r"The branch writes to all 32. Nothing is doubled: stream and branch are different values.",
        ),
    ],
    level=2,
)

bank.open(
    "res_projection_or_padding",
    "shortcut-kinds",
    r"A residual block changes the number of channels and halves the resolution. Which shortcuts are possible, what "
    r"does each cost and lose, and why are projections not used in *all* blocks? Mention one improvement of the usual "
    r"1×1 convolution with stride 2.",
    r"(A) Subsample and pad the new channels with zeros: no parameters, identity for the old channels, but the new "
    r"ones get no residual at this block, and three of four positions are dropped. (B) A 1×1 convolution with stride "
    r"2 and batch normalization where the shape changes, identities elsewhere: $C \cdot F$ weights in a few blocks, "
    r"all channels filled; the standard. (C) Projections in every block: slightly better in the first paper, which "
    r"attributed this to the additional parameters, but in a bottleneck network it joins the two wide ends and about "
    r"doubles weights and work, and the direct path becomes a product of learnt matrices, no longer $I$; for very "
    r"deep networks that is worse. The differences between A, B and C are small, so projections are not what cures "
    r"the degradation. In a network with few stages the three or four projections break the identity only there. "
    r"Improvement (ResNet-D): average pooling 2×2 with stride 2, then a 1×1 with stride 1, so every position "
    r"contributes; this costs almost nothing. In v2 the projection reads the normalized, activated input.",
    [
        r"padding: no weights, new channels without a residual",
        r"1×1 projection with stride where the shape changes: C·F weights, all channels",
        r"not everywhere: cost at the wide ends, and the direct path is no identity any more",
        r"stride-2 1×1 drops three of four positions; average pooling first",
    ],
)

# ---- cardinality: groups in place of width


@bank.number("resnext_width_for_budget", "cardinality", level=3)
def _resnext_width_for_budget(rng: np.random.Generator) -> Task:
    c, g = int(rng.choice([128, 256, 512])), int(rng.choice([2, 4, 8, 16, 32]))
    m = c // 4
    budget = 2 * c * m + 9 * m * m
    answer = (-2 * c * g + math.sqrt(4 * c * c * g * g + 36 * g * budget)) / (18 * g)
    m_text = rf"1×1 to ${m}$, 3×3, 1×1 back to ${c}$"
    return Task(
        rf"On a stream of ${c}$ channels a bottleneck ({m_text}) is to be replaced by a ResNeXt block with ${g}$ "
        rf"groups of $d$ channels: 1×1 to ${g}\,d$, 3×3 in ${g}$ groups, 1×1 back to ${c}$. Which real $d$ gives both "
        rf"the same number of weights (no biases, norms not counted)? (within 1 %)",
        answer,
        rf"Budget: $2 \cdot {c} \cdot {m} + 9 \cdot {m}^2 = {budget}$. ResNeXt: ${g}\,(2 \cdot {c}\,d + 9\,d^2)$, as "
        rf"each group's 3×3 has $9d^2$ weights. The quadratic equation $9d^2 + {2 * c}\,d = {short(budget / g)}$ has "
        rf"the positive root $d = {short(answer)}$; rounded, that is a width of about ${g * max(1, round(answer))}$ "
        rf"against the bottleneck's ${m}$. The weights the grouped 3×3 saves go into its width.",
        rtol=1e-2,
    )


bank.choice(
    "resnext_same_function",
    "cardinality",
    r"Three blocks, no biases or norms, ReLU after the first two layers of each: (a) 32 branches 1×1 to 4 channels, "
    r"3×3, 1×1 to 256, added up; (b) 32 branches 1×1 to 4, 3×3, *concatenated*, then one 1×1 from 128 to 256; (c) 1×1 "
    r"to 128, 3×3 in 32 groups, 1×1 to 256. Which can compute the same functions?",
    [
        wrong(
            r"Only (b) and (c): in (a) the sum mixes branches that a concatenation keeps apart.",
            r"The 1×1 behind the concatenation mixes them in the same way: it adds up what it makes of each part.",
        ),
        wrong(
            r"Only (a) and (b): in (c) the first 1×1 mixes all channels before the groups.",
            r"It does so in all three: each branch of (a) and (b) reads all 256 input channels, too.",
        ),
        wrong(
            r"No two of them, since their numbers of weights are different from each other.",
            rf"All have {256 * 128:,} + {9 * 4 * 128:,} + {128 * 256:,} weights, in other shapes.",
        ),
        right(
            r"All three of them: a 1×1 on a concatenation is the same as a sum of 1×1s on its parts.",
            r"$W\,[h_1; \dots; h_{32}] = \sum_i W_i h_i$ with the columns of $W$ cut into 32 blocks, and 32 narrow 1×1 "
            r"on one input are one wide 1×1. The grouped form (c) is the one to implement.",
        ),
    ],
    level=2,
)

bank.choice(
    "resnext_groups_slow",
    "cardinality",
    r"With 32 groups a 3×3 convolution on 128 channels needs 1/32 of the multiply-adds. On a GPU it is nowhere near 32 "
    r"times as fast. The main reason?",
    [
        wrong(
            r"Each group has to read the whole input map, so the input is read 32 times in place of once.",
            r"A group reads only its own 4 channels. All groups together read the input once.",
        ),
        right(
            rf"It still reads and writes the same maps, with {9 * 4 / 2:.0f} multiply-adds per value, not "
            rf"{9 * 128 / 2:.0f}.",
            r"Per position 128 values come in and 128 go out, whatever the groups. With so little work per value the "
            r"memory's speed sets the time, and small matrices use the arithmetic units badly.",
        ),
        wrong(
            r"The channels have to be shuffled between the groups afterwards, which costs as much as it saves.",
            r"ShuffleNet does that, where the 1×1 are grouped as well. Here the full 1×1 behind mixes the groups.",
        ),
        wrong(
            r"The weights are 32 times as many, as every group has filters of its own.",
            r"They are 1/32 as many: each of the 128 filters has 4 input channels and not 128.",
        ),
    ],
    level=2,
)

bank.open(
    "resnext_cardinality",
    "cardinality",
    r"What is cardinality in ResNeXt? Write down the block, count its weights against ResNet-50's first-stage "
    r"bottleneck, explain the equivalence with split–transform–merge, and compare with Inception and with depthwise "
    r"convolutions.",
    r"Cardinality is the number of parallel transformations of the same shape that a block adds up: $y = x + "
    r"\sum_{i=1}^{g} T_i(x)$, $T_i$ = 1×1 to $d$ channels, 3×3, 1×1 back. Implemented as 1×1 to $gd$, a 3×3 with $g$ "
    r"groups, 1×1 back: the parallel first 1×1s are one wide one, the 3×3 on separate parts is a grouped convolution, "
    r"and "
    rf"a sum of 1×1s is one 1×1 on the concatenation. Weights: $g(2Cd + 9d^2)$; with $C = 256$, $g = 32$, $d = 4$ "
    rf"that is {32 * (2 * 256 * 4 + 9 * 16):,}, against {2 * 256 * 64 + 9 * 64**2:,} for 256–64–64–256. So at the "
    rf"same budget the "
    r"inner width goes from 64 to 128, paid by the sparser 3×3; in the paper more groups at a fixed budget gave lower "
    r"error, and were a better use of additional work than depth or width. Against Inception: all branches have one "
    r"shape, so there is one number to choose and not a filter count per branch. Depthwise convolution is the extreme "
    r"of one channel per group, where all mixing is left to the 1×1s. Price: low arithmetic per value read, so less "
    r"speed than the counts promise, and wider maps to keep for the backward pass.",
    [
        r"cardinality: number of parallel branches of one shape, a grouped 3×3",
        r"the count $g(2Cd + 9d^2)$, about equal to the bottleneck's at 32×4",
        r"why sum of branches, concatenation and grouped convolution are the same",
        r"against Inception one shape and fewer choices; depthwise is the extreme",
        r"slower than the counts say: memory-bound",
    ],
    level=2,
)

# ---- inception: several kernels side by side, and cheap ones


@bank.number("inception_reduction_factor", "inception")
def _inception_reduction_factor(rng: np.random.Generator) -> Task:
    c, r, f = (int(rng.choice(a)) for a in ([192, 256, 480, 512, 832], [16, 24, 32, 48], [32, 48, 64, 96, 128]))
    direct, reduced = 25 * c * f, c * r + 25 * r * f
    answer = direct / reduced
    return Task(
        rf"The 5×5 branch of an Inception module takes ${c}$ channels to ${f}$, stride 1. First it is a single 5×5 "
        rf"convolution, then a 1×1 to ${r}$ channels is put in front of it. By what factor do the multiply-adds of the "
        rf"branch fall? (within 1 %)",
        answer,
        rf"Per position: direct $25 \cdot {c} \cdot {f} = {direct}$; reduced ${c} \cdot {r} + 25 \cdot {r} \cdot {f} "
        rf"= {c * r} + {25 * r * f} = {reduced}$. The factor is ${short(answer)}$; it can't exceed $C/r = "
        rf"{short(c / r)}$, as the 5×5 still has to run at ${r}$ channels.",
        rtol=1e-2,
    )


@bank.number("inception_factorized_saving", "inception", level=2)
def _inception_factorized_saving(rng: np.random.Generator) -> Task:
    k, c = int(rng.choice([5, 7, 9])), 32 * int(rng.integers(3, 9))
    r = 32 * int(rng.integers(2, c // 32 + 1))
    stacked = (k - 1) // 2
    weights = k * c * r * 2
    answer = 100 * (1 - weights / (k * k * c * c))
    return Task(
        rf"A ${k}$×${k}$ convolution from ${c}$ to ${c}$ channels is replaced by a 1×${k}$ from ${c}$ to ${r}$ and a "
        rf"${k}$×1 from ${r}$ to ${c}$ channels. How many per cent of the weights are saved? (within 1 %)",
        answer,
        rf"From ${k}^2 \cdot {c}^2 = {k * k * c * c}$ to ${k} \cdot {c} \cdot {r} + {k} \cdot {r} \cdot {c} = "
        rf"{weights}$: ${short(answer)}\,\%$ less. A stack of ${stacked}$ 3×3 at full width sees the same field with "
        rf"${9 * stacked * c * c}$. The factorized pair can express only kernels of limited rank, and it needs maps "
        rf"that are large enough for the long side to be of use.",
        rtol=1e-2,
    )


bank.choice(
    "inception_pool_branch",
    "inception",
    r"The first GoogLeNet module has 192 input channels; its branches give 64 (1×1), 128 (3×3), 32 (5×5) and, behind "
    r"the max pooling, 32 channels. Somebody removes the 1×1 convolution behind the pooling. What is the consequence?",
    [
        right(
            rf"The module gives {64 + 128 + 32 + 192} channels, and with each further module the width can only grow.",
            rf"Pooling keeps the number of channels, so the output has the input's 192 and 224 more, not "
            rf"{64 + 128 + 32 + 32}. The next module pays for all of them in each of its branches.",
        ),
        wrong(
            r"The outputs of the branches can no longer be concatenated, since their channels must be equal in number.",
            r"Concatenation along the channels needs equal height and width only: 64, 128 and 32 differ already.",
        ),
        wrong(
            r"The pooled map is smaller than those of the other branches, and has to be padded.",
            r"The pooling has stride 1 and padding 1, so its map has the size of the others. The 1×1 changes no size.",
        ),
        wrong(
            r"The branch gets no gradient, because a max pooling has no weights of its own.",
            r"The gradient passes through it to the input, at the positions of the maxima. It needs no weights for "
            r"that.",
        ),
    ],
)

bank.choice(
    "inception_residual_scaling",
    "inception",
    r"Inception-ResNets with more than 1000 filters in a layer “died” after some ten thousand steps: before the "
    r"average pooling everything was 0. Which remedy did the authors (Szegedy et al., 2016) find?",
    [
        wrong(
            r"a learning rate that is ten times smaller from the start",
            r"They report that lowering the learning rate did not prevent it.",
        ),
        wrong(
            r"one more batch normalization near the end",
            r"They tried that as well, in vain. It rescales the sum, but not the branch against the stream.",
        ),
        right(
            r"branches multiplied by 0.1 to 0.3 before they are added",
            r"Each block then changes the stream by a small step, and the training was stable. Later rules such as "
            r"$1/\sqrt L$, or branches that start at 0, have the same aim.",
        ),
        wrong(
            r"a projection with a norm of its own on each of the shortcuts",
            r"It would put weights on the path that should stay free, and does nothing about branches that are too "
            r"large.",
        ),
    ],
    level=2,
)

bank.open(
    "inception_one_to_four",
    "inception",
    r"Tell the story of Inception from v1 to v4: the idea of the module, what each version added and why, and what "
    r"became of it in later networks.",
    r"v1 (GoogLeNet, 2014): objects come in different sizes, so kernels of 1×1, 3×3, 5×5 and a max pooling work side "
    r"by side on one input and their outputs are concatenated. Affordable through 1×1 convolutions that reduce the "
    r"channels before the large kernels and behind the pooling. Global average pooling in place of large dense "
    r"layers: about 7 million parameters. Two auxiliary classifiers were to help the gradient to the middle; later "
    r"found to act rather as a regularizer. v2: batch normalization, which allows larger learning rates, and two 3×3 "
    r"in place of the 5×5 (18 against 25 weights per channel pair, one more ReLU). v3: factorization into 1×n and n×1 "
    r"($2n$ against $n^2$; used on maps of medium size), grids reduced by parallel stride-2 convolution and pooling "
    r"so that no narrow place arises, label smoothing, RMSProp, batch norm in the auxiliary head, larger images. v4: "
    r"a uniform, simplified design with a new stem and special reduction modules. Beside it Inception-ResNet v1/v2: "
    r"modules as branches of residual blocks, with a 1×1 that restores the width; they train faster at similar "
    r"accuracy and need scaled residuals when wide. What stayed: 1×1 bottlenecks, factorized kernels, "
    r"split–transform–merge (ResNeXt with equal branches, Xception with depthwise convolutions), average pooling, "
    r"label smoothing. What went: many hand-chosen filter counts.",
    [
        r"v1: parallel kernels, 1×1 reductions, global average pooling, auxiliary heads",
        r"v2: batch norm and/or 5×5 as two 3×3",
        r"v3: 1×n and n×1, label smoothing (or RMSProp, grid reduction)",
        r"v4 and Inception-ResNet: uniform design; residual sums train faster, scaled residuals",
        r"what survives: bottlenecks, factorization, split–transform–merge",
    ],
    level=2,
)

# ---- densenet: concatenation in place of a sum


@bank.number("dense_block_weights", "densenet", level=2)
def _dense_block_weights(rng: np.random.Generator) -> Task:
    c, k, layers = 8 * int(rng.integers(2, 9)), 4 * int(rng.integers(2, 9)), int(rng.integers(4, 13))
    convs = 9 * k * (layers * c + k * layers * (layers - 1) // 2)
    out = c + layers * k
    answer = convs + out * (out // 2)
    return Task(
        rf"A dense block has ${c}$ input channels, growth rate ${k}$ and ${layers}$ layers, each a single 3×3 "
        rf"convolution. A transition follows with a 1×1 convolution to half the channels. How many weights do the "
        rf"convolutions of block and transition have (no biases)? (a whole number, exact)",
        answer,
        rf"Layer $i = 0, 1, \dots$ reads ${c} + {k}\,i$ channels and writes ${k}$: $9 \cdot {k} \cdot ({layers} \cdot "
        rf"{c} + {k} \cdot {layers * (layers - 1) // 2}) = {convs}$. The block ends with ${c} + {layers} \cdot {k} = "
        rf"{out}$ channels, and the transition has ${out} \cdot {out // 2} = {out * (out // 2)}$ weights. Together "
        rf"${answer}$. The second term grows with the square of the depth, which the 1×1 bottlenecks of DenseNet-B "
        rf"hold down.",
        rtol=1e-6,
    )


@bank.number("dense_concat_memory", "densenet", level=2)
def _dense_concat_memory(rng: np.random.Generator) -> Task:
    n, side = int(rng.choice([16, 32, 64])), int(rng.choice([14, 28, 56]))
    c, k, layers = int(rng.choice([64, 128, 256])), int(rng.choice([12, 24, 32])), int(rng.integers(6, 25))
    channels = layers * c + k * layers * (layers - 1) // 2
    once = c + (layers - 1) * k
    scale = 4 * n * side**2 / 1e6
    answer = scale * channels
    return Task(
        rf"A dense block of ${layers}$ layers has ${c}$ input channels and growth rate ${k}$; the maps are "
        rf"${side}$×${side}$ in float32, the batch is ${n}$. A simple implementation stores the input of every "
        rf"layer, all maps so far, as a new array. How many megabytes ($10^6$ bytes) do these arrays take, the first "
        rf"layer's ${c}$ channels counted, the block's output not? (within 1 %)",
        answer,
        rf"Layer $i = 0, \dots, {layers - 1}$ reads ${c} + {k}\,i$ channels, ${channels}$ in all; times $4 \cdot {n} "
        rf"\cdot {side}^2$ bytes that is ${short(answer)}$ MB. The different features among them have ${once}$ "
        rf"channels, only ${short(scale * once)}$ MB: the copies, quadratic in the depth, are the waste. "
        rf"Implementations that save memory share one buffer and compute concatenation and norm again in the backward "
        rf"pass.",
        rtol=1e-2,
    )


bank.choice(
    "dense_sum_or_concat",
    "densenet",
    r"What can layer 20 of a dense block do that block 20 of a residual stage cannot?",
    [
        wrong(
            r"Get a gradient from the loss without its passing through the layers between.",
            r"In a residual stage the gradient comes back along the shortcuts just as directly.",
        ),
        right(
            r"Read the output of layer 3 alone, with weights of its own for it.",
            r"A residual stream holds the *sum* of what all blocks have written, from which one summand cannot be had "
            r"again. Concatenation keeps each map, so layers may be narrow and features are used again.",
        ),
        wrong(
            r"Change the channels that the layers before it have written, and correct them.",
            r"The reverse: a residual block can correct the stream by adding to it, a dense layer only appends new "
            r"channels.",
        ),
        wrong(
            r"Run at a cost that does not depend on how many layers come before it.",
            r"Its input has $c_0 + 19k$ channels, so the cost grows with each layer. In the residual stage it does "
            r"not.",
        ),
    ],
)

bank.open(
    "dense_strength_and_memory",
    "densenet",
    r"Explain DenseNet: block, growth rate, transition. Why does it get by with few parameters, why does it use much "
    r"memory in training nevertheless, and what can be done about that? When would you rather take a ResNet?",
    r"In a dense block layer $i$ reads the concatenation of the block's input and all earlier outputs, $c_0 + ik$ "
    r"channels, and appends $k$ new ones; $k$, the growth rate, is small (12 to 32). Order BN–ReLU–conv, so each "
    r"reader has its own norm of an old feature; in DenseNet-B a 1×1 to $4k$ channels stands before the 3×3. Between "
    r"blocks a transition: norm, 1×1 that may halve the channels, 2×2 average pooling. Few parameters: old features "
    r"are kept and read again in place of being recomputed or carried through by weights, so each layer only has to "
    r"add a few; "
    rf"DenseNet-121 has {_weights(_densenet121(), norm_inputs=True) / 1e6:.1f} million parameters, ResNet-50 "
    rf"{_weights(RESNET50) / 1e6:.1f}. Every layer has short paths to loss and input. Memory: a simple implementation "
    r"stores a new concatenated array, its normalized version and its ReLU in each layer, which grows with the square "
    r"of the number of layers, although the different features grow only linearly; and concatenation is memory "
    r"traffic without arithmetic. Remedies: shared buffers for concatenation and norm and recomputation of them in "
    r"the backward pass (cheap operations, so little time), checkpointing, mixed precision, fewer layers per block. "
    r"Rather a ResNet: large images or batches, speed on a GPU, simple deployment; DenseNet where weights or data are "
    r"scarce.",
    [
        r"concatenation, growth rate, transition with 1×1 and pooling",
        r"few parameters through reuse: narrow layers that append",
        r"memory: concatenated inputs and their norms stored, quadratic in depth",
        r"remedy: shared buffers and recomputation, or checkpointing",
        r"a reasoned case for ResNet: memory traffic, speed, large inputs",
    ],
)

# ---- squeeze-excitation: one gate per channel and image


@bank.number("se_parameter_total", "squeeze-excitation")
def _se_parameter_total(rng: np.random.Generator) -> Task:
    base, r = int(rng.choice([64, 128, 256])), int(rng.choice([4, 8, 16, 32]))
    blocks = [int(n) for n in rng.integers(2, 7, size=3)]
    widths = [base, 2 * base, 4 * base]
    each = [2 * f * f // r + f // r + f for f in widths]
    answer = sum(n * e for n, e in zip(blocks, each, strict=True))
    last = 100 * blocks[2] * each[2] / answer
    return Task(
        rf"A network has three stages of ${blocks[0]}$, ${blocks[1]}$ and ${blocks[2]}$ blocks with ${widths[0]}$, "
        rf"${widths[1]}$ and ${widths[2]}$ channels. Each block gets squeeze-and-excitation with reduction ${r}$: two "
        rf"dense layers *with biases*, $C \to C/{r} \to C$. How many parameters are added? (a whole number, exact)",
        answer,
        rf"One block: $2C^2/{r} + C/{r} + C$, which is ${each[0]}$, ${each[1]}$ and ${each[2]}$. Times the numbers of "
        rf"blocks: ${blocks[0]} \cdot {each[0]} + {blocks[1]} \cdot {each[1]} + {blocks[2]} \cdot {each[2]} = "
        rf"{answer}$. ${short(last)}\,\%$ of that is in the last stage; without it there, most would be saved.",
        rtol=1e-6,
    )


bank.choice(
    "se_on_the_stream",
    "squeeze-excitation",
    r"Squeeze-and-excitation is built into a pre-activation residual net of 16 blocks. By mistake the gates multiply "
    r"the *sum* $x + F(x)$ in place of $F(x)$. The second dense layer starts near 0 and its bias at 0. What happens?",
    [
        wrong(
            r"Nothing of weight: a gate on the sum can learn the same as a gate on the branch.",
            r"A gate $s$ on the sum multiplies the stream itself by $s < 1$; a gate on the branch leaves it alone.",
        ),
        wrong(
            r"The stream is doubled in each of the blocks, so that it explodes with depth.",
            r"A sigmoid gate lies between 0 and 1, so it cannot make anything larger.",
        ),
        wrong(
            r"The gates are all 0 at the start, so neither the branch nor the shortcut gets a gradient.",
            r"The sigmoid of 0 is ½, not 0. The gates are half open.",
        ),
        right(
            r"All gates start at about ½, so on the direct path a gradient shrinks by a factor of $2^{16}$.",
            rf"$0.5^{{16}} \approx {short(0.5**16)}$: the shortcut is an identity no longer. On the branch the same "
            rf"gates would halve $F(x)$ at the start, which is harmless.",
        ),
    ],
    level=2,
)

bank.choice(
    "se_weights_not_work",
    "squeeze-excitation",
    rf"Squeeze-and-excitation with reduction 16 adds {SE50 / 1e6:.1f} million parameters to the "
    rf"{_weights(RESNET50) / 1e6:.1f} million of ResNet-50, but well under 1 % of its multiply-adds. Why this "
    rf"difference?",
    [
        right(
            r"Its dense layers run once per image, a convolution's weights at every position.",
            rf"A dense weight costs one multiply-add per image, a weight of a convolution on a 14×14 map {14 * 14}. So "
            rf"{SE50 / 1e6:.1f} million stand against {_macs(RESNET50) / 1e9:.1f} billion. The latency grows more than "
            rf"this, for the pooling has to wait for the whole map.",
        ),
        wrong(
            r"The reduction by 16 divides the multiply-adds of the dense layers, but not their weights.",
            r"It divides both: a dense layer has as many multiply-adds as weights for each vector it is given.",
        ),
        wrong(
            r"Gates near 0 switch channels off, and convolutions behind them skip these.",
            r"Nothing is skipped: the products with small numbers are computed as all others are.",
        ),
        wrong(
            r"Most of its parameters are biases, and adding a bias isn't counted as a multiply-add.",
            r"Biases are $C/16 + C$ per block, against $2C^2/16$ weights: a small share.",
        ),
    ],
)

# ---- paths-and-start: the net as a sum of paths, and how it begins


@bank.number("res_path_length", "paths-and-start", level=2)
def _res_path_length(rng: np.random.Generator) -> Task:
    n, s = 2 * int(rng.integers(8, 61)), int(rng.integers(2, 13)) / 20
    answer = n * s / (1 + s)
    return Task(
        rf"A residual net of ${n}$ blocks is seen as $2^{{{n}}}$ paths: in each block the branch or the shortcut. Let "
        rf"a branch multiply the size of the gradient by ${s:g}$ and a shortcut by 1, so a path through $k$ branches "
        rf"counts ${s:g}^k$. What is the mean length $k$ of the paths, each weighted by what it counts? (within 1 %)",
        answer,
        rf"The total weight of length $k$ is $\binom{{{n}}}{{k}}\,{s:g}^k$, a binomial distribution with $p = "
        rf"\frac{{{s:g}}}{{1 + {s:g}}} = {short(s / (1 + s))}$, so the mean is ${n}\,p = {short(answer)}$. Counted "
        rf"without weights it is ${n // 2}$, and no more than one path has length ${n}$: such a net is "
        rf"trained by short paths in the main.",
        rtol=1e-2,
    )


@bank.number("res_deleted_blocks", "paths-and-start", level=2)
def _res_deleted_blocks(rng: np.random.Generator) -> Task:
    n, d, s = int(rng.integers(20, 61)), int(rng.integers(2, 7)), int(rng.integers(1, 9)) / 20
    answer = 100 / (1 + s) ** d
    return Task(
        rf"A residual net of ${n}$ blocks is a sum over $2^{{{n}}}$ paths. A path through $k$ branches is counted with "
        rf"the weight ${s:g}^k$. ${d}$ of the blocks are deleted, only their shortcuts stay. How many per cent of the "
        rf"total weight of the paths remain? (within 1 %)",
        answer,
        rf"The total is $\sum_k \binom{{{n}}}{{k}}\,{s:g}^k = (1 + {s:g})^{{{n}}}$, and after the deletion $(1 + "
        rf"{s:g})^{{{n - d}}}$. What remains is $1/{1 + s:g}^{{{d}}} = {short(answer)}\,\%$, although only "
        rf"${short(100 / 2**d)}\,\%$ of the *number* of paths are left: those lost are mostly long and weak. In a "
        rf"plain net there is one path, and it goes through every layer.",
        rtol=1e-2,
    )


bank.choice(
    "res_delete_one_block",
    "paths-and-start",
    r"From a trained residual net of 54 blocks one block in the middle of a stage is removed at test time, leaving its "
    r"shortcut. The error hardly rises. The same with one layer of a trained VGG gives chance level. Why?",
    [
        wrong(
            r"Batch normalization adapts its statistics at test time to the missing block.",
            r"At test time it uses stored statistics, which know nothing of the deletion.",
        ),
        wrong(
            r"The block computed nothing: most of the blocks of such a net end with weights of 0.",
            r"The more blocks are removed, the more the error rises, step by step; so each does add something.",
        ),
        right(
            r"The next block still finds nearly the stream that it was trained on, less one summand.",
            r"Half of all paths avoid the block. In VGG the next layer would get features that it has never seen, "
            r"those of another level. Veit et al. (2016) describe the experiment.",
        ),
        wrong(
            r"All the blocks of one stage learn the same function, so that a neighbour stands in for it.",
            r"Nothing is passed to a neighbour, as each goes on adding its own output. And equal branches would be a "
            r"waste that training has no reason to make.",
        ),
    ],
)

bank.choice(
    "res_both_zero",
    "paths-and-start",
    r"To start every block as the identity, somebody sets *both* weight matrices of the branch $F(x) = "
    r"W_2\,\mathrm{relu}(W_1 x)$ to 0; there is no norm and no bias. What does training do with $x + F(x)$?",
    [
        wrong(
            r"It works as usual, since the shortcut carries the gradient to all weights.",
            r"The shortcut carries it past the branch to earlier layers, not into the branch.",
        ),
        right(
            r"The block stays an identity, since the gradient of each matrix contains the other as a factor.",
            r"$dW_2 = \delta\,\mathrm{relu}(W_1 x)^\top = 0$, and $dW_1$ contains $W_2^\top\delta = 0$. With $W_1$ "
            r"random and only $W_2 = 0$ the output is the same, but $dW_2$ is not 0, and the branch opens.",
        ),
        wrong(
            r"$W_2$ is learnt from the first step, and $W_1$ follows when $W_2$ has left 0.",
            r"So it is with $W_1$ random. Here the hidden activations are 0, and so is $dW_2$.",
        ),
        wrong(
            r"All hidden units learn, but stay equal to each other, as nothing breaks the symmetry.",
            r"That happens to equal weights other than 0. Here nothing moves at all.",
        ),
    ],
    level=2,
)

bank.open(
    "res_train_without_norm",
    "paths-and-start",
    r"You must train a residual net of 100 blocks *without* normalization. Why does the usual initialization fail, "
    r"which starts work and why, and what else that batch normalization did do you have to replace? What has "
    r"stochastic depth to do with this picture?",
    r"With He initialization each branch has about the variance of its input, so each sum doubles the variance, and "
    r"signal and gradient grow as $2^{L/2}$: for 100 blocks about $10^{15}$. Batch normalization hides this: a branch "
    r"that begins with a norm has constant variance, the stream grows only linearly, and branch $l$ is scaled to "
    r"about $1/\sqrt l$ of the stream, so early in training the network is nearly the identity. Replacements: a "
    r"factor $1/\sqrt L$ on each branch, which keeps the growth at about $e$ in variance; or branches that start at "
    r"exactly 0 and open by learning: a learnt scalar that starts at 0 (SkipInit, ReZero), the last layer of the "
    r"branch at 0 with the first ones scaled down (Fixup). Not all layers of a branch at 0, for then nothing moves. "
    r"Else to replace: regularization through batch noise (dropout, stronger augmentation), biases and scalars, "
    r"tolerance of large learning rates (warm-up, clipping, weight standardization), control of the mean that ReLU "
    r"adds. Stochastic depth drops whole branches at random in training, late ones more often, and scales by the "
    r"probability at test time: the expected depth is smaller, gradients take shorter paths, and the network is an "
    r"ensemble over depths; it works for the same reason for which one block can be deleted.",
    [
        r"variance doubles per block, growth exponential; with a norm at the branch's entry only linear",
        r"a scale of $1/\sqrt L$ or a start at 0 (SkipInit, ReZero, Fixup), but not all layers of the branch at 0",
        r"other effects of batch norm to replace: regularization, larger learning rates",
        r"stochastic depth: dropped branches, shorter paths, scaling at test time",
    ],
    level=3,
)

# ---- counting: weights, work, memory

bank.choice(
    "res_cost_per_stage",
    "counting",
    r"From one stage of a residual net to the next, height and width are halved and the channels doubled. Compare one "
    r"block with identity shortcut of the later stage with one of the earlier: weights, multiply-adds, values in its "
    r"output map.",
    [
        wrong(
            r"weights 2×, multiply-adds ½×, values ½×",
            r"A convolution has $k^2 C_{in} C_{out}$ weights, and both factors $C$ double.",
        ),
        wrong(
            r"weights 4×, multiply-adds 4×, values the same",
            r"The four times as many weights are applied at a quarter of the positions, and twice the channels on a "
            r"quarter of the positions is half.",
        ),
        wrong(
            r"weights 4×, multiply-adds 2×, values ½×",
            r"Multiply-adds are weights times positions, $4 \cdot \tfrac14$.",
        ),
        right(
            r"weights 4×, multiply-adds the same, values ½×",
            r"$4 \cdot \tfrac14 = 1$ and $2 \cdot \tfrac14 = \tfrac12$. So the work is spread evenly over the stages, "
            r"the weights sit in the last ones, and the memory goes to the first ones.",
        ),
    ],
)


@bank.number("res_cifar_parameters", "counting", level=2)
def _res_cifar_parameters(rng: np.random.Generator) -> Task:
    n, w = int(rng.integers(2, 10)), 4 * int(rng.integers(2, 9))
    classes = int(rng.choice([10, 20, 100]))
    stem = 27 * w + 2 * w
    stages = [2 * n * (9 * w * w + 2 * w)]
    stages += [9 * f * f // 2 + 2 * f + (2 * n - 1) * (9 * f * f + 2 * f) for f in (2 * w, 4 * w)]
    head = 4 * w * classes + classes
    answer = stem + sum(stages) + head
    return Task(
        rf"A residual net for small colour images: a 3×3 stem to ${w}$ channels, three stages of ${n}$ basic blocks "
        rf"(two 3×3 each) with ${w}$, ${2 * w}$ and ${4 * w}$ channels, global average pooling, and a dense layer "
        rf"with bias to ${classes}$ classes. Shortcuts have no weights (zero padding), convolutions no bias, and each "
        rf"is followed by batch normalization. How many parameters are learnt? (a whole number, exact)",
        answer,
        rf"Stem with norm: $27 \cdot {w} + 2 \cdot {w} = {stem}$. Stages, with the first convolution of the second "
        rf"and third reading half the channels: ${stages[0]} + {stages[1]} + {stages[2]}$. Head: ${4 * w} \cdot "
        rf"{classes} + {classes} = {head}$. Together ${answer}$, in ${6 * n} + 2 = {6 * n + 2}$ layers. The last "
        rf"stage has ${short(100 * stages[2] / answer)}\,\%$ of it.",
        rtol=1e-6,
    )


@bank.number("res_stage_memory", "counting", level=2)
def _res_stage_memory(rng: np.random.Generator) -> Task:
    side, c = int(rng.choice([32, 48, 56, 64])), int(rng.choice([32, 64, 128]))
    blocks, n = int(rng.integers(2, 9)), int(rng.choice([16, 32, 64, 128]))
    arrays = 4 * blocks
    each = 4 * n * c * side**2 / 1e6
    answer = arrays * each
    return Task(
        rf"A stage of ${blocks}$ basic blocks (conv–BN–ReLU–conv–BN, sum, ReLU; identity shortcuts) works on maps of "
        rf"${c}$×${side}$×${side}$ in float32, with a batch of ${n}$. For the backward pass the input of every "
        rf"convolution and of every batch normalization is kept, and the ReLUs keep nothing of their own. How many "
        rf"megabytes ($10^6$ bytes) is that? (within 1 %)",
        answer,
        rf"Per block 2 convolutions and 2 norms, so ${arrays}$ arrays of $4 \cdot {n} \cdot {c} \cdot {side}^2$ bytes "
        rf"$= {short(each)}$ MB: ${short(answer)}$ MB. The sum needs nothing kept, as its derivative is 1, and the "
        rf"mask of a ReLU can be read off its output, the next convolution's input. The stage's weights, "
        rf"${2 * blocks} \cdot 9 \cdot {c}^2$, take ${short(4 * 2 * blocks * 9 * c * c / 1e6)}$ MB.",
        rtol=1e-2,
    )


# ---- which-variant: symptom or constraint first, then the architecture


def _kept(convs: list[Conv], norm_inputs: bool = False) -> float:
    """Millions of values kept for the backward pass of one image: the inputs of the convolutions and of the norms."""
    return (
        sum(c * i * i * (2 if norm_inputs else 1) + (0 if norm_inputs else f * o * o) for c, f, _, i, o in convs) / 1e6
    )


bank.choice(
    "res_imagenet_stem_small_images",
    "which-variant",
    r"ResNet-18 as built for 224×224 images is trained from scratch on 32×32 images and stays well behind published "
    r"results for nets of its size. What do you change first?",
    [
        right(
            r"the stem: a 3×3 convolution with stride 1, and no max pooling behind it",
            r"7×7 with stride 2 and a pooling with stride 2 leave 8×8 before the first block, and the stages make 8, "
            r"4, 2, 1 of it: the later 3×3 see mostly padding. With the new stem it is 32, 16, 8, 4.",
        ),
        wrong(
            r"the head: a dense layer on the flattened map in place of the average pooling",
            r"The last map is 1×1 here, so flattening and averaging are the same.",
        ),
        wrong(
            r"the depth: 8 or 10 layers, since 18 are too many for such small images",
            r"Residual nets of 100 layers and more do well at this size, if their maps are not used up at the "
            r"beginning.",
        ),
        wrong(
            r"the shortcuts: zero padding in place of the three projections",
            r"The three projections are a small share of the weights, and change accuracy little in either direction.",
        ),
    ],
)

bank.choice(
    "res_weights_are_not_memory",
    "which-variant",
    rf"ResNet-50 ({_weights(RESNET50) / 1e6:.1f} million parameters) just fits on a GPU for training with SGD on "
    rf"224×224 images in batches of 64. A colleague changes to DenseNet-121 "
    rf"({_weights(_densenet121(), True) / 1e6:.1f} million) in a simple implementation, and plans batches of 192. "
    rf"What do you expect?",
    [
        wrong(
            r"It fits: a third of the parameters needs a third of the memory.",
            rf"Weights, gradients and momentum of ResNet-50 together are "
            rf"{3 * 4 * _weights(RESNET50) / 1e9:.1f} GB, whatever the batch. Most of the memory is elsewhere.",
        ),
        wrong(
            r"It fits if gradients are accumulated over three batches before each step.",
            r"In memory that is a batch of 64, and even this needs more than ResNet-50's, which just fitted.",
        ),
        right(
            r"It does not fit, and even 64 may be too many: the activations fill the memory.",
            rf"Inputs of convolutions and norms, in float32 and for 64 images: about "
            rf"{64 * 4 * _kept(RESNET50) / 1e3:.1f} GB for ResNet-50, and "
            rf"{64 * 4 * (_kept(_densenet121()[1:], True)) / 1e3:.1f} GB for the concatenated inputs and the others of "
            rf"DenseNet-121.",
        ),
        wrong(
            r"It does not fit, because DenseNet-121 has 121 layers of weights and ResNet-50 only 50.",
            r"The number of layers alone decides nothing: their maps count, and those differ by far in size.",
        ),
    ],
    level=2,
)

bank.open(
    "res_choose_a_variant",
    "which-variant",
    r"Which architecture would you begin with, and why: (a) 3,000 labelled medical images; (b) a phone with 20 ms per "
    r"image; (c) a detector with large images on one GPU; (d) highest accuracy with plenty of compute? Name what you "
    r"would measure before you change the architecture.",
    r"(a) A pretrained ResNet-18 to 50, fine-tuned, with strong augmentation; with so few images pretraining is worth "
    r"more than any choice of block. DenseNet-121 pretrained is common there too, as it has few parameters; "
    r"regularize, and cross-validate by patient. (b) Depthwise separable nets of the MobileNet or EfficientNet-Lite "
    r"kind, or a slim ResNet, quantized; measure latency on the device, not multiply-adds, since grouped and "
    r"depthwise layers, squeeze-and-excitation and concatenation are bound by memory traffic. (c) ResNet-50 with a "
    r"feature pyramid, norms frozen or group norm because the batch is small; a DenseNet would need too much memory "
    r"for activations; checkpointing and mixed precision before a smaller net. (d) ResNeXt or SE-ResNeXt, a modern "
    r"ConvNet such as ConvNeXt, or a vision Transformer with much data or pretraining, with the recipe (augmentation, "
    r"schedule, label smoothing, stochastic depth, average of weights), which often brings more than the block: a "
    r"ResNet-50 gains several points from training alone. To measure first: training against validation error "
    r"(capacity or data?), errors by class and size (resolution?), latency and memory per layer, and the baseline "
    r"over several seeds, so that a gain of half a point can be told from noise.",
    [
        r"few images: pretrained, small to medium net, augmentation",
        r"phone: depthwise nets, latency measured on the device and not counted",
        r"detector: memory of activations and small batches decide (norm, no DenseNet)",
        r"accuracy: stronger blocks, and the training recipe matters as much",
        r"measure first: bias or variance, where the errors are, noise between seeds",
    ],
    level=2,
)
