"""Problems in fewer words: what an equation defines is put in, what the bounds decide is decided.

``M = max(0, C·N)`` where C and N are sizes says M = C·N, and then M need not be spoken of.  A
reduced problem has a point exactly where the given one has: every step replaces a term by an equal
one, leaves out a formula that others imply, or drops an unknown with the equation that gives it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

from derive.domains.bounds import Facts
from derive.domains.formulas import (
    All,
    Any,
    AtLeastZero,
    Formula,
    Literal,
    Monomial,
    Polynomial,
    Zero,
    add,
    at_least_zero,
    atoms_of,
    collect,
    complement,
    conjunction,
    constant,
    disjunction,
    multiply,
    polynomials_of,
    scale,
    sorted_out,
    subtract,
    value_of_constant,
    zero,
)
from derive.domains.numbering import Numbering
from derive.domains.problems import LargestOf, Problem, Quotient, Variable, polynomials_in

#: how often what was found out serves to find out more
_ROUNDS = 3


@lru_cache(maxsize=8192)
def reduced(problem: Problem) -> Problem:
    """An equivalent problem with fewer atoms, formulas and choices."""
    for _ in range(_ROUNDS):
        simpler = Reduction(problem).result()
        if simpler == problem:
            break
        problem = simpler
    return problem


class Reduction:
    """One round: every atom of the old problem as a polynomial over the atoms of the new one."""

    def __init__(self, old: Problem) -> None:
        self._old = old
        literals, choices = sorted_out((), old.formulas)
        self._facts = Facts(literals)
        self._literals = [f for f in literals if not self._facts.idle(f)]
        self._choices = [self._open(c) for c in choices]
        self._given = _definitions(old, self._literals)
        self.numbering = Numbering()
        self._images: dict[int, Polynomial] = {}

    def result(self) -> Problem:
        """The new problem."""
        whole = conjunction(self._formula(f) for f in (*self._literals, *self._choices))
        places = self.numbering.numbers
        return Problem(
            tuple(self.numbering.atoms),
            whole.parts if isinstance(whole, All) else (whole,),
            tuple(places[k] for k in self._old.sizes if k in places),
            tuple(places[k] for k in self._old.order if k in places),
        )

    def _open(self, choice: Any) -> Formula:
        """The parts that are not excluded; none where one holds anyway."""
        if any(isinstance(p, AtLeastZero) and self._facts.show(p.polynomial) for p in choice.parts):
            return All(())
        return disjunction(p for p in choice.parts if not self._facts.refute(p))

    def _formula(self, formula: Formula) -> Formula:
        if isinstance(formula, All):
            return conjunction(self._formula(part) for part in formula.parts)
        if isinstance(formula, Any):
            return disjunction(self._formula(part) for part in formula.parts)
        image = self.image(formula.polynomial)
        if isinstance(formula, AtLeastZero):
            return at_least_zero(image)
        return zero(image) if isinstance(formula, Zero) else complement(zero(image))

    def image(self, p: Polynomial) -> Polynomial:
        """A polynomial over the old atoms as one over the new ones."""
        found: list[tuple[Monomial, int]] = []
        for monomial, coefficient in p:
            product = constant(coefficient)
            for number in monomial:
                product = multiply(product, self._of_atom(number))
            found += product
        return collect(found)

    def _of_atom(self, number: int) -> Polynomial:
        if number not in self._images:
            self._images[number] = self._atom(number)
        return self._images[number]

    def _atom(self, number: int) -> Polynomial:
        meaning = self._old.atoms[number]
        if number in self._given:
            return self.image(self._given[number])
        if isinstance(meaning, Variable):
            return self.numbering.variable(number)
        if isinstance(meaning, LargestOf):
            return self.numbering.largest([*map(self.image, self._candidates(meaning))])
        return self._quotient(meaning.numerator, meaning.denominator)

    def _candidates(self, largest: LargestOf) -> list[Polynomial]:
        """The arguments but for those that are at most another one."""
        kept = list(largest.arguments)
        for p in largest.arguments:
            if any(q != p and self._facts.show(subtract(q, p)) for q in kept):
                kept.remove(p)
        return kept

    def _quotient(self, a: Polynomial, b: Polynomial) -> Polynomial:
        """The image of ``a // b``: 0 where 0 ≤ a < b; in normal form where b is not 0."""
        below = add(b, constant(-1))
        if self._facts.show(a) and self._facts.show(subtract(below, a)):
            return ()
        above, under = self.image(a), self.image(b)
        if value_of_constant(under) or self._facts.show(below):
            return self.numbering.quotient(above, under)
        return self.numbering.compound(Quotient(above, under)) if under else ()


def _definitions(problem: Problem, literals: Sequence[Literal]) -> dict[int, Polynomial]:
    """Variables that equations give in terms of others, none by way of itself.

    Of the variables of an equation the one that is multiplied least often goes.
    """
    found: dict[int, Polynomial] = {}
    factors = _factors(problem)
    for p in (f.polynomial for f in literals if isinstance(f, Zero)):
        alone = [(m[0], c) for m, c in p if len(m) == 1 and abs(c) == 1]
        for number, sign in sorted(alone, key=lambda term: factors[term[0]]):
            rest = scale(tuple(term for term in p if term[0] != (number,)), -sign)
            if (
                isinstance(problem.atoms[number], Variable)
                and number not in found
                and number not in _reached(rest, problem, found)
            ):
                found[number] = rest
                break
    return found


def _factors(problem: Problem) -> Counter[int]:
    """How often each atom is a factor of a proper product."""
    inside = (p for a in problem.atoms for p in polynomials_in(a))
    written = (p for f in problem.formulas for p in polynomials_of(f))
    return Counter(n for p in chain(inside, written) for m, _ in p if len(m) > 1 for n in m)


def _reached(p: Polynomial, problem: Problem, given: Mapping[int, Polynomial]) -> set[int]:
    """The atoms that a polynomial is made of, directly or by way of others."""
    reached: set[int] = set()
    pending = list(atoms_of(p))
    while pending:
        number = pending.pop()
        if number not in reached:
            reached.add(number)
            parts = (given[number],) if number in given else polynomials_in(problem.atoms[number])
            pending += (n for part in parts for n in atoms_of(part))
    return reached
