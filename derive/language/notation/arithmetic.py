"""Integer operations, worked out where they are between numbers."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integer

from derive.language.terms import ExactQuotient, FloorDiv, Greatest, Least, Modulo


def extreme(name: str, arguments: list[Expr]) -> Expr:
    """``min`` or ``max`` of integer expressions; numbers are compared at once."""
    if all(isinstance(a, Integer) for a in arguments):
        return min(arguments) if name == "min" else max(arguments)
    return Least(*arguments) if name == "min" else Greatest(*arguments)


def quotient(a: Expr, b: Expr) -> Expr:
    """``a // b``, worked out for numbers and for b = 1."""
    if b == 1:
        return a
    if isinstance(a, Integer) and isinstance(b, Integer):
        return Integer(int(a) // int(b))
    return FloorDiv(a, b)


def remainder(a: Expr, b: Expr) -> Expr:
    """``a % b``, worked out for numbers and for b = 1."""
    if b == 1:
        return Integer(0)
    if isinstance(a, Integer) and isinstance(b, Integer):
        return Integer(int(a) % int(b))
    return Modulo(a, b)


def exact_quotient(a: Expr, b: Expr) -> Expr:
    """``a / b`` in an index, worked out for numbers and for b = 1."""
    if b == 1 or (isinstance(a, Integer) and isinstance(b, Integer)):
        return quotient(a, b)
    return ExactQuotient(a, b)


#: the integer divisions that round
DIVISIONS: dict[str, Callable[[Expr, Expr], Expr]] = {"//": quotient, "%": remainder}
