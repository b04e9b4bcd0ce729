"""A claim that holds for the default of a real hyperparameter only is refuted."""

from __future__ import annotations

import pytest

import derive
import verify

WRONG = [
    ("softplus", "g[n,c]*exp(x[n,c])/(1 + exp(x[n,c]))", {"beta": 0.5}),
    ("elu", "g[n,c]*(if x[n,c] > 0 then 1 else exp(x[n,c]))", {"alpha": 0.5}),
    ("leaky_relu", "g[n,c]*(if x[n,c] > 0 then 1 else 1/100)", {}),
]


@pytest.mark.parametrize(("name", "right", "found"), WRONG)
def test_another_value_refutes(name: str, right: str, found: dict[str, float]) -> None:
    layer = derive.layer(name)
    i, j = (str(index) for index in layer.outputs[0].indices)
    text = right.replace("n,c", f"{i},{j}")
    verdict = verify.claim(layer, f"dL/dx[{i},{j}] = {text}")
    assert verdict.word == "refuted" and verdict.counterexample is not None
    sizes = dict(verdict.counterexample.sizes)
    assert sum(sizes[s.name] for s in layer.sizes) == 2
    assert {k: float(sizes[k]) for k in found} == found
