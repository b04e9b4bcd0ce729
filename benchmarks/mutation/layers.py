"""The layers whose programs are mutated, by the names of their entries in the table."""

from __future__ import annotations

import derive
from derive.language.definition import Layer

WINDOW = {"channels": True, "stride": "s", "padding": "p", "dilation": "d", "groups": "G"}
BOTH = {name: (f"{letter}1", f"{letter}2") for name, letter in
        (("stride", "s"), ("padding", "p"), ("dilation", "d"))}  # fmt: skip
CATALOG: dict[str, tuple[str, dict[str, object]]] = {
    "lecture": ("conv", {}),
    "biased": ("conv", {"dims": 1, "bias": True, "padding": [(1, 2)]}),
    "conv1": ("conv", {**WINDOW, "dims": 1}),
    "conv2": ("conv", {**BOTH, "channels": True, "bias": False}),
    "conv_transpose1": ("conv_transpose", {**WINDOW, "dims": 1, "output_padding": "e"}),
    "linear": ("linear", {}),
    "matmul": ("matmul", {}),
    "avgpool2": ("avgpool", {"kernel_size": ("K1", "K2"), "stride": "s", "padding": "p"}),
    "ceiling": ("avgpool", {"dims": 1, "ceil_mode": True, "stride": 2, "padding": 1,
                            "count_include_pad": False}),
    "lp_pool": ("lp_pool", {"dims": 1, "ceil_mode": True}),
    "global_avgpool": ("global_avgpool", {"dims": 1}),
    "adaptive_maxpool": ("adaptive_maxpool", {"dims": 1}),
    "leaky_relu": ("leaky_relu", {"dims": 1}),
    "elu": ("elu", {"dims": 1}),
    "relu6": ("relu6", {"dims": 1}),
    "sigmoid": ("sigmoid", {"dims": 1}),
    "tanh": ("tanh", {"dims": 1}),
    "gelu": ("gelu", {"dims": 1}),
    "tanh_gelu": ("gelu", {"dims": 1, "approximate": "tanh"}),
    "silu": ("silu", {"dims": 1}),
    "softplus": ("softplus", {"dims": 1}),
    "softmax": ("softmax", {}),
    "log_softmax": ("log_softmax", {"axis": 0}),
    "layernorm": ("layernorm", {}),
    "groupnorm": ("groupnorm", {"dims": 0}),
    "instancenorm": ("instancenorm", {"dims": 1}),
    "rmsnorm": ("rmsnorm", {}),
    "batchnorm_given": ("batchnorm", {"dims": 0, "training": False}),
    "lrn": ("lrn", {"dims": 0, "size": "K"}),
    "mse": ("mse", {}),
    "bce": ("bce", {"dims": 1}),
    "huber": ("huber", {"dims": 1}),
    "smoothed": ("cross_entropy", {"label_smoothing": 0.1, "weight": True}),
    "dropout": ("dropout", {}),
    "attention": ("attention", {"causal": True}),
    "flatten": ("flatten", {"dims": 1}),
    "reshape": ("reshape", {}),
    "add": ("add", {"dims": 1}),
    "concat": ("concat", {}),
    "pad": ("pad", {"dims": 1, "mode": "reflect"}),
    "upsample": ("upsample", {"dims": 1, "mode": "linear"}),
    "pixel_shuffle": ("pixel_shuffle", {}),
}  # fmt: skip
TYPED = {
    "maxpool1": (
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
    "turned": "turned(x[I], k[K]):\n    y[i] = sum[a] x[I - 1 - i - a]*k[a]",
    "irregular": "irregular(x[U pad all, V pad all]; E=3):\n    y[i < E] = x[i*i - 1, i*i - 1]",
    "maxpool2": "maxpool2(x[H, W]; K=2):\n    y[r, c] = max[a < K, b < K] x[2*r + a, c + b]",
    "running": "running(x[I, J]) where 1 <= J:\n    y[i < I] = max[a <= i, b < J] x[a, b]",
    "largest": "largest(x[N, C]):\n    y[n] = max[c] x[n, c]",
    "table": "table(t[N] int < C; C=3):\n    y[n] = t[n]*t[n]",
    "adaptive": (
        "adaptive_avgpool1(x[N, C, H]; E):\n"
        "    y[n, c, r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E]"
        " x[n, c, i] / (((r+1)*H + E-1)//E - r*H//E)"
    ),
}
NAMES = (*CATALOG, *TYPED)


def layer(name: str) -> Layer:
    """One of the layers above."""
    if name in TYPED:
        return derive.parse(TYPED[name])
    word, options = CATALOG[name]
    return derive.layer(word, **options)
