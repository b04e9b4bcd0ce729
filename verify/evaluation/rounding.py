"""How far rounding may carry a value: real numbers with a bound on the errors made on the way.

A sum whose terms cancel is small, and its error is not: x − m is 0 where m is the mean of x alone,
but what a program makes of it, divided by √ε, need not be.
Source: running error analysis, Higham, Accuracy and Stability of Numerical Algorithms (2002), 3.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from verify.evaluation.arithmetic import Arithmetic
from verify.evaluation.dual import Dual, over_duals
from verify.evaluation.precise import DUAL_PRECISE, PRECISE, precise


@dataclass(frozen=True, slots=True)
class Rounded:
    """A real number; ``error`` bounds what rounding does to it, in units of the last place of 1.

    Every operation hands on the errors of its operands, to first order, and adds one of its own.
    What is to be done with a dual number over these is left to that.
    """

    value: Any
    error: Any

    def __bool__(self) -> bool:
        return bool(self.value or self.error)

    def __neg__(self) -> Rounded:
        return Rounded(-self.value, self.error)

    def __add__(self, other: Any) -> Rounded:
        if isinstance(other, Dual):
            return NotImplemented
        b = rounded(other)
        return _made(self.value + b.value, self.error + b.error)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Rounded:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Rounded:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Rounded:
        if isinstance(other, Dual):
            return NotImplemented
        b = rounded(other)
        return _made(self.value * b.value, abs(self.value) * b.error + abs(b.value) * self.error)

    __rmul__ = __mul__

    def __pow__(self, exponent: Any) -> Rounded:
        return _through(DUAL_PRECISE.power, self, exponent)

    def __truediv__(self, other: Any) -> Rounded:
        if isinstance(other, Dual):
            return NotImplemented
        return self.__mul__(rounded(other) ** -1)

    def __rtruediv__(self, other: Any) -> Rounded:
        return (self**-1).__mul__(other)


def rounded(number: Any) -> Rounded:
    """The number, exact unless it carries an error already."""
    if isinstance(number, Rounded):
        return number
    return Rounded(precise(number) if isinstance(number, int | float | Fraction) else number, 0)


def value_of(number: Any) -> Any:
    """The number without its error."""
    return number.value if isinstance(number, Rounded) else number


def error_of(number: Any) -> float:
    """The bound, in units of the last place of 1."""
    return float(number.error) if isinstance(number, Rounded) else 0.0


def _made(value: Any, error: Any) -> Rounded:
    return Rounded(value, error + abs(value))


def _through(function: Callable[..., Any], number: Any, *others: Any) -> Rounded:
    """f(u) with the error |f′(u)|·error: a dual number along the error."""
    u = rounded(number)
    found = function(Dual(u.value, u.error), *map(value_of, others))
    return _made(found.value, abs(found.slope))


ROUNDED = Arithmetic(
    number=rounded,
    power=partial(_through, DUAL_PRECISE.power),
    functions={name: partial(_through, f) for name, f in DUAL_PRECISE.functions.items()},
    constants={name: Rounded(value, abs(value)) for name, value in PRECISE.constants.items()},
    order=value_of,
)
DUAL_ROUNDED = over_duals(ROUNDED)
