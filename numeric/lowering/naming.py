"""Names for the arrays, indices and sizes that a lowering introduces."""

from __future__ import annotations

from collections.abc import Iterable

from derive.language.definition import Layer
from derive.language.terms import Index, Size, symbols_of


class FreshNames:
    """Hands out names that nothing in a layer bears."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    @classmethod
    def of(cls, layer: Layer) -> FreshNames:
        """Names unused in the layer."""
        arrays = {t.name for t in layer.tensors} | {e.name for e in layer.equations}
        bound = {s.name for e in layer.equations for s in symbols_of(e.explicit)}
        outer = {i.name for e in layer.equations for i in e.indices}
        sizes = {s.name for t in layer.tensors for a in t.axes for s in symbols_of(a.size)}
        known = {s.name for s in layer.symbols} | {h.name for h in layer.hyperparameters}
        return cls(arrays | bound | outer | sizes | known)

    def fresh(self, name: str) -> str:
        """The name, numbered where it is taken."""
        chosen, number = name, 2
        while chosen in self._taken:
            chosen = f"{name}{number}"
            number += 1
        self._taken.add(chosen)
        return chosen

    def index(self, name: str) -> Index:
        """A fresh index of that name, primed where it is taken."""
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return Index(name)

    def digit(self, index: Index, number: int) -> Index:
        """A fresh index o1 for o, or o1' for o'."""
        letters = index.name.rstrip("'")
        return self.index(f"{letters}{number}{index.name[len(letters) :]}")

    def size(self, name: str) -> Size:
        """A fresh size of that name."""
        return Size(self.fresh(name))
