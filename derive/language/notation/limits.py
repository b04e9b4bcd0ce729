"""What the builders of syntax nodes share: places in the text, and limits on it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from lark import Token

from derive.language.notation.errors import Span
from derive.language.notation.syntax import Name, Node

DEEPEST = 30
LONGEST_NUMBER = 40
#: words that are free of meaning here but kept for the options of padding
RESERVED = ("same", "valid")
#: the words of the grammar
WORDS = [
    "sum",
    "max",
    "argmax",
    "if",
    "then",
    "else",
    "and",
    "or",
    "not",
    "pad",
    "all",
    "by",
    "int",
    "real",
    "where",
    "divides",
    "inf",
]


NO_RANGE = "this is no range of an index"


class Refused(Exception):
    """A text that follows the grammar but breaks a limit or a rule the grammar cannot state."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


def place(parts: Iterable[Any]) -> Span:
    """From the start of the first token or node among some parts to the end of the last."""
    spans = [_span(p) for p in parts if isinstance(p, Token | Node)]
    return spans[0][0], spans[-1][1]


def _span(part: Token | Node) -> Span:
    if isinstance(part, Token):
        return part.start_pos or 0, part.end_pos or 0
    return part.span


def above(parts: Iterable[Any], span: Span) -> int:
    """The depth of a node with these parts."""
    depth = 1 + max((p.depth for p in parts if isinstance(p, Node)), default=0)
    if depth > DEEPEST:
        raise Refused(
            f"this nests more than {DEEPEST} levels deep",
            span,
            "name a part in an equation of its own",
        )
    return depth


def number_of(token: Token) -> Fraction:
    """The exact value of a number, decimals as fractions."""
    digits, _, power = token.lower().partition("e")
    if len(digits) + abs(int(power[:LONGEST_NUMBER] or 0)) > LONGEST_NUMBER:
        raise Refused(f"a number has at most {LONGEST_NUMBER} digits", _span(token))
    return Fraction(str(token))


def name_of(token: Token) -> str:
    """A name, unless it is one of the words kept free for padding options."""
    if token in RESERVED:
        raise Refused(
            f"{str(token)!r} is a word of the notation and cannot be a name",
            _span(token),
            "padding is written as numbers: H pad 1, or H pad (1, 2)",
        )
    return str(token)


def named(token: Token) -> Name:
    return Name(_span(token), 1, name_of(token))
