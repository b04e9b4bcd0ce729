"""The loop: epochs of steps, each by the gradients of one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isfinite, log
from time import perf_counter
from typing import Any

import numpy as np

from numeric.augmentation import augmentation
from numeric.data import DataSet
from numeric.optimisers import clipped
from numeric.schedules import schedule
from numeric.training.state import Epoch, Training
from numeric.training.streams import stream

#: a mean loss so many times that of guessing is not learning any more
DIVERGED = 100


@dataclass(frozen=True)
class Moment:
    """What a progress bar shows after a step; loss and accuracy are the epoch's means so far."""

    done: int
    total: int
    epoch: int
    loss: float
    accuracy: float
    images_per_second: float


Progress = Callable[[Moment], None]


class Diverged(ValueError):
    """The loss has left what a training can come back from."""


def epochs(training: Training, progress: Progress = lambda moment: None) -> Iterator[Epoch]:
    """Train in place, from where the training stands to its end; each epoch when it is done.

    ``Diverged`` where the loss is no finite number any more, or absurdly large.
    """
    loop = _Loop(training, progress)
    validation = training.prepared(training.parts.validation)
    for number in range(len(training.epochs) + 1, training.recipe.epochs + 1):
        started = perf_counter()
        loss, accuracy = loop.passed(number)
        trained = perf_counter() - started
        judged = loop.classifier.accuracy(validation)
        speed = len(training.parts.train) / trained
        seconds = perf_counter() - started
        training.epochs.append(Epoch(number, loss, accuracy, judged, speed, seconds))
        yield training.epochs[-1]


class _Loop:
    def __init__(self, training: Training, progress: Progress) -> None:
        self.training, self.progress = training, progress
        self.classifier = training.classifier
        self.rate = schedule(training.recipe.schedule)
        self.augment = augmentation(training.recipe.augment, training.parts.train)
        self.batches = -(-len(training.parts.train) // training.recipe.batch)

    def passed(self, number: int) -> tuple[float, float]:
        """Mean loss and accuracy of the epoch of that number."""
        recipe, train = self.training.recipe, self.training.parts.train
        order = stream(recipe.seed, "order", number).permutation(len(train))
        masks, changes = (stream(recipe.seed, p, number) for p in ("masks", "changes"))
        loss, right, seen, started = 0.0, 0, 0, perf_counter()
        for at, batch in enumerate(train.batches(recipe.batch, order)):
            done = (number - 1) * self.batches + at
            batch = self._changed(batch, changes)
            found = self._step(batch, masks, done)
            if not isfinite(found.loss):
                raise Diverged(self._advice(number, "is no finite number any more"))
            loss, right, seen = (
                loss + found.loss * len(batch),
                right + found.right,
                seen + len(batch),
            )
            speed = seen / (perf_counter() - started)
            total = self.batches * recipe.epochs
            self.progress(Moment(done + 1, total, number, loss / seen, right / seen, speed))
        if loss / seen > DIVERGED * log(max(2, len(train.classes))):
            raise Diverged(self._advice(number, f"is {loss / seen:.3g}"))
        return loss / seen, right / seen

    def _changed(self, batch: DataSet, rng: np.random.Generator) -> DataSet:
        """The images as the network is given them, each changed at random."""
        prepare = self.training.preprocessing
        scaled = prepare.scaled(batch.images, self.training.network.dtype)
        return replace(batch, images=prepare.standardised(self.augment(scaled, rng)), white=1.0)

    def _step(self, batch: DataSet, masks: np.random.Generator, done: int) -> Any:
        recipe, network = self.training.recipe, self.training.network
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = self.classifier.judged(batch, drawn=network.draw(masks, len(batch)))
            if not isfinite(found.loss):
                return found
            rate = recipe.rate * self.rate(done / (self.batches * recipe.epochs))
            gradients = clipped(found.gradients, recipe.clip)
            self.training.optimiser.step(network.parameters, gradients, rate)
            network.follow(found.flow)
        return found

    def _advice(self, number: int, what: str) -> str:
        """What to do about a training that diverges."""
        recipe = self.training.recipe
        clip = "" if recipe.clip else ", or --clip 1"
        return (
            f"the loss {what} in epoch {number}: the steps are too long;"
            f" try --rate {recipe.rate / 5:g} in place of {recipe.rate:g}{clip}"
        )
