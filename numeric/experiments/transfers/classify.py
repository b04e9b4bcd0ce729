"""Other classes: from scratch, fine-tuned and with frozen features, by the number of labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from derive.presentation.blocks import Block, Facts, Heading, Paragraph, Told
from numeric import figures
from numeric.experiments import charts, starting
from numeric.experiments.fitting import accuracy, finished
from numeric.experiments.plan import Images, Plan, Record, record
from numeric.experiments.statistics import Spread, difference, seeds, sentence
from numeric.experiments.telling import grid
from numeric.experiments.transferring import (
    FINE,
    FROZEN,
    RECIPE,
    SCRATCH,
    Asked,
    Done,
    Source,
    fewest,
    from_start,
    frozen_facts,
    sources,
)
from numeric.networks import description, nodes

SUMMARY = "other classes, by the number of labels: from scratch, fine-tuned, with frozen features"
LABELS = (5, 10, 30, 100, 300)
PICTURE = "transfer.png"

#: what a training came to, by start and number of labels, one of each seed
Table = dict[str, dict[int, list[Record]]]


def told(asked: Asked, folder: Path, done: Done) -> Told:
    """Train sources, then the target from each of them and from scratch."""
    target = asked.images_of(asked.target)
    shape = target.collection.train.shape
    _check_apart(asked)
    origins = sources(asked, shape, folder, done)
    runs = list(_runs(asked, target, origins))
    table: Table = {}
    for run, found in zip(runs, done(work, runs), strict=True):
        table.setdefault(run["variant"], {}).setdefault(run["labels"], []).append(found)
    charts.written(folder / PICTURE, _picture(table))
    return _told(asked, table, folder)


def _check_apart(asked: Asked) -> None:
    """Images that a source is trained on must not be the target's test images."""
    sets = [Images(word, 1) for word in asked.sources if not starting.is_weights(word)]
    wanted = Images(asked.target, 1)
    test = {image.tobytes() for image in wanted.collection.train.images}
    for images in sets:
        if any(image.tobytes() in test for image in images.collection.train.images):
            raise ValueError(
                f"{images.source} and {asked.target} have images in common, so a source would have"
                " seen what the target is tested on: choose other classes, as mnist5k:0-4"
            )


def _runs(asked: Asked, target: Images, origins: Sequence[Source]) -> Iterator[Record]:
    classes, known = len(target.collection.train.classes), target.record
    recipe = {**RECIPE, "epochs": asked.epochs}
    for labels in asked.labels or LABELS:
        for seed in range(asked.seeds):
            for origin in origins or ():
                text = starting.with_head(origin.text, classes)
                for way in (FINE, FROZEN):
                    name = f"{origin.name}, {way}"
                    plain = record("classify", name, seed, known, Plan([text], recipe), None)
                    more = {"start": origin.starts[seed], "frozen": way == FROZEN}
                    yield {**plain, **more, "labels": labels}
            text = (
                starting.with_head(origins[0].text, classes)
                if origins
                else description.text(nodes(starting.layers(asked.network, classes)))
            )
            plain = record("classify", SCRATCH, seed, known, Plan([text], recipe), None)
            yield {**plain, "start": None, "frozen": False, "labels": labels}


def work(run: Record, folder: Path) -> Record:
    """One training on the target."""
    parts = fewest(Images.of(run["data"]).parts(run["seed"]), run["labels"], run["seed"])
    made = from_start(run, parts)
    before = starting.fingerprint(made.network)
    finished(made)
    return {
        "test": accuracy(made, parts.test),
        "validation": [epoch.validation_accuracy for epoch in made.epochs],
        "before": before,
        "after": starting.fingerprint(made.network),
    }


# --- telling --------------------------------------------------------------------------------------


def _told(asked: Asked, table: Table, folder: Path) -> Told:
    labels = list(table[SCRATCH])
    kept = [row for name, own in table.items() if FROZEN in name for r in own.values() for row in r]
    sentences = tuple((text,) for text in _sentences(asked, table))

    def blocks() -> Iterator[Block]:
        yield Heading((f"{asked.target} from {', '.join(asked.sources)}",), 1)
        yield Paragraph(
            (
                f"Test accuracy, %, by the labels of each class; {seeds(asked.seeds)}: the mean and"
                f" the standard deviation. Sources: at most {asked.images:,} images; of source and"
                f" target each image is changed once: {_change(asked)}.",
            )
        )
        yield grid(
            {name: [_spread(own[n]).percent() for n in labels] for name, own in table.items()},
            tuple(map(str, labels)),
            "labels",
        )
        yield Facts(sentences)
        yield Paragraph((f"{frozen_facts(kept)} Curves: {folder / PICTURE}.",))

    return Told(blocks, lambda: [_record(asked, table, folder)])


def _change(asked: Asked) -> str:
    return asked.images_of(asked.target).once or "not at all"


def _spread(rows: Sequence[Record]) -> Spread:
    return Spread.of([row["test"] for row in rows])


def _gain(table: Table, one: str, other: str, labels: int, figure: str = "test") -> Spread:
    return difference(*([_figure(row, figure) for row in table[n][labels]] for n in (one, other)))


def _figure(row: Record, figure: str) -> float:
    """The test accuracy, or the validation accuracy after the first epoch."""
    return float(row["test"] if figure == "test" else row["validation"][0])


def _sentences(asked: Asked, table: Table) -> Iterator[str]:
    labels = sorted(table[SCRATCH])
    few, many = labels[0], labels[-1]
    for source in asked.sources:
        fine, still = f"{source}, {FINE}", f"{source}, {FROZEN}"
        for count in labels:
            name = f"{fine} − scratch at {count} labels"
            yield sentence(name, "these features help", _gain(table, fine, SCRATCH, count))
        name = f"{still} − {FINE} at {few} labels"
        yield sentence(
            name, "freezing is better where labels are few", _gain(table, still, fine, few)
        )
        name = f"{fine} − scratch at {many} labels, validation after epoch 1"
        yield sentence(name, "it converges faster", _gain(table, fine, SCRATCH, many, "first"))
    if len(asked.sources) > 1:
        near, far = (f"{source}, {FINE}" for source in asked.sources[:2])
        for count in dict.fromkeys((few, many)):
            name = f"{near} − {asked.sources[1]} at {count} labels"
            says = f"{asked.sources[0]} is the better source"
            yield sentence(name, says, _gain(table, near, far, count))


def _picture(table: Table) -> object:
    """Accuracy by labels, and validation accuracy by epoch with the fewest and the most labels."""
    figure, (whole, *curves) = figures.axes(1, 3, (12.0, 3.8))
    labels = sorted(table[SCRATCH])
    for name, own in table.items():
        style = "-" if name == SCRATCH else "--" if FROZEN in name else "-."
        values = 100 * np.array([[row["test"] for row in own[n]] for n in labels]).T
        charts.banded(whole, labels, values, name, marker=".", linestyle=style)
        for axis, count in zip(curves, (labels[0], labels[-1]), strict=True):
            rows = 100 * np.array([row["validation"] for row in own[count]])
            charts.banded(axis, range(1, rows.shape[1] + 1), rows, name, linestyle=style)
            axis.set(xlabel="epoch", title=f"{count} labels a class: validation, %")
    whole.set(xscale="log", xlabel="labels a class", title="test accuracy, %")
    whole.set_xticks(labels, list(map(str, labels)))
    whole.minorticks_off()
    whole.legend(fontsize=7)
    return figure


def _record(asked: Asked, table: Table, folder: Path) -> Record:
    shown = {
        name: {str(n): [row["test"] for row in rows] for n, rows in own.items()}
        for name, own in table.items()
    }
    return {
        "task": "classify",
        "sources": list(asked.sources),
        "target": asked.target,
        "folder": str(folder),
        "test": shown,
        "claims": list(_sentences(asked, table)),
    }
