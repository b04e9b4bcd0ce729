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
