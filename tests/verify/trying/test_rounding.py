"""Where large terms cancel, results may be off by what rounding does to them, and by no more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.examination import code_of, subject_of
from verify.evaluation.arrays import Array
from verify.evaluation.small_sizes import Sizes
from verify.trying.case import Case
from verify.trying.emitted.examination import judged
from verify.trying.properties import properties
from verify.trying.rounding import OTHERWISE, errors
from verify.trying.subject import Failure, LayerCode
from verify.trying.trial import Trial
from verify.trying.truth import Truth, valued

TEXT = "batchnorm(relu(batchnorm(x, w, b; dims=0)), v, c; dims=0)"


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Three equal rows: both variances are 0, ∂L/∂b is Σ(h − mean h) = 0 of terms of 10⁴."""
    layer = derive.compose(TEXT)
    subject = subject_of(layer)
    sixteenths = {
        "x": [111, 111, 111],
        "w": [59],
        "b": [121],
        "v": [109],
        "c": [43],
        "g": [-81, -99, -95],
    }
    shapes = {"x": (3, 1), "g": (3, 1)}
    tensors = {
        name: Array(shapes.get(name, (1,)), tuple(Fraction(n, 16) for n in entries))
        for name, entries in sixteenths.items()
    }
    values = Sizes(layer).completed(
        {s: {"N": 3, "C": 1}[s.name] for s in layer.sizes}
        | {layer.hyperparameters[0].symbol: Fraction(1, 10**5)}
    )
    assert values is not None
    return valued(subject, Case(values, tensors))


def tried(truth: Truth, name: str, error: float = 0.0) -> Failure | None:
    """A property of generated code, whose gradient by b is off by an error."""
    code = code_of(numeric.compile(truth.layer, target="arrays"))

    def backward(g: Any, **given: Any) -> Any:
        made = code.backward(g, **given)
        return {n: a + np.asarray(error, a.dtype) * (n == "b") for n, a in made.items()}

    wanted = next(p for p in properties() if p.name == name)
    return judged(wanted, Trial(LayerCode(code.forward, backward), truth))


@pytest.mark.parametrize(
    ("name", "rounded", "wrong"),
    [
        ("shapes and dtypes", 0.0, 0.1),
        ("fast = loops", 1e-11, 1e-9),
        ("adjoint identity", 1e-11, 1e-9),
    ],
)
def test_rounding_of_large_terms_is_no_mistake_and_a_mistake_is_one(
    truth: Truth, name: str, rounded: float, wrong: float
) -> None:
    assert tried(truth, name, rounded) is None
    assert tried(truth, name, wrong) is not None


def test_the_bound_is_that_of_the_terms_that_cancel(truth: Truth) -> None:
    (error,) = errors(truth, "b")
    terms = sum(abs(g) for g in (81, 99, 95)) / 16 * 109 / 16 * 10**2.5
    assert truth.gradient("b").scale == pytest.approx(1)
    assert terms < error < 30 * terms
    assert OTHERWISE < 10


def test_where_nothing_cancels_the_bound_is_that_of_the_operations() -> None:
    layer = derive.parse("y[i] = exp(x[i])")
    truth = Truth(
        subject_of(layer),
        Case(
            {layer.sizes[0]: 1},
            {
                "x": Array((1,), (Fraction(1),)),
                "g": Array((1,), (Fraction(1),)),
            },
        ),
    )
    for name in ("y", "x"):
        (error,) = errors(truth, name)
        assert 2.7 < error < 15
