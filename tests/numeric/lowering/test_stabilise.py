"""Exponentials in generated code: equal to the plain formula, and finite where that overflows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Expr, exp

import derive
import numeric
from benchmarks.stability import DTYPES, FAMILIES, LOGITS, lost
from derive.language.terms import Entry, Index
from numeric.lowering.stabilise import scaled, stabilised
from numeric.lowering.stabilise.cancelling import COMPLEMENTS
from numeric.lowering.stabilise.scaled import Scaled
from tests.suites import every
from verify.evaluation.arithmetic import FLOAT
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate

X = Entry("x", Index("i"))

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
#: these are too large themselves, they or their gradients
TOO_LARGE = ("more above than below",)


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


@pytest.mark.parametrize("name", [name for name in LAYERS if name not in TOO_LARGE])
@pytest.mark.parametrize("scale", [1e3, 1e4])
def test_nothing_overflows(name: str, scale: float) -> None:
    layer = derive.parse(LAYERS[name])
    for array in results(layer, "arrays", arguments(layer, scale)).values():
        assert np.isfinite(array).all()


@pytest.mark.parametrize("name", [n for n in LAYERS if n not in TOO_LARGE])
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


def doubled(u: Expr) -> Scaled:
    return replace(plain_exponential(u), scale=2 * u)


def forgotten(u: Expr) -> Scaled:
    return replace(plain_exponential(u), mantissa=exp(-u))


plain_exponential = scaled.exponential


@pytest.mark.parametrize("fault", [doubled, forgotten])
@pytest.mark.parametrize("name", ["log-sum-exp", "over two axes"])
def test_a_wrong_scale_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str, fault: Any) -> None:
    monkeypatch.setattr(scaled, "exponential", fault)
    # under another name, so that no module made before is used
    layer = derive.parse(LAYERS[name].replace("f(", f"{fault.__name__}("))
    with pytest.raises(AssertionError):
        agree(layer)
    assert numeric.compile(layer).verdicts["forward"].word == "refuted"


@pytest.mark.parametrize("what", COMPLEMENTS, ids=str)
def test_a_difference_is_the_function_that_it_is_replaced_by(what: Any) -> None:
    name, power, sign = what
    made = COMPLEMENTS[what](X)
    for at in (-3.5, -0.25, 0.0, 0.5, 2.0):
        expected = 1 + sign * evaluated(name(X) ** power, at)
        assert evaluated(made, at) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def evaluated(expr: Expr, at: float) -> float:
    layer = derive.parse("y[i] = x[i]")
    equation = replace(layer.equations[0], written=expr, explicit=expr)
    return float(
        evaluate(
            replace(layer, equations=(equation,)), {"x": Array((1,), (at,))}, arithmetic=FLOAT
        )["y"].entries[0]
    )


#: log(1 + u) for a sum u of all exponentials but the largest would keep these: they are 0
OVERFLOWS = "a·b/c"
NEXT_TO_ONE = ("log softmax", "log softmax in two", "cross-entropy")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", every(9, FAMILIES))
def test_no_value_of_a_family_becomes_infinite_or_zero(name: str, dtype: Any) -> None:
    top = float(np.finfo(dtype).max)
    magnitudes = (1.0, 90.0, 720.0, 3e4) if FAMILIES[name].magnitudes == LOGITS else (1e30, 1e200)
    for magnitude in (m for m in magnitudes if m < top / 10):
        found = lost(FAMILIES[name], dtype, "arrays", magnitude)
        gone = [o.what for o in found if o.times == np.inf]
        assert gone == [] or (name in NEXT_TO_ONE and gone == ["forward"]) or name == OVERFLOWS


def test_a_maximum_that_is_infinite_shifts_by_nothing() -> None:
    kernel = numeric.compile(derive.parse(LAYERS["log-sum-exp"]))
    x = np.array([[-np.inf, -np.inf], [np.inf, 0], [-np.inf, 3]])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(kernel.forward(x=x), [-np.inf, np.inf, 3])


@pytest.mark.parametrize("target", ["arrays", "loops", "torch"])
@pytest.mark.parametrize(
    "text",
    [
        "relu(x[i])",
        "max(x[i], 0)",
        "max(0, x[i])",
        "min(x[i], 1)",
        "min(1, x[i])",
        "abs(x[i])",
        "max(0, min(x[i], 6))",
    ],
)
def test_nan_is_not_hidden(text: str, target: str) -> None:
    if target == "torch":
        pytest.importorskip("torch")
    kernel = numeric.compile(derive.parse(f"y[i] = {text}"), target=target)
    given = np.array([np.nan, 0.5])
    assert np.isnan(np.asarray(kernel.forward(x=kernel.dialect.given(given)))).tolist() == [
        True,
        False,
    ]


def test_zero_to_a_power_has_no_slope_by_its_exponent() -> None:
    kernel = numeric.compile(derive.parse("y[i] = a[i]^b[i]"))
    made = kernel.backward(np.ones(2), a=np.array([0.0, 2.0]), b=np.array([1.0, 3.0]))
    np.testing.assert_allclose(made["b"], [0, 8 * np.log(2)])


@pytest.mark.parametrize(
    "text",
    ["f(x[I]): u[i] = x[i]^0.5; y[i] = x[i]*u[i]", "f(x[I]): s = sqrt(sum[i] x[i]^2); y = s*s"],
)
def test_zero_times_infinity_across_equations(text: str) -> None:
    layer = derive.parse(text)
    x = np.zeros(2)
    g = np.ones(2) if layer.outputs[0].indices else np.float64(1)
    np.testing.assert_array_equal(numeric.compile(layer).backward(g, x=x)["x"], [0, 0])
