"""Handwritten digits, small enough to come with this package."""

from __future__ import annotations

import numpy as np

from numeric.data.sets import Collection, DataSet
from numeric.data.shipped import FOLDER

SUMMARY = "1,797 handwritten digits, 8×8, grey (UCI; comes with this package)"

#: the grey levels of a pixel are 0 … 16: how many of 4×4 points are ink
WHITE = 16.0


def load() -> Collection:
    """images[1797, 1, 8, 8], whole numbers 0 … 16; labels 0 … 9; no test set of its own.

    Source: Alpaydin & Kaynak, Optical recognition of handwritten digits, UCI repository (1998);
    the part that was its test set, so that one writer has images in several parts.
    """
    with np.load(FOLDER / "digits.npz", allow_pickle=False) as arrays:
        images, labels = arrays["x"][:, None], arrays["y"].astype(np.int64)
    return Collection(DataSet(images, labels, tuple("0123456789"), WHITE))
