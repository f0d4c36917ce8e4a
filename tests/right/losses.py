"""Unit 02: other right answers."""

import itertools
import math

import numpy as np

from tests.right import right


def _float_like(x):
    return np.empty(x.shape, dtype=x.dtype if x.dtype.kind == "f" else float)


def _with_weights(loss, grad, reduction):
    """The reduction as one factor of loss and gradient."""
    if reduction == "none":
        return loss, grad
    share = 1 / len(loss.ravel()) if reduction == "mean" else 1
    return float(np.sum(loss)) * share, grad * share


@right("mse_loss")
def mse_one_number_at_a_time(pred, target, reduction="mean"):
    losses, grad = _float_like(pred), _float_like(pred)
    for place in np.ndindex(pred.shape):
        d = float(pred[place]) - float(target[place])
        losses[place], grad[place] = d * d, 2 * d
    if reduction == "none":
        return losses, grad
    if reduction == "sum":
        return float(losses.sum()), grad
    return float(losses.sum()) / pred.size, grad / pred.size


@right("mse_loss")
def mse_by_an_inner_product(pred, target, reduction="mean"):
    d = np.subtract(pred, target, dtype=pred.dtype if pred.dtype.kind == "f" else float)
    if reduction == "mean":
        return d.ravel() @ d.ravel() / d.size, d * (2 / d.size)
    return (np.sum(np.square(d)) if reduction == "sum" else np.square(d)), d + d


@right("mae_loss")
def mae_by_masks(pred, target, reduction="mean"):
    loss = np.maximum(pred, target) - np.minimum(pred, target)
    grad = np.zeros_like(1.0 * pred)
    grad[pred > target] = 1
    grad[pred < target] = -1
    return _with_weights(loss, grad, reduction)


@right("mae_loss")
def mae_by_comparisons_as_numbers(pred, target, reduction="mean"):
    dtype = pred.dtype if pred.dtype.kind == "f" else float
    grad = (pred > target).astype(dtype) - (pred < target).astype(dtype)
    loss = grad * (pred - target)
    if reduction == "mean":
        return np.mean(loss), grad / math.prod(loss.shape)
    return (np.sum(loss), grad) if reduction == "sum" else (loss, grad)


@right("mae_loss")
def mae_silenced_quotient(pred, target, reduction="mean"):
    d = 1.0 * pred - target
    with np.errstate(invalid="ignore"):
        grad = np.nan_to_num(d / np.abs(d))
    return _with_weights(np.abs(d), grad, reduction)


@right("smooth_l1_loss")
def smooth_l1_by_the_clipped_distance(pred, target, beta=1.0, reduction="mean"):
    d = 1.0 * pred - target
    size = np.abs(d)
    near = np.minimum(size, beta)
    return _with_weights(near * (size - near / 2) / beta, np.sign(d) * near / beta, reduction)


@right("smooth_l1_loss")
def smooth_l1_one_number_at_a_time(pred, target, beta=1.0, reduction="mean"):
    losses, grad = _float_like(pred), _float_like(pred)
    for place in np.ndindex(pred.shape):
        d = float(pred[place]) - float(target[place])
        if abs(d) <= beta:
            losses[place], grad[place] = 0.5 * d * d / beta, d / beta
        else:
            losses[place], grad[place] = abs(d) - 0.5 * beta, math.copysign(1, d)
    return _with_weights(losses, grad, reduction)


@right("smooth_l1_loss")
def smooth_l1_as_a_list_of_masked_pieces(pred, target, beta=1.0, reduction="mean"):
    d = 1.0 * pred - target
    inside = (np.abs(d) < beta).astype(d.dtype)
    loss = inside * (0.5 * d**2 / beta) + (1 - inside) * (np.abs(d) - 0.5 * beta)
    return list(_with_weights(loss, inside * d / beta + (1 - inside) * np.sign(d), reduction))


@right("huber_loss")
def huber_by_the_clipped_difference(pred, target, delta=1.0, reduction="mean"):
    d = 1.0 * pred - target
    slope = np.clip(d, -delta, delta)
    return _with_weights(slope * (d - slope / 2), slope, reduction)


@right("huber_loss")
def huber_by_three_pieces(pred, target, delta=1.0, reduction="mean"):
    d = 1.0 * pred - target
    pieces = [d < -delta, d > delta]
    loss = np.piecewise(d, pieces, [lambda v: -delta * v - delta**2 / 2, lambda v: delta * v - delta**2 / 2,
                                    lambda v: v * v / 2])  # fmt: skip
    return _with_weights(loss, np.piecewise(d, pieces, [-delta, delta, lambda v: v]), reduction)


@right("cross_entropy_loss")
def cross_entropy_by_a_onehot_matrix(logits, y, reduction="mean"):
    onehot = (y[:, None] == np.arange(logits.shape[1])).astype(logits.dtype)
    m = np.max(logits, axis=1, keepdims=True)
    log_probs = logits - m - np.log(np.exp(logits - m).sum(axis=1, keepdims=True))
    return _with_weights(-np.sum(onehot * log_probs, axis=1), np.exp(log_probs) - onehot, reduction)


@right("cross_entropy_loss")
def cross_entropy_by_logaddexp(logits, y, reduction="mean"):
    x = 1.0 * logits
    log_total = np.logaddexp.reduce(x, axis=1)
    picked = np.take_along_axis(x, y[:, None], axis=1)[:, 0]
    grad = np.exp(x - log_total[:, None])
    np.subtract.at(grad, (np.arange(len(y)), y), 1)
    return _with_weights(log_total - picked, grad, reduction)


@right("cross_entropy_loss")
def softmax_cross_entropy_row_by_row(logits, y, reduction="mean"):
    losses, grad = np.empty(len(y), dtype=_float_like(logits).dtype), _float_like(logits)
    for n, row in enumerate(logits):
        top = max(row)
        powers = [math.exp(value - top) for value in row]
        losses[n] = math.log(sum(powers)) + top - row[y[n]]
        for c, power in enumerate(powers):
            grad[n, c] = power / sum(powers) - (c == y[n])
    return _with_weights(losses, grad, reduction)


@right("soft_cross_entropy")
def soft_cross_entropy_from_the_log_total(logits, probs, reduction="mean"):
    # As each row of probs sums to 1, the loss is the row's logsumexp less the mean logit under probs.
    x = 1.0 * logits - logits.max(axis=1, keepdims=True)
    total = np.exp(x).sum(axis=1)
    loss = np.log(total) - np.einsum("nc,nc->n", probs, x)
    return _with_weights(loss, np.exp(x) / total[:, None] - probs, reduction)


@right("soft_cross_entropy")
def soft_cross_entropy_with_the_full_chain_rule(logits, probs, reduction="mean"):
    x = logits - np.amax(logits, axis=-1)[:, None]
    p = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
    loss = -(probs * (x - np.log(np.exp(x).sum(axis=-1, keepdims=True)))).sum(axis=-1)
    return _with_weights(loss, p * probs.sum(axis=-1, keepdims=True) - probs, reduction)


@right("soft_cross_entropy")
def soft_cross_entropy_row_by_row(logits, probs, reduction="mean"):
    losses, grad = np.zeros(len(logits), dtype=_float_like(logits).dtype), _float_like(logits)
    for n, row in enumerate(logits):
        top = max(row)
        log_total = top + math.log(sum(math.exp(value - top) for value in row))
        for c, value in enumerate(row):
            losses[n] += probs[n, c] * (log_total - value)
            grad[n, c] = math.exp(value - log_total) - probs[n, c]
    return _with_weights(losses, grad, reduction)


def _log_probabilities(logits):
    x = 1.0 * logits - logits.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


@right("label_smoothing_loss")
def label_smoothing_as_a_mixture_of_two_losses(logits, y, smoothing, reduction="mean"):
    log_probs, rows = _log_probabilities(logits), np.arange(len(y))
    loss = -(1 - smoothing) * log_probs[rows, y] - smoothing * log_probs.mean(axis=1)
    grad = np.exp(log_probs) - smoothing / logits.shape[1]
    grad[rows, y] -= 1 - smoothing
    return _with_weights(loss, grad, reduction)


@right("label_smoothing_loss")
def label_smoothing_by_np_where(logits, y, smoothing, reduction="mean"):
    log_probs, classes = _log_probabilities(logits), logits.shape[1]
    rest = smoothing / classes
    target = np.where(y[:, None] == np.arange(classes), 1 - smoothing + rest, rest).astype(log_probs.dtype)
    return _with_weights(-np.einsum("nc,nc->n", target, log_probs), np.exp(log_probs) - target, reduction)


@right("bce_with_logits")
def bce_by_the_maximum_formula(logits, targets, pos_weight=None, reduction="mean"):
    # PyTorch's: (1 − t) x + (1 + (w − 1) t) · softplus(−x).
    x = logits.astype(logits.dtype if logits.dtype.kind == "f" else float)
    t = targets.astype(x.dtype)
    w = x.dtype.type(1) if pos_weight is None else np.asarray(pos_weight).astype(x.dtype)
    log_weight = 1 + (w - 1) * t
    loss = (1 - t) * x + log_weight * (np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0))
    sigmoid = 0.5 * (1 + np.tanh(0.5 * x))
    return _with_weights(loss, log_weight * sigmoid - w * t, reduction)


@right("bce_with_logits")
def bce_one_number_at_a_time(logits, targets, pos_weight=None, reduction="mean"):
    losses, grad = _float_like(logits), _float_like(logits)
    weights = np.broadcast_to(1.0 if pos_weight is None else pos_weight, logits.shape)
    for place in np.ndindex(logits.shape):
        x, t, w = float(logits[place]), float(targets[place]), float(weights[place])
        z = math.exp(-abs(x))
        above, below = max(x, 0) + math.log1p(z), max(-x, 0) + math.log1p(z)
        p = 1 / (1 + z) if x >= 0 else z / (1 + z)
        losses[place], grad[place] = w * t * below + (1 - t) * above, (1 - t) * p - w * t * (1 - p)
    return _with_weights(losses, grad, reduction)


@right("bce_with_logits")
def bce_silenced(logits, targets, pos_weight=None, reduction="mean"):
    x = 1.0 * logits
    t, w = targets.astype(x.dtype), np.asarray(1 if pos_weight is None else pos_weight).astype(x.dtype)
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-x))
    softplus = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return _with_weights(w * t * (softplus - x) + (1 - t) * softplus, p * (1 - t + w * t) - w * t, reduction)


@right("multilabel_loss")
def multilabel_by_max_and_log1p(logits, targets):
    x = np.asarray(logits, dtype=np.result_type(logits.dtype, np.float32) if logits.dtype.kind == "f" else float)
    t = np.asarray(targets, dtype=x.dtype)
    loss = np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x)))
    return float(np.mean(loss)), (0.5 * (1 + np.tanh(0.5 * x)) - t) / np.prod(x.shape).astype(x.dtype)


@right("multilabel_loss")
def multilabel_one_label_at_a_time(logits, targets):
    n, labels = logits.shape
    total = 0.0
    grad = np.zeros((n, labels), dtype=logits.dtype if logits.dtype.kind == "f" else float)
    for i in range(n):
        for j in range(labels):
            s = float(logits[i, j]) if targets[i, j] else -float(logits[i, j])  # the side that is true
            z = math.exp(-abs(s))
            total += max(-s, 0.0) + math.log1p(z)
            wrong = (z if s >= 0 else 1.0) / (1 + z)
            grad[i, j] = (-wrong if targets[i, j] else wrong) / (n * labels)
    return total / (n * labels), grad


@right("multilabel_loss")
def multilabel_by_a_silenced_sigmoid(logits, targets):
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-logits))
    loss = np.where(targets == 1, np.logaddexp(0, -logits), np.logaddexp(0, logits))
    return loss.mean(), np.where(targets == 1, p - 1, p) / logits.size


@right("predict_from_logits")
def decisions_by_loops(task, logits):
    if task == "multiclass":
        return np.array([max(range(len(row)), key=row.__getitem__) for row in logits.tolist()], dtype=int)
    if task == "binary" or task == "multilabel":
        out = np.zeros(logits.shape, dtype=np.int32)
        for place, value in np.ndenumerate(logits):
            out[place] = 1 if value >= 0 else 0
        return out
    raise ValueError(task)


@right("predict_from_logits")
def decisions_by_heaviside(task, logits):
    if task not in {"binary", "multiclass", "multilabel"}:
        raise ValueError("unknown task")
    return np.argmax(logits, axis=-1) if task == "multiclass" else np.heaviside(logits, 1).astype(np.int64)


@right("predict_from_logits")
def decisions_by_where(task, logits):
    match task:
        case "binary" | "multilabel":
            return np.where(logits < 0, 0, 1)
        case "multiclass":
            return np.argmax(logits == logits.max(axis=1, keepdims=True), axis=1)
    raise ValueError(f"unknown task {task}")


@right("nll_loss")
def nll_row_by_row(log_probs, y, weight=None, ignore_index=-100):
    grad = np.zeros(log_probs.shape, dtype=log_probs.dtype if log_probs.dtype.kind == "f" else float)
    loss, total = 0.0, 0.0
    for n in range(len(y)):
        if y[n] != ignore_index:
            w = 1.0 if weight is None else float(weight[y[n]])
            loss -= w * float(log_probs[n, y[n]])
            total += w
            grad[n, y[n]] = -w
    return (loss / total, grad / total) if total else (0.0, grad)


@right("nll_loss")
def nll_by_a_one_hot_matrix(log_probs, y, weight=None, ignore_index=-100):
    dtype = log_probs.dtype if log_probs.dtype.kind == "f" else np.float64
    classes = np.arange(log_probs.shape[1])
    chosen = ((y[:, None] == classes) & (y != ignore_index)[:, None]).astype(dtype)
    if weight is not None:
        chosen = chosen * weight
    total = np.sum(chosen)
    chosen = chosen / (total if total > 0 else 1)
    return -np.sum(chosen * log_probs), -chosen


@right("nll_loss")
def nll_with_a_mask_over_safe_labels(log_probs, y, weight=None, ignore_index=-100):
    keep = y != ignore_index
    safe = np.where(keep, y, 0)
    w = keep * (np.ones(log_probs.shape[1], dtype=np.float32) if weight is None else weight)[safe]
    if not w.any():
        return 0.0, np.zeros_like(log_probs)
    grad = np.zeros_like(log_probs, dtype=np.result_type(log_probs, np.float32))
    np.put_along_axis(grad, safe[:, None], -(w / w.sum())[:, None].astype(grad.dtype), axis=1)
    return (grad * log_probs).sum(), grad


def _kl_of_a_row(p, q):
    total = 0.0
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        if a > 0:
            total += a * math.log(a / b) if b > 0 else math.inf
    return total


@right("kl_divergence")
def kl_term_by_term(p, q):
    if p.ndim == 1:
        return _kl_of_a_row(p, q)
    return np.array([_kl_of_a_row(a, b) for a, b in zip(p, q, strict=True)])


@right("kl_divergence")
def kl_silenced_and_patched(p, q):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0).sum(axis=-1)


@right("kl_divergence")
def kl_as_cross_entropy_less_entropy(p, q):
    with np.errstate(all="ignore"):
        cross = -np.nansum(p * np.log(q), axis=-1)
        return cross + np.nansum(p * np.log(p), axis=-1)


@right("entropy")
def entropy_term_by_term(p):
    rows = [-sum(v * math.log(v) for v in row if v > 0) for row in np.atleast_2d(p).tolist()]
    return rows[0] if p.ndim == 1 else np.array(rows)


@right("entropy")
def entropy_with_a_where_argument(p):
    logs = np.log(p, out=np.zeros(p.shape), where=p > 0)
    return -np.einsum("...c,...c->...", p, logs)


@right("entropy")
def entropy_by_nansum(p):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nansum(-p * np.log(p), axis=-1)


@right("distribution_cross_entropy")
def cross_entropy_with_a_where_argument(p, q):
    with np.errstate(divide="ignore"):
        logs = np.log(q, out=np.zeros(np.shape(q)), where=p > 0)
    return -np.sum(p * logs, axis=-1)


@right("distribution_cross_entropy")
def cross_entropy_as_entropy_plus_kl(p, q):
    with np.errstate(all="ignore"):
        entropy = np.where(p > 0, -p * np.log(p), 0).sum(-1)
        return entropy + np.where(p > 0, p * (np.log(p) - np.log(q)), 0).sum(-1)


@right("distribution_cross_entropy")
def distribution_cross_entropy_row_by_row(p, q):
    def row(a, b):
        return sum(math.inf if v == 0 else -u * math.log(v) for u, v in zip(a, b, strict=True) if u > 0)

    if p.ndim == 1:
        return row(p, q)
    return np.array([row(a, b) for a, b in zip(p, q, strict=True)], dtype=float)


@right("logistic_regression_loss")
def logistic_by_max_and_log1p(w, b, X, y, l2=0.0):
    z = X.dot(w) + float(b)
    y = y.astype(z.dtype)
    loss = (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean()
    error = 0.5 * (1 + np.tanh(0.5 * z)) - y
    dw = (X * error[:, None]).mean(axis=0) + l2 * w
    return loss + 0.5 * l2 * np.sum(w**2), dw, error.mean()


@right("logistic_regression_loss")
def logistic_row_by_row(w, b, X, y, l2=0.0):
    n, d = X.shape
    loss = 0.5 * l2 * sum(float(v) ** 2 for v in w)
    dw, db = [l2 * float(v) for v in w], 0.0
    for x, t in zip(X.tolist(), y.tolist(), strict=True):
        z = sum(float(a) * c for a, c in zip(w, x, strict=True)) + b
        s = z if t else -z
        e = math.exp(-abs(s))
        loss += (max(-s, 0.0) + math.log1p(e)) / n
        g = (e if s >= 0 else 1.0) / (1 + e) * (-1 if t else 1) / n
        dw = [dw[i] + g * x[i] for i in range(d)]
        db += g
    return loss, np.array(dw, dtype=w.dtype if w.dtype.kind == "f" else float), db


@right("logistic_regression_loss")
def logistic_with_labels_of_plus_and_minus_one(w, b, X, y, l2=0.0):
    sign = np.where(y == 1, 1.0, -1.0).astype(X.dtype if X.dtype.kind == "f" else float)
    m = sign * (X @ w + b)
    with np.errstate(over="ignore"):
        g = -sign / (1 + np.exp(m)) / len(sign)
    return np.logaddexp(0, -m).mean() + l2 / 2 * np.linalg.norm(w) ** 2, g @ X + l2 * w, float(g.sum())


@right("hinge_loss")
def hinge_class_by_class(scores, y, margin=1.0):
    n, c = scores.shape
    loss, grad = 0.0, np.zeros((n, c), dtype=scores.dtype if scores.dtype.kind == "f" else float)
    for i in range(n):
        for j in range(c):
            term = scores[i, j] - scores[i, y[i]] + margin
            if j != y[i] and term > 0:
                loss += term
                grad[i, j] += 1 / n
                grad[i, y[i]] -= 1 / n
    return loss / n, grad


@right("hinge_loss")
def hinge_by_a_one_hot_mask(scores, y, margin=1.0):
    n, c = scores.shape
    hot = np.eye(c, dtype=bool)[y]
    terms = np.where(hot, 0, scores - scores[hot].reshape(n, 1) + margin).clip(0)
    near = terms > 0
    grad = near.astype(terms.dtype) - hot * near.sum(axis=1, keepdims=True).astype(terms.dtype)
    return terms.sum(axis=1).mean(), grad / n


@right("hinge_loss")
def hinge_less_the_right_class(scores, y, margin=1.0):
    # The right class adds max(0, margin) to each row; it is taken off at the end.
    right_scores = np.take_along_axis(scores, y[:, None], axis=1)
    terms = np.maximum(0.0, scores - right_scores + margin)
    active = (terms > 0).astype(terms.dtype)
    active[np.arange(len(y)), y] = 0
    active[np.arange(len(y)), y] -= active.sum(axis=1)
    return terms.sum() / len(y) - max(0.0, margin), active / len(y)


@right("focal_loss")
def focal_one_element_at_a_time(logits, targets, gamma=2.0, alpha=0.25):
    total, grad = 0.0, np.zeros(logits.shape, dtype=logits.dtype if logits.dtype.kind == "f" else float)
    for place in np.ndindex(logits.shape):
        sign = 1 if targets[place] else -1
        s, a = sign * float(logits[place]), alpha if targets[place] else 1 - alpha
        z = math.exp(-abs(s))
        p, q = (1 / (1 + z), z / (1 + z)) if s >= 0 else (z / (1 + z), 1 / (1 + z))
        nll = math.log1p(z) + max(-s, 0)
        total += a * q**gamma * nll
        slope = gamma * q**gamma * p * nll + q ** (gamma + 1)
        grad[place] = -sign * a * slope / logits.size
    return total / logits.size, grad


@right("focal_loss")
def focal_by_two_sides(logits, targets, gamma=2.0, alpha=0.25):
    x = logits if logits.dtype.kind == "f" else logits.astype(float)
    t = targets.astype(x.dtype)
    with np.errstate(over="ignore"):
        p = 1 / (1 + np.exp(-x))
    log_p, log_q = -np.logaddexp(0, -x), -np.logaddexp(0, x)
    positive, negative = -alpha * (1 - p) ** gamma * log_p, -(1 - alpha) * p**gamma * log_q
    d_positive = alpha * (1 - p) ** gamma * (gamma * p * log_p - (1 - p))
    d_negative = -(1 - alpha) * p**gamma * (gamma * (1 - p) * log_q - p)
    return (t * positive + (1 - t) * negative).mean(), (t * d_positive + (1 - t) * d_negative) / x.size


@right("focal_loss")
def focal_by_masks_and_log_space(logits, targets, gamma=2.0, alpha=0.25):
    """The modulating factor as exp(gamma · log(1 − p_t))."""
    x = 1.0 * logits
    sign = np.where(targets, 1, -1).astype(x.dtype)
    a = np.where(targets, alpha, 1 - alpha).astype(x.dtype)
    log_p, log_q = -np.logaddexp(0, -sign * x), -np.logaddexp(0, sign * x)
    factor = np.exp(gamma * log_q)
    grad = sign * a * factor * (gamma * np.exp(log_p) * log_p - np.exp(log_q))
    return float(np.mean(-a * factor * log_p)), grad / np.size(x)


@right("dice_loss")
def dice_by_the_quotient_rule(probs, targets, eps=1e-6):
    p = probs if probs.dtype.kind == "f" else probs.astype(float)
    t = targets.astype(p.dtype)
    above, below = 2 * np.sum(p * t) + eps, np.sum(p) + np.sum(t) + eps
    return 1 - above / below, -(2 * t * below - above) / below**2


@right("dice_loss")
def dice_in_loops(probs, targets, eps=1e-6):
    above = below = eps
    for place in np.ndindex(probs.shape):
        above += 2 * float(probs[place]) * float(targets[place])
        below += float(probs[place]) + float(targets[place])
    grad = np.empty(probs.shape, dtype=probs.dtype if probs.dtype.kind == "f" else float)
    for place in np.ndindex(probs.shape):
        grad[place] = (above / below - 2 * float(targets[place])) / below
    return (below - above) / below, grad


@right("iou")
def iou_in_loops(boxes_a, boxes_b):
    dtype = boxes_a.dtype if boxes_a.dtype.kind == "f" else float
    out = np.zeros((len(boxes_a), len(boxes_b)), dtype=dtype)
    for i, (ax1, ay1, ax2, ay2) in enumerate(boxes_a.tolist()):
        for j, (bx1, by1, bx2, by2) in enumerate(boxes_b.tolist()):
            width, height = min(ax2, bx2) - max(ax1, bx1), min(ay2, by2) - max(ay1, by1)
            if width > 0 and height > 0:
                overlap = width * height
                out[i, j] = overlap / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - overlap)
    return out


@right("iou")
def iou_by_columns(boxes_a, boxes_b):
    ax1, ay1, ax2, ay2 = (boxes_a[:, i : i + 1] for i in range(4))
    bx1, by1, bx2, by2 = boxes_b.T
    width = np.clip(np.minimum(ax2, bx2) - np.maximum(ax1, bx1), 0, None)
    height = np.clip(np.minimum(ay2, by2) - np.maximum(ay1, by1), 0, None)
    overlap = width * height
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - overlap
    return np.where(union == 0, 0, overlap / np.where(union == 0, 1, union)).astype(np.result_type(union / 1))


@right("iou")
def iou_with_a_silenced_division(boxes_a, boxes_b):
    low = np.maximum(boxes_a[:, None, :2], boxes_b[None, :, :2])
    high = np.minimum(boxes_a[:, None, 2:], boxes_b[None, :, 2:])
    overlap = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (boxes_a, boxes_b)]
    return np.nan_to_num(overlap / (areas[0][:, None] + areas[1][None, :] - overlap))


@right("triplet_loss")
def triplets_one_by_one(anchor, positive, negative, margin=1.0):
    loss, dtype = 0.0, anchor.dtype if anchor.dtype.kind == "f" else float
    da, dp, dn = (np.zeros(anchor.shape, dtype=dtype) for _ in range(3))
    count = len(anchor)
    for i in range(count):
        a, p, n = anchor[i].astype(dtype), positive[i].astype(dtype), negative[i].astype(dtype)
        excess = np.dot(a - p, a - p) - np.dot(a - n, a - n) + margin
        if excess > 0:
            loss += excess / count
            da[i], dp[i], dn[i] = 2 * (n - p) / count, 2 * (p - a) / count, 2 * (a - n) / count
    return loss, da, dp, dn


@right("triplet_loss")
def triplets_by_expanded_squares(anchor, positive, negative, margin=1.0):
    a, p, n = 1.0 * anchor, 1.0 * positive, 1.0 * negative
    # ‖a − p‖² − ‖a − n‖² = (n − p)·(2a − p − n)
    excess = np.einsum("nd,nd->n", n - p, 2 * a - p - n) + margin
    scale = np.where(excess > 0, 2.0, 0.0)[:, None].astype(a.dtype) / len(a)
    return np.clip(excess, 0, None).sum() / len(a), scale * (n - p), scale * (p - a), scale * (a - n)


@right("info_nce_loss")
def info_nce_query_by_query(queries, keys, temperature=0.1):
    q, k = 1.0 * queries, 1.0 * keys
    loss, dq, dk = 0.0, np.zeros_like(q), np.zeros_like(k)
    for i in range(len(q)):
        logits = k @ q[i] / temperature
        top = logits.max()
        powers = np.exp(logits - top)
        loss += (top + np.log(powers.sum()) - logits[i]) / len(q)
        error = powers / powers.sum()
        error[i] -= 1
        error /= len(q)
        dq[i] = error @ k / temperature
        dk += error[:, None] * q[i] / temperature
    return loss, dq, dk


@right("info_nce_loss")
def info_nce_by_logaddexp(queries, keys, temperature=0.1):
    scaled = queries / temperature
    logits = np.einsum("id,jd->ij", scaled, 1.0 * keys)
    log_softmax = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    error = np.exp(log_softmax)
    error[np.diag_indices(len(error))] -= 1
    dk = np.einsum("ij,id->jd", error, scaled) / len(error)
    return -np.trace(log_softmax) / len(error), error @ keys.astype(error.dtype) / (temperature * len(error)), dk


@right("distillation_loss")
def distillation_by_cross_entropies(student_logits, teacher_logits, temperature):
    s, t = student_logits / temperature, teacher_logits / temperature
    s, t = (x - np.logaddexp.reduce(x, axis=1, keepdims=True) for x in (s, t))
    p, n = np.exp(t), len(s)
    loss = (np.sum(p * t) - np.sum(p * s)) / n
    return loss * temperature**2, (np.exp(s) - p) * (temperature / n)


@right("distillation_loss")
def distillation_row_by_row(student_logits, teacher_logits, temperature):
    loss, grad = 0.0, np.zeros((1.0 * student_logits).shape, dtype=(1.0 * student_logits).dtype)
    for i, (s, t) in enumerate(zip(student_logits / temperature, teacher_logits / temperature, strict=True)):
        s, t = s - s.max(), t - t.max()
        q, p = np.exp(s) / np.exp(s).sum(), np.exp(t) / np.exp(t).sum()
        log_q = s - math.log(np.exp(s).sum())
        used = p > 0
        loss += (p[used] * (np.log(p[used]) - log_q[used])).sum()
        grad[i] = temperature * (q - p) / len(grad)
    return temperature**2 * loss / len(grad), grad


@right("expected_calibration_error")
def ece_in_a_loop_over_linspace(probs, y, bins=10):
    confidence, right_ones = probs.max(axis=1), np.argmax(probs, axis=1) == y
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in itertools.pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(right_ones[inside].mean() - confidence[inside].mean())
    return total


@right("expected_calibration_error")
def ece_by_the_ceiling(probs, y, bins=10):
    sums, count = {}, len(y)
    for row, label in zip(probs, y, strict=True):
        guess = int(np.argmax(row))
        b = math.ceil(row[guess] * bins) - 1
        sums[b] = sums.get(b, 0.0) + (guess == label) - float(row[guess])
    return sum(abs(gap) for gap in sums.values()) / count


@right("expected_calibration_error")
def ece_by_searchsorted(probs, y, bins=10):
    confidence = probs[np.arange(len(y)), probs.argmax(axis=1)]
    b = np.searchsorted(np.linspace(0, 1, bins + 1), confidence, side="left") - 1
    members = b[:, None] == np.arange(bins)  # (N, bins)
    counts = np.maximum(members.sum(axis=0), 1)
    accuracy = (members * (probs.argmax(axis=1) == y)[:, None]).sum(axis=0) / counts
    return np.sum(members.mean(axis=0) * np.abs(accuracy - (members * confidence[:, None]).sum(axis=0) / counts))


@right("output_delta")
def delta_from_a_silenced_sigmoid(loss, z, y):
    with np.errstate(over="ignore"):
        a = 1 / (1 + np.exp(-z))
    if loss not in ("mse", "cross_entropy"):
        raise ValueError("unknown loss")
    return (a - y) * (a * (1 - a) if loss == "mse" else 1)


@right("output_delta")
def delta_by_tanh(loss, z, y):
    half = np.tanh(z / 2) / 2  # σ(z) − ½
    slopes = {"mse": 0.25 - half**2, "cross_entropy": np.ones_like(half)}
    if loss not in slopes:
        raise ValueError(loss)
    return (half + 0.5 - y) * slopes[loss]


@right("outlier_influence")
def influence_by_masks(loss, residuals):
    r = residuals if residuals.dtype.kind == "f" else residuals.astype(float)
    above, below = (r > 0).astype(r.dtype), (r < 0).astype(r.dtype)
    if loss == "l1":
        return above - below
    if loss == "l2":
        return r + r
    if loss == "smooth_l1":
        return np.where(np.abs(r) < 1, r, above - below)
    raise ValueError("unknown loss")


@right("outlier_influence")
def influence_one_residual_at_a_time(loss, residuals):
    derivatives = {
        "l1": lambda r: (r > 0) - (r < 0),
        "l2": lambda r: 2 * r,
        "smooth_l1": lambda r: max(-1.0, min(1.0, r)),
    }
    if loss not in derivatives:
        raise ValueError(loss)
    out = np.zeros(residuals.shape, dtype=residuals.dtype if residuals.dtype.kind == "f" else float)
    for place in np.ndindex(residuals.shape):
        out[place] = derivatives[loss](float(residuals[place]))
    return out


@right("predict_from_logits")
def decides_by_computed_probabilities(task, logits):
    if task == "multiclass":
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.argmax(powers / powers.sum(axis=1, keepdims=True), axis=1)
    if task not in ("binary", "multilabel"):
        raise ValueError(task)
    z = np.exp(-np.abs(logits))
    return np.where(np.where(logits >= 0, 1, z) / (1 + z) >= 0.5, 1, 0)
