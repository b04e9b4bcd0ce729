"""Entries that code may treat apart: zeros, ones, entries that are equal."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from verify.evaluation.arrays import Array
from verify.trying.properties import adjoint, definition
from verify.trying.subject import Failure, Skipped, with_gradients
from verify.trying.trial import Trial
from verify.trying.truth import Truth

PRIORITY = 55
NAME = "special entries"
applies = with_gradients

#: what takes an entry's place, the first of its tensor besides
_NUMBERS = (0, 0, 1, -1)


def examine(trial: Trial) -> Failure | None:
    """Where entries are 0, 1, −1 or equal, forward is the definition and backward its adjoint.

    In one tensor after the other about half of the entries are, and as many of the upstream
    gradients; the tolerances are those of the two properties.  Left out is what the layer has no
    value or no derivative for, such as a division by zero, and where a tensor is empty: what is a
    factor of nothing may have no value.
    """
    truths = trial.truth.once(NAME, lambda: list(_special(trial.truth)))
    if not truths:
        raise Skipped("the layer has no derivative where entries are 0, 1, −1 or equal")
    trials = [Trial(trial.code, truth) for truth in truths]
    found = (definition.examine(t) or adjoint.examine(t) for t in trials)
    return next((wrong for wrong in found if wrong is not None), None)


def _special(truth: Truth) -> Iterator[Truth]:
    if any(not array.entries for array in truth.case.tensors.values()):
        return
    draw = Random(repr([array.entries for array in truth.case.tensors.values()]))
    upstream = truth.subject.upstream.values()
    for name in truth.subject.differentiable:
        changed = {n: _replaced(truth.case.tensors[n], draw) for n in (name, *upstream)}
        there = truth.with_tensors(changed)
        if there.is_differentiable and there.has_values:
            yield there


def _replaced(array: Array, draw: Random) -> Array:
    """About half of the entries replaced."""
    numbers: tuple[Any, ...] = (*_NUMBERS, *array.entries[:1])
    return array.map(lambda v: draw.choice((v, draw.choice(numbers))))
