"""From the numbers in a file to those a network is given; a value that is kept with the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from numeric.data.sets import Array, DataSet

#: rows that are looked at together, so that bytes are not made floats all at once
ROWS = 4096


@dataclass(frozen=True)
class Preprocessing:
    """(x / white − mean) / deviation, with a mean and a deviation for each channel."""

    white: float
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    @classmethod
    def fitted(cls, train: DataSet) -> Preprocessing:
        """Mean and standard deviation of each channel of the training images, after scaling.

        A channel that does not vary is only shifted.
        """
        mean = _mean(train, lambda scaled: scaled)
        square = _mean(train, lambda scaled: (scaled - mean[:, None, None]) ** 2)
        deviation = np.sqrt(square)
        steady = deviation <= 1e-12 * np.maximum(1, np.abs(mean))
        deviation = np.where(steady, 1.0, deviation)
        return cls(train.white, tuple(mean.tolist()), tuple(deviation.tolist()))

    def scaled(self, images: Array, dtype: Any = np.float32) -> Array:
        """images[N, C, H, W] with black 0 and white 1, a new array."""
        self._expect(images)
        made: Array = np.divide(images, self.white, dtype=dtype)
        return made

    def standardised(self, images: Array) -> Array:
        """Scaled images with each channel's mean at 0 and its deviation at 1, a new array."""
        self._expect(images)
        mean, deviation = (
            np.array(values, images.dtype)[:, None, None] for values in (self.mean, self.deviation)
        )
        made: Array = (images - mean) / deviation
        return made

    def applied(self, images: Array, dtype: Any = np.float32) -> Array:
        """What a network is given of images[N, C, H, W] as they are read, a new array."""
        return self.standardised(self.scaled(images, dtype))

    def _expect(self, images: Array) -> None:
        if images.ndim != 4 or images.shape[1] != len(self.mean):
            raise ValueError(
                f"expected images of shape (N, {len(self.mean)}, H, W), given {images.shape}"
            )

    # --- as JSON ---------------------------------------------------------------------------------

    def record(self) -> dict[str, Any]:
        """The value as JSON has it; ``of_record`` gives back the same, bit for bit."""
        return {"white": self.white, "mean": [*self.mean], "deviation": [*self.deviation]}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Preprocessing:
        """The value of a record; ``ValueError`` for what is none."""
        if not isinstance(record, Mapping) or set(record) != {"white", "mean", "deviation"}:
            raise ValueError("preprocessing must be recorded as white, mean and deviation")
        lists = [record["mean"], record["deviation"]]
        if not all(isinstance(values, list) for values in lists):
            raise ValueError("preprocessing: mean and deviation must be lists, a number a channel")
        if len(lists[0]) != len(lists[1]) or not lists[0]:
            raise ValueError("preprocessing: mean and deviation must have a number a channel")
        numbers = [record["white"], *lists[0], *lists[1]]
        if not all(isinstance(n, int | float) and np.isfinite(n) for n in numbers):
            raise ValueError("preprocessing: white, mean and deviation must be finite numbers")
        if not all(n > 0 for n in (record["white"], *lists[1])):
            raise ValueError("preprocessing: white and deviation must be positive")
        mean, deviation = (tuple(map(float, values)) for values in lists)
        return cls(float(record["white"]), mean, deviation)


def _mean(data: DataSet, function: Callable[[Array], Array]) -> Array:
    """The mean of a function of scaled entries over the images, for each channel."""
    total = np.zeros(data.images.shape[1])
    for part in data.batches(ROWS):
        total += function(part.images / np.float64(data.white)).sum((0, 2, 3))
    mean: Array = total / (len(data) * data.images[0, 0].size)
    return mean
