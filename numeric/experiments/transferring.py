"""What the tasks of ``derive transfer`` are asked for, and what they share: trained sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from derive.plugins import Plugins
from derive.presentation.blocks import Told
from numeric.data import DataSet, Partition
from numeric.experiments import starting
from numeric.experiments.fitting import begun, finished, training
from numeric.experiments.grid import Work
from numeric.experiments.plan import Images, Plan, Record, place, record
from numeric.networks import description, nodes
from numeric.training.checkpoints import unpacked
from numeric.training.state import Training
from numeric.training.streams import stream

SCRATCH, FINE, FROZEN = "from scratch", "fine-tuned", "frozen"
#: how each image of source and target is changed, once: the shift is a share of the image's width
DISTORTION = (30, 5 / 28, 0.25)
#: how the target is trained: each epoch has at least so many images, repeated if there are fewer
EPOCHS, ROUND = 12, 500
RECIPE = {"batch": 16, "rate": 0.03}
SOURCE_EPOCHS = 15

#: all trainings of a stage, in order: what each came to
Done = Callable[[Work, Sequence[Record]], list[Record]]


@dataclass(frozen=True)
class Asked:
    """What a transfer is asked for; what is None is the task's own."""

    sources: tuple[str, ...]
    target: str
    network: str | None = None
    labels: tuple[int, ...] | None = None
    images: int = 2500
    seeds: int = 3
    epochs: int = EPOCHS
    distortion: str | None = None

    def images_of(self, source: str) -> Images:
        """A data set as it is used here, each image changed once."""
        once = "" if self.distortion == "none" else self.distortion
        if once is None:
            width = Images(source, self.images).collection.train.shape[-1]
            degrees, shift, scale = DISTORTION
            once = f"affine(degrees={degrees}, shift={shift * width:.3g}, scale={scale})"
        return Images(source, self.images, once)


class Task(Protocol):
    """A module of ``transfers``."""

    SUMMARY: str

    def told(self, asked: Asked, folder: Path, done: Done) -> Told:
        """Train, and tell what came of it; pictures are written into the folder."""
        ...


TASKS: Plugins[Task] = Plugins("numeric.experiments.transfers", Task, "task")


# --- sources --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Where features come from: for each seed a file, with its checksum; and the network's text."""

    name: str
    text: str
    starts: tuple[Record, ...]


def sources(asked: Asked, shape: tuple[int, ...], folder: Path, done: Done) -> list[Source]:
    """All sources, trained as far as they are data sets."""
    return [_source(word, asked, shape, folder, done) for word in asked.sources]


def _source(word: str, asked: Asked, shape: tuple[int, ...], folder: Path, done: Done) -> Source:
    if starting.is_weights(word):
        network = starting.loaded(word, asked.network, shape)
        file = folder / f"source-{Path(word).stem}.safetensors"
        starting.keep(network, file)
        return Source(word, starting.text_of(network), (started(word, file),) * asked.seeds)
    images = asked.images_of(word)
    train = images.collection.train
    if train.shape != shape:
        sizes = ("×".join(map(str, s)) for s in (train.shape, shape))
        raise ValueError("images of {} are {}, those of the target {}".format(word, *sizes))
    plan = Plan(
        starting.layers(asked.network, len(train.classes)),
        {"epochs": SOURCE_EPOCHS, "batch": 32, "rate": 0.03},
    )
    known = images.record
    runs = [record("source", word, n, known, plan, None) for n in range(asked.seeds)]
    done(pretrained, runs)
    starts = tuple(started(word, weights_of(folder, run)) for run in runs)
    return Source(word, description.text(nodes(plan.layers)), starts)


def pretrained(run: Record, folder: Path) -> Record:
    """Train a source and keep its network."""
    made = begun(run)
    finished(made)
    starting.keep(made.network, weights_of(folder, run))
    return {"validation": [epoch.validation_accuracy for epoch in made.epochs]}


def weights_of(folder: Path, run: Record) -> Path:
    """The file of a trained source."""
    return place(folder, run).with_suffix(".safetensors")


def started(name: str, file: Path) -> Record:
    """Weights to start from, as a record has them: a file's header may say the same differently."""
    return {"source": name, "file": str(file), "sum": starting.digest(unpacked(file)[0])}


# --- trainings on the target ----------------------------------------------------------------------


def fewest(parts: Partition, labels: int, seed: int) -> Partition:
    """The parts with so many training images of each class; ``ValueError`` where there are not."""
    rng, train = stream(seed, "order"), parts.train
    rows = [_few(train, n, labels, rng) for n in range(len(train.classes))]
    return replace(parts, train=train.taken(np.concatenate(rows)))


def _few(train: DataSet, number: int, labels: int, rng: Any) -> Any:
    own = np.flatnonzero(train.labels == number)
    if len(own) < labels:
        raise ValueError(
            f"of class {train.classes[number]} there are {len(own)} images to train on, fewer than"
            f" {labels} labels: give smaller --labels"
        )
    return rng.permutation(own)[:labels]


def repeated(train: DataSet) -> DataSet:
    """The images as often as makes a round of them."""
    return train.taken(np.tile(np.arange(len(train)), max(1, ROUND // len(train))))


def from_start(run: Record, parts: Partition) -> Training:
    """The training of a record from what it starts from, or from scratch."""
    made = training(run, replace(parts, train=repeated(parts.train)))
    start = run["start"]
    if start is None:
        return made
    starting.take_over(made.network, starting.kept(start))
    if run["frozen"]:
        made.network = starting.frozen(made.network)
    return made


def frozen_facts(found: Sequence[Record]) -> str:
    """What is to be said of the frozen parameters."""
    same = sum(row["before"] == row["after"] for row in found)
    if same < len(found):
        return f"Frozen features have changed in {len(found) - same} of {len(found)} trainings."
    return f"Frozen features have the same bits before and after all {len(found)} trainings."
