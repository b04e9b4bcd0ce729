"""Scaled dot-product attention."""

from __future__ import annotations

from derive.catalog.options import Definition

SUMMARY = "y[i, e] = sum[j] p[i, j]*v[j, e], p = softmax(q k^T/sqrt(D))"


def notation(causal: bool = False) -> Definition:
    """Shapes: q[N, D], k[M, D], v[M, E] → y[N, E]; ``causal``: row i looks at rows j ≤ i only.

    D is at least 1.
    Source: Vaswani et al., Attention is all you need (2017), section 3.2.1.
    """
    before, seen = ("[j <= i]*", "[m <= i]*") if causal else ("", "")
    return Definition(
        "attention(q[N, D], k[M, D], v[M, E]) where D >= 1:\n"
        "    s[i, j] = (sum[d] q[i, d]*k[j, d])/sqrt(D);\n"
        f"    p[i, j] = {before}exp(s[i, j])/(sum[m] {seen}exp(s[i, m]));\n"
        "    y[i, e] = sum[j] p[i, j]*v[j, e]"
    )
