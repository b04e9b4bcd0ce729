"""The place of a maximum as a number: how it is written in the object language, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Expr, Mul, Tuple

from derive.language.terms import (
    ZERO,
    Condition,
    FirstMax,
    Index,
    Iverson,
    maximum,
    ranges_of,
    subterms,
    total,
)
from numeric.program.reads import TRUE, Axis, flat


def first_place(body: Expr, over: Sequence[Axis], only: Condition = TRUE) -> Expr:
    """The number, in row-major order, of the first place where the body is largest; −1: nowhere.

    ``only`` says which places count.
    """
    places = Tuple(*(i for i, _ in over))
    renamed = {i: Index(f"{i.name}'0") for i, _ in over}
    largest = maximum(body.xreplace(renamed), [(renamed[i], ZERO, n) for i, n in over])
    inside = [] if only == TRUE else [Iverson(only)]
    number = Mul(flat([i for i, _ in over], [n for _, n in over]) + 1, *inside)
    chosen = total(number * Iverson(FirstMax(places, largest)), [(i, ZERO, n) for i, n in over])
    return chosen - 1


def place_of(expr: Any) -> tuple[Expr, tuple[Axis, ...]] | None:
    """The body and the axes of an expression made by ``first_place``; None: it is another one."""
    if not isinstance(expr, Add):
        return None
    found = next((node for node in subterms(expr) if isinstance(node, FirstMax)), None)
    if found is None:
        return None
    places: Any = found.args[0]
    largest: Any = found.args[1]
    ranges = ranges_of(largest)
    if not all(isinstance(at, Index) for at in places.args):
        return None
    back = {i: at for (i, _, _), at in zip(ranges, places.args, strict=True)}
    body, over = largest.args[0].xreplace(back), tuple((back[i], hi) for i, _, hi in ranges)
    return (body, over) if first_place(body, over) == expr else None
