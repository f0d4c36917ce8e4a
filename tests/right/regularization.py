"""Unit 06: other right answers."""

import math

import numpy as np

from tests.right import right


@right("matrix_norms")
def norms_from_numpy(W):
    W = np.asarray(W, dtype=float)
    return {
        "l0": (W != 0).sum(),
        "l1": np.linalg.norm(W.ravel(), 1),
        "frobenius": np.linalg.norm(W),
        "nuclear": np.linalg.norm(W, "nuc"),
        "spectral": np.linalg.norm(W, 2),
    }


@right("matrix_norms")
def norms_by_loops_and_eigenvalues(W):
    W = np.asarray(W, dtype=float)
    entries = [float(entry) for row in W for entry in row]
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh(W.T @ W), 0))
    return {
        "l0": len([entry for entry in entries if entry]),
        "l1": sum(abs(entry) for entry in entries),
        "frobenius": math.sqrt(sum(entry**2 for entry in entries)),
        "nuclear": roots.sum(),
        "spectral": roots.max(),
    }


@right("l2_penalty")
def l2_by_a_dot_product(W, lam):
    v = W.ravel() if W.dtype.kind == "f" else W.ravel().astype(float)
    return float(lam * (v @ v) / 2), lam * v.reshape(W.shape)


@right("l2_penalty")
def l2_by_loops(W, lam):
    return lam * sum(float(v) ** 2 for v in W.flat) / 2, W * lam


@right("l1_penalty")
def l1_by_masks(W, lam):
    grad = np.zeros_like(W, dtype=W.dtype if W.dtype.kind == "f" else float)
    grad[W > 0] += lam
    grad[W < 0] -= lam
    return lam * (W * grad).sum() / (lam or 1.0), grad


@right("l1_penalty")
def l1_by_the_two_sides(W, lam):
    positive, negative = W > 0, W < 0
    return lam * float(W[positive].sum() - W[negative].sum()), lam * (positive * W.dtype.type(1) - negative)


@right("elastic_net_penalty")
def elastic_net_by_two_strengths(W, lam, l1_ratio):
    l1, l2 = lam * l1_ratio, lam - lam * l1_ratio
    W = W if W.dtype.kind == "f" else W.astype(float)
    return l1 * np.linalg.norm(W.ravel(), 1) + l2 / 2 * np.linalg.norm(W.ravel()) ** 2, l1 * np.sign(W) + l2 * W


@right("elastic_net_penalty")
def elastic_net_entry_by_entry(W, lam, l1_ratio):
    loss, grad = 0.0, np.empty(W.shape, W.dtype if W.dtype.kind == "f" else float)
    for place, v in np.ndenumerate(W):
        loss += lam * l1_ratio * abs(float(v)) + lam * (1 - l1_ratio) * float(v) ** 2 / 2
        grad[place] = lam * l1_ratio * ((v > 0) * 1.0 - (v < 0) * 1.0) + lam * (1 - l1_ratio) * float(v)
    return loss, grad


@right("soft_threshold")
def soft_by_sign_and_maximum(w, t):
    return np.sign(w) * np.maximum(np.abs(w) - t, 0)  # −0.0 where w is negative and small


@right("soft_threshold")
def soft_by_two_hinges(w, t):
    return np.maximum(w - t, 0) - np.maximum(-w - t, 0)


@right("soft_threshold")
def soft_by_branches(w, t):
    out = np.zeros(w.shape, w.dtype if w.dtype.kind == "f" else float)
    for place, v in np.ndenumerate(w):
        if v > t:
            out[place] = v - t
        elif v < -t:
            out[place] = v + t
    return out


@right("hard_threshold")
def hard_by_a_mask(w, t):
    return w * (np.abs(w) > t)


@right("hard_threshold")
def hard_on_a_copy(w, t):
    out = w.copy()
    out[(w <= t) & (w >= -t)] = 0
    return out


@right("ridge")
def ridge_by_the_normal_equations(X, y, lam):
    X = X if X.dtype.kind == "f" else X.astype(float)
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1], dtype=X.dtype), X.T @ y)


@right("ridge")
def ridge_by_cholesky(X, y, lam):
    X = 1.0 * X
    L = np.linalg.cholesky(X.T @ X + lam * np.eye(X.shape[1], dtype=X.dtype))
    return np.linalg.solve(L.T, np.linalg.solve(L, X.T @ y))


@right("ridge")
def ridge_by_singular_values(X, y, lam):
    U, s, Vt = np.linalg.svd(1.0 * X, full_matrices=False)
    return Vt.T @ (s / (s**2 + lam) * (U.T @ y))


@right("ridge")
def ridge_by_eigenvectors(X, y, lam):
    X = 1.0 * X
    values, V = np.linalg.eigh(X.T @ X)
    return V @ ((V.T @ (X.T @ y)) / (values + lam))


@right("ridge")
def ridge_by_qr_of_the_longer_matrix(X, y, lam):
    X = 1.0 * X
    D = X.shape[1]
    Q, R = np.linalg.qr(np.vstack([X, math.sqrt(lam) * np.eye(D, dtype=X.dtype)]))
    return np.linalg.solve(R, Q[: len(X)].T @ y)


@right("ridge")
def ridge_by_solving_for_every_sample(X, y, lam):
    # Not against the identity: D × N right sides, of which y takes a mixture.
    X = 1.0 * X
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1], dtype=X.dtype), X.T) @ y


@right("ridge")
def ridge_in_the_samples_where_there_are_few(X, y, lam):
    X, y = 1.0 * X, 1.0 * y
    if lam == 0 or len(X) >= X.shape[1]:
        return np.linalg.lstsq(X.T @ X + lam * np.eye(X.shape[1], dtype=X.dtype), X.T @ y, rcond=None)[0]
    return X.T @ np.linalg.solve(X @ X.T + lam * np.eye(len(X), dtype=X.dtype), y)


@right("condition_number")
def condition_by_eigenvalues(X, lam):
    X = np.asarray(X, dtype=float)
    values = np.linalg.eigvalsh(X.T @ X + lam * np.eye(X.shape[1]))
    return values[-1] / values[0]


@right("condition_number")
def condition_of_the_whole_matrix(X, lam):
    X = 1.0 * X
    return np.linalg.cond(X.T @ X + lam * np.eye(X.shape[1]))


@right("condition_number")
def condition_by_singular_values(X, lam):
    s = np.linalg.svd(1.0 * X, compute_uv=False)
    least = s[-1] ** 2 if len(X) >= X.shape[1] else 0.0
    return (s[0] ** 2 + lam) / (least + lam)


@right("lasso_ista")
def lasso_by_sign_and_maximum(X, y, lam, steps):
    X = 1.0 * X
    s = 1 / np.linalg.svd(X, compute_uv=False)[0] ** 2
    w = np.zeros(X.shape[1], X.dtype)
    for _ in range(steps):
        v = w + s * X.T @ (y - X @ w)
        w = np.sign(v) * np.maximum(np.abs(v) - s * lam, 0)
    return w


@right("lasso_ista")
def lasso_from_the_gram_matrix(X, y, lam, steps):
    X = 1.0 * X
    G, b = X.T @ X, X.T @ y
    top = np.linalg.eigvalsh(G)[-1]
    w = np.zeros_like(b)
    for _ in range(steps):
        v = w - (G @ w - b) / top
        w = np.where(v > lam / top, v - lam / top, np.where(v < -lam / top, v + lam / top, 0))
    return w


@right("lasso_ista")
def lasso_weight_by_weight(X, y, lam, steps):
    dtype = X.dtype if X.dtype.kind == "f" else float
    s = 1 / float(np.linalg.norm(X.astype(float), 2)) ** 2
    w = [0.0] * X.shape[1]
    for _ in range(steps):
        residual = X @ np.array(w) - y
        v = [w[j] - s * float(X[:, j] @ residual) for j in range(len(w))]
        w = [math.copysign(max(abs(z) - s * lam, 0), z) for z in v]
    return np.array(w, dtype)


@right("lagrange_minimize")
def lagrange_by_elimination(a, B, c):
    B = 1.0 * B
    m = np.linalg.solve(B @ B.T, B @ a - c)
    return a - B.T @ m, m


@right("lagrange_minimize")
def lagrange_by_the_shortest_correction(a, B, c):
    B = 1.0 * B
    x = a + np.linalg.lstsq(B, c - B @ a, rcond=None)[0]
    return x, np.linalg.lstsq(B.T, a - x, rcond=None)[0]


@right("lagrange_minimize")
def lagrange_by_a_rotated_basis(a, B, c):
    Q, R = np.linalg.qr(1.0 * B.T)
    u = np.linalg.solve(R.T, c) - Q.T @ a
    return a + Q @ u, -np.linalg.solve(R, u)


@right("dropout_forward")
def dropout_by_binomial_draws(x, p, training, rng):
    if not training:
        return x, None
    mask = rng.binomial(1, 1 - p, size=x.shape).astype(bool)
    out = np.zeros(x.shape, dtype=x.dtype if x.dtype.kind == "f" else float)
    out[mask] = x[mask] / (1 - p) if p < 1 else 0
    return out, mask


@right("dropout_forward")
def dropout_one_entry_at_a_time(x, p, training, rng):
    if not training:
        return x.copy(), None
    mask, out = np.zeros(x.shape, dtype=bool), (1.0 * x).astype((1.0 * x).dtype)
    for place in np.ndindex(x.shape):
        mask[place] = rng.uniform() < 1 - p
        out[place] = out[place] / (1 - p) if mask[place] else 0
    return out, mask


@right("dropout_backward")
def dropout_gradient_by_assignment(dout, mask, p):
    dx = dout.copy()
    if mask is not None:
        dx[~mask] = 0
        dx = dx / (1 - p) if p < 1 else dx
    return dx


@right("dropout_backward")
def dropout_gradient_with_a_cast_mask(dout, mask, p):
    if mask is None:
        return dout
    return dout * mask.astype(dout.dtype) / max(1 - p, 1e-12)


@right("dropout_weight_scaling")
def weight_scaling_by_a_cast_mask(x, p, training, rng):
    if training:
        return x * (rng.random(x.shape) > p).astype(x.dtype)
    return x - p * x


@right("dropout_weight_scaling")
def weight_scaling_by_choice(x, p, training, rng):
    if training:
        return x * rng.choice(np.array([0, 1], dtype=x.dtype), size=x.shape, p=[p, 1 - p])
    return x * (1 - p)


@right("mc_dropout")
def monte_carlo_by_running_sums(predict, x, samples, rng):
    mean = square = 0.0
    for count in range(1, samples + 1):
        y = predict(x, rng)
        step = y - mean
        mean = mean + step / count
        square = square + step * (y - mean)
    return mean, np.sqrt(square / samples)


@right("mc_dropout")
def monte_carlo_by_mean_of_squares(predict, x, samples, rng):
    y = np.array([predict(x, rng) for _ in range(samples)])
    mean = np.mean(y, axis=0)
    return mean, np.sqrt(np.maximum(np.mean(y**2, axis=0) - mean**2, 0))


@right("dropconnect_forward")
def dropconnect_with_one_output_at_a_time(x, W, b, p, rng):
    mask = np.zeros(W.shape, dtype=bool)
    out = np.zeros((len(x), W.shape[1]), dtype=np.result_type(1.0 * x, W))
    for j in range(W.shape[1]):
        mask[:, j] = rng.random(len(W)) < 1 - p
        out[:, j] = x[:, mask[:, j]] @ W[mask[:, j], j] / (1 - p) + b[j]
    return out, mask


@right("dropconnect_forward")
def dropconnect_by_einsum(x, W, b, p, rng):
    mask = ~(rng.uniform(size=W.shape) < p)
    x = 1.0 * x
    return np.einsum("nd,dm,dm->nm", x, W.astype(x.dtype), mask.astype(x.dtype)) / (1 - p) + b.astype(x.dtype), mask


@right("spatial_dropout")
def spatial_dropout_channel_by_channel(x, p, rng):
    out = 1.0 * x
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[n, c] = 0 if rng.random() < p else out[n, c] / (1 - p)
    return out


@right("spatial_dropout")
def spatial_dropout_with_a_scaled_mask(x, p, rng):
    x = 1.0 * x
    mask = (rng.random(x.shape[:2]) > p).astype(x.dtype) / (1 - p)
    return x * mask[..., None, None]


@right("stochastic_depth")
def stochastic_depth_computes_the_branch_always(x, branch, p, training, rng):
    y = branch(x)
    if training:
        y = y * 0 if rng.uniform() < p else y / (1 - p)
    return x + y


@right("stochastic_depth")
def stochastic_depth_with_a_gate(x, branch, p, training, rng):
    gate = int(rng.binomial(1, 1 - p)) / (1 - p) if training else 1
    return x + gate * branch(x) if gate else x.copy()


@right("cutout")
def cutout_with_slices_around_a_centre(images, size, rng):
    out = images.copy()
    for image in out:
        top, left = (int(rng.integers(length)) - size // 2 for length in image.shape[1:])
        image[:, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 0
    return out


@right("cutout")
def cutout_always_inside(images, size, rng):
    n, _, h, w = images.shape
    out = images.copy()
    for i in range(n):
        left, top = rng.integers(w - size + 1), rng.integers(h - size + 1)
        out[i, :, top : top + size, left : left + size] = 0
    return out


@right("cutout")
def cutout_with_the_other_middle_of_even_squares(images, size, rng):
    out = images.copy()
    for image in out:
        top, left = (math.floor(rng.random() * length) - max(size - 1, 0) // 2 for length in image.shape[1:])
        image[:, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 0
    return out


@right("dropblock_mask")
def dropblock_with_one_slice_for_each_block(shape, p, size, rng):
    n, c, h, w = shape
    gamma = p * h * w / size**2 / (h - size + 1) / (w - size + 1)
    mask = np.ones(shape, dtype=int)
    starts = rng.random((h - size + 1, w - size + 1, n, c)) < gamma
    for top, left, i, k in np.argwhere(starts):
        mask[i, k, top : top + size, left : left + size] = 0
    return mask


@right("dropblock_mask")
def dropblock_as_a_windowed_maximum(shape, p, size, rng):
    h, w = shape[2:]
    gamma = p * h * w / (size * size * (h - size + 1) * (w - size + 1))
    starts = rng.binomial(1, gamma, size=(*shape[:2], h - size + 1, w - size + 1)).astype(float)
    framed = np.pad(starts, ((0, 0), (0, 0), (size - 1, size - 1), (size - 1, size - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(framed, (size, size), axis=(2, 3))
    return 1.0 - windows.max(axis=(4, 5))


@right("mixup")
def mixup_with_the_order_first(x, y, alpha, rng):
    if not alpha:
        return x.copy(), y.copy()
    order = np.argsort(rng.random(len(x)))
    lam = float(rng.beta(alpha, alpha))
    return x[order] + lam * (x - 1.0 * x[order]).astype(x.dtype if x.dtype.kind == "f" else float), (
        (1 - lam) * y[order] + lam * y
    )


@right("mixup")
def mixup_with_the_shares_exchanged(x, y, alpha, rng):
    if alpha == 0:
        return x, y
    lam = rng.beta(alpha, alpha)
    order = rng.permutation(len(x))
    return (1 - lam) * x + lam * x[order], (1 - lam) * y + lam * y[order]


@right("random_flip")
def random_flip_with_a_loop(images, rng):
    out = images.copy()
    for n in range(len(out)):
        if rng.integers(2):
            out[n] = np.fliplr(images[n].transpose(1, 2, 0)).transpose(2, 0, 1)
    return out


@right("random_flip")
def random_flip_by_a_boolean_index(images, rng):
    out, flip = images.copy(), rng.uniform(size=len(images)) < 0.5
    out[flip] = out[flip][..., ::-1]
    return out


@right("random_shift")
def random_shift_with_slices(images, limit, rng):
    h, w = images.shape[2:]
    out = np.zeros_like(images)
    for n, image in enumerate(images):
        across, down = (int(rng.integers(-limit, limit + 1)) for _ in range(2))
        if abs(down) < h and abs(across) < w:
            out[n, :, max(down, 0) : h + min(down, 0), max(across, 0) : w + min(across, 0)] = image[
                :, max(-down, 0) : h - max(down, 0), max(-across, 0) : w - max(across, 0)
            ]
    return out


@right("random_shift")
def random_shift_of_a_framed_image(images, limit, rng):
    n, _, h, w = images.shape
    framed = np.pad(images, [(0, 0), (0, 0), (limit, limit), (limit, limit)])
    tops, lefts = rng.integers(0, 2 * limit, size=n, endpoint=True), rng.integers(0, 2 * limit + 1, size=n)
    pieces = [f[:, t : t + h, s : s + w] for f, t, s in zip(framed, tops, lefts, strict=True)]
    return np.array(pieces, dtype=images.dtype).reshape(images.shape)


@right("random_crop")
def random_crop_with_slices(images, side, rng):
    n, c, h, w = images.shape
    out = np.empty((n, c, side, side), dtype=images.dtype)
    for i in range(n):
        top, left = rng.integers(0, h - side, endpoint=True), rng.integers(0, w - side + 1)
        out[i] = images[i, :, top : top + side, left : left + side]
    return out


@right("random_crop")
def random_crop_by_index_arrays(images, side, rng):
    n, c, h, w = images.shape
    place = rng.integers((h - side + 1) * (w - side + 1), size=n)
    rows = (place // (w - side + 1))[:, None] + np.arange(side)
    columns = (place % (w - side + 1))[:, None] + np.arange(side)
    return images[
        np.arange(n)[:, None, None, None], np.arange(c)[:, None, None], rows[:, None, :, None], columns[:, None, None]
    ]


@right("early_stopping")
def stopping_by_a_list_of_better_epochs(val_losses, patience, min_delta=0.0):
    better = [-1]
    bar = np.inf
    for epoch in range(len(val_losses)):
        if bar - val_losses[epoch] > min_delta:
            bar = val_losses[epoch]
            better.append(epoch)
        if epoch - better[-1] >= patience:
            break
    return epoch, max(better[-1], 0)


@right("early_stopping")
def stopping_with_nan_made_infinite(val_losses, patience, min_delta=0.0):
    losses = np.nan_to_num(np.asarray(val_losses, dtype=float), nan=np.inf, posinf=np.inf)
    best, left, epoch = None, patience, 0
    while True:
        if np.isfinite(losses[epoch]) and (best is None or losses[epoch] < losses[best] - min_delta):
            best, left = epoch, patience
        else:
            left -= 1
        if left == 0 or epoch == len(losses) - 1:
            return np.int64(epoch), np.int64(best or 0)
        epoch += 1


@right("kfold_indices")
def folds_by_shuffled_numbers(n, k, rng):
    if k < 2 or k > n:
        raise ValueError("k")
    fold = np.arange(n) % k
    rng.shuffle(fold)
    return [(np.where(fold != i)[0], np.where(fold == i)[0]) for i in range(k)]


@right("kfold_indices")
def folds_in_pure_python(n, k, rng):
    if k < 2 or k > n:
        raise ValueError("k")
    order = sorted(range(n), key=dict(enumerate(rng.random(n))).get)
    folds = [order[i::k] for i in range(k)]
    return [(np.array([s for s in range(n) if s not in fold]), np.array(fold)) for fold in folds]


@right("stratified_kfold_indices")
def stratified_with_a_running_start(y, k, rng):
    if k < 2 or k > len(y):
        raise ValueError("k")
    fold, start = np.empty(len(y), dtype=int), 0
    for c in set(y.tolist()):
        own = np.flatnonzero(y == c)
        fold[rng.permutation(own)] = (start + np.arange(len(own))) % k
        start = (start + len(own)) % k
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]


@right("stratified_kfold_indices")
def stratified_with_leftovers_to_the_smallest_folds(y, k, rng):
    if k < 2 or k > len(y):
        raise ValueError("k")
    folds = [[] for _ in range(k)]
    for c in np.unique(y):
        own = list(rng.choice(np.flatnonzero(y == c), size=int((y == c).sum()), replace=False))
        while own:
            for fold in sorted(folds, key=len):
                if own:
                    fold.append(own.pop())
    return [(np.setdiff1d(np.arange(len(y)), fold), np.array(fold)) for fold in folds]


@right("cross_validate")
def cross_validation_by_masks(fit, score, X, y, k, rng):
    if not 1 < k <= len(X):
        raise ValueError("k")
    fold = rng.permutation(np.arange(len(X)) % k)
    return np.array([score(fit(X[fold != i], y[fold != i]), X[fold == i], y[fold == i]) for i in range(k)])


@right("cross_validate")
def cross_validation_of_models_fitted_first(fit, score, X, y, k, rng):
    n = X.shape[0]
    if k > n or k < 2:
        raise ValueError("k")
    order = np.arange(n)
    rng.shuffle(order)
    folds = [order[i::k] for i in range(k)]
    models = [fit(np.delete(X, fold, axis=0), np.delete(y, fold, axis=0)) for fold in folds]
    scores = np.zeros(k)
    for i in reversed(range(k)):
        scores[i] = score(models[i], X[folds[i]], y[folds[i]])
    return scores


@right("train_val_test_split")
def three_parts_by_split(n, val_fraction, test_fraction, rng):
    n_val, n_test = int(np.rint(n * val_fraction)), int(np.rint(n * test_fraction))
    n_train = n - n_val - n_test
    return tuple(np.split(rng.permutation(n), [n_train, n_train + n_val]))


@right("train_val_test_split")
def three_parts_drawn_one_after_the_other(n, val_fraction, test_fraction, rng):
    rest = np.arange(n)
    test = rng.choice(rest, math.floor(n * test_fraction + 0.5), replace=False)
    rest = np.setdiff1d(rest, test)
    val = rng.choice(rest, math.floor(n * val_fraction + 0.5), replace=False)
    return [np.setdiff1d(rest, val), val, test]


@right("bootstrap_indices")
def bootstrap_by_choice(n, rng):
    return rng.choice(np.arange(n), size=n, replace=True)


@right("bootstrap_indices")
def bootstrap_from_the_unit_interval(n, rng):
    return np.floor(n * rng.random(n)).astype(np.int32)


@right("bootstrap_indices")
def bootstrap_by_counts(n, rng):
    return np.repeat(np.arange(n), rng.multinomial(n, np.full(n, 1 / n)))


@right("out_of_bag_indices")
def out_of_bag_by_set_difference(n, sample):
    return np.setdiff1d(np.arange(n), sample)


@right("out_of_bag_indices")
def out_of_bag_by_sets(n, sample):
    return np.array(sorted(set(range(n)) - set(sample.tolist())), dtype=int)


@right("out_of_bag_indices")
def out_of_bag_by_counts(n, sample):
    return np.where(np.bincount(sample, minlength=n) == 0)[0]


@right("ensemble_predict")
def ensemble_by_bincount(predictions, vote="soft"):
    _, n, classes = predictions.shape
    if vote == "soft":
        return np.mean(predictions, axis=0)
    chosen = np.argmax(predictions, axis=-1)
    return np.array([np.bincount(chosen[:, i], minlength=classes).argmax() for i in range(n)])


@right("ensemble_predict")
def ensemble_one_sample_at_a_time(predictions, vote="soft"):
    if vote == "soft":
        return sum(predictions) / len(predictions)
    winners = []
    for sample in predictions.transpose(1, 0, 2).tolist():
        choices = [row.index(max(row)) for row in sample]
        winners.append(min(set(choices), key=lambda c, choices=choices: (-choices.count(c), c)))
    return np.array(winners)


@right("ensemble_predict")
def ensemble_by_one_hot_votes(predictions, vote="soft"):
    if vote == "soft":
        return np.einsum("mnk->nk", predictions) / predictions.shape[0]
    return np.eye(predictions.shape[-1])[predictions.argmax(-1)].sum(0).argmax(-1)


@right("max_norm")
def max_norm_column_by_column(W, c):
    out = W.astype(W.dtype if W.dtype.kind == "f" else float)
    for j in range(W.shape[1]):
        length = math.sqrt(sum(float(w) ** 2 for w in W[:, j]))
        if length > c:
            out[:, j] *= c / length
    return out


@right("max_norm")
def max_norm_by_where(W, c):
    norms = np.sqrt(np.sum(W**2, axis=0, keepdims=True))
    return np.where(norms > c, W * c / norms, W)


@right("max_norm")
def max_norm_by_the_smaller_of_one(W, c):
    with np.errstate(divide="ignore"):
        return W * np.minimum(1, c / np.linalg.norm(W, axis=0))
