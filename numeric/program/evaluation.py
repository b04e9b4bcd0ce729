"""Array programs run without NumPy: every statement by its meaning, entry by entry, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Symbol

from numeric.program import Program, Width
from verify.evaluation.arithmetic import EXACT, Arithmetic
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import compiled
from verify.evaluation.exact import tabulated


def evaluated(
    program: Program,
    arrays: Mapping[str, Array],
    values: Mapping[Symbol, Any],
    arithmetic: Arithmetic = EXACT,
) -> dict[str, Array]:
    """The outputs by name, for tensors and values of all sizes and hyperparameters."""
    known, numbers = dict(arrays), dict(values)

    def value(expr: Basic) -> Any:
        return compiled(expr, program.layer, arithmetic)(numbers, known)

    for statement in program.statements:
        if isinstance(statement, Width):
            numbers[statement.size] = value(statement.meaning)
            continue
        shape = tuple(value(n) for n in statement.extents)
        body = compiled(statement.meaning, program.layer, arithmetic)
        indices = [i for i, _ in statement.axes]
        known[statement.name] = tabulated(body, indices, shape, numbers, known)
    return {name: known[name] for name in program.outputs}
