"""Text for terminals that know ASCII only."""

from __future__ import annotations

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
