"""Unit 01: wrong answers to the activations and their gradients."""

import math

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.activations import (
    dead_relu_fraction,
    elu,
    elu_backward,
    gelu,
    gelu_backward,
    gradient_scale_by_depth,
    hard_tanh,
    hard_tanh_backward,
    leaky_relu,
    leaky_relu_backward,
    log_softmax,
    log_softmax_backward,
    logsumexp,
    masked_softmax,
    maxout,
    maxout_backward,
    prelu,
    prelu_backward,
    rbf,
    relu,
    relu_backward,
    relu_interpolator,
    selu,
    sigmoid,
    sigmoid_backward,
    softmax,
    softmax_backward,
    softplus,
    softplus_backward,
    swish,
    swish_backward,
    tanh,
    tanh_backward,
)


@mistake(sigmoid)
def overflows_for_negative_x(x):
    """Your formula takes exp of a large positive number when x is very negative: right values, but it overflows."""
    return 1 / (1 + np.exp(-x))


@mistake(sigmoid)
def has_the_exponents_sign_wrong(x):
    """Your curve falls where it should rise: look at the sign in the exponent."""
    z = np.exp(-np.abs(1.0 * x))
    return np.where(x >= 0, z, 1.0) / (1 + z)


@mistake(sigmoid)
def gives_nan_for_large_x(x):
    """Your formula divides one overflowed exponential by another: for large x that is inf / inf, which is NaN."""
    return np.exp(x) / (1 + np.exp(x))


@mistake(sigmoid)
def works_in_place(x):
    """Your function writes into x: the caller's array is not the same afterwards."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return sigmoid(x)
    x[...] = sigmoid(x)
    return x


@mistake(sigmoid_backward)
def takes_x_for_the_sigmoids_output(dout, x):
    """You use x as if it were σ(x): the second argument is the forward's input, not its output."""
    return dout * x * (1 - x)


@mistake(sigmoid_backward)
def leaves_dout_out_of_the_sigmoid_gradient(dout, x):
    """You return the sigmoid's own derivative: the gradient that arrives from above, dout, has no part in it."""
    return sigmoid(x) * (1 - sigmoid(x))


@mistake(sigmoid_backward)
def drops_the_inner_minus_of_the_sigmoid(dout, x):
    """Your gradient has the wrong sign: the derivative of e^(−x) brings a second minus, and the sigmoid rises."""
    return -dout * sigmoid(x) * (1 - sigmoid(x))


@mistake(sigmoid_backward)
def divides_overflowed_exponentials_in_the_sigmoid_gradient(dout, x):
    """Your quotient takes e^(−x) of a very negative x: both its parts overflow, and inf / inf is NaN."""
    return dout * np.exp(-x) / (1 + np.exp(-x)) ** 2


@mistake(sigmoid_backward)
def forgets_to_square_the_sigmoid_denominator(dout, x):
    """Your derivative is ½ at x = 0 where it should be ¼: look at the power of 1 + e^(−x) after differentiating."""
    z = np.exp(-np.abs(1.0 * x))
    return dout * z / (1 + z)


@mistake(sigmoid_backward)
def overwrites_dout_in_the_sigmoid_gradient(dout, x):
    """Your function multiplies dout in place: the caller's gradient is not the same afterwards."""
    dout *= sigmoid(x) * (1 - sigmoid(x))
    return dout


@mistake(sigmoid_backward)
def makes_the_sigmoid_gradient_float64(dout, x):
    """You collect the derivative in a new array that is float64 by default, so float32 input comes back as float64."""
    derivative = np.zeros(np.shape(x))
    derivative[...] = sigmoid(x) * (1 - sigmoid(x))
    return dout * derivative


@mistake(tanh)
def takes_tanh_from_numpy(x):
    """The values are right, but they come from a ready-made tanh, which is banned: build it from exponentials."""
    return np.tanh(x)


@mistake(tanh)
def divides_infinity_by_infinity_in_tanh(x):
    """You typed the definition as it stands: for large |x| its numerator and its denominator are both infinite."""
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


@mistake(tanh)
def overflows_in_tanh_for_large_x(x):
    """Your values are right, but e^(2x) overflows on the way for large positive x: look at its sign there."""
    return 1 - 2 / (np.exp(2.0 * x) + 1)


@mistake(tanh)
def forgets_the_two_inside_the_sigmoid(x):
    """Your curve is too flat, it is tanh(x/2): in the sigmoid identity a 2 stands in two places."""
    return 2 * sigmoid(x) - 1


@mistake(tanh)
def loses_the_sign_of_x_in_tanh(x):
    """You compute tanh of |x| and stop there: tanh is odd, and yours is positive for negative x."""
    z = np.exp(-2.0 * np.abs(x))
    return (1 - z) / (1 + z)


@mistake(tanh)
def stores_tanh_in_integers(x):
    """You put the result into an array with x's dtype: for integer x every value is cut off to −1, 0 or 1."""
    out = np.zeros_like(x)
    out[...] = 2 * sigmoid(2.0 * x) - 1
    return out


@mistake(tanh)
def writes_tanh_into_x(x):
    """Your function writes tanh(x) into x itself: the caller's array is not the same afterwards."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return 2 * sigmoid(2.0 * x) - 1
    x[...] = 2 * sigmoid(2.0 * x) - 1
    return x


@mistake(tanh_backward)
def differentiates_with_numpys_tanh(dout, x):
    """The values are right, but they come from NumPy's own tanh, which is banned in the gradient too."""
    return dout * (1 - np.tanh(x) ** 2)


@mistake(tanh_backward)
def takes_x_for_the_output_of_tanh(dout, x):
    """You use x as if it were tanh(x): the second argument is the forward's input, not its output."""
    return dout * (1 - x**2)


@mistake(tanh_backward)
def forgets_to_square_tanh(dout, x):
    """Your derivative is not even in x, and exceeds 1 for negative x: look at the power of tanh(x)."""
    return dout * (1 - tanh(x))


@mistake(tanh_backward)
def forgets_the_inner_two_of_tanh(dout, x):
    """Every gradient is half of what it should be: in 2σ(2x) − 1 the inner 2x has a derivative as well."""
    z = np.exp(-2.0 * np.abs(1.0 * x))
    return dout * 2 * z / (1 + z) ** 2


@mistake(tanh_backward)
def leaves_dout_out_of_the_tanh_gradient(dout, x):
    """You return the derivative of tanh by itself: the gradient that arrives from above, dout, has no part in it."""
    return 1 - tanh(x) ** 2


@mistake(tanh_backward)
def squares_an_overflowed_cosh(dout, x):
    """Your values are right, but e^x + e^(−x) overflows on the way for large |x|, and NumPy warns."""
    return dout * 4 / (np.exp(1.0 * x) + np.exp(-1.0 * x)) ** 2


@mistake(tanh_backward)
def overwrites_dout_in_the_tanh_gradient(dout, x):
    """Your function multiplies dout in place: the gradient that the caller holds is no longer what it was."""
    dout *= 1 - tanh(x) ** 2
    return dout


@mistake(relu)
def reduces_with_max_instead_of_maximum(x):
    """Your result is the largest number along an axis: that function reduces, and its second argument is an axis."""
    return np.max(x, 0)


@mistake(relu)
def turns_nan_into_zero(x):
    """Your comparison is false for NaN, so NaN falls into the zero branch and a broken input is hidden."""
    return np.where(x > 0, x, 0)


@mistake(relu)
def mirrors_the_negative_side(x):
    """Your function returns |x|: negative numbers should be cut off, not folded up."""
    return np.abs(x)


@mistake(relu)
def caps_relu_at_one(x):
    """Your function is cut off on the right as well, at 1: ReLU has no upper limit."""
    return np.clip(x, 0, 1)


@mistake(relu)
def zeroes_negatives_inside_x(x):
    """Your function sets the negative numbers of x itself to 0: the caller's array is not the same afterwards."""
    x[x < 0] = 0
    return x


@mistake(relu)
def makes_relu_float64(x):
    """You multiply by an array of ones and zeros that is float64, so float32 input comes back as float64."""
    return x * np.where(x < 0, 0.0, 1.0)


@mistake(relu_backward)
def opens_the_relu_gate_at_zero(dout, x):
    """Your gradient passes at x = 0: at the kink the left branch counts, whose derivative is 0."""
    return dout * (x >= 0)


@mistake(relu_backward)
def gates_by_the_sign_of_dout(dout, x):
    """You apply ReLU to the gradient: the gate is opened by the forward's input x, whatever the sign of dout."""
    return np.maximum(dout, 0)


@mistake(relu_backward)
def leaves_dout_out_of_the_relu_gradient(dout, x):
    """You return the gate, ones and zeros: the gradient that should pass through it, dout, is missing."""
    return 1.0 * (x > 0)


@mistake(relu_backward)
def multiplies_dout_by_the_relu_output(dout, x):
    """You multiply dout by relu(x) itself: the chain rule asks for its derivative, which is 1 on the right."""
    return dout * np.maximum(x, 0)


@mistake(relu_backward)
def shuts_the_gate_inside_dout(dout, x):
    """Your function sets numbers of dout itself to 0: the caller's gradient is not the same afterwards."""
    if np.ndim(dout) == 0:
        return dout * (x > 0)
    dout[x <= 0] = 0
    return dout


@mistake(relu_backward)
def makes_the_relu_gradient_float64(dout, x):
    """Your gate is an array of float64 ones and zeros, so a float32 gradient comes back as float64."""
    return dout * np.where(x > 0, 1.0, 0.0)


@mistake(leaky_relu)
def takes_the_larger_of_x_and_its_leak(x, slope=0.01):
    """You take the larger of x and slope · x: for a slope above 1 that picks the wrong branch on both sides."""
    return np.maximum(x, slope * x)


@mistake(leaky_relu)
def leaks_on_the_positive_side(x, slope=0.01):
    """Your branches are swapped: the slope belongs to the negative numbers, and the positive ones stay as they are."""
    return np.where(x > 0, slope * x, x)


@mistake(leaky_relu)
def returns_the_slope_without_x(x, slope=0.01):
    """Your negative side is the constant slope: it should be a line through the origin with that slope."""
    return np.where(x > 0, x, slope)


@mistake(leaky_relu)
def turns_the_leak_upwards(x, slope=0.01):
    """Your negative side rises to the left: with a positive slope, negative numbers stay negative."""
    return np.where(x > 0, x, -slope * x)


@mistake(leaky_relu)
def fixes_the_leak_at_a_hundredth(x, slope=0.01):
    """Your function is right for the default slope only: the slope that the caller passes is not used."""
    return np.where(x > 0, x, 0.01 * x)


@mistake(leaky_relu)
def stores_the_leak_in_integers(x, slope=0.01):
    """You put the result into an array with x's dtype: for integer x the small negative values are cut off to 0."""
    out = np.zeros_like(x)
    out[...] = np.where(x > 0, x, slope * x)
    return out


@mistake(leaky_relu)
def scales_negatives_inside_x(x, slope=0.01):
    """Your function multiplies the negative numbers of x itself: the caller's array is not the same afterwards."""
    x[x < 0] *= slope
    return x


@mistake(leaky_relu_backward)
def gives_the_leaky_kink_the_right_branch(dout, x, slope=0.01):
    """Your gradient passes whole at x = 0: at the kink the left branch counts, whose derivative is the slope."""
    return np.where(x >= 0, dout, slope * dout)


@mistake(leaky_relu_backward)
def shuts_the_leak_in_the_gradient(dout, x, slope=0.01):
    """Your gradient is plain ReLU's: on the negative side a part of it leaks through as well."""
    return np.where(x > 0, dout, 0 * dout)


@mistake(leaky_relu_backward)
def leaks_by_the_sign_of_dout(dout, x, slope=0.01):
    """You apply leaky ReLU to the gradient: which branch counts is decided by the forward's x, not by dout."""
    return np.where(dout > 0, dout, slope * dout)


@mistake(leaky_relu_backward)
def leaves_dout_out_of_the_leaky_branch(dout, x, slope=0.01):
    """On the negative side you return the slope by itself: there too the chain rule multiplies by dout."""
    return np.where(x > 0, dout, slope)


@mistake(leaky_relu_backward)
def multiplies_the_leaky_gradient_by_x(dout, x, slope=0.01):
    """Your negative side is dout · slope · x: that still contains the function's value, not only its derivative."""
    return np.where(x > 0, dout, dout * (slope * x))


@mistake(leaky_relu_backward)
def makes_the_leaky_gradient_float64(dout, x, slope=0.01):
    """You choose between two plain numbers, which makes a float64 array: a float32 gradient comes back as float64."""
    return dout * np.where(x > 0, 1.0, slope)


@mistake(leaky_relu_backward)
def scales_the_leak_inside_dout(dout, x, slope=0.01):
    """Your function multiplies numbers of dout itself: the caller's gradient is not the same afterwards."""
    if np.ndim(dout) == 0:
        return dout if x > 0 else slope * dout
    dout[x <= 0] *= slope
    return dout


@mistake(prelu)
def lets_alpha_meet_the_last_axis(x, alpha):
    """Your alpha lines up with the last axis, which is the width of an image: the channel is axis 1."""
    return np.where(x > 0, x, alpha * x)


@mistake(prelu)
def shapes_alpha_for_images_only(x, alpha):
    """You give alpha an image's four axes always: with features (N, C) that broadcasts to four axes as well."""
    return np.where(x > 0, x, alpha.reshape(1, -1, 1, 1) * x)


@mistake(prelu)
def takes_the_larger_of_x_and_alpha_x(x, alpha):
    """You take the larger of x and alpha · x: for a slope above 1 that picks the wrong branch on both sides."""
    return np.maximum(x, alpha.reshape(-1, *(1,) * (x.ndim - 2)) * x)


@mistake(prelu)
def shares_one_alpha_between_channels(x, alpha):
    """Every channel gets the same slope in your result: each channel has a slope of its own."""
    return np.where(x > 0, x, alpha.mean() * x)


@mistake(prelu)
def gives_each_sample_a_slope(x, alpha):
    """Your alpha runs along axis 0, so every sample gets a slope: slopes belong to channels, which are axis 1."""
    return np.where(x > 0, x, alpha.reshape(-1, *(1,) * (x.ndim - 1)) * x)


@mistake(prelu)
def makes_prelu_float64(x, alpha):
    """You collect the result in a new array that is float64 by default, so float32 input comes back as float64."""
    out = np.zeros(x.shape)
    for c in range(x.shape[1]):
        out[:, c] = np.where(x[:, c] > 0, x[:, c], alpha[c] * x[:, c])
    return out


@mistake(prelu)
def scales_channels_inside_x(x, alpha):
    """Your function writes the slopes' products into x itself: the caller's array is not the same afterwards."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    x[...] = np.where(x > 0, x, a * x)
    return x


@mistake(prelu_backward)
def averages_dalpha_over_the_batch(dout, x, alpha):
    """Your dalpha is a mean: one slope serves all numbers of its channel, and their gradients add up."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    dx = np.where(x > 0, dout, a * dout)
    n = max(x.size // alpha.size, 1)
    return dx, (dout * np.minimum(x, 0)).sum(axis=(0, *range(2, x.ndim))) / n


@mistake(prelu_backward)
def sums_dalpha_over_the_batch_only(dout, x, alpha):
    """Your dalpha is summed over the batch only: in an image a slope also serves every place of its channel."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x > 0, dout, a * dout), (dout * np.minimum(x, 0)).sum(axis=0)


@mistake(prelu_backward)
def sums_dalpha_over_channels_too(dout, x, alpha):
    """Your dalpha is one number: the channels have a slope each, so their axis must survive the sum."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x > 0, dout, a * dout), (dout * np.minimum(x, 0)).sum()


@mistake(prelu_backward)
def counts_positive_x_in_dalpha(dout, x, alpha):
    """Your dalpha counts all of x: the slope has no part in the output where x is positive."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x > 0, dout, a * dout), (dout * x).sum(axis=(0, *range(2, x.ndim)))


@mistake(prelu_backward)
def forgets_x_in_dalpha(dout, x, alpha):
    """Your dalpha adds up dout alone: the derivative of alpha · x with respect to alpha is not 1."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x > 0, dout, a * dout), (dout * (x <= 0)).sum(axis=(0, *range(2, x.ndim)))


@mistake(prelu_backward)
def forgets_dout_in_dalpha(dout, x, alpha):
    """Your dalpha adds up x alone: each term must be weighted by the gradient that arrives there, dout."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x > 0, dout, a * dout), np.minimum(x, 0).sum(axis=(0, *range(2, x.ndim)))


@mistake(prelu_backward)
def forgets_alpha_in_prelu_dx(dout, x, alpha):
    """Your dx is plain ReLU's: on the negative side the gradient passes too, times the channel's slope."""
    return dout * (x > 0), (dout * np.minimum(x, 0)).sum(axis=(0, *range(2, x.ndim)))


@mistake(prelu_backward)
def gives_the_prelu_kink_the_right_branch(dout, x, alpha):
    """Your dx passes whole at x = 0: at the kink the left branch counts, whose derivative is alpha."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return np.where(x >= 0, dout, a * dout), (dout * np.minimum(x, 0)).sum(axis=(0, *range(2, x.ndim)))


@mistake(prelu_backward)
def returns_dalpha_before_dx(dout, x, alpha):
    """You return the gradients in the wrong order: they follow the arguments, x before alpha."""
    a = alpha.reshape(-1, *(1,) * (x.ndim - 2))
    return (dout * np.minimum(x, 0)).sum(axis=(0, *range(2, x.ndim))), np.where(x > 0, dout, a * dout)


@mistake(elu)
def lets_the_unused_branch_of_elu_overflow(x, alpha=1.0):
    """Your values are right, but both branches are computed everywhere, and the exponential overflows for large x."""
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


@mistake(elu)
def subtracts_one_outside_alpha(x, alpha=1.0):
    """You subtract 1 after multiplying by alpha, so your curve misses the origin: look at the parentheses."""
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0.0)) - 1)


@mistake(elu)
def forgets_the_minus_one_of_elu(x, alpha=1.0):
    """Your negative side tends to 0 and jumps at the origin: it should pass through the origin and tend to −alpha."""
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0.0)))


@mistake(elu)
def ignores_alpha_in_elu(x, alpha=1.0):
    """Your function is right for alpha = 1 only: the alpha that the caller passes is not used."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


@mistake(elu)
def scales_both_sides_of_elu(x, alpha=1.0):
    """Your alpha multiplies the positive side too: there ELU is x itself."""
    return alpha * np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


@mistake(elu)
def stores_elu_in_integers(x, alpha=1.0):
    """You put the result into an array with x's dtype: for integer x the negative side is cut off to 0."""
    out = np.zeros_like(x)
    out[...] = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))
    return out


@mistake(elu)
def writes_the_exponential_into_x(x, alpha=1.0):
    """Your function writes its negative side into x itself: the caller's array is not the same afterwards."""
    if np.ndim(x) == 0:
        return x if x > 0 else alpha * np.expm1(x)
    x[x < 0] = alpha * np.expm1(x[x < 0])
    return x


@mistake(elu_backward)
def lets_the_unused_branch_of_the_elu_gradient_overflow(dout, x, alpha=1.0):
    """Your values are right, but the exponential is also taken of large positive x, where its branch is not used."""
    return dout * np.where(x > 0, 1.0, alpha * np.exp(x))


@mistake(elu_backward)
def keeps_the_minus_one_in_the_elu_gradient(dout, x, alpha=1.0):
    """Your left branch still has the function, alpha · (e^x − 1): a constant vanishes when differentiated."""
    return dout * np.where(x > 0, 1.0, alpha * np.expm1(np.minimum(x, 0.0)))


@mistake(elu_backward)
def ignores_alpha_in_the_elu_gradient(dout, x, alpha=1.0):
    """Your gradient is right for alpha = 1 only: the alpha that the caller passes is not used."""
    return dout * np.exp(np.minimum(x, 0.0))


@mistake(elu_backward)
def adds_one_instead_of_alpha_to_elu(dout, x, alpha=1.0):
    """You get the left derivative from the output by adding 1: that is right for alpha = 1 only."""
    return dout * np.where(x > 0, 1.0, elu(x, alpha) + 1)


@mistake(elu_backward)
def takes_x_for_the_output_of_elu(dout, x, alpha=1.0):
    """You use x as if it were the output of ELU: the second argument is the forward's input."""
    return dout * np.where(x > 0, 1.0, x + alpha)


@mistake(elu_backward)
def gives_the_elu_kink_the_right_branch(dout, x, alpha=1.0):
    """Your derivative at x = 0 is 1: at the kink the left branch counts, and its derivative there is alpha."""
    return dout * np.where(x >= 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


@mistake(elu_backward)
def leaves_dout_out_of_the_elu_gradient(dout, x, alpha=1.0):
    """You return ELU's own derivative: the gradient that arrives from above, dout, has no part in it."""
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


@mistake(elu_backward)
def overwrites_dout_in_the_elu_gradient(dout, x, alpha=1.0):
    """Your function multiplies dout in place: the caller's gradient is not the same afterwards."""
    dout *= np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))
    return dout


@mistake(selu)
def selu_scales_the_positive_branch_only(x):
    """Your negative branch lacks the scale: it ends at −alpha = −1.67 instead of −1.758. Which branches does s meet?"""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return np.where(x > 0, scale * x, alpha * np.expm1(np.minimum(x, 0.0)))


@mistake(selu)
def selu_scales_the_negative_branch_only(x):
    """Your positive branch is x itself. A slope of exactly 1 cannot restore variance that the negative side loses."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return np.where(x > 0, x, scale * alpha * np.expm1(np.minimum(x, 0.0)))


@mistake(selu)
def selu_leaves_out_the_scale_altogether(x):
    """Your function is ELU with alpha = 1.67: the second constant, the scale, appears in neither branch."""
    return np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0.0)))


@mistake(selu)
def selu_takes_alpha_for_one(x):
    """Your function is ELU with alpha = 1, times the scale: SELU's own alpha is missing from the negative branch."""
    return 1.0507009873554805 * np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


@mistake(selu)
def selu_swaps_its_two_constants(x):
    """Your two constants have changed places: the slope for positive x is alpha. The negative side hides the slip."""
    alpha, scale = 1.0507009873554805, 1.6732632423543772
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@mistake(selu)
def selu_forgets_to_subtract_one(x):
    """Your curve jumps at 0, from +1.758 to 0: the exponential of the negative branch is not brought down to 0."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0.0)))


@mistake(selu)
def selu_rounds_its_constants(x):
    """Your constants are rounded: good for a sketch, but the results are off in the fifth digit."""
    scale, alpha = 1.0507, 1.6733
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@mistake(selu)
def selu_overflows_in_the_branch_not_taken(x):
    """Your exponential sees large positive x too: the values are right, but np.where computes both branches."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * np.where(x > 0, x, alpha * (np.exp(1.0 * x) - 1))


@mistake(selu)
def selu_collects_in_a_float64_array(x):
    """Your result is float64 even where x is float32: look at the array that you collect the two branches in."""
    x = np.asarray(x)
    out = np.zeros(x.shape)
    out[x > 0] = 1.0507009873554805 * x[x > 0]
    out[x <= 0] = 1.0507009873554805 * 1.6732632423543772 * np.expm1(1.0 * x[x <= 0])
    return out


@mistake(softplus)
def softplus_overflows_to_infinity(x):
    """You take the exponential of x as it is: above 710 it is infinite, and no logarithm brings it back."""
    return np.log1p(np.exp(1.0 * x))


@mistake(softplus)
def softplus_has_the_exponents_sign_wrong(x):
    """Your curve falls where it should rise: it is softplus(−x). Look at the sign in the exponent."""
    return np.logaddexp(0.0, -1.0 * x)


@mistake(softplus)
def softplus_adds_the_absolute_value(x):
    """You are right for x ≥ 0. For negative x you add |x| in front of the logarithm, where nothing may be added."""
    return np.abs(x) + np.log1p(np.exp(-np.abs(1.0 * x)))


@mistake(softplus)
def softplus_loses_the_part_outside_the_logarithm(x):
    """You are right for x ≤ 0. For positive x you took e^x out of the logarithm and then dropped it."""
    return np.log1p(np.exp(-np.abs(1.0 * x)))


@mistake(softplus)
def softplus_uses_the_logarithm_to_base_two(x):
    """Your logarithm and exponential are to base 2: softplus(0) comes out as 1 instead of ln 2 = 0.693."""
    return np.logaddexp2(0.0, 1.0 * x)


@mistake(softplus)
def softplus_switches_to_x_too_early(x):
    """You replace softplus by x where the two still differ: at x = 5 the difference is 0.0067."""
    return np.where(x > 5, x, np.log1p(np.exp(np.minimum(x, 5.0))))


@mistake(softplus)
def softplus_clips_x_against_overflow(x):
    """You clip x so that exp cannot overflow, and with it the result: at 10 000 yours stops at the clipping limit."""
    return np.log1p(np.exp(np.clip(x, -50.0, 50.0)))


@mistake(softplus)
def softplus_fills_an_array_like_x(x):
    """Your result takes over the integer dtype of x, and every softplus is cut off to a whole number."""
    x = np.asarray(x)
    out = np.zeros_like(x)
    out[...] = np.logaddexp(0.0, x)
    return out


@mistake(softplus_backward)
def softplus_gradient_forgets_dout(dout, x):
    """You return the slope of softplus. The upstream gradient dout never enters: the chain rule is missing."""
    z = np.exp(-np.abs(1.0 * x))
    return np.where(x >= 0, 1.0, z) / (1 + z)


@mistake(softplus_backward)
def softplus_gradient_overflows_on_the_negative_side(dout, x):
    """Your values are right, but at very negative x your formula takes exp of a large positive number."""
    return dout / (1 + np.exp(-1.0 * x))


@mistake(softplus_backward)
def softplus_gradient_divides_infinity_by_infinity(dout, x):
    """Your quotient e^x / (1 + e^x) becomes inf / inf for large x, and that is NaN."""
    return dout * np.exp(1.0 * x) / (1 + np.exp(1.0 * x))


@mistake(softplus_backward)
def softplus_gradient_is_that_of_the_sigmoid(dout, x):
    """You went one derivative too far: yours is the slope of the sigmoid, which is softplus's second derivative."""
    z = np.exp(-np.abs(1.0 * x))
    return dout * z / (1 + z) ** 2


@mistake(softplus_backward)
def softplus_gradient_is_mirrored(dout, x):
    """Your slope is large for negative x and small for positive x: it is mirrored. Look at the sign in the exponent."""
    z = np.exp(-np.abs(1.0 * x))
    return dout * np.where(x >= 0, z, 1.0) / (1 + z)


@mistake(softplus_backward)
def softplus_gradient_is_that_of_relu(dout, x):
    """Your gradient is ReLU's, 0 or dout. Softplus has no corner: its slope passes smoothly from 0 to 1."""
    return np.where(x > 0, dout, 0.0)


@mistake(softplus_backward)
def softplus_gradient_writes_into_dout(dout, x):
    """Your values are right, but you multiply dout in place: the caller's array is not the same afterwards."""
    z = np.exp(-np.abs(1.0 * x))
    dout *= np.where(x >= 0, 1.0, z) / (1 + z)
    return dout


@mistake(gelu)
def gelu_defaults_to_the_tanh_form(x, approximate="tanh"):
    """Both of your forms are right, but without the option you compute the tanh form: the default is the exact one."""
    return gelu(x, approximate)


@mistake(gelu)
def gelu_takes_any_approximate_for_the_exact_form(x, approximate="none"):
    """An unknown `approximate` goes unnoticed and gives the exact form: a misspelt option must be a ValueError."""
    return gelu(x, "tanh" if approximate == "tanh" else "none")


@mistake(gelu)
def gelu_forgets_root_two_in_erf(x, approximate="none"):
    """Your exact form takes erf of x itself. erf belongs to a normal variable of variance ½: its argument is scaled."""
    if approximate != "none":
        return gelu(x, approximate)
    x = 1.0 * np.asarray(x)
    return x * (1 + np.vectorize(math.erf, otypes=[x.dtype])(x)) / 2


@mistake(gelu)
def gelu_forgets_the_half(x, approximate="none"):
    """Your exact form is twice the right one: 1 + erf runs from 0 to 2, a probability from 0 to 1."""
    if approximate != "none":
        return gelu(x, approximate)
    x = 1.0 * np.asarray(x)
    return x * (1 + np.vectorize(math.erf, otypes=[x.dtype])(x / math.sqrt(2)))


@mistake(gelu)
def gelu_returns_the_gate_alone(x, approximate="none"):
    """Your exact form is Φ(x), the gate itself, from 0 to 1. GELU is what the gate lets through of x."""
    if approximate != "none":
        return gelu(x, approximate)
    x = 1.0 * np.asarray(x)
    return (1 + np.vectorize(math.erf, otypes=[x.dtype])(x / math.sqrt(2))) / 2


@mistake(gelu)
def gelu_leaves_the_cube_outside_the_factor(x, approximate="none"):
    """In your tanh form the cube stands outside the factor √(2/π). That factor multiplies the whole bracket."""
    if approximate != "tanh":
        return gelu(x, approximate)
    x = 1.0 * np.asarray(x)
    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * x + 0.044715 * x**3)) / 2


@mistake(gelu)
def gelu_puts_the_root_over_two_alone(x, approximate="none"):
    """In your tanh form the factor is √2/π = 0.450, with π outside the root; √(2/π) is 0.798."""
    if approximate != "tanh":
        return gelu(x, approximate)
    x = 1.0 * np.asarray(x)
    return x * (1 + np.tanh(math.sqrt(2) / math.pi * (x + 0.044715 * x**3))) / 2


@mistake(gelu)
def gelu_misplaces_the_decimal_point(x, approximate="none"):
    """The coefficient of your cube is ten times too large: look at the zeros behind the decimal point."""
    if approximate != "tanh":
        return gelu(x, approximate)
    x = 1.0 * np.asarray(x)
    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.44715 * x**3))) / 2


@mistake(gelu)
def gelu_uses_the_sigmoid_approximation(x, approximate="none"):
    """Your tanh form is x·σ(1.702x), another approximation of GELU and a coarser one: up to 0.02 away."""
    if approximate != "tanh":
        return gelu(x, approximate)
    z = np.exp(-np.abs(1.702 * x))
    return x * np.where(x >= 0, 1.0, z) / (1 + z)


@mistake(gelu)
def gelu_returns_what_vectorize_gives(x, approximate="none"):
    """Your exact form is float64 for float32 input: np.vectorize takes the dtype of the Python floats of math.erf."""
    if approximate != "none":
        return gelu(x, approximate)
    return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2


@mistake(gelu_backward)
def gelu_gradient_holds_the_gate_constant(dout, x, approximate="none"):
    """Your exact gradient is dout·Φ(x): the gate depends on x too, so the product rule has a second term."""
    if approximate != "none":
        return gelu_backward(dout, x, approximate)
    x = 1.0 * np.asarray(x)
    return dout * np.vectorize(math.erfc, otypes=[x.dtype])(-x / math.sqrt(2)) / 2


@mistake(gelu_backward)
def gelu_gradient_leaves_x_off_the_density(dout, x, approximate="none"):
    """Your exact gradient adds the density itself to Φ. In the product rule the density keeps a factor."""
    if approximate != "none":
        return gelu_backward(dout, x, approximate)
    x = 1.0 * np.asarray(x)
    cdf = np.vectorize(math.erfc, otypes=[x.dtype])(-x / math.sqrt(2)) / 2
    return dout * (cdf + np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))


@mistake(gelu_backward)
def gelu_gradient_does_not_normalize_the_density(dout, x, approximate="none"):
    """Your exact gradient uses e^(−x²/2) as the density. Its area is √(2π), not 1: a constant is missing."""
    if approximate != "none":
        return gelu_backward(dout, x, approximate)
    x = 1.0 * np.asarray(x)
    cdf = np.vectorize(math.erfc, otypes=[x.dtype])(-x / math.sqrt(2)) / 2
    return dout * (cdf + x * np.exp(-(x**2) / 2))


@mistake(gelu_backward)
def gelu_gradient_is_the_exact_one_for_both_forms(dout, x, approximate="none"):
    """For the tanh form you return the derivative of the exact form: close, but not the gradient of what was run."""
    return gelu_backward(dout, x, "none" if approximate == "tanh" else approximate)


@mistake(gelu_backward)
def gelu_gradient_takes_any_approximate(dout, x, approximate="none"):
    """An unknown `approximate` goes unnoticed and gives the exact form: a misspelt option must be a ValueError."""
    return gelu_backward(dout, x, "tanh" if approximate == "tanh" else "none")


@mistake(gelu_backward)
def gelu_gradient_forgets_the_cube_inside_tanh(dout, x, approximate="none"):
    """In your tanh form the argument of tanh is differentiated as if it were linear: the cube adds a term as well."""
    if approximate != "tanh":
        return gelu_backward(dout, x, approximate)
    x = 1.0 * np.asarray(x)
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return dout * (1 + t + x * (1 - t**2) * c) / 2


@mistake(gelu_backward)
def gelu_gradient_drops_the_exponent_of_the_cube(dout, x, approximate="none"):
    """In your tanh form the cube's derivative lacks the factor that the power rule brings down."""
    if approximate != "tanh":
        return gelu_backward(dout, x, approximate)
    x = 1.0 * np.asarray(x)
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return dout * (1 + t + x * (1 - t**2) * c * (1 + 0.044715 * x**2)) / 2


@mistake(gelu_backward)
def gelu_gradient_overflows_in_cosh(dout, x, approximate="none"):
    """Your tanh form has the right values, but the cosh in its denominator overflows for large x."""
    if approximate != "tanh":
        return gelu_backward(dout, x, approximate)
    x = 1.0 * np.asarray(x)
    c = math.sqrt(2 / math.pi)
    u = c * (x + 0.044715 * x**3)
    return dout * (1 + np.tanh(u) + x * c * (1 + 3 * 0.044715 * x**2) / np.cosh(u) ** 2) / 2


@mistake(gelu_backward)
def gelu_gradient_forgets_dout(dout, x, approximate="none"):
    """You return the slope of GELU. The upstream gradient dout never enters: the chain rule is missing."""
    return gelu_backward(np.ones_like(1.0 * np.asarray(x)), x, approximate)


@mistake(swish)
def swish_leaves_beta_unused(x, beta=1.0):
    """Your result is the same for every beta: the option is accepted but never used."""
    return swish(x)


@mistake(swish)
def swish_puts_beta_in_front(x, beta=1.0):
    """Your beta stands in front of the product: it stretches the result. It belongs to the argument of the sigmoid."""
    return beta * swish(x)


@mistake(swish)
def swish_multiplies_by_beta_x(x, beta=1.0):
    """You multiply the sigmoid by its own argument, βx. The factor in front is x alone."""
    return beta * swish(x, beta)


@mistake(swish)
def swish_returns_the_sigmoid_alone(x, beta=1.0):
    """Your result is the gate σ(βx), between 0 and 1. Swish is what the gate lets through of x."""
    u = 1.0 * beta * x
    z = np.exp(-np.abs(u))
    return np.where(u >= 0, 1.0, z) / (1 + z)


@mistake(swish)
def swish_overflows_on_the_negative_side(x, beta=1.0):
    """Your values are right, but where βx is very negative your formula takes exp of a large positive number."""
    return x / (1 + np.exp(-1.0 * beta * x))


@mistake(swish)
def swish_gives_nan_for_large_x(x, beta=1.0):
    """Your formula divides one overflowed exponential by another: for large βx that is inf / inf, which is NaN."""
    e = np.exp(1.0 * beta * x)
    return x * (e / (1 + e))


@mistake(swish)
def swish_looks_at_the_sign_of_x_only(x, beta=1.0):
    """For negative beta you overflow: you choose the safe form of the sigmoid by the sign of x, not of its argument."""
    z = np.exp(-beta * np.abs(1.0 * x))
    return x * np.where(x >= 0, 1.0, z) / (1 + z)


@mistake(swish_backward)
def swish_gradient_stops_at_the_sigmoid(dout, x, beta=1.0):
    """Your gradient is dout·σ(βx): the sigmoid depends on x too, so the product rule has a second term."""
    u = 1.0 * beta * x
    z = np.exp(-np.abs(u))
    return dout * np.where(u >= 0, 1.0, z) / (1 + z)


@mistake(swish_backward)
def swish_gradient_forgets_the_inner_derivative(dout, x, beta=1.0):
    """You are right at beta 1. For other beta the sigmoid's inner derivative is missing in the second term."""
    u = 1.0 * beta * x
    z = np.exp(-np.abs(u))
    return dout * (np.where(u >= 0, 1.0, z) / (1 + z) + x * z / (1 + z) ** 2)


@mistake(swish_backward)
def swish_gradient_drops_the_first_term(dout, x, beta=1.0):
    """Your gradient has only the path through the sigmoid and is 0 at x = 0: x is also the factor in front."""
    u = 1.0 * beta * x
    z = np.exp(-np.abs(u))
    return dout * u * z / (1 + z) ** 2


@mistake(swish_backward)
def swish_gradient_leaves_x_off_the_second_term(dout, x, beta=1.0):
    """In your second term the sigmoid's derivative stands without its factor x: look at the product rule again."""
    u = 1.0 * beta * x
    z = np.exp(-np.abs(u))
    return dout * (np.where(u >= 0, 1.0, z) / (1 + z) + beta * z / (1 + z) ** 2)


@mistake(swish_backward)
def swish_gradient_leaves_beta_unused(dout, x, beta=1.0):
    """Your gradient is SiLU's for every beta: the option is accepted but never used."""
    return swish_backward(dout, x)


@mistake(swish_backward)
def swish_gradient_forgets_dout(dout, x, beta=1.0):
    """You return the slope of swish. The upstream gradient dout never enters: the chain rule is missing."""
    return swish_backward(np.ones_like(1.0 * np.asarray(x)), x, beta)


@mistake(swish_backward)
def swish_gradient_overflows_on_the_negative_side(dout, x, beta=1.0):
    """Your values are right, but where βx is very negative your sigmoid takes exp of a large positive number."""
    u = 1.0 * beta * x
    s = 1 / (1 + np.exp(-u))
    return dout * (s + u * s * (1 - s))


@mistake(swish_backward)
def swish_gradient_squares_an_infinity(dout, x, beta=1.0):
    """Your quotient e^u / (1 + e^u)² becomes inf / inf for large u = βx, and that is NaN."""
    u = 1.0 * beta * x
    e, z = np.exp(u), np.exp(-np.abs(u))
    return dout * (np.where(u >= 0, 1.0, z) / (1 + z) + u * e / (1 + e) ** 2)


@mistake(maxout)
def maxout_takes_the_maximum_over_units(x, W, b):
    """Your maximum runs over the M units and leaves the k pieces: the result must have one row for each sample."""
    return (x @ W + b[:, None, :]).max(axis=-1)


@mistake(maxout)
def maxout_forgets_the_bias(x, W, b):
    """Your pieces all pass through the origin: b is never added."""
    return (x @ W).max(axis=0)


@mistake(maxout)
def maxout_adds_the_bias_after_the_maximum(x, W, b):
    """You add a bias after the maximum. Each piece has its own, and it has a say in which piece is largest."""
    return (x @ W).max(axis=0) + b.max(axis=0)


@mistake(maxout)
def maxout_lines_the_bias_up_with_the_rows(x, W, b):
    """Your (k, M) bias lines up with the batch axis of (k, N, M): an error where N is not k, wrong where it is."""
    return (x @ W + b).max(axis=0)


@mistake(maxout)
def maxout_adds_the_pieces_up(x, W, b):
    """You add the pieces up, which is one linear layer again. A maxout unit outputs the largest of them."""
    return (x @ W + b[:, None, :]).sum(axis=0)


@mistake(maxout)
def maxout_starts_the_running_maximum_at_zero(x, W, b):
    """Your running maximum starts at 0, so nothing below 0 comes out. If all pieces are negative, so is the result."""
    out = np.zeros((len(x), W.shape[2]), dtype=x.dtype)
    for i in range(len(W)):
        out = np.maximum(out, x @ W[i] + b[i])
    return out


@mistake(maxout)
def maxout_compares_sizes_without_signs(x, W, b):
    """Your winner is the piece farthest from 0, on either side. The largest piece is the one with the largest value."""
    pieces = x @ W + b[:, None, :]
    return np.take_along_axis(pieces, np.abs(pieces).argmax(axis=0)[None], axis=0)[0]


@mistake(maxout)
def maxout_returns_which_piece_wins(x, W, b):
    """Your result counts pieces, 0, 1, 2, …: it says which one wins, not what its value is."""
    return (x @ W + b[:, None, :]).argmax(axis=0)


@mistake(maxout)
def maxout_starts_the_running_maximum_in_float64(x, W, b):
    """Your result is float64 though all arguments are float32: look at the array your running maximum starts from."""
    out = np.full((len(x), W.shape[2]), -np.inf)
    for i in range(len(W)):
        out = np.maximum(out, x @ W[i] + b[i])
    return out


@mistake(maxout_backward)
def maxout_gradient_pays_every_tied_piece(dout, x, W, b):
    """Where pieces are equal, each of yours gets the whole gradient, so it is counted twice: only the first may win."""
    pieces = x @ W + b[:, None, :]
    dpieces = np.where(pieces == pieces.max(axis=0), dout, 0.0)
    return (dpieces @ W.transpose(0, 2, 1)).sum(axis=0), x.T @ dpieces, dpieces.sum(axis=1)


@mistake(maxout_backward)
def maxout_gradient_splits_ties_evenly(dout, x, W, b):
    """Where pieces are equal, you share the gradient among them. Here the first of them gets all of it."""
    pieces = x @ W + b[:, None, :]
    won = pieces == pieces.max(axis=0)
    dpieces = np.where(won, dout, 0.0) / won.sum(axis=0, dtype=dout.dtype)
    return (dpieces @ W.transpose(0, 2, 1)).sum(axis=0), x.T @ dpieces, dpieces.sum(axis=1)


@mistake(maxout_backward)
def maxout_gradient_lets_the_last_tied_piece_win(dout, x, W, b):
    """Where pieces are equal, your last one wins: a comparison with ≥ replaces the winner. The first must keep it."""
    pieces = x @ W + b[:, None, :]
    winner = len(W) - 1 - pieces[::-1].argmax(axis=0)
    dpieces = np.where(winner == np.arange(len(W))[:, None, None], dout, 0.0)
    return (dpieces @ W.transpose(0, 2, 1)).sum(axis=0), x.T @ dpieces, dpieces.sum(axis=1)


@mistake(maxout_backward)
def maxout_gradient_reaches_every_piece(dout, x, W, b):
    """You send the gradient to all k pieces. A piece that lost has no influence on the output and gets 0."""
    dpieces = np.broadcast_to(dout, (len(W), *dout.shape))
    return (dpieces @ W.transpose(0, 2, 1)).sum(axis=0), x.T @ dpieces, dpieces.sum(axis=1)


@mistake(maxout_backward)
def maxout_gradient_picks_winners_without_bias(dout, x, W, b):
    """You choose the winner by x @ W alone. The bias takes part in the comparison as well."""
    winner = (x @ W).argmax(axis=0)
    dpieces = np.where(winner == np.arange(len(W))[:, None, None], dout, 0.0)
    return (dpieces @ W.transpose(0, 2, 1)).sum(axis=0), x.T @ dpieces, dpieces.sum(axis=1)


@mistake(maxout_backward)
def maxout_gradient_averages_over_the_batch(dout, x, W, b):
    """Your dW and db are divided by N. dout already belongs to the whole loss, so samples are added up."""
    dx, dW, db = maxout_backward(dout, x, W, b)
    return dx, dW / len(x), db / len(x)


@mistake(maxout_backward)
def maxout_gradient_sends_all_of_dout_to_every_bias(dout, x, W, b):
    """Your dx and dW are right, but db ignores who won: every piece's bias gets the sum of dout."""
    dx, dW, _ = maxout_backward(dout, x, W, b)
    return dx, dW, np.repeat(dout.sum(axis=0, keepdims=True), len(W), axis=0)


@mistake(maxout_backward)
def maxout_gradient_routes_ones_instead_of_dout(dout, x, W, b):
    """You route ones to the winners: the upstream gradient dout never enters, the chain rule is missing."""
    return maxout_backward(np.ones_like(dout), x, W, b)


@mistake(maxout_backward)
def maxout_gradient_adds_into_float64_zeros(dout, x, W, b):
    """Your gradients are float64 even where all arguments are float32: look at the arrays of zeros you add into."""
    winner = (x @ W + b[:, None, :]).argmax(axis=0)
    dx, dW, db = np.zeros(x.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i in range(len(W)):
        dpiece = dout * (winner == i)
        dx += dpiece @ W[i].T
        dW[i] += x.T @ dpiece
        db[i] += dpiece.sum(axis=0)
    return dx, dW, db


@mistake(hard_tanh)
def hard_tanh_leaves_its_limits_unused(x, low=-1.0, high=1.0):
    """Your limits are always −1 and 1: low and high are accepted but never used."""
    return np.clip(x, -1.0, 1.0)


@mistake(hard_tanh)
def hard_tanh_mirrors_the_upper_limit(x, low=-1.0, high=1.0):
    """Your lower limit is −high: right as long as the limits are symmetric, but low is an option of its own."""
    return np.clip(x, -high, high)


@mistake(hard_tanh)
def hard_tanh_holds_x_from_above_only(x, low=-1.0, high=1.0):
    """You hold x below high, but nothing holds it above low."""
    return np.minimum(x, high)


@mistake(hard_tanh)
def hard_tanh_returns_zero_outside(x, low=-1.0, high=1.0):
    """Outside the limits you return 0, so the curve falls back. Beyond a limit the value is the limit itself."""
    return np.where((low <= x) & (x <= high), x, 0.0)


@mistake(hard_tanh)
def hard_tanh_swaps_its_two_ends(x, low=-1.0, high=1.0):
    """Your two flat ends have changed places: far to the left you return high, far to the right low."""
    return np.where(x < low, high, np.where(x > high, low, x))


@mistake(hard_tanh)
def hard_tanh_uses_the_smooth_tanh(x, low=-1.0, high=1.0):
    """Your curve is bent in the middle too: you squash x with tanh. Between the limits x comes out as it went in."""
    return np.clip(np.tanh(x), low, high)


@mistake(hard_tanh)
def hard_tanh_writes_limits_into_integers(x, low=-1.0, high=1.0):
    """On integer x you write the limits into an integer copy, which cuts −1.5 off to −1."""
    out = np.array(x)
    out[out < low] = low
    out[out > high] = high
    return out


@mistake(hard_tanh)
def hard_tanh_clips_in_place(x, low=-1.0, high=1.0):
    """Your values are right, but you clip x in place: the caller's array is not the same afterwards."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        return hard_tanh(x, low, high)
    return np.clip(x, low, high, out=x)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_passes_at_both_limits(dout, x, low=-1.0, high=1.0):
    """Exactly at low and at high you let the gradient through. The derivative at both limits is 0 here."""
    return np.where((low <= x) & (x <= high), dout, 0.0)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_passes_at_the_upper_limit(dout, x, low=-1.0, high=1.0):
    """At high you take the left branch's slope, 1. That is the rule for other kinks; at clipping limits it is 0."""
    return np.where((low < x) & (x <= high), dout, 0.0)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_leaves_its_limits_unused(dout, x, low=-1.0, high=1.0):
    """Your limits are always −1 and 1: low and high are accepted but never used."""
    return np.where((x > -1.0) & (x < 1.0), dout, 0.0)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_clips_dout(dout, x, low=-1.0, high=1.0):
    """You clip the upstream gradient. The limits are those of x, which decides where dout passes unchanged."""
    return np.clip(dout, low, high)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_forgets_dout(dout, x, low=-1.0, high=1.0):
    """You return the slope of hard tanh, 0 or 1. The upstream gradient dout never enters."""
    return hard_tanh_backward(np.ones_like(dout), x, low, high)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_has_the_mask_inverted(dout, x, low=-1.0, high=1.0):
    """Your mask is inverted: you pass the gradient on the flat ends and block it in the middle."""
    return np.where((low < x) & (x < high), 0.0, dout)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_is_that_of_tanh(dout, x, low=-1.0, high=1.0):
    """You use tanh's own derivative in the middle. The middle is straight: its slope is 1 everywhere."""
    return np.where((low < x) & (x < high), dout * (1 - np.tanh(x) ** 2), 0.0)


@mistake(hard_tanh_backward)
def hard_tanh_gradient_masks_dout_in_place(dout, x, low=-1.0, high=1.0):
    """Your values are right, but you write zeros into dout: the caller's array is not the same afterwards."""
    if not isinstance(dout, np.ndarray):
        return hard_tanh_backward(dout, x, low, high)
    dout[(x <= low) | (x >= high)] = 0
    return dout


@mistake(rbf)
def takes_the_distance_without_squaring_it(x, centers, gamma):
    """Your bump has a sharp tip: the exponent holds the distance itself where its square is asked for."""
    return np.exp(-gamma * np.sqrt(((1.0 * x[:, None, :] - centers) ** 2).sum(axis=-1)))


@mistake(rbf)
def squares_the_sum_of_the_differences(x, centers, gamma):
    """You sum the differences over the features and square afterwards, so that opposite differences cancel."""
    return np.exp(-gamma * (1.0 * x[:, None, :] - centers).sum(axis=-1) ** 2)


@mistake(rbf)
def averages_the_squares_over_the_features(x, centers, gamma):
    """Your exponent is too small by a factor of D: the squared distance is a sum over the features, not a mean."""
    return np.exp(-gamma * ((1.0 * x[:, None, :] - centers) ** 2).mean(axis=-1))


@mistake(rbf)
def reads_gamma_as_a_gaussian_width(x, centers, gamma):
    """You use gamma as the width of a Gaussian, below the fraction; here it multiplies the squared distance."""
    return np.exp(-((1.0 * x[:, None, :] - centers) ** 2).sum(axis=-1) / (2 * gamma**2))


@mistake(rbf)
def puts_the_centers_along_the_rows(x, centers, gamma):
    """Your result has one row per center and one column per sample; the rows belong to the batch."""
    return np.exp(-gamma * ((1.0 * centers[:, None, :] - x) ** 2).sum(axis=-1))


@mistake(rbf)
def fills_a_float64_array_with_bumps(x, centers, gamma):
    """You write the columns into an array that was made as float64, so float32 data comes back in the wrong dtype."""
    out = np.zeros((x.shape[0], centers.shape[0]))
    for k, center in enumerate(centers):
        out[:, k] = np.exp(-gamma * ((x - center) ** 2).sum(axis=1))
    return out


@mistake(rbf)
def goes_through_the_batch_row_by_row(x, centers, gamma):
    """Your numbers may be right, but you visit the samples one by one in Python: give x an axis to broadcast along."""
    out = np.empty((len(x), len(centers)), dtype=np.result_type(x, centers, np.float32))
    for n, row in enumerate(x):
        out[n] = np.exp(-gamma * ((row - centers) ** 2).sum(axis=1))
    return out


@mistake(logsumexp)
def takes_the_exponentials_of_raw_logits(x, axis=-1):
    """You take exp of x as it comes: large entries overflow to infinity, and very negative ones leave the log of 0."""
    return np.log(np.exp(x).sum(axis=axis))


@mistake(logsumexp)
def never_adds_the_shift_back(x, axis=-1):
    """You subtract the maximum for safety, but it never comes back: your results are off by each row's maximum."""
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - top).sum(axis=axis))


@mistake(logsumexp)
def shifts_every_row_by_the_overall_maximum(x, axis=-1):
    """You subtract one maximum for the whole array: a row far below it underflows to the log of 0."""
    top = x.max()
    return np.log(np.exp(x - top).sum(axis=axis)) + top


@mistake(logsumexp)
def leaves_the_summed_axis_in_place(x, axis=-1):
    """Your result still has the summed axis, with length 1; it should be gone."""
    top = x.max(axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top


@mistake(logsumexp)
def gives_nan_for_a_row_of_minus_infinity(x, axis=-1):
    """A row of nothing but −∞ comes out as NaN: your shift computes −∞ − (−∞) there."""
    top = x.max(axis=axis, keepdims=True)
    return np.log(np.exp(x - top).sum(axis=axis)) + top.squeeze(axis=axis)


@mistake(logsumexp)
def sums_exponentials_along_the_last_axis_only(x, axis=-1):
    """Your function always sums along the last axis: look at what you do with `axis`."""
    top = x.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - top).sum(axis=-1)) + top.squeeze(axis=-1)


@mistake(softmax)
def divides_infinity_by_infinity(x, axis=-1):
    """You take exp of x as it comes: it overflows for large x, and the quotient of two infinities (or zeros) is NaN."""
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


@mistake(softmax)
def shares_one_maximum_among_all_rows(x, axis=-1):
    """You subtract the maximum of the whole array: a row far below it underflows entirely, and 0/0 is NaN."""
    e = np.exp(1.0 * x - x.max())
    return e / e.sum(axis=axis, keepdims=True)


@mistake(softmax)
def shares_one_sum_among_all_rows(x, axis=-1):
    """Your whole array sums to 1, where every row on its own should: look at the axis of your sum."""
    e = np.exp(1.0 * x - x.max(axis=axis, keepdims=True))
    return e / e.sum()


@mistake(softmax)
def loses_the_summed_axis_before_dividing(x, axis=-1):
    """Your row sums have lost their axis: they fail to line up with the rows, or, on a square array, divide columns."""
    e = np.exp(1.0 * x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis)


@mistake(softmax)
def shifts_along_axis_but_sums_along_the_last(x, axis=-1):
    """You take the maximum along the chosen axis, but the sum along the last one: look at the axis of both."""
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@mistake(softmax)
def normalises_the_last_axis_only(x, axis=-1):
    """Your function always works along the last axis: look at what you do with `axis`."""
    e = np.exp(1.0 * x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@mistake(softmax)
def subtracts_the_maximum_in_place(x, axis=-1):
    """You subtract the maximum in place, so the caller's logits are shifted after the call."""
    x -= x.max(axis=axis, keepdims=True)
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


@mistake(softmax_backward)
def keeps_only_the_jacobians_diagonal(dout, y, axis=-1):
    """You use y(1 − y), the diagonal of the Jacobian: each input also moves every other output, via the denominator."""
    return dout * y * (1 - y)


@mistake(softmax_backward)
def sums_dout_without_weighing_it_by_y(dout, y, axis=-1):
    """You subtract the plain sum of dout: that sum runs over outputs i, and each term carries its own y_i."""
    return y * (dout - dout.sum(axis=axis, keepdims=True))


@mistake(softmax_backward)
def leaves_y_out_of_the_second_term(dout, y, axis=-1):
    """Your second term is the same for the whole row, so dx does not sum to 0: the y_j before the sum is missing."""
    return dout * y - (dout * y).sum(axis=axis, keepdims=True)


@mistake(softmax_backward)
def takes_y_for_the_softmax_input(dout, y, axis=-1):
    """You apply softmax to y once more: y is already the forward's output."""
    p = np.exp(y - y.max(axis=axis, keepdims=True))
    p = p / p.sum(axis=axis, keepdims=True)
    return p * (dout - (dout * p).sum(axis=axis, keepdims=True))


@mistake(softmax_backward)
def contracts_dout_with_y_over_everything(dout, y, axis=-1):
    """Your sum of dout · y runs over the whole array, so that the rows of a batch mix: sum along the axis only."""
    return y * (dout - (dout * y).sum())


@mistake(softmax_backward)
def contracts_along_the_last_axis_only(dout, y, axis=-1):
    """Your function always sums along the last axis: look at what you do with `axis`."""
    return y * (dout - (dout * y).sum(axis=-1, keepdims=True))


@mistake(log_softmax)
def takes_the_log_of_a_finished_softmax(x, axis=-1):
    """You take the logarithm of probabilities that have already underflowed to 0, which gives −∞: simplify first."""
    e = np.exp(1.0 * x - x.max(axis=axis, keepdims=True))
    return np.log(e / e.sum(axis=axis, keepdims=True))


@mistake(log_softmax)
def overflows_in_the_log_normaliser(x, axis=-1):
    """Your normaliser takes exp of x as it comes: it overflows for large x and becomes the log of 0 for small x."""
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


@mistake(log_softmax)
def shifts_in_one_of_two_places(x, axis=-1):
    """Your rows are off by their maximum: the shift stands under the logarithm, but not in the term before it."""
    return x - np.log(np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True))


@mistake(log_softmax)
def subtracts_the_normaliser_itself(x, axis=-1):
    """You subtract the sum of exponentials itself: the logarithm has to act on the denominator too."""
    shifted = 1.0 * x - x.max(axis=axis, keepdims=True)
    return shifted - np.exp(shifted).sum(axis=axis, keepdims=True)


@mistake(log_softmax)
def normalises_log_probabilities_along_the_last_axis(x, axis=-1):
    """Your function always works along the last axis: look at what you do with `axis`."""
    shifted = 1.0 * x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@mistake(log_softmax)
def converts_the_logits_to_float64(x, axis=-1):
    """Your values are right, but you turn the logits into float64, so float32 data comes back in the wrong dtype."""
    x = np.asarray(x, dtype=np.float64)
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@mistake(log_softmax_backward)
def takes_log_probabilities_for_probabilities(dout, y, axis=-1):
    """You use y as if it held probabilities; it holds their logarithms."""
    return dout - y * dout.sum(axis=axis, keepdims=True)


@mistake(log_softmax_backward)
def forgets_to_sum_dout_over_the_row(dout, y, axis=-1):
    """Each input moves every output of its row, but your second term sees only its own dout: a sum is missing."""
    return dout - np.exp(y) * dout


@mistake(log_softmax_backward)
def assumes_that_dout_sums_to_one(dout, y, axis=-1):
    """Your second term is p alone, which is right only when dout sums to 1 along the axis."""
    return dout - np.exp(y)


@mistake(log_softmax_backward)
def uses_the_gradient_of_plain_softmax(dout, y, axis=-1):
    """This is the gradient of softmax, not of its logarithm: p has no place in the first term, nor inside the sum."""
    p = np.exp(y)
    return p * (dout - (dout * p).sum(axis=axis, keepdims=True))


@mistake(log_softmax_backward)
def sums_dout_along_the_last_axis_only(dout, y, axis=-1):
    """Your function always sums dout along the last axis: look at what you do with `axis`."""
    return dout - np.exp(y) * dout.sum(axis=-1, keepdims=True)


@mistake(log_softmax_backward)
def rounds_the_result_into_douts_dtype(dout, y, axis=-1):
    """You write the result into an array with dout's dtype: when dout holds integers, the fractions are cut off."""
    dx = np.empty_like(dout)
    dx[...] = dout - np.exp(y) * dout.sum(axis=axis, keepdims=True)
    return dx


@mistake(masked_softmax)
def does_not_renormalise_after_masking(x, mask, axis=-1):
    """You set masked-out probabilities to 0 after a full softmax: what is left no longer sums to 1."""
    e = np.exp(1.0 * x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True) * mask


@mistake(masked_softmax)
def divides_by_zero_where_nothing_is_kept(x, mask, axis=-1):
    """A row with nothing left comes out as NaN: its maximum is −∞ and its sum is 0. Such rows need their own care."""
    kept = np.where(mask, x, -np.inf)
    e = np.exp(kept - kept.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@mistake(masked_softmax)
def fills_masked_places_with_a_finite_number(x, mask, axis=-1):
    """You put a large negative number where the mask is False: a row with nothing left then becomes uniform, not 0."""
    kept = np.where(mask, x, -1e9)
    e = np.exp(kept - kept.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@mistake(masked_softmax)
def hides_where_the_mask_is_true(x, mask, axis=-1):
    """You read the mask the other way round: here True keeps a place and False hides it."""
    kept = np.where(mask, -np.inf, x)
    top = kept.max(axis=axis, keepdims=True)
    e = np.exp(kept - np.where(top > -np.inf, top, 0.0))
    return e / np.maximum(e.sum(axis=axis, keepdims=True), 1)


@mistake(masked_softmax)
def multiplies_the_logits_by_the_mask(x, mask, axis=-1):
    """You set masked-out logits to 0, but a logit of 0 still has weight e⁰ = 1: those places must get nothing."""
    z = 1.0 * x * mask
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@mistake(masked_softmax)
def lets_a_hidden_entry_set_the_shift(x, mask, axis=-1):
    """Your shift is the maximum over all places: where a masked-out entry is far larger, every kept one underflows."""
    e = np.where(mask, np.exp(1.0 * x - x.max(axis=axis, keepdims=True)), 0.0)
    total = e.sum(axis=axis, keepdims=True)
    return e / np.where(total > 0, total, 1.0)


@mistake(dead_relu_fraction)
def counts_silent_entries_instead_of_units(x, W, b):
    """You give the fraction of entries that are silent; a unit is dead only when it is silent on every row."""
    return float(np.mean(x @ W + b <= 0))


@mistake(dead_relu_fraction)
def calls_a_unit_dead_after_one_silent_row(x, W, b):
    """One silent row is enough for you to call a unit dead; it must be silent on all of them."""
    return float(np.mean((x @ W + b <= 0).any(axis=0)))


@mistake(dead_relu_fraction)
def asks_each_row_instead_of_each_unit(x, W, b):
    """You give the fraction of rows on which every unit is silent: the batch axis is the one to reduce first."""
    return float(np.mean((x @ W + b <= 0).all(axis=1)))


@mistake(dead_relu_fraction)
def calls_a_unit_at_zero_alive(x, W, b):
    """You count a unit that sits at exactly 0 as alive; it never fires, and no gradient passes through it."""
    return float(np.mean((x @ W + b < 0).all(axis=0)))


@mistake(dead_relu_fraction)
def leaves_the_bias_out_of_the_pre_activation(x, W, b):
    """Your z leaves out the bias, which can kill a unit or wake it."""
    return float(np.mean(~(x @ W > 0).any(axis=0)))


@mistake(dead_relu_fraction)
def judges_a_unit_by_its_batch_average(x, W, b):
    """You look at each unit's average over the batch: one that fires on a single row is alive."""
    return float(np.mean((x @ W + b).mean(axis=0) <= 0))


@mistake(dead_relu_fraction)
def returns_the_fraction_of_live_units(x, W, b):
    """You give the fraction of units that fire; the question is about those that never do."""
    return float(np.mean((x @ W + b > 0).any(axis=0)))


@mistake(gradient_scale_by_depth)
def lets_negative_derivatives_cancel(derivative, pre_activations):
    """You average the derivatives with their signs, so that they cancel: it is their size that counts."""
    return np.cumprod([np.mean(derivative(z)) for z in pre_activations])


@mistake(gradient_scale_by_depth)
def takes_the_size_after_the_mean(derivative, pre_activations):
    """You take the absolute value of the mean: by then derivatives of opposite sign have already cancelled."""
    return np.cumprod([np.abs(np.mean(derivative(z))) for z in pre_activations])


@mistake(gradient_scale_by_depth)
def gives_each_layer_on_its_own(derivative, pre_activations):
    """Each of your results describes one layer alone; a gradient passes through all the layers up to it."""
    return np.array([np.mean(np.abs(derivative(z))) for z in pre_activations])


@mistake(gradient_scale_by_depth)
def multiplies_from_the_last_layer_on(derivative, pre_activations):
    """You multiply from the last layer backwards; the first result should be the first layer's own mean."""
    return np.cumprod([np.mean(np.abs(derivative(z))) for z in pre_activations][::-1])[::-1]


@mistake(gradient_scale_by_depth)
def starts_the_product_one_layer_late(derivative, pre_activations):
    """You write a result down before multiplying by its own layer: yours begins with 1 and misses the last factor."""
    scale, scales = 1.0, []
    for z in pre_activations:
        scales.append(scale)
        scale *= np.mean(np.abs(derivative(z)))
    return np.array(scales)


@mistake(gradient_scale_by_depth)
def takes_the_derivative_at_the_mean(derivative, pre_activations):
    """You evaluate the derivative at each layer's average z; the average is to be taken of the derivatives."""
    return np.cumprod([np.abs(derivative(np.mean(z))) for z in pre_activations])


@mistake(relu_interpolator)
def uses_slopes_for_the_changes_of_slope(knots, values):
    """Your curve is right up to the second knot, then runs away: earlier units stay active, and slopes add up."""
    weights = np.diff(values) / np.diff(knots)
    return lambda x: values[0] + np.maximum(x[:, None] - knots[:-1], 0) @ weights


@mistake(relu_interpolator)
def forgets_the_height_of_the_first_point(knots, values):
    """Your whole curve is shifted: it begins at 0 where it should begin at the first value."""
    slopes = np.diff(values) / np.diff(knots)
    weights = np.concatenate([slopes[:1], np.diff(slopes)])
    return lambda x: np.maximum(x[:, None] - knots[:-1], 0) @ weights


@mistake(relu_interpolator)
def bends_one_knot_too_late(knots, values):
    """Your bends come one knot too late: each segment's slope has to begin at the segment's left end."""
    slopes = np.diff(values) / np.diff(knots)
    weights = np.concatenate([slopes[:1], np.diff(slopes)])
    return lambda x: values[0] + np.maximum(x[:, None] - knots[1:], 0) @ weights


@mistake(relu_interpolator)
def takes_rises_for_slopes(knots, values):
    """You use the rise from point to point as the slope, which is right only where two knots are 1 apart."""
    rises = np.diff(values)
    weights = np.concatenate([rises[:1], np.diff(rises)])
    return lambda x: values[0] + np.maximum(x[:, None] - knots[:-1], 0) @ weights


@mistake(relu_interpolator)
def leaves_the_relu_out_of_the_hidden_layer(knots, values):
    """Your function is one straight line: without the ReLU a sum of units cannot bend anywhere."""
    slopes = np.diff(values) / np.diff(knots)
    weights = np.concatenate([slopes[:1], np.diff(slopes)])
    return lambda x: values[0] + (x[:, None] - knots[:-1]) @ weights


@mistake(relu_interpolator)
def stores_the_output_weights_as_integers(knots, values):
    """You write the slopes into an array made like `values`: when those are integers, the fractions are cut off."""
    slopes = np.diff(values) / np.diff(knots)
    weights = np.zeros_like(values[:-1])
    weights[0] = slopes[0]
    weights[1:] = np.diff(slopes)
    return lambda x: values[0] + np.maximum(x[:, None] - knots[:-1], 0) @ weights


@mistake(relu_interpolator)
def leaves_the_interpolation_to_numpy(knots, values):
    """Your numbers may be right, but the interpolation is NumPy's: build it from ReLU units."""
    return lambda x: np.interp(x, knots, values)


@mistake(relu_interpolator)
def fits_one_polynomial_through_all_points(knots, values):
    """You fit one polynomial: it meets the points but swings between them, and polynomial fits are ruled out here."""
    coefficients = np.polyfit(knots, values, len(knots) - 1)
    return lambda x: np.polyval(coefficients, x)
