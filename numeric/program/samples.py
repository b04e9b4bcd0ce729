"""Small concrete sizes at which a hopeless question is seen to be hopeless, without a solver.

A condition that fails at one admissible point does not hold for all sizes.  The points are always
the same; that a condition holds at all of them means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Any

from sympy import Basic, Symbol

from derive.language.definition import Layer
from derive.language.terms import Condition, Index, entries
from verify.evaluation.compiled import compiled
from verify.evaluation.small_sizes import Sizes

Point = dict[Symbol, int]
Axes = tuple[tuple[Index, Any], ...]

#: which points are drawn, and how many are kept
SEED, KEPT = 0, 6


@lru_cache(maxsize=8192)
def refuted(goal: Condition, axes: Axes, where: tuple[Condition, ...], layer: Layer) -> bool:
    """Whether the goal fails at a sample point at which everything else holds."""
    if entries(goal):
        return False
    known = [c for c in where if not entries(c)]
    return any(
        _run(goal, place) is False and all(_holds(c, place) for c in known)
        for point in points(layer)
        for place in _places(axes, point)
    )


def _places(axes: Axes, point: Point) -> Iterator[Point]:
    """The point with indices at the ends and in the middle of their ranges."""
    corners = ((0, 1), (1, 1), (0, 2), (1, 2)) if axes else ((0, 1),)
    for turn, (part, whole) in product(range(2), corners):
        place = dict(point)
        for number, (index, extent) in enumerate(axes):
            last = _value(extent, place)
            if last is None or last < 1:
                break
            if turn and number % 2:
                place[index] = (last - 1) * (whole - part) // whole
            else:
                place[index] = (last - 1) * part // whole
        else:
            yield place


@lru_cache(maxsize=64)
def points(layer: Layer) -> tuple[Point, ...]:
    """Admissible values for sizes and integer hyperparameters, with outputs that are not empty."""
    outputs = [size for size, _ in layer.definitions]
    found = (p for p in Sizes(layer).random(SEED) if p is not None and all(p[s] for s in outputs))
    return tuple(islice(found, KEPT))


def _holds(condition: Condition, point: Point) -> bool:
    return bool(_run(condition, point))


def _value(expr: Basic, point: Point) -> int | None:
    value: int | None = _run(expr, point)
    return value


def _run(node: Basic, point: Point) -> Any:
    """The value of an integer expression or condition; None where it has none."""
    try:
        value = compiled(node)(point)
    except (ArithmeticError, ValueError):
        return None
    return bool(value) if isinstance(node, Condition) else value
