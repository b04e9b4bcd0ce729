"""Gaussian error linear unit, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition, word
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = x[n, c]*(1 + erf(x[n, c]/sqrt(2)))/2"

#: the right-hand sides, by the value of ``approximate``
RIGHT = {
    "none": "{x}*(1 + erf({x}/sqrt(2)))/2",
    "tanh": "{x}*(1 + tanh(sqrt(2/pi)*({x} + 0.044715*{x}^3)))/2",
}


def notation(dims: int = 2, approximate: str = "none") -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    ``approximate`` is ``none`` or ``tanh``, as in PyTorch.
    Source: Hendrycks & Gimpel, Gaussian error linear units (2016).
    """
    right = RIGHT[word("approximate", approximate, list(RIGHT))]
    return entrywise("gelu", dims, right)
