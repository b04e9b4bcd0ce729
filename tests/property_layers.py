"""Layers whose generated code is tested by properties, and by mutants."""

from __future__ import annotations

import derive
from derive.definition import Layer

WINDOW = {
    "stride": ("s1", "s2"),
    "padding": ("p1", "p2"),
    "dilation": ("d1", "d2"),
    "channels": True,
    "groups": "G",
}
TYPED = {
    "maxpool": (
        "maxpool1(x[N, C, H pad all by -inf]; K=2, s=2, p=0, d=1):\n"
        "    y[n, c, r < (H + 2*p - d*(K-1) - 1 + s - 1)//s + 1]"
        " = max[a < K] x[n, c, s*r + d*a - p]"
    ),
    "relu": "y[i,j] = if x[i,j] > 0 then x[i,j] else 0",
    "cross_entropy": (
        "cross_entropy(x[N, C], t[N] int < C):\n"
        "    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N"
    ),
    "embedding": "embedding(w[V, D], t[N] int < V):\n    y[n, d] = w[t[n], d]",
    "batchnorm": (
        "norm(x[N, C]; eps=1/100):\n"
        "    m[c] = sum[n] x[n, c]/N\n"
        "    v[c] = sum[n] (x[n, c] - m[c])^2/N\n"
        "    y[n, c] = (x[n, c] - m[c])*(v[c] + eps)^(-1/2)"
    ),
    "read_twice": "y[i] = sum[j] x[i+j]*x[i]*k[j]",
    "trace": "y = sum[i] A[i,i]",
    "flatten": "flatten(x[N, C, H, W]):\n    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]",
    "adaptive": (
        "adaptive_avgpool1(x[N, C, H]; E):\n"
        "    y[n, c, r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E]"
        " x[n, c, i] / (((r+1)*H + E-1)//E - r*H//E)"
    ),
}
CATALOG: dict[str, tuple[str, dict[str, object]]] = {
    "lecture": ("conv", {}),
    "conv1": (
        "conv",
        {"dims": 1, "channels": True, "stride": "s", "padding": "p", "dilation": "d"},
    ),
    "conv2": ("conv", WINDOW),
    "conv3": ("conv", {"dims": 3, "channels": True, "stride": "s", "padding": "p"}),
    "asymmetric": ("conv", {"channels": True, "padding": [(1, 0), (0, 2)], "stride": (2, 1)}),
    "same": ("conv", {"channels": True, "padding": "same", "dilation": (1, 2)}),
    "depthwise": ("conv", {"channels": True, "groups": "G", "padding": 1, "bias": False}),
    "conv_transpose2": ("conv_transpose", WINDOW | {"output_padding": ("e1", "e2")}),
    "linear": ("linear", {}),
    "matmul": ("matmul", {}),
    "avgpool": ("avgpool", {"kernel_size": ("K1", "K2"), "stride": "s", "padding": ("p1", "p2")}),
    "avgpool_counted": (
        "avgpool",
        {
            "dims": 1,
            "kernel_size": 3,
            "stride": 2,
            "padding": 1,
            "ceil_mode": True,
            "count_include_pad": False,
        },
    ),
}
NAMES = (*CATALOG, *TYPED)


def layer(name: str) -> Layer:
    """The layer of that name."""
    if name in TYPED:
        return derive.parse(TYPED[name])
    word, options = CATALOG[name]
    return derive.layer(word, **options)
