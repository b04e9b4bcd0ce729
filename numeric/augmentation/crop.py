"""Random crops of images with a black border: shifts by whole pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from numeric.augmentation import Augmentation
from numeric.data.sets import Array, DataSet

SUMMARY = "a crop of the image's size from the image with a black border of so many pixels"
OPTIONS: Mapping[str, float] = {"pixels": 2}


def fitted(train: DataSet, *, pixels: float) -> Augmentation:
    """Each image shifted by −pixels … pixels along each axis, all shifts equally likely.

    Source: Krizhevsky, Learning multiple layers of features from tiny images (2009) has crops;
    with a border, He, Zhang, Ren & Sun, Deep residual learning for image recognition (2015).
    """
    border = int(pixels)
    if border != pixels or border > min(train.shape[1:]):
        raise ValueError(
            f"crop: pixels must be whole, and at most the image's size, not {pixels:g}"
        )

    def crop(images: Array, rng: np.random.Generator) -> Array:
        down, across = rng.integers(0, 2 * border + 1, (2, len(images)))
        around = (border, border)
        padded = np.pad(images, ((0, 0), (0, 0), around, around))
        windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[2:], (2, 3))
        cut: Array = windows[np.arange(len(images)), :, down, across]
        return cut

    return crop
