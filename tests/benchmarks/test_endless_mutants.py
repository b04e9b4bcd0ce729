"""Mutants that go on and on."""

from __future__ import annotations

import pytest

from benchmarks.mutation import modules, scoring
from benchmarks.mutation.calls import Calls
from benchmarks.mutation.results import Earlier
from numeric.emission.loading import loaded


def test_a_function_without_an_end_is_stopped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules, "CASES", 3)
    monkeypatch.setattr(scoring, "LIMIT", 0.05)
    some = next(modules.modules("linear", "arrays", Earlier()))
    calls = Calls(some, ["expect"])
    number = 0

    def endless(*_: object) -> None:
        nonlocal number
        number += 1
        while True:
            pass

    wrong = loaded("wrong", some.text)
    wrong.__dict__["expect"] = endless
    assert list(calls.differing("expect", wrong))
    assert number == 1 < calls.count("expect")
