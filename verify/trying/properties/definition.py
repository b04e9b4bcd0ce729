"""The forward pass against the equations themselves."""

from __future__ import annotations

from verify.trying.subject import Failure, every_layer
from verify.trying.trial import Trial

PRIORITY = 10
NAME = "forward = definition"
applies = every_layer


def examine(trial: Trial) -> Failure | None:
    """forward(x, …) is what the written equations say, evaluated entry by entry by another program.

    Exactly, on integers or fractions; with exp, log or roots up to rounding (``UNITS``).  Only an
    independent forward sees a mistake that forward and backward share.
    """
    expected = trial.truth.expected
    return trial.compared(trial.forward(), expected, "the output {}")
