"""Unit 05: other right answers."""

import math

import numpy as np

from dlkit.reference.normalization import batchnorm_backward, batchnorm_forward, groupnorm_forward
from tests.right import right


@right("batchnorm_forward")
def batchnorm_forward_with_numpys_mean_and_var(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    N = x.shape[0]
    if training:
        if N == 1:
            raise ValueError("one sample has no variance")
        mu, var = np.mean(x, axis=0), np.var(x, axis=0)
        running_mean = running_mean + momentum * (mu - running_mean)
        running_var = running_var + momentum * (np.var(x, axis=0, ddof=1) - running_var)
    else:
        mu, var = running_mean, running_var
    root = np.sqrt(var + eps)
    xhat = (x - mu) / root
    return gamma * xhat + beta, running_mean, running_var, (xhat, 1 / root, gamma, training)


@right("batchnorm_forward")
def batchnorm_forward_feature_by_feature(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    if training and len(x) <= 1:
        raise ValueError
    x = x if x.dtype.kind == "f" else x.astype(float)
    xhat, inv_std = np.empty_like(x), np.empty_like(gamma)
    new_mean, new_var = running_mean.copy(), running_var.copy()
    for d in range(x.shape[1]):
        column, mean, var = x[:, d], running_mean[d], running_var[d]
        if training:
            mean = sum(column) / len(column)
            squares = sum((value - mean) ** 2 for value in column)
            var = squares / len(column)
            new_mean[d] = (1 - momentum) * running_mean[d] + momentum * mean
            new_var[d] = (1 - momentum) * running_var[d] + momentum * squares / (len(column) - 1)
        inv_std[d] = (var + eps) ** -0.5
        xhat[:, d] = (column - mean) * inv_std[d]
    return xhat * gamma + beta, new_mean, new_var, (xhat, inv_std, gamma, training)


@right("batchnorm_forward")
def batchnorm_forward_in_float64_inside(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    dtype = np.result_type(x, gamma, beta)
    X = x.astype(np.float64)
    mean, var = running_mean.astype(np.float64), running_var.astype(np.float64)
    new_mean, new_var = running_mean, running_var
    if training:
        if len(X) < 2:
            raise ValueError("training needs two samples")
        mean, var = X.mean(0), ((X - X.mean(0)) ** 2).sum(0) / len(X)
        new_mean = (momentum * mean + (1 - momentum) * running_mean).astype(running_mean.dtype)
        unbiased = var * len(X) / (len(X) - 1)
        new_var = (momentum * unbiased + (1 - momentum) * running_var).astype(running_var.dtype)
    inv_std = np.reciprocal(np.sqrt(var + eps))
    xhat = (X - mean) * inv_std
    out = (X * (gamma * inv_std) + (beta - mean * gamma * inv_std)).astype(dtype)
    return out, new_mean, new_var, (xhat.astype(dtype), inv_std.astype(dtype), gamma, training)


@right("batchnorm_backward")
def batchnorm_backward_as_ioffe_and_szegedy_write_it(dout, cache):
    xhat, inv_std, gamma, training = cache
    m = dout.shape[0]
    dxhat = dout * gamma
    if not training:
        return dxhat * inv_std, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)
    xmu = xhat / inv_std
    dvar = np.sum(dxhat * xmu, axis=0) * -0.5 * inv_std**3
    dmean = np.sum(-dxhat * inv_std, axis=0) + dvar * np.mean(-2 * xmu, axis=0)
    dx = dxhat * inv_std + dvar * 2 * xmu / m + dmean / m
    return dx, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)


@right("batchnorm_backward")
def batchnorm_backward_in_cs231ns_one_line(dout, cache):
    xhat, inv_std, gamma, training = cache
    N = len(dout)
    dbeta, dgamma = dout.sum(0), np.einsum("nd,nd->d", dout, xhat)
    if training:
        return gamma * inv_std / N * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta
    return gamma * inv_std * dout, dgamma, dbeta


@right("batchnorm_backward")
def batchnorm_backward_by_each_features_jacobian(dout, cache):
    xhat, inv_std, gamma, training = cache
    N, D = dout.shape
    dx = np.zeros_like(dout)
    for d in range(D):
        jacobian = np.eye(N, dtype=dout.dtype)
        if training:
            jacobian = jacobian - 1 / N - np.outer(xhat[:, d], xhat[:, d]) / N
        dx[:, d] = gamma[d] * inv_std[d] * (jacobian.T @ dout[:, d])
    return [dx, (xhat * dout).sum(axis=0), np.ones(N, dtype=dout.dtype) @ dout]


@right("batchnorm_backward_steps")
def batchnorm_steps_as_kratzert_types_them(dout, x, gamma, eps=1e-5):
    N, D = dout.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu**2
    var = 1.0 / N * np.sum(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    dgamma = np.sum(dgammax * xhat, axis=0)
    dxhat = dgammax * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 * 1.0 / np.sqrt(var + eps) * dsqrtvar
    dsq = 1.0 / N * np.ones((N, D), dtype=x.dtype) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1.0 / N * np.ones((N, D), dtype=x.dtype) * dmu
    dx = dx1 + dx2
    return {key: value for key, value in locals().items() if key not in ("N", "D", "eps")}


@right("batchnorm_backward_steps")
def batchnorm_steps_by_other_powers_of_the_variance(dout, x, gamma, eps=1e-5):
    grads = {"dgammax": dout, "dbeta": dout.sum(0), "dxhat": gamma * dout}
    xmu = x - np.mean(x, axis=0, keepdims=True)
    v = np.mean(xmu * xmu, axis=0) + eps
    grads["dgamma"] = np.einsum("nd,nd->d", dout, xmu) * v**-0.5
    grads["divar"] = np.einsum("nd,nd->d", grads["dxhat"], xmu)
    grads["dxmu1"] = grads["dxhat"] / np.sqrt(v)
    grads["dsqrtvar"] = grads["divar"] / -v
    grads["dvar"] = grads["divar"] * -0.5 * v**-1.5
    grads["dsq"] = np.broadcast_to(grads["dvar"] / x.shape[0], x.shape)
    grads["dxmu2"] = xmu * 2 / x.shape[0] * grads["dvar"]
    grads["dx1"] = grads["dxmu1"] + grads["dxmu2"]
    grads["dmu"] = -grads["dxmu1"].sum(0)  # without dxmu2, whose columns add up to 0
    grads["dx2"] = np.tile(grads["dmu"] / x.shape[0], (x.shape[0], 1))
    grads["dx"] = grads["dx1"] + grads["dx2"]
    return grads


@right("population_statistics")
def population_statistics_as_one_sum_of_squares(batch_means, batch_vars, m):
    K = len(batch_means)
    return np.mean(batch_means, axis=0), np.sum(m * batch_vars, axis=0) / (K * (m - 1))


@right("population_statistics")
def population_statistics_batch_by_batch(batch_means, batch_vars, m):
    mean, var = 0.0 * batch_means[0], 0.0 * batch_vars[0]
    for batch_mean, batch_var in zip(batch_means, batch_vars, strict=True):
        mean = mean + batch_mean / len(batch_means)
        var = var + batch_var * m / (m - 1) / len(batch_vars)
    return mean, var


@right("fold_batchnorm")
def fold_batchnorm_by_moving_the_output_axis(W, b, gamma, beta, mean, var, eps=1e-5):
    scale = gamma * (var + eps) ** -0.5
    axis = 1 if W.ndim == 2 else 0
    folded = np.moveaxis(np.moveaxis(W, axis, -1) * scale, -1, axis)
    return folded, beta + scale * b - scale * mean


@right("fold_batchnorm")
def fold_batchnorm_output_by_output(W, b, gamma, beta, mean, var, eps=1e-5):
    dtype = np.result_type(W.dtype, gamma.dtype) if W.dtype.kind == "f" else gamma.dtype
    new_W, new_b = np.empty(W.shape, dtype), np.empty(b.shape, dtype)
    for j in range(len(b)):
        root = np.sqrt(var[j] + eps)
        place = (slice(None), j) if W.ndim == 2 else j
        new_W[place] = gamma[j] * W[place] / root
        new_b[j] = gamma[j] * (b[j] - mean[j]) / root + beta[j]
    return new_W, new_b


@right("fold_batchnorm")
def fold_batchnorm_with_a_diagonal_matrix(W, b, gamma, beta, mean, var, eps=1e-5):
    scale = gamma / np.sqrt(var + eps)
    if W.ndim == 2:
        return W @ np.diag(scale), (b - mean) @ np.diag(scale) + beta
    rows = np.diag(scale) @ W.reshape(len(W), -1)
    return rows.reshape(W.shape), np.diag(scale) @ (b - mean) + beta


@right("spatial_batchnorm_forward")
def spatial_batchnorm_by_features(x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5):
    n, c, h, w = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
    out, mean, var, (xhat, *rest) = batchnorm_forward(
        rows, gamma, beta, running_mean, running_var, training, momentum, eps
    )

    def back(a):
        return a.reshape(n, h, w, c).transpose(0, 3, 1, 2)

    return back(out), mean, var, (back(xhat), *rest)


@right("spatial_batchnorm_forward")
def spatial_batchnorm_channel_by_channel(
    x, gamma, beta, running_mean, running_var, training=True, momentum=0.1, eps=1e-5
):
    kind = x.dtype if x.dtype.kind == "f" else float
    xhat, inv_std = np.empty(x.shape, kind), np.empty(x.shape[1], kind)
    running_mean, running_var = running_mean.copy(), running_var.copy()
    for c in range(x.shape[1]):
        values = x[:, c].astype(kind)
        mean, var = running_mean[c], running_var[c]
        if training:
            if values.size < 2:
                raise ValueError("one value has no variance")
            mean, var = np.mean(values), np.var(values)
            running_mean[c] += momentum * (mean - running_mean[c])
            running_var[c] += momentum * (np.var(values, ddof=1) - running_var[c])
        inv_std[c] = (var + eps) ** -0.5
        xhat[:, c] = (values - mean) * inv_std[c]
    out = np.einsum("c,nchw->nchw", gamma, xhat) + beta.reshape(1, -1, 1, 1)
    return out, running_mean, running_var, (xhat, inv_std, gamma, training)


@right("spatial_batchnorm_backward")
def spatial_batchnorm_gradient_by_features(dout, cache):
    n, c, h, w = dout.shape
    rows, xhat = (a.transpose(0, 2, 3, 1).reshape(-1, c) for a in (dout, cache[0]))
    dx, dgamma, dbeta = batchnorm_backward(rows, (xhat, *cache[1:]))
    return dx.reshape(n, h, w, c).transpose(0, 3, 1, 2), dgamma, dbeta


@right("spatial_batchnorm_backward")
def spatial_batchnorm_gradient_with_means(dout, cache):
    xhat, inv_std, gamma, training = cache
    g = dout * gamma.reshape(1, -1, 1, 1)
    if training:
        axes = (0, 2, 3)
        g = g - np.mean(g, axis=axes, keepdims=True) - xhat * np.mean(g * xhat, axis=axes, keepdims=True)
    return g * inv_std.reshape(1, -1, 1, 1), np.einsum("nchw,nchw->c", dout, xhat), np.einsum("nchw->c", dout)


@right("layernorm_forward")
def layernorm_with_numpys_variance(x, gamma, beta, eps=1e-5):
    std = np.sqrt(np.var(x, axis=-1, keepdims=True) + eps)
    xhat = (x - np.mean(x, axis=-1, keepdims=True)) / std
    return xhat * gamma + beta, (xhat, 1 / std, gamma)


@right("layernorm_forward")
def layernorm_one_vector_at_a_time(x, gamma, beta, eps=1e-5):
    kind = x.dtype if x.dtype.kind == "f" else np.float64
    xhat, inv_std = np.empty(x.shape, kind), np.empty((*x.shape[:-1], 1), kind)
    for place in np.ndindex(x.shape[:-1]):
        mean = math.fsum(x[place]) / x.shape[-1]
        var = math.fsum((float(v) - mean) ** 2 for v in x[place]) / x.shape[-1]
        inv_std[place] = 1 / math.sqrt(var + eps)
        xhat[place] = [(float(v) - mean) / math.sqrt(var + eps) for v in x[place]]
    return gamma * xhat + beta, (xhat, inv_std, gamma)


@right("layernorm_backward")
def layernorm_gradient_by_the_jacobian(dout, cache):
    xhat, inv_std, gamma = cache
    d = gamma.size
    rows, g = xhat.reshape(-1, d), (dout * gamma).reshape(-1, d)
    jacobians = np.eye(d, dtype=xhat.dtype) - 1 / d - rows[:, :, None] * rows[:, None, :] / d
    dx = np.einsum("ni,nij->nj", g, jacobians).reshape(dout.shape) * inv_std
    return dx, (dout.reshape(-1, d) * rows).sum(axis=0), dout.reshape(-1, d).sum(axis=0)


@right("layernorm_backward")
def layernorm_gradient_step_by_step(dout, cache):
    xhat, inv_std, gamma = cache
    d, others = dout.shape[-1], tuple(range(dout.ndim - 1))
    centered, dxhat = xhat / inv_std, dout * gamma
    dvar = np.sum(dxhat * centered, axis=-1, keepdims=True) * -0.5 * inv_std**3
    dmean = -np.sum(dxhat * inv_std, axis=-1, keepdims=True)
    dx = dxhat * inv_std + dvar * 2 * centered / d + dmean / d
    return dx, np.sum(dout * xhat, axis=others), np.sum(dout, axis=others)


@right("groupnorm_forward")
def groupnorm_on_five_axes(x, gamma, beta, groups, eps=1e-5):
    n, c, h, w = x.shape
    if c % groups:
        raise ValueError("groups must divide the channels")
    parts = x.reshape(n, groups, c // groups, h, w)
    std = np.sqrt(parts.var(axis=(2, 3, 4), keepdims=True) + eps)
    xhat = (parts - parts.mean(axis=(2, 3, 4), keepdims=True)) / std
    out = xhat.reshape(x.shape) * gamma.reshape(1, c, 1, 1) + beta.reshape(1, c, 1, 1)
    return out, (xhat.reshape(n, groups, -1), (1 / std).reshape(n, groups, 1), gamma)


@right("groupnorm_forward")
def groupnorm_group_by_group(x, gamma, beta, groups, eps=1e-5):
    n, c, _, _ = x.shape
    size, rest = divmod(c, groups)
    if rest:
        raise ValueError("groups must divide the channels")
    kind = x.dtype if x.dtype.kind == "f" else float
    out, xhat, inv_std = np.empty(x.shape, kind), np.empty(x.shape, kind), np.empty((n, groups, 1), kind)
    for i in range(n):
        for j in range(groups):
            run = slice(j * size, (j + 1) * size)
            values = x[i, run].astype(kind)
            inv_std[i, j] = 1 / np.sqrt(values.var() + eps)
            xhat[i, run] = (values - values.mean()) * inv_std[i, j]
            out[i, run] = gamma[run, None, None] * xhat[i, run] + beta[run, None, None]
    return out, (xhat.reshape(n, groups, -1), inv_std, gamma)


@right("groupnorm_backward")
def groupnorm_gradient_step_by_step(dout, cache):
    xhat, inv_std, gamma = cache
    dxhat = (dout * gamma.reshape(1, -1, 1, 1)).reshape(xhat.shape)
    k = xhat.shape[2]
    total, along = dxhat.sum(axis=-1, keepdims=True), (dxhat * xhat).sum(axis=-1, keepdims=True)
    dx = inv_std / k * (k * dxhat - total - xhat * along)
    return dx.reshape(dout.shape), np.einsum("nchw,nchw->c", dout, xhat.reshape(dout.shape)), np.einsum("nchw->c", dout)


@right("groupnorm_backward")
def groupnorm_gradient_group_by_group(dout, cache):
    xhat, inv_std, gamma = cache
    n, groups, _ = xhat.shape
    size, normalized, dx = dout.shape[1] // groups, xhat.reshape(dout.shape), np.empty_like(dout)
    for i in range(n):
        for j in range(groups):
            run = slice(j * size, (j + 1) * size)
            g, z = gamma[run, None, None] * dout[i, run], normalized[i, run]
            dx[i, run] = inv_std[i, j, 0] * (g - g.mean() - z * (g * z).mean())
    return dx, (dout * normalized).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))


@right("instancenorm_forward")
def instancenorm_map_by_map(x, gamma, beta, eps=1e-5):
    out = np.empty(x.shape, x.dtype if x.dtype.kind == "f" else float)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[n, c] = gamma[c] * (x[n, c] - np.mean(x[n, c])) / np.sqrt(np.var(x[n, c]) + eps) + beta[c]
    return out


@right("instancenorm_forward")
def instancenorm_as_group_norm(x, gamma, beta, eps=1e-5):
    return groupnorm_forward(x, gamma, beta, x.shape[1], eps)[0]


@right("instancenorm_forward")
def instancenorm_on_flat_maps(x, gamma, beta, eps=1e-5):
    flat = x.reshape(*x.shape[:2], -1)
    scale = gamma[:, None] / np.sqrt(np.var(flat, axis=2, keepdims=True) + eps)
    return (scale * (flat - np.mean(flat, axis=2, keepdims=True)) + beta[:, None]).reshape(x.shape)


@right("rmsnorm_forward")
def rmsnorm_by_the_length(x, gamma, eps=1e-5):
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    rms = np.sqrt(length**2 / x.shape[-1] + eps)
    return x / rms * gamma, (x / rms, 1 / rms, gamma)


@right("rmsnorm_forward")
def rmsnorm_by_einsum(x, gamma, eps=1e-5):
    x = x if x.dtype.kind == "f" else x.astype(float)
    inv_rms = (np.einsum("...d,...d->...", x, x)[..., None] / x.shape[-1] + eps) ** -0.5
    return gamma * x * inv_rms, (x * inv_rms, inv_rms, gamma)


@right("rmsnorm_backward")
def rmsnorm_gradient_by_the_jacobian(dout, cache):
    xhat, inv_rms, gamma = cache
    d = gamma.size
    rows, g = xhat.reshape(-1, d), (dout * gamma).reshape(-1, d)
    dx = np.empty_like(rows)
    for i, row in enumerate(rows):
        dx[i] = (np.eye(d) - np.outer(row, row) / d) @ g[i]
    return dx.reshape(dout.shape) * inv_rms, (dout.reshape(-1, d) * rows).sum(axis=0)


@right("rmsnorm_backward")
def rmsnorm_gradient_by_the_product_rule(dout, cache):
    xhat, r, gamma = cache
    x, g = xhat / r, dout * gamma
    dx = g * r - r**3 * x * np.mean(g * x, axis=-1, keepdims=True)
    return dx, np.add.reduce((dout * xhat).reshape(-1, gamma.size))


@right("weight_norm")
def weight_norm_column_by_column(v, g):
    columns = [scale * column / math.sqrt(float(np.dot(column, column))) for column, scale in zip(v.T, g, strict=True)]
    return np.stack(columns, axis=1).astype(np.result_type(v, g) if v.dtype.kind == "f" else float)


@right("weight_norm")
def weight_norm_by_einsum(v, g):
    return v * (g / np.sqrt(np.einsum("dm,dm->m", 1.0 * v, v)))[None, :]


@right("weight_norm_backward")
def weight_norm_gradient_as_in_the_paper(dout, v, g):
    norm = np.sqrt((v**2).sum(axis=0, keepdims=True))
    dg = np.sum(dout * v / norm, axis=0)
    return g / norm * dout - g * dg / norm**2 * v, dg


@right("weight_norm_backward")
def weight_norm_gradient_by_the_quotient_rule(dout, v, g):
    norm = np.linalg.norm(v, axis=0)
    dnorm = -(dout * v * g).sum(axis=0) / norm**2
    return dout * g / norm + dnorm * v / norm, np.einsum("dm,dm->m", dout, v) / norm


@right("weight_norm_backward")
def weight_norm_gradient_by_jacobians(dout, v, g):
    dv, dg = np.empty((2, *v.shape)), np.empty(g.shape)
    for m in range(v.shape[1]):
        length = np.linalg.norm(v[:, m])
        u = v[:, m] / length
        jacobian = g[m] / length * (np.eye(len(v)) - np.outer(u, u))
        dv[0, :, m], dg[m] = jacobian @ dout[:, m], dout[:, m] @ u
    dtype = dout.dtype if dout.dtype.kind == "f" else float
    return [dv[0].astype(dtype), dg.astype(dtype)]


@right("batch_renorm_forward")
def batch_renorm_with_minimum_and_maximum(
    x, gamma, beta, running_mean, running_std, r_max, d_max, training=True, momentum=0.1, eps=1e-5
):
    if training:
        mean = np.mean(x, axis=0, dtype=gamma.dtype)
        std = np.sqrt(np.var(x, axis=0, dtype=gamma.dtype) + eps)
        r = np.minimum(np.maximum(std / running_std, 1 / r_max), r_max)
        d = np.maximum(np.minimum((mean - running_mean) / running_std, d_max), -d_max)
        z = (x - mean) / std
        out = gamma * r * z + gamma * d + beta
        moved_mean = running_mean + momentum * (mean - running_mean)
        moved_std = running_std + momentum * (std - running_std)
        return out, moved_mean, moved_std, (z * r + d, z, std / r, gamma, True)
    xhat = (x - running_mean) / running_std
    return xhat * gamma + beta, running_mean.copy(), running_std.copy(), (xhat, xhat, running_std, gamma, False)


@right("batch_renorm_backward")
def batch_renorm_gradient_step_by_step(dout, cache):
    xhat, z, scale, gamma, training, *_ = cache
    n = dout.shape[0]
    dgamma, dbeta = np.einsum("nd,nd->d", dout, xhat), np.ones(n, dtype=dout.dtype) @ dout
    dcentred = dout * gamma / scale
    if not training:
        return [dcentred, dgamma, dbeta]
    # With s = σ / r in place of σ: x̂ = (x − μ) / s up to a constant, and ds/dx = z / n, scaled by 1 / r with s.
    dcentred = dcentred - z * np.sum(dcentred * z, axis=0) / n
    return [dcentred - np.sum(dcentred, axis=0) / n, dgamma, dbeta]


@right("batch_renorm_backward")
def batch_renorm_gradient_by_a_projection_matrix(dout, cache):
    xhat, z, scale, gamma, training, *_ = cache
    n = len(dout)
    dx = np.zeros_like(dout)
    for d in range(dout.shape[1]):
        jacobian = np.eye(n, dtype=dout.dtype)
        if training:
            jacobian = jacobian - (1 + np.outer(z[:, d], z[:, d])) / n
        dx[:, d] = jacobian @ dout[:, d] * gamma[d] / scale[d]
    return dx, np.sum(dout * xhat, axis=0), np.sum(dout, axis=0)


@right("merge_batch_statistics")
def merge_one_part_after_another(means, variances, counts):
    dtype = means.dtype if means.dtype.kind == "f" else float
    mean, squares, n = np.zeros(means.shape[1]), np.zeros(means.shape[1]), 0
    for other, var, count in zip(means.astype(float), variances, counts.tolist(), strict=True):
        if count == 0:
            continue
        delta, both = other - mean, n + count
        squares += var * count + delta**2 * (n * count / both)
        mean = mean + delta * (count / both)
        n = both
    return mean.astype(dtype), (squares / n).astype(dtype)


@right("merge_batch_statistics")
def merge_by_numpys_weighted_average(means, variances, counts):
    mean = np.average(means, axis=0, weights=counts)
    var = np.average(variances, axis=0, weights=counts) + np.average((means - mean) ** 2, axis=0, weights=counts)
    dtype = means.dtype if means.dtype.kind == "f" else float
    return mean.astype(dtype), var.astype(dtype)


@right("merge_batch_statistics")
def merge_by_a_product_with_the_counts(means, variances, counts):
    n = int(counts.sum())
    weights = counts.astype(means.dtype if means.dtype.kind == "f" else float)
    mean = weights @ means / n
    return [mean, (weights @ variances + weights @ (means - mean) ** 2) / n]


@right("bn_scale_gradients")
def gradients_by_the_theorem(W, x, dout, scale):
    z = x @ W
    z = z - z.mean(axis=0)
    std = np.sqrt(np.mean(z**2, axis=0))
    dz = dout - dout.mean(axis=0) - z * (dout * z).mean(axis=0) / std**2
    first = (x.T @ dz / std).astype(W.dtype if W.dtype.kind == "f" else float)
    return first, first / scale


@right("bn_scale_gradients")
def gradients_by_batch_norms_graph(W, x, dout, scale):
    n = len(x)
    results = []
    for weights in (1.0 * W, W * scale):
        z = np.matmul(x, weights)
        centred = z - z.sum(axis=0) / n
        var = (centred * centred).sum(axis=0) / n
        dvar = (dout * centred).sum(axis=0) * -0.5 * var**-1.5
        dcentred = dout / np.sqrt(var) + 2 * centred * dvar / n
        results.append(x.T @ (dcentred - dcentred.sum(axis=0) / n))
    return tuple(results)


@right("bn_scale_gradients")
def gradients_by_jacobians(W, x, dout, scale):
    n = len(x)
    both = []
    for weights in (W, scale * W):
        gradient = np.zeros(W.shape, dtype=W.dtype if W.dtype.kind == "f" else float)
        for m in range(W.shape[1]):
            z = x @ weights[:, m]
            std = z.std()
            out = (z - z.mean()) / std
            jacobian = (np.eye(n) - 1 / n - np.outer(out, out) / n) / std
            gradient[:, m] = x.T @ jacobian @ dout[:, m]
        both.append(gradient)
    return both


@right("norm_parameter_count")
def count_by_a_table(kind, channels, groups=None):
    learnt, kept = {"batch": (2, 2), "layer": (2, 0), "group": (2, 0), "instance": (2, 0), "rms": (1, 0)}[kind]
    return learnt * channels, kept * channels


@right("norm_parameter_count")
def count_by_building_the_arrays(kind, channels, groups=None):
    arrays = [np.ones(channels)]
    if kind != "rms":
        arrays.append(np.zeros(channels))
    buffers = [np.zeros(channels), np.ones(channels)] if kind == "batch" else []
    return [sum(array.size for array in arrays), sum(array.size for array in buffers)]
