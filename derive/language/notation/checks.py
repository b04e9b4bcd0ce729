"""What an expression must be: an integer, a real number, not too large."""

from __future__ import annotations

from sympy import AccumBounds, Add, Basic, Expr, I, Integer, Mul, Pow, Rational, nan, zoo

from derive.language.notation.names import Draft
from derive.language.notation.syntax import Node
from derive.language.terms import Entry, Index, IntegerNode, Parameter, Size

LARGEST_EXPRESSION = 20_000
LARGEST_BITS = 4096


def integral(expr: Expr, draft: Draft) -> bool:
    """Whether an expression is an integer by its form: symbols, integer operations, tables."""
    if isinstance(expr, Add | Mul):
        return all(integral(a, draft) for a in expr.args)
    if isinstance(expr, Pow):
        power = expr.args[1]
        return integral(expr.args[0], draft) and isinstance(power, Integer) and power.p >= 0
    if isinstance(expr, Entry):
        tensor = draft.declared.tensors.get(expr.tensor)
        return tensor is not None and tensor.integer
    return isinstance(expr, Integer | Index | Size | Parameter | IntegerNode)


def real(expr: Expr, node: Node, draft: Draft) -> Expr:
    """The expression, unless it is no real number or beyond all use."""
    if expr.has(nan, zoo, I, AccumBounds):
        raise draft.error("this is not a real number", node.span)
    if weight(expr) > LARGEST_EXPRESSION:
        raise draft.error(
            "this expression is too large", node.span, "name a part in an equation of its own"
        )
    if isinstance(expr, Rational) and int(expr.p * expr.q).bit_length() > LARGEST_BITS:
        raise draft.error("a number becomes too large", node.span)
    return limited(expr, node, draft)


def weight(expr: Expr) -> int:
    """How many subterms an expression has, counted once for every place they appear at."""
    known: dict[object, int] = {}

    def count(part: Basic) -> int:
        if part not in known:
            known[part] = 1 + sum(count(a) for a in part.args)
        return known[part]

    return count(expr)


def limited(expr: Expr, node: Node, draft: Draft) -> Expr:
    """The expression, unless a number in it has grown beyond all use."""
    numbers = [expr, *expr.args]
    if any(isinstance(n, Integer) and int(n).bit_length() > LARGEST_BITS for n in numbers):
        raise draft.error("a number becomes too large", node.span)
    return expr
