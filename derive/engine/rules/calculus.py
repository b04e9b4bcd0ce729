"""Differentiation: ∂e/∂x[p, q] is pushed inwards until it meets entries of x.

All of these rules terminate together: each replaces a ``Partial`` by expressions whose
``Partial`` nodes have strictly smaller arguments.
"""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, Sum, Tuple, log

from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.functions import outer_derivative
from derive.language.substitution import integral
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
    reads,
    replace,
    summation,
    total,
)


def depends(expr: Expr, target: Entry) -> bool:
    """Whether the expression reads the tensor that is being differentiated by."""
    return reads(expr, target.tensor)


@rule("constant", Phase.DIFFERENTIATE, Partial)
def constant(term: Partial, scope: Scope) -> Rewrite | None:
    """∂c/∂x[p] = 0 where c reads no entry of x.

    Other intermediates count as constants here: the chain rule gave each a term of its own.
    """
    expr, target = term.args
    if depends(expr, target):
        return None
    return Rewrite(Integer(0), note=f"the term does not read {target.tensor}")


@rule("linearity over +", Phase.DIFFERENTIATE, Partial)
def over_addition(term: Partial, scope: Scope) -> Rewrite | None:
    """∂(u + v)/∂x[p] = ∂u/∂x[p] + ∂v/∂x[p]."""
    expr, target = term.args
    if not isinstance(expr, Add) or not depends(expr, target):
        return None
    return Rewrite(Add(*(Partial(e, target) for e in expr.args)))


@rule("linearity over Σ", Phase.DIFFERENTIATE, Partial)
def over_sum(term: Partial, scope: Scope) -> Rewrite | None:
    """∂(Σᵢ u)/∂x[p] = Σᵢ ∂u/∂x[p]: finite sums; the target's indices are fresh, so i is not p.

    Side condition: the bounds of the sum do not read x, which holds as bounds are integers.
    """
    expr, target = term.args
    if not isinstance(expr, Sum) or not depends(expr, target):
        return None
    return Rewrite(summation(Partial(expr.function, target), *expr.limits))


@rule("constant factor", Phase.DIFFERENTIATE, Partial)
def constant_factor(term: Partial, scope: Scope) -> Rewrite | None:
    """∂(c·u)/∂x[p] = c·∂u/∂x[p] where c reads no entry of x."""
    expr, target = term.args
    if not isinstance(expr, Mul):
        return None
    varying = [f for f in expr.args if depends(f, target)]
    if not varying or len(varying) == len(expr.args):
        return None
    fixed = [f for f in expr.args if f not in varying]
    return Rewrite(Mul(*fixed, Partial(Mul(*varying), target)))


@rule("product rule", Phase.DIFFERENTIATE, Partial)
def product_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂(u·v)/∂x[p] = ∂u/∂x[p]·v + u·∂v/∂x[p], and so on for more factors, each reading x."""
    expr, target = term.args
    if not isinstance(expr, Mul) or not all(depends(f, target) for f in expr.args):
        return None
    terms = [
        Mul(*(Partial(f, target) if j == i else f for j, f in enumerate(expr.args)))
        for i in range(len(expr.args))
    ]
    return Rewrite(Add(*terms))


@rule("power rule", Phase.DIFFERENTIATE, Partial)
def power_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂uⁿ/∂x[p] = [n ≠ 0]·n·uⁿ⁻¹·∂u/∂x[p] where n reads no entry of x.

    The guard is for u⁰ = 1, at u = 0 too, where n·uⁿ⁻¹ has no value.  It is left out where n is a
    number, and where n is real: there u > 0 is asked for.
    """
    expr, target = term.args
    if not isinstance(expr, Pow) or depends(expr.exp, target) or not depends(expr.base, target):
        return None
    base, power = expr.args
    new = power * base ** (power - 1) * Partial(base, target)
    if power.is_number:
        return Rewrite(new)
    if not _whole(power, scope):
        return Rewrite(new, note="valid where the base is positive")
    return Rewrite(Iverson(Differ(power, Integer(0))) * new)


def _whole(power: Expr, scope: Scope) -> bool:
    """Whether an exponent is an integer: made of integer symbols and of entries of tables."""
    tables = [e for e in entries(power) if (t := scope.layer.tensor(e.tensor)) and t.integer]
    return integral(replace(power, dict.fromkeys(tables, Integer(1))))


@rule("exponential rule", Phase.DIFFERENTIATE, Partial)
def exponential_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂uᵛ/∂x[p] = uᵛ·log(u)·∂v/∂x[p] + v·uᵛ⁻¹·∂u/∂x[p], for u > 0 wherever v reads x."""
    expr, target = term.args
    if not isinstance(expr, Pow) or not depends(expr.exp, target):
        return None
    base, power = expr.args
    return Rewrite(
        expr * log(base) * Partial(power, target)
        + power * base ** (power - 1) * Partial(base, target),
        note="valid where the base is positive",
    )


@rule("chain rule for a function", Phase.DIFFERENTIATE, Partial)
def function_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂f(u)/∂x[p] = f′(u)·∂u/∂x[p], with f′ from the table in ``derive.language.functions``."""
    expr, target = term.args
    outer = outer_derivative(expr)
    if outer is None or not depends(expr, target):
        return None
    return Rewrite(outer * Partial(expr.args[0], target))


@rule("derivative of a choice", Phase.DIFFERENTIATE, Partial)
def choice_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂(if c then u else v)/∂x[p] = [c]·∂u/∂x[p] + [not c]·∂v/∂x[p].

    Where c compares entries of x this is the stated subgradient convention at the kink: the
    branch that is taken is the branch that is differentiated.
    """
    expr, target = term.args
    if not isinstance(expr, Choose) or not depends(expr, target):
        return None
    condition, yes, no = expr.args
    note = "at a tie, the branch that is taken counts" if entries(condition) else ""
    return Rewrite(
        Iverson(condition) * Partial(yes, target)
        + Iverson(Negation(condition)) * Partial(no, target),
        note=note,
    )


@rule("derivative of a maximum", Phase.DIFFERENTIATE, Partial)
def maximum_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂(max_a u)/∂x[p] = Σ_a [a = argmax u]·∂u/∂x[p].

    Subgradient convention: of several largest values, the first in row-major order counts.
    """
    expr, target = term.args
    if not isinstance(expr, MaxOver) or not depends(expr, target):
        return None
    ranges = ranges_of(expr)
    indices = [i for i, _, _ in ranges]
    first = FirstMax(Tuple(*indices), replace(expr, dict(scope.fresh_all(indices))))
    return Rewrite(
        total(Iverson(first) * Partial(expr.function, target), ranges),
        note="of several largest values the first in row-major order counts",
    )


@rule("derivative of an entry", Phase.DIFFERENTIATE, Partial)
def entry_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂x[e, f]/∂x[p, q] = δ(e, p)·δ(f, q): an entry depends on itself and on no other."""
    expr, target = term.args
    if not isinstance(expr, Entry) or expr.tensor != target.tensor:
        return None
    pairs = zip(expr.indices, target.indices, strict=True)
    return Rewrite(Mul(*(Delta(e, p) for e, p in pairs)))


@rule("derivative of a condition", Phase.DIFFERENTIATE, Partial)
def condition_rule(term: Partial, scope: Scope) -> Rewrite | None:
    """∂[c]/∂x[p] = 0: an indicator is locally constant; at its jumps 0 is the convention."""
    expr, target = term.args
    if not isinstance(expr, Iverson) or not depends(expr, target):
        return None
    return Rewrite(Integer(0), note="an indicator is constant wherever it has a derivative")
