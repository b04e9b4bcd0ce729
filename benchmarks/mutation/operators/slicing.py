"""Slices that lose an end or a step."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "slice"


def of_expression(node: ast.expr) -> Iterator[Change]:
    """``a[i:j:s]`` → ``a[:j:s]``, ``a[i::s]``, ``a[i:j]``; an index or slice dropped altogether."""
    if isinstance(node, ast.Slice):
        if node.lower is not None:
            yield Change(ast.Slice(None, node.upper, node.step))
        if node.upper is not None:
            yield Change(ast.Slice(node.lower, None, node.step))
        if node.step is not None:
            yield Change(ast.Slice(node.lower, node.upper, None))
    elif isinstance(node, ast.Subscript):
        yield Change(node.value)
