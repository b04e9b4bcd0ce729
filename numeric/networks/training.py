"""Training a classifier, and what it came to, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from numeric.data import DataSet, Partition, Preprocessing, opened, partition
from numeric.initialisations import initial
from numeric.networks import Classifier, Network, Parameters, nodes
from numeric.presets import PRESETS


@dataclass
class SGD:
    """Gradient descent with momentum: v ← μ·v + gradient, parameter ← parameter − rate·v.

    Source: Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in
    deep learning (2013); in the form PyTorch has it, where the rate scales v when it is used.
    """

    rate: float = 0.005
    momentum: float = 0.9
    velocity: Parameters = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.rate > 0:
            raise ValueError(f"the learning rate must be positive, not {self.rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"the momentum must be in 0 ≤ μ < 1, not {self.momentum}")

    def step(self, parameters: Parameters, gradients: Parameters) -> None:
        """Change, in place, the parameters that there are gradients for."""
        for name, gradient in gradients.items():
            v = self.velocity.setdefault(name, np.zeros_like(gradient))
            v *= self.momentum
            v += gradient
            parameters[name] -= self.rate * v


# --- the loop -------------------------------------------------------------------------------------


#: told how many batches of how many are done
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Epoch:
    """One pass through the training images.

    ``loss`` and ``train`` are means over its batches as they were met, before each one's step;
    ``test`` is the accuracy on the held-out images after it; ``seconds`` are all of it.
    """

    number: int
    loss: float
    train: float
    test: float
    seconds: float


@dataclass(frozen=True)
class Settings:
    """How to train: passes, images a batch, learning rate, momentum, seed of everything random."""

    epochs: int = 30
    batch: int = 16
    rate: float = 0.005
    momentum: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")


@dataclass(frozen=True)
class Run:
    """A training that is prepared: the network, the images, and the stream that shuffles them."""

    title: str
    classifier: Classifier
    split: Partition
    settings: Settings
    shuffling: np.random.Generator


def prepared(preset: str, source: str, settings: Settings) -> Run:
    """A preset with its initial parameters, and a data set split in two.

    Split, parameters and shuffling have random streams of their own, all from the seed.
    ``ValueError`` for an unknown preset or data set, and where the two do not fit.
    """
    architecture = PRESETS.get(preset)
    found = opened(source)
    streams = np.random.SeedSequence(settings.seed).spawn(3)
    splitting, drawing, shuffling = map(np.random.default_rng, streams)
    parts = partition(found, splitting)
    prepare = Preprocessing.fitted(parts.train)

    def scaled(part: DataSet) -> DataSet:
        return replace(part, images=prepare.scaled(part.images), white=1.0)

    parts = Partition(*map(scaled, (parts.train, parts.validation, parts.test)))
    made, shape = nodes(architecture.layers(len(parts.train.classes))), parts.train.shape
    network = Network(made, shape, initial(made, shape, drawing))
    return Run(f"{preset} on {source}", Classifier(network), parts, settings, shuffling)


def train(run: Run, progress: Progress = lambda done, total: None) -> Iterator[Epoch]:
    """Train the network in place, and say after each epoch what it came to.

    ``ValueError`` where the loss is no longer a finite number.
    """
    optimiser = SGD(run.settings.rate, run.settings.momentum)
    batches = -(-len(run.split.train) // run.settings.batch)
    for number in range(1, run.settings.epochs + 1):
        started = perf_counter()
        loss, right = 0.0, 0
        order = run.shuffling.permutation(len(run.split.train))
        shuffled = run.split.train.batches(run.settings.batch, order)
        for done, batch in enumerate(shuffled, (number - 1) * batches + 1):
            with np.errstate(over="ignore", invalid="ignore"):
                judged = run.classifier.judged(batch)
            if not np.isfinite(judged.loss):
                raise ValueError(
                    f"the loss is no longer finite in epoch {number}: the learning rate,"
                    f" {run.settings.rate}, is too large"
                )
            optimiser.step(run.classifier.network.parameters, judged.gradients)
            loss += judged.loss * len(batch)
            right += judged.right
            progress(done, batches * run.settings.epochs)
        seen = len(run.split.train)
        test = run.classifier.accuracy(run.split.test)
        yield Epoch(number, loss / seen, right / seen, test, perf_counter() - started)


def completed(run: Run, progress: Progress = lambda done, total: None) -> tuple[list[Epoch], bool]:
    """All epochs, and whether they came to their end: Ctrl-C leaves those that were complete."""
    epochs: list[Epoch] = []
    try:
        for epoch in train(run, progress):
            epochs.append(epoch)
    except KeyboardInterrupt:
        return epochs, False
    return epochs, True


# --- what is told ---------------------------------------------------------------------------------


HEADINGS = ("epoch", "loss", "train", "test", "seconds")


def report(run: Run, epochs: Sequence[Epoch]) -> str:
    """What was trained on what, a line an epoch, and the accuracy at the end."""
    rows = [HEADINGS, *(_row(epoch) for epoch in epochs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(f"{c:>{w}}" for c, w in zip(r, widths, strict=True)) for r in rows]
    return "\n".join([*_heading(run), "", *table, "", _summary(run, epochs)]) + "\n"


def _heading(run: Run) -> list[str]:
    settings, parts = run.settings, run.split
    shape = "×".join(map(str, parts.train.shape))
    count = sum(array.size for array in run.classifier.network.parameters.values())
    return [
        f"{run.title}: {count:,} parameters, seed {settings.seed}",
        f"{len(parts.train):,} images to train on, {len(parts.test):,} held out to test on;"
        f" {shape}, {len(parts.train.classes)} classes",
        f"SGD, {settings.batch} images a batch, learning rate {settings.rate:g},"
        f" momentum {settings.momentum:g}",
    ]


def _row(epoch: Epoch) -> tuple[str, ...]:
    return (
        str(epoch.number),
        f"{epoch.loss:.4f}" if epoch.loss < 1000 else f"{epoch.loss:.1e}",
        f"{epoch.train:.1%}",
        f"{epoch.test:.1%}",
        f"{epoch.seconds:.1f}",
    )


def _summary(run: Run, epochs: Sequence[Epoch]) -> str:
    """The last epoch's accuracy: the last, not the best, which would be chosen by the test set."""
    wanted = run.settings.epochs
    stopped = "" if len(epochs) == wanted else f"interrupted after {len(epochs)} of {wanted} epochs"
    if not epochs:
        return stopped
    took = sum(epoch.seconds for epoch in epochs)
    text = f"test accuracy {epochs[-1].test:.1%} in {took:.1f} seconds"
    return f"{text}, {stopped}" if stopped else text
