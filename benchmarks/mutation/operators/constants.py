"""Off by one: limits, axes, steps, starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "constant"


def of_expression(node: ast.expr) -> Iterator[Change]:
    """An integer one more and one less; True for False."""
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield Change(ast.Constant(not node.value))
    elif isinstance(node.value, int):
        yield Change(ast.Constant(node.value + 1))
        yield Change(_number(node.value - 1))
    elif isinstance(node.value, float):
        yield Change(ast.Constant(node.value * 2))


def _number(value: int) -> ast.expr:
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)
