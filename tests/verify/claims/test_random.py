"""Randomly changed claims: what is called right is right at all small sizes, by brute force.

A claim that is accepted must agree with dual numbers at every choice of small sizes; one that is
refuted must differ at its counterexample, and nowhere before; one that is only tested must agree
wherever it is tried here.  ``HYPOTHESIS_PROFILE=thousands`` runs a thousand of them.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import derive
import verify
from derive.language.definition import Layer
from derive.language.notation import NotationError
from tests.verify.claims.oracle import Claim, difference_at, sizes_in_order

#: layers, each with right claims to start from and the largest sum of sizes for brute force
SEEDS: dict[str, tuple[list[str], int]] = {
    "layer(x[H], k[K]): y[r] = sum[a] x[r+a]*k[a]": (
        [
            "dL/dx[p] = sum[a] g[p-a]*k[a]",
            "dL/dx[p] = sum[r < R] g[r]*k[p-r]",
            "dL/dx[p] = g[p]*k[0] + sum[1 <= a < K] g[p-a]*k[a]",
            "dL/dk[a] = sum[r] g[r]*x[r+a]",
        ],
        8,
    ),
    "layer(x[H pad 1], k[K]): y[r] = sum[a] x[2*r+a-1]*k[a]": (
        [
            "dL/dx[p] = sum[a] g[(p+1-a)/2]*k[a]",
            "dL/dx[p] = sum[a < K] [2 divides p+1-a]*g[(p+1-a)//2]*k[a]",
            "dL/dx[p] = sum[r] g[r]*k[p+1-2*r]",
            "dL/dk[a] = sum[r] g[r]*x[2*r+a-1]",
        ],
        8,
    ),
    "layer(x[H]): y[r < (H - 3)//2 + 1] = sum[a < 3] x[2*r + a]": (
        ["dL/dx[p] = sum[a < 3] g[(p-a)/2]", "dL/dx[p] = sum[r] g[r]*[0 <= p-2*r < 3]"],
        8,
    ),
    "layer(x[H], k[K]): y[r] = sum[a] x[r+3*a]*k[a]": (["dL/dx[p] = sum[a] g[p-3*a]*k[a]"], 9),
    "y[i] = x[i]*x[i+1]": (["dL/dx[p] = g[p]*x[p+1] + g[p-1]*x[p-1]"], 6),
    "y[i,j] = x[i]*x[j]": (["dL/dx[p] = sum[j] g[p,j]*x[j] + sum[i] g[i,p]*x[i]"], 5),
    "y[i,j] = sum[k] A[i,k]*B[k,j]": (
        ["dL/dA[i,k] = sum[j] g[i,j]*B[k,j]", "dL/dB[k,j] = sum[i] A[i,k]*g[i,j]"],
        6,
    ),
    "layer(x[N], t[N]): y = (sum[n] (x[n] - t[n])^2)/N": (["dL/dx[n] = 2*g*(x[n] - t[n])/N"], 5),
    "flatten(x[C, H]): y[m < C*H] = x[m//H, m%H]": (
        ["dL/dx[c,h] = g[c*H+h]", "dL/dx[c,h] = sum[m] g[m]*[c == m//H]*[h == m%H]"],
        6,
    ),
}

TOKEN = re.compile(r"\d+|[^\W\d]\w*|<=|>=|==|!=|//|.")
OPERATORS = ["+", "-", "*"]
GUARDS = ["[{i} != 1]", "[{i} < 2]", "[0 <= {i} - {j}]", "[2 divides {i}]", "[{i} == {j}]"]


@cache
def layer(text: str) -> Layer:
    return derive.parse(text)


@st.composite
def changed(draw: st.DrawFn, text: str) -> str:
    """The claim with one or two changes to its right-hand side, which need make no sense."""
    left, equals, right = text.partition(" = ")
    names = sorted(set(re.findall(r"\b[a-z]\b(?!\[)", text)) - {"g"})
    for _ in range(draw(st.integers(1, 2))):
        change = draw(st.sampled_from([_swapped, _shifted, _signed, _guarded, _scaled, _bounded]))
        right = change(draw, right, names)
    return left + equals + right


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def _swapped(draw: st.DrawFn, text: str, names: list[str]) -> str:
    """One index replaced by another."""
    tokens = _tokens(text)
    places = [k for k, t in enumerate(tokens) if t in names]
    assume(places)
    tokens[draw(st.sampled_from(places))] = draw(st.sampled_from(names))
    return "".join(tokens)


def _shifted(draw: st.DrawFn, text: str, names: list[str]) -> str:
    """One index moved by one, or a number changed."""
    tokens = _tokens(text)
    places = [k for k, t in enumerate(tokens) if t in names or t.isdigit()]
    assume(places)
    place = draw(st.sampled_from(places))
    if tokens[place].isdigit():
        tokens[place] = str(int(tokens[place]) + draw(st.sampled_from([1, 2])))
    else:
        tokens[place] = f"({tokens[place]}{draw(st.sampled_from(['+1', '-1', '*2', '+2-2']))})"
    return "".join(tokens)


def _signed(draw: st.DrawFn, text: str, names: list[str]) -> str:
    """One operator replaced by another."""
    tokens = _tokens(text)
    places = [k for k, t in enumerate(tokens) if t in OPERATORS]
    assume(places)
    tokens[draw(st.sampled_from(places))] = draw(st.sampled_from(OPERATORS))
    return "".join(tokens)


def _guarded(draw: st.DrawFn, text: str, names: list[str]) -> str:
    """A guard added in front of one read."""
    reads = [
        m.start() for m in re.finditer(r"\b[a-zA-Z]\[", text) if text[: m.start()][-3:] != "sum"
    ]
    assume(reads)
    place = draw(st.sampled_from(reads))
    guard = draw(st.sampled_from(GUARDS))
    i, j = draw(st.sampled_from(names)), draw(st.sampled_from(names))
    return f"{text[:place]}{guard.format(i=i, j=j)}*{text[place:]}"


def _scaled(draw: st.DrawFn, text: str, names: list[str]) -> str:
    """The whole doubled, negated, or with something added."""
    return draw(st.sampled_from(["2*({})", "-({})", "({}) + g[0]*0", "({})/2 + ({})/2"])).format(
        text, text
    )


def _bounded(draw: st.DrawFn, text: str, names: list[str]) -> str:
    """A written range with other ends, or a range for an index that had none."""
    sums = list(re.finditer(r"sum\[(\w)\]", text))
    assume(sums)
    found = draw(st.sampled_from(sums))
    bound = draw(st.sampled_from(["{} < 2", "1 <= {} < 4", "0-2 <= {} <= 9", "{} <= p", "{} < 9"]))
    return text[: found.start(1)] + bound.format(found[1]) + text[found.end(1) :]


def judge(text: str, claim: str, largest: int) -> str:
    """The word of the verdict, compared with brute force; the empty word for no claim."""
    built = layer(text)
    try:
        verdict = verify.claim(built, claim)
    except NotationError:
        return ""
    oracle = Claim(claim, 2 * largest + 4)
    if verdict.word == "refuted":
        sizes = dict(verdict.counterexample.sizes)
        at = tuple(i for _, i in verdict.counterexample.indices)
        if verdict.counterexample.found is None:
            return "refuted"
        assert difference_at(built, oracle, sizes) == at, claim
        largest = min(largest, sum(sizes.values()))
        first = next(
            (s for s in sizes_in_order(built, largest) if difference_at(built, oracle, s)), sizes
        )
        assert first == sizes, claim
        return "refuted"
    for sizes in sizes_in_order(built, largest):
        assert difference_at(built, oracle, sizes) is None, (verdict, claim, sizes)
    return verdict.word


CASES = [(text, seed, largest) for text, (seeds, largest) in SEEDS.items() for seed in seeds]


@given(st.data())
@settings(max_examples=settings().max_examples // 5)
def test_verdicts_agree_with_brute_force(data: st.DataObject) -> None:
    text, seed, largest = data.draw(st.sampled_from(CASES))
    judge(text, data.draw(changed(seed)), largest)


@pytest.mark.parametrize(("text", "seed", "largest"), CASES)
def test_the_claims_to_start_from_are_right(text: str, seed: str, largest: int) -> None:
    assert judge(text, seed, largest) == "checked"
