"""Derivatives from the written equations alone, without symbolic differentiation.

A dual number a + bε with ε² = 0 carries the derivative of everything computed from it: x[p] + ε in
the place of x[p] gives ∂y/∂x[p].
Comparisons look at a alone, so a maximum takes the first of several largest values and a choice the
branch that is taken: the stated subgradient conventions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from derive.language.definition import Layer
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic, rational_power
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.evaluation.exact import WRITTEN, run
from verify.evaluation.sizes import Number, bindings


@dataclass(frozen=True, slots=True)
class Dual:
    """value + slope·ε with ε² = 0."""

    value: Any
    slope: Any

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slope + other.slope)
        return Dual(self.value + other, self.slope)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            slope = self.slope * other.value + self.value * other.slope
            return Dual(self.value * other.value, slope)
        return Dual(self.value * other, self.slope * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        inverse = other**-1 if isinstance(other, Dual) else rational_power(other, -1)
        return self.__mul__(inverse)

    def __rtruediv__(self, other: Any) -> Dual:
        return (self**-1).__mul__(other)

    def __pow__(self, exponent: int) -> Dual:
        return _power(rational_power)(self, exponent)


def value_of(number: Any) -> Any:
    """The number without its slope."""
    return number.value if isinstance(number, Dual) else number


def slope_of(number: Any) -> Any:
    """The coefficient of ε."""
    return number.slope if isinstance(number, Dual) else 0


def _power(power: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Dual]:
    """u^v ↦ u^v + (v·u^(v−1)·u′ + u^v·log(u)·v′)ε; u⁰ is 1 everywhere."""

    def raised(base: Any, exponent: Any) -> Dual:
        u, du, v, dv = value_of(base), slope_of(base), value_of(exponent), slope_of(exponent)
        result = power(u, v)
        slope = v * power(u, v - 1) * du if v and du else 0
        return Dual(result, slope + result * math.log(u) * dv if dv else slope)

    return raised


def _lifted(
    function: Callable[[Any], Any], derivative: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """f(u) ↦ f(u) + f′(u)·u′ε."""

    def lifted(number: Any) -> Any:
        if not isinstance(number, Dual):
            return function(number)
        return Dual(function(number.value), derivative(number.value) * number.slope)

    return lifted


#: f′ over a kind of number, in terms of its functions
DERIVATIVES: dict[str, Callable[[Arithmetic, Any], Any]] = {
    "exp": lambda a, u: a.function("exp")(u),
    "log": lambda a, u: 1 / u,
    "tanh": lambda a, u: 1 - a.function("tanh")(u) ** 2,
    "sigmoid": lambda a, u: a.function("sigmoid")(u) * a.function("sigmoid")(-u),
    "sin": lambda a, u: a.function("cos")(u),
    "cos": lambda a, u: -a.function("sin")(u),
    "erf": lambda a, u: _bell(a, u),
    "erfc": lambda a, u: -_bell(a, u),
    "log1p": lambda a, u: 1 / (1 + u),
    "expm1": lambda a, u: a.function("exp")(u),
}


def _bell(arithmetic: Arithmetic, u: Any) -> Any:
    """2·exp(−u²)/√π."""
    return 2 * arithmetic.function("exp")(-u * u) / arithmetic.constant("pi") ** 0.5


def _derivative(name: str) -> Callable[[Arithmetic, Any], Any]:
    if name not in DERIVATIVES:
        raise LookupError(f"{__file__} has no derivative of the elementwise function {name!r}")
    return DERIVATIVES[name]


@cache
def over_duals(arithmetic: Arithmetic) -> Arithmetic:
    """Dual numbers over a kind of real number, with the derivatives of its functions."""
    return Arithmetic(
        number=arithmetic.number,
        power=_power(arithmetic.power),
        functions={
            name: _lifted(function, partial(_derivative(name), arithmetic))
            for name, function in arithmetic.functions.items()
        },
        constants=arithmetic.constants,
        order=lambda number: arithmetic.order(value_of(number)),
    )


DUAL = over_duals(EXACT)
DUAL_FLOAT = over_duals(FLOAT)


def directional_derivative(
    layer: Layer,
    arrays: Mapping[str, Array],
    direction: Mapping[str, Array],
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
    arithmetic: Arithmetic = DUAL,
) -> dict[str, Array]:
    """d/dt of every output where each tensor in ``direction`` moves by t times its direction."""
    values = bindings(layer, arrays, hyperparameters, sizes)
    return slopes(layer, arrays, direction, values, arithmetic)


def slopes(
    layer: Layer,
    arrays: Mapping[str, Array],
    direction: Mapping[str, Array],
    values: Values,
    arithmetic: Arithmetic,
) -> dict[str, Array]:
    """``directional_derivative`` at sizes that are known already."""
    moved = dict(arrays)
    for name, along in direction.items():
        pairs = zip(arrays[name].entries, along.entries, strict=True)
        moved[name] = Array(along.shape, tuple(Dual(a, b) for a, b in pairs))
    results = run(layer, moved, values, WRITTEN, arithmetic)
    return {e.name: results[e.name].map(slope_of) for e in layer.outputs}
