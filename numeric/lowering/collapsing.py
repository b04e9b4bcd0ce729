"""Sums over an index that a guard determines: Σ_j [j = e]·F(j) = [lo ≤ e < hi]·F(e)."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, IndexedBase, Mul, Sum

from derive.language.integers import affine, mentions
from derive.language.substitution import substituted
from derive.language.terms import Between, Condition, Index, Iverson, Range, Same, ranges_of, total
from numeric.lowering.ground import Ground
from numeric.lowering.settling import entered
from numeric.program.reads import conjunction, parts_of


def collapsed(expr: Basic, ground: Ground) -> Any:
    """The expression with every such sum replaced; its range stays as a guard unless redundant."""
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    if isinstance(expr, Sum):
        body = collapsed(expr.args[0], entered(ground, expr))
        return _collapse(body, list(ranges_of(expr)), ground)
    args = [collapsed(arg, ground) for arg in expr.args]
    return expr.func(*args) if tuple(args) != expr.args else expr


def _collapse(body: Expr, ranges: list[Range], ground: Ground) -> Expr:
    found = _solved(body, ranges)
    if found is None:
        return total(body, ranges)
    guard, index, value = found
    lo, hi = next((lo, hi) for i, lo, hi in ranges if i == index)
    left = [r for r in ranges if r[0] != index]
    factors = [_without(f, guard) for f in Mul.make_args(body)]
    new = Mul(*(substituted(f, {index: value}) for f in factors))
    inside = Between(lo, value, hi)
    if not ground.given([Between(low, i, high) for i, low, high in left]).shows(inside):
        new = Mul(Iverson(inside), new)
    return _collapse(new, left, ground)


def _without(factor: Expr, guard: Condition) -> Expr:
    """A guard factor with one of its conditions taken out."""
    if not isinstance(factor, Iverson):
        return factor
    rest = [c for c in parts_of(factor.args[0]) if c != guard]
    return Iverson(conjunction(rest)) if rest else Mul()


def _solved(body: Expr, ranges: list[Range]) -> tuple[Condition, Index, Expr] | None:
    """A guard ``Same`` that determines a summed index, that index, and its value."""
    free = [i for i, _, _ in ranges if not any(mentions(b, i) for r in ranges for b in r[1:])]
    for factor in Mul.make_args(body):
        if not isinstance(factor, Iverson):
            continue
        for guard in parts_of(factor.args[0]):
            if isinstance(guard, Same):
                for index in free:
                    value = _value(guard, index)
                    if value is not None:
                        return guard, index, value
    return None


def _value(guard: Same, index: Index) -> Expr | None:
    """What the guard says the index is, if the index stands there with coefficient 1 or −1."""
    left, right = guard.args
    parts = affine(left - right, index)
    if parts is None or parts[0] not in (1, -1):
        return None
    coefficient, rest = parts
    return -coefficient * rest
