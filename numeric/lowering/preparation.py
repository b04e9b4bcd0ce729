"""An equation's right-hand side made uniform: guards for deltas, one name for one bound index."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, IndexedBase, KroneckerDelta, Pow, Sum

from derive.language.terms import (
    Index,
    Iverson,
    MaxOver,
    Range,
    Same,
    maximum,
    ranges_of,
    replace,
    total,
)
from numeric.lowering.naming import Names

Seen = dict[Index, tuple[Expr, Expr]]


def prepared(expr: Basic, outer: tuple[Index, ...], names: Names) -> Any:
    """The expression with every δ as a guard, guards to the first power, and no index bound twice.

    One name may be bound in two places that have nothing to do with each other, by equal ranges.
    """
    return _unique(_guarded(expr), frozenset(outer), {}, names)


def _guarded(expr: Basic) -> Any:
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    args = [_guarded(arg) for arg in expr.args]
    if isinstance(expr, KroneckerDelta):
        return Iverson(Same(*args[:2]))
    if isinstance(expr, Pow) and isinstance(args[0], Iverson) and args[1].is_positive:
        return args[0]
    return expr.func(*args) if tuple(args) != expr.args else expr


def _unique(expr: Basic, scope: frozenset[Index], seen: Seen, names: Names) -> Any:
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    if not isinstance(expr, Sum | MaxOver):
        args = [_unique(arg, scope, seen, names) for arg in expr.args]
        return expr.func(*args) if tuple(args) != expr.args else expr
    renaming: dict[Basic, Basic] = {}
    ranges: list[Range] = []
    for index, lo, hi in ranges_of(expr):
        bounds = (replace(lo, renaming), replace(hi, renaming))
        known = seen.setdefault(index, bounds)
        chosen = names.index(index.name) if index in scope or known != bounds else index
        renaming[index] = chosen
        scope |= {chosen}
        ranges.append((chosen, *bounds))
    body = _unique(replace(expr.args[0], renaming), scope, seen, names)
    return (total if isinstance(expr, Sum) else maximum)(body, ranges)
