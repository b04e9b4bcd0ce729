"""A result as one product, and the data of a named form read off it: what stands in each axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Expr, Integer, Mul, Sum

from derive.engine.instances import Coordinate, Grouped, InGroup, Instance, Operand, Slide
from derive.engine.scope import Scope
from derive.forms.textbook import divided, position
from derive.language.integers import affine, mentions
from derive.language.normal_form import normal
from derive.language.terms import (
    ONE,
    ZERO,
    AtMost,
    Between,
    Condition,
    Divides,
    Entry,
    FloorDiv,
    Index,
    Iverson,
    Modulo,
    Range,
    Same,
    entries,
    ranges_of,
    subterms,
)


@dataclass(frozen=True)
class Product:
    """``factor · Σ_ranges Π [guards] · Π reads``, the whole of what ``scope`` is about.

    The factor mentions no index.
    """

    scope: Scope
    factor: Expr
    ranges: tuple[Range, ...]
    guards: tuple[Condition, ...]
    reads: tuple[Entry, ...]

    @property
    def expression(self) -> Expr:
        return self.scope.root

    @cached_property
    def free(self) -> dict[Index, Expr]:
        """The indices of the result with the sizes of its axes."""
        return {i: hi for i, _, hi in self.scope.free}

    @cached_property
    def summed(self) -> dict[Index, Expr] | None:
        """The indices summed over with their sizes; None unless each range is 0 … size − 1."""
        bounds = [hi for _, _, hi in self.ranges]
        indices = (*self.free, *(i for i, _, _ in self.ranges))
        partial = any(lo != 0 for _, lo, _ in self.ranges)
        if partial or any(mentions(hi, i) for hi in bounds for i in indices):
            return None
        return {i: hi for i, _, hi in self.ranges}

    def at_least(self, least: int, number: Expr, *more: Condition) -> bool:
        """Whether the number is shown to be at least ``least`` for all sizes, under ``more``."""
        if number.is_Integer:
            return bool(number >= least)
        return bool(self.scope.decide(AtMost(Integer(least), number), *more).holds)

    @cached_property
    def _normal(self) -> Expr:
        named: Expr = normal(self.expression)
        return named

    def equals(self, formula: Expr) -> bool:
        """Whether a formula is this product up to the naming and order of bound indices."""
        return bool(normal(formula) == self._normal)


def product_of(scope: Scope) -> Product | None:
    """The scope's expression as a ``Product``; None where it is none, as for several terms."""
    outside: list[Expr] = []
    inside: list[Expr] = []
    ranges: tuple[Range, ...] = ()
    for factor in Mul.make_args(scope.root):
        if isinstance(factor, Sum):
            if ranges:
                return None
            ranges = ranges_of(factor)
            inside += Mul.make_args(factor.function)
        else:
            outside.append(factor)
    factors = [*outside, *inside]
    guards = tuple(f.args[0] for f in factors if isinstance(f, Iverson))
    reads = tuple(f for f in factors if isinstance(f, Entry))
    rest = Mul(*(f for f in factors if not isinstance(f, Iverson | Entry)))
    indices = {i for i, _, _ in (*scope.free, *ranges)}
    if not reads or entries(rest) or rest.free_symbols & indices or rest.has(Sum):
        return None
    return Product(scope, rest, ranges, guards, reads)


def outline(product: Product, kind: str) -> Instance | None:
    """The instance without its operands; None where a sum runs over a part of a range only."""
    if product.summed is None:
        return None
    result, summed = tuple(product.free.items()), tuple(product.summed.items())
    instance = Instance(kind, result, summed, product.factor, ())
    channels = list(_channels(product, instance))
    if not channels:
        return instance
    groups = channels[0][1]
    pair = [c for c in (_same_group(g, groups, instance) for g in product.guards) if c is not None]
    return replace(instance, groups=groups, same_group=pair[0] if pair else None)


def _channels(product: Product, instance: Instance) -> Iterator[tuple[Index, Expr]]:
    """Indices c divided by ⌊n/G⌋, n being the number of their values, each with that G."""
    for read in product.reads:
        for term in (t for e in read.indices if not isinstance(e, Index) for t in subterms(e)):
            if isinstance(term, FloorDiv | Modulo):
                channel, width = term.args
                if not isinstance(channel, Index) or not isinstance(width, FloorDiv):
                    continue
                if width.args[0] == instance.sizes.get(channel):
                    yield channel, width.args[1]


def _same_group(guard: object, groups: Expr, instance: Instance) -> tuple[Index, Index] | None:
    if not isinstance(guard, Same):
        return None
    channels: list[Index] = []
    for side in guard.args:
        if not isinstance(side, FloorDiv):
            return None
        channel, width = side.args
        if not isinstance(channel, Index) or channel not in instance.sizes:
            return None
        if width != FloorDiv(instance.sizes[channel], groups):
            return None
        channels.append(channel)
    return channels[0], channels[1]


def complete(product: Product, outlined: Instance, operands: Sequence[Operand]) -> Instance | None:
    """The instance with its operands; None where the groups are not shown to be of one size."""
    instance = replace(outlined, operands=tuple(operands))
    even = (product.scope.decide(Divides(instance.groups, n)).holds for n in divided(instance))
    return instance if all(even) else None


def confirmed(
    product: Product, instance: Instance | None, define: Callable[[Instance], Expr | None]
) -> tuple[Instance, Expr] | None:
    """The instance with the formula it stands for; None unless that formula is the product."""
    formula = define(instance) if instance is not None else None
    if instance is None or formula is None or not product.equals(formula):
        return None
    return instance, formula


def operand(
    product: Product, outlined: Instance, read: Entry, role: str, sign: int = 0
) -> Operand | None:
    """What stands in each axis of the tensor that is read; None where an axis is read otherwise.

    ``sign`` is that of the summed index in sliding axes; 0: no axis may slide.
    """
    sizes = product.scope.shape(read.tensor)
    found: list[Coordinate] = []
    for at, size in zip(read.indices, sizes, strict=True):
        coordinate = _coordinate(product, outlined, at, size, sign)
        if coordinate is None:
            return None
        found.append(coordinate)
    return Operand(role, read.tensor, sizes, tuple(found), read.tensor in product.scope.upstream)


def _coordinate(
    product: Product, outlined: Instance, at: Expr, size: Expr, sign: int
) -> Coordinate | None:
    if isinstance(at, Index) or (isinstance(at, Integer) and at == 0):
        return at
    if outlined.groups is not None:
        channel = _channel(outlined, at, size)
        if channel is not None:
            return channel
    return _slide(product, at, size, sign) if sign else None


def _channel(outlined: Instance, at: Expr, size: Expr) -> Coordinate | None:
    """The coordinate within a group that is read at that position."""
    indices = [i for i in outlined.sizes if mentions(at, i)]
    choices: list[Coordinate] = [InGroup(c, i) for c in indices for i in indices if i != c]
    choices += [Grouped(i, c) for c in indices for i in indices]
    return next((c for c in choices if position(c, size, outlined, 0) == at), None)


def _slide(product: Product, at: Expr, size: Expr, sign: int) -> Slide | None:
    """The result's index and the summed one, if the axis is read at an affine function of both."""
    numerator, stuffing = at.args if isinstance(at, FloorDiv) else (at, ONE)
    if stuffing != 1 and Divides(stuffing, numerator) not in product.guards:
        return None
    result = [i for i in product.free if mentions(numerator, i)]
    summed = [i for i in product.summed or () if mentions(numerator, i)]
    if len(result) != 1 or len(summed) != 1:
        return None
    outer = affine(numerator, result[0])
    inner = affine(outer[1], summed[0]) if outer is not None else None
    if outer is None or inner is None or mentions(outer[0], summed[0]):
        return None
    step, spread, shift = outer[0], sign * inner[0], inner[1]
    if not all(product.at_least(1, number) for number in (step, spread, stuffing)):
        return None
    padded = Between(ZERO, at, size) in product.guards
    return Slide(result[0], summed[0], step, spread, shift, stuffing, padded)
