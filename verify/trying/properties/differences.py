"""Gradients against central differences."""

from __future__ import annotations

import numpy as np

from verify.trying.differences import central, step_of
from verify.trying.losses import LossLine
from verify.trying.numbers import affine_in
from verify.trying.subject import Failure, Skipped, with_gradients
from verify.trying.trial import Trial

PRIORITY = 60
NAME = "central differences"
applies = with_gradients


def examine(trial: Trial) -> Failure | None:
    """⟨∂L/∂x, v⟩ = (L(x + h·v) − L(x − h·v))/2h with L = Σ g·y, by the code's own forward.

    In float64.  Tolerance |D(2h) − D(h)| + γ·ε·S/h, and UNITS·ε·Σ|terms| for the gradient: see
    ``verify.trying.differences``.  The step is 1 where the layer is affine in x, else
    ε^(1/3). Tensors with a kink between x − 2h·v and x + 2h·v are left out.
    """
    truth = trial.truth
    inputs, upstream = truth.floats(np.float64)
    gradients = trial.backward(inputs, upstream)
    call = trial.last
    kinks = []
    for name in truth.subject.differentiable:
        affine = affine_in(truth.layer, name)
        if not affine and not truth.smooth_along(name, 2 * step_of(np.float64)):
            kinks.append(name)
            continue
        line = LossLine(trial, inputs, upstream, name)
        estimate = central(line.terms, np.float64, affine)
        if wrong := line.judged(gradients[name], estimate, call, "the central difference"):
            return wrong
    if kinks:
        raise Skipped(f"there is a kink along {kinks[0]}")
    return None
