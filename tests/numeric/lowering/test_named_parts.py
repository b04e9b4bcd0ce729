"""What a stabilised layer computes once is read only where it was computed."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric

TEXTS = (
    # the same maximum, over fewer places first
    "f(x[N, C]): a[i < N-1] = log(sum[c] exp(x[i, c])); y[i < N] = log(sum[c] exp(x[i, c]))",
    "f(x[N, C]) where 3 <= N:"
    " a[i < 2] = log(sum[c] exp(x[i, c])); y[i < N] = log(sum[c] exp(x[i, c]))",
    # entries that the norm has not divided
    "f(x[N]) where 3 <= N: y[i] = x[i]/sqrt(sum[k < 3] x[k]^2)",
    "f(x[N]) where 3 <= N: s = sqrt(sum[k < 2] x[k]^2); y[i] = x[i]^2/s^3",
    "f(x[N], t[N]) where 3 <= N: y[i] = x[i]*(x[i] - t[i])/sqrt(sum[k < 3] (x[k] - t[k])^2)",
    # a choice that is no absolute value
    "f(x[N, M]): y[i] = 1/sqrt(sum[m < M] (if x[i, m] > 0 then -x[i, m] else 2*x[i, m])^2)",
    "f(x[N, M]): y[i] = 1/(sum[m < M] relu(x[i, m])^2 + 1)",
)


@pytest.mark.parametrize("scale", [1.0, 50.0])
@pytest.mark.parametrize("text", TEXTS)
def test_places_beyond_those_of_the_first_reader(text: str, scale: float) -> None:
    layer = derive.parse(text)
    rng = np.random.default_rng(0)
    shapes = {"N": 5, "C": 3, "M": 2}
    given = {
        t.name: scale * rng.standard_normal([shapes[str(a.size)] for a in t.axes])
        for t in layer.tensors
    }
    loops, arrays = (numeric.compile(layer, target=t) for t in ("loops", "arrays"))
    expected, found = loops.forward(**given), arrays.forward(**given)
    outputs = expected if isinstance(expected, dict) else {"y": expected}
    g = {name: np.cos(np.arange(y.size)).reshape(y.shape) for name, y in outputs.items()}
    upstream = g if isinstance(expected, dict) else g["y"]
    made = found if isinstance(found, dict) else {"y": found}
    for name, y in outputs.items():
        np.testing.assert_allclose(made[name], y, rtol=1e-11)
    back = loops.backward(upstream, **given)
    for name, dx in arrays.backward(upstream, **given).items():
        np.testing.assert_allclose(dx, back[name], rtol=1e-9, atol=1e-12)
