"""Dropout with a given mask."""

from __future__ import annotations

from derive.catalog.options import Definition, name_of, real
from derive.catalog.tensors import Axes

SUMMARY = "y[n, c] = mask[n, c]*x[n, c]/(1 - p)"


def notation(dims: int = 2, p: float = 0.5) -> Definition:
    """Shapes: x[N, C], mask[N, C] of zeros and ones → y[N, C]; x has ``dims`` axes.

    ``p``, less than 1, is the probability that an entry of the mask is 0; what is kept is scaled so
    that its mean stays.
    Source: Srivastava et al., Dropout (2014).
    """
    axes, rate = Axes(dims), real("p", p)
    header = f"{axes.declared('x')}, {axes.declared('mask')}; {rate}"
    right = f"{axes.read('mask')}*{axes.read('x')}/(1 - {name_of(rate)})"
    return Definition(f"dropout({header}):\n    {axes.read('y')} = {right}")
