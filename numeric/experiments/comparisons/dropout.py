"""Dropout against none: what it takes from the gap between training and test."""

from __future__ import annotations

from pathlib import Path

from numeric.experiments.comparing import Expected, as_found, normed, without
from numeric.experiments.fitting import figures
from numeric.experiments.plan import Plan, Record
from numeric.presets import PRESETS
from numeric.training.state import Training

SUMMARY = "a small AlexNet with batch-norm, without dropout and with it"
VARIANTS = ("none", "dropout")
MEASURES = {"test": "test %", "train": "train %", "gap": "train − test"}
EXPECTED = (
    Expected("gap", "none", "dropout", "dropout narrows the gap"),
    Expected("test", "dropout", "none", "dropout makes the test better"),
)
EPOCHS, SEEDS = 15, 4
table = as_found


def plan(variant: str, shape: tuple[int, ...], classes: int) -> Plan:
    """Dropout stands where AlexNet has it: before the first two fully connected layers."""
    layers = normed(without(PRESETS.get("alexnet-small").layers(classes), "lrn"))
    return Plan(layers if variant == "dropout" else without(layers, "dropout"), {"batch": 64})


def measured(training: Training, place: Path) -> Record:
    return figures(training)
