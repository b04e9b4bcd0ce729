"""The independent checker accepts every derivation of the suite and refuses unsound steps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

import derive
import verify
from derive.engine.rules import rules_by_phase
from derive.language.definition import Layer
from tests.derive.engine.test_hard_layers import HARD
from tests.strategies import layers
from tests.suites import every
from tests.telling import text as in_text
from verify.checker.identities import identities
from verify.proving import told

#: the layers that the design writes out
DESIGN = {
    "conv": """
conv(x[N, C, H pad p1, W pad p2], k[O, C//G, K1, K2], b[O];
        s1=1, s2=1, p1=0, p2=0, d1=1, d2=1, G=1):
    y[n, o, r, c] = b[o] + sum[i, a, b]
        x[n, o//(O//G)*(C//G) + i, s1*r + d1*a - p1, s2*c + d2*b - p2] * k[o, i, a, b]
""",
    "conv_transpose1": """
conv_transpose1(x[N, C, H pad all], k[C, O, K]; s=1, p=0, d=1, e=0):
    y[n, o, q < (H-1)*s - 2*p + d*(K-1) + e + 1] = sum[i, a] x[n, i, (q + p - d*a)/s] * k[i, o, a]
""",
    "maxpool1": """
maxpool1(x[N, C, H pad all by -inf]; K=2, s=2, p=0, d=1):
    y[n, c, r < (H + 2*p - d*(K-1) - 1 + s - 1)//s + 1] = max[a < K] x[n, c, s*r + d*a - p]
""",
    "adaptive_avgpool1": """
adaptive_avgpool1(x[N, C, H]; E):
    y[n, c, r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[n, c, i]
        / (((r+1)*H + E-1)//E - r*H//E)
""",
    "cross_entropy": """
cross_entropy(x[N, C], t[N] int < C):
    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N
""",
    "flatten": """
flatten(x[N, C, H, W]):
    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]
""",
}

CATALOG: list[tuple[str, dict[str, Any]]] = [
    ("conv", {}),
    ("conv", {"dims": 1, "stride": "s", "padding": "p", "dilation": "d"}),
    ("conv", {"dims": 1, "padding": "same", "dilation": 2}),
    ("conv", {"channels": True, "stride": (2, 1), "padding": 1}),
    ("conv", {"channels": True, "stride": "s", "padding": "p", "dilation": "d", "groups": "G"}),
    ("conv", {"dims": 3, "channels": True, "groups": 2, "bias": False}),
    ("conv_transpose", {}),
    ("conv_transpose", {"channels": True, "stride": "s", "padding": "p", "dilation": "d"}),
    ("avgpool", {}),
    ("avgpool", {"dims": 1, "kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    ("avgpool", {"kernel_size": 3, "padding": 1, "count_include_pad": False}),
    ("linear", {}),
    ("matmul", {}),
]

TYPED = {
    "softmax": "f(x[N]):\n    z[] = sum[n] exp(x[n])\n    y[n] = exp(x[n])/z[]",
    "batch norm": (
        "f(x[N], w[], b[]; eps=1):\n    m[] = sum[n] x[n]/N\n"
        "    v[] = sum[n] (x[n] - m[])^2/N\n    y[n] = w[]*(x[n] - m[])*(v[] + eps)^(-1/2) + b[]"
    ),
    "relu": "f(x[N]): y[n] = if x[n] > 0 then x[n] else 0",
    "embedding": "f(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]",
    "two outputs": "f(x[N], k[N]):\n    y[n] = x[n]*k[n]\n    z[] = sum[n] x[n]^3*k[n]",
    "attention": (
        "f(q[N, D], k[M, D], v[M, E]):\n    s[n, m] = sum[d] q[n, d]*k[m, d]\n"
        "    e[n] = sum[m] exp(s[n, m])\n    y[n, f] = sum[m] exp(s[n, m])*v[m, f]/e[n]"
    ),
    "guarded logarithm": "f(x[N], w[N]): y[i] = [x[i] > 0]*log(x[i])*w[i]",
}


def assert_checked(layer: Layer, words: tuple[str, ...] = ("checked",)) -> None:
    """Every gradient of the layer is accepted."""
    for tensor in layer.tensors:
        if not tensor.integer:
            verdict = verify.check(derive.gradient(layer, tensor.name))
            assert verdict.word in words, f"{tensor.name}: {verdict}\n{layer.text}"


@pytest.mark.parametrize("text", every(2, [*DESIGN.values(), *TYPED.values(), *HARD.values()]))
def test_typed_layers_are_checked(text: str) -> None:
    assert_checked(derive.parse(text))


@pytest.mark.parametrize("case", every(2, CATALOG))
def test_catalog_layers_are_checked(case: tuple[str, dict[str, Any]]) -> None:
    name, options = case
    assert_checked(derive.layer(name, **options))


@pytest.mark.parametrize("options", [{"dims": 1}, {"dims": 1, "channels": True, "stride": "s"}])
def test_second_derivatives_are_checked(options: dict[str, Any]) -> None:
    layer = derive.layer("conv", **options)
    for tensor in layer.tensors:
        assert_checked(derive.gradient(layer, tensor.name).layer)


@settings(max_examples=settings.default.max_examples // 5)
@given(layers())
def test_generated_layers_are_checked(text: str) -> None:
    assert_checked(derive.parse(text), ("checked", "tested"))


def test_a_verdict_shows_its_grounds() -> None:
    layer = derive.layer("conv", dims=1, stride="s", padding="p", dilation="d")
    verdict = verify.check(derive.gradient(layer, "x"))
    assert verdict.word == "checked"
    assert {c.text for c in verdict.conditions} >= {"1 ≤ s", "0 ≤ r' < H"}
    assert all(c.holds and c.decider in ("arithmetic", "islpy", "z3") for c in verdict.conditions)
    assert verdict.counterexample is None
    text = in_text(told(verdict, "∂L/∂x"))
    assert text.startswith("∂L/∂x: checked\n")
    assert "collapse δ" in text and "1 ≤ s" in text
    assert len(text.splitlines()) >= len(verdict.obligations)


def test_every_rule_has_an_identity() -> None:
    rules = {r.name for _, table in rules_by_phase() for kind in table.values() for r in kind}
    assert rules <= set(identities())
