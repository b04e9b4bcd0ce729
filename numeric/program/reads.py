"""Plain reads, axes and conditions: the small change of array programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from sympy import Add, Basic, Expr, Integer, Mul, Pow

from derive.language.terms import (
    ZERO,
    Both,
    Choose,
    Condition,
    Entry,
    Index,
    IntegerNode,
    Parameter,
    Size,
    all_of,
)

#: the condition that always holds
TRUE = Both()

#: an index and the length of its axis: 0 ≤ index < extent
Axis = tuple[Index, Expr]


def conjunction(conditions: Sequence[Condition]) -> Condition:
    """All of the conditions, taken apart and each once."""
    parts = list(dict.fromkeys(part for c in conditions for part in parts_of(c)))
    return all_of(parts)


def parts_of(condition: Condition) -> Iterator[Condition]:
    """The conditions that a conjunction consists of."""
    if isinstance(condition, Both):
        for part in condition.args:
            yield from parts_of(part)
    else:
        yield condition


def flat(positions: Sequence[Expr], extents: Sequence[Expr]) -> Expr:
    """The number of a place in row-major order."""
    number: Expr = ZERO
    for position, extent in zip(positions, extents, strict=True):
        number = Add(Mul(number, extent), position)
    return number


def bare_indices(entry: Entry) -> list[Index]:
    """The bare indices that a read has on its axes: on each axis, where it is plain."""
    return [i for i in entry.indices if isinstance(i, Index)]


def is_plain(entry: Basic) -> TypeGuard[Entry]:
    """Whether a read has a bare index on each axis, each index once."""
    return isinstance(entry, Entry) and len(set(bare_indices(entry))) == len(entry.indices)


def is_whole(expr: Basic, kinds: Mapping[str, str]) -> bool:
    """Whether an expression is an integer whatever reals hold; ``kinds`` are those of arrays."""
    if isinstance(expr, Add | Mul):
        return all(is_whole(arg, kinds) for arg in expr.args)
    if isinstance(expr, Pow):
        whole = isinstance(expr.exp, Integer) and expr.exp >= 0
        return bool(whole and is_whole(expr.base, kinds))
    if isinstance(expr, Choose):
        return all(is_whole(branch, kinds) for branch in expr.args[1:])
    if isinstance(expr, Entry):
        return kinds[expr.tensor] == "integer"
    return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)
