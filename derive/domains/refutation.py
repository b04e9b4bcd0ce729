"""Refuting formulas, with products too, by linear arithmetic and by the bounds that they tell.

Every monomial counts as an unknown of its own, and what is lost by that is partly won back:
an inequality may be multiplied by a product of unknowns that are known not to be negative, so
that ``i ≤ n − 1`` gives ``d·i ≤ d·n − d``.  Disjunctions are split into cases.  All of this
follows from the formulas, so a contradiction found is one; finding none says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from derive.domains.bounds import excluded, least_value, lower_bounds
from derive.domains.formulas import (
    FALSE,
    AtLeastZero,
    Formula,
    Literal,
    Monomial,
    Polynomial,
    Zero,
    add,
    at_least_zero,
    atom,
    constant,
    disjunction,
    multiply,
    scale,
    sorted_out,
    subtract,
    without,
)
from derive.domains.presburger import contradictory
from derive.domains.problems import Problem, Quotient

#: how many cases are looked at before giving up: at first, and where nothing else has helped
FEW, MANY = 12, 60
#: how many inequalities are worth handing to the linear solver
_LEMMAS = 120
#: how many pairs of unknowns are compared where nothing else helps
_COMPARISONS = 3


def impossible(problem: Problem, cases: int) -> bool:
    """Whether linear reasoning with products finds that a problem has no point."""
    return _Refutation(problem, cases).succeeds([], [*problem.formulas, *problem.meanings()], 1)


class _Refutation:
    """The search for a contradiction in every case."""

    def __init__(self, problem: Problem, cases: int) -> None:
        self._quotients = [
            (atom(k), a) for k, a in enumerate(problem.atoms) if isinstance(a, Quotient)
        ]
        self._cases = cases

    def succeeds(self, known: list[Literal], still: Sequence[Formula], comparisons: int) -> bool:
        """Whether the known literals and the remaining formulas contradict each other."""
        self._cases -= 1
        if self._cases < 0:
            return False
        literals, choices = sorted_out(known, still)
        lemmas = self._with_lemmas(literals)
        if FALSE in choices or contradictory(lemmas):
            return True
        bounds = lower_bounds(lemmas)
        possible = [[p for p in c.parts if not excluded(p, bounds)] for c in choices]
        remaining = [disjunction(parts) for parts in possible]
        if any(len(parts) < 2 for parts in possible):
            return self.succeeds(literals, remaining, comparisons)
        if possible:
            return all(
                self.succeeds(literals, [part, *remaining[1:]], comparisons) for part in possible[0]
            )
        return comparisons > 0 and any(
            all(self.succeeds(literals, [case], comparisons - 1) for case in _either_way(gap))
            for gap in self._gaps(lemmas)
        )

    def _gaps(self, lemmas: list[Literal]) -> list[Polynomial]:
        """Differences whose sign may settle the matter."""
        numbers = [
            subtract(value, constant(number))
            for value, quotient in self._quotients
            for number in _numbers_to_compare(quotient, lemmas)
        ]
        return [*_comparisons(_monomials(lemmas)), *numbers]

    def _with_lemmas(self, literals: list[Literal]) -> list[Literal]:
        found: dict[Formula, None] = dict.fromkeys(literals)
        for _ in range(2):
            bounds = lower_bounds(found)
            for value, quotient in self._quotients:
                found.update(dict.fromkeys(_of_quotient(value, quotient, bounds)))
            bounds = lower_bounds(found)
            found.update(dict.fromkeys(_products(list(found), bounds)))
            if len(found) > _LEMMAS:
                break
        bounds = lower_bounds(found)
        signs = (_natural(m, bounds) for m in _monomials(found))
        return [f for f in (*found, *signs) if isinstance(f, AtLeastZero | Zero)]


def _natural(m: Monomial, bounds: dict[int, int]) -> Formula | None:
    """That a product of natural numbers is at least the product of their bounds."""
    least = least_value(((m, 1),), bounds)
    return None if least is None else at_least_zero(add(((m, 1),), constant(-least)))


def _of_quotient(value: Polynomial, q: Quotient, bounds: dict[int, int]) -> list[Formula]:
    """What signs tell of a quotient: of a natural number by a positive one it is natural."""
    numerator = least_value(q.numerator, bounds)
    denominator = least_value(q.denominator, bounds)
    if numerator is None or numerator < 0 or denominator is None or denominator < 1:
        return []
    return [at_least_zero(value), at_least_zero(subtract(q.numerator, value))]


def _monomials(formulas: Iterable[Formula]) -> list[Monomial]:
    """All proper products in literals, in order of appearance."""
    found = (
        m
        for f in formulas
        if isinstance(f, AtLeastZero | Zero)
        for m, _ in f.polynomial
        if len(m) > 1
    )
    return list(dict.fromkeys(found))


def _products(formulas: list[Formula], bounds: dict[int, int]) -> list[Formula]:
    """Multiples of the literals that speak of products which occur."""
    found: list[Formula] = []
    monomials = _monomials(formulas)
    known = set(monomials)
    for f in formulas:
        if not isinstance(f, AtLeastZero | Zero):
            continue
        parts = [m for m, _ in f.polynomial if m]
        cofactors = (without(m, part) for m in monomials for part in parts)
        for cofactor in dict.fromkeys(c for c in cofactors if c):
            if isinstance(f, Zero) or all(bounds.get(number, -1) >= 0 for number in cofactor):
                product = multiply(f.polynomial, ((cofactor, 1),))
                if sum(len(m) > 1 and m not in known for m, _ in product) <= 1:
                    found.append(type(f)(product))
    return found


def _comparisons(monomials: Sequence[Monomial]) -> list[Polynomial]:
    """Differences of two unknowns that are multiplied by the same one; the most frequent first."""
    found: dict[Polynomial, int] = {}
    for m, n in combinations([set(m) for m in monomials if len(m) == 2], 2):
        if len(m) == len(n) == 2 and len(m & n) == 1:
            x, y = sorted(m ^ n)
            gap = subtract(atom(y), atom(x))
            found[gap] = found.get(gap, 0) + 1
    return sorted(found, key=lambda gap: -found[gap])[:_COMPARISONS]


def _numbers_to_compare(q: Quotient, literals: Sequence[Literal]) -> list[int]:
    """The factors with which a denominator occurs: bounds that its quotient may have."""
    if len(q.denominator) != 1:
        return []
    ((monomial, _),) = q.denominator
    factors = {abs(c) for f in literals for m, c in f.polynomial if m == monomial}
    return sorted(factors, reverse=True)[:_COMPARISONS]


def _either_way(gap: Polynomial) -> tuple[Formula, Formula]:
    """``gap ≥ 0`` and ``gap ≤ −1``: one of the two holds."""
    return at_least_zero(gap), at_least_zero(add(scale(gap, -1), constant(-1)))
