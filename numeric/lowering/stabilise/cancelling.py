"""Sums whose terms cancel, written so that what is left keeps its digits.

Two mechanisms: for t ∓ t·f(u) the function that is the difference (1 − tanh² u = 4σ(2u)σ(−2u),
1 − erf u = erfc u), and one denominator for fractions of exponentials, where the terms above it
cancel as expressions: 1 − 1/(1 + e⁻ᵘ) = e⁻ᵘ/(1 + e⁻ᵘ).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from sympy import (
    Add,
    Expr,
    Mul,
    Pow,
    Sum,
    erf,
    erfc,
    exp,
    expand,
    expand_mul,
    fraction,
    tanh,
    together,
)

from derive.language.terms import Choose, Expm1, Iverson, MaxOver, Sigmoid, subterms

#: sums of more nodes are left as they are
_LARGEST = 120


def _sech2(u: Expr) -> Expr:
    return 4 * Sigmoid(2 * u) * Sigmoid(-2 * u)


#: (f, its power, sign): what 1 ± f(u) is
COMPLEMENTS: dict[tuple[type[Expr], int, int], Callable[[Expr], Expr]] = {
    (Sigmoid, 1, -1): lambda u: Sigmoid(-u),
    (tanh, 1, -1): lambda u: 2 * Sigmoid(-2 * u),
    (tanh, 1, 1): lambda u: 2 * Sigmoid(2 * u),
    (tanh, 2, -1): _sech2,
    (erf, 1, -1): lambda u: erfc(u),
    (erf, 1, 1): lambda u: erfc(-u),
    (exp, 1, -1): lambda u: -Expm1(u),
}


def without_cancellation(expr: Add) -> Expr:
    """The sum, or an equal expression in which less cancels."""
    return _complemented(expr) or _over_one_denominator(expr) or multiplied_out(expr) or expr


def _complemented(expr: Add) -> Expr | None:
    """The sum with t ∓ t·f(u) made one term."""
    terms = list(expr.args)
    for term in terms:
        for name, power, u, rest in _functions_in(term):
            for other, sign in ((rest, 1), (-rest, -1)):
                if other in terms and (name, power, sign) in COMPLEMENTS:
                    left = [t for t in terms if t not in (term, other)]
                    made = Add(*left, other * COMPLEMENTS[name, power, sign](u))
                    return without_cancellation(made) if isinstance(made, Add) else made
    return None


def _functions_in(term: Expr) -> Iterator[tuple[type[Expr], int, Expr, Expr]]:
    """The functions that are factors of a term, with their powers, arguments and what is left."""
    factors = Mul.make_args(term)
    for place, factor in enumerate(factors):
        base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, 1)
        if any((type(base), power, sign) in COMPLEMENTS for sign in (1, -1)):
            rest = Mul(*factors[:place], *factors[place + 1 :])
            yield type(base), int(power), argument_of(base), rest


def _over_one_denominator(expr: Add) -> Expr | None:
    """One fraction, if its numerator is a single term or one in which nothing can cancel."""
    if not any(map(_divides_by_a_sum, expr.args)) or _too_large(expr):
        return None
    above, below = fraction(together(expr))
    terms = Add.make_args(expand(above))
    if below == 1 or not _same_signs(terms) or not (len(terms) == 1 or expr.has(exp)):
        return None
    return Add(*terms) / below


def argument_of(function: Any) -> Expr:
    """u, of f(u)."""
    argument: Expr = function.args[0]
    return argument


def multiplied_out(expr: Add) -> Expr | None:
    """The terms of products of sums, if some of them cancel."""
    sums = [[len(f.args) for f in Mul.make_args(t) if isinstance(f, Add)] for t in expr.args]
    if sum(map(bool, sums)) < 2 or len(list(subterms(expr))) > _LARGEST:
        return None
    made = expand_mul(expr)
    return made if len(Add.make_args(made)) < sum(prod(n) for n in sums) else None


def _divides_by_a_sum(term: Expr) -> bool:
    return any(
        isinstance(f, Pow) and f.exp.is_Integer and f.exp < 0 and isinstance(f.base, Add)
        for f in Mul.make_args(term)
    )


def _too_large(expr: Expr) -> bool:
    nodes = list(subterms(expr))
    return len(nodes) > _LARGEST or any(
        isinstance(n, Sum | MaxOver | Choose | Iverson) for n in nodes
    )


def _same_signs(terms: tuple[Expr, ...]) -> bool:
    """Whether terms that differ by positive factors only have one sign."""
    signs: dict[Expr, set[bool]] = {}
    for term in terms:
        number, rest = term.as_coeff_Mul()
        kept = Mul(*(f for f in Mul.make_args(rest) if not isinstance(f, exp)))
        signs.setdefault(kept, set()).add(bool(number > 0))
    return all(len(found) == 1 for found in signs.values())
