"""Fully connected layer."""

from __future__ import annotations

from derive.catalog.options import Definition

SUMMARY = "y[n, o] = b[o] + sum[i] x[n, i]*w[o, i]"


def notation(bias: bool = True) -> Definition:
    """Shapes: x[N, I], w[O, I], b[O] → y[N, O], as in PyTorch."""
    product = "sum[i] x[n, i]*w[o, i]"
    if bias:
        return Definition(f"linear(x[N, I], w[O, I], b[O]):\n    y[n, o] = b[o] + {product}")
    return Definition(f"linear(x[N, I], w[O, I]):\n    y[n, o] = {product}")
