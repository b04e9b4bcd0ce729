"""Gradients computed in the closed form that their derivation ends in, where it is as exact.

A closed form reads what forward has computed: y of a softmax, the mean and variance of a
normalisation.  1 − y is the exception: of a sigmoid near 1 it has lost the digits that σ(−x) has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Add, Expr, Pow, Sum

from derive.engine.record import Derivation
from derive.engine.reverse import gradient_layer
from derive.language.definition import Layer
from derive.language.substitution import substituted
from derive.language.terms import Index, entries, indices_in, ranges_of, subterms
from numeric.lowering.stabilise.cancelling import without_cancellation


def in_closed_form(derivation: Derivation) -> Layer:
    """The gradient layer, with the closed forms of those adjoints that have one fit for code."""
    source = derivation.source
    adjoints = {a.name: a for a in derivation.adjoints}
    chosen: dict[str, Expr] = {}
    for closing in derivation.closings:
        closed, result = closing.expression, adjoints[closing.adjoint].result
        gone = {e.tensor for e in entries(result)} - {e.tensor for e in entries(closed)}
        before = [result, *(adjoints[name].result for name in gone if name in adjoints)]
        if (
            _reads_more(source, closed, result)
            and not any(map(_cancels, _unfolded_sums(source, closed)))
            and _divisors(closed) <= set().union(*map(_divisors, before))
            and _gathered(closed) <= sum(map(_gathered, before))
        ):
            chosen[closing.adjoint] = closed
    if not chosen:
        return derivation.layer
    made = [replace(a, result=chosen.get(a.name, a.result)) for a in derivation.adjoints]
    return gradient_layer(source, derivation.wrt, derivation.upstream, made)


def _reads_more(source: Layer, closed: Expr, result: Expr) -> bool:
    """Whether something that forward computes stands where it was written out."""
    made = {e.name for e in source.equations}
    return bool({e.tensor for e in entries(closed)} & made - {e.tensor for e in entries(result)})


def _divisors(expr: Expr) -> set[Expr]:
    """What is divided by: where it is 0, the other form may have a value."""
    powers = (node for node in subterms(expr) if isinstance(node, Pow))
    return {p.base for p in powers if p.exp.is_negative and entries(p.base)}


def _gathered(expr: Expr) -> int:
    """How many entries a sum reads at computed places: products are better made before."""
    return sum(
        any(not isinstance(at, Index) and bound & set(indices_in(at)) for at in entry.indices)
        for node in subterms(expr)
        if isinstance(node, Sum)
        for bound in [{i for i, _, _ in ranges_of(node)}]
        for entry in set(entries(node))
    )


def _unfolded_sums(source: Layer, expr: Expr) -> Iterator[Add]:
    """The sums that read what forward computes, with its formula instead."""
    for term in subterms(expr):
        if isinstance(term, Add):
            meant = _unfolded(source, term)
            if meant != term and isinstance(meant, Add):
                yield meant


def _unfolded(source: Layer, expr: Expr) -> Expr:
    meanings: dict[Expr, Expr] = {}
    for entry in dict.fromkeys(entries(expr)):
        equation = source.equation(entry.tensor)
        if equation is not None:
            at = dict(zip(equation.indices, entry.indices, strict=True))
            meanings[entry] = substituted(equation.explicit, at)
    made: Expr = expr.xreplace(meanings)
    return made


def _cancels(term: Add) -> bool:
    return without_cancellation(term) != term
