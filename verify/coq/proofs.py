"""The steps of a proof that two lists of terms have the same sum: one change of index a term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

from derive.language.terms import Condition, Index
from verify.coq.counting import Cancellation, Drop, cancelled, drops
from verify.coq.frame import Preliminaries
from verify.coq.integers import Uncertified
from verify.coq.matching import Map, candidates, signature
from verify.coq.steps import NUMBER, Steps
from verify.coq.terms import ProofTerm
from verify.coq.trials import Trials
from verify.equality.matching import Kind


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
    kinds: dict[tuple[Kind, ...], list[TermAt]] = {}
    for place, term in terms.items():
        kinds.setdefault(signature(term), []).append(place)
    # what stands on one side only is sooner seen to have no match
    for places in sorted(kinds.values(), key=lambda ps: (len({p.side for p in ps}), len(ps))):
        found += _links_of_a_kind(places, terms, trials)
    return found


def _links_of_a_kind(
    places: Sequence[TermAt], terms: Mapping[TermAt, ProofTerm], trials: Trials
) -> list[Link]:
    """The links among terms that multiply the same tensors."""
    found: list[Link] = []
    leaders: list[TermAt] = []
    sums: dict[TermAt, Fraction] = {}
    for place in sorted(places, key=lambda p: (abs(terms[p].coefficient), p.side == "left")):
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


@dataclass(frozen=True)
class Side:
    """A term of one side: as the library computes it, and without indices that only count."""

    text: str
    term: ProofTerm
    drops: tuple[Drop, ...]
    cancels: bool

    @property
    def counted(self) -> ProofTerm:
        """The term without indices that only count."""
        return self.drops[-1].counted if self.drops else self.term

    @cached_property
    def cancellation(self) -> Cancellation | None:
        return cancelled(self.counted) if self.cancels else None

    @property
    def reduced(self) -> ProofTerm:
        """What is compared."""
        return self.cancellation.rest if self.cancellation else self.counted


class SumProof:
    """Σ of the terms ``left`` = Σ of the terms ``right`` at the point of the indices ``outer``.

    ``outer`` names the indices that the theorem introduced; the lists are called ``left`` and
    ``right`` in Coq too.  ``laws`` are the numbers n for which n·(1/n) = 1 may be used, where
    fractions of sizes may be ``cancels``.
    """

    def __init__(
        self,
        frame: Preliminaries,
        outer: dict[Index, str],
        left: Sequence[ProofTerm],
        right: Sequence[ProofTerm],
        trials: Trials,
        cancels: bool = False,
    ) -> None:
        self.frame = frame
        self.trials = trials
        self.steps = Steps(frame, outer, trials)
        self.sides: dict[TermAt, Side] = {}
        for name, terms in (("left", left), ("right", right)):
            for number, term in enumerate(terms):
                text = f"(pick {number} {name})"
                own = term.apart(f"{name}{number}")
                side = Side(text, own, tuple(drops(own, trials)), cancels)
                self.sides[TermAt(name, number)] = side
        self.links = links({p: s.reduced for p, s in self.sides.items()}, trials)
        self.laws = self._laws()
        found = [c for s in self.sides.values() if (c := s.cancellation) is not None]
        self.sizes = list(dict.fromkeys(n for c in found for n in c.numbers))

    @property
    def point(self) -> str:
        """The outer indices' values, innermost first."""
        return self.steps.point

    def lines(self) -> Iterator[str]:
        """From ``meanings left = meanings right`` to the end of the proof."""
        yield self.frame.assume(self._unused())
        yield from self._expanded_fractions()
        for number in range(len(self.sizes)):
            yield f"  product_law scalars size{number}."
        earlier: list[str] = []
        for place, side in self.sides.items():
            for number, drop in enumerate(side.drops):
                label = f"counted{len(earlier)}"
                yield from self.steps.drop(label, self._text(place, number), drop, earlier)
                earlier.append(label)
            if side.cancellation is not None:
                label = f"counted{len(earlier)}"
                yield from self._cancel(label, place, side.cancellation, earlier)
                earlier.append(label)
        for number, link in enumerate(self.links):
            if link.other is None or self._text(link.term) != self._text(link.other):
                yield from self._step(f"same{number}", link, earlier)
                earlier.append(f"same{number}")
        yield from self._sums()
        if earlier:
            # a term may occur twice, and one rewriting is enough for both
            yield f"  rewrite {', '.join(f'?{label}' for label in earlier)}."
        yield f"  add_up scalars; {self._ring()}."

    def _text(self, place: TermAt, dropped: int | None = None) -> str:
        """The term after so many of its indices were dropped, all of them unless a number says."""
        side = self.sides[place]
        if dropped is None and side.cancellation is not None:
            return self.steps.written(side.cancellation.rest)
        count = len(side.drops) if dropped is None else dropped
        return self.steps.counted(side.drops[count - 1]) if count else side.text

    def _cancel(
        self, label: str, place: TermAt, cancellation: Cancellation, earlier: Sequence[str]
    ) -> Iterator[str]:
        """A term is what is left of it where n·(1/n) = 1."""
        term = self.sides[place].counted
        same: Map = {i: i for i in term.indices}
        laws = " ".join(f"size{self.sizes.index(n)}" for n in cancellation.numbers)
        yield from self.steps.change(
            label,
            (self._text(place, len(self.sides[place].drops)), term),
            (self._text(place), cancellation.rest),
            (same, same),
            Fraction(1),
            f"numbers_apart scalars; ring [{laws}]",
            earlier,
        )

    def _step(self, label: str, link: Link, earlier: Sequence[str]) -> Iterator[str]:
        term, text = self.sides[link.term].reduced, self._text(link.term)
        if link.other is None:
            yield from self.steps.vanishing(label, text, term, earlier)
            return
        assert link.there is not None and link.back is not None
        other = self.sides[link.other].reduced
        maps = (link.there, link.back)
        yield from self.steps.change(
            label,
            (text, term),
            (self._text(link.other), other),
            maps,
            link.ratio,
            self._ring(),
            earlier,
        )

    def _sums(self) -> Iterator[str]:
        """Both sides as sums of the meanings of their terms."""
        for name in ("left", "right"):
            total = "(ring_zero scalars)"
            for side in reversed([s for p, s in self.sides.items() if p.side == name]):
                total = f"(ring_plus scalars (meaning {side.text} {self.point}) {total})"
            yield f"  change (meanings {name} {self.point}) with {total}."

    def _unused(self) -> list[Condition]:
        """What output sizes are, where the terms correspond whatever they are."""
        definitions = self.frame.definitions
        others = [c for c in self.frame.layer.domain if c not in definitions]
        loose = Trials(self.frame.layer, self.trials.outer, others)
        if any(len(drops(s.term, loose)) < len(s.drops) for s in self.sides.values()):
            return []
        for link in self.links:
            term = self.sides[link.term].reduced
            if link.other is None or link.there is None or link.back is None:
                if term.coefficient != 0 and not loose.empty(term):
                    return []
                continue
            other = self.sides[link.other].reduced
            if not loose.maps(term, other, link.there, link.back):
                return []
            if not loose.maps(other, term, link.back, link.there):
                return []
        return definitions

    def _laws(self) -> list[int]:
        """The denominators, where the terms do not agree with fractions taken as unknowns."""
        terms = [s.term for s in self.sides.values()]
        denominators = {d for t in terms for d in t.denominators}
        for link in self.links:
            if link.other is None:
                continue
            term, other = (self.sides[p].reduced for p in (link.term, link.other))
            if term.denominators != other.denominators or link.ratio.denominator != 1:
                return sorted({*denominators, lcm(*denominators)})
        return []

    def _ring(self) -> str:
        if not self.laws:
            return "ring"
        rewrites = ", ".join(f"?expanded{n}" for n in self.laws[:-1])
        return f"{f'rewrite {rewrites}; ' if rewrites else ''}ring [law{self.laws[-1]}]"

    def _expanded_fractions(self) -> Iterator[str]:
        """1/n = (m/n)·(1/m) for the common denominator m, the last law."""
        if not self.laws:
            return
        *others, common = self.laws
        yield f"  {'; '.join(f'literal_law law{n}' for n in self.laws)}."
        for n in others:
            whole = f"({NUMBER} {common // n})"
            product = f"(ring_times scalars {whole} (ring_fraction scalars {common}))"
            apply = f"apply (expand_fraction scalars _ _ _ _ _ law{n} law{common})"
            yield f"  assert (expanded{n} : ring_fraction scalars {n} = {product})."
            yield f"  {{ {apply}; literals; ring. }}"
            yield f"  literal_law expanded{n}."
