"""Shuffled terms, factors and indices reach the same normal form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import derive
from derive.normal import normal

HEAD = "f(x[N, H, W], k[K1, K2], b[]):\n    y[n, r < H - K1 + 1, c < W - K2 + 1] = "
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


@given(shuffled())
def test_shuffled_layers_agree(text: str) -> None:
    layer = derive.parse(text)
    assert normal(layer.expression) == normal(REFERENCE.expression)
    for wrt in ("x", "k", "b"):
        found = derive.gradient(layer, wrt).result
        assert normal(found) == normal(derive.gradient(REFERENCE, wrt).result)


def test_different_sums_differ() -> None:
    one = derive.parse("y[r] = sum[a] x[r+a]*k[a]").expression
    other = derive.parse("y[r] = sum[a] x[r+2*a]*k[a]").expression
    assert normal(one) != normal(other)
