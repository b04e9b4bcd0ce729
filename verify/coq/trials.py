"""Trying maps of indices on small sizes before Coq is asked to prove them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from random import Random
from typing import Any

from sympy import Basic, Integer, Symbol

from derive.domains.known import Known
from derive.language.definition import Layer
from derive.language.substitution import substituted
from derive.language.terms import Condition, Index, Range, Size, symbols_of
from verify.coq.matching import Map
from verify.coq.terms import ProofTerm
from verify.equality.matching import Sides
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Compiled, compiled
from verify.evaluation.small_sizes import Sizes

#: sizes tried for each pair of terms, how large they get, draws made to find them
SAMPLES, LARGEST, DRAWS = 4, 4, 1000
#: how many more are tried where that is cheap
MANY = 40
#: points of a term looked at in each sample
POINTS = 200
#: index values that a walk through nested ranges takes at most
STEPS = 2000

Values = Mapping[Symbol, int]


class Trials:
    """Small sizes and hyperparameters for which the layer is defined."""

    def __init__(
        self, layer: Layer, outer: Sequence[Range] = (), conditions: Sequence[Condition] = ()
    ) -> None:
        """``outer`` are the ranges of indices that stand outside all terms; ``conditions`` what
        sizes must satisfy, the layer's domain unless they are given."""
        self.layer = layer
        self.conditions = tuple(conditions) or layer.domain
        self.outer = tuple(outer)
        self._sizes = Sizes(layer, conditions=self.conditions)
        self.tables = [t for t in layer.tensors if t.integer]
        # a layer is long to hash, and terms are asked for thousands of times
        self._compiled: dict[Basic, Compiled] = {}

    @cached_property
    def domain(self) -> Known:
        """What proofs know of sizes."""
        return Known(self.layer.facts, self.conditions)

    @cached_property
    def many(self) -> list[Values]:
        """Drawn assignments, zeros and negative hyperparameters among them."""
        draw = Random(0)
        found: list[Values] = []
        for attempt in range(DRAWS):
            values = self._complete(draw, least=(1, 2, 1, 0, -1)[attempt % 5])
            if values is not None and values not in found:
                found.append(values)
        return found

    @cached_property
    def samples(self) -> list[Values]:
        """A few of those: small ones, those with the fewest zeros and ones, and, where output
        sizes are not determined, some of all kinds."""
        found = list(self.many)
        mixed = found[:20] if self.conditions != self.layer.domain else []
        found.sort(key=lambda v: (sum(n < 1 for n in v.values()), self._extent(v)))
        small = found[: SAMPLES // 2]
        found.sort(key=lambda v: (sum(n < 2 for n in v.values()), self._extent(v)))
        chosen = [*small, *found[:SAMPLES], *mixed]
        return [v for n, v in enumerate(chosen) if v not in chosen[:n]]

    def _extent(self, values: Values) -> int:
        """How large the sizes and hyperparameters are, output sizes left out."""
        outputs = {size for size, _ in self.layer.definitions}
        return sum(abs(n) for s, n in values.items() if s not in outputs)

    def _complete(self, draw: Random, least: int) -> Values | None:
        """Drawn sizes with those that they determine; None where the layer is not defined.

        An output size that nothing determines is drawn from a wider range.
        """
        outputs = {size for size, _ in self.layer.definitions}
        drawn: dict[Symbol, int] = {}
        for symbol in (s for s in self.layer.symbols if s not in self._sizes.defined):
            lowest = max(least, 0) if isinstance(symbol, Size) else least
            drawn[symbol] = draw.randint(lowest, LARGEST * (3 if symbol in outputs else 1))
        values = self._sizes.completed({**self._sizes.reals, **drawn})
        return values if values is not None and self._tables_exist(values) else None

    def _tables_exist(self, values: Values) -> bool:
        """Whether each table of numbers below a bound is empty or has a number to hold."""
        return all(
            t.below is None
            or self.number(t.below, values) > 0
            or any(self.number(a.size, values) < 1 for a in t.axes)
            for t in self.tables
        )

    def number(self, expr: Basic, values: Values) -> int:
        # nearly everything that is asked for is an index or a number
        if isinstance(expr, Symbol):
            return values[expr]
        return int(expr) if isinstance(expr, Integer) else int(self._value(expr, values))

    def holds(self, condition: Condition, values: Values) -> bool:
        return bool(self._value(condition, values))

    def _value(self, term: Basic, values: Values) -> Any:
        """The value of a term, where tables hold i ↦ 7·i mod n."""
        made = self._compiled.get(term)
        if made is None:
            made = self._compiled[term] = compiled(term, self.layer)
        tables = {key: self._table(key, values) for key in made.slots if isinstance(key, str)}
        return made(values, tables)

    def _table(self, name: str, values: Values) -> Array:
        tensor = self.layer.tensor(name)
        if tensor is None:
            raise KeyError(name)
        shape = tuple(self.number(a.size, values) for a in tensor.axes)
        below = 1 if tensor.below is None else max(1, self.number(tensor.below, values))
        count = 1
        for n in shape:
            count *= n
        return Array(shape, tuple(7 * i % below for i in range(count)))

    def points(self, term: ProofTerm, most: int = POINTS) -> Iterator[Values]:
        """The points of a term at which its guards hold, up to so many of each sample."""
        return self.guarded(term.bounds, term.guards, most)

    def guarded(
        self, bounds: Sequence[Range], guards: Sequence[Condition], most: int = POINTS
    ) -> Iterator[Values]:
        """The points of nested ranges at which all guards hold, up to so many of each sample."""
        ranges = (*self.outer, *bounds)
        for sizes in self.samples:
            yield from islice(self.box(ranges, sizes, guards), most)

    def box(
        self, ranges: Sequence[Range], sizes: Values, guards: Sequence[Condition] = ()
    ) -> Iterator[Values]:
        """The points of nested ranges at which all guards hold, each guard tested early.

        The walk ends after ``STEPS`` index values: these are trials, not proofs.
        """
        order = [r[0] for r in ranges]
        levels: list[list[Condition]] = [[] for _ in range(len(ranges) + 1)]
        for guard in guards:
            used = set(symbols_of(guard))
            levels[max((n + 1 for n, i in enumerate(order) if i in used), default=0)].append(guard)
        point = dict(sizes)
        steps = 0

        def walk(level: int) -> Iterator[Values]:
            nonlocal steps
            steps += 1
            if steps > STEPS or not self._all(levels[level], point):
                return
            if level == len(ranges):
                yield dict(point)
                return
            index, lo, hi = ranges[level]
            for i in range(self.number(lo, point), self.number(hi, point)):
                point[index] = i
                yield from walk(level + 1)

        return walk(0)

    def _all(self, guards: Sequence[Condition], point: Values) -> bool:
        try:
            return all(self.holds(g, point) for g in guards)
        except ZeroDivisionError:
            return False

    def empty(self, term: ProofTerm) -> bool:
        """Whether no assignment drawn gives the term a point."""
        ranges = (*self.outer, *term.bounds)
        return all(next(self.box(ranges, v, term.guards), None) is None for v in self.many)

    def maps(self, source: ProofTerm, target: ProofTerm, there: Map, back: Map) -> bool:
        """Whether the map sends points to points and ``back`` undoes it, wherever it is tried."""
        own = frozenset(source.indices)
        return all(
            self._arrives(p, own, target, there, back)
            for p in chain(self.points(source), self._few(source))
        )

    def _few(self, term: ProofTerm) -> Iterator[Values]:
        """A few points of the term for each of many assignments."""
        ranges = (*self.outer, *term.bounds)
        for sizes in self.many[:MANY]:
            yield from islice(self.box(ranges, sizes, term.guards), MANY)

    def agree(self, source: ProofTerm, pairs: Sequence[Sides], there: Map) -> bool:
        """Whether paired expressions are equal at every point of the source."""
        mapped = [(a, substituted(b, there)) for a, b in pairs]
        return all(
            self.number(a, point) == self.number(b, point)
            for point in chain(self.points(source, MANY), self._few(source))
            for a, b in mapped
        )

    def _arrives(
        self, point: Values, own: frozenset[Index], target: ProofTerm, there: Map, back: Map
    ) -> bool:
        """Whether one point, with indices of its own, has an image that leads back to it."""
        try:
            image = {s: n for s, n in point.items() if s not in own}
            image |= {i: self.number(e, point) for i, e in there.items()}
            inside = all(
                self.number(lo, image) <= image[i] < self.number(hi, image)
                for i, lo, hi in target.bounds
            )
            return (
                inside
                and self._all(target.guards, image)
                and all(self.number(e, image) == point[i] for i, e in back.items())
            )
        except ZeroDivisionError:
            return False
