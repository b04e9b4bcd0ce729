"""What flows through layers, and back: generated kernels called one after the other.

No gradient is stated here.  A chain's is the chain rule over its layers, each of which has its own
from its derivation.  That what flows into several paths gets the sum of their gradients follows
from a layer, too: the one that makes two of its input.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import derive
from derive.language.definition import Layer
from numeric.kernel import Kernel
from numeric.networks.stages import Branches, Part, Stage

Arrays = Mapping[str, Any]
Compiler = Callable[[Layer], Kernel]


@dataclass(frozen=True)
class Passed:
    """What flowed into a layer, and what it keeps for backward."""

    x: Any
    kept: Arrays


@dataclass(frozen=True)
class Forked:
    """What flowed through paths side by side and through the layers that join them."""

    paths: tuple[Flow, ...]
    joints: tuple[Passed, ...]


@dataclass(frozen=True)
class Flow:
    """What ``backward`` needs of a batch: what each part met, the output, and all other arrays."""

    met: tuple[Passed | Forked, ...]
    output: Any
    arrays: Arrays


class Link:
    """A layer of a chain; its other tensors are arrays known by their names in the network."""

    def __init__(self, stage: Stage, layer: Layer, compiler: Compiler) -> None:
        self.stage, self.layer = stage, layer
        self.kernel = compiler(layer)
        self.entering = layer.tensors[0].name
        others = (t.name for t in layer.tensors[1:] if t.name not in stage.joined)
        self.others = {name: stage.full(name) for name in others}
        self.names = frozenset(self.others.values())

    def given(self, x: Any, arrays: Arrays, joined: Sequence[Any] = ()) -> dict[str, Any]:
        """The tensors that the kernel is called with."""
        try:
            own = {tensor: arrays[name] for tensor, name in self.others.items()}
        except KeyError as error:
            raise ValueError(
                f"{self.stage.name} needs {error.args[0]}: draw(rng, batch) makes it"
            ) from None
        return {self.entering: x, **own, **dict(zip(self.stage.joined, joined, strict=True))}

    def forward(self, x: Any, arrays: Arrays) -> Any:
        return self.kernel.forward(**self.given(x, arrays))

    def flow(self, x: Any, arrays: Arrays) -> tuple[Any, Passed]:
        y, kept = self.kernel.forward_keeping(**self.given(x, arrays))
        return y, Passed(x, kept)

    def backward(
        self, g: Any, met: Passed, arrays: Arrays, wanted: Collection[str], through: bool
    ) -> tuple[dict[str, Any], Any]:
        """The gradients by the wanted arrays, and, if it goes on ``through``, by what flowed in."""
        own = {name: tensor for tensor, name in self.others.items() if name in wanted}
        chosen = [*own.values(), *([self.entering] if through else [])]
        given = self.given(met.x, arrays)
        made = self.kernel.backward(g, wrt=chosen, kept=met.kept, **given)
        return {name: made[tensor] for name, tensor in own.items()}, made.get(self.entering)


class Joint(Link):
    """A layer that joins what flows out of two paths."""

    def both(self, x: Any, z: Any, arrays: Arrays) -> tuple[Any, Passed]:
        y, kept = self.kernel.forward_keeping(**self.given(x, arrays, [z]))
        return y, Passed(x, kept)

    def apart(self, g: Any, x: Any, z: Any, met: Passed, arrays: Arrays) -> tuple[Any, Any]:
        """The gradients by what flowed out of either path."""
        made = self.kernel.backward(g, kept=met.kept, **self.given(x, arrays, [z]))
        return made[self.entering], made[self.stage.joined[0]]


class Fork:
    """Paths side by side, and the layers that join what they make."""

    def __init__(self, branches: Branches, evaluating: bool, compiler: Compiler) -> None:
        self.paths = [Chain(path, evaluating, compiler) for path in branches.paths]
        self.joints = [Joint(stage, stage.layer, compiler) for stage in branches.joints]
        self.copying = [compiler(copying(len(branches.input))) for _ in self.joints]
        self.names = frozenset().union(*(path.names for path in self.paths))

    def forward(self, x: Any, arrays: Arrays) -> Any:
        first, *others = (path.forward(x, arrays) for path in self.paths)
        for joint, other in zip(self.joints, others, strict=True):
            first = joint.kernel.forward(**joint.given(first, arrays, [other]))
        return first

    def flow(self, x: Any, arrays: Arrays) -> tuple[Any, Forked]:
        flows = tuple(path.flow(x, arrays) for path in self.paths)
        first, met = flows[0].output, []
        for joint, flow in zip(self.joints, flows[1:], strict=True):
            first, passed = joint.both(first, flow.output, arrays)
            met.append(passed)
        return first, Forked(flows, tuple(met))

    def backward(
        self, g: Any, met: Forked, arrays: Arrays, wanted: Collection[str], through: bool
    ) -> tuple[dict[str, Any], Any]:
        upstream: list[Any] = []
        for at in reversed(range(len(self.joints))):
            other = met.paths[at + 1].output
            g, own = self.joints[at].apart(g, met.joints[at].x, other, met.joints[at], arrays)
            upstream.insert(0, own)
        found: dict[str, Any] = {}
        ahead = []
        for path, flow, own in zip(self.paths, met.paths, [g, *upstream], strict=True):
            made, gx = path.backward(own, flow, arrays, wanted, through)
            found |= made
            ahead.append(gx)
        return found, self._together(ahead, arrays, met) if through else None

    def _together(self, gradients: Sequence[Any], arrays: Arrays, met: Forked) -> Any:
        """The gradient by what flowed into all paths."""
        first = gradients[0]
        for kernel, other in zip(self.copying, gradients[1:], strict=True):
            first = kernel.backward({"y": first, "z": other}, x=first)["x"]
        return first


@lru_cache(maxsize=8)
def copying(rank: int) -> Layer:
    """The layer that makes two of its input."""
    axes = [("N", "n"), ("C", "c"), ("H", "h"), ("W", "w"), ("D", "d"), ("E", "e")][:rank]
    sizes, indices = (", ".join(names) for names in zip(*axes, strict=True))
    return derive.parse(
        f"copies(x[{sizes}]): y[{indices}] = x[{indices}]; z[{indices}] = x[{indices}]"
    )


class Chain:
    """Layers one after the other, as in training or in evaluation.

    A frozen layer works as in evaluation, always.
    """

    def __init__(self, parts: Sequence[Part], evaluating: bool, compiler: Compiler) -> None:
        self.links: list[Link | Fork] = []
        for part in parts:
            if isinstance(part, Branches):
                self.links.append(Fork(part, evaluating, compiler))
                continue
            layer = part.evaluated if evaluating or part.frozen else part.layer
            if layer is not None:
                self.links.append(Link(part, layer, compiler))

    @cached_property
    def names(self) -> frozenset[str]:
        """What its layers read beside what flows."""
        return frozenset().union(*(link.names for link in self.links))

    def forward(self, x: Any, arrays: Arrays) -> Any:
        """The output, with nothing kept."""
        for link in self.links:
            x = link.forward(x, arrays)
        return x

    def flow(self, x: Any, arrays: Arrays) -> Flow:
        """The output and what ``backward`` needs."""
        met: list[Passed | Forked] = []
        for link in self.links:
            x, own = link.flow(x, arrays)
            met.append(own)
        return Flow(tuple(met), x, arrays)

    def backward(
        self, g: Any, flow: Flow, arrays: Arrays, wanted: Collection[str], through: bool
    ) -> tuple[dict[str, Any], Any]:
        """The gradients by the wanted arrays and, ``through`` the chain, by what flowed in.

        Layers before all that is asked for are left out.
        """
        first = 0 if through else self._first(wanted)
        found: dict[str, Any] = {}
        for at in reversed(range(first, len(self.links))):
            met: Any = flow.met[at]
            made, g = self.links[at].backward(g, met, arrays, wanted, through or at > first)
            found |= made
        return found, g

    def _first(self, wanted: Collection[str]) -> int:
        """The number of the first link that something asked for belongs to."""
        chosen = set(wanted)
        return next(
            (n for n, link in enumerate(self.links) if link.names & chosen), len(self.links)
        )
