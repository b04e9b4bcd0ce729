"""From expressions of the language to polynomials, definitions put in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import singledispatchmethod
from typing import Any

from sympy import (
    Add,
    Basic,
    E,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    exp,
    log,
    oo,
)

from derive.language.definition import Equation, Layer
from derive.language.functions import FUNCTIONS
from derive.language.terms import (
    ZERO,
    Between,
    Choose,
    Condition,
    Entry,
    Index,
    IntegerNode,
    Iverson,
    MaxOver,
    Negation,
    Same,
    entries,
    ranges_of,
)
from verify.equality.algebra.atoms import Largest, Plain
from verify.equality.algebra.facts import NOT_NEGATIVE, NOT_ZERO, POSITIVE
from verify.equality.algebra.needs import Needs
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    Exponent,
    Number,
    Polynomial,
    added,
    constant,
    exact,
    expression,
    one,
    scaled,
)
from verify.equality.terms import range_condition


class Reader(Needs):
    """Reads expressions of one layer at a place, and notes what they need to have values.

    ``definitions`` are the equations whose entries are replaced by what they stand for.
    """

    def __init__(self, layer: Layer, definitions: Mapping[str, Equation], place: Place) -> None:
        super().__init__(layer, place)
        self._definitions = definitions
        self._inserted: dict[tuple[object, ...], Polynomial] = {}

    def read(self, expr: Basic, names: Mapping[Index, Expr] | None = None) -> Polynomial:
        """The expression as a polynomial, its free indices renamed."""
        outer = self._names
        self._names = dict(names or {})
        try:
            return self._read(expr)
        finally:
            self._names = outer

    def forget(self) -> None:
        """Let what was read be read again, with what has become known meanwhile."""
        self._inserted.clear()

    def universal(self, equation: Equation) -> Polynomial:
        """The right-hand side of an equation for all values of its indices."""
        names = {i: self.fresh() for i in equation.indices}
        ranges = zip(names.values(), equation.extents, strict=True)
        with self._inside(*(Between(ZERO, i, n) for i, n in ranges), variables=names.values()):
            return self.read(equation.explicit, names)

    @singledispatchmethod
    def _read(self, expr: Basic) -> Polynomial:
        named = FUNCTIONS.get(type(expr).__name__.lower())
        if named is not None and named.node is type(expr):
            return self._function(named.node, self._read(expr.args[0]), expr.args[0])
        return one(Largest(self._whole(expr)))

    def _function(self, node: type[Function], argument: Polynomial, source: Any) -> Polynomial:
        if node is exp:
            return self.exponential(argument)
        if FUNCTIONS[node.__name__.lower()].domain is not None:
            inner = argument if node is log else added(constant(1), argument)
            self.note(POSITIVE, inner, source if node is log else 1 + source)
        return self.applied(node, argument)

    @_read.register(Rational)
    def _(self, expr: Rational) -> Polynomial:
        return constant(_number(expr))

    @_read.register
    def _(self, expr: NumberSymbol) -> Polynomial:
        return self.exponential(constant(1)) if expr == E else one(Plain(expr))

    @_read.register(Symbol)
    @_read.register(IntegerNode)
    def _(self, expr: Expr) -> Polynomial:
        return self.plain(self._here(expr))

    def plain(self, value: Expr) -> Polynomial:
        """An integer expression or an entry."""
        if value in self.place.nothing:
            return {}
        if isinstance(value, Add | Mul | Integer):
            return self.integer(value)
        return one(Plain(value))

    def integer(self, value: Expr) -> Polynomial:
        """An integer expression as a polynomial."""
        return self.read(value)

    def exponent_value(self, exponent: Expr) -> Polynomial:
        return self.read(exponent)

    @_read.register
    def _(self, expr: Entry) -> Polynomial:
        equation = self._definitions.get(expr.tensor)
        here = self._here(expr)
        if equation is None:
            return one(Plain(here))
        place = self.place
        key = (expr.tensor, here.indices, place.conditions, place.values, place.order)
        if key not in self._inserted:
            names = dict(zip(equation.indices, here.indices, strict=True))
            self._inserted[key] = self.read(equation.explicit, names)
        return self._inserted[key]

    @_read.register
    def _(self, expr: Add) -> Polynomial:
        return added(*map(self._read, expr.args))

    @_read.register
    def _(self, expr: Mul) -> Polynomial:
        """Guards are known in the other factors; they do not rely on one another."""
        guards = [a for a in expr.args if isinstance(a, Iverson)]
        found = self.times(*map(self._read, guards))
        rest = [a for a in expr.args if not isinstance(a, Iverson)]
        if not found:
            return found
        with self._where(*(g.args[0] for g in guards)):
            other = self.times(*map(self._read, rest))
        return self.times(found, other)

    @_read.register
    def _(self, expr: Pow) -> Polynomial:
        base, stated = expr.args
        exponent = self._exponent(stated)
        if exponent is None:
            return one(Largest(self._whole(expr)))
        polynomial = self._read(base)
        if isinstance(exponent, Expr):
            self.note(POSITIVE, polynomial, base)
        elif isinstance(exponent, int):
            if exponent < 0:
                self.note(NOT_ZERO, polynomial, base)
        else:
            self.note(NOT_NEGATIVE if exponent > 0 else POSITIVE, polynomial, base)
        return self.power(polynomial, exponent)

    def _exponent(self, stated: Expr) -> Exponent | None:
        if stated.is_Rational:
            return _number(stated)
        return None if entries(stated) or stated.has(Index) else stated

    @_read.register
    def _(self, expr: Sum) -> Polynomial:
        outer = dict(self._names)
        bound: list[Index] = []
        conditions: list[Condition] = []
        for index, low, high in ranges_of(expr):
            if self._empty(low, high):
                return {}
            own = self.fresh()
            for stated in range_condition(index, low, high):
                conditions.append(self.at(stated, {**self._names, index: own}))
            self._names[index] = own
            bound.append(own)
        try:
            with self._inside(*conditions, variables=bound):
                guards = self.times(*(self.guard(c) for c in conditions))
                body = self.times(guards, self._read(expr.function)) if guards else {}
            return self.totalled(body, tuple(bound))
        finally:
            self._names = outer

    @_read.register
    def _(self, expr: MaxOver) -> Polynomial:
        return one(Largest(self._maximum(expr)))

    def _maximum(self, expr: MaxOver) -> Any:
        """The maximum of what its body comes to."""
        inner = {i: self.fresh() for i, _, _ in ranges_of(expr)}
        names = {**self._names, **inner}
        own = [Between(*(self.at(p, names) for p in (lo, i, hi))) for i, lo, hi in ranges_of(expr)]
        with self._inside(*own, variables=inner.values()):
            body = expression(self.read(expr.function, names))
        limits = [
            Tuple(inner[i], self.at(lo, names), self.at(hi, names)) for i, lo, hi in expr.limits
        ]
        return expr.func(body, *limits)

    @_read.register
    def _(self, expr: Choose) -> Polynomial:
        stated, yes, no = expr.args
        if any(b.has(oo, -oo) for b in (yes, no)):
            return one(Largest(self._whole(expr)))
        found = self._condition(stated)
        with self._where(stated):
            chosen = self._read(yes)
        with self._where(Negation(stated)):
            other = self._read(no)
        fails = added(constant(1), scaled(found, -1))
        return added(self.times(found, chosen), self.times(fails, other))

    @_read.register
    def _(self, expr: Iverson) -> Polynomial:
        return self._condition(expr.args[0])

    @_read.register
    def _(self, expr: KroneckerDelta) -> Polynomial:
        return self._condition(Same(*expr.args[:2]))


def _number(value: Any) -> Number:
    return exact(Fraction(int(value.p), int(value.q)))
