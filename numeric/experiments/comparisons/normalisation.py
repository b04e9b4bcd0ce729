"""Local response normalisation, as it was in 2012, and batch-norm, against none."""

from __future__ import annotations

from pathlib import Path

from numeric.experiments.comparing import Expected, as_found, normed, without
from numeric.experiments.fitting import figures
from numeric.experiments.plan import Plan, Record
from numeric.presets import PRESETS
from numeric.training.state import Training

SUMMARY = "a small AlexNet with no normalisation, LRN, and batch-norm; no dropout"
VARIANTS = ("none", "lrn", "batchnorm")
MEASURES = {"test": "test %", "train": "train %", "first": "epoch 1 %"}
EXPECTED = (
    Expected("test", "lrn", "none", "LRN helps"),
    Expected("test", "batchnorm", "none", "batch-norm helps"),
    Expected("first", "batchnorm", "none", "batch-norm helps from the first epoch on"),
)
EPOCHS, SEEDS = 12, 3
table = as_found


def plan(variant: str, shape: tuple[int, ...], classes: int) -> Plan:
    """LRN stands where AlexNet has it; batch-norm after each convolution."""
    layers = without(PRESETS.get("alexnet-small").layers(classes), "dropout")
    if variant != "lrn":
        layers = without(layers, "lrn")
    return Plan(normed(layers) if variant == "batchnorm" else layers, {"batch": 64})


def measured(training: Training, place: Path) -> Record:
    found = figures(training)
    return {**found, "first": found["validation"][0]}
