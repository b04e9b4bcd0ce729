"""Conditions as Python closures, one function for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from verify.evaluation.closures import Compiler, Environment

Test = Callable[["Environment"], bool]


def compile_condition(compiler: Compiler, condition: Basic) -> Test:
    """A closure that says whether the condition holds."""
    make = _CONDITIONS.get(type(condition))
    if make is None:
        raise TypeError(f"{type(condition).__name__} is not a condition: {condition}")
    return make(compiler, condition)


def _between(compiler: Compiler, condition: Between) -> Test:
    lo, e, hi = (compiler.comparable(arg) for arg in condition.args)
    return lambda env: lo(env) <= e(env) < hi(env)


def _divides(compiler: Compiler, condition: Divides) -> Test:
    m, e = (compiler.value(arg) for arg in condition.args)

    def divides(env: Environment) -> bool:
        divisor, multiple = m(env), e(env)
        return bool(multiple % divisor == 0 if divisor else multiple == 0)

    return divides


def _less(compiler: Compiler, condition: Less) -> Test:
    a, b = (compiler.comparable(arg) for arg in condition.args)
    return lambda env: a(env) < b(env)


def _at_most(compiler: Compiler, condition: AtMost) -> Test:
    a, b = (compiler.comparable(arg) for arg in condition.args)
    return lambda env: a(env) <= b(env)


def _same(compiler: Compiler, condition: Same) -> Test:
    a, b = (compiler.comparable(arg) for arg in condition.args)
    return lambda env: a(env) == b(env)


def _differ(compiler: Compiler, condition: Differ) -> Test:
    a, b = (compiler.comparable(arg) for arg in condition.args)
    return lambda env: a(env) != b(env)


def _both(compiler: Compiler, condition: Both) -> Test:
    parts = [compiler.condition(arg) for arg in condition.args]
    return lambda env: all(holds(env) for holds in parts)


def _either(compiler: Compiler, condition: Either) -> Test:
    parts = [compiler.condition(arg) for arg in condition.args]
    return lambda env: any(holds(env) for holds in parts)


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


_CONDITIONS: dict[type[Basic], Callable[[Compiler, Any], Test]] = {
    Between: _between,
    Divides: _divides,
    Less: _less,
    AtMost: _at_most,
    Same: _same,
    Differ: _differ,
    Both: _both,
    Either: _either,
    Negation: _negation,
    FirstMax: _first_max,
}
