"""Multiply-adds of a layer: counted in the loop nests of its equations, by no kind of layer.

A multiply-add is a product of two values, an addition beside it or not; a value is what depends on
tensors.  A term is computed once for every value of the indices in it.  Padding is counted, as the
loops run over it; terms that an exact quotient leaves out (``[s | q+p−a]``) are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from sympy import Integer, Mul, Pow, Sum, Symbol

from derive.language.definition import Layer
from derive.language.terms import (
    Choose,
    Divides,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Range,
    ranges_of,
    subterms,
)
from verify.evaluation.sizes import holds, known

Values = dict[Symbol, Any]


def multiply_adds(layer: Layer, values: Values) -> int:
    """How many there are in all equations, at these sizes and hyperparameters."""
    return sum(_Nest(values, e.ranges).products(e.explicit) for e in layer.equations)


class _Nest:
    """Loops around a term: the indices with their ranges."""

    def __init__(self, values: Values, ranges: Iterable[Range]) -> None:
        self.values = values
        self.ranges = {index: (low, high) for index, low, high in ranges}

    def products(self, term: Any) -> int:
        """The products of values inside a term."""
        match term:
            case Entry():
                return 0
            case Sum() | MaxOver():
                loops = ((i, *bounds) for i, bounds in self.ranges.items())
                return _Nest(self.values, [*loops, *ranges_of(term)]).products(term.args[0])
            case Choose():
                return max(map(self.products, term.args[1:]))
            case Mul() | Pow():
                inner = sum(map(self.products, term.args))
                own = _multiplied(term)
                return inner + (own * self._times(term) if own else 0)
        return sum(map(self.products, term.args))

    def _times(self, term: Any) -> int:
        """How often a term is computed: once for every value of the indices in it."""
        conditions = (c for f in term.args if isinstance(f, Iverson) for c in subterms(f))
        guards = [c for c in conditions if isinstance(c, Divides)]
        pending, found = list(_free(term)), set[Index]()
        while pending:  # a range may depend on other indices
            index = pending.pop()
            if index not in found:
                found.add(index)
                pending += [i for bound in self.ranges[index] for i in _free(bound)]
        return prod(self._points(group, guards) for group in self._groups(found, guards))

    def _groups(self, indices: set[Index], guards: list[Divides]) -> list[set[Index]]:
        """The indices in sets that have nothing to do with each other."""
        ties = [set(_free(guard)) for guard in guards]
        ties += [{i, *(j for bound in self.ranges[i] for j in _free(bound))} for i in indices]
        groups: list[set[Index]] = []
        for tie in filter(None, ties):
            touched = [group for group in groups if group & tie]
            groups = [g for g in groups if not g & tie] + [tie.union(*touched)]
        return groups

    def _points(self, group: set[Index], guards: list[Divides]) -> int:
        """How many values the indices of a group take together."""
        own = [g for g in guards if group & set(_free(g))]
        order = self._outermost_first(group)
        if len(order) == 1 and not own:
            low, high = (known(bound, self.values) for bound in self.ranges[order[0]])
            return max(0, int(high - low))
        return self._within(order, own, {**self.values})

    def _outermost_first(self, group: set[Index]) -> list[Index]:
        return [index for index in self.ranges if index in group]

    def _within(self, order: list[Index], guards: list[Divides], values: dict[Symbol, int]) -> int:
        """The points counted one by one."""
        if not order:
            return int(all(holds(guard, values) for guard in guards))
        low, high = (int(known(bound, values)) for bound in self.ranges[order[0]])
        inner = ({**values, order[0]: n} for n in range(low, high))
        return sum(self._within(order[1:], guards, each) for each in inner)


def _multiplied(term: Mul | Pow) -> int:
    """The products in which a term's own parts are multiplied."""
    if isinstance(term, Pow):
        base, power = term.args
        return abs(int(power)) - 1 if isinstance(power, Integer) and _value(base) else 0
    return max(0, sum(map(_value, term.args)) - 1)


def _value(term: Any) -> bool:
    """Whether a term depends on what tensors hold; a condition on them chooses, no more."""
    return not isinstance(term, Iverson) and any(isinstance(s, Entry) for s in subterms(term))


def _free(term: Any) -> Iterator[Index]:
    """The indices in a term that no sum or maximum in it runs over."""
    match term:
        case Index():
            yield term
        case Sum() | MaxOver():
            ranges = ranges_of(term)
            inside = {index for index, *_ in ranges}
            bounds = (i for _, *both in ranges for bound in both for i in _free(bound))
            yield from (i for i in (*_free(term.args[0]), *bounds) if i not in inside)
        case _:
            for arg in term.args:
                yield from _free(arg)
