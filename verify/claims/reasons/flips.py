"""The kernel is read in the wrong direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from derive.language.integers import affine, expanded, mentions
from derive.language.substitution import substituted
from derive.language.terms import Entry, FloorDiv
from verify.claims.scene import Scene, Sliding, Suspect, at, numerator_of, slidings, subsets
from verify.equality.terms import Term
from verify.mistakes.words import listed

PRIORITY = 10


def suspects(scene: Scene) -> Iterator[Suspect]:
    """k[a] ↔ k[K−1−a], and g[p−a] ↔ g[p+a], along all axes or a single one."""
    for name in dict.fromkeys(s.kernel.tensor for t in scene.terms for s in slidings(scene, t)):
        axes = dict.fromkeys(s.axis for t in scene.terms for s in _own(scene, name, t))
        for chosen in subsets(list(axes)):
            words = _words(scene, name, chosen if len(chosen) < len(axes) else ())
            yield from scene.changed(words, partial(_reversed, scene, name, chosen))
            yield from scene.changed(words, partial(_mirrored, scene, name, chosen))
    yield from _turned(scene)


def _own(scene: Scene, name: str, term: Term) -> list[Sliding]:
    return [s for s in slidings(scene, term) if s.kernel.tensor == name]


def _words(scene: Scene, name: str, axes: tuple[int, ...]) -> str:
    where = f" along {listed(f'axis {a + 1}' for a in axes)}" if axes else ""
    what = "kernel" if name not in scene.upstream else name
    if any(_backwards(s, t) for t in scene.terms for s in _own(scene, name, t)):
        return f"{what} not flipped{where}"
    return f"{what} flipped{where}, although the gradient is a cross-correlation"


def _backwards(sliding: Sliding, term: Term) -> bool:
    parts = affine(numerator_of(sliding.signal.indices[sliding.along], term), sliding.index)
    return parts is not None and bool(parts[0].could_extract_minus_sign())


def _reversed(scene: Scene, name: str, axes: tuple[int, ...], term: Term) -> Term | None:
    """The kernel read from its end."""
    mapping: dict[Entry, Entry] = {}
    for sliding in (s for s in _own(scene, name, term) if s.axis in axes):
        size = scene.sizes(name)[sliding.axis]
        new = mapping.get(sliding.kernel, sliding.kernel)
        mapping[sliding.kernel] = at(new, {sliding.axis: expanded(size - 1 - sliding.index)})
    return scene.reread(term, mapping) if mapping else None


def _mirrored(scene: Scene, name: str, axes: tuple[int, ...], term: Term) -> Term | None:
    """The signal read in the other direction, the divisibility of its coordinates with it."""
    mapping: dict[Entry, Entry] = {}
    conditions = term.conditions
    for sliding in (s for s in _own(scene, name, term) if s.axis in axes):
        old = mapping.get(sliding.signal, sliding.signal)
        coordinate = sliding.signal.indices[sliding.along]
        turn = {sliding.index: -sliding.index}
        mapping[sliding.signal] = at(old, {sliding.along: substituted(coordinate, turn)})
        if isinstance(coordinate, FloorDiv):
            number = coordinate.args[0]
            conditions = tuple(substituted(c, turn) if number in c.args else c for c in conditions)
    return scene.reread(replace(term, conditions=conditions), mapping) if mapping else None


def _turned(scene: Scene) -> Iterator[Suspect]:
    """x[r+a] → x[r−a] where a is an index of the result."""
    signals = dict.fromkeys((s.signal, s.along) for t in scene.terms for s in slidings(scene, t))
    for name in dict.fromkeys(read.tensor for read, _ in signals):
        mapping: dict[Entry, Entry] = {}
        for read, along in signals:
            if read.tensor == name:
                turn = {i: -i for i in scene.free if mentions(read.indices[along], i)}
                new = substituted(read.indices[along], turn)
                mapping[read] = at(mapping.get(read, read), {along: new})
        yield from scene.changed(f"{name} is read backwards", partial(_reread, scene, mapping))


def _reread(scene: Scene, mapping: dict[Entry, Entry], term: Term) -> Term:
    return scene.reread(term, mapping)
