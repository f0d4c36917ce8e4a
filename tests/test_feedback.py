"""Feedback shows a learner's own words and nothing that runs, on our page and on nbgrader's."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nbformat
import pytest

from dlkit.grading.batch import grade_one
from dlkit.grading.gradebook import course_directory, run
from dlkit.grading.paths import feedback_of, submission_of
from dlkit.grading.sandbox import available
from tests.lessons import UNITS, course_in
from tests.submissions import answered

UNIT = UNITS[0]
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "handler": "<img src=x onerror=alert(2)>",
    "frame": "<iframe src='javascript:alert(3)'></iframe>",
    "link": "[x](javascript:alert(4)) <a href='javascript:alert(5)'>x</a>",
    "drawing": "<svg onload=alert(6)><script>alert(7)</script></svg>",
    "style": "<style>body{display:none}</style><p style='position:fixed;top:0'>x</p>",
    "form": "<form action='http://example.org'><input name=p><button>x</button></form>",
    "meta": "<meta http-equiv=refresh content='0;url=http://example.org'>",
}
FORBIDDEN = {"script", "iframe", "svg", "form", "input", "button", "meta", "style", "object", "embed", "base", "link"}


class _Dangers(HTMLParser):
    """What a browser would run or load, in what the parser really takes for markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            text = (value or "").lower().replace(" ", "")
            if name.startswith("on") or text.startswith(("javascript:", "data:text")) or "position:" in text:
                self.found.append(f"<{tag} {name}={value!r}>")


def dangers(page: str) -> list[str]:
    """The dangers in what follows a page's head; nbgrader's own template has a script of its own at its end."""
    parser = _Dangers()
    parser.feed(page.partition("<body")[2])
    return parser.found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The feedback pages of a submission that puts hostile markup wherever a learner's words are shown."""
    root = tmp_path_factory.mktemp("course")
    unit = course_in(root, UNIT)
    everything = " ".join(HOSTILE.values())
    notebook = answered(
        UNIT,
        {
            "sigmoid": f"print({everything!r})\ndef sigmoid(x):\n    print({everything!r})\n    return {everything!r}",
            "tanh": f"def tanh(x):\n    raise ValueError({everything!r})",
            "relu": f"raise ValueError({everything!r} + '\\x1b[31m')",
            "q-kink-descent": f"def q_kink_descent():\n    return {everything!r}",
            "a-relu-three-advantages": "\n\n".join(HOSTILE.values()),
        },
    )
    notebook.cells.append(nbformat.v4.new_markdown_cell("\n\n".join(HOSTILE.values())))
    path = submission_of(unit, "mallory")
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    grade_one((unit, "mallory"), boxed=available())
    ours = feedback_of(unit, "mallory").read_text(encoding="utf-8")

    from nbgrader.converters import GenerateFeedback

    directory = course_directory(root, assignment_id=unit.name, student_id="mallory")
    run(GenerateFeedback(coursedir=directory, config=directory.config, force=True), "no feedback")
    return {"ours": ours, "nbgrader's": feedback_of(unit, "mallory").read_text(encoding="utf-8")}


@pytest.mark.parametrize("page", ["ours", "nbgrader's"])
def test_nothing_that_a_learner_wrote_runs(pages: dict[str, str], page: str) -> None:
    assert dangers(pages[page]) == []
    assert "alert(1)" in pages[page], "the words themselves should still be there to read"


def test_our_page_loads_nothing(pages: dict[str, str]) -> None:
    assert "default-src 'none'" in pages["ours"]
    assert not re.search(r"(src|href)=.?https?:", pages["ours"])


@pytest.mark.parametrize("page", ["ours", "nbgrader's"])
def test_no_hidden_check_is_shown(pages: dict[str, str], page: str) -> None:
    plain = re.sub(r"<[^>]+>", "", pages[page])
    assert "HIDDEN TESTS" not in plain
    assert "dlkit.reference" not in plain
    assert "(hidden)" in plain
