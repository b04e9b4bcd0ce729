"""A condition that picks out entries is left out: of a repeated index, or of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from derive.language.terms import Condition, Same, entries, symbols_of
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term

PRIORITY = 12


def suspects(scene: Scene) -> Iterator[Suspect]:
    """Entries off the diagonal, or not chosen by a table, get a gradient too."""
    claim = scene.subject.claim
    if claim.of is not None:
        return
    apart = f"off the diagonal {claim.by.tensor} is not read, and the gradient is zero"
    for kept in (0, 1):
        yield from scene.changed(apart, partial(_everywhere, scene, kept))
    chosen = f"only the entries of {claim.by.tensor} that the table chooses have a gradient"
    yield from scene.changed(chosen, partial(_unchosen, scene))


def _everywhere(scene: Scene, kept: int, term: Term) -> Term | None:
    """The term off the diagonal as on it, where one free index stands for both."""
    pairs = [c for c in term.conditions if isinstance(c, Same) and set(c.args) <= set(scene.free)]
    standing = {i: c.args[kept] for c in pairs for i in scene.free if i == c.args[1 - kept]}
    return _without(term, pairs).substituted(standing) if pairs else None


def _unchosen(scene: Scene, term: Term) -> Term | None:
    """The term for every entry, whatever the table says."""
    free = set(scene.free)
    choices = [
        c
        for c in term.conditions
        if isinstance(c, Same) and list(entries(c)) and free & set(symbols_of(c))
    ]
    return _without(term, choices) if choices else None


def _without(term: Term, conditions: Sequence[Condition]) -> Term:
    return replace(term, conditions=tuple(c for c in term.conditions if c not in conditions))
