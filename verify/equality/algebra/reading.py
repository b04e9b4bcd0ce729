"""From expressions of the language to polynomials, definitions put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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

from derive.domains.questions import conjuncts
from derive.language.definition import Equation, Layer
from derive.language.functions import FUNCTIONS
from derive.language.notation.numbers import NoValue, truth
from derive.language.notation.sites import about_integers
from derive.language.substitution import substituted
from derive.language.terms import (
    ZERO,
    AtMost,
    Between,
    Both,
    Choose,
    Condition,
    Differ,
    Either,
    Entry,
    FirstMax,
    FloorDiv,
    Index,
    IntegerNode,
    Iverson,
    Less,
    MaxOver,
    Negation,
    Same,
    entries,
    ranges_of,
    symbols_of,
)
from verify.equality.algebra.atoms import Guard, Largest, Plain, Stated
from verify.equality.algebra.facts import NOT_NEGATIVE, NOT_ZERO, POSITIVE
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    UNIT,
    Exponent,
    Number,
    Polynomial,
    Renaming,
    added,
    constant,
    exact,
    expression,
    one,
    poly_key,
    scaled,
)
from verify.equality.algebra.products import NoLaw
from verify.equality.algebra.sums import Sums
from verify.equality.terms import range_condition
from verify.equality.tidying import Tidy


class Reader(Sums):
    """Reads expressions of one layer at a place, and notes what they need to have values.

    ``definitions`` are the equations whose entries are replaced by what they stand for.
    """

    def __init__(self, layer: Layer, definitions: Mapping[str, Equation], place: Place) -> None:
        super().__init__(place)
        self._layer = layer
        self._definitions = definitions
        self._names: dict[Index, Expr] = {}
        self._variables: frozenset[Index] = frozenset()
        self._inserted: dict[tuple[object, ...], Polynomial] = {}

    def read(self, expr: Basic, names: Mapping[Index, Expr] | None = None) -> Polynomial:
        """The expression as a polynomial, its free indices renamed."""
        outer = self._names
        self._names = dict(names or {})
        try:
            return self._read(expr)
        finally:
            self._names = outer

    def universal(self, equation: Equation) -> Polynomial:
        """The right-hand side of an equation for all values of its indices."""
        names = {i: self.fresh() for i in equation.indices}
        ranges = zip(names.values(), equation.extents, strict=True)
        with self._inside(*(Between(ZERO, i, n) for i, n in ranges), variables=names.values()):
            return self.read(equation.explicit, names)

    @contextmanager
    def _inside(
        self, *conditions: Condition, values: Any = (), variables: Any = ()
    ) -> Iterator[None]:
        place, own = self.place, self._variables
        self.place = place.under(*conditions, values=values)
        self._variables = own.union(variables)
        try:
            yield
        finally:
            self.place, self._variables = place, own

    def at(self, value: Basic, renaming: Renaming) -> Any:
        """An index expression or a condition with other indices, integer operations shortened."""
        return Shorter(self.place)(substituted(value, renaming))

    def _here(self, value: Basic) -> Any:
        return self.at(value, self._names)

    def _whole(self, value: Basic) -> Any:
        """What is not taken apart; an index that is bound in it might clash."""
        if value.has(Sum, MaxOver):
            raise NoLaw(f"{type(value).__name__} of a sum or maximum is to be taken apart")
        return self._here(value)

    def _note(self, kind: str, polynomial: Polynomial, source: Expr) -> None:
        """What the value needs, and its factors with it."""
        if not polynomial or polynomial.keys() == {UNIT}:
            return
        for part, own in self._parts(kind, polynomial):
            self.facts.note(own, part, self.place, source, self.origin, self._variables)

    def _parts(self, kind: str, polynomial: Polynomial) -> Iterator[tuple[Polynomial, str]]:
        """The factors of which something follows: of a product that is not zero, all are not."""
        if len(polynomial) > 1:
            number, outer, inner = self.primitive(polynomial, kind == NOT_ZERO)
            if inner and (kind == NOT_ZERO or (number > 0 and all(not a.truth for a, _ in outer))):
                yield inner, kind
        else:
            ((outer, number),) = polynomial.items()
        open_ones = [(a, e) for a, e in outer if not a.truth and not self.is_positive(one(a))]
        if kind != NOT_NEGATIVE:
            yield from ((one(a), NOT_ZERO) for a, _ in open_ones)
        signed = kind == POSITIVE or (kind == NOT_NEGATIVE and not any(a.truth for a, _ in outer))
        if signed and len(polynomial) == len(open_ones) == 1 and number > 0:
            ((atom, exponent),) = open_ones
            if exponent in (1, -1):
                yield one(atom), kind

    # --- values ---------------------------------------------------------------------------------

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
            self._note(POSITIVE, inner, source if node is log else 1 + source)
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
        key = (expr.tensor, here.indices, self.place.conditions, self.place.values)
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
        conditions, values = [], []
        for guard in guards:
            more, compared = self._usable(guard.args[0])
            conditions += more
            values += compared
        rest = [a for a in expr.args if not isinstance(a, Iverson)]
        if not found:
            return found
        with self._inside(*conditions, values=values):
            other = self.times(*map(self._read, rest))
        return self.times(found, other)

    def _usable(self, stated: Condition) -> tuple[list[Condition], list[str]]:
        """What a guard says of integers, or a name for its holding and those for its factors'."""
        if about_integers(stated):
            return [self._here(c) for c in conjuncts([stated])], []
        found = self._condition(stated)
        factors = [a.key for p in found for a, _ in p if len(found) == 1 and a.truth]
        return [], [poly_key(found), *factors]

    @_read.register
    def _(self, expr: Pow) -> Polynomial:
        base, stated = expr.args
        exponent = self._exponent(stated)
        if exponent is None:
            return one(Largest(self._whole(expr)))
        polynomial = self._read(base)
        if isinstance(exponent, Expr):
            self._note(POSITIVE, polynomial, base)
        elif isinstance(exponent, int):
            if exponent < 0:
                self._note(NOT_ZERO, polynomial, base)
        else:
            self._note(NOT_NEGATIVE if exponent > 0 else POSITIVE, polynomial, base)
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
        first, second = self._usable(stated), self._usable(Negation(stated))
        with self._inside(*first[0], values=first[1]):
            chosen = self._read(yes)
        with self._inside(*second[0], values=second[1]):
            other = self._read(no)
        fails = added(constant(1), scaled(found, -1))
        return added(self.times(found, chosen), self.times(fails, other))

    # --- conditions -----------------------------------------------------------------------------

    @_read.register
    def _(self, expr: Iverson) -> Polynomial:
        return self._condition(expr.args[0])

    @_read.register
    def _(self, expr: KroneckerDelta) -> Polynomial:
        return self._condition(Same(*expr.args[:2]))

    def _condition(self, stated: Any) -> Polynomial:
        """1 where the condition holds, else 0."""
        if isinstance(stated, Negation):
            return added(constant(1), scaled(self._condition(stated.args[0]), -1))
        if isinstance(stated, Both):
            return self.times(*map(self._condition, stated.args))
        if isinstance(stated, Either):
            fails = (self._condition(Negation(c)) for c in stated.args)
            return added(constant(1), scaled(self.times(*fails), -1))
        if about_integers(stated) or self._on_tables(stated):
            return self.guard(self._here(stated))
        if isinstance(stated, FirstMax):
            at, largest = stated.args
            return one(Stated(FirstMax(self._here(at), self._maximum(largest))))
        return self._comparison(stated)

    def _comparison(self, stated: Any) -> Polynomial:
        """Of values: all in terms of [0 < P]."""
        if isinstance(stated, Between):
            low, value, high = stated.args
            return self.times(*map(self._comparison, (AtMost(low, value), Less(value, high))))
        if not isinstance(stated, Less | AtMost | Same | Differ):
            return one(Stated(self._whole(stated)))
        left, right = map(self._read, stated.args)
        gap = added(right, scaled(left, -1))
        if isinstance(stated, Less):
            return self.positive(gap)
        opposite = scaled(gap, -1)
        if isinstance(stated, AtMost):
            return added(constant(1), scaled(self.positive(opposite), -1))
        differ = added(self.positive(gap), self.positive(opposite))
        return differ if isinstance(stated, Differ) else added(constant(1), scaled(differ, -1))

    def _on_tables(self, stated: Condition) -> bool:
        found = [self._layer.tensor(e.tensor) for e in entries(stated)]
        plain = not isinstance(stated, FirstMax) and not stated.has(MaxOver)
        return bool(found) and plain and all(t is not None and t.integer for t in found)

    def guard(self, condition: Condition) -> Polynomial:
        """1 where a condition on integers holds."""
        if not symbols_of(condition) and not entries(condition):
            try:
                return constant(int(truth(condition, {})))
            except NoValue:
                return one(Guard(condition))
        if isinstance(condition, Between) and self._empty(*condition.args[::2]):
            return {}
        if self._settled(condition):
            return constant(1)
        return one(Guard(condition))

    def _empty(self, low: Expr, high: Expr) -> bool:
        """Whether a range ends where it begins, at 0."""
        return low == ZERO and high in self.place.nothing

    def _settled(self, condition: Condition) -> bool:
        """Whether a condition that is no range of its own holds anyway."""
        if isinstance(condition, Between) and str(condition.args[1])[:1] in ("‹", "•"):
            return False
        return self.place.holds(condition)


def _number(value: Any) -> Number:
    return exact(Fraction(int(value.p), int(value.q)))


class Shorter(Tidy):
    """Shortens also e // m = 0 and e // m·m = e − e % m where 0 ≤ e < m is known."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.known, place.conditions)
        self._place = place

    def _quotient(self, number: Expr, divisor: Expr) -> Expr:
        found = super()._quotient(number, divisor)
        if not isinstance(found, FloorDiv) or entries(found):
            return found
        inside = Between(ZERO, *found.args)
        return Integer(0) if self._place.holds(inside) else found
