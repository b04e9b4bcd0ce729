"""Random reflections, left to right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from numeric.augmentation import Augmentation
from numeric.data.sets import Array, DataSet

SUMMARY = "the image reflected left to right, with that probability; not for digits or text"
OPTIONS: Mapping[str, float] = {"probability": 0.5}


def fitted(train: DataSet, *, probability: float) -> Augmentation:
    """Each image reflected or not, whatever becomes of the others.

    Source: Krizhevsky, Sutskever & Hinton, ImageNet classification with deep convolutional neural
    networks (2012).
    """
    if probability > 1:
        raise ValueError(f"flip: probability must be at most 1, not {probability:g}")

    def flip(images: Array, rng: np.random.Generator) -> Array:
        turned = rng.random(len(images)) < probability
        made = images.copy()
        made[turned] = images[turned, :, :, ::-1]
        return made

    return flip
