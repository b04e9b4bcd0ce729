"""What is known where two values are multiplied: conditions on integers, comparisons of values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr, Integer, Symbol

from derive.domains.known import Known
from derive.language.terms import ZERO, AtMost, Between, Condition, Index
from verify.equality.algebra.order import Bound


@dataclass(frozen=True)
class Place:
    """The conditions that hold at a place, beyond the layer's domain.

    ``values`` are keys of comparisons of values that hold, ``order`` says which values are not
    negative by them; ``nothing`` are the sizes that are zero, ``deciders`` who showed what was
    asked here or further inside.
    """

    known: Known
    conditions: tuple[Condition, ...] = ()
    values: frozenset[str] = frozenset()
    order: frozenset[Bound] = frozenset()
    nothing: frozenset[Symbol] = frozenset()
    deciders: set[str] = field(default_factory=set, compare=False, repr=False)
    _held: dict[Condition, bool] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _inner: dict[tuple[object, ...], Place] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def under(
        self, *conditions: Condition, values: Iterable[str] = (), order: Iterable[Bound] = ()
    ) -> Place:
        """The same place where more holds."""
        more = tuple(c for c in conditions if c not in self.conditions)
        compared, ordered = self.values.union(values), self.order.union(order)
        if not more and (compared, ordered) == (self.values, self.order):
            return self
        key = (more, compared, ordered)
        if key not in self._inner:
            self._inner[key] = Place(
                self.known.under(*more),
                (*self.conditions, *more),
                compared,
                ordered,
                self.nothing,
                self.deciders,
            )
        return self._inner[key]

    def holds(self, condition: Condition) -> bool:
        """Whether a condition on integers is shown to hold here."""
        if condition in self.conditions:
            return True
        if condition not in self._held:
            decision = self.known.implied(condition)
            self._held[condition] = decision.holds is True
            if decision.holds:
                self.deciders.add(decision.decider)
        return self._held[condition]

    def at_least_one(self, number: Expr) -> bool:
        """Whether an integer is shown to be 1 or more."""
        if number.is_Integer:
            return int(number) >= 1
        ranges = (c.args for c in self.conditions if isinstance(c, Between))
        if any(low == ZERO and high == number for low, _, high in ranges):
            return True
        return self.holds(AtMost(Integer(1), number))

    def never_negative(self, number: Expr) -> bool:
        """Whether an integer is shown to be 0 or more."""
        return bool(number.is_nonnegative) or self.holds(AtMost(ZERO, number))

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices that the conditions speak of."""
        found = (s for c in self.conditions for s in c.free_symbols if isinstance(s, Index))
        return tuple(dict.fromkeys(sorted(found, key=lambda i: i.name)))


def reached(place: Place, root: Place) -> bool:
    """Whether what is asked at a place within another one is asked for some indices at least."""
    inner = place.conditions[len(root.conditions) :]
    ranges = [c.args for c in inner if isinstance(c, Between)]
    return (
        place.conditions[: len(root.conditions)] == root.conditions
        and (place.values, place.order) == (root.values, root.order)
        and len(ranges) == len(inner)
        and all(low == ZERO and root.at_least_one(high) for low, _, high in ranges)
    )
