"""Plain loops straight from the equations: the oracle for all other targets.

One entry after the other is computed as the equation says.  The same text runs on floats, on
integers, and exactly on object arrays of integers and fractions.
"""

from __future__ import annotations

from derive.engine.record import Derivation
from derive.language.definition import Layer
from derive.language.printing import equation as written
from numeric.emission.dialect import NUMPY, Body, Comment
from numeric.emission.identifiers import Identifiers
from numeric.emission.looping import Loops
from numeric.lowering.naming import FreshNames
from numeric.lowering.rearranging.uniform import uniform
from numeric.program.supports import supported

SUMMARY = "plain Python loops straight from the equations: slow, and exact on exact numbers"
DIALECT = NUMPY


def gradient(derivation: Derivation) -> Layer:
    """The result as it was derived: what closed forms are held against."""
    return derivation.layer


def body(layer: Layer, outputs: tuple[str, ...], names: Identifiers, comment: Comment) -> Body:
    """The lines that compute every equation, entry by entry."""
    loops = Loops(names, layer, DIALECT)
    fresh = FreshNames.of(layer)
    for equation in supported(layer).ordered:
        loops.lines += [f"# {t}" for t in written(equation.entry, equation.explicit, 90)]
        axes = tuple(zip(equation.indices, equation.extents, strict=True))
        loops.tensor(equation.name, axes, uniform(equation.explicit, equation.indices, fresh))
    explanation = f"{layer.name}: equations → loops, nothing rearranged"
    return Body(tuple(loops.lines), tuple(loops.helpers), explanation)
