"""An equation's right-hand side made uniform: guards for deltas, one name for one bound index."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, KroneckerDelta, Pow, Sum

from derive.language.terms import (
    Index,
    Iverson,
    MaxOver,
    Range,
    Same,
    mapped,
    ranges_of,
    replace,
    with_ranges,
)
from numeric.lowering.naming import FreshNames

Seen = dict[Index, tuple[Expr, Expr]]


def uniform(expr: Basic, outer: tuple[Index, ...], names: FreshNames) -> Any:
    """The expression with every δ as a guard, guards to the first power, and no index bound twice.

    One name may be bound in two places that have nothing to do with each other, by equal ranges.
    """
    return _bound_once(_guarded(expr), frozenset(outer), {}, names)


def _guarded(expr: Basic) -> Any:
    new = mapped(_guarded, expr)
    if isinstance(expr, KroneckerDelta):
        return Iverson(Same(*new.args[:2]))
    if isinstance(expr, Pow) and isinstance(new.args[0], Iverson) and new.args[1].is_positive:
        return new.args[0]
    return new


def _bound_once(expr: Basic, scope: frozenset[Index], seen: Seen, names: FreshNames) -> Any:
    if not isinstance(expr, Sum | MaxOver):
        return mapped(lambda arg: _bound_once(arg, scope, seen, names), expr)
    renaming: dict[Basic, Basic] = {}
    ranges: list[Range] = []
    for index, lo, hi in ranges_of(expr):
        bounds = (replace(lo, renaming), replace(hi, renaming))
        known = seen.setdefault(index, bounds)
        chosen = names.index(index.name) if index in scope or known != bounds else index
        renaming[index] = chosen
        scope |= {chosen}
        ranges.append((chosen, *bounds))
    body = _bound_once(replace(expr.args[0], renaming), scope, seen, names)
    return with_ranges(expr, body, ranges)
