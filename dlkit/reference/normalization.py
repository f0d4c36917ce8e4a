"""Unit 05: layers that give their inputs mean 0 and variance 1 (over the batch, or a sample), each with its gradient.

Most of them are x̂ = (x − mean) / sqrt(var + eps), times gamma, plus beta; they differ in the axes of the mean, and in
what stands in for it at test time. The variance is the mean of the centred squares, not E[x²] − E[x]², which cancels
where the mean is large. Each function uses only np, math and builtins: its body is pasted on its own into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise. What a cache holds
# is the learner's own affair, so that a forward promises an object, and a backward takes whatever comes:
# mypy: disable-error-code="no-any-return, no-untyped-def"

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "batchnorm_forward",
    "batchnorm_backward",
    "batchnorm_backward_steps",
    "population_statistics",
    "spatial_batchnorm_forward",
    "spatial_batchnorm_backward",
    "fold_batchnorm",
    "layernorm_forward",
    "layernorm_backward",
    "groupnorm_forward",
    "groupnorm_backward",
    "instancenorm_forward",
    "rmsnorm_forward",
    "rmsnorm_backward",
    "weight_norm",
    "weight_norm_backward",
    "batch_renorm_forward",
    "batch_renorm_backward",
    "merge_batch_statistics",
    "bn_scale_gradients",
    "norm_parameter_count",
]


def batchnorm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, object]:
    """Batch normalization: gamma · (x − mean) / sqrt(var + eps) + beta, feature by feature.

    In training, mean and var are those of the batch (var biased: divided by N), and the running statistics move:
    new = (1 − momentum) · old + momentum · batch, where the batch's variance is the unbiased one, divided by N − 1.
    In evaluation, mean and var are the running ones, which stay as they are.

    x: (N, D); gamma, beta, running_mean, running_var: (D,). Returns out (N, D), running_mean (D,), running_var (D,) and
    a cache for `batchnorm_backward`; float32 stays float32. The running statistics given are never changed in place.
    Raises ValueError in training with N < 2; in evaluation N = 1 is fine. A feature constant over the batch gives beta.
    Source: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
    Shift", 2015, algorithm 1.
    """
    x = 1.0 * x  # (N, D); the 1.0 makes integers float
    if training:
        n = len(x)
        if n < 2:
            raise ValueError(f"training needs at least 2 samples to have a variance, not {n}")
        mean = x.mean(axis=0)  # (D,)
        centered = x - mean  # (N, D)
        var = (centered**2).mean(axis=0)  # (D,)
        running_mean = (1 - momentum) * running_mean + momentum * mean  # a new array; += would change the caller's
        running_var = (1 - momentum) * running_var + momentum * var * (n / (n - 1))
    else:
        centered, var = x - running_mean, running_var
    inv_std = 1 / np.sqrt(var + eps)  # (D,)
    xhat = centered * inv_std  # (N, D)
    return gamma * xhat + beta, running_mean, running_var, (xhat, inv_std, gamma, training)


def batchnorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `batchnorm_forward` with respect to x, gamma and beta.

    In evaluation the statistics are constants; in training every sample moves them, and through them every output of
    its column.

    dout: (N, D); cache: what `batchnorm_forward` returned, in either mode. Returns dx (N, D), dgamma (D,), dbeta (D,).
    Source: Ioffe and Szegedy, "Batch Normalization", 2015, section 3 (there as steps, not in the compact form).
    """
    # x̂ receives g = gamma · dout. In evaluation mean and var are constants: dx = g / s with s = sqrt(var + eps).
    # In training x_j moves every x̂_i = (x_i − μ) / s, because it moves μ and s:
    #   ∂μ/∂x_j = 1/N, and ∂var/∂x_j = (2/N) (x_j − μ), with nothing through μ, because Σ (x_i − μ) = 0;
    #   ∂s/∂x_j = ∂var/∂x_j / 2s = x̂_j / N;
    #   ∂x̂_i/∂x_j = ([i = j] − 1/N) / s − (x_i − μ) / s² · x̂_j / N = ([i = j] − 1/N − x̂_i x̂_j / N) / s.
    # Summed over i with weights g_i: dx_j = (g_j − mean(g) − x̂_j · mean(g · x̂)) / s. With gamma, the same for all i,
    # taken out of the means: dx = gamma / s · (dout − dbeta / N − x̂ · dgamma / N), exact for any eps.
    xhat, inv_std, gamma, training = cache
    dbeta = dout.sum(axis=0)  # (D,)
    dgamma = (dout * xhat).sum(axis=0)  # (D,)
    if training:
        n = len(dout)
        dout = dout - dbeta / n - xhat * (dgamma / n)  # (N, D)
    return gamma * inv_std * dout, dgamma, dbeta


def batchnorm_backward_steps(
    dout: np.ndarray, x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5
) -> dict[str, np.ndarray]:
    """Batch normalization backwards in training mode, one node of the graph at a time, and every node's gradient.

    The graph, forwards:
        mu = mean(x), xmu = x − mu, sq = xmu², var = mean(sq), sqrtvar = sqrt(var + eps), ivar = 1 / sqrtvar,
        xhat = xmu · ivar, gammax = gamma · xhat, out = gammax + beta.
    A key is d followed by its node. xmu is used twice, so dxmu1 comes from xhat and dxmu2 from sq; x is used twice, so
    dx1 comes from xmu and dx2 from mu.

    dout, x: (N, D); gamma: (D,). beta changes no gradient. Returns a dictionary with the keys dbeta, dgammax, dgamma,
    dxhat, divar, dxmu1, dsqrtvar, dvar, dsq, dxmu2, dx1, dmu, dx2 and dx. dbeta, dgamma, divar, dsqrtvar, dvar and dmu
    are (D,), the others (N, D), dsq and dx2 too, whose rows are equal. float32 stays float32.
    Source: Kratzert, "Understanding the backward pass through Batch Normalization Layer", 2016.
    """
    n = len(x)
    xmu = x - x.mean(axis=0)  # (N, D)
    sqrtvar = np.sqrt((xmu**2).mean(axis=0) + eps)  # (D,)
    ivar = 1 / sqrtvar  # (D,)
    xhat = xmu * ivar  # (N, D)

    # Where an array was repeated over the batch its gradient is a sum over the batch; where the batch was averaged the
    # gradient goes to every sample, divided by N.
    dgammax = 1.0 * dout  # (N, D)
    dbeta = dgammax.sum(axis=0)  # (D,)
    dgamma = (dgammax * xhat).sum(axis=0)  # (D,)
    dxhat = dgammax * gamma  # (N, D)
    divar = (dxhat * xmu).sum(axis=0)  # (D,)
    dxmu1 = dxhat * ivar  # (N, D)
    dsqrtvar = -divar / sqrtvar**2  # (D,)
    dvar = dsqrtvar / (2 * sqrtvar)  # (D,)
    dsq = np.full_like(xmu, dvar / n)  # (N, D)
    dxmu2 = 2 * xmu * dsq  # (N, D)
    dx1 = dxmu1 + dxmu2  # (N, D)
    dmu = -dx1.sum(axis=0)  # (D,)
    dx2 = np.full_like(xmu, dmu / n)  # (N, D)
    dx = dx1 + dx2  # (N, D)
    return {
        "dbeta": dbeta,
        "dgammax": dgammax,
        "dgamma": dgamma,
        "dxhat": dxhat,
        "divar": divar,
        "dxmu1": dxmu1,
        "dsqrtvar": dsqrtvar,
        "dvar": dvar,
        "dsq": dsq,
        "dxmu2": dxmu2,
        "dx1": dx1,
        "dmu": dmu,
        "dx2": dx2,
        "dx": dx,
    }


def population_statistics(batch_means: np.ndarray, batch_vars: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """What batch normalization uses at test time, from the statistics of K training batches of m samples each.

    The mean is the mean of the batch means, the variance m / (m − 1) times the mean of the batch variances, which is
    unbiased because each batch variance is short by (m − 1) / m on average. (It is not the variance of the K·m samples
    together, which `merge_batch_statistics` finds.)

    batch_means, batch_vars: (K, D), the variances biased (divided by m); m ≥ 2, the same for every batch. Returns mean
    (D,) and var (D,); float32 stays float32.
    Source: Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 2.
    """
    return batch_means.mean(axis=0), m / (m - 1) * batch_vars.mean(axis=0)


def spatial_batchnorm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, object]:
    """Batch normalization of images: gamma · (x − mean) / sqrt(var + eps) + beta, channel by channel.

    As `batchnorm_forward`, with the m = N·H·W pixels of a channel as its samples, so that a convolution's output stays
    the same however the image is shifted. In training, mean and var (divided by m) are those of the batch, and
    new = (1 − momentum) · old + momentum · batch for the running statistics, the variance divided by m − 1. In
    evaluation, mean and var are the running ones, which stay as they are.

    x: (N, C, H, W); gamma, beta, running_mean, running_var: (C,). Returns out (N, C, H, W), running_mean (C,),
    running_var (C,) and a cache for `spatial_batchnorm_backward`; float32 stays float32. The running statistics given
    are never changed in place. Raises ValueError in training with m < 2; N = 1 is fine as long as the image has two
    pixels. No Python loop.
    Source: Ioffe and Szegedy, "Batch Normalization", 2015, section 3.2.
    """
    x = 1.0 * x  # (N, C, H, W); the 1.0 makes integers float
    if training:
        m = x.size // x.shape[1]  # N·H·W
        if m < 2:
            raise ValueError(f"training needs at least 2 values in a channel to have a variance, not {m}")
        mean = x.mean(axis=(0, 2, 3))  # (C,)
        centered = x - mean[:, None, None]  # (N, C, H, W)
        var = (centered**2).mean(axis=(0, 2, 3))  # (C,)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * (m / (m - 1))
    else:
        centered, var = x - running_mean[:, None, None], running_var
    inv_std = 1 / np.sqrt(var + eps)  # (C,)
    xhat = centered * inv_std[:, None, None]  # (N, C, H, W)
    out = gamma[:, None, None] * xhat + beta[:, None, None]  # (N, C, H, W)
    return out, running_mean, running_var, (xhat, inv_std, gamma, training)


def spatial_batchnorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `spatial_batchnorm_forward` with respect to x, gamma and beta.

    `batchnorm_backward` with the m = N·H·W pixels of a channel as its samples: in training mean and var depend on x, in
    evaluation they do not.

    dout: (N, C, H, W); cache: what `spatial_batchnorm_forward` returned, in either mode. Returns dx (N, C, H, W),
    dgamma (C,), dbeta (C,). No Python loop.
    Source: Ioffe and Szegedy, "Batch Normalization", 2015, sections 3 and 3.2.
    """
    # dx = gamma / s · (dout − dbeta / m − x̂ · dgamma / m) in training, as for features, and gamma / s · dout in
    # evaluation, with s = sqrt(var + eps).
    xhat, inv_std, gamma, training = cache
    dbeta = dout.sum(axis=(0, 2, 3))  # (C,)
    dgamma = (dout * xhat).sum(axis=(0, 2, 3))  # (C,)
    if training:
        m = dout.size // dout.shape[1]  # N·H·W
        dout = dout - (dbeta / m)[:, None, None] - xhat * (dgamma / m)[:, None, None]  # (N, C, H, W)
    return (gamma * inv_std)[:, None, None] * dout, dgamma, dbeta


def fold_batchnorm(
    W: np.ndarray,
    b: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray]:
    """The weights and bias of one layer that does what a layer and the batch normalization after it do at test time.

    For every x, the layer with the new W and b puts out gamma · (z − mean) / sqrt(var + eps) + beta, where z is what
    the layer with the old ones puts out.

    W: (D, M) of a dense layer x @ W + b, whose outputs are the columns, or (F, C, KH, KW) of a convolution, whose
    outputs are the filters; b, gamma, beta, mean, var: (M,) or (F,), mean and var the running ones. Returns W and b,
    new arrays of the same shapes; float32 stays float32.
    Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
    Inference", 2018, section 3.2.
    """
    # gamma · (Wx + b − mean) / sqrt(var + eps) + beta = (scale · W) x + scale · (b − mean) + beta: each output of the
    # layer is scaled, and so its weights are, the columns of a dense W and the filters (axis 0) of a convolution's.
    scale = gamma / np.sqrt(var + eps)  # (M,) or (F,)
    per_output = scale if W.ndim == 2 else scale[:, None, None, None]
    return W * per_output, (1.0 * b - mean) * scale + beta  # the 1.0: bytes cannot go below 0


def layernorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, object]:
    """Layer normalization: gamma · (x − mean) / sqrt(var + eps) + beta, mean and var of each vector of the last axis.

    Nothing is taken over the batch: a sample's output does not depend on the others, and training and test are alike.

    x: (…, D), any rank from 1, D ≥ 1; gamma, beta: (D,); var is biased (divided by D). Returns out, x's shape, and a
    cache for `layernorm_backward`; float32 stays float32. A constant vector gives beta.
    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.
    """
    x = 1.0 * x  # (…, D); the 1.0 makes integers float
    centered = x - x.mean(axis=-1, keepdims=True)  # (…, D)
    var = (centered**2).mean(axis=-1, keepdims=True)  # (…, 1)
    inv_std = 1 / np.sqrt(var + eps)  # (…, 1)
    xhat = centered * inv_std  # (…, D)
    return gamma * xhat + beta, (xhat, inv_std, gamma)


def layernorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `layernorm_forward` with respect to x, gamma and beta.

    Every number of a vector moves its mean and its variance, and through them all outputs of that vector. gamma and
    beta serve all vectors.

    dout: (…, D); cache: what `layernorm_forward` returned. Returns dx, x's shape, dgamma (D,), dbeta (D,).
    Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.
    """
    # x̂ receives g = gamma · dout. From there it is batch normalization's way, with the means along the last axis:
    # dx = (g − mean(g) − x̂ · mean(g · x̂)) / sqrt(var + eps). gamma is not constant there, so it stays inside them.
    xhat, inv_std, gamma = cache
    others = tuple(range(dout.ndim - 1))
    dbeta = dout.sum(axis=others)  # (D,)
    dgamma = (dout * xhat).sum(axis=others)  # (D,)
    g = 1.0 * dout * gamma  # (…, D)
    dx = inv_std * (g - g.mean(axis=-1, keepdims=True) - xhat * (g * xhat).mean(axis=-1, keepdims=True))
    return dx, dgamma, dbeta


def groupnorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, groups: int, eps: float = 1e-5
) -> tuple[np.ndarray, object]:
    """Group normalization: gamma · (x − mean) / sqrt(var + eps) + beta, mean and var of each group in each image.

    The C channels are cut into `groups` runs of C / groups consecutive ones; a mean is over a run and all its pixels.
    One group normalizes a whole image, C groups are instance normalization.

    x: (N, C, H, W); gamma, beta: (C,), one per channel, not per group; var is biased. Returns out (N, C, H, W) and a
    cache for `groupnorm_backward`; float32 stays float32. Raises ValueError if groups does not divide C.
    Source: Wu and He, "Group Normalization", 2018.
    """
    n, c, h, w = x.shape
    if c % groups != 0:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    rows = 1.0 * x.reshape(n, groups, c // groups * h * w)  # (N, G, C/G · H · W); the 1.0 makes integers float
    centered = rows - rows.mean(axis=2, keepdims=True)  # (N, G, C/G · H · W)
    var = (centered**2).mean(axis=2, keepdims=True)  # (N, G, 1)
    inv_std = 1 / np.sqrt(var + eps)  # (N, G, 1)
    xhat = centered * inv_std  # (N, G, C/G · H · W)
    out = gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None]  # (N, C, H, W)
    return out, (xhat, inv_std, gamma)


def groupnorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `groupnorm_forward` with respect to x, gamma and beta.

    Every value of a group of an image moves its mean and its variance, and through them all outputs of that group.
    gamma and beta differ from channel to channel of a group.

    dout: (N, C, H, W); cache: what `groupnorm_forward` returned. Returns dx (N, C, H, W), dgamma (C,), dbeta (C,).
    Source: Wu and He, "Group Normalization", 2018.
    """
    # As in layer normalization: x̂ receives g = gamma · dout, and
    # dx = (g − mean(g) − x̂ · mean(g · x̂)) / sqrt(var + eps), with the means over each group of each image. gamma is not
    # constant there, so it stays inside them.
    xhat, inv_std, gamma = cache
    dbeta = dout.sum(axis=(0, 2, 3))  # (C,)
    dgamma = (dout * xhat.reshape(dout.shape)).sum(axis=(0, 2, 3))  # (C,)
    g = (1.0 * dout * gamma[:, None, None]).reshape(xhat.shape)  # (N, G, C/G · H · W)
    dx = inv_std * (g - g.mean(axis=2, keepdims=True) - xhat * (g * xhat).mean(axis=2, keepdims=True))
    return dx.reshape(dout.shape), dgamma, dbeta


def instancenorm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Instance normalization: gamma · (x − mean) / sqrt(var + eps) + beta, mean and var of each channel of each image.

    x: (N, C, H, W); gamma, beta: (C,); var is biased (divided by H·W), and there are no running statistics. Returns
    out (N, C, H, W); float32 stays float32. A constant channel, one of a single pixel too, gives beta.
    Source: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization: The Missing Ingredient for Fast Stylization", 2016.
    """
    x = 1.0 * x  # (N, C, H, W); the 1.0 makes integers float
    centered = x - x.mean(axis=(2, 3), keepdims=True)  # (N, C, H, W)
    var = (centered**2).mean(axis=(2, 3), keepdims=True)  # (N, C, 1, 1)
    return gamma[:, None, None] * centered / np.sqrt(var + eps) + beta[:, None, None]


def rmsnorm_forward(x: np.ndarray, gamma: np.ndarray, eps: float = 1e-5) -> tuple[np.ndarray, object]:
    """RMS normalization: gamma · x / sqrt(mean(x²) + eps), the mean along the last axis. No centring, no beta.

    x: (…, D), any rank from 1, D ≥ 1; gamma: (D,). Returns out, x's shape, and a cache for `rmsnorm_backward`; float32
    stays float32. A vector of zeros gives zeros.
    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
    """
    x = 1.0 * x  # (…, D); the 1.0 makes integers float
    inv_rms = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)  # (…, 1)
    xhat = x * inv_rms  # (…, D)
    return gamma * xhat, (xhat, inv_rms, gamma)


def rmsnorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of `rmsnorm_forward` with respect to x and gamma.

    Every number of a vector moves its root mean square, and through it all outputs of that vector. gamma serves all
    vectors.

    dout: (…, D); cache: what `rmsnorm_forward` returned. Returns dx, x's shape, and dgamma (D,).
    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
    """
    # With s = sqrt(mean(x²) + eps), ∂s/∂x_j = x_j / (D s) = x̂_j / D, so x̂_i = x_i / s has
    # ∂x̂_i/∂x_j = ([i = j] − x̂_i x̂_j / D) / s, and with g = gamma · dout, the gradient at x̂,
    # dx = (g − x̂ · mean(g · x̂)) / s: layer normalization's, without the path through the mean.
    xhat, inv_rms, gamma = cache
    dgamma = (dout * xhat).sum(axis=tuple(range(dout.ndim - 1)))  # (D,)
    g = 1.0 * dout * gamma  # (…, D)
    return inv_rms * (g - xhat * (g * xhat).mean(axis=-1, keepdims=True)), dgamma


def weight_norm(v: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Weights with their length and their direction as separate parameters: w = g · v / ‖v‖, column by column.

    v: (D, M), no column zero; g: (M,), any real numbers. Returns w (D, M), whose columns have lengths |g|; float32
    stays float32.
    Source: Salimans and Kingma, "Weight Normalization", 2016, eq. 2.
    """
    return g * (v / np.linalg.norm(v, axis=0))


def weight_norm_backward(dout: np.ndarray, v: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of `weight_norm` with respect to v and g.

    v counts twice: by itself and through its length. No step along v changes w.

    dout: w's gradient (D, M); v: (D, M), no column zero; g: (M,). Returns dv (D, M) and dg (M,).
    Source: Salimans and Kingma, "Weight Normalization", 2016, eq. 3.
    """
    # With the unit vectors u = v / ‖v‖ and ∂‖v‖/∂v = u: dg = Σ dout · u down each column, and
    # dv = g / ‖v‖ · (dout − u · dg), which leaves out dout's part along v.
    norm = np.linalg.norm(v, axis=0)  # (M,)
    u = v / norm  # (D, M)
    dg = (dout * u).sum(axis=0)  # (M,)
    return g / norm * (dout - u * dg), dg


def batch_renorm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_std: np.ndarray,
    r_max: float,
    d_max: float,
    training: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, object]:
    """Batch renormalization: batch normalization corrected so that training computes nearly what test time will.

    In training, with the batch's mean and std = sqrt(var + eps), var biased (divided by N):
        r = std / running_std, clipped to [1 / r_max, r_max],
        d = (mean − running_mean) / running_std, clipped to [−d_max, d_max],
        out = gamma · ((x − mean) / std · r + d) + beta.
    Where nothing is clipped that is gamma · (x − running_mean) / running_std + beta; with r_max = 1 and d_max = 0 it is
    batch normalization. r and d come from the running statistics as given; only then do these move:
    new = (1 − momentum) · old + momentum · batch, of mean and std. In evaluation, out =
    gamma · (x − running_mean) / running_std + beta, without another eps, and the running statistics stay as they are.

    x: (N, D), N ≥ 1; gamma, beta, running_mean, running_std: (D,), running_std > 0; r_max ≥ 1; d_max ≥ 0. Returns out
    (N, D), running_mean (D,), running_std (D,) and a cache for `batch_renorm_backward`; float32 stays float32. The
    running statistics given are never changed in place.
    Source: Ioffe, "Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized Models", 2017,
    algorithm 1.
    """
    x = 1.0 * x  # (N, D); the 1.0 makes integers float
    if not training:
        xhat = (x - running_mean) / running_std  # (N, D)
        return gamma * xhat + beta, running_mean, running_std, (xhat, xhat, running_std, gamma, training)
    mean = x.mean(axis=0)  # (D,)
    centered = x - mean  # (N, D)
    std = np.sqrt((centered**2).mean(axis=0) + eps)  # (D,)
    r = np.clip(std / running_std, 1 / r_max, r_max)  # (D,)
    d = np.clip((mean - running_mean) / running_std, -d_max, d_max)  # (D,)
    z = centered / std  # (N, D), batch normalization's
    xhat = z * r + d  # (N, D)
    # the last two are for one who lets gradients through r and d: with constants the backward does without
    cache = (xhat, z, std / r, gamma, training, running_std, np.abs(d) < d_max)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_std = (1 - momentum) * running_std + momentum * std
    return gamma * xhat + beta, running_mean, running_std, cache


def batch_renorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `batch_renorm_forward` with respect to x, gamma and beta, with r and d held constant.

    No gradient flows through r and d, clipped or not. The batch's mean and std do depend on x, in training; in
    evaluation nothing but x itself does.

    dout: (N, D); cache: what `batch_renorm_forward` returned, in either mode. Returns dx (N, D), dgamma (D,), dbeta
    (D,).
    Source: Ioffe, "Batch Renormalization", 2017, section 3.
    """
    # out = gamma · x̂ + beta with x̂ = z · r + d. In training z = (x − mean) / std is batch normalization's and receives
    # gamma · r · dout, so dx = gamma · r / std · (dout − mean(dout) − z · mean(dout · z)). In evaluation
    # dx = gamma · dout / running_std.
    xhat, z, scale, gamma, training, *_ = cache
    dbeta = dout.sum(axis=0)  # (D,)
    dgamma = (dout * xhat).sum(axis=0)  # (D,)
    if training:
        dout = dout - dout.mean(axis=0) - z * (dout * z).mean(axis=0)  # (N, D)
    return gamma / scale * dout, dgamma, dbeta


def merge_batch_statistics(
    means: np.ndarray, variances: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of all samples together, from those of K parts: what batch normalization over K devices needs.

    With weights w_k = count_k / Σ counts: mean = Σ w_k mean_k, and var = Σ w_k (var_k + (mean_k − mean)²), the mean of
    the variances plus the variance of the means. This is exact, not an estimate.

    means, variances: (K, D), the variances biased (divided by the part's count); counts: (K,), integers, at least one
    of them positive. Returns mean (D,) and var (D,), biased too; float32 stays float32.
    Source: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
    """
    means = 1.0 * means  # (K, D); the 1.0 makes integers float
    weights = (counts / counts.sum()).astype(means.dtype)[:, None]  # (K, 1)
    mean = (weights * means).sum(axis=0)  # (D,)
    return mean, (weights * (variances + (means - mean) ** 2)).sum(axis=0)


def bn_scale_gradients(W: np.ndarray, x: np.ndarray, dout: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of BN(x @ W) with respect to the weights, once at W and once at scale · W.

    BN(x @ (scale · W)) = BN(x @ W): larger weights change nothing in the output, and so their gradient is smaller, by
    1 / scale. Weights that have grown therefore take smaller steps, which is one account of why high learning rates do
    no harm.

    BN is batch normalization in training mode with gamma 1, beta 0 and eps 0. W: (D, M); x: (N, D), such that no column
    of x @ W is constant; dout: (N, M), the gradient of BN's output; scale > 0. Returns two arrays (D, M), the second
    1 / scale times the first; float32 stays float32.
    Source: Ioffe and Szegedy, "Batch Normalization", 2015, section 3.3.
    """

    def gradient(W: np.ndarray) -> np.ndarray:
        z = 1.0 * x @ W  # (N, M); the 1.0 makes integers float
        centered = z - z.mean(axis=0)  # (N, M)
        std = np.sqrt((centered**2).mean(axis=0))  # (M,)
        zhat = centered / std  # (N, M)
        dz = (dout - dout.mean(axis=0) - zhat * (dout * zhat).mean(axis=0)) / std  # (N, M)
        return x.T @ dz  # (D, M)

    return gradient(W), gradient(scale * W)


def norm_parameter_count(kind: str, channels: int, groups: int | None = None) -> tuple[int, int]:
    """How many numbers a normalization layer learns, and how many it keeps without learning them.

    Learnt are gamma and beta, one of each per channel; RMS normalization has no beta. Kept are batch normalization's
    running mean and variance; the others compute theirs from the sample at hand. The groups of a group normalization
    share statistics, not gamma and beta, so their number changes nothing.

    kind: "batch", "layer", "group", "instance" (with gamma and beta) or "rms"; channels: C (D for "layer" and "rms");
    groups: for "group" only. Returns (parameters, buffers).
    Source: Wu and He, "Group Normalization", 2018, section 3.1.
    """
    parameters = channels if kind == "rms" else 2 * channels
    buffers = 2 * channels if kind == "batch" else 0
    return parameters, buffers
