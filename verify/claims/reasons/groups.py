"""A group of channels is cut out at the wrong place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sympy import Add, Expr, Mul

from derive.language.definition import Equation
from derive.language.terms import Entry, FloorDiv, Index, Modulo
from verify.claims.misreading import misread
from verify.claims.scene import Scene, Suspect, at

PRIORITY = 6

#: the first channel of the group of output channel o: groups of m output and d input channels
Offset = Callable[[Expr, Expr, Expr], Expr]

MISTAKES: tuple[tuple[str, Offset], ...] = (
    ("the first channels are read by every group", lambda o, m, d: 0 * o),
    ("the number of the group is not multiplied", lambda o, m, d: FloorDiv(o, m)),
    ("neighbours belong to different groups", lambda o, m, d: Modulo(o, m) * d),
    ("sizes of input and output groups exchanged", lambda o, m, d: FloorDiv(o, d) * m),
    ("every output channel is its own group", lambda o, m, d: o * d),
)


def suspects(scene: Scene) -> Iterator[Suspect]:
    """x[o//m·d + i] with another first channel than o//m·d."""
    for words, offset in MISTAKES:
        yield from misread(scene, f"groups sliced wrongly: {words}", partial(_regrouped, offset))


def _regrouped(offset: Offset, read: Entry, equation: Equation) -> Entry:
    """The read with the part o//m·d of each coordinate replaced."""
    coordinates: dict[int, Expr] = {}
    for axis, coordinate in enumerate(read.indices):
        for term in Add.make_args(coordinate):
            factors = list(Mul.make_args(term))
            block = next((f for f in factors if isinstance(f, FloorDiv) and _is_block(f)), None)
            if block is not None:
                factors.remove(block)
                output, size = block.args
                coordinates[axis] = Add(coordinate, -term, offset(output, size, Mul(*factors)))
    return at(read, coordinates)


def _is_block(factor: FloorDiv) -> bool:
    """An output index divided by the size of a group."""
    return isinstance(factor.args[0], Index)
