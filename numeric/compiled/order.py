"""In which order a nest's loops are run, and which of them threads may share."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from sympy import Basic, Expr, Integer

from derive.language.terms import Entry, Index, subterms
from numeric.compiled.fusion import Nest
from numeric.compiled.stencils import stencil_of
from numeric.program.reads import Axis
from numeric.program.statements import FirstPlace, Largest, ScatterAdd, Statement

#: what an integer of eight bits is below
_FEW = 1 << 7


def order(nest: Nest) -> tuple[Axis, ...]:
    """The loops, outermost first: entries that lie beside each other innermost."""
    if isinstance(nest.statement, ScatterAdd):
        return _scattering(nest, nest.statement)
    if not adds(nest):
        return nest.loops
    over = {i for i, _ in nest.over}
    first, *rest = (axis for axis in nest.loops if axis[0] not in over)
    return (first, *nest.over, *rest) if rest else (*nest.over, first)


def _scattering(nest: Nest, statement: ScatterAdd) -> tuple[Axis, ...]:
    """Entries that lie beside each other innermost, also where places are looked up for rows."""
    looped = statement.looped
    free = [axis for axis in nest.loops if axis[0] not in looped]
    own = [i for i in nest.target.indices if isinstance(i, Index)]
    free.sort(key=lambda axis: own.index(axis[0]) if axis[0] in own else len(own))
    again = [axis for axis in nest.loops if axis[0] in looped]
    if own and own[0] != nest.target.indices[0] and own[-1] == nest.target.indices[-1]:
        others = [axis for axis in free if axis[0] not in own]
        return (*others, *again, *(axis for axis in free if axis[0] in own))
    if again and prod(int(n) if isinstance(n, Integer) else _FEW for _, n in again) < _FEW:
        return (*free, *again)
    return (*free[:-1], *again, *free[-1:])


def adds(nest: Nest) -> bool:
    """Whether a sum is added up in memory, since its terms do not lie beside each other."""
    over = {i for i, _ in nest.over}
    if not over or isinstance(nest.statement, Largest | FirstPlace | ScatterAdd):
        return False
    if stencil_of(nest) is not None:
        return False
    last = [e.indices[-1] for e in _longest(nest.value)]
    together = any(_mentions(at, over) for at in last)
    return bool(last) and not together and len(nest.loops) > len(over)


def integers_of(statement: Statement) -> str | None:
    """The type of a statement's integers, as narrow as its places allow; None: it makes reals."""
    if statement.kind != "integer":
        return None
    if isinstance(statement, FirstPlace):
        lengths = [n for _, n in statement.over]
        if all(isinstance(n, Integer) for n in lengths) and prod(map(int, lengths)) < _FEW:
            return "np.int8"
    return "np.int32"


def shared(nest: Nest) -> Axis | None:
    """The first loop, of those that may be shared, whose values write to different entries."""
    loops = order(nest)
    if isinstance(nest.statement, ScatterAdd):
        return next((axis for axis in loops if axis[0] in nest.target.indices), None)
    return loops[0] if loops and loops[0] in nest.axes else None


def is_outermost(axis: Axis | None, nest: Nest) -> bool:
    """Whether that loop is there, and has all others inside."""
    return axis is not None and axis == order(nest)[0]


def _longest(value: Expr) -> Sequence[Entry]:
    """The reads with the most axes."""
    found = [s for s in subterms(value) if isinstance(s, Entry)]
    most = max((len(e.indices) for e in found), default=0)
    return [e for e in found if len(e.indices) == most and most]


def _mentions(expr: Basic, indices: set[Index]) -> bool:
    return any(s in indices for s in subterms(expr))
