"""Exact evaluation of any layer from its equations, independent of the engine.

``evaluate`` runs what was written, with the meaning the notation gives it; ``evaluate_explicit``
runs the equations with every guard spelled out, where a read outside a tensor is always an error.
That the two agree is one reason to believe the guards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol

from derive.language.definition import Equation, Layer
from derive.language.terms import Index
from verify.evaluation.arithmetic import EXACT, Arithmetic
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.closures import Reader
from verify.evaluation.compiled import Compiled, Values, compiled
from verify.evaluation.readers import read_inside, read_padded
from verify.evaluation.sizes import Number, bindings


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


def run(
    layer: Layer,
    arrays: Mapping[str, Array],
    values: Values,
    meaning: Meaning,
    arithmetic: Arithmetic,
) -> dict[str, Array]:
    """Every equation's tensor, each computed after those it reads."""
    found = dict(arrays)
    for equation, extents, body in _programs(layer, meaning, arithmetic):
        shape = tuple(n(values) for n in extents)
        found[equation.name] = tabulated(body, equation.indices, shape, values, found)
    return {equation.name: found[equation.name] for equation in layer.equations}


def tabulated(
    body: Compiled,
    indices: Sequence[Index],
    shape: tuple[int, ...],
    values: Mapping[Symbol, Any],
    arrays: Mapping[str, Array],
) -> Array:
    """The tensor whose entry at each index is the body there."""
    env = body.environment({**values, **dict.fromkeys(indices)}, arrays)
    slots = [(axis, body.slots[i]) for axis, i in enumerate(indices) if i in body.slots]
    entries = []
    for place in indices_of(shape):
        for axis, slot in slots:
            env[slot] = place[axis]
        entries.append(body.run(env))
    return Array(shape, tuple(entries))


@lru_cache(maxsize=256)
def _programs(
    layer: Layer, meaning: Meaning, arithmetic: Arithmetic
) -> list[tuple[Equation, list[Compiled], Compiled]]:
    """Each equation with its extents and its body, after those it reads."""
    return [
        (
            e,
            [compiled(n) for n in e.extents],
            compiled(meaning.body(e), layer, arithmetic, meaning.read),
        )
        for e in layer.ordered
    ]


def evaluate_expression(
    expr: Expr,
    layer: Layer,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    read: Reader = read_inside,
    arithmetic: Arithmetic = EXACT,
) -> Any:
    """One expression in the tensors of a layer, with values for its free symbols."""
    return compiled(expr, layer, arithmetic, read)(values, arrays)
