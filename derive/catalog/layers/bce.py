"""Binary cross-entropy of logits."""

from __future__ import annotations

from derive.catalog.losses import loss
from derive.catalog.options import Definition

SUMMARY = "y = sum[n, c] (log1p(exp(x[n, c])) - t[n, c]*x[n, c])/(N*C)"


def notation(dims: int = 2, reduction: str = "mean") -> Definition:
    """Shapes: x[N, C] logits, t[N, C] probabilities → y, a scalar; x has ``dims`` axes.

    ``reduction`` is ``mean``, ``sum`` or ``none``, as in PyTorch.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.2.
    """
    return loss("bce", dims, "(log1p(exp({x})) - {t}*{x})", reduction)
