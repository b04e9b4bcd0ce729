"""JAX as a third opinion: values and gradients of layers that it has, and what is said at kinks.

Skipped where JAX is not installed (``pip install jax``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derive
import numeric

pytestmark = pytest.mark.complete
jax: Any = pytest.importorskip("jax")
jnp: Any = pytest.importorskip("jax.numpy")


def normalised(x: Any, axes: Any) -> Any:
    m, v = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return (x - m) / jnp.sqrt(v + 1e-5)


def pooled(x: Any) -> Any:
    window = (1, 1, 3, 3), (1, 1, 2, 2)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, *window, "VALID")


def resized(x: Any) -> Any:
    return jax.image.resize(x, (*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3]), "linear")


MATRIX, IMAGE = (3, 5), (2, 3, 5, 6)
LAYERS: list[tuple[str, dict[str, Any], tuple[int, ...], Callable[[Any], Any]]] = [
    ("relu", {}, MATRIX, lambda x: jax.nn.relu(x)),
    ("relu6", {}, MATRIX, lambda x: jax.nn.relu6(x)),
    ("leaky_relu", {}, MATRIX, lambda x: jax.nn.leaky_relu(x)),
    ("elu", {}, MATRIX, lambda x: jax.nn.elu(x)),
    ("sigmoid", {}, MATRIX, lambda x: jax.nn.sigmoid(x)),
    ("silu", {}, MATRIX, lambda x: jax.nn.silu(x)),
    ("softplus", {}, MATRIX, lambda x: jax.nn.softplus(x)),
    ("gelu", {}, MATRIX, lambda x: jax.nn.gelu(x, approximate=False)),
    ("gelu", {"approximate": "tanh"}, MATRIX, lambda x: jax.nn.gelu(x)),
    ("softmax", {"axis": 0}, MATRIX, lambda x: jax.nn.softmax(x, 0)),
    ("log_softmax", {}, MATRIX, lambda x: jax.nn.log_softmax(x)),
    ("layernorm", {}, MATRIX, lambda x: normalised(x, 1)),
    ("batchnorm", {}, IMAGE, lambda x: normalised(x, (0, 2, 3))),
    ("instancenorm", {}, IMAGE, lambda x: normalised(x, (2, 3))),
    ("maxpool", {"kernel_size": 3, "stride": 2}, IMAGE, pooled),
    ("upsample", {"mode": "linear"}, IMAGE, resized),
    *(
        ("pad", {"padding": 2, "mode": mode}, IMAGE, lambda x, m=name: jnp.pad(x, SIDES, mode=m))
        for mode, name in (("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap"))
    ),
]
SIDES = ((0, 0), (0, 0), (2, 2), (2, 2))


@pytest.mark.parametrize("case", LAYERS, ids=lambda c: f"{c[0]} {c[1]}")
def test_values_and_gradients_are_jaxs(case: tuple[str, Any, Any, Callable[[Any], Any]]) -> None:
    name, options, shape, function = case
    rng = np.random.default_rng(0)
    x = 3 * rng.standard_normal(shape)
    layer = derive.layer(name, **options)
    learnt = {t.name: t for t in layer.tensors if t.name != "x"}
    given = {n: np.full(shape[1], float(n == "w")) for n in learnt} | {"x": x}
    with jax.enable_x64(True):
        y, pull = jax.vjp(function, jnp.asarray(x))
        g = rng.standard_normal(y.shape)
        expected = np.asarray(y), np.asarray(pull(jnp.asarray(g))[0])
    kernel = numeric.compile(layer)
    np.testing.assert_allclose(kernel.forward(**given), expected[0], rtol=1e-9, atol=1e-9)
    found = kernel.backward(g, wrt=["x"], **given)["x"]
    np.testing.assert_allclose(found, expected[1], rtol=1e-7, atol=1e-9)


def test_of_equal_entries_in_a_window_the_first_is_taken() -> None:
    """As in PyTorch; ``jnp.max`` shares g among them, which is another convention."""
    x = np.array([[1.0, 1.0, 0.0, 2.0, 2.0]])
    kernel = numeric.compile(derive.layer("maxpool", channels=False, kernel_size=(1, 2), stride=1))
    with jax.enable_x64(True):
        window = (1, 2), (1, 1), "VALID"
        y, pull = jax.vjp(
            lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, *window), jnp.asarray(x)
        )
        expected = np.asarray(pull(jnp.ones_like(y))[0])
    found = kernel.backward(np.ones(y.shape), x=x)["x"]
    np.testing.assert_array_equal(found, expected)
