"""Neighbouring loops made one, where every array holds their entries one after the other.

x[n, c, r, t] and y[n, c, r, t] for all r < H, t < W are x[n, c, i] and y[n, c, i] for all i < H·W,
once both arrays are seen as having three axes: the compiler gets long loops, and fewer shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sympy import Basic, Expr

from derive.language.integers import expanded
from derive.language.terms import Entry, Index, entries, mapped, subterms
from numeric.compiled.fusion import Nest
from numeric.program.reads import Axis

#: the lengths of an array's axes
Extents = Callable[[str], tuple[Expr, ...]]


def merged(nest: Nest, extents: Extents) -> Nest:
    """The nest with as few loops as its arrays allow."""
    while True:
        pair = next((p for p in _neighbours(nest) if _lie_together(p, nest, extents)), None)
        if pair is None:
            return nest
        nest = _joined(nest, pair, extents)


def _neighbours(nest: Nest) -> Iterator[tuple[Axis, Axis]]:
    for axes in (nest.axes, nest.over):
        yield from pairwise(axes)


def _lie_together(pair: tuple[Axis, Axis], nest: Nest, extents: Extents) -> bool:
    """Whether every read has both indices beside each other over whole axes, or neither."""
    (first, n), (second, m) = pair
    for entry in (nest.target, *_reads(nest)):
        shape = nest.shapes.get(entry.tensor) or extents(entry.tensor)
        inside = [any(s in (first, second) for s in subterms(i)) for i in entry.indices]
        if not any(inside):
            continue
        at = inside.index(True)
        if entry.indices[at : at + 2] != (first, second) or any(inside[at + 2 :]):
            return False
        if tuple(shape[at : at + 2]) != (n, m):
            return False
    return not any(
        _uses(term, first) or _uses(term, second) for term in (nest.value, nest.only, nest.needed)
    )


def _uses(term: Basic, index: Index) -> bool:
    """Whether an index occurs as a value, not as a place in an array."""
    if isinstance(term, Entry):
        return any(_uses(i, index) for i in term.indices if not isinstance(i, Index))
    return term == index or any(_uses(arg, index) for arg in term.args)


def _reads(nest: Nest) -> list[Entry]:
    return [e for term in (nest.value, nest.only, nest.needed) for e in entries(term)]


def _joined(nest: Nest, pair: tuple[Axis, Axis], extents: Extents) -> Nest:
    """The nest with one loop for two."""
    (first, n), (second, m) = pair
    length = expanded(n * m)
    shapes = dict(nest.shapes)
    for entry in (nest.target, *_reads(nest)):
        shape = nest.shapes.get(entry.tensor) or extents(entry.tensor)
        if first in entry.indices:
            at = entry.indices.index(first)
            shapes[entry.tensor] = (*shape[:at], length, *shape[at + 2 :])

    def without(term: Any) -> Any:
        if isinstance(term, Entry) and second in term.indices:
            return Entry(term.tensor, *(i for i in term.indices if i != second))
        return mapped(without, term)

    def shorter(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple((i, length if i == first else k) for i, k in axes if i != second)

    return replace(
        nest,
        axes=shorter(nest.axes),
        over=shorter(nest.over),
        target=without(nest.target),
        value=without(nest.value),
        only=without(nest.only),
        needed=without(nest.needed),
        shapes=shapes,
    )
