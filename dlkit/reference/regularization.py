"""Unit 06: what is done so that a network is right on data that it has not seen.

Penalties and constraints on the weights, noise in the layers and in the data, and the ways to measure, stop and average
that tell whether it helped. A layer that drops is inverted: it divides by the probability of keeping in training, and
does nothing at test. What is random is drawn from `rng`, and what is judged is its law. Each function uses only np,
math and builtins: its body is pasted on its own into a notebook.
"""

# numpy's stubs give Any for most arithmetic, and an annotation at every return would only be noise:
# mypy: disable-error-code="no-any-return"

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = [  # noqa: RUF022 - the order of the curriculum
    "matrix_norms",
    "l2_penalty",
    "l1_penalty",
    "elastic_net_penalty",
    "soft_threshold",
    "hard_threshold",
    "ridge",
    "condition_number",
    "lasso_ista",
    "lagrange_minimize",
    "dropout_forward",
    "dropout_backward",
    "dropout_weight_scaling",
    "mc_dropout",
    "dropconnect_forward",
    "spatial_dropout",
    "stochastic_depth",
    "cutout",
    "dropblock_mask",
    "mixup",
    "random_flip",
    "random_shift",
    "random_crop",
    "early_stopping",
    "kfold_indices",
    "stratified_kfold_indices",
    "cross_validate",
    "train_val_test_split",
    "bootstrap_indices",
    "out_of_bag_indices",
    "ensemble_predict",
    "max_norm",
]


def matrix_norms(W: np.ndarray) -> dict[str, float]:
    """Five sizes of a matrix, three of its entries and two of its singular values.

    "l0": how many entries are not 0 (no norm: doubling W does not double it).
    "l1": the sum of the magnitudes of all entries (not the largest column sum, the operator norm of the same name).
    "frobenius": the root of the sum of the squares of all entries.
    "nuclear": the sum of the singular values.
    "spectral": the largest singular value, the most by which W can stretch a vector.

    W: (D, M), D and M ≥ 1. Returns a dictionary with these five keys and plain numbers, l0 an integer.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 2.5; Recht, Fazel and Parrilo, "Guaranteed
    Minimum-Rank Solutions of Linear Matrix Equations via Nuclear Norm Minimization", 2010, for the nuclear norm.
    """
    W = 1.0 * W  # the 1.0 makes integers float: the magnitude of the byte −128 is no byte
    singular_values = np.linalg.svd(W, compute_uv=False)  # (min(D, M),), falling
    return {
        "l0": int(np.count_nonzero(W)),
        "l1": float(np.abs(W).sum()),
        "frobenius": float(np.sqrt((W**2).sum())),
        "nuclear": float(singular_values.sum()),
        "spectral": float(singular_values[0]),
    }


def l2_penalty(W: np.ndarray, lam: float) -> tuple[float, np.ndarray]:
    """The penalty ½ · lam · Σ W² over all entries, and its gradient with respect to W.

    W: any shape; lam ≥ 0. Returns the loss and the gradient, W's shape; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.1.
    """
    W = 1.0 * W  # the 1.0 makes integers float: bytes cannot hold their squares
    return 0.5 * lam * (W**2).sum(), lam * W


def l1_penalty(W: np.ndarray, lam: float) -> tuple[float, np.ndarray]:
    """The penalty lam · Σ |W| over all entries, and its gradient with respect to W, 0 where an entry is 0.

    W: any shape; lam ≥ 0. Returns the loss and the gradient, W's shape; float32 stays float32.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.2.
    """
    W = 1.0 * W
    return lam * np.abs(W).sum(), lam * np.sign(W)  # sign(0) = 0, one of the subgradients −1 … 1


def elastic_net_penalty(W: np.ndarray, lam: float, l1_ratio: float) -> tuple[float, np.ndarray]:
    """The penalty lam · (l1_ratio · Σ |W| + ½ · (1 − l1_ratio) · Σ W²), and its gradient, L1's part 0 at 0.

    W: any shape; lam ≥ 0; l1_ratio from 0, `l2_penalty`, to 1, `l1_penalty`. Returns the loss and the gradient with
    respect to W, W's shape; float32 stays float32.
    Source: Zou and Hastie, "Regularization and Variable Selection via the Elastic Net", 2005; in this form Friedman,
    Hastie and Tibshirani, "Regularization Paths for Generalized Linear Models via Coordinate Descent", 2010.
    """
    W = 1.0 * W
    loss = lam * (l1_ratio * np.abs(W).sum() + 0.5 * (1 - l1_ratio) * (W**2).sum())
    grad = lam * (l1_ratio * np.sign(W) + (1 - l1_ratio) * W)
    return loss, grad


def soft_threshold(w: np.ndarray, t: float) -> np.ndarray:
    """The proximal operator of t · |w|: for each entry the z that makes ½ (z − w)² + t · |z| least.

    w: any shape; t ≥ 0. Returns an array of w's shape, exactly 0 where |w| ≤ t; float32 stays float32.
    Source: Donoho and Johnstone, "Ideal Spatial Adaptation by Wavelet Shrinkage", 1994; Parikh and Boyd, "Proximal
    Algorithms", 2014, section 6.5.2.
    """
    # For z > 0 the derivative z − w + t is 0 at z = w − t, which is positive only if w > t; likewise z = w + t if
    # w < −t; between them the kink at z = 0 is the lowest point. So w moves by t towards 0 and stops there:
    # sign(w) · max(|w| − t, 0), or, without that formula's −0.0, what is left of w outside [−t, t].
    w = 1.0 * w
    return w - np.clip(w, -t, t)


def hard_threshold(w: np.ndarray, t: float) -> np.ndarray:
    """Each entry as it is where |w| > t, and exactly 0 elsewhere: nothing is shrunk.

    At t = √(2λ) it is the proximal operator of λ · ‖w‖₀: keeping an entry costs λ, dropping it ½ w².

    w: any shape; t ≥ 0. Returns an array of w's shape; float32 stays float32.
    Source: Donoho and Johnstone, "Ideal Spatial Adaptation by Wavelet Shrinkage", 1994.
    """
    w = 1.0 * w
    return np.where(np.abs(w) > t, w, 0.0)


def ridge(X: np.ndarray, y: np.ndarray, lam: float) -> np.ndarray:
    """The weights that make ‖Xw − y‖² + lam · ‖w‖² least. No intercept, and no inverse of any matrix.

    X: (N, D), N < D allowed; y: (N,); lam > 0, or lam = 0 where the columns of X are independent. Returns w (D,);
    float32 stays float32.
    Source: Hoerl and Kennard, "Ridge Regression: Biased Estimation for Nonorthogonal Problems", 1970.
    """
    # lam · ‖w‖² = ‖√lam · I w − 0‖²: D more samples, each asking for one weight to be 0. Least squares on all N + D of
    # them has the normal equations (X'X + lam · I) w = X'y, but need not form X'X, whose condition is X's squared.
    X = 1.0 * X  # (N, D); the 1.0 makes integers float
    d = X.shape[1]
    A = np.vstack([X, math.sqrt(lam) * np.eye(d, dtype=X.dtype)])  # (N + D, D)
    b = np.concatenate([y, np.zeros(d, dtype=X.dtype)])  # (N + D,)
    return np.linalg.lstsq(A, b)[0]


def condition_number(X: np.ndarray, lam: float) -> float:
    """The condition number of X'X + lam · I: its largest eigenvalue over its smallest.

    X: (N, D), N < D allowed; lam ≥ 0, such that the matrix is not singular. Returns one number, at least 1.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 4.2.
    """
    # With √lam · I below X, A'A = X'X + lam · I, so its eigenvalues are the squares of A's singular values.
    A = np.vstack([X, math.sqrt(lam) * np.eye(X.shape[1])])  # (N + D, D)
    return float(np.linalg.cond(A)) ** 2


def lasso_ista(X: np.ndarray, y: np.ndarray, lam: float, steps: int) -> np.ndarray:
    """The weights after `steps` steps of ISTA on ½ ‖Xw − y‖² + lam · ‖w‖₁, from w = 0 with step size 1 / σmax(X)².

    A step is a gradient step on the square alone, and then the proximal operator of the rest.

    X: (N, D), not all 0; y: (N,); lam ≥ 0; steps ≥ 0. Returns w (D,), with exact zeros; the objective never rises from
    step to step; float32 stays float32.
    Source: Daubechies, Defrise and De Mol, "An Iterative Thresholding Algorithm for Linear Inverse Problems with a
    Sparsity Constraint", 2004; Beck and Teboulle, "A Fast Iterative Shrinkage-Thresholding Algorithm", 2009.
    """
    # σmax² is the largest curvature of ½ ‖Xw − y‖². With this step s, the parabola of curvature 1/s through the present
    # point lies above it, and the step goes to the least point of parabola + lam · ‖w‖₁: the objective cannot rise.
    X = 1.0 * X
    step = 1 / np.linalg.norm(X, 2) ** 2
    w = np.zeros(X.shape[1], dtype=X.dtype)  # (D,)
    for _ in range(steps):
        w = w - step * (X.T @ (X @ w - y))
        w = w - np.clip(w, -step * lam, step * lam)  # soft threshold
    return w


def lagrange_minimize(a: np.ndarray, B: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The x that makes ½ ‖x − a‖² least among all with Bx = c, and its Lagrange multipliers.

    Their sign is that of the Lagrangian ½ ‖x − a‖² + m'(Bx − c).

    a: (D,); B: (K, D) with independent rows, so K ≤ D; c: (K,). Returns x (D,) and m (K,); float32 stays float32.
    Source: Boyd and Vandenberghe, "Convex Optimization", 2004, section 10.1.1.
    """
    # The Lagrangian is stationary in x where x − a + B'm = 0, and in m where Bx = c: D + K linear equations at once,
    # the KKT system. (Eliminating x leaves BB'm = Ba − c and x = a − B'm.)
    B = 1.0 * B
    k, d = B.shape
    kkt = np.block([[np.eye(d, dtype=B.dtype), B.T], [B, np.zeros((k, k), dtype=B.dtype)]])  # (D + K, D + K)
    solution = np.linalg.solve(kkt, np.concatenate([a, c]))  # (D + K,)
    return solution[:d], solution[d:]


def dropout_forward(
    x: np.ndarray, p: float, training: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """Inverted dropout: in training each entry is 0 with probability p, and otherwise divided by 1 − p.

    So each entry's expectation is x, and at test, where nothing is dropped, out is x and there is no mask.

    x: any shape; p: the probability of dropping, from 0 to 1; p = 1 gives zeros. Returns out and mask, both of x's
    shape, mask boolean and True where kept; at test x and None. float32 stays float32.
    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A Simple Way to Prevent Neural
    Networks from Overfitting", 2014.
    """
    if not training:
        return x, None
    mask = rng.random(x.shape) >= p  # random() is below 1, so that p = 1 drops everything
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * x, 0.0), mask


def dropout_backward(dout: np.ndarray, mask: np.ndarray | None, p: float) -> np.ndarray:
    """The gradient of `dropout_forward` with respect to x.

    dout: x's shape; mask and p: the forward's, mask None if it ran at test. Returns dx, x's shape; float32 stays
    float32.
    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014.
    """
    # Given the mask, the forward multiplies each entry by a constant, 0 or 1 / (1 − p); at test by 1.
    if mask is None:
        return dout
    scale = 1 / (1 - p) if p < 1 else 0.0
    return np.where(mask, scale * dout, 0.0)


def dropout_weight_scaling(x: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> np.ndarray:
    """Dropout as first published: in training each entry is 0 with probability p and otherwise x; at test (1 − p) · x.

    x: any shape; p: the probability of dropping, from 0 to 1. Returns an array of x's shape; float32 stays float32.
    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014 (there p is the
    probability of keeping).
    """
    if not training:
        return (1 - p) * x
    return np.where(rng.random(x.shape) >= p, x, 0.0)


def mc_dropout(
    predict: "Callable[[np.ndarray, np.random.Generator], np.ndarray]",
    x: np.ndarray,
    samples: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of predictions made with dropout left on: an ensemble out of one network.

    predict(x, rng) is one prediction, an array, with noise drawn from rng; it is called exactly `samples` times, each
    time with x and rng as they are.

    samples ≥ 1. Returns mean and std, both of the shape of a prediction, over the samples, entry by entry; std with
    ddof 0. float32 stays float32.
    Source: Gal and Ghahramani, "Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning",
    2016.
    """
    predictions = np.stack([predict(x, rng) for _ in range(samples)])  # (samples, …)
    return predictions.mean(axis=0), predictions.std(axis=0)


def dropconnect_forward(
    x: np.ndarray, W: np.ndarray, b: np.ndarray, p: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A dense layer x @ W + b in training, each weight 0 with probability p and otherwise divided by 1 − p; b is kept.

    One mask is drawn for the whole batch.

    x: (N, D); W: (D, M); b: (M,); p: the probability of dropping, 0 ≤ p < 1. Returns out (N, M) and mask (D, M),
    boolean, True where kept; float32 stays float32.
    Source: Wan, Zeiler, Zhang, LeCun and Fergus, "Regularization of Neural Networks using DropConnect", 2013 (there a
    mask for each sample, and no division).
    """
    mask = rng.random(W.shape) >= p  # (D, M)
    return x @ (np.where(mask, W, 0.0) / (1 - p)) + b, mask


def spatial_dropout(x: np.ndarray, p: float, rng: np.random.Generator) -> np.ndarray:
    """Inverted dropout, in training, of whole channels: each of each image is 0 with probability p, else x / (1 − p).

    x: (N, C, H, W); p: the probability of dropping, 0 ≤ p < 1. Returns an array of x's shape; float32 stays float32.
    Source: Tompson, Goroshin, Jain, LeCun and Bregler, "Efficient Object Localization Using Convolutional Networks",
    2015.
    """
    mask = rng.random((*x.shape[:2], 1, 1)) >= p  # (N, C, 1, 1)
    return np.where(mask, x, 0.0) / (1 - p)


def stochastic_depth(
    x: np.ndarray,
    branch: "Callable[[np.ndarray], np.ndarray]",
    p: float,
    training: bool,
    rng: np.random.Generator,
) -> np.ndarray:
    """A residual block whose branch is dropped in training: x with probability p, otherwise x + branch(x) / (1 − p).

    One decision is made for the whole batch. At test it is x + branch(x), which is what training gives on average.

    x: any shape; branch gives the same shape; p: the probability of dropping, 0 ≤ p < 1. Returns an array of x's shape;
    float32 stays float32.
    Source: Huang, Sun, Liu, Sedra and Weinberger, "Deep Networks with Stochastic Depth", 2016 (there not inverted: the
    branch is scaled at test).
    """
    if not training:
        return x + branch(x)
    if rng.random() < p:
        return x  # the branch is not computed at all, which is what makes training faster
    return x + branch(x) / (1 - p)


def cutout(images: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Images with one square of zeros each, size × size pixels, at a place of its own, the same in all channels.

    Its centre is a pixel drawn uniformly, so that a part of the square may lie outside, where nothing is cut. The other
    law is right too: the square lies inside as a whole, each place where it fits being equally likely.

    images: (N, C, H, W); size from 0 to min(H, W). Returns an array of this shape and dtype; the images given are not
    changed.
    Source: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
    """
    n, _, h, w = images.shape
    top = rng.integers(h, size=(n, 1, 1, 1)) - size // 2
    left = rng.integers(w, size=(n, 1, 1, 1)) - size // 2
    row, column = np.arange(h)[:, None], np.arange(w)  # (H, 1), (W,)
    cut = (top <= row) & (row < top + size) & (left <= column) & (column < left + size)  # (N, 1, H, W)
    return np.where(cut, 0, images)


def dropblock_mask(shape: tuple[int, int, int, int], p: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """A keep-mask for feature maps that drops square blocks of size × size pixels, in each channel on its own.

    A block may start wherever it fits as a whole, and does so with probability gamma, independently of the others:

        gamma = p / size² · H · W / ((H − size + 1) · (W − size + 1))

    A pixel that any block covers is dropped. Where blocks overlap a pixel is dropped once, so that the share dropped is
    a little below p.

    shape: (N, C, H, W); 0 ≤ p < 1; 1 ≤ size ≤ min(H, W). Returns an array of this shape and of any dtype, here boolean:
    True, or 1, keeps. It is not scaled.
    Source: Ghiasi, Lin and Le, "DropBlock: A Regularization Method for Convolutional Networks", 2018, eq. 1.
    """
    n, c, h, w = shape
    down, across = h - size + 1, w - size + 1  # places where a block fits
    gamma = p / size**2 * (h * w) / (down * across)
    starts = rng.random((n, c, down, across)) < gamma  # each the top left corner of a block
    dropped = np.zeros(shape, dtype=bool)
    for i in range(size):
        for j in range(size):
            dropped[:, :, i : i + down, j : j + across] |= starts
    return ~dropped


def mixup(x: np.ndarray, y: np.ndarray, alpha: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Every sample mixed with another one, inputs and targets alike: λ · x + (1 − λ) · x[others], and so for y.

    One λ ~ Beta(alpha, alpha) and one random order of the batch, `others`, serve for all samples. A sample may meet
    itself.

    x: (N, …); y: (N, K), one-hot or soft; alpha ≥ 0; alpha = 0 leaves both as they are. Returns x and y of the same
    shapes; float32 stays float32.
    Source: Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", 2018.
    """
    if alpha == 0:
        return x, y
    lam = rng.beta(alpha, alpha)
    others = rng.permutation(len(x))  # (N,)
    return lam * x + (1 - lam) * x[others], lam * y + (1 - lam) * y[others]


def random_flip(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Images mirrored left to right, each with probability ½, all channels of an image together.

    images: (N, C, H, W). Returns an array of this shape and dtype.
    Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
    section 4.1.
    """
    flip = rng.random((len(images), 1, 1, 1)) < 0.5
    return np.where(flip, images[:, :, :, ::-1], images)


def random_shift(images: np.ndarray, limit: int, rng: np.random.Generator) -> np.ndarray:
    """Images moved by whole pixels, each by its own, zeros where nothing comes in, all channels together.

    Down and across are independent, each uniform on the integers −limit, …, limit, both ends included.

    images: (N, C, H, W); limit ≥ 0. Returns an array of this shape and dtype.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.4.
    """
    # A window of the image's size, seen through a frame of zeros `limit` wide, is the image moved.
    n, _, h, w = images.shape
    framed = np.pad(images, ((0, 0), (0, 0), (limit, limit), (limit, limit)))  # (N, C, H + 2·limit, W + 2·limit)
    windows = np.lib.stride_tricks.sliding_window_view(framed, (h, w), axis=(2, 3))  # (N, C, places, places, H, W)
    top, left = rng.integers(2 * limit + 1, size=(2, n))  # (N,) each
    return windows[np.arange(n), :, top, left]


def random_crop(images: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """A square of side × side pixels out of each image, at its own place, uniform among all where it fits.

    images: (N, C, H, W); 1 ≤ side ≤ min(H, W). Returns (N, C, side, side), dtype kept.
    Source: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
    section 4.1.
    """
    n, _, h, w = images.shape
    windows = np.lib.stride_tricks.sliding_window_view(images, (side, side), axis=(2, 3))  # (N, C, down, across, …)
    top = rng.integers(h - side + 1, size=n)  # (N,)
    left = rng.integers(w - side + 1, size=n)  # (N,)
    return windows[np.arange(n), :, top, left]


def early_stopping(
    val_losses: "Sequence[float] | np.ndarray", patience: int, min_delta: float = 0.0
) -> tuple[int, int]:
    """The epoch after which training stops, and the epoch whose weights are kept, both counted from 0.

    An epoch is better if its loss is below the best so far minus min_delta; the first finite loss is. Training stops at
    the epoch that is the `patience`-th in a row to bring nothing better, or else at the last one. NaN is never better,
    and neither is a tie: both use up patience.

    val_losses: at least one; patience ≥ 1; min_delta ≥ 0. Returns (stop_epoch, best_epoch), integers; best_epoch is 0
    if no epoch is better.
    Source: Prechelt, "Early Stopping – But When?", 1998; Goodfellow, Bengio and Courville, "Deep Learning", 2016,
    algorithm 7.1.
    """
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - min_delta:  # False for NaN
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


def kfold_indices(n: int, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """k ways to divide the samples 0, …, n − 1 into training and validation, each sample in validation exactly once.

    Which sample is in which fold is random. The folds differ in size by at most 1.

    Returns a list of k pairs (train, val) of integer arrays, in any order within. Raises ValueError unless 2 ≤ k ≤ n.
    Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, section 7.10.1.
    """
    if not 2 <= k <= n:
        raise ValueError(f"k must be from 2 to the number of samples, {n}, not {k}")
    folds = np.array_split(rng.permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


def stratified_kfold_indices(y: np.ndarray, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """As `kfold_indices`, with each class spread evenly: its counts in two folds differ by at most 1.

    The folds as a whole differ in size by at most 1 too. Which samples of a class are in which fold is random. A class
    of fewer than k samples is missing in some folds.

    y: (N,), the classes, any labels that can be sorted. Returns a list of k pairs (train, val) of integer arrays, in
    any order within. Raises ValueError unless 2 ≤ k ≤ N.
    Source: Kohavi, "A Study of Cross-Validation and Bootstrap for Accuracy Estimation and Model Selection", 1995.
    """
    if not 2 <= k <= len(y):
        raise ValueError(f"k must be from 2 to the number of samples, {len(y)}, not {k}")
    # The samples class after class, shuffled within each, are dealt to the folds like cards, one at a time, without
    # starting again at the first fold for the next class: what a class leaves over, the next one evens out.
    shuffled = rng.permutation(len(y))  # (N,)
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]  # (N,)
    folds = [by_class[i::k] for i in range(k)]
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]


def cross_validate(
    fit: "Callable[[np.ndarray, np.ndarray], Any]",
    score: "Callable[[Any, np.ndarray, np.ndarray], float]",
    X: np.ndarray,
    y: np.ndarray,
    k: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """k scores, each of a model fitted to k − 1 random folds, on the fold that it has not seen.

    fit(X, y) returns a new model, any object; score(model, X, y) a number. Each is called k times. The folds are those
    of `kfold_indices`: each sample is scored exactly once, and their sizes differ by at most 1. Nothing is computed on
    the whole of X or y: what a model needs of the data, such as their mean, is part of fit.

    X: (N, …); y: (N,) or (N, …). Returns the scores (k,). Raises ValueError unless 2 ≤ k ≤ N.
    Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, sections 7.10.1 and 7.10.2.
    """
    if not 2 <= k <= len(X):
        raise ValueError(f"k must be from 2 to the number of samples, {len(X)}, not {k}")
    folds = np.array_split(rng.permutation(len(X)), k)
    scores = []
    for i, val in enumerate(folds):
        train = np.concatenate(folds[:i] + folds[i + 1 :])
        model = fit(X[train], y[train])
        scores.append(score(model, X[val], y[val]))
    return np.array(scores)


def train_val_test_split(
    n: int, val_fraction: float, test_fraction: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The samples 0, …, n − 1 in three random parts that have none in common: train, val, test.

    val has n · val_fraction samples, test n · test_fraction, each rounded to an integer, and train the others.

    The fractions are ≥ 0 and below 1 together. Returns three integer arrays, in any order within.
    Source: Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.3.
    """
    order = rng.permutation(n)  # (n,)
    n_val, n_test = round(n * val_fraction), round(n * test_fraction)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


def bootstrap_indices(n: int, rng: np.random.Generator) -> np.ndarray:
    """n draws, with replacement, from 0, …, n − 1: the samples that one member of a bagged ensemble is trained on.

    About 1 − 1/e = 63.2 % of the samples are among them, the others repeat.

    n ≥ 1. Returns integers (n,).
    Source: Breiman, "Bagging Predictors", 1996.
    """
    return rng.integers(n, size=n)


def out_of_bag_indices(n: int, sample: np.ndarray) -> np.ndarray:
    """Those of 0, …, n − 1 that are not in the sample, rising, each once: what a bagged member has not seen.

    sample: integers of any number, with repetitions, such as `bootstrap_indices` gives. Returns integers, as many as
    are missing, perhaps none.
    Source: Breiman, "Bagging Predictors", 1996.
    """
    drawn = np.zeros(n, dtype=bool)
    drawn[sample] = True
    return np.flatnonzero(~drawn)


def ensemble_predict(predictions: np.ndarray, vote: str = "soft") -> np.ndarray:
    """What an ensemble answers: the mean of its members' predictions, or the class that most of them choose.

    vote "soft": the mean over the members; (N, K). vote "hard": each member chooses its class of the highest
    prediction, the lowest of equal ones, and the class chosen most often wins, the lowest of equal ones; integers (N,).

    predictions: (members, N, K), members ≥ 1, probabilities or scores. float32 stays float32 in the mean.
    Source: Breiman, "Bagging Predictors", 1996.
    """
    if vote == "soft":
        return predictions.mean(axis=0)
    chosen = predictions.argmax(axis=2)  # (members, N)
    counts = (chosen[:, :, None] == np.arange(predictions.shape[2])).sum(axis=0)  # (N, K)
    return counts.argmax(axis=1)  # argmax takes the first of equal ones


def max_norm(W: np.ndarray, c: float) -> np.ndarray:
    """Weights with every column, the weights into one unit, scaled down to length c where it is longer.

    Other columns stay as they are, zero ones too. It is the projection onto the constraint ‖column‖ ≤ c, to be applied
    after each update.

    W: (D, M); c > 0. Returns an array of this shape; float32 stays float32.
    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014, section 5.1.
    """
    norms = np.linalg.norm(W, axis=0)  # (M,)
    return W * (c / np.maximum(norms, c))  # c/c = 1 where a column is not too long
