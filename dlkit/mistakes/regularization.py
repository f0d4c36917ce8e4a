"""Unit 06: wrong answers that people give in 06_regularization, each with what to say of it."""

import math

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.regularization import (
    bootstrap_indices,
    condition_number,
    cross_validate,
    cutout,
    dropblock_mask,
    dropconnect_forward,
    dropout_backward,
    dropout_forward,
    dropout_weight_scaling,
    early_stopping,
    elastic_net_penalty,
    ensemble_predict,
    hard_threshold,
    kfold_indices,
    l1_penalty,
    l2_penalty,
    lagrange_minimize,
    lasso_ista,
    matrix_norms,
    max_norm,
    mc_dropout,
    mixup,
    out_of_bag_indices,
    random_crop,
    random_flip,
    random_shift,
    ridge,
    soft_threshold,
    spatial_dropout,
    stochastic_depth,
    stratified_kfold_indices,
    train_val_test_split,
)


@mistake(matrix_norms)
def takes_the_operator_norm_for_l1_of_the_entries(W):
    """Your l1 is the largest column sum, the operator norm of that name: here it runs over all entries."""
    return matrix_norms(W) | {"l1": np.linalg.norm(W, 1)}


@mistake(matrix_norms)
def leaves_the_frobenius_norm_squared(W):
    """Your Frobenius norm is still squared: doubling W makes it four times as large, which no norm does."""
    return matrix_norms(W) | {"frobenius": (1.0 * W**2.0).sum()}


@mistake(matrix_norms)
def takes_the_root_of_the_frobenius_norm_for_spectral(W):
    """Your spectral norm is the Frobenius norm, which `np.linalg.norm` gives when it is not told which one you want."""
    return matrix_norms(W) | {"spectral": np.linalg.norm(W)}


@mistake(matrix_norms)
def takes_the_largest_entry_for_the_spectral_norm(W):
    """Your spectral norm is the largest magnitude of an entry: a matrix can stretch a vector by more than that."""
    return matrix_norms(W) | {"spectral": np.abs(1.0 * W).max()}


@mistake(matrix_norms)
def takes_the_trace_for_the_nuclear_norm(W):
    """Your nuclear norm is the trace, the sum of the eigenvalues: a matrix of another kind has its singular values."""
    return matrix_norms(W) | {"nuclear": np.trace(W)}


@mistake(matrix_norms)
def sums_the_squares_of_the_singular_values(W):
    """Your nuclear norm adds the squares of the singular values, the eigenvalues of WᵀW: a root is missing."""
    return matrix_norms(W) | {"nuclear": (np.linalg.svd(1.0 * W, compute_uv=False) ** 2).sum()}


@mistake(matrix_norms)
def counts_only_positive_entries(W):
    """Your l0 counts the positive entries: a negative one is not 0 either."""
    return matrix_norms(W) | {"l0": int((W > 0).sum())}


@mistake(matrix_norms)
def squares_bytes_in_the_frobenius_norm(W):
    """Your Frobenius norm squares integers as they are: the square of a byte does not fit into a byte and wraps."""
    return matrix_norms(W) | {"frobenius": float(np.sqrt((W**2).sum()))}


@mistake(l2_penalty)
def uses_l2_without_its_half(W, lam):
    """Your penalty has no ½, and your gradient a 2 instead: a common convention, but not this statement's."""
    W = 1.0 * W
    return lam * (W**2).sum(), 2 * lam * W


@mistake(l2_penalty)
def loses_the_half_in_the_l2_loss_alone(W, lam):
    """Your loss is twice as large as your gradient says: the ½ that makes the gradient simple is missing."""
    W = 1.0 * W
    return lam * (W**2).sum(), lam * W


@mistake(l2_penalty)
def keeps_the_half_in_the_l2_gradient(W, lam):
    """Your gradient is half of the loss's slope: differentiating the square brings a 2 that meets the ½."""
    W = 1.0 * W
    return 0.5 * lam * (W**2).sum(), 0.5 * lam * W


@mistake(l2_penalty)
def averages_the_l2_penalty(W, lam):
    """Your penalty is a mean over the entries, and so is your gradient: the sum is asked, whatever the size of W."""
    W = 1.0 * W
    return 0.5 * lam * (W**2).sum() / max(W.size, 1), lam * W / max(W.size, 1)


@mistake(l2_penalty)
def takes_the_l2_norm_without_squaring(W, lam):
    """Your loss takes the length of W, not the square of the length: the root is one step too many."""
    W = 1.0 * W
    return 0.5 * lam * np.sqrt((W**2).sum()), lam * W


@mistake(l2_penalty)
def squares_bytes_in_the_l2_penalty(W, lam):
    """Your loss squares integers as they are: the square of a byte does not fit into a byte and wraps around."""
    return 0.5 * lam * (W**2).sum(), lam * W


@mistake(l2_penalty)
def makes_the_l2_gradient_float64(W, lam):
    """You turn W into float64 before you work with it: a float32 W gets a gradient of twice its size in memory."""
    W = np.asarray(W, dtype=float)
    return 0.5 * lam * (W**2).sum(), lam * W


@mistake(l2_penalty)
def decays_the_weights_in_place(W, lam):
    """Your gradient is made by multiplying W itself: the caller's weights are not the same afterwards."""
    if W.dtype.kind != "f":
        return l2_penalty(W, lam)
    loss = 0.5 * lam * (W**2).sum()
    W *= lam
    return loss, W


@mistake(l1_penalty)
def gives_the_l1_kink_the_slope_of_the_right(W, lam):
    """Your gradient is lam where an entry is 0: that is the slope to the right of the kink, and 0 is asked there."""
    W = 1.0 * W
    return lam * np.abs(W).sum(), np.where(W >= 0, lam, -lam).astype(W.dtype)


@mistake(l1_penalty)
def divides_by_the_magnitude_in_l1(W, lam):
    """Your gradient divides each entry by its magnitude: where an entry is 0 that is 0/0, which is NaN."""
    W = 1.0 * W
    return lam * np.abs(W).sum(), lam * W / np.abs(W)


@mistake(l1_penalty)
def averages_the_l1_penalty(W, lam):
    """Your penalty is a mean over the entries, and so is your gradient: the sum is asked, whatever the size of W."""
    W = 1.0 * W
    return lam * np.abs(W).sum() / max(W.size, 1), lam * np.sign(W) / max(W.size, 1)


@mistake(l1_penalty)
def leaves_lam_out_of_the_l1_gradient(W, lam):
    """Your gradient has only the signs: how strong the penalty is, lam, has no part in it."""
    W = 1.0 * W
    return lam * np.abs(W).sum(), np.sign(W)


@mistake(l1_penalty)
def forgets_the_magnitude_in_the_l1_loss(W, lam):
    """Your loss adds the entries with their signs, so that they cancel: a penalty looks at magnitudes."""
    W = 1.0 * W
    return lam * W.sum(), lam * np.sign(W)


@mistake(l1_penalty)
def makes_the_l1_gradient_float64(W, lam):
    """You collect the signs in a new array that is float64 by default, so a float32 W gets a float64 gradient."""
    grad = np.zeros(W.shape)
    grad[W > 0], grad[W < 0] = lam, -lam
    return lam * np.abs(W).sum(), grad


@mistake(l1_penalty)
def overwrites_the_weights_with_their_signs(W, lam):
    """You write the signs into W itself: the caller's weights are gone afterwards."""
    loss = lam * np.abs(W).sum()
    if W.dtype.kind != "f":
        return loss, lam * np.sign(W)
    np.sign(W, out=W)
    return loss, lam * W


@mistake(elastic_net_penalty)
def uses_the_elastic_net_without_its_half(W, lam, l1_ratio):
    """The part of the squares has no ½ in your loss, and a 2 in your gradient: at ratio 0 it is twice L2."""
    W = 1.0 * W
    loss = lam * (l1_ratio * np.abs(W).sum() + (1 - l1_ratio) * (W**2).sum())
    return loss, lam * (l1_ratio * np.sign(W) + 2 * (1 - l1_ratio) * W)


@mistake(elastic_net_penalty)
def loses_the_half_in_the_elastic_loss_alone(W, lam, l1_ratio):
    """Your gradient is right, but your loss is not the one it belongs to: the squares have lost their ½."""
    W = 1.0 * W
    loss = lam * (l1_ratio * np.abs(W).sum() + (1 - l1_ratio) * (W**2).sum())
    return loss, lam * (l1_ratio * np.sign(W) + (1 - l1_ratio) * W)


@mistake(elastic_net_penalty)
def swaps_the_two_parts_of_the_elastic_net(W, lam, l1_ratio):
    """Your ratio weighs the wrong part: l1_ratio is the share of the magnitudes, the rest goes to the squares."""
    return elastic_net_penalty(W, lam, 1 - l1_ratio)


@mistake(elastic_net_penalty)
def multiplies_lam_into_the_first_part_alone(W, lam, l1_ratio):
    """Only your L1 part grows with lam: it stands before the parenthesis, so the squares have it too."""
    W = 1.0 * W
    loss = lam * l1_ratio * np.abs(W).sum() + 0.5 * (1 - l1_ratio) * (W**2).sum()
    return loss, lam * l1_ratio * np.sign(W) + (1 - l1_ratio) * W


@mistake(elastic_net_penalty)
def halves_both_parts_of_the_elastic_net(W, lam, l1_ratio):
    """Your L1 part is halved as well: the ½ belongs to the squares, where differentiating uses it up."""
    W = 1.0 * W
    loss = 0.5 * lam * (l1_ratio * np.abs(W).sum() + (1 - l1_ratio) * (W**2).sum())
    return loss, lam * (0.5 * l1_ratio * np.sign(W) + (1 - l1_ratio) * W)


@mistake(elastic_net_penalty)
def gives_the_elastic_kink_the_slope_of_the_right(W, lam, l1_ratio):
    """Your gradient is not 0 where an entry is 0: L1 has a kink there, and takes 0, not the slope beside it."""
    loss, grad = elastic_net_penalty(W, lam, l1_ratio)
    return loss, grad + (lam * l1_ratio * (W == 0)).astype(grad.dtype)


@mistake(elastic_net_penalty)
def makes_the_elastic_gradient_float64(W, lam, l1_ratio):
    """You turn W into float64 before you work with it, so a float32 W gets a float64 gradient."""
    return elastic_net_penalty(np.asarray(W, dtype=float), lam, l1_ratio)


@mistake(soft_threshold)
def lets_negative_entries_vanish_in_the_soft_threshold(w, t):
    """Your threshold works for positive entries only: a large negative one should move towards 0, not become 0."""
    return np.maximum(1.0 * w - t, 0)


@mistake(soft_threshold)
def moves_past_zero_in_the_soft_threshold(w, t):
    """You move every entry by t towards 0 but do not stop there: small entries come out on the other side."""
    return 1.0 * w - t * np.sign(w)


@mistake(soft_threshold)
def subtracts_the_threshold_from_negative_entries_too(w, t):
    """You subtract t from the negative entries as well, which moves them away from 0: there the sign turns around."""
    return np.where(np.abs(w) > t, 1.0 * w - t, 0)


@mistake(soft_threshold)
def thresholds_hard_where_soft_is_asked(w, t):
    """This is the hard threshold: what survives must move too, by t, for the penalty still pulls at it."""
    return hard_threshold(w, t)


@mistake(soft_threshold)
def returns_what_the_soft_threshold_takes_away(w, t):
    """You return the part that is taken away, cut off at ±t: the result is what is left of w."""
    return np.clip(1.0 * w, -t, t)


@mistake(soft_threshold)
def minimizes_without_the_half_before_the_square(w, t):
    """Your threshold is half of what it should be: the square in the objective has a ½, its slope is z − w."""
    return soft_threshold(w, t / 2)


@mistake(soft_threshold)
def pushes_all_entries_away_from_zero(w, t):
    """Your surviving entries grow: minimizing t·|z| pulls them towards 0, so look at the sign of t."""
    return np.where(np.abs(w) > t, 1.0 * w + t * np.sign(w), 0)


@mistake(soft_threshold)
def makes_the_soft_threshold_float64(w, t):
    """You collect the result in a new array that is float64 by default, so float32 input comes back as float64."""
    out = np.zeros(w.shape)
    out[w > t] = w[w > t] - t
    out[w < -t] = w[w < -t] + t
    return out


@mistake(soft_threshold)
def cuts_off_the_fractions_in_the_soft_threshold(w, t):
    """Your result array has the dtype of w: of integers it cuts the fractions off."""
    out = np.zeros_like(w)
    out[w > t] = w[w > t] - t
    out[w < -t] = w[w < -t] + t
    return out


@mistake(soft_threshold)
def shrinks_the_callers_array(w, t):
    """You write the result into w: the caller's array is not the same afterwards."""
    if w.dtype.kind != "f":
        return soft_threshold(w, t)
    w -= np.clip(w, -t, t)
    return w


@mistake(hard_threshold)
def keeps_entries_equal_to_the_threshold(w, t):
    """You keep what is exactly as large as t: equality belongs to the other side."""
    return np.where(np.abs(1.0 * w) >= t, 1.0 * w, 0)


@mistake(hard_threshold)
def shrinks_what_the_hard_threshold_keeps(w, t):
    """This is the soft threshold: what survives a hard one stays as it is."""
    return soft_threshold(w, t)


@mistake(hard_threshold)
def lets_negative_entries_vanish_in_the_hard_threshold(w, t):
    """You compare w itself with t: a large negative entry has a large magnitude and should stay."""
    return np.where(w > t, 1.0 * w, 0)


@mistake(hard_threshold)
def compares_the_square_with_the_threshold(w, t):
    """You compare the square of an entry with t: the threshold is one for magnitudes."""
    return np.where((1.0 * w) ** 2 > t, 1.0 * w, 0)


@mistake(hard_threshold)
def puts_the_threshold_where_zero_belongs(w, t):
    """You put ±t in the place of small entries: what does not survive becomes 0."""
    return np.where(np.abs(w) > t, 1.0 * w, t * np.sign(w))


@mistake(hard_threshold)
def makes_the_hard_threshold_float64(w, t):
    """You collect the result in a new array that is float64 by default, so float32 input comes back as float64."""
    out = np.zeros(w.shape)
    out[np.abs(w) > t] = w[np.abs(w) > t]
    return out


@mistake(hard_threshold)
def writes_zeros_into_the_callers_array(w, t):
    """You write the zeros into w itself: the caller's array is not the same afterwards."""
    w[np.abs(w) <= t] = 0
    return w


@mistake(ridge)
def forms_the_inverse_of_the_ridge_matrix(X, y, lam):
    """You form an inverse, by name or by solving against the identity: solve for the one right side there is."""
    X = 1.0 * X
    eye = np.eye(X.shape[1], dtype=X.dtype)
    return np.linalg.solve(X.T @ X + lam * eye, eye) @ (X.T @ y)


@mistake(ridge)
def halves_only_the_square_in_ridge(X, y, lam):
    """Your weights belong to twice the strength: with a ½ before the square alone, lam·‖w‖² has the slope 2·lam·w."""
    return ridge(X, y, 2 * lam)


@mistake(ridge)
def averages_the_square_in_ridge(X, y, lam):
    """Your weights belong to the mean of the squares: there N takes part, here the sum of the squares is asked."""
    return ridge(X, y, lam * len(X))


@mistake(ridge)
def puts_lam_below_the_data_without_its_root(X, y, lam):
    """Your penalty has lam squared: the rows that you put below X are squared with all the others."""
    return ridge(X, y, lam**2)


@mistake(ridge)
def adds_lam_to_every_entry_of_the_ridge_matrix(X, y, lam):
    """You add lam to every entry of XᵀX: that penalizes the square of the sum of the weights, not each by itself."""
    X = 1.0 * X
    return np.linalg.lstsq(X.T @ X + lam, X.T @ y, rcond=None)[0]


@mistake(ridge)
def centres_the_data_before_ridge(X, y, lam):
    """You centre X and y, which fits an intercept that nobody asked for: use the data as they are."""
    return ridge(X - np.mean(X, axis=0), y - np.mean(y), lam)


@mistake(ridge)
def leaves_the_first_weight_unpenalized(X, y, lam):
    """Your first weight is not penalized, as if it were an intercept: here there is none, and all weights are."""
    X = 1.0 * X
    rows = math.sqrt(lam) * np.eye(X.shape[1], dtype=X.dtype)
    rows[0, 0] = 0
    return np.linalg.lstsq(np.vstack([X, rows]), np.concatenate([y, np.zeros(X.shape[1], X.dtype)]), rcond=None)[0]


@mistake(ridge)
def takes_a_float64_identity_in_ridge(X, y, lam):
    """The identity, or np.sqrt(lam), is float64, and so is all that meets it: float32 data get float64 weights."""
    X = 1.0 * X
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)


@mistake(ridge)
def multiplies_bytes_in_ridge(X, y, lam):
    """You multiply integers as they are: the products of bytes do not fit into a byte and wrap around."""
    G = X.T @ X
    eye = np.eye(X.shape[1], dtype=X.dtype if X.dtype.kind == "f" else float)
    return np.linalg.solve(G + lam * eye, X.T @ y)


@mistake(condition_number)
def takes_the_condition_of_the_data_for_that_of_its_square(X, lam):
    """You return the root of what is asked: the eigenvalues of XᵀX are the squares of the singular values."""
    return condition_number(X, lam) ** 0.5


@mistake(condition_number)
def adds_lam_to_the_singular_values(X, lam):
    """You add lam to the singular values of X and then square: it is added to the eigenvalues of XᵀX."""
    s = np.zeros(X.shape[1])
    found = np.linalg.svd(1.0 * X, compute_uv=False)
    s[: len(found)] = found
    return ((s.max() + lam) / (s.min() + lam)) ** 2


@mistake(condition_number)
def overlooks_the_eigenvalues_zero_of_a_wide_matrix(X, lam):
    """With fewer samples than features you overlook eigenvalues: a wide X has fewer singular values than columns."""
    s = np.linalg.svd(1.0 * X, compute_uv=False)
    return (s[0] ** 2 + lam) / (s[-1] ** 2 + lam)


@mistake(condition_number)
def multiplies_with_the_transpose_on_the_other_side(X, lam):
    """Your matrix is XXᵀ + lam·I, of N × N: with more samples than features it has eigenvalues that XᵀX has not."""
    X = 1.0 * X
    with np.errstate(divide="ignore"):
        return np.linalg.cond(X @ X.T + lam * np.eye(len(X)))


@mistake(condition_number)
def leaves_lam_out_of_the_condition_number(X, lam):
    """Your number does not depend on lam: it is the condition of XᵀX, that of least squares."""
    X = 1.0 * X
    return float(np.linalg.cond(X.T @ X))


@mistake(condition_number)
def adds_lam_to_the_condition_number(X, lam):
    """You add lam to the condition number of XᵀX: it belongs into the matrix, on the diagonal, before the ratio."""
    X = 1.0 * X
    return float(np.linalg.cond(X.T @ X) + lam)


@mistake(condition_number)
def adds_lam_to_every_entry_before_the_condition_number(X, lam):
    """You add lam to every entry of XᵀX, as NumPy does with a number: only the diagonal gets it."""
    X = 1.0 * X
    return float(np.linalg.cond(X.T @ X + lam))


@mistake(condition_number)
def takes_the_frobenius_condition_number(X, lam):
    """Your number uses the Frobenius norms of the matrix and its inverse: ask for the ratio of two eigenvalues."""
    X = 1.0 * X
    return float(np.linalg.cond(X.T @ X + lam * np.eye(X.shape[1]), "fro"))


@mistake(condition_number)
def multiplies_bytes_in_the_condition_number(X, lam):
    """You multiply integers as they are: the products of bytes do not fit into a byte and wrap around."""
    return float(np.linalg.cond(X.T @ X + lam * np.eye(X.shape[1])))


@mistake(condition_number)
def divides_the_smallest_eigenvalue_by_the_largest(X, lam):
    """Your number is at most 1: the largest eigenvalue goes over the smallest, not under it."""
    return 1 / condition_number(X, lam)


def _ista(X, y, lam, steps, step, threshold=None):
    """ISTA with another step size or threshold."""
    X = 1.0 * X
    w = np.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = soft_threshold(w - step * (X.T @ (X @ w - y)), step * lam if threshold is None else threshold)
    return w


@mistake(lasso_ista)
def takes_a_step_of_one_over_sigma(X, y, lam, steps):
    """Your step is 1 over the largest singular value: the curvature of the square is that value squared."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _ista(X, y, lam, steps, 1 / np.linalg.norm(1.0 * X, 2))


@mistake(lasso_ista)
def takes_the_frobenius_norm_for_the_step(X, y, lam, steps):
    """Your steps are too short: NumPy's norm of a matrix is Frobenius' by default, not the spectral one."""
    return _ista(X, y, lam, steps, 1 / np.linalg.norm(1.0 * X) ** 2)


@mistake(lasso_ista)
def thresholds_by_lam_without_the_step_size(X, y, lam, steps):
    """Your threshold is lam itself: what the step size does to the gradient it does to the threshold too."""
    return _ista(X, y, lam, steps, 1 / np.linalg.norm(1.0 * X, 2) ** 2, lam)


@mistake(lasso_ista)
def follows_the_subgradient_of_the_lasso(X, y, lam, steps):
    """You follow the subgradient lam·sign(w): it jumps around 0 and never stays there, so there are no exact zeros."""
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = np.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = w - step * (X.T @ (X @ w - y) + lam * np.sign(w))
    return w


@mistake(lasso_ista)
def takes_the_gradient_of_the_square_without_its_half(X, y, lam, steps):
    """Your gradient step has a factor 2: the square has a ½ before it, which uses the 2 up."""
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = np.zeros(X.shape[1], dtype=X.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            w = soft_threshold(w - 2 * step * (X.T @ (X @ w - y)), step * lam)
    return w


@mistake(lasso_ista)
def shrinks_before_the_gradient_step(X, y, lam, steps):
    """You shrink first and take the gradient step afterwards: it moves the zeros away again."""
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = np.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = soft_threshold(w, step * lam)
        w = w - step * (X.T @ (X @ w - y))
    return w


@mistake(lasso_ista)
def thresholds_hard_in_the_lasso(X, y, lam, steps):
    """Your weights are cut off but not shrunk: the proximal operator of the magnitude is the soft threshold."""
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = np.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = hard_threshold(w - step * (X.T @ (X @ w - y)), step * lam)
    return w


@mistake(lasso_ista)
def keeps_positive_lasso_weights_only(X, y, lam, steps):
    """Your threshold works for positive weights only: all the negative ones come out as 0."""
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = np.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = np.maximum(w - step * (X.T @ (X @ w - y)) - step * lam, 0)
    return w


@mistake(lasso_ista)
def accelerates_the_lasso_with_momentum(X, y, lam, steps):
    """Your steps have momentum: that is FISTA, which arrives sooner, but its objective may rise on the way."""
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = z = np.zeros(X.shape[1], dtype=X.dtype)
    k = 1.0
    for _ in range(steps):
        new, k_new = soft_threshold(z - step * (X.T @ (X @ z - y)), step * lam), (1 + math.sqrt(1 + 4 * k * k)) / 2
        z = new + (k - 1) / k_new * (new - w)
        w, k = new, k_new
    return w


@mistake(lasso_ista)
def starts_the_lasso_from_float64_zeros(X, y, lam, steps):
    """You start from zeros that are float64 by default, so float32 data get float64 weights."""
    w = np.zeros(X.shape[1])
    step = 1 / np.linalg.norm(X, 2) ** 2
    for _ in range(steps):
        w = soft_threshold(w - step * (X.T @ (X @ w - y)), step * lam)
    return w


@mistake(lagrange_minimize)
def gives_the_multipliers_the_other_sign(a, B, c):
    """Your point is right, your multipliers have the other sign: they are those of a Lagrangian with a minus."""
    x, m = lagrange_minimize(a, B, c)
    return x, -m


@mistake(lagrange_minimize)
def drops_the_half_before_the_distance(a, B, c):
    """Your multipliers are twice as large: you differentiated ‖x − a‖² without the ½ that stands before it."""
    x, m = lagrange_minimize(a, B, c)
    return x, 2 * m


@mistake(lagrange_minimize)
def returns_the_multipliers_first(a, B, c):
    """You return the multipliers before the point: their order is (x, m)."""
    x, m = lagrange_minimize(a, B, c)
    return m, x


@mistake(lagrange_minimize)
def takes_the_constraints_for_orthonormal(a, B, c):
    """You project as if the rows of B were orthogonal and of length 1: the K × K system with BBᵀ is missing."""
    m = 1.0 * B @ a - c
    return a - B.T @ m, m


@mistake(lagrange_minimize)
def adds_the_multipliers_instead_of_subtracting(a, B, c):
    """You move away from the constraints: set the derivative by x to 0 again; your x is on the other side of a."""
    _, m = lagrange_minimize(a, B, c)
    return a + B.T @ m, m


@mistake(lagrange_minimize)
def minimizes_the_length_of_x_itself(a, B, c):
    """Your x is the shortest that meets the constraints, not the one nearest to a: a has no part in it."""
    return lagrange_minimize(np.zeros_like(1.0 * a), B, c)


@mistake(lagrange_minimize)
def constrains_x_to_the_null_space(a, B, c):
    """Your x meets Bx = 0: the constraints' right side, c, has no part in it."""
    return lagrange_minimize(a, B, np.zeros_like(1.0 * c))


@mistake(lagrange_minimize)
def fills_the_kkt_matrix_with_float64(a, B, c):
    """The identity or the zeros in your system are float64 by default, and so are the results for float32 data."""
    k, d = B.shape
    kkt = np.block([[np.eye(d), B.T], [B, np.zeros((k, k))]])
    solution = np.linalg.solve(kkt, np.concatenate([a, c]))
    return solution[:d], solution[d:]


@mistake(dropout_forward)
def dropout_is_not_inverted(x, p, training, rng):
    """What you keep in training is not scaled, so the next layer sees less in training than at test."""
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p
    return np.where(mask, x, 0.0), mask


@mistake(dropout_forward)
def dropout_divides_by_the_probability_of_dropping(x, p, training, rng):
    """You divide what is kept by p: which probability makes up for the share of entries that is missing?"""
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p
    return np.where(mask, x / p if p else x, 0.0), mask


@mistake(dropout_forward)
def dropout_takes_p_for_the_probability_of_keeping(x, p, training, rng):
    """You use the convention of cs231n, where p is the probability of keeping; here it is that of dropping."""
    if not training:
        return x, None
    mask = rng.random(x.shape) < p
    return np.where(mask, x / p if p else 0.0, 0.0), mask


@mistake(dropout_forward)
def dropout_drops_whole_rows(x, p, training, rng):
    """You draw one number for each sample, so that samples vanish as a whole. Every entry needs a draw of its own."""
    if not training:
        return x, None
    mask = np.broadcast_to(rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p, x.shape).copy()
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


@mistake(dropout_forward)
def dropout_shares_one_mask_in_the_batch(x, p, training, rng):
    """All samples of your batch lose the same units: the mask has the shape of one sample, not of x."""
    if not training:
        return x, None
    mask = np.broadcast_to(rng.random(x.shape[1:]) >= p, x.shape).copy()
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


@mistake(dropout_forward)
def dropout_drops_exactly_the_share_p(x, p, training, rng):
    """You drop exactly p · size entries in every call. Entries that decide for themselves are not always as many."""
    if not training:
        return x, None
    mask = rng.permutation(np.arange(x.size) >= round(p * x.size)).reshape(x.shape)
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


@mistake(dropout_forward)
def dropout_stays_on_at_test(x, p, training, rng):
    """You do not look at `training`: your network still drops, and guesses differently each time, at test."""
    mask = rng.random(x.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


@mistake(dropout_forward)
def inverted_dropout_scales_again_at_test(x, p, training, rng):
    """You scale in training and at test as well. The factor is needed once: inverted dropout leaves test time alone."""
    if not training:
        return (1 - p) * x, None
    mask = rng.random(x.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


@mistake(dropout_forward)
def dropout_returns_a_scaled_mask(x, p, training, rng):
    """Your mask holds 0 and 1 / (1 − p). Here it is boolean, and the backward brings the factor itself."""
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= p) / (1 - p if p < 1 else 1.0)
    return (x * mask).astype((1.0 * x).dtype), mask


@mistake(dropout_forward)
def dropout_reads_the_mask_from_the_output(x, p, training, rng):
    """You call an entry dropped where out is 0, but x itself may be 0 there, as it often is after a ReLU."""
    if not training:
        return x, None
    scale = 1 / (1 - p) if p < 1 else 0.0
    out = np.where(rng.random(x.shape) >= p, scale * x, 0.0)
    return out, out != 0


@mistake(dropout_forward)
def dropout_multiplies_by_a_float64_mask(x, p, training, rng):
    """A boolean mask divided by 1 − p is a float64 array, and it turns float32 data into float64."""
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p
    return x * (mask / (1 - p if p < 1 else 1.0)), mask


@mistake(dropout_forward)
def dropout_gives_nan_at_p_1(x, p, training, rng):
    """At p = 1 you divide by 1 − p = 0: 0 / 0 is NaN where zeros are asked."""
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p
    return mask * x / np.asarray(1 - p, dtype=(1.0 * x).dtype), mask


@mistake(dropout_forward)
def dropout_cuts_integers_off(x, p, training, rng):
    """Your output has x's dtype: with integers in x, what is divided by 1 − p is cut off."""
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p
    out = np.zeros_like(x)
    out[mask] = x[mask] / (1 - p) if p < 1 else 0
    return out, mask


@mistake(dropout_forward)
def dropout_zeroes_x_in_place(x, p, training, rng):
    """You write your zeros into x itself, where the backward of the layer below may still need the values."""
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p
    x[~mask] = 0
    return x * (1 / (1 - p) if p < 1 else 0.0), mask


@mistake(dropout_forward)
def dropout_seeds_a_generator_of_its_own(x, p, training, rng):
    """You draw from a generator that you seed yourself, so every call drops the same units. Draw from `rng`."""
    if not training:
        return x, None
    mask = np.random.default_rng(0).random(x.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


@mistake(dropout_backward)
def dropout_gradient_forgets_the_factor(dout, mask, p):
    """Your gradient is masked but not scaled: the forward also divided what it kept by 1 − p."""
    return dout if mask is None else np.where(mask, dout, 0.0)


@mistake(dropout_backward)
def draws_a_new_mask_in_the_backward(dout, mask, p):
    """You draw again in the backward. The gradient goes where the forward's values went: use the mask given."""
    if mask is None:
        return dout
    mask = np.random.default_rng(0).random(dout.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * dout, 0.0)


@mistake(dropout_backward)
def dropout_gradient_divides_by_p(dout, mask, p):
    """Your gradient is divided by p: the forward's factor has the probability of keeping below it."""
    return dout if mask is None else np.where(mask, dout / p if p else dout, 0.0)


@mistake(dropout_backward)
def dropout_gradient_ignores_the_mask(dout, mask, p):
    """You scale the gradient of all entries, those that were dropped included: they had no part in the output."""
    return dout if mask is None else dout * (1 / (1 - p) if p < 1 else 0.0)


@mistake(dropout_backward)
def dropout_gradient_passes_where_it_was_dropped(dout, mask, p):
    """Your gradient passes exactly where the forward dropped: True in the mask means kept."""
    return dout if mask is None else np.where(mask, 0.0, dout * (1 / (1 - p) if p < 1 else 0.0))


@mistake(dropout_backward)
def dropout_gradient_scales_at_test(dout, mask, p):
    """Without a mask the forward ran at test, where it did nothing; your backward still scales."""
    scale = 1 / (1 - p) if p < 1 else 0.0
    return scale * dout if mask is None else np.where(mask, scale * dout, 0.0)


@mistake(dropout_backward)
def dropout_gradient_does_not_expect_none(dout, mask, p):
    """You use the mask without asking whether there is one: at test it is None."""
    return dout * mask.astype(dout.dtype) * (1 / (1 - p) if p < 1 else 0.0)


@mistake(dropout_backward)
def dropout_gradient_is_float64(dout, mask, p):
    """The boolean mask divided by 1 − p is a float64 array, and it turns a float32 gradient into float64."""
    return dout if mask is None else dout * (mask / (1 - p if p < 1 else 1.0))


@mistake(dropout_backward)
def dropout_gradient_overwrites_dout(dout, mask, p):
    """You write into dout, which other branches of the network may still need."""
    if mask is None:
        return dout
    dout[~mask] = 0
    return dout * (1 / (1 - p) if p < 1 else 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_inverts_in_training(x, p, training, rng):
    """This is inverted dropout: you scale in training and not at test. Here it is the other way round."""
    if not training:
        return x
    return np.where(rng.random(x.shape) >= p, x * (1 / (1 - p) if p < 1 else 0.0), 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_takes_p_for_keeping(x, p, training, rng):
    """You use the paper's convention, where p is the probability of keeping; here it is that of dropping."""
    if not training:
        return p * x
    return np.where(rng.random(x.shape) < p, x, 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_by_p_at_test(x, p, training, rng):
    """At test you multiply by p, the probability of dropping. What share of the units does training leave?"""
    if not training:
        return p * x
    return np.where(rng.random(x.shape) >= p, x, 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_forgets_test_time(x, p, training, rng):
    """At test you return x as it is: more than the next layer ever saw on average in training."""
    return np.where(rng.random(x.shape) >= p, x, 0.0) if training else x


@mistake(dropout_weight_scaling)
def weight_scaling_scales_twice(x, p, training, rng):
    """You scale at test and in training too: the two conventions at once give a factor too many."""
    if not training:
        return (1 - p) * x
    return np.where(rng.random(x.shape) >= p, x * (1 / (1 - p) if p < 1 else 0.0), 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_divides_at_test(x, p, training, rng):
    """At test you divide by 1 − p, which makes the signal larger; it has to become smaller than x."""
    if not training:
        return x / (1 - p) if p < 1 else 0.0 * x
    return np.where(rng.random(x.shape) >= p, x, 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_drops_whole_rows(x, p, training, rng):
    """You draw one number for each sample, so that samples vanish as a whole. Every entry needs a draw of its own."""
    if not training:
        return (1 - p) * x
    return np.where(rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p, x, 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_shares_one_mask(x, p, training, rng):
    """All samples of your batch lose the same units: the mask has the shape of one sample, not of x."""
    if not training:
        return (1 - p) * x
    return np.where(rng.random(x.shape[1:]) >= p, x, 0.0)


@mistake(dropout_weight_scaling)
def weight_scaling_by_an_integer_mask(x, p, training, rng):
    """Draws of `rng.binomial` are int64, and int64 times float32 is float64: cast the mask, or choose with it."""
    if not training:
        return (1 - p) * x
    return x * rng.binomial(1, 1 - p, size=x.shape)


@mistake(dropout_weight_scaling)
def weight_scaling_zeroes_x_in_place(x, p, training, rng):
    """You write your zeros into x itself, where the backward of the layer below may still need the values."""
    if not training:
        return (1 - p) * x
    x[rng.random(x.shape) < p] = 0
    return x


@mistake(mc_dropout)
def spread_divides_by_samples_less_one(predict, x, samples, rng):
    """Your standard deviation divides by S − 1; asked is S, which gives 0 and not NaN for one sample."""
    y = np.stack([predict(x, rng) for _ in range(samples)])
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(((y - y.mean(axis=0)) ** 2).sum(axis=0) / np.asarray(samples - 1, dtype=y.dtype))
    return y.mean(axis=0), root


@mistake(mc_dropout)
def returns_the_variance_for_the_spread(predict, x, samples, rng):
    """Your second result is the variance; the standard deviation is its root."""
    y = np.stack([predict(x, rng) for _ in range(samples)])
    return y.mean(axis=0), y.var(axis=0)


@mistake(mc_dropout)
def returns_the_error_of_the_mean(predict, x, samples, rng):
    """You divide the spread by √S: that is how sure you are of the mean, not how far predictions lie apart."""
    y = np.stack([predict(x, rng) for _ in range(samples)])
    return y.mean(axis=0), y.std(axis=0) / np.sqrt(samples).astype(y.dtype)


@mistake(mc_dropout)
def averages_over_entries_as_well(predict, x, samples, rng):
    """Your mean and spread are one number for the whole prediction: reduce over the samples only."""
    y = np.stack([predict(x, rng) for _ in range(samples)])
    return y.mean(), y.std()


@mistake(mc_dropout)
def takes_the_spread_within_a_prediction(predict, x, samples, rng):
    """You reduce over the last axis, the entries of a prediction. The samples are the first axis of your stack."""
    y = np.stack([predict(x, rng) for _ in range(samples)])
    return y.mean(axis=-1), y.std(axis=-1)


@mistake(mc_dropout)
def predicts_once_and_repeats(predict, x, samples, rng):
    """You call predict once and copy its answer: without fresh noise there is no spread."""
    y = np.stack([predict(x, rng)] * samples)
    return y.mean(axis=0), y.std(axis=0)


@mistake(mc_dropout)
def restarts_the_noise_for_each_sample(predict, x, samples, rng):
    """Each prediction gets a generator with the same seed, so that all are the same: hand on `rng` itself."""
    y = np.stack([predict(x, np.random.default_rng(0)) for _ in range(samples)])
    return y.mean(axis=0), y.std(axis=0)


@mistake(mc_dropout)
def feeds_predictions_back_in(predict, x, samples, rng):
    """You predict from the last prediction instead of from x: the samples are no repetitions of one another."""
    y = []
    for _ in range(samples):
        x = predict(x, rng)
        y.append(x)
    y = np.stack(y)
    return y.mean(axis=0), y.std(axis=0)


@mistake(mc_dropout)
def predicts_once_too_often(predict, x, samples, rng):
    """You call predict once more than asked, perhaps to learn the shape: it is lost, and it moves rng on."""
    predict(x, rng)
    y = np.stack([predict(x, rng) for _ in range(samples)])
    return y.mean(axis=0), y.std(axis=0)


@mistake(mc_dropout)
def collects_predictions_in_float64(predict, x, samples, rng):
    """You collect the predictions in an array of np.zeros or np.empty, which is float64 whatever they are."""
    first = predict(x, rng)
    y = np.empty((samples, *first.shape))
    y[0] = first
    for i in range(1, samples):
        y[i] = predict(x, rng)
    return y.mean(axis=0), y.std(axis=0)


@mistake(dropconnect_forward)
def dropconnect_is_not_inverted(x, W, b, p, rng):
    """The weights you keep are not divided by 1 − p, so the layer's output is smaller in training than at test."""
    mask = rng.random(W.shape) >= p
    return x @ np.where(mask, W, 0.0).astype((1.0 * W).dtype) + b, mask


@mistake(dropconnect_forward)
def dropconnect_divides_by_p(x, W, b, p, rng):
    """You divide the kept weights by p: which probability makes up for the share of weights that is missing?"""
    mask = rng.random(W.shape) >= p
    return x @ (np.where(mask, W, 0.0) / (p or 1)) + b, mask


@mistake(dropconnect_forward)
def dropconnect_takes_p_for_keeping(x, W, b, p, rng):
    """You keep a weight with probability p; here p is the probability of dropping it."""
    mask = rng.random(W.shape) < p
    return x @ (np.where(mask, W, 0.0) / (p or 1)) + b, mask


@mistake(dropconnect_forward)
def dropconnect_scales_the_bias(x, W, b, p, rng):
    """You divide the whole output by 1 − p. The bias is never dropped, so it needs no factor."""
    mask = rng.random(W.shape) >= p
    return (x @ np.where(mask, W, 0.0) + b) / (1 - p), mask


@mistake(dropconnect_forward)
def dropconnect_drops_the_bias(x, W, b, p, rng):
    """You drop entries of the bias too; only weights are dropped here."""
    mask = rng.random(W.shape) >= p
    return x @ (np.where(mask, W, 0.0) / (1 - p)) + np.where(rng.random(b.shape) >= p, b, 0.0), mask


@mistake(dropconnect_forward)
def dropconnect_drops_input_units(x, W, b, p, rng):
    """All weights of an input unit fall together in yours: that is dropout on x, with one draw for each row of W."""
    mask = np.broadcast_to(rng.random((len(W), 1)) >= p, W.shape).copy()
    return x @ (np.where(mask, W, 0.0) / (1 - p)) + b, mask


@mistake(dropconnect_forward)
def dropconnect_drops_output_units(x, W, b, p, rng):
    """All weights into an output unit fall together in yours: one draw for each column of W is too few."""
    mask = np.broadcast_to(rng.random(W.shape[1]) >= p, W.shape).copy()
    return x @ (np.where(mask, W, 0.0) / (1 - p)) + b, mask


@mistake(dropconnect_forward)
def dropconnect_masks_each_sample(x, W, b, p, rng):
    """You draw a mask for every sample, as the paper does. Here one mask serves the whole batch."""
    masks = rng.random((len(x), *W.shape)) >= p
    kept = np.where(masks, W, 0.0).astype((1.0 * W).dtype) / (1 - p)
    mask = masks[0] if len(x) else np.full(W.shape, True)
    return np.einsum("nd,ndm->nm", 1.0 * x, kept) + b, mask


@mistake(dropconnect_forward)
def dropconnect_masks_the_output(x, W, b, p, rng):
    """You drop entries of the output, which is dropout after the layer. What is dropped here are single weights."""
    mask = rng.random(W.shape) >= p
    keep = rng.random((len(x), W.shape[1])) >= p
    return np.where(keep, x @ (1.0 * W), 0.0) / (1 - p) + b, mask


@mistake(dropconnect_forward)
def dropconnect_with_a_float64_mask(x, W, b, p, rng):
    """A boolean mask divided by 1 − p is a float64 array, and it turns float32 data into float64."""
    mask = rng.random(W.shape) >= p
    return x @ (W * (mask / (1 - p))) + b, mask


@mistake(dropconnect_forward)
def dropconnect_zeroes_the_weights_in_place(x, W, b, p, rng):
    """You write the zeros into W itself: these weights are lost for the next step too."""
    mask = rng.random(W.shape) >= p
    W[~mask] = 0
    return x @ (1.0 * W) / (1 - p) + b, mask


@mistake(dropconnect_forward)
def dropconnect_returns_a_scaled_mask(x, W, b, p, rng):
    """Your mask holds 0 and 1 / (1 − p); asked is a boolean one that says which weights are kept."""
    mask = (rng.random(W.shape) >= p).astype((1.0 * W).dtype) / (1 - p)
    return x @ (W * mask) + b, mask


@mistake(spatial_dropout)
def drops_single_pixels(x, p, rng):
    """You drop single pixels, as plain dropout does. A channel stays or falls as a whole."""
    return np.where(rng.random(x.shape) >= p, x, 0.0) / (1 - p)


@mistake(spatial_dropout)
def drops_whole_images(x, p, rng):
    """You draw one number for each image, so that all its channels fall together."""
    return np.where(rng.random((len(x), 1, 1, 1)) >= p, x, 0.0) / (1 - p)


@mistake(spatial_dropout)
def drops_the_same_channels_in_all_images(x, p, rng):
    """All images of your batch lose the same channels: each image needs draws of its own."""
    return np.where(rng.random((1, x.shape[1], 1, 1)) >= p, x, 0.0) / (1 - p)


@mistake(spatial_dropout)
def drops_places_instead_of_channels(x, p, rng):
    """You drop a pixel in all channels at once. It is the other way round: one channel, at all of its pixels."""
    return np.where(rng.random((x.shape[0], 1, *x.shape[2:])) >= p, x, 0.0) / (1 - p)


@mistake(spatial_dropout)
def drops_along_the_last_axes(x, p, rng):
    """Your decisions belong to columns of pixels: you take x for (N, H, W, C), but the channels are axis 1."""
    return np.where(rng.random((x.shape[0], 1, 1, x.shape[3])) >= p, x, 0.0) / (1 - p)


@mistake(spatial_dropout)
def spatial_dropout_is_not_inverted(x, p, rng):
    """The channels you keep are not scaled, so that the next layer sees less in training than at test."""
    return np.where(rng.random((*x.shape[:2], 1, 1)) >= p, x, 0.0)


@mistake(spatial_dropout)
def spatial_dropout_takes_p_for_keeping(x, p, rng):
    """You keep a channel with probability p; here p is the probability of dropping it."""
    return np.where(rng.random((*x.shape[:2], 1, 1)) < p, x, 0.0) / (p or 1)


@mistake(spatial_dropout)
def spatial_dropout_divides_by_p(x, p, rng):
    """You divide what is kept by p: which probability makes up for the share of channels that is missing?"""
    return np.where(rng.random((*x.shape[:2], 1, 1)) >= p, x, 0.0) / (p or 1)


@mistake(spatial_dropout)
def spatial_dropout_is_float64(x, p, rng):
    """A boolean mask divided by 1 − p is a float64 array, and it turns float32 data into float64."""
    return x * ((rng.random((*x.shape[:2], 1, 1)) >= p) / (1 - p))


@mistake(spatial_dropout)
def spatial_dropout_zeroes_x_in_place(x, p, rng):
    """You write zero channels into x itself, where the backward of the layer below may still need the values."""
    x[rng.random(x.shape[:2]) < p] = 0
    return x / (1 - p)


@mistake(stochastic_depth)
def branch_is_not_scaled_in_training(x, branch, p, training, rng):
    """A branch that you keep in training is not divided by 1 − p, so training sees less of it than test does."""
    if training and rng.random() < p:
        return x
    return x + branch(x)


@mistake(stochastic_depth)
def branch_is_scaled_at_test(x, branch, p, training, rng):
    """This is the paper's convention: the branch as it is in training, times 1 − p at test. Here it is inverted."""
    if not training:
        return x + (1 - p) * branch(x)
    return x if rng.random() < p else x + branch(x)


@mistake(stochastic_depth)
def branch_is_scaled_in_training_and_at_test(x, branch, p, training, rng):
    """You divide by 1 − p in training and multiply by it at test as well: one of the two is too many."""
    if not training:
        return x + (1 - p) * branch(x)
    return x if rng.random() < p else x + branch(x) / (1 - p)


@mistake(stochastic_depth)
def block_survives_with_probability_p(x, branch, p, training, rng):
    """You keep the branch with probability p; here p is the probability of dropping it."""
    if not training:
        return x + branch(x)
    return x + branch(x) / (p or 1) if rng.random() < p else x


@mistake(stochastic_depth)
def block_is_dropped_with_its_skip(x, branch, p, training, rng):
    """A dropped block gives zeros in yours. The skip connection stays: what is dropped is the branch alone."""
    if not training:
        return x + branch(x)
    return 0 * x if rng.random() < p else x + branch(x) / (1 - p)


@mistake(stochastic_depth)
def skip_is_scaled_with_the_branch(x, branch, p, training, rng):
    """You divide the whole sum by 1 − p. x is never dropped, so it needs no factor."""
    if not training:
        return x + branch(x)
    return x if rng.random() < p else (x + branch(x)) / (1 - p)


@mistake(stochastic_depth)
def every_sample_decides_for_itself(x, branch, p, training, rng):
    """You draw for every sample, which is drop path. Here one decision serves the whole batch."""
    if not training:
        return x + branch(x)
    keep = rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p
    return x + np.where(keep, branch(x) / (1 - p), 0.0)


@mistake(stochastic_depth)
def every_entry_of_the_branch_decides(x, branch, p, training, rng):
    """You apply plain dropout to the branch's output, entry by entry. Here the branch stays or falls as a whole."""
    if not training:
        return x + branch(x)
    return x + np.where(rng.random(x.shape) >= p, branch(x) / (1 - p), 0.0)


@mistake(stochastic_depth)
def branch_is_dropped_at_test_too(x, branch, p, training, rng):
    """You do not look at `training`: your network still skips blocks at test."""
    return x if rng.random() < p else x + branch(x) / (1 - p)


@mistake(stochastic_depth)
def adds_the_branch_into_x(x, branch, p, training, rng):
    """You add the branch to x in place, and the caller's x is changed with it."""
    if not training:
        x += branch(x)
    elif rng.random() >= p:
        x += branch(x) / (1 - p)
    return x


@mistake(stochastic_depth)
def gates_the_branch_in_float64(x, branch, p, training, rng):
    """Your gate is a float64 array or numpy number, and it turns float32 data into float64."""
    if not training:
        return x + branch(x)
    return x + branch(x) * (np.float64(rng.random() >= p) / (1 - p))


def _squares(shape, top, left, size):
    row, column = np.arange(shape[2])[:, None], np.arange(shape[3])
    return (top <= row) & (row < top + size) & (left <= column) & (column < left + size)


@mistake(cutout)
def cuts_all_images_at_one_place(images, size, rng):
    """All images of your batch are cut at the same place: draw a place for each of them."""
    top, left = (rng.integers(length) - size // 2 for length in images.shape[2:])
    return np.where(_squares(images.shape, top, left, size), 0, images).astype(images.dtype)


@mistake(cutout)
def cuts_from_the_drawn_pixel_on(images, size, rng):
    """The pixel that you draw is the square's top left corner: it is to be its centre, or else the square inside."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) for length in (h, w))
    return np.where(_squares(images.shape, top, left, size), 0, images)


@mistake(cutout)
def cuts_each_channel_elsewhere(images, size, rng):
    """Every channel loses another square, so that no pixel is really hidden: all channels share one place."""
    n, c, h, w = images.shape
    top, left = (rng.integers(length, size=(n, c, 1, 1)) - size // 2 for length in (h, w))
    return np.where(_squares(images.shape, top, left, size), 0, images)


@mistake(cutout)
def lets_a_negative_start_wrap_around(images, size, rng):
    """A square whose start is negative cuts nothing in yours: a slice's negative start counts from the end."""
    out = images.copy()
    for image in out:
        top, left = (rng.integers(length) - size // 2 for length in image.shape[1:])
        image[:, top : top + size, left : left + size] = 0
    return out


@mistake(cutout)
def never_cuts_the_last_row_and_column(images, size, rng):
    """The last row and the last column are never cut in yours: how many places are there for the start?"""
    out = images.copy()
    for image in out:
        top, left = (rng.integers(max(length - size, 1)) for length in image.shape[1:])
        image[:, top : top + size, left : left + size] = 0
    return out


@mistake(cutout)
def cuts_half_the_size_to_each_side(images, size, rng):
    """Your square goes from centre − size // 2 to centre + size // 2: for an odd size that is a pixel too few."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size // 2 for length in (h, w))
    return np.where(_squares(images.shape, top, left, 2 * (size // 2)), 0, images)


@mistake(cutout)
def cuts_one_pixel_too_many(images, size, rng):
    """Your square is size + 1 pixels wide: both ends are counted in."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size // 2 for length in (h, w))
    return np.where(_squares(images.shape, top, left, size + 1), 0, images)


@mistake(cutout)
def takes_the_size_for_half_a_side(images, size, rng):
    """You cut `size` pixels to either side of the centre: the whole side is to be `size` long."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size for length in (h, w))
    return np.where(_squares(images.shape, top, left, 2 * size), 0, images)


@mistake(cutout)
def keeps_the_square_and_cuts_the_rest(images, size, rng):
    """You keep the square and cut everything around it."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size // 2 for length in (h, w))
    return np.where(_squares(images.shape, top, left, size), images, 0)


@mistake(cutout)
def draws_both_coordinates_from_the_height(images, size, rng):
    """Row and column are both drawn from the height: in a wide image the right side is never cut."""
    n, _, h, _ = images.shape
    top, left = (rng.integers(h, size=(n, 1, 1, 1)) - size // 2 for _ in range(2))
    return np.where(_squares(images.shape, top, left, size), 0, images)


@mistake(cutout)
def cuts_on_the_diagonal_only(images, size, rng):
    """You use one number for both the row and the column: all squares lie on the diagonal."""
    n, _, h, w = images.shape
    u = rng.random((n, 1, 1, 1))
    top, left = (np.floor(u * length).astype(int) - size // 2 for length in (h, w))
    return np.where(_squares(images.shape, top, left, size), 0, images)


@mistake(cutout)
def fills_the_square_with_the_mean(images, size, rng):
    """You fill the square with the image's mean; asked are zeros."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size // 2 for length in (h, w))
    mean = images.mean(axis=(2, 3), keepdims=True).astype(images.dtype) if n else 0
    return np.where(_squares(images.shape, top, left, size), mean, images)


@mistake(cutout)
def cuts_into_the_given_images(images, size, rng):
    """You cut the square out of the images that you were given: next epoch they have more holes."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size // 2 for length in (h, w))
    images *= ~_squares(images.shape, top, left, size)
    return images


@mistake(cutout)
def multiplies_images_by_a_float_mask(images, size, rng):
    """Your mask is a float64 array of np.ones, and it turns uint8 and float32 images into float64."""
    n, _, h, w = images.shape
    top, left = (rng.integers(length, size=(n, 1, 1, 1)) - size // 2 for length in (h, w))
    return images * np.where(_squares(images.shape, top, left, size), 0.0, 1.0)


def _blocks(starts, size):
    n, c, down, across = starts.shape
    dropped = np.zeros((n, c, down + size - 1, across + size - 1), dtype=bool)
    for i in range(size):
        for j in range(size):
            dropped[:, :, i : i + down, j : j + across] |= starts
    return dropped


@mistake(dropblock_mask)
def gamma_lacks_the_second_fraction(shape, p, size, rng):
    """Your gamma is p / size²: it leaves out that blocks may start at fewer places than there are pixels."""
    n, c, h, w = shape
    return ~_blocks(rng.random((n, c, h - size + 1, w - size + 1)) < p / size**2, size)


@mistake(dropblock_mask)
def starts_blocks_with_probability_p(shape, p, size, rng):
    """A block starts with probability p in yours, and each takes size² pixels along: far too much is dropped."""
    n, c, h, w = shape
    return ~_blocks(rng.random((n, c, h - size + 1, w - size + 1)) < p, size)


@mistake(dropblock_mask)
def divides_by_the_size_once(shape, p, size, rng):
    """You divide p by size, but a block has size² pixels."""
    n, c, h, w = shape
    down, across = h - size + 1, w - size + 1
    return ~_blocks(rng.random((n, c, down, across)) < p / size * h * w / (down * across), size)


@mistake(dropblock_mask)
def cuts_blocks_at_the_border(shape, p, size, rng):
    """Blocks start at every pixel in yours and are cut off at the border. They may start only where they fit."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    return ~_blocks(rng.random((n, c, h, w)) < gamma, size)[:, :, :h, :w]


@mistake(dropblock_mask)
def cuts_blocks_at_the_border_with_a_plain_gamma(shape, p, size, rng):
    """Your gamma is p / size² and blocks start at every pixel, cut off at the border. They start where they fit."""
    h, w = shape[2:]
    return ~_blocks(rng.random(shape) < p / size**2, size)[:, :, :h, :w]


@mistake(dropblock_mask)
def leaves_out_the_last_place(shape, p, size, rng):
    """No block of yours reaches the last row and column: there are H − size + 1 places, one more than you count."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    dropped = np.zeros(shape, dtype=bool)
    if h > size and w > size:
        dropped[:, :, :-1, :-1] = _blocks(rng.random((n, c, h - size, w - size)) < gamma, size)
    return ~dropped


@mistake(dropblock_mask)
def drops_the_seeds_only(shape, p, size, rng):
    """You drop single pixels, the places where blocks start: each has to grow to size × size pixels."""
    h, w = shape[2:]
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    return rng.random(shape) >= gamma


@mistake(dropblock_mask)
def drops_the_same_blocks_in_all_channels(shape, p, size, rng):
    """All channels of an image lose the same blocks in yours; here each channel has its own."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    starts = rng.random((n, 1, h - size + 1, w - size + 1)) < gamma
    return np.repeat(~_blocks(starts, size), c, axis=1)


@mistake(dropblock_mask)
def drops_the_same_blocks_in_all_images(shape, p, size, rng):
    """All images of the batch lose the same blocks in yours; here each image has its own."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    starts = rng.random((1, c, h - size + 1, w - size + 1)) < gamma
    return np.repeat(~_blocks(starts, size), n, axis=0)


@mistake(dropblock_mask)
def returns_what_is_dropped(shape, p, size, rng):
    """Your mask is 1 where a block drops; asked is a keep-mask, 1 where nothing is dropped."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    return _blocks(rng.random((n, c, h - size + 1, w - size + 1)) < gamma, size)


@mistake(dropblock_mask)
def scales_the_block_mask(shape, p, size, rng):
    """You scale the mask so that its mean is 1. That is the layer's next step; asked is the mask of zeros and ones."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    keep = ~_blocks(rng.random((n, c, h - size + 1, w - size + 1)) < gamma, size)
    return keep * (keep.size / max(keep.sum(), 1))


@mistake(dropblock_mask)
def confuses_height_and_width_of_the_map(shape, p, size, rng):
    """Your map has height and width exchanged: the shape is (N, C, H, W)."""
    n, c, h, w = shape
    gamma = p / size**2 * h * w / ((h - size + 1) * (w - size + 1))
    return ~_blocks(rng.random((n, c, w - size + 1, h - size + 1)) < gamma, size)


@mistake(mixup)
def mixes_every_sample_with_its_own_lambda(x, y, alpha, rng):
    """You draw a λ for every sample. Many do that, but here one λ serves the whole batch."""
    if alpha == 0:
        return x, y
    lam = rng.beta(alpha, alpha, size=len(x))
    others = rng.permutation(len(x))
    lx, ly = lam.reshape((-1,) + (1,) * (x.ndim - 1)), lam[:, None]
    return lx * x + (1 - lx) * x[others], ly * y + (1 - ly) * y[others]


@mistake(mixup)
def mixes_inputs_only(x, y, alpha, rng):
    """Your targets stay as they were: an input that is half another one is still called by its first name."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, alpha), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[others], y


@mistake(mixup)
def mixes_targets_with_another_order(x, y, alpha, rng):
    """You draw one order for the inputs and another for the targets, so that they belong to different samples."""
    if alpha == 0:
        return x, y
    lam = rng.beta(alpha, alpha)
    for_x, for_y = rng.permutation(len(x)), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[for_x], lam * y + (1 - lam) * y[for_y]


@mistake(mixup)
def mixes_targets_with_another_lambda(x, y, alpha, rng):
    """You draw λ anew for the targets: the shares in y must be those in x."""
    if alpha == 0:
        return x, y
    others, one, two = rng.permutation(len(x)), rng.beta(alpha, alpha), rng.beta(alpha, alpha)
    return one * x + (1 - one) * x[others], two * y + (1 - two) * y[others]


@mistake(mixup)
def exchanges_lambda_in_the_targets(x, y, alpha, rng):
    """λ and 1 − λ have changed places in your targets."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, alpha), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[others], (1 - lam) * y + lam * y[others]


@mistake(mixup)
def mixes_the_order_within_the_batch_by_reversing(x, y, alpha, rng):
    """Your partners are always the same, the batch read backwards: the order is to be drawn."""
    if alpha == 0:
        return x, y
    lam = rng.beta(alpha, alpha)
    return lam * x + (1 - lam) * x[::-1], lam * y + (1 - lam) * y[::-1]


@mistake(mixup)
def draws_partners_with_replacement(x, y, alpha, rng):
    """You draw each partner on its own, so that some samples are partner twice and others never: an order is asked."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, alpha), rng.integers(len(x), size=len(x))
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


@mistake(mixup)
def draws_lambda_uniformly(x, y, alpha, rng):
    """Your λ is uniform whatever alpha is: it is Beta(alpha, alpha), uniform at alpha = 1 only."""
    if alpha == 0:
        return x, y
    lam, others = rng.random(), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


@mistake(mixup)
def takes_the_larger_share(x, y, alpha, rng):
    """You take max(λ, 1 − λ), as MixMatch does, so that a sample keeps the larger share. Here λ stays as drawn."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, alpha), rng.permutation(len(x))
    lam = max(lam, 1 - lam)
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


@mistake(mixup)
def takes_beta_of_alpha_and_one(x, y, alpha, rng):
    """Your λ is Beta(alpha, 1), which leans to one side: both numbers of the Beta law are alpha."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, 1), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


@mistake(mixup)
def does_not_expect_alpha_0(x, y, alpha, rng):
    """There is no Beta(0, 0): alpha = 0 needs a case of its own, in which nothing is mixed."""
    lam, others = rng.beta(alpha, alpha), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


@mistake(mixup)
def mixes_with_a_float64_lambda(x, y, alpha, rng):
    """Your λ is an array of one float64 number, and it turns float32 data into float64."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, alpha, size=1), rng.permutation(len(x))
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


@mistake(mixup)
def shuffles_the_batch_in_place(x, y, alpha, rng):
    """You shuffle or scale the batch that you were given: x and y are changed for the caller too."""
    if alpha == 0:
        return x, y
    lam, others = rng.beta(alpha, alpha), rng.permutation(len(x))
    mixed = lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]
    x[:], y[:] = x[others], y[others]
    return mixed


@mistake(random_flip)
def turns_images_upside_down(images, rng):
    """You mirror along the height, which turns images upside down: left and right are the last axis."""
    return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[:, :, ::-1], images)


@mistake(random_flip)
def flips_the_whole_batch_or_nothing(images, rng):
    """One coin decides for the whole batch in yours: every image needs its own."""
    return images[..., ::-1] if rng.random() < 0.5 else images


@mistake(random_flip)
def flips_every_image(images, rng):
    """You mirror every image: on average only one of two is meant."""
    return images[..., ::-1]


@mistake(random_flip)
def never_flips_an_image(images, rng):
    """No image of yours is ever mirrored: look at the draw, and at what becomes of the mirrored images."""
    return images.copy()


@mistake(random_flip)
def flips_channels_apart(images, rng):
    """Every channel decides for itself in yours, so that the colours of an image no longer fit together."""
    return np.where(rng.random((*images.shape[:2], 1, 1)) < 0.5, images[..., ::-1], images)


@mistake(random_flip)
def flips_rows_apart(images, rng):
    """Every row of pixels decides for itself in yours: an image is mirrored as a whole or not at all."""
    return np.where(rng.random((*images.shape[:1], 1, images.shape[2], 1)) < 0.5, images[..., ::-1], images)


@mistake(random_flip)
def reverses_the_batch_instead(images, rng):
    """You reverse the first axis, which puts another image in an image's place: the width is the last axis."""
    return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[::-1], images)


@mistake(random_flip)
def reverses_the_channels_instead(images, rng):
    """You reverse the channels, which exchanges red and blue: the width is the last axis."""
    return np.where(rng.random((len(images), 1, 1, 1)) < 0.5, images[:, ::-1], images)


@mistake(random_flip)
def flips_one_image_in_four(images, rng):
    """About a quarter of your images are mirrored: the probability is to be one half."""
    return np.where(rng.random((len(images), 1, 1, 1)) < 0.25, images[..., ::-1], images)


@mistake(random_flip)
def flips_the_given_images(images, rng):
    """You mirror in place, and the images that you were given are changed with it."""
    flip = rng.random(len(images)) < 0.5
    images[flip] = images[flip][..., ::-1]
    return images


@mistake(random_flip)
def flips_into_an_array_of_floats(images, rng):
    """You collect the images in an array of np.zeros or np.empty, which is float64 whatever they are."""
    out = np.empty(images.shape)
    flip = rng.random(len(images)) < 0.5
    out[flip], out[~flip] = images[flip][..., ::-1], images[~flip]
    return out


def _moved(images, down, across, limit):
    n, _, h, w = images.shape
    framed = np.pad(images, ((0, 0), (0, 0), (limit, limit), (limit, limit)))
    out = np.zeros_like(images)
    for i in range(n):
        top, left = limit - down[i], limit - across[i]
        out[i] = framed[i, :, top : top + h, left : left + w]
    return out


@mistake(random_shift)
def shifts_around_the_edge(images, limit, rng):
    """What leaves your image on one side comes back on the other, as np.roll does; asked are zeros."""
    out = images.copy()
    for n in range(len(images)):
        down, across = rng.integers(-limit, limit + 1, size=2)
        out[n] = np.roll(images[n], (down, across), axis=(1, 2))
    return out


@mistake(random_shift)
def leaves_out_the_upper_end_of_the_range(images, limit, rng):
    """A move by +limit never happens in yours: the upper end of rng.integers is not included."""
    down, across = rng.integers(-limit, limit, size=(2, len(images))) if limit else np.zeros((2, len(images)), int)
    return _moved(images, down, across, limit)


@mistake(random_shift)
def shifts_one_way_only(images, limit, rng):
    """Your moves go from 0 to limit: images never move up or to the left."""
    down, across = rng.integers(limit + 1, size=(2, len(images)))
    return _moved(images, down, across, limit)


@mistake(random_shift)
def shifts_along_the_diagonal(images, limit, rng):
    """You use one number for both directions, so that images move along the diagonal only."""
    down = rng.integers(-limit, limit + 1, size=len(images))
    return _moved(images, down, down, limit)


@mistake(random_shift)
def shifts_the_whole_batch_alike(images, limit, rng):
    """All images of your batch make the same move: every image draws its own."""
    down, across = rng.integers(-limit, limit + 1, size=2)
    return _moved(images, np.full(len(images), down), np.full(len(images), across), limit)


@mistake(random_shift)
def shifts_channels_apart(images, limit, rng):
    """Every channel makes a move of its own in yours, so that the colours of an image no longer fit together."""
    n, c, h, w = images.shape
    down, across = rng.integers(-limit, limit + 1, size=(2, n * c))
    return _moved(images.reshape(n * c, 1, h, w), down, across, limit).reshape(images.shape)


@mistake(random_shift)
def shifts_in_one_direction_only(images, limit, rng):
    """Your images move across but never down: there are two directions, each with a draw of its own."""
    across = rng.integers(-limit, limit + 1, size=len(images))
    return _moved(images, 0 * across, across, limit)


@mistake(random_shift)
def repeats_the_edge_pixels(images, limit, rng):
    """You fill with copies of the edge; asked are zeros."""
    n, _, h, w = images.shape
    framed = np.pad(images, ((0, 0), (0, 0), (limit, limit), (limit, limit)), mode="edge")
    top, left = rng.integers(2 * limit + 1, size=(2, n))
    pieces = [framed[i, :, top[i] : top[i] + h, left[i] : left[i] + w] for i in range(n)]
    return np.stack(pieces) if pieces else images


@mistake(random_shift)
def shifts_into_an_array_of_floats(images, limit, rng):
    """You collect the images in an array of np.zeros, which is float64 whatever they are."""
    down, across = rng.integers(-limit, limit + 1, size=(2, len(images)))
    return _moved(images, down, across, limit).astype(float)


@mistake(random_shift)
def rounds_a_continuous_shift(images, limit, rng):
    """You round a uniform number from −limit to limit: the two ends then come half as often as the others."""
    down, across = np.rint(rng.uniform(-limit, limit, size=(2, len(images)))).astype(int)
    return _moved(images, down, across, limit)


@mistake(random_shift)
def keeps_old_pixels_at_the_edge(images, limit, rng):
    """You start from a copy of the image, so that its old pixels stay where zeros should come in."""
    down, across = rng.integers(-limit, limit + 1, size=(2, len(images)))
    inside = _moved(np.ones_like(images), down, across, limit) == 1
    return np.where(inside, _moved(images, down, across, limit), images)


@mistake(random_crop)
def never_crops_the_last_place(images, side, rng):
    """The last row and column never come into your crops: there are H − side + 1 starts, one more than you draw."""
    top, left = (rng.integers(max(length - side, 1), size=len(images)) for length in images.shape[2:])
    return _windows(images, side)[np.arange(len(images)), :, top, left]


def _windows(images, side):
    return np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(2, 3))


@mistake(random_crop)
def crops_the_whole_batch_at_one_place(images, side, rng):
    """All images of your batch are cropped at the same place: every image draws its own."""
    top, left = (rng.integers(length - side + 1) for length in images.shape[2:])
    return images[:, :, top : top + side, left : left + side]


@mistake(random_crop)
def crops_on_the_diagonal(images, side, rng):
    """You use one number for both directions, so that your crops lie on the diagonal only."""
    start = rng.integers(min(images.shape[2:]) - side + 1, size=len(images))
    return _windows(images, side)[np.arange(len(images)), :, start, start]


@mistake(random_crop)
def crops_channels_apart(images, side, rng):
    """Every channel is cropped at a place of its own in yours, so that the colours no longer fit together."""
    n, c = images.shape[:2]
    top, left = (rng.integers(length - side + 1, size=(n, c)) for length in images.shape[2:])
    return _windows(images, side)[np.arange(n)[:, None], np.arange(c), top, left]


@mistake(random_crop)
def always_crops_the_centre(images, side, rng):
    """You always take the middle, which is the crop for test time."""
    top, left = ((length - side) // 2 for length in images.shape[2:])
    return images[:, :, top : top + side, left : left + side]


@mistake(random_crop)
def draws_both_starts_from_the_height(images, side, rng):
    """Row and column are both drawn from the height: wide images are never cropped at the right, tall ones fail."""
    n, _, h, _ = images.shape
    top, left = rng.integers(h - side + 1, size=(2, n))
    return _windows(images, side)[np.arange(n), :, top, left]


@mistake(random_crop)
def crops_into_an_array_of_floats(images, side, rng):
    """You collect the crops in an array of np.zeros or np.empty, which is float64 whatever the images are."""
    top, left = (rng.integers(length - side + 1, size=len(images)) for length in images.shape[2:])
    return _windows(images, side)[np.arange(len(images)), :, top, left].astype(float)


@mistake(random_crop)
def zeroes_what_is_not_cropped(images, side, rng):
    """You keep the image's size and put zeros around the crop; asked is the crop alone, side × side pixels."""
    n, _, h, w = images.shape
    top, left = rng.integers(h - side + 1, size=n), rng.integers(w - side + 1, size=n)
    return np.where(_squares(images.shape, *(v.reshape(-1, 1, 1, 1) for v in (top, left)), side), images, 0)


@mistake(early_stopping)
def stops_one_epoch_after_patience_is_used_up(val_losses, patience, min_delta=0.0):
    """You stop one epoch too late: the epoch that is the `patience`-th in a row without progress is itself the stop."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited > patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def takes_a_tie_for_a_better_epoch(val_losses, patience, min_delta=0.0):
    """You take a tie for progress: an epoch that reaches best − min_delta exactly is not better, it must be below."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss <= best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def stops_without_a_look_at_min_delta(val_losses, patience, min_delta=0.0):
    """Your min_delta is not used: any smaller loss counts as better."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def never_gives_the_patience_back(val_losses, patience, min_delta=0.0):
    """You count all epochs without progress, not those in a row: a better epoch must set the count back to 0."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch = loss, epoch
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def compares_each_loss_with_the_one_before(val_losses, patience, min_delta=0.0):
    """You compare each loss with that of the epoch before. Asked is the best so far: a loss that falls again after a
    bad epoch is no progress yet."""
    before, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < before - min_delta:
            best_epoch, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
        before = loss
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def lets_nan_pass_without_using_patience(val_losses, patience, min_delta=0.0):
    """NaN uses up no patience with you: both of your comparisons are False for it, so the epoch is not counted at
    all."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        elif loss >= best - min_delta:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def waits_only_where_the_loss_is_above_the_best(val_losses, patience, min_delta=0.0):
    """Patience is used up only where your loss is above the best: ties, progress below min_delta and NaN are neither
    better nor counted."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        elif loss > best:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def starts_from_the_first_loss_even_if_nan(val_losses, patience, min_delta=0.0):
    """You start with the loss of epoch 0 as the best. If that is NaN or infinite, it has used up patience; and nothing
    compares as smaller than NaN ever after."""
    best, best_epoch, waited = val_losses[0], 0, 0
    for epoch, loss in enumerate(val_losses[1:], 1):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def lowers_the_bar_by_every_small_step(val_losses, patience, min_delta=0.0):
    """You lower the best loss even where the progress is below min_delta. The bar moves only with a better epoch, so
    that several small steps can add up to one."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best_epoch, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
        best = min(best, loss)
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def keeps_the_lowest_loss_of_all_epochs(val_losses, patience, min_delta=0.0):
    """Your best epoch is the lowest of the whole list, also of epochs after the stop, which never take place. It is the
    last epoch that was better by more than min_delta."""
    best, waited = math.inf, 0
    best_epoch = int(np.argmin(val_losses))
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, waited = loss, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def keeps_the_lowest_loss_up_to_the_stop(val_losses, patience, min_delta=0.0):
    """Your best epoch is that of the lowest loss so far. A loss that is lower by min_delta or less does not count as
    better, so its weights are not kept."""
    best, lowest, best_epoch, waited = math.inf, math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < lowest:
            lowest, best_epoch = loss, epoch
        if loss < best - min_delta:
            best, waited = loss, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


@mistake(early_stopping)
def counts_the_epochs_from_one(val_losses, patience, min_delta=0.0):
    """Your epochs are counted from 1; here the first is epoch 0."""
    best, best_epoch, waited = math.inf, 1, 0
    for epoch, loss in enumerate(val_losses, 1):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses), best_epoch


@mistake(early_stopping)
def returns_the_best_epoch_before_the_stop(val_losses, patience, min_delta=0.0):
    """Your two epochs are right but in the wrong order: first the one where training stops, then the best."""
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@mistake(kfold_indices)
def cuts_the_folds_without_a_shuffle(n, k, rng):
    """Your folds are blocks of consecutive samples: nothing is shuffled, so data sorted by class or by time give folds
    that look like nothing else."""
    if not 2 <= k <= n:
        raise ValueError
    folds = np.array_split(np.arange(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(kfold_indices)
def deals_the_folds_without_a_shuffle(n, k, rng):
    """Your fold i holds every k-th sample: that is spread out, but it is not random."""
    if not 2 <= k <= n:
        raise ValueError
    folds = [np.arange(n)[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(kfold_indices)
def never_validates_the_remainder(n, k, rng):
    """Your folds all have n // k samples, so the n % k that remain are never validated."""
    if not 2 <= k <= n:
        raise ValueError
    order, size = rng.permutation(n), n // k
    folds = [order[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]


@mistake(kfold_indices)
def gives_the_remainder_to_the_last_fold(n, k, rng):
    """Your last fold takes the whole remainder. The sizes may differ by at most 1, so spread it: one sample for each of
    the first n % k folds."""
    if not 2 <= k <= n:
        raise ValueError
    order, size = rng.permutation(n), n // k
    folds = [order[i * size : (i + 1) * size if i < k - 1 else n] for i in range(k)]
    return [(np.setdiff1d(order, fold), fold) for fold in folds]


@mistake(kfold_indices)
def returns_val_before_train(n, k, rng):
    """Your pairs are (val, train); asked is (train, val)."""
    if not 2 <= k <= n:
        raise ValueError
    folds = np.array_split(rng.permutation(n), k)
    return [(folds[i], np.concatenate(folds[:i] + folds[i + 1 :])) for i in range(k)]


@mistake(kfold_indices)
def keeps_the_fold_in_training(n, k, rng):
    """Your train holds all the samples, those of the fold too: the model is validated on what it has seen."""
    if not 2 <= k <= n:
        raise ValueError
    order = rng.permutation(n)
    return [(order, fold) for fold in np.array_split(order, k)]


@mistake(kfold_indices)
def shuffles_anew_for_every_fold(n, k, rng):
    """You shuffle anew for every fold, so the folds overlap: some samples are validated twice and others never."""
    if not 2 <= k <= n:
        raise ValueError
    pairs = []
    for i in range(k):
        folds = np.array_split(rng.permutation(n), k)
        pairs.append((np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]))
    return pairs


@mistake(kfold_indices)
def throws_a_die_for_each_samples_fold(n, k, rng):
    """You draw a fold for each sample on its own. Then the folds' sizes are random too, and they may even be empty."""
    if not 2 <= k <= n:
        raise ValueError
    fold = rng.integers(k, size=n)
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]


@mistake(kfold_indices)
def accepts_more_folds_than_samples(n, k, rng):
    """With more folds than samples some of your folds are empty: k > n must raise ValueError."""
    if k < 2:
        raise ValueError
    folds = np.array_split(rng.permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(kfold_indices)
def accepts_a_single_fold(n, k, rng):
    """With k = 1 your only fold validates everything and nothing is left to train on: k < 2 must raise ValueError."""
    if not 1 <= k <= n:
        raise ValueError
    order = rng.permutation(n)
    return [(np.setdiff1d(order, fold), fold) for fold in np.array_split(order, k)]


@mistake(kfold_indices)
def refuses_to_leave_one_out(n, k, rng):
    """You raise an error for k = n. That is leave-one-out, which is allowed."""
    if not 2 <= k < n:
        raise ValueError
    folds = np.array_split(rng.permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(kfold_indices)
def seeds_the_folds_itself(n, k, rng):
    """You make a generator of your own, with a fixed seed: every call gives the same folds, whatever rng is."""
    if not 2 <= k <= n:
        raise ValueError
    folds = np.array_split(np.random.default_rng(0).permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(kfold_indices)
def shuffles_the_folds_by_the_global_generator(n, k, rng):
    """Your shuffle comes from numpy's global generator, not from the rng that is handed in."""
    if not 2 <= k <= n:
        raise ValueError
    folds = np.array_split(np.random.permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def forgets_the_classes_of_stratified_folds(y, k, rng):
    """Your folds are plain random ones: the classes play no part, so a rare one may be missing in a fold."""
    if not 2 <= k <= len(y):
        raise ValueError
    folds = np.array_split(rng.permutation(len(y)), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def gives_every_classs_leftovers_to_the_first_folds(y, k, rng):
    """Each class is spread evenly, but every one gives its leftovers to the first folds: with many classes these grow
    too large. Let the next class go on where the one before ended."""
    if not 2 <= k <= len(y):
        raise ValueError
    parts = [np.array_split(rng.permutation(np.flatnonzero(y == c)), k) for c in np.unique(y)]
    folds = [np.concatenate([part[i] for part in parts]) for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def deals_each_class_unshuffled(y, k, rng):
    """Each class is spread evenly, but in the order in which its samples stand: nothing is random."""
    if not 2 <= k <= len(y):
        raise ValueError
    by_class = np.argsort(y, kind="stable")
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def cuts_the_sorted_classes_into_blocks(y, k, rng):
    """You sort by class and then cut blocks: each of your folds holds one or two classes only, the opposite of what is
    asked. Deal the sorted samples out instead."""
    if not 2 <= k <= len(y):
        raise ValueError
    shuffled = rng.permutation(len(y))
    folds = np.array_split(shuffled[np.argsort(y[shuffled], kind="stable")], k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def refuses_a_class_smaller_than_k(y, k, rng):
    """You raise an error where a class has fewer than k samples. Here that is allowed: the class is missing in some
    folds."""
    if not 2 <= k <= np.unique(y, return_counts=True)[1].min():
        raise ValueError
    shuffled = rng.permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def drops_what_each_class_leaves_over(y, k, rng):
    """Every fold gets n_c // k samples of each class, and what the classes leave over is never validated."""
    if not 2 <= k <= len(y):
        raise ValueError
    folds = [[] for _ in range(k)]
    for c in np.unique(y):
        own = rng.permutation(np.flatnonzero(y == c))
        for i in range(k):
            folds[i] += own[i * (len(own) // k) : (i + 1) * (len(own) // k)].tolist()
    return [(np.setdiff1d(np.arange(len(y)), fold), np.array(fold, dtype=int)) for fold in folds]


@mistake(stratified_kfold_indices)
def takes_the_labels_for_0_to_c(y, k, rng):
    """You go through the labels 0, 1, …, C − 1. Labels are any numbers: the samples of all others are lost."""
    if not 2 <= k <= len(y):
        raise ValueError
    by_class = np.concatenate([rng.permutation(np.flatnonzero(y == c)) for c in range(len(np.unique(y)))])
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def numbers_the_samples_within_their_class(y, k, rng):
    """Your numbers count the samples within their class, so those of the classes collide. Map them back to places in
    y."""
    if not 2 <= k <= len(y):
        raise ValueError
    by_class = np.concatenate([rng.permutation(int((y == c).sum())) for c in np.unique(y)])
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def keeps_the_stratified_fold_in_training(y, k, rng):
    """Your train holds all the samples, those of the fold too: the model is validated on what it has seen."""
    if not 2 <= k <= len(y):
        raise ValueError
    shuffled = rng.permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    return [(by_class, by_class[i::k]) for i in range(k)]


@mistake(stratified_kfold_indices)
def stratifies_into_more_folds_than_samples(y, k, rng):
    """With more folds than samples some of your folds are empty: k > N must raise ValueError."""
    if k < 2:
        raise ValueError
    shuffled = rng.permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(stratified_kfold_indices)
def stratifies_by_the_global_generator(y, k, rng):
    """Your shuffle comes from numpy's global generator, not from the rng that is handed in."""
    if not 2 <= k <= len(y):
        raise ValueError
    shuffled = np.random.permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


@mistake(cross_validate)
def fits_each_model_on_all_the_data(fit, score, X, y, k, rng):
    """You fit on all the samples, so every model has seen the fold it is scored on: your scores are too good."""
    if not 2 <= k <= len(X):
        raise ValueError
    scores = []
    for val in np.array_split(rng.permutation(len(X)), k):
        model = fit(X, y)
        scores.append(score(model, X[val], y[val]))
    return np.array(scores)


@mistake(cross_validate)
def scores_each_model_on_its_training_rows(fit, score, X, y, k, rng):
    """You score each model on the rows that it was fitted to: that is k times a training score."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i in range(k):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        model = fit(X[train], y[train])
        scores.append(score(model, X[train], y[train]))
    return np.array(scores)


@mistake(cross_validate)
def scores_each_model_on_all_the_data(fit, score, X, y, k, rng):
    """You score each model on all the samples, most of which it was fitted to. It is to be scored on its fold only."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i in range(k):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        model = fit(X[train], y[train])
        scores.append(score(model, X, y))
    return np.array(scores)


@mistake(cross_validate)
def fits_on_one_fold_and_scores_on_the_rest(fit, score, X, y, k, rng):
    """Train and validation are swapped: you fit on one fold and score on the other k − 1."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i in range(k):
        rest = np.concatenate(folds[:i] + folds[i + 1 :])
        model = fit(X[folds[i]], y[folds[i]])
        scores.append(score(model, X[rest], y[rest]))
    return np.array(scores)


@mistake(cross_validate)
def scales_all_the_data_before_splitting(fit, score, X, y, k, rng):
    """You scale X before it is split: the mean and std come from the validation rows too, which is leakage. Hand the
    rows on as they are."""
    if not 2 <= k <= len(X):
        raise ValueError
    X = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-8)
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i, val in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        model = fit(X[train], y[train])
        scores.append(score(model, X[val], y[val]))
    return np.array(scores)


@mistake(cross_validate)
def returns_the_mean_of_the_scores(fit, score, X, y, k, rng):
    """You return the mean of the scores. Asked are all k of them: their spread is half of what they tell."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i, val in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        scores.append(score(fit(X[train], y[train]), X[val], y[val]))
    return np.mean(scores)


@mistake(cross_validate)
def cross_validates_without_a_shuffle(fit, score, X, y, k, rng):
    """Your folds are blocks of consecutive rows: nothing is shuffled, so data sorted by class are trained on one class
    and scored on another."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(np.arange(len(X)), k)
    scores = []
    for i, val in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        scores.append(score(fit(X[train], y[train]), X[val], y[val]))
    return np.array(scores)


@mistake(cross_validate)
def scores_every_fold_with_the_last_model(fit, score, X, y, k, rng):
    """You score all folds with the same model, the last. It was fitted to all of them but one: each fold needs the
    model that has not seen it."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(rng.permutation(len(X)), k)
    for i in range(k):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        model = fit(X[train], y[train])
    return np.array([score(model, X[val], y[val]) for val in folds])


@mistake(cross_validate)
def shuffles_x_and_y_apart(fit, score, X, y, k, rng):
    """You shuffle X and y each on its own: the rows no longer belong to their targets. Shuffle the row numbers
    once."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = list(zip(np.array_split(rng.permutation(X), k), np.array_split(rng.permutation(y), k), strict=True))
    scores = []
    for i in range(k):
        rest = folds[:i] + folds[i + 1 :]
        model = fit(np.concatenate([x for x, _ in rest]), np.concatenate([t for _, t in rest]))
        scores.append(score(model, *folds[i]))
    return np.array(scores)


@mistake(cross_validate)
def shuffles_anew_for_every_score(fit, score, X, y, k, rng):
    """You shuffle anew for every fold, so the folds overlap: some samples are scored twice and others never."""
    if not 2 <= k <= len(X):
        raise ValueError
    scores = []
    for i in range(k):
        folds = np.array_split(rng.permutation(len(X)), k)
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        scores.append(score(fit(X[train], y[train]), X[folds[i]], y[folds[i]]))
    return np.array(scores)


@mistake(cross_validate)
def never_scores_the_remainder(fit, score, X, y, k, rng):
    """Your folds all have N // k samples, so the N % k that remain are never scored."""
    if not 2 <= k <= len(X):
        raise ValueError
    order, size = rng.permutation(len(X)), len(X) // k
    scores = []
    for i in range(k):
        val = order[i * size : (i + 1) * size]
        train = np.setdiff1d(order, val)
        scores.append(score(fit(X[train], y[train]), X[val], y[val]))
    return np.array(scores)


@mistake(cross_validate)
def cross_validates_with_any_k(fit, score, X, y, k, rng):
    """You do not look at k: with more folds than samples some folds are empty, and your scores mean nothing. Asked is
    a ValueError."""
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i, val in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        scores.append(score(fit(X[train], y[train]), X[val], y[val]))
    return np.array(scores)


@mistake(cross_validate)
def cross_validates_by_the_global_generator(fit, score, X, y, k, rng):
    """Your shuffle comes from numpy's global generator, not from the rng that is handed in."""
    if not 2 <= k <= len(X):
        raise ValueError
    folds = np.array_split(np.random.permutation(len(X)), k)
    scores = []
    for i, val in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        scores.append(score(fit(X[train], y[train]), X[val], y[val]))
    return np.array(scores)


@mistake(train_val_test_split)
def cuts_the_sizes_off(n, val_fraction, test_fraction, rng):
    """Your sizes are cut off, not rounded: 2.8 becomes 2, and 100 · 0.29 becomes 28."""
    order = rng.permutation(n)
    n_val, n_test = int(n * val_fraction), int(n * test_fraction)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake(train_val_test_split)
def rounds_the_sizes_up(n, val_fraction, test_fraction, rng):
    """Your sizes are rounded up: 2.2 becomes 3. Asked is the nearest integer."""
    order = rng.permutation(n)
    n_val, n_test = math.ceil(n * val_fraction), math.ceil(n * test_fraction)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake(train_val_test_split)
def takes_val_as_a_fraction_of_what_test_leaves(n, val_fraction, test_fraction, rng):
    """You split twice, and the second fraction is of what the first has left. Both are fractions of all n samples."""
    order = rng.permutation(n)
    n_test = round(n * test_fraction)
    n_val = round((n - n_test) * val_fraction)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake(train_val_test_split)
def returns_test_before_val(n, val_fraction, test_fraction, rng):
    """You return train, test, val; asked is train, val, test."""
    order = rng.permutation(n)
    n_val, n_test = round(n * val_fraction), round(n * test_fraction)
    return order[n_val + n_test :], order[n_val : n_val + n_test], order[:n_val]


@mistake(train_val_test_split)
def cuts_the_three_parts_unshuffled(n, val_fraction, test_fraction, rng):
    """Your parts are blocks of consecutive samples: nothing is shuffled."""
    order = np.arange(n)
    n_val, n_test = round(n * val_fraction), round(n * test_fraction)
    return order[: n - n_val - n_test], order[n - n_val - n_test : n - n_test], order[n - n_test :]


@mistake(train_val_test_split)
def cuts_from_the_end_with_minus_zero(n, val_fraction, test_fraction, rng):
    """You cut from the end with negative places. With a size of 0 that place is −0, which is the beginning: the wrong
    part comes out empty, or whole."""
    order = rng.permutation(n)
    n_val, n_test = round(n * val_fraction), round(n * test_fraction)
    rest, test = order[:-n_test], order[-n_test:]
    return rest[:-n_val], rest[-n_val:], test


@mistake(train_val_test_split)
def takes_all_from_minus_zero_on_for_test(n, val_fraction, test_fraction, rng):
    """Your test part is the end of the order, from −size on. At size 0 that is −0, the beginning: all are in test."""
    order = rng.permutation(n)
    n_val, n_test = round(n * val_fraction), round(n * test_fraction)
    return order[: n - n_val - n_test], order[n - n_val - n_test : n - n_test], order[-n_test:]


@mistake(train_val_test_split)
def takes_test_as_a_fraction_of_what_val_leaves(n, val_fraction, test_fraction, rng):
    """Your test fraction is one of what val has left. It is one of all n samples, as val's is."""
    order = rng.permutation(n)
    n_val = round(n * val_fraction)
    n_test = round((n - n_val) * test_fraction)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake(train_val_test_split)
def draws_val_and_test_apart(n, val_fraction, test_fraction, rng):
    """You draw val and test each from all the samples, so some are in both. Shuffle once, then cut."""
    val = rng.permutation(n)[: round(n * val_fraction)]
    test = rng.permutation(n)[: round(n * test_fraction)]
    return np.setdiff1d(np.arange(n), [*val, *test]), val, test


@mistake(train_val_test_split)
def splits_by_the_global_generator(n, val_fraction, test_fraction, rng):
    """Your shuffle comes from numpy's global generator, not from the rng that is handed in."""
    order = np.random.permutation(n)
    n_val, n_test = round(n * val_fraction), round(n * test_fraction)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake(bootstrap_indices)
def bootstraps_without_replacement(n, rng):
    """Your draws are without replacement, so every sample is in exactly once: all the members would be trained on the
    same data."""
    return rng.choice(n, size=n, replace=False)


@mistake(bootstrap_indices)
def never_draws_the_last_sample(n, rng):
    """Your draws never reach the last sample, n − 1. The upper end of rng.integers is already left out."""
    return rng.integers(0, max(n - 1, 1), size=n)


@mistake(bootstrap_indices)
def draws_n_itself_too(n, rng):
    """Your draws reach n, which is no sample: they end at n − 1."""
    return rng.integers(0, n, size=n, endpoint=True)


@mistake(bootstrap_indices)
def rounds_a_uniform_draw(n, rng):
    """You round a uniform number from 0 to n − 1: the first and the last sample come half as often as the others."""
    return np.round(rng.random(n) * (n - 1)).astype(int)


@mistake(bootstrap_indices)
def leaves_the_draws_as_floats(n, rng):
    """Your draws are floats: they cannot index an array."""
    return np.floor(rng.random(n) * n)


@mistake(bootstrap_indices)
def keeps_each_drawn_sample_once(n, rng):
    """You keep each drawn sample once. A bootstrap sample has n entries, the repetitions among them."""
    return np.unique(rng.integers(n, size=n))


@mistake(bootstrap_indices)
def returns_how_often_each_is_drawn(n, rng):
    """You return how often each sample was drawn. Asked are the numbers of the samples themselves."""
    return np.bincount(rng.integers(n, size=n), minlength=n)


@mistake(bootstrap_indices)
def takes_632_per_cent_without_replacement(n, rng):
    """You take a fixed 63.2 % of the samples, each once. That share is what n draws with replacement come to by
    themselves, on average, with their repetitions."""
    return rng.permutation(n)[: round(0.632 * n)]


@mistake(bootstrap_indices)
def bootstraps_by_the_global_generator(n, rng):
    """Your draws come from numpy's global generator, not from the rng that is handed in."""
    return np.random.randint(0, n, size=n)


@mistake(out_of_bag_indices)
def returns_what_is_in_the_bag(n, sample):
    """You return the samples that were drawn; asked are the others."""
    return np.unique(sample)


@mistake(out_of_bag_indices)
def returns_a_mask_of_the_missing(n, sample):
    """You return a boolean for each sample. Asked are the numbers of the missing ones."""
    missing = np.ones(n, dtype=bool)
    missing[sample] = False
    return missing


@mistake(out_of_bag_indices)
def counts_up_to_the_samples_length(n, sample):
    """You count up to the length of the sample, not to n: they are equal only for a bootstrap sample of size n."""
    return np.setdiff1d(np.arange(len(sample)), sample)


@mistake(out_of_bag_indices)
def counts_up_to_the_largest_drawn(n, sample):
    """You count up to the largest number that was drawn: samples beyond it are missing too."""
    return np.flatnonzero(np.bincount(sample) == 0)


@mistake(out_of_bag_indices)
def takes_drawn_once_for_missing(n, sample):
    """Samples that were drawn exactly once are out of bag with you. Once is enough to have been seen."""
    return np.flatnonzero(np.bincount(sample, minlength=n) <= 1)


@mistake(out_of_bag_indices)
def compares_place_by_place(n, sample):
    """You compare number i with the i-th draw only. It may have been drawn at any place."""
    return np.array([i for i in range(n) if i >= len(sample) or sample[i] != i], dtype=int)


@mistake(out_of_bag_indices)
def returns_an_empty_array_of_floats(n, sample):
    """Where nothing is missing you return an empty array of floats: np.array of an empty list has no other dtype to go
    by, and it cannot index an array."""
    return np.array([i for i in range(n) if i not in sample])


@mistake(ensemble_predict)
def sums_the_members_predictions(predictions, vote="soft"):
    """Your soft vote is the sum over the members; asked is their mean."""
    if vote == "soft":
        return predictions.sum(axis=0)
    chosen = predictions.argmax(axis=2)
    return (chosen[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def averages_over_the_samples(predictions, vote="soft"):
    """Your soft vote averages over the samples, axis 1. The members are axis 0."""
    if vote == "soft":
        return predictions.mean(axis=1)
    chosen = predictions.argmax(axis=2)
    return (chosen[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def chooses_a_class_in_the_soft_vote(predictions, vote="soft"):
    """Your soft vote goes on to choose a class. Asked is the mean itself, of shape (N, K)."""
    if vote == "soft":
        return predictions.mean(axis=0).argmax(axis=1)
    chosen = predictions.argmax(axis=2)
    return (chosen[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def normalizes_the_soft_vote(predictions, vote="soft"):
    """You divide the mean by its sum over the classes. Predictions may be scores that do not add up to 1: the mean is
    all that is asked."""
    if vote == "soft":
        mean = predictions.mean(axis=0)
        return mean / mean.sum(axis=1, keepdims=True)
    chosen = predictions.argmax(axis=2)
    return (chosen[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def takes_the_argmax_of_the_mean_for_the_hard_vote(predictions, vote="soft"):
    """Your hard vote is the argmax of the mean: one very sure member outweighs two others. In a hard vote each member
    has one vote."""
    mean = predictions.mean(axis=0)
    return mean if vote == "soft" else mean.argmax(axis=1)


@mistake(ensemble_predict)
def averages_the_class_numbers(predictions, vote="soft"):
    """You average the numbers of the chosen classes: classes 0 and 2 make 1 then, which nobody chose. Count the votes
    instead."""
    if vote == "soft":
        return predictions.mean(axis=0)
    return np.round(predictions.argmax(axis=2).mean(axis=0)).astype(int)


@mistake(ensemble_predict)
def takes_the_median_of_the_class_numbers(predictions, vote="soft"):
    """You take the median of the chosen classes' numbers. Their order means nothing: the class with most votes wins."""
    if vote == "soft":
        return predictions.mean(axis=0)
    return np.sort(predictions.argmax(axis=2), axis=0)[(len(predictions) - 1) // 2]


@mistake(ensemble_predict)
def gives_a_tied_vote_to_the_highest_class(predictions, vote="soft"):
    """Of classes with equally many votes you choose the highest; asked is the lowest."""
    if vote == "soft":
        return predictions.mean(axis=0)
    classes = predictions.shape[2]
    counts = (predictions.argmax(axis=2)[:, :, None] == np.arange(classes)).sum(axis=0)
    return classes - 1 - counts[:, ::-1].argmax(axis=1)


@mistake(ensemble_predict)
def gives_a_tied_vote_to_the_first_member(predictions, vote="soft"):
    """Of classes with equally many votes you choose the one that was voted for first. Asked is the lowest: the order of
    the members must not matter."""
    if vote == "soft":
        return predictions.mean(axis=0)
    return np.array([max(column, key=column.count) for column in predictions.argmax(axis=2).T.tolist()])


@mistake(ensemble_predict)
def gives_a_tied_vote_to_the_surer_class(predictions, vote="soft"):
    """You settle a tie of votes by the mean prediction. It goes to the lowest class, however sure the members are."""
    mean = predictions.mean(axis=0)
    if vote == "soft":
        return mean
    counts = (predictions.argmax(axis=2)[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0)
    return np.where(counts == counts.max(axis=1, keepdims=True), mean, -np.inf).argmax(axis=1)


@mistake(ensemble_predict)
def lets_a_member_vote_for_all_its_highest(predictions, vote="soft"):
    """A member with several equally high predictions votes for all of them with you. It has one vote, for the lowest
    of these classes."""
    if vote == "soft":
        return predictions.mean(axis=0)
    return (predictions == predictions.max(axis=2, keepdims=True)).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def lets_a_member_choose_its_last_highest(predictions, vote="soft"):
    """Of a member's equal predictions you take the last class; asked is the lowest."""
    if vote == "soft":
        return predictions.mean(axis=0)
    classes = predictions.shape[2]
    chosen = classes - 1 - predictions[:, :, ::-1].argmax(axis=2)
    return (chosen[:, :, None] == np.arange(classes)).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def adds_the_members_up_in_float64(predictions, vote="soft"):
    """Your soft vote is float64 even for float32 predictions: the array you add them up in was made without their
    dtype."""
    if vote == "soft":
        total = np.zeros(predictions.shape[1:])
        for member in predictions:
            total += member / len(predictions)
        return total
    chosen = predictions.argmax(axis=2)
    return (chosen[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0).argmax(axis=1)


@mistake(ensemble_predict)
def returns_the_counts_of_the_hard_vote(predictions, vote="soft"):
    """Your hard vote ends with the counts of the votes. Asked is the winner: one class for each sample."""
    if vote == "soft":
        return predictions.mean(axis=0)
    return (predictions.argmax(axis=2)[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0)


@mistake(max_norm)
def bounds_the_rows(W, c):
    """You bound the rows. The weights into one unit are a column of (D, M), so the lengths are sums over axis 0."""
    return W * (c / np.maximum(np.linalg.norm(W, axis=1, keepdims=True), c))


@mistake(max_norm)
def bounds_the_whole_matrix(W, c):
    """You bound the length of the whole matrix. Asked is every column on its own."""
    return W * (c / max(np.linalg.norm(W), c))


@mistake(max_norm)
def stretches_short_columns_too(W, c):
    """You bring every column to length c, short ones too. Those within c stay as they are."""
    norms = np.linalg.norm(W, axis=0)
    return W * (c / np.where(norms > 0, norms, 1))


@mistake(max_norm)
def clips_the_entries_at_c(W, c):
    """You clip each entry at ±c: that bends the column's direction and bounds its largest entry, not its length."""
    return np.clip(W, -c, c)


@mistake(max_norm)
def forgets_the_root_of_the_length(W, c):
    """Your length is the sum of squares: its root is missing."""
    return W * (c / np.maximum((1.0 * W**2).sum(axis=0), c))


@mistake(max_norm)
def bounds_the_sum_of_absolute_weights(W, c):
    """Your length is the sum of absolute values, the L1 norm. Asked is the Euclidean one."""
    return W * (c / np.maximum(np.abs(W).sum(axis=0), c))


@mistake(max_norm)
def adds_a_small_number_to_the_length(W, c):
    """You add a small number to the length before you divide by it: very short columns shrink with every update, though
    they are within c."""
    norms = np.linalg.norm(W, axis=0)
    return W * (np.minimum(norms, c) / (norms + 1e-7))


@mistake(max_norm)
def divides_zero_columns_by_zero(W, c):
    """Zero columns become NaN with you: their length is 0, and you divide by it."""
    norms = np.linalg.norm(W, axis=0)
    return W * (np.minimum(norms, c) / norms)


@mistake(max_norm)
def scales_the_columns_in_place(W, c):
    """You scale the columns of W itself: the caller's array changes."""
    norms = np.linalg.norm(W, axis=0)
    for j in range(W.shape[1]):
        if norms[j] > c:
            W[:, j] = W[:, j] * (c / norms[j])
    return W


@mistake(max_norm)
def scales_into_an_integer_copy(W, c):
    """For integer weights you write the scaled columns into an integer array, which cuts their decimals off."""
    norms = np.linalg.norm(W, axis=0)
    out = W.copy()
    for j in np.flatnonzero(norms > c):
        out[:, j] = W[:, j] * (c / norms[j])
    return out


@mistake(max_norm)
def scales_by_float64_lengths(W, c):
    """Your result is float64 even for float32 weights: the factors are float64 numbers."""
    norms = np.sqrt((W.astype(float) ** 2).sum(axis=0))
    return W * (c / np.maximum(norms, c))


@mistake(max_norm)
def divides_by_the_length_only(W, c):
    """You divide a column that is too long by its length, so it comes out with length 1. Asked is length c."""
    norms = np.linalg.norm(W, axis=0)
    return W / np.where(norms > c, norms, 1).astype(norms.dtype)
