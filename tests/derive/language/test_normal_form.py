"""Shuffled terms, factors and indices reach the same normal form."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr

import derive
from derive.language.definition import Layer
from derive.language.normal_form import normal
from derive.language.terms import Index, replace

HEAD = "f(x[N, H pad all, W pad all], k[K1, K2], b[]):\n    y[n, r < H, c < W] = "
FACTORS = ["x[n, r+{a}, c+{b}]", "k[{a}, {b}]", "x[n, r, c]", "[r <= {a}]"]
TERMS = ["b[]", "2*x[n, r, c]^2", "sum"]


@st.composite
def shuffled(draw: st.DrawFn) -> str:
    """One and the same layer, written in another order with other bound indices."""
    a, b = draw(st.sampled_from([("a", "b"), ("u", "v"), ("b", "a"), ("a'", "i")]))
    factors = draw(st.permutations(FACTORS))
    ranges = draw(st.permutations([f"{a} < K1", f"{b} < K2"]))
    body = "*".join(factors).format(a=a, b=b)
    total = f"sum[{', '.join(ranges)}] {body}"
    terms = [total if t == "sum" else t for t in draw(st.permutations(TERMS))]
    return HEAD + " + ".join(terms)


REFERENCE = derive.parse(
    HEAD + "b[] + 2*x[n, r, c]^2 + sum[a < K1, b < K2] x[n, r+a, c+b]*k[a, b]*x[n, r, c]*[r <= a]"
)


def entry(layer: Layer, wrt: str) -> Expr:
    """The normal form of a gradient's entry at p0, p1, …"""
    derivation = derive.gradient(layer, wrt)
    names = {i: Index(f"p{n}") for n, i in enumerate(derivation.target.indices)}
    return normal(replace(derivation.result, dict(names)))  # type: ignore[no-any-return]


@settings(max_examples=settings.default.max_examples // 2)
@given(shuffled())
def test_shuffled_layers_agree(text: str) -> None:
    layer = derive.parse(text)
    assert normal(layer.expression) == normal(REFERENCE.expression)
    for wrt in ("x", "k", "b"):
        assert entry(layer, wrt) == entry(REFERENCE, wrt)


def test_different_sums_differ() -> None:
    one = derive.parse("y[r] = sum[a] x[r+a]*k[a]").expression
    other = derive.parse("y[r] = sum[a] x[r+2*a]*k[a]").expression
    assert normal(one) != normal(other)


def test_many_indices_of_one_role() -> None:
    names = "abcdefgh"
    ranges = ", ".join(f"{n} < 2" for n in names)
    there = "*".join(f"x[{n}, {m}]" for n, m in zip(names, names[1:] + names[:1], strict=True))
    back = "*".join(f"x[{m}, {n}]" for n, m in zip(names, names[1:] + names[:1], strict=True))
    one, other = (derive.parse(f"f(x[2, 2]):\n    y[] = sum[{ranges}] {e}") for e in (there, back))
    assert normal(one.expression) == normal(other.expression)
