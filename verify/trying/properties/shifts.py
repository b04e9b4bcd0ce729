"""Shift equivariance, where the definition implies it."""

from __future__ import annotations

from derive.language.definition import Layer
from verify.trying.emitted.shifts import Shift, cropped, shifts
from verify.trying.emitted.trial import Trial
from verify.trying.subject import Failure, Skipped

PRIORITY = 45
NAME = "shift equivariance"


def applies(layer: Layer) -> str:
    """Some output index must occur only as s·r + … along axes whose sizes matter nowhere else."""
    if shifts(layer):
        return ""
    return "no output index slides along an axis of every tensor that it reads"


def examine(trial: Trial) -> Failure | None:
    """forward(x[s:])[r] = forward(x)[r + 1] wherever the windows begin inside the tensor.

    That is for every output index r that the tensors are read at as s·r + …, with x cut off by s
    entries along those axes: the layer is the same everywhere.  No tolerance on integers and
    fractions, else ``UNITS``.
    """
    results = [_examined(trial, shift) for shift in shifts(trial.truth.layer)]
    if not any(results):
        raise Skipped("the tensors are too small")
    return next((r for r in results if isinstance(r, Failure)), None)


def _examined(trial: Trial, shift: Shift) -> Failure | bool:
    """The failure; whether there was anything to compare."""
    crop = cropped(trial.truth, shift)
    if crop is None:
        return False
    output = trial.truth.subject.outputs[0]
    whole = trial.forward()[output]
    part = trial.forward(crop.inputs)[output]
    axis, first = shift.axis, crop.first
    length = min(part.shape[axis], whole.shape[axis] - 1)
    if length <= first:
        return False
    whole = whole.take(range(first + 1, length + 1), axis)
    part = part.take(range(first, length), axis)
    words = f"shifted along {shift.index}, the output {{}}"
    return trial.compared({output: part}, {output: whole}, words) or True
