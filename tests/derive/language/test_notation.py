"""The notation: what texts mean and what is inferred."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Integer, Mul, Pow, Rational, Sum

from derive.language.definition import Layer
from derive.language.notation import NotationError, parse_layer
from derive.language.notation.layer_writer import layer_text
from derive.language.printing import expression_text
from derive.language.terms import (
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
    entries,
)
from tests.derive.language.notation_texts import BARE, BATCHNORM, SIX

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
    assert [str(n) for n in layer.equations[0].extents] == ["N", "O", "H_out", "W_out"]
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


@pytest.mark.parametrize(
    "text",
    [
        "f(x[], k[M]): u[i < M+1] = x*k[0]*[0 < M]; y[i < M, j < M+1] = k[i]*u[j]*((j-j)%3)",
        "f(x[N], k[M]): u[i] = sum[a] x[i+a]*k[a]; v[i] = u[i]; y[j < M] = k[j] + 0*v[0]*[0 < N]",
        "f(x[N], k[M]): u = sum[a] x[a]; y[j < M] = k[j] + u - u",
        "f(x[N]): u[i] = x[i]^2; v[i < N] = u[i]*(2-2); y = (sum[i] x[i]) + 0*v[0]*[0 < N]",
    ],
)
def test_what_is_read_only_where_a_factor_is_zero_is_no_output(text: str) -> None:
    layer = parse_layer(text)
    assert [e.name for e in layer.outputs] == ["y"]
    assert parse_layer(layer_text(layer)) == layer


def test_a_range_of_what_is_multiplied_by_zero_need_not_be_told() -> None:
    layer = parse_layer("f(x[N], k[M]): y[i] = x[i] + sum[b, c <= i] ((c-c)%2)*log(1 + k[b]^2)")
    assert [e.name for e in layer.outputs] == ["y"] and not entries_of(layer, "k")
    assert parse_layer(layer_text(layer)) == layer
    with pytest.raises(NotationError, match="must be written"):
        parse_layer("f(x[N]): y[i] = x[i] + sum[b] 0")


def entries_of(layer: Layer, tensor: str) -> list[Entry]:
    """The reads of a tensor."""
    found = (entry for e in layer.equations for entry in entries(e.written))
    return [entry for entry in found if entry.tensor == tensor]


@pytest.mark.parametrize("index", ["(i-(i+1))/2", "(i-i+1)/2", "(2*i+3-2*i)/2", "(0*i+5)/3"])
def test_an_index_that_cancels_to_a_number_that_does_not_divide_reads_zero(index: str) -> None:
    layer = parse_layer(f"f(x[N pad all], k[M]): y[i < M] = k[i] + k[i]*x[{index}]")
    assert parse_layer(layer.text) == layer
    assert layer == parse_layer("f(x[N pad all], k[M]): y[i < M] = k[i]")


def test_exact_quotient_becomes_a_guard() -> None:
    layer = parse_layer(SIX["conv_transpose"])
    body = layer.expression.function
    place = FloorDiv(Index("q") + Parameter("p") - Parameter("d") * a, Parameter("s"))
    assert (
        Iverson(Divides(Parameter("s"), Index("q") + Parameter("p") - Parameter("d") * a))
        in body.args
    )
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
    assert [str(s) for s, _ in layer.definitions] == ["R_out", "W_out"]


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
    parse_layer(
        "f(x[N]): y[i < N] = [1 <= i]*x[i-1] + [i + 1 < N]*sum[j<2] x[i+j]*[j == 0 or j == 1]"
    )
    parse_layer("f(x[N]): y[i < N] = if 0 < i and 2 divides i then x[i-1] else 0")
    with pytest.raises(NotationError, match="outside"):
        parse_layer("f(x[N]): y[i < N] = if 0 < i then 0 else x[i-1]")
