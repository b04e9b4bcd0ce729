"""Free and bound symbols, and substitution that captures nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count
from typing import Any, TypeVar

from sympy import Basic, IndexedBase, Sum, Symbol

from derive.language.terms import Index, MaxOver, Range, maximum, ranges_of, total

S = TypeVar("S", bound=Symbol)


@lru_cache(maxsize=65536)
def free(expr: Basic) -> frozenset[Symbol]:
    """The symbols that occur free; names of tensors are not among them."""
    if isinstance(expr, Symbol):
        return frozenset((expr,))
    if isinstance(expr, IndexedBase) or not expr.args:
        return frozenset()
    if isinstance(expr, Sum | MaxOver):
        ranges = ranges_of(expr)
        parts = [expr.args[0], *(bound for r in ranges for bound in r[1:])]
        return frozenset().union(*map(free, parts)) - {r[0] for r in ranges}
    return frozenset().union(*map(free, expr.args))


def mentions(expr: Basic, symbol: Symbol) -> bool:
    """Whether the symbol occurs free in the expression."""
    return symbol in free(expr)


def substitute(expr: Any, mapping: Mapping[S, Basic]) -> Any:
    """The expression with free symbols replaced, all at once.

    Bound indices that occur in what is put in are renamed first.
    """
    used: dict[Symbol, Basic] = {s: e for s, e in mapping.items() if s in free(expr)}
    if not used:
        return expr
    if isinstance(expr, Symbol):
        return used[expr]
    if not isinstance(expr, Sum | MaxOver):
        return expr.func(*(substitute(arg, used) for arg in expr.args))
    incoming = frozenset().union(*map(free, used.values()))
    clashing = [r[0] for r in ranges_of(expr) if r[0] in incoming]
    renaming: dict[Index, Index] = {i: fresh(i, expr, *used.values()) for i in clashing}
    inside = dict(chain(used.items(), renaming.items()))
    ranges = [
        (renaming.get(i, i), substitute(lo, inside), substitute(hi, inside))
        for i, lo, hi in ranges_of(expr)
    ]
    body = substitute(expr.args[0], inside)
    return total(body, ranges) if isinstance(expr, Sum) else maximum(body, ranges)


def fresh(index: Index, *expressions: Basic) -> Index:
    """An index that occurs neither free nor bound in the expressions."""
    used = frozenset().union(*map(_symbols, expressions))
    return next(new for n in count() if (new := Index(f"{index.name}⋆{n}")) not in used)


@lru_cache(maxsize=65536)
def _symbols(expr: Basic) -> frozenset[Symbol]:
    if isinstance(expr, Symbol):
        return frozenset((expr,))
    if isinstance(expr, IndexedBase):
        return frozenset()
    return frozenset().union(*map(_symbols, expr.args))


def in_order(ranges: Sequence[Range]) -> bool:
    """Whether every bound uses only indices further out than its own; no index bound twice."""
    open_indices = {r[0] for r in ranges}
    if len(open_indices) != len(ranges):
        return False
    for index, lo, hi in ranges:
        if not open_indices.isdisjoint(free(lo) | free(hi)):
            return False
        open_indices.remove(index)
    return True


def nested(ranges: Sequence[Range]) -> list[Range] | None:
    """The ranges in an order in which every bound uses outer indices only; None: there is none."""
    done: list[Range] = []
    pending = list(ranges)
    while pending:
        inner = {r[0] for r in pending}
        ready = [r for r in pending if inner.isdisjoint(free(r[1]) | free(r[2]))]
        if not ready:
            return None
        done += ready
        pending = [r for r in pending if r not in ready]
    return done


def sums_of(expr: Basic) -> Iterator[Any]:
    """All sums and maxima in an expression."""
    if isinstance(expr, Sum | MaxOver):
        yield expr
    if not isinstance(expr, IndexedBase):
        for arg in expr.args:
            yield from sums_of(arg)
