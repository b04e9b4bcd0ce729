"""Multiply-adds: published totals, and layers whose count can be said in a line."""

from __future__ import annotations

from typing import Any

import pytest

import derive
from derive.language.terms import Size
from numeric.summary.command import found_summary
from numeric.summary.counting import multiply_adds
from verify.evaluation.sizes import known


def counted(layer: Any, **sizes: int) -> int:
    """The multiply-adds of a layer at sizes given by name; those defined follow."""
    values: dict[Any, Any] = {Size(name): n for name, n in sizes.items()}
    for size, meaning in layer.definitions:
        values[size] = max(0, known(meaning, values))
    return multiply_adds(layer, values)


def test_vgg16_as_published() -> None:
    """Simonyan & Zisserman's 138 million parameters; 15.5 G is what everybody counts."""
    found = found_summary("vgg16", "3x224x224")
    assert found.parameters == 138_357_544
    assert found.multiply_adds == 15_346_630_656 + 123_633_664


def test_alexnet_in_two_groups_as_published() -> None:
    found = found_summary("alexnet", "3x227x227")
    assert found.parameters == 60_965_224
    convolutions = {r.name: r.multiply_adds for r in found.rows if r.name.startswith("conv")}
    assert convolutions["conv1"] == 55 * 55 * 96 * 3 * 11 * 11
    assert convolutions["conv2"] == 27 * 27 * 256 * 48 * 5 * 5


@pytest.mark.parametrize(
    ("text", "sizes", "count"),
    [
        ("y[i] = sum[j] A[i,j]*x[j]", {"I": 3, "J": 5}, 15),
        ("y[i] = 2*x[i] + 1", {"I": 7}, 0),
        ("y[i] = x[i]^3", {"I": 7}, 14),
        ("y[i] = x[i]/(sum[j] x[j]^2)", {"I": 4}, 4 + 4),
        ("y[i] = max[j] A[i,j]", {"I": 3, "J": 5}, 0),
        ("p(x[I]): y[i < I] = sum[j < i] x[i]*x[j]", {"I": 5}, 10),
        ("y[i,j] = a[i]*b[i] + a[j]", {"I": 4, "J": 4}, 4),
        ("y[i] = if x[i] < 0 then x[i]*x[i]*x[i] else x[i]*x[i]", {"I": 3}, 6),
    ],
)
def test_what_is_counted(text: str, sizes: dict[str, int], count: int) -> None:
    layer = derive.parse(text)
    assert counted(layer, **{s.name: sizes.get(s.name, 5) for s in layer.sizes}) == count


def test_a_quotient_that_is_not_exact_multiplies_nothing() -> None:
    """With stride 2 every other entry of a kernel meets an entry of the input or of its padding."""
    layer = derive.layer("conv_transpose", dims=1, channels=True, stride=2)
    outputs = 2 * (5 - 1) + 4
    assert counted(layer, N=1, C=2, H=5, O=3, K=4) == 3 * outputs * 2 * 2


def test_adaptive_pooling_has_no_products() -> None:
    layer = derive.layer("adaptive_avgpool", dims=1, output_size=3)
    assert counted(layer, N=1, C=2, H=7) == 0
