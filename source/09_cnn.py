# %% [markdown]
r"""
# 09 · Convolutional networks

A convolution is a dense layer with two beliefs about images: neighbours belong together, and what is worth looking for
in one place is worth looking for in all. Interviewers like it because it can be asked at every level: a size to work
out in your head, a forward and a backward pass on the whiteboard, and the question what the beliefs cost where they
are wrong.

**How to work.** As in unit 01, whose introduction has the details: write an answer, run the check cell below it, hand
in with `dlkit submit cnn`, which runs about as many checks again. Concept questions are marked when you hand in. Before
each experiment there is a question: answer it before you run the cell.

The exercises take about five hours, the experiments and questions one more. Do a family at a sitting: sizes and the
convolution itself; pooling; fields and costs; a convolution seen as something else; boxes; LeNet from shapes to
training.

### Conventions

| matter | here | elsewhere |
|---|---|---|
| images | `(N, C, H, W)` | TensorFlow: `(N, H, W, C)` |
| filters | `(F, C, KH, KW)`, with groups `(F, C / groups, KH, KW)`; the bias `b` `(F,)` is always an array | TensorFlow: `(KH, KW, C, F)` |
| convolution | what mathematics calls cross-correlation: the kernel is not flipped | signal processing flips it |
| stride, padding, dilation | integers, the same for height and width; padding is of zeros, on all four sides | PyTorch takes pairs as well |
| sizes | rounded down; where not one window fits, `ValueError` | TensorFlow's “same”: stride 1 keeps the size, stride s gives ceil(n/s) |
| pooling | stride = kernel unless given, no padding; of equal maxima the first, row by row, gets the gradient | |
| cache | what your forward hands to your backward; nobody else looks inside | |
| a multiply-add (MAC) | counts as one | FLOPs: as two |
| dtype, purity | float32 stays float32; no argument is changed | |
| loops | “no Python loop over N, H or W” still allows loops over the few places of a kernel | |

The levels: ★ easy, ★★ medium, ★★★ hard. What an exercise does not rule out is allowed.
"""

# %% role="given" id="setup"
import math
from collections.abc import Callable, Sequence

import numpy as np

from dlkit.check import check, expect, forbid, forbid_loops, forbid_numbers, gradients

# %% [markdown]
r"""
## Sizes

### How many windows fit ★ · 5 min

**Given** the `n` pixels of one axis and a `kernel` that moves along it, **return** how many windows fit, as an integer.

$$ \Bigl\lfloor \frac{n + 2 \cdot \text{padding} - \text{dilation} \cdot (\text{kernel} - 1) - 1}{\text{stride}}
\Bigr\rfloor + 1 $$

- `padding` zeros stand at *each* end, so n grows by twice as many. The default is 0.
- With `dilation` d (default 1) the kernel reads every d-th pixel. A kernel of k then spans d · (k − 1) + 1 pixels.
- The window moves by `stride` (default 1). Pixels that are left at the end, too few for a whole stride, are not seen:
  that is the floor. They are no error.

If not one window fits, that is, if the kernel's span is larger than n + 2 · padding, raise `ValueError`. All arguments
are integers: n, kernel, stride and dilation at least 1, padding at least 0. The result is an integer too, 5 and not
5.0, since it will be a length in a shape. Pooling layers have the same formula.

*Worked number.* 224 pixels, kernel 7, stride 2, padding 3: (224 + 6 − 7) / 2 = 111.5, so 112 windows, and one column of
the padding is never seen. AlexNet's first layer, kernel 11 and stride 4 without padding, has 54 windows on 224 pixels
and 55 on 227: the paper says 224 and 55, which do not go together.

**What the interviewer is after**: can you do this in your head, and do you know what the floor throws away?
**Follow-ups**: which padding keeps the size, for stride 1 and an odd kernel? Which inputs give the same output size at
stride 2, and why does that make trouble for a transposed convolution? What span have three 3-kernels with dilations 1,
2 and 4, one after the other?

<details><summary>Hint 1</summary>The first window starts at 0. Where may the last one start at most? Count the starts:
0, stride, 2 · stride, …</details>
<details><summary>Hint 2</summary><code>//</code> is the floor for integers. It rounds −1/2 to −1, where
<code>int(-1 / 2)</code> is 0: so test first whether the span fits.</details>
"""

# %% role="solve" id="conv_output_size"
from dlkit.reference.cnn import conv_output_size

# %% role="check" id="conv_output_size-check" points=2
with check("a kernel without options, then with padding at both ends"):
    expect(conv_output_size, 32, 5).close(28)
    expect(conv_output_size, 32, 3, padding=1).close(32)
    expect(conv_output_size, 7, 1).close(7)
with check("a stride: what is too short for another one is dropped"):
    expect(conv_output_size, 227, 11, 4).close(55)
    expect(conv_output_size, 224, 11, 4).close(54)
    expect(conv_output_size, 224, 7, 2, 3).close(112)
with check("a dilated kernel spans dilation · (kernel − 1) + 1 pixels"):
    expect(conv_output_size, 32, 3, dilation=2).close(28)
    expect(conv_output_size, 10, 3, 2, 1, 3).close(3)
with check("one window that just fits is 1, one pixel fewer is a ValueError"):
    expect(conv_output_size, 5, 5).close(1)
    expect(conv_output_size, 4, 5).raises(ValueError)
with check("the result is an integer: 5, not 5.0"):
    for args, want in [((11, 3, 2), 5), ((12, 3, 2), 5), ((9, 3, 2, 1), 5), ((5, 5), 1)]:
        size = expect(conv_output_size, *args).close(want)
        size.satisfies(lambda size: np.asarray(size).dtype.kind in "iu", "an integer")
### BEGIN HIDDEN TESTS
with check("ValueError also at stride 2 and more"):
    for args in [(4, 5, 2), (4, 5, 7), (1, 9, 3)]:
        expect(conv_output_size, *args).raises(ValueError)
    expect(conv_output_size, 5, 5, 2).close(1)
    expect(conv_output_size, 9, 9, 3).close(1)
with check("ValueError also with padding: the padded image is what the kernel has to fit into"):
    expect(conv_output_size, 3, 7, 3, 2).close(1)
    expect(conv_output_size, 2, 7, 3, 2).raises(ValueError)
    expect(conv_output_size, 1, 9, 1, 3).raises(ValueError)
with check("ValueError also with dilation: the kernel's span is what has to fit"):
    for args in [(6, 3, 1, 0, 3), (6, 4, 4, 1, 3)]:
        expect(conv_output_size, *args).raises(ValueError)
    for args in [(7, 3, 1, 0, 3), (8, 4, 4, 1, 3)]:
        expect(conv_output_size, *args).close(1)
with check("as many as there are places, counted one by one, for random sizes and options"):
    rng = np.random.default_rng(0)
    for _ in range(60):
        n, kernel, stride, dilation = (int(value) for value in rng.integers(1, (13, 5, 5, 4)))
        padding = int(rng.integers(0, 4))
        places = [i for i in range(0, n + 2 * padding, stride) if i + dilation * (kernel - 1) < n + 2 * padding]
        size = expect(conv_output_size, n, kernel, stride, padding, dilation)
        if places:
            size.close(len(places))
        else:
            size.raises(ValueError)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: four layers in a row

Each question cell asks for one letter or one number. You learn whether it is right when you hand in.
"""

# %% role="question" id="cnn_side_after_four_layers" points=1

# %% [markdown]
r"""
### “Same” padding ★ · 8 min

A convolution with stride 1 should often keep the size; one with stride s should divide it by s, rounded up. **Given**
the `n` pixels of one axis, the `kernel`, the `stride` and the `dilation` (1 unless given), **return** the tuple
`(before, after)` of two integers: the *least* zero padding that gives

$$ o = \Bigl\lceil \frac{n}{\text{stride}} \Bigr\rceil \text{ windows}, \qquad \text{before} + \text{after} =
\max\bigl(0,\ (o - 1) \cdot \text{stride} + \text{dilation} \cdot (\text{kernel} - 1) + 1 - n \bigr) $$

The last of the o windows ends (o − 1) · stride + dilation · (kernel − 1) + 1 pixels from the start, and what the image
is short of that is padded. Half of it stands before the image and half after; where it is odd, the extra one goes
**after**. That is what TensorFlow's `padding="SAME"` does. Where nothing is missing the answer is (0, 0), never
negative.

All arguments are integers, at least 1.

*Worked number.* 224 pixels, kernel 7, stride 2: 112 windows end at 111 · 2 + 7 = 229, so 5 pixels are missing: (2, 3).
With stride 1 a kernel of 3 needs (1, 1), and of 4, (1, 2).

**What the interviewer is after**: do you work from the last window, or recite (k − 1)/2? **Follow-ups**: why are most
kernels odd? PyTorch pads 3 on both sides in the example and also gets 112: which pixels does its first window see, and
what happens when weights trained in one library run in the other? Why does zero padding let a network know where the
border is?

<details><summary>Hint 1</summary>Start from how many windows there shall be. Where does the first pixel of the last
window stand, and where its last one?</details>
<details><summary>Hint 2</summary>The ceiling in integers: <code>-(-n // stride)</code>, or
<code>(n + stride - 1) // stride</code>.</details>
<details><summary>Hint 3</summary>With the missing pixels in <code>missing</code>, before is <code>missing // 2</code>
and after is the rest.</details>
"""

# %% role="solve" id="same_padding"
from dlkit.reference.cnn import same_padding

# %% role="check" id="same_padding-check" points=2
with check("stride 1 and an odd kernel: the same on both sides"):
    expect(same_padding, 5, 3).close((1, 1))
    expect(same_padding, 28, 5).close((2, 2))
    expect(same_padding, 9, 1).close((0, 0))
with check("an odd number is missing: the extra one goes after"):
    expect(same_padding, 5, 4).close((1, 2))
    expect(same_padding, 224, 7, 2).close((2, 3))
with check("a stride: only what the last window is short of"):
    expect(same_padding, 6, 3, 2).close((0, 1))
    expect(same_padding, 5, 3, stride=2).close((1, 1))
    expect(same_padding, 12, 5, 3).close((1, 1))
with check("a dilated kernel spans more, so more is missing"):
    expect(same_padding, 8, 3, dilation=2).close((2, 2))
    expect(same_padding, 8, 3, 2, 2).close((1, 2))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("nothing is missing: (0, 0), never negative"):
    for args in [(6, 1, 2), (8, 2, 4), (12, 3, 5), (4, 2, 2), (9, 2, 4)]:
        expect(same_padding, *args).close(reference.same_padding(*args))
with check("the least number of zeros with which ceil(n / stride) windows fit, found by trying"):
    rng = np.random.default_rng(0)
    for _ in range(40):
        n, kernel, stride, dilation = (int(value) for value in rng.integers(1, (14, 6, 5, 4)))
        span, least = dilation * (kernel - 1) + 1, 0
        while (n + least - span) // stride + 1 < math.ceil(n / stride):
            least += 1
        expect(same_padding, n, kernel, stride, dilation).close((least // 2, least - least // 2))
with check("kernels larger than the image, and images of one pixel"):
    for args in [(1, 5), (2, 7, 1, 3), (1, 4, 3), (3, 8, 2), (1, 1, 1, 9)]:
        expect(same_padding, *args).close(reference.same_padding(*args))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: all shapes agree
"""

# %% role="question" id="cnn_same_padding_ported" points=1

# %% [markdown]
r"""
## Convolution

### Convolution by its definition ★★ · 12 min

**Given** images `x` of shape `(N, C, H, W)`, filters `w` of shape `(F, C, KH, KW)` and biases `b` of shape `(F,)`,
**return** `out` of shape `(N, F, OH, OW)`. Lay a filter over a window of the image, multiply number by number, add
everything up, add the bias; then move on by `stride` (default 1):

$$ \text{out}_{nfij} = b_f + \sum_{c=0}^{C-1} \sum_{k=0}^{KH-1} \sum_{l=0}^{KW-1}
x^{\text{pad}}_{n,\, c,\, i \cdot \text{stride} + k,\, j \cdot \text{stride} + l} \; w_{fckl} $$

$x^{\text{pad}}$ is x with `padding` (default 0) rows and columns of zeros on **all four** sides. The sizes are those of
the first exercise, for each axis on its own:

$$ OH = \Bigl\lfloor \frac{H + 2 \cdot \text{padding} - KH}{\text{stride}} \Bigr\rfloor + 1, \qquad
OW = \Bigl\lfloor \frac{W + 2 \cdot \text{padding} - KW}{\text{stride}} \Bigr\rfloor + 1 $$

The filter is **not** flipped. Mathematics flips it and calls this one cross-correlation; deep learning calls it
convolution, and lets training find the filter whichever way round.

- Write it with plain loops: this is the definition, which the fast version is held to. Loops over anything are fine
  here, and so is a solution without them.
- Images and kernels need not be square. If no window fits, in height or in width, raise `ValueError`.
- float32 in all three arrays gives float32. Integers give the right values, also integer pixels with filters that are
  floats. No argument is changed.

*Worked number.* x is one image of one channel, [[1, 2, 3], [4, 5, 6], [7, 8, 9]], w one filter [[1, 2], [0, −1]], and
b = 10. The first window gives 1 + 2 · 2 + 0 · 4 − 5 = 0, and out is [[10, 12], [16, 18]]. With padding 1 and stride 2
it is [[9, 7], [11, 18]].

**What the interviewer is after**: six indices kept apart, under time pressure: which of them the output has, and which
are summed over. **Follow-ups**: how many multiplications is that? Why does it not matter to training that the filter is
not flipped, and when would it matter? How many parameters would a dense layer between the same shapes have? What
does “equivariant to translation” mean here, and what do stride and padding do to it?

<details><summary>Hint 1</summary>Four loops over the output: image, filter, row, column. Pad with
<code>np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))</code>: only the last two axes.</details>
<details><summary>Hint 2</summary>The window of place i, j starts at row <code>i * stride</code> and column
<code>j * stride</code> of the padded image. It is a block of shape <code>(C, KH, KW)</code>, as the filter
is.</details>
<details><summary>Hint 3</summary>Make the result with <code>np.zeros(shape, np.result_type(x, w, b))</code>, and
compute and test OH and OW before you do so.</details>
"""

# %% role="solve" id="conv2d_naive"
from dlkit.reference.cnn import conv2d_naive

# %% role="check" id="conv2d_naive-check" points=4
with check("one channel and one filter, worked by hand: the filter is not flipped"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w, b = np.array([[[[1.0, 2.0], [0.0, -1.0]]]]), np.array([10.0])
    expect(conv2d_naive, x, w, b).close(np.array([[[[10.0, 12.0], [16.0, 18.0]]]]))
with check("summed over the channels, each filter has its own bias"):
    x = np.array([[[[1.0, 2.0, 3.0]], [[10.0, 20.0, 40.0]], [[0.0, 1.0, 0.0]]]])
    w = np.array([[[[1.0, 2.0]], [[1.0, 0.0]], [[0.0, 1.0]]], [[[0.0, 0.0]], [[-1.0, 1.0]], [[7.0, 0.0]]]])
    expect(conv2d_naive, x, w, np.array([100.0, -3.0])).close(np.array([[[[116.0, 128.0]], [[7.0, 24.0]]]]))
with check("zeros on all four sides, and a stride in both directions"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w, b = np.array([[[[1.0, 2.0], [0.0, -1.0]]]]), np.array([10.0])
    expect(conv2d_naive, x, w, b, stride=2, padding=1).close(np.array([[[[9.0, 7.0], [11.0, 18.0]]]]))
    expect(conv2d_naive, x, w, b, 2).close(np.array([[[[10.0]]]]))
with check("two images that are not square: heights and widths are not confused, what is left over is dropped"):
    x = np.arange(24.0).reshape(2, 1, 2, 6)
    w, b = np.array([[[[1.0, 0.0, 0.0], [0.0, 0.0, 100.0]]]]), np.array([0.5])
    want = np.array([[[[800.5, 1002.5]]], [[[2012.5, 2214.5]]]])
    expect(conv2d_naive, x, w, b, 2).close(want)
    x, w = x.transpose(0, 1, 3, 2), w.transpose(0, 1, 3, 2)
    expect(conv2d_naive, x, w, b, 2).close(want.transpose(0, 1, 3, 2))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("random shapes, strides and paddings: odd sizes, 1 × 1 and oblong kernels, all lengths equal"):
    rng = np.random.default_rng(0)
    for x_shape, w_shape, stride, padding in [
        ((2, 3, 5, 7), (2, 3, 3, 3), 1, 1),
        ((1, 2, 6, 5), (3, 2, 1, 1), 2, 0),
        ((2, 1, 7, 4), (1, 1, 2, 3), 3, 2),
        ((3, 3, 3, 3), (3, 3, 3, 3), 1, 1),
        ((1, 4, 5, 5), (2, 4, 5, 1), 2, 0),
        ((1, 1, 1, 1), (1, 1, 3, 3), 1, 1),
    ]:
        x, w, b = rng.normal(0, 1, x_shape), rng.normal(0, 1, w_shape), rng.normal(0, 1, w_shape[0])
        expect(conv2d_naive, x, w, b, stride, padding).close(reference.conv2d_naive(x, w, b, stride, padding))
with check("no window fits, in height or in width: ValueError, and one that just fits is computed"):
    x, b = np.arange(12.0).reshape(1, 1, 3, 4), np.array([1.0])
    expect(conv2d_naive, x, np.ones((1, 1, 3, 4)), b).close(np.array([[[[67.0]]]]))
    expect(conv2d_naive, x, np.ones((1, 1, 5, 6)), b, 1, 1).close(np.array([[[[67.0]]]]))
    expect(conv2d_naive, x, np.ones((1, 1, 4, 2)), b).raises(ValueError)
    expect(conv2d_naive, x, np.ones((1, 1, 2, 5)), b).raises(ValueError)
    expect(conv2d_naive, x, np.ones((1, 1, 6, 1)), b, 2, 1).raises(ValueError)
    expect(conv2d_naive, x, np.ones((1, 1, 1, 7)), b, 3, 1).raises(ValueError)
with check("float32 stays float32"):
    rng = np.random.default_rng(1)
    x, w, b = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(2, 2, 4, 3), (3, 2, 2, 2), (3,)])
    for stride, padding in [(1, 0), (2, 1)]:
        want = reference.conv2d_naive(x, w, b, stride, padding)
        expect(conv2d_naive, x, w, b, stride, padding).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers give the right values, with float filters too, and no argument is changed"):
    rng = np.random.default_rng(2)
    x, w, b = rng.integers(-9, 9, (2, 2, 3, 4)), rng.integers(-9, 9, (2, 2, 2, 3)), np.array([3, -5])
    for filters, bias in [(w, b), (w / 8, b / 4), (1.0 * w, b)]:
        want = reference.conv2d_naive(1.0 * x, filters, bias, 1, 1)
        expect(conv2d_naive, x, filters, bias, 1, 1).close(want).unchanged()
        expect(conv2d_naive, 1.0 * x, filters, bias, 1, 1).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### im2col: every window as a row ★★ · 15 min

The loops of the definition are slow, a matrix product is fast. So copy every window into a row of a matrix; then all
dot products of windows and filters are one product of two matrices.

**Given** images `x` of shape `(N, C, H, W)`, the kernel's height `kh` and width `kw`, `stride` (default 1) and zero
`padding` (default 0), **return** the matrix of shape `(N·OH·OW, C·KH·KW)` of all windows:

$$ \text{cols}\bigl[(n \cdot OH + i) \cdot OW + j,\ (c \cdot KH + k) \cdot KW + l\bigr] =
x^{\text{pad}}_{n,\, c,\, i \cdot \text{stride} + k,\, j \cdot \text{stride} + l} $$

In words: a row for each place, in the order n, oh, ow; the columns in the order c, kh, kw; the last of each runs
fastest. OH and OW are those of the convolution. Then
`im2col(x, KH, KW) @ w.reshape(F, C * KH * KW).T + b` has the convolution's outputs, a row for each place.

- No Python loop over images, rows or columns of pixels (N, H, W, and so OH, OW). The checks read your code: they find the
  usual loops, not every one. A loop over the *kernel's* positions is fine. Numpy's window views are allowed.
- If no window fits, in height or in width, raise `ValueError`.
- The values are copies of pixels: float32 stays float32, integers keep their values. x is not changed.

*Worked number.* For the image [[1, 2, 3], [4, 5, 6], [7, 8, 9]] and a 2 × 2 kernel the rows are [1, 2, 4, 5],
[2, 3, 5, 6], [4, 5, 7, 8] and [5, 6, 8, 9]. A layer 56 × 56 with 64 channels and 3 × 3 kernels, padded by 1, has
200,704 numbers in an image and 1,806,336 in its matrix: nine times as many.

**What the interviewer is after**: exact order of axes, and thinking in slices: all pixels that stand at one place of
their windows are one strided slice of the image. **Follow-ups**: how large is the matrix compared with the image, and
what does that do to memory in training? What do libraries do instead (implicit GEMM, Winograd, FFT), and when does each
pay? For which kernel is im2col nothing but a transpose? Why can numpy show all windows without copying, and why does
the reshape copy them after all?

<details><summary>Hint 1</summary>Loop over the kernel's places k, l only. The pixels at place k, l of all windows are
<code>xp[:, :, k : k + stride * OH : stride, l : l + stride * OW : stride]</code>, of shape
<code>(N, C, OH, OW)</code>.</details>
<details><summary>Hint 2</summary>Collect these slices in an array with six axes, one for each of n, oh, ow, c, kh, kw,
in this order. Only then reshape to two.</details>
<details><summary>Hint 3</summary>A slice has its channels in axis 1, where the array wants them behind oh and ow:
<code>cols[..., k, l] = pixels.transpose(0, 2, 3, 1)</code>.</details>
"""

# %% role="solve" id="im2col"
from dlkit.reference.cnn import im2col

# %% role="check" id="im2col-check" points=4
with check("one image, one channel, worked by hand: a row for each window"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    want = [[1.0, 2.0, 4.0, 5.0], [2.0, 3.0, 5.0, 6.0], [4.0, 5.0, 7.0, 8.0], [5.0, 6.0, 8.0, 9.0]]
    expect(im2col, x, 2, 2).close(np.array(want))
with check("columns in the order c, kh, kw, a kernel that is not square"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]]])
    expect(im2col, x, 1, 2).close(
        np.array([[1.0, 2.0, 10.0, 20.0], [2.0, 3.0, 20.0, 30.0], [4.0, 5.0, 40.0, 50.0], [5.0, 6.0, 50.0, 60.0]])
    )
    want = [[1.0, 4.0, 10.0, 40.0], [2.0, 5.0, 20.0, 50.0], [3.0, 6.0, 30.0, 60.0]]
    expect(im2col, x, 2, 1).close(np.array(want))
with check("rows in the order n, oh, ow, stride 2 and a border of zeros"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], [[[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]]])
    rows = [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 2.0, 3.0], [0.0, 4.0, 0.0, 0.0], [5.0, 6.0, 0.0, 0.0]]
    expect(im2col, x, 2, 2, stride=2, padding=1).close(np.array(rows + [[10 * value for value in row] for row in rows]))
with check("no Python loop over images, rows or columns of pixels", weight=3):
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (5, 2, 4, 3))
    want = [x[n, :, i : i + 3, j : j + 2].ravel() for n in range(5) for i in range(2) for j in range(2)]
    expect(im2col, x, 3, 2).close(np.array(want))
    forbid_loops(im2col, over="x", axes=(0, 2, 3))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("a product with the filters is the convolution: random shapes, strides, paddings"):
    rng = np.random.default_rng(1)
    for x_shape, (kh, kw), stride, padding in [
        ((2, 3, 5, 7), (3, 3), 1, 1),
        ((3, 2, 6, 5), (1, 1), 2, 0),
        ((2, 1, 7, 4), (2, 3), 3, 2),
        ((3, 3, 3, 3), (3, 3), 1, 1),
        ((1, 4, 5, 6), (5, 1), 2, 0),
        ((4, 2, 1, 1), (1, 1), 1, 0),
    ]:
        x, w = rng.normal(0, 1, x_shape), rng.normal(0, 1, (2, x_shape[1], kh, kw))
        out = reference.conv2d_naive(x, w, np.zeros(2), stride, padding).transpose(0, 2, 3, 1).reshape(-1, 2)
        cols = expect(im2col, x, kh, kw, stride, padding).close(reference.im2col(x, kh, kw, stride, padding))
        cols.satisfies(
            lambda cols, w=w, out=out: np.allclose(cols @ w.reshape(2, -1).T, out),
            "times the filters, it is the convolution",
        )
with check("adjoint to col2im: the inner product of cols and im2col(x) is that of col2im(cols) and x"):
    rng = np.random.default_rng(2)
    for shape, kh, kw, stride, padding in [((2, 3, 5, 4), 3, 2, 1, 1), ((3, 2, 6, 6), 2, 2, 3, 0)]:
        x = rng.normal(0, 1, shape)
        want = reference.im2col(x, kh, kw, stride, padding)
        cols = rng.normal(0, 1, want.shape)
        total = (reference.col2im(cols, shape, kh, kw, stride, padding) * x).sum()
        answer = expect(im2col, x, kh, kw, stride, padding).close(want)
        answer.satisfies(
            lambda ours, cols=cols, total=total: np.isclose((ours * cols).sum(), total),
            "the inner product with cols is that of col2im(cols) with x",
        )
with check("no window fits, in height or in width: ValueError, and one that just fits is one row"):
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    expect(im2col, x, 3, 4).close(np.arange(12.0).reshape(1, 12))
    expect(im2col, x, 5, 6, 3, 1).close(np.pad(x[0, 0], 1).reshape(1, 30))
    for kh, kw, stride, padding in [(4, 2, 1, 0), (2, 5, 1, 0), (6, 1, 2, 1), (1, 7, 3, 1)]:
        expect(im2col, x, kh, kw, stride, padding).raises(ValueError)
with check("float32 stays float32, integers are right, and x is left alone"):
    rng = np.random.default_rng(3)
    x = rng.integers(-9, 9, (2, 2, 3, 4))
    for stride, padding in [(1, 0), (2, 1)]:
        want = reference.im2col(x, 2, 3, stride, padding)
        expect(im2col, x, 2, 3, stride, padding).close(want).unchanged()
        single = expect(im2col, x.astype(np.float32), 2, 3, stride, padding)
        single.close(want).unchanged().dtype(np.float32)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### col2im: every row back to its window ★★ · 15 min

im2col copies a pixel into every window that it is in. On the way back the gradients of all these copies are added up,
which is what col2im does.

**Given** `cols` of shape `(N·OH·OW, C·KH·KW)`, in the order of im2col (rows n, oh, ow; columns c, kh, kw), the shape
`x_shape` = (N, C, H, W) of the images, the kernel's height `kh` and width `kw`, `stride` and `padding` (1 and 0 unless
given), **return** an array of shape `x_shape`: add every row to the pixels that its window covers.

$$ \text{dx}_{nchw} = \sum_{\substack{i,\, k:\ i \cdot \text{stride} + k = h + \text{padding} \\
j,\, l:\ j \cdot \text{stride} + l = w + \text{padding}}}
\text{cols}\bigl[(n \cdot OH + i) \cdot OW + j,\ (c \cdot KH + k) \cdot KW + l\bigr] $$

That is the *adjoint* (the transpose) of im2col: for every x and cols,

$$ \sum \text{im2col}(x) \odot \text{cols} = \sum x \odot \text{col2im}(\text{cols}) $$

It is no inverse: a pixel in four windows comes back four times as large.

- What falls on the padding is dropped. Pixels that no window covers get 0.
- No Python loop over images, rows or columns of pixels (N, H, W, and so OH, OW), nor over the rows of `cols`.
  A loop over the *kernel's* positions is fine.
- float32 stays float32, integers give the right values, and `cols` is not changed. Only sizes that fit are given.

*Worked number.* Four rows of ones, for a 3 × 3 image and a 2 × 2 kernel, count the windows over each pixel:
[[1, 2, 1], [2, 4, 2], [1, 2, 1]]. The matrix of the last exercise comes back as [[1, 4, 3], [8, 20, 12], [7, 16, 9]].

**What the interviewer is after**: do you add where windows overlap? Assigning instead is the usual bug, and no shape
betrays it. **Follow-ups**: when is col2im(im2col(x)) = x? Why does fancy indexing with `+=` lose values, and what does
`np.add.at` do about it? How is this a transposed convolution? Why is the adjoint of a copy a sum?

<details><summary>Hint 1</summary>Read your im2col from the last line to the first, and turn every step around: reshape
back to six axes, turn the axes back, and replace the copy out of a slice by an addition into it.</details>
<details><summary>Hint 2</summary>Start from an array of zeros in the <em>padded</em> size. For each place k, l of the
kernel add to <code>[:, :, k : k + stride * OH : stride, l : l + stride * OW : stride]</code>: within one such slice no
pixel comes twice.</details>
<details><summary>Hint 3</summary>Cut the border off at the end with <code>padding : padding + H</code>. With
<code>padding : -padding</code> nothing is left where padding is 0.</details>
"""

# %% role="solve" id="col2im"
from dlkit.reference.cnn import col2im

# %% role="check" id="col2im-check" points=4
with check("rows of ones count the windows over each pixel"):
    expect(col2im, np.ones((4, 4)), (1, 1, 3, 3), 2, 2).close(
        np.array([[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]])
    )
    expect(col2im, np.ones((4, 2)), (1, 1, 2, 3), 1, 2).close(np.array([[[[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]]]))
with check("two overlapping windows of two channels, worked by hand"):
    cols = np.array([[1.0, 2.0, 10.0, 20.0], [3.0, 4.0, 30.0, 40.0]])
    expect(col2im, cols, (1, 2, 1, 3), 1, 2).close(np.array([[[[1.0, 5.0, 4.0]], [[10.0, 50.0, 40.0]]]]))
    cols = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    expect(col2im, cols, (2, 1, 2, 2), 2, 2).close(np.array([[[[1.0, 2.0], [3.0, 4.0]]], [[[5.0, 6.0], [7.0, 8.0]]]]))
with check("what fell on the padding is dropped, and pixels without a window get 0"):
    cols = np.arange(1.0, 9.0).reshape(2, 4)
    expect(col2im, cols, (1, 1, 1, 3), 2, 2, stride=2, padding=1).close(np.array([[[[4.0, 7.0, 8.0]]]]))
    expect(col2im, cols, (1, 1, 2, 6), 2, 2, 3).close(
        np.array([[[[1.0, 2.0, 0.0, 5.0, 6.0, 0.0], [3.0, 4.0, 0.0, 7.0, 8.0, 0.0]]]])
    )
with check("adjoint to cutting windows: the two inner products are equal"):
    rng = np.random.default_rng(0)
    x, cols = rng.normal(0, 1, (2, 2, 3, 4)), rng.normal(0, 1, (12, 8))
    cut = np.array([x[n, :, i : i + 2, j : j + 2].ravel() for n in range(2) for i in range(2) for j in range(3)])
    total = (cut * cols).sum()
    expect(col2im, cols, (2, 2, 3, 4), 2, 2).satisfies(
        lambda dx, x=x, total=total: np.shape(dx) == x.shape and np.isclose((dx * x).sum(), total),
        f"the sum over x · dx is {total:.6g}",
    )
with check("no Python loop over the rows of cols", weight=3):
    cols = np.arange(24.0).reshape(6, 4)
    expect(col2im, cols, (3, 2, 1, 3), 1, 2).close(
        np.array(
            [
                [[[0.0, 5.0, 5.0]], [[2.0, 9.0, 7.0]]],
                [[[8.0, 21.0, 13.0]], [[10.0, 25.0, 15.0]]],
                [[[16.0, 37.0, 21.0]], [[18.0, 41.0, 23.0]]],
            ]
        )
    )
    forbid_loops(col2im, over="cols")
    forbid_loops(col2im, over="x_shape", axes=(0, 2, 3))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("random shapes, strides and paddings: odd sizes, 1 × 1 and oblong kernels, all lengths equal"):
    rng = np.random.default_rng(1)
    for shape, kh, kw, stride, padding in [
        ((2, 3, 5, 7), 3, 3, 1, 1),
        ((3, 2, 6, 5), 1, 1, 2, 0),
        ((2, 1, 7, 4), 2, 3, 3, 2),
        ((3, 3, 3, 3), 3, 3, 1, 1),
        ((1, 4, 5, 6), 5, 1, 2, 0),
        ((2, 2, 5, 3), 5, 3, 1, 0),
    ]:
        cols = rng.normal(0, 1, reference.im2col(np.zeros(shape), kh, kw, stride, padding).shape)
        want = reference.col2im(cols, shape, kh, kw, stride, padding)
        expect(col2im, cols, shape, kh, kw, stride, padding).close(want)
with check("no inverse: of im2col(x) it makes x times the number of windows over each pixel"):
    rng = np.random.default_rng(2)
    for shape, kh, kw, stride, padding in [((2, 2, 4, 5), 3, 2, 1, 1), ((1, 3, 6, 6), 3, 3, 2, 0)]:
        x = rng.normal(0, 1, shape)
        windows = reference.col2im(reference.im2col(np.ones(shape), kh, kw, stride, padding), shape, kh, kw, stride,
                                   padding)  # fmt: skip
        cols = reference.im2col(x, kh, kw, stride, padding)
        expect(col2im, cols, shape, kh, kw, stride, padding).close(x * windows)
with check("adjoint to im2col with stride and padding: the two inner products are equal"):
    rng = np.random.default_rng(3)
    for shape, kh, kw, stride, padding in [((2, 3, 5, 4), 3, 2, 1, 1), ((3, 2, 6, 7), 2, 3, 2, 2)]:
        x = rng.normal(0, 1, shape)
        cut = reference.im2col(x, kh, kw, stride, padding)
        cols = rng.normal(0, 1, cut.shape)
        total = (cut * cols).sum()
        expect(col2im, cols, shape, kh, kw, stride, padding).satisfies(
            lambda dx, x=x, total=total: np.shape(dx) == x.shape and np.isclose((dx * x).sum(), total),
            f"the sum over x · dx is {total:.6g}",
        )
with check("float32 stays float32, integers are right, and cols is left alone"):
    rng = np.random.default_rng(4)
    for stride, padding, rows in [(1, 0, 8), (2, 1, 8)]:
        cols = rng.integers(-9, 9, (rows, 12))
        want = reference.col2im(cols, (2, 2, 3, 4), 2, 3, stride, padding)
        expect(col2im, cols, (2, 2, 3, 4), 2, 3, stride, padding).close(want).unchanged()
        single = expect(col2im, cols.astype(np.float32), (2, 2, 3, 4), 2, 3, stride, padding)
        single.close(want).unchanged().dtype(np.float32)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
**Why the adjoint.** `im2col` is linear: it is a matrix that copies pixels. Backpropagation through a linear map is its
transpose, and the transpose of copying is adding up. That is why `col2im` *adds*, and why it is no inverse. With these
two the convolution is a dense layer on windows, and you know the gradients of a dense layer.
"""

# %% [markdown]
r"""
### The convolution layer, forwards and backwards ★★ + ★★★ · 40 min

Now the layer as libraries have it: fast, with dilation and groups, and with its gradients. Write both functions here.

**Given** images `x` of shape `(N, C, H, W)`, filters `w` of shape `(F, C / groups, KH, KW)` and biases `b` of shape
`(F,)`, `conv2d_forward` **returns** `(out, cache)`, with `out` of shape `(N, F, OH, OW)`:

$$ \text{out}_{nfij} = b_f + \sum_{c=0}^{C/\text{groups}-1} \sum_{k=0}^{KH-1} \sum_{l=0}^{KW-1}
x^{\text{pad}}_{n,\ c_0 + c,\ i \cdot \text{stride} + k \cdot \text{dilation},\ j \cdot \text{stride} + l \cdot
\text{dilation}} \; w_{fckl}, \qquad c_0 = \Bigl\lfloor \frac{f}{F/\text{groups}} \Bigr\rfloor \cdot
\frac{C}{\text{groups}} $$

$$ OH = \Bigl\lfloor
\frac{H + 2 \cdot \text{padding} - \text{dilation} \cdot (KH - 1) - 1}{\text{stride}} \Bigr\rfloor + 1, \qquad
OW \text{ likewise} $$

| option | default | what it does |
|---|---|---|
| `stride` | 1 | the step from one window to the next |
| `padding` | 0 | rows and columns of zeros on all four sides |
| `dilation` | 1 | the step from one pixel of a window to the next |
| `groups` | 1 | channels and filters are cut into as many runs of *consecutive* ones; filters of run g see only the channels of run g |

With one group $c_0 = 0$: every filter sees all channels. With groups = C each channel has filters of its own, a
*depthwise* convolution.

**Given** `dout` = ∂L/∂out, of shape `(N, F, OH, OW)`, and the `cache` of any options, `conv2d_backward` **returns** the
tuple `(dx, dw, db)`, with the shapes of x, w and b. Each output is a sum of products, so each of its factors gets dout
times the other factor:

$$ \text{db}_f = \sum_{n,i,j} \text{dout}_{nfij}, \qquad
\text{dw}_{fckl} = \sum_{n,i,j} \text{dout}_{nfij}\; x^{\text{pad}}_{n,\ c_0 + c,\ i \cdot \text{stride} + k \cdot
\text{dilation},\ j \cdot \text{stride} + l \cdot \text{dilation}} $$

and dx adds $\text{dout}_{nfij} \cdot w_{fckl}$ to the very pixel that stood there in the forward pass, for all n, f, i, j,
c, k, l. What falls on the padding is dropped, and pixels that no window saw get 0.

What the cache holds is yours to choose; nobody but your backward looks inside. Get the forward right first: the checks
of the backward hand it the cache of your forward.

The rest of what is asked:

- No Python loop over images, rows or columns of pixels (N, H, W, and so OH, OW) in either function. The checks find
  the usual ones, not every one. Loops over kernel positions and over groups are fine.
- `ValueError` if no window fits, in height or in width; if C is not groups times the filters' channels; or if groups
  does not divide F.
- If all that is given is float32, so are out and the three gradients. Integers in x give the right values, gradients
  too.
- No argument is changed. The same cache may be used twice.

*Worked number.* x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], w = [[1, 2], [0, −1]] and b = 10, one image, channel and filter,
give out = [[10, 12], [16, 18]]. For dout = [[1, 0], [0, 2]] dx is [[1, 2, 0], [0, 1, 4], [0, 0, −2]], since the middle
pixel gets −1 from the first window and 2 · 1 from the last; dw is [[11, 14], [20, 23]] and db is 3.

Dilation 2 lets [1, 10, 100] see every other pixel of [1, 2, 3, 4, 5]: 1 + 30 + 500 = 531. Four channels 1, 2, 3, 4 of
one pixel, and two filters [1, 10] in two groups, give 21 and 43.

*A test of your own.* The layer is linear in x, and for b = 0 the sums $\sum \text{out} \odot \text{dout}$,
$\sum x \odot \text{dx}$ and $\sum w \odot \text{dw}$ are the same number.

**What the interviewer is after**: that backpropagation through a convolution is no new rule. Seen as a matrix product
of filters and windows it is a dense layer, and what is left is to add the windows' gradients back where they overlap.
**Follow-ups**: show that dx, for stride 1, is itself a convolution of dout with the flipped filters: with which
padding? What does a stride do to dout in that picture? How many multiplications have forward and backward together, in
forwards? What would you cache to save memory? What do groups save, and why does a depthwise layer not run as much
faster as its count of operations says?

<details><summary>Hint 1</summary>Forward: loop over the kernel's places k, l. The pixels there of all windows are one
slice of the padded images, from <code>k * dilation</code> in steps of stride. Collect the slices in an array
<code>(N, C, KH, KW, OH, OW)</code>.</details>
<details><summary>Hint 2</summary>Reshape it to <code>(N, groups, K, P)</code>, with K = C/groups · KH · KW and P = OH ·
OW: channels come first, so this cuts them into consecutive runs. Filters are <code>(groups, F / groups, K)</code>.
Numpy's <code>@</code> multiplies the last two axes and broadcasts the ones before.</details>
<details><summary>Hint 3</summary>Backward, for one image and one group, with dout as (F / groups, P): dfilters is
dout @ cols.T, to be summed over the images, and dcols is filters.T @ dout. Both are those of a dense layer.</details>
<details><summary>Hint 4</summary>From dcols to dx: zeros in the padded size, then the same loop over k, l with the same
slices, now with <code>+=</code> into the slice. Cut the border off with <code>padding : padding + H</code>.</details>
"""

# %% role="solve" id="conv2d_forward"
from dlkit.reference.cnn import conv2d_forward, conv2d_backward

# %% role="check" id="conv2d_forward-check" points=10
with check("forward: one filter worked by hand, stride 2 with padding 1"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w, b = np.array([[[[1.0, 2.0], [0.0, -1.0]]]]), np.array([10.0])
    expect(conv2d_forward, x, w, b).part(0).close(np.array([[[[10.0, 12.0], [16.0, 18.0]]]]))
    expect(conv2d_forward, x, w, b, 2, 1).part(0).close(np.array([[[[9.0, 7.0], [11.0, 18.0]]]]))
with check("forward: dilation and groups worked by hand"):
    x, w = np.array([[[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]])
    expect(conv2d_forward, x, w, np.zeros(1), dilation=2).part(0).close(np.array([[[[531.0, 642.0]]]]))
    x, w = np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1), np.array([1.0, 10.0, 1.0, 10.0]).reshape(2, 2, 1, 1)
    expect(conv2d_forward, x, w, np.zeros(2), groups=2).part(0).close(np.array([[[[21.0]], [[43.0]]]]))
with check("forward: equals the definition in loops, on two images of three channels"):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(0, 1, (2, 3, 5, 4)), rng.normal(0, 1, (2, 3, 2, 3)), np.array([5.0, -5.0])
    for stride, padding in [(1, 0), (1, 1), (2, 1)]:
        xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        oh, ow = (3 + 2 * padding) // stride + 1, (1 + 2 * padding) // stride + 1
        want = np.empty((2, 2, oh, ow))
        for n, f, i, j in np.ndindex(want.shape):
            window = xp[n, :, i * stride : i * stride + 2, j * stride : j * stride + 3]
            want[n, f, i, j] = (window * w[f]).sum() + b[f]
        expect(conv2d_forward, x, w, b, stride, padding).part(0).close(want)
with check("forward: ValueError where no window fits, and where channels or filters do not fit the groups"):
    x, b = np.arange(12.0).reshape(1, 2, 2, 3), np.array([1.0, 2.0])
    want = np.array([[[[16.0]], [[53.0]]]])
    expect(conv2d_forward, x, np.ones((2, 1, 2, 3)), b, groups=2).part(0).close(want)
    expect(conv2d_forward, x, np.ones((2, 2, 3, 1)), b).raises(ValueError)
    expect(conv2d_forward, x, np.ones((2, 1, 1, 4)), b, groups=2).raises(ValueError)
    expect(conv2d_forward, x, np.ones((2, 2, 1, 1)), b, groups=2).raises(ValueError)
    expect(conv2d_forward, x, np.ones((3, 1, 1, 1)), np.ones(3), groups=2).raises(ValueError)
with check("backward: db, one number for each filter"):
    x, w = np.arange(24.0).reshape(2, 1, 3, 4), np.ones((3, 1, 2, 3))
    out, cache = expect(conv2d_forward, x, w, np.zeros(3)).value
    dout = np.arange(24.0).reshape(2, 3, 2, 2) - 4
    expect(conv2d_backward, dout, cache).part(2).close(np.array([28.0, 60.0, 92.0]))
with check("backward: dw worked by hand, with one image and with two"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w, b, dout = np.array([[[[1.0, 2.0], [0.0, -1.0]]]]), np.array([10.0]), np.array([[[[1.0, 0.0], [0.0, 2.0]]]])
    out, cache = expect(conv2d_forward, x, w, b).value
    expect(conv2d_backward, dout, cache).part(1).close(np.array([[[[11.0, 14.0], [20.0, 23.0]]]]))
    out, cache = expect(conv2d_forward, np.concatenate([x, x - 3]), w, b).value
    expect(conv2d_backward, np.concatenate([dout, dout]), cache).part(1).close(
        np.array([[[[13.0, 19.0], [31.0, 37.0]]]])
    )
with check("backward: dx worked by hand, added up where windows overlap, with stride and padding too"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w, b = np.array([[[[1.0, 2.0], [0.0, -1.0]]]]), np.array([10.0])
    out, cache = expect(conv2d_forward, x, w, b).value
    dx = np.array([[[[1.0, 2.0, 0.0], [0.0, 1.0, 4.0], [0.0, 0.0, -2.0]]]])
    expect(conv2d_backward, np.array([[[[1.0, 0.0], [0.0, 2.0]]]]), cache).part(0).close(dx)
    out, cache = expect(conv2d_forward, x, w, b, stride=2, padding=1).value
    dx = np.array([[[[-1.0, 0.0, -3.0], [4.0, 7.0, 14.0], [-2.0, 0.0, -7.0]]]])
    expect(conv2d_backward, np.array([[[[1.0, 3.0], [2.0, 7.0]]]]), cache).part(0).close(dx)
with check("backward: dx and dw agree with finite differences of the definition, number by number"):
    rng = np.random.default_rng(1)
    x, w, dout = rng.normal(0, 1, (2, 2, 3, 4)), rng.normal(0, 1, (3, 2, 2, 2)), rng.normal(0, 1, (2, 3, 2, 3))

    def definition(x, w):
        places = [(i, j) for i in range(2) for j in range(3)]
        outs = [np.tensordot(x[:, :, i : i + 2, j : j + 2], w, ([1, 2, 3], [1, 2, 3])) for i, j in places]
        return np.array(outs).transpose(1, 2, 0).reshape(len(x), len(w), 2, 3)

    # linear in x and in w: the difference for a step of 1 is exact, and all steps can be made at once
    by_pixel = definition(np.eye(24).reshape(24, 2, 3, 4), w)
    dx = np.array([(by_pixel * upstream).sum(axis=(1, 2, 3)) for upstream in dout]).reshape(2, 2, 3, 4)
    by_weight = definition(x, np.eye(8).reshape(8, 2, 2, 2))
    dw = np.einsum("nfij,nkij->fk", dout, by_weight).reshape(3, 2, 2, 2)
    out, cache = expect(conv2d_forward, x, w, np.ones(3)).value
    expect(conv2d_backward, dout, cache).part(0).close(dx)
    expect(conv2d_backward, dout, cache).part(1).close(dw)
with check("backward: dilation and groups worked by hand"):
    x, w = np.array([[[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]])
    out, cache = expect(conv2d_forward, x, w, np.zeros(1), dilation=2).value
    dx, dw = np.array([[[[1.0, 2.0, 10.0, 20.0, 100.0, 200.0]]]]), np.array([[[[5.0, 11.0, 17.0]]]])
    expect(conv2d_backward, np.array([[[[1.0, 2.0]]]]), cache).close((dx, dw, np.array([3.0])))
    x, w = np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1), np.array([1.0, 10.0, 1.0, 10.0]).reshape(2, 2, 1, 1)
    out, cache = expect(conv2d_forward, x, w, np.zeros(2), groups=2).value
    dx = np.array([1.0, 10.0, 2.0, 20.0]).reshape(1, 4, 1, 1)
    dw = np.array([1.0, 2.0, 6.0, 8.0]).reshape(2, 2, 1, 1)
    expect(conv2d_backward, np.array([[[[1.0]], [[2.0]]]]), cache).close((dx, dw, np.array([1.0, 2.0])))
with check("no Python loop over images, rows or columns of pixels, forwards or backwards", weight=5):
    x, w, b = (
        np.arange(8.0).reshape(4, 2, 1, 1),
        np.array([1.0, 10.0, 0.0, 1.0]).reshape(2, 2, 1, 1),
        np.array([0.5, 0]),
    )
    out = np.array([[10.5, 1.0], [32.5, 3.0], [54.5, 5.0], [76.5, 7.0]]).reshape(4, 2, 1, 1)
    result = expect(conv2d_forward, x, w, b)
    result.part(0).close(out)
    dout = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.0]]).reshape(4, 2, 1, 1)
    dx = np.array([[1.0, 10.0], [0.0, 1.0], [2.0, 20.0], [0.0, 0.0]]).reshape(4, 2, 1, 1)
    expect(conv2d_backward, dout, result.value[1]).part(0).close(dx)
    forbid_loops(conv2d_forward, over="x", axes=(0, 2, 3))
    forbid_loops(conv2d_backward, over="dout", axes=(0, 2, 3))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("forward: random shapes and strides, paddings: odd sizes, 1 × 1 and oblong kernels, all lengths equal"):
    rng = np.random.default_rng(2)
    for x_shape, w_shape, stride, padding in [
        ((2, 3, 5, 7), (2, 3, 3, 3), 1, 1),
        ((1, 2, 6, 5), (3, 2, 1, 1), 2, 0),
        ((2, 1, 7, 4), (1, 1, 2, 3), 3, 2),
        ((3, 3, 3, 3), (3, 3, 3, 3), 1, 1),
        ((1, 4, 5, 5), (2, 4, 5, 1), 2, 0),
    ]:
        x, w, b = rng.normal(0, 1, x_shape), rng.normal(0, 1, w_shape), rng.normal(0, 1, w_shape[0])
        want = reference.conv2d_naive(x, w, b, stride, padding)
        expect(conv2d_forward, x, w, b, stride, padding).part(0).close(want)
with check("forward: dilation equals filters with zeros between their weights"):
    rng = np.random.default_rng(3)
    for x_shape, w_shape, stride, padding, dilation in [
        ((2, 2, 7, 6), (3, 2, 3, 2), 1, 0, 2),
        ((1, 3, 9, 5), (2, 3, 2, 3), 2, 1, 3),
        ((2, 1, 5, 5), (1, 1, 3, 3), 1, 2, 2),
        ((2, 2, 4, 3), (2, 2, 1, 1), 2, 0, 4),
    ]:
        f, c, kh, kw = w_shape
        x, w, b = rng.normal(0, 1, x_shape), rng.normal(0, 1, w_shape), rng.normal(0, 1, f)
        wide = np.zeros((f, c, dilation * (kh - 1) + 1, dilation * (kw - 1) + 1))
        wide[:, :, ::dilation, ::dilation] = w
        want = reference.conv2d_naive(x, wide, b, stride, padding)
        expect(conv2d_forward, x, w, b, stride, padding, dilation).part(0).close(want)
with check("forward: groups equal separate convolutions of consecutive channels, depthwise too"):
    rng = np.random.default_rng(4)
    for c, f, groups, stride, padding in [(4, 4, 2, 1, 1), (6, 3, 3, 2, 0), (3, 6, 3, 1, 0), (4, 8, 4, 2, 1)]:
        x, w = rng.normal(0, 1, (2, c, 5, 4)), rng.normal(0, 1, (f, c // groups, 3, 2))
        b = rng.normal(0, 1, f)
        parts = zip(np.split(x, groups, axis=1), np.split(w, groups), np.split(b, groups), strict=True)
        want = np.concatenate([reference.conv2d_naive(*part, stride, padding) for part in parts], axis=1)
        expect(conv2d_forward, x, w, b, stride, padding, groups=groups).part(0).close(want)
with check("forward: ValueError also with dilation, padding and stride, and what just fits is computed"):
    x, w, b = np.arange(20.0).reshape(1, 1, 4, 5), np.ones((1, 1, 3, 2)), np.zeros(1)
    expect(conv2d_forward, x, w, b, 2, 0, 1).part(0).close(np.array([[[[33.0, 45.0]]]]))
    expect(conv2d_forward, x, np.ones((1, 1, 2, 2)), b, 3, 0, 3).part(0).close(np.array([[[[36.0]]]]))
    expect(conv2d_forward, x, w, b, 2, 0, 2).raises(ValueError)
    expect(conv2d_forward, x, np.ones((1, 1, 1, 3)), b, 1, 0, 3).raises(ValueError)
    expect(conv2d_forward, x, np.ones((1, 1, 7, 1)), b, 2, 1).raises(ValueError)
    expect(conv2d_forward, x, np.ones((1, 1, 1, 8)), b, 3, 1).raises(ValueError)
with check("backward: dx, dw and db for random shapes, strides and paddings, and pixels that no window saw get 0"):
    rng = np.random.default_rng(5)
    for x_shape, w_shape, stride, padding in [
        ((2, 3, 5, 7), (2, 3, 3, 3), 1, 1),
        ((2, 2, 6, 5), (3, 2, 1, 1), 2, 0),
        ((2, 1, 7, 4), (2, 1, 2, 3), 3, 2),
        ((3, 3, 3, 3), (3, 3, 3, 3), 1, 1),
        ((2, 2, 6, 8), (3, 2, 3, 2), 2, 0),
    ]:
        x, w, b = rng.normal(0, 1, x_shape), rng.normal(0, 1, w_shape), rng.normal(0, 1, w_shape[0])
        want, kept = reference.conv2d_forward(x, w, b, stride, padding)
        dout = rng.normal(0, 1, want.shape)
        out, cache = expect(conv2d_forward, x, w, b, stride, padding).value
        expect(conv2d_backward, dout, cache).close(reference.conv2d_backward(dout, kept))
with check("backward: dx, dw and db with dilation"):
    rng = np.random.default_rng(6)
    for x_shape, w_shape, stride, padding, dilation in [
        ((2, 2, 7, 6), (3, 2, 3, 2), 1, 0, 2),
        ((2, 3, 9, 5), (2, 3, 2, 3), 2, 1, 3),
        ((2, 1, 5, 5), (2, 1, 3, 3), 1, 2, 2),
    ]:
        x, w, b = rng.normal(0, 1, x_shape), rng.normal(0, 1, w_shape), rng.normal(0, 1, w_shape[0])
        want, kept = reference.conv2d_forward(x, w, b, stride, padding, dilation)
        dout = rng.normal(0, 1, want.shape)
        out, cache = expect(conv2d_forward, x, w, b, stride, padding, dilation).value
        expect(conv2d_backward, dout, cache).close(reference.conv2d_backward(dout, kept))
with check("backward: dx, dw and db with groups, depthwise too"):
    rng = np.random.default_rng(7)
    for c, f, groups, stride, padding in [(4, 4, 2, 1, 1), (6, 3, 3, 2, 0), (3, 6, 3, 1, 0), (4, 8, 4, 2, 1)]:
        x, w = rng.normal(0, 1, (2, c, 5, 4)), rng.normal(0, 1, (f, c // groups, 3, 2))
        want, kept = reference.conv2d_forward(x, w, np.zeros(f), stride, padding, groups=groups)
        dout = rng.normal(0, 1, want.shape)
        out, cache = expect(conv2d_forward, x, w, np.zeros(f), stride, padding, groups=groups).value
        expect(conv2d_backward, dout, cache).close(reference.conv2d_backward(dout, kept))
with check("all options at once, forwards and backwards"):
    rng = np.random.default_rng(8)
    x, w, b = rng.normal(0, 1, (2, 4, 9, 8)), rng.normal(0, 1, (6, 2, 3, 2)), rng.normal(0, 1, 6)
    options = {"stride": 2, "padding": 2, "dilation": 2, "groups": 2}
    want, kept = reference.conv2d_forward(x, w, b, **options)
    dout = rng.normal(0, 1, want.shape)
    result = expect(conv2d_forward, x, w, b, **options)
    result.part(0).close(want)
    expect(conv2d_backward, dout, result.value[1]).close(reference.conv2d_backward(dout, kept))
with check("float32 in, float32 out: out and all gradients"):
    rng = np.random.default_rng(9)
    x, w, b = (rng.normal(0, 1, shape).astype(np.float32) for shape in [(2, 4, 4, 3), (2, 2, 2, 2), (2,)])
    for stride, padding in [(1, 0), (2, 1)]:
        want, kept = reference.conv2d_forward(x, w, b, stride, padding, groups=2)
        dout = rng.normal(0, 1, want.shape).astype(np.float32)
        result = expect(conv2d_forward, x, w, b, stride, padding, groups=2)
        result.part(0).close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
        grads = reference.conv2d_backward(dout, kept)
        expect(conv2d_backward, dout, result.value[1]).close(grads, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x give the right values, gradients too, and no argument of the forward is changed"):
    rng = np.random.default_rng(10)
    x, w, b = rng.integers(-9, 9, (2, 2, 4, 3)), rng.normal(0, 1, (2, 2, 2, 2)), np.array([0.5, -2.0])
    for pixels in (1.0 * x, x):
        for stride, padding in [(1, 0), (2, 1)]:
            want, kept = reference.conv2d_forward(1.0 * x, w, b, stride, padding)
            result = expect(conv2d_forward, pixels, w, b, stride, padding)
            result.part(0).close(want).unchanged()
            dout = rng.normal(0, 1, want.shape)
            expect(conv2d_backward, dout, result.value[1]).close(reference.conv2d_backward(dout, kept))
with check("backward: dout is left alone, and the same cache serves twice"):
    rng = np.random.default_rng(11)
    x, w = rng.normal(0, 1, (2, 2, 4, 5)), rng.normal(0, 1, (3, 2, 2, 3))
    want, kept = reference.conv2d_forward(x, w, np.zeros(3), 1, 1)
    dout = rng.normal(0, 1, want.shape)
    out, cache = expect(conv2d_forward, x, w, np.zeros(3), 1, 1).value
    for upstream in (dout, 2 * dout):
        grads = reference.conv2d_backward(upstream, kept)
        expect(conv2d_backward, upstream, cache).close(grads).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: ones everywhere
"""

# %% role="question" id="cnn_terms_in_weight_gradient" points=1

# %% [markdown]
r"""
## Pooling

A pooling layer makes the image smaller and has nothing to learn. It slides a window over every channel by itself and
keeps one number of it: the largest, or the mean. Batch and channels stay as they are. The forwards are short; what is
asked in interviews is the way back.

### Max pooling, forwards and backwards ★★ · 20 min

**Given** images `x` of shape `(N, C, H, W)`, the window's side `kernel` (k below, an integer ≥ 1) and the `stride` s,
`maxpool2d_forward` **returns** `(out, cache)`. With `stride=None`, the default, s = k and the windows lie side by side;
a smaller stride lets them overlap, and a larger one leaves gaps. There is no padding.

$$ \text{out}_{ncij} = \max_{0 \le a,\,b < k} x_{n,\ c,\ is+a,\ js+b}, \qquad
OH = \Bigl\lfloor \frac{H - k}{s} \Bigr\rfloor + 1, \quad OW = \Bigl\lfloor \frac{W - k}{s} \Bigr\rfloor + 1 $$

`out` has shape `(N, C, OH, OW)`. The floor says that only whole windows count: rows and columns left over at the
bottom and at the right are dropped. Where not one window fits (k > H or k > W), raise `ValueError`.

**Given** `dout` = ∂L/∂out, of out's shape, and that `cache`, `maxpool2d_backward` **returns** `dx` of x's shape:

- Each window hands its gradient to its maximum. Every other pixel gets 0, and so do pixels in no window.
- Of equal maxima the *first in row-major order* gets all of it: the window is read row by row from the top left.
- A pixel that wins in several overlapping windows gets the sum of their gradients.

What the cache holds is yours to choose; the checks of the backward hand it the cache of your forward.

**Banned**: Python loops over N, H or W, in both functions. A loop over the k² places of the window is fine.

float32 stays float32, in `out` and in `dx`; integers give the right values. No argument is changed, and the same cache
may be used twice.

*Worked number.* Rows [1, 5, 2, 0], [4, 3, 7, 6], [−1, −2, 8, 8] and [−5, −3, 8, 1], with k = 2: out is [[5, 7],
[−1, 8]]. For dout = [[10, 20], [30, 40]], dx has 10 at (0, 1), 20 at (1, 2), 30 at (2, 0) and 40 at (2, 2), the first
of the three eights.

With overlap: rows [1, 2, 1], [3, 9, 4] and [0, 5, 6], k = 2 and s = 1. Out is 9 four times, and for dout = [[1, 2],
[3, 4]] the pixel in the middle gets 10.

**What the interviewer is after**: that the gradient goes to one place of each window, that you must remember which,
and that overlapping windows add up. **Follow-ups**: what is the least that the cache must hold? After a ReLU many
windows are all zero: where does their gradient go, and does it matter? Why did AlexNet let its windows overlap, and
why do newer networks use a convolution with stride 2 instead? How invariant to a shift of one pixel is max pooling
really?

<details><summary>Hint 1</summary>Think of the k² places of a window instead of the windows: the pixels at place (a, b)
of all windows together are one slice of x, <code>x[:, :, a : a + s * OH : s, b : b + s * OW : s]</code>, of out's
shape.</details>
<details><summary>Hint 2</summary>Go through the places in row-major order and keep the largest pixel so far, together
with the number of the place it came from. Should a pixel that is only as large replace the one you have?</details>
<details><summary>Hint 3</summary>Backward: the same slices of dx, one place at a time. Add dout where that place is
the winner, 0 elsewhere. Within one slice no pixel comes twice, so <code>+=</code> on it is safe. It is not on
<code>dx[rows, columns] += …</code>, where an index that comes twice is added only once.</details>
"""

# %% role="solve" id="maxpool2d_forward"
from dlkit.reference.cnn import maxpool2d_forward, maxpool2d_backward

# %% role="check" id="maxpool2d_forward-check" points=4
with check("forward: a 4 × 4 image worked by hand, and one of negative numbers"):
    x = np.array([[[[1.0, 5.0, 2.0, 0.0], [4.0, 3.0, 7.0, 6.0], [-1.0, -2.0, 8.0, 8.0], [-5.0, -3.0, 8.0, 1.0]]]])
    expect(maxpool2d_forward, x, 2).part(0).close(np.array([[[[5.0, 7.0], [-1.0, 8.0]]]]))
    expect(maxpool2d_forward, -x - 10, 2).part(0).close(np.array([[[[-11.0, -10.0], [-5.0, -11.0]]]]))
with check("forward: overlapping windows, and windows with gaps between them"):
    x = np.array([[[[1.0, 2.0, 0.0, 4.0], [3.0, 9.0, 4.0, 5.0], [0.0, 5.0, 6.0, 7.0], [8.0, 1.0, 2.0, 3.0]]]])
    expect(maxpool2d_forward, x, 2, 1).part(0).close([[[[9.0, 9.0, 5.0], [9.0, 9.0, 7.0], [8.0, 6.0, 7.0]]]])
    expect(maxpool2d_forward, x, 3, stride=1).part(0).close([[[[9.0, 9.0], [9.0, 9.0]]]])
    expect(maxpool2d_forward, x, 1, stride=3).part(0).close([[[[1.0, 4.0], [8.0, 3.0]]]])
with check("sizes that do not divide evenly: the rest is dropped, and gets no gradient"):
    x = np.arange(35.0).reshape(1, 1, 5, 7)
    forward = expect(maxpool2d_forward, x, 2)
    forward.part(0).close([[[[8.0, 10.0, 12.0], [22.0, 24.0, 26.0]]]])
    dx = np.zeros((1, 1, 5, 7))
    dx[0, 0, 1, 1:6:2], dx[0, 0, 3, 1:6:2] = [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]
    dout = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    expect(maxpool2d_backward, dout, forward.value[1]).close(dx)
with check("no window fits: ValueError, and one that just fits is fine"):
    x = np.array([[[[1.0, 4.0, 2.0], [0.0, 3.0, -1.0]]]])
    expect(maxpool2d_forward, x, 2, 5).part(0).close([[[[4.0]]]])
    expect(maxpool2d_forward, x, 3).raises(ValueError)
    expect(maxpool2d_forward, x.transpose(0, 1, 3, 2), 3, 1).raises(ValueError)
with check("backward: each window's gradient goes to its maximum, worked by hand"):
    x = np.array([[[[1.0, 5.0, 2.0, 0.0], [4.0, 3.0, 7.0, 6.0], [-1.0, -2.0, 8.0, 4.0], [-5.0, -3.0, 9.0, 1.0]]]])
    cache = expect(maxpool2d_forward, x, 2).value[1]
    dx = [[[[0.0, 10.0, 0.0, 0.0], [0.0, 0.0, 20.0, 0.0], [30.0, 0.0, 0.0, 0.0], [0.0, 0.0, 40.0, 0.0]]]]
    expect(maxpool2d_backward, np.array([[[[10.0, 20.0], [30.0, 40.0]]]]), cache).close(np.array(dx))
with check("backward: of equal maxima, the first in row-major order gets all of it"):
    cache = expect(maxpool2d_forward, np.zeros((1, 1, 2, 4)), 2).value[1]  # flat, as after a ReLU: first in this check
    dx = np.array([[[[3.0, 0.0, -5.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]])
    expect(maxpool2d_backward, np.array([[[[3.0, -5.0]]]]), cache).close(dx)
    x = np.array([[[[1.0, 7.0, 0.0, 2.0], [7.0, 7.0, 6.0, 6.0]]]])
    cache = expect(maxpool2d_forward, x, 2).value[1]
    dx = np.array([[[[0.0, 3.0, 0.0, 0.0], [0.0, 0.0, -5.0, 0.0]]]])
    expect(maxpool2d_backward, np.array([[[[3.0, -5.0]]]]), cache).close(dx)
with check("backward: a pixel that wins in several windows gets the sum"):
    x = np.array([[[[1.0, 2.0, 1.0], [3.0, 9.0, 4.0], [0.0, 5.0, 6.0]]]])
    cache = expect(maxpool2d_forward, x, 2, 1).value[1]
    dx = np.array([[[[0.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]]]])
    expect(maxpool2d_backward, np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), cache).close(dx)
with check("backward: agrees with finite differences of the formula"):
    rng = np.random.default_rng(0)
    x, dout = rng.permutation(30.0 - np.arange(30)).reshape(1, 1, 5, 6), rng.normal(0, 1, (1, 1, 2, 2))
    numeric = np.zeros(x.shape)

    def loss(x, dout=dout):
        places = [(i, j) for i in range(2) for j in range(2)]
        return sum(dout[0, 0, i, j] * x[0, 0, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].max() for i, j in places)

    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 0.25  # exact: no pixel overtakes another
        numeric[place] = (loss(x + step) - loss(x - step)) / 0.5
    cache = expect(maxpool2d_forward, x, 3, 2).value[1]
    expect(maxpool2d_backward, dout, cache).close(numeric)
with check("no Python loop runs over images, rows or columns"):
    x = np.arange(24.0).reshape(3, 1, 2, 4)
    forward = expect(maxpool2d_forward, x, 2)
    forward.part(0).close(np.array([5.0, 7.0, 13.0, 15.0, 21.0, 23.0]).reshape(3, 1, 1, 2))
    forbid_loops(maxpool2d_forward, over="x", axes=(0, 2, 3))
    dx = np.zeros((3, 1, 2, 4))
    dx[:, :, 1, 1::2] = 2.0
    expect(maxpool2d_backward, np.full((3, 1, 1, 2), 2.0), forward.value[1]).close(dx)
    forbid_loops(maxpool2d_backward, over="dout", axes=(0, 2, 3))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("forward: other shapes, kernels and strides, images and channels apart, H and W apart"):
    rng = np.random.default_rng(1)
    shapes = [
        ((2, 3, 6, 6), 2, None),
        ((1, 4, 5, 9), 3, 2),
        ((3, 1, 7, 4), 4, 1),
        ((2, 2, 3, 8), 2, 3),
        ((2, 3, 4, 5), 1, 1),
    ]
    for shape, kernel, stride in shapes:
        x = rng.normal(-2, 2, shape)
        want = reference.maxpool2d_forward(x, kernel, stride)[0]
        expect(maxpool2d_forward, x, kernel, stride).part(0).close(want)
with check("forward: images far below zero"):
    rng = np.random.default_rng(2)
    for kernel, stride in [(2, None), (3, 1)]:
        x = rng.uniform(-2e4, -1e4, (2, 2, 5, 6))
        want = reference.maxpool2d_forward(x, kernel, stride)[0]
        expect(maxpool2d_forward, x, kernel, stride).part(0).close(want)
with check("backward: other shapes, kernels and strides, overlapping or not"):
    rng = np.random.default_rng(3)
    shapes = [
        ((2, 3, 6, 6), 2, None),
        ((1, 2, 7, 9), 3, 2),
        ((2, 1, 7, 4), 4, 1),
        ((2, 2, 5, 8), 2, 3),
        ((1, 2, 6, 5), 3, 1),
    ]
    for shape, kernel, stride in shapes:
        x = rng.permutation(np.arange(float(np.prod(shape)))).reshape(shape)
        out, kept = reference.maxpool2d_forward(x, kernel, stride)
        dout = rng.normal(0, 1, out.shape)
        cache = expect(maxpool2d_forward, x, kernel, stride).value[1]
        expect(maxpool2d_backward, dout, cache).close(reference.maxpool2d_backward(dout, kept))
with check("backward: ties in overlapping windows, in flat images and in images of few values"):
    rng = np.random.default_rng(4)
    for x in [np.full((2, 2, 4, 5), -3.0), rng.integers(0, 3, (3, 2, 6, 7)).astype(float)]:
        for kernel, stride in [(3, 1), (2, None), (3, 2)]:
            out, kept = reference.maxpool2d_forward(x, kernel, stride)
            dout = rng.normal(0, 1, out.shape)
            cache = expect(maxpool2d_forward, x, kernel, stride).value[1]
            expect(maxpool2d_backward, dout, cache).close(reference.maxpool2d_backward(dout, kept))
with check("forward: float32 stays float32, integers come out right, x is left alone"):
    rng = np.random.default_rng(5)
    x = rng.permutation(np.arange(-36, 36)).reshape(2, 1, 6, 6)
    for kernel, stride in [(2, None), (3, 2)]:
        want = reference.maxpool2d_forward(x, kernel, stride)[0]
        single = expect(maxpool2d_forward, x.astype(np.float32), kernel, stride).part(0)
        single.close(want).unchanged().dtype(np.float32)
        expect(maxpool2d_forward, x, kernel, stride).part(0).close(want).unchanged()
with check("backward: float32 stays float32"):
    rng = np.random.default_rng(6)
    x = rng.permutation(np.arange(60.0)).reshape(1, 2, 5, 6).astype(np.float32)
    out, kept = reference.maxpool2d_forward(x, 3, 2)
    dout = rng.normal(0, 1, out.shape).astype(np.float32)
    cache = expect(maxpool2d_forward, x, 3, 2).value[1]
    want = reference.maxpool2d_backward(dout, kept)
    expect(maxpool2d_backward, dout, cache).close(want, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("backward: dout is left alone, and the same cache serves twice"):
    rng = np.random.default_rng(7)
    x = rng.permutation(np.arange(72.0)).reshape(2, 1, 6, 6)
    out, kept = reference.maxpool2d_forward(x, 2, 2)
    dout = rng.normal(0, 1, out.shape)
    cache = expect(maxpool2d_forward, x, 2, 2).value[1]
    for upstream in (dout, -2 * dout):
        want = reference.maxpool2d_backward(upstream, kept)
        expect(maxpool2d_backward, upstream, cache).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: the wrong way round
"""

# %% role="question" id="cnn_relu_and_pool_swapped" points=1

# %% [markdown]
r"""
### Average pooling, forwards and backwards ★★ · 12 min

The older of the two: LeNet pools with means. Each window is a convolution with one fixed filter, 1/k² everywhere, so
this layer is linear, and its gradient has no winners.

**Given** `x` of shape `(N, C, H, W)`, the window's side `kernel` (k, an integer ≥ 1) and the `stride` s (s = k where it
is `None`, the default), `avgpool2d_forward` **returns** `(out, cache)`, with `out` of shape `(N, C, OH, OW)`:

$$ \text{out}_{ncij} = \frac1{k^2} \sum_{a=0}^{k-1} \sum_{b=0}^{k-1} x_{n,\ c,\ is+a,\ js+b}, \qquad
OH = \Bigl\lfloor \frac{H - k}{s} \Bigr\rfloor + 1, \quad OW = \Bigl\lfloor \frac{W - k}{s} \Bigr\rfloor + 1 $$

No padding. Only whole windows count: rows and columns left over at the bottom and at the right are dropped. Where not
one window fits (k > H or k > W), raise `ValueError`.

**Given** `dout` = ∂L/∂out, of out's shape, and that `cache`, `avgpool2d_backward` **returns** `dx` of x's shape. Every
window spreads its gradient evenly over its k² pixels. A pixel in several overlapping windows gets the sum of its
shares, and a pixel in none gets 0.

What the cache holds is yours to choose; the checks of the backward hand it the cache of your forward.

**Banned**: Python loops over N, H or W, in both functions. A loop over the k² places of the window is fine.

float32 stays float32, in `out` and in `dx`; integers in `x` or `dout` give the right floats. No argument is changed,
and the same cache may be used twice.

*Worked number.* Rows [1, 3, 5], [2, 6, 0] and [4, 4, 9], k = 2 and s = 1: out is [[3, 3.5], [4, 4.75]]. For dout =
[[4, 8], [12, 16]], dx has the rows [1, 3, 2], [4, 10, 6] and [3, 7, 4]: the middle is in all four windows and gets
1 + 2 + 3 + 4.

*A test of your own.* dx and dout have the same sum, whatever kernel and stride are: every window gives away exactly
what it got.

**What the interviewer is after**: the share 1/k², and adding up under overlap. **Follow-ups**: which of max and
average pooling keeps the mean brightness, and which the sharpest edge? Write this layer as a depthwise convolution.
Frameworks that pad have to choose whether zeros of the padding count in the mean: what does each choice do at the
border?

<details><summary>Hint 1</summary>The pixels at place (a, b) of all windows together are one slice of x, of out's
shape: <code>x[:, :, a : a + s * OH : s, b : b + s * OW : s]</code>. The mean over windows is a mean over k² such
slices.</details>
<details><summary>Hint 2</summary>Backward needs no pixel of x, only its shape: the same slices of an array of zeros,
and to each of them the same array is added.</details>
"""

# %% role="solve" id="avgpool2d_forward"
from dlkit.reference.cnn import avgpool2d_forward, avgpool2d_backward

# %% role="check" id="avgpool2d_forward-check" points=4
with check("forward: a 4 × 4 image in four windows, worked by hand"):
    x = np.array([[[[1.0, 5.0, 2.0, 0.0], [4.0, 2.0, 7.0, 3.0], [-1.0, -2.0, 8.0, 8.0], [-6.0, -3.0, 8.0, 2.0]]]])
    expect(avgpool2d_forward, x, 2).part(0).close([[[[3.0, 3.0], [-3.0, 6.5]]]])
with check("forward: overlapping windows, and windows with gaps between them"):
    x = np.array([[[[1.0, 3.0, 5.0], [2.0, 6.0, 0.0], [4.0, 4.0, 9.0]]]])
    expect(avgpool2d_forward, x, 2, 1).part(0).close([[[[3.0, 3.5], [4.0, 4.75]]]])
    expect(avgpool2d_forward, x, 1, stride=2).part(0).close([[[[1.0, 5.0], [4.0, 9.0]]]])
with check("sizes that do not divide evenly: the rest is dropped, and gets no gradient"):
    x = np.arange(35.0).reshape(1, 1, 5, 7)
    forward = expect(avgpool2d_forward, x, 2)
    forward.part(0).close([[[[4.0, 6.0, 8.0], [18.0, 20.0, 22.0]]]])
    dx = np.zeros((1, 1, 5, 7))
    dx[0, 0, :2, :6], dx[0, 0, 2:4, :6] = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0], [4.0, 4.0, 5.0, 5.0, 6.0, 6.0]
    dout = np.array([[[[4.0, 8.0, 12.0], [16.0, 20.0, 24.0]]]])
    expect(avgpool2d_backward, dout, forward.value[1]).close(dx)
with check("no window fits: ValueError, and one that just fits is fine"):
    x = np.array([[[[1.0, 4.0, 2.0], [0.0, 3.0, -1.0]]]])
    expect(avgpool2d_forward, x, 2, 5).part(0).close([[[[2.0]]]])
    expect(avgpool2d_forward, x, 3).raises(ValueError)
    expect(avgpool2d_forward, x.transpose(0, 1, 3, 2), 3, 1).raises(ValueError)
with check("backward: every pixel of a window gets 1 / k² of its gradient"):
    cache = expect(avgpool2d_forward, np.arange(9.0).reshape(1, 1, 3, 3), 3).value[1]
    expect(avgpool2d_backward, np.array([[[[18.0]]]]), cache).close(np.full((1, 1, 3, 3), 2.0))
with check("backward: shares of overlapping windows add up"):
    cache = expect(avgpool2d_forward, np.arange(9.0).reshape(1, 1, 3, 3), 2, 1).value[1]
    dx = np.array([[[[1.0, 3.0, 2.0], [4.0, 10.0, 6.0], [3.0, 7.0, 4.0]]]])
    expect(avgpool2d_backward, np.array([[[[4.0, 8.0], [12.0, 16.0]]]]), cache).close(dx)
with check("backward: agrees with finite differences of the formula"):
    rng = np.random.default_rng(0)
    x, dout, numeric = rng.normal(0, 1, (1, 2, 5, 6)), rng.normal(0, 1, (1, 2, 2, 2)), np.zeros((1, 2, 5, 6))

    def loss(x, dout=dout):
        places = [(i, j) for i in range(2) for j in range(2)]
        return sum(
            (dout[:, :, i, j] * x[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].mean(axis=(2, 3))).sum()
            for i, j in places
        )

    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 0.5  # linear: any step will do
        numeric[place] = loss(x + step) - loss(x - step)
    cache = expect(avgpool2d_forward, x, 3, 2).value[1]
    expect(avgpool2d_backward, dout, cache).close(numeric)
with check("no Python loop runs over images, rows or columns"):
    x = np.arange(24.0).reshape(3, 1, 2, 4)
    forward = expect(avgpool2d_forward, x, 2)
    forward.part(0).close(np.array([2.5, 4.5, 10.5, 12.5, 18.5, 20.5]).reshape(3, 1, 1, 2))
    forbid_loops(avgpool2d_forward, over="x", axes=(0, 2, 3))
    expect(avgpool2d_backward, np.full((3, 1, 1, 2), 2.0), forward.value[1]).close(np.full((3, 1, 2, 4), 0.5))
    forbid_loops(avgpool2d_backward, over="dout", axes=(0, 2, 3))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("forward: other shapes, kernels and strides, images and channels apart, H and W apart"):
    rng = np.random.default_rng(1)
    shapes = [
        ((2, 3, 6, 6), 2, None),
        ((1, 4, 5, 9), 3, 2),
        ((3, 1, 7, 4), 4, 1),
        ((2, 2, 3, 8), 2, 3),
        ((2, 3, 4, 5), 1, 1),
    ]
    for shape, kernel, stride in shapes:
        x = rng.normal(-2, 2, shape)
        want = reference.avgpool2d_forward(x, kernel, stride)[0]
        expect(avgpool2d_forward, x, kernel, stride).part(0).close(want)
with check("backward: other shapes, kernels and strides, overlapping or not"):
    rng = np.random.default_rng(2)
    shapes = [
        ((2, 3, 6, 6), 2, None),
        ((1, 2, 7, 9), 3, 2),
        ((2, 1, 7, 4), 4, 1),
        ((2, 2, 5, 8), 2, 3),
        ((1, 2, 6, 5), 3, 1),
    ]
    for shape, kernel, stride in shapes:
        x = rng.normal(0, 1, shape)
        out, kept = reference.avgpool2d_forward(x, kernel, stride)
        dout = rng.normal(0, 1, out.shape)
        cache = expect(avgpool2d_forward, x, kernel, stride).value[1]
        expect(avgpool2d_backward, dout, cache).close(reference.avgpool2d_backward(dout, kept))
with check("forward: integers give the right floats, float32 stays float32, x is left alone"):
    rng = np.random.default_rng(3)
    x = rng.integers(-9, 9, (2, 2, 5, 6))
    for kernel, stride in [(2, None), (3, 1)]:
        want = reference.avgpool2d_forward(x.astype(float), kernel, stride)[0]
        expect(avgpool2d_forward, x, kernel, stride).part(0).close(want).unchanged()
        single = expect(avgpool2d_forward, x.astype(np.float32), kernel, stride).part(0)
        single.close(want, rtol=1e-5, atol=1e-6).unchanged().dtype(np.float32)
with check("backward: float32 stays float32"):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 1, (2, 2, 5, 7)).astype(np.float32)
    for kernel, stride in [(2, None), (3, 2)]:
        out, kept = reference.avgpool2d_forward(x, kernel, stride)
        dout = rng.normal(0, 1, out.shape).astype(np.float32)
        cache = expect(avgpool2d_forward, x, kernel, stride).value[1]
        want = reference.avgpool2d_backward(dout, kept)
        expect(avgpool2d_backward, dout, cache).close(want, rtol=1e-5, atol=1e-6).dtype(np.float32)
with check("backward: integers in dout give the right floats"):
    x, dout = np.arange(24.0).reshape(1, 1, 4, 6), np.array([[[[1, -2, 3], [5, 7, -11]]]])
    cache = expect(avgpool2d_forward, x, 2).value[1]
    want = (dout / 4).repeat(2, axis=2).repeat(2, axis=3)
    expect(avgpool2d_backward, dout, cache).close(want)
with check("backward: dout is left alone, and the same cache serves twice"):
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, (2, 1, 6, 6))
    out, kept = reference.avgpool2d_forward(x, 2, 2)
    dout = rng.normal(0, 1, out.shape)
    cache = expect(avgpool2d_forward, x, 2, 2).value[1]
    for upstream in (dout, -2 * dout):
        want = reference.avgpool2d_backward(upstream, kept)
        expect(avgpool2d_backward, upstream, cache).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Global average pooling ★★ · 4 min

**Given** feature maps `x` of shape `(N, C, H, W)`, with any H and W of at least 1, **return** the mean of every
channel of every image, of shape `(N, C)`.

$$ \text{out}_{nc} = \frac{1}{HW} \sum_{h=0}^{H-1} \sum_{w=0}^{W-1} x_{nchw} $$

It stands between the last convolution and the classifier of most networks since Network in Network. Whatever the size
of the images, the classifier sees C numbers.

The result has two axes, with no axes of length 1 left over. float32 stays float32; integers give the right floats. x
is left alone.

*Worked number.* One image of two channels, [[1, 2, 3], [4, 5, 9]] and [[−2, 0, 0], [0, 0, −1]]: the result is
[[4, −0.5]].

**What the interviewer is after**: why it replaced flattening and a large dense layer, and what that saves.
**Follow-ups**: VGG-16's first dense layer has 512 · 7 · 7 · 4096 weights: how many would it have after this layer? Why
does a network with it take images of any size? What do its weights, laid over the last feature maps, show (class
activation maps)? What is lost?

<details><summary>Hint 1</summary>NumPy takes several axes at once: <code>axis=(…, …)</code>.</details>
<details><summary>Hint 2</summary>Which two of the axes 0 to 3 are the image's? Those go, the other two stay.</details>
"""

# %% role="solve" id="global_avg_pool"
from dlkit.reference.cnn import global_avg_pool

# %% role="check" id="global_avg_pool-check" points=4
with check("two channels of one image, worked by hand"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 9.0]], [[-2.0, 0.0, 0.0], [0.0, 0.0, -1.0]]]])
    expect(global_avg_pool, x).close([[4.0, -0.5]])
with check("three images of two channels: a row for each image, a column for each channel"):
    x = np.arange(24.0).reshape(3, 2, 2, 2)
    expect(global_avg_pool, x).shape((3, 2)).close([[1.5, 5.5], [9.5, 13.5], [17.5, 21.5]])
with check("images of one pixel: that pixel, and still two axes"):
    x = np.array([[[[1.5]], [[-2.0]], [[7.0]]]])
    expect(global_avg_pool, x).close([[1.5, -2.0, 7.0]])
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("other shapes: one image, one channel, images that are not square"):
    rng = np.random.default_rng(1)
    for shape in [(4, 3, 5, 7), (1, 5, 1, 6), (6, 1, 4, 4), (3, 3, 3, 3)]:
        x = rng.normal(2, 3, shape)
        expect(global_avg_pool, x).close(reference.global_avg_pool(x))
with check("float32 stays float32, and x is left alone"):
    rng = np.random.default_rng(2)
    x = rng.normal(1, 2, (3, 4, 6, 5)).astype(np.float32)
    want = reference.global_avg_pool(x.astype(np.float64))
    expect(global_avg_pool, x).close(want, rtol=1e-5, atol=1e-6).unchanged().dtype(np.float32)
with check("integers give the right floats"):
    x = np.array([[[[1, 2], [3, 5]], [[0, 0], [-1, 0]]], [[[7, 0], [0, 0]], [[1, 1], [1, 1]]]])
    expect(global_avg_pool, x).close([[2.75, -0.25], [1.75, 1.0]])
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Global average pooling, backwards ★★ · 5 min

**Given** `dout` = ∂L/∂out, of shape `(N, C)`, and `x_shape`, the tuple `(N, C, H, W)`, **return** `dx` of that shape.
No pixel of x is needed: the layer is linear.

$$ \frac{\partial L}{\partial x_{nchw}} = \frac{1}{HW}\, \frac{\partial L}{\partial \text{out}_{nc}} $$

All pixels of a channel get the same. float32 stays float32; integers in `dout` give the right floats. dout is left
alone.

*Worked number.* dout = [[12, −6]] and x_shape = (1, 2, 2, 3): dx is 2 at all six pixels of the first channel and −1 at
all six of the second.

**What the interviewer is after**: a clean broadcast, and the share 1/(H·W), no other. **Follow-ups**: how large is a
pixel's gradient after a 7 × 7 map compared with max pooling over the whole map? What does it mean for learning that
every place of the map gets the same gradient?

<details><summary>Hint 1</summary>Two axes of length 1 at the end of dout, and it broadcasts against
(N, C, H, W).</details>
<details><summary>Hint 2</summary><code>np.broadcast_to</code> repeats without a copy; the result is read-only, so copy
it where it shall be written to. Here a view will do. An array of ones to multiply with must have dout's dtype.</details>
"""

# %% role="solve" id="global_avg_pool_backward"
from dlkit.reference.cnn import global_avg_pool_backward

# %% role="check" id="global_avg_pool_backward-check" points=4
with check("two channels of one image, worked by hand"):
    dx = np.array([[[[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]], [[-1.0, -1.0, -1.0], [-1.0, -1.0, -1.0]]]])
    expect(global_avg_pool_backward, np.array([[12.0, -6.0]]), (1, 2, 2, 3)).close(dx)
with check("two images of two channels: each pixel gets its own channel's gradient"):
    dx = np.array([[[[1.0, 1.0]], [[2.0, 2.0]]], [[[3.0, 3.0]], [[4.0, 4.0]]]])
    expect(global_avg_pool_backward, np.array([[2.0, 4.0], [6.0, 8.0]]), (2, 2, 1, 2)).close(dx)
with check("agrees with finite differences of the mean"):
    rng = np.random.default_rng(0)
    x, dout, numeric = rng.normal(0, 1, (2, 3, 2, 4)), rng.normal(0, 1, (2, 3)), np.zeros((2, 3, 2, 4))
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 0.5  # linear: any step will do
        numeric[place] = (dout * ((x + step).mean(axis=(2, 3)) - (x - step).mean(axis=(2, 3)))).sum()
    expect(global_avg_pool_backward, dout, (2, 3, 2, 4)).close(numeric)
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("other shapes: one image, one channel, one pixel, images that are not square"):
    rng = np.random.default_rng(1)
    for shape in [(4, 3, 5, 7), (1, 5, 1, 6), (6, 1, 4, 4), (3, 3, 3, 3), (2, 4, 1, 1)]:
        dout = rng.normal(0, 2, shape[:2])
        expect(global_avg_pool_backward, dout, shape).close(reference.global_avg_pool_backward(dout, shape))
with check("float32 stays float32, and dout is left alone"):
    rng = np.random.default_rng(2)
    dout = rng.normal(0, 1, (3, 4)).astype(np.float32)
    want = reference.global_avg_pool_backward(dout, (3, 4, 5, 6))
    result = expect(global_avg_pool_backward, dout, (3, 4, 5, 6))
    result.close(want, rtol=1e-5, atol=1e-6).unchanged().dtype(np.float32)
with check("integers in dout give the right floats"):
    dout = np.array([[1, -2, 3], [0, 7, 5]])
    want = np.array([[0.25, -0.5, 0.75], [0.0, 1.75, 1.25]])[:, :, None, None] * np.ones((2, 3, 2, 2))
    expect(global_avg_pool_backward, dout, (2, 3, 2, 2)).close(want)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: the input moves

**Equivariant** means: move the image, and the features move along, otherwise unchanged. **Invariant** means: they do
not change at all. Here a digit stands on a blank canvas and moves to the right, pixel by pixel. Your `conv2d_forward`
(eight 3×3 filters, then ReLU) and your pooling follow it.

The pictures show one filter's map, before and after a move by 3 pixels. Below on the left: how far the features of the
moved image are from the nearest *moved copy* of the old ones, relative to their size. 0 is equivariance. On the right:
how far they are from the old ones *as they were*. 0 is invariance.

*Make a prediction*: a convolution with stride 2 makes a map half as wide. What does the map do when the digit moves by
one pixel, half a place? And which of these features do not change at all: the map, its maxima over 4×4 windows, its
global average, the global average of a map with stride 2?
"""

# %% role="demo" id="experiment-translation"
from dlkit.lab import digits, experiment, figure


def moved(maps, places):
    """To the right; the margin is blank, so that nothing but zeros comes back on the left."""
    return np.roll(maps, places, axis=-1)


def from_copy(old, new):
    """How far `new` is from the nearest moved copy of `old`."""
    return min(change(moved(old, places), new) for places in range(old.shape[-1]))


def change(old, new):
    return np.linalg.norm(new - old) / np.linalg.norm(old)


with experiment():
    filters, no_bias = np.random.default_rng(0).normal(0, 1, (8, 1, 3, 3)), np.zeros(8)
    filters[0, 0] = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]  # answers to edges: dark on the left, bright on the right
    canvas = np.zeros((1, 1, 16, 32))
    canvas[0, 0, 4:12, 4:12] = digits()[0][3].reshape(8, 8)

    def features(image, stride=1):
        return np.maximum(conv2d_forward(image, filters, no_bias, stride=stride, padding=1)[0], 0)

    ways = {
        "stride 1": features,
        "stride 2": lambda image: features(image, stride=2),
        "2×2 max pooling": lambda image: maxpool2d_forward(features(image), 2)[0],
        "2×2 average pooling": lambda image: avgpool2d_forward(features(image), 2)[0],
        "4×4 max pooling": lambda image: maxpool2d_forward(features(image), 4)[0],
        "global average": lambda image: global_avg_pool(features(image)),
        "global average, stride 2": lambda image: global_avg_pool(features(image, stride=2)),
    }
    pixels = range(9)
    with figure("With stride 2 a digit moved by 3 pixels leaves another map", columns=3, rows=2, height=3.6) as panels:
        for row, places in zip((panels[:3], panels[3:]), (0, 3), strict=True):
            image = moved(canvas, places)
            titles = [f"the image, moved by {places}" if places else "the image"]
            for name in ("stride 1", "stride 2"):
                away = from_copy(ways[name](canvas), ways[name](image))
                titles.append(f"{name}: {away:.0%} from a moved copy" if places else f"an edge filter's map, {name}")
            maps = [image, features(image), features(image, stride=2)]
            for panel, values, title in zip(row, maps, titles, strict=True):
                panel.imshow(values[0, 0], cmap="gray", vmin=0)
                panel.set_axis_off()
                panel.set_title(title)

    with figure("Strides break equivariance, averaging everything makes invariance", columns=2) as (left, right):
        for name, line in zip(list(ways)[:4], ("o-", "s-", "^-", "v--"), strict=True):
            away = [from_copy(ways[name](canvas), ways[name](moved(canvas, p))) for p in pixels]
            left.plot(pixels, away, line, label=name)
            print(f"{name:25s} from the nearest moved copy: after 1 pixel {away[1]:4.0%}, after 2 {away[2]:4.0%}")
        for name, line in zip(["stride 1", *list(ways)[4:]], ("o-", "s-", "^-", "v--"), strict=True):
            away = [change(ways[name](canvas), ways[name](moved(canvas, p))) for p in pixels]
            right.plot(pixels, away, line, label="the map itself" if name == "stride 1" else name)
            print(f"{name:25s} from what it was:            after 1 pixel {away[1]:4.0%}, after 2 {away[2]:4.0%}")
        left.set(ylabel="relative distance", title="from a moved copy (0: equivariant)", ylim=(-0.03, 1.1))
        right.set(title="from the features as they were (0: invariant)", ylim=(-0.06, 2.2))
        for panel in (left, right):
            panel.set(xlabel="pixels moved", xticks=list(pixels))
            panel.legend(loc="upper right", ncols=2)

# %% [markdown]
r"""
**What it shows.** With stride 1 the map of the moved digit *is* the map, moved: the distance is 0, for every filter and
every move, as long as no border comes into play. With stride 2 that holds for moves by 2, 4, 6 and 8 pixels. After a
move by one pixel the layer reads the places that it skipped before, and what comes out is 67 % away from the nearest
copy of the old map. Pooling with stride 2 has the same problem, only milder, 52 % (max) and 51 % (average): before it
skips, it looks at what it is going to skip.

On the right, nothing but the global average is invariant. The map itself has changed by 72 % after a single pixel and
by 107 % after two. Maxima over 4×4 windows soften that to 34 % and 58 %, no more: “max pooling makes the network
invariant” is true of moves within a window only. The global average over an equivariant map is exactly invariant; over
a map with stride 2 it wobbles by 7 % with every odd pixel.

**What to say in an interview.** “Convolution is equivariant, up to borders. Strides and pooling leave equivariance only
for multiples of the total stride, between them the map is sampled too coarsely, which is aliasing; blurring before the
stride reduces it. Invariance comes at the end, from averaging over all places, and the rest is learnt from shifted
examples.”
"""

# %% [markdown]
r"""
### Concept question: two strides
"""

# %% role="question" id="cnn_shift_by_one_pixel" points=1

# %% [markdown]
r"""
## Sizes and costs

### Receptive field ★★ · 12 min

How much of the image does one output of a deep layer see? Interviewers like this question because it is plain
arithmetic that many have never done.

**Given** `layers`, a list of tuples `(kernel, stride, padding, dilation)`, convolutions or poolings alike, the one next
to the input first, **return** the tuple `(size, jump, start)`, along one axis and in input pixels:

- `size`: how many pixels there are from the first that an output sees to the last, holes of a dilation included;
- `jump`: how far the views of two neighbouring outputs are apart;
- `start`: where the view of the *first* output is centred. Pixel 0 reaches from 0 to 1, so its centre is 0.5.

An empty list is the input itself: (1, 1, 0.5). Each layer then changes the three, all with the jump *before* it:

$$ \begin{aligned}
\text{size} &\leftarrow \text{size} + d\,(k - 1) \cdot \text{jump} \\
\text{start} &\leftarrow \text{start} + \Bigl( \frac{d\,(k - 1)}{2} - p \Bigr) \cdot \text{jump} \\
\text{jump} &\leftarrow \text{jump} \cdot s
\end{aligned} $$

with kernel k, stride s, padding p and dilation d. `size` and `jump` are integers (`int`), however large; `start` may
be a half, and it is negative where there is much padding. Whether the image is large enough plays no part. `layers` is
left alone.

*Worked number.* LeNet's two 5 × 5 convolutions, each with 2 × 2 pooling of stride 2 after it: `[(5, 1, 0, 1),
(2, 2, 0, 1), (5, 1, 0, 1), (2, 2, 0, 1)]`. The size goes 1, 5, 6, 14, 16, the jump 1, 1, 2, 2, 4 and the start 0.5,
2.5, 3, 7, 8. So the result is (16, 4, 8.0).

**What the interviewer is after**: that a kernel counts in steps of the jump before it, so that strides early on pay
off everywhere after. **Follow-ups**: how many 3 × 3 layers see as much as one 7 × 7, and what else do they give? How
does the size grow with depth for dilations 1, 2, 4, 8, …? Why is the *effective* receptive field smaller than this
one? Does padding change the size?

<details><summary>Hint 1</summary>One loop over the layers, with three numbers that are carried along.</details>
<details><summary>Hint 2</summary>From its first pixel to its last, a kernel reaches over dilation · (kernel − 1) steps,
and each step is <code>jump</code> input pixels long. The stride of this layer is felt only by the next ones.</details>
<details><summary>Hint 3</summary>The start moves by half that reach to the right, and by the padding to the left. Even
kernels have a half in it: no integer division.</details>
"""

# %% role="solve" id="receptive_field"
from dlkit.reference.cnn import receptive_field

# %% role="check" id="receptive_field-check" points=4
with check("LeNet's convolutions and poolings, worked by hand"):
    expect(receptive_field, [(5, 1, 0, 1), (2, 2, 0, 1), (5, 1, 0, 1), (2, 2, 0, 1)]).close((16, 4, 8.0))
with check("three 3 × 3 layers see as much as one 7 × 7"):
    expect(receptive_field, [(3, 1, 0, 1)] * 3).close((7, 1, 3.5))
    expect(receptive_field, [(7, 1, 0, 1)]).close((7, 1, 3.5))
with check("no layer at all: a pixel sees itself"):
    expect(receptive_field, []).close((1, 1, 0.5))
with check("dilations 1, 2, 4, 8: the size doubles with every layer"):
    expect(receptive_field, [(3, 1, 0, 1), (3, 1, 0, 2), (3, 1, 0, 4), (3, 1, 0, 8)]).close((31, 1, 15.5))
with check("padding moves the start, not the size, strides count for the layers after them"):
    expect(receptive_field, [(7, 2, 3, 1), (3, 2, 1, 1)]).close((11, 4, 0.5))
    expect(receptive_field, [(3, 2, 1, 1), (3, 1, 5, 1)]).close((7, 2, -7.5))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("even kernels: starts between the pixels"):
    expect(receptive_field, [(2, 2, 0, 1)] * 3).close((8, 8, 4.0))
    expect(receptive_field, [(4, 2, 1, 1), (4, 2, 1, 1)]).close((10, 4, 2.0))
    expect(receptive_field, [(2, 1, 0, 3), (1, 5, 0, 1)]).close((4, 5, 2.0))
with check("other stacks, pixel by pixel: what the first two outputs see"):
    rng = np.random.default_rng(1)
    for depth in (1, 2, 3, 4, 5):
        layers = [tuple(int(n) for n in rng.integers((1, 1, 0, 1), (5, 4, 4, 4))) for _ in range(depth)]
        seen = [{0}, {1}]
        for kernel, stride, padding, dilation in reversed(layers):
            seen = [{o * stride - padding + i * dilation for o in view for i in range(kernel)} for view in seen]
        first, last = min(seen[0]), max(seen[0])
        expect(receptive_field, layers).close((last - first + 1, min(seen[1]) - first, (first + last + 1) / 2))
with check("other stacks: the formula"):
    rng = np.random.default_rng(2)
    for depth in (2, 4, 8):
        layers = [tuple(int(n) for n in rng.integers((1, 1, 0, 1), (8, 4, 6, 5))) for _ in range(depth)]
        expect(receptive_field, layers).close(reference.receptive_field(layers)).unchanged()
with check("size and jump are integers, exact for 60 layers of stride 2"):
    result = expect(receptive_field, [(3, 2, 1, 1)] * 60)
    result.part(0).close(2**61 - 1)
    for i, exact in ((0, 2**61 - 1), (1, 2**60)):
        result.part(i).satisfies(
            lambda n, exact=exact: np.asarray(n).dtype.kind in "iu" and int(n) == exact, f"the integer {exact}"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: three receptive fields, drawn

Three stacks of three 3-wide layers along one axis: plain, with stride 2 in each, and with dilations 1, 2, 4. The lines
lead from two neighbouring outputs at the top down to every pixel that they read. All positions in the picture, also
those in between, come from your `receptive_field`; the bars at the bottom are its `size` and `start`.

*Make a prediction*: plain, the field is 7 pixels wide. Which of the other two stacks has the larger one? And how far
apart are the two outputs' views?
"""

# %% role="demo" id="experiment-receptive-field"
from dlkit.lab import experiment, figure

stacks = [  # layers of (kernel, stride, padding, dilation)
    ("plain", [(3, 1, 0, 1), (3, 1, 0, 1), (3, 1, 0, 1)]),
    ("stride 2", [(3, 2, 0, 1), (3, 2, 0, 1), (3, 2, 0, 1)]),
    ("dilation 1, 2, 4", [(3, 1, 0, 1), (3, 1, 0, 2), (3, 1, 0, 4)]),
]

with experiment(), figure("Strides and dilation double what a layer adds", columns=3, sharey=True) as panels:
    for panel, (name, layers) in zip(panels, stacks, strict=True):
        size, jump, start = receptive_field(layers)
        width = size + jump  # pixels that two outputs see
        for depth in range(len(layers) + 1):
            _, step, first = receptive_field(layers[:depth])
            units = np.arange(first, width - first + 0.1, step)
            panel.plot(units, np.full(len(units), depth), "o", color="0.75", markersize=4)
        for output, colour in enumerate(("#0072B2", "#D55E00")):
            seen = {start + output * jump}
            for depth in range(len(layers), 0, -1):
                kernel, _, _, dilation = layers[depth - 1]
                _, below, _ = receptive_field(layers[: depth - 1])
                reach = [dilation * below * (place - (kernel - 1) / 2) for place in range(kernel)]
                for unit in seen:
                    for offset in reach:
                        panel.plot([unit, unit + offset], [depth, depth - 1], color=colour, linewidth=0.8)
                seen = {unit + offset for unit in seen for offset in reach}
            middle, bottom = start + output * jump, -0.45 - 0.25 * output
            ends = [middle - size / 2, middle + size / 2]
            panel.plot(ends, [bottom, bottom], color=colour, linewidth=5, solid_capstyle="butt")
        panel.set(xlabel="input pixels", xlim=(-0.8, 23.8), ylim=(-0.9, 3.3), title=f"{name}: size {size}, jump {jump}")
        panel.set_yticks(range(4), ["input", "layer 1", "layer 2", "layer 3"])
        panel.grid(False)
        print(f"{name:17s} size {size:2d}   jump {jump}   first output centred at {start}")

# %% [markdown]
r"""
**What it shows.** Each layer adds (kernel − 1) times the distance between the units that it reads. Plain, that distance
is always 1 pixel: 1 + 2 + 2 + 2 = 7. With strides it doubles with each layer *below*, with these dilations by decree:
1 + 2 + 4 + 8 = 15 for both. The difference is the jump. With strides the neighbour looks 8 pixels further on, and
the two views share 7 of their 15 pixels; with dilation it looks 1 pixel further on, so there is an output for every
pixel, and the map stays as large, with all that this costs.
"""

# %% [markdown]
r"""
### Concept questions: fields and holes
"""

# %% role="question" id="cnn_receptive_field_of_stack" points=1

# %% role="question" id="cnn_dilation_holes" points=1

# %% [markdown]
r"""
### Experiment: what an output really listens to

The receptive field says which pixels *can* matter. How much they do is a gradient: of one output in the middle with
respect to every pixel, which your `conv2d_backward` delivers. Here it is squared and averaged over random networks of
3×3 layers with ReLU. The left picture has the box that `receptive_field` computes; the right one the profile across it,
for networks of 4, 8 and 16 layers.

*Make a prediction*: with twice as many layers the box becomes twice as wide. And the bright spot in it?
"""

# %% role="demo" id="experiment-effective-field"
from dlkit.lab import experiment, figure


def influence(depth, margin=2, channels=6, networks=16):
    """How much each pixel matters to the output in the middle: squared gradient, as parts of the whole."""
    size, _, _ = receptive_field([(3, 1, 1, 1)] * depth)
    side, rng = size + 2 * margin, np.random.default_rng(0)
    total = np.zeros((side, side))
    for _ in range(networks):
        h, caches = rng.normal(0, 1, (1, channels, side, side)), []
        for _ in range(depth):
            w = rng.normal(0, math.sqrt(2 / (9 * channels)), (channels, channels, 3, 3))
            z, cache = conv2d_forward(h, w, np.zeros(channels), padding=1)
            caches.append((z > 0, cache))
            h = np.maximum(z, 0)
        gradient = np.zeros(h.shape)
        gradient[:, :, side // 2, side // 2] = 1
        for on, cache in caches[::-1]:
            gradient, _, _ = conv2d_backward(gradient * on, cache)
        total += np.sum(gradient**2, axis=(0, 1))
    return total / total.sum()


with experiment(), figure("The field grows with depth, what counts in it with its root", columns=2) as (left, right):
    for depth, line in [(4, "-"), (8, "--"), (16, ":")]:
        heat = influence(depth)
        size, _, _ = receptive_field([(3, 1, 1, 1)] * depth)
        place = np.arange(len(heat)) - len(heat) // 2
        profile = heat.sum(axis=0)
        spread = math.sqrt(np.sum(profile * place**2))
        distance = np.maximum(*np.abs(np.meshgrid(place, place)))  # 0 in the middle, 1 on the ring around it, …
        middle, outside = heat[distance <= size // 4].sum(), heat[distance > size // 2].sum()
        print(f"{depth:2d} layers   field {size:2d} pixels wide   outside it {outside:.0%}   ", end="")
        print(f"in the middle quarter of its area {middle:.0%}   spread {spread:.1f} pixels")
        drawn = right.plot(place, profile, line, label=f"{depth} layers: spread {spread:.1f}")
        right.plot([-(size // 2), size // 2], [0, 0], "|", color=drawn[0].get_color(), markersize=16, markeredgewidth=2)
        if depth == 8:
            edge = len(heat) // 2 + 0.5
            picture = left.imshow(heat, cmap="viridis", extent=(-edge, edge, -edge, edge))
            left.plot(np.array([-1, 1, 1, -1, -1]) * size / 2, np.array([-1, -1, 1, 1, -1]) * size / 2, "w--")
            left.set(title=f"8 layers, field {size} × {size} (dashed)", xlabel="pixels from the middle")
            left.grid(False)
            left.figure.colorbar(picture, ax=left, label="share of the squared gradient")
    right.set(xlabel="pixels from the middle", ylabel="share per column", title="bars on the axis: the field's ends")
    right.set_ylim(-0.01, 0.34)
    right.legend(loc="upper right")

# %% [markdown]
r"""
**What it shows.** Outside the box there is exactly nothing: an independent test of your `receptive_field`, by your
`conv2d_backward`. Inside, the influence is a bump, near to a Gaussian. Its spread (standard deviation) goes from 1.6 to
2.4 to 3.3 pixels while the field grows from 9 to 17 to 33. So the middle quarter of the area has 78 % of the squared
gradient at 4 layers, 91 % at 8 and 98 % at 16.

Why a root? Every layer spreads the influence over −1, 0 and +1, with variance 2/3 per axis. Variances of independent
steps add up, so after L layers the spread is about $\sqrt{2L/3}$: 1.63, 2.31 and 3.27. Training changes the weights and
can widen the bump, and so do strides and dilation. But “its receptive field is 33 pixels” never means that the output
listens to all of them.
"""

# %% [markdown]
r"""
### Weights and multiply-adds of a convolution ★★ · 6 min

**Given** `c_in` input channels, `c_out` filters, a k × k kernel, an output of `h` × `w` pixels and the number of
`groups`, **return** the tuple `(params, macs)` of two integers: how many weights the layer has, and how many
multiply-adds one image costs.

$$ \text{params} = c_\text{out} \cdot \frac{c_\text{in}}{\text{groups}} \cdot k^2, \qquad
\text{macs} = \text{params} \cdot h \cdot w $$

With groups, a filter sees only c_in / groups channels. Where `groups` does not divide both c_in and c_out, raise
`ValueError`.

No bias is counted. A multiply-add counts as *one* (papers that count FLOPs often count two). h and w are the size of
the *output*, so that the stride is in them already. Both results are exact integers (`int`), however large.

*Worked number.* 3 × 3, from 64 to 128 channels, 56 × 56 outputs: 128 · 64 · 9 = 73,728 weights, times 3,136 places
231,211,008 multiply-adds. With 64 groups and 64 filters (depthwise): 576 weights and 1,806,336 multiply-adds.

**What the interviewer is after**: that every weight is used once at every place of the output. **Follow-ups**: where in
VGG-16 are most of the weights, and where is most of the work? What does doubling both numbers of channels cost? A
dense layer's weights are used how often? Why can a layer with a ninth of the multiply-adds still take half the time?

<details><summary>Hint 1</summary>What is the shape of the filters, (F, C / groups, KH, KW), and how many numbers is
that?</details>
<details><summary>Hint 2</summary>Each output pixel of each filter is one dot product with a filter's worth of numbers.
Use integer division, after you know that it comes out even.</details>
"""

# %% role="solve" id="conv_cost"
from dlkit.reference.cnn import conv_cost

# %% role="check" id="conv_cost-check" points=4
with check("3 × 3 from 64 to 128 channels, worked by hand"):
    expect(conv_cost, 64, 128, 3, 56, 56).close((73_728, 231_211_008))
with check("depthwise: as many groups as channels"):
    expect(conv_cost, 64, 64, 3, 56, 56, groups=64).close((576, 1_806_336))
with check("AlexNet's second layer, in two groups"):
    expect(conv_cost, 96, 256, 5, 27, 27, groups=2).close((307_200, 223_948_800))
with check("groups that do not divide the channels or the filters: ValueError"):
    expect(conv_cost, 6, 4, 3, 5, 7, groups=2).close((108, 3_780))
    expect(conv_cost, 6, 4, 3, 5, 7, groups=4).raises(ValueError)
    expect(conv_cost, 6, 4, 3, 5, 7, groups=3).raises(ValueError)
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("1 × 1 and larger kernels, outputs of one pixel and outputs that are not square"):
    for args in [(256, 64, 1, 14, 14), (3, 64, 7, 112, 96), (512, 4096, 7, 1, 1), (5, 3, 2, 1, 9), (1, 1, 1, 1, 1)]:
        expect(conv_cost, *args).close(reference.conv_cost(*args))
with check("other groups: more channels than filters, and fewer"):
    for c_in, c_out, k, h, w, groups in [
        (128, 256, 3, 8, 4, 32),
        (12, 6, 5, 3, 2, 3),
        (4, 8, 3, 2, 2, 4),
        (9, 9, 1, 7, 5, 9),
    ]:
        want = reference.conv_cost(c_in, c_out, k, h, w, groups)
        expect(conv_cost, c_in, c_out, k, h, w, groups).close(want)
with check("exact integers, even above 2⁵³"):
    result = expect(conv_cost, 3 * 33_331, 3 * 33_329, 11, 101, 103, groups=3)
    for i, exact in enumerate(reference.conv_cost(3 * 33_331, 3 * 33_329, 11, 101, 103, 3)):
        result.part(i).satisfies(
            lambda n, exact=exact: np.asarray(n).dtype.kind in "iu" and int(n) == exact, f"the integer {exact}"
        )
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Depthwise separable convolution ★★ · 15 min

A convolution looks around in space and mixes channels, both at once. MobileNet does one after the other: first a
*depthwise* convolution, in which every channel has one filter of its own and sees nothing else; then a *pointwise* one,
1 × 1, which mixes the channels at every pixel.

**Given** `x` of shape `(N, C, H, W)`, `w_depth` of shape `(C, 1, KH, KW)`, `w_point` of shape `(F, C, 1, 1)`, a
`stride` s and a `padding` p, **return** the output of shape `(N, F, OH, OW)`:

$$ \text{depth}_{ncij} = \sum_{a=0}^{KH-1} \sum_{b=0}^{KW-1} xp_{n,\ c,\ is+a,\ js+b} \; w^\text{depth}_{c,0,a,b},
\qquad \text{out}_{nfij} = \sum_{c=0}^{C-1} w^\text{point}_{f,c,0,0}\; \text{depth}_{ncij} $$

xp is x with p rows and columns of zeros on every side. Stride and padding belong to the depthwise part; the pointwise
one has stride 1 and no padding. There is no bias, and nothing stands between the two (MobileNet itself puts batch
normalization and a ReLU after each). The kernel is not flipped, and it need not be square.

$$ OH = \Bigl\lfloor \frac{H + 2p - KH}{s} \Bigr\rfloor + 1, \qquad
OW = \Bigl\lfloor \frac{W + 2p - KW}{s} \Bigr\rfloor + 1 $$

Where no window fits (OH or OW below 1), raise `ValueError`.

**Banned**: Python loops over N, C, F, H or W; a comprehension is one too. A loop over the KH · KW places of the kernel
is fine.

If all that is given is float32, so is the result. Integers give the right values. No argument is changed.

*Worked number.* Two channels, with rows [1, 2, 0], [0, 1, 3], [2, 1, 1] and [2, 0, 1], [1, 1, 0], [0, 3, 2]. Their
filters are [[1, 0], [0, 1]] and [[0, 1], [1, 0]], so depth is [[2, 5], [1, 2]] and [[1, 2], [1, 3]]. With the
pointwise weights (1, 10), (2, −1) and (0, 1), out is [[12, 25], [11, 32]], [[3, 8], [1, 1]] and [[1, 2], [1, 3]].

**What the interviewer is after**: which axes are summed in which half. **Follow-ups**: which full convolution, of
filters (F, C, KH, KW), gives the same output, and which ones cannot be written this way? Which half has most of the
multiply-adds? Why is a depthwise convolution slower on a GPU than its count says? What would groups between 1 and C
give?

<details><summary>Hint 1</summary>Pad, then take the pixels at place (a, b) of all windows as one slice,
<code>xp[:, :, a : a + s * OH : s, b : b + s * OW : s]</code>, of shape (N, C, OH, OW).</details>
<details><summary>Hint 2</summary>Each slice is multiplied by one number a channel, <code>w_depth[:, 0, a, b]</code>
with two axes of length 1 after it, and added up. No channel has met another so far.</details>
<details><summary>Hint 3</summary>The second half is a matrix (F, C) times the channels of every pixel: reshape depth to
(N, C, OH · OW) and <code>@</code> does all images at once; or <code>einsum</code> with "fc,ncij->nfij".</details>
"""

# %% role="solve" id="depthwise_separable_conv"
from dlkit.reference.cnn import depthwise_separable_conv

# %% role="check" id="depthwise_separable_conv-check" points=4
with check("two channels and three filters, worked by hand"):
    x = np.array(
        [[[[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]], [[2.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 3.0, 2.0]]]]
    )
    w_depth = np.array([[[[1.0, 0.0], [0.0, 1.0]]], [[[0.0, 1.0], [1.0, 0.0]]]])
    w_point = np.array([[1.0, 10.0], [2.0, -1.0], [0.0, 1.0]]).reshape(3, 2, 1, 1)
    out = [[[[12.0, 25.0], [11.0, 32.0]], [[3.0, 8.0], [1.0, 1.0]], [[1.0, 2.0], [1.0, 3.0]]]]
    expect(depthwise_separable_conv, x, w_depth, w_point).close(out)
with check("stride and padding, worked by hand: they are the depthwise part's"):
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    w_depth, w_point = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([[[[2.0]]], [[[-1.0]]]])
    out = [[[[8.0, 36.0], [72.0, 154.0]], [[-4.0, -18.0], [-36.0, -77.0]]]]
    expect(depthwise_separable_conv, x, w_depth, w_point, 2, 1).close(out)
with check("the kernel is not flipped, and need not be square"):
    x = np.arange(12.0).reshape(1, 1, 3, 4)
    w_depth, w_point = np.array([[[[1.0, 0.0, -2.0]]]]), np.ones((1, 1, 1, 1))
    expect(depthwise_separable_conv, x, w_depth, w_point).close([[[[-4.0, -5.0], [-8.0, -9.0], [-12.0, -13.0]]]])
with check("no window fits: ValueError, unless the padding makes room"):
    x, w_depth, w_point = np.full((1, 2, 2, 3), 2.0), np.ones((2, 1, 3, 3)), np.ones((3, 2, 1, 1))
    expect(depthwise_separable_conv, x, w_depth, w_point, padding=1).close(np.tile([16.0, 24.0, 16.0], (1, 3, 2, 1)))
    expect(depthwise_separable_conv, x, w_depth, w_point).raises(ValueError)
    expect(depthwise_separable_conv, x.transpose(0, 1, 3, 2), w_depth, w_point, 2).raises(ValueError)
with check("no Python loop runs over images, channels or filters"):
    x, w_depth, w_point = np.arange(12.0).reshape(3, 2, 1, 2), np.ones((2, 1, 1, 2)), np.ones((2, 2, 1, 1))
    out = np.array([[6.0, 6.0], [22.0, 22.0], [38.0, 38.0]]).reshape(3, 2, 1, 1)
    expect(depthwise_separable_conv, x, w_depth, w_point).close(out)
    forbid_loops(depthwise_separable_conv, over="x", axes=(0, 1, 2, 3))
    for argument in ("w_depth", "w_point"):
        forbid_loops(depthwise_separable_conv, over=argument)
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("equals the full convolution whose filters are the products"):
    rng = np.random.default_rng(1)
    for (N, C, H, W), F, KH, KW, stride in [((2, 3, 5, 5), 3, 3, 3, 1), ((1, 4, 6, 4), 2, 2, 3, 2)]:
        x, w_depth, w_point = (
            rng.normal(0, 1, (N, C, H, W)),
            rng.normal(0, 1, (C, 1, KH, KW)),
            rng.normal(0, 1, (F, C, 1, 1)),
        )
        full, OH, OW = w_point * w_depth[:, 0], (H - KH) // stride + 1, (W - KW) // stride + 1
        want = np.empty((N, F, OH, OW))
        for i, j in np.ndindex(OH, OW):
            window = x[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]
            want[:, :, i, j] = np.tensordot(window, full, ([1, 2, 3], [1, 2, 3]))
        expect(depthwise_separable_conv, x, w_depth, w_point, stride).close(want)
with check("other shapes, strides and paddings, more filters than channels, as many, and fewer"):
    rng = np.random.default_rng(2)
    for (N, C, H, W), F, KH, KW, stride, padding in [
        ((2, 3, 6, 6), 3, 3, 3, 1, 1),
        ((1, 2, 5, 7), 5, 1, 3, 2, 1),
        ((3, 4, 4, 4), 1, 4, 4, 3, 2),
        ((2, 1, 6, 3), 2, 2, 2, 2, 0),
        ((2, 4, 3, 5), 4, 1, 1, 1, 0),
        ((1, 3, 7, 5), 3, 3, 2, 3, 1),
    ]:
        x, w_depth, w_point = (
            rng.normal(0, 1, (N, C, H, W)),
            rng.normal(0, 1, (C, 1, KH, KW)),
            rng.normal(0, 1, (F, C, 1, 1)),
        )
        want = reference.depthwise_separable_conv(x, w_depth, w_point, stride, padding)
        expect(depthwise_separable_conv, x, w_depth, w_point, stride=stride, padding=padding).close(want)
with check("float32 in, float32 out"):
    rng = np.random.default_rng(3)
    x, w_depth, w_point = (
        rng.normal(0, 1, shape).astype(np.float32) for shape in [(2, 3, 5, 6), (3, 1, 3, 3), (4, 3, 1, 1)]
    )
    want = reference.depthwise_separable_conv(x, w_depth, w_point, 1, 1)
    result = expect(depthwise_separable_conv, x, w_depth, w_point, 1, 1)
    result.close(want, rtol=1e-4, atol=1e-5).dtype(np.float32)
with check("integers in x or everywhere, and no argument is changed"):
    rng = np.random.default_rng(4)
    x, w_depth, w_point = (
        rng.integers(-5, 6, (2, 2, 4, 5)),
        rng.normal(0, 1, (2, 1, 2, 2)),
        rng.normal(0, 1, (3, 2, 1, 1)),
    )
    for depth, point in [(w_depth, w_point), ((4 * w_depth).astype(int), (4 * w_point).astype(int))]:
        want = reference.depthwise_separable_conv(x.astype(float), depth, point, 1, 1)
        expect(depthwise_separable_conv, x, depth, point, 1, 1).close(want).unchanged()
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### What a separable convolution saves ★★ · 5 min

**Given** `c_in`, `c_out` and `k`, all integers ≥ 1, **return** one number: the cost of a depthwise separable
convolution as a part of the cost of the full k × k convolution, both from c_in to c_out channels and without biases.

$$ \frac{c_\text{in}\, k^2 + c_\text{in}\, c_\text{out}}{c_\text{in}\, c_\text{out}\, k^2}
= \frac{1}{c_\text{out}} + \frac{1}{k^2} $$

Weights or multiply-adds, it is the same number, for the size of the output cancels. So does c_in. It is what is *left*
of the cost, not what is gone, and it may be above 1: with k = 1, or with a single filter, the depthwise half comes on
top and nothing is saved.

*Worked number.* c_in = 64, c_out = 128 and k = 3: 0.118924, a bit more than a ninth.

**What the interviewer is after**: which of the two terms matters, and hence why the saving hardly exceeds k².
**Follow-ups**: what is left for k = 5 and k = 7? Which half is the bottleneck afterwards, and what do ShuffleNet's
grouped 1 × 1 convolutions do about it? When is the full convolution worth its price?

<details><summary>Hint 1</summary>Count the weights of three layers: a full k × k one, a depthwise k × k one and a
1 × 1 one.</details>
<details><summary>Hint 2</summary>Divide, and see what cancels. Use true division.</details>
"""

# %% role="solve" id="separable_saving"
from dlkit.reference.cnn import separable_saving

# %% role="check" id="separable_saving-check" points=4
with check("64 to 128 channels, 3 × 3, worked by hand"):
    expect(separable_saving, 64, 128, 3).close(0.11892361111111112)
with check("the input's channels cancel"):
    expect(separable_saving, 1, 4, 2).close(0.5)
    expect(separable_saving, 1000, 4, 2).close(0.5)
with check("nothing is saved with a 1 × 1 kernel or a single filter"):
    expect(separable_saving, 16, 8, 1).close(1.125)
    expect(separable_saving, 16, 1, 5).close(1.04)
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("other channels and kernels"):
    for args in [(3, 32, 3), (32, 64, 5), (512, 512, 7), (7, 10, 2), (256, 1024, 3), (2, 3, 11)]:
        expect(separable_saving, *args).close(reference.separable_saving(*args))
with check("as many filters as the kernel has places, and the smallest layer of all"):
    expect(separable_saving, 5, 9, 3).close(2 / 9)
    expect(separable_saving, 1, 1, 1).close(2.0)
with check("many filters: a k²-th is left, and a little more"):
    for k in (2, 3, 7):
        expect(separable_saving, 64, 1_000_000, k).close(1e-6 + 1 / (k * k))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: fewer multiply-adds, the same time
"""

# %% role="question" id="cnn_separable_not_as_fast" points=1

# %% [markdown]
r"""
## The same thing, written otherwise

A convolution is a matrix product, a 1×1 convolution is a dense layer, a dense layer is a convolution, and a transposed
convolution is a transposed matrix. Interviewers like these four because nobody can say them who has only called them.

### A convolution as one matrix ★★ · 12 min

**Given** filters `w` (F, C, KH, KW), the height `h_in` and the width `w_in` of an image, `stride` and `padding`,
**return** the matrix M of shape (F·OH·OW, C·h_in·w_in) that does to a raveled image what the convolution does:

$$ M\,\mathrm{vec}(x) = \mathrm{vec}(\mathrm{conv}(x, w)), \qquad
M_{(f,i,j),(c,\,is+k-p,\,js+l-p)} = w_{f,c,k,l}, \quad 0 \text{ elsewhere} $$

with stride s and padding p. Rows are in the order f, oh, ow and columns in the order c, h, w, the last one fastest:
that is what `ravel` does to an output (F, OH, OW) and an image (C, H, W). OH = ⌊(h_in + 2·padding − KH) / stride⌋ + 1,
and OW likewise. No kernel is flipped, there is no bias, and h_in need not be w_in, nor KH be KW.

A weight that falls on the padding meets a zero: it has no column, and is left out of its row.

The matrix has w's dtype, and w stays as it is. Where not one window fits, raise `ValueError`. Loops are allowed.

*Worked number.* One filter [[1, 2]] on an image of 1×3 gives [[1, 2, 0], [0, 1, 2]]. A 3×3 filter on 32×32 pixels with
padding 1 gives 1,048,576 entries; 8,836 of them are not zero, and only 9 are different weights.

**What the interviewer is after**: can you point at the zeros (local connection) and at the repeated numbers (shared
weights), the two things that a convolution assumes about images? **Follow-ups**: what is the gradient by x in terms of
M? What does M look like for a 1×1 kernel, and for a kernel as large as the image? Why does nobody compute this way?
What does M of a circular convolution have for eigenvectors?

<details><summary>Hint 1</summary>What does a convolution see of an image that is 0 but for a single 1? That is a
column. What one output sees of the image is a row.</details>
<details><summary>Hint 2</summary>Make an array of zeros with six axes: f, oh, ow, c, row, column, the last two as large
as the padded image. For each place (oh, ow), one slice of it is w.</details>
<details><summary>Hint 3</summary>Cut the padding off the last two axes before you reshape to two axes.</details>
"""

# %% role="solve" id="conv_as_matrix"
from dlkit.reference.cnn import conv_as_matrix

# %% role="check" id="conv_as_matrix-check" points=4
with check("a 1×2 kernel on three pixels, a 2×2 kernel on 2×3, by hand"):
    expect(conv_as_matrix, np.array([[[[1.0, 2.0]]]]), 1, 3).close([[1.0, 2.0, 0.0], [0.0, 1.0, 2.0]])
    w = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    expect(conv_as_matrix, w, 2, 3).close([[1.0, 2, 0, 3, 4, 0], [0.0, 1, 2, 0, 3, 4]])
with check("two filters of two channels: rows in the order f, oh, ow, columns in the order c, h, w"):
    w = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]], [[[5.0, 6.0]], [[7.0, 8.0]]]])
    expected = [
        [1.0, 2, 0, 0, 3, 4, 0, 0],
        [0.0, 0, 1, 2, 0, 0, 3, 4],
        [5.0, 6, 0, 0, 7, 8, 0, 0],
        [0.0, 0, 5, 6, 0, 0, 7, 8],
    ]
    expect(conv_as_matrix, w, 2, 2).close(expected)
with check("stride 2, and padding 1 that has no columns, by hand"):
    expect(conv_as_matrix, np.array([[[[1.0, 2.0]]]]), 1, 5, 2).close([[1.0, 2, 0, 0, 0], [0.0, 0, 1, 2, 0]])
    w = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    expected = [[5.0, 6, 8, 9], [4.0, 5, 7, 8], [2.0, 3, 5, 6], [1.0, 2, 4, 5]]
    expect(conv_as_matrix, w, 2, 2, stride=1, padding=1).close(expected)
with check("the matrix times a raveled image is the convolution, raveled"):
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=(3, 2, 3, 2)), rng.normal(size=(2, 5, 6))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 2), axis=(1, 2))  # (C, OH, OW, KH, KW)
    out = np.einsum("cijkl,fckl->fij", windows, w)
    expect(conv_as_matrix, w, 5, 6).shape((45, 60)).satisfies(
        lambda matrix, x=x, out=out: np.allclose(matrix @ x.ravel(), out.ravel()),
        "matrix @ x.ravel() equal to the convolution of x with w, raveled",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("the same with stride and padding, on an image that is not square"):
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=(2, 3, 2, 3)), rng.normal(size=(3, 4, 7))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (2, 3), axis=(1, 2))
    out = np.einsum("cijkl,fckl->fij", windows[:, ::2, ::2], w)
    met = expect(conv_as_matrix, w, 4, 7, stride=2, padding=1)
    met.close(reference.conv_as_matrix(w, 4, 7, 2, 1)).satisfies(
        lambda matrix, x=x, out=out: np.allclose(matrix @ x.ravel(), out.ravel()),
        "matrix @ x.ravel() equal to the convolution of x with w, raveled",
    )
with check("one window that just fits, then none: ValueError"):
    w = np.arange(1.0, 7.0).reshape(1, 1, 3, 2)
    expect(conv_as_matrix, w, 3, 2).close([[1.0, 2, 3, 4, 5, 6]])
    expect(conv_as_matrix, w, 2, 2).raises(ValueError)
    expect(conv_as_matrix, w, 3, 1).raises(ValueError)
    expect(conv_as_matrix, w, 1, 1, padding=1).close([[3.0], [4.0]][::-1])
with check("float32 stays float32"):
    w = np.array([[[[0.5, -1.5], [2.0, 3.0]]]], np.float32)
    expect(conv_as_matrix, w, 3, 3).close(reference.conv_as_matrix(w, 3, 3)).dtype(np.float32)
with check("w is left alone"):
    w = np.array([[[[1.0, -2.0], [0.5, 4.0]], [[3.0, 1.0], [-1.0, 2.0]]]])
    expect(conv_as_matrix, w, 3, 2, padding=1).close(reference.conv_as_matrix(w, 3, 2, 1, 1)).unchanged()
with check("equals the reference on random shapes and options"):
    rng = np.random.default_rng(2)
    for shape, h_in, w_in, stride, padding in [
        ((2, 2, 2, 2), 3, 4, 1, 0),
        ((1, 3, 1, 1), 3, 2, 1, 0),
        ((2, 1, 3, 3), 6, 5, 2, 1),
        ((3, 2, 2, 3), 5, 5, 3, 2),
        ((2, 2, 4, 1), 4, 3, 1, 0),
    ]:
        w = rng.normal(size=shape)
        expected = reference.conv_as_matrix(w, h_in, w_in, stride, padding)
        expect(conv_as_matrix, w, h_in, w_in, stride, padding).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: from a dense layer to a convolution, in two savings

On the left your `conv_as_matrix` of one 3×3 filter on a 6×6 image, no padding: 16 outputs, 36 pixels. Each colour is
one of the nine weights, white is 0. On the right the weights of a layer from 64 to 64 channels that keeps the image's
size, against the image's side: dense; local but with weights of its own at every place; and a convolution, by your
`conv_cost`.

*Make a prediction*: for 32×32 images, by how much does locality divide the number of weights, and by how much sharing?
"""

# %% role="demo" id="experiment-matrix"
from dlkit.lab import experiment, figure

with experiment(), figure("Most entries are 0, and the others repeat", columns=2) as (left, right):
    matrix = conv_as_matrix(np.arange(1.0, 10).reshape(1, 1, 3, 3), 6, 6)  # nine weights that can be told apart
    left.imshow(np.where(matrix == 0, np.nan, matrix), cmap="viridis", aspect="auto")
    left.set(xlabel="pixel (6×6, row by row)", ylabel="output (4×4)", title="a 3×3 filter as a 16 × 36 matrix")
    left.set_xticks(range(0, 36, 6))
    left.grid(False)
    used = np.count_nonzero(matrix)
    print(f"the matrix: {matrix.size} entries, {used} of them not 0, {len(np.unique(matrix)) - 1} different weights")
    sides, channels = np.array([8, 16, 32, 64, 128, 224]), 64
    dense = [(channels * side**2) ** 2 for side in sides.tolist()]
    local = [conv_cost(channels, channels, 3, side, side)[1] for side in sides.tolist()]  # a weight per multiply-add
    shared = [conv_cost(channels, channels, 3, side, side)[0] for side in sides.tolist()]
    for name, weights, line in [("dense", dense, "o-"), ("local", local, "s-"), ("local and shared", shared, "^-")]:
        right.loglog(sides, weights, line, label=name)
        print(f"{name:17s} {weights[2]:13,d} weights on 32×32, {weights[5]:18,d} on 224×224")
    right.set(xlabel="side of the image (logarithmic)", ylabel="weights (logarithmic)", title="64 to 64 channels, 3×3")
    right.set_xticks(sides, sides)
    right.minorticks_off()
    right.legend(loc="upper left")

# %% [markdown]
r"""
**What it shows.** Of 576 entries 144 are not 0: that is **locality**, each output reads its neighbourhood only. And
these 144 are only nine different numbers, the same in every row, shifted: that is **sharing**. On 32×32 images with 64
channels, locality divides 4.3 billion weights by 114, and sharing what is left by 1024, the number of places. What
remains, 36,864, does not depend on the size of the image at all. The number of multiply-adds does: it is the number of
weights of the *local* layer, since sharing saves weights and no work.
"""

# %% [markdown]
r"""
### A 1×1 convolution as a matrix product ★★ · 6 min

**Given** images `x` (N, C, H, W), filters `w` (F, C, 1, 1) and biases `b` (F,), **return** the convolution with stride
1 and no padding, of shape (N, F, H, W):

$$ \text{out}_{n,f,i,j} = \sum_c w_{f,c,0,0}\, x_{n,c,i,j} + b_f $$

No pixel meets another: every pixel's C numbers go through the same dense layer. So one matrix product does it, and **no
Python loop** is allowed, over images, channels, filters or pixels; `np.einsum`, `@` and `np.tensordot` are welcome.

float32 stays float32, an integer `x` gives the right values, and x, w and b stay as they are. Mind which axis b belongs
to where F happens to equal W, and w where F equals C.

*Worked number.* A pixel with channels [1, 2], filters [3, 4] and [5, 6], and b = [0.5, −1] give 11.5 and 16.
From 256 to 64 channels a 1×1 convolution has 16,448 parameters, a 3×3 one 147,520.

**What the interviewer is after**: that a 1×1 kernel is no joke: it mixes channels, changes their number cheaply, and
adds a nonlinearity when a ReLU follows. **Follow-ups**: what is a bottleneck, and how many multiply-adds does it save?
Where do Network in Network, Inception and ResNet use it? How do you apply a dense layer to every token of a sequence?
Which memory layout, channels first or last, suits this product better?

<details><summary>Hint 1</summary>Without N, this is a matrix (F, C) times a matrix (C, H·W).</details>
<details><summary>Hint 2</summary><code>@</code> treats all axes but the last two as a batch: reshape x to three axes
instead of moving C.</details>
<details><summary>Hint 3</summary>If you do move C to the end, move F back with a transpose: a reshape would mix
channels with pixels.</details>
"""

# %% role="solve" id="conv1x1"
from dlkit.reference.cnn import conv1x1

# %% role="check" id="conv1x1-check" points=4
with check("one pixel, then two pixels, by hand"):
    w, b = np.array([[3.0, 4.0], [5.0, 6.0]]).reshape(2, 2, 1, 1), np.array([0.5, -1.0])
    expect(conv1x1, np.array([1.0, 2.0]).reshape(1, 2, 1, 1), w, b).close(np.array([11.5, 16.0]).reshape(1, 2, 1, 1))
    x = np.array([[[[1.0, 0.0]], [[2.0, 10.0]]]])
    expect(conv1x1, x, w, b).close([[[[11.5, 40.5]], [[16.0, 59.0]]]])
with check("three channels become two, on images of 2×3"):
    x = np.arange(36.0).reshape(2, 3, 2, 3)
    w, b = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 0.5]]).reshape(2, 3, 1, 1), np.array([0.0, 100.0])
    expected = np.stack([x[:, 0] - x[:, 2], 2 * x[:, 1] + 0.5 * x[:, 2] + 100], axis=1)
    expect(conv1x1, x, w, b).close(expected)
with check("equals the convolution by its definition, pixel by pixel"):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 4, 3, 5)), rng.normal(size=(3, 4, 1, 1)), rng.normal(size=3)
    expected = np.zeros((2, 3, 3, 5))
    for n, f, i, j in np.ndindex(expected.shape):
        expected[n, f, i, j] = np.sum(x[n, :, i : i + 1, j : j + 1] * w[f]) + b[f]
    expect(conv1x1, x, w, b).close(expected)
with check("no Python loop, and x, w and b are left alone"):
    forbid_loops(conv1x1, over="x", axes=(0, 1, 2, 3))
    forbid_loops(conv1x1, over="w", axes=(0, 1))
    x, w, b = np.array([[[[1.0, -2.0]], [[0.5, 3.0]]]]), np.array([[[[2.0]], [[-4.0]]]]), np.array([1.0])
    expect(conv1x1, x, w, b).close([[[[1.0, -15.0]]]]).unchanged()
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("as many filters as columns: b belongs to the filters"):
    x, w, b = np.ones((1, 2, 3, 3)), np.zeros((3, 2, 1, 1)), np.array([1.0, 2.0, 3.0])
    expect(conv1x1, x, w, b).close(np.array([1.0, 2.0, 3.0])[None, :, None, None] * np.ones((1, 3, 3, 3)))
with check("as many filters as channels: w is not transposed"):
    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(2, 3, 2, 4)), rng.normal(size=(3, 3, 1, 1)), rng.normal(size=3)
    expect(conv1x1, x, w, b).close(reference.conv1x1(x, w, b))
with check("float32 stays float32, integers give the right values"):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 3, 4, 2)).astype(np.float32)
    w, b = rng.normal(size=(2, 3, 1, 1)).astype(np.float32), rng.normal(size=2).astype(np.float32)
    expected = np.einsum("nchw,fc->nfhw", x.astype(float), w[:, :, 0, 0].astype(float)) + b[:, None, None]
    expect(conv1x1, x, w, b).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32)
    x, w = np.arange(8).reshape(1, 2, 2, 2), np.array([[[[0.5]], [[-1.5]]]])
    expect(conv1x1, x, w, np.array([0.25])).close([[[[-5.75, -6.75], [-7.75, -8.75]]]])
with check("equals the reference on random shapes, down to one channel, filter and pixel"):
    rng = np.random.default_rng(3)
    for shape, f in [((1, 1, 1, 1), 1), ((3, 2, 1, 4), 5), ((2, 5, 4, 1), 2), ((4, 4, 4, 4), 4), ((1, 6, 2, 3), 1)]:
        x, w, b = rng.normal(size=shape), rng.normal(size=(f, shape[1], 1, 1)), rng.normal(size=f)
        expect(conv1x1, x, w, b).close(reference.conv1x1(x, w, b))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### A dense layer as a convolution ★★ · 6 min

**Given** the weights `W` (c·h·w, M) of a dense layer that reads an image of c channels and h × w pixels, flattened in
the order channel, row, column, **return** the filters V of shape (M, c, h, w) with which a convolution (no flip, no
padding) does the same:

$$ \sum_{k,i,j} V_{m,k,i,j}\, x_{k,i,j} = \sum_q \mathrm{vec}(x)_q\, W_{q,m} \qquad \text{for every image } x $$

On an image of just h × w the filters fit once. On a larger one they give, at every place, what the dense layer would
say of the window there.

V has W's dtype; W stays as it is. Whether V is a copy or a view of W is up to you.

*Worked number.* W = [[1, 5], [2, 6], [3, 7], [4, 8]] for c = 1, h = w = 2: the filters are [[1, 2], [3, 4]] and
[[5, 6], [7, 8]]. AlexNet's first dense layer reads 256 × 6 × 6 numbers: as a convolution it has 4096 filters of
256 × 6 × 6.

**What the interviewer is after**: this is how a classifier becomes a fully convolutional network, which takes images of
any size and gives a map of scores. **Follow-ups**: what do the later dense layers become? What saves time compared with
cutting out every window and classifying it? How far apart are the places of the map in the image? Why can a network
that ends in a global average pool do without the trick?

<details><summary>Hint 1</summary>A column of W holds all the weights of one output unit.</details>
<details><summary>Hint 2</summary>A filter is such a column with its c·h·w numbers arranged as the image was before it
was flattened.</details>
<details><summary>Hint 3</summary>A reshape splits an axis but never moves one: bring the axis of length M to the front
first.</details>
"""

# %% role="solve" id="fc_as_conv"
from dlkit.reference.cnn import fc_as_conv

# %% role="check" id="fc_as_conv-check" points=4
with check("one and two units on 1×2×2, by hand"):
    expect(fc_as_conv, np.array([[1.0], [2.0], [3.0], [4.0]]), 1, 2, 2).close([[[[1.0, 2.0], [3.0, 4.0]]]])
    W = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]])
    expect(fc_as_conv, W, 1, 2, 2).close([[[[1.0, 2.0], [3.0, 4.0]]], [[[5.0, 6.0], [7.0, 8.0]]]])
with check("two channels of 1×3: the input is flattened channel, row, column"):
    W = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
    expect(fc_as_conv, W, 2, 1, 3).close([[[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]])
with check("filters and dense layer say the same of an image of h × w"):
    rng = np.random.default_rng(0)
    W, x = rng.normal(size=(24, 5)), rng.normal(size=(7, 2, 3, 4))
    expect(fc_as_conv, W, 2, 3, 4).shape((5, 2, 3, 4)).satisfies(
        lambda filters, W=W, x=x: np.allclose(np.einsum("nchw,mchw->nm", x, filters), x.reshape(7, 24) @ W),
        "the convolution's one output equal to x[n].ravel() @ W",
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("on a larger image: what the dense layer says of the window at every place"):
    rng = np.random.default_rng(1)
    W, x = rng.normal(size=(12, 3)), rng.normal(size=(3, 5, 6))
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 2)).transpose(1, 2, 0, 3, 4)
    dense = windows.reshape(4, 5, 12) @ W
    expect(fc_as_conv, W, 3, 2, 2).satisfies(
        lambda filters, windows=windows, dense=dense: np.allclose(
            np.einsum("ijckl,mckl->ijm", windows, filters), dense
        ),
        "at every place the convolution's output equal to the window's ravel() @ W",
    )
with check("c, h, w and M all 2, and all different"):
    W = np.arange(16.0).reshape(8, 2) ** 2
    expect(fc_as_conv, W, 2, 2, 2).close(reference.fc_as_conv(W, 2, 2, 2))
    W = np.arange(120.0).reshape(24, 5) ** 2
    expect(fc_as_conv, W, 4, 2, 3).close(reference.fc_as_conv(W, 4, 2, 3))
with check("W's dtype is kept, and W is left alone"):
    W = np.array([[0.5, 1.0], [-2.0, 3.0]], np.float32)
    expect(fc_as_conv, W, 2, 1, 1).close([[[[0.5]], [[-2.0]]], [[[1.0]], [[3.0]]]]).dtype(np.float32).unchanged()
    W = np.arange(12.0).reshape(6, 2)
    expect(fc_as_conv, W, 1, 3, 2).close(reference.fc_as_conv(W, 1, 3, 2)).dtype(np.float64).unchanged()
with check("equals the reference on random shapes, one pixel and one unit too"):
    rng = np.random.default_rng(2)
    for c, h, w, units in [(1, 1, 1, 1), (6, 1, 1, 4), (1, 3, 3, 9), (3, 2, 5, 1), (2, 4, 3, 7)]:
        W = rng.normal(size=(c * h * w, units))
        expect(fc_as_conv, W, c, h, w).close(reference.fc_as_conv(W, c, h, w))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: which comes first
"""

# %% role="question" id="cnn_average_or_classify_first" points=1

# %% [markdown]
r"""
### Transposed convolution ★★★ · 20 min

Every pixel stamps the filter, times its value, onto the output. Stamps are `stride` apart, and where they overlap they
add up.

**Given** `x` (N, C_in, H, W), filters `w` (C_in, C_out, KH, KW), biases `b` (C_out,), `stride` and `padding`,
**return** an array (N, C_out, OH, OW), where $s$ is the stride and $p$ the padding:

$$ \text{out}_{n,f,i,j} = b_f + \sum_{c}\ \sum_{\substack{h,\,k:\ hs+k-p\,=\,i \\ v,\,l:\ vs+l-p\,=\,j}}
x_{n,c,h,v}\, w_{c,f,k,l}, \qquad OH = (H-1)\,s + KH - 2p $$

and OW likewise. Mind four things:

- The first axis of w is the *input's* channels, other than in a convolution.
- No kernel is flipped.
- Padding *removes* rows and columns: p on each side of the output. Where nothing is left, raise `ValueError`.
- b is added once to every output, also where no stamp falls (stride larger than the kernel).

Leave b out, and this is the convolution's **adjoint**, its gradient by its input: with the very same w, stride and
padding, for every y of the output's shape,

$$ \sum y \cdot \mathrm{transposed}(x, w) = \sum \mathrm{conv}(y, w) \cdot x $$

A check tests just that. The adjoint has the convolution's shapes turned round; it does not undo the convolution.

Python loops over N, H or W are **not allowed**; loops over the positions of the kernel are. float32 stays float32, and
x, w and b stay as they are.

*Worked number.* x = [[1, 2]], w = [[1, 10, 100]], b = 0: with stride 1 the output is [[1, 12, 120, 200]], with stride 2
[[1, 10, 102, 20, 200]]. A 4×4 kernel with stride 2 and padding 1 doubles the size: 7 × 7 becomes 14 × 14.

**What the interviewer is after**: that it is a convolution's backward pass run forwards, and why "deconvolution" is a
misnomer. **Follow-ups**: where do checkerboard patterns come from, and which kernel sizes avoid them? Why does the size
formula not tell a convolution's input size back, and what does PyTorch's `output_padding` do? Which filter makes this
nearest-neighbour or bilinear upsampling? What would you use instead in a decoder?

<details><summary>Hint 1</summary>Write your convolution's gradient by its input down once more: it takes dout to the
shape of x. Rename dout to x.</details>
<details><summary>Hint 2</summary>First all stamps by one matrix product: an array (N, C_out, KH, KW, H, W). Then, for
each place k, l of the kernel, all pixels' numbers go to the output at once.</details>
<details><summary>Hint 3</summary>Into an array of full size (no padding yet), add the numbers of place k, l at
<code>[:, :, k : k + stride * H : stride, l : l + stride * W : stride]</code>. Cut off the padding, add b
last.</details>
"""

# %% role="solve" id="transposed_conv2d"
from dlkit.reference.cnn import transposed_conv2d

# %% role="check" id="transposed_conv2d-check" points=6
with check("two pixels and a 1×3 kernel, stride 1 and 2, by hand"):
    x, w, b = np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]]), np.array([0.0])
    expect(transposed_conv2d, x, w, b).close([[[[1.0, 12.0, 120.0, 200.0]]]])
    expect(transposed_conv2d, x, w, b, stride=2).close([[[[1.0, 10.0, 102.0, 20.0, 200.0]]]])
    x, w, b = np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), np.array([[[[1.0, 10.0]]]]), np.array([0.0])
    expect(transposed_conv2d, x, w, b, 2).close([[[[1.0, 10, 2, 20], [0.0, 0, 0, 0], [3.0, 30, 4, 40]]]])
with check("b is added once everywhere, where stamps overlap and where none falls"):
    x, w, b = np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]]), np.array([0.5])
    expect(transposed_conv2d, x, w, b).close([[[[1.5, 12.5, 120.5, 200.5]]]])
    x, w, b = np.array([[[[1.0, 2.0]]]]), np.array([[[[4.0]], [[5.0]]]]), np.array([0.5, -1.0])
    w = w.reshape(1, 2, 1, 1)
    expect(transposed_conv2d, x, w, b, stride=3).close([[[[4.5, 0.5, 0.5, 8.5]], [[4.0, -1.0, -1.0, 9.0]]]])
with check("padding cuts off the border on every side"):
    x, w, b = np.array([[[[2.0]]]]), np.arange(1.0, 10.0).reshape(1, 1, 3, 3), np.array([0.0])
    expect(transposed_conv2d, x, w, b, 1, 1).close([[[[10.0]]]])
    w = np.arange(1.0, 17.0).reshape(1, 1, 4, 4)
    expect(transposed_conv2d, x, w, b, padding=1).close([[[[12.0, 14.0], [20.0, 22.0]]]])
with check("without b, the adjoint of the convolution with the same w"):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(3, 2, 3, 2)), np.zeros(2)
    for stride, padding in [(1, 0), (2, 1), (3, 0)]:
        size = (2, 2, 2 * stride + 3 - 2 * padding, 3 * stride + 2 - 2 * padding)
        y = rng.normal(size=size)
        yp = np.pad(y, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(yp, (3, 2), axis=(2, 3))[:, :, ::stride, ::stride]
        conv = np.einsum("nfijkl,cfkl->ncij", windows, w)  # the convolution of y
        expect(transposed_conv2d, x, w, b, stride, padding).shape(size).satisfies(
            lambda out, y=y, want=np.sum(conv * x): np.isclose(np.sum(y * out), want),
            "sum(y * out) equal to sum(conv(y, w) * x) for a random y",
        )
with check("no Python loop over N, H or W"):
    x, w, b = np.arange(1.0, 7.0).reshape(3, 1, 1, 2), np.array([[[[1.0, 10.0]]]]), np.array([0.5])
    want = np.array([[1.5, 12.5, 20.5], [3.5, 34.5, 40.5], [5.5, 56.5, 60.5]]).reshape(3, 1, 1, 3)
    expect(transposed_conv2d, x, w, b).close(want)
    forbid_loops(transposed_conv2d, over="x", axes=(0, 2, 3))
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("w is (C_in, C_out, KH, KW): as many channels in as out, and fewer out than in"):
    x = np.array([[[[1.0]], [[10.0]]]])
    w = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(2, 2, 1, 1)
    expect(transposed_conv2d, x, w, np.zeros(2)).close(np.array([31.0, 42.0]).reshape(1, 2, 1, 1))
    rng = np.random.default_rng(1)
    x, w, b = rng.normal(size=(2, 3, 2, 2)), rng.normal(size=(3, 1, 2, 2)), rng.normal(size=1)
    expect(transposed_conv2d, x, w, b).close(reference.transposed_conv2d(x, w, b))
with check("a 2×2 kernel of ones with stride 2 repeats every pixel"):
    x = np.arange(1.0, 13.0).reshape(2, 1, 2, 3)
    expected = x.repeat(2, axis=2).repeat(2, axis=3)
    expect(transposed_conv2d, x, np.ones((1, 1, 2, 2)), np.zeros(1), stride=2).close(expected)
with check("a 3×3 kernel of ones with stride 2 makes a checkerboard of 1, 2 and 4"):
    line = np.array([1.0, 1.0, 2.0, 1.0, 2.0, 1.0, 1.0])
    expected = np.outer(line, line)[None, None]
    expect(transposed_conv2d, np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1), stride=2).close(expected)
with check("one pixel left, then nothing: ValueError"):
    x, w, b = np.array([[[[3.0]]]]), np.arange(1.0, 16.0).reshape(1, 1, 3, 5), np.array([1.0])
    expect(transposed_conv2d, x, w, b, padding=1).close([[[[22.0, 25.0, 28.0]]]])
    expect(transposed_conv2d, x, w, b, padding=2).raises(ValueError)
    expect(transposed_conv2d, x, w[:, :, :2], b, padding=1).raises(ValueError)
with check("float32 stays float32, and x, w and b are left alone"):
    rng = np.random.default_rng(3)
    x, w, b = rng.normal(size=(1, 2, 3, 3)), rng.normal(size=(2, 2, 2, 2)), rng.normal(size=2)
    x, w, b = x.astype(np.float32), w.astype(np.float32), b.astype(np.float32)
    expected = reference.transposed_conv2d(x.astype(float), w.astype(float), b.astype(float))
    expect(transposed_conv2d, x, w, b).close(expected, rtol=1e-5, atol=1e-6).dtype(np.float32).unchanged()
    expect(transposed_conv2d, 1.0 * x, w, b, 2, 1).unchanged().close(
        reference.transposed_conv2d(x, w, b, 2, 1), rtol=1e-5, atol=1e-6
    )
with check("equals the reference on random shapes and options"):
    rng = np.random.default_rng(4)
    for shape, kernel, stride, padding in [
        ((1, 1, 1, 1), (1, 1, 1, 1), 1, 0),
        ((2, 3, 4, 2), (3, 2, 2, 3), 2, 0),
        ((2, 2, 3, 5), (2, 4, 4, 4), 2, 1),
        ((1, 2, 4, 3), (2, 1, 1, 2), 3, 0),
        ((3, 1, 5, 5), (1, 2, 3, 3), 1, 2),
    ]:
        x, w, b = rng.normal(size=shape), rng.normal(size=kernel), rng.normal(size=kernel[1])
        expected = reference.transposed_conv2d(x, w, b, stride, padding)
        expect(transposed_conv2d, x, w, b, stride, padding).close(expected)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: a pattern that nobody drew
"""

# %% role="question" id="cnn_checkerboard_pattern" points=1

# %% [markdown]
r"""
## Detection

### Non-maximum suppression ★★ · 15 min

A detector finds each object several times, a few pixels apart. Greedy suppression keeps the best box, drops all boxes
that overlap it too much, and goes on with the best of the rest until none is left.

**Given** `boxes` (N, 4) with corners x1, y1, x2, y2 (x1 ≤ x2, y1 ≤ y2), `scores` (N,) and a `threshold`, **return** the
indices of the kept boxes, (K,) integers, by falling score. How much two boxes A and B overlap is their intersection
over union:

$$ \mathrm{IoU}(A, B) = \frac{\lvert A \cap B \rvert}{\lvert A \rvert + \lvert B \rvert - \lvert A \cap B \rvert},
\qquad \lvert A \rvert = (x_2 - x_1)(y_2 - y_1) $$

- A box is dropped if its IoU with a *kept* box is **above** the threshold; equal to it, it stays. A dropped box drops
  no other.
- Areas have no + 1. Boxes that only touch have no intersection, and neither have boxes apart from each other.
- A box without an area (x1 = x2 or y1 = y2) overlaps nothing: IoU 0, whatever the formula's 0/0 says.
- Of equal scores the lower index comes first, and is kept first.
- N may be 0: then boxes is (0, 4), and the result is empty.

Coordinates and scores may be integers of any kind, bytes (`uint8`) too: their products and differences do not fit into
bytes. boxes and scores stay as they are. Loops are allowed.

*Worked number.* The boxes [0, 0, 2, 2], [0, 0, 2, 1] and [3, 3, 4, 4] with scores 0.9, 0.8 and 0.7: the first two have
an IoU of 0.5. Threshold 0.4 keeps [0, 2], threshold 0.5 keeps [0, 1, 2].

**What the interviewer is after**: a clean IoU, in particular the max with 0 in both directions, and a loop that
compares with kept boxes only. **Follow-ups**: what does it cost, and what is the worst case? Why per class, and how do
you do it in one call? What goes wrong in a crowd, and what does Soft-NMS do about it? Why is a DETR trained without it?

<details><summary>Hint 1</summary>Sort once by score. In each round the first of the list is kept; what of the rest may
stay in the list?</details>
<details><summary>Hint 2</summary>The intersection reaches from the larger of the two x1 to the smaller of the two x2.
If that is negative, it is 0: in each direction by itself, or two negatives make a positive area.</details>
<details><summary>Hint 3</summary><code>np.argsort(-scores, kind="stable")</code> puts the lower index first; make
floats of bytes before the minus. The list holds indices into boxes, so that no index needs translating back.</details>
"""

# %% role="solve" id="nms"
from dlkit.reference.cnn import nms

# %% role="check" id="nms-check" points=4
with check("three boxes, thresholds 0.4 and 0.6, by hand"):
    boxes = np.array([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.0], [3.0, 3.0, 4.0, 4.0]])
    scores = np.array([0.9, 0.8, 0.7])
    expect(nms, boxes, scores, 0.4).close([0, 2])
    expect(nms, boxes, scores, 0.6).close([0, 1, 2])
with check("indices by falling score"):
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [5.0, 0.0, 6.0, 1.0], [0.0, 0.0, 1.0, 1.1], [0.0, 5.0, 1.0, 6.0]])
    expect(nms, boxes, np.array([0.2, 0.3, 0.9, 0.5]), 0.5).close([2, 3, 1])
with check("a box whose IoU equals the threshold stays"):
    boxes, scores = np.array([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.0]]), np.array([0.9, 0.8])
    expect(nms, boxes, scores, 0.5).close([0, 1])
    expect(nms, boxes, scores, 0.49).close([0])
with check("a dropped box drops no other"):
    boxes = np.array([[0.0, 0.0, 4.0, 1.0], [2.0, 0.0, 6.0, 1.0], [4.0, 0.0, 8.0, 1.0], [5.0, 0.0, 9.0, 1.0]])
    expect(nms, boxes, np.array([0.9, 0.8, 0.7, 0.6]), 0.3).close([0, 2])
    expect(nms, boxes, np.array([0.7, 0.9, 0.6, 0.8]), 0.3).close([1, 3])
with check("no boxes, and one box"):
    expect(nms, np.zeros((0, 4)), np.zeros(0), 0.5).close(np.zeros(0))
    expect(nms, np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([-5.0]), 0.5).close([0])
with check("no + 1: small boxes, and boxes that touch at threshold 0"):
    boxes = np.array([[0.0, 0.0, 0.4, 0.4], [0.3, 0.3, 0.7, 0.7], [0.7, 0.3, 0.9, 0.9]])
    expect(nms, boxes, np.array([0.9, 0.8, 0.7]), 0.2).close([0, 1, 2])
    boxes = np.array([[0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 4.0, 2.0], [2.0, 2.0, 3.0, 3.0], [1.0, 1.0, 2.0, 2.0]])
    expect(nms, boxes, np.array([0.9, 0.8, 0.7, 0.6]), 0.0).close([0, 1, 2])
with check("a small box inside a large one: the union counts, not the smaller area"):
    boxes = np.array([[0.0, 0.0, 10.0, 10.0], [1.0, 1.0, 3.0, 3.0], [0.0, 0.0, 10.0, 8.0]])
    expect(nms, boxes, np.array([0.9, 0.8, 0.7]), 0.5).close([0, 1])
    expect(nms, boxes, np.array([0.7, 0.9, 0.8]), 0.5).close([1, 2])
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("equal scores: the lower index first, and kept first"):
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [4.0, 0.0, 5.0, 1.0], [0.0, 0.0, 1.0, 1.0], [4.0, 0.0, 5.0, 1.25]])
    expect(nms, boxes, np.array([0.5, 0.5, 0.5, 0.5]), 0.5).close([0, 1])
    expect(nms, boxes, np.array([0.5, 0.9, 0.5, 0.5]), 1.0).close([1, 0, 2, 3])
with check("boxes apart in both directions have no intersection"):
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [2.0, 2.0, 3.0, 3.0], [5.0, 0.0, 6.0, 1.0]])
    expect(nms, boxes, np.array([0.9, 0.8, 0.7]), 0.1).close([0, 1, 2])
    boxes = np.array([[5.0, 5.0, 8.0, 6.0], [0.0, 0.0, 1.0, 3.0]])
    expect(nms, boxes, np.array([0.1, 0.8]), 0.3).close([1, 0])
with check("boxes without an area overlap nothing"):
    boxes = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 1.0, 2.0]])
    expect(nms, boxes, np.array([0.6, 0.9, 0.8, 0.7]), 0.0).close([1, 2, 3, 0])
with check("bytes: products that do not fit, and scores that cannot be negative"):
    boxes = np.array([[0, 0, 16, 16], [0, 0, 16, 16], [100, 100, 116, 108]], np.uint8)  # 16 · 16 is 0 in bytes
    expect(nms, boxes, np.array([1, 0, 200], np.uint8), 0.5).close([2, 0])
    expect(nms, boxes.astype(np.int64), np.array([1, 0, 200]), 0.5).close([2, 0])
with check("integers come out, and boxes and scores are left alone"):
    boxes = np.array([[3.0, 3.0, 4.0, 4.0], [0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.5]])
    met = expect(nms, boxes, np.array([0.1, 0.9, 0.8]), 0.5).close([1, 0]).unchanged()
    met.satisfies(lambda kept: np.asarray(kept).dtype.kind in "iu", "integers, that can be used as indices")
with check("equals the reference on random boxes"):
    rng = np.random.default_rng(0)
    for n, threshold in [(2, 0.3), (12, 0.1), (12, 0.3), (25, 0.5), (25, 0.7)]:
        corner = rng.uniform(0, 6, (n, 2))
        boxes, scores = np.hstack([corner, corner + rng.uniform(0.5, 6, (n, 2))]), rng.normal(size=n)
        expect(nms, boxes, scores, threshold).close(reference.nms(boxes, scores, threshold))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
## Networks

### The shapes of LeNet-5 ★★ · 8 min

**Given** the `size` of a square image of one channel and the number of `classes`, **return** a dictionary with the
shape after every layer, without N, in this order of keys:

| key | layer | shape |
|---|---|---|
| `"input"` | | (1, size, size) |
| `"C1"` | convolution, 6 filters 5×5 | (channels, height, width) |
| `"S2"` | pooling 2×2, stride 2 | (channels, height, width) |
| `"C3"` | convolution, 16 filters 5×5 | (channels, height, width) |
| `"S4"` | pooling 2×2, stride 2 | (channels, height, width) |
| `"C5"` | convolution, 120 filters 5×5 | (channels, height, width) |
| `"F6"` | dense, 84 units, reads all of C5 | (units,) |
| `"output"` | dense | (classes,) |

All convolutions have stride 1, and nothing is padded. With the kernel k, each of these layers takes n pixels to

$$ n' = \left\lfloor \frac{n - k}{s} \right\rfloor + 1, \qquad k = 5,\ s = 1 \text{ or } k = 2,\ s = 2 $$

so an odd size is rounded down when pooled. Shapes are tuples of integers: not `14.0`. C5 is a convolution and keeps its
height and width, which are more than 1 on larger images. Where nothing is left for C5, raise `ValueError`: that happens
for every size below 32, so the 28 × 28 images of MNIST were padded to 32 × 32.

*Worked number.* Size 32 goes 28, 14, 10, 5, 1. Size 64 goes 60, 30, 26, 13, 9: C5 is (120, 9, 9), and F6 reads 9,720
numbers.

**What the interviewer is after**: do you compute sizes in your head, quickly and without an off-by-one? **Follow-ups**:
which layer has most of the parameters, which most of the multiply-adds? Why does C5 count as a convolution if it sees
all of S4? What changes with padding 2 in C1? What would a global average pool change about the size of the image?

<details><summary>Hint 1</summary>A 5×5 kernel without padding takes 4 off; 2×2 pooling halves and rounds
down.</details>
<details><summary>Hint 2</summary>Use <code>//</code>, and a variable for each of the five sizes. Look at the last one
before you build the dictionary.</details>
"""

# %% role="solve" id="lenet5_shapes"
from dlkit.reference.cnn import lenet5_shapes

# %% role="check" id="lenet5_shapes-check" points=4
with check("32 × 32, as in the paper"):
    expected = {
        "input": (1, 32, 32),
        "C1": (6, 28, 28),
        "S2": (6, 14, 14),
        "C3": (16, 10, 10),
        "S4": (16, 5, 5),
        "C5": (120, 1, 1),
        "F6": (84,),
        "output": (10,),
    }
    expect(lenet5_shapes).close(expected)
with check("a larger image: C5 is a convolution and grows"):
    expected = {
        "input": (1, 64, 64),
        "C1": (6, 60, 60),
        "S2": (6, 30, 30),
        "C3": (16, 26, 26),
        "S4": (16, 13, 13),
        "C5": (120, 9, 9),
        "F6": (84,),
        "output": (26,),
    }
    expect(lenet5_shapes, 64, 26).close(expected)
with check("the eight keys come in the order of the layers, the sizes are integers"):
    met = expect(lenet5_shapes, 36).satisfies(
        lambda shapes: list(shapes) == ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"],
        "the keys input, C1, S2, C3, S4, C5, F6 and output, in this order",
    )
    met.satisfies(
        lambda shapes: all(np.asarray(shape).dtype.kind in "iu" for shape in shapes.values()), "tuples of integers"
    )
    met.close({"C1": (6, 32, 32), "S2": (6, 16, 16), "C3": (16, 12, 12), "S4": (16, 6, 6), "C5": (120, 2, 2)})
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("sizes that pooling rounds down"):
    for size in (33, 34, 35, 39):
        expect(lenet5_shapes, size).close(reference.lenet5_shapes(size))
with check("any number of classes: only the output changes"):
    expect(lenet5_shapes, classes=1).close(reference.lenet5_shapes(32, 1))
    expect(lenet5_shapes, 40, 100).close(reference.lenet5_shapes(40, 100))
with check("below 32, as MNIST's 28: ValueError"):
    expect(lenet5_shapes, 32).close(reference.lenet5_shapes(32))
    for size in (31, 28, 12, 5, 4):
        expect(lenet5_shapes, size).raises(ValueError)
with check("equals the reference for sizes up to 300"):
    for size in (37, 47, 100, 224, 299):
        expect(lenet5_shapes, size, size // 3).close(reference.lenet5_shapes(size, size // 3))
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Counting parameters ★★ · 15 min

**Given** the `name` of a network, **return** `(per_layer, total)`: a list with the number of weights and biases of each
layer that has any, the input's side first, and their sum. All integers.

$$ \text{conv: } F\left(\frac{C}{g}\, k^2 + 1\right), \qquad \text{dense: } M\,(D + 1) $$

for F filters of k × k on C channels in g groups, and M units on D numbers. Every filter and unit has one bias. Pooling
has no parameters. D of the first dense layer is channels × height × width of what is left of the image then.

| name | input | layers |
|---|---|---|
| `"lenet5"` | 1×32×32 | conv 6 of 5×5, pool, conv 16 of 5×5, pool, conv 120 of 5×5, dense 84, dense 10; pools 2×2 with stride 2, no padding, each filter on all channels |
| `"alexnet"` | 3×227×227 | conv 96 of 11×11 with stride 4, pool, conv 256 of 5×5 in 2 groups, pool, conv 384 of 3×3, conv 384 of 3×3 in 2 groups, conv 256 of 3×3 in 2 groups, pool, dense 4096, dense 4096, dense 1000; pools 3×3 with stride 2 |
| `"vgg16"` | 3×224×224 | conv 3×3: 64, 64, pool, 128, 128, pool, 256 three times, pool, 512 three times, pool, 512 three times, pool; dense 4096, dense 4096, dense 1000; pools 2×2 with stride 2 |

AlexNet's convolutions of 5×5 and 3×3 and all of VGG's are padded so that the size stays; AlexNet's first has no
padding. Pooling has none either, and sizes are rounded down.

The numbers are to be *computed from the structure*: **no number above 30,000 may be typed** in the answer, nor stand in
a string of it. The structures need none above 4,096; even VGG's 7·7·512 would be 25,088. Any other name raises
`ValueError`.

*Worked number.* LeNet-5's C1 has 6 · (25 + 1) = 156; the five layers have 156, 2416, 48120, 10164 and 850, together
61,706. AlexNet has 60,965,224 and VGG-16 138,357,544: each has more than half of them in its first dense layer.

**What the interviewer is after**: the factor C / g, the + 1, and the size that reaches the dense layers.
**Follow-ups**: why does AlexNet's paper speak of 224 and everybody compute with 227? Where are the parameters, and
where the multiply-adds? What has replaced the dense layers, and how many parameters does that save? How much memory
does training VGG-16 with Adam take, in float32, before the first activation? The paper's own LeNet-5 has 60,000: which
three things does it count otherwise?

<details><summary>Hint 1</summary>Describe each network as data: a list of layers such as ("conv", filters, kernel,
stride, padding, groups). One loop then counts all three.</details>
<details><summary>Hint 2</summary>Carry two numbers along: the channels and the size. A convolution and a pooling change
them; the first dense layer reads channels × size × size.</details>
<details><summary>Hint 3</summary>After a dense layer of M units, go on with M channels of size 1: then one formula
serves for all dense layers.</details>
"""

# %% role="solve" id="count_parameters"
from dlkit.reference.cnn import count_parameters

# %% role="check" id="count_parameters-check" points=4
with check("LeNet-5: 61,706, layer by layer"):
    expect(count_parameters, "lenet5").close(((156, 2416, 48120, 10164, 850), 61706))
with check("AlexNet: the first layers, and 60,965,224 in all"):
    met = expect(count_parameters, "alexnet")
    met.satisfies(lambda result: len(result[0]) == 8, "eight layers with parameters")
    met.satisfies(lambda result: list(result[0][:3]) == [34944, 307456, 885120], "34944, 307456 and 885120 at first")
    met.part(1).close(60965224)
with check("VGG-16: 16 layers, and 138,357,544 in all"):
    met = expect(count_parameters, "vgg16")
    met.satisfies(lambda result: len(result[0]) == 16, "sixteen layers with parameters")
    met.part(1).close(138357544)
with check("computed from the structure: no number above 30,000 is typed"):
    forbid_numbers(count_parameters, above=30_000)
    expect(count_parameters, "lenet5").satisfies(
        lambda result: sum(result[0]) == result[1] == 61706, "five numbers whose sum is 61,706, and 61,706"
    )
### BEGIN HIDDEN TESTS
from dlkit.reference import cnn as reference

with check("AlexNet, layer by layer: two groups, and 256 × 6 × 6 numbers at the first dense layer"):
    per_layer, total = reference.count_parameters("alexnet")
    expect(count_parameters, "alexnet").close((tuple(per_layer), total))
with check("VGG-16, layer by layer: 512 × 7 × 7 numbers at the first dense layer"):
    per_layer, total = reference.count_parameters("vgg16")
    expect(count_parameters, "vgg16").close((tuple(per_layer), total))
with check("integers, and any other name raises ValueError"):
    per_layer, total = reference.count_parameters("lenet5")
    met = expect(count_parameters, "lenet5").close((tuple(per_layer), total))
    met.satisfies(
        lambda result: all(np.asarray(n).dtype.kind in "iu" for n in (*result[0], result[1])), "integers, not floats"
    )
    for name in ("resnet50", "LeNet", ""):
        expect(count_parameters, name).raises(ValueError)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Concept question: three kinds of cost
"""

# %% role="question" id="cnn_where_vgg_spends" points=1

# %% [markdown]
r"""
### Training a LeNet ★★★ · 40 min

All of the unit at work: a small LeNet for handwritten digits of 8 × 8 pixels.

**Given** training and test images and labels, the number of `epochs` and a generator `rng`, **return** `(params,
accuracy)`: the trained parameters, and the part of the test images, from 0 to 1, that they get right.

| layer | parameters | out |
|---|---|---|
| input | | (N, 1, 8, 8) |
| convolution, padding 1; ReLU; 2×2 max pooling | `w1` (16, 1, 3, 3), `b1` (16,) | (N, 16, 4, 4) |
| convolution, padding 1; ReLU; 2×2 max pooling | `w2` (32, 16, 3, 3), `b2` (32,) | (N, 32, 2, 2) |
| flattened in the order channel, row, column | | (N, 128) |
| dense (x @ W + b); ReLU | `W3` (128, 64), `b3` (64,) | (N, 64) |
| dense: the scores s | `W4` (64, 10), `b4` (10,) | (N, 10) |

What is minimized is the softmax cross-entropy of the batch, and its gradient by the scores is where the way back
begins:

$$ L = -\frac1B \sum_n \log \frac{e^{s_{n,y_n}}}{\sum_k e^{s_{n,k}}}, \qquad
\frac{\partial L}{\partial s_{n,k}} = \frac1B \left( \mathrm{softmax}(s_n)_k - [k = y_n] \right) $$

What goes in:

- `X_train`, `X_test`: (N, 1, 8, 8), pixels from 0 to 1, and they enter the network as they are; `y_train`, `y_test`:
  (N,), integers 0 to 9. All four stay as they are. Not every digit has to occur.
- `epochs`: how often each training image is seen, so that the last, smaller batch counts too. There may be fewer images
  than your batch holds. 0 trains nothing: params are the initial ones, whatever the labels.
- `rng`: all chance comes from it. In the same state it gives the same params, in another state others. The functions of
  `np.random` itself (`np.random.randn`, `np.random.permutation`, `np.random.seed`, `np.random.default_rng`, …) are
  **banned**.

What comes out: `params`, a dictionary with just the eight keys of the table, and `accuracy`, of exactly these params on
the test images: the part whose highest score is their label's. All eight arrays are trained. The test part decides
nothing: params are the same for other test images and labels. So do not pick the best epoch by it.

Initialization, optimizer, learning rate and batch size are yours. Call your `conv2d_forward`, `maxpool2d_forward` and
their backwards. If one of them is wrong, this goes wrong too; get them right first.

The checks are small. One trains a single epoch on a single image, from the initial params that 0 epochs gave (so draw
these first): whatever your rule for the steps, a number in params then goes down where the loss grows with it, and up
where it falls; biases on which the loss does not depend stay where they are. So let the first step count already, on
the image as it is: momentum, Adam and a falling rate are fine, but no augmentation, no dropout, no weight decay, and no
rate that starts or ends at 0.

The other trains for 40 epochs on 16 bright images of four digits: four fifths of images like them must come out right,
in the best of up to three runs. He's initialization with plain gradient steps of 0.01 is enough for that; weights of
0.01 × noise are too small. The real test is the experiment after this exercise: at least 97 % on scikit-learn's digits,
in less than 30 seconds.

*Worked number.* The network has 160 + 4,640 + 8,256 + 650 = 13,706 parameters. A network that knows nothing and is not
sure of it has a loss of ln 10 = 2.3026, and about a tenth right: look at both before you train.

**What the interviewer is after**: a training loop from nothing, in which every shape and every mask is where it
belongs. **Follow-ups**: how do you find out whether the backward pass is right before you train? Which check would show
that the data and labels still belong together? What do you look at when the loss stays at 2.30? How do you choose the
number of epochs if not by the test part? Where does the time go?

<details><summary>Hint 1</summary>Write a function that takes x to the scores and keeps z1, z2, the four caches, the
flattened array and the hidden layer. Both the training and the accuracy use it.</details>
<details><summary>Hint 2</summary>Back: scores, W4, the ReLU's mask, W3, reshape to (B, 32, 2, 2), pooling, mask,
convolution, and the last three once more. A mask is <code>z &gt; 0</code> with the z before the ReLU.</details>
<details><summary>Hint 3</summary>He: <code>rng.standard_normal(shape) * np.sqrt(2 / fan_in)</code> with fan-in 9, 144,
128 and 64, biases 0. Momentum 0.9 with learning rate 0.05 and batches of 32, in a new <code>rng.permutation</code> each
epoch, is enough for 97 %.</details>
"""

# %% role="solve" id="train_lenet"
from dlkit.reference.cnn import train_lenet

# %% role="check" id="train_lenet-check" points=6
with check("params has the eight arrays of the table, in their shapes, and no chance comes from np.random"):
    rng = np.random.default_rng(0)
    X, y, X_test, y_test = rng.random((10, 1, 8, 8)), np.arange(10), rng.random((5, 1, 8, 8)), np.arange(5)
    shapes = {
        "w1": (16, 1, 3, 3),
        "b1": (16,),
        "w2": (32, 16, 3, 3),
        "b2": (32,),
        "W3": (128, 64),
        "b3": (64,),
        "W4": (64, 10),
        "b4": (10,),
    }
    for epochs in (0, 1):
        met = expect(train_lenet, X, y, X_test, y_test, epochs, np.random.default_rng(1)).satisfies(
            lambda result, shapes=shapes: {name: np.shape(value) for name, value in result[0].items()} == shapes,
            f"a dictionary with {', '.join(f'{name} {shape}' for name, shape in shapes.items())}, and the accuracy",
        )
        met.satisfies(
            lambda result: all(np.isfinite(value).all() for value in result[0].values()) and np.any(result[0]["W3"]),
            "finite numbers, with weights that are not all 0",
        )
    forbid(
        train_lenet,
        "numpy.random.seed",
        "numpy.random.rand",
        "numpy.random.randn",
        "numpy.random.normal",
        "numpy.random.uniform",
        "numpy.random.standard_normal",
        "numpy.random.shuffle",
        "numpy.random.permutation",
        "numpy.random.choice",
        "numpy.random.randint",
        "numpy.random.default_rng",
        "numpy.random.RandomState",
    )
with check("accuracy is the part of the test images that params gets right"):

    def scores(params, x):
        for w, b in (("w1", "b1"), ("w2", "b2")):
            windows = np.lib.stride_tricks.sliding_window_view(
                np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3)
            )
            z = np.tensordot(windows, params[w], axes=((1, 4, 5), (1, 2, 3))) + params[b]  # (N, H, W, F)
            x = np.maximum(z.transpose(0, 3, 1, 2), 0)
            x = x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).max(axis=(3, 5))
        hidden = np.maximum(x.reshape(len(x), 128) @ params["W3"] + params["b3"], 0)
        return hidden @ params["W4"] + params["b4"]

    def is_right(result, x, y):  # a score that is the highest by less than a rounding error may count or not
        others = scores(result[0], x)
        own = others[np.arange(len(y)), y].copy()
        others[np.arange(len(y)), y] = -np.inf
        margin = own - others.max(axis=1)
        return np.mean(margin > 1e-4) - 1e-6 <= result[1] <= np.mean(margin > -1e-4) + 1e-6

    rng = np.random.default_rng(2)
    X, y, X_test, y_test = rng.random((12, 1, 8, 8)), np.arange(12) % 10, rng.random((60, 1, 8, 8)), np.arange(60) % 10
    for epochs in (0, 1):
        met = expect(train_lenet, X, y, X_test, y_test, epochs, np.random.default_rng(epochs))
        met.part(1).satisfies(lambda part: np.ndim(part) == 0 and 0 <= part <= 1, "a part, from 0 to 1, no percentage")
        met.satisfies(
            lambda result, x=X_test, y=y_test: is_right(result, x, y),
            "the accuracy of the network of the table with the returned params, on the test images",
        )
with check("one image, one step: every array goes against its gradient, as a backward pass with all masks has it"):

    def loss(params, x, label):
        for w, b in (("w1", "b1"), ("w2", "b2")):
            windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
            z = np.tensordot(params[w], windows, axes=((1, 2, 3), (0, 3, 4))) + params[b][:, None, None]
            x = np.maximum(z, 0).reshape(len(z), z.shape[1] // 2, 2, z.shape[2] // 2, 2).max(axis=(2, 4))
        s = np.maximum(x.ravel() @ params["W3"] + params["b3"], 0) @ params["W4"] + params["b4"]
        return np.log(np.exp(s - s.max()).sum()) + s.max() - s[label]

    def slopes(params, name, x, label, step=1e-6):  # by finite differences, for at most 32 of its numbers
        array, start = params[name], loss(params, x, label)
        places = np.random.default_rng(0).permutation(array.size)[:32]
        grown = []
        for place in places:
            array.flat[place] += step
            grown.append(loss(params, x, label))
            array.flat[place] -= step
        return places, (np.array(grown) - start) / step

    rng = np.random.default_rng(3)
    X, y, X_test, y_test = rng.random((1, 1, 8, 8)), np.array([3]), rng.random((5, 1, 8, 8)), np.arange(5)
    met = expect(train_lenet, X, y, X_test, y_test, 0, np.random.default_rng(4))
    met.satisfies(lambda result: len(result) == 2 and len(result[0]) == 8, "eight arrays, and the accuracy")
    before = {name: np.array(value, float) for name, value in met.value[0].items()}
    met = expect(train_lenet, X, y, X_test, y_test, 1, np.random.default_rng(4))
    for names, where in [
        (("W4", "b4"), "at the very end: the gradient by the scores, or the sign of your steps"),
        (("W3", "b3"), "on the way from the scores to W3 and b3: W4, and the mask z3 > 0"),
        (("w2", "b2"), "on the way from there to w2 and b2: W3, the reshape, the pooling, and the mask z2 > 0"),
        (("w1", "b1"), "on the way from there to w1 and b1: the convolution, the pooling, and the mask z1 > 0"),
    ]:
        for name in names:
            places, slope = slopes(before, name, X[0], 3)
            steep, flat = np.abs(slope) > 0.01 * np.abs(slope).max(), (slope == 0) & (before[name].ndim == 1)
            met.satisfies(
                lambda result, name=name, old=before[name], places=places, slope=slope, steep=steep: (
                    np.mean(np.sign(old - result[0][name]).flat[places[steep]] == np.sign(slope[steep])) >= 0.95
                ),
                f"{name} to go down where the loss grows with it, and up where it falls. Look {where}",
            )
            met.satisfies(
                lambda result, name=name, old=before[name], places=places, flat=flat: (
                    np.all(np.abs(old - result[0][name])[places[flat]] <= 0.01 * np.abs(old - result[0][name]).max())
                    if flat.any()
                    else True
                ),
                f"{name} unchanged where the loss does not depend on it. Look {where}",
            )
with check("40 epochs on 16 images of four digits, in any order: it learns which label belongs to which image"):

    def images(rng, n):
        quarter = rng.permutation(np.arange(n) % 4)  # where an image is bright tells its digit
        X = 0.1 * rng.random((n, 1, 2, 4, 2, 4))
        X[np.arange(n), 0, quarter // 2, :, quarter % 2] += 0.9
        return X.reshape(n, 1, 8, 8), np.array([1, 4, 6, 9])[quarter]

    X, y = images(np.random.default_rng(5), 16)
    X_test, y_test = images(np.random.default_rng(6), 40)
    for seed in range(7, 10):
        met = expect(train_lenet, X, y, X_test, y_test, 40, np.random.default_rng(seed)).part(1)
        met.satisfies(lambda part: np.ndim(part) == 0 and 0 <= part <= 1, "a part, from 0 to 1, no percentage")
        if met.value[1] >= 0.8:
            break
    met.satisfies(
        lambda accuracy: accuracy >= 0.8,
        "an accuracy of at least 0.8, in this run or in one of the two before it. Are the labels still those of their "
        "images, in every batch?",
    )
### BEGIN HIDDEN TESTS
with check("for test labels that are the network's own answers the accuracy is 1, for all others 0"):

    def scores(params, x, pool=np.max, hidden=lambda z: np.maximum(z, 0), order=(0, 1, 2, 3)):
        for w, b in (("w1", "b1"), ("w2", "b2")):
            windows = np.lib.stride_tricks.sliding_window_view(
                np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3)
            )
            z = np.tensordot(windows, params[w], axes=((1, 4, 5), (1, 2, 3))) + params[b]  # (N, H, W, F)
            x = np.maximum(z.transpose(0, 3, 1, 2), 0)
            x = pool(x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2), axis=(3, 5))
        flat = x.transpose(order).reshape(len(x), 128)
        return hidden(flat @ params["W3"] + params["b3"]) @ params["W4"] + params["b4"]

    rng = np.random.default_rng(8)
    X, y, X_test = rng.random((10, 1, 8, 8)), np.arange(10), rng.random((60, 1, 8, 8))
    X_test *= rng.random((60, 1, 8, 8)) < 0.3
    met = expect(train_lenet, X, y, X_test, np.zeros(60, int), 1, np.random.default_rng(9))
    met.satisfies(lambda result: len(result) == 2 and len(result[0]) == 8, "params and accuracy")
    params = met.value[0]
    answers = scores(params, X_test)
    ranked = np.sort(answers, axis=1)
    sure = ranked[:, -1] - ranked[:, -2] > 1e-3 * (ranked[:, -1] - ranked[:, 0])
    X_sure, y_sure = X_test[sure], answers[sure].argmax(axis=1)
    met = expect(train_lenet, X, y, X_sure, y_sure, 1, np.random.default_rng(9))
    met.part(1).satisfies(lambda part: np.ndim(part) == 0 and 0 <= part <= 1, "a part, from 0 to 1, no percentage")
    for words, slip in [
        ("average pooling instead of max pooling", {"pool": np.mean}),
        ("no ReLU before the last layer", {"hidden": lambda z: z}),
        ("pixels flattened in the order row, column, channel", {"order": (0, 2, 3, 1)}),
    ]:
        other = np.mean(scores(params, X_sure, **slip).argmax(axis=1) == y_sure)
        met.satisfies(
            lambda result, other=other: result[1] > 1 - 1e-6 or abs(result[1] - other) > 1e-6,
            f"accuracy 1, by the network of the table; yours is that of a network with {words}",
        )
    met.satisfies(lambda result: result[1] > 1 - 1e-6, "accuracy 1, by the network of the table with the same params")
    met = expect(train_lenet, X, y, X_sure, (y_sure + 1) % 10, 1, np.random.default_rng(9))
    met.satisfies(lambda result: abs(result[1]) < 1e-6, "accuracy 0 where every label is one more than the answer")
with check("0 epochs train nothing: the training labels do not matter then, after 2 epochs they do"):
    rng = np.random.default_rng(12)
    X, y, X_test, y_test = rng.random((10, 1, 8, 8)), np.arange(10), rng.random((5, 1, 8, 8)), np.arange(5)
    params = [
        expect(train_lenet, X, labels, X_test, y_test, epochs, np.random.default_rng(13))
        .satisfies(lambda result: len(result) == 2 and len(result[0]) == 8, "eight arrays, and the accuracy")
        .value[0]
        for epochs in (0, 2)
        for labels in (y, y[::-1])
    ]
    expect(train_lenet, X, y[::-1], X_test, y_test, 0, np.random.default_rng(13)).part(0).close(
        params[0], rtol=1e-4, atol=1e-5
    )
    expect(train_lenet, X, y[::-1], X_test, y_test, 2, np.random.default_rng(13)).part(0).satisfies(
        lambda params, other=params[2]: not np.allclose(params["W4"], other["W4"], rtol=1e-9, atol=1e-12),
        "another W4 after two epochs with other labels",
    )
with check("same state of rng, same params, and another state, others"):
    rng = np.random.default_rng(14)
    X, y, X_test, y_test = rng.random((12, 1, 8, 8)), np.arange(12) % 10, rng.random((5, 1, 8, 8)), np.arange(5)
    met = expect(train_lenet, X, y, X_test, y_test, 1, np.random.default_rng(15))
    met.satisfies(lambda result: len(result) == 2 and len(result[0]) == 8, "eight arrays, and the accuracy")
    first = met.value[0]
    expect(train_lenet, X, y, X_test, y_test, 1, np.random.default_rng(15)).part(0).close(first, rtol=1e-4, atol=1e-5)
    for epochs in (0, 1):
        expect(train_lenet, X, y, X_test, y_test, epochs, np.random.default_rng(16)).part(0).satisfies(
            lambda params, first=first: all(
                not np.allclose(params[name], first[name]) for name in ("w1", "w2", "W3", "W4")
            ),
            "other weights for an rng in another state",
        )
with check("test images and test labels have no influence on params, and all data are left alone"):
    rng = np.random.default_rng(17)
    y = np.where(np.arange(8) % 2, 7, 3)
    X = 0.1 * rng.random((8, 1, 8, 8))
    X[y == 3, :, :, :4] += 0.9
    X[y == 7, :, :, 4:] += 0.9
    met = expect(train_lenet, X, y, X, y, 5, np.random.default_rng(18)).unchanged()
    met.satisfies(lambda result: len(result) == 2 and len(result[0]) == 8, "eight arrays, and the accuracy")
    params = met.value[0]
    met = expect(train_lenet, X, y, X, np.zeros(8, int), 5, np.random.default_rng(18)).unchanged()
    met.part(0).close(params, rtol=1e-4, atol=1e-5)
    met = expect(train_lenet, X, y, rng.random((3, 1, 8, 8)), np.array([0, 1, 2]), 5, np.random.default_rng(18))
    met.unchanged().part(0).close(params, rtol=1e-4, atol=1e-5)
### END HIDDEN TESTS
check.score()

# %% [markdown]
r"""
### Experiment: what LeNet has learnt

Your `train_lenet` sees 1437 digits for 15 epochs; the other 360 are the test. With 0 epochs and the same generator it
gives the filters before training. The pictures show the sixteen 3×3 filters of the first layer before and after (orange
below 0, purple above; all on one scale), and what becomes of a test image: the 16 maps after the first convolution and
ReLU, 8×8 each, and the 32 maps of the second, 4×4 each.

*Make a prediction*: will the filters look like edge detectors, as in the books? How well does the network do if one of
the 16 first maps is erased?
"""

# %% role="demo" id="experiment-lenet"
import time

from dlkit.lab import digits, experiment, figure


def mosaic(tiles, columns):
    """Tiles (T, H, W), row by row with a gap between them, as one picture."""
    tiles = np.pad(tiles, ((0, -len(tiles) % columns), (0, 0), (0, 0)), constant_values=np.nan)  # the last row filled
    gap = np.pad(tiles, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    rows = [np.hstack(list(gap[first : first + columns])) for first in range(0, len(gap), columns)]
    return np.vstack(rows)


def lenet_maps(params, x):
    """The maps after the first and the second convolution, and the scores."""
    first = np.maximum(conv2d_forward(x, params["w1"], params["b1"], padding=1)[0], 0)  # (N, 16, 8, 8)
    pooled = maxpool2d_forward(first, 2)[0]
    second = np.maximum(conv2d_forward(pooled, params["w2"], params["b2"], padding=1)[0], 0)  # (N, 32, 4, 4)
    flat = maxpool2d_forward(second, 2)[0].reshape(len(x), -1)
    hidden = np.maximum(flat @ params["W3"] + params["b3"], 0)
    return first, second, hidden @ params["W4"] + params["b4"]


def split_digits():
    """1437 images to train on and 360 to test, (N, 1, 8, 8), with their labels."""
    images, labels = digits()
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order].reshape(-1, 1, 8, 8), labels[order]
    return images[:-360], labels[:-360], images[-360:], labels[-360:]


def correct(params, x, y):
    return np.mean(lenet_maps(params, x)[2].argmax(axis=1) == y)


with experiment(), figure("Sixteen small questions, asked at every place", columns=5, width=11, height=2.8) as panels:
    X_train, y_train, X_test, y_test = split_digits()
    untrained, chance = train_lenet(X_train, y_train, X_test, y_test, 0, np.random.default_rng(0))
    began = time.perf_counter()
    lenet, accuracy = train_lenet(X_train, y_train, X_test, y_test, 15, np.random.default_rng(0))
    seconds = time.perf_counter() - began
    print(f"test accuracy before training {chance:.0%}, after 15 epochs {accuracy:.1%}")
    print(f"at least 97 %: {'yes' if accuracy >= 0.97 else 'no'}; in 30 seconds: {'yes' if seconds <= 30 else 'no'}")

    erased = []
    for channel in range(16):
        without = lenet | {"w1": lenet["w1"].copy(), "b1": lenet["b1"].copy()}
        without["w1"][channel], without["b1"][channel] = 0, 0
        erased.append(correct(without, X_test, y_test))
    print(f"with one of the 16 first maps erased: from {min(erased):.0%} to {max(erased):.0%}")

    example = X_test[:1]
    first, second, _ = lenet_maps(lenet, example)
    scale = max(np.abs(untrained["w1"]).max(), np.abs(lenet["w1"]).max())
    pictures = [
        ("filters before", mosaic(untrained["w1"][:, 0], 4), {"cmap": "PuOr", "vmin": -scale, "vmax": scale}),
        ("filters after", mosaic(lenet["w1"][:, 0], 4), {"cmap": "PuOr", "vmin": -scale, "vmax": scale}),
        (f"a test image, {y_test[0]}", example[0, 0], {"cmap": "gray"}),
        ("its 16 maps, layer 1", mosaic(first[0], 4), {"cmap": "gray"}),
        ("its 32 maps, layer 2", mosaic(second[0], 6), {"cmap": "gray"}),
    ]
    for panel, (title, picture, colours) in zip(panels, pictures, strict=True):
        panel.imshow(picture, **colours)
        panel.set_axis_off()
        panel.set_title(title)
    moved_by = np.linalg.norm(lenet["w1"] - untrained["w1"]) / np.linalg.norm(untrained["w1"])
    moved_next = np.linalg.norm(lenet["w2"] - untrained["w2"]) / np.linalg.norm(untrained["w2"])
    print(f"training changed the first filters by {moved_by:.0%} of their size, the second by {moved_next:.0%}")

# %% [markdown]
r"""
**What it shows.** With the reference answer the test accuracy goes from 8 %, as by chance, to 98.3 %: 6 of 360 digits
are wrong. (Yours differs a little, as your random numbers and optimizer may.) The first filters are not the clean edge
detectors of the books. Those are AlexNet's, 11×11 pixels and a million images; nine pixels drawn at random already
react to edges, corners and spots in some direction, and training changed them by 38 % of their size. (With momentum and
a constant rate, as in Hint 3, it was 69 %.) The second layer's filters, which combine the first maps, changed by more,
94 % (105 %).

In the maps of layer 1 the digit is still readable: they are the image, seen by 16 different eyes, and bright where the
stroke runs as the filter likes it. In layer 2 it no longer is. There, many maps are dark: few of the features are
present in any one digit. And no single map is indispensable: with one of the sixteen erased, the accuracy is still 96
to 99 %. What the network knows is spread over many filters, so a story about “the filter that detects the loop” is
mostly a story.
"""

# %% [markdown]
r"""
### Experiment: convolution against dense layers

What would LeNet's two convolutions cost as dense layers that make the same maps? That is the left picture. Then a fair
fight: a dense network of the same total size, 64 → 182 → 10, trained for as many epochs. Both are tested on the 360
test digits, moved by up to two pixels to either side. The dashed lines are the same two networks, trained on digits
that were moved at random by −1, 0 or 1 pixels.

*Make a prediction*: who is better on the digits as they are? Who when they are moved by one pixel? And will seeing
digits moved by one pixel help with those moved by two?

The cell uses the network that the previous experiment trained.
"""

# %% role="demo" id="experiment-conv-or-dense"
from dlkit.lab import experiment, figure


def shifted(x, places):
    """Images moved to the right by each one's own number of places (to the left where it is negative)."""
    columns = np.arange(8) - np.broadcast_to(places, len(x))[:, None]  # (N, 8), where each pixel comes from
    inside = (columns >= 0) & (columns < 8)
    return np.take_along_axis(x, np.clip(columns, 0, 7)[:, None, None, :], axis=3) * inside[:, None, None, :]


def train_dense(X, y, epochs, rng, hidden=182, rate=0.05):
    """A network with one hidden ReLU layer by SGD with momentum; gives the function from images to scores."""
    W1, W2 = rng.normal(0, math.sqrt(2 / 64), (64, hidden)), rng.normal(0, math.sqrt(2 / hidden), (hidden, 10))
    weights = [W1, np.zeros(hidden), W2, np.zeros(10)]
    velocity = [np.zeros(w.shape) for w in weights]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for batch in np.split(order, range(32, len(X), 32)):
            W1, b1, W2, b2 = weights
            x = X[batch].reshape(len(batch), 64)
            h = np.maximum(x @ W1 + b1, 0)
            scores = h @ W2 + b2
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            dscores = (p / p.sum(axis=1, keepdims=True) - np.eye(10)[y[batch]]) / len(batch)
            dh = dscores @ W2.T * (h > 0)
            grads = [x.T @ dh, dh.sum(axis=0), h.T @ dscores, dscores.sum(axis=0)]
            velocity = [0.9 * v + g for v, g in zip(velocity, grads, strict=True)]
            weights = [w - rate * v for w, v in zip(weights, velocity, strict=True)]
    W1, b1, W2, b2 = weights
    return lambda x: np.maximum(x.reshape(len(x), 64) @ W1 + b1, 0) @ W2 + b2


with experiment(), figure("As digits stand both know them; moved, convolution helps", columns=2) as (left, right):
    jittered = shifted(X_train, np.random.default_rng(1).integers(-1, 2, len(X_train)))
    jittered_lenet, _ = train_lenet(jittered, y_train, X_test, y_test, 15, np.random.default_rng(0))
    contestants = [
        ("LeNet", "o-", "#0072B2", lambda x: lenet_maps(lenet, x)[2]),
        ("dense", "s-", "#D55E00", train_dense(X_train, y_train, 15, np.random.default_rng(0))),
        ("LeNet, moved in training", "o--", "#0072B2", lambda x: lenet_maps(jittered_lenet, x)[2]),
        ("dense, moved in training", "s--", "#D55E00", train_dense(jittered, y_train, 15, np.random.default_rng(0))),
    ]
    places = np.arange(-2, 3)
    for name, line, colour, scores in contestants:
        right_ones = [np.mean(scores(shifted(X_test, p)).argmax(axis=1) == y_test) for p in places]
        right.plot(places, right_ones, line, color=colour, label=name)
        print(f"{name:25s}" + "".join(f"   {p:2d}: {part:4.0%}" for p, part in zip(places, right_ones, strict=True)))

    layers = [  # name, weights and biases as a convolution, as a dense layer from all inputs to all of its outputs
        ("layer 1", conv_cost(1, 16, 3, 8, 8)[0] + 16, 64 * 1024 + 1024),
        ("layer 2", conv_cost(16, 32, 3, 4, 4)[0] + 32, 256 * 512 + 512),
    ]
    for row, (name, conv, dense) in enumerate(layers):
        left.barh(row - 0.2, conv, 0.38, color="#0072B2", label="convolution" if row == 0 else None)
        left.barh(row + 0.2, dense, 0.38, color="#D55E00", label="dense, same maps" if row == 0 else None)
        left.text(conv * 1.15, row - 0.2, f"{conv:,d}", verticalalignment="center")
        left.text(dense * 1.15, row + 0.2, f"{dense:,d}", verticalalignment="center")
        print(f"{name}: {conv:5,d} parameters as a convolution, {dense:7,d} as a dense layer, {dense / conv:.0f} times")
    total = sum(values.size for values in lenet.values())
    print(f"all of LeNet: {total:,d} parameters; the dense network: {64 * 182 + 182 + 182 * 10 + 10:,d}")
    left.set(xscale="log", xlim=(50, 2e6), ylim=(2.1, -0.6), xlabel="parameters (logarithmic)", title="what maps cost")
    left.set_yticks([0, 1], ["layer 1", "layer 2"])
    left.legend(loc="lower right", ncols=2)
    right.set(xlabel="pixels moved to the right", ylabel="test accuracy", title="13,706 and 13,660 parameters")
    right.set(xticks=places, ylim=(0, 1.04))
    right.legend(loc="lower center")

# %% [markdown]
r"""
**What it shows.** For the same maps, dense layers would need 416 and 28 times the parameters. But parameters alone do
not decide: on the digits as they are, a dense network of LeNet's total size is as good, 99 % against 98 %, a difference
of a few images. The digits are small and well centred, and there the beliefs of a convolution buy nothing.

(The numbers are the reference answer's; yours may differ by some per cent, by up to ten where digits are moved.)

Moved by one pixel, they do: LeNet keeps 72 to 74 %, the dense network 42 to 49 %. LeNet is not invariant either, since
its pooling is by 2×2 with stride 2, and its dense layers know by heart where things are. (A move by one pixel cuts off
0.3 % of the ink at most, one by two pixels 4 to 6 %.)

Moving the training digits at random by up to one pixel does more than the architecture: 98 % and 96 % for moves by one.
What remains of the architecture is how the knowledge *extends*: at two pixels, which neither network has seen, LeNet
has 72 to 80 %, the dense network 49 to 52 %.

**What to say in an interview.** “A convolution needs no examples to know that a feature may be elsewhere, a dense layer
has to be shown every place. With enough data or augmentation the difference shrinks. So it pays most where data are
few, images large, and objects not centred.”
"""

# %% [markdown]
r"""
### Concept question: what a convolution believes

Write as you would say it to an interviewer.
"""

# %% role="answer" id="cnn_prior_explained" points=2

# %% [markdown]
r"""
## Summary: the evening before

**The arithmetic**, along one axis; p zeros at each end, kernel k, stride s, dilation d

| what | formula | example |
|---|---|---|
| output size | ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 | 224, k 7, s 2, p 3: 112 |
| padding that keeps the size | d(k − 1) / 2, with s = 1 and odd k | k 3: 1 |
| “same” with stride | ceil(n / s) outputs; the odd zero goes after | 224, k 3, s 2: 0 before, 1 after |
| receptive field | size += d(k − 1) · jump, then jump *= s | three 3×3: 7; with stride 2 in each: 15 |
| weights | F · (C / groups) · k², and F biases | 64 to 64, 3×3: 36,864 |
| multiply-adds | weights · OH · OW | the same on 32×32: 37.7 million |
| depthwise separable / full | 1/F + 1/k² | F 256, k 3: 0.115, a saving of 8.7 times |
| transposed convolution | (n − 1)s + k − 2p | 4, k 4, s 2, p 1: 8 |
| im2col's matrix | (N·OH·OW, C·k²): about k²/s² times the image | 3×3, s 1: 9 times |

**The gradients**

| layer | backward |
|---|---|
| convolution | on windows it is a dense layer: dw = doutᵀ @ cols, summed over all images and places; dx = col2im(dout @ w); db = dout summed over N, OH, OW |
| max pooling | to the (first) maximum of each window, 0 elsewhere; overlaps add up |
| average pooling | 1/k² of it to every pixel of the window; overlaps add up |
| global average | 1/(H·W) of it to every pixel |

**What each part is for**

| part | keeps | loses | beware |
|---|---|---|---|
| 3×3 convolution | place | – | two see 5×5 with 18C² weights, not 25C² |
| 1×1 convolution | place | – | mixes channels only; with stride 2 it ignores three pixels of four |
| stride 2 | what it has learnt to | odd shifts | aliasing |
| max pooling | that it was there | where in the window | gradient to one pixel only |
| average pooling | how much in all | peaks | |
| global average | how much in the image | all places | replaces the large dense layers |
| dilation | resolution, with a wide field | – | holes, if all dilations share a factor |
| depthwise + 1×1 | most of the accuracy | – | fewer multiply-adds, not as much less time |
| transposed convolution | – | – | checkerboard where s does not divide k; no inverse |
| dense layer | all places, each its own weights | any other image size | most of the parameters |

**The family, in a line each**

| network | parameters | what it brought |
|---|---|---|
| LeNet-5, 1998 | 61,706 | convolution and subsampling by turns, then dense layers, trained as one |
| AlexNet, 2012 | 60,965,224 | the same in large: ReLU, dropout, augmentation, GPUs |
| VGG-16, 2014 | 138,357,544, of which 89 % are dense | depth, from 3×3 alone |
| GoogLeNet, 2014 | a fraction of AlexNet's | branches, 1×1 before the large kernels, global average |
| ResNet, 2015 | unit 10 | x + F(x), so that depth can be trained |
| DenseNet, 2017 | unit 10 | concatenation of all earlier maps |

**Ten sentences to be able to say**

1. A convolution is a dense layer whose matrix is mostly 0 (locality) and whose other entries repeat (sharing); sharing
   saves weights, not work.
2. It is equivariant to shifts, up to borders; a stride leaves only shifts by its multiples, and only pooling over all
   places makes invariance.
3. Libraries compute cross-correlation; as the filters are learnt, a flip would change nothing but the file format.
4. With im2col a convolution is one matrix product, so its gradients are a dense layer's, and col2im adds up where
   windows overlap.
5. col2im is the adjoint of im2col, and transposed convolution that of convolution: neither is an inverse.
6. Three 3×3 layers see 7×7 with 27C² weights, not 49C², and three non-linearities; they keep three maps for the
   backward.
7. A layer adds d(k − 1) times the product of the strides *before* it to the receptive field; its own stride counts for
   the next.
8. What really counts in the field is a bump whose width grows with the root of depth: about $\sqrt{2L/3}$ pixels for L
   layers of 3×3.
9. In VGG-16 the weights are in the first dense layer (74 %), the work in the convolutions (15.3 of 15.5 billion
   multiply-adds), and the activations in the first layers.
10. A dense layer on a map is a convolution with a kernel of the map's size, so a classifier can slide over a larger
    image.

**Finger exercises**: write im2col, then forward and backward with it; max pooling's backward with overlapping windows;
LeNet-5's shapes and its 61,706 in your head; NMS in ten lines; where the adjoint test ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ finds a bug.
"""

# %% [markdown]
r"""
## Glossary

| English | 中文 | in one line |
|---|---|---|
| convolutional neural network (CNN) | 卷积神经网络 | layers of convolutions, non-linearities and pooling |
| convolution, cross-correlation | 卷积、互相关 | a dot product of filter and window at every place; with and without a flip |
| kernel, filter | 卷积核、滤波器 | the weights that slide; a filter has a kernel for each input channel |
| channel | 通道 | one of the maps that lie over each other at every pixel |
| feature map | 特征图 | what one filter answers at all places |
| stride | 步幅（步长） | how far the window moves from place to place |
| padding | 填充 | pixels, here zeros, added around the image |
| dilated (atrous) convolution | 空洞卷积（膨胀卷积） | a kernel with gaps between its weights |
| grouped convolution | 分组卷积 | each group of filters sees its group of channels only |
| depthwise separable convolution | 深度可分离卷积 | a filter for each channel, then 1×1 |
| pointwise (1×1) convolution | 逐点卷积（1×1 卷积） | a dense layer on the channels of every pixel |
| transposed convolution | 转置卷积（反卷积） | the adjoint of a convolution, which makes maps larger |
| checkerboard artefact | 棋盘效应 | a pattern of places that get unequally many contributions |
| weight sharing | 权值共享（参数共享） | one filter for all places |
| local connectivity | 局部连接 | an output reads its neighbourhood only |
| sparse interactions | 稀疏交互 | the same, said of the matrix |
| inductive bias | 归纳偏置 | what a model believes before it has seen any data |
| translation equivariance | 平移等变性 | move the input, and the output moves along |
| translation invariance | 平移不变性 | move the input, and the output stays the same |
| aliasing | 混叠 | fine detail turns into something else when sampled too coarsely |
| pooling | 池化（汇聚） | one number for every window |
| max, average pooling | 最大池化、平均池化 | the largest; the mean |
| global average pooling | 全局平均池化 | one mean for each channel |
| subsampling (downsampling) | 下采样 | making maps smaller |
| upsampling | 上采样 | making maps larger |
| receptive field | 感受野 | the pixels that can influence a unit |
| effective receptive field | 有效感受野 | the smaller part of them that does |
| multiply-add (MAC) | 乘加运算 | one product and its sum; two FLOPs |
| adjoint (transpose) | 伴随（转置） | the map with ⟨A x, y⟩ = ⟨x, Aᵀ y⟩; what backpropagation applies |
| fully connected (dense) layer | 全连接层 | every output reads every input |
| fully convolutional network | 全卷积网络 | no dense layer: it takes images of any size |
| bounding box | 边界框 | a rectangle around an object |
| intersection over union (IoU) | 交并比 | common area divided by that of both together |
| non-maximum suppression (NMS) | 非极大值抑制 | of boxes that overlap too much only the best stays |
| data augmentation | 数据增强 | training on changed copies, such as moved images |
"""
