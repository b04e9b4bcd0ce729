"""Exact evaluation of any layer from its equations, independent of the engine.

``evaluate`` runs what was written, with the meaning the notation gives it; ``evaluate_explicit``
runs the equations with every guard spelled out, where a read outside a tensor is always an error.
That the two agree is one reason to believe the guards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr

from derive.language.definition import Equation, Layer
from derive.language.terms import RealParameter, Symbol, reads
from verify.evaluation.arithmetic import EXACT, FLOAT, Arithmetic
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.closures import Closure, Compiler, Environment, Reader
from verify.evaluation.readers import read_inside, read_padded
from verify.evaluation.sizes import Number, Values, bindings, value_of


@dataclass(frozen=True)
class Meaning:
    """Which side of an equation is run, and what its reads mean."""

    body: Callable[[Equation], Expr]
    read: Reader


WRITTEN = Meaning(lambda equation: equation.written, read_padded)
EXPLICIT = Meaning(lambda equation: equation.explicit, read_inside)


def evaluate(
    layer: Layer,
    arrays: Mapping[str, Array],
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
    arithmetic: Arithmetic = EXACT,
) -> dict[str, Array]:
    """Every equation's tensor by name, computed from the equations as they were written."""
    values = bindings(layer, arrays, hyperparameters, sizes)
    return run(layer, arrays, values, WRITTEN, arithmetic)


def evaluate_explicit(
    layer: Layer,
    arrays: Mapping[str, Array],
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
    arithmetic: Arithmetic = EXACT,
) -> dict[str, Array]:
    """Every equation's tensor by name, computed from the equations with all guards spelled out."""
    values = bindings(layer, arrays, hyperparameters, sizes)
    return run(layer, arrays, values, EXPLICIT, arithmetic)


def evaluate_float(
    layer: Layer,
    arrays: Mapping[str, Array],
    hyperparameters: Mapping[str, Number] = {},
    sizes: Mapping[str, int] = {},
) -> dict[str, Array]:
    """``evaluate`` over floats, which have exp, log and roots."""
    return evaluate(layer, arrays, hyperparameters, sizes, FLOAT)


def run(
    layer: Layer,
    arrays: Mapping[str, Array],
    values: Values,
    meaning: Meaning,
    arithmetic: Arithmetic,
) -> dict[str, Array]:
    """Every equation's tensor, each computed after those it reads."""
    known = dict(arrays)
    for program in _programs(layer, meaning, arithmetic):
        known[program.name] = program.run(known, values)
    return {equation.name: known[equation.name] for equation in layer.equations}


def evaluate_expression(
    expr: Expr,
    layer: Layer,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    read: Reader = read_inside,
    arithmetic: Arithmetic = EXACT,
) -> Any:
    """One expression in the tensors of a layer, with values for its free symbols."""
    closure, slots, room = _expression(expr, layer, read, arithmetic)
    return closure(_environment(slots, room, arrays, dict(values), arithmetic))


@dataclass(frozen=True)
class _Program:
    """One equation, compiled: where its indices live, its extents and its body."""

    name: str
    slots: tuple[tuple[Symbol | str, int], ...]
    room: int
    indices: tuple[int, ...]
    extents: tuple[Closure, ...]
    body: Closure
    arithmetic: Arithmetic

    def run(self, arrays: Mapping[str, Array], values: Values) -> Array:
        env = _environment(self.slots, self.room, arrays, values, self.arithmetic)
        shape = tuple(extent(env) for extent in self.extents)
        entries = []
        for index in indices_of(shape):
            for slot, i in zip(self.indices, index, strict=True):
                env[slot] = i
            entries.append(self.body(env))
        return Array(shape, tuple(entries))


@lru_cache(maxsize=256)
def _programs(layer: Layer, meaning: Meaning, arithmetic: Arithmetic) -> tuple[_Program, ...]:
    return tuple(_program(layer, e, meaning, arithmetic) for e in in_order(layer))


def _program(
    layer: Layer, equation: Equation, meaning: Meaning, arithmetic: Arithmetic
) -> _Program:
    compiler = Compiler(layer, arithmetic, meaning.read)
    indices = [compiler.slot(index) for index in equation.indices]
    extents = tuple(compiler.value(n) for n in equation.extents)
    body = compiler.value(meaning.body(equation))
    free = [(k, slot) for k, slot in compiler.slots.items() if k not in equation.indices]
    room = len(compiler.environment())
    return _Program(equation.name, tuple(free), room, tuple(indices), extents, body, arithmetic)


@lru_cache(maxsize=1024)
def _expression(
    expr: Expr, layer: Layer, read: Reader, arithmetic: Arithmetic
) -> tuple[Closure, tuple[tuple[Symbol | str, int], ...], int]:
    compiler = Compiler(layer, arithmetic, read)
    closure = compiler.value(expr)
    return closure, tuple(compiler.slots.items()), len(compiler.environment())


def _environment(
    slots: tuple[tuple[Symbol | str, int], ...],
    room: int,
    arrays: Mapping[str, Array],
    values: Values,
    arithmetic: Arithmetic,
) -> Environment:
    env: Environment = [None] * room
    for key, slot in slots:
        if isinstance(key, str):
            env[slot] = arrays[key]
        elif isinstance(key, RealParameter):
            env[slot] = arithmetic.number(value_of(key, values))
        else:
            env[slot] = value_of(key, values)
    return env


def in_order(layer: Layer) -> list[Equation]:
    """The equations, each after those it reads."""
    done: list[Equation] = []
    waiting = list(layer.equations)
    while waiting:
        names = [e.name for e in waiting]
        ready = [e for e in waiting if not any(reads(e.written, name) for name in names)]
        if not ready:
            raise ValueError(f"the equations for {', '.join(names)} read one another")
        done += ready
        waiting = [e for e in waiting if e not in ready]
    return done
