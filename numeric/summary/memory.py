"""How much memory a training step takes at its peak, worked out from shapes; nothing is computed.

The peak is in the backward pass: there are the parameters, what the optimiser remembers, the batch,
what forward kept, the gradients found so far, those that flow into and out of the layer at hand,
and what templates hold to work in.  That last one is a rule of thumb: an array as large as the
largest that flows, but no more than a thread may hold (``benchmarks/memory.py`` compares the sum
with what is measured).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from sympy import Expr

from derive.language.definition import Layer
from numeric.generation import derivations
from numeric.keeping import Keeping, keeping
from numeric.networks.description import Shape
from numeric.networks.stages import Branches, Parts, Stage, stages
from numeric.targets import TARGETS
from numeric.templates.sharing import KEPT
from verify.evaluation.sizes import known


@dataclass(frozen=True)
class Step:
    """A step's memory in bytes, for a batch of so many images.

    ``state`` are parameters, buffers and what the optimiser remembers; ``kept`` is the batch, what
    the layers make of it and what they keep for backward; ``gradients`` are those by parameters;
    ``passing`` is what the backward pass holds for a while, at most.
    """

    state: int
    kept: int
    gradients: int
    passing: int

    @property
    def peak(self) -> int:
        return self.state + self.kept + self.gradients + self.passing


@dataclass(frozen=True)
class Machine:
    """What a step is taken with: bytes of a number, threads, and of how many arrays of a
    parameter's size an optimiser remembers.
    """

    width: int = 4
    threads: int = 1
    slots: int = 1


#: float32, one thread, momentum
USUAL = Machine()


def step(parts: Parts, image: Shape, batch: int, machine: Machine = USUAL) -> Step:
    """The memory of a training step."""
    every, width = list(stages(parts)), machine.width
    learnt = sum(prod(s.shapes[t]) for s in every for t in s.learnt if not s.frozen)
    fixed = sum(prod(s.shapes[t]) for s in every for t in s.learnt if s.frozen)
    buffers = sum(prod(shape) for s in every for shape in s.buffer_shapes.values())
    state = width * ((1 + machine.slots) * learnt + fixed + buffers)
    kept = width * batch * prod(image) + sum(_kept(s, batch, width) for s in every)

    def bytes_of(shape: Shape) -> int:
        return width * batch * prod(shape[1:])

    held = min(KEPT * machine.threads, max((bytes_of(s.input) for s in every), default=0))
    return Step(state, kept, width * learnt, _passing(parts, bytes_of) + held)


# --- what is kept -------------------------------------------------------------------------------


def _kept(stage: Stage, batch: int, width: int) -> int:
    """The output of a layer, its masks, and what it keeps beside: statistics, places of maxima."""
    layer = _trained(stage)
    if layer is None:
        return 0
    sizes: dict[Any, int] = {**stage.values}
    sizes |= dict.fromkeys(layer.shape(stage.entering)[:1], batch)

    def count(extents: tuple[Expr, ...]) -> int:
        return prod(int(known(n, sizes)) for n in extents)

    masks = sum(batch * prod(stage.shapes[name][1:]) for name in stage.drawn)
    total = width * (batch * prod(stage.output[1:]) + masks)
    found = _keeping(layer)
    places = {t.name: t.below for g in found.gradients.values() for t in g.tensors if t.integer}
    for name in found.names:
        if name != stage.leaving:
            below = places.get(name)
            one = width if below is None else _narrow(int(known(below, sizes)))
            total += one * count(found.forward.shape(name))
    return total


def _narrow(places: int) -> int:
    """The bytes in which numbers of so many places are kept."""
    return int(np.min_scalar_type(max(0, places - 1)).itemsize)


def _trained(stage: Stage) -> Layer | None:
    return stage.evaluated if stage.frozen else stage.layer


@lru_cache(maxsize=128)
def _keeping(layer: Layer) -> Keeping:
    target = TARGETS.get("fast")
    return keeping(layer, {d.wrt: target.gradient(d) for d in derivations(layer)})


# --- what passes --------------------------------------------------------------------------------


def _passing(parts: Parts, bytes_of: Callable[[Shape], int]) -> int:
    """What a backward pass holds for a while, at most, beside the upstream gradient it is given."""
    most, upstream = 0, 0
    for part in reversed(parts):
        if isinstance(part, Branches):
            most = max(most, upstream + _across(part, bytes_of))
        else:
            most = max(most, upstream + _arrays(part) * bytes_of(part.input))
        upstream = bytes_of(part.input)
    return most


def _across(branches: Branches, bytes_of: Callable[[Shape], int]) -> int:
    """The same of paths side by side: each has an upstream gradient, and leaves one behind."""
    into, paths = bytes_of(branches.input), branches.paths
    apart = len(paths) * bytes_of(branches.output)
    inside = [apart + n * into + _passing(path, bytes_of) for n, path in enumerate(paths)]
    return max(*inside, apart + (len(paths) + 1) * into)


def _arrays(stage: Stage) -> int:
    """How many arrays as large as its input the gradient by it has: itself, and steps to it."""
    layer = _trained(stage)
    gradient = _keeping(layer).gradients.get(layer.tensors[0].name) if layer else None
    if gradient is None:
        return 0
    *before, last = gradient.equations
    return 1 + sum(equation.extents == last.extents for equation in before)
