"""Tables that are read where they have no entry hold zeros there, which are no positions."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric

TEXTS = (
    "f(w[M], t[M] int < M, b[H]): y[i < H] = [0 <= (i*i)//2 < M]*w[t[(i*i)//2]]*b[i]",
    "f(w[M], t[M] int < M, b[H]): y[i < H] = sum[j < H] b[j]*[0 <= i*j-1 < M]*w[t[i*j-1]]",
    "f(w[M], t[K] int < M, u[M] int < K, b[H]):"
    " y[i < H] = [0 <= (i*i)//2 < M]*w[t[u[(i*i)//2]]]*b[i]",
)


@pytest.mark.parametrize("M", [0, 1, 3])
@pytest.mark.parametrize("text", TEXTS)
def test_empty_tensors_behind_tables(text: str, M: int) -> None:
    layer = derive.parse(text)
    sizes = {"M": M, "H": 3, "K": M}
    given = {}
    for tensor in layer.tensors:
        shape = tuple(sizes[str(axis.size)] for axis in tensor.axes)
        values = np.arange(1, 1 + int(np.prod(shape)), dtype=float).reshape(shape)
        given[tensor.name] = (values - 1).astype(int) if tensor.integer else values
    expected, found = (
        (k.forward(**given), k.backward(np.ones(3), **given))
        for k in (numeric.compile(layer, target=t) for t in ("loops", "arrays"))
    )
    np.testing.assert_allclose(found[0], expected[0])
    for name in expected[1]:
        np.testing.assert_allclose(found[1][name], expected[1][name])


@pytest.mark.parametrize(
    "text",
    [
        "f(k[M], t[H] int < M, u[M] int < M, x[N]): y[i < N] = x[0]*sum[b < H-i] k[u[t[b]]]*x[i]",
        "f(k[M], t[H] int < M, x[N]): y[i < 2*N] = x[0]*x[i//2]*sum[b < H-i] k[t[b]]",
        "f(k[M], t[H] int < M, x[N]): y[i < N] = x[i]*sum[b < H-2*i] k[t[b+i]]",
        "f(k[M], t[H] int < M, x[N]): y[i < N] = x[i]*sum[i <= b < H] k[t[H-1-b]]*k[t[b]]",
    ],
)
def test_positions_behind_ranges_of_other_indices(text: str) -> None:
    """An index range that ends elsewhere for each entry: the table is not read beyond its end."""
    layer = derive.parse(text)
    for first, second in [("k", "x"), ("x", "k"), ("k", "k")]:
        twice = derive.gradient(derive.gradient(layer, first).layer, second).layer
        given = {"k": np.array([2.0, 3.0]), "t": np.array([0, 1, 1, 0]), "u": np.array([1, 0])}
        given |= {
            "x": np.array([1.0, -1.0, 2.0]),
            "g": np.arange(1.0, 7.0)[: 6 if "2*N" in text else 3],
        }
        given["g2"] = given[first] + 1
        given = {name: value for name, value in given.items() if name in twice_names(twice)}
        loops, arrays = (numeric.compile(twice, target=t) for t in ("loops", "arrays"))
        np.testing.assert_allclose(arrays.forward(**given), loops.forward(**given))


def twice_names(layer: derive.Layer) -> set[str]:
    return {tensor.name for tensor in layer.tensors}
