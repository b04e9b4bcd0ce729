"""Root-mean-square normalisation, over the last axis."""

from __future__ import annotations

from derive.catalog.options import Definition, name_of, real
from derive.catalog.tensors import Axes

SUMMARY = "y[n, c] = w[c]*x[n, c]/sqrt(q[n] + eps)"


def notation(dims: int = 2, eps: float = 2.0**-23) -> Definition:
    """Shapes: x[N, C], w[C] → y[N, C]; x has ``dims`` axes, w the last of them.

    ``eps`` is PyTorch's for float32, the distance from 1 to the next number.
    Source: Zhang & Sennrich, Root mean square layer normalization (2019).
    """
    axes = Axes(dims).some()
    last, size = axes.indices[-1], axes.sizes[-1]
    kept = f"[{', '.join(axes.indices[:-1])}]" if dims > 1 else ""
    small = real("eps", eps)
    square = axes.read("x", {dims - 1: "j"})
    return Definition(
        f"rmsnorm({axes.declared('x')}, w[{size}]; {small}):\n"
        f"    q{kept} = sum[j] {square}^2/{size};\n"
        f"    {axes.read('xhat')} = {axes.read('x')}/sqrt(q{kept} + {name_of(small)});\n"
        f"    {axes.read('y')} = w[{last}]*{axes.read('xhat')}"
    )
