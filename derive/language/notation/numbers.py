"""The value of an integer expression or a condition at given numbers."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Add, Basic, Integer, Mul, Pow, Symbol

from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Differ,
    Divides,
    Division,
    Either,
    Entry,
    Greatest,
    Least,
    Less,
    Modulo,
    Negation,
    Same,
)

Point = Mapping[Symbol | Entry, int]


class NoValue(Exception):
    """The expression has no value at the point."""


def integer(expr: Basic, point: Point) -> int:
    """The value of an integer expression."""
    if isinstance(expr, Symbol | Entry):
        if expr not in point:
            raise NoValue(str(expr))
        return point[expr]
    if isinstance(expr, Integer):
        return int(expr)
    values = [integer(a, point) for a in expr.args]
    if isinstance(expr, Add):
        return sum(values)
    if isinstance(expr, Mul):
        result = 1
        for value in values:
            result *= value
        return result
    if isinstance(expr, Least | Greatest):
        return min(values) if isinstance(expr, Least) else max(values)
    if len(values) == 2 and isinstance(expr, Pow) and values[1] >= 0:
        return int(values[0] ** values[1])
    if isinstance(expr, Division) and values[1] != 0:
        return values[0] % values[1] if isinstance(expr, Modulo) else values[0] // values[1]
    raise NoValue(str(expr))


def truth(stated: Basic, point: Point) -> bool:
    """Whether a condition on integers holds."""
    if isinstance(stated, Both | Either | Negation):
        parts = [truth(a, point) for a in stated.args]
        if isinstance(stated, Negation):
            return not parts[0]
        return all(parts) if isinstance(stated, Both) else any(parts)
    values = [integer(a, point) for a in stated.args]
    if isinstance(stated, Between):
        return values[0] <= values[1] < values[2]
    if isinstance(stated, Divides):
        return values[1] == 0 if values[0] == 0 else values[1] % values[0] == 0
    if isinstance(stated, Less):
        return values[0] < values[1]
    if isinstance(stated, AtMost):
        return values[0] <= values[1]
    if isinstance(stated, Same | Differ):
        return (values[0] == values[1]) == isinstance(stated, Same)
    raise NoValue(str(stated))
