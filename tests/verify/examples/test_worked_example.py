"""The worked example: its matrix, its comparison, and how it looks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Pow, Rational

import derive
from derive.engine.record import Adjoint, Derivation
from derive.language.definition import Layer
from derive.language.terms import Choose, Entry, Index, Less, Size, total
from tests.derive.language.handmade import N, Z, equation, i, layer, lecture_conv
from tests.telling import text as in_text
from verify.evaluation.arrays import Array
from verify.evaluation.polynomials import Polynomial
from verify.evaluation.samples import shapes_from
from verify.examples.cells import Names, polynomial_text
from verify.examples.reporting import told
from verify.examples.worked_example import NotLinear, WorkedExample, worked_example

SHAPES = {"x": (4, 4), "k": (2, 2)}

X = """\
Worked example for ∂L/∂x: x 3×3, k 2×2 → y 2×2

Which entries of y one entry of x reaches, with which weights:

  x00      meets k    reaches y
  ■ · ·    ■ ·        k00  ·
  · · ·    · ·         ·   ·
  · · ·

  x11      meets k    reaches y
  · · ·    ■ ■        k11 k10
  · ■ ·    ■ ■        k01 k00
  · · ·

  x22      meets k    reaches y
  · · ·    · ·         ·   ·
  · · ·    · ■         ·  k11
  · · ■

As a matrix product: vec(y) = T·vec(x), with T =

    T  x00 x01 x02 x10 x11 x12 x20 x21 x22
  y00  k00 k01  ·  k10 k11  ·   ·   ·   ·
  y01   ·  k00 k01  ·  k10 k11  ·   ·   ·
  y10   ·   ·   ·  k00 k01  ·  k10 k11  ·
  y11   ·   ·   ·   ·  k00 k01  ·  k10 k11

The gradient twice, for k, g =

  k        g
   4  1     0 −3
  −3  3     4 −1

  ∂L/∂x = Tᵀ·vec(g)    ∂L/∂x by the derived formula
    0 −12  −3            0 −12  −3
   16   9 −10           16   9 −10
  −12  15  −3          −12  15  −3

Equal in all 9 entries.
"""


def render_text(example: WorkedExample) -> str:
    return in_text(told(example))


def affine_layer() -> tuple[Layer, Derivation]:
    """y[i] = x[i]/2 + b[i], differentiated by x."""
    written = Entry("x", i) * Rational(1, 2) + Entry("b", i)
    forward = layer({"x": (N,), "b": (N,)}, equation("y", (i,), (N,), written))
    p = Index("i'")
    result = Entry("g", p) * Rational(1, 2)
    gradient = layer({"x": (N,), "b": (N,), "g": (N,)}, equation("dx", (p,), (N,), result))
    adjoint = Adjoint(Entry("x", p), "dx", (), result)
    return forward, Derivation(forward, "x", (("y", "g"),), (adjoint,), (), gradient)


def test_the_whole_picture() -> None:
    example = worked_example(lecture_conv()[0], {"x": (3, 3), "k": (2, 2)})
    assert render_text(example) == X


def test_the_matrix_is_the_layer_and_its_transpose_the_gradient() -> None:
    for derivation in lecture_conv():
        example = worked_example(derivation, SHAPES)
        assert len(example.matrix) == 9
        assert not example.differences
        assert not example.affine
        entry = Polynomial.unknown("k", (1, 0))
        if example.wrt == "x":
            row, column = example.outputs.index(("y", (1, 1))), example.inputs.index(("x", (2, 1)))
            assert example.matrix[row][column] == entry


@pytest.mark.parametrize(
    ("name", "options", "size", "kernel"),
    [
        ("conv", {"stride": 2, "padding": 1}, "5x4", "3x3"),
        ("conv", {"channels": True, "groups": 2, "dilation": 2}, "2x4x4", "4x1x2x2"),
        ("conv_transpose", {"dims": 1, "stride": 3}, "3", "2"),
        ("avgpool", {"kernel_size": 3, "stride": 2, "padding": 1}, "5x5", None),
        ("matmul", {}, "2x3", "3x2"),
        ("linear", {}, "2x3", "4x3"),
    ],
)
def test_the_catalog(name: str, options: dict[str, object], size: str, kernel: str | None) -> None:
    layer = derive.layer(name, **options)
    for tensor in layer.tensors:
        derivation = derive.gradient(layer, tensor.name)
        example = worked_example(derivation, shapes_from(layer, size, kernel))
        assert not example.differences
        text = render_text(example)
        assert max(map(len, text.splitlines())) <= 80
        assert f"Equal in all {len(example.inputs)} entries." in text


def test_the_slice_that_is_reached_is_drawn() -> None:
    layer = derive.layer("conv", channels=True)
    shapes = shapes_from(layer, "4x4", "2x1x2x2")
    text = render_text(worked_example(derive.gradient(layer, "b"), shapes))
    assert "b1     reaches y[0,1,·,·]\n  · ■    1 1 1" in text
    text = render_text(worked_example(derive.gradient(layer, "x"), shapes))
    assert "x0000      meets k[0,0,·,·] and 1 more    reaches y[0,0,·,·] and 1 more" in text


def test_a_wrong_formula_is_shown() -> None:
    right, _ = lecture_conv()
    wrong = replace(
        right,
        layer=replace(
            right.layer,
            equations=(
                replace(right.layer.equations[0], explicit=right.layer.equations[0].explicit * 2),
            ),
        ),
    )
    example = worked_example(wrong, SHAPES)
    assert example.differences[0] == (0, 1)
    assert "DIFFERENT in 14 of 16 entries, first at x[0, 1]: -12 by Tᵀ·vec(g), -24 by" in (
        render_text(example)
    )


def test_a_bias_is_not_in_the_matrix() -> None:
    _, derivation = affine_layer()
    example = worked_example(derivation, {"x": (2,), "b": (2,)})
    assert example.affine
    assert example.matrix[0] == (Polynomial.of(Fraction(1, 2)), Polynomial.of(0))
    assert "vec(y) = T·vec(x) + (what does not contain x)" in render_text(example)


@pytest.mark.parametrize(
    "written",
    [
        Entry("x", i) ** 2,
        Pow(Entry("x", i), -1),
        Choose(Less(Z, Entry("x", i)), Entry("x", i), Z),
    ],
)
def test_what_is_not_linear_is_refused(written: object) -> None:
    _, derivation = affine_layer()
    curved = layer({"x": (N,), "b": (N,)}, equation("y", (i,), (N,), written))  # type: ignore
    with pytest.raises(NotLinear, match="no worked example: layer is no"):
        worked_example(replace(derivation, source=curved), {"x": (2,), "b": (2,)})


def test_it_fits_the_width_and_says_what_is_left_out() -> None:
    for derivation in lecture_conv():
        text = render_text(worked_example(derivation, {"x": (7, 6), "k": (3, 2)}))
        assert max(map(len, text.splitlines())) <= 80
    text = render_text(worked_example(lecture_conv()[0], {"x": (7, 6), "k": (3, 2)}))
    assert "(25×42 in all: here the first 16 rows and 18 columns)" in text


def test_empty_outputs_are_no_accident() -> None:
    text = render_text(worked_example(lecture_conv()[0], {"x": (1, 2), "k": (2, 2)}))
    assert "y 0×1" in text
    assert "Equal in all 2 entries." in text


def test_what_is_too_large_is_refused() -> None:
    for size in (1000, 40):
        with pytest.raises(ValueError, match="choose smaller sizes"):
            worked_example(lecture_conv()[0], {"x": (size, size), "k": (2, 2)})


def test_shapes_from_the_command_line() -> None:
    source = lecture_conv()[0].source
    assert shapes_from(source, "4x5", "2x3") == {"x": (4, 5), "k": (2, 3)}
    assert shapes_from(source, "4×5", None) == {"x": (4, 5), "k": (1, 1)}
    channels, height = Size("C"), Size("H")
    deep = layer(
        {"x": (N, channels, height), "k": (channels, Size("K"))},
        equation("y", (), (), total(Entry("x", Z, Z, i), [(i, Z, height)])),
    )
    assert shapes_from(deep, "5", "3x2") == {"x": (1, 3, 5), "k": (3, 2)}
    for size, message in [("4y4", "written like 4x4"), ("2x4x4", "x has 2 axes"), ("-1", "4x4")]:
        with pytest.raises(ValueError, match=message):
            shapes_from(source, size, None)


def test_names_and_formulas() -> None:
    names = Names({"k": (2, 11), "x": (3,), "w1": (2,), "b": ()})
    assert names(("k", (1, 10))) == "k[1,10]"
    assert names(("x", (2,))) == "x2"
    assert names(("w1", (0,))) == "w1[0]"
    assert names(("b", ())) == "b"
    x, b = Polynomial.unknown("x", (2,)), Polynomial.unknown("b", ())
    assert polynomial_text(x * b * Fraction(3, 4) + x * -1 + 2, names) == "2+3·b·x2/4−x2"
    assert polynomial_text(Polynomial.of(Fraction(-1, 2)), names) == "−1/2"
    assert polynomial_text(Polynomial.of(0), names) == "·"


def test_polynomials_are_numbers() -> None:
    x, y = Polynomial.unknown("x", (0,)), Polynomial.unknown("y", ())
    assert (x + y) * (x + -1 * y) == x**2 + -1 * y**2
    assert (x * y + 3 * x).derivative(("x", (0,))) == y + 3
    assert (x * y).at({"x": Array.of([5]), "y": Array.of(7)}) == 35
    assert (x + -1 * x).terms == {}
