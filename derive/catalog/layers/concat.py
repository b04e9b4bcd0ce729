"""Two tensors one after the other along an axis."""

from __future__ import annotations

from derive.catalog.options import Definition
from derive.catalog.tensors import Axes

SUMMARY = "y[n, c < C+D] = x[n, c] for c < C, else z[n, c-C]"


def notation(dims: int = 2, axis: int = 1) -> Definition:
    """Shapes: x[N, C], z[N, D] → y[N, C+D]; the tensors have ``dims`` axes.

    ``axis``, where they are put together, counts from 0, or from −1 backwards.
    """
    axes = Axes(dims)
    place = axes.place(axis)
    size, index = axes.sizes[place], axes.indices[place]
    other = [*axes.sizes]
    other[place] = "D"
    outputs = [*axes.indices]
    outputs[place] = f"{index} < {size} + D"
    first = f"[{index} < {size}]*{axes.read('x')}"
    second = f"[{size} <= {index}]*{axes.read('z', {place: f'{index} - {size}'})}"
    header = f"{axes.declared('x')}, z[{', '.join(other)}]"
    return Definition(f"concat({header}):\n    y[{', '.join(outputs)}] = {first} + {second}")
