"""One of several terms is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from derive.language.terms import entries
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term

PRIORITY = 25

#: how many terms a gradient may have for single ones of them to be suspected
_MOST = 6


def suspects(scene: Scene) -> Iterator[Suspect]:
    """Every choice of some of the terms, as few missing as possible."""
    count = len(scene.terms)
    if not 2 <= count <= _MOST:
        return
    for missing in range(1, count):
        for kept in combinations(scene.terms, count - missing):
            gone = [t for t in scene.terms if t not in kept]
            yield Suspect(_words(scene, gone, count), kept)


def _words(scene: Scene, gone: Sequence[Term], count: int) -> str:
    by = scene.subject.claim.by.tensor
    reads = [e for q in scene.layer.equations for e in entries(q.explicit) if e.tensor == by]
    number = "a term is" if len(gone) == 1 else f"{len(gone)} terms are"
    if len(set(reads)) > 1:
        return f"{number} missing: {by} is read {len(set(reads))} times, and each counts"
    return f"{number} missing: the gradient is a sum of {count}"
