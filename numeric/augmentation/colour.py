"""Random changes of colour along the directions in which the colours of the training set vary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from numeric.augmentation import Augmentation
from numeric.data.sets import Array, DataSet

SUMMARY = "one colour added to all pixels of an RGB image, along the principal axes of its set"
OPTIONS: Mapping[str, float] = {"sigma": 0.1}

#: images that are looked at together
ROWS = 1024


def fitted(train: DataSet, *, sigma: float) -> Augmentation:
    """Each image plus Σᵢ αᵢ·sᵢ·eᵢ in every pixel, αᵢ normal with deviation ``sigma``.

    eᵢ are the eigenvectors of the covariance of the training pixels' RGB, sᵢ² its eigenvalues.
    Source: Krizhevsky, Sutskever & Hinton, ImageNet classification with deep convolutional neural
    networks (2012), which has the eigenvalue sᵢ² in place of sᵢ; the deviation sᵢ makes the change
    independent of the unit of brightness.  Results are not cut off at black and white.
    """
    axes = principal(train).T

    def colour(images: Array, rng: np.random.Generator) -> Array:
        added = sigma * rng.standard_normal((len(images), 3)) @ axes
        made: Array = images + added.astype(images.dtype)[:, :, None, None]
        return made

    return colour


def principal(train: DataSet) -> Array:
    """The principal axes of the training pixels' colours, as columns [3, 3] as long as their
    deviation; the longest last, and each with its largest entry positive.
    """
    if train.shape[0] != 3:
        raise ValueError(f"colour: images must have 3 channels, RGB, not {train.shape[0]}")
    values, vectors = np.linalg.eigh(covariance(train))
    largest = vectors[np.abs(vectors).argmax(0), range(3)]
    axes: Array = vectors * np.sign(largest) * np.sqrt(np.maximum(values, 0))
    return axes


def covariance(train: DataSet) -> Array:
    """The covariance [C, C] of the channels over all pixels of all images, black 0 and white 1."""
    count = train.images[:, 0].size
    mean = sum(pixels.sum(1) for pixels in _pixels(train)) / count
    found: Array = sum(_gram(pixels - mean[:, None]) for pixels in _pixels(train)) / count
    return found


def _gram(pixels: Array) -> Any:
    return pixels @ pixels.T


def _pixels(train: DataSet) -> Any:
    """The channels of all pixels [C, …], some images at a time."""
    for part in train.batches(ROWS):
        channels = np.moveaxis(part.images, 1, 0).reshape(train.shape[0], -1)
        yield channels / np.float64(train.white)
