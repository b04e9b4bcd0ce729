"""A point without a derivative, or where a side has no value, decides nothing."""

from __future__ import annotations

import pytest

import derive
import verify
from tests.suites import every

NORM = "f(x[N]): y = sqrt(sum[i] x[i]^2)"

#: right wherever there is a derivative, and equal by the terms' own form
CHECKED = [
    (NORM, "dL/dx[i] = g*x[i]/sqrt(sum[j] x[j]^2)"),
    ("f(x[N]): y[i] = sqrt(x[i]^2)", "dL/dx[i] = g[i]*x[i]/sqrt(x[i]^2)"),
    ("f(x[N]): y[i] = sqrt(x[i])", "dL/dx[i] = g[i]/(2*sqrt(x[i]))"),
    ("f(x[N], k[N]): y[i] = (x[i]*k[i])^(1/3)", "dL/dx[i] = g[i]*k[i]*(x[i]*k[i])^(-2/3)/3"),
    (
        "f(A[N, M]): y[i] = sqrt(sum[j] A[i, j]^2)",
        "dL/dA[i, j] = g[i]*A[i, j]/sqrt(sum[k] A[i, k]^2)",
    ),
    ("f(x[N]): y[i] = 1/x[i]", "dL/dx[i] = -g[i]/x[i]^2"),
    ("f(x[N]): y[i] = log(x[i])", "dL/dx[i] = g[i]/x[i]"),
    ("f(x[N], k[N]): y[i] = k[i]/x[i]", "dL/dx[i] = -g[i]*k[i]/x[i]^2"),
    (
        "f(x[N]): y = sum[i] x[i]^2/sum[j] x[j]",
        "dL/dx[i] = g*(2*x[i]/sum[j] x[j] - sum[k] x[k]^2/(sum[j] x[j])^2)",
    ),
]

#: the same away from kinks and ties, where another convention is as good
OTHER_CONVENTIONS = [
    ("f(x[N]): y[i] = relu(x[i])", "dL/dx[i] = g[i]*[x[i] >= 0]"),
    ("f(x[N]): y[i] = abs(x[i])", "dL/dx[i] = g[i]*([x[i] > 0] - [x[i] < 0])"),
    ("f(x[N]): y[i] = max(x[i], 0)", "dL/dx[i] = g[i]*[x[i] > 0]"),
    ("f(x[N], k[N]): y[i] = max(x[i], k[i])", "dL/dx[i] = g[i]*[x[i] > k[i]]"),
    ("f(x[N], k[N]): y[i] = min(x[i], k[i])", "dL/dx[i] = g[i]*[x[i] < k[i]]"),
    ("f(x[N]): y = max[i] x[i]", "dL/dx[i] = g*[x[i] == y]"),
    (
        "f(x[H]): y[r < H//2] = max[a < 2] x[2*r + a]",
        "dL/dx[i] = sum[r, a < 2] [2*r + a == i]*[x[i] == y[r]]*g[r]",
    ),
    ("f(x[N]): y[i] = if x[i] > 0 then x[i] else 2*x[i]", "dL/dx[i] = g[i]*(2 - [x[i] >= 0])"),
]

#: a side without a value for some numbers, and right for all others
WITHOUT_VALUE = [
    ("f(x[N], k[N]): y[i] = x[i]*k[i]", "dL/dk[i] = g[i]*y[i]/k[i]"),
    ("f(x[N]): y[i] = x[i]^3", "dL/dx[i] = 3*g[i]*y[i]/x[i]"),
    ("f(x[N]): y[i] = exp(x[i])*x[i]", "dL/dx[i] = g[i]*(y[i] + y[i]/x[i])"),
]

WRONG = [
    (NORM, "dL/dx[i] = 2*g*x[i]/sqrt(sum[j] x[j]^2)"),
    (NORM, "dL/dx[i] = g*x[i]/sum[j] x[j]^2"),
    ("f(x[N]): y[i] = relu(x[i])", "dL/dx[i] = g[i]*[x[i] >= 1]"),
    ("f(x[N]): y[i] = abs(x[i])", "dL/dx[i] = g[i]*[x[i] > 0]"),
    ("f(x[N]): y = max[i] x[i]", "dL/dx[i] = g*[x[i] < y]"),
    ("f(x[N], k[N]): y[i] = x[i]*k[i]", "dL/dk[i] = 2*g[i]*y[i]/k[i]"),
]


@pytest.mark.parametrize("case", every(3, CHECKED))
def test_a_right_formula_is_not_refuted_where_neither_side_has_a_value(
    case: tuple[str, str],
) -> None:
    layer, claim = case
    assert verify.claim(derive.parse(layer), claim).word == "checked"


@pytest.mark.parametrize("case", every(5, OTHER_CONVENTIONS))
def test_another_convention_is_not_refuted_and_said(case: tuple[str, str]) -> None:
    layer, claim = case
    verdict = verify.claim(derive.parse(layer), claim)
    assert verdict.word in ("tested", "checked")
    assert "but for points where the layer has no derivative" in verdict.reason


@pytest.mark.parametrize("case", every(3, WITHOUT_VALUE))
def test_a_claim_without_a_value_for_some_numbers_is_not_refuted(case: tuple[str, str]) -> None:
    layer, claim = case
    verdict = verify.claim(derive.parse(layer), claim)
    assert verdict.word in ("tested", "checked")
    assert "but for points where the claim has no value" in verdict.reason


@pytest.mark.parametrize(("layer", "claim"), WRONG)
def test_wrong_formulas_are_refuted_all_the_same(layer: str, claim: str) -> None:
    verdict = verify.claim(derive.parse(layer), claim)
    assert verdict.word == "refuted"
    assert verdict.counterexample is not None
    assert verdict.counterexample.expected != verdict.counterexample.found


def test_a_verdict_is_no_truth_value() -> None:
    verdict = verify.claim(derive.layer("conv"), "dL/dx[p,q] = g[p,q]")
    with pytest.raises(TypeError, match="ask for its word, here 'refuted'"):
        assert verdict
