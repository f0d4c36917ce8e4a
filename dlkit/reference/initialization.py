"""Unit 04: what is done before the first step: the data's scale, the weights' scale, and the gradient's.

One idea runs through it: a layer must neither grow nor shrink what passes it, or after L layers it has done so to the
power L. Weights are drawn from `rng`, entry by entry and independently (`orthogonal` apart), and what is judged is
their law. Each function uses only np, math and builtins: its body is pasted on its own into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise:
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable, Sequence

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "standardize",
    "min_max_scale",
    "subtract_mean_image",
    "subtract_channel_mean",
    "pca",
    "pca_whiten",
    "zca_whiten",
    "fan_in_fan_out",
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "truncated_normal",
    "orthogonal",
    "distinct_units",
    "activation_std_by_depth",
    "gradient_norm_by_depth",
    "forward_gain",
    "prior_bias",
    "clip_gradient_norm",
    "clip_gradient_value",
    "lsuv_scale",
]


def standardize(X_train: np.ndarray, X_test: np.ndarray, eps: float = 1e-8) -> tuple[np.ndarray, np.ndarray]:
    """Both arrays as (x − mean) / (std + eps), column by column, with the mean and std of X_train alone.

    std is the root of the mean squared deviation (ddof 0). X_test is unseen data: its own statistics are never used, so
    that it may come out with another mean and std, and a single row of it is enough.

    X_train: (N, D), N ≥ 1; X_test: (M, D), M ≥ 0. Returns two arrays of these shapes; float32 stays float32, integers
    become floats. A feature constant in X_train comes out 0 there (in float32 unless its mean is rounded), and large in
    X_test where it differs.
    Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 4.3.
    """
    mean = X_train.mean(axis=0)  # (D,)
    std = X_train.std(axis=0)  # (D,)
    return (X_train - mean) / (std + eps), (X_test - mean) / (std + eps)


def min_max_scale(X_train: np.ndarray, X_test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both arrays as (x − min) / (max − min), column by column, with the min and max of X_train alone.

    X_train just fills [0, 1]. X_test is not clipped: where it leaves the range of X_train it leaves [0, 1]. A feature
    constant in X_train has no range to divide by, and becomes x − min in both.

    X_train: (N, D), N ≥ 1; X_test: (M, D), M ≥ 0. Returns two arrays of these shapes; float32 stays float32, integers
    become floats.
    Source: Han, Kamber and Pei, "Data Mining: Concepts and Techniques", 2012, section 3.5.2.
    """
    low = 1.0 * X_train.min(axis=0)  # (D,); the 1.0 makes integers float: bytes cannot go below 0
    high = 1.0 * X_train.max(axis=0)  # (D,)
    width = np.where(high > low, high - low, 1.0)  # (D,)
    return (X_train - low) / width, (X_test - low) / width


def subtract_mean_image(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images without the mean image: X − mean, where mean[c, h, w] is the mean over the N images of that one place.

    The mean comes back too, because test images must have the same one subtracted, not their own.

    X: (N, C, H, W), N ≥ 1, bytes (uint8) or floats. Returns centred (N, C, H, W) and mean (C, H, W), floats; float32
    stays float32.
    Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
    section 2.
    """
    mean = X.mean(axis=0)  # (C, H, W), float even of bytes, so that the difference can be negative
    return X - mean, mean


def subtract_channel_mean(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images without their channel means: X − mean, where mean[c] is the mean of channel c over all images and pixels.

    Three numbers for RGB, whatever the size of the images; test images must have the same ones subtracted.

    X: (N, C, H, W), not empty, bytes (uint8) or floats. Returns centred (N, C, H, W) and mean (C,), floats; float32
    stays float32.
    Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015,
    section 2.1.
    """
    mean = X.mean(axis=(0, 2, 3))  # (C,)
    return X - mean[:, None, None], mean


def pca(X: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Principal component analysis: the k directions along which the data vary most, and the data along them.

    With the centred data Xc = U S Vᵀ, the rows of Vᵀ are the eigenvectors of the covariance Xcᵀ Xc / N, and S² / N its
    eigenvalues, already falling. Forming the covariance itself would square the condition number.

    The sign of a component is free; here its entry of largest magnitude (the first of equal ones) is positive.

    X: (N, D), rows not all equal, N < D allowed; 1 ≤ k ≤ min(N, D). Returns Z = Xc @ componentsᵀ (N, k); components
    (k, D), orthonormal rows; explained (k,), each one's share of the total variance of all D features, falling. float32
    stays float32.
    Source: Jolliffe, "Principal Component Analysis", 2002, chapters 1 to 3.
    """
    centred = X - X.mean(axis=0)  # (N, D)
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)  # S falling; Vt (min(N, D), D)
    components = Vt[:k]  # (k, D)
    largest = np.abs(components).argmax(axis=1, keepdims=True)  # (k, 1)
    components = components * np.sign(np.take_along_axis(components, largest, axis=1))
    return centred @ components.T, components, S[:k] ** 2 / np.sum(S**2)


def pca_whiten(X: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """The data in the axes of their principal components, each divided by its standard deviation: Xc V / sqrt(λ + eps).

    λ and V are the eigenvalues and eigenvectors of the covariance Xcᵀ Xc / N (not N − 1). Column i of the result has
    variance λ_i / (λ_i + eps), nearly 1 except where λ_i is small, and the columns are uncorrelated. eps, inside the
    root, keeps directions of no variance from becoming noise of variance 1.

    Columns come by falling λ, each with `pca`'s sign: in the eigenvector the entry of largest magnitude (the first of
    equal ones) is positive.

    X: (N, D), N ≥ D; eps > 0. Returns (N, D); float32 stays float32.
    Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, appendix A.
    """
    centred = X - X.mean(axis=0)  # (N, D)
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)  # eigenvectors in the rows of Vt, by falling S
    largest = np.abs(Vt).argmax(axis=1, keepdims=True)  # (D, 1)
    Vt = Vt * np.sign(np.take_along_axis(Vt, largest, axis=1))  # (D, D)
    return centred @ Vt.T / np.sqrt(S**2 / len(X) + eps)


def zca_whiten(X: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Whitened data turned back into the original axes: Xc V diag(1 / sqrt(λ + eps)) Vᵀ.

    λ and V are the eigenvalues and eigenvectors of the covariance Xcᵀ Xc / N (not N − 1); eps is inside the root. It is
    `pca_whiten` times Vᵀ: as uncorrelated, and of all whitenings the one that changes the data least, so that images
    still look like images. No sign is left to choose: V appears twice.

    X: (N, D), N ≥ D; eps > 0. Returns (N, D); float32 stays float32.
    Source: Bell and Sejnowski, "The 'Independent Components' of Natural Scenes are Edge Filters", 1997; Krizhevsky,
    "Learning Multiple Layers of Features from Tiny Images", 2009, appendix A.
    """
    centred = X - X.mean(axis=0)  # (N, D)
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ Vt.T / np.sqrt(S**2 / len(X) + eps) @ Vt


def fan_in_fan_out(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs each output unit of a layer sums over, and how many output units each input goes to.

    shape: (D, M), dense weights for x @ W: fan_in D, fan_out M; or (F, C, KH, KW), convolution filters: fan_in
    C · KH · KW, all that one filter sees at one place, and fan_out F · KH · KW. Returns (fan_in, fan_out), integers.
    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010; for
    convolutions, He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, section 2.2.
    """
    if len(shape) == 2:
        D, M = shape
        return D, M
    F, C, KH, KW = shape
    return C * KH * KW, F * KH * KW


def xavier_uniform(shape: tuple[int, ...], rng: np.random.Generator, gain: float = 1.0) -> np.ndarray:
    """Weights uniform in [−b, b] with standard deviation gain · sqrt(2 / (fan_in + fan_out)).

    A uniform variable in [−b, b] has standard deviation b / √3, so b = √3 · std.

    shape: (D, M), dense, with fans D and M, or (F, C, KH, KW), with fans C · KH · KW and F · KH · KW. Returns an array
    of this shape.
    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010,
    eq. 16.
    """
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F * KH * KW
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


def xavier_normal(shape: tuple[int, ...], rng: np.random.Generator, gain: float = 1.0) -> np.ndarray:
    """Weights normal with mean 0 and standard deviation gain · sqrt(2 / (fan_in + fan_out)).

    1 / fan_in would keep the variance of what goes forward, 1 / fan_out that of the gradient; this is between.

    shape: (D, M), dense, with fans D and M, or (F, C, KH, KW), with fans C · KH · KW and F · KH · KW. Returns an array
    of this shape.
    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010,
    eq. 12.
    """
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F * KH * KW
    return rng.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape)


def kaiming_uniform(
    shape: tuple[int, ...], rng: np.random.Generator, mode: str = "fan_in", slope: float = 0.0
) -> np.ndarray:
    """Weights uniform in [−b, b] with standard deviation gain / sqrt(fan), gain = sqrt(2 / (1 + slope²)), b = √3 · std.

    slope is that of the leaky ReLU that follows: 0 for ReLU (gain √2), 1 for no activation at all (gain 1).

    shape: (D, M), dense, with fans D and M, or (F, C, KH, KW), with fans C · KH · KW and F · KH · KW; mode: "fan_in"
    keeps the size of what goes forward, "fan_out" that of the gradient; anything else raises ValueError. Returns an
    array of this shape.
    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, section 2.2 (there with a normal law).
    """
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F * KH * KW
    fans = {"fan_in": fan_in, "fan_out": fan_out}
    if mode not in fans:
        raise ValueError(f'mode must be "fan_in" or "fan_out", not {mode!r}')
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2)) / math.sqrt(fans[mode])
    return rng.uniform(-bound, bound, size=shape)


def kaiming_normal(
    shape: tuple[int, ...], rng: np.random.Generator, mode: str = "fan_in", slope: float = 0.0
) -> np.ndarray:
    """Weights normal with mean 0 and standard deviation gain / sqrt(fan), gain = sqrt(2 / (1 + slope²)).

    slope is that of the leaky ReLU that follows: 0 for ReLU (gain √2), 1 for no activation at all (gain 1).

    shape: (D, M), dense, with fans D and M, or (F, C, KH, KW), with fans C · KH · KW and F · KH · KW; mode: "fan_in"
    keeps the size of what goes forward, "fan_out" that of the gradient; anything else raises ValueError. Returns an
    array of this shape.
    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, section 2.2.
    """
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F * KH * KW
    fans = {"fan_in": fan_in, "fan_out": fan_out}
    if mode not in fans:
        raise ValueError(f'mode must be "fan_in" or "fan_out", not {mode!r}')
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2)) / math.sqrt(fans[mode]), size=shape)


def truncated_normal(shape: tuple[int, ...], std: float, rng: np.random.Generator, bound: float = 2.0) -> np.ndarray:
    """Weights from the normal law with mean 0 and standard deviation std, given that they lie within ±bound · std.

    What falls outside is drawn again. Clipping it instead would pile it up at the bounds. std is the normal law's
    before it is cut; afterwards it is smaller, 0.880 · std at bound = 2.

    shape: any; std ≥ 0; bound > 0, in units of std. Returns an array of this shape.
    Source: PyTorch documentation, torch.nn.init.trunc_normal_ (whose bounds are a and b, not in units of std).
    """
    z = rng.normal(size=shape)
    while (outside := np.abs(z) > bound).any():
        z[outside] = rng.normal(size=outside.sum())
    return std * z


def orthogonal(shape: tuple[int, int], rng: np.random.Generator, gain: float = 1.0) -> np.ndarray:
    """gain times a random matrix with orthonormal columns, or, where it is wider than high, orthonormal rows.

    A square one with gain 1 keeps the length of every vector, and so does a product of many. The Q of a normal matrix's
    QR is orthogonal; with the signs of R's diagonal moved into Q it is uniform over all orthogonal matrices.

    shape: (rows, columns). Returns W of this shape: WᵀW = gain² I if rows ≥ columns, and WWᵀ = gain² I if
    rows ≤ columns.
    Source: Saxe, McClelland and Ganguli, "Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural
    Networks", 2014; Mezzadri, "How to Generate Random Matrices from the Classical Compact Groups", 2007, for the signs.
    """
    rows, columns = shape
    Q, R = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))  # Q has the shape of what is decomposed
    Q = Q * np.sign(np.diag(R))  # uniform
    return gain * (Q if rows >= columns else Q.T)


def distinct_units(W1: np.ndarray, W2: np.ndarray, X: np.ndarray, y: np.ndarray, lr: float, steps: int) -> int:
    """How many different hidden units the network tanh(X @ W1) @ W2 has after `steps` steps of gradient descent.

    Each step moves W1 and W2 at once, W −= lr · ∂loss/∂W, where loss = ½ · (mean over samples of ‖out − y‖²). Two units
    are the same if no entry of their columns of W1 differs by more than 1e-9; their rows of W2 do not count. Units that
    start with the same weights in and out get the same gradient, and stay the same for ever; different weights out are
    enough to part them.

    W1: (D, M); W2: (M, K); X: (N, D), N ≥ 1; y: (N, K); steps ≥ 0. Returns an integer, from 1 to M. Computed in
    float64, whatever the dtypes; W1 and W2 given are not changed.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 8.4.
    """
    W1, W2 = W1.astype(np.float64), W2.astype(np.float64)  # copies; float32 is too coarse for 1e-9
    for _ in range(steps):
        hidden = np.tanh(X @ W1)  # (N, M)
        dout = (hidden @ W2 - y) / len(X)  # (N, K)
        dW1 = X.T @ ((dout @ W2.T) * (1 - hidden**2))  # (D, M)
        W2 = W2 - lr * hidden.T @ dout
        W1 = W1 - lr * dW1
    found: list[np.ndarray] = []
    for unit in W1.T:
        if all(np.abs(unit - other).max() > 1e-9 for other in found):
            found.append(unit)
    return len(found)


def activation_std_by_depth(weights: "Sequence[np.ndarray]", x: np.ndarray, activation: str) -> np.ndarray:
    """The standard deviation of the activations of each layer of a network without biases, the first layer's first.

    a_0 = x, a_i = activation(a_{i−1} @ W_i); entry i is the std (ddof 0) of all entries of a_i together. The input's
    own is not counted.

    weights: a list of L arrays (D_0, D_1), (D_1, D_2), …; x: (N, D_0), N ≥ 1; activation: "linear", "sigmoid", "tanh"
    or "relu", anything else raises ValueError. Returns (L,); float32 stays float32. No overflow at ±1e4.
    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010,
    section 3.
    """
    functions = {
        "linear": lambda z: z,
        "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,  # 1 / (1 + e^(−z)) without the overflow
        "tanh": lambda z: np.tanh(z),
        "relu": lambda z: np.maximum(z, 0),
    }
    if activation not in functions:
        raise ValueError(f'activation must be "linear", "sigmoid", "tanh" or "relu", not {activation!r}')
    a, stds = 1.0 * x, []  # the 1.0 makes integers float
    for W in weights:
        a = functions[activation](a @ W)  # (N, D_i)
        stds.append(a.std())
    return np.array(stds)


def gradient_norm_by_depth(
    weights: "Sequence[np.ndarray]", x: np.ndarray, activation: str, dout: np.ndarray
) -> np.ndarray:
    """The Frobenius norm of each layer's weight gradient, ‖∂L/∂W_i‖, in a network without biases; input side first.

    Forwards a_0 = x, a_i = activation(a_{i−1} @ W_i). Backwards from δ = dout, for i = L, …, 1: δ becomes
    δ · activation′, which is a function of a_i (1, a(1 − a), 1 − a², a > 0); ∂L/∂W_i = a_{i−1}ᵀ @ δ; and δ @ W_iᵀ goes
    on to the layer before.

    weights: a list of L arrays (D_0, D_1), (D_1, D_2), …; x: (N, D_0); activation: "linear", "sigmoid", "tanh" or
    "relu", anything else raises ValueError; dout: (N, D_L), the gradient with respect to the last activation's output.
    ReLU's derivative at 0 is 0. Returns (L,); float32 stays float32. No overflow at ±1e4.
    Source: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010,
    section 4.
    """
    functions = {
        "linear": lambda z: z,
        "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,  # 1 / (1 + e^(−z)) without the overflow
        "tanh": lambda z: np.tanh(z),
        "relu": lambda z: np.maximum(z, 0),
    }
    derivatives = {  # given the function's output
        "linear": lambda a: np.ones_like(a),
        "sigmoid": lambda a: a * (1 - a),
        "tanh": lambda a: 1 - a**2,
        "relu": lambda a: a > 0,
    }
    if activation not in functions:
        raise ValueError(f'activation must be "linear", "sigmoid", "tanh" or "relu", not {activation!r}')
    outputs = [1.0 * x]  # a_0, …, a_L; the 1.0 makes integers float
    for W in weights:
        outputs.append(functions[activation](outputs[-1] @ W))
    norms, delta = [], 1.0 * dout
    for i in range(len(weights), 0, -1):
        delta = delta * derivatives[activation](outputs[i])  # (N, D_i)
        norms.append(np.linalg.norm(outputs[i - 1].T @ delta))
        delta = delta @ weights[i - 1].T  # (N, D_{i−1})
    return np.array(norms[::-1])


def forward_gain(f: "Callable[[np.ndarray], np.ndarray]") -> float:
    """The gain that keeps the signal's size through the activation f: 1 / sqrt(E[f(z)²]) for z ~ N(0, 1).

    If a layer's weights have variance gain² / fan_in, then pre-activations of mean square 1 give activations of mean
    square 1 / gain², and the next pre-activations have mean square 1 again. ReLU halves E[z²] = 1, hence √2.

    f: elementwise and vectorized, called with a 1-D float64 array; smooth or with a kink at 0, growing no faster than
    e^z or z³; not 0 everywhere. Returns one number, right to 1e-4 (relative).
    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015, section 2.2 (there for ReLU).
    """
    z = np.linspace(-12, 12, 100_000)  # a mean over a grid; none of its points is 0, where f may have a kink
    density = np.exp(-(z**2) / 2)
    return 1 / math.sqrt(np.sum(f(z) ** 2 * density) / np.sum(density))


def prior_bias(pi: float) -> float:
    """The bias with which a sigmoid output starts at probability pi: ln(pi / (1 − pi)), where weights add about 0.

    With few positives, say pi = 0.01, it spares the first steps the large loss of learning only how rare they are.

    pi: a number, 0 < pi < 1. Returns one number, negative for pi < ½.
    Source: Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection", 2017, section 4.1.
    """
    return math.log(pi / (1 - pi))


def clip_gradient_norm(grads: "Sequence[np.ndarray]", max_norm: float) -> tuple[list[np.ndarray], float]:
    """Gradients scaled by one factor so that their global norm is at most max_norm, and that norm before scaling.

    The norm is that of all entries of all arrays taken as one long vector. Where it is above max_norm, every array is
    multiplied by max_norm / norm: the direction stays. Otherwise all stay as they are; so zeros stay zeros, and nothing
    is divided by 0. No eps is added.

    grads: a list of arrays of any shapes, not changed; max_norm ≥ 0. Returns a new list of arrays of the same shapes
    and a number; float32 stays float32.
    Source: Pascanu, Mikolov and Bengio, "On the Difficulty of Training Recurrent Neural Networks", 2013, algorithm 1.
    """
    norm = math.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in grads))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * g for g in grads], norm


def clip_gradient_value(grads: "Sequence[np.ndarray]", limit: float) -> list[np.ndarray]:
    """Gradients with every entry clipped to [−limit, limit]. The direction of the whole may change.

    grads: a list of arrays of any shapes, not changed; limit ≥ 0. Returns a new list of arrays of the same shapes;
    float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 10.11.1.
    """
    return [np.clip(1.0 * g, -limit, limit) for g in grads]  # the 1.0: −limit does not fit into bytes


def lsuv_scale(weights: "Sequence[np.ndarray]", x: np.ndarray, activation: str) -> list[np.ndarray]:
    """Weights scaled, layer by layer from the input, so that every pre-activation has standard deviation 1 on the data.

    a_0 = x; z_i = a_{i−1} @ W_i with std s_i (ddof 0, over all its entries); W_i becomes W_i / s_i, with which z_i has
    std 1; a_i = activation(z_i / s_i) goes on. The order matters: a layer's scale is measured on what the layers before
    it give after they were scaled. Without biases z is linear in W, so that one division does it.

    weights: a list of L arrays (D_0, D_1), (D_1, D_2), …, no biases; x: (N, D_0); no z_i constant; activation:
    "linear", "sigmoid", "tanh" or "relu", anything else raises ValueError. Returns a new list of L arrays of the same
    shapes; float32 stays float32, and the weights given are not changed.
    Source: Mishkin and Matas, "All You Need is a Good Init", 2016, algorithm 1.
    """
    functions = {
        "linear": lambda z: z,
        "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,
        "tanh": lambda z: np.tanh(z),
        "relu": lambda z: np.maximum(z, 0),
    }
    if activation not in functions:
        raise ValueError(f'activation must be "linear", "sigmoid", "tanh" or "relu", not {activation!r}')
    a, scaled = 1.0 * x, []  # the 1.0 makes integers float
    for W in weights:
        z = a @ W  # (N, D_i)
        std = z.std()
        scaled.append(W / std)
        a = functions[activation](z / std)
    return scaled
