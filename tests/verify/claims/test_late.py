"""Claims that are wrong only from size 5 on, or where a stride does not divide, and claims that are
equal only by splitting a sum or an index, labelled by hand."""

from __future__ import annotations

import pytest

import derive
import verify
from tests.suites import every

IDENTITY = "f(x[N]): y[i] = x[i]"
PAIRS = "f(x[N]): y[i < N-1] = x[i]*x[i+1]"
CONV = "f(x[H], k[K]): y[r] = sum[a] x[r+a]*k[a]"
STRIDED = "f(x[H], k[K]; s=2): y[r] = sum[a] x[s*r+a]*k[a]"
TWICE = "f(x[H]): y[r < H//2] = x[2*r] + x[2*r+1]"
FLAT = "f(x[N, C, H]): y[n, m < C*H] = x[n, m//H, m%H]"
GROUPS = "f(x[C], k[C]; G=1): y[o < C] = x[(o//G)*G]*k[o]"
TOTAL = "f(x[N]): y = sum[i] x[i]^2"

WRONG = [
    (IDENTITY, "dL/dx[p] = [p < 4]*g[p]"),
    (IDENTITY, "dL/dx[p] = g[p%5]"),
    (IDENTITY, "dL/dx[p] = g[p] + [p == 5]*g[0]"),
    (IDENTITY, "dL/dx[p] = [N < 6]*g[p]"),
    (IDENTITY, "dL/dx[p] = g[p]*(1 + p//5)"),
    (PAIRS, "dL/dx[p] = [p < 5]*g[p]*x[p+1] + g[p-1]*x[p-1]"),
    (PAIRS, "dL/dx[p] = g[p]*x[p+1] + g[p-1]*x[p-1] + [p*(p-1)*(p-2)*(p-3)*(p-4) > 0]*g[0]"),
    (CONV, "dL/dk[a] = sum[r < R] [r < 5]*g[r]*x[r+a]"),
    (CONV, "dL/dx[p] = sum[a < K] [a < 4]*g[p-a]*k[a]"),
    (CONV, "dL/dk[a] = sum[r < R] g[r]*x[r+a%5]"),
    (STRIDED, "dL/dx[p] = sum[a < K] [0 <= (p-a)//s < R]*g[(p-a)//s]*k[a]"),
    (TWICE, "dL/dx[p] = [p//2 < H//2]*g[p//2] + [p == 6]*[H == 7]*g[0]"),
    (FLAT, "dL/dx[n,c,h] = [c < 4]*g[n, c*H + h]"),
    (FLAT, "dL/dx[n,c,h] = g[n, c*H + h]*[c + h < 6]"),
    (TOTAL, "dL/dx[p] = 2*g*x[p]*[p < 5]"),
    (TOTAL, "dL/dx[p] = 2*g*x[p%6]"),
]
EQUAL = [
    (IDENTITY, "dL/dx[p] = [p%2 == 0]*g[p] + [p%2 == 1]*g[p]"),
    (IDENTITY, "dL/dx[p] = g[3*(p//3) + p%3]"),
    (IDENTITY, "dL/dx[p] = sum[q < 3] [p%3 == q]*g[p]"),
    (PAIRS, "dL/dx[p] = [p < N-1]*g[p]*x[p+1] + [1 <= p]*g[p-1]*x[p-1]"),
    (
        CONV,
        "dL/dk[a] = (sum[i < (R+1)//2] g[2*i]*x[2*i+a]) + sum[i < R//2] g[2*i+1]*x[2*i+1+a]",
    ),
    (CONV, "dL/dk[a] = sum[r < R] ([r < 5]*g[r]*x[r+a] + [5 <= r]*g[r]*x[r+a])"),
    (CONV, "dL/dx[p] = sum[a < K] ([a%2 == 0] + [a%2 == 1])*g[p-a]*k[a]"),
    (STRIDED, "dL/dx[p] = sum[a < K] [(p-a)%s == 0]*[0 <= (p-a)//s < R]*g[(p-a)//s]*k[a]"),
    (TWICE, "dL/dx[p] = [p < 2*(H//2)]*g[p//2]"),
    (TWICE, "dL/dx[p] = [p//2 < H//2]*(if p%2 == 0 then g[p//2] else g[(p-1)//2])"),
    (FLAT, "dL/dx[n,c,h] = sum[m < C*H] [m//H == c]*[m%H == h]*g[n,m]"),
    (FLAT, "dL/dx[n,c,h] = g[n, h + H*c]"),
    (TOTAL, "dL/dx[p] = g*x[p] + g*x[2*(p//2) + p%2]"),
]


@pytest.mark.parametrize("case", every(8, WRONG))
def test_what_is_wrong_late_is_refuted(case: tuple[str, str]) -> None:
    text, claim = case
    verdict = verify.claim(derive.parse(text), claim)
    assert verdict.word == "refuted", verdict
    assert verdict.counterexample is not None


@pytest.mark.parametrize("case", every(8, EQUAL))
def test_what_is_equal_by_a_split_is_not_refuted(case: tuple[str, str]) -> None:
    text, claim = case
    assert verify.claim(derive.parse(text), claim).word in ("checked", "undecided", "tested")
