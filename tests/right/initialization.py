"""Unit 04: other right answers."""

import math
from statistics import NormalDist

import numpy as np

from tests.right import right


@right("standardize")
def standardize_feature_by_feature(X_train, X_test, eps=1e-8):
    dtype = X_train.dtype if X_train.dtype.kind == "f" else float
    train, test = np.zeros(X_train.shape, dtype), np.zeros(X_test.shape, dtype)
    for d in range(X_train.shape[1]):
        column = X_train[:, d].tolist()
        mean = sum(column) / len(column)
        std = math.sqrt(sum((x - mean) ** 2 for x in column) / len(column))
        train[:, d], test[:, d] = (X_train[:, d] - mean) / (std + eps), (X_test[:, d] - mean) / (std + eps)
    return train, test


@right("standardize")
def standardize_by_the_mean_of_squares(X_train, X_test, eps=1e-8):
    dtype = X_train.dtype if X_train.dtype.kind == "f" else np.dtype(float)
    X = X_train.astype(float)
    mean = X.sum(axis=0, keepdims=True) / len(X)
    scale = 1 / (np.maximum((X**2).mean(axis=0) - mean**2, 0) ** 0.5 + eps)
    return ((X - mean) * scale).astype(dtype), ((X_test - mean) * scale).astype(dtype)


@right("standardize")
def standardize_by_a_helper(X_train, X_test, eps=1e-8):
    statistics = np.mean(X_train, 0), np.std(X_train, 0)
    return [(X - statistics[0]) / (statistics[1] + eps) for X in (X_train, X_test)]


@right("min_max_scale")
def min_max_with_a_repaired_range(X_train, X_test):
    if X_train.dtype.kind != "f":
        X_train, X_test = X_train.astype(float), X_test.astype(float)
    low, span = X_train.min(axis=0), np.ptp(X_train, axis=0)
    span[span == 0] = 1
    return (X_train - low) / span, (X_test - low) / span


@right("min_max_scale")
def min_max_feature_by_feature(X_train, X_test):
    dtype = X_train.dtype if X_train.dtype.kind == "f" else float
    train, test = X_train.astype(dtype), X_test.astype(dtype)
    for d in range(X_train.shape[1]):
        low, high = float(X_train[:, d].min()), float(X_train[:, d].max())
        for part in (train, test):
            part[:, d] -= low
            if high != low:
                part[:, d] /= high - low
    return train, test


@right("subtract_mean_image")
def mean_image_by_a_sum(X):
    dtype = X.dtype if X.dtype.kind == "f" else float
    mean = X.astype(dtype).sum(axis=0) / X.shape[0]
    return X.astype(dtype) - mean[None], mean


@right("subtract_mean_image")
def mean_image_one_image_at_a_time(X):
    X = X if X.dtype.kind == "f" else X.astype(np.float64)
    mean = np.zeros_like(X[0])
    for image in X:
        mean += image / len(X)
    return np.stack([image - mean for image in X]), mean


@right("subtract_channel_mean")
def channel_means_of_flattened_images(X):
    X = X if X.dtype.kind == "f" else X.astype(float)
    mean = X.transpose(1, 0, 2, 3).reshape(X.shape[1], -1).mean(axis=1)
    return X - mean.reshape(1, -1, 1, 1), mean


@right("subtract_channel_mean")
def channel_means_one_channel_at_a_time(X):
    centred = X.copy() if X.dtype.kind == "f" else X.astype(float)
    mean = np.array([np.mean(X[:, c]) for c in range(X.shape[1])], dtype=centred.dtype)
    for c in range(X.shape[1]):
        centred[:, c] -= mean[c]
    return centred, mean


@right("pca")
def pca_by_the_covariances_eigenvectors(X, k):
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(float)
    centred = X - np.mean(X, axis=0, dtype=dtype)
    values, vectors = np.linalg.eigh(centred.T @ centred / (len(X) - 1))
    order = np.argsort(values)[::-1][:k]
    rows = []
    for i in order:
        v = vectors[:, i]
        rows.append(v if v[np.argmax(np.abs(v))] > 0 else -v)
    components = np.array(rows)
    return centred @ components.T, components, values[order] / np.trace(centred.T @ centred / (len(X) - 1))


@right("pca")
def pca_by_power_iteration(X, k):
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(float)
    centred = X.astype(float) - X.astype(float).mean(axis=0)
    cov = centred.T @ centred / len(X)
    total, rest, components, shares = np.trace(cov), cov.copy(), [], []
    for _ in range(k):
        v = rest[:, np.argmax(np.linalg.norm(rest, axis=0))]
        for _ in range(400):
            v = rest @ v
            v = v / np.linalg.norm(v)
        value = v @ rest @ v
        rest = rest - value * np.outer(v, v)
        components.append(v * np.sign(v[np.abs(v).argmax()]))
        shares.append(value / total)
    found = np.array(components)
    return tuple(part.astype(dtype) for part in (centred @ found.T, found, np.array(shares)))


@right("pca_whiten")
def pca_whiten_by_eigenvectors(X, eps=1e-5):
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(float)
    centred = X.astype(float) - X.mean(axis=0)
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(centred, rowvar=False, ddof=0)))
    values, vectors = values[::-1], vectors[:, ::-1]
    for i in range(len(values)):
        if vectors[np.argmax(abs(vectors[:, i])), i] < 0:
            vectors[:, i] *= -1
    return (centred @ vectors @ np.diag((values + eps) ** -0.5)).astype(dtype)


@right("pca_whiten")
def pca_whiten_by_measured_variances(X, eps=1e-5):
    centred = X - X.mean(axis=0)
    rows = np.linalg.svd(centred)[2]
    rows = np.array([row if row.max() >= -row.min() else -row for row in rows])
    Z = centred @ rows.T
    return Z / np.sqrt(Z.var(axis=0) + eps)


@right("pca_whiten")
def pca_whiten_by_eigenvalues_cut_at_zero(X, eps=1e-5):
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    largest = vectors[abs(vectors).argmax(axis=0), np.arange(X.shape[1])]
    return centred @ (vectors * np.sign(largest)) / np.sqrt(values + eps)


@right("zca_whiten")
def zca_whiten_by_eigenvalues_cut_at_zero(X, eps=1e-5):
    centred = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
    return centred @ (vectors / np.sqrt(values.clip(min=0) + eps) @ vectors.T)


@right("zca_whiten")
def zca_whiten_by_a_symmetric_matrix(X, eps=1e-5):
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(float)
    centred = X.astype(float) - X.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
    return (centred @ (vectors / np.sqrt(values + eps)) @ vectors.T).astype(dtype)


@right("zca_whiten")
def zca_whiten_with_eps_on_the_covariances_diagonal(X, eps=1e-5):
    dtype = X.dtype if X.dtype.kind == "f" else np.dtype(float)
    centred = X.astype(float) - X.mean(axis=0)
    cov = np.atleast_2d(np.cov(centred.T, bias=True)) + eps * np.eye(X.shape[1])
    U, S, Vt = np.linalg.svd(cov)
    return (centred @ (U @ np.diag(1 / np.sqrt(S)) @ Vt)).astype(dtype)


@right("fan_in_fan_out")
def fans_of_an_array_of_zeros(shape):
    W = np.zeros(shape)
    return (W[:, 0].size, W[0].size) if W.ndim == 2 else (W[0].size, W[:, 0].size)


@right("fan_in_fan_out")
def fans_by_the_receptive_field(shape):
    area = np.prod(shape[2:], dtype=int)
    first, second = shape[0] * area, shape[1] * area
    return [first, second] if len(shape) == 2 else [second, first]


def _both_fans(shape):
    return shape if len(shape) == 2 else (math.prod(shape[1:]), shape[0] * math.prod(shape[2:]))


def _one_fan(shape, mode):
    if mode == "fan_in":
        return _both_fans(shape)[0]
    if mode == "fan_out":
        return _both_fans(shape)[1]
    raise ValueError("mode")


def _by_box_and_muller(rng, shape):
    n = math.prod(shape)
    radius, angle = np.sqrt(-2 * np.log(1 - rng.random(n))), 2 * np.pi * rng.random(n)
    return (radius * np.cos(angle)).reshape(shape)


@right("xavier_uniform")
def xavier_from_the_unit_interval(shape, rng, gain=1.0):
    fan_in, fan_out = _both_fans(shape)
    return (2 * rng.random(shape) - 1) * gain * np.sqrt(6 / (fan_in + fan_out))


@right("xavier_uniform")
def xavier_in_float32_and_another_order(shape, rng, gain=1.0):
    limit = gain * math.sqrt(6 / sum(_both_fans(shape)))
    return (np.float32(2 * limit) * (rng.random(shape[::-1], dtype=np.float32) - np.float32(0.5))).T


@right("xavier_normal")
def xavier_from_the_standard_normal_law(shape, rng, gain=1.0):
    return rng.standard_normal(shape) * gain / np.sqrt(np.mean(_both_fans(shape)))


@right("xavier_normal")
def xavier_by_box_and_muller(shape, rng, gain=1.0):
    return gain * math.sqrt(2 / sum(_both_fans(shape))) * _by_box_and_muller(rng, shape)


@right("kaiming_uniform")
def kaiming_uniform_one_number_at_a_time(shape, rng, mode="fan_in", slope=0.0):
    bound = (6 / ((1 + slope**2) * _one_fan(shape, mode))) ** 0.5
    W = np.empty(shape)
    W.flat = [rng.uniform(-bound, bound) for _ in range(W.size)]
    return W


@right("kaiming_uniform")
def kaiming_from_the_unit_interval(shape, rng, mode="fan_in", slope=0.0):
    std = np.sqrt(2 / (1 + slope**2)) / np.sqrt(_one_fan(shape, mode))
    return np.sqrt(12) * std * (rng.random(shape) - 0.5)


@right("kaiming_normal")
def kaiming_transposed(shape, rng, mode="fan_in", slope=0.0):
    return (rng.standard_normal(shape[::-1]) * np.sqrt(2 / (1 + slope**2) / _one_fan(shape, mode))).T


@right("kaiming_normal")
def kaiming_by_box_and_muller(shape, rng, mode="fan_in", slope=0.0):
    return (_by_box_and_muller(rng, shape) * np.sqrt(2 / (1 + slope**2) / _one_fan(shape, mode))).astype(np.float32)


@right("truncated_normal")
def truncated_by_the_inverse_distribution(shape, std, rng, bound=2.0):
    law = NormalDist()
    u = rng.uniform(law.cdf(-bound), law.cdf(bound), size=shape)
    z = np.array([law.inv_cdf(value) for value in u.ravel().tolist()], dtype=float).reshape(shape)
    return np.clip(std * z, -bound * std, bound * std)


@right("truncated_normal")
def truncated_one_number_at_a_time(shape, std, rng, bound=2.0):
    W = np.empty(math.prod(shape))
    for i in range(W.size):
        W[i] = rng.normal(0, std)
        while abs(W[i]) > bound * std:
            W[i] = rng.normal(0, std)
    return W.reshape(shape)


@right("truncated_normal")
def truncated_from_a_large_pool_in_float32(shape, std, rng, bound=2.0):
    n, kept = math.prod(shape), np.empty(0)
    while kept.size < n:
        pool = rng.standard_normal(2 * n + 10)
        kept = np.concatenate([kept, pool[np.abs(pool) <= bound]])
    return (std * kept[:n].reshape(shape)).astype(np.float32)


@right("orthogonal")
def orthogonal_by_svd(shape, rng, gain=1.0):
    U, _, Vt = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return gain * (U @ Vt)


@right("orthogonal")
def orthogonal_by_gram_schmidt(shape, rng, gain=1.0):
    vectors = rng.normal(size=(min(shape), max(shape)))
    for i in range(len(vectors)):
        for j in range(i):
            vectors[i] -= (vectors[i] @ vectors[j]) * vectors[j]
        vectors[i] /= np.linalg.norm(vectors[i])
    return gain * (vectors.T if shape[0] >= shape[1] else vectors)


@right("orthogonal")
def orthogonal_by_reflections(shape, rng, gain=1.0):
    Q = np.eye(max(shape))
    for _ in range(max(shape)):
        v = rng.normal(size=max(shape))
        Q = Q - 2 * np.outer(Q @ v, v) / (v @ v)
    return gain * Q[: shape[0], : shape[1]]


@right("distinct_units")
def units_trained_sample_by_sample(W1, W2, X, y, lr, steps):
    W1, W2 = np.array(W1, dtype=float), np.array(W2, dtype=float)
    for _ in range(steps):
        d1, d2 = np.zeros_like(W1), np.zeros_like(W2)
        for x, target in zip(X, y, strict=True):
            h = np.tanh(x @ W1)
            delta = (h @ W2 - target) / len(X)
            d2 += np.outer(h, delta)
            d1 += np.outer(x, (W2 @ delta) / np.cosh(x @ W1) ** 2)
        W1 -= lr * d1
        W2 -= lr * d2
    M = W1.shape[1]
    return sum(not any(np.allclose(W1[:, i], W1[:, j], rtol=0, atol=1e-9) for j in range(i)) for i in range(M))


@right("distinct_units")
def units_counted_after_rounding(W1, W2, X, y, lr, steps):
    W1, W2 = W1 * np.float64(1), W2 * np.float64(1)
    for _ in range(steps):
        h = np.tanh(X @ W1)
        e = h @ W2 - y
        W1, W2 = (
            W1 - lr * (X.T @ (e @ W2.T * (1 - h * h))) / X.shape[0],
            W2 - lr * (h.T @ e) / X.shape[0],
        )
    return np.unique(np.round(W1, 9), axis=1).shape[1]


def _activation(name):
    if name == "linear":
        return lambda z: z
    if name == "sigmoid":
        return lambda z: np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z)))
    if name == "tanh":
        return np.tanh
    if name == "relu":
        return lambda z: z * (z > 0)
    raise ValueError("no such activation")


@right("activation_std_by_depth")
def stds_by_the_variance(weights, x, activation):
    f, out = _activation(activation), []
    for W in weights:
        x = f(x @ W)
        out.append(np.sqrt(((x - x.mean()) ** 2).mean()))
    return np.array(out)


@right("activation_std_by_depth")
def stds_silenced_and_clipped(weights, x, activation):
    if activation not in ("linear", "sigmoid", "tanh", "relu"):
        raise ValueError
    stds = []
    a = x
    for W in weights:
        z = np.dot(a, W)
        if activation == "sigmoid":
            a = 1 / (1 + np.exp(-np.clip(z, -80, 80)))
        elif activation == "tanh":
            a = np.tanh(z)
        elif activation == "relu":
            a = np.where(z > 0, z, 0)
        else:
            a = z
        stds.append(np.std(a, ddof=0))
    return np.asarray(stds)


@right("gradient_norm_by_depth")
def gradient_norms_from_pre_activations(weights, x, activation, dout):
    f = _activation(activation)
    slopes = {
        "linear": lambda z: np.ones_like(z),
        "sigmoid": lambda z: f(z) * f(-z),
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
    }
    tape, a = [], x
    for W in weights:
        z = a @ W
        tape.append((a, W, z))
        a = f(z)
    norms = []
    for a, W, z in reversed(tape):
        dz = dout * slopes[activation](z)
        norms.insert(0, np.sqrt(((a.T @ dz) ** 2).sum()))
        dout = dz @ W.T
    return np.array(norms)


@right("gradient_norm_by_depth")
def gradient_norms_by_recursion(weights, x, activation, dout):
    f = _activation(activation)
    out = []

    def through(a, i):
        if i == len(weights):
            return 1.0 * dout
        h = f(a @ weights[i])
        delta = through(h, i + 1)
        slope = {"linear": 1.0 + 0 * h, "sigmoid": h - h * h, "tanh": 1 - h * h, "relu": np.sign(h)}[activation]
        delta = delta * slope
        out.append(np.linalg.norm(np.einsum("nd,nm->dm", a, delta)))
        return np.einsum("nm,dm->nd", delta, weights[i])

    through(1.0 * x, 0)
    return np.array(out[::-1])


@right("forward_gain")
def gain_by_gauss_hermite(f):
    z, w = np.polynomial.hermite.hermgauss(120)
    return 1 / np.sqrt(np.sum(w * f(np.sqrt(2) * z) ** 2) / np.sqrt(np.pi))


@right("forward_gain")
def gain_by_the_trapezoid_rule(f):
    z = np.linspace(-9, 9, 20_001)
    y = f(z) ** 2 * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return float(((y[1:] + y[:-1]) / 2 * np.diff(z)).sum()) ** -0.5


@right("forward_gain")
def gain_by_simpsons_rule(f):
    # In two halves, so that a kink at 0 lies between panels.
    total = 0.0
    for low, high in [(-10.0, 0.0), (0.0, 10.0)]:
        z = np.linspace(low, high, 2001)
        weights = np.ones(2001)
        weights[1:-1:2], weights[2:-1:2] = 4, 2
        total += (weights * f(z) ** 2 * np.exp(-(z**2) / 2)).sum() * (z[1] - z[0]) / 3
    return 1 / math.sqrt(total / math.sqrt(2 * math.pi))


@right("prior_bias")
def bias_by_the_focal_losss_formula(pi):
    return -math.log((1 - pi) / pi)


@right("prior_bias")
def bias_by_two_logarithms(pi):
    return np.log(pi) - np.log1p(-pi)


@right("clip_gradient_norm")
def clipped_as_one_long_vector(grads, max_norm):
    flat = np.concatenate([np.asarray(g, dtype=float).reshape(-1) for g in grads])
    norm = np.linalg.norm(flat)
    if norm <= max_norm:
        return [g.copy() for g in grads], norm
    return tuple(g * float(max_norm / norm) for g in grads), norm


@right("clip_gradient_norm")
def clipped_by_loops(grads, max_norm):
    total = 0.0
    for g in grads:
        for value in g.flat:
            total += float(value) ** 2
    norm = total**0.5
    scale = min(1.0, max_norm / norm) if norm > 0 else 1.0
    return [scale * g for g in grads], norm


@right("clip_gradient_value")
def cut_by_minimum_and_maximum(grads, limit):
    return [np.minimum(np.maximum(g, -limit), limit) for g in grads]


@right("clip_gradient_value")
def cut_by_masks(grads, limit):
    out = []
    for g in grads:
        g = g.astype(g.dtype if g.dtype.kind == "f" else float)
        g[g > limit] = limit
        g[g < -limit] = -limit
        out.append(g)
    return tuple(out)


@right("lsuv_scale")
def scaled_by_running_the_network_anew_for_each_layer(weights, x, activation):
    f = _activation(activation)
    new = []
    for W in weights:
        a = x
        for V in new:
            a = f(a @ V)
        new.append(W / np.sqrt(np.var(a @ W)))
    return new


@right("lsuv_scale")
def scaled_until_it_is_one(weights, x, activation):
    f, a = _activation(activation), x
    out = []
    for W in weights:
        V = W * 1.0
        for _ in range(10):
            s = np.std(a @ V)
            if abs(s - 1) < 1e-7:
                break
            V = V / s
        a = f(a @ V)
        out.append(V)
    return tuple(out)
