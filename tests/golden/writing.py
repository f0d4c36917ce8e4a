"""What the make_*.py scripts share: calling PyTorch, differentiating it, and writing the table the tests read.

The file is a flat table; numbers are float64, labels and counts int64. A key reads operation/case/role/name:

    gelu/tanh form/in/x                    an argument, in the function's order
    gelu/tanh form/option/approximate      an option, given by name
    gelu/tanh form/out/out                 a result, in the function's order
    gelu/tanh form/cotangent/dout          random, so that a gradient of the wrong sign or scale cannot pass
    gelu/tanh form/grad/x                  the gradient of sum(dout · out) with respect to x, by torch.autograd; where
                                           there is no dout, of sum(out)
    lsuv_scale/tanh/in/weights.0           an array of a list of arrays

A script is run by hand, from anywhere, where torch and scipy are installed (neither is needed to run the tests). It
writes the same bytes every time.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

Tensors = dict[str, torch.Tensor]
table: dict[str, np.ndarray] = {}


def store(operation: str, case: str, **roles: dict[str, Any]) -> None:
    """Store role -> name -> value; a tensor is detached, a list of arrays goes item by item. in_ is the role "in"."""
    for role, values in roles.items():
        for name, value in values.items():
            many = isinstance(value, list) and any(isinstance(item, np.ndarray | torch.Tensor) for item in value)
            for key, item in {f"{name}.{i}": v for i, v in enumerate(value)}.items() if many else [(name, value)]:
                array = item.detach().numpy() if isinstance(item, torch.Tensor) else np.asarray(item)
                key = f"{operation}/{case}/{role.rstrip('_')}/{key}"
                assert key not in table, key
                table[key] = array.copy(order="K")


def tensor(value: Any, differentiable: bool = False) -> Any:
    """An array as a tensor, a list item by item; what is neither stays."""
    if isinstance(value, list):
        return [tensor(item, differentiable) for item in value]
    return torch.tensor(value, requires_grad=differentiable) if isinstance(value, np.ndarray) else value


def tensors(values: dict[str, Any], wrt: Iterable[str] = ()) -> dict[str, Any]:
    """Arrays by name as tensors, to be differentiated by those in wrt."""
    return {name: tensor(value, name in wrt) for name, value in values.items()}


def gradients(out: torch.Tensor, wrt: Tensors, dout: np.ndarray | None = None) -> Tensors:
    """The gradients of sum(dout · out), or of an out that is one number, by name."""
    found = torch.autograd.grad(out, list(wrt.values()), None if dout is None else torch.tensor(dout))
    return dict(zip(wrt, found, strict=True))


def add(
    operation: str,
    case: str,
    function: Callable[..., Any],
    inputs: dict[str, Any],
    wrt: Iterable[str] = (),
    rng: np.random.Generator | None = None,
    **options: Any,
) -> None:
    """Store one case: call function(*inputs, **options) in torch, and differentiate its first result by those in wrt.

    The function returns its result or a dictionary of them; rng draws a dout, without it the sum is differentiated.
    """
    given = tensors(inputs, wrt)
    result = function(*given.values(), **tensors(options))
    results = result if isinstance(result, dict) else {"out": result}
    out = next(iter(results.values()))
    roles: dict[str, dict[str, Any]] = {"in_": inputs, "option": options, "out": results}
    wanted = {name: given[name] for name in wrt}
    if wanted and rng is not None:
        dout = rng.normal(size=tuple(out.shape))
        roles |= {"cotangent": {"dout": dout}, "grad": gradients(out, wanted, dout)}
    elif wanted:
        roles |= {"grad": gradients(out.sum(), wanted)}
    store(operation, case, **roles)


def write(script: str) -> None:
    """Write the table of tests/golden/make_unit.py to unit.npz next to it."""
    path = Path(script).with_name(Path(script).stem.removeprefix("make_") + ".npz")
    np.savez_compressed(path, **table)  # type: ignore[arg-type]
    print(f"{len(table)} arrays, {path.stat().st_size} bytes")
