"""Fully connected layer."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import Axes

SUMMARY = "y[n, o] = b[o] + sum[i] x[n, i]*w[o, i]"


def notation(bias: bool = True, dims: int = 2) -> Definition:
    """Shapes: x[N, I], w[O, I], b[O] → y[N, O]; x has ``dims`` axes, as in PyTorch.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.1.
    """
    axes = Axes(dims).some()
    kept = axes.indices[:-1]
    shape, places = ", ".join([*axes.sizes[:-1], "I"]), ", ".join([*kept, "i"])
    right = f"sum[i] x[{places}]*w[o, i]"
    header = f"x[{shape}], w[O, I]" + (", b[O]" if bias else "")
    right = f"b[o] + {right}" if bias else right
    return Definition(f"linear({header}):\n    y[{', '.join([*kept, 'o'])}] = {right}")
