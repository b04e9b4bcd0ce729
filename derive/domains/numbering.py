"""Atoms numbered as they are mentioned; equal compounds have one number.

Quotients and maxima are made here, in a normal form: multiples of the denominator are taken out of
the numerator, and arguments that differ by a number are compared.
"""

from __future__ import annotations

from collections.abc import Hashable

from derive.domains.formulas import (
    Polynomial,
    add,
    atom,
    constant,
    multiply,
    scale,
    subtract,
    value_of_constant,
    without,
)
from derive.domains.problems import Atom, LargestOf, Quotient, Variable


class Numbering:
    """The atoms of one problem, by what they are known as."""

    def __init__(self) -> None:
        self.numbers: dict[Hashable, int] = {}
        self.atoms: list[Atom] = []

    def variable(self, key: Hashable) -> Polynomial:
        """The unknown that goes by a key."""
        return self._numbered(key, Variable())

    def compound(self, meaning: Quotient | LargestOf) -> Polynomial:
        """A quotient or maximum as it stands."""
        return self._numbered(meaning, meaning)

    def _numbered(self, key: Hashable, meaning: Atom) -> Polynomial:
        if key not in self.numbers:
            self.numbers[key] = len(self.atoms)
            self.atoms.append(meaning)
        return atom(self.numbers[key])

    def largest(self, arguments: list[Polynomial]) -> Polynomial:
        """The largest of the arguments."""
        kept: list[Polynomial] = []
        for p in sorted(arguments):
            gaps = [value_of_constant(subtract(p, q)) for q in kept]
            if any(gap is not None and gap <= 0 for gap in gaps):
                continue
            kept = [q for q, gap in zip(kept, gaps, strict=True) if gap is None] + [p]
        return kept[0] if len(kept) == 1 else self.compound(LargestOf(tuple(kept)))

    def quotient(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """``a // b`` with the multiples of b in a taken out: its value wherever b is not 0."""
        if b and b[-1][1] < 0:
            a, b = scale(a, -1), scale(b, -1)
        whole = _multiples(a, b)
        rest = subtract(a, multiply(whole, b))
        divisor = value_of_constant(b)
        if not rest or not b:
            return whole
        if divisor and value_of_constant(rest) is not None:
            return add(whole, constant(rest[0][1] // divisor))
        return add(whole, self.compound(Quotient(rest, b)))


def _multiples(a: Polynomial, b: Polynomial) -> Polynomial:
    """What can be divided out of single terms of a, where b is a single term."""
    if len(b) != 1:
        return ()
    ((monomial, factor),) = b
    found = []
    for m, c in a:
        cofactor = without(m, monomial)
        if cofactor is not None and c // factor:
            found.append((cofactor, c // factor))
    return tuple(sorted(found))
