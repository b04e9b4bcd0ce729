"""Sums of three factors: the two that another statement multiplies as well are multiplied first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace as changed
from itertools import permutations
from typing import Any

from sympy import Expr, Mul

from derive.language.terms import Entry, Index, replace, subterms
from numeric.program.statements import Contraction, Elementwise, Statement


def regrouped(statements: Sequence[Statement]) -> list[Statement]:
    """The statements of a block, where a product that a sum and another one need is made once.

    Σ (a·b)·c beside b·c, where nothing else reads a·b, becomes Σ (b·c)·a, and b·c is read twice.
    """
    made = list(statements)
    for statement in statements:
        if isinstance(statement, Contraction):
            found = next(_instead(statement, made), None)
            made = made if found is None else found
    return made


def _instead(total: Contraction, made: Sequence[Statement]) -> Iterator[list[Statement]]:
    """The statements with other pairs of factors."""
    for read, third in permutations(total.factors, 2):
        pair = next((s for s in made if s.name == read.tensor), None)
        if not isinstance(pair, Elementwise) or not _is_product(pair.value):
            continue
        if [s for s in made if pair.name in s.sources] != [total]:
            continue
        named = dict(zip((i for i, _ in pair.axes), read.indices, strict=True))
        back = {index: own for own, index in named.items()}
        for left, kept in permutations([replace(f, named) for f in pair.value.args]):
            if {*left.indices, *third.indices} != {*read.indices}:
                continue
            for reader in made[made.index(pair) + 1 :]:
                new = _reading(reader, (left, third), read)
                if new is not None:
                    first = changed(pair, value=replace(Mul(left, third), back))
                    other = changed(total, factors=(read, kept))
                    swapped = {pair.name: first, total.name: other, reader.name: new}
                    yield [swapped.get(s.name, s) for s in made]


def _reading(reader: Statement, factors: tuple[Entry, Entry], read: Entry) -> Elementwise | None:
    """The statement that reads an array in place of a product of these two, if it has one."""
    if not isinstance(reader, Elementwise):
        return None
    for node in subterms(reader.value):
        for found in permutations(node.args) if _is_product(node) else ():
            names = _names(factors, found)
            if names is not None:
                own = Entry(read.tensor, *(names[i] for i in read.indices))
                return changed(reader, value=replace(reader.value, {node: own}))
    return None


def _names(factors: Sequence[Entry], found: Sequence[Any]) -> dict[Expr, Expr] | None:
    """What the indices of some reads are called in others of the same arrays."""
    names: dict[Expr, Expr] = {}
    for one, other in zip(factors, found, strict=True):
        if one.tensor != other.tensor:
            return None
        for index, own in zip(one.indices, other.indices, strict=True):
            if names.setdefault(index, own) != own:
                return None
    return names if len({*names.values()}) == len(names) else None


def _is_product(node: object) -> bool:
    """Whether it is a product of two entries at bare indices."""
    return (
        isinstance(node, Mul)
        and len(node.args) == 2
        and all(
            isinstance(f, Entry) and all(isinstance(i, Index) for i in f.indices) for f in node.args
        )
    )
