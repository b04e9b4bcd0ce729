"""One size in the place of another: height for width, a kernel's for an image's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from benchmarks.mutation.operators import Change

NAME = "name"

_PAIRS = (("H", "W"), ("N", "C"), ("C", "O"), ("x", "g"), ("x", "k"), ("r", "c"), ("I", "O"))
_OTHERS = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}


def of_expression(node: ast.expr) -> Iterator[Change]:
    """``s1`` → ``s2`` and back, ``H`` → ``W`` and back; tensors swapped."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    other = _OTHERS.get(node.id)
    if node.id[-1:] in ("1", "2") and len(node.id) > 1:
        other = node.id[:-1] + ("2" if node.id[-1] == "1" else "1")
    elif node.id[-1:] in ("3", "4") and len(node.id) > 1:
        other = node.id[:-1] + ("4" if node.id[-1] == "3" else "3")
    if other is not None:
        yield Change(ast.Name(other, ast.Load()))
