"""From expressions to terms: everything multiplied out, every sum over all integers.

What cannot be multiplied out (functions, quotients, maxima, comparisons of values) becomes an
opaque factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce, singledispatchmethod
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    KroneckerDelta,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Sum,
    Symbol,
    oo,
)

from derive.domains.known import Known
from derive.domains.questions import conjuncts
from derive.language.definition import Equation, Layer
from derive.language.notation.numbers import NoValue, truth
from derive.language.notation.sites import about_integers
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
from verify.equality.collapse import collapsed
from verify.equality.terms import Term, collected, contradictory, opaque, range_condition

#: how many terms an expression may have when multiplied out
LARGEST = 400
#: how many factors and bound indices a term may have
LONGEST = 16


class TooLarge(Exception):
    """An expression has too many terms when multiplied out."""


class Flattener:
    """Takes expressions of one layer apart.

    ``definitions`` are the equations whose entries are replaced by what they stand for.
    """

    def __init__(self, layer: Layer, definitions: Mapping[str, Equation]) -> None:
        self._layer = layer
        self._domain = Known(layer.facts, layer.domain)
        self._definitions = definitions
        self._inlined: dict[str, list[Term]] = {}

    def terms(self, expr: Expr) -> list[Term]:
        """The terms, those that are written alike added up."""
        return collected(self._simplified(self._flat(expr)))

    def canonical(self, expr: Any) -> Any:
        """The expression put together again from its terms, also inside functions."""
        if isinstance(expr, MaxOver):
            return expr.func(self.canonical(expr.function), *expr.limits)
        return Add(*(t.expression() for t in self.terms(expr)))

    def _simplified(self, terms: list[Term]) -> list[Term]:
        shorter = (collapsed(t, self._domain) for t in terms)
        return [s for t in shorter if (s := _settled(t)) is not None]

    @singledispatchmethod
    def _flat(self, expr: Basic) -> list[Term]:
        return [Term(factors=(opaque(self._inside(expr)),))]

    def _inside(self, expr: Basic) -> Any:
        """A function with its arguments in canonical form."""
        if isinstance(expr, MaxOver):
            return self.canonical(expr)
        return expr.func(*(self.canonical(a) for a in expr.args))

    @_flat.register(Symbol)
    @_flat.register(Rational)
    @_flat.register(NumberSymbol)
    def _(self, expr: Expr) -> list[Term]:
        return [Term(coefficient=expr)] if expr != 0 else []

    @_flat.register
    def _(self, expr: IntegerNode) -> list[Term]:
        if entries(expr):
            return [Term(factors=(opaque(expr),))]
        return [Term(coefficient=expr)]

    @_flat.register
    def _(self, expr: Entry) -> list[Term]:
        if expr.tensor not in self._definitions:
            return [Term(factors=(expr,))]
        equation = self._definitions[expr.tensor]
        if expr.tensor not in self._inlined:
            self._inlined[expr.tensor] = self.terms(equation.explicit)
        mapping = dict(zip(equation.indices, expr.indices, strict=True))
        return [t.substituted(mapping) for t in self._inlined[expr.tensor]]

    @_flat.register
    def _(self, expr: Add) -> list[Term]:
        return self._limited([t for a in expr.args for t in self._flat(a)])

    @_flat.register
    def _(self, expr: Mul) -> list[Term]:
        return reduce(self._multiplied, (self._flat(a) for a in expr.args))

    def _multiplied(self, left: list[Term], right: list[Term]) -> list[Term]:
        if len(left) * len(right) > LARGEST:
            raise TooLarge
        found = [a.times(b) for a in left for b in right]
        if any(len(t.bound) > LONGEST or len(t.factors) > LONGEST for t in found):
            raise TooLarge
        return found

    def _limited(self, terms: list[Term]) -> list[Term]:
        if len(terms) > LARGEST:
            raise TooLarge
        return terms

    @_flat.register
    def _(self, expr: Pow) -> list[Term]:
        base, exponent = expr.args
        if isinstance(base, Iverson) and exponent.is_positive:
            return self._flat(base)
        if exponent.is_Integer and exponent > 0:
            flat = self._flat(base)
            return reduce(self._multiplied, [flat] * int(exponent))
        if exponent.free_symbols or entries(exponent):
            return [Term(factors=(opaque(self._inside(expr)),))]
        return self._quotient(self.terms(base), exponent)

    def _quotient(self, base: list[Term], exponent: Expr) -> list[Term]:
        """A negative or broken power: of a single product, factor by factor where that is right."""
        if all(not (t.factors or t.bound or t.conditions) for t in base):
            return [Term(coefficient=Pow(Add(*(t.coefficient for t in base)), exponent))]
        if len(base) == 1 and not (base[0].bound or base[0].conditions) and exponent.is_Integer:
            factors = tuple(f for factor in base[0].factors for f in _powers(factor, exponent))
            return [Term(Pow(base[0].coefficient, exponent), factors=factors)]
        whole = Add(*(t.expression() for t in base))
        return [Term(factors=_powers(whole, exponent))]

    @_flat.register
    def _(self, expr: Iverson) -> list[Term]:
        stated = [c for part in conjuncts([expr.args[0]]) for c in self._sides(part)]
        return [Term(conditions=tuple(self._condition(c) for c in stated))]

    def _sides(self, stated: Condition) -> list[Condition]:
        """``lo ≤ u < hi`` of a value as two comparisons; an argmax with the range it is in."""
        if isinstance(stated, FirstMax):
            at, largest = stated.args
            own = {i for i, _, _ in ranges_of(largest)}
            ranges = zip(at.args, ranges_of(largest), strict=True)
            return [
                stated,
                *(
                    Between(lo, place, hi)
                    for place, (_, lo, hi) in ranges
                    if own.isdisjoint((*symbols_of(lo), *symbols_of(hi)))
                ),
            ]
        if isinstance(stated, Between) and not self._integral(stated):
            low, value, high = stated.args
            return [AtMost(low, value), Less(value, high)]
        return [stated]

    def _integral(self, stated: Condition) -> bool:
        return about_integers(stated) or self._on_tables(stated)

    def _condition(self, stated: Condition) -> Condition:
        """A comparison of values becomes the truth of an opaque condition."""
        if self._integral(stated):
            return stated
        if isinstance(stated, Negation):
            return Negation(self._condition(stated.args[0]))
        if isinstance(stated, AtMost):
            return Negation(self._condition(Less(*reversed(stated.args))))
        if isinstance(stated, Differ):
            return Negation(self._condition(Same(*stated.args)))
        if isinstance(stated, Less | Same):
            difference = self.canonical(stated.args[1] - stated.args[0])
            if difference.is_Rational:
                holds = difference > 0 if isinstance(stated, Less) else difference == 0
                return Both() if holds else Either()
            return Less(ZERO, opaque(stated.func(ZERO, difference)))
        compared = (self.canonical(a) if isinstance(a, Expr) else a for a in stated.args)
        return Less(ZERO, opaque(stated.func(*compared)))

    def _on_tables(self, stated: Condition) -> bool:
        found = (self._layer.tensor(e.tensor) for e in entries(stated))
        return not _has_maximum(stated) and all(t is not None and t.integer for t in found)

    @_flat.register
    def _(self, expr: KroneckerDelta) -> list[Term]:
        return [Term(conditions=(Same(*expr.args[:2]),))]

    @_flat.register
    def _(self, expr: Choose) -> list[Term]:
        stated, yes, no = expr.args
        if any(b.has(oo, -oo) for b in (yes, no)):
            return [Term(factors=(opaque(expr),))]
        return self._flat(Iverson(stated) * yes) + self._flat(Iverson(Negation(stated)) * no)

    @_flat.register
    def _(self, expr: Sum) -> list[Term]:
        inner = self._flat(expr.function)
        for index, low, high in reversed(ranges_of(expr)):
            own = range_condition(index, low, high)
            inner = [self._summed(t, index, own) for t in inner]
        return inner

    def _summed(self, term: Term, index: Index, own: tuple[Condition, ...]) -> Term:
        term = term.apart_from([index, *(s for c in own for s in symbols_of(c))])
        wider = term.under(own)
        return Term(wider.coefficient, (index, *wider.bound), wider.conditions, wider.factors)


def _powers(base: Expr, exponent: Expr) -> tuple[Entry, ...]:
    """u^(−3/2) as three factors u^(−1/2), so that products of powers of one value look alike."""
    assert isinstance(exponent, Rational)
    root = Rational(1 if exponent > 0 else -1, exponent.q)
    return (opaque(Pow(base, root)),) * abs(exponent.p)


def _has_maximum(stated: Basic) -> bool:
    return isinstance(stated, MaxOver) or any(_has_maximum(a) for a in stated.args)


def _settled(term: Term) -> Term | None:
    """The term without conditions between numbers; None where one fails or two clash."""
    kept = []
    for condition in term.conditions:
        if not symbols_of(condition) and not entries(condition):
            try:
                if not truth(condition, {}):
                    return None
                continue
            except NoValue:
                pass
        kept.append(condition)
    term = Term(term.coefficient, term.bound, tuple(kept), term.factors)
    return None if contradictory(term) else term
