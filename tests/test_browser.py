"""A learner's day, in a real JupyterLab and a real browser: start, err, mend, hand in, read the report, come back."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, NOTEBOOK, jupyterlab, opened
from tests.lessons import UNITS, course_in

MISSING = "Chromium is not installed: apt install chromium"
if CHROMIUM is None:
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING, allow_module_level=True)

UNIT = UNITS[0].name
WRONG = "def sigmoid(x):\n    return 1 / (1 + np.exp(x))"
RIGHT = """def sigmoid(x):
    x = np.asarray(x)
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, np.ones_like(e)) / (1 + e)"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("day")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """JupyterLab on a course of the first unit."""
    course_in(folder / "course", UNITS[0])
    with jupyterlab(folder, folder / "course") as address:
        yield address


def test_a_learners_day(address: str, folder: Path) -> None:
    with opened(address) as lab:
        page = lab.page
        page.get_by_role("heading", name="Deep learning, as interviews ask for it").wait_for()
        lab.shot("welcome")
        page.locator(f"{NOTEBOOK} a", has_text="Sigmoid").first.click()
        heading = page.locator(f"{NOTEBOOK} h3", has_text="Sigmoid ★")
        heading.wait_for()
        assert heading.bounding_box()["y"] < 900, "one click leads to the exercise itself, not to the notebook's top"

        lab.kernel()
        lab.run("from dlkit.check import check")
        lab.type("def sigmoid(x", WRONG)
        table = lab.run('check.exercise("activations", "sigmoid",')
        table.get_by_text("Likely cause.").wait_for()
        lab.shot("failing")
        assert "sign" in table.inner_text(), "the mistake is named"

        lab.to_the_end()
        report = lab.run("dlkit.submit()")
        report.get_by_text("Full feedback").wait_for()
        lab.shot("report-of-a-mistake")
        assert "sign in the exponent" in report.inner_text(), "the mistake in words"
        assert "(hidden)" in report.inner_text(), "hidden checks by name"
        report.get_by_text("Read the statement again.").click()
        heading.wait_for()

        lab.type("def sigmoid(x", RIGHT)
        table = lab.run('check.exercise("activations", "sigmoid",')
        table.get_by_text("more checks run when you hand in").wait_for()
        table.get_by_text("Likely cause.").wait_for(state="detached")
        assert not re.search("[✗]", table.inner_text())
        lab.shot("passing")

        lab.to_the_end()
        report = lab.run("dlkit.submit()")
        report.get_by_text("01_activations · 2 of").wait_for()
        lab.shot("report")
        text = report.inner_text()
        assert re.search(r"01_activations · 2 of \d+ points", text)
        assert "sigmoid" in text
        saved = json.loads((folder / "work" / UNIT / f"{UNIT}.ipynb").read_text(encoding="utf-8"))
        sources = ["".join(cell["source"]) for cell in saved["cells"]]
        assert RIGHT in sources, "what was typed was saved before it was handed in"

        report.get_by_text("Full feedback").click()
        page.frame_locator("iframe").get_by_role("heading", name="01_activations ·").wait_for()

        page.locator(".lm-TabBar-tab", has_text="Welcome").click()
        page.locator(f"{NOTEBOOK} .jp-OutputArea-output", has_text="Begin").first.click(position={"x": 300, "y": 5})
        page.keyboard.press("Shift+Enter")
        page.locator(NOTEBOOK).get_by_text("Go on").wait_for()
        lab.shot("welcome-again")
        assert "1 of" in page.locator(NOTEBOOK).inner_text()


def test_run_all_in_an_untouched_notebook_is_no_wall_of_errors(address: str, folder: Path) -> None:
    other = UNITS[1]
    notebook = folder / "work" / "untouched.ipynb"
    notebook.write_bytes(other.notebook("notebooks").read_bytes())
    with opened(address.replace("Welcome", "untouched")) as lab:
        lab.kernel()
        lab.command("notebook:run-all-cells")
        lab.to_the_end()
        lab.cell("dlkit.submit()").get_by_text("Nothing was handed in").wait_for()
        lab.command("docmanager:save")
        lab.page.wait_for_function("() => !document.querySelector('.lm-mod-current.jp-mod-dirty')")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    checks = [
        cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code"
    ]
    assert checks
    for cell in checks:
        (table,) = cell["outputs"]
        assert "not attempted yet" in "".join(table["data"]["text/html"])


LOOKS = [("Light", 1300), ("Dark", 1300), ("Dark", 700)]


def test_tables_read_well_in_both_themes_and_in_a_narrow_window(address: str, folder: Path) -> None:
    """Every text of a failing table stands out from its background: a contrast of at least 3, as for large text."""
    source = json.loads(UNITS[0].notebook("notebooks").read_text(encoding="utf-8"))
    cells = {cell["id"]: cell for cell in source["cells"]}
    cells["sigmoid"]["source"] = WRONG
    source["cells"] = [cells[id] for id in ("setup", "sigmoid", "sigmoid-check")]
    (folder / "work" / "looks.ipynb").write_text(json.dumps(source), encoding="utf-8")
    with opened(address.replace("Welcome", "looks")) as lab:
        lab.kernel()
        lab.run("from dlkit.check import check")
        lab.run("def sigmoid(x")
        table = lab.run('check.exercise("activations", "sigmoid",')
        table.get_by_text("Likely cause.").wait_for()
        for theme, width in LOOKS:
            lab.page.set_viewport_size({"width": width, "height": 900})
            lab.page.evaluate(THEME, f"JupyterLab {theme}")
            lab.page.wait_for_function(
                "theme => document.body.dataset.jpThemeName === theme", arg=f"JupyterLab {theme}"
            )
            lab.shot(f"failing-{theme.lower()}-{width}")
            worst, text = table.locator(".jp-RenderedHTMLCommon").evaluate(CONTRAST)
            assert worst >= 3, f"{text!r} has a contrast of {worst:.1f} only in {theme}"
            whole, seen = table.locator(".jp-RenderedHTMLCommon").evaluate("e => [e.scrollWidth, e.clientWidth]")
            assert whole <= seen + 1, f"something is cut off at the side, {width} pixels wide"


THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
CONTRAST = """root => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
    const behind = e => { for (; e; e = e.parentElement) {
        const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
    let worst = [99, ''];
    for (const e of root.querySelectorAll('*')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
        const back = behind(e); let alpha = 1;
        for (let p = e; p && p !== root; p = p.parentElement) alpha *= Number(getComputedStyle(p).opacity);
        const front = numbers(getComputedStyle(e).color).slice(0, 3).map((v, i) => v * alpha + back[i] * (1 - alpha));
        const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
        const ratio = (a + .05) / (b + .05);
        if (ratio < worst[0]) worst = [ratio, e.textContent.trim().slice(0, 60)];
    }
    return worst;
}"""
