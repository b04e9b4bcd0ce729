"""Parameters before the first step: one module a way of drawing weights, discovered.

Each module has ``SUMMARY``, with its source, and ``scale(inputs, outputs)``: the standard deviation
of a weight when so many entries are summed for one output, and so many outputs read one entry.
Weights are normal.  What is added in a layer (a bias) is 0 at first, what multiplies (the scale of
a norm) 1.
"""

from __future__ import annotations

from math import prod
from typing import Any, Protocol

import numpy as np
from sympy import Add

from derive.language.definition import Layer
from derive.language.terms import Entry
from derive.plugins import Plugins
from numeric.networks.description import Nodes, Shape
from numeric.networks.network import Parameters
from numeric.networks.stages import Stage, bound, stages


class Initialisation(Protocol):
    """A module of this package."""

    SUMMARY: str

    def scale(self, inputs: int, outputs: int) -> float: ...


INITIALISATIONS: Plugins[Initialisation] = Plugins(__name__, Initialisation, "initialisation")


def initial(
    nodes: Nodes,
    shape: Shape,
    rng: np.random.Generator,
    word: str = "he",
    dtype: Any = np.float32,
) -> Parameters:
    """Random parameters of a network for inputs of the given shape, one image's."""
    scheme = INITIALISATIONS.get(word)
    return {
        stage.full(tensor): _drawn(stage, tensor, rng, scheme).astype(dtype)
        for stage in stages(bound(nodes, shape))
        for tensor in stage.learnt
    }


def _drawn(stage: Stage, tensor: str, rng: np.random.Generator, scheme: Initialisation) -> Any:
    shape, summed = stage.shapes[tensor], stage.summed_axes(tensor)
    if not summed:
        return np.zeros(shape) if _is_added(stage.layer, tensor) else np.ones(shape)
    inputs = prod(shape[axis] for axis in summed)
    places = prod(n for axis, n in enumerate(shape) if axis in summed[1:])
    outputs = prod(n for axis, n in enumerate(shape) if axis not in summed) * places
    return rng.normal(0, scheme.scale(inputs, outputs), shape)


def _is_added(layer: Layer, tensor: str) -> bool:
    """Whether a parameter is a summand of the output."""
    terms = Add.make_args(layer.outputs[-1].written)
    return any(isinstance(term, Entry) and term.tensor == tensor for term in terms)
