"""A quotient is rounded down where it has to be exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from derive.language.terms import Condition, Divides
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term

PRIORITY = 5


def suspects(scene: Scene) -> Iterator[Suspect]:
    """[s ∣ e] left out, all of them or one."""
    found = dict.fromkeys(c for t in scene.terms for c in t.conditions if isinstance(c, Divides))
    yield from scene.changed("floor instead of divisibility", partial(_without, tuple(found)))
    for condition in found:
        words = "floor instead of divisibility in one of the quotients"
        yield from scene.changed(words, partial(_without, (condition,)))


def _without(gone: tuple[Condition, ...], term: Term) -> Term | None:
    kept = tuple(c for c in term.conditions if c not in gone)
    return replace(term, conditions=kept) if kept != term.conditions else None
