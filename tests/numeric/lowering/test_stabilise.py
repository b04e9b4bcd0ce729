"""Exponentials in generated code: equal to the plain formula, and finite where that overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Expr

import derive
import numeric
from numeric.lowering import stabilise
from numeric.lowering.stabilise import stabilised

LAYERS = {
    "log-sum-exp": "f(x[N, C]): y[n] = log(sum[c] exp(x[n, c]))",
    "over two axes": "f(x[N, C]): y = log(sum[n, c] exp(x[n, c]))",
    "weighted": "f(x[N, C], w[C]): y[n] = log(sum[c] (1 + w[c]^2)*exp(x[n, c]))",
    "softmax": "f(x[N, C]): y[n, c] = exp(x[n, c])/sum[k < C] exp(x[n, k])",
    "mean under softmax": "f(x[N, C], w[C]): y[n] = sum[c] w[c]*exp(x[n, c])/sum[k<C] exp(x[n,k])",
    "up to each place": "f(x[N, C]): y[n, c] = exp(x[n, c])/sum[k < c + 1] exp(x[n, k])",
    "of products": "f(x[N, C], w[C]): y[n, c] = exp(w[c]*x[n, c])/sum[k < C] exp(w[k]*x[n, k])",
    "two sums": "f(x[N, C]): y[n] = log(sum[c] exp(x[n, c])) - log(sum[c] exp(2*x[n, c]))",
    "as an intermediate": "f(x[N, C]): s[n] = sum[c] exp(x[n, c]); y[n, c] = exp(x[n, c])/s[n]",
    "under a guard": "f(x[N, C]) where 2 <= C: y[n] = log(sum[c < C] [1 <= c]*exp(x[n, c - 1]))",
    "a range in another": "f(x[N, C]): y[n] = log(sum[a < C, b < a + 1] exp(x[n, a] + x[n, b]))",
    "more above than below": """f(x[N, C]):
        y[n, c] = exp(x[n, c])*(sum[k < C] k*exp(x[n, k]))/sum[k < C] exp(x[n, k])""",
}
#: these are left as they are, they or their gradients, or are too large themselves
LEFT = (
    "as an intermediate",
    "under a guard",
    "up to each place",
    "a range in another",
    "more above than below",
)


def arguments(layer: derive.Layer, scale: float = 1) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    shapes = {"x": (3, 4), "w": (4,)}
    given = {t.name: rng.standard_normal(shapes[t.name]) for t in layer.tensors}
    return {**given, "x": scale * given["x"]}


def results(layer: derive.Layer, target: str, given: dict[str, Any]) -> dict[str, np.ndarray]:
    kernel = numeric.compile(layer, target=target)
    y = kernel.forward(**given)
    return {"y": y, **kernel.backward(np.cos(np.arange(y.size)).reshape(y.shape), **given)}


def agree(layer: derive.Layer) -> None:
    given = arguments(layer)
    expected, found = (results(layer, target, given) for target in ("loops", "arrays"))
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients_are_those_of_the_equations(name: str) -> None:
    agree(derive.parse(LAYERS[name]))


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in LEFT])
@pytest.mark.parametrize("scale", [1e3, 1e4])
def test_nothing_overflows(name: str, scale: float) -> None:
    layer = derive.parse(LAYERS[name])
    for array in results(layer, "arrays", arguments(layer, scale)).values():
        assert np.isfinite(array).all()


@pytest.mark.parametrize("name", [n for n in LAYERS if n not in LEFT])
def test_shifted_programs_are_tested_against_the_written_equations(name: str) -> None:
    """The identities are not among what is proved of a program: *checked* would be too strong."""
    layer = derive.parse(LAYERS[name])
    assert stabilised(layer) is not layer
    assert numeric.compile(layer).verdicts["forward"].word == "tested"


def test_without_exponentials_nothing_changes() -> None:
    layer = derive.layer("linear")
    assert stabilised(layer) is layer


def test_an_empty_sum_stays_one() -> None:
    kernel = numeric.compile(derive.parse("f(x[N, C]): y[n] = log(1 + sum[c] exp(x[n, c]))"))
    np.testing.assert_array_equal(kernel.forward(x=np.zeros((2, 0))), [0, 0])
    kernel = numeric.compile(derive.parse(LAYERS["log-sum-exp"]))
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(kernel.forward(x=np.zeros((2, 0))), [-np.inf, -np.inf])


def doubled(factor: Expr, m: Expr) -> Expr:
    return plain_shifted(factor, 2 * m)


def forgotten(factor: Expr, m: Expr) -> Expr:
    return factor


plain_shifted = stabilise._shifted


@pytest.mark.parametrize("fault", [doubled, forgotten])
@pytest.mark.parametrize("name", ["log-sum-exp", "over two axes"])
def test_a_wrong_shift_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str, fault: Any) -> None:
    monkeypatch.setattr(stabilise, "_shifted", fault)
    # under another name, so that no module made before is used
    layer = derive.parse(LAYERS[name].replace("f(", f"{fault.__name__}("))
    with pytest.raises(AssertionError):
        agree(layer)
    assert numeric.compile(layer).verdicts["forward"].word == "refuted"
