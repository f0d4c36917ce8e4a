"""Unit 10: blocks whose output is their input plus something learnt, the families built from them, and why they train.

Parameters come in dictionaries; a suffix says which layer: w1, gamma1, beta1, mean1, var1. Convolutions have no bias
unless one is named, and batch normalization is that of layers.py: eps 1e-5, the batch's biased variance in training,
the given mean and variance in evaluation, and nothing is updated. Each function uses np, builtins and the four
functions of layers.py, which the notebook shows before its first exercise.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise. What a cache holds
# is the learner's own affair, so that a forward promises an object, and a backward takes whatever comes:
# mypy: disable-error-code="no-any-return, no-untyped-def"

import numpy as np

from dlkit.reference.layers import batchnorm, batchnorm_backward, conv, conv_backward

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "residual_block_forward",
    "residual_block_backward",
    "bottleneck_forward",
    "preact_block_forward",
    "resnext_block",
    "inception_v1",
    "factorized_cost",
    "dense_block",
    "transition",
    "se_block",
    "resnet_parameters",
    "densenet121_parameters",
    "resnext50_parameters",
    "identity_gradient",
    "gradient_norm_plain_vs_residual",
    "train_resnet",
]


def residual_block_forward(
    x: np.ndarray, params: dict[str, np.ndarray], stride: int = 1, training: bool = True
) -> tuple[np.ndarray, object]:
    """The basic residual block of ResNet-18 and -34: relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)).

    Both convolutions are 3×3 with padding 1; the first has the stride. The shortcut is x itself, or, if params has a
    key "ws", bns(1×1 convolution of x by ws, with the stride, no padding), without a ReLU of its own.

    x: (N, C, H, W). params: w1 (F, C, 3, 3), w2 (F, F, 3, 3); gamma1, beta1, mean1, var1 and gamma2, beta2, mean2,
    var2, each (F,); with ws (F, C, 1, 1) also gammas, betas, means, vars, each (F,). Without ws, F = C and stride = 1.
    Returns out (N, F, OH, OW), OH = (H − 1) // stride + 1 and OW likewise, and a cache for `residual_block_backward`;
    float32 stays float32.
    Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, section 3.
    """

    def bn(x: np.ndarray, i: str) -> tuple[np.ndarray, object]:
        return batchnorm(x, params["gamma" + i], params["beta" + i], params["mean" + i], params["var" + i], training)

    h, conv1 = conv(x, params["w1"], stride, padding=1)  # (N, F, OH, OW), as everything below
    h, bn1 = bn(h, "1")
    a = np.maximum(h, 0)
    h, conv2 = conv(a, params["w2"], padding=1)
    h, bn2 = bn(h, "2")
    shortcut, projection = x, None
    if "ws" in params:
        shortcut, convs = conv(x, params["ws"], stride)
        shortcut, bns = bn(shortcut, "s")
        projection = convs, bns
    out = np.maximum(h + shortcut, 0)
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


def residual_block_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Gradients of `residual_block_forward`, in the mode it was called in, with respect to x and what is learnt.

    The sum passes its gradient unchanged to both sides, and x, which is used twice, sums what the two send back. A ReLU
    passes nothing where its argument is 0.

    dout: (N, F, OH, OW); cache: what `residual_block_forward` returned. Returns dx (N, C, H, W) and a dictionary of
    gradients with the keys w1, w2, gamma1, beta1, gamma2, beta2, and if there was a ws also ws, gammas, betas: nothing
    for means and variances.
    Source: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, eq. 5.
    """
    # With out = relu(s), s = F(x) + shortcut(x): ds = dout · [s > 0], and dx = dF/dxᵀ ds + d(shortcut)/dxᵀ ds. Where
    # the shortcut is x, its term is ds itself, whatever the weights are.
    conv1, bn1, a, conv2, bn2, projection, out = cache
    grads = {}
    ds = dout * (out > 0)  # (N, F, OH, OW)
    dh, grads["gamma2"], grads["beta2"] = batchnorm_backward(ds, bn2)
    da, grads["w2"] = conv_backward(dh, conv2)
    dh, grads["gamma1"], grads["beta1"] = batchnorm_backward(da * (a > 0), bn1)
    dx, grads["w1"] = conv_backward(dh, conv1)  # (N, C, H, W)
    if projection is None:
        return dx + ds, grads
    convs, bns = projection
    dh, grads["gammas"], grads["betas"] = batchnorm_backward(ds, bns)
    dshortcut, grads["ws"] = conv_backward(dh, convs)
    return dx + dshortcut, grads


def bottleneck_forward(
    x: np.ndarray, params: dict[str, np.ndarray], stride: int = 1, training: bool = True
) -> np.ndarray:
    """The bottleneck block of ResNet-50 and deeper: 1×1 to fewer channels, 3×3, 1×1 to more, and the shortcut added.

    out = relu(bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))) + shortcut(x)). conv2, the 3×3 one with padding 1, has
    the stride (the paper gave it to conv1, which skips three of four pixels; today's libraries do as here). The
    shortcut is x itself, or, if params has a key "ws", bns(1×1 convolution of x by ws, with the stride).

    x: (N, C, H, W). params: w1 (M, C, 1, 1), w2 (M, M, 3, 3), w3 (F, M, 1, 1); gamma1, beta1, mean1, var1 and the same
    with 2, each (M,), and with 3, each (F,); with ws (F, C, 1, 1) also gammas, betas, means, vars, each (F,). Without
    ws, F = C and stride = 1. Returns out (N, F, OH, OW), OH = (H − 1) // stride + 1; float32 stays float32.
    Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, figure 5.
    """

    def conv_bn(x: np.ndarray, i: str, stride: int = 1, padding: int = 0) -> np.ndarray:
        h, _ = conv(x, params["w" + i], stride, padding)
        gamma, beta, mean, var = (params[name + i] for name in ("gamma", "beta", "mean", "var"))
        return batchnorm(h, gamma, beta, mean, var, training)[0]

    h = np.maximum(conv_bn(x, "1"), 0)  # (N, M, H, W)
    h = np.maximum(conv_bn(h, "2", stride, padding=1), 0)  # (N, M, OH, OW)
    shortcut = conv_bn(x, "s", stride) if "ws" in params else x
    return np.maximum(conv_bn(h, "3") + shortcut, 0)  # (N, F, OH, OW)


def preact_block_forward(
    x: np.ndarray, params: dict[str, np.ndarray], stride: int = 1, training: bool = True
) -> np.ndarray:
    """The pre-activation block of ResNet v2: x + conv2(relu(bn2(conv1(relu(bn1(x)))))), and no ReLU after the sum.

    Normalization and ReLU come before the weights, so that nothing stands on the way of the shortcut. Both convolutions
    are 3×3 with padding 1; the first has the stride. If params has a key "ws", the shortcut is the 1×1 convolution of
    relu(bn1(x)) by ws, with the stride, instead of x, and no batch normalization follows it.

    x: (N, C, H, W). params: w1 (F, C, 3, 3), w2 (F, F, 3, 3); gamma1, beta1, mean1, var1, each (C,); gamma2, beta2,
    mean2, var2, each (F,); perhaps ws (F, C, 1, 1). Without ws, F = C and stride = 1. Returns out (N, F, OH, OW),
    OH = (H − 1) // stride + 1; float32 stays float32.
    Source: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016.
    """

    def bn_relu(x: np.ndarray, i: str) -> np.ndarray:
        gamma, beta, mean, var = (params[name + i] for name in ("gamma", "beta", "mean", "var"))
        return np.maximum(batchnorm(x, gamma, beta, mean, var, training)[0], 0)

    a = bn_relu(x, "1")  # (N, C, H, W)
    h, _ = conv(a, params["w1"], stride, padding=1)  # (N, F, OH, OW)
    h, _ = conv(bn_relu(h, "2"), params["w2"], padding=1)  # (N, F, OH, OW)
    shortcut = conv(a, params["ws"], stride)[0] if "ws" in params else x
    return h + shortcut


def resnext_block(x: np.ndarray, params: dict[str, np.ndarray], cardinality: int) -> np.ndarray:
    """A ResNeXt block without its normalization: a bottleneck whose 3×3 convolution is cut into groups.

    out = relu(x + conv3(relu(conv2(relu(conv1(x)))))): conv1 and conv3 are 1×1, conv2 is 3×3 with padding 1 and
    `cardinality` groups, all with stride 1. That equals a sum of `cardinality` paths, each a small bottleneck of its
    own (split, transform, merge): path g has rows g·d … g·d + d − 1 of w1 and w2, d = D / cardinality, and those
    columns of w3.

    x: (N, C, H, W). params: w1 (D, C, 1, 1), w2 (D, D / cardinality, 3, 3), w3 (C, D, 1, 1); cardinality divides D.
    Returns out (N, C, H, W); float32 stays float32.
    Source: Xie, Girshick, Dollár, Tu and He, "Aggregated Residual Transformations for Deep Neural Networks", 2017,
    figure 3.
    """
    h = np.maximum(conv(x, params["w1"])[0], 0)  # (N, D, H, W)
    h = np.maximum(conv(h, params["w2"], padding=1, groups=cardinality)[0], 0)  # (N, D, H, W)
    return np.maximum(x + conv(h, params["w3"])[0], 0)  # (N, C, H, W)


def inception_v1(x: np.ndarray, params: dict[str, np.ndarray]) -> np.ndarray:
    """The module of GoogLeNet: four branches see the same input, and their channels are put side by side.

    The branches, in the output's order: 1×1 (key w1); 1×1 then 3×3 (w3r, w3); 1×1 then 5×5 (w5r, w5); 3×3 max pooling
    then 1×1 (wp). Each convolution has a bias and a ReLU after it; padding keeps H and W, and all strides are 1. The
    pooling is padded with −inf, so that padding never wins.

    x: (N, C, H, W). params: w1 (F1, C, 1, 1), w3r (R3, C, 1, 1), w3 (F3, R3, 3, 3), w5r (R5, C, 1, 1),
    w5 (F5, R5, 5, 5), wp (FP, C, 1, 1), and for each w its b, one number per filter: b1, b3r, b3, b5r, b5, bp. Returns
    out (N, F1 + F3 + F5 + FP, H, W); float32 stays float32.
    Source: Szegedy et al., "Going Deeper with Convolutions", 2015, figure 2(b).
    """

    def conv_relu(x: np.ndarray, key: str) -> np.ndarray:
        w, b = params["w" + key], params["b" + key]
        return np.maximum(conv(x, w, padding=w.shape[2] // 2)[0] + b[:, None, None], 0)

    x = 1.0 * x  # (N, C, H, W); the 1.0 makes integers float
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    pooled = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).max(axis=(4, 5))  # (N, C, H, W)
    branches = [
        conv_relu(x, "1"),
        conv_relu(conv_relu(x, "3r"), "3"),
        conv_relu(conv_relu(x, "5r"), "5"),
        conv_relu(pooled, "p"),
    ]
    return np.concatenate(branches, axis=1)


def factorized_cost(k: int) -> tuple[int, int, int]:
    """Weights per pair of channels, in and out, of three ways to a k × k receptive field.

    One k×k convolution: k². A stack of 3×3 ones, each of which widens the field by 2: (k − 1) / 2 of them with 9 each.
    A 1×k and a k×1 convolution: 2k. All with as many channels between as at the ends, and no biases.

    k: odd, at least 3. Returns three integers, in that order. Raises ValueError if k is even.
    Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, section 3.
    """
    if k % 2 == 0:
        raise ValueError(f"a stack of 3×3 convolutions has an odd receptive field, never {k}")
    return k * k, 9 * (k - 1) // 2, 2 * k


def dense_block(x: np.ndarray, layers: list[dict[str, np.ndarray]]) -> np.ndarray:
    """A dense block: each layer reads all feature maps so far, x among them, and appends `growth` new ones.

    x ← concat(x, conv(relu(bn(x)))) along the channels, old ones first, the convolution 3×3 with padding 1. Batch
    normalization is in training mode: it uses the batch's statistics.

    x: (N, C, H, W); layers: a list, and layer i, the first being 0, reads C_i = C + i · growth channels with gamma
    (C_i,), beta (C_i,) and w (growth, C_i, 3, 3). Returns (N, C + L · growth, H, W), L layers; no layers give x.
    float32 stays float32.
    Source: Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", 2017, eq. 2.
    """
    for layer in layers:
        h, _ = batchnorm(x, layer["gamma"], layer["beta"])  # (N, C_i, H, W)
        new, _ = conv(np.maximum(h, 0), layer["w"], padding=1)  # (N, growth, H, W)
        x = np.concatenate([x, new], axis=1)  # (N, C_i + growth, H, W)
    return x


def transition(x: np.ndarray, params: dict[str, np.ndarray]) -> np.ndarray:
    """What stands between two dense blocks: fewer channels, and maps half as high and wide.

    Batch normalization in training mode, ReLU, 1×1 convolution, then the mean of each 2×2 square; a last odd row or
    column is left out of the means (not of the statistics).

    x: (N, C, H, W). params: gamma (C,), beta (C,), w (C', C, 1, 1). Returns (N, C', H // 2, W // 2); float32 stays
    float32.
    Source: Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", 2017, section 3 (the
    ReLU is in the authors' code).
    """
    h, _ = batchnorm(x, params["gamma"], params["beta"])  # (N, C, H, W)
    h, _ = conv(np.maximum(h, 0), params["w"])  # (N, C', H, W)
    n, c, height, width = h.shape
    h = h[:, :, : height // 2 * 2, : width // 2 * 2]  # even
    return h.reshape(n, c, height // 2, 2, width // 2, 2).mean(axis=(3, 5))  # (N, C', H // 2, W // 2)


def se_block(x: np.ndarray, W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> np.ndarray:
    """Squeeze and excitation: each channel is scaled by a number from 0 to 1 that all channels together decide.

    Squeeze: s = mean of each channel over its pixels. Excite: z = sigmoid(relu(s @ W1 + b1) @ W2 + b2). Scale: x · z.

    x: (N, C, H, W), H·W ≥ 1; W1: (C, R); b1: (R,); W2: (R, C); b2: (C,), R fewer than C. Returns (N, C, H, W); float32
    stays float32. Finite, and without a warning, at ±1e4.
    Source: Hu, Shen and Sun, "Squeeze-and-Excitation Networks", 2018, section 3.
    """
    s = x.mean(axis=(2, 3))  # (N, C)
    z = np.maximum(s @ W1 + b1, 0) @ W2 + b2  # (N, C)
    scale = np.exp(-np.logaddexp(0, -z))  # (N, C); sigmoid(z) = 1 / (1 + exp(−z)), which never overflows so
    return x * scale[:, :, None, None]


def resnet_parameters(depth: int) -> int:
    """How many numbers a ResNet for 1,000 classes learns, added up from its structure.

    A 7×7 convolution from 3 to 64 channels; four stages of width 64, 128, 256 and 512; a dense layer with bias from the
    last channels to 1,000 classes. The stages of depth 18 have 2, 2, 2, 2 blocks; 34 and 50: 3, 4, 6, 3; 101: 3, 4, 23,
    3; 152: 3, 8, 36, 3. Up to 34 a block is two 3×3 convolutions of the stage's width, from 50 a bottleneck: 1×1 to the
    width, 3×3, 1×1 to 4 times the width. Where the channels change there is a 1×1 projection. Every convolution, the
    projections too, has no bias and is followed by a batch normalization, which learns 2 numbers per channel.

    depth: 18, 34, 50, 101 or 152; another raises ValueError. Returns an integer: 25,557,032 for 50.
    Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, table 1.
    """
    stages = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
    if depth not in stages:
        raise ValueError(f"depth must be one of {list(stages)}, not {depth}")

    def conv_bn(c_in: int, c_out: int, k: int) -> int:
        return c_in * c_out * k * k + 2 * c_out

    total, c = conv_bn(3, 64, 7), 64
    for width, blocks in zip((64, 128, 256, 512), stages[depth], strict=True):
        for _ in range(blocks):
            if depth < 50:
                c_out = width
                total += conv_bn(c, width, 3) + conv_bn(width, width, 3)
            else:
                c_out = 4 * width
                total += conv_bn(c, width, 1) + conv_bn(width, width, 3) + conv_bn(width, c_out, 1)
            if c_out != c:
                total += conv_bn(c, c_out, 1)  # the projection
            c = c_out
    return total + c * 1000 + 1000


def densenet121_parameters() -> int:
    """How many numbers DenseNet-121 for 1,000 classes learns, added up from its structure.

    A 7×7 convolution from 3 to 64 channels and its batch normalization; dense blocks of 6, 12, 24 and 16 layers with
    growth 32; between two of them a transition, batch normalization and a 1×1 convolution to half the channels; after
    the last a batch normalization, and a dense layer with bias to 1,000 classes. A layer with C channels to read is
    batch normalization, 1×1 convolution to 128 channels, batch normalization, 3×3 convolution to 32. Convolutions have
    no bias, and a batch normalization learns 2 numbers per channel that it reads.

    Returns an integer, 7,978,856.
    Source: Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", 2017, table 1.
    """
    growth, c = 32, 64
    total = 3 * c * 7 * 7 + 2 * c
    for i, layers in enumerate((6, 12, 24, 16)):
        if i > 0:
            total += 2 * c + c * (c // 2)  # the transition
            c //= 2
        for _ in range(layers):
            middle = 4 * growth
            total += 2 * c + c * middle + 2 * middle + middle * growth * 3 * 3
            c += growth
    return total + 2 * c + c * 1000 + 1000


def resnext50_parameters() -> int:
    """How many numbers ResNeXt-50 (32×4d) for 1,000 classes learns, added up from its structure.

    ResNet-50 with other blocks: in the stages of 3, 4, 6 and 3 blocks, with 256, 512, 1024 and 2048 channels out, a
    block is 1×1 to D channels, 3×3 from D to D in 32 groups, 1×1 to the channels out, D half of these. In a grouped
    convolution a filter reads only D / 32 channels. The rest is as in ResNet: a 7×7 convolution from 3 to 64 channels,
    1×1 projections where the channels change, batch normalization (2 numbers per channel) after every convolution, none
    with a bias, and a dense layer with bias to 1,000 classes.

    Returns an integer, 25,028,904.
    Source: Xie, Girshick, Dollár, Tu and He, "Aggregated Residual Transformations for Deep Neural Networks", 2017,
    table 1.
    """

    def conv_bn(c_in: int, c_out: int, k: int, groups: int = 1) -> int:
        return c_in // groups * c_out * k * k + 2 * c_out

    total, c = conv_bn(3, 64, 7), 64
    for c_out, blocks in zip((256, 512, 1024, 2048), (3, 4, 6, 3), strict=True):
        d = c_out // 2
        for _ in range(blocks):
            total += conv_bn(c, d, 1) + conv_bn(d, d, 3, groups=32) + conv_bn(d, c_out, 1)
            if c_out != c:
                total += conv_bn(c, c_out, 1)  # the projection
            c = c_out
    return total + c * 1000 + 1000


def identity_gradient(branch_jacobians: list[np.ndarray]) -> np.ndarray:
    """The Jacobian of a chain of residual blocks x ← x + f_l(x): (I + J_L) … (I + J_2)(I + J_1).

    Multiplied out, it is I plus the Jacobian of every path through some of the branches, 2^L in all, so that some
    gradient arrives even where no branch passes any. A plain chain has only the last of them, J_L … J_1.

    branch_jacobians: a list of L ≥ 1 arrays (D, D), that of the first block first; entry [i, j] is ∂f_i/∂x_j at the
    block's input. Returns (D, D), entry [i, j] ∂(output i)/∂(input j); float32 stays float32.
    Source: Veit, Wilber and Belongie, "Residual Networks Behave Like Ensembles of Relatively Shallow Networks", 2016;
    He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016.
    """
    jacobians = [1.0 * jacobian for jacobian in branch_jacobians]  # (D, D) each; the 1.0 makes integers float
    gradient = identity = np.eye(len(jacobians[0]), dtype=jacobians[0].dtype)  # (D, D)
    for jacobian in jacobians:
        gradient = (identity + jacobian) @ gradient  # a later block's goes to the left: the chain rule
    return gradient


def gradient_norm_plain_vs_residual(depth: int, width: int, rng: np.random.Generator) -> tuple[float, float]:
    """How much gradient reaches the input of a deep net, without and with skips around its layers.

    The plain net is h ← relu(W_l @ h), the residual one h ← h + relu(W_l @ h), for l = 1 … depth, h = x at first, and
    both have the same x and the same W. Drawn in this order, so that equal generators give equal numbers:
    x = rng.standard_normal(width), then each W_l = rng.standard_normal((width, width)) / sqrt(width). With this scale
    each relu about halves the plain gradient's square.

    depth ≥ 0; width ≥ 1. Returns two floats: the plain net's and the residual net's ‖d sum(h) / dx‖ after the last
    layer, Euclidean; without layers both are sqrt(width).
    Source: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, section 2 (the experiment is
    ours).
    """
    x = rng.standard_normal(width)  # (D,)
    weights = [rng.standard_normal((width, width)) / np.sqrt(width) for _ in range(depth)]  # (D, D) each

    def gradient_norm(skip: int) -> float:
        h, zs = x, []
        for W in weights:
            zs.append(W @ h)  # (D,)
            h = skip * h + np.maximum(zs[-1], 0)
        dh = np.ones(width)  # d sum(h) / dh
        for W, z in zip(reversed(weights), reversed(zs), strict=True):
            dh = skip * dh + W.T @ (dh * (z > 0))
        return float(np.linalg.norm(dh))

    return gradient_norm(0), gradient_norm(1)


def train_resnet(
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    depth: int,
    residual: bool,
    epochs: int,
    rng: np.random.Generator,
) -> tuple[float, list[float]]:
    """Train a small net of pre-activation blocks on images, with its skips or without, and see what these are worth.

    The net: a 3×3 convolution from C to 8 channels, stride 2, padding 1; then (depth − 2) / 2 blocks
    h ← h + conv(relu(bn(conv(relu(bn(h)))))), their convolutions 3×3 from 8 to 8 channels, stride 1, padding 1; then
    relu(bn(h)), the mean of each channel over its pixels, and a dense layer with bias to K classes; softmax and
    cross-entropy. depth counts the convolutions and the dense layer. residual=False leaves out the "h +" and nothing
    else. No other convolution has a bias; batch normalization uses the batch's statistics in training, and at test time
    those of the training images.

    X_train, X_test: (N, C, H, W), pixels from 0 to 1; y_train: (N,), integers 0 … K − 1 with
    K = y_train.max() + 1; y_test: (N,), integers from 0, of which one of K or more is never right; depth: even, at
    least 2, other raises ValueError; epochs ≥ 1. Returns the share of X_test that is classified right after the last
    epoch, and a list with the mean training loss of each epoch, that of every batch taken before its update.
    Initialization, optimizer and batch size are free; here: He's normal for convolutions and W, gamma 1, beta 0, b 0;
    SGD with learning rate 0.1 and momentum 0.9; 32 images a batch, in a new order each epoch; float32.
    Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, section 4.2, and "Identity
    Mappings in Deep Residual Networks", 2016.
    """
    if depth < 2 or depth % 2 != 0:
        raise ValueError(f"depth must be even and at least 2, not {depth}")
    classes, convolutions, channels = int(y_train.max()) + 1, depth - 2, 8
    X_train, X_test = X_train.astype(np.float32), X_test.astype(np.float32)

    def normal(*shape: int, fan_in: int) -> np.ndarray:
        return rng.normal(0, np.sqrt(2 / fan_in), shape).astype(np.float32)

    params = {"first": normal(channels, X_train.shape[1], 3, 3, fan_in=9 * X_train.shape[1])}
    for i in range(convolutions):
        params[f"w{i}"] = normal(channels, channels, 3, 3, fan_in=9 * channels)
    for i in range(convolutions + 1):  # one before each of them, and one at the end
        params[f"gamma{i}"], params[f"beta{i}"] = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    params["W"], params["b"] = normal(channels, classes, fan_in=channels), np.zeros(classes, np.float32)

    def forward(x: np.ndarray, statistics=None) -> tuple[np.ndarray, list[np.ndarray], list[tuple[object, ...]]]:
        """Logits (n, K), what each normalization was given, and caches; with (mean, var) of each, evaluation mode."""
        inputs: list[np.ndarray] = []
        caches: list[tuple[object, ...]] = []

        def bn_relu(h: np.ndarray, i: int) -> tuple[np.ndarray, object]:
            inputs.append(h)
            mean, var = statistics[i] if statistics else (None, None)
            h, bn = batchnorm(h, params[f"gamma{i}"], params[f"beta{i}"], mean, var, training=statistics is None)
            return np.maximum(h, 0), bn

        h, first = conv(x, params["first"], stride=2, padding=1)  # (n, 8, OH, OW), as the maps of all blocks
        for i in range(convolutions):
            if i % 2 == 0:
                skip = h  # a block begins
            a, bn = bn_relu(h, i)
            h, cache = conv(a, params[f"w{i}"], padding=1)
            caches.append((bn, a, cache))
            if residual and i % 2 == 1:
                h = h + skip  # and ends
        a, bn = bn_relu(h, convolutions)
        features = a.mean(axis=(2, 3))  # (n, 8)
        caches.append((bn, a, features, first))
        return features @ params["W"] + params["b"], inputs, caches

    def backward(dlogits: np.ndarray, caches) -> dict[str, np.ndarray]:
        grads = {}

        def bn_relu_backward(da: np.ndarray, a: np.ndarray, bn: object, i: int) -> np.ndarray:
            dh, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(da * (a > 0), bn)
            return dh

        bn, a, features, first = caches[-1]
        grads["W"], grads["b"] = features.T @ dlogits, dlogits.sum(axis=0)
        dfeatures = dlogits @ params["W"].T  # (n, 8)
        da = np.ones_like(a) * dfeatures[:, :, None, None] / (a.shape[2] * a.shape[3])  # (n, 8, OH, OW)
        dh = bn_relu_backward(da, a, bn, convolutions)
        for i in reversed(range(convolutions)):
            if i % 2 == 1:
                dskip = dh  # the sum gives its gradient to both sides
            bn, a, cache = caches[i]
            da, grads[f"w{i}"] = conv_backward(dh, cache)
            dh = bn_relu_backward(da, a, bn, i)
            if residual and i % 2 == 0:
                dh = dh + dskip
        _, grads["first"] = conv_backward(dh, first)
        return grads

    velocity = {key: np.zeros_like(value) for key, value in params.items()}
    losses = []
    for _ in range(epochs):
        order, total = rng.permutation(len(X_train)), 0.0
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            rows = np.arange(len(batch))
            logits, _, caches = forward(X_train[batch])  # (n, K)
            logits = logits - logits.max(axis=1, keepdims=True)
            log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))  # (n, K)
            total -= float(log_p[rows, y_train[batch]].sum())
            dlogits = np.exp(log_p)
            dlogits[rows, y_train[batch]] -= 1
            for key, gradient in backward(dlogits / len(batch), caches).items():
                velocity[key] = 0.9 * velocity[key] + gradient
                params[key] = params[key] - 0.1 * velocity[key]
        losses.append(total / len(order))

    _, inputs, _ = forward(X_train)
    statistics = [(h.mean(axis=(0, 2, 3)), h.var(axis=(0, 2, 3))) for h in inputs]
    logits, _, _ = forward(X_test, statistics)
    return float((logits.argmax(axis=1) == y_test).mean()), losses
