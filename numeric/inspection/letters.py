"""Images as characters, darker where values are larger."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numeric.data.sets import Array

SHADES = " ░▒▓█"
WIDTH, GAP = 80, 2
#: up to so many pixels high, each is two characters wide; of larger images two rows are one, and
#: those beyond the second size are made smaller
SMALL, LARGE = 16, 38


def shaded(image: Array) -> list[str]:
    """The image [H, W] in rows of characters, from its smallest value to its largest."""
    wide = 2 if max(image.shape) <= SMALL else 1
    rows = image if wide == 2 else _smaller(image)
    low, high = float(rows.min()), float(rows.max())
    levels = ((rows - low) / ((high - low) or 1) * (len(SHADES) - 1)).round().astype(int)
    return ["".join(wide * SHADES[level] for level in row) for row in levels]


def _smaller(image: Array) -> Array:
    """The means of blocks twice as high as wide, which is the shape of a character."""
    side = -(-image.shape[1] // LARGE)
    height, width = (n // block for n, block in zip(image.shape, (2 * side, side), strict=True))
    whole = image[: height * 2 * side, : width * side]
    found: Array = whole.reshape(height, 2 * side, width, side).mean((1, 3))
    return found


def side_by_side(images: Sequence[Array], captions: Sequence[str] = ()) -> str:
    """As many of the images as there is room for, each under its caption."""
    drawn = [shaded(image) for image in images]
    columns = [
        max(len(rows[0]), *(len(line) for line in caption.splitlines() or [""]))
        for rows, caption in zip(drawn, _all(captions, len(drawn)), strict=True)
    ]
    room = [n for n in range(1, len(drawn) + 1) if sum(columns[:n]) + GAP * (n - 1) <= WIDTH]
    count = room[-1] if room else min(1, len(drawn))
    blocks = [
        [*caption.splitlines(), *rows]
        for rows, caption in zip(drawn[:count], _all(captions, len(drawn))[:count], strict=True)
    ]
    height = max(map(len, blocks), default=0)
    padded = [[*block, *[""] * (height - len(block))] for block in blocks]
    lines = (
        (" " * GAP).join(f"{cell:<{w}}" for cell, w in zip(row, columns, strict=False)).rstrip()
        for row in zip(*padded, strict=True)
    )
    return "\n".join(lines)


def _all(captions: Sequence[str], count: int) -> Sequence[str]:
    return captions or [""] * count


def grey(image: Array) -> Array:
    """The mean [H, W] of an image's channels."""
    found: Array = np.asarray(image, np.float64).mean(0)
    return found
