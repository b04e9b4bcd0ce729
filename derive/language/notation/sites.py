"""Where an expression reads its tensors: each place with the ranges and guards around it.

Padding and exact quotients are spelled out as guards of the reads that they stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Add, Basic, Expr, IndexedBase, Integer, Mul, Pow, Sum

from derive.language.definition import Axis
from derive.language.terms import (
    ZERO,
    Between,
    Choose,
    Condition,
    Divides,
    Entry,
    ExactQuotient,
    FloorDiv,
    Index,
    IntegerNode,
    Iverson,
    MaxOver,
    Negation,
    Parameter,
    Range,
    Size,
    all_of,
    entries,
    mapped,
    ranges_of,
    subterms,
)


@dataclass(frozen=True)
class Site:
    """A node, and what holds where it stands."""

    node: Any
    ranges: tuple[Range, ...]
    guards: tuple[Condition, ...]


#: what reads a tensor or needs something to choose from
READS = (Entry, MaxOver)


def sites(
    expr: Basic,
    ranges: tuple[Range, ...] = (),
    guards: tuple[Condition, ...] = (),
    kinds: tuple[type[Basic], ...] = READS,
    tables: Collection[str] = (),
) -> Iterator[Site]:
    """All nodes of some kinds in an expression, in order of appearance.

    Guards that read anything are relied upon only where they read ``tables`` of integers alone.
    """
    if isinstance(expr, IndexedBase):
        return
    if isinstance(expr, kinds):
        yield Site(expr, ranges, guards)
    if isinstance(expr, Sum | MaxOver):
        yield from _in_reduction(expr, ranges, guards, kinds, tables)
    elif isinstance(expr, Mul):
        for place, factor in enumerate(expr.args):
            beside = _beside(expr, place, tables)
            yield from sites(factor, ranges, (*guards, *beside), kinds, tables)
    elif isinstance(expr, Choose):
        chosen, yes, no = expr.args
        yield from sites(chosen, ranges, guards, kinds, tables)
        yield from sites(yes, ranges, (*guards, *_usable(chosen, tables)), kinds, tables)
        yield from sites(no, ranges, (*guards, *_usable(Negation(chosen), tables)), kinds, tables)
    else:
        for arg in expr.args:
            yield from sites(arg, ranges, guards, kinds, tables)


def _in_reduction(
    expr: Sum | MaxOver,
    ranges: tuple[Range, ...],
    guards: tuple[Condition, ...],
    kinds: tuple[type[Basic], ...],
    tables: Collection[str],
) -> Iterator[Site]:
    """The bounds are read before their index is bound, the body after all of them are."""
    for one in ranges_of(expr):
        for end in one[1:]:
            yield from sites(end, ranges, guards, kinds, tables)
        ranges = (*ranges, one)
    yield from sites(expr.function, ranges, guards, kinds, tables)


def _beside(product: Mul, place: int, tables: Collection[str]) -> list[Condition]:
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
                found += _usable(stated, tables)
    return found


def _usable(stated: Condition, tables: Collection[str]) -> list[Condition]:
    """The condition, where it is about integers only and can help to place a read."""
    return [stated] if about_integers(stated, tables) else []


def about_integers(stated: Basic, tables: Collection[str] = ()) -> bool:
    """Whether a condition mentions only indices, sizes, hyperparameters, integer operations, and
    entries of these tables.
    """

    kinds = (Condition, IntegerNode, Index, Size, Parameter, Integer, Add, Mul, Pow)
    if any(e.tensor not in tables for e in entries(stated)):
        return False
    return all(
        isinstance(s, (*kinds, Entry, IndexedBase))
        and not (isinstance(s, Pow) and s.args[1].is_negative)
        for s in subterms(stated)
    ) and not any(isinstance(s, MaxOver) for s in subterms(stated))


Axes = Mapping[str, tuple[Axis, ...]]


def explicit(expr: Any, axes: Axes) -> Any:
    """The expression with every read outside a tensor and every exact quotient made a guard."""
    if isinstance(expr, Entry):
        guards, read = opened(expr, axes)
        return Mul(*(Iverson(g) for g in guards), read) if guards else read
    if isinstance(expr, Mul):
        return _product(expr, axes)
    if isinstance(expr, Pow) and isinstance(expr.base, Entry):
        return _power(expr.base, expr.exp, axes)
    return mapped(lambda arg: explicit(arg, axes), expr)


def opened(entry: Entry, axes: Axes) -> tuple[list[Condition], Expr]:
    """The guards outside which a read counts as zero, and the read that they leave."""
    guards: list[Condition] = list(divisibilities(entry))
    inside: list[Condition] = []
    fill: Expr = ZERO
    plain = Entry(entry.base, *(floored(i) for i in entry.indices))
    for place, axis in zip(plain.indices, axes[entry.tensor], strict=True):
        if axis.padded:
            inside.append(Between(ZERO, place, axis.size))
            fill = axis.fill
    if fill == 0 or not inside:
        return guards + inside, plain
    return guards, Choose(all_of(inside), plain, fill)


def divisibilities(expr: Basic) -> list[Condition]:
    """That each exact quotient in an expression is one."""
    found = [s for s in subterms(expr) if isinstance(s, ExactQuotient)]
    return [Divides(floored(q.args[1]), floored(q.args[0])) for q in dict.fromkeys(found)]


def floored(expr: Any) -> Any:
    """The expression with ``//`` in place of exact quotients."""
    new = mapped(floored, expr)
    return FloorDiv(*new.args) if isinstance(expr, ExactQuotient) else new


def _product(expr: Mul, axes: Axes) -> Expr:
    """The factors' guards, each once, and what they leave of the factors."""
    guards: dict[Condition, None] = {}
    factors = []
    for factor in expr.args:
        found, rest = _factor(factor, axes)
        guards.update(dict.fromkeys(found))
        factors.append(rest)
    if not guards and tuple(factors) == expr.args:
        return expr
    written = [f.args[0] for f in factors if isinstance(f, Iverson)]
    return Mul(*(Iverson(g) for g in guards if g not in written), *factors)


def _factor(factor: Expr, axes: Axes) -> tuple[list[Condition], Expr]:
    if isinstance(factor, Entry):
        return opened(factor, axes)
    if isinstance(factor, Pow) and isinstance(factor.base, Entry) and _counts(factor.exp):
        guards, read = opened(factor.base, axes)
        return guards, Pow(read, factor.exp)
    return [], explicit(factor, axes)


def _power(base: Entry, exponent: Expr, axes: Axes) -> Expr:
    """A read to some power: a guard may stand outside a positive power only."""
    guards, read = opened(base, axes)
    if _counts(exponent):
        return Mul(*(Iverson(g) for g in guards), Pow(read, exponent))
    if guards:
        read = Choose(all_of(guards), read, ZERO)
    return Pow(read, explicit(exponent, axes))


def _counts(exponent: Expr) -> bool:
    return isinstance(exponent, Integer) and exponent.p >= 1
