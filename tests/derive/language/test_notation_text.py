"""From a layer back to its text."""

from __future__ import annotations

import json
import re

import pytest
from sympy import Rational

from derive.language.definition import Layer
from derive.language.notation import NotationError, parse_layer
from derive.language.notation.layer_writer import layer_text
from derive.language.printing import expression_text
from derive.language.terms import Entry, FloorDiv, Index, Iverson, Less, Parameter, Size
from tests.derive.language.notation_texts import BARE, BATCHNORM, SIX
from tests.places import DOCS

N, C, H, K, X1, A = (Size(n) for n in ("N", "C", "H", "K", "X1", "A"))
i, r, a = Index("i"), Index("r"), Index("a")


def sizes(layer: Layer, number: int = -1) -> list[str]:
    """The sizes of an output in the notation."""
    return [expression_text(n) for n in layer.equations[number].sizes]


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
    text = "f(x[N], w[N], e[]; q int = 2, u real, p=1) where 2 divides N:\n"
    text += "    y[i < p + 1, j] = q*u*e*w[j]\n"
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
        "f(x[N]; K int, q=-1, z=3 >= 2):\n"
        "    y[i < K + 1] = sum[j] (if j < i then x[j] else -inf)*q/z\n",
        "f(x[N], e[]; n=2):\n    y[e] = n*(e//2)*e[]*x[e]^(n + 1) + x[e]^(2/3)\n",
        "f(x[N pad all by -1.5], t[N] int < 4):\n"
        "    y[i < N] = x[i//2-t[i]%3]*(i//2)^2 + (if i == 0 or not (3 <= i) then 1 else exp(1))\n",
    ],
)
def test_rarer_texts_come_back(text: str) -> None:
    layer = parse_layer(text)
    written = layer_text(layer)
    assert parse_layer(written) == layer
    assert layer_text(parse_layer(written)) == written


def test_expression_text_orders_pleasantly() -> None:
    rp = Index("r'")
    assert expression_text(Entry("g", rp - a)) == "g[r'-a]"
    assert expression_text(H - K + 1) == "H - K + 1"
    assert expression_text(1 - K) == "1 - K"
    assert expression_text(Entry("x", i) * Iverson(Less(i, N)) * 2 * N) == "2*N*[i < N]*x[i]"
    assert expression_text(-FloorDiv(-i, N)) == "-((-i)//N)"


def test_values_and_names() -> None:
    layer = parse_layer(
        "f(x[N]; s=2, t=3, eps=0.1): y[i] = s*t*eps*x[i]", {"s": "u", "t": "u", "eps": "0.5"}
    )
    assert [(h.name, h.default, h.minimum) for h in layer.hyperparameters] == [("u", 2, 1)]
    assert layer.expression == Rational(1, 2) * Parameter("u") ** 2 * Entry("x", i)
    assert parse_layer("y[i] = x[i]", name="copy").name == "copy"


def test_the_guide_is_true() -> None:
    guide = (DOCS / "notation.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```derive\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) == 8
    for block in blocks:
        parse_layer(block)
    assert layer_text(parse_layer(blocks[0])) == blocks[1]
    shown = re.search(r"```\n(x\[r-1\] is read.*?)```", guide, re.DOTALL)
    with pytest.raises(NotationError) as caught:
        parse_layer("y[r] = x[r] + x[r-1]")
    assert shown is not None
    assert str(caught.value).startswith(shown.group(1).rstrip())


def test_stored_tables_belong_to_the_grammar() -> None:
    import lark

    from derive.language.notation.reader import GRAMMAR, OPTIONS, TABLES

    stored = json.loads(TABLES.read_text(encoding="utf-8"))
    grammar = GRAMMAR.read_text(encoding="utf-8")
    assert stored["grammar"] == grammar, (
        "run: PYTHONHASHSEED=0 python -m derive.language.notation.reader"
    )
    if stored["lark"] == lark.__version__:
        built = lark.Lark(grammar, **OPTIONS).parser.parser._parse_table
        assert len(stored["data"]["parser"]["parser"]["states"]) == len(built.states)
