"""The kernel of a gradient layer derives no further gradients before they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

import derive
import numeric
from derive.language.definition import Layer
from numeric import generation


@pytest.mark.parametrize("target", ["loops", "arrays", "fast"])
def test_forward_derives_nothing(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = derive.parse(f"lazy_{target}(x[N], k[K]): y[r] = sum[a] x[r+a]*k[a]")
    gradient = derive.gradient(layer, "x").layer
    right = generation.derivations

    def refused(layer: Layer) -> None:
        raise AssertionError(f"the gradients of {layer.name} are derived")

    monkeypatch.setattr(generation, "derivations", refused)
    kernel = numeric.compile(gradient, target=target)
    x, k, g = np.ones(4), np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    assert kernel.options == (("threads",) if target == "fast" else ())
    assert kernel.forward(x=x, k=k, g=g).tolist() == [1, 4, 7, 6]
    monkeypatch.setattr(generation, "derivations", right)
    assert set(kernel.backward(np.ones(4), x=x, k=k, g=g)) == {"x", "k", "g"}
    assert kernel.forward(x=x, k=k, g=g).tolist() == [1, 4, 7, 6]
