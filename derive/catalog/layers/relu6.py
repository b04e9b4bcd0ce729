"""Rectified linear unit that is cut off at 6, entry by entry."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import entrywise

SUMMARY = "y[n, c] = min(max(x[n, c], 0), 6)"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C] → y[N, C]; x has ``dims`` axes.

    At 0 and at 6 the derivative is 0, as in PyTorch.
    Source: Krizhevsky, Convolutional deep belief networks on CIFAR-10 (2010).
    """
    return entrywise("relu6", dims, "if {x} <= 0 then 0 else (if {x} < 6 then {x} else 6)")
