"""All properties of one program: run on drawn cases, and the smallest case that fails."""

from __future__ import annotations

from dataclasses import dataclass

from verify.trying.case import Case
from verify.trying.drawing import drawn
from verify.trying.properties import Property, properties
from verify.trying.reasons import mistake
from verify.trying.shrinking import simplest
from verify.trying.subject import (
    EXAMPLES,
    CodeFailed,
    Failure,
    LayerCode,
    LayerUnderTest,
    Progress,
    Skipped,
)
from verify.trying.trial import Trial
from verify.trying.truth import valued

#: so many cases with simpler entries are tried to make a failure easy to read
_SIMPLER = 300
#: how many cases a diagnosis looks at
_OBSERVED = 20


@dataclass
class PropertyLine:
    """What became of one property: in how many cases it held, how many said nothing about it.

    ``reason`` is why it does not apply, or nothing; ``failure`` the smallest that was found.
    """

    wanted: Property
    reason: str = ""
    held: int = 0
    skipped: int = 0
    failure: Failure | None = None

    @property
    def word(self) -> str:
        """*tested*, *refuted*, or *undecided* where no case said anything."""
        if self.failure is not None:
            return "refuted"
        return "does not apply" if self.reason else "tested" if self.held else "undecided"


@dataclass(frozen=True)
class ExaminedCode:
    """The lines of a report, with the seed the cases were drawn from.

    ``reason`` is the typical mistake that explains the failure, where one does.
    """

    subject: LayerUnderTest
    lines: tuple[PropertyLine, ...]
    seed: int
    reason: str = ""

    @property
    def failure(self) -> Failure | None:
        """The first failure, if any."""
        return next((line.failure for line in self.lines if line.failure is not None), None)

    @property
    def word(self) -> str:
        """The word for the whole: *tested* at best."""
        words = [line.word for line in self.lines]
        return "refuted" if "refuted" in words else "tested" if "tested" in words else "undecided"


def examined(
    subject: LayerUnderTest,
    code: LayerCode,
    examples: int = EXAMPLES,
    seed: int = 0,
    progress: Progress = lambda done, total: None,
) -> ExaminedCode:
    """Try every property in up to ``examples`` cases, until one fails.

    The failing case is made as small as can be: smaller sizes first, then simpler entries.
    """
    if examples < 1:
        raise ValueError(f"at least one case must be tried, not {examples}")
    from verify.trying.emitted.searching import smallest_failing  # local: brings hypothesis

    lines = [PropertyLine(p, p.applies(subject.layer)) for p in properties()]
    run = _Run(subject, code, lines, examples, progress)
    case = smallest_failing(subject, run.fails, examples, seed)
    reason = ""
    if case is not None:
        reason = explained(subject, code, run.finish(case))
    return ExaminedCode(subject, tuple(lines), seed, reason)


def explained(subject: LayerUnderTest, code: LayerCode, failure: Failure) -> str:
    """The mistake that explains a wrong gradient in the failing case and in others, in words."""
    if failure.call.upstream is None or failure.tensor not in subject.differentiable:
        return ""
    outcomes = []
    for case in (failure.case, *drawn(subject, _OBSERVED, 0)):
        try:
            found = Trial(code, valued(subject, case)).outcome(subject.differentiable, "float64")
        except Skipped:
            continue
        if found.arrays and all(t.array.entries for t in found.truths.values()):
            outcomes.append(found)
    return mistake(subject, failure.tensor, outcomes)


@dataclass
class _Run:
    """The cases as they come; once a property fails, only that one is looked at."""

    subject: LayerUnderTest
    code: LayerCode
    lines: list[PropertyLine]
    examples: int
    progress: Progress
    failing: PropertyLine | None = None
    done: int = 0

    def fails(self, case: Case) -> bool:
        """Whether a property fails in this case."""
        if self.failing is not None:
            return self.failure(case) is not None
        self.done += 1
        self.progress(min(self.done, self.examples), self.examples)
        try:
            truth = valued(self.subject, case)
        except Skipped:
            return False
        for line in self.lines:
            if line.reason:
                continue
            try:
                line.failure = judged(line.wanted, Trial(self.code, truth))
            except Skipped:
                line.skipped += 1
                continue
            if line.failure is not None:
                self.failing = line
                return True
            line.held += 1
        return False

    def failure(self, case: Case) -> Failure | None:
        """How the failing property fails in another case, if it does."""
        assert self.failing is not None
        try:
            return judged(self.failing.wanted, Trial(self.code, valued(self.subject, case)))
        except Skipped:
            return None

    def finish(self, case: Case) -> Failure:
        """The simplest failure of the property that fails, which is kept."""
        found = self.failure(case)
        assert self.failing is not None and found is not None
        self.failing.failure = simplest(case, found, self.failure, _SIMPLER)
        return self.failing.failure


def judged(wanted: Property, trial: Trial) -> Failure | None:
    """What is wrong; code that raises is wrong, too.  ``Skipped`` where the case says nothing."""
    try:
        found = wanted.examine(trial)
    except CodeFailed as failed:
        found = failed.failure
    if found is not None and not trial.truth.has_derivatives:
        raise Skipped("the layer has no derivative there")
    return found
