"""Replacing an index by an integer expression, with the index arithmetic multiplied out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Basic, IndexedBase, Integer, Mul

from derive.language.integers import expanded, mentions
from derive.language.terms import Index, IntegerNode, Parameter, Size, like


def substituted(expr: Basic, mapping: Mapping[Any, Any]) -> Any:
    """``expr`` with symbols replaced simultaneously, changed integer sums multiplied out.

    The caller sees to it that no bound index is captured: all indices bound in ``expr`` differ
    from every symbol in ``mapping``.  Multiplying out is ring arithmetic on integers, which makes
    s·(p − a) + s·a the s·p it is.
    """
    if not any(mentions(expr, old) for old in mapping):
        return expr
    if expr in mapping:
        return mapping[expr]
    if isinstance(expr, IndexedBase | Integer):
        return expr
    new = like(expr, [substituted(arg, mapping) for arg in expr.args])
    return expanded(new) if isinstance(new, Add | Mul) and integral(new) else new


def integral(expr: Basic) -> bool:
    """Whether the expression is built from integer symbols and integer operations only."""
    if isinstance(expr, Add | Mul):
        return all(integral(arg) for arg in expr.args)
    return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)
