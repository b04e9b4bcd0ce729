"""One layer of a network: what flows through it, what is learnt, and the shapes of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sympy import Symbol

from derive.language.definition import Layer
from derive.language.terms import Size, entries, symbols_of
from verify.evaluation.sizes import known

Shape = tuple[int, ...]


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
