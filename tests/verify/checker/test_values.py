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


@pytest.mark.parametrize(
    "factor",
    [
        *("1/m", "sqrt(m)", "log(m)", "log1p(m)", "(sum[c < 3] 1/m)", "(sum[c < 3] c/m)"),
        *("sum[c < M] 1/k[c]", "sum[c < M] k[c]*log(-2 + m^2)", "x[0]", "sum[c < N] x[c]"),
    ],
)
def test_what_may_have_no_value_stays_in_the_sum(factor: str) -> None:
    """At N = 0 the sum over i is empty, and 1/m² is not computed; moved out of it, it would be."""
    layer = derive.parse(f"f(x[N], m[], k[M]): y = sum[i < N] [i < M]*k[i]*({factor})")
    for tensor in layer.tensors:
        assert verify.check(derive.gradient(layer, tensor.name)).word == "checked"


@pytest.mark.parametrize("factor", ["log(10)", "sqrt(2)/3", "tanh(2)", "log(1 + 3^2)", "1/exp(1)"])
def test_numbers_have_values_and_are_moved(factor: str) -> None:
    layer = derive.parse(f"f(x[N], k[N]): y = sum[i < N] x[i]*k[i]^2*{factor}")
    derivation = derive.gradient(layer, "x")
    assert verify.check(derivation).word == "checked"


@pytest.mark.parametrize(
    "text", ["f(k[N]): y[i < N] = max[b] k[b]", "f(k[N]): y[i < N, j < N] = k[i]*max[b] k[b]"]
)
def test_a_maximum_is_asked_for_only_where_there_are_entries(text: str) -> None:
    layer = derive.parse(text)
    assert layer.requirements == () and derive.parse(layer.text) == layer
    for target in ("loops", "arrays"):
        assert numeric.compile(layer, target=target).forward(k=np.zeros(0)).size == 0
    assert verify.check(derive.gradient(layer, "k")).word == "checked"
