"""Closed forms: what everybody knows comes out, by recorded steps, in few lines."""

from __future__ import annotations

import pytest

import derive
import verify
from derive.language.printing import plain
from tests.suites import quick

#: a layer of the catalog or a text, and the gradient by x in closed form
CLOSED: dict[str, str] = {
    "softmax": "y[n', c']·(g[n', c'] − Σ_{c<C} g[n', c]·y[n', c])",
    "log_softmax": "g[n', c'] − exp(y[n', c'])·Σ_{c<C} g[n', c]",
    "cross_entropy": "g·(exp(x[n', c'])/(Σ_{c<C} exp(x[n', c])) − [t[n'] = c'])/N",
    "sigmoid": "g[n', c']·y[n', c']·(1 − y[n', c'])",
    "tanh": "g[n', c']·(1 − y[n', c']²)",
    "mse": "2·g·(x[n', c'] − t[n', c'])/(N·C)",
    "layernorm": "(g[n', c']·w[c'] − 1/C·Σ_{c<C} g[n', c]·w[c]"
    " − xhat[n', c']/C·Σ_{c<C} g[n', c]·xhat[n', c]·w[c])/sqrt(v[n'] + eps)",
    "rmsnorm": "(g[n', c']·w[c'] − xhat[n', c']/C·Σ_{c<C} g[n', c]·xhat[n', c]·w[c])"
    "/sqrt(q[n'] + eps)",
    "batchnorm": "w[c']·(g[n', c', r', t'] − 1/(N·H·W)·Σ_{n<N, r<H, t<W} g[n, c', r, t]"
    " − xhat[n', c', r', t']/(N·H·W)·Σ_{n<N, r<H, t<W} g[n, c', r, t]·xhat[n, c', r, t])"
    "/sqrt(v[c'] + eps)",
    "instancenorm": "w[c']·(g[n', c', r', t'] − 1/(H·W)·Σ_{r<H, t<W} g[n', c', r, t]"
    " − xhat[n', c', r', t']/(H·W)·Σ_{r<H, t<W} g[n', c', r, t]·xhat[n', c', r, t])"
    "/sqrt(v[n', c'] + eps)",
    "lrn": "g[n', c', r', t']/q[n', c', r', t']^beta − 2·alpha·beta·x[n', c', r', t']/5"
    "·Σ_{j<5} [0 ≤ c'−j+2 < C]·g[n', c'−j+2, r', t']·y[n', c'−j+2, r', t']/q[n', c'−j+2, r', t']",
    # written otherwise, the same
    "f(x[N, C]): e[n, c] = exp(x[n, c]); s[n] = sum[c] e[n, c]; y[n, c] = e[n, c]/s[n]":
    "y[n', c']·(g[n', c'] − Σ_{c<C} g[n', c]·y[n', c])",
    "f(x[N, C]; eps real): m[n] = sum[c] x[n, c]/C; d[n, c] = x[n, c] - m[n];"
    " v[n] = sum[c] d[n, c]^2/C; y[n, c] = d[n, c]/sqrt(v[n] + eps)": "",
    # nobody has a name for these
    "f(x[N]): y[i] = exp(x[i])^2 + x[i]": "",
    "f(x[N]): y[i] = log((1 + x[i])/(1 - x[i]))/2": "",
    "f(x[N]; g=2.0): y[i] = -(1 - sigmoid(x[i]))^g*log(sigmoid(x[i]))": "",
    "f(x[N, C]): m[n] = max[c] x[n, c]; y[n] = m[n] + log(sum[c] exp(x[n, c] - m[n]))": "",
    "f(x[N, C]): m[n] = sum[c] x[n, c]/C; y[n, c] = (x[n, c] - m[n])^3": "",
}  # fmt: skip

#: how many lines of 80 columns the gradient by one tensor may take
LINES = {
    ("batchnorm", "x"): 60,
    ("layernorm", "x"): 80,
    ("instancenorm", "x"): 80,
    ("groupnorm", "x"): 80,
    ("lrn", "x"): 80,
    ("softmax", "x"): 30,
    ("log_softmax", "x"): 30,
    ("cross_entropy", "x"): 30,
    ("attention", "q"): 100,
    ("attention", "k"): 100,
    ("attention", "v"): 100,
}


def layer_of(text: str) -> derive.Layer:
    return derive.parse(text) if "=" in text else derive.layer(text)


@pytest.mark.parametrize(
    "text", quick(CLOSED, ["softmax", "log_softmax", "layernorm", "lrn", "tanh"])
)
def test_the_closed_form(text: str) -> None:
    derivation = derive.gradient(layer_of(text), "x")
    assert plain(derivation.closed) == CLOSED[text] or not CLOSED[text]
    verdict = verify.check(derivation)
    assert verdict.word == "checked", verdict


@pytest.mark.parametrize("case", quick(LINES, [("softmax", "x"), ("attention", "q")]))
def test_a_gradient_fits_a_page(case: tuple[str, str]) -> None:
    name, wrt = case
    lines = derive.gradient(derive.layer(name), wrt).to("text").splitlines()
    assert len(lines) <= LINES[case]
    assert max(map(len, lines)) <= 80


def test_a_sum_vanishes_by_definition_only() -> None:
    """Σ(x − m) is 0 for the mean; for another m it is not, and stays."""
    body = "v[n] = sum[c] (x[n, c] - m[n])^2; y[n, c] = x[n, c]*v[n]"
    for divisor, vanishes in (("C", True), ("(C + 1)", False), ("2", False)):
        layer = derive.parse(f"f(x[N, C]): m[n] = sum[c] x[n, c]/{divisor}; {body}")
        rules = {s.rule for c in derive.gradient(layer, "x").closings for s in c.steps}
        assert ("a vanishing sum" in rules) == vanishes, divisor


def test_shared_adjoints_are_told_once() -> None:
    layer = derive.layer("attention")
    from derive.presentation.formats import render
    from derive.presentation.telling import chapter

    text = render([chapter([derive.gradient(layer, w) for w in "qkv"])], "text")
    assert text.count("upstream gradient g_p[i', j'] = ") == 1
    assert text.count("upstream gradient g_s[i', j'] = ") == 1
