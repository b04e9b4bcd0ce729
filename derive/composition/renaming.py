"""A layer's terms under the names that they have in a composition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sympy import Add, Basic, IndexedBase, Integer, Mul, Symbol

from derive.language.integers import exact_quotient, expanded, extreme, quotient, remainder
from derive.language.substitution import integral
from derive.language.terms import (
    Entry,
    ExactQuotient,
    FloorDiv,
    Greatest,
    Index,
    Least,
    Modulo,
    symbols_of,
    tensor_base,
)

#: operations that are worked out where their arguments have become numbers
_WORKED_OUT: dict[type[Basic], Callable[..., Any]] = {
    FloorDiv: quotient,
    Modulo: remainder,
    ExactQuotient: exact_quotient,
    Least: lambda *arguments: extreme("min", list(arguments)),
    Greatest: lambda *arguments: extreme("max", list(arguments)),
}


@dataclass
class Renaming:
    """What the symbols and tensors of a layer are in a composition."""

    symbols: dict[Symbol, Any] = field(default_factory=dict)
    tensors: dict[str, str] = field(default_factory=dict)

    def of(self, expr: Basic) -> Any:
        """The expression under the names of the composition.

        Symbols go to symbols of other names, to numbers or to compound sizes, tensors to tensors
        of as many axes, all at once; what has become a number is worked out.
        """
        if isinstance(expr, Symbol):
            return self.symbols.get(expr, expr)
        if isinstance(expr, IndexedBase):
            return tensor_base(self.tensors.get(expr.name, expr.name))
        if not expr.args or isinstance(expr, Integer):
            return expr
        if isinstance(expr, Entry):
            return Entry(self.of(expr.base), *map(self.of, expr.indices))
        args = tuple(map(self.of, expr.args))
        if args == expr.args:
            return expr
        made = _WORKED_OUT.get(type(expr), expr.func)(*args)
        if isinstance(made, Add | Mul) and integral(made) and not self._only_names(expr):
            return expanded(made)
        return made

    def _only_names(self, expr: Basic) -> bool:
        """Whether all that changes in an expression is what things are called."""
        return all(isinstance(self.symbols.get(s, s), Symbol) for s in symbols_of(expr))

    def index(self, index: Index) -> Index:
        """An index of a left-hand side."""
        found: Index = self.symbols.get(index, index)
        return found
