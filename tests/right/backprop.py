"""Unit 03: other right answers."""

import functools
import math

import numpy as np

from tests.right import right


@right("numerical_gradient")
def numerical_gradient_in_place_as_cs231n_does(f, x, h=1e-5):
    x = x.astype(np.float64)
    gradient = np.zeros_like(x)
    iterator = np.nditer(x, flags=["multi_index"], op_flags=[["readwrite"]])
    while not iterator.finished:
        place = iterator.multi_index
        before = x[place]
        x[place] = before + h
        ahead = f(x)
        x[place] = before - h
        behind = f(x)
        x[place] = before
        gradient[place] = (ahead - behind) / (2 * h)
        iterator.iternext()
    return gradient


@right("numerical_gradient")
def numerical_gradient_restoring_the_callers_x(f, x, h=1e-5):
    own = x if x.dtype == np.float64 else x.astype(float)
    gradient = np.zeros(own.shape)
    for i in np.ndindex(own.shape):
        before = own[i].copy()
        own[i] = before + h
        ahead = f(own)
        own[i] = before - h
        behind = f(own)
        own[i] = before
        gradient[i] = (ahead - behind) / (2 * h)
    return gradient


@right("numerical_gradient")
def numerical_gradient_by_rows_of_the_identity(f, x, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in steps]).reshape(x.shape)


@right("relative_error")
def relative_error_one_entry_at_a_time(a, b):
    worst = 0.0
    for p, q in zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True):
        error = abs(p - q) / max(1e-8, abs(p) + abs(q))
        if math.isnan(p) or math.isnan(q):
            return math.nan
        worst = max(worst, error)
    return worst


@right("relative_error")
def relative_error_with_a_clipped_denominator(a, b):
    if np.size(a) == 0:
        return 0.0
    return np.max(np.abs(np.subtract(a, b)) / np.clip(np.abs(a) + np.abs(b), 1e-8, None))


@right("gradient_check")
def gradient_check_all_directions_first(f, grad, x, rng, directions=5, h=1e-5):
    v = rng.normal(0, 1, (directions, x.size))
    v /= np.sqrt((v**2).sum(axis=1, keepdims=True))
    claimed = v @ np.ravel(grad)
    ahead = np.array([float(f(x + h * row.reshape(x.shape))) for row in v])
    behind = np.array([float(f(x - h * row.reshape(x.shape))) for row in v])
    measured = (ahead - behind) / (2 * h)
    return np.max(np.abs(claimed - measured) / np.maximum(1e-8, np.abs(claimed) + np.abs(measured)))


@right("gradient_check")
def gradient_check_with_vdot_and_a_running_maximum(f, grad, x, rng, directions=5, h=1e-5):
    if np.isnan(grad).any():
        return math.nan
    worst = 0.0
    for _ in range(directions):
        v = rng.standard_normal(x.shape)
        v = v / np.linalg.norm(v)
        a, b = np.vdot(grad, v), (f(x + h * v) - f(x - h * v)) / (2 * h)
        worst = max(worst, float(abs(a - b) / max(1e-8, abs(a) + abs(b))))
    return worst


@right("gradient_check")
def gradient_check_by_rejection_into_the_ball(f, grad, x, rng, directions=5, h=1e-5):
    # Uniform too: few entries by rejection from the cube, many by the normal vector's direction.
    errors = []
    while len(errors) < directions:
        v = rng.uniform(-1, 1, x.shape) if x.size < 5 else rng.standard_normal(x.shape)
        length = float(np.sqrt(np.sum(v * v)))
        if x.size < 5 and not 1e-3 < length <= 1:
            continue
        v = v / length
        slope = (f(np.array(x - h * v)) - f(np.array(x + h * v))) / (-2 * h)
        claim = (grad * v).sum()
        errors.append(abs(slope - claim) / np.maximum(abs(slope) + abs(claim), 1e-8))
    return np.array(errors).max()


@right("complex_step_gradient")
def complex_step_by_rows_of_the_identity(f, x, h=1e-30):
    steps = 1j * h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([np.imag(f(x + e)) / h for e in steps]).reshape(x.shape)


@right("complex_step_gradient")
def complex_step_to_both_sides(f, x, h=1e-30):
    gradient = np.zeros(x.shape, dtype=float)
    z = x.astype(complex)
    for k in np.ndindex(x.shape):
        z[k] = complex(x[k], h)
        ahead = f(z)
        z[k] = complex(x[k], -h)
        behind = f(z)
        z[k] = x[k]
        gradient[k] = (ahead - behind).imag / (2 * h)
    return gradient


@right("affine_forward")
def affine_forward_by_einsum(x, W, b):
    rows = np.reshape(x, (x.shape[0], W.shape[0]))
    return np.einsum("nd,dm->nm", rows, W) + b, (x, W)


@right("affine_forward")
def affine_forward_sample_by_sample(x, W, b):
    return np.stack([sample.ravel() @ W + b for sample in x]), (x, W)


@right("affine_backward")
def affine_backward_by_einsum(dout, cache):
    x, W = cache
    rows = x.reshape(x.shape[0], -1)
    dx = np.einsum("nm,dm->nd", dout, W).reshape(x.shape)
    return dx, np.einsum("nd,nm->dm", rows, dout), np.einsum("nm->m", dout)


@right("affine_backward")
def affine_backward_sample_by_sample(dout, cache):
    x, W = cache
    dx = np.stack([(W @ row).reshape(x.shape[1:]) for row in dout])
    dW = sum(np.outer(sample.ravel(), row) for sample, row in zip(x, dout, strict=True))
    return [dx, dW, np.sum(dout, 0)]


@right("unbroadcast")
def unbroadcast_axis_by_axis(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@right("unbroadcast")
def unbroadcast_by_adding_up_in_place(grad, shape):
    total = np.zeros(shape, dtype=grad.dtype)
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    view = total.reshape(padded)
    for place, value in np.ndenumerate(grad):
        view[tuple(0 if size == 1 else i for i, size in zip(place, padded, strict=True))] += value
    return total


@right("unbroadcast")
def unbroadcast_by_einsum(grad, shape):
    letters = "abcdefgh"[: grad.ndim]
    new = grad.ndim - len(shape)
    kept = "".join(letter for letter, size in zip(letters[new:], shape, strict=True) if size != 1)
    return np.einsum(f"{letters}->{kept}", grad).reshape(shape)


@right("output_error")
def output_error_in_another_order(a, y, z, dactivation):
    return np.multiply(dactivation(z), np.subtract(a, y))


@right("output_error")
def output_error_row_by_row(a, y, z, dactivation):
    return np.array([dactivation(z_n) * (a_n - y_n) for a_n, y_n, z_n in zip(a, y, z, strict=True)])


@right("output_error")
def output_error_entry_by_entry(a, y, z, dactivation):
    delta = np.empty_like(z)
    for place, value in np.ndenumerate(z):
        delta[place] = (a[place] - y[place]) * dactivation(value)
    return delta


@right("backward_error")
def backward_error_with_samples_as_columns(W_next, delta_next, z, dactivation):
    return (W_next @ delta_next.T).T * dactivation(z)


@right("backward_error")
def backward_error_by_einsum(W_next, delta_next, z, dactivation):
    return np.einsum("nk,mk,nm->nm", delta_next, W_next, dactivation(z))


@right("backward_error")
def backward_error_by_an_explicit_jacobian(W_next, delta_next, z, dactivation):
    return np.stack([np.diag(dactivation(row)) @ W_next @ delta for delta, row in zip(delta_next, z, strict=True)])


@right("layer_gradients")
def layer_gradients_by_outer_products(delta, a_previous):
    return sum(np.outer(a, d) for a, d in zip(a_previous, delta, strict=True)), sum(delta)


@right("layer_gradients")
def layer_gradients_with_a_column_of_ones(delta, a_previous):
    ones = np.ones((len(delta), 1), dtype=a_previous.dtype)
    both = np.hstack([a_previous, ones]).T @ delta
    return both[:-1], both[-1]


@right("layer_gradients")
def layer_gradients_by_einsum(delta, a_previous):
    return [np.einsum("nd,nm->dm", a_previous, delta), delta.sum(0)]


@right("mlp_loss")
def mlp_loss_by_lists_and_one_hot_rows(params, X, y, reg=0.0):
    L = len(params) // 2
    weights = [params["W" + str(i + 1)] for i in range(L)]
    biases = [params["b" + str(i + 1)] for i in range(L)]
    zs, activations = [], [X]
    for W, b in zip(weights, biases, strict=True):
        zs.append(np.dot(activations[-1], W) + b)
        activations.append(zs[-1] * (zs[-1] > 0))
    logits = zs[-1]
    N, C = logits.shape
    one_hot = (np.arange(C) == y[:, None]).astype(logits.dtype)
    top = logits.max(1)
    loss = np.mean(top + np.log(np.exp(logits - top[:, None]).sum(1)) - (logits * one_hot).sum(1))
    loss = loss + sum(0.5 * reg * np.sum(W * W) for W in weights)
    probs = np.exp(logits - top[:, None])
    probs /= probs.sum(1, keepdims=True)
    delta, grads = (probs - one_hot) / N, {}
    for i in reversed(range(L)):
        grads["W" + str(i + 1)] = np.dot(activations[i].T, delta) + reg * weights[i]
        grads["b" + str(i + 1)] = np.ones(N, dtype=delta.dtype) @ delta
        if i:
            delta = np.dot(delta, weights[i].T) * (zs[i - 1] > 0)
    return loss, grads


@right("mlp_loss")
def mlp_loss_by_recursion_over_the_layers(params, X, y, reg=0.0):
    names = sorted((name for name in params if name.startswith("W")), key=lambda name: int(name[1:]))
    grads = {}

    def below(A, layer):
        """The loss from layer `layer` on, and its gradient with respect to A."""
        name = names[layer]
        W, b = params[name], params["b" + name[1:]]
        z = A @ W + b
        if layer == len(names) - 1:
            shifted = z - np.max(z, axis=1, keepdims=True)
            log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
            loss = -np.sum(log_probs[np.arange(len(y)), y]) / len(y)
            dz = np.exp(log_probs)
            dz[np.arange(len(y)), y] -= 1
            dz /= len(y)
        else:
            loss, dz = below(np.maximum(z, 0), layer + 1)
            dz = dz * (z > 0)
        grads[name] = A.T @ dz + reg * W
        grads["b" + name[1:]] = np.sum(dz, axis=0)
        return loss + 0.5 * reg * np.sum(np.square(W)), dz @ W.T

    return below(X, 0)[0], grads


@right("Value")
class ValueWithClosures:
    """In the style of micrograd: every operation leaves a function that hands its gradient on."""

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._backward = lambda: None

    def _made(self, data, parents, share):
        out = ValueWithClosures(data, parents)

        def backward():
            for parent, part in zip(parents, share(out.grad), strict=True):
                parent.grad += part

        out._backward = backward
        return out

    def __add__(self, other):
        other = other if isinstance(other, ValueWithClosures) else ValueWithClosures(other)
        return self._made(self.data + other.data, (self, other), lambda g: (g, g))

    def __mul__(self, other):
        other = other if isinstance(other, ValueWithClosures) else ValueWithClosures(other)
        return self._made(self.data * other.data, (self, other), lambda g: (g * other.data, g * self.data))

    def __pow__(self, k):
        slope = 0.0 if k == 0 else k * self.data ** (k - 1)
        return self._made(self.data**k, (self,), lambda g: (g * slope,))

    def exp(self):
        power = math.exp(self.data)
        return self._made(power, (self,), lambda g: (g * power,))

    def log(self):
        return self._made(math.log(self.data), (self,), lambda g: (g / self.data,))

    def tanh(self):
        t = math.tanh(self.data)
        return self._made(t, (self,), lambda g: (g * (1 - t * t),))

    def relu(self):
        return self._made(0 if self.data < 0 else self.data, (self,), lambda g: (g * (self.data > 0),))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def __radd__(self, other):
        return self + other

    def __rsub__(self, other):
        return other + (-self)

    def __rmul__(self, other):
        return self * other

    def __rtruediv__(self, other):
        return other * self**-1

    def backward(self):
        topological, visited, stack = [], {self}, [(self, iter(self._parents))]
        while stack:
            node, parents = stack[-1]
            for parent in parents:
                if parent not in visited:
                    visited.add(parent)
                    stack.append((parent, iter(parent._parents)))
                    break
            else:
                topological.append(stack.pop()[0])
        self.grad = 1.0
        for node in reversed(topological):
            node._backward()


@right("Value")
class ValueThatCountsItsUsers:
    """Kahn's order: a node has its turn when all that use it have had theirs."""

    def __init__(self, data, *edges):
        self.data, self.grad, self.edges = float(data), 0.0, edges

    @staticmethod
    def of(number):
        return number if isinstance(number, ValueThatCountsItsUsers) else ValueThatCountsItsUsers(number)

    def __add__(self, other):
        other = self.of(other)
        return ValueThatCountsItsUsers(self.data + other.data, (self, 1), (other, 1))

    __radd__ = __add__

    def __sub__(self, other):
        other = self.of(other)
        return ValueThatCountsItsUsers(self.data - other.data, (self, 1), (other, -1))

    def __rsub__(self, other):
        return self.of(other) - self

    def __mul__(self, other):
        other = self.of(other)
        return ValueThatCountsItsUsers(self.data * other.data, (self, other.data), (other, self.data))

    __rmul__ = __mul__

    def __truediv__(self, other):
        other = self.of(other)
        slopes = 1 / other.data, -self.data / other.data**2
        return ValueThatCountsItsUsers(self.data / other.data, (self, slopes[0]), (other, slopes[1]))

    def __rtruediv__(self, other):
        return self.of(other) / self

    def __neg__(self):
        return 0 - self

    def __pow__(self, k):
        return ValueThatCountsItsUsers(self.data**k, (self, k * self.data ** (k - 1) if k else 0))

    def exp(self):
        return ValueThatCountsItsUsers(math.exp(self.data), (self, math.exp(self.data)))

    def log(self):
        return ValueThatCountsItsUsers(math.log(self.data), (self, 1 / self.data))

    def tanh(self):
        z = math.exp(-2 * abs(self.data))
        return ValueThatCountsItsUsers(math.copysign((1 - z) / (1 + z), self.data), (self, 4 * z / (1 + z) ** 2))

    def relu(self):
        return self if self.data > 0 else self * 0

    def backward(self):
        users, found = {self: 0}, [self]
        for node in found:
            for operand, _ in node.edges:
                if operand not in users:
                    users[operand] = 0
                    found.append(operand)
                users[operand] += 1
        self.grad, ready = 1.0, [self]
        while ready:
            node = ready.pop()
            for operand, slope in node.edges:
                operand.grad += slope * node.grad
                users[operand] -= 1
                if users[operand] == 0:
                    ready.append(operand)


@right("jacobian")
def jacobian_entry_by_entry(f, x):
    x = x.astype(float)
    J = np.zeros((len(f(x)), x.size))
    for j in range(x.size):
        kept = x[j]
        x[j] = kept + 1e-6
        ahead = np.array(f(x))
        x[j] = kept - 1e-6
        behind = np.array(f(x))
        x[j] = kept
        for i in range(len(J)):
            J[i, j] = (ahead[i] - behind[i]) / 2e-6
    return J


@right("jacobian")
def jacobian_of_fourth_order(f, x):
    x, h = np.array(x, dtype=np.float64), 1e-3
    steps = h * np.eye(x.size)
    rows = [(8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h) for e in steps]
    return np.array(rows).T


@right("vjp")
def vjp_as_a_gradient(f, x, v):
    x = np.array(x, dtype=np.float64)
    gradient = np.empty_like(x)
    for j in range(x.size):
        e = np.zeros_like(x)
        e[j] = 1e-6
        gradient[j] = (np.dot(v, f(x + e)) - np.dot(v, f(x - e))) / 2e-6
    return gradient


@right("vjp")
def vjp_from_the_whole_jacobian(f, x, v):
    return v @ jacobian_of_fourth_order(f, x)


@right("jvp")
def jvp_with_four_calls(f, x, v):
    x, v = x.astype(np.float64), v.astype(np.float64)
    length = math.sqrt(sum(v * v))
    if length == 0:
        return 0.0 * f(x)
    u, h = v / length, 1e-4
    slope = (8 * (f(x + h * u) - f(x - h * u)) - (f(x + 2 * h * u) - f(x - 2 * h * u))) / (12 * h)
    return slope * length


@right("jvp")
def jvp_scaled_by_the_largest_entry(f, x, v):
    x, v = np.asarray(x, dtype=float), np.asarray(v, dtype=float)
    size = max(np.abs(v).max(), 1.0)
    h = 2e-6
    return size * (f(x + h * v / size) - f(x - h * v / size)) / (2 * h)


@right("checkpointed_backward")
def checkpoints_in_a_dictionary_that_is_counted(layers, x, dout, every):
    held, out, peak = {}, x, 0
    for i, (forward, _) in enumerate(layers):
        if i % every == 0:
            held[i] = out
        out = forward(out)
    for i in reversed(range(len(layers))):
        if i not in held:
            start = i // every * every
            for j in range(start, i):
                held[j + 1] = layers[j][0](held[j])
        peak = max(peak, len(held))
        dout = layers[i][1](dout, held[i])
        if i % every:
            del held[i]
    return dout, peak


@right("checkpointed_backward")
def checkpoints_but_for_the_last_segment(layers, x, dout, every):
    L = len(layers)
    last = (L - 1) // every * every
    checkpoints, recent = [], []
    for i in range(L):
        if i % every == 0:
            checkpoints.append(x)
        if i >= last:
            recent.append(x)  # no need to compute what was only just computed
        if i < L - 1:
            x = layers[i][0](x)
    for segment in reversed(range(len(checkpoints))):
        if segment * every != last:
            recent = [checkpoints[segment]]
            for forward, _ in layers[segment * every : segment * every + every - 1]:
                recent.append(forward(recent[-1]))
        while recent:
            dout = layers[segment * every + len(recent) - 1][1](dout, recent.pop())
    return dout, -(-L // every) + min(every, L) - 1


@right("linear_collapse")
def collapsed_by_reduce(weights):
    small = weights[0].dtype.kind in "iu"
    return functools.reduce(np.matmul, [W.astype(np.int64) if small else W for W in weights])


@right("linear_collapse")
def collapsed_from_the_last_layer(weights):
    *before, product = weights
    product = product * 1.0
    for W in reversed(before):
        product = np.einsum("ij,jk->ik", W, product)
    return product
