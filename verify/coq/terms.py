"""The terms of a tree's value and of its ε-part: what the lemma library computes, in Python.

The order of the terms, of their indices and of their factors is that of ``values`` and
``tangents`` in ``library.v``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Expr, Symbol

from derive.language.substitution import substituted
from derive.language.terms import Condition, Index, Negation, Range, subterms
from verify.coq.atoms import View
from verify.coq.functions import rate_of
from verify.coq.trees import (
    Applied,
    Branching,
    FactorTree,
    FirstAt,
    Guard,
    Inverse,
    Largest,
    Minus,
    Plus,
    Raised,
    Reciprocal,
    Rooted,
    Selected,
    Step,
    Summed,
    TensorRead,
    Times,
    Tree,
    Whole,
)

Scope = Mapping[Symbol, Expr]


@dataclass(frozen=True)
class ProofTerm:
    """Σ over the bounds of [guards]·coefficient·(product of the factors).

    Every bound index is a symbol of its own.  ``denominators`` are those that the coefficient was
    written with.
    """

    bounds: tuple[Range, ...]
    guards: tuple[Condition, ...]
    factors: tuple[FactorTree, ...]
    coefficient: Fraction
    denominators: tuple[int, ...] = ()

    @property
    def indices(self) -> tuple[Index, ...]:
        return tuple(index for index, _, _ in self.bounds)

    @property
    def expressions(self) -> list[Expr]:
        """The integer expressions in the bounds, the guards and the factors."""
        ends = [end for _, *pair in self.bounds for end in pair]
        guards = [part for g in self.guards for part in subterms(g) if isinstance(part, Expr)]
        return [*ends, *guards, *(i for f in self.factors for i in arguments(f))]

    def apart(self, mark: str) -> ProofTerm:
        """The same term with indices of its own, the names in the layer still first."""
        new = {i: Index(f"{i.name.split('#')[0]}#{mark}.{n}") for n, i in enumerate(self.indices)}
        return ProofTerm(
            tuple((new[i], substituted(a, new), substituted(b, new)) for i, a, b in self.bounds),
            tuple(substituted(g, new) for g in self.guards),
            tuple(_renamed(f, new) for f in self.factors),
            self.coefficient,
            self.denominators,
        )

    def times(self, other: ProofTerm) -> ProofTerm:
        return ProofTerm(
            self.bounds + other.bounds,
            self.guards + other.guards,
            self.factors + other.factors,
            self.coefficient * other.coefficient,
            tuple(sorted(self.denominators + other.denominators)),
        )


def _renamed(factor: FactorTree, new: Mapping[Index, Index]) -> FactorTree:
    if isinstance(factor, TensorRead):
        return TensorRead(factor.tensor, tuple(substituted(i, dict(new)) for i in factor.indices))
    return type(factor)(substituted(factor.value, dict(new)))


UNIT = ProofTerm((), (), (), Fraction(1))


class Normaliser:
    """Multiplies trees out.  ``moving`` names the direction of the tensor that moves."""

    def __init__(self, view: View, moving: Mapping[str, str]) -> None:
        self.view = view
        self.moving = moving

    def values(self, tree: Tree, scope: Scope) -> list[ProofTerm]:
        if self.view.closed(tree):
            return [_factor(self.view.entry(tree, scope))]
        match tree:
            case TensorRead() if self.view.opens(tree):
                return self.values(*self.view.opened(tree, scope))
            case TensorRead(tensor, indices):
                return [_factor(TensorRead(tensor, tuple(substituted(i, scope) for i in indices)))]
            case Whole(value):
                return [_factor(Whole(substituted(value, scope)))]
            case Inverse(value):
                return [_factor(Inverse(substituted(value, scope)))]
            case Guard(condition):
                return [replace(UNIT, guards=(substituted(condition, scope),))]
            case Plus(left, right):
                return self.values(left, scope) + self.values(right, scope)
            case Times(left, right):
                return _products(self.values(left, scope), self.values(right, scope))
            case Minus(body):
                return [_opposite(t) for t in self.values(body, scope)]
            case Branching(condition, yes, no):
                there = substituted(condition, scope)
                return _chosen(there, self.values(yes, scope), self.values(no, scope))
            case Selected(left, right, yes, no):
                step = self.values(Step(left, right), scope)
                return _selected(step, self.values(yes, scope), self.values(no, scope))
            case Summed(index, lo, hi, body):
                bound, inner = self._bound(index, lo, hi, scope)
                return [_under(bound, t) for t in self.values(body, inner)]
        raise TypeError(f"not a tree: {tree}")

    def tangents(self, tree: Tree, scope: Scope) -> list[ProofTerm]:
        match tree:
            case TensorRead(tensor) if tensor in self.view.equations:
                return self.tangents(*self.view.opened(tree, scope))
            case TensorRead(tensor, indices) if tensor in self.moving:
                there = tuple(substituted(i, scope) for i in indices)
                return [_factor(TensorRead(self.moving[tensor], there))]
            case Plus(left, right):
                return self.tangents(left, scope) + self.tangents(right, scope)
            case Times(left, right) if left == right:
                twice = replace(UNIT, coefficient=Fraction(2))
                moved = _products(self.values(left, scope), self.tangents(left, scope))
                return [twice.times(t) for t in moved]
            case Times(left, right):
                return [
                    *_products(self.values(left, scope), self.tangents(right, scope)),
                    *_products(self.tangents(left, scope), self.values(right, scope)),
                ]
            case Minus(body):
                return [_opposite(t) for t in self.tangents(body, scope)]
            case Branching(condition, yes, no):
                there = substituted(condition, scope)
                return _chosen(there, self.tangents(yes, scope), self.tangents(no, scope))
            case Selected(left, right, yes, no):
                step = self.values(Step(left, right), scope)
                return _selected(step, self.tangents(yes, scope), self.tangents(no, scope))
            case Summed(index, lo, hi, body):
                bound, inner = self._bound(index, lo, hi, scope)
                return [_under(bound, t) for t in self.tangents(body, inner)]
            case Applied() | Reciprocal() | Rooted() | Raised():
                rate = self.values(rate_of(tree), scope)
                return _products(rate, self.tangents(tree.body, scope))
            case Largest(index, lo, hi, condition):
                bound, inner = self._bound(index, lo, hi, scope)
                inside = replace(UNIT, guards=(substituted(condition, inner),))
                place = [inside.times(t) for t in self.values(FirstAt(index, tree), inner)]
                moved = _products(place, self.tangents(tree.body, inner))
                return [_under(bound, t) for t in moved]
        return []

    def _bound(self, index: Symbol, lo: Expr, hi: Expr, scope: Scope) -> tuple[Range, Scope]:
        own = self.view.fresh(index.name)
        bound = (own, substituted(lo, scope), substituted(hi, scope))
        return bound, {**scope, index: own}


def arguments(factor: FactorTree) -> tuple[Expr, ...]:
    """The integer expressions in a factor."""
    return factor.indices if isinstance(factor, TensorRead) else (factor.value,)


def _factor(factor: FactorTree) -> ProofTerm:
    """One factor; numbers go into the coefficient."""
    if isinstance(factor, Whole) and factor.value.is_Integer:
        return replace(UNIT, coefficient=Fraction(int(factor.value)))
    if isinstance(factor, Inverse) and factor.value.is_Integer and factor.value != 0:
        n = int(factor.value)
        return replace(UNIT, coefficient=Fraction(1, n), denominators=(n,))
    return replace(UNIT, factors=(factor,))


def _products(left: list[ProofTerm], right: list[ProofTerm]) -> list[ProofTerm]:
    return [t.times(u) for t in left for u in right]


def _opposite(term: ProofTerm) -> ProofTerm:
    return replace(term, coefficient=-term.coefficient)


def _under(bound: Range, term: ProofTerm) -> ProofTerm:
    return replace(term, bounds=(bound, *term.bounds))


def _chosen(condition: Condition, yes: list[ProofTerm], no: list[ProofTerm]) -> list[ProofTerm]:
    return [
        *_products([replace(UNIT, guards=(condition,))], yes),
        *_products([replace(UNIT, guards=(Negation(condition),))], no),
    ]


def _selected(step: list[ProofTerm], yes: list[ProofTerm], no: list[ProofTerm]) -> list[ProofTerm]:
    return [*_products(step, yes), *no, *(_opposite(t) for t in _products(step, no))]


def weighted(
    bounds: tuple[Range, ...], weight: TensorRead, terms: list[ProofTerm]
) -> list[ProofTerm]:
    """The terms of Σ over the bounds of weight·(sum of the terms)."""
    outer = replace(UNIT, bounds=bounds, factors=(weight,))
    return [outer.times(t) for t in terms]
