"""Layers as data: the order of their equations."""

from __future__ import annotations

import pytest

import derive
from derive.language.terms import Entry
from tests.derive.language.handmade import N, equation, i, layer


def test_equations_come_after_those_they_read() -> None:
    text = "f(x[N]): z[i] = 2*y[i]; y[i] = m[i]*m[i]; m[i] = 3*x[i]"
    assert [e.name for e in derive.parse(text).ordered] == ["m", "y", "z"]


def test_equations_that_are_equal_but_for_their_names_are_kept_apart() -> None:
    text = "f(x[N]): a[i] = x[i]; b[i] = x[i]; y[i] = a[i] + b[i]"
    assert [e.name for e in derive.parse(text).ordered] == ["a", "b", "y"]


def test_equations_that_read_each_other_have_no_order() -> None:
    """The notation refuses such a text; a layer built by hand says so too."""
    first = equation("a", (i,), (N,), Entry("b", i))
    second = equation("b", (i,), (N,), Entry("a", i))
    third = equation("c", (i,), (N,), Entry("x", i))
    with pytest.raises(ValueError, match="layer has equations that read each other: a, b"):
        _ = layer({"x": (N,)}, first, second, third).ordered
    with pytest.raises(ValueError, match="read each other: a"):
        _ = layer({"x": (N,)}, equation("a", (i,), (N,), Entry("a", i))).ordered
