"""Layers of a network with the shapes that flow through them, known before the first step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from sympy import Symbol

import derive
from derive import catalog
from derive.language.definition import Layer
from derive.language.terms import Size, entries, symbols_of
from numeric.networks.description import Joined, Line, Nodes, Shape
from numeric.networks.modes import MODES, Mode
from verify.evaluation.sizes import known

#: the options that the shape of the input decides
_OF_RANK = ("channels", "dims")


@dataclass(frozen=True)
class Stage:
    """A layer under a name of its own.

    ``input`` and ``output`` are the shapes of what flows, the first axis being the batch; ``sizes``
    are those that the input leaves open (channels, …), ``shapes`` those of all other tensors.
    The layer's first tensor is what flows in, ``joined`` are what flows in from other paths; the
    others are ``learnt`` or ``drawn`` for each batch.  ``buffers`` follow the batches.
    ``evaluated`` is the layer in evaluation, None where it does nothing then.
    """

    name: str
    layer: Layer
    input: Shape
    sizes: Mapping[str, int] = field(default_factory=dict)
    mode: Mode | None = None
    evaluated: Layer | None = None
    frozen: bool = False
    joined: tuple[str, ...] = ()

    @property
    def entering(self) -> str:
        """The tensor that the output of the stage before becomes."""
        return self.layer.tensors[0].name

    @property
    def drawn(self) -> tuple[str, ...]:
        """What is drawn for each batch: the mask of a dropout."""
        return self.mode.DRAWN if self.mode else ()

    @property
    def learnt(self) -> tuple[str, ...]:
        """The layer's parameters."""
        others = (t.name for t in self.layer.tensors[1:])
        return tuple(name for name in others if name not in (*self.drawn, *self.joined))

    @property
    def buffers(self) -> Mapping[str, float]:
        """What follows the batches, with its first value."""
        return self.mode.BUFFERS if self.mode else {}

    def full(self, tensor: str) -> str:
        """What a tensor of the layer is called in the network: ``conv1.k``."""
        return f"{self.name}.{tensor}"

    @cached_property
    def values(self) -> dict[Symbol, int]:
        """The layer's sizes, as the input and what it leaves open say them."""
        axes = self.layer.shape(self.entering)
        if len(axes) != len(self.input):
            raise ValueError(
                f"{self.name} takes {len(axes)} axes, and is given {_shown(self.input)}"
            )
        known_here = {s.name for s in self.layer.sizes}
        for name in self.sizes:
            if name not in known_here:
                listed = ", ".join(sorted(known_here)) or "none"
                raise ValueError(f"{self.name} has no size {name}; its sizes are: {listed}")
        values: dict[Symbol, int] = {Size(name): n for name, n in self.sizes.items()}
        values |= {a: n for a, n in zip(axes, self.input, strict=True) if isinstance(a, Size)}
        wrong = [
            f"{a} = {n}"
            for a, n in zip(axes, self.input, strict=True)
            if not isinstance(a, Size) and not symbols_of(a) and known(a, values) != n
        ]
        if wrong:
            raise ValueError(
                f"{self.name} is given {_shown(self.input)}, which must have {wrong[0]}"
            )
        try:
            for size, meaning in self.layer.definitions:
                values[size] = max(0, known(meaning, values))
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}; {self._open}") from None
        return values

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of all tensors but the entering one, and of the output.

        ``ValueError`` where the layer does not take its input, or makes nothing of it.
        """
        values = self.values
        others = [*(t.name for t in self.layer.tensors[1:]), self.leaving]
        try:
            found = {
                name: tuple(known(n, values) for n in self.layer.shape(name)) for name in others
            }
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}; {self._open}") from None
        if 0 in found[self.leaving]:
            raise ValueError(f"{self.name} makes nothing of an input of shape {_shown(self.input)}")
        return found

    @property
    def _open(self) -> str:
        return "sizes that the input does not tell are written after the layer: linear O=10"

    @property
    def leaving(self) -> str:
        """The layer's output."""
        return self.layer.outputs[-1].name

    @property
    def output(self) -> Shape:
        """The shape of what flows out."""
        return self.shapes[self.leaving]

    @property
    def buffer_shapes(self) -> dict[str, Shape]:
        """The shapes of what follows the batches: those of the evaluated layer's tensors."""
        if self.evaluated is None:
            return {}
        values = self.values
        return {
            name: tuple(known(n, values) for n in self.evaluated.shape(name))
            for name in self.buffers
        }

    def summed_axes(self, tensor: str) -> tuple[int, ...]:
        """The axes of a parameter that one output is a sum over: none of a bias.

        These are the axes that no index of the output runs along.
        """
        outer = set(self.layer.outputs[-1].indices)
        read = next((e for e in entries(self.layer.expression) if e.tensor == tensor), None)
        if read is None:
            return ()
        return tuple(k for k, at in enumerate(read.indices) if outer.isdisjoint(symbols_of(at)))


@dataclass(frozen=True)
class Branches:
    """Stages side by side from one input; what they make is joined, two paths at a time."""

    name: str
    paths: tuple[tuple[Stage | Branches, ...], ...]
    joints: tuple[Stage, ...]
    input: Shape

    @property
    def output(self) -> Shape:
        return self.joints[-1].output


Part = Stage | Branches
Parts = tuple[Part, ...]


def stages(parts: Parts) -> Iterator[Stage]:
    """All layers, in the order in which they are computed; those that join paths, too."""
    for part in parts:
        if isinstance(part, Stage):
            yield part
            continue
        for path in part.paths:
            yield from stages(path)
        yield from part.joints


def bound(nodes: Nodes, given: Shape) -> Parts:
    """The layers of a network for inputs of a shape, one image's: ``(3, 32, 32)``.

    ``ValueError`` with a layer's name where one does not take what flows into it.
    """
    return _Binding(nodes).parts(nodes, (1, *given))


class _Binding:
    """Names and shapes given to the layers of one network."""

    def __init__(self, nodes: Nodes) -> None:
        self._count: Counter[str] = Counter()
        self._taken = set(_written_names(nodes))

    def parts(self, nodes: Nodes, flowing: Shape) -> Parts:
        made: list[Part] = []
        for node in nodes:
            part = (
                self._stage(node, flowing)
                if isinstance(node, Line)
                else self._joined(node, flowing)
            )
            made.append(part)
            flowing = part.output
        return tuple(made)

    def _stage(self, line: Line, flowing: Shape) -> Stage:
        name = self._name(line.name, line.word)
        try:
            if line.typed:
                layer, mode, evaluated = derive.parse(line.typed), None, None
                evaluated = layer
            else:
                layer, mode, evaluated = _of_catalog(line, len(flowing))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if not layer.tensors:
            raise ValueError(f"{name} takes no tensor, and so no output of another layer")
        made = Stage(name, layer, flowing, dict(line.sizes), mode, evaluated, line.frozen)
        _ = made.output
        return made

    def _joined(self, node: Joined, flowing: Shape) -> Branches:
        name = self._name(node.name, node.joint)
        paths = tuple(self.parts(path, flowing) for path in node.paths)
        outputs = [path[-1].output if path else flowing for path in paths]
        joints: list[Stage] = []
        first = outputs[0]
        for number, second in enumerate(outputs[1:], 2):
            joints.append(_joint(node.joint, f"{name}_{number}", first, second))
            first = joints[-1].output
        return Branches(name, paths, tuple(joints), flowing)

    def _name(self, written: str, word: str) -> str:
        if written:
            return written
        while True:
            self._count[word] += 1
            name = f"{word}{self._count[word]}"
            if name not in self._taken:
                return name


def _written_names(nodes: Nodes) -> list[str]:
    """The names that were given; ``ValueError`` where two layers have one."""
    found: list[str] = []
    pending = list(nodes)
    while pending:
        node = pending.pop()
        found += [node.name] if node.name else []
        pending += (
            [inner for path in node.paths for inner in path] if isinstance(node, Joined) else []
        )
    twice = [name for name, times in Counter(found).items() if times > 1]
    if twice:
        raise ValueError(f"two layers of the network are called {twice[0]}")
    return found


def _joint(word: str, name: str, first: Shape, second: Shape) -> Stage:
    """The layer that joins two outputs, if their shapes fit."""
    same = slice(2 if word == "concat" else 0, None)
    if len(first) != len(second) or first[same] != second[same]:
        raise ValueError(f"{name}: paths of shapes {_shown(first)} and {_shown(second)} are joined")
    layer = _built(word, (("dims", len(first)),))
    sizes = {"D": second[1]} if word == "concat" else {}
    (other,) = (t.name for t in layer.tensors[1:])
    return Stage(name, layer, first, sizes, None, layer, joined=(other,))


def _of_catalog(line: Line, rank: int) -> tuple[Layer, Mode | None, Layer | None]:
    """A layer of the catalog for tensors of so many axes, and as it is in evaluation."""
    options = _of_rank(line.word, dict(line.options), rank)
    layer = _built(line.word, tuple(options.items()))
    if line.word not in MODES.names():
        return layer, None, layer
    mode = MODES.get(line.word)
    changed = mode.evaluated(options)
    evaluated = None if changed is None else _built(line.word, tuple(changed.items()))
    return layer, mode, evaluated


def _of_rank(word: str, given: Mapping[str, Any], rank: int) -> dict[str, Any]:
    """The options with those that depend on the number of axes; images have channels."""
    free = [o for o in _OF_RANK if o in catalog.options(word) and o not in given]
    options = {**given, **({"channels": rank > 2} if "channels" in free else {})}
    catalog.definition(word, **options)  # refuses options that there are not
    if "dims" not in free:
        return options
    usual = catalog.options(word)["dims"].default
    axes = len(_built(word, tuple(options.items())).tensors[0].axes)
    return {**options, "dims": max(0, usual + rank - axes)}


@lru_cache(maxsize=512)
def _built(word: str, options: tuple[tuple[str, Any], ...]) -> Layer:
    """A layer of the catalog, made once."""
    return derive.layer(word, **dict(options))


def _shown(shape: Shape) -> str:
    """The shape of one input: without the batch."""
    return "×".join(map(str, shape[1:])) or "a number"
