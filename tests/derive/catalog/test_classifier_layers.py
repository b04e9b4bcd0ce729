"""The layers between the convolutions and the loss: relu, flatten, cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
import numeric
import verify
from tests.numeric.cases import compare
from tests.strategies import from_layer


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(
            (name, options)
            for name in ("relu", "flatten")
            for options in ({}, {"dims": 1}, {"dims": 3})
        ),
        ("cross_entropy", {}),
    ],
    ids=str,
)
def test_gradients_are_checked(name: str, options: dict[str, int]) -> None:
    assert verify.check(derive.gradient(derive.layer(name, **options), "x")).word == "checked"


@pytest.mark.parametrize(
    ("name", "dims"), [("relu", 1), ("relu", 3), ("flatten", 1), ("flatten", 2), ("flatten", 3)]
)
@settings(max_examples=10)
@given(data=st.data())
def test_code_equals_the_equations_exactly(name: str, dims: int, data: st.DataObject) -> None:
    layer = derive.layer(name, dims=dims)
    compare(layer, data.draw(from_layer(layer)))


def test_flatten_is_row_major() -> None:
    x = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    y = numeric.compile(derive.layer("flatten")).forward(x=x)
    np.testing.assert_array_equal(y, x.reshape(2, 60))


def test_relu_passes_nothing_at_zero() -> None:
    kernel = numeric.compile(derive.layer("relu", dims=1))
    x = np.array([-1.0, -0.0, 0.0, 2.0])
    np.testing.assert_array_equal(kernel.backward(np.ones(4), x=x)["x"], [0, 0, 0, 1])


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1, 30, 1000, -1000])
@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (4, 10)])
def test_cross_entropy_is_softmax_minus_one_hot(
    shape: tuple[int, int], scale: int, dtype: type
) -> None:
    """Also where e to the power of a logit is no floating-point number."""
    rng = np.random.default_rng(0)
    x = (rng.standard_normal(shape) + scale).astype(dtype)
    t = rng.integers(0, shape[1], shape[0])
    kernel = numeric.compile(derive.layer("cross_entropy"))
    rows = np.arange(shape[0])
    exact = softmax(x.astype(np.float64))
    tolerance = 20 * np.finfo(dtype).eps
    y = kernel.forward(x=x, t=t)
    assert y.dtype == dtype and y.shape == ()
    np.testing.assert_allclose(y, -np.log(exact[rows, t]).mean(), atol=tolerance * abs(scale))
    exact[rows, t] -= 1
    dx = kernel.backward(np.asarray(3, dtype), x=x, t=t)["x"]
    assert dx.dtype == dtype
    np.testing.assert_allclose(dx, 3 * exact / shape[0], atol=tolerance)


def test_class_numbers_are_checked() -> None:
    kernel = numeric.compile(derive.layer("cross_entropy"))
    with pytest.raises(ValueError, match="t holds 3; its entries must be in 0 … 2"):
        kernel.forward(x=np.zeros((2, 3)), t=np.array([0, 3]))


def test_cross_entropy_beside_pytorch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((6, 4)) * 20, rng.integers(0, 4, 6)
    given = torch.tensor(x, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(given, torch.tensor(t))
    expected.backward()
    kernel = numeric.compile(derive.layer("cross_entropy"))
    np.testing.assert_allclose(kernel.forward(x=x, t=t), expected.item(), rtol=1e-13)
    dx = kernel.backward(np.ones(()), x=x, t=t)["x"]
    np.testing.assert_allclose(dx, given.grad.numpy(), atol=1e-15)
