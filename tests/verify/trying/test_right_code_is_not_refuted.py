"""Right code is not refuted at the edges: rounding, empty sums, complex numbers, zeros."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from numeric.examination import code_of, examination, examination_told, subject_of
from tests.telling import text as in_text
from verify.evaluation.arrays import Array
from verify.evaluation.exact import evaluate
from verify.evaluation.rounding import ROUNDED, error_of, rounded
from verify.evaluation.small_sizes import Sizes
from verify.trying.case import Filler
from verify.trying.domain import Domain
from verify.trying.drawing import drawn
from verify.trying.emitted.examination import judged
from verify.trying.properties import large, properties, refusals, types
from verify.trying.subject import LayerCode, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import Truth, valued


@pytest.mark.complete
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("batchnorm", {"dims": 0}),
        ("batchnorm", {"dims": 0, "training": False}),
        ("gelu", {"dims": 1, "approximate": "tanh"}),
        ("lp_pool", {"dims": 1}),
        ("huber", {"dims": 1}),
    ],
    ids=str,
)
def test_generated_code_of_the_catalog_has_the_properties(
    name: str, options: dict[str, Any]
) -> None:
    found = examination(derive.layer(name, **options), "arrays", 12)
    assert found.word == "tested", in_text(examination_told(found, "arrays"))


def test_a_layer_of_tables_alone_is_tested() -> None:
    found = examination(derive.parse("f(t[N] int < C; C=3): y[n] = t[n]*t[n]"), "arrays", 3)
    assert found.word == "tested"


# --- rounding ------------------------------------------------------------------------------------


def single() -> Truth:
    """Layer norm over an axis of one entry, where the gradient by x is 0: terms of 10⁵ cancel."""
    layer = derive.layer("layernorm")
    subject = subject_of(layer)
    values = Sizes(layer).completed(
        dict.fromkeys(layer.sizes, 1) | {eps(layer): Fraction(1, 10**5)}
    )
    assert values is not None
    return valued(subject, Filler(layer, subject.upstream).eighths(values))


def eps(layer: Layer) -> Any:
    return layer.hyperparameters[0].symbol


def with_error(code: LayerCode, error: float) -> LayerCode:
    def backward(g: Any, **given: Any) -> Any:
        return {n: a + error * (n == "x") for n, a in code.backward(g, **given).items()}

    return LayerCode(code.forward, backward)


def test_large_terms_that_cancel_leave_rounding_behind() -> None:
    truth = single()
    code = code_of(numeric.compile(truth.layer, target="arrays"))
    wanted = next(p for p in properties() if p.name == large.NAME)
    assert judged(wanted, Trial(with_error(code, 1e-9), truth)) is None
    assert judged(wanted, Trial(with_error(code, 1e-2), truth)) is not None


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("x[n]*z[n]", 10**12),
        ("x[n] + 1 - z[n]", 10**6),
        ("1/(x[n] + 1 - z[n])", 10**6),
        ("exp(x[n] + 1 - z[n])", 2.7 * 10**6),
        ("sqrt(x[n] + 1 - z[n])", 0.5 * 10**6),
        ("(x[n] + 1 - z[n])*(x[n] - 1)", 10**12 - 10**6),
    ],
)
def test_errors_are_handed_on(text: str, made: float) -> None:
    """In units of the last place of 1, at x = z = 10⁶; a bound may count an operation twice."""
    layer = derive.parse(f"f(x[N], z[N]): y[n] = {text}")
    tensors = {name: Array((1,), (rounded(10**6),)) for name in ("x", "z")}
    error = error_of(evaluate(layer, tensors, arithmetic=ROUNDED)["y"].entries[0])
    assert made <= error <= 4 * made


# --- the cases -----------------------------------------------------------------------------------


def test_where_nothing_is_computed_entries_are_inside_the_domain_all_the_same() -> None:
    """A root of a negative variance is no number, although an empty sum of such is 0."""
    subject = subject_of(derive.layer("batchnorm", dims=0, training=False))
    empty = [c for c in drawn(subject, 60, 0) if c.sizes["N"] == 0 and c.sizes["C"] > 0]
    assert len(empty) >= 3
    for case in empty:
        least = -min(case.tensors["var"].entries)
        assert least < case.hyperparameters["eps"] or case.hyperparameters["eps"] < 0


def test_generated_code_is_tried_at_negative_reals_and_zero_and_with_all_sizes_zero() -> None:
    subject = subject_of(derive.layer("elu", dims=1))
    alphas = {case.hyperparameters["alpha"] for case in drawn(subject, 40, 0)}
    deltas = {
        case.hyperparameters["delta"]
        for case in drawn(subject_of(derive.layer("huber", dims=1)), 40, 0)
    }
    assert {1, -1, 0} <= alphas and 0 in deltas and min(deltas) == 0
    assert any(
        not any(case.sizes.values()) for case in drawn(subject_of(derive.layer("concat")), 9, 0)
    )


def test_a_function_of_somebody_else_is_not_tried_at_negative_reals() -> None:
    """PyTorch's huber demands delta > 0, and so may others."""
    layer = derive.layer("huber", dims=1)
    delta = layer.hyperparameters[0].symbol
    found = Domain(layer, frozenset([delta])).drawn(20, 0)
    assert found and all(values[delta] > 0 for values in found)


def test_what_complex_numbers_have_no_value_for_is_left_out() -> None:
    """x/(0·x²)^(−2) is x·0, and x/∞ in floats; NumPy's complex power is NaN there."""
    layer = derive.parse("f(x[N]; a=0.5, b=0.5): y[n] = x[n]/(a*x[n]^2)^b")
    subject, wanted = subject_of(layer), next(p for p in properties() if p.name == "complex steps")
    a, b = (h.symbol for h in layer.hyperparameters)
    values = Sizes(layer).completed({layer.sizes[0]: 2, a: Fraction(0), b: Fraction(-2)})
    assert values is not None
    truth = valued(subject, Filler(layer, subject.upstream).eighths(values))
    with pytest.raises(Skipped, match="complex numbers have no value"), np.errstate(all="ignore"):
        judged(wanted, Trial(code_of(numeric.compile(layer, target="arrays")), truth))


def test_a_size_that_just_does_not_do_must_be_refused() -> None:
    """Reflecting needs two entries: code that takes one is wrong."""
    layer = derive.layer("pad", dims=1, mode="reflect")
    subject = subject_of(layer)
    code = code_of(numeric.compile(layer, target="arrays"))

    def lax(x: Any) -> Any:
        return np.concatenate([x, x, x], axis=-1) if x.shape[-1] == 1 else code.forward(x=x)

    wanted = next(p for p in properties() if p.name == refusals.NAME)
    trials = [
        judged(wanted, Trial(LayerCode(lambda x: lax(x), code.backward), valued(subject, case)))
        for case in drawn(subject, 12, 0)
    ]
    assert any(trials)


def test_a_table_of_few_bits_means_the_same() -> None:
    """19 squared is no number of eight bits."""
    layer = derive.parse("f(t[N] int < C; C=3): y[n] = t[n]*t[n]")
    subject = subject_of(layer)
    code = code_of(numeric.compile(layer, target="arrays"))
    narrow = LayerCode(lambda t, C: (t * t).astype(np.int64), code.backward)
    wanted = next(p for p in properties() if p.name == types.NAME)
    truths = [valued(subject, case) for case in drawn(subject, 12, 0)]
    assert not any(judged(wanted, Trial(code, truth)) for truth in truths)
    assert any(judged(wanted, Trial(narrow, truth)) for truth in truths)
