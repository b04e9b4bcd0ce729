"""Reduced problems have the points of the problems they were made of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest

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
    multiply,
    scale,
    subtract,
    zero,
)
from derive.domains.numbering import Numbering
from derive.domains.problems import LargestOf, Problem, Quotient, Variable
from derive.domains.reduction import Reduction, reduced
from tests.suites import parts

VARIABLES = 3
BOX = range(-2, 4)


class Chance:
    """A problem by chance, with equations, maxima and quotients by what may be zero."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.numbering = Numbering()
        for k in range(VARIABLES):
            self.numbering.variable(k)

    def polynomial(self) -> Polynomial:
        terms = [scale(self.atom(), self.random.choice((-2, -1, 1, 1))) for _ in range(2)]
        if self.random.random() < 0.3:
            terms[0] = multiply(terms[0], self.atom())
        return add(*terms, constant(self.random.randint(-1, 2)))

    def atom(self) -> Polynomial:
        return atom(self.random.randrange(len(self.numbering.atoms)))

    def formula(self, depth: int = 2) -> Formula:
        kind = self.random.choice(("at least", "at least", "zero", "any", "all")[: 3 + depth])
        if kind in ("any", "all"):
            join = disjunction if kind == "any" else conjunction
            return join([self.formula(depth - 1), self.formula(depth - 1)])
        return at_least_zero(self.polynomial()) if kind == "at least" else zero(self.polynomial())

    def problem(self) -> Problem:
        for k in range(self.random.randint(0, 2)):
            a, b = self.polynomial(), self.random.choice((self.atom(), self.polynomial()))
            self.numbering.compound(LargestOf((a, b)) if k else Quotient(a, b))
        natural = [at_least_zero(atom(k)) for k in range(self.random.randint(0, VARIABLES))]
        formulas = [*natural, *(self.formula() for _ in range(self.random.randint(1, 3)))]
        unknowns = tuple(range(VARIABLES))
        return Problem(tuple(self.numbering.atoms), tuple(formulas), unknowns[:1], unknowns)


def box() -> Iterator[dict[int, int]]:
    return (dict(enumerate(values)) for values in product(BOX, repeat=VARIABLES))


@pytest.mark.parametrize("part", parts(4))
def test_a_round_keeps_all_points(part: int) -> None:
    for seed in range(100 * part, 100 * (part + 1)):
        old = Chance(seed).problem()
        made = Reduction(old)
        new = made.result()
        images = [made.image(atom(k)) for k in range(VARIABLES)]
        places = made.numbering.numbers
        whole = Problem(tuple(made.numbering.atoms), new.formulas, (), ())
        for at in box():
            values = whole.complete({places[k]: at[k] for k in at if k in places})
            if old.accepts(old.complete(at)):
                assert whole.accepts(values), seed
                assert [evaluate(p, values) for p in images] == [*at.values()], seed
            if whole.accepts(values):
                lifted = {k: evaluate(p, values) for k, p in enumerate(images)}
                assert old.accepts(old.complete(lifted)), seed


def test_what_an_equation_defines_is_put_in() -> None:
    m, c, n = atom(0), atom(1), atom(2)
    product_ = multiply(c, n)
    natural = [at_least_zero(c), at_least_zero(n)]
    largest = [zero(subtract(m, atom(3)))]
    wrong = [at_least_zero(subtract(subtract(m, product_), constant(1)))]
    atoms = (Variable(), Variable(), Variable(), LargestOf(((), product_)))
    problem = Problem(atoms, (*natural, *largest, *wrong), (), (0, 1, 2))
    assert reduced(problem).formulas == (disjunction([]),)


def test_a_quotient_by_zero_stays() -> None:
    """``(x·y) // y`` is x only where y is not 0."""
    x, y, q = atom(0), atom(1), atom(2)
    atoms = (Variable(), Variable(), Quotient(multiply(x, y), y))
    differ = at_least_zero(subtract(subtract(x, q), constant(1)))
    open_ = Problem(atoms, (differ,), (), (0, 1))
    assert reduced(open_).compounds
    positive = at_least_zero(subtract(y, constant(1)))
    assert reduced(Problem(atoms, (differ, positive), (), (0, 1))).formulas == (disjunction([]),)
