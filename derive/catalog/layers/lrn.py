"""Local response normalisation, across channels."""

from __future__ import annotations

from derive.catalog.normalisation import channelled
from derive.catalog.options import Definition, Value, name_of, one, real

SUMMARY = "y[n, c] = x[n, c]/(k + alpha*(sum[j<K] x[n, c+j-K//2]^2)/K)^beta"


def notation(
    dims: int = 2,
    size: Value = 5,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 1.0,
) -> Definition:
    """Shapes: x[N, C, H, W] → y[N, C, H, W], with ``dims`` spatial axes, 0 or more.

    The window of ``size`` channels begins size//2 before the channel, as in PyTorch, and α is
    divided by the size.
    Source: Krizhevsky, Sutskever & Hinton, ImageNet classification (2012), section 3.3.
    """
    sizes, indices = channelled(dims)
    reals = [real("alpha", alpha), real("beta", beta), real("k", k)]
    a, power, least = (name_of(r) for r in reals)
    x = ", ".join(indices)
    written = ", ".join([indices[0], "c < C", *indices[2:]])
    window = ", ".join(["n", "c + j - K//2", *indices[2:]])
    image = ", ".join([sizes[0], f"{sizes[1]} pad all", *sizes[2:]])
    return Definition(
        f"lrn(x[{image}]; K=5, {', '.join(reals)}):\n"
        f"    q[{written}] = {least} + {a}*(sum[j < K] x[{window}]^2)/K;\n"
        f"    y[{x}] = x[{x}]*q[{x}]^(-{power})",
        {"size": {"K": one("size", size, 1)}},
    )
