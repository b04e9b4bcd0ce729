"""A gradient layer has one output, the gradient: adjoints that nothing reads are not in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import derive
import verify

LAYERS = [
    "f(x[N]): y = 2*sum[i] sign(x[i]); m = 2*y",
    "f(x[N]): u[i] = 2*x[i]; v[i] = sign(u[i]); y[i] = v[i]*x[i]",
    "f(x[N]): u[i] = x[i]^2; v[i] = u[i] + 1; w[i] = sign(v[i]); y = sum[i] w[i]",
    "f(x[N], k[N]): u[i] = x[i]*k[i]; y[i] = [u[i] > 0]*k[i]",
    "f(x[N]): u[i] = x[i]^2; y[i] = if u[i] > 1 then x[i] else 0",
]


@pytest.mark.parametrize("text", LAYERS)
def test_only_the_gradient_is_an_output(text: str) -> None:
    layer = derive.parse(text)
    for tensor in layer.tensors:
        derivation = derive.gradient(layer, tensor.name)
        assert [e.name for e in derivation.layer.outputs] == [f"d{tensor.name}"]
        assert verify.check(derivation).word == "checked"
        second = derive.gradient(derivation.layer, "x")
        assert [g for _, g in second.upstream] == ["g2"]


def test_another_output_is_refused() -> None:
    """The adjoint of u is derived correctly, and has no place in the gradient layer."""
    derivation = derive.gradient(derive.parse("f(x[N]): u[i] = sign(x[i]); y[i] = u[i]^2"), "x")
    dead, gradient = derivation.adjoints[0], derivation.layer.equations[-1]
    extra = replace(gradient, name=dead.name, indices=dead.target.at)
    extra = replace(extra, explicit=dead.result, written=dead.result)
    u = replace(derivation.source.equations[0], name="u")
    layer = replace(derivation.layer, equations=(u, extra, gradient))
    verdict = verify.check(replace(derivation, layer=layer))
    assert verdict.word != "checked"
    assert "only output" in str(verdict)
