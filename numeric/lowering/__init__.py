"""From a layer to an array program, in labelled stages.

| stage | takes | gives | checked by |
|---|---|---|---|
| steadying | a layer | one of the same values, whose exponentials do not overflow | samples |
| rearranging | an equation | one of the same values, with affine reads | extent = Q·m |
| nests | an equation | loop nests of one reduction each | a scatter's index maps, both ways |
| arrays | nests | statements on whole arrays | each view against the formula it stands for |
| validity | statements | the program | shapes, kinds, every index inside its array |

What a check does not confirm goes the slow way, entry by entry, and the program says so.  What the
finished program computes is held against the layer's equations in ``numeric.program.equivalence``.
"""

from __future__ import annotations

from derive.language.definition import Layer
from derive.language.terms import AtMost, Symbol, symbols_of
from numeric.lowering.arrays import Arrays
from numeric.lowering.ground import Ground
from numeric.lowering.naming import Names
from numeric.lowering.nesting import nests
from numeric.lowering.rearranging import Rearranged, rearranged
from numeric.lowering.statements import Statements
from numeric.program import Merge, Program, Statement, Width
from numeric.program.reads import ONE
from numeric.program.validity import checked


def lowered(layer: Layer, outputs: tuple[str, ...] | None = None) -> Program:
    """The array program for a layer's outputs (those that no equation reads, unless given).

    The program is computed only where a single output has entries: no axis of it is empty.
    """
    outputs = outputs or tuple(e.name for e in layer.outputs)
    names = Names.of(layer)
    extents = layer.shape(outputs[0]) if len(outputs) == 1 else ()
    ground = Ground(layer, facts=tuple(AtMost(ONE, n) for n in extents))
    statements = Statements(layer, names)
    arrays = Arrays(statements, ground)
    for equation in layer.ordered:
        statements.equation = equation.name
        made = rearranged(layer, equation, names)
        for nest in nests(made, ground, names):
            arrays.add(nest)
        statements.support(made.name, list(made.evidence))
        if made.reshaped:
            statements.define(_merge(made))
    program = Program(
        layer,
        tuple(_needed(list(statements.made.values()), outputs)),
        outputs,
        tuple(statements.origins.items()),
        tuple(statements.evidence),
        tuple(statements.notes),
    )
    return checked(program)


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


def _merge(made: Rearranged) -> Merge:
    lengths = tuple(tuple(n for _, n in group) for group in made.digits)
    return Merge(made.target, made.target_axes, made.name, lengths, made.positions)
