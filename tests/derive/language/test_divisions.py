"""Whole-number division has no value at a divisor 0: shown not to happen, required, or refused."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric
import verify
from derive.catalog import names
from derive.language.notation.divisions import premises
from derive.language.notation.errors import NotationError
from tests.suites import every

#: what divides by a size that may be 0, and what is then required
REQUIRED = [
    ("f(x[N pad all], k[M]): y[i < N] = x[i//M]", "1 <= M"),
    ("f(x[N pad all], k[M]): y[i < N] = x[i%M]", "1 <= M"),
    ("f(x[N pad all], k[M]): y[i < N] = x[i/M]", "1 <= M"),
    ("f(x[N pad all], k[M]): y[i < N] = x[i//(M-3)]", "1 <= M - 3"),
    ("f(x[N pad all], k[M]): y[i < N] = x[i//(2*M)]", "1 <= 2*M"),
    ("f(x[N], k[M]): y[i < N//M] = x[i]", "1 <= M"),
    ("f(x[N], k[M]): y[i] = [i%M == 0]*x[i]", "1 <= M"),
    ("f(x[N], k[M]): y[i] = sum[j < N//M] x[i]", "1 <= M"),
    ("f(x[N]; p >= 0): y[i] = [i//p < 2]*x[i]", "1 <= p"),
    ("f(x[N pad all], k[M], w[L]): y[i < N] = x[i//M] + x[i%L]", "1 <= M, 1 <= L"),
]

#: what never divides by 0: no premise is needed
SHOWN = [
    "f(x[N, C, H]): y[n, m < C*H] = x[n, m//H, m%H]",
    "f(x[N, C, H, W]): y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]",
    "f(x[N], k[M]): y[i, j < M] = x[i]*k[j%M]",
    "f(x[N pad all]): y[i < N, j < N] = [j > 0]*x[i//j]",
    "f(x[N pad all]): y[i < N, j < N] = sum[1 <= a < 3] x[i//a]",
    "f(x[N pad all]; s=2): y[i < N] = x[i//s]",
    "f(x[N pad all]): y[i < N, j < N] = if j > 0 then x[i//j] else 0",
    "f(x[H]; E): y[r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[i]",
]

#: what divides by an index that may be 0
REFUSED = [
    ("f(x[N pad all]): y[i < N, j < N] = x[i//j]", "j = 0"),
    ("f(x[N pad all]): y[i < N, j < N] = x[i%j]", "j = 0"),
    ("f(x[N pad all]): y[i < N] = sum[0 <= a < 3] x[i//a]", "a = 0"),
    ("f(x[N pad all]): y[i < N, j < N] = [j >= 0]*x[i//j]", "j = 0"),
    ("f(x[N pad all]): y[i < N, j < N] = x[i//(j-1)]", "j = 0"),
]


@pytest.mark.parametrize(("text", "stated"), REQUIRED)
def test_what_may_be_zero_is_required_not_to_be(text: str, stated: str) -> None:
    layer = derive.parse(text)
    assert f"where {stated}:" in layer.text
    assert derive.parse(layer.text) == layer
    assert premises(layer) == []


@pytest.mark.parametrize("text", SHOWN)
def test_nothing_is_required_where_it_cannot_be_zero(text: str) -> None:
    layer = derive.parse(text)
    assert premises(layer) == []
    assert derive.parse(layer.text) == layer


@pytest.mark.parametrize("name", every(4, names()))
def test_the_catalog_needs_no_premise(name: str) -> None:
    assert premises(derive.layer(name)) == []


@pytest.mark.parametrize(("text", "case"), REFUSED)
def test_a_division_by_an_index_that_may_be_zero_is_refused(text: str, case: str) -> None:
    with pytest.raises(NotationError, match=r"this divides by .*which may be less than 1") as error:
        derive.parse(text)
    assert case in str(error.value)


def test_the_premise_goes_into_code_claims_and_certificates() -> None:
    layer = derive.parse(REQUIRED[0][0])
    kernel = numeric.compile(layer)
    x = np.arange(3.0)
    assert kernel.forward(x=x, k=np.ones(2)).tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="M"):
        kernel.forward(x=x, k=np.ones(0))
    derivation = derive.gradient(layer, "x")
    assert verify.check(derivation).word == "checked"
    assert "1 <= M" in verify.certificate(derivation)
