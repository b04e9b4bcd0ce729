"""Sum of two tensors."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import Axes

SUMMARY = "y[n, c] = x[n, c] + z[n, c]"


def notation(dims: int = 2) -> Definition:
    """Shapes: x[N, C], z[N, C] → y[N, C], with ``dims`` axes: a residual connection.

    Source: He, Zhang, Ren & Sun, Deep residual learning (2016).
    """
    axes = Axes(dims)
    header = f"{axes.declared('x')}, {axes.declared('z')}"
    return Definition(f"add({header}):\n    {axes.read('y')} = {axes.read('x')} + {axes.read('z')}")
