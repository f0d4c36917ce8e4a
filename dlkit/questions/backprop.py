"""Concept questions on back-propagation: what it computes, what it costs, how it is checked, and where it fails.

They test whether the chain rule is understood well enough to predict a cost, to recognize a bug by its symptom, and to
tell a gradient that vanishes from a model that overfits.
"""

from __future__ import annotations

import math

import numpy as np

from dlkit.questions.bank import Bank, Task, right, short, wrong

__all__ = ["TOPICS", "bank"]

TOPICS = (
    "what-backprop-is",
    "shared-weights",
    "backward-cost",
    "reverse-mode",
    "gradient-checking",
    "softmax-cross-entropy",
    "vanishing-exploding",
    "under-overfitting",
)

bank = Bank()


# ---- what-backprop-is: the chain rule with bookkeeping, and nothing else

bank.choice(
    "backprop_stuck",
    "what-backprop-is",
    r"The training loss has not moved for 20 epochs. A colleague says: “Backprop is stuck in a local minimum.” What is "
    r"the best objection?",
    [
        wrong(
            r"Backprop cannot get stuck, because an exact gradient always leads to the global minimum in the end.",
            r"An exact gradient is only the local slope. Descent along it can end in a poor minimum or crawl over a "
            r"plateau.",
        ),
        wrong(
            r"A loss that stops falling shows that the gradient is wrong, so the backward code has to be checked "
            r"first.",
            r"A correct gradient gives plateaus too: too small or too large a step, saturation, a saddle, or a loss "
            r"that is simply as low as this model gets.",
        ),
        right(
            r"Backprop only returns the gradient at the present weights; the steps are the optimizer's.",
            r"It moves nothing and so cannot be stuck. Ask what the gradient norm is: near 0 points to a flat place, "
            r"large to a step size that bounces.",
        ),
        wrong(
            r"Only the stochastic version of backprop gets stuck; with the full batch it would go on descending.",
            r"Backprop is the same for any batch. Full-batch descent has less noise, and so leaves a flat place no "
            r"more easily.",
        ),
    ],
)

bank.choice(
    "backprop_through_loop",
    "what-backprop-is",
    r"`def f(x):` runs `while x > 1: x = x / 2` and returns `x`. An autodiff library that records operations as they "
    r"run, as PyTorch does, differentiates $f$ at $x = 10$. What does it return?",
    [
        wrong(
            r"An error, because a `while` loop that depends on the data has no derivative.",
            r"The loop is never differentiated. The library only sees the operations that were executed.",
        ),
        wrong(
            r"0, because the result always lies in $(\tfrac12, 1]$, however large $x$ is.",
            r"Bounded is not constant: between $x = 8$ and $x = 16$ the result rises from $\tfrac12$ to 1.",
        ),
        wrong(
            r"$1/16$ plus a term for how the number of halvings changes with $x$.",
            r"That number is constant around $x = 10$, so the true derivative has no such term. At the jumps, such as "
            r"$x = 8$, it is not defined, and the library would not notice.",
        ),
        right(
            r"$1/16$, the product of the slopes of the four halvings that ran.",
            r"$10 \to 5 \to 2.5 \to 1.25 \to 0.625$: four divisions on the tape, a factor $\tfrac12$ each. The "
            r"condition decides what is recorded; it is not itself differentiated.",
        ),
    ],
    level=2,
)

bank.choice(
    "backprop_overwritten_input",
    "what-backprop-is",
    r"A dense layer $z = xW + b$ keeps a reference to its input $x$, not a copy. Before the backward pass, other code "
    r"overwrites $x$ in place. Which of the layer's gradients come out wrong?",
    [
        right(
            r"only that of $W$",
            r"$dW = x^\top\,dout$ reads $x$; $dx = dout\,W^\top$ and $db = \sum dout$ do not. Libraries count "
            r"versions of a tensor to catch this.",
        ),
        wrong(
            r"only that of $x$",
            r"$dx = dout\,W^\top$: a derivative with respect to $x$ of something linear in $x$ does not contain $x$.",
        ),
        wrong(
            r"those of $W$ and $x$, but not that of $b$",
            r"A product needs the *other* factor: the gradient of $W$ needs $x$, that of $x$ needs $W$.",
        ),
        wrong(
            r"none, since the forward pass is finished",
            r"The backward pass uses stored values of the forward pass; that is why training needs more memory.",
        ),
    ],
)


@bank.number("backprop_one_neuron", "what-backprop-is")
def _backprop_one_neuron(rng: np.random.Generator) -> Task:
    x, w = int(rng.integers(1, 5)), int(rng.integers(1, 10)) / 10
    b, decay = int(rng.integers(-5, 6)) / 10, int(rng.integers(1, 6)) / 10
    z = w * x + b
    a = 1 / (1 + math.exp(-z))
    slope = a * (1 - a)
    answer = a * slope * x + decay * w
    return Task(
        rf"One sigmoid unit: $z = wx + b$, $a = \sigma(z)$, with the loss "
        rf"$L = \tfrac12(a - y)^2 + \tfrac{{\lambda}}{{2}} w^2$. Given $x = {x}$, $w = {w:g}$, $b = {b:g}$, $y = 0$, "
        rf"$\lambda = {decay:g}$: what is $\partial L/\partial w$? (within 1 %)",
        answer,
        rf"$z = {z:.4g}$, $a = {a:.4f}$. Backwards: $a - y = {a:.4f}$, times $a(1-a) = {slope:.4f}$, times "
        rf"$x = {x}$, gives ${a * slope * x:.4f}$. $w$ also enters the penalty directly, which adds "
        rf"$\lambda w = {decay * w:.4g}$: paths are summed, so $\partial L/\partial w = {answer:.4f}$.",
        rtol=1e-2,
    )


bank.open(
    "backprop_is_and_is_not",
    "what-backprop-is",
    r"Explain what back-propagation is, and tell it from gradient descent, from symbolic differentiation and from "
    r"finite differences. Why does it need a forward pass first, and in which order does it visit the graph?",
    r"Back-propagation computes the gradient of a scalar loss with respect to all parameters by the chain rule, in "
    r"reverse mode: it goes through the computational graph from the loss to the inputs and at each node multiplies "
    r"the incoming gradient by the local derivative. It is not a learning rule: gradient descent, momentum or Adam "
    r"decide what to do with the gradient. It is not symbolic differentiation, since it works on numbers, node by "
    r"node, and never writes out an expression, which could grow exponentially; common sub-results are computed once. "
    r"It is not a finite difference: it is exact up to rounding, and costs a few forward passes in all instead of one "
    r"or two per parameter. The forward pass comes first because local derivatives depend on values computed there, "
    r"such as the inputs of a product or the output of a sigmoid, which must be kept. Nodes are visited in reverse "
    r"topological order, so that a node passes its gradient on only when it has received all contributions from its "
    r"consumers, which are added.",
    [
        r"chain rule on a graph from a scalar loss back to all parameters, with local derivatives",
        r"not the optimizer: it returns the gradient, the update is another matter",
        r"exact up to rounding, numbers instead of expressions, one pass instead of one or two per parameter",
        r"needs the values cached in the forward pass",
        r"reverse topological order, contributions of several consumers added",
    ],
)

bank.open(
    "backprop_dense_layer",
    "what-backprop-is",
    r"Derive the backward pass of $Z = XW + b$ with $X$ of shape $(N, D)$, $W$ $(D, M)$, $b$ $(M,)$, given the "
    r"upstream gradient $G = \partial L/\partial Z$. Do it from indices, then show how shapes alone would have led you "
    r"there, and say what shapes cannot tell you.",
    r"$z_{nm} = \sum_d x_{nd} w_{dm} + b_m$. By the chain rule "
    r"$\partial L/\partial w_{dm} = \sum_n x_{nd}\,g_{nm}$, so $dW = X^\top G$, of shape $(D, M)$; "
    r"$\partial L/\partial x_{nd} = \sum_m g_{nm} w_{dm}$, so $dX = G W^\top$, of shape $(N, D)$; and "
    r"$\partial L/\partial b_m = \sum_n g_{nm}$, the sum of $G$ over the batch, because $b$ is broadcast over $N$. "
    r"Shapes: each gradient has the shape of its variable, and the only matrix products of $X$ or $W$ with $G$ that "
    r"have the right shape are these. Shapes do not tell whether to sum or to average over the batch (a sum here; any "
    r"$1/N$ of the loss is already in $G$), nor a sign or a factor, and for square matrices they do not even show a "
    r"missing transpose. Hence a gradient check on random matrices that are not square.",
    [
        r"the three formulas, with the sums over the right indices",
        r"the gradient of b is summed over the batch because b is broadcast",
        r"the shape argument: a gradient has its variable's shape",
        r"shapes miss a factor such as 1/N, a sign, or a transpose of a square matrix",
    ],
)

# ---- shared-weights: what is used twice gets two contributions

bank.choice(
    "shared_average",
    "shared-weights",
    r"To train an RNN over 50 time steps, somebody unrolls it into 50 copies of the recurrent matrix $W$, computes the "
    r"gradient of each copy, and gives $W$ the *average* of the 50. What is wrong?",
    [
        wrong(
            r"Nothing: averaging makes the gradient independent of the sequence's length, as frameworks do.",
            r"Frameworks add up. If you want an average over time, it belongs in the loss.",
        ),
        right(
            r"It is too short by a factor of 50, but its direction is that of the true gradient.",
            r"The chain rule gives $dW = \sum_t dW_t$. With plain SGD the average acts as a learning rate 50 times "
            r"smaller, for this parameter only.",
        ),
        wrong(
            r"The direction is wrong too, because the copies with the larger gradients ought to count for more.",
            r"They do so in the average as in the sum: both are the same vector up to the factor 50.",
        ),
        wrong(
            r"Only the last copy touches the output, so only its gradient should have been used.",
            r"Earlier copies act on the output through the state. Leaving them out is truncation to one step.",
        ),
    ],
)

bank.choice(
    "shared_assignment_bug",
    "shared-weights",
    r"In a small autodiff class a backward function says `self.grad = …` where it should say `self.grad += …`, for "
    r"every operation. Which of these functions of $x$ still gets the right gradient?",
    [
        wrong(
            r"$x \cdot x$",
            r"Both operands are the same node: the second assignment replaces the first, giving $x$ instead of $2x$.",
        ),
        wrong(
            r"$x + \tanh(x)$",
            r"A residual connection: $x$ has two consumers, and whichever is visited last overwrites the other.",
        ),
        wrong(
            r"$\exp(x)\,/\,(1 + \exp(x))$, both calls made",
            r"Two nodes for $\exp(x)$ send gradients to the same $x$, and one of them is lost.",
        ),
        right(
            r"$\exp(\tanh(3x + 1))$",
            r"Every node of this chain has one consumer, so there is nothing to add. A test on chains does not see "
            r"the bug; one on $x \cdot x$ does.",
        ),
    ],
)

bank.choice(
    "shared_tied_embedding",
    "shared-weights",
    r"A language model uses one matrix both as input embedding and, transposed, as output layer before a full softmax. "
    r"A token occurs nowhere in a batch, neither as input nor as target. What gradient of the loss does its row get?",
    [
        wrong(
            r"None, because only the rows that were looked up take part in the forward pass.",
            r"That holds for the input use. In the output layer every row is multiplied to give its logit.",
        ),
        wrong(
            r"None, because cross-entropy looks only at the target's logit.",
            r"The target's log-probability contains the sum over all classes, so every logit has the gradient "
            r"$p_k - y_k$.",
        ),
        right(
            r"A usually small one: its probability times the final hidden state, summed over positions.",
            r"The gradient of its logit is $p_k - 0$, of its row $p_k h$, divided by the number of positions for a "
            r"mean. So the gradient of the matrix is dense, although that of an embedding alone is sparse.",
        ),
        wrong(
            r"That of the input use minus that of the output use, since the matrix enters transposed.",
            r"Contributions are added, and transposing does not change a sign. Here the first one is 0.",
        ),
    ],
    level=2,
)


@bank.number("shared_recurrent_scalar", "shared-weights", level=2)
def _shared_recurrent_scalar(rng: np.random.Generator) -> Task:
    w, y = int(rng.choice([5, 6, 7, 8, 9, 11, 12, 13, 14, 15])) / 10, int(rng.integers(-5, 1))
    x = [int(v) for v in rng.integers(1, 5, size=3)]
    h1 = x[0]
    h2 = w * h1 + x[1]
    h3 = w * h2 + x[2]
    terms = (h2, w * h1)
    answer = (h3 - y) * sum(terms)
    return Task(
        rf"A linear recurrence $h_t = w\,h_{{t-1}} + x_t$ with $h_0 = 0$, $w = {w:g}$, inputs "
        rf"$x_1, x_2, x_3 = {x[0]}, {x[1]}, {x[2]}$, and the loss $L = \tfrac12(h_3 - y)^2$ with $y = {y}$. What is "
        rf"$dL/dw$?",
        answer,
        rf"$h_1 = {h1}$, $h_2 = {h2:.4g}$, $h_3 = {h3:.6g}$. The same $w$ is used at each step: the last use "
        rf"contributes $h_2 = {terms[0]:.4g}$, the one before $w\,h_1 = {terms[1]:.4g}$, the first one "
        rf"$w^2 h_0 = 0$. So $dL/dw = (h_3 - y)({terms[0]:.4g} + {terms[1]:.4g}) = {answer:.6g}$. Stopping after the "
        rf"last use would give ${(h3 - y) * h2:.6g}$.",
    )


bank.open(
    "shared_contributions",
    "shared-weights",
    r"“The gradient of a shared parameter is the sum over its uses.” Prove it, and show it at work in three places of "
    r"deep learning. Which bug follows from forgetting it, and why do frameworks ask you to clear gradients?",
    r"Give each use its own copy: $L(w_1, \dots, w_k)$ with $w_i = w$. By the chain rule for several variables "
    r"$dL/dw = \sum_i \partial L/\partial w_i \cdot dw_i/dw = \sum_i \partial L/\partial w_i$. Examples: a recurrent "
    r"matrix, used at each time step (back-propagation through time); a convolution's filter, used at every position, "
    r"and its bias, whose gradient is the sum over batch, height and width; a dense layer's bias, broadcast over the "
    r"batch, so that its gradient sums over rows; tied embeddings; a residual connection, where an activation has two "
    r"consumers. In code, contributions must be added: assignment instead of `+=` keeps only the last one, and the bug "
    r"hides in every graph where each node has one consumer. Broadcasting is sharing, so its backward sums over the "
    r"repeated axes. Because gradients accumulate, a second backward pass adds to the first one; frameworks leave it "
    r"to you to clear them, which also permits accumulation over micro-batches on purpose.",
    [
        r"copies made equal, chain rule for several variables: sum of partial derivatives",
        r"three of: recurrence, convolution, broadcast bias, tied embedding, residual branch",
        r"assignment instead of addition; invisible on plain chains",
        r"gradients accumulate over backward passes, so they must be cleared; useful for micro-batches",
    ],
)

# ---- backward-cost: operations and memory

bank.choice(
    "backward_which_half_frozen",
    "backward-cost",
    r"A stack of ten equal dense layers is fine-tuned, but only five of them are trained. Which choice makes the "
    r"backward pass cheapest?",
    [
        right(
            r"the five nearest the loss",
            r"The backward pass stops where nothing below is trained: 5 products for $dW$ and 4 for $dx$, 9 instead "
            r"of 19. The activations below need not be kept either.",
        ),
        wrong(
            r"the five nearest the input",
            r"To reach them the gradient passes through the frozen layers too: 5 products for $dW$ and 9 for $dx$.",
        ),
        wrong(
            r"every second layer, from the second on",
            r"The gradient still goes down to layer 2: 5 products for $dW$ and 8 for $dx$.",
        ),
        wrong(
            r"any five, since the parameters are as many",
            r"A layer's $dW$ is saved when it is frozen, its $dx$ only if no trained layer lies below it.",
        ),
    ],
    level=2,
)

bank.choice(
    "backward_memory_owner",
    "backward-cost",
    r"A convolutional network with 100 MB of weights runs inference on a batch of 64 in 1 GB. Training with the same "
    r"batch and plain SGD without momentum takes 10 GB. What are the additional 9 GB, mostly?",
    [
        wrong(
            r"the gradients of the weights, one set for each of the 64 examples",
            r"They are summed over the batch within the matrix product; what is stored is one set, another 100 MB.",
        ),
        right(
            r"the activations of all layers, kept until the backward pass has used them",
            r"Inference drops a layer's input as soon as the next one has its own. They grow with the batch and with "
            r"depth; a smaller batch, checkpointing or lower precision reduces them.",
        ),
        wrong(
            r"the Jacobian matrices of the layers, which the chain rule multiplies with each other",
            r"None is ever built: each layer computes a vector-Jacobian product directly.",
        ),
        wrong(
            r"the state of the optimizer, which holds running averages of every gradient",
            r"Plain SGD has none. Adam would add two copies of the weights, 200 MB here.",
        ),
    ],
)


@bank.number("backward_flop_ratio", "backward-cost")
def _backward_flop_ratio(rng: np.random.Generator) -> Task:
    d0, d1, d2 = (64 * int(v) for v in rng.integers(1, 17, size=3))
    d3 = 10 * int(rng.integers(1, 11))
    products = (d0 * d1, d1 * d2, d2 * d3)
    forward = sum(products)
    answer = (2 * forward - products[0]) / forward
    return Task(
        rf"An MLP has the widths ${d0} \to {d1} \to {d2} \to {d3}$. Count only the multiply-adds of matrix products, "
        rf"and note that the gradient of the network's input is not needed. How many times as much work is the "
        rf"backward pass as the forward pass? (within 1 %)",
        answer,
        rf"Per example, forward: ${products[0]} + {products[1]} + {products[2]} = {forward}$. Backward, each layer "
        rf"has two products of the same size, $X^\top G$ and $G W^\top$, but the first layer only the former: "
        rf"$2 \cdot {forward} - {products[0]} = {2 * forward - products[0]}$. The ratio is ${answer:.4f}$; “twice the "
        rf"forward pass” is the rule for deep networks.",
        rtol=1e-2,
    )


@bank.number("backward_recompute_days", "backward-cost", level=2)
def _backward_recompute_days(rng: np.random.Generator) -> Task:
    billions, ratio = int(rng.integers(1, 31)), int(rng.integers(10, 41))
    tokens, gpus = billions * ratio, 32 * int(rng.integers(1, 17))
    rate = 10 * int(rng.integers(10, 31))
    total = 8 * billions * tokens * 1e18
    answer = total / (gpus * rate * 1e12 * 86400)
    return Task(
        rf"A language model with ${billions}$ billion parameters is trained on ${tokens}$ billion tokens with ${gpus}$ "
        rf"GPUs that each sustain ${rate}$ teraflop/s ($10^{{12}}$ operations a second). The forward pass takes 2 "
        rf"operations per parameter and token, and to save memory it is run once more in full during the backward "
        rf"pass; attention's own products are ignored. How many days does it take? (within 1 %)",
        answer,
        rf"Forward 2, backward twice that, 4, recomputation 2: 8 per parameter and token, "
        rf"$8 \cdot {billions} \cdot {tokens} \cdot 10^{{18}} = {8 * billions * tokens} \cdot 10^{{18}}$ operations. "
        rf"At ${gpus} \cdot {rate} = {gpus * rate}$ teraflop/s that is ${short(answer)}$ days. Without recomputation "
        rf"it would be 6 in place of 8, ${short(answer * 0.75)}$ days: the price of the memory is a third more time.",
        rtol=1e-2,
    )


@bank.number("backward_checkpoint_peak", "backward-cost", level=2)
def _backward_checkpoint_peak(rng: np.random.Generator) -> Task:
    layers = int(rng.integers(12, 200))
    peaks = {every: -(-layers // every) + every - 1 for every in range(1, layers + 1)}
    answer = min(peaks.values())
    best = next(every for every, peak in peaks.items() if peak == answer)
    return Task(
        rf"A chain of ${layers}$ equal layers is trained with checkpointing: the inputs of layers "
        rf"$0, k, 2k, \dots$ are kept to the end, and a segment's other $k - 1$ inputs are recomputed when the "
        rf"backward pass gets there. With the best $k$, how many layer inputs are held at the peak? (a whole number, "
        rf"exact)",
        answer,
        rf"The peak is $\lceil {layers}/k \rceil + k - 1$. It is least near $k = \sqrt{{{layers}}} = "
        rf"{math.sqrt(layers):.3g}$; $k = {best}$ gives ${-(-layers // best)} + {best} - 1 = {answer}$, against "
        rf"${layers}$ without checkpoints. The price is at most one more forward pass.",
        rtol=1e-6,
    )


bank.open(
    "backward_time_and_memory",
    "backward-cost",
    r"What does a training step cost compared with inference on the same batch, in operations and in memory, and why? "
    r"List what fills the memory and at least three ways to need less of it, each with its price.",
    r"A dense or convolutional layer's forward is one product; its backward has two of the same size, for $dW$ and for "
    r"$dx$, so a training step costs about three times the operations of inference (the first layer needs no $dx$). "
    r"Memory holds the weights, their gradients (the same size again), the optimizer's state (nothing for SGD, one "
    r"copy for momentum, two for Adam) and the activations that the backward pass will read, which grow with batch, "
    r"resolution or sequence length, and depth; inference drops them at once. Ways to save: checkpointing keeps about "
    r"$\sqrt L$ activations and recomputes the rest, for about a third more time; a smaller batch with accumulated "
    r"gradients costs efficiency and changes batch statistics; 16-bit activations halve the memory but need care with "
    r"underflow, such as loss scaling for fp16; freezing the lower layers ends the backward pass early, at the price "
    r"of less adaptation; sharding or offloading the optimizer's state costs communication.",
    [
        r"backward about twice the forward, because of two products per layer; three times in total",
        r"weights, gradients, optimizer state, activations; which of them grow with the batch",
        r"checkpointing and its price of about one more forward pass",
        r"two more remedies with their price: micro-batches, half precision, freezing, sharding",
    ],
    level=2,
)

# ---- reverse-mode: why from the loss backwards

bank.choice(
    "reverse_or_forward_mode",
    "reverse-mode",
    r"You need the full Jacobian of each of these functions. For which one is forward-mode differentiation clearly the "
    r"cheaper one?",
    [
        wrong(
            r"the loss of a network, with respect to its $10^6$ weights",
            r"One output, so one reverse pass; forward mode would take a million passes.",
        ),
        wrong(
            r"the 10 logits of a classifier, with respect to its 784 input pixels",
            r"10 reverse passes against 784 forward ones.",
        ),
        right(
            r"a curve of $10^4$ simulated points, with respect to three constants",
            r"Forward mode takes one pass per input, three here, and keeps no history of the simulation. Reverse mode "
            r"would take one pass per output.",
        ),
        wrong(
            r"one pixel of a rendered image, with respect to the positions of $10^5$ vertices",
            r"A single output with many inputs: the case for reverse mode, and what differentiable renderers use.",
        ),
    ],
)

bank.choice(
    "reverse_hessian_vector",
    "reverse-mode",
    r"A loss has $n = 10^7$ parameters $w$ and gradient $g(w)$. You need the product $Hv$ of its Hessian with one "
    r"given vector. How do you get it exactly?",
    [
        wrong(
            r"By $n$ backward passes, one for each row of $H$, each row multiplied by $v$ and then dropped.",
            r"It would be right, and it avoids storing $H$, but it costs $10^7$ passes where a few suffice.",
        ),
        right(
            r"By differentiating the scalar $g(w)^\top v$, with $v$ held fixed: a few times a gradient's cost.",
            r"$\nabla_w (g^\top v) = Hv$, as $H$ is symmetric; the gradient's own computation is a graph. Forward "
            r"mode through the gradient does it as well.",
        ),
        wrong(
            r"Not at all: $H$ has $10^{14}$ entries, and a product with it must read each one of them.",
            r"The product with a matrix does not need the matrix. Backprop itself never builds a layer's Jacobian.",
        ),
        wrong(
            r"By squaring: near a minimum $H = g g^\top$, so $Hv = g\,(g^\top v)$ at no additional cost.",
            r"At a minimum $g = 0$ while $H$ is not. An average of such products over examples is the empirical "
            r"Fisher matrix, an approximation of another matrix.",
        ),
    ],
    level=3,
)


@bank.number("reverse_product_order", "reverse-mode", level=2)
def _reverse_product_order(rng: np.random.Generator) -> Task:
    n0, n1, n2 = (10 * int(v) for v in rng.integers(2, 41, size=3))
    forward, backward = n2 * n1 * n0 + n2 * n0, n2 * n1 + n1 * n0
    answer = forward / backward
    return Task(
        rf"A scalar loss depends on ${n0}$ inputs through hidden vectors of lengths ${n1}$ and ${n2}$, so its gradient "
        rf"is $J_3 J_2 J_1$ with dense Jacobians of shapes $(1, {n2})$, $({n2}, {n1})$, $({n1}, {n0})$. How many times "
        rf"as many multiplications does $J_3(J_2 J_1)$ take as $(J_3 J_2)J_1$? (within 1 %)",
        answer,
        rf"From the input's side: ${n2} \cdot {n1} \cdot {n0} + {n2} \cdot {n0} = {forward}$. From the loss's side "
        rf"every intermediate result is a row vector: ${n2} \cdot {n1} + {n1} \cdot {n0} = {backward}$. The factor is "
        rf"${short(answer)}$. The result is the same: reverse mode is only a better place for the brackets, because "
        rf"the output is a scalar.",
        rtol=1e-2,
    )


bank.open(
    "reverse_why",
    "reverse-mode",
    r"Why is the gradient of a neural network computed in reverse mode and not in forward mode or by finite "
    r"differences? Give costs in terms of the number $n$ of inputs and $m$ of outputs, name what reverse mode pays for "
    r"its advantage, and give a case where forward mode is the better one.",
    r"For $f: \mathbb R^n \to \mathbb R^m$ the chain rule is a product of Jacobians, and the modes differ in the order "
    r"of multiplication. Forward mode carries a tangent from the inputs and yields $Jv$, one directional derivative "
    r"per pass; the full Jacobian takes $n$ passes. Reverse mode carries a cotangent from the outputs and yields "
    r"$v^\top J$, one row per pass, so $m$ passes. Training has $m = 1$ and $n$ in the millions: one reverse pass, a "
    r"small constant times a forward pass, gives everything. Finite differences take $n + 1$ or $2n$ evaluations and "
    r"are only approximate. The price is memory: reverse mode runs after the forward pass and needs its intermediate "
    r"values, so storage grows with depth, or time if they are recomputed. Forward mode needs no storage beyond the "
    r"current tangent and is better for few inputs and many outputs, for sensitivities with respect to one or a few "
    r"constants, for a single $Jv$, and combined with reverse mode for Hessian-vector products.",
    [
        r"forward: Jv, n passes for the Jacobian; reverse: a row per pass, m passes",
        r"m = 1 in training, so one pass at a small multiple of the forward cost",
        r"finite differences: n + 1 or 2n evaluations, approximate",
        r"the price of reverse mode is stored (or recomputed) intermediate values",
        r"a case for forward mode: few inputs and many outputs, or one directional derivative",
    ],
)

# ---- gradient-checking: when to trust the comparison

bank.choice(
    "gradcheck_float32",
    "gradient-checking",
    r"You check a smooth network in float32; the loss is about 2, and gradient entries are about 1. Relative errors "
    r"are about $10^{-2}$ with $h = 10^{-5}$, about $10^{-4}$ with $h = 10^{-3}$, and near 1 with $h = 10^{-7}$. What "
    r"do you conclude?",
    [
        wrong(
            r"The backward code has a small bug, as a correct one would agree to 7 digits in float32.",
            r"A bug in the gradient gives an error that does not depend on $h$. This one is proportional to $1/h$.",
        ),
        wrong(
            r"The truncation error of the difference dominates, so $h$ should be smaller still.",
            r"Truncation shrinks with $h$, as $h^2$ for central differences. Here the error *grows* as $h$ shrinks.",
        ),
        right(
            r"It is rounding in the difference, about $10^{-7}/h$; repeat it in float64.",
            r"Two losses near 2, each rounded to about 7 digits, are subtracted and divided by $2h$. In float64 with "
            r"$h = 10^{-5}$ the same noise is about $10^{-11}$.",
        ),
        wrong(
            r"The check crosses kinks of the network, which it does the more often the smaller $h$ is.",
            r"A smaller $h$ crosses fewer kinks, and a smooth network has none.",
        ),
    ],
    level=2,
)

bank.choice(
    "gradcheck_blind_test",
    "gradient-checking",
    r"The backward pass of $xW$ for a square $W$ returns `dout @ W` instead of `dout @ W.T`. With which test point "
    r"does a gradient check of $dx$ pass all the same?",
    [
        wrong(
            r"$x = 0$, with random $W$ and random `dout`",
            r"$dx$ does not depend on $x$, so the error is as visible as at any other point.",
        ),
        wrong(
            r"a batch of a single row, all random",
            r"One row $g$ is enough: $gW$ and $gW^\top$ differ for nearly every $W$.",
        ),
        wrong(
            r"`dout` all ones, with random $x$ and random $W$",
            r"$\mathbf 1^\top W$ has the column sums of $W$, $\mathbf 1^\top W^\top$ the row sums; they differ.",
        ),
        right(
            r"$W$ the identity, the rest random",
            r"A symmetric $W$ equals its transpose. Test points should be random and without structure, and shapes "
            r"all different: then this bug fails with a shape error.",
        ),
    ],
)

bank.choice(
    "gradcheck_dropout",
    "gradient-checking",
    r"Gradient checks pass for each layer. For the whole network, trained with dropout, the numerical gradient is huge "
    r"and differs from run to run; with $p = 0$ the check passes. What do you do?",
    [
        right(
            r"Reseed the generator before every call of $f$, so that all calls share one mask.",
            r"With a new mask per call, $f(w + h) - f(w - h)$ compares two different functions, and a difference that "
            r"does not shrink is divided by $2h$. A fixed mask checks dropout's backward as well.",
        ),
        wrong(
            r"Increase $h$ until the difference stands out from the noise of the mask.",
            r"For that $h$ must be so large that the truncation error spoils the check.",
        ),
        wrong(
            r"Leave it: with its discrete mask, dropout has no derivative that one could check.",
            r"The mask does not depend on the weights. Given the mask, dropout is a multiplication by constants.",
        ),
        wrong(
            r"Leave the mask out of the backward pass, since the check shows that it is wrong there.",
            r"The backward pass must use the very mask of the forward pass; leaving it out would be the bug.",
        ),
    ],
)


@bank.number("gradcheck_granularity", "gradient-checking", level=2)
def _gradcheck_granularity(rng: np.random.Generator) -> Task:
    loss = float(rng.choice([0.3, 0.7, 1.4, 2.3, 4.6, 6.9, 12.0, 20.0]))
    k = int(rng.integers(1, 10))
    exponent = math.floor(math.log2(loss))
    spacing = 2.0 ** (exponent - 23)
    answer = spacing / (2 * k * 1e-5)
    return Task(
        rf"A loss of about ${loss:g}$ is returned in float32 (a significand of 24 bits, the leading 1 included) and "
        rf"differentiated by central differences with $h = {k} \cdot 10^{{-5}}$. All values of the quotient are "
        rf"multiples of one number. What is it? (within 1 %)",
        answer,
        rf"Between $2^{{{exponent}}}$ and $2^{{{exponent + 1}}}$ neighbouring float32 numbers are "
        rf"$2^{{{exponent}}} \cdot 2^{{-23}} = 2^{{{exponent - 23}}}$ apart, and so is any difference of two of them a "
        rf"multiple of that. Divided by $2h$ it is ${short(answer)}$: no derivative smaller than about this can be "
        rf"checked. In float64 the grain would be $2^{{29}}$ times finer.",
        rtol=1e-2,
    )


@bank.number("gradcheck_best_step", "gradient-checking", level=3)
def _gradcheck_best_step(rng: np.random.Generator) -> Task:
    value, third = int(rng.integers(1, 21)), int(rng.integers(1, 31))
    h = (3 * 2.0**-53 * value / third) ** (1 / 3)
    answer = h * 1e6
    return Task(
        rf"Near a point $|f| \approx {value}$ and $|f'''| \approx {third}$. The central difference in float64 has a "
        rf"truncation error of $|f'''| h^2/6$, and a rounding error of up to $u|f|/h$ with $u = 2^{{-53}}$. Which $h$ "
        rf"minimizes the sum? Give it in units of $10^{{-6}}$. (within 1 %)",
        answer,
        rf"Set the derivative to 0: $|f'''| h/3 = u|f|/h^2$, so $h = \sqrt[3]{{3u|f|/|f'''|}} = "
        rf"\sqrt[3]{{3 \cdot 2^{{-53}} \cdot {value}/{third}}} = {answer:.4g} \cdot 10^{{-6}}$. Because of the cube "
        rf"root it depends only weakly on $f$: hence the customary $10^{{-5}}$ for float64.",
        rtol=1e-2,
    )


bank.open(
    "gradcheck_protocol",
    "gradient-checking",
    r"How do you check a backward pass numerically so that you can trust the result? Name the formula, the step, the "
    r"error measure, at least four pitfalls, and say what a check that passes does not prove.",
    r"Compare with the central difference $(f(x + h) - f(x - h))/2h$, whose error is of order $h^2$ where the "
    r"one-sided one has $h$, in float64 with $h$ around $10^{-5}$: larger gives truncation, smaller rounding. Measure "
    r"the relative error $|a - b|/(|a| + |b|)$ with a floor for entries near 0; below about $10^{-7}$ is fine for "
    r"smooth functions, $10^{-2}$ is a bug. For many parameters take random directions or a sample of entries. "
    r"Pitfalls: float32; kinks of ReLU or max between $x - h$ and $x + h$, which spoil a few entries of a right "
    r"gradient; randomness, so fix dropout's mask and the batch; batch normalization's running statistics changed by "
    r"each call; a regularization term so large that it hides a wrong data gradient; zero or symmetric weights and "
    r"square shapes, which hide missing terms and transposes. Passing shows that the backward fits the forward near "
    r"these points, not that the forward or the loss is what was meant, nor that other branches are right. So check "
    r"small random networks, again after some training, and switch it off for training itself.",
    [
        r"central difference, float64, h around $10^{-5}$, truncation against rounding",
        r"relative error with a floor near 0; random directions or samples in large models",
        r"four of: float32, kinks, dropout, changing state, dominant regularization, structured test points",
        r"it proves agreement of backward and forward at some points, not that the forward is right",
    ],
)

# ---- softmax-cross-entropy: why the gradient is a - y

bank.choice(
    "a_minus_y_slope",
    "softmax-cross-entropy",
    r"A sigmoid output unit has $z = -6$ for an example with target 1. Compare $\partial L/\partial z$ for the squared "
    r"error $\tfrac12(a - y)^2$ and for binary cross-entropy.",
    [
        wrong(
            r"Both are tiny, since the sigmoid is saturated and its slope is a factor of either one.",
            r"It is a factor of both, but cross-entropy's own slope $-1/a$ is large there and cancels it.",
        ),
        right(
            r"That of cross-entropy is about 400 times as large: the sigmoid's slope has cancelled out.",
            r"$a - y = -0.998$ against $(a - y)\,a(1-a) = -0.0025$. With cross-entropy, the worse the unit is wrong, "
            r"the faster it learns.",
        ),
        wrong(
            r"That of the squared error is larger, since squaring gives more weight to large errors.",
            r"The error is bounded by 1 here, so squaring cannot make it large, and the slope $a(1-a)$ is left over.",
        ),
        wrong(
            r"They are equal, since both losses have their minimum at $a = y$.",
            r"Sharing a minimum says nothing of slopes away from it.",
        ),
    ],
)

bank.choice(
    "a_minus_y_missing_n",
    "softmax-cross-entropy",
    r"A hand-written network reports the *mean* cross-entropy over the batch. It trains well with batches of 32 and "
    r"diverges with batches of 1024 and the same learning rate, with plain SGD. Which bug explains it?",
    [
        wrong(
            r"The maximum is not subtracted before the exponential, and larger batches contain larger logits.",
            r"Overflow would show as NaN or inf at some row, with batches of 32 as well over an epoch.",
        ),
        wrong(
            r"The bias gradient is averaged over the batch instead of being summed.",
            r"That makes the bias's gradient too small for large batches, which slows learning and does not diverge.",
        ),
        wrong(
            r"The backward pass divides by $N$ twice, once for the loss and once for $dW$.",
            r"Then steps would be $N$ times too small: larger batches would learn more slowly.",
        ),
        right(
            r"The backward pass starts from $a - y$ where it should start from $(a - y)/N$.",
            r"Then the gradient is that of the sum: it grows with the batch, 32-fold from 32 to 1024, and with it "
            r"the step. A gradient check shows a ratio of exactly $N$.",
        ),
    ],
    level=2,
)

bank.choice(
    "a_minus_y_extreme",
    "softmax-cross-entropy",
    r"The logits are $(0, 1000)$ and the true class is the first. What is the exact gradient of the cross-entropy with "
    r"respect to the logits, and what does code give that computes $p$ by a stable softmax and then back-propagates "
    r"through $-\log p_1$ and softmax one after the other?",
    [
        wrong(
            r"Exact: $(0, 0)$, since softmax is flat there. The code: the same.",
            r"Softmax is flat, but the logarithm is as steep there. The loss is 1000 and falls by 1 per unit of "
            r"$z_1$.",
        ),
        wrong(
            r"Exact: $(-1000, 1000)$, as the loss is 1000. The code: the same, as its softmax is stable.",
            r"The loss is about $z_2 - z_1$ there, so its slopes are $-1$ and $1$ whatever its value.",
        ),
        right(
            r"Exact: $(-1, 1)$. The code: NaN, from $-1/p_1$ with $p_1 = 0$.",
            r"$p_1 = e^{-1000}$ underflows to 0, $-1/0$ is infinite, and softmax's factor $p_1 = 0$ makes it "
            r"$\infty \cdot 0$. The fused form returns $a - y$ and never divides.",
        ),
        wrong(
            r"Exact: infinite, since $\log p_1$ tends to $-\infty$. The code: a large finite number.",
            r"$\log p_1$ is about $-1000$, finite, with the slope 1 in $z_1$. It is only $p_1$ that floating point "
            r"cannot hold.",
        ),
    ],
    level=2,
)


@bank.number("a_minus_y_first_step", "softmax-cross-entropy", level=2)
def _a_minus_y_first_step(rng: np.random.Generator) -> Task:
    classes, batch = int(rng.integers(3, 11)), 20 * int(rng.integers(2, 11))
    far = [n for n in range(batch // 2) if abs(n / batch - 1 / classes) > 0.04]
    count = int(rng.choice(far))
    rate = int(rng.integers(1, 21)) / 10
    answer = rate * (count / batch - 1 / classes)
    return Task(
        rf"A linear softmax classifier with ${classes}$ classes starts with all weights and biases 0. A batch of "
        rf"${batch}$ examples has ${count}$ of class 1; the loss is the mean cross-entropy. What is the bias of class "
        rf"1 after one SGD step with learning rate ${rate:g}$?",
        answer,
        rf"All probabilities start at $1/{classes}$. The gradient of a logit is $(a - y)/N$, and the bias sums it over "
        rf"the batch: $1/{classes} - {count}/{batch} = {1 / classes - count / batch:.4f}$. The bias becomes "
        rf"$-{rate:g}$ times that, ${answer:.4f}$: the first thing such a network learns is how frequent each class "
        rf"is.",
    )


bank.open(
    "a_minus_y_derivation",
    "softmax-cross-entropy",
    r"Derive the gradient of cross-entropy with respect to the logits of a softmax, for a target distribution $y$. "
    r"What does the result say about saturation, about the sum of its components and about confident mistakes, and why "
    r"do libraries fuse the two?",
    r"With $L = -\sum_k y_k \log a_k$ and $\log a_k = z_k - \log\sum_j e^{z_j}$: $L = -\sum_k y_k z_k + \log\sum_j "
    r"e^{z_j}$, because $\sum_k y_k = 1$. The derivative of the second term with respect to $z_i$ is $e^{z_i}/\sum_j "
    r"e^{z_j} = a_i$, so $\partial L/\partial z_i = a_i - y_i$, divided by $N$ for a mean over the batch. It contains "
    r"no slope of the softmax: where squared error would have a factor that vanishes with saturation, here a "
    r"confident mistake has a gradient near 1, and a right answer near 0. It is bounded by 1 per component, so one "
    r"wrong label cannot dominate without limit. Components add up to 0, as shifting all logits leaves the loss "
    r"unchanged. The same form holds for sigmoid with binary cross-entropy and for a linear output with $\tfrac12$ "
    r"squared error: each pairs the loss with its natural output function. Fused code computes log-sum-exp with the "
    r"maximum subtracted and never takes the logarithm of an underflowed probability or divides by it.",
    [
        r"a derivation that arrives at a - y, by log-sum-exp or by softmax's Jacobian, using that y sums to 1",
        r"no slope of softmax left: a confident mistake has a gradient near 1, not 0",
        r"components sum to 0, or bounded, or 1/N for the mean",
        r"fusing: no log of, or division by, an underflowed probability; also cheaper",
    ],
)

# ---- vanishing-exploding: products of many factors

bank.choice(
    "vanishing_profile",
    "vanishing-exploding",
    r"In a 12-layer MLP with sigmoid units the norms of the weight gradients fall from $10^{-1}$ at the last layer to "
    r"$10^{-8}$ at the first. Which change attacks the cause?",
    [
        wrong(
            r"Clip the gradient's global norm at 1.",
            r"Clipping only shortens long gradients. This one is below the limit, and clipping leaves it as it is.",
        ),
        wrong(
            r"Raise the learning rate until the first layers learn.",
            r"They would need a rate about $10^7$ times larger, with which the last layers diverge at once.",
        ),
        wrong(
            r"Train longer, with momentum, so that small steps add up.",
            r"Momentum gains a factor of 10 or so, against $10^7$ lost.",
        ),
        right(
            r"Use ReLU with He initialization, or add skip connections.",
            r"The cause is a product of slopes of at most $1/4$ with weights. ReLU has slope 1 where active, He "
            r"initialization keeps the product's scale, a skip has an identity path.",
        ),
    ],
)

bank.choice(
    "vanishing_residual_path",
    "vanishing-exploding",
    r"Why do residual blocks, $x_{l+1} = x_l + F_l(x_l)$, ease the training of very deep networks?",
    [
        right(
            r"The product of $I + J_l$ expands into a sum that contains $I$, a path without factors.",
            r"The gradient from above arrives unscaled, with other terms added to it, instead of as one product of "
            r"many factors.",
        ),
        wrong(
            r"The gradient that arrives below is never smaller than the one that entered above.",
            r"Not guaranteed: for $J_l$ near $-I$ the terms cancel. It is unlikely with small initial branches.",
        ),
        wrong(
            r"They bound the gradient, so that it can neither vanish nor explode at any depth.",
            r"$I + J$ can have singular values above 1 in every block. Hence normalization, or branches scaled down "
            r"with depth.",
        ),
        wrong(
            r"The gradient skips the weights of the branch, so that fewer parameters have to be trained.",
            r"It takes both ways: the branch's weights are trained as before, and the skip merely adds a path.",
        ),
    ],
)

bank.choice(
    "vanishing_under_adam",
    "vanishing-exploding",
    r"“Adam divides every gradient by its own root mean square, so vanishing gradients no longer matter.” What do you "
    r"reply?",
    [
        wrong(
            r"True: the steps of all layers have the size of the learning rate, so all learn alike.",
            r"They move alike, which is not to learn alike. And for gradients below $\epsilon$ they do not even move "
            r"alike.",
        ),
        right(
            r"Half true: steps regain their size, but noise is scaled up as well, and $\epsilon$ sets a floor.",
            r"Scaling cannot restore a signal lost in noise or in rounding. With $\epsilon = 10^{-8}$, a steady "
            r"gradient of $10^{-9}$ gives steps of only 9 % of the learning rate.",
        ),
        wrong(
            r"False: the division is by one norm for the whole network, which the large layers determine.",
            r"Adam divides coordinate by coordinate. A single norm is what clipping by global norm uses.",
        ),
        wrong(
            r"False: Adam divides by the *square root*, so that a small gradient still gives a small step.",
            r"The root is of the mean *square*, so it scales as the gradient does, and the quotient is near 1.",
        ),
    ],
    level=3,
)

bank.choice(
    "exploding_two_clips",
    "vanishing-exploding",
    r"A gradient $(0.3, 40)$ is clipped with limit 1, either by norm or by value. What differs?",
    [
        wrong(
            r"Nothing of importance: both give a vector of length about 1 in the same direction.",
            r"By norm it is $(0.0075, 1)$, by value $(0.3, 1)$: lengths are similar, directions are not.",
        ),
        wrong(
            r"By norm the direction turns, since only the larger component is cut; by value it stays.",
            r"The other way round: norm clipping multiplies the whole vector by one number.",
        ),
        right(
            r"By value the direction turns towards the small component; by norm it stays the same.",
            r"The ratio of the components goes from $0.0075$ to $0.3$ by value and is kept by norm, $(0.0075, 1)$. "
            r"Therefore norm clipping is the usual choice.",
        ),
        wrong(
            r"By norm the small component is lost altogether, so that its parameter stops learning.",
            r"It is scaled by $1/40$ for this step, as everything is. In the next one the gradient may be short.",
        ),
    ],
)


@bank.number("vanishing_forget_bias", "vanishing-exploding", level=2)
def _vanishing_forget_bias(rng: np.random.Generator) -> Task:
    steps, percent = 10 * int(rng.integers(1, 31)), 5 * int(rng.integers(2, 19))
    gate = (percent / 100) ** (1 / steps)
    answer = math.log(gate / (1 - gate))
    return Task(
        rf"Along an LSTM's cell state, the gradient is multiplied at every step by the forget gate, a sigmoid. Suppose "
        rf"its pre-activation is just its bias $b$. Which $b$ leaves ${percent}\,\%$ of the gradient after ${steps}$ "
        rf"steps? (within 1 %)",
        answer,
        rf"$\sigma(b)^{{{steps}}} = {percent / 100:g}$, so the gate is ${percent / 100:g}^{{1/{steps}}} = {gate:.6f}$ "
        rf"and $b = \ln\frac{{f}}{{1-f}} = {answer:.4g}$. With $b = 0$ the factor is $\tfrac12$ a step, and after 10 "
        rf"steps a thousandth is left: therefore forget biases are often started at 1 or above.",
        rtol=1e-2,
    )


bank.open(
    "vanishing_causes_cures",
    "vanishing-exploding",
    r"Where do vanishing and exploding gradients come from? Give the formula, the causes of either, how you would see "
    r"them in training, and match each cure to the cause it removes.",
    r"$\partial L/\partial h_l$ is a product $\prod_k W_k\,\mathrm{diag}(\varphi'(z_k))$ over the layers or time "
    r"steps above; its norm goes roughly as (typical singular value times slope) to the power of the depth: below 1 it "
    r"vanishes, above 1 it explodes. Vanishing: saturating activations with slopes of at most $1/4$ or 1, weights too "
    r"small, long recurrences. Exploding: weights too large, a recurrent matrix with singular values above 1, steep "
    r"regions of the loss, unscaled inputs. Signs: the first layers' gradient norms are orders of magnitude below the "
    r"last ones' and their weights stay at their initial values; or norms jump, the loss spikes, NaN. Cures: ReLU and "
    r"its kin remove the slope's factor; Xavier or He initialization puts the start near factor 1; batch or layer "
    r"normalization keeps the scale during training; residual connections and LSTM cells give an additive path; "
    r"orthogonal matrices keep singular values at 1; clipping, smaller learning rate, warm-up and truncated BPTT act "
    r"against explosion only. Vanishing in an LSTM is reduced, not abolished: the forget gate is a factor too.",
    [
        r"product of weights and slopes, exponential in depth, below or above 1",
        r"causes of either: saturation, small weights; large weights, recurrence",
        r"signs: gradient norms per layer; spikes and NaN",
        r"cures for vanishing: activation, initialization, normalization, skip or gated paths",
        r"clipping and smaller learning rate help against explosion only",
    ],
    level=2,
)

bank.open(
    "exploding_midway",
    "vanishing-exploding",
    r"A language model trains well for 30,000 steps; then the gradient norm goes from 1 to 500 within a few steps and "
    r"the loss becomes NaN. How do you find the cause, and what do you change?",
    r"First keep the evidence: reload the last checkpoint from before the spike and replay the same batches, logging "
    r"gradient norm, weight norm and largest activation per layer. If the spike comes back, replay with other "
    r"batches: if it is gone now, look at the data, such as a corrupt or endlessly repeated text; if not, at the "
    r"state of the optimizer and a learning rate at the edge of stability. A spike that no replay repeats points to "
    r"hardware. Find the first layer and quantity that is not finite: a log or a division without an eps, an "
    r"attention logit that grew, fp16 overflow above 65504; running in bf16 or float32 tells. A bad initialization is "
    r"unlikely after so many good steps. Changes: clip the global norm at a small multiple of its usual value, skip "
    r"steps whose gradient is not finite, lower the peak learning rate or lengthen warm-up, let Adam forget faster "
    r"with a smaller $\beta_2$, normalize queries and keys or add a penalty on large logits, skip the offending "
    r"batches. Clipping bounds the step but not its direction, and it does not repair a NaN: once one entry is NaN, "
    r"so is the norm.",
    [
        r"reload and replay with logging per layer, to separate data from optimization",
        r"finds the first non-finite quantity: overflow in fp16, log or division, large logits",
        r"clip the global norm, lower learning rate or warm-up",
        r"skips non-finite steps or bad batches; clipping does not repair a NaN",
    ],
    level=3,
)

# ---- under-overfitting: signs and remedies

bank.choice(
    "fitting_error_table",
    "under-overfitting",
    r"Human error on a task is 1 %. Your network has 8 % error on the training set and 9 % on the validation set. What "
    r"do you try first?",
    [
        wrong(
            r"Collect more training data.",
            r"More data narrows the gap between training and validation, which is 1 point. It does not lower the "
            r"training error.",
        ),
        wrong(
            r"Add dropout and weight decay.",
            r"They are against overfitting, and would raise the training error further.",
        ),
        wrong(
            r"Stop earlier, at the best validation epoch.",
            r"The network has not fitted the training set yet; stopping earlier leaves it there.",
        ),
        right(
            r"A larger network, or longer training.",
            r"7 of the 8 points above human error are on the training set: underfitting. More capacity, better "
            r"optimization, better features or less regularization are what helps.",
        ),
    ],
)

bank.choice(
    "fitting_loss_up_accuracy_up",
    "under-overfitting",
    r"From epoch 10 on the validation loss (cross-entropy) rises while the validation accuracy still climbs slowly. "
    r"What is going on?",
    [
        wrong(
            r"One of the two is computed wrongly, as a rising loss implies falling accuracy.",
            r"Accuracy sees only which class is largest; the loss sees how sure the network is. They can part.",
        ),
        wrong(
            r"The network underfits: its loss has stopped falling before its accuracy has.",
            r"Underfitting would show in the *training* loss, which in this picture goes on falling.",
        ),
        right(
            r"It grows overconfident: few examples, wrong with great certainty, drive up the mean loss.",
            r"One wrong example at $p = 10^{-6}$ costs $13.8$, as much as 20 undecided ones at $p = \tfrac12$. Choose "
            r"the epoch by the measure you need; if that is probabilities, stop or calibrate.",
        ),
        wrong(
            r"Validation examples have leaked into the training set, so that accuracy is flattered.",
            r"Leaked examples would be fitted like the others, so that the loss on them would fall as well.",
        ),
    ],
    level=2,
)

bank.choice(
    "fitting_validation_below_training",
    "under-overfitting",
    r"With dropout and data augmentation, the validation loss logged after each epoch lies *below* the training loss "
    r"throughout. What is the likeliest explanation?",
    [
        wrong(
            r"Training examples are among the validation data, as this cannot happen otherwise.",
            r"It happens without any leak: the two figures are measured in different ways, and so do not compare.",
        ),
        right(
            r"The training loss is measured under harder conditions, and on average half an epoch earlier.",
            r"Dropout and augmentation act in training only, and the logged training loss averages over an epoch "
            r"during which the weights improve. Evaluate the training set in evaluation mode to compare.",
        ),
        wrong(
            r"The network overfits the validation set because of too many trials of hyperparameters.",
            r"That makes the validation figure optimistic by a little over many trials, not in each run from its "
            r"first epoch.",
        ),
        wrong(
            r"The validation set is too small, so that its loss is biased downwards.",
            r"A small set makes the estimate noisy, in both directions; it gives no bias.",
        ),
    ],
)

bank.choice(
    "fitting_ten_examples",
    "under-overfitting",
    r"With all regularization off, a network with a million weights and 10 classes does not fit 10 training examples: "
    r"the loss stays at 2.30 for 1000 steps. What do you do next?",
    [
        right(
            r"Look for a bug, or a learning rate off by orders of magnitude.",
            r"A million weights can store 10 examples, and $\ln 10 = 2.303$ is the loss of uniform guesses. So check "
            r"that gradients are not 0, that weights change, that inputs and labels belong together.",
        ),
        wrong(
            r"Give it more layers, since it underfits even 10 examples.",
            r"It has the capacity many times over; what fails is the optimization or the code.",
        ),
        wrong(
            r"Go on with the full set, as 10 examples are too few to learn from.",
            r"They are too few to generalize from. To memorize them is easy, which is what makes it a good test.",
        ),
        wrong(
            r"Add weight decay and dropout, as it has too many weights for 10 examples.",
            r"That would show as a low training loss and a high validation loss. Here the training loss is high.",
        ),
    ],
)


@bank.number("fitting_label_noise", "under-overfitting")
def _fitting_label_noise(rng: np.random.Generator) -> Task:
    classes, percent = int(rng.integers(2, 21)), int(rng.integers(5, 51))
    answer = 100 - percent + percent / classes
    return Task(
        rf"In a data set with ${classes}$ equally frequent classes, ${percent}\,\%$ of the labels, chosen at random, "
        rf"were replaced by a class drawn uniformly from all ${classes}$. Which accuracy, in percent, does a "
        rf"classifier that always names the *true* class reach on these labels, on average?",
        answer,
        rf"On the untouched ${100 - percent}\,\%$ it is right. A replaced label is the true class by chance with "
        rf"probability $1/{classes}$, which adds ${percent}/{classes} = {percent / classes:.4g}$: "
        rf"${answer:.5g}\,\%$. A training accuracy well above this means that the network is memorizing noise; a "
        rf"validation accuracy above it on labels as noisy as these would be suspicious.",
    )


bank.open(
    "fitting_signs_remedies",
    "under-overfitting",
    r"How do you tell underfitting from overfitting by training and validation curves, and which remedies belong to "
    r"each? Include the case where neither name fits.",
    r"Compare three figures: the best error to be hoped for (human or noise level), the training error and the "
    r"validation error. A training error far above the first is underfitting: larger model, longer or better "
    r"optimization (learning rate, normalization, initialization), better features, less regularization. A validation "
    r"error far above the training error is overfitting: more data, augmentation, weight decay, dropout, early "
    r"stopping, a smaller model, transfer from a pretrained one. Both gaps can be large at once; reduce the training "
    r"error first. Over time, overfitting shows as a validation loss that turns upwards while training loss falls; "
    r"underfitting as two curves close together that level off high. As a function of the amount of data: if both "
    r"have met on a high plateau, more data will not help; if a gap remains and is closing, it will. Neither name "
    r"fits when the training loss does not fall at all (a bug, vanishing gradients, learning rate), when validation "
    r"data come from another distribution (a part of the training data held out shows it), or when data have leaked.",
    [
        r"training error against attainable error: underfitting; validation against training: overfitting",
        r"remedies for underfitting: capacity, optimization, less regularization",
        r"remedies for overfitting: data, augmentation, regularization, early stopping",
        r"reads curves over time or over data size",
        r"other causes: bug or optimization failure, distribution shift, leakage",
    ],
)

bank.open(
    "fitting_debug_order",
    "under-overfitting",
    r"You have written a network with your own backward pass, and its training loss does not fall. In which order do "
    r"you look for the cause, and what does each test rule out?",
    r"From cheap to expensive, one thing at a time. (1) The loss before training: for $C$ balanced classes and small "
    r"logits it should be about $\ln C$; if it is not, loss, labels or initial scale are wrong. (2) Look at a batch as "
    r"the network sees it: do inputs and labels belong together, is it shuffled consistently, scaled? (3) Gradient "
    r"check of each layer, then of the whole, in float64 with dropout off: rules out the backward pass. (4) Fit about "
    r"10 examples without regularization: the loss must go to about 0; if not, the update's sign, gradients that are "
    r"not cleared, parameters that the optimizer does not know, or the learning rate. (5) Sweep the learning rate over "
    r"powers of 10: too small looks like a plateau, too large like noise or NaN. (6) Gradient norms and update-to-"
    r"weight ratios per layer, around $10^{-3}$: show vanishing, explosion, dead units. (7) Only then the full set, "
    r"and compare with a simple baseline; if the training error levels off high, it is underfitting, and capacity or "
    r"training time is the matter. Regularization comes last.",
    [
        r"initial loss against ln C, and a look at the data and labels",
        r"gradient check to rule out the backward pass",
        r"overfit a handful of examples to rule out the training loop",
        r"learning-rate sweep; gradient norms per layer",
        r"an order from cheap to expensive, regularization and capacity last",
    ],
    level=2,
)
