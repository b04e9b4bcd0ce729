"""Number types and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verify.trying.numbers import INTEGERS
from verify.trying.subject import Arrays, CodeCall, Failure, every_layer
from verify.trying.trial import Trial

PRIORITY = 70
NAME = "shapes and dtypes"
applies = every_layer

FLOATS = ("float32", "float64")
#: what tables may be given in; indices that are computed from them do not fit into it
NARROW = ("int8", "uint8")


def examine(trial: Trial) -> Failure | None:
    """Results have the dtype of the tensors, the layer's shapes, and values right up to rounding.

    float32 and float64 stay what they are, a mixture becomes float64; a real hyperparameter of
    NumPy's makes nothing wider.  Integers stay integers where
    the layer has no fractions, truth values count as integers; both become float64 elsewhere.
    Values may differ from the exact ones by ``UNITS`` units in the last place of the largest entry.
    Tables count as int64, whatever integers they are given in.
    """
    outputs, gradients = trial.truth.by_loops
    if not trial.truth.subject.differentiable:
        return _tables(trial, outputs, gradients)
    for dtype in FLOATS:
        inputs, upstream = trial.truth.floats(dtype)
        wrong = _run(trial, inputs, upstream, dtype, outputs, gradients)
        if wrong is not None:
            return wrong
    return (
        _mixed(trial, outputs, gradients)
        or _hyperparameters(trial)
        or _whole(trial)
        or _tables(trial, outputs, gradients)
    )


def _run(
    trial: Trial,
    inputs: Arrays,
    upstream: Arrays,
    dtype: str,
    outputs: Arrays,
    gradients: Arrays,
) -> Failure | None:
    """Both passes, whose results must be of a dtype, and right where it is known what is right."""
    made = trial.forward(inputs)
    wrong = _typed(trial, made, dtype) or trial.compared(made, outputs, "the output {}", False)
    if wrong is None and trial.truth.subject.differentiable:
        made = trial.backward(inputs, upstream)
        wrong = _typed(trial, made, dtype) or trial.compared(made, gradients, "∂L/∂{}", False)
    return wrong


def _mixed(trial: Trial, outputs: Arrays, gradients: Arrays) -> Failure | None:
    """One tensor in float64, the others in float32: a single one makes the results float64."""
    (narrow, narrow_g), (wide, wide_g) = (trial.truth.floats(dtype) for dtype in FLOATS)
    for name in trial.truth.subject.differentiable:
        inputs = {**narrow, name: wide[name]}
        if wrong := _run(trial, inputs, narrow_g, "float64", outputs, gradients):
            return wrong
    made = trial.backward(narrow, wide_g)
    return _typed(trial, made, "float64") or _plain(trial, outputs, gradients)


def _plain(trial: Trial, outputs: Arrays, gradients: Arrays) -> Failure | None:
    """Python's numbers for tensors without axes: they make nothing wider."""
    inputs, upstream = trial.truth.floats("float32")
    ranks = {n: a.ndim for n, a in {**inputs, **upstream}.items()}
    if 0 not in ranks.values() or not any(a.ndim for a in inputs.values()):
        return None
    plain, plain_g = (
        {n: a.item() if ranks[n] == 0 else a for n, a in arrays.items()}
        for arrays in (inputs, upstream)
    )
    return _run(trial, plain, plain_g, "float32", outputs, gradients)


def _hyperparameters(trial: Trial) -> Failure | None:
    """NumPy's float64 for real hyperparameters, beside tensors of float32."""
    truth = trial.truth
    inputs, upstream = truth.floats("float32")
    told = truth.options_for(inputs)
    options = {n: v if isinstance(v, int) else np.float64(v) for n, v in told.items()}
    passes = (None, upstream) if any(isinstance(v, float) for v in told.values()) else ()
    for g in passes:
        call = CodeCall(truth.case, inputs, options, g)
        for name, array in trial.code.run(call).arrays.items():
            if (kind := np.asarray(array).dtype) != np.float32:
                words = f"{name or 'the output'} is of {kind}, the tensors of float32"
                return Failure(words, call, name, "float32", str(kind))
    return None


def _whole(trial: Trial) -> Failure | None:
    """int32, which nothing may widen where the layer keeps to integers, and truth values.

    A gradient may keep to integers where the layer does not: the oracle knows.
    """
    truth = trial.truth
    kept = truth.numbers == INTEGERS
    for given, made in (("int32", "int32" if kept else "float64"), ("bool", "int64")):
        inputs, upstream = truth.without_fractions(given)
        expected = made if kept else "float64"
        with np.errstate(all="ignore"):  # whole numbers may be outside the domain of a logarithm
            outputs = trial.forward(inputs)
            found = trial.backward(inputs, upstream)
        if wrong := _typed(trial, outputs, expected):
            return wrong
        for name, array in found.items():
            if wrong := _typed(trial, {name: array}, truth.whole_dtype(name, given)):
                return wrong
        if wrong := _like_floats(trial, inputs, upstream, {**outputs, **found}):
            return wrong
    return None


def _like_floats(trial: Trial, inputs: Arrays, upstream: Arrays, made: Arrays) -> Failure | None:
    """What whole numbers gave must be what the same numbers give in float64."""
    call, real = trial.last, trial.truth.subject.differentiable
    wide = {n: a.astype("float64") if n in real else a for n, a in inputs.items()}
    wide_g = {y: g.astype("float64") for y, g in upstream.items()}
    with np.errstate(all="ignore"):
        floats = {**trial.forward(wide), **trial.backward(wide, wide_g)}
    for name, right in floats.items():
        if not np.allclose(made[name], right, rtol=1e-9, atol=1e-9, equal_nan=True):
            words = f"{name} of whole numbers is not what it is of the same floats"
            return Failure(words, call, name, right, made[name])
    return None


def _tables(trial: Trial, outputs: Arrays, gradients: Arrays) -> Failure | None:
    """Tables of few bits, and without sign, which nothing may be computed in."""
    truth = trial.truth
    inputs, upstream = truth.floats("float64")
    tables = [t.name for t in truth.layer.tensors if t.integer]
    whole = not truth.subject.differentiable and truth.numbers == INTEGERS
    for narrow in NARROW if tables else ():
        given = {**inputs, **{name: inputs[name].astype(narrow) for name in tables}}
        expected = "int64" if whole else "float64"
        if wrong := _run(trial, given, upstream, expected, outputs, gradients):
            return wrong
    return None


def _typed(trial: Trial, made: Mapping[str, NDArray[Any]], dtype: str) -> Failure | None:
    for name, array in made.items():
        if array.dtype != dtype:
            words = f"{name} is of {array.dtype}, the tensors of {dtype}"
            return Failure(words, trial.last, name, dtype, str(array.dtype))
    return None
