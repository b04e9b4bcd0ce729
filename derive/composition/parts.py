"""A part of a composition as a layer again: what it computes from the tensors that it takes.

An adjoint is derived where its tensor is read: in one part, or in the few that read it together.
What is known there is what the part knew of its sizes, so nothing more is to be decided for a
hundred layers than for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from sympy import Expr, Symbol

from derive.language.definition import Axis, Equation, Layer, Part, Tensor
from derive.language.terms import ZERO, Condition, Greatest, Same, Size, symbols_of


class Parts:
    """The parts of a layer, and which of them read what."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._meanings = dict(layer.definitions) | promised(layer)
        self._order = {stated: n for n, stated in enumerate(layer.requirements)}
        self._stated: dict[Symbol, list[Condition]] = defaultdict(list)
        for stated in layer.requirements:
            for symbol in symbols_of(stated):
                self._stated[symbol].append(stated)
        self._home = {name: n for n, part in enumerate(layer.parts) for name in part.equations}
        self._readers: dict[str, list[int]] = defaultdict(list)
        for number, part in enumerate(layer.parts):
            for name in dict.fromkeys(part.tensors):
                self._readers[name].append(number)
        self._views: dict[tuple[int, ...], Layer] = {}

    def readers(self, tensor: str) -> tuple[int, ...]:
        """The numbers of the parts that take a tensor, or of the one inside which it is read."""
        return tuple(self._readers.get(tensor) or (self._home[tensor],))

    def around(self, tensor: str) -> Layer:
        """The part inside which a tensor is read, or all parts that take it, as one layer."""
        return self.view(self.readers(tensor))

    def view(self, numbers: tuple[int, ...]) -> Layer:
        """Some parts as one layer."""
        if numbers not in self._views:
            self._views[numbers] = self._made([self.layer.parts[n] for n in numbers])
        return self._views[numbers]

    def _made(self, parts: Sequence[Part]) -> Layer:
        own = [self._equation(name) for part in parts for name in part.equations]
        computed = {e.name for e in own}
        taken = dict.fromkeys(name for part in parts for name in part.tensors)
        tensors = [self._tensor(name) for name in taken if name not in computed]
        used = {s for e in own for n in (*e.extents, e.explicit) for s in symbols_of(n)}
        used |= {s for t in tensors for s in _symbols(t)}
        lengths = {s for t in tensors for a in t.axes for s in symbols_of(a.size)}
        definitions = self._definitions(used, lengths)
        used |= {s for size, meaning in definitions for s in (size, *symbols_of(meaning))}
        near = dict.fromkeys(c for s in used for c in self._stated.get(s, ()))
        defined = {size for size, _ in definitions}
        stated = (
            c
            for c in near
            if used.issuperset(symbols_of(c)) and not (isinstance(c, Same) and c.args[0] in defined)
        )
        return Layer(
            "_and_".join(part.name for part in parts),
            tuple(tensors),
            tuple(h for h in self.layer.hyperparameters if h.symbol in used),
            tuple(sorted(stated, key=self._order.__getitem__)),
            tuple(own),
            tuple(definitions),
        )

    def _equation(self, name: str) -> Equation:
        found = self.layer.equation(name)
        assert found is not None, name
        return found

    def _tensor(self, name: str) -> Tensor:
        """An input of the composition, or what another part computes."""
        found = self.layer.tensor(name)
        return found or Tensor(name, tuple(map(Axis, self.layer.shape(name))))

    def _definitions(
        self, symbols: Iterable[Symbol], lengths: Container[Symbol]
    ) -> list[tuple[Size, Expr]]:
        """The output sizes among some symbols, each after those that it is made from.

        The lengths of what is taken are given.
        """
        found: dict[Size, Expr] = {}

        def add(symbol: Symbol) -> None:
            if symbol in lengths or symbol in found:
                return
            if isinstance(symbol, Size) and symbol in self._meanings:
                for inner in symbols_of(self._meanings[symbol]):
                    add(inner)
                found[symbol] = self._meanings[symbol]

        for symbol in sorted(symbols, key=lambda s: s.name):
            add(symbol)
        return list(found.items())


def promised(layer: Layer) -> dict[Size, Expr]:
    """The output sizes that are the length of an input as well: a requirement says what they are.

    Where an input is left out, that is their definition again.
    """
    found: dict[Size, Expr] = {}
    for stated in layer.requirements:
        size, meaning = stated.args if isinstance(stated, Same) else (None, ZERO)
        if isinstance(size, Size):
            if isinstance(meaning, Greatest) and meaning.args[0] == ZERO and len(meaning.args) == 2:
                meaning = meaning.args[1]
            found.setdefault(size, meaning)
    return found


def _symbols(tensor: Tensor) -> Iterable[Symbol]:
    """The symbols in a tensor's shape, padding and bound."""
    for axis in tensor.axes:
        for size in (axis.size, axis.before, axis.after):
            yield from symbols_of(size)
    if tensor.below is not None:
        yield from symbols_of(tensor.below)
