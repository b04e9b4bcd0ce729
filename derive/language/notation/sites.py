"""Where an expression reads its tensors: each place with the ranges and guards around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Basic, IndexedBase, Mul, Sum

from derive.language.terms import (
    Choose,
    Condition,
    Entry,
    Index,
    Iverson,
    MaxOver,
    Negation,
    Parameter,
    Range,
    Size,
    entries,
    ranges_of,
    subterms,
)


@dataclass(frozen=True)
class Site:
    """A read or a maximum, and what holds where it stands."""

    node: Entry | MaxOver
    ranges: tuple[Range, ...]
    guards: tuple[Condition, ...]


def sites(
    expr: Basic, ranges: tuple[Range, ...] = (), guards: tuple[Condition, ...] = ()
) -> Iterator[Site]:
    """All reads and maxima of an expression, in order of appearance."""
    if isinstance(expr, IndexedBase):
        return
    if isinstance(expr, Entry | MaxOver):
        yield Site(expr, ranges, guards)
    if isinstance(expr, Sum | MaxOver):
        yield from _in_reduction(expr, ranges, guards)
    elif isinstance(expr, Mul):
        for place, factor in enumerate(expr.args):
            yield from sites(factor, ranges, (*guards, *_beside(expr, place)))
    elif isinstance(expr, Choose):
        chosen, yes, no = expr.args
        yield from sites(chosen, ranges, guards)
        yield from sites(yes, ranges, (*guards, *_usable(chosen)))
        yield from sites(no, ranges, (*guards, *_usable(Negation(chosen))))
    else:
        for arg in expr.args:
            yield from sites(arg, ranges, guards)


def _in_reduction(
    expr: Sum | MaxOver, ranges: tuple[Range, ...], guards: tuple[Condition, ...]
) -> Iterator[Site]:
    """The bounds are read before their index is bound, the body after all of them are."""
    for one in ranges_of(expr):
        for end in one[1:]:
            yield from sites(end, ranges, guards)
        ranges = (*ranges, one)
    yield from sites(expr.function, ranges, guards)


def _beside(product: Mul, place: int) -> list[Condition]:
    """The guards that a factor of a product may rely on.

    A read inside a guard's own condition relies only on guards that read nothing, so that no two
    conditions rely on one another.
    """
    found: list[Condition] = []
    inside_guard = isinstance(product.args[place], Iverson)
    for other, factor in enumerate(product.args):
        if other != place and isinstance(factor, Iverson):
            stated = factor.args[0]
            if not (inside_guard and entries(stated)):
                found += _usable(stated)
    return found


def _usable(stated: Condition) -> list[Condition]:
    """The condition, where it is about indices and sizes only and can help to place a read."""
    return [stated] if about_integers(stated) else []


def about_integers(stated: Basic) -> bool:
    """Whether a condition mentions only indices, sizes, hyperparameters and integer operations."""
    from sympy import Add, Integer, Pow

    from derive.language.terms import IntegerNode

    kinds = (Condition, IntegerNode, Index, Size, Parameter, Integer, Add, Mul, Pow)
    return all(
        isinstance(s, kinds) and not (isinstance(s, Pow) and s.args[1].is_negative)
        for s in subterms(stated)
    ) and not any(isinstance(s, MaxOver) for s in subterms(stated))
