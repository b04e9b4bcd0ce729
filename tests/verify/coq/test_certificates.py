"""Certificates that Coq accepts, without axioms.  Skipped where coqc is not installed."""

from __future__ import annotations

import shutil

import pytest

import derive
import verify
from derive.language.definition import Layer
from tests.suites import quick
from verify.coq import certify

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

GROUPED = {
    "dims": 1,
    "channels": True,
    "stride": "s",
    "padding": "p",
    "dilation": "d",
    "groups": "G",
}
LAYERS: dict[str, tuple[Layer, str]] = {
    "the lecture's layer, x": (derive.layer("conv"), "x"),
    "the lecture's layer, k": (derive.layer("conv"), "k"),
    "grouped, symbolic stride, padding and dilation, x": (derive.layer("conv", **GROUPED), "x"),
    "numeric stride": (derive.layer("conv", dims=1, stride=2, padding=1, dilation=3), "k"),
    "padding same": (derive.layer("conv", dims=1, padding="same"), "x"),
    "transposed convolution, x": (derive.layer("conv_transpose", **GROUPED), "x"),
    "linear": (derive.layer("linear"), "w"),
    "average pooling": (
        derive.layer(
            "avgpool",
            dims=1,
            stride="s",
            padding="p",
            ceil_mode=True,
            count_include_pad=False,
        ),
        "x",
    ),
    "a tensor read twice": (derive.parse("y[i] = x[i]*x[i+1]"), "x"),
    "a half that must be one over two": (derive.parse("y[i] = x[i]**2/2 + x[i]/3"), "x"),
    "an index that only counts": (derive.parse("y[i] = sum[j < M] x[i]"), "x"),
    "a choice": (derive.parse("y[i] = if i < 3 then x[i] else 2*x[i]"), "x"),
    "several equations and outputs": (
        derive.parse("t[i] = x[i]*x[i]\ny[i] = t[i]*x[i]\nz[i, j] = t[i]*w[j]"),
        "x",
    ),
    "a mean": (
        derive.parse("f(x[N], w[N]):\n    m = sum[i] x[i]/N\n    y[i] = (x[i] - m)*w[i]"),
        "x",
    ),
    "mixed radix": (
        derive.parse("f(x[N, C, H, W]):\n    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]"),
        "x",
    ),
    "a table": (derive.parse("f(w[V, E], t[N] int < V):\n    y[n, e] = w[t[n], e]"), "w"),
    "names that Coq keeps for itself": (
        derive.parse("f(forall[Type, O], left[O]):\n    sum_[r] = sum[i] forall[r, i]*left[i]"),
        "forall",
    ),
}

QUICK = ["linear", "several equations and outputs"]


@pytest.mark.parametrize("name", quick(LAYERS, QUICK))
def test_coq_accepts_without_axioms(name: str) -> None:
    layer, wrt = LAYERS[name]
    outcome = certify(verify.certificate(derive.gradient(layer, wrt)))
    assert outcome.certified, f"{outcome.place}: {outcome.reason}"
    assert outcome.theorems[0] == "gradient_is_adjoint"


@pytest.mark.complete
def test_the_gradient_of_a_gradient() -> None:
    once = derive.gradient(derive.layer("conv", dims=1), "x").layer
    outcome = certify(verify.certificate(derive.gradient(once, "g")))
    assert outcome.certified, f"{outcome.place}: {outcome.reason}"
