"""Expressions of a derivation as Python closures, derivatives among them.

``∂e/∂x[p]`` is evaluated over dual numbers: wherever e reads x at the place p, the slope is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sympy import Basic, Expr, Mul, Symbol

from derive.language.definition import Layer
from derive.language.terms import Entry, Iverson, Partial, RealParameter
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic
from verify.evaluation.arrays import Array
from verify.evaluation.closures import Closure, Compiler, Environment, Reader
from verify.evaluation.dual import DUAL, DUAL_FLOAT, Dual, slope_of
from verify.evaluation.readers import read_inside
from verify.evaluation.sizes import Values

#: the dual numbers over each kind of number
_DUALS = {EXACT: DUAL, FLOAT: DUAL_FLOAT}


class _Compiler(Compiler):
    """Compiles derivatives too.

    A guard's derivative is 0, and like a guard that fails it makes a product 0.
    """

    def value(self, expr: Basic) -> Closure:
        if isinstance(expr, Partial):
            return self._slope(expr)
        if isinstance(expr, Mul) and any(_of_a_guard(factor) for factor in expr.args):
            return lambda env: 0
        return super().value(expr)

    def _slope(self, expr: Partial) -> Closure:
        body, target = expr.args
        place = [self.value(index) for index in target.indices]
        outer = self.arithmetic, self.read
        self.arithmetic, self.read = _DUALS[self.arithmetic], _seeded(target.tensor, place)
        try:
            moved = self.value(body)
        finally:
            self.arithmetic, self.read = outer
        return lambda env: slope_of(moved(env))


def _of_a_guard(factor: Basic) -> bool:
    return isinstance(factor, Partial) and isinstance(factor.args[0], Iverson)


def _seeded(tensor: str, place: Sequence[Closure]) -> Reader:
    """A reader for which one entry of one tensor has slope 1."""

    def make(compiler: Compiler, entry: Entry) -> Closure:
        plain = read_inside(compiler, entry)
        if entry.tensor != tensor:
            return plain
        indices = [compiler.value(index) for index in entry.indices]
        pairs = list(zip(indices, place, strict=True))
        return lambda env: Dual(plain(env), int(all(i(env) == p(env) for i, p in pairs)))

    return make


@lru_cache(maxsize=4096)
def _compiled(
    expr: Expr, layer: Layer, arithmetic: Arithmetic
) -> tuple[Closure, tuple[tuple[Symbol | str, int], ...], int]:
    compiler = _Compiler(layer, arithmetic, read_inside)
    closure = compiler.value(expr)
    return closure, tuple(compiler.slots.items()), len(compiler.environment())


def evaluator(
    expr: Expr, layer: Layer, arrays: Mapping[str, Array], values: Values, arithmetic: Arithmetic
) -> Callable[[Values], Any]:
    """The value of an expression as a function of the values of its free indices."""
    closure, slots, room = _compiled(expr, layer, arithmetic)

    def run(indices: Values) -> Any:
        env: Environment = [None] * room
        for key, slot in slots:
            if isinstance(key, str):
                env[slot] = arrays[key]
            else:
                env[slot] = _number(key, indices, values, arithmetic)
        return closure(env)

    return run


def _number(key: Symbol, indices: Values, values: Values, arithmetic: Arithmetic) -> Any:
    number = indices[key] if key in indices else values[key]
    return arithmetic.number(number) if isinstance(key, RealParameter) else number
