"""A normal form: expressions that differ only in the names and the order of bound indices agree.

Factors and terms are already in SymPy's canonical order; what is left is to choose names for the
bound indices that depend on nothing but their roles.  An index is described by the whole sum with
itself marked and the other indices of that sum blanked out; indices with equal descriptions are
tried in every order and the smallest result wins.
"""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

from sympy import Basic, IndexedBase, Sum, Symbol

from derive.integers import mentions
from derive.terms import Index, MaxOver, Range, maximum, ranges_of, replace, total

_MARK = Index("●")
_BLANK = Index("○")


def normal(expr: Basic, depth: int = 0) -> Any:
    """The expression with every bound index renamed by its role: ``•0``, ``•1``, … from outside in.

    Two expressions with equal normal forms are equal for all sizes.  The converse does not hold:
    this is a comparison of writings, not a decision procedure.
    """
    if isinstance(expr, IndexedBase) or not expr.args:
        return expr
    if isinstance(expr, Sum | MaxOver):
        return _normal_sum(expr, depth)
    return expr.func(*(normal(arg, depth) for arg in expr.args))


def _normal_sum(expr: Any, depth: int) -> Any:
    ranges = ranges_of(expr)
    body = normal(expr.function, depth + len(ranges))
    build = total if isinstance(expr, Sum) else maximum
    best: tuple[str, Any] | None = None
    for order in _orders(expr, body, ranges):
        renaming = {r[0]: Index(f"•{depth + n}") for n, r in enumerate(order)}
        renamed = [tuple(replace(part, dict(renaming)) for part in r) for r in order]
        candidate = build(replace(body, dict(renaming)), renamed)
        key = _writing(candidate)
        if best is None or key < best[0]:
            best = (key, candidate)
    assert best is not None
    return best[1]


def _orders(expr: Basic, body: Basic, ranges: tuple[Range, ...]) -> list[list[Range]]:
    """The orders of the ranges worth trying: sorted by role, ties in every order.

    The order of a maximum or of dependent ranges carries meaning; those keep it.
    """
    indices = [r[0] for r in ranges]
    dependent = any(mentions(b, i) for i in indices for r in ranges for b in r[1:])
    if dependent or isinstance(expr, MaxOver):
        return [list(ranges)]
    groups: dict[str, list[Range]] = {}
    for range_ in ranges:
        blanked = dict.fromkeys(indices, _BLANK) | {range_[0]: _MARK}
        role = " ".join(_writing(replace(part, dict(blanked))) for part in (body, *range_[1:]))
        groups.setdefault(role, []).append(range_)
    ordered = [groups[role] for role in sorted(groups)]
    return [
        [r for group in choice for r in group]
        for choice in product(*(list(permutations(g)) for g in ordered))
    ]


def _writing(expr: Basic) -> str:
    """The expression as a string that tells different expressions apart, cheaply."""
    if isinstance(expr, Symbol | IndexedBase) or not expr.args:
        return str(expr)
    return f"{type(expr).__name__}({','.join(map(_writing, expr.args))})"
