"""The checker's own arithmetic: polynomials in anything hashable, multiplied out.

A polynomial is a set of monomials with their coefficients, a monomial a set of unknowns with their
exponents, so equal polynomials are equal objects and no order plays a part.  Exponents are numbers
or, for powers such as uⁿ, polynomials themselves.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = int | Fraction
Exponent: TypeAlias = "Number | Polynomial"
Monomial: TypeAlias = frozenset[tuple[Hashable, Exponent]]
Polynomial: TypeAlias = frozenset[tuple[Monomial, Number]]

UNIT: Monomial = frozenset()
ZERO: Polynomial = frozenset()
ONE: Polynomial = frozenset({(UNIT, 1)})


class Indicator(tuple[Hashable, ...]):
    """An unknown that is 0 or 1: its powers are itself."""


def constant(number: Number) -> Polynomial:
    """A number as a polynomial."""
    return frozenset({(UNIT, number)}) if number else ZERO


def unknown(atom: Hashable, exponent: Exponent = 1) -> Polynomial:
    """A power of one unknown."""
    return frozenset({(_power(atom, exponent), 1)})


def value_of(p: Polynomial) -> Number | None:
    """The number that a constant polynomial is."""
    if not p:
        return 0
    ((monomial, coefficient), *rest) = p
    return coefficient if not rest and monomial == UNIT else None


def add(summands: Iterable[Polynomial]) -> Polynomial:
    """The sum."""
    found: dict[Monomial, Number] = {}
    for summand in summands:
        for monomial, coefficient in summand:
            found[monomial] = found.get(monomial, 0) + coefficient
    return frozenset((m, c) for m, c in found.items() if c)


def scale(p: Polynomial, number: Number) -> Polynomial:
    """A number times a polynomial."""
    return frozenset((m, c * number) for m, c in p) if number else ZERO


def subtract(p: Polynomial, q: Polynomial) -> Polynomial:
    """p − q."""
    return add((p, scale(q, -1)))


def multiply(factors: Iterable[Polynomial]) -> Polynomial:
    """The product, multiplied out."""
    result = ONE
    for factor in factors:
        if result == ONE:
            result = factor
            continue
        result = add(frozenset({(_joined(m, n), c * d)}) for m, c in result for n, d in factor)
    return result


def monomial_power(p: Polynomial, exponent: int) -> Polynomial | None:
    """A power of a single term; None for a sum of several."""
    if len(p) != 1:
        return None
    ((monomial, coefficient),) = p
    raised = UNIT
    for atom, inner in monomial:
        raised = _joined(raised, _power(atom, _times(inner, exponent)))
    return frozenset({(raised, Fraction(coefficient) ** exponent)})


def _power(atom: Hashable, exponent: Exponent) -> Monomial:
    if isinstance(atom, Indicator) and not isinstance(exponent, frozenset) and exponent > 0:
        exponent = 1
    return frozenset({(atom, exponent)}) if exponent else UNIT


def _joined(m: Monomial, n: Monomial) -> Monomial:
    if not m or not n:
        return m or n
    exponents = dict(m)
    for atom, exponent in n:
        both = _plus(exponents.pop(atom, 0), exponent)
        exponents.update(_power(atom, both))
    return frozenset(exponents.items())


def _plus(a: Exponent, b: Exponent) -> Exponent:
    if isinstance(a, frozenset) or isinstance(b, frozenset):
        return _plain(add((_polynomial(a), _polynomial(b))))
    return a + b


def _times(a: Exponent, number: int) -> Exponent:
    return scale(a, number) if isinstance(a, frozenset) else a * number


def _polynomial(exponent: Exponent) -> Polynomial:
    return exponent if isinstance(exponent, frozenset) else constant(exponent)


def _plain(p: Polynomial) -> Exponent:
    number = value_of(p)
    return p if number is None else number
