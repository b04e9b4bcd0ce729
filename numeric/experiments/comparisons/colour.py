"""PCA colour augmentation against none, on images as they are and in coloured light."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from numeric.augmentation.colour import principal
from numeric.data import Array
from numeric.experiments.comparing import Expected, as_found, normed, without
from numeric.experiments.fitting import accuracy, figures
from numeric.experiments.plan import Plan, Record
from numeric.presets import PRESETS
from numeric.training.state import Training
from numeric.training.streams import stream

SUMMARY = "a small AlexNet on RGB images, without PCA colour augmentation and with it"
VARIANTS = ("none", "colour")
MEASURES = {"test": "test %", "cast": "cast %", "light": "brightness %"}
EXPECTED = (
    Expected("test", "colour", "none", "PCA colour helps on images as they are"),
    Expected("cast", "colour", "none", "PCA colour helps under a colour cast"),
    Expected("light", "colour", "none", "PCA colour helps where the brightness differs"),
)
EPOCHS, SEEDS = 15, 4
#: how strong the augmentation is; and the cast, as added to a channel where white is 1
SIGMA, CAST = 0.5, 0.15
table = as_found


def plan(variant: str, shape: tuple[int, ...], classes: int) -> Plan:
    """Krizhevsky, Sutskever & Hinton (2012), section 4.1, have the augmentation."""
    if shape[0] != 3:
        raise ValueError("compare colour needs RGB images, by path: --data images.npz, or a folder")
    layers = normed(without(PRESETS.get("alexnet-small").layers(classes), "lrn", "dropout"))
    augment = (f"colour(sigma={SIGMA})",) if variant == "colour" else ()
    return Plan(layers, {"batch": 64, "augment": ("flip", "crop(pixels=4)", *augment)})


def measured(training: Training, place: Path) -> Record:
    """Beside the usual figures: with a random colour, or a random grey, added to each image."""
    rng = stream(training.recipe.seed, "changes", 0)
    count = len(training.parts.test)
    cast = CAST * rng.standard_normal((count, 3))
    brightness = np.repeat(CAST * rng.standard_normal((count, 1)), 3, axis=1)
    found = {"cast": _under(training, cast), "light": _under(training, brightness)}
    return {**figures(training), **found, "axes": principal(training.parts.train).tolist()}


def _under(training: Training, added: Array) -> float:
    """The test accuracy with a colour [N, 3] added to each image, cut off at black and white."""
    test = training.parts.test
    images = test.images / test.white + added[:, :, None, None]
    cast = replace(test, images=np.clip(images, 0, 1) * test.white)
    return accuracy(training, cast)
