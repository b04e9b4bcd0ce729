"""Mean squared error."""

from __future__ import annotations

from derive.catalog.losses import loss
from derive.catalog.options import Definition

SUMMARY = "y = sum[n, c] (x[n, c] - t[n, c])^2/(N*C)"


def notation(dims: int = 2, reduction: str = "mean") -> Definition:
    """Shapes: x[N, C], t[N, C] → y, a scalar; x has ``dims`` axes.

    ``reduction`` is ``mean``, ``sum`` or ``none``, as in PyTorch.
    Source: Bishop, Pattern Recognition and Machine Learning (2006), section 1.2.5.
    """
    return loss("mse", dims, "({x} - {t})^2", reduction)
