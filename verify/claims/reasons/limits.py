"""A sum starts or ends at the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from derive.language.integers import mentions
from derive.language.terms import Between, Index
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term, merged

PRIORITY = 40

#: what is added to the lower and the upper end, and the words for it
SHIFTS = (
    (0, 1, "runs one too far"),
    (0, -1, "stops one too early"),
    (1, 0, "starts one too late"),
    (-1, 0, "starts one too early"),
)


def suspects(scene: Scene) -> Iterator[Suspect]:
    """lo ≤ e < hi with one end moved by one: all ranges of one read at once, then each alone."""
    for low, high, words in SHIFTS:
        for name, group in _groups(scene):
            sentence = f"sum {words}" + (f" (over {name})" if name else "")
            yield from scene.changed(sentence, partial(_moved, scene, group, low, high))


def _groups(scene: Scene) -> Iterator[tuple[str, tuple[Between, ...]]]:
    """Ranges that limit a sum: those of a read's coordinates together, then every single one."""
    for term in scene.terms:
        conditions = (*term.conditions, *scene.guarded(term).conditions)
        ranges = [
            c for c in dict.fromkeys(conditions) if isinstance(c, Between) and _limits(c, term)
        ]
        for read in scene.reads(term):
            together = tuple(c for c in scene.guards(read) if c in ranges)
            if len(together) > 1:
                yield read.tensor, together
        for condition in ranges:
            yield _name(condition, term, scene), (condition,)


def _limits(condition: Between, term: Term) -> bool:
    return any(mentions(condition.args[1], i) for i in term.bound)


def _name(condition: Between, term: Term, scene: Scene) -> str:
    """The index that is limited, or the read whose coordinate it is."""
    middle = condition.args[1]
    if isinstance(middle, Index) and middle in term.bound:
        return middle.name
    return next((r.tensor for r in scene.reads(term) if middle in r.indices), "")


def _moved(
    scene: Scene, group: tuple[Between, ...], low: int, high: int, term: Term
) -> Term | None:
    """The term with other ends; beyond the end of a tensor there is still nothing to add."""
    present = scene.guarded(term).conditions
    own = [c for c in group if c in present]
    if not own:
        return None
    moved = tuple(Between(c.args[0] + low, c.args[1], c.args[2] + high) for c in own)
    kept = tuple(c for c in term.conditions if c not in own)
    return scene.guarded(replace(term, conditions=merged(kept, moved)))
