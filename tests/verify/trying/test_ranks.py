"""A function for an entrywise layer that takes one rank only is right, and is told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sympy import Symbol

import derive
from verify.evaluation.small_sizes import Sizes
from verify.trying.case import Filler
from verify.trying.subject import LayerUnderTest
from verify.trying.truth import Truth
from verify.trying.user.examination import examined
from verify.trying.user.ranks import rearranged

RELU = derive.layer("relu")


def any_rank(g: Any, x: Any) -> Any:
    return g * (x > 0)


def rows(g: Any, x: Any) -> Any:
    n, c = x.shape
    return np.array([[g[i, j] * (x[i, j] > 0) for j in range(c)] for i in range(n)]).reshape(n, c)


def rows_or_row(g: Any, x: Any) -> Any:
    if x.ndim > 2:
        raise ValueError("rows, please")
    return g * (x > 0)


def transposed(g: Any, x: Any) -> Any:
    made = g * (x > 0)
    return made if x.ndim < 3 else made.swapaxes(-1, -2)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (any_rank, ""),
        (rows, "tensors of rank 1 or 3 or 4"),
        (rows_or_row, "tensors of rank 3 or 4"),
        (transposed, "tensors of rank 3 or 4, which the entrywise layer has too: ∂L/∂x is wrong"),
    ],
)
def test_other_ranks_are_tried_and_remarked_on(function: Callable[..., Any], words: str) -> None:
    found = examined(RELU, function, examples=10, strict=True)
    assert found.verdict.word == "tested"
    remarks = [remark for remark in found.remarks if "tensors of rank" in remark]
    assert len(remarks) == bool(words)
    assert words in "".join(remarks)


def test_other_layers_have_one_rank() -> None:
    softmax = derive.layer("softmax", axis=0)

    def backward(g: Any, x: Any) -> Any:
        n, _ = x.shape
        y = np.exp(x - x.max(0, initial=-np.inf)) if n else x
        y = y / y.sum(0)
        return y * (g - (g * y).sum(0))

    found = examined(softmax, backward, examples=10)
    assert not [remark for remark in found.remarks if "tensors of rank" in remark]


ENTRYWISE = ("add", "dropout", "elu", "relu6", "tanh")


@pytest.mark.parametrize("name", ENTRYWISE)
@pytest.mark.parametrize("rank", [1, 4])
def test_what_is_true_in_another_rank_is_what_is_derived_there(name: str, rank: int) -> None:
    subject = LayerUnderTest(derive.layer(name))
    case = Filler(subject.layer, subject.upstream).eighths(values_of(subject))
    found = rearranged(subject, case, rank)
    for tensor in subject.differentiable:
        derived = Truth(found.subject, found.case).gradient(tensor)
        assert found.gradient(tensor) == derived
        assert rank == 1 or len({*derived.array.entries}) > 1


def test_scalars_have_other_ranks_too() -> None:
    found = examined(derive.parse("f(x): y = x*x"), lambda g, x: 2 * g * x.T, examples=10)
    assert found.verdict.word == "tested"


def values_of(subject: LayerUnderTest) -> dict[Symbol, Any]:
    values = Sizes(subject.layer).completed_from(dict.fromkeys(subject.layer.sizes, 3))
    assert values is not None
    return values
