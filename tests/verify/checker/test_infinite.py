"""Where an intermediate is infinite, a step that computes 0·∞ is neither right nor wrong."""

from __future__ import annotations

import pytest

import derive
import verify
from tests.suites import every

HEADER = "f(x[N pad all by -inf], k[N], c[]; s=2, K): y[r < N] = max[b < K] x[s*r+b]; "


@pytest.mark.parametrize(
    "reader",
    every(
        3,
        [
            "m[i < N] = y[i]*k[i]",
            "m[i < N] = y[i]*exp(k[i])/(1 + c^2)",
            "m[i < N] = y[i]^2*k[i]^3",
            "m[i < N] = k[i]*tanh(y[i]) + c*y[i]",
            "m = sum[i < N] y[i]*k[i]*c",
            "m[i < N] = sum[j <= i] y[j]*k[i]",
            "m[i < N] = [0 <= i+1 < N]*y[i+1]*c",
            "m[i < N] = (if k[i] > 0 then y[i] else 0)*c",
        ],
    ),
)
def test_infinite_intermediates_decide_nothing(reader: str) -> None:
    layer = derive.parse(HEADER + reader)
    for tensor in layer.tensors:
        assert verify.check(derive.gradient(layer, tensor.name)).word == "checked"
