"""Layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

import numeric
from numeric.networks.stage import Shape, Stage

Array = np.ndarray[Any, Any]
Parameters = dict[str, Array]

#: what the network's input is called where gradients are asked for by name
INPUT = "x"


class Sequential:
    """Stages, each with the output of the one before as its input; parameters by name.

    ``parameters`` are arrays under names such as ``conv1.k``, and may be changed in place.
    """

    def __init__(self, stages: Sequence[Stage], parameters: Mapping[str, Array]) -> None:
        self.stages = tuple(stages)
        self.parameters = dict(parameters)
        self._kernels = [numeric.compile(stage.layer) for stage in stages]

    def forward(self, x: Array) -> Array:
        """The last stage's output for a batch."""
        for at in range(len(self.stages)):
            x = self._kernels[at].forward(**self._tensors(at, x))
        return x

    def values(self, x: Array) -> list[Array]:
        """What flows into each stage, and the last one's output: what ``backward`` needs."""
        found = [x]
        for at in range(len(self.stages)):
            found.append(self._kernels[at].forward(**self._tensors(at, found[-1])))
        return found

    def backward(
        self, g: Array, values: Sequence[Array], wrt: Iterable[str] | None = None
    ) -> Parameters:
        """The gradients by the parameters, or by those named and by ``x``, the network's input.

        ``g`` is the upstream gradient, of the output's shape; ``values`` come from ``values(x)``.
        Stages before all that is asked for are left out.
        """
        wanted = set(self.parameters) if wrt is None else set(wrt)
        first = self._first(wanted)
        found: Parameters = {}
        for at in reversed(range(first, len(self.stages))):
            stage = self.stages[at]
            own = [t for t in stage.learnt if stage.parameter(t) in wanted]
            through = [stage.input] if at > first or INPUT in wanted else []
            tensors = self._tensors(at, values[at])
            made = self._kernels[at].backward(g, wrt=[*own, *through], **tensors)
            found |= {stage.parameter(t): made[t] for t in own}
            g = made.get(stage.input, g)
        return found | ({INPUT: g} if INPUT in wanted else {})

    def _first(self, wanted: set[str]) -> int:
        """The number of the first stage that something asked for belongs to."""
        unknown = wanted - set(self.parameters) - {INPUT}
        if unknown:
            listed = ", ".join([INPUT, *self.parameters])
            raise ValueError(f"the network has no {min(unknown)!r}; it has: {listed}")
        if INPUT in wanted:
            return 0
        parts = [{stage.parameter(t) for t in stage.learnt} for stage in self.stages]
        return next((at for at, names in enumerate(parts) if names & wanted), len(parts))

    def _tensors(self, at: int, x: Array) -> dict[str, Array]:
        stage = self.stages[at]
        own = {t: self.parameters[stage.parameter(t)] for t in stage.learnt}
        return {stage.input: x, **own}


def initial(
    stages: Sequence[Stage], shape: Shape, rng: np.random.Generator, dtype: Any = np.float32
) -> Parameters:
    """Random parameters for inputs of the given shape, one image's: weights after He, biases 0.

    A weight that n entries of are summed for one output is normal with variance 2/n, so that
    signals keep their size through layers followed by ReLU.
    Source: He, Zhang, Ren & Sun, Delving deep into rectifiers (2015).
    """
    made: Parameters = {}
    flowing = (1, *shape)
    for stage in stages:
        shapes = stage.shapes(flowing)
        for tensor in stage.learnt:
            made[stage.parameter(tensor)] = _drawn(stage, tensor, shapes[tensor], rng).astype(dtype)
        flowing = shapes[stage.output]
    return made


def _drawn(stage: Stage, tensor: str, shape: Shape, rng: np.random.Generator) -> Array:
    summed = stage.summed_axes(tensor)
    if not summed:
        return np.zeros(shape)
    return rng.normal(0, np.sqrt(2 / prod(shape[axis] for axis in summed)), shape)
