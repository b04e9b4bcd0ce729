"""Shift equivariance, where the definition implies it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Integer

from derive.language.definition import Equation, Layer
from derive.language.integers import expanded
from derive.language.terms import Entry, Index, Size, entries, symbols_of
from verify.evaluation.sizes import known
from verify.trying.subject import Arrays, Failure, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import Truth

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


# --- along which output indices a layer is the same everywhere -----------------------------------


@dataclass(frozen=True)
class ShiftedAxis:
    """An axis of a tensor that is read at step·r + …, and how far its padding reaches before 0."""

    tensor: str
    axis: int
    step: Expr
    before: Expr


@dataclass(frozen=True)
class Shift:
    """An output index, the output's axis, and where the tensors are read along it."""

    index: Index
    axis: int
    places: tuple[ShiftedAxis, ...]


@dataclass(frozen=True)
class Crop:
    """The tensors without their first entries; windows from ``first`` on begin inside them."""

    inputs: Arrays
    first: int


@lru_cache(maxsize=256)
def shifts(layer: Layer) -> tuple[Shift, ...]:
    """All output indices along which the layer is the same everywhere.

    The index must occur in nothing but reads, in each on one axis, as step·r + (something else);
    every read of such a tensor must have it there; and the axis's size must occur in no value.
    """
    if len(layer.equations) != 1 or any(t.integer for t in layer.tensors):
        return ()
    equation = layer.equations[0]
    found = (_shift(layer, equation, axis) for axis in range(len(equation.indices)))
    return tuple(s for s in found if s is not None)


def _shift(layer: Layer, equation: Equation, axis: int) -> Shift | None:
    index, body = equation.indices[axis], equation.written
    reads = [e for e in entries(body) if index in symbols_of(e)]
    found = {e.tensor: _place(layer, e, index) for e in reads}
    places = [p for p in found.values() if p is not None]
    if not places or len(places) < len(found):
        return None
    for entry in entries(body):
        if entry.tensor in found and _place(layer, entry, index) != found[entry.tensor]:
            return None
    sizes = {layer.shape(p.tensor)[p.axis] for p in places}
    fixed = [
        n
        for t in layer.tensors
        for k, n in enumerate(layer.shape(t.name))
        if (t.name, k) not in {(p.tensor, p.axis) for p in places}
    ]
    outside = body.xreplace(dict.fromkeys(reads, Integer(0)))
    varying = {*sizes, equation.extents[axis]}
    used = {s for part in (body, *fixed) for s in symbols_of(part)}
    alone = all(isinstance(n, Size) for n in sizes)
    if not alone or varying & used or index in symbols_of(outside):
        return None
    return Shift(index, axis, tuple(places))


def _place(layer: Layer, entry: Entry, index: Index) -> ShiftedAxis | None:
    """Where a read has the index; None if not on exactly one axis, as step·index + …"""
    tensor = layer.tensor(entry.tensor)
    axes = [k for k, e in enumerate(entry.indices) if index in symbols_of(e)]
    if tensor is None or len(axes) != 1 or tensor.axes[axes[0]].unbounded:
        return None
    at = entry.indices[axes[0]]
    step = expanded(at.xreplace({index: index + 1}) - at)
    if any(isinstance(s, Index) for s in symbols_of(step)) or step == 0:
        return None
    rest = expanded(at - step * index)
    if index in symbols_of(rest):
        return None
    return ShiftedAxis(entry.tensor, axes[0], step, tensor.axes[axes[0]].before)


def cropped(truth: Truth, shift: Shift) -> Crop | None:
    """The tensors cut off by one step; None where they are too short, or a step is backwards."""
    inputs, first = dict(truth.inputs), 0
    for place in shift.places:
        step = known(place.step, truth.case.values)
        array = inputs[place.tensor]
        if step < 1 or array.shape[place.axis] <= step:
            return None
        inputs[place.tensor] = array.take(range(step, array.shape[place.axis]), place.axis)
        first = max(first, -(-known(place.before, truth.case.values) // step))
    return Crop(inputs, first) if truth.allows(inputs, truth.options) else None
