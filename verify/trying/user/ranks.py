"""Functions for entrywise layers, tried on tensors of other ranks than that of the layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from math import prod

from derive.language.definition import Layer
from derive.language.entrywise import entrywise, of_rank
from derive.language.terms import Size
from verify.evaluation.arrays import Array
from verify.evaluation.compiled import Values
from verify.trying.case import Case
from verify.trying.subject import Failure, LayerUnderTest
from verify.trying.truth import Gradient, Truth
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
            failure = _failure(examinee, rank, case)
            wrong |= {} if failure is None else {rank: failure}
    if wrong:
        ranks, first = " or ".join(map(str, wrong)), next(iter(wrong.values()))
        yield f"tensors of rank {ranks}, which the entrywise layer has too: {first.words}"


class Rearranged(Truth):
    """What is true of an entrywise layer in another rank: that of the ``same`` entries in its own,
    rearranged, so that nothing is derived for each rank.
    """

    def __init__(self, subject: LayerUnderTest, case: Case, same: Truth) -> None:
        super().__init__(subject, case)
        self.same = same

    def _gradient(self, tensor: str) -> Gradient:
        found = self.same.gradient(tensor)
        return replace(found, array=Array(self.case.tensors[tensor].shape, found.array.entries))


def rearranged(subject: LayerUnderTest, case: Case, rank: int) -> Rearranged:
    """What is true of the entries of a case, arranged as tensors of this rank."""
    layer, number = subject.layer, _LENGTH**rank
    own = subject if layer.tensors[0].axes else LayerUnderTest(of_rank(layer, 1))
    elsewhere = LayerUnderTest(of_rank(layer, rank))
    row = (number, *(1 for _ in own.layer.tensors[0].axes[1:]))
    same = Truth(own, _arranged(case, own.layer, row))
    return Rearranged(elsewhere, _arranged(case, elsewhere.layer, (_LENGTH,) * rank), same)


def _arranged(case: Case, layer: Layer, shape: tuple[int, ...]) -> Case:
    """The entries of a case, again and again, in tensors of that shape."""
    tensors = {
        name: Array(shape, tuple(islice(cycle(array.entries), prod(shape))))
        for name, array in case.tensors.items()
    }
    values: Values = {s: v for s, v in case.values.items() if not isinstance(s, Size)}
    return Case({**values, **dict(zip(layer.sizes, shape, strict=True))}, tensors)


def _failure(examinee: Examinee, rank: int, case: Case) -> Failure | None:
    """The first failure on the entries of a case, arranged as tensors of this rank."""
    if not all(array.entries for array in case.tensors.values()):
        return None
    truth = rearranged(examinee.subject, case, rank)
    elsewhere = replace(examinee, subject=truth.subject, _latest=truth)
    trial = elsewhere.tried(truth.case)
    return None if trial is None else trial.failure
