"""Statements left out, additions that overwrite."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "statement"


def of_statement(statement: ast.stmt, bound: frozenset[str]) -> Iterator[Change]:
    """``a += b`` → ``a = b``; a condition always or never true; a statement left out.

    An assignment is left out only where its names have a value already: any other omission would
    raise at once.
    """
    if isinstance(statement, ast.AugAssign):
        yield Change(
            words="overwrites instead of adding",
            statements=(ast.Assign([statement.target], statement.value),),
        )
    if isinstance(statement, ast.If):
        for value in (True, False):
            changed = ast.If(ast.Constant(value), statement.body, statement.orelse)
            yield Change(words=f"condition is {value}", statements=(changed,))
    if isinstance(statement, ast.Expr | ast.AugAssign | ast.For) or (
        isinstance(statement, ast.Assign) and _names(statement) <= bound
    ):
        yield Change(words="left out")


def _names(statement: ast.Assign) -> set[str]:
    targets = (n for t in statement.targets for n in ast.walk(t))
    return {n.id for n in targets if isinstance(n, ast.Name)}
