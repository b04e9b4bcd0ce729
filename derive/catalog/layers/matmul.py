"""Matrix product."""

from __future__ import annotations

from derive.catalog.options import Definition

SUMMARY = "y[i, j] = sum[k] A[i, k]*B[k, j]"


def notation() -> Definition:
    """Shapes: A[I, K], B[K, J] → y[I, J]."""
    return Definition("matmul(A[I, K], B[K, J]):\n    y[i, j] = sum[k] A[i, k]*B[k, j]")
