"""Unit 07: other right answers."""

import math

import numpy as np

from tests.right import right


@right("minibatches")
def minibatches_as_an_iterator(n, batch_size, rng, drop_last=False):
    order = np.arange(n)
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        batch = order[start : start + batch_size]
        if len(batch) == batch_size or not drop_last:
            yield batch


@right("minibatches")
def minibatches_by_random_keys(n, batch_size, rng, drop_last=False):
    order = np.argsort(rng.random(n))
    full, rest = divmod(n, batch_size)
    batches = [order[i * batch_size : (i + 1) * batch_size] for i in range(full)]
    return batches if drop_last or not rest else [*batches, order[-rest:]]


@right("minibatches")
def minibatches_split_at_places(n, batch_size, rng, drop_last=False):
    if n == 0:
        return ()
    batches = np.split(rng.permutation(n), range(batch_size, n, batch_size))
    return tuple(batch for batch in batches if not drop_last or batch.size == batch_size)


@right("minibatches")
def minibatches_drawn_without_replacement(n, batch_size, rng, drop_last=False):
    left, batches = list(range(n)), []
    while left and (not drop_last or len(left) >= batch_size):
        batch = [left.pop(int(rng.integers(len(left)))) for _ in range(min(batch_size, len(left)))]
        batches.append(np.array(batch))
    return batches


@right("gradient_descent")
def gradient_descent_in_a_copy(grad, w, lr, steps):
    w = np.array(w)
    for _ in range(steps):
        w[...] -= lr * grad(w)
    return w


@right("gradient_descent")
def gradient_descent_by_recursion(grad, w, lr, steps):
    return w if steps == 0 else gradient_descent_by_recursion(grad, w - lr * grad(w), lr, steps - 1)


@right("gradient_descent")
def gradient_descent_counting_down(grad, w, lr, steps):
    while steps > 0:
        g = grad(w)
        w, steps = np.subtract(w, np.multiply(lr, g)), steps - 1
    return w


@right("sgd_momentum")
def sgd_momentum_in_copies(w, grad, state, lr, momentum=0.9):
    v = np.array(state["velocity"]) if state else np.zeros_like(w)
    v = v * momentum
    v = v + grad
    w = np.array(w)
    w -= lr * v
    return w, {"velocity": v}


@right("sgd_momentum")
def sgd_momentum_from_all_gradients(w, grad, state, lr, momentum=0.9):
    grads = [*state.get("grads", []), grad]
    v = sum(g * momentum**age for age, g in enumerate(reversed(grads)))
    return w - lr * v, {"grads": grads}


@right("sgd_momentum")
def sgd_momentum_scaled_when_lr_changes(w, grad, state, lr, momentum=0.9):
    # The other convention, with the old velocity brought to the new learning rate.
    v = momentum * state.get("v", np.zeros_like(w)) * (lr / state.get("lr", lr)) - lr * grad
    return w + v, {"v": v, "lr": lr}


@right("nesterov")
def nesterov_with_the_point_ahead(w, grad, state, lr, momentum=0.9):
    velocity = state["velocity"] if state else np.zeros_like(w)
    carried = momentum * velocity
    ahead = w - lr * carried
    velocity = carried + grad(ahead)
    return w - lr * velocity, {"velocity": velocity}


@right("nesterov")
def nesterov_stepping_from_ahead_by_the_gradient(w, grad, state, lr, momentum=0.9):
    v = state.get("v", np.zeros_like(w))
    ahead = w - lr * momentum * v
    g = grad(ahead)
    return ahead - lr * g, {"v": momentum * v + g, "steps": state.get("steps", 0) + 1}


@right("nesterov_rewritten")
def nesterov_rewritten_expanded(w, grad, state, lr, momentum=0.9):
    old = state.get("v", np.zeros_like(w))
    return w - lr * ((1 + momentum) * grad + momentum**2 * old), {"v": momentum * old + grad}


@right("nesterov_rewritten")
def nesterov_rewritten_through_the_other_weights(w, grad, state, lr, momentum=0.9):
    v = state.get("v", np.zeros_like(w))
    x = w + lr * momentum * v
    v = momentum * v + grad
    x = x - lr * v
    return x - lr * momentum * v, {"v": v}


@right("adagrad")
def adagrad_in_pytorchs_order(w, grad, state, lr, eps=1e-8):
    total = (state["sum"] if state else np.zeros_like(w)) + grad * grad
    root = np.sqrt(total)
    return w + -lr * (grad / (root + eps)), {"step": state.get("step", 0) + 1, "sum": total}


@right("adagrad")
def adagrad_one_weight_at_a_time(w, grad, state, lr, eps=1e-8):
    w, s = np.array(w), np.array(state.get("s", np.zeros_like(w)))
    for place in np.ndindex(w.shape):
        s[place] += grad[place] ** 2
        w[place] -= lr * float(grad[place]) / (math.sqrt(s[place]) + eps)
    return w, {"s": s}


@right("adadelta")
def adadelta_by_one_root(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    s, u = state.get("averages", (np.zeros_like(w), np.zeros_like(w)))
    s = s + (1 - rho) * (grad * grad - s)
    d = -np.sqrt((u + eps) / (s + eps)) * grad
    return w + lr * d, {"averages": (s, u + (1 - rho) * (d * d - u))}


@right("adadelta")
def adadelta_by_powers(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    u = state.get("u", 0.0)
    s = rho * state.get("s", 0.0) + (1 - rho) * np.square(grad)
    d = (u + eps) ** 0.5 * (s + eps) ** -0.5 * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * np.square(d)}


@right("rmsprop")
def rmsprop_by_interpolation(w, grad, state, lr, decay=0.9, eps=1e-8):
    mean = state.get("mean", np.zeros_like(w))
    mean = mean + (1 - decay) * (grad * grad - mean)
    return w - lr / (mean**0.5 + eps) * grad, {"mean": mean}


@right("rmsprop")
def rmsprop_one_weight_at_a_time(w, grad, state, lr, decay=0.9, eps=1e-8):
    w, s = np.array(w), np.array(state.get("s", np.zeros_like(w)))
    for place in np.ndindex(w.shape):
        s[place] = decay * s[place] + (1 - decay) * grad[place] ** 2
        w[place] -= lr * grad[place] / (np.sqrt(s[place]) + eps)
    return w, {"s": s}


@right("adam")
def adam_in_the_papers_faster_order(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    # One factor for both corrections; eps is scaled too, so that it is still added to the corrected root.
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * grad * grad
    root = math.sqrt(1 - beta2**t)
    return w - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), {"t": t, "m": m, "v": v}


@right("adam")
def adam_with_kept_powers(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    state = dict(state) or {"m": np.zeros_like(w), "v": np.zeros_like(w), "powers": (1.0, 1.0)}
    p1, p2 = state["powers"][0] * beta1, state["powers"][1] * beta2
    state["m"] = state["m"] + (1 - beta1) * (grad - state["m"])
    state["v"] = state["v"] + (1 - beta2) * (grad**2 - state["v"])
    state["powers"] = (p1, p2)
    return w - lr * (state["m"] / (1 - p1)) / ((state["v"] / (1 - p2)) ** 0.5 + eps), state


@right("adam")
def adam_with_a_weighted_mean(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    # The corrected averages are weighted means of all gradients: no correction is needed if the weights are summed.
    grads = [*state.get("grads", []), np.asarray(grad)]
    ages = range(len(grads) - 1, -1, -1)
    m = sum(g * beta1**age for age, g in zip(ages, grads, strict=True)) / sum(beta1**age for age in ages)
    v = sum(g**2 * beta2**age for age, g in zip(ages, grads, strict=True)) / sum(beta2**age for age in ages)
    return w - lr * m / (np.sqrt(v) + eps), {"grads": grads}


@right("adamax")
def adamax_by_where(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t, m, u = state.get("all", (0, np.zeros_like(w), np.zeros_like(w)))
    t, m = t + 1, m * beta1 + grad * (1 - beta1)
    size, faded = np.abs(grad), u * beta2
    u = np.where(size > faded, size, faded)
    return w - lr / (1 - beta1**t) * m / (u + eps), {"all": (t, m, u)}


@right("adamax")
def adamax_by_a_stack(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    power = state.get("power", 1.0) * beta1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    u = np.stack([beta2 * state.get("u", np.zeros_like(w)), np.sqrt(grad**2)]).max(axis=0)
    return w - lr * (m / (1 - power)) / (u + eps), {"power": power, "m": m, "u": u}


@right("nadam")
def nadam_by_two_steps(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * grad**2
    below = np.sqrt(v / (1 - beta2**t)) + eps
    w = w - lr * beta1 / (1 - beta1 ** (t + 1)) * (m / below)
    return w - lr * (1 - beta1) / (1 - beta1**t) * (grad / below), {"t": t, "m": m, "v": v}


@right("nadam")
def nadam_with_kept_powers(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    p1, p2 = state.get("p1", 1.0) * beta1, state.get("p2", 1.0) * beta2
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - p1 * beta1) + (1 - beta1) * grad / (1 - p1)
    return w - lr * m_hat / (np.sqrt(v) / math.sqrt(1 - p2) + eps), {"p1": p1, "p2": p2, "m": m, "v": v}


@right("adamw")
def adamw_shrinking_first(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    state = state or {"t": 0, "m": np.zeros_like(w), "v": np.zeros_like(w)}
    t, m, v = state["t"] + 1, state["m"] * beta1 + (1 - beta1) * grad, state["v"] * beta2 + (1 - beta2) * grad**2
    w = w * (1 - lr * weight_decay)
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@right("adamw")
def adamw_decaying_last_by_the_old_weights(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    t = state.get("t", 0) + 1
    m = state.get("m", np.zeros_like(w)) + (1 - beta1) * (grad - state.get("m", np.zeros_like(w)))
    v = state.get("v", np.zeros_like(w)) + (1 - beta2) * (grad**2 - state.get("v", np.zeros_like(w)))
    stepped = w - lr / (1 - beta1**t) * m / (np.sqrt(v) / math.sqrt(1 - beta2**t) + eps)
    return stepped - lr * weight_decay * w, {"t": t, "m": m, "v": v}


@right("lion")
def lion_with_zeros_like_and_masks(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    grad = 1.0 * grad
    m = state["average"] if "average" in state else np.zeros_like(grad)
    mixture = m + (1 - beta1) * (grad - m)
    direction = (mixture > 0).astype(grad.dtype) - (mixture < 0).astype(grad.dtype)
    return (1 - lr * weight_decay) * w - lr * direction, {"average": m + (1 - beta2) * (grad - m)}


@right("lion")
def lion_weight_by_weight(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    average = list(state.get("average", [0.0] * w.size))
    out = np.empty(w.shape, dtype=w.dtype if w.dtype.kind == "f" else float)
    for i, (weight, g) in enumerate(zip(w.ravel().tolist(), grad.ravel().tolist(), strict=True)):
        mixture = beta1 * average[i] + (1 - beta1) * g
        sign = 0.0 if mixture == 0 else math.copysign(1.0, mixture)
        out.flat[i] = weight - lr * (sign + weight_decay * weight)
        average[i] = beta2 * average[i] + (1 - beta2) * g
    return out, {"average": average}


@right("lookahead")
def lookahead_counting_down(w, grad, state, lr, inner, k=5, alpha=0.5):
    slow, left, inner_state = state.get("slow", w), state.get("left", k) - 1, state.get("inside", {})
    w, inner_state = inner(w, grad, inner_state, lr)
    if left == 0:
        w = (1 - alpha) * slow + alpha * w
        slow, left = w, k
    return w, {"slow": slow, "left": left, "inside": inner_state}


@right("lookahead")
def lookahead_with_everything_in_one_entry(w, grad, state, lr, inner, k=5, alpha=0.5):
    t, slow, inner_state = state["all"] if state else (0, np.copy(w), {})
    fast, inner_state = inner(w, grad, inner_state, lr)
    if (t + 1) % k:
        return fast, {"all": (t + 1, slow, inner_state)}
    slow = slow * (1 - alpha) + fast * alpha
    return slow.copy(), {"all": (t + 1, slow, inner_state)}


@right("ema_weights")
def ema_by_its_step(ema, w, decay=0.999):
    return ema + (1 - decay) * (w - ema)


@right("ema_weights")
def ema_in_a_copy(ema, w, decay=0.999):
    out = ema.copy() if ema.dtype.kind == "f" else ema.astype(float)
    out *= decay
    out += (1 - decay) * w
    return out


@right("step_decay")
def step_decay_drop_by_drop(t, lr0, factor=0.5, every=10):
    lr = lr0
    for update in range(1, t + 1):
        if update % every == 0:
            lr = lr * factor
    return lr


@right("step_decay")
def step_decay_by_floor(t, lr0, factor=0.5, every=10):
    return lr0 * np.power(float(factor), np.floor(t / every))


@right("exponential_decay")
def exponential_decay_by_numpy(t, lr0, k):
    return lr0 * np.exp(-k * t)


@right("exponential_decay")
def exponential_decay_by_powers_of_e(t, lr0, k):
    return lr0 * math.e ** (-k * t)


@right("exponential_decay")
def exponential_decay_update_by_update(t, lr0, k):
    lr = lr0
    for _ in range(t):
        lr *= math.exp(-k)
    return lr


@right("inverse_time_decay")
def inverse_time_decay_as_a_power(t, lr0, k):
    return lr0 * (1.0 + k * t) ** -1


@right("inverse_time_decay")
def inverse_time_decay_by_numpy(t, lr0, k):
    return np.divide(lr0, 1 + k * t)


@right("cosine_with_warmup")
def cosine_with_warmup_by_the_squared_cosine(t, lr0, warmup, total, lr_min=0.0):
    if warmup > t:
        return t / warmup * lr0
    share = min((t - warmup) / (total - warmup), 1.0) if total > warmup else 1.0
    return lr_min + (lr0 - lr_min) * math.cos(math.pi / 2 * share) ** 2


@right("cosine_with_warmup")
def cosine_with_warmup_in_numpy(t, lr0, warmup, total, lr_min=0.0):
    if t < warmup:
        return np.float64(lr0) / warmup * t
    done = np.clip((t - warmup) / max(total - warmup, 1), 0, 1) if t < total else 1.0
    return lr_min * (1 - (1 + np.cos(np.pi * done)) / 2) + lr0 * (1 + np.cos(np.pi * done)) / 2


@right("one_cycle")
def one_cycle_as_pytorch_writes_it(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    initial = lr_max / div_factor
    phases = [(pct_start * total - 1, initial, lr_max), (total - 1, lr_max, initial / final_div_factor)]
    start = 0.0
    for i, (end, a, b) in enumerate(phases):
        if (t <= end and end != start) or i == len(phases) - 1:
            if i == 0 and end < 0:
                continue
            return b + (a - b) / 2.0 * (np.cos(np.pi * (t - start) / (end - start)) + 1)
        start = end
    raise ValueError


@right("one_cycle")
def one_cycle_by_the_squared_sine(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    peak, low = total * pct_start - 1, lr_max / div_factor
    if peak > t:
        return low + (lr_max - low) * math.sin(math.pi * t / peak / 2) ** 2
    low = lr_max / (div_factor * final_div_factor)
    return lr_max - (lr_max - low) * math.sin(math.pi * (t - peak) / (total - 1 - peak) / 2) ** 2


@right("reduce_on_plateau")
def reduce_on_plateau_by_index_of_the_last_reset(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    rates, lr, best, since = [], lr0, float("inf"), -1
    for i in range(len(losses)):
        if best - losses[i] > min_delta:
            best, since = losses[i], i
        elif i - since > patience:
            lr, since = max(min_lr, factor * lr), i
        rates.append(lr)
    return rates


@right("reduce_on_plateau")
def reduce_on_plateau_with_a_named_test(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    lr, best, bad = np.full(len(losses), float(lr0)), None, 0
    for i, loss in enumerate(losses):
        improved = best is None or (not math.isnan(loss) and loss < best - min_delta)
        best, bad = (loss, 0) if improved else (best, bad + 1)
        if bad == patience + 1:
            lr[i:] = max(lr[i] * factor, min_lr)
            bad = 0
    return lr.tolist()


@right("accumulate_gradients")
def accumulate_gradients_as_a_running_mean(grad, batches):
    mean, seen = None, 0
    for X, y in batches:
        seen += len(X)
        now = grad(X, y)
        mean = now if mean is None else mean + (now - mean) * (len(X) / seen)
    return mean


@right("accumulate_gradients")
def accumulate_gradients_by_shares(grad, batches):
    samples = sum(X.shape[0] for X, _ in batches)
    return sum(grad(X, y) * (X.shape[0] / samples) for X, y in batches)


@right("accumulate_gradients")
def accumulate_gradients_by_numpys_average(grad, batches):
    parts = [grad(X, y) for X, y in reversed(batches)]
    mean = np.average(parts, axis=0, weights=[len(y) for _, y in reversed(batches)])
    return mean.astype(parts[0].dtype)


@right("effective_step_size")
def effective_step_size_by_the_path(optimizer, grads, lr):
    grads = grads if grads.dtype.kind == "f" else grads.astype(float)
    path, state = [np.zeros(grads.shape[1], grads.dtype)], {}
    for t in range(len(grads)):
        w, state = optimizer(path[-1], grads[t], state, lr)
        path.append(w)
    return np.abs(np.diff(np.array(path), axis=0))


@right("effective_step_size")
def effective_step_size_step_by_step(optimizer, grads, lr):
    T, D = grads.shape
    sizes = np.empty((T, D), dtype=grads.dtype if grads.dtype.kind == "f" else np.float64)
    w, state = np.zeros(D, dtype=sizes.dtype), {}
    for t in range(T):
        after, state = optimizer(w.copy(), grads[t], state, lr)
        for d in range(D):
            sizes[t, d] = abs(after[d] - w[d])
        w = after
    return sizes


@right("stable_learning_rate")
def stable_learning_rate_by_the_spectral_norm(H):
    return 2 / np.linalg.norm(H, 2)


@right("stable_learning_rate")
def stable_learning_rate_by_general_eigenvalues(H):
    return 2.0 / max(np.linalg.eigvals(H).real)


@right("stable_learning_rate")
def stable_learning_rate_by_power_iteration(H):
    v = np.ones(len(H)) + 0.1 * np.arange(len(H))
    for _ in range(200):
        v = H @ v
        v /= np.linalg.norm(v)
    return 2 / (v @ H @ v)


@right("momentum_optimum")
def momentum_optimum_by_the_extreme_curvatures(kappa):
    mu = ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2
    return mu, np.sqrt(mu)


@right("momentum_optimum")
def momentum_optimum_as_one_minus(kappa):
    factor = 1 - 2 / (kappa**0.5 + 1)
    return [factor * factor, factor]


@right("train")
def train_with_shuffled_copies(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    params = {name: array.copy() for name, array in params.items()}
    states, history, t = {name: {} for name in params}, {"loss": [], "lr": []}, 0
    index = np.arange(len(X))
    for _ in range(epochs):
        rng.shuffle(index)
        mixed_X, mixed_y = X[index], y[index]
        first = 0
        while first < len(X):
            last = min(first + batch_size, len(X))
            value, grads = loss(params, mixed_X[first:last], mixed_y[first:last])
            lr = float(schedule(t))
            moved = {name: optimizer(params[name], grads[name], states[name], lr) for name in grads}
            params = {name: moved[name][0] for name in params}
            states = {name: moved[name][1] for name in params}
            history["loss"].append(value)
            history["lr"].append(lr)
            first, t = last, t + 1
    history["params"] = params
    return history


@right("train")
def train_by_array_split(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    now, memory = {**params}, {}
    losses, updates = [], 0
    for _ in range(epochs):
        order = np.argsort(rng.random(len(X)))
        for batch in np.array_split(order, range(batch_size, len(X), batch_size)):
            value, grads = loss(now, X[batch], y[batch])
            lr = np.asarray(schedule(updates)).item()
            for name, grad in grads.items():
                now[name], memory[name] = optimizer(now[name], grad, memory.get(name, {}), lr)
            losses, updates = [*losses, float(value)], updates + 1
    return {"params": now, "loss": losses, "lr": [float(schedule(t)) for t in range(updates)], "updates": updates}
