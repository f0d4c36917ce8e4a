"""Unit 05: wrong answers that people give in 05_normalization, each with what to say of it."""

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.normalization import (
    batch_renorm_backward,
    batch_renorm_forward,
    batchnorm_backward,
    batchnorm_backward_steps,
    batchnorm_forward,
    bn_scale_gradients,
    fold_batchnorm,
    groupnorm_backward,
    groupnorm_forward,
    instancenorm_forward,
    layernorm_backward,
    layernorm_forward,
    merge_batch_statistics,
    norm_parameter_count,
    population_statistics,
    rmsnorm_backward,
    rmsnorm_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    weight_norm,
    weight_norm_backward,
)


def _batch(x, momentum, running_mean, running_var):
    """The batch's statistics and the moved running ones, as they should be."""
    n = len(x)
    if n < 2:
        raise ValueError("at least 2 samples")
    mean, var = x.mean(axis=0), x.var(axis=0)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    return mean, var, running_mean, (1 - momentum) * running_var + momentum * var * n / (n - 1)


def _finish(x, mean, inv_std, gamma, beta, running_mean, running_var, training):
    xhat = (x - mean) * inv_std
    return gamma * xhat + beta, running_mean, running_var, (xhat, inv_std, gamma, training)


@mistake(batchnorm_forward)
def adds_batchnorms_eps_outside_the_root(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You add eps to the standard deviation: here it stands under the root, next to the variance."""
    mean, var = running_mean, running_var
    if training:
        mean, var, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
    return _finish(x, mean, 1 / (np.sqrt(var) + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def leaves_eps_out_of_batchnorm(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You divide by the root of the variance alone: eps is not used, and a constant feature becomes 0/0."""
    mean, var = running_mean, running_var
    if training:
        mean, var, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
    return _finish(x, mean, 1 / np.sqrt(var), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def divides_by_the_variance_instead_of_its_root(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You divide by the variance: x̂ has a standard deviation of 1 only if you divide by a standard deviation."""
    mean, var = running_mean, running_var
    if training:
        mean, var, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
    return _finish(x, mean, 1 / (var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def takes_batch_statistics_along_each_sample(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your mean and variance run along a sample's features: that is layer normalization. A feature is a column of x."""
    if not training:
        return batchnorm_forward(x, gamma, beta, running_mean, running_var, False, momentum, eps)
    n = len(x)
    if n < 2:
        raise ValueError("at least 2 samples")
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    return _finish(x, mean, 1 / np.sqrt(var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def takes_one_mean_for_all_features(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You use one mean and one variance for the whole array: every feature has statistics of its own."""
    if not training:
        return batchnorm_forward(x, gamma, beta, running_mean, running_var, False, momentum, eps)
    n = len(x)
    if n < 2:
        raise ValueError("at least 2 samples")
    mean, var = x.mean(), x.var()
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    return _finish(x, mean, 1 / np.sqrt(var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def normalizes_the_training_batch_with_running_statistics(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """In training you normalize with the running statistics: they are for evaluation, a batch uses its own."""
    mean, var = running_mean, running_var
    if training:
        _, _, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
    return _finish(x, mean, 1 / np.sqrt(var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def normalizes_with_running_statistics_just_moved(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You move the running statistics and then normalize the training batch with them: a batch uses its own."""
    if training:
        _, _, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
    return _finish(x, running_mean, 1 / np.sqrt(running_var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def normalizes_with_batch_statistics_in_evaluation(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """In evaluation you still normalize with the batch's statistics: a prediction must not depend on its neighbours."""
    mean, var = x.mean(axis=0), x.var(axis=0)
    if training:
        _, _, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
    return _finish(x, mean, 1 / np.sqrt(var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def moves_the_running_statistics_in_evaluation(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running statistics move in evaluation too: what the network learnt there would drift with the test data."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if not training and len(x) > 1:
        _, _, new_mean, new_var = _batch(x, momentum, running_mean, running_var)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def lets_the_running_variance_collect_deviations(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running variance collects standard deviations: in evaluation a root would be taken of them once more."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_var = (1 - momentum) * running_var + momentum * x.std(axis=0, ddof=1)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def collects_the_biased_running_variance(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running variance collects the biased one, divided by N, as cs231n and Keras do: here, as in PyTorch, it is
    the unbiased one, divided by N − 1."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_var = (1 - momentum) * running_var + momentum * x.var(axis=0)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def weighs_the_old_statistics_by_momentum(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your momentum weighs the old running statistics, as in cs231n and Keras: here, as in PyTorch, it weighs the
    batch's."""
    return batchnorm_forward(x, gamma, beta, running_mean, running_var, training, 1 - momentum, eps)


@mistake(batchnorm_forward)
def adds_eps_to_the_running_variance(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """Your running variance contains eps: it belongs under the root only, and evaluation would add it once more."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    return out, new_mean, new_var + momentum * eps if training else new_var, cache


@mistake(batchnorm_forward)
def moves_the_running_statistics_in_place(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You update the running statistics in place: the arrays that the caller passed are not the same afterwards."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        running_mean[...] = new_mean
        running_var[...] = new_var
    return out, running_mean, running_var, cache


@mistake(batchnorm_forward)
def moves_the_running_mean_in_place(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You update the running mean in place: the array that the caller passed is not the same afterwards."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        running_mean[...] = new_mean
    return out, running_mean, new_var, cache


@mistake(batchnorm_forward)
def leaves_the_running_statistics_where_they_are(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You return the running statistics as they came, in training too: there they move a little towards the batch's, or
    evaluation would know nothing of the data."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    return out, running_mean, running_var, cache


@mistake(batchnorm_forward)
def returns_the_running_variance_before_the_mean(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You return the running variance before the running mean: the mean comes first."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    return out, new_var, new_mean, cache


@mistake(batchnorm_forward)
def shrinks_the_running_variance_once_more(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running variance collects the biased variance times (N − 1)/N: that one is too small already, and its
    correction is the other way up."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_var = (1 - momentum) * running_var + momentum * x.var(axis=0) * (len(x) - 1) / len(x)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def hands_out_the_batchs_own_statistics(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You return the batch's own statistics as the running ones: those are averages, in which the batch has the weight
    momentum and the old values have the rest."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_mean, new_var = x.mean(axis=0), x.var(axis=0)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def hands_out_the_batchs_own_unbiased_statistics(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You return the batch's own mean and unbiased variance as the running statistics: those are averages, in which the
    batch has the weight momentum and the old values have the rest."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_mean, new_var = x.mean(axis=0), x.var(axis=0, ddof=1)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def adds_to_the_running_statistics_without_end(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running statistics add momentum · batch and keep all of the old value: the two weights must sum to 1, or the
    statistics grow with every step."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_mean, new_var = running_mean + momentum * x.mean(axis=0), running_var + momentum * x.var(axis=0, ddof=1)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def corrects_the_running_mean_too(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """Your running mean carries the factor N/(N − 1): it corrects the variance, and a mean is unbiased as it is."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        n = len(x)
        new_mean = (1 - momentum) * running_mean + momentum * x.mean(axis=0) * n / (n - 1)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def corrects_the_running_variance_with_eps_in_it(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running variance collects (σ² + eps) · N/(N − 1): eps belongs under the root only, not into what is kept."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        n = len(x)
        new_var = (1 - momentum) * running_var + momentum * (x.var(axis=0) + eps) * n / (n - 1)
    return out, new_mean, new_var, cache


@mistake(batchnorm_forward)
def forgets_gamma_in_batchnorms_output(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your out does not know gamma: it scales x̂ before beta is added."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    return out + (1 - gamma) * cache[0], new_mean, new_var, cache


@mistake(batchnorm_forward)
def forgets_beta_in_batchnorms_output(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """Your out does not know beta: it is added to gamma · x̂."""
    out, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    return gamma * cache[0], new_mean, new_var, cache


@mistake(batchnorm_forward)
def normalizes_with_the_unbiased_variance(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You normalize the batch with its variance divided by N − 1: that one is for the running variance only."""
    mean, var = running_mean, running_var
    if training:
        mean, var, running_mean, running_var = _batch(x, momentum, running_mean, running_var)
        var = x.var(axis=0, ddof=1)
    return _finish(x, mean, 1 / np.sqrt(var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def subtracts_squares_for_the_batch_variance(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your variance is the mean of the squares less the square of the mean: for a large mean these two nearly equal
    numbers cancel, and in float32 nothing right is left."""
    mean, var = running_mean, running_var
    if training:
        n = len(x)
        if n < 2:
            raise ValueError("at least 2 samples")
        mean = x.mean(axis=0)
        var = (x**2).mean(axis=0) - mean**2
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    with np.errstate(invalid="ignore"):
        inv_std = 1 / np.sqrt(var + eps)
    return _finish(x, mean, inv_std, gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def divides_by_zero_for_a_batch_of_one(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """For one sample in training, your N − 1 is 0 and you divide by it: the statement asks for a ValueError before."""
    if training and len(x) == 1:
        raise ZeroDivisionError("division by zero")
    return batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)


@mistake(batchnorm_forward)
def gives_nan_statistics_for_a_batch_of_one(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """One sample in training goes through: its unbiased variance is 0/0, and the running variance is NaN from then on.
    The statement asks for a ValueError."""
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return _finish(x, mean, 1 / np.sqrt(var + eps), gamma, beta, running_mean, running_var, training)


@mistake(batchnorm_forward)
def multiplies_beta_by_gamma(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """Your gamma multiplies beta as well: beta is added last."""
    _, new_mean, new_var, cache = batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    return gamma * (cache[0] + beta), new_mean, new_var, cache


@mistake(batchnorm_forward)
def makes_batchnorm_float64(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You collect the result in a new array that is float64 by default, so float32 input comes back as float64."""
    result, new_mean, new_var, cache = batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    out = np.zeros(x.shape)
    out[...] = result
    return out, new_mean, new_var, cache


@mistake(batchnorm_backward)
def treats_the_batch_mean_as_a_constant(dout, cache):
    """Your dx leaves out the path through the batch mean: every sample moves it, and with it all the others."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - xhat * (dgamma / len(dout)))
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def treats_the_batch_variance_as_a_constant(dout, cache):
    """Your dx leaves out the path through the batch variance: every sample moves it, and the root divides them all."""
    _, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - dbeta / len(dout))
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def goes_back_through_training_as_through_evaluation(dout, cache):
    """Your dx treats the batch's mean and variance both as constants: that is right in evaluation only. In training
    every sample moves them, so two more paths lead back to x."""
    _, inv_std, gamma, _ = cache
    _, dgamma, dbeta = batchnorm_backward(dout, cache)
    return gamma * inv_std * dout, dgamma, dbeta


@mistake(batchnorm_backward)
def goes_back_through_evaluation_as_through_training(dout, cache):
    """In evaluation your dx has the paths through mean and variance: there both are constants, and x moves neither."""
    xhat, inv_std, gamma, _ = cache
    return batchnorm_backward(dout, (xhat, inv_std, gamma, True))


@mistake(batchnorm_backward)
def subtracts_sums_where_means_are_due(dout, cache):
    """Your dx subtracts sums over the batch: one sample has only a share of 1/N in the mean and in the variance."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - dbeta - xhat * dgamma)
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def adds_the_variance_path(dout, cache):
    """The path through the variance has the wrong sign in your dx: a larger root makes x̂ smaller."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - dbeta / len(dout) + xhat * (dgamma / len(dout)))
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def halves_the_variance_path(dout, cache):
    """The path through the variance counts half in your dx: does the square's derivative have its 2?"""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - dbeta / len(dout) - xhat * (dgamma / len(dout)) / 2)
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def doubles_the_variance_path(dout, cache):
    """The path through the variance counts twice in your dx: does the root's derivative have its ½?"""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - dbeta / len(dout) - xhat * (2 * dgamma / len(dout)))
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def forgets_gamma_in_batchnorms_dx(dout, cache):
    """Your dx lacks gamma: dout arrives at out, and gamma lies between out and x̂."""
    xhat, inv_std, gamma, training = cache
    _, dgamma, dbeta = batchnorm_backward(dout, cache)
    return batchnorm_backward(dout, (xhat, inv_std, np.ones_like(gamma), training))[0], dgamma, dbeta


@mistake(batchnorm_backward)
def forgets_the_root_in_batchnorms_dx(dout, cache):
    """Your dx is not divided by the root: x is, on its way to x̂, and its gradient has to come back the same way."""
    xhat, inv_std, gamma, training = cache
    _, dgamma, dbeta = batchnorm_backward(dout, cache)
    return batchnorm_backward(dout, (xhat, np.ones_like(inv_std), gamma, training))[0], dgamma, dbeta


@mistake(batchnorm_backward)
def takes_x_before_normalizing_for_dgamma(dout, cache):
    """Your dgamma multiplies dout by x, or by x less the mean: gamma's partner in the product is x̂, after the root."""
    xhat, inv_std, _, _ = cache
    dx, _, dbeta = batchnorm_backward(dout, cache)
    return dx, (dout * (xhat / inv_std)).sum(axis=0), dbeta


@mistake(batchnorm_backward)
def carries_dgamma_of_x_into_dx(dout, cache):
    """Your dgamma multiplies dout by x, or by x less the mean, and your dx takes it over: gamma's partner in the
    product is x̂, after the root, and the sum in dx needs the same x̂."""
    xhat, inv_std, gamma, training = cache
    dx, _, dbeta = batchnorm_backward(dout, cache)
    dgamma = (dout * (xhat / inv_std)).sum(axis=0)
    if training:
        dx = gamma * inv_std * (dout - dbeta / len(dout) - xhat * (dgamma / len(dout)))
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def forgets_xhat_in_dgamma(dout, cache):
    """Your dgamma adds up dout alone, like dbeta: gamma multiplies x̂, so each term is weighted by it."""
    dx, _, dbeta = batchnorm_backward(dout, cache)
    return dx, 1 * dbeta, dbeta


@mistake(batchnorm_backward)
def multiplies_batchnorms_dgamma_by_gamma(dout, cache):
    """Your dgamma contains gamma itself: the derivative of gamma · x̂ with respect to gamma is x̂."""
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx, cache[2] * dgamma, dbeta


@mistake(batchnorm_backward)
def averages_dgamma_and_dbeta_over_the_batch(dout, cache):
    """Your dgamma and dbeta are means over the batch: one gamma serves every sample, and their gradients add up."""
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


@mistake(batchnorm_backward)
def forgets_gamma_in_the_training_dx(dout, cache):
    """Your dx lacks gamma in training: dout arrives at out, and gamma lies between out and x̂, in both modes."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = batchnorm_backward(dout, (xhat, inv_std, np.ones_like(gamma), training))[0]
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def forgets_the_root_in_the_training_dx(dout, cache):
    """Your dx is not divided by the root in training: x is, on its way to x̂, so all of its gradient is."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx / inv_std if training else dx, dgamma, dbeta


@mistake(batchnorm_backward)
def divides_by_the_root_twice_in_dx(dout, cache):
    """Your dx is divided by the root twice in training, that is by the variance: x is divided by it once."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx * inv_std if training else dx, dgamma, dbeta


@mistake(batchnorm_backward)
def puts_gamma_into_the_variance_path_twice(dout, cache):
    """Your dx has gamma twice in the path through the variance: either g = gamma · dout goes into the means, or gamma
    stands in front."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    if training:
        dx = gamma * inv_std * (dout - dbeta / len(dout) - xhat * (gamma * dgamma / len(dout)))
    return dx, dgamma, dbeta


@mistake(batchnorm_backward)
def averages_dgamma_over_the_batch(dout, cache):
    """Your dgamma is a mean over the batch: one gamma serves every sample, and what they send back adds up."""
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta


@mistake(batchnorm_backward)
def averages_dbeta_over_the_batch(dout, cache):
    """Your dbeta is a mean over the batch: one beta serves every sample, and what they send back adds up."""
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx, dgamma, dbeta / len(dout)


@mistake(batchnorm_backward)
def sums_dgamma_and_dbeta_over_the_features(dout, cache):
    """Your dgamma and dbeta are summed over the features: those have a gamma and beta each. Sum over the samples."""
    return batchnorm_backward(dout, cache)[0], (dout * cache[0]).sum(axis=1), dout.sum(axis=1)


@mistake(batchnorm_backward)
def returns_dbeta_before_dgamma(dout, cache):
    """You return the gradients in the wrong order: they follow the arguments, gamma before beta."""
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    return dx, dbeta, dgamma


@mistake(batchnorm_backward)
def multiplies_dout_by_gamma_in_place(dout, cache):
    """Your function multiplies dout by gamma in place: the caller's gradient is not the same afterwards."""
    result = batchnorm_backward(dout, cache)
    dout *= cache[2]
    return result


@mistake(batchnorm_backward)
def makes_batchnorms_dx_float64(dout, cache):
    """You collect dx in a new array that is float64 by default, so float32 gradients come back as float64."""
    result, dgamma, dbeta = batchnorm_backward(dout, cache)
    dx = np.zeros(dout.shape)
    dx[...] = result
    return dx, dgamma, dbeta


def _nodes(x, eps):
    xmu = x - x.mean(axis=0)
    sqrtvar = np.sqrt((xmu**2).mean(axis=0) + eps)
    return xmu, sqrtvar


def _from_dsqrtvar(grads, xmu, sqrtvar):
    """The keys from dvar on, from those before."""
    n = len(xmu)
    grads["dvar"] = grads["dsqrtvar"] / (2 * sqrtvar)
    grads["dsq"] = np.ones_like(xmu) * (grads["dvar"] / n)
    grads["dxmu2"] = 2 * xmu * grads["dsq"]
    return _from_dxmu(grads)


def _from_dxmu(grads):
    """The keys from dx1 on, from those before."""
    grads["dx1"] = grads["dxmu1"] + grads["dxmu2"]
    grads["dmu"] = -grads["dx1"].sum(axis=0)
    grads["dx2"] = np.ones_like(grads["dx1"]) * (grads["dmu"] / len(grads["dx1"]))
    grads["dx"] = grads["dx1"] + grads["dx2"]
    return grads


@mistake(batchnorm_backward_steps)
def loses_the_minus_of_one_over_the_root(dout, x, gamma, eps=1e-5):
    """Your dsqrtvar has the wrong sign, and all that follows from it: 1 / s falls when s grows."""
    xmu, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dsqrtvar"] = -grads["dsqrtvar"]
    return _from_dsqrtvar(grads, xmu, sqrtvar)


@mistake(batchnorm_backward_steps)
def forgets_to_square_the_root_in_dsqrtvar(dout, x, gamma, eps=1e-5):
    """Your dsqrtvar divides by the root only once: look at the power in the derivative of 1 / s."""
    xmu, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dsqrtvar"] = -grads["divar"] / sqrtvar
    return _from_dsqrtvar(grads, xmu, sqrtvar)


@mistake(batchnorm_backward_steps)
def forgets_the_half_of_the_root(dout, x, gamma, eps=1e-5):
    """Your dvar is twice what it should be, and dsq and dxmu2 with it: the derivative of a root has a factor ½."""
    xmu, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dvar"] = grads["dsqrtvar"] / sqrtvar
    grads["dsq"] = np.ones_like(xmu) * (grads["dvar"] / len(x))
    grads["dxmu2"] = 2 * xmu * grads["dsq"]
    return _from_dxmu(grads)


@mistake(batchnorm_backward_steps)
def forgets_the_two_of_the_square(dout, x, gamma, eps=1e-5):
    """Your dxmu2 is half of what it should be: the derivative of a square has a factor 2."""
    xmu, _ = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dxmu2"] = xmu * grads["dsq"]
    return _from_dxmu(grads)


@mistake(batchnorm_backward_steps)
def forgets_to_divide_dsq_by_the_batch_size(dout, x, gamma, eps=1e-5):
    """Your dsq is dvar itself in every row: var is a mean of N squares, so that one square has a share of 1/N in it."""
    xmu, _ = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dsq"] = np.ones_like(xmu) * grads["dvar"]
    grads["dxmu2"] = 2 * xmu * grads["dsq"]
    return _from_dxmu(grads)


@mistake(batchnorm_backward_steps)
def forgets_to_divide_dx2_by_the_batch_size(dout, x, gamma, eps=1e-5):
    """Your dx2 is dmu itself in every row: mu is a mean of N samples, so that one sample has a share of 1/N in it."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dx2"] = np.ones_like(grads["dx1"]) * grads["dmu"]
    grads["dx"] = grads["dx1"] + grads["dx2"]
    return grads


@mistake(batchnorm_backward_steps)
def loses_the_minus_of_dmu(dout, x, gamma, eps=1e-5):
    """Your dmu has the wrong sign, and dx2 and dx follow it: mu is subtracted from every row."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dmu"] = -grads["dmu"]
    grads["dx2"] = -grads["dx2"]
    grads["dx"] = grads["dx1"] + grads["dx2"]
    return grads


@mistake(batchnorm_backward_steps)
def ends_at_x_minus_mu(dout, x, gamma, eps=1e-5):
    """Your dx is dx1 alone: x also reaches the output through its mean, and that part is missing from the sum."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    return grads | {"dx": 1 * grads["dx1"]}


@mistake(batchnorm_backward_steps)
def leaves_the_squares_path_out_of_dx1(dout, x, gamma, eps=1e-5):
    """Your dx1 is dxmu1 alone: the part that comes back through the square is computed, but not added."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dxmu2"] = 0 * grads["dxmu2"]
    return _from_dxmu(grads) | {"dxmu2": batchnorm_backward_steps(dout, x, gamma, eps)["dxmu2"]}


@mistake(batchnorm_backward_steps)
def divides_by_ivar_where_it_multiplies(dout, x, gamma, eps=1e-5):
    """Your dxmu1 is multiplied by the root: the partner of xmu in step 7 is ivar, one over it."""
    _, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dxmu1"] = grads["dxhat"] * sqrtvar
    return _from_dxmu(grads)


@mistake(batchnorm_backward_steps)
def takes_x_for_xmu_in_divar(dout, x, gamma, eps=1e-5):
    """Your divar multiplies dxhat by x: the partner of ivar in step 7 is xmu, from which the mean is already gone."""
    xmu, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["divar"] = (grads["dxhat"] * x).sum(axis=0)
    grads["dsqrtvar"] = -grads["divar"] / sqrtvar**2
    return _from_dsqrtvar(grads, xmu, sqrtvar)


@mistake(batchnorm_backward_steps)
def takes_x_for_xhat_in_the_dgamma_step(dout, x, gamma, eps=1e-5):
    """Your dgamma multiplies dgammax by x: gamma's partner in step 8 is xhat."""
    return batchnorm_backward_steps(dout, x, gamma, eps) | {"dgamma": (dout * x).sum(axis=0)}


@mistake(batchnorm_backward_steps)
def takes_xmu_for_xhat_in_the_dgamma_step(dout, x, gamma, eps=1e-5):
    """Your dgamma multiplies dgammax by xmu: gamma's partner in step 8 is xhat, after the root."""
    return batchnorm_backward_steps(dout, x, gamma, eps) | {"dgamma": (dout * _nodes(x, eps)[0]).sum(axis=0)}


@mistake(batchnorm_backward_steps)
def takes_xhat_for_xmu_in_divar(dout, x, gamma, eps=1e-5):
    """Your divar multiplies dxhat by xhat: the partner of ivar in step 7 is xmu, before the root."""
    xmu, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["divar"] = (grads["dxhat"] * xmu / sqrtvar).sum(axis=0)
    grads["dsqrtvar"] = -grads["divar"] / sqrtvar**2
    return _from_dsqrtvar(grads, xmu, sqrtvar)


@mistake(batchnorm_backward_steps)
def averages_divar_over_the_rows(dout, x, gamma, eps=1e-5):
    """Your divar is a mean over the batch: ivar meets every row in step 7, so it gets the sum of what they send
    back."""
    xmu, sqrtvar = _nodes(x, eps)
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["divar"] = grads["divar"] / len(x)
    grads["dsqrtvar"] = -grads["divar"] / sqrtvar**2
    return _from_dsqrtvar(grads, xmu, sqrtvar)


@mistake(batchnorm_backward_steps)
def averages_dmu_over_the_rows(dout, x, gamma, eps=1e-5):
    """Your dmu is a mean over the batch: mu meets every row in step 2, so it gets the sum of what they send back. The
    1/N of the mean comes one step later, in dx2."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    grads["dmu"], grads["dx2"] = grads["dmu"] / len(x), grads["dx2"] / len(x)
    grads["dx"] = grads["dx1"] + grads["dx2"]
    return grads


@mistake(batchnorm_backward_steps)
def forgets_gamma_in_dxhat(dout, x, gamma, eps=1e-5):
    """Your dxhat is dgammax, and all that follows lacks gamma: step 8 multiplies by it."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    rest = batchnorm_backward_steps(dout, x, np.ones_like(gamma), eps)
    return rest | {key: grads[key] for key in ("dbeta", "dgammax", "dgamma")}


@mistake(batchnorm_backward_steps)
def multiplies_dgammax_by_gamma_already(dout, x, gamma, eps=1e-5):
    """Your dgammax contains gamma: gammax is what gamma has been multiplied into, and step 9 only adds."""
    return batchnorm_backward_steps(dout, x, gamma, eps) | {"dgammax": dout * gamma}


@mistake(batchnorm_backward_steps)
def averages_where_rows_add_up(dout, x, gamma, eps=1e-5):
    """Your dbeta and dgamma are means over the batch: what meets every row gets the sum of what the rows send back."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    return grads | {"dbeta": grads["dbeta"] / len(x), "dgamma": grads["dgamma"] / len(x)}


@mistake(batchnorm_backward_steps)
def leaves_dsq_without_rows(dout, x, gamma, eps=1e-5):
    """Your dsq has shape (D,): the values are right, but sq is an (N, D) node, and every row gets them."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    return grads | {"dsq": grads["dsq"][0]}


@mistake(batchnorm_backward_steps)
def leaves_dx2_without_rows(dout, x, gamma, eps=1e-5):
    """Your dx2 has shape (D,): the values are right, but x is an (N, D) node, and every row gets them."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    return grads | {"dx2": grads["dx2"][0]}


@mistake(batchnorm_backward_steps)
def leaves_dsq_and_dx2_without_rows(dout, x, gamma, eps=1e-5):
    """Your dsq and dx2 have shape (D,): the values are right, but each belongs to an (N, D) node, row by row."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    return grads | {"dsq": grads["dsq"][0], "dx2": grads["dx2"][0]}


@mistake(batchnorm_backward_steps)
def forgets_eps_in_the_graph(dout, x, gamma, eps=1e-5):
    """Your graph has no eps: step 5 adds it to the variance, under the root."""
    return batchnorm_backward_steps(dout, x, gamma, 0.0)


@mistake(batchnorm_backward_steps)
def adds_the_second_part_into_dxmu1(dout, x, gamma, eps=1e-5):
    """Your dxmu1 has changed after it was stored: `+=` on the same array adds dxmu2 to it as well."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    return grads | {"dxmu1": 1 * grads["dx1"]}


@mistake(batchnorm_backward_steps)
def makes_the_repeated_rows_float64(dout, x, gamma, eps=1e-5):
    """Your repeated rows come from np.ones of a shape, which is float64: dsq, dx2 and what they enter are so too."""
    grads = batchnorm_backward_steps(dout, x, gamma, eps)
    n, shape = len(x), np.shape(x)
    grads["dsq"] = np.ones(shape) * (grads["dvar"] / n)
    grads["dxmu2"] = 2 * _nodes(x, eps)[0] * grads["dsq"]
    grads["dx1"] = grads["dxmu1"] + grads["dxmu2"]
    grads["dmu"] = -grads["dx1"].sum(axis=0)
    grads["dx2"] = np.ones(shape) * (grads["dmu"] / n)
    grads["dx"] = grads["dx1"] + grads["dx2"]
    return grads


@mistake(population_statistics)
def averages_biased_variances(batch_means, batch_vars, m):
    """Your variance is the mean of biased ones: each is too small on average, and the size of the batch says by what
    factor."""
    return batch_means.mean(axis=0), batch_vars.mean(axis=0)


@mistake(population_statistics)
def shrinks_the_population_variance(batch_means, batch_vars, m):
    """Your factor is upside down: the biased variances are too small already, and you make them smaller."""
    return batch_means.mean(axis=0), (m - 1) / m * batch_vars.mean(axis=0)


@mistake(population_statistics)
def corrects_by_the_number_of_batches(batch_means, batch_vars, m):
    """Your factor is made of K, the number of batches: each variance is short because of the m samples of its batch."""
    k = len(batch_means)
    return batch_means.mean(axis=0), k / max(k - 1, 1) * batch_vars.mean(axis=0)


@mistake(population_statistics)
def corrects_by_all_the_samples(batch_means, batch_vars, m):
    """Your factor treats all K·m samples as one: each variance was taken about its own batch's mean, of m samples."""
    n = len(batch_means) * m
    return batch_means.mean(axis=0), n / (n - 1) * batch_vars.mean(axis=0)


@mistake(population_statistics)
def adds_the_variance_between_batch_means(batch_means, batch_vars, m):
    """You add the variance of the batch means: that is for the variance of all samples together, a different formula.
    With the factor m / (m − 1) it counts twice."""
    return batch_means.mean(axis=0), m / (m - 1) * batch_vars.mean(axis=0) + batch_means.var(axis=0)


@mistake(population_statistics)
def takes_the_variance_of_the_batch_means(batch_means, batch_vars, m):
    """Your variance is how far the batch means lie apart: that is about m times too small, the spread is within the
    batches."""
    return batch_means.mean(axis=0), batch_means.var(axis=0)


@mistake(population_statistics)
def averages_standard_deviations(batch_means, batch_vars, m):
    """You average standard deviations and square the result: that is smaller than the mean of the variances."""
    return batch_means.mean(axis=0), m / (m - 1) * np.sqrt(batch_vars).mean(axis=0) ** 2


@mistake(population_statistics)
def averages_over_the_features(batch_means, batch_vars, m):
    """Your means run along the features: the batches are the rows, and every feature keeps statistics of its own."""
    return batch_means.mean(axis=1), m / (m - 1) * batch_vars.mean(axis=1)


@mistake(population_statistics)
def corrects_the_mean_as_well(batch_means, batch_vars, m):
    """Your mean carries the factor too: the mean of batch means is unbiased as it is."""
    return m / (m - 1) * batch_means.mean(axis=0), m / (m - 1) * batch_vars.mean(axis=0)


@mistake(population_statistics)
def corrects_the_variances_in_place(batch_means, batch_vars, m):
    """Your function multiplies batch_vars in place: the caller's array is not the same afterwards."""
    mean, var = population_statistics(batch_means, batch_vars, m)
    if batch_vars.dtype.kind == "f":
        batch_vars *= m / (m - 1)
    return mean, var


def _scale_for(W, scale):
    return scale if W.ndim == 2 else scale[:, None, None, None]


@mistake(fold_batchnorm)
def scales_the_rows_of_a_dense_layer(W, b, gamma, beta, mean, var, eps=1e-5):
    """You scale the rows of the dense W: those belong to its inputs. The outputs are the columns."""
    if W.ndim == 4:
        return fold_batchnorm(W, b, gamma, beta, mean, var, eps)
    scale = gamma / np.sqrt(var + eps)
    return W * scale[:, None], (b - mean) * scale + beta


@mistake(fold_batchnorm)
def scales_the_input_channels_of_the_filters(W, b, gamma, beta, mean, var, eps=1e-5):
    """You scale the filters along axis 1, which is the input's channels: an output of a convolution is a whole filter,
    axis 0."""
    if W.ndim == 2:
        return fold_batchnorm(W, b, gamma, beta, mean, var, eps)
    scale = gamma / np.sqrt(var + eps)
    return W * scale[:, None, None], (b - mean) * scale + beta


@mistake(fold_batchnorm)
def scales_the_width_of_the_filters(W, b, gamma, beta, mean, var, eps=1e-5):
    """You multiply the filters as if they were dense: broadcasting lines the scale up with their width, the last axis.
    An output is a whole filter, axis 0."""
    scale = gamma / np.sqrt(var + eps)
    return W * scale, (b - mean) * scale + beta


@mistake(fold_batchnorm)
def adds_eps_outside_the_root_when_folding(W, b, gamma, beta, mean, var, eps=1e-5):
    """You add eps to the standard deviation: it stands under the root, next to the variance."""
    scale = gamma / (np.sqrt(var) + eps)
    return W * _scale_for(W, scale), (b - mean) * scale + beta


@mistake(fold_batchnorm)
def leaves_eps_out_when_folding(W, b, gamma, beta, mean, var, eps=1e-5):
    """You divide by the root of the variance alone: the layer that you fold has eps under the root, so the folded one
    needs it too."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = gamma / np.sqrt(var)
    return W * _scale_for(W, scale), (b - mean) * scale + beta


@mistake(fold_batchnorm)
def divides_by_the_variance_when_folding(W, b, gamma, beta, mean, var, eps=1e-5):
    """You divide by the variance: the normalization divides by its root."""
    scale = gamma / (var + eps)
    return W * _scale_for(W, scale), (b - mean) * scale + beta


@mistake(fold_batchnorm)
def leaves_the_old_bias_unscaled(W, b, gamma, beta, mean, var, eps=1e-5):
    """Your old bias is added as it was: it is a part of z, and the normalization scales all of z."""
    scale = gamma / np.sqrt(var + eps)
    return W * _scale_for(W, scale), b - mean * scale + beta


@mistake(fold_batchnorm)
def drops_the_old_bias(W, b, gamma, beta, mean, var, eps=1e-5):
    """Your new bias does not contain the old one: that is right only for a layer without a bias."""
    scale = gamma / np.sqrt(var + eps)
    return W * _scale_for(W, scale), beta - mean * scale


@mistake(fold_batchnorm)
def leaves_the_mean_unscaled(W, b, gamma, beta, mean, var, eps=1e-5):
    """Your mean is subtracted as it is: it is subtracted before the normalization scales, so it is scaled too."""
    scale = gamma / np.sqrt(var + eps)
    return W * _scale_for(W, scale), b * scale - mean + beta


@mistake(fold_batchnorm)
def adds_the_mean_when_folding(W, b, gamma, beta, mean, var, eps=1e-5):
    """Your new bias adds the running mean: the normalization subtracts it."""
    scale = gamma / np.sqrt(var + eps)
    return W * _scale_for(W, scale), (b + mean) * scale + beta


@mistake(fold_batchnorm)
def forgets_the_mean_when_folding(W, b, gamma, beta, mean, var, eps=1e-5):
    """Your new bias does not know the running mean: the normalization subtracts it before it scales."""
    scale = gamma / np.sqrt(var + eps)
    return W * _scale_for(W, scale), b * scale + beta


@mistake(fold_batchnorm)
def scales_beta_when_folding(W, b, gamma, beta, mean, var, eps=1e-5):
    """Your beta is scaled as well: the normalization adds it last."""
    scale = gamma / np.sqrt(var + eps)
    return W * _scale_for(W, scale), (b - mean + beta) * scale


@mistake(fold_batchnorm)
def folds_into_the_callers_weights(W, b, gamma, beta, mean, var, eps=1e-5):
    """You scale W in place: the layer that the caller still holds is not the same afterwards."""
    new_W, new_b = fold_batchnorm(W, b, gamma, beta, mean, var, eps)
    if W.dtype.kind == "f":
        W[...] = new_W
    return new_W, new_b


@mistake(spatial_batchnorm_forward)
def reshapes_images_without_moving_the_channels_last(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You reshape (N, C, H, W) to (m, C) as it lies in memory: the columns then mix the channels, because the last
    axis was W. The channel axis must be moved to the end before the reshape."""
    rows = 1.0 * x.reshape(-1, x.shape[1])
    mean, var = running_mean, running_var
    if training:
        m = len(rows)
        if m < 2:
            raise ValueError("too few values")
        mean, var = rows.mean(axis=0), rows.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * m / (m - 1)
    inv_std = 1 / np.sqrt(var + eps)
    xhat = (rows - mean) * inv_std
    out = (gamma * xhat + beta).reshape(x.shape)
    return out, running_mean, running_var, (xhat.reshape(x.shape), inv_std, gamma, training)


@mistake(spatial_batchnorm_forward)
def does_not_move_the_channels_back_after_normalizing(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your statistics are right, but you reshape the rows straight to x's shape: the channels are still last there, so
    the numbers land in the wrong places. Undo both steps, in the opposite order."""
    out, mean, var, cache = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    return out.transpose(0, 2, 3, 1).reshape(x.shape), mean, var, cache


@mistake(spatial_batchnorm_forward)
def normalizes_each_image_of_the_batch_on_its_own(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You take the mean over H and W only, so every image has its own: that is instance normalization. Here a channel
    has one mean for the whole batch."""
    if not training:
        return spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    x = 1.0 * x
    m = x.size // x.shape[1]
    if m < 2:
        raise ValueError("too few values")
    mean, var = x.mean(axis=(2, 3), keepdims=True), x.var(axis=(2, 3), keepdims=True)
    running_mean = (1 - momentum) * running_mean + momentum * mean.mean(axis=(0, 2, 3))
    running_var = (1 - momentum) * running_var + momentum * var.mean(axis=(0, 2, 3)) * m / (m - 1)
    xhat = (x - mean) / np.sqrt(var + eps)
    out = gamma[:, None, None] * xhat + beta[:, None, None]
    return out, running_mean, running_var, (xhat, 1 / np.sqrt(var.mean(axis=(0, 2, 3)) + eps), gamma, training)


@mistake(spatial_batchnorm_forward)
def averages_the_variances_of_single_images(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your variance is the mean of the images' own variances: the images of a channel have different means, and how far
    apart these lie is a part of the channel's variance."""
    _, new_mean, new_var, _ = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    mean, var = running_mean, running_var
    if training:
        m = x.size // x.shape[1]
        mean, var = (1.0 * x).mean(axis=(0, 2, 3)), (1.0 * x).var(axis=(2, 3)).mean(axis=0)
        new_var = (1 - momentum) * running_var + momentum * var * m / (m - 1)
    inv_std = 1 / np.sqrt(var + eps)
    xhat = (x - mean[:, None, None]) * inv_std[:, None, None]
    out = gamma[:, None, None] * xhat + beta[:, None, None]
    return out, new_mean, new_var, (xhat, inv_std, gamma, training)


@mistake(spatial_batchnorm_forward)
def normalizes_each_pixel_over_the_batch(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You take the mean over the batch axis alone, so every pixel has its own: a convolution shares its weights over
    the pixels, and the normalization must share its statistics too."""
    if not training:
        return spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    x = 1.0 * x
    m = x.size // x.shape[1]
    if m < 2:
        raise ValueError("too few values")
    mean, var = x.mean(axis=0), x.var(axis=0)
    running_mean = (1 - momentum) * running_mean + momentum * mean.mean(axis=(1, 2))
    running_var = (1 - momentum) * running_var + momentum * var.mean(axis=(1, 2)) * m / (m - 1)
    xhat = (x - mean) / np.sqrt(var + eps)
    out = gamma[:, None, None] * xhat + beta[:, None, None]
    return out, running_mean, running_var, (xhat, 1 / np.sqrt(var.mean(axis=(1, 2)) + eps), gamma, training)


@mistake(spatial_batchnorm_forward)
def keeps_a_biased_running_variance_of_images(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your running variance averages the variance divided by m: the one that is kept for test time is unbiased, divided
    by m − 1. Only the batch itself is normalized with the biased one."""
    out, mean, new_var, cache = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_var = (1 - momentum) * running_var + momentum * (1.0 * x).var(axis=(0, 2, 3))
    return out, mean, new_var, cache


@mistake(spatial_batchnorm_forward)
def counts_images_instead_of_pixels(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You count the N images where the N·H·W values of a channel count: the correction of the running variance is too
    large, and for one image it divides by 0."""
    n = len(x)
    out, mean, new_var, cache = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_var = (1 - momentum) * running_var + momentum * (1.0 * x).var(axis=(0, 2, 3)) * (n / (n - 1))
    return out, mean, new_var, cache


@mistake(spatial_batchnorm_forward)
def refuses_a_single_image(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You raise ValueError for a batch of one image: its H·W pixels are samples too, so one image has a variance as
    soon as it has two pixels."""
    if training and len(x) < 2:
        raise ValueError("training needs at least 2 images")
    return spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)


@mistake(spatial_batchnorm_forward)
def divides_by_zero_for_one_value_per_channel(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """With a single value in a channel your m − 1 is 0, and Python's own ZeroDivisionError comes out: ValueError is
    asked for there, so test m first."""
    m = x.size // x.shape[1]
    factor = m / (m - 1) if training else 1.0
    out, mean, new_var, cache = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    if training:
        new_var = (1 - momentum) * running_var + momentum * factor * (1.0 * x).var(axis=(0, 2, 3))
    return out, mean, new_var, cache


@mistake(spatial_batchnorm_forward)
def lets_one_value_per_channel_pass(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    """You accept training with a single value in a channel: it has no variance, and ValueError is asked for there."""
    if training and x.size == x.shape[1]:
        xhat, inv_std = np.zeros(x.shape), 1 / np.sqrt(eps + 0 * beta)
        running_mean = (1 - momentum) * running_mean + momentum * x.reshape(-1)
        return xhat + beta[:, None, None], running_mean, (1 - momentum) * running_var, (xhat, inv_std, gamma, True)
    return spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)


@mistake(spatial_batchnorm_forward)
def adds_eps_outside_the_root_for_images(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You add eps to the standard deviation: in this family it stands inside the root, next to the variance."""
    _, mean, var, _ = spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, momentum, eps)
    center, spread = running_mean, running_var
    if training:
        center, spread = (1.0 * x).mean(axis=(0, 2, 3)), (1.0 * x).var(axis=(0, 2, 3))
    inv_std = 1 / (np.sqrt(spread) + eps)
    xhat = (x - center[:, None, None]) * inv_std[:, None, None]
    out = gamma[:, None, None] * xhat + beta[:, None, None]
    return out, mean, var, (xhat, inv_std, gamma, training)


@mistake(spatial_batchnorm_forward)
def lets_the_momentum_weigh_the_old_statistics(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You give momentum to the old running statistics, as some courses do: here the batch gets it, and the old ones
    get the rest."""
    return spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, training, 1 - momentum, eps)


@mistake(spatial_batchnorm_forward)
def updates_the_running_statistics_of_images_in_place(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You write the new running statistics into the arrays you were given: the caller's are not the same afterwards."""
    out, mean, var, cache = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    running_mean[...] = mean
    running_var[...] = var
    return out, running_mean, running_var, cache


@mistake(spatial_batchnorm_forward)
def normalizes_with_the_batch_in_evaluation(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """You use the batch's statistics in evaluation too: there an image's output must not depend on the others, so the
    running ones take their place and stay as they are."""
    return spatial_batchnorm_forward(x, gamma, beta, running_mean, running_var, True, momentum, eps)


@mistake(spatial_batchnorm_forward)
def adds_up_the_statistics_image_by_image(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    """Your values are right, but a Python loop runs over the images, which is ruled out: NumPy can sum over several
    axes at once."""
    out, mean, var, cache = spatial_batchnorm_forward(
        x, gamma, beta, running_mean, running_var, training, momentum, eps
    )
    for i in range(len(x)):
        out[i] = gamma[:, None, None] * cache[0][i] + beta[:, None, None]
    return out, mean, var, cache


@mistake(spatial_batchnorm_backward)
def takes_the_channel_mean_for_a_constant(dout, cache):
    """Your dx lacks the path through the mean: in training every pixel moves its channel's mean, so your dx does not
    sum to 0 over a channel as it must."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    if training:
        m = dout.size // dout.shape[1]
        dx = (gamma * inv_std)[:, None, None] * (dout - xhat * (dgamma / m)[:, None, None])
    return dx, dgamma, dbeta


@mistake(spatial_batchnorm_backward)
def takes_the_channel_variance_for_a_constant(dout, cache):
    """Your dx lacks the path through the variance: in training every pixel moves it, which gives a term along x̂."""
    _, inv_std, gamma, training = cache
    dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    if training:
        m = dout.size // dout.shape[1]
        dx = (gamma * inv_std)[:, None, None] * (dout - (dbeta / m)[:, None, None])
    return dx, dgamma, dbeta


@mistake(spatial_batchnorm_backward)
def uses_the_evaluation_gradient_in_training(dout, cache):
    """Your dx only scales dout, which is right in evaluation: in training the mean and the variance depend on x too,
    and two more terms flow back through them."""
    _, inv_std, gamma, _ = cache
    _, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    return (gamma * inv_std)[:, None, None] * dout, dgamma, dbeta


@mistake(spatial_batchnorm_backward)
def uses_the_training_gradient_in_evaluation(dout, cache):
    """Your dx has the training terms in evaluation too: there the mean and the variance are the running ones, which do
    not depend on x."""
    xhat, inv_std, gamma, _ = cache
    return spatial_batchnorm_backward(dout, (xhat, inv_std, gamma, True))


@mistake(spatial_batchnorm_backward)
def divides_channel_gradients_by_the_batch_size(dout, cache):
    """You divide by the N images in dx: the means there are over the N·H·W values of a channel, so your two correction
    terms are H·W times too large."""
    xhat, inv_std, gamma, training = cache
    dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    if training:
        n = len(dout)
        inner = dout - (dbeta / n)[:, None, None] - xhat * (dgamma / n)[:, None, None]
        dx = (gamma * inv_std)[:, None, None] * inner
    return dx, dgamma, dbeta


@mistake(spatial_batchnorm_backward)
def sums_the_image_gains_over_the_batch_axis_only(dout, cache):
    """Your dgamma and dbeta still have an H and a W axis: one gamma serves all pixels of its channel, so their
    gradients sum over the pixels too."""
    dx, _, _ = spatial_batchnorm_backward(dout, cache)
    return dx, (dout * cache[0]).sum(axis=0), dout.sum(axis=0)


@mistake(spatial_batchnorm_backward)
def averages_the_channel_gradients_over_the_pixels(dout, cache):
    """Your dgamma and dbeta are means over N, H and W: a number used m times gets the sum of m gradients."""
    dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    m = dout.size // dout.shape[1]
    return dx, dgamma / m, dbeta / m


@mistake(spatial_batchnorm_backward)
def returns_the_channels_dbeta_before_dgamma(dout, cache):
    """You return the gradients of the channels in the wrong order: they follow the arguments, gamma before beta."""
    dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    return dx, dbeta, dgamma


@mistake(spatial_batchnorm_backward)
def forgets_the_channel_gain_in_dx(dout, cache):
    """Your dx is right for gamma = 1 only: the gradient passes gamma before it reaches x̂."""
    xhat, inv_std, gamma, training = cache
    _, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
    return spatial_batchnorm_backward(dout, (xhat, inv_std, np.ones_like(gamma), training))[0], dgamma, dbeta


@mistake(spatial_batchnorm_backward)
def adds_up_the_gain_gradients_image_by_image(dout, cache):
    """Your values are right, but a Python loop runs over the images, which is ruled out: NumPy can sum over several
    axes at once."""
    dx, dgamma, _ = spatial_batchnorm_backward(dout, cache)
    dbeta = np.zeros_like(dgamma)
    for image in dout:
        dbeta += image.sum(axis=(1, 2))
    return dx, dgamma, dbeta


@mistake(layernorm_forward)
def normalizes_features_over_the_batch(x, gamma, beta, eps=1e-5):
    """You take mean and variance over axis 0, which is batch normalization: here each vector of the last axis has its
    own, and no other sample has a say."""
    x = 1.0 * x
    inv_std = 1 / np.sqrt(x.var(axis=0, keepdims=True) + eps)
    xhat = (x - x.mean(axis=0, keepdims=True)) * inv_std
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@mistake(layernorm_forward)
def normalizes_a_whole_sample_at_once(x, gamma, beta, eps=1e-5):
    """You take mean and variance over all axes but the first: with x of shape (N, T, D) the T vectors of a sample then
    share them. Only the last axis is meant."""
    x = 1.0 * x
    axes = tuple(range(1, x.ndim)) or (0,)
    inv_std = 1 / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    xhat = (x - x.mean(axis=axes, keepdims=True)) * inv_std
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@mistake(layernorm_forward)
def adds_eps_outside_the_root_of_the_vector(x, gamma, beta, eps=1e-5):
    """You add eps to the standard deviation of the vector: it stands inside the root, next to the variance."""
    x = 1.0 * x
    inv_std = 1 / (x.std(axis=-1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=-1, keepdims=True)) * inv_std
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@mistake(layernorm_forward)
def divides_the_vector_variance_by_d_minus_one(x, gamma, beta, eps=1e-5):
    """You use the unbiased variance, divided by D − 1: this layer divides by D, and for D = 1 yours is 0/0."""
    x = 1.0 * x
    inv_std = 1 / np.sqrt(x.var(axis=-1, ddof=1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=-1, keepdims=True)) * inv_std
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@mistake(layernorm_forward)
def takes_the_variance_from_raw_squares(x, gamma, beta, eps=1e-5):
    """Your variance is mean(x²) minus the squared mean: two large numbers whose difference has no digits left when the
    mean is large. Centre first, then square."""
    x = 1.0 * x
    mean = x.mean(axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) - mean**2 + eps)
    xhat = (x - mean) * inv_std
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@mistake(layernorm_forward)
def divides_the_vector_by_its_variance(x, gamma, beta, eps=1e-5):
    """You divide by the variance: the root is missing, so your out does not have variance 1."""
    x = 1.0 * x
    inv_std = 1 / (x.var(axis=-1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=-1, keepdims=True)) * inv_std
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@mistake(layernorm_forward)
def scales_the_vector_without_centring(x, gamma, beta, eps=1e-5):
    """You divide x itself by the standard deviation: the mean is used for the variance, and then not subtracted."""
    x = 1.0 * x
    inv_std = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    return gamma * x * inv_std + beta, (x * inv_std, inv_std, gamma)


@mistake(layernorm_forward)
def loses_the_axis_of_the_vector_mean(x, gamma, beta, eps=1e-5):
    """Your mean has lost its axis: its shape (N,) meets the last axis of x, which is D, so it fits by chance or not at
    all. Is a keepdims missing?"""
    x = 1.0 * x
    inv_std = 1 / np.sqrt(x.var(axis=-1) + eps)
    xhat = (x - x.mean(axis=-1)) * inv_std
    return gamma * xhat + beta, (xhat, inv_std[..., None], gamma)


@mistake(layernorm_forward)
def cuts_the_normalized_vector_to_integers(x, gamma, beta, eps=1e-5):
    """You write the result into an array made like x: where x holds integers, it cuts the decimals off."""
    want, cache = layernorm_forward(x, gamma, beta, eps)
    out = np.zeros_like(x)
    out[...] = want
    return out, cache


@mistake(layernorm_forward)
def centres_the_vector_in_place(x, gamma, beta, eps=1e-5):
    """You subtract the mean from x itself: the caller's array is not the same afterwards."""
    if x.dtype.kind != "f":
        x = 1.0 * x
    x -= x.mean(axis=-1, keepdims=True)
    inv_std = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * (x * inv_std) + beta, (x * inv_std, inv_std, gamma)


@mistake(layernorm_backward)
def leaves_gamma_outside_the_vector_means(dout, cache):
    """You took batch normalization's formula with gamma in front: there it is one constant for the whole mean, here it
    differs from place to place of the vector, so it belongs inside both means."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    inner = dout - dout.mean(axis=-1, keepdims=True) - xhat * (dout * xhat).mean(axis=-1, keepdims=True)
    return gamma * inv_std * inner, dgamma, dbeta


@mistake(layernorm_backward)
def takes_the_vector_mean_for_a_constant(dout, cache):
    """Your dx lacks the path through the mean: every x of a vector moves it, so dx must sum to 0 along the last
    axis."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    g = dout * gamma
    return inv_std * (g - xhat * (g * xhat).mean(axis=-1, keepdims=True)), dgamma, dbeta


@mistake(layernorm_backward)
def forgets_gamma_in_the_vector_dx(dout, cache):
    """Your dx does not know gamma: dout arrives at out, and gamma lies between out and x̂."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    return layernorm_backward(dout, (xhat, inv_std, np.ones_like(gamma)))[0], dgamma, dbeta


@mistake(layernorm_backward)
def subtracts_vector_sums_where_means_are_due(dout, cache):
    """Your dx takes away sums along the last axis: one number has only a share of 1/D in the mean and in the
    variance."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    g = dout * gamma
    dx = inv_std * (g - g.sum(axis=-1, keepdims=True) - xhat * (g * xhat).sum(axis=-1, keepdims=True))
    return dx, dgamma, dbeta


@mistake(layernorm_backward)
def forgets_the_d_of_the_vector_dx(dout, cache):
    """Your dx is D times too large: with sums in place of means, g is multiplied by D, and all of it divided by D."""
    dx, dgamma, dbeta = layernorm_backward(dout, cache)
    return dx * dout.shape[-1], dgamma, dbeta


@mistake(layernorm_backward)
def adds_the_vector_variance_path(dout, cache):
    """The path through the variance has the wrong sign in your dx: a larger root makes x̂ smaller."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    g = dout * gamma
    dx = inv_std * (g - g.mean(axis=-1, keepdims=True) + xhat * (g * xhat).mean(axis=-1, keepdims=True))
    return dx, dgamma, dbeta


@mistake(layernorm_backward)
def forgets_the_deviation_in_the_vector_dx(dout, cache):
    """Your dx is not divided by the root: x is, on its way to x̂, and its gradient comes back the same way."""
    dx, dgamma, dbeta = layernorm_backward(dout, cache)
    return dx / cache[1], dgamma, dbeta


@mistake(layernorm_backward)
def takes_the_vector_variance_for_a_constant(dout, cache):
    """Your dx lacks the path through the variance: every x of a vector moves it, which gives a term along x̂."""
    _, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    g = dout * gamma
    return inv_std * (g - g.mean(axis=-1, keepdims=True)), dgamma, dbeta


@mistake(layernorm_backward)
def stops_at_the_division_by_the_deviation(dout, cache):
    """Your dx only scales dout: the mean and the variance of the vector depend on x too, and two more terms flow back
    through them."""
    _, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    return dout * gamma * inv_std, dgamma, dbeta


@mistake(layernorm_backward)
def takes_the_vector_gradient_means_over_the_batch(dout, cache):
    """The means in your dx run over the samples, as in batch normalization: the statistics were each vector's own, so
    the means of the gradient run along the last axis."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = layernorm_backward(dout, cache)
    g = dout * gamma
    others = tuple(range(dout.ndim - 1))
    inner = g - g.mean(axis=others, keepdims=True) - xhat * (g * xhat).mean(axis=others, keepdims=True)
    return inv_std * inner, dgamma, dbeta


@mistake(layernorm_backward)
def sums_vector_gains_over_the_first_axis_only(dout, cache):
    """You sum dgamma and dbeta over axis 0 only: of (N, T, D) a T axis is left, and of a single vector nothing is. All
    axes but the last are summed over."""
    dx, _, _ = layernorm_backward(dout, cache)
    return dx, (dout * cache[0]).sum(axis=0), dout.sum(axis=0)


@mistake(layernorm_backward)
def sums_vector_gains_along_the_normalized_axis(dout, cache):
    """Your dgamma and dbeta sum along the last axis: that is where the mean was taken, but gamma has one number for
    each place of it, shared by the samples."""
    dx, _, _ = layernorm_backward(dout, cache)
    return dx, (dout * cache[0]).sum(axis=-1), dout.sum(axis=-1)


@mistake(layernorm_backward)
def keeps_the_vectors_apart_in_dgamma(dout, cache):
    """Your dgamma has dout's shape: gamma is shared by all vectors, so its gradient sums over all axes but the last."""
    dx, _, dbeta = layernorm_backward(dout, cache)
    return dx, dout * cache[0], dbeta


@mistake(layernorm_backward)
def puts_gamma_into_its_own_gradient(dout, cache):
    """Your dgamma has gamma in it as a factor: out = gamma · x̂ + beta is linear in gamma, so its gradient has only
    dout and x̂."""
    dx, dgamma, dbeta = layernorm_backward(dout, cache)
    return dx, dgamma * cache[2], dbeta


@mistake(groupnorm_forward)
def deals_channels_to_the_groups_in_turn(x, gamma, beta, groups, eps=1e-5):
    """Your groups take every G-th channel: a group is a run of consecutive channels, so the group axis comes before
    the channel-in-group axis in the reshape."""
    n, c, h, w = x.shape
    if c % groups:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    parts = 1.0 * x.reshape(n, c // groups, groups, h, w)
    inv_std = 1 / np.sqrt(parts.var(axis=(1, 3, 4), keepdims=True) + eps)
    xhat = (parts - parts.mean(axis=(1, 3, 4), keepdims=True)) * inv_std
    out = gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None]
    return out, (xhat.reshape(n, groups, -1), inv_std.reshape(n, groups, 1), gamma)


@mistake(groupnorm_forward)
def takes_groups_for_the_size_of_a_group(x, gamma, beta, groups, eps=1e-5):
    """You take `groups` for the number of channels in a group: it is the number of groups."""
    if x.shape[1] % groups:
        raise ValueError("groups must divide the channels")
    return groupnorm_forward(x, gamma, beta, x.shape[1] // groups, eps)


@mistake(groupnorm_forward)
def cuts_groups_through_a_channel(x, gamma, beta, groups, eps=1e-5):
    """Your reshape cuts an image into equal parts wherever they fall, also in the middle of a channel: where the groups
    do not divide the channels, ValueError is asked for."""
    rows = 1.0 * x.reshape(len(x), groups, -1)
    inv_std = 1 / np.sqrt(rows.var(axis=2, keepdims=True) + eps)
    xhat = (rows - rows.mean(axis=2, keepdims=True)) * inv_std
    return gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None], (xhat, inv_std, gamma)


@mistake(groupnorm_forward)
def gives_a_whole_group_one_gain(x, gamma, beta, groups, eps=1e-5):
    """All channels of a group get the same gamma and beta in your out: the statistics go by group, but gamma and beta
    go by channel."""
    size = x.shape[1] // groups
    out, cache = groupnorm_forward(x, np.ones_like(gamma), np.zeros_like(beta), groups, eps)
    gain, shift = np.repeat(gamma[::size], size), np.repeat(beta[::size], size)
    return gain[:, None, None] * out + shift[:, None, None], (cache[0], cache[1], gain)


@mistake(groupnorm_forward)
def shares_group_statistics_over_the_batch(x, gamma, beta, groups, eps=1e-5):
    """Your mean runs over the images too: each image is normalized on its own, which is what makes the layer work at
    any batch size."""
    n, c, _, _ = x.shape
    if c % groups:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    rows = 1.0 * x.reshape(n, groups, -1)
    inv_std = 1 / np.sqrt(rows.var(axis=(0, 2), keepdims=True) + eps)
    xhat = (rows - rows.mean(axis=(0, 2), keepdims=True)) * inv_std
    return gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None], (xhat, inv_std, gamma)


@mistake(groupnorm_forward)
def normalizes_each_channel_of_a_group(x, gamma, beta, groups, eps=1e-5):
    """Each channel has its own mean in your out: that is instance normalization. The channels of a group share
    one."""
    if x.shape[1] % groups:
        raise ValueError("groups must divide the channels")
    return groupnorm_forward(x, gamma, beta, x.shape[1], eps)


@mistake(groupnorm_forward)
def normalizes_each_pixel_of_a_group(x, gamma, beta, groups, eps=1e-5):
    """You take the mean over the channels of a group only, pixel by pixel: the pixels of a group share one mean, so H
    and W belong to the axes."""
    n, c, h, w = x.shape
    if c % groups:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    parts = 1.0 * x.reshape(n, groups, c // groups, h, w)
    inv_std = 1 / np.sqrt(parts.var(axis=2, keepdims=True) + eps)
    xhat = (parts - parts.mean(axis=2, keepdims=True)) * inv_std
    out = gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None]
    return out, (xhat.reshape(n, groups, -1), (inv_std + 0 * parts).reshape(n, groups, -1), gamma)


@mistake(groupnorm_forward)
def adds_eps_outside_the_root_of_the_group(x, gamma, beta, groups, eps=1e-5):
    """You add eps to the standard deviation of the group: it stands inside the root, next to the variance."""
    n, c, _, _ = x.shape
    if c % groups:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    rows = 1.0 * x.reshape(n, groups, -1)
    inv_std = 1 / (rows.std(axis=2, keepdims=True) + eps)
    xhat = (rows - rows.mean(axis=2, keepdims=True)) * inv_std
    return gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None], (xhat, inv_std, gamma)


@mistake(groupnorm_forward)
def divides_the_group_by_its_variance(x, gamma, beta, groups, eps=1e-5):
    """You divide by the variance of the group: the root is missing, so your groups do not come out with variance 1."""
    n, c, _, _ = x.shape
    if c % groups:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    rows = 1.0 * x.reshape(n, groups, -1)
    inv_std = 1 / (rows.var(axis=2, keepdims=True) + eps)
    xhat = (rows - rows.mean(axis=2, keepdims=True)) * inv_std
    return gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None], (xhat, inv_std, gamma)


@mistake(groupnorm_forward)
def divides_the_group_variance_by_one_less(x, gamma, beta, groups, eps=1e-5):
    """You use the unbiased variance: the variance of a group is divided by the number of its values, not by one
    less."""
    n, c, _, _ = x.shape
    if c % groups:
        raise ValueError(f"{groups} groups do not divide {c} channels")
    rows = 1.0 * x.reshape(n, groups, -1)
    inv_std = 1 / np.sqrt(rows.var(axis=2, ddof=1, keepdims=True) + eps)
    xhat = (rows - rows.mean(axis=2, keepdims=True)) * inv_std
    return gamma[:, None, None] * xhat.reshape(x.shape) + beta[:, None, None], (xhat, inv_std, gamma)


@mistake(groupnorm_backward)
def leaves_gamma_outside_the_group_means(dout, cache):
    """You multiply by gamma after the means are taken: it differs between the channels of a group, so it belongs
    inside both means."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = groupnorm_backward(dout, cache)
    dx, _, _ = groupnorm_backward(dout, (xhat, inv_std, np.ones_like(gamma)))
    return gamma[:, None, None] * dx, dgamma, dbeta


@mistake(groupnorm_backward)
def forgets_the_gain_in_the_group_dx(dout, cache):
    """Your dx is right for gamma = 1 only: the gradient passes gamma before it reaches x̂."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = groupnorm_backward(dout, cache)
    return groupnorm_backward(dout, (xhat, inv_std, np.ones_like(gamma)))[0], dgamma, dbeta


@mistake(groupnorm_backward)
def takes_the_group_mean_for_a_constant(dout, cache):
    """Your dx lacks the path through the mean: every value of a group moves it, so dx must sum to 0 over a group."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = groupnorm_backward(dout, cache)
    g = (dout * gamma[:, None, None]).reshape(xhat.shape)
    dx = inv_std * (g - xhat * (g * xhat).mean(axis=2, keepdims=True))
    return dx.reshape(dout.shape), dgamma, dbeta


@mistake(groupnorm_backward)
def takes_the_group_variance_for_a_constant(dout, cache):
    """Your dx lacks the path through the variance: every value of a group moves it, which gives a term along x̂."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = groupnorm_backward(dout, cache)
    g = (dout * gamma[:, None, None]).reshape(xhat.shape)
    dx = inv_std * (g - g.mean(axis=2, keepdims=True))
    return dx.reshape(dout.shape), dgamma, dbeta


@mistake(groupnorm_backward)
def divides_group_sums_by_the_pixels_of_one_channel(dout, cache):
    """You divide the sums in dx by H·W: a group has C/G channels of H·W pixels each, so your two correction terms are
    C/G times too large."""
    xhat, inv_std, gamma = cache
    _, dgamma, dbeta = groupnorm_backward(dout, cache)
    pixels = dout.shape[2] * dout.shape[3]
    g = (dout * gamma[:, None, None]).reshape(xhat.shape)
    first, second = g.sum(axis=2, keepdims=True) / pixels, (g * xhat).sum(axis=2, keepdims=True) / pixels
    return (inv_std * (g - first - xhat * second)).reshape(dout.shape), dgamma, dbeta


@mistake(groupnorm_backward)
def sums_group_gains_over_the_channels_of_a_group(dout, cache):
    """Your dgamma and dbeta have one number for each group: gamma and beta have one for each channel."""
    dx, dgamma, dbeta = groupnorm_backward(dout, cache)
    groups = cache[0].shape[1]
    return dx, dgamma.reshape(groups, -1).sum(axis=1), dbeta.reshape(groups, -1).sum(axis=1)


@mistake(groupnorm_backward)
def keeps_the_images_apart_in_the_group_gains(dout, cache):
    """Your dgamma and dbeta have one row for each image: the statistics are each image's own, but gamma and beta are
    shared, so their gradients sum over N too."""
    dx, _, _ = groupnorm_backward(dout, cache)
    return dx, (dout * cache[0].reshape(dout.shape)).sum(axis=(2, 3)), dout.sum(axis=(2, 3))


@mistake(groupnorm_backward)
def keeps_the_images_apart_in_the_group_dgamma(dout, cache):
    """Your dgamma has one row for each image: gamma is shared by the images, so its gradient sums over N too."""
    dx, _, dbeta = groupnorm_backward(dout, cache)
    return dx, (dout * cache[0].reshape(dout.shape)).sum(axis=(2, 3)), dbeta


@mistake(instancenorm_forward)
def shares_the_channel_mean_over_the_batch(x, gamma, beta, eps=1e-5):
    """You take mean and variance over N, H and W, which is batch normalization: here each image has its own, and one
    image alone must give what it gives in a batch."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(0, 2, 3), keepdims=True)) / np.sqrt(x.var(axis=(0, 2, 3), keepdims=True) + eps)
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def shares_the_mean_over_the_channels_of_an_image(x, gamma, beta, eps=1e-5):
    """You take mean and variance over C, H and W, a whole image at once: here each channel of it has its own."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(1, 2, 3), keepdims=True)) / np.sqrt(x.var(axis=(1, 2, 3), keepdims=True) + eps)
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def normalizes_each_row_of_pixels(x, gamma, beta, eps=1e-5):
    """You take mean and variance along the last axis only, one row of pixels at a time: all H·W pixels of a channel
    share them."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def lines_the_gains_up_with_the_width(x, gamma, beta, eps=1e-5):
    """You multiply by gamma as it is: NumPy lines a (C,) array up with the last axis, W, so it fits by chance or not
    at all. It belongs on axis 1."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(2, 3), keepdims=True)) / np.sqrt(x.var(axis=(2, 3), keepdims=True) + eps)
    return gamma * xhat + beta


@mistake(instancenorm_forward)
def multiplies_the_width_by_the_gains(x, gamma, beta, eps=1e-5):
    """Your gamma and beta meet the last axis of x̂, W: NumPy lines a (C,) array up with it, by chance or not at all.
    They belong on axis 1."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(2, 3), keepdims=True)) / np.sqrt(x.var(axis=(2, 3), keepdims=True) + eps)
    return xhat * gamma + beta


@mistake(instancenorm_forward)
def leaves_eps_out_of_the_instance(x, gamma, beta, eps=1e-5):
    """You divide by the root of the variance alone: eps is not used, and a constant channel becomes 0/0."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(2, 3), keepdims=True)) / np.sqrt(x.var(axis=(2, 3), keepdims=True))
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def adds_eps_outside_the_root_of_the_instance(x, gamma, beta, eps=1e-5):
    """You add eps to the standard deviation of the channel: it stands inside the root, next to the variance."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(2, 3), keepdims=True)) / (x.std(axis=(2, 3), keepdims=True) + eps)
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def divides_the_instance_variance_by_one_less(x, gamma, beta, eps=1e-5):
    """You use the unbiased variance, divided by H·W − 1: this layer divides by H·W, and for a single pixel yours is
    0/0."""
    x = 1.0 * x
    xhat = (x - x.mean(axis=(2, 3), keepdims=True)) / np.sqrt(x.var(axis=(2, 3), ddof=1, keepdims=True) + eps)
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def takes_the_instance_variance_from_raw_squares(x, gamma, beta, eps=1e-5):
    """Your variance is mean(x²) minus the squared mean: two large numbers whose difference has no digits left when the
    mean is large. Centre first, then square."""
    x = 1.0 * x
    mean = x.mean(axis=(2, 3), keepdims=True)
    xhat = (x - mean) / np.sqrt((x**2).mean(axis=(2, 3), keepdims=True) - mean**2 + eps)
    return gamma[:, None, None] * xhat + beta[:, None, None]


@mistake(instancenorm_forward)
def writes_the_instance_over_x(x, gamma, beta, eps=1e-5):
    """You normalize x in place: the caller's image is not the same afterwards."""
    x = x if x.dtype.kind == "f" else 1.0 * x
    x -= x.mean(axis=(2, 3), keepdims=True)
    x /= np.sqrt((x**2).mean(axis=(2, 3), keepdims=True) + eps)
    return gamma[:, None, None] * x + beta[:, None, None]


@mistake(instancenorm_forward)
def fills_an_array_of_the_images_type(x, gamma, beta, eps=1e-5):
    """You fill an array made like x: where x holds integers or bytes, it cuts the decimals off, and a byte has no room
    for negative numbers either."""
    out = np.zeros_like(x)
    with np.errstate(invalid="ignore"):
        out[...] = instancenorm_forward(x, gamma, beta, eps)
    return out


@mistake(instancenorm_forward)
def fills_a_float64_array_with_the_instances(x, gamma, beta, eps=1e-5):
    """You fill an array that is float64 by default, so float32 input comes back as float64."""
    out = np.empty(x.shape)
    for c in range(x.shape[1]):
        out[:, c] = instancenorm_forward(x[:, c : c + 1], gamma[c : c + 1], beta[c : c + 1], eps)[:, 0]
    return out


@mistake(rmsnorm_forward)
def takes_the_mean_out_as_layer_norm_does(x, gamma, eps=1e-5):
    """You subtract the mean first, which is layer normalization: RMSNorm scales a vector and leaves its direction."""
    x = 1.0 * x
    inv_rms = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=-1, keepdims=True)) * inv_rms
    return gamma * xhat, (xhat, inv_rms, gamma)


@mistake(rmsnorm_forward)
def divides_by_the_standard_deviation(x, gamma, eps=1e-5):
    """You divide by the standard deviation, whose squares are centred: RMSNorm takes the squares of x as they are."""
    x = 1.0 * x
    inv_rms = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def sums_the_squares_instead_of_averaging(x, gamma, eps=1e-5):
    """You divide by the vector's length, the root of the sum of squares: the root of their mean is asked for, so yours
    is too small by the root of D."""
    x = 1.0 * x
    inv_rms = 1 / np.sqrt((x**2).sum(axis=-1, keepdims=True) + eps)
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def adds_eps_outside_the_root_mean_square(x, gamma, eps=1e-5):
    """You add eps to the root mean square: it stands inside the root, next to the mean of the squares."""
    x = 1.0 * x
    inv_rms = 1 / (np.sqrt((x**2).mean(axis=-1, keepdims=True)) + eps)
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def leaves_eps_out_of_the_root_mean_square(x, gamma, eps=1e-5):
    """You divide by the root of the mean square alone: eps is not used, and a vector of zeros becomes 0/0."""
    x = 1.0 * x
    inv_rms = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True))
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def divides_by_the_mean_square(x, gamma, eps=1e-5):
    """You divide by the mean square: the root is missing, so your vectors do not come out with mean square 1."""
    x = 1.0 * x
    inv_rms = 1 / ((x**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def squares_bytes_as_bytes(x, gamma, eps=1e-5):
    """You square x as it comes: the square of a byte has no room in a byte and starts again from 0. Make x a float
    first."""
    inv_rms = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return gamma * (x * inv_rms), (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def takes_the_root_mean_square_over_the_batch(x, gamma, eps=1e-5):
    """Your mean of squares runs over axis 0: each vector of the last axis has its own, and no other sample has a
    say."""
    x = 1.0 * x
    inv_rms = 1 / np.sqrt((x**2).mean(axis=0, keepdims=True) + eps)
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def takes_one_root_mean_square_for_a_sample(x, gamma, eps=1e-5):
    """Your mean of squares runs over all axes but the first: with x of shape (N, T, D) the T vectors of a sample then
    share it. Only the last axis is meant."""
    x = 1.0 * x
    inv_rms = 1 / np.sqrt((x**2).mean(axis=tuple(range(1, x.ndim)) or (0,), keepdims=True) + eps)
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@mistake(rmsnorm_forward)
def scales_the_vector_in_place(x, gamma, eps=1e-5):
    """You divide x itself: the caller's array is not the same afterwards."""
    x = x if x.dtype.kind == "f" else 1.0 * x
    inv_rms = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    x *= inv_rms
    return gamma * x, (x, inv_rms, gamma)


@mistake(rmsnorm_backward)
def treats_the_rms_as_a_constant(dout, cache):
    """Your dx stops at the division: the root mean square depends on x too, so a second term flows back through it."""
    _, inv_rms, gamma = cache
    return dout * gamma * inv_rms, rmsnorm_backward(dout, cache)[1]


@mistake(rmsnorm_backward)
def sums_where_the_rms_gradient_averages(dout, cache):
    """The second term of your dx is D times too large: the root mean square is the root of a mean, and its gradient
    keeps the 1/D."""
    xhat, inv_rms, gamma = cache
    g = dout * gamma
    return inv_rms * (g - xhat * (g * xhat).sum(axis=-1, keepdims=True)), rmsnorm_backward(dout, cache)[1]


@mistake(rmsnorm_backward)
def forgets_gamma_in_the_rms_dx(dout, cache):
    """Your dx is right for gamma = 1 only: the gradient passes gamma before it reaches x̂."""
    xhat, inv_rms, gamma = cache
    return rmsnorm_backward(dout, (xhat, inv_rms, np.ones_like(gamma)))[0], rmsnorm_backward(dout, cache)[1]


@mistake(rmsnorm_backward)
def multiplies_gamma_after_the_rms_mean(dout, cache):
    """You multiply by gamma after the mean is taken: it differs along the vector, so it belongs inside the mean."""
    xhat, inv_rms, gamma = cache
    dx, _ = rmsnorm_backward(dout, (xhat, inv_rms, np.ones_like(gamma)))
    return gamma * dx, rmsnorm_backward(dout, cache)[1]


@mistake(rmsnorm_backward)
def takes_a_mean_out_of_the_rms_gradient(dout, cache):
    """Your dx has a term for the mean, as layer normalization's has: no mean was subtracted here, so nothing flows
    back through one."""
    _, inv_rms, gamma = cache
    dx, dgamma = rmsnorm_backward(dout, cache)
    return dx - inv_rms * (dout * gamma).mean(axis=-1, keepdims=True), dgamma


@mistake(rmsnorm_backward)
def gain_gradient_keeps_the_batch_axis(dout, cache):
    """Your dgamma has dout's shape: gamma is shared by all vectors, so its gradient sums over all axes but the last."""
    return rmsnorm_backward(dout, cache)[0], dout * cache[0]


@mistake(rmsnorm_backward)
def sums_rms_gains_over_the_first_axis_only(dout, cache):
    """You sum dgamma over axis 0 only: of (N, T, D) a T axis is left, and of a single vector nothing is. All axes but
    the last are summed over."""
    return rmsnorm_backward(dout, cache)[0], (dout * cache[0]).sum(axis=0)


@mistake(rmsnorm_backward)
def takes_x_for_its_normalized_self_in_dgamma(dout, cache):
    """Your dgamma is Σ dout · x: gamma multiplies x̂, the vector after the division, so that stands in its gradient."""
    xhat, inv_rms, _ = cache
    others = tuple(range(dout.ndim - 1))
    return rmsnorm_backward(dout, cache)[0], (dout * xhat / inv_rms).sum(axis=others)


@mistake(weight_norm)
def measures_the_rows_of_the_weights(v, g):
    """You divide by the lengths of the rows: v is (D, M), and a unit's weights are a column of it."""
    return g * v / np.linalg.norm(v, axis=1, keepdims=True)


@mistake(weight_norm)
def takes_one_norm_for_the_whole_weight_matrix(v, g):
    """You divide every column by the same number, the norm of the whole matrix: each column has a length of its own."""
    return g * v / np.linalg.norm(v)


@mistake(weight_norm)
def leaves_g_out_of_the_weights(v, g):
    """All your columns have length 1: that is the direction alone, and g, the length, has no part in it."""
    return v / np.linalg.norm(v, axis=0)


@mistake(weight_norm)
def forgets_the_root_in_the_weight_length(v, g):
    """You divide by the sum of squares: a length is its root. Your columns are right only where v has length 1."""
    return g * v / (v**2).sum(axis=0)


@mistake(weight_norm)
def measures_weights_by_their_absolute_sum(v, g):
    """You divide by the sum of the absolute values: that is the L1 norm, and the Euclidean one is asked."""
    return g * v / np.abs(v).sum(axis=0)


@mistake(weight_norm)
def gives_g_to_the_rows_of_v(v, g):
    """You multiply the rows of v by g: g has one number for each unit, and a unit's weights are a column of v."""
    return g[:, None] * v / np.linalg.norm(v, axis=0)


@mistake(weight_norm)
def takes_the_size_of_g_only(v, g):
    """You drop the sign of g: a negative g turns the column round, so that it points against v."""
    return np.abs(g) * v / np.linalg.norm(v, axis=0)


@mistake(weight_norm)
def protects_the_weight_length_with_an_eps(v, g):
    """You add a small number to the length: no column is zero here, and very short ones come out too short by it."""
    return g * v / (np.linalg.norm(v, axis=0) + 1e-8)


@mistake(weight_norm)
def protects_the_squared_weight_length_with_an_eps(v, g):
    """You add a small number to the sum of squares: no column is zero here, and very short ones come out too short."""
    return g * v / np.sqrt((v**2).sum(axis=0) + 1e-12)


@mistake(weight_norm)
def forgets_the_length_of_v(v, g):
    """You multiply v by g as it is: then the length of v still counts, and g is not the length of the column."""
    return g * v


@mistake(weight_norm)
def normalizes_v_in_place(v, g):
    """Your function divides v in place: the caller's array is not the same afterwards."""
    v /= np.linalg.norm(v, axis=0)
    return g * v


@mistake(weight_norm)
def collects_the_weights_in_float64(v, g):
    """You collect the columns in a new array that is float64 by default, so float32 weights come back as float64."""
    w = np.zeros(v.shape)
    for m in range(v.shape[1]):
        w[:, m] = g[m] * v[:, m] / np.linalg.norm(v[:, m])
    return w


@mistake(weight_norm)
def collects_the_weights_in_an_array_like_v(v, g):
    """You collect the columns in an array with v's dtype: where v holds integers, every weight is cut off."""
    w = np.zeros_like(v)
    for m in range(v.shape[1]):
        w[:, m] = g[m] * v[:, m] / np.linalg.norm(v[:, m])
    return w


@mistake(weight_norm_backward)
def treats_the_weight_length_as_a_constant(dout, v, g):
    """Your dv stops at the division: the length depends on v too, so a second term flows back through it."""
    norm = np.linalg.norm(v, axis=0)
    return g / norm * dout, (dout * v / norm).sum(axis=0)


@mistake(weight_norm_backward)
def leaves_g_out_of_the_direction_gradient(dout, v, g):
    """Your dv does not know g: v reaches w through a product with g, so g belongs into its gradient."""
    norm = np.linalg.norm(v, axis=0)
    u = v / norm
    dg = (dout * u).sum(axis=0)
    return (dout - u * dg) / norm, dg


@mistake(weight_norm_backward)
def does_not_divide_dv_by_the_length(dout, v, g):
    """Your dv points the right way, but the length of v is missing in front: a longer v turns more slowly."""
    dv, dg = weight_norm_backward(dout, v, g)
    return dv * np.linalg.norm(v, axis=0), dg


@mistake(weight_norm_backward)
def takes_v_for_the_unit_vector_in_dg(dout, v, g):
    """Your dg is the product of dout and v: w is g times the *unit* vector, so the length is missing in it."""
    dv, _ = weight_norm_backward(dout, v, g)
    return dv, (dout * v).sum(axis=0)


@mistake(weight_norm_backward)
def carries_dg_of_v_into_dv(dout, v, g):
    """Your dg is the product of dout and v, and your dv takes it over: w is g times the *unit* vector, in both
    places."""
    norm = np.linalg.norm(v, axis=0)
    dg = (dout * v).sum(axis=0)
    return g / norm * (dout - v / norm * dg), dg


@mistake(weight_norm_backward)
def returns_dg_before_dv(dout, v, g):
    """You return dg before dv: the gradients follow the arguments, v before g."""
    dv, dg = weight_norm_backward(dout, v, g)
    return dg, dv


@mistake(weight_norm_backward)
def divides_only_once_in_the_projection(dout, v, g):
    """In your dv the part along v is taken away as dg · v: of the two vectors there, one is not of length 1."""
    norm = np.linalg.norm(v, axis=0)
    dg = (dout * v / norm).sum(axis=0)
    return g / norm * (dout - dg * v), dg


@mistake(weight_norm_backward)
def projects_along_w_instead_of_its_direction(dout, v, g):
    """In your dv the part along v carries g once too often: take it away along the unit vector, not along w."""
    norm = np.linalg.norm(v, axis=0)
    u = v / norm
    dg = (dout * u).sum(axis=0)
    return g / norm * (dout - g * u * dg), dg


@mistake(weight_norm_backward)
def adds_the_part_along_v(dout, v, g):
    """The sign of your second term is wrong: a longer v makes w smaller, so the part along v is taken away."""
    norm = np.linalg.norm(v, axis=0)
    u = v / norm
    dg = (dout * u).sum(axis=0)
    return g / norm * (dout + u * dg), dg


@mistake(weight_norm_backward)
def averages_dg_over_the_rows(dout, v, g):
    """Your dg is a mean down the column: g multiplies every entry of it, so their gradients add up."""
    dv, dg = weight_norm_backward(dout, v, g)
    return dv, dg / len(v)


@mistake(weight_norm_backward)
def does_not_sum_dg(dout, v, g):
    """Your dg still has v's shape: one g serves a whole column, so its gradient is a sum down the column."""
    dv, _ = weight_norm_backward(dout, v, g)
    return dv, dout * v / np.linalg.norm(v, axis=0)


@mistake(weight_norm_backward)
def projects_all_columns_together(dout, v, g):
    """Your projection adds up all columns: each column of v has its own direction and its own part of dout along it."""
    norm = np.linalg.norm(v, axis=0)
    u = v / norm
    return g / norm * (dout - u * (dout * u).sum()), (dout * u).sum(axis=0)


@mistake(weight_norm_backward)
def takes_one_norm_in_the_weight_gradient(dout, v, g):
    """You use the norm of the whole matrix: each column has a length of its own, backwards as well as forwards."""
    norm = np.linalg.norm(v)
    u = v / norm
    dg = (dout * u).sum(axis=0)
    return g / norm * (dout - u * dg), dg


@mistake(weight_norm_backward)
def projects_dout_in_place(dout, v, g):
    """Your function takes the part along v away from dout itself: the caller's gradient is not the same afterwards."""
    norm = np.linalg.norm(v, axis=0)
    u = v / norm
    dg = (dout * u).sum(axis=0)
    dout -= u * dg
    return g / norm * dout, dg


@mistake(weight_norm_backward)
def collects_the_direction_gradient_in_float64(dout, v, g):
    """You collect dv in a new array that is float64 by default, so float32 gradients come back as float64."""
    gradient, dg = weight_norm_backward(dout, v, g)
    dv = np.zeros(v.shape)
    dv[...] = gradient
    return dv, dg


def _renormalized(x, gamma, beta, mean, std, r, d, training=True):
    """What the wrong forwards below return as out and as cache, from the r and d that they came to."""
    z = (x - mean) / std
    xhat = z * r + d
    return gamma * xhat + beta, (xhat, z, std / r, gamma, training)


def _mean_and_renorm_std(x, eps):
    return x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)


def _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max):
    r = np.clip(std / running_std, 1 / r_max, r_max)
    return r, np.clip((mean - running_mean) / running_std, -d_max, d_max)


@mistake(batch_renorm_forward)
def corrects_with_the_new_running_statistics(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You move the running statistics first and take r and d from the new ones: they come from the old ones."""
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_std = (1 - momentum) * running_std + momentum * std
        r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, r, d)
        return out, running_mean, running_std, cache
    return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, False)


@mistake(batch_renorm_forward)
def does_not_clip_r(x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5):
    """Your r is not clipped: however far the batch's std is from the running one, you follow it all the way."""
    return batch_renorm_forward(x, gamma, beta, running_mean, running_std, np.inf, d_max, training, momentum, eps)


@mistake(batch_renorm_forward)
def does_not_clip_d(x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5):
    """Your d is not clipped: it must stay between −d_max and d_max."""
    return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, np.inf, training, momentum, eps)


@mistake(batch_renorm_forward)
def clips_neither_r_nor_d(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You use r and d as they come: r_max and d_max have no part in your output, so training always equals
    evaluation."""
    return batch_renorm_forward(x, gamma, beta, running_mean, running_std, np.inf, np.inf, training, momentum, eps)


@mistake(batch_renorm_forward)
def clips_r_from_above_only(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your r has no lower limit above 0: it is a ratio, never negative, and one far below 1 is as far off as one far
    above."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        _, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, np.minimum(std / running_std, r_max), d)
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def clips_d_from_above_only(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your d has no lower limit: a batch far below the running mean is followed all the way. It must not fall below
    −d_max."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        r, _ = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, r, np.minimum((mean - running_mean) / running_std, d_max))
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def clips_d_from_below_only(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your d has no upper limit: a batch far above the running mean is followed all the way. It must not rise above
    d_max."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        r, _ = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(
            x, gamma, beta, mean, std, r, np.maximum((mean - running_mean) / running_std, -d_max)
        )
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def turns_r_upside_down(x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5):
    """Your r is the running std over the batch's: that doubles the error which it should undo."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, 1 / r, d)
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def divides_d_by_the_batch_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your d is divided by the batch's std: it is a distance on the scale of test time, so look at which std that
    is."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        r, _ = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        d = np.clip((mean - running_mean) / std, -d_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, r, d)
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def turns_the_sign_of_d(x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5):
    """Your d has the wrong sign: a batch that lies above the running mean must come out above 0."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, r, -d)
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def multiplies_d_by_r(x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5):
    """You add d before you multiply by r: r belongs to the normalized x alone."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
        out, cache = _renormalized(x, gamma, beta, mean, std, r, d * r)
        return out, *result[1:3], cache
    return result


@mistake(batch_renorm_forward)
def adds_d_after_gamma(x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5):
    """You add d after gamma: d is a part of the normalized x, so gamma multiplies it too."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        _, d = _renorm_corrections(*_mean_and_renorm_std(x, eps), running_mean, running_std, r_max, d_max)
        return result[0] - gamma * d + d, *result[1:]
    return result


@mistake(batch_renorm_forward)
def adds_another_eps_in_evaluation(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """In evaluation you add eps to running_std: it is in there already, from the std that was averaged."""
    if training:
        return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, True, momentum, eps)
    out, _, _, cache = batch_renorm_forward(x, gamma, beta, running_mean, running_std + eps, r_max, d_max, False)
    return out, running_mean, running_std, cache


@mistake(batch_renorm_forward)
def adds_eps_to_the_squared_running_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """In evaluation you square running_std and add eps: it is in there already, from the std that was averaged."""
    if training:
        return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, True, momentum, eps)
    std = np.sqrt(running_std**2 + eps)
    out, _, _, cache = batch_renorm_forward(x, gamma, beta, running_mean, std, r_max, d_max, False)
    return out, running_mean, running_std, cache


@mistake(batch_renorm_forward)
def takes_running_std_for_a_variance(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """In evaluation you take the root of running_std plus eps, as of a variance: it is a standard deviation."""
    if training:
        return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, True, momentum, eps)
    std = np.sqrt(running_std + eps)
    out, _, _, cache = batch_renorm_forward(x, gamma, beta, running_mean, std, r_max, d_max, False)
    return out, running_mean, running_std, cache


@mistake(batch_renorm_forward)
def averages_the_variance_into_running_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your running_std moves towards the batch's variance: it averages standard deviations."""
    out, new_mean, new_std, cache = batch_renorm_forward(
        x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps
    )
    if training:
        new_std = (1 - momentum) * running_std + momentum * x.var(axis=0)
    return out, new_mean, new_std, cache


@mistake(batch_renorm_forward)
def averages_sigma_squared_into_running_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your running_std moves towards σ², the variance with eps in it: it averages σ itself."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        return *result[:2], (1 - momentum) * running_std + momentum * std**2, result[3]
    return result


@mistake(batch_renorm_forward)
def takes_the_root_of_averaged_variances(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your running_std is the root of an average of σ²: that is larger than the average of σ, which is asked."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    if training:
        mean, std = _mean_and_renorm_std(x, eps)
        return *result[:2], np.sqrt((1 - momentum) * running_std**2 + momentum * std**2), result[3]
    return result


@mistake(batch_renorm_forward)
def averages_a_std_without_eps(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your running_std averages a std without eps: it is the very std that you divide by in training."""
    out, new_mean, new_std, cache = batch_renorm_forward(
        x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps
    )
    if training:
        new_std = (1 - momentum) * running_std + momentum * x.std(axis=0)
    return out, new_mean, new_std, cache


@mistake(batch_renorm_forward)
def averages_an_unbiased_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your running_std averages a std from N − 1, as batch norm's running variance does: here it is the biased one that
    training divides by."""
    out, new_mean, new_std, cache = batch_renorm_forward(
        x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps
    )
    if training:
        new_std = (1 - momentum) * running_std + momentum * np.sqrt(x.var(axis=0, ddof=1) + eps)
    return out, new_mean, new_std, cache


@mistake(batch_renorm_forward)
def divides_by_an_unbiased_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your variance is divided by N − 1: training uses the biased one, divided by N."""
    if not training:
        return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, False)
    mean, std = x.mean(axis=0), np.sqrt(x.var(axis=0, ddof=1) + eps)
    r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
    out, cache = _renormalized(x, gamma, beta, mean, std, r, d)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    return out, running_mean, (1 - momentum) * running_std + momentum * std, cache


@mistake(batch_renorm_forward)
def divides_by_the_variance_in_renorm(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your σ is the variance: its root is missing, in z, in r and in what running_std averages."""
    if not training:
        return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, False)
    mean, std = x.mean(axis=0), x.var(axis=0) + eps
    r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
    out, cache = _renormalized(x, gamma, beta, mean, std, r, d)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    return out, running_mean, (1 - momentum) * running_std + momentum * std, cache


@mistake(batch_renorm_forward)
def adds_eps_outside_the_root(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You add eps to the std instead of the variance: here it stands inside the root."""
    if not training:
        return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, False)
    mean, std = x.mean(axis=0), x.std(axis=0) + eps
    r, d = _renorm_corrections(mean, std, running_mean, running_std, r_max, d_max)
    out, cache = _renormalized(x, gamma, beta, mean, std, r, d)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    return out, running_mean, (1 - momentum) * running_std + momentum * std, cache


@mistake(batch_renorm_forward)
def lets_momentum_weigh_the_old_std(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """In your running statistics momentum weighs the old value: here it weighs the batch's (some courses do it your
    way)."""
    return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, 1 - momentum, eps)


@mistake(batch_renorm_forward)
def moves_the_running_std_in_evaluation(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """Your running statistics move in evaluation too: what the network does at test time must not depend on the test
    data."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    mean, std = _mean_and_renorm_std(x, eps)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    return result[0], running_mean, (1 - momentum) * running_std + momentum * std, result[3]


@mistake(batch_renorm_forward)
def leaves_the_running_std_where_it_is(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You return the running statistics as they came, in training too: there they move towards the batch's."""
    out, _, _, cache = batch_renorm_forward(
        x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps
    )
    return out, running_mean, running_std, cache


@mistake(batch_renorm_forward)
def renormalizes_with_the_batch_in_evaluation(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """In evaluation your output still comes from the batch's own statistics: there only the running ones count."""
    out, new_mean, new_std, cache = batch_renorm_forward(
        x, gamma, beta, running_mean, running_std, r_max, d_max, True, momentum, eps
    )
    return (out, new_mean, new_std, cache) if training else (out, running_mean, running_std, cache)


@mistake(batch_renorm_forward)
def updates_the_running_std_in_place(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You update the running statistics in place: the caller's arrays are not the same afterwards. Return new ones."""
    out, new_mean, new_std, cache = batch_renorm_forward(
        x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps
    )
    running_mean[...], running_std[...] = new_mean, new_std
    return out, running_mean, running_std, cache


@mistake(batch_renorm_forward)
def refuses_to_renormalize_one_sample(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You refuse N = 1, as batch norm does: with a biased variance and eps nothing is divided by 0 here, and d still
    tells something."""
    if training and len(x) < 2:
        raise ValueError("training needs at least 2 samples")
    return batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)


@mistake(batch_renorm_forward)
def collects_the_renormalized_output_in_float64(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You collect out in a new array that is float64 by default, so float32 input comes back as float64."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    out = np.zeros(x.shape)
    out[...] = result[0]
    return out, *result[1:]


@mistake(batch_renorm_forward)
def cuts_the_renormalized_output_to_integers(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    """You collect out in an array with x's dtype: where x holds integers, every output is cut off."""
    result = batch_renorm_forward(x, gamma, beta, running_mean, running_std, r_max, d_max, training, momentum, eps)
    return result[0].astype(x.dtype), *result[1:]


def _r_of(cache):
    """r, which the reference's cache holds as the slope of the line x̂ = z · r + d; 1 in evaluation."""
    xhat, z, *_ = cache
    spread = np.ptp(z, axis=0)
    return np.divide(np.ptp(xhat, axis=0), spread, out=np.ones_like(spread), where=spread > 0)


@mistake(batch_renorm_backward)
def takes_batch_norms_x_hat_in_dgamma(dout, cache):
    """Your dgamma uses z, batch norm's normalized x: gamma multiplied z · r + d."""
    dx, _, dbeta = batch_renorm_backward(dout, cache)
    return dx, (dout * cache[1]).sum(axis=0), dbeta


@mistake(batch_renorm_backward)
def leaves_r_out_of_the_renorm_gradient(dout, cache):
    """Your dx is batch norm's: r multiplies z in the forward, and a constant factor multiplies the gradient too."""
    dx, dgamma, dbeta = batch_renorm_backward(dout, cache)
    return dx / _r_of(cache), dgamma, dbeta


@mistake(batch_renorm_backward)
def divides_by_r_in_the_renorm_gradient(dout, cache):
    """Your dx has r below the line: z is multiplied by r in the forward, and so is its gradient."""
    dx, dgamma, dbeta = batch_renorm_backward(dout, cache)
    return dx / _r_of(cache) ** 2, dgamma, dbeta


@mistake(batch_renorm_backward)
def takes_mean_and_std_for_constants_in_renorm(dout, cache):
    """Your dx in training is only γ · r · dout / σ: r and d are constants, but μ and σ are not, and what flows through
    them is missing. (With gradients through r and d, and nothing clipped, the same would come out.)"""
    xhat, z, scale, gamma, training, *_ = cache
    return gamma / scale * dout, (dout * xhat).sum(axis=0), dout.sum(axis=0)


@mistake(batch_renorm_backward)
def lets_gradients_through_r_and_d(dout, cache):
    """Your dx lets the gradient flow through r and d where they are not clipped: they are computed from x, but held
    constant on purpose."""
    dx, dgamma, dbeta = batch_renorm_backward(dout, cache)
    if len(cache) > 5:  # in training
        _, z, scale, gamma, _, running_std, free = cache
        g = gamma * dout
        through_r = np.where(np.isclose(scale, running_std), z * (g * z).mean(axis=0) / running_std, 0)
        dx = dx + through_r + np.where(free, g.mean(axis=0) / running_std, 0)
    return dx, dgamma, dbeta


@mistake(batch_renorm_backward)
def lets_gradients_through_where_neither_is_clipped(dout, cache):
    """Where neither r nor d is clipped your dx is γ · dout / running_std, the gradient through all of the formula: r
    and d are held constant there, too."""
    dx, dgamma, dbeta = batch_renorm_backward(dout, cache)
    if len(cache) > 5:  # in training
        *_, scale, gamma, _, running_std, free = cache
        dx = np.where(free & np.isclose(scale, running_std), gamma * dout / running_std, dx)
    return dx, dgamma, dbeta


@mistake(batch_renorm_backward)
def forgets_the_path_through_the_renorm_mean(dout, cache):
    """Your dx leaves out the path through the batch's mean: every sample moves it, so dx must add up to 0."""
    xhat, z, scale, gamma, training, *_ = cache
    g = dout - z * (dout * z).mean(axis=0) if training else dout
    return gamma / scale * g, (dout * xhat).sum(axis=0), dout.sum(axis=0)


@mistake(batch_renorm_backward)
def forgets_the_path_through_the_renorm_std(dout, cache):
    """Your dx leaves out the path through the batch's std: σ depends on x too, in training."""
    xhat, z, scale, gamma, training, *_ = cache
    g = dout - dout.mean(axis=0) if training else dout
    return gamma / scale * g, (dout * xhat).sum(axis=0), dout.sum(axis=0)


@mistake(batch_renorm_backward)
def projects_along_the_corrected_x_hat(dout, cache):
    """Your dx takes z · r + d where it should take z: the path through σ belongs to batch norm's normalized x."""
    xhat, z, scale, gamma, training, *_ = cache
    g = dout - dout.mean(axis=0) - xhat * (dout * xhat).mean(axis=0) if training else dout
    return gamma / scale * g, (dout * xhat).sum(axis=0), dout.sum(axis=0)


@mistake(batch_renorm_backward)
def sums_where_the_renorm_gradient_averages(dout, cache):
    """Your dx takes away sums over the batch: each sample moves μ and σ by one N-th only, so they are means."""
    xhat, z, scale, gamma, training, *_ = cache
    g = dout - dout.sum(axis=0) - z * (dout * z).sum(axis=0) if training else dout
    return gamma / scale * g, (dout * xhat).sum(axis=0), dout.sum(axis=0)


@mistake(batch_renorm_backward)
def leaves_gamma_out_of_the_renorm_dx(dout, cache):
    """Your dx does not know gamma: x reaches out through a product with it."""
    xhat, z, scale, gamma, training, *_ = cache
    return batch_renorm_backward(dout, (xhat, z, scale, np.ones_like(gamma), training))


@mistake(batch_renorm_backward)
def averages_the_renorm_parameter_gradients(dout, cache):
    """Your dgamma and dbeta are means over the batch: every sample uses the same gamma and beta, so they are sums."""
    dx, dgamma, dbeta = batch_renorm_backward(dout, cache)
    return dx, dgamma / len(dout), dbeta / len(dout)


@mistake(batch_renorm_backward)
def goes_through_the_batch_in_evaluation_too(dout, cache):
    """In evaluation your dx still takes the paths through the batch's mean and std: there the running statistics are
    used, which are constants."""
    xhat, z, scale, gamma, *_ = cache
    return batch_renorm_backward(dout, (xhat, z, scale, gamma, True))


@mistake(batch_renorm_backward)
def centres_dout_in_place_in_renorm(dout, cache):
    """Your function takes the means away from dout itself: the caller's gradient is not the same afterwards."""
    xhat, z, scale, gamma, training, *_ = cache
    dbeta, dgamma = dout.sum(axis=0), (dout * xhat).sum(axis=0)
    if training:
        projection = z * (dout * z).mean(axis=0)
        dout -= dout.mean(axis=0)
        dout -= projection
    return gamma / scale * dout, dgamma, dbeta


@mistake(merge_batch_statistics)
def forgets_the_spread_of_the_means(means, variances, counts):
    """Your variance is the mean of the parts' variances: where the parts have different means, the samples lie further
    apart than any part can tell."""
    mean, _ = merge_batch_statistics(means, variances, counts)
    weights = (counts / counts.sum()).astype(mean.dtype)[:, None]
    return mean, (weights * variances).sum(axis=0)


@mistake(merge_batch_statistics)
def gives_every_part_the_same_weight(means, variances, counts):
    """You average the parts as if they were of one size: a part of 4 samples must weigh twice as much as one of 2."""
    return merge_batch_statistics(means, variances, np.ones_like(counts))


@mistake(merge_batch_statistics)
def averages_means_and_variances_plainly(means, variances, counts):
    """You average means and variances plainly: the counts have no part in it, and neither has the spread of the
    means."""
    return means.mean(axis=0), variances.mean(axis=0)


@mistake(merge_batch_statistics)
def weighs_the_means_only(means, variances, counts):
    """Your mean is right, but your variance averages the parts as if they were of one size: the counts weigh there
    too."""
    mean, _ = merge_batch_statistics(means, variances, counts)
    return mean, (variances + (means - mean) ** 2).mean(axis=0)


@mistake(merge_batch_statistics)
def takes_the_plain_variance_of_the_means(means, variances, counts):
    """The spread that you add is the plain variance of the means: it must weigh the parts by their counts, and
    measure from the merged mean."""
    mean, _ = merge_batch_statistics(means, variances, counts)
    weights = (counts / counts.sum()).astype(mean.dtype)[:, None]
    return mean, (weights * variances).sum(axis=0) + means.var(axis=0, dtype=mean.dtype)


@mistake(merge_batch_statistics)
def squares_before_it_subtracts(means, variances, counts):
    """Your formula is the mean of the squares minus the square of the mean: right on paper, but for large means the
    digits of the variance cancel."""
    weights = (counts / counts.sum()).astype((1.0 * means).dtype)[:, None]
    mean = (weights * means).sum(axis=0)
    return mean, (weights * (variances + (1.0 * means) ** 2)).sum(axis=0) - mean**2


@mistake(merge_batch_statistics)
def squares_before_it_subtracts_by_a_product(means, variances, counts):
    """Your variance is E[x²] less the square of the mean, as a product with the weights: right on paper, but for large
    means its digits cancel."""
    weights = (counts / counts.sum()).astype((1.0 * means).dtype)
    return weights @ means, weights @ (variances + (1.0 * means) ** 2) - (weights @ means) ** 2


@mistake(merge_batch_statistics)
def merges_to_an_unbiased_variance(means, variances, counts):
    """Your variance is divided by N − 1: the biased one is asked, coming out as well as going in."""
    mean, var = merge_batch_statistics(means, variances, counts)
    n = int(counts.sum())
    return mean, var * (n / (n - 1) if n > 1 else 1.0)


@mistake(merge_batch_statistics)
def takes_the_parts_for_unbiased(means, variances, counts):
    """You multiply each variance by its count less one: the variances that you get are biased, so a part's sum of
    squares is count · variance."""
    mean, _ = merge_batch_statistics(means, variances, counts)
    n = 1.0 * counts[:, None]
    squares = np.maximum(n - 1, 0) * variances + n * (means - mean) ** 2
    return mean, (squares.sum(axis=0) / n.sum()).astype(mean.dtype)


@mistake(merge_batch_statistics)
def squares_the_weights_of_the_parts(means, variances, counts):
    """You square the weights in the variance, as for the variance of a sum: here samples are pooled, not added."""
    mean, _ = merge_batch_statistics(means, variances, counts)
    weights = (counts / counts.sum()).astype(mean.dtype)[:, None]
    return mean, (weights**2 * (variances + (means - mean) ** 2)).sum(axis=0)


@mistake(merge_batch_statistics)
def forgets_to_square_the_distance_of_the_means(means, variances, counts):
    """You add the distance of a part's mean from the merged one: a variance needs its square."""
    mean, _ = merge_batch_statistics(means, variances, counts)
    weights = (counts / counts.sum()).astype(mean.dtype)[:, None]
    return mean, (weights * (variances + np.abs(means - mean))).sum(axis=0)


@mistake(merge_batch_statistics)
def lets_integer_counts_make_float64(means, variances, counts):
    """Your weights are counts / N, a float64 array: it turns float32 statistics into float64."""
    weights = (counts / counts.sum())[:, None]
    mean = (weights * means).sum(axis=0)
    return mean, (weights * (variances + (means - mean) ** 2)).sum(axis=0)


@mistake(merge_batch_statistics)
def adds_the_spread_in_place(means, variances, counts):
    """You add the spread of the means to variances itself: the caller's array is not the same afterwards."""
    mean, var = merge_batch_statistics(means, variances, counts)
    if variances.dtype.kind == "f":
        variances += (means - mean) ** 2
    return mean, var


@mistake(merge_batch_statistics)
def merges_one_after_another_from_an_empty_part(means, variances, counts):
    """You merge the parts one after another, and where both counts are 0 you divide 0 by 0: a part may be empty."""
    mean, var, n = 1.0 * means[0], 1.0 * variances[0], int(counts[0])
    for other, spread, count in zip(means[1:], variances[1:], counts[1:].tolist(), strict=True):
        both = n + count
        share = mean.dtype.type(count) / mean.dtype.type(both)
        delta = other - mean
        var = (1 - share) * var + share * spread + share * (1 - share) * delta**2
        mean, n = mean + share * delta, both
    return mean, var


def _gradient_through_batch_norm(W, x, dout, mean_path=True, std_path=True, eps=0.0, ddof=0, axis=0, divide=True):
    """The gradient of BN(x @ W), with one of its parts left out or changed."""
    z = 1.0 * x @ W
    std = np.sqrt(z.var(axis=axis, ddof=ddof, keepdims=True) + eps)
    out = (z - z.mean(axis=axis, keepdims=True)) / std
    dz = 1.0 * dout
    if mean_path:
        dz = dz - dout.mean(axis=axis, keepdims=True)
    if std_path:
        dz = dz - out * (dout * out).mean(axis=axis, keepdims=True)
    return x.T @ (dz / std) if divide else x.T @ dz


@mistake(bn_scale_gradients)
def gives_the_same_gradient_at_both_scales(W, x, dout, scale):
    """Your two gradients are equal: the output does not depend on the scale, but its slope does. The second gradient is
    with respect to the scaled weights themselves, not to W."""
    first, _ = bn_scale_gradients(W, x, dout, scale)
    return first, first.copy()


@mistake(bn_scale_gradients)
def makes_larger_weights_get_larger_gradients(W, x, dout, scale):
    """Your second gradient is scale times the first: larger weights need a larger step for the same change, so their
    gradient is smaller."""
    first, _ = bn_scale_gradients(W, x, dout, scale)
    return first, scale * first


@mistake(bn_scale_gradients)
def takes_the_batch_for_constants_in_the_weight_gradient(W, x, dout, scale):
    """You only divide dout by σ: μ and σ depend on the weights too, and both of those paths are missing."""
    return tuple(_gradient_through_batch_norm(w, x, dout, mean_path=False, std_path=False) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def forgets_the_std_path_in_the_weight_gradient(W, x, dout, scale):
    """You leave out the path through σ: without it your gradient has a part along W, as if its length counted."""
    return tuple(_gradient_through_batch_norm(w, x, dout, std_path=False) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def forgets_the_mean_path_in_the_weight_gradient(W, x, dout, scale):
    """You leave out the path through μ: a shift of dout by a constant must change nothing, and yours does."""
    return tuple(_gradient_through_batch_norm(w, x, dout, mean_path=False) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def keeps_an_eps_in_the_scaled_batch_norm(W, x, dout, scale):
    """You add a small eps to the variance: here it is 0, and with any other the output is not quite independent of the
    scale."""
    return tuple(_gradient_through_batch_norm(w, x, dout, eps=1e-5) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def takes_an_unbiased_variance_in_the_scaled_batch_norm(W, x, dout, scale):
    """Your variance is divided by N − 1: batch norm's is the biased one, and the gradient's means are over N."""
    return tuple(_gradient_through_batch_norm(w, x, dout, ddof=1) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def normalizes_each_sample_before_the_weight_gradient(W, x, dout, scale):
    """You take mean and std over the units of a sample: that is layer norm. Batch norm's run over the samples."""
    with np.errstate(all="ignore"):
        return tuple(_gradient_through_batch_norm(w, x, dout, axis=1) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def forgets_to_divide_by_the_std_backwards(W, x, dout, scale):
    """You leave out the 1/σ in front: nothing else in the gradient knows how large the weights are, so your two results
    are equal."""
    return tuple(_gradient_through_batch_norm(w, x, dout, divide=False) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def divides_by_the_variance_backwards(W, x, dout, scale):
    """You divide by the variance where the std is asked: your second gradient is 1/scale² times the first."""
    return tuple(_gradient_through_batch_norm(w, x, dout) / (x @ w).std(axis=0) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def divides_the_second_gradient_by_the_scale_twice(W, x, dout, scale):
    """Your second gradient is 1/scale² times the first: only σ grows with the weights, and it divides once."""
    first, _ = bn_scale_gradients(W, x, dout, scale)
    return first, first / scale**2


@mistake(bn_scale_gradients)
def keeps_an_eps_and_divides_by_the_scale(W, x, dout, scale):
    """You add a small eps to the variance and divide the result by scale for the second gradient: with any eps but 0
    that is not quite right, and here it is 0."""
    first = _gradient_through_batch_norm(W, x, dout, eps=1e-5)
    return first, first / scale


@mistake(bn_scale_gradients)
def forgets_the_std_and_divides_by_the_scale(W, x, dout, scale):
    """You leave out the 1/σ in front, and your second gradient is the first over scale: σ is not 1 where the weights
    are W."""
    first = _gradient_through_batch_norm(W, x, dout, divide=False)
    return first, first / scale


@mistake(bn_scale_gradients)
def averages_the_weight_gradient_over_the_batch(W, x, dout, scale):
    """You divide by N at the end: a weight's gradient is a sum over the samples, and dout has its 1/N already, if it
    has one."""
    return tuple(_gradient_through_batch_norm(w, x, dout) / len(x) for w in (W, scale * W))


@mistake(bn_scale_gradients)
def takes_sums_for_means_in_the_weight_gradient(W, x, dout, scale):
    """You take away sums of dout over the batch: each sample moves μ and σ by one N-th only, so they are means."""

    def gradient(W):
        z = 1.0 * x @ W
        out = (z - z.mean(axis=0)) / z.std(axis=0)
        return x.T @ ((dout - dout.sum(axis=0) - out * (dout * out).sum(axis=0)) / z.std(axis=0))

    return gradient(W), gradient(scale * W)


@mistake(bn_scale_gradients)
def scales_the_weights_in_place(W, x, dout, scale):
    """You scale W itself: the caller's weights are not the same afterwards."""
    first, second = bn_scale_gradients(W, x, dout, scale)
    if W.dtype.kind == "f":
        W *= scale
    return first, second


@mistake(bn_scale_gradients)
def collects_the_weight_gradients_in_float64(W, x, dout, scale):
    """You collect the gradients in arrays that are float64 by default, so float32 weights get float64 gradients."""
    both = np.zeros((2, *W.shape))
    both[0], both[1] = bn_scale_gradients(W, x, dout, scale)
    return both[0], both[1]


@mistake(norm_parameter_count)
def counts_running_statistics_as_parameters(kind, channels, groups=None):
    """You count the running mean and variance among the parameters: no gradient reaches them, so they are buffers."""
    parameters, buffers = norm_parameter_count(kind, channels, groups)
    return parameters + buffers, 0


@mistake(norm_parameter_count)
def counts_the_running_statistics_twice(kind, channels, groups=None):
    """Your buffers are right, but your parameters contain them again: what is learnt is gamma and beta only."""
    parameters, buffers = norm_parameter_count(kind, channels, groups)
    return parameters + buffers, buffers


@mistake(norm_parameter_count)
def counts_gamma_and_beta_per_group(kind, channels, groups=None):
    """You count one gamma and one beta for each group: a group shares its statistics, and each channel has its own
    gamma and beta."""
    return (2 * groups, 0) if kind == "group" else norm_parameter_count(kind, channels, groups)


@mistake(norm_parameter_count)
def counts_the_channels_of_one_group(kind, channels, groups=None):
    """You divide the channels by the number of groups: all groups together have gamma and beta for every channel."""
    return (2 * channels // groups, 0) if kind == "group" else norm_parameter_count(kind, channels, groups)


@mistake(norm_parameter_count)
def gives_rms_norm_a_beta(kind, channels, groups=None):
    """You count a beta for RMS norm: it does not centre its input, and it has no shift to learn either."""
    return (2 * channels, 0) if kind == "rms" else norm_parameter_count(kind, channels, groups)


@mistake(norm_parameter_count)
def gives_every_norm_running_statistics(kind, channels, groups=None):
    """You give every kind running statistics: all but batch norm compute theirs from the sample at hand, at test time
    too."""
    return norm_parameter_count(kind, channels, groups)[0], 2 * channels


@mistake(norm_parameter_count)
def gives_instance_norm_running_statistics(kind, channels, groups=None):
    """You give instance norm running statistics, as batch norm has: it takes its own from each image, at test time
    too."""
    parameters, buffers = norm_parameter_count(kind, channels, groups)
    return parameters, 2 * channels if kind == "instance" else buffers


@mistake(norm_parameter_count)
def takes_instance_norm_without_its_scale(kind, channels, groups=None):
    """You count nothing for instance norm, as PyTorch's default does: here it has gamma and beta."""
    return (0, 0) if kind == "instance" else norm_parameter_count(kind, channels, groups)


@mistake(norm_parameter_count)
def gives_layer_norm_one_gamma_and_one_beta(kind, channels, groups=None):
    """You count a single gamma and beta for the whole layer norm: each feature has its own."""
    return (2, 0) if kind == "layer" else norm_parameter_count(kind, channels, groups)


@mistake(norm_parameter_count)
def counts_the_batch_counter_too(kind, channels, groups=None):
    """You count one buffer more for batch norm, the number of batches seen: here only the running mean and variance
    count."""
    parameters, buffers = norm_parameter_count(kind, channels, groups)
    return parameters, buffers + (kind == "batch")


@mistake(norm_parameter_count)
def counts_one_running_statistic_per_channel(kind, channels, groups=None):
    """You count one buffer for each channel: batch norm keeps a running mean and a running variance."""
    parameters, buffers = norm_parameter_count(kind, channels, groups)
    return parameters, buffers // 2


@mistake(norm_parameter_count)
def counts_gamma_without_beta(kind, channels, groups=None):
    """You count one parameter for each channel of every kind: all but RMS norm learn a beta besides gamma."""
    return channels, norm_parameter_count(kind, channels, groups)[1]
