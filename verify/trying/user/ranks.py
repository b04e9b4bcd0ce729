"""Functions for entrywise layers, tried on tensors of other ranks than that of the layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice

from derive.language.definition import Layer
from derive.language.entrywise import entrywise, of_rank
from derive.language.terms import Size
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.trying.case import Case
from verify.trying.subject import Failure, LayerUnderTest
from verify.trying.user.examinee import Examinee

#: the ranks that are tried, beside that of the layer
RANKS = (1, 2, 3, 4)
#: so long is every axis
_LENGTH = 2


def other_ranks(examinee: Examinee, case: Case) -> Iterator[str]:
    """What a function of one tensor does wrong where the tensor has another rank, if anything.

    A layer that is entrywise has a gradient there, but nobody asked for it.
    """
    layer = examinee.subject.layer
    sized = any(isinstance(s, Size) for s in examinee.plan.symbols) or examinee.axes
    if len(layer.tensors) != 1 or sized or not entrywise(layer):
        return
    wrong: dict[int, Failure] = {}
    for rank in RANKS:
        if rank != len(layer.tensors[0].axes):
            failure = _failure(examinee, of_rank(layer, rank), case)
            wrong |= {} if failure is None else {rank: failure}
    if wrong:
        ranks, first = " or ".join(map(str, wrong)), next(iter(wrong.values()))
        yield f"tensors of rank {ranks}, which the entrywise layer has too: {first.words}"


def _failure(examinee: Examinee, layer: Layer, case: Case) -> Failure | None:
    """The first failure on the entries of a case, arranged as tensors of this layer's rank."""
    shape = (_LENGTH,) * len(layer.tensors[0].axes)
    if not all(array.entries for array in case.tensors.values()):
        return None
    tensors = {
        name: Array(shape, tuple(islice(cycle(array.entries), _LENGTH ** len(shape))))
        for name, array in case.tensors.items()
    }
    values: Values = {s: v for s, v in case.values.items() if not isinstance(s, Size)}
    values |= dict.fromkeys(layer.sizes, _LENGTH)
    elsewhere = replace(examinee, subject=LayerUnderTest(layer), _latest=None)
    trial = elsewhere.tried(Case(values, tensors))
    return None if trial is None else trial.failure
