"""Polynomials that are squares."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from verify.equality.algebra.atoms import Base
from verify.equality.algebra.polynomials import Number, Polynomial, Product, added, exact, scaled
from verify.equality.algebra.products import divided, divides

Times = Callable[[Polynomial, Polynomial], Polynomial]


def root(polynomial: Polynomial, times: Times) -> Polynomial | None:
    """A polynomial of several terms whose square the given one is; None where there is none.

    Its largest term is the root of the largest one, and each further one follows from the largest
    of what is left.  Terminates: what is left becomes smaller.
    """
    lead = Base(polynomial).lead
    first = lead and _root_of_term(*lead)
    if not first or len(polynomial) < 3:
        return None
    ((largest, number),) = first.items()
    found, left = first, added(polynomial, scaled(times(first, first), -1))
    for _ in polynomial:
        following = Base(left).lead if left else None
        if following is None or not divides(largest, dict(following[0])):
            break
        rest = frozenset(divided(dict(following[0]), largest).items())
        term: Polynomial = {rest: exact(Fraction(following[1]) / (2 * number))}
        found = added(found, term)
        left = added(polynomial, scaled(times(found, found), -1))
    return found if not left else None


def _root_of_term(product: Product, number: Number) -> Polynomial | None:
    """The root of one term, where its exponents are even and its coefficient a square."""
    value = Fraction(number)
    top, below = isqrt(max(0, value.numerator)), isqrt(value.denominator)
    if (top * top, below * below) != (value.numerator, value.denominator):
        return None
    halves = [(a, e // 2) for a, e in product if isinstance(e, int) and e % 2 == 0]
    if len(halves) < len(product):
        return None
    return {frozenset(halves): exact(Fraction(top, below))}
