"""A signal and a kernel that slides over it: what correlations and convolutions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr

from derive.engine.instances import Coordinate, Instance, Mirrored, Slide
from derive.engine.record import Form, Step
from derive.engine.rules.reindex import flips
from derive.forms.products import Product, complete, operand, outline
from derive.forms.textbook import formula, standing, turned, unread, well_posed
from derive.language.integers import expanded
from derive.language.normal_form import normal
from derive.language.terms import Index

CORRELATION, CONVOLUTION = "cross-correlation", "convolution"
#: the sign of the summed index in the signal's sliding coordinates
SIGNS = {CORRELATION: 1, CONVOLUTION: -1}


def define(instance: Instance) -> Expr | None:
    """factor · Σ_t u[…, (step·i ± spread·t + shift)/stuffing, …]·v[…, t, …], from the data alone.

    The sign is that of the kind.  Every sliding axis has an index i of the result that occurs
    nowhere else, and a summed index t that stands alone in an axis of v, or mirrored.  All other
    indices stand alone, or in channel groups.  None where the data are not of that shape, or where
    a tensor's axes are not in the order of the result's, or of the other tensor's.
    """
    signal, kernel = instance.operands
    weights = [c.index if isinstance(c, Mirrored) else c for c in kernel.coordinates]
    if not signal.slides or kernel.slides or any(s.summed not in weights for s in signal.slides):
        return None
    if any(s.result in standing(kernel) for s in signal.slides) or unread(instance):
        return None
    result = [i for i, _ in instance.result]
    orders = (turned(signal, result), turned(kernel, result), turned(kernel, standing(signal)))
    if any(orders) or None in orders or not well_posed(instance):
        return None
    return formula(instance, SIGNS[instance.kind])


def sliding(product: Product, kind: str) -> Instance | None:
    """The product as an instance of that kind; None where one of its factors does not fit."""
    outlined = outline(product, kind) if len(product.reads) == 2 else None
    if outlined is None:
        return None
    for first, second in (product.reads, product.reads[::-1]):
        signal = operand(product, outlined, first, "signal", SIGNS[kind])
        kernel = operand(product, outlined, second, "kernel") if signal and signal.slides else None
        if signal is not None and kernel is not None:
            return complete(product, outlined, (signal, kernel))
    return None


def mirrored(
    product: Product, form: Form, name: str, words: Callable[[Instance, Product], str]
) -> Form | None:
    """The form with the kernel flipped, t ↦ n − 1 − t in every sliding axis, which turns the sign.

    So a correlation becomes a convolution and the other way round.  None where an index cannot be
    reversed or the outcome is not what the data of the flipped form stand for.
    """
    instance = flipped(form.instance)
    definition = define(instance)
    steps: tuple[Step, ...] | None = None
    if definition is not None:
        steps = flips(product.expression, [s.summed for s in instance.operand("signal").slides])
    if not steps or definition is None or normal(definition) != normal(steps[-1].after):
        return None
    return Form(name, words(instance, product), instance, definition, steps)


def flipped(instance: Instance) -> Instance:
    """The same sums with the kernel read backwards along every sliding axis."""
    signal, kernel = instance.operands
    summed = [s.summed for s in signal.slides]
    sign = SIGNS[instance.kind]
    slides = tuple(_turned(c, instance, sign) for c in signal.coordinates)
    weights = tuple(
        Mirrored(c) if isinstance(c, Index) and c in summed else c for c in kernel.coordinates
    )
    turned = instance.changed("signal", slides).changed("kernel", weights)
    return replace(turned, kind=CONVOLUTION if sign == 1 else CORRELATION)


def _turned(coordinate: Coordinate, instance: Instance, sign: int) -> Coordinate:
    """± spread·(n−1−t) = ∓ spread·t ± spread·(n−1): the shift takes up the difference."""
    if not isinstance(coordinate, Slide):
        return coordinate
    reach = coordinate.spread * (instance.sizes[coordinate.summed] - 1)
    return replace(coordinate, shift=expanded(coordinate.shift + sign * reach))


def first_reads(instance: Instance) -> list[Expr]:
    """Where the entry 0 of the result begins to read the signal; a convolution reads backwards."""
    slides = instance.operand("signal").slides
    if SIGNS[instance.kind] == 1:
        return [s.shift for s in slides]
    return [expanded(s.shift - s.spread * (instance.sizes[s.summed] - 1)) for s in slides]
