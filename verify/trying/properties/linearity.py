"""Linearity in what the layer is linear in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.numbers import affine_in, exact_array
from verify.trying.subject import Arrays, Failure, with_gradients
from verify.trying.trial import Trial

PRIORITY = 40
NAME = "linearity"
applies = with_gradients


def examine(trial: Trial) -> Failure | None:
    """backward(3g − 2h) = 3·backward(g) − 2·backward(h) for every layer.

    Where the layer is affine in a tensor, forward(3u − 2v) = 3·forward(u) − 2·forward(v) as well:
    the weights sum to 1, so that a bias does not matter.  No tolerance on integers and fractions,
    else ``UNITS``.
    """
    truth = trial.truth
    for name in truth.subject.differentiable:
        if affine_in(truth.layer, name):
            u, v = truth.inputs[name], exact_array(truth.direction(name), truth.numbers)
            one, other = trial.forward(), trial.forward({**truth.inputs, name: v})
            both = trial.forward({**truth.inputs, name: _combined(u, v)})
            words = f"forward is not affine in {name}: the output {{}}"
            if wrong := trial.compared(both, _all_combined(one, other), words):
                return wrong
    g = truth.upstream
    h: Arrays = {y: np.asarray(np.flip(array)) for y, array in g.items()}
    expected = _all_combined(trial.backward(), trial.backward(upstream=h))
    found = trial.backward(upstream=_all_combined(g, h))
    return trial.compared(found, expected, "backward is not linear in g: ∂L/∂{}")


def _all_combined(one: Arrays, other: Mapping[str, NDArray[Any]]) -> Arrays:
    return {n: _combined(a, other[n]) for n, a in one.items() if a.shape == other[n].shape}


def _combined(u: NDArray[Any], v: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(3 * u - 2 * v)
