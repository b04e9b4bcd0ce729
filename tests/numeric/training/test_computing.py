"""What a run says of what computes its layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from numeric.networks import Network
from numeric.training.computing import computed
from tests.numeric.training.cases import training

LAYERS = """
from numeric.networks import residual
layers = [
    "conv(kernel_size=3, padding=1) O=3", residual("batchnorm", "relu"), "flatten", "linear O=10"
]
"""


@pytest.mark.parametrize("target", ["fast", "arrays", "loops", None])
def test_every_layer_is_there_with_its_target(tmp_path: Path, target: str | None) -> None:
    network = training(tmp_path, LAYERS).network
    made = Network(network.nodes, network.shape, network.parameters, target=target, threads=1)
    found = computed(made, 8)
    assert [row["layer"] for row in found] == [
        "conv1",
        "batchnorm1",
        "relu1",
        "add1_2",
        "flatten1",
        "linear1",
    ]
    assert {row["target"] for row in found} == {target or "fast"}
    algorithms = found[0].get("algorithms", {})
    named = target in ("fast", None)
    assert bool(algorithms) == named and all(len(taken) == 1 for taken in algorithms.values())
