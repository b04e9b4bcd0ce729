"""Derivatives: ∂e/∂x[p] in terms of the derivatives of the parts of e.

The indices p of the target are free, so no sum that a derivative moves under may bind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from sympy import Add, Expr, Function, Integer, Mul, Pow, Sum, Tuple, log

from derive.language.definition import Layer
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

Kind = TypeVar("Kind", bound=Expr)
#: e, x[p] and the layer ↦ ∂e/∂x[p]; None where the rule says nothing of it
Derivative: TypeAlias = Callable[[Kind, Entry, Layer], "Expr | None"]


def derivative(name: str, kind: type[Kind]) -> Callable[[Derivative[Kind]], Derivative[Kind]]:
    """Register what the rule of that name makes of ∂e/∂x[p], for e of a kind."""

    def register(rule: Derivative[Kind]) -> Derivative[Kind]:
        @identity(name)
        def recognised(old: Partial, new: Expr, place: Surroundings) -> Iterator[Way]:
            if isinstance(expr := old.args[0], kind):
                expected = rule(expr, old.args[1], place.setting.layer)
                if expected is not None and same(expected, new):
                    yield []

        return rule

    return register


def _varies(expr: Expr, target: Entry) -> bool:
    """Whether the expression reads the tensor differentiated by."""
    return any(e.tensor == target.tensor for e in entries(expr))


def _binds(expr: Sum | MaxOver, target: Entry) -> bool:
    """Whether a sum binds an index of the target, or has bounds that vary with the tensor."""
    ranges = ranges_of(expr)
    return not free(target).isdisjoint(r[0] for r in ranges) or any(
        _varies(bound, target) for r in ranges for bound in r[1:]
    )


@derivative("constant", Expr)
def constant(expr: Expr, target: Entry, layer: Layer) -> Expr | None:
    """∂c/∂x[p] = 0 where c reads no entry of x."""
    return None if _varies(expr, target) else Integer(0)


@derivative("linearity over +", Add)
def over_addition(expr: Add, target: Entry, layer: Layer) -> Expr:
    """∂(u + v)/∂x[p] = ∂u/∂x[p] + ∂v/∂x[p]."""
    return Add(*(Partial(term, target) for term in expr.args))


@derivative("linearity over Σ", Sum)
def over_sum(expr: Sum, target: Entry, layer: Layer) -> Expr | None:
    """∂(Σᵢ u)/∂x[p] = Σᵢ ∂u/∂x[p]; i is no index of p and the bounds do not vary with x."""
    return None if _binds(expr, target) else total(Partial(expr.function, target), ranges_of(expr))


@derivative("constant factor", Mul)
def constant_factor(expr: Mul, target: Entry, layer: Layer) -> Expr:
    """∂(c·u)/∂x[p] = c·∂u/∂x[p] where c reads no entry of x."""
    fixed = [f for f in expr.args if not _varies(f, target)]
    rest = Mul(*(f for f in expr.args if _varies(f, target)))
    return Mul(*fixed, Partial(rest, target))


@derivative("product rule", Mul)
def product_rule(expr: Mul, target: Entry, layer: Layer) -> Expr:
    """∂(u·v·…)/∂x[p] = ∂u/∂x[p]·v·… + u·∂v/∂x[p]·… + …"""
    factors = list(expr.args)
    return Add(
        *(
            Mul(*factors[:n], Partial(factor, target), *factors[n + 1 :])
            for n, factor in enumerate(factors)
        )
    )


@derivative("power rule", Pow)
def power_rule(expr: Pow, target: Entry, layer: Layer) -> Expr | None:
    """∂uⁿ/∂x[p] = [n ≠ 0]·n·uⁿ⁻¹·∂u/∂x[p], where n reads no entry of x.

    For n = 0 and u = 0 the left side is 0, the right side without the guard has no value.  The
    guard is spared where n is another number; and where n may be no integer: there uⁿ asks for
    u > 0.
    """
    base, power = expr.args
    if _varies(power, target) or power == 0:
        return None
    slope = power * Pow(base, power - 1) * Partial(base, target)
    guarded = integral(power, layer) and not power.is_number
    return Iverson(Differ(power, Integer(0))) * slope if guarded else slope


@derivative("exponential rule", Pow)
def exponential_rule(expr: Pow, target: Entry, layer: Layer) -> Expr | None:
    """∂uᵛ/∂x[p] = uᵛ·log(u)·∂v/∂x[p] + v·uᵛ⁻¹·∂u/∂x[p]: where v varies, uᵛ asks for u > 0."""
    base, power = expr.args
    along_power = expr * log(base) * Partial(power, target)
    along_base = power * Pow(base, power - 1) * Partial(base, target)
    return along_power + along_base if _varies(power, target) else None


@derivative("chain rule for a function", Function)
def function_rule(expr: Function, target: Entry, layer: Layer) -> Expr | None:
    """∂f(u)/∂x[p] = f′(u)·∂u/∂x[p]."""
    outer, inner = OUTER.get(type(expr)), expr.args[0]
    return None if outer is None else outer(inner) * Partial(inner, target)


@derivative("derivative of a choice", Choose)
def choice_rule(expr: Choose, target: Entry, layer: Layer) -> Expr:
    """∂(if c then u else v)/∂x[p] = [c]·∂u/∂x[p] + [not c]·∂v/∂x[p]: the branch taken counts."""
    condition, yes, no = expr.args
    taken = Iverson(condition) * Partial(yes, target)
    return taken + Iverson(Negation(condition)) * Partial(no, target)


@derivative("derivative of a maximum", MaxOver)
def maximum_rule(expr: MaxOver, target: Entry, layer: Layer) -> Expr | None:
    """∂(max_a u)/∂x[p] = Σ_a [a is the first argmax of u]·∂u/∂x[p]."""
    ranges = ranges_of(expr)
    first = FirstMax(Tuple(*(i for i, _, _ in ranges)), expr)
    selected = total(Iverson(first) * Partial(expr.function, target), ranges)
    return None if _binds(expr, target) else selected


@derivative("derivative of an entry", Entry)
def entry_rule(expr: Entry, target: Entry, layer: Layer) -> Expr | None:
    """∂x[e, f]/∂x[p, q] = δ(e, p)·δ(f, q)."""
    if expr.tensor != target.tensor or len(expr.indices) != len(target.indices):
        return None
    if any(_varies(i, target) for i in expr.indices):
        return None
    pairs = zip(expr.indices, target.indices, strict=True)
    return Mul(*(Delta(e, p) for e, p in pairs))


@derivative("derivative of a condition", Iverson)
def condition_rule(expr: Iverson, target: Entry, layer: Layer) -> Expr:
    """∂[c]/∂x[p] = 0: an indicator is constant wherever it has a derivative."""
    return Integer(0)
