"""Why a claim is wrong, in words: the first typical mistake that leads to just this claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from verify.claims.differences import Difference
from verify.claims.reasons import suspects
from verify.claims.scene import Scene, Suspect
from verify.claims.subject import Subject
from verify.equality.flatten import TooLarge
from verify.equality.proof import shown_equal
from verify.equality.terms import Term

#: how many suspects are looked at
_MOST = 400


def reason(
    subject: Subject, truth: Sequence[Term], claim: Sequence[Term], difference: Difference
) -> str:
    """The mistake behind a claim; empty where no suspect fits."""
    if not claim:
        return "the claim is zero everywhere" if truth else ""
    scene = Scene(subject, tuple(truth), tuple(claim), difference)
    try:
        return next((s.words for s in _plausible(scene) if _fits(s, scene)), "")
    except TooLarge:
        return ""


def _plausible(scene: Scene) -> Iterator[Suspect]:
    """The suspects that multiply the same tensors as the claim, each once."""
    seen: set[tuple[Term, ...]] = set()
    kind = {t.tensors for t in scene.claimed}
    for suspect in islice(suspects(scene), _MOST):
        if suspect.terms not in seen and {t.tensors for t in suspect.terms} == kind:
            seen.add(suspect.terms)
            yield suspect


def _fits(suspect: Suspect, scene: Scene) -> bool:
    return shown_equal(suspect.terms, scene.claimed, scene.subject.frame)
