"""The check vocabulary: outcomes, messages, diagnosis, gradients, rules, recognition. One row per case."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from dlkit.check import Expectation, expect, forbid, forbid_loops, forbid_numbers, gradients, graph
from dlkit.check import call as calls
from dlkit.check.call import NotAttempted
from dlkit.check.expectation import current
from dlkit.check.problem import Mismatch
from dlkit.check.result import MIME, ExerciseResult
from dlkit.check.rules import use_sources
from dlkit.check.session import Checks
from dlkit.check.show import show_call
from dlkit.check.table import html, text
from tests.lessons import renamed

X = np.array([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]])


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    current.reset()
    yield
    current.reset()


def returning(value: Any) -> Callable[..., Any]:
    def answer(*args: Any, **kwargs: Any) -> Any:
        return value

    return answer


def failure(run: Callable[[], Any]) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        run()
    return caught.value


PASSES = {
    "equal values": lambda: expect(returning(X)).close(X.tolist()),
    "a list for an array": lambda: expect(returning([1.0, 2.0])).close(np.array([1.0, 2.0])),
    "a list for a tuple": lambda: expect(returning([X, X])).close((X, X)),
    "0-d for a float": lambda: expect(returning(np.array(2.0))).close(2.0),
    "ints for floats": lambda: expect(returning(np.array([1, 2]))).close([1.0, 2.0]),
    "NaN where NaN is expected": lambda: expect(returning(np.array([np.nan]))).close([np.nan]),
    "infinite where infinite is expected": lambda: expect(returning(np.array([np.inf]))).close([np.inf]),
    "a dictionary with one key more": lambda: expect(returning({"a": 1, "b": 2})).close({"a": 1}),
    "empty arrays": lambda: expect(returning(np.empty((0, 3)))).close(np.empty((0, 3))),
    "a list of pairs of arrays": lambda: expect(returning([(X, X[0]), (X[1], X)])).close([(X, X[0]), (X[1], X)]),
    "a generator's items": lambda: expect(lambda n: (i**2 for i in range(n)), 3).close([0, 1, 4]).shape((3,)),
    "text": lambda: expect(returning("same")).close("same"),
    "None": lambda: expect(returning(None)).close(None),
    "a warning where none is forbidden": lambda: expect(np.log, np.array([0.0])).close([-np.inf]),
    "an error that is asked for": lambda: expect(int, "x").raises(ValueError),
    "a subclass of the error": lambda: expect(open, "/no/such/file").raises(OSError),
    "an argument returned as it is": lambda: expect(lambda x: x, X).close(X).unchanged(),
    "a property": lambda: expect(returning(X)).satisfies(lambda y: y.shape == (2, 3), "two rows"),
    "dtype": lambda: expect(returning((X, X))).dtype(np.float64),
    "an error where one of several results was meant": lambda: expect(int, "x").part(1).raises(ValueError),
    "one of several results": lambda: expect(returning((X, "cache"))).part(0).close(X).dtype(float).shape((2, 3)),
    "dtype of a loss's gradient": lambda: expect(returning((np.float32(1), {"W": X}, object()))).dtype(np.float64),
    "finite": lambda: expect(returning(X)).finite(),
    "shape": lambda: expect(returning(X)).shape((2, 3)),
    "a letter in capitals": lambda: expect(returning(" B. ")).one_of("abcd").chooses("b", {"a": "no"}),
}


@pytest.mark.parametrize("run", PASSES.values(), ids=PASSES)
def test_right_results_pass(run: Callable[[], Expectation]) -> None:
    run()


FAILS = {
    # what is returned, what is expected, a piece of the message, a piece of the cause
    "wrong value": (X + np.eye(2, 3, 2), X, r"largest difference 1 at \[0, 2\]: yours is 4.0, expected 3.0", ""),
    "None": (None, X, "it is None", "is there a `return`"),
    "sign": (-X, X, "", "wrong sign"),
    "factor": (2.5 * X, X, "", "2.5 times the expected one"),
    "mean for sum": (X / 3, X, "", "1/3 times the expected one, and 3 is the length of axis 1 of argument 1"),
    "transposed": (X.T, X, r"its shape is \(3, 2\), expected \(2, 3\)", "transposed"),
    "transposed square": (np.arange(9.0).reshape(3, 3).T, np.arange(9.0).reshape(3, 3), "", "transposed"),
    "axis summed away": (X.sum(1), X, "", "Axis 1 is gone"),
    "axis not summed": (X, X.sum(0), "", "Axis 0 is still there"),
    "keepdims too many": (X.sum(1, keepdims=True), X.sum(1), "", "keeps axis 1"),
    "keepdims missing": (X.sum(1), X.sum(1, keepdims=True), "", "keepdims missing"),
    "one number asked": (X, 3.0, "", "One number"),
    "zeros": (np.zeros_like(X), X, "yours is 0 where the answer is not", "zero everywhere"),
    "NaN": (np.where(X > 4, np.nan, X), X, "", "1 of 6 values are NaN, the first at [1, 1]"),
    "infinite": (np.where(X > 4, np.inf, X), X, "", "infinite"),
    "finite for infinite": (np.where(X > 4, 27.6, X), np.where(X > 4, np.inf, X), "", "clipped"),
    "one number for a row": (6.0, X.sum(1), "", "one number for the whole input"),
    "one number, not a number": (np.nan, 2.0, "", "Your result is NaN. Usual cause"),
    "a sum for the mean of all": (6 * X, X, "", "6 is the number of elements of argument 1"),
    "cut to integers": (np.trunc(X + 0.5).astype(int), X + 0.5, "", "integers"),
    "offset": (X + 0.5, X, "", "0.5 too large"),
    "log for value": (np.log(np.abs(X) + 2), np.abs(X) + 2, "", "logarithm of the expected"),
    "square for value": (X**2, X, "", "square of the expected"),
    "an argument unchanged": (X.copy(), X * X - 1, "", "argument 1, unchanged"),
    "minus infinity": (np.where(X > 4, -np.inf, X), X, "", "logarithm of 0"),
    "wrong order": (X[:, ::-1].copy(), X, "", "wrong places"),
    "wrong for negative input": (np.where(X < 0, X**3 + 2, X + 7), X + 7, "", "exactly where argument 1 is negative"),
    "last digits": (np.sqrt(X**2) * (1 + 1e-5 * np.abs(X)), np.abs(X), "", "last digits"),
    "a tuple for one result": ((X, X), X, "tuple of 2 results", ""),
    "results in the wrong order": ((X, -2 * X), (-2 * X, X), "result 1\n", "their order is not"),
    "too few results": ((X,), (X, X), "1 results, expected 2", ""),
    "second result wrong": ((X, -X), (X, X), "result 2\n", "wrong sign"),
    "text for numbers": ("text", X, "not numbers", ""),
    "a missing key": ({"a": 1}, {"b": 1}, "no key 'b'", ""),
    "complex": (X + 1j, X, "complex", ""),
}


@pytest.mark.parametrize(("got", "want", "message", "cause"), FAILS.values(), ids=FAILS)
def test_wrong_results_are_explained(got: Any, want: Any, message: str, cause: str) -> None:
    error = failure(lambda: expect(returning(got), X).close(want))
    assert re.search(message, error.problem.message)
    assert cause in (error.problem.cause or "")


def test_a_call_is_shown_as_it_was_made() -> None:
    error = failure(lambda: expect(np.cumsum, np.array([1.0, 2.0]), axis=0).close([1.0, 4.0]))
    assert error.problem.message.splitlines()[:2] == [
        "cumsum([1.0, 2.0], axis=0) returned [1.0, 3.0]",
        "expected                            [1.0, 4.0]",
    ]


def test_a_cache_is_called_a_cache() -> None:
    out, cache = expect(returning((X, {"x": X, "mean": X}))).value
    found = failure(lambda: expect(lambda dout, cache: dout, out, cache).close(X + 1))
    assert ", cache)" in found.problem.message


def test_a_long_call_keeps_its_options() -> None:
    long = np.linspace(0, 1, 7).reshape(1, 7)
    expect(returning(X), long, long / 3, long / 7, long / 9, reduction="none")
    call = show_call(*(getattr(current.log.records[-1], part) for part in ("name", "args", "kwargs")))
    assert call.endswith("reduction='none')")
    assert "(1, 7) array" in call
    assert len(call) <= 160


def test_an_answer_works_on_copies_and_a_change_is_seen() -> None:
    def in_place(x: np.ndarray) -> np.ndarray:
        x += 1
        return x

    x = X.copy()
    error = failure(lambda: expect(in_place, x).close(X + 1).unchanged())
    assert "changed argument 1" in error.problem.message
    assert np.array_equal(x, X)


ASPECTS = {
    "dtype": (lambda: expect(returning(X)).dtype(np.float32), "dtype float64, expected float32"),
    "one of several results": (lambda: expect(returning((X, "cache"))).part(0).close(X + 1), "yours is"),
    "a long call with parameters in a dictionary": (
        lambda: expect(lambda x, params, stride: x, X, {f"w{i}": X for i in range(5)}, stride=2).close(X + 1),
        "{'w0', 'w1', 'w2', 'w3', …}, stride=2)",
    ),
    "a result for several": (lambda: expect(returning(X[0])).part(1).close(X), "expected at least 2 results"),
    "a property of calls": (lambda: expect(returning(1)).asked(lambda calls: calls[0].result == 1, "a call"), "made 0"),
    "dtype of a number": (lambda: expect(returning(2.0)).dtype(np.float32), "dtype float64, expected float32"),
    "dtype in a dictionary": (lambda: expect(returning((0.0, {"W": X}))).dtype(np.float32), "dtype float64"),
    "warning": (lambda: expect(np.exp, np.array([1e4])).no_warning(), "overflow"),
    "infinite": (lambda: expect(np.exp, np.array([1e4])).finite(), "expected finite numbers"),
    "no error": (lambda: expect(returning(1)).raises(ValueError), "returned 1, expected ValueError"),
    "another error": (lambda: expect(returning).raises(ValueError), "raised TypeError, expected ValueError"),
    "an error": (lambda: expect(int, "x").close(1), "raised ValueError: invalid literal"),
    "exit": (lambda: expect(exit_now).close(1), "raised SystemExit"),
    "recursion": (lambda: expect(recurse, 1).close(1), "calls itself without end"),
    "property": (lambda: expect(returning(X)).satisfies(lambda y: y.shape == (1,), "one value"), "expected: one value"),
    "a property that raises": (lambda: expect(returning(None)).satisfies(lambda y: y[0] > 0, "positive"), "positive"),
    "no letter": (lambda: expect(returning(2)).one_of("abcd"), "one of the letters a, b, c, d"),
    "no function": (lambda: expect(3).close(3), "expected a function"),  # type: ignore[arg-type]
    "shape": (lambda: expect(returning(X)).shape((3, 2)), "expected shape (3, 2)"),
    "shape of None": (lambda: expect(returning(None)).shape((3, 2)), "returned None"),
}


def exit_now() -> None:
    raise SystemExit(1)


def recurse(x: int) -> int:
    return recurse(x)


@pytest.mark.parametrize(("run", "message"), ASPECTS.values(), ids=ASPECTS)
def test_every_demand_can_fail(run: Callable[[], Any], message: str) -> None:
    assert message in failure(run).problem.message


def test_a_wrong_choice_is_answered_with_its_reason() -> None:
    error = failure(lambda: expect(returning("a")).chooses("b", {"a": "That is the other one."}))
    assert error.problem.cause == "That is the other one."


@pytest.mark.parametrize("mechanism", ["interval timer", "thread"])
def test_a_loop_is_stopped_and_not_called_again(mechanism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "SECONDS", 0.05)
    if mechanism == "thread":  # as on Windows
        monkeypatch.delattr("signal.setitimer")

    def endless(x: float) -> float:
        while True:
            try:
                x += 1
            except Exception:
                return x

    assert "a loop that never ends" in failure(lambda: expect(endless, 1.0).close(1.0)).problem.message
    assert "not called again" in failure(lambda: expect(endless, 1.0).close(1.0)).problem.message


def test_a_flood_of_prints_is_cut() -> None:
    def flood() -> int:
        for _ in range(1000):
            print("x" * 1000)
        return 1

    expect(flood).close(1)
    assert len(current.log.records[0].behaviour.printed) == calls.PRINT_LIMIT


def test_array_subclasses_have_no_say() -> None:
    class Agreeable(np.ndarray):
        def __array_ufunc__(self, *args: Any, **kwargs: Any) -> bool:
            return True

        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return True

    failure(lambda: expect(returning(np.zeros((2, 3)).view(Agreeable)), X).close(X))


# Gradients --------------------------------------------------------------------------------------------------------


def cube(x: np.ndarray, scale: float = 1.0) -> np.ndarray:
    return scale * x**3


def cube_backward(dout: np.ndarray, x: np.ndarray, scale: float = 1.0) -> np.ndarray:
    return scale * dout * 3 * x**2


def matmul(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return x @ w


def test_right_gradients_pass_in_every_form() -> None:
    w = np.linspace(-1, 1, 12).reshape(3, 4)
    gradients(cube, cube_backward, X, scale=2.0)
    gradients(matmul, lambda dout, x, w: (dout @ w.T, x.T @ dout), X, w)
    gradients(np.exp, lambda dout, y: dout * y, X / 5, given="output")
    gradients(lambda x: (x**2, [x]), lambda dout, cache: 2 * dout * cache[0], X, given="cache")


def square(pred: np.ndarray, target: np.ndarray, scale: float = 1.0) -> np.ndarray:
    return scale * (pred - target) ** 2


def test_a_losss_own_gradients_are_held_to_its_formula() -> None:
    target = np.ones((2, 3))
    gradients(lambda p, t: square(p, t).sum(), lambda p, t: (0.0, 2 * (p - t)), X, target, given="loss")
    gradients(square, lambda p, t, scale: (0.0, 2 * scale * (p - t)), X, target, given="loss", scale=3.0)
    line = lambda w, b, x: ((x * w + b) ** 2).sum()  # noqa: E731
    slopes = lambda w, b, x: (0.0, (2 * (x * w + b) * x).sum(axis=0), 2 * (x * w + b).sum())  # noqa: E731
    gradients(line, slopes, np.ones(3), 0.5, X, given="loss", wrt=2)


BAD_LOSSES = {
    "a factor": (lambda p, t: (0.0, p - t), "0.5 times"),
    "no gradient": (lambda p, t: 0.0, "must return the loss and 1 gradient"),
    "a gradient too many": (lambda p, t: (0.0, 2 * (p - t), 2 * (t - p)), "must return the loss and 1 gradient"),
    "wrong shape": (lambda p, t: (0.0, 2 * (p - t).sum(axis=0)), "its shape is (3,)"),
}


@pytest.mark.parametrize(("loss", "told"), BAD_LOSSES.values(), ids=BAD_LOSSES)
def test_a_losss_wrong_gradients_fail(loss: Callable[..., Any], told: str) -> None:
    problem = failure(
        lambda: gradients(lambda p, t: square(p, t).sum(), loss, X, np.ones((2, 3)), given="loss")
    ).problem
    assert told in f"{problem.message} {problem.cause}"


# Graphs and functions handed over ----------------------------------------------------------------------------------


class Dual:
    """As little of an autodiff class as the tests need: sums and products of two."""

    def __init__(self, data: float, parents: tuple[tuple[Dual, float], ...] = ()) -> None:
        self.data, self.grad, self.parents = data, 0.0, parents

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.data * other.data, ((self, other.data), (other, self.data)))

    def backward(self, seed: float = 1.0) -> None:
        self.grad += seed
        for parent, slope in self.parents:
            parent.backward(seed * slope)


class Forgetful(Dual):
    """Overwrites where it should add up."""

    def backward(self, seed: float = 1.0) -> None:
        self.grad = seed
        for parent, slope in self.parents:
            parent.backward(seed * slope)


def test_a_graph_is_an_expression_differentiated() -> None:
    expect(graph(Dual), "a * b + a", a=2.0, b=3.0).close({"value": 8.0, "a": 4.0, "b": 2.0})
    expect(graph(Dual), "(c := a * b) + c", a=2.0, b=3.0).close({"value": 12.0, "a": 6.0, "b": 4.0, "c": 2.0})
    expect(graph(Dual), "a + a", repeat=5, a=1.0).close({"value": 32.0, "a": 32.0})
    expect(graph(Dual), "a + b", backward=False, a=1.0, b=2.0).close({"value": 3.0, "a": 0.0, "b": 0.0})
    found = failure(lambda: expect(graph(Forgetful), "a + a", a=1.0).close({"value": 2.0, "a": 2.0}))
    assert "graph(Forgetful)('a + a', a=1.0): ['a']" in found.problem.message
    assert found.record is not None
    assert found.record.answer == "Forgetful"
    assert found.record.replay({"Forgetful": Dual}).value == {"value": 2.0, "a": 2.0}


def test_calls_of_what_an_answer_is_handed_are_written_down() -> None:
    def slope(f: Callable[[np.ndarray], float], x: np.ndarray) -> float:
        x += 1.0
        ahead = f(x)
        x -= 2.0
        return (ahead - f(x)) / 2

    def square(x: np.ndarray) -> float:
        return float(x[0] ** 2)

    met = expect(slope, square, np.array([3.0])).close(6.0)
    met.asked(lambda calls: [(call.function, call.args[0][0], call.result) for call in calls] == [("square", 4.0, 16.0), ("square", 2.0, 4.0)], "one call on each side")  # fmt: skip
    assert "made 2 calls" in failure(lambda: met.asked(lambda calls: len(calls) == 1, "1 call")).problem.message
    pairs = expect(lambda layers: [f(1.0) for pair in layers for f in pair], [(abs, np.exp)])
    pairs.asked(lambda calls: [call.function for call in calls] == ["abs", "exp"], "each once")


BAD_GRADIENTS = {
    "ignores dout": (lambda dout, x: 3 * x**2, "finite differences give"),
    "all zeros": (lambda dout, x: np.zeros_like(x), "zero everywhere"),
    "wrong sign": (lambda dout, x: -dout * 3 * x**2, "wrong sign"),
    "factor": (lambda dout, x: dout * x**2, "1/3 times"),
    "right only for dout of ones": (lambda dout, x: dout.mean() * 3 * x**2, "relative error"),
    "a tuple": (lambda dout, x: (dout, x), "tuple of 2 results"),
    "wrong shape": (lambda dout, x: (dout * 3 * x**2).sum(0), "its shape is (3,)"),
    "NaN": (lambda dout, x: dout * np.nan, "NaN"),
}


@pytest.mark.parametrize(("backward", "told"), BAD_GRADIENTS.values(), ids=BAD_GRADIENTS)
def test_wrong_gradients_fail(backward: Callable[..., Any], told: str) -> None:
    problem = failure(lambda: gradients(cube, backward, X)).problem
    assert told in f"{problem.message} {problem.cause}"


# Rules ------------------------------------------------------------------------------------------------------------

BANNED = {
    "by attribute": "import numpy as np\ndef f(x):\n    return np.tanh(x)",
    "by its long name": "import numpy\ndef f(x):\n    return numpy.tanh(x)",
    "imported by name": "from numpy import tanh as t\ndef f(x):\n    return t(x)",
    "imported inside": "def f(x):\n    from math import tanh\n    return tanh(x)",
    "through an alias": "import numpy as np\nt = np.tanh\ndef f(x):\n    return t(x)",
    "through a module's alias": "import numpy as np\nm = np\ndef f(x):\n    return m.tanh(x)",
    "through a helper": "import math\ndef g(x):\n    return math.tanh(x)\ndef f(x):\n    return g(x)",
    "through a helper in another cell": "import math\ndef g(x):\n    return math.tanh(x)\n#%%\ndef f(x):\n    return g(x)",
    "by getattr": "import numpy as np\ndef f(x):\n    return getattr(np, 'tanh')(x)",
    "by eval": "import numpy as np\ndef f(x):\n    return eval('np.ta' + 'nh')(x)",
    "by a computed name": "import numpy as np\ndef f(x):\n    return getattr(np, 'ta' + 'nh')(x)",
    "as a lambda": "import numpy as np\nf = lambda x: np.tanh(x)",
}
ALLOWED = {
    "another formula": "import numpy as np\ndef f(x):\n    return np.expm1(2 * x) / (np.expm1(2 * x) + 2)",
    "a name that only looks like it": "import numpy as np\ndef tanh(x):\n    return x\ndef f(x):\n    return tanh(x)",
    "its inverse": "import numpy as np\ndef f(x):\n    return np.arctanh(x)",
    "named in a comment": "def f(x):\n    '''Not np.tanh.'''\n    return x  # np.tanh",
    "in a cell that is not reached": "import numpy as np\nprint(np.tanh(1))\n#%%\ndef f(x):\n    return x",
    "a local that has a cell's name": "import numpy as np\nx = np.tanh(1.0)\n#%%\ndef f(x):\n    return 2 * x",
    "a docstring that is its name": "import numpy as np\ndef f(x):\n    'tanh'\n    return np.exp(x)",
    "a local that another function's alias has": (
        "import numpy as np\ndef plot():\n    g = np.tanh\n    return g\ndef f(x):\n    g = 2\n    return g * x"
    ),
    "a local that has an alias's name": "import numpy as np\ng = np.tanh\n#%%\ndef f(x):\n    g = x\n    return g(x)",
    "the same end in a module that is not banned": "import scipy\ndef f(x):\n    return scipy.tanh(x)",
    "beside a broken cell": "def f(x:\n#%%\ndef f(x):\n    return x",
}


def named(name: str = "f") -> Callable[..., Any]:
    return types.FunctionType((lambda x: x).__code__, {}, name)


@pytest.mark.parametrize("source", BANNED.values(), ids=BANNED)
def test_a_banned_function_is_found(source: str) -> None:
    with use_sources(source.split("#%%\n")):
        assert "rules out" in failure(lambda: forbid(named(), "numpy.tanh", "math.tanh")).problem.message


@pytest.mark.parametrize("source", ALLOWED.values(), ids=ALLOWED)
def test_what_is_not_banned_is_allowed(source: str) -> None:
    with use_sources(source.split("#%%\n")):
        forbid(named(), "numpy.tanh", "math.tanh")


def test_a_function_with_its_modules_name_can_be_banned() -> None:
    with use_sources(["import numpy as np\ndef f(rng: np.random.Generator):\n    return rng.random()"]):
        forbid(named(), "numpy.random.random")
    with use_sources(["import numpy as np\ndef f(rng):\n    return np.random.random()"]):
        failure(lambda: forbid(named(), "numpy.random.random"))


LOOPS = {
    "rows": "def f(x, c):\n    return [g(row) for row in x]",
    "indices": "def f(x, c):\n    for i in range(len(x)):\n        pass",
    "shape": "def f(x, c):\n    for i in range(x.shape[0]):\n        pass",
    "unpacked shape": "def f(x, c):\n    N, D = x.shape\n    for i in range(N):\n        pass",
    "while": "def f(x, c):\n    i, N = 0, 1\n    n = len(x)\n    while i < n:\n        i += 1",
    "derived array": "def f(x, c):\n    z = x @ c\n    for row in z:\n        pass",
    "map": "def f(x, c):\n    return list(map(abs, x))",
    "an elementwise function of it": "import numpy as np\ndef f(x, c):\n    return [row for row in np.exp(x)]",
    "vectorize": "import numpy as np\ndef f(x, c):\n    return np.vectorize(abs)(x)",
    "ndindex": "import numpy as np\ndef f(x, c):\n    for i in np.ndindex(x.shape):\n        pass",
    "nested unpacking": "def f(x, c):\n    (N, D), K = x.shape, len(c)\n    for i in range(N):\n        pass",
    "annotated": "def f(x, c):\n    N: int = len(x)\n    for i in range(N):\n        pass",
    "a shape kept": "def f(x, c):\n    s = x.shape\n    for i in range(s[0]):\n        pass",
    "transposed twice": "def f(x, c):\n    for row in x.T.T:\n        pass",
    "a helper with names of its own": "def g(rows):\n    return [r for r in rows]\ndef f(x, c):\n    return g(x)",
    "a renamed parameter": "def f(data, c):\n    return [row for row in data]",
    "helper": "def g(x):\n    return [r for r in x]\ndef f(x, c):\n    return g(x)",
}
NO_LOOPS = {
    "over centres": "def f(x, c):\n    for k in range(len(c)):\n        pass",
    "over features": "def f(x, c):\n    N, D = x.shape\n    for d in range(D):\n        x[:, d]",
    "over a list made per centre": "def f(x, c):\n    d = [((x - k)**2).sum(1) for k in c]\n    return [v + 1 for v in d]",
    "over a transpose": "import numpy as np\ndef f(x, c):\n    return [col for col in np.transpose(x)] + [col for col in x.T]",
    "over the columns of the first row": "def f(x, c):\n    return [d for d in range(len(x[0]))]",
    "over the last axis": "def f(x, c):\n    return [x[..., d] for d in range(x.shape[-1])]",
    "over the second axis": "def f(x, c):\n    return [x[:, d] for d in range(x.shape[1])]",
    "none": "def f(x, c):\n    return x @ c",
}


@pytest.mark.parametrize("source", LOOPS.values(), ids=LOOPS)
def test_a_loop_over_the_batch_is_found(source: str) -> None:
    with use_sources([source]):
        assert "loops over the first axis" in failure(lambda: forbid_loops(named(), over="x")).problem.message


@pytest.mark.parametrize("source", NO_LOOPS.values(), ids=NO_LOOPS)
def test_other_loops_are_allowed(source: str) -> None:
    with use_sources([source]):
        forbid_loops(named(), over="x")


LOOPS_OVER_PIXELS = {
    "rows of the output": "def f(x, w, s=1):\n    N, C, H, W = x.shape\n    oh = (H - w.shape[2]) // s + 1\n    for i in range(oh):\n        pass",
    "the batch": "def f(x, w):\n    return [g(image) for image in x]",
    "columns, counted from the end": "def f(x, w):\n    for j in range(x.shape[-1]):\n        pass",
    "the end of the shape": "def f(x, w):\n    h, v = x.shape[2:]\n    for j in range(0, v, 2):\n        pass",
    "a starred unpacking": "def f(x, w):\n    *_, h, v = x.shape\n    for i in range(int(h / 2)):\n        pass",
    "a padded image": "import numpy as np\ndef f(x, w):\n    p = np.pad(x, 1)\n    for i in range(p.shape[2] - 2):\n        pass",
    "a product of ranges": "import itertools\ndef f(x, w):\n    for i, j in itertools.product(range(x.shape[2]), range(3)):\n        pass",
    "every place of an array made for them": "import numpy as np\ndef f(x, w):\n    n, c, h, v = x.shape\n    out = np.zeros((n, 5, h - 2, v))\n    for place in np.ndindex(out.shape):\n        pass",
    "every index": "import numpy as np\ndef f(x, w):\n    for place in np.ndindex(*x.shape):\n        pass",
    "rows of an array made for them": "import numpy as np\ndef f(x, w):\n    out = np.empty((x.shape[0], 9))\n    for row in out:\n        pass",
    "a size of an array made for them": "import numpy as np\ndef f(x, w):\n    out = np.empty((9, x.shape[2]))\n    for i in range(out.shape[1]):\n        pass",
    "a range with a name": "def f(x, w):\n    rows = range(x.shape[2])\n    for i in rows:\n        pass",
    "a floor": "import math\ndef f(x, w):\n    for i in range(math.floor(x.shape[3] / 2)):\n        pass",
    "a size from a helper": "def conv_output_size(n, k):\n    return n - k + 1\ndef f(x, w):\n    for i in range(conv_output_size(x.shape[3], 3)):\n        pass",
    "pairs of places": "import numpy as np\ndef f(x, w):\n    for i, j in np.ndindex(x.shape[2] - 2, 5):\n        pass",
}
NO_LOOPS_OVER_PIXELS = {
    "kernel positions": "def f(x, w):\n    for i in range(w.shape[2]):\n        for j in range(w.shape[3]):\n            pass",
    "channels": "def f(x, w):\n    N, C, H, W = x.shape\n    return [x[:, c] for c in range(C)] + [c for c in range(x.shape[1])]",
    "channels, counted from the end": "def f(x, w):\n    return [x[:, c] for c in range(x.shape[-3])]",
    "groups": "def f(x, w, groups=1):\n    n, c = x.shape[:2]\n    return [x[:, g * (c // groups):] for g in range(groups)]",
    "an array made for kernels": "import numpy as np\ndef f(x, w):\n    out = np.zeros((w.shape[2], x.shape[0]))\n    for row in out:\n        pass\n    for i in range(out.shape[0]):\n        pass",
    "the kernel's size found from the sizes": "def f(x, w):\n    h, oh = x.shape[2], x.shape[2] - 2\n    for i in range(h - oh + 1):\n        pass",
}


@pytest.mark.parametrize("source", LOOPS_OVER_PIXELS.values(), ids=LOOPS_OVER_PIXELS)
def test_a_loop_over_images_rows_or_columns_is_found(source: str) -> None:
    with use_sources([source]):
        message = failure(lambda: forbid_loops(named(), over="x", axes=(0, 2, 3))).problem.message
    assert "loops over one of the axes 0, 2, 3 of x" in message


@pytest.mark.parametrize("source", NO_LOOPS_OVER_PIXELS.values(), ids=NO_LOOPS_OVER_PIXELS)
def test_loops_over_kernels_and_channels_are_allowed(source: str) -> None:
    with use_sources([source]):
        forbid_loops(named(), over="x", axes=(0, 2, 3))


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    return 61706",
        "T = {'a': 61_706}\ndef f():\n    return T['a']",
        "def f():\n    return int('61,706')",
    ],
)
def test_a_total_that_is_typed_in_is_found(source: str) -> None:
    with use_sources([source]):
        assert "the number 61,706 typed in" in failure(lambda: forbid_numbers(named(), above=30_000)).problem.message


def test_a_parameter_may_be_the_shape() -> None:
    with use_sources(["def f(cols, x_shape):\n    n, c, h, v = x_shape\n    for i in range(h):\n        pass"]):
        failure(lambda: forbid_loops(named(), over="x_shape", axes=(0, 2, 3)))
    with use_sources(["def f(cols, x_shape):\n    n, c, h, v = x_shape\n    for i in range(c):\n        pass"]):
        forbid_loops(named(), over="x_shape", axes=(0, 2, 3))


def test_a_total_may_stand_in_a_docstring() -> None:
    with use_sources(['def f():\n    """Parameters.\n\n    LeNet-5 has 61,706.\n    """\n    return 25_088 * 4096']):
        forbid_numbers(named(), above=30_000)
    with use_sources(['def f():\n    """61,706 in all."""\n    return {"conv": "c96,11,4"}']):
        forbid_numbers(named(), above=30_000)


def test_a_stub_breaks_no_rule_and_keeps_none() -> None:
    with use_sources(["def f(x):\n    raise NotImplementedError  # your answer here"]), pytest.raises(NotAttempted):
        forbid(named(), "numpy.tanh")


# Session ----------------------------------------------------------------------------------------------------------


def stub(*args: Any) -> None:
    raise NotImplementedError


def run_session(*bodies: Callable[[], Any], points: float = 4, hidden: int = 0) -> ExerciseResult:
    checks = Checks()
    checks.exercise("no_such_unit", "exercise", points, hidden)
    for number, body in enumerate(bodies):
        with checks(f"check {number}"):
            body()
    return checks.result()


def undefined() -> None:
    expect(no_such_name)  # type: ignore[name-defined]  # noqa: F821


OUTCOMES = {
    "all pass": ([lambda: expect(abs, -1).close(1)] * 2, "passed", 4.0, ["passed", "passed"]),
    "one fails, the next still runs": (
        [lambda: expect(abs, -1).close(2), lambda: expect(abs, -1).close(1)], "failed", 2.0, ["failed", "passed"],
    ),
    "stub": ([lambda: expect(stub, 1).close(1)] * 2, "not_attempted", 0.0, ["not_attempted"] * 2),
    "stub that is asked to raise": ([lambda: expect(stub, 1).raises(ValueError)], "not_attempted", 0.0, ["not_attempted"]),
    "undefined": ([undefined], "error", 0.0, ["error"]),
    "raises": ([lambda: expect(int, "x").close(1)], "error", 0.0, ["error"]),
    "raises once": ([lambda: expect(int, "x").close(1), lambda: expect(abs, 1).close(2)], "failed", 0.0, ["error", "failed"]),
    "a result of no use": ([lambda: expect(abs, 1).value.nothing], "failed", 0.0, ["failed"]),
}  # fmt: skip


@pytest.mark.parametrize(("bodies", "status", "points", "statuses"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcomes(bodies: list[Callable[[], Any]], status: str, points: float, statuses: list[str]) -> None:
    result = run_session(*bodies)
    assert (result.status, result.points) == (status, points)
    assert [check.status for check in result.checks] == statuses


def test_weights_and_hidden_checks() -> None:
    checks = Checks()
    checks.exercise("no_such_unit", "exercise", 4, hidden=1)
    with checks("heavy", weight=3):
        expect(abs, 1).close(1)
    checks.hidden()
    with checks("light"):
        expect(abs, 1).close(2)
    result = checks.result()
    assert (result.points, [check.hidden for check in result.checks]) == (3.0, [False, True])


def test_ctrl_c_is_not_swallowed() -> None:
    checks = Checks()
    with pytest.raises(KeyboardInterrupt), checks("stopped"):
        raise KeyboardInterrupt
    assert not checks.outcomes


def test_a_result_survives_its_mime_form() -> None:
    result = run_session(lambda: expect(abs, 1).close(2), lambda: expect(abs, 1).close(1))
    assert ExerciseResult.from_mime(result.to_mime()) == result


def test_the_score_is_what_nbgrader_reads(capsys: pytest.CaptureFixture[str]) -> None:
    checks = Checks()
    checks.exercise("no_such_unit", "exercise", 4)
    with checks("one"):
        expect(abs, 1).close(1)
    with checks("<b>two</b>"):
        expect(abs, 1).close(2)
    score = checks.score()
    assert score == 2.0
    assert "2 / 4 points" in capsys.readouterr().out
    bundle = score._repr_mimebundle_()
    assert bundle["text/plain"] == "2"
    assert "<b>two" not in bundle["text/html"]
    assert bundle[MIME]["id"] == "exercise"


def test_tables_say_what_is_left_for_handing_in() -> None:
    result = run_session(lambda: expect(abs, 1).close(1), hidden=3)
    for table in (text(result), html(result)):
        assert "1 of 1 checks here" in table
        assert "3 more checks run when you hand in." in table


def test_tables_are_short_for_what_was_not_attempted() -> None:
    result = run_session(lambda: expect(stub, 1).close(1))
    assert text(result).splitlines()[1:] == [" ○ not attempted yet"]
    assert "not attempted yet" in html(result)


# Recognition ------------------------------------------------------------------------------------------------------


def known(monkeypatch: pytest.MonkeyPatch, right: Callable[..., Any], **slips: Callable[..., Any]) -> str:
    """A unit of one function, `answer`, with these mistakes; its name."""
    import dlkit.mistakes as mistakes

    module = types.SimpleNamespace(__all__=["answer"], answer=right)
    monkeypatch.setitem(sys.modules, "dlkit.reference.toy", module)  # type: ignore[arg-type]
    found = [mistakes.Mistake(name, "answer", f"You {name}.", slip) for name, slip in slips.items()]
    monkeypatch.setattr(mistakes, "load", lambda unit: found)
    return "toy"


def test_of_an_answer_with_two_slips_each_check_names_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(x: float) -> float:
        return abs(x) + 1 if x < 0 else 2 * x if x > 5 else x

    unit = known(
        monkeypatch,
        lambda x: x,
        drop_the_sign=lambda x: abs(x) + 1 if x < 0 else x,
        double_what_is_large=lambda x: 2 * x if x > 5 else x,
        always_double=lambda x: 2 * x,
    )
    checks = Checks()
    checks.exercise(unit, "exercise", 3)
    for name, x in (("negative", -1.0), ("large", 7.0), ("small", 1.0)):
        with checks(name):
            expect(answer, x).close(x)
    assert [check.mistake for check in checks.result().checks] == [
        "You drop_the_sign.",
        "You double_what_is_large.",
        None,
    ]


def test_a_forward_is_recognised_whatever_it_keeps_for_its_backward(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = known(monkeypatch, lambda x: (x, (x,)), double_it=lambda x: (2 * x, (x, x)), halve_it=lambda x: (x / 2, ()))
    checks = Checks()
    checks.exercise(unit, "exercise", 2)
    with checks("values"):
        expect(renamed(lambda x: (2 * x, {"mine": x}), "answer"), X).part(0).close(X)
    with checks("dtype"):
        expect(renamed(lambda x: (2 * x, {"mine": x}), "answer"), X).part(0).dtype(np.float32)
    assert [check.mistake for check in checks.result().checks] == ["You double_it."] * 2


def test_of_a_dictionary_only_the_keys_in_question_count(monkeypatch: pytest.MonkeyPatch) -> None:
    right = {"a": 1.0, "b": 2.0}
    unit = known(
        monkeypatch, lambda x: right, wrong_a=lambda x: {**right, "a": 5.0}, wrong_b=lambda x: {**right, "b": 7.0}
    )
    checks = Checks()
    checks.exercise(unit, "exercise", 2)
    for key in right:
        with checks(key):
            expect(renamed(lambda x: {"a": 5.0, "b": 7.0}, "answer"), 0.0).close({key: right[key]})
    assert [check.mistake for check in checks.result().checks] == ["You wrong_a.", "You wrong_b."]


def test_an_error_in_other_words_is_recognised_where_no_mistake_has_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(words: str) -> Callable[[float], float]:
        def answer(x: float) -> float:
            if x == 0:
                raise ValueError(words)
            return x

        return answer

    unit = known(monkeypatch, lambda x: x, refuse_zero=refuses("no zero"), refuse_it_shortly=refuses("0?"))
    for words, told in (("0?", "You refuse_it_shortly."), ("zero is not welcome", "You refuse_zero.")):
        checks = Checks()
        checks.exercise(unit, "exercise", 2)
        with checks("zero"):
            expect(renamed(refuses(words), "answer"), 0.0).close(0.0)
        assert [check.mistake for check in checks.result().checks] == [told]


def loops_and_doubles(x: np.ndarray) -> np.ndarray:
    return np.array([2 * row for row in x])


def loops(x: np.ndarray) -> np.ndarray:
    return np.array([1 * row for row in x])


def test_a_loop_with_right_values_is_not_told_of_a_slip_that_loops_too(monkeypatch: pytest.MonkeyPatch) -> None:
    slips = {"loops_and_doubles": loops_and_doubles, "loops": loops}
    for names, told in ((["loops_and_doubles"], None), (["loops_and_doubles", "loops"], "You loops.")):
        unit = known(monkeypatch, lambda x: x, **{name: slips[name] for name in names})
        checks = Checks()
        checks.exercise(unit, "exercise", 2)
        with use_sources(["def answer(x):\n    return np.array([row for row in x])"]):
            with checks("no loop"):
                forbid_loops(renamed(lambda x: x, "answer"), over="x")
            with checks("values"):
                expect(renamed(lambda x: np.array([row for row in x]), "answer"), X).close(X)
            assert [check.mistake for check in checks.result().checks] == [told, None], names


def test_ragged_results_are_no_reason_to_fail() -> None:
    result = run_session(lambda: expect(lambda: [np.ones(2), np.ones(3)]).close(np.ones(2)))
    assert result.status == "failed"


def test_a_mistake_behind_a_cache_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """The learner's cache means nothing to a known mistake: its forward is called again on the mistake's side."""
    import dlkit.mistakes as mistakes

    def forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
        return x**2, {"mine": x}

    def backward(dout: np.ndarray, cache: Any) -> np.ndarray:
        return dout * cache["mine"]

    def reference_forward(x: np.ndarray) -> tuple[np.ndarray, Any]:
        return x**2, x

    def reference_backward(dout: np.ndarray, cache: Any) -> np.ndarray:
        return 2 * dout * cache

    def forgets_the_two(dout: np.ndarray, cache: Any) -> np.ndarray:
        return dout * cache

    known = [mistakes.Mistake("forgets_the_two", "backward", "The power's factor is missing.", forgets_the_two)]
    module = types.ModuleType("dlkit.reference.squares")
    module.__dict__.update(__all__=["forward", "backward"], forward=reference_forward, backward=reference_backward)
    monkeypatch.setitem(__import__("sys").modules, "dlkit.reference.squares", module)
    monkeypatch.setattr(mistakes, "load", lambda unit: known)
    checks = Checks()
    checks.exercise("squares", "backward", 4)
    with checks("by hand"):
        _, cache = expect(forward, X).value
        expect(backward, np.ones_like(X), cache).close(2 * X)
    with checks("along random directions"):
        gradients(forward, backward, X, given="cache")
    assert [check.mistake for check in checks.result().checks] == ["The power's factor is missing."] * 2
