"""Another task: features of a classifier used to find an object among clutter, as a box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Block, Facts, Heading, Paragraph, Told
from numeric import figures
from numeric.data import DataSet, Partition
from numeric.experiments import charts, starting
from numeric.experiments.fitting import accuracy, assembled, finished, training
from numeric.experiments.locating import CANVAS, HEAD, Location, Locator, canvases, overlap
from numeric.experiments.plan import Images, Plan, Record, record
from numeric.experiments.statistics import Spread, difference, seeds, sentence
from numeric.experiments.telling import grid
from numeric.experiments.transferring import (
    FINE,
    FROZEN,
    SCRATCH,
    Asked,
    Done,
    frozen_facts,
    repeated,
    started,
    weights_of,
)
from numeric.networks import Network
from numeric.training.streams import stream

SUMMARY = (
    "the place of an object among clutter, as a box: features of a classifier, or from scratch"
)
LABELS = (50, 200, 1000)
PICTURE, EXAMPLES = "locate.png", "boxes.png"
#: canvases of the source: their size, how many of each part, and the share with nothing but clutter
SMALL, SOURCE, EMPTY = 32, {"train": 4000, "validation": 300, "test": 300}, 0.15
#: canvases of the target that judge
JUDGING = {"validation": 200, "test": 400}
SOURCE_RECIPE = {"epochs": 12, "batch": 32, "rate": 0.03}
RECIPE = {"batch": 16, "rate": 2e-3, "optimiser": "adam"}
#: the rate of features that are fine-tuned, in the second half of the epochs
FINE_RATE = 5e-4

FEATURES = (
    *starting.FEATURES,
    "conv(kernel_size=3, padding=1, bias=False) O=32",
    "batchnorm",
    "relu",
)

#: what a training came to, by way and number of labels, one of each seed
Table = dict[str, dict[int, list[Record]]]


def told(asked: Asked, folder: Path, done: Done) -> Told:
    """Train a classifier of small canvases, and find objects of other classes on large ones."""
    if len(asked.sources) != 1 or starting.is_weights(asked.sources[0]):
        raise ValueError("locate has one --source, a data set, as mnist5k:0-4")
    source, target = (Images(word, asked.images) for word in (asked.sources[0], asked.target))
    starts = _sources(asked, source, folder, done)
    runs = list(_runs(asked, target, starts))
    table: Table = {}
    for run, found in zip(runs, done(work, runs), strict=True):
        table.setdefault(run["variant"], {}).setdefault(run["labels"], []).append(found)
    charts.written(folder / PICTURE, _picture(table))
    charts.written(folder / EXAMPLES, _examples(table, target))
    return _told(asked, table, folder)


def _sources(asked: Asked, source: Images, folder: Path, done: Done) -> list[Record]:
    classes = len(source.collection.train.classes) + 1
    layers = [*FEATURES, "flatten", "linear O=64", "relu", f"linear O={classes}"]
    plan, known = Plan(layers, SOURCE_RECIPE), source.record
    runs = [record("cluttered", source.source, n, known, plan, None) for n in range(asked.seeds)]
    done(pretrained, runs)
    return [started(source.source, weights_of(folder, run)) for run in runs]


def pretrained(run: Record, folder: Path) -> Record:
    """Train a classifier of what is on small canvases, clutter alone being one of the classes."""
    parts = Images.of(run["data"]).parts(run["seed"])
    rng = stream(run["seed"], "changes")
    made = training(
        run,
        Partition(*(_classified(getattr(parts, part), n, rng) for part, n in SOURCE.items())),
    )
    finished(made)
    starting.keep(made.network, weights_of(folder, run))
    return {"test": accuracy(made, made.parts.test)}


def _classified(data: DataSet, count: int, rng: np.random.Generator) -> DataSet:
    found = canvases(data, count, SMALL, rng, EMPTY)
    return replace(found, labels=found.labels[:, 4].astype(np.int64))


def _runs(asked: Asked, target: Images, starts: Sequence[Record]) -> Iterator[Record]:
    layers = ["\n".join(FEATURES) + "\n" + HEAD]
    plan, known = Plan(layers, {**RECIPE, "epochs": asked.epochs}), target.record
    for labels in asked.labels or LABELS:
        for seed in range(asked.seeds):
            for way in (FINE, FROZEN, SCRATCH):
                plain = record("locate", way, seed, known, plan, None)
                start = None if way == SCRATCH else starts[seed]
                yield {**plain, "start": start, "labels": labels}


def work(run: Record, folder: Path) -> Record:
    """One training on the target's canvases."""
    made = assembled(Location, run, _target(Images.of(run["data"]), run["seed"], run["labels"]))
    whole = made.network
    if run["start"] is not None:
        starting.take_over(whole, starting.kept(run["start"]))
        made.network = starting.frozen(whole)
    before = starting.fingerprint(made.network)
    curve = _trained(made) if run["variant"] != FINE else _twice(made, whole)
    said = Locator(made.network).boxes(made.prepared(made.parts.test).images)
    return {
        "test": float(overlap(said, made.parts.test.labels[:, :4]).mean()),
        "validation": curve,
        "boxes": np.round(said[:6], 4).tolist(),
        "before": before,
        "after": starting.fingerprint(made.network),
    }


def _trained(made: Location) -> list[float]:
    finished(made)
    return [epoch.validation_accuracy for epoch in made.epochs]


def _twice(made: Location, whole: Network) -> list[float]:
    """First the head alone, then all of the network in small steps."""
    epochs = made.recipe.epochs
    made.recipe = made.recipe.changed({"epochs": max(1, epochs // 2)})
    first = _trained(made)
    made.recipe = made.recipe.changed({"epochs": max(1, epochs - epochs // 2), "rate": FINE_RATE})
    made.network, made.epochs = whole, []
    return first + _trained(made)


def _target(images: Images, seed: int, labels: int) -> Partition:
    """Canvases with objects of the target; those that judge depend on the seed alone."""
    parts = images.parts(seed)
    rng = stream(seed, "changes")
    validation, test = (
        canvases(getattr(parts, part), count, CANVAS, rng) for part, count in JUDGING.items()
    )
    return Partition(repeated(canvases(parts.train, labels, CANVAS, rng)), validation, test)


# --- telling --------------------------------------------------------------------------------------


def _told(asked: Asked, table: Table, folder: Path) -> Told:
    labels = list(table[SCRATCH])
    frozen = [row for rows in table[FROZEN].values() for row in rows]
    sentences = tuple((text,) for text in _sentences(table))

    def blocks() -> Iterator[Block]:
        yield Heading((f"locate {asked.target} by features from {asked.sources[0]}",), 1)
        yield Paragraph(
            (
                f"Mean overlap (intersection over union) of boxes, %, on canvases of {CANVAS}×"
                f"{CANVAS} with clutter, by the number of canvases to learn from;"
                f" {seeds(asked.seeds)}: the mean and the standard deviation.",
            )
        )
        shown = {name: [_spread(own[n]).percent() for n in labels] for name, own in table.items()}
        yield grid(shown, tuple(map(str, labels)), "canvases")
        yield Facts(sentences)
        yield Paragraph(
            (f"{frozen_facts(frozen)} Pictures: {folder / PICTURE}, {folder / EXAMPLES}.",)
        )

    return Told(blocks, lambda: [_record(asked, table, folder)])


def _spread(rows: Sequence[Record]) -> Spread:
    return Spread.of([row["test"] for row in rows])


def _sentences(table: Table) -> Iterator[str]:
    for count in sorted(table[SCRATCH]):
        for way in (FINE, FROZEN):
            rows = [[row["test"] for row in table[name][count]] for name in (way, SCRATCH)]
            name = f"{way} − scratch at {count} canvases"
            yield sentence(name, "a classifier's features help to locate", difference(*rows))


def _picture(table: Table) -> object:
    figure, (left, right) = figures.axes(1, 2, charts.SIZE)
    labels = sorted(table[SCRATCH])
    for way, own in table.items():
        values = 100 * np.array([[row["test"] for row in own[n]] for n in labels]).T
        charts.banded(left, labels, values, way, marker=".")
        curves = 100 * np.array([row["validation"] for row in own[labels[0]]])
        charts.banded(right, range(1, curves.shape[1] + 1), curves, way)
    left.set(xscale="log", xlabel="canvases to learn from", title="mean overlap, %")
    left.set_xticks(labels, list(map(str, labels)))
    left.minorticks_off()
    right.set(xlabel="epoch", title=f"{labels[0]} canvases: validation, %")
    left.legend(fontsize=8)
    return figure


def _examples(table: Table, target: Images) -> object:
    """Canvases of the first seed with the boxes that each way says, after the fewest labels."""
    test = _target(target, 0, 1).test
    few = min(table[SCRATCH])
    figure, axes = figures.axes(1, 6, (12.0, 2.4))
    for number, axis in enumerate(axes):
        axis.imshow(test.images[number, 0], cmap="gray_r", vmin=0, vmax=1)
        charts.boxed(axis, test.labels[number, :4] * CANVAS, "true", color="black", linewidth=2)
        for at, (way, own) in enumerate(table.items()):
            said = np.array(own[few][0]["boxes"][number]) * CANVAS
            charts.boxed(axis, said, way, color=f"C{at}", linewidth=1)
        axis.set(xlim=(-0.5, CANVAS - 0.5), ylim=(CANVAS - 0.5, -0.5))
        axis.set_axis_off()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _record(asked: Asked, table: Table, folder: Path) -> Record:
    shown = {
        name: {str(n): [row["test"] for row in rows] for n, rows in own.items()}
        for name, own in table.items()
    }
    return {
        "task": "locate",
        "sources": list(asked.sources),
        "target": asked.target,
        "folder": str(folder),
        "overlap": shown,
        "claims": list(_sentences(table)),
    }
