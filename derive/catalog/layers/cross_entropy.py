"""Cross-entropy of class numbers under the softmax of logits, averaged over the batch."""

from __future__ import annotations

from derive.catalog.options import Definition

SUMMARY = "y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]])/N"


def notation() -> Definition:
    """Shapes: x[N, C] logits, t[N] class numbers 0 … C−1 → y, a scalar, as in PyTorch.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 6.2.2.3.
    """
    return Definition(
        "cross_entropy(x[N, C], t[N] int < C):\n"
        "    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]])/N"
    )
