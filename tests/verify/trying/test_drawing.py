"""Drawn cases are such that mistakes show."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import derive
import numeric
from benchmarks.mutation.layers import layer
from numeric.examination import code_of, subject_of
from verify.trying.case import Filler
from verify.trying.drawing import drawn
from verify.trying.emitted.examination import judged
from verify.trying.properties import properties
from verify.trying.subject import LayerCode, LayerUnderTest, Skipped
from verify.trying.trial import Trial
from verify.trying.truth import Truth


@pytest.mark.parametrize(("name", "outputs"), [("conv2", 2), ("avgpool2", 2), ("maxpool1", 1)])
def test_most_outputs_are_longer_than_one(name: str, outputs: int) -> None:
    """Of one row nothing is seen of the stride, nor of the room behind the last one."""
    made = layer(name)
    cases = drawn(subject_of(made), 100, 0)[:100]
    sizes = [made_size for made_size, _ in made.definitions]
    assert len(sizes) == outputs
    lengths = [[case.values[size] for size in sizes] for case in cases]
    assert sum(all(n > 1 for n in row) for row in lengths) > 60
    assert sum(1 in row for row in lengths) >= 5
    assert sum(all(case.values[s] for s in made.sizes) for case in cases) > 70


def lrn_of_nothing() -> Truth:
    """y = x·0⁰, whose derived gradient has 0 to the power −1."""
    made = derive.layer("lrn", dims=0, size="K")
    subject = subject_of(made)
    values = {h.symbol: 1 if h.name == "K" else Fraction(0) for h in made.hyperparameters}
    values |= dict.fromkeys(made.sizes, 2)
    return Truth(subject, Filler(made, subject.upstream).eighths(values))


def ordinary(subject: LayerUnderTest) -> Truth:
    """A drawn case in which every size is more than 1."""
    cases = drawn(subject, 40, 0)
    return Truth(subject, next(c for c in cases if all(n > 1 for n in c.sizes.values())))


def test_code_is_not_blamed_where_the_gradient_has_no_value() -> None:
    truth = lrn_of_nothing()
    code = code_of(numeric.compile(truth.layer, target="arrays"))
    assert truth.has_values and not truth.has_derivatives
    for one in properties():
        if not one.applies(truth.layer):
            with np.errstate(all="ignore"):
                try:
                    assert judged(one, Trial(code, truth)) is None, one.name
                except Skipped:
                    continue


def test_code_is_blamed_for_no_number_where_the_gradient_has_a_value() -> None:
    made = derive.layer("lrn", dims=0)
    subject = subject_of(made)
    truth = ordinary(subject)
    kernel = numeric.compile(made, target="arrays")
    wrong = LayerCode(kernel.forward, lambda g, **given: {"x": np.full_like(given["x"], np.nan)})
    loops = next(one for one in properties() if one.name == "fast = loops")
    assert truth.has_derivatives and judged(loops, Trial(wrong, truth)) is not None


def test_what_is_defined_is_not_refused_by_a_single_gradient() -> None:
    made = layer("linear")
    subject = subject_of(made)
    right = code_of(numeric.compile(made))

    def backward(g: object, wrt: object = None, **given: object) -> object:
        if wrt == ["w"]:
            raise ValueError("expected anything else, requires more, must be other: x, w, b, g")
        return right.backward(g, wrt=wrt, **given)

    truth = ordinary(subject)
    refusals = next(one for one in properties() if one.name == "refusals")
    assert judged(refusals, Trial(LayerCode(right.forward, right.backward), truth)) is None
    assert judged(refusals, Trial(LayerCode(right.forward, backward), truth)) is not None
