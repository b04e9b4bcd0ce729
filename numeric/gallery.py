"""A picture of what augmentations do to images."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Chapter, written
from numeric.augmentation import augmentation
from numeric.augmentation.colour import principal
from numeric.data import Array, DataSet, Preprocessing, opened
from numeric.tables import table
from numeric.training import files

#: about how large an image is drawn, and how far from the next
SIDE, GAP = 96, 4


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
    return _sheet(np.stack(made, 1))


def _sheet(tiles: Array) -> bytes:
    """Images[rows, columns, C, H, W], black 0 and white 1, side by side as a PNG."""
    from PIL import Image  # local: start-up time

    zoom = max(1, SIDE // max(tiles.shape[3:]))
    bytes_ = np.round(255 * np.clip(tiles, 0, 1)).astype(np.uint8)
    large = bytes_.repeat(zoom, 3).repeat(zoom, 4)
    around = ((0, 0), (0, 0), (0, 0), (0, GAP), (0, GAP))
    framed = np.pad(large, around, constant_values=255)
    rows, columns, channels, height, width = framed.shape
    sheet = framed.transpose(0, 3, 1, 4, 2).reshape(rows * height, columns * width, channels)
    buffer = io.BytesIO()
    Image.fromarray(sheet.squeeze(2) if channels == 1 else sheet).save(buffer, "png")
    return buffer.getvalue()
