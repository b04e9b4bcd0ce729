"""Output sizes that were not written: the largest for which all reads stay inside their tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Basic, Expr, Integer, Mul, Pow

from derive.language.definition import Axis, Layer, Tensor
from derive.language.integers import affine, exact_multiple, expanded, mentions, quotient
from derive.language.notation.errors import Span
from derive.language.notation.names import Draft
from derive.language.notation.sites import Site
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Between,
    Condition,
    Entry,
    ExactQuotient,
    FloorDiv,
    Index,
    Least,
    Parameter,
    Range,
    Size,
    symbols_of,
)


@dataclass(frozen=True)
class Coordinate:
    """One index of one read that limits an output index."""

    expr: Expr
    axis: Axis
    ranges: tuple[Range, ...]
    guards: tuple[Condition, ...]

    @property
    def last(self) -> Expr:
        """The largest value that may be read."""
        return self.axis.size + self.axis.after - 1

    def alone(self, index: Index) -> bool:
        return self.expr == index


def coordinates(
    index: Index,
    open_indices: Sequence[Index],
    found: Sequence[Site],
    axes: Mapping[str, tuple[Axis, ...]],
) -> Iterator[Coordinate]:
    """The coordinates that limit an output index, in order of appearance.

    One that another output index without a size shares cannot tell the two apart; one whose guard
    mentions the index does not limit it.
    """
    others = [i for i in open_indices if i != index]
    for site in found:
        if not isinstance(site.node, Entry):
            continue
        for expr, axis in zip(site.node.indices, axes[site.node.tensor], strict=True):
            if axis.unbounded or not mentions(expr, index):
                continue
            if expr == index or not _ambiguous(expr, site, index, others):
                yield Coordinate(expr, axis, site.ranges, site.guards)


def _ambiguous(expr: Expr, site: Site, index: Index, others: Sequence[Index]) -> bool:
    """Whether other open indices or a guard take part in how far the index can go."""
    ends = [end for r in site.ranges for end in r[1:]]
    shared = any(mentions(part, o) for o in others for part in (expr, *ends))
    return shared or any(mentions(g, index) for g in site.guards)


@dataclass(frozen=True)
class Inverter:
    """Solves ``coordinate ≤ last`` for an index, given the ranges of the other indices."""

    ranges: Mapping[Index, Range]
    positive: frozenset[Basic]
    tables: Mapping[str, Tensor]

    def size(self, coordinate: Coordinate, index: Index) -> Expr | None:
        """How many values ≥ 0 of the index keep the coordinate inside; None if unknown."""
        highest = self.highest(coordinate.expr, index, coordinate.last)
        if highest is None:
            highest = self.highest(expanded(-coordinate.expr), index, coordinate.axis.before)
        return None if highest is None else highest + 1

    def highest(self, expr: Expr, index: Index, limit: Expr) -> Expr | None:
        """The largest value of the index with ``expr ≤ limit`` wherever the other indices are."""
        if expr == index:
            return limit
        if isinstance(expr, FloorDiv | ExactQuotient):
            return self._in_quotient(expr, index, limit)
        linear = affine(expr, index)
        if linear is not None:
            coefficient, rest = linear
            return self._divided(coefficient, rest, index, index, limit)
        moving = [t for t in Add.make_args(expanded(expr)) if mentions(t, index)]
        rest = expanded(expr - Add(*moving))
        factors = list(Mul.make_args(moving[0]))
        inner = [f for f in factors if mentions(f, index)]
        if (
            len(moving) != 1
            or len(inner) != 1
            or not isinstance(inner[0], FloorDiv | ExactQuotient)
        ):
            return None
        factors.remove(inner[0])
        return self._divided(Mul(*factors), rest, inner[0], index, limit)

    def _divided(
        self, coefficient: Expr, rest: Expr, inner: Expr, index: Index, limit: Expr
    ) -> Expr | None:
        """From coefficient·inner + rest ≤ limit to a bound on inner, and on to the index."""
        furthest = self.largest(rest)
        if furthest is None or not self.is_positive(coefficient):
            return None
        bound = floor_quotient(limit - furthest, coefficient)
        return bound if inner == index else self.highest(inner, index, bound)

    def _in_quotient(
        self, expr: FloorDiv | ExactQuotient, index: Index, limit: Expr
    ) -> Expr | None:
        """n // D ≤ limit where n ≤ D·limit + D − 1; an exact n / D ends at the same n."""
        number, divisor = expr.args
        if mentions(divisor, index) or not self.is_positive(divisor):
            return None
        return self.highest(number, index, divisor * (limit + 1) - 1)

    def is_positive(self, expr: Expr) -> bool:
        """Whether an expression is at least 1 by its form."""
        if isinstance(expr, Integer):
            return bool(expr > 0)
        if isinstance(expr, Mul | Pow):
            return all(self.is_positive(a) for a in expr.args)
        return expr in self.positive

    def largest(self, expr: Expr) -> Expr | None:
        """The largest value of an expression over all indices in it."""
        return self._extreme(expanded(expr), True)

    def _extreme(self, expr: Expr, upper: bool) -> Expr | None:
        if not any(isinstance(s, Index) for s in symbols_of(expr)) and not self._reads(expr):
            return expr
        if isinstance(expr, Index):
            return self._end(expr, upper)
        if isinstance(expr, Entry):
            table = self.tables.get(expr.tensor)
            if table is None or table.below is None:
                return None
            return table.below - 1 if upper else Integer(0)
        if isinstance(expr, Add):
            return self._extreme_sum(expr, upper)
        if isinstance(expr, Mul):
            return self._extreme_product(expr, upper)
        if isinstance(expr, FloorDiv) and self.is_positive(expr.args[1]):
            number = self._extreme(expr.args[0], upper)
            return None if number is None else floor_quotient(number, expr.args[1])
        return None

    def _end(self, index: Index, upper: bool) -> Expr | None:
        if index not in self.ranges:
            return None
        _, low, high = self.ranges[index]
        return self._extreme(expanded(high - 1 if upper else low), upper)

    def _extreme_sum(self, expr: Add, upper: bool) -> Expr | None:
        """Terms move independently unless an index occurs in two of them."""
        seen: set[Basic] = set()
        for term in expr.args:
            own = {s for s in symbols_of(term) if isinstance(s, Index)}
            if own & seen:
                return None
            seen |= own
        parts = [p for t in expr.args if (p := self._extreme(t, upper)) is not None]
        return Add(*parts) if len(parts) == len(expr.args) else None

    def _extreme_product(self, expr: Mul, upper: bool) -> Expr | None:
        moving = [f for f in expr.args if any(isinstance(s, Index) for s in symbols_of(f))]
        moving += [f for f in expr.args if f not in moving and self._reads(f)]
        if len(moving) != 1:
            return None
        factor = Mul(*(f for f in expr.args if f is not moving[0]))
        if self.is_positive(factor):
            part = self._extreme(moving[0], upper)
        elif self.is_positive(-factor):
            part = self._extreme(moving[0], not upper)
        else:
            return None
        return None if part is None else factor * part

    def _reads(self, expr: Basic) -> bool:
        return isinstance(expr, Entry) or any(self._reads(a) for a in expr.args)


def floor_quotient(a: Expr, b: Expr) -> Expr:
    """``a // b``, with numbers worked out and visible multiples of b divided exactly."""
    whole = exact_multiple(a, b)
    return quotient(a, b) if whole is None else whole


def positive_symbols(
    parameters: Mapping[Parameter, int | None], requirements: Sequence[Condition]
) -> frozenset[Basic]:
    """The sizes and hyperparameters that are known to be at least 1."""
    found: set[Basic] = {p for p, least in parameters.items() if least is not None and least >= 1}
    for stated in requirements:
        if isinstance(stated, AtMost) and stated.args[0] == ONE:
            found.add(stated.args[1])
    return frozenset(found)


def needed_sizes(found: Coordinate, index: Index) -> list[Size]:
    """The sizes K of indices a < K whose last value limits the output: they must be at least 1."""
    return [
        high
        for other, low, high in found.ranges
        if low == 0 and isinstance(high, Size) and other != index and mentions(found.expr, other)
    ]


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
    from derive.domains.known import Known  # local: deciders take long to load

    outer = {**question.known, question.index: size}
    assumptions: list[Condition] = [*layer.domain, *found.guards]
    assumptions += [Between(ZERO, i, n) for i, n in outer.items()]
    assumptions += [Between(lo, i, hi) for i, lo, hi in found.ranges]
    goal = AtMost(found.expr, found.last)
    known = Known(layer.facts, tuple(assumptions))
    return known.decide(goal, layer.symbols).holds is True


def _least(a: Expr, b: Expr, layer: Layer) -> Expr:
    """The smaller of two sizes where one always is, else ``min(a, b)``."""
    from derive.domains.known import Known  # local: deciders take long to load

    known = Known(layer.facts, layer.domain)
    if a == b or known.decide(AtMost(a, b), layer.symbols).holds:
        return a
    if known.decide(AtMost(b, a), layer.symbols).holds:
        return b
    if isinstance(a, Least):
        return Least(*a.args, b)
    return Least(a, b)
