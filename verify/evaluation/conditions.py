"""Conditions as Python closures, one function for each kind."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sympy import Basic

from derive.language.terms import (
    AtMost,
    Between,
    Both,
    Differ,
    Divides,
    Either,
    FirstMax,
    Less,
    Negation,
    Same,
)
from verify.evaluation.closures import Compiler, Environment

Test = Callable[[Environment], bool]


def _between(compiler: Compiler, condition: Between) -> Test:
    lo, e, hi = (compiler.comparable(arg) for arg in condition.args)
    return lambda env: lo(env) <= e(env) < hi(env)


def _divides(compiler: Compiler, condition: Divides) -> Test:
    m, e = (compiler.value(arg) for arg in condition.args)

    def divides(env: Environment) -> bool:
        divisor, multiple = m(env), e(env)
        return bool(multiple % divisor == 0 if divisor else multiple == 0)

    return divides


def _compared(compiler: Compiler, condition: Less | AtMost | Same | Differ) -> Test:
    a, b = (compiler.comparable(arg) for arg in condition.args)
    holds = _COMPARISONS[type(condition)]
    return lambda env: holds(a(env), b(env))


_COMPARISONS: dict[type[Basic], Callable[[Any, Any], bool]] = {
    Less: operator.lt,
    AtMost: operator.le,
    Same: operator.eq,
    Differ: operator.ne,
}


def _joined(compiler: Compiler, condition: Both | Either) -> Test:
    parts = [compiler.condition(arg) for arg in condition.args]
    joined = all if isinstance(condition, Both) else any
    return lambda env: joined(holds(env) for holds in parts)


def _negation(compiler: Compiler, condition: Negation) -> Test:
    holds = compiler.condition(condition.args[0])
    return lambda env: not holds(env)


def _first_max(compiler: Compiler, condition: FirstMax) -> Test:
    """Compares the place with the first, in row-major order, where the maximum is attained."""
    at, maximum = condition.args
    place = [compiler.value(index) for index in at.args]
    points, body, slots = compiler.loop(maximum)
    order = compiler.arithmetic.order

    def is_first(env: Environment) -> bool:
        best: list[Any] = []
        first: list[int] = []
        for _ in points(env):
            value = order(body(env))
            if not best or value > best[0]:
                best, first = [value], [env[slot] for slot in slots]
        return bool(best) and first == [index(env) for index in place]

    return is_first


#: how each kind of condition is compiled
CONDITIONS: dict[type[Basic], Callable[[Compiler, Any], Test]] = {
    Between: _between,
    Divides: _divides,
    **dict.fromkeys(_COMPARISONS, _compared),
    Both: _joined,
    Either: _joined,
    Negation: _negation,
    FirstMax: _first_max,
}
