"""What layers and their tensors are called in a composition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from derive.composition.applying import Application
from derive.language.notation.limits import RESERVED, WORDS

#: names that an equation cannot have
_WORDS = {*WORDS, *RESERVED, "with"}


def labels(made: Sequence[Application], taken: Iterable[str]) -> list[str]:
    """A name for each layer: its kind, numbered from the innermost where there are several."""
    kinds = list(map(kind_of, made))
    count, seen = Counter(kinds), Counter[str]()
    occupied = {*taken, *_WORDS}
    found = []
    for kind in kinds:
        seen[kind] += 1
        several = count[kind] > 1 or kind in occupied
        found.append(unused(f"{kind}{seen[kind]}" if several else kind, occupied))
        occupied.add(found[-1])
    return found


def kind_of(one: Application) -> str:
    """What a layer is called, or what it calls itself where that is a word of the notation."""
    return one.layer.name if one.kind in _WORDS else one.kind


def unused(name: str, taken: Iterable[str]) -> str:
    """The name, with primes where it is taken."""
    while name in taken:
        name += "'"
    return name


class TensorNames:
    """Names for the tensors of all applied layers.

    Inputs that the writer named keep their names.  The outermost layer keeps its own; of the others
    the output is called like the layer, ``conv1``, and what else clashes gets that in front.
    """

    def __init__(self, made: Sequence[Application], given: Sequence[str]) -> None:
        self.labels = labels(made, given)
        self._taken = {*given, *self.labels}
        #: by layer and own name
        self.names: dict[tuple[int, str], str] = {}
        bearing: Counter[str] = Counter()
        own = [self._own(one) for one in made]
        for names in own:
            bearing.update(set(names))
        last = len(made) - 1
        for place in (last, *range(last)):
            for name in own[place]:
                inner_output = place != last and name == made[place].output
                plain = place == last or bearing[name] == 1
                label = self.labels[place]
                if inner_output:
                    chosen = label
                elif plain and name not in self._taken:
                    chosen = name
                elif place == last and name == made[place].output:
                    chosen = label
                else:
                    chosen = unused(f"{label}_{name}", self._taken)
                self._taken.add(chosen)
                self.names[place, name] = chosen

    def _own(self, one: Application) -> list[str]:
        """The tensors of a layer that need a name: its equations, and inputs nobody has named."""
        inputs = [
            t.name
            for t, s in zip(one.layer.tensors, one.sources, strict=True)
            if s.made is None and not s.name
        ]
        return [*inputs, *(e.name for e in one.layer.equations)]
