"""What stands behind the truth that a claim is held against: its derivation, replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.engine.record import Derivation
from derive.gradients import differentiate
from derive.language.terms import Entry, Range
from verify.checker.derivations import judge
from verify.claims import laws
from verify.claims.subject import Subject, gradient_subject
from verify.equality.places import Frame
from verify.equality.proof import compare
from verify.equality.terms import Term, range_condition
from verify.verdict import Obligation


@dataclass(frozen=True)
class Backing:
    """What was shown about the truth; ``doubt`` says what was not, and is empty otherwise."""

    obligations: tuple[Obligation, ...] = ()
    doubt: str = ""


def backing(found: Subject, claim: Sequence[Term]) -> Backing:
    """An output needs none: it is the layer's own equation.  A gradient's derivation is replayed.

    A local derivative T is right if Σ_r g[r]·T[r, p] is the gradient for every g.
    """
    if found.claim.kind == "forward":
        return Backing()
    if found.derivation is not None:
        return _replayed(found.derivation)
    derivation = differentiate(found.layer, found.claim.by.tensor)
    shown = _replayed(derivation)
    if shown.doubt or _contracts(found, claim, derivation):
        return shown
    return Backing(shown.obligations, "its sum with g was not shown to be the gradient")


def _replayed(derivation: Derivation) -> Backing:
    verdict = judge(derivation)
    if verdict.word == "checked":
        return Backing(verdict.obligations)
    return Backing(verdict.obligations, f"the derived gradient is only {verdict}")


def _contracts(found: Subject, claim: Sequence[Term], derivation: Derivation) -> bool:
    """Whether the claimed local derivative, summed with g, is the gradient."""
    of = found.claim.of
    assert of is not None
    rows: tuple[Range, ...] = found.free[: len(of.indices)]
    upstream = Term(factors=(Entry(found.upstream[of.tensor], *of.indices),))
    known = [c for r in rows for c in range_condition(*r)]
    summed = [_summed(upstream.times(t).under(known), rows) for t in claim]
    gradient = gradient_subject(found, derivation)
    frame = Frame(found.layer, found.free[len(rows) :])
    if compare(gradient.true_terms({}), summed, frame).equal:
        return True
    return laws.contracts(found, gradient, rows)


def _summed(term: Term, rows: Sequence[Range]) -> Term:
    bound = (*(i for i, _, _ in rows), *term.bound)
    return Term(term.coefficient, bound, term.conditions, term.factors)
