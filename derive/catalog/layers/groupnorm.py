"""Group normalisation."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, Value, name_of, one, real

SUMMARY = "y[n, c, r] = w[c]*(x[n, c, r] - m[n, c//D])/sqrt(v[n, c//D] + eps) + b[c], D = C//G"


def notation(dims: int = 2, groups: Value = "G", eps: float = 1e-5) -> Definition:
    """Shapes: x[N, C, H, W], w[C], b[C] → y[N, C, H, W], with ``dims`` spatial axes, 0 or more.

    m and v are mean and (biased) variance of C/groups channels of an image that follow each other.
    Source: Wu & He, Group normalization (2018).
    """
    sizes, indices = channelled(dims)
    small, group = real("eps", eps), one("groups", groups, 1)
    spatial = indices[2:]
    over = ", ".join(["e < C//G", *spatial])
    count = "*".join(["(C//G)", *sizes[2:]])
    read = f"x[{', '.join(['n', 'i*(C//G) + e', *spatial])}]"
    at = "[n, c//(C//G)]"
    x = ", ".join(indices)
    return Definition(
        f"groupnorm(x[{', '.join(sizes)}], w[C], b[C]; G=1, {small}) where G divides C:\n"
        f"    m[n, i < G] = sum[{over}] {read}/({count});\n"
        f"    v[n, i < G] = sum[{over}] ({read} - m[n, i])^2/({count});\n"
        f"    xhat[{x}] = (x[{x}] - m{at})/sqrt(v{at} + {name_of(small)});\n"
        f"    y[{x}] = w[c]*xhat[{x}] + b[c]",
        {"groups": {"G": group}},
    )
