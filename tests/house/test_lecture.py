"""The lecture's results, exactly (rows 1-10 of docs/lecture.md)."""

from __future__ import annotations

import pytest
from sympy import Integer

import derive
from derive.forms import definition_forms
from derive.language.normal_form import normal
from derive.language.terms import Between, Entry, Index, Iverson, Size, total

ZERO = Integer(0)
r, c, a, b = map(Index, "rcab")
r_, c_, a_, b_ = (Index(f"{n}'") for n in "rcab")
K1, K2, R, C = map(Size, ("K1", "K2", "R", "C"))


def same(found: object, expected: object) -> bool:
    return normal(found) == normal(expected)  # type: ignore[arg-type]


def test_definition() -> None:
    layer = derive.layer("conv")
    expected = total(Entry("x", r + a, c + b) * Entry("k", a, b), [(a, ZERO, K1), (b, ZERO, K2)])
    assert same(layer.expression, expected)
    assert [str(s) for s in layer.outputs[0].sizes] == ["H - K1 + 1", "-K2 + W + 1"]
    assert all(decision.holds for decision in layer.conditions)


def test_kernel_gradient_is_the_cross_correlation_of_x_with_g() -> None:
    d = derive.gradient(derive.layer("conv"), wrt="k")
    expected = total(Entry("g", r, c) * Entry("x", a_ + r, b_ + c), [(r, ZERO, R), (c, ZERO, C)])
    assert same(d.result, expected)
    assert d.form is not None
    assert (d.form.name, d.form.text) == ("cross-correlation", "cross-correlation of x with g")


def test_input_gradient_is_the_full_convolution_of_g_with_k() -> None:
    d = derive.gradient(derive.layer("conv"), wrt="x")
    guards = Iverson(Between(ZERO, r_ - a, R)) * Iverson(Between(ZERO, c_ - b, C))
    expected = total(
        guards * Entry("g", r_ - a, c_ - b) * Entry("k", a, b), [(a, ZERO, K1), (b, ZERO, K2)]
    )
    assert same(d.result, expected)
    full, flipped = d.forms
    assert full.text == "full convolution of g with k"
    assert flipped.text == ("cross-correlation of g zero-padded by (K1−1, K2−1) with the flipped k")
    assert [step.rule for step in flipped.steps] == ["reindex (flip)"] * 2
    assert same(flipped.steps[0].before, d.result)
    assert same(flipped.steps[-1].after, flipped.definition)


def test_the_derivation_is_the_lecturers() -> None:
    rules = [step.rule for step in derive.gradient(derive.layer("conv"), wrt="x").steps]
    assert rules == [
        "chain rule",
        "insert the definition",
        "linearity over Σ",
        "constant factor",
        "derivative of an entry",
        "exchange sums",
        "collapse δ",
        "collapse δ",
    ]


def test_correlation_and_convolution_are_dual() -> None:
    correlation, convolution = definition_forms(derive.layer("conv"))
    assert correlation.text == "cross-correlation of x with k"
    assert convolution.text == "convolution of x with the flipped k"


@pytest.mark.parametrize("stride", [2, "s"])
def test_stride_stuffs_the_gradient_with_zeros(stride: int | str) -> None:
    layer = derive.layer("conv", stride=stride, padding="p", dilation="d")
    by_x, by_k = derive.gradient(layer, "x"), derive.gradient(layer, "k")
    assert by_x.form is not None and by_k.form is not None
    assert by_x.form.name == "convolution of the zero-stuffed gradient"
    assert by_x.form.text == (
        f"convolution of zero-stuffed g (stride {stride}) with k dilated by d, cropped by p"
    )
    assert by_k.form.name == "dilated cross-correlation"
    assert by_k.form.text == (
        f"cross-correlation of zero-padded x with g dilated by {stride}, read with stride d"
    )


@pytest.mark.parametrize("dims", [1, 2, 3, 4])
def test_channels_groups_and_bias_in_any_dimension(dims: int) -> None:
    layer = derive.layer(
        "conv", dims=dims, channels=True, stride="s", padding="p", dilation="d", groups="G"
    )
    names = {"x": "convolution of the zero-stuffed gradient", "k": "dilated cross-correlation"}
    for wrt, name in names.items():
        form = derive.gradient(layer, wrt).form
        assert form is not None and form.name == name
    bias = derive.gradient(layer, "b").form
    assert bias is not None and bias.name == "reduction"


def test_fully_connected_layer_is_matrix_products() -> None:
    layer = derive.layer("linear")
    texts = {w: derive.gradient(layer, w).forms[0].text for w in ("x", "w", "b")}
    assert texts == {
        "x": "matrix product g·w",
        "w": "matrix product gᵀ·x",
        "b": "sum of g over n",
    }


def test_one_by_one_convolution_is_matrix_products() -> None:
    layer = derive.layer("conv", channels=True, kernel_size=1, bias=False)
    for wrt in ("x", "k"):
        form = derive.gradient(layer, wrt).form
        assert form is not None and form.name == "matrix product"


def test_second_derivative() -> None:
    first = derive.gradient(derive.layer("conv"), wrt="x")
    second = derive.gradient(first.layer, wrt="k")
    assert second.upstream == (("dx", "g2"),)
    assert second.form is not None and second.form.name == "cross-correlation"
