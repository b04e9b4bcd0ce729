"""Dual numbers over fractions and floats, nested for second derivatives, and their functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


class NoValue(Exception):
    """A point at which a layer, or its derivative, has no value."""


@dataclass(frozen=True)
class Dual:
    """``value + slope·ε`` with ε² = 0; either part may be dual itself, to another ε (``level``)."""

    value: Value
    slope: Value
    level: int


Value = Fraction | float | Dual


def level_of(a: Value) -> int:
    """Which ε a number belongs to; 0 for plain numbers."""
    return a.level if isinstance(a, Dual) else 0


def parts(a: Value, level: int) -> tuple[Value, Value]:
    """Value and slope with respect to the ε of a level."""
    if isinstance(a, Dual) and a.level == level:
        return a.value, a.slope
    return a, Fraction(0)


def plain(a: Value) -> Fraction | float:
    """The number without any ε."""
    while isinstance(a, Dual):
        a = a.value
    return a


def slope(a: Value, level: int) -> Value:
    """The coefficient of the ε of a level, which no other may be outside of."""
    return parts(a, level)[1]


def add(a: Value, b: Value) -> Value:
    """a + b."""
    level = max(level_of(a), level_of(b))
    if level == 0:
        return finite(a + b)
    (u, du), (v, dv) = parts(a, level), parts(b, level)
    return Dual(add(u, v), add(du, dv), level)


def multiply(a: Value, b: Value) -> Value:
    """a · b."""
    level = max(level_of(a), level_of(b))
    if level == 0:
        return finite(a * b)
    (u, du), (v, dv) = parts(a, level), parts(b, level)
    return Dual(multiply(u, v), add(multiply(u, dv), multiply(du, v)), level)


def negative(a: Value) -> Value:
    """−a."""
    return multiply(Fraction(-1), a)


def reciprocal(a: Value) -> Value:
    """1 / a."""
    level = level_of(a)
    if level == 0:
        if a == 0:
            raise NoValue("division by zero")
        return Fraction(1) / a
    u, du = parts(a, level)
    inverse = reciprocal(u)
    return Dual(inverse, negative(multiply(du, multiply(inverse, inverse))), level)


def power(a: Value, exponent: Fraction) -> Value:
    """a to a number: repeated multiplication where that is an integer."""
    if exponent.denominator == 1:
        if exponent < 0:
            return reciprocal(power(a, -exponent))
        result: Value = Fraction(1)
        for _ in range(int(exponent)):
            result = multiply(result, a)
        return result
    level = level_of(a)
    if level == 0:
        if a < 0 or (a == 0 and exponent < 0):
            raise NoValue("power of a number that is not positive")
        return finite(float(a) ** float(exponent))
    u, du = parts(a, level)
    if plain(u) <= 0:
        raise NoValue("derivative of a power where it is not smooth")
    outer = multiply(exponent, power(u, exponent - 1))
    return Dual(power(u, exponent), multiply(outer, du), level)


def finite(a: Fraction | float) -> Fraction | float:
    """The number, unless it is none."""
    if isinstance(a, float) and math.isnan(a):
        raise NoValue("inf - inf or 0·inf")
    return a


def sigmoid(a: float) -> float:
    """1 / (1 + exp(−a))."""
    return 1 / (1 + math.exp(-a))


def less_square(a: Value) -> Value:
    """1 − tanh²."""
    t = function("tanh", a)
    return add(Fraction(1), negative(multiply(t, t)))


def logistic_slope(a: Value) -> Value:
    """s·(1 − s)."""
    s = function("sigmoid", a)
    return multiply(s, add(Fraction(1), negative(s)))


def bell(a: Value) -> Value:
    """2/√π · exp(−a²)."""
    return multiply(2 / math.sqrt(math.pi), function("exp", negative(multiply(a, a))))


FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[Value], Value]]] = {
    "exp": (math.exp, lambda a: function("exp", a)),
    "log": (math.log, reciprocal),
    "sqrt": (math.sqrt, lambda a: reciprocal(multiply(Fraction(2), function("sqrt", a)))),
    "tanh": (math.tanh, less_square),
    "sigmoid": (sigmoid, logistic_slope),
    "sin": (math.sin, lambda a: function("cos", a)),
    "cos": (math.cos, lambda a: negative(function("sin", a))),
    "erf": (math.erf, bell),
    "erfc": (math.erfc, lambda a: negative(bell(a))),
    "log1p": (math.log1p, lambda a: reciprocal(add(Fraction(1), a))),
    "expm1": (math.expm1, lambda a: function("exp", a)),
}


def function(name: str, a: Value) -> Value:
    """An elementwise function of a number, dual or not."""
    value, derivative = FUNCTIONS[name]
    level = level_of(a)
    if level:
        u, du = parts(a, level)
        return Dual(function(name, u), multiply(derivative(u), du), level)
    try:
        return value(float(a))
    except (ValueError, OverflowError) as wrong:
        raise NoValue(f"{name}({float(a)})") from wrong
