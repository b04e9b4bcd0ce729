"""Whether something computed has a derivative at a point, along one direction.

Just beside the point, on either side, a comparison of equal values is settled by their slopes: of
x + ε and y with x = y the first is larger on the right and smaller on the left.  There is a
derivative along the direction where both sides go on with the value at the point and one slope.
Where a function or a power has no finite derivative, there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, total_ordering
from typing import Any

from verify.evaluation.arithmetic import Arithmetic, NotExact
from verify.evaluation.dual import over_duals, slope_of, value_of

#: two floats count as different beyond this share of their size
TOLERANCE = 1e-9


class NoDerivative(ArithmeticError):
    """A power has no finite derivative there."""


def smooth(computed: Callable[[Arithmetic], Any], arithmetic: Arithmetic) -> bool:
    """Whether the quotients of differences of what is computed have one limit, from both sides.

    ``computed`` runs over dual numbers and gives a dual number.
    """
    try:
        here = computed(over_duals(arithmetic))
        right, left = (computed(beside(arithmetic, side)) for side in (1, -1))
    except NotExact:
        raise
    except (ArithmeticError, ValueError):
        return False
    values = {value_of(n) for n in (here, right, left)}
    return _one(values) and _one({slope_of(right), slope_of(left)})


@cache
def beside(arithmetic: Arithmetic, side: int) -> Arithmetic:
    """Dual numbers just to the right (1) or to the left (−1) of where they stand."""
    over = over_duals(arithmetic)

    def power(base: Any, exponent: Any) -> Any:
        v = value_of(exponent)
        if value_of(base) == 0 and v < 1 and not (v == 0 and not slope_of(exponent)):
            raise NoDerivative
        return over.power(base, exponent)

    def order(number: Any) -> _Beside:
        return _Beside((value_of(number), side * slope_of(number)))

    return replace(over, power=power, order=order)


@total_ordering
@dataclass(frozen=True, eq=False)
class _Beside:
    """A number and which way it leaves its value; a plain number stays where it is."""

    key: tuple[Any, Any]

    def __eq__(self, other: object) -> bool:
        return bool(self.key == _key(other))

    def __lt__(self, other: object) -> bool:
        return bool(self.key < _key(other))


def _key(number: Any) -> tuple[Any, Any]:
    return number.key if isinstance(number, _Beside) else (number, 0)


def _one(numbers: set[Any]) -> bool:
    """Whether the numbers are finite and the same."""
    least, largest = min(numbers), max(numbers)
    return math.isfinite(largest - least) and largest - least <= TOLERANCE * (
        abs(least) + abs(largest)
    ) * any(isinstance(n, float) for n in numbers)
