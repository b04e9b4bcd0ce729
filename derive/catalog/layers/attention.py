"""Scaled dot-product attention."""

from __future__ import annotations

from derive.catalog.options import Definition, OptionError

SUMMARY = "y[i, e] = sum[j] p[i, j]*v[j, e], p = softmax(q k^T/sqrt(D))"


def notation(causal: bool = False, dims: int = 2) -> Definition:
    """Shapes: q[N, D], k[M, D], v[M, E] → y[N, E]; ``causal``: row i looks at rows j ≤ i only.

    With ``dims`` axes, 3 or more, the first ones count batches and heads.  D is at least 1.
    Source: Vaswani et al., Attention is all you need (2017), section 3.2.1.
    """
    if isinstance(dims, bool) or not isinstance(dims, int) or not 2 <= dims <= 8:
        raise OptionError(f"dims must be between 2 and 8, not {dims!r}")
    sizes = "".join(f"B{axis}, " for axis in range(1, dims - 1)) if dims > 3 else "B, " * (dims - 2)
    at = sizes.lower()
    before, seen = ("[j <= i]*", "[m <= i]*") if causal else ("", "")
    return Definition(
        f"attention(q[{sizes}N, D], k[{sizes}M, D], v[{sizes}M, E]) where D >= 1:\n"
        f"    s[{at}i, j] = (sum[d] q[{at}i, d]*k[{at}j, d])/sqrt(D);\n"
        f"    p[{at}i, j] = {before}exp(s[{at}i, j])/(sum[m] {seen}exp(s[{at}i, m]));\n"
        f"    y[{at}i, e] = sum[j] p[{at}i, j]*v[{at}j, e]"
    )
