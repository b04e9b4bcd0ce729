"""Values, and the subgradient convention, where values are tied."""

from __future__ import annotations

from derive.language.definition import Layer
from verify.trying.numbers import chooses
from verify.trying.properties import adjoint, definition
from verify.trying.subject import Failure, Skipped
from verify.trying.trial import Trial

PRIORITY = 50
NAME = "ties"


def applies(layer: Layer) -> str:
    """The layer must compare values."""
    return "" if chooses(layer) else "the layer compares no values"


def examine(trial: Trial) -> Failure | None:
    """At ties and kinks the gradient is that of the first largest value, of the branch taken.

    Inputs are −1, 0 and 1, so that nearly every maximum is attained more than once; then forward
    must be the definition, and the adjoint identity must hold with J·v from dual numbers, which
    follow the convention.  Cases in which the layer has no value there are left out.
    """
    tied = trial.truth.tied
    if not tied.has_values:
        raise Skipped("the layer has no value where all entries are −1, 0 or 1")
    there = Trial(trial.code, tied)
    return definition.examine(there) or adjoint.examine(there)
