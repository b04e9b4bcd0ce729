"""Stage 2: an equation taken apart into loop nests, each with a single reduction or none.

A nest computes ``name[outer] = Σ_inner body``, a maximum, or the place of one.  Every range starts
at zero and ends at a size; a range that depends on indices runs to the largest width it ever has,
and a condition says which of its points count.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sympy import Add, Basic, Expr, Mul, Sum

from derive.domains import Decision
from derive.language.integers import expanded
from derive.language.substitution import substituted
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Between,
    Both,
    Choose,
    Condition,
    Entry,
    FirstMax,
    FloorDiv,
    Greatest,
    Index,
    Iverson,
    Less,
    MaxOver,
    Modulo,
    Negation,
    Same,
    Size,
    entries,
    indices_in,
    mapped,
    ranges_of,
    subterms,
    varies,
)
from numeric.lowering.naming import FreshNames
from numeric.lowering.nesting.scatter import Scattered, ScatteredProduct, scattered
from numeric.lowering.rearranging import Rearranged
from numeric.program.assumptions import Assumptions
from numeric.program.places import place_of
from numeric.program.reads import Axis, conjunction, flat, is_plain, parts_of

Kind = Literal["sum", "max", "first"]


@dataclass(frozen=True)
class Nest:
    """``name[outer]`` is the sum or maximum of ``body`` over ``inner``, or its first place.

    Without inner axes it is the body itself.  ``only`` says which inner points count, ``where``
    under which conditions the value is wanted at all; they may speak of further indices.
    ``empty``: where a maximum is not wanted there may be no inner point.
    """

    name: str
    outer: tuple[Axis, ...]
    inner: tuple[Axis, ...]
    kind: Kind
    body: Expr
    only: tuple[Condition, ...] = ()
    where: tuple[Condition, ...] = ()
    empty: bool = False

    @property
    def entry(self) -> Entry:
        return Entry(self.name, *(i for i, _ in self.outer))


@dataclass(frozen=True)
class Scatter:
    """``source``, over all its axes, is added into ``name`` at ``positions``.

    The positions are known to be inside, and what they read is, where the conditions hold.
    """

    name: str
    outer: tuple[Axis, ...]
    source: Entry
    over: tuple[Axis, ...]
    positions: tuple[Expr, ...]
    where: tuple[Condition, ...]
    evidence: tuple[Decision, ...]

    @property
    def entry(self) -> Entry:
        return Entry(self.name, *(i for i, _ in self.outer))


@dataclass(frozen=True)
class LargestWidth:
    """A size: the largest ``value`` over the axes ``over``, at least zero."""

    size: Size
    value: Expr
    over: tuple[Axis, ...]


AnyNest = Nest | Scatter | LargestWidth


def nests(rearranged: Rearranged, here: Assumptions, names: FreshNames) -> list[AnyNest]:
    """The nests that compute a rearranged equation, each after those it reads."""
    nester = Nester(rearranged.target, names)
    value = nester.value(rearranged.value, here.within(rearranged.axes))
    last = nester.nests[-1] if nester.nests else None
    if isinstance(last, Nest | Scatter) and last.outer == rearranged.axes and value == last.entry:
        return [*nester.nests[:-1], replace(last, name=rearranged.name)]
    return [*nester.nests, Nest(rearranged.name, rearranged.axes, (), "sum", value)]


class Nester:
    """Takes reductions out of expressions, innermost first."""

    def __init__(self, target: str, names: FreshNames) -> None:
        self._target = target
        self._names = names
        self._known: dict[Hashable, Entry] = {}
        self._widths: dict[Hashable, Size] = {}
        self.nests: list[AnyNest] = []

    def value(self, expr: Basic, here: Assumptions) -> Any:
        """The expression with every reduction replaced by a read of the nest that computes it."""
        if isinstance(expr, Sum):
            return self._sum(expr, here)
        if isinstance(expr, MaxOver):
            axes, only, body, _ = self._entered(expr, here)
            return self._nest("max", axes, body, tuple(only), here)
        if isinstance(expr, FirstMax):
            return self._first(expr, here)
        if (place := place_of(expr)) is not None:
            return self._nest("first", place[1], place[0], (), here)
        if isinstance(expr, Mul):
            return self._product(expr.args, here)
        if isinstance(expr, Both):
            return conjunction(self._conditions(list(parts_of(expr)), here))
        if isinstance(expr, Choose):
            stated = self.value(expr.args[0], here)
            yes = self.value(expr.args[1], here.given([stated]))
            return Choose(stated, yes, self.value(expr.args[2], here.given([Negation(stated)])))
        return mapped(lambda arg: self.value(arg, here), expr)

    def _product(self, factors: tuple[Expr, ...], here: Assumptions) -> Expr:
        stated = [c for f in factors if isinstance(f, Iverson) for c in parts_of(f.args[0])]
        guards = self._conditions(stated, here)
        inside = here.given(guards)
        others = [self.value(f, inside) for f in factors if not isinstance(f, Iverson)]
        return Mul(*map(Iverson, guards), *others)

    def _conditions(self, stated: Sequence[Condition], here: Assumptions) -> list[Condition]:
        """Conditions of a product: where a simple one fails, nobody looks at the others."""
        made: list[Condition] = []
        for part in sorted(stated, key=complexity):
            made.append(self.value(part, here.given(made)))
        return made

    # --- ranges ----------------------------------------------------------------------------------

    def _entered(
        self, node: Any, here: Assumptions
    ) -> tuple[tuple[Axis, ...], list[Condition], Expr, dict[Index, Expr]]:
        """The axes of a reduction from zero on, the points that count, the body, and the starts."""
        axes: list[Axis] = []
        only: list[Condition] = []
        starts: dict[Index, Expr] = {}
        shift: dict[Index, Expr] = {}
        for index, low, high in ranges_of(node):
            lo, hi = (substituted(bound, shift) for bound in (low, high))
            length = expanded(hi - lo)
            starts[index] = lo
            if lo != 0:
                shift[index] = lo + index
            inside = here.within(axes).given(only)
            if varies(length):
                axes.append((index, self._width(index, length, inside)))
                only.append(Less(index, length))
            else:
                natural = here.sizes.at_least(0, length)  # no guard keeps arrays from being made
                axes.append((index, length if natural else Greatest(ZERO, length)))
        return tuple(axes), only, substituted(node.args[0], shift), starts

    def _width(self, index: Index, length: Expr, here: Assumptions) -> Size:
        over = here.axes_of(length)
        if (length, over) not in self._widths:
            letters = index.name.rstrip("'")
            size = self._names.size(f"width_{letters}")
            self.nests.append(LargestWidth(size, length, over))
            self._widths[length, over] = size
        return self._widths[length, over]

    # --- reductions ------------------------------------------------------------------------------

    def _sum(self, node: Any, here: Assumptions) -> Expr:
        axes, only, body, _ = self._entered(node, here)
        terms = Add.make_args(body) if _worth_distributing(body) else (body,)
        return Add(*(self._sum_of(term, axes, only, here) for term in terms))

    def _sum_of(
        self, term: Expr, axes: tuple[Axis, ...], only: Sequence[Condition], here: Assumptions
    ) -> Expr:
        guards = [*only]
        factors: list[Expr] = []
        for factor in Mul.make_args(term):
            if isinstance(factor, Iverson):
                guards += parts_of(factor.args[0])
            else:
                factors.append(factor)
        product = ScatteredProduct(tuple(guards), tuple(factors), axes, here)
        found = scattered(product, self._names)
        return self._summed(product) if found is None else self._scatter(found)

    def _summed(self, product: ScatteredProduct) -> Entry:
        body = Mul(*map(Iverson, product.guards), *product.factors)
        return self._nest("sum", product.inner, body, (), product.here)

    def _scatter(self, found: Scattered) -> Entry:
        """The sum over what does not move, then the addition at the positions."""
        source = self._summed(found.source)
        name = self._names.fresh(f"{self._target}_spread")
        here, places = found.source.here, found.positions
        where = (*here.where, *found.source.guards)
        made = Scatter(name, found.outer, source, here.axes, places, where, found.evidence)
        self.nests.append(made)
        return Entry(name, *(i for i, _ in found.outer))

    def _first(self, node: FirstMax, here: Assumptions) -> Condition:
        """That the place is in the ranges, and is the first one where the maximum is attained."""
        at, largest = node.args
        axes, only, body, starts = self._entered(largest, here)
        first = self._nest("first", axes, body, tuple(only), here)
        chosen: dict[Index, Expr] = {}
        for place, (index, _) in zip(at.args, axes, strict=True):
            start = substituted(starts[index], chosen)
            chosen[index] = expanded(self.value(place, here) - start)
        offsets = list(chosen.values())
        inside = [Between(ZERO, offset, n) for offset, (_, n) in zip(offsets, axes, strict=True)]
        open_ones = [c for c in inside if not here.shows(c)]
        number = flat(offsets, [n for _, n in axes])
        return conjunction([*open_ones, Same(number, first)])

    def _nest(
        self,
        kind: Kind,
        inner: tuple[Axis, ...],
        body: Expr,
        only: tuple[Condition, ...],
        here: Assumptions,
    ) -> Entry:
        """A nest for a reduction that still has reductions in its body."""
        inside = here.within(inner)
        value = self.value(body, inside.given(only))
        if kind == "sum" and not inner and is_plain(value):
            return value
        conditions = tuple(self.value(c, inside) for c in only)
        some = not only and all(here.sizes.at_least(1, n) for _, n in inner)
        empty = kind == "max" and not some
        partial = empty or inside.may_fail(value)
        outer = here.axes_of(value, *conditions, *(here.where if partial else ()))
        where = here.where
        if empty:  # without entries along another axis around, nobody looks for a maximum
            around = (AtMost(ONE, n) for axis in here.axes if axis not in outer for n in axis[1:])
            where = (*where, *(c for c in around if not here.sizes.shows(c)))
        key = (kind, outer, inner, value, conditions, where)
        if key not in self._known:
            name = self._names.fresh(f"{self._target}_{kind}")
            nest = Nest(name, outer, inner, kind, value, conditions, where, empty)
            self.nests.append(nest)
            self._known[key] = nest.entry
        return self._known[key]


def complexity(stated: Condition) -> tuple[bool, bool]:
    """Conditions on indices come before those that divide by them or look at tensors."""
    divides = any(
        isinstance(node, FloorDiv | Modulo) and varies(node.args[1]) for node in subterms(stated)
    )
    return bool(entries(stated)), divides


def _worth_distributing(body: Expr) -> bool:
    """Whether a term of a sum is a product of reads with different indices: a contraction."""
    return isinstance(body, Add) and any(_is_contraction(term) for term in body.args)


def _is_contraction(term: Expr) -> bool:
    reads = [f for f in Mul.make_args(term) if entries(f) and not isinstance(f, Iverson)]
    return len({frozenset(indices_in(f)) for f in reads}) > 1
