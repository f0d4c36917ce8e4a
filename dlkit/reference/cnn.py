"""Unit 09: convolution and pooling with their gradients, and the arithmetic of sizes, fields and costs around them.

A convolution here is a cross-correlation, as everywhere in deep learning: no kernel is flipped. Stride, padding,
dilation and groups are integers, the same for height and width, and padding is of zeros. The fast versions loop over
the positions of the kernel, never over images or pixels. Each function uses only np, math and builtins, because its
body is pasted on its own into a notebook; only `train_lenet` calls functions that stand before it.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise. What a cache holds
# is the learner's own affair, so that a forward promises an object, and a backward takes whatever comes:
# mypy: disable-error-code="no-any-return, no-untyped-def, no-untyped-call"

from collections.abc import Sequence

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "conv_output_size",
    "same_padding",
    "conv2d_naive",
    "im2col",
    "col2im",
    "conv2d_forward",
    "conv2d_backward",
    "maxpool2d_forward",
    "maxpool2d_backward",
    "avgpool2d_forward",
    "avgpool2d_backward",
    "global_avg_pool",
    "global_avg_pool_backward",
    "receptive_field",
    "conv_cost",
    "depthwise_separable_conv",
    "separable_saving",
    "conv_as_matrix",
    "conv1x1",
    "fc_as_conv",
    "transposed_conv2d",
    "nms",
    "lenet5_shapes",
    "count_parameters",
    "train_lenet",
]


def conv_output_size(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many windows fit along one axis: floor((n + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1.

    A dilated kernel spans dilation·(kernel − 1) + 1 pixels. What is left at the end, too short for a stride, is never
    seen: that is the floor. Pooling has the same formula.

    n: pixels along the axis; padding: zeros added at each end. All integers; returns an integer.
    Raises ValueError where not one window fits.
    Source: Dumoulin and Visin, "A Guide to Convolution Arithmetic for Deep Learning", 2016, sections 2.4 and 5.1.
    """
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span:
        raise ValueError(f"a kernel that spans {span} does not fit in {n} pixels with padding {padding}")
    return (n + 2 * padding - span) // stride + 1


def same_padding(n: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """The least zero padding, before and after, that gives ceil(n / stride) outputs along an axis of n pixels.

    The last of o = ceil(n / stride) windows ends at pixel (o − 1)·stride + dilation·(kernel − 1) + 1; what the image
    is short of that is padded, half at each end, the odd one after. With stride 1 and an odd kernel both are
    dilation·(kernel − 1) / 2.

    All integers, n ≥ 1. Returns two integers, (0, 0) where nothing is missing.
    Source: TensorFlow's documentation of tf.nn.convolution, padding="SAME".
    """
    outputs = -(-n // stride)  # ceil, in integers
    missing = max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - n)
    return missing // 2, missing - missing // 2


def conv2d_naive(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Convolution by its definition, in loops: a dot product of filter and window at every place.

    out[n, f, i, j] = Σ_c Σ_k Σ_l xp[n, c, i·stride + k, j·stride + l] · w[f, c, k, l] + b[f], where xp is x with
    `padding` rows and columns of zeros on every side. (Mathematics calls this cross-correlation: no flip.)

    x: (N, C, H, W); w: (F, C, KH, KW); b: (F,). Returns (N, F, OH, OW), OH = floor((H + 2·padding − KH) / stride) + 1
    and OW likewise; float32 stays float32. Raises ValueError where no window fits.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.1, equation 9.6.
    """
    n, _, height, width = x.shape
    f, _, kh, kw = w.shape
    oh = (height + 2 * padding - kh) // stride + 1
    ow = (width + 2 * padding - kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kh}×{kw} kernel does not fit in {height}×{width} pixels with padding {padding}")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))  # (N, C, H + 2p, W + 2p)
    out = np.zeros((n, f, oh, ow), np.result_type(x, w, b))
    for image in range(n):
        for channel in range(f):
            for i in range(oh):
                for j in range(ow):
                    top, left = i * stride, j * stride
                    window = xp[image, :, top : top + kh, left : left + kw]  # (C, KH, KW)
                    out[image, channel, i, j] = np.sum(window * w[channel]) + b[channel]
    return out


def im2col(x: np.ndarray, kh: int, kw: int, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Every window of every image as a row, so that a convolution is one matrix product.

    With w (F, C, KH, KW), im2col(x, KH, KW) @ w.reshape(F, C·KH·KW).T has the convolution's outputs, a row a place. A
    pixel is copied once for every window it is in, about KH·KW / stride² times.

    x: (N, C, H, W). Returns (N·OH·OW, C·KH·KW), a new array of x's dtype: rows in the order n, oh, ow, columns c, kh,
    kw, the last one fastest; OH = floor((H + 2·padding − KH) / stride) + 1 and OW likewise. Raises ValueError where no
    window fits. No Python loop over N, H or W.
    Source: Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document Processing",
    2006.
    """
    n, c, height, width = x.shape
    oh = (height + 2 * padding - kh) // stride + 1
    ow = (width + 2 * padding - kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kh}×{kw} kernel does not fit in {height}×{width} pixels with padding {padding}")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))  # (N, C, H + 2p, W + 2p)
    cols = np.empty((n, oh, ow, c, kh, kw), x.dtype)
    for i in range(kh):
        for j in range(kw):  # the pixel at place i, j of every window
            pixels = xp[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]  # (N, C, OH, OW)
            cols[..., i, j] = pixels.transpose(0, 2, 3, 1)
    return cols.reshape(n * oh * ow, c * kh * kw)


def col2im(
    cols: np.ndarray, x_shape: tuple[int, int, int, int], kh: int, kw: int, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """The adjoint of `im2col`: every row is added back to where its window was.

    For every x and cols, Σ im2col(x) · cols = Σ x · col2im(cols). im2col copies a pixel to several windows, so its
    gradient is the sum over them; it is no inverse, col2im(im2col(x)) is x times the number of windows on each pixel.

    cols: (N·OH·OW, C·KH·KW) in the order of `im2col`; x_shape: (N, C, H, W). Returns an array of x_shape, 0 where no
    window was; what fell on the padding is dropped; float32 stays float32. No Python loop over N, H or W.
    Source: Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document Processing",
    2006 (there forwards).
    """
    n, c, height, width = x_shape
    oh = (height + 2 * padding - kh) // stride + 1
    ow = (width + 2 * padding - kw) // stride + 1
    cols = cols.reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 4, 5, 1, 2)  # (N, C, KH, KW, OH, OW)
    xp = np.zeros((n, c, height + 2 * padding, width + 2 * padding), cols.dtype)
    for i in range(kh):
        for j in range(kw):
            xp[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += cols[:, :, i, j]
    return xp[:, :, padding : padding + height, padding : padding + width]


def conv2d_forward(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> tuple[np.ndarray, object]:
    """Convolution as a matrix product of filters and windows, with dilation and groups.

    out[n, f, i, j] = Σ_c Σ_k Σ_l xp[n, c, i·stride + k·dilation, j·stride + l·dilation] · w[f, c, k, l] + b[f], where
    xp is x padded with zeros. With groups, the C channels and the F filters are cut into as many equal runs, and
    filters of run g see only the channels of run g; groups = C is a depthwise convolution.

    x: (N, C, H, W); w: (F, C / groups, KH, KW); b: (F,). Returns out (N, F, OH, OW) and a cache for `conv2d_backward`;
    OH = floor((H + 2·padding − dilation·(KH − 1) − 1) / stride) + 1 and OW likewise; float32 stays float32.
    Raises ValueError where no window fits, or where channels or filters do not fit the groups. No Python loop over N,
    H or W.
    Source: Dumoulin and Visin, "A Guide to Convolution Arithmetic for Deep Learning", 2016, sections 2 and 5.1;
    Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012 (groups).
    """
    n, c, height, width = x.shape
    f, c_group, kh, kw = w.shape
    oh = (height + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    ow = (width + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kh}×{kw} kernel does not fit in {height}×{width} pixels with padding {padding}")
    if c != groups * c_group or f % groups:
        raise ValueError(f"{c} channels and {f} filters of {c_group} channels do not make {groups} groups")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))  # (N, C, H + 2p, W + 2p)
    span_h, span_w = dilation * (kh - 1) + 1, dilation * (kw - 1) + 1
    windows = np.lib.stride_tricks.sliding_window_view(xp, (span_h, span_w), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride, ::dilation, ::dilation]  # (N, C, OH, OW, KH, KW), copied only below
    cols = windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, groups, c_group * kh * kw, oh * ow)
    filters = w.reshape(groups, f // groups, c_group * kh * kw)  # (G, F/G, C/G·KH·KW)
    out = (filters @ cols).reshape(n, f, oh, ow) + b[:, None, None]  # (N, F, OH, OW)
    return out, (cols, x.shape, w, stride, padding, dilation, groups)


def conv2d_backward(dout: np.ndarray, cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `conv2d_forward` with respect to x, w and b.

    dout: (N, F, OH, OW); cache: what `conv2d_forward` returned, for any options. Returns dx (N, C, H, W),
    dw (F, C / groups, KH, KW) and db (F,); pixels that no window saw get 0. float32 stays float32. No Python loop over
    N, H or W.
    Source: Dumoulin and Visin, "A Guide to Convolution Arithmetic for Deep Learning", 2016, chapter 4.
    """
    # For one image and group, out = filters @ cols + b with filters (F, K) and cols (K, P), K values in a window and P
    # places: a dense layer, so that dfilters = dout @ colsᵀ, summed over the images, and dcols = filtersᵀ @ dout.
    # cols[:, :, i, j] is a shifted view of the padded x, and x gets the sum over all the views it was copied to.
    cols, x_shape, w, stride, padding, dilation, groups = cache
    n, c, height, width = x_shape
    f, c_group, kh, kw = w.shape
    oh, ow = dout.shape[2:]
    rows = dout.reshape(n, groups, f // groups, oh * ow)  # (N, G, F/G, OH·OW)
    filters = w.reshape(groups, f // groups, c_group * kh * kw)  # (G, F/G, C/G·KH·KW)
    dw = (rows @ cols.transpose(0, 1, 3, 2)).sum(axis=0).reshape(w.shape)  # (F, C/G, KH, KW)
    dcols = (filters.transpose(0, 2, 1) @ rows).reshape(n, c, kh, kw, oh, ow)
    dxp = np.zeros((n, c, height + 2 * padding, width + 2 * padding), dcols.dtype)
    for i in range(kh):
        for j in range(kw):
            top, left = i * dilation, j * dilation
            dxp[:, :, top : top + stride * oh : stride, left : left + stride * ow : stride] += dcols[:, :, i, j]
    dx = dxp[:, :, padding : padding + height, padding : padding + width]  # (N, C, H, W)
    return dx, dw, dout.sum(axis=(0, 2, 3))


def maxpool2d_forward(x: np.ndarray, kernel: int, stride: int | None = None) -> tuple[np.ndarray, object]:
    """The maximum of every kernel × kernel window, channel by channel.

    x: (N, C, H, W); kernel: an integer; stride: the kernel's size if None; smaller, windows overlap. No padding.
    Returns out (N, C, OH, OW) of x's dtype, OH = floor((H − kernel) / stride) + 1 and OW likewise, so that rows and
    columns left over are dropped, and a cache for `maxpool2d_backward`. Raises ValueError where no window fits. No
    Python loop over N, H or W.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    stride = kernel if stride is None else stride
    height, width = x.shape[2:]
    oh, ow = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kernel}×{kernel} window does not fit in {height}×{width} pixels")
    out = x[:, :, : stride * oh : stride, : stride * ow : stride].copy()  # the first pixel of every window
    winner = np.zeros(out.shape, int)  # (N, C, OH, OW), its place in the window, row by row
    for place in range(1, kernel * kernel):
        i, j = divmod(place, kernel)
        pixels = x[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]  # (N, C, OH, OW)
        better = pixels > out  # not ≥, so that of equal ones the first stays
        winner[better] = place
        out = np.where(better, pixels, out)
    return out, (winner, x.shape, kernel, stride)


def maxpool2d_backward(dout: np.ndarray, cache) -> np.ndarray:
    """Gradient of `maxpool2d_forward` with respect to x: each window's goes to its maximum, all else gets 0.

    Of equal maxima the first of the window, row by row from the top left, gets all of it. A pixel that wins in several
    overlapping windows gets the sum.

    dout: (N, C, OH, OW); cache: what `maxpool2d_forward` returned. Returns dx (N, C, H, W); float32 stays float32. No
    Python loop over N, H or W.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    winner, x_shape, kernel, stride = cache
    oh, ow = dout.shape[2:]
    dx = np.zeros(x_shape, dout.dtype)
    for place in range(kernel * kernel):
        i, j = divmod(place, kernel)
        dx[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += dout * (winner == place)
    return dx


def avgpool2d_forward(x: np.ndarray, kernel: int, stride: int | None = None) -> tuple[np.ndarray, object]:
    """The mean of every kernel × kernel window, channel by channel.

    x: (N, C, H, W); kernel: an integer; stride: the kernel's size if None; smaller, windows overlap. No padding.
    Returns out (N, C, OH, OW), OH = floor((H − kernel) / stride) + 1 and OW likewise, so that rows and columns left
    over are dropped, and a cache for `avgpool2d_backward`; float32 stays float32. Raises ValueError where no window
    fits. No Python loop over N, H or W.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section
    II.A.
    """
    stride = kernel if stride is None else stride
    height, width = x.shape[2:]
    oh, ow = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kernel}×{kernel} window does not fit in {height}×{width} pixels")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.mean(axis=(4, 5)), (x.shape, kernel, stride)  # windows are (N, C, OH, OW, kernel, kernel)


def avgpool2d_backward(dout: np.ndarray, cache) -> np.ndarray:
    """Gradient of `avgpool2d_forward` with respect to x: every pixel of a window gets 1 / kernel² of the window's.

    A pixel in several overlapping windows gets the sum, one in none of them 0.

    dout: (N, C, OH, OW); cache: what `avgpool2d_forward` returned. Returns dx (N, C, H, W); float32 stays float32. No
    Python loop over N, H or W.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section
    II.A (there forwards).
    """
    x_shape, kernel, stride = cache
    oh, ow = dout.shape[2:]
    share = dout / kernel**2  # (N, C, OH, OW)
    dx = np.zeros(x_shape, share.dtype)
    for i in range(kernel):
        for j in range(kernel):
            dx[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += share
    return dx


def global_avg_pool(x: np.ndarray) -> np.ndarray:
    """The mean of every channel over the whole image: one number a channel, whatever the image's size.

    x: (N, C, H, W). Returns (N, C); float32 stays float32.
    Source: Lin, Chen and Yan, "Network In Network", 2014, section 3.2.
    """
    return x.mean(axis=(2, 3))


def global_avg_pool_backward(dout: np.ndarray, x_shape: tuple[int, int, int, int]) -> np.ndarray:
    """Gradient of `global_avg_pool` with respect to x: dout / (H·W) at every pixel of the channel.

    dout: (N, C); x_shape: (N, C, H, W). Returns an array of x_shape, of which a read-only view is
    enough; float32 stays float32.
    Source: Lin, Chen and Yan, "Network In Network", 2014, section 3.2 (there forwards).
    """
    height, width = x_shape[2:]
    share = dout / (height * width)  # (N, C)
    return np.broadcast_to(share[:, :, None, None], x_shape).copy()


def receptive_field(layers: "Sequence[tuple[int, int, int, int]]") -> tuple[int, int, float]:
    """How many input pixels one output sees, how far apart neighbours' views are, and where the first is centred.

    Along one axis, from size 1, jump 1 and start 0.5 (a pixel sees itself), each layer with the old jump:
        size += dilation·(kernel − 1)·jump
        start += (dilation·(kernel − 1) / 2 − padding)·jump
        jump *= stride

    layers: a list of (kernel, stride, padding, dilation), convolutions or pooling, input side first; may be empty.
    Returns size and jump, integers, and start, a number in input pixels, pixel 0 being centred at 0.5; it may be
    negative, as padding is. size counts pixels from the first seen to the last, holes of a dilation included.
    Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.
    """
    size, jump, start = 1, 1, 0.5
    for kernel, stride, padding, dilation in layers:
        reach = dilation * (kernel - 1)  # from the window's first pixel to its last
        size += reach * jump
        start += (reach / 2 - padding) * jump
        jump *= stride
    return size, jump, start


def conv_cost(c_in: int, c_out: int, k: int, h: int, w: int, groups: int = 1) -> tuple[int, int]:
    """Weights and multiply-adds of a k × k convolution: c_out·(c_in / groups)·k² weights, each used h·w times.

    No bias; h and w are the height and width of the output; a multiply-add counts as one. Dilation changes neither.
    Returns two integers. Raises ValueError where groups does not divide both c_in and c_out.
    Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017,
    section 3.1.
    """
    if c_in % groups or c_out % groups:
        raise ValueError(f"{groups} groups do not divide {c_in} channels and {c_out} filters")
    params = c_out * (c_in // groups) * k * k
    return params, params * h * w


def depthwise_separable_conv(
    x: np.ndarray, w_depth: np.ndarray, w_point: np.ndarray, stride: int = 1, padding: int = 0
) -> np.ndarray:
    """A filter of its own for each channel, then a 1×1 convolution that mixes the channels.

    depth[n, c, i, j] = Σ_k Σ_l xp[n, c, i·stride + k, j·stride + l] · w_depth[c, 0, k, l], and
    out[n, f, i, j] = Σ_c w_point[f, c, 0, 0] · depth[n, c, i, j]. No bias, and nothing between the two; stride and
    padding are the first one's.

    x: (N, C, H, W); w_depth: (C, 1, KH, KW); w_point: (F, C, 1, 1). Returns (N, F, OH, OW),
    OH = floor((H + 2·padding − KH) / stride) + 1 and OW likewise; float32 stays float32. Raises ValueError where no
    window fits. No Python loop over N, C, F, H or W.
    Source: Howard et al., "MobileNets", 2017, section 3.1.
    """
    n, c, height, width = x.shape
    f = len(w_point)
    kh, kw = w_depth.shape[2:]
    oh = (height + 2 * padding - kh) // stride + 1
    ow = (width + 2 * padding - kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kh}×{kw} kernel does not fit in {height}×{width} pixels with padding {padding}")
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))  # (N, C, H + 2p, W + 2p)
    depth = np.zeros((n, c, oh, ow), np.result_type(x, w_depth))
    for i in range(kh):
        for j in range(kw):
            pixels = xp[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]  # (N, C, OH, OW)
            depth += pixels * w_depth[:, 0, i, j, None, None]
    return (w_point.reshape(f, c) @ depth.reshape(n, c, oh * ow)).reshape(n, f, oh, ow)


def separable_saving(c_in: int, c_out: int, k: int) -> float:
    """What a depthwise separable convolution costs, as a part of the full one: 1 / c_out + 1 / k².

    (c_in·k² + c_in·c_out) / (c_in·c_out·k²), weights and multiply-adds alike; c_in cancels. No bias.

    All integers; returns one number, above 1 where nothing is saved (c_out = 1, or k = 1).
    Source: Howard et al., "MobileNets", 2017, section 3.1.
    """
    return (c_in * k * k + c_in * c_out) / (c_in * c_out * k * k)


def conv_as_matrix(w: np.ndarray, h_in: int, w_in: int, stride: int = 1, padding: int = 0) -> np.ndarray:
    """The dense matrix that does what the convolution does: matrix @ x.ravel() is its output, raveled.

    A row is an output (in the order f, oh, ow), a column a pixel (c, h, w). Every row of a filter has the same few
    weights (sharing), elsewhere 0 (locality), shifted from row to row. What falls on the padding has no column.

    w: (F, C, KH, KW); h_in and w_in: the image's height and width. Returns (F·OH·OW, C·h_in·w_in),
    OH = floor((h_in + 2·padding − KH) / stride) + 1 and OW likewise, of w's dtype; no bias. Raises ValueError where no
    window fits.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.1.
    """
    f, c, kh, kw = w.shape
    oh = (h_in + 2 * padding - kh) // stride + 1
    ow = (w_in + 2 * padding - kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError(f"a {kh}×{kw} kernel does not fit in {h_in}×{w_in} pixels with padding {padding}")
    matrix = np.zeros((f, oh, ow, c, h_in + 2 * padding, w_in + 2 * padding), w.dtype)
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            matrix[:, i, j, :, top : top + kh, left : left + kw] = w
    matrix = matrix[..., padding : padding + h_in, padding : padding + w_in]
    return matrix.reshape(f * oh * ow, c * h_in * w_in)


def conv1x1(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A 1×1 convolution as a matrix product: the same dense layer on the channels of every pixel.

    out[n, f, i, j] = Σ_c w[f, c, 0, 0] · x[n, c, i, j] + b[f].

    x: (N, C, H, W); w: (F, C, 1, 1); b: (F,). Returns (N, F, H, W); float32 stays float32. No Python loop.
    Source: Lin, Chen and Yan, "Network In Network", 2014, section 3.1.
    """
    n, c, height, width = x.shape
    f = len(w)
    out = w.reshape(f, c) @ x.reshape(n, c, height * width) + b[:, None]  # (N, F, H·W)
    return out.reshape(n, f, height, width)


def fc_as_conv(W: np.ndarray, c: int, h: int, w: int) -> np.ndarray:
    """The filters of a convolution that does what a dense layer does to a flattened (c, h, w) image.

    On an image of h × w the filters fit once, and out[n, m, 0, 0] = (x[n].ravel() @ W)[m]; on a larger one they give
    what the dense layer would say at every place.

    W: (c·h·w, M), for an input flattened in the order c, h, w. Returns (M, c, h, w) of W's dtype.
    Source: Long, Shelhamer and Darrell, "Fully Convolutional Networks for Semantic Segmentation", 2015, section 3.1.
    """
    return W.T.reshape(W.shape[1], c, h, w)


def transposed_conv2d(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Every pixel stamps the filter, times its value, onto the output, stride apart; where stamps overlap they add up.

    out[n, f, i, j] is b[f] plus the sum of x[n, c, h, v] · w[c, f, k, l] over all c, h, v, k, l with
    h·stride + k − padding = i and v·stride + l − padding = j. Without b it is the adjoint of a convolution, its
    gradient by x: for every y, Σ y · transposed(x, w) = Σ conv(y, w) · x, with the same w, there (F, C, KH, KW).
    It has the convolution's shape turned round, not its inverse.

    x: (N, C_in, H, W); w: (C_in, C_out, KH, KW); b: (C_out,). Returns (N, C_out, OH, OW),
    OH = (H − 1)·stride + KH − 2·padding and OW likewise; padding cuts off the output's border; float32 stays float32.
    Raises ValueError where nothing is left. No Python loop over N, H or W.
    Source: Dumoulin and Visin, "A Guide to Convolution Arithmetic for Deep Learning", 2016, chapter 4.
    """
    n, c_in, height, width = x.shape
    _, c_out, kh, kw = w.shape
    full_h, full_w = (height - 1) * stride + kh, (width - 1) * stride + kw
    if min(full_h, full_w) <= 2 * padding:
        raise ValueError(f"padding {padding} leaves nothing of {full_h}×{full_w} pixels")
    filters = w.reshape(c_in, c_out * kh * kw)
    stamps = filters.T @ x.reshape(n, c_in, height * width)  # (N, C_out·KH·KW, H·W)
    stamps = stamps.reshape(n, c_out, kh, kw, height, width)
    full = np.zeros((n, c_out, full_h, full_w), stamps.dtype)
    for i in range(kh):
        for j in range(kw):
            full[:, :, i : i + stride * height : stride, j : j + stride * width : stride] += stamps[:, :, i, j]
    return full[:, :, padding : full_h - padding, padding : full_w - padding] + b[:, None, None]


def nms(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> np.ndarray:
    """Greedy non-maximum suppression: keep the best box, drop all that overlap it too much, and so on with the rest.

    A box is dropped when its intersection over union with a kept one is above the threshold; equal to it, it stays.
    Areas are (x2 − x1)·(y2 − y1), with no + 1; boxes that only touch have no intersection, and a box without an area
    overlaps nothing.

    boxes: (N, 4), corners x1, y1, x2, y2 with x1 ≤ x2 and y1 ≤ y2; scores: (N,); N may be 0. Returns the kept indices,
    (K,) integers, by falling score, of equal scores the lower index first.
    Source: Girshick, Donahue, Darrell and Malik, "Rich Feature Hierarchies for Accurate Object Detection and Semantic
    Segmentation", 2014, section 2.2.
    """
    x1, y1, x2, y2 = 1.0 * boxes.T  # (N,) each; the 1.0: areas do not fit into bytes
    area = (x2 - x1) * (y2 - y1)  # (N,)
    order = np.argsort(-1.0 * scores, kind="stable")
    keep = []
    while len(order):
        best, rest = order[0], order[1:]
        keep.append(best)
        width = np.minimum(x2[best], x2[rest]) - np.maximum(x1[best], x1[rest])
        height = np.minimum(y2[best], y2[rest]) - np.maximum(y1[best], y1[rest])
        overlap = np.maximum(width, 0) * np.maximum(height, 0)
        union = area[best] + area[rest] - overlap
        iou = overlap / np.where(union > 0, union, 1)
        order = rest[iou <= threshold]
    return np.array(keep, int)


def lenet5_shapes(size: int = 32, classes: int = 10) -> dict[str, tuple[int, ...]]:
    """The shapes in LeNet-5, without N: how an image of size × size becomes a score for each class.

    C1: 6 filters 5×5; S2: 2×2 pooling, stride 2; C3: 16 filters 5×5; S4: as S2; C5: 120 filters 5×5; F6: a dense layer
    of 84 units on all of C5; output: a dense layer. No padding, stride 1 of the convolutions, odd sizes floored when
    pooled.

    Returns a dictionary of tuples with the keys input, C1, S2, C3, S4, C5, F6 and output, in this order: (channels,
    height, width) up to C5, then (units,). C5 is (120, 1, 1) for size 32 and larger for more. Raises ValueError where
    C5 has no place left, below 32.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section
    II.B.
    """
    c1 = size - 4
    s2 = c1 // 2
    c3 = s2 - 4
    s4 = c3 // 2
    c5 = s4 - 4
    if c5 < 1:
        raise ValueError(f"an image of {size}×{size} is too small for LeNet-5: C5 would be {c5}×{c5}")
    return {
        "input": (1, size, size),
        "C1": (6, c1, c1),
        "S2": (6, s2, s2),
        "C3": (16, c3, c3),
        "S4": (16, s4, s4),
        "C5": (120, c5, c5),
        "F6": (84,),
        "output": (classes,),
    }


def count_parameters(name: str) -> tuple[list[int], int]:
    """Weights and biases of each layer of a famous network that has any, and of all of them.

    "lenet5": 1×32×32, as in `lenet5_shapes`, each filter of C3 on all 6 channels and no parameters in the pooling.
    "alexnet": 3×227×227, conv 96 of 11×11 stride 4, pool, conv 256 of 5×5 in 2 groups, pool, conv 384 of 3×3, 384 of
    3×3 in 2 groups, 256 of 3×3 in 2 groups, pool (all 3×3 stride 2), dense 4096, 4096, 1000.
    "vgg16": 3×224×224, conv 3×3 of 64, 64, pool, 128, 128, pool, 256 three times, pool, 512 three times, pool, 512
    three times, pool (all 2×2), dense 4096, 4096, 1000.
    Convolutions of 3×3, and AlexNet's of 5×5, are padded to keep the size. All layers have biases.

    Returns a list of integers, input side first, and their sum. Any other name raises ValueError.
    Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998; Krizhevsky, Sutskever and
    Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012; Simonyan and Zisserman, "Very Deep
    Convolutional Networks for Large-Scale Image Recognition", 2015, table 1, D.
    """
    layers: list[tuple[int, ...]] = []  # kernel, stride, and of a convolution padding, groups, filters
    if name == "lenet5":
        channels, size, dense = 1, 32, [84, 10]
        layers += [(5, 1, 0, 1, 6), (2, 2), (5, 1, 0, 1, 16), (2, 2), (5, 1, 0, 1, 120)]
    elif name == "alexnet":
        channels, size, dense = 3, 227, [4096, 4096, 1000]
        layers += [(11, 4, 0, 1, 96), (3, 2), (5, 1, 2, 2, 256), (3, 2)]
        layers += [(3, 1, 1, 1, 384), (3, 1, 1, 2, 384), (3, 1, 1, 2, 256), (3, 2)]
    elif name == "vgg16":
        channels, size, dense = 3, 224, [4096, 4096, 1000]
        for filters, repeats in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
            layers += [(3, 1, 1, 1, filters)] * repeats + [(2, 2)]
    else:
        raise ValueError(f"name must be 'lenet5', 'alexnet' or 'vgg16', not {name!r}")

    per_layer = []
    for kernel, stride, *convolution in layers:
        padding = 0
        if convolution:
            padding, groups, filters = convolution
            per_layer.append(filters * (channels // groups * kernel * kernel + 1))  # + 1: the bias
            channels = filters
        size = (size + 2 * padding - kernel) // stride + 1
    inputs = channels * size * size
    for units in dense:
        per_layer.append(units * (inputs + 1))
        inputs = units
    return per_layer, sum(per_layer)


def train_lenet(
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_test: np.ndarray,
    y_test: np.ndarray,
    epochs: int,
    rng: np.random.Generator,
) -> tuple[dict[str, np.ndarray], float]:
    """A small LeNet for 8 × 8 digits, trained with the softmax cross-entropy: its parameters, and its test accuracy.

    The network, always this one:
        convolution w1 (16, 1, 3, 3), b1 (16,), padding 1; ReLU; 2×2 max pooling   -> (N, 16, 4, 4)
        convolution w2 (32, 16, 3, 3), b2 (32,), padding 1; ReLU; 2×2 max pooling  -> (N, 32, 2, 2)
        flattened in the order channel, row, column                                -> (N, 128)
        dense W3 (128, 64), b3 (64,); ReLU                                         -> (N, 64)
        dense W4 (64, 10), b4 (10,): a score for each digit                        -> (N, 10)
    The initialization, the optimizer and its settings are free. Here: He's for the weights, zeros for the biases, and
    Adam on shuffled batches of 32, with a learning rate that falls linearly from 0.006 to 0.

    X_train, X_test: images (N, 1, 8, 8), pixels from 0 to 1; y_train, y_test: (N,), 0 to 9; epochs: how often each
    training image is seen, 0 for none. Returns params, a new dictionary with the keys w1, b1, w2, b2, W3, b3, W4 and
    b4, and accuracy, the part of the test images, 0 to 1, whose highest score is their digit's. The test part has no
    influence on params. `conv2d_forward`, `maxpool2d_forward` and their backwards may be called.
    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section
    II.B (there for 32 × 32).
    """
    shapes = {"w1": (16, 1, 3, 3), "w2": (32, 16, 3, 3), "W3": (128, 64), "W4": (64, 10)}
    fan_in = {"w1": 9, "w2": 144, "W3": 128, "W4": 64}
    params = {name: rng.standard_normal(shape) * np.sqrt(2 / fan_in[name]) for name, shape in shapes.items()}
    params |= {"b1": np.zeros(16), "b2": np.zeros(32), "b3": np.zeros(64), "b4": np.zeros(10)}
    moments = {name: (np.zeros(value.shape), np.zeros(value.shape)) for name, value in params.items()}
    step = 0

    def forward(x):
        z1, conv1 = conv2d_forward(x, params["w1"], params["b1"], padding=1)  # (N, 16, 8, 8)
        a1, pool1 = maxpool2d_forward(np.maximum(z1, 0), 2)  # (N, 16, 4, 4)
        z2, conv2 = conv2d_forward(a1, params["w2"], params["b2"], padding=1)  # (N, 32, 4, 4)
        a2, pool2 = maxpool2d_forward(np.maximum(z2, 0), 2)  # (N, 32, 2, 2)
        flat = a2.reshape(len(x), 128)
        a3 = np.maximum(flat @ params["W3"] + params["b3"], 0)  # (N, 64)
        scores = a3 @ params["W4"] + params["b4"]  # (N, 10)
        return scores, (z1, conv1, pool1, z2, conv2, pool2, flat, a3)

    for epoch in range(epochs):
        rate = 0.006 * (1 - epoch / epochs)
        shuffled = rng.permutation(len(X_train))
        for start in range(0, len(X_train), 32):
            batch = shuffled[start : start + 32]
            scores, (z1, conv1, pool1, z2, conv2, pool2, flat, a3) = forward(X_train[batch])
            dscores = np.exp(scores - scores.max(axis=1, keepdims=True))  # (N, 10)
            dscores /= dscores.sum(axis=1, keepdims=True)  # softmax, less 1 at the label
            dscores[np.arange(len(batch)), y_train[batch]] -= 1
            dscores /= len(batch)

            grads = {"W4": a3.T @ dscores, "b4": dscores.sum(axis=0)}
            dz3 = dscores @ params["W4"].T * (a3 > 0)  # (N, 64)
            grads |= {"W3": flat.T @ dz3, "b3": dz3.sum(axis=0)}
            da2 = (dz3 @ params["W3"].T).reshape(-1, 32, 2, 2)
            dz2 = maxpool2d_backward(da2, pool2) * (z2 > 0)  # (N, 32, 4, 4)
            da1, grads["w2"], grads["b2"] = conv2d_backward(dz2, conv2)  # (N, 16, 4, 4)
            dz1 = maxpool2d_backward(da1, pool1) * (z1 > 0)  # (N, 16, 8, 8)
            _, grads["w1"], grads["b1"] = conv2d_backward(dz1, conv1)

            step += 1
            for name, gradient in grads.items():
                m, v = moments[name]
                m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
                moments[name] = m, v
                mhat, vhat = m / (1 - 0.9**step), v / (1 - 0.999**step)
                params[name] = params[name] - rate * mhat / (np.sqrt(vhat) + 1e-8)
    accuracy = np.mean(forward(X_test)[0].argmax(axis=1) == y_test)
    return params, float(accuracy)
