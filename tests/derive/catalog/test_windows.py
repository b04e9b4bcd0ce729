"""Padding and pooling of the catalog, by plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod

import pytest

import derive
from derive.catalog import OptionError
from verify.evaluation.arrays import Array, indices_of
from verify.evaluation.exact import evaluate
from verify.evaluation.samples import sample

Pairs = Sequence[tuple[int, int]]
Numbers = Sequence[int]


def entry(array: Array, place: Sequence[int]) -> Fraction:
    """An entry, 0 outside the array."""
    inside = all(0 <= i < n for i, n in zip(place, array.shape, strict=True))
    return Fraction(array[tuple(place)]) if inside else Fraction(0)


# --- padding ------------------------------------------------------------------------------------


def convolved(x: Array, k: Array, s: Numbers, d: Numbers, pads: Pairs) -> Array:
    axes = list(zip(x.shape, k.shape, s, d, pads, strict=True))
    shape = tuple(max(0, (n + sum(p) - e * (m - 1) - 1) // t + 1) for n, m, t, e, p in axes)

    def at(*r: int) -> Fraction:
        return sum(
            (
                k[a]
                * entry(
                    x,
                    [t * i + e * b - p[0] for i, b, t, e, p in zip(r, a, s, d, pads, strict=True)],
                )
                for a in indices_of(k.shape)
            ),
            Fraction(0),
        )

    return Array.build(shape, at)


def transposed(x: Array, k: Array, s: Numbers, d: Numbers, pads: Pairs, extra: int) -> Array:
    """Every entry of x adds its multiple of the kernel to a stretch of the output."""
    axes = list(zip(x.shape, k.shape, s, d, pads, strict=True))
    shape = tuple(max(0, (n - 1) * t - sum(p) + e * (m - 1) + extra + 1) for n, m, t, e, p in axes)
    found = dict.fromkeys(indices_of(shape), Fraction(0))
    for i, a in product(indices_of(x.shape), indices_of(k.shape)):
        place = tuple(t * h + e * b - p[0] for h, b, t, e, p in zip(i, a, s, d, pads, strict=True))
        if place in found:
            found[place] += x[i] * k[a]
    return Array(shape, tuple(found.values()))


PADS: list[Pairs] = [[(0, 1), (2, 0)], [(1, 2), (0, 0)], [(2, 1), (1, 1)]]


@pytest.mark.parametrize("pads", PADS)
@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_asymmetric_padding(pads: Pairs, stride: tuple[int, int], dilation: int) -> None:
    x, k = sample((5, 4), 0), sample((2, 3), 1)
    options: dict[str, object] = {"padding": pads, "stride": stride, "dilation": dilation}
    d = (dilation, dilation)
    conv = derive.layer("conv", **options)
    assert evaluate(conv, {"x": x, "k": k})["y"] == convolved(x, k, stride, d, pads)
    transpose = derive.layer("conv_transpose", **options, output_padding=1)
    assert evaluate(transpose, {"x": x, "k": k})["y"] == transposed(x, k, stride, d, pads, 1)


@pytest.mark.parametrize("pads", PADS)
def test_transposed_convolution_is_the_gradient_of_the_convolution(pads: Pairs) -> None:
    conv = derive.layer("conv", stride=2, padding=pads)
    x, k = sample((5, 6), 0), sample((2, 3), 1)
    g = sample(evaluate(conv, {"x": x, "k": k})["y"].shape, 2)
    gradient = evaluate(derive.gradient(conv, "x").layer, {"x": x, "k": k, "g": g})["dx"]
    rest = [(n + sum(p) - m) % 2 for n, m, p in zip(x.shape, k.shape, pads, strict=True)]
    transpose = derive.layer("conv_transpose", stride=2, padding=pads, output_padding=rest)
    assert evaluate(transpose, {"x": g, "k": k})["y"] == gradient


@pytest.mark.parametrize("name", ["conv", "conv_transpose", "avgpool"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_same_padding_keeps_the_size(name: str, kernel: int) -> None:
    layer = derive.layer(name, dims=1, channels=False, padding="same", stride=1, kernel_size=kernel)
    given = {"x": sample((5,), 0), "k": sample((kernel,), 1)}
    inputs = {t.name: given[t.name] for t in layer.tensors}
    assert evaluate(layer, inputs)["y"].shape == (5,)
    symbolic = derive.layer(name, dims=1, channels=False, padding="same", stride=1)
    assert symbolic.shape("y") == symbolic.shape("x")


def test_same_padding_is_one_longer_behind_where_it_is_odd() -> None:
    x, k = sample((4,), 0), sample((2,), 1)
    same, pairs = (derive.layer("conv", dims=1, padding=p) for p in ("same", [(0, 1)]))
    assert evaluate(same, {"x": x, "k": k}) == evaluate(pairs, {"x": x, "k": k})


@pytest.mark.parametrize("name", ["conv", "conv_transpose", "avgpool"])
def test_valid_padding_is_none(name: str) -> None:
    assert derive.layer(name, padding="valid") == derive.layer(name, padding=0)


@pytest.mark.parametrize("stride", [(1, 2), "s"])
def test_same_padding_of_a_transposed_convolution_needs_stride_1(stride: object) -> None:
    with pytest.raises(OptionError, match="padding 'same' needs stride 1"):
        derive.layer("conv_transpose", padding="same", stride=stride)


@pytest.mark.parametrize("name", ["conv", "conv_transpose", "avgpool"])
def test_symbolic_padding_on_two_sides(name: str) -> None:
    layer = derive.layer(name, dims=1, padding=[("p", "after")])
    assert {"p", "after"} <= {h.name for h in layer.hyperparameters}
    assert all(h.minimum == 0 for h in layer.hyperparameters if h.name in ("p", "after"))
    numbers = derive.layer(name, dims=1, padding=[(1, 0)], kernel_size=2)
    named = derive.layer(name, dims=1, padding=[("p", "after")], kernel_size=2)
    given = {"x": sample((1, 1, 4), 0), "k": sample((2,), 1)}
    if name != "avgpool":
        given["x"] = sample((4,), 0)
    inputs = {t.name: given[t.name] for t in named.tensors}
    assert evaluate(named, inputs, {"p": 1, "after": 0}) == evaluate(numbers, inputs)


def test_a_dilation_in_the_padding_is_still_at_least_one() -> None:
    layer = derive.layer("conv", dilation="d", padding="same")
    assert [(h.name, h.minimum) for h in layer.hyperparameters] == [("d", 1)]


# --- average pooling, as PyTorch documents it -----------------------------------------------------


def pooled_length(n: int, k: int, s: int, pad: tuple[int, int], ceil_mode: bool) -> int:
    """Windows that would start in the padding behind the image are ignored."""
    length = (n + sum(pad) - k + (s - 1 if ceil_mode else 0)) // s + 1
    while ceil_mode and length > 0 and (length - 1) * s >= n + pad[0]:
        length -= 1
    return max(0, length)


def pooled(x: Array, k: Numbers, s: Numbers, pads: Pairs, ceil: bool, include: bool) -> Array:
    axes = list(zip(x.shape, k, s, pads, strict=True))

    def at(*r: int) -> Fraction:
        starts = [i * t - p[0] for i, (_, _, t, p) in zip(r, axes, strict=True)]
        ends = [min(b + m, n + p[1]) for b, (n, m, _, p) in zip(starts, axes, strict=True)]
        inside = [
            range(max(b, 0), min(e, n)) for b, e, n in zip(starts, ends, x.shape, strict=True)
        ]
        lengths = [e - b for b, e in zip(starts, ends, strict=True)]
        count = prod(lengths if include else map(len, inside))
        return sum((Fraction(x[place]) for place in product(*inside)), Fraction(0)) / count

    return Array.build(tuple(pooled_length(n, m, t, p, ceil) for n, m, t, p in axes), at)


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("count_include_pad", [False, True])
@pytest.mark.parametrize(
    ("kernel", "stride", "pads"),
    [
        *(((k,), (s,), [(p, p)]) for k in (1, 2, 3) for s in (1, 2, 4) for p in range(k // 2 + 1)),
        ((4,), (3,), [(2, 1)]),
        ((4,), (2,), [(0, 2)]),
        ((2, 3), (2, 2), [(1, 1), (1, 1)]),
        ((3, 2), (2, 3), [(1, 1), (0, 0)]),
        ((3, 2), (1, 2), [(0, 1), (1, 0)]),
        ((2, 3, 2), (2, 2, 3), [(1, 1), (0, 0), (1, 1)]),
    ],
)
def test_average_pooling(
    kernel: Numbers, stride: Numbers, pads: Pairs, ceil_mode: bool, count_include_pad: bool
) -> None:
    dims = len(kernel)
    layer = derive.layer(
        "avgpool",
        dims=dims,
        channels=False,
        kernel_size=kernel,
        stride=stride,
        padding=[p for p, _ in pads] if all(p == q for p, q in pads) else pads,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    shapes = [(n,) for n in range(1, 8)] if dims == 1 else [(3, 4, 2)[:dims], (4, 5, 3)[:dims]]
    for shape in shapes:
        x = sample(shape, 0)
        expected = pooled(x, kernel, stride, pads, ceil_mode, count_include_pad)
        assert evaluate(layer, {"x": x})["y"] == expected, shape


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("count_include_pad", [False, True])
def test_average_pooling_with_symbols(ceil_mode: bool, count_include_pad: bool) -> None:
    layer = derive.layer(
        "avgpool",
        dims=1,
        stride="s",
        padding="p",
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    for k, s, p, n in [(2, 1, 1, 3), (3, 2, 1, 4), (3, 4, 0, 6), (4, 3, 2, 5)]:
        x = sample((n,), 0)
        expected = pooled(x, (k,), (s,), [(p, p)], ceil_mode, count_include_pad)
        y = evaluate(layer, {"x": Array((1, 1, n), x.entries)}, {"K": k, "s": s, "p": p})["y"]
        assert y.entries == expected.entries


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("count_include_pad", [False, True])
@pytest.mark.parametrize("padding", [1, [(0, 1), (1, 0)]])
def test_gradient_of_average_pooling(
    padding: object, ceil_mode: bool, count_include_pad: bool
) -> None:
    """The pool is linear in x, so the sum of g·y is the sum of ∂L/∂x·x."""
    layer = derive.layer(
        "avgpool",
        channels=False,
        kernel_size=(2, 3),
        stride=2,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    x = sample((4, 3), 0)
    y = evaluate(layer, {"x": x})["y"]
    g = sample(y.shape, 1)
    dx = evaluate(derive.gradient(layer, "x").layer, {"x": x, "g": g})["dx"]
    assert sum(g[i] * y[i] for i in indices_of(y.shape)) == sum(
        dx[i] * x[i] for i in indices_of(x.shape)
    )


def test_the_stride_of_a_pool_is_its_kernel_size() -> None:
    for options in ({}, {"kernel_size": 3}, {"kernel_size": ("K", 2)}):
        text = derive.layer("avgpool", **options).text
        assert "s1" not in text and "s2" not in text
    x = sample((1, 1, 6), 0)
    layer = derive.layer("avgpool", dims=1, kernel_size=3)
    assert evaluate(layer, {"x": x})["y"].shape == (1, 1, 2)


@pytest.mark.parametrize(
    ("padding", "kernel"), [(1, 1), (2, 3), ((1, 2), (2, 3)), ([(0, 2), (0, 0)], 3)]
)
def test_a_pool_is_padded_by_at_most_half_its_kernel(padding: object, kernel: object) -> None:
    with pytest.raises(OptionError, match="at most half the kernel size"):
        derive.layer("avgpool", padding=padding, kernel_size=kernel)


@pytest.mark.parametrize(
    ("options", "requirement"),
    [
        ({"padding": "p"}, "2*p <= K"),
        ({"padding": 2}, "4 <= K"),
        ({"padding": "p", "kernel_size": 3}, "2*p <= 3"),
        ({"padding": [(1, 2)]}, "4 <= K"),
        ({"padding": [(1, "q")]}, "2 <= K, 2*q <= K"),
        ({"padding": 1, "count_include_pad": False}, "2 <= K, 1 <= H"),
    ],
)
def test_symbolic_padding_of_a_pool_is_a_requirement(
    options: dict[str, object], requirement: str
) -> None:
    layer = derive.layer("avgpool", dims=1, **options)
    assert f" where {requirement}:" in layer.text


def test_a_pool_that_its_requirements_exclude_is_not_evaluated() -> None:
    x = sample((1, 1, 4), 0)
    layer = derive.layer("avgpool", dims=1, padding="p", count_include_pad=False)
    with pytest.raises(ValueError, match=r"requires 2\*p <= K"):
        evaluate(layer, {"x": x}, {"K": 3, "p": 2})
    with pytest.raises(ValueError, match="requires 1 <= H"):
        evaluate(layer, {"x": Array((1, 1, 0), ())}, {"K": 2, "p": 1})
