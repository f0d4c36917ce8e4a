"""Unit 10: other right answers."""

import itertools
import math

import numpy as np

from dlkit.reference.layers import batchnorm, batchnorm_backward, conv, conv_backward
from tests.right import right


@right("residual_block_forward")
def residual_forward_line_by_line(x, params, stride=1, training=True):
    p = params
    z1, cache_conv1 = conv(x, p["w1"], stride=stride, padding=1, groups=1)
    n1, cache_bn1 = batchnorm(z1, p["gamma1"], p["beta1"], p["mean1"], p["var1"], training=training)
    a1 = n1 * (n1 > 0)
    z2, cache_conv2 = conv(a1, p["w2"], stride=1, padding=1)
    n2, cache_bn2 = batchnorm(z2, p["gamma2"], p["beta2"], p["mean2"], p["var2"], training=training)
    if "ws" in p.keys():
        zs, cache_convs = conv(x, p["ws"], stride=stride, padding=0)
        skip, cache_bns = batchnorm(zs, p["gammas"], p["betas"], p["means"], p["vars"], training=training)
        projected = (cache_convs, cache_bns)
    else:
        skip, projected = x.copy(), None
    s = n2 + skip
    out = np.where(s > 0, s, 0)
    return out, [cache_conv1, cache_bn1, a1, cache_conv2, cache_bn2, projected, out]


@right("residual_block_forward")
def residual_forward_with_the_projection_sliced(x, params, stride=1, training=True):
    def bn(h, i):
        statistics = (None, None) if training else (params[f"mean{i}"], params[f"var{i}"])
        return batchnorm(h, params[f"gamma{i}"], params[f"beta{i}"], *statistics, training)

    shortcut, projection = x, None
    if params.get("ws") is not None:
        shortcut, convs = conv(x[:, :, ::stride, ::stride], params["ws"])
        _, convs = conv(x, params["ws"], stride)
        shortcut, bns = bn(shortcut, "s")
        projection = convs, bns
    h, conv1 = conv(x, params["w1"], stride, 1)
    h, bn1 = bn(h, 1)
    a = h.clip(min=0)
    h, conv2 = conv(a, params["w2"], 1, 1)
    h, bn2 = bn(h, 2)
    h = h + shortcut
    h[h < 0] = 0
    return h, (conv1, bn1, a, conv2, bn2, projection, h)


@right("residual_block_backward")
def residual_backward_with_np_where_and_a_copy(dout, cache):
    cache_conv1, cache_bn1, a1, cache_conv2, cache_bn2, projected, out = cache
    d = dout.copy()
    d[out <= 0] = 0
    dn2, dgamma2, dbeta2 = batchnorm_backward(d, cache_bn2)
    da1, dw2 = conv_backward(dn2, cache_conv2)
    dn1, dgamma1, dbeta1 = batchnorm_backward(np.where(a1 > 0, da1, 0), cache_bn1)
    dx, dw1 = conv_backward(dn1, cache_conv1)
    grads = dict(w1=dw1, w2=dw2, gamma1=dgamma1, beta1=dbeta1, gamma2=dgamma2, beta2=dbeta2)
    if projected:
        dzs, grads["gammas"], grads["betas"] = batchnorm_backward(d, projected[1])
        dskip, grads["ws"] = conv_backward(dzs, projected[0])
        dx += dskip
    else:
        dx += d
    return dx, grads


@right("residual_block_backward")
def residual_backward_shortcut_first_and_as_a_list(dout, cache):
    conv1, bn1, a, conv2, bn2, projection, out = cache
    ds, grads = dout * np.sign(out), {}
    if projection is None:
        dx = ds
    else:
        dh, grads["gammas"], grads["betas"] = batchnorm_backward(ds, projection[1])
        dx, grads["ws"] = conv_backward(dh, projection[0])
    for i, convolution, bn in [("2", conv2, bn2), ("1", conv1, bn1)]:
        ds, grads["gamma" + i], grads["beta" + i] = batchnorm_backward(ds, bn)
        ds, grads["w" + i] = conv_backward(ds, convolution)
        if i == "2":
            ds = ds * (a != 0)
    return [ds + dx, grads]


@right("bottleneck_forward")
def bottleneck_as_matrix_products_and_shifts(x, params, stride=1, training=True):
    def bn(h, i):
        mean, var = params["mean" + i], params["var" + i]
        if training:
            mean, var = np.mean(h, axis=(0, 2, 3)), np.var(h, axis=(0, 2, 3))
        scale = params["gamma" + i] / np.sqrt(var + 1e-5)
        return (h - mean[None, :, None, None]) * scale[None, :, None, None] + params["beta" + i].reshape(1, -1, 1, 1)

    def relu(h):
        return np.maximum(h, 0)

    def one_by_one(h, w):
        return np.einsum("nchw,fc->nfhw", h, w[:, :, 0, 0])

    H, W = x.shape[2:]
    h = np.pad(relu(bn(one_by_one(x, params["w1"]), "1")), ((0, 0), (0, 0), (1, 1), (1, 1)))
    h = sum(
        one_by_one(h[:, :, i : i + H : stride, j : j + W : stride], params["w2"][:, :, i : i + 1, j : j + 1])
        for i in range(3)
        for j in range(3)
    )
    h = bn(one_by_one(relu(bn(h, "2")), params["w3"]), "3")
    if "ws" in params:
        return relu(h + bn(one_by_one(x[:, :, ::stride, ::stride], params["ws"]), "s"))
    return relu(h + x)


@right("bottleneck_forward")
def bottleneck_in_a_loop_over_its_layers(x, params, stride=1, training=True):
    layers = [("s", stride, 0)] if "ws" in params else []
    results = {"s": x}
    h = x
    for i, step, padding in [*layers, ("1", 1, 0), ("2", stride, 1), ("3", 1, 0)]:
        z = conv(x if i == "s" else h, params["w" + i], step, padding)[0]
        z = batchnorm(z, *[params[k + i] for k in ("gamma", "beta", "mean", "var")], training=training)[0]
        if i in ("1", "2"):
            z[z < 0] = 0
        results[i] = z
        h = z if i != "s" else x
    return (results["3"] + results["s"]).clip(0)


@right("preact_block_forward")
def preact_block_line_by_line(x, params, stride=1, training=True):
    p = params
    a, _ = batchnorm(x, p["gamma1"], p["beta1"], p["mean1"], p["var1"], training)
    a = np.where(a > 0, a, 0)
    if "ws" in p:
        shortcut = np.einsum("nchw,fc->nfhw", a[..., ::stride, ::stride], np.squeeze(p["ws"], (2, 3)))
    else:
        shortcut = x
    h, _ = conv(a, p["w1"], stride=stride, padding=1)
    h, _ = batchnorm(h, p["gamma2"], p["beta2"], p["mean2"], p["var2"], training)
    h, _ = conv((h + abs(h)) / 2, p["w2"], stride=1, padding=1)
    h += shortcut
    return h


@right("preact_block_forward")
def preact_block_with_normalization_as_one_affine_map(x, params, stride=1, training=True):
    def bn_relu(h, gamma, beta, mean, var):
        if training:
            mean = h.sum(axis=(0, 2, 3)) / (h.size // h.shape[1])
            var = ((h - mean[:, None, None]) ** 2).mean(axis=(0, 2, 3))
        slope = gamma / np.sqrt(var + 1e-5)
        return np.maximum(h * slope[:, None, None] + (beta - mean * slope)[:, None, None], 0)

    a = bn_relu(x, params["gamma1"], params["beta1"], params["mean1"], params["var1"])
    h = conv(a, params["w1"], stride, 1)[0]
    h = bn_relu(h, params["gamma2"], params["beta2"], params["mean2"], params["var2"])
    return (conv(a, params["ws"], stride)[0] if "ws" in params else x) + conv(h, params["w2"], 1, 1)[0]


@right("resnext_block")
def resnext_as_split_transform_merge(x, params, cardinality):
    w1, w2, w3 = params["w1"], params["w2"], params["w3"]
    d = w1.shape[0] // cardinality
    out = x
    for g in range(cardinality):
        own = slice(g * d, (g + 1) * d)
        h = np.maximum(conv(x, w1[own])[0], 0)
        h = np.maximum(conv(h, w2[own], padding=1)[0], 0)
        out = out + conv(h, w3[:, own])[0]
    return np.maximum(out, 0)


@right("resnext_block")
def resnext_with_zeros_between_the_groups(x, params, cardinality):
    D, d = params["w2"].shape[:2]
    whole = np.zeros((D, D, 3, 3), dtype=params["w2"].dtype)
    for f in range(D):
        first = f // d * d
        whole[f, first : first + d] = params["w2"][f]
    h = np.maximum(np.einsum("nchw,dc->ndhw", x, params["w1"][..., 0, 0]), 0)
    h = np.maximum(conv(h, whole, 1, 1)[0], 0)
    return np.maximum(np.einsum("ndhw,cd->nchw", h, params["w3"][..., 0, 0]) + x, 0)


@right("resnext_block")
def resnext_with_the_paths_concatenated_before_one_merge(x, params, cardinality):
    h, _ = conv(x, params["w1"])
    h = h * (h > 0)
    filters = np.split(params["w2"], cardinality, axis=0)
    parts = [conv(part, w, 1, 1)[0] for part, w in zip(np.split(h, cardinality, axis=1), filters, strict=True)]
    h = np.concatenate(parts, axis=1).clip(0)
    return (x + conv(h, params["w3"])[0]).clip(0)


@right("inception_v1")
def inception_v1_pixel_by_pixel(x, params):
    N, _, H, W = x.shape
    maps = []
    for branch in (("1",), ("3r", "3"), ("5r", "5"), ("pool", "p")):
        a = x if x.dtype.kind == "f" else x.astype(float)
        for key in branch:
            if key == "pool":
                b = np.empty_like(a)
                for i, j in itertools.product(range(H), range(W)):
                    b[:, :, i, j] = a[:, :, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2].max(axis=(2, 3))
            else:
                w, bias = params["w" + key], params["b" + key]
                p = (w.shape[-1] - 1) // 2
                padded = np.pad(a, [(0, 0), (0, 0), (p, p), (p, p)])
                b = np.empty((N, len(w), H, W), dtype=a.dtype)
                for i, j in itertools.product(range(H), range(W)):
                    window = padded[:, :, i : i + 2 * p + 1, j : j + 2 * p + 1]
                    b[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + bias
                b = b * (b > 0)
            a = b
        maps.append(a)
    return np.concatenate(maps, 1)


@right("inception_v1")
def inception_v1_with_nine_shifts(x, params):
    def relu(z):
        return np.where(z > 0, z, 0)

    def block(a, s):
        w = params[f"w{s}"]
        if w.shape[-1] == 1:
            return relu(np.einsum("nchw,fc->nfhw", a, w[..., 0, 0]) + params[f"b{s}"].reshape(1, -1, 1, 1))
        return relu(conv(a, w, 1, w.shape[-1] // 2)[0] + params[f"b{s}"].reshape(1, -1, 1, 1))

    H, W = x.shape[2:]
    low = np.finfo(np.float32).min if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    padded = np.full((*x.shape[:2], H + 2, W + 2), low, dtype=x.dtype)
    padded[:, :, 1:-1, 1:-1] = x
    pooled = padded[:, :, :H, :W]
    for i in range(3):
        for j in range(3):
            pooled = np.maximum(pooled, padded[:, :, i : i + H, j : j + W])
    out = np.hstack((block(x, "1"), block(block(x, "3r"), "3"), block(block(x, "5r"), "5"), block(pooled, "p")))
    return out


@right("factorized_cost")
def factorized_cost_by_growing_the_field(k):
    field, stack = 1, 0
    while field < k:
        field, stack = field + 2, stack + 3 * 3
    if field != k:
        raise ValueError(k)
    return k**2, stack, 1 * k + k * 1


@right("factorized_cost")
def factorized_cost_in_numpy_integers(k):
    half, rest = divmod(k - 1, 2)
    if rest:
        raise ValueError("even")
    return tuple(np.array([k * k, half * 9, k + k]))


@right("dense_block")
def dense_block_into_one_array(x, layers):
    N, C, H, W = x.shape
    growths = [layer["w"].shape[0] for layer in layers]
    out = np.empty((N, C + sum(growths), H, W), dtype=x.dtype if x.dtype.kind == "f" else float)
    out[:, :C] = x
    for layer, growth in zip(layers, growths, strict=True):
        old = out[:, :C]
        mean = old.mean((0, 2, 3), keepdims=True)
        var = ((old - mean) ** 2).mean((0, 2, 3), keepdims=True)
        a = (old - mean) / np.sqrt(var + 1e-5) * layer["gamma"][None, :, None, None] + layer["beta"][:, None, None]
        a = np.pad(np.where(a > 0, a, 0), ((0, 0), (0, 0), (1, 1), (1, 1)))
        new = 0
        for i in range(3):
            for j in range(3):
                new = new + np.einsum("nchw,gc->nghw", a[:, :, i : i + H, j : j + W], layer["w"][:, :, i, j])
        out[:, C : C + growth] = new
        C += growth
    return out


@right("dense_block")
def dense_block_by_recursion_over_a_list_of_maps(x, layers):
    def maps(layers):
        if not layers:
            return [x]
        *before, last = layers
        old = maps(before)
        h = batchnorm(np.concatenate(old, axis=1), last["gamma"], last["beta"])[0]
        return [*old, conv(h.clip(min=0), last["w"], padding=1)[0]]

    return np.concatenate(maps(list(layers)), axis=1)


@right("transition")
def transition_with_the_mean_before_the_convolution(x, params):
    h = np.maximum(0, batchnorm(x, params["gamma"], params["beta"])[0])
    H, W = x.shape[2] - x.shape[2] % 2, x.shape[3] - x.shape[3] % 2
    h = h[:, :, :H, :W]
    mean = (h[:, :, ::2, ::2] + h[:, :, 1::2, ::2] + h[:, :, ::2, 1::2] + h[:, :, 1::2, 1::2]) / 4
    return np.einsum("nchw,kc->nkhw", mean, params["w"][:, :, 0, 0])


@right("transition")
def transition_square_by_square(x, params):
    gamma, beta, w = params["gamma"], params["beta"], params["w"]
    mean, var = np.mean(x, axis=(0, 2, 3)), np.var(x, axis=(0, 2, 3))
    h = (x - mean.reshape(1, -1, 1, 1)) / np.sqrt(var.reshape(1, -1, 1, 1) + 1e-5)
    h = h * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)
    h[h < 0] = 0
    h, _ = conv(h, w)
    out = np.empty((len(x), len(w), x.shape[2] // 2, x.shape[3] // 2), dtype=h.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = h[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean(axis=(2, 3))
    return out


@right("transition")
def transition_as_a_convolution_with_quarters(x, params):
    h, _ = batchnorm(x, params["gamma"], params["beta"])
    w = np.repeat(np.repeat(params["w"], 2, axis=2), 2, axis=3) / 4
    return conv(np.maximum(h, 0), w, stride=2)[0]


@right("se_block")
def se_block_with_tanh(x, W1, b1, W2, b2):
    N, C, _, _ = x.shape
    s = x.reshape(N, C, -1).mean(-1)
    hidden = np.maximum(0, s.dot(W1) + b1)
    gate = 0.5 * (1 + np.tanh(0.5 * (hidden.dot(W2) + b2)))
    return np.einsum("nchw,nc->nchw", x, gate)


@right("se_block")
def se_block_image_by_image(x, W1, b1, W2, b2):
    out = np.empty(x.shape, dtype=np.result_type(x, W1))
    for n, image in enumerate(x):
        hidden = [max(value, 0) for value in np.mean(image, axis=(1, 2)) @ W1 + b1]
        for c, t in enumerate(np.array(hidden, dtype=W2.dtype) @ W2 + b2):
            e = math.exp(-abs(t))
            out[n, c] = image[c] * (1 / (1 + e) if t >= 0 else e / (1 + e))
    return out


@right("se_block")
def se_block_with_masks(x, W1, b1, W2, b2):
    z = np.maximum(x.mean(axis=(2, 3), keepdims=True)[..., 0, 0] @ W1 + b1, 0) @ W2 + b2
    with np.errstate(over="ignore"):
        gate = np.where(z >= 0, 1 / (1 + np.exp(-z)), 1 - 1 / (1 + np.exp(z)))
    return gate[..., None, None] * x


@right("identity_gradient")
def identity_gradient_over_all_paths(branch_jacobians):
    L = len(branch_jacobians)
    if L > 8:  # too many paths: cut the chain in two
        return identity_gradient_over_all_paths(branch_jacobians[8:]) @ identity_gradient_over_all_paths(
            branch_jacobians[:8]
        )
    total = np.zeros_like(branch_jacobians[0])
    for size in range(L + 1):
        for chosen in itertools.combinations(range(L), size):
            path = np.eye(len(total), dtype=total.dtype)
            for i in chosen:
                path = branch_jacobians[i] @ path
            total = total + path
    return total


@right("identity_gradient")
def identity_gradient_row_by_row(branch_jacobians):
    D = branch_jacobians[0].shape[0]
    rows = []
    for i in range(D):
        d = np.zeros(D, dtype=branch_jacobians[0].dtype)
        d[i] = 1
        for J in branch_jacobians[::-1]:
            d = d + J.T @ d
        rows.append(d)
    return np.array(rows)


@right("identity_gradient")
def identity_gradient_in_one_product(branch_jacobians):
    blocks = [np.identity(J.shape[0], dtype=J.dtype) + J for J in branch_jacobians]
    return blocks[0] if len(blocks) == 1 else np.linalg.multi_dot(blocks[::-1])


@right("gradient_norm_plain_vs_residual")
def gradient_norms_by_forward_jacobians(depth, width, rng):
    h = g = rng.standard_normal(width)
    A = B = np.eye(width)
    for _ in range(depth):
        W = rng.standard_normal((width, width)) / width**0.5
        z, y = W @ h, W @ g
        A = np.diag(np.where(z > 0, 1.0, 0.0)) @ W @ A
        B = B + np.diag(np.where(y > 0, 1.0, 0.0)) @ W @ B
        h, g = np.maximum(0, z), g + np.maximum(0, y)
    return np.sqrt((A.sum(0) ** 2).sum()), np.sqrt((B.sum(0) ** 2).sum())


@right("gradient_norm_plain_vs_residual")
def gradient_norms_by_recursion_with_all_weights_drawn_at_once(depth, width, rng):
    x = rng.standard_normal(size=(width,))
    weights = rng.standard_normal((depth, width, width)) / math.sqrt(width)

    def back(h, layer, residual):
        if layer == depth:
            return np.ones(width)
        z = weights[layer].dot(h)
        later = back((h if residual else 0) + z * (z > 0), layer + 1, residual)
        return (later if residual else 0) + (later * (z > 0)).dot(weights[layer])

    return math.hypot(*back(x, 0, False)), math.hypot(*back(x, 0, True))


@right("resnet_parameters")
def resnet_as_a_list_of_convolutions(depth):
    plans = {18: [2] * 4, 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}
    try:
        plan = plans[depth]
    except KeyError:
        raise ValueError("unknown depth") from None
    convolutions = [(3, 64, 7)]
    channels, width = 64, 64
    for blocks in plan:
        for _ in range(blocks):
            out = width if depth in (18, 34) else width * 4
            if depth in (18, 34):
                convolutions += [(channels, width, 3), (width, width, 3)]
            else:
                convolutions += [(channels, width, 1), (width, width, 3), (width, out, 1)]
            if channels != out:
                convolutions.append((channels, out, 1))
            channels = out
        width *= 2
    weights = sum(math.prod((c, f, k, k)) for c, f, k in convolutions)
    return weights + 2 * sum(f for _, f, _ in convolutions) + (channels + 1) * 1000


@right("resnet_parameters")
def resnet_by_stages_in_closed_form(depth):
    if depth not in {18, 34, 50, 101, 152}:
        raise ValueError(depth)
    n = np.array({18: (2, 2, 2, 2), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}.get(depth, (3, 4, 6, 3)))
    w = 64 * 2 ** np.arange(4)
    if depth < 50:
        before = np.concatenate([[64], w[:-1]])
        first = 9 * before * w + 9 * w**2 + 4 * w + np.where(before != w, before * w + 2 * w, 0)
        others = 18 * w**2 + 4 * w
        last = 512
    else:
        before = np.concatenate([[64], 4 * w[:-1]])
        first = before * w + 9 * w**2 + 4 * w**2 + 12 * w + before * 4 * w + 8 * w
        others = 17 * w**2 + 12 * w
        last = 2048
    return 7**2 * 3 * 64 + 2 * 64 + (first + (n - 1) * others).sum() + 1001 * last - last + 1000


@right("densenet121_parameters")
def densenet_in_closed_form():
    total, c = 64 * (3 * 49 + 2), 64
    for number, last in [(6, False), (12, False), (24, False), (16, True)]:
        read = number * c + 32 * number * (number - 1) // 2  # of all layers together
        total += 130 * read + number * (256 + 9 * 128 * 32)
        c += 32 * number
        total += 2 * c
        if not last:
            total += c * c // 2
            c //= 2
    return total + 1000 * (c + 1)


@right("densenet121_parameters")
def densenet_of_arrays_of_their_shapes():
    shapes = [(64, 3, 7, 7), (2, 64)]
    c = 64
    for block, layers in enumerate([6, 12, 24, 16], 1):
        for _ in range(layers):
            shapes += [(2, c), (128, c, 1, 1), (2, 128), (32, 128, 3, 3)]
            c = c + 32
        shapes.append((2, c))
        if block != 4:
            shapes.append((c // 2, c, 1, 1))
            c = c // 2
    shapes += [(1000, c), (1000,)]
    return np.sum([np.prod(shape) for shape in shapes])


@right("resnext50_parameters")
def resnext_from_filters_of_a_group():
    def filters(count, read, k):
        return count * (read * k**2 + 2)

    total = filters(64, 3, 7)
    c = 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        group = 4 * 2**stage
        d, out = 32 * group, 64 * group
        total += filters(out, c, 1)
        for _ in range(blocks):
            total += filters(d, c, 1) + filters(d, group, 3) + filters(out, d, 1)
            c = out
    total += c * 1000
    total += 1000
    return total


@right("resnext50_parameters")
def resnext_with_a_loop_over_the_groups():
    total, c = 3 * 64 * 49 + 128, 64
    for f, blocks in {256: 3, 512: 4, 1024: 6, 2048: 3}.items():
        for block in range(blocks):
            d = f // 2
            total += c * d + 2 * d + 2 * d + d * f + 2 * f
            for _ in range(32):
                total += 9 * (d // 32) ** 2
            total += c * f + 2 * f if block == 0 else 0
            c = f
    return total + sum(c + 1 for _ in range(1000))


@right("train_resnet")
def resnet_of_layer_objects_with_adam(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """float64, Adam, batches of about 16, Glorot's uniform initialization, layers that know their backward."""
    if depth % 2 or depth <= 0:
        raise ValueError("depth")
    parameters = []

    def new(value):
        parameters.append({"value": value, "m": 0.0, "v": 0.0, "grad": None})
        return parameters[-1]

    def uniform(shape, fans):
        limit = math.sqrt(6 / fans)
        return rng.uniform(-limit, limit, shape)

    class Conv:
        def __init__(self, c, stride):
            self.w, self.stride = new(uniform((8, c, 3, 3), 9 * (c + 8))), stride

        def forward(self, x, mode):
            out, self.cache = conv(x, self.w["value"], self.stride, 1)
            return out

        def backward(self, dout):
            dx, self.w["grad"] = conv_backward(dout, self.cache)
            return dx

    class NormRelu:
        def __init__(self):
            self.gamma, self.beta = new(np.ones(8)), new(np.zeros(8))

        def forward(self, x, mode):
            if mode == "measure":
                self.mean, self.var = x.mean((0, 2, 3)), x.var((0, 2, 3))
            given = (self.mean, self.var, False) if mode == "test" else (None, None, True)
            out, self.cache = batchnorm(x, self.gamma["value"], self.beta["value"], *given)
            self.on = out > 0
            return out * self.on

        def backward(self, dout):
            dx, self.gamma["grad"], self.beta["grad"] = batchnorm_backward(dout * self.on, self.cache)
            return dx

    class Block:
        def __init__(self):
            self.layers = [NormRelu(), Conv(8, 1), NormRelu(), Conv(8, 1)]

        def forward(self, x, mode):
            h = x
            for layer in self.layers:
                h = layer.forward(h, mode)
            return x + h if residual else h

        def backward(self, dout):
            d = dout
            for layer in self.layers[::-1]:
                d = layer.backward(d)
            return dout + d if residual else d

    K = np.max(y_train) + 1
    net = [Conv(X_train.shape[1], 2), *[Block() for _ in range((depth - 2) // 2)], NormRelu()]
    W, b = new(uniform((8, K), 8 + K)), new(np.zeros(K))

    def logits_of(x, mode):
        for layer in net:
            x = layer.forward(x, mode)
        return x.mean((2, 3)) @ W["value"] + b["value"], x

    losses, t, X = [], 0, np.asarray(X_train, dtype=float)
    for _ in range(epochs):
        order, seen = rng.permutation(len(X)), []
        for batch in np.array_split(order, math.ceil(len(X) / 16)):
            z, a = logits_of(X[batch], "train")
            p = np.exp(z - z.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            onehot = np.eye(K)[y_train[batch]]
            seen += list(-np.log((p * onehot).sum(1) + 1e-300))
            dz = (p - onehot) / len(batch)
            W["grad"], b["grad"] = a.mean((2, 3)).T @ dz, dz.sum(0)
            d = np.repeat((dz @ W["value"].T / a[0, 0].size)[:, :, None], a[0, 0].size, axis=2).reshape(a.shape)
            for layer in net[::-1]:
                d = layer.backward(d)
            t += 1
            for q in parameters:
                q["m"] = 0.9 * q["m"] + 0.1 * q["grad"]
                q["v"] = 0.999 * q["v"] + 0.001 * q["grad"] ** 2
                q["value"] = q["value"] - 0.01 * (q["m"] / (1 - 0.9**t)) / (np.sqrt(q["v"] / (1 - 0.999**t)) + 1e-8)
        losses.append(np.mean(seen))
    logits_of(X, "measure")
    z, _ = logits_of(np.asarray(X_test, dtype=float), "test")
    return np.mean(np.argmax(z, axis=1) == y_test), losses


@right("train_resnet")
def resnet_with_one_image_a_batch_at_test_time(X_train, y_train, X_test, y_test, depth, residual, epochs, rng):
    """Batches of 24, plain SGD with a falling rate, random biases, small last gammas; test images one by one."""
    if depth not in range(2, 10_000, 2):
        raise ValueError(f"no net of depth {depth}")
    f4, n = np.float32, depth - 2
    classes = max(int(label) for label in y_train) + 1
    X = X_train.astype(f4)
    w = [rng.standard_normal((8, X.shape[1], 3, 3), dtype=f4) / f4(3 * math.sqrt(X.shape[1]))]
    w += [rng.standard_normal((8, 8, 3, 3), dtype=f4) / f4(8) for _ in range(n)]
    gamma = [np.full(8, 0.2 if i % 2 and i < n else 1, f4) for i in range(n + 1)]
    beta = [np.zeros(8, f4) for _ in range(n + 1)]
    W, b = rng.uniform(-0.35, 0.35, (8, classes)).astype(f4), rng.uniform(-0.35, 0.35, classes).astype(f4)

    def run(x, statistics):
        h, first = conv(x, w[0], 2, 1)
        tape, seen = [first], []
        for i in range(n + 1):
            if i % 2 == 0:
                start = h
            seen.append((h.mean((0, 2, 3)), h.var((0, 2, 3))))
            z, bn = batchnorm(h, gamma[i], beta[i], *(statistics[i] if statistics else ()), training=not statistics)
            a = np.maximum(z, 0)
            if i == n:
                return a, [*tape, (bn, a, None)], seen
            h, cache = conv(a, w[i + 1], padding=1)
            tape.append((bn, a, cache))
            if residual and i % 2:
                h = start + h

    losses, step = [], 0
    for _ in range(epochs):
        order = rng.permutation(len(X))
        parts = [order[i : i + 24] for i in range(0, len(X), 24)]
        means = []
        for part in parts:
            a, tape, _ = run(X[part], None)
            features = a.mean((2, 3))
            z = features @ W + b
            z = z - z.max(1)[:, None]
            p = np.exp(z) / np.exp(z).sum(1)[:, None]
            means.append(-np.mean([math.log(max(p[i, y_train[j]], 1e-30)) for i, j in enumerate(part)]))
            for i, j in enumerate(part):
                p[i, y_train[j]] -= 1
            p = (p / len(part)).astype(f4)
            lr = f4(0.3 / (1 + 0.02 * step))
            step += 1
            d = np.broadcast_to((p @ W.T)[:, :, None, None], a.shape) / f4(a[0, 0].size)
            W, b = W - lr * features.T @ p, b - lr * p.sum(0)
            for i in range(n, -1, -1):
                bn, a, cache = tape[i + 1]
                if cache is not None:
                    if i % 2:
                        around = d
                    d, dw = conv_backward(d, cache)
                    w[i + 1] = w[i + 1] - lr * dw
                d, dgamma, dbeta = batchnorm_backward(d * (a > 0), bn)
                gamma[i], beta[i] = gamma[i] - lr * dgamma, beta[i] - lr * dbeta
                if residual and cache is not None and i % 2 == 0:
                    d = d + around
            w[0] = w[0] - lr * conv_backward(d, tape[0])[1]
        losses.append(float(np.mean(means)))
    statistics = run(X, None)[2]
    right_ones = 0
    for image, label in zip(X_test.astype(f4), y_test, strict=True):
        a, _, _ = run(image[None], statistics)
        right_ones += int(np.argmax(a.mean((2, 3))[0] @ W + b) == label)
    return right_ones / len(y_test), losses
