"""Terms and factors that are one thing together: the two branches of a choice, the rate of σ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from sympy import Add, Basic, Expr, Function, Integer, Mul, erfc

from derive.language.terms import ZERO, Choose, Negation, Sigmoid


class SigmoidSlope(Function):
    """σ(u)·σ(−u)."""


class UpperTail(Function):
    """erfc(−u), which SymPy turns into 2 − erfc(u), where the digits of a small value go."""


def paired(expr: Basic, slopes: bool) -> Any:
    """The sum or product with pairs made one; ``slopes``: there is a word for σ(u)·σ(−u)."""
    if isinstance(expr, Add):
        return _choices(expr) or _tails(expr) or expr
    return _slopes(expr) if slopes and isinstance(expr, Mul) else expr


def _choices(expr: Add) -> Expr | None:
    """(u where c holds, else 0) + (v where it does not, else 0) is u or v."""
    for first, second in permutations(expr.args, 2):
        if _is_masked(first) and _is_masked(second) and second.args[0] == Negation(first.args[0]):
            both = Choose(first.args[0], first.args[1], second.args[1])
            return Add(both, *_without(expr.args, first, second))
    return None


def _tails(expr: Add) -> Expr | None:
    """2 − erfc(u) is erfc(−u)."""
    for term in expr.args:
        if isinstance(-term, erfc) and 2 in expr.args:
            return Add(UpperTail((-term).args[0]), *_without(expr.args, term, Integer(2)))
    return None


def _is_masked(term: Basic) -> bool:
    return isinstance(term, Choose) and term.args[2] == ZERO


def _slopes(expr: Mul) -> Expr:
    rates = [f for f in expr.args if isinstance(f, Sigmoid)]
    for first, second in permutations(rates, 2):
        if first.args[0] == -second.args[0]:
            slope = SigmoidSlope(min(first.args[0], second.args[0], key=_is_negative))
            return Mul(slope, *_without(expr.args, first, second))
    return expr


def _is_negative(expr: Expr) -> bool:
    return bool(expr.could_extract_minus_sign())


def _without(parts: Sequence[Any], *gone: Basic) -> list[Any]:
    return [part for part in parts if part not in gone]
