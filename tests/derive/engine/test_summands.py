"""What is known of a summand stays known: the same derivation as where everything is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import derive
from derive import networks
from derive.engine.record import Step
from derive.engine.recorder import Recorder
from derive.engine.rules import Phase
from derive.language.definition import Layer

#: many readers of one tensor; guards, deltas and maxima in several summands; closed forms
LAYERS = {
    "shared": lambda: derive.compose("tanh(add(tanh(add(tanh(add(x, z)), z)), z))"),
    "summands": lambda: derive.parse("y[i] = x[i]**2 + sum[j] exp(x[i] - z[j])*z[i]"),
    "guards": lambda: derive.parse("y[r, c] = sum[a, b] x[r+a, c+b]*k[a, b] + [r < c]*x[c, r]**2"),
    "batchnorm": lambda: derive.layer("batchnorm"),
}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    networks._backward.cache_clear()
    yield
    networks._backward.cache_clear()


def steps(layer: Layer) -> list[Step]:
    networks._backward.cache_clear()
    found = []
    for tensor in layer.tensors:
        derivation = derive.gradient(layer, tensor.name)
        found += [*derivation.steps, *(s for c in derivation.closings for s in c.steps)]
    return found


parts = Recorder._parts


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_is_overlooked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = steps(LAYERS[name]())

    def forgetting(recorder: Recorder) -> object:
        recorder._summands = {}
        return parts(recorder)

    monkeypatch.setattr(Recorder, "_parts", forgetting)
    assert steps(LAYERS[name]()) == remembered


def test_summands_settled_too_early_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = steps(LAYERS["shared"]())

    def hasty(recorder: Recorder) -> object:
        found = parts(recorder)
        for _, part in found:
            part.settled = Phase.GATHER if part.settled else 0
        return found

    monkeypatch.setattr(Recorder, "_parts", hasty)
    assert steps(LAYERS["shared"]()) != expected


def test_one_tensor_may_be_read_by_very_many() -> None:
    text = "x"
    for _ in range(60):
        text = f"relu(add({text}, z))"
    assert len(derive.gradient(derive.compose(text), "z").adjoints) == 120
