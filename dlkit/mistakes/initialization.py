"""Unit 04: wrong answers that people give in 04_initialization, each with what to say of it."""

import math

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.initialization import (
    activation_std_by_depth,
    clip_gradient_norm,
    clip_gradient_value,
    distinct_units,
    fan_in_fan_out,
    forward_gain,
    gradient_norm_by_depth,
    kaiming_normal,
    kaiming_uniform,
    lsuv_scale,
    min_max_scale,
    orthogonal,
    pca,
    pca_whiten,
    prior_bias,
    standardize,
    subtract_channel_mean,
    subtract_mean_image,
    truncated_normal,
    xavier_normal,
    xavier_uniform,
    zca_whiten,
)


@mistake(standardize)
def standardizes_the_test_part_by_its_own_statistics(X_train, X_test, eps=1e-8):
    """You peek: the test part is scaled by its own mean and std. Unseen data have no statistics of their own yet; what
    was learnt from the training part serves both."""
    train = (X_train - X_train.mean(axis=0)) / (X_train.std(axis=0) + eps)
    return train, (X_test - X_test.mean(axis=0)) / (X_test.std(axis=0) + eps)


@mistake(standardize)
def standardizes_by_the_statistics_of_both_parts_together(X_train, X_test, eps=1e-8):
    """You peek: mean and std are those of both parts together, so the test part has a say in how the training data
    look. Learn them from the training part alone."""
    both = np.concatenate([X_train, X_test])
    mean, std = both.mean(axis=0), both.std(axis=0) + eps
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def standardizes_test_by_trains_mean_and_its_own_std(X_train, X_test, eps=1e-8):
    """You peek at half of it: the test part is centred by the training part's mean, but divided by its own std."""
    mean = X_train.mean(axis=0)
    return (X_train - mean) / (X_train.std(axis=0) + eps), (X_test - mean) / (X_test.std(axis=0) + eps)


@mistake(standardize)
def standardizes_test_by_its_own_mean_and_trains_std(X_train, X_test, eps=1e-8):
    """You peek at half of it: the test part is divided by the training part's std, but centred by its own mean."""
    std = X_train.std(axis=0) + eps
    return (X_train - X_train.mean(axis=0)) / std, (X_test - X_test.mean(axis=0)) / std


@mistake(standardize)
def standardizes_with_n_minus_one(X_train, X_test, eps=1e-8):
    """Your std divides by N − 1 (ddof 1); asked is the root of the mean squared deviation, which divides by N."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0, ddof=1) + eps
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def standardizes_all_features_by_one_mean_and_std(X_train, X_test, eps=1e-8):
    """You take one mean and one std over all numbers of the training part. Each feature (column) needs its own: look
    at the axis you reduce over."""
    mean, std = X_train.mean(), X_train.std() + eps
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def standardizes_each_row(X_train, X_test, eps=1e-8):
    """You standardize each sample over its features, as layer norm does. Asked is each feature over the samples: the
    other axis."""
    train = (X_train - X_train.mean(axis=1, keepdims=True)) / (X_train.std(axis=1, keepdims=True) + eps)
    return train, (X_test - X_test.mean(axis=1, keepdims=True)) / (X_test.std(axis=1, keepdims=True) + eps)


@mistake(standardize)
def divides_by_the_variance_of_a_feature(X_train, X_test, eps=1e-8):
    """You divide by the variance. The results keep a unit (one over the feature's own) and their std is not 1: which
    root is missing?"""
    mean, var = X_train.mean(axis=0), X_train.var(axis=0) + eps
    return (X_train - mean) / var, (X_test - mean) / var


@mistake(standardize)
def puts_eps_inside_the_root_of_a_features_variance(X_train, X_test, eps=1e-8):
    """Your eps is added to the variance, inside the root, as in batch norm. Here it is added to the std itself."""
    mean, std = X_train.mean(axis=0), np.sqrt(X_train.var(axis=0) + eps)
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def standardizes_without_eps(X_train, X_test, eps=1e-8):
    """Your eps is not used: a feature constant in the training part is divided by 0."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def puts_one_in_the_place_of_a_std_of_zero(X_train, X_test, eps=1e-8):
    """You divide features that are constant in the training part by 1. The formula has no such exception: their std is
    0, and eps alone is left below the fraction."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    std = np.where(std > 0, std + eps, 1.0).astype(std.dtype)
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def standardizes_in_float64_whatever_comes(X_train, X_test, eps=1e-8):
    """Your results are float64 even where both parts are float32: a conversion or a float64 array comes in between."""
    mean, std = X_train.mean(axis=0).astype(np.float64), X_train.std(axis=0).astype(np.float64) + eps
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def cuts_standardized_integers_off(X_train, X_test, eps=1e-8):
    """Your results have the dtype of the input, so that integers come out cut off: there is a cast, or an array made
    like the input."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0) + eps
    return ((X_train - mean) / std).astype(X_train.dtype), ((X_test - mean) / std).astype(X_test.dtype)


@mistake(standardize)
def lets_bytes_wrap_around_when_centring(X_train, X_test, eps=1e-8):
    """You subtract a mean that was cast to the integers' dtype: it lost its digits, and bytes (uint8) wrap around below
    0."""
    mean, std = X_train.mean(axis=0).astype(X_train.dtype), X_train.std(axis=0) + eps
    return (X_train - mean) / std, (X_test - mean) / std


@mistake(standardize)
def standardizes_in_place(X_train, X_test, eps=1e-8):
    """You write into the arrays that came in: whoever passed them finds them changed. Make new ones."""
    if X_train.dtype.kind != "f":
        X_train, X_test = X_train.astype(float), X_test.astype(float)
    mean, std = X_train.mean(axis=0), X_train.std(axis=0) + eps
    X_train -= mean
    X_train /= std
    X_test -= mean
    X_test /= std
    return X_train, X_test


@mistake(min_max_scale)
def scales_the_test_part_by_its_own_range(X_train, X_test):
    """You peek: the test part is scaled by its own minimum and maximum. Unseen data have no range of their own yet; the
    training part's serves both, and the test part may leave [0, 1]."""
    return min_max_scale(X_train, X_train)[0], min_max_scale(X_test, X_test)[0] if len(X_test) else 1.0 * X_test


@mistake(min_max_scale)
def scales_by_the_range_of_both_parts_together(X_train, X_test):
    """You peek: minimum and maximum are those of both parts together, so the test part has a say in how the training
    data look. Learn them from the training part alone."""
    both = np.concatenate([X_train, X_test])
    return min_max_scale(both, X_train)[1], min_max_scale(both, X_test)[1]


@mistake(min_max_scale)
def clips_the_test_part(X_train, X_test):
    """You clip the test part to [0, 1]. Asked is not to: a value outside the training part's range stays outside, and
    can be told from one at its edge."""
    train, test = min_max_scale(X_train, X_test)
    return train, np.clip(test, 0, 1)


@mistake(min_max_scale)
def scales_all_features_by_one_range(X_train, X_test):
    """You take one minimum and one maximum over all numbers of the training part. Each feature (column) needs its own:
    look at the axis you reduce over."""
    low, high = 1.0 * X_train.min(), 1.0 * X_train.max()
    width = high - low if high > low else 1.0
    return (X_train - low) / width, (X_test - low) / width


@mistake(min_max_scale)
def scales_each_row_to_its_range(X_train, X_test):
    """You scale each sample over its features. Asked is each feature over the samples: the other axis."""
    return min_max_scale(X_train.T, X_train.T)[0].T, min_max_scale(X_test.T, X_test.T)[0].T


@mistake(min_max_scale)
def divides_constant_features_by_zero(X_train, X_test):
    """You divide by max − min where the two are equal: 0/0 and x/0. A feature constant in the training part needs
    another denominator."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    return (X_train - low) / (high - low), (X_test - low) / (high - low)


@mistake(min_max_scale)
def adds_a_small_number_to_the_range(X_train, X_test):
    """You add a small number to max − min. Features constant in the training part then explode in the test part where
    asked is x − min, and all others come out a little too small."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    return (X_train - low) / (high - low + 1e-8), (X_test - low) / (high - low + 1e-8)


@mistake(min_max_scale)
def floors_the_range_at_a_small_number(X_train, X_test):
    """You put a small number in the place of a range of 0. Features constant in the training part then explode in the
    test part, where asked is x − min."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    width = np.maximum(high - low, 1e-12)
    return (X_train - low) / width, (X_test - low) / width


@mistake(min_max_scale)
def sets_constant_features_to_zero(X_train, X_test):
    """You set features that are constant in the training part to 0 everywhere. Asked is x − min, which is not 0 where
    the test part differs."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    width = np.where(high > low, high - low, 1.0).astype(low.dtype)
    return (X_train - low) * (high > low) / width, (X_test - low) * (high > low) / width


@mistake(min_max_scale)
def replaces_nan_by_numbers_after_scaling(X_train, X_test):
    """You divide by 0 and repair the quotient with np.nan_to_num: where the test part differs, x/0 then comes out as
    the largest float there is. Asked is x − min."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    return np.nan_to_num((X_train - low) / (high - low)), np.nan_to_num((X_test - low) / (high - low))


@mistake(min_max_scale)
def leaves_constant_features_as_they_are(X_train, X_test):
    """You leave features that are constant in the training part as they are. Asked is x − min there: 0 in the training
    part."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    low, width = np.where(high > low, low, 0.0), np.where(high > low, high - low, 1.0)
    return (X_train - low) / width, (X_test - low) / width


@mistake(min_max_scale)
def divides_by_the_maximum_only(X_train, X_test):
    """You divide by the maximum where the range, max − min, is asked: the training part no longer ends at 1."""
    low, high = 1.0 * X_train.min(axis=0), 1.0 * X_train.max(axis=0)
    width = np.where(high > low, high, 1.0).astype(low.dtype)
    return (X_train - low) / width, (X_test - low) / width


@mistake(min_max_scale)
def lets_bytes_wrap_around_when_scaling(X_train, X_test):
    """You subtract integers of one byte: uint8 cannot go below 0, and int8 not beyond 127, so the difference wraps
    around. Turn them into floats first."""
    low, high = X_train.min(axis=0), X_train.max(axis=0)
    width = np.where(high > low, high - low, 1).astype(low.dtype)
    return (X_train - low) / width, (X_test - low) / width


@mistake(min_max_scale)
def scales_in_float64_whatever_comes(X_train, X_test):
    """Your results are float64 even where both parts are float32: a conversion or a float64 array comes in between."""
    return min_max_scale(X_train.astype(np.float64), X_test.astype(np.float64))


@mistake(min_max_scale)
def scales_in_place(X_train, X_test):
    """You write into the arrays that came in: whoever passed them finds them changed. Make new ones."""
    if X_train.dtype.kind != "f":
        X_train, X_test = X_train.astype(float), X_test.astype(float)
    low, high = X_train.min(axis=0), X_train.max(axis=0)
    width = np.where(high > low, high - low, 1.0).astype(low.dtype)
    X_train -= low
    X_train /= width
    X_test -= low
    X_test /= width
    return X_train, X_test


@mistake(subtract_mean_image)
def subtracts_one_number_for_all_pixels(X):
    """Your mean is one number for all channels and places. Asked is an image: one mean for every channel and place,
    over the N images."""
    mean = np.full_like(X[0], X.mean(), dtype=X.mean().dtype)
    return X - mean, mean


@mistake(subtract_mean_image)
def subtracts_the_channel_means_for_the_mean_image(X):
    """Your mean is the same at all places of a channel: those are channel means. The mean image has a mean of its own
    at every place."""
    mean = np.broadcast_to(X.mean(axis=(0, 2, 3))[:, None, None], X.shape[1:]).copy()
    return X - mean, mean


@mistake(subtract_mean_image)
def subtracts_each_images_own_mean(X):
    """You centre each image by its own mean. Asked is the mean over the images, place by place: only the first axis
    goes."""
    mean = X.mean(axis=(1, 2, 3))
    return X - mean[:, None, None, None], mean


@mistake(subtract_mean_image)
def subtracts_one_scalar_from_all_images(X):
    """You take the mean of all numbers at once: without an axis, mean gives a single number. Asked is the mean over the
    images, place by place."""
    mean = X.mean()
    return X - mean, mean


@mistake(subtract_mean_image)
def keeps_the_axes_of_each_images_own_mean(X):
    """You centre each image by the mean of its own places, one number an image. Asked is one image that is subtracted
    from all: average over the first axis, and over no other."""
    mean = X.mean(axis=(1, 2, 3), keepdims=True)
    return X - mean, mean


@mistake(subtract_mean_image)
def keeps_the_batch_axis_of_the_mean_image(X):
    """Your mean keeps the batch axis with length 1. Asked is a single image, of shape (C, H, W)."""
    mean = X.mean(axis=0, keepdims=True)
    return X - mean, mean


@mistake(subtract_mean_image)
def casts_the_mean_image_to_bytes(X):
    """Your mean is cast to the images' dtype. Of bytes it is rounded off, and the difference of two uint8 wraps around
    below 0."""
    mean = X.mean(axis=0).astype(X.dtype)
    return X - mean, mean


@mistake(subtract_mean_image)
def casts_the_centred_images_to_bytes(X):
    """Your mean is right, but the centred images are cast back to the dtype of X: bytes lose their digits and what is
    below 0."""
    mean = X.mean(axis=0)
    return (X - mean).astype(X.dtype), mean


@mistake(subtract_mean_image)
def returns_the_mean_image_first(X):
    """Your results are right, their order is not: the centred images come first, the mean second."""
    mean = X.mean(axis=0)
    return mean, X - mean


@mistake(subtract_mean_image)
def adds_the_mean_image(X):
    """Your images went the wrong way: the mean is added where it is to be taken away."""
    mean = X.mean(axis=0)
    return X + mean, mean


@mistake(subtract_mean_image)
def centres_images_in_float64_whatever_comes(X):
    """Your results are float64 even where X is float32: a conversion or a float64 mean comes in between."""
    mean = X.mean(axis=0, dtype=np.float64)
    return X - mean, mean


@mistake(subtract_mean_image)
def centres_images_in_place(X):
    """You write into X: whoever passed the images finds them changed. Make a new array."""
    if X.dtype.kind != "f":
        X = X.astype(float)
    mean = X.mean(axis=0)
    X -= mean
    return X, mean


@mistake(subtract_channel_mean)
def subtracts_along_the_width(X):
    """Your means, of shape (C,), meet the last axis of X, the width, and not the channels: NumPy lines up shapes from
    the right."""
    mean = X.mean(axis=(0, 2, 3))
    return X - mean, mean


@mistake(subtract_channel_mean)
def takes_channel_means_per_image(X):
    """You take the means over the places of each image alone, as instance norm does. Asked is one mean a channel for
    all images."""
    mean = X.mean(axis=(2, 3))
    return X - mean[:, :, None, None], mean


@mistake(subtract_channel_mean)
def subtracts_the_mean_image_for_the_channel_means(X):
    """Your mean is a mean image, with one number for each place. Asked is one number for each channel: the places are
    averaged over too."""
    mean = X.mean(axis=0)
    return X - mean, mean


@mistake(subtract_channel_mean)
def subtracts_one_mean_from_all_channels(X):
    """You take one mean over everything. Each channel has its own: its axis must not be averaged over."""
    mean = np.full(X.shape[1], X.mean(), dtype=X.mean().dtype)
    return X - mean[:, None, None], mean


@mistake(subtract_channel_mean)
def averages_over_the_channels(X):
    """You average over the channels and keep the images: axis 0 and axis 1 are mixed up."""
    mean = X.mean(axis=(1, 2, 3))
    return X - mean[:, None, None, None], mean


@mistake(subtract_channel_mean)
def averages_over_the_first_three_axes(X):
    """You average over the axes 0, 1 and 2, as if the channels came last: what is left are means of the columns. Here
    the channels are axis 1."""
    mean = X.mean(axis=(0, 1, 2))
    return X - mean, mean


@mistake(subtract_channel_mean)
def keeps_the_axes_of_the_channel_means(X):
    """Your centred images are right, but the means keep axes of length 1. Asked is the shape (C,)."""
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    return X - mean, mean


@mistake(subtract_channel_mean)
def casts_the_channel_means_to_bytes(X):
    """Your means are cast to the images' dtype. Of bytes they are rounded off, and the difference of two uint8 wraps
    around below 0."""
    mean = X.mean(axis=(0, 2, 3)).astype(X.dtype)
    return X - mean[:, None, None], mean


@mistake(subtract_channel_mean)
def casts_images_without_channel_means_to_bytes(X):
    """Your means are right, but the centred images are cast back to the dtype of X: bytes lose their digits and what is
    below 0."""
    mean = X.mean(axis=(0, 2, 3))
    return (X - mean[:, None, None]).astype(X.dtype), mean


@mistake(subtract_channel_mean)
def returns_the_channel_means_first(X):
    """Your results are right, their order is not: the centred images come first, the means second."""
    mean = X.mean(axis=(0, 2, 3))
    return mean, X - mean[:, None, None]


@mistake(subtract_channel_mean)
def takes_channel_means_in_float64_whatever_comes(X):
    """Your results are float64 even where X is float32: a conversion or a float64 mean comes in between."""
    mean = X.mean(axis=(0, 2, 3), dtype=np.float64)
    return X - mean[:, None, None], mean


@mistake(subtract_channel_mean)
def subtracts_channel_means_in_place(X):
    """You write into X: whoever passed the images finds them changed. Make a new array."""
    if X.dtype.kind != "f":
        X = X.astype(float)
    mean = X.mean(axis=(0, 2, 3))
    X -= mean[:, None, None]
    return X, mean


def _components(centred):
    """All components of centred data, in rows by falling variance with the sign that is asked, and singular values."""
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(Vt).argmax(axis=1, keepdims=True)
    return Vt * np.sign(np.take_along_axis(Vt, largest, axis=1)), S


@mistake(pca)
def forgets_to_centre_before_pca(X, k):
    """You work with X as it came, without its mean taken away: the first component then points at the mean, not along
    the spread."""
    X = X if X.dtype.kind == "f" else 1.0 * X
    Vt, S = _components(X)
    return X @ Vt[:k].T, Vt[:k], S[:k] ** 2 / np.sum(S**2)


@mistake(pca)
def projects_the_uncentred_data(X, k):
    """Your components are right, but Z is X itself along them. Take the mean away there too."""
    _, components, explained = pca(X, k)
    return X @ components.T, components, explained


@mistake(pca)
def returns_components_as_columns(X, k):
    """Your components stand in the columns. Asked is one in each row, shape (k, D)."""
    Z, components, explained = pca(X, k)
    return Z, components.T, explained


@mistake(pca)
def takes_the_rows_of_eighs_vectors(X, k):
    """You take rows of the matrix of eigenvectors, but eigh gives them as columns: what you have are the first entries
    of all of them."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    components = vectors[:, ::-1][:k]
    largest = np.abs(components).argmax(axis=1, keepdims=True)
    components = components * np.sign(np.take_along_axis(components, largest, axis=1))
    return centred @ components.T, components, values[::-1][:k] / values.sum()


@mistake(pca)
def takes_the_smallest_eigenvalues_first(X, k):
    """Your components come by rising variance, so that you keep the directions along which the data vary least: eigh
    sorts its eigenvalues upwards."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    components = vectors[:, :k].T
    largest = np.abs(components).argmax(axis=1, keepdims=True)
    components = components * np.sign(np.take_along_axis(components, largest, axis=1))
    return centred @ components.T, components, values[:k] / values.sum()


@mistake(pca)
def takes_eigenvectors_as_eigh_gives_them(X, k):
    """Your components come as eigh gives them: by rising variance, so that you keep the wrong end, and with either
    sign."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    return centred @ vectors[:, :k], vectors[:, :k].T, values[:k] / values.sum()


@mistake(pca)
def leaves_the_signs_of_svd(X, k):
    """Your components are right up to sign: SVD gives them with either. Turn each so that its entry of largest
    magnitude is positive, and its column of Z with it."""
    centred = X - X.mean(axis=0)
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ Vt[:k].T, Vt[:k], S[:k] ** 2 / np.sum(S**2)


@mistake(pca)
def leaves_the_signs_of_eigh(X, k):
    """Your components are right up to sign: eigh gives them with either. Turn each so that its entry of largest
    magnitude is positive, and its column of Z with it."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    components = vectors[:, ::-1].T[:k]
    return centred @ components.T, components, values[::-1][:k] / values.sum()


@mistake(pca)
def makes_the_first_entry_positive(X, k):
    """Your components are right up to sign, as if the first entry of each were made positive. Asked is that its entry
    of largest magnitude is."""
    Z, components, explained = pca(X, k)
    turn = np.where(components[:, 0] < 0, -1, 1).astype(components.dtype)
    return Z * turn, components * turn[:, None], explained


@mistake(pca)
def makes_the_sum_of_a_component_positive(X, k):
    """Your components are right up to sign, as if the sum of each were made positive. Asked is that its entry of
    largest magnitude is."""
    Z, components, explained = pca(X, k)
    turn = np.where(components.sum(axis=1) < 0, -1, 1).astype(components.dtype)
    return Z * turn, components * turn[:, None], explained


@mistake(pca)
def makes_all_entries_of_a_component_positive(X, k):
    """Your components have no negative entry at all: an absolute value was taken of each, where the whole component is
    to be turned."""
    _, components, explained = pca(X, k)
    return (X - X.mean(axis=0)) @ abs(components).T, abs(components), explained


@mistake(pca)
def turns_the_components_but_not_z(X, k):
    """Your components are right, but Z was computed with their old signs: a column of Z turns with its component."""
    centred = X - X.mean(axis=0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][:k].T, *pca(X, k)[1:]


@mistake(pca)
def shares_out_what_the_kept_components_explain(X, k):
    """Your shares are of the variance of the k components you keep, so that they always sum to 1. Asked are shares of
    the total variance of all features."""
    Z, components, explained = pca(X, k)
    return Z, components, explained / explained.sum()


@mistake(pca)
def returns_eigenvalues_for_shares(X, k):
    """Your third result is the variances along the components. Asked are their shares of the total: divide by it."""
    Z, components, _ = pca(X, k)
    return Z, components, (Z**2).mean(axis=0)


@mistake(pca)
def takes_shares_of_the_singular_values(X, k):
    """Your shares are of the singular values, which are standard deviations. Variances are their squares."""
    Z, components, _ = pca(X, k)
    S = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    return Z, components, S[:k] / S.sum()


@mistake(pca)
def standardizes_before_pca(X, k):
    """You divide the features by their std first: that is the PCA of the correlations. Asked is to centre only."""
    std = X.std(axis=0)
    return pca((X - X.mean(axis=0)) / np.where(std > 0, std, 1).astype(std.dtype), k)


@mistake(pca)
def centres_each_row_before_pca(X, k):
    """You take away each sample's mean over its features. Asked is each feature's mean over the samples: axis 0."""
    centred = X - X.mean(axis=1, keepdims=True)
    Vt, S = _components(centred)
    return centred @ Vt[:k].T, Vt[:k], S[:k] ** 2 / np.sum(S**2)


@mistake(pca)
def runs_pca_in_float64_whatever_comes(X, k):
    """Your results are float64 even where X is float32: a conversion or a float64 mean comes in between."""
    return pca(X.astype(np.float64), k)


@mistake(pca)
def centres_in_place_before_pca(X, k):
    """You write into X when you centre it: whoever passed it finds it changed. Make a new array."""
    if X.dtype.kind != "f":
        X = X.astype(float)
    X -= X.mean(axis=0)
    return pca(X, k)


@mistake(pca)
def keeps_x_in_whole_numbers_when_centring(X, k):
    """You subtract a mean that was cast to the integers' dtype: it lost its digits, and bytes (uint8) wrap around below
    0."""
    if X.dtype.kind == "f":
        return pca(X, k)
    centred = 1.0 * (X - X.mean(axis=0).astype(X.dtype))
    Vt, S = _components(centred)
    return centred @ Vt[:k].T, Vt[:k], S[:k] ** 2 / np.sum(S**2)


@mistake(pca_whiten)
def forgets_to_centre_before_pca_whitening(X, eps=1e-5):
    """You whiten X as it came, without its mean taken away: the first axis then points at the mean."""
    X = X if X.dtype.kind == "f" else 1.0 * X
    Vt, S = _components(X)
    return X @ Vt.T / np.sqrt(S**2 / len(X) + eps)


@mistake(pca_whiten)
def puts_eps_outside_the_root_in_pca_whitening(X, eps=1e-5):
    """Your eps is added to the standard deviation, outside the root. Here it is added to λ, inside: an axis without
    variance is then divided by √eps."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / (np.sqrt(S**2 / len(X)) + eps)


@mistake(pca_whiten)
def takes_n_minus_one_in_pca_whitening(X, eps=1e-5):
    """Your covariance divides by N − 1, as np.cov does unless told otherwise. Asked is N."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 / (len(X) - 1) + eps)


@mistake(pca_whiten)
def forgets_to_divide_by_n_in_pca_whitening(X, eps=1e-5):
    """You divide by the singular values themselves, so that each column has length 1 and not variance 1: λ is their
    square over N."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 + eps)


@mistake(pca_whiten)
def divides_by_lambda_in_pca_whitening(X, eps=1e-5):
    """You divide by the variance λ + eps itself: the columns come out with variance 1/λ. A root is missing."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / (S**2 / len(X) + eps)


@mistake(pca_whiten)
def forgets_eps_in_pca_whitening(X, eps=1e-5):
    """Your eps is not used: an axis without variance is divided by 0, or by the rounding error that is left of it."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 / len(X))


@mistake(pca_whiten)
def only_rotates_in_pca_whitening(X, eps=1e-5):
    """You rotate the data into their components and stop: they are uncorrelated, but each column keeps its variance λ
    instead of nearly 1."""
    centred = X - X.mean(axis=0)
    return centred @ _components(centred)[0].T


@mistake(pca_whiten)
def whitens_without_rotating(X, eps=1e-5):
    """You divide each feature by its own standard deviation: the features stay correlated. Rotate into the components
    first."""
    centred = X - X.mean(axis=0)
    return centred / np.sqrt(centred.var(axis=0) + eps)


@mistake(pca_whiten)
def pca_whitens_by_rising_variance(X, eps=1e-5):
    """Your columns are right, but come by rising variance: eigh sorts its eigenvalues upwards."""
    return pca_whiten(X, eps)[:, ::-1]


@mistake(pca_whiten)
def whitens_along_the_axes_as_eigh_gives_them(X, eps=1e-5):
    """Your columns come as eigh gives its eigenvectors: by rising variance, and with either sign."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    return centred @ vectors / np.sqrt(np.maximum(values, 0) + eps)


@mistake(pca_whiten)
def reverses_the_vectors_but_not_lambda(X, eps=1e-5):
    """You turn the order of the eigenvectors round, but not that of their λ: each column is divided by the root of
    another one's variance."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S[::-1] ** 2 / len(X) + eps)


@mistake(pca_whiten)
def takes_singular_values_for_lambda_in_pca_whitening(X, eps=1e-5):
    """You take the singular values for λ. They are lengths, not variances: λ is their square over N."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S + eps)


@mistake(pca_whiten)
def takes_the_root_of_a_negative_lambda_in_pca_whitening(X, eps=1e-5):
    """Your λ can be negative: for a direction without variance eigh returns what rounding left, and in float32 that can
    be below −eps. The root is NaN then."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    values, Vt = values[::-1], vectors.T[::-1]
    largest = np.abs(Vt).argmax(axis=1, keepdims=True)
    Vt = Vt * np.sign(np.take_along_axis(Vt, largest, axis=1))
    return centred @ Vt.T / np.sqrt(values + eps)


@mistake(pca_whiten)
def leaves_the_signs_of_svd_in_whitened_data(X, eps=1e-5):
    """Your columns are right up to sign: SVD gives each eigenvector with either. Turn each so that its entry of largest
    magnitude is positive."""
    centred = X - X.mean(axis=0)
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ Vt.T / np.sqrt(S**2 / len(X) + eps)


@mistake(pca_whiten)
def leaves_the_signs_of_eigh_in_whitened_data(X, eps=1e-5):
    """Your columns are right up to sign: eigh gives each eigenvector with either. Turn each so that its entry of
    largest magnitude is positive."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    return (centred @ vectors / np.sqrt(np.maximum(values, 0) + eps))[:, ::-1]


@mistake(pca_whiten)
def fixes_the_sign_by_the_whitened_column(X, eps=1e-5):
    """Your columns are right up to sign: you look for the largest entry in the whitened column. Asked is the largest
    entry of the eigenvector."""
    out = pca_whiten(X, eps)
    return out * np.sign(np.take_along_axis(out, abs(out).argmax(axis=0)[None], axis=0))


@mistake(pca_whiten)
def rotates_by_v_transposed(X, eps=1e-5):
    """You multiply by the eigenvectors' matrix the wrong way round: the columns of X must meet the entries of one
    eigenvector. Is it transposed?"""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt / np.sqrt(S**2 / len(X) + eps)


@mistake(pca_whiten)
def rotates_back_as_zca_does(X, eps=1e-5):
    """You turn the whitened data back into the original axes: that is ZCA. Here they stay in the axes of their
    components."""
    return zca_whiten(X, eps)


@mistake(pca_whiten)
def pca_whitens_in_float64_whatever_comes(X, eps=1e-5):
    """Your result is float64 even where X is float32: a conversion or a float64 array comes in between."""
    return pca_whiten(X.astype(np.float64), eps)


@mistake(pca_whiten)
def pca_whitens_in_place(X, eps=1e-5):
    """You write into X when you centre it: whoever passed it finds it changed. Make a new array."""
    if X.dtype.kind != "f":
        X = X.astype(float)
    X -= X.mean(axis=0)
    return pca_whiten(X, eps)


@mistake(zca_whiten)
def forgets_to_centre_before_zca(X, eps=1e-5):
    """You whiten X as it came, without its mean taken away: the first axis then points at the mean."""
    X = X if X.dtype.kind == "f" else 1.0 * X
    Vt, S = _components(X)
    return X @ Vt.T / np.sqrt(S**2 / len(X) + eps) @ Vt


@mistake(zca_whiten)
def puts_eps_outside_the_root_in_zca(X, eps=1e-5):
    """Your eps is added to the standard deviation, outside the root. Here it is added to λ, inside."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / (np.sqrt(S**2 / len(X)) + eps) @ Vt


@mistake(zca_whiten)
def takes_n_minus_one_in_zca(X, eps=1e-5):
    """Your covariance divides by N − 1, as np.cov does unless told otherwise. Asked is N."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 / (len(X) - 1) + eps) @ Vt


@mistake(zca_whiten)
def forgets_to_divide_by_n_in_zca(X, eps=1e-5):
    """You divide by the singular values themselves, so that each column has length 1 and not variance 1: λ is their
    square over N."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 + eps) @ Vt


@mistake(zca_whiten)
def divides_by_lambda_in_zca(X, eps=1e-5):
    """You divide by the variance λ + eps itself: the result has the inverse of the covariance for its covariance. A
    root is missing."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / (S**2 / len(X) + eps) @ Vt


@mistake(zca_whiten)
def forgets_eps_in_zca(X, eps=1e-5):
    """Your eps is not used: an axis without variance is divided by 0, or by the rounding error that is left of it."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 / len(X)) @ Vt


@mistake(zca_whiten)
def stops_at_pca_whitening(X, eps=1e-5):
    """Your data are white, but still in the axes of their components: that is PCA whitening. The rotation back is
    missing."""
    return pca_whiten(X, eps)


@mistake(zca_whiten)
def rotates_twice_in_the_same_direction(X, eps=1e-5):
    """Your last rotation goes on in the direction of the first, where it should undo it: one of the two matrices is
    transposed."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S**2 / len(X) + eps) @ Vt.T


@mistake(zca_whiten)
def mixes_up_v_and_its_transpose(X, eps=1e-5):
    """Both rotations are the wrong way round: the first multiplies by the transpose of V and the last by V. Which
    matrix has the eigenvectors in its columns?"""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt / np.sqrt(S**2 / len(X) + eps) @ Vt.T


@mistake(zca_whiten)
def takes_svds_third_result_for_v(X, eps=1e-5):
    """You use Vᵀ where V belongs, and V where Vᵀ does: the third result of svd has the eigenvectors in its rows, so it
    is the transpose already."""
    centred = X - X.mean(axis=0)
    _, S, Vt = np.linalg.svd(centred, full_matrices=False)
    return centred @ Vt / np.sqrt(S**2 / len(X) + eps) @ Vt.T


@mistake(zca_whiten)
def takes_eighs_vectors_for_the_transpose_of_v(X, eps=1e-5):
    """You use Vᵀ where V belongs, and V where Vᵀ does: eigh gives the eigenvectors in the columns, so what it returns
    is V itself."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    return centred @ vectors.T / np.sqrt(np.maximum(values, 0) + eps) @ vectors


@mistake(zca_whiten)
def takes_singular_values_for_lambda_in_zca(X, eps=1e-5):
    """You take the singular values for λ. They are lengths, not variances: λ is their square over N."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T / np.sqrt(S + eps) @ Vt


@mistake(zca_whiten)
def takes_the_root_of_a_negative_lambda_in_zca(X, eps=1e-5):
    """Your λ can be negative: for a direction without variance eigh returns what rounding left, and in float32 that can
    be below −eps. The root is NaN then."""
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(centred.T @ centred / len(X)))
    return centred @ vectors / np.sqrt(values + eps) @ vectors.T


@mistake(zca_whiten)
def whitens_by_a_cholesky_factor(X, eps=1e-5):
    """Your data are white, but by a triangular matrix (Cholesky's), which favours the first feature. ZCA multiplies by
    the symmetric root."""
    centred = X - X.mean(axis=0)
    cov = centred.T @ centred / len(X) + eps * np.eye(X.shape[1], dtype=centred.dtype)
    return np.linalg.solve(np.linalg.cholesky(cov), centred.T).T


@mistake(zca_whiten)
def multiplies_by_the_root_in_zca(X, eps=1e-5):
    """You multiply by the root of λ + eps where you should divide: the correlations grow instead of going away."""
    centred = X - X.mean(axis=0)
    Vt, S = _components(centred)
    return centred @ Vt.T * np.sqrt(S**2 / len(X) + eps) @ Vt


@mistake(zca_whiten)
def standardizes_for_zca(X, eps=1e-5):
    """You divide each feature by its own standard deviation: the features stay correlated. The division belongs between
    the two rotations."""
    centred = X - X.mean(axis=0)
    return centred / np.sqrt(centred.var(axis=0) + eps)


@mistake(zca_whiten)
def adds_the_mean_back_after_zca(X, eps=1e-5):
    """Your whitening is right, but the mean is added again at the end. The result stays centred."""
    return zca_whiten(X, eps) + X.mean(axis=0)


@mistake(zca_whiten)
def runs_zca_in_float64_whatever_comes(X, eps=1e-5):
    """Your result is float64 even where X is float32: a conversion or a float64 array comes in between."""
    return zca_whiten(X.astype(np.float64), eps)


@mistake(zca_whiten)
def runs_zca_in_place(X, eps=1e-5):
    """You write into X when you centre it: whoever passed it finds it changed. Make a new array."""
    if X.dtype.kind != "f":
        X = X.astype(float)
    X -= X.mean(axis=0)
    return zca_whiten(X, eps)


@mistake(fan_in_fan_out)
def swaps_the_fans_of_dense_weights(shape):
    """Your dense fans are swapped: that is PyTorch's layout, (M, D). Here the inputs come first."""
    return fan_in_fan_out(shape)[::-1] if len(shape) == 2 else fan_in_fan_out(shape)


@mistake(fan_in_fan_out)
def swaps_the_fans_of_filters(shape):
    """Your fans of a convolution are swapped: its first axis counts the filters, which are outputs."""
    return fan_in_fan_out(shape)[::-1] if len(shape) == 4 else fan_in_fan_out(shape)


@mistake(fan_in_fan_out)
def swaps_all_fans(shape):
    """All your fans are swapped: fan_in, the number of inputs that one output sums over, comes first."""
    return fan_in_fan_out(shape)[::-1]


@mistake(fan_in_fan_out)
def leaves_out_the_kernels_area(shape):
    """You count channels only. A filter sums over every place of its kernel too, and an input pixel reaches as many."""
    return (shape[1], shape[0]) if len(shape) == 4 else (shape[0], shape[1])


@mistake(fan_in_fan_out)
def takes_the_first_two_axes_for_fans(shape):
    """You take the first two axes of any shape. For filters the first is the output side, and the kernel's area counts
    on both."""
    return shape[0], shape[1]


@mistake(fan_in_fan_out)
def counts_the_filters_for_fan_out(shape):
    """Your fan_out of a convolution is the number of filters: an input pixel meets each of them at every place of the
    kernel."""
    return (fan_in_fan_out(shape)[0], shape[0]) if len(shape) == 4 else (shape[0], shape[1])


@mistake(fan_in_fan_out)
def counts_the_channels_for_fan_in(shape):
    """Your fan_in of a convolution is the number of channels: a filter sums over every place of its kernel too."""
    return (shape[1], fan_in_fan_out(shape)[1]) if len(shape) == 4 else (shape[0], shape[1])


@mistake(fan_in_fan_out)
def takes_the_kernel_for_square(shape):
    """You square one side of the kernel: its two sides may differ."""
    if len(shape) == 2:
        return shape[0], shape[1]
    return shape[1] * shape[2] ** 2, shape[0] * shape[2] ** 2


@mistake(fan_in_fan_out)
def expects_the_kernel_first(shape):
    """You read filters as (KH, KW, C, F), the layout of TensorFlow. Here they are (F, C, KH, KW)."""
    return math.prod(shape[:-1]), math.prod(shape) // shape[-2]


def _fan(shape, mode):
    """The fan that mode asks for."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode must be "fan_in" or "fan_out", not {mode!r}')
    return fan_in_fan_out(shape)[mode == "fan_out"]


@mistake(xavier_uniform)
def takes_xaviers_std_for_the_bound(shape, rng, gain=1.0):
    """Your bound is the standard deviation itself. A uniform law on [−b, b] has standard deviation b / √3, so your
    weights are too small."""
    fan_in, fan_out = fan_in_fan_out(shape)
    std = gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-std, std, size=shape)


@mistake(xavier_uniform)
def draws_xavier_weights_above_zero_only(shape, rng, gain=1.0):
    """Your weights are all positive: they lie in [0, b]. Asked is [−b, b], with mean 0."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(0, bound, size=shape)


@mistake(xavier_uniform)
def draws_xaviers_uniform_from_the_normal_law(shape, rng, gain=1.0):
    """Your weights have the right standard deviation but come from a normal law, which has no bound. Asked is the
    uniform one."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return rng.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_uniform)
def takes_xaviers_variance_for_the_bound(shape, rng, gain=1.0):
    """Your bound has no root: it is 6 over the fans, a variance, where its root is asked."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = gain * 6 / (fan_in + fan_out)
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def counts_only_the_inputs_for_xavier_uniform(shape, rng, gain=1.0):
    """Your variance is 1 / fan_in (LeCun's), which minds the forward pass only. Xavier's takes the mean of both
    fans."""
    fan_in, _ = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(1 / fan_in)
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def takes_kaimings_rule_for_xavier_uniform(shape, rng, gain=1.0):
    """Your variance is 2 / fan_in: that is Kaiming's, for ReLU. Xavier's takes both fans."""
    fan_in, _ = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(2 / fan_in)
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def forgets_the_two_in_xavier_uniform(shape, rng, gain=1.0):
    """Your variance is 1 over the sum of the fans: it is to be 1 over their mean."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(1 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def leaves_the_kernel_out_of_xavier_uniform(shape, rng, gain=1.0):
    """Your fans of filters are the channel counts only: the kernel's area multiplies both."""
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, *_ = shape
        fan_in, fan_out = C, F
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def takes_f_for_fan_out_in_xavier_uniform(shape, rng, gain=1.0):
    """Your fan_out of filters is their number: an input pixel meets each at every place of its kernel, so the area
    counts on this side too."""
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def reads_filters_kernel_first_in_xavier_uniform(shape, rng, gain=1.0):
    """You read filters as (KH, KW, C, F), the layout of TensorFlow. Here they are (F, C, KH, KW)."""
    fan_in = math.prod(shape[:-1])
    fan_out = math.prod(shape) // shape[-2]
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def forgets_the_gain_in_xavier_uniform(shape, rng, gain=1.0):
    """Your gain is not used."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def puts_xaviers_gain_inside_the_root_uniform(shape, rng, gain=1.0):
    """Your gain stands inside the root, so it multiplies the variance. Asked is that it multiplies the standard
    deviation."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * math.sqrt(gain * 2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def draws_xavier_uniform_elsewhere_than_from_rng(shape, rng, gain=1.0):
    """Your weights do not come from the rng that is handed in: you draw from NumPy's global generator, or from one that
    you make or seed yourself."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return np.random.uniform(-bound, bound, size=shape)


@mistake(xavier_uniform)
def repeats_one_row_in_xavier_uniform(shape, rng, gain=1.0):
    """You draw one row and repeat it: the units that share their weights then also share their gradients. Each weight
    is drawn on its own."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    row = rng.uniform(-bound, bound, size=shape[1:])
    return np.broadcast_to(row, shape).copy()


@mistake(xavier_normal)
def takes_xaviers_bound_for_the_std(shape, rng, gain=1.0):
    """Your 6 belongs to the bound of the uniform law. The normal law wants the standard deviation, and the variance is
    2 over the sum of the fans."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return rng.normal(0.0, gain * math.sqrt(6 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def hands_xaviers_variance_to_the_normal_law(shape, rng, gain=1.0):
    """You hand the variance to the generator, which wants the standard deviation: your weights are far too small. A
    root is missing."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return rng.normal(0.0, gain * 2 / (fan_in + fan_out), size=shape)


@mistake(xavier_normal)
def draws_xaviers_normal_from_the_uniform_law(shape, rng, gain=1.0):
    """Your weights have the right standard deviation but come from a uniform law. Asked is the normal one."""
    fan_in, fan_out = fan_in_fan_out(shape)
    bound = math.sqrt(3) * gain * math.sqrt(2 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape)


@mistake(xavier_normal)
def cuts_xaviers_normal_law_off(shape, rng, gain=1.0):
    """You cut the normal law off at two standard deviations: entries pile up there, and the variance shrinks. Asked is
    the whole law."""
    fan_in, fan_out = fan_in_fan_out(shape)
    std = gain * math.sqrt(2 / (fan_in + fan_out))
    return np.clip(rng.normal(0.0, std, size=shape), -2 * std, 2 * std)


@mistake(xavier_normal)
def counts_only_the_inputs_for_xavier_normal(shape, rng, gain=1.0):
    """Your variance is 1 / fan_in (LeCun's), which minds the forward pass only. Xavier's takes the mean of both
    fans."""
    fan_in, _ = fan_in_fan_out(shape)
    return rng.normal(0.0, gain * math.sqrt(1 / fan_in), size=shape)


@mistake(xavier_normal)
def takes_kaimings_rule_for_xavier_normal(shape, rng, gain=1.0):
    """Your variance is 2 / fan_in: that is Kaiming's, for ReLU. Xavier's takes both fans."""
    fan_in, _ = fan_in_fan_out(shape)
    return rng.normal(0.0, gain * math.sqrt(2 / fan_in), size=shape)


@mistake(xavier_normal)
def forgets_the_two_in_xavier_normal(shape, rng, gain=1.0):
    """Your variance is 1 over the sum of the fans: it is to be 1 over their mean."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return rng.normal(0.0, gain * math.sqrt(1 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def leaves_the_kernel_out_of_xavier_normal(shape, rng, gain=1.0):
    """Your fans of filters are the channel counts only: the kernel's area multiplies both."""
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, *_ = shape
        fan_in, fan_out = C, F
    return rng.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def takes_f_for_fan_out_in_xavier_normal(shape, rng, gain=1.0):
    """Your fan_out of filters is their number: an input pixel meets each at every place of its kernel, so the area
    counts on this side too."""
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F
    return rng.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def reads_filters_kernel_first_in_xavier_normal(shape, rng, gain=1.0):
    """You read filters as (KH, KW, C, F), the layout of TensorFlow. Here they are (F, C, KH, KW)."""
    fan_in = math.prod(shape[:-1])
    fan_out = math.prod(shape) // shape[-2]
    return rng.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def forgets_the_gain_in_xavier_normal(shape, rng, gain=1.0):
    """Your gain is not used."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return rng.normal(0.0, math.sqrt(2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def puts_xaviers_gain_inside_the_root_normal(shape, rng, gain=1.0):
    """Your gain stands inside the root, so it multiplies the variance. Asked is that it multiplies the standard
    deviation."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return rng.normal(0.0, math.sqrt(gain * 2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def draws_xavier_normal_elsewhere_than_from_rng(shape, rng, gain=1.0):
    """Your weights do not come from the rng that is handed in: you draw from NumPy's global generator, or from one that
    you make or seed yourself."""
    fan_in, fan_out = fan_in_fan_out(shape)
    return np.random.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape)


@mistake(xavier_normal)
def repeats_one_row_in_xavier_normal(shape, rng, gain=1.0):
    """You draw one row and repeat it: the units that share their weights then also share their gradients. Each weight
    is drawn on its own."""
    fan_in, fan_out = fan_in_fan_out(shape)
    row = rng.normal(0.0, gain * math.sqrt(2 / (fan_in + fan_out)), size=shape[1:])
    return np.broadcast_to(row, shape).copy()


@mistake(kaiming_uniform)
def takes_kaimings_std_for_the_bound(shape, rng, mode="fan_in", slope=0.0):
    """Your bound is the standard deviation itself. A uniform law on [−b, b] has standard deviation b / √3, so your
    weights are too small."""
    fan = _fan(shape, mode)
    std = math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-std, std, size=shape)


@mistake(kaiming_uniform)
def draws_kaiming_weights_above_zero_only(shape, rng, mode="fan_in", slope=0.0):
    """Your weights are all positive: they lie in [0, b]. Asked is [−b, b], with mean 0."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(0, bound, size=shape)


@mistake(kaiming_uniform)
def draws_kaimings_uniform_from_the_normal_law(shape, rng, mode="fan_in", slope=0.0):
    """Your weights have the right standard deviation but come from a normal law, which has no bound. Asked is the
    uniform one."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_uniform)
def forgets_the_two_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your variance lacks the 2: ReLU throws half of the power away, and the gain is there to bring it back."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(1 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def takes_xaviers_rule_for_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your variance is 2 over the sum of both fans: that is Xavier's. Kaiming's takes one fan, the one that mode
    names."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / sum(fan_in_fan_out(shape)))
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def ignores_mode_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """You divide by fan_in whatever mode says."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    fan = fan_in_fan_out(shape)[0]
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def accepts_any_mode_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """You take any mode that is not "fan_in" for "fan_out": a word misspelt then passes in silence. It must raise a
    ValueError."""
    fan = fan_in_fan_out(shape)[mode != "fan_in"]
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def forgets_the_slope_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your slope is not used: the gain is √2 for every slope."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def does_not_square_the_slope_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your slope is not squared: the power of the negative half grows with its square."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def multiplies_by_one_plus_the_slope_squared_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """You multiply by 1 + slope² where you should divide: a unit that lets more through needs smaller weights."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 * (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def swaps_the_dense_fans_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your dense fans are swapped: that is PyTorch's layout, (M, D). Here the inputs come first."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_out, fan_in = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F * KH * KW
    fan = fan_in if mode == "fan_in" else fan_out
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def swaps_the_fans_of_filters_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your fans of filters are swapped: their first axis counts the outputs."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = F * KH * KW, C * KH * KW
    fan = fan_in if mode == "fan_in" else fan_out
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def swaps_the_modes_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your two modes are swapped, for dense weights and for filters."""
    fan = _fan(shape, mode)
    fan = sum(fan_in_fan_out(shape)) - fan
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def leaves_the_kernel_out_of_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your fans of filters are the channel counts only: the kernel's area multiplies both."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, *_ = shape
        fan_in, fan_out = C, F
    fan = fan_in if mode == "fan_in" else fan_out
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def takes_f_for_fan_out_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """Your fan_out of filters is their number: an input pixel meets each at every place of its kernel, so the area
    counts on this side too."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F
    fan = fan_in if mode == "fan_in" else fan_out
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def draws_kaiming_uniform_elsewhere_than_from_rng(shape, rng, mode="fan_in", slope=0.0):
    """Your weights do not come from the rng that is handed in: you draw from NumPy's global generator, or from one that
    you make or seed yourself."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return np.random.uniform(-bound, bound, size=shape)


@mistake(kaiming_uniform)
def repeats_one_row_in_kaiming_uniform(shape, rng, mode="fan_in", slope=0.0):
    """You draw one row and repeat it: the units that share their weights then also share their gradients. Each weight
    is drawn on its own."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    row = rng.uniform(-bound, bound, size=shape[1:])
    return np.broadcast_to(row, shape).copy()


@mistake(kaiming_normal)
def takes_kaimings_bound_for_the_std(shape, rng, mode="fan_in", slope=0.0):
    """Your 6 belongs to the bound of the uniform law. The normal law wants the standard deviation, and the variance has
    a 2."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, math.sqrt(6 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def hands_kaimings_variance_to_the_normal_law(shape, rng, mode="fan_in", slope=0.0):
    """You hand the variance to the generator, which wants the standard deviation: your weights are far too small. A
    root is missing."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, 2 / (1 + slope**2) / fan, size=shape)


@mistake(kaiming_normal)
def draws_kaimings_normal_from_the_uniform_law(shape, rng, mode="fan_in", slope=0.0):
    """Your weights have the right standard deviation but come from a uniform law. Asked is the normal one."""
    fan = _fan(shape, mode)
    bound = math.sqrt(3) * math.sqrt(2 / (1 + slope**2) / fan)
    return rng.uniform(-bound, bound, size=shape)


@mistake(kaiming_normal)
def cuts_kaimings_normal_law_off(shape, rng, mode="fan_in", slope=0.0):
    """You cut the normal law off at two standard deviations: entries pile up there, and the variance shrinks. Asked is
    the whole law."""
    fan = _fan(shape, mode)
    std = math.sqrt(2 / (1 + slope**2) / fan)
    return np.clip(rng.normal(0.0, std, size=shape), -2 * std, 2 * std)


@mistake(kaiming_normal)
def forgets_the_two_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your variance lacks the 2: ReLU throws half of the power away, and the gain is there to bring it back."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, math.sqrt(1 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def takes_xaviers_rule_for_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your variance is 2 over the sum of both fans: that is Xavier's. Kaiming's takes one fan, the one that mode
    names."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / sum(fan_in_fan_out(shape))), size=shape)


@mistake(kaiming_normal)
def ignores_mode_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """You divide by fan_in whatever mode says."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    fan = fan_in_fan_out(shape)[0]
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def accepts_any_mode_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """You take any mode that is not "fan_in" for "fan_out": a word misspelt then passes in silence. It must raise a
    ValueError."""
    fan = fan_in_fan_out(shape)[mode != "fan_in"]
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def forgets_the_slope_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your slope is not used: the gain is √2 for every slope."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, math.sqrt(2 / fan), size=shape)


@mistake(kaiming_normal)
def does_not_square_the_slope_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your slope is not squared: the power of the negative half grows with its square."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, math.sqrt(2 / (1 + slope) / fan), size=shape)


@mistake(kaiming_normal)
def multiplies_by_one_plus_the_slope_squared_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """You multiply by 1 + slope² where you should divide: a unit that lets more through needs smaller weights."""
    fan = _fan(shape, mode)
    return rng.normal(0.0, math.sqrt(2 * (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def swaps_the_dense_fans_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your dense fans are swapped: that is PyTorch's layout, (M, D). Here the inputs come first."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_out, fan_in = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F * KH * KW
    fan = fan_in if mode == "fan_in" else fan_out
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def swaps_the_fans_of_filters_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your fans of filters are swapped: their first axis counts the outputs."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = F * KH * KW, C * KH * KW
    fan = fan_in if mode == "fan_in" else fan_out
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def swaps_the_modes_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your two modes are swapped, for dense weights and for filters."""
    fan = _fan(shape, mode)
    fan = sum(fan_in_fan_out(shape)) - fan
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def leaves_the_kernel_out_of_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your fans of filters are the channel counts only: the kernel's area multiplies both."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, *_ = shape
        fan_in, fan_out = C, F
    fan = fan_in if mode == "fan_in" else fan_out
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def takes_f_for_fan_out_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """Your fan_out of filters is their number: an input pixel meets each at every place of its kernel, so the area
    counts on this side too."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(mode)
    if len(shape) == 2:
        fan_in, fan_out = shape
    else:
        F, C, KH, KW = shape
        fan_in, fan_out = C * KH * KW, F
    fan = fan_in if mode == "fan_in" else fan_out
    return rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def draws_kaiming_normal_elsewhere_than_from_rng(shape, rng, mode="fan_in", slope=0.0):
    """Your weights do not come from the rng that is handed in: you draw from NumPy's global generator, or from one that
    you make or seed yourself."""
    fan = _fan(shape, mode)
    return np.random.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape)


@mistake(kaiming_normal)
def repeats_one_row_in_kaiming_normal(shape, rng, mode="fan_in", slope=0.0):
    """You draw one row and repeat it: the units that share their weights then also share their gradients. Each weight
    is drawn on its own."""
    fan = _fan(shape, mode)
    row = rng.normal(0.0, math.sqrt(2 / (1 + slope**2) / fan), size=shape[1:])
    return np.broadcast_to(row, shape).copy()


@mistake(truncated_normal)
def clips_normal_weights_at_the_bound(shape, std, rng, bound=2.0):
    """You move what lies outside onto the bound, so that weights pile up there: that is clipping. Truncating means
    that such a value never happened."""
    return np.clip(std * rng.normal(size=shape), -bound * std, bound * std)


@mistake(truncated_normal)
def rescales_truncated_weights_to_std(shape, std, rng, bound=2.0):
    """You stretch the truncated weights until their own standard deviation is std. But std is that of the normal law
    before it is cut, and the stretching carries weights beyond the bound."""
    W = truncated_normal(shape, 1.0, rng, bound)
    return W * std / W.std() if W.size > 1 else W * std


@mistake(truncated_normal)
def counts_the_bound_in_absolute_numbers(shape, std, rng, bound=2.0):
    """You compare the weights themselves with bound: with std = 0.02 nothing ever reaches 2. The bound counts in units
    of std."""
    W = rng.normal(0, std, size=shape)
    while (outside := np.abs(W) > bound).any() and std < bound:
        W[outside] = rng.normal(0, std, size=outside.sum())
    return W


@mistake(truncated_normal)
def draws_again_only_once(shape, std, rng, bound=2.0):
    """You draw again once, and some of the new values lie outside as well. Do not stop before none does."""
    z = rng.normal(size=shape)
    outside = np.abs(z) > bound
    z[outside] = rng.normal(size=outside.sum())
    return std * z


@mistake(truncated_normal)
def truncates_always_at_two(shape, std, rng, bound=2.0):
    """You truncate at 2 · std whatever bound says: right by default, wrong for any other bound."""
    return truncated_normal(shape, std, rng)


@mistake(truncated_normal)
def truncates_the_global_generators_numbers(shape, std, rng, bound=2.0):
    """You draw from numpy's global generator: what comes out does not depend on the rng you were given, and other code
    that uses the global one is disturbed."""
    z = np.random.normal(size=shape)
    while (outside := np.abs(z) > bound).any():
        z[outside] = np.random.normal(size=outside.sum())
    return std * z


@mistake(truncated_normal)
def multiplies_truncated_numbers_by_the_variance(shape, std, rng, bound=2.0):
    """Your spread is std² and not std: the scale of a normal law is its standard deviation, not its variance."""
    return truncated_normal(shape, std**2, rng, bound)


@mistake(truncated_normal)
def draws_uniform_numbers_between_the_bounds(shape, std, rng, bound=2.0):
    """You draw from the uniform law between the bounds. Asked is the normal law without its tails: values near 0 are
    the likeliest."""
    return rng.uniform(-bound * std, bound * std, size=shape)


@mistake(truncated_normal)
def compares_unit_numbers_with_bound_times_std(shape, std, rng, bound=2.0):
    """You compare numbers of standard deviation 1 with bound · std, and multiply by std afterwards: the weights end at
    bound · std². Compare before or after the multiplication, but with the bound that belongs there."""
    z = rng.normal(size=shape)
    while (outside := np.abs(z) > bound * std).any():
        z[outside] = rng.normal(size=outside.sum())
    return std * z


@mistake(truncated_normal)
def truncates_numbers_of_a_generator_of_its_own(shape, std, rng, bound=2.0):
    """You make a generator of your own with a fixed seed: whatever rng is, the weights are the same. Draw from the rng
    you were given."""
    return truncated_normal(shape, std, np.random.default_rng(0), bound)


@mistake(orthogonal)
def decomposes_the_wide_matrix_as_it_is(shape, rng, gain=1.0):
    """For a wide shape your matrix comes out square: the Q of a wide matrix has as many columns as rows. Think of the
    transposed problem."""
    return gain * np.linalg.qr(rng.normal(size=shape))[0]


@mistake(orthogonal)
def reshapes_the_tall_q_into_a_wide_one(shape, rng, gain=1.0):
    """You reshape a tall Q into a wide one: the shape is right, but reshaping mixes up rows and columns, and what was
    orthonormal is so no more."""
    Q = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))[0]
    return gain * Q.reshape(shape)


@mistake(orthogonal)
def only_normalizes_the_shorter_sides_vectors(shape, rng, gain=1.0):
    """Your vectors have length 1, but they are not at right angles to each other: normalizing each alone does not make
    them orthogonal."""
    W = rng.normal(size=shape)
    return gain * W / np.linalg.norm(W, axis=0 if shape[0] >= shape[1] else 1, keepdims=True)


@mistake(orthogonal)
def only_normalizes_the_columns(shape, rng, gain=1.0):
    """Your columns have length 1, whatever the shape, but nothing puts them at right angles; and of a wide matrix the
    rows are to be orthonormal."""
    W = rng.normal(size=shape)
    return gain * W / np.linalg.norm(W, axis=0, keepdims=True)


@mistake(orthogonal)
def draws_gaussian_weights_for_orthogonal_ones(shape, rng, gain=1.0):
    """Your matrix is Gaussian with variance 1/n: its columns have length 1 and right angles on average only. Asked is
    that they have them exactly."""
    return gain * rng.normal(size=shape) / math.sqrt(max(shape))


@mistake(orthogonal)
def has_no_gain_in_the_orthogonal_matrix(shape, rng, gain=1.0):
    """The gain has no effect on your result. If you multiply by it before the decomposition, it is normalized away."""
    W = gain * rng.normal(size=(max(shape), min(shape)))
    Q = np.linalg.qr(W)[0]
    return Q if shape[0] >= shape[1] else Q.T


@mistake(orthogonal)
def returns_the_identity_as_orthogonal(shape, rng, gain=1.0):
    """Your matrix is orthonormal but always the same one: it must be random, and come from rng."""
    return gain * np.eye(*shape)


@mistake(orthogonal)
def takes_the_complete_q(shape, rng, gain=1.0):
    """Your Q is the complete, square one: of a tall matrix's decomposition you want only as many columns as asked."""
    rows, columns = shape
    Q = np.linalg.qr(rng.normal(size=(max(shape), min(shape))), mode="complete")[0]
    return gain * (Q if rows >= columns else Q.T)


@mistake(orthogonal)
def decomposes_the_global_generators_matrix(shape, rng, gain=1.0):
    """You draw from numpy's global generator: the matrix does not depend on the rng you were given, and other code that
    uses the global one is disturbed."""
    Q = np.linalg.qr(np.random.randn(max(shape), min(shape)))[0]
    return gain * (Q if shape[0] >= shape[1] else Q.T)


def _trained(W1, W2, X, y, lr, steps, scale=None, tanh=True, second_first=False, frozen=False):
    """Gradient descent with one slip chosen by the options."""
    W1, W2 = W1.astype(float), W2.astype(float)
    for _ in range(steps):
        hidden = np.tanh(X @ W1)
        dout = (hidden @ W2 - y) * (1 / len(X) if scale is None else scale)
        old, dW2 = W2, hidden.T @ dout
        if not frozen:
            W2 = W2 - lr * dW2
        back = dout @ (W2 if second_first else old).T
        W1 = W1 - lr * X.T @ (back * (1 - hidden**2) if tanh else back)
    return W1


def _count(units, limit=1e-9):
    found = []
    for unit in units:
        if all(np.abs(unit - other).max() > limit for other in found):
            found.append(unit)
    return len(found)


@mistake(distinct_units)
def updates_w1_with_the_new_w2(W1, W2, X, y, lr, steps):
    """You move W2 first and then use the moved W2 for the gradient of W1: both gradients belong to the weights before
    the step."""
    return _count(_trained(W1, W2, X, y, lr, steps, second_first=True).T)


@mistake(distinct_units)
def sums_the_units_loss_over_samples(W1, W2, X, y, lr, steps):
    """Your steps are N times too long: the loss is a mean over the samples, not their sum."""
    return _count(_trained(W1, W2, X, y, lr, steps, scale=1.0).T)


@mistake(distinct_units)
def forgets_the_half_in_the_units_loss(W1, W2, X, y, lr, steps):
    """Your steps are twice too long: the loss has a factor ½, and it cancels the 2 of the square's derivative."""
    return _count(_trained(W1, W2, X, y, lr, steps, scale=2 / len(X)).T)


@mistake(distinct_units)
def averages_the_units_loss_over_outputs_too(W1, W2, X, y, lr, steps):
    """Your steps are K times too short: ‖·‖² sums over the K outputs, and only the N samples are averaged."""
    return _count(_trained(W1, W2, X, y, lr, steps, scale=1 / y.size).T)


@mistake(distinct_units)
def takes_the_mean_square_of_all_outputs(W1, W2, X, y, lr, steps):
    """Your loss is the plain mean of all squares, over N · K numbers and without the ½: your steps are 2/K times the
    right ones. The loss here is ½ times a mean over samples of a sum over outputs."""
    return _count(_trained(W1, W2, X, y, lr, steps, scale=2 / y.size).T)


@mistake(distinct_units)
def leaves_tanh_out_of_the_hidden_gradient(W1, W2, X, y, lr, steps):
    """Your gradient of W1 passes the hidden layer as if it were linear: the derivative of tanh is missing."""
    return _count(_trained(W1, W2, X, y, lr, steps, tanh=False).T)


@mistake(distinct_units)
def trains_only_the_first_matrix(W1, W2, X, y, lr, steps):
    """Your W2 stands still: every step moves both matrices."""
    return _count(_trained(W1, W2, X, y, lr, steps, frozen=True).T)


@mistake(distinct_units)
def does_not_train_the_units(W1, W2, X, y, lr, steps):
    """You do not train: you count the units that you were given. With steps > 0 the weights must move first."""
    return _count(W1.T)


@mistake(distinct_units)
def counts_different_starts_without_training(W1, W2, X, y, lr, steps):
    """You do not train: with steps > 0 you count the units that start with other weights, in or out. Different starts
    may meet, so the weights must really move."""
    return _count(np.concatenate([W1, W2.T]).T if steps else W1.T)


@mistake(distinct_units)
def counts_the_weights_out_as_well(W1, W2, X, y, lr, steps):
    """You tell units apart by their rows of W2, too. A unit is its column of W1: its weights out do not count."""
    new = _trained(W1, W2, X, y, lr, steps)
    return len({(*np.round(column, 9).tolist(), *row) for column, row in zip(new.T, W2.tolist(), strict=True)})


@mistake(distinct_units)
def counts_rows_instead_of_columns(W1, W2, X, y, lr, steps):
    """You compare the rows of W1: those belong to the inputs. A hidden unit is a column."""
    return _count(_trained(W1, W2, X, y, lr, steps))


@mistake(distinct_units)
def compares_units_by_allclose_defaults(W1, W2, X, y, lr, steps):
    """You take columns for the same that differ by a hundred-thousandth: np.allclose has a relative tolerance of 1e-5
    by default. Here it is 1e-9, absolute."""
    found = []
    for unit in _trained(W1, W2, X, y, lr, steps).T:
        if not any(np.allclose(unit, other) for other in found):
            found.append(unit)
    return len(found)


@mistake(distinct_units)
def compares_units_to_the_last_bit(W1, W2, X, y, lr, steps):
    """You count columns as different that differ in the last digits only: up to 1e-9 they are the same."""
    return len(np.unique(_trained(W1, W2, X, y, lr, steps), axis=1).T)


@mistake(distinct_units)
def trains_the_units_in_float32(W1, W2, X, y, lr, steps):
    """You keep the weights in the dtype they come in: float32 cannot see the difference of 1e-8 that a small step
    makes. Compute in float64."""
    for _ in range(steps):
        hidden = np.tanh(X @ W1)
        dout = (hidden @ W2 - y) / len(X)
        dW1 = X.T @ ((dout @ W2.T) * (1 - hidden**2))
        W1, W2 = W1 - lr * dW1, W2 - lr * hidden.T @ dout
    return _count(W1.T)


@mistake(distinct_units)
def trains_the_callers_weights(W1, W2, X, y, lr, steps):
    """You subtract in place: the caller's W1 and W2 are trained afterwards. Work on copies."""
    if W1.dtype != np.float64:
        return distinct_units(W1, W2, X, y, lr, steps)
    for _ in range(steps):
        hidden = np.tanh(X @ W1)
        dout = (hidden @ W2 - y) / len(X)
        dW1 = X.T @ ((dout @ W2.T) * (1 - hidden**2))
        W1 -= lr * dW1
        W2 -= lr * hidden.T @ dout
    return _count(W1.T)


def _sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


_functions = {"linear": lambda z: z, "sigmoid": _sigmoid, "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
_slopes = {
    "linear": np.ones_like,
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: a > 0,
}


def _function(activation):
    if activation not in _functions:
        raise ValueError(activation)
    return _functions[activation]


@mistake(activation_std_by_depth)
def counts_the_inputs_std_as_a_layer(weights, x, activation):
    """You begin with the std of x and stop before the last layer's: the first entry belongs to the first layer's
    activations."""
    f, a, stds = _function(activation), 1.0 * x, []
    for W in weights:
        stds.append(a.std())
        a = f(a @ W)
    return np.array(stds)


@mistake(activation_std_by_depth)
def puts_the_inputs_std_in_front(weights, x, activation):
    """You have one number too many: the first is the input's own std, which is not counted. There are as many as there
    are layers."""
    stds = activation_std_by_depth(weights, x, activation)
    return np.concatenate([[np.std(1.0 * x)], stds]).astype(stds.dtype)


@mistake(activation_std_by_depth)
def takes_the_std_before_the_activation(weights, x, activation):
    """You measure the pre-activations: the std is asked of what comes out of the activation."""
    f, a, stds = _function(activation), 1.0 * x, []
    for W in weights:
        stds.append((a @ W).std())
        a = f(a @ W)
    return np.array(stds)


@mistake(activation_std_by_depth)
def averages_the_std_of_each_unit(weights, x, activation):
    """You take each unit's std over the samples and average them: what differs between units is lost. One std over all
    entries together is asked."""
    f, a, stds = _function(activation), 1.0 * x, []
    for W in weights:
        a = f(a @ W)
        stds.append(a.std(axis=0).mean())
    return np.array(stds)


@mistake(activation_std_by_depth)
def divides_the_squares_by_one_less(weights, x, activation):
    """You divide by one less than the number of entries (ddof 1): here the mean of the squares is taken over all."""
    f, a, stds = _function(activation), 1.0 * x, []
    for W in weights:
        a = f(a @ W)
        n = a.size
        stds.append(a.std() * np.asarray(n / max(n - 1, 1), a.dtype) ** 0.5)
    return np.array(stds)


@mistake(activation_std_by_depth)
def returns_variances_by_depth(weights, x, activation):
    """You return variances: a standard deviation is the square root of that."""
    return activation_std_by_depth(weights, x, activation) ** 2


@mistake(activation_std_by_depth)
def takes_the_root_mean_square_by_depth(weights, x, activation):
    """You take the root of the mean square: a standard deviation is measured from the mean, and after ReLU or sigmoid
    the mean is not 0."""
    f, a, stds = _function(activation), 1.0 * x, []
    for W in weights:
        a = f(a @ W)
        stds.append(np.sqrt((a**2).mean()))
    return np.array(stds)


@mistake(activation_std_by_depth)
def has_no_activation_between_layers(weights, x, activation):
    """You apply the activation for the measurement only: the next layer gets the pre-activations."""
    f, z, stds = _function(activation), 1.0 * x, []
    for W in weights:
        z = z @ W
        stds.append(f(z).std())
    return np.array(stds)


@mistake(activation_std_by_depth)
def measures_depth_with_an_overflowing_sigmoid(weights, x, activation):
    """Your sigmoid takes e^(−z) of a very negative z: right values, but it overflows."""
    f, a, stds = _function(activation), 1.0 * x, []
    if activation == "sigmoid":
        f = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    for W in weights:
        a = f(a @ W)
        stds.append(a.std())
    return np.array(stds)


@mistake(activation_std_by_depth)
def collects_stds_in_a_float64_array(weights, x, activation):
    """Your numbers come back as float64 where the input is float32: a new array, or one made of Python floats, is
    float64 by default."""
    stds = np.zeros(len(weights))
    stds[:] = activation_std_by_depth(weights, x, activation)
    return stds


@mistake(activation_std_by_depth)
def measures_unknown_activations_as_linear(weights, x, activation):
    """You treat a name that you do not know as "linear": a misspelt one then goes unnoticed. It must raise
    ValueError."""
    return activation_std_by_depth(weights, x, activation if activation in _functions else "linear")


def _norms(weights, x, activation, dout, f=None, slope=None, last=True, norm=np.linalg.norm, pre=False):
    """The backward pass with one slip chosen by the options."""
    f, slope = f or _function(activation), slope or _slopes[activation]
    outputs = [1.0 * x]
    for W in weights:
        outputs.append(f(outputs[-1] @ W))
    norms, delta = [], 1.0 * dout
    for i in range(len(weights), 0, -1):
        if last or i < len(weights):
            delta = delta * slope(outputs[i])
        norms.append(norm(outputs[i - 1].T @ delta))
        delta = delta @ weights[i - 1].T
    return np.array(norms[::-1])


@mistake(gradient_norm_by_depth)
def lists_the_last_layers_gradient_first(weights, x, activation, dout):
    """Your norms are right and in the order in which the backward pass meets them: the input side is asked first."""
    return gradient_norm_by_depth(weights, x, activation, dout)[::-1]


@mistake(gradient_norm_by_depth)
def leaves_every_activation_out_of_delta(weights, x, activation, dout):
    """Your δ runs back through the weights only: each activation multiplies it by its derivative."""
    return _norms(weights, x, activation, dout, slope=np.ones_like)


@mistake(gradient_norm_by_depth)
def takes_dout_for_the_last_pre_activations_gradient(weights, x, activation, dout):
    """You use dout as if it belonged to the last pre-activation: it is the gradient at the activation's output, so the
    last layer's derivative comes in too."""
    return _norms(weights, x, activation, dout, last=False)


@mistake(gradient_norm_by_depth)
def puts_the_output_into_the_derivative_of_z(weights, x, activation, dout):
    """You evaluate f′ at the activation's output: your formula for it expects the pre-activation (σ(z)(1 − σ(z)),
    1 − tanh²(z)), and a is not z."""
    f = _function(activation)
    return _norms(weights, x, activation, dout, slope=lambda a: _slopes[activation](f(a)))


@mistake(gradient_norm_by_depth)
def lets_delta_pass_units_at_zero(weights, x, activation, dout):
    """Your ReLU lets the gradient through at 0, and an inactive unit's output is exactly 0: so it passes everywhere."""
    slope = (lambda a: a >= 0) if activation == "relu" else None
    return _norms(weights, x, activation, dout, slope=slope)


@mistake(gradient_norm_by_depth)
def takes_the_spectral_norm_of_gradients(weights, x, activation, dout):
    """You take the largest singular value: the Frobenius norm is the root of the sum of all squared entries."""
    return _norms(weights, x, activation, dout, norm=lambda g: np.linalg.norm(g, 2))


@mistake(gradient_norm_by_depth)
def forgets_the_root_of_the_gradient_norm(weights, x, activation, dout):
    """You return sums of squares: a norm is the root of that."""
    return gradient_norm_by_depth(weights, x, activation, dout) ** 2


@mistake(gradient_norm_by_depth)
def returns_the_norm_of_delta(weights, x, activation, dout):
    """You measure δ, the gradient at the pre-activations: the weights' gradient also has the layer's input in it."""
    f, outputs = _function(activation), [1.0 * x]
    for W in weights:
        outputs.append(f(outputs[-1] @ W))
    norms, delta = [], 1.0 * dout
    for W, a in zip(weights[::-1], outputs[:0:-1], strict=True):
        delta = delta * _slopes[activation](a)
        norms.append(np.linalg.norm(delta))
        delta = delta @ W.T
    return np.array(norms[::-1])


@mistake(gradient_norm_by_depth)
def averages_the_weight_gradients_over_samples(weights, x, activation, dout):
    """You divide by the number of samples: dout has the loss's mean in it already, and a weight's gradient is a sum
    over samples."""
    return _norms(weights, x, activation, dout, norm=lambda g: np.linalg.norm(g) / len(x))


@mistake(gradient_norm_by_depth)
def goes_back_through_an_overflowing_sigmoid(weights, x, activation, dout):
    """Your sigmoid takes e^(−z) of a very negative z: right values, but it overflows."""
    f = (lambda z: 1 / (1 + np.exp(-z))) if activation == "sigmoid" else None
    return _norms(weights, x, activation, dout, f=f)


@mistake(gradient_norm_by_depth)
def collects_norms_in_a_float64_array(weights, x, activation, dout):
    """Your norms come back as float64 where the input is float32: a new array, or one made of Python floats, is float64
    by default."""
    norms = np.zeros(len(weights))
    norms[:] = gradient_norm_by_depth(weights, x, activation, dout)
    return norms


@mistake(gradient_norm_by_depth)
def goes_back_through_unknown_activations(weights, x, activation, dout):
    """You treat a name that you do not know as "linear": a misspelt one then goes unnoticed. It must raise
    ValueError."""
    return gradient_norm_by_depth(weights, x, activation if activation in _functions else "linear", dout)


_grid = np.linspace(-12, 12, 100_000)
_density = np.exp(-(_grid**2) / 2)


def _mean(values):
    return np.sum(values * _density) / np.sum(_density)


@mistake(forward_gain)
def samples_the_gain(f):
    """You estimate the mean from random numbers: its error falls only as 1/√n, far from 1e-4 with any n you can wait
    for. Compute the integral."""
    z = np.random.default_rng(0).standard_normal(100_000)
    return 1 / math.sqrt(np.mean(f(z) ** 2))


@mistake(forward_gain)
def divides_by_the_std_of_the_activation(f):
    """You divide by the standard deviation of f(z), which leaves its mean out. What the next layer multiplies is f(z)
    itself, mean and all: the second moment counts."""
    values = f(_grid)
    variance = _mean(values**2) - _mean(values) ** 2
    return 1 / math.sqrt(variance) if variance > 1e-12 else math.inf


@mistake(forward_gain)
def forgets_the_root_of_the_second_moment(f):
    """You return 1 / E[f(z)²]: that is the gain squared, the factor for the weights' variance. The gain multiplies
    their standard deviation."""
    return 1 / _mean(f(_grid) ** 2)


@mistake(forward_gain)
def returns_the_size_after_the_activation(f):
    """You return √E[f(z)²], the size that the activation leaves: the gain makes up for it."""
    return math.sqrt(_mean(f(_grid) ** 2))


@mistake(forward_gain)
def takes_hermite_points_for_the_wrong_variance(f):
    """Your Gauss–Hermite points belong to the weight e^(−x²), which is a normal law of variance ½. The z here has
    variance 1: the points must be stretched."""
    z, w = np.polynomial.hermite.hermgauss(100)
    return 1 / math.sqrt(np.sum(w * f(z) ** 2) / math.sqrt(math.pi))


@mistake(forward_gain)
def does_not_normalize_the_density(f):
    """Your weights do not sum to 1: without the 1/√(2π) of the density (or the sum of the weights) the mean of 1 is
    not 1."""
    return 1 / math.sqrt(np.sum(f(_grid) ** 2 * _density) * (_grid[1] - _grid[0]))


@mistake(forward_gain)
def integrates_too_near_to_zero(f):
    """You stop integrating at |z| = 3: the density is small there, but f² is not, and the tails still count at 1e-4."""
    near = np.abs(_grid) <= 3
    return 1 / math.sqrt(np.sum((f(_grid) ** 2 * _density)[near]) / np.sum(_density[near]))


@mistake(forward_gain)
def ends_the_grid_at_five(f):
    """You stop integrating at |z| = 5: enough for what levels off, but f² times the density of e^z has its middle at 2
    and its tail reaches beyond 5."""
    near = np.abs(_grid) <= 5
    return 1 / math.sqrt(np.sum((f(_grid) ** 2 * _density)[near]) / np.sum(_density[near]))


@mistake(prior_bias)
def turns_the_odds_over(pi):
    """Your bias has the wrong sign: a rare class needs a negative one."""
    return math.log((1 - pi) / pi)


@mistake(prior_bias)
def takes_the_log_of_the_probability(pi):
    """You return ln pi: close for a rare class, but the sigmoid of that is pi / (1 + pi). Solve σ(b) = pi exactly."""
    return math.log(pi)


@mistake(prior_bias)
def returns_the_odds_themselves(pi):
    """You return the odds: the logarithm is missing."""
    return pi / (1 - pi)


@mistake(prior_bias)
def applies_the_sigmoid_to_pi(pi):
    """You apply the sigmoid to pi: its inverse is asked, the number whose sigmoid is pi."""
    return 1 / (1 + math.exp(-pi))


@mistake(prior_bias)
def takes_the_decimal_logarithm_of_the_odds(pi):
    """Your logarithm has base 10: the sigmoid is built on e."""
    return math.log10(pi / (1 - pi))


@mistake(prior_bias)
def clips_pi_away_from_zero_and_one(pi):
    """You clip pi before you take the logarithm: very rare classes all get the same bias. pi is never 0 or 1 here."""
    pi = min(max(pi, 1e-4), 1 - 1e-4)
    return math.log(pi / (1 - pi))


@mistake(prior_bias)
def clips_pi_a_little(pi):
    """You clip pi, if only at 1e-7: rarer classes than that all get the same bias. pi is never 0 or 1 here."""
    pi = min(max(pi, 1e-7), 1 - 1e-7)
    return math.log(pi / (1 - pi))


@mistake(prior_bias)
def adds_eps_inside_the_log_of_the_odds(pi):
    """You add a small number inside the logarithm: it is as large as the odds of a very rare class. pi is never 0 or 1
    here, so nothing needs it."""
    return math.log((pi + 1e-8) / (1 - pi + 1e-8))


def _norm(grads):
    return math.sqrt(sum(float(np.sum(np.square(g, dtype=float))) for g in grads))


@mistake(clip_gradient_norm)
def clips_each_array_by_its_own_norm(grads, max_norm):
    """You clip every array by its own norm: the arrays change their sizes relative to each other, and all together may
    still exceed max_norm. One global norm serves all."""
    return [clip_gradient_norm([g], max_norm)[0][0] for g in grads], _norm(grads)


@mistake(clip_gradient_norm)
def adds_up_the_arrays_norms(grads, max_norm):
    """You add up the norms of the arrays: the global norm is the root of the sum of their squares."""
    norm = sum(_norm([g]) for g in grads)
    return [max_norm / norm * g if norm > max_norm else 1.0 * g for g in grads], norm


@mistake(clip_gradient_norm)
def adds_eps_to_the_gradients_norm(grads, max_norm):
    """You divide by norm + ε, as PyTorch does: small gradients come out smaller than max_norm. No ε is asked, and with
    a comparison first none is needed."""
    norm = _norm(grads)
    scale = min(1.0, max_norm / (norm + 1e-6))
    return [scale * g for g in grads], norm


@mistake(clip_gradient_norm)
def scales_short_gradients_up(grads, max_norm):
    """You scale to max_norm always, gradients below it too: clipping only ever shortens."""
    norm = _norm(grads)
    scale = max_norm / norm if norm else 1.0
    return [scale * g for g in grads], norm


@mistake(clip_gradient_norm)
def divides_by_a_norm_of_zero(grads, max_norm):
    """You compute max_norm / norm even where the norm is 0: a warning, or 0/0, which is NaN. Compare first."""
    norm = np.float64(_norm(grads))
    scale = float(np.minimum(1.0, max_norm / norm))
    return [scale * g for g in grads], float(norm)


@mistake(clip_gradient_norm)
def returns_the_norm_after_clipping(grads, max_norm):
    """The norm that you return is that of the clipped gradients: before clipping is asked, for it is what you log."""
    clipped = clip_gradient_norm(grads, max_norm)[0]
    return clipped, _norm(clipped)


@mistake(clip_gradient_norm)
def forgets_the_root_of_the_global_norm(grads, max_norm):
    """Your norm is the sum of the squares: its root is missing."""
    norm = _norm(grads) ** 2
    return [max_norm / norm * g if norm > max_norm else 1.0 * g for g in grads], norm


@mistake(clip_gradient_norm)
def scales_the_callers_gradients(grads, max_norm):
    """You multiply in place: the caller's gradients are clipped as well."""
    norm = _norm(grads)
    if norm > max_norm:
        for i, g in enumerate(grads):
            if g.dtype.kind == "f":
                g *= max_norm / norm
            else:
                grads[i] = g * (max_norm / norm)
    return grads, norm


@mistake(clip_gradient_norm)
def scales_float32_by_a_float64_number(grads, max_norm):
    """Your factor is an np.float64, and times a float32 array that makes float64. A Python float would not."""
    norm = np.sqrt(sum(np.sum(np.square(g, dtype=float)) for g in grads))
    scale = max_norm / norm if norm > max_norm else np.float64(1.0)
    return [scale * g for g in grads], norm


@mistake(clip_gradient_value)
def cuts_only_large_positive_entries(grads, limit):
    """You cut at +limit only: entries far below −limit stay."""
    return [np.minimum(1.0 * g, limit) for g in grads]


@mistake(clip_gradient_value)
def loses_the_sign_of_cut_entries(grads, limit):
    """Your entries below −limit come out as +limit: where you cut an absolute value, the sign has to come back."""
    return [np.where(np.abs(g) > limit, np.asarray(limit, np.result_type(g, np.float16)), 1.0 * g) for g in grads]


@mistake(clip_gradient_value)
def sets_cut_entries_to_zero(grads, limit):
    """You set what is beyond the limit to 0: it is to become the limit itself, with its sign."""
    return [np.where(np.abs(g) > limit, 0.0 * g, g) for g in grads]


@mistake(clip_gradient_value)
def scales_the_array_down_to_the_limit(grads, limit):
    """You shrink the whole array until its largest entry fits: entries within the limit must stay as they are."""
    tops = [float(np.abs(g).max(initial=0)) for g in grads]
    return [limit / top * g if top > limit else 1.0 * g for g, top in zip(grads, tops, strict=True)]


@mistake(clip_gradient_value)
def scales_all_arrays_down_by_the_largest_entry(grads, limit):
    """You shrink all arrays by one factor until the largest entry of all fits: entries within the limit must stay as
    they are."""
    top = max(float(np.abs(g).max(initial=0)) for g in grads)
    return [limit / top * g if top > limit else 1.0 * g for g in grads]


@mistake(clip_gradient_value)
def clips_by_the_global_norm_instead(grads, limit):
    """You scale all arrays by their global norm: that is clipping by the norm. Here each entry is cut on its own."""
    return clip_gradient_norm(grads, limit)[0]


@mistake(clip_gradient_value)
def clips_each_array_by_its_norm_instead(grads, limit):
    """You scale each array by its norm: that is a way of clipping by the norm. Here each entry is cut on its own."""
    return [clip_gradient_norm([g], limit)[0][0] for g in grads]


@mistake(clip_gradient_value)
def cuts_the_callers_gradients(grads, limit):
    """You cut in place: the caller's gradients are clipped as well."""
    for g in grads:
        if g.dtype.kind == "f":
            np.clip(g, -limit, limit, out=g)
    return clip_gradient_value(grads, limit)


@mistake(clip_gradient_value)
def cuts_to_whole_numbers_for_ints(grads, limit):
    """Your result keeps the integer dtype, and a limit of 1.5 becomes 1: let integers become floats."""
    return [np.clip(1.0 * g, -limit, limit).astype(g.dtype) for g in grads]


@mistake(clip_gradient_value)
def makes_cut_gradients_float64(grads, limit):
    """Your arrays come back as float64 whatever they were: something in your formula has a dtype of its own."""
    return [np.clip(np.asarray(g, dtype=float), -limit, limit) for g in grads]


def _scaled(weights, x, activation, measure=lambda z: z.std(), carry="scaled"):
    """LSUV with another measure, or another activation handed on."""
    f, a, new = _function(activation), 1.0 * x, []
    for W in weights:
        z = a @ W
        s = measure(z)
        new.append(W / s)
        a = {"scaled": lambda z=z, s=s: f(z / s), "unscaled": lambda z=z: f(z), "linear": lambda z=z, s=s: z / s}[
            carry
        ]()
    return new


@mistake(lsuv_scale)
def measures_behind_unscaled_layers(weights, x, activation):
    """You measure each layer on what the layers before it gave before they were scaled: in the network you return, its
    input is another one."""
    return _scaled(weights, x, activation, carry="unscaled")


@mistake(lsuv_scale)
def hands_pre_activations_on_in_lsuv(weights, x, activation):
    """You hand the scaled pre-activation to the next layer: the activation between them is missing."""
    return _scaled(weights, x, activation, carry="linear")


@mistake(lsuv_scale)
def centres_pre_activations_in_lsuv(weights, x, activation):
    """You subtract the mean of z before you hand it on, as a normalization does: the network that you return has no
    biases and does not. Only the scale changes."""
    f, a, new = _function(activation), 1.0 * x, []
    for W in weights:
        z = a @ W
        new.append(W / z.std())
        a = f((z - z.mean()) / z.std())
    return new


@mistake(lsuv_scale)
def scales_to_unit_activations(weights, x, activation):
    """You divide by the std of the activations: the pre-activations, before the activation, are to have std 1."""
    f = _function(activation)
    return _scaled(weights, x, activation, measure=lambda z: f(z).std())


@mistake(lsuv_scale)
def divides_by_the_root_mean_square_in_lsuv(weights, x, activation):
    """You divide by the root of the mean square: a standard deviation is measured from the mean, which is not 0
    here."""
    return _scaled(weights, x, activation, measure=lambda z: np.sqrt((z**2).mean()))


@mistake(lsuv_scale)
def divides_by_the_variance_in_lsuv(weights, x, activation):
    """You divide by the variance: dividing weights by s divides the variance by s²."""
    return _scaled(weights, x, activation, measure=lambda z: z.var())


@mistake(lsuv_scale)
def measures_with_one_degree_less_in_lsuv(weights, x, activation):
    """Your std divides by one less than the number of entries (ddof 1): here the mean is over all of them."""
    return _scaled(weights, x, activation, measure=lambda z: z.std(ddof=1))


@mistake(lsuv_scale)
def scales_each_unit_by_itself(weights, x, activation):
    """You give every unit a std of its own: one factor for the whole layer is asked, so that the new weights are a
    multiple of the old ones."""
    return _scaled(weights, x, activation, measure=lambda z: np.where(z.std(axis=0) > 0, z.std(axis=0), z.std()))


@mistake(lsuv_scale)
def scales_the_callers_weights(weights, x, activation):
    """You divide in place: the caller's weights are scaled as well."""
    new = lsuv_scale(weights, x, activation)
    for W, scaled in zip(weights, new, strict=True):
        if W.dtype.kind == "f":
            W[...] = scaled
    return new


@mistake(lsuv_scale)
def makes_lsuv_weights_float64(weights, x, activation):
    """Your weights come back as float64 whatever they were: something in your formula has a dtype of its own."""
    return [W.astype(float) for W in lsuv_scale(weights, x, activation)]


@mistake(lsuv_scale)
def scales_for_unknown_activations(weights, x, activation):
    """You treat a name that you do not know as "linear": a misspelt one then goes unnoticed. It must raise
    ValueError."""
    return lsuv_scale(weights, x, activation if activation in _functions else "linear")
