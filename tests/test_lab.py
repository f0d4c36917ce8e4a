"""The lab: what an experiment shows when answers are missing, and that figures neither pile up nor open windows."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from dlkit.lab import digits, experiment, figure, two_moons


def unsolved(x: float) -> float:
    raise NotImplementedError  # as in an untouched notebook


def calls_unsolved(x: float) -> float:
    return unsolved(x)


class Unsolved:
    def __init__(self, x: float) -> None:
        raise NotImplementedError


def misspelt(x: float) -> float:
    return nmupy.exp(x)  # type: ignore[name-defined] # noqa: F821


@pytest.mark.parametrize("answer", [unsolved, calls_unsolved])
def test_an_unsolved_exercise_is_named_in_one_line(answer, capsys):
    with experiment(), figure("never shown") as [panel]:
        panel.plot([0, answer(1.0)])
    printed = capsys.readouterr()
    assert printed.out == "This experiment runs on your own `unsolved`: solve that exercise first.\n"
    assert printed.err == ""


def test_an_unsolved_class_is_named_not_its_method(capsys):
    with experiment():
        Unsolved(1.0)
    assert capsys.readouterr().out == "This experiment runs on your own `Unsolved`: solve that exercise first.\n"


def test_an_undefined_answer_is_named_in_one_line(capsys):
    with experiment():
        sigmoid(0.0)  # type: ignore[name-defined] # noqa: F821
    assert capsys.readouterr().out.startswith("This experiment needs `sigmoid`:")


def run_cell(source: str, **names: object) -> None:
    exec(compile(source, "<cell>", "exec"), {"experiment": experiment, **names})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("1 / 0", ZeroDivisionError),
        ("raise NotImplementedError", NotImplementedError),
        ("misspelt(0.0)", NameError),
        ("unsolved(0.0)", NotImplementedError),  # of another module: a library's, not the learner's
    ],
)
def test_a_real_error_passes_through(body, error):
    with pytest.raises(error):
        run_cell(f"with experiment():\n    {body}", misspelt=misspelt, unsolved=unsolved)


def test_a_figure_gives_its_panels_row_by_row_and_restores_the_style():
    import matplotlib

    before = dict(matplotlib.rcParams)
    with figure("six", columns=3, rows=2, sharey=True) as panels:
        assert len(panels) == 6
    assert dict(matplotlib.rcParams) == before


def test_the_lab_is_imported_without_matplotlib_and_draws_without_pyplot():
    code = (
        "import sys, dlkit.lab as lab\n"
        "assert 'matplotlib' not in sys.modules\n"
        "with lab.figure('one') as [panel]: panel.plot([0, 1])\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_two_moons_is_standardized_balanced_and_seeded():
    X, y = two_moons(100, np.random.default_rng(0))
    again, _ = two_moons(100, np.random.default_rng(0))
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1)
    assert y.sum() == 50
    assert np.array_equal(X, again)


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    X, y = digits()
    images, labels = load_digits(return_X_y=True)
    assert np.array_equal(X, images / 16)
    assert np.array_equal(y, labels)
    assert y.dtype.kind == "i"


def test_digits_do_not_import_scikit_learn():
    code = "import sys; from dlkit.lab import digits; digits(); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
