"""Whether two lists of terms are equal for all sizes and all values of the tensors.

Terms that multiply the same tensors are compared product by product.  At every point where one
term has a product of entries, each term contributes its coefficient if that product is among its
own; the sums of these contributions must agree.  Since the entries tell the bound indices of a
term (if they do not, nothing is decided), that is a question about integers alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from sympy import Add, Expr, Integer

from derive.domains import Decision, Point, Undecided
from derive.language.terms import ZERO, Condition, Differ, Either, Negation, all_of, symbols_of
from verify.equality.matching import NotInjective, Occurrence, occurrences
from verify.equality.places import Frame, OpenQuestion, TermPoint
from verify.equality.terms import Term, collected, is_opaque, numerator

#: how many terms of one kind may or may not contribute at a point before giving up
_OPEN_TERMS = 6


@dataclass(frozen=True)
class TermComparison:
    """``equal`` is None where the question stayed open, with the reason in ``why``.

    ``violation`` is the smallest point, as far as it was decided, at which a product of entries
    has another coefficient; it refutes only if ``exact``, where no opaque values take part.
    Where laws of algebra were used, ``premises`` are what they rely on, ``hypotheses`` where the
    claim has a value, and ``deciders`` all who took part.
    """

    equal: bool | None
    decisions: tuple[Decision, ...] = ()
    violation: Point | None = None
    exact: bool = True
    why: str = ""
    unsettled: tuple[OpenQuestion, ...] = ()
    premises: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()


@dataclass
class _Findings:
    decisions: dict[Decision, None] = field(default_factory=dict)
    violations: list[Point] = field(default_factory=list)
    unsettled: dict[OpenQuestion, None] = field(default_factory=dict)
    why: str = ""


def compare(truth: Sequence[Term], claim: Sequence[Term], frame: Frame) -> TermComparison:
    """Whether the sum of the claim's terms is the sum of the truth's."""
    findings = _Findings()
    _check_functions(truth, claim, findings)
    groups = _groups(truth, claim)
    for group in groups.values():
        _Group(group, frame, findings).check()
    decisions = tuple(findings.decisions)
    unsettled = tuple(findings.unsettled)
    if findings.violations:
        first = min(findings.violations, key=frame.rank)
        exact = not findings.why and all(t.exact for g in groups.values() for t in g)
        return TermComparison(False, decisions, first, exact, findings.why, unsettled)
    if findings.why:
        return TermComparison(None, decisions, why=findings.why, unsettled=unsettled)
    return TermComparison(True, decisions)


class _Group:
    """Terms that multiply entries of the same tensors; their sum must be zero."""

    def __init__(self, terms: Sequence[Term], frame: Frame, findings: _Findings) -> None:
        self._terms = terms
        self._frame = frame
        self._findings = findings

    def check(self) -> None:
        """Note why the sum is zero, where it is not, or why that stayed open."""
        for term in self._terms:
            try:
                self._check_at(term)
            except NotInjective:
                self._findings.why = "several terms of a sum multiply the same entries"
                return
            except Undecided as reason:
                self._findings.why = str(reason)

    def _check_at(self, term: Term) -> None:
        """The contributions of all terms wherever ``term`` has a product."""
        place = TermPoint(term, self._frame)
        always: list[Expr] = []
        sometimes: list[tuple[Expr, list[Condition]]] = []
        for other in self._terms:
            for occurrence, conditions in _distinct(other, place):
                open_ones = [c for c in conditions if not self._note(place.implied(c))]
                if not open_ones:
                    always.append(occurrence.coefficient)
                elif not self._note(place.never(open_ones)):
                    sometimes.append((occurrence.coefficient, open_ones))
        if len(sometimes) > _OPEN_TERMS:
            raise Undecided("too many terms overlap")
        for chosen in product((True, False), repeat=len(sometimes)):
            self._check_pattern(place, Add(*always), sometimes, chosen)

    def _check_pattern(
        self,
        place: TermPoint,
        always: Expr,
        sometimes: Sequence[tuple[Expr, list[Condition]]],
        chosen: Sequence[bool],
    ) -> None:
        """Where exactly the chosen terms contribute, their sum must be zero."""
        total = Add(always, *(c for (c, _), yes in zip(sometimes, chosen, strict=True) if yes))
        gap = numerator(total)
        if gap == 0:
            return
        pattern: list[Condition] = [
            all_of(conditions) if yes else Negation(all_of(conditions))
            for (_, conditions), yes in zip(sometimes, chosen, strict=True)
        ]
        if symbols_of(gap):
            pattern.append(Differ(gap, ZERO))
        self._exclude(place, pattern)

    def _exclude(self, place: TermPoint, pattern: Sequence[Condition]) -> None:
        """Note why a pattern never holds, or the smallest point where it does."""
        for goal in place.goals(pattern):
            decision = place.decided(goal)
            if decision.holds is None:
                self._findings.unsettled[place.question(goal)] = None
                text = "a condition on sizes and indices was not decided"
                self._findings.why = self._findings.why or text
            elif not self._note(decision) and decision.counterexample is not None:
                self._findings.violations.append(decision.counterexample)

    def _note(self, decision: Decision) -> bool:
        if decision.holds:
            self._findings.decisions.setdefault(decision)
        return bool(decision.holds)


class _Different(Exception):
    """Two lists of terms were not shown to be equal."""


class _StrictGroup(_Group):
    """Gives up at the first pattern that is not excluded, and looks for no point."""

    def _exclude(self, place: TermPoint, pattern: Sequence[Condition]) -> None:
        if not pattern or not place.implied(Negation(all_of(pattern))).holds:
            raise _Different


def shown_equal(truth: Sequence[Term], claim: Sequence[Term], frame: Frame) -> bool:
    """Whether two sums of terms are shown to be equal for all sizes."""
    if len(truth) == len(claim) == 1 and len(set(truth[0].tensors)) == len(truth[0].tensors):
        try:
            return _within(truth[0], claim[0], frame) and _within(claim[0], truth[0], frame)
        except NotInjective:
            return truth[0].key == claim[0].key and truth[0].coefficient == claim[0].coefficient
    return shown_by(truth, claim, frame) is not None


def shown_by(
    truth: Sequence[Term], claim: Sequence[Term], frame: Frame
) -> tuple[Decision, ...] | None:
    """The decisions by which two sums of terms are equal for all sizes; None where not shown."""
    findings = _Findings()
    try:
        for group in _groups(truth, claim).values():
            _StrictGroup(group, frame, findings).check()
    except _Different:
        return None
    return None if findings.why else tuple(findings.decisions)


def _within(term: Term, other: Term, frame: Frame) -> bool:
    """Whether every product of a term is one of another's, with the same coefficient."""
    if term.tensors != other.tensors:
        return False
    place = TermPoint(term, frame)
    for occurrence, conditions in _distinct(other, place):
        if numerator(term.coefficient - occurrence.coefficient) == 0:
            return all(place.implied(c).holds for c in conditions)
    return False


def _groups(truth: Sequence[Term], claim: Sequence[Term]) -> dict[tuple[str, ...], list[Term]]:
    """The terms of truth − claim, by the tensors that they multiply."""
    groups: dict[tuple[str, ...], list[Term]] = {}
    for term in collected([*truth, *(t.scaled(Integer(-1)) for t in claim)]):
        groups.setdefault(term.tensors, []).append(term)
    return groups


def _distinct(other: Term, place: TermPoint) -> Iterator[tuple[Occurrence, list[Condition]]]:
    """Each occurrence of a product in a term, counted once where two pairings give the same."""
    apart = other.apart_from([*place.term.symbols(), *place.frame.order])
    earlier: list[Occurrence] = []
    for occurrence in occurrences(apart, place.term.factors, place.tidy):
        conditions = list(occurrence.conditions)
        for before in earlier:
            pairs = zip(occurrence.indices, before.indices, strict=True)
            conditions.append(Either(*(Differ(a, b) for a, b in pairs if a != b)))
        earlier.append(occurrence)
        yield occurrence, conditions


def _check_functions(truth: Sequence[Term], claim: Sequence[Term], findings: _Findings) -> None:
    """The claim applies no function where the truth does not: that might have no value."""
    named = {f.tensor for t in truth for f in t.factors}
    if any(is_opaque(f) and f.tensor not in named for t in claim for f in t.factors):
        findings.why = "a function in the claim does not occur in the derived gradient"
