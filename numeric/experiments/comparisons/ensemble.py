"""Networks that differ in their random numbers alone, and what they say together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import derive
import numeric
from numeric.data import Array
from numeric.experiments.comparing import Expected, Table, normed, without
from numeric.experiments.fitting import figures
from numeric.experiments.plan import Plan, Record
from numeric.presets import PRESETS
from numeric.training import files
from numeric.training.checkpoints import packed, unpacked
from numeric.training.state import Training

SUMMARY = "a small AlexNet with batch-norm: one network, and the mean of several ones' outputs"
MEMBERS = 5
SIZES = (2, 3, MEMBERS)
VARIANTS = tuple(f"member {number}" for number in range(1, MEMBERS + 1))
MEASURES = {"test": "test %"}
EXPECTED = (
    Expected("test", "5 together", "one alone", "five together are better than one"),
    Expected("test", "5 together", "2 together", "five together are better than two"),
)
EPOCHS, SEEDS = 10, 3


def plan(variant: str, shape: tuple[int, ...], classes: int) -> Plan:
    """Members have one set of images and differ in their weights, batches and changes.

    Krizhevsky, Sutskever & Hinton (2012) average the predictions of five networks.
    """
    layers = normed(without(PRESETS.get("alexnet-small").layers(classes), "lrn", "dropout"))
    changes = ("flip", "crop(pixels=4)") if shape[0] == 3 else ("crop(pixels=1)",)
    member = VARIANTS.index(variant) + 1
    return Plan(layers, {"batch": 64, "augment": changes}, member)


def measured(training: Training, place: Path) -> Record:
    """The probabilities [N, C] of the test images are kept beside the figures."""
    test = training.parts.test
    said = np.concatenate(
        [training.classifier.logits(training.prepared(b).images) for b in test.batches(1024)]
    )
    probabilities = numeric.compile(derive.layer("softmax", axis=1, dims=2)).forward(x=said)
    arrays = {"probabilities": probabilities, "labels": test.labels}
    files.written(place.with_suffix(".safetensors"), packed(arrays, {}))
    return figures(training)


def table(found: Table, place: Callable[[str, int], Path]) -> Table:
    """One alone: the mean over the members; several: the class with the largest mean
    probability, over the first members."""
    made: Table = {"one alone": [_mean(rows) for rows in zip(*found.values(), strict=True)]}
    seeds = range(len(made["one alone"]))
    kept = [[_kept(place(variant, seed)) for variant in found] for seed in seeds]
    for size in SIZES:
        made[f"{size} together"] = [{"test": _together(members[:size])} for members in kept]
    return made


def _mean(rows: tuple[Record, ...]) -> Record:
    curves = [row["validation"] for row in rows]
    validation = [sum(at) / len(at) for at in zip(*curves, strict=True)]
    return {"test": sum(row["test"] for row in rows) / len(rows), "validation": validation}


def _kept(place: Path) -> dict[str, Array]:
    return unpacked(place.with_suffix(".safetensors"))[0]


def _together(members: list[dict[str, Array]]) -> float:
    mean = sum(member["probabilities"] for member in members)
    return float(np.mean(np.argmax(mean, axis=1) == members[0]["labels"]))
