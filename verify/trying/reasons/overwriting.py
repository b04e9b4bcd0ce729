"""Contributions to one entry replace each other where they have to be added up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from derive.language.definition import Layer
from derive.language.terms import Parameter, RealParameter, Size, entries, symbols_of
from verify.evaluation.arrays import Array, indices_of
from verify.mistakes.choices import all_then_fewer
from verify.trying.case import Case
from verify.trying.numbers import chooses, numpy_array
from verify.trying.reasons import Explanation, Observation, Observed
from verify.trying.subject import LayerUnderTest
from verify.trying.truth import Truth, moved

PRIORITY = 30

#: larger tensors say nothing that smaller ones do not, and every entry costs an evaluation
_LARGEST = 60


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """Along some axes of the output only one contribution to an entry counts, the last or first.

    Loops over windows leave the last one, loops over the places in a kernel the first.  For a
    maximum, either the place where it is attained is written, or the whole window.
    """
    subject = evidence.subject
    if len(subject.outputs) != 1:
        return
    (g,) = subject.upstream.values()
    rank = len(evidence.first.case.tensors[g].shape)
    overwritten = _Overwritten(evidence)
    written = ("attained", "window") if chooses(subject.layer) else ("attained",)
    for axes in all_then_fewer(range(rank)):
        for last, places in product((True, False), written):
            words = _words(subject.layer, evidence.tensor, last)
            yield Explanation(words, partial(overwritten.fits, axes, last, places))


class _Overwritten:
    """Tells what would be left; the contributions in each case are worked out once."""

    def __init__(self, evidence: Observed) -> None:
        self._evidence = evidence
        self._known: dict[int, _Contributions] = {}

    def fits(self, axes: tuple[int, ...], last: bool, places: str, o: Observation) -> bool:
        if not o.in_shape:
            return False
        if o is not self._evidence.first and o.truth.size > _LARGEST:
            return True
        if id(o) not in self._known:
            self._known[id(o)] = _Contributions(self._evidence.subject, o.case, o.tensor)
        return o.shows(_overwritten(self._known[id(o)], axes, last, places))


def _words(layer: Layer, tensor: str, last: bool) -> str:
    """Through a table of integers, where windows overlap, or anywhere else."""
    read = [
        index
        for e in layer.equations
        for entry in entries(e.explicit)
        if entry.tensor == tensor
        for index in entry.indices
    ]
    tables = [t.name for t in layer.tensors if t.integer]
    if any(inner.tensor in tables for index in read for inner in entries(index)):
        return (
            "overwritten instead of accumulated: an entry that is looked up repeatedly counts once"
            " (a[i] += … writes once for each i, np.add.at adds up)"
        )
    if any(_is_window(index) for index in read):
        return "overlapping windows overwritten instead of accumulated"
    which = "last" if last else "first"
    return f"several outputs contribute to an entry, and only the {which} of them counts"


def _is_window(index: Expr) -> bool:
    """Whether two indices move it, as in s·r + a."""
    named = (Size, Parameter, RealParameter)
    return len([s for s in symbols_of(index) if not isinstance(s, named)]) > 1


class _Contributions:
    """g[r]·∂y[r]/∂x[p]: one row for each entry p, and at which r something is written there.

    ``written``: where y[r] depends on x[p], whatever the other tensors hold (a zero in a kernel
    overwrites, too), or, of a maximum, for every entry of its window.
    """

    def __init__(self, subject: LayerUnderTest, case: Case, tensor: str) -> None:
        ((output, g),) = subject.upstream.items()
        weights = numpy_array(case.tensors[g], "float64")
        shape = case.tensors[tensor].shape
        truth = Truth(subject, case)
        others = {
            t.name: case.tensors[t.name].map(lambda e: 1)
            for t in subject.layer.tensors
            if t.name != tensor and not t.integer
        }
        filled = truth.with_tensors(others)
        largest = 1 + max((abs(e) for e in case.tensors[tensor].entries), default=0)
        rows, read = [], []
        for at in indices_of(shape):
            unit = Array.build(shape, lambda *index, p=at: int(index == p))
            rows.append(numpy_array(truth.slopes({tensor: unit})[output], "float64"))
            read.append(numpy_array(filled.slopes({tensor: unit})[output], "float64"))
            if chooses(subject.layer):
                raised = moved(case.tensors[tensor], unit, 2 * largest)
                above = truth.with_tensors({tensor: raised}).slopes({tensor: unit})[output]
                read[-1] = np.abs(rows[-1]) + np.abs(numpy_array(above, "float64"))
        self.shape = shape
        local = np.array(rows).reshape(len(rows), *weights.shape)
        window = np.array(read).reshape(local.shape) != 0
        attained = local != 0 if chooses(subject.layer) else (local != 0) | window
        self.written = {"attained": attained, "window": window}
        self.values = local * weights


def _overwritten(
    found: _Contributions, axes: tuple[int, ...], last: bool, places: str
) -> NDArray[Any]:
    """For each entry, along the given axes only the last (or first) contribution, else the sum."""
    written = found.written[places]
    rows = [_one(v, w, axes, last) for v, w in zip(found.values, written, strict=True)]
    return np.array(rows).reshape(found.shape)


def _one(values: NDArray[Any], depends: NDArray[Any], axes: tuple[int, ...], last: bool) -> float:
    others = tuple(a for a in range(values.ndim) if a not in axes)
    places = np.argwhere(depends.any(axis=others) if others else depends)
    if not len(places):
        return 0.0
    chosen = places[-1] if last else places[0]
    index: list[Any] = [slice(None)] * values.ndim
    for axis, place in zip(axes, chosen, strict=True):
        index[axis] = place
    return float(values[tuple(index)].sum())
