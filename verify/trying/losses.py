"""The loss Σ g·y along a line, by the code's own forward pass in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.differences import Estimate
from verify.trying.numbers import EPS, UNITS, numpy_array
from verify.trying.subject import Arrays, CodeCall, CodeFailed, Failure
from verify.trying.trial import Trial


class LossLine:
    """One tensor moved along a direction."""

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
