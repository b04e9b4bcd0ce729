"""Random changes of training images: one module each, discovered.

A module has ``SUMMARY``, its one-line description, ``OPTIONS``, its options with their defaults,
and ``fitted(train, **options) -> Augmentation``.

An augmentation takes scaled images[N, C, H, W], black 0 and white 1, and a random generator; it
returns as many changed images as a new array of the same dtype.  What is drawn depends on the
generator's state and N only, so the same state gives the same changes in any dtype.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import numpy as np

from derive.plugins import Plugins
from numeric.data.sets import Array, DataSet
from numeric.worded import worded

Augmentation = Callable[[Array, np.random.Generator], Array]


class AugmentationModule(Protocol):
    """A module of this package."""

    SUMMARY: str
    OPTIONS: Mapping[str, float]

    def fitted(self, train: DataSet, **options: float) -> Augmentation:
        """The change for images such as ``train``; ``ValueError`` where it does not fit them."""
        ...


AUGMENTATIONS: Plugins[AugmentationModule] = Plugins(__name__, AugmentationModule, "augmentation")


def augmentation(texts: Iterable[str], train: DataSet) -> Augmentation:
    """Several changes, one after the other, each written as ``affine(degrees=10, shift=1)``.

    None at all leave images as they are.  ``ValueError`` for what is unknown, and for options that
    make no sense or do not fit the training images.
    """
    changes = [_one(text, train) for text in texts]

    def augment(images: Array, rng: np.random.Generator) -> Array:
        for change in changes:
            images = change(images, rng)
        return images

    return augment


def _one(text: str, train: DataSet) -> Augmentation:
    module, options = worded(text, AUGMENTATIONS)
    return module.fitted(train, **options)
