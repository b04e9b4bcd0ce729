"""Spelling out what padding and exact quotients mean: every read gets its guards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Expr, Integer, Mul, Pow

from derive.language.definition import ZERO, Axis
from derive.language.terms import (
    Between,
    Choose,
    Condition,
    Divides,
    Entry,
    ExactQuotient,
    FloorDiv,
    Iverson,
    all_of,
    mapped,
    subterms,
)

Axes = Mapping[str, tuple[Axis, ...]]


def explicit(expr: Any, axes: Axes) -> Any:
    """The expression with every read outside a tensor and every exact quotient made a guard."""
    if isinstance(expr, Entry):
        guards, read = opened(expr, axes)
        return Mul(*(Iverson(g) for g in guards), read) if guards else read
    if isinstance(expr, Mul):
        return _product(expr, axes)
    if isinstance(expr, Pow) and isinstance(expr.base, Entry):
        return _power(expr.base, expr.exp, axes)
    return mapped(lambda arg: explicit(arg, axes), expr)


def opened(entry: Entry, axes: Axes) -> tuple[list[Condition], Expr]:
    """The guards outside which a read counts as zero, and the read that they leave."""
    guards: list[Condition] = list(divisibilities(entry))
    inside: list[Condition] = []
    fill: Expr = ZERO
    plain = Entry(entry.base, *(floored(i) for i in entry.indices))
    for place, axis in zip(plain.indices, axes[entry.tensor], strict=True):
        if axis.padded:
            inside.append(Between(ZERO, place, axis.size))
            fill = axis.fill
    if fill == 0 or not inside:
        return guards + inside, plain
    return guards, Choose(all_of(inside), plain, fill)


def divisibilities(expr: Basic) -> list[Condition]:
    """That each exact quotient in an expression is one."""
    found = [s for s in subterms(expr) if isinstance(s, ExactQuotient)]
    return [Divides(floored(q.args[1]), floored(q.args[0])) for q in dict.fromkeys(found)]


def floored(expr: Any) -> Any:
    """The expression with ``//`` in place of exact quotients."""
    new = mapped(floored, expr)
    return FloorDiv(*new.args) if isinstance(expr, ExactQuotient) else new


def _product(expr: Mul, axes: Axes) -> Expr:
    """The factors' guards, each once, and what they leave of the factors."""
    guards: dict[Condition, None] = {}
    factors = []
    for factor in expr.args:
        found, rest = _factor(factor, axes)
        guards.update(dict.fromkeys(found))
        factors.append(rest)
    if not guards and tuple(factors) == expr.args:
        return expr
    written = [f.args[0] for f in factors if isinstance(f, Iverson)]
    return Mul(*(Iverson(g) for g in guards if g not in written), *factors)


def _factor(factor: Expr, axes: Axes) -> tuple[list[Condition], Expr]:
    if isinstance(factor, Entry):
        return opened(factor, axes)
    if isinstance(factor, Pow) and isinstance(factor.base, Entry) and _counts(factor.exp):
        guards, read = opened(factor.base, axes)
        return guards, Pow(read, factor.exp)
    return [], explicit(factor, axes)


def _power(base: Entry, exponent: Expr, axes: Axes) -> Expr:
    """A read to some power: a guard may stand outside a positive power only."""
    guards, read = opened(base, axes)
    if _counts(exponent):
        return Mul(*(Iverson(g) for g in guards), Pow(read, exponent))
    if guards:
        read = Choose(all_of(guards), read, ZERO)
    return Pow(read, explicit(exponent, axes))


def _counts(exponent: Expr) -> bool:
    return isinstance(exponent, Integer) and exponent.p >= 1
