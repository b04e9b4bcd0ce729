"""Handwritten digits, from scikit-learn."""

from __future__ import annotations

import numpy as np

from numeric.data import DataSet

SUMMARY = "1,797 handwritten digits, 8×8, grey (UCI, with scikit-learn)"


def load() -> DataSet:
    """images[1797, 1, 8, 8], grey levels between 0 and 1; labels 0 … 9.

    Needs scikit-learn; ``ValueError`` where it is not installed.
    Source: Alpaydin & Kaynak, Optical recognition of handwritten digits, UCI repository (1998);
    the part that was its test set.
    """
    try:
        from sklearn.datasets import load_digits  # local: an optional package
    except ImportError:
        raise ValueError(
            "the data set digits comes with scikit-learn, which is not installed:"
            " pip install '.[data]', or pip install scikit-learn"
        ) from None
    digits = load_digits()
    images = (digits.images[:, None, :, :] / 16).astype(np.float32)
    return DataSet(images, digits.target.astype(np.int64), tuple("0123456789"))
