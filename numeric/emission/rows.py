"""Which statements of an array program are computed together, block by block.

The arrays of a pass are cut along their first axes, which are of one length: a statement belongs to
it that computes a row of its result from the same row of what it reads, or that sums over rows, so
that each block adds to what there is.  A block's arrays stay in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from sympy import Expr

from derive.language.terms import Entry, Index, Size, entries, indices_in, symbols_of
from numeric.emission.contraction import layout
from numeric.program.reads import Axis
from numeric.program.statements import (
    Contraction,
    Elementwise,
    FirstPlace,
    Gather,
    Largest,
    Merge,
    Pad,
    Program,
    Reduction,
    ScatterAdd,
    Split,
    Statement,
    View,
)

#: the length of a block's first axis
ROWS = Size("rows")


@dataclass
class Pass:
    """Statements of one pass over ``length`` rows; ``blocks`` are they as they are for a block.

    ``cut`` are the arrays from before of which a block takes its rows, ``whole`` those read
    as they are; ``summed`` the statements that add up what the blocks give, ``made`` those of the
    others that are read afterwards.
    """

    length: Expr
    statements: list[Statement] = field(default_factory=list)
    blocks: list[Statement] = field(default_factory=list)
    cut: dict[str, None] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    summed: list[Statement] = field(default_factory=list)
    made: list[Statement] = field(default_factory=list)

    @property
    def flat(self) -> bool:
        """Whether arrays may be taken for one long row: entries meet entries at the same place."""
        shapes = {s.extents for s in self.statements}
        return len(shapes) == 1 and not self.whole and all(map(_is_entrywise, self.statements))

    @property
    def rows(self) -> list[Statement]:
        """Those that make rows of arrays."""
        return [s for s in self.statements if s not in self.summed]

    @property
    def is_worth_it(self) -> bool:
        """Whether there is something to cut, and more than a row of numbers."""
        counts = (len(s.axes) + len(getattr(s, "over", ())) for s in self.statements)
        return bool(self.cut) and max(counts) > 1


def passes(program: Program) -> Iterator[Pass | Statement]:
    """The program's statements, those of a pass together; each reads what was made before."""
    left = list(program.statements)
    while left:
        made = next((p for p in _passes(left, program) if p.is_worth_it), None)
        if made is None:
            yield left.pop(0)
            continue
        names = {s.name for s in made.statements}
        left = [s for s in left if s.name not in names]
        read = {*program.outputs, *(name for s in left for name in s.sources)}
        made.made = [s for s in made.rows if s.name in read]
        yield made


def _passes(left: Sequence[Statement], program: Program) -> Iterator[Pass]:
    """The passes that the first statement could be in."""
    for _, length in (*left[0].axes[:1], *getattr(left[0], "over", ())):
        made = Pass(length)
        pending: set[object] = set()
        for statement in left:
            if pending.isdisjoint(_needed(statement)) and _joins(statement, made, program):
                continue
            pending |= {statement.name, getattr(statement, "size", statement.name)}
        if made.statements[:1] == [left[0]]:
            yield made


def _needed(statement: Statement) -> set[object]:
    """The arrays that a statement reads, and the sizes that it has or computes with."""
    parts = (statement.meaning, *statement.extents)
    return {*statement.sources, *(s for part in parts for s in symbols_of(part))}


def _joins(statement: Statement, made: Pass, program: Program) -> bool:
    """Take the statement into the pass if it fits."""
    for index, length in (*statement.axes[:1], *getattr(statement, "over", ())):
        if length != made.length:
            continue
        cut = _cut(statement, index)
        inside = {s.name for s in made.rows}
        if cut is None or any(program.extents(name)[0] != length for name in cut):
            continue
        whole = {*statement.sources} - cut
        sums = {s.name for s in made.summed}
        if whole & {*made.cut, *inside} or cut & made.whole or (whole | cut) & sums:
            continue
        made.cut.update(dict.fromkeys(n for n in statement.sources if n in cut - inside))
        made.whole |= whole
        made.statements.append(statement)
        made.blocks.append(of_block(statement, (index, length)))
        if index not in dict(statement.axes):
            made.summed.append(statement)
        return True
    return False


# --- what a row is made of ------------------------------------------------------------------------


@singledispatch
def _cut(statement: Statement, index: Index) -> set[str] | None:
    """The arrays of which a row is read; None where the statement cannot be cut along the index."""
    return None


@_cut.register(Elementwise)
@_cut.register(Reduction)
@_cut.register(Largest)
@_cut.register(FirstPlace)
def _(statement: Any, index: Index) -> set[str] | None:
    only, needed = getattr(statement, "only", None), getattr(statement, "needed", None)
    return _read(index, *(part for part in (statement.value, only, needed) if part is not None))


@_cut.register
def _(statement: Contraction, index: Index) -> set[str] | None:
    """A product of matrices is a library's, which has blocks of its own."""
    made = layout(statement)
    return None if made.rows and made.columns else _read(index, *statement.factors)


@_cut.register(View)
@_cut.register(Split)
@_cut.register(Merge)
def _(statement: Any, index: Index) -> set[str] | None:
    first, *others = statement.positions or (None,)
    alone = first == index and index not in indices_in(*others)
    grouped = isinstance(statement, View) or len(statement.lengths[0]) == 1
    return {statement.source} if alone and grouped else None


@_cut.register
def _(statement: Pad, index: Index) -> set[str] | None:
    return {statement.source} if statement.before[0] == statement.after[0] == 0 else None


@_cut.register
def _(statement: Gather, index: Index) -> set[str] | None:
    positions = statement.positions
    own = positions[0] == index
    found = _read(index, *(positions[1:] if own else positions))
    if found is None or (not own and statement.source in found):
        return None
    return {*found, statement.source} if own else found


@_cut.register
def _(statement: ScatterAdd, index: Index) -> set[str] | None:
    first, *others = statement.positions or (None,)
    moves = first != index or index in indices_in(*others) or index in statement.looped
    if not statement.regular or moves or statement.before[0] != 0 or statement.after[0] != 0:
        return None
    return _read(index, statement.source)


def _read(index: Index, *terms: Any) -> set[str] | None:
    """The arrays that are read at an index, which stands first and nowhere else."""
    cut, others = set(), set()
    for entry in (e for term in terms for e in entries(term)):
        if index not in indices_in(entry):
            others.add(entry.tensor)
        elif entry.indices[0] != index or index in indices_in(*entry.indices[1:]):
            return None
        else:
            cut.add(entry.tensor)
    return None if cut & others or any(_is_value(index, term) for term in terms) else cut


def _is_value(index: Index, term: Any) -> bool:
    """Whether an index is computed with."""
    if isinstance(term, Entry):
        return any(_is_value(index, at) for at in term.indices if not isinstance(at, Index))
    return term == index or any(_is_value(index, arg) for arg in term.args)


def _is_entrywise(statement: Statement) -> bool:
    if not isinstance(statement, Elementwise):
        return False
    own = tuple(i for i, _ in statement.axes)
    reads = {e.indices for e in entries(statement.value)}
    counted = any(_is_value(i, statement.value) for i in indices_in(statement.value))
    return own in reads and reads <= {own, ()} and not counted


# --- a statement of a block -----------------------------------------------------------------------


def of_block(statement: Statement, axis: Axis) -> Statement:
    """The statement for a block: its axis, and the first axes of what is cut, are shorter."""
    changes: dict[str, Any] = {"axes": _shorter(statement.axes, axis)}
    if hasattr(statement, "over"):
        changes["over"] = _shorter(statement.over, axis)
    if isinstance(statement, View | Pad) or (
        isinstance(statement, Gather) and statement.positions[0] == axis[0]
    ):
        changes["sizes"] = (ROWS, *statement.sizes[1:])
    if isinstance(statement, Split | Merge):
        changes["lengths"] = ((ROWS,), *statement.lengths[1:])
    return replace(statement, **changes)


def _shorter(axes: Sequence[Axis], axis: Axis) -> tuple[Axis, ...]:
    return tuple((i, ROWS if i == axis[0] else n) for i, n in axes)
