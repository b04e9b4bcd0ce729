"""Which arrays of a program are never made: their entries are computed where they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import Any

from sympy import Expr, Function, Mul, Pow

from derive.language.substitution import substituted
from derive.language.terms import (
    ZERO,
    Between,
    Both,
    Choose,
    Condition,
    Entry,
    entries,
    mapped,
    replace,
    subterms,
    varies,
)
from numeric.program.reads import TRUE, Axis, conjunction, parts_of
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

#: statements that become loops
LOOPED = (Elementwise, Reduction, Contraction, Largest, FirstPlace, ScatterAdd)
#: statements that only bring entries elsewhere
MOVING = (View, Pad, Gather, Split, Merge)


@dataclass(frozen=True)
class Nest:
    """The loops of a statement: over ``axes`` its entries, over ``over`` what each is made of.

    ``value`` is what the innermost loop computes, with everything put in that is never an array,
    and ``target`` the entry that it is for; ``only`` and ``needed`` are those of a maximum.
    ``shapes`` are the axes of arrays that are seen with other axes than they have.
    """

    statement: Statement
    target: Entry
    value: Expr
    axes: tuple[Axis, ...]
    over: tuple[Axis, ...] = ()
    only: Condition = TRUE
    needed: Condition = TRUE
    shapes: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)

    @property
    def loops(self) -> tuple[Axis, ...]:
        """All loops, outermost first."""
        return (*self.axes, *self.over)


def fused(program: Program) -> list[Nest | Statement]:
    """Nests, and statements on whole arrays, in order; each reads only arrays that are made."""
    return list(_Fusion(program).parts())


class _Fusion:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._put_in: dict[str, Statement] = {}
        self._uses = Counter(e for s in program.statements for e in _reads(s))

    def parts(self) -> Iterator[Nest | Statement]:
        for statement in self._program.statements:
            if self._vanishes(statement):
                self._put_in[statement.name] = statement
            elif is_looped(statement):
                yield self._nest(statement)
            else:
                for source in statement.sources:
                    yield from self._made(source)
                yield statement

    def _made(self, name: str) -> Iterator[Nest | Statement]:
        """What makes an array after all, which a statement on whole arrays reads."""
        statement = self._put_in.pop(name, None)
        if statement is None:
            return
        if is_looped(statement):
            yield self._nest(statement)
            return
        for source in statement.sources:
            yield from self._made(source)
        yield statement

    def _vanishes(self, statement: Statement) -> bool:
        """Whether no array is made: entries are moved, cheap, or each is read just once."""
        if statement.name in self._program.outputs:
            return False
        if isinstance(statement, MOVING):
            return True
        if not isinstance(statement, Elementwise):
            return False
        readers = [s for s in self._program.statements if statement.name in s.sources]
        reads = {e for s in readers for e in _reads(s) if e.tensor == statement.name}
        if _is_cheap(statement):
            return True
        if len(readers) != 1 or len(reads) != 1:
            return False
        reader = readers[0]
        if isinstance(reader, MOVING):
            return False
        volume = {i for i, _ in (*reader.axes, *getattr(reader, "over", ()))}
        (read,) = reads
        return set(read.indices) == volume

    def _nest(self, statement: Statement) -> Nest:
        axes, over = statement.axes, getattr(statement, "over", ())
        loops = (*axes, *over)
        if isinstance(statement, ScatterAdd):
            target = Entry(statement.name, *statement.positions)
            return Nest(statement, target, self._inside(statement.source, over), (), over)
        if isinstance(statement, Contraction):
            value: Expr = Mul(*statement.factors)
        else:
            assert isinstance(statement, Elementwise | Reduction | Largest | FirstPlace)
            value = statement.value
        nest = Nest(statement, statement.entry, self._inside(value, loops), axes, over)
        if not isinstance(statement, Largest | FirstPlace):
            return nest
        needed = statement.needed if isinstance(statement, Largest) else TRUE
        only, needed = (self._inside(c, loops) for c in (statement.only, needed))
        return replaced(nest, only=only, needed=needed)

    def _inside(self, term: Any, loops: Sequence[Axis]) -> Any:
        """The resolved term without the guards that hold in all of the loops."""
        held = {Between(ZERO, i, n) for i, n in loops}
        return _without(self._resolved(term), held)

    def _resolved(self, term: Expr) -> Expr:
        """The term with the meaning of every array that is not made."""
        found = {}
        for entry in entries(term):
            statement = self._put_in.get(entry.tensor)
            if statement is not None:
                indices = (self._resolved(i) for i in entry.indices)
                own = (i for i, _ in statement.axes)
                meaning = self._resolved(statement.meaning)
                found[entry] = substituted(meaning, dict(zip(own, indices, strict=True)))
        put_in: Expr = replace(term, found)
        return put_in


def _without(term: Any, held: Set[Condition]) -> Any:
    """The term, conditions that hold left out."""
    if isinstance(term, Choose):
        stated, yes, no = (_without(arg, held) for arg in term.args)
        return yes if stated == TRUE else Choose(stated, yes, no)
    if isinstance(term, Between | Both):
        return conjunction([part for part in parts_of(term) if part not in held])
    return mapped(lambda arg: _without(arg, held), term)


def is_looped(statement: Statement) -> bool:
    """Whether a statement becomes loops: not a product of matrices, which a library does better."""
    if isinstance(statement, Contraction):
        return not _multiplies_matrices(statement)
    return isinstance(statement, LOOPED)


def _multiplies_matrices(statement: Contraction) -> bool:
    """Whether each of two factors has an axis of the result for itself."""
    out = {i for i, _ in statement.axes}
    if len(statement.factors) != 2:
        return False
    first, second = (set(f.indices) & out for f in statement.factors)
    return bool(first - second) and bool(second - first)


def _is_cheap(statement: Elementwise) -> bool:
    """Whether computing entries again costs no more than reading them.

    What is the same all along the last axis is computed in front of its loop.
    """
    indices = [index for index, _ in statement.axes]
    costly = (s for s in subterms(statement.value) if isinstance(s, Function | Pow) and varies(s))
    return all(indices[:-1] and indices[-1] not in subterms(s) for s in costly)


def _reads(statement: Statement) -> Sequence[Entry]:
    return entries(statement.meaning)
