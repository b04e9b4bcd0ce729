"""Finding an object in an image: canvases with clutter, a network that says a box, and the overlap
of boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import derive
import numeric
from numeric.data import Array, DataSet
from numeric.networks import Flow, Network, Parameters
from numeric.training.state import Training

#: pixels along each side of a canvas
CANVAS = 64
#: clutter: so many fragments on a canvas of 64×64, so large, so bright; and the noise over all
FRAGMENTS, SIZES, CONTRAST, NOISE = 10, (8, 13), (0.5, 1.0), 0.15
#: ink is brighter than this
INK = 0.2

#: y[n, d] is the middle's row and column, and the height and width, as fractions of the canvas: the
#: place where a softmax over all places expects the object, and linear functions of the features
#: there.  Source of the expectation: Levine, Finn, Darrell & Abbeel, End-to-end training of deep
#: visuomotor policies (2016), section 5.1
HEAD = """\
head = box D=4:
    box(x[N, C, H, W], a[C], k[D, C], b[D]):
        s[n, r, q] = sum[c] x[n, c, r, q]*a[c]
        p[n, r, q] = exp(s[n, r, q])/sum[i, j] exp(s[n, i, j])
        y[n, d] = if d = 0 then sum[r, q] p[n, r, q]*(r + 1/2)/H \
else if d = 1 then sum[r, q] p[n, r, q]*(q + 1/2)/W \
else b[d] + sum[r, q, c] p[n, r, q]*x[n, c, r, q]*k[d, c]
"""


def canvases(data: DataSet, count: int, size: int, rng: Any, empty: float = 0.0) -> DataSet:
    """Images [count, 1, size, size] with one object each among fragments of others, and noise.

    ``labels`` [count, 5] are the boxes around the ink, as the network says them, and the class; a
    share of ``empty`` canvases holds nothing but clutter, and is of one more class.
    """
    grey = data.images.mean(1) / data.white
    pages = np.zeros((count, size, size), np.float32)
    labels = np.zeros((count, 5), np.float32)
    for page, label in zip(pages, labels, strict=True):
        for _ in range(round(FRAGMENTS * (size / CANVAS) ** 2)):
            _add(page, _fragment(grey, rng) * rng.uniform(*CONTRAST), rng)
        if rng.random() < empty:
            label[4] = len(data.classes)
            continue
        number = rng.integers(len(grey))
        top, left = _add(page, grey[number], rng)
        label[:4] = _box(grey[number], top, left) / size
        label[4] = data.labels[number]
    pages += NOISE * rng.standard_normal(pages.shape).astype(np.float32)
    classes = (*data.classes, "clutter") if empty else data.classes
    return DataSet(pages.clip(0, 1)[:, None], labels, classes, 1.0)


def _fragment(grey: Array, rng: Any) -> Array:
    """A square cut out of an image."""
    image, side = grey[rng.integers(len(grey))], rng.integers(SIZES[0], SIZES[1] + 1)
    top, left = (rng.integers(0, max(1, n - side + 1)) for n in image.shape)
    cut: Array = image[top : top + side, left : left + side]
    return cut


def _add(page: Array, image: Array, rng: Any) -> tuple[int, int]:
    """Put the image anywhere on the page, where it is brighter; and say where."""
    height, width = image.shape
    if height > len(page) or width > len(page):
        raise ValueError(f"objects of {height}×{width} pixels do not fit canvases of {len(page)}")
    top, left = (int(rng.integers(0, len(page) - n + 1)) for n in (height, width))
    place = page[top : top + height, left : left + width]
    np.maximum(place, image, out=place)
    return top, left


def _box(image: Array, top: int, left: int) -> Array:
    """Middle, height and width of the ink, in pixels of the canvas."""
    rows, columns = (np.flatnonzero((image > INK).any(axis)) for axis in (1, 0))
    if not len(rows):
        rows, columns = (np.array([0, n - 1]) for n in image.shape)
    ends = np.array([[rows[0], rows[-1] + 1], [columns[0], columns[-1] + 1]])
    middle, extent = ends.mean(1) + np.array([top, left]), ends[:, 1] - ends[:, 0]
    return np.concatenate([middle, extent])


def overlap(one: Array, other: Array) -> Array:
    """Intersection over union [N] of boxes [N, 4] with middle, height and width."""
    low = np.maximum(one[:, :2] - one[:, 2:] / 2, other[:, :2] - other[:, 2:] / 2)
    high = np.minimum(one[:, :2] + one[:, 2:] / 2, other[:, :2] + other[:, 2:] / 2)
    both = np.maximum(high - low, 0).prod(1)
    areas = np.maximum(one[:, 2:], 0).prod(1) + np.maximum(other[:, 2:], 0).prod(1)
    share: Array = both / np.maximum(areas - both, 1e-9)
    return share


@dataclass(frozen=True)
class Located:
    """What a batch gave: the loss, the sum of overlaps, the gradients."""

    loss: float
    right: float
    gradients: Parameters
    flow: Flow


class Locator:
    """A network that says boxes [N, 4], judged by their squared errors; hits are overlaps."""

    def __init__(self, network: Network) -> None:
        self.network = network
        layer = derive.layer("mse")
        self._loss = numeric.compile(layer, target=network.target, threads=network.threads)

    def judged(
        self,
        batch: DataSet,
        wrt: Iterable[str] | None = None,
        drawn: Mapping[str, Any] | None = None,
    ) -> Located:
        """Loss, the sum of overlaps, and gradients for one batch, in training."""
        flow = self.network.flow(batch.images, drawn)
        boxes, wanted = flow.output, batch.labels[:, :4]
        g = self._loss.backward(np.ones((), boxes.dtype), wrt="x", x=boxes, t=wanted)["x"]
        loss = float(self._loss.forward(x=boxes, t=wanted))
        hits = float(overlap(boxes, wanted).sum())
        return Located(loss, hits, self.network.backward(g, flow, wrt), flow)

    def boxes(self, images: Array, batch: int = 128) -> Array:
        """What the network says of any number of images."""
        rows = range(0, len(images), batch)
        return np.concatenate([self.network.forward(images[n : n + batch]) for n in rows])

    def accuracy(self, data: DataSet) -> float:
        """The mean overlap."""
        return float(overlap(self.boxes(data.images), data.labels[:, :4]).mean())


class Location(Training):
    """A training whose network says boxes: where others tell accuracies it tells mean overlaps."""

    @property
    def classifier(self) -> Any:
        return Locator(self.network)
