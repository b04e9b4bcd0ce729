"""The other branch is taken where two values are equal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derive.language.notation.sites import about_integers
from derive.language.terms import AtMost, Entry, Less
from verify.claims.scene import Scene, Suspect

PRIORITY = 4


def suspects(scene: Scene) -> Iterator[Suspect]:
    """``<`` and ``≤`` exchanged in comparisons of values."""
    truth = _other_branch(scene.subject.truth)
    if truth != scene.subject.truth:
        equations = {e.name: e for e in scene.layer.equations}
        words = "differs only at a kink, where the layer takes the other branch"
        yield Suspect(words, tuple(replace(scene.subject, truth=truth).true_terms(equations)))


def _other_branch(expr: Any) -> Any:
    if isinstance(expr, Less | AtMost) and not about_integers(expr):
        return (AtMost if isinstance(expr, Less) else Less)(*expr.args)
    if isinstance(expr, Entry) or not expr.args:
        return expr
    return expr.func(*(_other_branch(a) for a in expr.args))
