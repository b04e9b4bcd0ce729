"""One term, compiled once and run for any values: the only way in which terms get a value here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sympy import Basic, Symbol

from derive.language.definition import Layer
from derive.language.terms import Condition, Index, Parameter, RealParameter
from verify.evaluation.arithmetic import EXACT, Arithmetic
from verify.evaluation.arrays import Array
from verify.evaluation.closures import Closure, Compiler, Environment, Reader
from verify.evaluation.conditions import CONDITIONS
from verify.evaluation.nodes import NODES
from verify.evaluation.readers import read_inside

Values = dict[Symbol, Any]

#: for terms in sizes and hyperparameters alone
NO_TENSORS = Layer("sizes", (), (), (), ())


@dataclass(frozen=True)
class Compiled:
    """A term as a function of the values of its free symbols, and of its tensors."""

    run: Closure
    slots: dict[Symbol | str, int]
    room: int
    arithmetic: Arithmetic

    def __call__(self, values: Mapping[Symbol, Any], arrays: Mapping[str, Array] = {}) -> Any:
        return self.run(self.environment(values, arrays))

    def environment(self, values: Mapping[Symbol, Any], arrays: Mapping[str, Array]) -> Environment:
        """What the term is run in; ``ValueError`` says what a missing value is needed for."""
        env: Environment = [None] * self.room
        for name, slot in self._arrays:
            env[slot] = arrays[name]
        symbol: Symbol
        try:
            for symbol, slot in self._integers:
                env[slot] = values[symbol]
            for symbol, slot in self._reals:
                env[slot] = self.arithmetic.number(values[symbol])
        except KeyError:
            raise ValueError(_missing(symbol)) from None
        return env

    @cached_property
    def _arrays(self) -> list[tuple[str, int]]:
        return [(key, slot) for key, slot in self.slots.items() if isinstance(key, str)]

    @cached_property
    def _integers(self) -> list[tuple[Symbol, int]]:
        return [
            (key, slot)
            for key, slot in self.slots.items()
            if not isinstance(key, str | RealParameter)
        ]

    @cached_property
    def _reals(self) -> list[tuple[Symbol, int]]:
        return [(key, slot) for key, slot in self.slots.items() if isinstance(key, RealParameter)]


class TermCompiler(Compiler):
    """Compiles every kind of expression and condition."""

    def value(self, expr: Basic) -> Closure:
        for kind, method in NODES:
            if isinstance(expr, kind):
                return method(self, expr)
        raise TypeError(f"{type(expr).__name__} has no value: {expr}")

    def condition(self, condition: Basic) -> Callable[[Environment], bool]:
        if type(condition) not in CONDITIONS:
            raise TypeError(f"{type(condition).__name__} is not a condition: {condition}")
        return CONDITIONS[type(condition)](self, condition)


@lru_cache(maxsize=16384)
def compiled(
    term: Basic,
    layer: Layer = NO_TENSORS,
    arithmetic: Arithmetic = EXACT,
    read: Reader = read_inside,
    compiler: type[Compiler] = TermCompiler,
) -> Compiled:
    """An expression or condition in the tensors of a layer."""
    made = compiler(layer, arithmetic, read)
    run = made.condition(term) if isinstance(term, Condition) else made.value(term)
    return Compiled(run, dict(made.slots), len(made.environment()), arithmetic)


def _missing(symbol: Symbol) -> str:
    if isinstance(symbol, Index):
        return f"the index {symbol.name} is used outside the sum that binds it"
    kind = "hyperparameter" if isinstance(symbol, Parameter | RealParameter) else "size"
    return f"no tensor determines the {kind} {symbol.name}: it must be given"
