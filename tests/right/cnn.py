"""Unit 09: other right answers."""

import itertools
import math
from fractions import Fraction

import numpy as np

from dlkit.reference.cnn import conv2d_backward, conv2d_forward, maxpool2d_backward, maxpool2d_forward
from tests.right import right


@right("conv_output_size")
def conv_output_size_by_walking(n, kernel, stride=1, padding=0, dilation=1):
    count, start = 0, -padding
    while start + dilation * (kernel - 1) <= n + padding - 1:
        count += 1
        start += stride
    if count == 0:
        raise ValueError("the kernel is too large")
    return count


@right("conv_output_size")
def conv_output_size_with_math_floor(n, kernel, stride=1, padding=0, dilation=1):
    size = math.floor((n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)
    if size <= 0:
        raise ValueError(f"no window of {kernel} fits")
    return size


@right("conv_output_size")
def conv_output_size_as_a_numpy_integer(n, kernel, stride=1, padding=0, dilation=1):
    starts = np.arange(0, n + 2 * padding - dilation * (kernel - 1), stride)
    if not starts.size:
        raise ValueError
    return np.int64(starts.size)


@right("same_padding")
def same_padding_as_tensorflow_writes_it(n, kernel, stride=1, dilation=1):
    effective = (kernel - 1) * dilation + 1
    if n % stride == 0:
        total = max(effective - stride, 0)
    else:
        total = max(effective - n % stride, 0)
    before = total // 2
    return before, total - before


@right("same_padding")
def same_padding_by_trying(n, kernel, stride=1, dilation=1):
    wanted, total = math.ceil(n / stride), 0
    while math.floor((n + total - dilation * (kernel - 1) - 1) / stride) + 1 < wanted:
        total += 1
    return [math.floor(total / 2), math.ceil(total / 2)]


@right("conv2d_naive")
def conv2d_naive_in_seven_loops(x, w, b, stride=1, padding=0):
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    if KH > H + 2 * padding or KW > W + 2 * padding:
        raise ValueError("the kernel is larger than the padded image")
    OH = (H + 2 * padding - KH) // stride + 1
    OW = (W + 2 * padding - KW) // stride + 1
    out = np.zeros((N, F, OH, OW), dtype=np.result_type(x.dtype, w.dtype, b.dtype))
    for n in range(N):
        for f in range(F):
            for i in range(OH):
                for j in range(OW):
                    total = b[f]
                    for c in range(C):
                        for k in range(KH):
                            for m in range(KW):
                                row, column = i * stride + k - padding, j * stride + m - padding
                                if 0 <= row < H and 0 <= column < W:
                                    total = total + x[n, c, row, column] * w[f, c, k, m]
                    out[n, f, i, j] = total
    return out


@right("conv2d_naive")
def conv2d_naive_place_by_place_with_tensordot(x, w, b, stride=1, padding=0):
    kh, kw = w.shape[2:]
    xp = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding), x.dtype)
    xp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    tops = range(0, xp.shape[2] - kh + 1, stride)
    lefts = range(0, xp.shape[3] - kw + 1, stride)
    if not len(tops) or not len(lefts):
        raise ValueError("no window")
    rows = [
        np.stack([np.tensordot(xp[:, :, i : i + kh, j : j + kw], w, ([1, 2, 3], [1, 2, 3])) for j in lefts], axis=-1)
        for i in tops
    ]
    return np.stack(rows, axis=2) + b.reshape(1, -1, 1, 1)


@right("im2col")
def im2col_with_numpys_window_view(x, kh, kw, stride=1, padding=0):
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * kh * kw)


@right("im2col")
def im2col_with_strides(x, kh, kw, stride=1, padding=0):
    xp = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)], mode="constant")
    n, c, h, w = xp.shape
    if h < kh or w < kw:
        raise ValueError("too small")
    oh, ow = 1 + (h - kh) // stride, 1 + (w - kw) // stride
    sn, sc, sh, sw = xp.strides
    view = np.lib.stride_tricks.as_strided(
        xp, (n, oh, ow, c, kh, kw), (sn, stride * sh, stride * sw, sc, sh, sw), writeable=False
    )
    return view.reshape(n * oh * ow, c * kh * kw).copy()


@right("im2col")
def im2col_with_index_arrays_as_in_cs231n(x, kh, kw, stride=1, padding=0):
    _, C, H, W = x.shape
    out_h = int((H + 2 * padding - kh) // stride + 1)
    out_w = int((W + 2 * padding - kw) // stride + 1)
    if min(out_h, out_w) < 1:
        raise ValueError
    p = padding
    x_padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant")
    i0 = np.tile(np.repeat(np.arange(kh), kw), C)
    i1 = stride * np.repeat(np.arange(out_h), out_w)
    j0 = np.tile(np.arange(kw), kh * C)
    j1 = stride * np.tile(np.arange(out_w), out_h)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), kh * kw).reshape(-1, 1)
    cols = x_padded[:, k, i, j]  # (N, C·KH·KW, OH·OW)
    return cols.transpose(0, 2, 1).reshape(-1, C * kh * kw)


@right("col2im")
def col2im_with_add_at(cols, x_shape, kh, kw, stride=1, padding=0):
    N, C, H, W = x_shape
    oh = (H + 2 * padding - kh) // stride + 1
    ow = (W + 2 * padding - kw) // stride + 1
    rows = stride * np.arange(oh)[:, None, None, None] + np.arange(kh)[:, None]  # (OH, 1, KH, 1)
    columns = stride * np.arange(ow)[:, None, None] + np.arange(kw)  # (OW, 1, KW)
    out = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    values = cols.reshape(N, oh, ow, C, kh, kw).transpose(0, 3, 1, 2, 4, 5)
    np.add.at(out, (slice(None), slice(None), rows, columns), values)
    return out[:, :, padding : H + padding, padding : W + padding]


@right("col2im")
def col2im_with_bincount(cols, x_shape, kh, kw, stride=1, padding=0):
    n, c, h, w = x_shape
    number = np.arange(n * c * h * w).reshape(x_shape) + 1  # 0 is the padding
    padded = np.pad(number, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    view = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    target = view.transpose(0, 2, 3, 1, 4, 5).ravel()
    sums = np.bincount(target, weights=cols.ravel(), minlength=number.size + 1)
    return sums[1:].reshape(x_shape).astype(cols.dtype)


@right("col2im")
def col2im_with_the_border_cut_where_there_is_one(cols, x_shape, kh, kw, stride=1, padding=0):
    N, C, H, W = x_shape
    oh, ow = (H + 2 * padding - kh) // stride + 1, (W + 2 * padding - kw) // stride + 1
    six = np.moveaxis(cols.reshape((N, oh, ow, C, kh, kw)), 3, 1)
    xp = np.zeros((N, C, H + 2 * padding, W + 2 * padding)).astype(cols.dtype)
    for k, m in np.ndindex(kh, kw):
        xp[:, :, k : k + (oh - 1) * stride + 1 : stride, m : m + (ow - 1) * stride + 1 : stride] += six[..., k, m]
    return xp if padding == 0 else xp[:, :, padding:-padding, padding:-padding]


@right("conv2d_forward")
def conv2d_forward_with_window_views_and_einsum(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    (N, C, H, W), (F, CG, KH, KW) = x.shape, w.shape
    if C % groups or F % groups or C // groups != CG:
        raise ValueError("groups")
    span = dilation * (KH - 1) + 1, dilation * (KW - 1) + 1
    if H + 2 * padding < span[0] or W + 2 * padding < span[1]:
        raise ValueError("size")
    xp = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    view = np.lib.stride_tricks.sliding_window_view(xp, span, axis=(2, 3))
    view = view[:, :, ::stride, ::stride, ::dilation, ::dilation]  # (N, C, OH, OW, KH, KW)
    grouped = view.reshape(N, groups, CG, *view.shape[2:])
    out = np.einsum("ngcijkl,gfckl->ngfij", grouped, w.reshape(groups, F // groups, CG, KH, KW))
    cols = grouped.transpose(0, 1, 2, 5, 6, 3, 4).reshape(N, groups, CG * KH * KW, -1)
    out = out.reshape(N, F, *view.shape[2:4]) + b.reshape(1, F, 1, 1)
    return out, (cols, x.shape, w, stride, padding, dilation, groups)


@right("conv2d_forward")
def conv2d_forward_group_by_group_with_rows(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    N, C, H, W = x.shape
    F, CG, KH, KW = w.shape
    OH = int(np.floor((H + 2 * padding - dilation * (KH - 1) - 1) / stride + 1))
    OW = int(np.floor((W + 2 * padding - dilation * (KW - 1) - 1) / stride + 1))
    if OH <= 0 or OW <= 0:
        raise ValueError("The kernel does not fit into the image.")
    if C % groups != 0 or F % groups != 0 or CG * groups != C:
        raise ValueError("The channels do not fit the groups.")
    xp = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=x.dtype)
    xp[:, :, padding : padding + H, padding : padding + W] = x
    rows_i = np.arange(OH)[:, None, None, None] * stride + np.arange(KH)[None, None, :, None] * dilation
    rows_j = np.arange(OW)[None, :, None, None] * stride + np.arange(KW)[None, None, None, :] * dilation
    outs, kept = [], []
    FG = F // groups
    for g in range(groups):
        windows = xp[:, g * CG : (g + 1) * CG][:, :, rows_i, rows_j]  # (N, C/G, OH, OW, KH, KW)
        cols = windows.transpose(0, 2, 3, 1, 4, 5).reshape(N * OH * OW, -1)
        out = cols @ w[g * FG : (g + 1) * FG].reshape(FG, -1).T + b[g * FG : (g + 1) * FG]
        outs.append(out.reshape(N, OH, OW, FG).transpose(0, 3, 1, 2))
        kept.append(cols.reshape(N, OH * OW, -1).transpose(0, 2, 1))
    return np.concatenate(outs, axis=1), (np.stack(kept, axis=1), x.shape, w, stride, padding, dilation, groups)


@right("conv2d_forward")
def conv2d_forward_adding_up_kernel_places(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    n, c, h, wide = x.shape
    f, cg, kh, kw = w.shape
    if c != cg * groups or f % groups:
        raise ValueError
    oh = 1 + (h + 2 * padding - dilation * (kh - 1) - 1) // stride
    ow = 1 + (wide + 2 * padding - dilation * (kw - 1) - 1) // stride
    if min(oh, ow) < 1:
        raise ValueError
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.zeros((n, groups, f // groups, oh, ow), np.result_type(x, w, b))
    filters, cols = w.reshape(groups, f // groups, cg, kh, kw), []
    for k, m in np.ndindex(kh, kw):
        top, left = k * dilation, m * dilation
        pixels = xp[:, :, top : top + stride * (oh - 1) + 1 : stride, left : left + stride * (ow - 1) + 1 : stride]
        pixels = pixels.reshape(n, groups, cg, oh, ow)
        out += np.einsum("gfc,ngcij->ngfij", filters[..., k, m], pixels)
        cols.append(pixels)
    cols = np.stack(cols, axis=3).reshape(n, groups, cg * kh * kw, oh * ow)
    return out.reshape(n, f, oh, ow) + b[None, :, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@right("conv2d_backward")
def conv2d_backward_with_einsum_and_add_at(dout, cache):
    cols, (N, C, H, W), w, stride, padding, dilation, groups = cache
    F, _, KH, KW = w.shape
    OH, OW = dout.shape[2:]
    upstream = dout.reshape(N, groups, F // groups, OH * OW)
    dw = np.einsum("ngfp,ngkp->gfk", upstream, cols).reshape(w.shape)
    dcols = np.einsum("gfk,ngfp->ngkp", w.reshape(groups, F // groups, -1), upstream)
    rows = stride * np.arange(OH)[:, None] + dilation * np.arange(KH)[:, None, None, None]  # (KH, 1, OH, 1)
    columns = stride * np.arange(OW) + dilation * np.arange(KW)[:, None, None]  # (KW, 1, OW)
    dx = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dcols.dtype)
    np.add.at(dx, (slice(None), slice(None), rows, columns), dcols.reshape(N, C, KH, KW, OH, OW))
    dx = dx[:, :, padding : H + padding, padding : W + padding]
    return dx, dw, np.einsum("nfij->f", dout)


@right("conv2d_backward")
def conv2d_backward_with_one_product_for_all_images(dout, cache):
    cols, x_shape, w, stride, padding, dilation, groups = cache
    N, C, H, W = x_shape
    F, CG, KH, KW = w.shape
    OH, OW = dout.shape[2], dout.shape[3]
    dw, dcols = [], []
    for g in range(groups):
        own = slice(g * (F // groups), (g + 1) * (F // groups))
        rows = dout[:, own].transpose(1, 0, 2, 3).reshape(F // groups, -1)  # (F/G, N·OH·OW)
        dw.append(rows @ cols[:, g].transpose(1, 0, 2).reshape(CG * KH * KW, -1).T)
        dcols.append((w[own].reshape(F // groups, -1).T @ rows).reshape(CG, KH, KW, N, OH, OW))
    dcols = np.concatenate(dcols).transpose(3, 0, 1, 2, 4, 5)
    dx = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=dcols.dtype)
    for i in range(KH):
        for j in range(KW):
            at, end = (i * dilation, j * dilation), (i * dilation + stride * OH, j * dilation + stride * OW)
            dx[:, :, at[0] : end[0] : stride, at[1] : end[1] : stride] += dcols[:, :, i, j]
    if padding:
        dx = dx[:, :, padding:-padding, padding:-padding]
    return [dx, np.concatenate(dw).reshape(w.shape), np.sum(dout, axis=(0, 2, 3))]


@right("conv2d_backward")
def conv2d_backward_as_a_convolution_with_flipped_filters(dout, cache):
    cols, (N, C, H, W), w, stride, padding, dilation, groups = cache
    F, CG, KH, KW = w.shape
    OH, OW = dout.shape[2:]
    upstream = dout.reshape(N, groups, F // groups, OH * OW)
    dw = np.matmul(upstream, np.swapaxes(cols, 2, 3)).sum(0).reshape(w.shape)
    high, wide = dilation * (KH - 1), dilation * (KW - 1)
    spread = np.zeros((N, F, H + 2 * padding + high, W + 2 * padding + wide), dout.dtype)  # zeros between, around
    spread[:, :, high : high + stride * OH : stride, wide : wide + stride * OW : stride] = dout
    view = np.lib.stride_tricks.sliding_window_view(spread, (high + 1, wide + 1), axis=(2, 3))
    view = view[..., ::dilation, ::dilation].reshape(N, groups, F // groups, H + 2 * padding, W + 2 * padding, KH, KW)
    flipped = w[:, :, ::-1, ::-1].reshape(groups, F // groups, CG, KH, KW)
    dx = np.einsum("ngfijkl,gfckl->ngcij", view, flipped).reshape(N, C, H + 2 * padding, W + 2 * padding)
    return dx[:, :, padding : padding + H, padding : padding + W], dw, dout.sum(axis=(0, 2, 3))


@right("maxpool2d_forward")
def maxpool_by_argmax_of_sliding_windows(x, kernel, stride=None):
    if stride is None:
        stride = kernel
    # raises by itself where no window fits
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]
    flat = windows.reshape(*windows.shape[:4], kernel * kernel)
    winner = np.argmax(flat, axis=-1)
    out = np.take_along_axis(flat, winner[..., None], axis=-1)[..., 0]
    return out, (winner, x.shape, kernel, stride)


@right("maxpool2d_forward")
def maxpool_by_stacking_the_places(x, kernel, stride=None):
    s = stride or kernel
    H, W = x.shape[2:]
    if H < kernel or W < kernel:
        raise ValueError("kernel larger than the image")
    OH, OW = 1 + (H - kernel) // s, 1 + (W - kernel) // s
    stack = np.stack(
        [
            x[:, :, a : a + s * (OH - 1) + 1 : s, b : b + s * (OW - 1) + 1 : s]
            for a in range(kernel)
            for b in range(kernel)
        ]
    )
    return stack.max(axis=0), (stack.argmax(axis=0), x.shape, kernel, s)


@right("maxpool2d_backward")
def maxpool_backward_by_adding_at_indices(dout, cache):
    winner, x_shape, kernel, stride = cache
    n, c, i, j = np.indices(dout.shape)
    dx = np.zeros(x_shape, dtype=dout.dtype)
    np.add.at(dx, (n, c, i * stride + winner // kernel, j * stride + winner % kernel), dout)
    return dx


@right("maxpool2d_backward")
def maxpool_backward_by_counting_flat_indices(dout, cache):
    winner, (N, C, H, W), kernel, stride = cache
    OH, OW = dout.shape[2:]
    rows = np.arange(OH)[:, None] * stride + winner // kernel
    columns = np.arange(OW) * stride + winner % kernel
    image = np.arange(N * C).reshape(N, C, 1, 1)
    places = (image * H + rows) * W + columns
    dx = np.bincount(places.ravel(), weights=dout.ravel(), minlength=N * C * H * W)
    return dx.reshape(N, C, H, W).astype(dout.dtype)


@right("avgpool2d_forward")
def avgpool_by_adding_the_places(x, kernel, stride=None):
    s = kernel if stride is None else stride
    H, W = x.shape[2:]
    OH, OW = (H - kernel) // s + 1, (W - kernel) // s + 1
    if min(OH, OW) <= 0:
        raise ValueError("too small")
    total = sum(x[:, :, a : a + s * OH : s, b : b + s * OW : s] for a in range(kernel) for b in range(kernel))
    return total / (kernel * kernel), (x.shape, kernel, s)


@right("avgpool2d_forward")
def avgpool_by_the_integral_image(x, kernel, stride=None):
    s = stride or kernel
    if kernel > min(x.shape[2:]):
        raise ValueError(f"no {kernel} x {kernel} window in {x.shape}")
    integral = np.pad(x.astype(np.float64).cumsum(axis=2).cumsum(axis=3), ((0, 0), (0, 0), (1, 0), (1, 0)))
    boxes = (
        integral[:, :, kernel:, kernel:]
        - integral[:, :, :-kernel, kernel:]
        - integral[:, :, kernel:, :-kernel]
        + integral[:, :, :-kernel, :-kernel]
    )
    out = boxes[:, :, ::s, ::s] / kernel**2
    return out.astype(x.dtype) if x.dtype.kind == "f" else out, (x.shape, kernel, s)


@right("avgpool2d_backward")
def avgpool_backward_by_adding_at_indices(dout, cache):
    x_shape, kernel, stride = cache
    share = dout / (kernel * kernel)
    dx = np.zeros(x_shape, dtype=share.dtype)
    for a, b in np.ndindex(kernel, kernel):
        n, c, i, j = np.indices(dout.shape)
        np.add.at(dx, (n, c, i * stride + a, j * stride + b), share)
    return dx


@right("avgpool2d_backward")
def avgpool_backward_by_two_matrices(dout, cache):
    (_, _, H, W), kernel, stride = cache
    dtype = dout.dtype if dout.dtype.kind == "f" else np.float64

    def cover(size, outputs):  # 1 / kernel where an output's window covers a pixel
        first = np.arange(outputs)[:, None] * stride
        pixel = np.arange(size)
        return ((first <= pixel) & (pixel < first + kernel)).astype(dtype) / kernel

    rows, columns = cover(H, dout.shape[2]), cover(W, dout.shape[3])
    return rows.T @ dout.astype(dtype) @ columns


@right("global_avg_pool")
def global_pool_of_flat_images(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H * W).sum(axis=-1) / (H * W)


@right("global_avg_pool")
def global_pool_axis_by_axis(x):
    return np.mean(np.mean(x, axis=-1), axis=-1)


@right("global_avg_pool_backward")
def global_pool_backward_by_ones_of_its_dtype(dout, x_shape):
    _, _, H, W = x_shape
    g = dout if np.issubdtype(dout.dtype, np.floating) else dout.astype(float)
    return np.ones(x_shape, dtype=g.dtype) * g[:, :, None, None] / (H * W)


@right("global_avg_pool_backward")
def global_pool_backward_by_repeating(dout, x_shape):
    _, _, H, W = x_shape
    return np.repeat(dout / (H * W), H * W, axis=1).reshape(x_shape)


@right("receptive_field")
def receptive_field_from_the_output_side(layers):
    """A pixel's view, widened layer by layer on the way back to the input: its two ends, and the first of the next."""
    first, last, following = 0, 0, 1
    for kernel, stride, padding, dilation in reversed(layers):
        first, following = first * stride - padding, following * stride - padding
        last = last * stride - padding + dilation * (kernel - 1)
    return last - first + 1, following - first, (first + last + 1) / 2


@right("receptive_field")
def receptive_field_in_fractions(layers):
    jumps = [1]
    for _, stride, _, _ in layers:
        jumps.append(jumps[-1] * stride)
    size = 1 + sum(d * (k - 1) * jump for (k, _, _, d), jump in zip(layers, jumps, strict=False))
    start = Fraction(1, 2) + sum(
        (Fraction(d * (k - 1), 2) - p) * jump for (k, _, p, d), jump in zip(layers, jumps, strict=False)
    )
    return size, jumps[-1], float(start)


@right("conv_cost")
def conv_cost_group_by_group(c_in, c_out, k, h, w, groups=1):
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("groups must divide c_in and c_out")
    params = sum((c_in // groups) * (c_out // groups) * k**2 for _ in range(groups))
    return params, h * w * params


@right("conv_cost")
def conv_cost_in_one_division(c_in, c_out, k, h, w, groups=1):
    if any(channels % groups for channels in (c_in, c_out)):
        raise ValueError
    return c_in * c_out * k * k // groups, c_in * c_out * k * k * h * w // groups


@right("depthwise_separable_conv")
def separable_conv_by_einsum_over_windows(x, w_depth, w_point, stride=1, padding=0):
    kh, kw = w_depth.shape[-2:]
    xp = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    windows = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijab,cab,fc->nfij", windows, w_depth[:, 0], w_point[:, :, 0, 0], optimize=True)


@right("depthwise_separable_conv")
def separable_conv_as_one_full_convolution(x, w_depth, w_point, stride=1, padding=0):
    filters = w_point * w_depth[:, 0]  # (F, C, KH, KW)
    N, _, H, W = x.shape
    F, _, KH, KW = filters.shape
    OH, OW = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
    if OH <= 0 or OW <= 0:
        raise ValueError("the kernel does not fit")
    xp = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    out = np.zeros((N, OH, OW, F), dtype=np.result_type(x, filters))
    for a in range(KH):
        for b in range(KW):
            pixels = xp[:, :, a : a + stride * OH : stride, b : b + stride * OW : stride]
            out += np.moveaxis(pixels, 1, -1) @ filters[:, :, a, b].T
    return np.moveaxis(out, -1, 1)


@right("separable_saving")
def separable_saving_in_two_terms(c_in, c_out, k):
    return 1 / c_out + 1 / k**2


@right("separable_saving")
def separable_saving_as_a_fraction(c_in, c_out, k):
    full = c_in * c_out * k * k
    return float(Fraction(c_in * k * k, full) + Fraction(c_in * c_out, full))


@right("conv_as_matrix")
def conv_as_matrix_entry_by_entry(w, h_in, w_in, stride=1, padding=0):
    f, c, kh, kw = w.shape
    oh, ow = (h_in + 2 * padding - kh) // stride + 1, (w_in + 2 * padding - kw) // stride + 1
    if oh <= 0 or ow <= 0:
        raise ValueError("no window fits")
    matrix = np.zeros((f * oh * ow, c * h_in * w_in), dtype=w.dtype)
    for m, i, j, k, a, b in np.ndindex(f, oh, ow, c, kh, kw):
        row, column = i * stride + a - padding, j * stride + b - padding
        if 0 <= row < h_in and 0 <= column < w_in:
            matrix[(m * oh + i) * ow + j, (k * h_in + row) * w_in + column] = w[m, k, a, b]
    return matrix


@right("conv_as_matrix")
def conv_as_matrix_from_images_with_a_single_one(w, h_in, w_in, stride=1, padding=0):
    c, kh, kw = w.shape[1:]
    pixels = c * h_in * w_in
    images = np.eye(pixels, dtype=w.dtype).reshape(pixels, c, h_in, w_in)
    images = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    if images.shape[2] < kh or images.shape[3] < kw:
        raise ValueError("no window fits")
    windows = np.lib.stride_tricks.sliding_window_view(images, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijkl,fckl->fijn", windows, w).reshape(-1, pixels)


@right("conv1x1")
def conv1x1_by_einsum(x, w, b):
    return np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]) + b.reshape(1, -1, 1, 1)


@right("conv1x1")
def conv1x1_with_channels_last(x, w, b):
    out = x.transpose(0, 2, 3, 1) @ np.squeeze(w, axis=(2, 3)).T + b
    return np.moveaxis(out, -1, 1)


@right("conv1x1")
def conv1x1_by_broadcasting(x, w, b):
    return np.sum(x[:, None] * w[None], axis=2) + b[None, :, None, None]


@right("conv1x1")
def conv1x1_by_tensordot(x, w, b):
    return (np.tensordot(w[..., 0, 0], x, axes=(1, 1)) + b[:, None, None, None]).swapaxes(0, 1)


@right("conv1x1")
def conv1x1_as_the_convolution(x, w, b):
    return conv2d_forward(x, w, b)[0]


@right("fc_as_conv")
def fc_as_conv_column_by_column(W, c, h, w):
    return np.stack([column.reshape(c, h, w) for column in W.T])


@right("fc_as_conv")
def fc_as_conv_by_moving_the_last_axis(W, c, h, w):
    return np.moveaxis(W.reshape(c, h, w, -1), -1, 0)


@right("fc_as_conv")
def fc_as_conv_number_by_number(W, c, h, w):
    filters = np.empty((W.shape[1], c, h, w), W.dtype)
    for m, k, i, j in np.ndindex(filters.shape):
        filters[m, k, i, j] = W[(k * h + i) * w + j, m]
    return filters


@right("transposed_conv2d")
def transposed_conv2d_of_an_image_with_zeros_between(x, w, b, stride=1, padding=0):
    n, c, height, width = x.shape
    kh, kw = w.shape[2:]
    oh, ow = (height - 1) * stride + kh - 2 * padding, (width - 1) * stride + kw - 2 * padding
    if oh < 1 or ow < 1:
        raise ValueError("nothing is left")
    spread = np.zeros((n, c, (height - 1) * stride + 2 * kh - 1, (width - 1) * stride + 2 * kw - 1), x.dtype)
    spread[:, :, kh - 1 : spread.shape[2] - kh + 1 : stride, kw - 1 : spread.shape[3] - kw + 1 : stride] = x
    windows = np.lib.stride_tricks.sliding_window_view(spread, (kh, kw), axis=(2, 3))
    out = np.einsum("ncijkl,cfkl->nfij", windows, w[:, :, ::-1, ::-1]) + b[:, None, None]
    return out[:, :, padding : padding + oh, padding : padding + ow]


@right("transposed_conv2d")
def transposed_conv2d_as_a_gradient(x, w, b, stride=1, padding=0):
    n, _, height, width = x.shape
    c_in, c_out, kh, kw = w.shape
    oh, ow = (height - 1) * stride + kh - 2 * padding, (width - 1) * stride + kw - 2 * padding
    if oh < 1 or ow < 1:
        raise ValueError("nothing is left")
    empty = np.zeros((n, c_out, oh, ow), x.dtype)
    _, cache = conv2d_forward(empty, w, np.zeros(c_in, x.dtype), stride, padding)
    return conv2d_backward(x, cache)[0] + b.reshape(-1, 1, 1)


@right("transposed_conv2d")
def transposed_conv2d_starting_with_the_bias(x, w, b, stride=1, padding=0):
    height, width = x.shape[-2:]
    kh, kw = w.shape[-2:]
    tall, wide = (height - 1) * stride + kh, (width - 1) * stride + kw
    if tall <= 2 * padding or wide <= 2 * padding:
        raise ValueError("nothing is left")
    out = np.empty((len(x), w.shape[1], tall, wide), dtype=x.dtype)
    out[...] = b[None, :, None, None]
    for k in range(kh):
        for m in range(kw):
            out[:, :, k : tall - kh + k + 1 : stride, m : wide - kw + m + 1 : stride] += np.einsum(
                "nchw,cf->nfhw", x, w[:, :, k, m]
            )
    return out[:, :, padding : tall - padding, padding : wide - padding]


@right("nms")
def nms_in_plain_python(boxes, scores, threshold):
    kept = []
    for i in sorted(range(len(scores)), key=lambda i: (-float(scores[i]), i)):
        a = [float(v) for v in boxes[i]]
        for j in kept:
            b = [float(v) for v in boxes[j]]
            width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
            if width <= 0 or height <= 0:
                continue
            union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
            if width * height / union > threshold:
                break
        else:
            kept.append(i)
    return kept


@right("nms")
def nms_with_a_matrix_of_overlaps(boxes, scores, threshold):
    boxes, scores = boxes.astype(np.float64), scores.astype(np.float64)
    low, high = np.maximum(boxes[:, None, :2], boxes[:, :2]), np.minimum(boxes[:, None, 2:], boxes[:, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    too_much = overlap > threshold * (area[:, None] + area - overlap)
    alive, kept = np.ones(len(boxes), bool), []
    for i in np.lexsort((np.arange(len(boxes)), -scores)):
        if alive[i]:
            kept.append(i)
            alive &= ~too_much[i]
    return np.array(kept, dtype=np.int64)


@right("lenet5_shapes")
def lenet5_shapes_layer_by_layer(size=32, classes=10):
    shapes, n = {"input": (1, size, size)}, size
    for name, channels, kernel, stride in [
        ("C1", 6, 5, 1),
        ("S2", 6, 2, 2),
        ("C3", 16, 5, 1),
        ("S4", 16, 2, 2),
        ("C5", 120, 5, 1),
    ]:
        if n < kernel:
            raise ValueError(f"{name} does not fit")
        n = int(np.floor((n - kernel) / stride)) + 1
        shapes[name] = (channels, n, n)
    shapes["F6"] = (84,)
    shapes["output"] = (classes,)
    return shapes


@right("lenet5_shapes")
def lenet5_shapes_in_closed_form(size=32, classes=10):
    if size < 32:
        raise ValueError("LeNet-5 needs 32 pixels")
    half, quarter = (size - 4) // 2, ((size - 4) // 2 - 4) // 2
    layers = [(1, size), (6, size - 4), (6, half), (16, half - 4), (16, quarter), (120, quarter - 4)]
    shapes = {key: (c, n, n) for key, (c, n) in zip(["input", "C1", "S2", "C3", "S4", "C5"], layers, strict=True)}
    return shapes | {"F6": (84,), "output": (classes,)}


@right("count_parameters")
def count_parameters_by_formulas(name):
    def conv(c, f, k):
        return f * (c * k**2 + 1)

    def dense(*sizes):
        return [(a + 1) * b for a, b in itertools.pairwise(sizes)]

    if name == "lenet5":
        layers = [conv(1, 6, 5), conv(6, 16, 5), conv(16, 120, 5), *dense(120, 84, 10)]
    elif name == "alexnet":
        layers = [conv(3, 96, 11), conv(48, 256, 5), conv(256, 384, 3), conv(192, 384, 3), conv(192, 256, 3)]
        layers += dense(256 * 6 * 6, 4096, 4096, 1000)
    elif name == "vgg16":
        widths = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
        layers = [conv(c, f, 3) for c, f in itertools.pairwise(widths)] + dense(25088, 4096, 4096, 1000)
    else:
        raise ValueError(name)
    return layers, sum(layers)


@right("count_parameters")
def count_parameters_from_arrays(name):
    networks = {
        "lenet5": "1x32 c6x5 p2 c16x5 p2 c120x5 d84 d10",
        "alexnet": "3x227 c96x11x4 p3 c256x5x1x2x2 p3 c384x3x1x1 c384x3x1x1x2 c256x3x1x1x2 p3 d4096 d4096 d1000",
        "vgg16": "3x224 c64 c64 p2 c128 c128 p2 c256 c256 c256 p2" + 2 * " c512 c512 c512 p2" + " d4096 d4096 d1000",
    }
    if name not in networks:
        raise ValueError(f"unknown network {name}")
    first, *layers = networks[name].split()
    channels, size = map(int, first.split("x"))
    counts = []
    for layer in layers:
        numbers = [int(number) for number in layer[1:].split("x")]
        if layer[0] == "p":
            size = (size - numbers[0]) // 2 + 1
            continue
        if layer[0] == "c":
            filters, kernel, stride, padding, groups = (
                numbers + [0, 3, 1, 1 if len(numbers) == 1 else 0, 1][len(numbers) :]
            )
            counts.append(np.prod([filters, channels // groups, kernel, kernel]) + filters)
            channels, size = filters, (size + 2 * padding - kernel) // stride + 1
        else:
            counts.append(channels * size * size * numbers[0] + numbers[0])
            channels, size = numbers[0], 1
    return counts, np.sum(counts)


def _lenet_with(X, y, X_test, y_test, epochs, rng, draw, step, batch_size, dtype=np.float64):
    """A LeNet trained by any rule: `draw(shape, fan_in, fan_out)` weights and `step(name, w, gradient)` updates."""
    shapes = {"w1": (16, 1, 3, 3), "w2": (32, 16, 3, 3), "W3": (128, 64), "W4": (64, 10)}
    fans = {"w1": (9, 144), "w2": (144, 288), "W3": (128, 64), "W4": (64, 10)}
    params = {"b1": np.zeros(16), "b2": np.zeros(32), "b3": np.zeros(64), "b4": np.zeros(10)}
    params |= {name: draw(shape, *fans[name]) for name, shape in shapes.items()}
    params = {name: value.astype(dtype) for name, value in params.items()}

    def forward(x):
        caches = []
        for w, b in (("w1", "b1"), ("w2", "b2")):
            z, conv = conv2d_forward(x, params[w], params[b], padding=1)
            x, pool = maxpool2d_forward(z * (z > 0), 2)
            caches.append((z > 0, conv, pool))
        flat = x.reshape(x.shape[0], -1)
        hidden = np.maximum(flat @ params["W3"] + params["b3"], 0)
        return hidden @ params["W4"] + params["b4"], caches, flat, hidden

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for piece in np.split(order, range(batch_size, len(X), batch_size)):
            s, caches, flat, hidden = forward(X[piece].astype(dtype))
            p = np.exp(s - s.max(axis=1, keepdims=True))
            ds = (p / p.sum(axis=1, keepdims=True) - np.eye(10)[y[piece]]) / len(piece)
            ds = ds.astype(dtype)
            grads = {"W4": hidden.T @ ds, "b4": ds.sum(axis=0)}
            dh = np.where(hidden > 0, ds @ params["W4"].T, 0)
            grads |= {"W3": flat.T @ dh, "b3": dh.sum(axis=0)}
            d = (dh @ params["W3"].T).reshape(-1, 32, 2, 2)
            for (mask, conv, pool), w, b in zip(caches[::-1], ("w2", "w1"), ("b2", "b1"), strict=True):
                d, grads[w], grads[b] = conv2d_backward(maxpool2d_backward(d, pool) * mask, conv)
            for name in params:
                params[name] = step(name, params[name], grads[name])
    guesses = np.argmax(forward(X_test.astype(dtype))[0], axis=-1)
    return params, (guesses == y_test).mean()


@right("train_lenet")
def train_lenet_with_adam(X_train, y_train, X_test, y_test, epochs, rng):
    moments = {}

    def adam(name, w, g):
        m, v, t = moments.get(name, (0, 0, 0))
        m, v, t = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g, t + 1
        moments[name] = m, v, t
        return w - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    def glorot(shape, fan_in, fan_out):
        return rng.uniform(-1, 1, shape) * np.sqrt(6 / (fan_in + fan_out))

    return _lenet_with(X_train, y_train, X_test, y_test, epochs, rng, glorot, adam, 64)


@right("train_lenet")
def train_lenet_with_small_plain_steps(X_train, y_train, X_test, y_test, epochs, rng):
    def he(shape, fan_in, fan_out):
        return rng.normal(0, np.sqrt(2 / fan_in), shape)

    return _lenet_with(X_train, y_train, X_test, y_test, epochs, rng, he, lambda name, w, g: w - 0.01 * g, 128)


@right("train_lenet")
def train_lenet_in_float32_with_momentum_and_decay(X_train, y_train, X_test, y_test, epochs, rng):
    velocity = {}

    def momentum(name, w, g):
        velocity[name] = 0.9 * velocity.get(name, 0) - 0.02 * (g + 1e-4 * w)
        return w + velocity[name]

    def lecun(shape, fan_in, fan_out):
        return rng.standard_normal(shape) / fan_in**0.5

    return _lenet_with(X_train, y_train, X_test, y_test, epochs, rng, lecun, momentum, 4, np.float32)
