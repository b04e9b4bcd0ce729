"""Layers whose generated code is tested by properties, and by mutants."""

from __future__ import annotations

import derive
from benchmarks.mutation import layers as mutation
from derive.language.definition import Layer

WINDOW = {
    "stride": ("s1", "s2"),
    "padding": ("p1", "p2"),
    "dilation": ("d1", "d2"),
    "channels": True,
    "groups": "G",
}
SHARED = ("relu", "cross_entropy", "embedding", "batchnorm", "read_twice", "trace", "adaptive")
TYPED = {
    "maxpool": mutation.TYPED["maxpool1"],
    "flatten": "flatten(x[N, C, H, W]):\n    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]",
    **{name: mutation.TYPED[name] for name in SHARED},
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
