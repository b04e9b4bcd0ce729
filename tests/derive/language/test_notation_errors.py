"""What the notation refuses: the message, the place, and what to write instead."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.language.notation import NotationError, parse_layer

#: text (the place of the error between ‹ and ›), part of the message, part of the hint
ERRORS = [
    ("y[i] = sum[‹j›] x[i+j]", "range of j must be written", "sum[j < N]"),
    ("f(x[H], k[K]): y[r < H] = sum[a] ‹x[r+a]›*k[a]", "K = 2, r = 0, a = 1 reads x[1]", "pad"),
    ("y[r] = x[r] + ‹x[r-1]›", "R = 1, r = 0 reads x[-1]", "guard"),
    ("y[i,‹i›] = x[i]", "twice", "i == j"),
    ("f(x[N]): ‹x[i]› = 2", "an input already", "another name"),
    ("f(x[N]): y[i] = x[i] ‹y[j]› = x[j]", "defined above already", "another name"),
    ("f(x[N]): y[i] = ‹z[i]›", "no tensor z", "x, y"),
    ("f(x[N]): y[i] = ‹x[i,i]›", "x has 1 index, not 2", ""),
    ("y[i] = x[i] + ‹x[i,i]›", "2 indices here and with 1 before", ""),
    ("y[i] = x[‹s›*i]", "s is not known", "layer(x[N]; s=1)"),
    ("f(x[N]): y[i] = x[‹j›]", "j is not known", "sum[j]"),
    ("a[i] = ‹b[i]› b[i] = a[i]", "defined by itself", "own result"),
    ("y = ‹y› + x[0]", "defined by itself", ""),
    ("f(x[N]): y[i] = ‹x[i] // 2›", "// is for integers", "write /"),
    ("f(x[N]): y[i] = x[i]/‹0›", "division by zero", ""),
    ("f(x[N]): y[i] = x[i//‹0›]", "division by zero", ""),
    ("f(x[N]): y[i] = ‹sqrt(-4)›*x[i]", "not a real number", ""),
    ("f(x[N]): y[i] = ‹max[j < N-1] x[j]*x[i]›", "nothing to choose from: smallest", "where"),
    ("f(x[N]; s=1): y[‹s›] = x[s]", "cannot be an index too", "another name"),
    ("f(x[N]): y[i] = sum[‹i›] x[i]", "already used", "another name"),
    ("f(x[N], w[M]): y[i] = w[‹x[i]›]", "holds real numbers", "x[N] int"),
    ("f(x[N] int, w[M]): y[i] = ‹w[x[i]]›", "read outside w", ""),
    ("f(x[N]): y[i] = ‹foo(x[i])›", "no function foo", "exp"),
    ("f(x[N]): y[i] = ‹x(i)›", "no function x", "brackets"),
    ("f(x[N]): y[i] = ‹exp(x[i], 2)›", "takes 1 argument", ""),
    ("y[i] = x[i] + ‹N›", "N is not known", "I"),
    ("y[i] = 2^‹100000›*x[i]", "a power is at most", ""),
    ("y[i] = ‹" + "9" * 50 + "›*x[i]", "at most 40 digits", ""),
    ("y[‹i›,j] = x[i+j]", "size of i cannot be inferred", "i and j share an index"),
    ("y[‹i›] = 3", "size of i cannot be inferred", "i < size"),
    ("f(x[H pad all]): y[‹r›] = x[r-1]", "cannot be inferred", "r < size"),
    ("f(‹x[H pad 1, W pad 2 by 3]›): y[r,c] = x[r,c]", "two different values", ""),
    ("f(‹x[H pad 1]› int): y[r] = x[r]", "cannot be padded", ""),
    ("f(x[N], ‹x[M]›): y[i] = x[i]", "declared twice", ""),
    ("f(x[N]; s=1, ‹s=2›): y[i] = x[i]", "declared twice", ""),
    ("f(x[‹N›]; N=0.5): y[i] = x[i]", "real number", ""),
    ("f(x[N]) where ‹1 < 0›: y[i] = x[i]", "does not hold", ""),
    ("f(x[N]) where ‹Q› < 0: y[i] = x[i]", "Q is not known", ""),
    ("f(x[3], z[4]): y = sum[‹i›] x[i]*z[i]", "size 3 and one of size 4", ""),
    ("f(x[N]): y[r < ‹N/2›] = x[r]", "exact quotient", "//"),
    ("f(x[N]): y[i] = x[‹5/2›]", "2 does not divide 5", "//"),
    ("f(x[N]): y[i] = ‹inf›*x[i]", "inf cannot be calculated with", "if"),
    ("f(x[N]; ‹s=0 >= 1›): y[i] = x[i]", "less than 1", ""),
    ("y[‹0›] = x[0]", "no range of an index", "i < K"),
    ("y[‹1<=i<3›] = x[i]", "starts at 0", "i < size"),
    ("f(x[N]): y[i] = sum[‹j<R=3›] x[j]", "only the size of an output", ""),
    ("y[i] = [‹(i,j) == argmax[a<3] x[a]›]", "over 1 indices, not 2", ""),
    ("y[i] = x[i] ‹k[i]›", "a sign is missing", "write x[i]*k[i]"),
    ("‹sum› = 3", "cannot read 'sum'", "cannot be a name"),
    ("pad‹[›i] = x[i]", "cannot read '['", "names a layer at most"),
    ("f(x[N], ‹pad›[N]): y[i] = x[i]", "cannot read 'pad'", "cannot be a name"),
    ("y = x[‹same›]", "cannot be a name", "padding"),
    ("y = ‹§›", "means nothing", ""),
    ("y[i] = x[i] ‹>› 3", "cannot read '>'", "expected"),
    ("y[i] = x[i+‹1.5›]", "must be an integer", ""),
    ("", "no equation", "y[i]"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message", "hint"), ERRORS)
def test_errors_show_where_and_why(marked: str, message: str, hint: str) -> None:
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(NotationError) as caught:
        parse_layer(text)
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    if "‹" in marked:
        start = marked.index("‹")
        assert error.span[0] == start
        assert error.span[1] == max(marked.index("›") - 1, start + 1)
    if text:
        carets = str(error).splitlines()[2]
        assert carets.index("^") == error.span[0] + 4


def test_the_caret_stands_under_the_right_line() -> None:
    with pytest.raises(NotationError) as caught:
        parse_layer("f(x[N]):\n    m = sum[i] x[i]\n    y[i] = z[i] + m")
    lines = str(caught.value).splitlines()
    assert lines[1].strip() == "y[i] = z[i] + m"
    assert lines[2].index("^") == lines[1].index("z[i]")


@pytest.mark.parametrize(
    "values", [{"s": 0}, {"s": Fraction(1, 2)}, {"s": "1+1"}, {"s": "if"}, {"q": 1}, {"s": "i"}]
)
def test_unusable_values(values: dict[str, int | Fraction | str]) -> None:
    with pytest.raises(NotationError):
        parse_layer("f(x[N]; s=2): y[i] = s*x[i]", values)
