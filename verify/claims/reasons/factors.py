"""A factor is missing or one too many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from sympy import Expr, Integer, Mul, Pow, Rational

from derive.language.printing import expression_text
from verify.claims.scene import Scene, Suspect
from verify.equality.terms import Term

PRIORITY = 60


def suspects(scene: Scene) -> Iterator[Suspect]:
    """The gradient times −1, 2, a size or a hyperparameter, divided by one, or without a tensor."""
    if scene.terms and not all(t.split[0].could_extract_minus_sign() for t in scene.terms):
        yield from scene.changed("sign reversed", partial(_times, Integer(-1)))
    for factor in _factors(scene):
        inverse = Pow(factor, -1)
        yield from scene.changed(_missing_or_added(scene, factor), partial(_times, inverse))
        yield from scene.changed(_missing_or_added(scene, inverse), partial(_times, factor))
    for name in dict.fromkeys(f.tensor for t in scene.terms for f in scene.reads(t)):
        words = "upstream gradient missing" if name in scene.upstream else f"factor {name} missing"
        yield from scene.changed(words, partial(_without, scene, name))
        yield from scene.changed(words, partial(_unguarded, scene, name))


def _times(factor: Expr, term: Term) -> Term:
    return term.scaled(factor)


def _missing_or_added(scene: Scene, factor: Expr) -> str:
    """What it is called to divide the gradient by a factor."""
    if _occurs(scene, factor):
        return f"factor {expression_text(factor)} missing"
    return f"factor {expression_text(Pow(factor, -1))} too many"


def _factors(scene: Scene) -> list[Expr]:
    """Everything the gradient is multiplied or divided by, two, and all sizes."""
    whole = [t.split[0] for t in scene.terms]
    own = [f for coefficient in whole for f in Mul.make_args(coefficient)]
    both = [f for g in (*whole, *own) for f in (g, Pow(g, -1))]
    products = [f for f in both if not f.is_number or abs(f) > 1]
    return list(dict.fromkeys((*products, Integer(2), *scene.layer.symbols)))


def _occurs(scene: Scene, factor: Expr) -> bool:
    """Whether some term has the factor, so that it can be missing."""
    if factor.is_number:
        return any(_divisible(t.split[0], factor) for t in scene.terms)
    found = {f for t in scene.terms for f in (*Mul.make_args(t.split[0]), t.split[0])}
    return factor in found


def _divisible(coefficient: Expr, number: Expr) -> bool:
    """Whether dividing by the number leaves a simpler one."""
    own = coefficient.as_coeff_Mul()[0]
    left = own / number
    if not isinstance(own, Rational) or not isinstance(left, Rational) or abs(own) == 1:
        return False
    return max(left.p, left.q) < max(own.p, own.q)


def _without(scene: Scene, name: str, term: Term) -> Term | None:
    """The term without a tensor, still summed where that tensor has entries."""
    rest = tuple(f for f in term.factors if f.tensor != name)
    return replace(scene.guarded(term), factors=rest) if rest != term.factors else None


def _unguarded(scene: Scene, name: str, term: Term) -> Term | None:
    """The term without a tensor and without the limits that its reads set."""
    limits = [g for f in scene.reads(term) if f.tensor == name for g in scene.guards(f)]
    left = _without(scene, name, term)
    if left is None:
        return None
    kept = tuple(c for c in left.conditions if c not in limits)
    return scene.guarded(replace(left, conditions=kept))
