"""How generated code treats its arguments: dtypes, memory, shapes, names, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import derive
import numeric
from numeric.kernel import Kernel
from tests.numeric.cases import DESIGN, TARGETS, integers, sampled

Arrays = dict[str, np.ndarray]

CONV = derive.layer("conv", channels=True, stride=2, padding=1, groups=2)
SHAPES = {"x": (2, 4, 5, 4), "k": (6, 2, 3, 2), "b": (6,)}
RNG = np.random.default_rng(0)


def arrays(dtype: Any = np.float64) -> Arrays:
    return {name: RNG.integers(-9, 9, shape).astype(dtype) for name, shape in SHAPES.items()}


def everything(kernel: Kernel, given: Arrays, **options: Any) -> Arrays:
    """The output and all gradients, for an upstream gradient of ones."""
    y = kernel.forward(**given, **options)
    return {"y": y, **kernel.backward(np.ones_like(y), **given, **options)}


# --- memory -------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_views_and_read_only_arrays_are_as_good_as_others(target: str) -> None:
    kernel, given = numeric.compile(CONV, target=target), arrays()
    expected = everything(kernel, given)
    odd = {}
    for name, array in given.items():
        wide = np.zeros([2 * n for n in array.shape])
        odd[name] = wide[tuple(slice(None, None, 2) for _ in array.shape)]
        odd[name][...] = array
        odd[name] = odd[name][::-1][::-1]
        odd[name].flags.writeable = False
    odd["k"] = np.asfortranarray(odd["k"])
    odd["k"].flags.writeable = False
    found = everything(kernel, odd)
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("text", [text for text, *_ in DESIGN.values()], ids=list(DESIGN))
def test_inputs_are_left_alone_and_no_result_shares_memory_with_them(
    text: str, target: str
) -> None:
    layer = derive.parse(text)
    _, shapes, parameters = DESIGN[layer.name if layer.name in DESIGN else layer.name[:-1]]
    inputs = sampled(layer, shapes, parameters)
    given = {name: integers(a) for name, a in inputs.arrays.items()}
    given = {n: a if n == "t" else a.astype(float) for n, a in given.items()}
    before = {name: array.copy() for name, array in given.items()}
    kernel = numeric.compile(layer, target=target)
    y = kernel.forward(**given, **parameters)
    g = np.ones_like(y)
    results = [y, *kernel.backward(g, **given, **parameters).values()]
    assert (g == 1).all()
    for name, array in given.items():
        np.testing.assert_array_equal(array, before[name])
    for result in results:
        assert not any(np.shares_memory(result, array) for array in (*given.values(), g))


def test_results_that_are_mere_rearrangements_are_copies_too() -> None:
    for text in (
        "y[i, j] = x[j, i]",
        "f(x[H]): y[i < H] = x[i]",
        "f(x[H]): y[i < H, j < 3] = x[i]",
        "f(x[N, C]): y[m < N*C] = x[m//C, m%C]",
        "y[i] = x[2*i]",
    ):
        layer = derive.parse(text)
        x = np.arange(12.0).reshape((4, 3) if len(layer.shape("x")) == 2 else (12,))
        y = numeric.compile(layer).forward(x=x)
        assert not np.shares_memory(x, y), text
        y += 1  # and may be written to
        g = np.ones_like(y)
        assert not np.shares_memory(g, numeric.compile(layer).backward(g, x=x)["x"]), text


# --- dtypes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32"])
def test_results_have_the_dtype_of_the_tensors(dtype: str, target: str) -> None:
    """Sums of products leave the integers alone."""
    found = everything(numeric.compile(CONV, target=target), arrays(dtype))
    assert {a.dtype.name for a in found.values()} == {dtype}


def test_float32_never_passes_through_float64() -> None:
    """Also where indices and sizes meet the values."""
    layer = derive.layer("avgpool", kernel_size=3, padding=1, count_include_pad=False)
    x = RNG.standard_normal((1, 2, 7, 6)).astype(np.float32)
    found = everything(numeric.compile(layer), {"x": x})
    assert {a.dtype.name for a in found.values()} == {"float32"}


def test_integers_become_floats_where_the_layer_divides() -> None:
    layer = derive.layer("avgpool", kernel_size=2)
    y = numeric.compile(layer).forward(x=np.arange(16).reshape(1, 1, 4, 4))
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y[0, 0], [[2.5, 4.5], [10.5, 12.5]])


def test_mixed_dtypes_give_the_common_one() -> None:
    given = arrays(np.float32)
    given["k"] = given["k"].astype(np.float64)
    assert numeric.compile(CONV).forward(**given).dtype == np.float64


def test_lists_and_numbers_are_as_good_as_arrays() -> None:
    kernel = numeric.compile(derive.parse("y[] = sum[i] x[i]^2"))
    assert kernel.forward(x=[1, 2]) == 5
    assert kernel.backward(2, x=[1, 2])["x"].tolist() == [4, 8]
    found = kernel.backward(0.5, x=np.ones(3, np.float32))["x"]
    assert (found.dtype, found.tolist()) == (np.float32, [1, 1, 1])


def test_a_fixed_dtype_refuses_every_other() -> None:
    kernel = numeric.compile(CONV, dtype="float32")
    assert kernel.forward(**arrays("float32")).dtype == np.float32
    given = arrays("float32")
    given["k"] = given["k"].astype(np.float64)
    with pytest.raises(ValueError, match="k: expected dtype float32, given float64"):
        kernel.forward(**given)
    y = kernel.forward(**arrays("float32"))
    with pytest.raises(ValueError, match="g: expected dtype float32, given float64"):
        kernel.backward(y.astype(float), **arrays("float32"))


def test_a_fixed_dtype_leaves_tables_alone() -> None:
    layer = derive.parse(DESIGN["cross_entropy"][0])
    kernel = numeric.compile(layer, dtype="float32")
    y = kernel.forward(x=np.ones((2, 3), np.float32), t=np.array([0, 2]))
    assert y.dtype == np.float32
    assert y == pytest.approx(np.log(3))


def test_tensors_must_hold_numbers_and_tables_integers_in_range() -> None:
    layer = derive.parse(DESIGN["cross_entropy"][0])
    kernel = numeric.compile(layer)
    x = np.ones((2, 3))
    with pytest.raises(ValueError, match="tensors must hold numbers"):
        kernel.forward(x=x.astype(str), t=[0, 1])
    with pytest.raises(ValueError, match="t is a table of integers, but its dtype is float64"):
        kernel.forward(x=x, t=[0.0, 1.0])
    with pytest.raises(ValueError, match=r"t holds 3; its entries must be in 0 … 2"):
        kernel.forward(x=x, t=[0, 3])
    with pytest.raises(ValueError, match=r"t holds -1"):
        kernel.forward(x=x, t=[0, -1])


# --- shapes, names and hyperparameters ----------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_wrong_shapes_are_named_with_what_was_expected_and_given(target: str) -> None:
    kernel, given = numeric.compile(CONV, target=target), arrays()
    cases = {
        "x": (np.ones((4, 5, 4)), r"x: expected shape \(N, C, H, W\), given \(4, 5, 4\)"),
        "k": (np.ones((6, 4, 3, 2)), r"k: expected shape .* = \(6, 2, 3, 2\), given \(6, 4,"),
        "b": (np.ones(5), r"b: expected shape \(O\) = \(6,\), given \(5,\)"),
    }
    for name, (wrong, message) in cases.items():
        with pytest.raises(ValueError, match=message):
            kernel.forward(**{**given, name: wrong})
    y = kernel.forward(**given)
    with pytest.raises(ValueError, match=r"g: expected shape .*, given"):
        kernel.backward(y[:1], **given)
    with pytest.raises(ValueError, match="requires 2 divides C, which fails for C = 3"):
        kernel.forward(**{**given, "x": np.ones((1, 3, 5, 4))})


def test_a_size_that_only_a_group_tells() -> None:
    """Without a bias, O occurs as O//G alone; G is required to divide it."""
    layer = derive.layer("conv_transpose", dims=1, channels=True, bias=False, groups="G")
    kernel = numeric.compile(layer)
    given = {"x": np.ones((1, 4, 2)), "k": np.ones((4, 3, 1))}
    assert kernel.forward(**given, G=2).shape == (1, 6, 2)
    with pytest.raises(ValueError, match=r"g: expected shape .* = \(1, 6, 2\), given \(1, 5, 2\)"):
        kernel.backward(np.ones((1, 5, 2)), **given, G=2)


def test_unknown_and_missing_names_are_named() -> None:
    kernel, given = numeric.compile(CONV), arrays()
    y = kernel.forward(**given)
    with pytest.raises(ValueError, match="conv has no 'w'; it takes: x, k, b"):
        kernel.forward(w=given["k"], **given)
    with pytest.raises(ValueError, match="conv needs the tensor b"):
        kernel.forward(x=given["x"], k=given["k"])
    with pytest.raises(ValueError, match="there is no gradient by 'w'; there are: x, k, b"):
        kernel.backward(y, wrt="w", **given)
    with pytest.raises(ValueError, match="backward needs the upstream gradient g"):
        kernel.backward(**given)
    with pytest.raises(ValueError, match="there is no target 'fortran'; there are: arrays,"):
        numeric.compile(CONV, target="fortran")


def test_hyperparameters_are_checked() -> None:
    layer = derive.layer("conv", channels=True, stride="s", padding="p", groups="G", bias=False)
    kernel = numeric.compile(layer)
    given = {"x": np.ones((1, 2, 4, 4)), "k": np.ones((2, 2, 2, 2))}
    assert kernel.forward(**given).shape == (1, 2, 3, 3)
    assert kernel.forward(**given, s=np.int64(2), p=1).shape == (1, 2, 3, 3)
    with pytest.raises(ValueError, match="s must be at least 1, not 0"):
        kernel.forward(**given, s=0)
    with pytest.raises(ValueError, match=r"s must be an integer, not 1\.5"):
        kernel.forward(**given, s=1.5)
    with pytest.raises(ValueError, match="p must be at least 0, not -1"):
        kernel.forward(**given, p=-1)
    with pytest.raises(ValueError, match="requires G divides C"):
        kernel.forward(**given, G=3)


def test_a_name_or_a_text_is_no_layer() -> None:
    with pytest.raises(TypeError, match=r"given str 'conv': derive\.layer\('conv'\) makes one"):
        numeric.compile("conv")
    with pytest.raises(TypeError, match=r"expected a layer, .*derive\.parse\('y\[i\] = x\[i\]'\)"):
        numeric.code("y[i] = x[i]")


@pytest.mark.parametrize("target", TARGETS)
def test_a_function_of_a_number_makes_nothing_wider(target: str) -> None:
    layer = derive.parse("y[i] = x[i]*sigmoid(2) + erf(1/3)")
    y = numeric.compile(layer, target=target).forward(x=np.ones(3, np.float32))
    assert y.dtype == np.float32


def test_several_outputs_are_a_dictionary() -> None:
    layer = derive.parse("f(x[H]):\n    y[i < H] = 2*x[i]\n    z[i < H] = x[i]^2")
    kernel = numeric.compile(layer)
    x = np.array([1, 2, 3])
    found = kernel.forward(x=x)
    assert {name: a.tolist() for name, a in found.items()} == {"y": [2, 4, 6], "z": [1, 4, 9]}
    g = {"y": np.array([1, 0, 1]), "z": np.array([0, 1, 1])}
    assert kernel.backward(g, x=x)["x"].tolist() == [2, 4, 8]
    with pytest.raises(ValueError, match="one array"):
        kernel.backward(g["y"], x=x)


def test_a_second_compilation_costs_nothing() -> None:
    layer = derive.layer("conv", channels=True, stride=2)
    assert numeric.compile(layer).source is numeric.compile(layer).source
