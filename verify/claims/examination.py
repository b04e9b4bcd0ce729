"""One claim examined: proved, refuted or tested, and what there is to show for it.

A refuted one is explained by the first typical mistake that leads to just this claim; behind one
that equals the derived truth stands the derivation, replayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sympy import Symbol

from derive.domains import Point
from derive.language.definition import Equation, Layer
from derive.language.printing import plain
from derive.language.terms import Entry, Index, Size, reads
from verify.claims import laws
from verify.claims.backing import Backing, backing
from verify.claims.differences import TOLERANCE, Difference, difference_at
from verify.claims.evaluation import Evaluator
from verify.claims.mistaken import at_ties, mistaken
from verify.claims.reasons import suspects
from verify.claims.scene import Scene, Suspect
from verify.claims.search import SEED, Searched, search
from verify.claims.subject import Subject, subject
from verify.equality.definedness import divisors, undefined
from verify.equality.flatten import TooLarge
from verify.equality.proof import TermComparison, compare, shown_equal
from verify.equality.terms import Term
from verify.evaluation.small_sizes import HYPERPARAMETERS, Sizes, volume
from verify.verdict import Counterexample, Obligation, Sample, Verdict

#: how much is tried where a claim has been proved, and where nothing has been decided
_ASSURANCE = 600
_EFFORT = 20_000
#: how many costly questions are looked into in the end
_QUESTIONS = 3
#: how many terms with functions among them are compared product by product
_TERMS = 24
_TOO_MANY = "multiplied out, one side has too many terms"
#: how many entries the inputs of a counterexample may have
_LARGEST = 3_000


@dataclass(frozen=True)
class ExaminedClaim:
    """A claim, its verdict, and where it differs from the truth if it does."""

    subject: Subject
    verdict: Verdict
    difference: Difference | None = None
    smallest: str = ""
    diagnosis: str = ""
    aside: Difference | None = None


@dataclass(frozen=True)
class _Attempt:
    """Both sides taken apart, and how they compare."""

    comparison: TermComparison
    truth: list[Term] = field(default_factory=list)
    claim: list[Term] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        """Whether both sides are polynomials in entries."""
        return self.comparison.why != _TOO_MANY and all(t.exact for t in (*self.truth, *self.claim))


def examined(layer: Layer, text: str) -> ExaminedClaim:
    """Examine a claim about a layer; ``NotationError`` where the text is no claim."""
    found = subject(layer, text)
    evaluator = Evaluator(found)
    evaluator.prepare()
    attempt = _attempt(found, {})
    if attempt.comparison.equal:
        return _equal(evaluator, attempt)
    if not attempt.exact:
        return _by_values(evaluator, attempt)
    attempt = _inserted(found, attempt)
    if attempt.comparison.equal:
        return _equal(evaluator, attempt)
    difference = _at_violation(evaluator, attempt.comparison)
    if difference is not None and attempt.comparison.exact:
        return _refuted(evaluator, attempt, difference, True)
    return _open(evaluator, attempt, difference)


def _by_values(evaluator: Evaluator, attempt: _Attempt) -> ExaminedClaim:
    """Of a claim with functions: a difference at small sizes, or a proof by laws or products."""
    found = evaluator.subject
    if search(evaluator, _ASSURANCE).difference is not None:
        tried = search(evaluator, _EFFORT)
        if tried.difference is not None:
            return _refuted(evaluator, _apart(found), tried.difference, True)
    by_laws = replace(attempt, comparison=_by_laws(found, attempt.comparison))
    if by_laws.comparison.equal:
        return _equal(evaluator, by_laws)
    inserted = _inserted(found, attempt)
    if inserted.comparison.equal:
        return _equal(evaluator, inserted)
    difference = _at_violation(evaluator, inserted.comparison)
    comparison = replace(inserted.comparison, why=by_laws.comparison.why)
    return _open(evaluator, replace(inserted, comparison=comparison), difference)


def _open(evaluator: Evaluator, attempt: _Attempt, difference: Difference | None) -> ExaminedClaim:
    """The verdict where no proof was found: as far as it can be tried."""
    found = evaluator.subject
    if attempt.exact and search(evaluator, _ASSURANCE).difference is None:
        attempt = replace(attempt, comparison=_by_laws(found, attempt.comparison))
        if attempt.comparison.equal:
            return _equal(evaluator, attempt)
    tried = search(evaluator, _EFFORT)
    if tried.difference is not None:
        return _refuted(evaluator, attempt, tried.difference, True)
    difference = difference or _unsettled(evaluator, attempt.comparison)
    if difference is not None:
        return _refuted(evaluator, attempt, difference, False)
    return ExaminedClaim(found, _tested(evaluator, attempt.comparison, tried), aside=tried.aside)


def _equal(evaluator: Evaluator, attempt: _Attempt) -> ExaminedClaim:
    """The verdict on a claim whose terms are those of the truth, wherever it has a value."""
    found = evaluator.subject
    point, settled = undefined(
        list(divisors(found.truth_explicit, found.truth_known)),
        list(divisors(found.claim_explicit, found.known)),
        found.frame,
    )
    difference = None if point is None else _at(evaluator, point)
    if difference is not None:
        return _refutation(found, difference, True, "the claim divides by zero")
    tried = search(evaluator, _ASSURANCE)
    if tried.difference is not None:
        return _refuted(evaluator, attempt, tried.difference, True)
    behind = backing(found, attempt.claim)
    doubt = behind.doubt if point is None and settled else "it may divide by zero"
    if not doubt:
        verdict = _checked(evaluator, attempt.comparison, behind, tried)
    else:
        verdict = _tested(evaluator, replace(attempt.comparison, why=doubt), tried)
    return ExaminedClaim(found, verdict, aside=tried.aside)


def _inserted(found: Subject, attempt: _Attempt) -> _Attempt:
    """Another attempt with all intermediates inserted, if there are any and terms are few."""
    everything = {e.name: e for e in found.layer.equations}
    if not _mentions(found, everything):
        return attempt
    apart = _apart(found)
    if not apart.exact and len(apart.truth) + len(apart.claim) > _TERMS:
        return replace(apart, comparison=replace(apart.comparison, why="there are too many terms"))
    return _attempt(found, everything)


def _apart(found: Subject) -> _Attempt:
    """Both sides with all intermediates inserted, not compared."""
    everything = {e.name: e for e in found.layer.equations}
    try:
        truth, claim = found.true_terms(everything), found.claimed_terms(everything)
    except TooLarge:
        return _Attempt(TermComparison(None, why=_TOO_MANY))
    return _Attempt(TermComparison(None), truth, claim)


def _by_laws(found: Subject, open_one: TermComparison) -> TermComparison:
    """The comparison by laws of algebra; what it lacks is why the question stays open."""
    by_laws = laws.compared(found)
    return by_laws if by_laws.equal else replace(open_one, why=by_laws.why)


def _attempt(found: Subject, inlined: Mapping[str, Equation]) -> _Attempt:
    try:
        truth, claim = found.true_terms(inlined), found.claimed_terms(inlined)
    except TooLarge:
        return _Attempt(TermComparison(None, why=_TOO_MANY))
    return _Attempt(compare(truth, claim, found.frame), truth, claim)


def _mentions(found: Subject, equations: Mapping[str, Equation]) -> bool:
    sides = (found.truth, found.claim.body, *(e.explicit for e in found.adjoints.values()))
    return any(reads(side, name) for side in sides for name in equations)


def _at_violation(evaluator: Evaluator, comparison: TermComparison) -> Difference | None:
    """The values of both sides at the point that the comparison found."""
    return None if comparison.violation is None else _at(evaluator, comparison.violation)


def _unsettled(evaluator: Evaluator, comparison: TermComparison) -> Difference | None:
    """Where one of the conditions fails that were too costly to look into before."""
    for question in comparison.unsettled[:_QUESTIONS]:
        point = question.failure()
        found = None if point is None else _at(evaluator, point)
        if found is not None:
            return found
    return None


def _at(evaluator: Evaluator, violation: Point) -> Difference | None:
    """The values of both sides at a point, if it refutes the claim and is not too large to run."""
    point = dict(violation)
    layer = evaluator.subject.layer
    numbers = {s: n for s, n in point.items() if not isinstance(s, Index | Entry)}
    values = Sizes(layer).completed_from(numbers)
    if values is None or volume(values, layer) > _LARGEST:
        return None
    at = tuple(point.get(i, 0) for i in evaluator.subject.claim.free)
    found = difference_at(evaluator, values, at).difference
    return found if found is not None and found.weight else None


# --- verdicts -----------------------------------------------------------------------------------


def _checked(
    evaluator: Evaluator, comparison: TermComparison, behind: Backing, tried: Searched
) -> Verdict:
    conditions = tuple(
        Obligation("both sides", "same products", plain(d.condition), d.decider, True)
        for d in comparison.decisions
        if d.decider != "arithmetic"
    )
    if not conditions:
        same = "products of entries" if comparison.decisions else "normal form"
        text = f"both sides have the same {same}"
        conditions = (Obligation("both sides", f"same {same}", text, "arithmetic", True),)
    if comparison.deciders:
        conditions = laws.conditions(comparison)
    deciders = " and ".join(comparison.deciders or sorted({c.decider for c in conditions}))
    reason = f"equal for all sizes ({deciders}){_where(comparison)}{_but(evaluator, tried)}"
    return Verdict("checked", reason, conditions, obligations=(*conditions, *behind.obligations))


def _refuted(
    evaluator: Evaluator, attempt: _Attempt, difference: Difference, smallest: bool
) -> ExaminedClaim:
    """A refutation with the mistake behind the claim, if it is a known one."""
    found = evaluator.subject
    words = reason(found, attempt.truth, attempt.claim, difference)
    return _refutation(found, difference, smallest, words)


def _refutation(
    found: Subject, difference: Difference, smallest: bool, words: str
) -> ExaminedClaim:
    sizes = tuple((s.name, difference.values[s]) for s in _shown(found.layer))
    indices = zip((i.name for i in found.claim.free), difference.at, strict=True)
    counterexample = Counterexample(sizes, tuple(indices), difference.truth, difference.claimed)
    verdict = Verdict("refuted", words or "a counterexample", (), counterexample)
    sampled = difference.products is None and difference.claimed is not None
    how = "counterexample" if sampled or not smallest else _smallest(found.layer)
    return ExaminedClaim(found, verdict, difference, how, words)


def _shown(layer: Layer) -> tuple[Symbol, ...]:
    """The sizes and hyperparameters that a counterexample names."""
    return (*layer.sizes, *(h.symbol for h in layer.hyperparameters))


def _smallest(layer: Layer) -> str:
    if not layer.hyperparameters:
        return "smallest counterexample"
    return f"smallest counterexample with {HYPERPARAMETERS} values of each hyperparameter"


def _where(comparison: TermComparison) -> str:
    """What the claim needs to have a value."""
    return f", wherever {' and '.join(comparison.hypotheses)}," if comparison.hypotheses else ""


def _but(evaluator: Evaluator, tried: Searched) -> str:
    """Where the two sides may differ without being wrong."""
    if tried.aside is None:
        return ""
    words = at_ties(evaluator, tried.aside)
    more = f" ({words} at ties)" if words else ""
    return f" but for points {tried.aside.idle}{more}"


def _tested(evaluator: Evaluator, comparison: TermComparison, tried: Searched) -> Verdict:
    sample = Sample(tried.entries, SEED, 0.0 if tried.exact else TOLERANCE)
    why = comparison.why or "the two sides are written differently"
    if comparison.violation is not None and comparison.exact:
        where = ", ".join(f"{s.name} = {n}" for s, n in comparison.violation if isinstance(s, Size))
        why = f"they differ where {where}, too large a size to run through"
    return Verdict(
        "tested" if tried.entries else "undecided",
        f"agrees at {tried.sizes} sizes{_but(evaluator, tried)}, and is not proved: {why}",
        sample=sample,
    )


#: how many suspects are looked at
_MOST = 400


def reason(
    subject: Subject, truth: Sequence[Term], claim: Sequence[Term], difference: Difference
) -> str:
    """The mistake behind a claim; empty where no suspect fits."""
    if not claim:
        return "the claim is zero everywhere" if truth else ""
    words = mistaken(subject, difference)
    if words:
        return words
    scene = Scene(subject, tuple(truth), tuple(claim), difference)
    try:
        return next((s.words for s in _plausible(scene) if _fits(s, scene)), "")
    except TooLarge:
        return ""


def _plausible(scene: Scene) -> Iterator[Suspect]:
    """The suspects that multiply the same tensors as the claim, each once."""
    seen: set[tuple[Term, ...]] = set()
    kind = {t.tensors for t in scene.claimed}
    for suspect in islice(suspects(scene), _MOST):
        if suspect.terms not in seen and {t.tensors for t in suspect.terms} == kind:
            seen.add(suspect.terms)
            yield suspect


def _fits(suspect: Suspect, scene: Scene) -> bool:
    return shown_equal(suspect.terms, scene.claimed, scene.subject.frame)
