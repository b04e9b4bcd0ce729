"""Quotients and remainders worked out where the ranges of their parts allow it."""

from __future__ import annotations

from typing import Any

from sympy import Add, Basic, Expr, IndexedBase, Integer, Mul, Sum

from derive.language.integers import exact_multiple, expanded, split_multiple
from derive.language.substitution import integral
from derive.language.terms import (
    Between,
    FloorDiv,
    MaxOver,
    Modulo,
    Range,
    maximum,
    ranges_of,
    total,
)
from numeric.lowering.ground import Ground
from numeric.program.reads import ZERO


def settled(expr: Basic, ground: Ground) -> Any:
    """The expression with ``(m·q + e)//m`` as q and ``(m·q + e) % m`` as e wherever 0 ≤ e < m."""
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    if isinstance(expr, Sum | MaxOver):
        return _settled_inside(expr, ground)
    args = [settled(arg, ground) for arg in expr.args]
    if isinstance(expr, FloorDiv):
        return quotient(args[0], args[1], ground)
    if isinstance(expr, Modulo):
        return remainder(args[0], args[1], ground)
    if tuple(args) == expr.args:
        return expr
    new = expr.func(*args)
    return expanded(new) if isinstance(new, Add | Mul) and integral(new) else new


def _settled_inside(node: Any, ground: Ground) -> Expr:
    """A sum or maximum; each bound may use the indices before it."""
    ranges: list[Range] = []
    for index, lo, hi in ranges_of(node):
        ranges.append((index, settled(lo, ground), settled(hi, ground)))
        ground = _entered(ground, ranges[-1])
    body = settled(node.args[0], ground)
    return (total if isinstance(node, Sum) else maximum)(body, ranges)


def entered(ground: Ground, node: Any) -> Ground:
    """The place inside a sum or maximum."""
    for limits in ranges_of(node):
        ground = _entered(ground, limits)
    return ground


def _entered(ground: Ground, limits: Range) -> Ground:
    index, lo, hi = limits
    if lo == 0:
        return ground.within([(index, hi)])
    return ground.given([Between(lo, index, hi)])


def quotient(number: Expr, divisor: Expr, ground: Ground) -> Expr:
    """``number // divisor``, worked out as far as the ranges tell."""
    if divisor == 1:
        return number
    whole, rest = split_multiple(number, divisor)
    if rest == 0 or _below(rest, divisor, ground):
        return whole
    if whole != 0:
        return whole + quotient(rest, divisor, ground)
    for _, extent in _digits(rest, ground):
        factor = exact_multiple(divisor, extent)
        if factor is None or extent == 1 or factor in (ZERO, 1):
            continue
        upper, lower = split_multiple(rest, extent)
        if upper != 0 and _below(lower, extent, ground):
            return quotient(upper, factor, ground)
    return FloorDiv(number, divisor)


def remainder(number: Expr, divisor: Expr, ground: Ground) -> Expr:
    """``number % divisor``, worked out as far as the ranges tell."""
    _, rest = split_multiple(number, divisor)
    return rest if rest == 0 or _below(rest, divisor, ground) else Modulo(rest, divisor)


def _below(rest: Expr, divisor: Expr, ground: Ground) -> bool:
    if isinstance(rest, Integer) and isinstance(divisor, Integer):
        return bool(0 <= rest < divisor)
    return ground.shows(Between(ZERO, rest, divisor))


def _digits(number: Expr, ground: Ground) -> list[tuple[Expr, Expr]]:
    """The terms of a number that are digits, each with the number of its values."""
    terms = Add.make_args(expanded(number))
    known = [*ground.axes]
    known += [
        (c.args[1], c.args[2]) for c in ground.where if isinstance(c, Between) and c.args[0] == 0
    ]
    return [(i, n) for i, n in known if i in terms]
