"""Labelled images, in parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class DataSet:
    """``images`` [N, C, H, W], as they were read; ``labels`` [N], the number of each one's class.

    ``white`` is what full brightness is in ``images``: 255 for bytes, 1 for fractions.
    """

    images: Array
    labels: Array
    classes: tuple[str, ...]
    white: float = 1.0

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image: channels, height, width."""
        return tuple(int(n) for n in self.images.shape[1:])

    def taken(self, rows: Array) -> DataSet:
        """The images of those rows, in that order."""
        return replace(self, images=self.images[rows], labels=self.labels[rows])

    def batches(self, size: int, order: Array | None = None) -> Iterator[DataSet]:
        """All images, ``size`` at a time and the rest at the end; in an order of rows if given."""
        rows = np.arange(len(self)) if order is None else order
        for start in range(0, len(rows), size):
            yield self.taken(rows[start : start + size])


@dataclass(frozen=True)
class Collection:
    """What was read from one place: images, and the test set it comes with, if any."""

    train: DataSet
    test: DataSet | None = None


@dataclass(frozen=True)
class Partition:
    """Disjoint parts of one collection.

    Weights are fitted to ``train``, choices are made by ``validation``, and ``test`` is looked at
    once, at the end.
    """

    train: DataSet
    validation: DataSet
    test: DataSet
