"""Everything that is tried on one function, in order, until something fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice

import numpy as np

from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.compiled import Values
from verify.evaluation.small_sizes import volume
from verify.trying.case import Case
from verify.trying.domain import Domain
from verify.trying.numbers import UNITS, chooses
from verify.trying.reasons import Finding
from verify.trying.shrinking import SimplestFailure, smallest
from verify.trying.subject import Failure, Progress, Skipped
from verify.trying.trial import Outcome
from verify.trying.user.behaviour import checks, remarks, unsteady
from verify.trying.user.diagnosis import diagnosis
from verify.trying.user.examinee import Examinee
from verify.trying.user.fitting import SuitableValues
from verify.trying.user.ranks import other_ranks
from verify.verdict import Obligation

#: sizes, and how often they were tried before with other values
Point = tuple[Values, int]

#: of so many cases one is repeated with floats, if the product of its sizes is not too large
_FLOATS_EVERY = 5
_FLOATS_WORK = 600
#: at about so many sizes all values are alike
_SPECIAL = 5
#: how often the same sizes are tried with other values, where there are few sizes
_TURNS = 20
#: how many tries a smaller case is worth, by the kind of failure: some need a fresh process each
_EFFORTS = {"time": 0, "ended": 20, "non-deterministic": 5, "state": 5}
_EFFORT = 600
#: with how many different values a smaller case is tried; more where values decide what is read
_FILLS, _FILLS_OF_CHOICES = 3, 10
#: how many cases beyond what is asked of a function are tried
_REMARKS = 5
#: how many cases confirm where a function fails
_FRESH = 60


@dataclass
class Surveyed:
    """What all the tries came to.

    ``entries`` counts compared numbers; ``exact``: all results of whole numbers were right to the
    last bit; ``floats`` counts cases of floats, ``differences`` finite differences.  ``doubt`` says
    that two ways to the truth disagree: then nothing is known.  ``outcomes`` are all of them, in
    order, the refused ones among them; ``manners`` are in words.  ``smallest`` is the failure that
    decides.
    """

    cases: int = 0
    entries: int = 0
    exact: bool = True
    floats: int = 0
    differences: int = 0
    smallest: SimplestFailure | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    manners: tuple[str, ...] = ()
    checks: list[Obligation] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    doubt: str = ""


@dataclass(frozen=True)
class Manner:
    """One of the manners as it was met first, how to meet it again, and how often it was."""

    failure: Failure
    fails: Callable[[Case], Failure | None]
    times: int


@dataclass
class Tryout:
    """Tries one function; ``progress`` is told how many steps are done and how many there are.

    If ``strict``, bad manners decide as a wrong gradient does.
    """

    examinee: Examinee
    domain: Domain
    fitting: SuitableValues
    seed: int
    examples: int
    progress: Progress
    strict: bool = False
    _result: Surveyed = field(default_factory=Surveyed)
    _done: int = 0
    _steps: int = 1
    _manners: dict[tuple[str, str], Manner] = field(default_factory=dict)

    def run(self) -> Surveyed:
        """Whole numbers at all sizes, floats at some, then everything beside the values."""
        result = self._result
        values = self._values()
        points = [(v, turn) for turn in range(_TURNS) for v in values][: self.examples]
        small = [(v, turn) for v, turn in points if self.domain.work(v) <= _FLOATS_WORK]
        floats = small[::_FLOATS_EVERY]
        tried = list(checks(self.examinee))
        self._steps = len(points) + 2 * len(_spread(points)) + len(floats) + len(tried) + 1
        wrong: list[Failure] = []
        for failure in self._failures(points, floats):
            if failure.about_values:
                wrong.append(failure)
                if failure.kind in _EFFORTS:
                    break
            else:
                self._note(failure, partial(self._again, failure))
        wrong += self._refusals(points)
        if wrong:
            self._refute(wrong[0])
        elif not result.doubt and result.cases:
            self._behaviour(values)
            if self.strict and self._manners and not result.smallest:
                first = next(iter(self._manners.values()))
                if first.failure.kind == "empty batch":
                    result.smallest = SimplestFailure(first.failure, first.failure, True)
                else:
                    self._shrink(first.failure, first.fails)
        result.manners = tuple(self._told())
        return result

    def _note(self, failure: Failure, fails: Callable[[Case], Failure | None]) -> None:
        """Keep one of the manners in its first case, and count."""
        known = self._manners.get((failure.kind, failure.tensor))
        made = Manner(failure, fails, 1) if known is None else replace(known, times=known.times + 1)
        self._manners[failure.kind, failure.tensor] = made

    def _told(self) -> Iterator[str]:
        """The manners in words."""
        for manner in self._manners.values():
            words, seen = manner.failure.words, len(self._result.outcomes)
            if manner.failure.kind == "refused":
                words = f"it refuses {manner.times} of {seen} cases: {words}"
            yield words

    def _again(self, failure: Failure, case: Case) -> Failure | None:
        return _like(failure, self.examinee.tried(case))

    def _refusals(self, points: list[Point]) -> list[Failure]:
        """A function that takes too little: where it answers, sizes do not vary that do."""
        refused = self._manners.get(("refused", ""))
        if refused is None:
            return []
        answered = [o.case.values for o in self._result.outcomes if o.failure is None or o.arrays]
        for size in self.domain.layer.sizes:
            if len({v[size] for v in answered}) < min(2, len({v[size] for v, _ in points})):
                return [refused.failure]
        return []

    @property
    def _chooses(self) -> bool:
        return chooses(self.examinee.subject.layer)

    def _values(self) -> list[Values]:
        """The very first sizes, and random ones, in order."""
        drawn = self.domain.drawn(self.examples, self.seed)
        if not drawn:
            return []
        first = list(islice(self.domain.up_to(drawn[-1]), self.examples // 10))
        both = {self.domain.rank(v): v for v in (*first, *drawn)}
        return [both[rank] for rank in sorted(both)][: max(self.examples, len(first))]

    def _failures(self, points: list[Point], floats: list[Point]) -> Iterator[Failure]:
        """Failures as they are met: of simple numbers, then of floats."""
        simple = (self.fitting.simple(values, turn) for values, turn in points)
        special = (c for v in _spread(points) for c in self.fitting.special(v))
        for case in chain(simple, special):
            trial = self._trial(case)
            if trial is not None:
                self._result.cases += bool(trial.arrays)
                self._result.exact &= trial.exact
                yield from trial.failures
        for values, turn in floats:
            trial = self._trial(self.fitting.floats(values, turn))
            if trial is not None:
                self._result.floats += bool(trial.arrays)
                yield from trial.failures
                self._compare_with_differences(trial)

    def _trial(self, case: Case | None) -> Outcome | None:
        self._step()
        trial = None if case is None else self.examinee.tried(case)
        if trial is not None:
            self._result.entries += trial.entries
            self._result.outcomes.append(trial)
        return trial

    def _step(self) -> None:
        self._done += 1
        self.progress(min(self._done, self._steps), self._steps)

    # --- failures --------------------------------------------------------------------------------

    def _refute(self, failure: Failure) -> None:
        """Find out whether the function is steady at all, then the smallest case."""
        chance = unsteady(self.examinee, failure.case, failure) if failure.kind != "time" else None
        if chance is not None:
            self._shrink(chance, lambda case: unsteady(self.examinee, case))
            return
        self._result.doubt = self._doubt(failure)
        if not self._result.doubt:
            self._shrink(failure, partial(self._again, failure))
            if self._result.smallest is not None:
                self._result.findings = tuple(self._findings(self._result.smallest))

    def _shrink(self, failure: Failure, fails: Callable[[Case], Failure | None]) -> None:
        turns = _FILLS_OF_CHOICES if self._chooses else _FILLS

        def fill(values: Values) -> Iterator[Case]:
            return self.fitting.like(failure.case, values, turns)

        def stable(case: Case) -> Failure | None:
            return fails(case) if self.fitting.suits(case) else None

        effort = _EFFORTS.get(failure.kind, _EFFORT)
        self._result.smallest = smallest(failure, self.domain, fill, stable, effort)

    def _doubt(self, failure: Failure) -> str:
        """Dual numbers over the written equations must confirm what the derived gradient says."""
        if failure.kind != "value":
            return ""
        slope = self.examinee.truth(failure.case).slope(failure.tensor, failure.at)
        if abs(float(slope - failure.expected)) <= 1e-9 * (1 + abs(float(slope))):
            return ""
        return (
            f"the derived gradient says {failure.expected}, dual numbers say {slope} for"
            f" ∂L/∂{failure.tensor}{list(failure.at)}: please report this as a bug of derive"
        )

    def _compare_with_differences(self, trial: Outcome) -> None:
        """Central differences of the layer's own values must agree with what was accepted."""
        if any(f.about_values or f.kind in ("dtype", "refused") for f in trial.failures):
            return
        for tensor, array in trial.arrays.items():
            types = {
                self.examinee.dtype,
                array.dtype.name if array.dtype.kind == "f" else "float64",
            }
            size = max(float(np.finfo(name).eps) for name in types)
            rounding = UNITS * size * trial.truths[tensor].scale * max(1, array.size)
            for direction in _directions(array.shape, self.seed):
                try:
                    slope = self.examinee.truth(trial.case).difference(tensor, direction)
                except Skipped:
                    continue
                found = sum(
                    float(a) * u for a, u in zip(array.flat, direction.entries, strict=True)
                )
                self._result.differences += 1
                if abs(found - slope.value) > slope.error + rounding:
                    self._result.doubt = (
                        f"the derived gradient agrees with the function, but finite differences of"
                        f" the layer do not: {slope.value} instead of {found} for ∂L/∂{tensor}"
                    )

    def _findings(self, smallest: SimplestFailure) -> Iterator[Finding]:
        """What all cases say of each gradient, and fresh ones confirm; the one shown is of them."""
        failure = smallest.plain
        if failure.kind not in ("value", "shape", "not a number", "raised"):
            return
        values = self.domain.drawn(_FRESH, self.seed + 1)
        more = [c for v in values if (c := self.fitting.simple(v)) is not None]
        shown, fresh = (
            [o for c in cases if (o := self.examinee.tried(c)) is not None]
            for cases in ([failure.case, smallest.failure.case], more)
        )
        seen = self._result.outcomes
        for tensor in self.examinee.wanted.tensors:
            yield diagnosis(
                self.examinee, tensor, seen, fresh, shown, not self.fitting.filler.fixed
            )

    # --- beside the values -----------------------------------------------------------------------

    def _behaviour(self, values: list[Values]) -> None:
        cases = [c for v in (values[len(values) // 2], values[-1]) if (c := self.fitting.simple(v))]
        for check in checks(self.examinee):
            failure = next((f for case in cases if (f := check.fails(case))), None)
            self._result.checks.append(
                Obligation("behaviour", "tried", check.text, "tried", failure is None)
            )
            self._step()
            if failure is None:
                continue
            if failure.about_values:
                self._shrink(failure, check.fails)
                return
            if (failure.kind, failure.tensor) not in self._manners:
                self._note(failure, check.fails)
        self._empty_batch(values[0])
        filler = self.fitting.filler
        degenerate = [filler.whole(v) for v in islice(self.domain.degenerate(), _REMARKS)]
        largest = sorted(values, key=partial(volume, layer=self.examinee.subject.layer))
        tied = [filler.tied(v) for v in largest[-_REMARKS:]] if self._chooses else []
        found = chain(
            remarks(self.examinee, cases[-1], degenerate, tied),
            other_ranks(self.examinee, cases[-1]),
        )
        self._result.remarks = tuple(found)

    def _empty_batch(self, values: Values) -> None:
        empty = self.domain.empty_batch(values)
        self._step()
        if empty is None:
            return
        case = self.fitting.filler.whole(empty)
        failure = self._without_examples(case)
        text = "an empty batch is taken"
        self._result.checks.append(Obligation("behaviour", "tried", text, "tried", failure is None))
        if failure is not None:
            self._note(failure, self._without_examples)

    def _without_examples(self, case: Case) -> Failure | None:
        trial = self.examinee.tried(case)
        failure = None if trial is None else trial.failure
        if failure is None or failure.kind in ("modified", "dtype", "broadcast"):
            return None
        return replace(failure, kind="empty batch", words=f"an empty batch: {failure.words}")


def _spread(points: list[Point]) -> list[Values]:
    """Some of the sizes, small and large."""
    return [values for values, _ in points[:: max(1, len(points) // _SPECIAL)]]


def _like(failure: Failure, trial: Outcome | None) -> Failure | None:
    """The failure of that kind about that tensor among those of a trial."""
    return next((f for f in trial.failures if f.like(failure)), None) if trial else None


def _directions(shape: tuple[int, ...], seed: int) -> list[Array]:
    """One direction at random, and one along a single entry."""
    draw = random.Random(f"{seed} {shape}")
    places = list(indices_of(shape))
    if not places:
        return []
    mixed = Array(shape, tuple(draw.choice((-1.0, 1.0)) for _ in places))
    chosen = draw.choice(places)
    return [mixed, Array.build(shape, lambda *index: float(index == chosen))]
