"""A picture of what augmentations do to images."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from numeric import figures
from numeric.augmentation import augmentation
from numeric.data import DataSet, Preprocessing


def gallery(
    texts: Iterable[str], train: DataSet, rng: np.random.Generator, rows: int = 6, columns: int = 8
) -> bytes:
    """A PNG: in each row an image as it is, and then as it comes out of the changes, at random.

    The images are the first of the training set; the changes are written as for ``augmentation``.
    """
    shown = train.taken(np.arange(min(rows, len(train))))
    images = Preprocessing.fitted(train).scaled(shown.images)
    change = augmentation(texts, train)
    made = [images, *(change(images, rng) for _ in range(columns - 1))]
    figure, axes = figures.axes(len(images), columns, (columns, len(images)), squeeze=False)
    for column, batch in enumerate(made):
        for row, image in enumerate(batch):
            pixels = np.clip(np.moveaxis(image, 0, -1), 0, 1)
            axes[row, column].imshow(pixels, cmap="gray", vmin=0, vmax=1)
            axes[row, column].set_axis_off()
    return figures.png(figure)
