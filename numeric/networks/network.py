"""A network: its text, its parameters and buffers by name, forward and backward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np

import numeric
from numeric.networks import description
from numeric.networks.description import Joined, Line, Nodes, Shape
from numeric.networks.flowing import Chain, Flow, Fork, Forked, Link, Passed
from numeric.networks.places import place
from numeric.networks.stages import Parts, Stage, bound, stages

Array = np.ndarray[Any, Any]
Parameters = dict[str, Array]

#: what the network's input is called where gradients are asked for by name
INPUT = "x"


class Network:
    """Layers from an image to what is made of it, with arrays under names such as ``conv1.k``.

    ``parameters`` are learnt, ``buffers`` follow the batches (running statistics); both may be
    changed in place.  ``forward`` works as in evaluation; ``flow`` and ``backward`` as in training:
    statistics are the batch's, dropouts have masks, which ``draw`` makes and ``flow`` is given.
    Buffers change in ``follow`` and nowhere else.  Frozen layers work as in evaluation, always.
    Arrays are NumPy's, whatever computes with them, and on whatever ``device``.
    """

    def __init__(
        self,
        nodes: Nodes,
        shape: Shape,
        parameters: Mapping[str, Array],
        buffers: Mapping[str, Array] | None = None,
        target: str | None = None,
        threads: int | None = None,
        device: str | None = None,
    ) -> None:
        self.place = place(target, device)
        self.nodes, self.shape = nodes, tuple(shape)
        self.target, self.threads = target, threads
        self.parts: Parts = bound(nodes, self.shape)
        self.parameters: Parameters = dict(parameters)
        self.buffers: Parameters = dict(
            first_buffers(self.parts, self.dtype) if buffers is None else buffers
        )
        wanted = {**parameter_shapes(self.parts), **buffer_shapes(self.parts)}
        _check({**self.parameters, **self.buffers}, wanted)

    @property
    def dtype(self) -> Any:
        """That of the parameters."""
        return next((array.dtype for array in self.parameters.values()), np.dtype(np.float32))

    @property
    def text(self) -> str:
        """All of it but the numbers, as ``read`` takes it."""
        return description.text(self.nodes, self.shape)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All layers, in the order in which they are computed."""
        return tuple(stages(self.parts))

    @cached_property
    def learnt(self) -> tuple[str, ...]:
        """The names of the parameters that training changes: those of layers not frozen."""
        return tuple(s.full(t) for s in self.stages if not s.frozen for t in s.learnt)

    # --- computing ----------------------------------------------------------------------------

    @cached_property
    def training(self) -> Chain:
        """The layers as in training."""
        return Chain(self.parts, False, self._compiler)

    @cached_property
    def evaluation(self) -> Chain:
        """The layers as in evaluation."""
        return Chain(self.parts, True, self._compiler)

    @property
    def _compiler(self) -> Any:
        return partial(numeric.compile, target=self.target, threads=self.threads)

    def _there(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.place.there(array) for name, array in arrays.items()}

    @property
    def arrays(self) -> Parameters:
        """Parameters and buffers."""
        return {**self.parameters, **self.buffers}

    def forward(self, x: Any) -> Any:
        """The output for a batch, in evaluation."""
        made = self.evaluation.forward(self.place.there(x), self._there(self.arrays))
        return self.place.here(made)

    def flow(self, x: Any, drawn: Mapping[str, Any] | None = None) -> Flow:
        """The output for a batch, in training, and what ``backward`` needs.

        ``drawn`` are masks, as ``draw`` makes them for a batch of this length.
        """
        arrays = self._there({**self.arrays, **(drawn or {})})
        made = self.training.flow(self.place.there(x), arrays)
        return replace(made, output=self.place.here(made.output))

    def backward(self, g: Any, flow: Flow, wrt: Iterable[str] | None = None) -> dict[str, Any]:
        """The gradients by all learnt parameters, or by those named and by ``x``, the input.

        ``g`` is the upstream gradient, of the output's shape; ``flow`` comes from ``flow(x)``.
        """
        wanted = set(self.learnt) if wrt is None else set(wrt)
        unknown = wanted - set(self.parameters) - {INPUT}
        if unknown:
            listed = ", ".join([INPUT, *self.parameters])
            raise ValueError(f"the network has no {min(unknown)!r}; it has: {listed}")
        upstream = self.place.there(g)
        found, gx = self.training.backward(upstream, flow, flow.arrays, wanted, INPUT in wanted)
        found |= {INPUT: gx} if INPUT in wanted else {}
        return {name: self.place.here(array) for name, array in found.items()}

    def draw(self, rng: np.random.Generator, batch: int) -> Parameters:
        """The masks for so many images, from a stream: the same stream, the same masks."""
        made: Parameters = {}
        for stage in self.stages:
            if stage.mode is None or not stage.drawn or stage.frozen:
                continue
            drawn = stage.mode.draw(rng, stage.layer, (batch, *stage.input[1:]))
            made |= {stage.full(name): array.astype(self.dtype) for name, array in drawn.items()}
        return made

    def follow(self, flow: Flow) -> None:
        """Let the running statistics follow a batch."""
        for link, met in _met(self.training, flow):
            stage = link.stage
            if stage.mode is None or not stage.buffers or stage.frozen:
                continue
            before = {name: self.buffers[stage.full(name)] for name in stage.buffers}
            kept = {name: self.place.here(array) for name, array in met.kept.items()}
            after = stage.mode.follow(before, met.x if kept else self.place.here(met.x), kept)
            self.buffers |= {stage.full(name): array for name, array in after.items()}

    # --- other networks of the same numbers ---------------------------------------------------

    def frozen(self, names: Iterable[str] | None = None) -> Network:
        """The network with these layers frozen, or all; parameters and buffers are shared.

        All frozen, ``flow`` and ``backward`` work as in evaluation.
        """
        known = {stage.name for stage in self.stages}
        chosen = known if names is None else set(names)
        if chosen - known:
            there = ", ".join(stage.name for stage in self.stages)
            raise ValueError(f"there is no layer {min(chosen - known)!r}; there are: {there}")
        nodes = _frozen(named(self.nodes, self.shape), chosen)
        settings = (self.target, self.threads, self.place.device)
        made = Network(nodes, self.shape, self.parameters, self.buffers, *settings)
        made.parameters, made.buffers = self.parameters, self.buffers
        return made


def read(
    text: str,
    arrays: Mapping[str, Array],
    target: str | None = None,
    threads: int | None = None,
    device: str | None = None,
) -> Network:
    """The network of a text that begins with its input's shape, with arrays by name.

    ``ValueError`` names what the text says wrongly, and arrays that are missing or do not fit.
    """
    shape, nodes = description.parsed(text)
    if shape is None:
        raise ValueError("the text of a network begins with the shape of an input: input 3x32x32")
    parts = bound(nodes, shape)
    parameters, buffers = parameter_shapes(parts), buffer_shapes(parts)
    unknown = set(arrays) - set(parameters) - set(buffers)
    if unknown:
        raise ValueError(f"the network has no {min(unknown)!r}")
    return Network(
        nodes,
        shape,
        {name: arrays[name] for name in parameters if name in arrays},
        {name: arrays[name] for name in buffers if name in arrays},
        target,
        threads,
        device,
    )


def parameter_shapes(parts: Parts) -> dict[str, Shape]:
    """The shapes of all parameters by name."""
    return {s.full(t): s.shapes[t] for s in stages(parts) for t in s.learnt}


def buffer_shapes(parts: Parts) -> dict[str, Shape]:
    """The shapes of all buffers by name."""
    return {s.full(t): shape for s in stages(parts) for t, shape in s.buffer_shapes.items()}


def first_buffers(parts: Parts, dtype: Any = np.float32) -> Parameters:
    """All buffers before the first batch."""
    shapes = buffer_shapes(parts)
    values = {s.full(t): value for s in stages(parts) for t, value in s.buffers.items()}
    return {name: np.full(shape, values[name], dtype) for name, shape in shapes.items()}


def _check(arrays: Mapping[str, Array], wanted: Mapping[str, Shape]) -> None:
    for name, shape in wanted.items():
        if name not in arrays:
            raise ValueError(f"the network needs {name}, of shape {shape}")
        if tuple(arrays[name].shape) != shape:
            raise ValueError(f"{name} has the shape {tuple(arrays[name].shape)}, not {shape}")


def _met(chain: Chain, flow: Flow) -> Iterator[tuple[Link, Passed]]:
    """Every layer with what it met."""
    for link, met in zip(chain.links, flow.met, strict=True):
        if isinstance(link, Fork):
            assert isinstance(met, Forked)
            for path, inner in zip(link.paths, met.paths, strict=True):
                yield from _met(path, inner)
        else:
            assert isinstance(met, Passed)
            yield link, met


def named(nodes: Nodes, shape: Shape) -> Nodes:
    """The nodes with the names that they go by written out."""
    parts = iter(bound(nodes, shape))
    return tuple(_named(node, part) for node, part in zip(nodes, parts, strict=True))


def _named(node: Any, part: Any) -> Any:
    if isinstance(node, Line):
        return replace(node, name=part.name)
    paths = (
        tuple(_named(*both) for both in zip(*pair, strict=True))
        for pair in zip(node.paths, part.paths, strict=True)
    )
    return replace(node, name=part.name, paths=tuple(paths))


def _frozen(nodes: Nodes, chosen: set[str]) -> Nodes:
    """Named nodes, those chosen being frozen."""
    return tuple(
        replace(node, paths=tuple(_frozen(path, chosen) for path in node.paths))
        if isinstance(node, Joined)
        else replace(node, frozen=node.frozen or node.name in chosen)
        for node in nodes
    )
