"""Unit 10: wrong answers that people give in 10_resnet, each with what to say of it."""

import copy

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.layers import batchnorm, batchnorm_backward, conv, conv_backward
from dlkit.reference.resnet import (
    bottleneck_forward,
    dense_block,
    densenet121_parameters,
    factorized_cost,
    gradient_norm_plain_vs_residual,
    identity_gradient,
    inception_v1,
    preact_block_forward,
    residual_block_backward,
    residual_block_forward,
    resnet_parameters,
    resnext50_parameters,
    resnext_block,
    se_block,
    train_resnet,
    transition,
)

NAMES = ("gamma", "beta", "mean", "var")


def _bn(x, params, i, training):
    """The normalization with this suffix, as it should be."""
    return batchnorm(x, *(params[name + i] for name in NAMES), training)


def _branch(x, params, stride, training):
    """The branch of the residual block, as it should be, and what its backward needs."""
    h, conv1 = conv(x, params["w1"], stride, padding=1)
    h, bn1 = _bn(h, params, "1", training)
    a = np.maximum(h, 0)
    h, conv2 = conv(a, params["w2"], padding=1)
    h, bn2 = _bn(h, params, "2", training)
    return h, (conv1, bn1, a, conv2, bn2)


def _shortcut(x, params, stride, training):
    """The shortcut of the residual block and of the bottleneck, as it should be, and what its backward needs."""
    if "ws" not in params:
        return x, None
    h, convs = conv(x, params["ws"], stride)
    h, bns = _bn(h, params, "s", training)
    return h, (convs, bns)


@mistake(residual_block_forward)
def adds_the_shortcut_after_the_last_relu(x, params, stride=1, training=True):
    """Your last ReLU acts on the branch alone, and the shortcut is added to what it leaves: it belongs around the
    sum."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(h, 0) + shortcut
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def cuts_off_the_branch_before_the_sum(x, params, stride=1, training=True):
    """Your branch ends in a ReLU of its own: it can only add to the shortcut, never take away. One ReLU follows bn1,
    one the sum."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(np.maximum(h, 0) + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def leaves_the_residual_sum_without_a_relu(x, params, stride=1, training=True):
    """Your output has negative numbers: this block has a ReLU after the sum. It is the pre-activation block that has
    none."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = h + shortcut
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def forgets_the_relu_between_the_two_convolutions(x, params, stride=1, training=True):
    """There is no ReLU between your two convolutions: up to normalization they collapse into one linear map."""
    h, conv1 = conv(x, params["w1"], stride, padding=1)
    a, bn1 = _bn(h, params, "1", training)
    h, conv2 = conv(a, params["w2"], padding=1)
    h, bn2 = _bn(h, params, "2", training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(h + shortcut, 0)
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


@mistake(residual_block_forward)
def activates_the_projected_shortcut(x, params, stride=1, training=True):
    """Your projected shortcut goes through a ReLU of its own before the sum: after its normalization nothing is cut
    off."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    if projection is not None:
        shortcut = np.maximum(shortcut, 0)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def adds_the_projection_without_its_normalization(x, params, stride=1, training=True):
    """Your projection is added as it comes out of the 1×1 convolution: gammas, betas, means and vars are not used."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    if projection is not None:
        shortcut, _ = conv(x, params["ws"], stride)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def gives_the_residual_blocks_stride_to_its_second_convolution(x, params, stride=1, training=True):
    """Your second convolution has the stride: the shapes come out the same, the numbers do not. It is the first one
    that skips pixels."""
    h, conv1 = conv(x, params["w1"], padding=1)
    h, bn1 = _bn(h, params, "1", training)
    a = np.maximum(h, 0)
    h, conv2 = conv(a, params["w2"], stride, padding=1)
    h, bn2 = _bn(h, params, "2", training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(h + shortcut, 0)
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


@mistake(residual_block_forward)
def gives_the_stride_to_both_convolutions(x, params, stride=1, training=True):
    """Both of your 3×3 convolutions have the stride, so the image shrinks twice: only the first one has it."""
    h, conv1 = conv(x, params["w1"], stride, padding=1)
    h, bn1 = _bn(h, params, "1", training)
    a = np.maximum(h, 0)
    h, conv2 = conv(a, params["w2"], stride, padding=1)
    h, bn2 = _bn(h, params, "2", training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(h + shortcut, 0)
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


@mistake(residual_block_forward)
def forgets_the_stride_of_the_projection(x, params, stride=1, training=True):
    """Branch and projection come out in different sizes: the first convolution and the projection both have the stride,
    the second convolution has 1."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, 1, training)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def forgets_the_padding_of_the_3x3_convolutions(x, params, stride=1, training=True):
    """Your 3×3 convolutions have no padding, so each makes the image smaller by two rows and columns, and the sum
    cannot be formed."""
    h, conv1 = conv(x, params["w1"], stride)
    h, bn1 = _bn(h, params, "1", training)
    a = np.maximum(h, 0)
    h, conv2 = conv(a, params["w2"])
    h, bn2 = _bn(h, params, "2", training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(h + shortcut, 0)
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


@mistake(residual_block_forward)
def normalizes_twice_with_the_first_parameters(x, params, stride=1, training=True):
    """Both of your normalizations use gamma1, beta1, mean1 and var1: the second one has a set of its own."""
    h, conv1 = conv(x, params["w1"], stride, padding=1)
    h, bn1 = _bn(h, params, "1", training)
    a = np.maximum(h, 0)
    h, conv2 = conv(a, params["w2"], padding=1)
    h, bn2 = _bn(h, params, "1", training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.maximum(h + shortcut, 0)
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


@mistake(residual_block_forward)
def normalizes_blocks_by_the_batch_in_evaluation_too(x, params, stride=1, training=True):
    """In evaluation your normalizations still use the batch's statistics: is training handed on to batchnorm, which
    takes True if it is told nothing?"""
    return residual_block_forward(x, params, stride)


@mistake(residual_block_forward)
def normalizes_the_shortcut_by_the_batch_in_evaluation(x, params, stride=1, training=True):
    """In evaluation the normalization of your shortcut still uses the batch's statistics: training has to be handed to
    all three."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, True)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def normalizes_blocks_by_the_given_statistics_in_training_too(x, params, stride=1, training=True):
    """In training your normalizations use the means and variances of params: those are for evaluation, a training
    batch uses its own."""
    return residual_block_forward(x, params, stride, False)


@mistake(residual_block_forward)
def overwrites_x_before_the_shortcut_reads_it(x, params, stride=1, training=True):
    """Your shortcut adds the first activations instead of x: was x overwritten on the way?"""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(kept[2], params, stride, training)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def adds_the_first_activations_unless_it_projects(x, params, stride=1, training=True):
    """Your projection reads x, but without one your shortcut adds relu(bn1(conv1(x))): there, too, it is x that is
    added."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training) if "ws" in params else (kept[2], None)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def projects_only_where_the_shapes_need_it(x, params, stride=1, training=True):
    """You decide by the shapes whether to project, and leave a ws unused where C = F and stride = 1: the key alone
    decides."""
    h, kept = _branch(x, params, stride, training)
    needed = stride != 1 or x.shape[1] != h.shape[1]
    shortcut, projection = _shortcut(x, params, stride, training) if needed else (x, None)
    out = np.maximum(h + shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def writes_the_preactivation_block_instead(x, params, stride=1, training=True):
    """You normalize and activate before each convolution and leave the sum as it is: that is the block of ResNet v2.
    In this one the convolutions come first."""
    h, bn1 = _bn(x, params, "1", training)
    a = np.maximum(h, 0)
    h, conv1 = conv(a, params["w1"], stride, padding=1)
    h, bn2 = _bn(h, params, "2", training)
    h, conv2 = conv(np.maximum(h, 0), params["w2"], padding=1)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = h + shortcut
    return out, (conv1, bn1, a, conv2, bn2, projection, out)


@mistake(residual_block_forward)
def adds_the_residual_branch_into_x(x, params, stride=1, training=True):
    """Your sum is formed in place, and where the shortcut is x itself that changes the caller's images."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    if shortcut.dtype.kind == "i":
        shortcut = shortcut.astype(float)
    shortcut += h
    out = np.maximum(shortcut, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def collects_the_residual_sum_in_float64(x, params, stride=1, training=True):
    """Your output is float64 though all that is given is float32: np.zeros makes float64 unless it is told
    otherwise."""
    h, kept = _branch(x, params, stride, training)
    shortcut, projection = _shortcut(x, params, stride, training)
    out = np.zeros(h.shape)
    out += h
    out += shortcut
    out = np.maximum(out, 0)
    return out, (*kept, projection, out)


@mistake(residual_block_forward)
def takes_convs_pair_for_its_result(x, params, stride=1, training=True):
    """The given conv and batchnorm return two things, the result and a cache, and you hand on both together."""
    h = conv(x, params["w1"], stride, 1)
    return batchnorm(h, params["gamma1"], params["beta1"], params["mean1"], params["var1"], training)


@mistake(residual_block_forward)
def returns_the_residual_output_without_a_cache(x, params, stride=1, training=True):
    """Your forward returns out alone: it returns out and a cache, in which your backward finds what it needs."""
    return residual_block_forward(x, params, stride, training)[0]


def _branch_backward(ds, cache):
    """What the branch of the residual block sends back, as it should be."""
    conv1, bn1, a, conv2, bn2, _, _ = cache
    grads = {}
    dh, grads["gamma2"], grads["beta2"] = batchnorm_backward(ds, bn2)
    da, grads["w2"] = conv_backward(dh, conv2)
    dh, grads["gamma1"], grads["beta1"] = batchnorm_backward(da * (a > 0), bn1)
    dx, grads["w1"] = conv_backward(dh, conv1)
    return dx, grads


def _shortcut_backward(ds, cache, grads):
    """What the shortcut of the residual block sends back, as it should be; its gradients go into grads."""
    projection = cache[5]
    if projection is None:
        return ds
    convs, bns = projection
    dh, grads["gammas"], grads["betas"] = batchnorm_backward(ds, bns)
    dshortcut, grads["ws"] = conv_backward(dh, convs)
    return dshortcut


@mistake(residual_block_backward)
def forgets_the_shortcuts_part_of_dx(dout, cache):
    """Your dx is the branch's part alone: x is used twice, and the shortcut sends its gradient back as well. It is the
    reason for the whole block."""
    ds = dout * (cache[-1] > 0)
    dx, grads = _branch_backward(ds, cache)
    _shortcut_backward(ds, cache, grads)
    return dx, grads


@mistake(residual_block_backward)
def returns_the_shortcuts_part_of_dx_alone(dout, cache):
    """Your dx is the shortcut's part alone: what the branch sends back is lost. Was dx overwritten?"""
    ds = dout * (cache[-1] > 0)
    _, grads = _branch_backward(ds, cache)
    return _shortcut_backward(ds, cache, grads), grads


@mistake(residual_block_backward)
def hands_the_shortcut_dout_past_the_last_relu(dout, cache):
    """Your branch gets the gradient behind the last ReLU, but your shortcut gets dout itself: both sides of the sum
    get the same."""
    ds = dout * (cache[-1] > 0)
    dx, grads = _branch_backward(ds, cache)
    return dx + _shortcut_backward(dout, cache, grads), grads


@mistake(residual_block_backward)
def forgets_the_relu_after_the_sum_going_back(dout, cache):
    """You go back from dout as if nothing followed the sum: the last ReLU stops the gradient wherever out is 0."""
    dx, grads = _branch_backward(dout, cache)
    return dx + _shortcut_backward(dout, cache, grads), grads


@mistake(residual_block_backward)
def forgets_the_middle_relu_going_back(dout, cache):
    """Right as far back as w2; then the ReLU between the convolutions is missing: it stops the gradient wherever it
    gave 0."""
    conv1, bn1, _, conv2, bn2, _, out = cache
    ds, grads = dout * (out > 0), {}
    dh, grads["gamma2"], grads["beta2"] = batchnorm_backward(ds, bn2)
    da, grads["w2"] = conv_backward(dh, conv2)
    dh, grads["gamma1"], grads["beta1"] = batchnorm_backward(da, bn1)
    dx, grads["w1"] = conv_backward(dh, conv1)
    return dx + _shortcut_backward(ds, cache, grads), grads


@mistake(residual_block_backward)
def masks_the_middle_relu_by_the_gradients_sign(dout, cache):
    """At the ReLU between the convolutions you keep what is positive in the gradient: what counts is the sign that its
    argument had in the forward."""
    conv1, bn1, _, conv2, bn2, _, out = cache
    ds, grads = dout * (out > 0), {}
    dh, grads["gamma2"], grads["beta2"] = batchnorm_backward(ds, bn2)
    da, grads["w2"] = conv_backward(dh, conv2)
    dh, grads["gamma1"], grads["beta1"] = batchnorm_backward(np.maximum(da, 0), bn1)
    dx, grads["w1"] = conv_backward(dh, conv1)
    return dx + _shortcut_backward(ds, cache, grads), grads


@mistake(residual_block_backward)
def masks_the_last_relu_by_the_gradients_sign(dout, cache):
    """At the ReLU after the sum you keep what is positive in dout: what counts is where out is above 0."""
    ds = np.maximum(dout, 0)
    dx, grads = _branch_backward(ds, cache)
    return dx + _shortcut_backward(ds, cache, grads), grads


@mistake(residual_block_backward)
def skips_the_shortcuts_normalization_going_back(dout, cache):
    """Your dx and the gradient of ws go from the sum straight into the projection: on the way back its normalization
    comes first."""
    ds = dout * (cache[-1] > 0)
    dx, grads = _branch_backward(ds, cache)
    if cache[5] is None:
        return dx + ds, grads
    convs, bns = cache[5]
    _, grads["gammas"], grads["betas"] = batchnorm_backward(ds, bns)
    dshortcut, grads["ws"] = conv_backward(ds, convs)
    return dx + dshortcut, grads


@mistake(residual_block_backward)
def learns_the_projection_but_leaves_it_out_of_dx(dout, cache):
    """With a projection your gradients of ws, gammas and betas are right, but what it sends back to x is not added to
    dx."""
    ds = dout * (cache[-1] > 0)
    dx, grads = _branch_backward(ds, cache)
    dshortcut = _shortcut_backward(ds, cache, grads)
    return dx + dshortcut if cache[5] is None else dx, grads


@mistake(residual_block_backward)
def takes_every_shortcut_for_the_identity(dout, cache):
    """You go back through the shortcut as if it were always x itself: where there is a projection, the gradient goes
    through its normalization and its convolution, which learn as well."""
    ds = dout * (cache[-1] > 0)
    dx, grads = _branch_backward(ds, cache)
    return dx + ds, grads


@mistake(residual_block_backward)
def forgets_the_projections_own_gradients(dout, cache):
    """Your dictionary has nothing for ws, gammas and betas: where there is a projection, it learns too."""
    ds = dout * (cache[-1] > 0)
    dx, grads = _branch_backward(ds, cache)
    return dx + _shortcut_backward(ds, cache, {}), grads


@mistake(residual_block_backward)
def goes_back_through_batch_statistics_in_evaluation(dout, cache):
    """In evaluation you go back as if the statistics depended on the batch: there they are constants."""
    conv1, bn1, a, conv2, bn2, projection, out = cache
    bn1, bn2 = (*bn1[:3], True), (*bn2[:3], True)
    if projection is not None:
        projection = projection[0], (*projection[1][:3], True)
    return residual_block_backward(dout, (conv1, bn1, a, conv2, bn2, projection, out))


@mistake(residual_block_backward)
def goes_back_through_constant_statistics_in_training(dout, cache):
    """In training you go back as if mean and variance were constants: they depend on the whole batch, and part of the
    gradient goes through them."""
    conv1, bn1, a, conv2, bn2, projection, out = cache
    bn1, bn2 = (*bn1[:3], False), (*bn2[:3], False)
    if projection is not None:
        projection = projection[0], (*projection[1][:3], False)
    return residual_block_backward(dout, (conv1, bn1, a, conv2, bn2, projection, out))


@mistake(residual_block_backward)
def swaps_the_gradients_of_gamma_and_beta_in_the_dictionary(dout, cache):
    """The gradients of gamma and beta have changed places in your dictionary: batchnorm_backward returns dx, then
    dgamma, then dbeta."""
    dx, grads = residual_block_backward(dout, cache)
    for i in "12s":
        if "gamma" + i in grads:
            grads["gamma" + i], grads["beta" + i] = grads["beta" + i], grads["gamma" + i]
    return dx, grads


@mistake(residual_block_backward)
def cuts_dout_off_in_place(dout, cache):
    """Your last ReLU sets the closed places of dout itself to 0: that changes the caller's array."""
    dout[cache[-1] <= 0] = 0
    return residual_block_backward(dout, cache)


@mistake(residual_block_backward)
def masks_with_a_float64_array(dout, cache):
    """Your gradients are float64 though all that is given is float32: a mask of ones and zeros made by np.where is
    float64, one of True and False keeps the dtype."""
    ds = dout * np.where(cache[-1] > 0, 1.0, 0.0)
    dx, grads = _branch_backward(ds, cache)
    return dx + _shortcut_backward(ds, cache, grads), grads


@mistake(residual_block_backward)
def lets_means_and_variances_learn(dout, cache):
    """Your dictionary has gradients for means and variances: they are measured, not learnt, and an optimizer that
    finds them there would treat them as weights."""
    dx, grads = residual_block_backward(dout, cache)
    for key in [key for key in grads if key.startswith("beta")]:
        grads["mean" + key[4:]], grads["var" + key[4:]] = np.zeros_like(grads[key]), np.zeros_like(grads[key])
    return dx, grads


@mistake(residual_block_backward)
def returns_the_dictionary_before_dx(dout, cache):
    """You return the dictionary first and dx second: it is dx, then the dictionary."""
    dx, grads = residual_block_backward(dout, cache)
    return grads, dx


def _conv_bn(x, params, i, training, stride=1, padding=0):
    """A convolution and the normalization with the same suffix, as they should be."""
    return _bn(conv(x, params["w" + i], stride, padding)[0], params, i, training)[0]


@mistake(bottleneck_forward)
def gives_the_bottlenecks_stride_to_its_first_convolution(x, params, stride=1, training=True):
    """Your first 1×1 convolution has the stride, as in the paper: it never looks at three of four pixels. Here it is
    the 3×3 one's."""
    h = np.maximum(_conv_bn(x, params, "1", training, stride), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, padding=1), 0)
    return np.maximum(_conv_bn(h, params, "3", training) + _shortcut(x, params, stride, training)[0], 0)


@mistake(bottleneck_forward)
def gives_the_bottlenecks_stride_to_its_last_convolution(x, params, stride=1, training=True):
    """Your last 1×1 convolution has the stride: the shape is right, but three of four results of the 3×3 one are
    thrown away, and bn2 counts them in its statistics. The stride is the 3×3 one's."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, padding=1), 0)
    return np.maximum(_conv_bn(h, params, "3", training, stride) + _shortcut(x, params, stride, training)[0], 0)


@mistake(bottleneck_forward)
def activates_all_three_convolutions_of_the_bottleneck(x, params, stride=1, training=True):
    """Your third normalization is followed by a ReLU of its own: it can then only add to the shortcut. The last ReLU
    comes after the sum."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    h = np.maximum(_conv_bn(h, params, "3", training), 0)
    return np.maximum(h + _shortcut(x, params, stride, training)[0], 0)


@mistake(bottleneck_forward)
def adds_the_bottlenecks_shortcut_after_the_last_relu(x, params, stride=1, training=True):
    """Your last ReLU acts on the branch alone, and the shortcut is added to what it leaves: it belongs around the
    sum."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    return np.maximum(_conv_bn(h, params, "3", training), 0) + _shortcut(x, params, stride, training)[0]


@mistake(bottleneck_forward)
def leaves_the_bottlenecks_sum_without_a_relu(x, params, stride=1, training=True):
    """Your output has negative numbers: the bottleneck has a ReLU after the sum."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    return _conv_bn(h, params, "3", training) + _shortcut(x, params, stride, training)[0]


@mistake(bottleneck_forward)
def forgets_the_relu_after_the_bottlenecks_3x3(x, params, stride=1, training=True):
    """After your 3×3 convolution and its normalization there is no ReLU: the first two of the three have one."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = _conv_bn(h, params, "2", training, stride, 1)
    return np.maximum(_conv_bn(h, params, "3", training) + _shortcut(x, params, stride, training)[0], 0)


@mistake(bottleneck_forward)
def forgets_the_relu_after_the_bottlenecks_first_1x1(x, params, stride=1, training=True):
    """After your first 1×1 convolution and its normalization there is no ReLU: the first two of the three have one."""
    h = _conv_bn(x, params, "1", training)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    return np.maximum(_conv_bn(h, params, "3", training) + _shortcut(x, params, stride, training)[0], 0)


@mistake(bottleneck_forward)
def adds_the_bottlenecks_projection_unnormalized(x, params, stride=1, training=True):
    """Your projection is added as it comes out of the 1×1 convolution: gammas, betas, means and vars are not used."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    shortcut = conv(x, params["ws"], stride)[0] if "ws" in params else x
    return np.maximum(_conv_bn(h, params, "3", training) + shortcut, 0)


@mistake(bottleneck_forward)
def activates_the_bottlenecks_projection(x, params, stride=1, training=True):
    """Your projected shortcut goes through a ReLU of its own before the sum: after its normalization nothing is cut
    off."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    shortcut = np.maximum(_conv_bn(x, params, "s", training, stride), 0) if "ws" in params else x
    return np.maximum(_conv_bn(h, params, "3", training) + shortcut, 0)


@mistake(bottleneck_forward)
def projects_in_the_bottleneck_only_where_the_shapes_need_it(x, params, stride=1, training=True):
    """You decide by the shapes whether to project, and leave a ws unused where C = F and stride = 1: the key alone
    decides."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    h = _conv_bn(h, params, "3", training)
    shortcut = _conv_bn(x, params, "s", training, stride) if h.shape != x.shape else x
    return np.maximum(h + shortcut, 0)


@mistake(bottleneck_forward)
def normalizes_the_bottleneck_by_the_batch_in_evaluation_too(x, params, stride=1, training=True):
    """In evaluation your normalizations still use the batch's statistics: is training handed on to batchnorm, which
    takes True if it is told nothing?"""
    return bottleneck_forward(x, params, stride)


@mistake(bottleneck_forward)
def normalizes_the_bottlenecks_shortcut_by_the_batch_in_evaluation(x, params, stride=1, training=True):
    """In evaluation the normalization of your shortcut still uses the batch's statistics: training has to be handed to
    all four."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    return np.maximum(_conv_bn(h, params, "3", training) + _shortcut(x, params, stride, True)[0], 0)


@mistake(bottleneck_forward)
def normalizes_the_bottleneck_by_the_given_statistics_in_training_too(x, params, stride=1, training=True):
    """In training your normalizations use the means and variances of params: those are for evaluation, a training
    batch uses its own."""
    return bottleneck_forward(x, params, stride, False)


@mistake(bottleneck_forward)
def adds_the_bottleneck_into_x(x, params, stride=1, training=True):
    """Your sum is formed in place, and where the shortcut is x itself that changes the caller's images."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride, 1), 0)
    out = _shortcut(x, params, stride, training)[0]
    if out.dtype.kind == "i":
        out = out.astype(float)
    out += _conv_bn(h, params, "3", training)
    return np.maximum(out, 0)


@mistake(bottleneck_forward)
def forgets_the_padding_of_the_bottlenecks_3x3(x, params, stride=1, training=True):
    """Your 3×3 convolution has no padding, so it makes the image smaller by two rows and columns, and the sum cannot be
    formed."""
    h = np.maximum(_conv_bn(x, params, "1", training), 0)
    h = np.maximum(_conv_bn(h, params, "2", training, stride), 0)
    return np.maximum(_conv_bn(h, params, "3", training) + _shortcut(x, params, stride, training)[0], 0)


def _bn_relu(x, params, i, training):
    """A normalization and the ReLU after it, as they should be."""
    return np.maximum(_bn(x, params, i, training)[0], 0)


def _preact_branch(a, params, stride, training):
    """The branch of the pre-activation block from relu(bn1(x)) on, as it should be."""
    h, _ = conv(a, params["w1"], stride, padding=1)
    return conv(_bn_relu(h, params, "2", training), params["w2"], padding=1)[0]


@mistake(preact_block_forward)
def puts_a_relu_after_the_preactivation_sum(x, params, stride=1, training=True):
    """You cut the sum off at 0, as in the first residual block: here nothing follows the sum, so that nothing stands
    in the shortcut's way."""
    return np.maximum(preact_block_forward(x, params, stride, training), 0)


@mistake(preact_block_forward)
def projects_x_before_its_activation(x, params, stride=1, training=True):
    """Your projection reads x: in this block it reads relu(bn1(x)), like the first convolution."""
    h = _preact_branch(_bn_relu(x, params, "1", training), params, stride, training)
    return h + (conv(x, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def adds_the_activated_input_as_identity(x, params, stride=1, training=True):
    """Without a projection you add relu(bn1(x)): the shortcut is x itself, untouched. Was x overwritten?"""
    a = _bn_relu(x, params, "1", training)
    return _preact_branch(a, params, stride, training) + (conv(a, params["ws"], stride)[0] if "ws" in params else a)


@mistake(preact_block_forward)
def activates_before_it_normalizes(x, params, stride=1, training=True):
    """You apply the ReLU first and then normalize: it is normalization, ReLU, convolution."""

    def relu_bn(x, i):
        return _bn(np.maximum(x, 0), params, i, training)[0]

    a = relu_bn(x, "1")
    h, _ = conv(a, params["w1"], stride, padding=1)
    h, _ = conv(relu_bn(h, "2"), params["w2"], padding=1)
    return h + (conv(a, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def forgets_the_second_relu_of_the_preactivation_block(x, params, stride=1, training=True):
    """Before your second convolution there is a normalization but no ReLU: both convolutions get both."""
    a = _bn_relu(x, params, "1", training)
    h, _ = conv(a, params["w1"], stride, padding=1)
    h, _ = conv(_bn(h, params, "2", training)[0], params["w2"], padding=1)
    return h + (conv(a, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def normalizes_but_does_not_activate_x(x, params, stride=1, training=True):
    """Before your first convolution there is a normalization but no ReLU: both convolutions get both."""
    a, _ = _bn(x, params, "1", training)
    return _preact_branch(a, params, stride, training) + (conv(a, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def orders_the_preactivation_block_like_the_first(x, params, stride=1, training=True):
    """You normalize after each convolution, as in the first residual block: here normalization and ReLU come before the
    convolution, and bn1 has one number per channel of x."""
    h, _ = conv(x, params["w1"], stride, padding=1)
    h, _ = conv(_bn_relu(h, params, "1", training), params["w2"], padding=1)
    h, _ = _bn(h, params, "2", training)
    return h + (conv(x, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def gives_the_preactivation_stride_to_the_second_convolution(x, params, stride=1, training=True):
    """Your second convolution has the stride: the shapes come out the same, the numbers do not. It is the first one
    that skips pixels."""
    a = _bn_relu(x, params, "1", training)
    h, _ = conv(a, params["w1"], padding=1)
    h, _ = conv(_bn_relu(h, params, "2", training), params["w2"], stride, padding=1)
    return h + (conv(a, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def forgets_the_stride_of_the_preactivation_projection(x, params, stride=1, training=True):
    """Branch and projection come out in different sizes: the first convolution and the projection both have the stride,
    the second convolution has 1."""
    a = _bn_relu(x, params, "1", training)
    return _preact_branch(a, params, stride, training) + (conv(a, params["ws"])[0] if "ws" in params else x)


@mistake(preact_block_forward)
def projects_in_the_preactivation_block_only_where_the_shapes_need_it(x, params, stride=1, training=True):
    """You decide by the shapes whether to project, and leave a ws unused where C = F and stride = 1: the key alone
    decides."""
    a = _bn_relu(x, params, "1", training)
    h = _preact_branch(a, params, stride, training)
    return h + (conv(a, params["ws"], stride)[0] if h.shape != x.shape else x)


@mistake(preact_block_forward)
def activates_the_preactivation_projection(x, params, stride=1, training=True):
    """Your projection goes through a ReLU after its convolution: what it gives is added as it is."""
    a = _bn_relu(x, params, "1", training)
    shortcut = np.maximum(conv(a, params["ws"], stride)[0], 0) if "ws" in params else x
    return _preact_branch(a, params, stride, training) + shortcut


@mistake(preact_block_forward)
def normalizes_twice_with_the_preactivation_set_of_x(x, params, stride=1, training=True):
    """Both of your normalizations use gamma1, beta1, mean1 and var1: the second one has a set of its own."""
    a = _bn_relu(x, params, "1", training)
    h, _ = conv(a, params["w1"], stride, padding=1)
    h, _ = conv(_bn_relu(h, params, "1", training), params["w2"], padding=1)
    return h + (conv(a, params["ws"], stride)[0] if "ws" in params else x)


@mistake(preact_block_forward)
def preactivates_by_the_batch_in_evaluation_too(x, params, stride=1, training=True):
    """In evaluation your normalizations still use the batch's statistics: is training handed on to batchnorm, which
    takes True if it is told nothing?"""
    return preact_block_forward(x, params, stride)


@mistake(preact_block_forward)
def preactivates_by_the_given_statistics_in_training_too(x, params, stride=1, training=True):
    """In training your normalizations use the means and variances of params: those are for evaluation, a training
    batch uses its own."""
    return preact_block_forward(x, params, stride, False)


@mistake(preact_block_forward)
def adds_the_preactivation_branch_into_x(x, params, stride=1, training=True):
    """Your sum is formed in place, and where the shortcut is x itself that changes the caller's images."""
    h = preact_block_forward(x, params, stride, training)
    if "ws" not in params and x.dtype.kind == "f":
        x[...] = h
    return h


@mistake(resnext_block)
def forgets_resnexts_shortcut(x, params, cardinality):
    """Your output is the sum of the paths alone: x itself is added too, before the last ReLU."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], padding=1, groups=cardinality)[0], 0)
    return np.maximum(conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def adds_x_in_every_path(x, params, cardinality):
    """You add x once in each path, so it counts as many times as there are paths: it is added once, to their sum."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], padding=1, groups=cardinality)[0], 0)
    return np.maximum(cardinality * x + conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def adds_x_in_every_path_and_once_more(x, params, cardinality):
    """You add x in each path, and once more to their sum: it counts once in all."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], padding=1, groups=cardinality)[0], 0)
    return np.maximum((cardinality + 1) * x + conv(h, params["w3"])[0], 0)


def _paths(x, params, cardinality):
    """What each path adds, as it should be."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], padding=1, groups=cardinality)[0], 0)
    groups = np.split(np.arange(h.shape[1]), cardinality)
    return [conv(h[:, own], params["w3"][:, own])[0] for own in groups]


@mistake(resnext_block)
def activates_each_path_before_the_merge(x, params, cardinality):
    """Each of your paths ends in a ReLU, so none can take anything away: the paths are added first, and the ReLU comes
    after x is added too."""
    return np.maximum(x + sum(np.maximum(path, 0) for path in _paths(x, params, cardinality)), 0)


@mistake(resnext_block)
def averages_the_paths(x, params, cardinality):
    """Your paths are averaged: they are added up, and nothing is divided by the cardinality."""
    return np.maximum(x + sum(_paths(x, params, cardinality)) / cardinality, 0)


@mistake(resnext_block)
def deals_the_channels_out_to_the_paths_in_turn(x, params, cardinality):
    """Your path g takes every G-th channel from g on: it is given d neighbouring ones, g·d to g·d + d − 1."""
    total = 0
    for g in range(cardinality):
        own = slice(g, None, cardinality)
        h = np.maximum(conv(x, params["w1"][own])[0], 0)
        h = np.maximum(conv(h, params["w2"][own], padding=1)[0], 0)
        total = total + conv(h, params["w3"][:, own])[0]
    return np.maximum(x + total, 0)


@mistake(resnext_block)
def takes_the_cardinality_for_the_channels_of_a_group(x, params, cardinality):
    """You take the cardinality for the number of channels in a group: it is the number of groups."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], padding=1, groups=h.shape[1] // cardinality)[0], 0)
    return np.maximum(x + conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def hands_no_groups_to_the_grouped_convolution(x, params, cardinality):
    """Your 3×3 convolution gets no groups, though its filters have only D / cardinality channels each: cardinality is
    not used."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], padding=1)[0], 0)
    return np.maximum(x + conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def forgets_resnexts_first_relu(x, params, cardinality):
    """After w1 there is no ReLU in your block: w1 and w2 are each followed by one, and so is the sum."""
    h, _ = conv(x, params["w1"])
    h = np.maximum(conv(h, params["w2"], padding=1, groups=cardinality)[0], 0)
    return np.maximum(x + conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def forgets_resnexts_second_relu(x, params, cardinality):
    """After w2 there is no ReLU in your block: w1 and w2 are each followed by one, and so is the sum."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h, _ = conv(h, params["w2"], padding=1, groups=cardinality)
    return np.maximum(x + conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def leaves_resnexts_sum_without_a_relu(x, params, cardinality):
    """Your output has negative numbers: a ReLU follows the sum."""
    return x + sum(_paths(x, params, cardinality))


@mistake(resnext_block)
def adds_resnexts_x_after_the_last_relu(x, params, cardinality):
    """Your last ReLU acts on the paths alone, and x is added to what it leaves: it belongs around the whole sum."""
    return x + np.maximum(sum(_paths(x, params, cardinality)), 0)


@mistake(resnext_block)
def forgets_the_padding_of_resnexts_3x3(x, params, cardinality):
    """Your 3×3 convolution has no padding, so it makes the image smaller by two rows and columns."""
    h = np.maximum(conv(x, params["w1"])[0], 0)
    h = np.maximum(conv(h, params["w2"], groups=cardinality)[0], 0)
    return np.maximum(x + conv(h, params["w3"])[0], 0)


@mistake(resnext_block)
def collects_the_paths_in_x(x, params, cardinality):
    """Your paths are added to x in place, which changes the caller's images."""
    total = x if x.dtype.kind == "f" else x.astype(float)
    for path in _paths(x, params, cardinality):
        total += path
    return np.maximum(total, 0)


@mistake(resnext_block)
def collects_the_paths_in_float64(x, params, cardinality):
    """Your output is float64 though all that is given is float32: np.zeros makes float64 unless it is told
    otherwise."""
    total = np.zeros(x.shape)
    for path in _paths(x, params, cardinality):
        total += path
    return np.maximum(x + total, 0)


def _conv_bias(x, params, key):
    w = params["w" + key]
    return conv(x, w, padding=w.shape[2] // 2)[0] + params["b" + key][:, None, None]


def _conv_bias_relu(x, params, key):
    return np.maximum(_conv_bias(x, params, key), 0)


def _windows(x, fill=-np.inf):
    """The 3×3 windows of x, (N, C, H, W, 3, 3)."""
    padded = np.pad(1.0 * x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=fill)
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))


def _branches(x, params, layer=_conv_bias_relu, pooled=None):
    x = 1.0 * x
    return [
        layer(x, params, "1"),
        layer(layer(x, params, "3r"), params, "3"),
        layer(layer(x, params, "5r"), params, "5"),
        layer(_windows(x).max(axis=(4, 5)) if pooled is None else pooled, params, "p"),
    ]


@mistake(inception_v1)
def pads_the_inception_pooling_with_zeros(x, params):
    """Your pooling is padded with zeros: where all pixels at the border are negative, the padding wins."""
    return np.concatenate(_branches(x, params, pooled=_windows(x, fill=0).max(axis=(4, 5))), axis=1)


@mistake(inception_v1)
def averages_in_the_inception_pooling(x, params):
    """Your pooling branch averages the 3×3 windows: in this module it takes each window's largest pixel."""
    ones = _windows(np.ones_like(1.0 * x), fill=0).sum(axis=(4, 5))
    return np.concatenate(_branches(x, params, pooled=_windows(x, fill=0).sum(axis=(4, 5)) / ones), axis=1)


@mistake(inception_v1)
def leaves_the_pooling_branch_without_its_convolution(x, params):
    """Your pooling branch ends with the pooling: a 1×1 convolution follows it, which sets its number of channels."""
    x = 1.0 * x
    return np.concatenate([*_branches(x, params)[:3], _windows(x).max(axis=(4, 5))], axis=1)


@mistake(inception_v1)
def leaves_out_the_relu_of_the_reducing_convolutions(x, params):
    """Your 1×1 convolutions before the 3×3 and the 5×5 have no ReLU: all six convolutions end in one."""
    b1, _, _, bp = _branches(x, params)
    b3 = _conv_bias_relu(_conv_bias(1.0 * x, params, "3r"), params, "3")
    b5 = _conv_bias_relu(_conv_bias(1.0 * x, params, "5r"), params, "5")
    return np.concatenate([b1, b3, b5, bp], axis=1)


@mistake(inception_v1)
def leaves_out_the_relu_at_the_end_of_inception_branches(x, params):
    """Only your reducing convolutions have a ReLU: the last convolution of each branch is followed by one too."""
    x = 1.0 * x
    ends = [
        _conv_bias(x, params, "1"),
        _conv_bias(_conv_bias_relu(x, params, "3r"), params, "3"),
        _conv_bias(_conv_bias_relu(x, params, "5r"), params, "5"),
        _conv_bias(_windows(x).max(axis=(4, 5)), params, "p"),
    ]
    return np.concatenate(ends, axis=1)


@mistake(inception_v1)
def leaves_out_every_relu_of_inception(x, params):
    """There is no ReLU in your module: each of the six convolutions is followed by one."""
    return np.concatenate(_branches(x, params, _conv_bias), axis=1)


@mistake(inception_v1)
def leaves_out_the_biases_of_inception(x, params):
    """You do not add the biases: the given conv has none, and each of the six convolutions here has one."""

    def layer(x, params, key):
        w = params["w" + key]
        return np.maximum(conv(x, w, padding=w.shape[2] // 2)[0], 0)

    return np.concatenate(_branches(x, params, layer), axis=1)


@mistake(inception_v1)
def adds_the_inception_bias_after_the_relu(x, params):
    """You add the bias after the ReLU: it belongs to the convolution, inside the maximum with 0."""

    def layer(x, params, key):
        w = params["w" + key]
        return np.maximum(conv(x, w, padding=w.shape[2] // 2)[0], 0) + params["b" + key][:, None, None]

    return np.concatenate(_branches(x, params, layer), axis=1)


@mistake(inception_v1)
def puts_the_5x5_branch_before_the_3x3(x, params):
    """Your 5×5 branch stands before the 3×3 one: the order is 1×1, 3×3, 5×5, pooling."""
    b1, b3, b5, bp = _branches(x, params)
    return np.concatenate([b1, b5, b3, bp], axis=1)


@mistake(inception_v1)
def puts_the_pooling_branch_first(x, params):
    """Your pooling branch comes first: the order is 1×1, 3×3, 5×5, pooling."""
    b1, b3, b5, bp = _branches(x, params)
    return np.concatenate([bp, b1, b3, b5], axis=1)


@mistake(inception_v1)
def puts_inception_branches_along_the_batch(x, params):
    """You put the branches together along axis 0, as if they were more images: channels are axis 1."""
    return np.concatenate(_branches(x, params))


@mistake(inception_v1)
def pads_the_5x5_convolution_by_one(x, params):
    """Your 5×5 convolution has padding 1, so that its maps come out smaller than the others: 5×5 needs more."""

    def layer(x, params, key):
        w, b = params["w" + key], params["b" + key]
        return np.maximum(conv(x, w, padding=int(w.shape[2] > 1))[0] + b[:, None, None], 0)

    return np.concatenate(_branches(x, params, layer), axis=1)


@mistake(inception_v1)
def pads_integers_with_minus_infinity(x, params):
    """You pad x as it is: an array of integers cannot hold −∞, so make x float before the pooling."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    pooled = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3)).max(axis=(4, 5))
    return np.concatenate(_branches(x, params, pooled=pooled), axis=1)


@mistake(factorized_cost)
def stacks_a_3x3_for_every_three_pixels(k):
    """You take k/3 convolutions: a further 3×3 overlaps the one before, and widens the field by 2, not by 3."""
    if k % 2 == 0:
        raise ValueError("k must be odd")
    return k * k, 9 * (k // 3), 2 * k


@mistake(factorized_cost)
def forgets_the_first_convolution_of_the_stack(k):
    """Your stack has one convolution too few: for k = 3 it is a single 3×3, not none."""
    if k % 2 == 0:
        raise ValueError("k must be odd")
    return k * k, 9 * (k - 3) // 2, 2 * k


@mistake(factorized_cost)
def counts_one_convolution_too_many_in_the_stack(k):
    """Your stack has one convolution too many: for k = 3 it is a single 3×3."""
    if k % 2 == 0:
        raise ValueError("k must be odd")
    return k * k, 9 * (k + 1) // 2, 2 * k


@mistake(factorized_cost)
def multiplies_the_1xk_by_the_kx1(k):
    """You multiply the weights of 1×k and k×1: the two stand one after the other, so that their weights add up."""
    if k % 2 == 0:
        raise ValueError("k must be odd")
    return k * k, 9 * (k - 1) // 2, k * k


@mistake(factorized_cost)
def counts_only_one_of_the_1xk_and_kx1(k):
    """Your last number counts one of the two strips: a 1×k alone sees a single row, the k×1 is needed as well."""
    if k % 2 == 0:
        raise ValueError("k must be odd")
    return k * k, 9 * (k - 1) // 2, k


@mistake(factorized_cost)
def lets_an_even_kernel_pass(k):
    """You give numbers for an even k: no stack of 3×3 convolutions sees an even square, so ValueError is asked for."""
    return k * k, 9 * (k - 1) // 2, 2 * k


@mistake(factorized_cost)
def counts_stacked_weights_in_floats(k):
    """Your stack is a float: a division by / gives one even where it leaves nothing over. Weights are counted."""
    if k % 2 == 0:
        raise ValueError("k must be odd")
    return k * k, 9 * (k - 1) / 2, 2 * k


def _new_maps(x, layer):
    h, _ = batchnorm(x, layer["gamma"], layer["beta"])
    return conv(np.maximum(h, 0), layer["w"], padding=1)[0]


@mistake(dense_block)
def puts_the_new_maps_first(x, layers):
    """Your new maps stand before the old ones: they are appended, so that x itself stays in front."""
    for layer in layers:
        x = np.concatenate([_new_maps(x, layer), x], axis=1)
    return x


@mistake(dense_block)
def reads_only_the_newest_maps(x, layers):
    """Each of your layers reads only what the layer before it has made: it reads all maps so far, x among them."""
    maps, newest = [x], x
    for layer in layers:
        newest = _new_maps(newest, layer)
        maps.append(newest)
    return np.concatenate(maps, axis=1)


@mistake(dense_block)
def adds_the_new_maps_to_the_old(x, layers):
    """You add the new maps to the old ones, as a residual block does: a dense block puts them side by side."""
    for layer in layers:
        x = x + _new_maps(x, layer)
    return x


@mistake(dense_block)
def leaves_the_input_out_of_the_dense_output(x, layers):
    """Your output holds the new maps only: x comes out too, as its first C channels."""
    start = x.shape[1]
    for layer in layers:
        x = np.concatenate([x, _new_maps(x, layer)], axis=1)
    return x[:, start:]


@mistake(dense_block)
def leaves_the_relu_out_of_dense_layers(x, layers):
    """Your layers have no ReLU: it stands between the batch normalization and the convolution."""
    for layer in layers:
        h, _ = batchnorm(x, layer["gamma"], layer["beta"])
        x = np.concatenate([x, conv(h, layer["w"], padding=1)[0]], axis=1)
    return x


@mistake(dense_block)
def puts_the_dense_relu_before_the_normalization(x, layers):
    """Your ReLU stands before the batch normalization: the order is normalization, ReLU, convolution."""
    for layer in layers:
        h, _ = batchnorm(np.maximum(x, 0), layer["gamma"], layer["beta"])
        x = np.concatenate([x, conv(h, layer["w"], padding=1)[0]], axis=1)
    return x


@mistake(dense_block)
def puts_the_dense_relu_after_the_convolution(x, layers):
    """Your ReLU stands after the convolution: it comes before it, and what is appended may be negative."""
    for layer in layers:
        h, _ = batchnorm(x, layer["gamma"], layer["beta"])
        x = np.concatenate([x, np.maximum(conv(h, layer["w"], padding=1)[0], 0)], axis=1)
    return x


@mistake(dense_block)
def hands_on_the_normalized_maps(x, layers):
    """Your old maps come out normalized and cut off at 0: only the convolution sees them so, x is kept as it was."""
    for layer in layers:
        h, _ = batchnorm(x, layer["gamma"], layer["beta"])
        a = np.maximum(h, 0)
        x = np.concatenate([a, conv(a, layer["w"], padding=1)[0]], axis=1)
    return x


@mistake(dense_block)
def normalizes_each_image_of_a_dense_block_alone(x, layers):
    """Your mean and variance are those of a single image: in training, batch normalization takes the whole batch's."""
    for layer in layers:
        mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
        h = layer["gamma"][:, None, None] * (x - mean) / np.sqrt(var + 1e-5) + layer["beta"][:, None, None]
        x = np.concatenate([x, conv(np.maximum(h, 0), layer["w"], padding=1)[0]], axis=1)
    return x


@mistake(dense_block)
def leaves_eps_out_of_dense_layers(x, layers):
    """You divide by the root of the variance alone: a channel that is constant over the batch becomes 0/0."""
    for layer in layers:
        mean, var = x.mean(axis=(0, 2, 3), keepdims=True), x.var(axis=(0, 2, 3), keepdims=True)
        h = layer["gamma"][:, None, None] * (x - mean) / np.sqrt(var) + layer["beta"][:, None, None]
        x = np.concatenate([x, conv(np.maximum(h, 0), layer["w"], padding=1)[0]], axis=1)
    return x


@mistake(dense_block)
def makes_dense_maps_in_float64(x, layers):
    """Your result is float64 although everything given is float32: an array is made without saying its dtype."""
    channels = x.shape[1]
    out = np.zeros((x.shape[0], channels + sum(len(layer["w"]) for layer in layers), *x.shape[2:]))
    out[:, :channels] = x
    for layer in layers:
        new = _new_maps(out[:, :channels], layer)
        out[:, channels : channels + len(layer["w"])] = new
        channels += len(layer["w"])
    return out


@mistake(dense_block)
def makes_dense_maps_of_integers(x, layers):
    """Your array for all maps has x's dtype: where x holds integers, the new maps are cut off to integers in it."""
    channels = x.shape[1]
    shape = (x.shape[0], channels + sum(len(layer["w"]) for layer in layers), *x.shape[2:])
    out = np.zeros(shape, dtype=x.dtype)
    out[:, :channels] = x
    for layer in layers:
        out[:, channels : channels + len(layer["w"])] = _new_maps(out[:, :channels], layer)
        channels += len(layer["w"])
    return out


@mistake(dense_block)
def forgets_the_padding_of_dense_layers(x, layers):
    """Your convolution has no padding: its maps come out smaller, and no longer fit beside the old ones."""
    for layer in layers:
        h, _ = batchnorm(x, layer["gamma"], layer["beta"])
        x = np.concatenate([x, conv(np.maximum(h, 0), layer["w"])[0]], axis=1)
    return x


def _halved(h):
    """The mean of each 2×2 square."""
    n, c, height, width = h.shape
    h = h[:, :, : height // 2 * 2, : width // 2 * 2]
    return h.reshape(n, c, height // 2, 2, width // 2, 2).mean(axis=(3, 5))


@mistake(transition)
def takes_the_maximum_of_each_square(x, params):
    """You take the largest of each 2×2 square: a transition takes their mean."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    h, _ = conv(np.maximum(h, 0), params["w"])
    n, c, height, width = h.shape
    h = h[:, :, : height // 2 * 2, : width // 2 * 2]
    return h.reshape(n, c, height // 2, 2, width // 2, 2).max(axis=(3, 5))


@mistake(transition)
def sums_each_square(x, params):
    """You add up each 2×2 square: the mean is asked for."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    return 4 * _halved(conv(np.maximum(h, 0), params["w"])[0])


@mistake(transition)
def keeps_every_second_pixel(x, params):
    """You keep one pixel of each 2×2 square, as a convolution of stride 2 does: all four count, by their mean."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    return conv(np.maximum(h, 0), params["w"], stride=2)[0]


@mistake(transition)
def averages_overlapping_squares(x, params):
    """Your 2×2 squares overlap, so that the maps hardly become smaller: the squares lie side by side."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    h, _ = conv(np.maximum(h, 0), params["w"])
    return (h[:, :, :-1, :-1] + h[:, :, 1:, :-1] + h[:, :, :-1, 1:] + h[:, :, 1:, 1:]) / 4


@mistake(transition)
def leaves_the_relu_out_of_the_transition(x, params):
    """Your transition has no ReLU: there is one between the batch normalization and the convolution."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    return _halved(conv(h, params["w"])[0])


@mistake(transition)
def puts_the_transitions_relu_after_the_convolution(x, params):
    """Your ReLU stands after the convolution: it comes before it, and a transition's output may be negative."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    return _halved(np.maximum(conv(h, params["w"])[0], 0))


@mistake(transition)
def puts_the_transitions_relu_before_the_normalization(x, params):
    """Your ReLU stands before the batch normalization: the order is normalization, ReLU, convolution, mean."""
    h, _ = batchnorm(np.maximum(x, 0), params["gamma"], params["beta"])
    return _halved(conv(h, params["w"])[0])


@mistake(transition)
def averages_before_the_relu(x, params):
    """You take the means before the ReLU: the mean may change places with the convolution, not with the ReLU."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    return conv(np.maximum(_halved(h), 0), params["w"])[0]


@mistake(transition)
def cuts_the_odd_row_off_before_the_statistics(x, params):
    """You cut an odd last row or column off before the batch normalization: its mean and variance count it too."""
    x = x[:, :, : x.shape[2] // 2 * 2, : x.shape[3] // 2 * 2]
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    return _halved(conv(np.maximum(h, 0), params["w"])[0])


@mistake(transition)
def fills_an_odd_map_up_with_zeros(x, params):
    """Your odd maps are filled up with zeros to one more square: the last odd row or column is left out instead."""
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    h, _ = conv(np.maximum(h, 0), params["w"])
    return _halved(np.pad(h, ((0, 0), (0, 0), (0, h.shape[2] % 2), (0, h.shape[3] % 2))))


@mistake(transition)
def normalizes_each_image_of_a_transition_alone(x, params):
    """Your mean and variance are those of a single image: in training, batch normalization takes the whole batch's."""
    mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
    h = params["gamma"][:, None, None] * (x - mean) / np.sqrt(var + 1e-5) + params["beta"][:, None, None]
    return _halved(conv(np.maximum(h, 0), params["w"])[0])


def _sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


@mistake(se_block)
def writes_the_gate_with_an_exp_that_overflows(x, W1, b1, W2, b2):
    """Your sigmoid takes exp(−t) as it stands: far below 0 that overflows. Write it so that no exponent is large."""
    z = np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2
    return x * (1 / (1 + np.exp(-z)))[:, :, None, None]


@mistake(se_block)
def writes_the_gate_with_a_growing_exponential(x, W1, b1, W2, b2):
    """Your sigmoid is exp(t) / (1 + exp(t)): far above 0 that overflows, and inf / inf is NaN."""
    z = np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2
    return x * (np.exp(z) / (1 + np.exp(z)))[:, :, None, None]


@mistake(se_block)
def leaves_the_relu_out_of_the_excitation(x, W1, b1, W2, b2):
    """There is no ReLU between your two dense layers: without it they are one linear map of low rank."""
    return x * _sigmoid((x.mean(axis=(2, 3)) @ W1 + b1) @ W2 + b2)[:, :, None, None]


@mistake(se_block)
def puts_a_sigmoid_between_and_a_relu_at_the_end(x, W1, b1, W2, b2):
    """Your sigmoid and your ReLU have changed places: the ReLU is inside, the sigmoid gives the scales."""
    return x * np.maximum(_sigmoid(x.mean(axis=(2, 3)) @ W1 + b1) @ W2 + b2, 0)[:, :, None, None]


@mistake(se_block)
def scales_with_a_softmax_over_channels(x, W1, b1, W2, b2):
    """Your scales are a softmax, and add up to 1: channels do not compete here, each has a sigmoid of its own."""
    z = np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return x * (e / e.sum(axis=1, keepdims=True))[:, :, None, None]


@mistake(se_block)
def leaves_the_sigmoid_out_of_the_excitation(x, W1, b1, W2, b2):
    """You scale by the second dense layer's output as it is: a sigmoid brings it between 0 and 1."""
    return x * (np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)[:, :, None, None]


@mistake(se_block)
def squeezes_by_the_sum(x, W1, b1, W2, b2):
    """You squeeze by the sum over the pixels: it grows with the image, the mean does not."""
    return x * _sigmoid(np.maximum(x.sum(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)[:, :, None, None]


@mistake(se_block)
def squeezes_by_the_maximum(x, W1, b1, W2, b2):
    """You squeeze by each channel's largest pixel: the mean is asked for."""
    return x * _sigmoid(np.maximum(x.max(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)[:, :, None, None]


@mistake(se_block)
def squeezes_over_the_whole_batch(x, W1, b1, W2, b2):
    """Your squeeze averages over the batch too, so that images change each other: each has a mean of its own."""
    s = x.mean(axis=(0, 2, 3))[None]
    return x * _sigmoid(np.maximum(s @ W1 + b1, 0) @ W2 + b2)[:, :, None, None]


@mistake(se_block)
def lines_the_gates_up_with_the_pixels(x, W1, b1, W2, b2):
    """You multiply (N, C, H, W) by (N, C) as it is: numpy lines that up with H and W, not with images and channels."""
    return x * _sigmoid(np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)


@mistake(se_block)
def adds_the_input_to_the_scaled_channels(x, W1, b1, W2, b2):
    """You add x to the scaled channels: the block itself only scales, a sum belongs to the residual block around it."""
    return x + x * _sigmoid(np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)[:, :, None, None]


@mistake(se_block)
def returns_the_gates_themselves(x, W1, b1, W2, b2):
    """You return the scales: the images are asked for, each channel multiplied by its scale."""
    return _sigmoid(np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)


@mistake(se_block)
def scales_channels_in_place(x, W1, b1, W2, b2):
    """You multiply x in place: the caller's array changes (and an integer one cannot take the product)."""
    x *= _sigmoid(np.maximum(x.mean(axis=(2, 3)) @ W1 + b1, 0) @ W2 + b2)[:, :, None, None]
    return x


@mistake(identity_gradient)
def multiplies_the_blocks_in_forward_order(branch_jacobians):
    """Your first block stands on the left: by the chain rule the last one does."""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in branch_jacobians:
        gradient = gradient @ (np.eye(len(J), dtype=J.dtype) + J)
    return gradient


@mistake(identity_gradient)
def multiplies_the_branches_without_the_skips(branch_jacobians):
    """You multiply the branches' Jacobians alone: that is a plain chain. What does the skip add to a block's?"""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in branch_jacobians:
        gradient = J @ gradient
    return gradient


@mistake(identity_gradient)
def adds_one_identity_to_the_whole_chain(branch_jacobians):
    """You add the identity once, to the product of all branches: every block has a skip, so each has its own."""
    identity = gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in branch_jacobians:
        gradient = J @ gradient
    return identity + gradient


@mistake(identity_gradient)
def stops_at_the_paths_through_one_branch(branch_jacobians):
    """You have the identity and the paths through a single branch: those through two and more are missing."""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in branch_jacobians:
        gradient = gradient + J
    return gradient


@mistake(identity_gradient)
def adds_one_to_every_entry(branch_jacobians):
    """You add 1 to every entry of a Jacobian: the identity has ones on its diagonal only."""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in branch_jacobians:
        gradient = (1 + J) @ gradient
    return gradient


@mistake(identity_gradient)
def multiplies_the_jacobians_entry_by_entry(branch_jacobians):
    """You multiply the blocks entry by entry: `*` is no matrix product."""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for i, J in enumerate(branch_jacobians):
        block = np.eye(len(J), dtype=J.dtype) + J
        gradient = block * gradient if i else block
    return gradient


@mistake(identity_gradient)
def returns_the_chains_transpose(branch_jacobians):
    """Your result is the transpose, as for a gradient on its way back: entry [i, j] is ∂(output i)/∂(input j)."""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in reversed(branch_jacobians):
        gradient = (np.eye(len(J), dtype=J.dtype) + J).T @ gradient
    return gradient


@mistake(identity_gradient)
def keeps_the_identity_in_float64(branch_jacobians):
    """Your identity is float64 and makes float32 Jacobians float64: np.eye takes a dtype."""
    gradient = np.eye(len(branch_jacobians[0]))
    for J in branch_jacobians:
        gradient = gradient + J @ gradient
    return gradient


@mistake(identity_gradient)
def adds_the_identity_in_place(branch_jacobians):
    """You add the identity to the caller's Jacobians in place: the next to use them finds other ones."""
    gradient = np.eye(len(branch_jacobians[0]), dtype=branch_jacobians[0].dtype)
    for J in branch_jacobians:
        J += np.eye(len(J), dtype=J.dtype)
        gradient = J @ gradient
    return gradient


def _draw(depth, width, rng):
    x = rng.standard_normal(width)
    return x, [rng.standard_normal((width, width)) / np.sqrt(width) for _ in range(depth)]


def _norm(x, weights, skip):
    h, masks = x, []
    for W in weights:
        z = W @ h
        masks.append(z > 0)
        h = skip * h + np.maximum(z, 0)
    d = np.ones(len(x))
    for W, mask in zip(weights[::-1], masks[::-1], strict=True):
        d = skip * d + W.T @ (d * mask)
    return float(np.linalg.norm(d))


@mistake(gradient_norm_plain_vs_residual)
def draws_weights_of_unit_variance(depth, width, rng):
    """Your weights are not divided by the root of the width: every layer multiplies the gradient by about that much."""
    x = rng.standard_normal(width)
    weights = [rng.standard_normal((width, width)) for _ in range(depth)]
    return _norm(x, weights, 0), _norm(x, weights, 1)


@mistake(gradient_norm_plain_vs_residual)
def divides_the_weights_by_the_width(depth, width, rng):
    """You divide the weights by the width: it is the root of the width that keeps a sum of that many terms in size."""
    x = rng.standard_normal(width)
    weights = [rng.standard_normal((width, width)) / width for _ in range(depth)]
    return _norm(x, weights, 0), _norm(x, weights, 1)


@mistake(gradient_norm_plain_vs_residual)
def draws_the_weights_before_the_input(depth, width, rng):
    """You draw the weights before x: x comes first, otherwise equal generators give other numbers."""
    weights = [rng.standard_normal((width, width)) / np.sqrt(width) for _ in range(depth)]
    x = rng.standard_normal(width)
    return _norm(x, weights, 0), _norm(x, weights, 1)


@mistake(gradient_norm_plain_vs_residual)
def draws_other_weights_for_the_residual_net(depth, width, rng):
    """Your residual net has an x and weights of its own: both nets share what is drawn, or chance is compared too."""
    return _norm(*_draw(depth, width, rng), 0), _norm(*_draw(depth, width, rng), 1)


@mistake(gradient_norm_plain_vs_residual)
def draws_from_numpys_global_generator(depth, width, rng):
    """You draw from numpy's global generator: whoever calls you wants to repeat a run, and handed you rng for it."""
    x = np.random.standard_normal(width)
    weights = [np.random.standard_normal((width, width)) / np.sqrt(width) for _ in range(depth)]
    return _norm(x, weights, 0), _norm(x, weights, 1)


@mistake(gradient_norm_plain_vs_residual)
def starts_a_generator_of_its_own(depth, width, rng):
    """You start a generator of your own: whatever rng is, the numbers are the same. Draw from the rng you are given."""
    x, weights = _draw(depth, width, np.random.default_rng(0))
    return _norm(x, weights, 0), _norm(x, weights, 1)


@mistake(gradient_norm_plain_vs_residual)
def lets_the_gradient_through_silent_units(depth, width, rng):
    """Your backward has no ReLU: a unit whose argument is not positive passes no gradient to its weights' inputs."""
    _, weights = _draw(depth, width, rng)
    plain, residual = np.ones(width), np.ones(width)
    for W in reversed(weights):
        plain, residual = W.T @ plain, residual + W.T @ residual
    return float(np.linalg.norm(plain)), float(np.linalg.norm(residual))


@mistake(gradient_norm_plain_vs_residual)
def takes_the_mask_from_the_sum(depth, width, rng):
    """Your residual net's mask asks whether h is positive: the ReLU stands on the branch, so W h decides."""
    x, weights = _draw(depth, width, rng)
    h, masks = x, []
    for W in weights:
        h = h + np.maximum(W @ h, 0)
        masks.append(h > 0)
    d = np.ones(width)
    for W, mask in zip(weights[::-1], masks[::-1], strict=True):
        d = d + W.T @ (d * mask)
    return _norm(x, weights, 0), float(np.linalg.norm(d))


@mistake(gradient_norm_plain_vs_residual)
def takes_the_masks_of_the_plain_net(depth, width, rng):
    """Your residual gradient uses the plain net's masks: its units see another h, so run it forwards on its own."""
    x, weights = _draw(depth, width, rng)
    h, masks = x, []
    for W in weights:
        masks.append(W @ h > 0)
        h = np.maximum(W @ h, 0)
    d = np.ones(width)
    for W, mask in zip(weights[::-1], masks[::-1], strict=True):
        d = d + W.T @ (d * mask)
    return _norm(x, weights, 0), float(np.linalg.norm(d))


@mistake(gradient_norm_plain_vs_residual)
def puts_the_weights_on_the_right(depth, width, rng):
    """Your nets compute h @ W: here the weights stand on the left, so that a row of W belongs to one unit."""
    x, weights = _draw(depth, width, rng)
    weights = [W.T for W in weights]
    return _norm(x, weights, 0), _norm(x, weights, 1)


@mistake(gradient_norm_plain_vs_residual)
def puts_the_relu_after_the_residual_sum(depth, width, rng):
    """Your residual net has its ReLU after the sum, on the way of the skip: here it stands on the branch."""
    x, weights = _draw(depth, width, rng)
    h, masks = x, []
    for W in weights:
        z = h + W @ h
        masks.append(z > 0)
        h = np.maximum(z, 0)
    d = np.ones(width)
    for W, mask in zip(weights[::-1], masks[::-1], strict=True):
        d = d * mask + W.T @ (d * mask)
    return _norm(x, weights, 0), float(np.linalg.norm(d))


@mistake(gradient_norm_plain_vs_residual)
def leaves_the_skip_out_of_the_backward(depth, width, rng):
    """Your residual net has its skips on the way forward only: a sum sends its gradient back to both sides."""
    x, weights = _draw(depth, width, rng)
    h, masks = x, []
    for W in weights:
        z = W @ h
        masks.append(z > 0)
        h = h + np.maximum(z, 0)
    d = np.ones(width)
    for W, mask in zip(weights[::-1], masks[::-1], strict=True):
        d = W.T @ (d * mask)
    return _norm(x, weights, 0), float(np.linalg.norm(d))


@mistake(gradient_norm_plain_vs_residual)
def goes_back_without_transposing_the_weights(depth, width, rng):
    """Your backward multiplies by W: with weights on the left, a gradient goes back through their transpose."""
    x, weights = _draw(depth, width, rng)
    norms = []
    for skip in (0, 1):
        h, masks = x, []
        for W in weights:
            z = W @ h
            masks.append(z > 0)
            h = skip * h + np.maximum(z, 0)
        d = np.ones(width)
        for W, mask in zip(weights[::-1], masks[::-1], strict=True):
            d = skip * d + W @ (d * mask)
        norms.append(float(np.linalg.norm(d)))
    return tuple(norms)


@mistake(gradient_norm_plain_vs_residual)
def masks_behind_the_weights_going_back(depth, width, rng):
    """Your backward takes each layer's Jacobian as in the forward, mask · (W d), so W is not transposed and the mask
    comes too late: back goes the vector from the left, dᵀ times the Jacobian."""
    x, weights = _draw(depth, width, rng)
    norms = []
    for skip in (0, 1):
        h, masks = x, []
        for W in weights:
            z = W @ h
            masks.append(z > 0)
            h = skip * h + np.maximum(z, 0)
        d = np.ones(width)
        for W, mask in zip(weights[::-1], masks[::-1], strict=True):
            d = skip * d + mask * (W @ d)
        norms.append(float(np.linalg.norm(d)))
    return tuple(norms)


@mistake(gradient_norm_plain_vs_residual)
def goes_back_from_the_first_layer(depth, width, rng):
    """Your backward goes through the layers from the first to the last: the last one is the first on the way back."""
    x, weights = _draw(depth, width, rng)
    norms = []
    for skip in (0, 1):
        h, d = x, np.ones(width)
        for W in weights:
            z = W @ h
            h = skip * h + np.maximum(z, 0)
            d = skip * d + W.T @ (d * (z > 0))
        norms.append(float(np.linalg.norm(d)))
    return tuple(norms)


@mistake(gradient_norm_plain_vs_residual)
def differentiates_the_mean_of_the_outputs(depth, width, rng):
    """You differentiate the mean of the last layer: the sum of its entries is asked for."""
    x, weights = _draw(depth, width, rng)
    return _norm(x, weights, 0) / width, _norm(x, weights, 1) / width


@mistake(gradient_norm_plain_vs_residual)
def returns_the_squared_norms(depth, width, rng):
    """You return the sums of squares: the Euclidean norm is the root of that."""
    x, weights = _draw(depth, width, rng)
    return _norm(x, weights, 0) ** 2, _norm(x, weights, 1) ** 2


STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def _bn_conv_size(c_in, c_out, k, groups=1):
    return c_in // groups * c_out * k * k + 2 * c_out


def _resnet_size(depth, size=_bn_conv_size, projection=None, project=None, wide=4, bottleneck_from=50, bias=1000):
    """The right count, but for what is passed: the size of a convolution, of a projection, when there is one, …"""
    if depth not in STAGES:
        raise ValueError(f"no ResNet-{depth}")
    projection = projection or size
    total, c = size(3, 64, 7), 64
    for stage, (width, blocks) in enumerate(zip((64, 128, 256, 512), STAGES[depth], strict=True)):
        for block in range(blocks):
            if depth < bottleneck_from:
                c_out = width
                total += size(c, width, 3) + size(width, width, 3)
            else:
                c_out = wide * width
                total += size(c, width, 1) + size(width, width, 3) + size(width, c_out, 1)
            if project(stage, block) if project else c_out != c:
                total += projection(c, c_out, 1)
            c = c_out
    return total + c * 1000 + bias


@mistake(resnet_parameters)
def gives_the_resnet_convolutions_a_bias(depth):
    """Your convolutions have a bias: none has one here, for the batch normalization behind it takes any shift away."""
    return _resnet_size(depth, lambda c_in, c_out, k: _bn_conv_size(c_in, c_out, k) + c_out)


@mistake(resnet_parameters)
def counts_no_batch_norm_in_resnet(depth):
    """You count the weights alone: every batch normalization learns two numbers per channel, too."""
    return _resnet_size(depth, lambda c_in, c_out, k: c_in * c_out * k * k)


@mistake(resnet_parameters)
def counts_running_statistics_in_resnet(depth):
    """You count four numbers per channel in a batch normalization: running mean and variance are not learnt."""
    return _resnet_size(depth, lambda c_in, c_out, k: c_in * c_out * k * k + 4 * c_out)


@mistake(resnet_parameters)
def forgets_the_resnet_projections(depth):
    """Your shortcuts have no parameters: where the channels change they are 1×1 convolutions, which count."""
    return _resnet_size(depth, project=lambda stage, block: False)


@mistake(resnet_parameters)
def projects_without_batch_norm_in_resnet(depth):
    """Your projections are bare convolutions: each has a batch normalization of its own behind it."""
    return _resnet_size(depth, projection=lambda c_in, c_out, k: c_in * c_out * k * k)


@mistake(resnet_parameters)
def projects_in_every_resnet_stage(depth):
    """Your first stage has a projection at every depth: the basic blocks there read 64 channels and give 64."""
    return _resnet_size(depth, project=lambda stage, block: block == 0)


@mistake(resnet_parameters)
def projects_only_where_resnet_halves_the_maps(depth):
    """Your first stage has no projection: a bottleneck there reads 64 channels and gives 256, so it needs one."""
    return _resnet_size(depth, project=lambda stage, block: block == 0 and stage > 0)


@mistake(resnet_parameters)
def projects_in_every_resnet_block(depth):
    """Every block of yours has a projection: where as many channels come in as go out, the shortcut is free."""
    return _resnet_size(depth, project=lambda stage, block: True)


@mistake(resnet_parameters)
def never_widens_the_bottleneck(depth):
    """Your bottlenecks end with the stage's width: their last 1×1 convolution gives four times as many channels."""
    return _resnet_size(depth, wide=1)


@mistake(resnet_parameters)
def builds_resnet_50_of_basic_blocks(depth):
    """Your ResNet-50 is made of basic blocks: from depth 50 on, 50 itself included, they are bottlenecks."""
    return _resnet_size(depth, bottleneck_from=51)


@mistake(resnet_parameters)
def builds_resnet_34_of_bottlenecks(depth):
    """Your ResNet-34 is made of bottlenecks: up to 34, blocks are pairs of 3×3 convolutions."""
    return _resnet_size(depth, bottleneck_from=34)


@mistake(resnet_parameters)
def forgets_the_bias_of_resnets_dense_layer(depth):
    """Your total is 1,000 too small: the dense layer has a bias, one number for each class."""
    return _resnet_size(depth, bias=0)


@mistake(resnet_parameters)
def leaves_the_dense_layer_of_resnet_out(depth):
    """Your total ends before the dense layer: its weights and its bias are learnt as well."""
    return _resnet_size(depth) - 1000 * (512 if depth < 50 else 2048) - 1000


@mistake(resnet_parameters)
def feeds_every_bottleneck_from_the_stages_width(depth):
    """Inside a stage your bottlenecks read the stage's width: what they read is what the block before them gave."""
    if depth not in STAGES or depth < 50:
        return resnet_parameters(depth)
    size, total, c = _bn_conv_size, _bn_conv_size(3, 64, 7), 64
    for width, blocks in zip((64, 128, 256, 512), STAGES[depth], strict=True):
        for block in range(blocks):
            total += size(c if block == 0 else width, width, 1) + size(width, width, 3) + size(width, 4 * width, 1)
            if block == 0:
                total += size(c, 4 * width, 1)
        c = 4 * width
    return total + c * 1000 + 1000


@mistake(resnet_parameters)
def lets_a_key_error_out(depth):
    """An unknown depth ends in a KeyError of your dictionary: asked is a ValueError, which says what is wrong."""
    STAGES[depth]
    return resnet_parameters(depth)


@mistake(resnet_parameters)
def takes_any_depth_for_an_18(depth):
    """A depth that has no plan gets one nevertheless: it should raise a ValueError."""
    return resnet_parameters(depth if depth in STAGES else 18)


@mistake(resnet_parameters)
def types_the_resnet_totals_in(depth):
    """You look the totals up: what is asked is the sum over the layers, from their shapes."""
    totals = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
    if depth not in totals:
        raise ValueError(f"no ResNet-{depth}")
    return totals[depth]


@mistake(resnet_parameters)
def returns_a_float_count_of_resnet(depth):
    """Your total is a float: a number of parameters is an integer. Where does a / or a float enter?"""
    return float(resnet_parameters(depth))


# --- DenseNet -------------------------------------------------------------------------------------------------------


def _dense_layer_size(c):
    return 2 * c + c * 128 + 2 * 128 + 128 * 32 * 9


def _densenet_size(layer=_dense_layer_size, norm=2, halve=2, grow=32, last=True, transitions=3, final=True, bias=1000):
    """The right count, but for what is passed."""
    c = 64
    total = 3 * 64 * 49 + norm * 64
    for block, layers in enumerate((6, 12, 24, 16)):
        for _ in range(layers):
            total += layer(c)
            c += grow
        if block < transitions:
            total += norm * c + c * (c // halve)
            c //= halve
    return total + (norm * c if final else 0) + c * 1000 + bias


@mistake(densenet121_parameters)
def forgets_the_last_batch_norm_of_densenet():
    """You are 2,048 short: a batch normalization of all 1,024 channels stands behind the last dense block."""
    return _densenet_size(final=False)


@mistake(densenet121_parameters)
def halves_the_channels_after_the_last_block_too():
    """You have a transition behind the last dense block: there are three, between the four blocks."""
    return _densenet_size(transitions=4)


@mistake(densenet121_parameters)
def never_halves_in_the_transitions():
    """Your transitions keep all channels: their 1×1 convolution gives half of them."""
    return _densenet_size(halve=1)


@mistake(densenet121_parameters)
def normalizes_no_transition():
    """Your transitions are bare convolutions: each begins with a batch normalization of all it reads."""
    return densenet121_parameters() - 2 * (256 + 512 + 1024)


@mistake(densenet121_parameters)
def normalizes_what_dense_layers_give():
    """Your normalizations stand behind the convolutions: here they stand before, and count what a convolution reads."""
    return _densenet_size(lambda c: c * 128 + 2 * 128 + 128 * 32 * 9 + 2 * 32)


@mistake(densenet121_parameters)
def reads_only_what_the_block_got():
    """All layers of a block read as many channels in yours: each layer has 32 more to read than the one before it."""
    c, total = 64, 3 * 64 * 49 + 2 * 64
    for block, layers in enumerate((6, 12, 24, 16)):
        total += layers * _dense_layer_size(c)
        c += 32 * layers
        if block < 3:
            total += 2 * c + c * (c // 2)
            c //= 2
    return total + 2 * c + c * 1000 + 1000


@mistake(densenet121_parameters)
def has_no_bottleneck_in_dense_layers():
    """Your layers go from C to 32 channels in one 3×3 convolution: first a 1×1 one brings them to 128."""
    return _densenet_size(lambda c: 2 * c + c * 32 * 9)


@mistake(densenet121_parameters)
def normalizes_dense_layers_once():
    """Your layers have one batch normalization: a second one, of 128 channels, stands before the 3×3 convolution."""
    return _densenet_size(lambda c: 2 * c + c * 128 + 128 * 32 * 9)


@mistake(densenet121_parameters)
def gives_the_densenet_convolutions_a_bias():
    """Your convolutions have a bias: in this net only the dense layer has one."""
    convolutions = 64 + 58 * (128 + 32) + 128 + 256 + 512
    return densenet121_parameters() + convolutions


@mistake(densenet121_parameters)
def counts_running_statistics_in_densenet():
    """You count four numbers per channel in a batch normalization: running mean and variance are not learnt."""
    return _densenet_size(lambda c: 4 * c + c * 128 + 4 * 128 + 128 * 32 * 9, norm=4)


@mistake(densenet121_parameters)
def forgets_the_bias_of_densenets_dense_layer():
    """Your total is 1,000 too small: the dense layer has a bias, one number for each class."""
    return _densenet_size(bias=0)


@mistake(densenet121_parameters)
def types_the_densenet_total_in():
    """You have typed the total in: what is asked is the sum over the layers, from their shapes."""
    return 7_978_856


@mistake(densenet121_parameters)
def halves_densenets_channels_with_a_slash():
    """Your total is a float, for a / gives floats even where it divides evenly: // keeps integers."""
    c = 64
    total = 3 * 64 * 49 + 2 * 64
    for block, layers in enumerate((6, 12, 24, 16)):
        for _ in range(layers):
            total += _dense_layer_size(c)
            c += 32
        if block < 3:
            total += 2 * c + c * (c / 2)
            c = c / 2
    return total + 2 * c + c * 1000 + 1000


# --- ResNeXt --------------------------------------------------------------------------------------------------------


def _resnext_size(
    size=_bn_conv_size, middle=lambda c_out: c_out // 2, groups=32, projection=None, first=True, bias=1000
):
    """The right count, but for what is passed."""
    projection = projection or size
    total, c = size(3, 64, 7), 64
    for stage, (c_out, blocks) in enumerate(zip((256, 512, 1024, 2048), (3, 4, 6, 3), strict=True)):
        d = middle(c_out)
        for _ in range(blocks):
            total += size(c, d, 1) + size(d, d, 3, groups) + size(d, c_out, 1)
            if c_out != c and (first or stage > 0):
                total += projection(c, c_out, 1)
            c = c_out
    return total + c * 1000 + bias


@mistake(resnext50_parameters)
def ignores_the_groups_of_resnext():
    """Your 3×3 convolutions read all D channels: in 32 groups a filter reads only D / 32 of them."""
    return _resnext_size(groups=1)


@mistake(resnext50_parameters)
def divides_twice_by_the_groups():
    """You divide both the channels read and the filters by 32: that is one group's part, and there are 32 groups."""
    return _resnext_size(lambda c_in, c_out, k, g=1: c_in // g * (c_out // g) * k * k + 2 * c_out)


@mistake(resnext50_parameters)
def keeps_resnets_width_in_resnext():
    """Your 3×3 convolutions are as narrow as ResNet-50's: here D is half of the channels out, not a quarter."""
    return _resnext_size(middle=lambda c_out: c_out // 4)


@mistake(resnext50_parameters)
def keeps_4_channels_a_group_in_all_stages():
    """Your groups have 4 channels in every stage: D doubles from stage to stage, in 32 groups always."""
    return _resnext_size(middle=lambda c_out: 128)


@mistake(resnext50_parameters)
def mistakes_the_groups_width_for_their_number():
    """You count with 4 groups: 32×4d means 32 groups, each 4 channels wide in the first stage."""
    return _resnext_size(groups=4)


@mistake(resnext50_parameters)
def forgets_the_resnext_projections():
    """Your shortcuts have no parameters: the first block of each stage has a 1×1 convolution there."""
    return _resnext_size(projection=lambda c_in, c_out, k: 0)


@mistake(resnext50_parameters)
def projects_without_batch_norm_in_resnext():
    """Your projections are bare convolutions: each has a batch normalization of its own behind it."""
    return _resnext_size(projection=lambda c_in, c_out, k: c_in * c_out * k * k)


@mistake(resnext50_parameters)
def projects_only_where_resnext_halves_the_maps():
    """Your first stage has no projection: its first block reads 64 channels and gives 256, so it needs one."""
    return _resnext_size(first=False)


@mistake(resnext50_parameters)
def counts_running_statistics_in_resnext():
    """You count four numbers per channel in a batch normalization: running mean and variance are not learnt."""
    return _resnext_size(lambda c_in, c_out, k, g=1: c_in // g * c_out * k * k + 4 * c_out)


@mistake(resnext50_parameters)
def gives_the_resnext_convolutions_a_bias():
    """Your convolutions have a bias: none has one here, for the batch normalization behind it takes any shift away."""
    return _resnext_size(lambda c_in, c_out, k, g=1: c_in // g * c_out * k * k + 3 * c_out)


@mistake(resnext50_parameters)
def counts_no_batch_norm_in_resnext():
    """You count the weights alone: every batch normalization learns two numbers per channel, too."""
    return _resnext_size(lambda c_in, c_out, k, g=1: c_in // g * c_out * k * k)


@mistake(resnext50_parameters)
def forgets_the_bias_of_resnexts_dense_layer():
    """Your total is 1,000 too small: the dense layer has a bias, one number for each class."""
    return _resnext_size(bias=0)


@mistake(resnext50_parameters)
def types_the_resnext_total_in():
    """You have typed the total in: what is asked is the sum over the layers, from their shapes."""
    return 25_028_904


@mistake(resnext50_parameters)
def divides_into_groups_with_a_slash():
    """Your total is a float, for a / gives floats even where it divides evenly: // keeps integers."""
    return _resnext_size(lambda c_in, c_out, k, g=1: c_in / g * c_out * k * k + 2 * c_out)


# --- training -------------------------------------------------------------------------------------------------------


def _batches_of_32(order):
    return [order[start : start + 32] for start in range(0, len(order), 32)]


def _trained_net(
    X_train, y_train, X_test, y_test, depth, residual, epochs, rng,
    classes=None, alone=False, last_batch=False, last_norm=True, scale=2.0, lr=0.1, full_only=False,
):  # fmt: skip
    """The right loop, but for what is passed; alone: a test batch has its own statistics; last_batch: it has those of
    the last training batch."""
    if depth < 2 or depth % 2:
        raise ValueError(f"depth must be even and at least 2, not {depth}")
    classes, blocks = classes or int(y_train.max()) + 1, depth - 2
    X_train, X_test = X_train.astype(np.float32), X_test.astype(np.float32)

    def draw(*shape, fan_in):
        return rng.normal(0, np.sqrt(scale / fan_in), shape).astype(np.float32)

    params = {"first": draw(8, X_train.shape[1], 3, 3, fan_in=9 * X_train.shape[1])}
    params |= {f"w{i}": draw(8, 8, 3, 3, fan_in=72) for i in range(blocks)}
    params |= {f"gamma{i}": np.ones(8, np.float32) for i in range(blocks + 1)}
    params |= {f"beta{i}": np.zeros(8, np.float32) for i in range(blocks + 1)}
    params |= {"W": draw(8, classes, fan_in=8), "b": np.zeros(classes, np.float32)}

    def forward(x, given=None):
        h, first = conv(x, params["first"], 2, 1)
        skip, caches, seen = h, [first], []
        for i in range(blocks + 1):
            skip = h if i % 2 == 0 else skip
            seen.append((h.mean(axis=(0, 2, 3)), h.var(axis=(0, 2, 3))))
            mean, var = given[i] if given else (None, None)
            z, bn = batchnorm(h, params[f"gamma{i}"], params[f"beta{i}"], mean, var, training=given is None)
            a = np.maximum(z if last_norm or i < blocks else h, 0)
            caches.append((bn, a, None))
            if i < blocks:
                h, cache = conv(a, params[f"w{i}"], 1, 1)
                caches[-1] = bn, a, cache
                h = h + skip if residual and i % 2 == 1 else h
        return a.mean(axis=(2, 3)) @ params["W"] + params["b"], caches, seen

    velocity, losses = dict.fromkeys(params, 0.0), []
    for _ in range(epochs):
        total, count = 0.0, 0
        for batch in _batches_of_32(rng.permutation(len(X_train))):
            if full_only and len(batch) < 32:
                continue
            rows, y = np.arange(len(batch)), y_train[batch]
            logits, caches, _ = forward(X_train[batch])
            logits = logits - logits.max(axis=1, keepdims=True)
            log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
            total, count = total - float(log_p[rows, y].sum()), count + len(batch)
            dlogits = np.exp(log_p)
            dlogits[rows, y] -= 1
            dlogits /= len(batch)
            a, dh, dskip = caches[-1][1], 0.0, 0.0
            grads = {"W": a.mean(axis=(2, 3)).T @ dlogits, "b": dlogits.sum(axis=0)}
            da = np.ones_like(a) * (dlogits @ params["W"].T)[:, :, None, None] / (a.shape[2] * a.shape[3])
            for i in reversed(range(blocks + 1)):
                bn, a, cache = caches[i + 1]
                if i < blocks:
                    dskip = dh if i % 2 == 1 else dskip
                    da, grads[f"w{i}"] = conv_backward(dh, cache)
                dh = da * (a > 0)
                if last_norm or i < blocks:
                    dh, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward(dh, bn)
                dh = dh + dskip if residual and i < blocks and i % 2 == 0 else dh
            _, grads["first"] = conv_backward(dh, caches[0])
            for key, grad in grads.items():
                velocity[key] = 0.9 * velocity[key] + grad
                params[key] = params[key] - lr * velocity[key]
        losses.append(total / count)
    logits, _, _ = forward(X_test, None if alone else forward(X_train[batch] if last_batch else X_train)[2])
    return float((logits.argmax(axis=1) == y_test).mean()), losses


@mistake(train_resnet)
def adds_the_skip_in_any_case(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your net has its skips whatever residual is: with residual=False nothing is added to a block's branch."""
    return train_resnet(X_train, y_train, X_test, y_test, depth, True, epochs, rng)


@mistake(train_resnet)
def trains_an_odd_depth(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You round an odd depth down and train: a depth that is odd, or below 2, raises a ValueError."""
    return train_resnet(X_train, y_train, X_test, y_test, max(depth - depth % 2, 2), residual, epochs, rng)


@mistake(train_resnet)
def forbids_only_odd_depths(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You refuse odd depths, but train at depth 0 or −2: the first convolution and the dense layer are always there."""
    return train_resnet(X_train, y_train, X_test, y_test, depth if depth % 2 else max(depth, 2), residual, epochs, rng)


@mistake(train_resnet)
def wants_at_least_one_block(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You refuse depth 2: a net without blocks is one convolution and the dense layer, and that is allowed."""
    if depth < 4:
        raise ValueError(f"depth must be at least 4, not {depth}")
    return train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)


@mistake(train_resnet)
def gives_accuracy_in_percent(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your accuracy is in percent: asked is a share, from 0 to 1."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return 100 * accuracy, losses


@mistake(train_resnet)
def counts_the_right_test_images(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your accuracy is a number of images: divide it by how many test images there are."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return round(accuracy * len(y_test)), losses


@mistake(train_resnet)
def returns_the_error_rate(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You return the share of wrong test images: accuracy is the share of those that are right."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return 1 - accuracy, losses


@mistake(train_resnet)
def returns_losses_before_accuracy(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your two results are exchanged: accuracy comes first, then the list of losses."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return losses, accuracy


@mistake(train_resnet)
def returns_the_training_accuracy(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your accuracy is that of the training images: what the net makes of images it has not seen is asked."""
    return train_resnet(X_train, y_train, X_train, y_train, depth, residual, epochs, rng)


@mistake(train_resnet)
def reports_the_best_epochs_accuracy(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your accuracy is the best of all epochs: that chooses by the test labels. Asked is the net after the last one."""
    found = [
        train_resnet(X_train, y_train, X_test, y_test, depth, residual, epoch, copy.deepcopy(rng))
        for epoch in range(1, epochs + 1)
    ]
    return max(accuracy for accuracy, _ in found), found[-1][1]


@mistake(train_resnet)
def trains_on_the_test_images_too(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your losses depend on the test labels, so the test images have a part in the training: they must not."""
    X, y = np.concatenate([X_train, X_test]), np.concatenate([y_train, y_test])
    return train_resnet(X, y, X_test, y_test, depth, residual, epochs, rng)


@mistake(train_resnet)
def normalizes_the_test_batch_by_itself(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your test images are normalized by each other, as in training: take the statistics of the training images."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, alone=True)


@mistake(train_resnet)
def keeps_the_statistics_of_the_last_batch(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your test images are normalized by the last training batch, which may be a single image: send all training images
    through, and take the statistics of these."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, last_batch=True)


@mistake(train_resnet)
def writes_one_loss_for_every_update(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your list has a loss for every batch: asked is one number per epoch, the mean."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return accuracy, [loss for loss in losses for _ in _batches_of_32(range(len(X_train)))]


@mistake(train_resnet)
def sums_the_losses_of_the_batches(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your epoch's loss is the sum over its batches: the more batches, the larger. Asked is the mean."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return accuracy, [loss * len(_batches_of_32(range(len(X_train)))) for loss in losses]


@mistake(train_resnet)
def sums_the_losses_of_the_images(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your epoch's loss is the sum over all images: divide it by how many there are."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return accuracy, [loss * len(X_train) for loss in losses]


@mistake(train_resnet)
def takes_the_logarithm_to_base_2(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your losses are in bits, 1.44 times too large: cross-entropy takes the natural logarithm."""
    accuracy, losses = train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)
    return accuracy, [loss / np.log(2) for loss in losses]


@mistake(train_resnet)
def always_has_ten_classes(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your dense layer has ten outputs always: their number is that of the classes, y_train.max() + 1."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, classes=10)


@mistake(train_resnet)
def counts_the_classes_that_occur(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You count the different labels: where a class between has no image, the highest label has no output then."""
    classes = len(np.unique(y_train))
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, classes=classes)


@mistake(train_resnet)
def takes_the_number_of_classes_from_the_test(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your number of classes comes from the test labels, which may lack some: take the training labels'."""
    classes = int(y_test.max()) + 1
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, classes=classes)


@mistake(train_resnet)
def takes_the_number_of_classes_from_both(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your number of classes looks at the test labels too: a label that is only there must not add an output."""
    classes = int(max(y_train.max(), y_test.max())) + 1
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, classes=classes)


@mistake(train_resnet)
def has_no_normalization_before_the_dense_layer(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your last feature maps are not normalized: behind the last block come a batch normalization and a ReLU."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, last_norm=False)


@mistake(train_resnet)
def begins_with_all_weights_zero(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your net hardly learns, and rng changes nothing at first: with all weights 0 no gradient reaches them."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, scale=0.0)


@mistake(train_resnet)
def climbs_up_the_loss(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your losses rise: an update goes against the gradient, not along it."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, lr=-0.1)


@mistake(train_resnet)
def leaves_out_what_fills_no_batch(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You leave out a last batch that is small, so a small training set has no batch at all: use every image."""
    return _trained_net(X_train, y_train, X_test, y_test, depth, residual, epochs, rng, full_only=True)


@mistake(train_resnet)
def parts_images_from_their_labels(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your images and labels are in different orders, so the net learns nothing: shuffle both with the same indices."""
    return train_resnet(X_train, rng.permutation(y_train), X_test, y_test, depth, residual, epochs, rng)


@mistake(train_resnet)
def shuffles_the_callers_images(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You shuffle the caller's arrays: draw an order of indices, and leave the arrays as they are."""
    order = rng.permutation(len(X_train))
    X_train[:], y_train[:] = X_train[order], y_train[order]
    return train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)


@mistake(train_resnet)
def wants_images_of_one_colour(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Your first convolution reads one channel: it has as many as the images, three for colours."""
    if X_train.shape[1] != 1:
        raise ValueError(f"cannot multiply filters of one channel with images of {X_train.shape[1]}")
    return train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, rng)


@mistake(train_resnet)
def makes_a_generator_of_its_own(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You make a generator of your own: every rng gives the same net, and nobody can draw another one."""
    return train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, np.random.default_rng(0))


@mistake(train_resnet)
def draws_from_the_global_generator(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """You draw from NumPy's global generator: all chance must come from rng, so that a run can be repeated."""
    own = np.random.default_rng(np.random.randint(1_000_000))
    return train_resnet(X_train, y_train, X_test, y_test, depth, residual, epochs, own)
