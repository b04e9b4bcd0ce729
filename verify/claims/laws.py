"""A claim held against the truth by laws of algebra, where products alone leave it open."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Mul

from derive.language.printing import plain
from derive.language.terms import Entry, Range, total
from verify.claims.subject import Subject
from verify.equality.algebra.decision import CLAIM, Side, agreement
from verify.equality.algebra.facts import Fact
from verify.equality.proof import TermComparison
from verify.verdict import Obligation


def compared(found: Subject) -> TermComparison:
    """Whether the claim is the truth wherever both have values; ``why`` names what is missing."""
    names = dict(zip(found.truth_indices, found.claim.free, strict=True))
    truth = Side(found.truth_explicit, names)
    claim = Side(found.claim_explicit)
    result = agreement(found.layer, found.free, truth, claim, found.adjoints)
    if not result.equal:
        return TermComparison(None, why=result.missing)
    return TermComparison(
        True,
        premises=tuple(dict.fromkeys(map(_premise, result.premises))),
        hypotheses=tuple(dict.fromkeys(map(_text, result.hypotheses))),
        deciders=("algebra", *(d for d in result.deciders if d != "arithmetic")),
    )


def contracts(found: Subject, gradient: Subject, rows: Sequence[Range]) -> bool:
    """Whether a claimed local derivative, summed with the upstream gradient, is the gradient."""
    of = found.claim.of
    assert of is not None
    upstream = Entry(found.upstream[of.tensor], *of.indices)
    summed = total(Mul(upstream, found.claim_explicit), rows)
    names = dict(zip(gradient.truth_indices, found.claim.free[len(rows) :], strict=True))
    result = agreement(
        found.layer,
        found.free[len(rows) :],
        Side(gradient.truth_explicit, names),
        Side(summed),
        gradient.adjoints,
    )
    return result.equal and not any(f.origin == CLAIM for f in result.hypotheses)


def conditions(comparison: TermComparison) -> tuple[Obligation, ...]:
    """What was shown, and what it relies on."""
    text = "both sides come to the same polynomial"
    premises = (
        Obligation("both sides", "premise", p, "premise", True) for p in comparison.premises
    )
    return Obligation("both sides", "laws", text, "algebra", True), *premises


def _premise(fact: Fact) -> str:
    return f"{_text(fact)}, or {fact.origin} has no value"


def _text(fact: Fact) -> str:
    return f"{plain(fact.source)} {fact.kind}"
