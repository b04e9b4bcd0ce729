"""A normal form: expressions that differ only in the names and the order of bound indices agree.

Factors and terms are already in SymPy's canonical order; what is left is to choose names for the
bound indices that depend on nothing but their roles.  An index is described by the whole sum with
itself marked and the other indices of that sum blanked out.  Indices with equal descriptions are
named one after the other, each time the ones whose naming gives the smallest writing.
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, IndexedBase, Sum, Symbol

from derive.language.integers import mentions
from derive.language.terms import Index, MaxOver, Range, mapped, ranges_of, replace, with_ranges

_MARK = Index("●")
_BLANK = Index("○")

#: how many equally small namings are followed at once: more only where that many indices play
#: roles that no writing tells apart, and there each naming is as good as any other
BEAM = 24


def normal(expr: Basic, depth: int = 0) -> Any:
    """The expression with every bound index renamed by its role: ``•0``, ``•1``, … from outside in.

    Two expressions with equal normal forms are equal for all sizes.  The converse does not hold:
    this is a comparison of writings, not a decision procedure.
    """
    if isinstance(expr, Sum | MaxOver):
        return _normal_sum(expr, depth)
    return mapped(lambda arg: normal(arg, depth), expr)


def _normal_sum(expr: Any, depth: int) -> Any:
    ranges = ranges_of(expr)
    body = normal(expr.function, depth + len(ranges))
    candidates = []
    for order in _orders(expr, body, ranges, depth):
        renaming = _names(order, depth)
        renamed = [tuple(replace(part, dict(renaming)) for part in r) for r in order]
        candidates.append(with_ranges(expr, replace(body, dict(renaming)), renamed))
    return candidates[0] if len(candidates) == 1 else min(candidates, key=writing)


def _names(order: list[Range], depth: int) -> dict[Basic, Basic]:
    return {r[0]: Index(f"•{depth + n}") for n, r in enumerate(order)}


def _orders(expr: Basic, body: Basic, ranges: tuple[Range, ...], depth: int) -> list[list[Range]]:
    """The orders of the ranges worth trying: sorted by role, ties by the writing they lead to.

    The order of a maximum or of dependent ranges carries meaning; those keep it.
    """
    indices = [r[0] for r in ranges]
    dependent = any(mentions(b, i) for i in indices for r in ranges for b in r[1:])
    if dependent or isinstance(expr, MaxOver):
        return [list(ranges)]
    blank: dict[Basic, Basic] = dict.fromkeys(indices, _BLANK)
    groups: dict[str, list[Range]] = {}
    for range_ in ranges:
        role = _written(body, range_, {**blank, range_[0]: _MARK})
        groups.setdefault(role, []).append(range_)
    orders: list[list[Range]] = [[]]
    for role in sorted(groups):
        for _ in groups[role]:
            longer = [[*o, r] for o in orders for r in groups[role] if r not in o]
            orders = longer if len(longer) == 1 else _smallest(body, longer, blank, depth)
    return orders


def _smallest(
    body: Basic, orders: list[list[Range]], blank: dict[Basic, Basic], depth: int
) -> list[list[Range]]:
    """The orders with the smallest writing so far, unnamed indices blanked out."""
    written = [_written(body, o[-1], blank | _names(o, depth)) for o in orders]
    least = min(written)
    return [o for o, w in zip(orders, written, strict=True) if w == least][:BEAM]


def _written(body: Basic, range_: Range, mapping: dict[Basic, Basic]) -> str:
    return " ".join(writing(replace(part, mapping)) for part in (body, *range_[1:]))


def writing(expr: Basic) -> str:
    """The expression as a string that tells different expressions apart, cheaply."""
    if isinstance(expr, Symbol | IndexedBase) or not expr.args:
        return str(expr)
    return f"{type(expr).__name__}({','.join(map(writing, expr.args))})"
