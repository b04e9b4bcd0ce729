"""The notation: what texts mean, what is inferred, what is refused, and the way back to text."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from sympy import Integer, Mul, Pow, Rational, Sum

from derive.definition import Layer
from derive.notation import NotationError, expression_text, layer_text, parse_layer
from derive.terms import (
    MINUS_INFINITY,
    AtMost,
    Between,
    Choose,
    Divides,
    Entry,
    FloorDiv,
    Index,
    Iverson,
    Least,
    Less,
    MaxOver,
    Modulo,
    Parameter,
    RealParameter,
    Same,
    Size,
)

SIX = {
    "conv": (
        "conv(x[N, C, H pad p1, W pad p2], k[O, C//G, K1, K2], b[O]; "
        "s1=1, s2=1, p1=0, p2=0, d1=1, d2=1, G=1):\n"
        "    y[n, o, r, c] = b[o] + sum[i, a, b] x[n, o//(O//G)*(C//G) + i, "
        "s1*r + d1*a - p1, s2*c + d2*b - p2] * k[o, i, a, b]"
    ),
    "conv_transpose": (
        "conv_transpose1(x[N, C, H pad all], k[C, O, K]; s=1, p=0, d=1, e=0):\n"
        "    y[n, o, q < (H-1)*s - 2*p + d*(K-1) + e + 1] = "
        "sum[i, a] x[n, i, (q + p - d*a)/s] * k[i, o, a]"
    ),
    "maxpool": (
        "maxpool1(x[N, C, H pad all by -inf]; K=2, s=2, p=0, d=1):\n"
        "    y[n, c, r < (H + 2*p - d*(K-1) - 1 + s - 1)//s + 1] = max[a < K] x[n, c, s*r + d*a - p]"
    ),
    "adaptive": (
        "adaptive_avgpool1(x[N, C, H]; E):\n"
        "    y[n, c, r < E] = sum[r*H//E <= i < ((r+1)*H + E-1)//E] x[n, c, i] "
        "/ (((r+1)*H + E-1)//E - r*H//E)"
    ),
    "cross_entropy": (
        "cross_entropy(x[N, C], t[N] int < C):\n"
        "    y = sum[n] (log(sum[c] exp(x[n, c])) - x[n, t[n]]) / N"
    ),
    "flatten": "flatten(x[N, C, H, W]):\n    y[n, m < C*H*W] = x[n, m//(H*W), m//W%H, m%W]",
}

BARE = (
    "y[r,c] = sum[a,b] x[r+a,c+b]*k[a,b]",
    "C[i,j] = sum[k] A[i,k]*B[k,j]",
    "y[i] = sum[j] A[i,j]*x[j]",
    "out[i] = w[i,i]",
    "y[i] = x[i]*x[i+1]",
    "y[n,e] = w[t[n],e]",
    "y[i] = a*x[i] + b",
    "y[r] = max[a<K] x[r+a]",
    "m = sum[i] x[i]; y[i] = x[i] - m",
    "m[r] = sum[a] x[r+a]*k[a]; y[r] = relu(m[r])",
)

BATCHNORM = """
# statistics over all but the channels
batchnorm(x[N, C, H], w[C], b[C]; eps=0.00001):
    m[c] = sum[n, h] x[n, c, h]/(N*H)
    s[c] = sum[n, h] (x[n, c, h] - m[c])^2/(N*H)
    y[n, c, h] = w[c]*(x[n, c, h] - m[c])/sqrt(s[c] + eps) + b[c]
"""

N, C, H, K, X1, A = (Size(n) for n in ("N", "C", "H", "K", "X1", "A"))
i, r, a = Index("i"), Index("r"), Index("a")


def sizes(layer: Layer, number: int = -1) -> list[str]:
    """The sizes of an output in the notation."""
    return [expression_text(n) for n in layer.equations[number].sizes]


# --- meaning ----------------------------------------------------------------------------------


def test_conv_infers_floor_sizes_and_requirements() -> None:
    layer = parse_layer(SIX["conv"])
    assert sizes(layer)[2] == "(H + 2*p1 - d1*(K1 - 1) - 1)//s1 + 1"
    assert sizes(layer)[:2] == ["N", "O"]
    assert [str(n) for n in layer.equations[0].extents] == ["N", "O", "Y3", "Y4"]
    stated = [expression_text(c) for c in layer.requirements]
    assert stated == ["G divides C", "G divides O", "1 <= K1", "1 <= K2"]
    assert [h.minimum for h in layer.hyperparameters] == [1, 1, 0, 0, 1, 1, 1]


def test_numbers_for_hyperparameters_fold() -> None:
    ones = dict.fromkeys(["s1", "s2", "d1", "d2", "G"], 1)
    layer = parse_layer(SIX["conv"], {**ones, "p1": 0, "p2": "q"})
    assert sizes(layer) == ["N", "O", "H - K1 + 1", "W + 2*q - K2 + 1"]
    assert [h.name for h in layer.hyperparameters] == ["q"]
    assert not layer.tensors[0].axes[2].padded


def test_groups_given_as_a_number_still_divide() -> None:
    layer = parse_layer(SIX["conv"], {"G": 2})
    assert Divides(Integer(2), C) in layer.requirements
    assert parse_layer(layer_text(layer)) == layer


def test_exact_quotient_becomes_a_guard() -> None:
    layer = parse_layer(SIX["conv_transpose"])
    body = layer.expression.function
    place = FloorDiv(Index("q") + Parameter("p") - Parameter("d") * a, Parameter("s"))
    assert Iverson(Divides(Parameter("s"), Index("q") + Parameter("p") - Parameter("d") * a)) in body.args
    assert Iverson(Between(Integer(0), place, H)) in body.args
    assert Entry("x", Index("n"), i, place) in body.args


def test_padding_by_minus_infinity_is_a_choice() -> None:
    layer = parse_layer(SIX["maxpool"])
    maximum = layer.expression
    assert isinstance(maximum, MaxOver)
    assert isinstance(maximum.function, Choose)
    assert maximum.function.args[2] == MINUS_INFINITY


def test_zero_padding_is_one_guard_an_axis() -> None:
    layer = parse_layer("f(x[H pad 1, W]): y[r, c] = x[r-1, c]^2*x[r-1, c]")
    guard = Iverson(Between(Integer(0), r - 1, H))
    assert layer.expression == guard * Pow(Entry("x", r - 1, Index("c")), 3)


def test_a_padded_divisor_keeps_its_zero() -> None:
    layer = parse_layer("f(x[H pad 1]): y[r] = 1/x[r-1]")
    inside = Between(Integer(0), r - 1, H)
    assert layer.expression == Pow(Choose(inside, Entry("x", r - 1), Integer(0)), -1)


def test_intermediates_and_scalars() -> None:
    layer = parse_layer(BATCHNORM)
    assert [e.name for e in layer.equations] == ["m", "s", "y"]
    assert sizes(layer) == ["N", "C", "H"]
    assert layer.hyperparameters[0].default == Fraction(1, 100000)
    assert isinstance(layer.hyperparameters[0].symbol, RealParameter)


def test_equations_in_any_order() -> None:
    one = parse_layer("f(x[N]): y[i] = m*x[i] m = sum[i] x[i]")
    other = parse_layer("f(x[N]): m = sum[i] x[i]; y[i] = m*x[i]")
    assert set(one.equations) == set(other.equations)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y[r,c] = sum[a,b] x[r+a,c+b]*k[a,b]", ["X1 - A + 1", "X2 - B + 1"]),
        ("C[i,j] = sum[k] A[i,k]*B[k,j]", ["I", "J"]),
        ("y[i] = sum[j] A[i,j]*x[j]", ["I"]),
        ("out[i] = w[i,i]", ["I"]),
        ("y[i] = x[i]*x[i+1]", ["I - 1"]),
        ("f(x[N]): y[i] = x[N-1-i]", ["N"]),
        ("f(x[H pad 1]): y[r] = x[r-1]*x[r]", ["H + 1"]),
        ("f(x[H pad (1, 2)]): y[r] = x[r-1]", ["H + 3"]),
        ("f(x[H]; s=2): y[r] = x[r//s]", ["s*H"]),
        ("f(x[H], k[K]; s=2): y[r] = sum[a] x[s*r+K-1-a]*k[a]", ["(H - K)//s + 1"]),
        ("f(x[H], z[Z]): y[r] = x[2*r]*z[r+1]", ["min((H - 1)//2 + 1, Z - 1)"]),
        ("f(x[H]): y[r] = sum[a<3] x[2*r+a]", ["(H - 3)//2 + 1"]),
        ("f(x[H]): y[r] = sum[a<3, b<=a] x[r+b]", ["H - 2"]),
        ("f(x[H]): y[i] = if i == 0 then x[i] else x[i-1]", ["H"]),
        ("f(x[H, 3]): y[r, c] = x[r, c]", ["H", "3"]),
    ],
)
def test_inferred_sizes(text: str, expected: list[str]) -> None:
    assert sizes(parse_layer(text)) == expected


def test_one_index_over_two_axes_is_one_size() -> None:
    layer = parse_layer("f(x[N], z[M]): y[i] = x[i]*z[i]")
    assert [t.axes[0].size for t in layer.tensors] == [N, N]
    layer = parse_layer("f(x[N], z[4]): y = sum[i] x[i]*z[i]")
    assert layer.tensors[0].axes[0].size == 4


def test_an_output_size_met_by_an_input_is_required_equal() -> None:
    layer = parse_layer("f(x[H], z[Z]): m[r] = x[r]*x[r+1] y[r] = m[r]*z[r]")
    assert layer.requirements == (Same(Size("R"), Size("Z")),)


def test_separate_sums_have_separate_sizes() -> None:
    layer = parse_layer("s = sum[i] x[i] t = sum[i] w[i]")
    assert [str(t.axes[0].size) for t in layer.tensors] == ["I", "W"]


def test_size_names_when_the_usual_one_is_taken() -> None:
    layer = parse_layer("f(x[R, W]): y[r, c] = x[r+1, c+1]")
    assert [str(s) for s, _ in layer.definitions] == ["Y1", "Y2"]


def test_maximum_requires_an_entry() -> None:
    assert parse_layer("f(x[N, C]): y[n] = max[c] x[n, c]").requirements == (AtMost(Integer(1), C),)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("relu(x[i])", Choose(Less(Integer(0), Entry("x", i)), Entry("x", i), Integer(0))),
        ("abs(x[i])", Choose(AtMost(Integer(0), Entry("x", i)), Entry("x", i), -Entry("x", i))),
        ("max(x[i], 2)", Choose(AtMost(Integer(2), Entry("x", i)), Entry("x", i), Integer(2))),
        ("min(i, 2)", Least(i, Integer(2))),
        ("sqrt(x[i])", Pow(Entry("x", i), Rational(1, 2))),
        ("x[i]**2", Pow(Entry("x", i), 2)),
        ("-x[i]^2", -Pow(Entry("x", i), 2)),
        ("x[i]/4*0.5", Mul(Rational(1, 8), Entry("x", i))),
        ("[i > 2]", Iverson(Less(Integer(2), i))),
        ("[0 <= i < 3]", Iverson(Between(Integer(0), i, Integer(3)))),
        ("[3 > i >= 0]", Iverson(Between(Integer(0), i, Integer(3)))),
        ("[i % 2 == 0]", Iverson(Divides(Integer(2), i))),
        ("[2 divides i]", Iverson(Divides(Integer(2), i))),
        ("i//2 + i%2", FloorDiv(i, Integer(2)) + Modulo(i, Integer(2))),
        ("7//2 - 7%4", Integer(0)),
        ("sum[j] x[j]*2 + 1", Sum(2 * Entry("x", Index("j")), (Index("j"), 0, N - 1)) + 1),
        ("sum[1<=j<=3] i", Sum(i, (Index("j"), 1, 3))),
    ],
)
def test_expressions(written: str, expected: object) -> None:
    assert parse_layer(f"f(x[N pad all]): y[i < N] = {written}").equations[0].written == expected


def test_typographic_characters() -> None:
    assert parse_layer("f(x[N]): y[i’] = [0 ≤ i’]·x[i’] − 1") == parse_layer(
        "f(x[N]): y[i'] = [0 <= i']*x[i'] - 1"
    )


# --- bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*SIX.values(), *BARE, BATCHNORM])
def test_every_read_is_decided_inside(text: str) -> None:
    layer = parse_layer(text)
    assert layer.conditions
    assert all(d.holds for d in layer.conditions)


def test_guards_and_branches_place_reads() -> None:
    parse_layer("f(x[N]): y[i] = [1 <= i]*x[i-1] + [i + 1 < N]*sum[j<2] x[i+j]*[j == 0 or j == 1]")
    parse_layer("f(x[N]): y[i < N] = if 0 < i and 2 divides i then x[i-1] else 0")
    with pytest.raises(NotationError, match="outside"):
        parse_layer("f(x[N]): y[i < N] = if 0 < i then 0 else x[i-1]")


# --- the way back -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*SIX.values(), *BARE, BATCHNORM])
def test_round_trip(text: str) -> None:
    layer = parse_layer(text)
    written = layer_text(layer)
    assert parse_layer(written) == layer
    assert layer_text(parse_layer(written)) == written


def test_canonical_text() -> None:
    assert layer_text(parse_layer("y[r,c]=sum[a,b]x[r+a,c+b]*k[a,b]")) == (
        "layer(x[X1, X2], k[A, B]):\n    y[r, c] = sum[a, b] x[r+a, c+b]*k[a, b]\n"
    )
    text = "f(x[N], w[N], e[]; q int = 2, u real, p=1) where 2 divides N:\n    y[i < p + 1, j] = e*q*u*w[j]\n"
    assert layer_text(parse_layer(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "f(x[H], g[R]) where R == max(0, H - 2):\n"
        "    dx[r' < H] = sum[a < 2] [0 <= r' - a < R]*g[r'-a]\n",
        "f(x[H]):\n    y[i < R = H + 1] = 3\n    z[j < H + 1] = y[j]\n",
        "f(x[H], k[K]):\n    y = sum[a, r < H] delta(a, r)*x[r]*k[a]/(2*(sum[j] x[j])^2)\n",
        "f(x[H, W]):\n    y = sum[r, c] [(r, c) == argmax[a, b] x[a, b]]*x[r, c]\n",
        "f(x[N]):\n    y[i] = 0.044715*x[i]^3 + x[i]/3 - 2*exp(-x[i]^2)/sqrt(pi)\n",
        "f(x[N]; K int, q=-1, z=3 >= 2):\n    y[i < K + 1] = sum[j] (if j < i then x[j] else -inf)*q/z\n",
        "f(x[N pad all by -1.5], t[N] int < 4):\n"
        "    y[i < N] = x[i//2-t[i]%3]*(i//2)^2 + (if i == 0 or not (3 <= i) then 1 else exp(1))\n",
    ],
)
def test_canonical_texts_are_fixed_points(text: str) -> None:
    layer = parse_layer(text)
    assert parse_layer(layer_text(layer)) == layer
    assert layer_text(layer).replace("*q/z", "").split() == [
        w.replace("*q/z", "") for w in layer_text(parse_layer(layer_text(layer))).split()
    ]


def test_expression_text_orders_pleasantly() -> None:
    rp = Index("r'")
    assert expression_text(Entry("g", rp - a)) == "g[r'-a]"
    assert expression_text(H - K + 1) == "H - K + 1"
    assert expression_text(1 - K) == "1 - K"
    assert expression_text(Entry("x", i) * Iverson(Less(i, N)) * 2 * N) == "2*N*[i < N]*x[i]"
    assert expression_text(-FloorDiv(-i, N)) == "-((-i)//N)"


def test_values_and_names() -> None:
    layer = parse_layer("f(x[N]; s=2, t=3, eps=0.1): y[i] = s*t*eps*x[i]", {"s": "u", "t": "u", "eps": "0.5"})
    assert [(h.name, h.default, h.minimum) for h in layer.hyperparameters] == [("u", 2, 1)]
    assert layer.expression == Rational(1, 2) * Parameter("u") ** 2 * Entry("x", i)
    assert parse_layer("y[i] = x[i]", name="copy").name == "copy"


def test_stored_tables_belong_to_the_grammar() -> None:
    import lark

    from derive.notation.tables import GRAMMAR, OPTIONS, TABLES

    stored = json.loads(TABLES.read_text(encoding="utf-8"))
    grammar = GRAMMAR.read_text(encoding="utf-8")
    assert stored["grammar"] == grammar, "run: PYTHONHASHSEED=0 python -m derive.notation.tables"
    if stored["lark"] == lark.__version__:
        built = lark.Lark(grammar, **OPTIONS).parser.parser._parse_table
        assert len(stored["data"]["parser"]["parser"]["states"]) == len(built.states)


# --- errors -----------------------------------------------------------------------------------

#: text (the place of the error between ‹ and ›), part of the message, part of the hint
ERRORS = [
    ("y[i] = sum[‹j›] x[i+j]", "range of j must be written", "sum[j < N]"),
    ("f(x[H], k[K]): y[r < H] = sum[a] ‹x[r+a]›*k[a]", "smallest case H = 1, K = 2, r = 0, a = 1 reads x[1], but x has indices 0 … 0", "pad"),
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
    ("f(x[N]): y[i] = ‹max[j < N-1] x[j]*x[i]›", "nothing to choose from: smallest case N = 1", "where"),
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
    ("y[i] = x[i] k[i]‹›", "ends too early", "a product needs a *"),
    ("‹sum› = 3", "cannot read 'sum'", "cannot be a name"),
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
