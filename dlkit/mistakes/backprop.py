"""Unit 03: wrong answers that people give in 03_backprop, each with what to say of it."""

import math
import sys
import types

import numpy as np

from dlkit.check.call import TimeUp
from dlkit.mistakes import mistake
from dlkit.reference.backprop import (
    Value,
    affine_backward,
    affine_forward,
    backward_error,
    checkpointed_backward,
    complex_step_gradient,
    gradient_check,
    jacobian,
    jvp,
    layer_gradients,
    linear_collapse,
    mlp_loss,
    numerical_gradient,
    output_error,
    relative_error,
    unbroadcast,
    vjp,
)


@mistake(numerical_gradient)
def takes_a_forward_difference_for_the_gradient(f, x, h=1e-5):
    """You compare f(x + h) with f(x): a forward difference, whose error is of order h. Step to both sides of x."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead = x.copy()
        ahead[i] += h
        gradient[i] = (float(f(ahead)) - float(f(x.copy()))) / h
    return gradient


@mistake(numerical_gradient)
def divides_the_central_difference_by_h(f, x, h=1e-5):
    """Your gradient is twice too large: from x − h to x + h it is a longer way than h."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        gradient[i] = (float(f(ahead)) - float(f(behind))) / h
    return gradient


@mistake(numerical_gradient)
def undoes_the_numerical_step_by_arithmetic(f, x, h=1e-5):
    """You move the caller's own x and move it back by adding and subtracting h: rounding leaves some entries a last
    digit off."""
    if x.dtype != np.float64:
        x = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = float(f(x))
        x[i] -= 2 * h
        behind = float(f(x))
        x[i] += h
        gradient[i] = (ahead - behind) / (2 * h)
    return gradient


@mistake(numerical_gradient)
def moves_the_callers_x_in_its_own_dtype(f, x, h=1e-5):
    """You move the caller's own x: adding and subtracting h leaves some entries a last digit off, integers cannot move
    by h at all, and float32 loses most of its digits. Work on a float64 copy."""
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        behind = f(x)
        x[i] += h
        gradient[i] = (ahead - behind) / (2 * h)
    return gradient


@mistake(numerical_gradient)
def measures_in_the_dtype_of_x(f, x, h=1e-5):
    """You step in x's own dtype: in an integer array h is cut off, and in float32 most of its digits are. Your result
    has that dtype too."""
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i] = x[i] + h
        behind[i] = x[i] - h
        gradient[i] = (float(f(ahead)) - float(f(behind))) / (2 * h)
    return gradient


@mistake(numerical_gradient)
def steps_with_all_entries_at_once(f, x, h=1e-5):
    """You add h to the whole array: what you measure is the sum of all entries of the gradient. Move one at a time."""
    x = np.array(x, dtype=np.float64)
    return np.full(x.shape, (float(f(x + h)) - float(f(x - h))) / (2 * h))


@mistake(numerical_gradient)
def steps_with_a_whole_row(f, x, h=1e-5):
    """You loop over the first axis only: with two axes a whole row moves at once, and its slopes are added up."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for i in range(len(x)) if x.ndim else [()]:
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        gradient[i] = (float(f(ahead)) - float(f(behind))) / (2 * h)
    return gradient


@mistake(numerical_gradient)
def leaves_moved_entries_where_they_are(f, x, h=1e-5):
    """You do not put an entry back before you move the next one: from the second entry on you measure at another
    point, h away from x in every entry so far."""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = float(f(x))
        x[i] -= 2 * h
        gradient[i] = (ahead - float(f(x))) / (2 * h)
    return gradient


def _errors(a, b):
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b))


@mistake(relative_error)
def averages_the_relative_errors(a, b):
    """You return the mean of the errors: one wrong entry among many right ones hardly shows. The worst one counts."""
    errors = _errors(a, b)
    return float(np.mean(errors)) if errors.size else 0.0


@mistake(relative_error)
def compares_lengths_of_whole_vectors(a, b):
    """You divide the length of a − b by the lengths of a and b: one number for the whole, in which a wrong small entry
    drowns among large ones. Here each entry has an error of its own, and the largest counts."""
    return float(np.linalg.norm(np.subtract(a, b)) / max(1e-8, np.linalg.norm(a) + np.linalg.norm(b)))


@mistake(relative_error)
def finds_no_maximum_of_nothing(a, b):
    """Your maximum needs at least one entry: two empty arrays have error 0."""
    return float(np.max(_errors(a, b)))


@mistake(relative_error)
def divides_by_the_larger_of_the_two(a, b):
    """You divide by the larger of |a| and |b|, as some texts do; here it is their sum, so that the error is at
    most 1."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    errors = np.abs(a - b) / np.maximum(1e-8, np.maximum(np.abs(a), np.abs(b)))
    return float(np.max(errors, initial=0.0))


@mistake(relative_error)
def divides_by_b_alone(a, b):
    """You divide by |b| alone: then a and b cannot trade places, and where b is 0 the error is huge."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float(np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(b)), initial=0.0))


@mistake(relative_error)
def divides_zero_by_zero_in_the_relative_error(a, b):
    """Where both entries are 0 you compute 0/0, which is NaN: the denominator has no floor."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float(np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)), initial=0.0))


@mistake(relative_error)
def adds_the_floor_to_the_denominator(a, b):
    """You add the floor to |a| + |b|: for tiny entries that makes the error too small. A floor replaces what lies
    below it."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float(np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8), initial=0.0))


@mistake(relative_error)
def forgets_the_absolute_difference(a, b):
    """Your numerator keeps its sign: where a lies below b the error is negative, and the maximum passes over it."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float(np.max((a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)), initial=0.0))


@mistake(relative_error)
def adds_a_and_b_before_taking_sizes(a, b):
    """Your denominator is |a + b|: where a and b have opposite signs they cancel there, and the error explodes."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float(np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a + b)), initial=0.0))


@mistake(relative_error)
def loses_a_nan_in_the_maximum(a, b):
    """Your maximum loses NaN: comparing with NaN is always false, so Python's max passes over it, and a broken
    gradient looks fine."""
    worst = 0.0
    for error in _errors(a, b).ravel():
        worst = max(worst, float(error))
    return worst


def _slopes(f, grad, x, v, h):
    return np.sum(grad * v), (float(f(np.asarray(x + h * v))) - float(f(np.asarray(x - h * v)))) / (2 * h)


def _error(a, b):
    return np.abs(a - b) / max(1e-8, np.abs(a) + np.abs(b))


def _unit(v):
    return v / np.linalg.norm(v)


@mistake(gradient_check)
def checks_with_a_forward_difference(f, grad, x, rng, directions=5, h=1e-5):
    """You compare f(x + hv) with f(x): the error of a forward difference, of order h, then counts against the
    gradient. Step to both sides of x."""
    x = np.asarray(x, dtype=np.float64)
    errors = []
    for _ in range(directions):
        v = _unit(rng.standard_normal(x.shape))
        measured = (float(f(np.asarray(x + h * v))) - float(f(x.copy()))) / h
        errors.append(_error(np.sum(grad * v), measured))
    return float(np.max(errors))


@mistake(gradient_check)
def forgets_to_make_directions_unit_vectors(f, grad, x, rng, directions=5, h=1e-5):
    """Your directions are not unit vectors: the step is h times their length, which grows with the number of
    entries."""
    x = np.asarray(x, dtype=np.float64)
    errors = [_error(*_slopes(f, grad, x, rng.standard_normal(x.shape), h)) for _ in range(directions)]
    return float(np.max(errors))


@mistake(gradient_check)
def divides_by_the_larger_slope(f, grad, x, rng, directions=5, h=1e-5):
    """You (or the function you call) divide by the larger of the two slopes; here it is the sum of their sizes, so that
    the error is at most 1."""
    x = np.asarray(x, dtype=np.float64)
    errors = []
    for _ in range(directions):
        a, b = _slopes(f, grad, x, _unit(rng.standard_normal(x.shape)), h)
        errors.append(np.abs(a - b) / max(1e-8, np.abs(a), np.abs(b)))
    return float(np.max(errors))


@mistake(gradient_check)
def moves_one_random_entry_for_a_direction(f, grad, x, rng, directions=5, h=1e-5):
    """Your directions move one entry each: a mistake in any other entry of a large array goes unseen. A random
    direction moves them all."""
    x = np.asarray(x, dtype=np.float64)
    errors = []
    for _ in range(directions):
        v = np.zeros(x.size)
        v[rng.integers(x.size)] = 1.0
        errors.append(_error(*_slopes(f, grad, x, v.reshape(x.shape), h)))
    return float(np.max(errors))


@mistake(gradient_check)
def makes_a_generator_of_its_own(f, grad, x, rng, directions=5, h=1e-5):
    """You draw from a generator of your own: the directions are the same whatever rng the caller hands you."""
    return gradient_check(f, grad, x, np.random.default_rng(0), directions, h)


@mistake(gradient_check)
def draws_one_direction_and_keeps_it(f, grad, x, rng, directions=5, h=1e-5):
    """You draw a direction once, before the loop: every round then tests the same one again."""
    x = np.asarray(x, dtype=np.float64)
    v = _unit(rng.standard_normal(x.shape))
    return float(np.max([_error(*_slopes(f, grad, x, v, h)) for _ in range(directions)]))


@mistake(gradient_check)
def draws_directions_without_negative_entries(f, grad, x, rng, directions=5, h=1e-5):
    """You draw from [0, 1): all entries of x rise together, so that your directions are nearly the same. They must
    have both signs."""
    x = np.asarray(x, dtype=np.float64)
    errors = [_error(*_slopes(f, grad, x, _unit(rng.random(x.shape)), h)) for _ in range(directions)]
    return float(np.max(errors))


@mistake(gradient_check)
def measures_every_entry_for_the_check(f, grad, x, rng, directions=5, h=1e-5):
    """You measure the whole gradient, entry by entry: that takes two calls of f for each entry of x, not for each
    direction."""
    return relative_error(grad, numerical_gradient(f, x, h))


@mistake(gradient_check)
def always_checks_five_directions(f, grad, x, rng, directions=5, h=1e-5):
    """You always try five directions: the argument that says how many has no part in it."""
    return gradient_check(f, grad, x, rng, 5, h)


@mistake(gradient_check)
def averages_over_the_directions(f, grad, x, rng, directions=5, h=1e-5):
    """You return the mean of the errors: the worst direction is asked, as a wrong entry may show in one of them
    only."""
    x = np.asarray(x, dtype=np.float64)
    errors = [_error(*_slopes(f, grad, x, _unit(rng.standard_normal(x.shape)), h)) for _ in range(directions)]
    return float(np.mean(errors))


@mistake(gradient_check)
def loses_a_nan_among_the_directions(f, grad, x, rng, directions=5, h=1e-5):
    """Your maximum, or that of a function you call, loses NaN: comparing with NaN is always false, so Python's max
    passes over it, and a gradient full of NaN is called perfect."""
    x = np.asarray(x, dtype=np.float64)
    worst = 0.0
    for _ in range(directions):
        worst = max(worst, float(_error(*_slopes(f, grad, x, _unit(rng.standard_normal(x.shape)), h))))
    return worst


@mistake(gradient_check)
def divides_zero_slopes(f, grad, x, rng, directions=5, h=1e-5):
    """Where f is flat and grad is 0 you (or the function you call) compute 0/0, which is NaN: the denominator has no
    floor."""
    x = np.asarray(x, dtype=np.float64)
    errors = []
    for _ in range(directions):
        a, b = _slopes(f, grad, x, _unit(rng.standard_normal(x.shape)), h)
        errors.append(np.abs(a - b) / (np.abs(a) + np.abs(b)))
    return float(np.max(errors))


@mistake(gradient_check)
def multiplies_gradient_and_direction_as_matrices(f, grad, x, rng, directions=5, h=1e-5):
    """You take grad @ v for the slope: that is a sum of products for vectors only. With two axes it is a matrix
    product."""
    x = np.asarray(x, dtype=np.float64)
    errors = []
    for _ in range(directions):
        v = _unit(rng.standard_normal(x.shape))
        measured = (float(f(np.asarray(x + h * v))) - float(f(np.asarray(x - h * v)))) / (2 * h)
        errors.append(_error(grad @ v, measured))
    return float(np.max(errors))


@mistake(gradient_check)
def moves_the_callers_x_along_the_direction(f, grad, x, rng, directions=5, h=1e-5):
    """You move the caller's own x: it is not the same afterwards to the last bit, and integers cannot move by h."""
    errors = []
    for _ in range(directions):
        v = _unit(rng.standard_normal(x.shape))
        x += h * v
        ahead = float(f(x))
        x -= 2 * h * v
        behind = float(f(x))
        x += h * v
        errors.append(_error(np.sum(grad * v), (ahead - behind) / (2 * h)))
    return float(np.max(errors))


@mistake(complex_step_gradient)
def takes_a_real_central_difference(f, x, h=1e-30):
    """You subtract two nearly equal values of f along the real axis: that leaves ten digits at best, and none at a
    tiny h. The step is along the imaginary axis."""
    x = np.asarray(x)
    gradient = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        ahead, behind = x.astype(np.complex128), x.astype(np.complex128)
        ahead[k] += h
        behind[k] -= h
        gradient[k] = np.real(f(ahead) - f(behind)) / (2 * h)
    return gradient


@mistake(complex_step_gradient)
def steps_far_out_along_the_imaginary_axis(f, x, h=1e-5):
    """Your step is far too large: the error is of order h², so that about ten digits are right. Nothing is subtracted
    here, so h may be tiny."""
    return complex_step_gradient(f, x, h)


@mistake(complex_step_gradient)
def forgets_to_divide_the_imaginary_part(f, x, h=1e-30):
    """You return the imaginary part itself, which is h times the derivative: nearly 0."""
    return complex_step_gradient(f, x, h) * h


@mistake(complex_step_gradient)
def takes_the_real_part_after_the_complex_step(f, x, h=1e-30):
    """You read the real part, which is f(x) itself: the derivative stands in the imaginary part."""
    x = np.asarray(x)
    gradient = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        moved = x.astype(np.complex128)
        moved[k] += 1j * h
        gradient[k] = np.real(f(moved)) / h
    return gradient


@mistake(complex_step_gradient)
def takes_the_modulus_after_the_complex_step(f, x, h=1e-30):
    """You take |f(x + ih)|, which is almost |f(x)|: the derivative stands in the imaginary part alone, with its
    sign."""
    x = np.asarray(x)
    gradient = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        moved = x.astype(np.complex128)
        moved[k] += 1j * h
        gradient[k] = np.abs(f(moved)) / h
    return gradient


@mistake(complex_step_gradient)
def steps_all_entries_into_the_complex_plane(f, x, h=1e-30):
    """You add ih to the whole array: what you read is the sum of all entries of the gradient. Move one at a time."""
    x = np.asarray(x, dtype=np.float64)
    return np.full(x.shape, np.imag(f(x + 1j * h)) / h)


@mistake(complex_step_gradient)
def returns_a_complex_gradient(f, x, h=1e-30):
    """Your values are right but your array is complex: the gradient of a real function is real."""
    return complex_step_gradient(f, x, h).astype(np.complex128)


@mistake(complex_step_gradient)
def adds_an_imaginary_step_to_a_real_array(f, x, h=1e-30):
    """You write a complex number into an array of x's own dtype, which has no place for an imaginary part: convert the
    copy first."""
    gradient = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        moved = x.copy()
        moved[k] += 1j * h
        gradient[k] = np.imag(f(moved)) / h
    return gradient


@mistake(complex_step_gradient)
def steps_in_single_precision(f, x, h=1e-30):
    """With float32 x your step makes complex64 of it, and seven digits are left: f is to be called with complex128."""
    gradient = np.zeros(x.shape)
    for k in np.ndindex(x.shape):
        moved = x.astype(np.result_type(x.dtype, np.complex64))
        moved[k] += 1j * h
        gradient[k] = np.imag(f(moved)) / h
    return gradient


@mistake(affine_forward)
def forgets_the_bias_of_the_affine_layer(x, W, b):
    """You return the product alone: b has no part in it."""
    return 1.0 * x.reshape(len(x), -1) @ W, (x, W)


@mistake(affine_forward)
def flattens_samples_column_by_column(x, W, b):
    """You flatten each sample in another order than reshape(-1) does: the last axis must vary fastest."""
    return x.reshape((len(x), -1), order="F") @ W + b, (x, W)


@mistake(affine_forward)
def multiplies_without_flattening(x, W, b):
    """You multiply x by W as it is: an image of shape (N, d1, d2) must become one row for each sample first."""
    return x @ W + b, (x, W)


@mistake(affine_forward)
def mixes_samples_while_flattening(x, W, b):
    """You reshape to (D, N) and transpose: that deals the numbers out to the wrong samples. Keep the first axis
    first."""
    return x.reshape(-1, len(x)).T @ W + b, (x, W)


@mistake(affine_backward)
def averages_affine_gradients_over_the_batch(dout, cache):
    """You divide dW and db by N: they are sums over the batch, and the loss has already divided if it is a mean."""
    dx, dW, db = affine_backward(dout, cache)
    return dx, dW / len(dout), db / len(dout)


@mistake(affine_backward)
def averages_all_affine_gradients(dout, cache):
    """You divide all three gradients by N, dx too: the loss has already divided if it is a mean, and W and b sum over
    the batch."""
    return tuple(gradient / len(dout) for gradient in affine_backward(dout, cache))


@mistake(affine_backward)
def averages_the_affine_db_only(dout, cache):
    """Your dW is right, but db is a mean over the samples: it is a sum, like dW."""
    dx, dW, db = affine_backward(dout, cache)
    return dx, dW, db / len(dout)


@mistake(affine_backward)
def leaves_the_affine_dx_flat(dout, cache):
    """Your dx has one row for each sample, as the product has: it must get the shape that x came with."""
    dx, dW, db = affine_backward(dout, cache)
    return dx.reshape(len(dx), -1), dW, db


@mistake(affine_backward)
def keeps_the_batch_axis_in_the_affine_db(dout, cache):
    """Your db is dout itself: b was added to every sample, so its gradient sums over them."""
    dx, dW, _ = affine_backward(dout, cache)
    return dx, dW, dout


@mistake(affine_backward)
def sums_the_affine_db_over_the_units(dout, cache):
    """Your db sums over the outputs of a sample: b has one number for each output, so the sum runs over the
    samples."""
    dx, dW, _ = affine_backward(dout, cache)
    return dx, dW, dout.sum(axis=1)


@mistake(affine_backward)
def keeps_an_axis_of_length_one_in_the_affine_db(dout, cache):
    """Your db has shape (1, M), and b has shape (M,): is there a keepdims too many?"""
    dx, dW, db = affine_backward(dout, cache)
    return dx, dW, db[None]


@mistake(affine_backward)
def forgets_to_transpose_the_affine_weights(dout, cache):
    """You multiply dout by W as it is: where the shapes fit at all, the sum runs over the wrong index of W."""
    x, W = cache
    rows = x.reshape(len(x), -1)
    return (dout @ W).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)


@mistake(affine_backward)
def transposes_the_affine_weight_gradient(dout, cache):
    """Your dW is the transpose of what is asked: it must have W's shape, (D, M)."""
    dx, dW, db = affine_backward(dout, cache)
    return dx, dW.T, db


@mistake(unbroadcast)
def sums_leading_axes_only(grad, shape):
    """You sum the axes that were put in front, and forget those where the array had size 1: they hold copies too."""
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


@mistake(unbroadcast)
def drops_the_axes_of_size_one(grad, shape):
    """Your sums are right, but the axes of size 1 are gone: the result must have exactly the asked shape."""
    new = grad.ndim - len(shape)
    return grad.sum(axis=tuple(axis for axis in range(grad.ndim) if axis < new or shape[axis - new] == 1))


@mistake(unbroadcast)
def takes_the_mean_of_the_copies(grad, shape):
    """You average over the copies: each copy has an influence of its own on the loss, so their gradients add up."""
    count = max(grad.size, 1) / max(int(np.prod(shape)), 1)
    return (unbroadcast(grad, shape) / count).astype(grad.dtype)


@mistake(unbroadcast)
def averages_over_axes_of_size_one(grad, shape):
    """You sum the axes put in front, but average where the size was 1: both are copies, and copies add up."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.mean(axis=axis, keepdims=True)
    return grad


@mistake(unbroadcast)
def keeps_one_of_the_copies(grad, shape):
    """You take the first of the copies and drop the others: every copy sends its gradient back, and they add up."""
    new = grad.ndim - len(shape)
    for _ in range(new):
        grad = grad[0]
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad[(slice(None),) * axis + (slice(0, 1),)]
    return grad


@mistake(unbroadcast)
def lines_shapes_up_from_the_left(grad, shape):
    """You line the shapes up from the left: NumPy lines them up from the right, so the axes it adds are the first
    ones."""
    axes = tuple(axis for axis in range(grad.ndim) if axis >= len(shape) or shape[axis] == 1 != grad.shape[axis])
    return grad.sum(axis=axes).reshape(shape)


@mistake(unbroadcast)
def sums_axes_away_from_the_end(grad, shape):
    """You count the axes from the left and sum away the last ones: NumPy lines shapes up from the right, so the axes it
    adds are the first ones."""
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    while grad.ndim > len(shape):
        grad = grad.sum(axis=-1)
    return grad


@mistake(unbroadcast)
def forgets_the_axes_put_in_front(grad, shape):
    """You sum where the size was 1, and forget the axes that NumPy put in front: they are still there."""
    new = grad.ndim - len(shape)
    for axis, size in enumerate(shape, new):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@mistake(output_error)
def takes_the_slope_at_the_activation(a, y, z, dactivation):
    """You take σ' at a, the output of the activation: its derivative is asked at z, its input."""
    return (a - y) * dactivation(a)


@mistake(output_error)
def leaves_the_slope_out_of_the_output_error(a, y, z, dactivation):
    """You return a − y, the error of the output: δ is the error of z, one activation further back."""
    return 1.0 * a - y


@mistake(output_error)
def turns_the_output_error_round(a, y, z, dactivation):
    """Your δ has the wrong sign: an output that is too large must have a positive error."""
    return (1.0 * y - a) * dactivation(z)


@mistake(output_error)
def averages_the_output_error(a, y, z, dactivation):
    """You divide by the number of samples: here C is a sum over them, with no 1/N."""
    return (1.0 * a - y) * dactivation(z) / len(a)


@mistake(output_error)
def forgets_the_half_in_the_cost(a, y, z, dactivation):
    """Your δ is twice too large: the cost has a ½, which the 2 of the square's derivative takes away."""
    return 2.0 * (a - y) * dactivation(z)


@mistake(output_error)
def overwrites_the_output(a, y, z, dactivation):
    """Your function subtracts y in place: the caller's a is not the same afterwards."""
    a -= y
    return a * dactivation(z)


@mistake(output_error)
def divides_the_error_by_all_entries(a, y, z, dactivation):
    """You divide by the number of all entries, as a mean squared error would: here C is a sum."""
    return (1.0 * a - y) * dactivation(z) / np.size(a)


@mistake(output_error)
def makes_the_output_error_float64(a, y, z, dactivation):
    """You collect δ in a new array that is float64 by default, so float32 input comes back as float64."""
    delta = np.zeros(np.shape(z))
    delta += (1.0 * a - y) * dactivation(z)
    return delta


@mistake(backward_error)
def forgets_to_transpose_the_next_weights(W_next, delta_next, z, dactivation):
    """You multiply by W as it is: where the shapes fit at all, the error goes to the wrong units. Which index of W
    belongs to the next layer?"""
    return (delta_next @ W_next) * dactivation(z)


@mistake(backward_error)
def forgets_to_transpose_in_a_dot(W_next, delta_next, z, dactivation):
    """Your dot product takes W as it is: where the shapes fit at all, the error goes to the wrong units. Which index of
    W belongs to the next layer?"""
    return np.dot(delta_next, W_next) * dactivation(z)


@mistake(backward_error)
def sums_over_the_wrong_index_in_einsum(W_next, delta_next, z, dactivation):
    """Your einsum sums over W's first index, which belongs to this layer: the sum runs over the units of the next
    one."""
    return np.einsum("ni,ij->nj", delta_next, W_next) * dactivation(z)


@mistake(backward_error)
def takes_samples_as_columns_in_the_backward_error(W_next, delta_next, z, dactivation):
    """You multiply W from the left, as in books where each sample is a column: here samples are rows."""
    return (W_next @ delta_next) * dactivation(z)


@mistake(backward_error)
def leaves_the_slope_out_of_the_backward_error(W_next, delta_next, z, dactivation):
    """You stop at the layer's output: the error goes back through its activation too, whose slope is missing."""
    return delta_next @ W_next.T


@mistake(backward_error)
def averages_the_backward_error(W_next, delta_next, z, dactivation):
    """You divide by the number of samples: each row is the error of one sample, and here C is a sum."""
    return (delta_next @ W_next.T) * dactivation(z) / len(z)


@mistake(backward_error)
def applies_the_slope_to_the_error_that_arrives(W_next, delta_next, z, dactivation):
    """You take σ' of the error that arrives: the slope is asked at this layer's z."""
    back = delta_next @ W_next.T
    return back * dactivation(back)


@mistake(backward_error)
def multiplies_by_the_slope_before_the_product(W_next, delta_next, z, dactivation):
    """You multiply by σ'(z) before the matrix product: there stand the units of the next layer, and z belongs to this
    one."""
    return (delta_next * dactivation(z)) @ W_next.T


@mistake(backward_error)
def writes_the_slope_into_z(W_next, delta_next, z, dactivation):
    """You overwrite z with the slope: the caller's array is not the same afterwards."""
    z[...] = dactivation(z)
    return (delta_next @ W_next.T) * z


@mistake(layer_gradients)
def transposes_the_layers_weight_gradient(delta, a_previous):
    """Your dW is transposed, as in books where each sample is a column: here it has W's shape, inputs first."""
    return delta.T @ a_previous, delta.sum(axis=0)


@mistake(layer_gradients)
def averages_the_layers_gradients(delta, a_previous):
    """You divide by the number of samples: here C is a sum over them, and so are both gradients."""
    return a_previous.T @ delta / len(delta), delta.mean(axis=0)


@mistake(layer_gradients)
def averages_the_layers_dw_only(delta, a_previous):
    """Your db is right, but dW is a mean over the samples: it is a sum, like db."""
    return a_previous.T @ delta / len(delta), delta.sum(axis=0)


@mistake(layer_gradients)
def averages_the_layers_db_only(delta, a_previous):
    """Your dW is right, but db is a mean over the samples: it is a sum, like dW."""
    return a_previous.T @ delta, delta.mean(axis=0)


@mistake(layer_gradients)
def returns_delta_for_db(delta, a_previous):
    """Your db is δ itself: b was added to every sample, so its gradient sums over them."""
    return a_previous.T @ delta, delta


@mistake(layer_gradients)
def sums_db_over_the_units(delta, a_previous):
    """Your db sums over the units of a sample: b has one number for each unit, so the sum runs over the samples."""
    return a_previous.T @ delta, delta.sum(axis=1)


@mistake(layer_gradients)
def keeps_db_as_a_row(delta, a_previous):
    """Your db has shape (1, M), and b has shape (M,): is there a keepdims too many?"""
    return a_previous.T @ delta, delta.sum(axis=0, keepdims=True)


@mistake(layer_gradients)
def returns_bias_gradient_before_weight_gradient(delta, a_previous):
    """Both gradients are right, but db comes first: dW is asked before db."""
    return delta.sum(axis=0), a_previous.T @ delta


def _read_by_layers(params, X, relu_at_the_end=False):
    """What each layer reads, and the last one's output."""
    L = len(params) // 2
    inputs, out = [], X
    for i in range(1, L + 1):
        inputs.append(out)
        out = out @ params[f"W{i}"] + params[f"b{i}"]
        if i < L or relu_at_the_end:
            out = np.maximum(out, 0)
    return inputs, out


def _gradients_of_layers(params, inputs, dz, reg, closed=lambda dx, a: a <= 0):
    """Backwards through the layers; `closed` says where ReLU lets no gradient through."""
    grads = {}
    for i in range(len(inputs), 0, -1):
        grads[f"W{i}"] = inputs[i - 1].T @ dz + reg * params[f"W{i}"]
        grads[f"b{i}"] = dz.sum(axis=0)
        dx = dz @ params[f"W{i}"].T
        dz = np.where(closed(dx, inputs[i - 1]), 0, dx)
    return grads


def _softmax_loss(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dz = np.exp(log_probs)
    dz[np.arange(len(y)), y] -= 1
    return -log_probs[np.arange(len(y)), y].mean(), dz / len(y)


def _penalty(params, reg):
    return reg / 2 * sum((array**2).sum() for name, array in params.items() if name.startswith("W"))


@mistake(mlp_loss)
def puts_w10_before_w2(params, X, y, reg=0.0):
    """Your layers are sorted as text, where W10 comes before W2: from ten layers on they are in the wrong order."""
    text_order = sorted(name[1:] for name in params if name[0] == "W")
    number = {place: text for place, text in enumerate(text_order, 1)}
    loss, grads = mlp_loss({f"{k}{i}": params[k + number[i]] for i in number for k in "Wb"}, X, y, reg)
    return loss, {k + number[i]: grads[f"{k}{i}"] for i in number for k in "Wb"}


@mistake(mlp_loss)
def numbers_the_layers_in_the_order_of_text(params, X, y, reg=0.0):
    """You sort the keys as text, where W10 comes before W2, and number the layers anew: from ten layers on they are in
    the wrong order, and the gradients stand under wrong names."""
    text_order = sorted(name[1:] for name in params if name[0] == "W")
    return mlp_loss({f"{k}{i}": params[k + n] for i, n in enumerate(text_order, 1) for k in "Wb"}, X, y, reg)


@mistake(mlp_loss)
def takes_the_dictionarys_order_for_the_layers(params, X, y, reg=0.0):
    """You take the layers in the order in which the keys stand in params, which may be any: the numbers decide."""
    names = [name[1:] for name in params if name[0] == "W"]
    loss, grads = mlp_loss({f"{k}{i}": params[k + n] for i, n in enumerate(names, 1) for k in "Wb"}, X, y, reg)
    return loss, {k + n: grads[f"{k}{i}"] for i, n in enumerate(names, 1) for k in "Wb"}


@mistake(mlp_loss)
def leaves_out_the_half_in_the_penalty(params, X, y, reg=0.0):
    """Your penalty is reg · ΣW² with gradient 2 · reg · W, a usual convention elsewhere; here it has the factor ½."""
    return mlp_loss(params, X, y, 2 * reg)


@mistake(mlp_loss)
def leaves_out_the_half_in_the_loss_only(params, X, y, reg=0.0):
    """Your gradients belong to a penalty with the factor ½, and the penalty in your loss has none: it is twice too
    large."""
    loss, grads = mlp_loss(params, X, y, reg)
    return loss + _penalty(params, reg), grads


@mistake(mlp_loss)
def halves_the_penalty_but_not_its_gradient(params, X, y, reg=0.0):
    """Your loss has the factor ½ in its penalty, but the penalty's gradient is twice too large: the 2 of W² cancels."""
    return mlp_loss(params, X, y, reg)[0], mlp_loss(params, X, y, 2 * reg)[1]


@mistake(mlp_loss)
def penalizes_the_biases_too(params, X, y, reg=0.0):
    """Your penalty covers the biases as well; here it is made of the weights alone."""
    loss, grads = mlp_loss(params, X, y, reg)
    biases = [name for name in params if name.startswith("b")]
    loss += reg / 2 * sum(np.sum(params[name] ** 2) for name in biases)
    return loss, grads | {name: grads[name] + reg * params[name] for name in biases}


@mistake(mlp_loss)
def penalizes_the_biases_in_the_loss_only(params, X, y, reg=0.0):
    """The penalty in your loss covers the biases as well, the one in your gradients does not: here it is made of the
    weights alone."""
    loss, grads = mlp_loss(params, X, y, reg)
    biases = [name for name in params if name.startswith("b")]
    return loss + reg / 2 * sum(np.sum(params[name] ** 2) for name in biases), grads


@mistake(mlp_loss)
def forgets_the_penalty_in_the_gradients(params, X, y, reg=0.0):
    """Your loss contains the penalty, your gradients do not: each weight adds a term of its own to its gradient."""
    return mlp_loss(params, X, y, reg)[0], mlp_loss(params, X, y)[1]


@mistake(mlp_loss)
def forgets_to_divide_the_logits_gradient_by_n(params, X, y, reg=0.0):
    """Your loss is a mean over the samples but your gradients are sums: N has to divide the error of the logits too."""
    inputs, logits = _read_by_layers(params, X)
    loss, dz = _softmax_loss(logits, y)
    return loss + _penalty(params, reg), _gradients_of_layers(params, inputs, dz * len(y), reg)


@mistake(mlp_loss)
def takes_exp_of_unshifted_logits(params, X, y, reg=0.0):
    """Your softmax takes exp of large logits, which overflows: shift each row first so that its maximum is 0."""
    inputs, logits = _read_by_layers(params, X)
    powers = np.exp(logits)
    probs = powers / powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(probs[rows, y]).mean() + _penalty(params, reg)
    probs[rows, y] -= 1
    return loss, _gradients_of_layers(params, inputs, probs / len(y), reg)


@mistake(mlp_loss)
def takes_the_logarithm_of_an_overflowed_sum(params, X, y, reg=0.0):
    """You take the logarithm of a sum of exp of large logits, which overflows: shift each row first so that its maximum
    is 0."""
    inputs, logits = _read_by_layers(params, X)
    log_probs, rows = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), np.arange(len(y))
    dz = np.exp(log_probs)
    dz[rows, y] -= 1
    loss = -log_probs[rows, y].mean() + _penalty(params, reg)
    return loss, _gradients_of_layers(params, inputs, dz / len(y), reg)


@mistake(mlp_loss)
def multiplies_overflowed_log_probs_by_a_one_hot(params, X, y, reg=0.0):
    """The exp of large logits overflows, and 0 · ∞ in the product with the one-hot rows is NaN: shift each row first so
    that its maximum is 0."""
    inputs, logits = _read_by_layers(params, X)
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    one_hot = (y[:, None] == np.arange(logits.shape[1])).astype(logits.dtype)
    loss = -(one_hot * log_probs).sum() / len(y) + _penalty(params, reg)
    return loss, _gradients_of_layers(params, inputs, (np.exp(log_probs) - one_hot) / len(y), reg)


@mistake(mlp_loss)
def hides_log_0_behind_a_small_constant(params, X, y, reg=0.0):
    """You add a small constant inside the logarithm: no infinity, but a confident wrong answer then costs far too
    little. Take the logarithm of the softmax by a formula of its own."""
    inputs, logits = _read_by_layers(params, X)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = powers / powers.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(probs[rows, y] + 1e-12).mean() + _penalty(params, reg)
    probs[rows, y] -= 1
    return loss, _gradients_of_layers(params, inputs, probs / len(y), reg)


@mistake(mlp_loss)
def applies_relu_to_the_logits(params, X, y, reg=0.0):
    """You apply ReLU after the last layer as well: negative logits are cut off before the softmax sees them."""
    inputs, logits = _read_by_layers(params, X, relu_at_the_end=True)
    loss, dz = _softmax_loss(logits, y)
    return loss + _penalty(params, reg), _gradients_of_layers(params, inputs, np.where(logits > 0, dz, 0), reg)


@mistake(mlp_loss)
def applies_relu_to_the_logits_on_the_way_forward(params, X, y, reg=0.0):
    """You apply ReLU after the last layer as well, on the way forward at least: negative logits are cut off before the
    softmax sees them."""
    inputs, logits = _read_by_layers(params, X, relu_at_the_end=True)
    loss, dz = _softmax_loss(logits, y)
    return loss + _penalty(params, reg), _gradients_of_layers(params, inputs, dz, reg)


@mistake(mlp_loss)
def passes_gradients_through_closed_relus(params, X, y, reg=0.0):
    """Your gradient passes ReLU as if it were not there: where a unit was cut to 0 on the way forward, nothing may
    come through on the way back."""
    inputs, logits = _read_by_layers(params, X)
    loss, dz = _softmax_loss(logits, y)
    return loss + _penalty(params, reg), _gradients_of_layers(params, inputs, dz, reg, lambda dx, a: a < 0)


@mistake(mlp_loss)
def gates_by_the_gradients_sign(params, X, y, reg=0.0):
    """You stop the gradient at a ReLU where the gradient is negative: it is the unit's input that opens or closes it,
    not the sign of what comes back."""
    inputs, logits = _read_by_layers(params, X)
    loss, dz = _softmax_loss(logits, y)
    return loss + _penalty(params, reg), _gradients_of_layers(params, inputs, dz, reg, lambda dx, a: dx <= 0)


@mistake(mlp_loss)
def counts_a_relu_at_0_as_open(params, X, y, reg=0.0):
    """You let the gradient through where a ReLU's input is exactly 0: here its derivative at 0 is 0."""
    inputs, logits = _read_by_layers(params, X)
    loss, dz = _softmax_loss(logits, y)
    grads = {}
    for i in range(len(inputs), 0, -1):
        grads[f"W{i}"] = inputs[i - 1].T @ dz + reg * params[f"W{i}"]
        grads[f"b{i}"] = dz.sum(axis=0)
        if i > 1:
            z = inputs[i - 2] @ params[f"W{i - 1}"] + params[f"b{i - 1}"]
            dz = (dz @ params[f"W{i}"].T) * (z >= 0)
    return loss + _penalty(params, reg), grads


@mistake(mlp_loss)
def writes_the_gradients_into_params(params, X, y, reg=0.0):
    """Your dictionary of gradients is params itself under another name: filling it overwrites the caller's weights."""
    loss, grads = mlp_loss(params, X, y, reg)
    params.update(grads)
    return loss, params


@mistake(mlp_loss)
def subtracts_a_one_hot_of_float64(params, X, y, reg=0.0):
    """Your gradients turn float32 into float64: np.eye and np.zeros make float64 unless they are told otherwise."""
    inputs, logits = _read_by_layers(params, X)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs = powers / powers.sum(axis=1, keepdims=True)
    dz = (probs - np.eye(logits.shape[1])[y]) / len(y)
    return mlp_loss(params, X, y, reg)[0], _gradients_of_layers(params, inputs, dz, reg)


@mistake(mlp_loss)
def goes_through_the_samples_one_by_one(params, X, y, reg=0.0):
    """You run the network on one sample after the other; the whole batch goes through each layer in one product."""
    loss, total = _penalty(params, reg), {name: 0.0 for name in params}
    for i in range(len(X)):
        one, grads = mlp_loss(params, X[i : i + 1], y[i : i + 1])
        loss += one / len(X)
        total = {name: total[name] + grads[name] / len(X) for name in total}
    for name in total:
        if name.startswith("W"):
            total[name] = total[name] + reg * params[name]
    return loss, total


def _as_a_learner_writes_it(cls):
    """Make a subclass of Value, with one slip in it, a class on its own: whatever it inherits makes instances of it,
    not of Value, and messages call it Value."""
    for name, method in Value.__dict__.items():
        if isinstance(method, types.FunctionType) and name not in cls.__dict__:
            known = {**method.__globals__, "Value": cls}
            setattr(cls, name, types.FunctionType(method.__code__, known, name, method.__defaults__))
    cls.__name__ = "Value"
    return cls


_ENDLESS = 100_000
"""After so many visits there will be more than time allows: nobody need wait for the clock to say so."""


def _in_order(value):
    """Every Value that one was computed from, and it itself, each after its operands."""
    order, seen, stack = [], set(), [(value, False)]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack.extend((operand, False) for operand, _ in value.operands)
    return order


def _subtracting_at_once(cls):
    """With a minus that is one operation. In Value a - b is a + b · (−1), three in a row: what a wrong order of the way
    back does with it depends on that."""

    def negative(self):
        return type(self)(-self.data, [(self, -1.0)])

    def difference(self, other):
        other = other if isinstance(other, type(self)) else type(self)(other)
        return type(self)(self.data - other.data, [(self, 1.0), (other, -1.0)])

    def reflected(self, other):
        return type(self)(other) - self

    cls.__neg__, cls.__sub__, cls.__rsub__ = negative, difference, reflected
    return cls


@_as_a_learner_writes_it
@mistake(Value)
class OverwritesAGradThatHasAShare(Value):
    """Your backward sets grad where it should add to it: of a Value that is used twice only one share is left."""

    def backward(self):
        self.grad = 1.0
        for value in reversed(_in_order(self)):
            for operand, slope in value.operands:
                operand.grad = slope * value.grad


@_as_a_learner_writes_it
@mistake(Value)
class ForgetsToSeedWith1(Value):
    """Your gradients all stay 0: nothing has told the result that its derivative with respect to itself is 1."""

    def backward(self):
        for value in reversed(_in_order(self)):
            for operand, slope in value.operands:
                operand.grad += slope * value.grad


@_as_a_learner_writes_it
@mistake(Value)
class HandsOnGradientsLevelByLevel(Value):
    """Your backward visits a shared Value as soon as it is first reached, before all that use it have given their
    share: it hands on a part of its gradient. Sort the Values so that each comes after everything computed from it."""

    def backward(self):
        self.grad = 1.0
        queue, seen = [self], {self}
        for value in queue:
            for operand, slope in value.operands:
                operand.grad += slope * value.grad
                if operand not in seen:
                    seen.add(operand)
                    queue.append(operand)


@_as_a_learner_writes_it
@mistake(Value)
@_subtracting_at_once
class HandsOnGradientsByDistance(Value):
    """Your backward goes by the distance from the result, nearest first: a shared Value has its turn when it is first
    reached, and what its other users give it later stays there. Sort the Values so that each comes after everything
    computed from it."""

    def backward(self):
        HandsOnGradientsLevelByLevel.backward(self)


@_as_a_learner_writes_it
@mistake(Value)
class HandsOnItsWholeGradientAtEveryVisit(Value):
    """Your backward visits a shared Value once for each user, and each time hands on all that it has got so far, the
    shares of earlier visits again: every Value has one turn, when its gradient is complete."""

    def backward(self):
        self.grad = 1.0
        queue = [self]
        for value in queue:
            for operand, slope in value.operands:
                operand.grad += slope * value.grad
                queue.append(operand)
            if len(queue) > _ENDLESS:
                raise TimeUp


@_as_a_learner_writes_it
@mistake(Value)
class WalksAlongEveryPath(Value):
    """Your gradients are right, but you walk along every path on its own, and each `a + a` doubles their number: let
    every Value have one turn, when all that use it have given it their share."""

    def backward(self):
        stack, steps = [(self, 1.0)], 0
        while stack:
            value, share = stack.pop()
            value.grad += share
            stack.extend((operand, share * slope) for operand, slope in value.operands)
            steps += 1
            if steps > _ENDLESS:
                raise TimeUp


@_as_a_learner_writes_it
@mistake(Value)
class HandsOnGradientsDepthFirst(Value):
    """Your backward follows one operand to the very bottom and marks what it meets as done; a shared Value has then
    handed on its gradient when its other users come with their share."""

    def backward(self):
        self.grad = 1.0
        stack, seen = [self], set()
        while stack:
            value = stack.pop()
            if value in seen:
                continue
            seen.add(value)
            for operand, slope in value.operands:
                operand.grad += slope * value.grad
                stack.append(operand)


@_as_a_learner_writes_it
@mistake(Value)
class DifferentiatesOneStepOnly(Value):
    """Your backward reaches the operands of the result and stops there: they have operands too."""

    def backward(self):
        self.grad = 1.0
        for operand, slope in self.operands:
            operand.grad += slope


@_as_a_learner_writes_it
@mistake(Value)
class CallsItselfAtEveryOperand(Value):
    """Your backward, or the sorting in it, calls itself once for each operation in a chain: Python's stack is far
    shorter than 10,000. Keep a stack of your own, a list."""

    def backward(self):
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for operand, _ in value.operands:
                    visit(operand)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            for operand, slope in value.operands:
                operand.grad += slope * value.grad


@mistake(Value)
def raises_the_recursion_limit(data):
    """You raise Python's recursion limit: the next chain is deeper still, and somewhere the process itself breaks.
    Walk through the graph with a stack of your own, a list."""
    return _WithALongerLeash(data)


@_as_a_learner_writes_it
class _WithALongerLeash(Value):
    def backward(self):
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            CallsItselfAtEveryOperand.backward(self)
        finally:
            sys.setrecursionlimit(before)


def _as_if_it_were_not_there(self, other):
    """For an inherited method: Python raises the error that it raises where there is none."""
    return NotImplemented


@_as_a_learner_writes_it
@mistake(Value)
class TakesNoNumbersOnTheLeft(Value):
    """Your class has no answer when a plain number stands on the left: in 1 + a it is a's reflected method that Python
    asks, __radd__ and its sisters."""

    __radd__ = __rmul__ = __rsub__ = __rtruediv__ = _as_if_it_were_not_there


@_as_a_learner_writes_it
@mistake(Value)
class ReflectsOnlySumAndProduct(Value):
    """Your class can do 1 + a and 2 * a, but not 3 - a and 3 / a: these two need reflected methods as well."""

    __rsub__ = __rtruediv__ = _as_if_it_were_not_there


@_as_a_learner_writes_it
@mistake(Value)
class ReflectsOnlyDifferenceAndQuotient(Value):
    """Your class can do 3 - a and 3 / a, but not 1 + a and 2 * a: these two need reflected methods as well."""

    __radd__ = __rmul__ = _as_if_it_were_not_there


@_as_a_learner_writes_it
@mistake(Value)
class TakesValuesAloneForOperands(Value):
    """Your operations expect a Value on the right: a plain number has no `.data`, so turn it into a Value first."""

    def __add__(self, other):
        return type(self)(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return type(self)(self.data * other.data, [(self, other.data), (other, self.data)])


@_as_a_learner_writes_it
@mistake(Value)
class TurnsReflectedSubtractionAround(Value):
    """Your 3 - a is a - 3: in a reflected method the other operand is the one on the left."""

    def __rsub__(self, other):
        return self - other


@_as_a_learner_writes_it
@mistake(Value)
class TurnsReflectedDivisionAround(Value):
    """Your 3 / a is a / 3: in a reflected method the other operand is the one on the left."""

    def __rtruediv__(self, other):
        return self / other


@_as_a_learner_writes_it
@mistake(Value)
class SubtractsWithTwoPlusSlopes(Value):
    """Your a - b has the right value, but b's gradient has the wrong sign: b enters with a minus."""

    def __sub__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data - other.data, [(self, 1.0), (other, 1.0)])


@_as_a_learner_writes_it
@mistake(Value)
class GivesEachFactorItsOwnValue(Value):
    """In your product each factor's slope is the factor itself; the derivative of a · b by a is the other one."""

    def __mul__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data * other.data, [(self, self.data), (other, other.data)])


@_as_a_learner_writes_it
@mistake(Value)
class LosesTheGraphAtAMinus(Value):
    """Your unary minus makes a new Value out of the number alone: it does not remember what it came from, so no
    gradient passes it."""

    def __neg__(self):
        return type(self)(-self.data)

    def __sub__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data - other.data, [(self, 1.0), (other, -1.0)])

    def __rsub__(self, other):
        return type(self)(other) - self


@_as_a_learner_writes_it
@mistake(Value)
class DividesWithoutTheSquare(Value):
    """Your quotient's slope by its denominator is not steep enough: differentiate 1 / b, and the power goes up."""

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data / other.data, [(self, 1 / other.data), (other, -self.data / other.data)])


@_as_a_learner_writes_it
@mistake(Value)
class DividesWithoutTheMinus(Value):
    """Your quotient grows with its denominator: the derivative of 1 / b is negative."""

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else type(self)(other)
        return type(self)(self.data / other.data, [(self, 1 / other.data), (other, self.data / other.data**2)])


@_as_a_learner_writes_it
@mistake(Value)
class KeepsTheExponentWhenDifferentiating(Value):
    """Your power's slope has the old exponent: differentiating lowers it by one."""

    def __pow__(self, exponent):
        return type(self)(self.data**exponent, [(self, exponent * self.data**exponent)])


@_as_a_learner_writes_it
@mistake(Value)
class Raises0ToANegativePower(Value):
    """Your slope of a ** 0 computes 0 to the power −1 where a is 0: its derivative is 0 everywhere, without asking."""

    def __pow__(self, exponent):
        return type(self)(self.data**exponent, [(self, exponent * self.data ** (exponent - 1))])


@_as_a_learner_writes_it
@mistake(Value)
class RisesWithPower0(Value):
    """Your a ** 0 has slope 1: it is 1 whatever a is, so its derivative is 0."""

    def __pow__(self, exponent):
        slope = exponent * self.data ** (exponent - 1) if exponent != 0 else 1.0
        return type(self)(self.data**exponent, [(self, slope)])


@_as_a_learner_writes_it
@mistake(Value)
class DividesThePowerByItsBase(Value):
    """You compute a power's slope as k · a^k / a, which divides by 0 at a = 0, where the derivative exists."""

    def __pow__(self, exponent):
        power = self.data**exponent
        return type(self)(power, [(self, exponent * power / self.data)])


@_as_a_learner_writes_it
@mistake(Value)
class DifferentiatesExpAsAPower(Value):
    """Your exp is differentiated like a power, with the exponent in front: e^a is its own derivative."""

    def exp(self):
        return type(self)(math.exp(self.data), [(self, self.data * math.exp(self.data - 1))])


@_as_a_learner_writes_it
@mistake(Value)
class TakesLogsSlopeAtTheOutput(Value):
    """Your log's slope is one over the result; it is one over what the logarithm was taken of."""

    def log(self):
        result = math.log(self.data)
        return type(self)(result, [(self, 1 / result if result else math.inf)])


@_as_a_learner_writes_it
@mistake(Value)
class SquaresTanhsInput(Value):
    """Your tanh's slope is 1 − a² of the input a; the formula wants the square of tanh's output."""

    def tanh(self):
        return type(self)(math.tanh(self.data), [(self, 1 - self.data**2)])


@_as_a_learner_writes_it
@mistake(Value)
class ForgetsTheSquareInTanh(Value):
    """Your tanh's slope is 1 − t, with t its output: the t in it wants a square."""

    def tanh(self):
        t = math.tanh(self.data)
        return type(self)(t, [(self, 1 - t)])


@_as_a_learner_writes_it
@mistake(Value)
class OverflowsInTanh(Value):
    """Your tanh is a quotient of exponentials that overflow for large numbers, although tanh itself is then just 1."""

    def tanh(self):
        t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
        return type(self)(t, [(self, 1 - t**2)])


@_as_a_learner_writes_it
@mistake(Value)
class OpensReluAt0(Value):
    """Your relu has slope 1 at exactly 0: here the derivative at the kink is 0."""

    def relu(self):
        return type(self)(max(self.data, 0.0), [(self, 1.0 if self.data >= 0 else 0.0)])


@_as_a_learner_writes_it
@mistake(Value)
class LetsGradientsThroughAClosedRelu(Value):
    """Your relu lets the whole gradient through where it is closed: for negative numbers its slope is 0."""

    def relu(self):
        return type(self)(max(self.data, 0.0), [(self, 1.0)])


def _columns(f, x, h=1e-5):
    """Column j of the Jacobian for each j."""
    x = np.asarray(x, dtype=float)
    return [(f(x + step) - f(x - step)) / (2 * h) for step in h * np.eye(len(x))]


def _columns_in_xs_own_dtype(f, x, h=1e-5):
    columns = []
    for j in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[j] += h
        behind[j] -= h
        columns.append((f(ahead) - f(behind)) / (2 * h))
    return columns


@mistake(jacobian)
def stacks_the_columns_as_rows(f, x):
    """Your Jacobian is transposed: outputs belong to the rows, inputs to the columns."""
    return np.stack(_columns(f, x))


@mistake(jacobian)
def forgets_that_the_two_points_are_2h_apart(f, x):
    """Your entries are twice too large: look at how far apart the two points are."""
    return 2 * np.stack(_columns(f, x), axis=1)


@mistake(jacobian)
def measures_the_jacobian_on_one_side(f, x):
    """Your difference is one-sided, f(x + h) − f(x): its error shrinks with h only, and is above 1e-5 where f bends."""
    x, h = np.asarray(x, dtype=float), 1e-5
    return np.stack([(f(x + step) - f(x)) / h for step in h * np.eye(len(x))], axis=1)


@mistake(jacobian)
def measures_the_jacobian_with_too_small_a_step(f, x):
    """Your step is so small that the difference is made of rounding errors: half of the digits are enough to lose."""
    return np.stack(_columns(f, x, h=1e-12), axis=1)


@mistake(jacobian)
def steps_in_xs_own_dtype_for_the_jacobian(f, x):
    """You add the step to x as it came: in an integer array it is cut off to nothing, in float32 few digits stay."""
    return np.stack(_columns_in_xs_own_dtype(f, x), axis=1)


@mistake(jacobian)
def leaves_x_moved_after_the_jacobian(f, x):
    """You move x itself, in place: the step back must restore it to the last bit, which adding and subtracting does
    not do. Work on a copy."""
    h, own = 1e-5, x if x.dtype == np.float64 else x.astype(float)
    columns = []
    for j in range(len(x)):
        own[j] += h
        ahead = f(own)
        own[j] -= 2 * h
        columns.append((ahead - f(own)) / (2 * h))
        own[j] += h
    return np.stack(columns, axis=1)


@mistake(vjp)
def multiplies_the_jacobian_by_v_from_the_right(f, x, v):
    """You compute J v; here v has one weight for each output and stands on the left of J."""
    return np.stack(_columns(f, x), axis=1) @ v


@mistake(vjp)
def sums_the_outputs_without_their_weights(f, x, v):
    """You sum the derivatives of all outputs alike: v, their weights, has no part in your result."""
    return np.array([column.sum() for column in _columns(f, x)])


@mistake(vjp)
def keeps_every_output_apart_in_the_vjp(f, x, v):
    """You weigh the rows of the Jacobian by v, and then do not add them up: one number is asked for each input."""
    return v[:, None] * np.stack(_columns(f, x), axis=1)


@mistake(vjp)
def measures_the_vjp_on_one_side(f, x, v):
    """Your difference, or that of the function you call, is one-sided, f(x + h) − f(x): its error shrinks with h only,
    and is above 1e-5 where f bends."""
    x, h = np.asarray(x, dtype=float), 1e-5
    return np.array([v @ (f(x + step) - f(x)) / h for step in h * np.eye(len(x))])


@mistake(vjp)
def steps_in_xs_own_dtype_for_the_vjp(f, x, v):
    """You (or the function you call) add the step to x as it came: in an integer array it is cut off to nothing, in
    float32 few digits stay."""
    return np.array([v @ column for column in _columns_in_xs_own_dtype(f, x)])


@mistake(vjp)
def forgets_the_2_in_the_vjp(f, x, v):
    """Your entries are twice too large: look, also in the function you call, at how far apart the two points are."""
    return np.array([2 * v @ column for column in _columns(f, x)])


@mistake(vjp)
def moves_the_callers_x_for_the_vjp(f, x, v):
    """You (or the function you call) move the caller's own x: rounding leaves some entries a last digit off, and
    integers cannot move by a small step at all."""
    gradient = np.zeros_like(x)
    for j in range(len(x)):
        x[j] += 1e-5
        ahead = v @ f(x)
        x[j] -= 2e-5
        behind = v @ f(x)
        x[j] += 1e-5
        gradient[j] = (ahead - behind) / 2e-5
    return gradient


@mistake(jvp)
def builds_the_whole_jacobian_for_one_direction(f, x, v):
    """You build the whole Jacobian, two calls of f for every input, and then multiply: all that is asked is how f
    changes along one direction, v."""
    return np.stack(_columns(f, x), axis=1) @ v


@mistake(jvp)
def returns_the_slope_along_a_unit_vector(f, x, v):
    """You shorten v to length 1 for the step and do not make up for it: the result must grow with the length of v."""
    return jvp(f, x, v) / (np.linalg.norm(v) or 1.0)


@mistake(jvp)
def steps_the_further_the_longer_v_is(f, x, v):
    """Your step is 1e-5 times v, however long v is: a long v moves x far away, where f has another slope."""
    x, v, h = np.asarray(x, dtype=float), np.asarray(v, dtype=float), 1e-5
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


@mistake(jvp)
def divides_by_the_length_of_a_zero_vector(f, x, v):
    """You divide by the length of v, which is 0 when v is: 0 / 0 is NaN, and the answer is 0."""
    x, v = np.asarray(x, dtype=float), np.asarray(v, dtype=float)
    unit = v / np.linalg.norm(v)
    return (f(x + 1e-5 * unit) - f(x - 1e-5 * unit)) / 2e-5 * np.linalg.norm(v)


@mistake(jvp)
def measures_the_jvp_on_one_side(f, x, v):
    """Your difference is one-sided, f(x + h v) − f(x): its error shrinks with h only, and passes 1e-5 where f bends."""
    x, v = np.asarray(x, dtype=float), np.asarray(v, dtype=float)
    h = 1e-5 / (np.linalg.norm(v) or 1.0)
    return (f(x + h * v) - f(x)) / h


@mistake(jvp)
def steps_in_float32_along_v(f, x, v):
    """You add the step to x in its own float32, which keeps about 7 digits: few of the difference are right. Make x
    float64 first."""
    v = np.asarray(v, dtype=np.result_type(x, v, np.float32))
    h = v.dtype.type(1e-5 / (np.linalg.norm(v) or 1.0))
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


@mistake(jvp)
def takes_the_weights_of_inputs_for_those_of_outputs(f, x, v):
    """You compute vᵀ J; here v has one weight for each input and stands on the right of J."""
    return np.array([v @ column for column in _columns(f, x)])


def _inputs_from(layers, x):
    inputs = [x]
    for forward, _ in layers[:-1]:
        inputs.append(forward(inputs[-1]))
    return inputs


def _back_through(layers, inputs, dout):
    for (_, backward), layer_input in zip(reversed(layers), reversed(inputs), strict=True):
        dout = backward(dout, layer_input)
    return dout


def _right_peak(layers, every):
    return math.ceil(len(layers) / every) + min(every, len(layers)) - 1


@mistake(checkpointed_backward)
def keeps_every_input(layers, x, dout, every):
    """You keep the input of every layer and recompute none: dx is right, but no memory is saved."""
    inputs = _inputs_from(layers, x)
    return _back_through(layers, inputs, dout), len(inputs)


@mistake(checkpointed_backward)
def keeps_every_input_and_reports_the_formula(layers, x, dout, every):
    """You return the peak that the formula gives, but your calls show that the inputs of all layers are kept: nothing
    is computed a second time."""
    return _back_through(layers, _inputs_from(layers, x), dout), _right_peak(layers, every)


@mistake(checkpointed_backward)
def runs_all_layers_keeps_all_and_reports_the_formula(layers, x, dout, every):
    """The peak that you return is the formula's, but your calls show that you keep the inputs of all layers: none is
    computed a second time."""
    inputs = _inputs_from(layers, x)
    layers[-1][0](inputs[-1])
    return _back_through(layers, inputs, dout), _right_peak(layers, every)


@mistake(checkpointed_backward)
def starts_from_x_for_every_layer(layers, x, dout, every):
    """You compute each layer's input from the very start: that saves the most memory, and costs about L² / 2 calls of
    forwards. Start from the checkpoint before it, once for each segment."""
    for i in reversed(range(len(layers))):
        out = x
        for forward, _ in layers[:i]:
            out = forward(out)
        dout = layers[i][1](dout, out)
    return dout, _right_peak(layers, every)


def _anew_from_checkpoints(layers, checkpoints, dout, every):
    for i in reversed(range(len(layers))):
        out = checkpoints[i // every]
        for forward, _ in layers[i // every * every : i]:
            out = forward(out)
        dout = layers[i][1](dout, out)
    return dout


@mistake(checkpointed_backward)
def starts_from_the_checkpoint_for_every_layer(layers, x, dout, every):
    """You go back to the checkpoint for every layer of a segment: compute the segment's inputs once, keep them until
    the segment is done."""
    checkpoints = _inputs_from(layers, x)[::every]
    return _anew_from_checkpoints(layers, checkpoints, dout, every), _right_peak(layers, every)


@mistake(checkpointed_backward)
def runs_all_layers_and_starts_anew_for_every_one(layers, x, dout, every):
    """You compute from the checkpoint anew for every layer of a segment: do it once for all of them, and keep the
    segment's inputs until it is done."""
    inputs = _inputs_from(layers, x)
    layers[-1][0](inputs[-1])
    return _anew_from_checkpoints(layers, inputs[::every], dout, every), _right_peak(layers, every)


@mistake(checkpointed_backward)
def counts_a_segments_first_input_twice(layers, x, dout, every):
    """Your peak is one too large: the first input of a segment is its checkpoint, which is counted already."""
    dx, peak = checkpointed_backward(layers, x, dout, every)
    return dx, peak + 1


@mistake(checkpointed_backward)
def counts_a_full_segment_always(layers, x, dout, every):
    """Your peak counts `every` inputs in a segment even where there are fewer layers than that."""
    dx, _ = checkpointed_backward(layers, x, dout, every)
    return dx, math.ceil(len(layers) / every) + every - 1


@mistake(checkpointed_backward)
def rounds_the_number_of_checkpoints_down(layers, x, dout, every):
    """Your peak is too small where the last segment is shorter, and where `every` is above L: the number of segments is
    rounded up, not down."""
    dx, _ = checkpointed_backward(layers, x, dout, every)
    return dx, len(layers) // every + min(every, len(layers)) - 1


@mistake(checkpointed_backward)
def forgets_used_checkpoints_in_the_peak(layers, x, dout, every):
    """Your peak is one too small where the last segment is shorter: either you no longer count checkpoints already used
    (they are kept to the end), or you round the number of segments down."""
    dx, _ = checkpointed_backward(layers, x, dout, every)
    return dx, max(i + len(layers[i * every : (i + 1) * every]) for i in range(math.ceil(len(layers) / every)))


@mistake(checkpointed_backward)
def computes_a_segments_last_output_for_an_input(layers, x, dout, every):
    """You compute one array too many in each segment: its last layer's output is no input of the segment. It is counted
    in your peak, and taken from the end of the list it becomes a layer's input."""
    starts, peak = range(0, len(layers), every), 0
    checkpoints = _inputs_from(layers, x)[::every]
    for start, checkpoint in zip(reversed(starts), reversed(checkpoints), strict=True):
        segment, inputs = layers[start : start + every], [checkpoint]
        for forward, _ in segment:
            inputs.append(forward(inputs[-1]))
        peak = max(peak, len(checkpoints) + len(inputs) - 1)
        for _, backward in reversed(segment):
            dout = backward(dout, inputs.pop())
    return dout, peak


@mistake(checkpointed_backward)
def drops_the_short_last_segment(layers, x, dout, every):
    """Where `every` does not divide the number of layers, your backward leaves out the layers that are left over."""
    whole = max(len(layers) // every, 1) * every
    return checkpointed_backward(layers[:whole], x, dout, every)[0], _right_peak(layers, every)


@mistake(checkpointed_backward)
def takes_the_segments_from_first_to_last(layers, x, dout, every):
    """You go through the segments from the first to the last: the gradient arrives at the end of the network, so the
    last segment has its turn first."""
    checkpoints = _inputs_from(layers, x)[::every]
    for start, checkpoint in zip(range(0, len(layers), every), checkpoints, strict=True):
        segment = layers[start : start + every]
        dout = _back_through(segment, _inputs_from(segment, checkpoint), dout)
    return dout, _right_peak(layers, every)


@mistake(checkpointed_backward)
def goes_forwards_inside_a_segment(layers, x, dout, every):
    """Inside a segment you go through the layers from the first to the last: the way back turns them around too."""
    starts = range(0, len(layers), every)
    checkpoints = _inputs_from(layers, x)[::every]
    for start, checkpoint in zip(reversed(starts), reversed(checkpoints), strict=True):
        segment = layers[start : start + every]
        for (_, backward), layer_input in zip(segment, _inputs_from(segment, checkpoint), strict=True):
            dout = backward(dout, layer_input)
    return dout, _right_peak(layers, every)


@mistake(checkpointed_backward)
def hands_the_layers_output_to_its_backward(layers, x, dout, every):
    """You give each backward its layer's output: it wants the layer's input, what forward was called with."""
    starts = range(0, len(layers), every)
    checkpoints = _inputs_from(layers, x)[::every]
    for start, checkpoint in zip(reversed(starts), reversed(checkpoints), strict=True):
        segment = layers[start : start + every]
        outputs = [forward(a) for (forward, _), a in zip(segment, _inputs_from(segment, checkpoint), strict=True)]
        dout = _back_through(segment, outputs, dout)
    return dout, _right_peak(layers, every)


@mistake(linear_collapse)
def multiplies_the_last_layer_first(weights):
    """You multiply in the wrong order, W_L … W_1: with samples as rows the first layer stands on the left."""
    product = 1.0 * weights[-1]
    for W in weights[-2::-1]:
        product = product @ W
    return product


@mistake(linear_collapse)
def multiplies_element_by_element(weights):
    """You multiply entry by entry; layers one after the other are a product of matrices."""
    product = 1.0 * weights[0]
    for W in weights[1:]:
        product = product * W
    return product


@mistake(linear_collapse)
def needs_at_least_two_matrices(weights):
    """Your product needs two matrices at least: a single layer is its own matrix."""
    return np.linalg.multi_dot([1.0 * W for W in weights])


@mistake(linear_collapse)
def multiplies_into_the_first_matrix(weights):
    """You multiply in place: the first matrix of the list is no longer what it was."""
    product = weights[0]
    for W in weights[1:]:
        if product.shape == (len(W), W.shape[1]) and product.dtype.kind == "f":
            product @= W
        else:
            product = (1.0 * product) @ W
    return product


@mistake(linear_collapse)
def starts_from_an_identity_of_float64(weights):
    """Your product starts from an identity of float64, which turns float32 matrices into float64."""
    product = np.eye(len(weights[0]))
    for W in weights:
        product = product @ W
    return product


@mistake(linear_collapse)
def multiplies_in_small_integers(weights):
    """Your product stays in the matrices' own integer type: in int8 everything above 127 wraps around."""
    product = weights[0]
    for W in weights[1:]:
        product = product @ W
    return product
