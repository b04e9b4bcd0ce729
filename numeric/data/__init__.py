"""Labelled images, and data sets: one module a data set, discovered.

Each module has ``SUMMARY``, its one-line description, and a function ``load() -> DataSet``.
Nothing is downloaded: data come with packages, and where one is missing ``load`` raises
``ValueError`` and says how to install it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from derive.plugins import Plugins

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class DataSet:
    """``images`` [N, C, H, W], floats; ``labels`` [N], the number of each image's class."""

    images: Array
    labels: Array
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one image: channels, height, width."""
        return tuple(int(n) for n in self.images.shape[1:])

    def taken(self, rows: Array) -> DataSet:
        """The images of those rows, in that order."""
        return DataSet(self.images[rows], self.labels[rows], self.classes)

    def batches(self, size: int, order: Array | None = None) -> Iterator[DataSet]:
        """All images, ``size`` at a time and the rest at the end; in an order of rows if given."""
        rows = np.arange(len(self)) if order is None else order
        for start in range(0, len(rows), size):
            yield self.taken(rows[start : start + size])


@dataclass(frozen=True)
class Partition:
    """Disjoint parts of one data set."""

    train: DataSet
    test: DataSet


def split(data: DataSet, rng: np.random.Generator, share: float = 0.2) -> Partition:
    """A random ``share`` of the images held out for testing."""
    order = rng.permutation(len(data))
    held = round(share * len(data))
    return Partition(data.taken(order[held:]), data.taken(order[:held]))


class DataSource(Protocol):
    """A module of this package."""

    SUMMARY: str

    def load(self) -> DataSet: ...


SOURCES: Plugins[DataSource] = Plugins(__name__, DataSource, "data set")
