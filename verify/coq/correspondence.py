"""Which terms of the layer's derivative are which terms of the claimed gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verify.coq.errors import Uncertified
from verify.coq.matching import Map, candidates, signature
from verify.coq.terms import ProofTerm
from verify.coq.trials import Trials


@dataclass(frozen=True)
class TermAt:
    """The n-th term of the left or the right side."""

    side: str
    number: int


@dataclass(frozen=True)
class Link:
    """``term`` = ratio·``other`` by a change of index; without another the term is zero."""

    term: TermAt
    other: TermAt | None = None
    there: Map | None = None
    back: Map | None = None
    ratio: Fraction = Fraction(1)


def links(terms: Mapping[TermAt, ProofTerm], trials: Trials) -> list[Link]:
    """One link for each term but those that the others are linked to.

    Raises ``Uncertified`` where the two sides do not add up term by term.
    """
    found: list[Link] = []
    leaders: list[TermAt] = []
    sums: dict[TermAt, Fraction] = {}
    for place in sorted(terms, key=lambda p: (abs(terms[p].coefficient), p.side == "left")):
        term = terms[place]
        if term.coefficient == 0 or trials.empty(term):
            found.append(Link(place))
            continue
        link = _to_leader(place, terms, leaders, trials)
        if link is None:
            leaders.append(place)
            sums[place] = Fraction(0)
        else:
            found.append(link)
        leader = place if link is None or link.other is None else link.other
        sums[leader] += term.coefficient if place.side == "left" else -term.coefficient
    require_balance(sums, terms)
    return found


def require_balance(sums: Mapping[TermAt, Fraction], terms: Mapping[TermAt, ProofTerm]) -> None:
    """Every kind of term must occur as often on the left as on the right."""
    for leader, difference in sums.items():
        if difference != 0:
            raise Uncertified(f"no matching term was found for {describe(terms[leader])}")


def _to_leader(
    place: TermAt, terms: Mapping[TermAt, ProofTerm], leaders: Sequence[TermAt], trials: Trials
) -> Link | None:
    term = terms[place]
    for leader in leaders:
        other = terms[leader]
        if signature(term) != signature(other):
            continue
        for pairs, there, back in candidates(term, other, trials.domain):
            if (
                trials.agree(term, pairs, there)
                and trials.maps(term, other, there, back)
                and trials.maps(other, term, back, there)
            ):
                return Link(place, leader, there, back, term.coefficient / other.coefficient)
    return None


def describe(term: ProofTerm) -> str:
    """A term in words, for messages."""
    factors = " * ".join(str(f) for f in term.factors)
    return f"{term.coefficient} * {factors} [{', '.join(str(g) for g in term.guards)}]"
