"""Another tensor is read than the one that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from derive.language.terms import Entry
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term

PRIORITY = 70


def suspects(scene: Scene) -> Iterator[Suspect]:
    """Each tensor replaced by every other one of the same rank."""
    for name in dict.fromkeys(f.tensor for t in scene.terms for f in scene.reads(t)):
        for other, axes in scene.subject.axes.items():
            if other != name and len(axes) == len(scene.sizes(name)):
                words = f"{other} is read where {name} is meant"
                yield from scene.changed(words, partial(_renamed, scene, name, other))


def _renamed(scene: Scene, name: str, other: str, term: Term) -> Term | None:
    mapping = {r: Entry(other, *r.indices) for r in scene.reads(term) if r.tensor == name}
    return scene.reread(term, mapping) if mapping else None
