"""Axes in another order, or left out: height and width swapped, sums over the wrong axes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from benchmarks.mutation.operators import UNORDERED, Change

NAME = "axes"

#: functions whose arguments may be given in any order
_SYMMETRIC = ("max", "min", "np.maximum", "np.minimum", "common_dtype", "np.logical_and")


def of_expression(node: ast.expr) -> Iterator[Change]:
    """Neighbours in a tuple or an argument list swapped; ``axis=(0, 2)`` → ``axis=(0,)``."""
    if isinstance(node, ast.Tuple) and not hasattr(node, UNORDERED):
        for elements in _swapped(node.elts):
            yield Change(ast.Tuple(elements, ast.Load()))
    if isinstance(node, ast.Call):
        if not _message(node) and ast.unparse(node.func) not in _SYMMETRIC:
            for arguments in _swapped(node.args):
                yield Change(ast.Call(node.func, arguments, node.keywords))
        for place, keyword in enumerate(node.keywords):
            if keyword.arg == "axis" and isinstance(keyword.value, ast.Tuple):
                yield from _without_one(node, place, keyword.value)


def _without_one(node: ast.Call, place: int, axes: ast.Tuple) -> Iterator[Change]:
    for k in range(len(axes.elts)):
        left = ast.Tuple([*axes.elts[:k], *axes.elts[k + 1 :]], ast.Load())
        keywords: list[Any] = list(node.keywords)
        keywords[place] = ast.keyword("axis", left)
        yield Change(ast.Call(node.func, node.args, keywords))


def _message(node: ast.Call) -> bool:
    """Whether strings among the arguments say what they are: swapping would be an error at once."""
    return any(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in node.args)


def _swapped(elements: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for k in range(len(elements) - 1):
        one, two = elements[k], elements[k + 1]
        if ast.dump(one) != ast.dump(two):
            yield [*elements[:k], two, one, *elements[k + 2 :]]
