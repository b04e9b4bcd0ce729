"""What one training of an experiment is: all that its figures depend on, of which JSON can be made.

A figure is looked up by this record; where anything in it differs, the training is run again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

import derive
from numeric.augmentation import augmentation
from numeric.data import Collection, DataSet, Partition, opened, partition, split
from numeric.experiments.classes import chosen, written
from numeric.networks import description, nodes
from numeric.training.recipe import Recipe
from numeric.training.streams import stream

Record = dict[str, Any]

#: how far apart the seeds of members are
MEMBER = 1000


@dataclass(frozen=True)
class Plan:
    """The layers of a network, from the image to the logits, and how its recipe is special.

    Of one seed, members of different numbers have the same images, and else differ in all that is
    random.
    """

    layers: Sequence[Any]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    member: int = 0

    def changed(self, **given: Any) -> Plan:
        """The plan with other values in its recipe."""
        return replace(self, recipe={**self.recipe, **given})


@dataclass(frozen=True)
class Images:
    """A data set by name or path, of which no part has more than ``most`` images.

    ``source`` may choose classes: ``mnist5k:0-4``.  ``once`` is a change that each image undergoes,
    once and for all, written as an augmentation.
    """

    source: str
    most: int
    once: str = ""

    def parts(self, seed: int) -> Partition:
        """Train, validation and test, by the seed; of every class as large a share."""
        whole = partition(self.collection, stream(seed, "parts"))
        rng = stream(seed, "subset")
        kept = [fewer(part, self.most, rng) for part in (whole.train, whole.validation, whole.test)]
        return Partition(*(self._changed(part, rng) for part in kept))

    def _changed(self, part: DataSet, rng: np.random.Generator) -> DataSet:
        if not self.once:
            return part
        scaled = (part.images / part.white).astype(np.float32)
        return replace(part, images=augmentation([self.once], part)(scaled, rng), white=1.0)

    @property
    def collection(self) -> Collection:
        """All that there is, of the classes that are chosen."""
        return _read(self.source)

    @property
    def record(self) -> Record:
        """The images by name, number and checksum, and what is made of them."""
        train = self.collection.train
        sums = [crc32(array.tobytes()) for array in (train.images, train.labels)]
        own = {"source": self.source, "most": self.most, "once": self.once}
        return {**own, "images": len(train), "sums": sums}

    @classmethod
    def of(cls, record: Record) -> Images:
        """The images of a record."""
        return cls(record["source"], record["most"], record["once"])


@lru_cache(maxsize=8)
def _read(source: str) -> Collection:
    word, classes = written(source)
    found = opened(word)
    return chosen(found, classes, word) if classes else found


def fewer(data: DataSet, most: int, rng: Any) -> DataSet:
    """At most so many images, of every class as large a share, in the order of ``data``."""
    return data if len(data) <= most else split(data, rng, most / len(data))[1]


def record(
    experiment: str, variant: str, seed: int, images: Record, plan: Plan, target: str | None
) -> Record:
    """All that the figures of a training depend on."""
    recipe = Recipe().changed({**plan.recipe, "seed": seed + MEMBER * plan.member})
    return {
        "experiment": experiment,
        "variant": variant,
        "seed": seed,
        "data": dict(images),
        "network": description.text(nodes(plan.layers)),
        "recipe": {**recipe.data, "augment": list(recipe.augment)},
        "target": target,
        "version": derive.__version__,
    }


def place(folder: Path, run: Record) -> Path:
    """Where a training may write files of its own: their name but for the suffix."""
    digest = crc32(json.dumps(run, sort_keys=True).encode())
    words = re.sub(r"\W+", "-", f"{run['experiment']} {Path(run['variant']).stem}")
    return folder / f"{words}-{digest:08x}"
