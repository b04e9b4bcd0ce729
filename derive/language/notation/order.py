"""The order in which terms and factors are written: deterministic, and pleasant to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sympy import Add, Basic, Expr, KroneckerDelta, Mul, Pow, Rational, Sum

from derive.language.terms import (
    Entry,
    Index,
    IntegerNode,
    Iverson,
    MaxOver,
    Parameter,
    RealParameter,
    Size,
    Symbol,
    subterms,
    symbols_of,
)


def split_sign(expr: Any) -> tuple[int, Expr]:
    """The sign in front of an expression, and the expression without it."""
    if isinstance(expr, Rational):
        return (-1, -expr) if expr < 0 else (1, expr)
    if isinstance(expr, Mul) and isinstance(expr.args[0], Rational) and expr.args[0] < 0:
        return -1, -expr
    return 1, expr


#: where tensors (by name) and sizes and hyperparameters (by symbol) were declared
Declared = Mapping[Any, int]
UNDECLARED = 1_000_000


def term_key(
    term: Expr, scope: tuple[Index, ...], declared: Declared, text: str
) -> tuple[Any, ...]:
    """Where a term stands in a sum: by its outermost index, sizes later, sums last."""
    if isinstance(term, Rational):
        return (3, (0, 0), ())
    late = 2 if any(isinstance(s, Sum | MaxOver) for s in subterms(term)) else 0
    indices = [s for s in symbols_of(term) if isinstance(s, Index)]
    if not indices and not late:
        places = [(0 if isinstance(s, Size) else 1, _place(s, declared)) for s in symbols_of(term)]
        return (1, min(places, default=(0, 0)), natural(text))
    return (late, (_outermost(term, scope), 0), natural(text))


def _outermost(expr: Basic, scope: tuple[Index, ...]) -> int:
    """The place in the scope of the outermost index that occurs; before all for a free one."""
    indices = [s for s in symbols_of(expr) if isinstance(s, Index)]
    return min((scope.index(i) if i in scope else -1 for i in indices), default=-1)


def _place(symbol: Symbol, declared: Declared) -> int:
    return declared.get(symbol, UNDECLARED)


def factor_key(
    factor: Expr, scope: tuple[Index, ...], declared: Declared, text: str
) -> tuple[Any, ...]:
    """Where a factor stands in a product: quotients, symbols, guards, reads, other values, sums."""
    base = factor.args[0] if isinstance(factor, Pow) else factor
    if isinstance(base, Entry):
        rank = declared.get(base.tensor, UNDECLARED) if base.indices else -2
        return (6, rank, natural(text.rstrip("]")))
    place = _place(base, declared) if isinstance(base, Symbol) else 0
    if isinstance(base, Iverson | KroneckerDelta):
        place = _outermost(base, scope)
    return (_rank(base), place, natural(text))


def _rank(base: Basic) -> int:
    if isinstance(base, IntegerNode):
        return 0 if any(isinstance(s, Index) for s in subterms(base)) else 1
    if isinstance(base, Parameter | RealParameter):
        return 1
    if isinstance(base, Index):
        return 2
    if isinstance(base, Size):
        return 3
    if isinstance(base, Iverson | KroneckerDelta):
        return 5
    if isinstance(base, Sum | MaxOver):
        return 8
    if isinstance(base, Add) and all(
        isinstance(s, Symbol | Rational | Mul | Add) for s in subterms(base)
    ):
        return 4
    return 7


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts K2 before K10."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
