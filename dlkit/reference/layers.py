"""Given code of unit 10: convolution and batch normalization with their backwards, which its blocks are made of.

The notebook shows these four before its first exercise, so that its answers may call them. A convolution copies each
window into a column; what remains is a matrix product. Each function uses only np and builtins.
"""

# numpy's stubs give Any for most arithmetic, and a backward takes whatever its forward kept:
# mypy: disable-error-code="no-any-return, no-untyped-def"

import numpy as np

__all__ = ["conv", "conv_backward", "batchnorm", "batchnorm_backward"]  # noqa: RUF022 - forward, then backward


def conv(x: np.ndarray, w: np.ndarray, stride: int = 1, padding: int = 0, groups: int = 1) -> tuple[np.ndarray, object]:
    """Convolution (cross-correlation) without a bias, on x padded with zeros.

    The channels are cut into `groups` runs, and the filters too; a filter sees only the channels of its own run.

    x: (N, C, H, W); w: (F, C / groups, KH, KW). Returns out (N, F, OH, OW), OH = (H + 2 · padding − KH) // stride + 1
    and OW likewise, and a cache for `conv_backward`; float32 stays float32.
    """
    (n, c, _, _), (f, _, kh, kw) = x.shape, w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    oh, ow = windows.shape[2:4]
    cols = windows.transpose(0, 1, 4, 5, 2, 3)  # (N, C, KH, KW, OH, OW), a view: the next line copies
    cols = cols.reshape(n, groups, c // groups * kh * kw, oh * ow)  # (N, G, C/G · KH · KW, OH · OW)
    filters = w.reshape(groups, f // groups, c // groups * kh * kw)  # (G, F/G, C/G · KH · KW)
    out = (filters @ cols).reshape(n, f, oh, ow)
    return out, (x.shape, w, cols, stride, padding, groups)


def conv_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of `conv` with respect to x and w.

    dout: (N, F, OH, OW); cache: what `conv` returned. Returns dx (N, C, H, W) and dw, w's shape.
    """
    (n, c, h, width), w, cols, stride, padding, groups = cache
    f, _, kh, kw = w.shape
    oh, ow = dout.shape[2:]
    dout = dout.reshape(n, groups, f // groups, oh * ow)  # (N, G, F/G, OH · OW)
    dw = (dout @ cols.swapaxes(2, 3)).sum(axis=0).reshape(w.shape)
    filters = w.reshape(groups, f // groups, c // groups * kh * kw)
    dcols = (filters.swapaxes(1, 2) @ dout).reshape(n, c, kh, kw, oh, ow)
    dx = np.zeros((n, c, h + 2 * padding, width + 2 * padding), dcols.dtype)
    for i in range(kh):
        for j in range(kw):  # the pixels that the windows had at (i, j); a pixel in many windows sums their gradients
            dx[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += dcols[:, :, i, j]
    return dx[:, :, padding : padding + h, padding : padding + width], dw


def batchnorm(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    mean=None,
    var=None,
    training: bool = True,
) -> tuple[np.ndarray, object]:
    """Batch normalization of each channel: gamma · (x − mean) / sqrt(var + 1e-5) + beta.

    In training, mean and var are those of the batch (var biased), and the mean and var given are not looked at; in
    evaluation they are the given ones. Nothing is updated.

    x: (N, C, H, W); gamma, beta, mean, var: (C,). Returns out (N, C, H, W) and a cache for `batchnorm_backward`;
    float32 stays float32.
    """
    if training:
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))  # (C,)
    inv_std = 1 / np.sqrt(var + 1e-5)  # (C,)
    xhat = (x - mean[:, None, None]) * inv_std[:, None, None]  # (N, C, H, W)
    out = gamma[:, None, None] * xhat + beta[:, None, None]
    return out, (xhat, inv_std, gamma, training)


def batchnorm_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `batchnorm` with respect to x, gamma and beta, in either mode.

    dout: (N, C, H, W); cache: what `batchnorm` returned. Returns dx (N, C, H, W), dgamma (C,), dbeta (C,).
    """
    xhat, inv_std, gamma, training = cache
    dbeta = dout.sum(axis=(0, 2, 3))  # (C,)
    dgamma = (dout * xhat).sum(axis=(0, 2, 3))  # (C,)
    if training:  # through the batch's mean and variance as well
        m = dout.size // len(gamma)  # values in a channel
        dout = dout - (dbeta / m)[:, None, None] - xhat * (dgamma / m)[:, None, None]
    return (gamma * inv_std)[:, None, None] * dout, dgamma, dbeta
