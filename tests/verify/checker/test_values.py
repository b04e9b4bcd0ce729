"""What a derivation needs a value of, and what is shown to have one."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric
import verify


@pytest.mark.parametrize(
    "text",
    [
        "f(x[]): y[i < 3] = (sum[c < 2] x)*x",
        "f(x[]; N >= 0): y[i < 2*N] = (sum[c < 2] x)*x",
        "f(x[N], t[N]): y = sum[i < N] t[i]*(sum[c < N] x[c])",
        "f(x[N, M]): y[n] = sum[m] erf(x[n, m])*(sum[k < M] x[n, k])",
        "f(x[N], k[M]): y[n < N] = sum[m < M] k[m]*erf(x[n])",
        "f(x[N]): y[n] = erfc(x[n])*(sum[m < N] x[m]/(m + 1))",
    ],
)
def test_sums_and_constants_that_are_moved_have_values(text: str) -> None:
    layer = derive.parse(text)
    for tensor in layer.tensors:
        assert verify.check(derive.gradient(layer, tensor.name)).word == "checked"


def test_what_may_have_none_is_not_moved() -> None:
    """At N = 0 the sum over i is empty, and 1/m² is not computed; moved out of it, it would be."""
    layer = derive.parse("f(x[N], m[]): y = sum[i < N] x[i]*(sum[c < 3] 1/m)")
    assert verify.check(derive.gradient(layer, "m")).word != "checked"


@pytest.mark.parametrize(
    "text", ["f(k[N]): y[i < N] = max[b] k[b]", "f(k[N]): y[i < N, j < N] = k[i]*max[b] k[b]"]
)
def test_a_maximum_is_asked_for_only_where_there_are_entries(text: str) -> None:
    layer = derive.parse(text)
    assert layer.requirements == () and derive.parse(layer.text) == layer
    for target in ("loops", "arrays"):
        assert numeric.compile(layer, target=target).forward(k=np.zeros(0)).size == 0
    assert verify.check(derive.gradient(layer, "k")).word == "checked"
