"""Sums over the wrong axes: statistics of a normalisation, the normaliser of a softmax."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Literal

from sympy import Expr, Mul, Pow

from derive.engine.scope import fresh_index
from derive.gradients import DerivationError, differentiate
from derive.language.definition import Equation, Layer
from derive.language.integers import affine, expanded
from derive.language.terms import ZERO, Entry, Index, Range, entries, indices_in, total
from verify.mistakes.mistake import Mistake, Other, needed, otherwise, reread, with_body
from verify.mistakes.parts import Summed, in_parts, intermediates, summed
from verify.mistakes.words import listed

PRIORITY = 50

#: what becomes of an axis in a sum; in groups: one index counts them, another one is summed over
Use = Literal["kept", "summed", "in groups"]


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """Sums in the definition; then those of the gradient, in the form in which it is remembered."""
    parts = in_parts(layer, tensor)
    for name in (tensor, *intermediates(parts, tensor)):
        for what, over, changed in _over_others(parts, name):
            yield Mistake(f"{what}: {over}", changed)
    yield from _of_the_gradient(layer, tensor)


def _of_the_gradient(layer: Layer, tensor: str) -> Iterator[Mistake]:
    try:
        derivation = differentiate(layer, tensor)
    except DerivationError:
        return
    last = derivation.layer.ordered[-1]
    if last.name != derivation.adjoints[-1].name:
        return
    closed = with_body(last, derivation.closed)
    equations = {e.name: e for e in (*layer.equations, *derivation.layer.equations, closed)}
    remembered = needed(derivation.layer, list(equations.values()), [closed.name])
    for _, name in derivation.upstream:
        for what, over, changed in _over_others(in_parts(remembered, name), name):
            if what.endswith(f"of {name}"):
                words = f"the sums of the gradient over the wrong axes of {name}: {over}"
                yield Mistake(words, changed, closed.name)


def _over_others(layer: Layer, tensor: str) -> Iterator[tuple[str, str, Layer]]:
    """All sums over the same axes of the same tensor, over every other choice of its axes.

    In words what is summed otherwise, and over what; and the layer.
    """
    alike: dict[tuple[Use, ...], list[Statistic]] = {}
    for equation in intermediates(layer, tensor).values():
        found = _statistic(equation, tensor, layer)
        if found is not None and equation.name != tensor:
            alike.setdefault(found.uses, []).append(found)
    for uses, some in alike.items():
        names = [s.equation.name for s in some]
        for chosen in product(*map(_choices, uses)):
            if chosen == uses or set(chosen) == {"kept"}:
                continue
            others = {s.equation.name: s.over(chosen) for s in some}
            for where, changed in otherwise(layer, others):
                what = f"{listed(names)} over the wrong axes of {tensor}{where}"
                yield what, f"{_said(chosen)} instead of {_said(uses)}", changed


def _choices(use: Use) -> tuple[Use, ...]:
    return ("kept", "summed", "in groups") if use == "in groups" else ("kept", "summed")


def _said(uses: Sequence[Use]) -> str:
    """The axes as NumPy has them: (0,), (0, 2), (1 in groups, 2)."""
    names = {"summed": "", "in groups": " in groups"}
    over = [f"{axis}{names[use]}" for axis, use in enumerate(uses) if use in names]
    return f"({over[0]},)" if len(over) == 1 else f"({', '.join(over)})"


@dataclass(frozen=True)
class Statistic:
    """A sum over some axes of a tensor with these sizes, of which one read counts."""

    summed: Summed
    read: Entry
    sizes: tuple[Expr, ...]

    @property
    def equation(self) -> Equation:
        return self.summed.equation

    @property
    def uses(self) -> tuple[Use, ...]:
        """What becomes of each axis of the tensor."""
        bound = {i for i, _, _ in self.summed.ranges}
        return tuple(
            "in groups" if not isinstance(i, Index) else "summed" if i in bound else "kept"
            for i in self.read.indices
        )

    def over(self, uses: Sequence[Use]) -> Other:
        """The same sum where other things become of the axes."""
        taken = {i.name for i in indices_in(self.equation.written, self.equation.entry)}
        at: list[Expr] = []
        summed_up: list[Range] = []
        kept: list[Range] = []
        places: list[int | Index] = []
        for axis, (use, old) in enumerate(zip(uses, self.read.indices, strict=True)):
            if use == "in groups":
                at.append(old)
                own = indices_in(old)
                summed_up += [r for r in self.summed.ranges if r[0] in own]
                kept += [r for r in self.equation.ranges if r[0] in own]
                places += [i for i, _, _ in self.equation.ranges if i in own]
                continue
            index = old if isinstance(old, Index) else fresh_index(Index("c"), taken)
            taken.add(index.name)
            at.append(index)
            (summed_up if use == "summed" else kept).append((index, ZERO, self.sizes[axis]))
            places += [axis] if use == "kept" else []
        return Other(self._sum(at, summed_up, kept), partial(self._read_at, tuple(places)))

    def _sum(self, at: Sequence[Expr], over: Sequence[Range], kept: Sequence[Range]) -> Equation:
        body = self.summed.summand
        if self.summed.divided == 0 and self.summed.count is not None:
            factor = Mul(*(hi - lo for _, lo, hi in over))
            body = Mul(body, self.summed.count, Pow(factor, -1))
        new = Entry(self.read.base, *at)
        whole = total(reread(body, lambda e: new if e == self.read else e), over)
        return replace(
            self.equation,
            indices=tuple(i for i, _, _ in kept),
            sizes=tuple(n for _, _, n in kept),
            extents=tuple(n for _, _, n in kept),
            given=(True,) * len(kept),
            written=whole,
            explicit=whole,
        )

    def _read_at(
        self, places: tuple[int | Index, ...], read: Entry, equation: Equation
    ) -> Entry | None:
        """The other sum where an equation has this one.

        At the places of its own read of the tensor, and where groups are counted as before.
        """
        found = {e for e in entries(equation.written) if e.tensor == self.read.tensor}
        before = dict(zip(self.equation.indices, read.indices, strict=True))
        ways = {
            tuple(before[p] if isinstance(p, Index) else e.indices[p] for p in places)
            for e in found
        }
        return Entry(read.tensor, *ways.pop()) if len(ways) == 1 else None


def _statistic(equation: Equation, tensor: str, layer: Layer) -> Statistic | None:
    found = summed(equation)
    reads = set() if found is None else {e for e in entries(found.summand) if e.tensor == tensor}
    if found is None or len(reads) != 1 or found.count is None:
        return None
    (read,) = reads
    own = [i for at in read.indices for i in indices_in(at)]
    every = {*equation.indices, *(i for i, lo, _ in found.ranges if lo == 0)}
    if len(set(own)) != len(own) or set(own) != every or len(found.ranges) > len(own):
        return None
    if not all(isinstance(i, Index) or _in_groups(i, found) for i in read.indices):
        return None
    return Statistic(found, read, layer.shape(tensor))


def _in_groups(place: Expr, found: Summed) -> bool:
    """Whether a place is i·n + e for an index i of the sum, e < n being summed over."""
    for inner, low, length in found.ranges:
        parts = affine(place, inner)
        if parts is not None and parts[0] == 1 and low == 0:
            return any(parts[1] == expanded(i * length) for i in found.equation.indices)
    return False
