"""Expressions as strings that are keys, and the indices that are free in them."""

from __future__ import annotations

from sympy import Basic, IndexedBase, Integer, Sum, Symbol

from derive.language.terms import Entry, Index, MaxOver, ranges_of, symbols_of


def writing(value: Basic) -> str:
    """An expression as a string that tells different ones apart."""
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, Integer):
        return str(int(value))
    if isinstance(value, Entry):
        return f"{value.tensor}[{','.join(map(writing, value.indices))}]"
    if not value.args:
        return str(value)
    return f"{type(value).__name__}({','.join(map(writing, value.args))})"


def indices_in(value: Basic) -> frozenset[Index]:
    """All indices that occur."""
    return frozenset(s for s in symbols_of(value) if isinstance(s, Index))


def free_indices(value: Basic) -> frozenset[Index]:
    """The indices that no sum or maximum inside the expression binds."""
    if isinstance(value, Index):
        return frozenset([value])
    if isinstance(value, IndexedBase) or not value.args:
        return frozenset()
    found = frozenset().union(*map(free_indices, value.args))
    bound = (i for i, _, _ in ranges_of(value)) if isinstance(value, Sum | MaxOver) else ()
    return found.difference(bound)
