"""Maximum pooling: PyTorch's options, read as PyTorch reads them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
import numeric
import verify
from derive.catalog.options import OptionError
from tests.numeric.cases import compare
from tests.strategies import from_layer_with_ties

OPTIONS: list[dict[str, Any]] = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 2, "stride": 1, "dilation": 2, "padding": 1},
    {"kernel_size": 2, "stride": 1, "padding": "same"},
]


def by_hand(x: np.ndarray, k: int, s: int, p: int, d: int, ceil: bool) -> np.ndarray:
    """Windows one after the other along the only axis; one begins inside the image or before it."""
    starts = range(-p, len(x) + p - d * (k - 1) + (s - 1 if ceil else 0), s)
    windows = [[b + d * a for a in range(k)] for b in starts if b < len(x) or not ceil]
    return np.array([max([x[i] for i in w if 0 <= i < len(x)], default=-np.inf) for w in windows])


@pytest.mark.parametrize("ceil", [False, True])
def test_windows_are_where_pytorch_has_them(ceil: bool) -> None:
    symbols = {"kernel_size": "K", "stride": "s", "padding": "p", "dilation": "d"}
    layer = derive.layer("maxpool", dims=1, channels=False, ceil_mode=ceil, **symbols)
    kernel = numeric.compile(layer)
    for size, k, s, p, d in product(range(1, 8), (1, 2, 3), (1, 2, 3), (0, 1), (1, 2)):
        if 2 * p <= k:
            x = np.random.default_rng(size).permutation(size).astype(float)
            expected = by_hand(x, k, s, p, d, ceil)
            if not len(expected):
                with pytest.raises(ValueError, match="the window must fit"):
                    kernel.forward(x=x, K=k, s=s, p=p, d=d)
                continue
            y = kernel.forward(x=x, K=k, s=s, p=p, d=d)
            np.testing.assert_array_equal(y, expected, str((k, s, p, d)))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@settings(max_examples=15)
@given(data=st.data())
def test_code_equals_the_equations_exactly(options: dict[str, Any], data: st.DataObject) -> None:
    layer = derive.layer("maxpool", dims=1, **options)
    compare(layer, data.draw(from_layer_with_ties(layer)))


@pytest.mark.parametrize("options", [{}, *OPTIONS, {"stride": "s", "padding": "p"}], ids=str)
def test_the_gradient_is_checked_and_named(options: dict[str, Any]) -> None:
    d = derive.gradient(derive.layer("maxpool", **options), "x")
    assert verify.check(d).word == "checked"
    assert d.form is not None
    assert d.form.text.startswith("scatter of g to the first maximum of each window of x")


def test_overlapping_windows_add_up_and_the_first_of_equal_entries_gets_it_all() -> None:
    layer = derive.layer("maxpool", dims=1, channels=False, kernel_size=2, stride=1)
    kernel = numeric.compile(layer)
    dx = kernel.backward(np.array([1.0, 10.0, 100.0]), x=np.array([3.0, 5.0, 5.0, 5.0]))["x"]
    np.testing.assert_array_equal(dx, [0, 11, 100, 0])


def test_padding_is_at_most_half_the_kernel() -> None:
    with pytest.raises(OptionError, match="at most half the kernel size"):
        derive.layer("maxpool", kernel_size=3, padding=2)
    with pytest.raises(ValueError, match="requires"):
        numeric.compile(derive.layer("maxpool", dims=1, channels=False, padding="p")).forward(
            x=np.ones(4), K=3, p=2
        )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_beside_pytorch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    if options.get("padding") == "same":
        pytest.skip("PyTorch has no such padding for pooling")
    x = np.random.default_rng(0).standard_normal((2, 3, 9, 6))
    given = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.max_pool2d(given, **options)
    g = np.random.default_rng(1).standard_normal(expected.shape)
    expected.backward(torch.tensor(g))
    kernel = numeric.compile(derive.layer("maxpool", **options))
    np.testing.assert_array_equal(kernel.forward(x=x), expected.detach().numpy())
    np.testing.assert_allclose(kernel.backward(g, x=x)["x"], given.grad.numpy(), rtol=1e-14)
