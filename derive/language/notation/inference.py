"""Inferring an output size that was not written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.language.definition import ZERO, Axis, Layer
from derive.language.notation.errors import Span
from derive.language.notation.names import Draft
from derive.language.notation.output_sizes import (
    Coordinate,
    Inverter,
    coordinates,
    positive_symbols,
)
from derive.language.notation.sites import Site
from derive.language.terms import (
    AtMost,
    Between,
    Condition,
    Entry,
    Index,
    Least,
    Parameter,
    Range,
)


@dataclass(frozen=True)
class Question:
    """An output index without a size: where it stands, and what limits it."""

    index: Index
    span: Span
    open_indices: Sequence[Index]
    known: Mapping[Index, Expr]
    sites: Sequence[Site]
    axes: Mapping[str, tuple[Axis, ...]]

    def undetermined(self) -> list[Index]:
        """The other output indices that have no size and stand alone on no axis."""
        return [i for i in self.open_indices if i != self.index and not self.alone(i)]

    def alone(self, index: Index) -> list[Expr]:
        """The sizes of the unpadded axes along which an output index stands alone."""
        return [
            axis.size
            for site in self.sites
            if isinstance(site.node, Entry)
            for place, axis in zip(site.node.indices, self.axes[site.node.tensor], strict=True)
            if place == index and not axis.padded
        ]


def inferred_size(question: Question, draft: Draft, layer: Layer) -> Expr:
    """The largest size for which all reads stay inside their tensors."""
    index = question.index
    sizes = question.alone(index)
    current = draft.same_size(sizes, index.name, question.span) if sizes else None
    limiting = coordinates(index, question.undetermined(), question.sites, question.axes)
    for found in limiting:
        if found.alone(index) and not found.axis.padded:
            continue
        if current is not None and _inside(found, question, current, layer):
            continue
        size = _inverter(found, question, layer).size(found, index)
        if size is not None:
            current = size if current is None else _least(current, size, layer)
    if current is None:
        raise draft.error(
            f"the size of {index.name} cannot be inferred",
            question.span,
            f"write it: {index.name} < size" + _reason(question),
        )
    return current


def _reason(question: Question) -> str:
    index = question.index
    read = [i for s in question.sites if isinstance(s.node, Entry) for i in s.node.indices]
    if not any(index in i.free_symbols for i in read):
        return f"; no tensor is read at {index.name}"
    for other in question.undetermined():
        if any({index, other} <= i.free_symbols for i in read):
            return f"; {index.name} and {other.name} share an index, so many sizes fit"
    return ""


def _inverter(found: Coordinate, question: Question, layer: Layer) -> Inverter:
    ranges: dict[Index, Range] = {i: (i, ZERO, n) for i, n in question.known.items()}
    ranges |= {
        i: (i, ZERO, question.alone(i)[0]) for i in question.open_indices if question.alone(i)
    }
    ranges |= {r[0]: r for r in found.ranges}
    minima = {h.symbol: h.minimum for h in layer.hyperparameters if isinstance(h.symbol, Parameter)}
    positive = positive_symbols(minima, layer.requirements)
    return Inverter(ranges, positive, {t.name: t for t in layer.tensors})


def _inside(found: Coordinate, question: Question, size: Expr, layer: Layer) -> bool:
    """Whether a coordinate stays inside its axis for all values of the index below ``size``."""
    from derive.domains import decide

    outer = {**question.known, question.index: size}
    assumptions: list[Condition] = [*layer.domain, *found.guards]
    assumptions += [Between(ZERO, i, n) for i, n in outer.items()]
    assumptions += [Between(lo, i, hi) for i, lo, hi in found.ranges]
    goal = AtMost(found.expr, found.last)
    assumptions += [f for c in (goal, *assumptions) for f in layer.facts(c)]
    return decide(goal, tuple(assumptions), layer.symbols).holds is True


def _least(a: Expr, b: Expr, layer: Layer) -> Expr:
    """The smaller of two sizes where one always is, else ``min(a, b)``."""
    from derive.domains import decide

    if a == b or decide(AtMost(a, b), layer.domain, layer.symbols).holds:
        return a
    if decide(AtMost(b, a), layer.domain, layer.symbols).holds:
        return b
    if isinstance(a, Least):
        return Least(*a.args, b)
    return Least(a, b)
