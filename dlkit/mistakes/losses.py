"""Unit 02: wrong answers that people give in 02_losses, each with what to say of it."""

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.losses import (
    bce_with_logits,
    cross_entropy_loss,
    dice_loss,
    distillation_loss,
    distribution_cross_entropy,
    entropy,
    expected_calibration_error,
    focal_loss,
    hinge_loss,
    huber_loss,
    info_nce_loss,
    iou,
    kl_divergence,
    label_smoothing_loss,
    logistic_regression_loss,
    mae_loss,
    mse_loss,
    multilabel_loss,
    nll_loss,
    outlier_influence,
    output_delta,
    predict_from_logits,
    smooth_l1_loss,
    soft_cross_entropy,
    triplet_loss,
)


def _reduce_loss_and_grad(loss, grad, reduction):
    """The right reduction, for the mistakes whose slip is elsewhere."""
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    return (loss.sum(), grad) if reduction == "sum" else (loss, grad)


def _log_softmax_of_rows(logits):
    """The right log-softmax, for the mistakes whose slip is elsewhere."""
    shifted = 1.0 * logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _onehot_like(log_probs, y):
    target = np.zeros_like(log_probs)
    target[np.arange(len(y)), y] = 1
    return target


# What people put into a logarithm lest it be of 0, and the ways to do it. Some ways cannot be told apart by what comes
# out, the fewer the smaller the number is: so the sentences are true of all of them.
_SMALL = (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
_GUARDS = {
    "added": "You keep your logarithm away from 0 with {eps}",
    "limited": "The least number that your logarithm sees is {eps}",
    "clipped": "You clip the probability at {eps} and 1 − {eps}",
    "clipped throughout": "You clip the probability at {eps} and 1 − {eps}, for the gradient too",
}
_CEILING = "that puts a ceiling of about {top} on the loss, where it should go on growing."


def _guarded(p, eps, how):
    """What the logarithm then sees of p."""
    if how == "added":
        return p + p.dtype.type(eps)
    return np.maximum(p, p.dtype.type(eps)) if how == "limited" else np.clip(p, eps, 1 - eps)


def _register_guards(reference, name, make, added=8, limited=0, clipped=0, throughout=0, then=_CEILING):
    """A mistake for each way and each of the first few numbers."""
    for (how, sentence), count in zip(_GUARDS.items(), (added, limited, clipped, throughout), strict=True):
        for eps in _SMALL[:count]:
            answer = make(eps, how)
            answer.__name__ = f"{name}_{how}_{eps:g}".replace(" ", "_").replace("-", "_minus_")
            answer.__doc__ = f"{sentence}: {then}".format(eps=f"{eps:g}", top=f"{-np.log(eps):.0f}")
            mistake(reference)(answer)


@mistake(mse_loss)
def halves_the_squared_error(pred, target, reduction="mean"):
    """You put a ½ in front of the square, so loss and gradient are half of what is asked: here there is no ½."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss / 2, grad / 2


@mistake(mse_loss)
def drops_the_two_of_the_squared_errors_gradient(pred, target, reduction="mean"):
    """Your loss is right and your gradient is half of it: the exponent comes down when a square is differentiated."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss, grad / 2


@mistake(mse_loss)
def averages_squared_errors_over_rows_only(pred, target, reduction="mean"):
    """Under "mean" you divide by the number of rows: this mean is over every element, columns and all."""
    loss, grad = mse_loss(pred, target, reduction)
    return (loss * grad[0].size, grad * grad[0].size) if reduction == "mean" else (loss, grad)


@mistake(mse_loss)
def leaves_the_mse_gradient_undivided_under_mean(pred, target, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss, grad * grad.size if reduction == "mean" else grad


@mistake(mse_loss)
def sums_the_squared_error_under_mean(pred, target, reduction="mean"):
    """Under "mean" you return the sum and its gradient: nothing is divided by the number of elements."""
    return mse_loss(pred, target, "sum" if reduction == "mean" else reduction)


@mistake(mse_loss)
def divides_the_mse_gradient_whatever_the_reduction(pred, target, reduction="mean"):
    """You divide the gradient whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss, grad if reduction == "mean" else grad / grad.size


@mistake(mse_loss)
def divides_the_mse_gradient_under_none(pred, target, reduction="mean"):
    """Under "none" you divide the gradient as for a mean: there every element keeps its own."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss, grad / grad.size if reduction == "none" else grad


@mistake(mse_loss)
def divides_the_mse_gradient_under_sum(pred, target, reduction="mean"):
    """Under "sum" you divide the gradient as for a mean: the loss is not averaged, so neither is its gradient."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss, grad / grad.size if reduction == "sum" else grad


@mistake(mse_loss)
def gives_one_squared_error_a_row_under_none(pred, target, reduction="mean"):
    """Under "none" you average within each row: a regression loss has one value per element, in pred's shape."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss.mean(axis=-1) if reduction == "none" else loss, grad


@mistake(mse_loss)
def gives_the_squared_errors_gradient_for_target(pred, target, reduction="mean"):
    """Your gradient points the wrong way: it is the one with respect to target, not pred."""
    loss, grad = mse_loss(pred, target, reduction)
    return loss, -grad


@mistake(mse_loss)
def lets_unsigned_pixels_wrap_around(pred, target, reduction="mean"):
    """You subtract before you convert: unsigned integers have no negative numbers and start again at 255."""
    with np.errstate(over="ignore"):
        difference = (pred - target) * 1.0
    return _reduce_loss_and_grad(difference**2, 2 * difference, reduction)


@mistake(mse_loss)
def squares_and_doubles_unsigned_pixels(pred, target, reduction="mean"):
    """You subtract, square and double unsigned integers as they are: below 0 and above 255 they wrap around."""
    d = pred - target
    return _reduce_loss_and_grad(d**2, 2 * d, reduction)


@mistake(mse_loss)
def squares_unsigned_pixels_in_the_loss_only(pred, target, reduction="mean"):
    """Your gradient is right, but your loss subtracts and squares unsigned integers as they are, and they wrap
    around."""
    return _reduce_loss_and_grad((pred - target) ** 2, mse_loss(pred, target, "none")[1], reduction)


@mistake(mse_loss)
def subtracts_unsigned_pixels_in_the_gradient_only(pred, target, reduction="mean"):
    """Your loss is right, but your gradient subtracts unsigned integers as they are, and below 0 they wrap around."""
    return _reduce_loss_and_grad(mse_loss(pred, target, "none")[0], 2.0 * (pred - target), reduction)


@mistake(mse_loss)
def squares_unsigned_pixels(pred, target, reduction="mean"):
    """You subtract and square unsigned integers as they are: below 0 and above 255 they wrap around, in your loss even
    twice."""
    d = pred - target
    return _reduce_loss_and_grad(d**2, 2.0 * d, reduction)


@mistake(mse_loss)
def overwrites_pred_with_the_difference(pred, target, reduction="mean"):
    """You subtract target from pred in place: the caller's prediction is not the same afterwards."""
    if pred.dtype.kind != "f":
        return mse_loss(pred, target, reduction)
    pred -= target
    return _reduce_loss_and_grad(pred**2, 2 * pred, reduction)


@mistake(mse_loss)
def collects_the_mse_gradient_in_float64(pred, target, reduction="mean"):
    """You fill a new array that is float64 by default, so float32 predictions get a float64 gradient."""
    loss, values = mse_loss(pred, target, reduction)
    grad = np.zeros(pred.shape)
    grad[...] = values
    return loss, grad


@mistake(mse_loss)
def divides_the_mse_gradient_by_a_numpy_number(pred, target, reduction="mean"):
    """You divide by a NumPy scalar such as np.prod gives: unlike Python's numbers it makes float64 of float32."""
    loss, grad = mse_loss(pred, target, "none")
    return (loss.mean(), grad / np.prod(pred.shape)) if reduction == "mean" else mse_loss(pred, target, reduction)


@mistake(mse_loss)
def ignores_the_reduction_of_mse(pred, target, reduction="mean"):
    """You return the mean whatever the reduction says: "sum" and "none" ask for something else."""
    return mse_loss(pred, target)


@mistake(mse_loss)
def cuts_the_mse_gradient_to_integers(pred, target, reduction="mean"):
    """You write the gradient into an array with pred's dtype: for integers all decimals are cut off."""
    loss, values = mse_loss(pred, target, reduction)
    grad = np.zeros_like(pred, dtype=pred.dtype if pred.dtype.kind in "fi" else float)
    grad[...] = values
    return loss, grad


@mistake(mae_loss)
def gives_absolute_error_slope_one_at_zero(pred, target, reduction="mean"):
    """Where pred equals target your gradient has slope +1: a perfect prediction should stay where it is."""
    loss, grad = mae_loss(pred, target, "none")
    return _reduce_loss_and_grad(loss, np.where(grad == 0, np.ones_like(grad), grad), reduction)


@mistake(mae_loss)
def gives_absolute_error_slope_minus_one_at_zero(pred, target, reduction="mean"):
    """Where pred equals target your gradient has slope −1, as if the prediction were too low: read what is asked."""
    loss, grad = mae_loss(pred, target, "none")
    return _reduce_loss_and_grad(loss, np.where(grad == 0, -np.ones_like(grad), grad), reduction)


@mistake(mae_loss)
def divides_the_difference_by_its_size(pred, target, reduction="mean"):
    """You get the sign as d / |d|: where pred equals target that is 0/0, which is NaN."""
    d = 1.0 * pred - target
    return _reduce_loss_and_grad(np.abs(d), d / np.abs(d), reduction)


@mistake(mae_loss)
def takes_the_difference_for_its_sign(pred, target, reduction="mean"):
    """Your gradient grows with the error: the slope of |d| is the same for a small and a large error."""
    loss, _ = mae_loss(pred, target, "none")
    return _reduce_loss_and_grad(loss, 1.0 * pred - target, reduction)


@mistake(mae_loss)
def gives_the_absolute_errors_gradient_for_target(pred, target, reduction="mean"):
    """Your gradient points the wrong way: it is the one with respect to target, not pred."""
    loss, grad = mae_loss(pred, target, reduction)
    return loss, -grad


@mistake(mae_loss)
def averages_absolute_errors_over_rows_only(pred, target, reduction="mean"):
    """Under "mean" you divide by the number of rows: this mean is over every element, columns and all."""
    loss, grad = mae_loss(pred, target, reduction)
    return (loss * grad[0].size, grad * grad[0].size) if reduction == "mean" else (loss, grad)


@mistake(mae_loss)
def leaves_the_mae_gradient_undivided_under_mean(pred, target, reduction="mean"):
    """Under "mean" your gradient still holds ±1: it is that of the sum, while the loss is averaged."""
    loss, grad = mae_loss(pred, target, reduction)
    return loss, grad * grad.size if reduction == "mean" else grad


@mistake(mae_loss)
def divides_the_mae_gradient_whatever_the_reduction(pred, target, reduction="mean"):
    """You divide the gradient whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = mae_loss(pred, target, reduction)
    return loss, grad if reduction == "mean" else grad / grad.size


@mistake(mae_loss)
def divides_the_mae_gradient_under_none(pred, target, reduction="mean"):
    """Under "none" you divide the gradient as for a mean: there every element keeps its own."""
    loss, grad = mae_loss(pred, target, reduction)
    return loss, grad / grad.size if reduction == "none" else grad


@mistake(mae_loss)
def makes_the_mae_gradient_float64(pred, target, reduction="mean"):
    """You choose between Python floats, which gives a float64 array: a float32 prediction gets a float64 gradient."""
    d = 1.0 * pred - target
    return _reduce_loss_and_grad(np.abs(d), np.where(d > 0, 1.0, np.where(d < 0, -1.0, 0.0)), reduction)


@mistake(mae_loss)
def cuts_the_mae_gradient_to_integers(pred, target, reduction="mean"):
    """You write the gradient into an array with pred's dtype: for integers ±1 over the number of elements becomes 0."""
    loss, values = mae_loss(pred, target, reduction)
    grad = np.zeros_like(pred)
    grad[...] = values
    return loss, grad


@mistake(mae_loss)
def overwrites_pred_in_mae(pred, target, reduction="mean"):
    """You subtract target from pred in place: the caller's prediction is not the same afterwards."""
    if pred.dtype.kind != "f":
        return mae_loss(pred, target, reduction)
    pred -= target
    return _reduce_loss_and_grad(np.abs(pred), np.sign(pred), reduction)


@mistake(smooth_l1_loss)
def gives_huber_for_smooth_l1(pred, target, beta=1.0, reduction="mean"):
    """You compute Huber's loss, beta times what is asked: smooth L1 has slope ±1 outside, whatever beta is."""
    return huber_loss(pred, target, beta, reduction)


@mistake(smooth_l1_loss)
def takes_off_one_half_whatever_beta(pred, target, beta=1.0, reduction="mean"):
    """You take ½ off |d| outside, which joins the pieces for beta = 1 only: what you take off must grow with beta."""
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) < beta, d**2 / (2 * beta), np.abs(d) - 0.5)
    return _reduce_loss_and_grad(loss, np.clip(d / beta, -1, 1), reduction)


@mistake(smooth_l1_loss)
def lets_smooth_l1_jump_to_the_plain_distance(pred, target, beta=1.0, reduction="mean"):
    """Outside you return |d| as it is, so your loss jumps where the parabola ends: both pieces must meet there."""
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) < beta, d**2 / (2 * beta), np.abs(d))
    return _reduce_loss_and_grad(loss, np.clip(d / beta, -1, 1), reduction)


@mistake(smooth_l1_loss)
def leaves_beta_out_of_the_parabola(pred, target, beta=1.0, reduction="mean"):
    """Your parabola is the same for every beta, in value and slope: it has to reach slope 1 exactly at beta."""
    d = 1.0 * pred - target
    inside = np.abs(d) < beta
    loss = np.where(inside, d**2 / 2, np.abs(d) - beta / 2)
    return _reduce_loss_and_grad(loss, np.where(inside, d, np.sign(d)), reduction)


@mistake(smooth_l1_loss)
def leaves_beta_out_of_the_smooth_l1_gradient(pred, target, beta=1.0, reduction="mean"):
    """Your loss is right, but inside your gradient is d itself: differentiate the parabola with its beta."""
    d = 1.0 * pred - target
    loss, _ = smooth_l1_loss(pred, target, beta, "none")
    return _reduce_loss_and_grad(loss, np.where(np.abs(d) < beta, d, np.sign(d)), reduction)


@mistake(smooth_l1_loss)
def changes_over_at_one_instead_of_beta(pred, target, beta=1.0, reduction="mean"):
    """You change from parabola to line at |d| = 1: beta is the threshold, and 1 is only its default."""
    d = 1.0 * pred - target
    inside = np.abs(d) < 1
    loss = np.where(inside, d**2 / (2 * beta), np.abs(d) - beta / 2)
    return _reduce_loss_and_grad(loss, np.where(inside, d / beta, np.sign(d)), reduction)


@mistake(smooth_l1_loss)
def forgets_the_absolute_value_at_the_threshold(pred, target, beta=1.0, reduction="mean"):
    """You compare d with beta, not its size: every negative error, however large, falls into the parabola."""
    d = 1.0 * pred - target
    loss = np.where(d < beta, d**2 / (2 * beta), np.abs(d) - beta / 2)
    return _reduce_loss_and_grad(loss, np.where(d < beta, d / beta, np.sign(d)), reduction)


@mistake(smooth_l1_loss)
def lets_the_smooth_l1_gradient_grow(pred, target, beta=1.0, reduction="mean"):
    """Your gradient goes on growing outside the parabola: the line there has slope ±1, which tames outliers."""
    loss, _ = smooth_l1_loss(pred, target, beta, "none")
    return _reduce_loss_and_grad(loss, (1.0 * pred - target) / beta, reduction)


@mistake(smooth_l1_loss)
def gives_outer_slope_one_to_negative_errors(pred, target, beta=1.0, reduction="mean"):
    """Outside the parabola your gradient is +1 for errors of either sign: |d| falls where d is negative."""
    d = 1.0 * pred - target
    loss, grad = smooth_l1_loss(pred, target, beta, "none")
    return _reduce_loss_and_grad(loss, np.where(np.abs(d) < beta, grad, np.ones_like(d)), reduction)


@mistake(smooth_l1_loss)
def averages_smooth_l1_over_rows_only(pred, target, beta=1.0, reduction="mean"):
    """Under "mean" you divide by the number of rows: this mean is over every element, columns and all."""
    loss, grad = smooth_l1_loss(pred, target, beta, reduction)
    return (loss * grad[0].size, grad * grad[0].size) if reduction == "mean" else (loss, grad)


@mistake(smooth_l1_loss)
def leaves_the_smooth_l1_gradient_undivided_under_mean(pred, target, beta=1.0, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = smooth_l1_loss(pred, target, beta, reduction)
    return loss, grad * grad.size if reduction == "mean" else grad


@mistake(smooth_l1_loss)
def divides_the_smooth_l1_gradient_whatever_the_reduction(pred, target, beta=1.0, reduction="mean"):
    """You divide the gradient whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = smooth_l1_loss(pred, target, beta, reduction)
    return loss, grad if reduction == "mean" else grad / grad.size


@mistake(smooth_l1_loss)
def divides_the_smooth_l1_gradient_under_none(pred, target, beta=1.0, reduction="mean"):
    """Under "none" you divide the gradient as for a mean: there every element keeps its own."""
    loss, grad = smooth_l1_loss(pred, target, beta, reduction)
    return loss, grad / grad.size if reduction == "none" else grad


@mistake(smooth_l1_loss)
def cuts_smooth_l1_to_integers(pred, target, beta=1.0, reduction="mean"):
    """You fill arrays with the difference's dtype piece by piece: for integers all decimals are cut off."""
    d = pred - target
    inside = np.abs(d) < beta
    loss, grad = np.zeros_like(d), np.zeros_like(d)
    loss[inside], grad[inside] = d[inside] ** 2 / (2 * beta), d[inside] / beta
    loss[~inside], grad[~inside] = np.abs(d[~inside]) - beta / 2, np.sign(d[~inside])
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(smooth_l1_loss)
def fills_smooth_l1_into_float64(pred, target, beta=1.0, reduction="mean"):
    """You fill new arrays that are float64 by default: from float32 input come float64 losses and gradients."""
    loss, grad = np.zeros(pred.shape), np.zeros(pred.shape)
    loss[...], grad[...] = smooth_l1_loss(pred, target, beta, "none")
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(huber_loss)
def gives_smooth_l1_for_huber(pred, target, delta=1.0, reduction="mean"):
    """You compute smooth L1: multiply by delta. Huber's slope outside is ±delta, not ±1."""
    return smooth_l1_loss(pred, target, delta, reduction)


@mistake(huber_loss)
def takes_half_a_delta_off_after_multiplying(pred, target, delta=1.0, reduction="mean"):
    """Your line is too high or too low for delta other than 1: the constant that joins the pieces grows with delta²."""
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) <= delta, d**2 / 2, delta * np.abs(d) - delta / 2)
    return _reduce_loss_and_grad(loss, np.clip(d, -delta, delta), reduction)


@mistake(huber_loss)
def takes_one_half_off_hubers_line(pred, target, delta=1.0, reduction="mean"):
    """You take ½ off delta · |d| outside, which joins the pieces for delta = 1 only: what you take off must grow with
    delta."""
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) <= delta, d**2 / 2, delta * np.abs(d) - 0.5)
    return _reduce_loss_and_grad(loss, np.clip(d, -delta, delta), reduction)


@mistake(huber_loss)
def lets_huber_jump_to_the_line_through_zero(pred, target, delta=1.0, reduction="mean"):
    """Outside you return delta · |d|, so your loss jumps where the parabola ends: both pieces must meet there."""
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) <= delta, d**2 / 2, delta * np.abs(d))
    return _reduce_loss_and_grad(loss, np.clip(d, -delta, delta), reduction)


@mistake(huber_loss)
def forgets_the_half_in_hubers_parabola(pred, target, delta=1.0, reduction="mean"):
    """Inside you return d² and its gradient 2d: this parabola has a ½, or it would not meet the line."""
    d = 1.0 * pred - target
    loss, grad = huber_loss(pred, target, delta, "none")
    inside = np.abs(d) <= delta
    return _reduce_loss_and_grad(np.where(inside, d**2, loss), np.where(inside, 2 * d, grad), reduction)


@mistake(huber_loss)
def gives_hubers_line_slope_one(pred, target, delta=1.0, reduction="mean"):
    """Your loss is right, but outside your gradient is ±1: the line has another slope, where the parabola ends."""
    d = 1.0 * pred - target
    loss, _ = huber_loss(pred, target, delta, "none")
    return _reduce_loss_and_grad(loss, np.where(np.abs(d) <= delta, d, np.sign(d)), reduction)


@mistake(huber_loss)
def lets_hubers_gradient_grow(pred, target, delta=1.0, reduction="mean"):
    """Your gradient is d for every error: outside the parabola the slope no longer grows."""
    loss, _ = huber_loss(pred, target, delta, "none")
    return _reduce_loss_and_grad(loss, 1.0 * pred - target, reduction)


@mistake(huber_loss)
def changes_over_at_one_instead_of_delta(pred, target, delta=1.0, reduction="mean"):
    """You change from parabola to line at |d| = 1: delta is the threshold, and 1 is only its default."""
    d = 1.0 * pred - target
    inside = np.abs(d) <= 1
    loss = np.where(inside, d**2 / 2, delta * (np.abs(d) - delta / 2))
    return _reduce_loss_and_grad(loss, np.where(inside, d, delta * np.sign(d)), reduction)


@mistake(huber_loss)
def forgets_the_absolute_value_in_hubers_threshold(pred, target, delta=1.0, reduction="mean"):
    """You compare d with delta, not its size: every negative error, however large, falls into the parabola."""
    d = 1.0 * pred - target
    loss = np.where(d <= delta, d**2 / 2, delta * (np.abs(d) - delta / 2))
    return _reduce_loss_and_grad(loss, np.where(d <= delta, d, delta * np.sign(d)), reduction)


@mistake(huber_loss)
def gives_pseudo_huber(pred, target, delta=1.0, reduction="mean"):
    """You compute the pseudo-Huber loss, the smooth curve with a root: asked are a parabola and a line, joined."""
    ratio = (1.0 * pred - target) / delta
    root = np.sqrt(1 + ratio**2)
    return _reduce_loss_and_grad(delta**2 * (root - 1), delta * ratio / root, reduction)


@mistake(huber_loss)
def averages_huber_over_rows_only(pred, target, delta=1.0, reduction="mean"):
    """Under "mean" you divide by the number of rows: this mean is over every element, columns and all."""
    loss, grad = huber_loss(pred, target, delta, reduction)
    return (loss * grad[0].size, grad * grad[0].size) if reduction == "mean" else (loss, grad)


@mistake(huber_loss)
def leaves_hubers_gradient_undivided_under_mean(pred, target, delta=1.0, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = huber_loss(pred, target, delta, reduction)
    return loss, grad * grad.size if reduction == "mean" else grad


@mistake(huber_loss)
def divides_hubers_gradient_whatever_the_reduction(pred, target, delta=1.0, reduction="mean"):
    """You divide the gradient whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = huber_loss(pred, target, delta, reduction)
    return loss, grad if reduction == "mean" else grad / grad.size


@mistake(huber_loss)
def divides_hubers_gradient_under_none(pred, target, delta=1.0, reduction="mean"):
    """Under "none" you divide the gradient as for a mean: there every element keeps its own."""
    loss, grad = huber_loss(pred, target, delta, reduction)
    return loss, grad / grad.size if reduction == "none" else grad


@mistake(huber_loss)
def cuts_huber_to_integers(pred, target, delta=1.0, reduction="mean"):
    """You fill arrays with the difference's dtype piece by piece: for integers all halves are cut off."""
    d = pred - target
    inside = np.abs(d) <= delta
    loss, grad = np.zeros_like(d), np.zeros_like(d)
    loss[inside], grad[inside] = d[inside] ** 2 / 2, d[inside]
    loss[~inside], grad[~inside] = delta * (np.abs(d[~inside]) - delta / 2), delta * np.sign(d[~inside])
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(huber_loss)
def fills_huber_into_float64(pred, target, delta=1.0, reduction="mean"):
    """You fill new arrays that are float64 by default: from float32 input come float64 losses and gradients."""
    loss, grad = np.zeros(pred.shape), np.zeros(pred.shape)
    loss[...], grad[...] = huber_loss(pred, target, delta, "none")
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(cross_entropy_loss)
def averages_cross_entropy_over_classes_too(logits, y, reduction="mean"):
    """Under "mean" you divide by N · C: a row has one loss, so the mean is over the N rows only."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return (loss / logits.shape[1], grad / logits.shape[1]) if reduction == "mean" else (loss, grad)


@mistake(cross_entropy_loss)
def divides_the_cross_entropy_gradient_by_all_elements(logits, y, reduction="mean"):
    """Your loss is a mean over the rows, but your gradient is divided by N · C: both need the same divisor."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss, grad / logits.shape[1] if reduction == "mean" else grad


@mistake(cross_entropy_loss)
def leaves_the_cross_entropy_gradient_undivided_under_mean(logits, y, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss, grad * len(y) if reduction == "mean" else grad


@mistake(cross_entropy_loss)
def sums_cross_entropy_under_mean(logits, y, reduction="mean"):
    """Under "mean" you return the sum over the rows and its gradient: nothing is divided by N."""
    return cross_entropy_loss(logits, y, "sum" if reduction == "mean" else reduction)


@mistake(cross_entropy_loss)
def divides_the_cross_entropy_gradient_whatever_the_reduction(logits, y, reduction="mean"):
    """You divide the gradient by N whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss, grad if reduction == "mean" else grad / len(y)


@mistake(cross_entropy_loss)
def divides_the_cross_entropy_gradient_under_none(logits, y, reduction="mean"):
    """Under "none" you divide the gradient by N as for a mean: there each row keeps its own."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss, grad / len(y) if reduction == "none" else grad


@mistake(cross_entropy_loss)
def divides_the_cross_entropy_gradient_under_sum(logits, y, reduction="mean"):
    """Under "sum" you divide the gradient by N as for a mean: the loss is not averaged, so neither is its gradient."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss, grad / len(y) if reduction == "sum" else grad


@mistake(cross_entropy_loss)
def spreads_the_cross_entropy_over_classes_under_none(logits, y, reduction="mean"):
    """Under "none" you return (N, C), with zeros at the wrong classes: sum within each row, which has one loss."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    if reduction != "none":
        return loss, grad
    log_probs = _log_softmax_of_rows(logits)
    return -_onehot_like(log_probs, y) * log_probs, grad


@mistake(cross_entropy_loss)
def exponentiates_raw_logits(logits, y, reduction="mean"):
    """You take exp of the logits as they come: above 709 it overflows, and inf / inf is NaN."""
    rows = np.arange(len(y))
    grad = np.exp(1.0 * logits)
    grad /= grad.sum(axis=1, keepdims=True)
    loss = -np.log(grad[rows, y])
    grad[rows, y] -= 1
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(cross_entropy_loss)
def sums_exponentials_of_raw_logits(logits, y, reduction="mean"):
    """Your logarithm of a sum takes exp of the logits as they come: above 709 the sum is ∞, far below 0 it is 0."""
    rows = np.arange(len(y))
    x = 1.0 * logits
    total = np.exp(x).sum(axis=1, keepdims=True)
    grad = np.exp(x) / total
    grad[rows, y] -= 1
    return _reduce_loss_and_grad(np.log(total[:, 0]) - x[rows, y], grad, reduction)


@mistake(cross_entropy_loss)
def keeps_the_class_axis_under_none(logits, y, reduction="mean"):
    """Under "none" your losses have shape (N, 1): the axis of the classes is still there."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss[:, None] if reduction == "none" else loss, grad


@mistake(cross_entropy_loss)
def ignores_the_reduction_of_cross_entropy(logits, y, reduction="mean"):
    """You return the mean whatever the reduction says: "sum" and "none" ask for something else."""
    return cross_entropy_loss(logits, y)


@mistake(cross_entropy_loss)
def takes_the_logarithm_of_an_underflowed_probability(logits, y, reduction="mean"):
    """Your softmax is safe, but then you take its logarithm: a probability that underflowed to 0 gives −∞."""
    rows = np.arange(len(y))
    grad = np.exp(_log_softmax_of_rows(logits))
    loss = -np.log(grad[rows, y])
    grad[rows, y] -= 1
    return _reduce_loss_and_grad(loss, grad, reduction)


def _cross_entropy_of_guarded(logits, target, reduction, eps, how):
    p = np.exp(_log_softmax_of_rows(logits))
    seen = _guarded(p, eps, how)
    loss = -(target * np.log(seen)).sum(axis=1)
    return _reduce_loss_and_grad(loss, (seen if how == "clipped throughout" else p) - target.astype(p.dtype), reduction)


def _guarded_cross_entropy(eps, how):
    def answer(logits, y, reduction="mean"):
        return _cross_entropy_of_guarded(logits, _onehot_like(1.0 * logits, y), reduction, eps, how)

    return answer


_register_guards(cross_entropy_loss, "guards_the_softmax", _guarded_cross_entropy, limited=6, clipped=5, throughout=5)


@mistake(cross_entropy_loss)
def shifts_all_rows_by_one_maximum(logits, y, reduction="mean"):
    """You subtract one maximum for the whole array: rows far below it underflow to 0 altogether."""
    rows = np.arange(len(y))
    shifted = 1.0 * logits - logits.max()
    powers = np.exp(shifted)
    total = powers.sum(axis=1)
    grad = powers / total[:, None]
    grad[rows, y] -= 1
    return _reduce_loss_and_grad(np.log(total) - shifted[rows, y], grad, reduction)


@mistake(cross_entropy_loss)
def subtracts_one_from_whole_columns(logits, y, reduction="mean"):
    """You subtract 1 in all rows of the columns named in y: each row has its own right class, one place in all."""
    loss, _ = cross_entropy_loss(logits, y, "none")
    grad = np.exp(_log_softmax_of_rows(logits))
    grad[:, y] -= 1
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(cross_entropy_loss)
def stops_the_gradient_at_the_probabilities(logits, y, reduction="mean"):
    """Your gradient is −onehot / p, with respect to the probabilities: it still has to pass through the softmax."""
    loss, _ = cross_entropy_loss(logits, y, "none")
    log_probs = _log_softmax_of_rows(logits)
    onehot = _onehot_like(log_probs, y)
    return _reduce_loss_and_grad(loss, -onehot * np.exp(np.minimum(-log_probs, 700)), reduction)


@mistake(cross_entropy_loss)
def turns_the_cross_entropy_gradient_around(logits, y, reduction="mean"):
    """Your gradient has the wrong sign: a descent step would lower the right logit."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss, -grad


@mistake(cross_entropy_loss)
def leaves_the_softmax_as_the_gradient(logits, y, reduction="mean"):
    """Your gradient is the softmax alone: the right class's own logit is missing from it, and no row sums to 0."""
    loss, _ = cross_entropy_loss(logits, y, "none")
    return _reduce_loss_and_grad(loss, np.exp(_log_softmax_of_rows(logits)), reduction)


@mistake(cross_entropy_loss)
def normalizes_over_the_batch(logits, y, reduction="mean"):
    """You normalize along the wrong axis: the probabilities of a row sum to 1, not those of a class over the batch."""
    rows = np.arange(len(y))
    log_probs = _log_softmax_of_rows(logits.T).T
    grad = np.exp(log_probs)
    grad[rows, y] -= 1
    return _reduce_loss_and_grad(-log_probs[rows, y], grad, reduction)


@mistake(cross_entropy_loss)
def measures_the_softmax_loss_in_bits(logits, y, reduction="mean"):
    """Your loss is in bits: the logarithm here is the natural one, as your gradient assumes."""
    loss, grad = cross_entropy_loss(logits, y, reduction)
    return loss / np.log(2), grad


@mistake(cross_entropy_loss)
def cuts_the_cross_entropy_gradient_to_integers(logits, y, reduction="mean"):
    """You write the softmax into an array with the logits' dtype: for integers every probability below 1 becomes 0."""
    loss, _ = cross_entropy_loss(logits, y, "none")
    grad = np.zeros_like(logits)
    grad[...] = np.exp(_log_softmax_of_rows(logits))
    grad[np.arange(len(y)), y] -= 1
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(cross_entropy_loss)
def shifts_the_callers_logits(logits, y, reduction="mean"):
    """You subtract the maximum in place: the caller's logits are not the same afterwards."""
    logits -= logits.max(axis=1, keepdims=True)
    return cross_entropy_loss(logits, y, reduction)


@mistake(cross_entropy_loss)
def subtracts_a_float64_onehot(logits, y, reduction="mean"):
    """You subtract a one-hot matrix that is float64 by default, so float32 logits get a float64 gradient."""
    log_probs = _log_softmax_of_rows(logits)
    grad = np.exp(log_probs) - np.eye(logits.shape[1])[y]
    return _reduce_loss_and_grad(-log_probs[np.arange(len(y)), y], grad, reduction)


@mistake(soft_cross_entropy)
def averages_soft_cross_entropy_over_classes_too(logits, probs, reduction="mean"):
    """Under "mean" you divide by N · C: a row has one loss, so sum over its classes and average over the N rows."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return (loss / logits.shape[1], grad / logits.shape[1]) if reduction == "mean" else (loss, grad)


@mistake(soft_cross_entropy)
def averages_the_soft_loss_but_not_its_gradient_over_classes(logits, probs, reduction="mean"):
    """Your loss is a mean over N · C products, your gradient is divided by N: within a row the classes are summed."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return loss / logits.shape[1] if reduction == "mean" else loss, grad


@mistake(soft_cross_entropy)
def leaves_the_soft_gradient_undivided_under_mean(logits, probs, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return loss, grad * len(probs) if reduction == "mean" else grad


@mistake(soft_cross_entropy)
def sums_soft_cross_entropy_under_mean(logits, probs, reduction="mean"):
    """Under "mean" you return the sum over the rows and its gradient: nothing is divided by N."""
    return soft_cross_entropy(logits, probs, "sum" if reduction == "mean" else reduction)


@mistake(soft_cross_entropy)
def divides_the_soft_gradient_whatever_the_reduction(logits, probs, reduction="mean"):
    """You divide the gradient by N whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return loss, grad if reduction == "mean" else grad / len(probs)


@mistake(soft_cross_entropy)
def divides_the_soft_gradient_under_none(logits, probs, reduction="mean"):
    """Under "none" you divide the gradient by N as for a mean: there each row keeps its own."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return loss, grad / len(probs) if reduction == "none" else grad


@mistake(soft_cross_entropy)
def keeps_a_product_per_class_under_none(logits, probs, reduction="mean"):
    """Under "none" you return (N, C), a product per class: a row has one loss, the sum of its products."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return -probs * _log_softmax_of_rows(logits) if reduction == "none" else loss, grad


@mistake(soft_cross_entropy)
def subtracts_the_targets_entropy(logits, probs, reduction="mean"):
    """You compute KL divergence: your gradient is right, but the target's entropy is missing from your loss."""
    loss, grad = soft_cross_entropy(logits, probs, "none")
    return _reduce_loss_and_grad(loss + (probs * np.log(np.where(probs > 0, probs, 1))).sum(axis=1), grad, reduction)


@mistake(soft_cross_entropy)
def hardens_the_soft_target(logits, probs, reduction="mean"):
    """You keep only the target's likeliest class: the rest of the distribution counts as well."""
    hard = _onehot_like(1.0 * probs, probs.argmax(axis=1))
    return soft_cross_entropy(logits, hard, reduction)


@mistake(soft_cross_entropy)
def softmaxes_the_target_too(logits, probs, reduction="mean"):
    """You apply softmax to the target as well: its rows are distributions already, and this flattens them."""
    return soft_cross_entropy(logits, np.exp(_log_softmax_of_rows(probs)), reduction)


@mistake(soft_cross_entropy)
def turns_the_soft_gradient_around(logits, probs, reduction="mean"):
    """Your gradient has the wrong sign: a descent step would move the prediction away from the target."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return loss, -grad


@mistake(soft_cross_entropy)
def forgets_the_minus_before_the_soft_sum(logits, probs, reduction="mean"):
    """Your loss is negative: logarithms of probabilities are, so the sum needs a sign in front."""
    loss, grad = soft_cross_entropy(logits, probs, reduction)
    return -loss, grad


@mistake(soft_cross_entropy)
def weighs_the_softmax_by_the_target(logits, probs, reduction="mean"):
    """Your gradient multiplies softmax − 1 by the target: a logit also acts on the classes that are not its own."""
    loss, _ = soft_cross_entropy(logits, probs, "none")
    return _reduce_loss_and_grad(loss, probs * (np.exp(_log_softmax_of_rows(logits)) - 1), reduction)


@mistake(soft_cross_entropy)
def exponentiates_raw_logits_for_soft_targets(logits, probs, reduction="mean"):
    """You take exp of the logits as they come: above 709 it overflows, and inf / inf is NaN."""
    p = np.exp(1.0 * logits)
    p /= p.sum(axis=1, keepdims=True)
    return _reduce_loss_and_grad(-(probs * np.log(p)).sum(axis=1), p - probs, reduction)


@mistake(soft_cross_entropy)
def sums_exponentials_of_raw_logits_for_soft_targets(logits, probs, reduction="mean"):
    """Your log-softmax takes exp of the logits as they come: above 709 the sum is ∞, far below 0 it is 0."""
    log_probs = logits - np.log(np.exp(1.0 * logits).sum(axis=1, keepdims=True))
    return _reduce_loss_and_grad(-(probs * log_probs).sum(axis=1), np.exp(log_probs) - probs, reduction)


@mistake(soft_cross_entropy)
def multiplies_zero_by_minus_infinity(logits, probs, reduction="mean"):
    """You take the logarithm of a softmax that underflowed to 0: that is −∞, and a target of 0 makes NaN of it."""
    p = np.exp(_log_softmax_of_rows(logits))
    return _reduce_loss_and_grad(-(probs * np.log(p)).sum(axis=1), p - probs, reduction)


def _guarded_soft_cross_entropy(eps, how):
    def answer(logits, probs, reduction="mean"):
        return _cross_entropy_of_guarded(logits, probs, reduction, eps, how)

    return answer


_register_guards(
    soft_cross_entropy,
    "guards_the_softmax_of_soft_targets",
    _guarded_soft_cross_entropy,
    limited=6,
    clipped=5,
    throughout=5,
)


@mistake(soft_cross_entropy)
def swaps_prediction_and_target_in_the_soft_loss(logits, probs, reduction="mean"):
    """Your loss takes the logarithm of the target and weighs it by the prediction: the target weighs, the prediction
    stands inside the logarithm."""
    p = np.exp(_log_softmax_of_rows(logits))
    return _reduce_loss_and_grad(-(p * np.log(probs)).sum(axis=1), p - probs, reduction)


def _guarded_swapped_soft_cross_entropy(eps, how):
    def answer(logits, probs, reduction="mean"):
        p = np.exp(_log_softmax_of_rows(logits))
        return _reduce_loss_and_grad(-(p * np.log(_guarded(probs, eps, how))).sum(axis=1), p - probs, reduction)

    return answer


_SWAPPED = "and it is the target's, weighed by the prediction: the two have changed places."
_register_guards(soft_cross_entropy, "swaps_and_guards_the_target", _guarded_swapped_soft_cross_entropy, then=_SWAPPED)


@mistake(soft_cross_entropy)
def differentiates_the_swapped_soft_loss_too(logits, probs, reduction="mean"):
    """You weigh by the prediction and take the logarithm of the target, in loss and gradient: it is the other way
    round."""
    p, log_target = np.exp(_log_softmax_of_rows(logits)), np.log(probs)
    loss = -(p * log_target).sum(axis=1, keepdims=True)
    return _reduce_loss_and_grad(loss[:, 0], -p * (log_target + loss), reduction)


@mistake(soft_cross_entropy)
def shifts_all_soft_rows_by_one_maximum(logits, probs, reduction="mean"):
    """You subtract one maximum for the whole array: rows far below it underflow to 0 altogether."""
    shifted = 1.0 * logits - logits.max()
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return _reduce_loss_and_grad(-(probs * log_probs).sum(axis=1), np.exp(log_probs) - probs, reduction)


@mistake(soft_cross_entropy)
def shifts_the_callers_logits_for_soft_targets(logits, probs, reduction="mean"):
    """You subtract the maximum in place: the caller's logits are not the same afterwards."""
    logits -= logits.max(axis=1, keepdims=True)
    return soft_cross_entropy(logits, probs, reduction)


@mistake(soft_cross_entropy)
def fills_the_soft_gradient_into_float64(logits, probs, reduction="mean"):
    """You fill a new array that is float64 by default, so float32 logits get a float64 gradient."""
    loss, values = soft_cross_entropy(logits, probs, reduction)
    grad = np.zeros(logits.shape)
    grad[...] = values
    return loss, grad


def _cross_entropy_with_target(logits, target, reduction):
    log_probs = _log_softmax_of_rows(logits)
    target = target.astype(log_probs.dtype)
    return _reduce_loss_and_grad(-(target * log_probs).sum(axis=1), np.exp(log_probs) - target, reduction)


@mistake(label_smoothing_loss)
def spreads_the_smoothing_over_wrong_classes_only(logits, y, smoothing, reduction="mean"):
    """You give s/(C − 1) to the wrong classes and leave the right one 1 − s: here it gets its share of s as well."""
    onehot = np.eye(logits.shape[1])[y]
    others = max(logits.shape[1] - 1, 1)  # one class alone has no others: the slip shows elsewhere
    return _cross_entropy_with_target(logits, (1 - smoothing) * onehot + smoothing / others * (1 - onehot), reduction)


@mistake(label_smoothing_loss)
def gives_the_right_class_no_share(logits, y, smoothing, reduction="mean"):
    """You write 1 − s at the right class over its s/C, so your target no longer sums to 1."""
    target = np.full(logits.shape, smoothing / logits.shape[1])
    target[np.arange(len(y)), y] = 1 - smoothing
    return _cross_entropy_with_target(logits, target, reduction)


@mistake(label_smoothing_loss)
def keeps_the_onehot_whole(logits, y, smoothing, reduction="mean"):
    """You add s/C to a one-hot target that is still whole: what is handed out must be taken off the right class."""
    return _cross_entropy_with_target(logits, np.eye(logits.shape[1])[y] + smoothing / logits.shape[1], reduction)


@mistake(label_smoothing_loss)
def gives_every_class_the_whole_smoothing(logits, y, smoothing, reduction="mean"):
    """You add s to every class, undivided: s is what all classes share."""
    return _cross_entropy_with_target(logits, (1 - smoothing) * np.eye(logits.shape[1])[y] + smoothing, reduction)


@mistake(label_smoothing_loss)
def takes_smoothing_for_the_confidence(logits, y, smoothing, reduction="mean"):
    """You have s and 1 − s the wrong way round: with s = 0 your target is uniform, and should be one-hot."""
    return label_smoothing_loss(logits, y, 1 - smoothing, reduction)


@mistake(label_smoothing_loss)
def keeps_the_hard_target_in_the_gradient(logits, y, smoothing, reduction="mean"):
    """Your loss is smoothed and your gradient is not: it still subtracts the one-hot target."""
    loss, _ = label_smoothing_loss(logits, y, smoothing, "none")
    _, grad = cross_entropy_loss(logits, y, "none")
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(label_smoothing_loss)
def smooths_only_the_gradient(logits, y, smoothing, reduction="mean"):
    """Your gradient is smoothed and your loss is not: it still looks at the right class alone."""
    _, grad = label_smoothing_loss(logits, y, smoothing, "none")
    loss, _ = cross_entropy_loss(logits, y, "none")
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(label_smoothing_loss)
def averages_the_smoothed_loss_over_classes_too(logits, y, smoothing, reduction="mean"):
    """Under "mean" you divide by N · C: a row has one loss, so sum over its classes and average over the N rows."""
    loss, grad = label_smoothing_loss(logits, y, smoothing, reduction)
    return (loss / logits.shape[1], grad / logits.shape[1]) if reduction == "mean" else (loss, grad)


@mistake(label_smoothing_loss)
def leaves_the_smoothed_gradient_undivided_under_mean(logits, y, smoothing, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = label_smoothing_loss(logits, y, smoothing, reduction)
    return loss, grad * len(y) if reduction == "mean" else grad


@mistake(label_smoothing_loss)
def sums_the_smoothed_loss_under_mean(logits, y, smoothing, reduction="mean"):
    """Under "mean" you return the sum over the rows and its gradient: nothing is divided by N."""
    return label_smoothing_loss(logits, y, smoothing, "sum" if reduction == "mean" else reduction)


@mistake(label_smoothing_loss)
def divides_the_smoothed_gradient_whatever_the_reduction(logits, y, smoothing, reduction="mean"):
    """You divide the gradient by N whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = label_smoothing_loss(logits, y, smoothing, reduction)
    return loss, grad if reduction == "mean" else grad / len(y)


@mistake(label_smoothing_loss)
def divides_the_smoothed_gradient_under_none(logits, y, smoothing, reduction="mean"):
    """Under "none" you divide the gradient by N as for a mean: there each row keeps its own."""
    loss, grad = label_smoothing_loss(logits, y, smoothing, reduction)
    return loss, grad / len(y) if reduction == "none" else grad


@mistake(label_smoothing_loss)
def exponentiates_raw_logits_under_smoothing(logits, y, smoothing, reduction="mean"):
    """You take exp of the logits as they come: above 709 it overflows, and inf / inf is NaN."""
    p = np.exp(1.0 * logits)
    p /= p.sum(axis=1, keepdims=True)
    target = np.full_like(p, smoothing / logits.shape[1])
    target[np.arange(len(y)), y] += 1 - smoothing
    return _reduce_loss_and_grad(-(target * np.log(p)).sum(axis=1), p - target, reduction)


@mistake(label_smoothing_loss)
def sums_exponentials_of_raw_logits_under_smoothing(logits, y, smoothing, reduction="mean"):
    """Your log-softmax takes exp of the logits as they come: above 709 the sum is ∞, far below 0 it is 0."""
    log_probs = logits - np.log(np.exp(1.0 * logits).sum(axis=1, keepdims=True))
    target = np.full_like(log_probs, smoothing / logits.shape[1])
    target[np.arange(len(y)), y] += 1 - smoothing
    return _reduce_loss_and_grad(-(target * log_probs).sum(axis=1), np.exp(log_probs) - target, reduction)


@mistake(label_smoothing_loss)
def takes_the_logarithm_of_an_underflowed_softmax_under_smoothing(logits, y, smoothing, reduction="mean"):
    """Your softmax is safe, but then you take its logarithm: a probability that underflowed to 0 makes the loss ∞."""
    p = np.exp(_log_softmax_of_rows(logits))
    _, grad = label_smoothing_loss(logits, y, smoothing, "none")
    target = p - grad
    return _reduce_loss_and_grad(-(target * np.log(p)).sum(axis=1), grad, reduction)


def _guarded_label_smoothing(eps, how):
    def answer(logits, y, smoothing, reduction="mean"):
        target = (1 - smoothing) * _onehot_like(1.0 * logits, y) + smoothing / logits.shape[1]
        return _cross_entropy_of_guarded(logits, target, reduction, eps, how)

    return answer


_register_guards(
    label_smoothing_loss,
    "guards_the_softmax_under_smoothing",
    _guarded_label_smoothing,
    limited=5,
    clipped=4,
    throughout=4,
)


@mistake(label_smoothing_loss)
def cuts_the_shares_to_integers(logits, y, smoothing, reduction="mean"):
    """You build the target with the logits' dtype: for integers s/C and 1 − s are cut off to 0."""
    target = np.full_like(logits, smoothing / logits.shape[1])
    target[np.arange(len(y)), y] = target[np.arange(len(y)), y] + 1 - smoothing
    return _cross_entropy_with_target(logits, target, reduction)


@mistake(label_smoothing_loss)
def builds_the_smoothed_target_in_float64(logits, y, smoothing, reduction="mean"):
    """You build the target from a one-hot matrix that is float64: so are losses and gradient of float32 logits."""
    log_probs = _log_softmax_of_rows(logits)
    target = (1 - smoothing) * np.eye(logits.shape[1])[y] + smoothing / logits.shape[1]
    return _reduce_loss_and_grad(-(target * log_probs).sum(axis=1), np.exp(log_probs) - target, reduction)


@mistake(label_smoothing_loss)
def shifts_the_callers_logits_under_smoothing(logits, y, smoothing, reduction="mean"):
    """You subtract the maximum in place: the caller's logits are not the same afterwards."""
    logits -= logits.max(axis=1, keepdims=True)
    return label_smoothing_loss(logits, y, smoothing, reduction)


def _stable_sigmoid(x):
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, z) / (1 + z)


@mistake(bce_with_logits)
def weighs_negatives_by_pos_weight_too(logits, targets, pos_weight=None, reduction="mean"):
    """You multiply the whole loss by pos_weight: it belongs to the positives' part alone."""
    loss, grad = bce_with_logits(logits, targets, None, "none")
    w = np.asarray(1.0 if pos_weight is None else pos_weight, dtype=loss.dtype)
    return _reduce_loss_and_grad(w * loss, w * grad, reduction)


@mistake(bce_with_logits)
def weighs_whole_elements_by_their_target(logits, targets, pos_weight=None, reduction="mean"):
    """You weigh each element as a whole, by its target: of a soft one, only the part with t is weighed."""
    loss, grad = bce_with_logits(logits, targets, None, "none")
    w = np.asarray(1.0 if pos_weight is None else pos_weight, dtype=loss.dtype)
    weight = 1 + (w - 1) * targets.astype(loss.dtype)
    return _reduce_loss_and_grad(weight * loss, weight * grad, reduction)


@mistake(bce_with_logits)
def puts_pos_weight_on_the_negatives(logits, targets, pos_weight=None, reduction="mean"):
    """Your pos_weight multiplies the part with 1 − t: it belongs to the other one, the positives'."""
    loss, grad = bce_with_logits(-logits, 1 - 1.0 * targets, pos_weight, reduction)
    return loss, -grad


@mistake(bce_with_logits)
def leaves_pos_weight_out_of_the_gradient(logits, targets, pos_weight=None, reduction="mean"):
    """Your loss knows pos_weight and your gradient does not: σ(x) − t holds for equal weights only."""
    loss, _ = bce_with_logits(logits, targets, pos_weight, "none")
    _, grad = bce_with_logits(logits, targets, None, "none")
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(bce_with_logits)
def multiplies_the_target_in_the_gradient_by_pos_weight(logits, targets, pos_weight=None, reduction="mean"):
    """Your gradient is σ(x) − w t: with a weight, the two parts of the loss no longer add up to one σ(x)."""
    loss, grad = bce_with_logits(logits, targets, None, "none")
    if pos_weight is not None:
        loss, _ = bce_with_logits(logits, targets, pos_weight, "none")
        grad = grad + (1 - np.asarray(pos_weight, dtype=grad.dtype)) * targets.astype(grad.dtype)
    return _reduce_loss_and_grad(loss, grad, reduction)


@mistake(bce_with_logits)
def divides_the_mean_by_the_weights(logits, targets, pos_weight=None, reduction="mean"):
    """Under "mean" you divide by the sum of the weights: the divisor here is the number of elements, always."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, "none")
    if reduction != "mean" or pos_weight is None:
        return _reduce_loss_and_grad(loss, grad, reduction)
    total = (np.asarray(pos_weight, dtype=loss.dtype) * targets + (1 - 1.0 * targets)).sum()
    return loss.sum() / total, grad / total


@mistake(bce_with_logits)
def lines_pos_weight_up_with_the_rows(logits, targets, pos_weight=None, reduction="mean"):
    """You line pos_weight up with the first axis: it has one weight for each place of the last."""
    if np.ndim(pos_weight) == 1:
        pos_weight = np.asarray(pos_weight)[:, None]
    return bce_with_logits(logits, targets, pos_weight, reduction)


@mistake(bce_with_logits)
def averages_the_binary_loss_over_rows_only(logits, targets, pos_weight=None, reduction="mean"):
    """Under "mean" you divide by the number of rows: this mean is over every element, columns and all."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    return (loss * grad[0].size, grad * grad[0].size) if reduction == "mean" else (loss, grad)


@mistake(bce_with_logits)
def leaves_the_binary_gradient_undivided_under_mean(logits, targets, pos_weight=None, reduction="mean"):
    """Under "mean" your loss is averaged and your gradient is not: it is still the gradient of the sum."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    return loss, grad * grad.size if reduction == "mean" else grad


@mistake(bce_with_logits)
def sums_the_binary_loss_under_mean(logits, targets, pos_weight=None, reduction="mean"):
    """Under "mean" you return the sum and its gradient: nothing is divided by the number of elements."""
    return bce_with_logits(logits, targets, pos_weight, "sum" if reduction == "mean" else reduction)


@mistake(bce_with_logits)
def divides_the_binary_gradient_whatever_the_reduction(logits, targets, pos_weight=None, reduction="mean"):
    """You divide the gradient whatever the reduction: under "sum" and "none" nothing is averaged."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    return loss, grad if reduction == "mean" else grad / grad.size


@mistake(bce_with_logits)
def divides_the_binary_gradient_under_none(logits, targets, pos_weight=None, reduction="mean"):
    """Under "none" you divide the gradient as for a mean: there every element keeps its own."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    return loss, grad / grad.size if reduction == "none" else grad


@mistake(bce_with_logits)
def adds_up_the_binary_losses_of_a_row_under_none(logits, targets, pos_weight=None, reduction="mean"):
    """Under "none" you sum within each row: every element is a question of its own, with a loss of its own."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    return loss.sum(axis=-1) if reduction == "none" else loss, grad


@mistake(bce_with_logits)
def rounds_soft_targets(logits, targets, pos_weight=None, reduction="mean"):
    """You treat every target as 0 or 1: one in between belongs partly to both sides."""
    return bce_with_logits(logits, 1.0 * targets >= 0.5, pos_weight, reduction)


@mistake(bce_with_logits)
def turns_the_binary_gradient_around(logits, targets, pos_weight=None, reduction="mean"):
    """Your gradient has the wrong sign: a descent step would move the logit away from its target."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    return loss, -grad


@mistake(bce_with_logits)
def stops_the_binary_gradient_at_the_probability(logits, targets, pos_weight=None, reduction="mean"):
    """Your gradient is that with respect to the probability σ(x): it still has to pass through the sigmoid."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, "none")
    p = _stable_sigmoid(1.0 * logits)
    return _reduce_loss_and_grad(loss, grad / np.maximum(p * (1 - p), 1e-30), reduction)


@mistake(bce_with_logits)
def takes_logarithms_of_a_saturated_sigmoid(logits, targets, pos_weight=None, reduction="mean"):
    """You take logarithms of σ(x) and 1 − σ(x): far out one of them is exactly 0, and its logarithm −∞."""
    _, grad = bce_with_logits(logits, targets, pos_weight, "none")
    p = _stable_sigmoid(1.0 * logits)
    t = targets.astype(p.dtype)
    w = np.asarray(1.0 if pos_weight is None else pos_weight, dtype=p.dtype)
    return _reduce_loss_and_grad(-w * t * np.log(p) - (1 - t) * np.log(1 - p), grad, reduction)


def _binary_cross_entropy_of_guarded(x, t, w, eps, how):
    """The loss of each element, and its gradient."""
    p = _stable_sigmoid(x)
    if how == "added":
        log_p, log_q = np.log(p + p.dtype.type(eps)), np.log(1 - p + p.dtype.type(eps))
    elif how == "limited":
        log_p, log_q = np.log(np.maximum(p, eps)), np.log(np.maximum(1 - p, eps))
    else:
        log_p, log_q = np.log(np.clip(p, eps, 1 - eps)), np.log(1 - np.clip(p, eps, 1 - eps))
    p = np.clip(p, eps, 1 - eps) if how == "clipped throughout" else p
    return -w * t * log_p - (1 - t) * log_q, (1 - t) * p - w * t * (1 - p)


def _guarded_bce(eps, how):
    def answer(logits, targets, pos_weight=None, reduction="mean"):
        x = 1.0 * logits
        t, w = targets.astype(x.dtype), np.asarray(1.0 if pos_weight is None else pos_weight, dtype=x.dtype)
        return _reduce_loss_and_grad(*_binary_cross_entropy_of_guarded(x, t, w, eps, how), reduction)

    return answer


_register_guards(bce_with_logits, "guards_the_sigmoid", _guarded_bce, limited=6, clipped=7, throughout=6)


@mistake(bce_with_logits)
def overflows_in_the_softplus(logits, targets, pos_weight=None, reduction="mean"):
    """Your softplus takes exp of a large positive number: ln(1 + e^x) is ∞ there, although it is nearly x."""
    _, grad = bce_with_logits(logits, targets, pos_weight, "none")
    x = 1.0 * logits
    t = targets.astype(x.dtype)
    w = np.asarray(1.0 if pos_weight is None else pos_weight, dtype=x.dtype)
    return _reduce_loss_and_grad(w * t * np.log1p(np.exp(-x)) + (1 - t) * np.log1p(np.exp(x)), grad, reduction)


@mistake(bce_with_logits)
def overflows_in_the_sigmoid_of_the_gradient(logits, targets, pos_weight=None, reduction="mean"):
    """Your loss is safe, but the sigmoid in your gradient takes exp of a large number: right values, and a warning."""
    x = 1.0 * logits
    loss, _ = bce_with_logits(logits, targets, pos_weight, "none")
    t = targets.astype(x.dtype)
    w = np.asarray(1.0 if pos_weight is None else pos_weight, dtype=x.dtype)
    p = 1 / (1 + np.exp(-x))
    return _reduce_loss_and_grad(loss, (1 - t) * p - w * t * (1 - p), reduction)


@mistake(bce_with_logits)
def lets_the_targets_decide_the_dtype(logits, targets, pos_weight=None, reduction="mean"):
    """You combine float32 logits with targets of another dtype as they are: int64 or bool then makes float64."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    kinds = np.result_type(grad, targets.dtype if targets.dtype.kind != "b" else grad.dtype)
    return loss, grad.astype(kinds)


@mistake(bce_with_logits)
def makes_every_binary_gradient_float64(logits, targets, pos_weight=None, reduction="mean"):
    """You fill a new array that is float64 by default, so float32 logits get a float64 gradient."""
    loss, values = bce_with_logits(logits, targets, pos_weight, reduction)
    grad = np.zeros(logits.shape)
    grad[...] = values
    return loss, grad


@mistake(bce_with_logits)
def overwrites_the_logits_with_the_binary_gradient(logits, targets, pos_weight=None, reduction="mean"):
    """You write the gradient into the logits' own array: the caller's logits are not the same afterwards."""
    loss, grad = bce_with_logits(logits, targets, pos_weight, reduction)
    if logits.dtype.kind != "f":
        return loss, grad
    logits[...] = grad
    return loss, logits


@mistake(multilabel_loss)
def averages_the_labels_over_rows_only(logits, targets):
    """You divide by N: the labels are summed where they should be averaged. This mean is over all N · L elements."""
    loss, grad = multilabel_loss(logits, targets)
    return loss * logits.shape[1], grad * logits.shape[1]


@mistake(multilabel_loss)
def leaves_the_multilabel_gradient_undivided(logits, targets):
    """Your loss is a mean, but your gradient is that of the sum: the two differ by the number of elements."""
    loss, grad = multilabel_loss(logits, targets)
    return loss, grad * grad.size


@mistake(multilabel_loss)
def divides_only_the_multilabel_gradient_by_rows(logits, targets):
    """Your loss is the mean over all elements, but your gradient is divided by N alone: it is L times too large."""
    loss, grad = multilabel_loss(logits, targets)
    return loss, grad * logits.shape[1]


@mistake(multilabel_loss)
def lets_the_labels_compete_in_a_softmax(logits, targets):
    """You use softmax cross-entropy on the rows: with several ones, or none, in a row the labels must not compete."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(targets * log_probs).sum(axis=1).mean(), (np.exp(log_probs) - targets) / len(logits)


@mistake(multilabel_loss)
def takes_the_log_of_a_rounded_sigmoid(logits, targets):
    """You take the logarithm of σ after it has been rounded to 0 or 1: far out that is ln 0, then 0 · ∞ = NaN."""
    p = 1 / (1 + np.exp(-logits))
    loss = -(targets * np.log(p) + (1 - targets) * np.log(1 - p))
    return loss.mean(), (p - targets) / loss.size


def _guarded_multilabel(eps, how):
    def answer(logits, targets):
        x = 1.0 * logits
        return _reduce_loss_and_grad(*_binary_cross_entropy_of_guarded(x, targets.astype(x.dtype), 1, eps, how), "mean")

    return answer


_register_guards(multilabel_loss, "guards_the_sigmoid_of_the_labels", _guarded_multilabel, limited=2, throughout=5)


@mistake(multilabel_loss)
def counts_only_the_labels_that_are_present(logits, targets):
    """Your loss has only the part of the ones: a label that is absent but predicted must cost something too."""
    loss = targets * np.logaddexp(0, -logits)
    return loss.mean(), -targets * np.exp(-np.logaddexp(0, logits)) / loss.size


@mistake(multilabel_loss)
def makes_the_multilabel_gradient_float64_by_integer_targets(logits, targets):
    """float32 less an int64 array is float64: your gradient loses float32 where the targets are integers."""
    loss, grad = multilabel_loss(logits, targets)
    return loss, grad.astype(np.result_type(logits, targets))


@mistake(multilabel_loss)
def makes_the_multilabel_gradient_float64(logits, targets):
    """Your gradient is float64 for float32 logits: an array that is float64 by default entered the formula."""
    loss, grad = multilabel_loss(logits, targets)
    return loss, grad.astype(np.float64)


@mistake(multilabel_loss)
def has_target_minus_probability_in_multilabel(logits, targets):
    """Your gradient points downhill: it is target less probability, with the sign the wrong way round."""
    loss, grad = multilabel_loss(logits, targets)
    return loss, -grad


@mistake(predict_from_logits)
def compares_logits_with_one_half(task, logits):
    """You compare the logit with ½: ½ is the threshold on the probability, and the logit has another."""
    if task in ("binary", "multilabel"):
        return (logits >= 0.5).astype(int)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def says_no_at_a_logit_of_zero(task, logits):
    """At a logit of exactly 0 your decision is 0: there σ is exactly ½, and ½ is enough for a 1."""
    if task in ("binary", "multilabel"):
        return (logits > 0).astype(int)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def compares_overflowing_sigmoids_with_one_half(task, logits):
    """You compute a sigmoid only to compare it with ½: it overflows far out and rounds to ½ near 0."""
    if task in ("binary", "multilabel"):
        return (1 / (1 + np.exp(-logits)) >= 0.5).astype(int)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def wants_an_overflowing_sigmoid_above_one_half(task, logits):
    """Your decision needs a sigmoid above ½, where ½ itself is enough, and that sigmoid overflows far out."""
    if task in ("binary", "multilabel"):
        return (1 / (1 + np.exp(-logits)) > 0.5).astype(int)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def takes_the_largest_of_the_whole_batch(task, logits):
    """Your argmax has no axis: it gives one place in the whole batch, and each row needs a class of its own."""
    return np.argmax(logits) if task == "multiclass" and logits.size else predict_from_logits(task, logits)


@mistake(predict_from_logits)
def takes_the_largest_of_each_column(task, logits):
    """Your class is sought along the batch: axis 0 runs over the rows, and each row needs a class of its own."""
    return logits.argmax(axis=0) if task == "multiclass" else predict_from_logits(task, logits)


@mistake(predict_from_logits)
def takes_the_last_of_equal_logits(task, logits):
    """Of equal logits your class is the last one: the first of them is asked for."""
    if task == "multiclass":
        return logits.shape[1] - 1 - logits[:, ::-1].argmax(axis=1)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def gives_each_row_only_one_label(task, logits):
    """Your multilabel answer is one class for each row: several labels can be present, or none, so decide each."""
    return logits.argmax(axis=1) if task == "multilabel" else predict_from_logits(task, logits)


@mistake(predict_from_logits)
def marks_only_the_largest_label(task, logits):
    """Your multilabel answer marks the largest label of a row: several may be present, or none, so decide each."""
    if task == "multilabel":
        return (logits == logits.max(axis=1, keepdims=True)).astype(int)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def leaves_the_decisions_boolean(task, logits):
    """Your yes-or-no decisions are booleans: integers are asked for, since a boolean used as an index is a mask."""
    return logits >= 0 if task in ("binary", "multilabel") else predict_from_logits(task, logits)


@mistake(predict_from_logits)
def makes_the_decisions_floats(task, logits):
    """Your decisions are floats: integers are asked for, since a float can be no index."""
    if task in ("binary", "multilabel"):
        return np.where(logits >= 0, 1.0, 0.0)
    return predict_from_logits(task, logits)


@mistake(predict_from_logits)
def takes_any_other_task_for_multiclass(task, logits):
    """Your last branch answers any other task as if it were multiclass: an unknown name must raise ValueError."""
    if task in ("binary", "multilabel"):
        return (logits >= 0).astype(int)
    return logits.argmax(axis=1)


@mistake(predict_from_logits)
def takes_any_other_task_for_multilabel(task, logits):
    """Your last branch answers any other task as if it were multilabel: an unknown name must raise ValueError."""
    return logits.argmax(axis=1) if task == "multiclass" else (logits >= 0).astype(int)


@mistake(predict_from_logits)
def returns_none_for_an_unknown_task(task, logits):
    """For an unknown task your function ends without a decision and returns None: it must raise ValueError."""
    return predict_from_logits(task, logits) if task in ("binary", "multiclass", "multilabel") else None


def _kept(y, ignore_index, weight):
    rows = np.flatnonzero(y != ignore_index)
    return rows, np.ones(len(rows)) if weight is None else 1.0 * weight[y[rows]]


@mistake(nll_loss)
def divides_the_likelihood_by_all_rows(log_probs, y, weight=None, ignore_index=-100):
    """You divide by N, the number of all rows: the mean is over the weights of the rows that count."""
    rows, w = _kept(y, ignore_index, weight)
    grad = np.zeros_like(1.0 * log_probs)
    if not len(y):
        return 0.0, grad
    grad[rows, y[rows]] = -w / len(y)
    return -(w * log_probs[rows, y[rows]]).sum() / len(y), grad


@mistake(nll_loss)
def divides_the_likelihood_by_the_rows_that_count(log_probs, y, weight=None, ignore_index=-100):
    """You divide by the number of rows that count: with class weights it is the sum of those rows' weights."""
    rows, w = _kept(y, ignore_index, weight)
    grad = np.zeros_like(1.0 * log_probs)
    if len(rows) == 0:
        return 0.0, grad
    grad[rows, y[rows]] = -w / len(rows)
    return -(w * log_probs[rows, y[rows]]).sum() / len(rows), grad


@mistake(nll_loss)
def divides_the_likelihood_by_the_sum_over_classes(log_probs, y, weight=None, ignore_index=-100):
    """You divide by the sum of the C class weights: a row brings its class's weight each time that class occurs."""
    rows, w = _kept(y, ignore_index, weight)
    total = w.sum() if weight is None else weight.sum()
    grad = np.zeros_like(1.0 * log_probs)
    if total == 0:
        return 0.0, grad
    grad[rows, y[rows]] = -w / total
    return -(w * log_probs[rows, y[rows]]).sum() / total, grad


@mistake(nll_loss)
def divides_zero_by_zero_if_all_rows_are_ignored(log_probs, y, weight=None, ignore_index=-100):
    """Where no row counts you divide 0 by 0: such a batch has loss 0 and a zero gradient, without a warning."""
    rows, w = _kept(y, ignore_index, weight)
    grad = np.zeros_like(1.0 * log_probs)
    grad[rows, y[rows]] = -w / w.sum()
    return -(w * log_probs[rows, y[rows]]).sum() / w.sum(), grad


@mistake(nll_loss)
def sends_the_zero_by_zero_into_the_whole_gradient(log_probs, y, weight=None, ignore_index=-100):
    """Where no row counts you divide an all-zero gradient by 0, which is NaN everywhere: this batch has gradient 0."""
    rows, w = _kept(y, ignore_index, weight)
    grad = np.zeros_like(1.0 * log_probs)
    grad[rows, y[rows]] = -w
    return -(w * log_probs[rows, y[rows]]).sum() / w.sum(), grad / w.sum()


@mistake(nll_loss)
def lets_np_average_refuse_weights_of_zero(log_probs, y, weight=None, ignore_index=-100):
    """np.average raises an error where the weights sum to 0: such a batch has loss 0 and a zero gradient."""
    rows, w = _kept(y, ignore_index, weight)
    return np.average(-log_probs[rows, y[rows]], weights=w), nll_loss(log_probs, y, weight, ignore_index)[1]


@mistake(nll_loss)
def guards_only_against_having_no_row(log_probs, y, weight=None, ignore_index=-100):
    """You ask whether a row is left, not whether its weights are: with only classes of weight 0 you divide by 0."""
    rows, w = _kept(y, ignore_index, weight)
    grad = np.zeros_like(1.0 * log_probs)
    if len(rows) == 0:
        return 0.0, grad
    grad[rows, y[rows]] = -w / w.sum()
    return -(w * log_probs[rows, y[rows]]).sum() / w.sum(), grad


@mistake(nll_loss)
def keeps_a_gradient_in_ignored_rows(log_probs, y, weight=None, ignore_index=-100):
    """Your ignored rows still have a gradient, in column 0: their stand-in label must not write there."""
    loss, grad = nll_loss(log_probs, y, weight, ignore_index)
    total = _kept(y, ignore_index, weight)[1].sum()
    if total:
        grad[y == ignore_index, 0] = -(1 if weight is None else weight[0]) / total
    return loss, grad


@mistake(nll_loss)
def counts_every_row_as_if_none_were_ignored(log_probs, y, weight=None, ignore_index=-100):
    """You never look at ignore_index: its rows are indexed like any other label, or fall outside the columns."""
    w = np.ones(len(y)) if weight is None else 1.0 * weight[y]
    grad = np.zeros_like(1.0 * log_probs)
    if not w.sum():
        return 0.0, grad
    rows = np.arange(len(y))
    grad[rows, y] = -w / w.sum()
    return -(w * log_probs[rows, y]).sum() / w.sum(), grad


@mistake(nll_loss)
def looks_only_for_minus_one_hundred(log_probs, y, weight=None, ignore_index=-100):
    """You leave out the label −100 and no other: the mark of the rows to ignore is the argument ignore_index."""
    return nll_loss(log_probs, y, weight)


@mistake(nll_loss)
def ignores_every_negative_label(log_probs, y, weight=None, ignore_index=-100):
    """You leave out the negative labels: the mark is the argument ignore_index, which may be a positive number."""
    return nll_loss(log_probs, np.where(y < 0, -100, y), weight)


@mistake(nll_loss)
def differentiates_through_the_softmax_in_nll(log_probs, y, weight=None, ignore_index=-100):
    """Your gradient is softmax less one-hot, that of the logits: here the log-probabilities are free variables."""
    loss, grad = nll_loss(log_probs, y, weight, ignore_index)
    return loss, grad - np.exp(log_probs) * grad.sum(axis=1, keepdims=True)


@mistake(nll_loss)
def forgets_the_weights_in_the_nll_gradient(log_probs, y, weight=None, ignore_index=-100):
    """Your loss is weighted and your gradient is not: a row's gradient is as heavy as its part of the loss."""
    return nll_loss(log_probs, y, weight, ignore_index)[0], nll_loss(log_probs, y, None, ignore_index)[1]


@mistake(nll_loss)
def leaves_the_nll_gradient_undivided(log_probs, y, weight=None, ignore_index=-100):
    """Your loss is a weighted mean, but your gradient is that of the sum: it lacks the same denominator."""
    rows, w = _kept(y, ignore_index, weight)
    loss, grad = nll_loss(log_probs, y, weight, ignore_index)
    grad[rows, y[rows]] = -w
    return loss, grad


@mistake(nll_loss)
def returns_the_log_likelihood_itself(log_probs, y, weight=None, ignore_index=-100):
    """You return the log-likelihood, which is to be made large: the loss is its negative."""
    loss, grad = nll_loss(log_probs, y, weight, ignore_index)
    return -loss, -grad


@mistake(nll_loss)
def makes_the_nll_gradient_float64(log_probs, y, weight=None, ignore_index=-100):
    """Your gradient is collected in an array that is float64 by default, so float32 comes back as float64."""
    loss, grad = nll_loss(log_probs, y, weight, ignore_index)
    return loss, grad.astype(np.float64)


@mistake(nll_loss)
def collects_the_nll_gradient_in_integers(log_probs, y, weight=None, ignore_index=-100):
    """Your gradient is collected in an array of log_probs' dtype: if that is an integer, fractions are cut off."""
    loss, grad = nll_loss(log_probs, y, weight, ignore_index)
    return loss, grad.astype(log_probs.dtype)


@mistake(nll_loss)
def overwrites_the_ignored_labels(log_probs, y, weight=None, ignore_index=-100):
    """Your function writes a harmless label into y where a row is ignored: the caller's labels are lost."""
    result = nll_loss(log_probs, y, weight, ignore_index)
    y[y == ignore_index] = 0
    return result


def _kl_terms(p, q):
    with np.errstate(divide="ignore"):
        return p * (np.log(np.where(p > 0, p, 1.0)) - np.log(np.where(p > 0, q, 1.0)))


@mistake(kl_divergence)
def measures_kl_in_bits(p, q):
    """Your result is in bits, with the logarithm to base 2: nats are asked for, with the natural logarithm."""
    return kl_divergence(p, q) / np.log(2)


@mistake(kl_divergence)
def turns_kl_around(p, q):
    """You computed KL(q ‖ p): the first argument weighs the terms and stands in the numerator."""
    return kl_divergence(q, p)


@mistake(kl_divergence)
def makes_nan_of_zero_times_log_zero_in_kl(p, q):
    """Where p is 0 you compute 0 · ln 0, which is NaN in floating point: such a term is 0 by definition."""
    return (p * np.log(p / q)).sum(axis=-1)


@mistake(kl_divergence)
def patches_kl_after_the_logarithm(p, q):
    """Your values are right, but the logarithm of 0 and 0/0 are still computed and warn: `where` picks too late."""
    return np.where(p > 0, p * np.log(p / q), 0).sum(axis=-1)


def _guarded_kl(eps, how):
    def answer(p, q):
        return (p * np.log(np.where(p > 0, p, 1.0) / _guarded(1.0 * q, eps, how))).sum(axis=-1)

    return answer


_NOT_INFINITE = "where q is 0 and p is not, the result is infinite, and yours is finite."
_register_guards(kl_divergence, "guards_q", _guarded_kl, limited=4, clipped=4, then=_NOT_INFINITE)


def _guarded_kl_throughout(eps, how):
    def answer(p, q):
        return (p * np.log(_guarded(1.0 * p, eps, how) / _guarded(1.0 * q, eps, how))).sum(axis=-1)

    return answer


_BOTH_CHANGED = "it changes p and q everywhere, and makes an infinite result finite."
_register_guards(kl_divergence, "guards_p_and_q", _guarded_kl_throughout, added=2, then=_BOTH_CHANGED)


@mistake(kl_divergence)
def drops_the_classes_that_q_rules_out(p, q):
    """You leave out the classes with q = 0 as well: where p is above 0 there, the result is infinite."""
    used = (p > 0) & (q > 0)
    return (p * np.log(np.where(used, p, 1.0) / np.where(used, q, 1.0))).sum(axis=-1)


@mistake(kl_divergence)
def lets_q_warn_in_kl(p, q):
    """Your values are right, but the logarithm of q = 0 warns: the −∞ is wanted here, so tell NumPy to be silent."""
    used = p > 0
    return (p * (np.log(np.where(used, p, 1.0)) - np.log(np.where(used, q, 1.0)))).sum(axis=-1)


@mistake(kl_divergence)
def sums_kl_over_the_whole_batch(p, q):
    """You sum over the rows too: a batch (N, C) has N divergences, one for each row."""
    return _kl_terms(p, q).sum()


@mistake(kl_divergence)
def sums_kl_over_axis_zero(p, q):
    """You sum over axis 0, which runs over the rows in a batch: the classes are the last axis."""
    return _kl_terms(p, q).sum(axis=0)


@mistake(kl_divergence)
def averages_kl_over_the_classes(p, q):
    """You average over the C classes: p already weighs the terms, so they are summed."""
    return _kl_terms(p, q).mean(axis=-1)


@mistake(kl_divergence)
def has_kls_ratio_upside_down(p, q):
    """Your divergence is negative: the ratio inside the logarithm is upside down, or there is a minus too many."""
    return -kl_divergence(p, q)


@mistake(kl_divergence)
def leaves_the_entropy_inside_kl(p, q):
    """Your result is not 0 for p = q: this is the cross-entropy −Σ p ln q, and the entropy of p is still in it."""
    return distribution_cross_entropy(p, q)


@mistake(entropy)
def measures_entropy_in_bits(p):
    """Your result is in bits, with the logarithm to base 2: nats are asked for, with the natural logarithm."""
    return entropy(p) / np.log(2)


@mistake(entropy)
def forgets_the_minus_of_entropy(p):
    """Your entropy is negative: the logarithm of a probability is at most 0, and a sign makes up for it."""
    return -entropy(p)


@mistake(entropy)
def makes_nan_of_zero_times_log_zero_in_entropy(p):
    """Where p is 0 you compute 0 · ln 0, which is NaN in floating point: such a term is 0 by definition."""
    return -(p * np.log(p)).sum(axis=-1)


@mistake(entropy)
def patches_entropy_after_the_logarithm(p):
    """Your values are right, but the logarithm of 0 is still computed and warns: `where` picks too late."""
    return -np.where(p > 0, p * np.log(p), 0).sum(axis=-1)


def _guarded_entropy(eps, how):
    def answer(p):
        return -(p * np.log(_guarded(1.0 * p, eps, how))).sum(axis=-1)

    return answer


_SPOILT = "that cures ln 0 and spoils the digits of the other terms: a certain p has no longer entropy 0."
_register_guards(entropy, "guards_p", _guarded_entropy, added=4, clipped=3, then=_SPOILT)


@mistake(entropy)
def sums_entropy_over_the_whole_batch(p):
    """You return one number for the whole batch: a sum over all axes, or a boolean index, which flattens, does so."""
    return -(p[p > 0] * np.log(p[p > 0])).sum()


@mistake(entropy)
def sums_entropy_over_axis_zero(p):
    """You sum over axis 0, which runs over the rows in a batch: the classes are the last axis."""
    return -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=0)


@mistake(entropy)
def averages_entropy_over_the_classes(p):
    """You average over the C classes: p already weighs the terms, so they are summed."""
    return entropy(p) / p.shape[-1]


@mistake(entropy)
def scales_entropy_to_one(p):
    """You divide by the largest possible entropy, ln C: that is the normalized entropy, from 0 to 1."""
    return entropy(p) / np.log(max(p.shape[-1], 2))


@mistake(entropy)
def forgets_the_probability_before_the_logarithm(p):
    """You sum −ln p without weighing it: each surprise counts as often as it happens."""
    return -np.log(np.where(p > 0, p, 1.0)).sum(axis=-1)


@mistake(entropy)
def computes_the_gini_impurity(p):
    """You computed 1 − Σ p², the Gini impurity of decision trees: entropy has a logarithm."""
    return 1 - (p * p).sum(axis=-1)


@mistake(entropy)
def prepares_logarithms_of_integer_dtype(p):
    """You give np.log a place of p's own dtype to write to: if p holds integers, a logarithm cannot be stored there."""
    return -(p * np.log(p, out=np.zeros_like(p), where=p > 0)).sum(axis=-1)


@mistake(distribution_cross_entropy)
def swaps_the_two_distributions_of_cross_entropy(p, q):
    """You computed H(q, p): the first distribution weighs the terms, the second stands in the logarithm."""
    return distribution_cross_entropy(q, p)


@mistake(distribution_cross_entropy)
def measures_distribution_cross_entropy_in_bits(p, q):
    """Your result is in bits, with the logarithm to base 2: nats are asked for, with the natural logarithm."""
    return distribution_cross_entropy(p, q) / np.log(2)


@mistake(distribution_cross_entropy)
def forgets_the_minus_of_cross_entropy(p, q):
    """Your cross-entropy is negative: the logarithm of a probability is at most 0, and a sign makes up for it."""
    return -distribution_cross_entropy(p, q)


@mistake(distribution_cross_entropy)
def takes_kl_for_cross_entropy(p, q):
    """Your result is 0 for p = q: this is KL(p ‖ q), and the entropy of p is missing from it."""
    return kl_divergence(p, q)


@mistake(distribution_cross_entropy)
def makes_nan_of_zero_times_log_zero_in_cross_entropy(p, q):
    """Where p and q are both 0 you compute 0 · ln 0, which is NaN in floating point: where p is 0 the term is 0."""
    return -(p * np.log(q)).sum(axis=-1)


@mistake(distribution_cross_entropy)
def patches_cross_entropy_after_the_logarithm(p, q):
    """Your values are right, but the logarithm of 0 is still computed and warns: `where` picks too late."""
    return -np.where(p > 0, p * np.log(q), 0).sum(axis=-1)


@mistake(distribution_cross_entropy)
def lets_q_warn_in_cross_entropy(p, q):
    """Your values are right, but the logarithm of q = 0 warns: the −∞ is wanted here, so tell NumPy to be silent."""
    return -(p * np.log(np.where(p > 0, q, 1.0))).sum(axis=-1)


def _guarded_distribution_cross_entropy(eps, how):
    def answer(p, q):
        return -(p * np.log(_guarded(1.0 * q, eps, how))).sum(axis=-1)

    return answer


_register_guards(
    distribution_cross_entropy,
    "guards_q_of_cross_entropy",
    _guarded_distribution_cross_entropy,
    limited=4,
    clipped=3,
    then=_NOT_INFINITE,
)


@mistake(distribution_cross_entropy)
def drops_from_cross_entropy_what_q_rules_out(p, q):
    """You leave out every class with q = 0: where p is above 0 there, the result is infinite."""
    return -(p * np.log(np.where(q > 0, q, 1.0))).sum(axis=-1)


@mistake(distribution_cross_entropy)
def sums_cross_entropy_over_the_whole_batch(p, q):
    """You sum over the rows too: a batch (N, C) has N cross-entropies, one for each row."""
    return np.sum(distribution_cross_entropy(p, q))


@mistake(distribution_cross_entropy)
def averages_cross_entropy_over_the_batch(p, q):
    """You average over the rows: no batch loss is asked for here, but a number for each row."""
    result = distribution_cross_entropy(p, q)
    return np.mean(result) if np.size(result) else 0.0


@mistake(distribution_cross_entropy)
def adds_the_classes_that_do_not_happen(p, q):
    """You add (1 − p) ln(1 − q) for each class: that is for independent yes-or-no questions, not for one of C."""
    with np.errstate(divide="ignore"):
        others = -((1 - p) * np.log(np.where(p < 1, 1 - q, 1.0))).sum(axis=-1)
    return distribution_cross_entropy(p, q) + others


@mistake(logistic_regression_loss)
def penalizes_the_bias(w, b, X, y, l2=0.0):
    """Your penalty holds the bias too: b only moves the boundary, and goes free in loss and gradient."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss + l2 / 2 * b**2, dw, db + l2 * b


@mistake(logistic_regression_loss)
def penalizes_the_bias_in_its_gradient_only(w, b, X, y, l2=0.0):
    """Your db has a part of the penalty: the bias goes free, so db is the gradient of the cross-entropy alone."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw, db + l2 * b


@mistake(logistic_regression_loss)
def drops_the_half_of_the_penalty(w, b, X, y, l2=0.0):
    """Your penalty is l2 · ‖w‖², with gradient 2 · l2 · w: this one carries a factor ½."""
    return logistic_regression_loss(w, b, X, y, 2 * l2)


@mistake(logistic_regression_loss)
def drops_the_half_of_the_penalty_in_the_loss_only(w, b, X, y, l2=0.0):
    """Your penalty in the loss is twice as large as the one that your dw belongs to: look for the factor ½."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss + l2 / 2 * (w @ w), dw, db


@mistake(logistic_regression_loss)
def doubles_the_penalty_in_dw_only(w, b, X, y, l2=0.0):
    """Your dw has 2 · l2 · w, but the loss has the factor ½ that cancels the 2."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw + l2 * w, db


@mistake(logistic_regression_loss)
def halves_the_penalty_in_dw(w, b, X, y, l2=0.0):
    """Your dw keeps the ½ of the penalty: the square's derivative brings a 2."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw - l2 / 2 * w, db


@mistake(logistic_regression_loss)
def leaves_the_penalty_out_of_dw(w, b, X, y, l2=0.0):
    """Your loss has the penalty and your dw has not: differentiate that term too."""
    loss, _, _ = logistic_regression_loss(w, b, X, y, l2)
    return loss, *logistic_regression_loss(w, b, X, y)[1:]


@mistake(logistic_regression_loss)
def takes_the_norm_without_its_square(w, b, X, y, l2=0.0):
    """Your penalty in the loss is the norm of w: its square is asked for."""
    loss, dw, db = logistic_regression_loss(w, b, X, y)
    return loss + l2 / 2 * np.linalg.norm(w), dw + l2 * w, db


@mistake(logistic_regression_loss)
def divides_the_penalty_by_the_rows(w, b, X, y, l2=0.0):
    """You divide the penalty by N as well: only the cross-entropy is a mean over the rows."""
    return logistic_regression_loss(w, b, X, y, l2 / len(y))


@mistake(logistic_regression_loss)
def sums_the_logistic_losses(w, b, X, y, l2=0.0):
    """You sum the cross-entropies of the rows: a mean is asked for, in the loss and in both gradients."""
    n = len(y)
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2 / n)
    return n * loss, n * dw, n * db


@mistake(logistic_regression_loss)
def leaves_the_logistic_gradients_undivided(w, b, X, y, l2=0.0):
    """Your loss is a mean, but dw and db are those of the sum: the 1/N is missing from the cross-entropy's part."""
    n = len(y)
    loss, _, _ = logistic_regression_loss(w, b, X, y, l2)
    _, dw, db = logistic_regression_loss(w, b, X, y, l2 / n)
    return loss, n * dw, n * db


@mistake(logistic_regression_loss)
def keeps_the_sigmoids_derivative(w, b, X, y, l2=0.0):
    """Your dz still carries σ′(z): with cross-entropy it cancels, and only squared error keeps it."""
    loss, _, _ = logistic_regression_loss(w, b, X, y, l2)
    p = np.exp(-np.logaddexp(0, -(1.0 * X @ w + b)))
    dz = (p - y) * p * (1 - p) / len(y)
    return loss, X.T @ dz + l2 * w, dz.sum()


@mistake(logistic_regression_loss)
def takes_the_log_of_a_rounded_sigmoid_in_logistic_regression(w, b, X, y, l2=0.0):
    """You take the logarithm of σ after it has been rounded to 0 or 1: far out that is ln 0, then 0 · ∞ = NaN."""
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean() + l2 / 2 * w @ w
    dz = (p - y) / len(y)
    return loss, X.T @ dz + l2 * w, dz.sum()


def _guarded_logistic_regression(eps, how):
    def answer(w, b, X, y, l2=0.0):
        z = 1.0 * X @ w + b
        losses, dz = _binary_cross_entropy_of_guarded(z, y.astype(z.dtype), 1, eps, how)
        return losses.mean() + l2 / 2 * (1.0 * w @ w), X.T @ dz / len(y) + l2 * w, dz.mean()

    return answer


_register_guards(
    logistic_regression_loss, "guards_the_sigmoid_of_the_logistic_loss", _guarded_logistic_regression, limited=4
)


@mistake(logistic_regression_loss)
def takes_the_labels_for_plus_and_minus_one(w, b, X, y, l2=0.0):
    """Your formula ln(1 + e^(−y z)) is for labels −1 and 1: here they are 0 and 1, and a 0 costs ln 2 whatever z is."""
    m = 1.0 * y * (X @ w + b)
    dz = -1.0 * y * np.exp(-np.logaddexp(0, m)) / len(y)
    return np.logaddexp(0, -m).mean() + l2 / 2 * (1.0 * w @ w), X.T @ dz + l2 * w, dz.sum()


@mistake(logistic_regression_loss)
def forgets_the_bias_in_the_logits(w, b, X, y, l2=0.0):
    """Your logits lack the bias: b has no part in your loss."""
    return logistic_regression_loss(w, 0.0, X, y, l2)


@mistake(logistic_regression_loss)
def returns_db_for_every_row(w, b, X, y, l2=0.0):
    """Your db has a number for each row: one bias serves all rows, so its gradient is their sum."""
    loss, dw, _ = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw, (np.exp(-np.logaddexp(0, -(1.0 * X @ w + b))) - y) / len(y)


@mistake(logistic_regression_loss)
def averages_db_a_second_time(w, b, X, y, l2=0.0):
    """Your db is divided by N twice: dz already carries the 1/N, so that it is only summed."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw, db / len(y)


@mistake(logistic_regression_loss)
def makes_dw_float64_by_integer_labels(w, b, X, y, l2=0.0):
    """float32 less an int64 array is float64: your dw loses float32 where the labels are integers."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw.astype(np.result_type(w, y)), db


@mistake(logistic_regression_loss)
def makes_dw_float64(w, b, X, y, l2=0.0):
    """Your dw is float64 for float32 w and X: an array that is float64 by default entered the formula."""
    loss, dw, db = logistic_regression_loss(w, b, X, y, l2)
    return loss, dw.astype(np.float64), db


def _excess(scores, y, margin):
    excess = 1.0 * scores - scores[np.arange(len(y)), y][:, None] + margin
    excess[np.arange(len(y)), y] = 0
    return excess


def _hinge_gradient(active, y, dtype=float):
    grad = active.astype(dtype)
    grad[np.arange(len(y)), y] = -grad.sum(axis=1)
    return grad / len(y)


@mistake(hinge_loss)
def compares_the_right_class_with_itself(scores, y, margin=1.0):
    """Your loss is too large by a constant, the margin: the right class is compared with itself, so leave it out."""
    loss, grad = hinge_loss(scores, y, margin)
    return loss + max(0.0, margin), grad


@mistake(hinge_loss)
def compares_the_right_class_with_itself_in_the_gradient_too(scores, y, margin=1.0):
    """The right class is compared with itself: your loss has a constant margin too much, its gradient a −1 too many."""
    rows = np.arange(len(y))
    excess = 1.0 * scores - scores[rows, y][:, None] + margin
    grad = (excess > 0).astype(excess.dtype)
    grad[rows, y] = -grad.sum(axis=1)
    return np.maximum(excess, 0).sum() / len(y), grad / len(y)


@mistake(hinge_loss)
def counts_the_right_class_in_its_own_gradient(scores, y, margin=1.0):
    """Your loss is right, but the right class's gradient has a −1 too many: it counts itself among the classes."""
    loss, grad = hinge_loss(scores, y, margin)
    grad[np.arange(len(y)), y] -= (margin > 0) / len(y)
    return loss, grad


@mistake(hinge_loss)
def takes_the_margin_off_even_where_it_is_negative(scores, y, margin=1.0):
    """You take off the margin for the right class, whatever its sign: a negative margin has never been added there."""
    loss, grad = hinge_loss(scores, y, margin)
    return loss + max(0.0, margin) - margin, grad


@mistake(hinge_loss)
def averages_the_hinge_over_the_classes_too(scores, y, margin=1.0):
    """You average over the classes as well: the terms of a row are summed, and the mean is over N only."""
    loss, grad = hinge_loss(scores, y, margin)
    return loss / scores.shape[1], grad / scores.shape[1]


@mistake(hinge_loss)
def averages_the_hinge_over_the_wrong_classes(scores, y, margin=1.0):
    """You average over the C − 1 wrong classes: the terms of a row are summed, and the mean is over N only."""
    loss, grad = hinge_loss(scores, y, margin)
    wrong = max(scores.shape[1] - 1, 1)
    return loss / wrong, grad / wrong


@mistake(hinge_loss)
def sums_the_hinge_over_the_batch(scores, y, margin=1.0):
    """You sum over the rows: the terms of a row are summed, but the rows are averaged, in loss and gradient."""
    loss, grad = hinge_loss(scores, y, margin)
    return len(y) * loss, len(y) * grad


@mistake(hinge_loss)
def leaves_the_hinge_gradient_undivided(scores, y, margin=1.0):
    """Your loss is a mean over N, but your gradient is that of the sum."""
    loss, grad = hinge_loss(scores, y, margin)
    return loss, len(y) * grad


@mistake(hinge_loss)
def gives_the_hinge_kink_a_slope(scores, y, margin=1.0):
    """Your gradient counts the classes that are exactly at the margin: at the kink the derivative is 0."""
    rows = np.arange(len(y))
    active = 1.0 * scores - scores[rows, y][:, None] + margin >= 0
    active[rows, y] = False
    return hinge_loss(scores, y, margin)[0], _hinge_gradient(active, y, (1.0 * scores).dtype)


@mistake(hinge_loss)
def gives_the_right_class_a_single_minus_one(scores, y, margin=1.0):
    """Your right class gets −1 however many classes come too near: it stands in every one of those terms."""
    loss, grad = hinge_loss(scores, y, margin)
    rows = np.arange(len(y))
    grad[rows, y] = -(grad[rows, y] < 0).astype(grad.dtype) / len(y)
    return loss, grad


@mistake(hinge_loss)
def forgets_the_right_class_in_the_hinge_gradient(scores, y, margin=1.0):
    """Your right class has no gradient: its score stands in every term of its row, with a minus."""
    loss, grad = hinge_loss(scores, y, margin)
    grad[np.arange(len(y)), y] = 0
    return loss, grad


@mistake(hinge_loss)
def takes_only_the_worst_wrong_class(scores, y, margin=1.0):
    """You count only the worst class of each row, as Crammer and Singer do: here all that come too near are summed."""
    excess = _excess(scores, y, margin)
    worst = excess == excess.max(axis=1, keepdims=True)
    loss = np.maximum(excess.max(axis=1), 0).mean()
    return loss, _hinge_gradient(worst & (excess > 0), y, excess.dtype)


@mistake(hinge_loss)
def squares_the_hinge(scores, y, margin=1.0):
    """You square the terms: that is the squared hinge loss, and here they enter as they are."""
    excess = np.maximum(_excess(scores, y, margin), 0)
    return (excess**2).sum() / len(y), _hinge_gradient(2 * excess, y, excess.dtype)


@mistake(hinge_loss)
def always_takes_one_for_the_margin(scores, y, margin=1.0):
    """Your margin is 1 whatever the argument says."""
    return hinge_loss(scores, y)


@mistake(hinge_loss)
def subtracts_the_wrong_class_from_the_right(scores, y, margin=1.0):
    """Your terms grow with the right class's lead: the wrong score is to be above, and the right one below."""
    loss, grad = hinge_loss(-scores, y, margin)
    return loss, -grad


@mistake(hinge_loss)
def broadcasts_the_right_scores_along_the_wrong_axis(scores, y, margin=1.0):
    """The right scores, shape (N,), are taken off the columns and not the rows: they need an axis of length 1."""
    rows = np.arange(len(y))
    excess = 1.0 * scores - scores[rows, y] + margin
    excess[rows, y] = 0
    return np.maximum(excess, 0).sum() / len(y), _hinge_gradient(excess > 0, y, excess.dtype)


@mistake(hinge_loss)
def takes_the_columns_y_from_every_row(scores, y, margin=1.0):
    """You take scores[:, y], the columns y of every row, shape (N, N): each row has one right score, at its own y."""
    rows = np.arange(len(y))
    excess = 1.0 * scores - scores[:, y] + margin
    excess[rows, y] = 0
    return np.maximum(excess, 0).sum() / len(y), _hinge_gradient(excess > 0, y, excess.dtype)


@mistake(hinge_loss)
def collects_the_hinge_gradient_in_integers(scores, y, margin=1.0):
    """Your gradient is collected in an array of the scores' dtype: if that is an integer, fractions are cut off."""
    loss, grad = hinge_loss(scores, y, margin)
    return loss, grad.astype(scores.dtype)


@mistake(hinge_loss)
def makes_the_hinge_gradient_float64(scores, y, margin=1.0):
    """Your gradient is made of a mask turned into float64, so float32 scores come back as float64."""
    loss, grad = hinge_loss(scores, y, margin)
    return loss, grad.astype(np.float64)


@mistake(hinge_loss)
def shifts_the_scores_in_place(scores, y, margin=1.0):
    """Your function subtracts the right scores inside the array you were given: the caller's scores are lost."""
    loss, grad = hinge_loss(scores, y, margin)
    if scores.dtype.kind == "f":
        scores -= scores[np.arange(len(y)), y][:, None]
    return loss, grad


def _true_side_of(logits, targets):
    """s with p_t = σ(s), then p_t, 1 − p_t and −ln p_t."""
    x = 1.0 * logits
    s = np.where(targets == 1, x, -x)
    z = np.exp(-np.abs(s))
    return s, np.where(s >= 0, 1.0, z) / (1 + z), np.where(s >= 0, z, 1.0) / (1 + z), np.logaddexp(0.0, -s)


def _focal_value_and_gradient(s, p, q, nll, a, gamma, targets):
    ds = -a * q**gamma * (gamma * p * nll + q)
    return (a * q**gamma * nll).mean(), (np.where(targets == 1, ds, -ds) / s.size).astype(s.dtype)


@mistake(focal_loss)
def detaches_the_modulating_factor(logits, targets, gamma=2.0, alpha=0.25):
    """Your gradient treats (1 − p_t)^gamma as a constant: it depends on the logit too, so the product rule has a second
    term."""
    s, _, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    ds = -a * q**gamma * q
    return (a * q**gamma * nll).mean(), np.where(targets == 1, ds, -ds) / s.size


@mistake(focal_loss)
def adds_the_modulating_term_with_the_wrong_sign(logits, targets, gamma=2.0, alpha=0.25):
    """The two terms of your product rule have opposite signs: as p_t grows, both factors of the loss fall."""
    s, p, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    ds = a * q**gamma * (gamma * p * nll - q)
    return (a * q**gamma * nll).mean(), np.where(targets == 1, ds, -ds) / s.size


@mistake(focal_loss)
def weighs_both_classes_by_alpha(logits, targets, gamma=2.0, alpha=0.25):
    """You weigh positives and negatives by the same alpha: the negatives have another weight."""
    s, p, q, nll = _true_side_of(logits, targets)
    return _focal_value_and_gradient(s, p, q, nll, alpha, gamma, targets)


@mistake(focal_loss)
def gives_alpha_to_the_negatives(logits, targets, gamma=2.0, alpha=0.25):
    """You have alpha on the wrong side: it belongs to the elements whose target is 1."""
    s, p, q, nll = _true_side_of(logits, targets)
    return _focal_value_and_gradient(
        s, p, q, nll, np.where(targets == 1, 1 - alpha, alpha).astype(s.dtype), gamma, targets
    )


@mistake(focal_loss)
def leaves_negatives_unweighted_in_focal_loss(logits, targets, gamma=2.0, alpha=0.25):
    """You weigh the positives by alpha and the negatives by 1: the two weights must add up to 1."""
    s, p, q, nll = _true_side_of(logits, targets)
    return _focal_value_and_gradient(s, p, q, nll, np.where(targets == 1, alpha, 1.0).astype(s.dtype), gamma, targets)


@mistake(focal_loss)
def turns_down_the_hard_examples(logits, targets, gamma=2.0, alpha=0.25):
    """Your modulating factor is p_t^gamma: it makes the hard examples count less, where the easy ones should."""
    s, p, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    ds = a * p**gamma * q * (gamma * nll - 1)
    return (a * p**gamma * nll).mean(), np.where(targets == 1, ds, -ds) / s.size


@mistake(focal_loss)
def turns_down_the_hard_examples_in_a_copied_gradient(logits, targets, gamma=2.0, alpha=0.25):
    """Your factor is p_t^gamma where (1 − p_t)^gamma is asked, in loss and gradient: hard examples then count less."""
    s, p, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    ds = -a * p**gamma * (gamma * p * nll + q)
    return (a * p**gamma * nll).mean(), np.where(targets == 1, ds, -ds) / s.size


@mistake(focal_loss)
def turns_down_the_hard_examples_in_the_loss_only(logits, targets, gamma=2.0, alpha=0.25):
    """Your gradient is right, but the factor of your loss is p_t^gamma: hard examples then cost less than easy ones."""
    s, p, _, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    return (a * p**gamma * nll).mean(), focal_loss(logits, targets, gamma, alpha)[1]


@mistake(focal_loss)
def takes_the_probability_of_a_one_in_the_focal_factor(logits, targets, gamma=2.0, alpha=0.25):
    """Your modulating factor is (1 − σ)^gamma on both sides: where the target is 0 it turns down the hard examples."""
    s, p, q, nll = _true_side_of(logits, targets)
    positive = targets == 1
    a = np.where(positive, alpha, 1 - alpha).astype(s.dtype)
    loss = a * np.where(positive, q, p) ** gamma * nll
    ds = np.where(positive, -a * q**gamma * (gamma * p * nll + q), a * p**gamma * q * (gamma * nll - 1))
    return loss.mean(), np.where(positive, ds, -ds) / s.size


@mistake(focal_loss)
def normalizes_focal_loss_by_the_positives(logits, targets, gamma=2.0, alpha=0.25):
    """You divide by the number of positives, as the paper does: here the divisor is the number of all elements."""
    loss, grad = focal_loss(logits, targets, gamma, alpha)
    count = max(int(np.sum(targets == 1)), 1)
    return loss * grad.size / count, grad * (grad.size / count)


@mistake(focal_loss)
def normalizes_focal_loss_by_the_positives_or_by_zero(logits, targets, gamma=2.0, alpha=0.25):
    """You divide by the number of positives, which may even be 0: here the divisor is the number of all elements."""
    loss, grad = focal_loss(logits, targets, gamma, alpha)
    count = np.sum(targets == 1, dtype=grad.dtype)
    return loss * grad.size / count, grad * grad.size / count


@mistake(focal_loss)
def normalizes_only_the_focal_loss_by_the_positives(logits, targets, gamma=2.0, alpha=0.25):
    """You divide your loss by the number of positives and its gradient by that of all elements, which both need."""
    loss, grad = focal_loss(logits, targets, gamma, alpha)
    return loss * grad.size / max(int(np.sum(targets == 1)), 1), grad


@mistake(focal_loss)
def forgets_that_negatives_turn_the_logit_round(logits, targets, gamma=2.0, alpha=0.25):
    """Your gradient has the wrong sign where the target is 0: there p_t falls as the logit grows."""
    s, p, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    return (a * q**gamma * nll).mean(), -a * q**gamma * (gamma * p * nll + q) / s.size


@mistake(focal_loss)
def takes_the_logarithm_of_a_rounded_sigmoid(logits, targets, gamma=2.0, alpha=0.25):
    """You compute the probability first and its logarithm after: at large logits the one overflows or rounds to 0, and
    the other is infinite."""
    x = 1.0 * logits
    sigmoid = 1 / (1 + np.exp(-x))
    p = np.where(targets == 1, sigmoid, 1 - sigmoid)
    return _focal_value_and_gradient(
        x, p, 1 - p, -np.log(p), np.where(targets == 1, alpha, 1 - alpha).astype(x.dtype), gamma, targets
    )


def _guarded_focal_loss(eps, how):
    def answer(logits, targets, gamma=2.0, alpha=0.25):
        s, p, q, _ = _true_side_of(logits, targets)
        a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
        seen = _guarded(p, eps, how)
        if how == "clipped throughout":
            p, q = seen, 1 - seen
        return _focal_value_and_gradient(s, p, q, -np.log(seen), a, gamma, targets)

    return answer


_register_guards(focal_loss, "guards_p_t", _guarded_focal_loss, throughout=5)


@mistake(focal_loss)
def raises_zero_to_gamma_minus_one(logits, targets, gamma=2.0, alpha=0.25):
    """Your gradient contains (1 − p_t)^(gamma − 1): where p_t is 1 and gamma is less than 1, that is 0 to a negative
    power."""
    s, p, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha).astype(s.dtype)
    ds = -a * (gamma * q ** (gamma - 1) * p * q * nll + q**gamma * q)
    return (a * q**gamma * nll).mean(), np.where(targets == 1, ds, -ds) / s.size


@mistake(focal_loss)
def sums_focal_loss_over_elements(logits, targets, gamma=2.0, alpha=0.25):
    """You sum over the elements: the mean is asked, for loss and gradient."""
    loss, grad = focal_loss(logits, targets, gamma, alpha)
    return loss * grad.size, grad * grad.size


@mistake(focal_loss)
def averages_the_focal_loss_but_not_its_gradient(logits, targets, gamma=2.0, alpha=0.25):
    """Your loss is a mean, your gradient that of a sum: each element's part of the mean is smaller."""
    loss, grad = focal_loss(logits, targets, gamma, alpha)
    return loss, grad * grad.size


@mistake(focal_loss)
def divides_focal_loss_by_rows_only(logits, targets, gamma=2.0, alpha=0.25):
    """You divide by the number of rows: the mean is over all elements, along every axis."""
    loss, grad = focal_loss(logits, targets, gamma, alpha)
    return loss * grad.size / len(grad), grad * (grad.size // len(grad))


@mistake(focal_loss)
def lets_alpha_make_float64(logits, targets, gamma=2.0, alpha=0.25):
    """Your values are right, but a float64 array of weights makes float64 of float32: look at what np.where returns
    for two Python numbers, and at the targets' dtype."""
    s, p, q, nll = _true_side_of(logits, targets)
    a = np.where(targets == 1, alpha, 1 - alpha)
    ds = -a * q**gamma * (gamma * p * nll + q)
    return (a * q**gamma * nll).mean(), np.where(targets == 1, ds, -ds) / s.size


@mistake(dice_loss)
def takes_one_dice_per_sample(probs, targets, eps=1e-6):
    """You take one Dice coefficient per sample and average them: the sums are over all elements, the batch too."""
    p = 1.0 * probs
    p, t = p.reshape(len(p), -1), targets.astype(p.dtype).reshape(len(p), -1)
    total = (p + t).sum(axis=1, keepdims=True) + eps
    dice = (2 * (p * t).sum(axis=1, keepdims=True) + eps) / total
    return 1 - dice.mean(), ((dice - 2 * t) / total / len(p)).reshape(probs.shape)


@mistake(dice_loss)
def squares_the_denominator_of_dice(probs, targets, eps=1e-6):
    """You square the probabilities in the denominator, as V-Net does: here their plain sum is asked."""
    p = 1.0 * probs
    t = targets.astype(p.dtype)
    total = (p**2).sum() + (t**2).sum() + eps
    dice = (2 * (p * t).sum() + eps) / total
    return 1 - dice, (2 * p * dice - 2 * t) / total


@mistake(dice_loss)
def forgets_the_two_in_dice(probs, targets, eps=1e-6):
    """Your numerator counts the overlap once: the denominator counts it twice, so a perfect mask would score one
    half."""
    p = 1.0 * probs
    t = targets.astype(p.dtype)
    total = p.sum() + t.sum() + eps
    dice = ((p * t).sum() + eps) / total
    return 1 - dice, (dice - t) / total


@mistake(dice_loss)
def puts_eps_below_only(probs, targets, eps=1e-6):
    """You add eps in the denominator only: two empty masks then have no overlap, and the full loss."""
    p = 1.0 * probs
    t = targets.astype(p.dtype)
    total = p.sum() + t.sum() + eps
    dice = 2 * (p * t).sum() / total
    return 1 - dice, (dice - 2 * t) / total


@mistake(dice_loss)
def treats_the_dice_denominator_as_constant(probs, targets, eps=1e-6):
    """Your gradient differentiates the numerator only: the probabilities stand in the denominator too."""
    p = 1.0 * probs
    t = targets.astype(p.dtype)
    return dice_loss(probs, targets, eps)[0], -2 * t / (p.sum() + t.sum() + eps)


@mistake(dice_loss)
def returns_the_coefficient_itself(probs, targets, eps=1e-6):
    """You return the Dice coefficient and its gradient: a loss must be small where the overlap is large."""
    loss, grad = dice_loss(probs, targets, eps)
    return 1 - loss, -grad


@mistake(dice_loss)
def takes_the_union_for_the_dice_sum(probs, targets, eps=1e-6):
    """Your denominator is the union: you subtract the overlap, as IoU does. In Dice both areas are simply added."""
    p = 1.0 * probs
    t = targets.astype(p.dtype)
    overlap = (p * t).sum()
    union = p.sum() + t.sum() - overlap + eps
    dice = (2 * overlap + eps) / union
    return 1 - dice, (dice * (1 - t) - 2 * t) / union


@mistake(dice_loss)
def averages_the_dice_gradient(probs, targets, eps=1e-6):
    """Your gradient is divided by the number of elements: this loss is a ratio of sums, no mean is taken."""
    loss, grad = dice_loss(probs, targets, eps)
    return loss, grad / grad.size


@mistake(dice_loss)
def lets_integer_masks_make_float64(probs, targets, eps=1e-6):
    """Your values are right, but integer targets make float64 of float32 probs: give both the same dtype first."""
    p = 1.0 * probs
    t = 1.0 * targets
    total = p.sum() + t.sum() + eps
    dice = (2 * (p * t).sum() + eps) / total
    return 1 - dice, (dice - 2 * t) / total


def _box_sides(boxes_a, boxes_b):
    """Sides of all intersections, negative where boxes miss each other, and the areas."""
    a, b = 1.0 * boxes_a[:, None, :], 1.0 * boxes_b
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return sides, (a[..., 2:] - a[..., :2]).prod(axis=-1), (b[..., 2:] - b[..., :2]).prod(axis=-1)


@mistake(iou)
def counts_pixels_in_boxes(boxes_a, boxes_b):
    """You add 1 to the sides, as for pixel counts: here a box is as wide as its corners are apart."""
    grown_a, grown_b = 1.0 * boxes_a, 1.0 * boxes_b
    grown_a[:, 2:] += 1
    grown_b[:, 2:] += 1
    return iou(grown_a, grown_b)


@mistake(iou)
def multiplies_two_negative_sides(boxes_a, boxes_b):
    """Boxes that miss each other in x and in y overlap in your result: two negative sides make a positive area."""
    sides, area_a, area_b = _box_sides(boxes_a, boxes_b)
    overlap = np.maximum(sides.prod(axis=-1), 0)
    union = area_a + area_b - overlap
    return overlap / np.where(union > 0, union, 1.0)


@mistake(iou)
def lets_missing_boxes_have_negative_area(boxes_a, boxes_b):
    """Boxes that miss each other get a negative or a false overlap: a side of the intersection must not fall below
    0."""
    sides, area_a, area_b = _box_sides(boxes_a, boxes_b)
    overlap = sides.prod(axis=-1)
    union = area_a + area_b - overlap
    return overlap / np.where(union > 0, union, 1.0)


@mistake(iou)
def counts_the_overlap_twice_in_the_union(boxes_a, boxes_b):
    """Your union is the sum of both areas: what the boxes share is counted twice in it."""
    sides, area_a, area_b = _box_sides(boxes_a, boxes_b)
    total = area_a + area_b
    return np.maximum(sides, 0).prod(axis=-1) / np.where(total > 0, total, 1.0)


@mistake(iou)
def divides_by_the_smaller_box(boxes_a, boxes_b):
    """You divide by the smaller area: a box inside another would then have IoU 1. Divide by the union."""
    sides, area_a, area_b = _box_sides(boxes_a, boxes_b)
    smaller = np.minimum(area_a, area_b)
    return np.maximum(sides, 0).prod(axis=-1) / np.where(smaller > 0, smaller, 1.0)


@mistake(iou)
def reads_boxes_as_corner_and_size(boxes_a, boxes_b):
    """You read the last two numbers as width and height: they are the coordinates of the upper corner."""
    a, b = 1.0 * boxes_a, 1.0 * boxes_b
    return iou(np.hstack([a[:, :2], a[:, :2] + a[:, 2:]]), np.hstack([b[:, :2], b[:, :2] + b[:, 2:]]))


@mistake(iou)
def compares_boxes_row_by_row(boxes_a, boxes_b):
    """You compare box i with box i only: every box of the one set is to be compared with every box of the other."""
    sides = np.minimum(boxes_a[:, 2:], boxes_b[:, 2:]) - np.maximum(boxes_a[:, :2], boxes_b[:, :2])
    overlap = np.maximum(sides, 0).prod(axis=1)
    area_a = (boxes_a[:, 2:] - boxes_a[:, :2]).prod(axis=1)
    area_b = (boxes_b[:, 2:] - boxes_b[:, :2]).prod(axis=1)
    union = area_a + area_b - overlap
    return overlap / np.where(union > 0, union, 1.0)


@mistake(iou)
def puts_the_second_set_into_rows(boxes_a, boxes_b):
    """Your rows are the boxes of the second set: the first set comes first, shape (A, B)."""
    return iou(boxes_b, boxes_a)


@mistake(iou)
def divides_by_an_empty_union(boxes_a, boxes_b):
    """You divide by the union even where it is 0: two boxes without area then give NaN."""
    sides, area_a, area_b = _box_sides(boxes_a, boxes_b)
    overlap = np.maximum(sides, 0).prod(axis=-1)
    return overlap / (area_a + area_b - overlap)


@mistake(iou)
def loses_the_shape_of_no_boxes(boxes_a, boxes_b):
    """Your values are right, but a list of no rows becomes an array of shape (0,): with A = 0 the result is (0, B)."""
    return np.array([list(iou(box[None], boxes_b)[0]) for box in boxes_a], dtype=(1.0 * boxes_a).dtype)


@mistake(iou)
def cuts_the_fractions_of_integer_boxes(boxes_a, boxes_b):
    """Integer boxes give integers: an array with the boxes' dtype holds no fractions."""
    out = np.zeros((len(boxes_a), len(boxes_b)), dtype=boxes_a.dtype)
    out[...] = iou(boxes_a, boxes_b)
    return out


@mistake(iou)
def allocates_float64_for_the_pairs(boxes_a, boxes_b):
    """Your values are right, but your result is float64 for float32 boxes: look at how you allocate it."""
    out = np.zeros((len(boxes_a), len(boxes_b)))
    out[...] = iou(boxes_a, boxes_b)
    return out


@mistake(triplet_loss)
def compares_plain_distances(anchor, positive, negative, margin=1.0):
    """You compare distances, with a square root: here the squared distances are compared."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    d, e = np.sqrt((u**2).sum(axis=1, keepdims=True)), np.sqrt((v**2).sum(axis=1, keepdims=True))
    active = (d - e + margin > 0) / len(u)
    with np.errstate(divide="ignore", invalid="ignore"):
        dp, dn = -u / d * active, v / e * active
    return np.maximum(0, d - e + margin).mean(), -dp - dn, dp, dn


@mistake(triplet_loss)
def sums_over_triplets(anchor, positive, negative, margin=1.0):
    """You sum over the triplets: the mean over all N is asked, for the loss and for all three gradients."""
    return tuple(len(anchor) * part for part in triplet_loss(anchor, positive, negative, margin))


@mistake(triplet_loss)
def averages_the_triplet_loss_but_not_its_gradients(anchor, positive, negative, margin=1.0):
    """Your loss is a mean over N, your gradients those of a sum."""
    loss, *grads = triplet_loss(anchor, positive, negative, margin)
    return (loss, *(len(anchor) * grad for grad in grads))


@mistake(triplet_loss)
def averages_squares_over_the_features(anchor, positive, negative, margin=1.0):
    """You take the mean of the squared differences over the features: a squared distance is their sum."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    excess = (u**2).mean(axis=1, keepdims=True) - (v**2).mean(axis=1, keepdims=True) + margin
    active = (excess > 0) / u.size
    dp, dn = -2 * u * active, 2 * v * active
    return np.maximum(0, excess).mean(), -dp - dn, dp, dn


@mistake(triplet_loss)
def averages_over_active_triplets_only(anchor, positive, negative, margin=1.0):
    """You divide by the number of triplets that cost something: those that cost nothing count in the mean too."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    excess = (u**2).sum(axis=1, keepdims=True) - (v**2).sum(axis=1, keepdims=True) + margin
    count = max((excess > 0).sum(), 1)
    active = (excess > 0) / count
    dp, dn = -2 * u * active, 2 * v * active
    return np.maximum(0, excess).sum() / count, -dp - dn, dp, dn


@mistake(triplet_loss)
def takes_one_hinge_for_the_whole_batch(anchor, positive, negative, margin=1.0):
    """You average before the hinge: each triplet has its own maximum with 0, the mean comes after."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    excess = ((u**2).sum(axis=1) - (v**2).sum(axis=1) + margin).mean()
    active = (excess > 0) / len(u)
    dp, dn = -2 * u * active, 2 * v * active
    return max(0.0, excess), -dp - dn, dp, dn


@mistake(triplet_loss)
def leaves_out_the_negatives_pull_on_the_anchor(anchor, positive, negative, margin=1.0):
    """Your da knows the positive only: the anchor stands in the distance to the negative too."""
    loss, _, dp, dn = triplet_loss(anchor, positive, negative, margin)
    return loss, -dp, dp, dn


@mistake(triplet_loss)
def draws_the_negative_near(anchor, positive, negative, margin=1.0):
    """Your dn has the wrong sign: a step against it brings the negative nearer."""
    loss, da, dp, dn = triplet_loss(anchor, positive, negative, margin)
    return loss, da, dp, -dn


@mistake(triplet_loss)
def lets_quiet_triplets_pull(anchor, positive, negative, margin=1.0):
    """Your gradients are not switched off where the hinge is 0: a triplet that costs nothing must not pull."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    dp, dn = -2 * u / len(u), 2 * v / len(u)
    return triplet_loss(anchor, positive, negative, margin)[0], -dp - dn, dp, dn


@mistake(triplet_loss)
def pulls_at_the_triplets_kink(anchor, positive, negative, margin=1.0):
    """A triplet exactly at the kink of its hinge gets a gradient from you: there it is 0."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    excess = (u**2).sum(axis=1, keepdims=True) - (v**2).sum(axis=1, keepdims=True) + margin
    active = (excess >= 0) / len(u)
    dp, dn = -2 * u * active, 2 * v * active
    return np.maximum(0, excess).mean(), -dp - dn, dp, dn


@mistake(triplet_loss)
def swaps_the_roles_of_positive_and_negative(anchor, positive, negative, margin=1.0):
    """You have the two distances the wrong way round: it is the positive that should be near."""
    loss, da, dn, dp = triplet_loss(anchor, negative, positive, margin)
    return loss, da, dp, dn


@mistake(triplet_loss)
def lets_the_mask_make_float64(anchor, positive, negative, margin=1.0):
    """Your values are right, but a float64 mask or an integer count makes float64 of float32 gradients."""
    u, v = 1.0 * anchor - positive, 1.0 * anchor - negative
    excess = (u**2).sum(axis=1, keepdims=True) - (v**2).sum(axis=1, keepdims=True) + margin
    active = (excess > 0) * np.ones((len(u), 1)) / len(u)
    dp, dn = -2 * u * active, 2 * v * active
    return np.maximum(0, excess).mean(), -dp - dn, dp, dn


@mistake(triplet_loss)
def cuts_triplet_gradients_of_integers(anchor, positive, negative, margin=1.0):
    """You store the gradients in arrays with the inputs' dtype: for integers, fractions are cut off."""
    loss, *grads = triplet_loss(anchor, positive, negative, margin)
    return (loss, *(grad.astype(anchor.dtype) for grad in grads))


@mistake(info_nce_loss)
def looks_both_ways(queries, keys, temperature=0.1):
    """You average the loss of queries over keys with that of keys over queries, as CLIP does: here only queries
    look."""
    loss, dq, dk = info_nce_loss(queries, keys, temperature)
    back, dk_back, dq_back = info_nce_loss(keys, queries, temperature)
    return (loss + back) / 2, (dq + dq_back) / 2, (dk + dk_back) / 2


@mistake(info_nce_loss)
def lets_keys_look_for_queries(queries, keys, temperature=0.1):
    """Your softmax runs over the queries: each query chooses among the keys, along a row of the similarities."""
    loss, dk, dq = info_nce_loss(keys, queries, temperature)
    return loss, dq, dk


@mistake(info_nce_loss)
def forgets_the_temperature_in_the_gradients(queries, keys, temperature=0.1):
    """Your gradients stop at the logits: between them and the vectors there is still a division by the temperature."""
    loss, dq, dk = info_nce_loss(queries, keys, temperature)
    return loss, temperature * dq, temperature * dk


@mistake(info_nce_loss)
def multiplies_by_the_temperature(queries, keys, temperature=0.1):
    """You multiply the similarities by the temperature: a low temperature makes the softmax sharp, so divide."""
    return info_nce_loss(queries, keys, 1 / temperature)


@mistake(info_nce_loss)
def normalizes_queries_and_keys(queries, keys, temperature=0.1):
    """You normalize the vectors first: here they are used as given."""
    u = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    v = keys / np.linalg.norm(keys, axis=1, keepdims=True)
    return info_nce_loss(u, v, temperature)


@mistake(info_nce_loss)
def leaves_the_positive_out_of_the_sum(queries, keys, temperature=0.1):
    """Your denominator sums over the negatives only: the query's own key is one of the keys it chooses from."""
    q, k = 1.0 * queries, 1.0 * keys
    logits = q @ k.T / temperature
    others = np.where(np.eye(len(q), dtype=bool), -np.inf, logits)
    top = others.max(axis=1, keepdims=True, initial=-1e300)
    powers = np.exp(others - top)
    total = powers.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        loss = (np.log(total[:, 0]) + top[:, 0] - np.diag(logits)).mean()
        dlogits = (powers / total - np.eye(len(q))) / len(q)
    return loss, dlogits @ k / temperature, dlogits.T @ q / temperature


@mistake(info_nce_loss)
def forgets_to_transpose_for_the_keys(queries, keys, temperature=0.1):
    """Your dk does not transpose the gradient of the logits: a key stands in a column of them, a query in a row."""
    q, k = 1.0 * queries, 1.0 * keys
    shifted = q @ k.T / temperature
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    dlogits = (powers / powers.sum(axis=1, keepdims=True) - np.eye(len(q), dtype=q.dtype)) / len(q)
    return info_nce_loss(queries, keys, temperature)[0], dlogits @ k / temperature, dlogits @ q / temperature


@mistake(info_nce_loss)
def sums_over_queries(queries, keys, temperature=0.1):
    """You sum over the queries: the mean is asked, for the loss and for both gradients."""
    return tuple(len(queries) * part for part in info_nce_loss(queries, keys, temperature))


@mistake(info_nce_loss)
def averages_info_nce_but_not_its_gradients(queries, keys, temperature=0.1):
    """Your loss is a mean over the queries, your gradients those of a sum."""
    loss, dq, dk = info_nce_loss(queries, keys, temperature)
    return loss, len(queries) * dq, len(queries) * dk


@mistake(info_nce_loss)
def takes_keys_for_constants(queries, keys, temperature=0.1):
    """Your dk knows only each key's own query: a key is also a negative of all other queries."""
    q, k = 1.0 * queries, 1.0 * keys
    loss, dq, _ = info_nce_loss(q, k, temperature)
    shifted = q @ k.T / temperature
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    own = np.diag(powers) / powers.sum(axis=1)
    return loss, dq, (own - 1)[:, None] * q / temperature / len(q)


@mistake(info_nce_loss)
def overflows_in_the_softmax_over_keys(queries, keys, temperature=0.1):
    """Your exponentials overflow for large similarities: a softmax does not change if each row is shifted first."""
    q, k = 1.0 * queries, 1.0 * keys
    powers = np.exp(q @ k.T / temperature)
    softmax = powers / powers.sum(axis=1, keepdims=True)
    dlogits = (softmax - np.eye(len(q), dtype=q.dtype)) / len(q)
    return -np.log(np.diag(softmax)).mean(), dlogits @ k / temperature, dlogits.T @ q / temperature


def _guarded_info_nce(eps, how):
    def answer(queries, keys, temperature=0.1):
        q, k = 1.0 * queries, 1.0 * keys
        own = np.eye(len(q), dtype=q.dtype)
        loss, grad = _cross_entropy_of_guarded(q @ k.T / temperature, own, "mean", eps, how)
        return loss, grad @ k / temperature, grad.T @ q / temperature

    return answer


_register_guards(info_nce_loss, "guards_the_softmax_over_keys", _guarded_info_nce, limited=7, throughout=6)


@mistake(info_nce_loss)
def subtracts_a_float64_identity(queries, keys, temperature=0.1):
    """Your values are right, but a float64 array, perhaps the identity, makes float64 of float32 gradients."""
    loss, dq, dk = info_nce_loss(queries, keys, temperature)
    return loss, dq * np.ones((1, 1)), dk * np.ones((1, 1))


@mistake(distillation_loss)
def forgets_the_squared_temperature(student_logits, teacher_logits, temperature):
    """You leave out the factor T²: without it the gradient shrinks as the temperature rises."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss / temperature**2, grad / temperature**2


@mistake(distillation_loss)
def scales_by_the_temperature_once(student_logits, teacher_logits, temperature):
    """You multiply by T where T² is asked."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss / temperature, grad / temperature


@mistake(distillation_loss)
def forgets_the_division_inside_the_softmax(student_logits, teacher_logits, temperature):
    """Your gradient is T times too large: the logits are divided by T before the softmax, which the chain rule
    sees."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss, temperature * grad


@mistake(distillation_loss)
def takes_the_plain_difference_of_probabilities(student_logits, teacher_logits, temperature):
    """Your gradient is student minus teacher, as at T = 1: a factor of T is left over from T² and the division by T."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss, grad / temperature


@mistake(distillation_loss)
def leaves_t_squared_out_of_the_gradient(student_logits, teacher_logits, temperature):
    """Your loss has the factor T², your gradient has not."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss, grad / temperature**2


@mistake(distillation_loss)
def turns_the_distillation_divergence_round(student_logits, teacher_logits, temperature):
    """You compute KL(student ‖ teacher): the teacher's probabilities stand first and weigh the logarithms."""

    def log_softmax(x):
        shifted = x - x.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    s, t = log_softmax(student_logits / temperature), log_softmax(teacher_logits / temperature)
    q = np.exp(s)
    kl = (q * (s - t)).sum(axis=1, keepdims=True)
    return temperature**2 * kl.mean(), temperature * q * (s - t - kl) / len(s)


@mistake(distillation_loss)
def swaps_student_and_teacher(student_logits, teacher_logits, temperature):
    """You take the first argument for the teacher: it is the student's, and the gradient is the student's too."""
    return distillation_loss(teacher_logits, student_logits, temperature)


@mistake(distillation_loss)
def returns_cross_entropy_for_the_divergence(student_logits, teacher_logits, temperature):
    """Your gradient is right, your loss is the cross-entropy: the teacher's entropy is missing, so that a perfect
    student still pays."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    shifted = (teacher_logits - teacher_logits.max(axis=1, keepdims=True)) / temperature
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return loss - temperature**2 * (np.exp(log_p) * log_p).sum(axis=1).mean(), grad


@mistake(distillation_loss)
def averages_distillation_over_the_classes(student_logits, teacher_logits, temperature):
    """You average over the classes too: sum over them, and average over the rows only."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss / grad.shape[1], grad / grad.shape[1]


@mistake(distillation_loss)
def sums_over_the_rows_of_students(student_logits, teacher_logits, temperature):
    """You sum over the rows: the mean over N is asked, for loss and gradient."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss * len(grad), grad * len(grad)


@mistake(distillation_loss)
def averages_distillation_but_not_its_gradient(student_logits, teacher_logits, temperature):
    """Your loss is a mean over the rows, your gradient that of a sum."""
    loss, grad = distillation_loss(student_logits, teacher_logits, temperature)
    return loss, grad * len(grad)


@mistake(distillation_loss)
def heats_the_student_only(student_logits, teacher_logits, temperature):
    """You divide the student's logits by T and not the teacher's: both softmaxes have the same temperature."""
    return distillation_loss(student_logits, temperature * teacher_logits, temperature)


@mistake(distillation_loss)
def takes_the_logarithm_of_two_softmaxes(student_logits, teacher_logits, temperature):
    """You take logarithms of probabilities: a softmax far from the largest logit is 0. Stay with logarithms from the
    start."""

    def softmax(x):
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    q, p = softmax(student_logits / temperature), softmax(teacher_logits / temperature)
    return temperature**2 * (p * np.log(p / q)).sum(axis=1).mean(), temperature * (q - p) / len(q)


def _guarded_distillation(eps, how):
    def answer(student_logits, teacher_logits, temperature):
        q, p = (np.exp(_log_softmax_of_rows(x / temperature)) for x in (student_logits, teacher_logits))
        seen_q, seen_p = _guarded(q, eps, how), _guarded(p, eps, how)
        loss = temperature**2 * (p * np.log(seen_p / seen_q)).sum(axis=1).mean()
        q, p = (seen_q, seen_p) if how == "clipped throughout" else (q, p)
        return loss, temperature * (q - p) / len(q)

    return answer


_register_guards(distillation_loss, "guards_both_softmaxes", _guarded_distillation, limited=5, throughout=2)


@mistake(distillation_loss)
def overflows_in_both_softmaxes(student_logits, teacher_logits, temperature):
    """Your exponentials overflow for large logits: subtract each row's largest first."""
    q, p = np.exp(student_logits / temperature), np.exp(teacher_logits / temperature)
    q, p = q / q.sum(axis=1, keepdims=True), p / p.sum(axis=1, keepdims=True)
    return temperature**2 * (p * np.log(p / q)).sum(axis=1).mean(), temperature * (q - p) / len(q)


@mistake(distillation_loss)
def makes_float64_of_the_students_gradient(student_logits, teacher_logits, temperature):
    """Your values are right, but somewhere a float64 array or NumPy scalar makes float64 of float32 logits."""
    return distillation_loss(1.0 * student_logits, teacher_logits, np.float64(temperature))


def _confidences(probs, y):
    return 1.0 * probs.max(axis=1), probs.argmax(axis=1) == y


def _bin_gaps(confidence, right, b, bins):
    """n_b (accuracy − confidence) of every bin."""
    return np.bincount(b, weights=right - confidence, minlength=bins)


def _bin_below(confidence, bins):
    return np.digitize(confidence, np.arange(1, bins) / bins, right=True)


@mistake(expected_calibration_error)
def gives_every_bin_the_same_weight(probs, y, bins=10):
    """You average over the bins: a bin with many rows counts more than one with few."""
    confidence, right = _confidences(probs, y)
    b = _bin_below(confidence, bins)
    counts = np.bincount(b, minlength=bins)
    return np.abs(_bin_gaps(confidence, right, b, bins)[counts > 0] / counts[counts > 0]).mean()


@mistake(expected_calibration_error)
def weighs_all_bins_equally_the_empty_too(probs, y, bins=10):
    """You divide the sum of the gaps by the number of bins: each gap counts by the share of the rows in its bin."""
    confidence, right = _confidences(probs, y)
    b = _bin_below(confidence, bins)
    counts = np.maximum(np.bincount(b, minlength=bins), 1)
    return np.abs(_bin_gaps(confidence, right, b, bins) / counts).mean()


@mistake(expected_calibration_error)
def puts_edges_into_the_bin_above(probs, y, bins=10):
    """A confidence on an edge falls into the bin above it: here a bin contains its upper edge, not its lower."""
    confidence, right = _confidences(probs, y)
    b = np.digitize(confidence, np.arange(1, bins) / bins)
    return np.abs(_bin_gaps(confidence, right, b, bins)).sum() / len(y)


@mistake(expected_calibration_error)
def loses_the_rows_of_confidence_one(probs, y, bins=10):
    """Rows with confidence 1 are in none of your bins: your last bin ends before its upper edge."""
    confidence, right = _confidences(probs, y)
    total = 0.0
    for b in range(bins):
        mask = (confidence >= b / bins) & (confidence < (b + 1) / bins)
        total += abs((right[mask] - confidence[mask]).sum())
    return total / len(y)


@mistake(expected_calibration_error)
def numbers_one_bin_too_many(probs, y, bins=10):
    """A confidence of 1 gets a bin of its own behind your last one: an edge belongs to the bin below it."""
    confidence, right = _confidences(probs, y)
    b = (confidence * bins).astype(int)
    return np.abs(np.bincount(b, weights=right - confidence)).sum() / len(y)


@mistake(expected_calibration_error)
def gives_nan_for_empty_bins(probs, y, bins=10):
    """Your result is NaN when a bin is empty: the mean of no rows is 0/0. An empty bin adds nothing."""
    confidence, right = _confidences(probs, y)
    b = _bin_below(confidence, bins)
    counts = np.bincount(b, minlength=bins)
    return (counts / len(y) * np.abs(_bin_gaps(confidence, right, b, bins) / counts)).sum()


@mistake(expected_calibration_error)
def lets_gaps_cancel(probs, y, bins=10):
    """Overconfident and underconfident bins cancel in your sum: take the size of each bin's gap before you add."""
    confidence, right = _confidences(probs, y)
    return abs((right - confidence).mean())


@mistake(expected_calibration_error)
def forgets_the_size_of_the_gaps(probs, y, bins=10):
    """Your gaps keep their signs, accuracy less confidence: overconfident bins come out negative, and others cancel
    them. Take the size of each gap."""
    confidence, right = _confidences(probs, y)
    return (right - confidence).mean()


@mistake(expected_calibration_error)
def forgets_the_size_of_the_gaps_turned_round(probs, y, bins=10):
    """Your gaps keep their signs, confidence less accuracy: underconfident bins come out negative, and cancel others.
    Take the size of each gap."""
    confidence, right = _confidences(probs, y)
    return (confidence - right).mean()


@mistake(expected_calibration_error)
def takes_the_gap_of_every_row(probs, y, bins=10):
    """You take the size of each row's gap: the rows of a bin are averaged first, and may cancel each other."""
    confidence, right = _confidences(probs, y)
    return np.abs(right - confidence).mean()


@mistake(expected_calibration_error)
def returns_the_worst_bin(probs, y, bins=10):
    """You return the largest gap, the maximum calibration error: here the gaps are averaged, each with its share of
    rows."""
    confidence, right = _confidences(probs, y)
    b = _bin_below(confidence, bins)
    counts = np.maximum(np.bincount(b, minlength=bins), 1)
    return np.abs(_bin_gaps(confidence, right, b, bins) / counts).max()


@mistake(expected_calibration_error)
def takes_the_true_class_for_the_confidence(probs, y, bins=10):
    """You use the probability of the right class: confidence is the probability of the class that was predicted."""
    confidence = 1.0 * probs[np.arange(len(y)), y]
    right = probs.argmax(axis=1) == y
    return np.abs(_bin_gaps(confidence, right, _bin_below(confidence, bins), bins)).sum() / len(y)


@mistake(expected_calibration_error)
def calls_every_tie_right(probs, y, bins=10):
    """A tie counts as right in your answer whichever class is y: only the first of equal probabilities is the
    prediction."""
    confidence = 1.0 * probs.max(axis=1)
    right = probs[np.arange(len(y)), y] == confidence
    return np.abs(_bin_gaps(confidence, right, _bin_below(confidence, bins), bins)).sum() / len(y)


@mistake(expected_calibration_error)
def compares_with_the_middle_of_the_bin(probs, y, bins=10):
    """You take the middle of a bin for its confidence: the mean confidence of the rows in it is asked."""
    confidence, right = _confidences(probs, y)
    b = _bin_below(confidence, bins)
    return np.abs(_bin_gaps((b + 0.5) / bins, right, b, bins)).sum() / len(y)


@mistake(expected_calibration_error)
def ignores_the_number_of_bins(probs, y, bins=10):
    """Your answer always uses 10 bins, whatever `bins` says."""
    return expected_calibration_error(probs, y)


def _output_sigmoid(z):
    e = np.exp(-np.abs(1.0 * z))
    return np.where(z >= 0, 1.0, e) / (1 + e)


def _check_output_loss(loss):
    if loss not in ("mse", "cross_entropy"):
        raise ValueError(loss)


@mistake(output_delta)
def forgets_the_half_in_output_delta(loss, z, y):
    """Your gradient of "mse" is twice too large: here the squared error has a factor ½."""
    delta = output_delta(loss, z, y)
    return 2 * delta if loss == "mse" else delta


@mistake(output_delta)
def leaves_out_the_slope_of_the_sigmoid(loss, z, y):
    """Your gradient of "mse" is with respect to a: on the way to z the sigmoid's slope is still to come."""
    _check_output_loss(loss)
    return _output_sigmoid(z) - y


@mistake(output_delta)
def multiplies_cross_entropy_by_the_slope(loss, z, y):
    """Your gradient of "cross_entropy" contains the sigmoid's slope: in it the slope cancels."""
    _check_output_loss(loss)
    return output_delta("mse", z, y)


@mistake(output_delta)
def swaps_the_two_output_losses(loss, z, y):
    """You have the two losses the wrong way round: the sigmoid's slope stays in one of them only."""
    _check_output_loss(loss)
    return output_delta("mse" if loss == "cross_entropy" else "cross_entropy", z, y)


@mistake(output_delta)
def stops_at_the_output_in_cross_entropy(loss, z, y):
    """Your gradient of "cross_entropy" is with respect to a: it divides by a (1 − a), and is NaN where the unit
    saturates."""
    if loss == "cross_entropy":
        a = _output_sigmoid(z)
        return (a - y) / (a * (1 - a))
    return output_delta(loss, z, y)


@mistake(output_delta)
def divides_by_what_should_cancel(loss, z, y):
    """You divide by a (1 − a) and multiply by it again: where the unit saturates that is 0/0. Cancel it on paper."""
    if loss == "cross_entropy":
        a = _output_sigmoid(z)
        return (a - y) / (a * (1 - a)) * (a * (1 - a))
    return output_delta(loss, z, y)


@mistake(output_delta)
def points_from_output_to_target(loss, z, y):
    """Your gradients have the wrong sign: the loss grows with a where a is above y."""
    return -output_delta(loss, z, y)


@mistake(output_delta)
def averages_the_deltas(loss, z, y):
    """You divide by the number of elements: each element's own gradient is asked."""
    return output_delta(loss, z, y) / max(z.size, 1)


@mistake(output_delta)
def takes_z_for_the_output(loss, z, y):
    """You use z as if it were the output: the sigmoid has not been applied yet."""
    _check_output_loss(loss)
    return (z - y) * z * (1 - z) if loss == "mse" else 1.0 * z - y


@mistake(output_delta)
def takes_the_slope_at_the_output(loss, z, y):
    """You take the slope of the sigmoid at a: it belongs at z, where it is a (1 − a)."""
    if loss == "mse":
        a = _output_sigmoid(z)
        s = _output_sigmoid(a)
        return (a - y) * s * (1 - s)
    return output_delta(loss, z, y)


@mistake(output_delta)
def overflows_in_the_output_unit(loss, z, y):
    """Your sigmoid takes exp of a large positive number when z is very negative: right values, but it overflows."""
    _check_output_loss(loss)
    a = 1 / (1 + np.exp(-z))
    return (a - y) * a * (1 - a) if loss == "mse" else a - y


@mistake(output_delta)
def accepts_any_name_of_an_output_loss(loss, z, y):
    """You treat every unknown name as cross-entropy: any other name should raise ValueError."""
    return output_delta(loss if loss == "mse" else "cross_entropy", z, y)


@mistake(output_delta)
def gives_none_for_an_unknown_output_loss(loss, z, y):
    """For an unknown name your function returns None: it should raise ValueError."""
    return output_delta(loss, z, y) if loss in ("mse", "cross_entropy") else None


@mistake(output_delta)
def makes_float64_of_the_deltas(loss, z, y):
    """Your values are right, but somewhere a float64 array makes float64 of float32 z and y."""
    return output_delta(loss, z.astype(float), y)


def _check_residual_loss(loss):
    if loss not in ("l1", "l2", "smooth_l1"):
        raise ValueError(loss)


@mistake(outlier_influence)
def forgets_the_two_in_outlier_influence(loss, residuals):
    """Your "l2" is half of what is asked: the loss is r², without a ½."""
    pull = outlier_influence(loss, residuals)
    return pull / 2 if loss == "l2" else pull


@mistake(outlier_influence)
def returns_losses_for_their_pulls(loss, residuals):
    """You return the losses: their derivatives are asked."""
    _check_residual_loss(loss)
    r = np.abs(1.0 * residuals)
    return {"l1": r, "l2": r**2, "smooth_l1": np.where(r < 1, r**2 / 2, r - 0.5)}[loss]


@mistake(outlier_influence)
def loses_the_side_of_the_point(loss, residuals):
    """Your derivatives are never negative: a point on the other side of the line pulls the other way."""
    return np.abs(outlier_influence(loss, residuals))


@mistake(outlier_influence)
def returns_the_distance_for_its_pull(loss, residuals):
    """Your "l1" is |r|, the loss itself: its derivative is asked."""
    pull = outlier_influence(loss, residuals)
    return np.abs(1.0 * residuals) if loss == "l1" else pull


@mistake(outlier_influence)
def returns_the_square_for_its_pull(loss, residuals):
    """Your "l2" is r², the loss itself: its derivative is asked."""
    pull = outlier_influence(loss, residuals)
    return 1.0 * residuals**2 if loss == "l2" else pull


@mistake(outlier_influence)
def returns_smooth_l1_for_its_pull(loss, residuals):
    """Your "smooth_l1" is the loss itself: its derivative is asked."""
    pull, r = outlier_influence(loss, residuals), np.abs(1.0 * residuals)
    return np.where(r < 1, r**2 / 2, r - 0.5) if loss == "smooth_l1" else pull


@mistake(outlier_influence)
def loses_the_side_of_the_point_in_smooth_l1(loss, residuals):
    """Your "smooth_l1" is never negative: a point on the other side of the line pulls the other way."""
    pull = outlier_influence(loss, residuals)
    return np.abs(pull) if loss == "smooth_l1" else pull


@mistake(outlier_influence)
def lets_the_pull_of_smooth_l1_end(loss, residuals):
    """Your "smooth_l1" is 0 far out, as if its loss were flat there: it is a straight line, with a slope."""
    pull = outlier_influence(loss, residuals)
    return np.where(np.abs(pull) < 1, pull, np.zeros_like(pull)) if loss == "smooth_l1" else pull


@mistake(outlier_influence)
def pulls_at_residual_zero(loss, residuals):
    """Your "l1" is not 0 at r = 0: a point that lies on the line does not pull."""
    pull = outlier_influence(loss, residuals)
    return np.where(residuals >= 0, 1.0, -1.0).astype(pull.dtype) if loss == "l1" else pull


@mistake(outlier_influence)
def divides_a_residual_by_its_size(loss, residuals):
    """You divide r by |r|: at r = 0 that is 0/0, which is NaN."""
    return residuals / np.abs(residuals) if loss == "l1" else outlier_influence(loss, residuals)


@mistake(outlier_influence)
def lets_the_pull_of_smooth_l1_grow(loss, residuals):
    """Your "smooth_l1" grows with the residual as "l2" does: far out its slope stays the same."""
    return 1.0 * residuals if loss == "smooth_l1" else outlier_influence(loss, residuals)


@mistake(outlier_influence)
def doubles_the_pull_of_smooth_l1_near_zero(loss, residuals):
    """Your "smooth_l1" is 2r near 0: its parabola has a factor ½, so that the slopes meet at |r| = 1."""
    r = 1.0 * residuals
    return np.where(np.abs(r) < 1, 2 * r, np.sign(r)) if loss == "smooth_l1" else outlier_influence(loss, residuals)


@mistake(outlier_influence)
def pulls_with_full_force_inside_smooth_l1(loss, residuals):
    """Your "smooth_l1" is the sign everywhere: near 0 it is proportional to r, and that is what makes it smooth."""
    return np.sign(1.0 * residuals) if loss == "smooth_l1" else outlier_influence(loss, residuals)


@mistake(outlier_influence)
def clips_the_pull_at_one_side_only(loss, residuals):
    """Your "smooth_l1" is cut off at one side only: it is held between −1 and 1."""
    return np.minimum(1.0 * residuals, 1) if loss == "smooth_l1" else outlier_influence(loss, residuals)


@mistake(outlier_influence)
def averages_the_pulls(loss, residuals):
    """You divide by the number of residuals: each one's own derivative is asked."""
    return outlier_influence(loss, residuals) / max(residuals.size, 1)


@mistake(outlier_influence)
def clips_residuals_in_place(loss, residuals):
    """Your "smooth_l1" writes into the residuals: the caller's array is not the same afterwards."""
    if loss == "smooth_l1":
        return np.clip(residuals, -1, 1, out=residuals)
    return outlier_influence(loss, residuals)


@mistake(outlier_influence)
def takes_any_other_name_for_smooth_l1(loss, residuals):
    """You treat every unknown name as "smooth_l1": any other name should raise ValueError."""
    return outlier_influence(loss if loss in ("l1", "l2") else "smooth_l1", residuals)


@mistake(outlier_influence)
def gives_none_for_an_unknown_residual_loss(loss, residuals):
    """For an unknown name your function returns None: it should raise ValueError."""
    return outlier_influence(loss, residuals) if loss in ("l1", "l2", "smooth_l1") else None


@mistake(outlier_influence)
def makes_float64_of_the_pulls(loss, residuals):
    """Your values are right, but somewhere a float64 array makes float64 of float32 residuals."""
    return outlier_influence(loss, residuals.astype(float))
