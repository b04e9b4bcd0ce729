"""Summed over the wrong axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations

from sympy import Expr

from derive.engine.scope import fresh_index
from derive.language.integers import mentions
from derive.language.terms import ZERO, Between, Entry, Index
from verify.claims.scene import Scene, Suspect, at
from verify.equality.terms import Term

PRIORITY = 15


def suspects(scene: Scene) -> Iterator[Suspect]:
    """The wrong axis of g is kept, or none; an index is not summed over; only a diagonal is."""
    what = f"{_subject(scene)} summed over the wrong axes"
    if scene.reduction:
        yield from _kept(scene, what)
    for index in scene.free:
        words = f"{what}: also over {index.name}"
        yield from scene.changed(words, partial(_also_over, scene, index))
    names = dict.fromkeys(i.name for t in scene.terms for i in t.bound)
    for name in names:
        yield from scene.changed(f"{what}: not over {name}", partial(_fixed, name, ZERO))
    for name in names:
        for index in scene.free:
            words = f"only {name} = {index.name} counts: the other entries have their share too"
            yield from scene.changed(words, partial(_fixed, name, index))


def _subject(scene: Scene) -> str:
    by = scene.subject.claim.by.tensor
    return "bias" if by == "b" else by


def _kept(scene: Scene, what: str) -> Iterator[Suspect]:
    """Two axes of g exchanged, one of which is kept in the gradient."""
    for read in dict.fromkeys(r for t in scene.terms for r in scene.reads(t)):
        for one, other in combinations(range(len(read.indices)), 2):
            kept = [axis for axis in (one, other) if read.indices[axis] in scene.free]
            if len(kept) == 1:
                lost = one + other - kept[0]
                words = f"{what}: axis {lost + 1} of {read.tensor} is kept instead of {kept[0] + 1}"
                exchanged = at(read, {one: read.indices[other], other: read.indices[one]})
                yield from scene.changed(words, partial(_reread, scene, {read: exchanged}))


def _reread(scene: Scene, mapping: dict[Entry, Entry], term: Term) -> Term:
    return scene.reread(term, mapping)


def _also_over(scene: Scene, index: Index, term: Term) -> Term | None:
    if not any(mentions(f, index) for f in term.factors):
        return None
    new = fresh_index(index, {s.name for s in term.symbols()})
    size = next(n for i, _, n in scene.subject.free if i == index)
    summed = term.substituted({index: new})
    return replace(summed, bound=(*summed.bound, new)).under([Between(ZERO, new, size)])


def _fixed(name: str, value: Expr, term: Term) -> Term | None:
    """The term with a bound index at one value only."""
    index = next((i for i in term.bound if i.name == name), None)
    return None if index is None else term.without(index, value)
