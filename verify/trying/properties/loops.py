"""Both passes against plain loops generated from the same derivation."""

from __future__ import annotations

from verify.trying.subject import Failure, every_layer
from verify.trying.trial import Trial

PRIORITY = 20
NAME = "fast = loops"
applies = every_layer


def examine(trial: Trial) -> Failure | None:
    """forward(x, …) and backward(g, x, …) are what plain loops over the same formulas compute.

    Exactly, on integers or fractions; with exp, log or roots up to rounding (``UNITS``).
    """
    outputs, gradients = trial.truth.by_loops
    return trial.compared(trial.forward(), outputs, "the output {}") or trial.compared(
        trial.backward(), gradients, "∂L/∂{}"
    )
