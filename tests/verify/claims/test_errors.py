"""What is no claim: every message says what is wrong, where, and what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
import verify
from derive.language.notation import NotationError

CONV = derive.layer("conv")
TABLE = derive.parse("embedding(w[V, D], t[N] int < V): y[n, d] = w[t[n], d]")
MIDDLE = derive.parse("layer(x[N]): m = (sum[i] x[i])/N; y[i] = x[i] - m")

#: claim, what is said, what is underlined (empty: not checked), the hint
ERRORS = [
    ("dL/dx[p,q] sum[a,b] g[p-a,q-b]", "left-hand side and a =", "", "dL/dx[p, q] = …"),
    ("", "left-hand side and a =", "", "dL/dx[p, q] = …"),
    ("dL/dz[p,q] = 0", "z is no tensor of the layer", "z", "the inputs of conv are: x, k"),
    ("dL/dy[p,q] = g[p,q]", "y is computed by the layer", "y", "the inputs of conv are: x, k"),
    ("dM/dx[p,q] = 0", "there is no loss M", "M", "the loss is L"),
    ("dL/dx[p] = 0", "the left-hand side has 1, but x[H, W] needs 2 indices", "x[p]", "dL/dx"),
    ("dL/dx = 0", "the left-hand side has 0, but x[H, W] needs 2 indices", "x", "dL/dx[p, q]"),
    ("dL/dx[p,q,r] = 0", "needs 2 indices", "x[p,q,r]", "dL/dx[p, q] = …"),
    ("dy[r,c]/dx[p] = 0", "need 4 indices", "", ""),
    ("dL/dx[p,p] = 0", "stands twice", "p", "another letter"),
    ("dL/dx[p < H, q] = 0", "p runs over the whole axis", "p < H", "write p alone"),
    ("dL/dx[0, q] = 0", "no range of an index", "0", ""),
    ("dL/dx[H, q] = 0", "H is a size", "H", "another name"),
    ("x[p,q] = g[p,q]", "x is an input", "x[p,q]", "dL/dx[p, q] = …"),
    ("u[p,q] = g[p,q]", "conv has no output u", "u[p,q]", "or what the layer computes: y"),
    ("L/x[p,q] = 0", "this is no derivative", "L/x[p,q]", "dL/dx[p, q] = …"),
    ("dL/dx[p,q] = sum[a,b] g[p-a]*k[a,b]", "g has 2 indices, not 1", "g[p-a]", ""),
    ("dL/dx[p,q] = sum[a,b] h[p-a,q-b]*k[a,b]", "there is no tensor h", "h[p-a,q-b]", "x, k, g"),
    ("dL/dx[p,q] = sum[a,b] g[p-a,q-c]*k[a,b]", "c is not known here", "c", ""),
    ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a b]", "cannot read 'b'", "b", ""),
    ("dL/dx[p,q] = sum[a,b] g[p-a,q-b]k[a,b]", "", "", ""),
    ("dL/dx[p,q] = sum[p,b] g[p,q-b]*k[p,b]", "the index p is already used", "p", ""),
    ("dL/dx[p,q] = g[p,q]; dL/dk[a,b] = 0", "", "", ""),
    ("dL/dx[p,q] = sum[a] g[p,q]", "infinitely many terms", "a", "a < size"),
    ("dL/dx[p,q] = sum[a] exp(k[a+1,0])", "infinitely many terms", "a", "a < size"),
    ("dL/dx[p,q] = max[a] k[a,0]", "must be written in a maximum", "a", "a < size"),
    ("dL/dx[p,q] = g[p/0,q]", "division by zero", "0", ""),
    ("dL/dx[p,q] = g[p,q]*inf", "inf cannot be calculated with", "inf", ""),
    ("dL/dx[p,q] = g[p,q]//2", "// is for integers", "", ""),
    ("layer(x[N]): y[i] = x[i]", "", "", ""),
    ("dL/dx[p,q] = ?", "the character '?' means nothing here", "?", ""),
]


@pytest.mark.parametrize(("text", "message", "marked", "hint"), ERRORS)
def test_an_error_says_what_where_and_what_instead(
    text: str, message: str, marked: str, hint: str
) -> None:
    with pytest.raises(NotationError) as caught:
        verify.claim(CONV, text)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    assert error.text == text
    if marked:
        assert text[slice(*error.span)] == marked
        assert "^" * len(marked) in str(error)


def test_there_is_no_gradient_by_a_table() -> None:
    with pytest.raises(NotationError, match="t holds integers"):
        verify.claim(TABLE, "dL/dt[n] = 0")


def test_a_layer_of_several_equations_has_no_single_local_derivative() -> None:
    with pytest.raises(NotationError, match="several equations"):
        verify.claim(MIDDLE, "dy[i]/dx[j] = [i == j]")


def test_the_loss_of_a_gradient_layer_has_a_number() -> None:
    second = derive.gradient(derive.layer("matmul"), "A").layer
    assert verify.claim(second, "dL2/dg[i,j] = sum[k] g2[i,k]*B[k,j]").word == "checked"
    with pytest.raises(NotationError, match="there is no loss L"):
        verify.claim(second, "dL/dg[i,j] = 0")


WORDS = [
    "dL/dx", "dL/dk", "∂L/∂x", "dy[r,c]/d", "[", "]", "(", ")", "p", "q", "a", "b", "g", "k", "x",
    "y", "sum", "max", "argmax", "if", "then", "else", " = ", "==", "<", "<=", "+", "-", "*", "/",
    "//", "%", "^", ",", ";", ":", "0", "1", "2", "H", "K1", "R", "exp", "inf", " ", "\n", "’", "∂",
    "delta", "divides", "not", "and", "where", "pad", "#",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=25).map("".join))
@settings(max_examples=150)
def test_no_text_ends_in_a_traceback(text: str) -> None:
    try:
        verify.claim(CONV, text)
    except NotationError as error:
        assert str(error)


@given(
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join),
    st.sampled_from(
        [
            "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*k[a,b]",
            "dL/dk[a,b] = sum[r,c] g[r,c]*x[r+a,c+b]",
            "dy[r,c]/dx[p,q] = k[p-r,q-c]",
        ]
    ),
    st.integers(0, 60),
)
@settings(max_examples=150)
def test_no_broken_claim_ends_in_a_traceback(piece: str, text: str, place: int) -> None:
    try:
        verify.claim(CONV, text[:place] + piece + text[place + len(piece) // 2 :])
    except NotationError as error:
        assert str(error)
