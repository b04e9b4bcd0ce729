"""Half of an even window's size: it begins one entry too late or too early."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Expr, Integer, Sum

from derive.language.definition import Equation, Layer
from derive.language.integers import affine, expanded, quotient
from derive.language.printing import expression_text
from derive.language.terms import Entry, Index, MaxOver, Range, entries, mapped, ranges_of, subterms
from verify.mistakes.mistake import ALTOGETHER, Mistake, Other, otherwise, reread, with_body
from verify.mistakes.parts import dependent

PRIORITY = 35


def mistakes(layer: Layer, tensor: str) -> Iterator[Mistake]:
    """Windows of K entries that begin K//2 before the middle begin (K−1)//2 before it."""
    last = {e.name for e in layer.outputs}
    for equation in dependent(layer, tensor).values():
        for size, old in _centred(equation):
            new = quotient(size - 1, Integer(2)) if old == 0 else quotient(size, Integer(2))
            body = _moved(equation, size, old)
            if body == equation.written:
                continue
            was = quotient(size - old, Integer(2))
            said = f"it begins {expression_text(new)} before the middle, not {expression_text(was)}"
            other = {equation.name: Other(with_body(equation, body))}
            for where, changed in otherwise(layer, other):
                if where == ALTOGETHER or equation.name not in last:
                    yield Mistake(f"window of even size off by half{where}: {said}", changed)


def _centred(equation: Equation) -> Iterator[tuple[Expr, int]]:
    """Sizes of windows around an entry, and 0 or 1: they begin (size − 0 or 1)//2 before it."""
    found = dict.fromkeys(
        (size, rounding)
        for node in subterms(equation.written)
        if isinstance(node, Sum | MaxOver)
        for read in entries(node)
        for coordinate in read.indices
        for size, rounding in _around(coordinate, ranges_of(node))
    )
    yield from found


def _around(coordinate: Expr, ranges: tuple[Range, ...]) -> Iterator[tuple[Expr, int]]:
    """Whether a coordinate is r + a − size//2 for an index a < size of the window."""
    for inner, low, size in ranges:
        parts = affine(coordinate, inner)
        odd = isinstance(size, Integer) and size % 2
        if parts is None or parts[0] != 1 or low != 0 or odd:
            continue
        rest = parts[1]
        outer = [i for i in rest.free_symbols if isinstance(i, Index)]
        if len(outer) != 1:
            continue
        for rounding in (0, 1):
            if rest + quotient(size - rounding, Integer(2)) == outer[0]:
                yield size, rounding


def _moved(equation: Equation, size: Expr, rounding: int) -> Expr:
    """The right-hand side with these windows shifted."""
    by = quotient(size - rounding, Integer(2)) - quotient(size - 1 + rounding, Integer(2))

    def inside(expr: Any) -> Any:
        if isinstance(expr, Sum | MaxOver):
            ranges = ranges_of(expr)

            def shifted(read: Entry) -> Entry:
                return Entry(
                    read.base,
                    *(
                        expanded(i + by) if (size, rounding) in set(_around(i, ranges)) else i
                        for i in read.indices
                    ),
                )

            return expr.func(reread(expr.args[0], shifted), *expr.args[1:])
        return expr if isinstance(expr, Entry) else mapped(inside, expr)

    found: Expr = inside(equation.written)
    return found
