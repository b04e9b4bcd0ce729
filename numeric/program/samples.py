"""Small concrete sizes at which a hopeless question is seen to be hopeless, without a solver.

A condition that fails at one admissible point does not hold for all sizes.  The points are always
the same; that a condition holds at all of them means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

from sympy import Basic, Symbol

from derive.language.definition import Layer
from derive.language.terms import Condition, Index, Parameter, Same, Size, entries, symbols_of
from verify.evaluation.compiled import compiled

Point = dict[Symbol, int]
Axes = tuple[tuple[Index, Any], ...]

#: how many assignments are tried, and how many points are kept
_TRIES, _KEPT = 400, 6


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
    defined = {
        c.args[0]: c.args[1]
        for c in layer.domain
        if isinstance(c, Same) and isinstance(c.args[0], Size)
    }
    least = {h.symbol: h.minimum for h in layer.hyperparameters}
    free = [s for s in layer.symbols if s not in defined]
    found: list[Point] = []
    for number in range(_TRIES):
        point = {s: _small(s, least.get(s), number, place) for place, s in enumerate(free)}
        if not _completed(point, defined) or not all(point[s] for s in defined):
            continue
        if all(_holds(c, point) for c in layer.domain):
            found.append(point)
            if len(found) == _KEPT:
                break
    return tuple(found)


def _small(symbol: Symbol, least: int | None, number: int, place: int) -> int:
    """A small value that varies from point to point without an obvious pattern."""
    draw = ((number + 1) * (2 * place + 3) + number // 3) * 7919 // 13
    if isinstance(symbol, Parameter):
        return (-1 if least is None else least) + draw % 3
    return (2, 4, 3, 6, 1, 5)[draw % 6]


def _completed(point: Point, defined: dict[Symbol, Basic]) -> bool:
    """Add the sizes that others define."""
    pending = dict(defined)
    while pending:
        ready = [s for s, e in pending.items() if all(u in point for u in symbols_of(e))]
        if not ready:
            return False
        for size in ready:
            value = _value(pending.pop(size), point)
            if value is None:
                return False
            point[size] = value
    return True


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
