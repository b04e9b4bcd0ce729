"""The backward pass is the adjoint of the forward pass's derivative."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from verify.trying.numbers import EPS, REALS, affine_in, exact_array
from verify.trying.rounding import OTHERWISE, errors
from verify.trying.subject import Failure, with_gradients
from verify.trying.trial import Trial, agree, products

PRIORITY = 30
NAME = "adjoint identity"
applies = with_gradients


def examine(trial: Trial) -> Failure | None:
    """⟨g, J·v⟩ = ⟨Jᵀg, v⟩ for every tensor: J·v from the forward pass, Jᵀg from the backward pass.

    Where the layer is affine in a tensor, J·v = forward(x + v) − forward(x) by the code itself;
    elsewhere J·v comes from dual numbers in the written equations.  No tolerance on integers and
    fractions; with exp, log or roots the sums may differ by UNITS·ε·Σ|terms|, and by what rounding
    does to the gradient where large terms cancel in it.
    """
    gradients = trial.backward()
    call = trial.last
    for name in trial.truth.subject.differentiable:
        v = trial.truth.direction(name)
        if name not in gradients or gradients[name].shape != v.shape:
            return Failure(f"∂L/∂{name} is missing, or of another shape", call, name, v.shape)
        forward = products(trial.truth.upstream, _pushed(trial, name))
        backward = products({name: gradients[name]}, {name: v})
        size = 1 + sum(abs(float(t)) for t in (*forward, *backward))
        one, other = sum(forward), sum(backward)
        if not (agree(one, other, size) or abs(one - other) <= _rounding(trial, name)):
            along = exact_array(v, trial.truth.numbers)
            words = f"⟨∂L/∂{name}, v⟩ is not ⟨g, J·v⟩"
            return Failure(words, call, name, one, other, along)
    return None


def _rounding(trial: Trial, name: str) -> float:
    """What rounding may do to ⟨Jᵀg, v⟩, and in the same terms to ⟨g, J·v⟩."""
    if trial.truth.numbers != REALS:
        return 0.0
    pairs = zip(errors(trial.truth, name), trial.truth.direction(name).entries, strict=False)
    bound = 2 * OTHERWISE * EPS * sum(error * abs(v) for error, v in pairs)
    return bound if bound < inf else 0.0


def _pushed(trial: Trial, name: str) -> dict[str, Any]:
    """J·v for every output."""
    truth = trial.truth
    if truth.numbers == REALS or not affine_in(truth.layer, name):
        return dict(truth.slopes_along(name))
    v = exact_array(truth.direction(name), truth.numbers)
    before = trial.forward()
    after = trial.forward({**truth.inputs, name: truth.inputs[name] + v})
    return {y: np.asarray(after[y] - before[y]) for y in before}
