"""Whatever is typed, the answer is a layer or a ``NotationError``; layers read back equal."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from derive.language.notation import NotationError, parse_layer
from derive.language.notation.layer_writer import layer_text

TOKENS = (
    *("x", "y", "k", "t", "N", "H", "K", "i", "j", "r", "a", "a'", "0", "1", "2", "0.5", "00.1"),
    *("99999999999", "+", "-", "*", "/", "//", "%", "^", "**", "(", ")", "[", "]", ",", ";", ":"),
    *("=", "==", "<", "<=", ">", ">=", "!=", "sum", "max", "argmax", "min", "if", "then", "else"),
    *("and", "or", "not", "pad", "all", "by", "int", "real", "where", "divides", "inf", "same"),
    *("valid", "exp", "log", "sqrt", "abs", "relu", "delta", "≤", "≥", "≠", "−", "·", "’", "#"),
    *(
        "Σ",
        "Σ_{",
        "max_{",
        "argmax_{",
        "}",
        "⌊",
        "⌋",
        "|",
        "√",
        "∣",
        "∤",
        "mod",
        "∞",
        "³",
        "1e9",
        "σ",
    ),
    *("\n", "§", "½", "²", "é", "∂", "'", ".", "$", "\\", '"', "\x00"),
)

TEXTS = (
    "conv(x[N, C, H pad p], k[O, C//G, K], b[O]; s=1, p=0, d=1, G=1):\n"
    "    y[n, o, r] = b[o] + sum[i, a] x[n, o//(O//G)*(C//G)+i, s*r+d*a-p]*k[o, i, a]",
    "transpose(x[C, H pad all], k[C, K]; s=1, p=0): "
    "y[q < (H-1)*s - 2*p + K] = sum[i, a] x[i, (q+p-a)/s]*k[i, a]",
    "pool(x[H pad all by -inf]; K=2, s=2) where 1 <= H: "
    "y[r < (H - K)//s + 1] = max[a < K] x[s*r + a]",
    "loss(x[N, C], t[N] int < C): y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]])/N",
    "m = sum[i] x[i]/3; y[i] = if 0 < x[i] then (x[i] - m)^2 else [i % 2 == 0]*sqrt(abs(x[i]))",
    "y = sum[r, c] [(r, c) == argmax[a, b] x[a, b]]*x[r, c]",
    "y[i] = x[i]*x[i+1] - w[i]",
)


def refused_or_read(text: str) -> None:
    """Parse, and if that succeeds print and parse again."""
    try:
        layer = parse_layer(text)
    except NotationError as error:
        assert error.message
        assert str(error)
        return
    again = parse_layer(layer_text(layer))
    assert again == layer
    assert layer_text(again) == layer_text(layer)


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join))
def test_token_soup(text: str) -> None:
    refused_or_read(text)


@given(st.text(max_size=40))
@example("")
@example("\n#\n")
@example("y=" + "(" * 3000)
@example("y=" + "-" * 3000 + "x")
@example("y=" + "2^" * 3000 + "x")
@example("y=" + "x[" * 500)
@example("y=" + "exp(" * 29 + "x" + ")" * 29)
@example("y=" + "max(x," * 25 + "x" + ")" * 25)
@example("y = 9^9^9^9")
@example("y=" + "x+" * 2000 + "x")
@example("y=" + "9" * 5000)
@example("y = " + "*".join(["10^64"] * 30))
@example("y = sin(1/0)")
@example("y = 0*log(0)")
@example("y[i<-1] = 3")
def test_any_text(text: str) -> None:
    refused_or_read(text)


@given(st.data())
def test_mutated_layers(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 3))
        insert = data.draw(st.sampled_from(["", *TOKENS]))
        text = text[:start] + insert + text[start + length :]
    refused_or_read(text)


@st.composite
def expressions(draw: st.DrawFn, depth: int) -> str:
    """A value in the indices i (of the output) and, inside sums, j."""
    leaf = st.sampled_from(
        ["x[i]", "z[i+1]", "w[t[i]]", "b", "2", "N", "s", "0.25", "i", "pi", "e"]
    )
    if depth == 0:
        return draw(leaf)

    def part() -> str:
        return draw(expressions(depth - 1))

    kind = draw(st.integers(0, 10))
    if kind <= 1:
        return draw(leaf)
    if kind <= 3:
        return f"({part()} {draw(st.sampled_from('+-'))} {part()})"
    if kind <= 5:
        return f"{part()}*{part()}"
    if kind == 6:
        return f"({part()})/({part()} + 1 + e)"
    if kind == 7:
        function = draw(
            st.sampled_from(["exp", "tanh", "sigmoid", "sin", "relu", "abs", "sign", "log1p"])
        )
        return f"{function}({part()})"
    if kind == 8:
        return f"(if {draw(conditions())} then {part()} else {part()})"
    if kind == 9:
        return f"[{draw(conditions())}]*{part()}"
    ranges = draw(st.sampled_from(["j", "j < s", "1 <= j < 3", "j <= i"]))
    return f"(sum[{ranges}] x[j]*{draw(st.sampled_from(['v[j]', 'x[j]', 'x[i]^2', 'b']))})"


@st.composite
def conditions(draw: st.DrawFn) -> str:
    plain = st.sampled_from(
        [
            "0 <= i < N",
            "i == 0",
            "2 divides i",
            "i % s == 1",
            "not (i < 1)",
            "0 < x[i]",
            "i*2 != N-1",
        ]
    )
    parts = draw(st.lists(plain, min_size=1, max_size=3))
    return draw(st.sampled_from([" and ", " or "])).join(parts)


HEADER = (
    "f(x[N pad all], z[N pad (1, 2) by 0.5], w[V], v[N pad all], t[N] int < V, b[]; s=2, e=0.001):"
)


@given(expressions(2))
def test_round_trip(body: str) -> None:
    layer = parse_layer(f"{HEADER} y[i < N] = {body}")
    assert all(d.holds for d in layer.conditions)
    text = layer_text(layer)
    assert parse_layer(text) == layer
    assert layer_text(parse_layer(text)) == text
