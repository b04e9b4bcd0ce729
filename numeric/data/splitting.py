"""Parts of a collection, each with every class in its share."""

from __future__ import annotations

import numpy as np

from numeric.data.sets import Array, Collection, DataSet, Partition


def partition(
    found: Collection, rng: np.random.Generator, validation: float = 0.1, test: float = 0.2
) -> Partition:
    """Train, validation and test.

    ``test`` is the share held out where the collection has no test set of its own, ``validation``
    the share of what is left then.  The same state of ``rng`` gives the same parts.
    ``ValueError`` where a part would be empty.
    """
    rest, tested = (found.train, found.test) if found.test else split(found.train, rng, test)
    train, validated = split(rest, rng, validation)
    for name, part in (("train", train), ("validation", validated), ("test", tested)):
        if not len(part):
            raise ValueError(
                f"{len(found.train)} images are too few: none would be left for {name}"
            )
    return Partition(train, validated, tested)


def split(data: DataSet, rng: np.random.Generator, share: float) -> tuple[DataSet, DataSet]:
    """What is kept, and a random ``share`` that is held out; of every class as large a share.

    Both in the order of ``data``.  Of all images the share is rounded to the nearest number, of
    each class up or down.
    """
    held = np.sort(_held(data.labels, rng, share))
    kept = np.setdiff1d(np.arange(len(data)), held, assume_unique=True)
    return data.taken(kept), data.taken(held)


def _held(labels: Array, rng: np.random.Generator, share: float) -> Array:
    """Rows at even distances from a random one on, among the shuffled rows, class after class.

    So every row is as likely to be held as any other.
    """
    count = len(labels)
    order = rng.permutation(count)
    order = order[np.argsort(labels[order], kind="stable")]
    start = rng.integers(max(1, count))
    passed = (np.arange(count + 1) * round(share * count) + start) // max(1, count)
    held: Array = order[np.diff(passed) > 0]
    return held
