"""What is proved of every function of every unit's reference, from one table of rows and the golden data.

A unit's test module has a row for each operation, a subclass of Proofs that names the module, the rows and what is
exceptional about some of them, and tests of its own for what only this unit claims:

    class TestReference(Proofs):
        module, rows, golden = activations, ROWS, read_golden("activations")

Gradients are found by how the course writes them: f_forward returns (…, cache) for f_backward(dout, cache); f has a
f_backward(dout, …) of f's own arguments, or of its output; or f returns (value, *gradients) itself. They are the
gradients of the first arguments, in order, of the sum of dout · (first result). A warning is an error.
"""

import inspect
from collections.abc import Callable, Collection, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.rows import (
    Array,
    Change,
    Golden,
    Named,
    Row,
    changed,
    check_gradient,
    cotangent,
    in_another_order,
    leaves,
    pasted,
    read_only,
    same,
)


class Proofs:
    """The tests of a unit: a subclass whose name begins with Test says below what they are of."""

    module: ModuleType
    rows: Sequence[Row]
    golden: Golden
    count: int  # of the module's functions

    elsewhere: Collection[str] = ()  # what has no row because tests of its own prove it
    not_golden: Collection[str] = ()  # what no library has, or has in another form
    from_output: Collection[str] = ()  # functions whose backward takes the output instead of the arguments
    value_and_gradients: Collection[str] = ()  # functions that return (value, *gradients)
    in_float64: Collection[str] = ()  # functions that compute in float64 whatever they are given
    dtypes: dict[str, type] = {}  # noqa: RUF012 - of functions that return no floats
    large: Collection[str] = ()  # parameters that may be as large as 1e4
    not_bytes: Collection[str] = ()  # parameters that are never small integers: what is learnt, gradients
    extremes: Sequence[float] = (-1e4, 0.0, 1e4)

    pytestmark = pytest.mark.filterwarnings("error")

    def digits(self, operation: str, case: str) -> float:
        """How far a golden value may be off, relatively, and a tenth of it absolutely."""
        return 1e-12

    def whole(self, a: Array, kind: type) -> Array:
        """Small integers instead of numbers around 1, and if the kind is of bytes its largest too."""
        if kind is np.int64:
            return np.rint(2 * a)
        low, high = max(np.iinfo(kind).min, -255), min(np.iinfo(kind).max, 255)
        return np.clip(np.rint(a * np.resize([2, 60, 200], a.shape)), low, high)

    def call(self, function: Callable[..., Any], arguments: Named) -> Any:
        """The results of a function; a unit with a function that returns a function looks at that here."""
        return function(**arguments)

    # --- one way to call everything ---------------------------------------------------------------------------------

    def backward(self, operation: str) -> str | None:
        name = operation.removesuffix("_forward") + "_backward"
        return name if name in self.module.__all__ and name != operation else None

    def arguments(self, row: Row) -> Named:
        """All arguments by name."""
        names = inspect.signature(getattr(self.module, row.operation)).parameters
        free = [name for name in names if name not in row.options and name != "rng"]
        given = dict(zip(free, row.inputs, strict=False)) | row.options
        assert len(given) == len(row.inputs) + len(row.options), f"{row}: more inputs than parameters"
        return given | ({"rng": np.random.default_rng(3)} if "rng" in names and "rng" not in given else {})

    def evaluate(self, row: Row, code: Any = None) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What the row's function returns without a cache, and its gradients."""
        code, arguments, backward = code or self.module, self.arguments(row), self.backward(row.operation)
        result = self.call(getattr(code, row.operation), arguments)
        values = result if isinstance(result, tuple) else (result,)
        gradients: Any = ()
        if row.operation in self.value_and_gradients:
            values, gradients = values[:1], values[1:]
        elif backward and row.operation.endswith("_forward"):
            *values, cache = values
            gradients, again = (getattr(code, backward)(cotangent(row, values[0]), cache) for _ in range(2))
            same(again, gradients, rtol=0, atol=0, where=f"{row}: a second {backward} of the same cache")
        elif backward:
            inputs = row.inputs if row.operation not in self.from_output else values
            gradients = getattr(code, backward)(cotangent(row, values[0]), *inputs, **row.options)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        for (name, argument), gradient in zip(arguments.items(), gradients, strict=False):
            assert np.shape(gradient) == np.shape(argument), f"{row}: gradient of {name} has {np.shape(gradient)}"
        return tuple(values), gradients

    def run(self, row: Row, code: Any = None) -> tuple[Any, ...]:
        values, gradients = self.evaluate(row, code)
        return values + gradients

    def altered(self, row: Row, change: Change, only: Collection[str] | None = None, but: Collection[str] = ()) -> Row:
        """The row, its dout drawn, with `change` applied to the arrays of floats in the arguments of these names."""
        dout = row.dout
        if dout is None and self.backward(row.operation):
            dout = cotangent(row, self.evaluate(row)[0][0])

        def altered(name: str, value: Any) -> Any:
            return changed(value, change) if (only is None or name in only) and name not in but else value

        arguments = {name: altered(name, value) for name, value in self.arguments(row).items() if name != "rng"}
        options = {name: arguments.pop(name) for name in row.options}
        return Row(row.operation, tuple(arguments.values()), options, altered("dout", dout))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Tests with one of these arguments run once for each of its values."""
        arrays = [row for row in self.rows if any(np.ndim(a) for a in leaves((row.inputs, row.options)))]
        tables: dict[str, Sequence[Any]] = {
            "row": arrays,
            "any_row": self.rows,
            "differentiated": [row for row in self.rows if self.differentiates(row.operation)],
            "case": list(self.golden),
            "name": self.module.__all__,
        }
        for argument in set(tables) & set(metafunc.fixturenames):
            ids = " ".join if argument == "case" else str
            metafunc.parametrize(argument, tables[argument], ids=ids)  # type: ignore[arg-type]

    def differentiates(self, operation: str) -> bool:
        return operation in self.value_and_gradients or self.backward(operation) is not None

    # --- the proofs -------------------------------------------------------------------------------------------------

    def test_every_function_has_a_row(self) -> None:
        seen = {name for row in self.rows for name in (row.operation, self.backward(row.operation)) if name}
        assert seen | set(self.elsewhere) == set(self.module.__all__)
        assert len(self.module.__all__) == self.count

    def test_equals_the_golden_value(self, case: tuple[str, str]) -> None:
        data = self.golden[case]
        row = Row(case[0], tuple(data["in"].values()), data["option"], data.get("cotangent", {}).get("dout"))
        values, gradients = self.evaluate(row)
        same(values, (data["out"],) if isinstance(values[0], dict) else tuple(data["out"].values()), *self.near(case))
        same(gradients, tuple(data.get("grad", {}).values()), *self.near(case), where="gradients")

    def near(self, case: tuple[str, str]) -> tuple[float, float]:
        return self.digits(*case), self.digits(*case) / 10

    def test_every_function_and_gradient_is_golden(self) -> None:
        expected = {row.operation for row in self.rows} - set(self.not_golden)
        assert {operation for operation, _ in self.golden} == expected
        for (operation, case), data in self.golden.items():
            wrt = list(data.get("grad", {}))
            assert bool(wrt) == self.differentiates(operation), f"{operation} {case}"
            assert wrt == list(data["in"])[: len(wrt)], f"{operation} {case}: the first arguments' gradients, in order"

    def test_gradient_equals_finite_differences(self, differentiated: Row) -> None:
        row, arguments = differentiated, self.arguments(differentiated)
        values, gradients = self.evaluate(row)
        dout = cotangent(row, values[0]) if self.backward(row.operation) else 1.0
        for i, (name, gradient) in enumerate(zip(arguments, gradients, strict=False)):

            def f(x: Any, i: int = i) -> Any:
                inputs = (*row.inputs[:i], x, *row.inputs[i + 1 :])
                return self.evaluate(Row(row.operation, inputs, row.options))[0][0]

            check_gradient(f, arguments[name], gradient, dout, where=f"{row}, gradient of {name}")

    def test_float32_stays_float32(self, row: Row) -> None:
        single = self.altered(row, lambda a: a.astype(np.float32))
        double = self.altered(single, lambda a: a.astype(np.float64))
        values, gradients = self.evaluate(single)
        wide = row.operation in self.in_float64
        kind = self.dtypes.get(row.operation, np.float64 if wide else np.float32)
        for result in (*(a for a in leaves(values) if np.ndim(a)), *gradients):
            assert result.dtype == kind, f"{row}: {result.dtype}"
        rtol, atol = (1e-9, 1e-10) if wide else (1e-4, 1e-5)
        same((*values, *gradients), self.run(double), rtol, atol, where=f"{row} in float32")

    @pytest.mark.parametrize("change", [np.copy, read_only, in_another_order])
    def test_arguments_are_left_alone(self, row: Row, change: Change) -> None:
        given = self.altered(row, change)
        everything = [given.inputs, given.options, given.dout]
        before = [(id(a), np.asarray(a).tobytes()) for a in leaves(everything)]
        self.run(given)
        assert [(id(a), np.asarray(a).tobytes()) for a in leaves(everything)] == before, f"{row} changed an argument"

    @pytest.mark.parametrize("kind", [np.int64, np.int8, np.uint8])
    def test_integers_give_the_values_of_floats(self, row: Row, kind: type) -> None:
        but = () if kind is np.int64 else self.not_bytes
        floats = self.altered(row, lambda a: self.whole(a, kind).astype(float), but=but)
        whole = self.altered(floats, lambda a: a.astype(kind), but=but)
        same(self.run(whole), self.run(floats), 1e-10, 1e-10, where=f"{row} of {kind.__name__}")

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_large_arguments_give_finite_results(self, row: Row, dtype: type) -> None:
        random = np.random.default_rng(4)
        for spread in (0.0, 0.5, 0.5):  # ties first

            def far(a: Array, spread: float = spread) -> Array:
                return random.choice(self.extremes, a.shape) * random.uniform(1 - spread, 1, a.shape)

            large = self.altered(self.altered(row, far, only=self.large), lambda a: a.astype(dtype))
            for result in leaves(self.run(large)):
                assert np.isfinite(result).all(), f"{row} at 1e4: {result}"

    def test_each_function_stands_alone(self, any_row: Row) -> None:
        """The builder pastes a function into a notebook that has nothing but math and np."""
        names = {any_row.operation, self.backward(any_row.operation) or any_row.operation}
        code = SimpleNamespace(**{name: pasted(self.module, name) for name in names})
        same(self.run(any_row, code), self.run(any_row), rtol=0, atol=0, where=f"{any_row}, pasted")

    def test_each_is_documented(self, name: str) -> None:
        assert "Source: " in (getattr(self.module, name).__doc__ or ""), f"{name} names no source"
