"""An engine with a broken rule, or one that decides nothing: the checker must not be taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

import derive
import verify
from derive.domains import Decision
from derive.domains.known import Known
from derive.engine import scope
from derive.engine.record import Derivation
from derive.engine.scope import Scope
from derive.language.terms import Condition
from tests.derive.engine.broken_rules import FAULTS, LAYERS, Fault, change_rules, layers_by_rule
from tests.derive.engine.test_hard_layers import HARD
from tests.suites import every


class Believed(Known):
    """A place where everything is taken to hold."""

    def implied(self, goal: Condition) -> Decision:
        return Decision(goal, True, "islpy")


def derivations(texts: Iterable[str] = LAYERS) -> Iterator[Derivation]:
    """All gradients of the layers that the engine still finds."""
    for text in texts:
        layer = derive.parse(text)
        for tensor in layer.tensors:
            if not tensor.integer:
                try:
                    yield derive.gradient(layer, tensor.name)
                except (ValueError, RuntimeError, ArithmeticError, LookupError):
                    continue  # the fault keeps the engine from coming to an end


@pytest.mark.parametrize("case", every(2, FAULTS), ids=str)
def test_a_broken_rule_is_refused(case: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    name, number = case
    texts, fault = layers_by_rule()[name], Fault(name, number)
    change_rules(monkeypatch, fault)
    before = 0
    for derivation in derivations(texts):
        if fault.applied > before:
            assert verify.check(derivation).word in ("refuted", "undecided"), derivation.source.text
            return
        before = fault.applied
    pytest.fail("no layer that the engine gets through shows the fault")


@pytest.mark.complete
def test_conditions_that_the_engine_only_claims_are_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scope, "Known", Believed)
    words = [verify.check(d).word for d in derivations()]
    assert words.count("checked") < len(words) // 2
    assert "refuted" in words


def test_values_that_the_engine_takes_for_granted_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Scope, "evaluable", lambda *_: [])
    verdicts = [verify.check(d) for d in derivations(HARD.values())]
    assert any(v.word == "refuted" for v in verdicts)
    assert any("is not stated" in v.reason for v in verdicts)


def test_guards_without_a_value_are_not_relied_upon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scope, "_shown", lambda *_: [])
    assert any(verify.check(d).word != "checked" for d in derivations(HARD.values()))
