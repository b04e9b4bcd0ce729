"""Image files: PNG, JPEG and others, read with Pillow."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np

from numeric.data.sets import Array

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")

GREY = ("1", "L", "LA")
COLOUR = ("RGB", "RGBA", "P", "PA", "CMYK", "YCbCr", "HSV", "LAB")
#: what damaged files make Pillow raise
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


def read(path: Path) -> Array:
    """The image [C, H, W] in a file, bytes, C = 1 if it is grey and 3 (RGB) if not.

    It is turned as the camera says; transparency is left out.  ``ValueError`` names a file that
    cannot be read, or has more than 8 bits a channel.
    """
    from PIL import Image, ImageOps  # local: start-up time

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                image.verify()  # the sums of a PNG; what is verified must be opened again
            with Image.open(path) as image:
                mode = image.mode
                kind = "L" if mode in GREY else "RGB" if mode in COLOUR else ""
                pixels = np.array(ImageOps.exif_transpose(image).convert(kind or None))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{path}: the image is too large: {error}") from error
    except DAMAGE as error:
        raise ValueError(f"{path}: the image cannot be read: {error}") from error
    if not kind:
        raise ValueError(f"{path}: images of mode {mode}, not 8 bits a channel, cannot be read")
    return pixels[None] if kind == "L" else np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
