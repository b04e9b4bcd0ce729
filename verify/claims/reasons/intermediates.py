"""An intermediate result is taken for a constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.language.terms import ZERO
from verify.claims.scene import Scene, Suspect, all_then_fewer, held_fixed

PRIORITY = 3


def suspects(scene: Scene) -> Iterator[Suspect]:
    """The adjoints of some intermediates left out: all of them, then fewer."""
    subject = scene.subject
    equations = {e.name: e for e in scene.layer.equations}
    for names in all_then_fewer(list(subject.adjoints)):
        gone = {n: replace(subject.adjoints[n], explicit=ZERO) for n in names}
        ignored = replace(subject, adjoints={**subject.adjoints, **gone})
        words = held_fixed((_tensor(scene, n) for n in names), subject.claim.by.tensor)
        yield Suspect(words, tuple(ignored.true_terms(equations)))


def _tensor(scene: Scene, adjoint: str) -> str:
    """The intermediate whose upstream gradient an adjoint is."""
    derivation = scene.subject.derivation
    assert derivation is not None
    return next(a.target.tensor for a in derivation.adjoints if a.name == adjoint)
