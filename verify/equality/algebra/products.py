"""Products of polynomials: exponents added, powers of a polynomial against its terms.

0 to a negative power is 0.  So Pᵃ·Pᵇ = Pᵃ⁺ᵇ for whole a and b unless a + b = 0, where it is
[P ≠ 0]; for broken exponents it holds where P is not negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

from sympy import Expr

from derive.language.terms import Differ
from verify.equality.algebra.atoms import Base, Prime
from verify.equality.algebra.facts import NOT_NEGATIVE, POSITIVE
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    UNIT,
    Atom,
    Exponent,
    Polynomial,
    Product,
    added,
    constant,
    exact,
    one,
    scaled,
    summed,
)
from verify.equality.algebra.signs import Signs
from verify.equality.algebra.truths import Compared

#: how many terms a polynomial may have
LARGEST = 3_000


class TooLong(Exception):
    """A polynomial has too many terms when multiplied out."""


class NoLaw(Exception):
    """A law would be needed whose side condition is not known to hold; the words name it."""


class Undefined(NoLaw):
    """A value is asked for that there is not, at a place."""

    def __init__(self, words: str, place: Place) -> None:
        super().__init__(words)
        self.place = place


class Products(Signs):
    """Multiplies at the place where it stands."""

    def times(self, *polynomials: Polynomial) -> Polynomial:
        """The product, multiplied out."""
        found = constant(1)
        for polynomial in polynomials:
            found = self._times(found, polynomial)
        return found

    def _times(self, left: Polynomial, right: Polynomial) -> Polynomial:
        found: Polynomial = {}
        for a, c in left.items():
            for b, d in right.items():
                for product, coefficient in self._joined(a, b).items():
                    whole = found.get(product, 0) + coefficient * c * d
                    if whole:
                        found[product] = whole
                    else:
                        found.pop(product, None)
                if len(found) > LARGEST:
                    raise TooLong
        return found

    def natural(self, polynomial: Polynomial, exponent: int) -> Polynomial:
        """A power with an exponent 0, 1, 2, …"""
        return self.times(*[polynomial] * exponent)

    def _joined(self, a: Product, b: Product) -> Polynomial:
        """The product of two products."""
        if not a or not b:
            return {a or b: 1}
        if len(a) < len(b):
            a, b = b, a
        exponents: dict[Atom, Exponent] = dict(a)
        factors: list[Polynomial] = []
        for atom, exponent in b:
            if atom not in exponents:
                exponents[atom] = exponent
                continue
            whole, factor = self._merged(atom, exponents.pop(atom), exponent)
            if whole != 0:
                exponents[atom] = whole
            if factor is not None:
                factors.append(factor)
        found = self._tidied(exponents)
        return self.times(found, *factors) if factors else found

    def _merged(self, atom: Atom, e: Exponent, f: Exponent) -> tuple[Exponent, Polynomial | None]:
        """The exponent of a power times another one of the same atom, and what comes beside it."""
        if atom.truth:
            return 1, None
        whole = summed((e, f))
        if isinstance(atom, Prime):
            natural, broken = parted(whole)
            return broken, constant(exact(Fraction(atom.number) ** natural))
        if not (isinstance(e, int) and isinstance(f, int)):
            small = isinstance(e, Expr) or isinstance(f, Expr) or min(e, f) < 0
            self.need(atom, POSITIVE if small else NOT_NEGATIVE)
        elif whole == 0 and not self.is_not_zero(one(atom)):
            return 0, one(Compared(Differ, one(atom)))
        return self._natural_part(atom, whole)

    def _natural_part(self, atom: Atom, whole: Exponent) -> tuple[Exponent, Polynomial | None]:
        """Natural powers of a polynomial are multiplied out."""
        if isinstance(whole, Expr) or whole < 1:
            return whole, None
        natural = int(whole)
        if isinstance(atom, Base):
            return exact(Fraction(whole - natural)), self.natural(atom.polynomial, natural)
        return whole, None

    def _tidied(self, exponents: dict[Atom, Exponent]) -> Polynomial:
        """The product where a comparison is known, or a term meets its polynomial's power."""
        for a in [a for a in exponents if isinstance(a, Compared) and a.relation is Differ]:
            if any(a.polynomial == one(b) for b in exponents):
                exponents.pop(a)
        for atom, exponent in exponents.items():
            if isinstance(atom, Base) and not isinstance(exponent, Expr) and exponent < 0:
                shorter = self._divided(exponents, atom, exponent) or self._split(
                    exponents, atom, exponent
                )
                if shorter is not None:
                    return shorter
        return {frozenset(exponents.items()): 1}

    def _divided(
        self, exponents: dict[Atom, Exponent], base: Base, exponent: Any
    ) -> Polynomial | None:
        """P = t + R: t·Pᵉ is Pᵉ⁺¹ − R·Pᵉ for the largest term t of P; None where t is no factor.

        Terminates: each term of R is smaller than t.
        """
        if base.lead is None:
            return None
        lead, _ = base.lead
        if not divides(lead, exponents):
            return None
        return self._without(exponents, base, exponent, lead)

    def _split(
        self, exponents: dict[Atom, Exponent], base: Base, exponent: Any
    ) -> Polynomial | None:
        """P = c + a·R: a⁻ᵏ·Pᵉ is (a⁻ᵏ·Pᵉ⁺¹ − a¹⁻ᵏ·R·Pᵉ)/c; None where P has no such form.

        Terminates: the exponent of a comes nearer to 0.
        """
        if UNIT not in base.polynomial:
            return None
        others = [dict(p) for p in base.polynomial if p]
        for atom, e in exponents.items():
            low = not isinstance(e, Expr) and e < 0 and atom != base
            if low and all(at_least_one(p.get(atom, 0)) for p in others):
                return self._without(exponents, base, exponent, UNIT)
        return None

    def _without(
        self, exponents: dict[Atom, Exponent], base: Base, exponent: Any, lead: Product
    ) -> Polynomial | None:
        """The product with one term of the base taken for the base less its other terms."""
        coefficient = base.polynomial[lead]
        if exponent == -1 and not self.is_not_zero(base.polynomial):
            return None
        if not isinstance(exponent, int) and not self.is_not_negative(base.polynomial):
            return None
        kept = divided(exponents, lead)
        rest = {p: c for p, c in base.polynomial.items() if p != lead}
        product = frozenset(kept.items())
        kept.pop(base)
        higher = summed((exponent, 1))
        if higher != 0:
            kept[base] = higher
        first = self._tidied(kept)
        second = self._times(rest, {product: 1})
        return scaled(added(first, scaled(second, -1)), exact(Fraction(1) / coefficient))

    def need(self, atom: Atom, kind: str) -> None:
        """Raise ``NoLaw`` where it is not known that the atom is positive, or not negative."""
        known = self.is_positive if kind == POSITIVE else self.is_not_negative
        if not known(one(atom)):
            raise NoLaw(self.words(one(atom), kind))


def opposite(exponent: Exponent) -> Exponent:
    """The negative exponent."""
    return -exponent


def at_least_one(exponent: Exponent) -> bool:
    """Whether an exponent is a number that is not below 1."""
    return isinstance(exponent, int | Fraction) and exponent >= 1


def divides(lead: Product, exponents: dict[Atom, Exponent]) -> bool:
    """Whether a product is a factor."""
    for atom, e in lead:
        other = exponents.get(atom, 0)
        if isinstance(other, Expr) or isinstance(e, Expr) or other < e:
            return False
    return True


def divided(exponents: Mapping[Atom, Exponent], lead: Product) -> dict[Atom, Exponent]:
    """The product without a factor."""
    kept = dict(exponents)
    for atom, e in lead:
        left = summed((kept.pop(atom), opposite(e)))
        if left != 0:
            kept[atom] = left
    return kept


def parted(exponent: Exponent) -> tuple[int, Exponent]:
    """A whole number and what is left, which as a number is in 0 … 1."""
    known = exponent.as_coeff_Add()[0] if isinstance(exponent, Expr) else exponent
    natural = floor(known)
    return natural, summed((exponent, -natural))
