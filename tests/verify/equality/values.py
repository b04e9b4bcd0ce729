"""Values of expressions to 120 digits, written apart from everything that is tested.

``strict`` raises where an expression has no value; else what has none counts as the laws of algebra
take it: 0 to a negative power is 0, and so on.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
from sympy import Add, Basic, Mul, Number, NumberSymbol, Pow, Sum, Symbol

from derive.language.terms import (
    AtMost,
    Between,
    Choose,
    Differ,
    Entry,
    Iverson,
    Less,
    Negation,
    Same,
    ranges_of,
)

Point = Mapping[Symbol, Any]
Tensors = Mapping[str, Sequence[float]]

MP = mpmath.mp.clone()
MP.dps = 120

#: what is nearer to 0 may be 0
NOISE = MP.mpf(10) ** -60

FUNCTIONS: dict[str, Any] = {
    "exp": MP.exp,
    "tanh": MP.tanh,
    "sigmoid": lambda u: 1 / (1 + MP.exp(-u)),
    "sin": MP.sin,
    "cos": MP.cos,
    "erf": MP.erf,
    "erfc": MP.erfc,
    "expm1": MP.expm1,
    "abs": abs,
}
LOGARITHMS = {"log": MP.log, "log1p": MP.log1p}

RELATIONS = {Less: operator.lt, AtMost: operator.le, Same: operator.eq, Differ: operator.ne}


class NoValue(Exception):
    """The expression has no value at the point."""


class Evaluator:
    """Evaluates at sizes, hyperparameters and entries."""

    def __init__(self, tensors: Tensors, strict: bool) -> None:
        self._tensors = tensors
        self._strict = strict

    def __call__(self, expr: Basic, point: Point) -> Any:
        if isinstance(expr, Number | NumberSymbol):
            return MP.mpf(str(expr.evalf(120)))
        if isinstance(expr, Symbol):
            return MP.mpf(point[expr])
        if isinstance(expr, Entry):
            return MP.mpf(self._tensors[expr.tensor][int(self(expr.indices[0], point))])
        if isinstance(expr, Add):
            return MP.fsum(self(a, point) for a in expr.args)
        if isinstance(expr, Mul):
            return self._product(expr, point)
        if isinstance(expr, Pow):
            return self._power(self(expr.base, point), self(expr.exp, point))
        if isinstance(expr, Iverson):
            return MP.mpf(self.holds(expr.args[0], point))
        if isinstance(expr, Choose):
            stated, yes, no = expr.args
            return self(yes if self.holds(stated, point) else no, point)
        if isinstance(expr, Sum):
            return self._sum(expr, point)
        return self._function(type(expr).__name__.lower(), self(expr.args[0], point))

    def _product(self, expr: Mul, point: Point) -> Any:
        """A guard that fails makes it 0, whatever the others are."""
        guards = [a for a in expr.args if isinstance(a, Iverson)]
        if any(self(g, point) == 0 for g in guards):
            return MP.mpf(0)
        return MP.fprod(self(a, point) for a in expr.args if not isinstance(a, Iverson))

    def _power(self, base: Any, exponent: Any) -> Any:
        whole = exponent == MP.nint(exponent)
        if (base == 0 and exponent < 0) or (base < 0 and not whole):
            if self._strict:
                raise NoValue
            return MP.mpf(0) if base == 0 else (-base) ** exponent
        return base**exponent

    def _function(self, name: str, value: Any) -> Any:
        if name in LOGARITHMS:
            if value <= (0 if name == "log" else -1):
                if self._strict:
                    raise NoValue
                return MP.mpf(0)
            return LOGARITHMS[name](value)
        return FUNCTIONS[name](value)

    def _sum(self, expr: Sum, point: Point) -> Any:
        (index, low, high), *rest = ranges_of(expr)
        body: Any = expr.function
        if rest:
            body = Sum(body, *(expr.limits[: len(rest)]))
        start, end = int(self(low, point)), int(self(high, point))
        return MP.fsum(self(body, {**point, index: k}) for k in range(start, end))

    def holds(self, stated: Basic, point: Point) -> bool:
        """Whether a condition holds."""
        if isinstance(stated, Negation):
            return not self.holds(stated.args[0], point)
        values = [self(a, point) for a in stated.args]
        if isinstance(stated, Between):
            return values[0] <= values[1] < values[2]
        if 0 < abs(values[0] - values[1]) < NOISE:
            raise NoValue
        return bool(RELATIONS[type(stated)](*values))
