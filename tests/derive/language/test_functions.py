"""Elementwise functions: one table, and derivatives that engine, oracle and checker know apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from sympy import Expr, Symbol, lambdify

import derive
import numeric
import verify
from derive.language.functions import ABBREVIATIONS, EVERYWHERE, FUNCTIONS
from derive.language.terms import entries
from verify.checker import functions as checker
from verify.evaluation import dual
from verify.evaluation.arithmetic import COMPLEX, FLOAT
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate
from verify.evaluation.precise import PRECISE, precise

U = Symbol("u")
POINTS = ("-0.75", "-0.001", "0.003", "0.5", "1.25", "2.5")
OWN = {
    "Sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "Log1p": mpmath.log1p,
    "Expm1": mpmath.expm1,
}


def missing(name: str) -> list[str]:
    """The tables that know nothing of a function."""
    tables = {
        "derive/language/functions.py": name in FUNCTIONS,
        "verify/evaluation/dual.py": name in dual.DERIVATIVES,
        "verify/checker/functions.py": name in {f.__name__.lower() for f in checker.OUTER},
    }
    return [table for table, known in tables.items() if not known]


def everything() -> list[str]:
    known = {*FUNCTIONS, *dual.DERIVATIVES, *(f.__name__.lower() for f in checker.OUTER)}
    return sorted(known)


@pytest.mark.parametrize("name", everything())
def test_a_function_is_in_all_three_tables(name: str) -> None:
    assert not missing(name), f"{name} is missing in {', '.join(missing(name))}"


def test_a_function_that_is_missing_somewhere_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FUNCTIONS, "nobody", FUNCTIONS["tanh"])
    assert "nobody" in everything()
    assert missing("nobody") == ["verify/evaluation/dual.py", "verify/checker/functions.py"]


def test_the_oracle_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(dual.DERIVATIVES, "tanh")
    with pytest.raises(LookupError, match=r"dual\.py has no derivative of .* 'tanh'"):
        dual.over_duals(replace(FLOAT))


def points(name: str) -> Iterator[Any]:
    """Where a function has a value."""
    for text in POINTS:
        if name != "log" or not text.startswith("-"):
            yield mpmath.mpf(text)


def over_mpmath(term: Expr) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = lambdify(U, term, [OWN, "mpmath"])
    return made


@pytest.mark.parametrize("name", FUNCTIONS)
def test_all_derivatives_are_the_derivative(name: str) -> None:
    function = FUNCTIONS[name]
    by_engine, by_checker = function.derivative(U), checker.OUTER[function.node](U)
    with mpmath.workdps(40):
        for u in points(name):
            expected = mpmath.diff(lambda v: function.precise(mpmath.mp, v), u)
            found = [
                over_mpmath(by_engine)(u),
                over_mpmath(by_checker)(u),
                dual.DERIVATIVES[name](PRECISE, precise(Fraction(float(u)))),
            ]
            for value in found:
                assert mpmath.almosteq(value, expected, 1e-15), (name, u)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_agree_over_all_numbers(name: str) -> None:
    for u in points(name):
        value = float(FUNCTIONS[name].precise(mpmath.mp, u))
        assert math.isclose(FLOAT.functions[name](float(u)), value, rel_tol=1e-14)
        if name in COMPLEX.functions:
            assert np.isclose(COMPLEX.functions[name](complex(u)), value, rtol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_domain_is_where_there_is_a_real_value(name: str) -> None:
    function = FUNCTIONS[name]
    assert (function.domain is None) == (function.node in EVERYWHERE)
    assert (function.domain is None) == (function.node in checker.EVERYWHERE)
    for u in (-50.0, -1.5, 0.0, 1.5, 50.0):
        inside = function.domain is None or math.isfinite(_or_nan(function.value, u))
        if function.domain is not None:
            lo, hi = (float(side.xreplace({U: u})) for side in function.domain(U).args)
            assert (lo < hi) == inside
        assert inside == math.isfinite(_or_nan(function.value, u))


def _or_nan(function: Callable[[float], float], u: float) -> float:
    try:
        return function(u)
    except ValueError:
        return math.nan


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_generated_code_is_accurate(name: str, target: str) -> None:
    """Down to tiny arguments, for which 1 + u and exp(u) − 1 lose everything."""
    layer = derive.parse(f"y[i] = {name}(x[i])")
    kernel = numeric.compile(layer, target=target)
    x = np.array([1e-12, 3e-9, *(float(u) for u in points(name))])
    exact = [FUNCTIONS[name].precise(mpmath.mp, mpmath.mpf(float(u))) for u in x]
    assert np.allclose(kernel.forward(x=x), [float(v) for v in exact], rtol=1e-14, atol=0)
    gradient = kernel.backward(np.ones_like(x), x=x)["x"]
    derivative = [float(dual.DERIVATIVES[name](PRECISE, precise(u))) for u in x]
    assert np.allclose(gradient, derivative, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivations_are_checked_and_read_back(name: str) -> None:
    layer = derive.parse(f"y[i] = {name}(2*x[i])")
    assert derive.parse(layer.text).equations == layer.equations
    assert verify.check(derive.gradient(layer, "x")).word == "checked"
    assert name in derive.gradient(layer, "x").to("text")
    assert evaluate(layer, {"x": Array((1,), (0.25,))}, arithmetic=FLOAT)["y"].shape == (1,)


@pytest.mark.parametrize("name", ABBREVIATIONS)
def test_abbreviations_are_read(name: str) -> None:
    (equation,) = derive.parse(f"y[i] = {name}(x[i])").equations
    (entry,) = set(entries(equation.written))
    assert equation.written == ABBREVIATIONS[name](entry)
