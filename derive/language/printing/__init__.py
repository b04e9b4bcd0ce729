"""How formulas look: Unicode in one line or several, LaTeX, or the notation that can be read back.

SymPy's own printers are not used, as they sort terms and factors by name; here they stand in the
order of lecture notes, which depends on nothing but the expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Basic

from derive.language.printing.layout import Doc, Line, Row, lines
from derive.language.printing.notation import Notation
from derive.language.printing.style import Unicode
from derive.language.printing.tex import InlineTex, Tex
from derive.language.printing.writer import Writer

if TYPE_CHECKING:
    from derive.domains import Decision

#: the width of a LaTeX line, in halves of an em
LATEX_WIDTH = 78
#: how far the rows of a broken formula are indented at the most, in em
DEEPEST = 14


def plain(expr: Basic) -> str:
    """An expression or a condition in one line: ``Σ_{a<K} [0 ≤ r'−a < R]·g[r'−a]·k[a]``."""
    return Writer(Unicode()).doc(expr).text


def expression_text(expr: Basic) -> str:
    """An expression or a condition in the notation, every range written out."""
    return Writer(Notation()).doc(expr).text


def wrapped(expr: Basic, width: int = 80, indent: int = 0) -> list[str]:
    """The same in lines of at most ``width`` columns, each indented by at least ``indent``."""
    return _padded(Writer(Unicode()).doc(expr), width, indent)


def equation(left: Basic, right: Basic, width: int = 80, indent: int = 0) -> list[str]:
    """``left = right`` in lines; the right-hand side moves below where there is no room beside."""
    writer = Writer(Unicode())
    a, b = writer.doc(left), writer.doc(right)
    beside = Row((a, writer.style.atom(" = "), b))
    if indent + beside.width <= width or a.width <= width // 8:
        return _padded(beside, width, indent)
    below = Row((writer.style.atom("= "), b))
    return [" " * indent + a.text, *_padded(below, width, indent + 2)]


def _padded(doc: Doc, width: int, indent: int) -> list[str]:
    return [" " * (indent + line.indent) + line.text for line in lines(doc, width - indent)]


def latex(expr: Basic) -> str:
    """An expression or a condition in LaTeX, in one line."""
    return Writer(Tex()).doc(expr).text


def latex_inline(expr: Basic) -> str:
    """An expression or a condition in LaTeX for a line of words, without tall fractions."""
    return Writer(InlineTex()).doc(expr).text


def latex_rows(expr: Basic, width: int = LATEX_WIDTH) -> list[str]:
    """``= expr`` as the rows of an ``align`` or ``aligned``, broken to the width."""
    broken = lines(Writer(Tex()).doc(expr), width - 3)
    return _rows("&= ", broken, 3)


def latex_change_rows(old: Basic, new: Basic, width: int = LATEX_WIDTH) -> list[str]:
    """``old → new`` as the rows of an ``align`` or ``aligned``."""
    writer = Writer(Tex())
    before = _rows("&", lines(writer.doc(old), width), 0)
    return [*before, *_rows(r"&\to ", lines(writer.doc(new), width - 4), 4)]


def latex_equation_rows(left: Basic, right: Basic, width: int = LATEX_WIDTH) -> list[str]:
    """``left = right`` as the rows of an ``align`` or ``aligned``."""
    writer = Writer(Tex())
    a, b = writer.doc(left), writer.doc(right)
    if a.width + 3 + b.width <= width or a.width <= width // 8:
        return _rows(f"{a.text} &= ", lines(b, width - a.width - 3), 3)
    return [f"&{a.text}", *_rows(r"&\quad = ", lines(b, width - 5), 5)]


def _rows(lead: str, broken: list[Line], offset: int) -> list[str]:
    first, *rest = broken
    indents = [min((line.indent + offset) / 2, DEEPEST) for line in rest]
    later = [rf"&\hspace{{{n:g}em}} {line.text}" for n, line in zip(indents, rest, strict=True)]
    return [lead + first.text, *later]


def decision_text(decision: Decision) -> str:
    """``0 ≤ a' < K1 for all sizes (islpy)``: a side condition and who decided it."""
    return plain(decision.condition) + outcome(decision)


def outcome(decision: Decision) -> str:
    """The words that follow a condition: for all sizes, undecided, or where it fails."""
    if decision.holds is None:
        return f": undecided ({decision.decider})"
    if decision.holds:
        return f" for all sizes ({decision.decider})"
    point = ", ".join(f"{s.name}={value}" for s, value in decision.counterexample or ())
    return f" fails{f' at {point}' if point else ''} ({decision.decider})"


REPLACEMENTS = {
    "Σ": "sum",
    "∂": "d",
    "δ": "delta",
    "π": "pi",
    "∞": "inf",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "·": "*",
    "−": "-",
    "–": "-",
    "—": "-",
    "∣": "|",
    "∤": "does not divide",
    "⌊": "floor(",
    "⌋": ")",
    "⟶": "->",
    "→": "->",
    "∵": "because",
    "•": "*",
    "⋮": ":",
    "…": "...",
    "×": "x",
    "’": "'",
    "ᵀ": "'",
    "■": "#",
    "─": "-",
    "═": "=",
    "│": "|",
    "╭": "+",
    "╮": "+",
    "╰": "+",
    "╯": "+",
    **{digit: f"^{value}" for value, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}

TABLE = str.maketrans(REPLACEMENTS)


def to_ascii(text: str) -> str:
    """The text without a character outside ASCII: ``Σ_{a<K}`` becomes ``sum_{a<K}``.

    Words take more room than signs, so lines may become longer than they were.
    """
    return text.translate(TABLE).encode("ascii", "replace").decode("ascii")
