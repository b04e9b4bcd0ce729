"""Stage 2: an equation taken apart into loop nests, each with a single reduction or none.

A nest computes ``name[outer] = Σ_inner body``, a maximum, or the place of one.  Every range starts
at zero and ends at a size; a range that depends on indices runs to the largest width it ever has,
and a condition says which of its points count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Add, Basic, Expr, IndexedBase, Mul, Sum

from derive.language.integers import expanded
from derive.language.substitution import substituted
from derive.language.terms import (
    Between,
    Both,
    Choose,
    Condition,
    Entry,
    FirstMax,
    Index,
    Iverson,
    Less,
    MaxOver,
    Negation,
    Same,
    Size,
    entries,
    ranges_of,
    subterms,
)
from numeric.lowering.ground import Ground, complexity, varies
from numeric.lowering.naming import Names
from numeric.lowering.nest import AnyNest, Breadth, Kind, Nest, Spread
from numeric.lowering.rearranging import Rearranged
from numeric.lowering.spreading import Spreading, spreading
from numeric.lowering.totality import is_partial
from numeric.program.reads import ZERO, Axis, conjunction, flat, is_plain, parts_of


def nests(rearranged: Rearranged, ground: Ground, names: Names) -> list[AnyNest]:
    """The nests that compute a rearranged equation, each after those it reads."""
    nester = Nester(rearranged.target, names)
    value = nester.value(rearranged.value, ground.within(rearranged.axes))
    last = nester.nests[-1] if nester.nests else None
    if isinstance(last, Nest | Spread) and last.outer == rearranged.axes and value == last.entry:
        return [*nester.nests[:-1], replace(last, name=rearranged.name)]
    return [*nester.nests, Nest(rearranged.name, rearranged.axes, (), "sum", value)]


class Nester:
    """Takes reductions out of expressions, innermost first."""

    def __init__(self, target: str, names: Names) -> None:
        self._target = target
        self._names = names
        self._known: dict[tuple[Any, ...], Entry] = {}
        self.nests: list[AnyNest] = []

    def value(self, expr: Basic, ground: Ground) -> Any:
        """The expression with every reduction replaced by a read of the nest that computes it."""
        if isinstance(expr, IndexedBase) or not expr.args:
            return expr
        if isinstance(expr, Sum):
            return self._sum(expr, ground)
        if isinstance(expr, MaxOver):
            return self._maximum(expr, ground)
        if isinstance(expr, FirstMax):
            return self._first(expr, ground)
        if isinstance(expr, Mul):
            return self._product(expr.args, ground)
        if isinstance(expr, Both):
            return conjunction(self._conditions(list(parts_of(expr)), ground))
        if isinstance(expr, Choose):
            stated = self.value(expr.args[0], ground)
            yes = self.value(expr.args[1], ground.given([stated]))
            return Choose(stated, yes, self.value(expr.args[2], ground.given([Negation(stated)])))
        args = [self.value(arg, ground) for arg in expr.args]
        return expr.func(*args) if tuple(args) != expr.args else expr

    def _product(self, factors: tuple[Expr, ...], ground: Ground) -> Expr:
        stated = [c for f in factors if isinstance(f, Iverson) for c in parts_of(f.args[0])]
        guards = self._conditions(stated, ground)
        inside = ground.given(guards)
        others = [self.value(f, inside) for f in factors if not isinstance(f, Iverson)]
        return Mul(*map(Iverson, guards), *others)

    def _conditions(self, stated: Sequence[Condition], ground: Ground) -> list[Condition]:
        """Conditions of a product: where a simple one fails, nobody looks at the others."""
        made: list[Condition] = []
        for part in sorted(stated, key=complexity):
            made.append(self.value(part, ground.given(made)))
        return made

    # --- ranges ----------------------------------------------------------------------------------

    def _entered(
        self, node: Any, ground: Ground
    ) -> tuple[tuple[Axis, ...], list[Condition], Expr, dict[Index, Expr]]:
        """The axes of a reduction from zero on, the points that count, the body, and the starts."""
        axes: list[Axis] = []
        only: list[Condition] = []
        starts: dict[Index, Expr] = {}
        for index, low, high in ranges_of(node):
            shift = {i: start + i for i, start in starts.items() if start != 0}
            lo, hi = (substituted(bound, shift) for bound in (low, high))
            length = expanded(hi - lo)
            starts[index] = lo
            inside = ground.within(axes).given(only)
            if varies(length):
                extent: Expr = self._breadth(index, length, inside)
                only.append(Less(index, length))
            else:
                extent = inside.length(length)
            axes.append((index, extent))
        shift = {i: start + i for i, start in starts.items() if start != 0}
        return tuple(axes), only, substituted(node.args[0], shift), starts

    def _breadth(self, index: Index, length: Expr, ground: Ground) -> Size:
        key = ("breadth", length, ground.axes_of(length))
        known = self._known.get(key)
        if known is None:
            letters = index.name.rstrip("'")
            size = self._names.size(f"width_{letters}")
            self.nests.append(Breadth(size, length, ground.axes_of(length)))
            self._known[key] = size
            return size
        return known

    # --- reductions ------------------------------------------------------------------------------

    def _sum(self, node: Any, ground: Ground) -> Expr:
        axes, only, body, _ = self._entered(node, ground)
        terms = Add.make_args(body) if _worth_distributing(body) else (body,)
        return Add(*(self._sum_of(term, axes, only, ground) for term in terms))

    def _sum_of(
        self, term: Expr, axes: tuple[Axis, ...], only: list[Condition], ground: Ground
    ) -> Expr:
        guards = [*only]
        factors: list[Expr] = []
        for factor in Mul.make_args(term):
            if isinstance(factor, Iverson):
                guards += parts_of(factor.args[0])
            else:
                factors.append(factor)
        found = spreading(guards, factors, axes, ground, self._names)
        if found is not None:
            return self._spread(found, ground)
        body = Mul(*(Iverson(g) for g in guards), *factors)
        return self._nest("sum", axes, body, (), ground)

    def _spread(self, found: Spreading, ground: Ground) -> Expr:
        """The sum over what does not move, then the addition at the positions."""
        body = Mul(*(Iverson(g) for g in found.guards), *found.factors)
        source = self._nest("sum", found.inner, body, (), found.ground)
        name = self._names.fresh(f"{self._target}_spread")
        axes = found.ground.axes
        self.nests.append(Spread(name, found.outer, source, axes, found.positions, found.evidence))
        return Entry(name, *(i for i, _ in found.outer))

    def _maximum(self, node: Any, ground: Ground) -> Expr:
        axes, only, body, _ = self._entered(node, ground)
        return self._nest("max", axes, body, tuple(only), ground)

    def _first(self, node: FirstMax, ground: Ground) -> Condition:
        """That the place is in the ranges, and is the first one where the maximum is attained."""
        at, largest = node.args
        axes, only, body, starts = self._entered(largest, ground)
        first = self._nest("first", axes, body, tuple(only), ground)
        chosen: dict[Index, Expr] = {}
        for place, (index, _) in zip(at.args, axes, strict=True):
            start = substituted(starts[index], chosen)
            chosen[index] = expanded(self.value(place, ground) - start)
        offsets = list(chosen.values())
        inside = [Between(ZERO, offset, n) for offset, (_, n) in zip(offsets, axes, strict=True)]
        redundant = [c for c in inside if ground.shows(c)]
        number = flat(offsets, [n for _, n in axes])
        return conjunction([*(c for c in inside if c not in redundant), Same(number, first)])

    def _nest(
        self,
        kind: Kind,
        inner: tuple[Axis, ...],
        body: Expr,
        only: tuple[Condition, ...],
        ground: Ground,
    ) -> Entry:
        """A nest for a reduction that still has reductions in its body."""
        value = self.value(body, ground.within(inner).given(only))
        if kind == "sum" and not inner and is_plain(value):
            return value
        conditions = tuple(self.value(c, ground.within(inner)) for c in only)
        outer = ground.axes_of(value, *conditions)
        outer = tuple(a for a in ground.axes if a in outer)
        partial = is_partial(value, ground.within(inner)) or (
            kind == "max" and not _never_empty(inner, only, ground)
        )
        if partial:
            wanted = ground.axes_of(value, *conditions, *ground.where)
            outer = tuple(a for a in ground.axes if a in wanted)
        key = (kind, outer, inner, value, conditions, ground.where)
        if key not in self._known:
            name = self._names.fresh(f"{self._target}_{kind}")
            nest = Nest(name, outer, inner, kind, value, conditions, ground.where)
            self.nests.append(nest)
            self._known[key] = nest.entry
        return self._known[key]


def _worth_distributing(body: Expr) -> bool:
    """Whether a term of a sum is a product of reads with different indices: a contraction."""
    return isinstance(body, Add) and any(_is_contraction(term) for term in body.args)


def _is_contraction(term: Expr) -> bool:
    reads = [f for f in Mul.make_args(term) if entries(f) and not isinstance(f, Iverson)]
    found = {frozenset(s for s in subterms(f) if isinstance(s, Index)) for f in reads}
    return len(found) > 1


def _never_empty(inner: tuple[Axis, ...], only: tuple[Condition, ...], ground: Ground) -> bool:
    return not only and all(ground.anywhere.at_least(1, n) for _, n in inner)
