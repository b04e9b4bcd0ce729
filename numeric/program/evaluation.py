"""Array programs run without NumPy: every statement by its meaning, entry by entry, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Expr, Symbol

from numeric.program import Program, Statement, Width
from verify.evaluation.arithmetic import EXACT, Arithmetic
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.exact import evaluate_expression
from verify.evaluation.readers import read_inside


def evaluated(
    program: Program,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    arithmetic: Arithmetic = EXACT,
) -> dict[str, Array]:
    """The outputs by name, for tensors and values of all sizes and hyperparameters."""
    known, numbers = dict(arrays), dict(values)
    for statement in program.statements:
        if isinstance(statement, Width):
            numbers[statement.size] = _value(program, statement.meaning, known, numbers, arithmetic)
        else:
            known[statement.name] = _array(program, statement, known, numbers, arithmetic)
    return {name: known[name] for name in program.outputs}


def _array(
    program: Program,
    statement: Statement,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    arithmetic: Arithmetic,
) -> Array:
    shape = tuple(_value(program, n, arrays, values, arithmetic) for n in statement.extents)
    indices = [i for i, _ in statement.axes]
    entries = []
    for place in indices_of(shape):
        here = {**values, **dict(zip(indices, place, strict=True))}
        entries.append(_value(program, statement.meaning, arrays, here, arithmetic))
    return Array(shape, tuple(entries))


def _value(
    program: Program,
    expr: Expr | Basic,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    arithmetic: Arithmetic,
) -> Any:
    return evaluate_expression(expr, program.layer, arrays, values, read_inside, arithmetic)
