"""Another comparison, a condition turned round or left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "comparison"

_OTHERS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def of_expression(node: ast.expr) -> Iterator[Change]:
    """``a < b`` → ``a <= b``, ``a >= b``; ``and`` → ``or``; ``&`` → ``|``; ``not`` dropped."""
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            for other in _OTHERS.get(type(op), ()):
                ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                yield Change(ast.Compare(node.left, ops, node.comparators))
    elif isinstance(node, ast.BoolOp):
        yield Change(
            ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        )
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        turned = ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd()
        yield Change(ast.BinOp(node.left, turned, node.right))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield Change(node.operand)
    elif isinstance(node, ast.IfExp):
        yield Change(node.body)
        yield Change(node.orelse)
