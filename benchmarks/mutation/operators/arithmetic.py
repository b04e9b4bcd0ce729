"""Another sign, another operation, an operand left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "arithmetic"

_OTHERS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
}


def of_expression(node: ast.expr) -> Iterator[Change]:
    """``a + b`` → ``a - b``, ``a``, ``b``; ``-a`` → ``a``; a matrix product turned round."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield Change(node.operand)
    if not isinstance(node, ast.BinOp):
        return
    if isinstance(node.op, ast.MatMult):
        yield Change(ast.BinOp(node.right, node.op, node.left))
        return
    other = _OTHERS.get(type(node.op))
    if other is not None:
        yield Change(ast.BinOp(node.left, other(), node.right))
    yield Change(node.left)
    if isinstance(node.op, ast.Add | ast.Mult):
        yield Change(node.right)
