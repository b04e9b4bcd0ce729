"""An intermediate result is taken for a constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from verify.claims.scene import Scene, Suspect, listed
from verify.equality.terms import ZERO

PRIORITY = 3


def suspects(scene: Scene) -> Iterator[Suspect]:
    """The adjoints of some intermediates left out: all of them, then fewer."""
    subject = scene.subject
    equations = {e.name: e for e in scene.layer.equations}
    for count in range(len(subject.adjoints), 0, -1):
        for names in combinations(subject.adjoints, count):
            gone = {n: replace(subject.adjoints[n], explicit=ZERO) for n in names}
            ignored = replace(subject, adjoints={**subject.adjoints, **gone})
            by = subject.claim.by.tensor
            whose = listed(_tensor(scene, n) for n in names)
            words = f"{whose} taken for constant, although computed from {by}"
            yield Suspect(words, tuple(ignored.true_terms(equations)))


def _tensor(scene: Scene, adjoint: str) -> str:
    """The intermediate whose upstream gradient an adjoint is."""
    derivation = scene.subject.derivation
    assert derivation is not None
    return next(a.target.tensor for a in derivation.adjoints if a.name == adjoint)
