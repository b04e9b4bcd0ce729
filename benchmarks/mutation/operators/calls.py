"""Other functions, and arguments left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "call"

_OTHERS = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "zeros": "ones",
    "sum": "max",
    "any": "all",
    "all": "any",
    "argmax": "argmin",
    "logical_and": "logical_or",
    "logical_or": "logical_and",
    "exp": "log",
    "log": "exp",
    "gather": "gather_or_zero",
    "gather_or_zero": "gather",
}


def of_expression(node: ast.expr) -> Iterator[Change]:
    """``max(0, e)`` → ``e``, ``min(0, e)``; zeros → ones; ``sum(a, dtype=d)`` → ``sum(a)``."""
    if not isinstance(node, ast.Call):
        return
    other = _other(node.func)
    if other is not None:
        yield Change(ast.Call(other, node.args, node.keywords))
    if isinstance(node.func, ast.Name) and node.func.id in ("max", "min"):
        for argument in node.args:
            if not isinstance(argument, ast.Starred | ast.GeneratorExp):
                yield Change(argument)
    elif isinstance(node.func, ast.Attribute) and node.args and _on_array(node.func):
        yield Change(node.func.value)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg in ("dtype", "axis", "keepdims", "constant_values", "initial", "only"):
            left = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield Change(ast.Call(node.func, node.args, left))


def _on_array(function: ast.Attribute) -> bool:
    """``a.reshape(…)``, not ``np.matmul(…)``."""
    return function.attr in ("reshape", "transpose", "sum", "astype", "copy")


def _other(function: ast.expr) -> ast.expr | None:
    if isinstance(function, ast.Name) and function.id in _OTHERS:
        return ast.Name(_OTHERS[function.id], ast.Load())
    if isinstance(function, ast.Attribute) and function.attr in _OTHERS:
        return ast.Attribute(function.value, _OTHERS[function.attr], ast.Load())
    return None
