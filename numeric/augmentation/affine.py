"""Small random rotations, shifts and changes of size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from numeric.augmentation import Augmentation
from numeric.data.sets import Array, DataSet

SUMMARY = (
    "the image turned (degrees), shifted (pixels) and made larger or smaller (scale), a little"
)
OPTIONS: Mapping[str, float] = {"degrees": 10, "shift": 1, "scale": 0.1}


def fitted(train: DataSet, *, degrees: float, shift: float, scale: float) -> Augmentation:
    """Each image turned about its middle by an angle in ±degrees, made 1 ± scale times as large,
    and shifted by ±shift along each axis; all of these evenly distributed.

    Between pixels images are interpolated linearly along both axes; outside they are black.
    """
    if scale >= 1:
        raise ValueError(f"affine: scale must be less than 1, not {scale:g}")
    extent = np.array([np.deg2rad(degrees), scale, shift, shift])

    def affine(images: Array, rng: np.random.Generator) -> Array:
        angle, growth, down, across = (rng.uniform(-1, 1, (len(images), 4)) * extent).T
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return sampled(images, turn / (1 + growth), np.array([down, across]))

    return affine


def sampled(images: Array, turn: Array, shift: Array) -> Array:
    """Each image read at turn·(place − middle − shift) + middle, for all places.

    ``turn`` [2, 2, N] and ``shift`` [2, N] are rows and columns, in pixels.
    """
    height, width = images.shape[2:]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    turn, start = (a.astype(images.dtype)[..., None, None] for a in (turn, middle[:, None] + shift))
    rows = np.arange(height, dtype=images.dtype)[:, None] - start[0]
    columns = np.arange(width, dtype=images.dtype) - start[1]
    down = turn[0, 0] * rows + turn[0, 1] * columns + images.dtype.type(middle[0])
    across = turn[1, 0] * rows + turn[1, 1] * columns + images.dtype.type(middle[1])
    return bilinear(images, down, across)


def bilinear(images: Array, down: Array, across: Array) -> Array:
    """images[N, C, H, W] at places[N, H, W] between pixels, black outside."""
    count, channels, height, width = images.shape
    padded = np.pad(images, ((0, 0), (0, 0), (1, 2), (1, 2)))  # places are clipped to the border
    top, below = _parts(down, height)
    left, right = _parts(across, width)
    stride = width + 3
    corner = top * stride + left
    start = np.arange(count * channels) * (height + 3) * stride
    places = corner[:, None] + start.reshape(count, channels, 1, 1)
    flat = padded.reshape(-1)
    one, two = flat[places], flat[places + 1]
    upper = one + right[:, None] * (two - one)
    places += stride
    one, two = flat[places], flat[places + 1]
    lower = one + right[:, None] * (two - one)
    made: Array = upper + below[:, None] * (lower - upper)
    return made


def _parts(places: Array, size: int) -> tuple[Array, Array]:
    """Where in the image with its border, and how far beyond."""
    inside = np.clip(places, -1, size) + 1
    whole = inside.astype(np.intp)
    return whole, inside - whole.astype(places.dtype)
