"""Arithmetic of integers in indices, and functions with kinks."""

from __future__ import annotations

from fractions import Fraction

from .duals import NoValue, Value, function, negative, plain
from .sizes import NotDivisible

ZERO = Fraction(0)


def whole(op: str, a: int, b: int) -> int:
    """Arithmetic of integers; ``/`` is exact or there is nothing to read."""
    if op in ("//", "%", "/") and b == 0:
        raise NoValue("an integer divided by zero")
    if op == "/":
        if a % b:
            raise NotDivisible
        return a // b
    if op == "^":
        return int(Fraction(a) ** b)
    table = {"+": a + b, "-": a - b, "*": a * b}
    if op in table:
        return table[op]
    return a // b if op == "//" else a % b


def called(name: str, values: list[Value]) -> Value:
    """A function of values; those with kinks take the branch that printing the layer shows."""
    first = values[0]
    if name in ("max", "min"):
        a, b = plain(values[0]), plain(values[1])
        return values[0] if (a >= b if name == "max" else a <= b) else values[1]
    if name == "abs":
        return first if plain(first) >= 0 else negative(first)
    if name == "relu":
        return first if plain(first) > 0 else ZERO
    if name == "sign":
        return Fraction((plain(first) > 0) - (plain(first) < 0))
    return function(name, first)
