"""Leaky rectified linear unit, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition, name_of, real
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = if 0 < x[n, c] then x[n, c] else negative_slope*x[n, c]"


def notation(dims: int = 2, negative_slope: float = 0.01) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    At 0 the derivative is the negative slope, as in PyTorch.
    Source: Maas, Hannun & Ng, Rectifier nonlinearities improve acoustic models (2013).
    """
    slope = real("negative_slope", negative_slope)
    return entrywise(
        "leaky_relu", dims, "if 0 < {x} then {x} else " + f"{name_of(slope)}*{{x}}", slope
    )
