"""Gradients against central differences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.differences import Estimate, central, step_of
from verify.trying.kinks import smooth_along
from verify.trying.numbers import EPS, UNITS, affine_in, numpy_array
from verify.trying.subject import Arrays, CodeCall, CodeFailed, Failure, Skipped, with_gradients
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
        if not affine and not smooth_along(truth, name, 2 * step_of(np.float64)):
            kinks.append(name)
            continue
        line = LossLine(trial, inputs, upstream, name)
        estimate = central(line.terms, np.float64, affine)
        if wrong := line.judged(gradients[name], estimate, call, "the central difference"):
            return wrong
    if kinks:
        raise Skipped(f"there is a kink along {kinks[0]}")
    return None


class LossLine:
    """The loss Σ g·y by the code's own forward pass, in float64, with one tensor moved along v."""

    def __init__(self, trial: Trial, inputs: Arrays, upstream: Arrays, name: str) -> None:
        self._trial = trial
        self._inputs = inputs
        self._upstream = upstream
        self._name = name
        self._direction = numpy_array(trial.truth.direction(name), np.float64)

    def terms(self, h: Any) -> NDArray[Any]:
        """Those of the loss at x + h·v."""
        moved = self._inputs[self._name] + h * self._direction
        outputs = self._trial.forward({**self._inputs, self._name: moved})
        for y, g in self._upstream.items():
            if outputs[y].shape != g.shape:
                words = f"{y} has the shape {outputs[y].shape} instead of {g.shape}"
                raise CodeFailed(Failure(words, self._trial.last, y, g.shape, outputs[y].shape))
        return np.concatenate([(g * outputs[y]).ravel() for y, g in self._upstream.items()])

    def judged(
        self, gradient: NDArray[Any], estimate: Estimate, call: CodeCall, what: str
    ) -> Failure | None:
        """⟨gradient, v⟩ held against an estimate; its own sum may be off by UNITS·ε·Σ|terms|."""
        products = gradient * self._direction
        found = float(products.sum())
        rounding = UNITS * EPS * (1 + float(np.abs(products).sum()))
        if abs(found - estimate.value) <= estimate.error + rounding:
            return None
        words = f"⟨∂L/∂{self._name}, v⟩ is not {what}"
        return Failure(words, call, self._name, estimate.value, found, self._direction)
