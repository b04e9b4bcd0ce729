"""Python names for tensors, sizes, hyperparameters, indices and arrays, which share one name space.

In the notation ``b[o]`` is a tensor and ``b`` alone an index, and names may end in primes.
"""

from __future__ import annotations

import builtins
import json
import keyword
from collections.abc import Iterable

from sympy import Expr, Symbol

from derive.language.definition import Layer

#: names that a generated function uses itself
RESERVED = frozenset(
    {"dtype", "itertools", "math", "operator", "forward", "backward", "Any", "Sequence"}
)


class Identifiers:
    """One Python name for each name of the notation, the first come first served.

    Arrays go by their names, symbols by themselves; tensors and hyperparameters come first, since
    theirs are the names that a caller sees.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._taken = {*RESERVED, *reserved, *dir(builtins), *keyword.kwlist}
        self._names: dict[object, str] = {}

    @classmethod
    def of(cls, layer: Layer, reserved: Iterable[str] = ()) -> Identifiers:
        """The names of a layer's tensors, hyperparameters and sizes, in this order."""
        made = cls(reserved)
        for tensor in layer.tensors:
            made.array(tensor.name)
        for hyperparameter in layer.hyperparameters:
            made.symbol(hyperparameter.symbol)
        for symbol in layer.symbols:
            made.symbol(symbol)
        return made

    def array(self, name: str) -> str:
        """The Python name of a tensor or array."""
        return self._name(name, name)

    def symbol(self, symbol: Symbol) -> str:
        """The Python name of a size, hyperparameter or index."""
        return self._name(symbol, symbol.name)

    def values(self, symbol: Symbol, extent: Expr) -> str:
        """The Python name of the array 0, 1, …, extent − 1 of the values of an index."""
        return self._name((symbol, extent), symbol.name)

    def loop(self, symbol: Symbol) -> str:
        """The Python name of an index that a loop runs over, beside the array of its values."""
        return self._name(("loop", symbol), symbol.name)

    def local(self, key: object, wanted: str) -> str:
        """The Python name of something that only the lines know of."""
        return self._name(key, wanted)

    def _name(self, key: object, wanted: str) -> str:
        if key not in self._names:
            name = wanted.replace("'", "_")
            while name in self._taken or not name.isidentifier():
                name = f"{name}_"
            self._taken.add(name)
            self._names[key] = name
        return self._names[key]


def quoted(text: str) -> str:
    """A string as Python text, in double quotes."""
    return json.dumps(text, ensure_ascii=False)
