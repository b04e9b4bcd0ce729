"""The 1001st category: one more class for a trained classifier, from few labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Block, Facts, Heading, Paragraph, Told
from numeric import figures
from numeric.data import DataSet, Partition, Preprocessing
from numeric.experiments import charts, starting
from numeric.experiments.fitting import accuracy, finished, training
from numeric.experiments.plan import Images, Plan, Record, record
from numeric.experiments.statistics import Spread, difference, seeds, sentence
from numeric.experiments.telling import grid
from numeric.experiments.transferring import (
    FINE,
    FROZEN,
    RECIPE,
    Asked,
    Done,
    fewest,
    frozen_facts,
    repeated,
    sources,
)

SUMMARY = "one more class for a trained classifier, with what becomes of the old ones"
LABELS = (5, 10, 30, 100)
ALONE, WITH = "new images alone", "as many of each old class"
PICTURE = "category.png"

#: what a training came to, by way and number of labels, one of each seed
Table = dict[str, dict[int, list[Record]]]


def told(asked: Asked, folder: Path, done: Done) -> Told:
    """Train a classifier of the old classes, and add those of the target."""
    if len(asked.sources) != 1 or starting.is_weights(asked.sources[0]):
        raise ValueError("a class is added to one --source, a data set, as mnist5k:0-8")
    old, new = (asked.images_of(word) for word in (asked.sources[0], asked.target))
    (origin,) = sources(asked, new.collection.train.shape, folder, done)
    classes = len(old.collection.train.classes) + len(new.collection.train.classes)
    recipe = {**RECIPE, "epochs": asked.epochs}
    plan = Plan([starting.with_head(origin.text, classes)], recipe)
    known = old.record
    runs = [
        {
            **record("category", f"{images}, {way}", seed, known, plan, None),
            "new": new.record,
            "start": origin.starts[seed],
            "frozen": way == FROZEN,
            "rehearsed": images == WITH,
            "labels": labels,
        }
        for labels in asked.labels or LABELS
        for seed in range(asked.seeds)
        for images in (ALONE, WITH)
        for way in (FINE, FROZEN)
    ]
    table: Table = {}
    for run, found in zip(runs, done(work, runs), strict=True):
        table.setdefault(run["variant"], {}).setdefault(run["labels"], []).append(found)
    charts.written(folder / PICTURE, _picture(table))
    return _told(asked, table, folder)


def work(run: Record, folder: Path) -> Record:
    """Add the new classes, and see how well they and the old ones are told apart from all."""
    old, new = (Images.of(run[name]).parts(run["seed"]) for name in ("data", "new"))
    count = len(old.train.classes)
    test = _joined(old.test, new.test)
    shown = _shown(run, old, new)
    validation = _joined(old.validation, new.validation)
    made = training(run, Partition(repeated(shown), validation, test))
    made.preprocessing = Preprocessing.fitted(old.train)
    arrays = starting.kept(run["start"])
    starting.take_over(made.network, arrays)
    before = _old_accuracy(arrays, run, old, made.preprocessing)
    starting.widen(made.network, arrays)
    if run["frozen"]:
        made.network = starting.frozen(made.network)
    bits = starting.fingerprint(made.network)
    finished(made)
    return {
        "old": accuracy(made, test.taken(np.flatnonzero(test.labels < count))),
        "new": accuracy(made, test.taken(np.flatnonzero(test.labels >= count))),
        "untouched": before,
        "before": bits,
        "after": starting.fingerprint(made.network),
    }


def _shown(run: Record, old: Partition, new: Partition) -> DataSet:
    """What the network is trained on: few images of the new classes, perhaps of the old ones."""
    labels, seed = run["labels"], run["seed"]
    added = fewest(new, labels, seed).train
    whole = _joined(fewest(old, labels, seed).train, added)
    mine = np.flatnonzero(whole.labels >= len(old.train.classes))
    return whole if run["rehearsed"] else whole.taken(mine)


def _joined(old: DataSet, new: DataSet) -> DataSet:
    """Images of the old classes, then of the new ones; black 0 and white 1."""
    images = np.concatenate([part.images / np.float32(part.white) for part in (old, new)])
    labels = np.concatenate([old.labels, new.labels + len(old.classes)])
    return DataSet(images.astype(np.float32), labels, (*old.classes, *new.classes), 1.0)


def _old_accuracy(
    arrays: dict[str, np.ndarray], run: Record, old: Partition, prepare: Preprocessing
) -> float:
    """The test accuracy of the classifier that nothing was added to."""
    text = starting.with_head(run["network"], len(old.train.classes))
    made = training({**run, "network": text}, old)
    starting.put(made.network, arrays)
    made.preprocessing = replace(prepare, white=old.test.white)
    return accuracy(made, old.test)


# --- telling --------------------------------------------------------------------------------------


def _told(asked: Asked, table: Table, folder: Path) -> Told:
    labels = list(next(iter(table.values())))
    every = [row for own in table.values() for rows in own.values() for row in rows]
    kept = [row for name, own in table.items() if FROZEN in name for r in own.values() for row in r]
    sentences = tuple((text,) for text in _sentences(table))
    before = Spread.of([row["untouched"] for row in every[: asked.seeds]])

    def blocks() -> Iterator[Block]:
        yield Heading((f"{asked.target} added to {asked.sources[0]}",), 1)
        yield Paragraph(
            (
                "Test accuracy, %, of the new class and of the old ones, among all classes, by the"
                f" number of labels; {seeds(asked.seeds)}: the mean and the standard deviation."
                f" Before, the old classes had {before.percent()} among themselves.",
            )
        )
        for figure in ("new", "old"):
            shown = {
                name: [_spread(own[n], figure).percent() for n in labels]
                for name, own in table.items()
            }
            yield grid(shown, tuple(map(str, labels)), f"{figure}: labels")
        yield Facts(sentences)
        yield Paragraph((f"{frozen_facts(kept)} Picture: {folder / PICTURE}.",))

    return Told(blocks, lambda: [_record(asked, table, folder)])


def _spread(rows: Sequence[Record], figure: str) -> Spread:
    return Spread.of([row[figure] for row in rows])


def _sentences(table: Table) -> Iterator[str]:
    labels = list(next(iter(table.values())))
    few = labels[0]
    pairs = (
        ("old", f"{WITH}, {FINE}", f"{ALONE}, {FINE}", "old images keep the old classes"),
        ("old", f"{ALONE}, {FROZEN}", f"{ALONE}, {FINE}", "frozen features keep the old classes"),
        ("new", f"{WITH}, {FINE}", f"{WITH}, {FROZEN}", "fine-tuning learns the new class better"),
    )
    for figure, one, other, says in pairs:
        rows = [[row[figure] for row in table[name][few]] for name in (one, other)]
        name = f"{figure}: {one} − {other}, {few} labels"
        yield sentence(name, says, difference(*rows))


def _picture(table: Table) -> object:
    figure, both = figures.axes(1, 2, charts.SIZE)
    for axis, name in zip(both, ("new", "old"), strict=True):
        for way, own in table.items():
            labels = sorted(own)
            values = 100 * np.array([[row[name] for row in own[n]] for n in labels]).T
            style = "--" if FROZEN in way else "-"
            charts.banded(axis, labels, values, way, marker=".", linestyle=style)
        axis.set(xscale="log", xlabel="labels", title=f"{name}: test accuracy, %", ylim=(-3, 103))
        axis.set_xticks(labels, list(map(str, labels)))
        axis.minorticks_off()
    both[0].legend(fontsize=7)
    return figure


def _record(asked: Asked, table: Table, folder: Path) -> Record:
    shown = {
        name: {
            str(n): {f: [row[f] for row in rows] for f in ("new", "old", "untouched")}
            for n, rows in own.items()
        }
        for name, own in table.items()
    }
    return {
        "task": "category",
        "sources": list(asked.sources),
        "target": asked.target,
        "folder": str(folder),
        "test": shown,
        "claims": list(_sentences(table)),
    }
