"""What happens to the arrays that are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.language.definition import Layer
from verify.trying.emitted.trial import CodeTrial
from verify.trying.process.layouts import LAYOUTS, Layout
from verify.trying.subject import Arrays, Failure

PRIORITY = 80
NAME = "memory"


def applies(layer: Layer) -> str:
    """It says something about every layer."""
    return ""


def examine(trial: CodeTrial) -> Failure | None:
    """Arrays may lie in memory in any order, with gaps, and be read-only; the results are the same.

    No array that was given is changed, and no result shares memory with one of them.
    """
    g = trial.truth.upstream
    forward, backward = trial.forward(), trial.backward()
    for layout in LAYOUTS.values():
        text = layout.text
        inputs, upstream = _laid(trial.truth.inputs, layout), _laid(g, layout)
        for found, expected in (
            (trial.forward(inputs, text), forward),
            (trial.backward(inputs, upstream, text), backward),
        ):
            wrong = trial.compared(found, expected, "for arrays made by " + text + ", {}")
            wrong = wrong or _changed(trial, {**inputs, **upstream}, {**trial.truth.inputs, **g})
            wrong = wrong or _shared(trial, found, {**inputs, **upstream})
            if wrong is not None:
                return wrong
    return None


def _laid(arrays: Arrays, layout: Layout) -> Arrays:
    return {name: layout.made(array) for name, array in arrays.items()}


def _changed(trial: CodeTrial, given: Arrays, before: Arrays) -> Failure | None:
    for name, array in given.items():
        if array.tolist() != before[name].tolist():
            return Failure(f"{name} was changed", trial.last, name, before[name], array)
    return None


def _shared(
    trial: CodeTrial, found: Mapping[str, NDArray[Any]], given: Mapping[str, NDArray[Any]]
) -> Failure | None:
    for result, array in found.items():
        for name, source in given.items():
            if np.may_share_memory(array, source):
                words = f"the result {result} shares memory with {name}"
                return Failure(words, trial.last, result, "memory of its own", f"that of {name}")
    return None
