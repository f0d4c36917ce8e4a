"""The hints of an exercise, to be read in a terminal: what its statement keeps in <details>, as plain text."""

from __future__ import annotations

import html
import re

from dlkit.study.formulas import readable

__all__ = ["hints"]

HINT = re.compile(r"<details>\s*<summary>(?P<title>.*?)</summary>(?P<text>.*?)</details>", re.DOTALL)
FORMULA = re.compile(r"\$[^$]+\$")
CODE = re.compile(r"</?code>")
TAG = re.compile(r"</?(?:b|br|em|i|p|strong|sub|sup)\s*/?>")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def hints(statement: str, encoding: str) -> list[str]:
    """Each hint as one paragraph: "Hint 1: Differentiate …". Formulas are made readable for this encoding."""
    return [_plain(f"{hint['title']}: {hint['text']}", encoding) for hint in HINT.finditer(statement)]


def _plain(text: str, encoding: str) -> str:
    text = html.unescape(TAG.sub("", CODE.sub("`", text)))
    text = FORMULA.sub(lambda formula: ESCAPED.sub(r"\1", readable(formula[0], encoding)), text)  # no Markdown here
    return " ".join(text.split())
