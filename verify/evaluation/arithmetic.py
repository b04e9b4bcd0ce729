"""The kinds of numbers a layer can be evaluated over.

Integers are numbers of every kind, and + − × are Python's own; a kind adds what Python's operators
do not settle: how other rationals are written, powers, functions, and what a comparison looks at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Rational
from typing import Any

from derive.language.functions import FUNCTIONS

FunctionTable = Mapping[str, Callable[[Any], Any]]


class NotExact(ArithmeticError):
    """A value such as exp(1) or √2 was asked for over numbers that do not contain it."""


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """One kind of number.

    ``number`` makes one from a rational, ``order`` gives the real number that comparisons look at,
    ``functions`` and ``constants`` go by SymPy's names in lower case.
    """

    number: Callable[[Fraction], Any]
    power: Callable[[Any, Any], Any]
    functions: FunctionTable = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    order: Callable[[Any], Any] = lambda value: value

    def function(self, name: str) -> Callable[[Any], Any]:
        """The elementwise function of that name; one that raises ``NotExact`` where it has none."""
        return self.functions.get(name) or _unknown(name)

    def constant(self, name: str) -> Any:
        """The constant of that name, such as pi."""
        if name not in self.constants:
            raise NotExact(f"{name} is not a number of this kind; evaluate over floats instead")
        return self.constants[name]


def _unknown(name: str) -> Callable[[Any], Any]:
    def refuse(value: Any) -> Any:
        raise NotExact(
            f"{name}({value}) is not a number of this kind; evaluate over floats instead"
        )

    return refuse


def rational_power(base: Any, exponent: Any) -> Any:
    """baseᵉ as a rational; roots only where they are rational, as in (4/9)^(1/2).

    A base that is none, such as a float or a number of sixty digits, has powers of its own.
    """
    exponent = Fraction(exponent)
    if exponent.denominator != 1 and base < 0:
        raise NotExact(f"({base})^({exponent}) is not real")
    if not isinstance(base, Rational):
        return base ** (int(exponent) if exponent.denominator == 1 else float(exponent))
    base = Fraction(base)
    if exponent.denominator == 1:
        return base ** int(exponent)
    n = exponent.denominator
    root = Fraction(_root(base.numerator, n, base), _root(base.denominator, n, base))
    return root**exponent.numerator


def _root(number: int, n: int, base: Fraction) -> int:
    guess = round(number ** (1 / n)) if number < 2**52 else math.isqrt(number) if n == 2 else 0
    if guess**n != number:
        raise NotExact(f"({base})^(1/{n}) is not rational; evaluate over floats instead")
    return guess


def float_power(base: Any, exponent: Any) -> Any:
    """baseᵉ as a float; a division by zero and a root of a negative number are errors."""
    if base < 0 and exponent != int(exponent):
        raise NotExact(f"({base})^({exponent}) is not real")
    return float(base) ** float(exponent)


EXACT = Arithmetic(number=lambda value: value, power=rational_power)

FLOAT = Arithmetic(
    number=float,
    power=float_power,
    functions={name: f.value for name, f in FUNCTIONS.items()},
    constants={"pi": math.pi, "e": math.e},
)

COMPLEX = Arithmetic(
    number=complex,
    power=lambda base, exponent: complex(base) ** exponent,
    functions={name: f.complex for name, f in FUNCTIONS.items() if f.complex},
    constants={"pi": math.pi, "e": math.e},
    order=lambda value: value.real,
)
