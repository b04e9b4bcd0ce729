"""The second reading itself, by hand and against itself."""

from __future__ import annotations

from fractions import Fraction

import pytest

from .derivatives import Case, forward, gradient, second
from .random_layers import layer
from .reading import read
from .sizes import Array
from .writing import text_of


def entries(*values: int) -> Array:
    """A vector."""
    return {(place,): Fraction(value) for place, value in enumerate(values)}


def case(text: str, **arrays: Array) -> Case:
    """A layer at vectors."""
    parsed = read(text)
    shapes = {name: (len(array),) for name, array in arrays.items()}
    sizes = {
        axis.size.name: Fraction(shapes[tensor.name][0])
        for tensor in parsed.tensors
        for axis in tensor.axes
    }
    return Case(parsed, sizes, shapes, arrays)


def test_correlation_by_hand() -> None:
    """Two entries, their gradients, and a gradient of these."""
    layer = case("f(x[H], k[K]): y[r] = sum[a] x[r+a]*k[a]", x=entries(1, 2, 3), k=entries(10, 100))
    assert forward(layer) == {"y": entries(210, 320)}
    g = {"y": entries(1, 2)}
    assert gradient(layer, g, "x") == entries(10, 120, 200)
    assert gradient(layer, g, "k") == entries(5, 8)
    assert second(layer, g, "x", entries(1, 1, 0), "k") == entries(3, 1)


def test_first_of_several_maxima() -> None:
    """Row-major order decides where a maximum is attained twice."""
    layer = case("f(x[N]): y = max[i] x[i]^2", x=entries(1, -2, 2))
    assert gradient(layer, {"y": {(): Fraction(1)}}, "x") == entries(0, -4, 0)


@pytest.mark.parametrize("start", range(0, 200, 100))
def test_texts_read_back(start: int) -> None:
    """What is written from a tree reads as the same tree."""
    for seed in range(start, start + 100):
        parsed = layer(seed).case.text
        assert read(text_of(parsed)) == parsed
