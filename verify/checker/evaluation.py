"""Expressions of a derivation as Python closures, derivatives among them.

``∂e/∂x[p]`` is evaluated over dual numbers: wherever e reads x at the place p, the slope is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Basic, Expr, Mul

from derive.language.definition import Layer
from derive.language.terms import Entry, Iverson, Partial
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic
from verify.evaluation.arrays import Array
from verify.evaluation.closures import Closure, Compiler, Reader
from verify.evaluation.compiled import TermCompiler, Values, compiled
from verify.evaluation.dual import DUAL, DUAL_FLOAT, Dual, slope_of
from verify.evaluation.readers import read_inside

#: the dual numbers over each kind of number
_DUALS = {EXACT: DUAL, FLOAT: DUAL_FLOAT}


class _Compiler(TermCompiler):
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


def evaluator(
    expr: Expr, layer: Layer, arrays: Mapping[str, Array], values: Values, arithmetic: Arithmetic
) -> Callable[[Values], Any]:
    """The value of an expression as a function of the values of its free indices."""
    made = compiled(expr, layer, arithmetic, read_inside, _Compiler)
    return lambda indices: made({**values, **indices}, arrays)
