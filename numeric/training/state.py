"""A training between two epochs: the network, what the optimiser remembers, what has been told."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from numeric.data import DataSet, Partition, Preprocessing
from numeric.networks import Classifier, Network
from numeric.optimisers import Optimiser
from numeric.training.recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """One pass through the training images, as the log has it.

    ``loss`` and ``accuracy`` are means over its batches as they were met, before each one's step;
    ``validation_accuracy`` is that of the network after it.  Accuracies are fractions;
    ``images_per_second`` counts training alone, ``seconds`` all of the epoch.
    """

    epoch: int
    loss: float
    accuracy: float
    validation_accuracy: float
    images_per_second: float
    seconds: float

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Training:
    """A training that is prepared, or under way: ``epochs`` are those that are done.

    ``best`` is the number of the epoch with the largest validation accuracy, the first of several.
    """

    title: str
    source: str
    network: Network
    parts: Partition
    preprocessing: Preprocessing
    recipe: Recipe
    optimiser: Optimiser
    epochs: list[Epoch] = field(default_factory=list)
    test_accuracy: float | None = None

    @property
    def classifier(self) -> Classifier:
        return Classifier(self.network, self.recipe.smoothing)

    @property
    def best(self) -> Epoch | None:
        return max(self.epochs, key=lambda e: (e.validation_accuracy, -e.epoch), default=None)

    def prepared(self, part: DataSet) -> DataSet:
        """Images as the network is given them."""
        images = self.preprocessing.applied(part.images, self.network.dtype)
        return DataSet(images, part.labels, part.classes)

    @property
    def standard_error(self) -> float:
        """That of the test accuracy p of n images: √(p·(1 − p)/n)."""
        p = self.test_accuracy or 0.0
        return float((p * (1 - p) / len(self.parts.test)) ** 0.5)
