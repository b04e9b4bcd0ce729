"""Moving factors out of sums, once no delta is left to collapse."""

from __future__ import annotations

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Sum, Symbol

from derive.functions import EVERYWHERE
from derive.integers import mentions
from derive.rules import Phase, Rewrite, rule
from derive.scope import Scope
from derive.substitution import integral
from derive.terms import AtMost, Between, Condition, Entry, FloorDiv, Iverson, Modulo, ranges_of


@rule("move a factor out of Σ", Phase.POLISH, Sum)
def move_out(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ c·u = c·Σᵢ u, where c mentions no index of the sum and has a value outside it too.

    The last clause matters where the range is empty: Σ_{i<0} u/0 is 0, but (1/0)·0 is nothing.
    Reads are shown to be inside their tensors, quotients to have divisors ≥ 1.
    Terminates: fewer factors below sums.
    """
    indices = [i for i, _, _ in ranges_of(term)]
    if term.function == 0:
        return None
    outside: list[Expr] = []
    inside: list[Expr] = []
    for factor in Mul.make_args(term.function):
        free = not any(mentions(factor, i) for i in indices) and has_value(factor, scope)
        (outside if free else inside).append(factor)
    if not outside:
        return None
    return Rewrite(Mul(*outside, Sum(Mul(*inside), *term.limits)))


def has_value(expr: Basic, scope: Scope) -> bool:
    """Whether the expression is shown to have a value at the place, whatever its neighbours are."""
    if isinstance(expr, Symbol) or expr.is_Number:
        return expr.is_finite is not False
    if isinstance(expr, Entry):
        axes = zip(expr.indices, scope.shape(expr.tensor), strict=True)
        return all(has_value(i, scope) for i in expr.indices) and all(
            scope.decide(Between(Integer(0), i, n)).holds for i, n in axes
        )
    if isinstance(expr, Pow):
        return has_value(expr.base, scope) and _has_power(expr.base, expr.exp, scope)
    if isinstance(expr, FloorDiv | Modulo):
        positive = scope.decide(AtMost(Integer(1), expr.args[1])).holds
        return bool(positive) and has_value(expr.args[0], scope)
    if isinstance(expr, (Add, Mul, Iverson, Condition, *EVERYWHERE)):
        return all(has_value(arg, scope) for arg in expr.args)
    return False


def _has_power(base: Expr, power: Expr, scope: Scope) -> bool:
    if power.is_Integer and power >= 0:
        return True
    return integral(base) and bool(scope.decide(AtMost(Integer(1), base)).holds)
