"""Random changes of training images: one module each, discovered.

A module has ``SUMMARY``, its one-line description, ``OPTIONS``, its options with their defaults,
and ``fitted(train, **options) -> Augmentation``.

An augmentation takes scaled images[N, C, H, W], black 0 and white 1, and a random generator; it
returns as many changed images as a new array of the same dtype.  What is drawn depends on the
generator's state and N only, so the same state gives the same changes in any dtype.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import numpy as np

from derive.plugins import Plugins, meant
from numeric.data.sets import Array, DataSet

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
    name, options = parsed(text)
    return AUGMENTATIONS.get(name).fitted(train, **options)


def parsed(text: str) -> tuple[str, dict[str, float]]:
    """The name in ``flip`` or ``crop(pixels=2)``, and all options, those not written by default."""
    found = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", text, re.DOTALL)
    if found is None:
        raise ValueError(f"{text!r} is no augmentation; write it as crop(pixels=2)")
    name, inside = found[1], found[2] or ""
    options = dict(AUGMENTATIONS.get(name).OPTIONS)
    for part in filter(str.strip, inside.split(",")):
        option, value = _option(part, text)
        if option not in options:
            known = f"there are: {', '.join(options)}{meant(option, [*options])}"
            raise ValueError(f"{name} has no option {option!r}; {known}")
        options[option] = value
    return name, options


def _option(part: str, text: str) -> tuple[str, float]:
    option, _, value = map(str.strip, part.partition("="))
    try:
        number = float(value)
    except ValueError:
        raise ValueError(f"{part.strip()!r} in {text!r} is no option; write degrees=10") from None
    if not (np.isfinite(number) and number >= 0):
        raise ValueError(f"{option} in {text!r} must be a number of at least 0")
    return option, number
