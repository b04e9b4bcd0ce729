"""What algebra makes of an expression has its value wherever the expression has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from sympy import (
    Expr,
    I,
    Integer,
    Pow,
    Rational,
    cos,
    erf,
    erfc,
    exp,
    log,
    nan,
    oo,
    pi,
    sin,
    tanh,
    zoo,
)

import derive
from derive.domains.known import Known
from derive.language.terms import (
    ZERO,
    AtMost,
    Between,
    Choose,
    Entry,
    Expm1,
    Index,
    Iverson,
    Less,
    Log1p,
    Same,
    Sigmoid,
    total,
)
from tests.suites import parts
from tests.verify.equality.values import MP, Evaluator, NoValue, Point, Tensors
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import expression, shortened_by_sympy
from verify.equality.algebra.products import NoLaw, TooLong
from verify.equality.algebra.reading import Reader
from verify.equality.algebra.telling import written

LAYER = derive.parse("f(x[N], z[N]; a=0.5): y[i] = a*x[i]*z[i]")
N = next(s for s in LAYER.sizes)
A = LAYER.hyperparameters[0].symbol
HERE = Index("i")
FUNCTIONS = (exp, exp, log, tanh, Sigmoid, sin, cos, erf, erfc, Expm1, Log1p)
EXPONENTS = (-1, -1, -2, 2, Rational(1, 2), Rational(-1, 2), Rational(-3, 2), Rational(3, 2))


class Expressions:
    """Random expressions in which parts occur again, so that laws apply."""

    def __init__(self, source: Random) -> None:
        self._source = source
        self._bound = 0

    def some(self, depth: int, indices: tuple[Index, ...] = (HERE,)) -> Expr:
        make = self._source.choice(
            (self._leaf,)
            if depth == 0
            else (
                self._sum,
                self._product,
                self._power,
                self._function,
                self._total,
                self._choice,
                self._clamped,
                self._together,
                self._undone,
            )
        )
        found: Expr = make(depth - 1, indices)
        return found

    def _leaf(self, _: int, indices: tuple[Index, ...]) -> Expr:
        known = (A, N, Integer(2), Rational(1, 3))
        if not indices:
            return self._source.choice(known)
        at = self._source.choice(indices)
        return self._source.choice((Entry("x", at), Entry("x", at), Entry("z", at), *known))

    def _sum(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        sign = self._source.choice((1, -1, 2))
        return self.some(depth, indices) + sign * self.some(depth, indices)

    def _product(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        return self.some(depth, indices) * self.some(depth, indices)

    def _power(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        return Pow(self.some(depth, indices), self._source.choice(EXPONENTS))

    def _function(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        return self._source.choice(FUNCTIONS)(self.some(depth, indices))

    def _total(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        self._bound += 1
        index = Index(f"j{self._bound}")
        body = self.some(depth, (*indices, index))
        if indices and self._source.random() < 0.3:
            body = Iverson(Same(index, indices[-1])) * body
        return total(body, [(index, Integer(0), N)])

    def _choice(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        stated = self._source.choice((Less, AtMost))(Integer(0), self.some(depth, indices))
        return Choose(stated, self.some(depth, indices), self.some(depth, indices))

    def _clamped(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        """Maxima, minima and absolute values of parts, alone and as somebody's argument."""
        part, other = self.some(depth, indices), self.some(depth, indices)
        larger = Choose(AtMost(other, part), part, other)
        smaller = Choose(Less(part, other), part, other)
        size = Choose(AtMost(ZERO, part), part, -part)
        clamped = Choose(AtMost(-other, smaller), smaller, -other)
        found = self._source.choice((larger, smaller, size, clamped))
        return self._source.choice((found, exp(found), 1 / (1 + found), found * part, sin(found)))

    def _together(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        """uᵃ·uᵇ·h, and u in a sum of its own."""
        part, other = self.some(depth, indices), self.some(depth, indices)
        a, b = self._source.choice(EXPONENTS), self._source.choice(EXPONENTS)
        return self._source.choice(
            (Pow(part, a) * Pow(part, b) * other, Pow(part + other, a) * part, part / (1 + part))
        )

    def _undone(self, depth: int, indices: tuple[Index, ...]) -> Expr:
        part = self.some(depth, indices)
        return self._source.choice(
            (
                exp(log(part)),
                log(exp(part)),
                exp(part) * exp(-2 * part),
                Pow(part**2, EXPONENTS[4]),
                log(part) + log(part**2),
                Sigmoid(-part) + Sigmoid(part),
                sin(part + pi / 2) * cos(part),
                Iverson(Less(part, exp(part))) - Iverson(Less(Integer(1), exp(part))),
            )
        )


def points(source: Random, sizes: Sequence[int]) -> Iterator[tuple[Tensors, Point]]:
    """Entries of both signs with zeros among them."""
    for size in sizes:
        for palette in ((0.5, 1.25, 2, 0.75), (-1, 0.5, 0, 2, -0.25), (-0.5, -1.5)):
            x, z = ([source.choice(palette) for _ in range(size)] for _ in range(2))
            for at in range(max(1, size)):
                yield {"x": x, "z": z}, {N: size, A: source.choice((0.5, 2)), HERE: at}


@pytest.mark.parametrize("part", parts(3))
def test_the_value_stays(part: int) -> None:
    """At an index in range, so that there is at least one."""
    assert values_stay(Random(part), (HERE,), (1, 2, 3)) > 80


@pytest.mark.parametrize("part", parts(3))
def test_the_value_stays_where_sums_may_be_empty(part: int) -> None:
    assert values_stay(Random(part), (), (0, 1, 2)) > 80


def values_stay(source: Random, indices: tuple[Index, ...], sizes: Sequence[int]) -> int:
    """Hold expressions against their normal forms; how many values were compared."""
    compared = 0
    place = Place(Known(LAYER.facts, LAYER.domain)).under(
        *(Between(Integer(0), i, N) for i in indices)
    )
    for _ in range(40):
        expr = Expressions(source).some(source.choice((2, 3)), indices)
        if expr.has(I, nan, oo, zoo):
            continue
        try:
            polynomial = Reader(LAYER, {}, place).read(expr)
        except (NoLaw, TooLong):
            continue
        if shortened_by_sympy(polynomial):
            continue
        form = written(expression(polynomial))
        if form.has(I):
            continue
        for tensors, point in points(source, sizes):
            try:
                value = Evaluator(tensors, True)(expr, point)
                found = Evaluator(tensors, False)(form, point)
            except NoValue:
                continue
            if not MP.isfinite(value) or abs(value) > 1e9:
                continue
            compared += 1
            assert MP.almosteq(value, found, 1e-12, 1e-12), (
                expr,
                form,
                tensors,
                point,
            )
    return compared
