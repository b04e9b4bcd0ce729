"""Pieces of Python text with how tightly they bind, put together by precedence."""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction

from sympy import Basic

from derive.language.terms import Entry, Index, subterms


class Level(IntEnum):
    """How tightly a text binds."""

    CHOICE = 0
    OR = 1
    AND = 2
    NOT = 3
    COMPARISON = 4
    SUM = 5
    TERM = 6
    SIGN = 7
    POWER = 8
    ATOM = 9


Text = tuple[str, Level]

#: signs read from right to left
_TURNED = {"<": ">", "<=": ">=", "==": "==", "!=": "!="}


def comparison(stated: Basic, sign: str, sides: list[str]) -> str:
    """``a < b``; what varies stands on the left where the other side is a number."""
    left, right = sides
    if stated.args[0].is_number and not stated.args[1].is_number:
        return f"{right} {_TURNED[sign]} {left}"
    return f"{left} {sign} {right}"


def library(expr: Basic) -> str:
    """NumPy for what varies, ``math`` for numbers, whose results take on an array's dtype."""
    return "np" if any(isinstance(s, Index | Entry) for s in subterms(expr)) else "math"


def fitted(text: Text, level: Level) -> str:
    """The text, in parentheses if it binds less tightly than ``level``."""
    return text[0] if text[1] >= level else f"({text[0]})"


def number_text(number: Fraction) -> str:
    """An integer, or a float."""
    return str(number.numerator) if number.denominator == 1 else repr(float(number))
