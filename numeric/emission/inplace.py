"""Expressions as lines that write into an array, step by step, so that nothing is copied.

Of ``w*g - a*h`` the array takes ``w*g``, and then the difference.  An operand may be computed in
the array only if it has all of the array's entries.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

import numpy as np

#: the operations that have names, which take the array that their result is written to
OPERATIONS: dict[type[ast.operator], str] = {
    ast.Add: "np.add",
    ast.Sub: "np.subtract",
    ast.Mult: "np.multiply",
    ast.Div: "np.divide",
    ast.Pow: "np.power",
}
#: calls that take it, too, beside NumPy's functions of one or two arrays
TAKES_OUT = (
    "taken",
    "only_where",
    "either",
    "one_of",
    "sloped",
    "window_sums",
    "window_spread",
    "window_maxima",
    "larger",
    "smaller",
    "sigmoid",
    "sigmoid_slope",
    "erf",
    "erfc",
)


def into(name: str, text: str, whole: Collection[str] = ()) -> list[str]:
    """The lines after which an array has the entries that an expression gives.

    ``whole`` are the arrays that have all of its entries, each at its place.
    """
    return [*_filled(name, ast.parse(text, mode="eval").body, whole)]


def _filled(name: str, node: ast.expr, whole: Collection[str]) -> Iterator[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _is_two(node.right):
        yield from _filled(name, ast.Call(ast.Name("np.square"), [node.left], []), whole)
        return
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from _filled(name, ast.Call(ast.Name("np.negative"), [node.operand], []), whole)
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.array":
        node = node.args[0]  # which copies
    word, operands = _operation(node)
    if word is None:
        yield f"{name}[...] = {ast.unparse(node)}"
        return
    made = [o for o in operands if _is_made(o, whole)] if _is_numpy(word) else []
    first = max(made, key=_size, default=None)
    if first is not None:
        yield from _filled(name, first, whole)
    texts = [name if o is first else ast.unparse(o) for o in operands]
    yield f"{word}({', '.join([*texts, f'out={name}'])})"


def _operation(node: ast.expr) -> tuple[str | None, list[ast.expr]]:
    """The function that computes an expression into an array, if there is one, and of what."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)], [node.left, node.right]
    if isinstance(node, ast.Call) and not node.keywords:
        word = ast.unparse(node.func)
        if _is_numpy(word) or word in TAKES_OUT:
            return word, node.args
    return None, []


def _is_numpy(word: str) -> bool:
    """Whether it is a function of NumPy that may write to one of its operands."""
    library, _, name = word.rpartition(".")
    return library == "np" and isinstance(getattr(np, name, None), np.ufunc)


def _is_made(node: ast.expr, whole: Collection[str]) -> bool:
    """Whether an operand is computed and has all entries."""
    word, _ = _operation(node)
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    return (word is not None or negative) and _is_whole(node, whole)


def _is_whole(node: ast.expr, whole: Collection[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in whole
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_whole(node.operand, whole)
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
    _, operands = _operation(node)
    operands = [*operands, *sides]
    return any(_is_whole(operand, whole) for operand in operands)


def _size(node: ast.expr) -> int:
    """How much there is to compute."""
    return sum(1 for _ in ast.walk(node))


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 2
