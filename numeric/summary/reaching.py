"""What of a layer's input an output entry depends on: where the reads of its equations reach.

A box holds an interval of indices for each axis.  The box of an output is followed through the
equations to those of the input; conditions other than the borders of tensors are not looked at, so
that a box may be larger than what is read, and never smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sympy import Sum, Symbol

from derive.language.definition import Layer
from derive.language.terms import Entry, MaxOver, ranges_of
from numeric.summary.intervals import Interval, hull, interval
from verify.evaluation.sizes import known

Box = tuple[Interval, ...]


def reached(layer: Layer, values: Mapping[Symbol, int], box: Box, inside: bool) -> dict[str, Box]:
    """The boxes of all tensors that the output's entries in ``box`` depend on.

    ``inside`` their tensors, or as if there were more of them beyond their borders; what depends on
    no entry of a tensor leaves it out.
    """
    found = {layer.outputs[-1].name: box}
    given: dict[Symbol, Interval] = {symbol: (n, n) for symbol, n in values.items()}
    for equation in reversed(layer.ordered):
        if equation.name not in found:
            continue
        at = given | dict(zip(equation.indices, found[equation.name], strict=True))
        for entry, read in _reads(equation.written, layer, at):
            shape = layer.shape(entry.tensor)
            if inside:
                read = tuple(
                    (max(low, 0), min(high, int(known(n, dict(values))) - 1))
                    for (low, high), n in zip(read, shape, strict=True)
                )
            if all(low <= high for low, high in read):
                before = found.get(entry.tensor, read)
                found[entry.tensor] = tuple(map(hull, before, read))
    return found


def _reads(term: Any, layer: Layer, at: Mapping[Symbol, Interval]) -> Iterator[tuple[Entry, Box]]:
    """The entries that a term reads, each with the box of where."""
    if isinstance(term, Sum | MaxOver):
        inner = dict(at)
        for index, low, high in ranges_of(term):
            first, last = (_of_tables(bound, layer, inner) for bound in (low, high - 1))
            if first is None or last is None or first[0] > last[1]:
                return
            inner[index] = (first[0], last[1])
        yield from _reads(term.args[0], layer, inner)
        return
    if isinstance(term, Entry):
        found = [_of_tables(index, layer, at) for index in term.indices]
        box = tuple(each for each in found if each is not None)
        if len(box) == len(found):
            yield term, box
    for arg in term.indices if isinstance(term, Entry) else term.args:
        yield from _reads(arg, layer, at)


def _of_tables(term: Any, layer: Layer, at: Mapping[Symbol, Interval]) -> Interval | None:
    """Where an index may lie; what a table holds may be any number below its bound."""
    given = dict(at)
    for entry in term.atoms(Entry):
        tensor = layer.tensor(entry.tensor)
        if tensor is None or tensor.below is None:
            raise ValueError(f"{layer.name}: nothing is known of the numbers in {entry.tensor}")
        below = interval(tensor.below, at)
        assert below is not None
        stand = Symbol(f"{entry}", integer=True)
        term = term.xreplace({entry: stand})
        given[stand] = (0, below[1] - 1)
    return interval(term, given)
