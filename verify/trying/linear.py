"""In which tensors a layer is affine: decided from its equations."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import Any

from sympy import Add, Mul, Pow, Sum

from derive.language.definition import Layer
from derive.language.terms import Choose, Entry, entries


@lru_cache(maxsize=256)
def affine_in(layer: Layer, tensor: str) -> bool:
    """Whether every output is an affine function of the tensor while the others stay fixed."""
    degrees: dict[str, float] = {tensor: 1}
    for equation in layer.ordered:
        degrees[equation.name] = _degree(equation.explicit, degrees)
    return all(degrees[e.name] <= 1 for e in layer.outputs)


def _degree(expr: Any, degrees: dict[str, float]) -> float:
    """The degree as a polynomial in what ``degrees`` names; infinite where it may be none."""
    if not any(degrees.get(e.tensor, 0) for e in entries(expr)):
        return 0
    if isinstance(expr, Entry):
        return degrees[expr.tensor] if degrees.get(expr.tensor) else inf
    if isinstance(expr, Add):
        return max(_degree(a, degrees) for a in expr.args)
    if isinstance(expr, Mul):
        return sum(_degree(a, degrees) for a in expr.args)
    if isinstance(expr, Sum):
        moving = any(_degree(limit, degrees) for limit in expr.args[1:])
        return inf if moving else _degree(expr.args[0], degrees)
    if isinstance(expr, Pow) and expr.exp.is_Integer and expr.exp > 0:
        return _degree(expr.base, degrees) * int(expr.exp)
    if isinstance(expr, Choose):
        condition, yes, no = expr.args
        if _degree(condition, degrees) == 0:
            return max(_degree(yes, degrees), _degree(no, degrees))
    return inf
