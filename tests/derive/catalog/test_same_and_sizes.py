"""Padding ``same`` under a stride, and transposed convolutions told their output's size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
import verify
from derive.catalog.options import OptionError


def same(x: np.ndarray, k: np.ndarray, stride: int, dilation: int) -> np.ndarray:
    """TensorFlow's and ONNX's rule (SAME_UPPER), written down for one axis."""
    count = -(-len(x) // stride)
    missing = max((count - 1) * stride + dilation * (len(k) - 1) + 1 - len(x), 0)
    wide = np.pad(x, (missing // 2, missing - missing // 2))
    reads = dilation * np.arange(len(k))
    return np.array([wide[stride * r + reads] @ k for r in range(count)])


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (5, 1)])
def test_same_under_a_stride(stride: int, dilation: int) -> None:
    layer = derive.layer("conv", dims=1, stride=stride, dilation=dilation, padding="same")
    kernel, random = numeric.compile(layer, target="arrays"), np.random.default_rng(0)
    for height in range(1, 12):
        for width in range(1, 6):
            x, k = random.normal(size=height), random.normal(size=width)
            found = kernel.forward(x=x, k=k)
            assert np.allclose(found, same(x, k, stride, dilation)), (height, width)


def test_same_under_a_symbolic_stride() -> None:
    layer = derive.layer("conv", dims=1, stride="s", dilation="d", padding="same")
    kernel, random = numeric.compile(layer, target="arrays"), np.random.default_rng(0)
    for stride, dilation in ((1, 1), (2, 3), (5, 1)):
        for height, width in ((0, 1), (1, 4), (2, 2), (7, 3), (10, 1)):
            x, k = random.normal(size=height), random.normal(size=width)
            found = kernel.forward(x=x, k=k, s=stride, d=dilation)
            assert np.allclose(found, same(x, k, stride, dilation)), (height, width)


@pytest.mark.complete
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("conv", {"dims": 1, "stride": "s", "dilation": "d"}),
        ("conv", {"stride": "s", "channels": True, "groups": "G"}),
        ("avgpool", {"dims": 1}),
        ("maxpool", {"dims": 1, "stride": "s"}),
    ],
)
def test_gradients_of_same_under_a_symbolic_stride_are_checked(
    name: str, options: dict[str, Any]
) -> None:
    layer = derive.layer(name, padding="same", **options)
    for tensor in layer.tensors:
        assert verify.check(derive.gradient(layer, tensor.name)).word == "checked"


def test_same_under_a_stride_is_a_convolution_by_name() -> None:
    layer = derive.layer("conv", stride=(2, 3), padding="same")
    for wrt in "xk":
        derivation = derive.gradient(layer, wrt)
        assert derivation.form is not None and verify.check(derivation).word == "checked"


def test_an_output_size_is_one_of_those_that_fit() -> None:
    torch = pytest.importorskip("torch")
    layer = derive.layer("conv_transpose", dims=1, stride=3, padding=1, output_size="E")
    kernel, random = numeric.compile(layer, target="arrays"), np.random.default_rng(0)
    x, k = random.normal(size=4), random.normal(size=4)
    for size in range(9, 16):
        given = [torch.from_numpy(a)[None, None] for a in (x, k)]
        if not 11 <= size < 14:
            with pytest.raises(ValueError, match="conv_transpose requires"):
                kernel.forward(x=x, k=k, E=size)
            continue
        expected = torch.nn.functional.conv_transpose1d(
            *given, stride=3, padding=1, output_padding=size - 11
        )
        assert np.allclose(kernel.forward(x=x, k=k, E=size), expected[0, 0].numpy())


def test_two_ways_to_say_a_size_are_one_too_many() -> None:
    with pytest.raises(OptionError, match="say the same"):
        derive.layer("conv_transpose", dims=1, stride=2, output_size=5, output_padding=1)


@pytest.mark.parametrize(("stuffing", "stride", "padding"), [(2, 1, 0), (3, 2, 1), (1, 2, 1)])
def test_zeros_stuffed_into_the_image(stuffing: int, stride: int, padding: int) -> None:
    options = {"stride": stride, "padding": padding}
    layer = derive.layer("conv", dims=1, input_dilation="u", **options)
    plain = numeric.compile(derive.layer("conv", dims=1, **options), target="arrays")
    kernel, random = numeric.compile(layer, target="arrays"), np.random.default_rng(0)
    for height in range(1, 6):
        wide, x, k = np.zeros((height - 1) * stuffing + 1), random.normal(size=height), np.ones(3)
        wide[::stuffing] = x
        if len(wide) + 2 * padding >= len(k):
            expected = plain.forward(x=wide, k=k)
            assert np.allclose(kernel.forward(x=x, k=k, u=stuffing), expected)
    for wrt in "xk":
        assert verify.check(derive.gradient(layer, wrt)).word == "checked"
