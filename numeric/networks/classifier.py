"""A network judged by cross-entropy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import derive
import numeric
from numeric.data import Array, DataSet
from numeric.networks.flowing import Flow
from numeric.networks.network import Network, Parameters


@dataclass(frozen=True)
class Judged:
    """What a batch gave: the loss, how many images were classified rightly, the gradients."""

    loss: float
    right: int
    gradients: Parameters
    flow: Flow


class Classifier:
    """A network whose outputs are logits [N, C], judged by cross-entropy.

    ``smoothing`` is the share of the loss in training that is spread over all classes; what is told
    of accuracy and of ``loss`` is without it.
    """

    def __init__(self, network: Network, smoothing: float = 0.0) -> None:
        self.network = network
        plain = {"label_smoothing": smoothing} if smoothing else {}
        self._trained = self._compiled(plain)
        self._plain = self._compiled({})

    def _compiled(self, options: Mapping[str, Any]) -> Any:
        layer = derive.layer("cross_entropy", **options)
        target = self.network.target if self.network.place.host else None
        return numeric.compile(layer, target=target, threads=self.network.threads)

    def loss(self, images: Array, labels: Array) -> float:
        """The mean cross-entropy over a batch, in evaluation."""
        return float(self._plain.forward(x=self.network.forward(images), t=labels))

    def judged(
        self,
        batch: DataSet,
        wrt: Iterable[str] | None = None,
        drawn: Mapping[str, Any] | None = None,
    ) -> Judged:
        """Loss, hits and gradients by the parameters (or those named) for one batch, in training.

        ``drawn`` are the masks, as the network's ``draw`` makes them.
        """
        flow = self.network.flow(batch.images, drawn)
        logits, labels = flow.output, batch.labels
        loss, kept = self._trained.forward_keeping(x=logits, t=labels)
        upstream = np.ones((), logits.dtype)
        g = self._trained.backward(upstream, wrt="x", kept=kept, x=logits, t=labels)["x"]
        gradients = self.network.backward(g, flow, wrt)
        return Judged(float(loss), right(logits, labels), gradients, flow)

    def logits(self, images: Array, batch: int = 256) -> Array:
        """The outputs for any number of images, in evaluation."""
        rows = [self.network.forward(images[n : n + batch]) for n in range(0, len(images), batch)]
        return np.concatenate(rows) if rows else np.zeros((0, 0))

    def accuracy(self, data: DataSet, batch: int = 256) -> float:
        """The share of images classified rightly, nan where there are none."""
        if not len(data):
            return float("nan")
        return right(self.logits(data.images, batch), data.labels) / len(data)


def right(logits: Array, labels: Array) -> int:
    """How many images the largest logit is the label's of."""
    return int(np.sum(np.argmax(logits, axis=-1) == labels))
