"""Gradients against complex steps."""

from __future__ import annotations

from math import isfinite

import numpy as np
from sympy import Function

from derive.language.definition import Layer
from derive.language.functions import FUNCTIONS
from derive.language.terms import Entry, subterms
from verify.trying.differences import complex_step
from verify.trying.numbers import chooses
from verify.trying.properties.differences import LossLine
from verify.trying.subject import CodeFailed, Failure, Skipped, with_gradients
from verify.trying.trial import Trial

PRIORITY = 65
NAME = "complex steps"

#: what NumPy computes for complex numbers, too
_ANALYTIC = tuple(f.node for name, f in FUNCTIONS.items() if f.complex and hasattr(np, name))


def applies(layer: Layer) -> str:
    """The layer must be analytic, and NumPy must have its functions for complex numbers."""
    if reason := with_gradients(layer):
        return reason
    if chooses(layer):
        return "the layer is not analytic: it compares values"
    for equation in layer.equations:
        for node in subterms(equation.explicit):
            if isinstance(node, Function) and not isinstance(node, (Entry, *_ANALYTIC)):
                return f"NumPy has no {type(node).__name__.lower()} of complex numbers"
    return ""


def examine(trial: Trial) -> Failure | None:
    """⟨∂L/∂x, v⟩ = Im L(x + i·h·v)/h with h = 1e−100, by the code's own forward on complex arrays.

    There is no truncation to speak of (h² is 0 in floats) and nothing is subtracted, so the
    tolerance is that of rounding, (γ + UNITS)·ε·Σ|terms|.  Code that takes no complex numbers, as
    where a remainder is among the values, is left out, and so are cases in which complex numbers
    have no value: NumPy's 0^(−2) is ∞, but NaN for complex numbers.
    """
    inputs, upstream = trial.truth.floats(np.float64)
    gradients = trial.backward(inputs, upstream)
    call = trial.last
    for name in trial.truth.subject.differentiable:
        line = LossLine(trial, inputs, upstream, name)
        try:
            estimate = complex_step(line.terms, np.float64)
        except CodeFailed:
            raise Skipped("the code takes no complex numbers") from None
        if not isfinite(estimate.value):
            raise Skipped("complex numbers have no value there")
        if wrong := line.judged(gradients[name], estimate, call, "the complex-step derivative"):
            return wrong
    return None
