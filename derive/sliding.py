"""How one tensor slides over another: the index arithmetic of correlations and convolutions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Expr, Integer

from derive.domains import implied
from derive.integers import affine, mentions
from derive.products import Product
from derive.terms import AtMost, Between, Condition, Divides, Entry, FloorDiv, Index


@dataclass(frozen=True)
class Slide:
    """One axis along which ``signal[(step·f ± spread·t + shift)/stuffing]`` is read.

    f is an index of the result, t one that is summed; ``backwards`` is the minus sign, which makes
    the difference between a convolution and a correlation.  ``padded`` says that reads outside the
    signal count as zero there, ``size`` is the signal's length.
    """

    axis: int
    result: Index
    summed: Index
    step: Expr
    spread: Expr
    shift: Expr
    backwards: bool
    stuffing: Expr
    padded: bool
    size: Expr

    @property
    def numerator(self) -> Expr:
        along = self.spread * self.summed
        return self.step * self.result + (-along if self.backwards else along) + self.shift

    @property
    def position(self) -> Expr:
        """The coordinate as the form's definition writes it."""
        return self.numerator if self.stuffing == 1 else FloorDiv(self.numerator, self.stuffing)

    @property
    def guards(self) -> tuple[Condition, ...]:
        """What the form's definition demands along this axis."""
        inside = (Between(Integer(0), self.position, self.size),) if self.padded else ()
        if self.stuffing == 1:
            return inside
        return (Divides(self.stuffing, self.numerator), *inside)


def slides(product: Product, signal: Entry) -> tuple[Slide, ...]:
    """The axes along which the signal is read at a result index plus or minus a summed one."""
    found = []
    sizes = product.shape(signal.tensor)
    for axis, coordinate in enumerate(signal.indices):
        slide = _slide(product, axis, coordinate, sizes[axis])
        if slide is not None:
            found.append(slide)
    return tuple(found)


def _slide(product: Product, axis: int, coordinate: Expr, size: Expr) -> Slide | None:
    stuffing: Expr = Integer(1)
    numerator = coordinate
    if isinstance(coordinate, FloorDiv):
        numerator, stuffing = coordinate.args
        if Divides(stuffing, numerator) not in product.guards:
            return None
    result = [i for i in product.free if mentions(numerator, i)]
    summed = [i for i in product.bound if mentions(numerator, i)]
    if len(result) != 1 or len(summed) != 1:
        return None
    outer = affine(numerator, result[0])
    inner = affine(numerator, summed[0])
    if outer is None or inner is None:
        return None
    step, spread = outer[0], inner[0]
    shift = inner[1] - step * result[0]
    if not _positive(product, step) or any(mentions(shift, i) for i in (*result, *summed)):
        return None
    backwards = not _positive(product, spread)
    if backwards:
        spread = -spread
        if not _positive(product, spread):
            return None
    padded = Between(Integer(0), coordinate, size) in product.guards
    return Slide(axis, result[0], summed[0], step, spread, shift, backwards, stuffing, padded, size)


def _positive(product: Product, number: Expr) -> bool:
    return bool(implied(AtMost(Integer(1), number), product.layer.domain).holds)


def redefined(product: Product, signal: Entry, axes: Iterable[Slide]) -> Expr:
    """The sliding form's own definition with this product's operands: what the name stands for.

    The signal's sliding coordinates and all guards along them are written anew from the slides;
    every other factor is taken over.
    """
    axes = list(axes)
    indices = list(signal.indices)
    own: list[Condition] = []
    for slide in axes:
        indices[slide.axis] = slide.position
        own += slide.guards
    summed = {s.summed for s in axes}
    others = [g for g in product.guards if not any(mentions(g, i) for i in summed)]
    reads = tuple(Entry(signal.args[0], *indices) if r == signal else r for r in product.reads)
    return product.rebuilt((*own, *others), reads)
