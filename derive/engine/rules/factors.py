"""Moving factors out of sums, once no delta is left to collapse."""

from __future__ import annotations

from sympy import Expr, Mul, Sum

from derive.domains import Decision
from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.integers import mentions
from derive.language.terms import ranges_of


@rule("move a factor out of Σ", Phase.POLISH, Sum)
def move_out(term: Sum, scope: Scope) -> Rewrite | None:
    """Σᵢ c·u = c·Σᵢ u, where c mentions no index of the sum and has a value outside it too.

    The last clause matters where the range is empty: Σ_{i<0} u/0 is 0, but (1/0)·0 is nothing.
    Reads are shown to be inside their tensors, quotients to have divisors ≥ 1.
    Terminates: fewer factors below sums.
    """
    indices = [i for i, _, _ in ranges_of(term)]
    if term.function in (0, 1):
        return None
    outside: list[Expr] = []
    inside: list[Expr] = []
    conditions: list[Decision] = []
    for factor in Mul.make_args(term.function):
        free = not any(mentions(factor, i) for i in indices)
        why = scope.evaluable(factor) if free else None
        (inside if why is None else outside).append(factor)
        conditions += why or []
    if not outside:
        return None
    new = Mul(*outside, Sum(Mul(*inside), *term.limits))
    return Rewrite(new, tuple(dict.fromkeys(conditions)))
