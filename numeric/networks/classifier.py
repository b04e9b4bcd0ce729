"""A network with its loss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

import derive
import numeric
from numeric.data import Array, DataSet
from numeric.networks.sequential import Parameters, Sequential


@dataclass(frozen=True)
class Judged:
    """What a batch gave: the loss, how many images were classified rightly, the gradients."""

    loss: float
    right: int
    gradients: Parameters


class Classifier:
    """A network whose outputs are logits [N, C], judged by cross-entropy."""

    def __init__(self, network: Sequential) -> None:
        self.network = network
        self._loss = numeric.compile(derive.layer("cross_entropy"))

    def loss(self, images: Array, labels: Array) -> float:
        """The mean cross-entropy over a batch."""
        return float(self._loss.forward(x=self.network.forward(images), t=labels))

    def judged(self, batch: DataSet, wrt: Iterable[str] | None = None) -> Judged:
        """Loss, hits and gradients by the parameters (or those named) for one batch."""
        values = self.network.values(batch.images)
        logits, labels = values[-1], batch.labels
        loss = self._loss.forward(x=logits, t=labels)
        g = self._loss.backward(np.ones((), logits.dtype), wrt="x", x=logits, t=labels)["x"]
        gradients = self.network.backward(g, values, wrt)
        return Judged(float(loss), _right(logits, labels), gradients)

    def accuracy(self, data: DataSet, batch: int = 256) -> float:
        """The share of images classified rightly, nan where there are none."""
        parts = data.batches(batch)
        right = sum(_right(self.network.forward(p.images), p.labels) for p in parts)
        return right / len(data) if len(data) else float("nan")


def _right(logits: Array, labels: Array) -> int:
    return int(np.sum(np.argmax(logits, axis=-1) == labels))
