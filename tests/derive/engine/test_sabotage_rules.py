"""Rules broken on purpose: brute force must notice every one of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pytest

import derive
from derive.engine.scope import Scope
from derive.language.definition import Layer
from tests.derive.engine.broken_rules import FAULTS, LAYERS, Fault, change_rules, layers_by_rule
from tests.derive.engine.test_generated_layers import Truth, check, gradients
from tests.derive.engine.test_hard_layers import inputs


@cache
def truths(text: str) -> tuple[Layer, list[Truth]]:
    """The layer and its gradients by brute force, which knows nothing of rules, at small sizes."""
    layer = derive.parse(text)
    return layer, [Truth(layer, case) for case in inputs(layer)]


def noticed(texts: Iterable[str]) -> bool:
    """Whether a gradient of one of the layers now differs from brute force, or fails."""
    for text in texts:
        layer, known = truths(text)
        try:
            derivations = gradients(layer)
            for truth in known:
                check(derivations, truth)
        except (AssertionError, ValueError, RuntimeError, ArithmeticError, LookupError):
            return True  # a wrong gradient, or one that cannot even be computed
    return False


@pytest.mark.parametrize(("name", "number"), FAULTS)
def test_a_broken_rule_is_noticed(name: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, fault = layers_by_rule()[name], Fault(name, number)
    change_rules(monkeypatch, fault)
    assert noticed(texts), "no layer showed the fault"
    assert fault.applied, "the fault never changed a step"


def test_factors_that_leave_empty_sums_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scope, "evaluable", lambda *_: [])
    assert noticed(LAYERS)


def test_guards_without_a_value_are_not_relied_upon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scope, "_shown", lambda *_: [])
    assert noticed(LAYERS)


def test_sound_rules_pass() -> None:
    assert not noticed(LAYERS)
