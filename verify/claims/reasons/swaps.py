"""Two indices of a read, or of the result, have changed places."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from derive.language.integers import mentions
from derive.language.terms import Entry, Index
from verify.claims.scene import Scene, Suspect, at, sliding_axes, slidings
from verify.equality.terms import Term

PRIORITY = 20


def suspects(scene: Scene) -> Iterator[Suspect]:
    """k[a, b] ↔ k[b, a] for every pair of axes of every read; then the result's own indices."""
    for name in dict.fromkeys(f.tensor for t in scene.terms for f in scene.reads(t)):
        for one, other in reversed(list(combinations(range(len(scene.sizes(name))), 2))):
            words = _words(scene, name, one, other)
            yield from scene.changed(words, partial(_exchanged, scene, name, one, other))
            yield from scene.changed(words, partial(_ranges_kept, scene, name, one, other))
    for one_index, other_index in combinations(scene.free, 2):
        words = _words_of_result(scene, one_index, other_index)
        yield from scene.changed(words, partial(_turned, scene, one_index, other_index))


def _words(scene: Scene, name: str, one: int, other: int) -> str:
    rank = len(scene.sizes(name))
    if {one, other} <= sliding_axes(scene, name) and (one, other) == (rank - 2, rank - 1):
        return f"indices of height and width exchanged in {name}"
    if rank == 2:
        return f"{name} transposed: its two indices are exchanged"
    return f"axes {one + 1} and {other + 1} of {name} exchanged"


def _words_of_result(scene: Scene, one: Index, other: Index) -> str:
    moving = {
        index
        for term in scene.terms
        for s in slidings(scene, term)
        for index in (one, other)
        if mentions(s.signal.indices[s.along], index)
    }
    if moving == {one, other}:
        return f"indices of height and width exchanged: {one.name} and {other.name}"
    return f"the indices {one.name} and {other.name} of the result exchanged"


def _exchanged(scene: Scene, name: str, one: int, other: int, term: Term) -> Term | None:
    mapping: dict[Entry, Entry] = {}
    for read in scene.reads(term):
        if read.tensor == name and read.indices[one] != read.indices[other]:
            mapping[read] = at(read, {one: read.indices[other], other: read.indices[one]})
    return scene.reread(term, mapping) if mapping else None


def _ranges_kept(scene: Scene, name: str, one: int, other: int, term: Term) -> Term | None:
    """The same where ranges were written out, so that the old ones stay."""
    new = _exchanged(scene, name, one, other, term)
    return None if new is None else new.under(term.conditions)


def _turned(scene: Scene, one: Index, other: Index, term: Term) -> Term:
    return scene.guarded(term.substituted({one: other, other: one}))
