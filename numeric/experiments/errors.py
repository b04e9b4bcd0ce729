"""What ``derive errors`` does and tells: where the error of a trained network comes from.

Of networks F of one width, let f(n, t) be what t steps make of n labelled images, and E its share
of wrongly classified test images.  With N all images there are, T many steps, and f* the best found
of any width::

    E(f(n, t)) − E(f*) =   E(f(N, T)) − E(f*)        modelling error: F is too small
                         + E(f(n, T)) − E(f(N, T))   estimation error: n labels are too few
                         + E(f(n, t)) − E(f(n, T))   optimisation error: t steps are too few

Source: Bottou & Bousquet, The tradeoffs of large scale learning (2007), whose expectations, infima
and limits are measured here by test images, the best found, N and T; so a part may be negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from derive.presentation.blocks import Block, Chapter, Definitions, Facts, Heading, Paragraph, Told
from numeric import figures
from numeric.data import Partition
from numeric.experiments import charts
from numeric.experiments.fitting import accuracy, finished, training
from numeric.experiments.grid import Interrupted, carried_out, cores
from numeric.experiments.plan import Images, Plan, Record, fewer, record
from numeric.experiments.results import RESULTS, results
from numeric.experiments.statistics import Spread, difference, seeds
from numeric.experiments.telling import grid, unfinished
from numeric.experiments.watching import watched
from numeric.training.state import Training
from numeric.training.streams import stream

WIDTHS, LABELS, STEPS = (1, 2, 4, 8, 16), (100, 300, 1000, 3000), (50, 100, 200, 400, 800)
#: T; and the network that is looked at: its width, labels and steps
MANY = 1200
WIDTH, LABEL, STEP = 4, 1000, 100
RECIPE = {"epochs": 1, "batch": 32, "rate": 0.03}
PICTURE = "errors.png"
PARTS = ("modelling", "estimation", "optimisation")
MEANINGS = (
    "all images, many steps: this width − the best of any width",
    "many steps: these labels − all images",
    "these labels: these steps − many steps",
)

#: width, labels and steps of a training
Point = tuple[int, int, int]
Table = dict[Point, list[Record]]


@dataclass(frozen=True)
class Asked:
    """What is asked for: at most ``images`` in each part."""

    source: str
    images: int = 8000
    seeds: int = 3
    processes: int | None = None
    target: str | None = None


@dataclass(frozen=True)
class Curves:
    """The points of the three curves; ``full`` is the number of all training images."""

    full: int

    @property
    def label(self) -> int:
        """The labels of the network that is looked at."""
        return max((n for n in LABELS if n <= min(LABEL, self.full // 4)), default=0)

    @property
    def widths(self) -> list[Point]:
        return [(width, self.full, MANY) for width in WIDTHS]

    @property
    def labels(self) -> list[Point]:
        some = [n for n in LABELS if n <= self.full // 2]
        return [*((WIDTH, n, MANY) for n in some), (WIDTH, self.full, MANY)]

    @property
    def steps(self) -> list[Point]:
        return [(WIDTH, self.label, steps) for steps in (*STEPS, MANY)]

    @property
    def points(self) -> list[Point]:
        """All of them, each once."""
        return list(dict.fromkeys([*self.widths, *self.labels, *self.steps]))


def errors(asked: Asked, folder: str | None) -> list[Chapter]:
    """Train all networks of the three curves, as far as the folder has no results of them yet."""
    images = Images(asked.source, asked.images)
    curves = Curves(len(images.parts(0).train))
    if not curves.label:
        raise ValueError(
            f"{asked.source} has {curves.full} images to train on; errors needs {4 * min(LABELS)}"
        )
    runs = [run for n in range(asked.seeds) for run in _runs(asked, images, curves, n)]
    where = Path(folder or f"runs/errors-{Path(asked.source).stem}")
    try:
        with results(where) as kept, watched(where) as progress:
            found = carried_out(work, runs, kept, asked.processes or cores(), progress)
    except Interrupted as error:
        return unfinished("errors", error)
    table: Table = {}
    for run, row in zip(runs, found, strict=True):
        table.setdefault((run["width"], run["labels"], run["steps"]), []).append(row)
    charts.written(where / PICTURE, _picture(curves, table))
    return [Chapter("errors", (_told(asked, curves, table, where),))]


def _runs(asked: Asked, images: Images, curves: Curves, seed: int) -> Iterator[Record]:
    classes, known = len(images.collection.train.classes), images.record
    for width, labels, steps in curves.points:
        plan = Plan(layers(width, classes), RECIPE)
        plain = record("errors", f"width {width}", seed, known, plan, asked.target)
        yield {**plain, "width": width, "labels": labels, "steps": steps}


def layers(width: int, classes: int) -> list[str]:
    """LeNet with ``width`` and twice as many channels, and a layer of eight times as many."""
    return [
        f"conv(kernel_size=5, padding=same) O={width}",
        "relu",
        "maxpool(kernel_size=2)",
        f"conv(kernel_size=5, padding=same) O={2 * width}",
        "relu",
        "maxpool(kernel_size=2)",
        "flatten",
        f"linear O={8 * width}",
        "relu",
        f"linear O={classes}",
    ]


def work(run: Record, folder: Path) -> Record:
    """One training, of so many steps."""
    seed = run["seed"]
    whole = Images.of(run["data"]).parts(seed)
    train = fewer(whole.train, run["labels"], stream(seed, "subset", 1))
    rows = np.resize(np.arange(len(train)), run["steps"] * run["recipe"]["batch"])
    made = training(run, Partition(train.taken(rows), whole.validation, whole.test))
    finished(made)
    made.parts = replace(made.parts, train=train)
    return {
        "error": 1 - accuracy(made, whole.test),
        "validation": 1 - accuracy(made, whole.validation),
        "loss": _loss(made),
    }


def _loss(made: Training) -> float:
    """The mean cross-entropy over the training images, after the last step."""
    train = made.parts.train
    batches = (made.prepared(batch) for batch in train.batches(512))
    found = sum(made.classifier.loss(b.images, b.labels) * len(b) for b in batches)
    return float(found) / len(train)


# --- telling --------------------------------------------------------------------------------------


def _best(curves: Curves, table: Table) -> Point:
    """f*: of all widths the one with the least validation error."""
    return min(curves.widths, key=lambda point: _mean(table[point], "validation"))


def _mean(rows: Sequence[Record], figure: str) -> float:
    return Spread.of([row[figure] for row in rows]).mean


def split(curves: Curves, table: Table) -> dict[str, Spread]:
    """The three parts and their sum, the excess error, over the seeds."""
    path = [
        _best(curves, table),
        (WIDTH, curves.full, MANY),
        (WIDTH, curves.label, MANY),
        (WIDTH, curves.label, STEP),
    ]
    errors = [[row["error"] for row in table[point]] for point in path]
    parts = {
        name: difference(after, before)
        for name, before, after in zip(PARTS, errors[:-1], errors[1:], strict=True)
    }
    return {**parts, "excess error": difference(errors[-1], errors[0])}


def _told(asked: Asked, curves: Curves, table: Table, folder: Path) -> Told:
    best = _best(curves, table)
    parts = split(curves, table)

    def blocks() -> Iterator[Block]:
        yield Heading((f"errors on {asked.source}",), 1)
        yield Paragraph(
            (
                "LeNets of width w (w and 2w channels, a layer of 8w). Of each: the share of test"
                " images that it gets wrong, %, and the training loss beside it;"
                f" {seeds(asked.seeds)}: the mean and the standard deviation. All images:"
                f" {curves.full:,}; many steps: {MANY:,}, of {RECIPE['batch']} images.",
            )
        )
        yield Definitions(tuple((n, (m,)) for n, m in zip(PARTS, MEANINGS, strict=True)))
        yield _curve(table, curves.widths, 0, "width: all images, many steps")
        yield _curve(table, curves.labels, 1, f"labels: width {WIDTH}, many steps")
        yield _curve(table, curves.steps, 2, f"steps: width {WIDTH}, {curves.label:,} labels")
        yield Paragraph(
            (
                f"Width {WIDTH}, {curves.label:,} labels, {STEP} steps, against the best found,"
                f" width {best[0]} (least validation error), in points:",
            )
        )
        yield grid({name: [part.percent("+")] for name, part in parts.items()}, ("error",))
        yield Facts(tuple((_said(name, part),) for name, part in parts.items()))
        yield Paragraph((f"Each training: {folder / RESULTS}. Curves: {folder / PICTURE}.",))

    return Told(blocks, lambda: [_record(asked, curves, table, folder)])


def _curve(table: Table, points: Sequence[Point], axis: int, corner: str) -> Block:
    shown = {
        f"{point[axis]:,}": [
            Spread.of([row["error"] for row in table[point]]).percent(),
            f"{_mean(table[point], 'loss'):.3f}",
        ]
        for point in points
    }
    return grid(shown, ("error", "training loss"), corner)


def _said(name: str, part: Spread) -> str:
    match part.exceeded:
        case None:
            return f"{name}: one seed has no spread, so nothing is said of it"
        case False:
            return f"{name}: within its spread, so not told from 0"
        case _:
            return f"{name}: more than its spread"


def _picture(curves: Curves, table: Table) -> object:
    """Three curves with the training loss, and the parts as steps from the best to the network."""
    figure, axes = figures.axes(1, 4, (15.0, 3.6))
    titles = ("width", f"labels, width {WIDTH}", f"steps, {curves.label:,} labels")
    for at, points in enumerate((curves.widths, curves.labels, curves.steps)):
        axis, places = axes[at], [point[at] for point in points]
        rows = 100 * np.array([[row["error"] for row in table[point]] for point in points]).T
        charts.banded(axis, places, rows, "test error, %", marker=".", color="C0")
        beside = axis.twinx()
        losses = [_mean(table[point], "loss") for point in points]
        beside.plot(places, losses, "--", color="C1", marker=".", label="training loss")
        beside.set(ylim=(0, None))
        axis.set(xscale="log", xlabel=titles[at], title=f"{PARTS[at]} error")
        axis.set_xticks(places, [f"{place:,}" for place in places], rotation=45)
        axis.minorticks_off()
        handles = [*axis.get_lines(), *beside.get_lines()]
        axis.legend(handles, [line.get_label() for line in handles], fontsize=7)
    _waterfall(axes[3], split(curves, table))
    return figure


def _waterfall(axis: Any, parts: dict[str, Spread]) -> None:
    """Each part on top of those before it, and the excess error from the ground."""
    means = [100 * part.mean for part in parts.values()]
    grounds = [0.0, *np.cumsum(means[:-2]), 0.0]
    errors = [0 if part.count < 2 else 100 * part.deviation for part in parts.values()]
    colours = ["C0", "C1", "C2", "0.4"]
    axis.bar(range(4), means, bottom=grounds, yerr=errors, color=colours, capsize=2)
    axis.set_xticks(range(4), [*PARTS, "excess"], rotation=20)
    axis.set(title="parts of the excess error", ylabel="points")


def _record(asked: Asked, curves: Curves, table: Table, folder: Path) -> Record:
    return {
        "data": asked.source,
        "folder": str(folder),
        "best_width": _best(curves, table)[0],
        "points": [
            {
                "width": width,
                "labels": labels,
                "steps": steps,
                "error": [row["error"] for row in rows],
                "training_loss": [row["loss"] for row in rows],
            }
            for (width, labels, steps), rows in table.items()
        ],
        "parts": {
            name: {"mean": part.mean, "deviation": part.deviation if part.count > 1 else None}
            for name, part in split(curves, table).items()
        },
    }
