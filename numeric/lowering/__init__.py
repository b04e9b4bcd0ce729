"""From a layer to an array program, in labelled stages.

| stage | takes | gives | checked by |
|---|---|---|---|
| stabilise | a layer | one of the same values, whose exponentials do not overflow | samples |
| rearranging | an equation | one of the same values, with affine reads | extent = Q·m |
| nests | an equation | loop nests of one reduction each | a scatter's index maps, both ways |
| arrays | nests | statements on whole arrays | each view against the formula it stands for |
| validity | statements | the program | shapes, kinds, every index inside its array |

What a check does not confirm goes the slow way, entry by entry, and the program says so.  What the
finished program computes is held against the layer's equations in ``numeric.program.equivalence``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Symbol

from derive.language.definition import Equation, Layer
from derive.language.terms import symbols_of
from numeric.lowering.arrays import Arrays
from numeric.lowering.arrays.builder import ProgramBuilder
from numeric.lowering.naming import FreshNames
from numeric.lowering.nesting import nests
from numeric.lowering.rearranging import rearranged
from numeric.lowering.rearranging.uniform import uniform
from numeric.lowering.repetition import without_repetition
from numeric.lowering.stabilise import stabilised
from numeric.program.assumptions import Assumptions
from numeric.program.statements import EntryByEntry, Merge, Program, Statement, Width
from numeric.program.supports import supported
from numeric.program.validity import InvalidProgram, checked


def program_of(layer: Layer, outputs: tuple[str, ...]) -> Program:
    """The array program that targets make their lines of, through all stages."""
    program = lowered(stabilised(supported(layer), outputs), outputs)
    return replace(program, layer=layer)


def lowered(layer: Layer, outputs: tuple[str, ...] | None = None) -> Program:
    """The array program for a layer's outputs (those that no equation reads, unless given).

    The program is computed only where a single output has entries: no axis of it is empty.  An
    equation for which the stages make no well-formed statements is computed entry by entry.
    """
    outputs = outputs or tuple(e.name for e in layer.outputs)
    slow: dict[str, str] = {}
    while True:
        try:
            return checked(_assembled(layer, outputs, slow))
        except InvalidProgram as error:
            if not error.equation or error.equation in slow:
                raise
            slow[error.equation] = str(error)


def _assembled(layer: Layer, outputs: tuple[str, ...], slow: Mapping[str, str]) -> Program:
    """The program, with loops for the equations that are slow, for the reasons given."""
    names = FreshNames.of(layer)
    here = Assumptions.of_outputs(layer, outputs)
    builder = ProgramBuilder(layer, names)
    arrays = Arrays(builder, here)
    for equation in layer.ordered:
        builder.equation = equation.name
        if equation.name in slow:
            _looped(equation, slow[equation.name], builder)
            continue
        made = rearranged(layer, equation, names)
        for nest in nests(made, here, names):
            arrays.add(nest)
        builder.support(made.name, made.evidence)
        if made.reshaped:
            lengths = tuple(tuple(n for _, n in group) for group in made.digits)
            builder.define(Merge(made.target, made.target_axes, made.name, lengths, made.positions))
    return Program(
        layer,
        tuple(_needed(without_repetition(builder.made.values(), outputs), outputs)),
        outputs,
        tuple(builder.origins.items()),
        tuple(builder.evidence),
        tuple(builder.notes),
    )


def _looped(equation: Equation, reason: str, builder: ProgramBuilder) -> None:
    """The equation as plain loops."""
    axes = tuple(zip(equation.indices, equation.extents, strict=True))
    value = uniform(equation.explicit, equation.indices, builder.names)
    builder.define(EntryByEntry(equation.name, axes, value, reason))
    builder.note(f"{equation.name} is computed entry by entry, which is slow: {reason}")


def _needed(statements: list[Statement], outputs: tuple[str, ...]) -> list[Statement]:
    """The statements that the outputs depend on, in order."""
    names, symbols = set(outputs), set[Symbol]()
    kept = []
    for statement in reversed(statements):
        if statement.name in names or (isinstance(statement, Width) and statement.size in symbols):
            kept.append(statement)
            names.update(statement.sources)
            parts = (statement.meaning, *statement.extents)
            symbols.update(s for part in parts for s in symbols_of(part))
    return kept[::-1]
