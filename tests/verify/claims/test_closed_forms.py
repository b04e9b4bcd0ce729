"""Closed forms that everybody knows are proved however they are written; usual mistakes are not."""

from __future__ import annotations

import pytest

import verify
from tests.suites import every, quick
from tests.verify.claims.closed_forms import RIGHT, WRONG, layer
from verify.claims import laws
from verify.claims.subject import subject


def ids(cases: list[tuple[str, str]]) -> list[str]:
    return [f"{name}: {text}" for name, text in cases]


@pytest.mark.parametrize("case", every(9, RIGHT), ids=ids(RIGHT))
def test_a_right_one_follows_by_laws(case: tuple[str, str]) -> None:
    name, text = case
    comparison = laws.compared(subject(layer(name), text))
    assert comparison.equal, comparison.why


@pytest.mark.parametrize("case", every(7, WRONG), ids=ids(WRONG))
def test_a_wrong_one_does_not_follow(case: tuple[str, str]) -> None:
    name, text = case
    comparison = laws.compared(subject(layer(name), text))
    assert comparison.equal is None
    assert "no law was found by which" in comparison.why or "is not known" in comparison.why


WHOLE = [RIGHT[k] for k in (6, 17, 36, 43)]
REFUTED = [WRONG[k] for k in (2, 7, 21, 30)]


@pytest.mark.parametrize("case", quick(WHOLE, WHOLE[:2]), ids=ids(WHOLE))
def test_a_right_one_is_checked(case: tuple[str, str]) -> None:
    name, text = case
    verdict = verify.claim(layer(name), text)
    assert verdict.word == "checked", verdict
    assert "for all sizes" in verdict.reason


@pytest.mark.parametrize("case", quick(REFUTED, REFUTED[:1]), ids=ids(REFUTED))
def test_a_wrong_one_is_refuted(case: tuple[str, str]) -> None:
    name, text = case
    assert verify.claim(layer(name), text).word == "refuted"


def test_there_are_enough_of_them() -> None:
    assert len(RIGHT) >= 75
    assert len(WRONG) >= 55
