"""What explodes is given up in words, and what is too long to read is told in brief."""

from __future__ import annotations

import time

import pytest

import derive
import verify
from derive.engine import recorder
from derive.engine.recorder import TooLong
from derive.language.notation import NotationError
from derive.presentation import telling
from verify.evaluation.arithmetic import NotExact
from verify.evaluation.polynomials import Polynomial


def products(count: int, factor: str = "") -> str:
    terms = (f"x[i]*k[{j}+i]{factor.format(j + 1)}" for j in range(count))
    return f"f(x[N], k[M pad all]): y[i < N] = {' + '.join(terms)}"


def test_a_long_derivation_is_told_in_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = derive.gradient(derive.layer("conv"), "x")
    usual, brief = derivation.to("text"), derivation.to("text", "brief")
    monkeypatch.setattr(telling, "LONGEST", 5)
    shown, full = derivation.to("text"), derivation.to("text", "full")
    assert "8 steps, of which only the milestones are shown; --full" in shown
    assert len(brief) < len(shown) < len(usual) < len(full)


def test_a_derivation_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LARGEST_WORK", 1000)
    with pytest.raises(TooLong, match="steps; split the layer"):
        derive.gradient(derive.parse(products(20)), "x")


def test_a_product_of_too_many_terms_is_not_multiplied_out() -> None:
    unknowns = [Polynomial.unknown("x", (i,)) for i in range(4)]
    some = unknowns[0] + unknowns[1] + unknowns[2] + unknowns[3]
    assert len((some**4).terms) == 35
    with pytest.raises(NotExact, match="so many terms"):
        _ = some**64


CLAIMS = [
    "(((x[i]+1)^64)^64)^64",
    "((((x[i]+1)^64)+1)^64+1)^64",
    "(x[i]+k[i]+w[i]+v[i])^64",
    "((x[i]+k[i])^64+(w[i]+v[i])^64)^8",
    "x[i]^(i*i*i*i*i*i*1000000000)",
    "(sum[a < 50, b < 50] x[a]*k[b])^40",
]


@pytest.mark.complete
@pytest.mark.parametrize("claimed", CLAIMS)
def test_claims_that_explode(claimed: str) -> None:
    layer = derive.parse("f(x[N], k[N], w[N], v[N]): y[i] = x[i]*k[i]*w[i]*v[i]")
    started = time.monotonic()
    assert verify.claim(layer, f"dL/dx[i] = {claimed}").word in ("refuted", "undecided")
    assert time.monotonic() - started < 20  # ten seconds where nothing else runs


@pytest.mark.complete
@pytest.mark.parametrize("factor", ["", "*sin({}*x[i])", "*exp(x[i]/{})"])
def test_sums_of_many_products(factor: str) -> None:
    layer = derive.parse(products(200, factor))
    started = time.monotonic()
    with pytest.raises(TooLong):
        derive.gradient(layer, "x")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("power", ["9^9^9", "2^65", "10^40^40", "1e99", "1e-99"])
def test_numbers_beyond_all_use(power: str) -> None:
    with pytest.raises(NotationError):
        derive.parse(f"f(x[N]): y[i] = x[i]*{power}")
