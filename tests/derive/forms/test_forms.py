"""A form is named only if the result really is that form, and its words leave nothing out."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr

import derive
from derive.engine.record import Derivation, Form
from derive.forms import FORMS, definition_forms
from derive.language.definition import Layer
from derive.language.normal_form import normal
from derive.language.terms import reads
from tests.derive.forms.instances_by_hand import entry
from tests.derive.forms.named_forms import CATALOG, NAMED
from tests.strategies import Inputs, from_layer
from tests.suites import every
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.exact import evaluate
from verify.evaluation.sizes import bindings, known


def forms_of(layer: Layer, what: str) -> tuple[Form, ...]:
    """The forms of a gradient, or of the layer's own equation."""
    if layer.tensor(what) is None:
        return tuple(definition_forms(layer))
    return derive.gradient(layer, what).forms


@pytest.mark.parametrize(("text", "what", "said"), NAMED)
def test_what_a_result_is_called(text: str, what: str, said: list[str]) -> None:
    assert [form.text for form in forms_of(derive.parse(text), what)] == said


@pytest.mark.parametrize("module", FORMS.names())
def test_a_form_s_own_definition_is_recognised(module: str) -> None:
    form_module = FORMS.get(module)
    form = next(definition_forms(derive.parse(form_module.DEFINITION)))
    assert normal(form_module.define(form.instance)) == normal(form.definition)


def upstream(layer: Layer, inputs: Inputs, derivation: Derivation) -> dict[str, Array]:
    """Distinct small integers for each upstream gradient."""
    outputs = evaluate(layer, inputs.arrays, inputs.hyperparameters)
    return {
        g: Array.build(outputs[y].shape, lambda *at: 1 + sum((k + 2) * i for k, i in enumerate(at)))
        for y, g in derivation.upstream
    }


def check(forms: tuple[Form, ...], layer: Layer, name: str, inputs: Inputs) -> None:
    """Each form's data, read independently, give every entry of the equation of that name."""
    arrays = inputs.arrays | evaluate(layer, inputs.arrays, inputs.hyperparameters)
    values = bindings(layer, inputs.arrays, inputs.hyperparameters)
    for form in forms:
        for at in indices_of(arrays[name].shape):
            told = entry(form.instance, at, arrays, lambda size: known(size, values))
            assert told == arrays[name][at], form.text


def check_all(layer: Layer, data: st.DataObject) -> None:
    inputs = data.draw(from_layer(layer))
    check(tuple(definition_forms(layer)), layer, layer.equations[-1].name, inputs)
    for tensor in layer.tensors:
        if tensor.integer or not reads(layer.expression, tensor.name):
            continue
        derivation = derive.gradient(layer, tensor.name)
        if derivation.forms:
            arrays = inputs.arrays | upstream(layer, inputs, derivation)
            more = Inputs(arrays, inputs.hyperparameters)
            check(derivation.forms, derivation.layer, derivation.adjoints[-1].name, more)


@pytest.mark.parametrize("text", sorted({text for text, _, said in NAMED if said}))
@settings(max_examples=4)
@given(st.data())
def test_the_data_give_the_result(text: str, data: st.DataObject) -> None:
    check_all(derive.parse(text), data)


@pytest.mark.parametrize("case", every(2, CATALOG))
@settings(max_examples=4)
@given(st.data())
def test_the_data_give_the_result_of_catalog_layers(
    case: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    name, options = case
    layer = derive.layer(name, **options)
    assert all(derive.gradient(layer, t.name).forms for t in layer.tensors)
    check_all(layer, data)


@st.composite
def nearly_forms(draw: st.DrawFn) -> str:
    """Products of one or two tensors read as forms read them, or not quite."""
    outputs = draw(st.sampled_from([["r < N"], ["r < N", "c < M"], ["c < M", "r < N"]]))
    sums = draw(st.sampled_from([[], ["a < N"], ["a < N", "b < M"], ["b < M", "a < N-1"]]))
    free, bound = ([r.split()[0] for r in ranges] for ranges in (outputs, sums))
    plain = [*free, *bound, *bound, *bound]
    moving = ["0", f"N-1-{free[0]}"]
    for i, t in product(free, bound):
        moving += [
            f"{i}+{t}",
            f"{i}-{t}",
            f"{i}-{t}",
            f"2*{i}+{t}",
            f"{i}-2*{t}+1",
            f"({i}-{t})/2",
        ]
    choices = {"x": [*moving, *moving, *plain], "k": [*plain, *plain, *plain, *moving]}
    tensors, factors = [], []
    for name in draw(st.sampled_from(["x", "xk", "xk"])):
        axes = draw(st.lists(st.sampled_from(choices[name]), min_size=1, max_size=2))
        sizes = [f"{'M' if {'b', 'c'} & set(axis) else 'N'} pad all" for axis in axes]
        tensors.append(f"{name}[{', '.join(sizes)}]")
        factors.append(f"{name}[{', '.join(axes)}]")
    factor = draw(st.sampled_from(["", "", "3*", f"[{free[0]} < 2]*"]))
    summed = f"sum[{', '.join(sums)}] " if sums else ""
    header = ", ".join([*tensors, "n[N]", "m[M]"])
    return f"f({header}): y[{', '.join(outputs)}] = {factor}{summed}{'*'.join(factors)}"


@given(nearly_forms(), st.data())
def test_the_data_give_the_result_of_generated_layers(text: str, data: st.DataObject) -> None:
    check_all(derive.parse(text), data)


def results(text: str, what: str) -> tuple[Expr, tuple[Form, ...]]:
    layer = derive.parse(text)
    if layer.tensor(what) is None:
        return layer.expression, tuple(definition_forms(layer))
    derivation = derive.gradient(layer, what)
    return derivation.result, derivation.forms


@pytest.mark.parametrize(("text", "what", "said"), [case for case in NAMED if case[2]])
def test_steps_lead_from_the_result_to_the_definition(
    text: str, what: str, said: list[str]
) -> None:
    result, forms = results(text, what)
    assert [f.text for f in forms] == said
    for form in forms:
        ends = [result, *(s.after for s in form.steps)]
        assert [s.before for s in form.steps] == ends[:-1]
        assert normal(ends[-1]) == normal(form.definition)


def test_rearrangements_are_chains() -> None:
    layer = derive.layer("conv_transpose", dims=1, channels=True, groups="G", stride="s")
    form = derive.gradient(layer, "k").form
    assert form is not None
    assert [s.rule for s in form.steps] == ["a small number's quotient", "a guard fixes an index"]
    assert all(one.after == other.before for one, other in pairwise(form.steps))
    assert all(c.holds for s in form.steps for c in s.conditions)
