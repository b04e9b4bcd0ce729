"""Layers that apply a function to every entry of a tensor of any rank."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.windows import Spatial


def elementwise(name: str, function: str, dims: int) -> Definition:
    """``y[r, c] = function(x[r, c])`` for a tensor with ``dims`` axes."""
    names = Spatial(dims)
    sizes, indices = ", ".join(names.sizes), ", ".join(names.outputs)
    return Definition(f"{name}(x[{sizes}]):\n    y[{indices}] = {function}(x[{indices}])")
