"""Labelled images: data sets by name, readers by path, parts, and preprocessing.

A run begins so::

    found = opened("digits")                      # a name, or a path
    parts = partition(found, rng)                 # train, validation and test, apart
    prepare = Preprocessing.fitted(parts.train)   # a value that is kept with the weights
    x = prepare.applied(parts.test.images)        # what a network is given

and while training, with what is randomly changed in between::

    x = prepare.standardised(augment(prepare.scaled(batch.images), rng))

Nothing is downloaded, and no file is unpickled.
"""

from __future__ import annotations

from numeric.data.opening import READERS, SOURCES, opened
from numeric.data.preprocessing import Preprocessing
from numeric.data.sets import Array, Collection, DataSet, Partition
from numeric.data.splitting import partition, split

__all__ = [
    "READERS",
    "SOURCES",
    "Array",
    "Collection",
    "DataSet",
    "Partition",
    "Preprocessing",
    "opened",
    "partition",
    "split",
]
