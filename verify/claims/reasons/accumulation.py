"""Where windows overlap, a later contribution replaces the earlier ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sympy import Expr, Integer

from derive.language.integers import mentions
from derive.language.terms import ZERO, Between, Condition, FloorDiv, Index
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term

PRIORITY = 38

WORDS = "overwritten instead of accumulated: only {} window counts where windows overlap"


def suspects(scene: Scene) -> Iterator[Suspect]:
    """Of the windows over one entry only the last one written counts, or only the first."""
    if scene.sums_less:
        yield from scene.changed(WORDS.format("the last"), partial(_last, scene))
        yield from scene.changed(WORDS.format("the first"), partial(_first, scene))
        yield from scene.changed("nothing is summed: only the first entry counts", _only_zero)


def _last(scene: Scene, term: Term) -> Term | None:
    """a < s: no other place in the kernel under the same entry belongs to a later window."""
    steps = _steps(scene, term)
    more: list[Condition] = [Between(ZERO, index, step) for index, (step, _) in steps.items()]
    return term.under(more) if more else None


def _first(scene: Scene, term: Term) -> Term | None:
    """a ≥ K − s: none belongs to an earlier window."""
    steps = _steps(scene, term)
    more: list[Condition] = [
        Between(size - step, index, size) for index, (step, size) in steps.items()
    ]
    return term.under(more) if more else None


def _only_zero(term: Term) -> Term | None:
    """Every bound index fixed at 0."""
    for index in term.bound:
        term = term.without(index, ZERO)
    return term


def _steps(scene: Scene, term: Term) -> dict[Index, tuple[Expr, Expr]]:
    """For each index within a window how far apart windows are, and how many places there are."""
    found: dict[Index, tuple[Expr, Expr]] = {}
    signals = [r for r in scene.reads(term) if r.tensor in scene.upstream]
    for condition in term.conditions:
        if not isinstance(condition, Between):
            continue
        _, index, size = condition.args
        if not isinstance(index, Index) or index not in term.bound:
            continue
        for coordinate in (c for r in signals for c in r.indices):
            if coordinate != index and mentions(coordinate, index):
                step = coordinate.args[1] if isinstance(coordinate, FloorDiv) else Integer(1)
                found[index] = step, size
    return found
