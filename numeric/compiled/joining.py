"""Nests in one outermost loop: what one makes of a row the next reads while it is in the cache.

y[n] = max[c] x[n, c], then z[n] = sum[c] exp(x[n, c] - y[n]): one pass over n does both, since the
second reads of the first only what was made in the same pass.  Arrays that nothing else reads are
no arrays then: a row is enough, or a number.  Nests without such a loop follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derive.language.substitution import substituted
from derive.language.terms import Entry, Index, entries, subterms
from numeric.compiled.fusion import Nest
from numeric.compiled.merging import Extents, merged
from numeric.compiled.order import adds, shared
from numeric.program.statements import Program, ScatterAdd, Statement


@dataclass(frozen=True)
class Joint:
    """Nests with the same outermost loop; of the arrays ``local`` there is only a row at a time."""

    nests: tuple[Nest, ...]
    local: frozenset[str] = frozenset()


def joined(parts: Sequence[Nest | Statement], program: Program) -> list[Joint | Statement]:
    """The parts with neighbouring nests in one loop where they may be."""
    made: list[Joint | Statement] = []
    for part in parts:
        if not isinstance(part, Nest):
            made.append(part)
            continue
        nest = merged(part, program.extents)
        last = made[-1] if made else None
        together = _together(last, nest, program.extents) if isinstance(last, Joint) else None
        made[len(made) - (together is not None) :] = [together or Joint((nest,))]
    return [_in_rows(part, made, program) if isinstance(part, Joint) else part for part in made]


def _together(joint: Joint, nest: Nest, extents: Extents) -> Joint | None:
    """The nest in the loop of the others, if it may be there."""
    axis, other = shared(joint.nests[0]), shared(nest)
    if any(isinstance(n.statement, ScatterAdd) for n in (*joint.nests, nest)):
        return None
    if axis is None and other is None:
        return Joint((*joint.nests, nest)) if _agree(joint.nests, nest, extents) else None
    if axis is None or other is None or axis[1] != other[1]:
        return None
    if other != axis:
        if axis[0] in {i for i, _ in nest.loops}:
            return None
        nest = _renamed(nest, other[0], axis[0])
    if not _agree(joint.nests, nest, extents):
        return None
    own = {n.statement.name for n in joint.nests}
    read = [entry for entry in _reads(nest) if entry.tensor in own]
    return Joint((*joint.nests, nest)) if all(_is_row(e, axis[0]) for e in read) else None


def _agree(nests: Sequence[Nest], nest: Nest, extents: Extents) -> bool:
    """Whether the nest sees every array with the axes with which the others see it."""
    seen = {e.tensor: _shape(e, n, extents) for n in nests for e in (n.target, *_reads(n))}
    here = {e.tensor: _shape(e, nest, extents) for e in (nest.target, *_reads(nest))}
    return all(seen.get(tensor, shape) == shape for tensor, shape in here.items())


def _shape(entry: Entry, nest: Nest, extents: Extents) -> Any:
    return nest.shapes.get(entry.tensor, extents(entry.tensor))


def _is_row(entry: Entry, index: Index) -> bool:
    """Whether only what was made in the same pass is read."""
    return entry.indices[0] == index and not any(
        s == index for i in entry.indices[1:] for s in subterms(i)
    )


def _reads(nest: Nest) -> list[Entry]:
    return [e for term in (nest.value, nest.only, nest.needed) for e in entries(term)]


def _renamed(nest: Nest, old: Index, new: Index) -> Nest:
    """The nest with another name for an index."""

    def again(term: Any) -> Any:
        return substituted(term, {old: new})

    return replace(
        nest,
        target=again(nest.target),
        value=again(nest.value),
        only=again(nest.only),
        needed=again(nest.needed),
        axes=tuple((new if i == old else i, n) for i, n in nest.axes),
        over=tuple((new if i == old else i, n) for i, n in nest.over),
    )


# --- rows -----------------------------------------------------------------------------------------


def _in_rows(joint: Joint, parts: Iterable[Joint | Statement], program: Program) -> Joint:
    """The nests with rows for the arrays that nothing else reads."""
    read = set(program.outputs)
    for part in parts:
        if isinstance(part, Joint) and part is not joint:
            read |= {e.tensor for nest in part.nests for e in _reads(nest)}
        elif not isinstance(part, Joint):
            read |= set(part.sources)
    own = {n.statement.name for n in joint.nests if not adds(n)}
    return replace(joint, local=frozenset(own - read if len(joint.nests) > 1 else ()))
