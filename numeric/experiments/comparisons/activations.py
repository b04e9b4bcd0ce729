"""ReLU against the saturating functions that it took the place of."""

from __future__ import annotations

from pathlib import Path

from numeric.experiments.comparing import Expected, as_found, replaced
from numeric.experiments.fitting import figures
from numeric.experiments.plan import Plan, Record
from numeric.presets import PRESETS
from numeric.training.state import Training

SUMMARY = "LeNet with ReLU, tanh and sigmoid"
VARIANTS = ("relu", "tanh", "sigmoid")
MEASURES = {"test": "test %", "train": "train %", "speed": "validation %, mean"}
EXPECTED = (
    Expected("speed", "relu", "tanh", "ReLU learns faster than tanh"),
    Expected("speed", "tanh", "sigmoid", "tanh learns faster than the sigmoid"),
    Expected("test", "relu", "sigmoid", "ReLU ends better than the sigmoid"),
)
EPOCHS, SEEDS = 12, 4
table = as_found


def plan(variant: str, shape: tuple[int, ...], classes: int) -> Plan:
    """The same recipe for all: after Krizhevsky, Sutskever & Hinton (2012), figure 1."""
    layers = replaced(list(PRESETS.get("lenet").layers(classes)), "relu", variant)
    return Plan(layers, {"batch": 32, "rate": 0.03})


def measured(training: Training, place: Path) -> Record:
    """How fast a network learns is told by the accuracy that it has on the way."""
    found = figures(training)
    return {**found, "speed": sum(found["validation"]) / len(found["validation"])}
