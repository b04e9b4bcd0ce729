"""Claims judged by broken code: each fault must be noticed, and none may let a wrong claim pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sympy import Integer

import derive
import verify
from derive.domains import Decision
from derive.language.definition import Layer
from derive.language.terms import Condition
from tests.verify.claims.oracle import first_difference
from verify.claims import backing, examination, laws, subject
from verify.equality import collapse, matching, places, proof
from verify.equality.guards import Outside
from verify.equality.terms import Term
from verify.verdict import Verdict

RIGHT = "dL/dx[p] = sum[a] g[p-a]*k[a]"
FLIPPED = "dL/dx[p] = sum[a] g[p+a]*k[a]"
TWICE = "dL/dx[p] = sum[a] g[p-a]*k[a] + sum[a] g[p-a]*k[a]"
LATE = "dL/dx[p] = sum[a] g[p-a]*k[a]*[p != 3]"


@pytest.fixture
def conv() -> Layer:
    return derive.layer("conv", dims=1)


def everything_holds(point: places.TermPoint, goal: Condition) -> Decision:
    return Decision(goal, True, "nobody")


def test_a_decider_that_says_yes_is_contradicted_by_small_sizes(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places.TermPoint, "implied", everything_holds)
    assert proof.compare(*_sides(conv, FLIPPED)).equal
    for text in (FLIPPED, LATE):
        assert verify.claim(conv, text).word == "refuted"


def test_a_proof_that_always_succeeds_is_contradicted_by_small_sizes(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "compare", lambda *_: proof.TermComparison(True))
    for text in (FLIPPED, TWICE, LATE):
        assert verify.claim(conv, text).word == "refuted"


def test_a_search_that_finds_nothing_leaves_the_proof(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = examination.Searched(None, 1, 1, 1, True)
    monkeypatch.setattr(examination, "search", lambda *_: nothing)
    assert verify.claim(conv, RIGHT).word == "checked"
    assert verify.claim(conv, FLIPPED).word == "refuted"
    assert verify.claim(conv, "dL/dx[p] = sum[a] g[p-a]*k[a]*[p != 40]").word == "refuted"


def test_without_proof_and_search_nothing_is_accepted(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = examination.Searched(None, 1, 1, 1, True)
    monkeypatch.setattr(examination, "search", lambda *_: nothing)
    monkeypatch.setattr(examination, "compare", lambda *_: proof.TermComparison(None, why="broken"))
    monkeypatch.setattr(laws, "compared", lambda _: proof.TermComparison(None, why="broken"))
    verdict = verify.claim(conv, RIGHT)
    assert verdict.word == "tested"
    assert "is not proved: broken" in verdict.reason


def test_a_counterexample_that_is_none_refutes_nothing(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison points at sizes at which both sides agree."""
    sizes = {s.name: s for s in conv.symbols}
    point = ((sizes["H"], 2), (sizes["K"], 1))
    wrong = proof.TermComparison(False, (), point)
    monkeypatch.setattr(examination, "compare", lambda *_: wrong)
    monkeypatch.setattr(laws, "compared", lambda _: proof.TermComparison(None, why="broken"))
    assert verify.claim(conv, RIGHT).word == "tested"


def test_repeated_products_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Σⱼ g[p] has the entries of g[p]: only how often they occur tells the two apart."""
    layer = derive.parse("y[i] = x[i]")
    text = "dL/dx[p] = sum[j < I] g[p]"
    assert verify.claim(layer, text).counterexample.sizes == (("I", 2),)
    monkeypatch.setattr(collapse, "expanded", lambda _: Integer(1))
    assert proof.compare(*_sides(layer, text)).equal
    assert verify.claim(layer, text).counterexample.sizes == (("I", 2),)


def _sides(layer: Layer, text: str) -> tuple[Sequence[Term], Sequence[Term], places.Frame]:
    found = subject.subject(layer, text)
    return found.true_terms({}), found.claimed_terms({}), found.frame


def test_a_wrong_derivation_does_not_pass_for_the_truth(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine forgets the guard of the upstream gradient, or flips the kernel."""
    true = derive.gradient(conv, "x")
    adjoint = true.adjoints[-1]
    doubled = replace(adjoint, result=2 * adjoint.result)
    wrong = replace(true, adjoints=(*true.adjoints[:-1], doubled))
    monkeypatch.setattr(subject, "differentiate", lambda *_: wrong)
    assert verify.claim(conv, TWICE).word == "refuted"
    assert verify.claim(conv, RIGHT).word == "tested"


def test_a_derivation_that_is_not_replayed_gives_no_checked_claim(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing, "judge", lambda _: Verdict("undecided", "no step was replayed"))
    verdict = verify.claim(conv, RIGHT)
    assert verdict.word == "tested"
    assert "no step was replayed" in verdict.reason


def test_forgotten_guards_are_noticed(conv: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads outside a tensor are taken for reads inside: then not even the right claim passes."""
    written = "dL/dx[p] = sum[a < K] g[p-a]*k[a]"
    assert verify.claim(conv, written).word == "checked"
    monkeypatch.setattr(Outside, "_inside", lambda *_: [])
    assert verify.claim(conv, written).word == "tested"
    assert verify.claim(conv, written.replace("p-a", "p+a")).word == "refuted"


def test_the_smallest_is_not_any(conv: Layer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the order of points reversed, brute force finds a smaller counterexample."""
    text = "dL/dx[p] = sum[a] g[p-a]*k[a]*[a != 1]*[p != 5]"
    assert _agrees_with_brute_force(conv, text)
    rank = places.Frame.rank
    monkeypatch.setattr(places.Frame, "rank", lambda self, p: tuple(-n for n in rank(self, p)))
    assert not _agrees_with_brute_force(conv, text)


def _agrees_with_brute_force(layer: Layer, text: str) -> bool:
    counterexample = verify.claim(layer, text).counterexample
    assert counterexample is not None
    sizes, at = dict(counterexample.sizes), tuple(i for _, i in counterexample.indices)
    return first_difference(layer, text, sum(sizes.values())) == (sizes, at)


def test_indices_that_stay_open_are_never_guessed(
    conv: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the entries of a product do not tell its indices, nothing is proved."""

    def unsolved(_: object) -> None:
        raise matching.NotInjective

    monkeypatch.setattr(matching.System, "solve", unsolved)
    assert verify.claim(conv, "dL/dx[p] = sum[r] g[r]*k[p-r]").word == "tested"
    assert verify.claim(conv, FLIPPED).word == "refuted"
