"""Unit 07: how a gradient becomes a step: momentum, step sizes of each parameter's own, schedules, and the loop.

An optimizer is a function step(w, grad, state, lr, …) -> w, state. The state is {} at the start and a new dictionary
after every step; nothing in the old one changes. Bias corrections and learning rates are Python floats, which leave
float32 arrays float32. Each function uses only np, math and builtins: its body is pasted on its own into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise:
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "minibatches",
    "gradient_descent",
    "sgd_momentum",
    "nesterov",
    "nesterov_rewritten",
    "adagrad",
    "adadelta",
    "rmsprop",
    "adam",
    "adamax",
    "nadam",
    "adamw",
    "lion",
    "lookahead",
    "ema_weights",
    "step_decay",
    "exponential_decay",
    "inverse_time_decay",
    "cosine_with_warmup",
    "one_cycle",
    "reduce_on_plateau",
    "accumulate_gradients",
    "effective_step_size",
    "stable_learning_rate",
    "momentum_optimum",
    "train",
]


def minibatches(n: int, batch_size: int, rng: np.random.Generator, drop_last: bool = False) -> list[np.ndarray]:
    """The indices 0 … n − 1 in random order, each once, cut into batches: one epoch.

    n ≥ 0, batch_size ≥ 1; rng gives the order, every order equally likely, a new one each call. Returns a list of
    integer arrays of batch_size entries each; the last one is smaller where n is no multiple of batch_size, or left out
    if drop_last. n = 0, or n < batch_size with drop_last, gives an empty list.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 8.1.3.
    """
    order = rng.permutation(n)  # (n,)
    end = n - n % batch_size if drop_last else n
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


def gradient_descent(grad: "Callable[[np.ndarray], np.ndarray]", w: np.ndarray, lr: float, steps: int) -> np.ndarray:
    """Where `steps` steps w ← w − lr · grad(w) lead.

    grad: takes an array of w's shape and returns its gradient, called exactly once a step; w: any shape; steps ≥ 0.
    Returns an array of w's shape, w's values if steps is 0; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 4.3.
    """
    for _ in range(steps):
        w = w - lr * grad(w)  # a new array; w -= … would change the caller's
    return w


def sgd_momentum(
    w: np.ndarray, grad: np.ndarray, state: "dict[str, Any]", lr: float, momentum: float = 0.9
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of gradient descent with momentum: v ← momentum · v + grad, w ← w − lr · v, with v = 0 at the start.

    momentum = 0 is plain gradient descent. The learning rate is not inside v: a new one acts on the old gradients too.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32.
    Source: Polyak, "Some Methods of Speeding up the Convergence of Iteration Methods", 1964 (in PyTorch's form).
    """
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * v, {"v": v}


def nesterov(
    w: np.ndarray,
    grad: "Callable[[np.ndarray], np.ndarray]",
    state: "dict[str, Any]",
    lr: float,
    momentum: float = 0.9,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Nesterov's momentum: v ← momentum · v + grad(w − lr · momentum · v), w ← w − lr · v.

    The gradient is taken where the old velocity alone would carry w in this step. v is 0 at the start.

    w: any shape; grad: takes an array of w's shape and returns its gradient, called exactly once; state: {} at first,
    then what the step before returned. Returns w and the next state, both new; float32 stays float32.
    Source: Sutskever, Martens, Dahl and Hinton, "On the Importance of Initialization and Momentum in Deep Learning",
    2013, eq. 3 and 4 (there the learning rate is inside v, and v has the other sign).
    """
    v = state.get("v", 0.0)
    v = momentum * v + grad(w - lr * momentum * v)
    return w - lr * v, {"v": v}


def nesterov_rewritten(
    w: np.ndarray, grad: np.ndarray, state: "dict[str, Any]", lr: float, momentum: float = 0.9
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Nesterov's momentum, of the look-ahead point itself.

    w is here what `nesterov` calls w − lr · momentum · v, the only point where a gradient is ever wanted. So grad is
    the gradient at w, an array, and the step has the interface of all others. At constant lr both walk the same path.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns the next look-ahead
    point and the next state, both new; float32 stays float32.
    Source: Bengio, Boulanger-Lewandowski and Pascanu, "Advances in Optimizing Recurrent Networks", 2013; PyTorch's SGD
    with nesterov=True.
    """
    # Let x be nesterov's weights: w = x − lr · momentum · v, and a step is v' = momentum · v + grad, x' = x − lr · v'.
    #   w' = x' − lr · momentum · v'
    #      = w + lr · momentum · v − lr · v' − lr · momentum · v'      and momentum · v − v' = −grad
    #      = w − lr · (grad + momentum · v').
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * (grad + momentum * v), {"v": v}


def adagrad(
    w: np.ndarray, grad: np.ndarray, state: "dict[str, Any]", lr: float, eps: float = 1e-8
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Adagrad: s ← s + grad², w ← w − lr · grad / (sqrt(s) + eps), with s = 0 at the start.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32. A weight whose gradients were all 0 stays where it is.
    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    2011.
    """
    s = state.get("s", 0.0) + grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adadelta(
    w: np.ndarray, grad: np.ndarray, state: "dict[str, Any]", lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Adadelta: w ← w − lr · d with d = sqrt(u + eps) / sqrt(s + eps) · grad.

    s ← rho · s + (1 − rho) · grad² before d, and u ← rho · u + (1 − rho) · d² after it; both are 0 at the start. eps is
    inside both roots, and is what gets the first step going. lr is not in u; the paper has none.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32. A weight whose gradients were all 0 stays where it is.
    Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, algorithm 1.
    """
    u = state.get("u", np.zeros_like(w))  # not 0.0: the root of a float is float64, and makes float32 weights float64
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = np.sqrt(u + eps) / np.sqrt(s + eps) * grad
    u = rho * u + (1 - rho) * d**2
    return w - lr * d, {"s": s, "u": u}


def rmsprop(
    w: np.ndarray, grad: np.ndarray, state: "dict[str, Any]", lr: float, decay: float = 0.9, eps: float = 1e-8
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of RMSProp: w ← w − lr · grad / (sqrt(s) + eps).

    s ← decay · s + (1 − decay) · grad² before that, 0 at the start.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32. A weight whose gradients were all 0 stays where it is.
    Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", COURSERA: Neural Networks for Machine Learning, 2012.
    """
    s = decay * state.get("s", 0.0) + (1 - decay) * grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam(
    w: np.ndarray,
    grad: np.ndarray,
    state: "dict[str, Any]",
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Adam: w ← w − lr · m̂ / (sqrt(v̂) + eps).

    m ← beta1 · m + (1 − beta1) · grad and v ← beta2 · v + (1 − beta2) · grad², both 0 at the start;
    m̂ = m / (1 − beta1^t) and v̂ = v / (1 − beta2^t), where t is 1 in the first step.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32. A weight whose gradients were all 0 stays where it is.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1.
    """
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


def adamax(
    w: np.ndarray,
    grad: np.ndarray,
    state: "dict[str, Any]",
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of AdaMax: w ← w − lr · m̂ / (u + eps).

    m ← beta1 · m + (1 − beta1) · grad and u ← max(beta2 · u, abs(grad)), both 0 at the start; m̂ = m / (1 − beta1^t),
    where t is 1 in the first step. u needs no such correction.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32. A weight whose gradients were all 0 stays where it is.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 2 (which has no eps).
    """
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad))
    m_hat = m / (1 - beta1**t)
    return w - lr * m_hat / (u + eps), {"t": t, "m": m, "u": u}


def nadam(
    w: np.ndarray,
    grad: np.ndarray,
    state: "dict[str, Any]",
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Nadam, Adam with Nesterov's momentum: w ← w − lr · m̂ / (sqrt(v̂) + eps).

    m and v are Adam's and so is v̂, but m̂ = beta1 · m / (1 − beta1^(t+1)) + (1 − beta1) · grad / (1 − beta1^t), where t
    is 1 in the first step and m already has this step's grad in it.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32. A weight whose gradients were all 0 stays where it is.
    Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016 (at constant beta1; PyTorch's NAdam warms it up).
    """
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


def adamw(
    w: np.ndarray,
    grad: np.ndarray,
    state: "dict[str, Any]",
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of AdamW, Adam with decoupled weight decay: w ← w − lr · (m̂ / (sqrt(v̂) + eps) + weight_decay · w).

    m̂ and v̂ are Adam's, of grad alone: the decay enters no average. The w that decays is the old one.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32.
    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2 (there a schedule scales
    the decay; here, as in PyTorch, all of lr).
    """
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * w), {"t": t, "m": m, "v": v}


def lion(
    w: np.ndarray,
    grad: np.ndarray,
    state: "dict[str, Any]",
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.99,
    weight_decay: float = 0.0,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Lion: w ← w − lr · (sign(beta1 · m + (1 − beta1) · grad) + weight_decay · w).

    Only afterwards m ← beta2 · m + (1 − beta2) · grad. m is 0 at the start, sign(0) is 0, the w that decays is the old
    one.

    w, grad: the same shape, any; state: {} at first, then what the step before returned. Returns w and the next state,
    both new; float32 stays float32.
    Source: Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023.
    """
    m = state.get("m", 0.0)
    direction = np.sign(beta1 * m + (1 - beta1) * grad)
    m = beta2 * m + (1 - beta2) * grad
    return w - lr * (direction + weight_decay * w), {"m": m}


def lookahead(
    w: np.ndarray,
    grad: np.ndarray,
    state: "dict[str, Any]",
    lr: float,
    inner: "Callable[..., tuple[np.ndarray, dict[str, Any]]]",
    k: int = 5,
    alpha: float = 0.5,
) -> "tuple[np.ndarray, dict[str, Any]]":
    """One step of Lookahead: the fast weights w take inner's step, and after every k-th the slow ones follow.

    At steps k, 2k, … slow ← slow + alpha · (w − slow), and w restarts from slow. The slow weights start at the w of the
    first call. inner's own state is kept at such a step, not reset.

    w: any shape; grad: whatever inner takes, handed on as it is; state: {} at first, then what the step before
    returned; inner: a step function, called as inner(w, grad, its state, lr), its state {} at first; k ≥ 1. Returns the
    fast weights and the next state, both new; float32 stays float32.
    Source: Zhang, Lucas, Hinton and Ba, "Lookahead Optimizer: k Steps Forward, 1 Step Back", 2019, algorithm 1.
    """
    t = state.get("t", 0) + 1
    slow = state["slow"] if state else w.copy()
    w, inner_state = inner(w, grad, state.get("inner", {}), lr)
    if t % k == 0:
        slow = slow + alpha * (w - slow)
        w = slow.copy()
    return w, {"t": t, "slow": slow, "inner": inner_state}


def ema_weights(ema: np.ndarray, w: np.ndarray, decay: float = 0.999) -> np.ndarray:
    """The next exponential moving average of the weights: decay · ema + (1 − decay) · w.

    ema, w: the same shape, any. Returns a new array of that shape; float32 stays float32.
    Source: Tarvainen and Valpola, "Mean Teachers Are Better Role Models", 2017.
    """
    return decay * ema + (1 - decay) * w


def step_decay(t: int, lr0: float, factor: float = 0.5, every: int = 10) -> float:
    """The learning rate of update t: lr0 at first, times `factor` after every `every` updates.

    t: 0, 1, …; updates 0 to every − 1 have lr0. Returns a float.
    Source: Stanford's CS231n notes, "Neural Networks Part 3", Annealing the learning rate.
    """
    return lr0 * factor ** (t // every)


def exponential_decay(t: int, lr0: float, k: float) -> float:
    """The learning rate of update t: lr0 · e^(−k t).

    t: 0, 1, …; k ≥ 0. Returns a float, 0 where e^(−k t) is too small for one.
    Source: Stanford's CS231n notes, "Neural Networks Part 3", Annealing the learning rate.
    """
    return lr0 * math.exp(-k * t)


def inverse_time_decay(t: int, lr0: float, k: float) -> float:
    """The learning rate of update t: lr0 / (1 + k t).

    t: 0, 1, …; k ≥ 0. Returns a float.
    Source: Stanford's CS231n notes, "Neural Networks Part 3", Annealing the learning rate.
    """
    return lr0 / (1 + k * t)


def cosine_with_warmup(t: int, lr0: float, warmup: int, total: int, lr_min: float = 0.0) -> float:
    """The learning rate of update t: a line from 0 up to lr0, then half a cosine down to lr_min.

    It is lr0 · t / warmup for t < warmup, lr0 at t = warmup, half-way between lr0 and lr_min in the middle of the
    descent, and lr_min from t = total on. total counts the warm-up too.

    t: 0, 1, …; 0 ≤ warmup ≤ total; without warm-up update 0 has lr0. Returns a float.
    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017; Goyal et al.,
    "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017, section 2.2.
    """
    if t >= total:
        return lr_min
    if t < warmup:
        return lr0 * t / warmup
    done = (t - warmup) / (total - warmup)  # from 0 up to 1
    return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * done)) / 2


def one_cycle(
    t: int, lr_max: float, total: int, pct_start: float = 0.3, div_factor: float = 25, final_div_factor: float = 1e4
) -> float:
    """The learning rate of update t: half a cosine up from lr_max / div_factor to lr_max, another down to the end.

    The end, at t = total − 1, is lr_max / div_factor / final_div_factor. The peak is at t = pct_start · total − 1,
    which may lie between two updates, or before the first one: then lr_max is never reached.

    t: 0, 1, …, total − 1; 0 ≤ pct_start < 1. Returns a float.
    Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
    2018; in the form of PyTorch's OneCycleLR (two phases, cosine).
    """
    first = lr_max / div_factor
    peak, last = pct_start * total - 1, total - 1
    if t < peak:
        start, end, done = first, lr_max, t / peak
    else:
        start, end, done = lr_max, first / final_div_factor, (t - peak) / (last - peak)
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def reduce_on_plateau(
    losses: "Sequence[float] | np.ndarray",
    lr0: float,
    factor: float = 0.1,
    patience: int = 10,
    min_delta: float = 0.0,
    min_lr: float = 0.0,
) -> list[float]:
    """The learning rate after each loss: it is cut when the loss has stopped getting better.

    A loss is better if it is < best − min_delta, where best is the lowest better one so far, ∞ before the first. Any
    other is bad, NaN and ∞ too, even as the first one. When there are more than `patience` bad ones in a row, lr
    becomes max(lr · factor, min_lr) and the count of bad ones starts again at 0; best stays.

    losses: T numbers, T ≥ 0, in a list or an array, the oldest first; patience ≥ 0; 0 ≤ min_lr ≤ lr0. Returns a list
    of T floats; entry i is the lr that losses 0 … i lead to.
    Source: PyTorch's ReduceLROnPlateau, with threshold_mode="abs".
    """
    lr, best, bad = lr0, math.inf, 0
    rates = []
    for loss in losses:
        if loss < best - min_delta:
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = max(lr * factor, min_lr), 0
        rates.append(lr)
    return rates


def accumulate_gradients(
    grad: "Callable[[np.ndarray, np.ndarray], np.ndarray]", batches: "Sequence[tuple[np.ndarray, np.ndarray]]"
) -> np.ndarray:
    """The gradient of the mean loss over all batches together, from one batch at a time.

    grad: takes (X, y) and returns the gradient of the mean loss of these samples; batches: a list of pairs (X, y),
    at least one, of any sizes ≥ 1; grad is called once for each. Returns an array of the gradient's shape, equal to the
    gradient of the one large batch; float32 stays float32.
    Source: Ott, Edunov, Grangier and Auli, "Scaling Neural Machine Translation", 2018.
    """
    total: Any = 0.0
    samples = 0
    for X, y in batches:
        total = total + len(X) * grad(X, y)  # from the mean back to the sum
        samples += len(X)
    return total / samples


def effective_step_size(
    optimizer: "Callable[..., tuple[np.ndarray, dict[str, Any]]]", grads: np.ndarray, lr: float
) -> np.ndarray:
    """How far each step moves each weight: abs(w after − w before), from w = 0.

    SGD's steps grow with the gradients; those of Adam and its relatives hardly depend on the gradients' scale.

    optimizer: a step function, called as optimizer(w, grad, state, lr) with the state {} at first; grads: (T, D), the
    gradient of each step, T ≥ 0. Returns (T, D); float32 stays float32.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 2.1.
    """
    state: dict[str, Any] = {}
    sizes = np.zeros_like(1.0 * grads)  # (T, D); the 1.0 makes integers float
    w = np.zeros_like(sizes, shape=grads.shape[1])  # (D,)
    for t, grad in enumerate(grads):
        before = w
        w, state = optimizer(w, grad, state, lr)
        sizes[t] = np.abs(w - before)
    return sizes


def stable_learning_rate(H: np.ndarray) -> float:
    """The bound on lr for gradient descent on ½ wᵀHw: it converges from every start exactly if 0 < lr < bound.

    H: (D, D), symmetric and positive definite, D ≥ 1. Returns a float.
    Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 5.1.
    """
    # The gradient is Hw, so a step is w ← (I − lr H) w: along an eigenvector with eigenvalue λ the error is multiplied
    # by 1 − lr λ. All of these are inside (−1, 1) exactly if 0 < lr < 2 / λ for the largest λ.
    return float(2 / np.linalg.eigvalsh(H)[-1])  # eigenvalues come in ascending order


def momentum_optimum(kappa: float) -> tuple[float, float]:
    """The best momentum on a quadratic of condition number kappa, and what a step then multiplies the error by.

    factor = (√kappa − 1) / (√kappa + 1), in the long run and with the learning rate that is best too; mu = factor².

    kappa: λmax / λmin ≥ 1. Returns mu, factor; floats, both 0 at kappa = 1.
    Source: Polyak, "Some Methods of Speeding up the Convergence of Iteration Methods", 1964; Goh, "Why Momentum Really
    Works", Distill, 2017.
    """
    root = math.sqrt(kappa)
    factor = (root - 1) / (root + 1)
    return factor**2, factor


def train(
    params: dict[str, np.ndarray],
    loss: "Callable[..., tuple[float, dict[str, np.ndarray]]]",
    X: np.ndarray,
    y: np.ndarray,
    optimizer: "Callable[..., tuple[np.ndarray, dict[str, Any]]]",
    schedule: "Callable[[int], float]",
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> "dict[str, Any]":
    """Mini-batch training, with any loss, optimizer and schedule.

    Each epoch takes every sample once, in a new order drawn from rng, batch_size at a time, the smaller last batch too.
    Update t = 0, 1, …, counted through all epochs, takes the loss and its gradients on one batch, then moves every
    parameter by the optimizer with lr = schedule(t), each parameter with a state of its own.

    params: {name: array}, neither it nor its arrays changed; loss: takes (params, X, y) of a batch and returns the mean
    loss and a dictionary of gradients with the keys of params; X: (N, …), y: (N, …), N ≥ 1; optimizer: a step function,
    called as optimizer(w, grad, state, lr), the state {} at first. Returns {"loss", "lr", "params"}: a list of floats,
    one an update, each loss before its update; the same of learning rates; the final parameters. float32 parameters
    stay float32. No epochs: two empty lists and the values given.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 8.1.3 and 8.3.1.
    """
    params = dict(params)  # entries will be replaced; the caller's dictionary keeps its own
    states: dict[str, dict[str, Any]] = {name: {} for name in params}
    losses: list[float] = []
    rates: list[float] = []
    for _ in range(epochs):
        order = rng.permutation(len(X))  # (N,)
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            value, grads = loss(params, X[batch], y[batch])
            lr = float(schedule(len(rates)))  # a float64 scalar of numpy's would make float32 parameters float64
            for name in params:
                params[name], states[name] = optimizer(params[name], grads[name], states[name], lr)
            losses.append(float(value))
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}
