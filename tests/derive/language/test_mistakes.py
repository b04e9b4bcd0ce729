"""What people write who think in LaTeX, NumPy or Python: the caret, and the sentence that helps."""

from __future__ import annotations

import pytest

import derive
from derive.language.notation import NotationError
from derive.language.notation.claims import parse_claim

PRODUCT = "sum[j] A[i, j]*x[j]"

#: a text, the place of the caret between ‹ and ›, and part of what is to be written instead
LAYERS = [
    (r"y_i = ‹\sum›_j A_{ij} x_j", "sum[j] for"),
    (r"‹$›y = \frac{1}{N} x$", "a/b for"),
    (r"y[i] = x[i] ‹\cdot› k[i]", "a*b for"),
    ("y[i] = ‹A_{›ij}", "A[i, j] for"),
    ("‹ij,j->i›", "y[i] = sum[j] A[i, j]*x[j]"),
    ("‹ij,jk->ik›", "y[i, k] = sum[j] A[i, j]*x[j, k]"),
    ("‹i,i->›", "y = sum[i] A[i]*x[i]"),
    ("y = ‹np.einsum›('ij,j->i', A, x)", PRODUCT),
    ("y = A ‹@› x", PRODUCT),
    ("y[i] = A[i, j] ‹@› x[j]", PRODUCT),
    ("y = ‹np.dot›(A, x)", PRODUCT),
    ("y = ‹torch.matmul›(A, x)", PRODUCT),
    ("y[i] = ‹np.exp›(x[i])", "write exp(x[i])"),
    ("y[i] = ‹torch.nn.functional.relu›(x[i])", "write relu(x[i])"),
    ("y[i] = ‹np.maximum›(x[i], 0)", "write max(a, b)"),
    ("y = A‹.T›", "A[j, i]"),
    ("y[i] = ‹mean›[j] A[i, j]", "x[i]/N"),
    ("y = ‹prod›[i] x[i]", "exp(sum[i] log(x[i]))"),
    ("y[i] = ‹min›[j] x[i, j]", "-(max[i] (-x[i]))"),
    ("y[i] = ‹argmax›[j] x[i, j]", "[i == argmax[j] x[j]]"),
    ("y[i] = ‹mean(x[i])›", "x[i]/N"),
    ("y[i] = ‹softmax(x[i])›", "exp(x[i])/(sum[j] exp(x[j]))"),
    ("y[i] = ‹Exp(x[i])›", "did you mean 'exp'"),
    ("y[i] = ‹ReLU(x[i])›", "did you mean 'relu'"),
    ("y[i] = ‹sigmod(x[i])›", "did you mean 'sigmoid'"),
    ("y[i] = A[i,j] ‹x[j]›", "write A[i,j]*x[j]"),
    ("y[i] = sum[j] A[i,j] ‹x[j]›", "write A[i,j]*x[j]"),
    ("y[i] = 2‹x[i]›", "write 2*x[i]"),
    ("y = 2 ‹x[0]›", "write 2*x[0]"),
    ("y[i] = x[i]‹(›k[i] + 1)", "x[i]*(k[i] + 1)"),
    ("y[i] = (x[i] + 1)‹(›k[i] + 1)", "x[i]*(k[i] + 1)"),
    ("y[i] = exp(x[i]) ‹k[i]› + 2", "*k[i]"),
    ("f(x[N,C], m[N]): y[c] = sum[n] x[n,c] - m[‹n›]", "sum over n ended at the minus"),
    ("f(x[N], m[]): y = sum[‹n›] m - x[n]", "the body in parentheses"),
    ("y = sum[i] x[i] + k[‹i›]", "sum over i ended at the +"),
    ("y = ‹sum(›x[i])", "sum[i] x[i]"),
    ("y = ‹sum_j› x[j]", "sum[j] x[j]"),
    ("y = ‹Σ_j› x[j]", "sum[j] x[j]"),
    ("y = ‹sum x›[j]", "sum[i] x[i]"),
    ("y‹(i)› = x(i)", "y[i] ="),
    ("y[i‹][›j] = x[i][j]", "x[i, j]"),
    ("y[i] ‹==› x[i]", "y[i] = 2*x[i]"),
    ("y[i] ‹:=› x[i]", "y[i] = 2*x[i]"),
    ("y[i] = x[i] ‹if› x[i] > 0 else 0", "if x[i] > 0 then"),
    ("y[i] = x[i] ‹> 0 ?› x[i] : 0", "if x[i] > 0 then"),
    ("y[i] = ‹(x[i] > 0)›*x[i]", "[x[i] > 0]*x[i]"),
    ("y[i] = [0 < i ‹&&› i < 3]*x[i]", "and, or, not"),
    ("y[i] = x[‹...›, i]", "name every index"),
    ("y[‹:›] = x[:]", "name every index"),
    ("‹for› i in range(N): y[i] = x[i]", "needs no loop"),
    ("‹def› f(x): return x", "write an equation"),
    ("y[i] = ‹{›x[i]}", "write ( and )"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "hint"), LAYERS)
def test_layers(marked: str, hint: str) -> None:
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(NotationError) as caught:
        derive.parse(text)
    check(caught.value, marked, hint)


def check(error: NotationError, marked: str, hint: str) -> None:
    assert hint in error.hint, str(error)
    assert error.span == (marked.index("‹"), marked.index("›") - 1), str(error)


#: the same for claims about conv (x, k) or linear (x, w, b)
CLAIMS = [
    ("conv", "dL/dx[p,q] = sum[a,b] ‹dL›/dy[p-a,q-b]*k[a,b]", "called g: write g[p, q]"),
    ("conv", "dL/dx[p,q] = sum[a,b] ‹∂L/∂y›[p-a,q-b]*k[a,b]", "called g"),
    ("conv", "dL/dx[p,q] = sum[a,b] ‹dout[p-a,q-b]›*k[a,b]", "called g: write g[p, q]"),
    ("conv", "dL/dx[p,q] = sum[a,b] ‹dy[p-a,q-b]›*k[a,b]", "called g: write g[p, q]"),
    ("conv", "dL/dx[p,q] = sum[a,b] ‹grad_output[p-a,q-b]›*k[a,b]", "called g"),
    ("conv", "dL/dx[p,q] = sum[a,b] g[p-a,q-b]*‹W[a,b]›", "write k, as conv calls it"),
    ("conv", "dL/d‹W›[p,q] = sum[a,b] g[p-a,q-b]*x[a,b]", "write k, as conv calls it"),
    ("linear", "‹db[o]› = sum[n] g[n,o]", "write dL/db[p] = …"),
    ("linear", "‹dx[n,i]› = sum[o] g[n,o]*w[o,i]", "write dL/dx[p, q] = …"),
    ("linear", "‹grad_w[o,i]› = sum[n] g[n,o]*x[n,i]", "write dL/dw[p, q] = …"),
    ("linear", "dL/dw[o,i] = sum[n] g[n,o]*‹X[n,i]›", "write x, as linear calls it"),
    ("linear", "dL/dx[n,i] = sum[o] g[n,o]*‹weight[o,i]›", "write w, as linear calls it"),
    ("linear", "dL/d‹bias›[o] = sum[n] g[n,o]", "write b, as linear calls it"),
    ("linear", "dL/dx[n,i] = sum[o] g[n,o] ‹w[o,i]›", "write g[n,o]*w[o,i]"),
    ("linear", "dL/dx[n,i] = g ‹@› w", "write the indices"),
    ("linear", "dL/dx[n,i] = sum[o] g[n,o] - w[‹o›,i]", "ended at the minus"),
]


@pytest.mark.parametrize(("name", "marked", "hint"), CLAIMS)
def test_claims(name: str, marked: str, hint: str) -> None:
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(NotationError) as caught:
        parse_claim(text, derive.layer(name), {"y": "g"})
    check(caught.value, marked, hint)


def test_a_range_that_a_claim_leaves_open_is_the_one_that_the_layer_infers() -> None:
    layer = derive.parse("f(x[N, C]): y[n, c] = exp(x[n, c])/(sum[j] exp(x[n, j]))")
    text = "dL/dx[n, c] = g[n, c]*exp(x[n, c])/(sum[j{}] exp(x[n, j]))"
    open_range = parse_claim(text.format(""), layer, {"y": "g"})
    assert open_range.body == parse_claim(text.format(" < C"), layer, {"y": "g"}).body


def test_comments_explain_nothing() -> None:
    with pytest.raises(NotationError) as caught:
        derive.parse(r"y[i] = x[i # is it \sum_j {x}?")
    assert "too early" in caught.value.message
