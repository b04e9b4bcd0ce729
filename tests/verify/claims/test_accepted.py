"""Equivalent writings of the right gradient are proved, whatever the layer."""

from __future__ import annotations

from functools import cache

import pytest

import derive
import verify
from derive.language.definition import Layer
from tests.suites import every

LAYERS: dict[str, dict[str, object] | str] = {
    "conv": {},
    "conv 1-d": {"dims": 1},
    "conv 3-d": {"dims": 3},
    "conv stride 2": {"dims": 1, "stride": 2},
    "conv stride 2, padding 1": {"stride": 2, "padding": 1},
    "conv dilation": {"dims": 1, "dilation": 3, "padding": "p"},
    "conv stride s": {"dims": 1, "stride": "s", "padding": "p", "dilation": "d"},
    "conv channels": {"channels": True, "dims": 1, "bias": True, "padding": "p"},
    "conv groups": {"channels": True, "dims": 1, "groups": "G", "stride": 2, "padding": "p"},
    "conv two groups": {"channels": True, "dims": 1, "groups": 2},
    "conv_transpose": {"dims": 1, "stride": "s", "padding": "p"},
    "linear": {},
    "matmul": {},
    "avgpool": {"dims": 1, "kernel_size": 3, "stride": 2},
    "window": "layer(x[H]): y[r < (H - 3)//2 + 1] = sum[a < 3] x[2*r + a]",
    "flatten": "flatten(x[N, C, H]): y[n, m < C*H] = x[n, m//H, m%H]",
    "neighbours": "y[i] = x[i]*x[i+1]",
    "square": "y[i] = x[i]^2",
    "twice": "y[i, j] = x[i]*x[j]",
    "all pairs": "layer(x[N]): y = sum[i] sum[j] x[i]*x[j]",
    "row sums": "y[i] = sum[j] A[i,j]*v[j]",
    "embedding": "embedding(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]",
    "mse": "mse(x[N], t[N]): y = (sum[n] (x[n] - t[n])^2)/N",
    "centred, named": "layer(x[N]): m = (sum[i] x[i])/N; y[i] = x[i] - m",
    "relu": "y[i] = relu(x[i])",
    "sigmoid": "y[i] = sigmoid(x[i])",
    "softmax": "layer(x[N]): y[i] = exp(x[i])/(sum[j] exp(x[j]))",
    "maxpool": "layer(x[H]): y[r < H//2] = max[a < 2] x[2*r + a]",
    "scalar": "layer(x[N], c): y[i] = c*x[i]",
}

CLAIMS: dict[str, list[str]] = {
    "conv": [
        "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]",
        "∂L/∂x[p, q] = sum[a, b] g[p−a, q−b]·k[a, b]",
        "dL/dx[h,w] = sum[u,v] k[u,v]*g[h-u,w-v]",
        "dL/dx[p,q] = sum[b,a] g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[a] sum[b] g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[r,c] g[r,c]*k[p-r,q-c]",
        "dL/dx[p,q] = sum[r < R, c < C] g[r,c]*k[p-r,q-c]",
        "dL/dx[p,q] = sum[0 <= r < H-K1+1, c <= W-K2] g[r,c]*k[p-r,q-c]",
        "dL/dx[p,q] = sum[u,v] g[p-K1+1+u,q-K2+1+v]*k[K1-1-u,K2-1-v]",
        "dL/dx[p,q] = sum[a < K1, b < K2] [0 <= p-a < R]*[0 <= q-b < C]*g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[a,b] [p >= a]*[p-a <= R-1]*[not (q < b)]*g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[a < K1, b < K2] (if 0 <= p-a < R and 0 <= q-b < C"
        " then g[p-a,q-b]*k[a,b] else 0)",
        "dL/dx[p,q] = sum[a <= K1, b <= K2] g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[0-1 <= a < K1+5, b] g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[b] g[p,q-b]*k[0,b] + sum[1 <= a < K1, b] g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = (sum[a,b] g[p-a,q-b]*k[a,b] + sum[r,c] g[r,c]*k[p-r,q-c])/2",
        "dL/dx[p,q] = sum[r,c,a,b] [r+a == p]*[c+b == q]*g[r,c]*k[a,b]",
        "dL/dx[p,q] = sum[r,c,a,b] delta(r+a, p)*delta(q, c+b)*g[r,c]*k[a,b]",
        "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b] + g[p-H,q]*k[0,0]",
        "dL/dx[p,q] = 3*sum[a,b] g[p-a,q-b]*k[a,b] - sum[a,b] 2*g[p-a,q-b]*k[a,b]",
        "dL/dx[p,q] = sum[max(0,p-R+1) <= a < min(K1,p+1), b] g[p-a,q-b]*k[a,b]",
        "dL/dk[a,b] = sum[r,c] g[r,c]*x[r+a,c+b]",
        "dL/dk[a,b] = sum[i,j] x[i,j]*g[i-a,j-b]",
        "dL/dk[a,b] = sum[a <= i < a+R, b <= j < b+C] x[i,j]*g[i-a,j-b]",
        "dL/dk[u,v] = sum[r < H, c < W] g[r,c]*x[r+u,c+v]",
        "dy[r,c]/dx[p,q] = k[p-r,q-c]",
        "dy[r,c]/dx[p,q] = sum[a,b] [p == r+a]*[q == c+b]*k[a,b]",
        "y[r,c] = sum[i,j] x[i,j]*k[i-r,j-c]",
    ],
    "conv 1-d": [
        "dL/dx[p] = sum[a] g[p-a]*k[a]",
        "dL/dx[p] = sum[a] g[a]*k[p-a]",
        "dL/dx[p] = sum[a] g[p+a]*k[-a]",
        "dL/dx[p] = sum[2 <= a < K+2] g[p-a+2]*k[a-2]",
        "dL/dx[p] = g[p]*k[0] + sum[1 <= a < K] g[p-a]*k[a]",
        "dL/dx[p] = sum[a] (g[p-a]*k[a] + 0*g[a])",
        "dL/dx[p] = sum[a] g[p-2*a]*k[2*a] + sum[a] g[p-2*a-1]*k[2*a+1]",
        "dL/dk[a] = sum[r] g[r]*x[r+a]",
    ],
    "conv 3-d": [
        "dL/dx[p,q,r] = sum[a,b,c] g[p-a,q-b,r-c]*k[a,b,c]",
        "dL/dx[p,q,r] = sum[i,j,l] g[i,j,l]*k[p-i,q-j,r-l]",
        "dL/dk[a,b,c] = sum[u,v,w] g[u,v,w]*x[u+a,v+b,w+c]",
    ],
    "conv stride 2": [
        "dL/dx[p] = sum[a] g[(p-a)/2]*k[a]",
        "dL/dx[p] = sum[r] g[r]*k[p-2*r]",
        "dL/dx[p] = sum[a] [2 divides p-a]*g[(p-a)//2]*k[a]",
        "dL/dx[p] = sum[a < K] [(p-a)%2 == 0]*g[(p-a)//2]*k[a]",
        "dL/dx[p] = sum[j] g[p//2-j]*k[p%2+2*j]",
        "dL/dk[a] = sum[r] g[r]*x[2*r+a]",
        "dL/dk[a] = sum[i] g[(i-a)/2]*x[i]",
    ],
    "conv stride 2, padding 1": [
        "dL/dx[p,q] = sum[a,b] g[(p+1-a)/2,(q+1-b)/2]*k[a,b]",
        "dL/dx[p,q] = sum[r,c] g[r,c]*k[p+1-2*r,q+1-2*c]",
        "dL/dk[a,b] = sum[r,c] g[r,c]*x[2*r+a-1,2*c+b-1]",
    ],
    "conv dilation": [
        "dL/dx[h] = sum[a] g[h+p-3*a]*k[a]",
        "dL/dx[h] = sum[r] g[r]*k[(h+p-r)/3]",
        "dL/dk[a] = sum[r] g[r]*x[r+3*a-p]",
    ],
    "conv stride s": [
        "dL/dx[h] = sum[a] g[(h+p-d*a)/s]*k[a]",
        "dL/dx[h] = sum[r] g[r]*k[(h+p-s*r)/d]",
        "dL/dx[h] = sum[r,a] [s*r + d*a - p == h]*g[r]*k[a]",
        "dL/dk[a] = sum[r] g[r]*x[s*r+d*a-p]",
    ],
    "conv channels": [
        "dL/dx[n,c,h] = sum[o,a] g[n,o,h+p-a]*k[o,c,a]",
        "dL/dx[n,c,h] = sum[o,r] g[n,o,r]*k[o,c,h+p-r]",
        "dL/dk[o,i,a] = sum[n,r] g[n,o,r]*x[n,i,r+a-p]",
        "dL/db[o] = sum[n,r] g[n,o,r]",
        "dL/db[o] = sum[r] sum[n] g[n,o,r]",
        "y[n,o,r] = b[o] + sum[i,h] x[n,i,h]*k[o,i,h+p-r]",
    ],
    "conv groups": [
        "dL/dx[n,c,h] = sum[o,a] g[n,o,(h+p-a)/2]*k[o,c-o//(O//G)*(C//G),a]",
        "dL/dx[n,c,h] = sum[o,i,r] g[n,o,r]*k[o,i,h+p-2*r]*[c == o//(O//G)*(C//G)+i]",
        "dL/dx[n,c,h] = sum[o,a] [o//(O//G) == c//(C//G)]*g[n,o,(h+p-a)/2]*k[o,c%(C//G),a]",
        "dL/dk[o,i,a] = sum[n,r] g[n,o,r]*x[n,o//(O//G)*(C//G)+i,2*r+a-p]",
    ],
    "conv two groups": ["dL/dx[n,c,h] = sum[o,a] g[n,o,h-a]*k[o,c-o//(O//2)*(C//2),a]"],
    "conv_transpose": [
        "dL/dx[r] = sum[a] g[s*r+a-p]*k[a]",
        "dL/dx[r] = sum[q] g[q]*k[q+p-s*r]",
        "dL/dk[a] = sum[r] g[s*r+a-p]*x[r]",
    ],
    "linear": [
        "dL/dx[n,i] = sum[o] g[n,o]*w[o,i]",
        "dL/dw[o,i] = sum[n] x[n,i]*g[n,o]",
        "dL/db[o] = sum[n] g[n,o]",
        "dL/db[o] = sum[n < N-1] g[n,o] + g[N-1,o]",
    ],
    "matmul": [
        "dL/dA[i,k] = sum[j] g[i,j]*B[k,j]",
        "dL/dB[k,j] = sum[i] g[i,j]*A[i,k]",
        "dL/dB[k,j] = sum[i < I] A[i,k]*g[i,j]",
    ],
    "avgpool": [
        "dL/dx[n,c,h] = sum[r] g[n,c,r]*[0 <= h-2*r < 3]/3",
        "dL/dx[n,c,h] = (sum[a < 3] g[n,c,(h-a)/2])/3",
        "dL/dx[n,c,h] = g[n,c,h/2]/3 + g[n,c,(h-1)/2]/3 + g[n,c,(h-2)/2]/3",
    ],
    "window": [
        "dL/dx[p] = sum[r < R, a < 3] [p == 2*r+a]*g[r]",
        "dL/dx[p] = sum[p-2 <= u <= p] g[u/2]",
    ],
    "flatten": [
        "dL/dx[n,c,h] = g[n,c*H+h]",
        "dL/dx[n,c,h] = sum[m] g[n,m]*[c == m//H]*[h == m%H]",
    ],
    "neighbours": [
        "dL/dx[p] = g[p]*x[p+1] + g[p-1]*x[p-1]",
        "dL/dx[p] = sum[u] g[u]*([u == p]*x[u+1] + [u == p-1]*x[u])",
    ],
    "square": ["dL/dx[p] = 2*g[p]*x[p]", "dL/dx[p] = g[p]*x[p] + x[p]*g[p]"],
    "all pairs": [
        "y = 2*(sum[i] sum[j] [i < j]*x[i]*x[j]) + sum[i] x[i]^2",
        "y = (sum[i] x[i])^2",
        "dL/dx[p] = 2*g*(sum[i] x[i])",
    ],
    "twice": ["dL/dx[p] = sum[j] (g[p,j] + g[j,p])*x[j]"],
    "row sums": ["dL/dA[i,j] = g[i]*v[j]", "dL/dv[j] = sum[i] A[i,j]*g[i]"],
    "embedding": ["dL/dw[v,d] = sum[n] g[n,d]*[t[n] == v]"],
    "mse": ["dL/dx[n] = 2*g*(x[n] - t[n])/N", "dL/dt[n] = 2*g/N*(t[n] - x[n])"],
    "centred, named": ["dL/dx[i] = g[i] - (sum[j] g[j])/N"],
    "relu": ["dL/dx[i] = g[i]*[x[i] > 0]", "dL/dx[i] = if x[i] > 0 then g[i] else 0"],
    "sigmoid": ["dL/dx[i] = g[i]*y[i]*(1 - y[i])"],
    "softmax": ["dL/dx[p] = y[p]*(g[p] - sum[i] g[i]*y[i])"],
    "maxpool": ["dL/dx[h] = sum[r] g[r]*[h - 2*r == argmax[a < 2] x[2*r + a]]"],
    "scalar": ["dL/dc = sum[i] g[i]*x[i]", "dL/dx[i] = g[i]*c"],
}

ALL = [(name, text) for name, texts in CLAIMS.items() for text in texts]


@cache
def layer(name: str) -> Layer:
    """A layer of the table; the word before a space is the catalog's name."""
    built = LAYERS[name]
    if isinstance(built, str):
        return derive.parse(built)
    return derive.layer(name.split()[0], **built)


@pytest.mark.parametrize("case", every(3, ALL), ids=[f"{n}: {t}" for n, t in ALL])
def test_an_equivalent_writing_is_proved(case: tuple[str, str]) -> None:
    name, text = case
    verdict = verify.claim(layer(name), text)
    assert verdict.word == "checked", verdict
    assert verdict.conditions and all(c.holds for c in verdict.conditions)
    known = ("islpy", "z3", "arithmetic", "algebra", "premise")
    assert all(c.decider in known for c in verdict.conditions)
    assert "for all sizes" in verdict.reason


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 60
