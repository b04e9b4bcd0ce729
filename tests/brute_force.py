"""Gradients by brute force, one entry at a time, by dual numbers: the oracle for derived ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.language.definition import Layer
from verify.evaluation.arithmetic import Arithmetic
from verify.evaluation.arrays import Array, inner
from verify.evaluation.dual import DUAL, slopes
from verify.evaluation.sizes import Number, bindings


def gradient_by_duals(
    layer: Layer,
    arrays: Mapping[str, Array],
    upstream: Array | Mapping[str, Array],
    wrt: str,
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
    arithmetic: Arithmetic = DUAL,
) -> Array:
    """Σ g[r]·∂y[r]/∂x[p] for every entry x[p] of ``wrt``, over all outputs y.

    ``upstream`` is g, or one g for each output by the output's name.
    """
    weights = upstream if isinstance(upstream, Mapping) else {layer.outputs[0].name: upstream}
    if set(weights) != {e.name for e in layer.outputs}:
        names = ", ".join(e.name for e in layer.outputs)
        raise ValueError(f"there must be one upstream gradient for each output: {names}")
    values = bindings(layer, arrays, hyperparameters, sizes)
    shape, count = arrays[wrt].shape, len(arrays[wrt].entries)

    def entry(position: int) -> Any:
        unit = Array(shape, tuple(int(i == position) for i in range(count)))
        moved = slopes(layer, arrays, {wrt: unit}, values, arithmetic)
        return sum(inner(weights[name], moved[name]) for name in moved)

    return Array(shape, tuple(entry(position) for position in range(count)))
