"""For each tensor what is wrong with its gradient, in words."""

from __future__ import annotations

from dataclasses import dataclass

from verify.trying.reasons import reason
from verify.trying.user.evidence import Evidence, Observation, observation
from verify.trying.user.survey import Surveyed
from verify.trying.user.trial import Examinee, Trial


@dataclass(frozen=True)
class Finding:
    """In how many of the observed cases a gradient is wrong, and the mistake where it is known."""

    tensor: str
    wrong: int
    observed: int
    words: str


def findings(examinee: Examinee, surveyed: Surveyed) -> tuple[Finding, ...]:
    """One finding for each tensor; nothing where no arrays were observed."""
    trials = surveyed.observed
    if not trials:
        return ()
    return tuple(_finding(examinee, name, trials) for name in examinee.wanted.tensors)


def _finding(examinee: Examinee, tensor: str, trials: list[Trial]) -> Finding:
    wrong: list[Observation] = []
    right: list[Observation] = []
    for trial in trials:
        if tensor in trial.arrays:
            failed = any(f.tensor == tensor and f.about_values for f in trial.failures)
            (wrong if failed else right).append(observation(trial, tensor))
    observed = (*wrong, *right)
    words = reason(Evidence(examinee.subject, observed)) if wrong else ""
    return Finding(tensor, len(wrong), len(observed), words)
