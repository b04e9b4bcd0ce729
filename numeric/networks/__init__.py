"""Networks: layers of the notation one after the other, with their parameters and a loss.

No gradient is stated here: a network's is the chain rule over its layers, and each layer's comes
from its derivation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from sympy import Symbol

import derive
import numeric
from derive.language.definition import Layer
from derive.language.terms import Size, entries, symbols_of
from numeric.data import Array, DataSet
from verify.evaluation.sizes import known

Shape = tuple[int, ...]
Parameters = dict[str, Array]

#: what the network's input is called where gradients are asked for by name
INPUT = "x"


@dataclass(frozen=True)
class Stage:
    """A layer under a name of its own, and the sizes that its input leaves open (channels, …).

    The layer's first tensor is what flows through it, its other ones are learnt.
    """

    name: str
    layer: Layer
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def input(self) -> str:
        """The tensor that the output of the stage before becomes."""
        return self.layer.tensors[0].name

    @property
    def learnt(self) -> tuple[str, ...]:
        """The layer's parameters."""
        return tuple(t.name for t in self.layer.tensors[1:])

    def parameter(self, tensor: str) -> str:
        """What a parameter of the layer is called in the network: ``conv1.k``."""
        return f"{self.name}.{tensor}"

    def shapes(self, given: Shape) -> dict[str, Shape]:
        """The shapes of the parameters and of the output for an input of the given shape.

        ``ValueError`` where the layer does not take that input, or makes nothing of it.
        """
        axes = self.layer.shape(self.input)
        if len(axes) != len(given):
            raise ValueError(f"{self.name} takes {len(axes)} axes, and is given {given}")
        values: dict[Symbol, int] = {Size(name): n for name, n in self.sizes.items()}
        values |= {a: n for a, n in zip(axes, given, strict=True) if isinstance(a, Size)}
        for size, meaning in self.layer.definitions:
            values[size] = max(0, known(meaning, values))
        names = [*self.learnt, self.output]
        shapes = {n: tuple(known(a, values) for a in self.layer.shape(n)) for n in names}
        if 0 in shapes[self.output]:
            raise ValueError(f"{self.name} makes nothing of an input of shape {given[1:]}")
        return shapes

    @property
    def output(self) -> str:
        return self.layer.outputs[-1].name

    def summed_axes(self, tensor: str) -> tuple[int, ...]:
        """The axes of a parameter that one output is a sum over: none of a bias.

        These are the axes that no index of the output runs along.
        """
        outer = set(self.layer.outputs[-1].indices)
        read = next(e for e in entries(self.layer.expression) if e.tensor == tensor)
        return tuple(k for k, at in enumerate(read.indices) if outer.isdisjoint(symbols_of(at)))


def stages(layers: Iterable[tuple[Layer, Mapping[str, int]]]) -> list[Stage]:
    """Layers with their open sizes, named by kind and number: conv1, relu1, conv2, …"""
    count: Counter[str] = Counter()
    made = []
    for layer, sizes in layers:
        count[layer.name] += 1
        made.append(Stage(f"{layer.name}{count[layer.name]}", layer, sizes))
    return made


# --- stages one after the other -------------------------------------------------------------------


@dataclass(frozen=True)
class Flow:
    """What flows into each stage of a network, what each keeps for backward, and the output."""

    inputs: tuple[Array, ...]
    kept: tuple[Mapping[str, Array], ...]
    output: Array


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

    def flow(self, x: Array) -> Flow:
        """What ``backward`` needs of a batch, and the last stage's output."""
        inputs, kept = [x], []
        for at in range(len(self.stages)):
            y, own = self._kernels[at].forward_keeping(**self._tensors(at, inputs[-1]))
            inputs.append(y)
            kept.append(own)
        return Flow(tuple(inputs[:-1]), tuple(kept), inputs[-1])

    def backward(self, g: Array, flow: Flow, wrt: Iterable[str] | None = None) -> Parameters:
        """The gradients by the parameters, or by those named and by ``x``, the network's input.

        ``g`` is the upstream gradient, of the output's shape; ``flow`` comes from ``flow(x)``.
        Stages before all that is asked for are left out.
        """
        wanted = set(self.parameters) if wrt is None else set(wrt)
        first = self._first(wanted)
        found: Parameters = {}
        for at in reversed(range(first, len(self.stages))):
            stage = self.stages[at]
            own = [t for t in stage.learnt if stage.parameter(t) in wanted]
            through = [stage.input] if at > first or INPUT in wanted else []
            tensors = self._tensors(at, flow.inputs[at])
            chosen, kept = [*own, *through], flow.kept[at]
            made = self._kernels[at].backward(g, wrt=chosen, kept=kept, **tensors)
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


# --- with a loss ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """What a batch gave: the loss, how many images were classified rightly, the gradients."""

    loss: float
    right: int
    gradients: Parameters


class Classifier:
    """A network whose outputs are logits [N, C], judged by cross-entropy."""

    def __init__(self, network: Sequential) -> None:
        self.network = network
        self._loss = numeric.compile(derive.layer("cross_entropy"))

    def loss(self, images: Array, labels: Array) -> float:
        """The mean cross-entropy over a batch."""
        return float(self._loss.forward(x=self.network.forward(images), t=labels))

    def judged(self, batch: DataSet, wrt: Iterable[str] | None = None) -> Judged:
        """Loss, hits and gradients by the parameters (or those named) for one batch."""
        flow = self.network.flow(batch.images)
        logits, labels = flow.output, batch.labels
        loss = self._loss.forward(x=logits, t=labels)
        g = self._loss.backward(np.ones((), logits.dtype), wrt="x", x=logits, t=labels)["x"]
        gradients = self.network.backward(g, flow, wrt)
        return Judged(float(loss), _right(logits, labels), gradients)

    def accuracy(self, data: DataSet, batch: int = 256) -> float:
        """The share of images classified rightly, nan where there are none."""
        parts = data.batches(batch)
        right = sum(_right(self.network.forward(p.images), p.labels) for p in parts)
        return right / len(data) if len(data) else float("nan")


def _right(logits: Array, labels: Array) -> int:
    return int(np.sum(np.argmax(logits, axis=-1) == labels))
