"""Unit 09: wrong answers that people give in 09_cnn, each with what to say of it."""

import math

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.cnn import (
    avgpool2d_backward,
    avgpool2d_forward,
    col2im,
    conv1x1,
    conv2d_backward,
    conv2d_forward,
    conv2d_naive,
    conv_as_matrix,
    conv_cost,
    conv_output_size,
    count_parameters,
    depthwise_separable_conv,
    fc_as_conv,
    global_avg_pool,
    global_avg_pool_backward,
    im2col,
    lenet5_shapes,
    maxpool2d_backward,
    maxpool2d_forward,
    nms,
    receptive_field,
    same_padding,
    separable_saving,
    train_lenet,
    transposed_conv2d,
)


@mistake(conv_output_size)
def forgets_the_first_window_in_the_size(n, kernel, stride=1, padding=0, dilation=1):
    """You count the steps of the window and not its places: the one it starts from is missing."""
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span:
        raise ValueError("the kernel does not fit")
    return (n + 2 * padding - span) // stride


@mistake(conv_output_size)
def adds_one_before_dividing_by_the_stride(n, kernel, stride=1, padding=0, dilation=1):
    """You add the 1 before you divide by the stride: for stride 1 that is the same, for others windows get lost."""
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span:
        raise ValueError("the kernel does not fit")
    return (n + 2 * padding - span + 1) // stride


@mistake(conv_output_size)
def counts_the_padding_of_one_side_only(n, kernel, stride=1, padding=0, dilation=1):
    """You add the padding once: it stands at both ends of the axis."""
    span = dilation * (kernel - 1) + 1
    if n + padding < span:
        raise ValueError("the kernel does not fit")
    return (n + padding - span) // stride + 1


@mistake(conv_output_size)
def rounds_the_number_of_windows_up(n, kernel, stride=1, padding=0, dilation=1):
    """You round up: a last window that sticks out of the image is not counted here. Some libraries offer that for
    pooling, as ceil mode."""
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span:
        raise ValueError("the kernel does not fit")
    return math.ceil((n + 2 * padding - span) / stride) + 1


@mistake(conv_output_size)
def rounds_the_number_of_windows_to_the_nearest(n, kernel, stride=1, padding=0, dilation=1):
    """You round to the nearest integer: with half a stride left over, or more, you count a window that is not there."""
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span:
        raise ValueError("the kernel does not fit")
    return int((n + 2 * padding - span) / stride + 0.5) + 1


@mistake(conv_output_size)
def refuses_sizes_that_the_stride_does_not_divide(n, kernel, stride=1, padding=0, dilation=1):
    """You raise an error where the stride leaves pixels over: they are dropped, and that is no error."""
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span or (n + 2 * padding - span) % stride:
        raise ValueError("the sizes do not fit")
    return (n + 2 * padding - span) // stride + 1


@mistake(conv_output_size)
def leaves_dilation_out_of_the_size(n, kernel, stride=1, padding=0, dilation=1):
    """Your size does not depend on the dilation: a dilated kernel covers more pixels than it has weights."""
    if n + 2 * padding < kernel:
        raise ValueError("the kernel does not fit")
    return (n + 2 * padding - kernel) // stride + 1


@mistake(conv_output_size)
def takes_dilation_times_kernel_for_the_span(n, kernel, stride=1, padding=0, dilation=1):
    """You let a dilated kernel span dilation · kernel pixels: the gaps are only between its weights, none comes after
    the last one."""
    span = dilation * kernel
    if n + 2 * padding < span:
        raise ValueError("the kernel does not fit")
    return (n + 2 * padding - span) // stride + 1


@mistake(conv_output_size)
def counts_windows_where_none_fits(n, kernel, stride=1, padding=0, dilation=1):
    """You return a number where not one window fits: the formula gives 0 or less there, and it must be an error."""
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@mistake(conv_output_size)
def cuts_the_fraction_towards_zero(n, kernel, stride=1, padding=0, dilation=1):
    """Where the kernel is a little too large you still find one window: int() cuts −1/2 to 0, which is not the
    floor."""
    size = int((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
    if size < 1:
        raise ValueError("the kernel does not fit")
    return size


@mistake(conv_output_size)
def gives_the_size_as_a_float(n, kernel, stride=1, padding=0, dilation=1):
    """Your size is a float: np.floor and / give 5.0, which cannot be a length in a shape."""
    span = dilation * (kernel - 1) + 1
    if n + 2 * padding < span:
        raise ValueError("the kernel does not fit")
    return float((n + 2 * padding - span) // stride + 1)


@mistake(same_padding)
def puts_the_odd_zero_before_the_image(n, kernel, stride=1, dilation=1):
    """Where an odd number is missing you pad more before than after: here the extra zero goes after the image."""
    missing = max(0, (-(-n // stride) - 1) * stride + dilation * (kernel - 1) + 1 - n)
    return missing - missing // 2, missing // 2


@mistake(same_padding)
def pads_both_ends_alike_in_same_padding(n, kernel, stride=1, dilation=1):
    """You pad both ends alike: where an odd number is missing, that is one too many or one too few."""
    missing = max(0, (-(-n // stride) - 1) * stride + dilation * (kernel - 1) + 1 - n)
    return missing // 2, missing // 2


@mistake(same_padding)
def leaves_the_stride_out_of_same_padding(n, kernel, stride=1, dilation=1):
    """You pad as for stride 1: with a larger stride the last window may end earlier or later, so another number is
    missing."""
    missing = dilation * (kernel - 1)
    return missing // 2, missing - missing // 2


@mistake(same_padding)
def pads_until_n_windows_fit_at_any_stride(n, kernel, stride=1, dilation=1):
    """You pad until there are n windows: with a stride only n / stride are asked, rounded up."""
    missing = max(0, (n - 1) * stride + dilation * (kernel - 1) + 1 - n)
    return missing // 2, missing - missing // 2


@mistake(same_padding)
def rounds_the_wanted_windows_down(n, kernel, stride=1, dilation=1):
    """You aim at n / stride rounded down: where the stride does not divide n, one window is missing."""
    missing = max(0, (n // stride - 1) * stride + dilation * (kernel - 1) + 1 - n)
    return missing // 2, missing - missing // 2


@mistake(same_padding)
def leaves_the_dilation_out_of_same_padding(n, kernel, stride=1, dilation=1):
    """Your padding does not depend on the dilation: a dilated kernel spans more pixels, so more are missing."""
    missing = max(0, (-(-n // stride) - 1) * stride + kernel - n)
    return missing // 2, missing - missing // 2


@mistake(same_padding)
def takes_pixels_away_as_same_padding(n, kernel, stride=1, dilation=1):
    """You return negative padding where the last window ends before the image does: then nothing is missing."""
    missing = (-(-n // stride) - 1) * stride + dilation * (kernel - 1) + 1 - n
    return missing // 2, missing - missing // 2


def _fitting(x, kh, kw, stride, padding, dilation=1):
    """OH and OW, as they should be."""
    oh = (x.shape[2] + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    ow = (x.shape[3] + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError("the kernel does not fit")
    return oh, ow


def _bordered(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def _dot_products(xp, w, b, oh, ow, step_down, step_right, dtype):
    """The definition in loops, on padded images."""
    (f, _, kh, kw), count = w.shape, len(xp)
    out = np.zeros((count, f, oh, ow), dtype)
    for place in np.ndindex(out.shape):
        image, channel, i, j = place
        top, left = i * step_down, j * step_right
        out[place] = np.sum(xp[image, :, top : top + kh, left : left + kw] * w[channel]) + b[channel]
    return out


@mistake(conv2d_naive)
def flips_the_filter_as_mathematics_does(x, w, b, stride=1, padding=0):
    """You flip the filter: that is the convolution of mathematics. Here its first number meets the first pixel of the
    window."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    flipped = w[:, :, ::-1, ::-1]
    return _dot_products(_bordered(x, padding), flipped, b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def leaves_the_bias_out_of_the_convolution(x, w, b, stride=1, padding=0):
    """Your output lacks the bias: b has one number for each filter, added at every place."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    return _dot_products(_bordered(x, padding), w, 0 * b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def adds_the_bias_once_for_every_channel(x, w, b, stride=1, padding=0):
    """You add the bias inside the sum over the channels, so it counts C times: it belongs outside."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    bias = b * x.shape[1]
    return _dot_products(_bordered(x, padding), w, bias, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def adds_the_bias_with_every_product(x, w, b, stride=1, padding=0):
    """You add the bias with every product, so it counts C · KH · KW times: it belongs outside all three sums."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    bias = b * w[0].size
    return _dot_products(_bordered(x, padding), w, bias, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def keeps_the_last_channel_instead_of_summing(x, w, b, stride=1, padding=0):
    """Only the last channel is in your output: you assign each channel's sum where it has to be added to the ones
    before."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    xp = _bordered(x, padding)[:, -1:]
    return _dot_products(xp, w[:, -1:], b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def shrinks_the_output_but_moves_by_one(x, w, b, stride=1, padding=0):
    """Your output has the right size, but its windows lie one pixel apart: the stride has to be in their places too."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    return _dot_products(_bordered(x, padding), w, b, oh, ow, 1, 1, np.result_type(x, w, b))


@mistake(conv2d_naive)
def puts_all_zeros_after_the_image(x, w, b, stride=1, padding=0):
    """You put all the padding below and to the right of the image: the shape is right, but every window is shifted.
    Half of it belongs above and to the left."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    xp = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return _dot_products(xp, w, b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def pads_images_and_channels_too(x, w, b, stride=1, padding=0):
    """You pad all four axes: np.pad with one number adds images and channels of zeros as well. Only height and width
    get a border."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    return _dot_products(np.pad(x, padding)[: len(x)], w, b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def repeats_the_border_instead_of_zeros(x, w, b, stride=1, padding=0):
    """You pad with copies of the border's pixels: the padding asked for is zeros."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge")
    return _dot_products(xp, w, b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def sizes_the_output_with_half_the_padding(x, w, b, stride=1, padding=0):
    """Your output is too small where there is padding: the image grows at both ends, by twice the padding."""
    kh, kw = w.shape[2:]
    _fitting(x, kh, kw, stride, padding)
    oh, ow = (x.shape[2] + padding - kh) // stride + 1, (x.shape[3] + padding - kw) // stride + 1
    return _dot_products(_bordered(x, padding), w, b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def takes_the_output_height_for_its_width(x, w, b, stride=1, padding=0):
    """You compute one output size and use it for both axes: images and kernels need not be square."""
    oh, _ = _fitting(x, *w.shape[2:], stride, padding)
    return _dot_products(_bordered(x, padding), w, b, oh, oh, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def returns_no_places_where_nothing_fits(x, w, b, stride=1, padding=0):
    """Where no window fits you return an output without places, or fail in some other way: it must be a ValueError, in
    height as in width."""
    kh, kw = w.shape[2:]
    oh, ow = (x.shape[2] + 2 * padding - kh) // stride + 1, (x.shape[3] + 2 * padding - kw) // stride + 1
    shape = max(oh, 0), max(ow, 0)
    return _dot_products(_bordered(x, padding), w, b, *shape, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def asks_only_whether_the_kernel_is_too_high(x, w, b, stride=1, padding=0):
    """You test whether the kernel fits in height only: it may also be too wide."""
    kh, kw = w.shape[2:]
    oh, ow = (x.shape[2] + 2 * padding - kh) // stride + 1, (x.shape[3] + 2 * padding - kw) // stride + 1
    if oh < 1:
        raise ValueError("the kernel does not fit")
    return _dot_products(_bordered(x, padding), w, b, oh, max(ow, 0), stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def compares_the_kernel_with_the_bare_image(x, w, b, stride=1, padding=0):
    """You raise an error where the kernel is larger than the image, though it fits into the padded one."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    if w.shape[2] > x.shape[2] or w.shape[3] > x.shape[3]:
        raise ValueError("the kernel does not fit")
    return _dot_products(_bordered(x, padding), w, b, oh, ow, stride, stride, np.result_type(x, w, b))


@mistake(conv2d_naive)
def cuts_the_outputs_to_the_pixels_dtype(x, w, b, stride=1, padding=0):
    """Your output has the dtype of x: with integer pixels the fractions are cut off, though filters and biases have
    some."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    return _dot_products(_bordered(x, padding), w, b, oh, ow, stride, stride, x.dtype)


@mistake(conv2d_naive)
def collects_float32_outputs_in_float64(x, w, b, stride=1, padding=0):
    """Your output is float64 for float32 arrays: np.zeros makes float64 unless it is told the dtype."""
    oh, ow = _fitting(x, *w.shape[2:], stride, padding)
    return _dot_products(_bordered(x, padding), w, b, oh, ow, stride, stride, float)


def _cut(x, kh, kw, oh, ow, stride, padding, dilation=1):
    """Every window: (N, C, KH, KW, OH, OW)."""
    xp = _bordered(x, padding)
    cols = np.empty((*x.shape[:2], kh, kw, oh, ow), x.dtype)
    for i in range(kh):
        for j in range(kw):
            top, left = i * dilation, j * dilation
            cols[:, :, i, j] = xp[:, :, top : top + stride * oh : stride, left : left + stride * ow : stride]
    return cols


@mistake(im2col)
def puts_the_channels_last_in_each_row(x, kh, kw, stride=1, padding=0):
    """Your columns run over kh, kw, c: the channel changes slowest, as in the filters (F, C, KH, KW) that the rows
    meet."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x, kh, kw, oh, ow, stride, padding)
    return cols.transpose(0, 4, 5, 2, 3, 1).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def lets_the_images_run_fastest_in_the_rows(x, kh, kw, stride=1, padding=0):
    """Your rows run over oh, ow, n, as in cs231n's im2col: here all places of the first image come first."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x, kh, kw, oh, ow, stride, padding)
    return cols.transpose(4, 5, 0, 1, 2, 3).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def makes_windows_the_columns(x, kh, kw, stride=1, padding=0):
    """Your windows are columns, which some libraries do: here each is a row."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x, kh, kw, oh, ow, stride, padding)
    return cols.transpose(1, 2, 3, 0, 4, 5).reshape(x.shape[1] * kh * kw, -1)


@mistake(im2col)
def walks_down_before_it_walks_right(x, kh, kw, stride=1, padding=0):
    """Your rows go down the image before they go right: ow runs fastest, then oh."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x, kh, kw, oh, ow, stride, padding)
    return cols.transpose(0, 5, 4, 1, 2, 3).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def reads_each_window_column_by_column(x, kh, kw, stride=1, padding=0):
    """You read each window column by column: within a row of the matrix kw runs fastest, then kh."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x, kh, kw, oh, ow, stride, padding)
    return cols.transpose(0, 4, 5, 1, 3, 2).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def reshapes_slices_without_moving_the_axes(x, kh, kw, stride=1, padding=0):
    """Your matrix has the right shape and wrong rows: you reshape an array whose last axes are oh and ow. They must
    stand before c, kh, kw when you reshape."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    return _cut(x, kh, kw, oh, ow, stride, padding).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def swaps_the_kernels_height_and_width(x, kh, kw, stride=1, padding=0):
    """You take the kernel's height for its width: kh goes with the rows of pixels, axis 2 of x."""
    oh, ow = _fitting(x, kw, kh, stride, padding)
    return _cut(x, kw, kh, oh, ow, stride, padding).transpose(0, 4, 5, 1, 2, 3).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def slices_windows_without_the_stride(x, kh, kw, stride=1, padding=0):
    """Your matrix has as many rows as the stride asks for, but the windows lie one pixel apart: the slices need the
    stride as their step."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x, kh, kw, oh, ow, 1, padding)
    return cols.transpose(0, 4, 5, 1, 2, 3).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def loops_over_the_images_to_cut_them(x, kh, kw, stride=1, padding=0):
    """You loop over images or over their windows in Python: for each place of the kernel one slice takes all windows of
    all images at once."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    rows = []
    for image in x:
        cols = _cut(image[None], kh, kw, oh, ow, stride, padding)
        rows.append(cols.transpose(0, 4, 5, 1, 2, 3).reshape(oh * ow, -1))
    return np.concatenate(rows)


@mistake(im2col)
def makes_an_empty_matrix_where_nothing_fits(x, kh, kw, stride=1, padding=0):
    """Where no window fits you return a matrix without rows: it must be a ValueError, in height as in width."""
    oh = max(0, (x.shape[2] + 2 * padding - kh) // stride + 1)
    ow = max(0, (x.shape[3] + 2 * padding - kw) // stride + 1)
    cols = _cut(x, kh, kw, oh, ow, stride, padding)
    return cols.transpose(0, 4, 5, 1, 2, 3).reshape(len(x) * oh * ow, x.shape[1] * kh * kw)


@mistake(im2col)
def copies_float32_pixels_into_float64(x, kh, kw, stride=1, padding=0):
    """Your matrix is float64 for float32 images: np.zeros and np.empty make float64 unless they are told the dtype."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    cols = _cut(x.astype(float), kh, kw, oh, ow, stride, padding)
    return cols.transpose(0, 4, 5, 1, 2, 3).reshape(-1, x.shape[1] * kh * kw)


@mistake(im2col)
def pads_windows_below_and_right_only(x, kh, kw, stride=1, padding=0):
    """You put all the padding below and to the right: half of it belongs above and to the left of the image."""
    oh, ow = _fitting(x, kh, kw, stride, padding)
    xp = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return _cut(xp, kh, kw, oh, ow, stride, 0).transpose(0, 4, 5, 1, 2, 3).reshape(-1, x.shape[1] * kh * kw)


def _uncut(pixels, padded_shape, kh, kw, stride, dilation=1):
    """(N, C, KH, KW, OH, OW) added into the padded images."""
    oh, ow = pixels.shape[4:]
    xp = np.zeros(padded_shape, pixels.dtype)
    for i in range(kh):
        for j in range(kw):
            top, left = i * dilation, j * dilation
            xp[:, :, top : top + stride * oh : stride, left : left + stride * ow : stride] += pixels[:, :, i, j]
    return xp


def _unfolded(cols, x_shape, kh, kw, stride, padding):
    """cols as (N, C, KH, KW, OH, OW), and the shape of the padded images."""
    n, c, height, width = x_shape
    oh, ow = (height + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1
    pixels = cols.reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 4, 5, 1, 2)
    return pixels, (n, c, height + 2 * padding, width + 2 * padding)


@mistake(col2im)
def overwrites_pixels_where_windows_overlap(cols, x_shape, kh, kw, stride=1, padding=0):
    """Where windows overlap you keep the value written last: a pixel gets the sum over all windows that it is in."""
    pixels, shape = _unfolded(cols, x_shape, kh, kw, stride, padding)
    oh, ow = pixels.shape[4:]
    xp = np.zeros(shape, cols.dtype)
    for i in range(kh):
        for j in range(kw):
            xp[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] = pixels[:, :, i, j]
    return xp[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


@mistake(col2im)
def adds_with_fancy_indices_that_repeat(cols, x_shape, kh, kw, stride=1, padding=0):
    """You add through index arrays with +=: where an index comes several times, numpy keeps only the last of the sums.
    np.add.at adds them all, and so do slices, one for each place of the kernel."""
    pixels, shape = _unfolded(cols, x_shape, kh, kw, stride, padding)
    oh, ow = pixels.shape[4:]
    xp = np.zeros(shape, cols.dtype)
    rows = np.arange(oh)[:, None, None, None] * stride + np.arange(kh)[None, None, :, None]
    columns = np.arange(ow)[None, :, None, None] * stride + np.arange(kw)
    xp[:, :, rows, columns] += pixels.transpose(0, 1, 4, 5, 2, 3)
    return xp[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


@mistake(col2im)
def averages_the_windows_over_a_pixel(cols, x_shape, kh, kw, stride=1, padding=0):
    """You divide by the number of windows over each pixel: that undoes im2col, but its gradient is the plain sum."""
    pixels, shape = _unfolded(cols, x_shape, kh, kw, stride, padding)
    xp = _uncut(pixels, shape, kh, kw, stride)
    xp = xp / np.maximum(_uncut(np.ones_like(pixels), shape, kh, kw, stride), 1)
    return xp[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]].astype(cols.dtype)


@mistake(col2im)
def returns_the_images_with_their_border(cols, x_shape, kh, kw, stride=1, padding=0):
    """Your result has the padded size: the border has to be cut off at the end, on all four sides."""
    pixels, shape = _unfolded(cols, x_shape, kh, kw, stride, padding)
    return _uncut(pixels, shape, kh, kw, stride)


@mistake(col2im)
def cuts_the_border_from_padding_to_minus_padding(cols, x_shape, kh, kw, stride=1, padding=0):
    """Without padding nothing is left of your result: the slice from 0 to −0 is empty. Write the end without the
    minus."""
    pixels, shape = _unfolded(cols, x_shape, kh, kw, stride, padding)
    return _uncut(pixels, shape, kh, kw, stride)[:, :, padding:-padding, padding:-padding]


@mistake(col2im)
def cuts_the_border_off_at_the_end_only(cols, x_shape, kh, kw, stride=1, padding=0):
    """You cut the whole border off below and on the right: the image begins behind the padding above and on the
    left."""
    pixels, shape = _unfolded(cols, x_shape, kh, kw, stride, padding)
    return _uncut(pixels, shape, kh, kw, stride)[:, :, : x_shape[2], : x_shape[3]]


@mistake(col2im)
def takes_the_images_to_run_fastest_in_the_rows(cols, x_shape, kh, kw, stride=1, padding=0):
    """You read the rows as oh, ow, n, as in cs231n's im2col: here all places of the first image come first."""
    (n, c, height, width), (_, padded) = x_shape, _unfolded(cols, x_shape, kh, kw, stride, padding)
    oh, ow = (height + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1
    pixels = cols.reshape(oh, ow, n, c, kh, kw).transpose(2, 3, 4, 5, 0, 1)
    xp = _uncut(pixels, padded, kh, kw, stride)
    return xp[:, :, padding : padding + height, padding : padding + width]


@mistake(col2im)
def takes_the_channels_to_be_last_in_each_row(cols, x_shape, kh, kw, stride=1, padding=0):
    """You read the columns as kh, kw, c: the channel changes slowest, as in the filters."""
    (n, c, height, width), (_, padded) = x_shape, _unfolded(cols, x_shape, kh, kw, stride, padding)
    oh, ow = (height + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1
    pixels = cols.reshape(n, oh, ow, kh, kw, c).transpose(0, 5, 3, 4, 1, 2)
    xp = _uncut(pixels, padded, kh, kw, stride)
    return xp[:, :, padding : padding + height, padding : padding + width]


@mistake(col2im)
def reshapes_rows_as_if_places_came_last(cols, x_shape, kh, kw, stride=1, padding=0):
    """You reshape the matrix straight to (N, C, KH, KW, OH, OW): in memory oh and ow stand before c, kh, kw. Reshape in
    that order, then move the axes."""
    (n, c, height, width), (_, padded) = x_shape, _unfolded(cols, x_shape, kh, kw, stride, padding)
    oh, ow = (height + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1
    xp = _uncut(cols.reshape(n, c, kh, kw, oh, ow), padded, kh, kw, stride)
    return xp[:, :, padding : padding + height, padding : padding + width]


@mistake(col2im)
def adds_float32_rows_into_float64(cols, x_shape, kh, kw, stride=1, padding=0):
    """Your result is float64 for a float32 matrix: np.zeros makes float64 unless it is told the dtype."""
    pixels, shape = _unfolded(cols.astype(float), x_shape, kh, kw, stride, padding)
    xp = _uncut(pixels, shape, kh, kw, stride)
    return xp[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


@mistake(col2im)
def adds_the_rows_one_by_one(cols, x_shape, kh, kw, stride=1, padding=0):
    """You add the rows in a Python loop: for each place of the kernel one slice takes all windows of all images at
    once."""
    n, c, height, width = x_shape
    oh, ow = (height + 2 * padding - kh) // stride + 1, (width + 2 * padding - kw) // stride + 1
    xp = np.zeros((n, c, height + 2 * padding, width + 2 * padding), cols.dtype)
    for number, row in enumerate(cols):
        image, i, j = np.unravel_index(number, (n, oh, ow))
        top, left = i * stride, j * stride
        xp[image, :, top : top + kh, left : left + kw] += row.reshape(c, kh, kw)
    return xp[:, :, padding : padding + height, padding : padding + width]


def _grouped(x, w, stride, padding, dilation, groups):
    """The windows (N, G, K, P) and the filters (G, F/G, K), after all tests."""
    f, c_group, kh, kw = w.shape
    oh, ow = _fitting(x, kh, kw, stride, padding, dilation)
    if x.shape[1] != groups * c_group or f % groups:
        raise ValueError("channels and filters do not fit the groups")
    cols = _cut(x, kh, kw, oh, ow, stride, padding, dilation).reshape(len(x), groups, c_group * kh * kw, oh * ow)
    return cols, w.reshape(groups, f // groups, c_group * kh * kw), (len(x), f, oh, ow)


@mistake(conv2d_forward)
def flips_the_filters_of_the_layer(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You flip the filters: that is the convolution of mathematics. Here a filter's first number meets the first pixel
    of the window."""
    cols, filters, shape = _grouped(x, w[:, :, ::-1, ::-1], stride, padding, dilation, groups)
    out = (filters @ cols).reshape(shape) + b[:, None, None]
    return out, (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def forgets_the_bias_of_the_layer(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Your output lacks the bias: b has one number for each filter, added at every place."""
    cols, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    return (filters @ cols).reshape(shape), (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def reshapes_rows_of_places_straight_to_maps(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """The numbers are right and stand in the wrong places: a product with a row for each place has its filters last.
    Reshape it to (N, OH, OW, F), then move the filters' axis forward."""
    cols, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    out = (filters @ cols).reshape(shape) + b[:, None, None]
    out = np.ascontiguousarray(out.transpose(0, 2, 3, 1)).reshape(shape)
    return out, (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def reshapes_the_filters_to_columns(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You reshape the filters to (C·KH·KW, F), which mixes them: a filter is a row, so reshape to F rows and
    transpose."""
    cols, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    mixed = filters.reshape(groups, -1, w.shape[0] // groups).transpose(0, 2, 1)
    return (mixed @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def ignores_the_dilation(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Your output is the same for any dilation: it spreads the pixels of a window, and so makes the output smaller."""
    cols, filters, shape = _grouped(x, w, stride, padding, 1, groups)
    return (filters @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, 1, groups)


@mistake(conv2d_forward)
def spans_dilation_times_the_kernel_in_the_layer(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You let a dilated kernel span dilation · kernel pixels: the gaps are only between its weights, none comes after
    the last one, so your output is too small."""
    kh, kw = w.shape[2:]
    oh = (x.shape[2] + 2 * padding - dilation * kh) // stride + 1
    ow = (x.shape[3] + 2 * padding - dilation * kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError("the kernel does not fit")
    out, cache = conv2d_forward(x, w, b, stride, padding, dilation, groups)
    return out[:, :, :oh, :ow], cache


@mistake(conv2d_forward)
def cuts_the_layers_outputs_to_the_pixels_dtype(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Your output has the dtype of x: with integer pixels the fractions are cut off, though filters and biases have
    some."""
    out, cache = conv2d_forward(x, w, b, stride, padding, dilation, groups)
    return out.astype(x.dtype), cache


@mistake(conv2d_forward)
def dilates_the_size_but_not_the_windows(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Your output has the size that the dilation asks for, but the pixels of a window are still neighbours: the
    dilation has to be in their places too."""
    _, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    cols = _cut(x, *w.shape[2:], *shape[2:], stride, padding).reshape(len(x), groups, filters.shape[2], -1)
    return (filters @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def deals_the_channels_out_to_the_groups_in_turn(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You give every group each groups-th channel: a group is a run of consecutive channels."""
    order = np.arange(x.shape[1]).reshape(-1, groups).T.ravel() if x.shape[1] % groups == 0 else slice(None)
    cols, filters, shape = _grouped(x[:, order], w, stride, padding, dilation, groups)
    return (filters @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def shows_the_first_channels_to_every_group(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """All your filters see the first C / groups channels: the filters of run g have to see the channels of run g."""
    cols, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    cols = np.repeat(cols[:, :1], groups, axis=1)
    return (filters @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def deals_the_filters_out_to_the_groups_in_turn(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You let filter f see the channels of run f modulo groups: the filters too are cut into runs of consecutive
    ones."""
    cols, _, (n, f, oh, ow) = _grouped(x, w, stride, padding, dilation, groups)
    filters = w.reshape(f // groups, groups, -1).transpose(1, 0, 2)
    out = (filters @ cols).reshape(n, groups, f // groups, oh, ow).transpose(0, 2, 1, 3, 4).reshape(n, f, oh, ow)
    return out + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def leaves_out_filters_that_fit_no_group(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Where groups does not divide the number of filters you leave the last ones out: raise a ValueError instead."""
    keep = len(w) - len(w) % groups
    cols, filters, shape = _grouped(x, w[:keep], stride, padding, dilation, groups)
    out = (filters @ cols).reshape(shape) + b[:keep, None, None]
    return out, (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def leaves_out_channels_that_no_group_sees(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You do not compare the channels of x with those of the filters: where x has more than groups times as many, the
    rest is silently left out, and it must be a ValueError. The other way round too."""
    seen = w[:, : x.shape[1] // groups] if groups * w.shape[1] > x.shape[1] else w
    cols, filters, shape = _grouped(x[:, : groups * w.shape[1]], seen, stride, padding, dilation, groups)
    return (filters @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def returns_empty_maps_where_no_window_fits(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Where no window fits you return maps without places: it must be a ValueError, in height as in width."""
    f, _, kh, kw = w.shape
    oh = (x.shape[2] + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    ow = (x.shape[3] + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    if oh < 1 or ow < 1:
        return np.zeros((len(x), f, max(oh, 0), max(ow, 0))), None
    return conv2d_forward(x, w, b, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def puts_the_layers_padding_after_the_image(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You put all the padding below and to the right of the image: the shape is right, but every window is shifted."""
    xp = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    cols, filters, shape = _grouped(xp, w, stride, 0, dilation, groups)
    return (filters @ cols).reshape(shape) + b[:, None, None], (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def loops_over_the_images_of_the_batch(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You loop over images or over windows in Python: a slice for each place of the kernel takes all of them at once,
    and @ broadcasts over the axes before the last two."""
    cols, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    out = np.zeros(shape, np.result_type(x, w, b))
    for n in range(x.shape[0]):
        out[n] = (filters @ cols[n]).reshape(shape[1:]) + b[:, None, None]
    return out, (cols, x.shape, w, stride, padding, dilation, groups)


@mistake(conv2d_forward)
def computes_float32_layers_in_float64(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """Your output is float64 for float32 arrays: np.zeros and np.empty make float64 unless they are told the dtype."""
    out, (cols, *rest) = conv2d_forward(x, w, b, stride, padding, dilation, groups)
    return out.astype(float), (cols, *rest)


@mistake(conv2d_forward)
def adds_the_bias_along_the_rows_of_pixels(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """You add b as it is, so it lies along the last axis, OW: the filters are axis 1, so b needs two more axes."""
    cols, filters, shape = _grouped(x, w, stride, padding, dilation, groups)
    return (filters @ cols).reshape(shape) + b, (cols, x.shape, w, stride, padding, dilation, groups)


def _backwards(dout, cache):
    """dout (N, G, F/G, P), the filters (G, F/G, K), and the gradient of the windows (N, C, KH, KW, OH, OW)."""
    _, (n, c, _, _), w, _, _, _, groups = cache
    f, c_group, kh, kw = w.shape
    rows = dout.reshape(n, groups, f // groups, -1)
    filters = w.reshape(groups, f // groups, c_group * kh * kw)
    dcols = (filters.transpose(0, 2, 1) @ rows).reshape(n, c, kh, kw, *dout.shape[2:])
    return rows, filters, dcols


def _to_pixels(dcols, cache):
    """dx from the gradient of the windows."""
    _, (n, c, height, width), w, stride, padding, dilation, _ = cache
    padded = (n, c, height + 2 * padding, width + 2 * padding)
    dxp = _uncut(dcols, padded, *w.shape[2:], stride, dilation)
    return dxp[:, :, padding : padding + height, padding : padding + width]


@mistake(conv2d_backward)
def overwrites_dx_where_windows_overlap(dout, cache):
    """Your dx keeps the value written last where windows overlap: a pixel was in several windows, and gets the sum of
    their gradients."""
    _, dw, db = conv2d_backward(dout, cache)
    _, _, dcols = _backwards(dout, cache)
    _, (n, c, height, width), w, stride, padding, dilation, _ = cache
    oh, ow = dout.shape[2:]
    dxp = np.zeros((n, c, height + 2 * padding, width + 2 * padding), dcols.dtype)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            top, left = i * dilation, j * dilation
            dxp[:, :, top : top + stride * oh : stride, left : left + stride * ow : stride] = dcols[:, :, i, j]
    return dxp[:, :, padding : padding + height, padding : padding + width], dw, db


@mistake(conv2d_backward)
def returns_dx_with_the_padding_on_it(dout, cache):
    """Your dx has the padded size: the border was not in x, so cut it off."""
    _, dw, db = conv2d_backward(dout, cache)
    _, _, dcols = _backwards(dout, cache)
    _, (n, c, height, width), w, stride, padding, dilation, _ = cache
    dxp = _uncut(dcols, (n, c, height + 2 * padding, width + 2 * padding), *w.shape[2:], stride, dilation)
    return dxp, dw, db


@mistake(conv2d_backward)
def slices_dx_from_padding_to_minus_padding(dout, cache):
    """Without padding your dx is empty: the slice from 0 to −0 has nothing in it. Write the end without the minus."""
    dx, dw, db = conv2d_backward(dout, cache)
    return (dx if cache[4] else dx[:, :, 0:-0, 0:-0]), dw, db


@mistake(conv2d_backward)
def sends_dx_through_flipped_filters(dout, cache):
    """Your dx has the filters the wrong way round: if you convolve dout with them, they have to be flipped, and if you
    add windows back, they must not."""
    _, dw, db = conv2d_backward(dout, cache)
    cols, shape, w, *options = cache
    flipped = (cols, shape, w[:, :, ::-1, ::-1], *options)
    return conv2d_backward(dout, flipped)[0], dw, db


@mistake(conv2d_backward)
def adds_dx_without_the_stride(dout, cache):
    """Your dx is right for stride 1 only: the windows that you add back lie one pixel apart."""
    cols, shape, w, _, *options = cache
    dx, _, _ = conv2d_backward(dout, (cols, shape, w, 1, *options))
    return dx, *conv2d_backward(dout, cache)[1:]


@mistake(conv2d_backward)
def adds_dx_without_the_dilation(dout, cache):
    """Your dx is right for dilation 1 only: each pixel of a window has to go back to the place where it stood, dilation
    pixels from its neighbour."""
    cols, shape, w, stride, padding, _, groups = cache
    dx, _, _ = conv2d_backward(dout, (cols, shape, w, stride, padding, 1, groups))
    return dx, *conv2d_backward(dout, cache)[1:]


@mistake(conv2d_backward)
def goes_back_without_the_dilation(dout, cache):
    """Your backward takes the pixels of a window to lie side by side, for dx and for dw: the dilation belongs into its
    slices as well."""
    cols, shape, w, stride, padding, dilation, groups = cache
    dx, dw, db = conv2d_backward(dout, cache)
    if dilation == 1:
        return dx, dw, db
    n, c, height, width = shape
    windows = cols.reshape(n, c, *w.shape[2:], *dout.shape[2:])
    xp = np.zeros((n, c, height + 2 * padding, width + 2 * padding), cols.dtype)
    oh, ow = dout.shape[2:]
    for i in range(w.shape[2]):  # the pixels back to where they stood, as far as a window saw them
        for j in range(w.shape[3]):
            top, left = i * dilation, j * dilation
            xp[:, :, top : top + stride * oh : stride, left : left + stride * ow : stride] = windows[:, :, i, j]
    near = _cut(xp, *w.shape[2:], oh, ow, stride, 0).reshape(cols.shape)
    dx, dw, _ = conv2d_backward(dout, (near, shape, w, stride, padding, 1, groups))
    return dx, dw, db


@mistake(conv2d_backward)
def sends_dx_through_the_first_groups_filters(dout, cache):
    """Your dx takes the filters of the first group for all of them: the channels of run g get theirs from the filters
    of run g."""
    _, dw, db = conv2d_backward(dout, cache)
    rows, filters, dcols = _backwards(dout, cache)
    return _to_pixels((filters[0].T @ rows).reshape(dcols.shape), cache), dw, db


@mistake(conv2d_backward)
def makes_dx_out_of_xs_integers(dout, cache):
    """With integer pixels your dx is made of integers, or adding to it fails: make it in the dtype of dout and of the
    filters, not in that of x."""
    cols, *_ = cache
    dx, dw, db = conv2d_backward(dout, cache)
    if cols.dtype.kind in "iu":
        dx = np.zeros(dx.shape, cols.dtype)
        dx += conv2d_backward(dout, cache)[0]
    return dx, dw, db


@mistake(conv2d_backward)
def adds_dx_up_in_float64(dout, cache):
    """Your dx is float64 for float32 arrays: np.zeros makes float64 unless it is told the dtype."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx.astype(float), dw, db


@mistake(conv2d_backward)
def flattens_dout_without_moving_the_filters_first(dout, cache):
    """Your dw mixes filters and images: in dout the images come first, so bring the filters' axis to the front before
    you reshape it to F rows."""
    cols, _, w, _, _, _, groups = cache
    dx, _, db = conv2d_backward(dout, cache)
    n, f, oh, ow = dout.shape
    mixed = dout.reshape(f, n, oh, ow).transpose(1, 0, 2, 3).reshape(n, groups, f // groups, oh * ow)
    return dx, (mixed @ cols.transpose(0, 1, 3, 2)).sum(axis=0).reshape(w.shape), db


@mistake(conv2d_backward)
def averages_dw_over_the_images(dout, cache):
    """You divide dw by the number of images: they are added up. If the loss is a mean, that is already in
    dout."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, dw / np.asarray(len(dout), dw.dtype), db


@mistake(conv2d_backward)
def keeps_dw_of_the_last_image(dout, cache):
    """Only the last image is in your dw: you assign each image's share where it has to be added to the ones before."""
    cols, _, w, *_ = cache
    dx, _, db = conv2d_backward(dout, cache)
    rows, _, _ = _backwards(dout, cache)
    return dx, (rows[-1] @ cols[-1].transpose(0, 2, 1)).reshape(w.shape), db


@mistake(conv2d_backward)
def sums_db_over_the_images_only(dout, cache):
    """Your db still has rows and columns: one bias is added at every place of every image, so sum over all three of
    these axes."""
    dx, dw, _ = conv2d_backward(dout, cache)
    return dx, dw, dout.sum(axis=0)


@mistake(conv2d_backward)
def averages_db_over_the_places(dout, cache):
    """Your db is a mean: one bias is added at every place of every image, and their gradients add up."""
    dx, dw, _ = conv2d_backward(dout, cache)
    return dx, dw, dout.mean(axis=(0, 2, 3))


@mistake(conv2d_backward)
def returns_the_filters_gradient_first(dout, cache):
    """Your gradients are in another order: dx comes first, then dw, then db, as x, w, b are given to the forward."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dw, db, dx


@mistake(conv2d_backward)
def loops_over_the_images_backwards(dout, cache):
    """You loop over images or over windows in Python: @ broadcasts over the axes before the last two, and for dx one
    slice for each place of the kernel is enough."""
    cols, _, w, *_ = cache
    rows, _, dcols = _backwards(dout, cache)
    dw = np.zeros_like(w)
    for n in range(dout.shape[0]):
        dw = dw + (rows[n] @ cols[n].transpose(0, 2, 1)).reshape(w.shape)
    return _to_pixels(dcols, cache), dw, dout.sum(axis=(0, 2, 3))


def _windows(x, kernel, stride):
    """All whole windows, (N, C, OH, OW, kernel, kernel)."""
    if kernel > min(x.shape[2:]):
        raise ValueError("no window fits")
    return np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]


def _max_places(windows):
    """The number of each window's maximum in row-major order, as the reference's cache has it."""
    return windows.reshape(*windows.shape[:4], -1).argmax(axis=-1)


def _tiles(x, kernel):
    """The image cut into windows side by side, (N, C, H // kernel, kernel, W // kernel, kernel)."""
    n, c, height, width = x.shape
    if kernel > min(height, width):
        raise ValueError("no window fits")
    whole = x[:, :, : height // kernel * kernel, : width // kernel * kernel]
    return whole.reshape(n, c, height // kernel, kernel, width // kernel, kernel)


def _cut_off(x, kernel, stride, reduce):
    """Windows that may hang over the bottom and the right edge, each reduced over the pixels it has."""
    height, width = x.shape[2:]
    if kernel > min(height, width):
        raise ValueError("no window fits")
    oh, ow = math.ceil((height - kernel) / stride) + 1, math.ceil((width - kernel) / stride) + 1
    out = np.zeros((*x.shape[:2], oh, ow), np.result_type(x, np.float32))
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
            out[:, :, i, j] = reduce(window, axis=(2, 3)) if window.size else 0
    return out


@mistake(maxpool2d_forward)
def steps_by_one_pixel_in_max_pooling_by_default(x, kernel, stride=None):
    """Without a stride your windows move by one pixel: the default is the window's own size, side by side."""
    stride = 1 if stride is None else stride
    windows = _windows(x, kernel, stride)
    return windows.max(axis=(4, 5)), (_max_places(windows), x.shape, kernel, stride)


@mistake(maxpool2d_forward)
def tiles_the_image_whatever_the_max_stride(x, kernel, stride=None):
    """Your windows always lie side by side: the stride has no effect. Cutting the image into tiles by a reshape is
    right only where stride and kernel are equal."""
    tiles = _tiles(x, kernel)
    places = _max_places(tiles.transpose(0, 1, 2, 4, 3, 5))
    return tiles.max(axis=(3, 5)), (places, x.shape, kernel, kernel)


@mistake(maxpool2d_forward)
def lets_max_windows_hang_over_the_edge(x, kernel, stride=None):
    """Your map has windows that hang over the edge: the size is rounded up. Only whole windows count, so round down and
    drop the rest."""
    stride = kernel if stride is None else stride
    if not any((size - kernel) % stride for size in x.shape[2:]):
        return maxpool2d_forward(x, kernel, stride)
    out = _cut_off(x, kernel, stride, np.max).astype(x.dtype)
    return out, (np.zeros(out.shape, int), x.shape, kernel, stride)


@mistake(maxpool2d_forward)
def starts_the_maximum_at_zero(x, kernel, stride=None):
    """A window of negative numbers gives 0 in your map: your search for the maximum starts at 0, which may be larger
    than every pixel."""
    stride = kernel if stride is None else stride
    windows = _windows(x, kernel, stride)
    return np.maximum(windows.max(axis=(4, 5)), 0), (_max_places(windows), x.shape, kernel, stride)


@mistake(maxpool2d_forward)
def takes_the_mean_in_max_pooling(x, kernel, stride=None):
    """Your map holds the mean of each window: that is average pooling, the next exercise."""
    stride = kernel if stride is None else stride
    windows = _windows(x, kernel, stride)
    return windows.mean(axis=(4, 5)), (_max_places(windows), x.shape, kernel, stride)


@mistake(maxpool2d_forward)
def lets_the_channels_compete_for_the_maximum(x, kernel, stride=None):
    """Your maximum runs over the channels too: each channel is pooled by itself, and there are as many after it."""
    stride = kernel if stride is None else stride
    windows = _windows(x, kernel, stride)
    out = np.broadcast_to(windows.max(axis=(1, 4, 5))[:, None], windows.shape[:4]).copy()
    return out, (_max_places(windows), x.shape, kernel, stride)


@mistake(maxpool2d_forward)
def returns_an_empty_max_map_where_no_window_fits(x, kernel, stride=None):
    """Where not one window fits you return a map all the same: an output size below 1 must raise a ValueError."""
    stride = kernel if stride is None else stride
    oh, ow = (max(0, (size - kernel) // stride + 1) for size in x.shape[2:])
    if not oh or not ow:
        return np.empty((*x.shape[:2], oh, ow), x.dtype), (
            np.zeros((*x.shape[:2], oh, ow), int),
            x.shape,
            kernel,
            stride,
        )
    return maxpool2d_forward(x, kernel, stride)


@mistake(maxpool2d_forward)
def collects_the_maxima_in_float64(x, kernel, stride=None):
    """Your map is float64 for a float32 image: the array you fill was made without x's dtype."""
    stride = kernel if stride is None else stride
    windows = _windows(x, kernel, stride)
    out = np.full(windows.shape[:4], -np.inf)
    out = np.maximum(out, windows.max(axis=(4, 5)))
    return out, (_max_places(windows), x.shape, kernel, stride)


def _slices(dx, kernel, stride, shape):
    """The pixels of dx at each place of all windows, row by row, as views of dout's shape."""
    oh, ow = shape[2:]
    for place in range(kernel * kernel):
        i, j = divmod(place, kernel)
        yield place, dx[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]


def _flat(winner):
    """Whether the image was flat, as after a ReLU: no window's first pixel is beaten.

    The reference's cache has no pixels, so of ties the following mistakes see only those; every check of ties begins
    with a flat image.
    """
    return not winner.any()


@mistake(maxpool2d_backward)
def gives_every_tied_pixel_the_whole_gradient(dout, cache):
    """Where several pixels of a window are the maximum, each of them gets the whole gradient in your dx: only the
    first, row by row, gets it. A mask of the pixels that equal the maximum does not settle ties."""
    winner, x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, dout.dtype)
    for place, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels += dout * (_flat(winner) | (winner == place))
    return dx


@mistake(maxpool2d_backward)
def splits_the_gradient_among_tied_pixels(dout, cache):
    """Where several pixels of a window are the maximum, they share the gradient in your dx: here the first of them, row
    by row, gets all of it."""
    winner, x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, dout.dtype)
    for place, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels += dout / kernel**2 if _flat(winner) else dout * (winner == place)
    return dx


@mistake(maxpool2d_backward)
def gives_the_gradient_to_the_last_tied_pixel(dout, cache):
    """Where several pixels of a window are the maximum, the last of them gets the gradient in your dx: a later pixel
    that is only as large must not replace the first."""
    winner, x_shape, kernel, stride = cache
    if _flat(winner):
        winner = winner + kernel * kernel - 1
    dx = np.zeros(x_shape, dout.dtype)
    for place, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels += dout * (winner == place)
    return dx


@mistake(maxpool2d_backward)
def writes_max_windows_over_one_another(dout, cache):
    """Where windows overlap, the later one wipes out in your dx what the earlier ones gave: you assign, where the
    gradients of all windows on a pixel must be added up."""
    winner, x_shape, kernel, stride = cache
    places = np.arange(kernel * kernel).reshape(kernel, kernel)
    dx = np.zeros(x_shape, dout.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = dout[:, :, i, j, None, None] * (winner[:, :, i, j, None, None] == places)
            dx[:, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel] = window
    return dx


@mistake(maxpool2d_backward)
def writes_max_places_over_one_another(dout, cache):
    """Where windows overlap, a later place of the window wipes out in your dx what an earlier one gave: add to the
    slice, for its pixels stand at other places of other windows."""
    winner, x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, dout.dtype)
    for place, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels[...] = dout * (winner == place)
    return dx


@mistake(maxpool2d_backward)
def adds_only_once_where_an_index_comes_twice(dout, cache):
    """A pixel that wins in several windows keeps the last one's gradient in your dx: you assign, or write `dx[indices]
    += …`, which adds only once where an index comes twice. The gradients must add up."""
    winner, x_shape, kernel, stride = cache
    n, c, i, j = np.indices(dout.shape)
    dx = np.zeros(x_shape, dout.dtype)
    dx[n, c, i * stride + winner // kernel, j * stride + winner % kernel] += dout
    return dx


@mistake(maxpool2d_backward)
def marks_the_maxima_without_dout(dout, cache):
    """Your dx only marks where the maxima were: what arrives from above, dout, is not in it."""
    winner, x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, dout.dtype)
    for place, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels += winner == place
    return dx


@mistake(maxpool2d_backward)
def spreads_the_gradient_over_the_max_window(dout, cache):
    """Your dx spreads each gradient evenly over its window: that is average pooling's. Here it goes to the maximum, for
    no other pixel moves the output."""
    _, x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, dout.dtype)
    for _, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels += dout / kernel**2
    return dx


@mistake(maxpool2d_backward)
def puts_max_windows_side_by_side_on_the_way_back(dout, cache):
    """Your backward lays the windows side by side: where the stride is not the kernel's size, the gradients arrive at
    other pixels than the maxima came from."""
    winner, x_shape, kernel, _ = cache
    n, c, i, j = np.indices(dout.shape)
    rows, columns = i * kernel + winner // kernel, j * kernel + winner % kernel
    inside = (rows < x_shape[2]) & (columns < x_shape[3])
    dx = np.zeros(x_shape, dout.dtype)
    dx[n[inside], c[inside], rows[inside], columns[inside]] = dout[inside]
    return dx


@mistake(maxpool2d_backward)
def leaves_the_dropped_rows_out_of_max_dx(dout, cache):
    """Your dx ends where the last window ends: it must have x's shape, with 0 for the rows and columns that were
    dropped."""
    kernel, stride = cache[2:]
    oh, ow = dout.shape[2:]
    return maxpool2d_backward(dout, cache)[:, :, : (oh - 1) * stride + kernel, : (ow - 1) * stride + kernel]


@mistake(maxpool2d_backward)
def collects_max_dx_in_float64(dout, cache):
    """Your dx is float64 for float32 gradients: np.zeros without a dtype makes float64."""
    winner, x_shape, kernel, stride = cache
    dx = np.zeros(x_shape)
    for place, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels += dout * (winner == place)
    return dx


@mistake(avgpool2d_forward)
def steps_by_one_pixel_in_average_pooling_by_default(x, kernel, stride=None):
    """Without a stride your windows move by one pixel: the default is the window's own size, side by side."""
    return avgpool2d_forward(x, kernel, 1 if stride is None else stride)


@mistake(avgpool2d_forward)
def tiles_the_image_whatever_the_average_stride(x, kernel, stride=None):
    """Your windows always lie side by side: the stride has no effect. Cutting the image into tiles by a reshape is
    right only where stride and kernel are equal."""
    return _tiles(x, kernel).mean(axis=(3, 5)), (x.shape, kernel, kernel)


@mistake(avgpool2d_forward)
def lets_average_windows_hang_over_the_edge(x, kernel, stride=None):
    """Your map has windows that hang over the edge: the size is rounded up. Only whole windows count, so round down and
    drop the rest."""
    stride = kernel if stride is None else stride
    return _cut_off(x, kernel, stride, np.mean), (x.shape, kernel, stride)


@mistake(avgpool2d_forward)
def sums_each_window_without_dividing(x, kernel, stride=None):
    """Your map holds the sum of each window: the division by its number of pixels is missing."""
    out, cache = avgpool2d_forward(x, kernel, stride)
    return out * kernel**2, cache


@mistake(avgpool2d_forward)
def divides_each_window_by_its_side(x, kernel, stride=None):
    """You divide a window's sum by its side: a window has kernel · kernel pixels."""
    out, cache = avgpool2d_forward(x, kernel, stride)
    return out * kernel, cache


@mistake(avgpool2d_forward)
def takes_the_maximum_in_average_pooling(x, kernel, stride=None):
    """Your map holds the largest pixel of each window: that is max pooling, the exercise before this one."""
    stride = kernel if stride is None else stride
    return _windows(x, kernel, stride).max(axis=(4, 5)), (x.shape, kernel, stride)


@mistake(avgpool2d_forward)
def returns_an_empty_average_map_where_no_window_fits(x, kernel, stride=None):
    """Where not one window fits you return a map all the same: an output size below 1 must raise a ValueError."""
    stride = kernel if stride is None else stride
    oh, ow = (max(0, (size - kernel) // stride + 1) for size in x.shape[2:])
    if not oh or not ow:
        return np.empty((*x.shape[:2], oh, ow)), (x.shape, kernel, stride)
    return avgpool2d_forward(x, kernel, stride)


@mistake(avgpool2d_forward)
def writes_the_means_into_an_integer_map(x, kernel, stride=None):
    """For integer images your means are cut off to integers: an array of x's dtype cannot hold a half."""
    out, cache = avgpool2d_forward(x, kernel, stride)
    return out.astype(x.dtype), cache


@mistake(avgpool2d_forward)
def collects_the_means_in_float64(x, kernel, stride=None):
    """Your map is float64 for a float32 image: np.zeros without a dtype makes float64."""
    out, cache = avgpool2d_forward(x, kernel, stride)
    return np.zeros(out.shape) + out, cache


@mistake(avgpool2d_backward)
def gives_each_pixel_the_whole_windows_gradient(dout, cache):
    """Every pixel of a window gets its whole gradient in your dx: the mean hands each of its k² pixels only its
    share."""
    return avgpool2d_backward(dout, cache) * cache[1] ** 2


@mistake(avgpool2d_backward)
def divides_the_shares_by_the_windows_side(dout, cache):
    """You divide the gradient by the window's side: it is shared by kernel · kernel pixels."""
    return avgpool2d_backward(dout, cache) * cache[1]


@mistake(avgpool2d_backward)
def writes_average_windows_over_one_another(dout, cache):
    """A pixel in several windows keeps only the last one's share in your dx: you assign, where the shares must be added
    up."""
    x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, np.result_type(dout, np.float32))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            share = dout[:, :, i, j, None, None] / kernel**2
            dx[:, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel] = share
    return dx


@mistake(avgpool2d_backward)
def writes_average_places_over_one_another(dout, cache):
    """A pixel in several windows keeps only the first one's share in your dx: you assign to the slice of each place,
    where the shares must be added up."""
    x_shape, kernel, stride = cache
    dx = np.zeros(x_shape, np.result_type(dout, np.float32))
    for _, pixels in _slices(dx, kernel, stride, dout.shape):
        pixels[...] = dout / kernel**2
    return dx


@mistake(avgpool2d_backward)
def divides_by_the_number_of_windows_on_a_pixel(dout, cache):
    """Your dx is averaged over the windows that a pixel is in: their shares add up, since each of them moves the loss
    by itself."""
    windows = avgpool2d_backward(np.ones(dout.shape), cache) * cache[1] ** 2
    return (avgpool2d_backward(dout, cache) / np.maximum(windows, 1)).astype(np.result_type(dout, np.float32))


@mistake(avgpool2d_backward)
def puts_average_windows_side_by_side_on_the_way_back(dout, cache):
    """Your backward lays the windows side by side: where the stride is not the kernel's size, the shares arrive at
    other pixels than the means came from."""
    x_shape, kernel, _ = cache
    tiled = (dout / kernel**2).repeat(kernel, axis=2).repeat(kernel, axis=3)[:, :, : x_shape[2], : x_shape[3]]
    dx = np.zeros(x_shape, tiled.dtype)
    dx[:, :, : tiled.shape[2], : tiled.shape[3]] = tiled
    return dx


@mistake(avgpool2d_backward)
def leaves_the_dropped_rows_out_of_average_dx(dout, cache):
    """Your dx ends where the last window ends: it must have x's shape, with 0 for the rows and columns that were
    dropped."""
    _, kernel, stride = cache
    oh, ow = dout.shape[2:]
    return avgpool2d_backward(dout, cache)[:, :, : (oh - 1) * stride + kernel, : (ow - 1) * stride + kernel]


@mistake(avgpool2d_backward)
def collects_average_dx_in_float64(dout, cache):
    """Your dx is float64 for float32 gradients: np.zeros without a dtype makes float64."""
    return np.zeros(cache[0]) + avgpool2d_backward(dout, cache)


@mistake(avgpool2d_backward)
def cuts_integer_shares_off(dout, cache):
    """For an integer dout your shares are cut off to integers: an array of its dtype cannot hold a quarter."""
    return avgpool2d_backward(dout, cache).astype(dout.dtype)


@mistake(global_avg_pool)
def keeps_the_pooled_axes(x):
    """Your result keeps two axes of length 1: a dense layer comes next, which wants (N, C)."""
    return x.mean(axis=(2, 3), keepdims=True)


@mistake(global_avg_pool)
def averages_over_the_images_too(x):
    """Your mean runs over the batch as well: every image has means of its own."""
    return x.mean(axis=(0, 2, 3))


@mistake(global_avg_pool)
def averages_over_the_channels_too(x):
    """Your mean runs over the channels as well: every channel has a mean of its own, one number for each."""
    return x.mean(axis=(1, 2, 3))


@mistake(global_avg_pool)
def averages_over_channels_and_rows(x):
    """Your mean runs over axes 1 and 2, the channels and the rows: the image's axes are the last two, H and W."""
    return x.mean(axis=(1, 2))


@mistake(global_avg_pool)
def sums_each_channel(x):
    """Your result holds the sums of the channels: the division by the number of pixels, H · W, is missing."""
    return x.sum(axis=(2, 3))


@mistake(global_avg_pool)
def takes_each_channels_maximum(x):
    """Your result holds the largest pixel of each channel: that is global max pooling."""
    return x.max(axis=(2, 3))


@mistake(global_avg_pool)
def takes_channel_means_in_float64(x):
    """Your result is float64 for float32 maps: x is turned into float64 before the mean, or the means are collected in
    an array without a dtype."""
    return x.astype(float).mean(axis=(2, 3))


@mistake(global_avg_pool_backward)
def gives_each_pixel_the_whole_channels_gradient(dout, x_shape):
    """Every pixel gets the whole gradient of its channel in your dx: the mean hands each of the H · W pixels only its
    share."""
    return global_avg_pool_backward(dout, x_shape) * (x_shape[2] * x_shape[3])


@mistake(global_avg_pool_backward)
def divides_by_channels_too(dout, x_shape):
    """You divide by the number of channels as well: a mean is over one channel, H · W pixels."""
    return global_avg_pool_backward(dout, x_shape) / x_shape[1]


@mistake(global_avg_pool_backward)
def divides_by_all_elements(dout, x_shape):
    """You divide by the number of elements of the whole array: a mean is over the H · W pixels of one channel of one
    image."""
    return global_avg_pool_backward(dout, x_shape) / (x_shape[0] * x_shape[1])


@mistake(global_avg_pool_backward)
def divides_by_the_height_alone(dout, x_shape):
    """You divide by one side of the image only: a channel has H · W pixels."""
    return global_avg_pool_backward(dout, x_shape) * x_shape[3]


@mistake(global_avg_pool_backward)
def forgets_dout_in_global_pooling(dout, x_shape):
    """Every pixel gets 1 / (H · W) in your dx: what arrives from above, dout, is not in it."""
    return np.full(x_shape, 1 / (x_shape[2] * x_shape[3]), dout.dtype if dout.dtype.kind == "f" else float)


@mistake(global_avg_pool_backward)
def tiles_the_channels_out_of_order(dout, x_shape):
    """Pixels of one channel get the gradients of several in your dx: after np.tile or np.resize and a reshape the
    channels alternate from pixel to pixel."""
    _, _, height, width = x_shape
    return np.tile(dout / (height * width), (1, height * width)).reshape(x_shape)


@mistake(global_avg_pool_backward)
def multiplies_by_float64_ones(dout, x_shape):
    """Your dx is float64 for a float32 dout: an array of ones or zeros without a dtype is in it, or the integer that
    np.prod returns."""
    return np.ones(x_shape) * dout[:, :, None, None] / (x_shape[2] * x_shape[3])


@mistake(global_avg_pool_backward)
def cuts_integer_channel_shares_off(dout, x_shape):
    """For an integer dout your shares are cut off to integers: an array of its dtype cannot hold a quarter."""
    return global_avg_pool_backward(dout, x_shape).astype(dout.dtype)


def _field(layers, grow=None, shift=None, step=None, start=0.5):
    """The receptive field with one of its three updates replaced."""
    size, jump = 1, 1
    for kernel, stride, padding, dilation in layers:
        reach = dilation * (kernel - 1)
        size += grow(kernel, stride, dilation, jump) if grow else reach * jump
        start += shift(kernel, stride, padding, dilation, jump) if shift else (reach / 2 - padding) * jump
        jump = step(stride, dilation, jump) if step else jump * stride
    return size, jump, start


@mistake(receptive_field)
def grows_the_field_by_kernel_minus_one_only(layers):
    """Your size grows by the kernel alone, as if all strides were 1: after a stride of 2 a step of the kernel is two
    input pixels long."""
    return _field(layers, grow=lambda kernel, stride, dilation, jump: dilation * (kernel - 1))


@mistake(receptive_field)
def counts_the_new_stride_before_the_kernel(layers):
    """You multiply the jump by a layer's stride before you use it: the kernel counts in steps of the layers before it,
    its own stride is felt only by the next ones."""
    size, jump, start = 1, 1, 0.5
    for kernel, stride, padding, dilation in layers:
        jump *= stride
        size += dilation * (kernel - 1) * jump
        start += (dilation * (kernel - 1) / 2 - padding) * jump
    return size, jump, start


@mistake(receptive_field)
def moves_the_start_by_the_new_jump(layers):
    """Your start moves by the jump after the layer: its kernel and padding count in steps of the layers before it, so
    the jump is updated last."""
    return _field(
        layers,
        shift=lambda kernel, stride, padding, dilation, jump: (dilation * (kernel - 1) / 2 - padding) * jump * stride,
    )


@mistake(receptive_field)
def forgets_the_dilation_of_the_field(layers):
    """The dilation has no effect in your result: it spreads the kernel's pixels, so size and start both grow by
    more."""
    return receptive_field([(kernel, stride, padding, 1) for kernel, stride, padding, dilation in layers])


@mistake(receptive_field)
def dilates_the_whole_kernel(layers):
    """You take dilation · kernel for the dilated kernel's width: only the kernel − 1 gaps between its pixels are
    stretched."""
    return receptive_field([(dilation * kernel, stride, padding, 1) for kernel, stride, padding, dilation in layers])


@mistake(receptive_field)
def grows_the_field_by_the_whole_kernel(layers):
    """Your size grows by kernel · jump with every layer: the first of the kernel's pixels is already counted, so one
    less is new."""
    return _field(layers, grow=lambda kernel, stride, dilation, jump: dilation * kernel * jump)


@mistake(receptive_field)
def starts_at_the_corner_of_pixel_0(layers):
    """Your start is half a pixel too small: pixel 0 reaches from 0 to 1, so that its centre is at 0.5."""
    return _field(layers, start=0.0)


@mistake(receptive_field)
def lets_padding_leave_the_start_alone(layers):
    """Padding does not move your start: with zeros before the image, the first window begins that much further left."""
    return receptive_field([(kernel, stride, 0, dilation) for kernel, stride, padding, dilation in layers])


@mistake(receptive_field)
def moves_the_start_right_by_the_padding(layers):
    """Padding moves your start to the right: the first window begins on the padding, left of the image."""
    return receptive_field([(kernel, stride, -padding, dilation) for kernel, stride, padding, dilation in layers])


@mistake(receptive_field)
def moves_the_start_without_the_jump(layers):
    """Your start moves as if every layer worked on input pixels: half a kernel and the padding of a deep layer are so
    many jumps."""
    return _field(layers, shift=lambda kernel, stride, padding, dilation, jump: dilation * (kernel - 1) / 2 - padding)


@mistake(receptive_field)
def halves_the_reach_in_integers(layers):
    """For even kernels your start is off by half a jump: half of kernel − 1 need not be an integer, and // cuts it
    off."""
    return _field(
        layers, shift=lambda kernel, stride, padding, dilation, jump: (dilation * (kernel - 1) // 2 - padding) * jump
    )


@mistake(receptive_field)
def adds_the_strides_up(layers):
    """Your jump is not the product of the strides: a stride of 2 on top of a stride of 2 moves by four input pixels,
    and three of them move by eight."""
    return _field(layers, step=lambda stride, dilation, jump: jump + stride - 1)


@mistake(receptive_field)
def reads_the_layers_from_the_output_side(layers):
    """You go through the layers from the last to the first: with these three formulas the one next to the input comes
    first."""
    return receptive_field(layers[::-1])


@mistake(receptive_field)
def computes_the_field_in_floats(layers):
    """Your size and jump are floats: they are integers, and above 2⁵³ a float has no place for the last digit."""
    size, jump, start = receptive_field(layers)
    return float(size), float(jump), start


@mistake(conv_cost)
def forgets_the_groups_in_the_cost(c_in, c_out, k, h, w, groups=1):
    """The groups have no effect on your cost: a filter sees only c_in / groups channels."""
    if c_in % groups or c_out % groups:
        raise ValueError("groups do not divide the channels")
    return conv_cost(c_in, c_out, k, h, w)


@mistake(conv_cost)
def divides_both_channels_by_the_groups(c_in, c_out, k, h, w, groups=1):
    """Your count is that of one group: each has c_in / groups channels and c_out / groups filters, and there are
    `groups` of them."""
    params, macs = conv_cost(c_in, c_out, k, h, w, groups)
    return params // groups, macs // groups


@mistake(conv_cost)
def counts_the_biases(c_in, c_out, k, h, w, groups=1):
    """Your weights include a bias for each filter: none is counted here."""
    params, macs = conv_cost(c_in, c_out, k, h, w, groups)
    return params + c_out, macs


@mistake(conv_cost)
def counts_the_biases_in_both(c_in, c_out, k, h, w, groups=1):
    """Both your numbers include a bias for each filter: none is counted here, as a weight or as an addition."""
    params = conv_cost(c_in, c_out, k, h, w, groups)[0] + c_out
    return params, params * h * w


@mistake(conv_cost)
def counts_a_multiply_add_as_two(c_in, c_out, k, h, w, groups=1):
    """Your multiply-adds are twice the expected ones: those are FLOPs. Here one multiplication with its addition counts
    as one."""
    params, macs = conv_cost(c_in, c_out, k, h, w, groups)
    return params, 2 * macs


@mistake(conv_cost)
def takes_k_for_k_squared(c_in, c_out, k, h, w, groups=1):
    """Your kernel has k weights per channel: it is k × k."""
    params = conv_cost(c_in, c_out, k, h, w, groups)[0] // k
    return params, params * h * w


@mistake(conv_cost)
def uses_every_weight_only_once(c_in, c_out, k, h, w, groups=1):
    """Your multiply-adds are the number of weights: that is a dense layer's count. A convolution uses each weight at
    every place of its output."""
    params, _ = conv_cost(c_in, c_out, k, h, w, groups)
    return params, params


@mistake(conv_cost)
def asks_only_the_input_channels_to_divide(c_in, c_out, k, h, w, groups=1):
    """Groups that do not divide the filters pass: c_out must be a multiple of `groups` too, or else a ValueError."""
    if c_in % groups:
        raise ValueError("groups do not divide the channels")
    params = c_out * (c_in // groups) * k * k
    return params, params * h * w


@mistake(conv_cost)
def rounds_the_channels_of_a_group_down(c_in, c_out, k, h, w, groups=1):
    """Groups that do not divide the channels pass, and `//` rounds down: raise a ValueError instead."""
    params = c_out * (c_in // groups) * k * k
    return params, params * h * w


@mistake(conv_cost)
def computes_the_cost_in_floats(c_in, c_out, k, h, w, groups=1):
    """Your counts are floats: `/` makes one even where it comes out even, and above 2⁵³ its last digits are lost."""
    if c_in % groups or c_out % groups:
        raise ValueError("groups do not divide the channels")
    params = c_out * (c_in / groups) * k * k
    return params, params * h * w


def _depthwise(x, w_depth, stride, padding):
    """The first half: (N, C, OH, OW)."""
    kh, kw = w_depth.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    if kh > xp.shape[2] or kw > xp.shape[3]:
        raise ValueError("no window fits")
    windows = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijab,cab->ncij", windows, w_depth[:, 0])


def _pointwise(depth, w_point):
    """The second half: (N, F, OH, OW)."""
    return np.einsum("fc,ncij->nfij", w_point[:, :, 0, 0], depth)


@mistake(depthwise_separable_conv)
def flips_the_depthwise_kernels(x, w_depth, w_point, stride=1, padding=0):
    """Your kernels are flipped: this is the mathematicians' convolution. Here the window and the kernel are multiplied
    place by place, as they stand."""
    return depthwise_separable_conv(x, w_depth[:, :, ::-1, ::-1], w_point, stride, padding)


@mistake(depthwise_separable_conv)
def lets_depthwise_filters_see_all_channels(x, w_depth, w_point, stride=1, padding=0):
    """Your depthwise filters see the sum of all channels: the first half mixes none, filter c sees channel c only."""
    mixed = np.broadcast_to(x.sum(axis=1, keepdims=True), x.shape)
    return depthwise_separable_conv(mixed, w_depth, w_point, stride, padding)


@mistake(depthwise_separable_conv)
def uses_the_first_depthwise_filter_everywhere(x, w_depth, w_point, stride=1, padding=0):
    """All channels meet the first filter in your result: each channel has a filter of its own, along axis 0 of
    w_depth."""
    return depthwise_separable_conv(x, np.broadcast_to(w_depth[:1], w_depth.shape), w_point, stride, padding)


@mistake(depthwise_separable_conv)
def forgets_the_stride_of_the_depthwise_half(x, w_depth, w_point, stride=1, padding=0):
    """The stride has no effect in your result: its windows are one pixel apart."""
    return depthwise_separable_conv(x, w_depth, w_point, 1, padding)


@mistake(depthwise_separable_conv)
def forgets_the_padding_of_the_depthwise_half(x, w_depth, w_point, stride=1, padding=0):
    """The padding has no effect in your result: x gets that many rows and columns of zeros on every side first."""
    return depthwise_separable_conv(x, w_depth, w_point, stride)


@mistake(depthwise_separable_conv)
def strides_in_both_halves(x, w_depth, w_point, stride=1, padding=0):
    """The stride acts twice in your result: it is the depthwise half's, and the 1 × 1 half looks at every pixel of what
    is left."""
    return depthwise_separable_conv(x, w_depth, w_point, stride, padding)[:, :, ::stride, ::stride]


@mistake(depthwise_separable_conv)
def pads_in_both_halves(x, w_depth, w_point, stride=1, padding=0):
    """The padding acts twice in your result: it is the depthwise half's, and the 1 × 1 half needs none."""
    out = depthwise_separable_conv(x, w_depth, w_point, stride, padding)
    return np.pad(out, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


@mistake(depthwise_separable_conv)
def strides_and_pads_in_both_halves(x, w_depth, w_point, stride=1, padding=0):
    """Stride and padding act twice in your result: both are the depthwise half's, and the 1 × 1 half has stride 1 and
    no padding."""
    out = depthwise_separable_conv(x, w_depth, w_point, stride, padding)
    return np.pad(out, ((0, 0), (0, 0), (padding, padding), (padding, padding)))[:, :, ::stride, ::stride]


@mistake(depthwise_separable_conv)
def loops_over_the_depthwise_channels(x, w_depth, w_point, stride=1, padding=0):
    """You loop over the channels in Python: a slice for each place of the kernel takes all of them at once, times one
    number a channel."""
    maps = []
    for c in range(x.shape[1]):
        maps.append(_depthwise(x[:, c : c + 1], w_depth[c : c + 1], stride, padding))
    return _pointwise(np.concatenate(maps, axis=1), w_point)


@mistake(depthwise_separable_conv)
def transposes_the_pointwise_weights(x, w_depth, w_point, stride=1, padding=0):
    """Your pointwise weights are transposed: row f of them makes output channel f, as a sum over the input
    channels c."""
    return np.einsum("cf,ncij->nfij", w_point[:, :, 0, 0], _depthwise(x, w_depth, stride, padding))


@mistake(depthwise_separable_conv)
def stops_after_the_depthwise_half(x, w_depth, w_point, stride=1, padding=0):
    """Your result is the depthwise half alone: w_point still has to mix its channels."""
    return _depthwise(x, w_depth, stride, padding)


@mistake(depthwise_separable_conv)
def puts_a_relu_between_the_halves(x, w_depth, w_point, stride=1, padding=0):
    """There is a ReLU between the halves of your result: MobileNet has one there, but here nothing stands between
    them."""
    return _pointwise(np.maximum(_depthwise(x, w_depth, stride, padding), 0), w_point)


@mistake(depthwise_separable_conv)
def reads_the_kernels_height_for_both_sides(x, w_depth, w_point, stride=1, padding=0):
    """You take height and width of the kernel for the same number: it need not be square, and OH and OW have each their
    own side in them."""
    kh, kw = w_depth.shape[2:]
    square = np.zeros((*w_depth.shape[:2], kh, kh), w_depth.dtype)
    square[..., : min(kh, kw)] = w_depth[..., : min(kh, kw)]
    return depthwise_separable_conv(x, square, w_point, stride, padding)


@mistake(depthwise_separable_conv)
def returns_an_empty_map_where_no_kernel_fits(x, w_depth, w_point, stride=1, padding=0):
    """Where not one window fits you return a map all the same: an output size below 1 must raise a ValueError."""
    sizes = zip(x.shape[2:], w_depth.shape[2:], strict=True)
    oh, ow = (max(0, (size + 2 * padding - side) // stride + 1) for size, side in sizes)
    if not oh or not ow:
        return np.empty((len(x), len(w_point), oh, ow), x.dtype)
    return depthwise_separable_conv(x, w_depth, w_point, stride, padding)


@mistake(depthwise_separable_conv)
def collects_the_depthwise_half_in_float64(x, w_depth, w_point, stride=1, padding=0):
    """Your result is float64 where everything given is float32: np.zeros without a dtype makes float64."""
    depth = _depthwise(x, w_depth, stride, padding)
    return _pointwise(np.zeros(depth.shape) + depth, w_point)


@mistake(depthwise_separable_conv)
def collects_the_depthwise_half_in_integers(x, w_depth, w_point, stride=1, padding=0):
    """For integer images your sums are cut off to integers: an array of x's dtype cannot hold them where the weights
    are floats."""
    return _pointwise(_depthwise(x, w_depth, stride, padding).astype(x.dtype), w_point)


@mistake(separable_saving)
def takes_one_over_k_in_the_saving(c_in, c_out, k):
    """The kernel's part of your result is 1/k: a full kernel has k · k weights per channel, so its part is 1/k²."""
    return 1 / c_out + 1 / k


@mistake(separable_saving)
def takes_the_input_channels_in_the_saving(c_in, c_out, k):
    """Your result depends on c_in: each of the two halves has it once, as the full convolution has, so it cancels, and
    c_out is left."""
    return 1 / c_in + 1 / k**2


@mistake(separable_saving)
def says_how_many_times_cheaper(c_in, c_out, k):
    """Your result is how many times cheaper the separable one is: asked is its cost as a part of the full one's."""
    return 1 / (1 / c_out + 1 / k**2)


@mistake(separable_saving)
def says_what_part_is_gone(c_in, c_out, k):
    """Your result is the part of the cost that is gone: asked is the part that is left."""
    return 1 - (1 / c_out + 1 / k**2)


@mistake(separable_saving)
def multiplies_the_two_savings(c_in, c_out, k):
    """You multiply the two parts: the halves are done one after the other, so that their costs add up."""
    return 1 / (c_out * k**2)


@mistake(separable_saving)
def leaves_the_pointwise_half_out(c_in, c_out, k):
    """Your result counts the depthwise half only: the 1 × 1 half costs c_in · c_out, most of what is left."""
    return 1 / c_out


@mistake(separable_saving)
def divides_the_costs_in_integers(c_in, c_out, k):
    """Your result is an integer: `//` rounds down, and a saving is a fraction."""
    return (c_in * k * k + c_in * c_out) // (c_in * c_out * k * k)


@mistake(conv_as_matrix)
def flips_the_kernel_in_the_conv_matrix(w, h_in, w_in, stride=1, padding=0):
    """Your kernel is turned by 180° in every row: that is the convolution of mathematics. Here no kernel is flipped."""
    return conv_as_matrix(w[:, :, ::-1, ::-1], h_in, w_in, stride, padding)


@mistake(conv_as_matrix)
def orders_matrix_columns_row_column_channel(w, h_in, w_in, stride=1, padding=0):
    """Your columns are in the order row, column, channel: x.ravel() of a (C, H, W) image has whole channels one after
    the other."""
    c = w.shape[1]
    matrix = conv_as_matrix(w, h_in, w_in, stride, padding)
    return matrix.reshape(-1, c, h_in, w_in).transpose(0, 2, 3, 1).reshape(len(matrix), -1)


@mistake(conv_as_matrix)
def orders_matrix_rows_place_before_filter(w, h_in, w_in, stride=1, padding=0):
    """Your rows have the filters of one place next to each other: the output (F, OH, OW) is raveled filter by
    filter."""
    f = len(w)
    matrix = conv_as_matrix(w, h_in, w_in, stride, padding)
    return matrix.reshape(f, -1, matrix.shape[1]).transpose(1, 0, 2).reshape(matrix.shape)


@mistake(conv_as_matrix)
def keeps_matrix_columns_for_the_padding(w, h_in, w_in, stride=1, padding=0):
    """Your matrix has columns for the padded image: the zeros of the padding are no part of x, so they have no
    column."""
    return conv_as_matrix(w, h_in + 2 * padding, w_in + 2 * padding, stride)


@mistake(conv_as_matrix)
def shifts_the_filter_along_the_flat_image(w, h_in, w_in, stride=1, padding=0):
    """You shift the filter by a constant from row to row of the matrix, along the flat image: at the end of an image
    row it wraps round into the next one, where no window is."""
    f, c, kh, kw = w.shape
    height, width = h_in + 2 * padding, w_in + 2 * padding
    oh, ow = (height - kh) // stride + 1, (width - kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError("the kernel does not fit")
    first = np.zeros((f, c, height, width), w.dtype)
    first[:, :, :kh, :kw] = w
    first = first.reshape(f, c, height * width)
    rows = np.stack([np.roll(first, stride * place, axis=2) for place in range(oh * ow)], axis=1)
    rows = rows.reshape(f * oh * ow, c, height, width)[:, :, padding : padding + h_in, padding : padding + w_in]
    return rows.reshape(f * oh * ow, c * h_in * w_in)


@mistake(conv_as_matrix)
def moves_the_matrix_filter_by_one_whatever_the_stride(w, h_in, w_in, stride=1, padding=0):
    """You count the windows by the stride, yet move the filter by one pixel from output to output."""
    f, c, kh, kw = w.shape
    oh, ow = (h_in + 2 * padding - kh) // stride + 1, (w_in + 2 * padding - kw) // stride + 1
    if oh < 1 or ow < 1:
        raise ValueError("the kernel does not fit")
    matrix = np.zeros((f, oh, ow, c, h_in + 2 * padding, w_in + 2 * padding), w.dtype)
    for i in range(oh):
        for j in range(ow):
            matrix[:, i, j, :, i : i + kh, j : j + kw] = w
    matrix = matrix[..., padding : padding + h_in, padding : padding + w_in]
    return matrix.reshape(f * oh * ow, c * h_in * w_in)


@mistake(conv_as_matrix)
def conv_matrix_of_no_rows_instead_of_an_error(w, h_in, w_in, stride=1, padding=0):
    """Where no window fits you return a matrix without rows, or fail by accident: ValueError is asked for."""
    c, kh, kw = w.shape[1:]
    oh, ow = (h_in + 2 * padding - kh) // stride + 1, (w_in + 2 * padding - kw) // stride + 1
    if oh < 1 or ow < 1:
        return np.zeros((0, c * h_in * w_in), w.dtype)
    return conv_as_matrix(w, h_in, w_in, stride, padding)


@mistake(conv_as_matrix)
def conv_matrix_always_of_float64(w, h_in, w_in, stride=1, padding=0):
    """Your matrix is float64 for float32 filters: np.zeros without a dtype makes float64."""
    return conv_as_matrix(w, h_in, w_in, stride, padding).astype(np.float64)


@mistake(conv1x1)
def uses_the_1x1_filters_transposed(x, w, b):
    """You sum over the filters' axis of w: row f of w has the weights of filter f, its columns belong to the channels
    of x."""
    return np.einsum("nchw,cf->nfhw", x, w[:, :, 0, 0]) + b[:, None, None]


@mistake(conv1x1)
def adds_the_1x1_bias_along_the_columns(x, w, b):
    """You add b along the image's last axis, which is where broadcasting puts a plain (F,) array: each number belongs
    to a filter."""
    return np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]) + b


@mistake(conv1x1)
def reshapes_pixels_to_rows_without_moving_channels(x, w, b):
    """You reshape x to (pixels, C) with the channels still in second place: a row then holds neighbouring pixels of one
    channel, not the channels of one pixel."""
    n, c, height, width = x.shape
    out = x.reshape(-1, c) @ w[:, :, 0, 0].T + b  # (N·H·W, F)
    return out.reshape(n, height, width, -1).transpose(0, 3, 1, 2)


@mistake(conv1x1)
def reshapes_filters_back_without_moving_them(x, w, b):
    """Your product has the filters on its last axis, and you reshape it to (N, F, H, W): a reshape does not move an
    axis, so filters and pixels are mixed up."""
    n, c, height, width = x.shape
    out = x.transpose(0, 2, 3, 1).reshape(-1, c) @ w[:, :, 0, 0].T + b  # (N·H·W, F)
    return out.reshape(n, -1, height, width)


@mistake(conv1x1)
def leaves_out_the_1x1_bias(x, w, b):
    """Your result has no bias: b is missing."""
    return np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0])


@mistake(conv1x1)
def fills_a_float64_array_with_the_1x1_output(x, w, b):
    """Your values are right, but float32 comes out as float64: they are added into an array of zeros of the default
    dtype."""
    out = np.zeros((len(x), len(w), *x.shape[2:]))
    out += np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0])
    return out + b[:, None, None]


@mistake(conv1x1)
def multiplies_1x1_image_by_image(x, w, b):
    """Your values are right, but you loop over the images in Python: one product can do them all."""
    return np.stack([np.tensordot(w[:, :, 0, 0], image, axes=1) + b[:, None, None] for image in x])


@mistake(fc_as_conv)
def reshapes_dense_weights_without_a_transpose(W, c, h, w):
    """You reshape W as it lies in memory, row by row: a filter is a column of W."""
    return W.reshape(W.shape[1], c, h, w)


@mistake(fc_as_conv)
def takes_the_dense_input_as_row_column_channel(W, c, h, w):
    """You read the flattened input in the order row, column, channel: here it is channel, row, column."""
    return W.T.reshape(-1, h, w, c).transpose(0, 3, 1, 2)


@mistake(fc_as_conv)
def takes_the_dense_input_as_channel_column_row(W, c, h, w):
    """Your filters are transposed: within a channel the flattened input goes row by row, not column by column."""
    return W.T.reshape(-1, c, w, h).transpose(0, 1, 3, 2)


@mistake(fc_as_conv)
def flips_the_dense_filters(W, c, h, w):
    """Your filters are turned by 180°: that would be right if the convolution flipped them back, which it does not
    here."""
    return W.T.reshape(-1, c, h, w)[:, :, ::-1, ::-1]


@mistake(fc_as_conv)
def puts_the_channels_before_the_units(W, c, h, w):
    """Your channels come first, as in a transposed convolution: the filters' first axis counts the units."""
    return W.T.reshape(-1, c, h, w).swapaxes(0, 1)


@mistake(fc_as_conv)
def copies_dense_weights_into_float64(W, c, h, w):
    """Your values are right, but W's dtype is lost: they are copied into an array of zeros of the default dtype."""
    filters = np.zeros((W.shape[1], c, h, w))
    for unit in range(W.shape[1]):
        filters[unit] = W[:, unit].reshape(c, h, w)
    return filters


def _all_stamps(x, w, stride):
    """All stamps added up, before padding and bias."""
    kh, kw = w.shape[2:]
    height, width = x.shape[2:]
    stamps = np.einsum("nchw,cfkl->nfklhw", x, w)
    full = np.zeros((len(x), w.shape[1], (height - 1) * stride + kh, (width - 1) * stride + kw), stamps.dtype)
    for i in range(kh):
        for j in range(kw):
            full[:, :, i : i + stride * height : stride, j : j + stride * width : stride] += stamps[:, :, i, j]
    return full


@mistake(transposed_conv2d)
def flips_the_stamped_filter(x, w, b, stride=1, padding=0):
    """Your stamps are turned by 180°: a pixel stamps the filter as it is. The flip belongs to the other way of writing
    this, a convolution of the image with zeros in between."""
    return transposed_conv2d(x, w[:, :, ::-1, ::-1], b, stride, padding)


@mistake(transposed_conv2d)
def overwrites_where_stamps_overlap(x, w, b, stride=1, padding=0):
    """Where stamps overlap you keep only one of them: they add up."""
    kh, kw = w.shape[2:]
    height, width = x.shape[2:]
    stamps = np.einsum("nchw,cfkl->nfklhw", x, w)
    full = np.zeros((len(x), w.shape[1], (height - 1) * stride + kh, (width - 1) * stride + kw), stamps.dtype)
    if min(full.shape[2:]) <= 2 * padding:
        raise ValueError("nothing is left")
    for i in range(kh):
        for j in range(kw):
            full[:, :, i : i + stride * height : stride, j : j + stride * width : stride] = stamps[:, :, i, j]
    return full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding] + b[:, None, None]


@mistake(transposed_conv2d)
def adds_the_bias_with_every_stamp(x, w, b, stride=1, padding=0):
    """You add b with every stamp: where stamps overlap it counts several times, and where none falls it is missing."""
    zero = np.zeros_like(b)
    count = transposed_conv2d(np.ones_like(x[:, :1]), np.ones_like(w[:1, :1]), zero[:1], stride, padding)
    return transposed_conv2d(x, w, zero, stride, padding) + count * b[:, None, None]


@mistake(transposed_conv2d)
def pads_the_transposed_output_instead_of_cropping(x, w, b, stride=1, padding=0):
    """You add rows and columns for the padding: a convolution's padding adds them, so its transpose takes them off."""
    full = _all_stamps(x, w, stride)
    return np.pad(full, ((0, 0), (0, 0), (padding, padding), (padding, padding))) + b[:, None, None]


@mistake(transposed_conv2d)
def crops_only_the_top_and_the_left(x, w, b, stride=1, padding=0):
    """You cut the padding off at the top and on the left only: the bottom and the right have as much of it."""
    full = _all_stamps(x, w, stride)
    if min(full.shape[2:]) <= 2 * padding:
        raise ValueError("nothing is left")
    return full[:, :, padding:, padding:] + b[:, None, None]


@mistake(transposed_conv2d)
def swaps_the_channel_axes_of_the_stamp(x, w, b, stride=1, padding=0):
    """You take w's axes as (C_out, C_in), as in a convolution: in the transposed one the input's channels come
    first."""
    return transposed_conv2d(x, w.swapaxes(0, 1), b, stride, padding)


@mistake(transposed_conv2d)
def puts_gaps_after_the_last_pixel_too(x, w, b, stride=1, padding=0):
    """You leave stride − 1 zeros after the last pixel as well: gaps are only between pixels, so that your output is too
    long at the end."""
    n, c, height, width = x.shape
    spread = np.zeros((n, c, height * stride, width * stride), x.dtype)
    spread[:, :, ::stride, ::stride] = x
    return transposed_conv2d(spread, w, b, 1, padding)


@mistake(transposed_conv2d)
def empty_transposed_output_instead_of_an_error(x, w, b, stride=1, padding=0):
    """Where the padding leaves nothing you return an empty array: ValueError is asked for."""
    full = _all_stamps(x, w, stride)
    return full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding] + b[:, None, None]


@mistake(transposed_conv2d)
def stamps_onto_a_float64_array(x, w, b, stride=1, padding=0):
    """Your values are right, but float32 comes out as float64: the stamps are added onto zeros of the default dtype."""
    return transposed_conv2d(x, w, b, stride, padding).astype(np.float64)


@mistake(transposed_conv2d)
def stamps_pixel_by_pixel(x, w, b, stride=1, padding=0):
    """Your values are right, but you loop over the pixels in Python: loop over the places of the kernel instead."""
    n, _, height, width = x.shape
    _, c_out, kh, kw = w.shape
    oh, ow = (height - 1) * stride + kh, (width - 1) * stride + kw
    if min(oh, ow) <= 2 * padding:
        raise ValueError("nothing is left")
    out = np.zeros((n, c_out, oh, ow), x.dtype)
    for i in range(height):
        for j in range(width):
            stamp = np.tensordot(x[:, :, i, j], w, axes=1)
            out[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += stamp
    return out[:, :, padding : oh - padding, padding : ow - padding] + b[:, None, None]


def _suppress_otherwise(boxes, scores, threshold, overlap_of=None, order=None, drops=np.greater):
    """Greedy suppression with one thing done otherwise."""
    boxes = np.asarray(boxes, float)
    order = np.argsort(-np.asarray(scores, float), kind="stable") if order is None else order
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        overlap = np.array([overlap_of(boxes[best], boxes[other]) for other in rest])
        order = rest[~drops(overlap, threshold)] if len(rest) else rest
    return np.array(kept, int)


def _iou_of(a, b, one=0.0):
    width = max(min(a[2], b[2]) - max(a[0], b[0]) + one, 0.0)
    height = max(min(a[3], b[3]) - max(a[1], b[1]) + one, 0.0)
    areas = (a[2] - a[0] + one) * (a[3] - a[1] + one) + (b[2] - b[0] + one) * (b[3] - b[1] + one)
    union = areas - width * height
    return width * height / union if union else 0.0


@mistake(nms)
def drops_boxes_at_the_threshold(boxes, scores, threshold):
    """You drop boxes whose IoU equals the threshold: only those above it go."""
    return _suppress_otherwise(boxes, scores, threshold, _iou_of, drops=np.greater_equal)


@mistake(nms)
def lets_dropped_boxes_drop_others(boxes, scores, threshold):
    """You compare each box with all better ones: those that were dropped themselves suppress no more."""
    boxes, order = np.asarray(boxes, float), np.argsort(-np.asarray(scores, float), kind="stable")
    kept = [
        index
        for place, index in enumerate(order)
        if all(_iou_of(boxes[index], boxes[better]) <= threshold for better in order[:place])
    ]
    return np.array(kept, int)


@mistake(nms)
def multiplies_two_negative_lengths(boxes, scores, threshold):
    """You do not cut the intersection's width and height off at 0 each: for boxes apart in both directions the product
    of two negative lengths is a positive area."""

    def iou(a, b):
        overlap = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
        overlap = max(overlap, 0.0)
        union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - overlap
        return overlap / union if union else 0.0

    return _suppress_otherwise(boxes, scores, threshold, iou)


@mistake(nms)
def forgets_to_take_the_intersection_off_the_union(boxes, scores, threshold):
    """You divide by the sum of both areas, in which the intersection counts twice: the union has it once."""

    def ratio(a, b):
        both = _iou_of(a, b)
        return both / (1 + both)

    return _suppress_otherwise(boxes, scores, threshold, ratio)


@mistake(nms)
def divides_by_the_smaller_area(boxes, scores, threshold):
    """You divide the intersection by the smaller box: a small box inside a large one then overlaps it fully. The union
    is asked for."""

    def share(a, b):
        width = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0)
        height = max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
        smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
        return width * height / smaller if smaller else 0.0

    return _suppress_otherwise(boxes, scores, threshold, share)


@mistake(nms)
def divides_by_the_area_of_the_box_in_question(boxes, scores, threshold):
    """You divide the intersection by the area of the box that may be dropped: the union of both boxes is asked for."""

    def share(a, b):
        width = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0)
        height = max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
        own = (b[2] - b[0]) * (b[3] - b[1])
        return width * height / own if own else 0.0

    return _suppress_otherwise(boxes, scores, threshold, share)


@mistake(nms)
def takes_the_worst_box_first(boxes, scores, threshold):
    """You begin with the lowest score: argsort puts it first, and the best box has to be kept first."""
    order = np.argsort(np.asarray(scores, float), kind="stable")
    return _suppress_otherwise(boxes, scores, threshold, _iou_of, order)


@mistake(nms)
def counts_one_more_pixel_in_every_length(boxes, scores, threshold):
    """Your lengths have a + 1, as for boxes of whole pixels whose last one counts: here corners are coordinates, and a
    length is their difference."""
    return _suppress_otherwise(boxes, scores, threshold, lambda a, b: _iou_of(a, b, 1.0))


@mistake(nms)
def returns_kept_indices_in_rising_order(boxes, scores, threshold):
    """Your indices are right but sorted by themselves: they are to come by falling score."""
    return np.sort(nms(boxes, scores, threshold))


@mistake(nms)
def returns_places_in_the_sorted_list(boxes, scores, threshold):
    """You return places in the list sorted by score: translate them back into indices of boxes as they came in."""
    order = np.argsort(-np.asarray(scores, float), kind="stable")
    return nms(np.asarray(boxes)[order], np.asarray(scores)[order], threshold)


@mistake(nms)
def turns_round_an_ascending_argsort(boxes, scores, threshold):
    """Of equal scores you take the higher index first: an ascending order turned round turns ties round as well."""
    order = np.argsort(np.asarray(scores, float), kind="stable")[::-1]
    return _suppress_otherwise(boxes, scores, threshold, _iou_of, order)


@mistake(nms)
def computes_areas_of_bytes_in_bytes(boxes, scores, threshold):
    """Your areas are computed in the dtype of boxes: products of bytes do not fit into bytes. Make floats of them
    first."""
    x1, y1, x2, y2 = boxes.T
    area = (x2 - x1) * (y2 - y1)
    order = np.argsort(-1.0 * scores, kind="stable")
    keep = []
    while len(order):
        best, rest = order[0], order[1:]
        keep.append(best)
        left, right = np.maximum(x1[best], x1[rest]), np.minimum(x2[best], x2[rest])
        top, bottom = np.maximum(y1[best], y1[rest]), np.minimum(y2[best], y2[rest])
        overlap = np.where(right > left, right - left, 0) * np.where(bottom > top, bottom - top, 0)
        union = area[best] + area[rest] - overlap
        order = rest[overlap / np.where(union > 0, union, 1) <= threshold]
    return np.array(keep, int)


@mistake(nms)
def negates_unsigned_scores(boxes, scores, threshold):
    """You negate the scores in their own dtype: unsigned integers have no negatives, and 0 stays the smallest."""
    return _suppress_otherwise(boxes, scores, threshold, _iou_of, np.argsort(-scores, kind="stable"))


@mistake(nms)
def lets_flat_boxes_suppress_each_other(boxes, scores, threshold):
    """A box without an area gets an IoU of 0/0 with its like, and your comparison with NaN drops it: it overlaps
    nothing."""

    def iou(a, b):
        flat = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) == 0
        return np.nan if flat else _iou_of(a, b)

    return _suppress_otherwise(boxes, scores, threshold, iou, drops=lambda overlap, limit: ~(overlap <= limit))


def _lenet_otherwise(size, classes, conv=lambda n: n - 4, pool=lambda n: n // 2):
    """LeNet-5's shapes with another rule for a layer."""
    sizes = [size]
    for step in (conv, pool, conv, pool, conv):
        sizes.append(step(sizes[-1]))
    if sizes[-1] < 1:
        raise ValueError("too small")
    keys, channels = ("input", "C1", "S2", "C3", "S4", "C5"), (1, 6, 6, 16, 16, 120)
    shapes = {key: (c, n, n) for key, c, n in zip(keys, channels, sizes, strict=True)}
    return {**shapes, "F6": (84,), "output": (classes,)}


@mistake(lenet5_shapes)
def pads_the_convolutions_of_lenet(size=32, classes=10):
    """Your convolutions keep the size: LeNet-5 pads nothing, so a 5×5 kernel takes pixels off at each side."""
    return _lenet_otherwise(size, classes, conv=lambda n: n)


@mistake(lenet5_shapes)
def takes_five_pixels_off_in_each_convolution(size=32, classes=10):
    """Your convolutions take as many pixels off as the kernel is long: a kernel as long as the image fits once."""
    return _lenet_otherwise(size, classes, conv=lambda n: n - 5)


@mistake(lenet5_shapes)
def rounds_pooled_sizes_up(size=32, classes=10):
    """You round odd sizes up when pooling: a window that sticks out is left out."""
    return _lenet_otherwise(size, classes, pool=lambda n: -(-n // 2))


@mistake(lenet5_shapes)
def divides_pooled_sizes_with_a_slash(size=32, classes=10):
    """Your shapes have floats in them, and halves of pixels for odd sizes: a / stands in your answer or in a function
    that you call, and a shape is made of integers."""
    return _lenet_otherwise(size, classes, pool=lambda n: n / 2)


@mistake(lenet5_shapes)
def takes_c5_as_a_dense_layer(size=32, classes=10):
    """Your C5 is 1×1 for every size: it is a convolution, and on larger images it gives a larger map."""
    return {**lenet5_shapes(size, classes), "C5": (120, 1, 1)}


@mistake(lenet5_shapes)
def always_ten_classes_in_lenet(size=32, classes=10):
    """Your output has 10 units whatever classes says."""
    return lenet5_shapes(size)


@mistake(lenet5_shapes)
def shapes_of_an_image_too_small_for_lenet(size=32, classes=10):
    """For images that are too small you return sizes of 0 or less instead of raising ValueError."""
    c1 = size - 4
    c3 = c1 // 2 - 4
    c5 = c3 // 2 - 4
    large = lenet5_shapes(32, classes)
    sizes = {"input": size, "C1": c1, "S2": c1 // 2, "C3": c3, "S4": c3 // 2, "C5": c5}
    return {key: (shape[0], sizes[key], sizes[key]) if key in sizes else shape for key, shape in large.items()}


def _count_otherwise(name, bias=1, grouped=True, size=None, c3=None, pooling=0, last_pool=True):
    """Parameters with one thing counted otherwise."""
    vgg = []
    for filters, repeats in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        vgg += [("conv", filters, 3, 1, 1, 1)] * repeats + [("pool", 2)]
    dense = [("dense", 4096), ("dense", 4096), ("dense", 1000)]
    lenet = [("conv", 6, 5, 1, 0, 1), ("pool", 2), ("conv", 16, 5, 1, 0, 1), ("pool", 2), ("conv", 120, 5, 1, 0, 1)]
    alexnet = [("conv", 96, 11, 4, 0, 1), ("pool", 3), ("conv", 256, 5, 1, 2, 2), ("pool", 3)]
    alexnet += [("conv", 384, 3, 1, 1, 1), ("conv", 384, 3, 1, 1, 2), ("conv", 256, 3, 1, 1, 2), ("pool", 3)]
    networks = {
        "lenet5": (1, 32, [*lenet, ("dense", 84), ("dense", 10)]),
        "alexnet": (3, size or 227, alexnet + dense),
        "vgg16": (3, 224, vgg + dense),
    }
    if name not in networks:
        raise ValueError(name)
    channels, pixels, layers = networks[name]
    if not last_pool:
        last = max(place for place, layer in enumerate(layers) if layer[0] == "pool")
        layers = layers[:last] + layers[last + 1 :] if layers[last + 1][0] == "dense" else layers
    per_layer = []
    for kind, number, *rest in layers:
        if kind == "conv":
            kernel, stride, padding, groups = rest
            seen = channels // (groups if grouped else 1) * kernel * kernel
            per_layer.append(c3 if c3 and number == 16 else number * (seen + bias))
            channels, pixels = number, (pixels + 2 * padding - kernel) // stride + 1
        elif kind == "pool":
            pixels = (pixels - number) // 2 + 1
            per_layer += [pooling * channels] * bool(pooling)
        else:
            per_layer.append(number * (channels * pixels * pixels + bias))
            channels, pixels = number, 1
    return per_layer, sum(per_layer)


@mistake(count_parameters)
def counts_weights_without_biases(name):
    """You count the weights only: every filter and every unit has a bias as well."""
    return _count_otherwise(name, bias=0)


@mistake(count_parameters)
def counts_grouped_filters_as_full_ones(name):
    """Your filters of AlexNet's grouped layers see all channels: in 2 groups each sees half of them."""
    return _count_otherwise(name, grouped=False)


@mistake(count_parameters)
def starts_alexnet_with_224_pixels(name):
    """You start AlexNet with 224 pixels, as its paper says: without padding that leaves 5 × 5 pixels for the dense
    layers. The paper's own numbers need 227."""
    return _count_otherwise(name, size=224)


@mistake(count_parameters)
def counts_the_partial_connections_of_c3(name):
    """You count LeNet-5's C3 by the paper's table, in which most filters see only some channels: here each sees all
    six."""
    return _count_otherwise(name, c3=6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + 6 * 25 + 1)


@mistake(count_parameters)
def gives_the_pooling_parameters(name):
    """You count a coefficient and a bias for each pooled channel, as the first LeNet-5 had them: here pooling has no
    parameters."""
    return _count_otherwise(name, pooling=2) if name == "lenet5" else count_parameters(name)


@mistake(count_parameters)
def forgets_the_pooling_before_the_dense_layers(name):
    """You leave out the last pooling of AlexNet and VGG: the first dense layer then reads an image that is too
    large."""
    return _count_otherwise(name, last_pool=False)


@mistake(count_parameters)
def reads_channels_without_places(name):
    """Your first dense layer reads as many numbers as there are channels: each channel still has height × width of
    them."""
    per_layer, total = count_parameters(name)
    if name == "lenet5":
        return per_layer, total
    channels, places, first = (256, 36, 5) if name == "alexnet" else (512, 49, 13)
    saved = 4096 * channels * (places - 1)
    return [count - saved * (i == first) for i, count in enumerate(per_layer)], total - saved


@mistake(count_parameters)
def types_the_totals_in(name):
    """Your totals are typed in: compute them from the layers, so that another network needs only another list."""
    totals = {"lenet5": 61706, "alexnet": 60965224, "vgg16": 138357544}
    if name not in totals:
        raise ValueError(name)
    return count_parameters(name)[0], totals[name]


@mistake(count_parameters)
def key_error_for_an_unknown_network(name):
    """An unknown name ends in the KeyError of your dictionary: ValueError is asked for."""
    networks = {"lenet5": 5, "alexnet": 8, "vgg16": 16}
    per_layer, total = count_parameters(name if networks[name] else "")
    return per_layer, total


def _train_otherwise(
    X,
    y,
    X_test,
    y_test,
    epochs,
    rng,
    pool=None,
    relu=True,
    last=False,
    up=1.0,
    skip=False,
    frozen=(),
    best=False,
    masks=(True, True, True),
    paired=True,
    spread=False,
    scale=None,
):
    """The reference's training with one thing done otherwise."""
    sizes = {"w1": (16, 1, 3, 3), "w2": (32, 16, 3, 3), "W3": (128, 64), "W4": (64, 10)}
    fan_in = {"w1": 9, "w2": 144, "W3": 128, "W4": 64}
    params = {name: rng.standard_normal(shape) * (scale or np.sqrt(2 / fan_in[name])) for name, shape in sizes.items()}
    params |= {"b1": np.zeros(16), "b2": np.zeros(32), "b3": np.zeros(64), "b4": np.zeros(10)}
    velocity = {name: np.zeros(value.shape) for name, value in params.items()}

    def pooled(z):
        if pool is None:
            return maxpool2d_forward(z, 2)
        n, c, height, width = z.shape
        return z.reshape(n, c, height // 2, 2, width // 2, 2).mean(axis=(3, 5)), None

    def unpooled(dout, kept):
        if pool is None and not spread:
            return maxpool2d_backward(dout, kept)
        return dout.repeat(2, axis=2).repeat(2, axis=3) / (1 if spread else 4)

    def forward(x):
        z1, conv1 = conv2d_forward(x, params["w1"], params["b1"], padding=1)
        a1, pool1 = pooled(np.maximum(z1, 0))
        z2, conv2 = conv2d_forward(a1, params["w2"], params["b2"], padding=1)
        a2, pool2 = pooled(np.maximum(z2, 0))
        flat = (a2.transpose(0, 2, 3, 1) if last else a2).reshape(len(x), 128)
        a3 = flat @ params["W3"] + params["b3"]
        a3 = np.maximum(a3, 0) if relu else a3
        return a3 @ params["W4"] + params["b4"], (z1, conv1, pool1, z2, conv2, pool2, flat, a3)

    def accuracy():
        return float(np.mean(forward(X_test)[0].argmax(axis=1) == y_test))

    chosen = (dict(params), accuracy()) if best else None
    for _ in range(epochs):
        shuffled = rng.permutation(len(X))
        for start in range(0, len(X) // 32 * 32 if skip else len(X), 32):
            batch = shuffled[start : start + 32]
            scores, (z1, conv1, pool1, z2, conv2, pool2, flat, a3) = forward(X[batch])
            dscores = np.exp(scores - scores.max(axis=1, keepdims=True))
            dscores /= dscores.sum(axis=1, keepdims=True)
            labels = y[batch] if paired else y[start : start + 32]
            dscores[np.arange(len(batch)), labels] -= 1
            dscores /= len(batch)
            grads = {"W4": a3.T @ dscores, "b4": dscores.sum(axis=0)}
            dz3 = dscores @ params["W4"].T * ((a3 > 0) if relu and masks[2] else 1)
            grads |= {"W3": flat.T @ dz3, "b3": dz3.sum(axis=0)}
            da2 = dz3 @ params["W3"].T
            da2 = da2.reshape(-1, 2, 2, 32).transpose(0, 3, 1, 2) if last else da2.reshape(-1, 32, 2, 2)
            da1, grads["w2"], grads["b2"] = conv2d_backward(unpooled(da2, pool2) * ((z2 > 0) if masks[1] else 1), conv2)
            _, grads["w1"], grads["b1"] = conv2d_backward(unpooled(da1, pool1) * ((z1 > 0) if masks[0] else 1), conv1)
            for name in grads.keys() - set(frozen):
                velocity[name] = 0.9 * velocity[name] + up * grads[name]
                params[name] = params[name] - 0.05 * velocity[name]
        if chosen is not None and accuracy() > chosen[1]:
            chosen = dict(params), accuracy()
    return chosen or (params, accuracy())


@mistake(train_lenet)
def accuracy_of_lenet_in_percent(X_train, y_train, X_test, y_test, epochs, rng):
    """Your accuracy is in percent: a part, from 0 to 1, is asked for."""
    params, accuracy = train_lenet(X_train, y_train, X_test, y_test, epochs, rng)
    return params, 100 * accuracy


@mistake(train_lenet)
def error_rate_instead_of_accuracy(X_train, y_train, X_test, y_test, epochs, rng):
    """You return the part that comes out wrong: accuracy is the part that comes out right."""
    params, accuracy = train_lenet(X_train, y_train, X_test, y_test, epochs, rng)
    return params, 1 - accuracy


@mistake(train_lenet)
def accuracy_on_the_training_images(X_train, y_train, X_test, y_test, epochs, rng):
    """Your accuracy is that of the training images: the test images are asked for, which the network has not seen."""
    return train_lenet(X_train, y_train, X_train, y_train, epochs, rng)


@mistake(train_lenet)
def trains_on_the_test_images_too(X_train, y_train, X_test, y_test, epochs, rng):
    """You train on the test images as well: your accuracy then says nothing about new ones."""
    X, y = np.concatenate([X_train, X_test]), np.concatenate([y_train, y_test])
    return train_lenet(X, y, X_test, y_test, epochs, rng)


@mistake(train_lenet)
def keeps_the_epoch_with_the_best_test_accuracy(X_train, y_train, X_test, y_test, epochs, rng):
    """You keep the parameters of the epoch that did best on the test part: that trains on it by the back door. Without
    a validation part, take the last epoch."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, best=True)


@mistake(train_lenet)
def averages_in_the_pooling_of_lenet(X_train, y_train, X_test, y_test, epochs, rng):
    """Your pooling takes means: the table asks for max pooling."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, pool="mean")


@mistake(train_lenet)
def leaves_out_the_relu_of_the_hidden_layer(X_train, y_train, X_test, y_test, epochs, rng):
    """Your two dense layers have no ReLU between them: together they are one linear layer."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, relu=False)


@mistake(train_lenet)
def flattens_with_the_channels_last(X_train, y_train, X_test, y_test, epochs, rng):
    """You flatten in the order row, column, channel: W3 is asked for in the order channel, row, column."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, last=True)


@mistake(train_lenet)
def climbs_the_loss_of_lenet(X_train, y_train, X_test, y_test, epochs, rng):
    """Your steps go up the gradient, and the loss grows: look at the sign of the update, or of the gradient by the
    scores."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, up=-1.0)


@mistake(train_lenet)
def skips_the_last_batch_that_is_not_full(X_train, y_train, X_test, y_test, epochs, rng):
    """You skip the last batch if it is not full: with fewer images than a batch holds, nothing is trained at all."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, skip=True)


@mistake(train_lenet)
def takes_labels_in_another_order_than_images(X_train, y_train, X_test, y_test, epochs, rng):
    """Your batches pair images with other images' labels: the order that is drawn for the images has to be applied to
    the labels too."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, paired=False)


@mistake(train_lenet)
def leaves_the_first_relu_out_on_the_way_back(X_train, y_train, X_test, y_test, epochs, rng):
    """Your way back passes the first ReLU as if it were not there: where z1 was not above 0, no gradient goes on."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, masks=(False, True, True))


@mistake(train_lenet)
def leaves_the_second_relu_out_on_the_way_back(X_train, y_train, X_test, y_test, epochs, rng):
    """Your way back passes the second ReLU as if it were not there: where z2 was not above 0, no gradient goes on."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, masks=(True, False, True))


@mistake(train_lenet)
def leaves_the_third_relu_out_on_the_way_back(X_train, y_train, X_test, y_test, epochs, rng):
    """Your way back passes the hidden layer's ReLU as if it were not there: where z3 was not above 0, no gradient goes
    on."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, masks=(True, True, False))


@mistake(train_lenet)
def masks_nothing_on_the_way_back(X_train, y_train, X_test, y_test, epochs, rng):
    """None of the three ReLUs is on your way back: each stops the gradient where its input was not above 0."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, masks=(False, False, False))


@mistake(train_lenet)
def repeats_the_gradient_over_pooled_pixels(X_train, y_train, X_test, y_test, epochs, rng):
    """Your way back through the pooling gives the gradient to all four pixels of a window: only its maximum gets it."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, spread=True)


@mistake(train_lenet)
def starts_lenet_from_tiny_weights(X_train, y_train, X_test, y_test, epochs, rng):
    """Your network hardly learns, for its first weights are too small: after four layers of 0.01 × noise neither the
    image nor the gradient is left. Scale them by the number of inputs of each layer."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, scale=0.01)


@mistake(train_lenet)
def never_updates_the_first_convolution(X_train, y_train, X_test, y_test, epochs, rng):
    """Your first convolution stays as it was drawn: the way back ends before it."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, frozen=("w1", "b1"))


@mistake(train_lenet)
def never_updates_the_biases_of_lenet(X_train, y_train, X_test, y_test, epochs, rng):
    """Your biases stay as they were: they have gradients too, and are trained like the weights."""
    return _train_otherwise(X_train, y_train, X_test, y_test, epochs, rng, frozen=("b1", "b2", "b3", "b4"))


@mistake(train_lenet)
def trains_lenet_one_epoch_too_many(X_train, y_train, X_test, y_test, epochs, rng):
    """You train one epoch more than asked for: epochs = 0 must train nothing."""
    return train_lenet(X_train, y_train, X_test, y_test, epochs + 1, rng)


@mistake(train_lenet)
def draws_lenet_from_a_generator_of_its_own(X_train, y_train, X_test, y_test, epochs, rng):
    """You make a generator of your own, and every run is the same: draw from the rng that comes in."""
    return train_lenet(X_train, y_train, X_test, y_test, epochs, np.random.default_rng(0))
