"""Where the indices of reads may lie: integer terms over intervals."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import Any

from sympy import Add, Mul, Symbol

from derive.language.terms import ExactQuotient, FloorDiv, Greatest, Least, Modulo
from verify.evaluation.sizes import known

#: the first and the last integer; None where there is none
Interval = tuple[int, int]
Known = Mapping[Symbol, Interval]


def interval(term: Any, at: Known) -> Interval | None:
    """The smallest interval that holds the term's values, where symbols are in theirs.

    It may hold more where one symbol stands in a term twice, or where a remainder wraps.
    """
    if isinstance(term, Symbol):
        return at[term]
    found = [interval(arg, at) for arg in term.args]
    parts = [each for each in found if each is not None]
    if len(parts) < len(found):
        return None
    lows, highs = [low for low, _ in parts], [high for _, high in parts]
    match term:
        case Add():
            return sum(lows), sum(highs)
        case Mul():
            corners = [prod(corner) for corner in product(*parts)]
            return min(corners), max(corners)
        case Least():
            return min(lows), min(highs)
        case Greatest():
            return max(lows), max(highs)
        case FloorDiv() | Modulo() | ExactQuotient():
            return _divided(term, parts[0], parts[1])
    value = int(known(term, {}))
    return value, value


def _divided(term: Any, number: Interval, divisor: Interval) -> Interval | None:
    (low, high), (by, same) = number, divisor
    if by != same or by < 1:
        raise ValueError(f"{term} is divided by what is no one positive number")
    match term:
        case FloorDiv():
            return low // by, high // by
        case Modulo():
            wraps = low // by != high // by
            return (0, by - 1) if wraps else (low % by, high % by)
    first, last = -(-low // by), high // by
    return (first, last) if first <= last else None


def hull(one: Interval, other: Interval) -> Interval:
    """The smallest interval that holds both."""
    return min(one[0], other[0]), max(one[1], other[1])
