"""The right numbers in an array of the wrong shape, or sums over the wrong axes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, combinations, permutations
from typing import Any

from numpy.typing import NDArray

from verify.trying.numbers import numpy_array
from verify.trying.reasons import Explanation, Observation, Observed, same

PRIORITY = 20

#: axes of more arrays than this are not permuted
_RANK = 5


def explanations(evidence: Observed) -> Iterator[Explanation]:
    """Reshaped, transposed, not cropped, or g summed over other axes than the right ones."""
    if not evidence.first.in_shape:
        yield Explanation("flattened: the shape of the tensor is lost", _flat)
        yield Explanation("axes of length one are missing or too many (keepdims?)", _up_to_ones)
        words = "the padding is not cut off: this is the gradient of the padded tensor"
        yield Explanation(words, _padded)
        words = "it is empty: a slice such as p:-p holds nothing where p = 0"
        yield Explanation(words, _empty)
        yield Explanation("entries at the end are missing", _cropped)
    rank = evidence.first.truth.ndim
    for order in permutations(range(rank)) if rank <= _RANK else ():
        if order != tuple(range(rank)):
            words = "transposed" if rank == 2 else f"transposed: its axes are in the order {order}"
            yield Explanation(words, partial(_transposed, order))
    yield from _summed(evidence)


def _flat(o: Observation) -> bool:
    return o.shows(o.truth.ravel())


def _up_to_ones(o: Observation) -> bool:
    shapes = [[n for n in array.shape if n != 1] for array in (o.found, o.truth)]
    return shapes[0] == shapes[1] and same(o.found.ravel(), o.truth.ravel())


def _padded(o: Observation) -> bool:
    """Whether the truth is in the middle of what was returned."""
    if o.found.ndim != o.truth.ndim:
        return False
    starts = [(a - b) // 2 for a, b in zip(o.found.shape, o.truth.shape, strict=True)]
    if min(starts, default=0) < 0:
        return False
    inside = tuple(slice(s, s + n) for s, n in zip(starts, o.truth.shape, strict=True))
    return same(o.found[inside], o.truth)


def _empty(o: Observation) -> bool:
    return o.found.size == 0 if o.truth.size and not o.in_shape else o.shows(o.truth)


def _cropped(o: Observation) -> bool:
    """Whether what was returned is the beginning of the truth."""
    if o.found.ndim != o.truth.ndim:
        return False
    return o.shows(o.truth[tuple(slice(n) for n in o.found.shape)])


def _transposed(order: tuple[int, ...], o: Observation) -> bool:
    return o.shows(o.truth.transpose(order))


def _summed(evidence: Observed) -> Iterator[Explanation]:
    """Sums of an upstream gradient over a choice of its axes, where the truth is such a sum."""
    what = "bias" if evidence.tensor in ("b", "bias") else evidence.tensor
    for name in evidence.subject.upstream.values():
        rank = len(evidence.first.case.tensors[name].shape)
        choices = list(chain.from_iterable(combinations(range(rank), n) for n in range(rank + 1)))
        right = next((c for c in choices if _is_right(evidence, name, c)), None)
        if right is None:
            continue
        for axes in choices:
            if axes != right:
                words = (
                    f"{what} summed over the wrong axes of {name}: "
                    f"{_listed(axes)} instead of {_listed(right)}"
                )
                yield Explanation(words, partial(_returned_sum, name, axes))


def _is_right(evidence: Observed, name: str, axes: tuple[int, ...]) -> bool:
    return all(_is_sum(o.truth, o, name, axes) for o in evidence.observations)


def _returned_sum(name: str, axes: tuple[int, ...], o: Observation) -> bool:
    return _is_sum(o.found, o, name, axes)


def _is_sum(array: NDArray[Any], o: Observation, name: str, axes: tuple[int, ...]) -> bool:
    g = numpy_array(o.case.tensors[name], "float64")
    for keepdims in (False, True):
        summed = g.sum(axis=axes, keepdims=keepdims)
        if same(array, summed):
            return True
    return False


def _listed(axes: tuple[int, ...]) -> str:
    return str(axes) if axes else "none"
