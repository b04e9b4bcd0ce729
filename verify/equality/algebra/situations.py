"""The sizes and hyperparameters for which two expressions are compared, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sympy import Integer

from derive.domains.known import Known
from derive.language.definition import Layer
from derive.language.terms import ZERO, AtMost, Range, RealParameter, Same
from verify.equality.algebra.atoms import Plain
from verify.equality.algebra.order import Bound, above, not_below
from verify.equality.algebra.places import Place
from verify.equality.algebra.polynomials import Polynomial, added, constant, one
from verify.equality.terms import range_condition


def situations(layer: Layer, free: Sequence[Range]) -> Iterator[Place]:
    """All sizes 1 or more and all real hyperparameters above 0; and each that may be 0 at 0, those
    before it above 0."""
    ranges = [c for r in free for c in range_condition(*r)]
    known = Known(layer.facts, layer.domain)
    bounds = {s: not_below(p) for s, p in _least(layer)}
    order = frozenset(bounds.values())
    root = Place(known, order=order).under(*ranges)
    open_ones = [s for s in layer.sizes if not root.at_least_one(s)]
    some = [AtMost(Integer(1), s) for s in open_ones]
    yield from _of_reals(root.under(*some), bounds)
    for k, size in enumerate(open_ones):
        stated = (*ranges, *some[:k], Same(size, ZERO))
        yield Place(known.under(*stated), stated, order=order, nothing=frozenset([size]))


def _of_reals(root: Place, bounds: Mapping[RealParameter, Bound]) -> Iterator[Place]:
    """The hyperparameters that may be 0."""
    open_ones = [s for s, b in bounds.items() if b == not_below(one(Plain(s)))]
    some = [above(one(Plain(s))) for s in open_ones]
    yield root.under(order=some)
    for k, symbol in enumerate(open_ones):
        order, nothing = root.order.union(some[:k]), frozenset([symbol])
        yield Place(root.known, root.conditions, order=order, nothing=nothing)


def _least(layer: Layer) -> Iterator[tuple[RealParameter, Polynomial]]:
    """The real hyperparameters less the smallest value that they may have."""
    for given in layer.hyperparameters:
        if given.minimum is not None and isinstance(given.symbol, RealParameter):
            least = constant(-given.minimum)
            yield given.symbol, added(one(Plain(given.symbol)), least)
