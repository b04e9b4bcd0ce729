"""Applied layers joined into one: shapes matched, names told apart, equations put together.

Every layer has shown of its own reads that they are inside their tensors, for all sizes; so they
are for the sizes that it gets here, and nothing of it is shown again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed

from sympy import Expr, Integer, Mul, Symbol

from derive.composition.applying import Application, Source
from derive.composition.naming import TensorNames, kind_of, unused
from derive.composition.refusing import Refusing
from derive.composition.renaming import Renaming
from derive.composition.sizes import Impossible, Mismatch, Sizes, TwoKinds
from derive.domains import Decision
from derive.language.definition import Axis, Equation, Layer, Part, Tensor
from derive.language.terms import ZERO, Greatest, Index, Same, Size, reads, symbols_of


def joined(made: Sequence[Application], text: str) -> Layer:
    """The layer that applied layers make together; the last one is the outermost.

    Raises ``NotationError`` where a shape does not fit; ``text`` is where they were read.
    """
    merged: dict[Symbol, Expr] = {}
    while True:
        joining = _Joining(made, text, merged)
        found = joining.sizes.merges
        if not found:
            return joining.layer()
        merged = _settled({**merged, **found})


def _settled(merges: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    """Each merged size with what it is in the end: sizes may be merged one after the other."""
    while True:
        settled = {size: Renaming(merges).of(meaning) for size, meaning in merges.items()}
        if settled == merges:
            return settled
        merges = settled


@dataclass
class _Input:
    """An input of the composition; ``uses`` are the layers that read it, with the tensor there."""

    tensor: Tensor
    shape: tuple[Expr, ...]
    uses: list[tuple[int, Tensor]] = field(default_factory=list)


class _Joining:
    """All layers with their sizes matched, under the assumption that some sizes are ``merged``."""

    def __init__(self, made: Sequence[Application], text: str, merged: dict[Symbol, Expr]) -> None:
        self.made = made
        self.refusing = Refusing(text, made)
        given = list(dict.fromkeys(s.name for one in made for s in one.sources if s.name))
        self.names = TensorNames(made, given)
        chosen = frozenset(
            h.name for one in made for h in one.layer.hyperparameters if h.name in one.chosen
        )
        self.refusing.check_names(given, chosen)
        indices = {i for one in made for i in _indices(one.layer)}
        inputs = {*given, *self.names.names.values()}
        self.sizes = Sizes({*(i.name for i in indices), *chosen, *inputs}, chosen, merged)
        self.inputs: dict[str, _Input] = {}
        self.renamings: list[Renaming] = []
        self.shapes: list[tuple[Expr, ...]] = []
        for place in range(len(made)):
            self.renamings.append(self._applied(place))

    def _applied(self, place: int) -> Renaming:
        one, sizes = self.made[place], self.sizes
        try:
            own = sizes.opened(one)
        except TwoKinds as error:
            raise self.refusing.kinds(place, str(error)) from None
        self._rename_indices(one.layer, own)
        late: list[tuple[Tensor, str]] = []
        for tensor, source in zip(one.layer.tensors, one.sources, strict=True):
            name = self._input_name(place, tensor, source)
            shape = self._shape(source, name)
            if shape is None:
                late.append((tensor, name))
                continue
            self._match(place, tensor, shape, own)
            if source.made is None:
                self.inputs[name].uses.append((place, tensor))
            own.tensors[tensor.name] = name
        for tensor, name in late:
            self._new(place, tensor, name, own)
        try:
            sizes.close(one, own)
        except Impossible as error:
            raise self.refusing.requirement(place, error.stated) from None
        self.refusing.shapes[place] = self._output_shape(place, own)
        return own

    def _rename_indices(self, layer: Layer, own: Renaming) -> None:
        """Indices that the writer uses as a hyperparameter elsewhere get a prime."""
        for index in _indices(layer):
            if index.name in self.sizes.reserved:
                taken = {*self.sizes.taken, *(i.name for i in _indices(layer))}
                own.symbols[index] = Index(unused(index.name, taken))

    def _input_name(self, place: int, tensor: Tensor, source: Source) -> str:
        if source.made is not None:
            return self.names.names[source.made, self.made[source.made].output]
        return source.name or self.names.names[place, tensor.name]

    def _shape(self, source: Source, name: str) -> tuple[Expr, ...] | None:
        """The shape of what a layer is given; None for an input that is new."""
        if source.made is not None:
            return self.refusing.shapes[source.made]
        return self.inputs[name].shape if name in self.inputs else None

    def _match(self, place: int, tensor: Tensor, shape: tuple[Expr, ...], own: Renaming) -> None:
        if len(shape) != len(tensor.axes):
            raise self.refusing.ranks(place, tensor, shape)
        for axis, size in zip(tensor.axes, shape, strict=True):
            try:
                self.sizes.match(axis.size, size, own)
            except Mismatch as error:
                raise self.refusing.shape(place, tensor, shape, error, own) from None

    def _new(self, place: int, tensor: Tensor, name: str, own: Renaming) -> None:
        """An input that no layer before has read; or the same one twice in this layer."""
        if name in self.inputs:
            self._match(place, tensor, self.inputs[name].shape, own)
        else:
            for axis in tensor.axes:
                for symbol in symbols_of(axis.size):
                    if isinstance(symbol, Size) and symbol not in own.symbols:
                        own.symbols[symbol] = self.sizes.size(symbol.name)
            shape = tuple(own.of(axis.size) for axis in tensor.axes)
            self.sizes.shapes.update(dict.fromkeys(shape))
            self.inputs[name] = _Input(changed(tensor, name=name), shape)
        self.inputs[name].uses.append((place, tensor))
        own.tensors[tensor.name] = name

    def _output_shape(self, place: int, own: Renaming) -> tuple[Expr, ...]:
        layer = self.made[place].layer
        equation = layer.outputs[-1]
        return tuple(map(own.of, equation.extents))

    # --- the layer ----------------------------------------------------------------------------

    def layer(self) -> Layer:
        """The layer, with all that was found put into its equations."""
        for (place, name), chosen in self.names.names.items():
            self.renamings[place].tensors.setdefault(name, chosen)
        tensors = {name: self._tensor(one) for name, one in self.inputs.items()}
        self._require_of_inputs(tensors.values())
        opened = [self._opened(place, tensors) for place in range(len(self.made))]
        equations: list[Equation] = []
        parts: list[Part] = []
        conditions: dict[Decision, None] = {}
        for place, one in enumerate(self.made):
            own = self.renamings[place]
            found = [self._equation(e, own, opened[place]) for e in one.layer.equations]
            equations += found
            label, taken = self.names.labels[place], self._taken(place)
            parts.append(Part(label, self._title(place), taken, tuple(e.name for e in found)))
            for decision in one.layer.conditions:
                conditions[_decision(decision, own)] = None
        return Layer(
            self._name(),
            tuple(tensors.values()),
            tuple(self.sizes.hyperparameters.values()),
            tuple(self.sizes.requirements),
            tuple(equations),
            tuple(self.sizes.definitions.items()),
            tuple(conditions),
            parts=tuple(parts) if len(parts) > 1 else (),
        )

    def _require_of_inputs(self, tensors: Iterable[Tensor]) -> None:
        """An output size that is the length of an input as well is required to be what it is."""
        lengths = {s for t in tensors for a in t.axes for s in symbols_of(a.size)}
        for size, meaning in list(self.sizes.definitions.items()):
            if size in lengths:
                del self.sizes.definitions[size]
                whole = all(isinstance(f, Size | Integer) for f in Mul.make_args(meaning))
                meant = meaning if whole else Greatest(ZERO, meaning)
                self.sizes.requirements[Same(size, meant)] = None

    def _tensor(self, one: _Input) -> Tensor:
        """The input with its padding, if all layers that read it pad it alike."""
        shape = tuple(map(Axis, one.shape))
        place, tensor = one.uses[0]
        own = self.renamings[place]
        below = None if tensor.below is None else own.of(tensor.below)
        padded = [self._padded(p, t) for p, t in one.uses]
        axes = padded[0] if all(p == padded[0] for p in padded) else shape
        return changed(one.tensor, axes=axes, below=below)

    def _padded(self, place: int, tensor: Tensor) -> tuple[Axis, ...]:
        own = self.renamings[place]
        return tuple(
            changed(a, size=own.of(a.size), before=own.of(a.before), after=own.of(a.after))
            for a in tensor.axes
        )

    def _opened(self, place: int, tensors: dict[str, Tensor]) -> set[str]:
        """The tensors whose padding is not declared in the composition: it is made guards."""
        one, own = self.made[place], self.renamings[place]
        return {
            t.name
            for t in one.layer.tensors
            if any(a.padded for a in t.axes)
            and (
                own.tensors[t.name] not in tensors
                or not any(a.padded for a in tensors[own.tensors[t.name]].axes)
            )
        }

    def _equation(self, equation: Equation, own: Renaming, opened: set[str]) -> Equation:
        guarded = any(reads(equation.written, name) for name in opened)
        sizes, extents, given = [], [], []
        for size, extent, was in zip(equation.sizes, equation.extents, equation.given, strict=True):
            found, renamed = own.of(extent), own.of(size)
            extents.append(found)
            whole = found == renamed
            defined = isinstance(found, Size) and self.sizes.definitions.get(found) == renamed
            sizes.append(renamed if whole or defined or isinstance(found, Integer) else found)
            given.append(was or guarded or not whole)
        return Equation(
            own.tensors[equation.name],
            tuple(map(own.index, equation.indices)),
            tuple(sizes),
            tuple(extents),
            tuple(given),
            own.of(equation.explicit if guarded else equation.written),
            own.of(equation.explicit),
        )

    def _title(self, place: int) -> str:
        """``conv(x, k; stride=2)``: the layer, what it takes, and the options that were written."""
        one = self.made[place]
        taken = ", ".join(self._taken(place))
        return f"{one.kind}({taken}{'; ' if one.options else ''}{', '.join(one.options)})"

    def _taken(self, place: int) -> tuple[str, ...]:
        """The tensors that a layer takes."""
        own = self.renamings[place]
        return tuple(own.tensors[t.name] for t in self.made[place].layer.tensors)

    def _name(self) -> str:
        """``relu_of_conv`` for a short chain, else ``network``."""
        kinds = [kind_of(one) for one in reversed(self.made)]
        inner = [s.made for one in self.made for s in one.sources if s.made is not None]
        chained = inner == list(range(len(kinds) - 1))
        return "_of_".join(kinds) if chained and len(kinds) <= 3 else "network"


def _indices(layer: Layer) -> list[Index]:
    """All indices of a layer, in order of appearance."""
    found = [i for e in layer.equations for i in e.indices]
    bound = (s for e in layer.equations for s in symbols_of(e.explicit) if isinstance(s, Index))
    return list(dict.fromkeys([*found, *bound]))


def _decision(decision: Decision, own: Renaming) -> Decision:
    return changed(
        decision,
        condition=own.of(decision.condition),
        where=tuple(map(own.of, decision.where)),
        counterexample=None,
    )
