"""Unit 07: wrong answers that people give in 07_optimizers, each with what to say of it."""

import math

import numpy as np

from dlkit.mistakes import mistake
from dlkit.reference.optimizers import (
    accumulate_gradients,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    cosine_with_warmup,
    effective_step_size,
    ema_weights,
    exponential_decay,
    gradient_descent,
    inverse_time_decay,
    lion,
    lookahead,
    minibatches,
    momentum_optimum,
    nadam,
    nesterov,
    nesterov_rewritten,
    one_cycle,
    reduce_on_plateau,
    rmsprop,
    sgd_momentum,
    stable_learning_rate,
    step_decay,
    train,
)


@mistake(minibatches)
def draws_batches_with_replacement(n, batch_size, rng, drop_last=False):
    """You draw the indices with replacement: in one epoch some samples come twice and others not at all."""
    order = rng.integers(0, n, n) if n else np.arange(0)
    end = n - n % batch_size if drop_last else n
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


@mistake(minibatches)
def draws_each_batch_on_its_own(n, batch_size, rng, drop_last=False):
    """You draw every batch from all samples again: none repeats within a batch, but batches share some and miss
    others."""
    end = n - n % batch_size if drop_last else n
    return [rng.choice(n, min(batch_size, n - start), replace=False) for start in range(0, end, batch_size)]


@mistake(minibatches)
def never_shuffles_the_batches(n, batch_size, rng, drop_last=False):
    """Your batches are cut from 0 … n − 1 in order: nothing is shuffled, and rng is not used."""
    end = n - n % batch_size if drop_last else n
    return [np.arange(start, min(start + batch_size, n)) for start in range(0, end, batch_size)]


@mistake(minibatches)
def shuffles_batches_and_not_samples(n, batch_size, rng, drop_last=False):
    """Only the batches change places: each holds neighbours of the data. The samples themselves have to be shuffled."""
    end = n - n % batch_size if drop_last else n
    batches = [np.arange(start, min(start + batch_size, n)) for start in range(0, end, batch_size)]
    rng.shuffle(batches)
    return batches


@mistake(minibatches)
def always_drops_the_small_last_batch(n, batch_size, rng, drop_last=False):
    """You leave out the small last batch whatever drop_last says: its samples are missing from the epoch."""
    order = rng.permutation(n)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size)]


@mistake(minibatches)
def keeps_the_small_last_batch_with_drop_last(n, batch_size, rng, drop_last=False):
    """You keep the small last batch with drop_last=True: the option has no effect."""
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


@mistake(minibatches)
def drops_the_last_batch_though_it_is_full(n, batch_size, rng, drop_last=False):
    """With drop_last you leave out the last batch even where it is full: only one that is too small has to go."""
    order = rng.permutation(n)
    batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]
    return batches[:-1] if drop_last else batches


@mistake(minibatches)
def adds_an_empty_batch_at_the_end(n, batch_size, rng, drop_last=False):
    """Where batch_size divides n you make one batch too many, an empty one: round n / batch_size up."""
    order = rng.permutation(n)
    count = n // batch_size if drop_last else n // batch_size + 1
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(count)]


@mistake(minibatches)
def splits_into_batches_of_nearly_equal_size(n, batch_size, rng, drop_last=False):
    """Your batches are evened out: every one should have batch_size indices, and only the last may be smaller."""
    count = n // batch_size if drop_last else math.ceil(n / batch_size)
    if not count:
        return []
    order = rng.permutation(n)
    return np.array_split(order[: count * batch_size] if drop_last else order, count)


@mistake(minibatches)
def shuffles_batches_by_the_global_generator(n, batch_size, rng, drop_last=False):
    """You shuffle with NumPy's global generator, which rng does not govern: one seed does not give one order."""
    order = np.random.permutation(n)
    end = n - n % batch_size if drop_last else n
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


@mistake(minibatches)
def makes_a_generator_of_its_own_for_batches(n, batch_size, rng, drop_last=False):
    """You make a generator with a fixed seed: every epoch has the same order, whatever rng is."""
    order = np.random.default_rng(0).permutation(n)
    end = n - n % batch_size if drop_last else n
    return [order[start : start + batch_size] for start in range(0, end, batch_size)]


@mistake(gradient_descent)
def climbs_instead_of_descending(grad, w, lr, steps):
    """You step along the gradient, uphill: descent goes against it."""
    for _ in range(steps):
        w = w + lr * grad(w)
    return w


@mistake(gradient_descent)
def descends_in_the_callers_array(grad, w, lr, steps):
    """Your loop updates w in place: the array that the caller handed in holds the last weights afterwards."""
    for _ in range(steps):
        w -= lr * grad(w)
    return w


@mistake(gradient_descent)
def asks_for_the_gradient_only_once(grad, w, lr, steps):
    """You compute the gradient once, before the loop, and go on in that direction: it changes as w moves."""
    g = grad(w)
    for _ in range(steps):
        w = w - lr * g
    return w


@mistake(gradient_descent)
def takes_one_descent_step_too_many(grad, w, lr, steps):
    """You take one step more than asked: with steps = 0 the weights should stay as they are."""
    for _ in range(steps + 1):
        w = w - lr * grad(w)
    return w


@mistake(gradient_descent)
def stops_descending_at_small_gradients(grad, w, lr, steps):
    """You stop early where the gradient is small: exactly `steps` steps are asked for, one call of grad each."""
    for _ in range(steps):
        g = grad(w)
        if np.linalg.norm(g) < 1e-2:
            break
        w = w - lr * g
    return w


@mistake(gradient_descent)
def asks_for_each_gradient_twice(grad, w, lr, steps):
    """You call grad twice a step. The values are right, but a gradient is the dear part of a step: keep it."""
    for _ in range(steps):
        if np.isnan(grad(w)).any():
            break
        w = w - lr * grad(w)
    return w


@mistake(gradient_descent)
def returns_every_point_of_the_descent(grad, w, lr, steps):
    """You return the whole path, a list with every w: only the last one is asked for."""
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - lr * grad(path[-1]))
    return path


@mistake(gradient_descent)
def descends_in_float64(grad, w, lr, steps):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as a copy of w that is made
    of floats."""
    w = np.array(w, dtype=float)
    for _ in range(steps):
        w = w - lr * grad(w)
    return w


@mistake(sgd_momentum)
def puts_lr_inside_the_velocity(w, grad, state, lr, momentum=0.9):
    """You use the other convention, v ← momentum · v − lr · grad: it agrees only while lr stays the same. Here a new
    learning rate has to act on the old gradients too."""
    v = momentum * state.get("v", 0.0) - lr * grad
    return w + v, {"v": v}


@mistake(sgd_momentum)
def averages_gradients_in_the_velocity(w, grad, state, lr, momentum=0.9):
    """Your velocity is a running mean, its new gradient has the weight 1 − momentum: here it is a sum."""
    v = momentum * state.get("v", 0.0) + (1 - momentum) * grad
    return w - lr * v, {"v": v}


@mistake(sgd_momentum)
def forgets_the_velocity_between_steps(w, grad, state, lr, momentum=0.9):
    """Your second step has no memory of the first: the velocity has to come from the state, and go back into it."""
    v = np.zeros_like(w)
    v = momentum * v + grad
    return w - lr * v, {"v": v}


@mistake(sgd_momentum)
def moves_by_the_old_velocity(w, grad, state, lr, momentum=0.9):
    """You move w before the velocity has the new gradient in it: each gradient acts one step late."""
    v = state.get("v", np.zeros_like(w))
    return w - lr * v, {"v": momentum * v + grad}


@mistake(sgd_momentum)
def looks_ahead_in_plain_momentum(w, grad, state, lr, momentum=0.9):
    """Your step counts the fresh gradient again, lr · (grad + momentum · v): that is Nesterov's form, not plain
    momentum."""
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * (grad + momentum * v), {"v": v}


@mistake(sgd_momentum)
def weighs_the_gradient_by_momentum(w, grad, state, lr, momentum=0.9):
    """Momentum multiplies the new gradient too: it should only fade the old velocity."""
    v = momentum * (state.get("v", 0.0) + grad)
    return w - lr * v, {"v": v}


@mistake(sgd_momentum)
def returns_the_weights_without_the_state(w, grad, state, lr, momentum=0.9):
    """You return w alone: the next step needs the new state too, so return both as the tuple (w, state)."""
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * v


@mistake(sgd_momentum)
def returns_the_state_before_the_weights(w, grad, state, lr, momentum=0.9):
    """You return (state, w): the weights come first."""
    v = momentum * state.get("v", 0.0) + grad
    return {"v": v}, w - lr * v


@mistake(sgd_momentum)
def fades_the_old_velocity_array_in_place(w, grad, state, lr, momentum=0.9):
    """Your dictionary is new, but you update the old velocity's array in place: it still belongs to the caller's old
    state."""
    v = state.get("v", np.zeros_like(w))
    v *= momentum
    v += grad
    return w - lr * v, {"v": v}


@mistake(sgd_momentum)
def updates_the_old_velocity_in_place(w, grad, state, lr, momentum=0.9):
    """You write the new velocity into the dictionary that came in: the caller's old state is changed by it."""
    if "v" not in state:
        state["v"] = np.zeros_like(w)
    state["v"] = momentum * state["v"] + grad
    return w - lr * state["v"], state


@mistake(sgd_momentum)
def moves_the_callers_weights_by_momentum(w, grad, state, lr, momentum=0.9):
    """You update w in place: the array that the caller handed in is not the same afterwards."""
    v = momentum * state.get("v", 0.0) + grad
    w -= lr * v
    return w, {"v": v}


@mistake(sgd_momentum)
def starts_the_velocity_in_float64(w, grad, state, lr, momentum=0.9):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as a velocity that starts as
    np.zeros(w.shape)."""
    v = momentum * state.get("v", np.zeros(w.shape)) + grad
    return w - lr * v, {"v": v}


@mistake(nesterov)
def takes_the_gradient_at_w_itself(w, grad, state, lr, momentum=0.9):
    """You take the gradient at w: that is plain momentum. Nesterov's is taken where the old velocity would carry w."""
    v = momentum * state.get("v", 0.0) + grad(w)
    return w - lr * v, {"v": v}


@mistake(nesterov)
def looks_back_instead_of_ahead(w, grad, state, lr, momentum=0.9):
    """You look the wrong way: w moves against the velocity, so the point ahead lies there too. Check the sign."""
    v = state.get("v", np.zeros_like(w))
    v = momentum * v + grad(w + lr * momentum * v)
    return w - lr * v, {"v": v}


@mistake(nesterov)
def looks_ahead_without_the_learning_rate(w, grad, state, lr, momentum=0.9):
    """You look too far ahead: the velocity carries w by lr · momentum · v, and your point leaves the learning rate
    out."""
    v = state.get("v", np.zeros_like(w))
    v = momentum * v + grad(w - momentum * v)
    return w - lr * v, {"v": v}


@mistake(nesterov)
def looks_ahead_without_momentum(w, grad, state, lr, momentum=0.9):
    """You look too far ahead: the old velocity is faded by momentum before it carries w, at the point ahead too."""
    v = state.get("v", np.zeros_like(w))
    v = momentum * v + grad(w - lr * v)
    return w - lr * v, {"v": v}


@mistake(nesterov)
def steps_from_the_point_ahead(w, grad, state, lr, momentum=0.9):
    """You start the step at the point ahead, so the old velocity moves w twice: that point is only for the gradient."""
    v = state.get("v", np.zeros_like(w))
    ahead = w - lr * momentum * v
    v = momentum * v + grad(ahead)
    return ahead - lr * v, {"v": v}


@mistake(nesterov)
def puts_lr_inside_nesterovs_velocity(w, grad, state, lr, momentum=0.9):
    """You use the paper's convention with the learning rate inside v: it agrees only while lr stays the same. Here a
    new learning rate has to act on the old gradients too."""
    v = state.get("v", np.zeros_like(w))
    v = momentum * v - lr * grad(w + momentum * v)
    return w + v, {"v": v}


@mistake(nesterov)
def asks_for_nesterovs_gradient_twice(w, grad, state, lr, momentum=0.9):
    """You ask for a gradient at w as well. The values are right, but one call a step is all that is needed."""
    v = state.get("v", np.zeros_like(grad(w)))
    v = momentum * v + grad(w - lr * momentum * v)
    return w - lr * v, {"v": v}


@mistake(nesterov)
def fades_nesterovs_old_velocity_in_place(w, grad, state, lr, momentum=0.9):
    """Your dictionary is new, but you update the old velocity's array in place: it still belongs to the caller's old
    state."""
    v = state.get("v", np.zeros_like(w))
    ahead = w - lr * momentum * v
    v *= momentum
    v += grad(ahead)
    return w - lr * v, {"v": v}


@mistake(nesterov)
def changes_the_state_of_nesterov(w, grad, state, lr, momentum=0.9):
    """You write the new velocity into the dictionary that came in: the caller's old state is changed by it."""
    v = state.setdefault("v", np.zeros_like(w))
    state["v"] = momentum * v + grad(w - lr * momentum * v)
    return w - lr * state["v"], state


@mistake(nesterov)
def changes_the_weights_of_nesterov(w, grad, state, lr, momentum=0.9):
    """You update w in place: the array that the caller handed in is not the same afterwards."""
    v = state.get("v", np.zeros_like(w))
    v = momentum * v + grad(w - lr * momentum * v)
    w -= lr * v
    return w, {"v": v}


@mistake(nesterov)
def starts_nesterovs_velocity_in_float64(w, grad, state, lr, momentum=0.9):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as a velocity that starts as
    np.zeros(w.shape)."""
    v = state.get("v", np.zeros(w.shape))
    v = momentum * v + grad(w - lr * momentum * v)
    return w - lr * v, {"v": v}


@mistake(nesterov_rewritten)
def takes_a_plain_momentum_step(w, grad, state, lr, momentum=0.9):
    """Your step is that of plain momentum, lr · v with the new v (the same as grad + momentum · old v). In the
    rewritten form the v after momentum is the new one."""
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * v, {"v": v}


@mistake(nesterov_rewritten)
def leaves_the_fresh_gradient_out_of_the_step(w, grad, state, lr, momentum=0.9):
    """Your step is lr · momentum · v alone: the fresh gradient has to be counted once more beside it."""
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * momentum * v, {"v": v}


@mistake(nesterov_rewritten)
def adds_the_whole_new_velocity(w, grad, state, lr, momentum=0.9):
    """You add the new velocity to the gradient without fading it by momentum: the first step is 2 · lr · grad."""
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * (grad + v), {"v": v}


@mistake(nesterov_rewritten)
def fades_the_gradient_instead_of_the_velocity(w, grad, state, lr, momentum=0.9):
    """In your step gradient and velocity have changed places: momentum has to multiply the velocity."""
    v = momentum * state.get("v", 0.0) + grad
    return w - lr * (momentum * grad + v), {"v": v}


@mistake(nesterov_rewritten)
def keeps_the_step_as_the_velocity(w, grad, state, lr, momentum=0.9):
    """You keep the whole step, grad + momentum · v, as the next velocity: the state has to hold v itself."""
    v = momentum * state.get("v", 0.0) + grad
    step = grad + momentum * v
    return w - lr * step, {"v": step}


@mistake(nesterov_rewritten)
def puts_lr_inside_the_rewritten_velocity(w, grad, state, lr, momentum=0.9):
    """You use the convention with the learning rate inside v (as in cs231n): it agrees only while lr stays the same.
    Here a new learning rate has to act on the old gradients too."""
    old = state.get("v", 0.0)
    v = momentum * old - lr * grad
    return w - momentum * old + (1 + momentum) * v, {"v": v}


@mistake(nesterov_rewritten)
def changes_the_state_of_the_rewritten_form(w, grad, state, lr, momentum=0.9):
    """You write the new velocity into the dictionary that came in: the caller's old state is changed by it."""
    state["v"] = momentum * state.get("v", 0.0) + grad
    return w - lr * (grad + momentum * state["v"]), state


@mistake(nesterov_rewritten)
def overwrites_the_gradient_in_the_rewritten_form(w, grad, state, lr, momentum=0.9):
    """You add to grad in place: the gradient that the caller handed in is not the same afterwards."""
    v = momentum * state.get("v", 0.0) + grad
    grad += momentum * v
    return w - lr * grad, {"v": v}


@mistake(nesterov_rewritten)
def starts_the_rewritten_velocity_in_float64(w, grad, state, lr, momentum=0.9):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as a velocity that starts as
    np.zeros(w.shape)."""
    v = momentum * state.get("v", np.zeros(w.shape)) + grad
    return w - lr * (grad + momentum * v), {"v": v}


@mistake(adagrad)
def divides_by_the_sum_without_its_root(w, grad, state, lr, eps=1e-8):
    """You divide by the sum of squares itself: its square root is missing, and large gradients make tiny steps."""
    s = state.get("s", 0.0) + grad**2
    return w - lr * grad / (s + eps), {"s": s}


@mistake(adagrad)
def puts_adagrads_eps_inside_the_root(w, grad, state, lr, eps=1e-8):
    """Your eps is inside the square root: here it is added to the root."""
    s = state.get("s", 0.0) + grad**2
    return w - lr * grad / np.sqrt(s + eps), {"s": s}


@mistake(adagrad)
def sums_magnitudes_instead_of_squares(w, grad, state, lr, eps=1e-8):
    """You add up the gradients' absolute values: Adagrad adds up their squares."""
    s = state.get("s", 0.0) + np.abs(grad)
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(adagrad)
def sums_gradients_instead_of_squares(w, grad, state, lr, eps=1e-8):
    """You add up the gradients with their signs: the sum may be negative, and its root is NaN. Add up the squares."""
    s = state.get("s", 0.0) + grad
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(adagrad)
def averages_where_adagrad_sums(w, grad, state, lr, eps=1e-8):
    """You divide the sum of squares by the number of steps: Adagrad's sum only grows, it is not a mean."""
    t, s = state.get("t", 0) + 1, state.get("s", 0.0) + grad**2
    return w - lr * grad / (np.sqrt(s / t) + eps), {"t": t, "s": s}


@mistake(adagrad)
def forgets_adagrads_past(w, grad, state, lr, eps=1e-8):
    """Every step of yours is like the first: the sum of squares has to come from the state, and go back into it."""
    s = grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(adagrad)
def divides_by_the_sum_before_this_gradient(w, grad, state, lr, eps=1e-8):
    """You divide by the sum of the steps before: this step's gradient has to be in it, else the first step divides by
    eps alone."""
    s = state.get("s", np.zeros_like(w))
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s + grad**2}


@mistake(adagrad)
def gives_all_weights_one_sum(w, grad, state, lr, eps=1e-8):
    """You add the squares of all weights together, so all have one rate: each weight needs a sum of its own."""
    s = state.get("s", 0.0) + np.sum(grad**2)
    return w - lr * grad / (np.sqrt(s).astype(w.dtype) + eps), {"s": s}


@mistake(adagrad)
def leaves_out_adagrads_eps(w, grad, state, lr, eps=1e-8):
    """You leave eps out: where all gradients were 0 you divide 0 by 0."""
    s = state.get("s", 0.0) + grad**2
    return w - lr * grad / np.sqrt(s), {"s": s}


@mistake(adagrad)
def adds_to_adagrads_old_array(w, grad, state, lr, eps=1e-8):
    """Your dictionary is new, but you add to the old sum's array in place: it still belongs to the caller's state."""
    s = state.get("s", np.zeros_like(w))
    s += grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(adagrad)
def changes_the_state_of_adagrad(w, grad, state, lr, eps=1e-8):
    """You add to the sum in the dictionary that came in: the caller's old state is not the same afterwards."""
    state.setdefault("s", np.zeros_like(w))
    state["s"] += grad**2
    return w - lr * grad / (np.sqrt(state["s"]) + eps), state


@mistake(adagrad)
def starts_adagrads_sum_in_float64(w, grad, state, lr, eps=1e-8):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as a sum that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    s = state.get("s", np.zeros(w.shape)) + grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(adadelta)
def puts_adadeltas_eps_outside_the_roots(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """You add eps to the roots: in Adadelta it stands inside both of them."""
    u = state.get("u", np.zeros_like(w))
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = (np.sqrt(u) + eps) / (np.sqrt(s) + eps) * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def leaves_eps_out_of_the_numerator(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """Your weights never move: without eps in the upper root the first step is 0, and so are all others."""
    u = state.get("u", np.zeros_like(w))
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = np.sqrt(u) / np.sqrt(s + eps) * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def averages_gradients_where_steps_belong(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """Your second average is made of gradients: it has to be made of the steps d."""
    u = state.get("u", np.zeros_like(w))
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = np.sqrt(u + eps) / np.sqrt(s + eps) * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * grad**2}


@mistake(adadelta)
def puts_lr_into_the_average_of_steps(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """You average the steps with the learning rate in them: lr scales what w moves by, and nothing in the state."""
    u = state.get("u", np.zeros_like(w))
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = lr * np.sqrt(u + eps) / np.sqrt(s + eps) * grad
    return w - d, {"s": s, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def swaps_adadeltas_roots(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """Your fraction is upside down: the size of past steps belongs above, the size of past gradients below."""
    u = state.get("u", np.zeros_like(w))
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = np.sqrt(s + eps) / np.sqrt(u + eps) * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def leaves_out_adadeltas_roots(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """You divide the averages of squares as they are: both square roots are missing."""
    u = state.get("u", np.zeros_like(w))
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = (u + eps) / (s + eps) * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def exchanges_rho_and_its_rest(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """In your averages the new square has the weight rho and the old average 1 − rho: it is the other way round."""
    u = state.get("u", np.zeros_like(w))
    s = (1 - rho) * state.get("s", 0.0) + rho * grad**2
    d = np.sqrt(u + eps) / np.sqrt(s + eps) * grad
    return w - lr * d, {"s": s, "u": (1 - rho) * u + rho * d**2}


@mistake(adadelta)
def divides_by_adadeltas_old_average(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """Your step divides by the gradients' average of the step before: update it first, then use it."""
    u, s = state.get("u", np.zeros_like(w)), state.get("s", np.zeros_like(w))
    d = np.sqrt(u + eps) / np.sqrt(s + eps) * grad
    return w - lr * d, {"s": rho * s + (1 - rho) * grad**2, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def takes_the_root_of_a_python_float_in_adadelta(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as an average that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    u = state.get("u", 0.0)
    s = rho * state.get("s", 0.0) + (1 - rho) * grad**2
    d = np.sqrt(u + eps) / np.sqrt(s + eps) * grad
    return w - lr * d, {"s": s, "u": rho * u + (1 - rho) * d**2}


@mistake(adadelta)
def changes_the_state_of_adadelta(w, grad, state, lr=1.0, rho=0.9, eps=1e-6):
    """You update the averages in the dictionary that came in: the caller's old state is not the same afterwards."""
    if not state:
        state.update(s=np.zeros_like(w), u=np.zeros_like(w))
    state["s"] = rho * state["s"] + (1 - rho) * grad**2
    d = np.sqrt(state["u"] + eps) / np.sqrt(state["s"] + eps) * grad
    state["u"] = rho * state["u"] + (1 - rho) * d**2
    return w - lr * d, state


@mistake(rmsprop)
def divides_by_the_mean_square_without_its_root(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You divide by the mean square itself: its square root is missing, and large gradients make tiny steps."""
    s = decay * state.get("s", 0.0) + (1 - decay) * grad**2
    return w - lr * grad / (s + eps), {"s": s}


@mistake(rmsprop)
def puts_rmsprops_eps_inside_the_root(w, grad, state, lr, decay=0.9, eps=1e-8):
    """Your eps is inside the square root: here it is added to the root."""
    s = decay * state.get("s", 0.0) + (1 - decay) * grad**2
    return w - lr * grad / np.sqrt(s + eps), {"s": s}


@mistake(rmsprop)
def sums_squares_where_rmsprop_averages(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You add up the squares as Adagrad does: RMSProp's average forgets the old ones."""
    s = state.get("s", 0.0) + grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(rmsprop)
def gives_the_new_square_full_weight(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You fade the old average but add the new square whole: in an average it gets only the rest, 1 − decay."""
    s = decay * state.get("s", 0.0) + grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(rmsprop)
def exchanges_decay_and_its_rest(w, grad, state, lr, decay=0.9, eps=1e-8):
    """In your average the new square has the weight decay and the old average 1 − decay: it is the other way round."""
    s = (1 - decay) * state.get("s", 0.0) + decay * grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(rmsprop)
def averages_gradients_without_squaring(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You average the gradients with their signs: the average may be negative, and its root is NaN. Square them."""
    s = decay * state.get("s", 0.0) + (1 - decay) * grad
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(rmsprop)
def corrects_the_bias_of_rmsprop(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You correct the average for its start at 0, as Adam does: RMSProp does not, and its first step is longer."""
    t = state.get("t", 0) + 1
    s = decay * state.get("s", 0.0) + (1 - decay) * grad**2
    return w - lr * grad / (np.sqrt(s / (1 - decay**t)) + eps), {"t": t, "s": s}


@mistake(rmsprop)
def divides_by_rmsprops_old_average(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You divide by the average of the step before: this step's gradient has to be in it, else the first step divides
    by eps alone."""
    s = state.get("s", np.zeros_like(w))
    return w - lr * grad / (np.sqrt(s) + eps), {"s": decay * s + (1 - decay) * grad**2}


@mistake(rmsprop)
def leaves_out_rmsprops_eps(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You leave eps out: where all gradients were 0 you divide 0 by 0."""
    s = decay * state.get("s", 0.0) + (1 - decay) * grad**2
    return w - lr * grad / np.sqrt(s), {"s": s}


@mistake(rmsprop)
def fades_rmsprops_old_array_in_place(w, grad, state, lr, decay=0.9, eps=1e-8):
    """Your dictionary is new, but you update the old average's array in place: it still belongs to the caller's old
    state."""
    s = state.get("s", np.zeros_like(w))
    s *= decay
    s += (1 - decay) * grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(rmsprop)
def changes_the_state_of_rmsprop(w, grad, state, lr, decay=0.9, eps=1e-8):
    """You update the average in the dictionary that came in: the caller's old state is not the same afterwards."""
    state["s"] = decay * state.get("s", 0.0) + (1 - decay) * grad**2
    return w - lr * grad / (np.sqrt(state["s"]) + eps), state


@mistake(rmsprop)
def starts_rmsprops_average_in_float64(w, grad, state, lr, decay=0.9, eps=1e-8):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as an average that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    s = decay * state.get("s", np.zeros(w.shape)) + (1 - decay) * grad**2
    return w - lr * grad / (np.sqrt(s) + eps), {"s": s}


@mistake(adam)
def leaves_out_adams_bias_correction(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your averages are not corrected for their start at 0: the first step is about three times too long."""
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    return w - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v}


@mistake(adam)
def corrects_only_adams_first_average(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You correct m but not v: the average of squares starts at 0 too, and much slower, so your steps are far too
    long."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@mistake(adam)
def counts_adams_steps_from_zero(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your t is 0 in the first step: both corrections then divide by 1 − 1 = 0."""
    t = state.get("t", 0)
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"t": t + 1, "m": m, "v": v}


@mistake(adam)
def never_advances_adams_t(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your t stays 1, so the second step is corrected like the first: the count of steps belongs in the state."""
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1), v / (1 - beta2)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v}


@mistake(adam)
def keeps_adams_corrected_averages(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You put the corrected averages into the state, so they are corrected again in the next step: keep m and v as they
    are."""
    t = state.get("t", 0) + 1
    m = (beta1 * state.get("m", 0.0) + (1 - beta1) * grad) / (1 - beta1**t)
    v = (beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2) / (1 - beta2**t)
    return w - lr * m / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@mistake(adam)
def puts_adams_eps_inside_the_root(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps is inside the square root: here it is added to the root."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    return w - lr * m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps), {"t": t, "m": m, "v": v}


@mistake(adam)
def adds_eps_to_the_uncorrected_root(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You add eps to the root of the uncorrected v (TensorFlow's "epsilon hat"): in early steps it weighs far more
    than in the statement, which corrects v first."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    rate = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@mistake(adam)
def leaves_out_adams_root(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You divide by the average of squares itself: its square root is missing, and the first step is not lr long."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    return w - lr * m / (1 - beta1**t) / (v / (1 - beta2**t) + eps), {"t": t, "m": m, "v": v}


@mistake(adam)
def averages_unsquared_gradients_in_adams_v(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your v averages the gradients with their signs: it may be negative, and its root is NaN. Square them."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(adam)
def swaps_adams_betas(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You have exchanged beta1 and beta2: beta1 belongs to the gradients, beta2 to their squares."""
    return adam(w, grad, state, lr, beta1=beta2, beta2=beta1, eps=eps)


@mistake(adam)
def moves_by_the_gradient_and_not_by_m(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step has the bare gradient above the line: Adam moves by the corrected average m."""
    t = state.get("t", 0) + 1
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    return w - lr * grad / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "v": v}


@mistake(adam)
def makes_adam_float64_by_a_numpy_scalar(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as an average that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    root = np.sqrt(1 - beta2**t)
    return w - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), {"t": t, "m": m, "v": v}


@mistake(adam)
def returns_adams_weights_without_the_state(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You return w alone: the next step needs the new state too, so return both as the tuple (w, state)."""
    return adam(w, grad, state, lr, beta1, beta2, eps)[0]


@mistake(adam)
def changes_the_state_of_adam(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You update t, m and v in the dictionary that came in: the caller's old state is not the same afterwards."""
    if not state:
        state.update(t=0, m=np.zeros_like(w), v=np.zeros_like(w))
    state["t"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * grad
    state["v"] = beta2 * state["v"] + (1 - beta2) * grad**2
    m_hat, v_hat = state["m"] / (1 - beta1 ** state["t"]), state["v"] / (1 - beta2 ** state["t"])
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), state


@mistake(adam)
def changes_adams_old_averages_in_a_new_dictionary(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your new dictionary holds the old arrays, and you update them in place: a copy of a dictionary does not copy what
    is in it."""
    state = {"t": 0, "m": np.zeros_like(w), "v": np.zeros_like(w)} | state
    state["t"] += 1
    state["m"] *= beta1
    state["m"] += (1 - beta1) * grad
    state["v"] *= beta2
    state["v"] += (1 - beta2) * grad**2
    m_hat, v_hat = state["m"] / (1 - beta1 ** state["t"]), state["v"] / (1 - beta2 ** state["t"])
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), state


@mistake(adam)
def changes_the_weights_of_adam(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You update w in place: the array that the caller handed in is not the same afterwards."""
    new, state = adam(w, grad, state, lr, beta1, beta2, eps)
    w += new - w
    return w, state


@mistake(adamax)
def forgets_to_fade_adamaxs_maximum(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your maximum never falls: the old one has to fade by beta2 before it is compared."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(state.get("u", 0.0), np.abs(grad))
    return w - lr * m / (1 - beta1**t) / (u + eps), {"t": t, "m": m, "u": u}


@mistake(adamax)
def compares_signed_gradients_in_adamax(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You compare the gradient with its sign: a large negative one does not raise your maximum. Its size counts."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", np.zeros_like(w)), grad)
    return w - lr * m / (1 - beta1**t) / (u + eps), {"t": t, "m": m, "u": u}


@mistake(adamax)
def corrects_adamaxs_maximum_too(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You correct u as well: a maximum is right from the first gradient on, and has no bias to correct."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad))
    return w - lr * m / (1 - beta1**t) / (u / (1 - beta2**t) + eps), {"t": t, "m": m, "u": u}


@mistake(adamax)
def leaves_out_adamaxs_correction_of_m(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your m is not corrected for its start at 0: the first step is only a tenth of lr."""
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad))
    return w - lr * m / (u + eps), {"m": m, "u": u}


@mistake(adamax)
def counts_adamaxs_steps_from_zero(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your t is 0 in the first step: the correction then divides by 1 − 1 = 0."""
    t = state.get("t", 0)
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", np.zeros_like(w)), np.abs(grad))
    return w - lr * (m / (1 - beta1**t)) / (u + eps), {"t": t + 1, "m": m, "u": u}


@mistake(adamax)
def averages_sizes_instead_of_a_maximum(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your u is a running mean of the gradients' sizes: AdaMax keeps the larger of the old, faded one and the new."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = beta2 * state.get("u", 0.0) + (1 - beta2) * np.abs(grad)
    return w - lr * m / (1 - beta1**t) / (u + eps), {"t": t, "m": m, "u": u}


@mistake(adamax)
def takes_one_maximum_for_all_weights(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your maximum runs over the whole array, so all weights share it: each weight has a u of its own."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = max(beta2 * state.get("u", 0.0), float(np.abs(grad).max(initial=0.0)))
    return w - lr * m / (1 - beta1**t) / (u + eps), {"t": t, "m": m, "u": u}


@mistake(adamax)
def puts_adamaxs_eps_inside_the_maximum(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You add eps to the gradient's size inside the maximum, as PyTorch does, so it stays in u and fades with it: here
    it is added to u in the division only."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad) + eps)
    return w - lr * m / (1 - beta1**t) / u, {"t": t, "m": m, "u": u}


@mistake(adamax)
def keeps_adamaxs_eps_in_the_state(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps goes into the state together with u, and every step adds it again: add it only where you divide."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad)) + eps
    return w - lr * m / (1 - beta1**t) / u, {"t": t, "m": m, "u": u}


@mistake(adamax)
def leaves_out_adamaxs_eps(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You leave eps out, as the paper does: where all gradients were 0 you divide 0 by 0."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad))
    return w - lr * m / (1 - beta1**t) / u, {"t": t, "m": m, "u": u}


@mistake(adamax)
def takes_the_root_of_adamaxs_maximum(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You take the root of u as in Adam: u is a gradient's size already, not a square."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    u = np.maximum(beta2 * state.get("u", 0.0), np.abs(grad))
    return w - lr * m / (1 - beta1**t) / (np.sqrt(u) + eps), {"t": t, "m": m, "u": u}


@mistake(adamax)
def changes_the_state_of_adamax(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You update t, m and u in the dictionary that came in: the caller's old state is not the same afterwards."""
    new, later = adamax(w, grad, state, lr, beta1, beta2, eps)
    state.update(later)
    return new, state


@mistake(adamax)
def starts_adamaxs_averages_in_float64(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as an average that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    start = {"m": np.zeros(w.shape), "u": np.zeros(w.shape)} if not state else state
    return adamax(w, grad, start, lr, beta1, beta2, eps)


@mistake(nadam)
def takes_plain_adams_step_in_nadam(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step is plain Adam's: the look ahead in m̂ is missing."""
    return adam(w, grad, state, lr, beta1, beta2, eps)


@mistake(nadam)
def divides_both_nadam_terms_by_step_t(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Both terms of your m̂ have the divisor of step t: the average in it stands for the next step, so its divisor has
    t + 1."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = (beta1 * m + (1 - beta1) * grad) / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def divides_both_nadam_terms_by_the_next_step(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Both terms of your m̂ have the divisor of step t + 1: the fresh gradient's has t."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = (beta1 * m + (1 - beta1) * grad) / (1 - beta1 ** (t + 1))
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def exchanges_nadams_divisors(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """The divisors in your m̂ have changed places: t + 1 belongs under the average, t under the gradient."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1**t) + (1 - beta1) * grad / (1 - beta1 ** (t + 1))
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def looks_ahead_from_nadams_old_average(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your m̂ has the average of the step before in it: the new m, with this step's gradient, belongs there."""
    t, old = state.get("t", 0) + 1, state.get("m", np.zeros_like(w))
    m = beta1 * old + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * old / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def forgets_beta1_before_nadams_average(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your m̂ adds the whole average to the gradient's share: it has to be faded by beta1 once more."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def gives_nadams_gradient_full_weight(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """The fresh gradient enters your m̂ whole: its weight is 1 − beta1, as in the average."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + grad / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def warms_nadams_momentum_up(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You let the momentum grow from step to step, as PyTorch and Keras do: here beta1 stays the same in all steps."""
    t = state.get("t", 0) + 1
    now, ahead = (beta1 * (1 - 0.5 * 0.96 ** (0.004 * step)) for step in (t, t + 1))
    product = state.get("product", 1.0) * now
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = ahead * m / (1 - product * ahead) + (1 - now) * grad / (1 - product)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t, "product": product, "m": m, "v": v}


@mistake(nadam)
def leaves_nadams_v_uncorrected(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You do not correct v for its start at 0: your first steps are far too long."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def puts_nadams_eps_inside_the_root(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps is inside the square root: here it is added to the root."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return w - lr * m_hat / np.sqrt(v / (1 - beta2**t) + eps), {"t": t, "m": m, "v": v}


@mistake(nadam)
def counts_nadams_steps_from_zero(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your t is 0 in the first step: the divisors of step t are then 1 − 1 = 0."""
    t = state.get("t", 0)
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * grad
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"t": t + 1, "m": m, "v": v}


@mistake(nadam)
def changes_the_state_of_nadam(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You update t, m and v in the dictionary that came in: the caller's old state is not the same afterwards."""
    new, later = nadam(w, grad, state, lr, beta1, beta2, eps)
    state.update(later)
    return new, state


@mistake(nadam)
def makes_nadam_float64_by_a_numpy_scalar(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as an average that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    return w - lr * m_hat / (np.sqrt(v) / np.sqrt(1 - beta2**t) + eps), {"t": t, "m": m, "v": v}


@mistake(adamw)
def adds_the_decay_to_the_gradient(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """You add weight_decay · w to the gradient: that is L2 in Adam, whose decay is then divided by √v̂. AdamW keeps it
    out of both averages."""
    return adam(w, grad + weight_decay * w, state, lr, beta1, beta2, eps)


@mistake(adamw)
def decays_the_new_weights(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """You decay the weights after Adam's step: the decay is taken from the old w."""
    new, state = adam(w, grad, state, lr, beta1, beta2, eps)
    return new - lr * weight_decay * new, state


@mistake(adamw)
def decays_without_the_learning_rate(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your decay is weight_decay · w, whatever lr is: here the learning rate multiplies it too."""
    new, state = adam(w, grad, state, lr, beta1, beta2, eps)
    return new - weight_decay * w, state


@mistake(adamw)
def divides_the_decay_by_the_root(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your decay stands above the fraction line and is divided by √v̂ + eps like the gradient: it belongs behind the
    fraction."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * (m_hat + weight_decay * w) / (np.sqrt(v_hat) + eps), {"t": t, "m": m, "v": v}


@mistake(adamw)
def lets_the_weights_grow(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your decay has the wrong sign: the weights should shrink towards 0."""
    return adamw(w, grad, state, lr, beta1, beta2, eps, -weight_decay)


@mistake(adamw)
def leaves_out_the_decay(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your step is plain Adam's: weight_decay has no effect in it."""
    return adam(w, grad, state, lr, beta1, beta2, eps)


@mistake(adamw)
def decays_by_the_sign_of_w(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your decay is the same for large and small weights, as for L1: it is proportional to w."""
    new, state = adam(w, grad, state, lr, beta1, beta2, eps)
    return new - lr * weight_decay * np.sign(w), state


@mistake(adamw)
def leaves_out_adamws_bias_correction(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your averages are not corrected for their start at 0: the first step is about three times too long."""
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    return w - lr * (m / (np.sqrt(v) + eps) + weight_decay * w), {"m": m, "v": v}


@mistake(adamw)
def puts_adamws_eps_inside_the_root(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your eps is inside the square root: here it is added to the root."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * (m_hat / np.sqrt(v_hat + eps) + weight_decay * w), {"t": t, "m": m, "v": v}


@mistake(adamw)
def shrinks_the_callers_weights(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """You shrink w in place before the step: the array that the caller handed in is not the same afterwards."""
    w *= 1 - lr * weight_decay
    return adam(w, grad, state, lr, beta1, beta2, eps)


@mistake(adamw)
def changes_the_state_of_adamw(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """You update t, m and v in the dictionary that came in: the caller's old state is not the same afterwards."""
    new, later = adamw(w, grad, state, lr, beta1, beta2, eps, weight_decay)
    state.update(later)
    return new, state


@mistake(adamw)
def makes_adamw_float64_by_a_numpy_scalar(w, grad, state, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """Your float32 weights come back as float64: somewhere a float64 array met them, such as an average that starts as
    np.zeros(w.shape), or a float64 scalar, such as np.sqrt of a Python number."""
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    v = beta2 * state.get("v", 0.0) + (1 - beta2) * grad**2
    root = np.sqrt(1 - beta2**t)
    step = m / (1 - beta1**t) / (np.sqrt(v) / root + eps)
    return w - lr * (step + weight_decay * w), {"t": t, "m": m, "v": v}


@mistake(lion)
def brings_lions_average_up_to_date_before_the_sign(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Your sign looks at m after its update, so this gradient counts twice. Look at the order of the two lines."""
    m = beta2 * state.get("m", 0.0) + (1 - beta2) * grad
    direction = np.sign(beta1 * m + (1 - beta1) * grad)
    return w - lr * (direction + weight_decay * w), {"m": m}


@mistake(lion)
def keeps_the_mixture_that_lion_takes_the_sign_of(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """You keep the mixture whose sign you took: beta2 has no part in your m, and one beta does both jobs."""
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    return w - lr * (np.sign(m) + weight_decay * w), {"m": m}


@mistake(lion)
def swaps_lions_two_betas(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Your betas are exchanged: look which one makes the direction, and which one the average that is kept."""
    return lion(w, grad, state, lr, beta2, beta1, weight_decay)


@mistake(lion)
def moves_by_lions_average_instead_of_its_sign(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Your steps grow with the gradient: in Lion all weights move equally far, only up or down is decided."""
    m = state.get("m", 0.0)
    direction = beta1 * m + (1 - beta1) * grad
    return w - lr * (direction + weight_decay * w), {"m": beta2 * m + (1 - beta2) * grad}


@mistake(lion)
def takes_the_sign_of_0_for_1_in_lion(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """A weight whose gradients are all 0 moves in your step: a comparison has two outcomes, a sign has three."""
    m = state.get("m", 0.0)
    direction = 2 * (beta1 * m + (1 - beta1) * grad >= 0).astype(w.dtype) - 1
    return w - lr * (direction + weight_decay * w), {"m": beta2 * m + (1 - beta2) * grad}


@mistake(lion)
def hides_lions_weight_decay_in_the_gradient(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """You add the weight decay to the gradient: there the sign swallows its size. It belongs beside the sign."""
    return lion(w, grad + weight_decay * w, state, lr, beta1, beta2)


@mistake(lion)
def decays_the_w_that_lion_has_moved(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Your weight decay pulls the w that has already taken the step: it must look at the old one."""
    w, state = lion(w, grad, state, lr, beta1, beta2)
    return w - lr * weight_decay * w, state


@mistake(lion)
def forgets_lr_in_lions_weight_decay(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Your weight decay does not depend on the learning rate: look at what lr multiplies."""
    moved, state = lion(w, grad, state, lr, beta1, beta2)
    return moved - weight_decay * w, state


@mistake(lion)
def starts_lions_average_in_float64(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Your average starts as an array of np.zeros, which is float64: the weights become float64 with it."""
    return lion(w, grad, state or {"m": np.zeros(w.shape)}, lr, beta1, beta2, weight_decay)


@mistake(lion)
def writes_into_the_state_that_lion_was_given(w, grad, state, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """You change the state that came in: the caller may still need the old one. Return a new dictionary."""
    w, new = lion(w, grad, state, lr, beta1, beta2, weight_decay)
    state.update(new)
    return w, state


@mistake(lookahead)
def resets_the_inner_state_at_synchronization(w, grad, state, lr, inner, k=5, alpha=0.5):
    """You throw inner's state away when the weights go back: its momentum is to be kept."""
    w, state = lookahead(w, grad, state, lr, inner, k, alpha)
    return w, {**state, "inner": {}} if state["t"] % k == 0 else state


@mistake(lookahead)
def never_keeps_the_inner_state(w, grad, state, lr, inner, k=5, alpha=0.5):
    """inner gets an empty state at every step of yours: what it returned last time must be handed back to it."""
    return lookahead(w, grad, {**state, "inner": {}} if state else {}, lr, inner, k, alpha)


@mistake(lookahead)
def starts_the_slow_weights_at_0(w, grad, state, lr, inner, k=5, alpha=0.5):
    """Your slow weights start at 0, so the first synchronization pulls w there: they start where w starts."""
    return lookahead(w, grad, state or {"slow": np.zeros_like(w)}, lr, inner, k, alpha)


@mistake(lookahead)
def starts_the_slow_weights_after_the_first_step(w, grad, state, lr, inner, k=5, alpha=0.5):
    """Your slow weights start at the w that inner has already moved: keep the w that came in at the first call."""
    t = state.get("t", 0) + 1
    w, inner_state = inner(w, grad, state.get("inner", {}), lr)
    slow = state["slow"] if state else w.copy()
    if t % k == 0:
        slow = slow + alpha * (w - slow)
        w = slow.copy()
    return w, {"t": t, "slow": slow, "inner": inner_state}


@mistake(lookahead)
def exchanges_the_shares_of_slow_and_fast(w, grad, state, lr, inner, k=5, alpha=0.5):
    """Your slow weights keep the share alpha of themselves: alpha is the share that they take from the fast ones."""
    return lookahead(w, grad, state, lr, inner, k, 1 - alpha)


@mistake(lookahead)
def synchronizes_one_step_early(w, grad, state, lr, inner, k=5, alpha=0.5):
    """Your weights go back at steps 1, k + 1, …: you look at the count before this step has been added to it."""
    t = state.get("t", 0)
    slow = state["slow"] if state else w.copy()
    w, inner_state = inner(w, grad, state.get("inner", {}), lr)
    if t % k == 0:
        slow = slow + alpha * (w - slow)
        w = slow.copy()
    return w, {"t": t + 1, "slow": slow, "inner": inner_state}


@mistake(lookahead)
def lets_the_fast_weights_run_on(w, grad, state, lr, inner, k=5, alpha=0.5):
    """Your slow weights follow, but the fast ones never go back to them: after k steps they start again from there."""
    t = state.get("t", 0) + 1
    slow = state["slow"] if state else w.copy()
    w, inner_state = inner(w, grad, state.get("inner", {}), lr)
    if t % k == 0:
        slow = slow + alpha * (w - slow)
    return w, {"t": t, "slow": slow, "inner": inner_state}


@mistake(lookahead)
def forgets_to_move_the_slow_weights(w, grad, state, lr, inner, k=5, alpha=0.5):
    """Your w goes part of the way back, always towards the very first w: the slow weights themselves must move too."""
    t = state.get("t", 0) + 1
    slow = state["slow"] if state else w.copy()
    w, inner_state = inner(w, grad, state.get("inner", {}), lr)
    if t % k == 0:
        w = slow + alpha * (w - slow)
    return w, {"t": t, "slow": slow, "inner": inner_state}


@mistake(lookahead)
def writes_into_the_state_that_lookahead_was_given(w, grad, state, lr, inner, k=5, alpha=0.5):
    """You change the state that came in: the caller may still need the old one. Return a new dictionary."""
    w, new = lookahead(w, grad, state, lr, inner, k, alpha)
    state.update(new)
    return w, state


@mistake(ema_weights)
def gives_the_new_weights_the_large_share(ema, w, decay=0.999):
    """Your average takes almost all of the new w and forgets the past: the two factors are exchanged."""
    return decay * w + (1 - decay) * ema


@mistake(ema_weights)
def adds_all_of_w_to_the_average(ema, w, decay=0.999):
    """Your two factors do not add up to 1, so the result is no average: w comes in with its full size."""
    return decay * ema + w


@mistake(ema_weights)
def averages_in_place(ema, w, decay=0.999):
    """You multiply ema in place: the caller's average is not the same afterwards. Return a new array."""
    if ema.dtype.kind != "f":
        return ema_weights(ema, w, decay)
    ema *= decay
    ema += (1 - decay) * w
    return ema


@mistake(ema_weights)
def cuts_the_average_to_integers(ema, w, decay=0.999):
    """You write the average into an array of ema's dtype: of integer weights only whole numbers are left."""
    out = np.empty_like(ema)
    out[...] = decay * ema + (1 - decay) * w
    return out


@mistake(ema_weights)
def averages_in_float64(ema, w, decay=0.999):
    """Your average is float64 although the weights are float32: an array of np.zeros or a NumPy scalar came in."""
    out = np.zeros(ema.shape)
    out += decay * ema + (1 - decay) * w
    return out


@mistake(step_decay)
def decays_a_little_at_every_update(t, lr0, factor=0.5, every=10):
    """Your learning rate falls smoothly: it must stay for `every` updates. Which division leaves no fraction?"""
    return lr0 * factor ** (t / every)


@mistake(step_decay)
def drops_one_update_early(t, lr0, factor=0.5, every=10):
    """Your drop comes one update too early: t counts from 0, so update every − 1 still belongs to the steps before."""
    return lr0 * factor ** ((t + 1) // every)


@mistake(step_decay)
def drops_one_update_late(t, lr0, factor=0.5, every=10):
    """Your drop comes one update too late: update `every` is the first with the smaller learning rate."""
    return lr0 * factor ** (max(t - 1, 0) // every)


@mistake(step_decay)
def drops_only_once(t, lr0, factor=0.5, every=10):
    """Your learning rate drops once and never again: it is multiplied by factor after every `every` updates."""
    return lr0 * factor if t >= every else lr0


@mistake(step_decay)
def multiplies_by_the_number_of_drops(t, lr0, factor=0.5, every=10):
    """You multiply by the number of drops, which is 0 at first: each drop multiplies by factor once more."""
    return lr0 * factor * (t // every)


@mistake(exponential_decay)
def lets_the_learning_rate_grow(t, lr0, k):
    """Your learning rate grows with t: look at the sign of the exponent."""
    return lr0 * math.exp(k * t)


@mistake(exponential_decay)
def divides_by_an_exp_that_overflows(t, lr0, k):
    """You divide by e^(kt): for large k · t that number is beyond any float, and math.exp raises an error."""
    return lr0 / math.exp(k * t)


@mistake(exponential_decay)
def takes_1_minus_k_for_the_factor(t, lr0, k):
    """You multiply by 1 − k at each update: that is close to e^(−k) for small k, but not the same."""
    return lr0 * (1 - k) ** t


@mistake(exponential_decay)
def halves_where_e_is_asked(t, lr0, k):
    """Your base is 2: k would then be the number of halvings an update. The formula has e."""
    return lr0 * 2.0 ** (-k * t)


@mistake(exponential_decay)
def takes_k_for_the_base(t, lr0, k):
    """You raise k to the power t: k stands in the exponent, and the base is e."""
    return lr0 * k**t


@mistake(inverse_time_decay)
def leaves_kt_outside_the_fraction(t, lr0, k):
    """Your learning rate grows: without brackets only the 1 is below the fraction bar, and k · t is added to it."""
    return lr0 / 1 + k * t


@mistake(inverse_time_decay)
def forgets_the_1_in_the_denominator(t, lr0, k):
    """Your formula divides by k · t alone: at t = 0 that is a division by 0, where nothing should have decayed yet."""
    return lr0 / (k * t)


@mistake(inverse_time_decay)
def raises_the_denominator_to_the_power_t(t, lr0, k):
    """Your learning rate falls exponentially: you divide by 1 + k once for each update. It is one division."""
    return lr0 / (1 + k) ** t


@mistake(inverse_time_decay)
def takes_a_root_of_the_inverse_time(t, lr0, k):
    """Your learning rate falls too slowly: you divide by the square root of 1 + k · t."""
    return lr0 / math.sqrt(1 + k * t)


@mistake(inverse_time_decay)
def takes_k_for_the_power_of_time(t, lr0, k):
    """Your k is the power of 1 + t: it says how fast time counts, so it multiplies t."""
    return lr0 / (1 + t) ** k


@mistake(cosine_with_warmup)
def leaves_the_warmup_out_of_total(t, lr0, warmup, total, lr_min=0.0):
    """Your descent is `total` updates long and ends too late: total counts the warm-up too."""
    if t < warmup:
        return lr0 * t / warmup
    if t >= total + warmup:
        return lr_min
    return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * (t - warmup) / total)) / 2


@mistake(cosine_with_warmup)
def begins_the_cosine_at_update_0(t, lr0, warmup, total, lr_min=0.0):
    """Your cosine starts at t = 0, so after the warm-up the rate jumps down from lr0: the descent begins at warmup."""
    if t >= total:
        return lr_min
    if t < warmup:
        return lr0 * t / warmup
    return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * t / total)) / 2


@mistake(cosine_with_warmup)
def lets_the_cosine_rise_again(t, lr0, warmup, total, lr_min=0.0):
    """After t = total your cosine goes up again: from there on the learning rate stays at lr_min."""
    if t < warmup:
        return lr0 * t / warmup
    if total == warmup:
        return lr_min
    return lr_min + (lr0 - lr_min) * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2


@mistake(cosine_with_warmup)
def warms_up_one_update_ahead(t, lr0, warmup, total, lr_min=0.0):
    """Your warm-up starts at lr0 / warmup and is at lr0 one update too early: here update 0 has 0."""
    return lr0 * (t + 1) / warmup if t < min(warmup, total) else cosine_with_warmup(t, lr0, warmup, total, lr_min)


@mistake(cosine_with_warmup)
def cuts_the_cosine_at_lr_min(t, lr0, warmup, total, lr_min=0.0):
    """Your cosine falls to 0 and is cut off at lr_min: it must be stretched, so that it reaches lr_min at its end."""
    if t < warmup:
        return lr0 * t / warmup
    return max(cosine_with_warmup(t, lr0, warmup, total), lr_min)


@mistake(cosine_with_warmup)
def starts_the_warmup_at_lr_min(t, lr0, warmup, total, lr_min=0.0):
    """Your warm-up begins at lr_min: here its line begins at 0, and lr_min is only where the descent ends."""
    if t < min(warmup, total):
        return lr_min + (lr0 - lr_min) * t / warmup
    return cosine_with_warmup(t, lr0, warmup, total, lr_min)


@mistake(cosine_with_warmup)
def divides_by_a_warmup_of_0(t, lr0, warmup, total, lr_min=0.0):
    """Without warm-up your function divides by 0: update 0 must not take the warm-up's branch then."""
    if t <= warmup and t < total:
        return lr0 * t / warmup
    return cosine_with_warmup(t, lr0, warmup, total, lr_min)


@mistake(cosine_with_warmup)
def descends_in_a_straight_line(t, lr0, warmup, total, lr_min=0.0):
    """Your descent is a straight line: ends and middle are right, but a cosine stays high first and falls late."""
    if t < warmup or t >= total:
        return cosine_with_warmup(t, lr0, warmup, total, lr_min)
    return lr0 + (lr_min - lr0) * (t - warmup) / (total - warmup)


def _half_cosine(start, end, done):
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


@mistake(one_cycle)
def ends_the_cycle_at_a_share_of_lr_max(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """Your last learning rate is lr_max / final_div_factor: the division starts from the first one, not from lr_max."""
    return one_cycle(t, lr_max, total, pct_start, div_factor, final_div_factor / div_factor)


@mistake(one_cycle)
def ends_the_cycle_one_update_late(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """Your cycle ends at t = total, but the last update is total − 1: the final learning rate is never used."""
    first, peak = lr_max / div_factor, pct_start * total - 1
    if t < peak:
        return _half_cosine(first, lr_max, t / peak)
    return _half_cosine(lr_max, first / final_div_factor, (t - peak) / (total - peak))


@mistake(one_cycle)
def peaks_one_update_late(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """Your peak is at pct_start · total, one update late: t counts from 0, and PyTorch takes 1 off."""
    first, peak = lr_max / div_factor, pct_start * total
    if t < peak:
        return _half_cosine(first, lr_max, t / peak)
    return _half_cosine(lr_max, first / final_div_factor, (t - peak) / (total - 1 - peak))


@mistake(one_cycle)
def rounds_the_peak_to_a_whole_update(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """You cut the peak to a whole number: it may lie between two updates, and no update has lr_max then."""
    first, peak = lr_max / div_factor, int(pct_start * total) - 1
    if t < peak:
        return _half_cosine(first, lr_max, t / peak)
    return _half_cosine(lr_max, first / final_div_factor, (t - peak) / (total - 1 - peak))


@mistake(one_cycle)
def goes_up_and_down_in_straight_lines(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """Your two phases are straight lines: the ends are right, but between them half a cosine is asked."""
    first, peak = lr_max / div_factor, pct_start * total - 1
    if t < peak:
        return first + (lr_max - first) * t / peak
    return lr_max + (first / final_div_factor - lr_max) * (t - peak) / (total - 1 - peak)


@mistake(one_cycle)
def comes_down_to_the_first_rate_only(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """Your cycle comes down to where it began: the end is lower than that by final_div_factor."""
    return one_cycle(t, lr_max, total, pct_start, div_factor, 1.0)


@mistake(one_cycle)
def divides_by_a_peak_at_0(t, lr_max, total, pct_start=0.3, div_factor=25, final_div_factor=1e4):
    """With the peak at update 0 your first phase divides by 0: at the peak itself the second phase has begun."""
    if t == pct_start * total - 1:
        return _half_cosine(lr_max / div_factor, lr_max, t / (pct_start * total - 1))
    return one_cycle(t, lr_max, total, pct_start, div_factor, final_div_factor)


def _rates_on_plateau(losses, lr0, factor, patience, min_lr, better):
    """The right loop with another idea of what is better."""
    lr, best, bad, rates = lr0, math.inf, 0, []
    for loss in losses:
        if better(loss, best):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = max(lr * factor, min_lr), 0
        rates.append(lr)
    return rates


@mistake(reduce_on_plateau)
def loses_patience_one_loss_early(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """You cut when the count of bad losses reaches patience: so many are still tolerated, it must be exceeded."""
    lr, best, bad, rates = lr0, math.inf, 0, []
    for loss in losses:
        if loss < best - min_delta:
            best, bad = loss, 0
        else:
            bad += 1
        if bad >= patience:
            lr, bad = max(lr * factor, min_lr), 0
        rates.append(lr)
    return rates


@mistake(reduce_on_plateau)
def cuts_again_at_every_bad_loss(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """After the first cut you cut at each further bad loss: the count goes back to 0 when the rate is cut."""
    lr, best, bad, rates = lr0, math.inf, 0, []
    for loss in losses:
        if loss < best - min_delta:
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr = max(lr * factor, min_lr)
        rates.append(lr)
    return rates


@mistake(reduce_on_plateau)
def compares_with_the_loss_before(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """You compare each loss with the one before it: better means lower than the best so far."""
    lr, last, bad, rates = lr0, math.inf, 0, []
    for loss in losses:
        bad = 0 if loss < last - min_delta else bad + 1
        last = loss
        if bad > patience:
            lr, bad = max(lr * factor, min_lr), 0
        rates.append(lr)
    return rates


@mistake(reduce_on_plateau)
def counts_bad_losses_that_are_not_in_a_row(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """Your count of bad losses survives a better one: it goes back to 0 whenever the loss gets better."""
    lr, best, bad, rates = lr0, math.inf, 0, []
    for loss in losses:
        if loss < best - min_delta:
            best = loss
        else:
            bad += 1
        if bad > patience:
            lr, bad = max(lr * factor, min_lr), 0
        rates.append(lr)
    return rates


@mistake(reduce_on_plateau)
def takes_nan_for_an_improvement(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """A loss of NaN counts as better in yours: no comparison with NaN is true, so mind which branch is the else."""
    return _rates_on_plateau(losses, lr0, factor, patience, min_lr, lambda loss, best: not loss >= best - min_delta)


@mistake(reduce_on_plateau)
def takes_an_improvement_of_just_min_delta(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """A loss of exactly best − min_delta counts as better in yours, also one that just equals the best: strictly!"""
    return _rates_on_plateau(losses, lr0, factor, patience, min_lr, lambda loss, best: loss <= best - min_delta)


@mistake(reduce_on_plateau)
def compares_with_the_best_relatively(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """You take min_delta as a share of the best loss, as PyTorch does by default: here it is an amount."""
    return _rates_on_plateau(losses, lr0, factor, patience, min_lr, lambda loss, best: loss < best * (1 - min_delta))


@mistake(reduce_on_plateau)
def asks_for_no_min_delta(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """The smallest improvement counts in yours: min_delta has no part in your comparison."""
    return reduce_on_plateau(losses, lr0, factor, patience, 0.0, min_lr)


@mistake(reduce_on_plateau)
def cuts_below_min_lr(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """Your learning rate falls below min_lr: after each cut it is raised to min_lr if it is smaller."""
    return reduce_on_plateau(losses, lr0, factor, patience, min_delta)


@mistake(reduce_on_plateau)
def forgets_the_best_loss_after_a_batches_of(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """After a cut you start with a new best: the best loss stays, and only a lower one is better."""
    lr, best, bad, rates = lr0, math.inf, 0, []
    for loss in losses:
        if loss < best - min_delta:
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad, best = max(lr * factor, min_lr), 0, loss
        rates.append(lr)
    return rates


@mistake(reduce_on_plateau)
def tells_the_rate_before_each_loss(losses, lr0, factor=0.1, patience=10, min_delta=0.0, min_lr=0.0):
    """Your list is one behind: entry i is the rate after loss i, with its cut, not the one it was made with."""
    return [lr0, *reduce_on_plateau(losses, lr0, factor, patience, min_delta, min_lr)][: len(losses)]


@mistake(accumulate_gradients)
def averages_the_batches_without_weights(grad, batches):
    """You take the plain mean over the batches: a sample in a small batch then counts for more than others."""
    total = 0.0
    for X, y in batches:
        total = total + grad(X, y)
    return total / len(batches)


@mistake(accumulate_gradients)
def adds_the_mean_gradients_up(grad, batches):
    """You add the batches' mean gradients and stop there: the sum of means is too large for a mean."""
    return sum(grad(X, y) for X, y in batches)


@mistake(accumulate_gradients)
def forgets_to_divide_by_the_samples(grad, batches):
    """You have the gradient of the summed loss: after weighting by the samples, divide by their number."""
    return sum(len(X) * grad(X, y) for X, y in batches)


@mistake(accumulate_gradients)
def divides_the_sum_over_samples_by_the_batches(grad, batches):
    """You weight by samples but divide by the number of batches: the weights must add up to 1."""
    return sum(len(X) * grad(X, y) for X, y in batches) / len(batches)


@mistake(accumulate_gradients)
def puts_the_batches_together(grad, batches):
    """You join the batches and call grad once on all of them: that needs the memory which accumulating saves."""
    return grad(np.concatenate([X for X, _ in batches]), np.concatenate([y for _, y in batches]))


@mistake(accumulate_gradients)
def weights_float32_gradients_by_numpy_integers(grad, batches):
    """Your sizes are NumPy integers: multiplied by them, or averaged with them, float32 gradients become float64."""
    sizes = np.array([len(X) for X, _ in batches])
    return np.average([grad(X, y) for X, y in batches], axis=0, weights=sizes)


@mistake(effective_step_size)
def gives_steps_with_their_sign(optimizer, grads, lr):
    """Your steps have a sign: a distance is asked, so take the absolute value."""
    state, sizes = {}, np.zeros_like(1.0 * grads)
    w = np.zeros_like(sizes, shape=grads.shape[1])
    for t, grad in enumerate(grads):
        before = w
        w, state = optimizer(w, grad, state, lr)
        sizes[t] = w - before
    return sizes


@mistake(effective_step_size)
def measures_the_distance_from_the_start(optimizer, grads, lr):
    """You measure how far w is from 0: each step is measured from where the step before ended."""
    state, sizes = {}, np.zeros_like(1.0 * grads)
    w = np.zeros_like(sizes, shape=grads.shape[1])
    for t, grad in enumerate(grads):
        w, state = optimizer(w, grad, state, lr)
        sizes[t] = np.abs(w)
    return sizes


@mistake(effective_step_size)
def starts_the_optimizer_anew_at_every_step(optimizer, grads, lr):
    """Your optimizer gets an empty state each time: hand back the state that the step before returned."""
    return effective_step_size(lambda w, grad, state, lr: optimizer(w, grad, {}, lr), grads, lr)


@mistake(effective_step_size)
def takes_every_step_from_0(optimizer, grads, lr):
    """Each of your steps starts at w = 0 again: the weights move on, and a weight decay sees where they are."""
    state, sizes = {}, np.zeros_like(1.0 * grads)
    for t, grad in enumerate(grads):
        w, state = optimizer(np.zeros_like(sizes[t]), grad, state, lr)
        sizes[t] = np.abs(w)
    return sizes


@mistake(effective_step_size)
def divides_the_step_by_lr(optimizer, grads, lr):
    """You divide by the learning rate: asked is how far the weight moves, lr included."""
    return effective_step_size(optimizer, grads, lr) / lr


@mistake(effective_step_size)
def cuts_the_steps_to_integers(optimizer, grads, lr):
    """Your array of results has the gradients' dtype: of integer gradients the steps are cut to whole numbers."""
    return effective_step_size(optimizer, 1.0 * grads, lr).astype(grads.dtype)


@mistake(effective_step_size)
def measures_steps_in_float64(optimizer, grads, lr):
    """Your results are float64 where the gradients are float32: np.zeros gives float64 unless told otherwise."""
    sizes = np.zeros(grads.shape)
    sizes[...] = effective_step_size(optimizer, grads, lr)
    return sizes


@mistake(effective_step_size)
def fails_where_there_are_no_steps(optimizer, grads, lr):
    """Without steps your function takes the first of no gradients, or stacks an empty list: (0, D) is asked then."""
    w, state, sizes = np.zeros_like(1.0 * grads, shape=grads.shape[1]), {}, []
    for grad in grads:
        before = w
        w, state = optimizer(w, grad, state, lr)
        sizes.append(np.abs(w - before))
    return np.stack(sizes)


@mistake(stable_learning_rate)
def takes_the_trace_for_the_largest_eigenvalue(H):
    """You divide by the trace, the sum of all eigenvalues: safe, but the largest one alone sets the bound."""
    return 2 / np.trace(H)


@mistake(stable_learning_rate)
def stops_at_one_over_the_largest_eigenvalue(H):
    """Your rate is half of the bound: at 1 / λmax the error is gone in one step, and beyond it still shrinks."""
    return 1 / np.linalg.eigvalsh(H)[-1]


@mistake(stable_learning_rate)
def lets_the_smallest_eigenvalue_decide(H):
    """You divide by the smallest eigenvalue: flat directions would allow that, but the steepest one blows up first."""
    return 2 / np.linalg.eigvalsh(H)[0]


@mistake(stable_learning_rate)
def looks_at_the_diagonal_only(H):
    """You take the largest diagonal entry: that is the largest eigenvalue only where H is diagonal."""
    return 2 / np.max(np.diag(H))


@mistake(stable_learning_rate)
def takes_the_rate_that_is_fastest(H):
    """You give 2 / (λmin + λmax), the fastest learning rate: asked is the largest that still converges."""
    values = np.linalg.eigvalsh(H)
    return 2 / (values[0] + values[-1])


@mistake(stable_learning_rate)
def takes_the_frobenius_norm(H):
    """Your norm is the Frobenius norm, from all eigenvalues together: only the largest one counts."""
    return 2 / np.linalg.norm(H)


@mistake(momentum_optimum)
def forgets_the_root_of_kappa(kappa):
    """Your factor is that of plain gradient descent: with momentum the root of kappa takes kappa's place."""
    factor = (kappa - 1) / (kappa + 1)
    return factor**2, factor


@mistake(momentum_optimum)
def returns_the_factor_before_the_momentum(kappa):
    """Your two results are exchanged: the momentum comes first, the factor second."""
    mu, factor = momentum_optimum(kappa)
    return factor, mu


@mistake(momentum_optimum)
def takes_the_factor_for_the_momentum(kappa):
    """Your mu equals your factor: one of the two is the square of the other."""
    _, factor = momentum_optimum(kappa)
    return factor, factor


@mistake(momentum_optimum)
def gives_nesterovs_momentum(kappa):
    """You give Nesterov's momentum and rate: asked is heavy-ball momentum, whose mu is a square."""
    root = math.sqrt(kappa)
    return (root - 1) / (root + 1), 1 - 1 / root


@mistake(momentum_optimum)
def takes_the_root_of_the_factor_for_the_momentum(kappa):
    """Your mu is the root of the factor: it is the other way round, the factor is the root of mu."""
    _, factor = momentum_optimum(kappa)
    return math.sqrt(factor), factor


def _trained_on(params, loss, X, y, optimizer, schedule, epochs, draw):
    """The right loop, but for the batches of each epoch: they come from draw()."""
    params, states, losses, rates = dict(params), {name: {} for name in params}, [], []
    for _ in range(epochs):
        for batch in draw():
            value, grads = loss(params, X[batch], y[batch])
            lr = float(schedule(len(rates)))
            for name in params:
                params[name], states[name] = optimizer(params[name], grads[name], states[name], lr)
            losses.append(float(value))
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}


def _batches_of(order, batch_size):
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


@mistake(train)
def shares_one_state_among_all_parameters(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your parameters share one state, so the velocity of one moves the next: each needs a state of its own."""
    params, state, losses, rates = dict(params), {}, [], []
    for _ in range(epochs):
        for batch in _batches_of(rng.permutation(len(X)), batch_size):
            value, grads = loss(params, X[batch], y[batch])
            lr = float(schedule(len(rates)))
            for name in params:
                params[name], state = optimizer(params[name], grads[name], state, lr)
            losses.append(float(value))
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}


@mistake(train)
def hands_the_optimizer_an_empty_state_each_time(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your optimizer gets an empty state at every update, so no momentum builds up: keep what it returned."""
    return train(params, loss, X, y, lambda w, g, s, lr: optimizer(w, g, {}, lr), schedule, epochs, batch_size, rng)


@mistake(train)
def empties_the_states_at_each_epoch(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your states begin anew with each epoch: they are made once, before the first one."""
    history = {"loss": [], "lr": [], "params": dict(params)}
    for _ in range(epochs):
        done = len(history["lr"])
        late = lambda t, done=done: schedule(done + t)  # noqa: E731
        part = train(history["params"], loss, X, y, optimizer, late, 1, batch_size, rng)
        history = {key: history[key] + part[key] if key != "params" else part[key] for key in part}
    return history


@mistake(train)
def leaves_the_smaller_last_batch_out(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your epochs stop before the smaller last batch: some samples are never seen in them."""
    full = len(X) - len(X) % batch_size
    return _trained_on(
        params, loss, X, y, optimizer, schedule, epochs, lambda: _batches_of(rng.permutation(len(X))[:full], batch_size)
    )


@mistake(train)
def keeps_one_order_for_all_epochs(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You draw the order once, before the first epoch: every epoch needs a new one."""
    order = rng.permutation(len(X))
    return _trained_on(params, loss, X, y, optimizer, schedule, epochs, lambda: _batches_of(order, batch_size))


@mistake(train)
def takes_the_samples_in_the_datas_order(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You take the samples as they lie in the data: rng has no part in your loop."""
    order = np.arange(len(X))
    return _trained_on(params, loss, X, y, optimizer, schedule, epochs, lambda: _batches_of(order, batch_size))


@mistake(train)
def shuffles_only_the_order_of_the_batches(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You shuffle the batches, but each always holds the same samples: shuffle the samples, then cut."""
    batches = _batches_of(np.arange(len(X)), batch_size)
    return _trained_on(
        params, loss, X, y, optimizer, schedule, epochs, lambda: [batches[i] for i in rng.permutation(len(batches))]
    )


@mistake(train)
def draws_samples_with_replacement(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You draw each batch on its own, so some samples come twice in an epoch and others never."""
    return _trained_on(
        params,
        loss,
        X,
        y,
        optimizer,
        schedule,
        epochs,
        lambda: _batches_of(rng.integers(len(X), size=len(X)), batch_size),
    )


@mistake(train)
def shuffles_x_and_y_apart(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You shuffle X and y each with an order of its own: a row of X then meets another row's target."""
    params, states, losses, rates = dict(params), {name: {} for name in params}, [], []
    for _ in range(epochs):
        mixed_X, mixed_y = rng.permutation(X), rng.permutation(y)
        for start in range(0, len(X), batch_size):
            value, grads = loss(params, mixed_X[start : start + batch_size], mixed_y[start : start + batch_size])
            lr = float(schedule(len(rates)))
            for name in params:
                params[name], states[name] = optimizer(params[name], grads[name], states[name], lr)
            losses.append(float(value))
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}


@mistake(train)
def asks_the_schedule_once_an_epoch(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your schedule gets the number of the epoch: t counts updates, through all epochs."""
    batches = max(math.ceil(len(X) / batch_size), 1)
    return train(params, loss, X, y, optimizer, lambda t: schedule(t // batches), epochs, batch_size, rng)


@mistake(train)
def counts_updates_anew_in_each_epoch(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your count of updates starts at 0 again with each epoch: it runs on through all of them."""
    batches = max(math.ceil(len(X) / batch_size), 1)
    return train(params, loss, X, y, optimizer, lambda t: schedule(t % batches), epochs, batch_size, rng)


@mistake(train)
def counts_updates_from_1(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your first update asks for schedule(1): the count starts at 0."""
    return train(params, loss, X, y, optimizer, lambda t: schedule(t + 1), epochs, batch_size, rng)


@mistake(train)
def writes_down_the_loss_after_the_update(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your losses are those after the update, one step ahead: write down the loss whose gradients you used."""
    params, states, losses, rates = dict(params), {name: {} for name in params}, [], []
    for _ in range(epochs):
        for batch in _batches_of(rng.permutation(len(X)), batch_size):
            _, grads = loss(params, X[batch], y[batch])
            lr = float(schedule(len(rates)))
            for name in params:
                params[name], states[name] = optimizer(params[name], grads[name], states[name], lr)
            losses.append(float(loss(params, X[batch], y[batch])[0]))
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}


@mistake(train)
def writes_down_one_loss_an_epoch(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """Your history has one loss an epoch: asked is one for every update, as for lr."""
    history = train(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng)
    batches = max(math.ceil(len(X) / batch_size), 1)
    return {**history, "loss": [float(np.mean(part)) for part in _batches_of(history["loss"], batches)]}


@mistake(train)
def computes_the_loss_anew_for_every_parameter(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You call loss again for each parameter, when others have moved already: all gradients come from one call."""
    params, states, losses, rates = dict(params), {name: {} for name in params}, [], []
    for _ in range(epochs):
        for batch in _batches_of(rng.permutation(len(X)), batch_size):
            lr = float(schedule(len(rates)))
            losses.append(float(loss(params, X[batch], y[batch])[0]))
            for name in params:
                _, grads = loss(params, X[batch], y[batch])
                params[name], states[name] = optimizer(params[name], grads[name], states[name], lr)
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}


@mistake(train)
def replaces_the_callers_parameters(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You put the new parameters into the caller's dictionary: the start is lost. Work on a dictionary of your own."""
    history = train(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng)
    params.update(history["params"])
    return {**history, "params": params}


@mistake(train)
def lets_a_numpy_learning_rate_in(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You hand on what schedule returns: a NumPy number makes float32 parameters float64. Make it a Python float."""
    params, states, losses, rates = dict(params), {name: {} for name in params}, [], []
    for _ in range(epochs):
        for batch in _batches_of(rng.permutation(len(X)), batch_size):
            value, grads = loss(params, X[batch], y[batch])
            lr = schedule(len(rates))
            for name in params:
                params[name], states[name] = optimizer(params[name], grads[name], states[name], lr)
            losses.append(value)
            rates.append(lr)
    return {"loss": losses, "lr": rates, "params": params}


@mistake(train)
def seeds_a_generator_of_its_own(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You make a generator of your own: the same order comes whatever rng is, and nobody can choose another."""
    return train(params, loss, X, y, optimizer, schedule, epochs, batch_size, np.random.default_rng(0))


@mistake(train)
def shuffles_by_the_global_generator(params, loss, X, y, optimizer, schedule, epochs, batch_size, rng):
    """You shuffle with NumPy's global generator: the order must come from rng, so that a run can be repeated."""
    return _trained_on(
        params, loss, X, y, optimizer, schedule, epochs, lambda: _batches_of(np.random.permutation(len(X)), batch_size)
    )
