"""What happens to the arrays that are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.language.definition import Layer
from verify.trying.emitted.trial import Trial
from verify.trying.subject import Arrays, Failure

PRIORITY = 80
NAME = "memory"

Layout = Callable[[NDArray[Any]], NDArray[Any]]


def _columns_first(a: NDArray[Any]) -> NDArray[Any]:
    return np.array(a, order="F")


def _with_gaps(a: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a


def _backwards(a: NDArray[Any]) -> NDArray[Any]:
    return np.flip(np.flip(a).copy()) if a.ndim else a


def _protected(a: NDArray[Any]) -> NDArray[Any]:
    made = a.copy()
    made.setflags(write=False)
    return made


#: how an array may lie in memory, and how that is written
LAYOUTS: dict[str, Layout] = {
    "a.copy()": np.copy,
    'np.array(a, order="F")': _columns_first,
    "np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a": _with_gaps,
    "np.flip(np.flip(a).copy()) if a.ndim else a": _backwards,
    "np.broadcast_to(a, a.shape)": _protected,
}


def applies(layer: Layer) -> str:
    """It says something about every layer."""
    return ""


def examine(trial: Trial) -> Failure | None:
    """Arrays may lie in memory in any order, with gaps, and be read-only; the results are the same.

    No array that was given is changed, and no result shares memory with one of them.
    """
    g = trial.truth.upstream
    forward, backward = trial.forward(), trial.backward()
    for text, layout in LAYOUTS.items():
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
    return {name: layout(array) for name, array in arrays.items()}


def _changed(trial: Trial, given: Arrays, before: Arrays) -> Failure | None:
    for name, array in given.items():
        if array.tolist() != before[name].tolist():
            return Failure(f"{name} was changed", trial.last, name, before[name], array)
    return None


def _shared(
    trial: Trial, found: Mapping[str, NDArray[Any]], given: Mapping[str, NDArray[Any]]
) -> Failure | None:
    for result, array in found.items():
        for name, source in given.items():
            if np.may_share_memory(array, source):
                words = f"the result {result} shares memory with {name}"
                return Failure(words, trial.last, result, "memory of its own", f"that of {name}")
    return None
