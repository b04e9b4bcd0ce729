"""A result taken apart: one product of guards and tensor reads, summed over some indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Sum

from derive.definition import Layer
from derive.normal import normal
from derive.terms import Condition, Entry, Index, Iverson, Range, entries, ranges_of, total


@dataclass(frozen=True)
class Product:
    """``scalar · Σ_ranges Π [guards] · Π reads`` as the gradient of ``layer`` at ``target``.

    ``upstream`` says of each upstream gradient which tensor it is the gradient by.
    """

    expression: Expr
    layer: Layer
    target: Entry
    upstream: Mapping[str, str]
    scalar: Expr
    ranges: tuple[Range, ...]
    guards: tuple[Condition, ...]
    reads: tuple[Entry, ...]

    @property
    def free(self) -> tuple[Index, ...]:
        """The indices of the result."""
        return self.target.indices

    @property
    def bound(self) -> tuple[Index, ...]:
        """The indices summed over, outermost first."""
        return tuple(i for i, _, _ in self.ranges)

    def shape(self, tensor: str) -> tuple[Expr, ...]:
        """The sizes of a tensor's axes; an upstream gradient has those of what it belongs to."""
        return self.layer.shape(self.upstream.get(tensor, tensor))

    def rebuilt(self, guards: tuple[Condition, ...], reads: tuple[Entry, ...]) -> Expr:
        """The same sum with other guards and reads."""
        inside = Mul(*(Iverson(c) for c in guards), *reads)
        return Mul(self.scalar, total(inside, self.ranges))

    def equals(self, expression: Expr) -> bool:
        """Whether an expression is this product up to the naming and order of bound indices."""
        return bool(normal(expression) == normal(self.expression))


def product_of(
    expression: Expr, layer: Layer, target: Entry, upstream: Mapping[str, str]
) -> Product | None:
    """The expression as a ``Product``; None for a sum of several terms or a deeper nesting."""
    if isinstance(expression, Add):
        return None
    outside: list[Expr] = []
    inside: list[Expr] = []
    ranges: tuple[Range, ...] = ()
    for factor in Mul.make_args(expression):
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
    rest = [f for f in factors if not isinstance(f, Iverson | Entry)]
    if any(entries(f) for f in rest) or not reads:
        return None
    if ranges and any(f in inside for f in rest if f.free_symbols & {i for i, _, _ in ranges}):
        return None
    return Product(expression, layer, target, upstream, Mul(*rest), ranges, guards, reads)
