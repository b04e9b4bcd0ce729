"""What ``derive compare`` does and tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.presentation.blocks import Block, Chapter, Facts, Heading, Paragraph, Told
from numeric.experiments.charts import compared, written
from numeric.experiments.comparing import COMPARISONS, Comparison, Table
from numeric.experiments.fitting import fitted
from numeric.experiments.grid import Interrupted, carried_out, cores
from numeric.experiments.plan import Images, Record, place, record
from numeric.experiments.results import RESULTS, results
from numeric.experiments.statistics import Spread, difference, seeds, sentence
from numeric.experiments.telling import grid, listing, unfinished
from numeric.experiments.watching import watched

PICTURE = "comparison.png"


@dataclass(frozen=True)
class Asked:
    """What a comparison is asked for; what is None is the comparison's own."""

    what: str
    source: str
    images: int = 4000
    epochs: int | None = None
    seeds: int | None = None
    processes: int | None = None
    target: str | None = None


def comparisons() -> Chapter:
    """The comparisons that there are."""
    return listing("comparisons", COMPARISONS)


def compare(asked: Asked, folder: str | None) -> list[Chapter]:
    """Train all variants with all seeds, as far as the folder has no results of them yet."""
    comparison = COMPARISONS.get(asked.what)
    runs = planned(asked, comparison)
    where = Path(folder or f"runs/compare-{asked.what}-{Path(asked.source).stem}")
    try:
        with results(where) as kept, watched(where) as progress:
            found = carried_out(work, runs, kept, asked.processes or cores(), progress)
    except Interrupted as error:
        return unfinished("comparisons", error)
    table = comparison.table(_grouped(runs, found), _places(runs, where))
    written(where / PICTURE, compared(table, comparison.MEASURES))
    return [Chapter("comparisons", (_told(asked, comparison, runs, table, where),))]


def planned(asked: Asked, comparison: Comparison) -> list[Record]:
    """Every training: all variants of one seed, then those of the next."""
    images = Images(asked.source, asked.images)
    train, known = images.collection.train, images.record
    plans = {v: comparison.plan(v, train.shape, len(train.classes)) for v in comparison.VARIANTS}
    epochs = asked.epochs or comparison.EPOCHS
    found = []
    for seed in range(asked.seeds or comparison.SEEDS):
        for variant, plan in plans.items():
            whole = plan.changed(epochs=epochs)
            found.append(record(asked.what, variant, seed, known, whole, asked.target))
    return found


def work(run: Record, folder: Path) -> Record:
    """One training, and its figures."""
    comparison = COMPARISONS.get(run["experiment"])
    return comparison.measured(fitted(run), place(folder, run))


def _grouped(runs: list[Record], found: list[Record]) -> Table:
    table: Table = {}
    for run, figures in zip(runs, found, strict=True):
        table.setdefault(run["variant"], []).append(figures)
    return table


def _places(runs: list[Record], folder: Path) -> Any:
    known = {(run["variant"], run["seed"]): place(folder, run) for run in runs}
    return lambda variant, seed: known[variant, seed]


# --- telling --------------------------------------------------------------------------------------


def _told(
    asked: Asked, comparison: Comparison, runs: list[Record], table: Table, folder: Path
) -> Told:
    found = differences(comparison, table)
    sentences = tuple(
        (sentence(f"{e.more} − {e.less}, {comparison.MEASURES[e.measure]}", e.says, d),)
        for e, d in found
    )

    def blocks() -> Iterator[Block]:
        yield Heading((f"{asked.what} on {asked.source}",), 1)
        yield Paragraph((f"{comparison.SUMMARY}. {conditions(runs)}",))
        yield _rows(comparison, table)
        yield Facts(sentences)
        yield Paragraph((f"Each training: {folder / RESULTS}. Curves: {folder / PICTURE}.",))

    return Told(blocks, lambda: [_record(asked, comparison, table, folder)])


def conditions(runs: list[Record]) -> str:
    """With what all trainings were made, in a sentence or two."""
    first = runs[0]
    count = len({run["seed"] for run in runs})
    recipe, most = first["recipe"], first["data"]["most"]
    return (
        f"{recipe['epochs']} epochs of at most {most:,} images in batches of {recipe['batch']};"
        f" {seeds(count)}, each with its own test images. Of each figure: the mean"
        " and the standard deviation over the seeds."
    )


def _rows(comparison: Comparison, table: Table) -> Block:
    shown = {
        name: [_of(rows, measure).percent() for measure in comparison.MEASURES]
        for name, rows in table.items()
    }
    return grid(shown, tuple(comparison.MEASURES.values()))


def _of(rows: list[Record], measure: str) -> Spread:
    return Spread.of([row[measure] for row in rows])


def differences(comparison: Comparison, table: Table) -> list[tuple[Any, Spread]]:
    """Each claim with the difference it is about, seed by seed."""
    return [
        (e, difference(*([row[e.measure] for row in table[v]] for v in (e.more, e.less))))
        for e in comparison.EXPECTED
    ]


def _record(asked: Asked, comparison: Comparison, table: Table, folder: Path) -> Record:
    return {
        "comparison": asked.what,
        "data": asked.source,
        "folder": str(folder),
        "figures": {
            name: {m: [row[m] for row in rows] for m in comparison.MEASURES}
            for name, rows in table.items()
        },
        "claims": [
            {
                "claim": e.says,
                "measure": e.measure,
                "more": e.more,
                "less": e.less,
                "difference": d.mean,
                "deviation": d.deviation if d.count > 1 else None,
                "exceeds_spread": d.exceeded,
            }
            for e, d in differences(comparison, table)
        ],
    }
