"""Closed forms in code: taken where they save work and lose nothing."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from derive.language.terms import entries
from numeric import closed
from numeric.closed import in_closed_form

TAKEN = {
    ("softmax", "x"): {"y"},
    ("log_softmax", "x"): {"y"},
    ("batchnorm", "x"): {"xhat", "v"},
    ("layernorm", "x"): {"xhat", "v"},
    ("groupnorm", "x"): {"xhat", "v"},
    ("rmsnorm", "x"): {"xhat", "q"},
}


def _made(name: str, wrt: str) -> Layer:
    return in_closed_form(derive.gradient(derive.layer(name), wrt))


@pytest.mark.parametrize(("name", "wrt"), TAKEN)
def test_what_forward_computes_is_read(name: str, wrt: str) -> None:
    result = _made(name, wrt).equations[-1].explicit
    assert {e.tensor for e in entries(result)} >= TAKEN[name, wrt]


@pytest.mark.parametrize(
    ("layer", "wrt", "why"),
    [
        ("y[i] = sigmoid(x[i])", "x", "1 − y has lost the digits of σ(−x)"),
        ("y[i] = tanh(x[i])", "x", "1 − y² likewise"),
        ("y[i] = a[i]^b[i]", "a", "y·b/a has no value at a = 0"),
        ("y[i, c] = 2*x[i, c]", "x", "nothing forward computes is read"),
    ],
)
def test_a_form_that_is_worse_for_numbers_is_not_computed(layer: str, wrt: str, why: str) -> None:
    derivation = derive.gradient(derive.parse(layer), wrt)
    assert in_closed_form(derivation) is derivation.layer, why


def test_without_the_rule_on_divisors_a_value_would_be_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = derive.parse("y[i] = a[i]^b[i]")
    given = {"a": np.array([0.0, 2.0]), "b": np.array([1.0, 3.0])}
    made = numeric.compile(layer).backward(np.ones(2), **given, wrt="a")["a"]
    np.testing.assert_array_equal(made, [1, 12])
    monkeypatch.setattr(closed, "_divisors", lambda expr: set())
    divided = in_closed_form(derive.gradient(layer, "a"))
    assert divided is not derive.gradient(layer, "a").layer


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "batchnorm", "layernorm", "silu"])
def test_what_was_derived_has_the_same_values(name: str) -> None:
    layer = derive.layer(name)
    generator = np.random.default_rng(1)
    shapes = {"x": (2, 3, 4, 2) if name == "batchnorm" else (4, 3)}
    shapes |= {"w": (3,), "b": (3,)}
    given = {t.name: generator.normal(size=shapes[t.name]) for t in layer.tensors}
    g = generator.normal(size=shapes["x"])
    literally = numeric.compile(layer, target="loops").backward(g, **given)
    for target in ("arrays", "fast"):
        made = numeric.compile(layer, target=target).backward(g, **given)
        for wrt, array in made.items():
            np.testing.assert_allclose(array, literally[wrt], rtol=1e-9, atol=1e-12)
