"""Derivatives: ∂e/∂x[p] in terms of the derivatives of the parts of e.

The indices p of the target are free, so no sum that a derivative moves under may bind them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Pow,
    Sum,
    Tuple,
    log,
)

from derive.language.terms import (
    Choose,
    Delta,
    Differ,
    Entry,
    FirstMax,
    Iverson,
    MaxOver,
    Negation,
    Partial,
    entries,
    ranges_of,
    total,
)
from verify.checker.binding import free
from verify.checker.canonical import same
from verify.checker.functions import OUTER
from verify.checker.identities import Way, identity
from verify.checker.places import Surroundings
from verify.checker.values import integral


def _varies(expr: Expr, target: Entry) -> bool:
    """Whether the expression reads the tensor differentiated by."""
    return any(e.tensor == target.tensor for e in entries(expr))


def _binds(expr: Sum | MaxOver, target: Entry) -> bool:
    """Whether a sum binds an index of the target, or has bounds that vary with the tensor."""
    ranges = ranges_of(expr)
    return not free(target).isdisjoint(r[0] for r in ranges) or any(
        _varies(bound, target) for r in ranges for bound in r[1:]
    )


@identity("constant")
def constant(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂c/∂x[p] = 0 where c reads no entry of x."""
    if isinstance(old, Partial) and not _varies(*old.args) and new == 0:
        yield []


@identity("linearity over +")
def over_addition(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂(u + v)/∂x[p] = ∂u/∂x[p] + ∂v/∂x[p]."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Add):
        return
    expr, target = old.args
    if same(Add(*(Partial(term, target) for term in expr.args)), new):
        yield []


@identity("linearity over Σ")
def over_sum(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂(Σᵢ u)/∂x[p] = Σᵢ ∂u/∂x[p]; i is no index of p and the bounds do not vary with x."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Sum):
        return
    expr, target = old.args
    moved = total(Partial(expr.function, target), ranges_of(expr))
    if not _binds(expr, target) and same(moved, new):
        yield []


@identity("constant factor")
def constant_factor(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂(c·u)/∂x[p] = c·∂u/∂x[p] where c reads no entry of x."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Mul):
        return
    expr, target = old.args
    fixed = [f for f in expr.args if not _varies(f, target)]
    rest = Mul(*(f for f in expr.args if _varies(f, target)))
    if same(Mul(*fixed, Partial(rest, target)), new):
        yield []


@identity("product rule")
def product_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂(u·v·…)/∂x[p] = ∂u/∂x[p]·v·… + u·∂v/∂x[p]·… + …"""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Mul):
        return
    expr, target = old.args
    factors = list(expr.args)
    terms = [
        Mul(*factors[:n], Partial(factors[n], target), *factors[n + 1 :])
        for n in range(len(factors))
    ]
    if same(Add(*terms), new):
        yield []


@identity("power rule")
def power_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂uⁿ/∂x[p] = [n ≠ 0]·n·uⁿ⁻¹·∂u/∂x[p], where n reads no entry of x.

    For n = 0 and u = 0 the left side is 0, the right side without the guard has no value.  The
    guard is spared where n is another number; and where n may be no integer: there uⁿ asks for
    u > 0.
    """
    if not isinstance(old, Partial) or not isinstance(old.args[0], Pow):
        return
    expr, target = old.args
    base, power = expr.args
    if _varies(power, target):
        return
    slope = power * Pow(base, power - 1) * Partial(base, target)
    if integral(power, place.setting.layer) and not power.is_number:
        slope = Iverson(Differ(power, Integer(0))) * slope
    if power != 0 and same(slope, new):
        yield []


@identity("exponential rule")
def exponential_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂uᵛ/∂x[p] = uᵛ·log(u)·∂v/∂x[p] + v·uᵛ⁻¹·∂u/∂x[p]: where v varies, uᵛ asks for u > 0."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Pow):
        return
    expr, target = old.args
    base, power = expr.args
    along_power = expr * log(base) * Partial(power, target)
    along_base = power * Pow(base, power - 1) * Partial(base, target)
    if _varies(power, target) and same(along_power + along_base, new):
        yield []


@identity("chain rule for a function")
def function_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂f(u)/∂x[p] = f′(u)·∂u/∂x[p]."""
    if not isinstance(old, Partial) or type(old.args[0]) not in OUTER:
        return
    expr, target = old.args
    inner = expr.args[0]
    if same(OUTER[type(expr)](inner) * Partial(inner, target), new):
        yield []


@identity("derivative of a choice")
def choice_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂(if c then u else v)/∂x[p] = [c]·∂u/∂x[p] + [not c]·∂v/∂x[p]: the branch taken counts."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Choose):
        return
    expr, target = old.args
    condition, yes, no = expr.args
    taken = Iverson(condition) * Partial(yes, target)
    other = Iverson(Negation(condition)) * Partial(no, target)
    if same(taken + other, new):
        yield []


@identity("derivative of a maximum")
def maximum_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂(max_a u)/∂x[p] = Σ_a [a is the first argmax of u]·∂u/∂x[p]."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], MaxOver):
        return
    expr, target = old.args
    ranges = ranges_of(expr)
    first = FirstMax(Tuple(*(i for i, _, _ in ranges)), expr)
    selected = total(Iverson(first) * Partial(expr.function, target), ranges)
    if not _binds(expr, target) and same(selected, new):
        yield []


@identity("derivative of an entry")
def entry_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂x[e, f]/∂x[p, q] = δ(e, p)·δ(f, q)."""
    if not isinstance(old, Partial) or not isinstance(old.args[0], Entry):
        return
    expr, target = old.args
    if expr.tensor != target.tensor or len(expr.indices) != len(target.indices):
        return
    if any(_varies(i, target) for i in expr.indices):
        return
    pairs = zip(expr.indices, target.indices, strict=True)
    if same(Mul(*(Delta(e, p) for e, p in pairs)), new):
        yield []


@identity("derivative of a condition")
def condition_rule(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
    """∂[c]/∂x[p] = 0: an indicator is constant wherever it has a derivative."""
    if isinstance(old, Partial) and isinstance(old.args[0], Iverson) and new == 0:
        yield []
