"""A picture of what augmentations do to images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Chapter, written
from numeric import figures
from numeric.augmentation import augmentation
from numeric.augmentation.colour import principal
from numeric.data import DataSet, Preprocessing, opened
from numeric.tables import table
from numeric.training import files


def shown(texts: Sequence[str], source: str, output: str, seed: int) -> list[Chapter]:
    """Write a picture of changes to ``output``; of RGB images also tell how their colours vary."""
    train = opened(source).train
    files.written(Path(output), gallery(texts, train, np.random.default_rng(seed)))
    said = [f"{output}: images as they are, and as they come out of {', '.join(texts)}"]
    return [written("pictures", "\n\n".join([*said, *_colours(train)]))]


def _colours(train: DataSet) -> list[str]:
    """The principal axes of the colours, the longest first."""
    if train.shape[0] != 3:
        return []
    axes = principal(train).T[::-1]
    lengths = np.linalg.norm(axes, axis=1)
    rows = [
        [f"{length:.3f}", *(f"{entry / (length or 1):+.2f}" for entry in axis)]
        for axis, length in zip(axes, lengths, strict=True)
    ]
    named = (
        "how the colours vary: deviation along each principal axis (white is 1), and its direction"
    )
    return [f"{named}\n\n{table(['deviation', 'red', 'green', 'blue'], rows)}"]


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
