"""Polynomials with integer coefficients over numbered atoms.

A monomial is the ascending tuple of its atoms' numbers, with repetition; a polynomial is the
ascending tuple of ``(monomial, coefficient)`` pairs without zero coefficients.  Both are plain
tuples of integers: hashing and ordering them is cheap and the same in every process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd, prod

Monomial = tuple[int, ...]
Polynomial = tuple[tuple[Monomial, int], ...]

ONE: Monomial = ()


def collect(terms: Iterable[tuple[Monomial, int]]) -> Polynomial:
    """The sum of the given terms."""
    found: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        found[monomial] = found.get(monomial, 0) + coefficient
    return tuple(sorted(item for item in found.items() if item[1]))


def constant(value: int) -> Polynomial:
    """The polynomial that is one number."""
    return ((ONE, value),) if value else ()


def atom(number: int) -> Polynomial:
    """The polynomial that is one atom."""
    return (((number,), 1),)


def add(*polynomials: Polynomial) -> Polynomial:
    """The sum of polynomials."""
    return collect(term for p in polynomials for term in p)


def scale(p: Polynomial, factor: int) -> Polynomial:
    """A polynomial times a number."""
    return tuple((m, c * factor) for m, c in p) if factor else ()


def subtract(p: Polynomial, q: Polynomial) -> Polynomial:
    """p − q."""
    return add(p, scale(q, -1))


def multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    return collect((tuple(sorted(m + n)), c * d) for m, c in p for n, d in q)


def value_of_constant(p: Polynomial) -> int | None:
    """The number that a polynomial is, or None where an atom occurs."""
    if not p:
        return 0
    return p[0][1] if len(p) == 1 and p[0][0] == ONE else None


def constant_term(p: Polynomial) -> int:
    """The coefficient of the monomial 1 (which is the least in the order of monomials)."""
    return p[0][1] if p and p[0][0] == ONE else 0


def content(p: Polynomial) -> int:
    """The greatest common divisor of all coefficients but the constant one; 0 for a constant."""
    return gcd(*(c for m, c in p if m))


def atoms_of(p: Polynomial) -> set[int]:
    """The numbers of the atoms that occur."""
    return {number for m, _ in p for number in m}


def evaluate(p: Polynomial, values: Sequence[int]) -> int:
    """The value at a point, given one value an atom."""
    return sum(c * prod(values[number] for number in m) for m, c in p)


def without(m: Monomial, part: Monomial) -> Monomial | None:
    """The cofactor m / part, or None where ``part`` is no factor of ``m``."""
    rest = list(m)
    for number in part:
        if number not in rest:
            return None
        rest.remove(number)
    return tuple(rest)
