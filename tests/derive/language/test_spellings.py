"""Other ways to write the same: what people type, and what was refused although it is right."""

from __future__ import annotations

import pytest

import derive
from derive.catalog.options import OptionError
from derive.language.notation import NotationError
from derive.language.terms import RealParameter

#: a text and one that means the same
SAME = [
    ("y[i] = Σ_{j<J} A[i, j]·x[j]", "y[i] = sum[j] A[i, j]*x[j]"),
    ("y[i] = Σ[j] A[i, j]·x[j]", "y[i] = sum[j] A[i, j]*x[j]"),
    ("y[i] = ∑_{j<J} A[i, j]×x[j]", "y[i] = sum[j] A[i, j]*x[j]"),
    ("y = max_{a<K} x[a]", "layer(x[K]): y = max[a] x[a]"),
    ("y[i] = x[i]²", "y[i] = x[i]^2"),
    ("y[i] = x[i]¹²·x[i]⁻¹", "y[i] = x[i]^12/x[i]"),
    ("f(x[N]): y[i] = N²·x[i]", "f(x[N]): y[i] = N^2*x[i]"),
    ("f(x[N]): y[r] = x[⌊r/2⌋]", "f(x[N]): y[r] = x[r//2]"),
    ("f(x[N]): y[r] = x[floor(r/2)]", "f(x[N]): y[r] = x[r//2]"),
    ("f(x[N]): y[r < N] = x[⌊3·r/4⌋]*[r=0]", "f(x[N]): y[r < N] = x[3*r//4]*[r==0]"),
    ("f(x[N]): y[i] = [i mod 2 = 0]·x[i]", "f(x[N]): y[i] = [i % 2 == 0]*x[i]"),
    ("f(x[N]): y[i] = [2 ∣ i]·x[i]", "f(x[N]): y[i] = [2 divides i]*x[i]"),
    ("f(x[N]): y[i] = [2 | i]·x[i]", "f(x[N]): y[i] = [2 divides i]*x[i]"),
    ("f(x[N]): y[i] = [2 ∤ i]·x[i]", "f(x[N]): y[i] = [not (2 divides i)]*x[i]"),
    ("f(x[N]): y[i] = |x[i]| − |2·x[i]|", "f(x[N]): y[i] = abs(x[i]) - abs(2*x[i])"),
    ("f(x[N]): y[i] = √x[i] + √(x[i]+1)", "f(x[N]): y[i] = sqrt(x[i]) + sqrt(x[i]+1)"),
    ("f(x[N]): y[i] = σ(x[i])", "f(x[N]): y[i] = sigmoid(x[i])"),
    ("f(x[N]): y[i] = ln(x[i])·π", "f(x[N]): y[i] = log(x[i])*pi"),
    ("f(x[N]): y[i] = e^x[i]", "f(x[N]): y[i] = exp(x[i])"),
    ("f(x[N]): y[i] = if i≥1 then x[i] else −∞", "f(x[N]): y[i] = if i >= 1 then x[i] else -inf"),
    ("f(x[N pad all by −∞]): y[i < N] = x[i]", "f(x[N pad all by -inf]): y[i < N] = x[i]"),
    (
        "f(x[N]): y = Σ_{i<N} [i = argmax_{j<N} x[j]]·x[i]",
        "f(x[N]): y = sum[i] [i == argmax[j] x[j]]*x[i]",
    ),
    (
        "f(x[H,W]): y = Σ_{i<H, j<W} [(i, j) = argmax_{a<H, b<W} x[a, b] and i ≠ 0]·x[i, j]",
        "f(x[H,W]): y = sum[i,j] [(i, j) == argmax[a, b] x[a, b] and i != 0]*x[i, j]",
    ),
    ("f(x[N]): y[i < 2] = [i < N]*[i < N]*x[i]", "f(x[N]): y[i < 2] = [i < N]*x[i]"),
    ("f(x[N]): y[i < 2] = ([i < N]*x[i])^2", "f(x[N]): y[i < 2] = [i < N]*x[i]^2"),
    ("f(x[N]): y[i < 2] = 3*([i < N]*x[i])**3", "f(x[N]): y[i < 2] = 3*[i < N]*x[i]^3"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "usual"), SAME)
def test_means_the_same(text: str, usual: str) -> None:
    assert derive.parse(text) == derive.parse(usual)
    assert derive.parse(derive.parse(text).text) == derive.parse(usual)


@pytest.mark.parametrize(
    "body",
    [
        "[u[i] < M]*k[u[i]]*w[i]",
        "(if u[i] < M then k[u[i]] else 0)*w[i]",
        "([u[i] < M]*k[u[i]])^2*w[i]",
        "[u[i] < M and 0 < i]*k[M-1-u[i]]*w[i-1]",
        "(if u[i] >= M then 0 else k[u[i]])*w[i]",
        "max[a < 2] [a + u[i] < M]*k[u[i] + a]",
    ],
)
def test_a_guard_on_an_entry_of_a_table_is_used(body: str) -> None:
    layer = derive.parse(f"f(w[N], u[N] int < N, k[M]): y[i < N] = {body}")
    assert all(d.holds for d in layer.conditions)


@pytest.mark.parametrize(
    "body", ["[0 < x[i]]*[x[i] < 1]*k[i]", "[x[i] < M]*k[i]", "[u[i+1] < M]*k[u[i+1]]"]
)
def test_no_other_guard_is_relied_upon(body: str) -> None:
    with pytest.raises(NotationError, match="read outside"):
        derive.parse(f"f(x[N], u[N] int < N, k[M]): y[i < N] = {body}")


def test_a_tensor_and_a_hyperparameter_have_different_names() -> None:
    for text in ("f(x[N], u[N] int < N; u real): y[i] = x[i]", "f(x[N]; x=2): y[i] = x[i]"):
        with pytest.raises(NotationError, match="is a tensor and a hyperparameter"):
            derive.parse(text)


@pytest.mark.parametrize("default", ["1.0", "0.0", "-2.0", "3.50", "1/2", "1e", "2"])
def test_a_decimal_point_means_a_real_number(default: str) -> None:
    if default == "1e":
        with pytest.raises(NotationError):
            derive.parse(f"elu(x[N]; alpha={default}): y[i] = alpha*x[i]")
        return
    layer = derive.parse(f"elu(x[N]; alpha={default}): y[i] = alpha*x[i]")
    assert isinstance(layer.hyperparameters[0].symbol, RealParameter) == (default != "2")
    assert derive.parse(layer.text) == layer


def test_a_real_default_is_printed_as_one() -> None:
    layer = derive.parse("elu(x[N]; alpha=1.0, kappa real = 2, n=1): y[i] = n*kappa*alpha*x[i]")
    assert "alpha=1.0, kappa=2.0, n=1)" in str(layer)


@pytest.mark.parametrize("word", ["same", "SAME", "Same", "valid", "VALID", "Valid"])
@pytest.mark.parametrize("name", ["conv", "conv_transpose", "maxpool", "avgpool"])
def test_words_of_padding_whatever_their_case(name: str, word: str) -> None:
    def built(padding: str) -> object:
        try:
            return derive.layer(name, dims=1, padding=padding, **options)
        except OptionError as error:
            return str(error)

    options = {"stride": 1} if name in ("maxpool", "avgpool") else {}
    assert built(word) == built(word.lower())


def test_a_word_of_padding_is_no_name_of_another_option() -> None:
    with pytest.raises(OptionError, match="word of the notation"):
        derive.layer("conv", stride="SAME")
