"""Integer quotients and remainders in indices.

Each rule removes a ``//`` or ``%`` node or makes its argument shorter, so together they terminate.
"""

from __future__ import annotations

from sympy import Integer, Mul

from derive.engine.rules import Phase, Rewrite, rule
from derive.engine.scope import Scope
from derive.language.integers import exact_multiple, expanded, split_multiple
from derive.language.terms import Between, Delta, Divides, FloorDiv, Modulo


@rule("quotient of numbers", Phase.SIMPLIFY, FloorDiv)
def quotient_of_numbers(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """7 // 2 = 3, −7 // 2 = −4: rounded towards −∞."""
    number, divisor = term.args
    if not (number.is_Integer and divisor.is_Integer) or divisor == 0:
        return None
    return Rewrite(Integer(int(number) // int(divisor)))


@rule("remainder of numbers", Phase.SIMPLIFY, Modulo)
def remainder_of_numbers(term: Modulo, scope: Scope) -> Rewrite | None:
    """7 % 2 = 1, −7 % 2 = 1."""
    number, divisor = term.args
    if not (number.is_Integer and divisor.is_Integer) or divisor == 0:
        return None
    return Rewrite(Integer(int(number) % int(divisor)))


@rule("exact quotient", Phase.SIMPLIFY, FloorDiv)
def exact_quotient(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """(D·q) // D = q for D ≥ 1."""
    quotient = exact_multiple(*term.args)
    if quotient is None:
        return None
    positive = scope.positive(term.args[1])
    return Rewrite(quotient, (positive,)) if positive is not None else None


@rule("cancel an exact quotient", Phase.SIMPLIFY, Mul)
def cancel(term: Mul, scope: Scope) -> Rewrite | None:
    """D·(e // D) = e where D divides e: there the quotient is exact."""
    for quotient in (f for f in term.args if isinstance(f, FloorDiv)):
        numerator, divisor = quotient.args
        others = exact_multiple(Mul(*(f for f in term.args if f is not quotient)), divisor)
        if others is None:
            continue
        divides = scope.decide(Divides(divisor, numerator))
        if divides.holds:
            return Rewrite(expanded(others * numerator), (divides,))
    return None


@rule("take a multiple out of a quotient", Phase.SIMPLIFY, FloorDiv)
def split_quotient(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """(D·q + e) // D = q + e // D for D ≥ 1."""
    numerator, divisor = term.args
    multiple, rest = split_multiple(numerator, divisor)
    positive = None if multiple == 0 or rest == 0 else scope.positive(divisor)
    if positive is None:
        return None
    return Rewrite(multiple + FloorDiv(rest, divisor), (positive,))


@rule("take a multiple out of a remainder", Phase.SIMPLIFY, Modulo)
def split_remainder(term: Modulo, scope: Scope) -> Rewrite | None:
    """(D·q + e) % D = e % D for D ≥ 1."""
    numerator, divisor = term.args
    multiple, rest = split_multiple(numerator, divisor)
    positive = None if multiple == 0 else scope.positive(divisor)
    return Rewrite(Modulo(rest, divisor), (positive,)) if positive is not None else None


@rule("a small number's remainder", Phase.ARRANGE, Modulo)
def small_remainder(term: Modulo, scope: Scope) -> Rewrite | None:
    """e % D = e where 0 ≤ e < D.  Tried inside deltas, which may then be solved."""
    if not scope.within(Delta):
        return None
    number, divisor = term.args
    decision = scope.decide(Between(Integer(0), number, divisor))
    return Rewrite(number, (decision,)) if decision.holds else None


@rule("a small number's quotient", Phase.ARRANGE, FloorDiv)
def small_quotient(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """e // D = 0 where 0 ≤ e < D.  Tried inside deltas, which may then be solved."""
    return small(term, scope) if scope.within(Delta) else None


@rule("small quotient", Phase.FOLD, FloorDiv)
def small(term: FloorDiv, scope: Scope) -> Rewrite | None:
    """e // D = 0 where 0 ≤ e < D, anywhere: in a closed form.  Terminates: fewer quotients."""
    decision = scope.decide(Between(Integer(0), *term.args))
    return Rewrite(Integer(0), (decision,)) if decision.holds else None
