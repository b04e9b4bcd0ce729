"""Refusals of what the layer is not defined for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.language.terms import RealParameter, Size
from verify.evaluation.compiled import Values
from verify.evaluation.sizes import known
from verify.trying.numbers import RATIONALS
from verify.trying.subject import Arrays, CodeCall, CodeFailed, Failure, every_layer
from verify.trying.trial import Trial
from verify.trying.truth import Truth

PRIORITY = 90
NAME = "refusals"
applies = every_layer


@dataclass(frozen=True)
class Change:
    """One thing made wrong; ``words`` say what.

    ``named`` is what the message has to say, or several things of which one will do;
    ``certain``: no layer takes it.
    """

    words: str
    inputs: Arrays
    options: dict[str, Any]
    upstream: dict[str, Any] = field(default_factory=dict)
    named: str = ""
    certain: bool = False


def examine(trial: Trial) -> Failure | None:
    """What the layer is not defined for raises ``ValueError``, forward and in every gradient.

    Tried one at a time: an axis too many, an axis longer by one, text for numbers, a hyperparameter
    below its minimum or a fraction, an entry of a table out of its bounds, a table of floats; and a
    size or hyperparameter zero, smaller or larger by one, with tensors that fit it.  The message
    names the tensor or hyperparameter unless several may be meant.  What it is defined for is not
    refused, where a single gradient is asked for, either.
    """
    truth = trial.truth
    for name in truth.subject.differentiable:
        options = {**truth.options, "wrt": [name]}
        trial.code.run(CodeCall(truth.case, truth.inputs, options, truth.upstream))
    for change, fitting in truth.once(NAME, lambda: _forbidden(truth)):
        call = CodeCall(truth.case, change.inputs, change.options)
        if not _refused(trial, call, change):
            return Failure(f"forward accepts {change.words}", call, "", "ValueError", "a result")
        for g in (truth.upstream, fitting):
            if g is not None and (wrong := _accepted(trial, change, g)):
                return wrong
    for change in _upstream_changes(truth):
        if wrong := _accepted(trial, change, {**truth.upstream, **change.upstream}):
            return wrong
    return None


def _forbidden(truth: Truth) -> list[tuple[Change, Arrays | None]]:
    """What must be refused, each with upstream gradients that would fit it."""
    return [
        (change, _fitting(truth, change))
        for change in _changes(truth)
        if change.certain or not truth.allows(change.inputs, change.options)
    ]


def _accepted(trial: Trial, change: Change, g: Arrays) -> Failure | None:
    for name in trial.truth.subject.differentiable:
        options = {**change.options, "wrt": [name]}
        call = CodeCall(trial.truth.case, change.inputs, options, g)
        if not _refused(trial, call, change):
            words = f"∂L/∂{name} accepts {change.words}"
            return Failure(words, call, name, "ValueError", "a result")
    return None


def _fitting(truth: Truth, change: Change) -> Arrays | None:
    """Upstream gradients of the shapes that the outputs would have; None where they have none."""
    values = dict(truth.case.values)
    for symbol in values:
        values[symbol] = change.options.get(symbol.name, values[symbol])
    for tensor in truth.layer.tensors:
        shape = change.inputs[tensor.name].shape
        if len(shape) != len(tensor.axes):
            return None
        sizes = zip((axis.size for axis in tensor.axes), shape, strict=True)
        values.update({size: n for size, n in sizes if isinstance(size, Size)})
    try:
        for size, meaning in truth.layer.definitions:
            values[size] = max(0, known(meaning, values))
        return {
            y: np.ones([known(n, values) for n in truth.layer.shape(y)], g.dtype)
            for y, g in truth.upstream.items()
        }
    except (ArithmeticError, ValueError, TypeError):
        return None


def _refused(trial: Trial, call: CodeCall, change: Change) -> bool:
    try:
        trial.code.run(call)
    except CodeFailed as failed:
        error = failed.__cause__
        said = isinstance(error, ValueError) and str(error)
        return said is not False and any(words in said for words in change.named.split("|"))
    return False


def _changes(truth: Truth) -> Iterator[Change]:
    inputs, options = truth.inputs, truth.options
    for name, array in inputs.items():
        for words, changed, named in _arrays(name, array):
            yield Change(words, {**inputs, name: changed}, options, named=named)
        if name in truth.subject.differentiable and truth.numbers != RATIONALS:
            text = array.astype(np.float64).astype(str)
            yield Change(f"text in {name}", {**inputs, name: text}, options, certain=True)
        for words, changed in _entries(truth, name, array):
            yield Change(words, {**inputs, name: changed}, options, named=name)
    for h in truth.layer.hyperparameters:
        if isinstance(h.symbol, RealParameter):
            continue
        value = truth.options[h.name]
        for wrong in [value + 0.5, *([] if h.minimum is None else [h.minimum - 1])]:
            yield Change(f"{h.name} = {wrong}", inputs, {**options, h.name: wrong}, named=h.name)
    yield from _consistent(truth)


def _consistent(truth: Truth) -> Iterator[Change]:
    """One size or hyperparameter zero, smaller or larger by one, all tensors made to fit."""
    for symbol in truth.layer.symbols:
        value = truth.case.values[symbol]
        for n in {0, value - 1, value + 1}:
            values = {**truth.case.values, symbol: n}
            try:
                shapes = {t: _shape(truth, t, values) for t in truth.inputs}
            except (ArithmeticError, ValueError):
                continue
            if any(n < 0 for shape in shapes.values() for n in shape):
                continue
            inputs = {t: _resized(a, shapes[t]) for t, a in truth.inputs.items()}
            options = {k: n if k == symbol.name else v for k, v in truth.options.items()}
            yield Change(
                f"{symbol.name} = {n}",
                inputs,
                options,
                named="expected|requires|must be",
            )


def _shape(truth: Truth, tensor: str, values: Values) -> list[int]:
    return [int(known(n, values)) for n in truth.layer.shape(tensor)]


def _resized(array: NDArray[Any], shape: list[int]) -> NDArray[Any]:
    return (
        np.resize(array, shape)
        if array.size
        else np.full(shape, array.dtype.kind != "i", array.dtype)
    )


def _upstream_changes(truth: Truth) -> Iterator[Change]:
    for output, array in truth.upstream.items():
        name = truth.subject.upstream[output]
        for words, changed, named in _arrays(name, array):
            yield Change(words, truth.inputs, truth.options, {output: changed}, named or name)


def _arrays(name: str, array: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any], str]]:
    """The array with an axis more, and with each axis one longer."""
    yield f"{name} with an axis too many", array[None], f"{name}: expected"
    for axis in range(array.ndim):
        shape = list(array.shape)
        shape[axis] = 1
        longer = np.concatenate([array, np.ones(shape, array.dtype)], axis=axis)
        yield f"{name} with the shape {longer.shape}", longer, ""


def _entries(truth: Truth, name: str, array: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """A table with entries out of bounds, or no table at all."""
    tensor = truth.layer.tensor(name)
    if tensor is None or not tensor.integer or not array.size:
        return
    bound = [] if tensor.below is None else [int(known(tensor.below, truth.case.values))]
    for value in (-1, *bound):
        changed = array.copy()
        changed.flat[0] = value
        yield f"the entry {value} in the table {name}", changed
    yield f"a table {name} of floats", array.astype(np.float64)
