"""The question every decider answers: which is the smallest point where some formulas all hold?

Atoms are numbered in the order of their first appearance.  A compound atom, a quotient or a
maximum, comes after the atoms it is made of, so that one pass computes them all.  Names play no
part: two problems that differ only in the names of their symbols are equal, and the answer for
one axis of a convolution serves for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from derive.domains.formulas import (
    Formula,
    Polynomial,
    add,
    at_least_zero,
    atom,
    conjunction,
    constant,
    disjunction,
    evaluate,
    holds_at,
    multiply,
    polynomials_of,
    scale,
    subtract,
    value_of_constant,
    zero,
)

#: the decider of an open question
UNKNOWN = "none"


class Undecided(Exception):
    """A question about integers that no decider answered within its limits."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An integer that may have any value."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """``numerator // denominator``, rounded down; 0 where the denominator is 0.

    The value for a zero denominator only makes the atom a total function; a formula that needs
    the quotient to be defined says so itself.
    """

    numerator: Polynomial
    denominator: Polynomial


@dataclass(frozen=True, slots=True)
class LargestOf:
    """The largest of the arguments."""

    arguments: tuple[Polynomial, ...]


Atom = Variable | Quotient | LargestOf


@dataclass(frozen=True)
class Problem:
    """Formulas over atoms; ``sizes`` are the variables whose sum is to be least, ``order`` lists
    all variables as points are compared after that."""

    atoms: tuple[Atom, ...]
    formulas: tuple[Formula, ...]
    sizes: tuple[int, ...]
    order: tuple[int, ...]

    @property
    def compounds(self) -> tuple[int, ...]:
        """The numbers of the atoms that are not variables."""
        return tuple(k for k, a in enumerate(self.atoms) if not isinstance(a, Variable))

    def linear(self) -> bool:
        """Whether this is Presburger arithmetic."""
        inside = [p for a in self.atoms for p in polynomials_in(a)]
        polynomials = [p for f in self.formulas for p in polynomials_of(f)] + inside
        return all(len(m) <= 1 for p in polynomials for m, _ in p) and all(
            value_of_constant(a.denominator) is not None
            for a in self.atoms
            if isinstance(a, Quotient)
        )

    def meanings(self) -> tuple[Formula, ...]:
        """What defines each compound atom."""
        return tuple(_meaning(atom(k), self.atoms[k]) for k in self.compounds)

    def complete(self, variables: Mapping[int, int]) -> list[int]:
        """The values of all atoms at a point given by the values of the variables."""
        values: list[int] = []
        for k, a in enumerate(self.atoms):
            values.append(variables[k] if isinstance(a, Variable) else self.value(k, values))
        return values

    def value(self, number: int, values: Sequence[int]) -> int:
        """The value of a compound atom, given those of the atoms it is made of."""
        a = self.atoms[number]
        if isinstance(a, Quotient):
            divisor = evaluate(a.denominator, values)
            return evaluate(a.numerator, values) // divisor if divisor else 0
        assert isinstance(a, LargestOf)
        return max(evaluate(p, values) for p in a.arguments)

    def accepts(self, values: Sequence[int]) -> bool:
        """Whether all formulas hold at a point, given the values of all atoms."""
        return all(holds_at(f, values) for f in self.formulas)


@dataclass(frozen=True)
class Solution:
    """The smallest point (one value an entry of ``Problem.order``), or None where there is none.

    The decider is UNKNOWN where the question stayed open.
    """

    point: tuple[int, ...] | None
    decider: str


def polynomials_in(a: Atom) -> tuple[Polynomial, ...]:
    """The polynomials that an atom is made of."""
    if isinstance(a, Quotient):
        return (a.numerator, a.denominator)
    return a.arguments if isinstance(a, LargestOf) else ()


def _meaning(value: Polynomial, a: Atom) -> Formula:
    if isinstance(a, LargestOf):
        return _largest(value, a.arguments)
    assert isinstance(a, Quotient)
    remainder = subtract(a.numerator, multiply(a.denominator, value))
    return disjunction(
        (
            _remainder(remainder, a.denominator),
            _remainder(scale(remainder, -1), scale(a.denominator, -1)),
            conjunction((zero(a.denominator), zero(value))),
        )
    )


def _remainder(remainder: Polynomial, divisor: Polynomial) -> Formula:
    """The divisor is positive and the remainder of a division by it lies in 0 … divisor − 1."""
    less = subtract(divisor, constant(1))
    return conjunction(
        (at_least_zero(less), at_least_zero(remainder), at_least_zero(subtract(less, remainder)))
    )


def _largest(value: Polynomial, arguments: tuple[Polynomial, ...]) -> Formula:
    above = conjunction(at_least_zero(subtract(value, p)) for p in arguments)
    attained = disjunction(zero(add(value, scale(p, -1))) for p in arguments)
    return conjunction((above, attained))
