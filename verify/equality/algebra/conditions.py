"""From conditions of the language to polynomials that are 0 or 1."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sympy import Basic, Expr, Sum

from derive.domains.questions import conjuncts
from derive.language.definition import Layer
from derive.language.notation.numbers import NoValue, truth
from derive.language.notation.sites import about_integers
from derive.language.substitution import substituted
from derive.language.terms import (
    ZERO,
    AtMost,
    Between,
    Both,
    Condition,
    Differ,
    Either,
    FirstMax,
    Index,
    Less,
    MaxOver,
    Negation,
    Same,
    entries,
    symbols_of,
)
from verify.equality.algebra.order import Bound
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import (
    Polynomial,
    Renaming,
    added,
    constant,
    one,
    scaled,
)
from verify.equality.algebra.products import NoLaw
from verify.equality.algebra.shortening import Shorter
from verify.equality.algebra.sums import Sums
from verify.equality.algebra.truths import Guard, Stated, bounds_of, keys_of


class Conditions(Sums):
    """Reads conditions of one layer at a place, under the names that indices have there."""

    def __init__(self, layer: Layer, place: Place) -> None:
        super().__init__(place)
        self._layer = layer
        self._names: dict[Index, Expr] = {}
        self._variables: frozenset[Index] = frozenset()

    @abstractmethod
    def _read(self, expr: Basic) -> Polynomial:
        """A value under the present names."""

    @abstractmethod
    def _maximum(self, expr: MaxOver) -> Any:
        """A maximum of what its body comes to."""

    @contextmanager
    def _inside(
        self, *conditions: Condition, values: Any = (), order: Any = (), variables: Any = ()
    ) -> Iterator[None]:
        place, own = self.place, self._variables
        self.place = place.under(*conditions, values=values, order=order)
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

    @contextmanager
    def _where(self, *stated: Condition) -> Iterator[None]:
        """The place where conditions hold; what they rely on is known outside."""
        conditions: list[Condition] = []
        values: list[str] = []
        order: list[Bound] = []
        for part in _comparisons(stated):
            if about_integers(part):
                conditions.append(self._here(part))
            else:
                found = self._condition(part)
                values += keys_of(found)
                order += bounds_of(found)
        with self._inside(*conditions, values=values, order=order):
            yield

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


def _comparisons(stated: Iterable[Condition]) -> Iterator[Condition]:
    """Conjunctions taken apart, chains of comparisons of values too."""
    for part in conjuncts(stated):
        if isinstance(part, Between) and not about_integers(part):
            low, value, high = part.args
            yield from (AtMost(low, value), Less(value, high))
        else:
            yield part
