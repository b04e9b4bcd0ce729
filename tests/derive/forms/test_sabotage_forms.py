"""Other data stand for another formula, or for none; what cannot be flipped is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sympy import Integer, Mul, Sum

import derive
from derive.engine.instances import FirstMaximum, Instance, Lookup, Mirrored, Slide
from derive.engine.rules.reindex import flip, flips
from derive.forms import definition_forms, sliding
from derive.forms.named import argmax, matrix_product, scatter
from derive.forms.sliding import define
from derive.language.normal_form import normal
from derive.language.terms import Divides, Index, total


def convolution() -> Instance:
    """∂L/∂x of a convolution with stride, padding and dilation, two axes of different sizes."""
    layer = derive.layer("conv", stride="s", padding="p", dilation="d")
    return derive.gradient(layer, "x").forms[0].instance


def turned(instance: Instance, **changes: Any) -> Instance:
    """The instance with the first sliding axis of its signal changed."""
    signal = instance.operand("signal")
    first = next(c for c in signal.coordinates if isinstance(c, Slide))
    axes = (replace(c, **changes) if c is first else c for c in signal.coordinates)
    return instance.changed("signal", tuple(axes))


def corrupted() -> Iterator[tuple[str, Instance]]:
    good = convolution()
    signal, kernel = good.operands
    first, second = signal.slides
    yield "factor", replace(good, factor=Integer(2))
    yield "sign", replace(good, kind="cross-correlation")
    yield "shift", turned(good, shift=first.shift + 1)
    yield "step", turned(good, step=Integer(2))
    yield "dilation", turned(good, spread=Integer(1))
    yield "stuffing", turned(good, stuffing=Integer(1))
    yield "padding", turned(good, padded=False)
    yield "result's axes", turned(good, result=second.result)
    yield "window's axes", turned(good, summed=second.summed)
    yield "swapped signal axes", good.changed("signal", signal.coordinates[::-1])
    yield "swapped kernel axes", good.changed("kernel", kernel.coordinates[::-1])
    flipped = (Mirrored(first.summed), second.summed)
    yield "flip", good.changed("kernel", flipped)
    yield "partial range", replace(good, summed=((first.summed, Integer(1)), *good.summed[1:]))
    yield "forgotten sum", replace(good, summed=good.summed[1:])
    yield "operands", replace(good, operands=(kernel, signal))
    yield "tensor", replace(good, operands=(replace(signal, tensor="h"), kernel))
    yield "result", replace(good, result=good.result[::-1])
    yield "sizes", replace(good, operands=(signal, replace(kernel, sizes=kernel.sizes[::-1])))


@pytest.mark.parametrize(("what", "wrong"), list(corrupted()))
def test_corrupted_data_stand_for_something_else(what: str, wrong: Instance) -> None:
    good = define(convolution())
    bad = define(wrong)
    assert good is not None
    assert bad is None or normal(bad) != normal(good), what


def test_corrupted_matrix_products() -> None:
    good = derive.gradient(derive.layer("linear"), "x").forms[0].instance
    left, right = good.operands
    formula = matrix_product.define(good)
    assert formula is not None
    for wrong in (
        good.changed("left", left.coordinates[::-1]),
        good.changed("right", right.coordinates[::-1]),
        good.changed("right", (right.coordinates[0], right.coordinates[0])),
        replace(good, factor=Integer(-1)),
        replace(good, summed=()),
    ):
        bad = matrix_product.define(wrong)
        assert bad is None or normal(bad) != normal(formula)


def test_corrupted_scatters() -> None:
    layer = derive.parse("f(w[V, D], t[N] int < V): y[n,d] = w[t[n],d]")
    good = derive.gradient(layer, "w").forms[0].instance
    assert scatter.define(good) is not None
    chosen, column = good.selection, good.result[1][0]
    assert isinstance(chosen, Lookup)
    assert scatter.define(replace(good, selection=Lookup(chosen.table, column))) is None
    assert scatter.define(replace(good, selection=None)) is None


def test_corrupted_maxima() -> None:
    layer = derive.parse("f(x[H, W]; s=2): y[r,c] = max[a<3,b<2] x[s*r+a,c+b]")
    good = derive.gradient(layer, "x").forms[0].instance
    chosen, (values,) = good.selection, good.operands
    assert argmax.define(good) is not None and isinstance(chosen, FirstMaximum)
    signal = chosen.signal
    turned_signal = replace(signal, coordinates=signal.coordinates[::-1])
    for wrong in (
        replace(good, selection=replace(chosen, signal=turned_signal)),
        replace(good, selection=replace(chosen, places=chosen.places[::-1])),
        replace(good, selection=replace(chosen, places=chosen.places[:1])),
        good.changed("values", values.coordinates[::-1]),
        replace(good, selection=None),
    ):
        assert argmax.define(wrong) is None


def test_maxima_along_another_axis() -> None:
    layer = derive.parse("f(x[N, N]): y[n] = max[c] x[n,c]")
    good = derive.gradient(layer, "x").forms[0].instance
    assert argmax.define(good) is not None and isinstance(good.selection, FirstMaximum)
    signal = good.selection.signal
    other = replace(signal, coordinates=signal.coordinates[::-1])
    assert argmax.define(replace(good, selection=replace(good.selection, signal=other))) is None


def test_groups_that_do_not_divide_the_channels_are_none() -> None:
    layer = derive.layer("conv", dims=1, channels=True, groups="G", bias=False)
    assert list(definition_forms(layer))
    sizes = tuple(c for c in layer.requirements if not isinstance(c, Divides))
    assert not list(definition_forms(replace(layer, requirements=sizes)))


def test_a_wrong_flip_gives_no_second_form(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = derive.layer("conv")
    assert len(derive.gradient(layer, "x").forms) == len(list(definition_forms(layer))) == 2
    monkeypatch.setattr(sliding, "flipped", lambda instance: instance)
    assert len(derive.gradient(layer, "x").forms) == len(list(definition_forms(layer))) == 1


def test_groups_must_agree() -> None:
    layer = derive.layer("conv", dims=1, channels=True, groups="G")
    good = derive.gradient(layer, "x").forms[0].instance
    assert define(good) is not None and good.same_group is not None
    for wrong in (
        replace(good, same_group=None),
        replace(good, same_group=(good.same_group[0], good.same_group[0])),
        replace(good, groups=None),
        replace(good, same_group=(good.same_group[0], good.result[0][0])),
    ):
        assert define(wrong) is None


# --- changing the variable of a sum ------------------------------------------------------------

a, b, c = map(Index, "abc")
ZERO, N = Integer(0), Integer(5)


def test_a_range_that_others_use_is_not_reversed() -> None:
    triangle = total(a + 2 * b, [(a, ZERO, N), (b, ZERO, a + 1)])
    assert flip(triangle, a) is None
    assert flip(triangle, b) is not None
    assert flip(triangle, c) is None
    assert flips(triangle, [b, a]) is None


def test_only_a_sum_is_reversed() -> None:
    assert flip(a + b, a) is None
    both = Mul(total(a, [(a, ZERO, N)]), total(b, [(b, ZERO, N)]))
    step = flip(both, b)
    assert step is not None and isinstance(step.old, Sum) and step.old.variables == [b]
    assert step.before == both and both.args[step.position[0]] == step.old
    assert step.after == Mul(total(a, [(a, ZERO, N)]), step.new)
