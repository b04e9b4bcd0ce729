"""Wrong gradients are refuted by the smallest counterexample, with the mistake in words.

The counterexample is compared with brute force: no smaller sizes and no earlier index differ.
"""

from __future__ import annotations

from functools import cache

import pytest

import derive
import verify
import verify.verdict
from derive.language.definition import Layer
from tests.suites import every
from tests.verify.claims.oracle import Claim, difference_at, first_difference

LAYERS: dict[str, dict[str, object] | str] = {
    "conv": {},
    "conv 1-d": {"dims": 1},
    "conv 3-d": {"dims": 3},
    "conv stride 2": {"dims": 1, "stride": 2},
    "conv padding": {"dims": 1, "padding": 1},
    "conv dilation": {"dims": 1, "dilation": 3},
    "conv all": {"dims": 1, "stride": 2, "padding": 1, "dilation": 3},
    "conv strides 1, 2": {"stride": [1, 2]},
    "conv paddings 0, 1": {"padding": [0, 1]},
    "conv channels": {"channels": True, "dims": 1, "bias": True},
    "conv groups": {"channels": True, "dims": 1, "groups": 2},
    "conv_transpose": {"dims": 1, "stride": 2},
    "linear": {},
    "matmul": {},
    "avgpool": {"dims": 1, "kernel_size": 3, "stride": 2},
    "window": "layer(x[H]): y[r < (H - 3)//2 + 1] = sum[a < 3] x[2*r + a]",
    "max window": "layer(x[H]): y[r < H//2] = max[a < 2] x[2*r + a]",
    "flatten": "flatten(x[N, C, H]): y[n, m < C*H] = x[n, m//H, m%H]",
    "neighbours": "y[i] = x[i]*x[i+1]",
    "square": "y[i] = x[i]^2",
    "outer": "y[i, j] = x[i]*x[j]",
    "diagonal": "y[i] = w[i,i]",
    "scaled diagonal": "y[i] = x[i]*w[i,i]",
    "embedding": "embedding(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]",
    "mse": "mse(x[N], t[N]): y = (sum[n] (x[n] - t[n])^2)/N",
    "centred": "layer(x[N]): m = (sum[i] x[i])/N; y[i] = x[i] - m",
    "relu": "y[i] = relu(x[i])",
    "softmax": "layer(x[N]): y[i] = exp(x[i])/(sum[j] exp(x[j]))",
    "normalised": "layer(x[N]): v = (sum[i] x[i]^2)/N; y[i] = x[i]/sqrt(1 + v)",
}

#: text, and words that the reason contains; none where no mistake is known by name
CLAIMS: dict[str, list[tuple[str, str]]] = {
    "diagonal": [
        ("dL/dw[i,j] = g[i]", "off the diagonal w is not read"),
        ("dL/dw[i,j] = g[j]", "off the diagonal w is not read"),
    ],
    "scaled diagonal": [
        ("dL/dw[i,j] = g[i]*x[i]", "off the diagonal w is not read"),
        ("dL/dw[i,j] = g[i]*[i == j]", "factor x missing"),
    ],
    "conv": [
        ("dL/dx[p,q] = sum[a,b] g[p+a,q+b]*k[a,b]", "kernel not flipped"),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[K1-1-a,K2-1-b]", "kernel not flipped"),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q+b]*k[a,b]", "kernel not flipped along axis 2"),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[K1-1-a,b]", "kernel not flipped along axis 1"),
        ("dL/dx[p,q] = sum[u,v] g[p-K1+1+u,q-K2+1+v]*k[u,v]", "kernel not flipped"),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[b,a]", "height and width exchanged in k"),
        ("dL/dx[p,q] = sum[a < K1, b < K2] g[p-a,q-b]*k[b,a]", "height and width exchanged in k"),
        ("dL/dx[p,q] = sum[a,b] g[q-b,p-a]*k[a,b]", "height and width exchanged in g"),
        ("dL/dx[p,q] = sum[a,b] g[q-a,p-b]*k[a,b]", "height and width exchanged"),
        ("dL/dx[p,q] = sum[r,c] g[r,c]*k[q-c,p-r]", "height and width exchanged in k"),
        ("dL/dx[p,q] = sum[a < K1-1, b] g[p-a,q-b]*k[a,b]", "sum stops one too early"),
        ("dL/dx[p,q] = sum[a < K1-1, b < K2-1] g[p-a,q-b]*k[a,b]", "sum stops one too early"),
        ("dL/dx[p,q] = sum[1 <= a < K1, b] g[p-a,q-b]*k[a,b]", "sum starts one too late"),
        ("dL/dx[p,q] = sum[r < R-1, c] g[r,c]*k[p-r,q-c]", "sum stops one too early"),
        ("dL/dx[p,q] = sum[1 <= r < R, 1 <= c < C] g[r,c]*k[p-r,q-c]", "sum starts one too late"),
        ("dL/dx[p,q] = sum[a,b] [0 < p-a]*g[p-a,q-b]*k[a,b]", "sum starts one too late"),
        ("dL/dx[p,q] = sum[a,b] g[p+a,q+b]*k[K1-1-a,K2-1-b]", "padding missing at the border"),
        ("dL/dx[p,q] = sum[a,b] g[p-a+1,q-b+1]*k[a,b]", "off by one"),
        ("dL/dx[p,q] = sum[a,b] g[p-a-1,q-b]*k[a,b]", "off by one"),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]", "factor k missing"),
        ("dL/dx[p,q] = sum[a,b] k[a,b]", "upstream gradient missing"),
        ("dL/dx[p,q] = 2*sum[a,b] g[p-a,q-b]*k[a,b]", "factor 2 too many"),
        ("dL/dx[p,q] = -sum[a,b] g[p-a,q-b]*k[a,b]", "sign reversed"),
        ("dL/dx[p,q] = (sum[a,b] g[p-a,q-b]*k[a,b])/K1", "factor 1/K1 too many"),
        ("dL/dx[p,q] = g[p,q]*k[0,0]", "overwritten instead of accumulated"),
        ("dL/dx[p,q] = 0", "zero everywhere"),
        ("dL/dx[p,q] = sum[b] g[p,q-b]*k[0,b]", "not over a"),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*x[a,b]", "x is read where k is meant"),
        ("dL/dx[p,q] = sum[a,b] y[p-a,q-b]*k[a,b]", ""),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]^2", ""),
        ("dL/dx[p,q] = sum[a,b] [a != 1]*g[p-a,q-b]*k[a,b]", ""),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]*[p != 2]", ""),
        ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b] + [p == H-1]*[H >= 3]*x[p,q]", ""),
        ("dL/dk[a,b] = sum[r,c] g[r,c]*x[r-a,c-b]", "x is read backwards"),
        ("dL/dk[a,b] = sum[r,c] g[r,c]*x[r+b,c+a]", "height and width exchanged"),
        ("dL/dk[a,b] = sum[r,c] g[c,r]*x[r+a,c+b]", "height and width exchanged in g"),
        ("dL/dk[a,b] = sum[r,c] g[r,c]*x[c+b,r+a]", "height and width exchanged in x"),
        ("dL/dk[a,b] = sum[r < R-1, c < C-1] g[r,c]*x[r+a,c+b]", "sum stops one too early"),
        ("dL/dk[a,b] = sum[r,c] g[r,c]*x[r+a+1,c+b+1]", "off by one: x is read one entry too far"),
        ("dL/dk[a,b] = sum[r,c] g[R-1-r,C-1-c]*x[r+a,c+b]", "flipped"),
        ("dL/dk[a,b] = sum[r,c] g[r,c]*x[r,c]", ""),
        ("dL/dk[a,b] = g[0,0]*x[a,b]", "nothing is summed"),
        ("dL/dk[a,b] = y[a,b]", ""),
    ],
    "conv 1-d": [
        ("dL/dx[p] = sum[a] g[p+a]*k[a]", "kernel not flipped"),
        ("dL/dx[p] = sum[a] g[p-a]*k[K-a]", ""),
        ("dL/dx[p] = sum[a] g[p-a]*k[a+1]", "off by one"),
        ("dL/dx[p] = sum[a < 2] g[p-a]*k[a]", ""),
        ("dL/dx[p] = g[p]*k[0] + g[p-1]*k[1] + g[p-2]*k[2]", ""),
        ("dL/dx[p] = sum[a] g[a]*k[a]", ""),
        ("dL/dx[p] = sum[a] g[p-a]*k[a]*[a <= p]*[p < R]", ""),
        ("dL/dx[p] = sum[a] g[p-a]*k[a] + sum[1 <= a < K] g[p-a]*k[a]", ""),
        ("dL/dk[a] = sum[r] g[r]*x[r+a] + g[0]*x[a]", ""),
        ("dL/dk[a] = sum[r < H-K] g[r]*x[r+a]", "sum stops one too early"),
    ],
    "conv 3-d": [
        ("dL/dx[p,q,r] = sum[a,b,c] g[p-a,q-b,r-c]*k[a,c,b]", "height and width exchanged in k"),
        ("dL/dx[p,q,r] = sum[a,b,c] g[p-a,q-b,r-c]*k[c,b,a]", "axes 1 and 3 of k exchanged"),
        ("dL/dx[p,q,r] = sum[a,b,c] g[p+a,q+b,r+c]*k[a,b,c]", "kernel not flipped"),
    ],
    "conv stride 2": [
        ("dL/dx[p] = sum[a] g[(p-a)//2]*k[a]", "floor instead of divisibility"),
        ("dL/dx[p] = sum[a] g[p-a]*k[a]", "stride ignored"),
        ("dL/dx[p] = sum[a] g[p-2*a]*k[a]", "stride"),
        ("dL/dx[p] = sum[a] g[(p+a)/2]*k[a]", "kernel not flipped"),
        ("dL/dx[p] = g[p/2]*k[0]", "not over a"),
        ("dL/dx[p] = g[p//2]*k[p%2]", "overwritten instead of accumulated"),
        ("dL/dk[a] = sum[r] g[r]*x[r+a]", "stride ignored"),
        ("dL/dk[a] = sum[r] g[r]*x[2*(r+a)]", ""),
        ("dL/dk[a] = sum[r] g[r]*x[r+2*a]", "stride and dilation exchanged"),
    ],
    "conv padding": [
        ("dL/dx[p] = sum[a] g[p-a]*k[a]", "padding ignored"),
        ("dL/dx[p] = sum[a] g[p-1-a]*k[a]", "padding with the wrong sign"),
        ("dL/dx[p] = sum[a] g[p+2-a]*k[a]", "off by one"),
        ("dL/dk[a] = sum[r] g[r]*x[r+a]", "padding ignored"),
        ("dL/dk[a] = sum[r] g[r]*x[r+a+1]", "padding with the wrong sign"),
    ],
    "conv dilation": [
        ("dL/dx[p] = sum[a] g[p-a]*k[a]", "dilation ignored"),
        ("dL/dx[p] = sum[a] g[(p-a)/3]*k[a]", "stride and dilation exchanged"),
        ("dL/dk[a] = sum[r] g[r]*x[r+a]", "dilation ignored"),
    ],
    "conv all": [
        ("dL/dx[p] = sum[a] g[(p+1-3*a)//2]*k[a]", "floor instead of divisibility"),
        ("dL/dx[p] = sum[a] g[(p+1-a)/2]*k[a]", "dilation ignored"),
        ("dL/dx[p] = sum[a] g[p+1-3*a]*k[a]", "stride ignored"),
        ("dL/dx[p] = sum[a] g[(p-3*a)/2]*k[a]", "padding ignored"),
        ("dL/dk[a] = sum[r] g[r]*x[2*r+a-1]", "dilation ignored"),
        ("dL/dk[a] = sum[r] g[r]*x[2*r+3*a]", "padding ignored"),
    ],
    "conv strides 1, 2": [
        ("dL/dx[p,q] = sum[a,b] g[(p-a)/2,q-b]*k[a,b]", "stride of height and width exchanged"),
        ("dL/dk[a,b] = sum[r,c] g[r,c]*x[2*r+a,c+b]", "stride of height and width exchanged"),
    ],
    "conv paddings 0, 1": [
        ("dL/dx[p,q] = sum[a,b] g[p+1-a,q-b]*k[a,b]", "padding of height and width exchanged"),
    ],
    "conv channels": [
        ("dL/db[o] = sum[n,r] g[n,r,o]", "bias summed over the wrong axes"),
        ("dL/db[o] = sum[n,u,r] g[n,u,r]", "bias summed over the wrong axes"),
        ("dL/db[o] = sum[r] g[0,o,r]", "bias summed over the wrong axes"),
        ("dL/db[o] = sum[n] g[n,o,0]", "bias summed over the wrong axes"),
        ("dL/db[o] = (sum[n,r] g[n,o,r])/N", "factor 1/N too many"),
        ("dL/db[o] = sum[c,r] g[o,c,r]", "bias summed over the wrong axes"),
        ("dL/dx[n,c,h] = sum[o,a] g[n,o,h-a]*k[c,o,a]", "axes 1 and 2 of k exchanged"),
        ("dL/dk[o,i,a] = sum[r] g[0,o,r]*x[0,i,r+a]", "not over n"),
        ("dL/dk[o,i,a] = (sum[n,r] g[n,o,r]*x[n,i,r+a])/N", "factor 1/N too many"),
    ],
    "conv groups": [
        ("dL/dx[n,c,h] = sum[o,a] g[n,o,h-a]*k[o,c,a]", "groups sliced wrongly"),
        ("dL/dk[o,i,a] = sum[n,r] g[n,o,r]*x[n,i,r+a]", "groups sliced wrongly"),
        ("dL/dk[o,i,a] = sum[n,r] g[n,o,r]*x[n,o%(O//2)*(C//2)+i,r+a]", "groups sliced wrongly"),
        ("dL/dx[n,c,h] = sum[o,a] g[n,o,h-a]*k[o,c%(C//2),a]", ""),
    ],
    "conv_transpose": [
        ("dL/dx[r] = sum[a] g[r+a]*k[a]", "stride ignored"),
        ("dL/dx[r] = sum[a] g[2*r-a]*k[a]", "kernel flipped"),
        ("dL/dk[a] = sum[r] g[r+a]*x[r]", "stride ignored"),
    ],
    "linear": [
        ("dL/dx[n,i] = sum[o] g[n,o]*w[i,o]", "w transposed"),
        ("dL/dw[o,i] = sum[n] g[n,i]*x[n,o]", "exchanged"),
        ("dL/dw[o,i] = sum[n] g[n,o]*x[i,n]", "x transposed"),
        ("dL/db[o] = g[0,o]", "bias summed over the wrong axes: not over n"),
        ("dL/db[o] = sum[n] g[o,n]", "bias summed over the wrong axes"),
    ],
    "matmul": [
        ("dL/dA[i,k] = sum[j] g[i,j]*B[j,k]", "B transposed"),
        ("dL/dB[k,j] = sum[i] A[k,i]*g[i,j]", "A transposed"),
    ],
    "avgpool": [
        ("dL/dx[n,c,h] = g[n,c,h//2]/3", "overwritten instead of accumulated"),
        ("dL/dx[n,c,h] = sum[a < 3] g[n,c,(h-a)/2]", "factor 1/3 missing"),
        ("dL/dx[n,c,h] = (sum[a < 4] g[n,c,(h-a)/2])/3", "sum runs one too far"),
        ("dL/dx[n,c,h] = (sum[a < 3] g[n,c,(h-a)//2])/3", "floor instead of divisibility"),
        ("dL/dx[n,c,h] = g[n,c,h//3]/3", ""),
    ],
    "window": [
        ("dL/dx[p] = g[p//2]", "overwritten instead of accumulated: only the last window"),
        ("dL/dx[p] = sum[p-2 < u <= p] g[u/2]", "sum"),
        ("dL/dx[p] = sum[a < 3] g[(p+a)/2]", ""),
    ],
    "max window": [("dL/dx[h] = g[h//2]", ""), ("dL/dx[h] = sum[r] g[r]*[0 <= h-2*r < 2]", "")],
    "flatten": [
        ("dL/dx[n,c,h] = g[n,h*C+c]", ""),
        ("dL/dx[n,c,h] = g[n,c*H+h+1]", "off by one"),
        ("dL/dx[n,c,h] = g[n,c*C+h]", ""),
    ],
    "neighbours": [
        ("dL/dx[p] = g[p]*x[p+1]", "a term is missing: x is read 2 times"),
        ("dL/dx[p] = 2*g[p]*x[p+1]", ""),
        ("dL/dx[p] = g[p]*x[p+1] - g[p-1]*x[p-1]", ""),
    ],
    "square": [("dL/dx[p] = g[p]*x[p]", "factor 2 missing"), ("dL/dx[p] = 2*x[p]", "upstream")],
    "outer": [
        ("dL/dx[p] = sum[j] g[p,j]*x[j]", "a term is missing"),
        ("dL/dx[p] = 2*sum[j] g[p,j]*x[j]", ""),
    ],
    "embedding": [
        ("dL/dw[v,d] = g[v,d]", ""),
        ("dL/dw[v,d] = sum[n] g[n,d]*[t[n] <= v]", ""),
        ("dL/dw[v,d] = sum[n] g[n,d]", "only the entries of w that the table chooses"),
    ],
    "mse": [
        ("dL/dx[n] = g*(x[n] - t[n])/N", "factor 2 missing"),
        ("dL/dx[n] = 2*g*(x[n] - t[n])", "factor 1/N missing"),
        ("dL/dt[n] = 2*g*(x[n] - t[n])/N", "sign reversed"),
    ],
    "centred": [("dL/dx[i] = g[i]", "m taken for constant")],
    "relu": [("dL/dx[i] = g[i]", "")],
    "softmax": [
        ("dL/dx[p] = y[p]*(1 - y[p])*g[p]", "only the diagonal of the Jacobian"),
        ("dL/dx[p] = y[p]*g[p]", "sum[j < N] exp(x[j]) taken for constant"),
    ],
    "normalised": [("dL/dx[i] = g[i]/sqrt(1 + v)", "v taken for constant")],
}

ALL = [(name, text, words) for name, claims in CLAIMS.items() for text, words in claims]
#: what brute force evaluates: claims without functions that read only inputs and g
PLAIN = [
    (name, text)
    for name, text, _ in ALL
    if name not in ("softmax", "normalised") and "y[" not in text.partition("=")[2]
]


@cache
def layer(name: str) -> Layer:
    """A layer of the table; the word before a space is the catalog's name."""
    built = LAYERS[name]
    if isinstance(built, str):
        return derive.parse(built)
    return derive.layer(name.split()[0], **built)


@cache
def judged(name: str, text: str) -> verify.verdict.Verdict:
    return verify.claim(layer(name), text)


@pytest.mark.parametrize("case", every(8, ALL), ids=[f"{n}: {t}" for n, t, _ in ALL])
def test_a_wrong_claim_is_refuted_with_the_reason(case: tuple[str, str, str]) -> None:
    name, text, words = case
    verdict = judged(name, text)
    assert verdict.word == "refuted"
    assert verdict.counterexample.expected != verdict.counterexample.found
    assert words in verdict.reason
    if not words:
        assert verdict.reason == "a counterexample"


@pytest.mark.parametrize("claim", every(8, PLAIN), ids=[f"{n}: {t}" for n, t in PLAIN])
def test_no_smaller_counterexample_exists(claim: tuple[str, str]) -> None:
    name, text = claim
    counterexample = judged(name, text).counterexample
    sizes, at = dict(counterexample.sizes), tuple(i for _, i in counterexample.indices)
    window = 8 if len(at) < 3 else 4
    assert difference_at(layer(name), Claim(text, window), sizes) is not None
    assert first_difference(layer(name), text, sum(sizes.values()), window) == (sizes, at)


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 100
