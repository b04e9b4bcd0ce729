"""Powers of polynomials, and what leaves a polynomial as a common factor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from math import gcd, lcm
from typing import Any

from sympy import Expr
from sympy.ntheory import factorint

from verify.equality.algebra.atoms import Base, Exponential, Prime
from verify.equality.algebra.cases import Cases
from verify.equality.algebra.polynomials import (
    Atom,
    Exponent,
    Number,
    Polynomial,
    Product,
    added,
    constant,
    exact,
    key_of,
    one,
    rational,
    scaled,
    summed,
)
from verify.equality.algebra.products import NoLaw, at_least_one, parted
from verify.equality.algebra.squares import root
from verify.equality.algebra.truths import comparison_in


class Powers(Cases, ABC):
    """Powers at the place where it stands."""

    def power(self, polynomial: Polynomial, exponent: Exponent) -> Polynomial:
        """A power; 0 to a power that is not 0, 1, 2, … is 0."""
        if isinstance(exponent, int) and exponent >= 0:
            return self.natural(polynomial, exponent)
        if not polynomial:
            return {}
        if len(polynomial) == 1:
            ((product, coefficient),) = polynomial.items()
            return self._of_product(product, coefficient, exponent)
        whole = isinstance(exponent, int)
        number, outer, inner = self.primitive(polynomial, whole)
        if not inner:
            return {}
        found = self._of_product(outer, number, exponent)
        if len(inner) == 1 or comparison_in(inner):
            whole_case = partial(self.power, exponent=exponent)
            return self.times(found, self.by_cases(inner, whole_case))
        twice = _scaled(2, exponent)
        if not whole and isinstance(twice, int):
            half = root(inner, self.times)
            if half is not None:
                return self.times(found, self.power(self._size(half), twice))
        natural = 0 if isinstance(exponent, Expr) else max(0, int(exponent // 1))
        rest = summed((exponent, -natural))
        return self.times(found, one(Base(inner), rest), self.natural(inner, natural))

    def _of_product(self, product: Product, number: Number, exponent: Exponent) -> Polynomial:
        """(c·Πaᵉ)ᵠ = cᵠ·Πaᵉᵠ for whole q; else only positive factors and squares leave it."""
        if isinstance(exponent, int):
            powers = ((a, 1 if a.truth else _scaled(e, exponent)) for a, e in product)
            return self.times(self._of_number(number, exponent), {frozenset(powers): 1})
        sign = 1 if number > 0 else -1
        found = [self._of_number(number * sign, exponent)]
        kept: list[tuple[Atom, Exponent]] = []
        for atom, e in product:
            if atom.truth:
                found.append(one(atom))
            elif self.is_positive(one(atom)):
                found.append(self._of_atom(atom, _scaled(e, exponent)))
            elif (whole := _root_of_square(e, exponent)) is not None:
                found.append(self._of_square(atom, whole))
            else:
                kept.append((atom, e))
        left = frozenset(kept)
        if sign < 0 and self.is_not_negative({left: 1}):
            raise NoLaw(f"({number}) to the power {exponent}")
        if sign > 0 and len(kept) == 1 and kept[0][1] in (1, -1):
            atom, e = kept[0]
            found.append(self._of_atom(atom, _scaled(e, exponent)))
        elif kept:
            found.append(one(Base({left: sign}), exponent))
        return self.times(*found)

    def _of_square(self, atom: Atom, exponent: int) -> Polynomial:
        """|a|ⁿ."""
        return self.power(self._size(one(atom)) if exponent % 2 else one(atom), exponent)

    def _size(self, polynomial: Polynomial) -> Polynomial:
        """|P| = P·[0 < P] − P·[0 < −P]."""
        opposite = scaled(polynomial, -1)
        sides = ((p, self.positive(p)) for p in (polynomial, opposite))
        return added(*(self.times(p, truth) for p, truth in sides))

    def _of_atom(self, atom: Atom, exponent: Exponent) -> Polynomial:
        if isinstance(atom, Exponential) and isinstance(exponent, Expr):
            return self.exponential(self.times({atom.product: 1}, self.exponent_value(exponent)))
        if isinstance(atom, Prime):
            return self._prime(atom.number, exponent)
        whole, factor = self._natural_part(atom, exponent)
        found = one(atom, whole) if whole != 0 else constant(1)
        return found if factor is None else self.times(found, factor)

    @abstractmethod
    def exponent_value(self, exponent: Expr) -> Polynomial:
        """A symbolic exponent as a polynomial."""

    def _of_number(self, number: Number, exponent: Exponent) -> Polynomial:
        if number == 1:
            return constant(1)
        if isinstance(exponent, int):
            return constant(exact(Fraction(number) ** exponent))
        powers = (self._prime(p, _scaled(k, exponent)) for p, k in prime_factors(number))
        return self.times(constant(1), *powers)

    def _prime(self, number: int, exponent: Exponent) -> Polynomial:
        natural, broken = parted(exponent)
        factor = exact(Fraction(number) ** natural)
        return scaled(one(Prime(number), broken) if broken != 0 else constant(1), factor)

    def primitive(self, polynomial: Polynomial, whole: bool) -> tuple[Number, Product, Polynomial]:
        """(c, Π, P) with the polynomial c·Π·P, P without common factors.

        What leaves is positive, or not zero where the power is ``whole``; only then the first
        coefficient is made positive.
        """
        numbers = [Fraction(c) for c in polynomial.values()]
        number = exact(_common(numbers))
        first = min(polynomial, key=key_of)
        if whole and polynomial[first] < 0:
            number = -number
        outer = {a: e for a, e in self._shared(polynomial).items() if self._leaves(a, e, whole)}
        product: Product = frozenset(outer.items())
        inverse = frozenset((a, _scaled(e, -1)) for a, e in outer.items() if not a.truth)
        inner: Polynomial = {}
        for p, c in polynomial.items():
            divided = dict(p)
            for a, e in inverse:
                rest = summed((divided.pop(a, 0), e))
                if rest != 0:
                    divided[a] = rest
            for a in outer:
                if a.truth:
                    divided.pop(a)
            inner[frozenset(divided.items())] = exact(Fraction(c) / number)
        return self._primitive_inside(number, product, inner, whole)

    def _primitive_inside(
        self, number: Number, product: Product, inner: Polynomial, whole: bool
    ) -> tuple[Number, Product, Polynomial]:
        """The same where what was divided by before now stands as a factor of other terms."""
        if not any(map(_has_natural_base, inner)):
            return number, product, inner
        expanded = added(*(scaled(self.multiplied_out(p), c) for p, c in inner.items()))
        if not expanded:
            return number, product, {}
        more, outer, inner = self.primitive(expanded, whole)
        exponents = dict(product)
        for atom, exponent in outer:
            both = 1 if atom.truth else summed((exponents.pop(atom, 0), exponent))
            if both != 0:
                exponents[atom] = both
        return number * more, frozenset(exponents.items()), inner

    def multiplied_out(self, product: Product) -> Polynomial:
        """Natural powers of polynomials multiplied out."""
        if not _has_natural_base(product):
            return {product: 1}
        factors: list[Polynomial] = []
        for atom, exponent in product:
            rest, factor = self._natural_part(atom, exponent)
            if rest != 0:
                factors.append(one(atom, rest))
            if factor is not None:
                factors.append(factor)
        return self.times(*factors)

    def _leaves(self, atom: Atom, exponent: Any, whole: bool) -> bool:
        if whole and (exponent > 0 or self.is_not_zero(one(atom))):
            return isinstance(exponent, int)
        return atom.truth or self.is_positive(one(atom))

    def _shared(self, polynomial: Polynomial) -> dict[Atom, Any]:
        """The least exponent of each atom in all products, where it is not 0."""
        products = [dict(p) for p in polynomial]
        found: dict[Atom, Any] = {}
        for atom in dict.fromkeys(a for p in polynomial for a, _ in p):
            exponents = [p.get(atom, 0) for p in products]
            if any(isinstance(e, Expr) for e in exponents):
                continue
            least = min(exponents)
            if least != 0:
                found[atom] = least
        return found


def _scaled(exponent: Exponent, factor: Exponent) -> Exponent:
    if isinstance(exponent, Expr) or isinstance(factor, Expr):
        return summed([rational(exponent) * rational(factor)])
    product = exponent * factor
    return exact(product) if isinstance(product, Fraction) else product


def _has_natural_base(product: Product) -> bool:
    """Whether a polynomial is a factor that can be multiplied out."""
    return any(isinstance(a, Base) and at_least_one(e) for a, e in product)


def _root_of_square(e: Exponent, exponent: Exponent) -> int | None:
    """The exponent of |a| in (aᵉ)ᵠ where e is even, and e·q a whole number."""
    whole = _scaled(e, exponent)
    return whole if isinstance(e, int) and e % 2 == 0 and isinstance(whole, int) else None


def _common(numbers: list[Fraction]) -> Fraction:
    """The greatest positive number of which all are whole multiples."""
    top = gcd(*(n.numerator for n in numbers))
    return Fraction(top, lcm(*(n.denominator for n in numbers)))


def prime_factors(number: Number) -> Iterator[tuple[int, int]]:
    """The prime numbers that a positive number is made of, with their exponents."""
    fraction = Fraction(number)
    for whole, sign in ((fraction.numerator, 1), (fraction.denominator, -1)):
        yield from ((int(p), sign * int(k)) for p, k in factorint(whole).items() if p != 1)
