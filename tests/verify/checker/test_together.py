"""Records in parts whose adjoints are not those that were shown, or not in order."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

import derive
from derive.engine.record import Adjoint, Derivation
from tests.derive.composition.test_gradients import TEXTS, Corrupted
from verify.checker.together import judge_together


@cache
def residual() -> Derivation:
    """Adjoints of relu, linear and w, in this order."""
    return derive.gradient(derive.compose(TEXTS["residual"]), "w")


def judged(*adjoints: Adjoint) -> tuple[str, str]:
    """The verdict on a record that holds these, while all views are shown."""
    whole = residual()
    record = Corrupted(whole.source, whole.wrt, whole.upstream, adjoints, ())
    record.__dict__["views"] = whole.locals()  # type: ignore[attr-defined]
    verdict = judge_together([record])
    return verdict.word, verdict.reason


def test_what_was_shown_is_checked() -> None:
    assert judged(*residual().adjoints)[0] == "checked"


@pytest.mark.parametrize("place", range(3))
def test_no_adjoint_may_be_left_out(place: int) -> None:
    adjoints = list(residual().adjoints)
    del adjoints[place]
    word, reason = judged(*adjoints)
    assert word == "undecided"
    assert "needs the adjoints of what depends on it" in reason


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 0, 1)])
def test_each_adjoint_stands_after_those_that_it_needs(order: tuple[int, ...]) -> None:
    word, reason = judged(*(residual().adjoints[k] for k in order))
    assert word == "undecided"
    assert "must stand once, after those that it needs" in reason


def test_no_adjoint_stands_there_twice() -> None:
    """The first of two is not the one that was shown."""
    first, *rest = residual().adjoints
    wrong = replace(first, result=2 * first.result)
    word, reason = judged(wrong, first, *rest)
    assert word == "undecided"
    assert "must stand once" in reason
