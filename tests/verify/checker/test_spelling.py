"""What is computed is what was written: an equation that says one and does the other is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from sympy import Expr, Integer

import derive
import verify
from derive.catalog import names
from derive.engine.record import Derivation
from derive.language.definition import Equation, Layer
from derive.language.terms import Entry, Index, Iverson, Less, Size, subterms
from tests.strategies import layers
from tests.suites import every, quick
from verify.checker.spelling import check_spelling
from verify.checker.steps import Refusal

TEXTS = {
    "quotient": "f(x[N pad all]; s=2): y[i < N] = x[(i-1)/s]",
    "square": "f(x[N]): y[i] = x[i]^2",
    "padding": "f(x[N pad 1], k[K]): y[i] = sum[a] x[i+a-1]*k[a]",
    "two axes": "f(x[N pad all by -inf, M pad all by -inf]): y[i < N] = max[a < 2] x[i, a-1]",
    "reciprocal": "f(x[N pad all]): y[i < N] = 1/(2 + x[i-1])",
    "several": "f(x[N pad 1]): m[i < N] = x[i]*x[i-1]; y[i] = m[i]*x[i+1]",
}


@pytest.mark.parametrize("name", every(4, names()))
def test_the_catalog_computes_what_it_says(name: str) -> None:
    layer = derive.layer(name)
    check_spelling(layer)
    for tensor in layer.tensors:
        if not tensor.integer:
            check_spelling(derive.gradient(layer, tensor.name).layer)


@given(layers())
def test_so_do_generated_layers(text: str) -> None:
    check_spelling(derive.parse(text))


def other_readings(written: Expr, index: Index, sizes: list[Size]) -> list[Expr]:
    """Expressions that agree with the written one on few or on most entries."""
    reads = [e for e in subterms(written) if isinstance(e, Entry)]
    shifted = written.xreplace({e: Entry(e.base, *(i + 1 for i in e.indices)) for e in reads})
    rare = written * (1 + Iverson(Less(Integer(4), index)))
    return [shifted, rare, 2 * written, written + index, *(written + s - s**2 for s in sizes)]


@pytest.mark.parametrize("name", quick(TEXTS, ["quotient", "square"]))
def test_an_equation_that_says_something_else_is_never_checked(name: str) -> None:
    layer = derive.parse(TEXTS[name])
    for place, equation in enumerate(layer.equations):
        for wrong in other_readings(equation.written, equation.indices[0], list(layer.sizes)):
            verdict = verify.check(of(layer, place, replace(equation, written=wrong)))
            assert verdict.word in ("refuted", "undecided"), wrong


@pytest.mark.parametrize("name", quick(TEXTS, ["quotient", "padding"]))
def test_sizes_are_what_the_extents_mean(name: str) -> None:
    layer = derive.parse(TEXTS[name])
    for place, equation in enumerate(layer.equations):
        longer = tuple(n + 1 for n in equation.sizes)
        verdict = verify.check(of(layer, place, replace(equation, sizes=longer)))
        assert verdict.word in ("refuted", "undecided")


def of(layer: Layer, place: int, equation: Equation) -> Derivation:
    """The derivation of a layer, with another record of one of its equations."""
    derivation = derive.gradient(layer, "x")
    equations = (*layer.equations[:place], equation, *layer.equations[place + 1 :])
    return replace(derivation, source=replace(layer, equations=equations))


def test_the_reason_is_said() -> None:
    layer = derive.parse(TEXTS["quotient"])
    wrong = derive.parse("f(x[N pad all]; s=2): y[i < N] = x[(i-1)/(s+1)]").equations[0].written
    equation = replace(layer.equations[0], written=wrong)
    with pytest.raises(Refusal, match="not computed as it was written"):
        check_spelling(replace(layer, equations=(equation,)))
