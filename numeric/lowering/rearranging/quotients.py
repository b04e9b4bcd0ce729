"""Quotients and remainders worked out where the ranges of their parts allow it."""

from __future__ import annotations

from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Sum

from derive.language.integers import exact_multiple, expanded, split_multiple
from derive.language.substitution import integral
from derive.language.terms import (
    ZERO,
    Between,
    FloorDiv,
    MaxOver,
    Modulo,
    Range,
    mapped,
    ranges_of,
    with_ranges,
)
from numeric.program.assumptions import Assumptions


def divided(expr: Basic, here: Assumptions) -> Any:
    """The expression with ``(m·q + e)//m`` as q and ``(m·q + e) % m`` as e wherever 0 ≤ e < m."""
    if isinstance(expr, Sum | MaxOver):
        return _divided_inside(expr, here)
    new = mapped(lambda arg: divided(arg, here), expr)
    if isinstance(expr, FloorDiv):
        return quotient(new.args[0], new.args[1], here)
    if isinstance(expr, Modulo):
        return remainder(new.args[0], new.args[1], here)
    changed = new is not expr and isinstance(new, Add | Mul) and integral(new)
    return expanded(new) if changed else new


def _divided_inside(node: Any, here: Assumptions) -> Expr:
    """A sum or maximum; each bound may use the indices before it."""
    ranges: list[Range] = []
    for index, lo, hi in ranges_of(node):
        ranges.append((index, divided(lo, here), divided(hi, here)))
        here = here.over(ranges[-1:])
    return with_ranges(node, divided(node.args[0], here), ranges)


def quotient(number: Expr, divisor: Expr, here: Assumptions) -> Expr:
    """``number // divisor``, worked out as far as the ranges tell."""
    if divisor == 1:
        return number
    whole, rest = split_multiple(number, divisor)
    if rest == 0 or _below(rest, divisor, here):
        return whole
    if whole != 0:
        return whole + quotient(rest, divisor, here)
    for _, extent in _digits(rest, here):
        factor = exact_multiple(divisor, extent)
        if factor is None or extent == 1 or factor in (ZERO, 1):
            continue
        upper, lower = split_multiple(rest, extent)
        if upper != 0 and _below(lower, extent, here):
            return quotient(upper, factor, here)
    return FloorDiv(number, divisor)


def remainder(number: Expr, divisor: Expr, here: Assumptions) -> Expr:
    """``number % divisor``, worked out as far as the ranges tell."""
    _, rest = split_multiple(number, divisor)
    return rest if rest == 0 or _below(rest, divisor, here) else Modulo(rest, divisor)


def _below(rest: Expr, divisor: Expr, here: Assumptions) -> bool:
    if isinstance(rest, Integer) and isinstance(divisor, Integer):
        return bool(0 <= rest < divisor)
    return here.shows(Between(ZERO, rest, divisor))


def _digits(number: Expr, here: Assumptions) -> list[tuple[Expr, Expr]]:
    """The terms of a number that are digits, each with the number of its values."""
    terms = Add.make_args(expanded(number))
    known: list[tuple[Expr, Expr]] = [*here.axes]
    known += [c.args[1:] for c in here.where if isinstance(c, Between) and c.args[0] == 0]
    return [(i, n) for i, n in known if i in terms]
