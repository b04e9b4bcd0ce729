"""Polynomials in tensor entries with rational coefficients: numbers a layer can be evaluated over.

Evaluated over these, a layer shows what it computes: each output entry as a formula in the entries
of its inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.evaluation.arithmetic import Arithmetic, NotExact, rational_power
from verify.evaluation.arrays import Array

#: the entry of a tensor: its name and its index
Unknown = tuple[str, tuple[int, ...]]
#: a product of entries, sorted, each as often as it is multiplied
Monomial = tuple[Unknown, ...]

#: how many entries the terms of a product may have together
LARGEST_PRODUCT = 100_000


@dataclass(frozen=True)
class Polynomial:
    """A sum of products of tensor entries; ``terms`` holds no zero coefficient."""

    terms: Mapping[Monomial, Fraction]

    @classmethod
    def of(cls, number: Any) -> Polynomial:
        """A number as a constant polynomial."""
        if isinstance(number, Polynomial):
            return number
        return cls({(): Fraction(number)} if number else {})

    @classmethod
    def unknown(cls, tensor: str, index: tuple[int, ...]) -> Polynomial:
        """The entry ``tensor[index]`` itself."""
        return cls({((tensor, index),): Fraction(1)})

    def __add__(self, other: Any) -> Polynomial:
        terms = dict(self.terms)
        for monomial, coefficient in Polynomial.of(other).terms.items():
            terms[monomial] = terms.get(monomial, Fraction(0)) + coefficient
        return Polynomial({m: c for m, c in terms.items() if c})

    __radd__ = __add__

    def __mul__(self, other: Any) -> Polynomial:
        factor = Polynomial.of(other)
        longest = self._longest() + factor._longest()
        if len(self.terms) * len(factor.terms) * longest > LARGEST_PRODUCT:
            raise NotExact("a product of so many terms is not multiplied out")
        terms: dict[Monomial, Fraction] = {}
        for left, a in self.terms.items():
            for right, b in factor.terms.items():
                monomial = tuple(sorted(left + right))
                terms[monomial] = terms.get(monomial, Fraction(0)) + a * b
        return Polynomial({m: c for m, c in terms.items() if c})

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Polynomial:
        result = Polynomial.of(1)
        for _ in range(exponent):
            result = result * self
        return result

    def _longest(self) -> int:
        return max(map(len, self.terms), default=0)

    def degree_in(self, tensor: str) -> int:
        """The largest number of entries of the tensor that are multiplied with one another."""
        return max((sum(u[0] == tensor for u in m) for m in self.terms), default=0)

    def homogeneous_in(self, tensor: str) -> bool:
        """Whether every term contains an entry of the tensor."""
        return all(any(u[0] == tensor for u in m) for m in self.terms)

    def derivative(self, unknown: Unknown) -> Polynomial:
        """∂/∂unknown of the polynomial."""
        terms = {}
        for monomial, coefficient in self.terms.items():
            if unknown in monomial:
                place = monomial.index(unknown)
                rest = monomial[:place] + monomial[place + 1 :]
                terms[rest] = coefficient * monomial.count(unknown)
        return Polynomial(terms)

    def unknowns(self) -> Iterator[Unknown]:
        """The entries that occur, in order, without repetition."""
        yield from sorted({u for monomial in self.terms for u in monomial})

    def at(self, arrays: Mapping[str, Array]) -> Fraction:
        """The value where the tensors hold these numbers."""
        result = Fraction(0)
        for monomial, coefficient in self.terms.items():
            for tensor, index in monomial:
                coefficient = coefficient * arrays[tensor][index]
            result += coefficient
        return result


def _power(base: Any, exponent: Any) -> Any:
    """Positive integer powers, and every power of a constant."""
    if isinstance(exponent, Polynomial):
        raise NotExact("a power with a tensor entry in the exponent is no polynomial")
    if not isinstance(base, Polynomial):
        return rational_power(base, exponent)
    if not any(base.terms):
        return Polynomial.of(rational_power(base.terms.get((), Fraction(0)), exponent))
    raise NotExact("a quotient or a root of tensor entries is no polynomial")


def _order(number: Any) -> Any:
    if isinstance(number, Polynomial) and any(number.terms):
        raise NotExact("which entry is larger depends on the values, not on the places alone")
    return number.terms.get((), Fraction(0)) if isinstance(number, Polynomial) else number


POLYNOMIALS = Arithmetic(number=lambda value: value, power=_power, order=_order)
