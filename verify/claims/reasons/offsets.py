"""A read is shifted by a constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from sympy import Expr, Integer

from derive.language.integers import expanded
from derive.language.terms import Entry
from verify.claims.scene import Scene, Suspect, at, slidings, subsets
from verify.equality.terms import Term

PRIORITY = 35


def suspects(scene: Scene) -> Iterator[Suspect]:
    """g[p−a] → g[p−a+c]: by the kernel's size less one, which leaves out the border; by one."""
    own = [s for t in scene.terms for s in slidings(scene, t)]
    signals = list(dict.fromkeys(s.signal.tensor for s in own))
    for name in signals:
        words = f"padding missing at the border: {name} must be padded, not cut off"
        spans: dict[int, Expr] = {
            s.along: scene.sizes(s.kernel.tensor)[s.axis] - 1
            for s in own
            if s.signal.tensor == name
        }
        for chosen in subsets(list(spans)):
            yield from _both_ways(scene, name, {axis: spans[axis] for axis in chosen}, words, words)
    others = [f.tensor for t in scene.terms for f in scene.reads(t)]
    for name in dict.fromkeys((*signals, *others)):
        words = f"off by one: {name} is read one entry too"
        for chosen in subsets(list(range(len(scene.sizes(name))))):
            ones = dict.fromkeys(chosen, Integer(1))
            yield from _both_ways(scene, name, ones, f"{words} far", f"{words} early")


def _both_ways(
    scene: Scene, name: str, by: Mapping[int, Expr], forwards: str, backwards: str
) -> Iterator[Suspect]:
    yield from scene.changed(forwards, partial(_moved, scene, name, by))
    back = {axis: -span for axis, span in by.items()}
    yield from scene.changed(backwards, partial(_moved, scene, name, back))


def _moved(scene: Scene, name: str, by: Mapping[int, Expr], term: Term) -> Term | None:
    mapping: dict[Entry, Entry] = {}
    for read in scene.reads(term):
        if read.tensor == name:
            moved = {axis: expanded(read.indices[axis] + c) for axis, c in by.items()}
            mapping[read] = at(read, moved)
    return scene.reread(term, mapping) if mapping else None
