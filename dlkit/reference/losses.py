"""Unit 02: what a network is asked to make small, each loss with its gradient.

A loss returns (loss, gradient with respect to its first argument). Softmax and sigmoid stand inside the loss, where a
logarithm cancels their exponential: nothing overflows, and the gradient is a difference of probabilities. Each
function uses only np, math and builtins: its body is pasted on its own into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise:
# mypy: disable-error-code="no-any-return"

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "mse_loss",
    "mae_loss",
    "smooth_l1_loss",
    "huber_loss",
    "cross_entropy_loss",
    "soft_cross_entropy",
    "label_smoothing_loss",
    "bce_with_logits",
    "multilabel_loss",
    "predict_from_logits",
    "nll_loss",
    "kl_divergence",
    "entropy",
    "distribution_cross_entropy",
    "logistic_regression_loss",
    "hinge_loss",
    "focal_loss",
    "dice_loss",
    "iou",
    "triplet_loss",
    "info_nce_loss",
    "distillation_loss",
    "expected_calibration_error",
    "output_delta",
    "outlier_influence",
]


def mse_loss(pred: np.ndarray, target: np.ndarray, reduction: str = "mean") -> tuple[float | np.ndarray, np.ndarray]:
    """The squared error (pred − target)² of every element, without a factor ½, and its gradient.

    pred, target: the same shape, any. Returns the loss and the gradient with respect to pred, pred's shape; float32
    stays float32. reduction: "mean" over all elements, "sum", or "none" (a loss per element, pred's shape, and each
    element's own gradient, undivided).
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.1.4.
    """
    difference = 1.0 * pred - target  # the 1.0 makes integers float
    loss, grad = difference**2, 2 * difference
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def mae_loss(pred: np.ndarray, target: np.ndarray, reduction: str = "mean") -> tuple[float | np.ndarray, np.ndarray]:
    """The absolute error |pred − target| of every element, and its gradient, which is 0 where they are equal.

    pred, target: the same shape, any. Returns the loss and the gradient with respect to pred, pred's shape; float32
    stays float32. reduction: "mean" over all elements, "sum", or "none" (a loss per element, pred's shape, and each
    element's own gradient, undivided).
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.1.2.
    """
    difference = 1.0 * pred - target
    loss, grad = np.abs(difference), np.sign(difference)
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def smooth_l1_loss(
    pred: np.ndarray, target: np.ndarray, beta: float = 1.0, reduction: str = "mean"
) -> tuple[float | np.ndarray, np.ndarray]:
    """The smooth L1 error of every element, and its gradient: a parabola near 0, slope ±1 outside.

    With d = pred − target: d² / (2 beta) where |d| < beta, and |d| − beta/2 elsewhere.

    pred, target: the same shape, any; beta > 0. Returns the loss and the gradient with respect to pred, pred's shape;
    float32 stays float32. reduction: "mean" over all elements, "sum", or "none" (a loss per element, pred's shape, and
    each element's own gradient, undivided).
    Source: Girshick, "Fast R-CNN", 2015, eq. 3 (there beta = 1).
    """
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) < beta, d**2 / (2 * beta), np.abs(d) - beta / 2)
    grad = np.clip(d / beta, -1, 1)  # both pieces have slope ±1 at |d| = beta
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def huber_loss(
    pred: np.ndarray, target: np.ndarray, delta: float = 1.0, reduction: str = "mean"
) -> tuple[float | np.ndarray, np.ndarray]:
    """The Huber error of every element, and its gradient: ½ d² near 0, slope ±delta outside.

    With d = pred − target: d²/2 where |d| ≤ delta, and delta · (|d| − delta/2) elsewhere. It is delta times smooth L1
    with beta = delta.

    pred, target: the same shape, any; delta > 0. Returns the loss and the gradient with respect to pred, pred's shape;
    float32 stays float32. reduction: "mean" over all elements, "sum", or "none" (a loss per element, pred's shape, and
    each element's own gradient, undivided).
    Source: Huber, "Robust Estimation of a Location Parameter", 1964.
    """
    d = 1.0 * pred - target
    loss = np.where(np.abs(d) <= delta, d**2 / 2, delta * (np.abs(d) - delta / 2))
    grad = np.clip(d, -delta, delta)
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def cross_entropy_loss(
    logits: np.ndarray, y: np.ndarray, reduction: str = "mean"
) -> tuple[float | np.ndarray, np.ndarray]:
    """The softmax cross-entropy −ln softmax(logits)[y] of every row, and its gradient softmax(logits) − onehot(y).

    logits: (N, C); y: integers (N,), the right classes. Returns the loss and the gradient with respect to logits,
    (N, C); float32 stays float32; both finite, with no warning, at ±1e4. reduction: "mean" over N, "sum", or "none"
    (a loss per row, (N,), and each row's own gradient, undivided).
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.3.
    """
    rows = np.arange(len(y))
    shifted = 1.0 * logits - logits.max(axis=1, keepdims=True)  # (N, C), at most 0: the powers cannot overflow
    powers = np.exp(shifted)
    total = powers.sum(axis=1)  # (N,), at least 1: the logarithm cannot be of 0
    loss = np.log(total) - shifted[rows, y]  # (N,)
    grad = powers / total[:, None]  # (N, C), the softmax
    grad[rows, y] -= 1
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def soft_cross_entropy(
    logits: np.ndarray, probs: np.ndarray, reduction: str = "mean"
) -> tuple[float | np.ndarray, np.ndarray]:
    """Cross-entropy with a distribution as the target: −Σ_c probs_c · ln softmax(logits)_c of every row.

    The gradient is softmax(logits) − probs.

    logits: (N, C); probs: (N, C), each row sums to 1. Returns the loss and the gradient with respect to logits,
    (N, C); float32 stays float32; both finite, with no warning, at ±1e4. reduction: "mean" over N, "sum", or "none"
    (a loss per row, (N,), and each row's own gradient, undivided).
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.13.
    """
    shifted = 1.0 * logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, C), log-softmax: never −inf
    loss = -(probs * log_probs).sum(axis=1)  # (N,)
    grad = np.exp(log_probs) - probs  # (N, C)
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def label_smoothing_loss(
    logits: np.ndarray, y: np.ndarray, smoothing: float, reduction: str = "mean"
) -> tuple[float | np.ndarray, np.ndarray]:
    """Cross-entropy with the smoothed target (1 − s) · onehot(y) + s/C, the s/C going to all C classes, y too.

    The gradient is softmax(logits) − target.

    logits: (N, C); y: integers (N,), the right classes; smoothing: s, from 0 (plain cross-entropy) to 1. Returns the
    loss and the gradient with respect to logits, (N, C); float32 stays float32; both finite, with no warning, at ±1e4.
    reduction: "mean" over N, "sum", or "none" (a loss per row, (N,), and each row's own gradient, undivided).
    Source: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception Architecture for Computer Vision",
    2016, section 7.
    """
    shifted = 1.0 * logits - logits.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, C)
    target = np.full_like(log_probs, smoothing / logits.shape[1])  # (N, C)
    target[np.arange(len(y)), y] += 1 - smoothing
    loss = -(target * log_probs).sum(axis=1)  # (N,)
    grad = np.exp(log_probs) - target  # (N, C)
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def bce_with_logits(
    logits: np.ndarray, targets: np.ndarray, pos_weight: float | np.ndarray | None = None, reduction: str = "mean"
) -> tuple[float | np.ndarray, np.ndarray]:
    """Binary cross-entropy of σ(logits), where the part of the positives counts pos_weight times.

    With w = pos_weight: −w · t · ln σ(x) − (1 − t) · ln(1 − σ(x)) of every element x with target t. The gradient is
    (1 − t) σ(x) − w t (1 − σ(x)), and without weights σ(x) − t.

    logits, targets: the same shape, any; targets from 0 to 1, soft ones too, ints or bools too; pos_weight: None
    (for 1), a number, or (L,), one for each place of the last axis. Returns the loss and the gradient with respect to
    logits, their shape and, if float, their dtype; both finite, with no warning, at ±1e4. reduction: "mean" over all
    elements, "sum", or "none" (a loss per element, and each element's own gradient, undivided).
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.2; PyTorch's BCEWithLogitsLoss.
    """
    x = 1.0 * logits
    t = targets.astype(x.dtype)
    w = np.asarray(1.0 if pos_weight is None else pos_weight, dtype=x.dtype)
    # −ln σ(x) = ln(1 + e^(−x)) is softplus(−x), and −ln(1 − σ(x)) is softplus(x); logaddexp(0, x) is softplus(x).
    loss = w * t * np.logaddexp(0.0, -x) + (1 - t) * np.logaddexp(0.0, x)
    z = np.exp(-np.abs(x))
    p = np.where(x >= 0, 1.0, z) / (1 + z)  # σ(x)
    q = np.where(x >= 0, z, 1.0) / (1 + z)  # 1 − σ(x) = σ(−x)
    grad = (1 - t) * p - w * t * q
    if reduction == "mean":
        return loss.mean(), grad / loss.size
    if reduction == "sum":
        return loss.sum(), grad
    return loss, grad


def multilabel_loss(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """L independent yes-or-no questions a row: the binary cross-entropy of σ(logits), mean over all N · L elements.

    logits: (N, L), N and L ≥ 1; targets: (N, L) of 0 and 1, any number of ones in a row, ints or bools too. Returns
    the loss and the gradient with respect to logits, (N, L) and, if float, their dtype; both finite, with no warning,
    at ±1e4.
    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, section 5.2.
    """
    x = 1.0 * logits
    t = targets.astype(x.dtype)
    loss = t * np.logaddexp(0.0, -x) + (1 - t) * np.logaddexp(0.0, x)  # (N, L)
    z = np.exp(-np.abs(x))
    p = np.where(x >= 0, 1.0, z) / (1 + z)  # σ(x), (N, L)
    return loss.mean(), (p - t) / loss.size


def predict_from_logits(task: str, logits: np.ndarray) -> np.ndarray:
    """The decision that makes the fewest errors, as integers; no probability need be computed for it.

    task "binary", logits (N,): 1 where σ(logit) ≥ ½, which is where logit ≥ 0, else 0; (N,).
    task "multiclass", logits (N, C): the class of the largest logit, the first of equal ones; (N,).
    task "multilabel", logits (N, L): 1 or 0 for each label as in "binary"; (N, L).
    Raises ValueError for any other task.
    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, section 1.5.1.
    """
    if task in ("binary", "multilabel"):
        return (logits >= 0).astype(int)
    if task == "multiclass":
        return logits.argmax(axis=1)
    raise ValueError(f'task must be "binary", "multiclass" or "multilabel", not {task!r}')


def nll_loss(
    log_probs: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None, ignore_index: int = -100
) -> tuple[float, np.ndarray]:
    """The negative log-likelihood of the right classes, averaged with class weights over the rows that count.

    loss = −Σ_n weight[y_n] · log_probs[n, y_n] / Σ_n weight[y_n], both sums over the rows with y_n ≠ ignore_index.

    log_probs: (N, C); y: integers (N,), each a class or ignore_index; weight: (C,), not negative, None for all 1.
    Returns the loss and the gradient with respect to log_probs, (N, C), as free variables; float32 stays float32.
    Where the weights that count sum to 0, as when every row is ignored, both are 0.
    Source: PyTorch's NLLLoss.
    """
    log_probs = 1.0 * log_probs
    rows = np.flatnonzero(y != ignore_index)
    classes = y[rows]
    w = np.ones(len(rows)) if weight is None else 1.0 * weight[classes]
    total = w.sum()
    grad = np.zeros_like(log_probs)  # (N, C)
    if total == 0:
        return 0.0, grad
    grad[rows, classes] = -w / total
    return -(w * log_probs[rows, classes]).sum() / total, grad


def kl_divergence(p: np.ndarray, q: np.ndarray) -> float | np.ndarray:
    """KL(p ‖ q) = Σ_c p_c · ln(p_c / q_c) in nats: what coding p with a code made for q costs more than need be.

    p, q: probabilities, (C,) or (N, C), the same shape; the sum is over the last axis. Returns a number, or (N,).
    Where p is 0 the term is 0, whatever q; where q is 0 and p is not, the result is inf; no warning either way.
    Source: Kullback and Leibler, "On Information and Sufficiency", 1951.
    """
    used = p > 0
    with np.errstate(divide="ignore"):  # ln 0 = −inf is right where q = 0 < p
        log_ratio = np.log(np.where(used, p, 1.0)) - np.log(np.where(used, q, 1.0))  # 0 where p is 0
    return (p * log_ratio).sum(axis=-1)


def entropy(p: np.ndarray) -> float | np.ndarray:
    """H(p) = −Σ_c p_c · ln p_c in nats: from 0, when all is certain, to ln C, when all is equally likely.

    p: probabilities, (C,) or (N, C); the sum is over the last axis. Returns a number, or (N,).
    Where p is 0 the term is 0, with no warning.
    Source: Shannon, "A Mathematical Theory of Communication", 1948.
    """
    return 0.0 - (p * np.log(np.where(p > 0, p, 1.0))).sum(axis=-1)  # a mere minus would make −0 of 0


def distribution_cross_entropy(p: np.ndarray, q: np.ndarray) -> float | np.ndarray:
    """H(p, q) = −Σ_c p_c · ln q_c in nats, which is H(p) + KL(p ‖ q).

    p, q: probabilities, (C,) or (N, C), the same shape; the sum is over the last axis. Returns a number, or (N,).
    Where p is 0 the term is 0, whatever q; where q is 0 and p is not, the result is inf; no warning either way.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.13.
    """
    with np.errstate(divide="ignore"):  # ln 0 = −inf is right where q = 0 < p
        return 0.0 - (p * np.log(np.where(p > 0, q, 1.0))).sum(axis=-1)  # a mere minus would make −0 of 0


def logistic_regression_loss(
    w: np.ndarray, b: float, X: np.ndarray, y: np.ndarray, l2: float = 0.0
) -> tuple[float, np.ndarray, float]:
    """Logistic regression: the mean binary cross-entropy of σ(X @ w + b), plus (l2/2) · ‖w‖²; the bias goes free.

    w: (D,); b: a number; X: (N, D), N and D ≥ 1; y: (N,) of 0 and 1, ints or bools too. Returns the loss, dw (D,) and
    db, a number; float32 stays float32; finite, with no warning, at logits of ±1e4.
    Source: Bishop, "Pattern Recognition and Machine Learning", 2006, sections 4.3.2 and 3.1.4.
    """
    x = 1.0 * X
    z = x @ w + b  # (N,)
    t = y.astype(z.dtype)
    cross_entropy = t * np.logaddexp(0.0, -z) + (1 - t) * np.logaddexp(0.0, z)  # (N,)
    loss = cross_entropy.mean() + l2 / 2 * (1.0 * w @ w)
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, e) / (1 + e)  # σ(z), (N,)
    dz = (p - t) / len(t)  # (N,)
    return loss, x.T @ dz + l2 * w, dz.sum()


def hinge_loss(scores: np.ndarray, y: np.ndarray, margin: float = 1.0) -> tuple[float, np.ndarray]:
    """The multi-class hinge loss: every wrong class should score at least `margin` less than the right one.

    loss = 1/N · Σ_n Σ_{j ≠ y_n} max(0, scores[n, j] − scores[n, y_n] + margin); the derivative at the kink is 0.

    scores: (N, C), N ≥ 1; y: integers (N,), the right classes; margin: any real number. Returns the loss and the
    gradient with respect to scores, (N, C); float32 stays float32; finite, with no warning, at ±1e4.
    Source: Weston and Watkins, "Support Vector Machines for Multi-Class Pattern Recognition", 1999.
    """
    rows = np.arange(len(y))
    excess = 1.0 * scores - scores[rows, y][:, None] + margin  # (N, C)
    excess[rows, y] = 0  # the right class is not compared with itself
    loss = np.maximum(excess, 0).sum() / len(y)
    grad = (excess > 0).astype(excess.dtype)  # (N, C)
    grad[rows, y] = -grad.sum(axis=1)  # the right score stands in every term of its row
    return loss, grad / len(y)


def focal_loss(
    logits: np.ndarray, targets: np.ndarray, gamma: float = 2.0, alpha: float = 0.25
) -> tuple[float, np.ndarray]:
    """Binary cross-entropy in which what is already easy hardly counts: −a_t · (1 − p_t)^gamma · ln p_t, mean.

    p_t is the probability given to the true side: σ(logit) where the target is 1, 1 − σ(logit) where it is 0; a_t is
    alpha where the target is 1, 1 − alpha where it is 0. The mean is over all elements.

    logits, targets: the same shape, any; targets 0 or 1, ints or bools too; gamma ≥ 0; alpha from 0 to 1. Returns the
    loss and the gradient with respect to logits, their shape and, if float, their dtype; both finite, with no warning,
    at ±1e4.
    Source: Lin, Goyal, Girshick, He and Dollár, "Focal Loss for Dense Object Detection", 2017, eq. 5.
    """
    x = 1.0 * logits
    positive = targets == 1
    s = np.where(positive, x, -x)  # p_t = σ(s) on both sides
    a = np.where(positive, alpha, 1 - alpha).astype(x.dtype)
    z = np.exp(-np.abs(s))
    p = np.where(s >= 0, 1.0, z) / (1 + z)  # p_t
    q = np.where(s >= 0, z, 1.0) / (1 + z)  # 1 − p_t, without cancelling
    nll = np.logaddexp(0.0, -s)  # −ln p_t
    loss = a * q**gamma * nll
    # q' = −p q and nll' = −q, so (q^gamma · nll)' = −q^gamma (gamma p nll + q): no power gamma − 1 that 0 could meet.
    ds = -a * q**gamma * (gamma * p * nll + q)
    return loss.mean(), np.where(positive, ds, -ds) / loss.size


def dice_loss(probs: np.ndarray, targets: np.ndarray, eps: float = 1e-6) -> tuple[float, np.ndarray]:
    """1 − the soft Dice coefficient: 1 − (2 Σ p t + eps) / (Σ p + Σ t + eps), the sums over all elements.

    probs, targets: the same shape, any; targets 0 or 1, ints or bools too; eps > 0. Returns the loss and the gradient
    with respect to probs, their shape and, if float, their dtype. If both are 0 everywhere, the loss is 0.
    Source: Milletari, Navab and Ahmadi, "V-Net", 2016 (there with squares in the denominator).
    """
    p = 1.0 * probs
    t = targets.astype(p.dtype)
    total = p.sum() + t.sum() + eps
    dice = (2 * (p * t).sum() + eps) / total
    return 1 - dice, (dice - 2 * t) / total  # quotient rule: dice' = (2 t · total − dice · total) / total²


def iou(boxes_a: np.ndarray, boxes_b: np.ndarray) -> np.ndarray:
    """Intersection over union of every box of the one set with every box of the other.

    boxes_a: (A, 4); boxes_b: (B, 4); a box is its corners (x1, y1, x2, y2) with x1 ≤ x2 and y1 ≤ y2, and its width is
    x2 − x1, with no + 1. A and B may be 0. Returns (A, B), from 0 to 1; 0 where the union is empty; float32 stays
    float32.
    Source: Everingham, Van Gool, Williams, Winn and Zisserman, "The Pascal Visual Object Classes (VOC) Challenge",
    2010.
    """
    a, b = 1.0 * boxes_a[:, None, :], 1.0 * boxes_b  # (A, 1, 4) and (B, 4)
    low = np.maximum(a[..., :2], b[..., :2])  # (A, B, 2)
    high = np.minimum(a[..., 2:], b[..., 2:])  # (A, B, 2)
    intersection = np.maximum(high - low, 0).prod(axis=-1)  # (A, B), 0 where they miss each other in x or in y
    area_a = (a[..., 2:] - a[..., :2]).prod(axis=-1)  # (A, 1)
    area_b = (b[..., 2:] - b[..., :2]).prod(axis=-1)  # (B,)
    union = area_a + area_b - intersection  # (A, B)
    return intersection / np.where(union > 0, union, 1.0)


def triplet_loss(
    anchor: np.ndarray, positive: np.ndarray, negative: np.ndarray, margin: float = 1.0
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """An anchor should be nearer to its positive than to its negative, by `margin` in squared distance.

    loss = 1/N · Σ_i max(0, ‖a_i − p_i‖² − ‖a_i − n_i‖² + margin); the derivative at the kink is 0.

    anchor, positive, negative: (N, D). Returns the loss, da, dp and dn, each (N, D); float32 stays float32.
    Source: Schroff, Kalenichenko and Philbin, "FaceNet", 2015, section 3.1.
    """
    to_positive = 1.0 * anchor - positive  # (N, D)
    to_negative = 1.0 * anchor - negative  # (N, D)
    excess = (to_positive**2).sum(axis=1) - (to_negative**2).sum(axis=1) + margin  # (N,)
    active = (excess > 0)[:, None]  # (N, 1)
    dp = np.where(active, -2 * to_positive, 0.0) / len(excess)
    dn = np.where(active, 2 * to_negative, 0.0) / len(excess)
    return np.maximum(excess, 0).mean(), -dp - dn, dp, dn  # moving all three together changes nothing


def info_nce_loss(
    queries: np.ndarray, keys: np.ndarray, temperature: float = 0.1
) -> tuple[float, np.ndarray, np.ndarray]:
    """Contrastive loss: among all keys, each query should find its own, key i for query i.

    The similarities queries @ keys.T / temperature are the logits of a softmax over the keys, whose right class in row
    i is i; the loss is the mean cross-entropy over the N queries. One-sided: keys do not look for their queries.

    queries, keys: (N, D), used as given, not normalized; temperature > 0. Returns the loss, dq (N, D) and dk (N, D);
    float32 stays float32; finite, with no warning, for logits of ±1e4.
    Source: van den Oord, Li and Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018, eq. 4.
    """
    q, k = 1.0 * queries, 1.0 * keys
    logits = q @ k.T / temperature  # (N, N)
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1, keepdims=True)  # (N, 1)
    loss = (np.log(total[:, 0]) - np.diag(shifted)).mean()
    dlogits = (powers / total - np.eye(len(q), dtype=q.dtype)) / len(q)  # (N, N), softmax − onehot
    return loss, dlogits @ k / temperature, dlogits.T @ q / temperature


def distillation_loss(
    student_logits: np.ndarray, teacher_logits: np.ndarray, temperature: float
) -> tuple[float, np.ndarray]:
    """T² · KL(teacher ‖ student) between the softmaxes of logits / T, mean over N.

    The factor T² keeps the gradient of about the size it has at T = 1; the gradient is T · (student − teacher) / N, in
    probabilities at temperature T.

    student_logits, teacher_logits: (N, C); temperature: T > 0. Returns the loss and the gradient with respect to
    student_logits, (N, C); the teacher gets none. float32 stays float32; both finite, with no warning, at ±1e4.
    Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, section 2.
    """

    def log_softmax(x: np.ndarray) -> np.ndarray:
        shifted = x - x.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    student = log_softmax(student_logits / temperature)  # (N, C), log-probabilities: finite where softmax is 0
    teacher = log_softmax(teacher_logits / temperature)  # (N, C)
    kl = (np.exp(teacher) * (teacher - student)).sum(axis=1)  # (N,)
    # d(T² KL)/d(logits) = T² · (student − teacher) · 1/T, the 1/T from logits / T
    grad = temperature * (np.exp(student) - np.exp(teacher)) / len(kl)
    return temperature**2 * kl.mean(), grad


def expected_calibration_error(probs: np.ndarray, y: np.ndarray, bins: int = 10) -> float:
    """How far, on average, a classifier's confidence is from its accuracy: Σ_b n_b/N · |accuracy_b − confidence_b|.

    The confidence of a row is its largest probability, and the row is right if that class (the first of equal ones) is
    y. The rows are sorted by confidence into `bins` bins of equal width, bin b = 0, 1, … being (b/bins, (b + 1)/bins]:
    an edge belongs to the bin below it. n_b rows fall into bin b; an empty bin adds nothing.

    probs: (N, C), N ≥ 1; y: integers (N,). Returns a number from 0 to 1; it has no gradient.
    Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017, section 2.
    """
    confidence = 1.0 * probs.max(axis=1)  # (N,)
    right = probs.argmax(axis=1) == y  # (N,)
    b = np.digitize(confidence, np.arange(1, bins) / bins, right=True)  # (N,), 0 to bins − 1
    # n_b · (accuracy_b − confidence_b) is the sum of right − confidence over the bin: no division by an empty n_b.
    gaps = np.bincount(b, weights=right - confidence)
    return float(np.abs(gaps).sum() / len(y))


def output_delta(loss: str, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The gradient with respect to z of a loss on the sigmoid output a = σ(z), each element's own, not averaged.

    loss "mse", here ½(a − y)²: (a − y) σ′(z), which vanishes where the unit saturates, however wrong it is.
    loss "cross_entropy": a − y, since σ′ cancels: the more wrong, the faster it learns.

    z, y: the same shape, any; y from 0 to 1. Returns z's shape; float32 stays float32; finite, with no warning, at
    ±1e4. Raises ValueError for any other loss.
    Source: Nielsen, "Neural Networks and Deep Learning", 2015, chapter 3.
    """
    e = np.exp(-np.abs(1.0 * z))
    a = np.where(z >= 0, 1.0, e) / (1 + e)  # σ(z)
    if loss == "mse":
        return (a - y) * e / (1 + e) ** 2  # σ′ = a (1 − a)
    if loss == "cross_entropy":
        return a - y
    raise ValueError(f'loss must be "mse" or "cross_entropy", not {loss!r}')


def outlier_influence(loss: str, residuals: np.ndarray) -> np.ndarray:
    """How hard each point pulls on a fit: the derivative of its loss with respect to its residual r.

    loss "l1", |r|: sign(r), the same for every point, 0 at r = 0. loss "l2", r²: 2r, without bound.
    loss "smooth_l1", with beta = 1: clip(r, −1, 1), gentle near 0 and bounded far out.

    residuals: any shape. Returns their shape; float32 stays float32. Raises ValueError for any other loss.
    Source: Hampel, "The Influence Curve and Its Role in Robust Estimation", 1974.
    """
    r = 1.0 * residuals
    if loss == "l1":
        return np.sign(r)
    if loss == "l2":
        return 2 * r
    if loss == "smooth_l1":
        return np.clip(r, -1, 1)
    raise ValueError(f'loss must be "l1", "l2" or "smooth_l1", not {loss!r}')
