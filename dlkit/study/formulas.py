"""Formulas of the question banks as plain text: γ, √(x + 1), x₁², (a + b)/c. What cannot be said so stays TeX.

pylatexenc reads the formulas and knows the symbols. Scripts and fractions are written here, since it leaves out the
brackets that keep their meaning: its \\frac{a+b}{c} is a+b/c.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

__all__ = ["readable"]

FORMULA = re.compile(r"\$([^$]+)\$")
LEFT, RIGHT, NAME, TIGHT = "\ue000", "\ue001", "\ue002", "\ue003"
"""Around a fraction and a function's name, until their neighbours say whether brackets or spaces are needed; and behind
what no space may follow.
"""
SUPERS, SUBS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵀ°", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
SUPER = str.maketrans("0123456789+-=()abcdefghijklmnoprstuvwxyzT⊤∘", SUPERS)
SUB = str.maketrans("0123456789+-=()aehijklmnoprstuvx", SUBS)
VULGAR = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/8": "⅛"}
RELATIONS = "-+=±·×⊙<>≤≥≠≈∼→←∈"
BEFORE, AFTER = f"{RELATIONS}([{{,;:", f"{RELATIONS})]}},;:."
NAMES = ("arg", "cos", "exp", "inf", "lim", "ln", "log", "max", "min", "sin", "sup", "tan", "tanh")
SYMBOLS = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "quad": "  ", "qquad": "    ", "ne": "≠", "|": "‖"}
OPENING = {"partial": "∂", "nabla": "∇", "lvert": "|", "lVert": "‖", "langle": "⟨", "lfloor": "⌊", "lceil": "⌈"}
IGNORED = ("left", "right", "bigl", "bigr", "Bigl", "Bigr", "big", "Big")
ONE = re.compile(rf"[\d.]+[{SUPERS}{SUBS}]*|∂|∂?\w[\u0300-\u036f′{SUPERS}{SUBS}]*|[√\w]*\([^()]*\)")
"""A number, a letter with its scripts, or a call: what needs no brackets."""
SPACING = (
    (rf"(?<=\w){NAME}(?=[a-z]+{NAME})", " "),  # λ ln
    (rf"(?<=[a-z]){NAME} *(?![{SUPERS}{SUBS}])(?=[\w√∑∂|‖])", " "),  # ln x, but ln(x) and ln²
    (NAME, ""),
    (f"{TIGHT} *", ""),
    (rf"(?<= )([{RELATIONS[3:]}]) ?(?=\S)", r"\1 "),
    (rf"(?<=\S)([{RELATIONS}]) ", r" \1 "),
)


class _Unsayable(Exception):
    """A formula that has no plain text."""


def readable(markdown: str, encoding: str) -> str:
    """The Markdown with each `$…$` as text, if the output's encoding has its characters."""
    return FORMULA.sub(lambda formula: _in_markdown(formula, encoding), markdown)


def _in_markdown(formula: re.Match[str], encoding: str) -> str:
    """The formula's text, or else its TeX, with what Markdown would take for markup escaped."""
    text = _text(formula[1]) or formula[0]
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = formula[0]
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


@cache
def _text(tex: str) -> str:
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

    reading, writer = _pylatexenc()
    try:
        nodes, *_ = LatexWalker(tex, latex_context=reading, tolerant_parsing=False).get_latex_nodes()
        text = writer.nodelist_to_text(nodes)
    except (LatexWalkerError, _Unsayable):
        return ""
    inner = re.compile(f"{LEFT}([^{LEFT}{RIGHT}]*){RIGHT}")
    while fraction := inner.search(text):
        text = text[: fraction.start()] + _placed(fraction, text) + text[fraction.end() :]
    for pattern, instead in SPACING:
        text = re.sub(pattern, instead, text)
    return unicodedata.normalize("NFC", text)


@cache
def _pylatexenc() -> tuple[Any, Any]:
    """What TeX reads as one thing, and how each is written."""
    from pylatexenc import latex2text, latexwalker
    from pylatexenc.latex2text import MacroTextSpec, SpecialsTextSpec
    from pylatexenc.macrospec import MacroSpec, MacroStandardArgsParser, SpecialsSpec

    dashes = ["nonascii-specials"]  # in a formula f'' has no quotation mark, and -- is twice a minus
    reading = latexwalker.get_default_latex_context_db().filter_context(exclude_categories=dashes)
    reading.add_context_category(
        "formulas",
        prepend=True,
        macros=[
            *(MacroSpec(name, "{{") for name in ("dfrac", "tfrac", "binom")),
            *(MacroSpec(name, "") for name in IGNORED),
        ],
        specials=[SpecialsSpec(mark, args_parser=MacroStandardArgsParser("{")) for mark in "^_"],
    )

    def arguments(node: Any, writer: Any) -> list[str]:
        texts = [writer.nodelist_to_text([part]) if part else "" for part in node.nodeargd.argnlist]
        return [re.sub(f"{TIGHT} *", "", text) for text in texts]

    def fraction(node: Any, l2tobj: Any) -> str:
        top, bottom = arguments(node, l2tobj)
        return f"{LEFT}{_part(top)}/{_part(bottom)}{RIGHT}"

    def binomial(node: Any, l2tobj: Any) -> str:
        return "C({}, {})".format(*arguments(node, l2tobj))

    def root(node: Any, l2tobj: Any) -> str:
        degree, inside = arguments(node, l2tobj)
        return f"{degree.translate(SUPER)}√{_part(inside)}"

    def script(node: Any, l2tobj: Any) -> str:
        mark, text = node.specials_chars, _bare(*arguments(node, l2tobj)).replace(NAME, "")
        raised = text.translate(SUPER if mark == "^" else SUB)
        if not set(raised) & set(text):
            return raised
        return f"{mark}{text}" if len(text) == 1 or (text.isascii() and text.isalnum()) else f"{mark}({text})"

    def overline(node: Any, l2tobj: Any) -> str:
        (text,) = arguments(node, l2tobj)
        if len(text) > 1:
            raise _Unsayable
        return f"{text}\u0304"

    def unknown(node: Any, l2tobj: Any) -> str:
        raise _Unsayable

    writing = latex2text.get_default_latex_context_db().filter_context(exclude_categories=dashes)
    writing.add_context_category(
        "formulas",
        prepend=True,
        macros=[
            *(MacroTextSpec(name, simplify_repl=fraction) for name in ("frac", "dfrac", "tfrac")),
            *(MacroTextSpec(name, simplify_repl=text) for name, text in SYMBOLS.items()),
            *(MacroTextSpec(name, simplify_repl=text + TIGHT) for name, text in OPENING.items()),
            *(MacroTextSpec(name, simplify_repl=NAME + name + NAME) for name in NAMES),
            *(MacroTextSpec(name, discard=True) for name in IGNORED),
            MacroTextSpec("binom", simplify_repl=binomial),
            MacroTextSpec("sqrt", simplify_repl=root),
            MacroTextSpec("overline", simplify_repl=overline),
        ],
        specials=[SpecialsTextSpec(mark, simplify_repl=script) for mark in "^_"],
    )
    writing.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=unknown))
    spaces = {"between-macro-and-chars": False, "between-latex-constructs": True}  # as they were typed
    return reading, latex2text.LatexNodes2Text(latex_context=writing, strict_latex_spaces=spaces)


def _bare(text: str) -> str:
    """Without the marks of a fraction that stands alone in brackets, in a script or under a root."""
    return text[1:-1] if re.fullmatch(f"{LEFT}[^{LEFT}{RIGHT}]*{RIGHT}", text) else text


def _part(text: str) -> str:
    """What stands above, below or under a root, in brackets unless it is one thing."""
    return text if ONE.fullmatch(_bare(text)) else f"({_bare(text)})"


def _placed(fraction: re.Match[str], text: str) -> str:
    before, after = text[: fraction.start()].rstrip(), text[fraction.end() :].lstrip()
    if fraction[1] in VULGAR:
        return VULGAR[fraction[1]]
    alone = (not before or before[-1] in BEFORE) and (not after or after[0] in AFTER)
    return fraction[1] if alone else f"({fraction[1]})"
