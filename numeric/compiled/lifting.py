"""What is computed in front of a loop: values that depend on nothing inside it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from sympy import Add, Basic, Expr, Function, Mul, Pow, Symbol

from derive.language.terms import (
    Choose,
    Condition,
    Entry,
    Index,
    Iverson,
    RealParameter,
    entries,
    mapped,
    subterms,
)
from numeric.compiled.fusion import Nest
from numeric.compiled.merging import Extents
from numeric.compiled.writer import Held


class Lifting:
    """The variables of a nest; ``say`` writes the line that gives one its value.

    ``numbers`` are those of variables that have no name yet.
    """

    def __init__(
        self,
        nest: Nest,
        extents: Extents,
        numbers: count[int],
        is_integer: Callable[[Expr], bool],
        say: Callable[[Symbol, Expr], None],
    ) -> None:
        self._nest, self._extents = nest, extents
        self._numbers, self._is_integer, self._say = numbers, is_integer, say
        self._variables: dict[Expr, Held | Index] = {}
        #: the indices of the loops that are open
        self.bound: set[Index] = set()

    def lifted(self, term: Any) -> Any:
        """The term with variables for what depends on no loop further inside and costs something.

        Behind a guard only entries are taken: elsewhere the rest may have no value.
        """
        if isinstance(term, Entry):
            return self._read(term)
        if isinstance(term, Choose | Condition) or any(isinstance(a, Iverson) for a in term.args):
            return mapped(self._read, term)
        if self.is_known(term) and _costs(term):
            return self._held(term)
        if isinstance(term, Add | Mul):
            known = [arg for arg in term.args if self.is_known(arg)]
            part = term.func(*known)
            if known and _costs(part):
                rest = (self.lifted(arg) for arg in term.args if arg not in known)
                return term.func(self._held(part), *rest)
        return mapped(self.lifted, term)

    def _read(self, term: Any) -> Any:
        """The term with variables for entries that are known, in places and guards, too."""
        if isinstance(term, Entry) and self.is_known(term):
            return self._held(term)
        return mapped(self._read, term)

    def _held(self, part: Expr) -> Expr:
        """A variable for a value, made where the lines are just now; integers are like indices."""
        if part not in self._variables:
            name = f"known{next(self._numbers)}"
            made = Index(name) if self._is_integer(part) else Held(name)
            self._say(made, part)
            self._variables[part] = made
            self.bound |= {made} if isinstance(made, Index) else set()
        return self._variables[part]

    def is_known(self, part: Basic) -> bool:
        """Whether a value depends on no loop further inside, and exists even if none is run."""
        known = {s for s in subterms(part) if isinstance(s, Index)} <= self.bound
        return known and all(self.is_inside(entry) for entry in entries(part))

    def is_inside(self, entry: Entry) -> bool:
        """Whether the loops run over the array's axes, and so read nothing else."""
        lengths = self._nest.shapes.get(entry.tensor, self._extents(entry.tensor))
        axes = zip(entry.indices, lengths, strict=True)
        return all(axis in self._nest.loops for axis in axes)


def _costs(part: Basic) -> bool:
    """Whether a value is more than a number, a variable, or an integer."""
    if isinstance(part, Symbol) or part.is_number:
        return False
    return any(isinstance(s, Entry | Function | Pow | Held | RealParameter) for s in subterms(part))
